//! Parsers that the category's tools share: the positioned tree of a YAML or JSON text, the OpenAPI view of such a tree,
//! and the GraphQL schema definition language.

pub mod json;
pub mod openapi;
pub mod sdl;
pub mod tree;
pub mod yaml;
