//! `cargo xtask test`: everything that must hold, in the order in which it fails fastest.

use crate::build::{self, Profile};
use crate::toolchain::{self, TARGET};
use crate::{deploy, process, size, tidy, truth};
use anyhow::{Context, Result};
use std::env;
use std::time::{Duration, Instant};

/// How much is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What needs no wasm and no Node.js.
    Native,
    /// Everything.
    Whole,
    /// The fleet against every MCP client, those of other languages too.
    Clients,
}

/// A step: its name and what it does.
type Step = (&'static str, fn() -> Result<()>);

const NATIVE: &[Step] = &[
    ("format", || process::cargo(&["fmt", "--all", "--check"])),
    ("tidy", tidy::run),
    ("lint", || {
        process::cargo(&["clippy", "--quiet", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
    }),
    ("tests", || process::cargo(&["test", "--quiet", "--locked", "--workspace"])),
    ("generated files", generated_is_fresh),
];

const WASM: &[Step] = &[
    ("npm packages", toolchain::ensure_npm),
    ("build", || build::run(&[], Profile::Release)),
    ("lint of the glue", lint_glue),
    ("sizes", size::print),
    ("deployment, dry", deploy::dry::run_all),
    ("the fleet", || node_tests("tests/e2e/*.test.mjs")),
    ("the conformance worker", || build::run(&[build::FIXTURES], Profile::Release)),
    ("conformance", conformance),
    ("truth, sampled", truth::run_samples),
];

const CLIENTS: &[Step] = &[
    ("npm packages", toolchain::ensure_npm),
    ("build", || build::run(&[], Profile::Release)),
    ("the clients", || node_tests("tests/clients/all.test.mjs")),
];

/// Runs the steps and says how long each took.
pub(crate) fn run(extent: Extent) -> Result<()> {
    let steps = match extent {
        Extent::Native => [NATIVE, &[]],
        Extent::Whole => [NATIVE, WASM],
        Extent::Clients => [CLIENTS, &[]],
    };
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for (name, step) in steps.into_iter().flatten() {
        eprintln!("\n== {name}");
        let started = Instant::now();
        step().with_context(|| format!("step {name:?}"))?;
        took.push((name, started.elapsed()));
    }
    eprintln!("\nall green");
    for (name, duration) in took {
        eprintln!("{:>8.1} s  {name}", duration.as_secs_f32());
    }
    Ok(())
}

/// Fails when a generated file is stale.
pub(crate) fn generated_is_fresh() -> Result<()> {
    crate::gen_configs(true)?;
    process::cargo(&["run", "--quiet", "--locked", "-p", "octavo-generator", "--", ".", "--check"])
}

// One tool worker stands for all: their glue is one macro.
fn lint_glue() -> Result<()> {
    let packages = ["octavo-runtime", "octavo-gateway", "octavo-tail", "octavo-docker", "octavo-fixtures"];
    let mut arguments = vec!["clippy", "--quiet", "--locked", "--lib", "--target", TARGET];
    arguments.extend(packages.iter().flat_map(|package| ["-p", package]));
    arguments.extend(["--", "-D", "warnings"]);
    process::cargo(&arguments)
}

fn node_tests(files: &str) -> Result<()> {
    let mut node = process::command(toolchain::node());
    node.args(["--test", "--test-reporter=spec", files]).env("OCTAVO_XTASK", env::current_exe()?);
    process::run(&mut node)
}

fn conformance() -> Result<()> {
    process::run(process::command(toolchain::node()).arg("tests/conformance/run.mjs"))
}
