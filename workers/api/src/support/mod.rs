//! Parsers that the category's tools share: the positioned tree of a YAML or JSON text, the OpenAPI view of such a tree,
//! JSON Schema over it, and the GraphQL schema definition language.

pub mod anatomy;
pub mod json;
pub mod json_schema;
pub mod openapi;
pub mod pattern;
pub mod sdl;
pub mod tree;
pub mod yaml;
