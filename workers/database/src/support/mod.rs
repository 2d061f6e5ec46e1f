//! What several database tools share.

pub mod ejson;
pub mod figure;
pub mod names;
pub mod postgres;
pub mod query;
pub mod rules;
pub mod schema;
