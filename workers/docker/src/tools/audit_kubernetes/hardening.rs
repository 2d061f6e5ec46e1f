//! What checkov asks of workloads beyond the Pod Security Standards, and what the score counts.

use super::standards::{container_title, flag, set};
use super::{Problems, rules};
use crate::support::image::ImageName;
use crate::support::kubernetes::objects::{Object, Pod, Role, text};
use crate::support::yaml::Node;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Level, Rule};

/// Takes what was asked of a workload: where and what, when it does not hold.
pub(super) trait Put<'n>: FnMut(&'static Rule, Option<(&'n Node, String)>) {}

impl<'n, F: FnMut(&'static Rule, Option<(&'n Node, String)>)> Put<'n> for F {}

/// The weight of a rule in the score.
pub(super) const fn weight(level: Level) -> u32 {
    match level {
        Level::Error => 5,
        Level::Warning => 3,
        Level::Info => 1,
    }
}

/// Asks everything of a pod.
pub(super) fn ask<'n>(object: &'n Object, pod: Pod<'n>, put: &mut impl Put<'n>) {
    let runs_on = !matches!(object.kind.as_str(), "Job" | "CronJob");
    for (role, container) in pod.containers() {
        if role == Role::Ephemeral {
            continue;
        }
        let title = container_title(role, container);
        let lacks = |path: &[&str], what: &str| {
            let given = set(container, path).is_some_and(|node| !is_empty(node));
            (!given).then(|| (container, format!("{title} {what}")))
        };
        if runs_on && role == Role::Main {
            put(&rules::LIVENESS, lacks(&["livenessProbe"], "has no livenessProbe"));
            put(&rules::READINESS, lacks(&["readinessProbe"], "has no readinessProbe"));
        }
        put(&rules::CPU_REQUEST, lacks(&["resources", "requests", "cpu"], "requests no CPU"));
        put(&rules::CPU_LIMIT, lacks(&["resources", "limits", "cpu"], "has no CPU limit"));
        put(&rules::MEMORY_REQUEST, lacks(&["resources", "requests", "memory"], "requests no memory"));
        put(&rules::MEMORY_LIMIT, lacks(&["resources", "limits", "memory"], "has no memory limit"));
        let writable = flag(container, &["securityContext", "readOnlyRootFilesystem"]) != Some(true);
        put(&rules::READ_ONLY, writable.then(|| (container, format!("{title} can write to its root file system"))));
        image(container, &title, put);
        environment(container, &title, put);
    }
    let mounts = flag(pod.spec, &["automountServiceAccountToken"]) != Some(false);
    let node = pod.spec.get("automountServiceAccountToken").unwrap_or(pod.spec);
    put(&rules::TOKEN, mounts.then(|| (node, "the pod gets a token of its service account".to_owned())));
    let socket = pod.volumes().iter().find(|volume| {
        let path = volume.at(&["hostPath", "path"]).and_then(Node::as_str).unwrap_or_default();
        matches!(
            path.trim_end_matches('/'),
            "/var/run/docker.sock" | "/run/docker.sock" | "/run/containerd/containerd.sock" | "/var/run/crio/crio.sock"
        )
    });
    put(&rules::SOCKET, socket.map(|volume| (volume, "a volume is the socket of the container runtime".to_owned())));
    put(&rules::HIGH_USER, low_user(pod));
}

fn image<'n>(container: &'n Node, title: &str, put: &mut impl Put<'n>) {
    let node = container.get("image");
    let name = node.and_then(Node::as_str).map(str::trim).filter(|name| !name.is_empty());
    let place = node.unwrap_or(container);
    let Some(name) = name else {
        put(&rules::TAG, Some((place, format!("{title} names no image"))));
        put(&rules::DIGEST, Some((place, format!("{title} names no image"))));
        put(&rules::PULL, Some((place, format!("{title} names no image"))));
        return;
    };
    let image = ImageName::parse(name);
    let moving = image.digest.is_none() && matches!(image.tag, None | Some("latest" | ""));
    put(&rules::TAG, moving.then(|| (place, format!("{title}: the image {} has no fixed tag", excerpt(name)))));
    put(
        &rules::DIGEST,
        image.digest.is_none().then(|| (place, format!("{title}: the image {} has no digest", excerpt(name)))),
    );
    let policy = text(container, "imagePullPolicy");
    let always = match policy {
        Some(policy) => policy == "Always" || image.digest.is_some(),
        None => moving || image.digest.is_some(),
    };
    let what = policy.unwrap_or("IfNotPresent, by default");
    put(&rules::PULL, (!always).then(|| (place, format!("{title}: imagePullPolicy is {}", excerpt(what)))));
    let dashboard = name.contains("kubernetes-dashboard") || name.contains("kubernetesui");
    put(&rules::DASHBOARD, dashboard.then(|| (place, format!("{title} is the Kubernetes dashboard"))));
}

fn environment<'n>(container: &'n Node, title: &str, put: &mut impl Put<'n>) {
    let variables = container.get("env").map_or(&[][..], Node::items);
    let sources = container.get("envFrom").map_or(&[][..], Node::items);
    let named = variables.iter().find(|item| item.at(&["valueFrom", "secretKeyRef"]).is_some());
    let secret = named.or_else(|| sources.iter().find(|item| item.get("secretRef").is_some()));
    put(&rules::SECRET_ENV, secret.map(|node| (node, format!("{title} has a secret in its environment"))));
    let git = variables.iter().find(|item| text(item, "name") == Some("GITSYNC_GIT"));
    put(&rules::GIT_SYNC, git.map(|node| (node, format!("{title} runs whatever GITSYNC_GIT names"))));
}

// A user number below 10,000, or none: it may be a user of the node.
fn low_user(pod: Pod<'_>) -> Option<(&Node, String)> {
    if flag(pod.spec, &["hostUsers"]) == Some(false) {
        return None;
    }
    let user = |node: &Node| node.at(&["securityContext", "runAsUser"]).and_then(Node::as_int);
    let is_high = |user: Option<i128>| user.map(|user| user >= 10_000);
    let by_pod = is_high(user(pod.spec));
    for (role, container) in pod.containers().filter(|(role, _)| *role == Role::Main) {
        if !is_high(user(container)).or(by_pod).unwrap_or_default() {
            let title = container_title(role, container);
            return Some((container, format!("{title} does not run as a user of 10000 or above")));
        }
    }
    None
}

fn is_empty(node: &Node) -> bool {
    match node.scalar_text() {
        Some(text) => text.is_empty() || text == "0",
        None => node.entries().is_empty() && node.items().is_empty(),
    }
}

/// Kinds that checkov wants outside the default namespace.
const NAMESPACED: &[&str] = &[
    "Pod",
    "Deployment",
    "DaemonSet",
    "StatefulSet",
    "ReplicaSet",
    "ReplicationController",
    "Job",
    "CronJob",
    "Service",
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Ingress",
];

/// Asks what concerns an object as a whole.
pub(super) fn ask_object<'n>(object: &'n Object, problems: &mut Problems<'n>) {
    let mut put = |rule: &'static Rule, problem: Option<(&'n Node, String)>| {
        if let Some((node, what)) = problem {
            problems.add(rule, node, what);
        }
    };
    let place = object.at(&["metadata", "namespace"]).or(object.at(&["metadata"])).unwrap_or(&object.root);
    if NAMESPACED.contains(&object.kind.as_str()) {
        let is_cluster_own = matches!(
            (object.kind.as_str(), object.name.as_str()),
            ("ServiceAccount", "default") | ("Service", "kubernetes")
        );
        let in_default = object.namespace_or_default() == "default" && !is_cluster_own;
        put(&rules::DEFAULT_NAMESPACE, in_default.then(|| (place, "it is in the default namespace".to_owned())));
    }
    match object.kind.as_str() {
        "ServiceAccount" if object.name == "default" => {
            let mounts = object.at(&["automountServiceAccountToken"]).and_then(Node::as_bool) != Some(false);
            put(
                &rules::DEFAULT_ACCOUNT,
                mounts.then(|| (&object.root, "every pod without an account of its own gets its token".to_owned())),
            );
        }
        "Ingress" => {
            let annotations = object.at(&["metadata", "annotations"]).map_or(&[][..], Node::entries);
            let snippet = annotations.iter().find(|entry| entry.name().contains("snippet"));
            put(
                &rules::SNIPPETS,
                snippet.map(|entry| {
                    (
                        &entry.key,
                        format!("the annotation {} puts text into NGINX's configuration", excerpt(&entry.name())),
                    )
                }),
            );
        }
        _ => {}
    }
}
