//! What `NetworkPolicy`, `AdminNetworkPolicy` and `BaselineAdminNetworkPolicy` allow, as sets of ports between peers.
//!
//! A direction of a workload is judged in tiers: rules of admin policies by priority, each taking its ports out of what is
//! left; then the plain policies that select the workload, which together allow what any of them allows; where there is none,
//! the baseline; and what nobody speaks of is allowed.

use super::peers::{Workload, number, protocol};
use super::ports::{Block, PROTOCOLS, Ports};
use crate::support::kubernetes::objects::{Object, selector, text};
use crate::support::kubernetes::selector::{Labels, Selector};
use crate::support::yaml::Node;
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeMap;

/// One end of a connection.
#[derive(Clone, Copy)]
pub(super) enum Peer<'w> {
    Pods(&'w Workload),
    Outside(Block),
}

/// A direction, seen from the workload that a policy selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    const fn field(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    const fn peers(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Allow,
    Deny,
    Pass,
}

enum PeerRule {
    Pods { namespaces: Option<Selector>, pods: Selector },
    Blocks { block: Block, except: Vec<Block> },
    Nothing,
}

enum PortRule {
    Range(&'static str, u16, u16),
    Named(&'static str, String),
    // A port of that name, of any protocol.
    AnyNamed(String),
}

struct Rule {
    // What it is called in an explanation.
    title: String,
    action: Action,
    // No list takes every peer; so does no list of ports.
    peers: Option<Vec<PeerRule>>,
    ports: Option<Vec<PortRule>>,
}

struct Policy {
    title: String,
    // The namespace of a NetworkPolicy.
    namespace: Option<String>,
    namespaces: Option<Selector>,
    pods: Selector,
    priority: i128,
    ingress: Option<Vec<Rule>>,
    egress: Option<Vec<Rule>>,
    // How much is looked at of it.
    weight: usize,
}

impl PeerRule {
    fn weight(&self) -> usize {
        match self {
            Self::Pods { namespaces, pods } => 1 + pods.weight() + namespaces.as_ref().map_or(0, Selector::weight),
            Self::Blocks { except, .. } => 1 + except.len(),
            Self::Nothing => 1,
        }
    }
}

impl Policy {
    fn weighed(mut self) -> Self {
        let rule = |rule: &Rule| {
            let peers: usize = rule.peers.iter().flatten().map(PeerRule::weight).sum();
            1 + peers + rule.ports.as_ref().map_or(0, Vec::len)
        };
        self.weight = 1 + self.ingress.iter().chain(&self.egress).flatten().map(rule).sum::<usize>();
        self
    }

    fn rules(&self, direction: Direction) -> Option<&[Rule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }
}

/// The policies of a call.
pub(super) struct Policies {
    admin: Vec<Policy>,
    plain: Vec<Policy>,
    baseline: Vec<Policy>,
    namespaces: BTreeMap<String, Labels>,
    // Which policies select each workload, by its title: admin, plain, baseline.
    selecting: BTreeMap<String, [Vec<usize>; 3]>,
}

/// Why something is allowed or not, in one sentence a policy.
pub(super) type Reasons = Vec<String>;

impl Policies {
    pub(super) fn read(objects: &[Object], namespaces: BTreeMap<String, Labels>, workloads: &[Workload]) -> Self {
        let mut policies =
            Self { admin: Vec::new(), plain: Vec::new(), baseline: Vec::new(), namespaces, selecting: BTreeMap::new() };
        for object in objects {
            match (object.kind.as_str(), object.group()) {
                ("NetworkPolicy", "networking.k8s.io" | "extensions") => policies.plain.push(plain(object).weighed()),
                ("AdminNetworkPolicy", "policy.networking.k8s.io") => policies.admin.push(admin(object).weighed()),
                ("BaselineAdminNetworkPolicy", "policy.networking.k8s.io") => {
                    policies.baseline.push(admin(object).weighed());
                }
                _ => {}
            }
        }
        policies.admin.sort_by(|a, b| (a.priority, &a.title).cmp(&(b.priority, &b.title)));
        for workload in workloads {
            let chosen = |list: &[Policy]| {
                list.iter()
                    .enumerate()
                    .filter(|(_, policy)| policies.selects(policy, workload))
                    .map(|(at, _)| at)
                    .collect()
            };
            let selecting = [chosen(&policies.admin), chosen(&policies.plain), chosen(&policies.baseline)];
            policies.selecting.insert(workload.title.clone(), selecting);
        }
        policies
    }

    pub(super) fn is_empty(&self) -> bool {
        self.admin.is_empty() && self.plain.is_empty() && self.baseline.is_empty()
    }

    /// Every block of addresses that a rule names.
    pub(super) fn blocks(&self) -> Vec<Block> {
        let mut found = Vec::new();
        for policy in self.admin.iter().chain(&self.plain).chain(&self.baseline) {
            for rule in policy.ingress.iter().chain(&policy.egress).flatten() {
                for peer in rule.peers.iter().flatten() {
                    if let PeerRule::Blocks { block, except } = peer {
                        found.push(*block);
                        found.extend(except);
                    }
                }
            }
        }
        found
    }

    /// How much is looked at of the policies that select a workload for one connection from or to it.
    pub(super) fn weight(&self, workload: &Workload) -> usize {
        let Some([admin, plain, baseline]) = self.selecting.get(&workload.title) else { return 0 };
        let of = |list: &[Policy], chosen: &[usize]| -> usize {
            chosen.iter().filter_map(|at| list.get(*at)).map(|policy| policy.weight).sum()
        };
        let ordered = of(&self.admin, admin) + of(&self.baseline, baseline);
        // Each rule takes its ports out of what those before left.
        of(&self.plain, plain) + ordered + ordered.saturating_mul(ordered) / 16
    }

    /// Whether a plain policy selects a workload, in any direction.
    pub(super) fn isolates(&self, workload: &Workload) -> bool {
        self.selecting.get(&workload.title).is_some_and(|[_, plain, _]| !plain.is_empty())
    }

    /// What may go from one peer to another: what both ends allow.
    pub(super) fn allowed(&self, from: Peer<'_>, to: Peer<'_>) -> Ports {
        let egress = self.side(from, to, Direction::Egress, None);
        if egress.is_empty() {
            return egress;
        }
        egress.intersection(&self.side(to, from, Direction::Ingress, None))
    }

    /// The same with the reasons: those of the sender, then those of the receiver.
    pub(super) fn explain(&self, from: Peer<'_>, to: Peer<'_>) -> (Ports, Reasons, Reasons) {
        let (mut egress, mut ingress) = (Reasons::new(), Reasons::new());
        let out = self.side(from, to, Direction::Egress, Some(&mut egress));
        let into = self.side(to, from, Direction::Ingress, Some(&mut ingress));
        (out.intersection(&into), egress, ingress)
    }

    // What a direction of one end allows.
    fn side<'s>(
        &'s self,
        captured: Peer<'_>,
        other: Peer<'_>,
        direction: Direction,
        mut reasons: Option<&mut Reasons>,
    ) -> Ports {
        let Peer::Pods(workload) = captured else { return Ports::all() };
        let receiver = match (direction, other) {
            (Direction::Ingress, _) => Some(workload),
            (Direction::Egress, Peer::Pods(other)) => Some(other),
            (Direction::Egress, Peer::Outside(_)) => None,
        };
        let tells = reasons.is_some();
        let mut say = |what: String| {
            if let Some(reasons) = reasons.as_deref_mut() {
                reasons.push(what);
            }
        };
        // What stands for the ingress controller is under nobody's policy.
        if workload.object.is_none() {
            return Ports::all();
        }
        let [admin, plain, baseline] = self.selecting.get(&workload.title).map_or([&[][..]; 3], |[a, b, c]| [a, b, c]);
        let pick = |list: &'s [Policy], chosen: &'s [usize]| chosen.iter().filter_map(move |at| list.get(*at));
        let (mut left, mut passed, mut allowed) = (Ports::all(), Ports::default(), Ports::default());
        for policy in pick(&self.admin, admin) {
            for rule in
                policy.rules(direction).unwrap_or_default().iter().filter(|rule| self.takes(rule, policy, other))
            {
                let hit = rule_ports(rule, receiver).intersection(&left);
                if hit.is_empty() {
                    continue;
                }
                let verb = match rule.action {
                    Action::Allow => {
                        allowed = allowed.union(&hit);
                        "allows"
                    }
                    Action::Deny => "denies",
                    Action::Pass => {
                        passed = passed.union(&hit);
                        "passes on"
                    }
                };
                say(format!("{} {verb} {hit} ({} rule {})", policy.title, direction.field(), rule.title));
                left = left.minus(&hit);
            }
        }
        let open = left.union(&passed);
        let selecting: Vec<&Policy> =
            pick(&self.plain, plain).filter(|policy| policy.rules(direction).is_some()).collect();
        if !selecting.is_empty() && !tells {
            let fitting = selecting.iter().flat_map(|policy| {
                policy.rules(direction).unwrap_or_default().iter().filter(|rule| self.takes(rule, policy, other))
            });
            return allowed.union(&rules_ports(fitting, receiver).intersection(&open));
        }
        if !selecting.is_empty() {
            for policy in selecting {
                let mut hit = Ports::default();
                for rule in
                    policy.rules(direction).unwrap_or_default().iter().filter(|rule| self.takes(rule, policy, other))
                {
                    let ports = rule_ports(rule, receiver).intersection(&open);
                    if !ports.is_empty() {
                        say(format!("{} allows {ports} ({} rule {})", policy.title, direction.field(), rule.title));
                    }
                    hit = hit.union(&ports);
                }
                if hit.is_empty() {
                    say(format!(
                        "{} selects {} and no {} rule of it fits",
                        policy.title,
                        workload.title,
                        direction.field()
                    ));
                }
                allowed = allowed.union(&hit);
            }
            return allowed;
        }
        let mut open = open;
        for policy in pick(&self.baseline, baseline) {
            for rule in
                policy.rules(direction).unwrap_or_default().iter().filter(|rule| self.takes(rule, policy, other))
            {
                let hit = rule_ports(rule, receiver).intersection(&open);
                if hit.is_empty() {
                    continue;
                }
                let verb = if rule.action == Action::Allow { "allows" } else { "denies" };
                say(format!("{} {verb} {hit} ({} rule {})", policy.title, direction.field(), rule.title));
                if rule.action == Action::Allow {
                    allowed = allowed.union(&hit);
                }
                open = open.minus(&hit);
            }
        }
        if !open.is_empty() {
            say(format!(
                "no policy speaks of {} {} of {}: allowed",
                if open == Ports::all() { "the".to_owned() } else { open.to_string() },
                direction.field(),
                workload.title
            ));
        }
        allowed.union(&open)
    }

    fn selects(&self, policy: &Policy, workload: &Workload) -> bool {
        let in_namespace = match &policy.namespace {
            Some(namespace) => *namespace == workload.namespace,
            None => policy.namespaces.as_ref().is_none_or(|wanted| self.namespace_fits(wanted, workload)),
        };
        in_namespace && policy.pods.matches(&workload.labels)
    }

    fn namespace_fits(&self, wanted: &Selector, workload: &Workload) -> bool {
        self.namespaces.get(&workload.namespace).is_some_and(|labels| wanted.matches(labels))
    }

    fn takes(&self, rule: &Rule, policy: &Policy, other: Peer<'_>) -> bool {
        let Some(peers) = &rule.peers else { return true };
        peers.iter().any(|peer| match (peer, other) {
            (PeerRule::Pods { namespaces, pods }, Peer::Pods(workload)) => {
                let in_namespace = match namespaces {
                    Some(wanted) => self.namespace_fits(wanted, workload),
                    None => policy.namespace.as_ref() == Some(&workload.namespace),
                };
                in_namespace && pods.matches(&workload.labels)
            }
            (PeerRule::Blocks { block, except }, Peer::Outside(cell)) => {
                block.holds(cell) && !except.iter().any(|hole| hole.holds(cell))
            }
            (PeerRule::Pods { .. }, Peer::Outside(_))
            | (PeerRule::Blocks { .. }, Peer::Pods(_))
            | (PeerRule::Nothing, _) => false,
        })
    }
}

// The ports of several rules together; no more is looked at than says that they are all.
fn rules_ports<'r>(rules: impl Iterator<Item = &'r Rule>, receiver: Option<&Workload>) -> Ports {
    let mut found = Vec::new();
    for rule in rules {
        if rule.ports.is_none() {
            return Ports::all();
        }
        found.push(rule_ports(rule, receiver));
    }
    Ports::of_all(&found)
}

// The ports of a rule at the end that receives; names mean the receiver's container ports.
fn rule_ports(rule: &Rule, receiver: Option<&Workload>) -> Ports {
    let Some(list) = &rule.ports else { return Ports::all() };
    let one = |one: &PortRule| match one {
        PortRule::Range(protocol, low, high) => Ports::of(protocol, *low, *high),
        PortRule::Named(protocol, name) => receiver.map(|workload| workload.named(protocol, name)).unwrap_or_default(),
        PortRule::AnyNamed(name) => PROTOCOLS.iter().fold(Ports::default(), |found, protocol| {
            found.union(&receiver.map(|workload| workload.named(protocol, name)).unwrap_or_default())
        }),
    };
    Ports::of_all(&list.iter().map(one).collect::<Vec<_>>())
}

fn plain(object: &Object) -> Policy {
    let spec = object.at(&["spec"]);
    let get = |key: &str| spec.and_then(|spec| spec.get(key)).filter(|node| !node.is_null());
    let types: Vec<&str> = get("policyTypes").map_or(&[][..], Node::items).iter().filter_map(Node::as_str).collect();
    let governs = |direction: Direction, word: &str| match direction {
        _ if !types.is_empty() => types.contains(&word),
        Direction::Ingress => true,
        Direction::Egress => get("egress").is_some_and(|rules| !rules.items().is_empty()),
    };
    let rules = |direction: Direction, word: &str| {
        let list = get(direction.field()).map_or(&[][..], Node::items);
        governs(direction, word)
            .then(|| list.iter().enumerate().map(|(at, rule)| plain_rule(rule, direction, at)).collect())
    };
    Policy {
        title: format!("NetworkPolicy {}/{}", excerpt(object.namespace_or_default()), excerpt(&object.name)),
        namespace: Some(object.namespace_or_default().to_owned()),
        namespaces: None,
        pods: get("podSelector").map(selector).unwrap_or_default(),
        priority: 0,
        ingress: rules(Direction::Ingress, "Ingress"),
        egress: rules(Direction::Egress, "Egress"),
        weight: 0,
    }
}

fn plain_rule(rule: &Node, direction: Direction, at: usize) -> Rule {
    let list = |key: &str| rule.get(key).map(Node::items).filter(|items| !items.is_empty());
    let peers = list(direction.peers()).map(|items| items.iter().map(plain_peer).collect());
    let ports = list("ports").map(|items| {
        let port = |item: &Node| {
            let protocol = protocol(item.get("protocol"))?;
            Some(match item.get("port").filter(|port| !port.is_null()) {
                None => PortRule::Range(protocol, 1, u16::MAX),
                Some(port) => match number(port) {
                    Some(first) => {
                        PortRule::Range(protocol, first, item.get("endPort").and_then(number).unwrap_or(first))
                    }
                    None => PortRule::Named(protocol, port.as_str()?.to_owned()),
                },
            })
        };
        items.iter().filter_map(port).collect()
    });
    Rule { title: (at + 1).to_string(), action: Action::Allow, peers, ports }
}

fn plain_peer(peer: &Node) -> PeerRule {
    let get = |key: &str| peer.get(key).filter(|node| !node.is_null());
    if let Some(block) = get("ipBlock") {
        let Some(range) = text(block, "cidr").and_then(Block::parse) else { return PeerRule::Nothing };
        let except = block
            .get("except")
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(|hole| Block::parse(hole.as_str()?))
            .collect();
        return PeerRule::Blocks { block: range, except };
    }
    match (get("namespaceSelector"), get("podSelector")) {
        (None, None) => PeerRule::Nothing,
        (namespaces, pods) => {
            PeerRule::Pods { namespaces: namespaces.map(selector), pods: pods.map(selector).unwrap_or_default() }
        }
    }
}

fn admin(object: &Object) -> Policy {
    let subject = object.at(&["spec", "subject"]);
    let chosen = subject.map(admin_pods);
    let (namespaces, pods, fits) = match chosen {
        Some(PeerRule::Pods { namespaces, pods }) => (namespaces, pods, true),
        _ => (None, Selector::default(), false),
    };
    let rules = |direction: Direction| {
        let list = object.at(&["spec", direction.field()]).map_or(&[][..], Node::items);
        fits.then(|| list.iter().enumerate().filter_map(|(at, rule)| admin_rule(rule, direction, at)).collect())
    };
    Policy {
        title: format!("{} {}", object.kind, excerpt(&object.name)),
        namespace: None,
        namespaces,
        pods,
        priority: object.at(&["spec", "priority"]).and_then(Node::as_int).unwrap_or_default(),
        ingress: rules(Direction::Ingress),
        egress: rules(Direction::Egress),
        weight: 0,
    }
}

// `namespaces: selector` or `pods: {namespaceSelector, podSelector}`.
fn admin_pods(node: &Node) -> PeerRule {
    if let Some(namespaces) = node.get("namespaces") {
        return PeerRule::Pods { namespaces: Some(selector(namespaces)), pods: Selector::default() };
    }
    match node.get("pods") {
        Some(pods) => PeerRule::Pods {
            namespaces: Some(pods.get("namespaceSelector").map(selector).unwrap_or_default()),
            pods: pods.get("podSelector").map(selector).unwrap_or_default(),
        },
        None => PeerRule::Nothing,
    }
}

fn admin_rule(rule: &Node, direction: Direction, at: usize) -> Option<Rule> {
    let action = match text(rule, "action")? {
        "Allow" => Action::Allow,
        "Deny" => Action::Deny,
        "Pass" => Action::Pass,
        _ => return None,
    };
    let mut peers = Vec::new();
    for item in rule.get(direction.peers()).map_or(&[][..], Node::items) {
        let networks = item.get("networks").map_or(&[][..], Node::items);
        let blocks = networks.iter().filter_map(|network| Block::parse(network.as_str()?));
        peers.extend(blocks.map(|block| PeerRule::Blocks { block, except: Vec::new() }));
        if networks.is_empty() {
            peers.push(admin_pods(item));
        }
    }
    let ports = rule
        .get("ports")
        .filter(|ports| !ports.is_null())
        .map(|ports| ports.items().iter().filter_map(admin_port).collect());
    let title = text(rule, "name").map_or_else(|| (at + 1).to_string(), excerpt);
    Some(Rule { title, action, peers: Some(peers), ports })
}

fn admin_port(item: &Node) -> Option<PortRule> {
    if let Some(port) = item.get("portNumber") {
        let number = port.get("port").and_then(number)?;
        return Some(PortRule::Range(protocol(port.get("protocol"))?, number, number));
    }
    if let Some(range) = item.get("portRange") {
        let (first, last) = (range.get("start").and_then(number)?, range.get("end").and_then(number)?);
        return Some(PortRule::Range(protocol(range.get("protocol"))?, first, last));
    }
    Some(PortRule::AnyNamed(text(item, "namedPort")?.to_owned()))
}
