//! One file, one tool.

pub mod audit_image;
pub mod convert_compose;
pub mod lint_dockerfile;
pub mod optimize_dockerfile;
pub mod validate_compose;
