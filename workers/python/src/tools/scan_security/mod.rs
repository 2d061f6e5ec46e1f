//! `scan_security`: insecure calls by bandit's ids, and values from outside that reach where they do harm.
//!
//! Calls are found by one walk over each file (`calls`), flows by a graph over all files (`flow`, `graph`, `knowledge`).

mod calls;
mod flow;
mod graph;
mod knowledge;
mod rules;

use crate::support::files::{Named, PythonFiles, python_files};
use crate::support::imports::{self, Import};
use crate::support::layout::normalized;
use crate::support::module::{self, INVALID_SYNTAX, MAX_FILE_BYTES, TOO_DEEP};
use crate::support::project::Project;
use graph::{Flow, Graph};
use knowledge::HARMS;
use octavo_toolkit::render::plural;
use octavo_toolkit::work::{Steps, in_one_go};
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, SourceFile, Tool, ToolError, declare_tool};
use regex_lite::Regex;
use ruff_python_ast::PySourceType;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

declare_tool! {
    /// Scans Python for security faults: insecure calls and settings, by bandit's ids (B101 to B704), and values from outside (web
    /// requests, `input()`, arguments, the environment) that reach a sink (SQL, a shell, `eval`, a file's path, pickle,
    /// HTML, a requested address, a redirect, a template), followed over functions and files, with every step of the way.
    ///
    /// Use it before merging or deploying. Send the files of one project together: a value may come in by one file and do
    /// harm in another.
    ///
    /// The level of a call is bandit's severity: high is an error, medium a warning, low info. A flow is an error. `# nosec`,
    /// alone or with ids, silences its line. What makes a value harmless is known per kind of harm: `shlex.quote`,
    /// `html.escape`, `os.path.basename`, `int`, query parameters, a check against fixed values, and so on. `data.flows`
    /// holds each flow with its CWE, source, sink and trace.
    ///
    /// Limits: 1 MiB a file, 2,000 files; a flow through more than 8 nested calls is not followed; SQL put together is told from a
    /// text and 64 operators around it.
    pub struct ScanSecurity;
    name: "scan_security",
    title: "Scan Python for security faults",
    summary: "Finds insecure Python calls by bandit's ids and untrusted input that reaches SQL, shells, eval, paths or HTML across files, with CWE and trace.",
    keywords: "bandit security vulnerability taint sast injection sql command shell xss ssrf path traversal pickle yaml eval secrets hardcoded password weak crypto md5 tls verify nosec CWE semgrep codeql pysa owasp flask django",
    examples: [
        "SQL from a request, over two files" => r#"{"files":[{"path":"app.py","source":"from flask import Flask, request\nfrom store import find\n\napp = Flask(__name__)\n\n\n@app.route(\"/\")\ndef index():\n    return find(request.args[\"name\"])\n"},{"path":"store.py","source":"import sqlite3\n\n\ndef find(name):\n    db = sqlite3.connect(\"a.db\")\n    return db.execute(f\"SELECT * FROM t WHERE name = '{name}'\").fetchall()\n"}]}"#,
        "insecure calls" => r#"{"source":"import hashlib\nimport subprocess\n\nsubprocess.call(\"ls \" + name, shell=True)\nprint(hashlib.md5(b\"x\").hexdigest())\npassword = \"hunter2\"\n"}"#,
    ],
    rules: &[
        rules::SQL,
        rules::COMMAND,
        rules::CODE,
        rules::PATH,
        rules::OBJECT,
        rules::HTML,
        rules::REQUEST,
        rules::REDIRECT,
        rules::TEMPLATE,
        INVALID_SYNTAX,
        TOO_DEEP,
    ],
    not_checked: [
        "bandit's configuration, baselines, confidence, and values that it takes to be unsafe since it cannot read them",
        "flows through databases, queues and templates",
        "sources and sinks of libraries that are not known",
    ],
}

/// Flows listed.
const MAX_FLOWS: usize = 100;
/// Steps of a flow that its message names.
const MAX_NAMED_STEPS: usize = 6;

/// Files.
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
}

/// What was found.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// Findings by rule.
    counts: BTreeMap<String, usize>,
    /// Flows from outside to a sink.
    flows: Vec<FlowRow>,
    /// Flows left out.
    unlisted: usize,
}

/// A flow.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct FlowRow {
    /// Its rule.
    rule: &'static str,
    /// "CWE-89".
    cwe: String,
    /// From the source to the sink.
    trace: Vec<StepRow>,
}

/// A step of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct StepRow {
    /// File.
    path: String,
    /// Line.
    line: u32,
    /// What the value is there.
    what: String,
}

impl Tool for ScanSecurity {
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
        let PythonFiles { named, files, left_out } =
            python_files(input.source, input.filename, input.files, MAX_FILE_BYTES)?;
        let paths: Vec<String> = files.iter().map(|file| normalized(&file.path)).collect();
        Ok(Box::new(Scan {
            named,
            files,
            paths,
            left_out,
            project: None,
            imports: Vec::new(),
            sql: calls::sql(),
            graph: Graph::default(),
            next: 0,
            findings: Vec::new(),
        }))
    }
}

// A call at work: the imports of each file, then each file's calls and flows, then the search.
struct Scan {
    named: Named,
    files: Vec<SourceFile>,
    paths: Vec<String>,
    left_out: Option<String>,
    project: Option<Project>,
    imports: Vec<Vec<Import>>,
    // What SQL looks like, built once for all files.
    sql: Option<Regex>,
    graph: Graph,
    next: usize,
    findings: Vec<Finding>,
}

impl Steps<Data> for Scan {
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<Data>>, ToolError> {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if self.imports.len() < self.files.len() {
            let file = self.files.get(self.imports.len());
            let parsed = file.map(|file| module::parse(&file.source, PySourceType::from(Path::new(&file.path))));
            let imports = match parsed {
                Some(Ok(parsed)) => imports::collect(parsed.syntax()),
                Some(Err(_)) | None => Vec::new(),
            };
            self.imports.push(imports);
            return Ok(None);
        }
        if self.project.is_none() {
            self.project = Some(Project::of(&self.paths, &self.imports));
        }
        if self.next < self.files.len() {
            self.scan(self.next);
            self.next += 1;
            ctx.progress(count(self.next), count(self.files.len()), "files scanned");
            return Ok(None);
        }
        Ok(Some(self.report()))
    }
}

impl Scan {
    fn shown(&self, file: usize) -> Option<String> {
        let file = self.files.get(file).filter(|_| self.named.is_shown())?;
        Some(file.path.clone())
    }

    fn scan(&mut self, at: usize) {
        let Some(file) = self.files.get(at).cloned() else { return };
        let shown = self.shown(at);
        let parsed = match module::parse(&file.source, PySourceType::from(Path::new(&file.path))) {
            Ok(parsed) => parsed,
            Err(unread) => {
                self.findings.extend(unread.into_iter().map(|finding| Finding { path: shown.clone(), ..finding }));
                return;
            }
        };
        let names = self.names_of(at);
        let index = LineIndex::new(&file.source);
        let place = |range: ruff_text_size::TextRange| index.range(range.start().to_usize()..range.end().to_usize());
        let found = calls::find(parsed.suite(), &file.source, self.sql.as_ref()).into_iter();
        let mut found: Vec<Finding> = found
            .map(|found| {
                let message = format!("{} (CWE-{})", found.message, calls::cwe_of(found.id));
                Finding::of(found.id, found.level, message).at(place(found.range))
            })
            .collect();
        let module = self.project.as_ref().and_then(|project| project.name(at)).unwrap_or_default().to_owned();
        flow::add(&mut self.graph, at, &module, parsed.suite(), &file.source, names);
        let silenced = silenced(&file.source);
        found.retain(|finding| !is_silenced(finding, &silenced));
        self.findings.extend(found.into_iter().map(|finding| Finding { path: shown.clone(), ..finding }));
    }

    // What each imported name of a file is in full.
    fn names_of(&self, file: usize) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        let Some(project) = &self.project else { return names };
        for import in self.imports.get(file).into_iter().flatten() {
            let Some(bound) = &import.bound else { continue };
            let full = match (&import.name, import.bound.as_deref() == import.module.split('.').next()) {
                // `import a.b` binds `a`.
                (None, true) => bound.clone(),
                _ => project.absolute(file, import).unwrap_or_else(|| import.dotted()),
            };
            names.insert(bound.clone(), full);
        }
        names
    }

    fn report(&mut self) -> Report<Data> {
        self.graph.link();
        let mut data = Data::default();
        let mut told = BTreeSet::new();
        let silenced: Vec<Silenced> = self.files.iter().map(|file| silenced(&file.source)).collect();
        for flow in self.graph.flows() {
            for harm in HARMS.iter().filter(|harm| flow.sink & harm.bit != 0) {
                let trace = self.trace(&flow);
                let (Some(source), Some(sink)) = (trace.first().cloned(), trace.last().cloned()) else { continue };
                let Some(place) = flow.path.last().and_then(|node| self.graph.places.get(*node)).cloned() else {
                    continue;
                };
                if !told.insert((harm.rule.id, source.path.clone(), source.line, place.file, place.range)) {
                    continue;
                }
                let way: Vec<String> = trace.iter().map(|step| format!("{}:{}", step.path, step.line)).collect();
                let mut way: Vec<String> = way.into_iter().fold(Vec::new(), |mut way, step| {
                    if way.last() != Some(&step) {
                        way.push(step);
                    }
                    way
                });
                if way.len() > MAX_NAMED_STEPS {
                    way.drain(MAX_NAMED_STEPS / 2..way.len() - MAX_NAMED_STEPS / 2);
                    way.insert(MAX_NAMED_STEPS / 2, "\u{2026}".to_owned());
                }
                let message = format!(
                    "`{}` from line {} {} in `{}`: {} (CWE-{})",
                    source.what,
                    source.line,
                    harm.verb,
                    sink.what,
                    way.join(" -> "),
                    harm.cwe
                );
                let mut finding = Finding::new(harm.rule, message).at(place.range);
                finding.path = self.shown(place.file);
                if silenced.get(place.file).is_some_and(|silenced| is_silenced(&finding, silenced)) {
                    continue;
                }
                self.findings.push(finding);
                if data.flows.len() < MAX_FLOWS {
                    data.flows.push(FlowRow { rule: harm.rule.id, cwe: format!("CWE-{}", harm.cwe), trace });
                } else {
                    data.unlisted += 1;
                }
            }
        }
        for finding in &self.findings {
            *data.counts.entry(finding.rule.to_string()).or_default() += 1;
        }
        let findings = std::mem::take(&mut self.findings);
        let summary = format!(
            "{} and {} in {}",
            plural(data.flows.len() + data.unlisted, "flow"),
            plural(findings.len() - data.flows.len() - data.unlisted, "other finding"),
            plural(self.files.len(), "file")
        );
        let report = Report::checked(findings, data).over_files(self.files.len()).with_summary(summary);
        match self.left_out.take() {
            Some(left_out) => report.not_checked(left_out),
            None => report,
        }
    }

    fn trace(&self, flow: &Flow) -> Vec<StepRow> {
        let mut trace: Vec<StepRow> = Vec::new();
        for place in flow.path.iter().filter_map(|node| self.graph.places.get(*node)) {
            let path = self.files.get(place.file).map(|file| file.path.clone()).unwrap_or_default();
            let step = StepRow { path, line: place.range.start.line, what: place.what.clone() };
            if trace.last() != Some(&step) {
                trace.push(step);
            }
        }
        trace
    }
}

// Lines with `# nosec`, with the ids it names (none: all).
type Silenced = BTreeMap<u32, Vec<String>>;

fn silenced(source: &str) -> Silenced {
    let mut lines = Silenced::new();
    for (line, text) in (1_u32..).zip(source.split('\n')) {
        let Some((_, comment)) = text.split_once('#') else { continue };
        let Some(at) = comment.find("nosec") else { continue };
        let rest = comment.get(at + 5..).unwrap_or_default();
        let ids = rest.split([' ', ',', ':', '#', '\r']).filter(|id| id.len() == 4 && id.starts_with('B'));
        lines.insert(line, ids.map(str::to_owned).collect());
    }
    lines
}

fn is_silenced(finding: &Finding, silenced: &Silenced) -> bool {
    let Some(range) = finding.range else { return false };
    let mut lines = silenced.range(range.start.line..=range.end.line);
    lines.any(|(_, ids)| ids.is_empty() || ids.iter().any(|id| *id == finding.rule))
}

#[cfg(not(target_arch = "wasm32"))]
mod pages {
    //! Pages by bandit's ids: those of ruff's same rules, and of what ruff lacks or has in preview.

    use octavo_toolkit::{Level, RulePage};

    /// bandit's id of a ruff rule.
    fn id_of(rule: &str) -> Option<String> {
        rule.strip_prefix('S').filter(|number| number.len() == 3).map(|number| format!("B{number}"))
    }

    /// The worst level of a rule.
    fn level_of(id: &str) -> Level {
        match id {
            "B103" | "B201" | "B202" | "B304" | "B312" | "B321" | "B324" | "B401" | "B402" | "B411" | "B412"
            | "B413" | "B415" | "B501" | "B502" | "B505" | "B507" | "B602" | "B605" | "B609" | "B613" | "B701" => {
                Level::Error
            }
            "B101" | "B105" | "B106" | "B107" | "B110" | "B112" | "B311" | "B403" | "B404" | "B405" | "B406"
            | "B407" | "B408" | "B409" | "B504" | "B603" | "B606" | "B607" => Level::Info,
            _ => Level::Warning,
        }
    }

    /// Id, what it asks for, why, wrong, right.
    type Own = (&'static str, &'static str, &'static str, &'static str, &'static str);

    const OWN: &[Own] = &[
        (
            "B401",
            "telnetlib is not imported.",
            "Telnet sends passwords in the clear.",
            "import telnetlib\n",
            "import ssl\n",
        ),
        ("B402", "ftplib is not imported.", "FTP sends passwords in the clear.", "import ftplib\n", "import ssl\n"),
        (
            "B403",
            "Imports of pickle and the like are looked at.",
            "Loading a pickle runs the code that its writer chose.",
            "import pickle\n",
            "import json\n",
        ),
        (
            "B404",
            "Imports of subprocess are looked at.",
            "What starts programs deserves a second look.",
            "import subprocess\n",
            "import json\n",
        ),
        (
            "B405",
            "xml.etree is not imported for foreign XML.",
            "It expands entities: small files become huge.",
            "import xml.etree.ElementTree\n",
            "import defusedxml.ElementTree\n",
        ),
        (
            "B406",
            "xml.sax is not imported for foreign XML.",
            "It expands entities: small files become huge.",
            "import xml.sax\n",
            "import defusedxml.sax\n",
        ),
        (
            "B407",
            "xml.dom.expatbuilder is not imported for foreign XML.",
            "It expands entities: small files become huge.",
            "import xml.dom.expatbuilder\n",
            "import defusedxml.expatbuilder\n",
        ),
        (
            "B408",
            "xml.dom.minidom is not imported for foreign XML.",
            "It expands entities: small files become huge.",
            "import xml.dom.minidom\n",
            "import defusedxml.minidom\n",
        ),
        (
            "B409",
            "xml.dom.pulldom is not imported for foreign XML.",
            "It expands entities: small files become huge.",
            "import xml.dom.pulldom\n",
            "import defusedxml.pulldom\n",
        ),
        (
            "B411",
            "xmlrpc is not imported without protection.",
            "It expands entities of whoever calls.",
            "import xmlrpc.server\n",
            "import json\n",
        ),
        (
            "B412",
            "CGI and FastCGI servers with the httpoxy weakness are not used.",
            "A header of the request sets the proxy of the program.",
            "import wsgiref.handlers.CGIHandler\n",
            "import wsgiref.validate\n",
        ),
        (
            "B413",
            "pyCrypto is not imported.",
            "It is no longer maintained and has known holes.",
            "import Crypto.Hash\n",
            "import cryptography.fernet\n",
        ),
        ("B415", "pyghmi is not imported.", "IPMI is an insecure protocol.", "import pyghmi\n", "import json\n"),
        (
            "B613",
            "No character changes the direction of text.",
            "A reviewer sees other code than Python runs.",
            "x = 1  # \u{202e}2\n",
            "x = 1  # 2\n",
        ),
        (
            "B614",
            "torch.load loads weights only.",
            "The file may hold code, which runs.",
            "import torch\n\ntorch.load(\"m.pt\")\n",
            "import torch\n\ntorch.load(\"m.pt\", weights_only=True)\n",
        ),
        (
            "B615",
            "Downloads of models and data sets name their revision.",
            "What is downloaded tomorrow may be another's.",
            "from transformers import AutoModel\n\nAutoModel.from_pretrained(\"a/b\")\n",
            "from transformers import AutoModel\n\nAutoModel.from_pretrained(\"a/b\", revision=\"5f2c1e\")\n",
        ),
        (
            "B703",
            "What is marked as safe HTML is written out.",
            "Whatever is in the value is sent as HTML.",
            "from django.utils.safestring import mark_safe\n\n\ndef f(x):\n    return mark_safe(x)\n",
            "from django.utils.html import escape\n\n\ndef f(x):\n    return escape(x)\n",
        ),
    ];

    /// One page an id.
    pub(super) fn all() -> Vec<RulePage> {
        let mut pages: Vec<RulePage> = OWN
            .iter()
            .map(|(id, summary, why, wrong, right)| RulePage {
                id: (*id).to_owned(),
                level: level_of(id),
                summary: (*summary).to_owned(),
                why: (*why).to_owned(),
                wrong: (*wrong).to_owned(),
                right: (*right).to_owned(),
                source: format!("bandit 1.9.4, {id}"),
            })
            .collect();
        for page in crate::tools::lint_code::pages::all() {
            let Some(id) = id_of(&page.id).filter(|id| pages.iter().all(|known| known.id != *id)) else { continue };
            pages.push(RulePage {
                level: level_of(&id),
                source: format!("bandit 1.9.4, {id}; ruff {}", page.id),
                id,
                ..page
            });
        }
        pages.sort_by(|a, b| a.id.cmp(&b.id));
        pages
    }
}
