//! The Pod Security Standards: each control as its version of the policy has it, under the id of the admission plugin.
//!
//! A control looks at one pod. Which controls a level has in a version is `violations`' business; a restricted control may take
//! the place of a baseline one.

use super::{Problems, rules};
use crate::support::kubernetes::objects::{Pod, Role, text};
use crate::support::yaml::Node;
use octavo_toolkit::Rule;
use octavo_toolkit::limits::excerpt;

/// A level of the standards, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(super) enum Standard {
    /// No control.
    Privileged,
    /// What lets a pod take over its node is forbidden.
    Baseline,
    /// Pods are hardened.
    Restricted,
}

/// Every control of a level, in a version, that a pod does not keep.
pub(super) fn violations(pod: Pod<'_>, standard: Standard, minor: u32) -> Problems<'_> {
    let mut check = Check { pod, minor, containers: Vec::new(), found: Problems::default() };
    if standard == Standard::Privileged {
        return check.found;
    }
    check.containers = pod.containers().map(|(role, node)| (container_title(role, node), node)).collect();
    let restricted = standard == Standard::Restricted;
    check.app_armor();
    check.host_namespaces();
    check.host_ports();
    check.host_probes();
    check.privileged();
    check.selinux();
    check.sysctls();
    check.windows_host_process();
    match (restricted, minor) {
        (true, 35..) => check.proc_mount(&rules::PROC_MOUNT_RESTRICTED),
        (_, 35..) if check.has_own_users() => {}
        _ => check.proc_mount(&rules::PROC_MOUNT),
    }
    if restricted && minor >= 22 {
        check.capabilities_restricted();
    } else {
        check.capabilities_baseline();
    }
    if restricted && minor >= 19 {
        check.seccomp_restricted();
    } else {
        check.seccomp_baseline();
    }
    if restricted {
        check.volumes();
        check.privilege_escalation();
        check.non_root();
        check.user();
    } else {
        check.host_paths();
    }
    check.found
}

/// Capabilities that a container may add on the baseline.
const BASELINE_CAPABILITIES: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Kernel parameters that a pod may set, with the version since when.
const SYSCTLS: &[(&str, u32)] = &[
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_notsent_lowat", 37),
];

/// Kinds of volumes that a restricted pod may have.
const RESTRICTED_VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

const APP_ARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";
const SECCOMP_POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_CONTAINER_ANNOTATION: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// A field that is there and not null.
pub(super) fn set<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    node.at(path).filter(|value| !value.is_null())
}

/// The boolean at a path.
pub(super) fn flag(node: &Node, path: &[&str]) -> Option<bool> {
    node.at(path).and_then(Node::as_bool)
}

struct Check<'n> {
    pod: Pod<'n>,
    minor: u32,
    containers: Vec<(String, &'n Node)>,
    found: Problems<'n>,
}

impl<'n> Check<'n> {
    fn add(&mut self, rule: &'static Rule, node: &'n Node, what: impl Into<String>) {
        self.found.add(rule, node, what.into());
    }

    fn containers(&self) -> Vec<(String, &'n Node)> {
        self.containers.clone()
    }

    // Every security context with what it belongs to: the pod's, then each container's.
    fn contexts(&self) -> Vec<(String, &'n Node)> {
        let pod = set(self.pod.spec, &["securityContext"]).map(|context| ("the pod".to_owned(), context));
        let inner = self.containers().into_iter();
        pod.into_iter()
            .chain(inner.filter_map(|(title, node)| Some((title, set(node, &["securityContext"])?))))
            .collect()
    }

    fn is_windows(&self) -> bool {
        self.minor >= 25 && self.pod.spec.at(&["os", "name"]).and_then(Node::as_str) == Some("windows")
    }

    // Users of the pod's own user namespace are nobody on the node.
    fn has_own_users(&self) -> bool {
        self.minor >= 35 && flag(self.pod.spec, &["hostUsers"]) == Some(false)
    }

    fn app_armor(&mut self) {
        for (owner, context) in self.contexts() {
            let Some(profile) = set(context, &["appArmorProfile"]) else { continue };
            let kind = text(profile, "type").unwrap_or_default();
            if !matches!(kind, "RuntimeDefault" | "Localhost") {
                self.add(&rules::APP_ARMOR, profile, format!("{owner} has the AppArmor profile {:?}", excerpt(kind)));
            }
        }
        let Some(annotations) = self.pod.metadata.and_then(|metadata| metadata.get("annotations")) else { return };
        for entry in annotations.entries() {
            let name = entry.name();
            let value = entry.value.as_str().unwrap_or_default();
            let fine = value.is_empty() || value == "runtime/default" || value.starts_with("localhost/");
            if name.starts_with(APP_ARMOR_ANNOTATION) && !fine {
                self.add(
                    &rules::APP_ARMOR,
                    &entry.value,
                    format!("the annotation {} is {:?}", excerpt(&name), excerpt(value)),
                );
            }
        }
    }

    fn host_namespaces(&mut self) {
        for field in ["hostNetwork", "hostPID", "hostIPC"] {
            if let Some(node) = self.pod.spec.get(field).filter(|node| node.as_bool() == Some(true)) {
                self.add(&rules::HOST_NAMESPACES, node, format!("the pod sets {field}"));
            }
        }
    }

    fn host_ports(&mut self) {
        for (owner, container) in self.containers() {
            for port in container.get("ports").map_or(&[][..], Node::items) {
                if let Some(number) = port.get("hostPort").and_then(Node::as_int).filter(|port| *port != 0) {
                    self.add(&rules::HOST_PORTS, port, format!("{owner} uses hostPort {number}"));
                }
            }
        }
    }

    fn host_probes(&mut self) {
        if self.minor < 34 {
            return;
        }
        let places: [&[&str]; 5] = [
            &["livenessProbe"],
            &["readinessProbe"],
            &["startupProbe"],
            &["lifecycle", "postStart"],
            &["lifecycle", "preStop"],
        ];
        for (owner, container) in self.containers() {
            for place in places {
                let Some(handler) = container.at(place) else { continue };
                for kind in ["httpGet", "tcpSocket"] {
                    if let Some(host) =
                        handler.at(&[kind, "host"]).filter(|host| host.as_str().is_some_and(|host| !host.is_empty()))
                    {
                        let name = place.last().copied().unwrap_or_default();
                        self.add(&rules::HOST_PROBES, host, format!("{owner}: {name} names a host"));
                    }
                }
            }
        }
    }

    fn privileged(&mut self) {
        for (owner, container) in self.containers() {
            if let Some(node) =
                container.at(&["securityContext", "privileged"]).filter(|node| node.as_bool() == Some(true))
            {
                self.add(&rules::PRIVILEGED, node, format!("{owner} is privileged"));
            }
        }
    }

    fn proc_mount(&mut self, rule: &'static Rule) {
        for (owner, container) in self.containers() {
            let Some(node) = set(container, &["securityContext", "procMount"]) else { continue };
            if node.as_str() != Some("Default") {
                let kind = node.as_str().unwrap_or_default();
                self.add(rule, node, format!("{owner} mounts /proc as {:?}", excerpt(kind)));
            }
        }
    }

    fn selinux(&mut self) {
        for (owner, context) in self.contexts() {
            let Some(options) = set(context, &["seLinuxOptions"]) else { continue };
            let kind = text(options, "type").unwrap_or_default();
            let fine = matches!(kind, "" | "container_t" | "container_init_t" | "container_kvm_t")
                || (kind == "container_engine_t" && self.minor >= 31);
            let given = |field: &str| text(options, field).is_some_and(|value| !value.is_empty());
            if !fine || given("user") || given("role") {
                self.add(&rules::SELINUX, options, format!("{owner} sets SELinux options beyond the container types"));
            }
        }
    }

    fn sysctls(&mut self) {
        for item in self.pod.spec.at(&["securityContext", "sysctls"]).map_or(&[][..], Node::items) {
            let name = text(item, "name").unwrap_or_default();
            if !SYSCTLS.iter().any(|(known, since)| *known == name && *since <= self.minor) {
                self.add(&rules::SYSCTLS, item, format!("the pod sets the kernel parameter {:?}", excerpt(name)));
            }
        }
    }

    fn windows_host_process(&mut self) {
        for (owner, context) in self.contexts() {
            if let Some(node) =
                context.at(&["windowsOptions", "hostProcess"]).filter(|node| node.as_bool() == Some(true))
            {
                self.add(&rules::WINDOWS_HOST_PROCESS, node, format!("{owner} is a process of the Windows host"));
            }
        }
    }

    fn capabilities_baseline(&mut self) {
        for (owner, container) in self.containers() {
            for item in container.at(&["securityContext", "capabilities", "add"]).map_or(&[][..], Node::items) {
                let name = item.as_str().unwrap_or_default();
                if !BASELINE_CAPABILITIES.contains(&name) {
                    self.add(
                        &rules::CAPABILITIES_BASELINE,
                        item,
                        format!("{owner} adds the capability {:?}", excerpt(name)),
                    );
                }
            }
        }
    }

    fn capabilities_restricted(&mut self) {
        if self.is_windows() {
            return;
        }
        for (owner, container) in self.containers() {
            let capabilities = set(container, &["securityContext", "capabilities"]);
            let list = |field: &str| capabilities.and_then(|found| found.get(field)).map_or(&[][..], Node::items);
            if !list("drop").iter().any(|item| item.as_str() == Some("ALL")) {
                let node = capabilities.unwrap_or(container);
                self.add(&rules::CAPABILITIES_RESTRICTED, node, format!("{owner} does not drop ALL capabilities"));
            }
            for item in list("add").iter().filter(|item| item.as_str() != Some("NET_BIND_SERVICE")) {
                let name = item.as_str().unwrap_or_default();
                self.add(
                    &rules::CAPABILITIES_RESTRICTED,
                    item,
                    format!("{owner} adds the capability {:?}", excerpt(name)),
                );
            }
        }
    }

    fn seccomp_baseline(&mut self) {
        if self.minor >= 19 {
            for (owner, context) in self.contexts() {
                if let Some(profile) = set(context, &["seccompProfile"]).filter(|profile| !is_seccomp(profile)) {
                    self.add(&rules::SECCOMP_BASELINE, profile, format!("{owner} has no seccomp filter"));
                }
            }
            return;
        }
        let Some(annotations) = self.pod.metadata.and_then(|metadata| metadata.get("annotations")) else { return };
        let mut keys = vec![SECCOMP_POD_ANNOTATION.to_owned()];
        for (_, container) in self.containers() {
            keys.push(format!("{SECCOMP_CONTAINER_ANNOTATION}{}", text(container, "name").unwrap_or_default()));
        }
        for key in keys {
            let Some(node) = annotations.get(&key) else { continue };
            let value = node.as_str().unwrap_or_default();
            if !matches!(value, "runtime/default" | "docker/default") && !value.starts_with("localhost/") {
                self.add(
                    &rules::SECCOMP_BASELINE,
                    node,
                    format!("the annotation {} is {:?}", excerpt(&key), excerpt(value)),
                );
            }
        }
    }

    fn seccomp_restricted(&mut self) {
        if self.is_windows() {
            return;
        }
        let pod_profile = set(self.pod.spec, &["securityContext", "seccompProfile"]);
        let by_pod = pod_profile.is_some_and(is_seccomp);
        if let Some(profile) = pod_profile.filter(|profile| !is_seccomp(profile)) {
            self.add(&rules::SECCOMP_RESTRICTED, profile, "the pod has no seccomp filter");
        }
        for (owner, container) in self.containers() {
            match set(container, &["securityContext", "seccompProfile"]) {
                Some(profile) if !is_seccomp(profile) => {
                    self.add(&rules::SECCOMP_RESTRICTED, profile, format!("{owner} has no seccomp filter"));
                }
                None if !by_pod => {
                    self.add(
                        &rules::SECCOMP_RESTRICTED,
                        container,
                        format!("neither {owner} nor the pod sets a seccompProfile"),
                    );
                }
                Some(_) | None => {}
            }
        }
    }

    fn host_paths(&mut self) {
        for volume in self.pod.volumes() {
            if set(volume, &["hostPath"]).is_some() {
                let name = excerpt(text(volume, "name").unwrap_or_default());
                self.add(&rules::HOST_PATHS, volume, format!("the volume {name} is a path of the node"));
            }
        }
    }

    fn volumes(&mut self) {
        for volume in self.pod.volumes() {
            // A volume that says nothing is an emptyDir: the API server fills that in.
            let says_nothing = volume.entries().iter().all(|entry| entry.name() == "name" || entry.value.is_null());
            if says_nothing || RESTRICTED_VOLUMES.iter().any(|kind| set(volume, &[kind]).is_some()) {
                continue;
            }
            let kind = volume.entries().iter().map(|entry| entry.name()).find(|name| name != "name");
            let kind = kind.map_or_else(|| "unknown".to_owned(), |kind| excerpt(&kind));
            let name = excerpt(text(volume, "name").unwrap_or_default());
            self.add(&rules::RESTRICTED_VOLUMES, volume, format!("the volume {name} is of the kind {kind}"));
        }
    }

    fn privilege_escalation(&mut self) {
        if self.minor < 8 || self.is_windows() {
            return;
        }
        for (owner, container) in self.containers() {
            if flag(container, &["securityContext", "allowPrivilegeEscalation"]) != Some(false) {
                let node = container.at(&["securityContext", "allowPrivilegeEscalation"]).unwrap_or(container);
                self.add(
                    &rules::PRIVILEGE_ESCALATION,
                    node,
                    format!("{owner} does not set allowPrivilegeEscalation to false"),
                );
            }
        }
    }

    fn non_root(&mut self) {
        if self.has_own_users() {
            return;
        }
        let path = ["securityContext", "runAsNonRoot"];
        let pod = flag(self.pod.spec, &path);
        if let (Some(false), Some(node)) = (pod, self.pod.spec.at(&path)) {
            self.add(&rules::NON_ROOT, node, "the pod sets runAsNonRoot to false");
        }
        for (owner, container) in self.containers() {
            match flag(container, &path) {
                Some(false) => {
                    let node = container.at(&path).unwrap_or(container);
                    self.add(&rules::NON_ROOT, node, format!("{owner} sets runAsNonRoot to false"));
                }
                None if pod != Some(true) => {
                    self.add(&rules::NON_ROOT, container, format!("neither {owner} nor the pod sets runAsNonRoot"));
                }
                Some(true) | None => {}
            }
        }
    }

    fn user(&mut self) {
        if self.minor < 23 || self.has_own_users() {
            return;
        }
        for (owner, context) in self.contexts() {
            if let Some(node) = context.get("runAsUser").filter(|node| node.as_int() == Some(0)) {
                self.add(&rules::USER, node, format!("{owner} runs as user 0"));
            }
        }
    }
}

fn is_seccomp(profile: &Node) -> bool {
    matches!(text(profile, "type"), Some("RuntimeDefault" | "Localhost"))
}

/// `the container web`, `the init container setup`.
pub(super) fn container_title(role: Role, container: &Node) -> String {
    let name = excerpt(text(container, "name").unwrap_or("(no name)"));
    match role {
        Role::Init => format!("the init container {name}"),
        Role::Main => format!("the container {name}"),
        Role::Ephemeral => format!("the ephemeral container {name}"),
    }
}
