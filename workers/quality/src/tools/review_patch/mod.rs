//! Reviews a unified diff: whether it applies, which functions it changes, and what in it deserves a second look.
//!
//! Owns arguments, findings and the table of changes. [`apply`] applies hunks, [`moved`] finds blocks that only move, [`spots`]
//! holds the words that give lines away.

mod apply;
mod moved;
mod rules;
mod spots;

pub use apply::MAX_COMPARISONS;

use super::measure_complexity::{DEFAULT_MAX_COMPLEXITY, Figures, figures_of};
use crate::support::diff::{self, FilePatch, LineKind, Patch};
use crate::support::language::Language;
use crate::support::walk::Budget;
use apply::{Applied, Outcome, Reason};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Position, Range, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use rules::{ASSERTIONS, COMPLEX, FILE, LARGE, OFFSET, REJECTED, SYNTAX, UNTESTED, WHITESPACE};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

declare_tool! {
    /// Reads a unified diff as `git apply` does, applies it to the files given, and reviews what it changes.
    ///
    /// **Use it** before applying a patch that was written by hand or by a model, to see in one table what a change touches,
    /// or to find what should not be merged.
    ///
    /// **Applies exactly as git.** Whole context, any offset, the nearest place first; hunks without context behind them only at
    /// the end, hunks that say line 1 only at the start; no line is patched twice; new files must not exist and deleted ones
    /// must end empty. A rejected hunk names the first line that differs. Without its file a hunk is only read.
    ///
    /// **Reviews.** Functions added, removed and changed with their complexity before and after (C, Go, Java, JavaScript,
    /// TypeScript, Python, Rust; with the files given); blocks that only move; debugging code, focused and skipped tests, silenced tools,
    /// risky calls, marks of conflicts, removed assertions, code without tests, size.
    ///
    /// **Lines.** Findings on added lines name their place in the new file; findings on the patch itself name `patch`.
    pub struct ReviewPatch;
    name: "review_patch",
    title: "Review a patch",
    summary: "Checks whether a unified diff applies (as git apply), lists changed functions with complexity before and after, moved blocks, debug leftovers, risky spots, missing tests.",
    keywords: "git diff patch apply check pull request review code review hunk failed does not apply corrupt patch malformed fuzz offset reject changed functions diffstat moved code console.log debugger leftover merge conflict markers risky changes pr size",
    examples: [
        "a patch and its file" => r#"{"patch":"--- a/fee.py\n+++ b/fee.py\n@@ -1,2 +1,4 @@\n def fee(days):\n-    return 0\n+    if days > 3 and days < 30:\n+        print(days); breakpoint()\n+    return days\n","files":[{"path":"fee.py","source":"def fee(days):\n    return 0\n"}]}"#,
        "a hunk that does not fit" => r#"{"patch":"--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n","files":[{"path":"a.txt","source":"one\ntoo\nthree\n"}],"apply":true}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "binary contents and symbolic links",
        "git apply's options: --3way, -C, --ignore-whitespace, other values of -p",
        "what the change means: no tests are run",
    ],
}

/// Longest patch, in bytes.
pub const MAX_PATCH_BYTES: usize = MAX_SOURCE_BYTES;
/// Changed lines from which a change is large, when the caller names no number.
pub const DEFAULT_MAX_LINES: u32 = 400;
/// Growth of cognitive complexity that is a finding.
const MUCH_GROWTH: u32 = 5;
/// Lines that end in blanks which are named one by one.
const MAX_BLANK_ENDS: usize = 20;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Unified diff.
    patch: String,
    /// The files before the change.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Give the patched files.
    #[serde(default)]
    apply: bool,
    /// Most changed lines; default 400.
    #[serde(default)]
    max_lines: Option<u32>,
}

/// What the patch does.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// Whether it applies to the files given.
    pub applies: Applies,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// Files of tests among those changed.
    pub tests: usize,
    /// Each file, in order.
    pub files: Vec<FileRow>,
    /// Blocks that only move.
    pub moved: Vec<MovedRow>,
    /// The files after, where asked for and where all of it applies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patched: Vec<PatchedFile>,
}

/// Whether a patch applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Applies {
    /// All of it.
    Yes,
    /// Some of it does not, so git applies nothing.
    No,
    /// Some files were not given, and the rest applies.
    #[default]
    Unchecked,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FileRow {
    /// Its path after, or before where it is deleted.
    pub path: String,
    /// Its path before, where that was another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// What happens to it.
    pub change: &'static str,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
    /// Each hunk.
    pub hunks: Vec<HunkRow>,
    /// Functions that are added, removed or changed.
    pub functions: Vec<FunctionRow>,
}

/// A hunk.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct HunkRow {
    /// Its line in the patch.
    pub line: u32,
    /// `applies`, `rejected` or `unchecked`.
    pub status: &'static str,
    /// The line of the file, in the state so far, at which it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<usize>,
    /// What stands behind its header: usually the function around it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub section: String,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FunctionRow {
    /// Its name, its containers before it.
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: &'static str,
    /// Cyclomatic and cognitive complexity before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<[u32; 2]>,
    /// Cyclomatic and cognitive complexity after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<[u32; 2]>,
}

/// A block that only moves.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MovedRow {
    /// Where it was, as `path:line`.
    pub from: String,
    /// Where it is, as `path:line`.
    pub to: String,
    /// Lines.
    pub lines: usize,
}

/// A file after the change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct PatchedFile {
    /// Its path.
    pub path: String,
    /// Its text.
    pub source: String,
}

impl Tool for ReviewPatch {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_bytes("/patch", &input.patch, MAX_PATCH_BYTES)?;
        check_files("/files", &input.files)?;
        let patch = diff::read(&input.patch);
        if patch.files.is_empty() && !diff::is_patch(&input.patch) {
            return Err(ToolError::invalid("/patch", "is no unified diff", "the output of `git diff`"));
        }
        let mut findings = Vec::new();
        if let Some(fault) = &patch.fault {
            findings.push(in_patch(&SYNTAX, format!("the patch {}", fault.what), fault.line));
        }
        let mut data = applied(&patch, &input.files, input.apply, &mut findings);
        if patch.fault.is_some() {
            data.applies = Applies::No;
            data.patched.clear();
        }
        data.moved = moved::find(&patch)
            .into_iter()
            .map(|block| MovedRow {
                from: format!("{}:{}", block.from.0, block.from.1),
                to: format!("{}:{}", block.to.0, block.to.1),
                lines: block.lines,
            })
            .collect();
        added_lines(&patch, &mut findings);
        of_tests(&patch, &data, &mut findings);
        let limit = input.max_lines.unwrap_or(DEFAULT_MAX_LINES) as usize;
        let changed = data.added + data.removed;
        if changed > limit {
            findings.push(Finding::new(&LARGE, format!("{changed} changed lines, the limit is {limit}")));
        }
        let word = match data.applies {
            Applies::Yes => "applies",
            Applies::No => "does not apply",
            Applies::Unchecked => "was not applied to all of its files",
        };
        let summary = format!("{}, +{} -{}; {word}", plural(data.files.len(), "file"), data.added, data.removed);
        let files = data.files.len().max(1);
        Ok(Report::checked(findings, data).over_files(files).with_summary(summary))
    }
}

fn line_range(line: u32) -> Range {
    Range { start: Position { line, column: 1 }, end: Position { line: line.saturating_add(1), column: 1 } }
}

fn in_patch(rule: &Rule, message: String, line: u32) -> Finding {
    Finding::new(rule, message).in_file("patch").at(line_range(line))
}

fn in_file(rule: &Rule, message: String, path: &str, line: usize) -> Finding {
    Finding::new(rule, message).in_file(path).at(line_range(u32::try_from(line).unwrap_or(u32::MAX)))
}

const fn change_of(file: &FilePatch<'_>) -> &'static str {
    if file.creates {
        "added"
    } else if file.deletes {
        "deleted"
    } else if file.renames {
        "renamed"
    } else if file.copies {
        "copied"
    } else if file.binary {
        "binary"
    } else if file.hunks.is_empty() {
        "mode"
    } else {
        "modified"
    }
}

fn count(file: &FilePatch<'_>, kind: LineKind) -> usize {
    file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind).count()
}

// Applies file by file, each to what the ones before it left.
fn applied(patch: &Patch<'_>, files: &[SourceFile], keep: bool, findings: &mut Vec<Finding>) -> Data {
    let mut state: BTreeMap<String, Option<String>> =
        files.iter().map(|file| (diff_path(&file.path), Some(file.source.clone()))).collect();
    let mut data = Data { applies: Applies::Yes, ..Data::default() };
    let mut touched = Vec::new();
    let mut work = 0;
    let budget = Budget::default();
    for file in &patch.files {
        let old = file.old.clone().or_else(|| file.new.clone()).unwrap_or_default();
        let known = state.get(&old).cloned();
        let mut row = FileRow {
            path: file.path().to_owned(),
            was: file.old.clone().filter(|old| file.new.as_ref().is_some_and(|new| new != old)),
            change: change_of(file),
            added: count(file, LineKind::Added),
            removed: count(file, LineKind::Removed),
            hunks: Vec::new(),
            functions: Vec::new(),
        };
        data.added += row.added;
        data.removed += row.removed;
        data.tests += usize::from(spots::is_test(&row.path));
        // A file that was not given may exist; one that an earlier part deleted does not.
        let checked = known.is_some() || file.creates;
        // Nor is a file in the way that an earlier part made: for git it is not there yet, and the last part makes it.
        let is_in_the_way = |path: &str| files.iter().any(|given| diff_path(&given.path) == path);
        let before = known.flatten().filter(|_| !file.creates || is_in_the_way(&old));
        if checked {
            let result = apply::apply(file, before.as_deref(), &mut work);
            hunks(file, &result, &mut row, findings);
            if let Some(fault) = result.fault {
                findings.push(in_patch(&FILE, format!("{} {fault}", row.path), file.line));
            }
            let whole =
                result.fault.is_none() && result.hunks.iter().all(|outcome| matches!(outcome, Outcome::Applies { .. }));
            if whole {
                row.functions =
                    functions(file, before.as_deref().unwrap_or_default(), result.after.as_deref(), &budget, findings);
                if !file.copies {
                    state.insert(old, None);
                }
                if let Some(new) = &file.new {
                    state.insert(new.clone(), result.after.filter(|_| !file.deletes));
                    touched.push(new.clone());
                }
            } else {
                data.applies = Applies::No;
            }
        } else {
            if data.applies == Applies::Yes {
                data.applies = Applies::Unchecked;
            }
            row.hunks = file
                .hunks
                .iter()
                .map(|hunk| HunkRow { line: hunk.line, status: "unchecked", at: None, section: excerpt(hunk.section) })
                .collect();
        }
        data.files.push(row);
    }
    if keep && data.applies == Applies::Yes {
        touched.sort();
        touched.dedup();
        data.patched = touched
            .into_iter()
            .filter_map(|path| state.remove(&path).flatten().map(|source| PatchedFile { path, source }))
            .collect();
    }
    data
}

fn diff_path(path: &str) -> String {
    path.trim_start_matches("./").to_owned()
}

fn hunks(file: &FilePatch<'_>, result: &Applied, row: &mut FileRow, findings: &mut Vec<Finding>) {
    for (hunk, outcome) in file.hunks.iter().zip(&result.hunks) {
        let (status, at) = match outcome {
            Outcome::Applies { line, offset } => {
                if *offset != 0 {
                    let message = format!(
                        "applies to {} {} away from where it says",
                        row.path,
                        plural(offset.unsigned_abs(), "line")
                    );
                    findings.push(in_patch(&OFFSET, message, hunk.line));
                }
                ("applies", Some(*line))
            }
            Outcome::Rejected(reason) => {
                findings.push(in_patch(&REJECTED, why(&row.path, reason), hunk.line));
                ("rejected", None)
            }
            Outcome::Unknown => ("unchecked", None),
        };
        row.hunks.push(HunkRow { line: hunk.line, status, at, section: excerpt(hunk.section) });
    }
}

fn why(path: &str, reason: &Reason) -> String {
    match reason {
        Reason::Differs { line, patch_line, found: None, .. } => {
            format!(
                "does not apply to {path}: the file ends before line {line}, which line {patch_line} of the patch expects"
            )
        }
        Reason::Differs { line, patch_line, found: Some(found), expected } => {
            // What cannot be seen must be said.
            let unseen = if found.trim_end_matches(['\n', '\r']) == expected.trim_end_matches(['\n', '\r']) {
                " (they differ in the end of the line)"
            } else if found.split_whitespace().eq(expected.split_whitespace()) {
                " (they differ in blanks)"
            } else {
                ""
            };
            format!(
                "does not apply to {path}: line {line} is {:?}, line {patch_line} of the patch expects {:?}{unseen}",
                excerpt(found),
                excerpt(expected)
            )
        }
        Reason::Elsewhere => {
            format!(
                "does not apply to {path}: it must stand at the start or end of the file, or another hunk has changed its lines"
            )
        }
    }
}

// The functions that are not the same before and after, with both complexities.
fn functions(
    file: &FilePatch<'_>,
    before: &str,
    after: Option<&str>,
    budget: &Budget,
    findings: &mut Vec<Finding>,
) -> Vec<FunctionRow> {
    let path = file.path();
    if Language::of_path(path).is_none() || file.hunks.is_empty() {
        return Vec::new();
    }
    let measure = |text: &str| figures_of(path, text, budget).map(|figures| figures.functions).unwrap_or_default();
    let (old, new) = (measure(before), after.map(measure).unwrap_or_default());
    let old_lines: Vec<&str> = before.lines().collect();
    let new_lines: Vec<&str> = after.unwrap_or_default().lines().collect();
    // Functions of one name are told apart by their order.
    let mut rest: BTreeMap<&str, std::collections::VecDeque<&Figures>> = BTreeMap::new();
    old.iter().for_each(|function| rest.entry(&function.name).or_default().push_back(function));
    let pair = |function: &Figures| [function.cyclomatic, function.cognitive];
    let (removed_lines, added_lines) = touched(file);
    let mut rows = Vec::new();
    for function in &new {
        let own = rest.get_mut(function.name.as_str()).and_then(std::collections::VecDeque::pop_front);
        let row = match own {
            None => {
                FunctionRow { name: function.name.clone(), change: "added", before: None, after: Some(pair(function)) }
            }
            Some(was) => {
                if !is_near(&removed_lines, was) && !is_near(&added_lines, function)
                    || body(&old_lines, was) == body(&new_lines, function)
                {
                    continue;
                }
                FunctionRow {
                    name: function.name.clone(),
                    change: "changed",
                    before: Some(pair(was)),
                    after: Some(pair(function)),
                }
            }
        };
        let (was, is) = (row.before.map_or(0, |[_, cognitive]| cognitive), function.cognitive);
        let grew = is > was && (is > DEFAULT_MAX_COMPLEXITY || row.before.is_some() && is - was >= MUCH_GROWTH);
        if grew {
            let message = match row.before {
                Some(_) => format!("the cognitive complexity of {} grows from {was} to {is}", function.name),
                None => format!("{} is new and has a cognitive complexity of {is}", function.name),
            };
            findings.push(in_file(&COMPLEX, message, path, function.start_line as usize));
        }
        rows.push(row);
    }
    for function in rest.into_values().flatten() {
        rows.push(FunctionRow {
            name: function.name.clone(),
            change: "removed",
            before: Some(pair(function)),
            after: None,
        });
    }
    rows
}

// Whether one of these ascending lines is a function's.
fn is_near(lines: &[u32], function: &Figures) -> bool {
    let next = lines.partition_point(|line| *line < function.start_line);
    lines.get(next).is_some_and(|line| *line <= function.end_line)
}

fn body<'l>(lines: &'l [&'l str], function: &Figures) -> &'l [&'l str] {
    let start = (function.start_line.max(1) as usize - 1).min(lines.len());
    let count = (function.end_line.max(function.start_line) - function.start_line + 1) as usize;
    lines.get(start..(start + count).min(lines.len())).unwrap_or_default()
}

// The lines that go, by their old numbers, and those that come, by their new ones; both ascending.
fn touched(file: &FilePatch<'_>) -> (Vec<u32>, Vec<u32>) {
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    for hunk in &file.hunks {
        let (mut old, mut new) = (hunk.old_start, hunk.new_start);
        for line in &hunk.lines {
            match line.kind {
                LineKind::Removed => removed.push(u32::try_from(old).unwrap_or(u32::MAX)),
                LineKind::Added => added.push(u32::try_from(new).unwrap_or(u32::MAX)),
                LineKind::Context => {}
            }
            old += usize::from(line.kind != LineKind::Added);
            new += usize::from(line.kind != LineKind::Removed);
        }
    }
    removed.sort_unstable();
    added.sort_unstable();
    (removed, added)
}

fn added_lines(patch: &Patch<'_>, findings: &mut Vec<Finding>) {
    let mut blank_ends = 0;
    for file in &patch.files {
        for (number, text) in file.added() {
            let line = text.trim_end_matches(['\n', '\r']);
            for (rule, word, what) in spots::of_line(file.path(), line) {
                findings.push(in_file(rule, format!("`{word}` {what}"), file.path(), number));
            }
            if line.ends_with([' ', '\t']) && blank_ends < MAX_BLANK_ENDS {
                blank_ends += 1;
                findings.push(in_file(&WHITESPACE, "the line ends in blanks".to_owned(), file.path(), number));
            }
        }
    }
}

fn of_tests(patch: &Patch<'_>, data: &Data, findings: &mut Vec<Finding>) {
    for file in patch.files.iter().filter(|file| spots::is_test(file.path())) {
        let assertions = |kind: LineKind| {
            let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind);
            lines.filter(|line| spots::is_assertion(line.text)).count()
        };
        let (removed, added) = (assertions(LineKind::Removed), assertions(LineKind::Added));
        if removed > added {
            let message =
                format!("{} fewer than before: {removed} removed, {added} added", plural(removed - added, "assertion"));
            findings.push(Finding::new(&ASSERTIONS, message).in_file(file.path()));
        }
    }
    let is_code =
        |file: &&FilePatch<'_>| Language::of_path(file.path()).is_some() && !file.deletes && !file.hunks.is_empty();
    let code = patch.files.iter().filter(is_code).filter(|file| !spots::is_test(file.path())).count();
    if code > 0 && data.tests == 0 {
        findings.push(Finding::new(&UNTESTED, format!("{} of code changed, no test", plural(code, "file"))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_at_their_edges() {
        let head = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";
        let run = |length: usize| {
            let patch = format!("{head}{}", " ".repeat(length - head.len()));
            ReviewPatch.run(Input { patch, ..Input::default() }, &Ctx::silent()).is_ok()
        };
        assert!(run(MAX_PATCH_BYTES) && !run(MAX_PATCH_BYTES + 1));
        let large = |limit: u32| {
            let input = Input { patch: head.to_owned(), max_lines: Some(limit), ..Input::default() };
            let report = ReviewPatch.run(input, &Ctx::silent()).expect("a patch");
            report.findings().iter().any(|finding| finding.rule == LARGE.id)
        };
        assert!(large(1) && !large(2));
    }
}
