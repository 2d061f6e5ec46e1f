//! What must be consistent in a model: references, dependencies, settings that exclude each other.

use super::item::{Item, Map, Place, Val};
use super::{Issue, Kind, path, short};
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

struct Checker<'a> {
    model: &'a Map,
    disabled: &'a Map,
    issues: &'a mut Vec<Issue>,
}

fn section<'a>(model: &'a Map, name: &str) -> impl Iterator<Item = (&'a String, &'a Item)> {
    model.get(name).and_then(Item::as_map).into_iter().flatten()
}

fn has(model: &Map, section: &str, name: &str) -> bool {
    model.get(section).and_then(Item::as_map).is_some_and(|map| map.contains_key(name))
}

fn list<'a>(item: &'a Item, key: &str) -> &'a [Item] {
    item.get(key).map_or(&[], Item::items)
}

/// Values that exclude each other or are no addresses, before names and defaults are put in.
pub(super) fn values(model: &Map, issues: &mut Vec<Issue>) {
    let mut issue = |kind: Kind, at: Place, message: String| issues.push(Issue { kind, at: Some(at), message });
    for (name, volume) in section(model, "volumes") {
        let Some(map) = volume.as_map().filter(|_| volume.get("external").and_then(Item::as_bool) == Some(true)) else {
            continue;
        };
        for key in map.keys().filter(|key| !matches!(key.as_str(), "name" | "external") && !key.starts_with("x-")) {
            issue(
                Kind::Conflict,
                volume.at,
                format!("the volume `{}` is external, so `{key}` cannot be set", excerpt(name)),
            );
        }
    }
    for (kind, keys) in
        [("configs", &["file", "environment", "content"][..]), ("secrets", &["file", "environment"][..])]
    {
        for (name, resource) in section(model, kind) {
            let set = keys.iter().filter(|key| resource.get(key).is_some()).count();
            let kind = kind.trim_end_matches('s');
            let name = excerpt(name);
            if set > 1 {
                issue(
                    Kind::Conflict,
                    resource.at,
                    format!("the {kind} `{name}` must have only one of {}", keys.join(", ")),
                );
            } else if set == 0 && resource.get("driver").is_none() && resource.get("external").is_none() {
                issue(Kind::Conflict, resource.at, format!("the {kind} `{name}` must have one of {}", keys.join(", ")));
            }
        }
    }
    for (_, service) in section(model, "services") {
        for port in list(service, "ports") {
            if port.get_str("host_ip").is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_err()) {
                issue(Kind::Value, port.at, "`host_ip` is no IP address".to_owned());
            }
        }
        let reserved = ["deploy", "resources", "reservations"].iter().try_fold(service, |item, key| item.get(key));
        for request in list(service, "gpus").iter().chain(reserved.map_or(&[][..], |item| list(item, "devices"))) {
            if request.get("count").is_some() && request.get("device_ids").is_some() {
                issue(Kind::Conflict, request.at, "`count` and `device_ids` exclude each other".to_owned());
            }
        }
        for trigger in service.get("develop").map_or(&[][..], |develop| list(develop, "watch")) {
            if trigger.get_str("path") == Some("") {
                issue(Kind::Value, trigger.at, "`path` must not be empty".to_owned());
            }
        }
    }
}

/// Everything else that must hold of a model in long form.
pub(super) fn consistency(model: &Map, disabled: &Map, issues: &mut Vec<Issue>) {
    let mut checker = Checker { model, disabled, issues };
    for (name, service) in section(model, "services") {
        checker.service(name, service);
        checker.resources(name, service);
        checker.mounts(name, service);
    }
    for (name, secret) in section(model, "secrets") {
        let is_external = secret.get("external").and_then(Item::as_bool) == Some(true);
        let is_empty = |key: &str| secret.get_str(key).is_none_or(str::is_empty);
        if !is_external && is_empty("file") && is_empty("environment") {
            checker.issue(
                Kind::Conflict,
                secret.at,
                format!("the secret `{}` must have `file` or `environment`", excerpt(name)),
            );
        }
    }
    checker.container_names();
    checker.cycles();
}

impl Checker<'_> {
    fn issue(&mut self, kind: Kind, at: Place, message: impl Into<String>) {
        self.issues.push(Issue { kind, at: Some(at), message: message.into() });
    }

    fn undefined(&mut self, service: &str, at: Place, what: &str, name: &str) {
        let message = format!("`{}` uses the {what} `{}`, which is not defined", excerpt(service), excerpt(name));
        self.issue(Kind::Reference, at, message);
    }

    fn service(&mut self, name: &str, service: &Item) {
        let shown = excerpt(name);
        let build = service.get("build");
        if build.is_none() && service.get_str("image").is_none_or(str::is_empty) && service.get("provider").is_none() {
            self.issue(Kind::Conflict, service.at, format!("`{shown}` has neither `image` nor `build`"));
        }
        if let Some(build) = build {
            let is_set = |key: &str| build.get_str(key).is_some_and(|text| !text.is_empty());
            if is_set("dockerfile") && is_set("dockerfile_inline") {
                self.issue(Kind::Conflict, build.at, "`dockerfile` and `dockerfile_inline` exclude each other");
            }
            for context in build.get("additional_contexts").and_then(Item::as_map).into_iter().flat_map(Map::values) {
                if let Some(other) = context.as_str().and_then(|text| text.strip_prefix("service:")) {
                    match section(self.model, "services").find(|(name, _)| *name == other) {
                        None => self.undefined(name, context.at, "service", other),
                        Some((_, service)) if service.get("build").is_none() => {
                            let message = format!("`{}` is built from nothing, so it is no context", excerpt(other));
                            self.issue(Kind::Reference, context.at, message);
                        }
                        Some(_) => {}
                    }
                }
            }
            let platforms = list(build, "platforms");
            if let Some(platform) = service.get("platform").filter(|platform| platform.as_str() != Some(""))
                && !platforms.is_empty()
                && !platforms.iter().any(|other| other.same(platform))
            {
                self.issue(Kind::Conflict, platform.at, "`platform` is not among the `platforms` of `build`");
            }
            for secret in list(build, "secrets") {
                self.named(name, secret, "secrets", "build secret");
            }
        }
        let mode = service.get("network_mode");
        if let Some(mode) = mode.filter(|mode| mode.as_str() != Some(""))
            && service.get("networks").and_then(Item::as_map).is_some_and(|networks| !networks.is_empty())
        {
            self.issue(
                Kind::Conflict,
                mode.at,
                format!("`{shown}` has `network_mode` and `networks`, which exclude each other"),
            );
        }
        for (section, what) in [("networks", "network"), ("models", "model")] {
            for (other, item) in service.get(section).and_then(Item::as_map).into_iter().flatten() {
                if !has(self.model, section, other) {
                    self.undefined(name, item.at, what, other);
                }
            }
        }
        let test = service.get("healthcheck").and_then(|check| check.get("test"));
        if let Some(first) = test.and_then(|test| test.items().first())
            && !matches!(first.as_str(), Some("CMD" | "CMD-SHELL" | "NONE"))
        {
            self.issue(Kind::Value, first.at, "a healthcheck's `test` must begin with CMD, CMD-SHELL or NONE");
        }
        for (other, dependency) in service.get("depends_on").and_then(Item::as_map).into_iter().flatten() {
            let is_optional = dependency.get("required").and_then(Item::as_bool) == Some(false);
            let may_lack = is_optional && self.disabled.contains_key(other);
            if !may_lack && !has(self.model, "services", other) {
                self.undefined(name, dependency.at, "service", other);
            }
        }
        for (section, what) in [("configs", "config"), ("secrets", "secret")] {
            for item in list(service, section) {
                self.named(name, item, section, what);
            }
        }
        for trigger in service.get("develop").map_or(&[][..], |develop| list(develop, "watch")) {
            let is_plain = matches!(trigger.get_str("action"), Some("rebuild" | "restart"));
            if !is_plain && trigger.get_str("target").is_none_or(str::is_empty) {
                self.issue(Kind::Value, trigger.at, "a `watch` that copies files needs a `target`");
            }
        }
    }

    fn named(&mut self, service: &str, item: &Item, section: &str, what: &str) {
        if let Some(source) = item.get_str("source")
            && !has(self.model, section, source)
        {
            self.undefined(service, item.at, what, source);
        }
    }

    fn resources(&mut self, name: &str, service: &Item) {
        let shown = excerpt(name);
        let deploy = service.get("deploy").filter(|deploy| deploy.as_map().is_some());
        let whole = |item: Option<&Item>| match item?.value {
            Val::Int(value) => Some(value),
            _ => None,
        };
        let scale = service.get("scale");
        let replicas = deploy.and_then(|deploy| deploy.get("replicas"));
        if let (Some(a), Some(b), Some(scale)) = (whole(scale), whole(replicas), scale)
            && a != b
        {
            self.issue(
                Kind::Conflict,
                scale.at,
                format!("`{shown}` has one number as `scale` and another as `replicas`"),
            );
        }
        for item in [scale, replicas].into_iter().flatten() {
            if whole(Some(item)).is_some_and(|count| count < 0) {
                self.issue(Kind::Value, item.at, "must not be negative");
            }
        }
        let count = whole(scale).or(whole(replicas)).unwrap_or(1);
        if let Some(container) = service.get("container_name").filter(|name| name.as_str() != Some(""))
            && count > 1
        {
            self.issue(
                Kind::Conflict,
                container.at,
                format!("`{shown}` runs {count} times, so it cannot have one container name"),
            );
        }
        let Some(deploy) = deploy else { return };
        let limit = |kind: &str, key: &str| ["resources", kind, key].iter().try_fold(deploy, |item, key| item.get(key));
        let has_limits = |kind: &str| deploy.get("resources").and_then(|resources| resources.get(kind)).is_some();
        #[expect(clippy::cast_precision_loss, reason = "compared as Compose does, as floats")]
        let number = |item: Option<&Item>| match item.map(|item| &item.value) {
            Some(Val::Int(value)) => *value as f64,
            Some(Val::Float(value)) => *value,
            Some(Val::Text(text)) => {
                text.parse().unwrap_or_else(|_| short::bytes(text).map_or(0.0, |bytes| bytes as f64))
            }
            _ => 0.0,
        };
        for (own, kind, key) in [
            ("cpus", "limits", "cpus"),
            ("mem_limit", "limits", "memory"),
            ("mem_reservation", "reservations", "memory"),
            ("pids_limit", "limits", "pids"),
        ] {
            let (ours, theirs) = (number(service.get(own)), number(limit(kind, key)));
            if ours != 0.0 && has_limits(kind) && (ours - theirs).abs() > f64::EPSILON * ours.abs() * 1e8 {
                let at = service.get(own).map_or(service.at, |item| item.at);
                let message =
                    format!("`{shown}` has one value as `{own}` and another as `deploy.resources.{kind}.{key}`");
                self.issue(Kind::Conflict, at, message);
            }
        }
    }

    fn mounts(&mut self, name: &str, service: &Item) {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let tmpfs = service.get("tmpfs");
        let tmpfs = tmpfs.filter(|item| item.as_str().is_some()).into_iter().chain(list(service, "tmpfs"));
        let folders = tmpfs.filter_map(|item| Some((item, item.as_str()?.split(':').next()?.to_owned())));
        let volumes =
            list(service, "volumes").iter().map(|item| (item, item.get_str("target").unwrap_or_default().to_owned()));
        for (item, target) in folders.chain(volumes) {
            if !taken.insert(target.clone()) {
                let message =
                    format!("`{}` mounts something at `{}` twice", excerpt(name), excerpt(&path::clean(&target)));
                self.issue(Kind::Conflict, item.at, message);
            }
        }
        for volume in list(service, "volumes").iter().filter(|volume| volume.get_str("type") == Some("volume")) {
            if let Some(source) = volume.get_str("source").filter(|source| !source.is_empty())
                && !has(self.model, "volumes", source)
            {
                self.undefined(name, volume.at, "volume", source);
            }
        }
    }

    fn container_names(&mut self) {
        let mut seen: BTreeMap<String, String> = BTreeMap::new();
        let mut repeats = Vec::new();
        for (name, service) in section(self.model, "services") {
            let Some(container) = service.get("container_name") else { continue };
            let text = container.sprint();
            if text.is_empty() {
                continue;
            }
            match seen.get(&text) {
                Some(other) => repeats.push((
                    container.at,
                    format!("`{}` has the container name of `{}`", excerpt(name), excerpt(other)),
                )),
                None => {
                    seen.insert(text, name.clone());
                }
            }
        }
        for (at, message) in repeats {
            self.issue(Kind::Conflict, at, message);
        }
    }

    // Finds one circle of dependencies, if there is any.
    fn cycles(&mut self) {
        let edges: BTreeMap<&str, Vec<(&str, Place)>> = section(self.model, "services")
            .map(|(name, service)| {
                let depends = service.get("depends_on").and_then(Item::as_map).into_iter().flatten();
                (name.as_str(), depends.map(|(other, item)| (other.as_str(), item.at)).collect())
            })
            .collect();
        let mut done: BTreeSet<&str> = BTreeSet::new();
        for start in edges.keys().copied() {
            // Each step of the way with the index of the next edge to take.
            let mut way: Vec<(&str, usize)> = vec![(start, 0)];
            while let Some((name, next)) = way.last_mut() {
                let edge = edges.get(name).and_then(|edges| edges.get(*next));
                *next += 1;
                let Some((other, at)) = edge else {
                    done.insert(name);
                    way.pop();
                    continue;
                };
                if let Some(from) = way.iter().position(|(step, _)| step == other) {
                    let names: Vec<&str> = way.iter().skip(from).map(|(step, _)| *step).chain([*other]).collect();
                    let shown: Vec<String> = names.iter().take(10).map(|name| excerpt(name)).collect();
                    self.issue(Kind::Cycle, *at, format!("services wait for each other: {}", shown.join(" -> ")));
                    return;
                }
                if !done.contains(other) {
                    way.push((other, 0));
                }
            }
        }
    }
}
