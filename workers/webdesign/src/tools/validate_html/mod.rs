//! Checks HTML against the standard: how it is written, what stands where, attributes and their values.

mod content;
mod dates;
mod elements;
mod relations;
mod rules;
mod values;

use crate::support::html::{Document, NodeId, Problem, ROOT, parse, problems};
use octavo_toolkit::input::check_source_or_files;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{
    Ctx, Edit, Finding, Fix, Level, LineIndex, Range, Report, RuleCounts, SourceFile, Tool, ToolError, declare_tool,
};
use rules::RULES;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most findings of one rule in one file.
pub const MAX_FINDINGS_PER_RULE: usize = 500;

declare_tool! {
    /// Validates HTML by the WHATWG standard: parse errors with line and column (the standard's codes), unclosed and stray
    /// tags, content models, ids, obsolete elements and attributes, required attributes and values. Rules carry the ids of
    /// html-validate where it has them. Pages and fragments; templates are looked into.
    pub struct ValidateHtml;
    name: "validate_html",
    title: "Validate HTML",
    summary: "Validates HTML: parse errors, unclosed tags, nesting, ids, obsolete or misplaced attributes. No template languages.",
    keywords: "html validator w3c nu markup syntax error parse html-validate htmlhint unclosed tag nesting doctype attribute duplicate id obsolete deprecated",
    examples: [
        "a page with mistakes" => r#"{"source":"<!doctype html><html lang=en><head><title>x</title></head><body><p><div id=a>x</p><center id=a>y</center><img src=x.png width=100%></body></html>"}"#,
    ],
    rules: RULES,
    not_checked: [
        "CSS in style and scripts in script",
        "addresses beyond their form, and whether anything is there",
        "values of rel, media, sizes, pattern and itemtype",
        "SVG and MathML beyond where they may stand",
        "XHTML served as XML",
    ],
}

/// The arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// HTML; or give `files`.
    source: Option<String>,
    /// Several pages.
    #[serde(default)]
    files: Vec<SourceFile>,
}

/// What the pages hold.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct HtmlData {
    /// Findings of each rule.
    rules: BTreeMap<&'static str, usize>,
    /// How many elements were looked at.
    elements: usize,
    /// How many sources are pages of their own rather than pieces.
    pages: usize,
}

// One document with what was found in it.
struct Checker<'d> {
    document: &'d Document,
    lines: &'d LineIndex<'d>,
    counts: RuleCounts,
    found: Vec<Finding>,
}

impl Checker<'_> {
    fn push(&mut self, rule: &'static str, range: Range, message: String, fix: Option<Fix>) {
        let Some(rule) = RULES.iter().find(|it| it.id == rule) else { return };
        if self.counts.keeps(rule, MAX_FINDINGS_PER_RULE) {
            let mut finding = Finding::new(rule, message).at(range);
            finding.fix = fix;
            self.found.push(finding);
        }
    }

    fn add(&mut self, rule: &'static str, id: NodeId, message: String) {
        let range = self.lines.range(self.document.span(id));
        self.push(rule, range, message, None);
    }

    fn add_text(&mut self, id: NodeId, message: String) {
        let span = self.document.span(id);
        let text = self.lines.text().get(span.clone()).unwrap_or_default();
        let start = span.start + text.len() - text.trim_start().len();
        let range = self.lines.range(start..(start + text.trim().len()));
        self.push("element-permitted-content", range, message, None);
    }

    // Something the standard lets pass, and advises against.
    fn add_advice(&mut self, rule: &'static str, id: NodeId, attribute: &str, message: String) {
        let before = self.found.len();
        self.add_at(rule, id, attribute, message);
        for finding in self.found.iter_mut().skip(before) {
            finding.level = Level::Warning;
        }
    }

    fn add_at(&mut self, rule: &'static str, id: NodeId, attribute: &str, message: String) {
        let span = self.document.attribute(id, attribute).map(crate::support::html::Attribute::span);
        let range = self.lines.range(span.unwrap_or_else(|| self.document.span(id)));
        self.push(rule, range, message, None);
    }
}

fn ids(checker: &mut Checker<'_>) {
    let document: &Document = checker.document;
    let mut seen: BTreeMap<&str, NodeId> = BTreeMap::new();
    let mut twice = Vec::new();
    for id in document.elements() {
        if document.element(id).is_some_and(|element| element.repeated) {
            continue;
        }
        if let Some(value) = document.attr(id, "id").filter(|value| !value.is_empty()) {
            if let Some(first) = seen.get(value) {
                twice.push((id, value, *first));
            } else {
                seen.insert(value, id);
            }
        }
    }
    for (id, value, first) in twice {
        let line = checker.lines.range(document.span(first)).start.line;
        checker.add_at("no-dup-id", id, "id", format!("the id {} is already on line {line}", excerpt(value)));
    }
    for id in document.elements().filter(|id| document.html_name(*id) == "label") {
        let Some(target) = document.attr(id, "for") else { continue };
        let fits = seen.get(target).is_some_and(|at| match document.html_name(*at) {
            "input" => !document.attr(*at, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden")),
            "button" | "meter" | "output" | "progress" | "select" | "textarea" => true,
            name => name.contains('-'),
        });
        if !fits && document.is_page {
            checker.add_at(
                "no-missing-references",
                id,
                "for",
                format!("no form control has the id {}", excerpt(target)),
            );
        }
    }
}

fn element_word(document: &Document, ids: &[NodeId], lines: &LineIndex<'_>) -> String {
    let mut words: Vec<String> = ids
        .iter()
        .map(|id| format!("{} (line {})", document.name(*id), lines.range(document.span(*id)).start.line))
        .collect();
    words.truncate(8);
    words.join(", ")
}

// What the parser met, in our words.
fn parse_problems(checker: &mut Checker<'_>) {
    let document: &Document = checker.document;
    for problem in &document.problems {
        let name = problem.name.as_deref().map(excerpt).unwrap_or_default();
        let range = checker.lines.range(problem.span.clone());
        let open = element_word(document, &problem.related, checker.lines);
        let mut fix = None;
        let (rule, message) = match problem.code {
            problems::MISSING_DOCTYPE => {
                if !document.is_page {
                    continue;
                }
                let start = checker.lines.range(0..0);
                fix = Some(Fix {
                    title: "add a document type".to_owned(),
                    edits: vec![Edit { range: start, new_text: "<!doctype html>\n".to_owned() }],
                });
                checker.push("missing-doctype", start, "the page does not begin with <!doctype html>".to_owned(), fix);
                continue;
            }
            problems::OBSOLETE_DOCTYPE => {
                fix = Some(Fix {
                    title: "use the document type of HTML".to_owned(),
                    edits: vec![Edit { range, new_text: "<!doctype html>".to_owned() }],
                });
                ("doctype-html", "the document type is not <!doctype html>".to_owned())
            }
            problems::STRAY_DOCTYPE => ("doctype-html", "a document type stands where none may".to_owned()),
            problems::STRAY_END_TAG => ("close-order", format!("</{name}> closes nothing")),
            problems::UNCLOSED_ELEMENTS if open.is_empty() => continue,
            problems::UNCLOSED_ELEMENTS => ("close-order", format!("</{name}> comes while elements are open: {open}")),
            problems::IMPLICITLY_CLOSED if open.is_empty() => continue,
            problems::IMPLICITLY_CLOSED => ("close-order", format!("<{name}> closes elements that are open: {open}")),
            problems::OPEN_AT_END if open.is_empty() => continue,
            problems::OPEN_AT_END => ("close-order", format!("the source ends while elements are open: {open}")),
            problems::MISNESTED_END_TAG => ("close-order", format!("</{name}> crosses another element")),
            problems::STRAY_START_TAG => ("close-order", format!("<{name}> is not read where it stands")),
            problems::MISPLACED_START_TAG => {
                ("element-permitted-parent", format!("<{name}> is moved away from where it stands"))
            }
            problems::NESTED_START_TAG => ("close-order", format!("<{name}> begins while one like it is open")),
            problems::MISPLACED_TEXT => {
                ("element-permitted-parent", "text is moved away from where it stands".to_owned())
            }
            problems::SELF_CLOSING => ("no-self-closing", format!("/> does not close {name}")),
            "duplicate-attribute" => ("no-dup-attr", format!("{name} is given a second time, which does not count")),
            other => match sentence(other, problem, checker.lines.text()) {
                Some((rule, sentence)) => (rule, sentence),
                None => continue,
            },
        };
        checker.push(rule, range, message, fix);
    }
}

// The tokenizer's errors, each under the standard's own code.
fn sentence(code: &str, problem: &Problem, source: &str) -> Option<(&'static str, String)> {
    let sign = excerpt(source.get(problem.span.clone()).unwrap_or_default());
    let rule = RULES.iter().find(|rule| rule.id == code)?;
    let message = match code {
        "unexpected-character-in-attribute-name" | "unexpected-character-in-unquoted-attribute-value" => {
            format!("{} ({sign})", rule.summary.trim_end_matches('.'))
        }
        _ => format!("broken here: {}", rule.summary.trim_end_matches('.')),
    };
    Some((rule.id, message))
}

fn validate(path: Option<&str>, source: &str) -> (Vec<Finding>, RuleCounts, usize, bool) {
    let document = parse(source);
    let lines = LineIndex::new(source);
    let mut checker = Checker { document: &document, lines: &lines, counts: RuleCounts::default(), found: Vec::new() };
    if let Some((cut, at)) = document.cut {
        checker.push("document-cut", lines.range(at..at), cut.sentence(), None);
    }
    parse_problems(&mut checker);
    content::check(&mut checker, ROOT);
    relations::check(&mut checker);
    ids(&mut checker);
    let Checker { mut found, counts, .. } = checker;
    if let Some(path) = path {
        for finding in &mut found {
            finding.path = Some(path.to_owned());
        }
    }
    (found, counts, document.elements().count(), document.is_page)
}

impl Tool for ValidateHtml {
    type Input = Input;
    type Data = HtmlData;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<HtmlData>, ToolError> {
        check_source_or_files(input.source.as_deref(), &input.files)?;
        let source = input.source.as_deref();
        let mut sources: Vec<(Option<&str>, &str)> = source.map(|source| (None, source)).into_iter().collect();
        sources.extend(input.files.iter().map(|file| (Some(file.path.as_str()), file.source.as_str())));
        let mut data = HtmlData { rules: BTreeMap::new(), elements: 0, pages: 0 };
        let mut findings = Vec::new();
        for (path, source) in &sources {
            let (found, counts, elements, is_page) = validate(*path, source);
            findings.extend(found);
            for (rule, count) in counts.iter() {
                *data.rules.entry(rule).or_default() += count;
            }
            data.elements += elements;
            data.pages += usize::from(is_page);
        }
        Ok(Report::checked(findings, data).over_files(sources.len()))
    }
}
