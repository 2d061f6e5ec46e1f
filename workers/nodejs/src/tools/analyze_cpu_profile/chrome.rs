//! V8's CPU profiles: `.cpuprofile` files, the older form with a tree under `head`, and the profiles in a Chrome trace.
//!
//! A sample lasts until the next one. Time is read as speedscope reads it: `(root)` and `(idle)` are no functions, and the
//! garbage collector and the engine's own work lie on top of what ran before.

use super::profile::{Profile, Quality, Unit};
use crate::support::Map;
use crate::support::call_tree::{CallTree, Frame, ROOT, from_one};
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader, tree};

/// Deepest stack followed to its end, of calls below one another. V8 itself records 255 at most.
pub(super) const MAX_STACK_DEPTH: usize = 2_048;

/// A profile as V8 wrote it, not yet added up.
#[derive(Debug, Default)]
pub(super) struct Recording {
    nodes: Vec<RawNode>,
    by_id: Map<u64, usize>,
    samples: Vec<u64>,
    deltas: Vec<f64>,
    start: f64,
    end: f64,
}

#[derive(Debug, Default)]
struct RawNode {
    id: u64,
    name: String,
    url: String,
    line: Option<i64>,
    column: Option<i64>,
    hits: f64,
    parent_id: Option<u64>,
    children: Vec<u64>,
    parent: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Function,
    /// Not part of a stack: it and what is above it.
    Ignored,
    Idle,
    /// On top of the stack before.
    OnTop,
}

impl Recording {
    /// Reads the members of a profile that `reader` stands before.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut recording = Self::default();
        reader.object(|reader, key| recording.read_member(reader, key))?;
        Ok(recording)
    }

    /// Reads one member.
    pub(super) fn read_member(&mut self, reader: &mut Reader<'_>, key: &str) -> Result<(), JsonError> {
        match key {
            "nodes" if reader.kind()? == Kind::Array => reader.array(|reader| self.read_node(reader)),
            "samples" if reader.kind()? == Kind::Array => {
                reader.array(|reader| reader.lenient_number().map(|id| self.samples.push(node_id(id))))
            }
            "timeDeltas" if reader.kind()? == Kind::Array => {
                reader.array(|reader| reader.lenient_number().map(|delta| self.deltas.push(delta.unwrap_or_default())))
            }
            "startTime" => reader.lenient_number().map(|time| self.start = time.unwrap_or_default()),
            "endTime" => reader.lenient_number().map(|time| self.end = time.unwrap_or_default()),
            _ => reader.skip(),
        }
    }

    /// Adds what a later piece of the same profile brought.
    pub(super) fn append(&mut self, later: Self) {
        for node in later.nodes {
            self.push(node);
        }
        self.samples.extend(later.samples);
        self.deltas.extend(later.deltas);
    }

    /// Sets when the profile began or ended, where a piece says so.
    pub(super) fn set_times(&mut self, start: Option<f64>, end: Option<f64>) {
        self.start = start.unwrap_or(self.start);
        self.end = end.unwrap_or(self.end);
    }

    /// Adds the times between samples.
    pub(super) fn extend_deltas(&mut self, deltas: Vec<f64>) {
        self.deltas.extend(deltas);
    }

    /// The older form: `head` is a tree, `timestamps` are absolute, times are in seconds.
    pub(super) fn read_old(reader: &mut Reader<'_>) -> Result<Self, JsonError> {
        let mut recording = Self::default();
        let mut timestamps = Vec::new();
        reader.object(|reader, key| match key {
            "head" => recording.read_head(reader),
            "timestamps" if reader.kind()? == Kind::Array => {
                reader.array(|reader| reader.lenient_number().map(|time| timestamps.push(time.unwrap_or_default())))
            }
            _ => recording.read_member(reader, key),
        })?;
        recording.start *= 1e6;
        recording.end *= 1e6;
        let mut before = recording.start;
        for time in timestamps {
            recording.deltas.push(time - before);
            before = time;
        }
        Ok(recording)
    }

    fn read_head(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        let mut nodes: Vec<RawNode> = Vec::new();
        let nodes = std::cell::RefCell::new(&mut nodes);
        let open = |parent| {
            let mut nodes = nodes.borrow_mut();
            nodes.push(RawNode { parent, column: Some(1), ..RawNode::default() });
            nodes.len() - 1
        };
        tree(reader, "children", open, |reader, node, key| {
            let mut nodes = nodes.borrow_mut();
            let Some(node) = nodes.get_mut(node) else { return reader.skip() };
            match key {
                "id" => reader.lenient_number().map(|id| node.id = node_id(id)),
                "hitCount" => reader.lenient_number().map(|hits| node.hits = hits.unwrap_or_default()),
                _ => node.read_call_frame(reader, key),
            }
        })?;
        let nodes = std::mem::take(nodes.into_inner());
        for (at, node) in nodes.into_iter().enumerate() {
            self.by_id.insert(node.id, at);
            self.nodes.push(node);
        }
        Ok(())
    }

    fn read_node(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        let mut node = RawNode::default();
        reader.object(|reader, key| match key {
            "id" => reader.lenient_number().map(|id| node.id = node_id(id)),
            "parent" => reader.lenient_number().map(|id| node.parent_id = id.map(|id| node_id(Some(id)))),
            "hitCount" => reader.lenient_number().map(|hits| node.hits = hits.unwrap_or_default()),
            "children" if reader.kind()? == Kind::Array => {
                reader.array(|reader| reader.lenient_number().map(|id| node.children.push(node_id(id))))
            }
            "callFrame" if reader.kind()? == Kind::Object => {
                reader.object(|reader, key| node.read_call_frame(reader, key))
            }
            _ => reader.skip(),
        })?;
        self.push(node);
        Ok(())
    }

    fn push(&mut self, node: RawNode) {
        self.by_id.insert(node.id, self.nodes.len());
        self.nodes.push(node);
    }

    /// Adds the recording up.
    pub(super) fn profile(mut self, name: String) -> Profile {
        let mut quality = Quality::default();
        self.link(&mut quality);
        if self.samples.is_empty() {
            return self.by_hits(name, quality);
        }
        let roles: Vec<Role> = self.nodes.iter().map(role_of).collect();
        let mut tree = CallTree::new();
        let frames: Vec<u32> = self.nodes.iter().map(|node| tree.frame(frame_of(node))).collect();
        let mut stacks =
            Stacks { nodes: &self.nodes, roles: &roles, path: Vec::new(), on_path: vec![false; roles.len()] };
        let (mut now, mut idle) = (0.0, 0.0);
        let (mut top, mut is_idle) = (ROOT, false);
        let points = change_points(&self.samples, &self.deltas, &mut quality);
        for (id, time) in &points {
            let Some(node) = self.by_id.get(id).copied() else {
                quality.unknown_nodes += 1;
                continue;
            };
            let elapsed = if top == ROOT && now == 0.0 && !is_idle { 0.0 } else { time - now };
            tree.add(top, elapsed);
            idle += if is_idle { elapsed } else { 0.0 };
            now = *time;
            stacks.go_to(node, |caller, node| {
                let frame = frames.get(node).copied().unwrap_or_default();
                tree.child(caller, frame)
            });
            top = stacks.path.last().map_or(ROOT, |(_, node)| *node);
            is_idle = roles.get(node) == Some(&Role::Idle);
        }
        let last = points.last().map_or(now, |(_, time)| *time);
        tree.add(top, last - now);
        idle += if is_idle { last - now } else { 0.0 };
        let length = self.end - self.start;
        quality.samples = self.samples.len();
        Profile { name, unit: Unit::Microseconds, tree, length: length.max(last), idle, quality }
    }

    // Without samples, only how often each node was hit is known.
    fn by_hits(&self, name: String, quality: Quality) -> Profile {
        let mut tree = CallTree::new();
        let (mut length, mut idle) = (0.0, 0.0);
        for node in &self.nodes {
            length += node.hits;
            if role_of(node) == Role::Idle {
                idle += node.hits;
            }
            let mut stack = Vec::new();
            let mut at = Some(node);
            while let Some(node) = at.filter(|node| !matches!(role_of(node), Role::Ignored | Role::Idle)) {
                stack.push(tree.frame(frame_of(node)));
                at = node.parent.and_then(|parent| self.nodes.get(parent));
            }
            if node.hits > 0.0 && !stack.is_empty() {
                tree.add_stack(stack.into_iter().rev(), node.hits);
            }
        }
        Profile { name, unit: Unit::Samples, tree, length, idle, quality }
    }

    // Finds each node's caller, and cuts callers that go in a circle or on for too long.
    fn link(&mut self, quality: &mut Quality) {
        let mut parents = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            parents.extend(node.children.iter().filter_map(|child| Some((at, *self.by_id.get(child)?))));
        }
        for node in &mut self.nodes {
            node.parent = node.parent.or_else(|| node.parent_id.and_then(|id| self.by_id.get(&id).copied()));
        }
        for (parent, child) in parents {
            if let Some(node) = self.nodes.get_mut(child) {
                node.parent = Some(parent);
            }
        }
        // How deep each node is; 0 where not yet known.
        let mut depths = vec![0_usize; self.nodes.len()];
        for start in 0..self.nodes.len() {
            let mut path = Vec::new();
            let mut at = Some(start);
            while let Some(node) = at.filter(|node| depths.get(*node) == Some(&0)) {
                path.push(node);
                if let Some(depth) = depths.get_mut(node) {
                    *depth = usize::MAX;
                }
                at = self.nodes.get(node).and_then(|node| node.parent);
            }
            let mut depth = at.and_then(|node| depths.get(node)).copied().unwrap_or_default();
            for node in path.into_iter().rev() {
                if depth >= MAX_STACK_DEPTH {
                    depth = 0;
                    quality.cut_stacks += 1;
                    if let Some(node) = self.nodes.get_mut(node) {
                        node.parent = None;
                    }
                }
                depth += 1;
                if let Some(known) = depths.get_mut(node) {
                    *known = depth;
                }
            }
        }
    }
}

impl RawNode {
    fn read_call_frame(&mut self, reader: &mut Reader<'_>, key: &str) -> Result<(), JsonError> {
        match key {
            "functionName" => reader.string_or_skip().map(|name| self.name = name.unwrap_or_default().into()),
            "url" => reader.string_or_skip().map(|url| self.url = url.unwrap_or_default().into()),
            "lineNumber" => reader.lenient_number().map(|line| self.line = line.map(from_one)),
            "columnNumber" => reader.lenient_number().map(|column| self.column = column.map(from_one)),
            _ => reader.skip(),
        }
    }
}

/// The stack of the sample before, as nodes and their places in the tree.
struct Stacks<'a> {
    nodes: &'a [RawNode],
    roles: &'a [Role],
    path: Vec<(usize, u32)>,
    on_path: Vec<bool>,
}

impl Stacks<'_> {
    fn role(&self, node: usize) -> Role {
        self.roles.get(node).copied().unwrap_or(Role::Ignored)
    }

    fn caller(&self, node: usize) -> Option<usize> {
        match self.role(node) {
            Role::OnTop => self.path.last().map(|(node, _)| *node),
            Role::Function | Role::Ignored | Role::Idle => self.nodes.get(node).and_then(|node| node.parent),
        }
    }

    fn go_to(&mut self, node: usize, mut child: impl FnMut(u32, usize) -> u32) {
        let mut shared = Some(node);
        while let Some(at) = shared.filter(|at| self.on_path.get(*at) != Some(&true)) {
            shared = self.caller(at);
        }
        while let Some((at, _)) = self.path.last().copied().filter(|(at, _)| Some(*at) != shared) {
            self.path.pop();
            self.mark(at, false);
        }
        let mut opened = Vec::new();
        let mut next = Some(node);
        while let Some(at) =
            next.filter(|at| Some(*at) != shared && !matches!(self.role(*at), Role::Ignored | Role::Idle))
        {
            opened.push(at);
            next = self.caller(at);
        }
        for at in opened.into_iter().rev() {
            let caller = self.path.last().map_or(ROOT, |(_, node)| *node);
            let place = child(caller, at);
            self.path.push((at, place));
            self.mark(at, true);
        }
    }

    fn mark(&mut self, node: usize, is_on_path: bool) {
        if let Some(mark) = self.on_path.get_mut(node) {
            *mark = is_on_path;
        }
    }
}

// Where the sampled node changes, and when; the last point ends the profile. Time never runs backwards.
fn change_points(samples: &[u64], deltas: &[f64], quality: &mut Quality) -> Vec<(u64, f64)> {
    let mut points: Vec<(u64, f64)> = Vec::new();
    let mut elapsed = deltas.first().copied().unwrap_or_default();
    let mut valid = elapsed;
    let mut before = None;
    quality.missing_deltas = samples.len().saturating_sub(deltas.len());
    for (at, id) in samples.iter().enumerate() {
        let is_last = at + 1 == samples.len();
        if before != Some(*id) {
            valid = valid.max(elapsed);
            points.push((*id, valid));
        }
        if is_last && before.is_some() {
            valid = valid.max(elapsed);
            // Ends whatever was sampled last, for no time of its own.
            points.push((*id, valid));
        }
        let delta = deltas.get(at + 1).copied().unwrap_or_default();
        quality.backward_deltas += usize::from(delta < 0.0);
        elapsed += delta;
        before = Some(*id);
    }
    points
}

fn role_of(node: &RawNode) -> Role {
    match node.name.as_str() {
        "(idle)" => Role::Idle,
        "(root)" => Role::Ignored,
        _ if node.url == "native dummy.js" => Role::Ignored,
        "(garbage collector)" | "(program)" => Role::OnTop,
        _ => Role::Function,
    }
}

fn frame_of(node: &RawNode) -> Frame {
    let name = match (node.name.as_str(), node.url.as_str()) {
        ("", "") => "(anonymous)".to_owned(),
        ("", url) => {
            let file = url.rsplit('/').next().unwrap_or_default();
            let line = node.line.map_or_else(|| "?".to_owned(), |line| line.to_string());
            format!("(anonymous {file}:{line})")
        }
        (name, _) => name.to_owned(),
    };
    Frame { name, file: node.url.clone(), line: node.line, column: node.column }
}

// Ids are whole and not negative; the bits stand for any other number.
fn node_id(id: Option<f64>) -> u64 {
    id.unwrap_or(-1.0).to_bits()
}
