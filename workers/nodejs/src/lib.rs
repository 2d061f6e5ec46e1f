//! The Node.js worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Nodejs,
    // One a line, in the order of the catalogue.
    tools: &[
        &tools::check_package_publish::CheckPackagePublish,
        &tools::analyze_lockfile::AnalyzeLockfile,
        &tools::match_advisories::MatchAdvisories,
        &tools::solve_dependency_ranges::SolveDependencyRanges,
        &tools::analyze_cpu_profile::AnalyzeCpuProfile,
        &tools::analyze_bundle::AnalyzeBundle,
        &tools::analyze_heap::AnalyzeHeap,
        &tools::find_unused_dependencies::FindUnusedDependencies,
    ],
};
