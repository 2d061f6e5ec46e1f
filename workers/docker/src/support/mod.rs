//! What the tools of the category share: the Dockerfile and its parts, shell text, image names, YAML.

pub mod compose;
pub mod dockerfile;
pub mod image;
pub mod kubernetes;
pub(crate) mod rules;
pub mod shell;
pub mod text;
pub mod yaml;
