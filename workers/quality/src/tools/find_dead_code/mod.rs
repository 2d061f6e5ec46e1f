//! Finds code that nothing uses or reaches, over all files of a project.
//!
//! Owns arguments and findings. [`exports`] looks at JavaScript and TypeScript modules, [`names`] at the other languages; what one
//! file leaves unused or unreached stands in `support/script` and [`reach`].

mod c;
mod exports;
mod go;
mod java;
mod names;
mod python;
mod reach;
mod rules;
mod rust;

use super::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
use crate::support::language::{self, Engine, Language};
use crate::support::packages::{Packages, Paths, file_name, folder};
use crate::support::pattern::is_in;
use crate::support::script::{flow, unused};
use crate::support::walk::Budget;
use crate::support::{Outcome, ecma};
use exports::{DEFAULT, Module};
use names::{Facts, Kind};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_FILES, check_items, excerpt};
use octavo_toolkit::path::normal;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Report, SourceFile, Tool, ToolError, declare_tool};
use oxc_span::Span;
use rules::{EXPORTS, FILES, REACH, TYPES, VARS};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Finds unused functions, exports, types, locals, parameters, imports and files, and statements that are never reached, over all
    /// files of a project.
    ///
    /// **Use it** before a refactoring or a review, and after a change that took callers away.
    ///
    /// **JavaScript, TypeScript** exactly, by scopes: names nothing reads, as ESLint defines it (`_name` is meant to be unused), and
    /// exports no file takes, through re-exports, namespaces, require and import(); as knip does, a class that another export names as a type is kept, and so is
    /// what is documented as `@public`. What entries export is used from outside.
    ///
    /// **Entries** are the files named, those of a package.json among the files, tests, stories, configuration, and index, main, cli, server
    /// and app at the top or in src. Where neither arguments nor a manifest name one, every file that no other imports is an entry.
    ///
    /// **Python** as vulture does, by name over all files, and locals, parameters and imports by scope. **Go** as U1000: a
    /// package's own functions, methods, types, constants and variables. **Java** as PMD: private members, locals, imports, parameters of
    /// private methods. **C** and **Rust** as their compilers warn.
    ///
    /// **Levels.** Info where something outside the files may use it: a public name, a script's global.
    ///
    /// **Output.** Findings; `data` with counts by kind, unreached lines, and the entries taken.
    pub struct FindDeadCode;
    name: "find_dead_code",
    title: "Find dead code",
    summary: "Finds unused functions, exports, locals, imports and unreachable code in JS/TS, Python, Go, Java, Rust, C. Send all files.",
    keywords: "unused code dead code unused exports unused variables unused imports unreachable knip ts-prune vulture no-unused-vars no-unreachable unused files unused functions unused parameters U1000 dead_code PMD cleanup remove tree shaking unreachable after return never run methods nobody calls callers javascript typescript java go rust",
    examples: [
        "an export nobody takes" => r#"{"files":[{"path":"main.ts","source":"import { a } from './lib';\na();"},{"path":"lib.ts","source":"export const a = () => 1;\nexport const b = 2;"}]}"#,
        "Python" => r#"{"files":[{"path":"a.py","source":"import os\n\ndef f(a):\n    return a\n    print(a)\n\nf(1)\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "names put together at run time, and what frameworks find by convention: name such files in `entries`",
        "names that a file only hands on from another, exports by module.exports, members of classes and enums in JavaScript and TypeScript",
        "public members of Java, fields of structs in Go, C and Rust, unused traits in Rust's imports",
        "locals and imports of Go, which its compiler refuses",
    ],
}

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// All.
    files: Vec<SourceFile>,
    /// Paths used from outside.
    #[serde(default)]
    entries: Vec<String>,
}

/// What is left over.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Findings by what they are of.
    pub kinds: BTreeMap<String, usize>,
    /// Lines never reached.
    pub unreachable_lines: u32,
    /// JavaScript and TypeScript files taken for entries.
    pub entries: Vec<String>,
}

#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    data: Data,
}

impl Found {
    fn push(&mut self, kind: &str, finding: Finding) {
        *self.data.kinds.entry(kind.to_owned()).or_default() += 1;
        self.findings.push(finding);
    }
}

impl Tool for FindDeadCode {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/entries", &input.entries, MAX_FILES)?;
        let paths: Vec<String> = input.files.iter().map(|file| normal(&file.path)).collect();
        let named = named(&input.entries, &paths)?;
        let mut project = Project::default();
        let mut found = Found::default();
        for (at, file) in input.files.iter().enumerate() {
            project.read(at, file, &mut found);
        }
        if project.modules.is_empty() && project.facts.is_empty() {
            return Err(ToolError::invalid("/files", "has no file that is read", language::ACCEPTED));
        }
        let read = project.modules.len() + project.facts.values().map(BTreeMap::len).sum::<usize>();
        project.globals(&input.files, &mut found);
        project.exports(&input.files, &paths, &named, &mut found);
        project.names(&input.files, &named, input.entries.is_empty(), &mut found);
        let Found { findings, data } = found;
        let counted = |(kind, count): (&String, &usize)| match kind.as_str() {
            "unreachable" => format!("{} unreachable", plural(*count, "stretch")),
            "property" | "class" if *count > 1 => {
                format!("{count} {}", if kind == "class" { "classes" } else { "properties" })
            }
            kind => plural(*count, kind),
        };
        let kinds: Vec<String> = data.kinds.iter().map(counted).collect();
        let summary = match kinds.as_slice() {
            [] => format!("nothing unused in {}", plural(read, "file")),
            kinds => format!("unused in {}: {}", plural(read, "file"), kinds.join(", ")),
        };
        let mut report = Report::checked(findings, data).with_summary(summary).over_files(read);
        for what in project.left_out.into_iter().take(20) {
            report = report.not_checked(what);
        }
        Ok(report)
    }
}

// The files that `entries` names.
fn named(entries: &[String], paths: &[String]) -> Result<BTreeSet<usize>, ToolError> {
    let mut found = BTreeSet::new();
    for (at, entry) in entries.iter().enumerate() {
        let plain = normal(entry);
        let fitting: Vec<usize> =
            (0..paths.len()).filter(|file| paths.get(*file).is_some_and(|path| is_in(path, &plain))).collect();
        if fitting.is_empty() {
            return Err(ToolError::invalid(
                format!("/entries/{at}"),
                "fits no file",
                "a path, a folder, or a pattern such as \"src/*.ts\"",
            ));
        }
        found.extend(fitting);
    }
    Ok(found)
}

// A global of a script that its own file leaves unused.
struct Global {
    file: usize,
    name: String,
    word: &'static str,
    span: Span,
}

#[derive(Default)]
struct Project<'s> {
    modules: BTreeMap<usize, Module>,
    scripts: Vec<Global>,
    facts: BTreeMap<Language, BTreeMap<usize, Facts<'s>>>,
    left_out: Vec<String>,
    budget: Budget,
}

impl<'s> Project<'s> {
    fn read(&mut self, at: usize, file: &'s SourceFile, found: &mut Found) {
        let Some(language) = Language::of_path(&file.path) else { return };
        let is_script = matches!(language.engine(), Engine::Oxc(_));
        if file.source.len() > if is_script { MAX_SCRIPT_BYTES } else { MAX_FILE_BYTES } {
            self.left_out.push(format!("{}, which is too long", file.path));
            return;
        }
        let outcome = match language.engine() {
            Engine::Oxc(kind) => {
                let read = ecma::with_semantic(kind, &file.source, |semantic, program| {
                    let module = exports::read(semantic, program);
                    if !is_declaration(&file.path) {
                        self.script(at, file, &module, semantic, found);
                    }
                    self.modules.insert(at, module);
                });
                read.map_or_else(|outcome| outcome, |(outcome, ())| outcome)
            }
            Engine::TreeSitter(_) => match names::read(language, &file.path, &file.source, &self.budget) {
                Ok((outcome, facts)) => {
                    self.facts.entry(language).or_default().insert(at, facts);
                    outcome
                }
                Err(outcome) => outcome,
            },
        };
        match outcome {
            Outcome::Clean => {}
            Outcome::Broken(_) => self.left_out.push(format!("{} beyond where it does not parse", file.path)),
            Outcome::TooDeep(_) | Outcome::Unreadable(_) => {
                self.left_out.push(format!("{}, which is not read", file.path));
            }
        }
    }

    // What a JavaScript file leaves unused and unreached by itself.
    fn script(
        &mut self,
        at: usize,
        file: &SourceFile,
        module: &Module,
        semantic: &oxc_semantic::Semantic<'_>,
        found: &mut Found,
    ) {
        let lines = LineIndex::new(&file.source);
        for one in unused::of(semantic) {
            let name = semantic.scoping().symbol_name(one.symbol);
            if name.starts_with('_') {
                continue;
            }
            let word = one.what.word();
            if one.top && !module.has_scope {
                self.scripts.push(Global { file: at, name: name.to_owned(), word, span: one.span });
                continue;
            }
            let how = if one.written { "is set, and never read" } else { "is never used" };
            let message = format!("{word} `{}` {how}", excerpt(name));
            found.push(word, Finding::new(&VARS, message).in_file(file.path.as_str()).at(lines.range(bytes(one.span))));
        }
        for span in flow::of_program(semantic.nodes()).unreachable {
            found.unreachable(&REACH, &file.path, lines.range(bytes(span)));
        }
    }

    // Globals of scripts that no other script reads either.
    fn globals(&self, files: &[SourceFile], found: &mut Found) {
        let read: BTreeSet<&str> =
            self.modules.values().flat_map(|module| module.globals.iter().map(String::as_str)).collect();
        let mut lines = Lines::new(files);
        for one in self.scripts.iter().filter(|one| !read.contains(one.name.as_str())) {
            let Some(file) = files.get(one.file) else { continue };
            let range = lines.range(one.file, bytes(one.span));
            let message =
                format!("{} `{}` is never used, unless a page or another script does", one.word, excerpt(&one.name));
            found.push(
                one.word,
                Finding::new(&VARS, message).with_level(Level::Info).in_file(file.path.as_str()).at(range),
            );
        }
    }

    fn exports(&self, files: &[SourceFile], paths: &[String], named: &BTreeSet<usize>, found: &mut Found) {
        let (mut known, mut packages) = (Paths::default(), Packages::default());
        for (at, (file, path)) in files.iter().zip(paths).enumerate() {
            match file_name(path) {
                "tsconfig.json" | "jsconfig.json" => packages.configured(folder(path), &file.source),
                "package.json" => packages.declared(folder(path), &file.source),
                _ => {}
            }
            known.insert(path.clone(), at);
        }
        packages.sort();
        let mut entries: BTreeSet<usize> = packages.entries(&known);
        entries.extend(named);
        entries.retain(|at| self.modules.contains_key(at));
        let rooted = !entries.is_empty();
        let by_name =
            |at: &&usize| paths.get(**at).is_some_and(|path| exports::is_run_by_tools(path) || exports::is_start(path));
        entries.extend(self.modules.keys().filter(by_name));
        // A plain script is loaded by a page; one without exports may be run by hand.
        entries
            .extend(self.modules.iter().filter(|(_, module)| !module.has_scope).map(|(at, _)| *at).filter(|_| !rooted));
        let left = exports::left(&self.modules, &entries, &packages, &known, rooted);
        found.data.entries = entries.iter().filter_map(|at| paths.get(*at).cloned()).collect();
        for at in left.files {
            if let Some(file) = files.get(at) {
                let message = "no entry leads to this file";
                found.push("file", Finding::new(&FILES, message).in_file(file.path.as_str()));
            }
        }
        let mut lines = Lines::new(files);
        for (at, number) in left.exports {
            let export = self.modules.get(&at).and_then(|module| module.offers.get(number));
            let (Some(file), Some(export)) = (files.get(at), export) else { continue };
            let (rule, word) = if export.is_type { (&TYPES, "exported type") } else { (&EXPORTS, "export") };
            let name = if export.name == DEFAULT {
                "the default export".to_owned()
            } else {
                format!("{word} `{}`", excerpt(&export.name))
            };
            let inside = if export.used_inside { "; this file uses it, so only the `export` is too much" } else { "" };
            let range = lines.range(at, bytes(export.span));
            found.push(
                word,
                Finding::new(rule, format!("{name} is taken by no other file{inside}"))
                    .in_file(file.path.as_str())
                    .at(range),
            );
        }
    }

    fn names(&self, files: &[SourceFile], named: &BTreeSet<usize>, open: bool, found: &mut Found) {
        for (language, facts) in &self.facts {
            let imported: BTreeSet<&str> = facts.values().flat_map(|facts| facts.modules.iter().copied()).collect();
            let mut lines = Lines::new(files);
            for left in names::left(*language, facts, named) {
                let Some(file) = files.get(left.file) else { continue };
                let def = left.def;
                let Some(rule) = rules::of(*language, def.kind) else { continue };
                if *language == Language::Python && python::is_looked_up(def.name, |module| imported.contains(module)) {
                    continue;
                }
                let word = word(def.kind);
                let public = left.public && open && !(*language == Language::Python && def.name.starts_with('_'));
                let but = if public { ", unless something outside these files does" } else { "" };
                let mut finding = Finding::new(rule, format!("{word} `{}` is never used{but}", excerpt(def.name)));
                if public {
                    finding = finding.with_level(Level::Info);
                }
                let range = lines.range(left.file, def.at.clone());
                found.push(word, finding.in_file(file.path.as_str()).at(range));
            }
            for (at, facts) in facts {
                let Some(file) = files.get(*at) else { continue };
                for stretch in &facts.unreachable {
                    found.unreachable(rules::of_reach(*language), &file.path, lines.range(*at, stretch.clone()));
                }
            }
        }
    }
}

impl Found {
    fn unreachable(&mut self, rule: &octavo_toolkit::Rule, path: &str, range: octavo_toolkit::Range) {
        let lines = range.end.line - range.start.line + 1;
        self.data.unreachable_lines += lines;
        let message = format!(
            "{} never reached: what stands before always leaves",
            if lines == 1 { "a line is".to_owned() } else { format!("{lines} lines are") }
        );
        self.push("unreachable", Finding::new(rule, message).in_file(path).at(range));
    }
}

// Places in files; each is indexed once, for findings come file by file.
struct Lines<'f> {
    files: &'f [SourceFile],
    current: Option<(usize, LineIndex<'f>)>,
}

impl<'f> Lines<'f> {
    const fn new(files: &'f [SourceFile]) -> Self {
        Self { files, current: None }
    }

    fn range(&mut self, file: usize, bytes: std::ops::Range<usize>) -> octavo_toolkit::Range {
        if self.current.as_ref().is_none_or(|(known, _)| *known != file) {
            self.current = None;
        }
        let text = self.files.get(file).map_or("", |file| file.source.as_str());
        self.current.get_or_insert_with(|| (file, LineIndex::new(text))).1.range(bytes)
    }
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Function => "function",
        Kind::Method => "method",
        Kind::Property => "property",
        Kind::Class => "type",
        Kind::Variable | Kind::Local => "variable",
        Kind::Attribute => "attribute",
        Kind::Import => "import",
        Kind::Parameter => "parameter",
    }
}

fn is_declaration(path: &str) -> bool {
    [".d.ts", ".d.mts", ".d.cts"].iter().any(|ending| path.ends_with(ending))
}

const fn bytes(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}
