//! The Node.js worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Nodejs,
    tools: &[
        &tools::analyze_lockfile::AnalyzeLockfile,
        &tools::check_package_publish::CheckPackagePublish,
        &tools::match_advisories::MatchAdvisories,
        &tools::solve_dependency_ranges::SolveDependencyRanges,
    ],
};
