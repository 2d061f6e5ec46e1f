//! `cargo xtask fuzz`: hostile input to all tools and to everything at the door, natively, in processes that may die, or to the built
//! fleet in workerd.
//!
//! `tests/system/src/hostile.rs` makes the cases from the tools' examples and specs; here they are started, watched and counted. A
//! trap is a panic or the death of the process, a hang a second of processor time or longer.

use crate::{paths, process, toolchain};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// A case that takes longer, in milliseconds of processor time, is a hang.
const HANG_MS: u64 = 1_000;
/// A process that is at one case for longer is stopped: much longer than a hang, since a machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);
const PROCESSES: u64 = 2;
const LAYERS: [&str; 3] = ["nesting", "tools", "doors"];
/// Slowest cases that are shown.
const SHOWN: usize = 10;

/// What is run.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// Cases of each layer.
    pub(crate) count: u64,
    pub(crate) seed: u64,
    /// One tool alone.
    pub(crate) tool: Option<String>,
}

/// Sends the cases to the built fleet in workerd, which `tests/e2e/fuzz.mjs` judges: fails when one traps a worker, or is answered
/// by anybody but the fleet.
pub(crate) fn run_in_workerd(wanted: &Wanted) -> Result<()> {
    let mut node = process::command(toolchain::node());
    node.arg("tests/e2e/fuzz.mjs")
        .arg(build()?)
        .args([wanted.count.to_string(), wanted.seed.to_string()])
        .args(&wanted.tool);
    process::run(&mut node)
}

/// A line of the runner: a slow case, or one that went wrong.
#[derive(Debug, Deserialize)]
struct Outcome {
    number: u64,
    name: String,
    ms: u64,
    what: Option<String>,
}

/// Runs the cases of both layers; fails when one trapped, hung, or was not answered.
pub(crate) fn run(wanted: &Wanted) -> Result<()> {
    let program = build()?;
    let layers: &[&str] = if wanted.tool.is_some() { &["nesting", "tools"] } else { &LAYERS };
    let mut wrong = 0;
    for layer in layers {
        let started = Instant::now();
        let mut outcomes = run_layer(&program, layer, wanted)?;
        outcomes.sort_by_key(|outcome| (outcome.what.is_none(), std::cmp::Reverse(outcome.ms), outcome.number));
        let is_wrong = |outcome: &&Outcome| outcome.what.is_some() || outcome.ms >= HANG_MS;
        let bad: Vec<&Outcome> = outcomes.iter().filter(is_wrong).collect();
        let traps = bad.iter().filter(|outcome| outcome.what.is_some()).count();
        eprintln!(
            "fuzz: {layer}: up to {} cases of seed {} in {:.0} s: {traps} traps or missing answers, {} hangs over {HANG_MS} ms",
            wanted.count,
            wanted.seed,
            started.elapsed().as_secs_f32(),
            bad.len() - traps
        );
        for outcome in bad.iter().take(5 * SHOWN) {
            print(outcome);
        }
        outcomes.iter().filter(|outcome| outcome.what.is_none()).take(SHOWN).for_each(print);
        wrong += bad.len();
    }
    let replay = format!("{} show LAYER {} NUMBER", program.display(), wanted.seed);
    ensure!(wrong == 0, "{wrong} cases went wrong; `{replay}` prints one");
    Ok(())
}

fn print(outcome: &Outcome) {
    let what = outcome.what.as_deref().unwrap_or("slow").replace('\n', " ");
    eprintln!("  {:>8} ms  number {}  {}  {what}", outcome.ms, outcome.number, outcome.name);
}

// With the whole workspace's features, so that no engine is compiled again, and quick to run.
fn build() -> Result<PathBuf> {
    process::cargo(&["build", "--quiet", "--locked", "--workspace", "--bin", "hostile", "--profile", "fuzz"])?;
    Ok(paths::target().join("fuzz/hostile"))
}

// The cases of a layer, each process with its share of the numbers.
fn run_layer(program: &Path, layer: &'static str, wanted: &Wanted) -> Result<Vec<Outcome>> {
    let (sender, receiver) = channel();
    let watchers: Vec<_> = (0..PROCESSES)
        .map(|first| {
            let (program, wanted, sender) = (program.to_owned(), wanted.clone(), sender.clone());
            thread::spawn(move || watch(&program, layer, first, &wanted, &sender))
        })
        .collect();
    drop(sender);
    let outcomes = collect(layer, &receiver);
    for watcher in watchers {
        watcher.join().map_err(|_| anyhow::anyhow!("a watcher failed"))??;
    }
    Ok(outcomes)
}

fn collect(layer: &str, receiver: &Receiver<Outcome>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = Vec::new();
    for outcome in receiver {
        if outcome.what.is_some() {
            eprint!("fuzz: {layer}: ");
            print(&outcome);
        }
        outcomes.push(outcome);
    }
    outcomes
}

// Starts the runner again behind each case at which it died.
fn watch(program: &Path, layer: &str, first: u64, wanted: &Wanted, sender: &Sender<Outcome>) -> Result<()> {
    let place = paths::target().join(format!("hostile-{layer}-{}-{first}.number", std::process::id()));
    let mut next = first;
    while next < wanted.count {
        let mut command = Command::new(program);
        command.args([
            layer,
            &wanted.seed.to_string(),
            &next.to_string(),
            &PROCESSES.to_string(),
            &wanted.count.to_string(),
        ]);
        command.arg(&place).args(&wanted.tool).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let output = child.stdout.take().context("a pipe")?;
        let told = sender.clone();
        let reader = thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if let Ok(outcome) = serde_json::from_str(&line) {
                    let _ = told.send(outcome);
                }
            }
        });
        let end = attend(&mut child, &place)?;
        let _ = reader.join();
        let Some(what) = end else { break };
        let number = in_hand(&place).with_context(|| format!("{layer}: the runner {what} before its first case"))?;
        let ms = if what == HUNG { PATIENCE.as_millis().try_into()? } else { 0 };
        let _ = sender.send(Outcome { number, name: "the process".into(), ms, what: Some(what) });
        next = number + PROCESSES;
    }
    let _ = fs::remove_file(&place);
    Ok(())
}

const HUNG: &str = "did not come to an end";

// Waits for a runner's end: nothing when all went well, else what became of it.
fn attend(child: &mut Child, place: &Path) -> Result<Option<String>> {
    let mut seen = (in_hand(place), Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((!status.success()).then(|| format!("died ({status})")));
        }
        let number = in_hand(place);
        if number != seen.0 {
            seen = (number, Instant::now());
        } else if seen.1.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(Some(HUNG.to_owned()));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn in_hand(place: &Path) -> Option<u64> {
    fs::read(place).ok()?.try_into().ok().map(u64::from_le_bytes)
}
