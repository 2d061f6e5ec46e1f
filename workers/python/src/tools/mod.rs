//! One file, one tool.

pub mod analyze_imports;
pub mod lint_code;
pub mod measure_code;
