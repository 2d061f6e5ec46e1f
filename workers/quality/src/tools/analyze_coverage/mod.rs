//! Reads reports of test coverage, merges them, and tells which changes and which complex functions no test runs.
//!
//! Owns arguments, matching of paths, findings and tables. [`read`] knows the formats, [`model`] what coverage is, [`write`]
//! how it is written again.

mod model;
mod read;
mod rules;
mod write;

pub use model::{Share, Shares};
pub use read::Format;
pub use write::Target;

pub(crate) use model::{Covered, Files};

use super::measure_complexity::figures_of;
use crate::support::diff;
use crate::support::packages::file_name;
use crate::support::walk::Budget;
use model::{Counts, percent, ranges, spans};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Position, Range, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use rules::{BELOW, CHANGE, CRAP, FUNCTION, SYNTAX, UNKNOWN};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt::Write as _;

declare_tool! {
    /// Reads reports of test coverage in any of seven formats, merges them, and says exactly what is not tested.
    ///
    /// **Use it** to see which lines of a change no test runs, which complex functions are untested, to merge the reports of
    /// several runs, to hold a limit, or to convert a report.
    ///
    /// **Formats**, told by their text: lcov (1 and 2), Cobertura, `JaCoCo`, Clover, Istanbul JSON (nyc, c8, Jest, Vitest),
    /// Go profiles, coverage.py JSON. Merging adds runs of lines and functions and joins branches; where a report only counts
    /// a line's branches, the larger count is kept. Istanbul's statements are merged before they become lines.
    ///
    /// **Diff coverage** looks at the added lines that a report knows. Paths of the diff and of sources are matched exactly, else
    /// by the longest common end that is unique. **CRAP** is `complexity^2 * (1 - coverage)^3 + complexity` for each
    /// function of the sources, cyclomatic complexity as `quality_measure_complexity` counts it.
    ///
    /// **Output.** Shares of all and of each file with the lines missed, of the diff, the functions by CRAP, the converted report.
    pub struct AnalyzeCoverage;
    name: "analyze_coverage",
    title: "Analyze test coverage",
    summary: "Reads lcov, Cobertura, JaCoCo, Clover, Istanbul, Go and coverage.py reports: merges, coverage of a diff, untested complex functions (CRAP), conversion.",
    keywords: "code coverage report lcov.info coverage.xml jacoco.xml clover.xml coverage-final.json cover.out diff-cover patch coverage codecov coveralls genhtml nyc istanbul c8 jest vitest pytest-cov pycobertura uncovered lines branches missing tests untested percentage threshold fail under merge convert",
    examples: [
        "two runs and a diff" => r#"{"reports":[{"path":"unit.info","source":"SF:src/fee.py\nDA:1,1\nDA:2,1\nDA:3,0\nDA:4,0\nend_of_record\n"},{"path":"e2e.info","source":"SF:src/fee.py\nDA:1,1\nDA:2,0\nDA:3,1\nDA:4,0\nend_of_record\n"}],"diff":"--- a/src/fee.py\n+++ b/src/fee.py\n@@ -1,2 +1,4 @@\n def fee(days):\n-    return 0\n+    if days > 3:\n+        return days\n+    return 0\n","failUnder":80}"#,
        "complex and untested" => r#"{"reports":[{"path":"coverage.json","source":"{\"files\":{\"a.py\":{\"executed_lines\":[1],\"missing_lines\":[2,3,4,5,6,7]}}}"}],"files":[{"path":"a.py","source":"def f(a, b, c):\n    if a and b:\n        return 1\n    if b and c:\n        return 2\n    if c or a: return 3\n    return 4\n"}],"convert":"lcov"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "conditions and paths beyond the branches that a report counts",
        "source maps: paths and lines are those of the reports",
    ],
}

/// Longest diff, in bytes.
pub const MAX_DIFF_BYTES: usize = MAX_SOURCE_BYTES;
/// The index from which CRAP is a finding: its authors' limit.
pub const MAX_CRAP: f64 = 30.0;
/// Most functions listed by CRAP.
pub const MAX_FUNCTIONS: usize = 100;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Reports; several are merged.
    reports: Vec<SourceFile>,
    /// Unified diff whose added lines to judge.
    #[serde(default)]
    diff: Option<String>,
    /// Covered sources, for CRAP.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Least percentage.
    #[serde(default)]
    fail_under: Option<f64>,
    /// Format for the merged report.
    #[serde(default)]
    convert: Option<Target>,
}

/// What the reports say together.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The format of each report.
    pub formats: Vec<Format>,
    /// All files together.
    pub total: Shares,
    /// Each file, by path.
    pub files: Vec<FileRow>,
    /// The added lines of the diff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<DiffRow>,
    /// Functions of the sources, the worst first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<FunctionRow>,
    /// The merged report in the format asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converted: Option<String>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FileRow {
    /// Its path.
    pub path: String,
    /// Its shares.
    #[serde(flatten)]
    pub shares: Shares,
    /// Lines that never ran.
    pub missing: String,
}

/// The diff.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct DiffRow {
    /// Of the added lines that the reports know.
    #[serde(flatten)]
    pub share: Share,
    /// Each file of it.
    pub files: Vec<DiffFile>,
}

/// A file of the diff.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct DiffFile {
    /// Its path in the diff.
    pub path: String,
    /// Of its added lines that the reports know.
    #[serde(flatten)]
    pub share: Share,
    /// Added lines that never ran.
    pub missing: String,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FunctionRow {
    /// Its file.
    pub path: String,
    /// Its name, its containers before it.
    pub name: String,
    /// Line of its name.
    pub line: u32,
    /// Cyclomatic complexity.
    pub complexity: u32,
    /// Lines that ran, in percent.
    pub coverage: f64,
    /// The index.
    pub crap: f64,
}

impl Tool for AnalyzeCoverage {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/reports", &input.reports)?;
        check_files("/files", &input.files)?;
        if input.reports.is_empty() {
            return Err(ToolError::invalid("/reports", "is empty", "at least one report"));
        }
        if input.fail_under.is_some_and(|limit| !(0.0..=100.0).contains(&limit)) {
            return Err(ToolError::invalid("/failUnder", "is no percentage", "0 to 100"));
        }
        let mut findings = Vec::new();
        let (formats, mut files) = merged(&input.reports, &mut findings);
        files.values_mut().for_each(Covered::finish);
        let mut data = tables(&files);
        data.formats = formats;
        uncovered_functions(&files, &mut findings);
        let finder = Finder::new(&files);
        if let Some(text) = &input.diff {
            check_bytes("/diff", text, MAX_DIFF_BYTES)?;
            data.diff = Some(of_diff(text, &finder, &mut findings)?);
        }
        data.functions = by_crap(&input.files, &finder, &mut findings);
        data.converted = input.convert.map(|target| write::write(&files, target));
        let (judged, of) = match &data.diff {
            Some(diff) => (diff.share, "the changed lines"),
            None => (data.total.lines, "the lines"),
        };
        if let Some(limit) = input.fail_under.filter(|limit| judged.percent < *limit) {
            findings.push(Finding::new(&BELOW, format!("{}% of {of} run, {limit}% are asked for", judged.percent)));
        }
        let mut summary = format!(
            "{}% of {} in {} run",
            data.total.lines.percent,
            plural(usize::try_from(data.total.lines.total).unwrap_or(usize::MAX), "line"),
            plural(data.files.len(), "file")
        );
        if let Some(diff) = &data.diff {
            let _ = write!(summary, ", {}% of {} that the diff adds", diff.share.percent, diff.share.total);
        }
        Ok(Report::checked(findings, data).with_summary(summary))
    }
}

fn at_lines(rule: &Rule, message: String, path: &str, first: u32, last: u32) -> Finding {
    let place = |line: u32| Position { line: line.max(1), column: 1 };
    Finding::new(rule, message).in_file(path).at(Range { start: place(first), end: place(last.saturating_add(1)) })
}

fn merged(reports: &[SourceFile], findings: &mut Vec<Finding>) -> (Vec<Format>, Files) {
    let (mut formats, mut files) = (Vec::new(), Files::new());
    for report in reports {
        match read::read(&report.source) {
            Ok((format, read)) => {
                formats.push(format);
                for (path, file) in read {
                    files.entry(path).or_default().merge(file);
                }
            }
            Err((line, what)) => {
                findings.push(at_lines(&SYNTAX, format!("the report {what}"), &report.path, line, line));
            }
        }
    }
    (formats, files)
}

/// What a report says, for other tools; else the line where it is none, and what is wrong there.
pub(crate) fn covered(report: &str) -> Result<Files, (u32, &'static str)> {
    let (_, mut files) = read::read(report)?;
    files.values_mut().for_each(Covered::finish);
    Ok(files)
}

fn tables(files: &Files) -> Data {
    let mut total = Counts::default();
    let mut rows = Vec::new();
    for (path, file) in files {
        let counts = Counts::of(file);
        total.add(counts);
        rows.push(FileRow { path: path.clone(), shares: counts.shares(), missing: ranges(missed(file)) });
    }
    Data { total: total.shares(), files: rows, ..Data::default() }
}

fn missed(file: &Covered) -> impl Iterator<Item = u32> {
    file.lines.iter().filter(|(_, hits)| **hits == 0).map(|(line, _)| *line)
}

fn uncovered_functions(files: &Files, findings: &mut Vec<Finding>) {
    for (path, file) in files {
        for ((line, name), _) in file.functions.iter().filter(|(_, hits)| **hits == 0) {
            findings.push(at_lines(&FUNCTION, format!("no test runs {}", excerpt(name)), path, *line, *line));
        }
    }
}

/// The files of the reports, to be found by paths that are written another way.
pub(crate) struct Finder<'f> {
    files: &'f Files,
    by_name: HashMap<&'f str, Vec<(&'f String, &'f Covered)>>,
}

impl<'f> Finder<'f> {
    pub(crate) fn new(files: &'f Files) -> Self {
        let mut by_name: HashMap<&str, Vec<(&String, &Covered)>> = HashMap::new();
        for (known, file) in files {
            by_name.entry(file_name(known)).or_default().push((known, file));
        }
        Self { files, by_name }
    }

    /// The file that a path means: the same, or the one with the longest common end, if there is but one.
    pub(crate) fn find(&self, path: &str) -> Option<(&'f str, &'f Covered)> {
        let path = read::plain_path(path);
        if let Some((known, file)) = self.files.get_key_value(&path) {
            return Some((known, file));
        }
        let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|before| before.ends_with('/'));
        let of_name = self.by_name.get(file_name(&path)).map(Vec::as_slice).unwrap_or_default();
        let mut fitting: Vec<(&String, &Covered)> =
            of_name.iter().copied().filter(|(known, _)| ends(known, &path) || ends(&path, known)).collect();
        fitting.sort_by_key(|(known, _)| std::cmp::Reverse(known.len().min(path.len())));
        match fitting.as_slice() {
            [(known, file)] => Some((known, file)),
            [(known, file), (next, _), ..] if known.len().min(path.len()) > next.len().min(path.len()) => {
                Some((known, file))
            }
            _ => None,
        }
    }
}

fn of_diff(text: &str, finder: &Finder<'_>, findings: &mut Vec<Finding>) -> Result<DiffRow, ToolError> {
    let patch = diff::read(text);
    if let Some(fault) = &patch.fault
        && (patch.files.is_empty() && !text.trim().is_empty())
    {
        let problem = format!("is no unified diff: line {} {}", fault.line, fault.what);
        return Err(ToolError::invalid("/diff", problem, "the output of `git diff`"));
    }
    let (mut rows, mut covered, mut total) = (Vec::new(), 0_u64, 0_u64);
    for change in patch.files.iter().filter(|change| !change.deletes) {
        let mut added = change.added().filter_map(|(line, _)| u32::try_from(line).ok()).peekable();
        if added.peek().is_none() {
            continue;
        }
        let Some((_, file)) = finder.find(change.path()) else {
            findings.push(Finding::new(&UNKNOWN, "no report knows this changed file").in_file(change.path()));
            continue;
        };
        let known: Vec<(u32, u64)> = added.filter_map(|line| file.lines.get(&line).map(|hits| (line, *hits))).collect();
        let missing: Vec<u32> = known.iter().filter(|(_, hits)| *hits == 0).map(|(line, _)| *line).collect();
        for (first, last) in spans(missing.iter().copied()) {
            let count = (last - first + 1) as usize;
            findings.push(at_lines(
                &CHANGE,
                format!("no test runs {}", added_lines(count)),
                change.path(),
                first,
                last,
            ));
        }
        let share = Share::of((known.len() - missing.len()) as u64, known.len() as u64);
        covered += share.covered;
        total += share.total;
        rows.push(DiffFile { path: change.path().to_owned(), share, missing: ranges(missing) });
    }
    Ok(DiffRow { share: Share::of(covered, total), files: rows })
}

fn added_lines(count: usize) -> String {
    if count == 1 { "this added line".to_owned() } else { format!("these {count} added lines") }
}

fn by_crap(sources: &[SourceFile], finder: &Finder<'_>, findings: &mut Vec<Finding>) -> Vec<FunctionRow> {
    let mut rows = Vec::new();
    let budget = Budget::default();
    for source in sources {
        let Some(figures) = figures_of(&source.path, &source.source, &budget) else {
            findings
                .push(Finding::new(&UNKNOWN, "the complexity of this file cannot be measured").in_file(&source.path));
            continue;
        };
        let Some((_, file)) = finder.find(&source.path) else {
            findings.push(Finding::new(&UNKNOWN, "no report knows this file").in_file(&source.path));
            continue;
        };
        for function in figures.functions.iter().filter(|function| function.end_line >= function.start_line) {
            let own = file.lines.range(function.start_line..=function.end_line);
            // The line of the head runs when the function is defined, so that it says nothing of its tests.
            let body = own.clone().filter(|(line, _)| **line > function.start_line);
            let counted: Vec<u64> = if body.clone().next().is_some() {
                body.map(|(_, hits)| *hits).collect()
            } else {
                own.map(|(_, hits)| *hits).collect()
            };
            let (run, all) = (counted.iter().filter(|hits| **hits > 0).count(), counted.len());
            if all == 0 {
                continue;
            }
            let coverage = percent(run as u64, all as u64);
            let complexity = f64::from(function.cyclomatic);
            let exact = complexity * complexity * (1.0 - coverage / 100.0).powi(3) + complexity;
            let crap = (exact * 100.0).round() / 100.0;
            if crap > MAX_CRAP {
                let message = format!(
                    "{} has a CRAP index of {crap}: complexity {complexity}, {coverage}% covered",
                    function.name
                );
                findings.push(at_lines(&CRAP, message, &source.path, function.start_line, function.start_line));
            }
            rows.push(FunctionRow {
                path: source.path.clone(),
                name: function.name.clone(),
                line: function.start_line,
                complexity: function.cyclomatic,
                coverage,
                crap,
            });
        }
    }
    rows.sort_by(|one, other| other.crap.total_cmp(&one.crap));
    rows.truncate(MAX_FUNCTIONS);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_by_their_longest_unique_end() {
        let files: Files =
            ["src/a.py", "lib/a.py", "b.py", "/abs/x/c.py"].map(|path| (path.to_owned(), Covered::default())).into();
        let finder = Finder::new(&files);
        let found = |path: &str| finder.find(path).map(|(known, _)| known.to_owned());
        assert_eq!(found("src/a.py").as_deref(), Some("src/a.py"));
        assert_eq!(found("root/lib/a.py").as_deref(), Some("lib/a.py"));
        assert_eq!(found("a.py"), None);
        assert_eq!(found("x/c.py").as_deref(), Some("/abs/x/c.py"));
        assert_eq!(found("ab.py"), None);
    }

    #[test]
    fn the_limit_of_the_diff_holds_at_its_edge() {
        let run = |length: usize| {
            let head = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";
            let diff = format!("{head}{}", " ".repeat(length - head.len()));
            let reports = vec![SourceFile { path: "r".to_owned(), source: "SF:x\nDA:1,1\n".to_owned() }];
            AnalyzeCoverage.run(Input { reports, diff: Some(diff), ..Input::default() }, &Ctx::silent()).is_ok()
        };
        assert!(run(MAX_DIFF_BYTES) && !run(MAX_DIFF_BYTES + 1));
    }
}
