//! The Python worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Python,
    tools: &[
        &tools::lint_code::LintCode,
        &tools::scan_security::ScanSecurity,
        &tools::find_dead_code::FindDeadCode,
        &tools::analyze_imports::AnalyzeImports,
        &tools::measure_code::MeasureCode,
        &tools::modernize_code::ModernizeCode,
        &tools::check_dependencies::CheckDependencies,
        &tools::resolve_dependencies::ResolveDependencies,
        &tools::audit_lockfile::AuditLockfile,
    ],
};
