//! `cargo xtask deploy` and `cargo xtask rollback`: the fleet, in order, as one.
//!
//! `target` is what is to be deployed, `platform` what is; `plan` compares them, `preflight` says what is missing, `run` does it
//! by `wrangler`, `smoke` proves it, `rollback` takes it back. The platform itself remembers how far a run has come (`marks`).

mod advice;
pub(crate) mod dry;
mod marks;
mod plan;
mod platform;
mod preflight;
pub(crate) mod rollback;
mod run;
mod smoke;
mod target;
mod wrangler;

use crate::build::{self, Profile};
use crate::environments::{self, Environment};
use crate::{paths, toolchain};
use anyhow::{Result, bail};
use plan::Plan;
use platform::Platform;
use run::Run;
use std::path::{Path, PathBuf};
use target::Target;
use wrangler::Wrangler;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Order {
    /// Workers, or none for all.
    pub(crate) workers: Vec<String>,
    pub(crate) environment: Environment,
    /// Only says what would be done.
    pub(crate) is_dry: bool,
    /// Whether to upload what did not change, too.
    pub(crate) anew: bool,
    /// Only uploads versions, the gateway's under this alias.
    pub(crate) preview: Option<String>,
    /// A folder of built workers that is deployed as it is; they are built when there is none.
    pub(crate) built: Option<String>,
    /// Where the gateway is, where that cannot be told from the config.
    pub(crate) url: Option<String>,
}

/// Deploys, or says what would be.
pub(crate) fn deploy(order: &Order) -> Result<()> {
    let environment = order.environment;
    let workers = target::chosen(&order.workers)?;
    environments::generate(&paths::root(), true)?;
    toolchain::ensure_npm()?;
    let built = order.built.as_ref().map_or_else(|| paths::root().join("build"), PathBuf::from);
    let mut platform = match Platform::open(environment) {
        Ok(platform) => platform,
        Err(error) if order.is_dry => {
            eprintln!("without an account: {error:#}\n");
            ready(order, &workers)?;
            return dry::run(&workers, &[environment], &built);
        }
        Err(error) => return Err(error),
    };
    ready(order, &workers)?;
    let targets = workers.iter().map(|worker| Target::read(worker, environment, &built));
    let targets = targets.collect::<Result<Vec<_>>>()?;
    let names: Vec<String> = target::fleet().iter().map(|worker| target::name(worker, environment)).collect();
    let namespaces: Vec<String> = targets.iter().flat_map(Target::namespaces).map(str::to_owned).collect();
    let gateway = target::name("gateway", environment);
    let state = platform.state(&names, &gateway, &namespaces)?;
    let plan = Plan::new(targets, &state, environment, order.anew);
    let has_gateway = state.scripts.contains_key(&gateway) || plan.step("gateway").is_some();
    let url = has_gateway.then(|| smoke::address(order.url.as_deref(), environment, &state)).transpose()?;
    announce(&plan, &state, url.as_deref().filter(|_| state.scripts.contains_key(&gateway)));
    let called =
        (url.is_some() && order.preview.is_none()).then(|| Target::configured("gateway", environment)).transpose()?;
    preflight::check(&plan, &state, called.as_ref())?;
    if order.is_dry {
        return dry::run(&workers, &[environment], &built);
    }
    let account = Some(platform.account().to_owned());
    let run = Run { state: &state, platform: &platform, wrangler: Wrangler { environment, built, account }, url, plan };
    match &order.preview {
        Some(alias) => run.preview(alias),
        None if run.plan.is_done() => prove_again(&run),
        None => run.deploy(),
    }
}

// What is deployed as it is was built by somebody else.
fn ready(order: &Order, workers: &[&str]) -> Result<()> {
    match &order.built {
        Some(folder) if !Path::new(folder).is_dir() => bail!("--built: there is no folder {folder}"),
        Some(_) => Ok(()),
        None => build::run(workers, Profile::Release),
    }
}

fn announce(plan: &Plan, state: &platform::State, url: Option<&str>) {
    eprintln!("\n{} of account {}, run {}\n", plan.environment.name(), state.account.name, plan.run);
    eprint!("{}", plan.shown(state));
    if plan.step("gateway").is_some() {
        let change = url.map_or_else(|| "nothing is served yet".to_owned(), smoke::catalog_change);
        eprintln!("catalogue     {change}");
    }
    if plan.is_resumed() {
        eprintln!("\nthis run was begun before, and goes on");
    }
    eprintln!();
}

// Nothing to deploy: whether it works is still worth knowing.
fn prove_again(run: &Run) -> Result<()> {
    eprintln!("all of it is deployed already");
    let Some(url) = &run.url else { return Ok(()) };
    let is_ours = run.plan.step("gateway").is_some();
    smoke::run(&smoke::Question { url, is_ours, with_calls: true, ..smoke::Question::default() })
}
