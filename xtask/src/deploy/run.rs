//! A run: versions are uploaded, promoted in order, proved, and sealed; or all that was promoted is taken back.
//!
//! Until every version is uploaded nothing that serves has changed. The log and the tool workers are promoted first, since an
//! old gateway and new workers understand each other; the gateway's version is then put on trial, where it is met only by the
//! smoke test, and gets its traffic last.

use super::marks::Mark;
use super::plan::{Plan, Standing, Step};
use super::platform::{Platform, Script, State, on_trial, whole};
use super::rollback::{self, Back};
use super::smoke::{self, Question};
use super::target::{self, Stage};
use super::wrangler::{self, Done, Wrangler};
use crate::process;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::Instant;

/// A run and what it works with.
pub(crate) struct Run<'a> {
    pub(crate) plan: Plan,
    pub(crate) state: &'a State,
    pub(crate) platform: &'a Platform,
    pub(crate) wrangler: Wrangler,
    /// Where the gateway is; none where there is none yet and none is deployed.
    pub(crate) url: Option<String>,
}

impl Run<'_> {
    /// Deploys all, or leaves all as it was.
    pub(crate) fn deploy(mut self) -> Result<()> {
        self.upload(None).context("nothing was promoted")?;
        let promoted = Mutex::new(Vec::new());
        let outcome = self.promote(&promoted).and_then(|()| self.prove()).and_then(|()| self.seal());
        match outcome {
            Ok(()) => self.table(Outcome::Deployed, &[]),
            Err(error) => {
                eprintln!("\nerror: {error:#}\n");
                let promoted = promoted.into_inner().unwrap_or_default();
                self.take_back(&promoted)?;
                self.table(Outcome::RolledBack, &promoted)?;
                Err(anyhow!("the run failed and was rolled back; what serves is what served before"))
            }
        }
    }

    /// Uploads versions and stops; prints where the gateway's can be met.
    pub(crate) fn preview(mut self, alias: &str) -> Result<()> {
        let preview = self.upload(Some(alias))?;
        self.table(Outcome::Uploaded, &[])?;
        match preview {
            Some(url) => writeln!(std::io::stdout(), "preview: {url}/mcp")?,
            None => eprintln!("the gateway was not uploaded, or has no preview_urls: there is no address to look at"),
        }
        Ok(())
    }

    // Every version that is not there yet, some at a time. The address of the gateway's, where it has one.
    fn upload(&mut self, alias: Option<&str>) -> Result<Option<String>> {
        let commit = commit();
        let wanted: Vec<usize> =
            (0..self.plan.steps.len()).filter(|at| is_to_upload(&self.plan.steps[*at], alias)).collect();
        let this = &*self;
        let done = wrangler::for_each(&wanted, |at| {
            let step = &this.plan.steps[*at];
            let started = Instant::now();
            let result = this.upload_one(step, alias, &commit);
            progress(
                "upload",
                step.target.worker,
                started,
                result.as_ref().ok().and_then(|done| done.version.as_deref()),
            );
            result
        });
        let (mut faults, mut preview) = (Vec::new(), None);
        for (at, result) in wanted.into_iter().zip(done) {
            match result {
                Ok(done) => {
                    if Stage::of(self.plan.steps[at].target.worker) == Stage::Gateway {
                        preview = done.preview;
                    }
                    self.plan.steps[at].version = done.version;
                }
                Err(error) => faults.push(format!("{error:#}")),
            }
        }
        if !faults.is_empty() {
            bail!("{}", faults.join("\n"));
        }
        Ok(preview)
    }

    fn upload_one(&self, step: &Step, alias: Option<&str>, commit: &str) -> Result<Done> {
        let message = self.version_message(step, commit);
        let mut arguments = vec!["--tag", &step.target.digest, "--message", &message];
        if let Some(alias) = alias {
            arguments.extend(["--preview-alias", alias]);
        }
        let done = self.wrangler.upload(&["versions", "upload"], step.target.worker, &arguments)?;
        if done.version.is_none() {
            bail!("{}: wrangler uploaded and told no version; run the same command again", step.target.worker);
        }
        Ok(done)
    }

    fn version_message(&self, step: &Step, commit: &str) -> String {
        format!("octavo {} gz={} run={} {commit}", env!("CARGO_PKG_VERSION"), step.target.gzip, self.plan.run)
    }

    // The log, then the tools, then the gateway on trial. What was changed is noted as it happens, for the way back.
    fn promote(&mut self, promoted: &Mutex<Vec<Back>>) -> Result<()> {
        for stage in Stage::ALL {
            let wanted: Vec<usize> = (0..self.plan.steps.len())
                .filter(|at| Stage::of(self.plan.steps[*at].target.worker) == stage)
                .collect();
            let this = &*self;
            let done = wrangler::for_each(&wanted, |at| this.promote_one(&this.plan.steps[*at], promoted));
            let mut faults = Vec::new();
            for (at, result) in wanted.into_iter().zip(done) {
                match result {
                    Ok(Some(version)) => self.plan.steps[at].version = Some(version),
                    Ok(None) => {}
                    Err(error) => faults.push(format!("{error:#}")),
                }
            }
            if !faults.is_empty() {
                bail!("{}", faults.join("\n"));
            }
        }
        Ok(())
    }

    // Gives the version where it is known only now: of a worker that was not there before.
    fn promote_one(&self, step: &Step, promoted: &Mutex<Vec<Back>>) -> Result<Option<String>> {
        let started = Instant::now();
        let worker = step.target.worker;
        let note = |from: Option<String>| {
            if let Ok(mut promoted) = promoted.lock() {
                promoted.push(Back { worker, name: step.target.name.clone(), from });
            }
        };
        match (&step.standing, &step.version) {
            (Standing::Same, _) => return Ok(None),
            (Standing::Promoted { from }, _) => {
                note(from.clone());
                return Ok(None);
            }
            (Standing::New, _) => {
                note(None);
                let done = self.deploy_new(step)?;
                progress("deploy", worker, started, done.version.as_deref());
                return Ok(done.version);
            }
            (Standing::Changed | Standing::Uploaded { .. }, Some(version)) => {
                // What may have happened is taken back too.
                note(step.before.clone());
                if Stage::of(worker) == Stage::Gateway {
                    self.triggers(step)?;
                    let before = step.before.as_deref().context("a worker that is there has a version")?;
                    self.platform.serve(
                        &step.target.name,
                        &[whole(before), on_trial(version)],
                        &self.mark(step, false),
                    )?;
                    progress("trial", worker, started, Some(version));
                } else {
                    self.give_traffic(step, version, &self.mark(step, false))?;
                    self.triggers(step)?;
                    progress("promote", worker, started, Some(version));
                }
            }
            (Standing::Changed | Standing::Uploaded { .. }, None) => bail!("{worker} was not uploaded"),
        }
        Ok(None)
    }

    // A worker that is not there yet cannot have versions: its first one serves at once.
    fn deploy_new(&self, step: &Step) -> Result<Done> {
        let message = self.version_message(step, &commit());
        let arguments = ["--tag", &step.target.digest, "--message", &message];
        self.wrangler.upload(&["deploy"], step.target.worker, &arguments)
    }

    fn give_traffic(&self, step: &Step, version: &str, mark: &Mark) -> Result<()> {
        let (share, message) = (format!("{version}@100%"), mark.to_string());
        let arguments = ["versions", "deploy", &share, "--message", &message, "--yes"];
        self.wrangler.run(&arguments, step.target.worker)?;
        Ok(())
    }

    // Routes, the workers.dev name and the cron are settings of the worker, not of a version; only what differs is set.
    fn triggers(&self, step: &Step) -> Result<()> {
        let script = self.state.scripts.get(&step.target.name);
        let is_same = |script: &Script| {
            script.crons == step.target.crons()
                && script.open == step.target.is_set("workers_dev")
                && script.previews == step.target.is_set("preview_urls")
                && step.target.hosts().is_empty()
        };
        if script.is_some_and(is_same) {
            return Ok(());
        }
        let started = Instant::now();
        self.wrangler.run(&["triggers", "deploy"], step.target.worker)?;
        progress("triggers", step.target.worker, started, None);
        Ok(())
    }

    fn prove(&self) -> Result<()> {
        let Some(url) = &self.url else {
            eprintln!("smoke    no gateway is deployed, so nothing was asked");
            return Ok(());
        };
        let gateway = self.plan.step("gateway");
        let name = target::name("gateway", self.plan.environment);
        let is_on_trial = gateway.is_some_and(is_on_trial);
        smoke::run(&Question {
            url,
            gateway: gateway.and_then(|step| step.version.as_deref()),
            on_trial: is_on_trial.then_some(name.as_str()),
            versions: self.versions(),
            is_ours: gateway.is_some(),
            with_calls: true,
        })
    }

    // The gateway gets its traffic, and the last word on the run; then who answers is looked at once more.
    fn seal(&self) -> Result<()> {
        let name = target::name("gateway", self.plan.environment);
        let started = Instant::now();
        let version = match self.plan.step("gateway") {
            Some(step) if is_on_trial(step) => {
                let version = step.version.as_deref().context("a gateway on trial has a version")?;
                self.give_traffic(step, version, &self.mark(step, true))?;
                progress("promote", "gateway", started, Some(version));
                version
            }
            Some(step) => {
                let version = step.version.as_deref().context("a gateway that serves has a version")?;
                self.platform.serve(&name, &[whole(version)], &self.mark(step, true))?;
                version
            }
            None => {
                let Some(version) = self.state.scripts.get(&name).and_then(Script::serving) else { return Ok(()) };
                let mark = Mark::Run { run: self.plan.run.clone(), from: Some(version.to_owned()), is_sealed: true };
                self.platform.serve(&name, &[whole(version)], &mark)?;
                version
            }
        };
        let Some(url) = &self.url else { return Ok(()) };
        smoke::run(&Question { url, gateway: Some(version), versions: self.versions(), ..Question::default() })
    }

    fn mark(&self, step: &Step, is_sealed: bool) -> Mark {
        let from = match &step.standing {
            Standing::Promoted { from } => from.clone(),
            Standing::New | Standing::Same | Standing::Changed | Standing::Uploaded { .. } => step.before.clone(),
        };
        Mark::Run { run: self.plan.run.clone(), from, is_sealed }
    }

    fn versions(&self) -> BTreeMap<&'static str, &str> {
        let tools = self.plan.steps.iter().filter(|step| Stage::of(step.target.worker) == Stage::Tools);
        tools.filter_map(|step| Some((step.target.worker, step.version.as_deref()?))).collect()
    }

    fn take_back(&mut self, promoted: &[Back]) -> Result<()> {
        let done = rollback::take_back(self.platform, &self.plan.run, promoted).with_context(|| {
            format!(
                "not all could be rolled back; when the platform answers again: `cargo xtask rollback --env {}`",
                self.plan.environment.name()
            )
        });
        // What was new stays; all else serves as before, whether it had been promoted or not.
        for step in self.plan.steps.iter_mut().filter(|step| step.standing != Standing::New) {
            step.version = match &step.standing {
                Standing::Promoted { from } => from.clone(),
                Standing::New | Standing::Same | Standing::Changed | Standing::Uploaded { .. } => step.before.clone(),
            };
        }
        done
    }

    fn table(&self, outcome: Outcome, promoted: &[Back]) -> Result<()> {
        let mut table = std::io::stdout().lock();
        writeln!(table, "\n{:<13} {:>10}   {:<9} {:<9} outcome", "worker", "gzipped", "before", "now")?;
        for step in &self.plan.steps {
            let was_promoted = promoted.iter().any(|back| back.worker == step.target.worker);
            let word = match (&step.standing, outcome) {
                (Standing::Same, _) => "unchanged",
                (Standing::New, Outcome::Deployed) => "first deployment",
                (Standing::New, Outcome::RolledBack) if was_promoted => "new, and left there",
                (Standing::New, _) => "not there yet",
                (_, Outcome::RolledBack) if was_promoted => "rolled back",
                (_, Outcome::RolledBack) => "not promoted",
                (_, Outcome::Uploaded) => "uploaded",
                (_, Outcome::Deployed) => "deployed",
            };
            let before = match &step.standing {
                Standing::Promoted { from } => from.as_deref(),
                Standing::New | Standing::Same | Standing::Changed | Standing::Uploaded { .. } => {
                    step.before.as_deref()
                }
            };
            let (before, now) = (cut(before), cut(step.version.as_deref()));
            writeln!(table, "{:<13} {:>10}   {before:<9} {now:<9} {word}", step.target.worker, step.target.gzip)?;
        }
        if let Some(url) = self.url.as_deref().filter(|_| outcome == Outcome::Deployed) {
            writeln!(table, "\n{url}/mcp")?;
        }
        Ok(())
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Deployed,
    RolledBack,
    /// Versions only.
    Uploaded,
}

// A preview is about this upload alone: what an earlier one left is uploaded anew under the alias.
fn is_to_upload(step: &Step, alias: Option<&str>) -> bool {
    match step.standing {
        Standing::Changed => true,
        Standing::Uploaded { .. } => alias.is_some(),
        Standing::Same => alias.is_some() && Stage::of(step.target.worker) == Stage::Gateway,
        Standing::New | Standing::Promoted { .. } => false,
    }
}

fn is_on_trial(step: &Step) -> bool {
    matches!(step.standing, Standing::Changed | Standing::Uploaded { .. })
}

fn cut(version: Option<&str>) -> &str {
    version.map_or("-", |id| id.get(..8).unwrap_or(id))
}

fn commit() -> String {
    let commit = process::output(process::command("git").args(["rev-parse", "--short=12", "HEAD"]));
    commit.map_or_else(|_| "no-commit".to_owned(), |commit| commit.trim().to_owned())
}

/// One line of progress.
pub(crate) fn progress(what: &str, worker: &str, started: Instant, version: Option<&str>) {
    eprintln!("{what:<8} {worker:<13} {:>6.1} s  {}", started.elapsed().as_secs_f32(), version.unwrap_or_default());
}
