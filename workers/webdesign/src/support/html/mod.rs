//! The one HTML document of the category: an arena of nodes that know where in the source they stand.
//!
//! Text is tokenized by html5gum and put together by html5ever's tree builder, as a browser would, with the errors of both kept
//! ([`Problem`]). Elements nest at most [`MAX_DEPTH`] deep, a document has at most [`MAX_NODES`] nodes and its tags look at most at
//! [`MAX_STEPS`] open elements; what lies beyond is left out, and [`Document::cut`] says so. Parsing is linear in the text.
//!
//! Other sources (JSX) may be put into the same arena; what they leave open is [`AttributeValue::Unknown`] or
//! [`NodeKind::Unknown`], never guessed. Nothing here judges a document.

mod emit;
mod sink;

use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use html5ever::{Namespace, ns};
use std::ops::Range;

pub use html5ever::{LocalName, QualName};

/// Most elements open at a time, as in browsers built on Blink; deeper ones are left out, while their text stays.
pub const MAX_DEPTH: usize = 512;

/// Most nodes of a document. The longest pages of specifications have about as many.
pub const MAX_NODES: usize = 200_000;

/// Most open elements looked at, summed over the tags: a tag may look at all that are open. A page of [`MAX_NODES`] nodes on
/// twenty levels fits.
pub const MAX_STEPS: usize = 8_000_000;

/// Most problems kept; a page that has more is not HTML.
pub const MAX_PROBLEMS: usize = 5_000;

/// A node of a [`Document`]; cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

impl NodeId {
    /// Its place in the arena; a parent may come after its child where the parser moved it.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is known of an attribute's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// The text, character references resolved.
    Text(String),
    /// An expression decides it when the page runs.
    Unknown,
}

/// An attribute of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Name as the document has it: lower case in HTML, with its prefix in SVG and `MathML`.
    pub name: LocalName,
    /// Value; empty where none is written.
    pub value: AttributeValue,
    /// Bytes of the name.
    pub name_span: Range<usize>,
    /// Bytes of the value with its quotes; empty where none is written.
    pub value_span: Range<usize>,
}

impl Attribute {
    /// The value, unless an expression decides it.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Unknown => None,
        }
    }

    /// Bytes of the whole attribute.
    pub fn span(&self) -> Range<usize> {
        self.name_span.start..self.value_span.end.max(self.name_span.end)
    }
}

/// An element's own facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Name and namespace.
    pub name: QualName,
    /// Attributes in the order of the source, each name once.
    pub attributes: Vec<Attribute>,
    /// Bytes of the start tag; absent where the parser implied the element.
    pub start_tag: Option<Range<usize>>,
    /// Bytes of the end tag, where there is one that closes it.
    pub end_tag: Option<Range<usize>>,
    /// What a `template` holds: a [`NodeKind::Fragment`] outside the tree.
    pub contents: Option<NodeId>,
    /// Whether the parser made it again from an earlier tag (misnested formatting).
    pub repeated: bool,
    /// Whether it has further attributes that only running it tells (JSX spread).
    pub open_ended: bool,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// The root.
    Document,
    /// The root of a `template`'s contents.
    Fragment,
    /// A document type.
    Doctype {
        /// Name, lower case.
        name: String,
        /// Public identifier.
        public_id: String,
        /// System identifier.
        system_id: String,
    },
    /// An element.
    Element(Element),
    /// Text, character references resolved.
    Text(String),
    /// A comment's text.
    Comment(String),
    /// Anything: an expression decides when the page runs (JSX).
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Node {
    parent: Option<NodeId>,
    previous: Option<NodeId>,
    next: Option<NodeId>,
    first: Option<NodeId>,
    last: Option<NodeId>,
    kind: NodeKind,
    span: Range<usize>,
}

/// Something that a parser of HTML must report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTML standard's code of a tokenizer error, or a word of the same make for what the tree builder met
    /// ([`problems`]).
    pub code: &'static str,
    /// Bytes of what it is about.
    pub span: Range<usize>,
    /// The element or attribute, where it is about one.
    pub name: Option<LocalName>,
    /// Elements it is about besides, for example those left open.
    pub related: Vec<NodeId>,
}

/// Codes of [`Problem`]s that the tree builder meets; the HTML standard has none for them.
pub mod problems {
    /// The document does not begin with a document type.
    pub const MISSING_DOCTYPE: &str = "missing-doctype";
    /// The document type is not `<!doctype html>`.
    pub const OBSOLETE_DOCTYPE: &str = "obsolete-doctype";
    /// A document type after the beginning.
    pub const STRAY_DOCTYPE: &str = "stray-doctype";
    /// An end tag with nothing to close.
    pub const STRAY_END_TAG: &str = "stray-end-tag";
    /// An end tag that closes elements which needed end tags of their own; those are related.
    pub const UNCLOSED_ELEMENTS: &str = "unclosed-elements";
    /// A start tag that closes elements which needed end tags of their own; those are related.
    pub const IMPLICITLY_CLOSED: &str = "implicitly-closed-elements";
    /// The text ends while elements are open that need end tags; those are related.
    pub const OPEN_AT_END: &str = "open-elements-at-end";
    /// A formatting element's end tag crosses another element's.
    pub const MISNESTED_END_TAG: &str = "misnested-end-tag";
    /// A start tag where the parser drops it.
    pub const STRAY_START_TAG: &str = "stray-start-tag";
    /// A start tag where the parser moves it elsewhere, out of a table for example.
    pub const MISPLACED_START_TAG: &str = "misplaced-start-tag";
    /// A heading, form, button, link or option begins in another.
    pub const NESTED_START_TAG: &str = "nested-start-tag";
    /// Text that the parser moves out of a table.
    pub const MISPLACED_TEXT: &str = "misplaced-text";
    /// `/>` on an element that it does not close.
    pub const SELF_CLOSING: &str = "non-void-html-element-start-tag-with-trailing-solidus";
}

/// Why a document is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Elements nest deeper than [`MAX_DEPTH`]; those beyond were left out.
    Depth,
    /// It has more than [`MAX_NODES`] nodes, or takes more than [`MAX_STEPS`]; the rest was not read.
    Size,
}

impl Cut {
    /// What a reader is told of it.
    pub fn sentence(self) -> String {
        match self {
            Self::Depth => format!("elements nest deeper than {MAX_DEPTH}; those beyond were not read"),
            Self::Size => "the document is too large; what follows was not read".to_owned(),
        }
    }
}

/// A document and what its parser met.
#[derive(Debug, Clone)]
pub struct Document {
    nodes: Vec<Node>,
    /// What the parser met, in the order of the source.
    pub problems: Vec<Problem>,
    /// Why it is not whole, with the byte where that begins; absent when it is.
    pub cut: Option<(Cut, usize)>,
    /// Whether the source is a page of its own: it writes a document type, `html`, `head` or `body`.
    pub is_page: bool,
    /// Whether a browser lays it out in quirks mode.
    pub quirks: bool,
}

/// The root of every document.
pub const ROOT: NodeId = NodeId(0);

/// Parses a page, or a piece of one.
pub fn parse(source: &str) -> Document {
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let builder = TreeBuilder::new(sink::Sink::new(), options);
    emit::tokenize(source, &builder);
    builder.sink.finish()
}

impl Default for Document {
    fn default() -> Self {
        let root = Node::new(NodeKind::Document, 0..0);
        Self { nodes: vec![root], problems: Vec::new(), cut: None, is_page: false, quirks: false }
    }
}

impl Node {
    const fn new(kind: NodeKind, span: Range<usize>) -> Self {
        Self { parent: None, previous: None, next: None, first: None, last: None, kind, span }
    }
}

// Building.
impl Document {
    /// Adds a node outside the tree.
    pub fn create(&mut self, kind: NodeKind, span: Range<usize>) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node::new(kind, span));
        id
    }

    /// Makes `child` the last child of `parent`; it leaves the place it had.
    pub fn append(&mut self, parent: NodeId, child: NodeId) {
        self.detach(child);
        let last = self.node(parent).and_then(|node| node.last);
        self.set(child, |node| {
            node.parent = Some(parent);
            node.previous = last;
        });
        match last {
            Some(last) => self.set(last, |node| node.next = Some(child)),
            None => self.set(parent, |node| node.first = Some(child)),
        }
        self.set(parent, |node| node.last = Some(child));
    }

    /// Puts `child` before `sibling`; it leaves the place it had.
    pub fn insert_before(&mut self, sibling: NodeId, child: NodeId) {
        self.detach(child);
        let Some((parent, previous)) = self.node(sibling).map(|node| (node.parent, node.previous)) else { return };
        self.set(child, |node| {
            node.parent = parent;
            node.previous = previous;
            node.next = Some(sibling);
        });
        self.set(sibling, |node| node.previous = Some(child));
        match (previous, parent) {
            (Some(previous), _) => self.set(previous, |node| node.next = Some(child)),
            (None, Some(parent)) => self.set(parent, |node| node.first = Some(child)),
            (None, None) => {}
        }
    }

    /// Takes a node, and what it encloses, out of the tree.
    pub fn detach(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get_mut(id.index()) else { return };
        let (parent, previous, next) = (node.parent.take(), node.previous.take(), node.next.take());
        match (previous, parent) {
            (Some(previous), _) => self.set(previous, |node| node.next = next),
            (None, Some(parent)) => self.set(parent, |node| node.first = next),
            (None, None) => {}
        }
        match (next, parent) {
            (Some(next), _) => self.set(next, |node| node.previous = previous),
            (None, Some(parent)) => self.set(parent, |node| node.last = previous),
            (None, None) => {}
        }
    }

    fn set(&mut self, id: NodeId, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            change(node);
        }
    }

    fn kind_mut(&mut self, id: NodeId) -> Option<&mut NodeKind> {
        self.nodes.get_mut(id.index()).map(|node| &mut node.kind)
    }

    /// The element's own facts, to change them.
    pub fn element_mut(&mut self, id: NodeId) -> Option<&mut Element> {
        match self.kind_mut(id) {
            Some(NodeKind::Element(element)) => Some(element),
            _ => None,
        }
    }
}

// Reading.
impl Document {
    fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.index())
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.nodes.len() <= 1
    }

    /// What a node is.
    pub fn kind(&self, id: NodeId) -> &NodeKind {
        self.node(id).map_or(&NodeKind::Unknown, |node| &node.kind)
    }

    /// Bytes the node comes from: an element's start tag, a text's text; empty where it was implied.
    pub fn span(&self, id: NodeId) -> Range<usize> {
        self.node(id).map_or(0..0, |node| node.span.clone())
    }

    /// The parent; a template's contents have none.
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)?.parent
    }

    /// The parent, where it is an element.
    pub fn parent_element(&self, id: NodeId) -> Option<NodeId> {
        self.parent(id).filter(|parent| self.is_element(*parent))
    }

    /// The first child.
    pub fn first_child(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)?.first
    }

    /// The last child.
    pub fn last_child(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)?.last
    }

    /// The sibling after it.
    pub fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)?.next
    }

    /// The sibling before it.
    pub fn previous_sibling(&self, id: NodeId) -> Option<NodeId> {
        self.node(id)?.previous
    }

    /// The nearest sibling after it that is an element.
    pub fn next_element(&self, id: NodeId) -> Option<NodeId> {
        std::iter::successors(self.next_sibling(id), |at| self.next_sibling(*at)).find(|at| self.is_element(*at))
    }

    /// The nearest sibling before it that is an element.
    pub fn previous_element(&self, id: NodeId) -> Option<NodeId> {
        std::iter::successors(self.previous_sibling(id), |at| self.previous_sibling(*at))
            .find(|at| self.is_element(*at))
    }

    /// The children, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.first_child(id), |at| self.next_sibling(*at))
    }

    /// The children that are elements, in order.
    pub fn element_children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.children(id).filter(|at| self.is_element(*at))
    }

    /// Its parent, that one's parent, and so on.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |at| self.parent(*at))
    }

    /// Everything it encloses, in the order of the source; not itself, and not what a template holds.
    pub fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.first_child(id), move |at| self.following(*at, id))
    }

    /// The node after `at` and all it encloses, within `root`: a walk that leaves a subtree out goes on here.
    pub fn following_outside(&self, at: NodeId, root: NodeId) -> Option<NodeId> {
        let mut at = at;
        loop {
            if at == root {
                return None;
            }
            if let Some(next) = self.next_sibling(at) {
                return Some(next);
            }
            at = self.parent(at)?;
        }
    }

    fn following(&self, at: NodeId, root: NodeId) -> Option<NodeId> {
        self.first_child(at).or_else(|| self.following_outside(at, root))
    }

    /// All elements in the order of the source, without those a template holds.
    pub fn elements(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.descendants(ROOT).filter(|at| self.is_element(*at))
    }

    /// The element's own facts.
    pub fn element(&self, id: NodeId) -> Option<&Element> {
        match self.kind(id) {
            NodeKind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// Whether it is an element.
    pub fn is_element(&self, id: NodeId) -> bool {
        self.element(id).is_some()
    }

    /// The element's local name; empty for other nodes.
    pub fn name(&self, id: NodeId) -> &str {
        self.element(id).map_or("", |element| &element.name.local)
    }

    /// The element's namespace; none for other nodes.
    pub fn namespace(&self, id: NodeId) -> Option<&Namespace> {
        self.element(id).map(|element| &element.name.ns)
    }

    /// The local name of an HTML element; empty for elements of SVG and `MathML` and for other nodes.
    pub fn html_name(&self, id: NodeId) -> &str {
        match self.element(id) {
            Some(element) if element.name.ns == ns!(html) => &element.name.local,
            _ => "",
        }
    }

    /// Whether it is an SVG element.
    pub fn is_svg(&self, id: NodeId) -> bool {
        self.element(id).is_some_and(|element| element.name.ns == ns!(svg))
    }

    /// The element's attributes; none for other nodes.
    pub fn attributes(&self, id: NodeId) -> &[Attribute] {
        self.element(id).map_or(&[], |element| &element.attributes)
    }

    /// An attribute.
    pub fn attribute(&self, id: NodeId, name: &str) -> Option<&Attribute> {
        self.attributes(id).iter().find(|attribute| &*attribute.name == name)
    }

    /// An attribute's value; absent too where an expression decides it.
    pub fn attr(&self, id: NodeId, name: &str) -> Option<&str> {
        self.attribute(id, name)?.text()
    }

    /// Whether an attribute is written, whatever its value.
    pub fn has_attr(&self, id: NodeId, name: &str) -> bool {
        self.attribute(id, name).is_some()
    }

    /// Text of a text node.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        match self.kind(id) {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// All text a node encloses, as it stands in the source.
    pub fn text_content(&self, id: NodeId) -> String {
        self.descendants(id).filter_map(|at| self.text(at)).collect()
    }

    /// The first element of this name in the tree.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.elements().find(|at| self.html_name(*at) == name)
    }
}

#[cfg(test)]
mod tests;
