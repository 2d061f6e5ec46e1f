//! `cargo xtask fuzz --guided TARGET`: coverage-guided fuzzing of the targets in `fuzz/`, by cargo-fuzz and libFuzzer.
//!
//! The compiler is the pinned one: the coverage that libFuzzer needs is part of every rustc, and no sanitizer is asked for, since no
//! code of ours is unsafe. cargo-fuzz is installed into the per-user cache once.

use crate::{paths, process};
use anyhow::{Context, Result, ensure};
use octavo_category::Category;
use std::fs;
use std::path::PathBuf;

const CARGO_FUZZ: &str = "0.13.2";
/// Targets that are no category's.
const DOORS: [&str; 3] = ["envelope", "frames", "log"];
/// Longest input, in bytes: a finding should be readable.
const MAX_BYTES: &str = "-max_len=16384";
/// An input that takes longer is a finding, in seconds; the code is not optimised as what is deployed.
const PATIENCE: &str = "-timeout=10";

/// Runs a target for so many seconds, from sound inputs and from what earlier runs found.
pub(crate) fn run(target: &str, seconds: u64) -> Result<()> {
    let categories = || Category::ALL.iter().map(|category| category.slug());
    let (program, feature) = match DOORS.iter().find(|door| **door == target) {
        Some(door) => (*door, "doors"),
        None => ("tools", target),
    };
    let known: Vec<&str> = DOORS.into_iter().chain(categories()).collect();
    ensure!(known.contains(&target), "no target {target:?}; there are {}", known.join(", "));
    let folder = paths::root().join("fuzz");
    fs::copy(paths::root().join("Cargo.lock"), folder.join("Cargo.lock")).context("the locked versions")?;
    let corpus = folder.join("corpus").join(target);
    let artifacts = folder.join("artifacts").join(target);
    for made in [&corpus, &artifacts] {
        fs::create_dir_all(made).with_context(|| made.display().to_string())?;
    }
    let cargo_fuzz = ensure_cargo_fuzz()?;
    let start = |arguments: &[String]| {
        let mut command = process::command(&cargo_fuzz);
        command.args(["run", "--sanitizer", "none", "--no-default-features", "--features", feature, program]);
        command.arg(&corpus).arg("--").args(arguments).env("RUSTC_BOOTSTRAP", "1");
        command
    };
    process::run(start(&[]).env("OCTAVO_SEEDS", &corpus))?;
    let places = format!("-artifact_prefix={}/", artifacts.display());
    let options = [format!("-max_total_time={seconds}"), MAX_BYTES.to_owned(), PATIENCE.to_owned(), places];
    process::run(&mut start(&options))
}

fn ensure_cargo_fuzz() -> Result<PathBuf> {
    let folder = paths::cache().join(format!("tools/cargo-fuzz-{CARGO_FUZZ}"));
    let program = folder.join("bin/cargo-fuzz");
    if !program.is_file() {
        eprintln!("setup: installing cargo-fuzz {CARGO_FUZZ} (once per user, about a minute)");
        let mut install =
            process::cargo_command(&["install", "--locked", "cargo-fuzz", "--version", CARGO_FUZZ, "--root"]);
        let build = folder.join("build");
        process::run(install.arg(&folder).env("CARGO_TARGET_DIR", &build))?;
        let _ = fs::remove_dir_all(build);
    }
    Ok(program)
}
