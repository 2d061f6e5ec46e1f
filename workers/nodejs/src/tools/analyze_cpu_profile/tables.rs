//! The tables of a profile: functions, stacks, packages, callers and callees, and what changed since a baseline.

use super::profile::{Amount, Profile};
use crate::support::Map;
use crate::support::call_tree::{CallTree, Frame, Share, Step, number};
use crate::support::source_place::owner_of;
use serde::Serialize;
use std::collections::BTreeMap;

/// Longest name of a function shown, in characters: trace events carry arguments in theirs.
const MAX_NAME_CHARS: usize = 400;
/// Most functions of a stack shown; of a deeper one the innermost.
const MAX_STACK_SHOWN: usize = 40;

/// A function's row.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct FunctionRow {
    /// Its name.
    pub name: String,
    /// File or URL; empty for the engine.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<i64>,
    /// Column, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<i64>,
    /// Spent in it alone.
    #[serde(rename = "self")]
    pub own: Amount,
    /// Spent in it and what it called.
    pub total: Amount,
    /// Self as a share of the busy time, in percent.
    pub self_percent: Amount,
}

/// A stack's row.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StackRow {
    /// Names, the outermost first, joined by ` > `.
    pub stack: String,
    /// Spent at its end.
    #[serde(rename = "self")]
    pub own: Amount,
}

/// What a package, Node.js, the engine or the application has.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PackageRow {
    /// The package, or (app), (node), (engine), (wasm).
    pub package: String,
    /// Spent in its code alone.
    #[serde(rename = "self")]
    pub own: Amount,
    /// Spent in its code and what that called.
    pub total: Amount,
}

/// A function's neighbour in the stacks.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Neighbour {
    /// Its name; (root) where nothing called.
    pub name: String,
    /// File or URL.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Spent through it.
    pub total: Amount,
}

/// Who called a function and what it called.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Focus {
    /// The functions of that name, with their sums.
    pub functions: Vec<FunctionRow>,
    /// Who called it.
    pub callers: Vec<Neighbour>,
    /// What it called.
    pub callees: Vec<Neighbour>,
}

/// What became of a function since the baseline.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Its name.
    pub name: String,
    /// File or URL.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// Self in the baseline.
    pub before: Amount,
    /// Self now.
    pub after: Amount,
    /// Change of its share of the busy time, in percentage points.
    pub points: Amount,
}

/// The tables' common ground: sums of every function.
pub(super) struct Sums<'p> {
    pub(super) profile: &'p Profile,
    pub(super) shares: Vec<Share>,
    pub(super) busy: f64,
}

impl<'p> Sums<'p> {
    pub(super) fn of(profile: &'p Profile) -> Self {
        let groups: Vec<u32> = (0..profile.tree.frames.len()).map(number).collect();
        let shares = profile.tree.shares(&groups, groups.len());
        let root = profile.tree.nodes.first().map_or(0.0, |root| root.own);
        let busy = profile.tree.totals().first().copied().unwrap_or_default() - root;
        Self { profile, shares, busy }
    }

    pub(super) fn tree(&self) -> &'p CallTree {
        &self.profile.tree
    }

    /// What all functions of this name have.
    pub(super) fn own_of(&self, name: &str) -> f64 {
        let named = self.tree().frames.iter().zip(&self.shares).filter(|(frame, _)| frame.name == name);
        named.map(|(_, share)| share.own).sum()
    }

    fn percent(&self, weight: f64) -> f64 {
        if self.busy > 0.0 { weight / self.busy * 100.0 } else { 0.0 }
    }

    fn row(&self, at: usize) -> Option<FunctionRow> {
        let (frame, share) = (self.tree().frames.get(at)?, self.shares.get(at)?);
        Some(FunctionRow {
            name: cut(&frame.name),
            file: frame.file.clone(),
            line: frame.line.filter(|line| *line > 0),
            column: frame.column.filter(|column| *column > 0),
            own: Amount(share.own),
            total: Amount(share.total),
            self_percent: Amount(self.percent(share.own)),
        })
    }

    /// Functions, the heaviest first.
    pub(super) fn functions(&self, most: usize, weight: fn(&Share) -> f64) -> Vec<FunctionRow> {
        let mut order: Vec<usize> = (0..self.shares.len()).collect();
        let key = |at: &usize| self.shares.get(*at).map_or(0.0, weight);
        let name = |at: &usize| self.tree().frames.get(*at);
        order.sort_by(|one, other| key(other).total_cmp(&key(one)).then_with(|| name(one).cmp(&name(other))));
        order.into_iter().filter(|at| key(at) > 0.0).take(most).filter_map(|at| self.row(at)).collect()
    }

    /// Stacks, the heaviest first.
    pub(super) fn stacks(&self, most: usize) -> Vec<StackRow> {
        let nodes = &self.tree().nodes;
        let own = |at: &usize| nodes.get(*at).map_or(0.0, |node| node.own);
        let mut order: Vec<usize> = (1..nodes.len()).filter(|at| own(at) > 0.0).collect();
        order.sort_by(|one, other| own(other).total_cmp(&own(one)).then(one.cmp(other)));
        order.truncate(most);
        order.iter().map(|at| StackRow { stack: self.stack_text(*at), own: Amount(own(at)) }).collect()
    }

    fn stack_text(&self, node: usize) -> String {
        let path = self.tree().path(node);
        let hidden = path.len().saturating_sub(MAX_STACK_SHOWN);
        let names = path.iter().skip(hidden).filter_map(|frame| self.tree().frames.get(*frame as usize));
        let names: Vec<String> = names.map(|frame| cut(&frame.name)).collect();
        let before = if hidden > 0 { format!("({hidden} more) > ") } else { String::new() };
        format!("{before}{}", names.join(" > "))
    }

    /// Packages, those with most self time first; none where no file is known.
    pub(super) fn packages(&self, most: usize) -> Vec<PackageRow> {
        // Where no file is known, nor is what code belongs to.
        if self.tree().frames.iter().all(|frame| frame.file.is_empty()) {
            return Vec::new();
        }
        let mut known: BTreeMap<String, u32> = BTreeMap::new();
        let mut labels = Vec::new();
        let mut group_of = Vec::new();
        for frame in &self.tree().frames {
            let label = owner_of(&frame.file).label().to_owned();
            let next = number(labels.len());
            let group = *known.entry(label.clone()).or_insert(next);
            if group == next {
                labels.push(label);
            }
            group_of.push(group);
        }
        let shares = self.tree().shares(&group_of, labels.len());
        let mut rows: Vec<PackageRow> = labels
            .into_iter()
            .zip(shares)
            .map(|(package, share)| PackageRow { package, own: Amount(share.own), total: Amount(share.total) })
            .filter(|row| row.total.0 > 0.0)
            .collect();
        rows.sort_by(|one, other| {
            other
                .own
                .0
                .total_cmp(&one.own.0)
                .then(other.total.0.total_cmp(&one.total.0))
                .then(one.package.cmp(&other.package))
        });
        rows.truncate(most);
        rows
    }

    /// The callers and callees of the functions of a name; nothing when there is none.
    pub(super) fn focus(&self, name: &str, most: usize) -> Option<Focus> {
        let frames = &self.tree().frames;
        let is_focus = |frame: u32| frames.get(frame as usize).is_some_and(|frame| frame.name == name);
        let numbers: Vec<usize> = (0..frames.len()).filter(|at| is_focus(number(*at))).collect();
        if numbers.is_empty() {
            return None;
        }
        let totals = self.tree().totals();
        let (mut callers, mut called): (Map<Option<u32>, f64>, Map<Option<u32>, f64>) =
            (Map::default(), Map::default());
        let mut depth = 0_usize;
        for step in self.tree().walk(&totals) {
            let (Step::Enter(at) | Step::Leave(at)) = step;
            let Some(node) = self.tree().nodes.get(at) else { continue };
            let is_own = is_focus(node.frame);
            if matches!(step, Step::Leave(_)) {
                depth -= usize::from(is_own && depth > 0);
                continue;
            }
            let above = self.tree().nodes.get(node.parent as usize).filter(|_| node.parent != 0).map(|node| node.frame);
            let total = totals.get(at).copied().unwrap_or_default();
            if is_own && depth == 0 {
                *callers.entry(above).or_default() += total;
            }
            if !is_own && above.is_some_and(is_focus) {
                *called.entry(Some(node.frame)).or_default() += total;
            }
            depth += usize::from(is_own);
        }
        let list = |of: Map<Option<u32>, f64>| {
            let mut list: Vec<Neighbour> = of.into_iter().map(|(frame, total)| self.neighbour(frame, total)).collect();
            list.sort_by(|one, other| {
                other
                    .total
                    .0
                    .total_cmp(&one.total.0)
                    .then_with(|| (&one.name, &one.file).cmp(&(&other.name, &other.file)))
            });
            list.truncate(most);
            list
        };
        let functions = numbers.into_iter().take(most).filter_map(|at| self.row(at)).collect();
        Some(Focus { functions, callers: list(callers), callees: list(called) })
    }

    fn neighbour(&self, frame: Option<u32>, total: f64) -> Neighbour {
        let frame = frame.and_then(|frame| self.tree().frames.get(frame as usize));
        let (name, file) = frame.map_or(("(root)", ""), |frame: &Frame| (&frame.name, &frame.file));
        Neighbour { name: cut(name), file: file.to_owned(), total: Amount(total) }
    }

    // By name and file: lines move between builds.
    fn by_name(&self) -> BTreeMap<(&str, &str), f64> {
        let mut sums = BTreeMap::new();
        for (frame, share) in self.tree().frames.iter().zip(&self.shares) {
            *sums.entry((frame.name.as_str(), frame.file.as_str())).or_insert(0.0) += share.own;
        }
        sums
    }

    /// What changed since a baseline, the largest changes of share first.
    pub(super) fn changes(&self, baseline: &Sums<'_>) -> Vec<Change> {
        let (before, after) = (baseline.by_name(), self.by_name());
        let mut keys: Vec<_> = before.keys().chain(after.keys()).copied().collect();
        keys.sort_unstable();
        keys.dedup();
        let mut changes: Vec<Change> = keys
            .into_iter()
            .map(|key| {
                let (old, new) = (before.get(&key).copied(), after.get(&key).copied());
                let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
                let points = Amount(self.percent(new) - baseline.percent(old));
                Change { name: cut(key.0), file: key.1.to_owned(), before: Amount(old), after: Amount(new), points }
            })
            .filter(|change| change.before != change.after)
            .collect();
        changes.sort_by(|one, other| other.points.0.abs().total_cmp(&one.points.0.abs()));
        changes
    }
}

/// A name cut to what is shown.
pub(super) fn cut(name: &str) -> String {
    if name.chars().nth(MAX_NAME_CHARS).is_none() {
        return name.to_owned();
    }
    name.chars().take(MAX_NAME_CHARS - 1).chain(['\u{2026}']).collect()
}
