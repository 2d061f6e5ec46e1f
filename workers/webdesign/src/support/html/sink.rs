//! Receives html5ever's tree and puts it into the arena, with the place of each tag, and says in the standard's terms what the
//! tree builder only calls unexpected.

use super::{
    Attribute, AttributeValue, Cut, Document, Element, MAX_PROBLEMS, NodeId, NodeKind, Problem, ROOT, problems,
};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode};
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::TreeSink;
use html5ever::{LocalName, QualName, ns};
use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;

/// What a start tag is, and where.
pub(super) struct TagPlace {
    pub(super) name: LocalName,
    /// Of each attribute the bytes of its name and of its value.
    pub(super) attributes: Vec<(Range<usize>, Range<usize>)>,
}

/// The token the tree builder is at.
pub(super) enum TokenPlace {
    Start(TagPlace),
    Close(LocalName),
    Text,
    Doctype,
    End,
    /// One of which nothing is reported.
    Silent,
}

struct Progress {
    place: TokenPlace,
    span: Range<usize>,
    // Bytes of the last text, which a table may hold back for a while.
    text_span: Range<usize>,
    raised: Vec<Cow<'static, str>>,
    popped: Vec<NodeId>,
    // What is open, innermost first, at the end of the body.
    open: Vec<NodeId>,
    created: Vec<NodeId>,
    // The latest element of each formatting tag, since the tree builder makes them again from their tags.
    formatting: BTreeMap<LocalName, NodeId>,
    // Nothing but comments and spaces so far.
    initial: bool,
    // `</body>` or `</html>` was read.
    after_body: bool,
    // Whether what was open when the body ended was listed.
    listed_open: bool,
    ends: Vec<(&'static str, Range<usize>)>,
}

/// The receiver of a tree.
pub(super) struct Sink {
    document: RefCell<Document>,
    progress: RefCell<Progress>,
}

const FORMATTING: &[&str] =
    &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

// Elements whose end tag may be left out, as the tree builder takes it.
fn may_stay_open(name: &str) -> bool {
    matches!(
        name,
        "dd" | "dt"
            | "li"
            | "optgroup"
            | "option"
            | "p"
            | "rb"
            | "rp"
            | "rt"
            | "rtc"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "colgroup"
            | "head"
            | "body"
            | "html"
    )
}

impl Sink {
    pub(super) fn new() -> Self {
        Self {
            document: RefCell::new(Document::default()),
            progress: RefCell::new(Progress {
                place: TokenPlace::Silent,
                span: 0..0,
                text_span: 0..0,
                raised: Vec::new(),
                popped: Vec::new(),
                open: Vec::new(),
                created: Vec::new(),
                formatting: BTreeMap::new(),
                initial: true,
                after_body: false,
                listed_open: false,
                ends: Vec::new(),
            }),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.document.borrow().len()
    }

    pub(super) fn cut(&self, cut: Cut, at: usize) {
        let mut document = self.document.borrow_mut();
        // That the rest was not read weighs more.
        if document.cut.is_none() || cut == Cut::Size {
            document.cut = Some((cut, at));
        }
    }

    pub(super) fn problem(
        &self,
        code: &'static str,
        span: Range<usize>,
        name: Option<LocalName>,
        related: Vec<NodeId>,
    ) {
        let mut document = self.document.borrow_mut();
        if document.problems.len() < MAX_PROBLEMS {
            document.problems.push(Problem { code, span, name, related });
        }
    }

    /// Of the tree builder's handles (document, open elements, formatting elements to make again, `head`, `form`) the open
    /// elements, outermost first. Where the rows meet is told from the tree: what follows an open element is its child,
    /// unless the parser moved it.
    pub(super) fn open_among(&self, handles: &[NodeId]) -> Vec<NodeId> {
        let document = self.document.borrow();
        let mut open: Vec<NodeId> = Vec::with_capacity(handles.len());
        for (at, id) in handles.iter().copied().enumerate().skip(1) {
            let name = document.html_name(id);
            let Some(last) = open.last().copied() else {
                if name == "html" {
                    open.push(id);
                    continue;
                }
                break;
            };
            let is_child = document.parent(id) == Some(last)
                || document.element(last).is_some_and(|it| it.contents.is_some() && it.contents == document.parent(id));
            let listed_elsewhere = name == "head" || name == "form" || FORMATTING.contains(&name);
            // Out of a table an element is moved; one that is open comes a second time.
            let is_moved = || {
                let in_table = matches!(document.html_name(last), "table" | "tbody" | "thead" | "tfoot" | "tr");
                in_table && handles.iter().skip(at + 1).any(|it| *it == id)
            };
            if listed_elsewhere && !is_child && !is_moved() {
                break;
            }
            open.push(id);
        }
        open
    }

    /// A token is about to be processed.
    pub(super) fn begin(&self, place: TokenPlace, span: Range<usize>) {
        let mut progress = self.progress.borrow_mut();
        match &place {
            TokenPlace::Start(tag) => {
                if matches!(&*tag.name, "html" | "head" | "body") {
                    self.document.borrow_mut().is_page = true;
                }
            }
            TokenPlace::Doctype => self.document.borrow_mut().is_page = true,
            TokenPlace::Text => progress.text_span = span.clone(),
            TokenPlace::Close(_) | TokenPlace::End | TokenPlace::Silent => {}
        }
        progress.place = place;
        progress.span = span;
        progress.raised.clear();
        progress.created.clear();
    }

    /// A token was processed: its element gets its place, and what was raised gets a name.
    pub(super) fn settle(&self, before: &[NodeId], after: &[NodeId]) {
        let mut progress = self.progress.borrow_mut();
        let progress = &mut *progress;
        let kept = before.iter().zip(after).take_while(|(one, other)| one == other).count();
        let (gone, new) = (before.get(kept..).unwrap_or_default(), after.get(kept..).unwrap_or_default());
        progress.popped = gone.iter().rev().copied().filter(|id| !new.contains(id)).collect();
        if matches!(&progress.place, TokenPlace::Close(name) if matches!(&**name, "body" | "html")) {
            progress.open = before.iter().rev().copied().collect();
        }
        self.place_elements(progress);
        let raised = std::mem::take(&mut progress.raised);
        let mut codes: Vec<&'static str> = Vec::new();
        for message in &raised {
            let Some(code) = self.code(progress, message) else { continue };
            if !codes.contains(&code) {
                codes.push(code);
                self.name_problem(progress, code);
            }
        }
        if let TokenPlace::Close(name) = &progress.place
            && matches!(&**name, "body" | "html")
            && !codes.contains(&problems::STRAY_END_TAG)
        {
            progress.after_body = true;
            let known = if &**name == "body" { "body" } else { "html" };
            progress.ends.push((known, progress.span.clone()));
        }
    }

    fn place_elements(&self, progress: &mut Progress) {
        let mut document = self.document.borrow_mut();
        match &mut progress.place {
            TokenPlace::Start(tag) => {
                let fits = |id: &&NodeId| {
                    let element = document.element(**id);
                    element.is_some_and(|element| {
                        let renamed = &*tag.name == "image" && &*element.name.local == "img";
                        (renamed || element.name.local.eq_ignore_ascii_case(&tag.name))
                            && element.attributes.len() == tag.attributes.len()
                    })
                };
                let opened = progress.created.iter().rev().find(fits).copied();
                if let Some(opened) = opened {
                    let places = std::mem::take(&mut tag.attributes);
                    if let Some(element) = document.element_mut(opened) {
                        element.start_tag = Some(progress.span.clone());
                        for (attribute, (name, value)) in element.attributes.iter_mut().zip(places) {
                            attribute.name_span = name;
                            attribute.value_span = value;
                        }
                    }
                    document.set(opened, |node| node.span = progress.span.clone());
                }
                for id in &progress.created {
                    if Some(*id) != opened {
                        Self::repeat(&mut document, &progress.formatting, *id);
                    }
                }
                if let Some(opened) = opened {
                    let name = document.html_name(opened);
                    if FORMATTING.contains(&name) {
                        progress.formatting.insert(LocalName::from(name), opened);
                    }
                }
            }
            TokenPlace::Close(name) => {
                let closed = progress.popped.iter().rev().find(|id| document.name(**id).eq_ignore_ascii_case(name));
                if let Some(element) = closed.and_then(|closed| document.element_mut(*closed)) {
                    element.end_tag = Some(progress.span.clone());
                }
                for id in &progress.created {
                    Self::repeat(&mut document, &progress.formatting, *id);
                }
            }
            TokenPlace::Text | TokenPlace::Doctype | TokenPlace::End | TokenPlace::Silent => {
                for id in &progress.created {
                    Self::repeat(&mut document, &progress.formatting, *id);
                }
            }
        }
    }

    // Gives an element that the tree builder made again the place of the one it repeats.
    fn repeat(document: &mut Document, formatting: &BTreeMap<LocalName, NodeId>, id: NodeId) {
        let Some(origin) = formatting.get(&LocalName::from(document.html_name(id))) else { return };
        let Some(first) = document.element(*origin) else { return };
        let (start_tag, places): (_, Vec<_>) = (
            first.start_tag.clone(),
            first.attributes.iter().map(|it| (it.name_span.clone(), it.value_span.clone())).collect(),
        );
        let span = document.span(*origin);
        if let Some(element) = document.element_mut(id) {
            element.repeated = true;
            element.start_tag = start_tag;
            for (attribute, (name, value)) in element.attributes.iter_mut().zip(places) {
                attribute.name_span = name;
                attribute.value_span = value;
            }
        }
        document.set(id, |node| node.span = span);
    }

    fn code(&self, progress: &mut Progress, message: &str) -> Option<&'static str> {
        let initial = std::mem::take(&mut progress.initial);
        if message == "Non-space table text" {
            return Some(problems::MISPLACED_TEXT);
        }
        Some(match &progress.place {
            TokenPlace::Silent => return None,
            TokenPlace::Doctype if initial => problems::OBSOLETE_DOCTYPE,
            TokenPlace::Doctype => problems::STRAY_DOCTYPE,
            _ if initial => problems::MISSING_DOCTYPE,
            TokenPlace::End => problems::OPEN_AT_END,
            TokenPlace::Text => problems::MISPLACED_TEXT,
            TokenPlace::Start(tag) => {
                let document = self.document.borrow();
                let made = progress.created.iter().any(|id| document.name(*id).eq_ignore_ascii_case(&tag.name));
                match message {
                    "Unacknowledged self-closing tag" => problems::SELF_CLOSING,
                    "nested heading tags" | "nested forms" | "nested buttons" | "Nested <nobr>" | "nested options" => {
                        problems::NESTED_START_TAG
                    }
                    _ if message.starts_with("Unexpected open element") => problems::IMPLICITLY_CLOSED,
                    _ if message.starts_with("Formatting element") || &*tag.name == "a" => problems::NESTED_START_TAG,
                    _ if progress.after_body || (!made && &*tag.name != "image") => problems::STRAY_START_TAG,
                    _ => problems::MISPLACED_START_TAG,
                }
            }
            TokenPlace::Close(name) => {
                if matches!(&**name, "body" | "html") && message.starts_with("Unexpected open tag") {
                    problems::UNCLOSED_ELEMENTS
                } else if message.starts_with("Formatting element not current")
                    || message.starts_with("Formatting element not in")
                {
                    problems::MISNESTED_END_TAG
                } else if progress.popped.is_empty() || self.closes_only(progress, name) {
                    problems::STRAY_END_TAG
                } else {
                    problems::UNCLOSED_ELEMENTS
                }
            }
        })
    }

    // Whether a complaint about an end tag is not of what else it closed: it stands in a table, whose rows it may not be in.
    fn closes_only(&self, progress: &Progress, name: &str) -> bool {
        let document = self.document.borrow();
        matches!(progress.popped.as_slice(), [only] if document.name(*only).eq_ignore_ascii_case(name))
    }

    fn name_problem(&self, progress: &mut Progress, code: &'static str) {
        let span = if code == problems::MISPLACED_TEXT { progress.text_span.clone() } else { progress.span.clone() };
        let (name, related) = {
            let document = self.document.borrow();
            let name = match &progress.place {
                TokenPlace::Start(tag) => Some(tag.name.clone()),
                TokenPlace::Close(name) => Some(name.clone()),
                TokenPlace::Text | TokenPlace::Doctype | TokenPlace::End | TokenPlace::Silent => None,
            };
            let lists = matches!(code, problems::UNCLOSED_ELEMENTS | problems::IMPLICITLY_CLOSED);
            let closed = name.as_deref().unwrap_or_default();
            let last = progress.popped.last().copied();
            let ends_body = matches!(closed, "body" | "html") && code == problems::UNCLOSED_ELEMENTS;
            let lists = lists || code == problems::OPEN_AT_END;
            let open = if ends_body { &progress.open } else { &progress.popped };
            let related = open.iter().copied().filter(|id| {
                let name = document.name(*id);
                lists && !may_stay_open(name) && !(Some(*id) == last && name.eq_ignore_ascii_case(closed))
            });
            let related = related.collect();
            (name, related)
        };
        let ends_body = code == problems::OPEN_AT_END
            || (code == problems::UNCLOSED_ELEMENTS && matches!(name.as_deref(), Some("body" | "html")));
        if ends_body && std::mem::replace(&mut progress.listed_open, true) {
            return;
        }
        self.problem(code, span, name, related);
    }

    fn put(
        &self,
        child: NodeOrText<NodeId>,
        last: impl Fn(&Document) -> Option<NodeId>,
        put: impl Fn(&mut Document, NodeId),
    ) {
        let mut document = self.document.borrow_mut();
        match child {
            NodeOrText::AppendNode(node) => put(&mut document, node),
            NodeOrText::AppendText(text) => {
                let span = self.progress.borrow().text_span.clone();
                if let Some(last) = last(&document)
                    && let Some(NodeKind::Text(before)) = document.kind_mut(last)
                {
                    before.push_str(&text);
                    document.set(last, |node| node.span.end = span.end.max(node.span.end));
                } else {
                    let node = document.create(NodeKind::Text(text.to_string()), span);
                    put(&mut document, node);
                }
            }
        }
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Document;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Document {
        let mut document = self.document.into_inner();
        let progress = self.progress.into_inner();
        for (name, span) in progress.ends {
            let found = document.children(ROOT).find(|at| document.is_element(*at)).and_then(|html| {
                if name == "html" {
                    Some(html)
                } else {
                    document.children(html).find(|at| document.html_name(*at) == name)
                }
            });
            if let Some(element) = found.and_then(|found| document.element_mut(found)) {
                element.end_tag.get_or_insert(span);
            }
        }
        document
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.progress.borrow_mut().raised.push(message);
    }

    fn get_document(&self) -> NodeId {
        ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        static NAMELESS: std::sync::LazyLock<QualName> =
            std::sync::LazyLock::new(|| QualName::new(None, ns!(), LocalName::from("")));
        Ref::map(self.document.borrow(), |document| {
            document.element(*target).map_or(&*NAMELESS, |element| &element.name)
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<html5ever::Attribute>, flags: ElementFlags) -> NodeId {
        let mut document = self.document.borrow_mut();
        let mut progress = self.progress.borrow_mut();
        let at = progress.span.start..progress.span.start;
        let attributes = attributes.into_iter().map(|attribute| own(&attribute, at.clone())).collect();
        let contents = flags.template.then(|| document.create(NodeKind::Fragment, at.clone()));
        let element =
            Element { name, attributes, start_tag: None, end_tag: None, contents, repeated: false, open_ended: false };
        let id = document.create(NodeKind::Element(element), at);
        progress.created.push(id);
        id
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        let span = self.progress.borrow().span.clone();
        self.document.borrow_mut().create(NodeKind::Comment(text.to_string()), span)
    }

    fn create_pi(&self, _target: StrTendril, data: StrTendril) -> NodeId {
        self.create_comment(data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.put(child, |document| document.last_child(*parent), |document, node| document.append(*parent, node));
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        if self.document.borrow().parent(*element).is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, public_id: StrTendril, system_id: StrTendril) {
        let mut progress = self.progress.borrow_mut();
        let kind = NodeKind::Doctype {
            name: name.to_string(),
            public_id: public_id.to_string(),
            system_id: system_id.to_string(),
        };
        let mut document = self.document.borrow_mut();
        let node = document.create(kind, progress.span.clone());
        document.append(ROOT, node);
        // The tree builder lets some pass that the standard no longer has; it raises the others before they come here.
        let obsolete = !public_id.is_empty() || !(system_id.is_empty() || &*system_id == "about:legacy-compat");
        if obsolete && progress.raised.is_empty() {
            progress.raised.push(Cow::Borrowed("Obsolete DOCTYPE"));
        }
        progress.initial = !progress.raised.is_empty();
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.document.borrow().element(*target).and_then(|element| element.contents).unwrap_or(*target)
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.document.borrow_mut().quirks = mode == QuirksMode::Quirks;
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        self.put(
            child,
            |document| document.previous_sibling(*sibling),
            |document, node| document.insert_before(*sibling, node),
        );
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<html5ever::Attribute>) {
        let mut document = self.document.borrow_mut();
        let progress = self.progress.borrow();
        let places = match &progress.place {
            TokenPlace::Start(tag) => tag.attributes.as_slice(),
            _ => &[],
        };
        let Some(element) = document.element_mut(*target) else { return };
        for (at, attribute) in attributes.iter().enumerate() {
            let mut attribute = own(attribute, progress.span.clone());
            if element.attributes.iter().all(|it| it.name != attribute.name) {
                if let Some((name, value)) = places.get(at) {
                    attribute.name_span = name.clone();
                    attribute.value_span = value.clone();
                }
                element.attributes.push(attribute);
            }
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.document.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut document = self.document.borrow_mut();
        while let Some(child) = document.first_child(*node) {
            document.append(*new_parent, child);
        }
    }

    fn allow_declarative_shadow_roots(&self, _intended_parent: &NodeId) -> bool {
        false
    }
}

fn own(attribute: &html5ever::Attribute, at: Range<usize>) -> Attribute {
    let name = match &attribute.name.prefix {
        Some(prefix) if !prefix.is_empty() => LocalName::from(format!("{prefix}:{}", attribute.name.local)),
        _ => attribute.name.local.clone(),
    };
    Attribute { name, value: AttributeValue::Text(attribute.value.to_string()), name_span: at.clone(), value_span: at }
}
