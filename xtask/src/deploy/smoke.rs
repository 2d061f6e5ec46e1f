//! Whether what is deployed does what it is for: asked over HTTP by `xtask/deploy/smoke.mjs`, as a client and an operator ask.

use super::platform::{self, State};
use super::target::Target;
use crate::environments::Environment;
use crate::paths;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::{env, fs};

/// How long deployments may take to reach where we ask, in milliseconds, unless `OCTAVO_PATIENCE_MS` says otherwise.
const PATIENCE_MS: u64 = 60_000;

/// What is asked.
#[derive(Debug, Default)]
pub(crate) struct Question<'a> {
    /// Where the gateway is.
    pub(crate) url: &'a str,
    /// The version of the gateway that must answer.
    pub(crate) gateway: Option<&'a str>,
    /// The gateway's name, where the version is on trial and only answers who asks for it.
    pub(crate) on_trial: Option<&'a str>,
    /// The version that each category's worker must be at.
    pub(crate) versions: BTreeMap<&'static str, &'a str>,
    /// Whether the list must be this fleet's own: the gateway was made with this catalogue.
    pub(crate) is_ours: bool,
    /// Whether tools are called; else only who answers is looked at.
    pub(crate) with_calls: bool,
}

#[derive(Debug, Deserialize)]
struct Answer {
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Deserialize)]
struct Check {
    name: String,
    /// Nothing where it could not be asked.
    ok: Option<bool>,
    detail: String,
    ms: u64,
}

/// Asks, and prints each answer; fails with those that are not as they must be.
pub(crate) fn run(question: &Question) -> Result<()> {
    let patience = env::var("OCTAVO_PATIENCE_MS").ok().and_then(|text| text.parse().ok()).unwrap_or(PATIENCE_MS);
    let overrides: BTreeMap<&str, &str> = question.on_trial.into_iter().zip(question.gateway).collect();
    let asked = json!({
        "url": question.url,
        "gateway": question.gateway,
        "overrides": overrides,
        "versions": question.versions,
        "tools": question.is_ours.then(tool_count).transpose()?,
        "skew": if question.is_ours { "fail" } else { "tell" },
        "list": question.with_calls,
        "log": question.with_calls,
        "calls": if question.with_calls { calls()? } else { json!([]) },
        "patienceMs": patience,
        "pauseMs": (patience / 40).clamp(50, 1000),
    });
    let answer: Answer = serde_json::from_value(platform::ask_node("xtask/deploy/smoke.mjs", &[], &asked, &[])?)?;
    let mut faults = Vec::new();
    for Check { name, ok, detail, ms } in answer.checks {
        let word = match ok {
            Some(true) => "ok",
            Some(false) => "FAILED",
            None => "not asked",
        };
        let hint = if ok.is_none() { "put an operator's token into OCTAVO_OPS_TOKEN" } else { &detail };
        eprintln!("smoke    {name:<32} {word:<9} {ms:>6} ms  {hint}");
        if ok == Some(false) {
            faults.push(format!("{name}: {detail}"));
        }
    }
    if !faults.is_empty() {
        bail!("the smoke test at {} failed\n  {}", question.url, faults.join("\n  "));
    }
    Ok(())
}

/// The key by which the smoke test calls tools, where one is given.
pub(crate) fn key() -> Option<String> {
    env::var("OCTAVO_KEY").ok().filter(|key| !key.is_empty())
}

/// Where the gateway of an environment is: as given, at a host of its own, or under workers.dev.
pub(crate) fn address(given: Option<&str>, environment: Environment, state: &State) -> Result<String> {
    if let Some(url) = given {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    let gateway = Target::configured("gateway", environment)?;
    let name = &gateway.name;
    if let Some(host) = gateway.hosts().first() {
        return Ok(format!("https://{host}"));
    }
    match (&state.subdomain, gateway.is_set("workers_dev")) {
        (Some(subdomain), true) => Ok(format!("https://{name}.{subdomain}.workers.dev")),
        _ => bail!("the gateway has no address that is known here; say it by --url https://..."),
    }
}

// One call for each category.
fn calls() -> Result<Value> {
    let path = paths::root().join("xtask/deploy/calls.json");
    serde_json::from_str(&fs::read_to_string(&path)?).with_context(|| path.display().to_string())
}

fn tool_count() -> Result<usize> {
    Ok(catalog()?.len())
}

/// The tools of this checkout, each as a list tells it.
fn catalog() -> Result<Vec<Value>> {
    let path = paths::root().join("crates/catalog/generated/catalog.json");
    let rows: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(&path)?).with_context(|| path.display().to_string())?;
    Ok(rows.into_iter().map(|mut row| row["tool"].take()).collect())
}

/// What the list of a gateway that is deployed would gain, lose and change; in words.
pub(crate) fn catalog_change(url: &str) -> String {
    let asked = json!({ "url": url });
    let served = match platform::ask_node("xtask/deploy/tools.mjs", &[], &asked, &[]) {
        Ok(answer) => answer,
        Err(error) => return format!("not compared ({error:#})"),
    };
    let Some(served) = served["tools"].as_array() else {
        return format!("not compared ({})", served["error"].as_str().unwrap_or("no answer"));
    };
    match catalog() {
        Ok(ours) => difference(served, &ours),
        Err(error) => format!("not compared ({error:#})"),
    }
}

fn difference(served: &[Value], ours: &[Value]) -> String {
    let by_name = |tools: &[Value]| -> BTreeMap<String, Value> {
        let named = |tool: &Value| Some((tool["name"].as_str()?.to_owned(), tool.clone()));
        tools.iter().filter_map(named).filter(|(name, _)| !name.starts_with("ops_")).collect()
    };
    let (old, new) = (by_name(served), by_name(ours));
    let same = |a: &Value, b: &Value| ["description", "inputSchema"].iter().all(|part| a[*part] == b[*part]);
    let gained: Vec<&str> = new.keys().filter(|name| !old.contains_key(*name)).map(String::as_str).collect();
    let lost: Vec<&str> = old.keys().filter(|name| !new.contains_key(*name)).map(String::as_str).collect();
    let changed = new.iter().filter(|(name, tool)| old.get(*name).is_some_and(|before| !same(before, tool)));
    let changed: Vec<&str> = changed.map(|(name, _)| name.as_str()).collect();
    let parts = [("new", gained), ("gone", lost), ("changed", changed)];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> =
        parts.map(|(what, names)| format!("{} {what} ({})", names.len(), names.join(", "))).collect();
    if parts.is_empty() { format!("the same {} tools", new.len()) } else { parts.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_category::Category;

    #[test]
    fn each_category_is_called_once_with_what_its_tool_takes() {
        let calls = calls().expect("calls");
        let calls = calls.as_array().expect("a list");
        let catalog = catalog().expect("a catalogue");
        let mut called: Vec<&str> = Vec::new();
        for call in calls {
            let name = call["name"].as_str().expect("a name");
            called.extend(name.split('_').next());
            let tool = catalog.iter().find(|tool| tool["name"] == *name).unwrap_or_else(|| panic!("no tool {name}"));
            let schema = &tool["inputSchema"];
            for argument in call["arguments"].as_object().expect("arguments").keys() {
                assert!(schema["properties"].get(argument).is_some(), "{name} takes no {argument}");
            }
            for required in schema["required"].as_array().into_iter().flatten() {
                let required = required.as_str().expect("a name");
                assert!(call["arguments"].get(required).is_some(), "{name} needs {required}");
            }
        }
        assert_eq!(called, Category::ALL.iter().map(|category| category.slug()).collect::<Vec<_>>());
    }

    #[test]
    fn a_change_of_the_catalogue_is_told_by_name() {
        let tool =
            |name: &str, description: &str| json!({ "name": name, "description": description, "inputSchema": {} });
        let ours = [tool("a_b", "x"), tool("c_d", "y")];
        assert_eq!(difference(&ours, &ours), "the same 2 tools");
        let served = [tool("a_b", "old"), tool("e_f", "z"), tool("ops_trace", "t")];
        assert_eq!(difference(&served, &ours), "1 new (c_d); 1 gone (e_f); 1 changed (a_b)");
    }
}
