//! One file, one tool.

pub mod check_contrast;
