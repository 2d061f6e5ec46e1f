//! What the document itself says about how it will load.

use super::address::{origin, resolve};
use super::rules::{
    CHARSET, CSS_IMPORT, DOCUMENT_WRITE, DOM_SIZE, DUPLICATE, FONT_DISPLAY, HTML_CUT, LCP_LAZY, PRECONNECT, PRELOAD_AS,
    PRELOAD_CROSSORIGIN, RENDER_BLOCKING, UNSIZED_EMBEDS, UNSIZED_IMAGES, VIEWPORT,
};
use crate::support::css_tokens::{Kind, Tokens};
use crate::support::html::{self, Cut, Document, NodeId};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Edit, Finding, LineIndex, Rule};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Elements that score 0.5 in Lighthouse's `dom-size`.
const MANY_ELEMENTS: usize = 1_400;
/// Bytes in which browsers look for the encoding.
const CHARSET_WINDOW_BYTES: usize = 1_024;
/// Most resources of a document that are listed.
pub(super) const MAX_RESOURCES: usize = 500;

/// What a document asks for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Markup {
    pub(super) bytes: usize,
    pub(super) elements: usize,
    pub(super) depth: usize,
    /// Bytes of scripts and styles written into the document.
    pub(super) inline_script: usize,
    pub(super) inline_style: usize,
    /// Scripts and styles by address, in order, at most 500.
    pub(super) resources: Vec<Resource>,
}

/// A script or style by address.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Resource {
    pub(super) url: String,
    /// script, style, preload or preconnect.
    pub(super) kind: &'static str,
    /// blocking (nothing is shown until it is there), parser (what follows waits), deferred, async, or idle.
    pub(super) timing: &'static str,
}

/// What checking a document came to.
pub(super) struct Checked {
    pub(super) markup: Markup,
    /// Origins that the document connects to early.
    pub(super) preconnected: BTreeSet<String>,
}

struct Reader<'d> {
    document: &'d Document,
    index: LineIndex<'d>,
    base: String,
    findings: &'d mut Vec<Finding>,
    markup: Markup,
    preconnected: BTreeSet<String>,
    // Where each other origin that is needed early stands first.
    needed: BTreeMap<String, NodeId>,
    seen: BTreeSet<(&'static str, String)>,
}

/// Checks a page; `base` is its address, where it is known.
pub(super) fn check(source: &str, base: &str, findings: &mut Vec<Finding>) -> Checked {
    let document = html::parse(source);
    let mut reader = Reader {
        document: &document,
        index: LineIndex::new(source),
        base: base.to_owned(),
        findings,
        markup: Markup { bytes: source.len(), ..Markup::default() },
        preconnected: BTreeSet::new(),
        needed: BTreeMap::new(),
        seen: BTreeSet::new(),
    };
    reader.read();
    Checked { markup: reader.markup, preconnected: reader.preconnected }
}

impl Reader<'_> {
    fn add(&mut self, rule: &Rule, at: NodeId, message: impl Into<String>) {
        let range = self.index.range(self.document.span(at));
        self.findings.push(Finding::new(rule, message).at(range));
    }

    fn read(&mut self) {
        let document = self.document;
        if let Some((cut, at)) = document.cut {
            let message = match cut {
                Cut::Depth => "elements nest deeper than 512 levels; what lies deeper is not checked",
                Cut::Size => "more than 200,000 nodes or 400,000 tags; the rest is not checked",
            };
            self.findings.push(Finding::new(&HTML_CUT, message).at(self.index.range(at..at)));
        }
        if let Some(href) = document.find("base").and_then(|base| document.attr(base, "href")) {
            self.base = resolve(href, &self.base);
        }
        let mut depths: BTreeMap<NodeId, usize> = BTreeMap::new();
        let mut images = 0_usize;
        for at in document.elements() {
            self.markup.elements += 1;
            let depth = document.parent(at).and_then(|parent| depths.get(&parent)).map_or(1, |depth| depth + 1);
            depths.insert(at, depth);
            self.markup.depth = self.markup.depth.max(depth);
            match document.html_name(at) {
                "script" => self.script(at),
                "style" => self.style(at),
                "link" => self.link(at),
                "img" => {
                    images += 1;
                    self.image(at, images == 1);
                }
                "video" | "iframe" => self.embed(at),
                _ => {}
            }
        }
        if self.markup.elements > MANY_ELEMENTS {
            let message = format!("{} elements, {} levels deep", self.markup.elements, self.markup.depth);
            self.findings.push(Finding::new(&DOM_SIZE, message));
        }
        for (origin, at) in std::mem::take(&mut self.needed) {
            if !self.preconnected.contains(&origin) {
                self.add(&PRECONNECT, at, format!("no early connection to {}", excerpt(&origin)));
            }
        }
        if document.is_page {
            self.head();
        }
    }

    fn head(&mut self) {
        let document = self.document;
        let meta = |holds: &dyn Fn(NodeId) -> bool| {
            document.elements().find(|at| document.html_name(*at) == "meta" && holds(*at))
        };
        let charset = meta(&|at| {
            let equiv = document.attr(at, "http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("content-type"));
            document.has_attr(at, "charset")
                || (equiv
                    && document.attr(at, "content").is_some_and(|it| it.to_ascii_lowercase().contains("charset=")))
        });
        // A byte order mark says it, too.
        let marked = self.index.text().starts_with('\u{feff}');
        match charset {
            Some(at) if document.span(at).end > CHARSET_WINDOW_BYTES && !marked => {
                let bytes = document.span(at).end;
                self.add(
                    &CHARSET,
                    at,
                    format!("the encoding is named {bytes} bytes into the page, past the first 1024"),
                );
            }
            None if !marked => self.findings.push(Finding::new(&CHARSET, "the page does not name its encoding")),
            _ => {}
        }
        let viewport =
            meta(&|at| document.attr(at, "name").is_some_and(|name| name.trim().eq_ignore_ascii_case("viewport")));
        match viewport {
            None => self.findings.push(Finding::new(&VIEWPORT, "the page has no viewport")),
            Some(at) => {
                let content = document.attr(at, "content").unwrap_or_default().to_ascii_lowercase();
                if !content.contains("width") && !content.contains("initial-scale") {
                    self.add(&VIEWPORT, at, "the viewport names neither a width nor a scale");
                }
            }
        }
    }

    fn in_head(&self, at: NodeId) -> bool {
        self.document.ancestors(at).any(|above| self.document.html_name(above) == "head")
    }

    fn resource(&mut self, at: NodeId, url: &str, kind: &'static str, timing: &'static str) {
        if self.markup.resources.len() < MAX_RESOURCES {
            self.markup.resources.push(Resource { url: url.to_owned(), kind, timing });
        }
        let own = origin(&self.base);
        let origin = origin(url);
        if matches!(kind, "script" | "style")
            && matches!(timing, "blocking" | "parser")
            && !origin.is_empty()
            && origin != own
        {
            self.needed.entry(origin).or_insert(at);
        }
        if matches!(kind, "script" | "style") && !self.seen.insert((kind, url.to_owned())) {
            self.add(&DUPLICATE, at, format!("{} is asked for again", excerpt(url)));
        }
    }

    fn script(&mut self, at: NodeId) {
        let document = self.document;
        let kind = document.attr(at, "type").unwrap_or_default().trim().to_ascii_lowercase();
        let is_module = kind == "module";
        let runs = kind.is_empty() || is_module || kind.contains("javascript") || kind.contains("ecmascript");
        if !runs {
            return;
        }
        let Some(src) = document.attr(at, "src").filter(|src| !src.trim().is_empty()) else {
            let text = document.text_content(at);
            self.markup.inline_script += text.len();
            if let Some(found) = ["document.write(", "document.writeln("].iter().find(|call| text.contains(**call)) {
                self.add(&DOCUMENT_WRITE, at, format!("a script calls {found}...)"));
            }
            return;
        };
        let url = resolve(src, &self.base);
        let renders = document.attr(at, "blocking").is_some_and(|tokens| tokens.contains("render"));
        let timing = if document.has_attr(at, "async") && !renders {
            "async"
        } else if (is_module || document.has_attr(at, "defer")) && !renders {
            "deferred"
        } else if document.has_attr(at, "nomodule") {
            "idle"
        } else if renders || self.in_head(at) {
            "blocking"
        } else {
            "parser"
        };
        self.resource(at, &url, "script", timing);
        if timing == "blocking" {
            self.add(
                &RENDER_BLOCKING,
                at,
                format!("{} holds up the first paint; defer or async lets it go on", excerpt(src)),
            );
        }
    }

    fn link(&mut self, at: NodeId) {
        let document = self.document;
        let rel = document.attr(at, "rel").unwrap_or_default().to_ascii_lowercase();
        let has = |word: &str| rel.split_ascii_whitespace().any(|it| it == word);
        let Some(href) = document.attr(at, "href").filter(|href| !href.trim().is_empty()) else { return };
        let url = resolve(href, &self.base);
        if has("stylesheet") && !has("alternate") && !document.has_attr(at, "disabled") {
            let timing = match document.attr(at, "media").map(|media| media.trim().to_ascii_lowercase()) {
                Some(media) if !may_match_screens(&media) => "idle",
                _ if self.in_head(at) => "blocking",
                _ => "parser",
            };
            self.resource(at, &url, "style", timing);
            if timing == "blocking" {
                self.add(&RENDER_BLOCKING, at, format!("{} holds up the first paint", excerpt(href)));
            }
            if origin(&url) == "https://fonts.googleapis.com" && !url.contains("display=") {
                self.add(&FONT_DISPLAY, at, "the address of these fonts names no display, such as display=swap");
            }
        } else if has("preconnect") || has("dns-prefetch") {
            self.preconnected.insert(origin(&url));
            self.resource(at, &url, "preconnect", "async");
        } else if has("preload") || has("modulepreload") {
            self.resource(at, &url, "preload", "async");
            if has("preload") {
                self.preload(at, href);
            }
        }
    }

    fn preload(&mut self, at: NodeId, href: &str) {
        const DESTINATIONS: [&str; 9] =
            ["fetch", "font", "image", "script", "style", "track", "json", "text", "worker"];
        let document = self.document;
        let destination = document.attr(at, "as").unwrap_or_default().trim().to_ascii_lowercase();
        if !DESTINATIONS.contains(&destination.as_str()) {
            self.add(&PRELOAD_AS, at, format!("the preload of {} does not say for what", excerpt(href)));
        } else if destination == "font" && !document.has_attr(at, "crossorigin") {
            let span = document.span(at);
            let written = self.index.text().get(span.clone()).unwrap_or_default();
            let range = self.index.range(span.clone());
            let mut finding =
                Finding::new(&PRELOAD_CROSSORIGIN, format!("{} will be loaded twice", excerpt(href))).at(range);
            if written.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("<link")) {
                let place = self.index.range(span.start + 5..span.start + 5);
                let edit = Edit { range: place, new_text: " crossorigin".to_owned() };
                finding = finding.with_fix("Ask for it anonymously", vec![edit]);
            }
            self.findings.push(finding);
        }
    }

    fn style(&mut self, at: NodeId) {
        let text = self.document.text_content(at);
        self.markup.inline_style += text.len();
        let (mut in_face, mut displays, mut loads) = (false, false, false);
        let mut imports = false;
        for token in Tokens::new(&text) {
            match token.kind {
                Kind::AtKeyword => {
                    let name = token.name().to_ascii_lowercase();
                    in_face = name == "font-face";
                    (displays, loads) = (false, false);
                    imports |= name == "import";
                }
                Kind::Ident if in_face => displays |= token.is_ident("font-display"),
                Kind::Url if in_face => loads = true,
                Kind::Function if in_face => loads |= token.name().eq_ignore_ascii_case("url"),
                Kind::Symbol('}') if in_face => {
                    if loads && !displays {
                        self.add(&FONT_DISPLAY, at, "a @font-face does not say what is shown while it loads");
                    }
                    in_face = false;
                }
                _ => {}
            }
        }
        if imports {
            self.add(&CSS_IMPORT, at, "a style of the document imports another");
        }
    }

    fn image(&mut self, at: NodeId, is_first: bool) {
        let document = self.document;
        let src = document.attr(at, "src").unwrap_or_default();
        let style = document.attr(at, "style").unwrap_or_default().to_ascii_lowercase();
        let is_open = document.attributes(at).iter().any(|attribute| attribute.text().is_none());
        if !src.trim().is_empty() && !is_open && !is_sized(document, at, &style) && !takes_no_place(&style) {
            self.add(&UNSIZED_IMAGES, at, format!("{} has no width and height of its own", excerpt(src)));
        }
        let lazy = document
            .attribute(at, "loading")
            .filter(|it| it.text().is_some_and(|value| value.trim().eq_ignore_ascii_case("lazy")));
        if let Some(attribute) = lazy.filter(|_| is_first) {
            let range = self.index.range(document.span(at));
            // The space before it goes with it.
            let start = attribute.span().start;
            let before = self.index.text().get(..start).unwrap_or_default();
            let start = before.trim_end_matches([' ', '\t', '\n', '\r']).len().max(start.saturating_sub(1));
            let edit = Edit { range: self.index.range(start..attribute.span().end), new_text: String::new() };
            let message = format!("{} is the first image and loads lazily", excerpt(src));
            self.findings.push(Finding::new(&LCP_LAZY, message).at(range).with_fix("Load it at once", vec![edit]));
        }
    }

    fn embed(&mut self, at: NodeId) {
        let document = self.document;
        let style = document.attr(at, "style").unwrap_or_default().to_ascii_lowercase();
        let name = document.html_name(at);
        let hidden = document.has_attr(at, "hidden") || takes_no_place(&style);
        // A frame without a size is 300 by 150, whatever comes: it does not shift, a video does when it knows its own.
        if name == "video" && !hidden && !is_sized(document, at, &style) && !document.has_attr(at, "poster") {
            self.add(&UNSIZED_EMBEDS, at, "the video takes its size when it has loaded");
        } else if name == "iframe"
            && !hidden
            && document.attr(at, "height").is_none()
            && !style.contains("height")
            && !style.contains("aspect-ratio")
        {
            self.add(&UNSIZED_EMBEDS, at, "the frame has no height of its own");
        }
    }
}

// Attributes or an inline style that keep its place before it has come.
fn is_sized(document: &Document, at: NodeId, style: &str) -> bool {
    let given = |name: &str| {
        let value = document.attr(at, name).unwrap_or_default().trim();
        let digits = value.starts_with(|c: char| c.is_ascii_digit());
        let property =
            style.split(';').filter_map(|it| it.split_once(':')).find(|(property, _)| property.trim() == name);
        let styled =
            property.is_some_and(|(_, value)| !matches!(value.trim(), "" | "auto" | "initial" | "unset" | "inherit"));
        digits || styled
    };
    (given("width") && given("height")) || (style.contains("aspect-ratio") && (given("width") || given("height")))
}

fn takes_no_place(style: &str) -> bool {
    let plain: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    ["display:none", "position:absolute", "position:fixed"].iter().any(|it| plain.contains(it))
}

// Whether a media query could hold on a screen; what it cannot tell, it takes for yes.
fn may_match_screens(media: &str) -> bool {
    media.is_empty()
        || media.split(',').any(|query| {
            let query = query.trim();
            !(query.starts_with("print") || query.starts_with("speech") || query == "not all")
        })
}
