//! What a model refers to outside itself: variables in its values, paths, environment and label files, profiles, and the names
//! that resources get.

use super::item::{Item, Map, Place, Val};
use super::load::{Environment, Loader};
use super::template::{Fault, Variables};
use super::{Issue, Kind, dotenv, path};
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeSet;

/// Why a value could not be filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfilled {
    Template(Fault),
    /// It must be of this type.
    Cast(&'static str),
}

/// Fills in the variables of values.
pub(super) struct Filling<'a> {
    variables: Variables<'a>,
    pub(super) faults: Vec<(Place, Unfilled)>,
    pub(super) unset: Vec<(Place, String)>,
}

enum Cast {
    Bool,
    Int,
    Float,
}

// What values are turned into once their variables are filled in.
fn cast_of(path: &[String]) -> Option<Cast> {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    let cast = match keys.as_slice() {
        ["services", _, rest @ ..] => match rest {
            ["init" | "oom_kill_disable" | "privileged" | "read_only" | "stdin_open" | "tty"]
            | ["depends_on", _, "required" | "restart"]
            | ["healthcheck", "disable"]
            | ["volumes", _, "read_only"]
            | ["volumes", _, "volume", "nocopy"] => Cast::Bool,
            ["cpu_percent" | "cpus"] | ["deploy", "update_config" | "rollback_config", "max_failure_ratio"] => {
                Cast::Float
            }
            [
                "cpu_count" | "cpu_period" | "cpu_quota" | "cpu_rt_period" | "cpu_rt_runtime" | "cpu_shares"
                | "oom_score_adj" | "pids_limit" | "scale",
            ]
            | ["deploy", "replicas"]
            | ["deploy", "update_config" | "rollback_config", "parallelism"]
            | ["deploy", "restart_policy", "max_attempts"]
            | ["deploy", "placement", "max_replicas_per_node"]
            | ["healthcheck", "retries"]
            | ["ports", _, "target"]
            | ["ulimits", _]
            | ["ulimits", _, "hard" | "soft"] => Cast::Int,
            _ => return None,
        },
        ["networks", _, "external" | "internal" | "attachable" | "enable_ipv4" | "enable_ipv6"]
        | ["volumes" | "secrets" | "configs", _, "external"] => Cast::Bool,
        _ => return None,
    };
    Some(cast)
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

impl<'a> Filling<'a> {
    pub(super) fn new(environment: &'a Environment) -> Self {
        Self { variables: Variables::new(vec![environment]), faults: Vec::new(), unset: Vec::new() }
    }

    pub(super) fn fill(&mut self, item: &mut Item, path: &mut Vec<String>) {
        match &mut item.value {
            Val::Text(text) => {
                let filled = match self.variables.fill(text) {
                    Ok(filled) => filled,
                    Err(fault) => return self.faults.push((item.at, Unfilled::Template(fault))),
                };
                self.unset.extend(self.variables.unset.drain(..).map(|name| (item.at, name)));
                let cast = match cast_of(path) {
                    None => {
                        *text = filled;
                        return;
                    }
                    Some(Cast::Bool) => boolean(&filled).map(Val::Bool).ok_or("true or false"),
                    Some(Cast::Int) => {
                        filled.parse().map(|value: i64| Val::Int(value.into())).map_err(|_| "a whole number")
                    }
                    Some(Cast::Float) => filled.parse().map(Val::Float).map_err(|_| "a number"),
                };
                match cast {
                    Ok(value) => item.value = value,
                    Err(wanted) => self.faults.push((item.at, Unfilled::Cast(wanted))),
                }
            }
            Val::List(items) => {
                path.push(String::new());
                for item in items {
                    self.fill(item, path);
                }
                path.pop();
            }
            Val::Map(map) => {
                for (key, value) in map {
                    path.push(key.clone());
                    self.fill(value, path);
                    path.pop();
                }
            }
            Val::Null | Val::Bool(_) | Val::Int(_) | Val::Float(_) => {}
        }
    }
}

struct Paths<'a> {
    base: &'a str,
    home: Option<&'a str>,
}

impl Paths<'_> {
    fn home(&self, text: &str) -> String {
        match (text.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) => path::clean(&format!("{home}/{rest}")),
            _ => text.to_owned(),
        }
    }

    fn absolute(&self, item: &mut Item) {
        match &mut item.value {
            Val::Text(text) if !text.is_empty() => *text = path::join(self.base, &self.home(text)),
            Val::List(items) => items.iter_mut().for_each(|item| self.absolute(item)),
            _ => {}
        }
    }

    fn perhaps_windows(&self, item: &mut Item) {
        if let Val::Text(text) = &mut item.value {
            let own = self.home(text);
            *text =
                if own.starts_with('/') || path::is_windows_absolute(&own) { own } else { path::join(self.base, &own) };
        }
    }

    fn context(&self, item: &mut Item) {
        let remote = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"];
        if item
            .as_str()
            .is_some_and(|text| !text.contains("://") && !remote.iter().any(|start| text.starts_with(start)))
        {
            self.absolute(item);
        }
    }
}

/// Joins the relative paths of a model with a folder.
pub(super) fn paths(model: &mut Map, base: &str, home: Option<&str>, issues: &mut Vec<Issue>) {
    let paths = Paths { base, home };
    for service in entries(model, "services") {
        if let Some(build) = service.get_mut("build").and_then(Item::as_map_mut) {
            if let Some(context) = build.get_mut("context") {
                paths.context(context);
            }
            entries_of(build.get_mut("additional_contexts")).for_each(|context| paths.context(context));
            entries_of(build.get_mut("ssh")).for_each(|key| paths.perhaps_windows(key));
        }
        for file in items_of(service.get_mut("env_file")).filter_map(Item::as_map_mut) {
            if let Some(file) = file.get_mut("path") {
                paths.absolute(file);
            }
        }
        items_of(service.get_mut("label_file")).for_each(|file| paths.absolute(file));
        if let Some(file) =
            service.get_mut("extends").and_then(Item::as_map_mut).and_then(|extends| extends.get_mut("file"))
        {
            paths.absolute(file);
        }
        let watch = service.get_mut("develop").and_then(Item::as_map_mut).and_then(|develop| develop.get_mut("watch"));
        for trigger in items_of(watch).filter_map(Item::as_map_mut) {
            if let Some(folder) = trigger.get_mut("path") {
                paths.absolute(folder);
            }
        }
        for volume in items_of(service.get_mut("volumes")) {
            if volume.get_str("type") != Some("bind") {
                continue;
            }
            let at = volume.at;
            if let Some(source) = volume.as_map_mut().and_then(|volume| volume.get_mut("source")) {
                paths.perhaps_windows(source);
            } else {
                let message = "a volume of type bind lacks `source`".to_owned();
                issues.push(Issue { kind: Kind::Value, at: Some(at), message });
            }
        }
    }
    for section in ["configs", "secrets"] {
        for resource in entries(model, section) {
            if let Some(file) = resource.get_mut("file") {
                paths.perhaps_windows(file);
            }
        }
    }
    for volume in entries(model, "volumes") {
        let is_local = volume.get("driver").and_then(Item::as_str) == Some("local");
        let options = volume.get_mut("driver_opts").and_then(Item::as_map_mut).filter(|_| is_local);
        if let Some(options) = options.filter(|options| options.get("o").and_then(Item::as_str) == Some("bind"))
            && let Some(device) = options.get_mut("device")
        {
            paths.perhaps_windows(device);
        }
    }
}

fn entries<'a>(model: &'a mut Map, section: &str) -> impl Iterator<Item = &'a mut Map> {
    model.get_mut(section).and_then(Item::as_map_mut).into_iter().flat_map(Map::values_mut).filter_map(Item::as_map_mut)
}

fn entries_of(item: Option<&mut Item>) -> impl Iterator<Item = &mut Item> {
    item.and_then(Item::as_map_mut).into_iter().flat_map(Map::values_mut)
}

#[expect(clippy::needless_pass_by_value, reason = "the borrow of the list is given on")]
fn items_of(item: Option<&mut Item>) -> std::slice::IterMut<'_, Item> {
    match item {
        Some(Item { value: Val::List(items), .. }) => items.iter_mut(),
        _ => [].iter_mut(),
    }
}

/// Puts in what Compose means by silence: the default network, names, builds, what a service must wait for.
pub(super) fn normalize(model: &mut Map, name: &str, environment: &Environment) {
    let mut uses_default = None;
    for service in entries(model, "services") {
        if service.contains_key("provider") || service.contains_key("network_mode") {
            continue;
        }
        let at = service.values().next().map_or(Place::default(), |first| first.at);
        let networks = service.entry("networks".to_owned()).or_insert(Item::new(Val::Map(Map::new()), at));
        let at = networks.at;
        if networks.is_null() {
            networks.value = Val::Map(Map::new());
        }
        if let Some(networks) = networks.as_map_mut() {
            if networks.is_empty() {
                networks.insert("default".to_owned(), Item::new(Val::Null, at));
            }
            if networks.contains_key("default") {
                uses_default = Some(at);
            }
        }
    }
    if let Some(at) = uses_default {
        let networks = model.entry("networks".to_owned()).or_insert(Item::new(Val::Map(Map::new()), at));
        if networks.is_null() {
            networks.value = Val::Map(Map::new());
        }
        if let Some(networks) = networks.as_map_mut() {
            networks.entry("default".to_owned()).or_insert(Item::new(Val::Null, at));
        }
    }
    for service in entries(model, "services") {
        normalize_service(service, environment);
    }
    for section in ["networks", "volumes", "configs", "secrets"] {
        let Some(resources) = model.get_mut(section).and_then(Item::as_map_mut) else { continue };
        for (key, resource) in resources {
            if resource.is_null() {
                resource.value = Val::Map(Map::new());
            }
            let at = resource.at;
            if let Some(resource) = resource.as_map_mut()
                && resource.get("name").is_none_or(Item::is_null)
            {
                let is_external = resource.get("external").and_then(Item::as_bool) == Some(true);
                let full = if is_external { key.clone() } else { format!("{name}_{key}") };
                resource.insert("name".to_owned(), Item::text(full, at));
            }
        }
    }
}

fn normalize_service(service: &mut Map, environment: &Environment) {
    if service.get("pull_policy").and_then(Item::as_str) == Some("if_not_present")
        && let Some(policy) = service.get_mut("pull_policy")
    {
        policy.value = Val::Text("missing".to_owned());
    }
    if let Some(build) = service.get_mut("build") {
        let at = build.at;
        if let Some(build) = build.as_map_mut() {
            build.entry("context".to_owned()).or_insert(Item::text(".", at));
            if !build.contains_key("dockerfile_inline") {
                build.entry("dockerfile".to_owned()).or_insert(Item::text("Dockerfile", at));
            }
            if let Some(arguments) = build.get_mut("args") {
                fill_in(arguments, environment, false);
            }
        }
    }
    if let Some(variables) = service.get_mut("environment") {
        fill_in(variables, environment, true);
    }
    let mut waits: Vec<(String, bool, Place)> = Vec::new();
    for link in service.get("links").map_or(&[][..], Item::items) {
        let text = link.as_str().unwrap_or_default();
        let parts: Vec<&str> = text.split(':').collect();
        waits.push((
            if parts.len() == 2 { parts.first().copied().unwrap_or(text) } else { text }.to_owned(),
            true,
            link.at,
        ));
    }
    for space in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        if let Some(item) = service.get(space)
            && let Some(other) = item.as_str().and_then(|text| text.strip_prefix("service:"))
        {
            waits.push((other.to_owned(), true, item.at));
        }
    }
    for from in service.get("volumes_from").map_or(&[][..], Item::items) {
        if let Some(text) = from.as_str().filter(|text| !text.starts_with("container:")) {
            waits.push((text.split(':').next().unwrap_or_default().to_owned(), false, from.at));
        }
    }
    for (other, restart, at) in waits {
        let depends = service.entry("depends_on".to_owned()).or_insert(Item::new(Val::Map(Map::new()), at));
        if let Some(depends) = depends.as_map_mut() {
            let started = Val::Text("service_started".to_owned());
            let entry =
                Item::map([("condition", started), ("restart", Val::Bool(restart)), ("required", Val::Bool(true))], at);
            depends.entry(other).or_insert(entry);
        }
    }
    for volume in items_of(service.get_mut("volumes")).filter_map(Item::as_map_mut) {
        if let Some(Item { value: Val::Text(target), .. }) = volume.get_mut("target") {
            *target = path::clean(target);
        }
    }
    if let Some(image) = service.get("image").cloned().filter(|image| image.as_str() != Some("")) {
        for hook in items_of(service.get_mut("pre_start")).filter_map(Item::as_map_mut) {
            hook.entry("image".to_owned()).or_insert(image.clone());
        }
    }
}

// Gives variables without a value the one of the surroundings.
fn fill_in(item: &mut Item, environment: &Environment, keeps_unset: bool) {
    match &mut item.value {
        Val::Map(map) => {
            for (name, value) in map.iter_mut().filter(|(_, value)| value.is_null()) {
                if let Some(found) = environment.get(name) {
                    value.value = Val::Text(found.clone());
                }
            }
            if !keeps_unset {
                map.retain(|_, value| !value.is_null());
            }
        }
        Val::List(items) => {
            for item in items.iter_mut() {
                if let Some(name) = item.as_str().filter(|text| !text.contains('='))
                    && let Some(found) = environment.get(name)
                {
                    item.value = Val::Text(format!("{name}={found}"));
                }
            }
            if !keeps_unset {
                items.retain(|item| item.as_str().is_none_or(|text| text.contains('=')));
            }
        }
        Val::Null | Val::Bool(_) | Val::Int(_) | Val::Float(_) | Val::Text(_) => {}
    }
}

/// Takes out the services that no profile turns on.
pub(super) fn drop_disabled(model: &mut Map, profiles: &[String]) -> Map {
    let mut disabled = Map::new();
    let Some(services) = model.get_mut("services").and_then(Item::as_map_mut) else { return disabled };
    let is_on = |service: &Item| {
        let own = service.get("profiles").map_or(&[][..], Item::items);
        own.is_empty() || profiles.iter().any(|on| on == "*" || own.iter().any(|profile| profile.as_str() == Some(on)))
    };
    let off: Vec<String> =
        services.iter().filter(|(_, service)| !is_on(service)).map(|(name, _)| name.clone()).collect();
    for name in off {
        if let Some(service) = services.remove(&name) {
            disabled.insert(name, service);
        }
    }
    disabled
}

/// Brings the variables of environment files into `environment`, and leaves that a mapping.
pub(super) fn environment_files(model: &mut Map, environment: &Environment, loader: &mut Loader<'_>) {
    for service in entries(model, "services") {
        let files = service.remove("env_file");
        let Some(at) = service.get("environment").or(files.as_ref()).map(|item| item.at) else { continue };
        let mut own = Map::new();
        match service.remove("environment").map(|item| item.value) {
            Some(Val::Map(map)) => own = map,
            Some(Val::List(items)) => {
                for item in items {
                    let text = item.sprint();
                    match text.split_once('=') {
                        Some((name, value)) => own.insert(name.to_owned(), Item::text(value, item.at)),
                        None => own.insert(text, Item::new(Val::Null, item.at)),
                    };
                }
            }
            _ => {}
        }
        for (name, item) in &own {
            if name.ends_with(char::is_whitespace) {
                loader.issue(Kind::Value, Some(item.at), format!("the variable `{}` ends with a space", excerpt(name)));
            }
        }
        let set: Environment =
            own.iter().filter(|(_, item)| !item.is_null()).map(|(name, item)| (name.clone(), item.sprint())).collect();
        let mut all = set.clone();
        for file in files.iter().flat_map(Item::items) {
            let name = file.get_str("path").unwrap_or_default();
            let Some((_, source)) = loader.source(name) else {
                if file.get("required").and_then(Item::as_bool) != Some(false) {
                    let message = format!("the environment file `{}` is not among the files", excerpt(name));
                    loader.issue(Kind::File, Some(file.at), message);
                }
                continue;
            };
            let read = match file.get_str("format") {
                None | Some("") => dotenv::read(source, &[environment, &set], &mut all),
                Some("raw") => dotenv::read_raw(source, environment, &mut all),
                Some(_) => Err("its format is not known; there is `raw`".to_owned()),
            };
            if let Err(problem) = read {
                loader.issue(Kind::File, Some(file.at), format!("`{}`: {problem}", excerpt(name)));
            }
        }
        for (name, value) in all {
            own.entry(name).or_insert(Item::text(value, at));
        }
        service.insert("environment".to_owned(), Item::new(Val::Map(own), at));
    }
}

/// Brings the labels of label files into `labels`.
pub(super) fn label_files(model: &mut Map, loader: &mut Loader<'_>) {
    for service in entries(model, "services") {
        let Some(files) = service.remove("label_file") else { continue };
        let mut all = Environment::new();
        for file in files.items() {
            let name = file.sprint();
            let read = match loader.source(&name) {
                Some((_, source)) => dotenv::read(source, &[], &mut all),
                None => Err("is not among the files".to_owned()),
            };
            if let Err(problem) = read {
                loader.issue(Kind::File, Some(file.at), format!("the label file `{}`: {problem}", excerpt(&name)));
            }
        }
        let mut labels: Map = all.into_iter().map(|(name, value)| (name, Item::text(value, files.at))).collect();
        match service.remove("labels").map(|item| item.value) {
            Some(Val::Map(own)) => labels.extend(own),
            Some(Val::List(items)) => labels.extend(items.iter().map(|item| {
                let text = item.sprint();
                let (name, value) = text.split_once('=').unwrap_or((text.as_str(), ""));
                (name.to_owned(), Item::text(value, item.at))
            })),
            _ => {}
        }
        service.insert("labels".to_owned(), Item::new(Val::Map(labels), files.at));
    }
}

/// Takes out networks, volumes, secrets, configs and models that no service uses.
pub(super) fn drop_unused(model: &mut Map) {
    let mut used: BTreeSet<(&str, String)> = BTreeSet::new();
    for service in model.get("services").and_then(Item::as_map).into_iter().flat_map(Map::values) {
        for section in ["networks", "models"] {
            let names = service.get(section).and_then(Item::as_map).into_iter().flat_map(Map::keys);
            used.extend(names.map(|name| (section, name.clone())));
        }
        let named = service.get("volumes").map_or(&[][..], Item::items).iter();
        let named = named.filter(|volume| volume.get_str("type") == Some("volume"));
        used.extend(named.filter_map(|volume| Some(("volumes", volume.get_str("source")?.to_owned()))));
        let built = service.get("build").and_then(|build| build.get("secrets"));
        for (section, items) in
            [("secrets", service.get("secrets")), ("secrets", built), ("configs", service.get("configs"))]
        {
            let items = items.map_or(&[][..], Item::items).iter();
            used.extend(items.filter_map(|item| Some((section, item.get_str("source")?.to_owned()))));
        }
    }
    for section in ["networks", "volumes", "secrets", "configs", "models"] {
        if let Some(resources) = model.get_mut(section).and_then(Item::as_map_mut) {
            resources.retain(|name, _| used.contains(&(section, name.clone())));
        }
    }
}
