//! What the tools that take a Compose project share: its arguments, checked into a [`Request`], and findings at their places.

use super::item::Place;
use super::load::Request;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::{Finding, LineIndex, SourceFile, ToolError};
use std::collections::BTreeMap;

/// Most entries of each list of options.
const MAX_OPTIONS: usize = 500;

/// Longest option, in bytes; values of variables may hold a certificate.
pub const MAX_OPTION_BYTES: usize = 65_536;

/// The folder that paths are taken to be in, unless the caller names one.
pub const DEFAULT_FOLDER: &str = "/project";

/// Arguments by the names that they have in every such tool.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a> {
    /// `files`.
    pub files: &'a [SourceFile],
    /// `compose`: paths to lay over each other.
    pub compose: Option<&'a [String]>,
    /// `env`: `NAME=value`.
    pub env: Option<&'a [String]>,
    /// `profiles`.
    pub profiles: Option<&'a [String]>,
}

impl<'a> Arguments<'a> {
    /// Checks them; files have at most `max_file_bytes`. The request has no name and the default folder.
    pub fn request(self, max_file_bytes: usize) -> Result<Request<'a>, ToolError> {
        check_files("/files", self.files)?;
        for (at, file) in self.files.iter().enumerate() {
            check_bytes(&format!("/files/{at}/source"), &file.source, max_file_bytes)?;
        }
        if self.files.is_empty() {
            return Err(ToolError::invalid("/files", "is empty", "at least one Compose file"));
        }
        for (field, list) in [("compose", self.compose), ("env", self.env), ("profiles", self.profiles)] {
            let list = list.unwrap_or_default();
            check_items(&format!("/{field}"), list, MAX_OPTIONS)?;
            for (at, option) in list.iter().enumerate() {
                check_bytes(&format!("/{field}/{at}"), option, MAX_OPTION_BYTES)?;
            }
        }
        for (at, path) in self.compose.into_iter().flatten().enumerate() {
            if !self.files.iter().any(|file| file.path == *path) {
                return Err(ToolError::invalid(
                    format!("/compose/{at}"),
                    "is not the path of a file of `files`",
                    "a path of `files`",
                ));
            }
        }
        let mut environment = BTreeMap::new();
        for (at, variable) in self.env.into_iter().flatten().enumerate() {
            let Some((name, value)) = variable.split_once('=').filter(|(name, _)| !name.is_empty()) else {
                return Err(ToolError::invalid(format!("/env/{at}"), "sets no variable", "NAME=value"));
            };
            environment.insert(name.to_owned(), value.to_owned());
        }
        Ok(Request {
            files: self.files,
            compose: self.compose.unwrap_or_default(),
            environment,
            profiles: self.profiles.unwrap_or_default(),
            name: None,
            folder: DEFAULT_FOLDER,
        })
    }
}

/// Puts findings at places of files; a file's lines are counted once.
#[derive(Debug)]
pub struct Places<'a> {
    files: &'a [SourceFile],
    lines: BTreeMap<usize, LineIndex<'a>>,
}

impl<'a> Places<'a> {
    /// Places of these files.
    pub const fn of(files: &'a [SourceFile]) -> Self {
        Self { files, lines: BTreeMap::new() }
    }

    /// The finding in its file and at its range, where it has a place.
    pub fn put(&mut self, finding: Finding, at: Option<Place>) -> Finding {
        let Some((place, file)) = at.and_then(|place| Some((place, self.files.get(place.file)?))) else {
            return finding;
        };
        let index = self.lines.entry(place.file).or_insert_with(|| LineIndex::new(&file.source));
        finding.in_file(&file.path).at(index.range(place.start..place.end))
    }
}
