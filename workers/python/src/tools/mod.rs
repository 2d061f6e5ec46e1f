//! One file, one tool.

pub mod analyze_imports;
pub mod audit_lockfile;
pub mod check_dependencies;
pub mod find_dead_code;
pub mod lint_code;
pub mod measure_code;
pub mod modernize_code;
pub mod resolve_dependencies;
pub mod scan_security;
