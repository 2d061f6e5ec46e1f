//! What the category's tools share: the reader of Structurizr's language and graph algorithms.

pub mod graph;
pub mod structurizr;
