//! One file, one tool.

pub mod analyze_coverage;
pub mod design_test_matrix;
pub mod find_duplicates;
pub mod measure_complexity;
pub mod rank_hotspots;
pub mod review_patch;
