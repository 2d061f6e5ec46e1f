//! The files of a call: one text, or a project's; shared by the tools that take `source`, `filename` and `files`.

use octavo_toolkit::input::{MAX_PATH_BYTES, check_files};
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::{SourceFile, ToolError};
use std::path::Path;

/// Path of a `source` without `filename`.
const DEFAULT_FILENAME: &str = "source.py";

/// How the input named its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// By nothing: one source.
    Not,
    /// By `filename`.
    Filename,
    /// By the paths in `files`.
    Files,
}

impl Named {
    /// Whether the files came as a list.
    pub fn is_files(self) -> bool {
        self == Self::Files
    }

    /// Whether findings name their file.
    pub fn is_shown(self) -> bool {
        self != Self::Not
    }
}

/// The files of a call, each of at most `max_bytes`.
pub fn files_of(
    source: Option<String>,
    filename: Option<String>,
    files: Option<Vec<SourceFile>>,
    max_bytes: usize,
) -> Result<(Named, Vec<SourceFile>), ToolError> {
    match (source, files) {
        (Some(source), None) => {
            check_bytes("/source", &source, max_bytes)?;
            let named = if filename.is_some() { Named::Filename } else { Named::Not };
            let path = filename.unwrap_or_else(|| DEFAULT_FILENAME.to_owned());
            check_bytes("/filename", &path, MAX_PATH_BYTES)?;
            Ok((named, vec![SourceFile { path, source }]))
        }
        (None, Some(files)) => {
            if filename.is_some() {
                return Err(ToolError::invalid(
                    "/filename",
                    "is given beside `files`",
                    "`filename` with `source` only",
                ));
            }
            check_files("/files", &files)?;
            for (at, file) in files.iter().enumerate() {
                check_bytes(&format!("/files/{at}/source"), &file.source, max_bytes)?;
            }
            if files.is_empty() {
                return Err(ToolError::invalid("/files", "is empty", "at least one file"));
            }
            Ok((Named::Files, files))
        }
        (Some(_), Some(_)) => {
            Err(ToolError::invalid("/source", "is given beside `files`", "either `source` or `files`"))
        }
        (None, None) => Err(ToolError::invalid("/source", "is missing", "`source` (one text) or `files`")),
    }
}

/// Whether a path names Python source. Ruff takes a file it is given for Python whatever it is called; a list of a project's
/// files holds others as well.
pub fn is_python(path: &str) -> bool {
    matches!(Path::new(path).extension().and_then(|extension| extension.to_str()), None | Some("py" | "pyi" | "pyw"))
}
