//! Running wrangler for one worker of an environment: quietly, and with what it said for machines.
//!
//! Wrangler writes what it did as lines of JSON to a file of ours. What it prints for people is kept and shown when it fails,
//! after what is to be done about it.

use super::advice;
use crate::environments::Environment;
use crate::{paths, process, toolchain};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

/// How many of wrangler run at once: each is a Node.js, and the platform limits requests by the account.
const AT_ONCE: usize = 3;

/// Wrangler, as it is run for the workers of one environment.
#[derive(Debug, Clone)]
pub(crate) struct Wrangler {
    /// Which environment of the configs.
    pub(crate) environment: Environment,
    /// The folder that holds a folder for each built worker.
    pub(crate) built: PathBuf,
    /// The account, where one is asked.
    pub(crate) account: Option<String>,
}

/// What came of a run.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The version that it made, where it made one.
    pub(crate) version: Option<String>,
    /// Size of the upload, gzipped bytes.
    pub(crate) gzip: Option<u64>,
    /// Where the version can be met before it is promoted.
    pub(crate) preview: Option<String>,
}

impl Wrangler {
    /// Runs a command of wrangler, such as `["versions", "upload"]`, on a worker's built entry.
    pub(crate) fn upload(&self, command: &[&str], worker: &str, arguments: &[&str]) -> Result<Done> {
        let entry = self.built.join(worker).join("index.js");
        if !entry.is_file() {
            bail!("{} is missing; run `cargo xtask build --release`", entry.display());
        }
        let mut words = command.to_vec();
        let entry = entry.display().to_string();
        words.push(&entry);
        words.extend(arguments);
        self.run(&words, worker)
    }

    /// Runs a command of wrangler with a worker's config.
    pub(crate) fn run(&self, arguments: &[&str], worker: &str) -> Result<Done> {
        let told = self.told(worker)?;
        let mut wrangler = process::command(toolchain::node());
        wrangler.arg("node_modules/wrangler/bin/wrangler.js").args(arguments);
        wrangler.arg("--config").arg(format!("wrangler/{worker}.toml")).args(["--env", self.environment.name()]);
        wrangler.env("WRANGLER_OUTPUT_FILE_PATH", &told).env("WRANGLER_SEND_METRICS", "false");
        // What is there is what is deployed: `[build]` has nothing to do.
        wrangler.env(crate::build::BUILT, "1");
        wrangler.env("CI", "true").env("NO_COLOR", "1").env("FORCE_COLOR", "0");
        wrangler.env("NODE_COMPILE_CACHE", paths::cache().join("node-compile-cache"));
        if let Some(account) = &self.account {
            wrangler.env("CLOUDFLARE_ACCOUNT_ID", account);
        }
        let output = wrangler.stdin(Stdio::null()).output().context("cannot start Node.js")?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            bail!(advice::of_wrangler(worker, self.environment, &String::from_utf8_lossy(&said)));
        }
        read(&told)
    }

    // A file of its own for each worker: some run at the same time.
    fn told(&self, worker: &str) -> Result<PathBuf> {
        let folder = paths::target().join("deploy");
        fs::create_dir_all(&folder)?;
        let told = folder.join(format!("{}-{worker}.ndjson", self.environment.name()));
        let _ = fs::remove_file(&told);
        Ok(told)
    }
}

fn read(told: &Path) -> Result<Done> {
    let text = fs::read_to_string(told).with_context(|| told.display().to_string())?;
    let mut done = Done::default();
    for line in text.lines() {
        let event: Value = serde_json::from_str(line).with_context(|| format!("wrangler said {line}"))?;
        let text = |name: &str| event[name].as_str().map(str::to_owned);
        done.version = text("version_id").or(done.version);
        done.preview = text("preview_alias_url").or_else(|| text("preview_url")).or(done.preview);
        done.gzip = event["bundle_size"]["gzip_bytes"].as_u64().or(done.gzip);
    }
    Ok(done)
}

/// Does something for each, some at a time, and gives what came of them in their order.
pub(crate) fn for_each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let take = || next.lock().ok().and_then(|mut next| next.next());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(items.len()) {
            scope.spawn(|| {
                while let Some((at, item)) = take() {
                    let result = work(item);
                    if let Ok(mut done) = done.lock() {
                        done.push((at, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_work() {
        let numbers: Vec<u64> = (0..20).collect();
        let doubled = for_each(&numbers, |number| {
            thread::yield_now();
            number * 2
        });
        assert_eq!(doubled, numbers.iter().map(|number| number * 2).collect::<Vec<_>>());
        assert!(for_each(&[] as &[u64], |number| *number).is_empty());
    }
}
