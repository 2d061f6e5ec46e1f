//! The way back: every worker of a run to the version that served before it, the door first.

use super::marks::Mark;
use super::platform::{Platform, Script, State, whole};
use super::run::progress;
use super::smoke::{self, Question};
use super::target::{self, Target};
use crate::environments::Environment;
use anyhow::{Context, Result, bail};
use std::io::Write as _;
use std::time::Instant;

/// A worker that a run promoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Back {
    pub(crate) worker: &'static str,
    pub(crate) name: String,
    /// The version that served before; none where the worker was new, and then it stays.
    pub(crate) from: Option<String>,
}

/// Rolls the newest run of an environment back, or the named workers to what served before them.
pub(crate) fn run(named: &[String], environment: Environment, url: Option<&str>, is_dry: bool) -> Result<()> {
    let mut platform = Platform::open(environment)?;
    let workers = target::chosen(named)?;
    let names: Vec<String> = target::fleet().iter().map(|worker| target::name(worker, environment)).collect();
    let state = platform.state(&names, &target::name("gateway", environment), &[])?;
    let (run, backs) = plan(&workers, &state, environment)?;
    for Back { worker, from, .. } in &backs {
        eprintln!("plan     {worker:<13} back to {}", from.as_deref().unwrap_or("nothing: it was new, and stays"));
    }
    if is_dry {
        return Ok(());
    }
    take_back(&platform, &run, &backs)?;
    if state.scripts.contains_key(&target::name("gateway", environment)) {
        let url = smoke::address(url, environment, &state)?;
        let gateway = Target::configured("gateway", environment)?;
        // Without a key that it asks for, who answers is all that can be looked at.
        let with_calls = gateway.variable("AUTH") == Some("open") || smoke::key().is_some();
        let question = Question { url: &url, with_calls, ..Question::default() };
        smoke::run(&question).context("all is back, and does not work either")?;
    }
    writeln!(std::io::stdout(), "run {run} of {} is rolled back", environment.name())?;
    Ok(())
}

/// Gives each its version of before, in the reverse of the order in which they were promoted; tries all, whatever fails.
pub(crate) fn take_back(platform: &Platform, run: &str, promoted: &[Back]) -> Result<()> {
    let mut faults = Vec::new();
    let mark = Mark::Rollback { run: run.to_owned() };
    let order = target::fleet();
    let mut backs: Vec<&Back> = promoted.iter().collect();
    backs.sort_by_key(|back| order.iter().position(|worker| *worker == back.worker));
    for Back { worker, name, from } in backs.into_iter().rev() {
        let Some(from) = from else {
            eprintln!("rollback {worker:<13} was new; it stays: `npx wrangler delete --name {name}` takes it away");
            continue;
        };
        let started = Instant::now();
        match platform.serve(name, &[whole(from)], &mark) {
            Ok(()) => progress("rollback", worker, started, Some(from)),
            Err(error) => faults.push(format!("{worker}: {error:#}")),
        }
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    Ok(())
}

// The run that the newest marks name, and whom of it is still to be taken back. A worker that somebody deployed since is left
// alone, unless it is named.
fn plan(workers: &[&'static str], state: &State, environment: Environment) -> Result<(String, Vec<Back>)> {
    let deployed: Vec<(&'static str, String, &Script)> = workers
        .iter()
        .filter_map(|worker| {
            let name = target::name(worker, environment);
            let script = state.scripts.get(&name)?;
            Some((*worker, name, script))
        })
        .collect();
    let marks = deployed.iter().flat_map(|(_, _, script)| &script.deployments);
    let newest =
        marks.filter_map(|one| Some((one.created.as_deref(), one.mark()?))).max_by_key(|(created, _)| *created);
    let Some(run) = newest.map(|(_, mark)| mark.run().to_owned()) else {
        bail!(
            "no run of `cargo xtask deploy` is known in {}; `npx wrangler rollback -c wrangler/WORKER.toml --env {}` takes one worker back",
            environment.name(),
            environment.name()
        );
    };
    let back = |(worker, name, script): &(&'static str, String, &Script)| match script.mark()? {
        Mark::Run { run: of, from, .. } if of == run && from.as_deref() != script.serving() => {
            Some(Back { worker, name: name.clone(), from })
        }
        // On trial: what serves is what served before, and the trial ends.
        Mark::Run { run: of, from, is_sealed: false } if of == run => Some(Back { worker, name: name.clone(), from }),
        Mark::Run { .. } | Mark::Rollback { .. } => None,
    };
    let backs: Vec<Back> = deployed.iter().filter_map(back).collect();
    if backs.is_empty() {
        bail!("of run {run} nothing serves any more: there is nothing to roll back");
    }
    Ok((run, backs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn state(workers: &[(&str, &str, &str)]) -> State {
        let script = |place: usize, serving: &str, message: &str| {
            let created = format!("2026-11-30T07:00:{place:02}Z");
            let versions = [json!({ "id": serving, "percentage": 100 })];
            json!({
                "deployments": [{ "created": created, "message": message, "versions": versions }],
                "versions": [], "open": false, "previews": false, "crons": [], "secrets": [],
            })
        };
        let scripts: serde_json::Map<String, serde_json::Value> = workers
            .iter()
            .enumerate()
            .map(|(place, (worker, serving, message))| (format!("octavo-{worker}"), script(place, serving, message)))
            .collect();
        let all = json!({
            "account": { "id": "1", "name": "a" }, "names": [], "subdomain": null, "missingNamespaces": [], "scripts": scripts,
        });
        serde_json::from_value(all).expect("a state")
    }

    // The run, and each worker with the version that it goes back to.
    fn planned(workers: &[(&str, &str, &str)]) -> Result<(String, Vec<String>)> {
        let (run, backs) = plan(&target::fleet(), &state(workers), Environment::Production)?;
        let shown = |back: Back| format!("{} {}", back.worker, back.from.as_deref().unwrap_or("stays"));
        Ok((run, backs.into_iter().map(shown).collect()))
    }

    #[test]
    fn a_run_is_taken_back_where_it_still_serves() {
        let (run, backs) = planned(&[
            ("tail", "t2", "octavo aaaaaaaa from=t1"),
            ("docker", "d2", "octavo bbbbbbbb from=d1"),
            ("api", "a2", "octavo bbbbbbbb from=none"),
            ("python", "p3", "by hand"),
            ("gateway", "g1", "octavo bbbbbbbb from=g1 sealed"),
        ])
        .expect("a plan");
        assert_eq!(run, "bbbbbbbb");
        assert_eq!(backs, ["docker d1", "api stays"]);
    }

    #[test]
    fn a_run_that_was_interrupted_before_the_gateway_is_the_newest() {
        let (run, backs) = planned(&[
            ("gateway", "g1", "octavo aaaaaaaa from=g0 sealed"),
            ("docker", "d2", "octavo bbbbbbbb from=d1"),
        ])
        .expect("a plan");
        assert_eq!((run.as_str(), backs), ("bbbbbbbb", vec!["docker d1".to_owned()]));
    }

    #[test]
    fn an_interrupted_rollback_goes_on_and_a_whole_one_has_nothing_to_do() {
        let rest = [("docker", "d2", "octavo bbbbbbbb from=d1"), ("gateway", "g1", "octavo rollback-of=bbbbbbbb")];
        assert_eq!(planned(&rest).expect("a plan").1, ["docker d1"]);
        let whole = [("docker", "d1", "octavo rollback-of=bbbbbbbb"), ("gateway", "g1", "octavo rollback-of=bbbbbbbb")];
        assert!(planned(&whole).expect_err("nothing").to_string().contains("nothing to roll back"));
        assert!(planned(&[("docker", "d1", "by hand")]).expect_err("nothing").to_string().contains("no run"));
    }
}
