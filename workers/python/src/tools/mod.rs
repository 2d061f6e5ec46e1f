//! One file, one tool.

pub mod audit_lockfile;
pub mod check_dependencies;
pub mod lint_code;
pub mod measure_code;
pub mod resolve_dependencies;
