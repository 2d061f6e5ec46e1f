//! `modernize_code`: the least version of Python that a file needs, and rewrites to what a newer one offers.
//!
//! Versions are vermin's (`needs`, `tables`); rewrites are those of ruff's pyupgrade rules, taken as they are.

mod needs;
mod nodes;
mod rules;
mod tables;

use crate::support::files::{Named, PythonFiles, python_files};
use crate::support::layout::{Layout, normalized};
use crate::support::module::{self, INVALID_SYNTAX, MAX_FILE_BYTES, TOO_DEEP};
use crate::tools::lint_code::{Lint, version_of};
use needs::{Least, Need};
use octavo_toolkit::render::plural;
use octavo_toolkit::work::{Steps, in_one_go};
use octavo_toolkit::{Ctx, Finding, LineIndex, Range, Report, SourceFile, Tool, ToolError, declare_tool};
use ruff_diagnostics::Applicability;
use ruff_python_ast::{PySourceType, PythonVersion};
use ruff_python_parser::{ParseOptions, parse_unchecked};
use ruff_text_size::Ranged as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::Path;
use tables::{Since, Tables, Version};

declare_tool! {
    /// Says which version of Python a file needs at least, with the constructs that need it, and gives the edits that
    /// bring it up to a target version.
    ///
    /// Use it before raising or promising a minimum version, to see what keeps an older one from running the code, and to
    /// move old idioms to new ones: `super()`, f-strings, `X | None`, `collections.abc`, built-in generics, dead branches
    /// for old versions, and so on.
    ///
    /// The least version is vermin's: syntax, modules, members and keyword arguments of the standard library (4,180 entries),
    /// followed by name; annotations are taken not to be evaluated. Rewrites are those of ruff's pyupgrade rules (UP), with
    /// C401 to C405, F632 and W605, which pyupgrade makes too. What ruff calls safe is given as a fix; with `unsafe` also what may drop a comment
    /// or change what odd code does. All edits of a report go together; some rewrites show up once others are applied: call
    /// again with the changed text until nothing is found.
    ///
    /// A construct that the target lacks is an error. `data` names the least version of each file and of all, and the constructs
    /// that need the most.
    ///
    /// Limits: 1 MiB a file, 2,000 files.
    pub struct ModernizeCode;
    name: "modernize_code",
    title: "Modernize Python code",
    summary: "Finds the minimum Python version code needs, with the constructs that need it, and rewrites old idioms to a target version as edits.",
    keywords: "oldest supported versions pyupgrade vermin minimum version compatibility requires-python python 2 3 upgrade migrate six legacy f-string typing Optional Union PEP 585 604 builtin generics super oserror unittest aliases future import syntax feature stdlib UP006 UP007 UP031 backport",
    examples: [
        "old idioms" => r#"{"source":"from typing import List, Optional\n\n\nclass A(object):\n    def f(self, x: Optional[List[int]]):\n        return super(A, self).f(\"{0}\".format(x))\n"}"#,
        "too new for the target" => r#"{"source":"import tomllib\n\nif (n := len(tomllib.__name__)) > 3:\n    print(f\"{n=}\")\n","targetVersion":"py38"}"#,
    ],
    rules: &[rules::NEWER, rules::CONTRADICTION, INVALID_SYNTAX, TOO_DEEP],
    not_checked: ["six, mock, io.open beyond ruff's rules", "annotations as code (vermin's --eval-annotations)", "backports", "`# novm` comments"],
}

/// Rules whose rewrites pyupgrade makes too.
const REWRITES: [&str; 8] = ["UP", "C401", "C402", "C403", "C404", "C405", "F632", "W605"];
/// Target when the caller names none; ruff's own.
const DEFAULT_TARGET: &str = "py310";
/// Constructs listed: about 1,500 tokens of result.
const MAX_CONSTRUCTS: usize = 40;
/// Constructs of one file that findings name; those that need the most.
const MAX_NEWER: usize = 50;

/// Files and a target.
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
    /// Or several.
    #[serde(default)]
    files: Option<Vec<SourceFile>>,
    /// py37 to py314; default py310.
    #[serde(default)]
    target_version: Option<String>,
    /// Also give rewrites ruff calls unsafe.
    #[serde(default)]
    r#unsafe: bool,
}

/// Versions.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The least Python 3 that all files need; absent where there is none, or any will do.
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<String>,
    /// The same of each file.
    files: Vec<FileRow>,
    /// What needs the newest versions.
    constructs: Vec<Construct>,
    /// Constructs left out.
    unlisted: usize,
    /// Rewrites given.
    rewrites: usize,
}

/// A file's versions.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct FileRow {
    /// Its path.
    path: String,
    /// Least Python 3: "3.8", "any" or "none".
    python3: String,
    /// Least Python 2.
    python2: String,
}

/// Something that needs a version.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Construct {
    /// Index of its file in `files`.
    file: usize,
    /// Where it stands first.
    line: u32,
    /// What.
    what: String,
    /// The first Python 3 that has it.
    since: String,
}

impl Tool for ModernizeCode {
    type Input = Input;
    type Data = Data;

    #[cfg(not(target_arch = "wasm32"))]
    fn engine_rules() -> Vec<octavo_toolkit::RulePage> {
        let ours = |id: &str| REWRITES.iter().any(|rule| id == *rule || *rule == "UP" && id.starts_with("UP"));
        crate::tools::lint_code::pages::all().into_iter().filter(|page| ours(&page.id)).collect()
    }

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        in_one_go(&mut *self.steps(input)?, ctx)
    }

    fn steps(&self, input: Input) -> Result<Box<dyn Steps<Data>>, ToolError> {
        let target = version_of(input.target_version.as_deref().unwrap_or(DEFAULT_TARGET))?;
        let PythonFiles { named, files, left_out } =
            python_files(input.source, input.filename, input.files, MAX_FILE_BYTES)?;
        let paths: Vec<String> = files.iter().map(|file| normalized(&file.path)).collect();
        let layout = Layout::of(paths.iter().map(String::as_str));
        let applicability = if input.r#unsafe { Applicability::Unsafe } else { Applicability::Safe };
        let select: Vec<String> = REWRITES.iter().map(ToString::to_string).collect();
        Ok(Box::new(Modernizing {
            lint: Lint::of_rules(&select, target, applicability, layout)?,
            target,
            tables: Tables::read(),
            named,
            given: files.len(),
            files: files.into_iter().zip(paths).collect::<Vec<_>>().into_iter(),
            left_out,
            data: Data::default(),
            constructs: Vec::new(),
            least: Some(Least { two: Some((0, 0)), three: Some((0, 0)) }),
            findings: Vec::new(),
        }))
    }
}

// A call at work: one file a step.
struct Modernizing {
    lint: Lint,
    target: PythonVersion,
    tables: Tables,
    named: Named,
    given: usize,
    files: std::vec::IntoIter<(SourceFile, String)>,
    left_out: Option<String>,
    data: Data,
    constructs: Vec<(Version, Construct)>,
    least: Option<Least>,
    findings: Vec<Finding>,
}

impl Steps<Data> for Modernizing {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<Data>>, ToolError> {
        let Some((file, path)) = self.files.next() else { return Ok(Some(self.report())) };
        let shown = self.named.is_shown().then(|| file.path.clone());
        let mut found = match self.needs_of(&file) {
            Ok(needs) => self.judge(&file, needs),
            Err(unread) => {
                self.findings.extend(unread.into_iter().map(|finding| Finding { path: shown.clone(), ..finding }));
                return Ok(None);
            }
        };
        // Ruff tells syntax that is too new for its target as an error of the syntax; here it is told with its version.
        let rewrites = self.lint.file(&path, file.source);
        found.extend(rewrites.into_iter().filter(|finding| finding.rule != INVALID_SYNTAX.id));
        self.data.rewrites += found.iter().filter(|finding| finding.fix.is_some()).count();
        self.findings.extend(found.into_iter().map(|finding| Finding { path: shown.clone(), ..finding }));
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        ctx.progress(count(self.given - self.files.len()), count(self.given), "files read");
        Ok(None)
    }
}

impl Modernizing {
    fn needs_of(&self, file: &SourceFile) -> Result<Vec<(Need, Range)>, module::Unread> {
        let kind = PySourceType::from(Path::new(&file.path));
        let parsed = module::parse(&file.source, kind)?;
        let mut needs = needs::of(parsed.suite(), &file.source, &self.tables);
        drop(parsed);
        // What the parser knows to be newer than the oldest version it has.
        let options = ParseOptions::from(kind).with_target_version(PythonVersion::PY37);
        let index = LineIndex::new(&file.source);
        let line_of = |range: ruff_text_size::TextRange| index.position(range.start().to_usize()).line;
        // Lines on which a version is needed already.
        let mut told: BTreeSet<_> = needs.iter().map(|need| (need.since.three, line_of(need.range))).collect();
        for error in parse_unchecked(&file.source, options).unsupported_syntax_errors() {
            let text = error.to_string();
            let what = text.split(" on Python ").next().unwrap_or_default().replace("Cannot use ", "");
            let since = text
                .rsplit_once("added in Python ")
                .and_then(|(_, version)| tables::version(version.trim_end_matches(')')));
            let line = line_of(error.range());
            if let Some(three) = since.filter(|_| told.insert((since, line))) {
                needs.push(Need { since: Since { two: None, three: Some(three) }, what, range: error.range() });
            }
        }
        let place = |need: Need| {
            let range = index.range(need.range.start().to_usize()..need.range.end().to_usize());
            (need, range)
        };
        Ok(needs.into_iter().map(place).collect())
    }

    fn judge(&mut self, file: &SourceFile, needs: Vec<(Need, Range)>) -> Vec<Finding> {
        let at = self.data.files.len();
        let bare: Vec<Need> = needs.iter().map(|(need, _)| need.clone()).collect();
        let least = needs::least(&bare);
        let shown = |version: Option<Version>| match version {
            Some((0, _)) => "any".to_owned(),
            Some((major, minor)) => format!("{major}.{minor}"),
            None => "none".to_owned(),
        };
        let (two, three) = least.map_or((None, None), |least| (least.two, least.three));
        self.data.files.push(FileRow { path: file.path.clone(), python3: shown(three), python2: shown(two) });
        self.least = self.least.zip(least).map(|(all, one)| Least {
            two: all.two.zip(one.two).map(|(a, b)| a.max(b)),
            three: all.three.zip(one.three).map(|(a, b)| a.max(b)),
        });
        let mut findings = Vec::new();
        if least.is_none() {
            let only = |three: bool| {
                let fits = |need: &&Need| need.since.three.is_some() == three && need.since.two.is_none() == three;
                bare.iter().find(fits).map_or("something", |need| need.what.as_str()).to_owned()
            };
            let message = format!("{} is only in Python 2, {} only in Python 3", only(false), only(true));
            findings.push(Finding::new(&rules::CONTRADICTION, message));
        }
        let target = (self.target.major, self.target.minor);
        let mut newer: Vec<&(Need, Range)> =
            needs.iter().filter(|(need, _)| need.since.three.is_none_or(|since| since > target)).collect();
        newer.sort_by_key(|(need, range)| (std::cmp::Reverse(need.since.three.unwrap_or((u8::MAX, 0))), *range));
        for (need, range) in newer.into_iter().take(MAX_NEWER) {
            let message = match need.since.three {
                Some(since) => {
                    format!("{} needs Python {}, the target is {}", need.what, shown(Some(since)), shown(Some(target)))
                }
                None => format!("{} is only in Python 2", need.what),
            };
            findings.push(Finding::new(&rules::NEWER, message).at(*range));
        }
        for (need, range) in needs {
            if let Some(since) = need.since.three.filter(|since| *since > (3, 0)) {
                let construct =
                    Construct { file: at, line: range.start.line, what: need.what, since: shown(Some(since)) };
                self.constructs.push((since, construct));
            }
        }
        findings
    }

    fn report(&mut self) -> Report<Data> {
        let mut data = std::mem::take(&mut self.data);
        let mut constructs = std::mem::take(&mut self.constructs);
        constructs.sort_by(|(a, one), (b, other)| {
            b.cmp(a).then_with(|| (one.file, one.line, &one.what).cmp(&(other.file, other.line, &other.what)))
        });
        data.unlisted = constructs.len().saturating_sub(MAX_CONSTRUCTS);
        data.constructs = constructs.into_iter().take(MAX_CONSTRUCTS).map(|(_, construct)| construct).collect();
        let three = self.least.and_then(|least| least.three);
        data.minimum = three.filter(|version| *version > (0, 0)).map(|(major, minor)| format!("{major}.{minor}"));
        let needs = match (self.least, three, &data.minimum) {
            (None, _, _) => "needs that contradict each other".to_owned(),
            (Some(_), None, _) => "Python 2 only".to_owned(),
            (Some(_), Some(_), Some(minimum)) => format!("needs Python {minimum}"),
            (Some(_), Some(_), None) => "runs on any Python 3".to_owned(),
        };
        let summary =
            format!("{needs}, {} given in {}", plural(data.rewrites, "rewrite"), plural(data.files.len(), "file"));
        let findings = std::mem::take(&mut self.findings);
        let report = Report::checked(findings, data).over_files(self.given).with_summary(summary);
        match self.left_out.take() {
            Some(left_out) => report.not_checked(left_out),
            None => report,
        }
    }
}
