//! One file, one tool.

pub mod analyze_bundle;
pub mod analyze_cpu_profile;
pub mod analyze_heap;
pub mod analyze_lockfile;
pub mod check_package_publish;
pub mod find_unused_dependencies;
pub mod match_advisories;
pub mod solve_dependency_ranges;
