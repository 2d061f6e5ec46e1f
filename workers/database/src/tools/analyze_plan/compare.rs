//! What changed between two plans of one query: time, how each table is read, which kinds of nodes do the work.

use super::measure::Measures;
use super::plan::Plan;
use crate::support::figure::Figure;
use serde::Serialize;
use std::collections::BTreeMap;

/// Slower by more than this is more than noise.
const SLOWER: f64 = 1.2;

/// What changed.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Comparison {
    /// `faster`, `slower`, `same` within a fifth, or `unknown`.
    pub(super) outcome: &'static str,
    /// Milliseconds before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) before_ms: Option<Figure>,
    /// Milliseconds after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after_ms: Option<Figure>,
    /// Before divided by after: above 1 is faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    speedup: Option<Figure>,
    /// Estimated cost before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before_cost: Option<Figure>,
    /// Estimated cost after.
    #[serde(skip_serializing_if = "Option::is_none")]
    after_cost: Option<Figure>,
    /// Tables that are read otherwise.
    tables: Vec<Change>,
    /// Kinds of nodes whose number or time changed.
    nodes: Vec<Change>,
}

/// One thing that changed.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct Change {
    /// Table or kind of node.
    of: String,
    /// How it was.
    before: String,
    /// How it is.
    after: String,
    /// Milliseconds by itself before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before_ms: Option<Figure>,
    /// Milliseconds by itself after.
    #[serde(skip_serializing_if = "Option::is_none")]
    after_ms: Option<Figure>,
}

/// A plan with what it took.
pub(super) struct Side<'p> {
    pub(super) plan: &'p Plan,
    pub(super) measures: &'p [Measures],
    pub(super) whole_ms: Option<f64>,
}

#[derive(Default)]
struct Use {
    how: Vec<String>,
    ms: Option<f64>,
}

/// Compares.
pub(super) fn compare(before: &Side<'_>, after: &Side<'_>) -> Comparison {
    let cost = |side: &Side<'_>| side.plan.nodes.first().and_then(|node| node.number("Total Cost")).map(Figure);
    let (before_ms, after_ms) = (before.whole_ms, after.whole_ms);
    let ratio = match (before_ms, after_ms) {
        (Some(before), Some(after)) if before > 0.0 && after > 0.0 => Some(before / after),
        _ => None,
    };
    let outcome = match ratio {
        Some(ratio) if ratio > SLOWER => "faster",
        Some(ratio) if ratio < 1.0 / SLOWER => "slower",
        Some(_) => "same",
        None => "unknown",
    };
    Comparison {
        outcome,
        before_ms: before_ms.map(Figure::thousandths),
        after_ms: after_ms.map(Figure::thousandths),
        speedup: ratio.map(Figure::thousandths),
        before_cost: cost(before),
        after_cost: cost(after),
        tables: changes(&by_table(before), &by_table(after), false),
        nodes: changes(&by_kind(before), &by_kind(after), true),
    }
}

fn by_table(side: &Side<'_>) -> BTreeMap<String, Use> {
    collect(side, |node| {
        let table = node.table()?;
        let index = node.word("Index Name").map(|index| format!(" using {index}")).unwrap_or_default();
        Some((
            octavo_toolkit::limits::excerpt(table),
            octavo_toolkit::limits::excerpt(&format!("{}{index}", node.kind)),
        ))
    })
}

fn by_kind(side: &Side<'_>) -> BTreeMap<String, Use> {
    collect(side, |node| Some((octavo_toolkit::limits::excerpt(&node.kind), String::new())))
}

fn collect(side: &Side<'_>, key: impl Fn(&super::plan::Node) -> Option<(String, String)>) -> BTreeMap<String, Use> {
    let mut uses: BTreeMap<String, Use> = BTreeMap::new();
    for (node, measure) in side.plan.nodes.iter().zip(side.measures) {
        let Some((of, how)) = key(node) else { continue };
        let entry = uses.entry(of).or_default();
        entry.how.push(how);
        if let Some(own) = measure.exclusive_ms {
            entry.ms = Some(entry.ms.unwrap_or(0.0) + own);
        }
    }
    for entry in uses.values_mut() {
        entry.how.sort();
    }
    uses
}

fn changes(before: &BTreeMap<String, Use>, after: &BTreeMap<String, Use>, counted: bool) -> Vec<Change> {
    let none = Use::default();
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let shown = |of: &Use| {
        if of.how.is_empty() {
            "none".to_owned()
        } else if counted {
            of.how.len().to_string()
        } else {
            let mut how = of.how.clone();
            how.dedup();
            how.join(", ")
        }
    };
    let mut list = Vec::new();
    for name in names {
        let (old, new) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        if old.how != new.how {
            list.push(Change {
                of: name.clone(),
                before: shown(old),
                after: shown(new),
                before_ms: old.ms.map(Figure::thousandths),
                after_ms: new.ms.map(Figure::thousandths),
            });
        }
    }
    list
}
