//! One file, one tool.

pub mod lint_code;
pub mod measure_code;
