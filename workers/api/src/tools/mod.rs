//! One file, one tool.

pub mod compare_specs;
