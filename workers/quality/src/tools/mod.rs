//! One file, one tool.

pub mod analyze_coverage;
pub mod analyze_module_graph;
pub mod analyze_regex;
pub mod compare_public_api;
pub mod design_test_matrix;
pub mod find_dead_code;
pub mod find_duplicates;
pub mod find_secrets;
pub mod lint_code;
pub mod measure_complexity;
pub mod plan_mutations;
pub mod rank_hotspots;
pub mod rename_symbol;
pub mod review_patch;
pub mod search_pattern;
