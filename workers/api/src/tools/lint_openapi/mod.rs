//! `lint_openapi`: whether an OpenAPI or Swagger document is well-formed, consistent and usable.

mod document;
mod naming;
mod operations;
mod references;
mod rules;
mod schemas;
mod shapes;
mod structure;

use crate::support::anatomy::Anatomy;
use crate::support::openapi::Spec;
use crate::support::tree::{self, Document, NodeId, Problem, ProblemKind, Span};
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, Tool, ToolError, declare_tool, suggest};
use rules::{DUPLICATE_KEY, EXAMPLES_VALUE, NESTING, OPTIONAL, PARSER, RULES, UNRECOGNIZED};
use serde::{Deserialize, Serialize};
use shapes::{V2, V30, V31, V32};
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Checks an OpenAPI 3.0, 3.1 or 3.2 or Swagger 2.0 document, YAML or JSON: its structure, its references, its paths,
    /// parameters, security and servers, and every example and default against its schema.
    ///
    /// Use it on a description that was written or changed, before code is generated from it. Rules carry Spectral's ids and
    /// levels; rules that Spectral leaves off are off here too until named in `enable`. Examples are evaluated by JSON Schema:
    /// draft 2020-12 for OpenAPI 3.1 and later, the draft 4 dialect before.
    ///
    /// References within the document are followed; nothing is fetched. The text may have 4 MiB. Places are lines and
    /// columns of the text. `data` holds the edition and what there is of paths, operations and schemas.
    pub struct LintOpenapi;
    name: "lint_openapi",
    title: "Lint an OpenAPI document",
    summary: "Checks an OpenAPI 3.x or Swagger 2 document: structure, references, path parameters, security, and examples against schemas, by Spectral's rule ids. Nothing is fetched.",
    keywords: "spectral redocly vacuum swagger validate validator openapi.yaml openapi.json swagger.json specification description contract rest api lint style guide json schema example invalid ref dangling unused component operationId ambiguous path naming",
    examples: [
        "a parameter that nobody declares" => r#"{"source":"openapi: 3.0.3\ninfo: {title: Pets, version: 1.0.0, description: d, contact: {name: n}}\nservers: [{url: 'https://pets.test'}]\npaths:\n  /pets/{id}:\n    get:\n      operationId: getPet\n      description: Gets one.\n      tags: [pets]\n      responses: {'200': {description: ok}}\ntags: [{name: pets}]\n"}"#,
        "an example that its schema refuses" => r#"{"source":"{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"t\", \"version\": \"1\"}, \"components\": {\"schemas\": {\"Age\": {\"type\": \"integer\", \"minimum\": 0, \"default\": -1}}}}","enable":["naming-convention"]}"#,
    ],
    rules: RULES,
    not_checked: [
        "other files and URLs that references name",
        "custom rulesets, Redocly and Speccy rules beyond those listed",
        "runtime expressions of links and callbacks",
        "formats beyond those of ajv-formats, regular expressions with Unicode scripts",
    ],
}

/// Most rules that one call may name.
const MAX_ENABLED: usize = 50;

/// Most findings of one rule: beyond, the next ones say nothing new.
const MAX_FINDINGS_PER_RULE: usize = 5_000;

/// Longest document, in bytes: the tree of one of this length takes about 70 MiB, and a worker has 128.
const MAX_DOCUMENT_BYTES: usize = 4 * 1024 * 1024;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// YAML or JSON text.
    source: String,
    /// Rules to add that are off by default, such as `tag-description`.
    #[serde(default)]
    enable: Vec<String>,
}

/// What the document is.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// `openapi` or `swagger` as written; empty where there is none.
    edition: String,
    /// Paths.
    paths: usize,
    /// Operations of paths.
    operations: usize,
    /// Named schemas.
    schemas: usize,
    /// Findings by rule.
    by_rule: BTreeMap<String, usize>,
}

impl Tool for LintOpenapi {
    type Input = Input;
    type Data = Description;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Description>, ToolError> {
        check_bytes("/source", &input.source, MAX_DOCUMENT_BYTES)?;
        check_items("/enable", &input.enable, MAX_ENABLED)?;
        for (at, id) in input.enable.iter().enumerate() {
            if !OPTIONAL.contains(&id.as_str()) {
                let hint = suggest::nearest(id, OPTIONAL.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let accepted = format!("{}{hint}", OPTIONAL.join(", "));
                return Err(ToolError::invalid(format!("/enable/{at}"), "is no rule that is off by default", accepted));
            }
        }
        Ok(lint(&input))
    }
}

fn lint(input: &Input) -> Report<Description> {
    let index = LineIndex::new(&input.source);
    let loaded = tree::load(&input.source);
    let mut findings: Vec<Finding> = loaded.problems.iter().map(|problem| problem_finding(&index, problem)).collect();
    let Some(doc) = &loaded.document else { return Report::checked(findings, Description::default()) };
    let Some(spec) = Spec::new(doc) else {
        let message = "neither `openapi: 3.x` nor `swagger: \"2.0\"` stands at the top";
        findings.push(Finding::new(&UNRECOGNIZED, message).at(Span::default().locate(&index)));
        return Report::checked(findings, Description::default());
    };
    let mut lint = Lint::new(doc, spec, &input.enable);
    structure::check(&mut lint);
    references::check(&mut lint);
    operations::check(&mut lint);
    document::check(&mut lint);
    schemas::check(&mut lint);
    examples_have_values(&mut lint);
    naming::check(&mut lint);
    let data = Description {
        edition: lint.version.to_owned(),
        paths: lint.top("paths").map_or(0, |paths| doc.members(paths).len()),
        operations: operations::operations(&lint).len(),
        schemas: spec.components("schemas").len(),
        by_rule: lint.counts.iter().map(|(rule, count)| ((*rule).to_owned(), *count)).collect(),
    };
    let undecided = lint.undecided;
    for (rule, span, message) in lint.found {
        findings.push(Finding::new(rule, message).at(span.locate(&index)));
    }
    let report = Report::checked(findings, data);
    if undecided {
        return report.not_checked("what lies beyond the limits of one call: comparisons of paths, or examples");
    }
    report
}

fn problem_finding(index: &LineIndex<'_>, problem: &Problem) -> Finding {
    let rule = match problem.kind {
        ProblemKind::Syntax => &PARSER,
        ProblemKind::TooDeep | ProblemKind::TooLarge => &NESTING,
        ProblemKind::DuplicateKey => &DUPLICATE_KEY,
    };
    Finding::new(rule, problem.message.clone()).at(problem.span.locate(index))
}

// An example object has a value or the address of one.
fn examples_have_values(lint: &mut Lint<'_>) {
    let doc = lint.doc;
    if lint.edition == V2 {
        return;
    }
    let mut maps: BTreeSet<NodeId> = BTreeSet::new();
    let components = doc.get(doc.root(), "components");
    maps.extend(components.and_then(|components| doc.get(components, "examples")));
    for id in doc.ids() {
        let holds = doc.get(id, "schema").is_some() || (doc.get(id, "in").is_some() && doc.get(id, "name").is_some());
        if holds && !lint.is_data(id) {
            maps.extend(doc.get(id, "examples"));
        }
    }
    for map in maps {
        for member in doc.members(map) {
            let Some(example) = lint.resolve(member.value).filter(|id| doc.mapping(*id).is_some()) else { continue };
            let has = |key: &str| doc.get(example, key).is_some();
            let newer = lint.edition == V32 && (has("dataValue") || has("serializedValue"));
            if has("value") == has("externalValue") && !newer {
                let what = if has("value") { "both a value and an address" } else { "neither a value nor an address" };
                let place = lint.place(example);
                lint.add(
                    &EXAMPLES_VALUE,
                    place,
                    format!("example `{}` has {what}", octavo_toolkit::limits::excerpt(&member.key)),
                );
            }
        }
    }
}

/// A document under examination.
struct Lint<'d> {
    doc: &'d Document,
    spec: Spec<'d>,
    /// One bit of `shapes`.
    edition: u8,
    version: &'d str,
    anatomy: Anatomy<'d>,
    off: BTreeSet<&'static str>,
    found: Vec<(&'static Rule, Span, String)>,
    seen: BTreeSet<(&'static str, Span, String)>,
    counts: BTreeMap<&'static str, usize>,
    undecided: bool,
}

impl<'d> Lint<'d> {
    fn new(doc: &'d Document, spec: Spec<'d>, enabled: &[String]) -> Self {
        let root = doc.root();
        let version = doc.get_str(root, "openapi").or_else(|| doc.get_str(root, "swagger")).unwrap_or_default();
        let edition = match version {
            _ if doc.get(root, "openapi").is_none() => V2,
            version if version.starts_with("3.0") => V30,
            version if version.starts_with("3.1") => V31,
            version if version.starts_with("3.") => V32,
            _ => V30,
        };
        let off = OPTIONAL.iter().copied().filter(|id| !enabled.iter().any(|enabled| enabled == id)).collect();
        Self {
            doc,
            spec,
            edition,
            version,
            anatomy: Anatomy::new(doc),
            off,
            found: Vec::new(),
            seen: BTreeSet::new(),
            counts: BTreeMap::new(),
            undecided: false,
        }
    }

    fn add(&mut self, rule: &'static Rule, span: Span, message: String) {
        if self.off.contains(rule.id) {
            return;
        }
        let count = self.counts.entry(rule.id).or_default();
        if *count >= MAX_FINDINGS_PER_RULE {
            self.undecided = true;
            return;
        }
        if self.seen.insert((rule.id, span, message.clone())) {
            *count += 1;
            self.found.push((rule, span, message));
        }
    }

    // What a node refers to, as far as that leads somewhere.
    fn resolve(&self, id: NodeId) -> Option<NodeId> {
        self.spec.resolve(id)
    }

    fn top(&self, key: &str) -> Option<NodeId> {
        self.resolve(self.doc.get(self.doc.root(), key)?)
    }

    fn place(&self, id: NodeId) -> Span {
        self.anatomy.place(id)
    }

    fn key(&self, id: NodeId) -> Option<&'d str> {
        self.anatomy.key(id)
    }

    fn is_data(&self, id: NodeId) -> bool {
        self.anatomy.is_data(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_rules_are_rules() {
        for id in OPTIONAL {
            assert!(RULES.iter().any(|rule| rule.id == *id), "{id}");
        }
    }

    #[test]
    fn editions_are_told() {
        let edition = |text: &str| {
            let doc = tree::load(text).document.expect("YAML");
            Lint::new(&doc, Spec::new(&doc).expect("OpenAPI"), &[]).edition
        };
        assert_eq!(edition("swagger: '2.0'"), V2);
        assert_eq!(edition("openapi: 3.0.1"), V30);
        assert_eq!(edition("openapi: 3.1.0"), V31);
        assert_eq!(edition("openapi: 3.2.0"), V32);
    }
}
