//! `find_unused_css`: selectors, keyframes and custom properties that no page or component can use.
//!
//! Owns what counts as used and the evidence for it; matching is `support::selector_match`, words of components are
//! `vocabulary`, the CSS that is left is `prune`.

mod prune;
mod vocabulary;

use crate::support::css_selectors::{Part, Selector, read_list};
use crate::support::css_tokens::{Kind, Tokens};
use crate::support::css_tree::{Node, Sheet, base_name, read};
use crate::support::html::{self, Document};
use crate::support::selector_match::{Match, Matcher};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::{
    Ctx, Finding, Level, LineIndex, Report, Rule, RuleCounts, SourceFile, Tool, ToolError, declare_tool, rule_docs,
};
use prune::{Unused, prune};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use vocabulary::Vocabulary;

declare_tool! {
    /// Finds the CSS that given pages and components cannot use, and gives the stylesheets without it.
    ///
    /// Each selector is matched against each HTML page as a browser matches it, so that a class that only stands in a text, or
    /// stands without the ancestor that the selector asks for, does not keep a rule. States (`:hover`, `:checked`, `:visited`) and
    /// pseudo-elements always may come.
    ///
    /// Components (JavaScript, TypeScript, JSX, Vue, Svelte, PHP and other templates) say which classes, ids and tags they may make:
    /// the words of their strings and markup, and beginnings such as `btn-` of `btn-${size}`. A selector of which every word is among those
    /// of components and pages is kept. Code outside strings and comments keeps nothing.
    ///
    /// Keyframes are unused when no animation that stays names them, custom properties when nothing that stays or that a component
    /// holds refers to them. For each selector that is kept the data says why: the page and line of the first element, or components.
    ///
    /// `keep` names classes, ids or tags that scripts add, `*` standing for anything: `is-*`.
    pub struct FindUnusedCss;
    name: "find_unused_css",
    title: "Find unused CSS",
    summary: "Finds CSS selectors, keyframes and variables no given page or component uses, and returns CSS without them. Send all pages.",
    keywords: "shrink purgecss uncss dead css coverage remove unused styles tree shake stylesheet size bootstrap tailwind critical selectors matching html jsx vue svelte",
    examples: [
        "a page and its stylesheet" => r#"{"files":[{"path":"index.html","source":"<!doctype html><body class=home><p class=lead>card</p></body>"},{"path":"app.css","source":".home .lead { color: red }\n.card, p { top: 0 }\n@keyframes spin { to { rotate: 1turn } }"}]}"#,
        "a component" => r#"{"files":[{"path":"Button.jsx","source":"export const B = ({size}) => <button className={`btn btn-${size}`}/>"},{"path":"b.css","source":".btn{top:0}.btn-lg{top:1px}.tab{top:2px}"}],"keep":["js-*"]}"#,
    ],
    rules: RULES,
    not_checked: [
        "classes that scripts put together or fetch; name them in `keep`",
        "what components render where: their words keep a selector, their structure is not matched",
        "@font-face and unused declarations inside rules that are used",
    ],
}

const UNUSED_SELECTOR: Rule = Rule {
    id: "unused-selector",
    level: Level::Warning,
    summary: "A selector matches an element of some page, or its words are those of a component.",
    docs: rule_docs!(
        why: "What matches nothing is loaded, read and compared with every element for nothing.",
        wrong: ".gone { top: 0 }",
        right: ".here { top: 0 }",
        source: "Selectors Level 4, https://www.w3.org/TR/selectors-4/"
    ),
};
const UNUSED_KEYFRAMES: Rule = Rule {
    id: "unused-keyframes",
    level: Level::Warning,
    summary: "Keyframes are named by an animation that is used.",
    docs: rule_docs!(
        why: "Nothing ever plays them.",
        wrong: "@keyframes spin { to { rotate: 1turn } } .here { top: 0 }",
        right: "@keyframes spin { to { rotate: 1turn } } .here { animation: spin 1s }",
        source: "CSS Animations Level 1, https://www.w3.org/TR/css-animations-1/"
    ),
};
const UNUSED_VARIABLE: Rule = Rule {
    id: "unused-custom-property",
    level: Level::Warning,
    summary: "A custom property is referred to by something that is used.",
    docs: rule_docs!(
        why: "Nothing ever reads it.",
        wrong: ".here { --a: 1 }",
        right: ".here { --a: 1; top: var(--a) }",
        source: "CSS Custom Properties Level 1, https://www.w3.org/TR/css-variables-1/"
    ),
};
const SYNTAX: Rule = Rule {
    id: "CssSyntaxError",
    level: Level::Error,
    summary: "A stylesheet closes its blocks, brackets, strings and comments.",
    docs: rule_docs!(
        why: "What is not closed swallows the rules behind it; such a stylesheet is not cut.",
        wrong: ".here { top: 0",
        right: ".here { top: 0 }",
        source: "CSS Syntax Level 3, https://www.w3.org/TR/css-syntax-3/#error-handling"
    ),
};

/// Every rule of the tool.
const RULES: &[Rule] = &[UNUSED_SELECTOR, UNUSED_KEYFRAMES, UNUSED_VARIABLE, SYNTAX];

/// Most names to keep.
pub const MAX_KEEP: usize = 200;
/// Longest name to keep, in bytes.
pub const MAX_KEEP_BYTES: usize = 200;
/// Most findings of one rule in all stylesheets, ten times those of large sites. What is unused is cut all the same.
pub const MAX_FINDINGS_PER_RULE: usize = 50_000;
/// Most selectors listed with why they stay: more than a report can show.
pub const MAX_KEPT: usize = 10_000;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// `.css` to check; `.html` pages; any other as components.
    files: Vec<SourceFile>,
    /// Classes, ids and tags always kept, `*` for any.
    #[serde(default)]
    keep: Vec<String>,
}

/// What is used, what is not, and the CSS that is left.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    selectors: usize,
    unused_selectors: usize,
    bytes: usize,
    bytes_after: usize,
    /// Why each selector that stays does.
    kept: Vec<Kept>,
    /// The stylesheets without what is unused.
    css: Vec<Left>,
}

/// A selector that stays.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Kept {
    selector: String,
    /// The page and line of the first element, `components`, `keep` or `nested`.
    because: String,
}

/// A stylesheet that is left.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Left {
    path: String,
    source: String,
}

struct Evidence<'d> {
    pages: Vec<(&'d str, Matcher<'d>, LineIndex<'d>)>,
    // Names on elements of pages.
    named: BTreeSet<String>,
    components: Vocabulary,
    keep: &'d [String],
}

impl Tool for FindUnusedCss {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/keep", &input.keep, MAX_KEEP)?;
        for (at, name) in input.keep.iter().enumerate() {
            check_bytes(&format!("/keep/{at}"), name, MAX_KEEP_BYTES)?;
        }
        let kind = |path: &str| path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let of = |kinds: &[&str]| -> Vec<&SourceFile> {
            input.files.iter().filter(|file| kinds.contains(&kind(&file.path).as_str())).collect()
        };
        let (styles, pages) = (of(&["css"]), of(&["html", "htm", "xhtml"]));
        if styles.is_empty() {
            return Err(ToolError::invalid("/files", "has no stylesheet", "at least one file whose path ends in .css"));
        }
        if styles.len() == input.files.len() {
            return Err(ToolError::invalid(
                "/files",
                "has stylesheets only",
                "pages (.html) or components beside them",
            ));
        }
        let mut components = Vocabulary::default();
        for file in &input.files {
            if !["css", "html", "htm", "xhtml"].contains(&kind(&file.path).as_str()) {
                components.read(&file.source);
            }
        }
        let documents: Vec<(&SourceFile, Document)> =
            pages.iter().map(|file| (*file, html::parse(&file.source))).collect();
        let evidence = gather(&documents, components, &input.keep);
        Ok(judge(&styles, &evidence))
    }
}

fn gather<'d>(documents: &'d [(&'d SourceFile, Document)], components: Vocabulary, keep: &'d [String]) -> Evidence<'d> {
    let mut named = BTreeSet::new();
    let mut pages = Vec::new();
    for (file, document) in documents {
        for at in document.elements() {
            named.insert(document.name(at).to_ascii_lowercase());
            named.extend(document.attr(at, "id").map(str::to_owned));
            named.extend(document.attr(at, "class").unwrap_or_default().split_ascii_whitespace().map(str::to_owned));
        }
        pages.push((file.path.as_str(), Matcher::new(document), LineIndex::new(&file.source)));
    }
    Evidence { pages, named, components, keep }
}

impl Evidence<'_> {
    // Why a selector is used, if it is.
    fn reason(&self, selector: &Selector) -> Option<String> {
        let selector = without_pseudo_element(selector);
        for (path, matcher, index) in &self.pages {
            if let Some((at, matched)) = matcher.first(&selector) {
                let line = index.position(matcher.document().span(at).start).line;
                let state = if matched == Match::Perhaps { ", in some state" } else { "" };
                return Some(format!("{path}:{line}{state}"));
            }
        }
        let names = names_of(&selector);
        if names.iter().any(|name| self.keep.iter().any(|pattern| fits(pattern, name))) {
            return Some("keep".to_owned());
        }
        if self.components.is_empty() {
            return None;
        }
        // Of nothing but page words the pages have the last word; `*` and `:root` are of no words at all.
        let foreign = names.is_empty() || names.iter().any(|name| self.components.may_have(name));
        let known = names.iter().all(|name| self.components.may_have(name) || self.named.contains(name));
        (foreign && known).then(|| "components".to_owned())
    }
}

// What is before the first pseudo-element, which is a box of the element that is matched.
fn without_pseudo_element(selector: &Selector) -> Selector {
    let end =
        selector.parts.iter().position(|part| matches!(part, Part::PseudoElement(_))).unwrap_or(selector.parts.len());
    let mut parts = selector.parts.get(..end).unwrap_or_default().to_vec();
    if parts.is_empty() || matches!(parts.last(), Some(Part::Combinator(_))) {
        parts.push(Part::Type("*".to_owned()));
    }
    Selector { parts, span: selector.span.clone() }
}

// The classes, ids and tags that must be there, each word as it is; what a negation holds need not be.
fn names_of(selector: &Selector) -> Vec<String> {
    let mut names = Vec::new();
    for part in &selector.parts {
        match part {
            Part::Class(name) | Part::Id(name) => names.push(name.clone()),
            Part::Type(name) if name != "*" && name != "html" && name != "body" => {
                names.push(name.to_ascii_lowercase());
            }
            Part::PseudoClass(pseudo) if pseudo.selectors.len() == 1 && !pseudo.name.eq_ignore_ascii_case("not") => {
                names.extend(pseudo.selectors.iter().flat_map(names_of));
            }
            _ => {}
        }
    }
    names
}

fn fits(pattern: &str, name: &str) -> bool {
    let pattern = pattern.trim_start_matches(['.', '#']);
    let mut pieces = pattern.split('*');
    let Some(first) = pieces.next() else { return false };
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut wild = false;
    for piece in pieces {
        wild = true;
        let Some(at) = rest.find(piece) else { return false };
        rest = rest.get(at + piece.len()..).unwrap_or_default();
    }
    rest.is_empty()
        || (wild && pattern.ends_with('*'))
        || (wild && pattern.rsplit('*').next().is_some_and(|last| name.ends_with(last)))
}

struct Style<'s> {
    path: &'s str,
    sheet: Sheet<'s>,
    index: LineIndex<'s>,
    unused: Unused,
    // Nodes that are used, directly.
    broken: bool,
}

// What is told of the stylesheets, as much as there is room for.
#[derive(Default)]
struct Told {
    findings: Vec<Finding>,
    counts: RuleCounts,
    kept: Vec<Kept>,
    more_kept: bool,
}

impl Told {
    fn add(
        &mut self,
        rule: &'static Rule,
        style: (&str, &LineIndex<'_>),
        span: Range<usize>,
        what: impl FnOnce() -> String,
    ) {
        if self.counts.keeps(rule, MAX_FINDINGS_PER_RULE) {
            let (path, index) = style;
            self.findings.push(Finding::new(rule, what()).at(index.range(span)).in_file(path));
        }
    }

    fn keep(&mut self, selector: &str, because: &str) {
        if self.kept.len() < MAX_KEPT {
            self.kept.push(Kept { selector: excerpt(selector), because: because.to_owned() });
        } else {
            self.more_kept = true;
        }
    }

    fn left_out(&self) -> Option<String> {
        let found = (self.counts.beyond(MAX_FINDINGS_PER_RULE) > 0)
            .then(|| format!("findings of a rule beyond its first {MAX_FINDINGS_PER_RULE}"));
        let kept = self.more_kept.then(|| format!("why selectors stay beyond the first {MAX_KEPT}"));
        let left_out: Vec<String> = found.into_iter().chain(kept).collect();
        (!left_out.is_empty()).then(|| left_out.join(", "))
    }
}

fn judge(styles: &[&SourceFile], evidence: &Evidence<'_>) -> Report<Data> {
    let mut told = Told::default();
    let (mut selectors, mut unused_selectors) = (0, 0);
    let mut read_styles: Vec<Style<'_>> = Vec::new();
    // The same selector is often written many times.
    let mut known: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for file in styles {
        let sheet = read(&file.source);
        let index = LineIndex::new(&file.source);
        for flaw in &sheet.flaws {
            told.add(&SYNTAX, (&file.path, &index), flaw.span.clone(), || flaw.what.to_owned());
        }
        let mut unused = Unused::default();
        for (at, entry) in sheet.entries.iter().enumerate() {
            if !entry.is_rule() || entry.in_keyframes || sheet.ancestors(at).any(|(_, above)| above.is_at("page")) {
                continue;
            }
            if sheet.ancestors(at).any(|(above, _)| unused.nodes.contains(&above)) {
                continue;
            }
            let nested = entry.in_rule;
            let (mut stays, mut goes): (Vec<Range<usize>>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
            for selector in read_list(sheet.slice(&entry.prelude), entry.prelude.start) {
                selectors += 1;
                let text = sheet.slice(&selector.span);
                let because = if nested {
                    Some("nested")
                } else {
                    known.entry(text).or_insert_with(|| evidence.reason(&selector)).as_deref()
                };
                if let Some(because) = because {
                    told.keep(text, because);
                    stays.push(selector.span);
                } else {
                    unused_selectors += 1;
                    told.add(&UNUSED_SELECTOR, (&file.path, &index), selector.span.clone(), || {
                        format!("{} matches nothing", excerpt(text))
                    });
                    goes.push(selector.span);
                }
            }
            if stays.is_empty() && !goes.is_empty() {
                unused.nodes.insert(at);
            } else if !goes.is_empty() {
                unused.kept_selectors.push((at, stays));
            }
        }
        let broken = !sheet.flaws.is_empty();
        read_styles.push(Style { path: &file.path, sheet, index, unused, broken });
    }
    definitions(&mut read_styles, evidence, &mut told);
    let mut css = Vec::new();
    let (mut bytes, mut bytes_after) = (0, 0);
    for style in &read_styles {
        let source = if style.broken { style.sheet.text.to_owned() } else { prune(&style.sheet, &style.unused) };
        bytes += style.sheet.text.len();
        bytes_after += source.len();
        css.push(Left { path: style.path.to_owned(), source });
    }
    let summary =
        format!("{unused_selectors} of {selectors} selectors are unused; {bytes} bytes of CSS become {bytes_after}");
    let files = read_styles.len() + evidence.pages.len();
    let left_out = told.left_out();
    let data = Data { selectors, unused_selectors, bytes, bytes_after, kept: told.kept, css };
    let report = Report::checked(told.findings, data).with_summary(summary).over_files(files);
    left_out.into_iter().fold(report, Report::not_checked)
}

// Keyframes and custom properties that nothing that stays refers to. A property that only an unused one refers to is
// unused, too: what is used is followed from the declarations of properties proper.
fn definitions(styles: &mut [Style<'_>], evidence: &Evidence<'_>, told: &mut Told) {
    let mut animated: BTreeSet<String> = BTreeSet::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut refers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for style in styles.iter() {
        for (at, entry) in style.sheet.entries.iter().enumerate() {
            let Node::Declaration { property, value, .. } = &entry.node else { continue };
            if style.sheet.ancestors(at).any(|(above, _)| style.unused.nodes.contains(&above)) {
                continue;
            }
            let text = style.sheet.slice(value);
            let mut names = BTreeSet::new();
            for token in Tokens::new(text) {
                match token.kind {
                    Kind::Ident if token.text.starts_with("--") => {
                        names.insert(token.name().into_owned());
                    }
                    _ => {}
                }
            }
            let base = base_name(property);
            if base == "animation" || base == "animation-name" || property.starts_with("--") {
                let words = Tokens::new(text).filter(|token| matches!(token.kind, Kind::Ident | Kind::Text));
                animated.extend(words.map(|token| token.text.trim_matches(['"', '\'']).to_owned()));
            }
            if property.starts_with("--") {
                refers.entry((*property).to_owned()).or_default().extend(names);
            } else {
                used.extend(names);
            }
        }
    }
    // Components and inline styles refer to properties by name.
    let mut open: Vec<String> = used.iter().cloned().collect();
    for (_, matcher, _) in &evidence.pages {
        let document = matcher.document();
        for at in document.elements() {
            let inline = document.attr(at, "style").unwrap_or_default();
            let inner = if matches!(document.html_name(at), "style" | "script") {
                document.text_content(at)
            } else {
                String::new()
            };
            for text in [inline, inner.as_str()] {
                let names = Tokens::new(text).filter(|token| token.kind == Kind::Ident);
                for token in names {
                    open.push(token.name().into_owned());
                    animated.insert(token.text.to_owned());
                }
            }
        }
    }
    while let Some(name) = open.pop() {
        used.insert(name.clone());
        for next in refers.remove(&name).into_iter().flatten() {
            open.push(next);
        }
    }
    for style in styles.iter_mut() {
        for (at, entry) in style.sheet.entries.iter().enumerate() {
            let gone = style.sheet.ancestors(at).any(|(above, _)| style.unused.nodes.contains(&above));
            match &entry.node {
                Node::At { .. } if entry.is_keyframes() && !gone => {
                    let name = style.sheet.slice(&entry.prelude).trim_matches(['"', '\'']);
                    if !animated.contains(name) && !evidence.components.may_have(name) && !kept_by_name(evidence, name)
                    {
                        style.unused.nodes.insert(at);
                        told.add(&UNUSED_KEYFRAMES, (style.path, &style.index), entry.prelude.clone(), || {
                            format!("nothing plays {}", excerpt(name))
                        });
                    }
                }
                Node::Declaration { property, .. } if property.starts_with("--") && !gone => {
                    let in_page = evidence.components.may_have(property) || kept_by_name(evidence, property);
                    if !used.contains(*property) && !in_page {
                        style.unused.nodes.insert(at);
                        told.add(&UNUSED_VARIABLE, (style.path, &style.index), entry.prelude.clone(), || {
                            format!("nothing refers to {}", excerpt(property))
                        });
                    }
                }
                Node::At { .. } | Node::Rule | Node::Declaration { .. } => {}
            }
        }
    }
}

fn kept_by_name(evidence: &Evidence<'_>, name: &str) -> bool {
    evidence.keep.iter().any(|pattern| fits(pattern, name))
}
