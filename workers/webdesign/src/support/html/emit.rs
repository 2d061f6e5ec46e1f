//! Turns what html5gum reads into html5ever's tokens, with the bytes each tag and attribute stands on.

use super::sink::{Sink, TagPlace, TokenPlace};
use super::{Cut, MAX_DEPTH, MAX_NODES, MAX_STEPS, NodeId};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{Tracer, TreeBuilder};
use html5ever::{Attribute, LocalName, QualName, ns};
use html5gum::{Emitter, Error, State, Tokenizer};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Sends the tokens of a source to a tree builder, to its end or to the limits of a document.
pub(super) fn tokenize(source: &str, builder: &TreeBuilder<NodeId, Sink>) {
    let emitter = Positioned {
        source,
        builder,
        position: 0,
        token_start: 0,
        token_end: 0,
        text: Vec::new(),
        text_start: 0,
        text_end: 0,
        kind: TagKind::StartTag,
        name: Vec::new(),
        self_closing: false,
        last_start_tag: Vec::new(),
        attributes: Vec::new(),
        places: Vec::new(),
        seen: BTreeSet::new(),
        attribute: None,
        comment: Vec::new(),
        doctype: Doctype::default(),
        identifiers: Identifiers::default(),
        open: Vec::new(),
        steps: 0,
        flattened: BTreeMap::new(),
        stopped: false,
    };
    // A token is only handed out to stop.
    let _ = Tokenizer::new_with_emitter(source, emitter).next();
    let end = source.len();
    let (open, _) = open_elements(builder);
    builder.sink.begin(TokenPlace::End, end..end);
    let _ = builder.process_token(Token::EOFToken, 1);
    builder.sink.settle(&open, &[]);
}

struct Traced(RefCell<Vec<NodeId>>);

impl Tracer for Traced {
    type Handle = NodeId;

    fn trace_handle(&self, node: &NodeId) {
        self.0.borrow_mut().push(*node);
    }
}

// The tree builder's stack, which it shows only in one row with its other handles.
fn open_elements(builder: &TreeBuilder<NodeId, Sink>) -> (Vec<NodeId>, usize) {
    let traced = Traced(RefCell::default());
    builder.trace_handles(&traced);
    let handles = traced.0.into_inner();
    (builder.sink.open_among(&handles), handles.len())
}

#[derive(Default)]
struct Pending {
    name: Vec<u8>,
    value: Vec<u8>,
    start: usize,
    value_start: Option<usize>,
}

#[derive(Default)]
struct Identifiers {
    name: Vec<u8>,
    public: Option<Vec<u8>>,
    system: Option<Vec<u8>>,
}

struct Positioned<'a> {
    source: &'a str,
    builder: &'a TreeBuilder<NodeId, Sink>,
    // Bytes read.
    position: usize,
    token_start: usize,
    token_end: usize,
    text: Vec<u8>,
    text_start: usize,
    text_end: usize,
    kind: TagKind,
    name: Vec<u8>,
    self_closing: bool,
    last_start_tag: Vec<u8>,
    attributes: Vec<Attribute>,
    places: Vec<(Range<usize>, Range<usize>)>,
    seen: BTreeSet<LocalName>,
    attribute: Option<Pending>,
    comment: Vec<u8>,
    doctype: Doctype,
    identifiers: Identifiers,
    // The elements open after the last token, outermost first.
    open: Vec<NodeId>,
    steps: usize,
    // End tags to come of elements that were left out because they lay too deep.
    flattened: BTreeMap<LocalName, usize>,
    stopped: bool,
}

fn tendril(bytes: &[u8]) -> StrTendril {
    StrTendril::from_slice(&String::from_utf8_lossy(bytes))
}

fn local(bytes: &[u8]) -> LocalName {
    LocalName::from(&*String::from_utf8_lossy(bytes))
}

// Elements whose text the tokenizer must be told to read otherwise: they are opened however deep they lie.
fn reads_raw_text(name: &str) -> bool {
    matches!(name, "iframe" | "noembed" | "noframes" | "plaintext" | "script" | "style" | "textarea" | "title" | "xmp")
}

// Where an attribute's value ends, its closing quote included: the standard's three states of a value.
fn value_span(source: &str, start: usize) -> Range<usize> {
    let bytes = source.as_bytes();
    let end_of = |from: usize, ends: &dyn Fn(u8) -> bool| {
        let rest = bytes.get(from..).unwrap_or_default();
        rest.iter().position(|byte| ends(*byte)).map_or(source.len(), |at| from + at)
    };
    match start.checked_sub(1).and_then(|before| bytes.get(before)).copied() {
        Some(quote @ (b'"' | b'\'')) => {
            let end = end_of(start, &|byte| byte == quote);
            start - 1..(end + 1).min(source.len())
        }
        _ => start..end_of(start, &|byte| byte.is_ascii_whitespace() || byte == b'>'),
    }
}

impl Positioned<'_> {
    fn report(&self, code: &'static str, span: Range<usize>, name: Option<LocalName>) {
        self.builder.sink.problem(code, span, name, Vec::new());
    }

    fn send(&mut self, token: Token, place: TokenPlace, span: Range<usize>) -> Option<State> {
        if self.stopped {
            return None;
        }
        self.token_end = span.end;
        self.builder.sink.begin(place, span);
        let answer = self.builder.process_token(token, 1);
        let (open, handles) = open_elements(self.builder);
        self.builder.sink.settle(&self.open, &open);
        self.steps += handles;
        self.open = open;
        if self.steps > MAX_STEPS || self.builder.sink.len() > MAX_NODES {
            self.stop();
        }
        match answer {
            TokenSinkResult::Continue | TokenSinkResult::Script(_) | TokenSinkResult::EncodingIndicator(_) => None,
            TokenSinkResult::Plaintext => Some(State::PlainText),
            TokenSinkResult::RawData(RawKind::Rcdata) => Some(State::RcData),
            TokenSinkResult::RawData(RawKind::Rawtext) => Some(State::RawText),
            TokenSinkResult::RawData(RawKind::ScriptData | RawKind::ScriptDataEscaped(_)) => Some(State::ScriptData),
        }
    }

    fn flush_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let span = self.text_start..self.text_end;
        for (at, part) in text.split(|byte| *byte == 0).enumerate() {
            if at > 0 {
                self.send(Token::NullCharacterToken, TokenPlace::Silent, span.clone());
            }
            if !part.is_empty() {
                self.send(Token::CharacterTokens(tendril(part)), TokenPlace::Text, span.clone());
            }
        }
    }

    fn flush_attribute(&mut self) {
        let Some(pending) = self.attribute.take() else { return };
        let name = local(&pending.name);
        let bytes = self.source.as_bytes().get(pending.start..).unwrap_or_default();
        let ends = |(at, byte): (usize, &u8)| {
            byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>') || (at > 0 && *byte == b'=')
        };
        let length = bytes.iter().enumerate().position(ends).unwrap_or(bytes.len());
        let name_span = pending.start..pending.start + length;
        if self.kind == TagKind::EndTag {
            return;
        }
        let qualified = QualName::new(None, ns!(), name.clone());
        if !self.seen.insert(name.clone()) {
            self.report("duplicate-attribute", name_span, Some(name));
            return;
        }
        let value_span =
            pending.value_start.map_or(name_span.end..name_span.end, |start| value_span(self.source, start));
        self.attributes.push(Attribute { name: qualified, value: tendril(&pending.value) });
        self.places.push((name_span, value_span));
    }

    fn start(&mut self, name: LocalName, span: Range<usize>) -> Option<State> {
        if self.open.len() > MAX_DEPTH && !reads_raw_text(&name) {
            self.builder.sink.cut(Cut::Depth, span.start);
            *self.flattened.entry(name).or_default() += 1;
            return None;
        }
        let attributes = std::mem::take(&mut self.attributes);
        let places = std::mem::take(&mut self.places);
        let tag = Tag {
            kind: TagKind::StartTag,
            name: name.clone(),
            self_closing: self.self_closing,
            attrs: attributes,
            had_duplicate_attributes: false,
        };
        let place = TagPlace { name: name.clone(), attributes: places };
        self.send(Token::TagToken(tag), TokenPlace::Start(place), span)
    }

    fn close(&mut self, name: LocalName, span: Range<usize>) {
        let tag = Tag {
            kind: TagKind::EndTag,
            name: name.clone(),
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        self.send(Token::TagToken(tag), TokenPlace::Close(name), span);
    }

    fn stop(&mut self) {
        if !self.stopped {
            self.stopped = true;
            self.builder.sink.cut(Cut::Size, self.position);
        }
    }
}

impl Emitter for Positioned<'_> {
    type Token = ();

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start_tag = last_start_tag.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.flush_text();
    }

    fn emit_error(&mut self, error: Error) {
        if !self.stopped {
            let at = self.position.saturating_sub(1);
            self.report(error.as_str(), at..self.position, None);
        }
    }

    fn pop_token(&mut self) -> Option<()> {
        self.stopped.then_some(())
    }

    fn init_string(&mut self) {
        if self.text.is_empty() {
            self.text_start = self.position;
        }
    }

    fn emit_string(&mut self, text: &[u8]) {
        if self.text.is_empty() {
            self.text_start = self.text_start.max(self.token_end);
        }
        self.text_end = self.position;
        self.text.extend(text);
    }

    fn init_start_tag(&mut self) {
        self.flush_text();
        self.kind = TagKind::StartTag;
        self.name.clear();
        self.self_closing = false;
        self.attributes.clear();
        self.places.clear();
        self.seen.clear();
        self.attribute = None;
    }

    fn init_end_tag(&mut self) {
        self.init_start_tag();
        self.kind = TagKind::EndTag;
    }

    fn init_comment(&mut self) {
        self.flush_text();
        self.comment.clear();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush_text();
        if self.kind == TagKind::EndTag && self.attribute.is_some() {
            self.report("end-tag-with-attributes", self.token_start..self.position, Some(local(&self.name)));
        }
        self.flush_attribute();
        let (name, span) = (local(&self.name), self.token_start..self.position);
        match self.kind {
            TagKind::StartTag => {
                self.last_start_tag.clone_from(&self.name);
                let state = self.start(name, span);
                if state.is_some() {
                    // The text that follows begins here, though no state of the tokenizer says so.
                    self.init_string();
                }
                state
            }
            TagKind::EndTag => {
                self.last_start_tag.clear();
                if let Some(left) = self.flattened.get_mut(&name)
                    && *left > 0
                {
                    *left -= 1;
                } else {
                    self.close(name, span);
                }
                None
            }
        }
    }

    fn emit_current_comment(&mut self) {
        let token = Token::CommentToken(tendril(&self.comment));
        self.send(token, TokenPlace::Silent, self.token_start..self.position);
    }

    fn emit_current_doctype(&mut self) {
        let mut doctype = std::mem::take(&mut self.doctype);
        let identifiers = std::mem::take(&mut self.identifiers);
        doctype.name = Some(identifiers.name).filter(|name| !name.is_empty()).map(|name| tendril(&name));
        doctype.public_id = identifiers.public.map(|id| tendril(&id));
        doctype.system_id = identifiers.system.map(|id| tendril(&id));
        self.send(Token::DoctypeToken(doctype), TokenPlace::Doctype, self.token_start..self.position);
    }

    fn set_self_closing(&mut self) {
        if self.kind == TagKind::EndTag {
            self.report("end-tag-with-trailing-solidus", self.token_start..self.position, Some(local(&self.name)));
        } else {
            self.self_closing = true;
        }
    }

    fn set_force_quirks(&mut self) {
        self.doctype.force_quirks = true;
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.name.extend(name);
    }

    fn push_comment(&mut self, text: &[u8]) {
        self.comment.extend(text);
    }

    fn push_doctype_name(&mut self, name: &[u8]) {
        self.identifiers.name.extend(name);
    }

    fn init_doctype(&mut self) {
        self.flush_text();
        self.doctype = Doctype::default();
        self.identifiers = Identifiers::default();
    }

    fn init_attribute(&mut self) {
        self.flush_attribute();
        self.attribute = Some(Pending { start: self.position.saturating_sub(1), ..Pending::default() });
    }

    fn init_attribute_value(&mut self) {
        if let Some(attribute) = &mut self.attribute {
            attribute.value_start = Some(self.position);
        }
    }

    fn push_attribute_name(&mut self, name: &[u8]) {
        if let Some(attribute) = &mut self.attribute {
            attribute.name.extend(name);
        }
    }

    fn push_attribute_value(&mut self, value: &[u8]) {
        if let Some(attribute) = &mut self.attribute {
            attribute.value.extend(value);
        }
    }

    fn set_doctype_public_identifier(&mut self, id: &[u8]) {
        self.identifiers.public = Some(id.to_vec());
    }

    fn set_doctype_system_identifier(&mut self, id: &[u8]) {
        self.identifiers.system = Some(id.to_vec());
    }

    fn push_doctype_public_identifier(&mut self, id: &[u8]) {
        self.identifiers.public.get_or_insert_default().extend(id);
    }

    fn push_doctype_system_identifier(&mut self, id: &[u8]) {
        self.identifiers.system.get_or_insert_default().extend(id);
    }

    fn start_open_tag(&mut self) {
        self.token_start = self.position.saturating_sub(1);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.kind == TagKind::EndTag && !self.last_start_tag.is_empty() && self.last_start_tag == self.name
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        // The state of the text before a CDATA section decides; it has to be in the tree by then.
        self.flush_text();
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }

    fn move_position(&mut self, by: isize) {
        self.position = self.position.saturating_add_signed(by);
    }
}
