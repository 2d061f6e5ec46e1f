//! One file, one tool.

pub mod design_test_matrix;
pub mod measure_complexity;
