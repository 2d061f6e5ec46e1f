//! `cargo xtask truth`: every tool against its peer, on inputs nobody here wrote.
//!
//! A tool's script is `tests/truth/<category>/<tool>.mjs` or `.py`. It installs the peer in the per-user cache, calls
//! our tools through `workers/<category>/examples/serve_<category>.rs`, and hands over tallies; here they are judged and printed.

use crate::{paths, process, toolchain};
use anyhow::{Context, Result, bail, ensure};
use octavo_category::Category;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// Tools whose sample is part of `cargo xtask test`: seconds each, and at their bars. The others take longer, or are not there
/// yet; their scripts are run by hand.
const SAMPLED: &[(&str, &[&str])] = &[
    ("architecture", &["plan_migration", "review_design"]),
    (
        "docker",
        &[
            "analyze_wiring",
            "audit_image",
            "convert_compose",
            "optimize_dockerfile",
            "plan_capacity",
            "validate_compose",
            "validate_manifests",
        ],
    ),
    ("python", &["measure_code"]),
    ("quality", &["analyze_module_graph", "design_test_matrix", "review_patch", "search_pattern"]),
    ("webdesign", &["check_contrast"]),
];

/// What is run, and what becomes of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A few cases of each, seconds a tool.
    Sample,
    /// Everything.
    Whole,
    /// Everything, and the figures are written to `tests/truth/results`.
    Record,
}

/// Agreement with one peer, as a script hands it over.
#[derive(Debug, Serialize, Deserialize)]
struct Tally {
    tool: String,
    peer: String,
    corpus: String,
    bars: BTreeMap<String, f64>,
    sampled: bool,
    cases: u64,
    measures: BTreeMap<String, Measure>,
    timings: Vec<Timing>,
    /// Why some differences are right, and how many.
    explained: BTreeMap<String, u64>,
    /// The first of the others.
    #[serde(skip_serializing)]
    differences: Vec<Difference>,
    unexplained: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Measure {
    /// Counting every difference.
    raw: f64,
    /// Leaving out the explained ones; what the bar is for.
    value: f64,
    /// Of how many.
    of: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Timing {
    input: String,
    /// Milliseconds.
    ours: f64,
    theirs: f64,
}

#[derive(Debug, Deserialize)]
struct Difference {
    case: String,
    side: String,
    what: String,
}

/// Runs the scripts of a category, or of some of its tools.
pub(crate) fn run(slug: &str, tools: &[String], extent: Extent) -> Result<()> {
    let category = Category::from_slug(slug).with_context(|| {
        let slugs: Vec<&str> = Category::ALL.iter().map(|category| category.slug()).collect();
        format!("no category {slug:?}; there are {}", slugs.join(", "))
    })?;
    let scripts = scripts(category)?;
    let names: Vec<&str> = scripts.iter().map(|(tool, _)| tool.as_str()).collect();
    for tool in tools {
        ensure!(names.contains(&tool.as_str()), "{slug} has no truth for {tool:?}; there are {}", names.join(", "));
    }
    let chosen = scripts.iter().filter(|(tool, _)| tools.is_empty() || tools.contains(tool));
    let program = serve_program(category, extent)?;
    let (mut under, mut tallies) = (Vec::new(), Vec::new());
    for (tool, script) in chosen {
        eprintln!("truth: {slug}_{tool}");
        let started = Instant::now();
        let found = compare(script, &program, extent)?;
        if found.is_empty() && extent == Extent::Sample {
            eprintln!("  left out: there is nothing to compare without its corpus");
            continue;
        }
        ensure!(!found.is_empty(), "{} handed over no tally", script.display());
        eprintln!("  took {:.0} s", started.elapsed().as_secs_f32());
        for tally in found {
            print(&tally)?;
            under.extend(tally.faults());
            tallies.push(tally);
        }
    }
    if extent == Extent::Record {
        record(slug, &tallies)?;
    }
    if !under.is_empty() {
        bail!("under the bar\n  {}", under.join("\n  "));
    }
    Ok(())
}

/// Runs the short form of the scripts that `cargo xtask test` holds.
pub(crate) fn run_samples() -> Result<()> {
    for (slug, tools) in SAMPLED {
        let tools: Vec<String> = tools.iter().map(|tool| (*tool).to_owned()).collect();
        run(slug, &tools, Extent::Sample)?;
    }
    Ok(())
}

fn scripts(category: Category) -> Result<Vec<(String, PathBuf)>> {
    let folder = paths::root().join("tests/truth").join(category.slug());
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).into_iter().flatten() {
        let path = entry?.path();
        let is_script = path.extension().is_some_and(|kind| kind == "mjs" || kind == "py");
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // What scripts of a category share is named with a leading underscore.
        if is_script && !name.starts_with('_') {
            found.push((name, path));
        }
    }
    found.sort();
    Ok(found)
}

// A sample is small enough for the build that the tests make, of the whole workspace's features.
fn serve_program(category: Category, extent: Extent) -> Result<PathBuf> {
    let name = format!("serve_{}", category.slug());
    let (profile, folder) = if extent == Extent::Sample { ("dev", "debug") } else { ("truth", "truth") };
    process::cargo(&["build", "--quiet", "--locked", "--profile", profile, "--workspace", "--example", &name])?;
    Ok(paths::target().join(folder).join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION))
}

fn compare(script: &Path, program: &Path, extent: Extent) -> Result<Vec<Tally>> {
    let out = program.with_extension("jsonl");
    fs::write(&out, "")?;
    let mut command = if script.extension().is_some_and(|kind| kind == "py") {
        process::command("python3")
    } else {
        toolchain::ensure_npm()?;
        process::command(toolchain::node())
    };
    let kept = paths::cache().join("truth");
    command.arg(script).env("OCTAVO_TRUTH_SERVE", program).env("OCTAVO_TRUTH_OUT", &out).env("OCTAVO_TRUTH_KEPT", kept);
    sampling(&mut command, extent);
    process::run(&mut command)?;
    let text = fs::read_to_string(&out)?;
    text.lines().map(|line| serde_json::from_str(line).with_context(|| format!("a tally: {line}"))).collect()
}

fn sampling(command: &mut Command, extent: Extent) {
    match extent {
        Extent::Sample => command.env("OCTAVO_TRUTH_SAMPLE", "1"),
        Extent::Whole | Extent::Record => command.env_remove("OCTAVO_TRUTH_SAMPLE"),
    };
}

impl Tally {
    fn faults(&self) -> Vec<String> {
        if self.cases == 0 {
            return vec![format!("{}: no case was compared with {}", self.tool, self.peer)];
        }
        let below = self.bars.iter().filter_map(|(measure, bar)| match self.measures.get(measure) {
            Some(found) if found.value >= *bar => None,
            Some(found) => Some(format!("{}: {measure} {:.4} of {bar} with {}", self.tool, found.value, self.peer)),
            None => Some(format!("{}: {measure} was not measured with {}", self.tool, self.peer)),
        });
        below.collect()
    }
}

fn print(tally: &Tally) -> Result<()> {
    let mut text =
        format!("{}\n  peer    {}\n  corpus  {}\n  cases   {}\n", tally.tool, tally.peer, tally.corpus, tally.cases);
    for (name, Measure { raw, value, of }) in &tally.measures {
        let bar = tally.bars.get(name).map_or(String::new(), |bar| format!("  (at least {bar})"));
        let _ = writeln!(text, "  {name:<9} {value:.4} of {of}{bar}; {raw:.4} with every difference");
    }
    for Timing { input, ours, theirs } in &tally.timings {
        let _ = writeln!(
            text,
            "  time    {input}: {ours:.1} ms, the peer {theirs:.1} ms ({:.1} times)",
            theirs / ours.max(0.001)
        );
    }
    for (reason, count) in &tally.explained {
        let _ = writeln!(text, "  {count:>6} explained: {reason}");
    }
    for Difference { case, side, what } in &tally.differences {
        let who = if side == "equal" { "differs" } else { side };
        let _ = writeln!(text, "  {who:>8} {case}: {what}");
    }
    if tally.unexplained > tally.differences.len() as u64 {
        let _ = writeln!(text, "  and {} more", tally.unexplained - tally.differences.len() as u64);
    }
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

// Figures of tools that were not run stay.
fn record(slug: &str, tallies: &[Tally]) -> Result<()> {
    let path = paths::root().join(format!("tests/truth/results/{slug}.json"));
    fs::create_dir_all(path.parent().unwrap_or(&path))?;
    let known = fs::read_to_string(&path).unwrap_or_else(|_| "[]".to_owned());
    let known: Vec<serde_json::Value> = serde_json::from_str(&known).with_context(|| path.display().to_string())?;
    let run: Vec<&str> = tallies.iter().map(|tally| tally.tool.as_str()).collect();
    let mut all: Vec<serde_json::Value> =
        known.into_iter().filter(|tally| !run.iter().any(|tool| tally["tool"] == **tool)).collect();
    for tally in tallies {
        all.push(serde_json::to_value(tally)?);
    }
    all.sort_by_key(|tally| (tally["tool"].to_string(), tally["peer"].to_string()));
    fs::write(&path, format!("{}\n", serde_json::to_string_pretty(&all)?))?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
