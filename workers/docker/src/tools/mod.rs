//! One file, one tool.

pub mod analyze_wiring;
pub mod audit_kubernetes;
pub mod lint_dockerfile;
pub mod plan_capacity;
pub mod validate_manifests;
