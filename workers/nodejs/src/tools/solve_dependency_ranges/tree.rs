//! Trees of installed packages: which folder holds what, and what each dependency finds there.
//!
//! A tree is the project with its `node_modules`, or a scratch copy of one package in which a set of peers is gathered
//! before it is placed. Nodes of all trees share one arena; a removed node becomes the root of a tree of its own.

use crate::support::packuments::{Dependency, Manifest, Need, Packages, Wanted};
use std::collections::{BTreeMap, BTreeSet};

/// A node of the arena.
pub(super) type Id = usize;

/// A package in a folder.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// The folder's name.
    pub(super) name: &'a str,
    /// The package's name.
    pub(super) package: &'a str,
    /// `None` where no version could be picked.
    pub(super) manifest: Option<&'a Manifest>,
    pub(super) parent: Option<Id>,
    pub(super) children: BTreeMap<&'a str, Id>,
    /// Of a scratch tree's root, the node it copies.
    pub(super) source: Option<Id>,
    /// Names of dependencies whose conflict npm lets pass.
    pub(super) overridden: BTreeSet<&'a str>,
    // A link to the same package further up.
    is_link: bool,
    root: Id,
}

/// A dependency of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge<'a> {
    pub(super) from: Id,
    pub(super) to: &'a Dependency,
}

/// All trees.
#[derive(Debug)]
pub(super) struct Forest<'a> {
    pub(super) packages: &'a Packages,
    nodes: Vec<Node<'a>>,
    members: BTreeMap<Id, BTreeSet<Id>>,
    /// What looking was done, counted in dependencies seen.
    pub(super) steps: usize,
}

impl PartialEq for Edge<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.from == other.from && self.to.name == other.to.name
    }
}

impl<'a> Edge<'a> {
    pub(super) fn name(self) -> &'a str {
        &self.to.name
    }
}

impl<'a> Forest<'a> {
    /// The project alone.
    pub(super) fn new(packages: &'a Packages, project: &'a Manifest) -> Self {
        let mut forest = Self { packages, nodes: Vec::new(), members: BTreeMap::new(), steps: 0 };
        forest.push("", "", Some(project), None);
        forest
    }

    /// The project.
    pub(super) const PROJECT: Id = 0;

    fn push(&mut self, name: &'a str, package: &'a str, manifest: Option<&'a Manifest>, source: Option<Id>) -> Id {
        let id = self.nodes.len();
        self.nodes.push(Node {
            name,
            package,
            manifest,
            parent: None,
            children: BTreeMap::new(),
            source,
            overridden: BTreeSet::new(),
            is_link: false,
            root: id,
        });
        self.members.insert(id, BTreeSet::from([id]));
        id
    }

    /// How many nodes were ever made.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A node. Ids are only ever made by this arena.
    pub(super) fn node(&self, id: Id) -> &Node<'a> {
        self.nodes.get(id).unwrap_or_else(|| &self.nodes[Self::PROJECT])
    }

    /// A scratch tree whose root has the dependencies of a node.
    pub(super) fn scratch(&mut self, of: Id) -> Id {
        let (name, package, manifest) = {
            let node = self.node(of);
            (node.name, node.package, node.manifest)
        };
        self.push(name, package, manifest, Some(of))
    }

    /// A new node for what a dependency wants, in a folder of `parent`.
    pub(super) fn add(&mut self, name: &'a str, wanted: &'a Wanted, parent: Id) -> Id {
        let package = wanted.package(name);
        let manifest = self.packages.pick(name, wanted).and_then(|at| self.packages.manifest(package, at));
        let id = self.push(name, package, manifest, None);
        self.attach(id, parent);
        id
    }

    /// A copy of a node, in no folder yet.
    pub(super) fn copy(&mut self, of: Id, is_link: bool) -> Id {
        let (name, package, manifest) = {
            let node = self.node(of);
            (node.name, node.package, node.manifest)
        };
        let id = self.push(name, package, manifest, None);
        if let Some(node) = self.nodes.get_mut(id) {
            node.is_link = is_link;
        }
        id
    }

    /// Puts a node into a folder; what was there is removed.
    pub(super) fn attach(&mut self, id: Id, parent: Id) {
        let name = self.node(id).name;
        if self.node(parent).children.get(name) == Some(&id) {
            return;
        }
        self.remove(id);
        if let Some(old) = self.node(parent).children.get(name).copied() {
            self.remove(old);
        }
        if let Some(node) = self.nodes.get_mut(parent) {
            node.children.insert(name, id);
        }
        if let Some(node) = self.nodes.get_mut(id) {
            node.parent = Some(parent);
        }
        self.move_to_root(id, self.node(parent).root);
    }

    /// Takes a node out of its folder, with all that is below it.
    pub(super) fn remove(&mut self, id: Id) {
        let name = self.node(id).name;
        let Some(parent) = self.node(id).parent else { return };
        if let Some(node) = self.nodes.get_mut(parent) {
            node.children.remove(name);
        }
        if let Some(node) = self.nodes.get_mut(id) {
            node.parent = None;
        }
        self.move_to_root(id, id);
    }

    fn move_to_root(&mut self, id: Id, root: Id) {
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            let Some(node) = self.nodes.get_mut(id) else { continue };
            left.extend(node.children.values());
            let old = std::mem::replace(&mut node.root, root);
            if let Some(members) = self.members.get_mut(&old) {
                members.remove(&id);
            }
            self.members.entry(root).or_default().insert(id);
        }
    }

    /// Puts `new` where `old` is, and what was in the folders of `old` into those of `new`.
    pub(super) fn replace(&mut self, old: Id, new: Id) {
        let Some(parent) = self.node(old).parent else { return };
        let kids: Vec<Id> = self.node(old).children.values().copied().collect();
        for kid in kids {
            self.attach(kid, new);
        }
        self.attach(new, parent);
    }

    /// The root of the tree that a node is in.
    pub(super) fn root(&self, id: Id) -> Id {
        self.node(id).root
    }

    /// Every node of the tree that a node is in.
    pub(super) fn tree_of(&self, id: Id) -> Vec<Id> {
        self.members.get(&self.root(id)).map(|members| members.iter().copied().collect()).unwrap_or_default()
    }

    /// Whether a node is the root of its tree.
    pub(super) fn is_top(&self, id: Id) -> bool {
        self.node(id).parent.is_none()
    }

    /// The node and all it is in.
    pub(super) fn ancestry(&self, id: Id) -> impl Iterator<Item = Id> + '_ {
        std::iter::successors(Some(id), |id| self.node(*id).parent)
    }

    pub(super) fn is_descendant(&self, id: Id, of: Id) -> bool {
        self.ancestry(id).any(|ancestor| ancestor == of)
    }

    /// Every dependency of a node, in npm's order.
    pub(super) fn edges(&self, from: Id) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let node = self.node(from);
        let dependencies: &'a [Dependency] = match node.manifest {
            Some(manifest) if !node.is_link => &manifest.dependencies,
            _ => &[],
        };
        dependencies.iter().map(move |to| Edge { from, to })
    }

    /// The dependency of this name.
    pub(super) fn edge(&self, from: Id, name: &str) -> Option<Edge<'a>> {
        self.edges(from).find(|edge| edge.to.name == name)
    }

    /// What a name finds from a node on upwards.
    pub(super) fn resolve(&self, id: Id, name: &str) -> Option<Id> {
        self.ancestry(id).find_map(|id| self.node(id).children.get(name).copied())
    }

    /// What a dependency finds.
    pub(super) fn target(&self, edge: Edge<'a>) -> Option<Id> {
        self.resolve(edge.from, edge.name())
    }

    /// Whether a node would do for a dependency.
    pub(super) fn satisfies(&self, id: Id, edge: Edge<'a>) -> bool {
        let node = self.node(id);
        node.name == edge.to.name && node.manifest.is_some_and(|manifest| edge.to.wanted.accepts(&manifest.parsed))
    }

    /// Whether a dependency finds what it wants; peers must not be in the dependent's own folder.
    pub(super) fn is_valid(&self, edge: Edge<'a>) -> bool {
        if edge.to.wanted == Wanted::Elsewhere {
            return true;
        }
        let Some(target) = self.target(edge) else { return edge.to.need.is_optional() };
        let is_local = edge.to.need.is_peer() && self.node(target).parent == Some(edge.from) && !self.is_top(edge.from);
        !is_local && self.satisfies(target, edge)
    }

    /// Whether npm lets the conflict of a dependency pass.
    pub(super) fn is_overridden(&self, edge: Edge<'a>) -> bool {
        self.node(edge.from).overridden.contains(edge.name())
    }

    /// Lets the conflict of a dependency pass.
    pub(super) fn override_conflict(&mut self, edge: Edge<'a>) {
        if let Some(node) = self.nodes.get_mut(edge.from) {
            node.overridden.insert(edge.name());
        }
    }

    /// Every dependency that finds a node.
    pub(super) fn edges_in(&mut self, id: Id) -> Vec<Edge<'a>> {
        let name = self.node(id).name;
        let members = self.tree_of(id);
        self.steps += members.len();
        let named = members.into_iter().filter_map(|from| self.edge(from, name));
        named.filter(|edge| self.target(*edge) == Some(id)).collect()
    }

    /// Whether two nodes are the same version of the same package.
    pub(super) fn matches(&self, one: Id, other: Id) -> bool {
        let (left, right) = (self.node(one), self.node(other));
        let version = |node: &Node<'a>| node.manifest.map(|manifest| manifest.version.as_str());
        one == other
            || (left.name == right.name
                && left.package == right.package
                && version(left).is_some()
                && version(left) == version(right))
    }

    /// The nodes, what they depend on, and so on, without what something outside the set depends on as well. Dependencies
    /// count that `follow` takes, which is given what they find.
    pub(super) fn gather(&mut self, start: &[Id], follow: impl Fn(&Self, Edge<'a>, Id) -> bool) -> Vec<Id> {
        let mut order: Vec<Id> = start.to_vec();
        let mut set: BTreeSet<Id> = start.iter().copied().collect();
        let mut at = 0;
        while let Some(id) = order.get(at).copied() {
            at += 1;
            for edge in self.edges(id) {
                self.steps += 1;
                let Some(target) = self.target(edge) else { continue };
                if !set.contains(&target) && follow(self, edge, target) {
                    set.insert(target);
                    order.push(target);
                }
            }
        }
        loop {
            let before = set.len();
            for id in &order {
                if !set.contains(id) {
                    continue;
                }
                let inward = self.edges_in(*id);
                if inward.into_iter().any(|edge| !set.contains(&edge.from) && follow(self, edge, *id)) {
                    set.remove(id);
                }
            }
            if set.len() == before || set.is_empty() {
                break;
            }
        }
        order.retain(|id| set.contains(id));
        order
    }

    /// Whether `new` may take the place of `old` for all that depend on it. Dependencies by peers of these names beside it
    /// do not count, since they are replaced with it.
    pub(super) fn can_replace(&mut self, old: Id, new: Id, ignored: &[&str]) -> bool {
        if self.node(old).name != self.node(new).name || self.node(old).package != self.node(new).package {
            return false;
        }
        let own = self.gather(&[old], |forest, edge, target| target != old && forest.is_valid(edge));
        let parent = self.node(old).parent;
        let inward = self.edges_in(old);
        inward.into_iter().all(|edge| {
            let from = self.node(edge.from);
            let is_ignored =
                parent.is_some() && from.parent == parent && edge.to.need.is_peer() && ignored.contains(&from.name);
            is_ignored || own.contains(&edge.from) || self.satisfies(new, edge)
        })
    }

    /// The deepest node from `start` upwards in whose folder a name may be put.
    pub(super) fn deepest(&self, start: Id, name: &str) -> Id {
        let mut found = start;
        for id in self.ancestry(start) {
            found = id;
            let is_peer = self.edge(id, name).is_some_and(|edge| edge.to.need.is_peer());
            if !is_peer {
                break;
            }
        }
        found
    }

    /// The sets of peers that a node is in: the dependency that brings each in, and what is in it.
    pub(super) fn peer_sets(&mut self, id: Id) -> Vec<(Edge<'a>, Vec<Id>)> {
        let mut union = vec![id];
        let mut at = 0;
        while let Some(one) = union.get(at).copied() {
            at += 1;
            self.steps += union.len();
            let outward = self.edges(one).filter(|edge| edge.to.need.is_peer() && self.is_valid(*edge));
            let mut found: Vec<Id> = outward.filter_map(|edge| self.target(edge)).collect();
            let inward = self.edges_in(one);
            found.extend(inward.into_iter().filter(|e| e.to.need.is_peer() && self.is_valid(*e)).map(|e| e.from));
            for other in found {
                if !union.contains(&other) {
                    union.push(other);
                }
            }
        }
        let mut sets = Vec::new();
        for peer in union {
            for entry in self.edges_in(peer) {
                if !self.is_valid(entry) || (entry.to.need.is_peer() && !self.is_top(entry.from)) {
                    continue;
                }
                let set = self.peers_from(peer);
                self.steps += set.len() * 4;
                if set.contains(&id) {
                    sets.push((entry, set));
                }
            }
        }
        sets
    }

    fn peers_from(&self, start: Id) -> Vec<Id> {
        let mut set = vec![start];
        let mut at = 0;
        while let Some(one) = set.get(at).copied() {
            at += 1;
            for edge in self.edges(one).filter(|edge| edge.to.need.is_peer() && self.is_valid(*edge)) {
                if let Some(target) = self.target(edge).filter(|target| !set.contains(target)) {
                    set.push(target);
                }
            }
        }
        set
    }

    /// `name@version`, or `the project`.
    pub(super) fn label(&self, id: Id) -> String {
        let node = self.node(id);
        let source = node.source.unwrap_or(id);
        match node.manifest {
            Some(manifest) if source != Self::PROJECT => format!("{}@{}", node.name, manifest.version),
            Some(_) => "the project".to_owned(),
            None => node.name.to_owned(),
        }
    }

    /// Whether a dependency still has to be seen to.
    pub(super) fn is_problem(&self, edge: Edge<'a>) -> bool {
        if edge.to.wanted == Wanted::Elsewhere {
            return false;
        }
        match self.target(edge) {
            None => edge.to.need != Need::OptionalPeer,
            Some(target) => self.node(target).manifest.is_some() && !self.is_valid(edge),
        }
    }
}
