//! Input types that mean the same in every tool.

use crate::error::ToolError;
use crate::limits::{MAX_FILES, MAX_SOURCE_BYTES, check_bytes, check_items};
use serde::Deserialize;
use std::path::Path;

/// Longest path of a file, in bytes: what file systems take.
pub const MAX_PATH_BYTES: usize = 4_096;

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

/// Checks a path: not longer than any, and one that can be a file's. Engines take the name of a file for granted.
pub fn check_path(pointer: &str, path: &str) -> Result<(), ToolError> {
    check_bytes(pointer, path, MAX_PATH_BYTES)?;
    if Path::new(path).file_name().is_none() {
        let problem = if path.is_empty() { "is empty" } else { "names no file" };
        return Err(ToolError::invalid(pointer, problem, "a path such as \"src/main.py\""));
    }
    Ok(())
}

/// Checks the limits of a list of files: how many, how long, paths as [`check_path`] says and not twice.
pub fn check_files(pointer: &str, files: &[SourceFile]) -> Result<(), ToolError> {
    check_items(pointer, files, MAX_FILES)?;
    let mut seen = std::collections::BTreeSet::new();
    for (at, file) in files.iter().enumerate() {
        check_path(&format!("{pointer}/{at}/path"), &file.path)?;
        check_bytes(&format!("{pointer}/{at}/source"), &file.source, MAX_SOURCE_BYTES)?;
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

/// Checks a call that takes either one text or several files: that it has one of them, and their limits.
pub fn check_source_or_files(source: Option<&str>, files: &[SourceFile]) -> Result<(), ToolError> {
    check_files("/files", files)?;
    if source.is_none() == files.is_empty() {
        return Err(ToolError::invalid("/source", "is given with or without `files`", "either `source` or `files`"));
    }
    source.map_or(Ok(()), |source| check_bytes("/source", source, MAX_SOURCE_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), source: String::new() }
    }

    #[test]
    fn file_limits_hold_at_their_edges() {
        let many = |count: usize| (0..count).map(|at| file(&at.to_string())).collect::<Vec<_>>();
        assert!(check_files("/files", &many(MAX_FILES)).is_ok());
        assert!(check_files("/files", &many(MAX_FILES + 1)).is_err());
        assert!(check_files("/files", &[file(&"p".repeat(MAX_PATH_BYTES))]).is_ok());
        let error = check_files("/files", &[file("a"), file(&"p".repeat(MAX_PATH_BYTES + 1))]).expect_err("too long");
        assert_eq!(error.to_call_error().path.as_deref(), Some("/files/1/path"));
    }

    #[test]
    fn one_text_or_several_files_are_taken() {
        let whole = " ".repeat(MAX_SOURCE_BYTES);
        assert!(check_source_or_files(Some(&whole), &[]).is_ok() && check_source_or_files(None, &[file("a")]).is_ok());
        assert!(check_source_or_files(Some(&(whole + " ")), &[]).is_err());
        for (source, files) in [(None, vec![]), (Some(""), vec![file("a")])] {
            assert!(check_source_or_files(source, &files).is_err(), "{source:?}");
        }
    }

    #[test]
    fn paths_are_named_once_and_not_empty() {
        for path in ["/", ".", "..", "../..", "//"] {
            assert!(check_path("/filename", path).is_err(), "{path}");
        }
        for path in ["a", "./a", "../a", "/a/", "...", "a/..b"] {
            assert!(check_path("/filename", path).is_ok(), "{path}");
        }
        for (files, sentence) in [
            ([file("a"), file("")], "`/files/1/path` is empty; accepted: a path such as \"src/main.py\""),
            ([file("a"), file("b/..")], "`/files/1/path` names no file; accepted: a path such as \"src/main.py\""),
            (
                [file("a"), file("a")],
                "`/files/1/path` names a file that an earlier item already names; accepted: each path once",
            ),
        ] {
            assert_eq!(check_files("/files", &files).expect_err("refused").to_string(), sentence);
        }
    }
}
