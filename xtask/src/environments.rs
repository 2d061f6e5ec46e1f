//! The environments of `wrangler/*.toml`: `[env.production]` and `[env.staging]`, written from the top of each file.
//!
//! Wrangler lets an environment inherit some settings and not others: variables, bindings, tail consumers and limits by rate
//! are to be said again in each. Here they are, so that no copy is kept by hand. Production is the top itself, under the same
//! names, so that `wrangler deploy -c wrangler/docker.toml` and `--env production` are one thing. Staging has names of its
//! own, bindings to its own workers, and what `wrangler/environments/staging.toml` says differently.

use crate::{build, paths};
use anyhow::{Context, Result, bail};
use octavo_category::{Category, GATEWAY_WORKER, TAIL_WORKER};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use toml::{Table, Value};

/// An environment of the fleet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Environment {
    /// What the top of each config says.
    Production,
    /// A second fleet beside it, by the same settings.
    Staging,
}

impl Environment {
    /// Both, in the order in which they are written.
    pub(crate) const ALL: [Self; 2] = [Self::Production, Self::Staging];

    /// The name that wrangler takes as `--env`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
        }
    }

    /// The environment of this name.
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|environment| environment.name() == name) {
            Some(environment) => Ok(environment),
            None => bail!("no environment {name:?}; there are production and staging"),
        }
    }

    /// What a worker of the fleet is called here.
    pub(crate) fn worker_name(self, base: &str) -> String {
        match self {
            Self::Production => base.to_owned(),
            Self::Staging => format!("{base}-staging"),
        }
    }
}

/// What environments inherit from the top, or what only stands there; all else is said again.
const INHERITED: &[&str] = &[
    "account_id",
    "assets",
    "build",
    "compatibility_date",
    "compatibility_flags",
    "env",
    "keep_vars",
    "limits",
    "logpush",
    "main",
    "migrations",
    "minify",
    "name",
    "observability",
    "placement",
    "preview_urls",
    "route",
    "routes",
    "send_metrics",
    "triggers",
    "workers_dev",
];

/// Counters of calls belong to the account: staging's are these many numbers further, so that it counts on its own.
const STAGING_COUNTERS: u64 = 100;

const BLOCK: &str =
    "# generated:environments by `cargo xtask gen` from the lines above and wrangler/environments; do not edit";
const BLOCK_END: &str = "# /generated:environments";

/// Writes the environments of every config, or with `check` says which are stale.
pub(crate) fn generate(root: &Path, check: bool) -> Result<()> {
    let mut stale = Vec::new();
    for worker in build::workers() {
        let path = format!("wrangler/{worker}.toml");
        let text = fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
        let fresh = with_environments(&text, &differences(root, worker)?).with_context(|| path.clone())?;
        if fresh == text {
            continue;
        }
        if check {
            stale.push(path);
        } else {
            fs::write(root.join(&path), fresh)?;
            eprintln!("wrote {path}");
        }
    }
    if !stale.is_empty() {
        bail!("stale: {}; run `cargo xtask gen --configs` and commit what it writes", stale.join(", "));
    }
    Ok(())
}

/// A config without its generated environments.
pub(crate) fn top_of(text: &str) -> &str {
    text.split(BLOCK).next().unwrap_or(text)
}

/// A config as an environment has it: the top, and over it what the environment says.
pub(crate) fn read(worker: &str, environment: Environment) -> Result<Table> {
    let path = paths::root().join(format!("wrangler/{worker}.toml"));
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut config: Table = text.parse().with_context(|| path.display().to_string())?;
    let environments = config.remove("env");
    let said = environments.as_ref().and_then(|all| all.get(environment.name())).and_then(Value::as_table);
    let Some(said) = said else {
        bail!("{} has no [env.{}]; run `cargo xtask gen --configs`", path.display(), environment.name())
    };
    config.retain(|key, _| INHERITED.contains(&key));
    config.extend(said.clone());
    Ok(config)
}

// What staging says of a worker, by `[<worker>]` of its file.
fn differences(root: &Path, worker: &str) -> Result<Table> {
    let path = root.join("wrangler/environments/staging.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let mut all: Table = text.parse().with_context(|| path.display().to_string())?;
    if let Some(unknown) = all.keys().find(|name| !build::workers().contains(&name.as_str())) {
        bail!("{}: no worker {unknown:?}; there are {}", path.display(), build::workers().join(", "));
    }
    match all.remove(worker) {
        Some(Value::Table(table)) => Ok(table),
        Some(_) => bail!("{}: {worker} is a table, [{worker}]", path.display()),
        None => Ok(Table::new()),
    }
}

fn with_environments(text: &str, staging: &Table) -> Result<String> {
    let top = top_of(text).trim_end();
    let config: Table = top.parse().context("is no TOML")?;
    let name = config.get("name").and_then(Value::as_str).context("has no name")?;
    let mut written = format!("{top}\n\n{BLOCK}\n");
    for environment in Environment::ALL {
        let mut table: Table = config.clone();
        table.retain(|key, _| !INHERITED.contains(&key));
        if environment == Environment::Staging {
            table = staged(&config, table, staging)?;
        }
        let _ = writeln!(written, "[env.{}]\nname = {}", environment.name(), quoted(&environment.worker_name(name)));
        write_members(&mut written, &format!("env.{}", environment.name()), &table);
        written.push('\n');
    }
    Ok(format!("{}{BLOCK_END}\n", written.trim_end().to_owned() + "\n"))
}

// Staging's copy of what it does not inherit: bound to its own workers, counters and stores, and then as it says itself.
fn staged(top: &Table, mut table: Table, differences: &Table) -> Result<Table> {
    for key in ["services", "tail_consumers"] {
        for entry in tables_of(&mut table, key) {
            if let Some(Value::String(service)) = entry.get_mut("service")
                && is_of_the_fleet(service)
            {
                *service = Environment::Staging.worker_name(service);
            }
        }
    }
    // A store that was given by its id is production's.
    for entry in tables_of(&mut table, "kv_namespaces") {
        entry.remove("id");
    }
    for entry in tables_of(&mut table, "ratelimits") {
        let id = entry.get("namespace_id").and_then(Value::as_str).and_then(|id| id.parse::<u64>().ok());
        let id = id.context("a [[ratelimits]] has no number as its namespace_id")?;
        entry.insert("namespace_id".to_owned(), (id + STAGING_COUNTERS).to_string().into());
    }
    // A route leads to one worker, and it is production's.
    if top.contains_key("routes") || top.contains_key("route") {
        table.insert("routes".to_owned(), Value::Array(Vec::new()));
    }
    for (key, value) in differences {
        match (table.get_mut(key), value) {
            (Some(Value::Table(old)), Value::Table(new)) => old.extend(new.clone()),
            _ => {
                table.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(table)
}

fn tables_of<'a>(table: &'a mut Table, key: &str) -> impl Iterator<Item = &'a mut Table> {
    let entries = table.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten();
    entries.filter_map(Value::as_table_mut)
}

fn is_of_the_fleet(service: &str) -> bool {
    [GATEWAY_WORKER, TAIL_WORKER].contains(&service)
        || Category::ALL.iter().any(|category| category.row().worker == service)
}

// Short values in the table's own lines, tables of several members below it.
fn write_members(text: &mut String, path: &str, table: &Table) {
    let stands_alone = |value: &Value| value.as_table().is_some_and(|table| table.len() > 1);
    for (key, value) in table.iter().filter(|(_, value)| !stands_alone(value)) {
        let _ = writeln!(text, "{key} = {}", shown(value));
    }
    for (key, value) in table {
        if let Some(table) = value.as_table().filter(|table| table.len() > 1) {
            let path = format!("{path}.{key}");
            let _ = writeln!(text, "\n[{path}]");
            write_members(text, &path, table);
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(values) if values.len() > 1 && values.iter().all(Value::is_table) => {
            let lines = values.iter().fold(String::new(), |mut lines, value| {
                let _ = writeln!(lines, "  {},", shown(value));
                lines
            });
            format!("[\n{lines}]")
        }
        Value::Array(values) => format!("[{}]", values.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let members = table.iter().map(|(key, value)| format!("{key} = {}", shown(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Boolean(is) => is.to_string(),
        Value::Datetime(at) => at.to_string(),
    }
}

// As a basic string of TOML, which escapes as JSON does.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: &str = r#"name = "octavo-gateway"
main = "../build/gateway/index.js"
routes = [{ pattern = "octavo.example", custom_domain = true }]
tail_consumers = [{ service = "octavo-tail" }]
services = [{ binding = "A", service = "octavo-docker" }, { binding = "B", service = "somebody-elses" }]
kv_namespaces = [{ binding = "BLOBS", id = "1234" }]

[[ratelimits]]
name = "LIMIT"
namespace_id = "8701"
simple = { limit = 120, period = 60 }

[version_metadata]
binding = "VERSION"

[vars]
ORIGINS = "a \"b\""
AUTH = "keys"
"#;

    fn written(staging: &str) -> Table {
        let text = with_environments(TOP, &staging.parse().expect("TOML")).expect("a config");
        assert_eq!(with_environments(&text, &staging.parse().expect("TOML")).expect("a config"), text, "settled");
        text.parse().expect("what is written is TOML")
    }

    #[test]
    fn production_says_what_the_top_says() {
        let config = written("");
        let production = config["env"]["production"].as_table().expect("a table");
        for (key, value) in production {
            assert_eq!(value, &config[key], "{key}");
        }
        let inherited = ["main", "routes"];
        for key in config.keys().filter(|key| *key != "env" && !inherited.contains(&key.as_str())) {
            assert!(production.contains_key(key), "{key}");
        }
    }

    #[test]
    fn staging_is_bound_to_its_own_workers_counters_stores_and_routes() {
        let staging = written("")["env"]["staging"].clone();
        assert_eq!(staging["name"].as_str(), Some("octavo-gateway-staging"));
        assert_eq!(staging["services"][0]["service"].as_str(), Some("octavo-docker-staging"));
        assert_eq!(staging["services"][1]["service"].as_str(), Some("somebody-elses"));
        assert_eq!(staging["tail_consumers"][0]["service"].as_str(), Some("octavo-tail-staging"));
        assert_eq!(staging["ratelimits"][0]["namespace_id"].as_str(), Some("8801"));
        assert!(staging["kv_namespaces"][0].get("id").is_none());
        assert_eq!(staging["routes"].as_array().map(Vec::len), Some(0));
        assert_eq!(staging["vars"]["ORIGINS"].as_str(), Some("a \"b\""));
    }

    #[test]
    fn what_staging_says_itself_counts_and_the_rest_stays() {
        let config = written("routes = [{ pattern = \"s.example\" }]\n[vars]\nAUTH = \"open\"\n");
        let staging = &config["env"]["staging"];
        assert_eq!(staging["vars"]["AUTH"].as_str(), Some("open"));
        assert_eq!(staging["vars"]["ORIGINS"].as_str(), Some("a \"b\""));
        assert_eq!(staging["routes"][0]["pattern"].as_str(), Some("s.example"));
        assert_eq!(config["env"]["production"]["vars"]["AUTH"].as_str(), Some("keys"));
    }

    #[test]
    fn the_environments_are_fresh() {
        generate(&paths::root(), true).expect("cargo xtask gen");
    }

    #[test]
    fn each_name_has_one_environment() {
        for environment in Environment::ALL {
            assert_eq!(Environment::from_name(environment.name()).ok(), Some(environment));
        }
        assert!(Environment::from_name("prod").is_err());
    }
}
