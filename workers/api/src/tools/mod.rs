//! One file, one tool.

pub mod compare_specs;
pub mod lint_openapi;
