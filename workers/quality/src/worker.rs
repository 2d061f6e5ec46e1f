//! The platform's side of the worker.

octavo_runtime::tool_worker!(crate::REGISTRY, include_str!("../catalog.digest"));
