//! What wrangler would deploy, without an account: every worker's config, bundle and bindings, in each environment.

use super::target;
use super::wrangler::{self, Wrangler};
use crate::environments::{self, Environment};
use crate::paths;
use anyhow::{Result, bail};
use std::io::Write as _;
use std::path::Path;

/// Runs wrangler's own dry run of these workers and prints what each would weigh; the workers are built already.
pub(crate) fn run(workers: &[&'static str], chosen: &[Environment], built: &Path) -> Result<()> {
    let runs: Vec<(Environment, &str)> =
        chosen.iter().flat_map(|environment| workers.iter().map(|worker| (*environment, *worker))).collect();
    let done = wrangler::for_each(&runs, |(environment, worker)| {
        let wrangler = Wrangler { environment: *environment, built: built.to_owned(), account: None };
        wrangler.upload(&["deploy"], worker, &["--dry-run"])
    });
    let mut table = std::io::stdout().lock();
    writeln!(table, "{:<12} {:<14} {:>12}", "environment", "worker", "gzipped")?;
    let mut faults = Vec::new();
    for ((environment, worker), result) in runs.iter().zip(done) {
        match result {
            Ok(done) => {
                let gzip = done.gzip.unwrap_or_default();
                writeln!(table, "{:<12} {worker:<14} {gzip:>12}", environment.name())?;
            }
            Err(error) => faults.push(format!("{}: {error:#}", environment.name())),
        }
    }
    if !faults.is_empty() {
        bail!("wrangler would not deploy\n{}", faults.join("\n"));
    }
    Ok(())
}

/// The dry run of the whole fleet in every environment, for `cargo xtask test`.
pub(crate) fn run_all() -> Result<()> {
    environments::generate(&paths::root(), true)?;
    run(&target::fleet(), &Environment::ALL, &paths::root().join("build"))
}
