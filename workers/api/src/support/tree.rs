//! The positioned tree that YAML and JSON texts are read into.
//!
//! Nodes live in one arena, children before parents, and are named by [`NodeId`]. A YAML alias is the same id again, so the
//! tree is a graph without cycles; [`MAX_EXPANDED_NODES`] bounds what walking it as a tree costs. Refuses to know what the
//! text means: see [`openapi`](super::openapi).

use octavo_toolkit::LineIndex;
use octavo_toolkit::limits::MAX_NESTING_DEPTH;
use std::fmt::Write as _;
use std::ops::Range;

/// Most nodes a document may have once every alias is written out: thirty times what a text of the largest size holds in
/// practice, and still walked in well under a second.
pub const MAX_EXPANDED_NODES: u64 = 3_000_000;

/// Deepest nesting of a document, aliases written out: what every recursive walk may rely on.
pub const MAX_DEPTH: usize = MAX_NESTING_DEPTH;

/// Members from which a mapping is searched by halving instead of one by one.
const SORTED_FROM_MEMBERS: usize = 8;

/// A node of a [`Document`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// A stretch of the text in bytes, its end exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The same as lines and columns.
    #[must_use]
    pub fn locate(self, index: &LineIndex<'_>) -> octavo_toolkit::Range {
        index.range(Range { start: self.start as usize, end: self.end as usize })
    }
}

/// A member of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key; a key that is no string as it is written.
    pub key: Box<str>,
    /// Where the key stands.
    pub key_span: Span,
    /// Its value.
    pub value: NodeId,
}

/// A mapping: its members in the order of the text, found by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    members: Vec<Member>,
    // Indices of the members by key; empty in a small mapping.
    sorted: Vec<u32>,
}

impl Mapping {
    /// A mapping of these members, whose keys are distinct.
    #[must_use]
    pub fn new(members: Vec<Member>) -> Self {
        let mut sorted = Vec::new();
        if members.len() >= SORTED_FROM_MEMBERS {
            sorted.extend(0..u32::try_from(members.len()).unwrap_or(u32::MAX));
            sorted.sort_by_key(|at| members.get(*at as usize).map(|member| &*member.key));
        }
        Self { members, sorted }
    }

    /// The members in the order of the text.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The member of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Member> {
        if self.sorted.is_empty() {
            return self.members.iter().find(|member| &*member.key == key);
        }
        let at = |index: &u32| self.members.get(*index as usize);
        let found = self.sorted.binary_search_by(|index| at(index).map_or("", |member| &member.key).cmp(key)).ok()?;
        self.sorted.get(found).and_then(at)
    }
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number, and its one spelling (`1`, `1.0` and `1e0` are all `1`).
    Number(f64, Box<str>),
    /// A string.
    String(Box<str>),
    /// A sequence.
    Sequence(Vec<NodeId>),
    /// A mapping.
    Mapping(Mapping),
}

#[derive(Debug, Clone)]
struct Node {
    value: Value,
    span: Span,
    // Equal for equal content, whatever the order of a mapping's members.
    digest: u64,
    expanded: u64,
    height: usize,
}

/// What kind of problem a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// It is not well-formed; there is no document.
    Syntax,
    /// It nests deeper than [`MAX_DEPTH`]; there is no document.
    TooDeep,
    /// Its aliases stand for more than [`MAX_EXPANDED_NODES`]; there is no document.
    TooLarge,
    /// A mapping names a key twice; the later member counts.
    DuplicateKey,
}

/// A problem found while reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// What, in a sentence without a full stop.
    pub message: String,
}

/// A text once read: its document, unless it is broken, and what was wrong with it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The document.
    pub document: Option<Document>,
    /// The problems, in the order of the text.
    pub problems: Vec<Problem>,
}

/// Reads a text: JSON if its first character is `{` or `[`, else YAML.
#[must_use]
pub fn load(text: &str) -> Loaded {
    let plain = text.trim_start_matches('\u{feff}').trim_start();
    // A YAML flow mapping also begins with a brace: what JSON refuses gets a second chance, and keeps JSON's complaint.
    if plain.starts_with(['{', '[']) {
        let json = super::json::load(text);
        if json.document.is_some() || json.problems.iter().any(|problem| problem.kind != ProblemKind::Syntax) {
            return json;
        }
        let yaml = super::yaml::load(text);
        return if yaml.document.is_some() { yaml } else { json };
    }
    super::yaml::load(text)
}

/// A document: a tree of positioned nodes.
#[derive(Debug, Clone)]
pub struct Document {
    nodes: Vec<Node>,
    root: NodeId,
}

impl Document {
    /// The root.
    #[must_use]
    pub const fn root(&self) -> NodeId {
        self.root
    }

    /// All nodes, children before parents.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// How many nodes there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node; a loaded document has one at least.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// The index of a node among [`ids`](Self::ids).
    #[must_use]
    pub const fn index(id: NodeId) -> usize {
        id.0 as usize
    }

    /// What a node is.
    #[must_use]
    pub fn value(&self, id: NodeId) -> &Value {
        self.node(id).map_or(&Value::Null, |node| &node.value)
    }

    /// Where a node stands.
    pub fn span(&self, id: NodeId) -> Span {
        self.node(id).map_or_else(Span::default, |node| node.span)
    }

    /// A number that is equal for equal content, whatever the order of members, the spelling and the format.
    #[must_use]
    pub fn digest(&self, id: NodeId) -> u64 {
        self.node(id).map_or(0, |node| node.digest)
    }

    /// The mapping a node is.
    #[must_use]
    pub fn mapping(&self, id: NodeId) -> Option<&Mapping> {
        match self.value(id) {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The members of a mapping; none of anything else.
    pub fn members(&self, id: NodeId) -> &[Member] {
        self.mapping(id).map_or(&[], Mapping::members)
    }

    /// The items of a sequence; none of anything else.
    #[must_use]
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match self.value(id) {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The member of a mapping.
    #[must_use]
    pub fn member(&self, id: NodeId, key: &str) -> Option<&Member> {
        self.mapping(id)?.get(key)
    }

    /// The value of a mapping's member.
    #[must_use]
    pub fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.member(id, key).map(|member| member.value)
    }

    /// The string a node is.
    #[must_use]
    pub fn str(&self, id: NodeId) -> Option<&str> {
        match self.value(id) {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The string that is a mapping's member.
    #[must_use]
    pub fn get_str(&self, id: NodeId, key: &str) -> Option<&str> {
        self.str(self.get(id, key)?)
    }

    /// Whether a mapping's member is `true`.
    #[must_use]
    pub fn is_true(&self, id: NodeId, key: &str) -> bool {
        self.get(id, key).is_some_and(|value| *self.value(value) == Value::Bool(true))
    }

    /// The number that is a mapping's member.
    #[must_use]
    pub fn get_number(&self, id: NodeId, key: &str) -> Option<f64> {
        match self.value(self.get(id, key)?) {
            Value::Number(number, _) => Some(*number),
            _ => None,
        }
    }

    /// A node as compact JSON, cut after about `max_bytes`.
    #[must_use]
    pub fn excerpt(&self, id: NodeId, max_bytes: usize) -> String {
        let mut text = String::new();
        self.write(id, max_bytes, &mut text);
        text
    }

    fn write(&self, id: NodeId, max_bytes: usize, text: &mut String) {
        if text.len() >= max_bytes {
            text.push('\u{2026}');
            return;
        }
        match self.value(id) {
            Value::Null => text.push_str("null"),
            Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Value::Number(_, spelling) => text.push_str(spelling),
            Value::String(value) => {
                let cut: String = value.chars().take(max_bytes).collect();
                let _ = write!(text, "{cut:?}");
            }
            Value::Sequence(items) => {
                text.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        text.push_str(", ");
                    }
                    self.write(*item, max_bytes, text);
                    if text.len() >= max_bytes {
                        break;
                    }
                }
                text.push(']');
            }
            Value::Mapping(mapping) => {
                text.push('{');
                for (at, member) in mapping.members().iter().enumerate() {
                    if at > 0 {
                        text.push_str(", ");
                    }
                    let _ = write!(text, "{:?}: ", member.key);
                    self.write(member.value, max_bytes, text);
                    if text.len() >= max_bytes {
                        break;
                    }
                }
                text.push('}');
            }
        }
    }

    /// The node a JSON pointer such as `/components/schemas/Pet` names; `~0`, `~1` and percent signs are decoded.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<NodeId> {
        self.pointer_from(self.root, pointer)
    }

    /// The node that a JSON pointer names, read from another node than the root.
    #[must_use]
    pub fn pointer_from(&self, from: NodeId, pointer: &str) -> Option<NodeId> {
        let Some(steps) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(from) };
        let mut at = from;
        for step in steps.split('/') {
            let step = decode_percent(step).replace("~1", "/").replace("~0", "~");
            at = match self.value(at) {
                Value::Mapping(mapping) => mapping.get(&step)?.value,
                Value::Sequence(items) => *items.get(step.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(at)
    }

    /// A document that holds nothing.
    #[must_use]
    pub fn nothing() -> &'static Self {
        static NOTHING: Document = Document { nodes: Vec::new(), root: NodeId(0) };
        &NOTHING
    }
}

/// Builds a document bottom up; the loaders' one way to make nodes.
#[derive(Debug, Default)]
pub(super) struct Builder {
    nodes: Vec<Node>,
}

impl Builder {
    /// Adds a node whose children are already there; refuses one that is too deep or too large.
    pub(super) fn push(&mut self, value: Value, span: Span) -> Result<NodeId, Problem> {
        let (mut expanded, mut height) = (1_u64, 0_usize);
        let mut child = |id: &NodeId| {
            if let Some(node) = self.nodes.get(id.0 as usize) {
                expanded = expanded.saturating_add(node.expanded);
                height = height.max(node.height + 1);
            }
        };
        match &value {
            Value::Sequence(items) => items.iter().for_each(&mut child),
            Value::Mapping(mapping) => mapping.members().iter().for_each(|member| child(&member.value)),
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::String(_) => {}
        }
        if height > MAX_DEPTH {
            return Err(too_deep(span));
        }
        if expanded > MAX_EXPANDED_NODES {
            let message = format!("aliases stand for more than {MAX_EXPANDED_NODES} values");
            return Err(Problem { kind: ProblemKind::TooLarge, span, message });
        }
        let digest = self.digest(&value);
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(Node { value, span, digest, expanded, height });
        Ok(id)
    }

    /// What a node pushed earlier is.
    pub(super) fn value(&self, id: NodeId) -> Option<&Value> {
        self.nodes.get(id.0 as usize).map(|node| &node.value)
    }

    /// The document with this root.
    pub(super) fn finish(self, root: NodeId) -> Document {
        Document { nodes: self.nodes, root }
    }

    fn digest(&self, value: &Value) -> u64 {
        let of = |id: NodeId| self.nodes.get(id.0 as usize).map_or(0, |node| node.digest);
        match value {
            Value::Null => mix(1, 0),
            Value::Bool(value) => mix(2, u64::from(*value)),
            Value::Number(_, spelling) => digest_str(3, spelling),
            Value::String(text) => digest_str(4, text),
            Value::Sequence(items) => items.iter().fold(mix(5, 0), |digest, item| mix(digest, of(*item))),
            // A sum does not depend on the order of its terms.
            Value::Mapping(mapping) => mapping.members().iter().fold(mix(6, 0), |digest, member| {
                digest.wrapping_add(mix(digest_str(7, &member.key), of(member.value)))
            }),
        }
    }
}

/// The problem of a text that nests too deeply at `span`.
pub(super) fn too_deep(span: Span) -> Problem {
    Problem { kind: ProblemKind::TooDeep, span, message: format!("nests deeper than {MAX_DEPTH} levels") }
}

/// The number a spelling means, with its one spelling.
pub(super) fn number(value: f64, written: &str) -> Value {
    // Whole numbers beyond 2^53 are told apart by their digits, which a float would merge.
    let exact = written.trim_start_matches(['-', '+']).bytes().all(|byte| byte.is_ascii_digit());
    let spelling = if exact {
        let digits = written.trim_start_matches(['-', '+']).trim_start_matches('0');
        let sign = if written.starts_with('-') && !digits.is_empty() { "-" } else { "" };
        format!("{sign}{}", if digits.is_empty() { "0" } else { digits })
    } else {
        format!("{}", if value == 0.0 { 0.0 } else { value })
    };
    Value::Number(value, spelling.into())
}

// The finalizer of SplitMix64 over both words: well spread, and the same on every machine.
fn mix(a: u64, b: u64) -> u64 {
    let mut z = a.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(b).wrapping_add(0x2545_f491_4f6c_dd1d);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn digest_str(seed: u64, text: &str) -> u64 {
    let mut digest = mix(seed, text.len() as u64);
    for chunk in text.as_bytes().chunks(8) {
        let word = chunk.iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        digest = mix(digest, word);
    }
    digest
}

fn decode_percent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        let hex = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        if let (b'%', [high, low, after @ ..]) = (*byte, tail)
            && let (Some(high), Some(low)) = (hex(high), hex(low))
        {
            bytes.push((high << 4) | low);
            rest = after;
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        let loaded = load(text);
        loaded.document.unwrap_or_else(|| panic!("{:?}", loaded.problems))
    }

    #[test]
    fn yaml_and_json_of_one_content_have_one_digest() {
        let yaml = document("b: [1, 0x10, ~]\na: {x: 'y', z: true}\n");
        let json = document(r#"{"a": {"z": true, "x": "y"}, "b": [1.0, 16, null]}"#);
        assert_eq!(yaml.digest(yaml.root()), json.digest(json.root()));
        let other = document(r#"{"a": {"z": true, "x": "y"}, "b": [16, 1, null]}"#);
        assert_ne!(yaml.digest(yaml.root()), other.digest(other.root()));
    }

    #[test]
    fn pointers_are_decoded() {
        let json = document(r#"{"paths": {"/a/{b c}": [7]}}"#);
        let found = json.pointer("/paths/~1a~1%7Bb%20c%7D/0").expect("there");
        assert_eq!(json.excerpt(found, 99), "7");
        assert_eq!(json.pointer(""), Some(json.root()));
        assert_eq!(json.pointer("/paths/none"), None);
        assert_eq!(json.pointer("paths"), None);
    }

    #[test]
    fn large_whole_numbers_keep_their_digits() {
        let json = document("[9007199254740993, 9007199254740992, 1e3, -0, -0.0, 7.0]");
        let spellings: Vec<_> = json.items(json.root()).iter().map(|id| json.excerpt(*id, 99)).collect();
        assert_eq!(spellings, ["9007199254740993", "9007199254740992", "1000", "0", "0", "7"]);
    }

    #[test]
    fn many_members_are_found() {
        let text = (0..100).map(|n| format!("k{n}: {n}")).collect::<Vec<_>>().join("\n");
        let yaml = document(&text);
        assert_eq!(yaml.get_number(yaml.root(), "k73"), Some(73.0));
        assert_eq!(yaml.get(yaml.root(), "k100"), None);
    }
}
