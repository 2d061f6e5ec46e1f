//! The Code quality worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Quality,
    tools: &[
        &tools::measure_complexity::MeasureComplexity,
        &tools::design_test_matrix::DesignTestMatrix,
        &tools::analyze_coverage::AnalyzeCoverage,
        &tools::rank_hotspots::RankHotspots,
        &tools::review_patch::ReviewPatch,
        &tools::find_duplicates::FindDuplicates,
        &tools::analyze_regex::AnalyzeRegex,
        &tools::find_secrets::FindSecrets,
        &tools::find_dead_code::FindDeadCode,
        &tools::lint_code::LintCode,
        &tools::analyze_module_graph::AnalyzeModuleGraph,
        &tools::search_pattern::SearchPattern,
        &tools::rename_symbol::RenameSymbol,
        &tools::plan_mutations::PlanMutations,
        &tools::compare_public_api::ComparePublicApi,
    ],
};
