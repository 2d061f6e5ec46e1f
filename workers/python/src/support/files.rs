//! The files of a call: one text, or a project's; shared by the tools that take `source`, `filename` and `files`.

use octavo_toolkit::input::{check_files, check_path};
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::{SourceFile, ToolError};
use std::path::Path;

/// Path of a `source` without `filename`.
const DEFAULT_FILENAME: &str = "source.py";

/// A file's text without a byte order mark.
pub fn text_of(file: &SourceFile) -> &str {
    file.source.strip_prefix('\u{feff}').unwrap_or(&file.source)
}

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
    fn is_files(self) -> bool {
        self == Self::Files
    }

    /// Whether findings name their file.
    pub fn is_shown(self) -> bool {
        self != Self::Not
    }
}

/// The Python files of a call.
#[derive(Debug)]
pub struct PythonFiles {
    /// How they were named.
    pub named: Named,
    /// Those that are Python; at least one.
    pub files: Vec<SourceFile>,
    /// What the report says is not checked, where there were others.
    pub left_out: Option<String>,
}

/// The Python files of a call, each of at most `max_bytes`; an error when there is none.
pub fn python_files(
    source: Option<String>,
    filename: Option<String>,
    files: Option<Vec<SourceFile>>,
    max_bytes: usize,
) -> Result<PythonFiles, ToolError> {
    let (named, files) = files_of(source, filename, files, max_bytes)?;
    let given = files.len();
    let files: Vec<SourceFile> = files.into_iter().filter(|file| is_python(&file.path)).collect();
    if files.is_empty() {
        let pointer = if named.is_files() { "/files" } else { "/filename" };
        return Err(ToolError::invalid(
            pointer,
            "names no Python file",
            "paths that end with .py, .pyi, .pyw or no extension",
        ));
    }
    let skipped = given - files.len();
    let left_out = (skipped > 0).then(|| format!("files that are no Python source ({skipped} of {given})"));
    Ok(PythonFiles { named, files, left_out })
}

// The files of a call, each of at most `max_bytes`.
fn files_of(
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
            check_path("/filename", &path)?;
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

// Whether a path names Python source. Ruff takes a file it is given for Python whatever it is called; a list of a project's
// files holds others as well.
fn is_python(path: &str) -> bool {
    matches!(Path::new(path).extension().and_then(|extension| extension.to_str()), None | Some("py" | "pyi" | "pyw"))
}
