//! What is to be deployed: a built worker with its config in one environment, named by a digest of both.

use crate::environments::{self, Environment};
use crate::size;
use anyhow::{Context, Result, bail};
use octavo_category::Category;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Which part of a run a worker belongs to; later ones need the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The log, which all others write to.
    Tail,
    /// The tool workers.
    Tools,
    /// The door.
    Gateway,
}

impl Stage {
    /// All, in order.
    pub(crate) const ALL: [Self; 3] = [Self::Tail, Self::Tools, Self::Gateway];

    /// A worker's stage.
    pub(crate) fn of(worker: &str) -> Self {
        match worker {
            "tail" => Self::Tail,
            "gateway" => Self::Gateway,
            _ => Self::Tools,
        }
    }
}

/// A worker that is to be deployed.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its folder: `docker`.
    pub(crate) worker: &'static str,
    /// What the platform calls it: `octavo-docker-staging`.
    pub(crate) name: String,
    /// Its config in the environment.
    pub(crate) config: Table,
    /// Of its build and its config; versions are tagged with it.
    pub(crate) digest: String,
    /// Size, gzipped bytes.
    pub(crate) gzip: u64,
}

/// Every worker in the order of a run: the log, the tools, the door.
pub(crate) fn fleet() -> Vec<&'static str> {
    let tools = Category::ALL.iter().map(|category| category.slug());
    std::iter::once("tail").chain(tools).chain(std::iter::once("gateway")).collect()
}

/// The named workers of the fleet, or all, in the order of a run.
pub(crate) fn chosen(named: &[String]) -> Result<Vec<&'static str>> {
    let fleet = fleet();
    if let Some(unknown) = named.iter().find(|name| !fleet.contains(&name.as_str())) {
        bail!("no worker {unknown:?}; there are {}", fleet.join(", "));
    }
    Ok(fleet.into_iter().filter(|worker| named.is_empty() || named.iter().any(|name| name == worker)).collect())
}

/// What a worker is called in an environment.
pub(crate) fn name(worker: &str, environment: Environment) -> String {
    environment.worker_name(&format!("octavo-{worker}"))
}

impl Target {
    /// A worker of which only the config matters.
    pub(crate) fn configured(worker: &'static str, environment: Environment) -> Result<Self> {
        let config = environments::read(worker, environment)?;
        Ok(Self { worker, name: name(worker, environment), config, digest: String::new(), gzip: 0 })
    }

    /// Reads a worker's build and config.
    pub(crate) fn read(worker: &'static str, environment: Environment, built: &Path) -> Result<Self> {
        let config = environments::read(worker, environment)?;
        let folder = built.join(worker);
        let missing = || format!("{worker} is not built in {}; run `cargo xtask build --release`", built.display());
        let (_, gzip) = size::of(&folder).with_context(missing)?;
        let digest = digest(&folder, &config).with_context(missing)?;
        Ok(Self { worker, name: name(worker, environment), config, digest, gzip: gzip as u64 })
    }

    /// The workers that it is bound to, with the name of the binding.
    pub(crate) fn services(&self) -> Vec<(&str, &str)> {
        self.members("services", "binding").zip(self.members("services", "service")).collect()
    }

    /// The workers that get its log.
    pub(crate) fn tails(&self) -> Vec<&str> {
        self.members("tail_consumers", "service").collect()
    }

    /// Ids of KV namespaces that it names, where it names any.
    pub(crate) fn namespaces(&self) -> Vec<&str> {
        self.members("kv_namespaces", "id").collect()
    }

    /// Its cron expressions.
    pub(crate) fn crons(&self) -> Vec<&str> {
        let crons = self.config.get("triggers").and_then(|triggers| triggers.get("crons")).and_then(Value::as_array);
        crons.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Host names of its own, without `*` and paths.
    pub(crate) fn hosts(&self) -> Vec<&str> {
        let routes = self.config.get("routes").and_then(Value::as_array).into_iter().flatten();
        let patterns = routes.filter_map(|route| route.as_str().or_else(|| route.get("pattern")?.as_str()));
        let patterns = patterns.chain(self.config.get("route").and_then(Value::as_str));
        patterns.filter_map(|pattern| pattern.split('/').next()).filter(|host| !host.contains('*')).collect()
    }

    /// Whether a setting is `true`.
    pub(crate) fn is_set(&self, key: &str) -> bool {
        self.config.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    /// A variable.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.config.get("vars")?.get(name)?.as_str()
    }

    fn members<'a>(&'a self, list: &str, member: &'static str) -> impl Iterator<Item = &'a str> {
        let entries = self.config.get(list).and_then(Value::as_array).into_iter().flatten();
        entries.filter_map(move |entry| entry.get(member)?.as_str())
    }
}

/// The first of a SHA-256, as digits.
pub(crate) fn short(bytes: &[u8], count: usize) -> String {
    Sha256::digest(bytes).iter().take(count).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

// Of every module by its name, and of the settings; not of comments, or of when it was built.
fn digest(folder: &Path, config: &Table) -> Result<String> {
    let mut bytes = serde_json::to_vec(config)?;
    for path in modules(folder)? {
        bytes.extend(path.strip_prefix(folder)?.to_string_lossy().replace('\\', "/").into_bytes());
        bytes.extend(Sha256::digest(fs::read(&path)?));
    }
    Ok(short(&bytes, 8))
}

fn modules(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(modules(&path)?);
        } else if path.extension().is_some_and(|kind| kind == "js" || kind == "wasm") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_comes_first_and_the_door_last() {
        let fleet = fleet();
        assert_eq!((fleet.first(), fleet.last(), fleet.len()), (Some(&"tail"), Some(&"gateway"), 10));
        assert!(fleet.iter().map(|worker| Stage::of(worker)).is_sorted());
        let some = ["gateway".to_owned(), "docker".to_owned()];
        assert_eq!(chosen(&some).expect("both are there"), ["docker", "gateway"]);
        assert!(chosen(&["dokcer".to_owned()]).is_err());
    }

    #[test]
    fn hosts_are_those_a_client_can_ask() {
        let config =
            "routes = [{ pattern = \"octavo.example\", custom_domain = true }, \"*.example/mcp/*\", \"a.example/*\"]";
        let config = config.parse().expect("TOML");
        let target = Target { worker: "gateway", name: String::new(), config, digest: String::new(), gzip: 0 };
        assert_eq!(target.hosts(), ["octavo.example", "a.example"]);
    }
}
