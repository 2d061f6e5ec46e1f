//! Ways through the graph: what is reached, how deep it lies, and why it is there.

use crate::support::lockfile::{Edge, Entry, Lockfile, Role};
use serde::Serialize;
use std::collections::VecDeque;

/// Longest way that is shown whole, in packages: the longest of real projects have some thirty.
pub const MAX_WAY: usize = 100;

/// Why a package is there.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    /// Name and version.
    pub package: String,
    /// What the lockfile calls it.
    pub key: String,
    /// Everything that leads to it: who, range, kind.
    pub dependents: Vec<Dependent>,
    /// A shortest way from a project to it; empty when there is none.
    pub path: Vec<String>,
}

/// Something that leads to a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Dependent {
    /// Name and version.
    pub package: String,
    /// What the lockfile calls it.
    pub key: String,
    /// The range, where it is kept.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub range: String,
    /// `prod`, `dev`, `optional`, `peer`, `peerOptional` or `workspace`.
    pub kind: &'static str,
}

/// How everything is reached from the projects.
pub(crate) struct Ways<'a> {
    lock: &'a Lockfile,
    outward: Vec<Vec<usize>>,
    inward: Vec<Vec<usize>>,
    /// Distance from the nearest project, and the edge that leads there.
    reached: Vec<Option<(usize, Option<usize>)>>,
}

impl<'a> Ways<'a> {
    pub(crate) fn new(lock: &'a Lockfile) -> Self {
        let count = lock.entries.len();
        let (mut outward, mut inward) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (at, edge) in lock.edges.iter().enumerate() {
            let Some(target) = edge.to else { continue };
            if let Some(own) = outward.get_mut(edge.from) {
                own.push(at);
            }
            if let Some(own) = inward.get_mut(target) {
                own.push(at);
            }
        }
        let mut ways = Self { lock, outward, inward, reached: vec![None; count] };
        ways.walk();
        ways
    }

    fn walk(&mut self) {
        let mut queue = VecDeque::new();
        // Workspaces are reached from the project where it leads to them.
        let is_start = |entry: &Entry| entry.role == Role::Project;
        let mut starts: Vec<usize> = self.positions(is_start);
        if starts.is_empty() {
            starts = self.positions(|entry| entry.role == Role::Workspace);
        }
        for start in starts {
            self.reach(start, 0, None, &mut queue);
        }
        self.drain(&mut queue);
        for start in self.positions(|entry| entry.role == Role::Workspace) {
            self.reach(start, 0, None, &mut queue);
        }
        self.drain(&mut queue);
    }

    fn positions(&self, keep: impl Fn(&Entry) -> bool) -> Vec<usize> {
        self.lock.entries.iter().enumerate().filter(|(_, entry)| keep(entry)).map(|(at, _)| at).collect()
    }

    fn reach(&mut self, at: usize, distance: usize, by: Option<usize>, queue: &mut VecDeque<usize>) {
        if let Some(slot @ None) = self.reached.get_mut(at) {
            *slot = Some((distance, by));
            queue.push_back(at);
        }
    }

    fn drain(&mut self, queue: &mut VecDeque<usize>) {
        while let Some(at) = queue.pop_front() {
            let Some((distance, by)) = self.reached.get(at).copied().flatten() else { continue };
            if let Some(Role::Link(target)) = self.lock.entry(at).map(|entry| entry.role) {
                self.reach(target, distance, by, queue);
            }
            for edge in self.outward.get(at).cloned().unwrap_or_default() {
                if let Some(target) = self.lock.edges.get(edge).and_then(|edge| edge.to) {
                    self.reach(target, distance + 1, Some(edge), queue);
                }
            }
        }
    }

    /// Whether something leads to an entry.
    pub(super) fn is_reached(&self, at: usize) -> bool {
        self.reached.get(at).is_some_and(Option::is_some)
    }

    /// How far the farthest entry is from the nearest project.
    pub(super) fn depth(&self) -> usize {
        self.reached.iter().flatten().map(|(distance, _)| *distance).max().unwrap_or(0)
    }

    /// Every dependency that leads to an entry.
    pub(crate) fn dependents(&self, at: usize) -> impl Iterator<Item = &'a Edge> + '_ {
        let edges = self.inward.get(at).map(Vec::as_slice).unwrap_or_default();
        edges.iter().filter_map(|edge| self.lock.edges.get(*edge))
    }

    /// A shortest way from a project to an entry, both included; of a long one the end, after `...`.
    pub(crate) fn way(&self, at: usize) -> Vec<String> {
        let mut way = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            let Some((_, by)) = self.reached.get(at).copied().flatten() else { return Vec::new() };
            if way.len() == MAX_WAY {
                way.push("...".to_owned());
                break;
            }
            way.extend(self.lock.entry(at).map(Entry::label));
            next = by.and_then(|edge| self.lock.edges.get(edge)).map(|edge| edge.from);
        }
        way.reverse();
        way
    }

    /// Why an entry is there, with so many of its dependents; whether there are more.
    pub(super) fn instance(&self, at: usize, most: usize) -> Option<(Instance, bool)> {
        let entry = self.lock.entry(at)?;
        let is_cut = self.dependents(at).count() > most;
        let mut dependents: Vec<Dependent> = self
            .dependents(at)
            .filter(|_| most > 0)
            .filter_map(|edge| {
                let from = self.lock.entry(edge.from)?;
                Some(Dependent {
                    package: from.label(),
                    key: from.key.clone(),
                    range: edge.range.clone(),
                    kind: edge.need.word(),
                })
            })
            .collect();
        dependents.sort();
        dependents.truncate(most);
        let instance = Instance { package: entry.label(), key: entry.key.clone(), dependents, path: self.way(at) };
        Some((instance, is_cut))
    }
}
