//! The Docker and Kubernetes worker: which tools it serves, in the order of the catalogue.

pub mod support;
pub mod tools;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use octavo_toolkit::{Category, Registry};

/// The category's tools.
pub const REGISTRY: Registry = Registry {
    category: Category::Docker,
    tools: &[
        &tools::lint_dockerfile::LintDockerfile,
        &tools::optimize_dockerfile::OptimizeDockerfile,
        &tools::audit_image::AuditImage,
        &tools::validate_compose::ValidateCompose,
        &tools::convert_compose::ConvertCompose,
        &tools::validate_manifests::ValidateManifests,
        &tools::audit_kubernetes::AuditKubernetes,
        &tools::analyze_wiring::AnalyzeWiring,
        &tools::plan_capacity::PlanCapacity,
    ],
};
