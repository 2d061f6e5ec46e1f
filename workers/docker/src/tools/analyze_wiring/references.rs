//! What names something that is not there: selectors without pods, ports that lead nowhere, objects that are missing.

use super::peers::{Backend, Service, Workload, number};
use super::rules;
use crate::support::kubernetes::objects::{Manifests, Object, Pod, labels, selector, text};
use crate::support::kubernetes::selector::{Operator, Requirement, Selector};
use crate::support::yaml::Node;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// Longest name of a port.
const MAX_PORT_NAME: usize = 15;

/// Looks after every reference.
pub(super) struct References<'m, 'a> {
    manifests: &'m Manifests<'a>,
    workloads: &'m [Workload],
    // Kind, namespace and name of every object.
    known: BTreeMap<(&'m str, &'m str, &'m str), &'m Object>,
    // Autoscalers by namespace, kind and name of what they scale.
    scalers: BTreeMap<(&'m str, &'m str, &'m str), &'m Object>,
    // The places of workloads by each of their labels.
    by_label: BTreeMap<(&'m str, &'m str), Vec<usize>>,
    pub(super) found: Vec<Finding>,
}

impl<'m, 'a> References<'m, 'a> {
    pub(super) fn new(manifests: &'m Manifests<'a>, workloads: &'m [Workload]) -> Self {
        let named =
            |object: &'m Object| ((object.kind.as_str(), object.namespace_or_default(), object.name.as_str()), object);
        let known = manifests.objects.iter().map(named).collect();
        let scaled = |object: &'m Object| {
            let target = object.at(&["spec", "scaleTargetRef"]).filter(|_| object.kind == "HorizontalPodAutoscaler")?;
            Some(((object.namespace_or_default(), text(target, "kind")?, text(target, "name")?), object))
        };
        let scalers = manifests.objects.iter().filter_map(scaled).collect();
        let mut by_label: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (at, workload) in workloads.iter().enumerate() {
            for (key, value) in &workload.labels {
                by_label.entry((key.as_str(), value.as_str())).or_default().push(at);
            }
        }
        Self { manifests, workloads, known, scalers, by_label, found: Vec::new() }
    }

    fn report(&mut self, object: &Object, rule: &Rule, node: &Node, what: &str) {
        let message = format!("{}: {what}", object.title());
        self.found.push(self.manifests.finding_in(object, rule, node, message));
    }

    fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&'m Object> {
        self.known.get(&(kind, namespace, name)).copied()
    }

    // Whether any workload of a namespace is taken by a selector node.
    fn selects(&self, namespace: &str, node: &Node) -> bool {
        self.takes_any(Some(namespace), &selector(node))
    }

    // The same of a selector; of any namespace without one. Only those with a label that it names are looked at.
    fn takes_any(&self, namespace: Option<&str>, wanted: &Selector) -> bool {
        let fits = |workload: &Workload| {
            namespace.is_none_or(|namespace| workload.namespace == namespace) && wanted.matches(&workload.labels)
        };
        let labelled = |requirement: &Requirement| -> Vec<usize> {
            let lists = requirement
                .values
                .iter()
                .filter_map(|value| self.by_label.get(&(requirement.key.as_str(), value.as_str())));
            lists.flatten().copied().collect()
        };
        let named = wanted.requirements.iter().filter(|requirement| requirement.operator == Operator::In);
        match named.map(labelled).min_by_key(Vec::len) {
            Some(places) => places.iter().filter_map(|at| self.workloads.get(*at)).any(fits),
            None => self.workloads.iter().any(fits),
        }
    }

    pub(super) fn check(&mut self, services: &[Service<'m>], backends: &[Backend<'m>]) {
        for service in services {
            self.service(service);
        }
        for backend in backends {
            self.backend(backend, services);
        }
        for object in &self.manifests.objects {
            match object.kind.as_str() {
                "HorizontalPodAutoscaler" => self.autoscaler(object),
                "PodDisruptionBudget" => self.budget(object),
                "NetworkPolicy" => self.policy(object),
                "ServiceMonitor" => self.monitor(object, services),
                "RoleBinding" | "ClusterRoleBinding" => self.binding(object),
                "StatefulSet" => self.stateful(object),
                _ => {}
            }
            if let Some(pod) = object.pod() {
                self.template(object, pod);
                self.pod(object, pod);
            }
        }
    }

    fn service(&mut self, service: &Service<'m>) {
        let object = service.object;
        let ports = object.at(&["spec", "ports"]).map_or(&[][..], Node::items);
        for port in ports {
            let Some(target) = port.get("targetPort").filter(|target| !target.is_null()) else { continue };
            if let Some(problem) = port_problem(target) {
                self.report(object, &rules::TARGET_PORT_FORM, target, &format!("targetPort {problem}"));
            }
        }
        if !service.has_selector {
            return;
        }
        let place = object.at(&["spec", "selector"]).unwrap_or(&object.root);
        if service.workloads.is_empty() {
            self.report(object, &rules::DANGLING_SERVICE, place, "no pod of the input has the labels it selects");
            return;
        }
        for port in ports {
            let target = port.get("targetPort").filter(|target| !target.is_null()).or(port.get("port"));
            let Some(target) = target.filter(|target| port_problem(target).is_none()) else { continue };
            let by_name = number(target).is_none();
            for workload in service.workloads.iter().filter_map(|at| self.workloads.get(*at)) {
                // A number works without being declared; when the pod declares ports and not this one, it is likely wrong.
                let leads = !Service::target(port, workload).is_empty();
                let declared =
                    workload.ports.is_empty() || workload.ports.iter().any(|one| Some(one.number) == number(target));
                if (by_name && !leads) || (!by_name && !declared) {
                    let shown = target.scalar_text().unwrap_or_default();
                    let what = format!("targetPort {} is no port of {}", excerpt(&shown), workload.title);
                    let message = format!("{}: {what}", object.title());
                    self.found.push(self.manifests.finding_in(object, &rules::TARGET_PORT, target, message));
                }
            }
        }
    }

    fn backend(&mut self, backend: &Backend<'m>, services: &[Service<'m>]) {
        let namespace = backend.object.namespace_or_default();
        let service = services.iter().find(|service| {
            service.object.name == backend.service && service.object.namespace_or_default() == namespace
        });
        let name = excerpt(&backend.service);
        match (service, backend.port) {
            (None, _) => self.report(
                backend.object,
                &rules::DANGLING_INGRESS,
                backend.node,
                &format!("there is no Service {name}"),
            ),
            (Some(service), Some(port)) => {
                // A Route's port is a target port.
                let is_route = backend.object.kind == "Route";
                let targets = service.object.at(&["spec", "ports"]).map_or(&[][..], Node::items);
                let by_target =
                    targets.iter().any(|one| one.get("targetPort").and_then(Node::scalar_text) == port.scalar_text());
                if service.port(port).is_none() && !(is_route && by_target) {
                    let shown = port.scalar_text().unwrap_or_default();
                    self.report(
                        backend.object,
                        &rules::DANGLING_INGRESS,
                        port,
                        &format!("the Service {name} has no port {}", excerpt(&shown)),
                    );
                }
            }
            (Some(_), None) => {}
        }
    }

    fn autoscaler(&mut self, object: &'m Object) {
        let Some(target) = object.at(&["spec", "scaleTargetRef"]) else { return };
        let (kind, name) = (text(target, "kind").unwrap_or_default(), text(target, "name").unwrap_or_default());
        let Some(scaled) = self.get(kind, object.namespace_or_default(), name) else {
            let what = format!("there is no {} {} to scale", excerpt(kind), excerpt(name));
            return self.report(object, &rules::DANGLING_HPA, target, &what);
        };
        if let Some(replicas) = scaled.at(&["spec", "replicas"]).filter(|replicas| !replicas.is_null()) {
            let what = format!("{} sets replicas, which every apply puts back", excerpt(&format!("{kind} {name}")));
            self.report(
                scaled,
                &rules::HPA_REPLICAS,
                replicas,
                &format!("{what}; leave it to HorizontalPodAutoscaler {}", excerpt(&object.name)),
            );
        }
    }

    fn budget(&mut self, object: &'m Object) {
        let Some(wanted) = object.at(&["spec", "selector"]) else { return };
        let namespace = object.namespace_or_default();
        if !wanted.entries().is_empty() && !self.selects(namespace, wanted) {
            return self.report(object, &rules::DANGLING_PDB, wanted, "no pod of the input has the labels it selects");
        }
        let chosen = selector(wanted);
        let taken: Vec<&Object> = self
            .workloads
            .iter()
            .filter(|workload| workload.namespace == namespace && chosen.matches(&workload.labels))
            .filter_map(|workload| self.manifests.objects.get(workload.object?))
            .filter(|object| {
                matches!(object.kind.as_str(), "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController")
            })
            .collect();
        // An autoscaler may take the number down to its least.
        let least = |object: &Object| {
            let key = (object.namespace_or_default(), object.kind.as_str(), object.name.as_str());
            let scaler = self.scalers.get(&key)?;
            Some(scaler.at(&["spec", "minReplicas"]).and_then(Node::as_int).unwrap_or(1))
        };
        let replicas = |object: &Object| {
            least(object).or_else(|| object.at(&["spec", "replicas"]).and_then(Node::as_int)).unwrap_or(1)
        };
        let total: i128 = taken.iter().map(|object| replicas(object)).sum();
        let share = |node: &Node| {
            let percent =
                node.as_str().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse::<i128>().ok());
            node.as_int().or_else(|| percent.map(|percent| (percent * total + 99) / 100))
        };
        if taken.is_empty() {
            return;
        }
        let least = object.at(&["spec", "minAvailable"]);
        if let Some(node) = least.filter(|node| share(node).is_some_and(|least| least >= total && total > 0)) {
            let what = format!("minAvailable leaves none of {total} replicas to evict, so nodes cannot be drained");
            self.report(object, &rules::PDB_MIN, node, &what);
        }
        if let Some(node) = object.at(&["spec", "maxUnavailable"]).filter(|node| share(node) == Some(0)) {
            self.report(object, &rules::PDB_MAX, node, "maxUnavailable is 0, so nodes cannot be drained");
        }
    }

    fn policy(&mut self, object: &'m Object) {
        let namespace = object.namespace_or_default();
        let wanted = object.at(&["spec", "podSelector"]);
        if let Some(wanted) = wanted.filter(|wanted| !selector(wanted).is_empty() && !self.selects(namespace, wanted)) {
            let what = "no pod of the input has the labels of its podSelector";
            self.report(object, &rules::DANGLING_POLICY, wanted, what);
        }
        for (direction, side) in [("ingress", "from"), ("egress", "to")] {
            for rule in object.at(&["spec", direction]).map_or(&[][..], Node::items) {
                for peer in rule.get(side).map_or(&[][..], Node::items) {
                    let Some(wanted) = peer.get("podSelector").filter(|wanted| !selector(wanted).is_empty()) else {
                        continue;
                    };
                    let chosen = selector(wanted);
                    let namespace = Some(namespace).filter(|_| peer.get("namespaceSelector").is_none());
                    if !self.takes_any(namespace, &chosen) {
                        let what = format!("no pod of the input is what an {direction} rule selects ({chosen})");
                        self.report(object, &rules::DANGLING_PEER, wanted, &what);
                    }
                }
            }
        }
    }

    fn monitor(&mut self, object: &'m Object, services: &[Service<'m>]) {
        let chosen = object.at(&["spec", "selector"]).map(selector).unwrap_or_default();
        let namespaces = object.at(&["spec", "namespaceSelector"]);
        let any = namespaces.and_then(|node| node.get("any")).and_then(Node::as_bool) == Some(true);
        let listed: Vec<&str> = namespaces
            .and_then(|node| node.get("matchNames"))
            .map_or(&[][..], Node::items)
            .iter()
            .filter_map(Node::as_str)
            .collect();
        let own = [object.namespace_or_default()];
        let wanted: &[&str] = if listed.is_empty() { &own } else { &listed };
        let fits = services.iter().any(|service| {
            (any || wanted.contains(&service.object.namespace_or_default())) && chosen.matches(&service.object.labels())
        });
        if !fits {
            let node = object.at(&["spec", "selector"]).unwrap_or(&object.root);
            self.report(object, &rules::DANGLING_MONITOR, node, "no Service of the input has the labels it selects");
        }
    }

    fn binding(&mut self, object: &'m Object) {
        let Some(reference) = object.at(&["roleRef"]) else { return };
        let (kind, name) = (text(reference, "kind").unwrap_or_default(), text(reference, "name").unwrap_or_default());
        let is_built_in = kind == "ClusterRole"
            && (matches!(name, "cluster-admin" | "admin" | "edit" | "view") || name.starts_with("system:"));
        let home = if kind == "Role" { object.namespace_or_default() } else { "default" };
        if !is_built_in && !name.is_empty() && self.get(kind, home, name).is_none() {
            self.report(
                object,
                &rules::DANGLING_ROLE,
                reference,
                &format!("there is no {} {} in the input", excerpt(kind), excerpt(name)),
            );
        }
    }

    fn stateful(&mut self, object: &'m Object) {
        let Some(node) = object.at(&["spec", "serviceName"]) else { return };
        let Some(name) = node.as_str().filter(|name| !name.is_empty()) else { return };
        if self.get("Service", object.namespace_or_default(), name).is_none() {
            self.report(
                object,
                &rules::DANGLING_GOVERNOR,
                node,
                &format!("its governing Service {} is not in the input", excerpt(name)),
            );
        }
    }

    // The selector of a controller takes its own pods.
    fn template(&mut self, object: &'m Object, pod: Pod<'m>) {
        let Some(node) = object.at(&["spec", "selector"]) else { return };
        let is_plain = matches!(object.kind.as_str(), "ReplicationController" | "DeploymentConfig");
        if matches!(object.kind.as_str(), "Pod" | "Job" | "CronJob") {
            return;
        }
        let own = pod.labels();
        let fits = if is_plain && node.get("matchLabels").is_none() {
            labels(node).iter().all(|(key, value)| own.get(key) == Some(value))
        } else {
            selector(node).matches(&own)
        };
        if !fits {
            self.report(
                object,
                &rules::MISMATCH,
                node,
                "the labels of its pods are not what it selects; the API server refuses it",
            );
        }
    }

    fn pod(&mut self, object: &'m Object, pod: Pod<'m>) {
        let namespace = object.namespace_or_default();
        let account = pod.service_account();
        if account != "default" && self.get("ServiceAccount", namespace, account).is_none() {
            let node = pod.spec.get("serviceAccountName").or(pod.spec.get("serviceAccount")).unwrap_or(pod.spec);
            self.report(
                object,
                &rules::NO_ACCOUNT,
                node,
                &format!("there is no ServiceAccount {} in the input", excerpt(account)),
            );
        }
        let mut volumes: BTreeSet<&str> = pod.volumes().iter().filter_map(|volume| text(volume, "name")).collect();
        let claims = object.at(&["spec", "volumeClaimTemplates"]).map_or(&[][..], Node::items);
        volumes.extend(claims.iter().filter_map(|claim| claim.at(&["metadata", "name"])?.as_str()));
        for volume in pod.volumes() {
            self.volume(object, namespace, volume);
        }
        for (_, container) in pod.containers() {
            let name = excerpt(text(container, "name").unwrap_or("(no name)"));
            for mount in
                ["volumeMounts", "volumeDevices"].iter().flat_map(|key| container.get(key).map_or(&[][..], Node::items))
            {
                if let Some(volume) = text(mount, "name").filter(|volume| !volumes.contains(volume)) {
                    self.report(
                        object,
                        &rules::DANGLING_VOLUME,
                        mount,
                        &format!("the container {name} mounts {}, which is no volume of the pod", excerpt(volume)),
                    );
                }
            }
            self.environment(object, namespace, container, &name);
            self.container_ports(object, container, &name);
        }
    }

    fn environment(&mut self, object: &'m Object, namespace: &str, container: &'m Node, name: &str) {
        let mut seen = BTreeSet::new();
        for variable in container.get("env").map_or(&[][..], Node::items) {
            if let Some(variable_name) = text(variable, "name").filter(|name| !seen.insert(*name)) {
                self.report(
                    object,
                    &rules::DUPLICATE_ENV,
                    variable,
                    &format!("the container {name} sets {} twice", excerpt(variable_name)),
                );
            }
            for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                if let Some(reference) = variable.at(&["valueFrom", field]) {
                    self.holder(object, namespace, kind, reference, text(reference, "name"), text(reference, "key"));
                }
            }
        }
        for source in container.get("envFrom").map_or(&[][..], Node::items) {
            for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
                if let Some(reference) = source.get(field) {
                    self.holder(object, namespace, kind, reference, text(reference, "name"), None);
                }
            }
        }
    }

    fn volume(&mut self, object: &'m Object, namespace: &str, volume: &'m Node) {
        if let Some(claim) = volume.get("persistentVolumeClaim") {
            self.holder(object, namespace, "PersistentVolumeClaim", claim, text(claim, "claimName"), None);
        }
        let projected = volume.at(&["projected", "sources"]).map_or(&[][..], Node::items);
        for source in std::iter::once(volume).chain(projected) {
            for (field, kind, key) in
                [("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"), ("secret", "Secret", "name")]
            {
                let Some(reference) = source.get(field).filter(|reference| text(reference, key).is_some()) else {
                    continue;
                };
                self.holder(object, namespace, kind, reference, text(reference, key), None);
                for item in reference.get("items").map_or(&[][..], Node::items) {
                    self.holder(object, namespace, kind, item, text(reference, key), text(item, "key"));
                }
            }
        }
    }

    // A ConfigMap, Secret or claim that is named, and the key of it.
    fn holder(
        &mut self,
        object: &'m Object,
        namespace: &str,
        kind: &str,
        node: &'m Node,
        name: Option<&str>,
        key: Option<&str>,
    ) {
        // Every namespace has the certificate of its cluster.
        let Some(name) = name.filter(|name| !name.is_empty() && *name != "kube-root-ca.crt") else { return };
        if node.get("optional").and_then(Node::as_bool) == Some(true) {
            return;
        }
        let Some(holder) = self.get(kind, namespace, name) else {
            if key.is_none() || node.get("name").is_some() {
                self.report(
                    object,
                    &rules::MISSING,
                    node,
                    &format!("there is no {kind} {} in the input", excerpt(name)),
                );
            }
            return;
        };
        let Some(key) = key else { return };
        let has = ["data", "stringData", "binaryData"].iter().any(|part| holder.at(&[part, key]).is_some());
        // A secret is often filled in later, by an operator.
        let is_filled = kind == "ConfigMap"
            || ["data", "stringData"]
                .iter()
                .any(|part| holder.at(&[part]).is_some_and(|node| !node.entries().is_empty()));
        if !has && is_filled {
            self.report(
                object,
                &rules::MISSING_KEY,
                node,
                &format!("the {kind} {} has no key {}", excerpt(name), excerpt(key)),
            );
        }
    }

    fn container_ports(&mut self, object: &'m Object, container: &'m Node, name: &str) {
        let ports = container.get("ports").map_or(&[][..], Node::items);
        for port in ports {
            if let Some(problem) = port.get("name").and_then(port_problem) {
                let node = port.get("name").unwrap_or(port);
                self.report(
                    object,
                    &rules::TARGET_PORT_FORM,
                    node,
                    &format!("the port name of the container {name} {problem}"),
                );
            }
        }
        let probes = [
            ("livenessProbe", &rules::LIVENESS_PORT),
            ("readinessProbe", &rules::READINESS_PORT),
            ("startupProbe", &rules::STARTUP_PORT),
        ];
        for (probe, rule) in probes {
            for handler in ["httpGet", "tcpSocket", "grpc"] {
                let Some(port) = container.at(&[probe, handler, "port"]) else { continue };
                let tcp = ports.iter().filter(|one| super::peers::protocol(one.get("protocol")) == Some("TCP"));
                let fits = tcp.into_iter().any(|one| match (number(port), port.as_str()) {
                    (Some(wanted), _) => one.get("containerPort").and_then(number) == Some(wanted),
                    (None, Some(wanted)) => text(one, "name") == Some(wanted),
                    (None, None) => true,
                });
                if !fits {
                    let shown = port.scalar_text().unwrap_or_default();
                    self.report(
                        object,
                        rule,
                        port,
                        &format!(
                            "the {probe} of the container {name} asks port {}, which it does not declare",
                            excerpt(&shown)
                        ),
                    );
                }
            }
        }
    }
}

// What is wrong with a port, by number or by name.
fn port_problem(node: &Node) -> Option<String> {
    if let Some(number) = node.as_int() {
        let fits = (1..=65_535).contains(&number);
        return (!fits).then(|| format!("{number} is not between 1 and 65535"));
    }
    let name = node.as_str()?;
    let shown = excerpt(name);
    if name.len() > MAX_PORT_NAME {
        return Some(format!("{shown} has more than {MAX_PORT_NAME} characters"));
    }
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') || name.is_empty() {
        return Some(format!("{shown:?} is not made of lower case letters, digits and hyphens"));
    }
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Some(format!("{shown} has no letter"));
    }
    let bad = name.starts_with('-') || name.ends_with('-') || name.contains("--");
    bad.then(|| format!("{shown} has a hyphen where none may stand"))
}
