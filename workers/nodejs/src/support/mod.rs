//! Readers and engines shared by the category's tools. Nothing here knows of reports or findings.

pub mod call_tree;
pub mod json;
pub mod json_stream;
pub mod lockfile;
pub mod module_format;
pub mod package_tree;
pub mod packuments;
pub mod resolver;
pub mod semver;
pub mod source_map;
pub mod source_place;
pub mod typescript_version;
pub mod yaml;

/// A hash map whose order is the same in every run; still, nothing that is shown may depend on it.
pub type Map<K, V> = std::collections::HashMap<K, V, std::hash::BuildHasherDefault<std::hash::DefaultHasher>>;
