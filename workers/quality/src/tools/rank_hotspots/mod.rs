//! Ranks files by how often they change and how complex they are, from the text of `git log --numstat`.
//!
//! Owns arguments, ranking and findings. [`log`] reads the history, [`measure`] computes the figures.

mod log;
mod measure;
mod rules;

use super::measure_complexity::figures_of;
use crate::support::walk::Budget;
use log::{Day, History};
use measure::{FileFigures, Least, Pair};
use octavo_toolkit::input::{MAX_PATH_BYTES, check_files};
use octavo_toolkit::limits::{MAX_LARGE_SOURCE_BYTES, check_bytes};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Report, SourceFile, Tool, ToolError, declare_tool};
use rules::{COUPLING, DIFFUSE, HOTSPOT, OWNER};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

declare_tool! {
    /// Ranks the files of a repository by its history: how often they change, how complex they are, which change together,
    /// who knows them, and how old they are.
    ///
    /// **Use it** to find where refactoring pays, which files belong together although no import says so, and what only one
    /// person knows.
    ///
    /// **The log** is the text of `git log --numstat`, best with `--date=short`; code-maat's formats
    /// `--pretty=format:'--%h--%ad--%aN'` and `'[%h] %aN %ad %s'` are read too. A renamed file keeps its history under its
    /// newest path. People are told apart by address where the log has it, else by name. Ages are counted from the newest
    /// commit.
    ///
    /// **How it counts.** By code-maat's definitions: *revisions* are commits; the *degree* of coupling is the shared
    /// commits in percent of the mean of both files' revisions, over commits of at most 30 files; the *main author* added the
    /// most lines; *fragmentation* is one minus the sum of squared shares of revisions. *Minor* authors have less than 5 % of
    /// the changed lines. The *score* of a hotspot is its revisions in parts of the most revised file's, times, where
    /// its source is given, its cyclomatic complexity in parts of the most complex one's, in percent. The *bus factor* is the
    /// fewest people who are main authors of more than half of the files.
    ///
    /// **Limits.** 24 MiB of log. Pairs need 5 mean and 5 shared revisions and a degree of 30.
    pub struct RankHotspots;
    name: "rank_hotspots",
    title: "Rank hotspots",
    summary: "Ranks files by `git log --numstat`: change frequency times complexity, files that change together, ownership, age. Use to decide what to refactor first.",
    keywords: "hotspot churn git history code maat codescene pydriller behavioral analysis temporal coupling change coupling co-change logical coupling ownership bus factor truck factor knowledge map code age technical debt prioritize refactoring authors contributors numstat frequently changed risky files",
    examples: [
        "a short history" => r#"{"log":"--a1b2c3d--2026-03-02--Ann\n40\t3\tsrc/cart.py\n8\t1\tsrc/tax.py\n\n--b2c3d4e--2026-02-11--Ben\n12\t7\tsrc/cart.py\n\n--c3d4e5f--2026-01-20--Ann\n90\t0\tsrc/cart.py\n30\t0\tsrc/tax.py\n","files":[{"path":"src/cart.py","source":"def total(items, vip):\n    for item in items:\n        if item.free and vip or item.gift:\n            return 0\n    return 1\n"},{"path":"src/tax.py","source":"RATE = 7\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "lines that still exist: a log has no blame",
        "changes inside merge commits, which git log leaves out",
    ],
}

/// Rows of each table when the caller names no number.
pub const DEFAULT_TOP: u32 = 20;
/// Most rows that a caller may ask for.
pub const MAX_TOP: u32 = 5_000;
/// Least mean and shared revisions of a pair: code-maat's default.
pub const MIN_REVISIONS: u32 = 5;
/// Least degree of coupling in percent: code-maat's default.
pub const MIN_DEGREE: u32 = 30;
/// Most files of a commit that counts for coupling: code-maat's default.
pub const MAX_CHANGE_SET: usize = 30;
/// Degree from which a pair is a finding.
const STRONG_DEGREE: u32 = 70;
/// Score from which a file is a finding.
const HOT_SCORE: f64 = 50.0;
/// Revisions from which ownership is a finding.
const OFTEN: u32 = 10;
/// Minor authors from which ownership is a finding, where nobody has half.
const MANY_MINOR: usize = 5;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Output of `git log --numstat --date=short`.
    log: String,
    /// Sources, for complexity.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Only paths that start so.
    #[serde(default)]
    under: Option<String>,
    /// Rows a table; default 20.
    #[serde(default)]
    top: Option<u32>,
}

/// The tables.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Commits read.
    pub commits: usize,
    /// People.
    pub authors: usize,
    /// Files, by their newest path.
    pub files: usize,
    /// Day of the oldest commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Day of the newest commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Fewest main authors of more than half of the files.
    pub bus_factor: usize,
    /// Files, the hottest first.
    pub hotspots: Vec<FileRow>,
    /// Files that change together, the strongest first.
    pub coupling: Vec<PairRow>,
    /// People, by files that they are the main author of.
    pub owners: Vec<OwnerRow>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileRow {
    /// Its newest path.
    pub path: String,
    /// 0 to 100.
    pub score: f64,
    /// Commits.
    pub revisions: u32,
    /// Lines added.
    pub added: u64,
    /// Lines deleted.
    pub deleted: u64,
    /// Cyclomatic complexity, where the source is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity: Option<u32>,
    /// Lines of code, where the source is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nloc: Option<u32>,
    /// Months since the last change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_months: Option<i32>,
    /// People.
    pub authors: usize,
    /// Of them with less than 5 % of the changed lines.
    pub minor_authors: usize,
    /// Who added the most lines.
    pub main_author: String,
    /// Their share of the added lines, in percent.
    pub ownership: f64,
    /// Largest share of the changed lines, in percent.
    pub experience: f64,
    /// 0 for one author, towards 1 for many.
    pub fragmentation: f64,
    /// Most files changed in one commit with it.
    pub max_change_set: usize,
}

/// A pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PairRow {
    /// One file.
    pub first: String,
    /// The other.
    pub second: String,
    /// Shared commits in percent of the mean.
    pub degree: u32,
    /// Shared commits.
    pub shared: u32,
    /// Mean revisions, rounded up.
    pub average_revisions: u32,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OwnerRow {
    /// Name.
    pub author: String,
    /// Files that this is the main author of.
    pub files: usize,
    /// Commits.
    pub commits: usize,
    /// Lines added.
    pub added: u64,
    /// Lines deleted.
    pub deleted: u64,
}

impl Tool for RankHotspots {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_bytes("/log", &input.log, MAX_LARGE_SOURCE_BYTES)?;
        check_files("/files", &input.files)?;
        if let Some(under) = &input.under {
            check_bytes("/under", under, MAX_PATH_BYTES)?;
        }
        let top = input.top.unwrap_or(DEFAULT_TOP);
        if !(1..=MAX_TOP).contains(&top) {
            return Err(ToolError::invalid("/top", "is out of range", format!("1 to {MAX_TOP}")));
        }
        let mut history = log::read(&input.log);
        if history.commits.iter().all(|commit| commit.changes.is_empty()) {
            let accepted = "the output of `git log --numstat`, with a line `added<TAB>deleted<TAB>path` for each file";
            return Err(ToolError::invalid("/log", "has no commit with numbers of lines", accepted));
        }
        if let Some(under) = &input.under {
            keep_under(&mut history, under);
        }
        let figures = measure::files(&history);
        let least = Least { revisions: MIN_REVISIONS, degree: MIN_DEGREE, change_set: MAX_CHANGE_SET };
        let pairs = measure::coupling(&history, least);
        let mut rows = rows(&history, &figures, &input.files);
        let findings = findings(&history, &rows, &pairs);
        let days = history.commits.iter().filter_map(|commit| commit.day);
        let data = Data {
            commits: history.commits.len(),
            authors: history.authors.len(),
            files: rows.len(),
            from: days.clone().min().map(Day::text),
            to: days.max().map(Day::text),
            bus_factor: measure::bus_factor(&figures),
            coupling: pairs.iter().take(top as usize).map(|pair| pair_row(&history, pair)).collect(),
            owners: owners(&history, &figures, top as usize),
            hotspots: {
                rows.truncate(top as usize);
                rows
            },
        };
        let summary = format!(
            "{} of {} by {}; bus factor {}{}",
            plural(data.commits, "commit"),
            plural(data.files, "file"),
            plural(data.authors, "author"),
            data.bus_factor,
            data.hotspots.first().map_or(String::new(), |row| format!("; hottest: {}", row.path))
        );
        Ok(Report::computed(summary, data).over_files(input.files.len().max(1)).with_findings(findings))
    }
}

// Changes of other paths are no part of what is asked about; commits without changes are none.
fn keep_under(history: &mut History, under: &str) {
    let under = under.trim_start_matches("./");
    let kept: Vec<bool> = history.paths.iter().map(|path| path.starts_with(under)).collect();
    for commit in &mut history.commits {
        commit.changes.retain(|change| kept.get(change.file).copied().unwrap_or(false));
    }
    history.commits.retain(|commit| !commit.changes.is_empty());
}

fn two_digits(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn rows(history: &History, figures: &[FileFigures], sources: &[SourceFile]) -> Vec<FileRow> {
    let newest = history.commits.iter().filter_map(|commit| commit.day).max();
    let budget = Budget::default();
    let measured: BTreeMap<&str, (u32, u32)> = sources
        .iter()
        .filter_map(|file| Some((file.path.trim_start_matches("./"), figures_of(&file.path, &file.source, &budget)?)))
        .map(|(path, own)| (path, (own.cyclomatic, own.nloc)))
        .collect();
    let most_revised = f64::from(figures.iter().map(|own| own.revisions).max().unwrap_or(1).max(1));
    let most_complex = f64::from(measured.values().map(|(complexity, _)| *complexity).max().unwrap_or(1).max(1));
    let mut rows: Vec<FileRow> = history
        .paths
        .iter()
        .zip(figures)
        .filter(|(_, own)| own.revisions > 0)
        .map(|(path, own)| {
            let known = measured.get(path.as_str()).copied();
            // Where some sources are given, a file without one is taken for simple, such as a text.
            let weight = match known {
                Some((complexity, _)) => f64::from(complexity) / most_complex,
                None if measured.is_empty() => 1.0,
                None => 0.0,
            };
            let (author, ownership) = own.main_author().unwrap_or_default();
            FileRow {
                path: path.clone(),
                score: two_digits(f64::from(own.revisions) / most_revised * weight * 100.0),
                revisions: own.revisions,
                added: own.added,
                deleted: own.deleted,
                complexity: known.map(|(complexity, _)| complexity),
                nloc: known.map(|(_, nloc)| nloc),
                age_months: newest.zip(own.last).map(|(newest, last)| newest.months_since(last)),
                authors: own.authors.len(),
                minor_authors: own.minor(),
                main_author: history.authors.get(author).cloned().unwrap_or_default(),
                ownership: two_digits(ownership * 100.0),
                experience: two_digits(own.experience() * 100.0),
                fragmentation: two_digits(own.fragmentation()),
                max_change_set: own.change_set.0,
            }
        })
        .collect();
    rows.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then_with(|| other.revisions.cmp(&one.revisions))
            .then_with(|| (other.added + other.deleted).cmp(&(one.added + one.deleted)))
            .then_with(|| one.path.cmp(&other.path))
    });
    rows
}

fn pair_row(history: &History, pair: &Pair) -> PairRow {
    let path = |file: usize| history.paths.get(file).cloned().unwrap_or_default();
    let mut names = [path(pair.first), path(pair.second)];
    names.sort();
    let [first, second] = names;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of counts of commits")]
    let average_revisions = pair.average.ceil() as u32;
    PairRow { first, second, degree: pair.degree, shared: pair.shared, average_revisions }
}

fn owners(history: &History, figures: &[FileFigures], top: usize) -> Vec<OwnerRow> {
    let mut rows: Vec<OwnerRow> = history
        .authors
        .iter()
        .map(|author| OwnerRow { author: author.clone(), files: 0, commits: 0, added: 0, deleted: 0 })
        .collect();
    for (author, _) in figures.iter().filter_map(FileFigures::main_author) {
        rows.get_mut(author).into_iter().for_each(|row| row.files += 1);
    }
    for commit in &history.commits {
        let Some(row) = rows.get_mut(commit.author) else { continue };
        row.commits += 1;
        row.added += commit.changes.iter().map(|change| change.added).sum::<u64>();
        row.deleted += commit.changes.iter().map(|change| change.deleted).sum::<u64>();
    }
    rows.retain(|row| row.commits > 0);
    rows.sort_by(|one, other| (other.files, other.added, &one.author).cmp(&(one.files, one.added, &other.author)));
    rows.truncate(top);
    rows
}

fn findings(history: &History, rows: &[FileRow], pairs: &[Pair]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows {
        if let Some(complexity) = row.complexity.filter(|_| row.score >= HOT_SCORE && row.revisions >= MIN_REVISIONS) {
            let message = format!("changed in {} commits, with a cyclomatic complexity of {complexity}", row.revisions);
            findings.push(Finding::new(&HOTSPOT, message).in_file(&row.path));
        }
        if row.revisions >= OFTEN && row.authors == 1 && history.authors.len() > 1 {
            let message = format!("all {} changes are by one of {} people", row.revisions, history.authors.len());
            findings.push(Finding::new(&OWNER, message).in_file(&row.path));
        }
        if row.revisions >= OFTEN && row.minor_authors >= MANY_MINOR && row.experience < 50.0 {
            let message = format!(
                "{} of {} authors have less than 5% of the changed lines, none has half",
                row.minor_authors, row.authors
            );
            findings.push(Finding::new(&DIFFUSE, message).in_file(&row.path));
        }
    }
    for pair in pairs.iter().filter(|pair| pair.degree >= STRONG_DEGREE) {
        let row = pair_row(history, pair);
        if is_test_of(&row.first, &row.second) {
            continue;
        }
        let message = format!("changes together with {} in {} commits, {}%", row.second, row.shared, row.degree);
        findings.push(Finding::new(&COUPLING, message).in_file(row.first));
    }
    findings
}

// Whether one of two files is named like the test of the other.
fn is_test_of(one: &str, other: &str) -> bool {
    let stem = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let stem = name.split('.').next().unwrap_or_default().to_owned();
        ["test_", "_test", "test", "_spec", "spec", "tests"].iter().fold(stem, |stem, word| {
            stem.strip_prefix(word).or_else(|| stem.strip_suffix(word)).map_or(stem.clone(), str::to_owned)
        })
    };
    let is_test = |path: &str| path.to_lowercase().contains("test") || path.to_lowercase().contains("spec");
    is_test(one) != is_test(other) && stem(one) == stem(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_at_their_edges() {
        let run = |top: u32, length: usize| {
            let log = "--a1b2c3--2026-01-01--A\n1\t1\tx\n";
            let log = format!("{log}{}", " ".repeat(length.saturating_sub(log.len())));
            RankHotspots.run(Input { log, top: Some(top), ..Input::default() }, &Ctx::silent()).is_ok()
        };
        assert!(run(1, 0) && run(MAX_TOP, 0) && !run(0, 0) && !run(MAX_TOP + 1, 0));
        assert!(run(1, MAX_LARGE_SOURCE_BYTES) && !run(1, MAX_LARGE_SOURCE_BYTES + 1));
    }

    #[test]
    fn tests_are_known_by_their_names() {
        assert!(
            is_test_of("src/a.py", "tests/test_a.py")
                && is_test_of("a.spec.ts", "src/a.ts")
                && is_test_of("A.java", "ATest.java")
        );
        assert!(!is_test_of("src/a.py", "src/b.py") && !is_test_of("test_a.py", "test_b.py"));
    }
}
