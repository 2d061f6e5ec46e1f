//! Finds barriers in HTML and JSX: what a page's source alone proves.

mod boxes;
mod contrast;
mod focus;
mod jsx;
mod keyboard;
mod language;
mod media;
mod names;
mod naming;
mod page;
mod paint;
mod roles;
mod rules;
mod sheets;
mod structure;
mod style;
mod tables;
mod tongue;

use crate::support::html::{Document, NodeId, parse};
use octavo_toolkit::input::{MAX_PATH_BYTES, check_source_or_files};
use octavo_toolkit::limits::{check_bytes, excerpt};
use octavo_toolkit::{
    Ctx, Edit, Finding, Fix, Level, LineIndex, Range, Report, RuleCounts, SourceFile, Tool, ToolError, declare_tool,
};
use page::Page;
use rules::{CRITERIA, Conformance, RULES};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Most findings of one rule in one file; a page that repeats a flaw repeats it without end.
pub const MAX_FINDINGS_PER_RULE: usize = 200;

/// Most entries of each list in `data`.
pub const MAX_LISTED: usize = 60;

declare_tool! {
    /// Audits the accessibility of a page or component from its source: accessible names (Accessible Name 1.2), roles and
    /// attributes of WAI-ARIA, labels, headings, landmarks, language, `autocomplete`, tables, the keyboard, by rules with the ids
    /// of axe-core and the success criteria of WCAG 2.2. Style sheets in the page, or given along,
    /// decide what is hidden, contrast and the look of the focus. In JSX and TSX, what an
    /// expression decides is unknown and never reported. What needs a browser is listed apart.
    pub struct AuditAccessibility;
    name: "audit_accessibility",
    title: "Audit accessibility",
    summary: "Finds WCAG and ARIA failures in HTML or JSX source by axe rule ids, with names, headings and landmarks. Scripts and layout are not run.",
    keywords: "accessibility a11y wcag axe lighthouse aria screen reader alt text label contrast heading landmark role jsx tsx react component keyboard focus",
    examples: [
        "a form without labels" => r#"{"source":"<!doctype html><html><head><title>Sign in</title></head><body><main><h1>Sign in</h1><img src=logo.png><input name=user autocomplete=user><button></button></main></body></html>"}"#,
        "a component" => r#"{"filename":"Card.tsx","source":"export const Card = ({ title }) => <div onClick={open} role='buton'><img src={title} /><a href='/'>{title}</a></div>;"}"#,
    ],
    rules: RULES,
    not_checked: [
        "colour contrast where a style sheet that is not given, a condition, an image or a script decides; give colours to check_contrast",
        "style sheets that the page links, unless given",
        "what scripts add or change, focus traps and focus order by script",
        "layout: target size, reflow, overlap, and zoom or scrolling that only a browser shows",
        "media: whether there is sound, whether captions fit, transcripts, audio descriptions",
        "whether names, headings, link texts and alt texts say the right thing",
        "shadow roots, iframes from elsewhere",
    ],
}

// The level of conformance up to which success criteria count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
enum Wcag {
    A,
    #[default]
    #[serde(rename = "AA")]
    Double,
    #[serde(rename = "AAA")]
    Triple,
}

/// The arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Input {
    /// HTML or JSX text; or give `files`.
    source: Option<String>,
    /// Its name; .jsx and .tsx are components.
    filename: Option<String>,
    /// Several pages or components; .css files are the sheets they link.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// WCAG level; default AA.
    #[serde(default)]
    level: Wcag,
}

/// What is known of the pages.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccessibilityData {
    /// Success criteria that each rule found stands for.
    criteria: BTreeMap<&'static str, Vec<&'static str>>,
    /// Each page's structure.
    pages: Vec<Structure>,
}

/// How assistive technology meets a page.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Structure {
    /// Its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// Headings in order: level and text.
    headings: Vec<String>,
    /// Landmarks in order: role and name.
    landmarks: Vec<String>,
    /// What takes the focus, in order: line, role and name.
    focus: Vec<String>,
    /// What was left out of the lists.
    left_out: usize,
}

// One page with what was found in it.
struct Audit<'p> {
    page: &'p Page<'p>,
    found: Vec<Finding>,
    counts: RuleCounts,
    level: Wcag,
    headings: Vec<(NodeId, u32)>,
    landmarks: Vec<(NodeId, &'static str)>,
    // Names of `a` elements that links lead to.
    anchors: BTreeSet<&'p str>,
    orders: BTreeMap<NodeId, usize>,
    // The place of the first heading among the elements.
    first_heading: Option<usize>,
    // Whether a refresh was seen: only the first counts.
    refreshes: bool,
    has_open_dialog: bool,
    has_icon_font: bool,
}

impl<'p> Audit<'p> {
    fn new(page: &'p Page<'p>, level: Wcag) -> Self {
        let document = page.document;
        let anchors =
            document.elements().filter(|at| page.name(*at) == "a").filter_map(|at| page.attr(at, "name")).collect();
        let orders = document.elements().enumerate().map(|(order, at)| (at, order)).collect();
        Self {
            page,
            found: Vec::new(),
            counts: RuleCounts::default(),
            level,
            headings: Vec::new(),
            landmarks: Vec::new(),
            anchors,
            orders,
            first_heading: document
                .elements()
                .position(|at| page.role(at).is_some_and(|role| role.name == "heading") && page.is_exposed(at)),
            refreshes: false,
            has_open_dialog: structure::has_open_dialog(page),
            has_icon_font: ["Material Icons", "Material+Icons", "Material Symbols", "Material+Symbols"]
                .iter()
                .any(|font| page.lines.text().contains(font)),
        }
    }

    fn order(&self, id: NodeId) -> usize {
        self.orders.get(&id).copied().unwrap_or_default()
    }

    fn push(&mut self, rule: &'static str, range: Range, message: String, review: bool, fix: Option<Fix>) {
        let Some(rule) = RULES.iter().find(|it| it.id == rule) else { return };
        let criteria = CRITERIA.iter().find(|(id, ..)| *id == rule.id);
        if let Some((.., conformance)) = criteria
            && !conformance.is_within(self.level)
        {
            return;
        }
        if !self.counts.keeps(rule, MAX_FINDINGS_PER_RULE) {
            return;
        }
        let mut text = message;
        if let Some((_, criteria, Conformance::A | Conformance::Aa | Conformance::Aaa)) = criteria {
            let _ = write!(text, " (WCAG {criteria})");
        }
        let mut finding = Finding::new(rule, text).at(range);
        if review {
            finding = finding.with_level(Level::Info);
            finding.message.push_str("; see whether it does harm");
        }
        finding.fix = fix;
        self.found.push(finding);
    }

    fn add(&mut self, rule: &'static str, id: NodeId, message: String) {
        let range = self.page.range(id);
        self.push(rule, range, message, false, None);
    }

    fn add_fixed(&mut self, rule: &'static str, id: NodeId, message: String, fix: Option<Fix>) {
        let range = self.page.range(id);
        self.push(rule, range, message, false, fix);
    }

    // Something only a person can judge.
    fn add_review(&mut self, rule: &'static str, id: NodeId, message: String) {
        let range = self.page.range(id);
        self.push(rule, range, message, true, None);
    }

    // At an attribute rather than at the element.
    fn add_at(&mut self, rule: &'static str, id: NodeId, attribute: &str, message: String) {
        let span = self.page.document.attribute(id, attribute).map(crate::support::html::Attribute::span);
        let range = span.map_or_else(|| self.page.range(id), |span| self.page.lines.range(span));
        self.push(rule, range, message, false, None);
    }

    fn value_fix(&self, id: NodeId, attribute: &str, title: &str, value: &str) -> Option<Fix> {
        let known = self.page.document.attribute(id, attribute)?;
        if known.value_span.is_empty()
            || self.page.is_component
            || self.page.document.element(id).is_some_and(|it| it.repeated)
        {
            return None;
        }
        let range = self.page.lines.range(known.value_span.clone());
        Some(Fix { title: title.to_owned(), edits: vec![Edit { range, new_text: format!("\"{value}\"") }] })
    }

    fn removal_fix(&self, id: NodeId, attribute: &str, title: &str) -> Option<Fix> {
        let known = self.page.document.attribute(id, attribute)?;
        if self.page.is_component || self.page.document.element(id).is_some_and(|it| it.repeated) {
            return None;
        }
        let span = known.span();
        // With the space before it.
        let start = span.start.saturating_sub(1);
        let range = self.page.lines.range(start..span.end);
        Some(Fix { title: title.to_owned(), edits: vec![Edit { range, new_text: String::new() }] })
    }
}

fn structure(audit: &Audit<'_>, path: Option<String>) -> Structure {
    let page = audit.page;
    let line = |id: NodeId| page.range(id).start.line;
    let named = |id: NodeId| {
        let name = naming::name(page, id);
        match (name.text.is_empty(), name.is_open) {
            (true, true) => "(by expression)".to_owned(),
            (true, false) => "(no name)".to_owned(),
            _ => excerpt(&name.text),
        }
    };
    let headings: Vec<String> =
        audit.headings.iter().map(|(id, level)| format!("{level} {} (line {})", named(*id), line(*id))).collect();
    let landmarks: Vec<String> =
        audit.landmarks.iter().map(|(id, role)| format!("{role} {} (line {})", named(*id), line(*id))).collect();
    let focusable: Vec<NodeId> = page.document.elements().filter(|id| page.is_tabbable(*id)).collect();
    let focus: Vec<String> = focusable
        .iter()
        .take(MAX_LISTED)
        .map(|id| {
            let role = page.role_name(*id);
            let role = if role.is_empty() { page.document.name(*id) } else { role };
            format!("{role} {} (line {})", named(*id), line(*id))
        })
        .collect();
    let left_out = headings.len().saturating_sub(MAX_LISTED)
        + landmarks.len().saturating_sub(MAX_LISTED)
        + focusable.len().saturating_sub(MAX_LISTED);
    Structure {
        path,
        headings: headings.into_iter().take(MAX_LISTED).collect(),
        landmarks: landmarks.into_iter().take(MAX_LISTED).collect(),
        focus,
        left_out,
    }
}

fn is_component(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".jsx", ".tsx", ".js", ".ts", ".mjs"].iter().any(|end| path.ends_with(end))
}

// One source, with what its parser says of it.
fn audit_source(
    path: Option<&str>,
    source: &str,
    level: Wcag,
    given: &[sheets::Given<'_>],
) -> (Vec<Finding>, Structure) {
    let lines = LineIndex::new(source);
    let mut findings = Vec::new();
    let component = path.is_some_and(is_component);
    let documents: Vec<Document> = if component {
        match jsx::read(source, path.unwrap_or_default()) {
            Ok(document) => vec![document],
            Err((message, span)) => {
                findings.push(Finding::of("parse-error", Level::Error, message).at(lines.range(span)));
                Vec::new()
            }
        }
    } else {
        vec![parse(source)]
    };
    let empty = Document::default();
    let document = documents.first().unwrap_or(&empty);
    if let Some((cut, at)) = document.cut {
        findings.push(Finding::of("document-cut", Level::Warning, cut.sentence()).at(lines.range(at..at)));
    }
    let sheets = if component { sheets::Sheets::default() } else { sheets::gather(document, given) };
    let sheets = sheets.read();
    let page = Page::new(document, &lines, component, &sheets);
    let mut audit = Audit::new(&page, level);
    names::check(&mut audit);
    roles::check(&mut audit);
    structure::check(&mut audit);
    language::check(&mut audit);
    keyboard::check(&mut audit);
    tables::check(&mut audit);
    media::check(&mut audit);
    let paints = paint::Paints::read(&sheets);
    if let Some(styles) = paints.all(document).filter(|_| !component) {
        contrast::check(&mut audit, &styles);
        boxes::check(&mut audit, &styles);
    }
    focus::check(&mut audit, &sheets);
    tongue::check(&mut audit);
    let structure = structure(&audit, path.map(str::to_owned));
    findings.extend(audit.found);
    if let Some(path) = path {
        for finding in &mut findings {
            finding.path = Some(path.to_owned());
        }
    }
    (findings, structure)
}

impl Tool for AuditAccessibility {
    type Input = Input;
    type Data = AccessibilityData;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<AccessibilityData>, ToolError> {
        check_source_or_files(input.source.as_deref(), &input.files)?;
        let source = input.source.as_deref();
        check_bytes("/filename", input.filename.as_deref().unwrap_or_default(), MAX_PATH_BYTES)?;
        let mut sources: Vec<(Option<&str>, &str)> =
            source.map(|source| (input.filename.as_deref(), source)).into_iter().collect();
        let is_sheet = |path: &str| path.to_ascii_lowercase().ends_with(".css");
        let (given, pages): (Vec<_>, Vec<_>) = input
            .files
            .iter()
            .map(|file| (file.path.as_str(), file.source.as_str()))
            .partition(|(path, _)| is_sheet(path));
        sources.extend(pages.into_iter().map(|(path, source)| (Some(path), source)));
        if sources.is_empty() {
            return Err(ToolError::invalid("/files", "holds style sheets alone", "a page or component beside them"));
        }
        let mut findings = Vec::new();
        let mut pages = Vec::new();
        for (path, source) in &sources {
            let (found, structure) = audit_source(*path, source, input.level, &given);
            findings.extend(found);
            pages.push(structure);
        }
        let found: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_ref()).collect();
        let criteria = CRITERIA
            .iter()
            .filter(|(id, ..)| found.contains(id))
            .map(|(id, criteria, _)| (*id, criteria.split(' ').filter(|it| !it.is_empty()).collect()))
            .collect();
        pages.truncate(MAX_LISTED);
        Ok(Report::checked(findings, AccessibilityData { criteria, pages }).over_files(sources.len()))
    }
}
