//! One file, one tool.

pub mod check_package_publish;
