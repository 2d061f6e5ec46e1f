//! The Databases worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Database,
    tools: &[
        &tools::analyze_plan::AnalyzePlan,
        &tools::check_migration::CheckMigration,
        &tools::diff_schemas::DiffSchemas,
        &tools::infer_documents::InferDocuments,
        &tools::lint_queries::LintQueries,
        &tools::recommend_indexes::RecommendIndexes,
        &tools::review_schema::ReviewSchema,
    ],
};
