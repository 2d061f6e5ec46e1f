//! Looks for versions of the project's dependencies and their peers that go together, one of each: what npm does not
//! search for. Other dependencies can be nested and do not count.

use crate::support::packuments::{Manifest, Need, Packages, Wanted};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Most versions looked at, all searches of a call together: a fraction of a second.
const MAX_LOOKS: usize = 1_000_000;
/// Most dependencies that may have to change.
pub(super) const MAX_BUMPS: usize = 4;
/// Most dependencies among which those to change are looked for.
const MAX_BUMP_CANDIDATES: usize = 14;

/// Versions that go together, by name.
pub(super) type Assignment = BTreeMap<String, usize>;

/// What a search came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// These go together.
    Found(Assignment),
    /// Nothing does.
    Nothing,
    /// It was too much work.
    TooMuch,
}

/// The versions to choose from.
pub(super) struct Flat<'a> {
    packages: &'a Packages,
    direct: BTreeMap<&'a str, &'a Wanted>,
    looks: Cell<usize>,
}

struct TooMuch;

#[derive(Clone, Default)]
struct Partial<'a> {
    chosen: BTreeMap<&'a str, usize>,
    wishes: BTreeMap<&'a str, Vec<&'a Wanted>>,
    open: BTreeSet<&'a str>,
}

impl<'a> Flat<'a> {
    /// The choices of a project; what is not known or optional is left out.
    pub(super) fn new(packages: &'a Packages, project: &'a Manifest) -> Self {
        let plain = project.dependencies.iter().filter(|dependency| {
            let known = !matches!(dependency.wanted, Wanted::Elsewhere | Wanted::Alias(..));
            known && dependency.need != Need::OptionalPeer && packages.get(&dependency.name).is_some()
        });
        Self { packages, direct: plain.map(|d| (d.name.as_str(), &d.wanted)).collect(), looks: Cell::new(0) }
    }

    /// The project's dependencies that take part.
    pub(super) fn direct(&self) -> BTreeSet<&'a str> {
        self.direct.keys().copied().collect()
    }

    /// Looks for versions of `among`; the ranges of `loosened` do not count.
    pub(super) fn search(&mut self, among: &BTreeSet<&'a str>, loosened: &BTreeSet<&'a str>) -> Search {
        let mut partial = Partial::default();
        for (name, wanted) in &self.direct {
            if !among.contains(name) {
                continue;
            }
            partial.open.insert(name);
            if !loosened.contains(name) {
                partial.wishes.entry(name).or_default().push(wanted);
            }
        }
        match self.descend(partial, loosened) {
            Ok(Some(found)) => Search::Found(found.into_iter().map(|(name, at)| (name.to_owned(), at)).collect()),
            Ok(None) => Search::Nothing,
            Err(TooMuch) => Search::TooMuch,
        }
    }

    // Depth is the number of names.
    fn descend(
        &mut self,
        partial: Partial<'a>,
        loosened: &BTreeSet<&'a str>,
    ) -> Result<Option<BTreeMap<&'a str, usize>>, TooMuch> {
        let fewest = partial.open.iter().map(|name| (self.candidates(&partial, name, loosened).len(), *name)).min();
        let Some((_, name)) = fewest else { return Ok(Some(partial.chosen)) };
        for at in self.candidates(&partial, name, loosened) {
            if self.looks.get() > MAX_LOOKS {
                return Err(TooMuch);
            }
            let Some(next) = self.choose(&partial, name, at, loosened) else { continue };
            if let Some(found) = self.descend(next, loosened)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    fn choose(
        &self,
        partial: &Partial<'a>,
        name: &'a str,
        at: usize,
        loosened: &BTreeSet<&'a str>,
    ) -> Option<Partial<'a>> {
        let packages = self.packages;
        let manifest = packages.manifest(name, at)?;
        let mut next = partial.clone();
        next.open.remove(name);
        next.chosen.insert(name, at);
        for peer in manifest.dependencies.iter().filter(|dependency| dependency.need.is_peer()) {
            if packages.get(&peer.name).is_none() || matches!(peer.wanted, Wanted::Elsewhere | Wanted::Alias(..)) {
                continue;
            }
            let peer_name = peer.name.as_str();
            if let Some(chosen) = next.chosen.get(peer_name) {
                if !peer.wanted.accepts(&packages.manifest(peer_name, *chosen)?.parsed) {
                    return None;
                }
                continue;
            }
            next.wishes.entry(peer_name).or_default().push(&peer.wanted);
            if peer.need == Need::Peer {
                next.open.insert(peer_name);
            }
            if next.open.contains(peer_name) && self.candidates(&next, peer_name, loosened).is_empty() {
                return None;
            }
        }
        Some(next)
    }

    // Versions all wishes take: npm's choice first, then newest first; of a loosened range the nearest above first.
    fn candidates(&self, partial: &Partial<'a>, name: &str, loosened: &BTreeSet<&'a str>) -> Vec<usize> {
        let Some(packument) = self.packages.get(name) else { return Vec::new() };
        let wishes = partial.wishes.get(name).map(Vec::as_slice).unwrap_or_default();
        self.looks.set(self.looks.get() + packument.versions.len() * (1 + wishes.len()));
        let fits = |manifest: &Manifest| {
            let runs = self.packages.node.as_ref().is_none_or(|node| manifest.runs_on(node));
            runs && wishes.iter().all(|wish| wish.accepts(&manifest.parsed))
                && (!manifest.parsed.is_prerelease() || wishes.iter().any(|wish| matches!(wish, Wanted::Within(_))))
        };
        let fitting = packument.versions.iter().enumerate().filter(|(_, manifest)| fits(manifest)).map(|(at, _)| at);
        let mut fitting: Vec<usize> = fitting.collect();
        let own = self.direct.get(name).and_then(|wanted| self.packages.pick(name, wanted));
        if loosened.contains(name) {
            // Newest first is by falling index: the nearest above are those with the greatest index below the own.
            let own = own.unwrap_or(packument.versions.len());
            fitting.sort_by_key(|at| if *at <= own { (0, own - at) } else { (1, at - own) });
        } else if let Some(own) = own.filter(|own| fitting.contains(own)) {
            fitting.retain(|at| *at != own);
            fitting.insert(0, own);
        }
        fitting
    }

    /// The fewest of the project's dependencies that already do not go together.
    pub(super) fn core(&mut self) -> Option<BTreeSet<&'a str>> {
        let mut core = self.direct();
        let none = BTreeSet::new();
        for name in self.direct() {
            let mut without = core.clone();
            without.remove(name);
            match self.search(&without, &none) {
                Search::Nothing => core = without,
                Search::Found(_) => {}
                Search::TooMuch => return None,
            }
        }
        Some(core)
    }

    /// The fewest dependencies whose ranges must change, one of `core` at least, and versions that then go together.
    pub(super) fn bumps(&mut self, core: &BTreeSet<&'a str>) -> Option<(BTreeSet<&'a str>, Assignment)> {
        let all = self.direct();
        let mut candidates: Vec<&'a str> = core.iter().copied().collect();
        candidates.extend(self.related(core));
        candidates.truncate(MAX_BUMP_CANDIDATES);
        for size in 1..=MAX_BUMPS.min(candidates.len()) {
            for chosen in combinations(&candidates, size) {
                if chosen.is_disjoint(core) {
                    continue;
                }
                match self.search(&all, &chosen) {
                    Search::Found(found) => return Some((chosen, found)),
                    Search::Nothing => {}
                    Search::TooMuch => return None,
                }
            }
        }
        None
    }

    // Direct dependencies that are peers of the core, or whose peers the core's are, in any version.
    fn related(&self, core: &BTreeSet<&'a str>) -> Vec<&'a str> {
        let peers = |name: &str| -> BTreeSet<&'a str> {
            let versions = self.packages.get(name).map(|packument| packument.versions.as_slice()).unwrap_or_default();
            let all = versions.iter().flat_map(|manifest| &manifest.dependencies);
            all.filter(|dependency| dependency.need.is_peer()).map(|dependency| dependency.name.as_str()).collect()
        };
        let around: BTreeSet<&str> = core.iter().flat_map(|name| peers(name)).chain(core.iter().copied()).collect();
        let others = self.direct.keys().copied().filter(|name| !core.contains(name));
        others.filter(|name| around.contains(name) || !peers(name).is_disjoint(&around)).collect()
    }
}

fn combinations<'a>(items: &[&'a str], size: usize) -> Vec<BTreeSet<&'a str>> {
    let mut found: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let grown = found.iter().flat_map(|chosen| {
            let from = chosen.last().map_or(0, |last| last + 1);
            (from..items.len()).map(|at| chosen.iter().copied().chain([at]).collect::<Vec<_>>()).collect::<Vec<_>>()
        });
        found = grown.collect();
    }
    let named = |chosen: Vec<usize>| chosen.into_iter().filter_map(|at| items.get(at).copied()).collect();
    found.into_iter().map(named).collect()
}
