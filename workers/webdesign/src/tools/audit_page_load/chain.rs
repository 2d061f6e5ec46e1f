//! The critical path: which requests had to wait for which, and the chain that ended last.

use super::summary::{Asset, Load, Step, thousandths};
use std::collections::BTreeMap;

/// Longest chain that is followed; browsers give up on redirects long before.
const MAX_STEPS: usize = 50;

/// The chain of critical requests that ended last, from the first request on.
pub(super) fn critical_path(load: &Load<'_>) -> Vec<Step> {
    let parents = parents(load);
    let prioritized = load.assets.iter().any(|asset| !asset.entry.priority.0.is_empty());
    let critical = load
        .assets
        .iter()
        .enumerate()
        .filter(|(at, asset)| *at <= load.document || (asset.succeeded() && is_critical(asset, load, prioritized)));
    let last = critical.max_by(|a, b| a.1.end().total_cmp(&b.1.end()).then(b.0.cmp(&a.0)));
    let began = load.assets.first().map_or(0.0, |asset| asset.start);
    let mut steps = Vec::new();
    let mut next = last.map(|(at, _)| at);
    while let Some(asset) = next.and_then(|at| load.assets.get(at)) {
        steps.push(Step {
            url: asset.url().to_owned(),
            r#type: asset.kind,
            start: thousandths(asset.start - began),
            end: thousandths(asset.end() - began),
            transfer_size: asset.entry.response.body_bytes(),
        });
        next = next.and_then(|at| parents.get(at).copied().flatten()).filter(|_| steps.len() < MAX_STEPS);
    }
    steps.reverse();
    steps
}

// The request that each waited for: of a redirect, the one that redirected; else the one that asked; else the document.
fn parents(load: &Load<'_>) -> Vec<Option<usize>> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    let mut redirected: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parents = Vec::with_capacity(load.assets.len());
    for (at, asset) in load.assets.iter().enumerate() {
        let initiator = asset.entry.initiator.0.as_str();
        let by_redirect = redirected.get(asset.url()).copied();
        let asked = known.get(initiator).copied();
        let fallback = if at == 0 {
            None
        } else if at <= load.document {
            Some(at - 1)
        } else {
            Some(load.document)
        };
        parents.push(by_redirect.or(asked).or(fallback));
        known.insert(asset.url(), at);
        let target = asset.entry.response.redirect.0.as_str();
        if !target.is_empty() {
            redirected.insert(target, at);
        }
    }
    parents
}

/// Whether rendering may wait for a request: by the priority the browser gave it, else by its type and time.
pub(super) fn is_critical(asset: &Asset<'_>, load: &Load<'_>, prioritized: bool) -> bool {
    let kind = asset.entry.resource_type.0.to_ascii_lowercase();
    let for_scripts = ["xhr", "fetch", "websocket", "ping", "preflight", "eventsource"].contains(&kind.as_str());
    if for_scripts || ["image", "favicon", "svg", "audio", "video"].contains(&asset.kind) {
        return false;
    }
    if prioritized {
        let priority = asset.entry.priority.0.to_ascii_lowercase();
        return ["veryhigh", "highest", "high", "medium"].contains(&priority.as_str());
    }
    let started = load.page.and_then(|page| super::har::iso_millis(&page.started.0));
    let ready = load.page.and_then(|page| page.timings.content_load.0);
    let in_time = matches!((started, ready), (Some(started), Some(ready)) if asset.start <= started + ready);
    in_time && ["css", "javascript", "font"].contains(&asset.kind)
}
