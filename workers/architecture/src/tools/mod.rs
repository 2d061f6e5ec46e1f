//! One file, one tool.

pub mod plan_migration;
pub mod review_design;
