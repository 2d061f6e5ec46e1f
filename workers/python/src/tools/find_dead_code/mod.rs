//! `find_dead_code`: definitions, imports, files and statements of a project that nothing needs.
//!
//! Owns the call and the report. Facts are read file by file, so that no more than one tree is held.

mod collect;
mod doubts;
mod facts;
mod judge;
mod reach;
mod rules;

use crate::support::layout::normalized;
use crate::support::module::{self, INVALID_SYNTAX, MAX_FILE_BYTES, TOO_DEEP};
use crate::support::project::{Project, project_files};
use doubts::FileKind;
use facts::{Def, Facts, Kind};
use judge::{Dead, World};
use octavo_toolkit::input::MAX_PATH_BYTES;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::work::{Steps, in_one_go};
use octavo_toolkit::{Ctx, Finding, Level, Report, SourceFile, Tool, ToolError, declare_tool};
use ruff_python_ast::PySourceType;
use ruff_text_size::TextRange;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

declare_tool! {
    /// Finds what a Python project does not need: imports, functions, classes, methods, properties, attributes, variables and
    /// parameters that nothing uses, files that nothing imports, and statements that are never reached.
    ///
    /// Use it before deleting code, or in review of an old project. Send all files, tests included: what uses a thing must be
    /// among them. Names are resolved as Python binds them, over files: a function whose name is also somebody else's is
    /// found all the same, and what only unused code uses is unused too. An attribute of something unknown counts as a use
    /// of every member of that name.
    ///
    /// Each finding says how sure it is, in percent, and why. 90 and more: unused imports, local functions, unreachable code (100).
    /// 80: local variables, private names, parameters. 60: public names, which code outside of the project may use. Less where
    /// a framework, a decorator, a base class, a string or a template may lead to it; `minConfidence` shows those too. Names
    /// in `__all__`, in `entryPoints`, and entry points in `pyproject.toml`, `setup.cfg` and the like among the files are used.
    /// `# noqa` with vulture's code (V101 to V107), F401 or F841 silences a line.
    ///
    /// Limits: 1 MiB a file, 2,000 files, 200 entry points; of a name that one scope defines more than 100 times, the first 100.
    pub struct FindDeadCode;
    name: "find_dead_code",
    title: "Find dead Python code",
    summary: "Finds unused Python functions, classes, attributes, variables, imports, files and unreachable code, with confidence and why.",
    keywords: "vulture dead code unused unreachable deadcode uncalled never used obsolete remove delete cleanup orphan module F401 F841 import function class method property attribute variable argument parameter coverage skylos",
    examples: [
        "an unused helper" => r#"{"files":[{"path":"app.py","source":"import os\nimport sys\n\n\ndef main():\n    return sys.argv\n\n\ndef _helper():\n    return main()\n\n\nif __name__ == \"__main__\":\n    main()\n"}]}"#,
        "what a framework may call" => r#"{"files":[{"path":"web.py","source":"from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef index():\n    return \"\"\n"}],"minConfidence":0}"#,
    ],
    rules: &[
        rules::ATTRIBUTE,
        rules::CLASS,
        rules::FUNCTION,
        rules::IMPORT,
        rules::METHOD,
        rules::PROPERTY,
        rules::VARIABLE,
        rules::UNREACHABLE,
        rules::FILE,
        INVALID_SYNTAX,
        TOO_DEEP,
    ],
    not_checked: ["types of values: members are told apart by name alone", "uses outside of the files sent", "unused dependencies"],
}

/// Least confidence reported when the caller names none; vulture's own.
const DEFAULT_CONFIDENCE: u8 = 60;
/// Most confidence.
const MAX_CONFIDENCE: u8 = 100;
/// Most entry points of a call.
const MAX_ENTRY_POINTS: usize = 200;
/// Files read in one step, between two notes of progress.
const FILES_A_STEP: usize = 20;
/// Files listed by how much of them is unused.
const MAX_FILES_LISTED: usize = 20;

/// Files and what is used from outside.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The whole project, configuration and templates too.
    files: Vec<SourceFile>,
    /// What is used from outside: names, "pkg.mod:name", paths; * matches any.
    #[serde(default)]
    entry_points: Vec<String>,
    /// 0 to 100; default 60.
    #[serde(default)]
    min_confidence: Option<u8>,
}

/// What was found, in figures.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Definitions looked at.
    definitions: usize,
    /// Unused ones by kind; unreachable code and files too.
    unused: BTreeMap<&'static str, usize>,
    /// Findings below the least confidence.
    less_sure: usize,
    /// Files with the most findings.
    files: Vec<FileRow>,
}

/// Findings of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct FileRow {
    /// Its path.
    path: String,
    /// How many.
    findings: usize,
}

impl Tool for FindDeadCode {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        in_one_go(&mut *self.steps(input)?, ctx)
    }

    fn steps(&self, input: Input) -> Result<Box<dyn Steps<Data>>, ToolError> {
        check_items("/entryPoints", &input.entry_points, MAX_ENTRY_POINTS)?;
        for (at, pattern) in input.entry_points.iter().enumerate() {
            check_bytes(&format!("/entryPoints/{at}"), pattern, MAX_PATH_BYTES)?;
        }
        let least = input.min_confidence.unwrap_or(DEFAULT_CONFIDENCE);
        if least > MAX_CONFIDENCE {
            return Err(ToolError::invalid("/minConfidence", "is out of range", "a whole number from 0 to 100"));
        }
        let (files, others) = project_files(input.files, MAX_FILE_BYTES)?;
        let paths: Vec<String> = files.iter().map(|file| normalized(&file.path)).collect();
        let mut search = Search {
            kinds: paths.iter().map(|path| FileKind::of(path)).collect(),
            shown: files.iter().map(|file| file.path.clone()).collect(),
            paths,
            files: files.into_iter(),
            facts: Vec::new(),
            entry_points: input.entry_points,
            configured: BTreeSet::new(),
            templated: BTreeSet::new(),
            least,
            findings: Vec::new(),
        };
        others.iter().for_each(|file| search.look_outside(file));
        Ok(Box::new(search))
    }
}

// A call at work: some files a step, then the judgement.
struct Search {
    files: std::vec::IntoIter<SourceFile>,
    paths: Vec<String>,
    shown: Vec<String>,
    kinds: Vec<FileKind>,
    facts: Vec<Facts>,
    entry_points: Vec<String>,
    configured: BTreeSet<String>,
    templated: BTreeSet<String>,
    least: u8,
    findings: Vec<Finding>,
}

impl Steps<Data> for Search {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<Data>>, ToolError> {
        for file in self.files.by_ref().take(FILES_A_STEP) {
            let at = self.facts.len();
            let facts =
                match (module::parse(&file.source, PySourceType::from(Path::new(&file.path))), self.kinds.get(at)) {
                    (Ok(parsed), Some(kind)) => collect::collect(&parsed, &file.source, kind),
                    (Err(unread), _) => {
                        self.findings.extend(unread.into_iter().map(|finding| finding.in_file(file.path.clone())));
                        Facts::default()
                    }
                    (Ok(_), None) => Facts::default(),
                };
            self.facts.push(facts);
        }
        let (done, all) = (self.facts.len(), self.shown.len());
        if done < all {
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            ctx.progress(count(done), count(all), "files read");
            return Ok(None);
        }
        Ok(Some(self.report()))
    }
}

impl Search {
    // Configuration names entry points; templates read attributes.
    fn look_outside(&mut self, file: &SourceFile) {
        let kind = Path::new(&file.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if matches!(kind, "html" | "htm" | "jinja" | "jinja2" | "j2" | "txt" | "xml" | "mako" | "tmpl") {
            self.templated.extend(collect::words(&file.source).map(str::to_owned));
        }
        if matches!(kind, "toml" | "cfg" | "ini" | "yaml" | "yml" | "json" | "in" | "txt") || !file.path.contains('.') {
            let words = file.source.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ':')));
            let named = words
                .map(|word| word.trim_matches(['.', ':']))
                .filter(|word| word.contains(['.', ':']) && word.len() <= 200);
            self.configured.extend(named.map(str::to_owned));
        }
    }

    fn report(&mut self) -> Report<Data> {
        let imports: Vec<Vec<crate::support::imports::Import>> = self.facts.iter().map(imports_of).collect();
        let project = Project::of(&self.paths, &imports);
        let world = World {
            project: &project,
            facts: &self.facts,
            paths: &self.shown,
            entry_points: &self.entry_points,
            configured: std::mem::take(&mut self.configured),
            templated: std::mem::take(&mut self.templated),
        };
        let mut data = Data { definitions: self.facts.iter().map(|facts| facts.defs.len()).sum(), ..Data::default() };
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        let mut found = Vec::new();
        for Dead { id: (file, at), confidence, why } in judge::judge(&world) {
            let Some(def) = self.facts.get(file).and_then(|facts| facts.defs.get(at)) else { continue };
            if confidence < self.least {
                data.less_sure += 1;
                continue;
            }
            *data.unused.entry(def.kind.word()).or_default() += 1;
            found.push((
                file,
                confidence,
                message_of(def, confidence, &why),
                rules::of_kind(def.kind),
                Some(def.range),
            ));
        }
        for (file, confidence, why) in world.unused_files(&self.kinds) {
            if confidence < self.least {
                data.less_sure += 1;
                continue;
            }
            *data.unused.entry("file").or_default() += 1;
            found.push((file, confidence, format!("unused file, {confidence} % sure: {why}"), &rules::FILE, None));
        }
        for (file, facts) in self.facts.iter().enumerate() {
            for stretch in &facts.unreachable {
                *data.unused.entry("unreachable").or_default() += 1;
                let message = format!("unreachable code, 100 % sure: {}", stretch.message);
                found.push((file, MAX_CONFIDENCE, message, &rules::UNREACHABLE, Some(stretch.range)));
            }
        }
        for (file, confidence, message, rule, range) in found {
            *counts.entry(file).or_default() += 1;
            let level = if confidence < DEFAULT_CONFIDENCE { Level::Info } else { Level::Warning };
            let mut finding = Finding::new(rule, message).with_level(level);
            finding.range = range;
            finding.path = self.shown.get(file).cloned();
            self.findings.push(finding);
        }
        let mut rows: Vec<(usize, usize)> = counts.into_iter().collect();
        rows.sort_by_key(|(file, count)| (std::cmp::Reverse(*count), *file));
        data.files = rows
            .into_iter()
            .take(MAX_FILES_LISTED)
            .map(|(file, findings)| FileRow { path: self.shown.get(file).cloned().unwrap_or_default(), findings })
            .collect();
        let unused: usize = data.unused.values().sum();
        let summary = format!(
            "{} unused or unreachable of {} in {}",
            plural(unused, "thing"),
            plural(data.definitions, "definition"),
            plural(self.shown.len(), "file")
        );
        Report::checked(std::mem::take(&mut self.findings), data).over_files(self.shown.len()).with_summary(summary)
    }
}

fn message_of(def: &Def, confidence: u8, why: &str) -> String {
    let others = match def.others {
        0 => String::new(),
        others => format!(" (set in {} more)", plural(others, "place")),
    };
    let kind =
        if def.kind == Kind::Variable && def.place == facts::Place::Class { "class variable" } else { def.kind.word() };
    format!("unused {kind} `{}`{others}, {confidence} % sure: {why}", excerpt(&def.name))
}

// The imports of a file, as far as they name modules.
fn imports_of(facts: &Facts) -> Vec<crate::support::imports::Import> {
    let named = facts.defs.iter().filter_map(|def| def.target.clone());
    let stars = facts.stars.iter().map(|(level, module)| (*level, module.clone(), None));
    // `import a.b` binds `a`, and is known by its use.
    let dotted = facts.uses.iter().filter_map(|(_, used)| match used {
        facts::Use::Imported(def, path, false) => {
            let (level, module, name) = facts.defs.get(*def)?.target.as_ref()?;
            (*level == 0 && name.is_none()).then(|| (0, format!("{module}.{}", path.join(".")), None))
        }
        _ => None,
    });
    named
        .chain(stars)
        .chain(dotted)
        .map(|(level, module, name)| crate::support::imports::Import {
            level,
            module,
            name,
            bound: None,
            when: crate::support::imports::When::Load,
            optional: false,
            range: TextRange::default(),
            statement: TextRange::default(),
        })
        .collect()
}
