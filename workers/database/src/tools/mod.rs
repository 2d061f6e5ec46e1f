//! One file, one tool.

pub mod analyze_plan;
pub mod check_migration;
pub mod infer_documents;
pub mod review_schema;
