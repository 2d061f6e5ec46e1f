//! Renames one symbol over files, exactly by scopes, or says why that cannot be done.
//!
//! Owns arguments and the report. [`collect`] reads a script into a [`model`], [`project`] follows imports, [`edits`] makes the
//! edits, [`capture`] tells whether a new name would mean something else; [`python`] knows the locals of Python.

mod capture;
mod collect;
mod edits;
mod jsdoc;
mod model;
mod project;
mod python;
mod rules;

use crate::support::Outcome;
use crate::support::language::{self, Engine, Language};
use crate::tools::measure_complexity::longest;
use crate::tools::search_pattern::edit::{self, Replaced};
use edits::{Clash, Conflict, Renaming};
use model::{Base, Exported, Form};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::render::plural;
use octavo_toolkit::{
    Ctx, Finding, LineIndex, Position, Range, Report, Rule, SourceFile, Tool, ToolError, declare_tool,
};
use project::{Origin, Project};
use serde::Deserialize;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range as Span;

declare_tool! {
    /// Renames a variable, function, class, type, namespace, parameter or import wherever it is used, and nothing else of that
    /// name: by scopes, as TypeScript's language service does, not by text.
    ///
    /// **JavaScript and TypeScript, with JSX.** Every file that is given is searched: imports and re-exports, `import * as` and its
    /// members, `import()`, `require` and `module.exports`, merged declarations, types, namespaces, documentation comments.
    /// `{ a }` becomes `{ a: b }`, so that properties keep their names; an import that is renamed alone becomes `a as b`; an
    /// exported symbol takes its importers with it, while a re-export keeps its name: `export { b as a } from`.
    ///
    /// **Python**: what is local to a function. Other languages are refused, and so is all that scopes alone do not decide: members,
    /// enum members, parameters that declare properties, parameters that callers can name, names from packages that are not given.
    ///
    /// **Checks.** No edit is made where a new name is taken in its scope or among exports, where a nearer declaration would capture
    /// a use, or where the renamed symbol would capture another name.
    ///
    /// **Output.** Edits by file and place, and the same as a unified diff; or findings that say why not.
    pub struct RenameSymbol;
    name: "rename_symbol",
    title: "Safe rename",
    summary: "Renames a JS/TS symbol in all files, or a Python local, by scopes.",
    keywords: "rename refactor refactoring tsserver language server f2 identifier variable function class type import export shadowing capture change name everywhere find references usages rope",
    examples: [
        "over files" => r#"{"at":"a.ts:1","name":"a","to":"b","files":[{"path":"a.ts","source":"export const a = 1;\n"},{"path":"c.ts","source":"import { a } from \"./a\";\nexport const all = { a };\n"}]}"#,
        "captured" => r#"{"at":"a.js:1","name":"a","to":"b","files":[{"path":"a.js","source":"let a = 1;\n[2].map(b => a + b);\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "members of classes, objects and enums: their uses need types",
        "names in strings, comments other than documentation, and files that are not given",
        "languages other than JavaScript, TypeScript and Python",
    ],
}

/// Most edits that are listed; beyond it the call is refused, since half a renaming is none.
pub const MAX_EDITS: usize = 20_000;
/// Longest diff, in bytes: files beyond it are in the edits alone.
pub const MAX_DIFF_BYTES: usize = 256 * 1024;
/// Longest name, in bytes.
pub const MAX_NAME_BYTES: usize = 256;
/// Most findings of a refusal that are listed.
pub const MAX_CONFLICTS: usize = 50;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// `path:line[:column]`.
    at: String,
    /// Old.
    name: String,
    /// New.
    to: String,
    /// All.
    files: Vec<SourceFile>,
}

/// What changes.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// What it is: "function", "type", ...
    pub what: String,
    /// Edits by file and place; none where it is refused.
    pub edits: Vec<EditRow>,
    /// The same, for `git apply`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diff: String,
}

/// An edit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EditRow {
    /// The file.
    pub path: String,
    /// What is replaced.
    pub range: Range,
    /// What takes its place.
    pub new_text: String,
}

impl Tool for RenameSymbol {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        let (file, line, column) = place(&input)?;
        let language = input.files.get(file).and_then(|file| Language::of_path(&file.path));
        let Some(language) = language else {
            return Err(ToolError::invalid("/at", "names a file that is not read", language::ACCEPTED));
        };
        check_name("/name", &input.name, Language::C)?;
        check_name("/to", &input.to, language)?;
        if input.name == input.to {
            return Err(ToolError::invalid("/to", "is the old name", "another name"));
        }
        let mut call = Call { input: &input, file, findings: Vec::new(), what: "", edits: BTreeMap::new() };
        match language.engine() {
            Engine::Oxc(_) => call.script(line, column)?,
            Engine::TreeSitter(_) if language == Language::Python => call.python(line, column)?,
            Engine::TreeSitter(_) => {
                let why = format!("{} has no scopes here: a renaming would not be exact", language.name());
                call.refuse(&rules::NOT_EXACT, why, file, None);
            }
        }
        Ok(call.report())
    }
}

// File, line and column of `at`.
fn place(input: &Input) -> Result<(usize, u32, Option<u32>), ToolError> {
    let wrong = || {
        ToolError::invalid(
            "/at",
            "is no place in a given file",
            "`path:line` or `path:line:column`, such as \"src/a.ts:12\"",
        )
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0);
    let file = |path: &str| input.files.iter().position(|file| file.path == path);
    let (rest, last) = input.at.rsplit_once(':').ok_or_else(wrong)?;
    let last = number(last).ok_or_else(wrong)?;
    if let Some(at) = file(rest) {
        return Ok((at, last, None));
    }
    let (path, line) = rest.rsplit_once(':').ok_or_else(wrong)?;
    let found = file(path).zip(number(line)).ok_or_else(wrong)?;
    Ok((found.0, found.1, Some(last)))
}

const RESERVED: &[&str] = &[
    "arguments",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "eval",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "package",
    "private",
    "protected",
    "public",
    "return",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
];
const RESERVED_IN_PYTHON: &[&str] = &[
    "False",
    "None",
    "True",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "class",
    "continue",
    "def",
    "del",
    "elif",
    "else",
    "except",
    "finally",
    "for",
    "from",
    "global",
    "if",
    "import",
    "in",
    "is",
    "lambda",
    "nonlocal",
    "not",
    "or",
    "pass",
    "raise",
    "return",
    "try",
    "while",
    "with",
    "yield",
    "__debug__",
];

fn check_name(pointer: &str, name: &str, language: Language) -> Result<(), ToolError> {
    let starts = name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'));
    let goes_on = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '\u{200c}' | '\u{200d}'));
    let dollar = language == Language::Python && name.contains('$');
    if !starts || !goes_on || dollar || name.len() > MAX_NAME_BYTES {
        let accepted = format!("letters, digits and underscores, at most {MAX_NAME_BYTES} bytes");
        return Err(ToolError::invalid(pointer, "is no identifier", accepted));
    }
    let reserved = match language {
        Language::Python => RESERVED_IN_PYTHON,
        Language::C => &[],
        _ => RESERVED,
    };
    if reserved.contains(&name) {
        return Err(ToolError::invalid(pointer, "is a reserved word", "a name that declarations may have"));
    }
    Ok(())
}

struct Call<'i> {
    input: &'i Input,
    file: usize,
    findings: Vec<Finding>,
    what: &'static str,
    edits: BTreeMap<(usize, usize), (Span<usize>, String)>,
}

// What stands at the place that was named.
enum Found {
    Origin(Origin),
    // A name that a module is asked for.
    Of(String, String),
    Nothing,
    Member,
}

impl Call<'_> {
    fn source(&self, file: usize) -> &str {
        self.input.files.get(file).map_or("", |file| file.source.as_str())
    }

    fn path(&self, file: usize) -> &str {
        self.input.files.get(file).map_or("", |file| file.path.as_str())
    }

    fn refuse(&mut self, rule: &Rule, message: impl Into<String>, file: usize, span: Option<Span<usize>>) {
        let mut finding = Finding::new(rule, message).in_file(self.path(file));
        if let Some(span) = span {
            finding = finding.at(LineIndex::new(self.source(file)).range(span));
        }
        self.findings.push(finding);
    }

    // Of places, the one that is meant: at the column, or the first on the line.
    fn chosen<T>(
        &self,
        line: u32,
        column: Option<u32>,
        places: impl Iterator<Item = (Span<usize>, T)>,
    ) -> Option<(Span<usize>, T)> {
        let source = self.source(self.file);
        let index = LineIndex::new(source);
        let start = index.offset(Position { line, column: 1 });
        let end = index.offset(Position { line: line.saturating_add(1), column: 1 });
        let at = column.map(|column| index.offset(Position { line, column }));
        let on_line = |span: &Span<usize>| {
            let here = span.start >= start && (span.start < end || end == start);
            here && at.is_none_or(|at| span.start <= at && at <= span.end)
                && source.get(span.clone()) == Some(&self.input.name)
        };
        places.filter(|(span, _)| on_line(span)).min_by_key(|(span, _)| span.start)
    }

    fn not_there(&self, column: Option<u32>) -> ToolError {
        let what = if column.is_some() { "is not where the name stands" } else { "is a line without the name" };
        ToolError::invalid(
            "/at",
            what,
            format!("a place of `{}` outside strings and comments", excerpt(&self.input.name)),
        )
    }

    fn refuse_unparsed(&mut self, at: usize) {
        let why = "the file does not parse here: its scopes are not known";
        self.refuse(&rules::NOT_EXACT, why, self.file, Some(at..at));
    }

    fn script(&mut self, line: u32, column: Option<u32>) -> Result<(), ToolError> {
        let input = self.input;
        let mut project = Project::new(&input.files, Some(&input.name));
        let Some(module) = project.modules.get(&self.file) else {
            let why = project.unread.get(&self.file).copied().unwrap_or("is not read");
            self.refuse(&rules::NOT_EXACT, format!("the file {why}"), self.file, None);
            return Ok(());
        };
        if let Some(at) = module.broken {
            self.refuse_unparsed(at);
            return Ok(());
        }
        let uses = module.uses.iter().filter(|one| one.form != Form::Export).map(|one| {
            let found = one.symbol.map_or(Found::Nothing, |at| Found::Origin(Origin::Symbol(self.file, at)));
            (one.span.clone(), found)
        });
        let exports = module
            .exports
            .iter()
            .enumerate()
            .map(|(at, export)| (export.span.clone(), Found::Origin(Origin::Export(self.file, at))));
        let behind = module.exports.iter().filter_map(|export| match &export.what {
            Exported::Name(from, name) if !export.shorthand => {
                Some((export.local.clone(), Found::Of(from.clone(), name.clone())))
            }
            _ => None,
        });
        let imported = module.imports.iter().filter(|import| !import.shorthand).filter_map(|import| {
            let model::Imported::Name(name) = &import.imported else { return None };
            Some((import.span.clone(), Found::Of(import.from.clone(), name.clone())))
        });
        let members = module.members.iter().filter(|member| member.form == Form::Plain).map(|member| {
            let found = match &member.base {
                Base::Module(from) => Found::Of(from.clone(), member.name.clone()),
                Base::At(place) => self.member(&project, *place, &member.name),
            };
            (member.span.clone(), found)
        });
        let all = uses.chain(exports).chain(behind).chain(imported).chain(members);
        let Some((span, found)) = self.chosen(line, column, all) else {
            if self.mentioned(line, column) {
                self.refuse(
                    &rules::NOT_EXACT,
                    "this name is no symbol of a scope, but a member, a label or text",
                    self.file,
                    None,
                );
                return Ok(());
            }
            return Err(self.not_there(column));
        };
        let origin = match found {
            Found::Origin(origin) => Some(origin),
            Found::Of(from, name) => project.leads(self.file, &from).and_then(|file| project.origin(file, &name)),
            Found::Nothing => None,
            Found::Member => {
                self.refuse(&rules::NOT_EXACT, "a member, whose uses need types", self.file, Some(span));
                return Ok(());
            }
        };
        let Some(origin) = origin else {
            self.refuse(&rules::NOT_EXACT, "not declared in the files that are given", self.file, Some(span));
            return Ok(());
        };
        if let Origin::Symbol(file, at) = origin {
            let module = project.modules.get(&file);
            let inner =
                module.and_then(|module| module.symbol(at)).is_some_and(|symbol| symbol.exported && symbol.scope > 0);
            if inner {
                // What a namespace exports is reached by the namespace's name too.
                project = Project::new(&input.files, None);
            }
        }
        self.rename(&project, origin, span);
        Ok(())
    }

    // Whether the name stands there at all.
    fn mentioned(&self, line: u32, column: Option<u32>) -> bool {
        let source = self.source(self.file);
        let all = source.match_indices(self.input.name.as_str()).map(|(at, name)| (at..at + name.len(), ()));
        self.chosen(line, column, all).is_some()
    }

    // A member of a namespace is known by scopes; others are not.
    fn member(&self, project: &Project, place: usize, name: &str) -> Found {
        let Some(module) = project.modules.get(&self.file) else { return Found::Member };
        let first = module.uses.partition_point(|one| one.span.start < place);
        let base = module.uses.get(first).filter(|one| one.span.start == place).and_then(|one| one.symbol);
        let Some(base) = base else { return Found::Member };
        let of_module =
            module.imports.iter().find(|import| import.symbol == base && import.imported == model::Imported::Whole);
        if let Some(import) = of_module {
            return Found::Of(import.from.clone(), name.to_owned());
        }
        module.in_namespace(base, name).map_or(Found::Member, |at| Found::Origin(Origin::Symbol(self.file, at)))
    }

    fn rename(&mut self, project: &Project, origin: Origin, span: Span<usize>) {
        let input = self.input;
        self.what = "export";
        if let Origin::Symbol(file, at) = origin {
            let Some(module) = project.modules.get(&file) else { return };
            let Some(symbol) = module.symbol(at) else { return };
            self.what = symbol.what;
            let fixed = symbol.fixed.or_else(|| {
                module
                    .around(symbol.scope)
                    .next()
                    .and_then(|scope| module.scopes.get(scope))
                    .and_then(|scope| scope.fixed)
            });
            if let Some(why) = fixed {
                self.refuse(&rules::NOT_EXACT, format!("`{}` {why}", excerpt(&input.name)), self.file, Some(span));
                return;
            }
        }
        let mut renaming = Renaming::new(project, &input.files, &input.to);
        renaming.rename(origin);
        let Renaming { edits, conflicts, .. } = renaming;
        for conflict in conflicts.into_iter().take(MAX_CONFLICTS) {
            self.conflict(conflict);
        }
        let touched: BTreeSet<usize> = edits.keys().map(|(file, _)| *file).collect();
        for (file, module) in &project.modules {
            if let Some(at) = module.dynamic.filter(|_| touched.contains(file)) {
                self.refuse(&rules::DYNAMIC, "names are looked up at run time here", *file, Some(at..at));
            }
            if let Some(at) = module.broken.filter(|_| self.source(*file).contains(&input.name)) {
                self.refuse(
                    &rules::UNREAD,
                    "the file has the name, but does not parse here: uses may be missed",
                    *file,
                    Some(at..at),
                );
            }
        }
        for (file, why) in &project.unread {
            if self.source(*file).contains(&input.name) {
                self.refuse(
                    &rules::UNREAD,
                    format!("the file has the name, but {why}: uses may be missed"),
                    *file,
                    None,
                );
            }
        }
        self.edits = edits;
    }

    fn conflict(&mut self, conflict: Conflict) {
        let new = excerpt(&self.input.to);
        let line = |span: Span<usize>| LineIndex::new(self.source(conflict.file)).position(span.start).line;
        let (rule, message) = match conflict.what {
            Clash::Declared(span) => {
                (&rules::COLLISION, format!("`{new}` is declared in the same scope, at line {}", line(span)))
            }
            Clash::Exported => (&rules::COLLISION, format!("the file exports `{new}` already")),
            Clash::Captured(span) => {
                (&rules::CAPTURE, format!("here `{new}` would mean what line {} declares", line(span)))
            }
            Clash::Captures => (&rules::CAPTURE, format!("this `{new}` would mean the renamed symbol")),
            Clash::Element => (
                &rules::JSX_CASE,
                format!("`<{new}>` is of the other kind: components begin with a capital, elements do not"),
            ),
        };
        let span = (!conflict.span.is_empty()).then_some(conflict.span);
        self.refuse(rule, message, conflict.file, span);
    }

    fn python(&mut self, line: u32, column: Option<u32>) -> Result<(), ToolError> {
        let input = self.input;
        let source = input.files.get(self.file).map_or("", |file| file.source.as_str());
        if source.len() > longest(Language::Python) {
            self.refuse(&rules::NOT_EXACT, "the file is too long", self.file, None);
            return Ok(());
        }
        let names = match python::read(source) {
            Ok(names) => names,
            Err(Outcome::TooDeep(at) | Outcome::Broken(at) | Outcome::Unreadable(at)) => {
                self.refuse(&rules::NOT_EXACT, "the file cannot be read", self.file, Some(at..at));
                return Ok(());
            }
            Err(Outcome::Clean) => return Ok(()),
        };
        if let Some(at) = names.broken {
            self.refuse_unparsed(at);
            return Ok(());
        }
        let Some((span, ())) = self.chosen(line, column, names.places().map(|span| (span, ()))) else {
            if self.mentioned(line, column) {
                self.refuse(
                    &rules::NOT_EXACT,
                    "this name is no local variable, but an attribute, a keyword or text",
                    self.file,
                    None,
                );
                return Ok(());
            }
            return Err(self.not_there(column));
        };
        self.what = "local";
        match names.rename(&span, &input.to) {
            Ok(edits) => {
                let all = edits.into_iter().map(|(span, text)| ((self.file, span.start), (span, text)));
                self.edits = all.collect();
            }
            Err((refusal, span)) => {
                let new = excerpt(&input.to);
                let (rule, message) = match refusal {
                    python::Refusal::Inexact(why) => (&rules::NOT_EXACT, format!("`{}` {why}", excerpt(&input.name))),
                    python::Refusal::Declared => (&rules::COLLISION, format!("`{new}` is known in the same scope")),
                    python::Refusal::Captured => {
                        (&rules::CAPTURE, format!("here `{new}` would mean a nearer declaration"))
                    }
                    python::Refusal::Captures => {
                        (&rules::CAPTURE, format!("this `{new}` would mean the renamed symbol"))
                    }
                };
                self.refuse(rule, message, self.file, Some(span));
            }
        }
        Ok(())
    }

    fn report(mut self) -> Report<Data> {
        let failed = self.findings.iter().any(|finding| finding.level == octavo_toolkit::Level::Error);
        if self.edits.len() > MAX_EDITS {
            self.refuse(&rules::NOT_EXACT, format!("more than {MAX_EDITS} edits: rename in parts"), self.file, None);
        }
        let refused = failed || self.edits.len() > MAX_EDITS;
        if refused {
            self.edits.clear();
        }
        let mut data = Data { what: self.what.to_owned(), ..Data::default() };
        let mut by_file: BTreeMap<usize, Vec<Replaced>> = BTreeMap::new();
        for ((file, _), (span, text)) in std::mem::take(&mut self.edits) {
            by_file.entry(file).or_default().push(Replaced { span, text });
        }
        let mut left_out = Vec::new();
        for (file, edits) in &by_file {
            let lines = LineIndex::new(self.source(*file));
            data.edits.extend(edits.iter().map(|edit| EditRow {
                path: self.path(*file).to_owned(),
                range: lines.range(edit.span.clone()),
                new_text: edit.text.clone(),
            }));
            let diff = edit::diff(self.path(*file), self.source(*file), edits);
            if data.diff.len() + diff.len() > MAX_DIFF_BYTES {
                left_out.push(format!("the diff of {}, whose edits are listed", self.path(*file)));
            } else {
                data.diff.push_str(&diff);
            }
        }
        let files = self.input.files.len();
        let summary = if refused {
            format!("`{}` is not renamed", excerpt(&self.input.name))
        } else {
            format!("{} in {}", plural(data.edits.len(), "edit"), plural(by_file.len(), "file"))
        };
        let mut report = Report::checked(self.findings, data).with_summary(summary).over_files(files);
        for what in left_out.into_iter().take(20) {
            report = report.not_checked(what);
        }
        report
    }
}
