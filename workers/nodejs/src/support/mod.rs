//! Readers and engines shared by the category's tools. Nothing here knows of reports or findings.

pub mod json;
pub mod module_format;
pub mod package_tree;
pub mod parse_depth;
pub mod resolver;
pub mod typescript_version;
