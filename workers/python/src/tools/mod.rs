//! One file, one tool.

pub mod lint_code;
