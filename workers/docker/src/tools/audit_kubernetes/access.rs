//! Who may do what: roles and bindings as grants, and the paths by which a subject comes to rule the cluster.
//!
//! A step is a right that lets its holder act as somebody else: run a pod under an account, ask for its token, enter its pods,
//! impersonate it, or hand out rights. The search goes back from those who rule the cluster at once, one step a round, so the path
//! told is a shortest one.

use super::{Problems, rules};
use crate::support::kubernetes::objects::{Object, selector, text};
use crate::support::yaml::Node;
use octavo_toolkit::Rule;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Most subjects whose paths are searched: more than any chart binds.
const MAX_SUBJECTS: usize = 2_000;

/// Most cluster roles that are put together from others by their labels.
const MAX_AGGREGATED: usize = 200;

/// Most rights, of all subjects together, that are followed.
const MAX_GRANTS: usize = 50_000;

/// Longest path that is followed: each step is another account that somebody must hold.
const MAX_STEPS: usize = 20;

/// One rule of a role.
#[derive(Clone, Default)]
struct Right {
    groups: Vec<String>,
    resources: Vec<String>,
    verbs: Vec<String>,
    names: Vec<String>,
}

impl Right {
    fn of(rule: &Node) -> Self {
        let list = |key: &str| -> Vec<String> {
            let items = rule.get(key).map_or(&[][..], Node::items);
            items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect()
        };
        Self {
            groups: list("apiGroups"),
            resources: list("resources"),
            verbs: list("verbs"),
            names: list("resourceNames"),
        }
    }

    fn words(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Self {
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self { groups: own(groups), resources: own(resources), verbs: own(verbs), names: Vec::new() }
    }

    // Whether it covers a verb on a resource; names are not looked at.
    fn covers(&self, group: &str, resource: &str, verbs: &[&str]) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|one| one == "*" || one == word);
        let sub = resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
        let on = has(&self.resources, resource) || sub.is_some_and(|sub| self.resources.contains(&sub));
        has(&self.groups, group) && on && verbs.iter().any(|verb| has(&self.verbs, verb))
    }

    fn is_everything(&self) -> bool {
        let all = |list: &[String]| list.iter().any(|word| word == "*");
        let every_verb = ["get", "list", "watch", "create", "update", "patch", "delete"];
        let verbs = all(&self.verbs) || every_verb.iter().all(|verb| self.verbs.iter().any(|one| one == verb));
        all(&self.groups) && all(&self.resources) && verbs && self.names.is_empty()
    }

    // Whether it reaches an object of that name.
    fn names(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|one| one == name)
    }
}

fn role_rights(role: &Object) -> Vec<Right> {
    role.at(&["rules"]).map_or(&[][..], Node::items).iter().map(Right::of).collect()
}

/// Asks what concerns a role by itself.
pub(super) fn ask_role<'n>(object: &'n Object, problems: &mut Problems<'n>) {
    let is_role =
        matches!(object.kind.as_str(), "Role" | "ClusterRole") && object.group() == "rbac.authorization.k8s.io";
    if !is_role || object.name.starts_with("system:") {
        return;
    }
    let nodes = object.at(&["rules"]).map_or(&[][..], Node::items);
    let rights: Vec<(&'n Node, Right)> = nodes.iter().map(|node| (node, Right::of(node))).collect();
    let first = |fits: &dyn Fn(&Right) -> bool| -> Option<&'n Node> {
        rights.iter().find(|(_, right)| fits(right)).map(|(node, _)| *node)
    };
    let star = |list: &[String]| list.iter().any(|word| word.contains('*'));
    let mut put = |rule: &'static Rule, node: Option<&'n Node>, what: &str| {
        if let Some(node) = node {
            problems.add(rule, node, what.to_owned());
        }
    };
    put(
        &rules::WILDCARD,
        first(&|right| star(&right.groups) || star(&right.resources) || star(&right.verbs)),
        "a rule has a wildcard",
    );
    let enters =
        |right: &Right| ["pods/exec", "pods/attach"].iter().any(|one| right.covers("", one, &["get", "create"]));
    if !matches!(object.name.as_str(), "admin" | "edit" | "cluster-admin") {
        put(&rules::POD_EXEC, first(&enters), "it lets into running containers (pods/exec, pods/attach)");
    }
    let rbac = "rbac.authorization.k8s.io";
    let binds =
        |right: &Right| ["rolebindings", "clusterrolebindings"].iter().any(|one| right.covers(rbac, one, &["bind"]));
    put(&rules::BIND, first(&binds), "it may bind roles beyond its own rights");
    let escalates = |right: &Right| ["roles", "clusterroles"].iter().any(|one| right.covers(rbac, one, &["escalate"]));
    put(&rules::ESCALATE, first(&escalates), "it may write roles beyond its own rights");
    if object.kind == "ClusterRole" {
        let hooks = |right: &Right| {
            ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"]
                .iter()
                .any(|one| right.covers("admissionregistration.k8s.io", one, &["create", "update", "patch"]))
        };
        put(
            &rules::WEBHOOKS,
            first(&hooks),
            "it may change every object on its way into the cluster (admission webhooks)",
        );
        let approves = |right: &Right| {
            right.covers("certificates.k8s.io", "certificatesigningrequests/approval", &["update", "patch"])
                || right.covers("certificates.k8s.io", "signers", &["approve"])
        };
        put(&rules::APPROVE, first(&approves), "it may approve certificates, and with them identities");
        let secrets = |right: &Right| right.names.is_empty() && right.covers("", "secrets", &["get", "list", "watch"]);
        put(
            &rules::SECRETS,
            first(&secrets),
            "it reads every secret of the cluster, where it is bound for the cluster",
        );
    }
}

/// A right with where it holds and whence it comes.
struct Grant {
    right: Right,
    /// A namespace; the whole cluster where there is none.
    namespace: Option<String>,
    /// `ClusterRole x`.
    role: String,
    powers: Powers,
}

/// How a right lets its holder act as an account; told once, since every path asks.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "independent powers, any of which a right may have")]
struct Powers {
    makes_pods: bool,
    tokens: bool,
    impersonates: bool,
    /// Creates secrets, which are tokens where they can be read too.
    secrets: bool,
    enters: bool,
}

impl Powers {
    fn of(right: &Right) -> Self {
        let enters = ["pods/exec", "pods/attach", "pods/ephemeralcontainers"];
        Self {
            makes_pods: makes_pods(right),
            tokens: right.covers("", "serviceaccounts/token", &["create"]),
            impersonates: right.covers("", "serviceaccounts", &["impersonate"]),
            secrets: right.covers("", "secrets", &["create"]),
            enters: enters.iter().any(|one| right.covers("", one, &["get", "create", "patch", "update"])),
        }
    }

    const fn is_none(self) -> bool {
        !(self.makes_pods || self.tokens || self.impersonates || self.secrets || self.enters)
    }
}

/// The rights of a call, by subject.
pub(super) struct Access<'m> {
    grants: BTreeMap<String, Vec<Grant>>,
    /// The service accounts under which pods run, by namespace.
    running: BTreeMap<String, BTreeSet<String>>,
    /// A binding of each subject, to point at.
    places: BTreeMap<String, &'m Object>,
    /// Bindings to a role that may do everything.
    pub(super) all_powerful: Vec<(&'m Object, String)>,
}

// What bindings have granted so far.
#[derive(Default)]
struct Bound {
    // A subject, the namespace if only there, and a role.
    seen: BTreeSet<(String, Option<String>, String)>,
    grants: usize,
}

// One step towards ruling the cluster, and as whom the next is taken.
struct Way {
    step: String,
    next: Option<String>,
}

/// A way to rule the cluster.
pub(super) struct Path<'m> {
    pub(super) subject: String,
    pub(super) steps: Vec<String>,
    pub(super) place: Option<&'m Object>,
}

/// What the roles that every cluster has may do, as far as it leads anywhere.
fn built_in(name: &str) -> Vec<Right> {
    let workloads = || {
        vec![
            Right::words(
                &[""],
                &["pods", "replicationcontrollers", "secrets", "serviceaccounts/token", "pods/exec", "pods/attach"],
                &["create", "get", "list", "patch", "update"],
            ),
            Right::words(&["apps", "batch"], &["*"], &["create", "patch", "update"]),
            Right::words(&[""], &["serviceaccounts"], &["impersonate"]),
        ]
    };
    match name {
        "cluster-admin" => vec![Right::words(&["*"], &["*"], &["*"])],
        "edit" | "admin" => workloads(),
        _ => Vec::new(),
    }
}

impl<'m> Access<'m> {
    pub(super) fn of(objects: &'m [Object]) -> Self {
        let mut access = Self {
            grants: BTreeMap::new(),
            running: BTreeMap::new(),
            places: BTreeMap::new(),
            all_powerful: Vec::new(),
        };
        let rbac = || objects.iter().filter(|object| object.group() == "rbac.authorization.k8s.io");
        let mut roles: BTreeMap<(&str, &str, &str), Vec<Right>> = BTreeMap::new();
        for role in rbac().filter(|object| matches!(object.kind.as_str(), "Role" | "ClusterRole")) {
            let namespace = if role.kind == "Role" { role.namespace_or_default() } else { "" };
            roles.insert((role.kind.as_str(), namespace, role.name.as_str()), role_rights(role));
        }
        // Of several with one name the last counts, as when they are applied.
        let cluster_roles: BTreeMap<&str, &Object> =
            rbac().filter(|object| object.kind == "ClusterRole").map(|object| (object.name.as_str(), object)).collect();
        let selectors = |role: &'m Object| role.at(&["aggregationRule", "clusterRoleSelectors"]).map(Node::items);
        let aggregated = cluster_roles.iter().filter_map(|(name, role)| Some((*name, selectors(role)?)));
        for (name, selectors) in aggregated.take(MAX_AGGREGATED) {
            let choices: Vec<_> = selectors.iter().map(selector).collect();
            let others = cluster_roles.values().filter(|other| {
                let labels = other.labels();
                choices.iter().any(|choice| choice.matches(&labels))
            });
            let brought: Vec<Right> = others.flat_map(|other| role_rights(other)).collect();
            roles.entry(("ClusterRole", "", name)).or_default().extend(brought);
        }
        for object in objects {
            if let Some(pod) = object.pod() {
                let (namespace, name) = (object.namespace_or_default().to_owned(), pod.service_account().to_owned());
                access.running.entry(namespace).or_default().insert(name);
            }
        }
        let mut bound = Bound::default();
        for binding in rbac().filter(|object| matches!(object.kind.as_str(), "RoleBinding" | "ClusterRoleBinding")) {
            access.bind(binding, &roles, &mut bound);
        }
        access
    }

    fn bind(&mut self, binding: &'m Object, roles: &BTreeMap<(&str, &str, &str), Vec<Right>>, bound: &mut Bound) {
        let Some(reference) = binding.at(&["roleRef"]) else { return };
        let (kind, name) = (text(reference, "kind").unwrap_or_default(), text(reference, "name").unwrap_or_default());
        let namespace = (binding.kind == "RoleBinding").then(|| binding.namespace_or_default().to_owned());
        let home = if kind == "Role" { namespace.as_deref().unwrap_or_default() } else { "" };
        let rights = roles
            .get(&(kind, home, name))
            .cloned()
            .unwrap_or_else(|| if kind == "ClusterRole" { built_in(name) } else { Vec::new() });
        let role = format!("{} {}", excerpt(kind), excerpt(name));
        let is_systems = binding.name.starts_with("system:") || binding.name == "cluster-admin";
        if rights.iter().any(Right::is_everything) && !is_systems {
            self.all_powerful.push((binding, role.clone()));
        }
        for subject in binding.at(&["subjects"]).map_or(&[][..], Node::items) {
            let Some(name) = text(subject, "name") else { continue };
            let id = match text(subject, "kind") {
                Some("ServiceAccount") => {
                    let home = text(subject, "namespace").or(namespace.as_deref()).unwrap_or("default");
                    account(home, name)
                }
                Some("User") => format!("User {}", excerpt(name)),
                Some("Group") => format!("Group {}", excerpt(name)),
                _ => continue,
            };
            self.places.entry(id.clone()).or_insert(binding);
            let is_new = bound.seen.insert((id.clone(), namespace.clone(), role.clone()));
            bound.grants += if is_new { rights.len() } else { 0 };
            if !is_new || bound.grants > MAX_GRANTS {
                continue;
            }
            let grants = self.grants.entry(id).or_default();
            grants.extend(rights.iter().map(|right| Grant {
                right: right.clone(),
                namespace: namespace.clone(),
                role: role.clone(),
                powers: Powers::of(right),
            }));
        }
    }

    /// A shortest path of every subject that comes to rule the cluster without having been given it.
    pub(super) fn paths(&self) -> Vec<Path<'m>> {
        let mut ways: BTreeMap<&str, Way> = BTreeMap::new();
        // The accounts of each namespace that are known to rule, the nearest first.
        let mut rulers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let subjects: Vec<(&str, Vec<&Grant>)> =
            self.grants.keys().take(MAX_SUBJECTS).map(|subject| (subject.as_str(), self.grants_of(subject))).collect();
        for round in 0..MAX_STEPS {
            let mut reached: Vec<(&str, Way)> = Vec::new();
            for (subject, grants) in subjects.iter().filter(|(subject, _)| !ways.contains_key(subject)) {
                let way = if round == 0 {
                    rules_cluster(grants).map(|step| Way { step, next: None })
                } else {
                    self.step(subject, grants, &rulers)
                };
                reached.extend(way.map(|way| (*subject, way)));
            }
            if reached.is_empty() && round > 0 {
                break;
            }
            for (subject, way) in reached {
                if let Some((namespace, name)) = account_parts(subject) {
                    rulers.entry(namespace).or_default().push(name);
                }
                ways.insert(subject, way);
            }
        }
        let mut found = Vec::new();
        for subject in ways.keys().copied() {
            let is_systems = subject.starts_with("User system:") || subject == "Group system:masters";
            let mut grants = self.grants.get(subject).into_iter().flatten();
            let rules_already = grants.any(|grant| grant.namespace.is_none() && grant.right.is_everything());
            if is_systems || rules_already {
                continue;
            }
            let mut steps = Vec::new();
            let mut at = Some(subject);
            while let Some(way) = at.and_then(|subject| ways.get(subject)).filter(|_| steps.len() < MAX_STEPS) {
                steps.push(way.step.clone());
                at = way.next.as_deref();
            }
            found.push(Path { subject: subject.to_owned(), steps, place: self.places.get(subject).copied() });
        }
        found
    }

    fn grants_of(&self, subject: &str) -> Vec<&Grant> {
        let mut grants: Vec<&Grant> = self.grants.get(subject).into_iter().flatten().collect();
        // A service account is also in the groups of all accounts and of its namespace.
        if let Some((namespace, _)) = account_parts(subject) {
            let groups = [
                "Group system:serviceaccounts".to_owned(),
                format!("Group system:serviceaccounts:{namespace}"),
                "Group system:authenticated".to_owned(),
            ];
            grants.extend(groups.iter().filter_map(|group| self.grants.get(group)).flatten());
        }
        grants
    }

    // One step from a subject to an account that is known to rule.
    fn step(&self, subject: &str, grants: &[&Grant], rulers: &BTreeMap<&str, Vec<&str>>) -> Option<Way> {
        // Whether token secrets can be made and read, by namespace.
        let mut token_secrets: BTreeMap<Option<&str>, bool> = BTreeMap::new();
        for grant in grants.iter().filter(|grant| !grant.powers.is_none()) {
            let (right, powers) = (&grant.right, grant.powers);
            let home = grant.namespace.as_deref();
            let with_secrets =
                powers.secrets && *token_secrets.entry(home).or_insert_with(|| makes_tokens(grants, home));
            let step_in = |namespace: &str, names: &[&str]| -> Option<Way> {
                let take = |name: &str, how: &str| {
                    let next = account(namespace, name);
                    let step =
                        format!("{how} in namespace {namespace} ({}), so acts as ServiceAccount {name}", grant.role);
                    (next != subject).then_some(Way { step, next: Some(next) })
                };
                let any = |how: &str| names.iter().find_map(|name| take(name, how));
                let named = |how: &str| names.iter().filter(|name| right.names(name)).find_map(|name| take(name, how));
                let mut way = None;
                if powers.makes_pods {
                    way = any("may run pods");
                }
                if way.is_none() && powers.tokens {
                    way = named("may ask for tokens");
                }
                if way.is_none() && powers.impersonates {
                    way = named("may impersonate accounts");
                }
                if way.is_none() && with_secrets {
                    way = any("may create and read token secrets");
                }
                if way.is_none() && powers.enters {
                    let running = self.running.get(namespace);
                    let inside = |name: &&&str| running.is_some_and(|running| running.contains(**name));
                    way = names.iter().filter(inside).find_map(|name| take(name, "may enter running pods"));
                }
                way
            };
            let way = match home {
                Some(own) => rulers.get(own).and_then(|names| step_in(own, names)),
                None => rulers.iter().find_map(|(namespace, names)| step_in(namespace, names)),
            };
            if way.is_some() {
                return way;
            }
        }
        None
    }
}

fn account(namespace: &str, name: &str) -> String {
    format!("ServiceAccount {}/{}", excerpt(namespace), excerpt(name))
}

fn account_parts(subject: &str) -> Option<(&str, &str)> {
    subject.strip_prefix("ServiceAccount ")?.split_once('/')
}

fn makes_pods(right: &Right) -> bool {
    let changes: &[&str] = &["create", "update", "patch"];
    right.covers("", "pods", &["create"])
        || right.covers("", "replicationcontrollers", changes)
        || ["deployments", "daemonsets", "statefulsets", "replicasets"]
            .iter()
            .any(|one| right.covers("apps", one, changes))
        || ["jobs", "cronjobs"].iter().any(|one| right.covers("batch", one, changes))
}

fn makes_tokens(grants: &[&Grant], namespace: Option<&str>) -> bool {
    let may = |verbs: &[&str]| {
        grants.iter().any(|grant| {
            grant.namespace.as_deref() == namespace
                && grant.right.names.is_empty()
                && grant.right.covers("", "secrets", verbs)
        })
    };
    may(&["create"]) && may(&["get", "list", "watch"])
}

// The right by which these grants rule the cluster at once.
fn rules_cluster(grants: &[&Grant]) -> Option<String> {
    let wide: Vec<&&Grant> = grants.iter().filter(|grant| grant.namespace.is_none()).collect();
    let with = |group: &str, resource: &str, verbs: &[&str]| {
        wide.iter().find(|grant| grant.right.covers(group, resource, verbs)).map(|grant| grant.role.as_str())
    };
    let rbac = "rbac.authorization.k8s.io";
    let writes: &[&str] = &["create", "update", "patch"];
    if let Some(grant) = wide.iter().find(|grant| grant.right.is_everything()) {
        return Some(format!("may do everything ({})", grant.role));
    }
    if let (Some(role), Some(_)) = (with(rbac, "clusterroles", &["escalate"]), with(rbac, "clusterroles", writes)) {
        return Some(format!("may write cluster roles beyond its own rights ({role})"));
    }
    let binds = wide
        .iter()
        .find(|grant| grant.right.names("cluster-admin") && grant.right.covers(rbac, "clusterroles", &["bind"]));
    if let (Some(grant), Some(_)) = (binds, with(rbac, "clusterrolebindings", writes)) {
        return Some(format!("may bind cluster-admin ({})", grant.role));
    }
    let poses = |resource: &str| wide.iter().find(|grant| grant.right.covers("", resource, &["impersonate"]));
    if let Some(grant) = poses("users").filter(|grant| grant.right.names.is_empty()) {
        return Some(format!("may impersonate every user ({})", grant.role));
    }
    if let (Some(_), Some(grant)) =
        (poses("users"), poses("groups").filter(|grant| grant.right.names("system:masters")))
    {
        return Some(format!("may impersonate the group system:masters ({})", grant.role));
    }
    let requests = with("certificates.k8s.io", "certificatesigningrequests", &["create"]);
    let approves = with("certificates.k8s.io", "certificatesigningrequests/approval", &["update", "patch"]);
    if let (Some(_), Some(role), Some(_)) = (requests, approves, with("certificates.k8s.io", "signers", &["approve"])) {
        return Some(format!("may approve its own client certificates ({role})"));
    }
    if let Some(role) = with("admissionregistration.k8s.io", "mutatingwebhookconfigurations", writes) {
        return Some(format!("may rewrite every object through an admission webhook ({role})"));
    }
    if let Some(role) = with("", "nodes/proxy", &["get", "create"]) {
        return Some(format!("may run commands in every pod through nodes/proxy ({role})"));
    }
    if let Some(grant) = wide.iter().find(|grant| makes_pods(&grant.right)) {
        return Some(format!("may run pods in kube-system, under its controllers' accounts ({})", grant.role));
    }
    let tokens = [
        ("serviceaccounts/token", "create", "ask for the tokens of"),
        ("serviceaccounts", "impersonate", "impersonate"),
    ];
    for (resource, verb, what) in tokens {
        let grant = wide.iter().find(|grant| grant.right.names.is_empty() && grant.right.covers("", resource, &[verb]));
        if let Some(grant) = grant {
            return Some(format!("may {what} the accounts of kube-system ({})", grant.role));
        }
    }
    let enters = ["pods/exec", "pods/attach"].iter().find_map(|one| with("", one, &["get", "create"]));
    if let Some(role) = enters {
        return Some(format!("may enter the pods of kube-system ({role})"));
    }
    makes_tokens(grants, None).then(|| "may create and read token secrets in kube-system".to_owned())
}
