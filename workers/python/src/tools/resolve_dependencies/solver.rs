//! The search: `pubgrub` over positions in the index's lists of versions.
//!
//! A requirement is the set of positions it admits, so that PEP 440 decides alone what is admitted. Versions are chosen in
//! a fixed order: what is forced, then direct requirements in their order, then others as they are met, each at its best
//! version. What is chosen first is only given up when nothing is left for it, so each has the best version that those
//! before it leave.

use super::problem::{Place, Problem, Unusable, from_python, lower_bound, with_extra};
use crate::support::packaging::algebra::{ALL, Algebra, NONE, Set};
use crate::support::packaging::index::Release;
use crate::support::packaging::marker::Marker;
use crate::support::packaging::requirement::Requirement;
use crate::support::packaging::specifier::Operator;
use pep440_rs::Version;
use pubgrub::{
    Dependencies, DependencyProvider, DerivationTree, PackageResolutionStatistics, PubGrubError, Ranges, resolve,
};
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Most decisions of a call.
pub(super) const MAX_STEPS: u32 = 50_000;
/// Most environments that a universal resolution is divided into.
pub(super) const MAX_FORKS: usize = 64;

/// What is chosen at one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Unit {
    /// The project.
    Root,
    /// A package.
    Package(String),
    /// A package's extra.
    Extra(String, String),
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("the project"),
            Self::Package(name) => f.write_str(name),
            Self::Extra(name, extra) => write!(f, "{name}[{extra}]"),
        }
    }
}

impl Unit {
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Root => "",
            Self::Package(name) | Self::Extra(name, _) => name,
        }
    }
}

/// Positions in a package's list of releases.
pub(super) type Picks = Ranges<u32>;
/// Why there is no solution.
pub(super) type Tree = DerivationTree<Unit, Picks, String>;
/// A solution: the position of each unit.
pub(super) type Solution = BTreeMap<Unit, u32>;

/// Why a search ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The environments must be divided.
    Fork(Vec<Set>),
    /// Too many steps.
    Steps,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fork(_) => "the environments must be divided",
            Self::Steps => "too many steps",
        })
    }
}

impl std::error::Error for Stop {}

/// What came of a search.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing fits in these environments.
    Unsatisfiable(Box<Tree>, Set),
    /// It was not decided.
    Undecided,
}

/// A dependency of a release, as it counts in the environments at hand.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub(super) unit: Unit,
    pub(super) picks: Picks,
    /// When.
    pub(super) when: Set,
    /// As it is written.
    pub(super) text: String,
    /// Name and versions, without the marker.
    plain: String,
    /// Whether its versions end somewhere.
    bounded: bool,
}

/// A search in some environments.
pub(super) struct Search<'p> {
    pub(super) problem: &'p Problem<'p>,
    pub(super) algebra: &'p RefCell<Algebra>,
    /// The environments; all of them where there is just one.
    pub(super) world: Set,
    /// Versions that must be kept.
    pub(super) hard: &'p BTreeMap<String, Version>,
    /// Versions that are tried first.
    pub(super) preferred: &'p BTreeMap<String, Version>,
    /// Packages that move as little as they can from these versions.
    pub(super) near: &'p BTreeMap<String, Version>,
    pub(super) steps: &'p Cell<u32>,
    ranges: RefCell<BTreeMap<(String, String), Picks>>,
    order: RefCell<BTreeMap<Unit, usize>>,
}

impl<'p> Search<'p> {
    pub(super) fn new(
        problem: &'p Problem<'p>,
        algebra: &'p RefCell<Algebra>,
        world: Set,
        locks: [&'p BTreeMap<String, Version>; 3],
        steps: &'p Cell<u32>,
    ) -> Self {
        let [hard, preferred, near] = locks;
        let mut order = BTreeMap::new();
        for requirement in &problem.direct {
            let at = order.len();
            order.entry(Unit::Package(requirement.key())).or_insert(at);
        }
        let (ranges, order) = (RefCell::default(), RefCell::new(order));
        Self { problem, algebra, world, hard, preferred, near, steps, ranges, order }
    }

    /// The dependencies of a unit at a position, those that count here.
    pub(super) fn edges(&self, unit: &Unit, at: u32) -> Vec<Edge> {
        let mut edges = Vec::new();
        let (requirements, extra): (&[Requirement], &str) = match unit {
            Unit::Root => (&self.problem.direct, self.problem.own_extra()),
            Unit::Package(key) => (self.required(key, at), ""),
            Unit::Extra(key, extra) => {
                let text = format!("{key}[{extra}]");
                let package = Unit::Package(key.clone());
                let picks = Picks::singleton(at);
                edges.push(Edge { unit: package, picks, when: ALL, plain: text.clone(), text, bounded: false });
                (self.required(key, at), extra)
            }
        };
        for requirement in requirements {
            let Some(marker) = with_extra(requirement.marker.as_ref(), extra) else { continue };
            let Some(when) = self.when(marker.as_ref()) else { continue };
            // What an extra needs beyond what its package needs anyway.
            if matches!(unit, Unit::Extra(..))
                && with_extra(requirement.marker.as_ref(), "").is_some_and(|plain| plain == marker)
            {
                continue;
            }
            let key = requirement.key();
            let picks = self.picks(&key, requirement);
            let text = octavo_toolkit::limits::excerpt(&requirement.to_string());
            let plain = format!("{key}{:?}{}", requirement.extras, requirement.specifiers);
            let bounded = requirement
                .specifiers
                .0
                .iter()
                .any(|one| !matches!(one.operator, Operator::AtLeast | Operator::Greater | Operator::NotEqual));
            let edge = |unit: Unit| Edge {
                unit,
                picks: picks.clone(),
                when,
                text: text.clone(),
                plain: plain.clone(),
                bounded,
            };
            edges.push(edge(Unit::Package(key.clone())));
            edges.extend(requirement.extras.iter().map(|extra| edge(Unit::Extra(key.clone(), extra.clone()))));
        }
        edges
    }

    fn required(&self, key: &str, at: u32) -> &'p [Requirement] {
        let release = self.release(key, at);
        release.and_then(|release| release.requires.as_ref().ok()).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn release(&self, key: &str, at: u32) -> Option<&'p Release> {
        self.problem.releases(key).get(at as usize)
    }

    // When a marker holds here; none where it does not.
    fn when(&self, marker: Option<&Marker>) -> Option<Set> {
        match &self.problem.place {
            Place::One(environment, ..) => marker.is_none_or(|marker| marker.holds(environment)).then_some(ALL),
            Place::Everywhere(_) => {
                let mut algebra = self.algebra.borrow_mut();
                let set = marker.map_or(ALL, |marker| algebra.set(marker));
                (algebra.and(set, self.world) != NONE).then_some(set)
            }
        }
    }

    fn picks(&self, key: &str, requirement: &Requirement) -> Picks {
        if requirement.specifiers.0.is_empty() {
            return Picks::full();
        }
        let cached = (key.to_owned(), requirement.specifiers.to_string());
        if let Some(picks) = self.ranges.borrow().get(&cached) {
            return picks.clone();
        }
        let mut picks = Picks::empty();
        let mut open: Option<u32> = None;
        let releases = self.problem.releases(key);
        for (at, release) in (0_u32..).zip(releases) {
            match (requirement.specifiers.contains_written(&release.version, &release.written), open) {
                (true, None) => open = Some(at),
                (false, Some(start)) => {
                    picks = picks.union(&Picks::between(start, at));
                    open = None;
                }
                (true, Some(_)) | (false, None) => {}
            }
        }
        if let Some(start) = open {
            picks = picks.union(&Picks::higher_than(start));
        }
        self.ranges.borrow_mut().insert(cached, picks.clone());
        picks
    }

    fn first_python(&self) -> Option<(u64, u64, u64)> {
        match self.problem.place {
            Place::One(..) => None,
            Place::Everywhere(_) => self.algebra.borrow().first_python(self.world),
        }
    }

    /// Why a release cannot be chosen here, if so.
    pub(super) fn unusable(&self, key: &str, release: &Release) -> Option<String> {
        if let Some(kept) = self.hard.get(key)
            && release.version != *kept
        {
            return Some(format!("locked at {kept}"));
        }
        self.problem.unusable(key, release, self.first_python()).map(|unusable| unusable.words())
    }

    fn is_usable(&self, key: &str, at: u32) -> bool {
        self.release(key, at).is_some_and(|release| self.unusable(key, release).is_none())
    }

    // Positions in the order in which they are tried.
    fn candidates(&self, unit: &Unit) -> Vec<u32> {
        let key = unit.key();
        let releases = self.problem.releases(key);
        let count = u32::try_from(releases.len()).unwrap_or(u32::MAX);
        let options = &self.problem.options;
        let is_direct = || self.problem.direct.iter().any(|one| one.key() == key);
        let mut order: Vec<u32> = if options.lowest || (options.lowest_direct && is_direct()) {
            (0..count).collect()
        } else {
            (0..count).rev().collect()
        };
        let position = |version: &Version| releases.iter().position(|release| release.version == *version);
        if let Some(near) = self.near.get(key) {
            // The next above, then the next below.
            let start = releases.partition_point(|release| release.version < *near);
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            order = (start..count).chain((0..start).rev()).collect();
        }
        if let Some(first) = self.preferred.get(key).and_then(position).and_then(|at| u32::try_from(at).ok()) {
            order.retain(|at| *at != first);
            order.insert(0, first);
        }
        order
    }

    // Whether the best release is out of reach for part of the environments' Pythons alone.
    fn divided_by_python(&self, key: &str, order: &[u32], picks: &Picks) -> Option<Vec<Set>> {
        let lower = self.first_python()?;
        let mut admitted = order.iter().filter(|at| picks.contains(at)).filter_map(|at| self.release(key, *at));
        let best = admitted.find(|release| {
            let reason = self.problem.unusable(key, release, Some(lower));
            reason.is_none() || matches!(reason, Some(Unusable::Python(_)))
        })?;
        let bound = lower_bound(best.requires_python.as_ref()?);
        if bound <= lower || self.hard.contains_key(key) {
            return None;
        }
        let mut algebra = self.algebra.borrow_mut();
        if !algebra.reaches_python(self.world, bound) {
            return None;
        }
        let above = algebra.set(&from_python(bound));
        let below = algebra.not(above);
        let (below, above) = (algebra.and(self.world, below), algebra.and(self.world, above));
        drop(algebra);
        let has_older = order.iter().any(|at| picks.contains(at) && self.is_usable(key, *at));
        (has_older && below != NONE && above != NONE).then(|| vec![above, below])
    }

    // Where the same package is needed in several forms under several conditions, each condition is a world of its own.
    fn divided(&self, edges: &[Edge]) -> Option<Vec<Set>> {
        if matches!(self.problem.place, Place::One(..)) {
            return None;
        }
        let mut by_package: BTreeMap<&str, Vec<&Edge>> = BTreeMap::new();
        for edge in edges.iter().filter(|edge| matches!(edge.unit, Unit::Package(_))) {
            by_package.entry(edge.unit.key()).or_default().push(edge);
        }
        let mut algebra = self.algebra.borrow_mut();
        let mut worlds = vec![self.world];
        for edges in by_package.values() {
            let within: Vec<Set> = edges.iter().map(|edge| algebra.and(edge.when, self.world)).collect();
            let forms: BTreeSet<&str> = edges.iter().map(|edge| edge.plain.as_str()).collect();
            if forms.len() < 2 || within.iter().all(|set| Some(set) == within.first()) {
                continue;
            }
            for when in within {
                let not = algebra.not(when);
                let mut parts = Vec::new();
                for world in worlds {
                    let (inside, outside) = (algebra.and(world, when), algebra.and(world, not));
                    parts.extend([inside, outside].into_iter().filter(|part| *part != NONE));
                }
                worlds = parts;
                if worlds.len() > MAX_FORKS {
                    return Some(worlds);
                }
            }
        }
        if worlds.len() < 2 {
            return None;
        }
        // Later parts prefer what earlier ones chose: new Pythons first, and versions that end before those that do not, since
        // what the former choose may do for the latter.
        let mut keyed = Vec::new();
        for world in worlds {
            let python = algebra.first_python(world);
            let bounds = edges.iter().filter(|edge| edge.bounded && algebra.and(edge.when, world) != NONE).count();
            keyed.push((Reverse(python), Reverse(bounds), world));
        }
        keyed.sort_by_key(|(python, bounds, _)| (*python, *bounds));
        Some(keyed.into_iter().map(|(_, _, world)| world).collect())
    }

    /// Solves in these environments, or in parts of them one after the other; later parts prefer what earlier ones chose.
    pub(super) fn solve(self) -> Result<Vec<(Set, Solution)>, Failure> {
        let mut open = vec![self.world];
        let mut solved: Vec<(Set, Solution)> = Vec::new();
        let mut preferred = self.preferred.clone();
        let (problem, algebra, hard, near, steps) = (self.problem, self.algebra, self.hard, self.near, self.steps);
        drop(self);
        while let Some(world) = open.pop() {
            let search = Search::new(problem, algebra, world, [hard, &preferred, near], steps);
            let stop = match resolve(&search, Unit::Root, 0_u32) {
                Ok(found) => {
                    let solution: Solution = found.iter().map(|(unit, at)| (unit.clone(), *at)).collect();
                    let mut chosen = Vec::new();
                    for (unit, at) in &solution {
                        if let (Unit::Package(key), Some(release)) = (unit, search.release(unit.key(), *at)) {
                            chosen.push((key.clone(), release.version.clone()));
                        }
                    }
                    for (key, version) in chosen {
                        preferred.entry(key).or_insert(version);
                    }
                    solved.push((world, solution));
                    continue;
                }
                Err(PubGrubError::NoSolution(tree)) => return Err(Failure::Unsatisfiable(Box::new(tree), world)),
                Err(
                    PubGrubError::ErrorChoosingVersion { source, .. }
                    | PubGrubError::ErrorRetrievingDependencies { source, .. }
                    | PubGrubError::ErrorInShouldCancel(source),
                ) => source,
            };
            match stop {
                Stop::Steps => return Err(Failure::Undecided),
                Stop::Fork(worlds) => {
                    if open.len() + solved.len() + worlds.len() > MAX_FORKS {
                        return Err(Failure::Undecided);
                    }
                    open.extend(worlds.into_iter().rev());
                }
            }
        }
        if algebra.borrow().is_exhausted() { Err(Failure::Undecided) } else { Ok(solved) }
    }
}

impl DependencyProvider for Search<'_> {
    type P = Unit;
    type V = u32;
    type VS = Picks;
    type Priority = (bool, Reverse<usize>, Reverse<Unit>);
    type M = String;
    type Err = Stop;

    fn prioritize(&self, unit: &Unit, picks: &Picks, _: &PackageResolutionStatistics) -> Self::Priority {
        let order = {
            let mut order = self.order.borrow_mut();
            let next = order.len();
            *order.entry(unit.clone()).or_insert(next)
        };
        let key = unit.key();
        let count = u32::try_from(self.problem.releases(key).len()).unwrap_or(u32::MAX);
        let forced = *unit == Unit::Root
            || (0..count).filter(|at| picks.contains(at) && self.is_usable(key, *at)).take(2).count() < 2;
        (forced, Reverse(order), Reverse(unit.clone()))
    }

    fn choose_version(&self, unit: &Unit, picks: &Picks) -> Result<Option<u32>, Stop> {
        if *unit == Unit::Root {
            return Ok(Some(0));
        }
        let key = unit.key();
        let order = self.candidates(unit);
        if let Some(worlds) = self.divided_by_python(key, &order, picks) {
            return Err(Stop::Fork(worlds));
        }
        Ok(order.into_iter().find(|at| picks.contains(at) && self.is_usable(key, *at)))
    }

    fn get_dependencies(&self, unit: &Unit, at: &u32) -> Result<Dependencies<Unit, Picks, String>, Stop> {
        let edges = self.edges(unit, *at);
        if let Some(worlds) = self.divided(&edges) {
            return Err(Stop::Fork(worlds));
        }
        Ok(Dependencies::Available(edges.into_iter().map(|edge| (edge.unit, edge.picks)).collect()))
    }

    fn should_cancel(&self) -> Result<(), Stop> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > MAX_STEPS { Err(Stop::Steps) } else { Ok(()) }
    }
}
