//! V8's heap snapshots, read in one pass into flat arrays: some sixty bytes an object and seventeen a reference, whatever the
//! text looks like. Strings stay where they are in the text and are unescaped when they are shown.

use crate::support::call_tree::number;
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader};
use std::borrow::Cow;

/// A snapshot.
#[derive(Debug, Default)]
pub(super) struct Snapshot<'a> {
    text: &'a str,
    /// Kinds of objects, by number.
    pub(super) node_types: Vec<String>,
    /// Kinds of references, by number.
    pub(super) edge_types: Vec<String>,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// Where each string's literal starts in the text.
    strings: Vec<u32>,
}

/// An object, or a root.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Node {
    pub(super) kind: u8,
    pub(super) detached: bool,
    pub(super) name: u32,
    pub(super) id: u32,
    pub(super) first_edge: u32,
    pub(super) size: u64,
}

/// A reference; whose it is, its place in the list tells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Edge {
    pub(super) kind: u8,
    pub(super) name: u32,
    pub(super) to: u32,
}

/// Where fields stand in a record of the flat arrays.
#[derive(Debug, Default)]
struct Layout {
    fields: Vec<String>,
    types: Vec<String>,
}

impl Layout {
    fn place(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|known| known == field)
    }
}

#[derive(Debug, Default)]
struct Meta {
    node: Layout,
    edge: Layout,
    node_count: usize,
    edge_count: usize,
}

/// Most fields of a record; V8 has seven.
const MAX_FIELDS: usize = 32;

/// Most bytes that an object is taken to have, a tebibyte: sums over any snapshot stay whole.
const MAX_NODE_BYTES: u64 = 1 << 40;

impl<'a> Snapshot<'a> {
    /// Reads a snapshot.
    pub(super) fn read(text: &'a str) -> Result<Self, JsonError> {
        let meta = read_meta(text)?;
        let mut snapshot =
            Self { text, node_types: meta.node.types.clone(), edge_types: meta.edge.types.clone(), ..Self::default() };
        let mut reader = Reader::new(text);
        // A count that lies costs no memory: each record takes two bytes a field at least.
        let capacity = |count: usize, layout: &Layout| count.min(text.len() / (2 * layout.fields.len().max(1)));
        snapshot.nodes.reserve_exact(capacity(meta.node_count, &meta.node));
        snapshot.edges.reserve_exact(capacity(meta.edge_count, &meta.edge));
        let mut edge_counts_end = 0_u64;
        reader.begin_object()?;
        while let Some(key) = reader.next_member()? {
            match key.as_ref() {
                "nodes" => edge_counts_end = snapshot.read_nodes(&mut reader, &meta.node)?,
                "edges" => snapshot.read_edges(&mut reader, &meta)?,
                "strings" => {
                    reader.begin_array()?;
                    while reader.next_item()? {
                        snapshot.strings.push(number(reader.offset()));
                        reader.string()?;
                    }
                }
                _ => reader.skip()?,
            }
        }
        reader.end()?;
        if snapshot.nodes.is_empty() || edge_counts_end != snapshot.edges.len() as u64 {
            return Err(reader.error("as many references as the objects say they have"));
        }
        Ok(snapshot)
    }

    fn read_nodes(&mut self, reader: &mut Reader<'a>, layout: &Layout) -> Result<u64, JsonError> {
        let at = |field| layout.place(field).unwrap_or(usize::MAX);
        let (kind, name, id, size, edges, detached) =
            (at("type"), at("name"), at("id"), at("self_size"), at("edge_count"), at("detachedness"));
        let mut first_edge = 0_u64;
        let mut node = Node::default();
        let mut field = 0;
        let mut own_edges = 0_u64;
        reader.begin_array()?;
        while reader.next_item()? {
            let value = whole(reader.number()?);
            match field {
                field if field == kind => node.kind = u8::try_from(value).unwrap_or(u8::MAX),
                field if field == name => node.name = narrow(value),
                field if field == id => node.id = narrow(value),
                field if field == size => node.size = value.min(MAX_NODE_BYTES),
                field if field == edges => own_edges = value,
                field if field == detached => node.detached = value == 2,
                _ => {}
            }
            field += 1;
            if field == layout.fields.len() {
                node.first_edge = narrow(first_edge);
                first_edge = first_edge.saturating_add(own_edges);
                self.nodes.push(std::mem::take(&mut node));
                (field, own_edges) = (0, 0);
            }
        }
        if field == 0 { Ok(first_edge) } else { Err(reader.error("whole records of objects")) }
    }

    fn read_edges(&mut self, reader: &mut Reader<'a>, meta: &Meta) -> Result<(), JsonError> {
        let at = |field| meta.edge.place(field).unwrap_or(usize::MAX);
        let (kind, name, to) = (at("type"), at("name_or_index"), at("to_node"));
        let width = meta.node.fields.len() as u64;
        let mut edge = Edge::default();
        let mut field = 0;
        reader.begin_array()?;
        while reader.next_item()? {
            let value = whole(reader.number()?);
            if field == kind {
                edge.kind = u8::try_from(value).unwrap_or(u8::MAX);
            } else if field == name {
                edge.name = narrow(value);
            } else if field == to {
                if !value.is_multiple_of(width) || value / width >= self.nodes.len() as u64 {
                    return Err(reader.error("a reference to an object of the snapshot"));
                }
                edge.to = narrow(value / width);
            }
            field += 1;
            if field == meta.edge.fields.len() {
                self.edges.push(std::mem::take(&mut edge));
                field = 0;
            }
        }
        if field == 0 { Ok(()) } else { Err(reader.error("whole records of references")) }
    }

    /// A string, unescaped; empty where there is none of this number.
    pub(super) fn string(&self, at: u32) -> Cow<'a, str> {
        let start = self.strings.get(at as usize).copied();
        let literal = start.and_then(|start| self.text.get(start as usize..)).unwrap_or_default();
        Reader::new(literal).string().unwrap_or_default()
    }

    /// The kind of an object.
    pub(super) fn kind(&self, node: usize) -> &str {
        let kind = self.nodes.get(node).and_then(|node| self.node_types.get(node.kind as usize));
        kind.map_or("unknown", String::as_str)
    }

    /// The name of an object: its class, its function, its text.
    pub(super) fn name(&self, node: usize) -> Cow<'a, str> {
        self.nodes.get(node).map(|node| self.string(node.name)).unwrap_or_default()
    }

    /// The places of an object's references in the list of edges.
    pub(super) fn own_edges(&self, node: usize) -> std::ops::Range<usize> {
        let first = |node: usize| self.nodes.get(node).map_or(self.edges.len(), |node| node.first_edge as usize);
        first(node)..first(node + 1).min(self.edges.len())
    }

    /// What a reference is called.
    pub(super) fn edge_name(&self, edge: &Edge) -> Cow<'a, str> {
        match self.edge_types.get(edge.kind as usize).map(String::as_str) {
            Some("element" | "hidden") => format!("[{}]", edge.name).into(),
            _ => self.string(edge.name),
        }
    }

    /// The number of a kind of reference; none where the snapshot does not know it.
    pub(super) fn edge_kind(&self, name: &str) -> Option<u8> {
        self.edge_types.iter().position(|known| known == name).and_then(|at| u8::try_from(at).ok())
    }

    /// The class an object is counted under, as `DevTools` names it.
    pub(super) fn class(&self, node: usize) -> Cow<'a, str> {
        match self.kind(node) {
            "object" | "native" => self.name(node),
            "hidden" => "(system)".into(),
            "code" => "(compiled code)".into(),
            "closure" => "Function".into(),
            "regexp" => "RegExp".into(),
            kind => format!("({kind})").into(),
        }
    }
}

// The member `snapshot`, wherever it stands; V8 writes it first.
fn read_meta(text: &str) -> Result<Meta, JsonError> {
    let mut meta = Meta::default();
    let mut reader = Reader::new(text);
    reader.begin_object()?;
    while let Some(key) = reader.next_member()? {
        if key != "snapshot" {
            reader.skip()?;
            continue;
        }
        reader.object(|reader, key| match (key, reader.kind()?) {
            ("node_count", _) => reader.lenient_number().map(|count| meta.node_count = count.map_or(0, size_of)),
            ("edge_count", _) => reader.lenient_number().map(|count| meta.edge_count = count.map_or(0, size_of)),
            ("meta", Kind::Object) => reader.object(|reader, key| match (key, reader.kind()?) {
                ("node_fields", Kind::Array) => read_names(reader).map(|names| meta.node.fields = names),
                ("edge_fields", Kind::Array) => read_names(reader).map(|names| meta.edge.fields = names),
                ("node_types", Kind::Array) => read_types(reader).map(|names| meta.node.types = names),
                ("edge_types", Kind::Array) => read_types(reader).map(|names| meta.edge.types = names),
                _ => reader.skip(),
            }),
            _ => reader.skip(),
        })?;
        let node_fields = ["type", "name", "id", "self_size", "edge_count"];
        let edge_fields = ["type", "name_or_index", "to_node"];
        let has = |layout: &Layout, fields: &[&str]| fields.iter().all(|field| layout.place(field).is_some());
        let fits = |layout: &Layout| layout.fields.len() <= MAX_FIELDS;
        if has(&meta.node, &node_fields) && has(&meta.edge, &edge_fields) && fits(&meta.node) && fits(&meta.edge) {
            return Ok(meta);
        }
        return Err(reader.error("the fields of objects and references in snapshot.meta"));
    }
    Err(reader.error("a member \"snapshot\" with the layout of the records"))
}

fn read_names(reader: &mut Reader<'_>) -> Result<Vec<String>, JsonError> {
    let mut names = Vec::new();
    reader.array(|reader| reader.string_or_skip().map(|name| names.push(name.unwrap_or_default().into())))?;
    Ok(names)
}

// The first item lists the kinds; the others are types of fields.
fn read_types(reader: &mut Reader<'_>) -> Result<Vec<String>, JsonError> {
    let mut names = Vec::new();
    reader.array(|reader| {
        if reader.kind()? == Kind::Array && names.is_empty() {
            names = read_names(reader)?;
            return Ok(());
        }
        reader.skip()
    })?;
    Ok(names)
}

// Whole numbers below 2^53; negative ones are no sizes.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn whole(number: f64) -> u64 {
    number as u64
}

fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn size_of(number: f64) -> usize {
    usize::try_from(whole(number)).unwrap_or_default()
}
