//! One file, one tool.

pub mod analyze_lockfile;
pub mod analyze_cpu_profile;
pub mod check_package_publish;
pub mod match_advisories;
pub mod solve_dependency_ranges;
