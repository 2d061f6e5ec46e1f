//! One file, one tool.

pub mod analyze_wiring;
pub mod audit_image;
pub mod audit_kubernetes;
pub mod convert_compose;
pub mod lint_dockerfile;
pub mod optimize_dockerfile;
pub mod plan_capacity;
pub mod validate_compose;
pub mod validate_manifests;
