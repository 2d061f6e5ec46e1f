//! One file, one tool.

pub mod review_design;
