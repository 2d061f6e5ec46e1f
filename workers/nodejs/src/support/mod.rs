//! Readers and engines shared by the category's tools. Nothing here knows of reports or findings.

pub mod json;
pub mod lockfile;
pub mod module_format;
pub mod package_tree;
pub mod packuments;
pub mod parse_depth;
pub mod resolver;
pub mod semver;
pub mod typescript_version;
pub mod yaml;
