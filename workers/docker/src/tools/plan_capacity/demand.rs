//! What the workloads ask for: pods in each scenario, requests and limits of a pod, quality of service.
//!
//! Follows the scheduler: init containers run one after the other before the rest, sidecars (restartable init containers) beside
//! it, overhead comes on top, requests at the level of the pod take the place of their containers', and a limit without a
//! request is a request.

use super::rules;
use crate::support::kubernetes::objects::{Manifests, Object, Pod, Role, text};
use crate::support::kubernetes::quantity::Quantity;
use crate::support::yaml::{Node, Value};
use octavo_toolkit::Finding;
use octavo_toolkit::limits::excerpt;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Amounts by resource.
pub(super) type Amounts = BTreeMap<String, Quantity>;

/// Most pods that one workload is counted with.
pub(super) const MAX_REPLICAS: u64 = 1_000_000;

/// A moment that capacity is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) enum Scenario {
    /// As written; autoscaled workloads at their least.
    Steady,
    /// Every Deployment in the middle of its rollout.
    Rollout,
    /// Autoscaled workloads at their most.
    Max,
    /// Both at once.
    MaxRollout,
}

/// Every scenario, in order.
pub(super) const SCENARIOS: [Scenario; 4] = [Scenario::Steady, Scenario::Rollout, Scenario::Max, Scenario::MaxRollout];

/// How a pod is treated when its node runs short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub(super) enum Qos {
    /// Every limit is set and equals its request.
    Guaranteed,
    /// Something is requested or limited.
    Burstable,
    /// Nothing is.
    BestEffort,
}

/// How many pods there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// So many, in each scenario.
    Fixed([u64; 4]),
    /// One on every node that takes it.
    EveryNode,
}

/// A workload and what one pod of it asks for.
pub(super) struct Demand<'m> {
    pub(super) object: &'m Object,
    pub(super) pod: Pod<'m>,
    pub(super) count: Count,
    pub(super) requests: Amounts,
    pub(super) limits: Amounts,
    pub(super) qos: Qos,
    /// Resources that some container does not request, and does not limit.
    pub(super) unrequested: Vec<&'static str>,
    pub(super) unlimited: Vec<&'static str>,
    /// What volume claim templates ask for, for each pod.
    pub(super) storage: Vec<Quantity>,
}

impl Demand<'_> {
    /// Pods in a scenario; nothing for one on every node.
    pub(super) fn pods(&self, scenario: Scenario) -> u64 {
        match self.count {
            Count::Fixed(counts) => SCENARIOS
                .iter()
                .position(|one| *one == scenario)
                .and_then(|at| counts.get(at))
                .copied()
                .unwrap_or_default(),
            Count::EveryNode => 0,
        }
    }
}

/// Adds amounts up.
pub(super) fn add(total: &mut Amounts, more: &Amounts, times: u64) {
    for (name, amount) in more {
        let sum = total.get(name).copied().unwrap_or_default() + amount.times(times);
        total.insert(name.clone(), sum);
    }
}

fn larger(a: &mut Amounts, b: &Amounts) {
    for (name, amount) in b {
        let most = a.get(name).copied().unwrap_or_default().max(*amount);
        a.insert(name.clone(), most);
    }
}

/// What a `LimitRange` gives to containers that say nothing.
#[derive(Default)]
pub(super) struct Defaults {
    limits: Amounts,
    requests: Amounts,
}

/// Reads a mapping of resources to quantities; what is none is reported.
pub(super) fn amounts(
    manifests: &Manifests<'_>,
    object: &Object,
    node: Option<&Node>,
    findings: &mut Vec<Finding>,
) -> Amounts {
    let mut found = Amounts::new();
    for entry in node.map_or(&[][..], Node::entries) {
        if entry.value.is_null() {
            continue;
        }
        let Some(amount) = quantity(&entry.value) else {
            let shown = entry.value.scalar_text().unwrap_or_default();
            let message =
                format!("{}: {} is no quantity: {:?}", object.title(), excerpt(&entry.name()), excerpt(&shown));
            findings.push(manifests.finding_in(object, &rules::QUANTITY, &entry.value, message));
            continue;
        };
        found.insert(entry.name().into_owned(), amount);
    }
    found
}

/// The quantity of a scalar.
pub(super) fn quantity(node: &Node) -> Option<Quantity> {
    match &node.value {
        Value::Text(text) => Quantity::parse(text),
        Value::Int(_) => node.scalar_text().and_then(|text| Quantity::parse(&text)),
        // As written, since a float's shortest form may have an exponent.
        Value::Float(_) => node
            .raw
            .as_deref()
            .and_then(Quantity::parse)
            .or_else(|| node.scalar_text().and_then(|text| Quantity::parse(&text))),
        Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

/// The defaults of each namespace.
pub(super) fn defaults(manifests: &Manifests<'_>) -> BTreeMap<String, Defaults> {
    let mut found: BTreeMap<String, Defaults> = BTreeMap::new();
    let mut ignored = Vec::new();
    for object in manifests.objects.iter().filter(|object| object.kind == "LimitRange" && object.api_version == "v1") {
        for item in object.at(&["spec", "limits"]).map_or(&[][..], Node::items) {
            if text(item, "type") == Some("Container") {
                let known = found.entry(object.namespace_or_default().to_owned()).or_default();
                let mut read = |key: &str| amounts(manifests, object, item.get(key), &mut ignored);
                let (most, mut limits, mut requests) = (read("max"), read("default"), read("defaultRequest"));
                // The server fills in what is left out: the largest for the default, that for the request.
                for (name, amount) in most {
                    limits.entry(name).or_insert(amount);
                }
                for (name, amount) in &limits {
                    requests.entry(name.clone()).or_insert(*amount);
                }
                known.limits.extend(limits);
                known.requests.extend(requests);
            }
        }
    }
    found
}

type Key<'m> = (&'m str, &'m str, &'m str);

// Objects by namespace, kind and name, and autoscalers by what they scale.
struct Index<'m> {
    objects: BTreeSet<Key<'m>>,
    scalers: BTreeMap<Key<'m>, &'m Object>,
}

impl<'m> Index<'m> {
    fn of(manifests: &'m Manifests<'_>) -> Self {
        let mut index = Self { objects: BTreeSet::new(), scalers: BTreeMap::new() };
        for object in &manifests.objects {
            index.objects.insert((object.namespace_or_default(), &object.kind, &object.name));
            let target = object.at(&["spec", "scaleTargetRef"]).filter(|_| object.kind == "HorizontalPodAutoscaler");
            if let Some((kind, name)) = target.and_then(|target| Some((text(target, "kind")?, text(target, "name")?))) {
                index.scalers.entry((object.namespace_or_default(), kind, name)).or_insert(object);
            }
        }
        index
    }
}

/// What every workload asks for.
pub(super) fn demands<'m>(manifests: &'m Manifests<'_>, findings: &mut Vec<Finding>) -> Vec<Demand<'m>> {
    let defaults = defaults(manifests);
    let none = Defaults::default();
    let index = Index::of(manifests);
    let mut found = Vec::new();
    for object in &manifests.objects {
        let Some(pod) = object.pod() else { continue };
        let is_over = object.kind == "Pod"
            && matches!(object.at(&["status", "phase"]).and_then(Node::as_str), Some("Succeeded" | "Failed"));
        // Pods and sets that something owns are counted with their owner, where the input holds it.
        let owners = object.at(&["metadata", "ownerReferences"]).map_or(&[][..], Node::items);
        let owned = owners.iter().any(|owner| {
            let (kind, name) = (text(owner, "kind").unwrap_or_default(), text(owner, "name").unwrap_or_default());
            index.objects.contains(&(object.namespace_or_default(), kind, name))
        });
        if object.kind == "PodTemplate" || is_over || owned {
            continue;
        }
        let defaults = defaults.get(object.namespace_or_default()).unwrap_or(&none);
        let asked = ask(manifests, object, pod, defaults, findings);
        let claims = object.at(&["spec", "volumeClaimTemplates"]).map_or(&[][..], Node::items);
        let storage = claims
            .iter()
            .filter_map(|claim| claim.at(&["spec", "resources", "requests", "storage"]).and_then(quantity))
            .collect();
        found.push(Demand {
            object,
            pod,
            count: count(manifests, &index, object, findings, &asked),
            requests: asked.requests,
            limits: asked.limits,
            qos: asked.qos,
            unrequested: asked.unrequested,
            unlimited: asked.unlimited,
            storage,
        });
    }
    found
}

struct Asked {
    requests: Amounts,
    limits: Amounts,
    qos: Qos,
    unrequested: Vec<&'static str>,
    unlimited: Vec<&'static str>,
}

// What one container requests and is limited to.
fn own(
    manifests: &Manifests<'_>,
    object: &Object,
    container: &Node,
    defaults: &Defaults,
    findings: &mut Vec<Finding>,
) -> (Amounts, Amounts) {
    let name = excerpt(text(container, "name").unwrap_or("(no name)"));
    let mut limits = amounts(manifests, object, container.at(&["resources", "limits"]), findings);
    let mut requests = amounts(manifests, object, container.at(&["resources", "requests"]), findings);
    for (resource, amount) in &limits {
        if requests.get(resource).is_some_and(|request| request > amount) {
            let node = container.at(&["resources", "requests", resource.as_str()]).unwrap_or(container);
            let message =
                format!("{}: the container {name} requests more {} than its limit", object.title(), excerpt(resource));
            findings.push(manifests.finding_in(object, &rules::LIMIT, node, message));
        }
        requests.entry(resource.clone()).or_insert(*amount);
    }
    for (resource, amount) in &defaults.limits {
        limits.entry(resource.clone()).or_insert(*amount);
    }
    for (resource, amount) in &defaults.requests {
        requests.entry(resource.clone()).or_insert(*amount);
    }
    (requests, limits)
}

fn ask(
    manifests: &Manifests<'_>,
    object: &Object,
    pod: Pod<'_>,
    defaults: &Defaults,
    findings: &mut Vec<Finding>,
) -> Asked {
    let mut sums = [Amounts::new(), Amounts::new()];
    let mut beside = [Amounts::new(), Amounts::new()];
    let mut first = [Amounts::new(), Amounts::new()];
    let (mut any, mut guaranteed) = (false, true);
    let (mut unrequested, mut unlimited) = (Vec::new(), Vec::new());
    let pod_level = pod.spec.get("resources");
    for (role, container) in pod.containers().filter(|(role, _)| *role != Role::Ephemeral) {
        let (requests, limits) = own(manifests, object, container, defaults, findings);
        for resource in ["cpu", "memory"] {
            let (request, limit) = (
                requests.get(resource).filter(|amount| !amount.is_zero()),
                limits.get(resource).filter(|amount| !amount.is_zero()),
            );
            any |= request.is_some() || limit.is_some();
            guaranteed &= limit.is_some() && request == limit;
            if request.is_none() && role == Role::Main && !unrequested.contains(&resource) {
                unrequested.push(resource);
            }
            if limit.is_none() && !unlimited.contains(&resource) {
                unlimited.push(resource);
            }
        }
        let is_sidecar = role == Role::Init && text(container, "restartPolicy") == Some("Always");
        let parts = sums.iter_mut().zip(&mut beside).zip(&mut first).zip([&requests, &limits]);
        for (((sum, beside), first), own) in parts {
            if role == Role::Main {
                add(sum, own, 1);
            } else if is_sidecar {
                add(sum, own, 1);
                add(beside, own, 1);
                larger(first, beside);
            } else {
                let mut alone = beside.clone();
                add(&mut alone, own, 1);
                larger(first, &alone);
            }
        }
    }
    let overhead = amounts(manifests, object, pod.spec.get("overhead"), findings);
    let keys = ["requests", "limits"];
    for ((sum, first), key) in sums.iter_mut().zip(&first).zip(keys) {
        larger(sum, first);
        let own = amounts(manifests, object, pod_level.and_then(|level| level.get(key)), findings);
        sum.extend(own);
        if key == "requests" {
            let limits = amounts(manifests, object, pod_level.and_then(|level| level.get("limits")), findings);
            let requests = pod_level.and_then(|level| level.get("requests"));
            for (resource, amount) in limits {
                let said = requests.is_some_and(|requests| requests.get(&resource).is_some());
                if !said && !sum.contains_key(&resource) {
                    sum.insert(resource, amount);
                }
            }
        }
        let overhead: Amounts = overhead
            .iter()
            .filter(|(resource, _)| key == "requests" || sum.contains_key(*resource))
            .map(|(name, amount)| (name.clone(), *amount))
            .collect();
        add(sum, &overhead, 1);
    }
    if let Some(level) = pod_level.filter(|level| level.is_mapping()) {
        let get = |key: &str, resource: &str| {
            level.at(&[key, resource]).and_then(quantity).filter(|amount| !amount.is_zero())
        };
        any |= ["cpu", "memory"]
            .iter()
            .any(|resource| get("requests", resource).is_some() || get("limits", resource).is_some());
        guaranteed = ["cpu", "memory"].iter().all(|resource| {
            get("limits", resource)
                .is_some_and(|limit| get("requests", resource).is_none_or(|request| request == limit))
        });
        unrequested.retain(|resource| get("requests", resource).is_none() && get("limits", resource).is_none());
        unlimited.retain(|resource| get("limits", resource).is_none());
    }
    let qos = match (any, guaranteed) {
        (true, true) => Qos::Guaranteed,
        (true, false) => Qos::Burstable,
        (false, _) => Qos::BestEffort,
    };
    let [requests, limits] = sums;
    Asked { requests, limits, qos, unrequested, unlimited }
}

fn whole(node: Option<&Node>) -> Option<u64> {
    node.and_then(Node::as_int).and_then(|number| u64::try_from(number).ok()).map(|number| number.min(MAX_REPLICAS))
}

/// A number or a percentage of `of`, rounded up.
fn share_up(node: Option<&Node>, of: u64, otherwise: u64) -> u64 {
    let Some(node) = node.filter(|node| !node.is_null()) else { return otherwise };
    let percent =
        node.as_str().and_then(|text| text.strip_suffix('%')).and_then(|text| text.trim().parse::<u64>().ok());
    match percent {
        Some(percent) => (percent.min(MAX_REPLICAS) * of).div_ceil(100),
        None => whole(Some(node)).unwrap_or(otherwise),
    }
}

fn count(
    manifests: &Manifests<'_>,
    index: &Index<'_>,
    object: &Object,
    findings: &mut Vec<Finding>,
    asked: &Asked,
) -> Count {
    let spec = |key: &str| object.at(&["spec", key]);
    let fixed = |count: u64| Count::Fixed([count; 4]);
    match object.kind.as_str() {
        "DaemonSet" => Count::EveryNode,
        "Pod" => fixed(1),
        "Job" => fixed(job(object.at(&["spec"]))),
        "CronJob" => fixed(job(object.at(&["spec", "jobTemplate", "spec"]))),
        _ => {
            let written = whole(spec("replicas"));
            let (least, most) = scaled(manifests, index, object, written, findings, asked);
            let rolling = object.kind == "Deployment"
                && object.at(&["spec", "strategy", "type"]).and_then(Node::as_str) != Some("Recreate");
            let surge = |replicas: u64| {
                let node = object.at(&["spec", "strategy", "rollingUpdate", "maxSurge"]);
                let more = if rolling && replicas > 0 { share_up(node, replicas, replicas.div_ceil(4)) } else { 0 };
                (replicas + more).min(MAX_REPLICAS)
            };
            Count::Fixed([least, surge(least), most, surge(most)])
        }
    }
}

fn job(spec: Option<&Node>) -> u64 {
    let get = |key: &str| spec.and_then(|spec| whole(spec.get(key)));
    let parallel = get("parallelism").unwrap_or(1);
    get("completions").map_or(parallel, |completions| parallel.min(completions))
}

// The least and most replicas under the autoscaler that scales an object.
fn scaled(
    manifests: &Manifests<'_>,
    index: &Index<'_>,
    object: &Object,
    written: Option<u64>,
    findings: &mut Vec<Finding>,
    asked: &Asked,
) -> (u64, u64) {
    let replicas = written.unwrap_or(1);
    let key = (object.namespace_or_default(), object.kind.as_str(), object.name.as_str());
    let Some(scaler) = index.scalers.get(&key) else { return (replicas, replicas) };
    // An autoscaler leaves a workload that is scaled to nothing alone.
    if written == Some(0) {
        return (0, 0);
    }
    let metrics = scaler.at(&["spec", "metrics"]).map_or(&[][..], Node::items);
    let by_share = metrics
        .iter()
        .filter(|metric| metric.at(&["resource", "target", "type"]).and_then(Node::as_str) == Some("Utilization"));
    let mut resources: Vec<&str> = by_share.filter_map(|metric| metric.at(&["resource", "name"])?.as_str()).collect();
    if scaler.api_version == "autoscaling/v1" || metrics.is_empty() {
        resources.push("cpu");
    }
    for resource in resources.iter().filter(|resource| asked.unrequested.contains(*resource)) {
        let node = scaler.at(&["spec"]).unwrap_or(&scaler.root);
        let message = format!(
            "{}: it scales by a share of the {resource} request of {}, which has none",
            scaler.title(),
            object.title()
        );
        findings.push(manifests.finding_in(scaler, &rules::SCALER, node, message));
    }
    let least = whole(scaler.at(&["spec", "minReplicas"])).unwrap_or(1);
    let most = whole(scaler.at(&["spec", "maxReplicas"])).unwrap_or(least).max(least);
    (least, most)
}
