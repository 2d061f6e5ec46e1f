//! What several database tools share.

pub mod ejson;
pub mod figure;
pub mod postgres;
pub mod rules;
pub mod schema;
