//! Nodes and pools, and which pods they take.

use super::demand::{Amounts, Demand, quantity};
use crate::support::kubernetes::objects::{Manifests, Object, labels, requirement, selector, text};
use crate::support::kubernetes::quantity::Quantity;
use crate::support::kubernetes::selector::Labels;
use crate::support::yaml::Node;
use octavo_toolkit::ToolError;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use serde::Deserialize;

/// Most pools of a call.
const MAX_POOLS: usize = 50;

/// Most nodes of all pools and manifests together.
pub(super) const MAX_NODES: usize = 1_000;

/// Most labels, taints or further resources of a pool.
const MAX_ENTRIES: usize = 50;

/// Longest text of a pool, in bytes.
const MAX_TEXT_BYTES: usize = 512;

/// Pods that a node takes where nothing else is said: the kubelet's default.
const DEFAULT_PODS: i64 = 110;

/// Nodes of one kind.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PoolInput {
    /// Its name.
    pub(super) name: String,
    /// Allocatable CPU of a node, such as 3920m.
    pub(super) cpu: String,
    /// Allocatable memory, such as 14Gi.
    pub(super) memory: String,
    /// Most pods of a node; 110.
    #[serde(default)]
    pub(super) pods: Option<u32>,
    /// Nodes there are; without it the fewest are computed.
    #[serde(default)]
    pub(super) count: Option<u32>,
    /// Price of a node.
    #[serde(default)]
    pub(super) price: Option<f64>,
    /// key=value.
    #[serde(default)]
    pub(super) labels: Option<Vec<String>>,
    /// key=value:NoSchedule.
    #[serde(default)]
    pub(super) taints: Option<Vec<String>>,
    /// nvidia.com/gpu=1.
    #[serde(default)]
    pub(super) resources: Option<Vec<String>>,
}

/// A taint of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Taint {
    key: String,
    value: String,
    effect: String,
}

/// Nodes that are all the same to the scheduler.
#[derive(Debug, Clone)]
pub(super) struct Class {
    pub(super) name: String,
    pub(super) allocatable: Amounts,
    pub(super) labels: Labels,
    taints: Vec<Taint>,
    /// How many there are; as many as needed where nothing is said.
    pub(super) count: Option<u64>,
    pub(super) price: Option<f64>,
}

/// Reads the pools of the arguments and the nodes of the manifests.
pub(super) fn classes(pools: Option<&[PoolInput]>, manifests: &Manifests<'_>) -> Result<Vec<Class>, ToolError> {
    let pools = pools.unwrap_or_default();
    check_items("/nodes", pools, MAX_POOLS)?;
    let mut found = Vec::new();
    for (at, pool) in pools.iter().enumerate() {
        found.push(class(pool, &format!("/nodes/{at}"))?);
    }
    for object in manifests.objects.iter().filter(|object| object.kind == "Node" && object.api_version == "v1") {
        found.extend(node(object));
    }
    let total: u64 = found.iter().filter_map(|class| class.count).sum();
    if total > u64::try_from(MAX_NODES).unwrap_or(u64::MAX) {
        return Err(ToolError::too_large(
            "/nodes",
            usize::try_from(total).unwrap_or(usize::MAX),
            MAX_NODES,
            "nodes in all",
        ));
    }
    Ok(found)
}

fn class(pool: &PoolInput, pointer: &str) -> Result<Class, ToolError> {
    check_bytes(&format!("{pointer}/name"), &pool.name, MAX_TEXT_BYTES)?;
    let amount = |field: &str, text: &str| {
        check_bytes(&format!("{pointer}/{field}"), text, MAX_TEXT_BYTES)?;
        Quantity::parse(text).filter(|amount| amount.nanos() > 0).ok_or_else(|| {
            ToolError::invalid(
                format!("{pointer}/{field}"),
                "is no amount",
                "a Kubernetes quantity such as \"3920m\" or \"14Gi\"",
            )
        })
    };
    let mut allocatable = Amounts::from([
        ("cpu".to_owned(), amount("cpu", &pool.cpu)?),
        ("memory".to_owned(), amount("memory", &pool.memory)?),
    ]);
    allocatable.insert("pods".to_owned(), Quantity::of_units(pool.pods.map_or(DEFAULT_PODS, i64::from)));
    let pairs = |field: &str, list: &Option<Vec<String>>| -> Result<Vec<(String, String)>, ToolError> {
        let list = list.clone().unwrap_or_default();
        check_items(&format!("{pointer}/{field}"), &list, MAX_ENTRIES)?;
        let mut found = Vec::new();
        for (at, entry) in list.iter().enumerate() {
            check_bytes(&format!("{pointer}/{field}/{at}"), entry, MAX_TEXT_BYTES)?;
            let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
            found.push((key.to_owned(), value.to_owned()));
        }
        Ok(found)
    };
    for (at, (name, text)) in pairs("resources", &pool.resources)?.into_iter().enumerate() {
        let more = amount(&format!("resources/{at}"), &text)?;
        allocatable.insert(name, more);
    }
    let mut taints = Vec::new();
    for (at, (key, rest)) in pairs("taints", &pool.taints)?.into_iter().enumerate() {
        // A taint may have no value: `key:NoSchedule`.
        let whole = if rest.is_empty() { key.clone() } else { format!("{key}={rest}") };
        let Some((left, effect)) = whole.rsplit_once(':') else {
            return Err(ToolError::invalid(
                format!("{pointer}/taints/{at}"),
                "has no effect",
                "\"key=value:NoSchedule\"",
            ));
        };
        let (key, value) = left.split_once('=').unwrap_or((left, ""));
        taints.push(Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() });
    }
    if pool.price.is_some_and(|price| !price.is_finite() || price < 0.0) {
        return Err(ToolError::invalid(format!("{pointer}/price"), "is no price", "a number of 0 or more"));
    }
    let labels = pairs("labels", &pool.labels)?.into_iter().collect();
    Ok(Class {
        name: excerpt(&pool.name),
        allocatable,
        labels,
        taints,
        count: pool.count.map(u64::from),
        price: pool.price,
    })
}

fn node(object: &Object) -> Option<Class> {
    let status = object.at(&["status", "allocatable"]).or(object.at(&["status", "capacity"]))?;
    let mut allocatable: Amounts = status
        .entries()
        .iter()
        .filter_map(|entry| Some((entry.name().into_owned(), quantity(&entry.value)?)))
        .collect();
    allocatable.entry("pods".to_owned()).or_insert(Quantity::of_units(DEFAULT_PODS));
    let read = |taint: &Node| {
        let get = |key: &str| text(taint, key).unwrap_or_default().to_owned();
        Taint { key: get("key"), value: get("value"), effect: get("effect") }
    };
    let mut taints: Vec<Taint> = object.at(&["spec", "taints"]).map_or(&[][..], Node::items).iter().map(read).collect();
    if object.at(&["spec", "unschedulable"]).and_then(Node::as_bool) == Some(true) {
        taints.push(Taint {
            key: "node.kubernetes.io/unschedulable".to_owned(),
            value: String::new(),
            effect: "NoSchedule".to_owned(),
        });
    }
    let mut labels = object.labels();
    labels.entry("kubernetes.io/hostname".to_owned()).or_insert_with(|| object.name.clone());
    Some(Class { name: excerpt(&object.name), allocatable, labels, taints, count: Some(1), price: None })
}

impl Class {
    /// Why this class does not take the pods of a workload; nothing if it does.
    pub(super) fn refuses(&self, demand: &Demand<'_>) -> Option<String> {
        let spec = demand.pod.spec;
        let is_daemon = demand.object.kind == "DaemonSet";
        let wanted = spec.get("nodeSelector").map(labels).unwrap_or_default();
        if let Some((key, value)) = wanted.iter().find(|(key, value)| self.labels.get(*key) != Some(value)) {
            return Some(format!("has no label {}", excerpt(&format!("{key}={value}"))));
        }
        if let Some(name) = text(spec, "nodeName").filter(|name| !name.is_empty() && *name != self.name) {
            return Some(format!("is not the node {}", excerpt(name)));
        }
        let terms = spec.at(&[
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms",
        ]);
        if let Some(terms) = terms.map(Node::items) {
            let meets = |term: &Node| {
                let rules = term.get("matchExpressions").map_or(&[][..], Node::items);
                let fields = term.get("matchFields").map_or(&[][..], Node::items);
                let own = Labels::from([("metadata.name".to_owned(), self.name.clone())]);
                let met = |rule: &Node, labels: &Labels| requirement(rule).is_some_and(|rule| rule.matches(labels));
                (!rules.is_empty() || !fields.is_empty())
                    && rules.iter().all(|rule| met(rule, &self.labels))
                    && fields.iter().all(|rule| met(rule, &own))
            };
            if !terms.iter().any(meets) {
                return Some("does not meet the node affinity".to_owned());
            }
        }
        let tolerations = spec.get("tolerations").map_or(&[][..], Node::items);
        let bites = |taint: &&Taint| {
            matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute")
                && !tolerations.iter().any(|toleration| tolerates(toleration, taint))
                // The controller of daemon sets adds the tolerations of its own.
                && !(is_daemon && taint.key.starts_with("node.kubernetes.io/"))
        };
        self.taints
            .iter()
            .find(bites)
            .map(|taint| format!("has the taint {}={}:{}", taint.key, taint.value, taint.effect))
    }
}

fn tolerates(toleration: &Node, taint: &Taint) -> bool {
    let get = |key: &str| text(toleration, key).unwrap_or_default();
    let effect = get("effect").is_empty() || get("effect") == taint.effect;
    match get("operator") {
        "Exists" => effect && (get("key").is_empty() || get("key") == taint.key),
        _ => effect && get("key") == taint.key && get("value") == taint.value,
    }
}

/// Whether two workloads may not share a node: ports of the node, or anti-affinity by host name.
pub(super) fn are_apart(one: &Demand<'_>, other: &Demand<'_>) -> bool {
    host_ports(one).iter().any(|port| host_ports(other).contains(port)) || avoids(one, other) || avoids(other, one)
}

fn host_ports(demand: &Demand<'_>) -> Vec<(i128, String)> {
    let on_node = demand.pod.spec.get("hostNetwork").and_then(Node::as_bool) == Some(true);
    let mut found = Vec::new();
    for (_, container) in demand.pod.containers() {
        for port in container.get("ports").map_or(&[][..], Node::items) {
            let number = port
                .get("hostPort")
                .and_then(Node::as_int)
                .or_else(|| port.get("containerPort").and_then(Node::as_int).filter(|_| on_node));
            if let Some(number) = number.filter(|number| *number != 0) {
                found.push((number, text(port, "protocol").unwrap_or("TCP").to_owned()));
            }
        }
    }
    found
}

fn avoids(one: &Demand<'_>, other: &Demand<'_>) -> bool {
    let terms = one.pod.spec.at(&["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    terms.map_or(&[][..], Node::items).iter().any(|term| {
        let by_host = text(term, "topologyKey") == Some("kubernetes.io/hostname");
        let listed: Vec<&str> =
            term.get("namespaces").map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
        let theirs = other.object.namespace_or_default();
        let same =
            if listed.is_empty() { theirs == one.object.namespace_or_default() } else { listed.contains(&theirs) };
        // A term without a selector takes no pod.
        let takes = term.get("labelSelector").is_some_and(|wanted| selector(wanted).matches(&other.pod.labels()));
        by_host && same && takes
    })
}
