//! One file, one tool.

pub mod analyze_plan;
pub mod check_migration;
pub mod diff_schemas;
pub mod infer_documents;
pub mod lint_queries;
pub mod recommend_indexes;
pub mod review_schema;
