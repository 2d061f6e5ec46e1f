//! One file, one tool.

pub mod analyze_graphql;
pub mod audit_security;
pub mod compare_specs;
pub mod convert_spec;
pub mod lint_openapi;
