//! What would make a run fail, found before anything is uploaded, each with what to do about it.

use super::plan::{Plan, Standing};
use super::platform::State;
use super::smoke;
use super::target::{self, Target};
use crate::environments::Environment;
use anyhow::{Result, bail};

/// Says all that is missing at once; says nothing when the run may begin. `gateway` is the one whose tools the smoke test calls,
/// where it will.
pub(crate) fn check(plan: &Plan, state: &State, gateway: Option<&Target>) -> Result<()> {
    let mut faults: Vec<String> = Vec::new();
    for step in &plan.steps {
        faults.extend(bindings(&step.target, plan, state));
        faults.extend(stores(&step.target, state));
    }
    let asks_for_key = gateway.and_then(|gateway| gateway.variable("AUTH")).is_some_and(|access| access != "open");
    if asks_for_key && smoke::key().is_none() {
        faults.push(
            "the smoke test calls tools and AUTH asks for a key: put one (or a token) that opens all categories into the \
             variable OCTAVO_KEY"
                .to_owned(),
        );
    }
    if let Some(step) = plan.step("gateway") {
        faults.extend(access(&step.target, plan.environment, state));
        faults.extend(door(&step.target, &step.standing, state));
    }
    if !faults.is_empty() {
        bail!("nothing was deployed, since something is missing\n- {}", faults.join("\n- "));
    }
    Ok(())
}

// Whatever a worker is bound to must be there when it is uploaded; what the run itself brings comes before it.
fn bindings(target: &Target, plan: &Plan, state: &State) -> Vec<String> {
    let is_there = |name: &str| {
        state.names.iter().any(|known| known == name) || plan.steps.iter().any(|step| step.target.name == name)
    };
    let environment = plan.environment.name();
    let mut faults = Vec::new();
    for (binding, service) in target.services().into_iter().filter(|(_, service)| !is_there(service)) {
        faults.push(format!(
            "{} has the binding {binding} to {service}, which is not deployed: {}",
            target.name,
            bring(service, plan.environment)
        ));
    }
    for tail in target.tails().into_iter().filter(|tail| !is_there(tail)) {
        faults.push(format!(
            "{} sends its log to {tail}, which is not deployed: `cargo xtask deploy tail --env {environment}`",
            target.name
        ));
    }
    faults
}

fn bring(service: &str, environment: Environment) -> String {
    match target::fleet().into_iter().find(|worker| target::name(worker, environment) == service) {
        Some(worker) => format!("`cargo xtask deploy {worker} --env {}`", environment.name()),
        None => "deploy it, or take the binding out of wrangler/gateway.toml".to_owned(),
    }
}

fn stores(target: &Target, state: &State) -> Vec<String> {
    let missing = target.namespaces().into_iter().filter(|id| state.missing_namespaces.iter().any(|gone| gone == id));
    missing
        .map(|id| {
            format!(
                "the KV namespace {id} that wrangler/{}.toml names does not exist: take its `id` out, and one is made",
                target.worker
            )
        })
        .collect()
}

// A gateway that does not say who may call serves nobody, so the smoke test would fail at once.
fn access(target: &Target, environment: Environment, state: &State) -> Vec<String> {
    let of = environment.name();
    let place = match environment {
        Environment::Production => "[vars] of wrangler/gateway.toml".to_owned(),
        Environment::Staging => "[gateway.vars] of wrangler/environments/staging.toml".to_owned(),
    };
    let secrets = state.scripts.get(&target.name).map(|script| script.secrets.as_slice()).unwrap_or_default();
    let mut faults = Vec::new();
    match target.variable("AUTH").unwrap_or_default() {
        "open" => {}
        "keys" if secrets.iter().any(|secret| secret == "API_KEYS") => {}
        "keys" => faults.push(format!(
            "AUTH is \"keys\" and there is no secret API_KEYS: `cargo xtask key new --id NAME` makes a key and says how to set \
             it (add `--env {of}` there)"
        )),
        "oauth" if target.variable("OAUTH_ISSUER").is_some() => {}
        "oauth" => faults.push(format!("AUTH is \"oauth\" and OAUTH_ISSUER is not set: name your authorization server in {place}")),
        "" => faults.push(format!(
            "AUTH is not set, and then a deployed gateway serves nobody: set it to \"open\", \"keys\" or \"oauth\" in {place} \
             (docs/production.md), then `cargo xtask gen --configs`"
        )),
        other => faults.push(format!("AUTH is {other:?}; it is \"open\", \"keys\" or \"oauth\", in {place}")),
    }
    faults
}

fn door(target: &Target, standing: &Standing, state: &State) -> Vec<String> {
    let needs_subdomain = *standing == Standing::New && target.is_set("workers_dev") && target.hosts().is_empty();
    if needs_subdomain && state.subdomain.is_none() {
        return vec![
            "the account has no name under workers.dev yet: open Workers & Pages in the dashboard once, or give \
             wrangler/gateway.toml a route and `workers_dev = false`"
                .to_owned(),
        ];
    }
    Vec::new()
}
