//! `measure_code`: radon's and interrogate's figures, and cognitive complexity, for Python.
//!
//! Owns the table, the limits and the ranks; each measure has a file of its own, named after it.

mod cognitive;
mod coverage;
mod cyclomatic;
mod halstead;
mod lines;
mod rules;

use crate::support::files::{Named, PythonFiles, python_files};
use crate::support::module::{self, INVALID_SYNTAX, MAX_FILE_BYTES, TOO_DEEP};
use cyclomatic::{Block, Node};
use halstead::Halstead;
use lines::Lines;
use octavo_toolkit::limits::{check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::work::{Steps, in_one_go};
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use ruff_python_ast::PySourceType;
use ruff_text_size::{Ranged as _, TextRange};
use serde::{Deserialize, Serialize};
use std::path::Path;

declare_tool! {
    /// Measures Python exactly as radon 6.0.1 does (cyclomatic complexity with ranks, Halstead, maintainability index, kinds
    /// of lines), docstring coverage as interrogate 1.7.0 counts it, annotation coverage, and cognitive complexity.
    ///
    /// Use it where radon's own figures are expected: to hold a limit, to rank a project's files, or to compare two
    /// versions. For several languages at once there is `quality_measure_complexity`, whose figures are lizard's.
    ///
    /// Blocks are functions, methods and classes. A class's complexity is radon's mean over its methods. What stands in a
    /// function, and classes in classes, are listed with `inner: true`; radon leaves them out by default. A rank is radon's: A to F
    /// for complexity (A to 5, B to 10, C to 20, D to 30, E to 40), A to C for maintainability (A above 19, B above 9).
    ///
    /// A finding is a figure past its limit. Limits by default: `cyclomatic=10`, `cognitive=15`, `maintainability=19` (not
    /// more than 19 is found); `docstrings` and `annotations` (percent of a file) have none unless given.
    ///
    /// Limits: 1 MiB a file, 2,000 files. A file that does not parse is a finding and has no figures.
    pub struct MeasureCode;
    name: "measure_code",
    title: "Measure Python code",
    summary: "Measures Python as radon and interrogate do: cyclomatic ranks, Halstead, maintainability index, line counts, docstring and annotation coverage.",
    keywords: "radon cc mi hal raw interrogate mccabe complexipy cognitive complexity maintainability index halstead volume sloc lloc loc docstrings documented annotated type hints coverage rank grade A F metrics refactor worst functions xenon wily",
    examples: [
        "a function over a limit" => r#"{"source":"def f(a, b: int):\n    if a and b or a > b:\n        return [x for x in a if x]\n    return b\n","limits":["cyclomatic=5","docstrings=50"]}"#,
        "a class in a file" => r#"{"filename":"shop.py","source":"\"\"\"A shop.\"\"\"\n\n\nclass Shop:\n    \"\"\"Sells.\"\"\"\n\n    def sell(self, item: str) -> bool:\n        return item in self.stock and self.open\n"}"#,
    ],
    rules: &[
        rules::CYCLOMATIC,
        rules::COGNITIVE,
        rules::MAINTAINABILITY,
        rules::DOCSTRINGS,
        rules::ANNOTATIONS,
        INVALID_SYNTAX,
        TOO_DEEP,
    ],
    not_checked: ["notebooks", "radon's --no-assert and interrogate's --ignore options"],
}

/// Default limit of cyclomatic complexity: radon's rank B ends there.
const DEFAULT_CYCLOMATIC: f64 = 10.0;
/// Default limit of cognitive complexity: `SonarQube`'s own.
const DEFAULT_COGNITIVE: f64 = 15.0;
/// Default limit of maintainability: radon's rank B ends there.
const DEFAULT_MAINTAINABILITY: f64 = 19.0;
/// Blocks listed when the caller names no number: about 5,000 tokens of result.
const DEFAULT_TOP: u32 = 50;
/// Most blocks a caller may ask for.
const MAX_TOP: u32 = 10_000;
/// Most limits of a call: one a measure.
const MAX_LIMITS: usize = 5;

/// Files and limits.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// One file.
    #[serde(default)]
    source: Option<String>,
    /// Its path.
    #[serde(default)]
    filename: Option<String>,
    /// Or a project's files.
    #[serde(default)]
    files: Option<Vec<SourceFile>>,
    /// Such as cyclomatic=10: also cognitive (15), maintainability (19), docstrings, annotations (percent).
    #[serde(default)]
    limits: Vec<String>,
    /// Blocks listed, most complex first chosen; default 50.
    #[serde(default)]
    top: Option<u32>,
}

/// The figures.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// One row a file, in the order given.
    files: Vec<FileRow>,
    /// One row a block, by file and place.
    blocks: Vec<BlockRow>,
    /// Blocks left out, all no more complex than those listed.
    unlisted: usize,
}

/// A file's figures.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct FileRow {
    /// Its path.
    path: String,
    /// Lines by kind.
    lines: Lines,
    /// Paths of the whole file.
    cyclomatic: u32,
    /// Mean over its blocks, two decimals.
    mean_cyclomatic: f64,
    /// What stands outside of functions.
    cognitive: u32,
    /// 0 to 100, two decimals.
    maintainability: f64,
    /// A to C.
    maintainability_rank: char,
    /// Of the whole file.
    halstead: Halstead,
    /// Definitions with a docstring.
    documented: usize,
    /// The module, its classes, functions and methods.
    definitions: usize,
    /// Annotated parameters and results.
    annotated: usize,
    /// All parameters and results.
    annotatable: usize,
}

/// A block's figures.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct BlockRow {
    /// Index of its file in `files`.
    file: usize,
    /// Name, after those it stands in.
    name: String,
    /// function, method or class.
    kind: &'static str,
    /// Line of `def` or `class`.
    line: u32,
    /// Its last line.
    end_line: u32,
    /// Cyclomatic complexity.
    cyclomatic: u32,
    /// A to F.
    rank: char,
    /// Cognitive complexity; absent of classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    cognitive: Option<u32>,
    /// Halstead's measures; absent of classes and where there is no operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    halstead: Option<Halstead>,
    /// Whether it stands in a function, or in a class in a class.
    #[serde(skip_serializing_if = "is_false")]
    inner: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Tool for MeasureCode {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        in_one_go(&mut *self.steps(input)?, ctx)
    }

    fn steps(&self, input: Input) -> Result<Box<dyn Steps<Data>>, ToolError> {
        let limits = Limits::read(&input.limits)?;
        let top = input.top.unwrap_or(DEFAULT_TOP);
        if top > MAX_TOP {
            return Err(ToolError::invalid("/top", "is out of range", format!("a whole number from 0 to {MAX_TOP}")));
        }
        let PythonFiles { named, files, left_out } =
            python_files(input.source, input.filename, input.files, MAX_FILE_BYTES)?;
        let (data, findings) = (Data::default(), Vec::new());
        Ok(Box::new(Measuring { limits, top, named, files, left_out, next: 0, data, findings }))
    }
}

// A call at work: one file a step.
struct Measuring {
    limits: Limits,
    top: u32,
    named: Named,
    files: Vec<SourceFile>,
    left_out: Option<String>,
    next: usize,
    data: Data,
    findings: Vec<Finding>,
}

impl Steps<Data> for Measuring {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<Data>>, ToolError> {
        let Some(file) = self.files.get(self.next) else { return Ok(Some(self.report())) };
        let found = measure(file, &self.limits, &mut self.data);
        let path = self.named.is_shown().then(|| file.path.clone());
        self.findings.extend(found.into_iter().map(|finding| Finding { path: path.clone(), ..finding }));
        self.next += 1;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        ctx.progress(count(self.next), count(self.files.len()), "files measured");
        Ok(None)
    }
}

impl Measuring {
    fn report(&mut self) -> Report<Data> {
        let mut data = std::mem::take(&mut self.data);
        let findings = std::mem::take(&mut self.findings);
        let summary = format!(
            "{} in {}, {}",
            plural(data.blocks.len(), "block"),
            plural(data.files.len(), "file"),
            plural(findings.len(), "finding")
        );
        keep_most_complex(&mut data, self.top as usize);
        let report = Report::checked(findings, data).over_files(self.files.len()).with_summary(summary);
        match self.left_out.take() {
            Some(left_out) => report.not_checked(left_out),
            None => report,
        }
    }
}

fn keep_most_complex(data: &mut Data, top: usize) {
    if data.blocks.len() <= top {
        return;
    }
    let mut order: Vec<usize> = (0..data.blocks.len()).collect();
    let weight = |at: usize| data.blocks.get(at).map_or(0, |block| block.cyclomatic);
    order.sort_by_key(|at| (std::cmp::Reverse(weight(*at)), *at));
    let kept: std::collections::BTreeSet<usize> = order.into_iter().take(top).collect();
    data.unlisted = data.blocks.len() - kept.len();
    let mut at = 0;
    data.blocks.retain(|_| {
        at += 1;
        kept.contains(&(at - 1))
    });
}

/// Limits of a call.
struct Limits {
    cyclomatic: f64,
    cognitive: f64,
    maintainability: f64,
    docstrings: Option<f64>,
    annotations: Option<f64>,
}

impl Limits {
    // Each item is a measure and its limit: `cyclomatic=10`.
    fn read(given: &[String]) -> Result<Self, ToolError> {
        check_items("/limits", given, MAX_LIMITS)?;
        let mut limits = Self {
            cyclomatic: DEFAULT_CYCLOMATIC,
            cognitive: DEFAULT_COGNITIVE,
            maintainability: DEFAULT_MAINTAINABILITY,
            docstrings: None,
            annotations: None,
        };
        for (at, text) in given.iter().enumerate() {
            let invalid = |problem: &str| {
                let accepted = "cyclomatic, cognitive, maintainability, docstrings or annotations with a number that is not \
                                negative, such as \"cyclomatic=10\"";
                ToolError::invalid(format!("/limits/{at}"), problem, accepted)
            };
            let (measure, number) = text.split_once('=').ok_or_else(|| invalid("is no measure with a limit"))?;
            let number: f64 = number.trim().parse().map_err(|_| invalid("has a limit that is no number"))?;
            if !number.is_finite() || number < 0.0 {
                return Err(invalid("has a limit that is negative or no number"));
            }
            match measure.trim() {
                "cyclomatic" => limits.cyclomatic = number,
                "cognitive" => limits.cognitive = number,
                "maintainability" => limits.maintainability = number,
                "docstrings" => limits.docstrings = Some(number),
                "annotations" => limits.annotations = Some(number),
                _ => return Err(invalid("names no measure that has a limit")),
            }
        }
        Ok(limits)
    }
}

// Measures one file: its rows go to `data`, its findings back.
fn measure(file: &SourceFile, limits: &Limits, data: &mut Data) -> Vec<Finding> {
    let source = file.source.as_str();
    let kind = PySourceType::from(Path::new(&file.path));
    let parsed = match module::parse(source, kind) {
        Ok(parsed) => parsed,
        Err(unread) => return unread,
    };
    let body = parsed.suite();
    let index = LineIndex::new(source);
    let measured = cyclomatic::measure(body);
    let lines = lines::count(source, &parsed);
    let halstead = halstead::of_module(body, source).measures();
    let covered = coverage::measure(body);
    let maintainability = maintainability(halstead.volume, measured.total, &lines);
    let at = data.files.len();
    let mut findings = Vec::new();
    let mut listed = (0, 0);
    for block in &measured.blocks {
        let row = row_of(block, at, source, &index);
        if !block.inner {
            listed = (listed.0 + 1, listed.1 + row.cyclomatic);
        }
        findings.extend(over(&row, block, limits, &index));
        data.blocks.push(row);
    }
    if maintainability <= limits.maintainability {
        let message =
            format!("maintainability index {}, not above {}", rounded(maintainability), limits.maintainability);
        findings.push(Finding::new(&rules::MAINTAINABILITY, message));
    }
    let definitions = covered.documented + covered.undocumented.len();
    if let Some(limit) = limits.docstrings.filter(|limit| percent(covered.documented, definitions) < *limit) {
        let names: Vec<String> = covered.undocumented.iter().take(5).map(|(name, _)| excerpt(name)).collect();
        let more = covered.undocumented.len() - names.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let share = rounded(percent(covered.documented, definitions));
        let message = format!("{share} % documented, {limit} % asked; not: {}{more}", names.join(", "));
        let place = covered.undocumented.iter().find_map(|(_, place)| *place);
        findings.push(placed(Finding::new(&rules::DOCSTRINGS, message), place, &index));
    }
    if let Some(limit) = limits.annotations.filter(|limit| percent(covered.annotated, covered.annotatable) < *limit) {
        let (part, whole) = (covered.annotated, covered.annotatable);
        let message = format!("{} % annotated ({part} of {whole}), {limit} % asked", rounded(percent(part, whole)));
        findings.push(Finding::new(&rules::ANNOTATIONS, message));
    }
    data.files.push(FileRow {
        path: file.path.clone(),
        lines,
        cyclomatic: measured.total,
        mean_cyclomatic: if listed.0 == 0 { 0.0 } else { rounded(f64::from(listed.1) / f64::from(listed.0)) },
        cognitive: cognitive::of_module(body),
        maintainability: rounded(maintainability),
        maintainability_rank: maintainability_rank(maintainability),
        halstead: halstead.rounded(),
        documented: covered.documented,
        definitions,
        annotated: covered.annotated,
        annotatable: covered.annotatable,
    });
    findings
}

fn row_of(block: &Block<'_>, file: usize, source: &str, index: &LineIndex<'_>) -> BlockRow {
    let (name, kind, range, figures) = match block.node {
        Node::Function { definition, in_class } => {
            let figures =
                (cognitive::of_function(definition), halstead::of_function(definition, source).measures().rounded());
            let kind = if in_class { "method" } else { "function" };
            (&definition.name, kind, definition.range(), Some(figures))
        }
        Node::Class(definition) => (&definition.name, "class", definition.range(), None),
    };
    let parts: Vec<&str> = block.within.iter().copied().chain([name.as_str()]).collect();
    BlockRow {
        file,
        name: parts.join("."),
        kind,
        line: index.position(name.range().start().to_usize()).line,
        end_line: index.position(range.end().to_usize()).line,
        cyclomatic: block.complexity,
        rank: rank(block.complexity),
        cognitive: figures.map(|(cognitive, _)| cognitive),
        halstead: figures.map(|(_, halstead)| halstead).filter(|halstead| halstead.operators > 0),
        inner: block.inner,
    }
}

fn over(row: &BlockRow, block: &Block<'_>, limits: &Limits, index: &LineIndex<'_>) -> Vec<Finding> {
    let place = match block.node {
        Node::Function { definition, .. } => definition.name.range(),
        Node::Class(definition) => definition.name.range(),
    };
    let name = excerpt(&row.name);
    let finding = |rule: &Rule, what: &str, figure: u32, limit: f64, rank: &str| {
        let message = format!("`{name}` has {what} complexity {figure}{rank}, more than {limit}");
        (f64::from(figure) > limit).then(|| placed(Finding::new(rule, message), Some(place), index))
    };
    let rank = format!(" (rank {})", row.rank);
    let cyclomatic = finding(&rules::CYCLOMATIC, "cyclomatic", row.cyclomatic, limits.cyclomatic, &rank);
    let cognitive =
        row.cognitive.and_then(|figure| finding(&rules::COGNITIVE, "cognitive", figure, limits.cognitive, ""));
    cyclomatic.into_iter().chain(cognitive).collect()
}

fn placed(finding: Finding, place: Option<TextRange>, index: &LineIndex<'_>) -> Finding {
    match place {
        Some(place) => finding.at(index.range(place.start().to_usize()..place.end().to_usize())),
        None => finding,
    }
}

// As radon's `mi_compute`: logical lines, and the share of comments and multi-line strings among lines of code.
#[expect(clippy::cast_precision_loss, reason = "counts of a file of at most 1 MiB")]
fn maintainability(volume: f64, cyclomatic: u32, lines: &Lines) -> f64 {
    if volume <= 0.0 || lines.lloc == 0 {
        return 100.0;
    }
    let comments = percent(lines.comments + lines.multi, lines.sloc);
    let comments = if lines.sloc == 0 { 0.0 } else { comments };
    let index = 171.0 - 5.2 * volume.ln() - 0.23 * f64::from(cyclomatic) - 16.2 * (lines.lloc as f64).ln()
        + 50.0 * (2.46 * comments.to_radians()).sqrt().sin();
    (index * 100.0 / 171.0).clamp(0.0, 100.0)
}

// Of nothing, everything.
#[expect(clippy::cast_precision_loss, reason = "counts of a file of at most 1 MiB")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { part as f64 / whole as f64 * 100.0 }
}

fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

const fn rank(complexity: u32) -> char {
    match complexity {
        0..=5 => 'A',
        6..=10 => 'B',
        11..=20 => 'C',
        21..=30 => 'D',
        31..=40 => 'E',
        _ => 'F',
    }
}

fn maintainability_rank(index: f64) -> char {
    if index > 19.0 {
        'A'
    } else if index > 9.0 {
        'B'
    } else {
        'C'
    }
}
