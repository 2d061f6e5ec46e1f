//! Who can talk: the workloads of the manifests, ranges of addresses outside, and what brings requests in.

use super::ports::{PROTOCOLS, Ports};
use crate::support::kubernetes::objects::{Object, labels, text};
use crate::support::kubernetes::selector::Labels;
use crate::support::yaml::Node;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// The label that every namespace has with its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A port of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ContainerPort {
    pub(super) name: String,
    pub(super) protocol: &'static str,
    pub(super) number: u16,
}

/// Pods of one kind, or what stands for everything that comes through an Ingress.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    pub(super) namespace: String,
    pub(super) name: String,
    /// `shop/web[Deployment]`.
    pub(super) title: String,
    pub(super) labels: Labels,
    pub(super) ports: Vec<ContainerPort>,
    /// Its place among the objects; none of the ingress controller.
    pub(super) object: Option<usize>,
}

/// The word for a protocol; TCP where there is none.
pub(super) fn protocol(node: Option<&Node>) -> Option<&'static str> {
    let text = node.and_then(Node::as_str).filter(|text| !text.is_empty()).unwrap_or("TCP");
    PROTOCOLS.iter().find(|known| **known == text).copied()
}

/// A port number.
pub(super) fn number(node: &Node) -> Option<u16> {
    node.as_int().and_then(|number| u16::try_from(number).ok()).filter(|number| *number > 0)
}

/// The workloads of the objects; pods that something owns stand under the name of their owner.
pub(super) fn workloads(objects: &[Object]) -> Vec<Workload> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (at, object) in objects.iter().enumerate() {
        let Some(pod) = object.pod() else { continue };
        // Static pods belong to their node, which makes no others.
        let owners = object.at(&["metadata", "ownerReferences"]).map_or(&[][..], Node::items);
        let owner = owners.first().filter(|owner| text(owner, "kind") != Some("Node"));
        if object.kind == "PodTemplate" || (is_over(object) && owner.is_none()) {
            continue;
        }
        let owner = owner
            .filter(|_| object.kind == "Pod")
            .and_then(|owner| Some((text(owner, "kind").unwrap_or("Pod"), text(owner, "name")?)));
        let (kind, name) = owner.unwrap_or((object.kind.as_str(), object.name.as_str()));
        let namespace = object.namespace_or_default().to_owned();
        let title = format!("{}/{}[{}]", excerpt(&namespace), excerpt(name), excerpt(kind));
        if !seen.insert(title.clone()) {
            continue;
        }
        let mut ports = Vec::new();
        for (_, container) in pod.containers() {
            for port in container.get("ports").map_or(&[][..], Node::items) {
                if let (Some(protocol), Some(number)) =
                    (protocol(port.get("protocol")), port.get("containerPort").and_then(number))
                {
                    let name = text(port, "name").unwrap_or_default().to_owned();
                    ports.push(ContainerPort { name, protocol, number });
                }
            }
        }
        found.push(Workload { namespace, name: name.to_owned(), title, labels: pod.labels(), ports, object: Some(at) });
    }
    found
}

// Pods that have run to their end answer nobody.
fn is_over(object: &Object) -> bool {
    object.kind == "Pod"
        && matches!(object.at(&["status", "phase"]).and_then(Node::as_str), Some("Succeeded" | "Failed"))
}

impl Workload {
    /// What comes in through Ingresses: pods of some controller in a namespace of its own.
    pub(super) fn ingress_controller() -> Self {
        Self {
            namespace: String::new(),
            name: "ingress-controller".to_owned(),
            title: "{ingress-controller}".to_owned(),
            labels: Labels::new(),
            ports: Vec::new(),
            object: None,
        }
    }

    /// The ports of a name.
    pub(super) fn named(&self, protocol: &str, name: &str) -> Ports {
        let found = self.ports.iter().filter(|port| port.protocol == protocol && port.name == name);
        found.fold(Ports::default(), |ports, port| ports.union(&Ports::of(port.protocol, port.number, port.number)))
    }
}

/// The labels of every namespace that is named anywhere.
pub(super) fn namespaces(objects: &[Object], workloads: &[Workload]) -> BTreeMap<String, Labels> {
    let mut found: BTreeMap<String, Labels> = BTreeMap::new();
    for object in objects.iter().filter(|object| object.kind == "Namespace" && object.api_version == "v1") {
        found.insert(object.name.clone(), object.at(&["metadata", "labels"]).map(labels).unwrap_or_default());
    }
    for workload in workloads {
        found.entry(workload.namespace.clone()).or_default();
    }
    for (name, labels) in &mut found {
        if !name.is_empty() {
            labels.entry(NAME_LABEL.to_owned()).or_insert_with(|| name.clone());
        }
    }
    found
}

/// A service with the workloads behind it.
pub(super) struct Service<'m> {
    pub(super) object: &'m Object,
    /// The workloads that its selector takes; empty where it has none.
    pub(super) workloads: Vec<usize>,
    pub(super) has_selector: bool,
}

/// The services of the objects.
pub(super) fn services<'m>(objects: &'m [Object], workloads: &[Workload]) -> Vec<Service<'m>> {
    let of = |object: &'m Object| {
        let wanted = object.at(&["spec", "selector"]).map(labels).unwrap_or_default();
        let takes = |workload: &Workload| {
            workload.namespace == object.namespace_or_default()
                && wanted.iter().all(|(key, value)| workload.labels.get(key) == Some(value))
        };
        let chosen = workloads
            .iter()
            .enumerate()
            .filter(|(_, workload)| !wanted.is_empty() && takes(workload))
            .map(|(at, _)| at)
            .collect();
        Service { object, workloads: chosen, has_selector: !wanted.is_empty() }
    };
    objects.iter().filter(|object| object.kind == "Service" && object.api_version == "v1").map(of).collect()
}

impl Service<'_> {
    /// The port of this service that a number or name means.
    pub(super) fn port(&self, wanted: &Node) -> Option<&Node> {
        let ports = self.object.at(&["spec", "ports"]).map_or(&[][..], Node::items);
        match (wanted.as_int(), wanted.as_str()) {
            (Some(number), _) => ports.iter().find(|port| port.get("port").and_then(Node::as_int) == Some(number)),
            (None, Some(name)) => ports.iter().find(|port| text(port, "name") == Some(name)),
            (None, None) => None,
        }
    }

    /// Where a port of the service leads at one workload.
    pub(super) fn target(port: &Node, workload: &Workload) -> Ports {
        let Some(protocol) = protocol(port.get("protocol")) else { return Ports::default() };
        let target = port.get("targetPort").filter(|target| !target.is_null()).or(port.get("port"));
        match target {
            Some(node) if number(node).is_some() => {
                let number = number(node).unwrap_or_default();
                Ports::of(protocol, number, number)
            }
            Some(node) => node.as_str().map(|name| workload.named(protocol, name)).unwrap_or_default(),
            None => Ports::default(),
        }
    }
}

/// What an Ingress or a Route asks of services: the object, the name of the service, and the port where it is said.
pub(super) struct Backend<'m> {
    pub(super) object: &'m Object,
    pub(super) service: String,
    pub(super) port: Option<&'m Node>,
    pub(super) node: &'m Node,
}

/// The backends of all Ingresses and Routes.
pub(super) fn backends(objects: &[Object]) -> Vec<Backend<'_>> {
    let mut found = Vec::new();
    for object in objects {
        match (object.kind.as_str(), object.group()) {
            ("Ingress", "networking.k8s.io" | "extensions") => {
                let spec = object.at(&["spec"]);
                let default = spec.and_then(|spec| spec.get("defaultBackend").or(spec.get("backend")));
                let rules = spec.and_then(|spec| spec.get("rules")).map_or(&[][..], Node::items);
                let paths = rules.iter().flat_map(|rule| rule.at(&["http", "paths"]).map_or(&[][..], Node::items));
                for node in default.into_iter().chain(paths.filter_map(|path| path.get("backend"))) {
                    // The old form names the service and its port at once.
                    let service = node.at(&["service", "name"]).or(node.get("serviceName")).and_then(Node::as_str);
                    let port = node
                        .at(&["service", "port", "number"])
                        .or(node.at(&["service", "port", "name"]))
                        .or(node.get("servicePort"));
                    if let Some(service) = service {
                        found.push(Backend { object, service: service.to_owned(), port, node });
                    }
                }
            }
            ("Route", "route.openshift.io") => {
                let to = object.at(&["spec", "to"]).into_iter();
                let more = object.at(&["spec", "alternateBackends"]).map_or(&[][..], Node::items);
                for node in to.chain(more) {
                    let is_service = text(node, "kind").is_none_or(|kind| kind == "Service");
                    if let Some(service) = text(node, "name").filter(|_| is_service) {
                        found.push(Backend {
                            object,
                            service: service.to_owned(),
                            port: object.at(&["spec", "port", "targetPort"]),
                            node,
                        });
                    }
                }
            }
            _ => {}
        }
    }
    found
}
