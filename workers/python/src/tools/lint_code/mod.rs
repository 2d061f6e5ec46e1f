//! `lint_code`: ruff's own linter, run on the files of a call.
//!
//! Owns what ruff's command line does around its linter: which rules are on, which files form a package, which fixes go
//! together. Takes ruff's findings as they are, messages included. Reads no disk: the project's root is a path no disk
//! can have.

mod annotations;
mod bindings;
mod costly;
mod fixes;
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod pages;
mod selection;

use crate::support::files::{Named, PythonFiles, python_files};
use crate::support::layout::{self, Layout};
use crate::support::module::{self, INVALID_SYNTAX, MAX_FILE_BYTES, TOO_DEEP, too_deep};
use crate::support::nesting;
use octavo_toolkit::limits::is_invisible;
use octavo_toolkit::render::plural;
use octavo_toolkit::work::{Steps, in_one_go};
use octavo_toolkit::{
    Ctx, Edit, Finding, Level, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool, rule_docs,
};
use ruff_db::diagnostic::Diagnostic;
use ruff_diagnostics::{Applicability, Fix};
use ruff_linter::line_width::LineLength;
use ruff_linter::linter::{ParseSource, lint_only};
use ruff_linter::package::PackageRoot;
use ruff_linter::registry::Rule as RuffRule;
use ruff_linter::rules::isort::categorize::KnownModules;
use ruff_linter::settings::rule_table::RuleTable;
use ruff_linter::settings::types::IdentifierPattern;
use ruff_linter::settings::{LinterSettings, flags};
use ruff_linter::source_kind::SourceKind;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{ModModule, PySourceType, PythonVersion, Stmt};
use ruff_python_parser::{ParseOptions, parse_unchecked};
use ruff_python_stdlib::sys::is_known_standard_library;
use ruff_text_size::Ranged;
use selection::{NEEDS_A_DISK, Selectors};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

declare_tool! {
    /// Runs ruff's own linter, version 0.16.4, on one Python file or on the files of a project, and reports what ruff
    /// reports: the same rules, places, messages and safe fixes.
    ///
    /// Use it to check Python before it is run or committed. Without `select`, ruff's default rules are checked (413 in
    /// this version: pyflakes, most of bugbear, pyupgrade, simplify and more); `select` takes any of ruff's selectors,
    /// such as `ALL`, `E`, `PLE` or `S105`, and the word `DEFAULT` for those default rules; the more specific of two
    /// selectors wins. `# noqa` comments are honoured. Files sent together form a project: folders with an `__init__.py`
    /// are packages, and modules in the root or in `src` are first-party when imports are sorted.
    ///
    /// A finding is an error where the code does not compile or is sure to fail when it is reached (syntax errors, E9, the
    /// pyflakes rules for wrong formats, misplaced statements and undefined names, pylint's errors), and a warning
    /// otherwise. A fix is given where ruff calls it safe and where all fixes of the report can be applied together; an
    /// unsafe one is named in the message. `data` counts findings by rule and fixes by kind.
    ///
    /// Limits: 1 MiB a file, 2,000 files; a file with expressions or blocks too deep for the engine is reported and
    /// skipped. In one that comes near that, nine costly rules (C4, SIM102, SIM117 and others) are left out, and the report
    /// says so.
    pub struct LintCode;
    name: "lint_code",
    title: "Lint Python code",
    summary: "Lints Python with ruff 0.16.4, with safe fixes. Reads no ruff configuration.",
    keywords: "flake8 pyflakes pylint pycodestyle pep8 bugbear isort pyupgrade bandit pydocstyle noqa style unused import variable undefined name sort imports f-string annotations docstring syntax error py pyi script module autofix clean up E501 F401 S105 mistakes bugs security",
    examples: [
        "unused import and undefined name" => r#"{"source":"import os\n\nprint(nam)\n"}"#,
        "one rule family, for an older Python" => r#"{"source":"match x:\n    case _:\n        password = \"hunter2\"\n","select":["S"],"targetVersion":"py39"}"#,
        "a package whose own module is first-party" => r#"{"files":[{"path":"app/__init__.py","source":""},{"path":"app/main.py","source":"import app.core\nimport requests\n\nprint(app.core, requests)\n"}]}"#,
    ],
    rules: RULES,
    not_checked: [
        "ruff's configuration, options of single rules, per-file ignores, preview rules",
        "EXE001, EXE002, RUF200",
        "notebooks, Markdown",
        "types, names from other files",
        "formatting",
        "names in \\N{...}",
    ],
}

/// The project's root. No disk can have a path with a NUL, so that whatever ruff looks up beside a file is not there.
const ROOT: &str = "\0";

/// Findings that are not of ruff's rules; those have their pages in `pages`.
const RULES: &[Rule] = &[INVALID_SYNTAX, TOO_DEEP, UNREADABLE, REBOUND];

/// A file has an annotation that ruff does not survive.
const UNREADABLE: Rule = Rule {
    id: "unreadable-annotation",
    level: Level::Error,
    summary: "Quoted annotations can be read as expressions.",
    docs: rule_docs!(
        why: "The engine stops at such an annotation, so the file is not looked at.",
        wrong: "x: \"a\\\nb\"",
        right: "x: \"a.b\"",
        source: "Octavo: a defect of ruff 0.16.4",
    ),
};

/// A file binds names anew too often for ruff.
const REBOUND: Rule = Rule {
    id: "rebound-too-often",
    level: Level::Error,
    summary: "No name is bound and referred to many thousands of times in one scope.",
    docs: rule_docs!(
        why: "The engine copies a name's references each time it is bound anew, which would take all memory, so the file is not looked at.",
        wrong: "x = x + 1  # and so on, 4,000 times",
        right: "x = sum(values)",
        source: "Octavo: how ruff 0.16.4 keeps references",
    ),
};

/// Longest message, in characters: ruff's own sentences have up to about 300, names in them any length.
const MAX_MESSAGE_CHARS: usize = 400;

/// Longest line length that ruff accepts.
const MAX_LINE_LENGTH: u16 = u16::MAX;

/// Most syntax errors of a file that are told; one with more is not looked at further. No Python has so many, and each costs
/// the linter several copies.
const MAX_SYNTAX_ERRORS: usize = 5_000;

/// Most rules that `data` counts one by one.
const MAX_COUNTED_RULES: usize = 30;

/// Files linted in one step, between two notes of progress.
const FILES_A_STEP: usize = 20;

/// Codes (or their beginnings) whose findings are errors: the code does not compile, or fails when it is reached.
const ERROR_CODES: [&str; 25] = [
    "E9", "F404", "F407", "F501", "F502", "F503", "F505", "F506", "F507", "F508", "F509", "F521", "F524", "F525",
    "F621", "F622", "F633", "F701", "F702", "F704", "F706", "F707", "F82", "F901", "PLE",
];

/// Values of `targetVersion`; ruff knows 3.15, but only in preview.
const VERSIONS: [(&str, PythonVersion); 8] = [
    ("py37", PythonVersion::PY37),
    ("py38", PythonVersion::PY38),
    ("py39", PythonVersion::PY39),
    ("py310", PythonVersion::PY310),
    ("py311", PythonVersion::PY311),
    ("py312", PythonVersion::PY312),
    ("py313", PythonVersion::PY313),
    ("py314", PythonVersion::PY314),
];

/// Files and rules.
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
    /// Ruff selectors; default [DEFAULT].
    #[serde(default)]
    select: Option<Vec<String>>,
    /// Selectors to drop.
    #[serde(default)]
    ignore: Option<Vec<String>>,
    /// py37 to py314; default py310.
    #[serde(default)]
    target_version: Option<String>,
    /// Default 88.
    #[serde(default)]
    line_length: Option<u16>,
}

/// What was found, in figures.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// How many rules were checked.
    rules_checked: usize,
    /// Findings by rule, most first.
    counts: Vec<RuleCount>,
    /// Findings of rules beyond those counted.
    other_findings: usize,
    /// What ruff could mend.
    fixes: FixCounts,
}

/// Findings of one rule.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct RuleCount {
    /// Its code.
    rule: String,
    /// Ruff's name for it.
    name: &'static str,
    /// How many.
    count: usize,
}

/// Fixes by kind.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct FixCounts {
    /// Safe, and given with their findings.
    given: usize,
    /// Safe, but in the way of one that is given; they come up once those are applied.
    held_back: usize,
    /// May change what the code does, or drop a comment; not given.
    r#unsafe: usize,
}

impl Tool for LintCode {
    type Input = Input;
    type Data = Data;

    #[cfg(not(target_arch = "wasm32"))]
    fn engine_rules() -> Vec<octavo_toolkit::RulePage> {
        pages::all()
    }

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        in_one_go(&mut *self.steps(input)?, ctx)
    }

    fn steps(&self, input: Input) -> Result<Box<dyn Steps<Data>>, ToolError> {
        let selectors =
            Selectors { select: input.select.as_deref(), ignore: input.ignore.as_deref().unwrap_or_default() };
        let selected = selectors.resolve()?;
        let rules_checked = selected.table.iter_enabled().count();
        let mut settings = LinterSettings::new(Path::new(ROOT));
        settings.src = vec![PathBuf::from(ROOT), Path::new(ROOT).join("src")];
        settings.rules = selected.table;
        settings.unresolved_target_version.0 = input.target_version.as_deref().map(version_of).transpose()?;
        if let Some(length) = input.line_length {
            let length = LineLength::try_from(length).map_err(|_| {
                ToolError::invalid(
                    "/lineLength",
                    "is out of range",
                    format!("a whole number from 1 to {MAX_LINE_LENGTH}"),
                )
            })?;
            settings.line_length = length;
            settings.pycodestyle.max_line_length = length;
        }

        let PythonFiles { named, files, left_out } =
            python_files(input.source, input.filename, input.files, MAX_FILE_BYTES)?;
        let paths: Vec<String> = files.iter().map(|file| layout::normalized(&file.path)).collect();
        let layout = Layout::of(paths.iter().map(String::as_str));
        let linted = files.len();
        Ok(Box::new(Linting {
            lint: Lint::new(settings, layout),
            files: files.into_iter().zip(paths).collect::<Vec<_>>().into_iter(),
            linted,
            left_out,
            named,
            rules_checked,
            only_preview: selected.only_preview,
            findings: Vec::new(),
        }))
    }
}

// A call at work: some files a step.
struct Linting {
    lint: Lint,
    // Each with its path as ruff sees it.
    files: std::vec::IntoIter<(SourceFile, String)>,
    linted: usize,
    left_out: Option<String>,
    named: Named,
    rules_checked: usize,
    only_preview: Vec<String>,
    findings: Vec<Finding>,
}

impl Steps<Data> for Linting {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<Data>>, ToolError> {
        for (file, path) in self.files.by_ref().take(FILES_A_STEP) {
            let shown = self.named.is_shown().then(|| file.path.clone());
            let found = self.lint.file(&path, file.source);
            self.findings.extend(found.into_iter().map(|finding| Finding { path: shown.clone(), ..finding }));
        }
        let left = self.files.len();
        if left > 0 {
            ctx.progress(count(self.linted - left), count(self.linted), "files linted");
            return Ok(None);
        }
        let (beyond_limits, unlinted) = (self.lint.beyond_limits, self.lint.unlinted);
        let data = self.lint.data(self.rules_checked);
        let mut report = Report::checked(std::mem::take(&mut self.findings), data).over_files(self.linted);
        if beyond_limits > 0 {
            let (rules, files) = (costly::RULES.join(", "), plural(beyond_limits, "file"));
            report = report.not_checked(format!("{rules} in {files} too deep or too long for them"));
        }
        if unlinted > 0 {
            let files = plural(unlinted, "file");
            report = report.not_checked(format!("all but the first {MAX_SYNTAX_ERRORS} syntax errors in {files}"));
        }
        if let Some(left_out) = self.left_out.take() {
            report = report.not_checked(left_out);
        }
        if !self.only_preview.is_empty() {
            let codes = self.only_preview.join(", ");
            report = report.not_checked(format!("{codes}: preview rules only"));
        }
        Ok(Some(report))
    }
}

pub(crate) fn version_of(given: &str) -> Result<PythonVersion, ToolError> {
    let known = VERSIONS.iter().find(|(name, _)| *name == given).map(|(_, version)| *version);
    known.ok_or_else(|| {
        let names: Vec<String> = VERSIONS.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        ToolError::invalid("/targetVersion", "is no version that ruff knows by that name", names.join(", "))
    })
}

/// One call's linting: what holds for all files, and what has been counted.
pub(crate) struct Lint {
    settings: LinterSettings,
    /// The rules of most files, and those of a file that is too odd for the costly ones.
    rules: [RuleTable; 2],
    layout: Layout,
    counts: BTreeMap<(String, &'static str), usize>,
    fixes: FixCounts,
    beyond_limits: usize,
    /// Files of which no more than the first syntax errors are told.
    unlinted: usize,
    /// How safe a fix must be to be given.
    applicability: Applicability,
}

impl Lint {
    /// A linter of these rules alone, for another tool of the category; it may give fixes that ruff calls unsafe.
    pub(crate) fn of_rules(
        select: &[String],
        target: PythonVersion,
        applicability: Applicability,
        layout: Layout,
    ) -> Result<Self, ToolError> {
        let mut selected = Selectors { select: Some(select), ignore: &[] }.resolve()?;
        // A rule named by its whole code is meant, though ruff has it in preview.
        for rule in select.iter().filter_map(|code| RuffRule::from_code(code).ok()) {
            selected.table.enable(rule, false);
        }
        let mut settings = LinterSettings::new(Path::new(ROOT));
        settings.src = vec![PathBuf::from(ROOT), Path::new(ROOT).join("src")];
        settings.rules = selected.table;
        settings.unresolved_target_version.0 = Some(target);
        Ok(Self { applicability, ..Self::new(settings, layout) })
    }

    fn new(settings: LinterSettings, layout: Layout) -> Self {
        let rules = [settings.rules.clone(), costly::without_rules(&settings.rules)];
        Self {
            settings,
            rules,
            layout,
            counts: BTreeMap::new(),
            fixes: FixCounts::default(),
            beyond_limits: 0,
            unlinted: 0,
            applicability: Applicability::Safe,
        }
    }

    // Chooses the rules of the next file. A `noqa` for a rule that is not checked here must not look unused.
    fn choose_rules(&mut self, beyond_limits: bool) {
        let [all, without_costly] = &self.rules;
        self.settings.external = NEEDS_A_DISK.iter().map(|rule| rule.noqa_code().to_string()).collect();
        if beyond_limits {
            self.settings.rules = without_costly.clone();
            self.settings.external.extend(costly::RULES.map(str::to_owned));
            self.beyond_limits += 1;
        } else {
            self.settings.rules = all.clone();
        }
    }

    /// The findings of a file, without its path.
    pub(crate) fn file(&mut self, path: &str, source: String) -> Vec<Finding> {
        let path_below_root = Path::new(ROOT).join(path);
        let source_type = PySourceType::from(&path_below_root);
        let target = self.settings.resolve_target_version(&path_below_root);
        let (weights, blocks) = (nesting::weights(&source), nesting::block_depth(&source));
        if too_deep(weights.expression, blocks) {
            return vec![self.too_deep()];
        }
        let options = ParseOptions::from(source_type).with_target_version(target.parser_version());
        let Some(parsed) = parse_unchecked(&source, options).try_into_module() else { return Vec::new() };
        if parsed.errors().len() > MAX_SYNTAX_ERRORS {
            self.unlinted += 1;
            let index = LineIndex::new(&source);
            let first = parsed.errors().iter().take(MAX_SYNTAX_ERRORS);
            let told = first.map(|error| {
                let place = error.range().start().to_usize()..error.range().end().to_usize();
                self.skipped(&INVALID_SYNTAX, &plain(&error.error.to_string())).at(index.range(place))
            });
            return told.collect();
        }
        let quoted = nesting::quoted_weights(&parsed, &source, module::MAX_EXPRESSION_WEIGHT);
        if too_deep(quoted.any, 0) {
            return vec![self.too_deep()];
        }
        if let Some(range) = annotations::fatal(&parsed, &source) {
            let range = LineIndex::new(&source).range(range.start().to_usize()..range.end().to_usize());
            return vec![self.skipped(&UNREADABLE, "not linted: ruff stops at an annotation in quotes with a lambda, escapes or joined strings; write it without quotes").at(range)];
        }
        if let Some(range) = bindings::beyond(&parsed) {
            let range = LineIndex::new(&source).range(range.start().to_usize()..range.end().to_usize());
            return vec![self.skipped(&REBOUND, "not linted: up to here, names are bound anew so often that ruff would copy millions of references; use more functions, or more names").at(range)];
        }
        let weights = nesting::Weights { expression: weights.expression.max(quoted.expression), ..weights };
        self.choose_rules(costly::is_beyond(&parsed, weights, blocks));
        self.settings.isort.known_modules = self.known_modules(&source, parsed.syntax(), path, target.linter_version());
        let root = self.layout.package(path).map(|package| (Path::new(ROOT).join(package.root), package.nested));
        let package = root.as_ref().map(|(root, nested)| match nested {
            true => PackageRoot::nested(root),
            false => PackageRoot::root(root),
        });
        let kind = SourceKind::Python { code: source, is_stub: source_type.is_stub() };
        let parsed = ParseSource::Precomputed(parsed);
        let linted =
            lint_only(&path_below_root, package, &self.settings, flags::Noqa::Enabled, &kind, source_type, parsed);
        let index = LineIndex::new(kind.source_code());
        let given = fixes::compatible(&linted.diagnostics, kind.source_code(), self.applicability);
        let diagnostics = linted.diagnostics.iter().enumerate();
        diagnostics.map(|(at, diagnostic)| self.finding(diagnostic, &index, given.contains(&at))).collect()
    }

    // Modules of the project, unless the standard library has one of that name: for ruff, it comes first.
    // Ruff looks a module up by its whole name: one that is not among the files is none of the project's, even where its
    // package is, but for the package that the file itself is in.
    fn known_modules(&self, source: &str, tree: &ModModule, path: &str, version: PythonVersion) -> KnownModules {
        let named: Vec<&str> = self
            .layout
            .named_in(source)
            .into_iter()
            .filter(|module| !is_known_standard_library(version.minor, module))
            .collect();
        let own = self.layout.package(path).map(|package| package.root.rsplit('/').next().unwrap_or_default());
        let mut imported = ImportedModules::default();
        imported.visit_body(&tree.body);
        let elsewhere = imported.names.iter().filter(|name| {
            let top = name.split('.').next().unwrap_or_default();
            named.contains(&top) && own != Some(top) && !self.layout.has_module(name)
        });
        let elsewhere = elsewhere.filter_map(|module| IdentifierPattern::new(module).ok()).collect();
        let patterns = named.iter().filter_map(|module| IdentifierPattern::new(module).ok()).collect();
        KnownModules::new(patterns, elsewhere, Vec::new(), Vec::new(), std::iter::empty().collect())
    }

    fn finding(&mut self, diagnostic: &Diagnostic, index: &LineIndex<'_>, with_fix: bool) -> Finding {
        let code = diagnostic.secondary_code_or_id();
        self.count(code, diagnostic.name());
        let help = diagnostic.first_help_text();
        let mut message = diagnostic.concise_message().to_string().replace(ROOT, "");
        let fix = diagnostic.fix().filter(|_| with_fix);
        match (diagnostic.fix(), help) {
            (Some(_), _) if with_fix => self.fixes.given += 1,
            (Some(fix), help) => {
                let what = if fix.applies(Applicability::Safe) {
                    self.fixes.held_back += 1;
                    "fix after the others"
                } else {
                    self.fixes.r#unsafe += 1;
                    "unsafe fix"
                };
                message.push_str(&help.map_or(String::new(), |help| format!(" ({what}: {help})")));
            }
            (None, help) => message.push_str(&help.map_or(String::new(), |help| format!(" (help: {help})"))),
        }
        let mut finding = Finding::of(code.to_owned(), level_of(code), plain(&message));
        if let Some(range) = diagnostic.range() {
            finding = finding.at(index.range(range.start().to_usize()..range.end().to_usize()));
        }
        match fix {
            Some(fix) => finding.with_fix(plain(help.unwrap_or("Apply ruff's fix")), edits_of(fix, index)),
            None => finding,
        }
    }

    fn too_deep(&mut self) -> Finding {
        self.skipped(
            &TOO_DEEP,
            &format!("not linted: deeper than ruff bears here, which is {}", module::depth_limits()),
        )
    }

    fn skipped(&mut self, rule: &'static Rule, message: &str) -> Finding {
        self.count(rule.id, rule.id);
        Finding::new(rule, message)
    }

    fn count(&mut self, code: &str, name: &'static str) {
        *self.counts.entry((code.to_owned(), name)).or_default() += 1;
    }

    fn data(&mut self, rules_checked: usize) -> Data {
        let counts = std::mem::take(&mut self.counts).into_iter();
        let mut counts: Vec<RuleCount> = counts.map(|((rule, name), count)| RuleCount { rule, name, count }).collect();
        counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.rule.cmp(&b.rule)));
        let other_findings = counts.iter().skip(MAX_COUNTED_RULES).map(|count| count.count).sum();
        counts.truncate(MAX_COUNTED_RULES);
        Data { rules_checked, counts, other_findings, fixes: std::mem::take(&mut self.fixes) }
    }
}

fn level_of(code: &str) -> Level {
    if code == INVALID_SYNTAX.id || ERROR_CODES.iter().any(|error| code.starts_with(error)) {
        Level::Error
    } else {
        Level::Warning
    }
}

fn edits_of(fix: &Fix, index: &LineIndex<'_>) -> Vec<Edit> {
    let edits = fix.edits().iter();
    edits
        .map(|edit| Edit {
            range: index.range(edit.start().to_usize()..edit.end().to_usize()),
            new_text: edit.content().unwrap_or_default().to_owned(),
        })
        .collect()
}

// Names and texts of the source stand in ruff's messages: one line, nothing invisible, not too long.
fn plain(message: &str) -> String {
    let visible = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut kept: String = visible.chars().filter(|c| !is_invisible(*c)).take(MAX_MESSAGE_CHARS + 1).collect();
    if kept.chars().count() > MAX_MESSAGE_CHARS {
        kept = kept.chars().take(MAX_MESSAGE_CHARS - 1).collect();
        kept.push('\u{2026}');
    }
    kept
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

// Modules that statements import by an absolute name.
#[derive(Default)]
struct ImportedModules {
    names: BTreeSet<String>,
}

impl<'a> Visitor<'a> for ImportedModules {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => self.names.extend(import.names.iter().map(|alias| alias.name.to_string())),
            Stmt::ImportFrom(import) if import.level == 0 => {
                self.names.extend(import.module.as_ref().map(ToString::to_string));
            }
            _ => walk_stmt(self, statement),
        }
    }
}
