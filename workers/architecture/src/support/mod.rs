//! What the category's tools share: the reader of Structurizr's language, JSON models, graphs, cuts and schedules.

pub mod cut;
pub mod fields;
pub mod graph;
pub mod members;
pub mod notes;
pub mod rules;
pub mod schedule;
pub mod structurizr;
