//! `cargo xtask bench`: how fast the fleet is, as ratios taken in one run, and the page that states them.
//!
//! The gateway and the workers' start are measured in plain workerd (`xtask/bench/*.mjs`) beside a bare worker and the official
//! TypeScript server; each tool natively on 500 lines and over doubling inputs (`tests/system/src/bin/measure.rs`). What tools and their peers take on
//! the same input is what `cargo xtask truth --record` noted. `--record` keeps all of it in `tests/bench/claims.json`, from which
//! `docs/benchmarks.md` is written; no other page states a figure.

use crate::build::{self, Profile};
use crate::{paths, process, toolchain};
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;
use std::{fs, thread};

const CLAIMS: &str = "tests/bench/claims.json";
const PAGE: &str = "docs/benchmarks.md";
const SECONDS: &str = "3";
const ROUNDS: &str = "5";
/// A tool whose time grows by no larger exponent of its input is linear.
const LINEAR: f64 = 1.2;

/// Why a tool is slower than its peer, and what would change it. Printed where one is.
const SLOWER: &[(&str, &str)] = &[
    (
        "architecture_plan_migration",
        "it breeds schedules to the end of a fixed number of steps, unless a simple bound is met; CP-SAT stops at a proof that none is \
         better, by a solver that no worker could hold",
    ),
    (
        "docker_optimize_dockerfile",
        "the peer hashes the files that are copied; ours also rewrites the file and lints it",
    ),
    ("python_lint_code", "it is ruff's own engine, which as a program runs on all cores; a worker has one thread"),
    ("python_modernize_code", "vermin finds the least version alone; ours also finds what can be written anew"),
    (
        "quality_design_test_matrix",
        "it goes on searching for fewer rows, to the end of a fixed number of steps; fewer steps would give more rows",
    ),
    ("quality_find_duplicates", "jscpd finds exact clones; ours also finds renamed and gapped ones"),
    (
        "quality_lint_code",
        "only beside ruff, whose parser is written for Python and which runs on all cores; ours reads Python by the kind of grammar \
         that Go, Java, Rust and C have too. `python_lint_code` has ruff's engine",
    ),
    (
        "quality_measure_complexity",
        "only beside complexipy, which takes one figure by ruff's parser; ours takes all of them, by the kind of grammar that the other \
         languages have too",
    ),
    ("quality_review_patch", "git applies the patch; ours also gives back what each file becomes"),
    (
        "webdesign_check_browser_support",
        "browserslist keeps its tables between queries; a call of ours reads its own anew",
    ),
];

/// All figures, with what they are worth.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Claims {
    date: String,
    machine: String,
    command: String,
    gateway: Vec<Measured>,
    start: Vec<Start>,
    tools: Vec<Scaling>,
}

/// What wrk found out about one target.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    target: String,
    /// Requests a second.
    rate: f64,
    /// Milliseconds.
    p50: f64,
    p95: f64,
    /// Of a response, headers included.
    bytes: f64,
}

/// From the start of workerd to the first answer.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    target: String,
    /// Milliseconds, the median of the rounds.
    ms: f64,
    least: f64,
}

/// A tool over doubling inputs.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scaling {
    tool: String,
    lines: Option<u64>,
    bytes: Option<u64>,
    ms: Option<f64>,
    first_ms: Option<f64>,
    largest_units: Option<usize>,
    largest_bytes: Option<u64>,
    largest_ms: Option<f64>,
    exponent: Option<f64>,
    /// The exponent of the instructions counted, where that of time is over [`LINEAR`].
    #[serde(default)]
    instructions: Option<f64>,
    memory_mib: Option<u64>,
}

/// What a tool and its peer took on the same input, of `tests/truth/results`.
#[derive(Debug, Deserialize)]
struct Compared {
    tool: String,
    peer: String,
    timings: Vec<Timing>,
}

#[derive(Debug, Deserialize)]
struct Timing {
    input: String,
    ours: f64,
    theirs: f64,
}

impl Scaling {
    fn is_linear(&self) -> bool {
        self.exponent.is_none_or(|exponent| exponent <= LINEAR)
    }
}

impl Timing {
    fn is_faster(&self) -> bool {
        self.ours < self.theirs
    }
}

impl Compared {
    // The case that took the peer longest; one of no time is of a peer that has no program here.
    fn longest(&self) -> Option<&Timing> {
        self.timings.iter().filter(|timing| timing.theirs > 0.0).max_by(|a, b| a.theirs.total_cmp(&b.theirs))
    }
}

/// Measures the parts named (`gateway`, `start`, `tools`), or all.
pub(crate) fn run(parts: &[String], record: bool) -> Result<()> {
    const PARTS: [&str; 3] = ["gateway", "start", "tools"];
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        bail!("bench has no part {unknown:?}; there are {}", PARTS.join(", "));
    }
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    let mut claims = if record { read_claims().unwrap_or_default() } else { Claims::default() };
    if is_wanted("gateway") || is_wanted("start") {
        toolchain::ensure_npm()?;
        build::run(&[], Profile::Release)?;
    }
    if is_wanted("gateway") {
        ensure!(is_installed("wrk"), "wrk is not installed; on Debian, `apt-get install wrk`");
        claims.gateway =
            lines_of(process::command(toolchain::node()).args(["xtask/bench/gateway.mjs", SECONDS, ROUNDS]))?;
    }
    if is_wanted("start") {
        claims.start = lines_of(process::command(toolchain::node()).args(["xtask/bench/start.mjs", ROUNDS]))?;
    }
    if is_wanted("tools") {
        process::cargo(&["build", "--quiet", "--locked", "--workspace", "--bin", "measure", "--profile", "truth"])?;
        let program = paths::target().join("truth/measure");
        claims.tools = lines_of(&mut process::command(&program))?;
        for tool in claims.tools.iter_mut().filter(|tool| !tool.is_linear()) {
            tool.instructions = growth_of_instructions(&program, tool)?;
        }
    }
    claims.date = today()?;
    claims.machine = machine();
    "cargo xtask bench --record".clone_into(&mut claims.command);
    eprintln!("{}", page(&claims)?);
    if record {
        let file = paths::root().join(CLAIMS);
        fs::create_dir_all(file.parent().context("a folder")?)?;
        fs::write(&file, serde_json::to_string_pretty(&claims)? + "\n")?;
        write_page()?;
    }
    Ok(())
}

/// Where the page states other figures than the claims and the truth's results.
pub(crate) fn stale_page() -> Result<Vec<String>> {
    if !paths::root().join(CLAIMS).exists() {
        return Ok(Vec::new());
    }
    let claims = read_claims()?;
    let stated = fs::read_to_string(paths::root().join(PAGE)).unwrap_or_default();
    let is_stale = stated != page(&claims)?;
    Ok(is_stale.then(|| format!("{PAGE}; `cargo xtask bench --page` writes it")).into_iter().collect())
}

/// Writes the page from the claims and the truth's results as they are.
pub(crate) fn write_page() -> Result<()> {
    fs::write(paths::root().join(PAGE), page(&read_claims()?)?)?;
    Ok(())
}

fn read_claims() -> Result<Claims> {
    Ok(serde_json::from_str(&fs::read_to_string(paths::root().join(CLAIMS))?)?)
}

fn lines_of<T: for<'d> Deserialize<'d>>(command: &mut Command) -> Result<Vec<T>> {
    let printed = process::output(command.stderr(Stdio::inherit()))?;
    printed.lines().map(|line| serde_json::from_str(line).with_context(|| format!("not a figure: {line}"))).collect()
}

// The exponent of a tool's instructions at its largest sizes, counted by valgrind: what grows by more in time grows in misses of the
// processor's caches. Nothing where valgrind is not installed.
fn growth_of_instructions(program: &Path, tool: &Scaling) -> Result<Option<f64>> {
    let Some(units) = tool.largest_units else { return Ok(None) };
    if !is_installed("valgrind") {
        return Ok(None);
    }
    let mut counted = Vec::new();
    for units in [units / 4, units / 2, units] {
        eprintln!("bench: instructions of {} at {units} units", tool.tool);
        let counts = paths::target().join("callgrind.out");
        let mut valgrind = process::command("valgrind");
        valgrind.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", counts.display())).arg(program);
        process::output(valgrind.args(["--calls", &tool.tool, &units.to_string(), "1"]).stderr(Stdio::null()))?;
        let told = fs::read_to_string(&counts)?;
        let total = told.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
        counted.push(total.context("callgrind's total")?.trim().parse::<f64>()?);
        fs::remove_file(counts)?;
    }
    let [least, half, whole] = counted[..] else { bail!("three sizes") };
    Ok(Some(((whole - half) / (half - least)).log2()))
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn today() -> Result<String> {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    Ok(octavo_mcp::timestamp(seconds * 1000).chars().take_while(|letter| *letter != 'T').collect())
}

fn machine() -> String {
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let about = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map(|(_, model)| model);
    format!("{cores} cores, {}", model.unwrap_or("of an unknown kind"))
}

// Of each tool, its peers with what was timed against them.
fn compared() -> Result<BTreeMap<String, Vec<Compared>>> {
    let folder = paths::root().join("tests/truth/results");
    let mut compared: BTreeMap<String, Vec<Compared>> = BTreeMap::new();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        let rows: Vec<Compared> =
            serde_json::from_str(&fs::read_to_string(&file)?).with_context(|| file.display().to_string())?;
        for row in rows {
            compared.entry(row.tool.clone()).or_default().push(row);
        }
    }
    Ok(compared)
}

fn page(claims: &Claims) -> Result<String> {
    let mut page = format!(
        "# Benchmarks\n\n<!-- written by `cargo xtask bench --record` from {CLAIMS}; do not edit -->\n\nMeasured on {} ({}), by `{}`. Machines \
         differ and are noisy: read the ratios, which are of one run.\n",
        claims.date, claims.machine, claims.command
    );
    gateway_part(&mut page, &claims.gateway)?;
    start_part(&mut page, &claims.start)?;
    tools_part(&mut page, &claims.tools)?;
    peers_part(&mut page)?;
    Ok(page)
}

fn gateway_part(page: &mut String, targets: &[Measured]) -> Result<()> {
    if targets.is_empty() {
        return Ok(());
    }
    let rate = |name: &str| targets.iter().find(|target| target.target == name).map(|target| target.rate);
    let (hello, bare) = (rate("hello world"), rate("two hops of bare JavaScript"));
    writeln!(
        page,
        "\n## The gateway\n\nPlain workerd, wrk with 16 connections, {ROUNDS} interleaved rounds of {SECONDS} seconds, medians. The call is \
         `webdesign_check_contrast` of one rule of CSS; the TypeScript server is the official one (`createMcpHandler`) with as many tools \
         in one worker, whose call counts characters.\n\n| target | requests a second | p50 ms | p95 ms | bytes | of hello world | of two bare \
         hops | of the TypeScript server |\n|---|---|---|---|---|---|---|---|"
    )?;
    for Measured { target, rate: own, p50, p95, bytes } in targets {
        let kind = if target.contains("list") {
            "TypeScript server, list"
        } else if target.contains("discover") {
            "TypeScript server, discover"
        } else {
            "TypeScript server, call"
        };
        let over = |other: Option<f64>| other.map_or(String::new(), |other| format!("{:.2}", own / other));
        writeln!(
            page,
            "| {target} | {own:.0} | {p50:.2} | {p95:.2} | {bytes:.0} | {} | {} | {} |",
            over(hello),
            over(bare),
            over(rate(kind))
        )?;
    }
    Ok(())
}

fn start_part(page: &mut String, starts: &[Start]) -> Result<()> {
    let Some(peer) = starts.iter().find(|start| start.target.starts_with("TypeScript")) else { return Ok(()) };
    writeln!(
        page,
        "\n## Start\n\nFrom the start of workerd to the first answer, compiling of the worker and its first call included; a tool worker \
         behind the gateway, so two workers start.\n\n| target | ms | least | of the TypeScript server |\n|---|---|---|---|"
    )?;
    for Start { target, ms, least } in starts {
        writeln!(page, "| {target} | {ms:.0} | {least:.0} | {:.2} |", ms / peer.ms)?;
    }
    Ok(())
}

fn tools_part(page: &mut String, tools: &[Scaling]) -> Result<()> {
    if tools.is_empty() {
        return Ok(());
    }
    let quick = tools.iter().filter(|tool| tool.ms.is_some_and(|ms| ms <= 10.0)).count();
    let linear = tools.iter().filter(|tool| tool.is_linear()).count();
    writeln!(
        page,
        "\n## Tools over their input\n\nNatively, each in a process of its own, processor time; the input is as people would send it \
         (`tests/system/workloads`). At about 500 lines a warm call of {quick} of {} takes 10 ms or less; the first call of a process builds \
         its tables too. The exponent is fitted over the four largest sizes, of which the largest is 2 MiB, the tool's limit, or takes more \
         than 1.5 seconds; {linear} of {} have one of at most {LINEAR}. For the others the instructions are counted too (by valgrind, at the three \
         largest sizes): what grows by more in time only is waiting for memory. The memory is the process's at most, with the program and \
         all inputs.\n\n| tool | lines | bytes | first ms | warm ms | largest input | ms | exponent | of instructions | MiB |\n\
         |---|---|---|---|---|---|---|---|---|---|",
        tools.len(),
        tools.len()
    )?;
    for tool in tools {
        let number = |value: Option<u64>| value.map_or("-".to_owned(), |value| value.to_string());
        let decimal = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.2}"));
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            tool.tool,
            number(tool.lines),
            number(tool.bytes),
            decimal(tool.first_ms),
            decimal(tool.ms),
            number(tool.largest_bytes),
            decimal(tool.largest_ms),
            decimal(tool.exponent),
            tool.instructions.map_or(String::new(), |exponent| format!("{exponent:.2}")),
            number(tool.memory_mib)
        )?;
    }
    Ok(())
}

// A row for each peer that was timed: the case that took the peer longest. A tool without one names what it is judged by.
fn peers_part(page: &mut String) -> Result<()> {
    let compared = compared()?;
    let timed: Vec<&Timing> =
        compared.values().flatten().flat_map(|row| &row.timings).filter(|it| it.theirs > 0.0).collect();
    let faster = timed.iter().filter(|timing| timing.is_faster()).count();
    let slow: Vec<&str> = compared
        .iter()
        .filter(|(_, rows)| rows.iter().filter_map(Compared::longest).any(|timing| !timing.is_faster()))
        .map(|(tool, _)| tool.as_str())
        .collect();
    writeln!(
        page,
        "\n## Tools beside their peers\n\nOn the same input, as `cargo xtask truth --record` noted it: ours natively with parsing of the arguments and \
         rendering of the report, the peer in its own process without its start where it is a library. Of {} cases timed {faster} are \
         faster than the peer; the table has the case that took the peer longest. Tools that are slower there: {}.\n\n| tool | peer | input | ours ms | \
         peer ms | times as fast | cases faster |\n|---|---|---|---|---|---|---|",
        timed.len(),
        if slow.is_empty() { "none".to_owned() } else { slow.join(", ") }
    )?;
    for (tool, rows) in &compared {
        let mut is_timed = false;
        for row in rows {
            let Some(longest) = row.longest() else { continue };
            is_timed = true;
            let Timing { input, ours, theirs } = longest;
            writeln!(
                page,
                "| `{tool}` | {} | {} | {ours:.2} | {theirs:.2} | {:.1} | {} of {} |",
                in_cell(&row.peer),
                in_cell(input),
                theirs / ours,
                row.timings.iter().filter(|timing| timing.is_faster()).count(),
                row.timings.len()
            )?;
        }
        if !is_timed {
            let peer = rows.first().map_or("none", |row| row.peer.as_str());
            writeln!(page, "| `{tool}` | {} | not timed | - | - | - | - |", in_cell(peer))?;
        }
    }
    if !slow.is_empty() {
        writeln!(page, "\nWhy those are slower, and what would change it:\n")?;
    }
    for tool in slow {
        let reason =
            SLOWER.iter().find(|(slower, _)| *slower == tool).map_or("not looked into yet", |(_, reason)| *reason);
        writeln!(page, "- `{tool}`: {reason}.")?;
    }
    Ok(())
}

fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}
