//! Input types that mean the same in every tool.

use crate::error::ToolError;
use crate::limits::{MAX_FILES, MAX_SOURCE_BYTES, check_bytes, check_items};
use serde::Deserialize;

/// One file of a call.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// Path from the root.
    pub path: String,
    /// Text.
    pub source: String,
}

/// Checks the limits of a list of files: how many, how long, paths not empty and not twice.
pub fn check_files(pointer: &str, files: &[SourceFile]) -> Result<(), ToolError> {
    check_items(pointer, files, MAX_FILES)?;
    let mut seen = std::collections::BTreeSet::new();
    for (at, file) in files.iter().enumerate() {
        check_bytes(&format!("{pointer}/{at}/source"), &file.source, MAX_SOURCE_BYTES)?;
        if file.path.is_empty() {
            return Err(ToolError::invalid(
                format!("{pointer}/{at}/path"),
                "is empty",
                "a path such as \"src/main.py\"",
            ));
        }
        if !seen.insert(file.path.as_str()) {
            return Err(ToolError::invalid(
                format!("{pointer}/{at}/path"),
                "names a file that an earlier item already names",
                "each path once",
            ));
        }
    }
    Ok(())
}
