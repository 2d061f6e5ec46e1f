//! `plan_capacity`: what manifests ask of a cluster, at rest and at its peaks, and the nodes that takes.
//!
//! This file declares the tool and puts the plan together; `demand` reads what pods ask for, `quotas` checks namespaces' bounds,
//! `nodes` says which nodes take which pods, `packing` places them.

mod demand;
mod nodes;
mod packing;
mod quotas;
mod rules;

use crate::support::kubernetes::objects::Manifests;
use crate::support::kubernetes::quantity::Quantity;
use demand::{Amounts, Count, Demand, Qos, SCENARIOS, Scenario, add};
use nodes::{Class, are_apart, classes};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Ctx, Finding, Report, SourceFile, Tool, ToolError, declare_tool};
use packing::{Kind, MAX_PODS, Packed, Room, fewest, lower_bound, place};
use quotas::QuotaRow;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Adds up exactly what the workloads of manifests request and limit: at rest, in the middle of every rollout, with
    /// autoscalers at their most, and both. Init containers, sidecars, overhead, pod-level resources, LimitRange defaults and
    /// quality of service are counted as the scheduler counts them; ResourceQuotas and LimitRanges are checked.
    ///
    /// With nodes (as arguments, or Node objects among the manifests) it places the pods under node selectors, affinities,
    /// taints, node ports and anti-affinity by host; where a pool has no count it computes the fewest nodes, and with prices
    /// the cheapest pool.
    ///
    /// Use it before deploying or scaling, to size a cluster or a quota, and when pods stay pending. Amounts are what is
    /// requested, not what is used. A placement that is shown fits; the number of nodes is at most a few percent above the
    /// least possible, and the lower bound is told.
    pub struct PlanCapacity;
    name: "plan_capacity",
    title: "Plan Kubernetes capacity",
    summary: "Adds up Kubernetes requests and limits (rollout and HPA peaks, QoS, quotas), packs pods on nodes, and finds the fewest nodes or cheapest pool. Use when pods stay Pending.",
    keywords: "resources requests limits cpu memory millicores Mi Gi quantity bin packing scheduler node pool size autoscaler HPA maxSurge rollout ResourceQuota LimitRange QoS Guaranteed Burstable BestEffort cost price cheapest instance pending unschedulable headroom utilization kube-capacity",
    examples: [
        "the nodes that a deployment needs while it rolls out" => r#"{"source":"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: 8\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n        image: web:1\n        resources: {requests: {cpu: 700m, memory: 1Gi}, limits: {memory: 1Gi}}\n","nodes":["small cpu=1930m memory=5.5Gi price=50","large cpu=3920m memory=13Gi price=95"]}"#,
        "a quota that a rollout exceeds" => r#"{"source":"apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: shop}\nspec: {hard: {requests.cpu: \"2\", pods: \"10\"}}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  replicas: 4\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: \"web:1\", resources: {requests: {cpu: 500m, memory: 1Gi}}}]}\n"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "what pods really use",
        "topology spread, pod affinity and anti-affinity by zone, volumes bound to a zone, preemption",
        "mixes of several pools",
    ],
}

/// Most findings kept.
const MAX_FINDINGS: usize = 10_000;

/// Most workloads whose conflicts are looked for pair by pair.
const MAX_KINDS: usize = 1_000;

/// Most rows of workloads and nodes in the data.
const MAX_ROWS: usize = 1_000;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// YAML or JSON documents.
    #[serde(default)]
    source: Option<String>,
    /// Or several files.
    #[serde(default)]
    files: Option<Vec<SourceFile>>,
    /// Pools, allocatable: "large cpu=3920m memory=14Gi price=95"; count=3 if given nodes, pods=110, label=k=v, taint=k=v:NoSchedule.
    #[serde(default)]
    nodes: Option<Vec<String>>,
    /// Packed: steady, rollout (default), max (HPA), maxRollout.
    #[serde(default)]
    scenario: Option<String>,
}

/// The plan.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Each workload and what one of its pods asks for.
    workloads: Vec<WorkloadRow>,
    /// Sums over all pods but those of daemon sets, by scenario.
    totals: Vec<Total>,
    /// Resource quotas.
    quotas: Vec<QuotaRow>,
    /// What is packed.
    scenario: Scenario,
    /// The given nodes with their pods.
    nodes: Vec<NodeRow>,
    /// What found no place on the given nodes.
    pending: Vec<Pending>,
    /// The pools without a count, each for everything that is pending.
    pools: Vec<PoolRow>,
    /// The pool of the lowest price.
    #[serde(skip_serializing_if = "Option::is_none")]
    cheapest: Option<String>,
}

/// A workload.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WorkloadRow {
    /// `Deployment web in namespace shop`.
    object: String,
    /// Its pods in the scenarios steady, rollout, max, maxRollout; nothing for one on every node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pods: Option<[u64; 4]>,
    /// Its quality of service.
    qos: Qos,
    /// What one pod requests.
    requests: BTreeMap<String, String>,
    /// What one pod is limited to.
    limits: BTreeMap<String, String>,
}

/// A sum.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Total {
    /// When.
    scenario: Scenario,
    /// Pods.
    pods: u64,
    /// Their requests.
    requests: BTreeMap<String, String>,
    /// Their limits.
    limits: BTreeMap<String, String>,
}

/// A node with pods.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct NodeRow {
    /// Its name, or its pool's with a number.
    node: String,
    /// Pods by workload.
    pods: BTreeMap<String, u64>,
    /// What is requested of it, in percent.
    used_percent: BTreeMap<String, u64>,
}

/// Pods without a place.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pending {
    /// The workload.
    object: String,
    /// How many of its pods.
    pods: u64,
    /// Why.
    reason: String,
}

/// A pool and the nodes of it that are needed.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PoolRow {
    /// Its name.
    pool: String,
    /// Nodes; nothing where some pod fits none of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes: Option<u64>,
    /// Fewer cannot do.
    at_least: u64,
    /// Price of them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<f64>,
    /// What is requested of them, in percent.
    used_percent: BTreeMap<String, u64>,
    /// Why it does not do.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Tool for PlanCapacity {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        let scenario = match input.scenario.as_deref() {
            Some("steady") => Scenario::Steady,
            None | Some("rollout") => Scenario::Rollout,
            Some("max") => Scenario::Max,
            Some("maxRollout") => Scenario::MaxRollout,
            Some(_) => {
                let accepted = "\"steady\", \"rollout\", \"max\" or \"maxRollout\"";
                return Err(ToolError::invalid("/scenario", "is no scenario", accepted));
            }
        };
        let mut manifests = Manifests::read(input.source.as_deref(), input.files.as_deref())?.with_typed_lists_cut();
        let classes = classes(input.nodes.as_deref(), &manifests)?;
        let mut findings = std::mem::take(&mut manifests.findings);
        let demands = demand::demands(&manifests, &mut findings);
        missing(&manifests, &demands, &mut findings);
        quotas::ranges(&manifests, &demands, &mut findings);
        let nodes = classes.iter().filter_map(|class| class.count).sum();
        let quotas = quotas::quotas(&manifests, &demands, nodes, &mut findings);
        let mut plan = Plan::new(&demands, &classes, scenario);
        let data_nodes = plan.place();
        let pending = plan.pending(&manifests, &mut findings);
        let pools = plan.pools();
        let cheapest = cheapest(&pools);
        let summary = summary(&demands, &plan, &data_nodes, &pending, &pools, cheapest.as_deref());
        let is_cut = manifests.is_cut || findings.len() > MAX_FINDINGS;
        findings.sort_by_key(|finding| finding.level);
        findings.dedup();
        findings.truncate(MAX_FINDINGS);
        let skipped = plan.skipped;
        let data = Data {
            workloads: demands.iter().take(MAX_ROWS).map(row).collect(),
            totals: SCENARIOS.iter().map(|scenario| total(&demands, *scenario)).collect(),
            quotas,
            scenario,
            nodes: data_nodes.into_iter().take(MAX_ROWS).collect(),
            pending,
            pools,
            cheapest,
        };
        let mut report = Report::checked(findings, data).over_files(manifests.texts.len());
        if let Some(summary) = summary {
            report = report.with_summary(summary);
        }
        if skipped {
            report = report.not_checked(format!("packing: more than {MAX_PODS} pods or {MAX_KINDS} workloads"));
        }
        Ok(if is_cut { report.not_checked(format!("findings beyond the first {MAX_FINDINGS}")) } else { report })
    }
}

fn shown(amounts: &Amounts) -> BTreeMap<String, String> {
    amounts.iter().map(|(name, amount)| (excerpt(name), amount.to_string())).collect()
}

fn row(demand: &Demand<'_>) -> WorkloadRow {
    let pods = match demand.count {
        Count::Fixed(counts) => Some(counts),
        Count::EveryNode => None,
    };
    WorkloadRow {
        object: demand.object.title(),
        pods,
        qos: demand.qos,
        requests: shown(&demand.requests),
        limits: shown(&demand.limits),
    }
}

fn total(demands: &[Demand<'_>], scenario: Scenario) -> Total {
    let (mut requests, mut limits, mut pods) = (Amounts::new(), Amounts::new(), 0_u64);
    for demand in demands {
        let count = demand.pods(scenario);
        pods = pods.saturating_add(count);
        add(&mut requests, &demand.requests, count);
        add(&mut limits, &demand.limits, count);
    }
    Total { scenario, pods, requests: shown(&requests), limits: shown(&limits) }
}

fn missing(manifests: &Manifests<'_>, demands: &[Demand<'_>], findings: &mut Vec<Finding>) {
    for demand in demands.iter().filter(|demand| !demand.unrequested.is_empty()) {
        let message =
            format!("{}: some container requests no {}", demand.object.title(), demand.unrequested.join(" and no "));
        findings.push(manifests.finding_in(demand.object, &rules::REQUEST, demand.pod.spec, message));
    }
}

fn cheapest(pools: &[PoolRow]) -> Option<String> {
    let priced = pools.iter().filter_map(|pool| Some((pool.cost?, pool)));
    priced.min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.pool.cmp(&b.1.pool))).map(|(_, pool)| pool.pool.clone())
}

fn summary(
    demands: &[Demand<'_>],
    plan: &Plan<'_, '_>,
    nodes: &[NodeRow],
    pending: &[Pending],
    pools: &[PoolRow],
    cheapest: Option<&str>,
) -> Option<String> {
    let pods: u64 = demands.iter().map(|demand| demand.pods(plan.scenario)).sum();
    if let Some(pool) = cheapest.and_then(|name| pools.iter().find(|pool| pool.pool == name)) {
        return Some(format!(
            "{pods} pods; cheapest pool {name}: {nodes} nodes",
            name = pool.pool,
            nodes = pool.nodes.unwrap_or_default()
        ));
    }
    if !nodes.is_empty() {
        let left: u64 = pending.iter().map(|one| one.pods).sum();
        return Some(format!("{pods} pods on {} nodes, {left} pending", nodes.len()));
    }
    None
}

// The resources that are packed, in a fixed order.
struct Plan<'p, 'm> {
    demands: &'p [Demand<'m>],
    classes: &'p [Class],
    scenario: Scenario,
    dimensions: Vec<String>,
    // The workloads that are packed, by place among the demands.
    packed: Vec<usize>,
    kinds: Vec<Kind>,
    left: Vec<u64>,
    skipped: bool,
}

impl<'p, 'm> Plan<'p, 'm> {
    fn new(demands: &'p [Demand<'m>], classes: &'p [Class], scenario: Scenario) -> Self {
        let mut names: BTreeSet<String> = ["cpu", "memory", "pods"].map(str::to_owned).into();
        names.extend(demands.iter().flat_map(|demand| demand.requests.keys().cloned()));
        let packed: Vec<usize> =
            (0..demands.len()).filter(|at| demands.get(*at).is_some_and(|demand| demand.pods(scenario) > 0)).collect();
        let total = demands.iter().fold(0_u64, |sum, demand| sum.saturating_add(demand.pods(scenario)));
        let mut plan = Self {
            demands,
            classes,
            scenario,
            dimensions: names.into_iter().collect(),
            packed,
            kinds: Vec::new(),
            left: Vec::new(),
            skipped: false,
        };
        if classes.is_empty() {
            return plan;
        }
        if total > MAX_PODS || plan.packed.len() > MAX_KINDS {
            plan.skipped = true;
            plan.packed.clear();
            return plan;
        }
        plan.kinds = plan.packed.iter().filter_map(|at| plan.kind(*at)).collect();
        plan.left = plan.kinds.iter().map(|kind| kind.count).collect();
        plan
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        let demand = self.demands.get(at)?;
        let apart = |(place, other): (usize, &usize)| {
            self.demands.get(*other).filter(|other| are_apart(demand, other)).map(|_| place)
        };
        Some(Kind {
            size: self.size(demand),
            count: demand.pods(self.scenario),
            apart: self.packed.iter().enumerate().filter_map(apart).collect(),
            takes: self.classes.iter().map(|class| class.refuses(demand).is_none()).collect(),
        })
    }

    fn size(&self, demand: &Demand<'_>) -> Vec<i64> {
        let one = |name: &String| {
            if name == "pods" { 1 } else { scaled(name, demand.requests.get(name).copied().unwrap_or_default()) }
        };
        self.dimensions.iter().map(one).collect()
    }

    // What a node of a class has left for pods when every DaemonSet that runs there has its own.
    fn room(&self, at: usize) -> Option<Room> {
        let class = self.classes.get(at)?;
        let whole = |name: &String| floor_scaled(name, class.allocatable.get(name).copied().unwrap_or_default());
        let mut free: Vec<i64> = self.dimensions.iter().map(whole).collect();
        for demand in self.daemons(class) {
            for (free, size) in free.iter_mut().zip(self.size(demand)) {
                *free = free.saturating_sub(size);
            }
        }
        Some(Room { class: at, free })
    }

    fn daemons<'s>(&'s self, class: &'s Class) -> impl Iterator<Item = &'s Demand<'m>> {
        self.demands.iter().filter(|demand| demand.count == Count::EveryNode && class.refuses(demand).is_none())
    }

    // Places the pods on the nodes there are.
    fn place(&mut self) -> Vec<NodeRow> {
        let mut rooms = Vec::new();
        let mut names = Vec::new();
        for (at, class) in self.classes.iter().enumerate() {
            for number in 0..class.count.unwrap_or_default() {
                rooms.extend(self.room(at));
                names.push(if class.count == Some(1) {
                    class.name.clone()
                } else {
                    format!("{}-{}", class.name, number + 1)
                });
            }
        }
        if rooms.is_empty() || self.skipped {
            return Vec::new();
        }
        let placement = place(&self.kinds, &rooms);
        self.left = placement.left;
        placement.nodes.iter().zip(names).map(|(node, name)| self.node_row(name, node)).collect()
    }

    fn node_row(&self, node: String, packed: &Packed) -> NodeRow {
        let mut pods = BTreeMap::new();
        for (kind, count) in &packed.pods {
            if let Some(demand) = self.packed.get(*kind).and_then(|at| self.demands.get(*at)) {
                *pods.entry(demand.object.title()).or_insert(0) += count;
            }
        }
        if let Some(class) = self.classes.get(packed.class) {
            for demand in self.daemons(class) {
                *pods.entry(demand.object.title()).or_insert(0) += 1;
            }
        }
        NodeRow { node, pods, used_percent: self.used(packed.class, std::slice::from_ref(packed)) }
    }

    // What pods request of nodes of one class, in percent of what they have.
    fn used(&self, class: usize, nodes: &[Packed]) -> BTreeMap<String, u64> {
        let Some(class) = self.classes.get(class) else { return BTreeMap::new() };
        let mut used = vec![0_i128; self.dimensions.len()];
        let mut put = |size: &[i64], count: u64| {
            for (used, size) in used.iter_mut().zip(size) {
                *used += i128::from(*size) * i128::from(count);
            }
        };
        for node in nodes {
            for (kind, count) in &node.pods {
                if let Some(kind) = self.kinds.get(*kind) {
                    put(&kind.size, *count);
                }
            }
            for demand in self.daemons(class) {
                put(&self.size(demand), 1);
            }
        }
        let count = i128::try_from(nodes.len()).unwrap_or(i128::MAX).max(1);
        let percent = |(name, used): (&String, &i128)| {
            let whole =
                i128::from(floor_scaled(name, class.allocatable.get(name).copied().unwrap_or_default())) * count;
            (whole > 0).then(|| (excerpt(name), u64::try_from(used * 100 / whole).unwrap_or_default()))
        };
        self.dimensions.iter().zip(&used).filter_map(percent).collect()
    }

    // Why pods found no place on the nodes there are, where there are only such.
    fn pending(&self, manifests: &Manifests<'_>, findings: &mut Vec<Finding>) -> Vec<Pending> {
        let mut found = Vec::new();
        if self.classes.is_empty() || self.skipped {
            return found;
        }
        let grows = self.classes.iter().any(|class| class.count.is_none());
        for ((at, left), kind) in self.packed.iter().zip(&self.left).zip(&self.kinds) {
            let Some(demand) = self.demands.get(*at).filter(|_| *left > 0) else { continue };
            let reasons: Vec<(bool, String)> =
                (0..self.classes.len()).filter_map(|class| self.why(demand, kind, class)).collect();
            let nowhere = reasons.len() == self.classes.len();
            let mut told: Vec<String> = reasons.into_iter().map(|(_, reason)| reason).collect();
            told.sort();
            told.dedup();
            told.truncate(5);
            let reason = if nowhere { told.join("; ") } else { "the nodes that take it are full".to_owned() };
            if nowhere || !grows {
                let rule = if nowhere { &rules::UNSCHEDULABLE } else { &rules::FULL };
                let message = format!("{}: {left} pods find no place: {reason}", demand.object.title());
                findings.push(manifests.finding_in(demand.object, rule, demand.pod.spec, message));
            }
            if nowhere || !grows {
                found.push(Pending { object: demand.object.title(), pods: *left, reason });
            }
        }
        found
    }

    // Why a class of nodes takes no pod of a workload even when it is empty.
    fn why(&self, demand: &Demand<'_>, kind: &Kind, class: usize) -> Option<(bool, String)> {
        let name = &self.classes.get(class)?.name;
        if let Some(reason) = self.classes.get(class)?.refuses(demand) {
            return Some((true, format!("{name} {reason}")));
        }
        let room = self.room(class)?;
        let short =
            self.dimensions.iter().zip(kind.size.iter().zip(&room.free)).find(|(_, (size, free))| size > free)?;
        Some((false, format!("{name} has too little {}", excerpt(short.0))))
    }

    // The fewest nodes of each pool that hold everything that is left.
    fn pools(&self) -> Vec<PoolRow> {
        let mut rows = Vec::new();
        if self.skipped {
            return rows;
        }
        let kinds: Vec<Kind> =
            self.kinds.iter().zip(&self.left).map(|(kind, left)| Kind { count: *left, ..kind.clone() }).collect();
        for (at, class) in self.classes.iter().enumerate().filter(|(_, class)| class.count.is_none()) {
            let Some(room) = self.room(at) else { continue };
            let at_least = lower_bound(&kinds, &room);
            let packed = fewest(&kinds, &room);
            let misfit = || {
                let misfits = self.packed.iter().zip(&kinds).filter(|(_, kind)| kind.count > 0);
                let mut reasons = misfits.filter_map(|(place, kind)| {
                    let demand = self.demands.get(*place)?;
                    self.why(demand, kind, at).map(|(_, reason)| format!("{}: {reason}", demand.object.title()))
                });
                reasons.next().unwrap_or_else(|| "a pod fits no node".to_owned())
            };
            let nodes = packed.as_ref().map(|nodes| u64::try_from(nodes.len()).unwrap_or(u64::MAX));
            #[expect(clippy::cast_precision_loss, reason = "far fewer nodes than 2^52")]
            let cost = nodes.zip(class.price).map(|(nodes, price)| nodes as f64 * price);
            rows.push(PoolRow {
                pool: class.name.clone(),
                nodes,
                at_least,
                cost,
                used_percent: packed.as_ref().map(|nodes| self.used(at, nodes)).unwrap_or_default(),
                reason: packed.is_none().then(misfit),
            });
        }
        rows
    }
}

// The scheduler's units: thousandths of a CPU, whole units of everything else; what is asked for is rounded up.
fn scaled(name: &str, amount: Quantity) -> i64 {
    let whole = if name == "cpu" { amount.milli_up() } else { amount.units_up() };
    i64::try_from(whole).unwrap_or(i64::MAX / 4).clamp(0, i64::MAX / 4)
}

// What there is is rounded down.
fn floor_scaled(name: &str, amount: Quantity) -> i64 {
    let unit = if name == "cpu" { 1_000_000 } else { 1_000_000_000 };
    i64::try_from(amount.nanos().div_euclid(unit)).unwrap_or(i64::MAX / 4).clamp(0, i64::MAX / 4)
}
