//! One file, one tool.

pub mod measure_complexity;
