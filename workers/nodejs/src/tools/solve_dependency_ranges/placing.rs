//! Builds the tree that npm would install, by npm's way of placing: shallowest folder first, each set of peers as one.
//!
//! npm does not search: it takes the version it prefers for each range, and gives up where a set of peers of the project
//! itself cannot be put beside what is there (`ERESOLVE`). Conflicts of others are let pass, as npm does without
//! `--strict-peer-deps`.

use super::tree::{Edge, Forest, Id};
use crate::support::packuments::{Manifest, Need, Packages};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Most steps, all in all: checks of a place, nodes looked at for what depends on them, members of sets of peers. About a
/// second. Checks follow every path of peers, of which there are as many as orders of the packages where each wants each.
const MAX_STEPS: usize = 300_000;
/// Most nodes ever made.
const MAX_NODES: usize = 20_000;
/// Longest chain of peers that is followed.
const MAX_PEER_CHAIN: usize = 60;

/// Why no tree was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// Peers of the project cannot be put together.
    Conflict(Box<Conflict>),
    /// It was too much work.
    TooLarge,
}

/// What cannot be put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    /// Who wants something: `name@version` or the project.
    pub(super) by: String,
    /// What is wanted.
    pub(super) name: String,
    /// In which range.
    pub(super) range: String,
    /// Where that is written.
    pub(super) field: &'static str,
    /// What is or would be there instead.
    pub(super) found: Option<String>,
    /// Who wants that, and in which range.
    pub(super) found_for: Option<String>,
    /// Names of direct dependencies that take part.
    pub(super) direct: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Conflict,
    Fine,
    Replace,
    Keep,
}

// Whether and how a node can be put somewhere.
#[derive(Debug, Clone)]
struct Check<'a> {
    with_peers: State,
    alone: State,
    target: Id,
    frame: Frame<'a>,
    // The first peer that cannot be put there: its dependency and what is there.
    blocked: Option<(Edge<'a>, Id)>,
}

#[derive(Debug, Clone, Copy)]
struct Frame<'a> {
    deepest: Id,
    top: Edge<'a>,
}

#[derive(Debug, Clone, Copy)]
struct Parent<'a> {
    start: Id,
    frame: Frame<'a>,
    top: Edge<'a>,
    top_dep: Id,
    depth: usize,
}

// What was put into a folder.
struct Placed<'a> {
    edge: Edge<'a>,
    id: Id,
    state: State,
    unsettled: Vec<Id>,
}

pub(super) struct Builder<'a> {
    pub(super) forest: Forest<'a>,
    scratch_of: BTreeMap<Id, Id>,
    seen: BTreeSet<Id>,
    queue: BTreeMap<Place, Id>,
    queued: BTreeSet<Id>,
    /// Dependencies for which no version could be picked: who, name, range.
    pub(super) missing: Vec<(String, &'a crate::support::packuments::Dependency)>,
}

/// Builds the tree of a project.
pub(super) fn build<'a>(packages: &'a Packages, project: &'a Manifest) -> (Builder<'a>, Result<(), Stop>) {
    let mut builder = Builder {
        forest: Forest::new(packages, project),
        scratch_of: BTreeMap::new(),
        seen: BTreeSet::new(),
        queue: BTreeMap::new(),
        queued: BTreeSet::new(),
        missing: Vec::new(),
    };
    builder.enqueue(Forest::PROJECT);
    let mut result = Ok(());
    while let Some(id) = builder.pop() {
        result = builder.visit(id);
        if result.is_err() {
            break;
        }
    }
    (builder, result)
}

impl<'a> Builder<'a> {
    fn pop(&mut self) -> Option<Id> {
        let (_, id) = self.queue.pop_first()?;
        self.queued.remove(&id);
        Some(id)
    }

    // A node stays where it is in the tree, or leaves it for good: its place in the order does not change.
    fn enqueue(&mut self, id: Id) {
        if self.queued.insert(id) {
            let mut names: Vec<&str> = self.forest.ancestry(id).map(|id| self.forest.node(id).name).collect();
            names.reverse();
            let path = names.join("/node_modules/");
            self.queue.insert(Place { depth: names.len(), path, id }, id);
        }
    }

    fn guard(&mut self) -> Result<(), Stop> {
        self.forest.steps += 1;
        if self.forest.steps > MAX_STEPS || self.forest.len() > MAX_NODES { Err(Stop::TooLarge) } else { Ok(()) }
    }

    fn problems(&self, id: Id) -> Vec<Edge<'a>> {
        self.forest.edges(id).filter(|edge| self.forest.is_problem(*edge)).collect()
    }

    fn visit(&mut self, id: Id) -> Result<(), Stop> {
        if self.seen.contains(&id) || self.forest.root(id) != Forest::PROJECT {
            return Ok(());
        }
        self.seen.insert(id);
        let mut tasks = Vec::new();
        for edge in self.problems(id) {
            if self.forest.is_overridden(edge) {
                continue;
            }
            self.guard()?;
            let scratch = self.scratch(id, true);
            let known = self.forest.edge(scratch, edge.name()).filter(|edge| self.forest.is_valid(*edge));
            let known = known.and_then(|edge| self.forest.target(edge));
            let mut dep = known.filter(|dep| self.forest.satisfies(*dep, edge));
            if dep.is_none() && edge.to.need == Need::OptionalPeer {
                dep = self.hoisted(self.forest.node(id).parent.unwrap_or(id), edge);
            }
            let dep = if let Some(dep) = dep {
                dep
            } else {
                let parent = edge.to.need.is_peer().then_some(scratch);
                self.load(edge, parent, None, &mut BTreeSet::from([id]), 0)?
            };
            tasks.push((edge, dep));
        }
        tasks.sort_by(|(a, _), (b, _)| compare_names(a.name(), b.name()));
        for (edge, dep) in tasks {
            let mut placed = Vec::new();
            self.place(edge, dep, None, &mut placed)?;
            for one in placed {
                self.after_placing(&one);
            }
        }
        Ok(())
    }

    fn after_placing(&mut self, placed: &Placed<'a>) {
        if self.forest.node(placed.id).manifest.is_none() {
            let by = self.forest.label(placed.edge.from);
            if !self.missing.iter().any(|(known, to)| *known == by && to.name == placed.edge.to.name) {
                self.missing.push((by, placed.edge.to));
            }
        }
        for edge in self.forest.edges_in(placed.id) {
            if edge == placed.edge || self.forest.is_overridden(edge) || self.forest.is_valid(edge) {
                continue;
            }
            if matches!(placed.state, State::Fine | State::Replace) {
                self.seen.remove(&edge.from);
                self.enqueue(edge.from);
            }
        }
        self.enqueue(placed.id);
        for id in &placed.unsettled {
            self.seen.remove(id);
            self.enqueue(*id);
        }
    }

    // The nearest node below `root` that will do.
    fn hoisted(&self, root: Id, edge: Edge<'a>) -> Option<Id> {
        let mut queue: Vec<Id> = self.forest.node(root).children.values().copied().collect();
        let mut at = 0;
        while let Some(id) = queue.get(at).copied() {
            at += 1;
            if self.forest.satisfies(id, edge) {
                return Some(id);
            }
            queue.extend(self.forest.node(id).children.values());
        }
        None
    }

    fn scratch(&mut self, of: Id, reuse: bool) -> Id {
        if let Some(known) = self.scratch_of.get(&of).filter(|_| reuse) {
            return *known;
        }
        let id = self.forest.scratch(of);
        self.scratch_of.insert(of, id);
        id
    }

    // Takes what a dependency wants into a scratch tree, and the peers of that.
    fn load(
        &mut self,
        edge: Edge<'a>,
        parent: Option<Id>,
        second: Option<Edge<'a>>,
        required: &mut BTreeSet<Id>,
        depth: usize,
    ) -> Result<Id, Stop> {
        self.guard()?;
        if depth > MAX_PEER_CHAIN {
            return Err(Stop::TooLarge);
        }
        let parent = match parent {
            Some(parent) => parent,
            None => self.scratch(edge.from, false),
        };
        let mut node = self.forest.add(&edge.to.name, &edge.to.wanted, parent);
        // Where two want it, a version that the other prefers is taken if it suits both.
        if let Some(second) = second.filter(|second| !self.forest.is_valid(*second)) {
            let other = self.forest.add(&edge.to.name, &second.to.wanted, parent);
            if self.forest.is_valid(edge) {
                node = other;
            }
        }
        self.forest.attach(node, parent);
        let counts = |edge: Edge<'a>| required.contains(&edge.from) && edge.to.need != Need::OptionalPeer;
        if counts(edge) || second.is_some_and(counts) {
            required.insert(node);
        }
        self.load_peers(node, required, depth)?;
        Ok(node)
    }

    fn load_peers(&mut self, node: Id, required: &mut BTreeSet<Id>, depth: usize) -> Result<(), Stop> {
        let found =
            |builder: &Self, edge: Edge<'a>| builder.forest.is_valid(edge) && builder.forest.target(edge).is_some();
        let mut peers: Vec<Edge<'a>> = self.forest.edges(node).filter(|edge| edge.to.need.is_peer()).collect();
        peers.retain(|edge| !found(self, *edge));
        peers.sort_by(|a, b| compare_names(a.name(), b.name()));
        for edge in peers {
            let Some(parent) = self.forest.node(node).parent else { break };
            if found(self, edge) || edge.to.wanted == crate::support::packuments::Wanted::Elsewhere {
                continue;
            }
            let parent_edge = self.forest.edge(parent, edge.name());
            let source = self.forest.node(parent).source;
            let is_mine = source == Some(Forest::PROJECT);
            let Some(current) = self.forest.target(edge) else {
                let Some(parent_edge) = parent_edge else {
                    if edge.to.need == Need::OptionalPeer {
                        let there = source.and_then(|source| self.forest.resolve(source, edge.name()));
                        if there.is_none_or(|there| self.forest.satisfies(there, edge)) {
                            continue;
                        }
                    }
                    self.load(edge, Some(parent), None, required, depth + 1)?;
                    continue;
                };
                let dep = self.load(parent_edge, Some(parent), Some(edge), required, depth + 1)?;
                if self.forest.is_valid(edge) {
                    continue;
                }
                if !is_mine || !required.contains(&dep) || self.forest.node(dep).manifest.is_none() {
                    self.forest.override_conflict(edge);
                    continue;
                }
                if self.forest.node(node).parent.is_none() {
                    break;
                }
                return Err(self.conflict(edge, Some(dep), Some(parent_edge)));
            };
            let dep = self.load(edge, None, None, required, depth + 1)?;
            if self.forest.can_replace(current, dep, &[]) {
                self.load(edge, Some(parent), None, required, depth + 1)?;
                continue;
            }
            if !is_mine || !required.contains(&edge.from) || self.forest.node(current).manifest.is_none() {
                continue;
            }
            let wanted_by = self.forest.edges_in(current).into_iter().find(|other| *other != edge);
            return Err(self.conflict(edge, Some(current), wanted_by));
        }
        Ok(())
    }

    fn conflict(&mut self, edge: Edge<'a>, found: Option<Id>, found_for: Option<Edge<'a>>) -> Stop {
        let mut direct = BTreeSet::new();
        let starts = [Some(edge), found_for];
        for start in starts.into_iter().flatten() {
            self.direct_behind(start, &mut direct);
        }
        let wanted_by =
            |edge: Edge<'a>| format!("{} ({} {})", self.forest.label(edge.from), edge.name(), edge.to.range);
        Stop::Conflict(Box::new(Conflict {
            by: self.forest.label(edge.from),
            name: edge.to.name.clone(),
            range: edge.to.range.clone(),
            field: edge.to.need.field(),
            found: found.map(|id| self.forest.label(id)),
            found_for: found_for.map(wanted_by),
            direct,
        }))
    }

    // The project's own dependencies through which something is wanted.
    fn direct_behind(&mut self, edge: Edge<'a>, direct: &mut BTreeSet<String>) {
        let mut left = vec![edge];
        let mut seen = BTreeSet::new();
        while let Some(edge) = left.pop() {
            if !seen.insert((edge.from, edge.name())) || seen.len() > MAX_PEER_CHAIN * 4 {
                continue;
            }
            let from = self.forest.node(edge.from);
            if edge.from == Forest::PROJECT || from.source == Some(Forest::PROJECT) {
                direct.insert(edge.to.name.clone());
            } else if let Some(source) = from.source {
                left.extend(self.forest.edges_in(source));
            } else {
                left.extend(self.forest.edges_in(edge.from));
            }
        }
    }

    fn place(
        &mut self,
        edge: Edge<'a>,
        dep: Id,
        parent: Option<Parent<'a>>,
        placed: &mut Vec<Placed<'a>>,
    ) -> Result<(), Stop> {
        self.guard()?;
        if parent.is_some_and(|parent| parent.depth > MAX_PEER_CHAIN) {
            return Err(Stop::TooLarge);
        }
        if self.forest.target(edge).is_some() && self.forest.is_valid(edge) {
            return Ok(());
        }
        let current = self.forest.target(edge);
        let start = self.forest.deepest(parent.map_or(edge.from, |parent| parent.start), edge.name());
        let targets: Vec<Id> = self.forest.ancestry(start).collect();
        let (mut chosen, mut chosen_alone): (Option<Check<'a>>, Option<Check<'a>>) = (None, None);
        let mut last = None;
        for target in targets {
            let is_peer_there = self.forest.edge(target, edge.name()).is_some_and(|edge| edge.to.need.is_peer());
            if !self.forest.is_top(target) && is_peer_there {
                continue;
            }
            let check = self.check(dep, target, edge, parent.map(|parent| parent.frame), &mut Vec::new(), false)?;
            last = check.blocked.or(last);
            if check.alone != State::Conflict {
                chosen_alone = Some(check.clone());
            }
            if check.with_peers == State::Conflict {
                break;
            }
            chosen = Some(check);
            if self.forest.node(dep).manifest.is_none() {
                break;
            }
        }
        let top = parent.map_or(edge, |parent| parent.top);
        let top_dep = parent.map_or(dep, |parent| parent.top_dep);
        let Some(check) = chosen.or(chosen_alone) else {
            if self.is_mine(top) {
                return Err(self.place_conflict(edge, top, top_dep, current, last));
            }
            self.forest.override_conflict(edge);
            return Ok(());
        };
        if check.with_peers == State::Conflict && self.is_mine(top) {
            return Err(self.place_conflict(edge, top, top_dep, current, last));
        }
        let state = if check.with_peers == State::Conflict { check.alone } else { check.with_peers };
        if state == State::Keep {
            if edge.to.need.is_peer() && !self.forest.is_valid(edge) {
                self.forest.override_conflict(edge);
            }
            self.prune_dedupable(check.target, true);
            return Ok(());
        }
        let above: Vec<Id> = self.forest.ancestry(check.target).collect();
        if above.into_iter().any(|id| !self.forest.is_top(id) && self.forest.matches(id, dep)) {
            let link = self.forest.copy(dep, true);
            self.forest.attach(link, check.target);
            placed.push(Placed { edge, id: link, state: check.alone, unsettled: Vec::new() });
            return Ok(());
        }
        let scratch = self.forest.node(dep).parent;
        let id = self.forest.copy(dep, false);
        let mut unsettled = Vec::new();
        match self.forest.node(check.target).children.get(edge.name()).copied() {
            Some(old) => self.replace_old(old, id, &mut unsettled),
            None => self.forest.attach(id, check.target),
        }
        if edge.to.need.is_peer() && !self.forest.satisfies(id, edge) {
            self.forest.override_conflict(edge);
        }
        self.prune_after(edge, id, check.target);
        placed.push(Placed { edge, id, state: check.alone, unsettled });
        let Some(scratch) = scratch else { return Ok(()) };
        let next =
            Parent { start, frame: check.frame, top, top_dep, depth: parent.map_or(0, |parent| parent.depth) + 1 };
        for peer_edge in self.forest.edges(id).collect::<Vec<_>>() {
            if !peer_edge.to.need.is_peer() || self.forest.is_valid(peer_edge) || self.forest.is_overridden(peer_edge) {
                continue;
            }
            let peer = self.forest.node(scratch).children.get(peer_edge.name()).copied();
            if let Some(peer) = peer.filter(|peer| self.forest.satisfies(*peer, peer_edge)) {
                self.place(peer_edge, peer, Some(next), placed)?;
            }
        }
        Ok(())
    }

    fn prune_after(&mut self, edge: Edge<'a>, id: Id, target: Id) {
        let found = if self.forest.is_valid(edge) { self.forest.target(edge) } else { None };
        if let Some(found) = found.filter(|found| *found != id) {
            self.prune_dedupable(found, false);
        }
        for other in self.forest.tree_of(target) {
            let is_same = self.forest.node(other).name == edge.name();
            if !is_same || self.forest.is_top(other) || !self.forest.is_descendant(other, target) {
                continue;
            }
            self.prune_dedupable(other, false);
            if self.forest.root(other) == self.forest.root(target) {
                for kid in self.forest.node(other).children.values().copied().collect::<Vec<_>>() {
                    self.prune_dedupable(kid, false);
                }
            }
        }
    }

    fn place_conflict(
        &mut self,
        edge: Edge<'a>,
        top: Edge<'a>,
        top_dep: Id,
        current: Option<Id>,
        blocked: Option<(Edge<'a>, Id)>,
    ) -> Stop {
        let (edge, found) = match blocked {
            Some((edge, found)) => (edge, Some(found)),
            None if current.is_some() => (edge, current),
            None => (top, Some(top_dep)),
        };
        let others = found.map(|found| self.forest.edges_in(found)).unwrap_or_default();
        let found_for = others.into_iter().find(|other| *other != edge);
        let mut stop = self.conflict(edge, found, found_for);
        if let Stop::Conflict(conflict) = &mut stop {
            let mut direct = BTreeSet::new();
            self.direct_behind(top, &mut direct);
            conflict.direct.extend(direct);
        }
        stop
    }

    // Whether a set of peers is brought in by the project itself.
    fn is_mine(&mut self, edge: Edge<'a>) -> bool {
        if edge.from == Forest::PROJECT {
            return true;
        }
        if !edge.to.need.is_peer() {
            return false;
        }
        let inward = self.forest.edges_in(edge.from);
        if inward.iter().any(|edge| !edge.to.need.is_peer() && edge.from == Forest::PROJECT) {
            return true;
        }
        inward.iter().any(|edge| edge.to.need.is_peer())
            && self.forest.peer_sets(edge.from).iter().any(|(entry, _)| entry.from == Forest::PROJECT)
    }

    fn replace_old(&mut self, old: Id, new: Id, unsettled: &mut Vec<Id>) {
        let Some(target) = self.forest.node(old).parent else { return };
        let mut old_deps = Vec::new();
        for edge in self.forest.edges(old).collect::<Vec<_>>() {
            if self.forest.edge(new, edge.name()).is_some() {
                continue;
            }
            if let Some(found) = self.forest.target(edge) {
                old_deps.extend(self.forest.gather(&[found], |_, _, other| other != found));
            }
        }
        let mut removed = Vec::new();
        for edge in self.forest.edges_in(old) {
            if self.forest.satisfies(new, edge)
                || !edge.to.need.is_peer()
                || self.forest.node(edge.from).parent != Some(target)
                || self.forest.is_overridden(edge)
            {
                continue;
            }
            for (entry, _) in self.forest.peer_sets(edge.from) {
                let Some(entry_node) = self.forest.target(entry) else { continue };
                if entry.from == Forest::PROJECT {
                    self.forest.override_conflict(edge);
                    continue;
                }
                removed.extend(
                    self.forest.gather(&[entry_node], |forest, edge, found| {
                        found != entry_node && !forest.is_overridden(edge)
                    }),
                );
            }
        }
        self.forest.replace(old, new);
        self.prune_for(new, &old_deps);
        for id in removed {
            unsettled.extend(self.forest.edges_in(id).into_iter().map(|edge| edge.from));
            self.forest.remove(id);
        }
    }

    fn prune_for(&mut self, node: Id, old_deps: &[Id]) {
        let mut invalid: Vec<Id> = self
            .forest
            .edges(node)
            .filter(|edge| !self.forest.is_valid(*edge))
            .filter_map(|edge| self.forest.target(edge))
            .collect();
        for dep in old_deps {
            let dep = *dep;
            invalid.extend(self.forest.gather(&[dep], |forest, edge, found| found != dep && forest.is_valid(edge)));
        }
        let removed = self
            .forest
            .gather(&invalid, |forest, edge, found| edge.from != node && found != node && forest.is_valid(edge));
        for id in removed {
            self.forest.remove(id);
        }
    }

    // Removes a node that what is further up can stand in for, or looks for such below it.
    fn prune_dedupable(&mut self, id: Id, descend: bool) {
        if self.can_dedupe(id) {
            let removed = self.forest.gather(&[id], |forest, edge, found| found != id && forest.is_valid(edge));
            for id in removed {
                self.forest.remove(id);
            }
            return;
        }
        if descend {
            for kid in self.forest.node(id).children.values().copied().collect::<Vec<_>>() {
                self.prune_dedupable(kid, true);
            }
        }
    }

    fn can_dedupe(&mut self, id: Id) -> bool {
        let above = self.forest.node(id).parent.and_then(|parent| self.forest.node(parent).parent);
        let Some(above) = above else { return false };
        if self.forest.edges_in(id).is_empty() {
            return true;
        }
        let Some(other) = self.forest.resolve(above, self.forest.node(id).name) else { return false };
        if self.forest.matches(other, id) {
            return true;
        }
        if !self.forest.can_replace(id, other, &[]) {
            return false;
        }
        self.compare_versions(other, id).is_some_and(Ordering::is_ge)
    }

    fn compare_versions(&self, one: Id, other: Id) -> Option<Ordering> {
        let (one, other) = (self.forest.node(one).manifest?, self.forest.node(other).manifest?);
        Some(one.parsed.compare(&other.parsed))
    }

    // Whether a node of a scratch tree, with its peers, can be put into the folder of `target`.
    fn check(
        &mut self,
        dep: Id,
        target: Id,
        edge: Edge<'a>,
        parent: Option<Frame<'a>>,
        path: &mut Vec<Id>,
        prefer_old: bool,
    ) -> Result<Check<'a>, Stop> {
        self.guard()?;
        // Each of its peers is looked up, and each look-up goes through a list as long.
        self.forest.steps += self.forest.edges(dep).count() / 4;
        if path.len() > MAX_PEER_CHAIN {
            return Err(Stop::TooLarge);
        }
        let start = parent.map_or(edge.from, |frame| frame.deepest);
        let frame =
            Frame { deepest: self.forest.deepest(start, edge.name()), top: parent.map_or(edge, |frame| frame.top) };
        let mut check = Check { with_peers: State::Conflict, alone: State::Conflict, target, frame, blocked: None };
        let current = self.forest.node(target).children.get(edge.name()).copied();
        let own_edge = self.forest.edge(target, edge.name());
        if self.forest.node(dep).manifest.is_none() {
            check.with_peers = if current.is_some() { State::Replace } else { State::Fine };
            check.alone = check.with_peers;
            return Ok(check);
        }
        if own_edge.is_some_and(|own| own.to.need.is_peer()) && !self.forest.is_top(target) {
            return Ok(check);
        }
        let refuses = own_edge.is_some_and(|own| !self.forest.satisfies(dep, own) && own != edge);
        if current.is_none() && refuses {
            return Ok(check);
        }
        let wanted = match current {
            Some(current) => self.check_current(dep, target, edge, current, &mut check, path, prefer_old)?,
            None => self.check_empty(dep, target, edge, &check),
        };
        match wanted {
            Wish::Settled(state) => {
                check.with_peers = state;
                if check.alone == State::Conflict {
                    check.alone = state;
                }
            }
            Wish::IfPeersFit(state) => {
                check.alone = state;
                check.with_peers = self.peers_fit(dep, target, state, &mut check, path)?;
            }
        }
        Ok(check)
    }

    fn check_empty(&mut self, dep: Id, target: Id, edge: Edge<'a>, check: &Check<'a>) -> Wish {
        let above = if target == check.frame.top.from { None } else { self.forest.resolve(target, edge.name()) };
        if let Some(above) = above {
            let shadowed = self.forest.edges_in(above).into_iter().any(|other| {
                self.forest.is_descendant(other.from, target)
                    && self.forest.is_valid(other)
                    && !self.forest.satisfies(dep, other)
            });
            if shadowed {
                return Wish::Settled(State::Conflict);
            }
        }
        Wish::IfPeersFit(State::Fine)
    }

    #[expect(clippy::too_many_arguments, reason = "one step of a check, cut out for its length")]
    fn check_current(
        &mut self,
        dep: Id,
        target: Id,
        edge: Edge<'a>,
        current: Id,
        check: &mut Check<'a>,
        path: &mut Vec<Id>,
        prefer_old: bool,
    ) -> Result<Wish, Stop> {
        let suits = self.forest.satisfies(current, edge);
        if self.forest.matches(dep, current) && (suits || !self.forest.satisfies(dep, edge)) {
            return Ok(Wish::Settled(State::Keep));
        }
        let is_newer = self.compare_versions(dep, current).is_some_and(Ordering::is_ge);
        let replaces = self.forest.can_replace(current, dep, &[]);
        if is_newer && replaces && self.try_replace(dep, target, check, path)? {
            return Ok(Wish::Settled(State::Replace));
        }
        if suits {
            return Ok(Wish::Settled(State::Keep));
        }
        let prefers = prefer_old || edge.to.need.is_peer();
        if prefers && !is_newer && replaces && self.try_replace(dep, target, check, path)? {
            return Ok(Wish::Settled(State::Replace));
        }
        if target != check.frame.deepest {
            check.blocked = check.blocked.or(Some((edge, current)));
            return Ok(Wish::Settled(State::Conflict));
        }
        if !edge.to.need.is_peer() && target == edge.from {
            return Ok(Wish::IfPeersFit(State::Replace));
        }
        if self.sets_give_way(dep, target, edge, current, check) {
            return Ok(Wish::IfPeersFit(State::Replace));
        }
        check.blocked = check.blocked.or(Some((edge, current)));
        Ok(Wish::Settled(State::Conflict))
    }

    fn try_replace(&mut self, dep: Id, target: Id, check: &mut Check<'a>, path: &mut Vec<Id>) -> Result<bool, Stop> {
        check.alone = State::Replace;
        Ok(self.peers_fit(dep, target, State::Replace, check, path)? != State::Conflict)
    }

    // Whether every set of peers that `current` is in can be replaced by the new set, or moved deeper.
    fn sets_give_way(&mut self, dep: Id, target: Id, edge: Edge<'a>, current: Id, check: &Check<'a>) -> bool {
        let Some(scratch) = self.forest.node(dep).parent else { return false };
        let mut gives_way = true;
        for (entry, peers) in self.forest.peer_sets(current) {
            if entry == edge || entry == check.frame.top {
                continue;
            }
            let Some(entry_node) = self.forest.target(entry) else { continue };
            let replacement = self.forest.node(scratch).children.get(self.forest.node(entry_node).name).copied();
            if let Some(replacement) = replacement {
                let names: Vec<&str> = self.forest.node(scratch).children.keys().copied().collect();
                if self.forest.can_replace(entry_node, replacement, &names) {
                    continue;
                }
            } else if self.can_clobber(entry_node, scratch) {
                continue;
            }
            for peer in peers {
                let deepest = self.forest.deepest(entry.from, self.forest.node(peer).name);
                if deepest == target || self.forest.is_descendant(target, deepest) {
                    gives_way = false;
                    break;
                }
            }
        }
        gives_way
    }

    // Whether the peers of a set are content with what the scratch tree has by their names.
    fn can_clobber(&self, entry: Id, scratch: Id) -> bool {
        let mut walk = vec![entry];
        let mut at = 0;
        while let Some(id) = walk.get(at).copied() {
            at += 1;
            for edge in self.forest.edges(id) {
                if !edge.to.need.is_peer() || !self.forest.is_valid(edge) {
                    continue;
                }
                match self.forest.node(scratch).children.get(edge.name()).copied() {
                    Some(new) if !self.forest.satisfies(new, edge) => return false,
                    Some(_) => {}
                    None => {
                        if let Some(found) = self.forest.target(edge).filter(|found| !walk.contains(found)) {
                            walk.push(found);
                        }
                    }
                }
            }
        }
        true
    }

    fn peers_fit(
        &mut self,
        dep: Id,
        target: Id,
        state: State,
        check: &mut Check<'a>,
        path: &mut Vec<Id>,
    ) -> Result<State, Stop> {
        path.push(dep);
        let mut fits = state;
        for edge in self.forest.edges(dep).filter(|edge| edge.to.need.is_peer()).collect::<Vec<_>>() {
            let Some(peer) = self.forest.target(edge).filter(|peer| !path.contains(peer)) else { continue };
            let there = self.forest.deepest(target, edge.name());
            let below = self.check(peer, there, edge, Some(check.frame), path, true)?;
            if below.with_peers == State::Conflict {
                fits = State::Conflict;
                check.blocked = check.blocked.or(below.blocked);
            }
        }
        path.pop();
        Ok(fits)
    }
}

// Where a node stands in the order in which npm visits: the shallowest first, then by path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    depth: usize,
    path: String,
    id: Id,
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.depth
            .cmp(&other.depth)
            .then_with(|| compare_names(&self.path, &other.path))
            .then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

enum Wish {
    Settled(State),
    IfPeersFit(State),
}

/// The order in which npm puts names: signs, digits, letters, whatever their case.
pub(super) fn compare_names(left: &str, right: &str) -> Ordering {
    const SIGNS: &str = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
    let rank = |c: char| {
        let sign = SIGNS.find(c).map_or(SIGNS.len(), |at| at);
        (sign, c.to_ascii_lowercase())
    };
    left.chars().map(rank).cmp(right.chars().map(rank)).then_with(|| right.cmp(left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::json;
    use std::fmt::Write as _;

    // Packages of which every version wants every other as a peer, in ranges that `range` gives.
    fn clique(names: usize, versions: usize, range: impl Fn(usize, usize, usize) -> String) -> (String, String) {
        let mut packuments = Vec::new();
        for name in 0..names {
            let mut all = Vec::new();
            for version in 1..=versions {
                let mut peers = String::new();
                for other in (0..names).filter(|other| *other != name) {
                    let wanted = range(name, version, other);
                    if !wanted.is_empty() {
                        let _ = write!(peers, "{}\"p{other}\":\"{wanted}\"", if peers.is_empty() { "" } else { "," });
                    }
                }
                all.push(format!(
                    "\"{version}.0.0\":{{\"version\":\"{version}.0.0\",\"peerDependencies\":{{{peers}}}}}"
                ));
            }
            packuments.push(format!("{{\"name\":\"p{name}\",\"versions\":{{{}}}}}", all.join(",")));
        }
        let direct: Vec<String> = (0..names).map(|name| format!("\"p{name}\":\"*\"")).collect();
        (format!("{{\"dependencies\":{{{}}}}}", direct.join(",")), format!("[{}]", packuments.join(",")))
    }

    fn steps_of(manifest: &str, packuments: &str) -> usize {
        let root = json::parse(manifest).expect("manifest");
        let mut packages = Packages::on(None);
        packages.read(packuments).expect("packuments");
        let project = Manifest::read(root.as_object().expect("object"), "", true).expect("project");
        let (builder, _) = build(&packages, &project);
        builder.forest.steps
    }

    #[test]
    fn packages_that_all_want_each_other_end() {
        let mut state = 7_u64;
        let mut dice = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        // One step past the limit at most, beside what a single look takes.
        let limit = MAX_STEPS + MAX_NODES;
        for (names, versions) in [(6, 2), (24, 2)] {
            let (manifest, packuments) = clique(names, versions, |_, version, _| format!("{version}"));
            assert!(steps_of(&manifest, &packuments) <= limit, "{names}");
            let (manifest, packuments) =
                clique(names, versions, |name, version, other| format!("{}", 1 + (name + other + version) % versions));
            assert!(steps_of(&manifest, &packuments) <= limit, "{names}");
        }
        for round in 0..12 {
            let (names, versions) = (4 + round, 1 + round % 4);
            let wants: Vec<String> = (0..names * versions * names + names * names + names)
                .map(|_| match dice(5) {
                    0 => String::new(),
                    1 => "*".to_owned(),
                    _ => format!("{}", 1 + dice(versions as u64)),
                })
                .collect();
            let (manifest, packuments) = clique(names, versions, |name, version, other| {
                wants.get((name * versions + version - 1) * names + other).cloned().unwrap_or_default()
            });
            assert!(steps_of(&manifest, &packuments) <= limit, "round {round}");
        }
    }
}
