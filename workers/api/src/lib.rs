//! The APIs worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Api,
    tools: &[
        &tools::lint_openapi::LintOpenapi,
        &tools::compare_specs::CompareSpecs,
        &tools::audit_security::AuditSecurity,
        &tools::analyze_graphql::AnalyzeGraphql,
        &tools::convert_spec::ConvertSpec,
    ],
};
