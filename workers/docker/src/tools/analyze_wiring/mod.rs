//! `analyze_wiring`: what leads where among manifests, and who can talk to whom under their network policies.
//!
//! This file declares the tool and puts the data together; `peers` says who there is, `network` what the policies allow,
//! `references` what names something that is not there.

mod network;
mod peers;
mod ports;
mod references;
mod rules;

use crate::support::kubernetes::objects::{Manifests, text};
use crate::support::yaml::Node;
use network::{Peer, Policies};
use octavo_toolkit::limits::{check_bytes, excerpt};
use octavo_toolkit::suggest::nearest;
use octavo_toolkit::{Ctx, Finding, Report, SourceFile, Tool, ToolError, declare_tool};
use peers::{Backend, Service, Workload};
use ports::{Block, Ports};
use references::References;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

declare_tool! {
    /// Joins the objects of an application: Services and the pods behind them, target ports, Ingress and Route backends,
    /// autoscalers and disruption budgets and what they aim at, volumes, ConfigMaps and Secrets with their keys, service
    /// accounts, roles. What names something that is not there is a finding, under kube-linter's ids where it has one.
    ///
    /// It also computes which workload can reach which, and which addresses outside, under NetworkPolicy, AdminNetworkPolicy
    /// and BaselineAdminNetworkPolicy: exact sets of ports for each pair. Name two workloads in `from` and `to` to get the
    /// policies and rules that allow or deny that pair.
    ///
    /// Use it before applying manifests and when a connection fails. Send everything that is deployed together: what is not in
    /// the input is taken as missing. Connections inside one workload, IPv6 blocks and traffic of the nodes are not modelled.
    pub struct AnalyzeWiring;
    name: "analyze_wiring",
    title: "Analyze the wiring of Kubernetes objects",
    summary: "Joins Kubernetes manifests: dangling selectors, ports, references, HPA and PDB targets, and which pods reach which under NetworkPolicies. Use when a connection fails; send all manifests.",
    keywords: "NetworkPolicy reachability connectivity matrix who can talk to firewall netpol-analyzer kube-linter kube-score service selector labels targetPort endpoints ingress backend configmap secret volume service account missing broken link allow deny egress isolate namespace",
    examples: [
        "a typo in a selector, and what a policy allows" => r#"{"source":"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: \"web:1\"}]}\n---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db, namespace: shop}\nspec:\n  serviceName: db\n  selector: {matchLabels: {app: db}}\n  template:\n    metadata: {labels: {app: db}}\n    spec: {containers: [{name: db, image: \"db:1\", ports: [{name: sql, containerPort: 5432}]}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: bd}, ports: [{port: 5432}]}\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: db, namespace: shop}\nspec:\n  podSelector: {matchLabels: {app: db}}\n  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: sql}]}]\n","from":"web","to":"db"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "what is in the cluster and not in the input",
        "IPv6 blocks, node peers and egress by domain name in policies",
        "secondary networks, service meshes and vendor policies (Calico, Cilium)",
    ],
}

/// Most workloads that are joined pair by pair.
const MAX_WORKLOADS: usize = 300;

/// Most ranges of addresses outside that are told apart.
const MAX_CELLS: usize = 2_000;

/// Most pairs of a workload and a range of addresses: a second's work, and twice the largest of netpol-analyzer's cases.
const MAX_OUTSIDE_PAIRS: usize = 100_000;

/// Most peers and ports of rules that are looked at for all pairs together, each once for each pair of a workload that its policy
/// selects: a fraction of a second, and forty rules of three for each of 300 workloads.
pub const MAX_RULE_LOOKS: usize = 12_000_000;

/// Most pairs that are explained: a name may be in many namespaces.
pub const MAX_EXPLANATIONS: usize = 50;

/// Most ports of services that are looked at for the backends of Ingresses and Routes, each for every workload behind its service.
pub const MAX_INCOMING_LOOKS: usize = 500_000;

/// Most workloads listed behind all services together, each once for each service: more than a report can show.
pub const MAX_BEHIND: usize = 20_000;

/// Most objects that are joined: selectors are compared with every workload.
const MAX_JOINED_OBJECTS: usize = 5_000;

/// Most connections in the data; the summary counts all.
const MAX_CONNECTIONS: usize = 20_000;

/// Most findings kept.
const MAX_FINDINGS: usize = 10_000;

/// Longest name of a workload in an argument, in bytes.
const MAX_NAME_BYTES: usize = 512;

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
    /// Explain connections from this workload (name or namespace/name).
    #[serde(default)]
    from: Option<String>,
    /// To this one.
    #[serde(default)]
    to: Option<String>,
}

/// What was joined.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The workloads, `namespace/name[Kind]`.
    workloads: Vec<String>,
    /// The services that select pods.
    services: Vec<ServiceRow>,
    /// Whether any policy restricts the network.
    restricted: bool,
    /// Who may open connections to whom; pairs that may not are left out.
    connections: Vec<Connection>,
    /// Why the pair asked for may or may not.
    explanations: Vec<Explanation>,
}

/// A service and what is behind it.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ServiceRow {
    /// `namespace/name`.
    service: String,
    /// The workloads that it selects.
    workloads: Vec<String>,
}

/// Something that may be reached.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// A workload, a range of addresses, or `{ingress-controller}`.
    from: String,
    /// A workload or a range of addresses.
    to: String,
    /// `TCP 80,443`, or `All Connections`.
    ports: String,
}

/// Why a pair may or may not talk.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// Who asks.
    from: String,
    /// Who is asked.
    to: String,
    /// What both ends allow.
    ports: String,
    /// What the policies of the sender say.
    egress: Vec<String>,
    /// What the policies of the receiver say.
    ingress: Vec<String>,
}

impl Tool for AnalyzeWiring {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        for (pointer, name) in [("/from", &input.from), ("/to", &input.to)] {
            check_bytes(pointer, name.as_deref().unwrap_or_default(), MAX_NAME_BYTES)?;
        }
        let mut manifests = Manifests::read(input.source.as_deref(), input.files.as_deref())?.with_typed_lists_cut();
        let mut findings = std::mem::take(&mut manifests.findings);
        manifests.is_cut |= manifests.objects.len() > MAX_JOINED_OBJECTS;
        manifests.objects.truncate(MAX_JOINED_OBJECTS);
        let workloads = peers::workloads(&manifests.objects);
        let services = peers::services(&manifests.objects, &workloads);
        let backends = peers::backends(&manifests.objects);
        let mut references = References::new(&manifests, &workloads);
        references.check(&services, &backends);
        findings.append(&mut references.found);
        let mut everybody = workloads.clone();
        everybody.push(Workload::ingress_controller());
        let policies =
            Policies::read(&manifests.objects, peers::namespaces(&manifests.objects, &everybody), &workloads);
        let pairs = Pairs::of(&policies, &workloads);
        let (mut connections, is_cut) = pairs.connections();
        let (from_outside, is_incoming_cut) =
            incoming(&policies, &workloads, &services, &backends, &manifests, &mut findings);
        connections.extend(from_outside);
        connections.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
        not_isolated(&policies, &workloads, &manifests, &mut findings);
        let (explanations, is_explained_in_part) = pairs.explanations(input.from.as_deref(), input.to.as_deref())?;
        let wanted = |connection: &Connection| {
            let fits = |given: Option<&str>, title: &str| given.is_none_or(|name| is_called(title, name));
            fits(input.from.as_deref(), &connection.from) && fits(input.to.as_deref(), &connection.to)
        };
        connections.retain(wanted);
        let total = connections.len();
        connections.truncate(MAX_CONNECTIONS);
        let (mut left, mut is_behind_cut) = (MAX_BEHIND, false);
        let row = |service: &Service<'_>| {
            is_behind_cut |= service.workloads.len() > left;
            let behind = service.workloads.iter().take(left);
            let behind: Vec<String> = behind.filter_map(|at| Some(workloads.get(*at)?.title.clone())).collect();
            left -= behind.len();
            let service = excerpt(&format!("{}/{}", service.object.namespace_or_default(), service.object.name));
            ServiceRow { service, workloads: behind }
        };
        let data = Data {
            workloads: workloads.iter().map(|workload| workload.title.clone()).collect(),
            services: services.iter().filter(|service| service.has_selector).map(row).collect(),
            restricted: !policies.is_empty(),
            connections,
            explanations,
        };
        let kept = findings.len() <= MAX_FINDINGS && !manifests.is_cut;
        findings.sort_by_key(|finding| finding.level);
        findings.truncate(MAX_FINDINGS);
        let mut report = Report::checked(findings, data).over_files(manifests.texts.len());
        if is_cut {
            report = report.not_checked(format!(
                "connections beyond {} workloads and {} ranges of addresses",
                pairs.most, pairs.most_cells
            ));
        }
        if is_behind_cut {
            report = report.not_checked(format!("lists of workloads behind services beyond the first {MAX_BEHIND}"));
        }
        if is_incoming_cut {
            report = report.not_checked("what more Ingresses and Routes lead in, for the number of their backends");
        }
        if is_explained_in_part {
            report = report.not_checked(format!("explanations beyond the first {MAX_EXPLANATIONS} pairs"));
        }
        if total > MAX_CONNECTIONS {
            report = report.not_checked(format!("connections beyond the first {MAX_CONNECTIONS} of {total}"));
        }
        Ok(if kept {
            report
        } else {
            report.not_checked(format!(
                "objects beyond the first {MAX_JOINED_OBJECTS}, findings beyond the first {MAX_FINDINGS}"
            ))
        })
    }
}

// Everybody with everybody.
struct Pairs<'w> {
    policies: &'w Policies,
    workloads: &'w [Workload],
    cells: Vec<Block>,
    // How many workloads are joined, and how many ranges with each.
    most: usize,
    most_cells: usize,
}

impl<'w> Pairs<'w> {
    fn of(policies: &'w Policies, workloads: &'w [Workload]) -> Self {
        let (mut looks, mut most) = (0_usize, 0);
        for workload in workloads.iter().take(MAX_WORKLOADS) {
            // Its rules are looked at once for each partner.
            let with = looks.saturating_add(policies.weight(workload));
            if with.saturating_mul(most + 1) > MAX_RULE_LOOKS {
                break;
            }
            (looks, most) = (with, most + 1);
        }
        let most_cells = (MAX_OUTSIDE_PAIRS / workloads.len().clamp(1, MAX_WORKLOADS)).min(MAX_CELLS);
        let most_cells = most_cells.min(MAX_RULE_LOOKS / looks.max(1));
        Self { policies, workloads, cells: Block::cells(&policies.blocks()), most, most_cells }
    }

    fn ends(&self) -> impl Iterator<Item = (String, Peer<'w>)> + '_ {
        let inside =
            self.workloads.iter().take(self.most).map(|workload| (workload.title.clone(), Peer::Pods(workload)));
        let outside =
            self.cells.iter().take(self.most_cells).map(|cell| (format!("{cell}[External]"), Peer::Outside(*cell)));
        inside.chain(outside)
    }

    fn connections(&self) -> (Vec<Connection>, bool) {
        let workloads = || self.workloads.iter().take(self.most);
        let mut found = Vec::new();
        let mut put = |from: &str, to: &str, ports: &Ports| {
            if !ports.is_empty() {
                found.push(Connection { from: from.to_owned(), to: to.to_owned(), ports: ports.to_string() });
            }
        };
        for workload in workloads() {
            for other in workloads().filter(|other| other.title != workload.title) {
                put(&workload.title, &other.title, &self.policies.allowed(Peer::Pods(workload), Peer::Pods(other)));
            }
            for (range, ports) in self.outside(|cell| self.policies.allowed(Peer::Pods(workload), Peer::Outside(cell)))
            {
                put(&workload.title, &range, &ports);
            }
            for (range, ports) in self.outside(|cell| self.policies.allowed(Peer::Outside(cell), Peer::Pods(workload)))
            {
                put(&range, &workload.title, &ports);
            }
        }
        (found, self.workloads.len() > self.most || self.cells.len() > self.most_cells)
    }

    // Ranges of addresses of which the same holds, neighbours joined.
    fn outside(&self, allowed: impl Fn(Block) -> Ports) -> Vec<(String, Ports)> {
        let mut joined: Vec<(Block, Ports)> = Vec::new();
        for cell in self.cells.iter().take(self.most_cells) {
            let ports = allowed(*cell);
            match joined.last_mut() {
                Some((range, known)) if *known == ports => range.last = cell.last,
                _ => joined.push((*cell, ports)),
            }
        }
        joined.into_iter().map(|(range, ports)| (format!("{range}[External]"), ports)).collect()
    }

    // The reasons of the pairs that arguments name; one of them is enough when it has few partners.
    fn explanations(&self, from: Option<&str>, to: Option<&str>) -> Result<(Vec<Explanation>, bool), ToolError> {
        for (pointer, name) in [("/from", from), ("/to", to)] {
            let Some(name) = name else { continue };
            if !self.ends().any(|(title, _)| is_called(&title, name)) {
                let names: Vec<&str> = self.workloads.iter().map(|workload| workload.name.as_str()).collect();
                let near = nearest(name, names.iter().copied()).or(names.first().copied());
                let accepted = near.map_or_else(
                    || "a workload; the input has none".to_owned(),
                    |near| format!("a workload such as {:?}", excerpt(near)),
                );
                return Err(ToolError::invalid(pointer, "names no workload of the input", accepted));
            }
        }
        let (Some(from), Some(to)) = (from, to) else { return Ok((Vec::new(), false)) };
        let mut found = Vec::new();
        for (sender_title, sender) in self.ends().filter(|(title, _)| is_called(title, from)) {
            for (receiver_title, receiver) in self.ends().filter(|(title, _)| is_called(title, to)) {
                if sender_title == receiver_title {
                    continue;
                }
                if found.len() == MAX_EXPLANATIONS {
                    return Ok((found, true));
                }
                let (ports, egress, ingress) = self.policies.explain(sender, receiver);
                found.push(Explanation {
                    from: sender_title.clone(),
                    to: receiver_title,
                    ports: ports.to_string(),
                    egress,
                    ingress,
                });
            }
        }
        Ok((found, false))
    }
}

// Whether a title (`shop/web[Deployment]`) is what a name (`web`, `shop/web`) means.
fn is_called(title: &str, name: &str) -> bool {
    let bare = title.rsplit_once('[').map_or(title, |(bare, _)| bare);
    title == name || bare == name || bare.rsplit_once('/').is_some_and(|(_, own)| own == name)
}

// What comes in through Ingresses and Routes, where the policies of the pods let it.
fn incoming(
    policies: &Policies,
    workloads: &[Workload],
    services: &[Service<'_>],
    backends: &[Backend<'_>],
    manifests: &Manifests<'_>,
    findings: &mut Vec<Finding>,
) -> (Vec<Connection>, bool) {
    let controller = Workload::ingress_controller();
    let mut asked: BTreeMap<usize, Ports> = BTreeMap::new();
    let mut places: BTreeMap<(&str, &str), &Service<'_>> = BTreeMap::new();
    for service in services {
        places.entry((service.object.namespace_or_default(), &service.object.name)).or_insert(service);
    }
    let mut by_policies: BTreeMap<usize, Ports> = BTreeMap::new();
    let mut looks = 0_usize;
    for backend in backends {
        let Some(service) = places.get(&(backend.object.namespace_or_default(), backend.service.as_str())) else {
            continue;
        };
        let ports = service.object.at(&["spec", "ports"]).map_or(&[][..], Node::items);
        let is_meant = |port: &&Node| match backend.port {
            None => true,
            Some(wanted) => {
                let same = |key: &str| port.get(key).and_then(Node::scalar_text) == wanted.scalar_text();
                let by_name = text(port, "name").is_some_and(|name| wanted.as_str() == Some(name));
                same("port") || by_name || (backend.object.kind == "Route" && same("targetPort"))
            }
        };
        looks = looks.saturating_add((1 + ports.len()).saturating_mul(service.workloads.len()));
        if looks > MAX_INCOMING_LOOKS {
            break;
        }
        for at in &service.workloads {
            let Some(workload) = workloads.get(*at) else { continue };
            let wanted = ports
                .iter()
                .filter(is_meant)
                .fold(Ports::default(), |all, port| all.union(&Service::target(port, workload)));
            let allowed = by_policies
                .entry(*at)
                .or_insert_with(|| policies.allowed(Peer::Pods(&controller), Peer::Pods(workload)));
            if !wanted.is_empty() && wanted.intersection(allowed).is_empty() {
                let what =
                    format!("{}: NetworkPolicies keep it from {} ({wanted})", backend.object.title(), workload.title);
                findings.push(manifests.finding_in(backend.object, &rules::BLOCKED, backend.node, what));
            }
            let ports = wanted.intersection(allowed);
            asked.entry(*at).and_modify(|known| *known = known.union(&ports)).or_insert(ports);
        }
    }
    let row = |(at, ports): (usize, Ports)| {
        let workload = workloads.get(at).filter(|_| !ports.is_empty())?;
        Some(Connection { from: controller.title.clone(), to: workload.title.clone(), ports: ports.to_string() })
    };
    (asked.into_iter().filter_map(row).collect(), looks > MAX_INCOMING_LOOKS)
}

fn not_isolated(policies: &Policies, workloads: &[Workload], manifests: &Manifests<'_>, findings: &mut Vec<Finding>) {
    if policies.is_empty() {
        return;
    }
    for workload in workloads.iter().filter(|workload| !policies.isolates(workload)) {
        if let Some(object) = workload.object.and_then(|at| manifests.objects.get(at)) {
            let node = object.at(&["metadata", "name"]).unwrap_or(&object.root);
            let message = format!("{}: no NetworkPolicy selects its pods", object.title());
            findings.push(manifests.finding_in(object, &rules::NOT_ISOLATED, node, message));
        }
    }
}
