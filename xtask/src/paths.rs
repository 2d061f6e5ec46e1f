//! Where things are: the repository, cargo's target folder, and the per-user cache of installed tools.

use std::env;
use std::path::{Path, PathBuf};

/// The repository's root, as cargo says when it runs us: clones that share a target folder share this program too.
pub(crate) fn root() -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| built.to_path_buf(), PathBuf::from);
    manifest.parent().unwrap_or(&manifest).to_path_buf()
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Tools installed once per user, by version: `OCTAVO_CACHE`, else the user's cache folder.
pub(crate) fn cache() -> PathBuf {
    let named = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("OCTAVO_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").or_else(|| named("LOCALAPPDATA")).map(|folder| folder.join("octavo")))
        .or_else(|| named("HOME").map(|home| home.join(".cache/octavo")))
        .unwrap_or_else(|| root().join(".octavo/cache"))
}

/// A built worker's folder.
pub(crate) fn built(worker: &str) -> PathBuf {
    root().join("build").join(worker)
}
