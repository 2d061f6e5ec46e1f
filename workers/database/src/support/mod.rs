//! What several database tools share.

pub mod postgres;
