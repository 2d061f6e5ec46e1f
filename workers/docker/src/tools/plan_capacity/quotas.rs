//! `ResourceQuota` and `LimitRange`: whether what the workloads ask for is within them.

use super::demand::{Amounts, Demand, Qos, SCENARIOS, Scenario, amounts, quantity};
use super::rules;
use crate::support::kubernetes::objects::{Manifests, Object, Role, text};
use crate::support::kubernetes::quantity::Quantity;
use crate::support::yaml::Node;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, Level};
use serde::Serialize;
use std::collections::BTreeMap;

/// One resource of a quota.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct QuotaRow {
    /// `namespace/name`.
    quota: String,
    /// `requests.cpu`, `pods`, ...
    resource: String,
    /// What is allowed.
    hard: String,
    /// What is asked for in steady state.
    steady: String,
    /// At the worst moment: every rollout at once, autoscalers at their most.
    peak: String,
    /// Whether the peak fits.
    fits: bool,
}

/// Checks every quota.
pub(super) fn quotas(
    manifests: &Manifests<'_>,
    demands: &[Demand<'_>],
    nodes: u64,
    findings: &mut Vec<Finding>,
) -> Vec<QuotaRow> {
    let mut rows = Vec::new();
    for object in manifests.objects.iter().filter(|object| object.kind == "ResourceQuota" && object.api_version == "v1")
    {
        let namespace = object.namespace_or_default();
        let scopes: Vec<&str> =
            object.at(&["spec", "scopes"]).map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
        let within = |demand: &&Demand<'_>| {
            demand.object.namespace_or_default() == namespace && scopes.iter().all(|scope| in_scope(scope, demand))
        };
        let inside: Vec<&Demand<'_>> = demands.iter().filter(within).collect();
        let hard = amounts(manifests, object, object.at(&["spec", "hard"]), findings);
        for (resource, limit) in &hard {
            let Some(used) = used(manifests, object, resource, &inside, nodes) else { continue };
            let steady = used.first().copied().unwrap_or_default();
            let peak = used.last().copied().unwrap_or_default();
            let worst = SCENARIOS.iter().zip(&used).find(|(_, amount)| *amount > limit);
            if let Some((scenario, amount)) = worst {
                let when = match scenario {
                    Scenario::Steady => "in steady state",
                    Scenario::Rollout => "while its workloads roll out",
                    Scenario::Max => "with its autoscalers at their most",
                    Scenario::MaxRollout => "with its autoscalers at their most and a rollout on",
                };
                let level = if *scenario == Scenario::Steady { Level::Error } else { Level::Warning };
                let node = object.at(&["spec", "hard", resource]).unwrap_or(&object.root);
                let message = format!("{}: {amount} {} {when}, of {limit} allowed", object.title(), excerpt(resource));
                findings.push(manifests.finding_in(object, &rules::QUOTA, node, message).with_level(level));
            }
            rows.push(QuotaRow {
                quota: excerpt(&format!("{namespace}/{}", object.name)),
                resource: excerpt(resource),
                hard: limit.to_string(),
                steady: steady.to_string(),
                peak: peak.to_string(),
                fits: peak <= *limit,
            });
        }
        demanded(manifests, object, &hard, &inside, findings);
    }
    rows
}

fn in_scope(scope: &str, demand: &Demand<'_>) -> bool {
    let ends = demand.pod.spec.get("activeDeadlineSeconds").is_some_and(|node| !node.is_null());
    match scope {
        "BestEffort" => demand.qos == Qos::BestEffort,
        "NotBestEffort" => demand.qos != Qos::BestEffort,
        "Terminating" => ends,
        "NotTerminating" => !ends,
        _ => true,
    }
}

// What is used of a resource in each scenario; nothing for resources that are not known here.
fn used(
    manifests: &Manifests<'_>,
    quota: &Object,
    resource: &str,
    inside: &[&Demand<'_>],
    nodes: u64,
) -> Option<Vec<Quantity>> {
    let pods = |demand: &Demand<'_>, scenario: Scenario| match demand.count {
        super::demand::Count::EveryNode => nodes,
        super::demand::Count::Fixed(_) => demand.pods(scenario),
    };
    let over = |amount: &dyn Fn(&Demand<'_>) -> Quantity| -> Vec<Quantity> {
        SCENARIOS
            .iter()
            .map(|scenario| inside.iter().map(|demand| amount(demand).times(pods(demand, *scenario))).sum())
            .collect()
    };
    let of = |list: &Amounts, name: &str| list.get(name).copied().unwrap_or_default();
    if let Some(name) = resource.strip_prefix("limits.") {
        return Some(over(&|demand| of(&demand.limits, name)));
    }
    if matches!(resource, "requests.storage" | "persistentvolumeclaims" | "count/persistentvolumeclaims") {
        let claims = manifests.objects.iter().filter(|object| {
            object.kind == "PersistentVolumeClaim" && object.namespace_or_default() == quota.namespace_or_default()
        });
        let sizes: Vec<Quantity> = claims
            .map(|claim| claim.at(&["spec", "resources", "requests", "storage"]).and_then(quantity).unwrap_or_default())
            .collect();
        let is_size = resource == "requests.storage";
        let own: Quantity = if is_size {
            sizes.iter().copied().sum()
        } else {
            Quantity::of_units(i64::try_from(sizes.len()).unwrap_or(i64::MAX))
        };
        let each = |demand: &Demand<'_>| {
            if is_size {
                demand.storage.iter().copied().sum()
            } else {
                Quantity::of_units(i64::try_from(demand.storage.len()).unwrap_or(i64::MAX))
            }
        };
        return Some(over(&each).into_iter().map(|amount| own + amount).collect());
    }
    if let Some(name) = resource.strip_prefix("requests.") {
        return Some(over(&|demand| of(&demand.requests, name)));
    }
    match resource {
        "cpu" | "memory" | "ephemeral-storage" => return Some(over(&|demand| of(&demand.requests, resource))),
        "pods" | "count/pods" => return Some(over(&|_| Quantity::of_units(1))),
        _ => {}
    }
    // Counts of objects: `count/deployments.apps`, `services`, `secrets`.
    let name = resource.strip_prefix("count/").unwrap_or(resource);
    let plural = name.split_once('.').map_or(name, |(plural, _)| plural);
    let is_meant = |object: &&Object| {
        let kind = object.kind.to_ascii_lowercase();
        let plurals = [format!("{kind}s"), format!("{kind}es"), format!("{}ies", kind.trim_end_matches('y'))];
        object.namespace_or_default() == quota.namespace_or_default() && plurals.iter().any(|one| one == plural)
    };
    let known = resource.starts_with("count/")
        || matches!(plural, "services" | "secrets" | "configmaps" | "replicationcontrollers" | "resourcequotas");
    let count = i64::try_from(manifests.objects.iter().filter(is_meant).count()).unwrap_or(i64::MAX);
    known.then(|| vec![Quantity::of_units(count); SCENARIOS.len()])
}

// Under a quota for a resource, containers that do not say how much of it they want are refused.
fn demanded(
    manifests: &Manifests<'_>,
    quota: &Object,
    hard: &Amounts,
    inside: &[&Demand<'_>],
    findings: &mut Vec<Finding>,
) {
    for demand in inside {
        let said = |resource: &str| {
            if let Some(name) = resource.strip_prefix("limits.") {
                return demand.unlimited.iter().all(|one| *one != name);
            }
            let name = resource.strip_prefix("requests.").unwrap_or(resource);
            demand.unrequested.iter().all(|one| *one != name)
        };
        let missing: Vec<&str> = hard.keys().map(String::as_str).filter(|resource| !said(resource)).collect();
        if !missing.is_empty() {
            let message = format!(
                "{}: {} of its pods is not set, so ResourceQuota {} refuses them",
                demand.object.title(),
                missing.join(", "),
                excerpt(&quota.name)
            );
            findings.push(manifests.finding_in(demand.object, &rules::UNSAID, demand.pod.spec, message));
        }
    }
}

/// Checks containers against the bounds of their namespace's limit ranges.
pub(super) fn ranges(manifests: &Manifests<'_>, demands: &[Demand<'_>], findings: &mut Vec<Finding>) {
    let mut bounds: BTreeMap<&str, Vec<(&Object, &Node)>> = BTreeMap::new();
    for object in manifests.objects.iter().filter(|object| object.kind == "LimitRange" && object.api_version == "v1") {
        for item in object.at(&["spec", "limits"]).map_or(&[][..], Node::items) {
            if text(item, "type") == Some("Container") {
                bounds.entry(object.namespace_or_default()).or_default().push((object, item));
            }
        }
    }
    for demand in demands {
        for (range, item) in bounds.get(demand.object.namespace_or_default()).into_iter().flatten() {
            for (role, container) in demand.pod.containers() {
                if role == Role::Ephemeral {
                    continue;
                }
                let name = excerpt(text(container, "name").unwrap_or("(no name)"));
                let get = |node: &Node, path: &[&str]| node.at(path).and_then(quantity);
                for (resource, least) in item
                    .get("min")
                    .map_or(&[][..], Node::entries)
                    .iter()
                    .filter_map(|entry| Some((entry.name().into_owned(), quantity(&entry.value)?)))
                {
                    let request = get(container, &["resources", "requests", &resource])
                        .or_else(|| get(container, &["resources", "limits", &resource]));
                    if let Some(request) = request.filter(|request| *request < least) {
                        let message = format!(
                            "{}: the container {name} requests {request} {}, LimitRange {} wants at least {least}",
                            demand.object.title(),
                            excerpt(&resource),
                            excerpt(&range.name)
                        );
                        findings.push(manifests.finding_in(demand.object, &rules::RANGE, container, message));
                    }
                }
                for (resource, most) in item
                    .get("max")
                    .map_or(&[][..], Node::entries)
                    .iter()
                    .filter_map(|entry| Some((entry.name().into_owned(), quantity(&entry.value)?)))
                {
                    let limit = get(container, &["resources", "limits", &resource])
                        .or_else(|| get(container, &["resources", "requests", &resource]));
                    if let Some(limit) = limit.filter(|limit| *limit > most) {
                        let message = format!(
                            "{}: the container {name} takes {limit} {}, LimitRange {} allows {most}",
                            demand.object.title(),
                            excerpt(&resource),
                            excerpt(&range.name)
                        );
                        findings.push(manifests.finding_in(demand.object, &rules::RANGE, container, message));
                    }
                }
            }
        }
    }
}
