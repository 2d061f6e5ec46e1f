//! Plans mutation testing: mutants as edits, without those that no test can tell, and the score of a report.
//!
//! Owns arguments, coverage, sampling and the report. [`ecma`] and [`python`] make mutants, [`regex`] those of regular expressions,
//! [`mutant`] is one, [`score`] reads reports.

mod ecma;
mod mutant;
mod python;
mod regex;
mod rules;
mod score;

pub use score::Score;

use super::analyze_coverage::{Covered, Files, Finder, covered};
use super::measure_complexity::longest;
use crate::support::ecma::with_program;
use crate::support::language::{self, Engine, Language};
use crate::support::walk::Budget;
use crate::support::{Outcome, walk};
use mutant::Mutant;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Range, Report, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

declare_tool! {
    /// Plans mutation testing: which small changes of the sources a good test suite must notice, each as an edit to apply, test and
    /// take back. Scores the report of a run.
    ///
    /// **Use it** to judge tests beyond coverage: apply a mutant, run the tests, take it back; each that no test notices
    /// shows a missing assertion.
    ///
    /// **Operators** are Stryker's for JavaScript and TypeScript, JSX too, and mutmut's for Python, within functions and methods. Their
    /// comments are obeyed: `// Stryker disable`, `# pragma: no mutate`.
    ///
    /// **Left out.** Changes that come to the same text, and those that no test can tell: `a * 1` as `a / 1`, code behind a
    /// jump, a `break` that ends a switch, bare strings. With a coverage report (any that `quality_analyze_coverage` reads), mutants of
    /// lines that never ran: they survive for sure.
    ///
    /// **Sampling** takes mutants by a hash of what they change: the same ones on every call, and mostly the same after an edit elsewhere.
    ///
    /// **Report**: JSON of the mutation-testing-elements schema. Survivors become findings.
    pub struct PlanMutations;
    name: "plan_mutations",
    title: "Mutation test plan",
    summary: "Lists mutants of JS/TS or Python, or scores a mutation report.",
    keywords: "mutation testing mutant stryker mutmut pitest infection survivors killed test quality strength assertions weak tests mutation score mutation.json operators equivalent",
    examples: [
        "plan" => r#"{"files":[{"path":"a.js","source":"export const fee = (days) => {\n  if (days > 3) return days * 2;\n  return 0;\n};\n"}]}"#,
        "score" => r#"{"report":"{\"files\":{\"a.js\":{\"mutants\":[{\"mutatorName\":\"EqualityOperator\",\"replacement\":\"days >= 3\",\"location\":{\"start\":{\"line\":2,\"column\":7},\"end\":{\"line\":2,\"column\":15}},\"status\":\"Survived\"},{\"status\":\"Killed\"}]}}}"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "whether tests notice the mutants: run them",
        "whether a mutant compiles with types, and equivalence beyond simple rules",
        "languages other than JavaScript, TypeScript and Python",
    ],
}

/// Mutants listed unless a number is given.
pub const DEFAULT_MUTANTS: u32 = 100;
/// Most mutants that are listed.
pub const MAX_MUTANTS: u32 = 5_000;
/// Longest report, in bytes.
pub const MAX_REPORT_BYTES: usize = MAX_SOURCE_BYTES;
/// Most survivors that become findings.
pub const MAX_SURVIVORS: usize = 500;
/// Longest replacement that a finding repeats, in characters.
const MAX_SHOWN_CHARS: usize = 60;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// To mutate.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Report; skips lines never run.
    #[serde(default)]
    coverage: Option<String>,
    /// Default 100.
    #[serde(default)]
    max: Option<u32>,
    /// To score.
    #[serde(default)]
    report: Option<String>,
}

/// The plan, and the score.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// How many mutants there are before sampling.
    pub count: usize,
    /// How many were left out, by reason.
    pub left_out: LeftOut,
    /// How many there are of each operator, before sampling.
    pub operators: BTreeMap<&'static str, usize>,
    /// The mutants, by file and place.
    pub mutants: Vec<MutantRow>,
    /// The score of the report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// The score of each file of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, Score>,
}

/// What is not among the mutants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct LeftOut {
    /// No test can tell them.
    pub equivalent: usize,
    /// Another comes to the same text.
    pub duplicate: usize,
    /// No test runs their line.
    pub uncovered: usize,
    /// By sampling.
    pub sampled: usize,
}

/// A mutant.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct MutantRow {
    /// The same as long as what it changes is.
    pub id: String,
    /// The file.
    pub path: String,
    /// What is replaced.
    pub range: Range,
    /// What takes its place.
    pub new_text: String,
    /// The operator.
    pub operator: &'static str,
}

impl Tool for PlanMutations {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        let max = input.max.unwrap_or(DEFAULT_MUTANTS);
        if !(1..=MAX_MUTANTS).contains(&max) {
            return Err(ToolError::invalid("/max", "is out of range", format!("1 to {MAX_MUTANTS}")));
        }
        if input.files.is_empty() && input.report.is_none() {
            return Err(ToolError::invalid(
                "/files",
                "is empty, and there is no report",
                "sources, or a `report` to score",
            ));
        }
        let mut plan = Plan {
            data: Data::default(),
            findings: Vec::new(),
            found: Vec::new(),
            left_out: BTreeSet::new(),
            budget: Budget::default(),
        };
        if let Some(text) = &input.report {
            check_bytes("/report", text, MAX_REPORT_BYTES)?;
            let wrong = |what| ToolError::invalid("/report", what, "JSON of the mutation-testing-elements schema");
            plan.score(score::read(text).map_err(wrong)?);
        }
        let covered = input.coverage.as_deref().map(covered_files).transpose()?;
        let finder = covered.as_ref().map(Finder::new);
        let mut read = 0;
        for (at, file) in input.files.iter().enumerate() {
            read += usize::from(plan.file(at, file, finder.as_ref()));
        }
        if read == 0 && !input.files.is_empty() && plan.findings.is_empty() && plan.data.left_out == LeftOut::default()
        {
            let accepted = "JavaScript, TypeScript or Python, by the file's name";
            return Err(ToolError::invalid("/files", "has no file that is mutated", accepted));
        }
        plan.sample(&input.files, max as usize);
        Ok(plan.report(input.files.len()))
    }
}

fn covered_files(report: &str) -> Result<Files, ToolError> {
    check_bytes("/coverage", report, MAX_SOURCE_BYTES)?;
    covered(report).map_err(|(line, what)| {
        let problem = format!("{what}, at line {line}");
        ToolError::invalid("/coverage", problem, "a report that `quality_analyze_coverage` reads")
    })
}

// A mutant with its file, before sampling.
struct Found {
    file: usize,
    mutant: Mutant,
    hash: u64,
}

struct Plan {
    data: Data,
    findings: Vec<Finding>,
    found: Vec<Found>,
    left_out: BTreeSet<String>,
    budget: Budget,
}

impl Plan {
    // Whether it is mutated.
    fn file(&mut self, at: usize, file: &SourceFile, covered: Option<&Finder<'_>>) -> bool {
        let Some(language) = Language::of_path(&file.path) else {
            self.left_out.insert(format!("{}: {}", file.path, language::ACCEPTED));
            return false;
        };
        let source = file.source.as_str();
        let made = if source.len() > longest(language) {
            Err(Outcome::Unreadable(0))
        } else {
            match language.engine() {
                Engine::Oxc(kind) => with_program(kind, source, |program| ecma::mutants(program, source)),
                Engine::TreeSitter(table) if language == Language::Python => walk::tree(table, source, &self.budget)
                    .map(|tree| match broken(&tree) {
                        None => (Outcome::Clean, python::mutants(&tree, source)),
                        Some(at) => (Outcome::Broken(at), (Vec::new(), 0)),
                    }),
                Engine::TreeSitter(_) => {
                    self.left_out.insert(format!("{} files", language.name()));
                    return false;
                }
            }
        };
        let (made, equivalent) = match made {
            Ok((Outcome::Clean, made)) => made,
            Ok((Outcome::Broken(at) | Outcome::TooDeep(at) | Outcome::Unreadable(at), _))
            | Err(Outcome::Broken(at) | Outcome::TooDeep(at) | Outcome::Unreadable(at)) => {
                let place = LineIndex::new(source).range(at..at);
                let finding = Finding::new(&rules::UNREAD, "the file does not parse here, or is too long or deep");
                self.findings.push(finding.in_file(&file.path).at(place));
                return false;
            }
            Err(Outcome::Clean) => return false,
        };
        self.data.left_out.equivalent += equivalent;
        let runs = covered.map(|files| files.find(&file.path).map(|(_, file)| file));
        let lines = LineIndex::new(source);
        let mut seen = BTreeSet::new();
        let mut same: BTreeMap<u64, u64> = BTreeMap::new();
        for mutant in made {
            let least = mutant.least(source);
            if least.0.is_empty() && least.1.is_empty() {
                self.data.left_out.equivalent += 1;
            } else if !seen.insert((least.0.start, least.0.end, least.1)) {
                self.data.left_out.duplicate += 1;
            } else if runs.is_some_and(|file| !ran(file, lines.position(mutant.at).line)) {
                self.data.left_out.uncovered += 1;
            } else {
                let line = lines.line_text(lines.position(mutant.at).line).trim();
                let old = source.get(mutant.span.clone()).unwrap_or_default();
                let mut hash = hashed([file.path.as_str(), mutant.operator, line, old, &mutant.text]);
                // The next of the same kind is another.
                let nth = same.entry(hash).or_default();
                hash = mixed(hash.wrapping_add(*nth));
                *nth += 1;
                *self.data.operators.entry(mutant.operator).or_default() += 1;
                self.found.push(Found { file: at, mutant, hash });
            }
        }
        true
    }

    fn sample(&mut self, files: &[SourceFile], max: usize) {
        self.data.count = self.found.len();
        let mut chosen = std::mem::take(&mut self.found);
        chosen.sort_by_key(|one| (one.hash, one.file, one.mutant.span.start));
        self.data.left_out.sampled = chosen.len().saturating_sub(max);
        chosen.truncate(max);
        chosen.sort_by(|one, other| {
            let key = |one: &Found| (one.file, one.mutant.span.start, one.mutant.span.end);
            key(one).cmp(&key(other)).then_with(|| one.mutant.text.cmp(&other.mutant.text))
        });
        let mut lines: Option<(usize, LineIndex<'_>)> = None;
        for one in chosen {
            let Some(file) = files.get(one.file) else { continue };
            if lines.as_ref().is_none_or(|(at, _)| *at != one.file) {
                lines = Some((one.file, LineIndex::new(&file.source)));
            }
            let Some((_, index)) = &lines else { continue };
            self.data.mutants.push(MutantRow {
                id: format!("{:08x}", one.hash >> 32),
                path: file.path.clone(),
                range: index.range(one.mutant.span),
                new_text: one.mutant.text,
                operator: one.mutant.operator,
            });
        }
    }

    fn score(&mut self, scored: score::Scored) {
        if let (Some(least), Some(score)) = (scored.least, scored.total.score)
            && score < least
        {
            self.findings.push(Finding::new(&rules::BELOW, format!("the score is {score}%, {least}% are asked for")));
        }
        let count = scored.missed.len();
        for missed in scored.missed.into_iter().take(MAX_SURVIVORS) {
            let rule = if missed.covered { &rules::SURVIVED } else { &rules::NO_COVERAGE };
            let shown = |text: &String| excerpt(text).chars().take(MAX_SHOWN_CHARS).collect::<String>();
            let by = missed.replacement.as_ref().map_or(String::new(), |text| format!(" by `{}`", shown(text)));
            let what = if missed.covered { "no test notices" } else { "no test runs" };
            let message = format!("{what} {}{by}", excerpt(&missed.operator));
            self.findings.push(Finding::new(rule, message).in_file(missed.path).at(missed.range));
        }
        if count > MAX_SURVIVORS {
            self.left_out.insert(format!("{} survivors more", count - MAX_SURVIVORS));
        }
        self.data.score = Some(scored.total);
        self.data.files = scored.files.into_iter().collect();
    }

    fn report(self, files: usize) -> Report<Data> {
        let Self { data, findings, left_out, .. } = self;
        let mut summary = String::new();
        if files > 0 || data.score.is_none() {
            let _ = write!(summary, "{} in {}", plural(data.count, "mutant"), plural(files, "file"));
            if data.left_out.sampled > 0 {
                let _ = write!(summary, ", {} of them listed", data.mutants.len());
            }
        }
        if let Some(score) = data.score {
            let dot = if summary.is_empty() { "" } else { "; " };
            let shown = score.score.map_or("without a score".to_owned(), |score| format!("{score}% noticed"));
            let _ = write!(summary, "{dot}report: {shown}, {} survived", score.survived);
        }
        let mut report = Report::checked(findings, data).with_summary(summary).over_files(files.max(1));
        for what in left_out.into_iter().take(20) {
            report = report.not_checked(what);
        }
        report
    }
}

fn broken(tree: &tree_sitter::Tree) -> Option<usize> {
    if !tree.root_node().has_error() {
        return None;
    }
    let mut first = None;
    walk::every_node(tree, |node| {
        if first.is_none() && (node.is_error() || node.is_missing()) {
            first = Some(node.start_byte());
        }
        first.is_none()
    });
    Some(first.unwrap_or(0))
}

// Whether tests ran the statement of a line; a report names the line on which a statement begins.
fn ran(file: Option<&Covered>, line: u32) -> bool {
    file.is_some_and(|file| file.lines.range(..=line).next_back().is_none_or(|(_, hits)| *hits > 0))
}

// FNV-1a, then mixed: the same on every machine.
fn hashed<'t>(parts: impl IntoIterator<Item = &'t str>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    mixed(hash)
}

const fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
