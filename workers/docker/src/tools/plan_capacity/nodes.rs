//! Nodes and pools, and which pods they take.

use super::demand::{Amounts, Demand, quantity};
use crate::support::kubernetes::objects::{Manifests, Object, labels, requirement, selector, text};
use crate::support::kubernetes::quantity::Quantity;
use crate::support::kubernetes::selector::Labels;
use crate::support::yaml::Node;
use octavo_toolkit::ToolError;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};

/// Most pools of a call.
const MAX_POOLS: usize = 50;

/// Most nodes of all pools and manifests together.
pub(super) const MAX_NODES: usize = 1_000;

/// Longest text of a pool, in bytes: some fifty labels and taints.
const MAX_TEXT_BYTES: usize = 4_096;

/// Pods that a node takes where nothing else is said: the kubelet's default.
const DEFAULT_PODS: i64 = 110;

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
pub(super) fn classes(pools: Option<&[String]>, manifests: &Manifests<'_>) -> Result<Vec<Class>, ToolError> {
    let pools = pools.unwrap_or_default();
    check_items("/nodes", pools, MAX_POOLS)?;
    let mut found = Vec::new();
    for (at, pool) in pools.iter().enumerate() {
        check_bytes(&format!("/nodes/{at}"), pool, MAX_TEXT_BYTES)?;
        let problem = |what: String| {
            let accepted = "a name and what a node has, such as \"large cpu=3920m memory=14Gi\"; also pods=, count=, price=, \
                            label=key=value, taint=key=value:NoSchedule, and resources such as nvidia.com/gpu=1";
            ToolError::invalid(format!("/nodes/{at}"), what, accepted)
        };
        found.push(class(pool).map_err(problem)?);
    }
    for object in manifests.objects.iter().filter(|object| object.kind == "Node" && object.api_version == "v1") {
        found.extend(node(object));
    }
    let total = found.iter().filter_map(|class| class.count).fold(0, u64::saturating_add);
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

// `large cpu=3920m memory=14Gi count=3`.
fn class(pool: &str) -> Result<Class, String> {
    let mut words = pool.split_whitespace();
    let name = words.next().filter(|name| !name.contains('=')).ok_or("has no name before what a node has")?;
    let mut class = Class {
        name: excerpt(name),
        allocatable: Amounts::from([("pods".to_owned(), Quantity::of_units(DEFAULT_PODS))]),
        labels: Labels::new(),
        taints: Vec::new(),
        count: None,
        price: None,
    };
    for word in words {
        let (key, value) = word.split_once('=').ok_or_else(|| format!("says {} without a value", excerpt(word)))?;
        match key {
            "count" => {
                class.count = Some(value.parse().map_err(|_| "has a count that is no whole number".to_owned())?);
            }
            "price" => {
                let price = value.parse::<f64>().ok().filter(|price| price.is_finite() && *price >= 0.0);
                class.price = Some(price.ok_or("has a price that is no number of 0 or more")?);
            }
            "label" => {
                let (key, value) = value.split_once('=').unwrap_or((value, ""));
                class.labels.insert(key.to_owned(), value.to_owned());
            }
            "taint" => {
                let (left, effect) = value.rsplit_once(':').ok_or("has a taint without an effect")?;
                let (key, value) = left.split_once('=').unwrap_or((left, ""));
                class.taints.push(Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() });
            }
            _ => {
                let amount = Quantity::parse(value).filter(|amount| amount.nanos() > 0);
                let amount = amount.ok_or_else(|| format!("has no amount of {}", excerpt(key)))?;
                class.allocatable.insert(key.to_owned(), amount);
            }
        }
    }
    for resource in ["cpu", "memory"] {
        if !class.allocatable.contains_key(resource) {
            return Err(format!("does not say how much {resource} a node has"));
        }
    }
    Ok(class)
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
