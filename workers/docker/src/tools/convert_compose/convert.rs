//! From a Compose project to Kubernetes objects, as kompose does it: a workload a service, with a Service for its ports, claims
//! for its volumes, config maps for its files of variables, and what labels of kompose ask for.

use super::names::{SELECTOR, env_name, labels, pairs, prune, resource_name, service_name};
use super::probes;
use super::rules;
use crate::support::compose::item::{Item, Map, Place, Val};
use crate::support::compose::{Project, dotenv, path, short};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Rule, SourceFile};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is converted, and what is said of it.
pub(super) struct Converter<'a> {
    pub(super) project: &'a Project,
    pub(super) model: &'a Map,
    pub(super) files: &'a [SourceFile],
    pub(super) folder: &'a str,
    pub(super) controller: Option<&'a str>,
    pub(super) volume_kind: &'a str,
    pub(super) policies: bool,
    pub(super) found: Vec<(Place, &'static Rule, String)>,
}

/// One service.
pub(super) struct Service<'a> {
    /// Name of its objects.
    pub(super) key: String,
    // Name as it is called, in small letters.
    name: String,
    pub(super) item: &'a Item,
    labels: BTreeMap<String, String>,
}

impl Service<'_> {
    /// A label's value.
    pub(super) fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.item.get_str(key).filter(|text| !text.is_empty())
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.item.get(key).and_then(Item::as_bool).filter(|flag| *flag)
    }

    fn at(&self, path: &[&str]) -> Option<&Item> {
        path.iter().try_fold(self.item, |item, key| item.get(key))
    }

    fn container(&self) -> String {
        self.text("container_name").map_or_else(|| self.key.clone(), service_name)
    }

    // Labels that are no instructions to the converter.
    fn annotations(&self) -> Value {
        let own = self.labels.iter().filter(|(key, _)| !key.starts_with("kompose."));
        own.map(|(key, value)| (key.clone(), json!(value))).collect::<serde_json::Map<_, _>>().into()
    }
}

struct Port {
    host: u16,
    host_ip: String,
    container: u16,
    protocol: String,
}

// Keys of a service without a counterpart.
const LOST: [&str; 39] = [
    "annotations",
    "attach",
    "blkio_config",
    "cgroup",
    "cgroup_parent",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpuset",
    "credential_spec",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "external_links",
    "extra_hosts",
    "gpus",
    "init",
    "ipc",
    "isolation",
    "links",
    "logging",
    "mac_address",
    "memswap_limit",
    "mem_swappiness",
    "oom_kill_disable",
    "oom_score_adj",
    "pids_limit",
    "security_opt",
    "shm_size",
    "sysctls",
    "ulimits",
    "userns_mode",
];

impl Converter<'_> {
    /// Says that something of the project is lost.
    pub(super) fn lost(&mut self, at: Place, rule: &'static Rule, what: impl Into<String>) {
        let what = what.into();
        self.found(at, rule, format!("{what} is left out"));
    }

    pub(super) fn found(&mut self, at: Place, rule: &'static Rule, message: impl Into<String>) {
        self.found.push((at, rule, message.into()));
    }

    /// The objects, Services first.
    pub(super) fn run(&mut self, namespace: Option<&str>) -> Vec<Value> {
        let mut objects = self.secret_objects();
        if let Some(namespace) = namespace {
            objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}));
        }
        let model = self.model;
        let mut services: Vec<Service<'_>> = Vec::new();
        for (name, item) in model.get("services").and_then(Item::as_map).into_iter().flatten() {
            let labels = pairs(item.get("labels"));
            let name = labels.get("kompose.service.name_override").unwrap_or(name).to_lowercase();
            services.push(Service { key: service_name(&name), name, item, labels });
        }
        services.sort_by(|a, b| a.key.cmp(&b.key));
        let mut moved = Vec::new();
        for service in &services {
            self.losses(service);
            objects.extend(self.service(service));
            if let Some(other) = service.text("network_mode").and_then(|mode| mode.strip_prefix("service:")) {
                moved.push((service.key.clone(), service_name(other)));
            }
        }
        join_pods(&mut objects, &moved);
        let (mut first, rest): (Vec<Value>, Vec<Value>) =
            objects.into_iter().partition(|object| object["kind"] == "Service");
        first.extend(rest);
        let mut seen = BTreeSet::new();
        first.retain(|object| seen.insert((object["kind"].to_string(), object["metadata"]["name"].to_string())));
        for object in &mut first {
            if let (Some(namespace), Some(metadata)) =
                (namespace, object.get_mut("metadata").and_then(Value::as_object_mut))
            {
                metadata.insert("namespace".to_owned(), json!(namespace));
            }
            prune(object, &["emptyDir"]);
        }
        first
    }

    fn losses(&mut self, service: &Service<'_>) {
        for key in LOST {
            if let Some(item) = service.item.get(key).filter(|item| !item.is_null()) {
                self.lost(item.at, &rules::LOST, format!("`{key}` of `{}`", excerpt(&service.name)));
            }
        }
        if let Some(build) = service.item.get("build") {
            let image = service.text("image").unwrap_or(&service.key);
            let message =
                format!("`{}` must be built and pushed as `{}` first", excerpt(&service.name), excerpt(image));
            self.found(build.at, &rules::CHANGED, message);
        }
        for (key, item) in service.item.get("depends_on").and_then(Item::as_map).into_iter().flatten() {
            let message = format!("`{}` does not wait for `{}`", excerpt(&service.name), excerpt(key));
            self.found(item.at, &rules::CHANGED, message);
        }
        if let Some(restart) = service.item.get("restart").filter(|restart| restart.as_str() == Some("unless-stopped"))
        {
            self.found(restart.at, &rules::CHANGED, "`unless-stopped` becomes `Always`");
        }
        if let Some(user) =
            service.item.get("user").filter(|user| !user.sprint().split(':').all(|part| part.parse::<i64>().is_ok()))
        {
            self.lost(user.at, &rules::LOST, format!("the user `{}`, which is no number,", excerpt(&user.sprint())));
        }
        let mode = service.text("network_mode").filter(|mode| !mode.starts_with("service:"));
        if let (Some(mode), Some(item)) = (mode, service.item.get("network_mode")) {
            self.lost(item.at, &rules::LOST, format!("`network_mode: {}`", excerpt(mode)));
        }
    }

    fn secret_objects(&mut self) -> Vec<Value> {
        let mut objects = Vec::new();
        let model = self.model;
        for (name, secret) in model.get("secrets").and_then(Item::as_map).into_iter().flatten() {
            let text = secret.get_str("file").and_then(|file| {
                let found = self.files.iter().find(|one| path::join(self.folder, &one.path) == file)?;
                Some(found.source.clone())
            });
            let Some(text) = text else {
                self.lost(secret.at, &rules::LOST, format!("the content of the secret `{}`", excerpt(name)));
                continue;
            };
            let name = resource_name(name);
            objects.push(json!({
                "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
                "metadata": {"name": name, "labels": labels(&name)},
                "data": {name.clone(): base64(text.as_bytes())},
            }));
        }
        objects
    }

    fn service(&mut self, service: &Service<'_>) -> Vec<Value> {
        let restart = restart_policy(service);
        let global = service.at(&["deploy", "mode"]).and_then(Item::as_str) == Some("global");
        let asked = service.label("kompose.controller.type").or(self.controller).map(str::to_lowercase);
        let schedule = service.label("kompose.cronjob.schedule");
        let kind = match (restart, asked.as_deref()) {
            ("Never" | "OnFailure", None) if schedule.is_some() => "CronJob",
            ("Never" | "OnFailure", None) => "Pod",
            (_, Some("daemonset")) => "DaemonSet",
            (_, Some("statefulset")) => "StatefulSet",
            (_, None) if global => "DaemonSet",
            _ => "Deployment",
        };
        let mut objects = Vec::new();
        let has_configs = matches!(kind, "Deployment" | "StatefulSet")
            && !service.item.get("configs").map_or(&[][..], Item::items).is_empty();
        let configs = if has_configs { self.configs(service) } else { super::volumes::Mounted::default() };
        let mounted = self.mount(service);
        let (env, env_from, env_maps) = self.environment(service);
        objects.extend(configs.objects.iter().cloned());
        let pod = self.pod(service, kind, restart, &configs, &mounted, &env, &env_from);
        objects.push(workload(service, kind, &pod, &mounted));
        objects.extend(env_maps);
        objects.extend(self.services(service, kind == "StatefulSet" && self.controller.is_some()));
        if kind != "StatefulSet" {
            objects.extend(mounted.claims);
        }
        objects.extend(mounted.objects);
        if self.policies {
            objects.extend(self.networks(service).iter().map(|network| {
                let peers = json!({"matchLabels": {format!("io.kompose.network/{network}"): "true"}});
                json!({
                    "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": network},
                    "spec": {"podSelector": peers, "ingress": [{"from": [{"podSelector": peers}]}]},
                })
            }));
        }
        objects.extend(scaler(service));
        objects
    }

    fn networks(&self, service: &Service<'_>) -> Vec<String> {
        let names = service.item.get("networks").and_then(Item::as_map).into_iter().flat_map(Map::keys);
        let full = |name: &String| {
            let declared = self.model.get("networks").and_then(|networks| networks.get(name));
            let full = declared.and_then(|network| network.get_str("name")).unwrap_or(name);
            resource_name(full).chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-')).collect()
        };
        names.map(full).collect()
    }

    fn environment(&mut self, service: &Service<'_>) -> (Vec<Value>, Vec<Value>, Vec<Value>) {
        let (mut from, mut maps, mut in_files) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut own: BTreeMap<String, Option<String>> = BTreeMap::new();
        match service.item.get("environment").map(|item| &item.value) {
            Some(Val::Map(map)) => {
                own.extend(map.iter().map(|(key, value)| (key.clone(), (!value.is_null()).then(|| value.sprint()))));
            }
            Some(Val::List(items)) => own.extend(items.iter().map(|item| {
                let text = item.sprint();
                let parts = text.split_once('=').map(|(key, value)| (key.to_owned(), Some(value.to_owned())));
                parts.unwrap_or((text, None))
            })),
            _ => {}
        }
        let set: BTreeMap<String, String> =
            own.iter().filter_map(|(key, value)| Some((key.clone(), value.clone()?))).collect();
        for file in service.item.get("env_file").map_or(&[][..], Item::items) {
            let full = file.get_str("path").unwrap_or_default();
            let Some(found) = self.files.iter().find(|one| path::join(self.folder, &one.path) == full) else {
                continue;
            };
            let mut values = BTreeMap::new();
            if dotenv::read(&found.source, &[&set], &mut values).is_err() {
                continue;
            }
            let name = env_name(&path::relative(self.folder, full), &service.name);
            from.push(json!({"configMapRef": {"name": name}}));
            in_files.extend(values.keys().cloned());
            maps.push(json!({
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": name, "labels": labels(&format!("{}-{name}", service.key))},
                "data": values,
            }));
        }
        let env = own.into_iter().filter(|(name, _)| !in_files.contains(name)).filter_map(|(name, value)| {
            let value = value.or_else(|| self.project.environment.get(&name).cloned())?;
            let value = if value.contains("run/secrets") { resource_name(&value) } else { value };
            Some(json!({"name": name, "value": if value.is_empty() { Value::Null } else { json!(value) }}))
        });
        (env.collect(), from, maps)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts a pod is made of")]
    fn pod(
        &mut self,
        service: &Service<'_>,
        kind: &str,
        restart: &str,
        configs: &super::volumes::Mounted,
        mounted: &super::volumes::Mounted,
        env: &[Value],
        env_from: &[Value],
    ) -> Value {
        let image = service.text("image").unwrap_or(&service.key);
        let command = |key: &str| match service.item.get(key).map(|item| &item.value) {
            Some(Val::Text(text)) => short::words(text).unwrap_or_default(),
            Some(Val::List(items)) => items.iter().map(Item::sprint).collect(),
            _ => Vec::new(),
        };
        let arguments: Vec<String> = command("command").iter().map(|word| bracket_variables(word)).collect();
        let mounts: Vec<&Value> = configs.mounts.iter().chain(&mounted.mounts).collect();
        let volumes: Vec<&Value> = configs
            .volumes
            .iter()
            .chain(
                mounted
                    .volumes
                    .iter()
                    .filter(|volume| kind != "StatefulSet" || volume.get("persistentVolumeClaim").is_none()),
            )
            .collect();
        let ports: Vec<Value> = {
            let mut seen = BTreeSet::new();
            let all = ports(service).into_iter().filter(|port| seen.insert((port.container, port.protocol.clone())));
            let on_host = service.label("kompose.controller.port.expose").is_some_and(|value| value == "true");
            all.map(|port| {
                json!({
                    "containerPort": port.container,
                    "hostPort": (on_host && port.host > 0).then_some(port.host),
                    "hostIP": (on_host && !port.host_ip.is_empty()).then_some(port.host_ip),
                    "protocol": port.protocol,
                })
            })
            .collect()
        };
        let container = json!({
            "args": arguments,
            "command": command("entrypoint"),
            "env": env,
            "envFrom": env_from,
            "image": image,
            "imagePullPolicy": service.label("kompose.image-pull-policy").filter(|policy| !policy.is_empty()),
            "livenessProbe": probes::liveness(service),
            "name": service.container(),
            "ports": ports,
            "readinessProbe": probes::readiness(service),
            "resources": resources(service),
            "securityContext": security(service),
            "stdin": service.flag("stdin_open"),
            "tty": service.flag("tty"),
            "volumeMounts": mounts,
            "workingDir": service.text("working_dir"),
        });
        let groups: Vec<i64> = service
            .item
            .get("group_add")
            .map_or(&[][..], Item::items)
            .iter()
            .filter_map(|group| group.sprint().parse().ok())
            .collect();
        let fs_group = service
            .label("kompose.security-context.fsgroup")
            .and_then(|group| group.parse::<i64>().ok())
            .filter(|group| *group != 0);
        let grace = service
            .item
            .get("stop_grace_period")
            .and_then(|time| short::nanoseconds(&time.sprint()))
            .map(|time| time / 1_000_000_000);
        let init = service.label("kompose.init.containers.image").filter(|image| !image.is_empty()).map(|image| {
            let name = service.label("kompose.init.containers.name").filter(|name| !name.is_empty()).unwrap_or("init-service");
            json!([{"name": name, "image": image, "command": init_command(service.label("kompose.init.containers.command").unwrap_or_default())}])
        });
        let spec = json!({
            "affinity": affinity(service),
            "containers": [container],
            "hostname": service.text("hostname"),
            "imagePullSecrets": service.label("kompose.image-pull-secret").map(|name| json!([{"name": name}])),
            "initContainers": init,
            "restartPolicy": restart,
            "securityContext": {"fsGroup": fs_group, "supplementalGroups": groups},
            "serviceAccountName": service.label("kompose.serviceaccount-name"),
            "subdomain": service.text("domainname"),
            "terminationGracePeriodSeconds": grace,
            "topologySpreadConstraints": spread(service),
            "volumes": volumes,
        });
        let mut own = json!({ SELECTOR: service.key });
        if let (true, Some(own)) = (self.policies, own.as_object_mut()) {
            own.extend(
                self.networks(service).iter().map(|network| (format!("io.kompose.network/{network}"), json!("true"))),
            );
        }
        let annotations = if matches!(kind, "Deployment" | "Pod") { service.annotations() } else { Value::Null };
        json!({"metadata": {"annotations": annotations, "labels": own}, "spec": spec})
    }

    // The Services of a service, and the Ingress its labels ask for.
    fn services(&mut self, service: &Service<'_>, is_headless: bool) -> Vec<Value> {
        let all = ports(service);
        let mut kind = service.label("kompose.service.type").map(str::to_lowercase);
        if service.at(&["deploy", "endpoint_mode"]).and_then(Item::as_str) == Some("vip") && kind.is_none() {
            kind = Some("nodeport".to_owned());
        }
        if is_headless {
            kind = Some("headless".to_owned());
        }
        let of = |name: &str, spec: Value| {
            let metadata = json!({"annotations": service.annotations(), "labels": labels(&service.key), "name": name});
            json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec})
        };
        if all.is_empty() {
            if kind.as_deref() == Some("headless") {
                let ports = json!([{"name": "headless", "port": 55555, "targetPort": 0}]);
                return vec![of(
                    &service.key,
                    json!({"clusterIP": "None", "ports": ports, "selector": labels(&service.key)}),
                )];
            }
            let message = format!("`{}` has no ports, so it gets no Service", excerpt(&service.name));
            self.found(service.item.at, &rules::NO_SERVICE, message);
            return Vec::new();
        }
        let port = |port: &Port, name: String| {
            let node = service
                .label("kompose.service.nodeport.port")
                .and_then(|port| port.parse::<u16>().ok())
                .filter(|_| kind.as_deref() == Some("nodeport"));
            json!({
                "name": name, "port": if port.host > 0 { port.host } else { port.container }, "targetPort": port.container,
                "nodePort": node, "protocol": (port.protocol != "TCP").then_some(&port.protocol),
            })
        };
        let number = |port: &Port| if port.host > 0 { port.host } else { port.container };
        if kind.as_deref() == Some("loadbalancer") {
            let policy = service
                .label("kompose.service.external-traffic-policy")
                .map(|policy| if policy.eq_ignore_ascii_case("local") { "Local" } else { "Cluster" });
            let mut services = Vec::new();
            for (is_tcp, end) in [(true, "tcp"), (false, "udp")] {
                let own: Vec<Value> = all
                    .iter()
                    .filter(|port| (port.protocol == "TCP") == is_tcp)
                    .map(|one| port(one, number(one).to_string()))
                    .collect();
                if !own.is_empty() {
                    let spec = json!({"externalTrafficPolicy": policy, "ports": own, "selector": labels(&service.key), "type": "LoadBalancer"});
                    let name = format!("{}-{end}", service.key);
                    let mut object = of(&name, spec);
                    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
                        metadata.insert("labels".to_owned(), labels(&name));
                    }
                    services.push(object);
                }
            }
            return services;
        }
        let mut seen = BTreeSet::new();
        let own: Vec<Value> = all
            .iter()
            .map(|one| {
                let number = number(one);
                let name = if seen.insert(number) {
                    number.to_string()
                } else {
                    format!("{number}-{}", one.protocol.to_lowercase())
                };
                port(one, name)
            })
            .collect();
        let first = own.first().map_or(Value::Null, |port| port["port"].clone());
        let (shown, address) = match kind.as_deref() {
            Some("headless") => (Some("ClusterIP"), Some("None")),
            Some("nodeport") => (Some("NodePort"), None),
            Some(_) => (Some("ClusterIP"), None),
            None => (None, None),
        };
        let spec = json!({"clusterIP": address, "ports": own, "selector": labels(&service.key), "type": shown});
        let mut objects = vec![of(&service.key, spec)];
        objects.extend(ingress(service, &first));
        objects
    }
}

// The object that runs a service's pods.
fn workload(service: &Service<'_>, kind: &str, template: &Value, mounted: &super::volumes::Mounted) -> Value {
    let key = &service.key;
    let mut all = pairs(service.at(&["deploy", "labels"]));
    all.insert(SELECTOR.to_owned(), key.clone());
    let replicas = service
        .at(&["deploy", "replicas"])
        .and_then(|item| item.sprint().parse::<u32>().ok())
        .filter(|count| *count > 0);
    let metadata = json!({"annotations": service.annotations(), "labels": all, "name": key});
    let selector = json!({"matchLabels": labels(key)});
    match kind {
        "Pod" => {
            let mut meta = template["metadata"].clone();
            if let Some(meta) = meta.as_object_mut() {
                meta.insert("name".to_owned(), json!(key));
            }
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]})
        }
        "CronJob" => json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata,
            "spec": {
                "concurrencyPolicy": service.label("kompose.cronjob.concurrency_policy").filter(|policy| !policy.is_empty()),
                "schedule": service.label("kompose.cronjob.schedule"),
                "jobTemplate": {"spec": {
                    "backoffLimit": service.label("kompose.cronjob.backoff_limit").and_then(|limit| limit.parse::<i64>().ok()),
                    "template": template,
                }},
            },
        }),
        "DaemonSet" => json!({
            "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": metadata, "spec": {"selector": selector, "template": template},
        }),
        "StatefulSet" => {
            let claims =
                mounted.claims.iter().map(|claim| json!({"metadata": claim["metadata"], "spec": claim["spec"]}));
            json!({
                "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata,
                "spec": {
                    "replicas": replicas.unwrap_or(1), "selector": selector, "serviceName": service.key,
                    "template": template, "volumeClaimTemplates": claims.collect::<Vec<_>>(),
                },
            })
        }
        _ => {
            let order = service.at(&["deploy", "update_config", "order"]).and_then(Item::as_str);
            let count = service
                .at(&["deploy", "update_config", "parallelism"])
                .and_then(|item| item.sprint().parse::<i64>().ok());
            let rolling = match order {
                Some("stop-first") => json!({"maxSurge": 0, "maxUnavailable": count}),
                Some("start-first") => json!({"maxSurge": count, "maxUnavailable": 0}),
                _ => Value::Null,
            };
            let kind =
                if mounted.has_volumes { Some("Recreate") } else { (!rolling.is_null()).then_some("RollingUpdate") };
            let rolling = if mounted.has_volumes { Value::Null } else { rolling };
            json!({
                "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
                "spec": {
                    "replicas": replicas.unwrap_or(1), "selector": selector,
                    "strategy": {"type": kind, "rollingUpdate": rolling}, "template": template,
                },
            })
        }
    }
}

fn restart_policy(service: &Service<'_>) -> &'static str {
    let condition =
        service.at(&["deploy", "restart_policy"]).map(|policy| policy.get_str("condition").unwrap_or_default());
    match condition.or(service.text("restart")).unwrap_or_default() {
        "no" | "none" => "Never",
        "on-failure" => "OnFailure",
        "always" if service.label("kompose.cronjob.concurrency_policy").is_some_and(|policy| !policy.is_empty()) => {
            "OnFailure"
        }
        text if text.starts_with("on-failure") => "OnFailure",
        _ => "Always",
    }
}

// Published ports, then exposed ones.
fn ports(service: &Service<'_>) -> Vec<Port> {
    let mut ports = Vec::new();
    for port in service.item.get("ports").map_or(&[][..], Item::items) {
        let number = |key: &str| {
            port.get(key).and_then(|value| value.sprint().split('-').next()?.parse::<u16>().ok()).unwrap_or_default()
        };
        ports.push(Port {
            host: number("published"),
            host_ip: port.get_str("host_ip").unwrap_or_default().to_owned(),
            container: number("target"),
            protocol: port.get_str("protocol").unwrap_or("tcp").to_uppercase(),
        });
    }
    for port in service.item.get("expose").map_or(&[][..], Item::items) {
        let text = port.sprint();
        let (number, protocol) = text.split_once('/').unwrap_or((&text, "TCP"));
        let is_known =
            |known: &Port| known.container.to_string() == number && known.protocol.to_lowercase() == protocol;
        if ports.iter().any(is_known) {
            continue;
        }
        if let Ok(container) = number.parse() {
            ports.push(Port { host: 0, host_ip: String::new(), container, protocol: protocol.to_uppercase() });
        }
    }
    ports
}

#[expect(clippy::cast_possible_truncation, reason = "thousandths of a processor")]
fn resources(service: &Service<'_>) -> Value {
    let bytes = |item: Option<&Item>| {
        let text = item?.sprint();
        short::bytes(&text).filter(|bytes| *bytes != 0).map(|bytes| bytes.to_string())
    };
    let processors = |item: Option<&Item>| {
        let share: f32 = item?.sprint().parse().ok()?;
        let thousandths = (share * 1000.0) as i64;
        (thousandths > 0)
            .then(|| if thousandths % 1000 == 0 { (thousandths / 1000).to_string() } else { format!("{thousandths}m") })
    };
    let of = |kind: &str, key: &str| service.at(&["deploy", "resources", kind, key]);
    let deploy_labels = pairs(service.at(&["deploy", "labels"]));
    let storage = |kind: &str| deploy_labels.get(&format!("kompose.ephemeral-storage.{kind}")).cloned();
    let has_limits = service.at(&["deploy", "resources", "limits"]).is_some();
    let memory = if has_limits { bytes(of("limits", "memory")) } else { bytes(service.item.get("mem_limit")) };
    json!({
        "limits": {"cpu": processors(of("limits", "cpus")), "ephemeral-storage": storage("limit"), "memory": memory},
        "requests": {
            "cpu": processors(of("reservations", "cpus")), "ephemeral-storage": storage("request"), "memory": bytes(of("reservations", "memory")),
        },
    })
}

fn security(service: &Service<'_>) -> Value {
    let words =
        |key: &str| service.item.get(key).map_or(&[][..], Item::items).iter().map(Item::sprint).collect::<Vec<_>>();
    let user = service.item.get("user").map(Item::sprint).unwrap_or_default();
    let parts: Vec<&str> = user.split(':').collect();
    let part = |at: usize| parts.get(at).and_then(|part| part.parse::<i64>().ok()).filter(|_| parts.len() < 3);
    json!({
        "capabilities": {"add": words("cap_add"), "drop": words("cap_drop")},
        "privileged": service.flag("privileged"),
        "readOnlyRootFilesystem": service.flag("read_only"),
        "runAsGroup": part(1),
        "runAsUser": part(0),
    })
}

fn affinity(service: &Service<'_>) -> Value {
    let mut terms = Vec::new();
    let mut refused = Vec::new();
    for constraint in service.at(&["deploy", "placement", "constraints"]).map_or(&[][..], Item::items) {
        let text = constraint.sprint();
        let (parts, operator) = match (text.split_once("=="), text.split_once("!=")) {
            (Some(parts), _) => (parts, "In"),
            (None, Some(parts)) => (parts, "NotIn"),
            (None, None) => continue,
        };
        if let Some(key) = node_label(parts.0.trim(), parts.1.trim()) {
            let term = json!({"key": key, "operator": operator, "values": [parts.1.trim()]});
            if operator == "In" { terms.push(term) } else { refused.push(term) }
        }
    }
    terms.extend(refused);
    if terms.is_empty() {
        return Value::Null;
    }
    json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": terms}]}}})
}

fn node_label(name: &str, value: &str) -> Option<String> {
    match name {
        "node.hostname" => Some("kubernetes.io/hostname".to_owned()),
        "engine.labels.operatingsystem" => Some("kubernetes.io/os".to_owned()),
        "node.role" if value == "worker" || value == "manager" => {
            Some(format!("node-role.kubernetes.io/{}", if value == "manager" { "master" } else { value }))
        }
        _ => name.strip_prefix("node.labels.").map(ToOwned::to_owned),
    }
}

fn spread(service: &Service<'_>) -> Value {
    if service.at(&["deploy", "mode"]).and_then(Item::as_str) == Some("global") {
        return Value::Null;
    }
    let preferences = service.at(&["deploy", "placement", "preferences"]).map_or(&[][..], Item::items);
    let keys: Vec<String> = preferences.iter().filter_map(|item| node_label(item.get_str("spread")?, "")).collect();
    let of = |(at, key): (usize, &String)| {
        json!({
            "labelSelector": {"matchLabels": labels(&service.key)}, "maxSkew": keys.len() - at, "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
        })
    };
    keys.iter().enumerate().map(of).collect()
}

fn ingress(service: &Service<'_>, port: &Value) -> Option<Value> {
    let exposed = service.label("kompose.service.expose")?.trim_matches([' ', ',']);
    if exposed.is_empty() {
        return None;
    }
    let mut hosts = Vec::new();
    let mut rules = Vec::new();
    for one in exposed.split(',').map(str::trim) {
        let (host, path) = one.split_once('/').map_or((one, "/".to_owned()), |(host, path)| (host, format!("/{path}")));
        let host = (host != "true").then_some(host);
        hosts.push(host.unwrap_or_default());
        let backend = json!({"service": {"name": service.key, "port": {"number": port}}});
        rules
            .push(json!({"host": host, "http": {"paths": [{"backend": backend, "path": path, "pathType": "Prefix"}]}}));
    }
    let tls = service.label("kompose.service.expose.tls-secret").filter(|secret| !secret.is_empty());
    let tls = tls.map(|secret| json!([{"hosts": hosts, "secretName": (secret != "true").then_some(secret)}]));
    Some(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"annotations": service.annotations(), "labels": labels(&service.key), "name": service.key},
        "spec": {"ingressClassName": service.label("kompose.service.expose.ingress-class-name"), "rules": rules, "tls": tls},
    }))
}

fn scaler(service: &Service<'_>) -> Option<Value> {
    let labels =
        ["cpu", "memory", "replicas.min", "replicas.max"].map(|key| service.label(&format!("kompose.hpa.{key}")));
    if labels.iter().all(Option::is_none) {
        return None;
    }
    let [processor, memory, least, most] =
        labels.map(|label| label.and_then(|label| label.parse::<i64>().ok()).filter(|value| *value >= 0));
    let (least, most) = (least.unwrap_or(1), most.unwrap_or(3));
    let metric = |name: &str, value: Option<i64>, default: i64| {
        let value = value.filter(|value| (1..=100).contains(value)).unwrap_or(default);
        json!({"type": "Resource", "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": value}}})
    };
    Some(json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": service.key},
        "spec": {
            "maxReplicas": most.max(least), "minReplicas": least,
            "metrics": [metric("cpu", processor, 50), metric("memory", memory, 70)],
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service.key},
        },
    }))
}

// Moves the containers of services that share another's network into its pod.
fn join_pods(objects: &mut Vec<Value>, moved: &[(String, String)]) {
    let is = |object: &Value, name: &str| object["kind"] == "Deployment" && object["metadata"]["name"] == *name;
    for (from, to) in moved {
        let source = objects.iter().find(|object| is(object, from));
        let containers = source.and_then(|object| object.pointer("/spec/template/spec/containers")).cloned();
        let target = objects
            .iter_mut()
            .find(|object| is(object, to))
            .and_then(|object| object.pointer_mut("/spec/template/spec/containers"));
        if let (Some(Value::Array(more)), Some(Value::Array(list))) = (containers, target) {
            list.extend(more);
            objects.retain(|object| !is(object, from));
        }
    }
}

// `$NAME` as Kubernetes writes it: `$(NAME)`.
fn bracket_variables(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once('$') {
        let length = behind.bytes().take_while(u8::is_ascii_alphanumeric).count();
        out.push_str(before);
        out.push_str("$(");
        out.push_str(behind.get(..length).unwrap_or_default());
        out.push(')');
        rest = behind.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

fn init_command(line: &str) -> Vec<String> {
    if !line.contains(',') {
        return if line.is_empty() { Vec::new() } else { vec![line.to_owned()] };
    }
    let inner = line.trim_matches(['[', ']']).trim();
    inner.split(',').map(|word| word.trim_matches(['"', '\'', ' ']).trim().to_owned()).collect()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS.get((group >> (18 - 6 * at)) as usize & 63).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pieces_are_as_kompose_has_them() {
        assert_eq!(bracket_variables("a $B/$C$"), "a $(B)/$(C)$()");
        assert_eq!(init_command("[\"sh\", \"-c\", 'x']"), ["sh", "-c", "x"]);
        assert_eq!(init_command("a b"), ["a b"]);
        assert_eq!([base64(b""), base64(b"a"), base64(b"ab"), base64(b"abc")], ["", "YQ==", "YWI=", "YWJj"]);
        assert_eq!(env_name("./.env", "web"), "env");
        assert_eq!(env_name("a/b.env", "web"), "a-b-env");
    }
}
