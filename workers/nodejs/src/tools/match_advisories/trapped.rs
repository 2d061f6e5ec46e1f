//! Dependents that admit no version free of an advisory, and theirs.

use super::Trapped;
use super::advisories::{Advisory, EVERY};
use super::remedies::{Known, Remedies, Spent};
use crate::support::lockfile::{Lockfile, Role};
use crate::tools::analyze_lockfile::Ways;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Longest chain of dependents that is followed.
const MAX_CHAIN: usize = 40;

// A package in a chain of dependents, the affected one at the end.
struct Link<'a> {
    name: &'a str,
    below: Option<usize>,
    length: usize,
}

struct Chains<'r, 'a> {
    remedies: &'r Remedies<'a>,
    advisory: &'a Advisory,
    links: Vec<Link<'a>>,
    // Whether a range admits a free version of a link.
    asked: BTreeMap<(usize, &'a str), bool>,
}

/// Dependents of an affected copy, and theirs, whose ranges admit affected versions only; as far as there is time.
pub(super) fn by<'a>(
    lock: &'a Lockfile,
    remedies: &Remedies<'a>,
    ways: &Ways<'a>,
    start: usize,
    advisory: &'a Advisory,
    found: &mut BTreeSet<Trapped>,
) -> Result<(), Spent> {
    let first = Link { name: &advisory.package, below: None, length: 1 };
    let mut chains = Chains { remedies, advisory, links: vec![first], asked: BTreeMap::new() };
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([(start, 0)]);
    while let Some((at, link)) = queue.pop_front() {
        let Some(length) = chains.links.get(link).map(|link| link.length).filter(|length| *length <= MAX_CHAIN) else {
            continue;
        };
        for edge in ways.dependents(at) {
            remedies.look(1)?;
            let Some(from) = lock.entry(edge.from).filter(|from| from.role == Role::Package) else { continue };
            if edge.range.is_empty() || seen.contains(&edge.from) || chains.admits_free(link, &edge.range)? {
                continue;
            }
            // It is kept, which takes longer than a look.
            remedies.look(50 + edge.range.len() / 2)?;
            seen.insert(edge.from);
            found.insert(Trapped {
                package: from.label(),
                key: from.key.clone(),
                via: format!("{} {}", edge.name, edge.range),
                advisory: advisory.id.clone(),
            });
            queue.push_back((edge.from, chains.links.len()));
            chains.links.push(Link { name: &from.name, below: Some(link), length: length + 1 });
        }
    }
    Ok(())
}

impl<'a> Chains<'_, 'a> {
    // Whether a range admits a version of a link that is free of the advisory.
    fn admits_free(&mut self, link: usize, text: &'a str) -> Result<bool, Spent> {
        if let Some(known) = self.asked.get(&(link, text)) {
            return Ok(*known);
        }
        let mut admits = false;
        // Of an address nothing is known, so it is taken for trapped.
        if let (Some(range), Some(name)) =
            (self.remedies.range(text, EVERY)?, self.links.get(link).map(|link| link.name))
        {
            let remedies = self.remedies;
            for known in remedies.versions(name) {
                let Some(version) = &known.parsed else { continue };
                if remedies.contains(&range, version)? && self.is_free(link, known)? {
                    admits = true;
                    break;
                }
            }
        }
        self.asked.insert((link, text), admits);
        Ok(admits)
    }

    fn is_free(&mut self, link: usize, known: &Known) -> Result<bool, Spent> {
        let Some(Link { name, below, .. }) = self.links.get(link) else { return Ok(true) };
        let Some((below, dependency)) = below.and_then(|below| Some((below, self.links.get(below)?.name))) else {
            self.remedies.look(self.advisory.weight())?;
            return Ok(!self.advisory.affects(&known.text, known.parsed.as_ref()));
        };
        match self.remedies.wish(name, &known.text, dependency)? {
            Some(range) => self.admits_free(below, range),
            None => Ok(true),
        }
    }
}
