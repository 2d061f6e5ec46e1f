//! Sampling heap profiles (`node --heap-prof`, `.heapprofile`): which functions allocated what was alive at the end.

use crate::support::call_tree::{CallTree, Frame, ROOT, Share, from_one, number};
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader, tree};
use crate::support::source_place::owner_of;
use octavo_toolkit::limits::excerpt;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// A function that allocated.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct AllocatorRow {
    /// Its name.
    pub name: String,
    /// File or URL.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<i64>,
    /// Bytes it allocated itself.
    #[serde(rename = "self")]
    pub own: u64,
    /// Bytes that it and what it called allocated.
    pub total: u64,
}

/// What a package allocated.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PackageRow {
    /// The package, or (app), (node), (engine).
    pub package: String,
    /// Bytes its code allocated itself.
    #[serde(rename = "self")]
    pub own: u64,
    /// Bytes that its code and what it called allocated.
    pub total: u64,
}

/// The sums of a heap profile.
#[derive(Debug)]
pub(super) struct Allocations {
    tree: CallTree,
}

#[derive(Debug, Default)]
struct RawNode {
    parent: Option<usize>,
    frame: Frame,
    size: f64,
}

impl Allocations {
    /// Reads a heap profile.
    pub(super) fn read(text: &str) -> Result<Self, JsonError> {
        let nodes: RefCell<Vec<RawNode>> = RefCell::default();
        let mut reader = Reader::new(text);
        reader.object(|reader, key| {
            if key != "head" || reader.kind()? != Kind::Object {
                return reader.skip();
            }
            let open = |parent| {
                let mut nodes = nodes.borrow_mut();
                nodes.push(RawNode { parent, ..RawNode::default() });
                nodes.len() - 1
            };
            tree(reader, "children", open, |reader, node, key| {
                let mut nodes = nodes.borrow_mut();
                let Some(node) = nodes.get_mut(node) else { return reader.skip() };
                match (key, reader.kind()?) {
                    ("selfSize", _) => reader.lenient_number().map(|size| node.size = size.unwrap_or_default()),
                    ("callFrame", Kind::Object) => {
                        reader.object(|reader, key| read_call_frame(reader, key, &mut node.frame))
                    }
                    _ => reader.skip(),
                }
            })
        })?;
        reader.end()?;
        let mut tree = CallTree::new();
        let mut places: Vec<u32> = Vec::new();
        for node in nodes.into_inner() {
            let parent = node.parent.and_then(|parent| places.get(parent)).copied().unwrap_or(ROOT);
            let mut frame = node.frame;
            if frame.name.is_empty() {
                "(anonymous)".clone_into(&mut frame.name);
            }
            let frame = tree.frame(frame);
            let place = tree.child(parent, frame);
            tree.add(place, node.size.max(0.0));
            places.push(place);
        }
        Ok(Self { tree })
    }

    /// All bytes.
    pub(super) fn total(&self) -> u64 {
        bytes(self.tree.totals().first().copied().unwrap_or_default())
    }

    /// Functions, by what they allocated themselves or with what they called.
    pub(super) fn functions(&self, most: usize, weight: fn(&Share) -> f64) -> Vec<AllocatorRow> {
        let groups: Vec<u32> = (0..self.tree.frames.len()).map(number).collect();
        let shares = self.tree.shares(&groups, groups.len());
        let mut order: Vec<(&Frame, &Share)> = self.tree.frames.iter().zip(&shares).collect();
        order.retain(|(_, share)| weight(share) > 0.0);
        order.sort_by(|one, other| weight(other.1).total_cmp(&weight(one.1)).then_with(|| one.0.cmp(other.0)));
        let row = |(frame, share): (&Frame, &Share)| AllocatorRow {
            name: excerpt(&frame.name),
            file: frame.file.clone(),
            line: frame.line.filter(|line| *line > 0),
            own: bytes(share.own),
            total: bytes(share.total),
        };
        order.into_iter().take(most).map(row).collect()
    }

    /// Packages, by what their code allocated itself.
    pub(super) fn packages(&self, most: usize) -> Vec<PackageRow> {
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        let mut labels = Vec::new();
        let mut group_of = Vec::new();
        for frame in &self.tree.frames {
            let label = owner_of(&frame.file).label().to_owned();
            let next = number(labels.len());
            let group = *known.entry(label.clone()).or_insert(next);
            if group == next {
                labels.push(label);
            }
            group_of.push(group);
        }
        let shares = self.tree.shares(&group_of, labels.len());
        let row = |(package, share): (String, Share)| PackageRow {
            package,
            own: bytes(share.own),
            total: bytes(share.total),
        };
        let mut rows: Vec<PackageRow> = labels.into_iter().zip(shares).map(row).collect();
        rows.sort_by(|one, other| other.own.cmp(&one.own).then_with(|| one.package.cmp(&other.package)));
        rows.truncate(most);
        rows
    }
}

fn read_call_frame(reader: &mut Reader<'_>, key: &str, frame: &mut Frame) -> Result<(), JsonError> {
    match key {
        "functionName" => reader.string_or_skip().map(|name| frame.name = name.unwrap_or_default().into()),
        "url" => reader.string_or_skip().map(|url| frame.file = url.unwrap_or_default().into()),
        "lineNumber" => reader.lenient_number().map(|line| frame.line = line.map(from_one)),
        "columnNumber" => reader.lenient_number().map(|column| frame.column = column.map(from_one)),
        _ => reader.skip(),
    }
}

// Bytes are whole and not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn bytes(weight: f64) -> u64 {
    weight.round() as u64
}
