//! Measures the complexity of functions in eight languages and compares it with the caller's limits.
//!
//! Owns the arguments, the limits, the table of functions and the findings. [`meter`] owns the counting, which is the same
//! for every language; what differs between languages stands in `support`.

mod halstead;
mod meter;
mod rules;

pub use halstead::Halstead;

use crate::support::language::{ACCEPTED, Engine, Language};
use crate::support::walk::Budget;
use crate::support::{self, Outcome};
use meter::{Measured, Meter, Rules};
use octavo_toolkit::input::{MAX_PATH_BYTES, check_files};
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::work::{Steps, in_one_go};
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use rules::{COGNITIVE, CYCLOMATIC, LINES, NESTING, PARAMETERS, SYNTAX, TOO_DEEP};
use serde::{Deserialize, Serialize};

declare_tool! {
    /// Measures every function of the sources: cyclomatic complexity, cognitive complexity, Halstead's measures, the
    /// maintainability index, lines of code, parameters and nesting, and adds them up by file.
    ///
    /// **Use it** to find the functions to simplify first, to hold a limit in review, or to compare two versions.
    ///
    /// **How it counts.** *Cyclomatic* is one plus each `if`, loop, `case`, handler, conditional expression and logical
    /// operator of the function itself; Python adds comprehension parts and `finally`, Rust `?` and each match arm but the
    /// first, C `#if`, JavaScript `??` and default values. *Cognitive* follows `SonarSource`: structures count one
    /// plus their nesting, `else`, jumps to labels, and changes of logical operator count one; Python counts
    /// comprehensions as loops. A function that calls itself by name counts one more in C, Go, Python and Rust.
    /// Nested functions are listed by themselves; their cognitive complexity counts for
    /// the enclosing function too, except in JavaScript and TypeScript, where in addition only `&&` counts among the
    /// logical operators. *Halstead* takes names and literals as operands and all other tokens behind the function's name
    /// as operators. *Maintainability* is `171 - 5.2 ln(volume) - 0.23 cyclomatic - 16.2 ln(nloc)`, scaled to 0..100.
    /// *Lines* hold code: no blanks, comments, directives, docstrings; a line inside a nested function counts there.
    ///
    /// **Limits.** C, Go, Java, JavaScript, JSX, Python, Rust, TypeScript and TSX, told by the file's name. 3 MiB a
    /// file, 2 MiB of JavaScript or TypeScript. Files that nest too deeply (JavaScript: 200 brackets or 1 000 links of a
    /// chain; others: 600 links) or do not parse at all get no row and are listed as not checked.
    ///
    /// **Output.** A row for each function and file; a finding for each figure over its limit: a warning, an error
    /// from twice the limit. Both complexities have a limit of 15 unless `limits` names another; lines of code, parameters
    /// and nesting have one only if it does.
    pub struct MeasureComplexity;
    name: "measure_complexity",
    title: "Measure complexity",
    summary: "Measures cyclomatic, cognitive and Halstead complexity, size and nesting of functions. Reads C, Go, Java, JS, TS, Python, Rust.",
    keywords: "simplify simplest hardest maintainability index halstead limit fail build radon lizard eslint sonar sonarqube mccabe metrics long method hotspots refactor technical debt unreadable hard to understand spaghetti nested ifs nesting too many parameters lines of code loc sloc branches threshold jsx tsx javascript typescript worst biggest",
    examples: [
        "a function over its limits" => r#"{"filename":"price.py","limits":["cognitive=3","cyclomatic=3"],"source":"def price(item, user):\n    if item.free:\n        return 0\n    if user and user.vip:\n        for rule in item.rules:\n            if rule.fits(user):\n                return rule.price\n    return item.price\n"}"#,
        "several files" => r#"{"files":[{"path":"a.go","source":"package a\n\nfunc Max(x, y int) int {\n\tif x > y {\n\t\treturn x\n\t}\n\treturn y\n}\n"},{"path":"b.ts","source":"export const sign = (n: number) => (n < 0 ? -1 : n > 0 ? 1 : 0);\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "recursion through methods or other functions",
        "what macros and #if expand to",
    ],
}

/// Longest file that tree-sitter reads: its trees take up to 35 times the text, and an isolate has 128 MiB.
pub const MAX_FILE_BYTES: usize = 3 * 1024 * 1024;
/// Longest file that oxc reads: its tree and tokens take up to 60 times the text.
pub const MAX_SCRIPT_BYTES: usize = 2 * 1024 * 1024;
/// Default limit of both complexities: lizard's and `SonarQube`'s own.
pub const DEFAULT_MAX_COMPLEXITY: u32 = 15;
/// Functions listed when the caller names no number: about 6 000 tokens of result.
pub const DEFAULT_TOP: u32 = 50;
/// Most functions a caller may ask for.
pub const MAX_TOP: u32 = 2_000;
/// Most limits of a call: one a measure.
const MAX_LIMITS: usize = 5;
/// Files not measured that are named one by one.
const MAX_NAMED_SKIPS: usize = 20;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// One file.
    #[serde(default)]
    source: Option<String>,
    /// Its name.
    #[serde(default)]
    filename: Option<String>,
    /// Or several.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Such as lines=60: cyclomatic (15), cognitive (15), lines, parameters, nesting.
    #[serde(default)]
    limits: Vec<String>,
    /// Functions listed; default 50.
    #[serde(default)]
    top: Option<u32>,
}

/// The measures.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// One row a file read, in the order given.
    pub files: Vec<FileRow>,
    /// One row a function, by file and place.
    pub functions: Vec<FunctionRow>,
    /// Functions left out, all less complex than those listed.
    pub unlisted: usize,
}

/// A file's measures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileRow {
    /// Its path.
    pub path: String,
    /// Its language.
    pub language: &'static str,
    /// How many functions it defines.
    pub functions: usize,
    /// Lines of code.
    pub nloc: u32,
    /// Sum over its functions and what stands outside them.
    pub cyclomatic: u32,
    /// Sum over its functions and what stands outside them, nested ones once.
    pub cognitive: u32,
    /// Largest cyclomatic complexity of a function.
    pub max_cyclomatic: u32,
    /// Largest cognitive complexity of a function.
    pub max_cognitive: u32,
    /// Halstead's measures over all tokens.
    pub halstead: Halstead,
    /// Maintainability index of the file as one unit, 0 to 100.
    pub maintainability: f64,
}

/// A function's measures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FunctionRow {
    /// Index of its file in `files`.
    pub file: usize,
    /// Name, its containers before it.
    pub name: String,
    /// Line of its name.
    pub start_line: u32,
    /// Its last line.
    pub end_line: u32,
    /// Cyclomatic complexity.
    pub cyclomatic: u32,
    /// Cognitive complexity.
    pub cognitive: u32,
    /// Lines of code.
    pub nloc: u32,
    /// Declared parameters.
    pub parameters: u32,
    /// Deepest nesting of control structures.
    pub nesting: u32,
    /// Halstead's measures.
    pub halstead: Halstead,
    /// Maintainability index, 0 to 100.
    pub maintainability: f64,
}

impl Tool for MeasureComplexity {
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
        let files = files_of(input)?;
        let (data, findings, skipped) = (Data::default(), Vec::new(), Vec::new());
        Ok(Box::new(Measuring {
            limits,
            budget: Budget::default(),
            top,
            files,
            next: 0,
            data,
            findings,
            skipped,
            known: 0,
        }))
    }
}

// A call at work: one file a step.
struct Measuring {
    limits: Limits,
    budget: Budget,
    top: u32,
    files: Vec<SourceFile>,
    next: usize,
    data: Data,
    findings: Vec<Finding>,
    // Paths, each with why.
    skipped: Vec<(String, &'static str)>,
    known: usize,
}

impl Steps<Data> for Measuring {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<Data>>, ToolError> {
        let Some(file) = self.files.get(self.next) else { return self.report().map(Some) };
        match Language::of_path(&file.path) {
            Some(language) => {
                self.known += 1;
                if measure(file, language, &self.limits, &self.budget, &mut self.data, &mut self.findings) == Read::No {
                    self.skipped.push((file.path.clone(), "could not be read"));
                }
            }
            None => self.skipped.push((file.path.clone(), "not a language that is read")),
        }
        self.next += 1;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        ctx.progress(count(self.next), count(self.files.len()), "files measured");
        Ok(None)
    }
}

impl Measuring {
    fn report(&mut self) -> Result<Report<Data>, ToolError> {
        if self.known == 0 {
            return Err(ToolError::invalid("/files", "names no file of a language that is read", ACCEPTED));
        }
        let mut data = std::mem::take(&mut self.data);
        let findings = std::mem::take(&mut self.findings);
        let read = data.files.len();
        let count = data.functions.len();
        keep_most_complex(&mut data, self.top as usize);
        let over = findings.iter().filter(|finding: &&Finding| finding.level != Level::Info).count();
        let summary = format!(
            "{} in {}, {} over a limit",
            plural(count, "function"),
            plural(read, "file"),
            plural(over, "figure")
        );
        let mut report = Report::checked(findings, data).over_files(read).with_summary(summary);
        for (path, why) in self.skipped.iter().take(MAX_NAMED_SKIPS) {
            report = report.not_checked(format!("{}: {why}", excerpt(path)));
        }
        if self.skipped.len() > MAX_NAMED_SKIPS {
            report = report.not_checked(format!("{} more files", self.skipped.len() - MAX_NAMED_SKIPS));
        }
        Ok(report)
    }
}

struct Limits {
    cyclomatic: Option<u32>,
    cognitive: Option<u32>,
    lines: Option<u32>,
    parameters: Option<u32>,
    nesting: Option<u32>,
}

impl Limits {
    // Each item is a measure and its limit: `lines=60`.
    fn read(given: &[String]) -> Result<Self, ToolError> {
        check_items("/limits", given, MAX_LIMITS)?;
        let default = Some(DEFAULT_MAX_COMPLEXITY);
        let mut limits = Self { cyclomatic: default, cognitive: default, lines: None, parameters: None, nesting: None };
        for (at, text) in given.iter().enumerate() {
            let invalid = |problem: &str| {
                let accepted =
                    "cyclomatic, cognitive, lines, parameters or nesting with a whole number, such as \"lines=60\"";
                ToolError::invalid(format!("/limits/{at}"), problem, accepted)
            };
            let (measure, number) = text.split_once('=').ok_or_else(|| invalid("is no measure with a limit"))?;
            let limit = match measure.trim() {
                "cyclomatic" => &mut limits.cyclomatic,
                "cognitive" => &mut limits.cognitive,
                "lines" => &mut limits.lines,
                "parameters" => &mut limits.parameters,
                "nesting" => &mut limits.nesting,
                _ => return Err(invalid("names no measure that has a limit")),
            };
            *limit = Some(number.trim().parse().map_err(|_| invalid("has a limit that is no whole number"))?);
        }
        Ok(limits)
    }

    // Every figure of a function beside its limit.
    fn table(&self, function: &Measured) -> [(&'static Rule, Option<u32>, u32, &'static str); 5] {
        [
            (&CYCLOMATIC, self.cyclomatic, function.cyclomatic, "cyclomatic complexity"),
            (&COGNITIVE, self.cognitive, function.cognitive, "cognitive complexity"),
            (&LINES, self.lines, function.nloc, "lines of code"),
            (&PARAMETERS, self.parameters, function.parameters, "parameters"),
            (&NESTING, self.nesting, function.nesting, "levels of nesting"),
        ]
    }
}

/// The figures of a function that other tools weigh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figures {
    /// Name, its containers before it.
    pub name: String,
    /// Line of its name.
    pub start_line: u32,
    /// Its last line.
    pub end_line: u32,
    /// Cyclomatic complexity.
    pub cyclomatic: u32,
    /// Cognitive complexity.
    pub cognitive: u32,
}

/// What other tools weigh of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FileFigures {
    /// Its functions, by place.
    pub functions: Vec<Figures>,
    /// Lines of code.
    pub nloc: u32,
    /// Decisions plus one for each function.
    pub cyclomatic: u32,
    /// Cognitive complexity, nested functions not counted twice.
    pub cognitive: u32,
}

/// The figures of a file; nothing where its language is not read, or it cannot be.
pub(crate) fn figures_of(path: &str, source: &str, budget: &Budget) -> Option<FileFigures> {
    let language = Language::of_path(path).filter(|language| source.len() <= longest(*language))?;
    let lines = LineIndex::new(source);
    let mut meter = Meter::new(&lines, rules_of(language));
    let outcome = support::read(language, source, budget, &mut meter);
    if matches!(outcome, Outcome::TooDeep(_) | Outcome::Unreadable(_)) {
        return None;
    }
    let (functions, totals) = meter.finish();
    let functions = functions.into_iter().map(|function| Figures {
        start_line: lines.position(function.span.start).line,
        end_line: lines.position(function.span.end.saturating_sub(1)).line,
        name: function.name,
        cyclomatic: function.cyclomatic,
        cognitive: function.cognitive,
    });
    Some(FileFigures {
        functions: functions.collect(),
        nloc: totals.nloc,
        cyclomatic: totals.cyclomatic,
        cognitive: totals.cognitive,
    })
}

fn files_of(input: Input) -> Result<Vec<SourceFile>, ToolError> {
    match (input.source, input.filename) {
        (Some(source), Some(path)) if input.files.is_empty() => {
            check_bytes("/filename", &path, MAX_PATH_BYTES)?;
            let Some(language) = Language::of_path(&path) else {
                return Err(ToolError::invalid("/filename", "names no language that is read", ACCEPTED));
            };
            check_bytes("/source", &source, longest(language))?;
            Ok(vec![SourceFile { path, source }])
        }
        (None, None) if input.files.is_empty() => {
            Err(ToolError::invalid("/source", "is missing", "`source` with `filename`, or `files`"))
        }
        (Some(_), None) if input.files.is_empty() => Err(ToolError::invalid("/filename", "is missing", ACCEPTED)),
        (None, None) => {
            check_files("/files", &input.files)?;
            for (at, file) in input.files.iter().enumerate() {
                if let Some(language) = Language::of_path(&file.path) {
                    check_bytes(&format!("/files/{at}/source"), &file.source, longest(language))?;
                }
            }
            Ok(input.files)
        }
        (None, Some(_)) => {
            Err(ToolError::invalid("/source", "is missing", "`source` with `filename`, or `files` alone"))
        }
        (Some(_), _) => {
            Err(ToolError::invalid("/files", "is given beside `source`", "either `files`, or `source` with `filename`"))
        }
    }
}

pub(crate) const fn longest(language: Language) -> usize {
    match language.engine() {
        Engine::Oxc(_) => MAX_SCRIPT_BYTES,
        Engine::TreeSitter(_) => MAX_FILE_BYTES,
    }
}

const fn rules_of(language: Language) -> Rules {
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => Rules::Separate,
        Language::C | Language::Go | Language::Java | Language::Python | Language::Rust => Rules::Folded,
    }
}

#[derive(PartialEq, Eq)]
enum Read {
    Yes,
    No,
}

fn measure(
    file: &SourceFile,
    language: Language,
    limits: &Limits,
    budget: &Budget,
    data: &mut Data,
    findings: &mut Vec<Finding>,
) -> Read {
    let lines = LineIndex::new(&file.source);
    let mut meter = Meter::new(&lines, rules_of(language));
    let outcome = support::read(language, &file.source, budget, &mut meter);
    let (functions, totals) = meter.finish();
    let place = |at: usize| lines.range(at..at);
    match outcome {
        Outcome::Clean => {}
        Outcome::Broken(at) => {
            let message = format!("not valid {} here; figures of what this is part of may be wrong", language.name());
            findings.push(Finding::new(&SYNTAX, message).at(place(at)).in_file(file.path.as_str()));
        }
        Outcome::Unreadable(at) => {
            let message = format!("not valid {} here; the file was not measured", language.name());
            findings.push(Finding::new(&SYNTAX, message).at(place(at)).in_file(file.path.as_str()));
            return Read::No;
        }
        Outcome::TooDeep(at) => {
            let message = "nests or chains too deeply to be read; the file was not measured";
            findings.push(Finding::new(&TOO_DEEP, message).at(place(at)).in_file(file.path.as_str()));
            return Read::No;
        }
    }
    let index = data.files.len();
    data.files.push(FileRow {
        path: file.path.clone(),
        language: language.name(),
        functions: functions.len(),
        nloc: totals.nloc,
        cyclomatic: totals.cyclomatic,
        cognitive: totals.cognitive,
        max_cyclomatic: functions.iter().map(|function| function.cyclomatic).max().unwrap_or(0),
        max_cognitive: functions.iter().map(|function| function.cognitive).max().unwrap_or(0),
        halstead: totals.halstead,
        maintainability: totals.maintainability,
    });
    for function in functions {
        let head = lines.range(function.span.start..function.head_end);
        for (rule, limit, figure, what) in limits.table(&function) {
            let Some(limit) = limit.filter(|limit| figure > *limit) else { continue };
            let level = if figure >= limit.saturating_mul(2) { Level::Error } else { Level::Warning };
            let message = format!("{} has {figure} {what}, the limit is {limit}", function.name);
            let message = match what {
                "cyclomatic complexity" | "cognitive complexity" => {
                    format!("{} has a {what} of {figure}, the limit is {limit}", function.name)
                }
                _ => message,
            };
            findings.push(Finding::new(rule, message).with_level(level).at(head).in_file(file.path.as_str()));
        }
        data.functions.push(FunctionRow {
            file: index,
            start_line: head.start.line,
            end_line: lines.position(function.span.end.saturating_sub(1)).line,
            name: function.name,
            cyclomatic: function.cyclomatic,
            cognitive: function.cognitive,
            nloc: function.nloc,
            parameters: function.parameters,
            nesting: function.nesting,
            halstead: function.halstead,
            maintainability: function.maintainability,
        });
    }
    Read::Yes
}

// Leaves the `top` functions with the largest sum of both complexities, in their old order.
fn keep_most_complex(data: &mut Data, top: usize) {
    if data.functions.len() <= top {
        return;
    }
    data.unlisted = data.functions.len() - top;
    let mut order: Vec<usize> = (0..data.functions.len()).collect();
    let weight = |at: &usize| data.functions.get(*at).map_or(0, |row| row.cyclomatic + row.cognitive);
    // Stable, so that among equals the earlier ones stay.
    order.sort_by_key(|at| std::cmp::Reverse(weight(at)));
    order.truncate(top);
    order.sort_unstable();
    let mut keep = order.into_iter().peekable();
    let mut at = 0;
    data.functions.retain(|_| {
        let kept = keep.next_if_eq(&at).is_some();
        at += 1;
        kept
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_file_depends_on_what_reads_it() {
        let run = |path: &str, length: usize| {
            let file = SourceFile { path: path.to_owned(), source: " ".repeat(length) };
            let alone =
                Input { source: Some(file.source.clone()), filename: Some(file.path.clone()), ..Input::default() };
            let listed = Input { files: vec![file], ..Input::default() };
            let errors = [alone, listed].map(|input| MeasureComplexity.run(input, &Ctx::silent()).err());
            errors.map(|error| error.and_then(|error| error.to_call_error().path))
        };
        let told = [Some("/source".to_owned()), Some("/files/0/source".to_owned())];
        for (path, limit) in [("a.py", MAX_FILE_BYTES), ("a.rs", MAX_FILE_BYTES), ("a.ts", MAX_SCRIPT_BYTES)] {
            assert_eq!(run(path, limit), [None, None], "{path}");
            assert_eq!(run(path, limit + 1), told, "{path}");
        }
    }
}
