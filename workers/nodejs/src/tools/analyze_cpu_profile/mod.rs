//! Analyses CPU profiles: where the time goes, by function, stack and package, and what changed between two.
//!
//! `formats` finds out what a text is; `chrome`, `trace_events` and `pprof` read it; `tables` adds up; `drawing` writes other
//! programs' forms.

mod chrome;
mod drawing;
mod formats;
mod pprof;
pub mod profile;
mod rules;
mod tables;
mod trace_events;

use crate::support::call_tree::Step;
use crate::support::source_map::SourceMap;
use crate::support::source_place::{Owner, owner_of};
use formats::{ACCEPTED, Profiles, Refusal};
use octavo_toolkit::input::{MAX_PATH_BYTES, SourceFile, check_files};
use octavo_toolkit::limits::{MAX_LARGE_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use profile::{Amount, Profile, Quality};
use serde::{Deserialize, Serialize};
pub use tables::{Change, Focus, FunctionRow, Neighbour, PackageRow, StackRow};
use tables::{Sums, cut};

declare_tool! {
    /// Adds up a CPU profile: self and total time of every function, the heaviest stacks, what each package takes, garbage
    /// collection and idle time.
    ///
    /// Use it on what `node --cpu-prof`, the Chrome or VS Code profiler, `clinic`, `0x` or a continuous profiler wrote,
    /// when a program is slow. Accepted are `.cpuprofile` files (the older tree form too), traces of Chrome and any
    /// others in the Trace Event Format (Hermes, Perfetto JSON), collapsed stacks, and pprof messages as JSON. With a
    /// `baseline` the two are compared by shares. With `sourceMaps` the places of bundled code are mapped back. `focus`
    /// gives the callers and callees of a function. `export` gives the profile as collapsed stacks or as a flame graph.
    ///
    /// Time is read as speedscope reads it: a sample lasts until the next, the garbage collector lies on top of what it
    /// interrupted, a function counts once in a stack. Busy time is what is neither idle nor outside of any function.
    ///
    /// Limits: 24 MiB a profile, stacks of 2,048 calls; traces with several threads are analysed one thread a call.
    pub struct AnalyzeCpuProfile;
    name: "analyze_cpu_profile",
    title: "Analyze a CPU profile",
    summary: "Adds up a CPU profile (.cpuprofile, Chrome trace, collapsed, pprof JSON): self and total time, packages, GC, comparison, flame graph. Use when Node.js code is slow.",
    keywords: "flamegraph flame graph speedscope cpu-prof --prof 0x clinic hot path hotspot slow performance bottleneck profiler V8 inspector devtools Performance tab trace event hermes perfetto folded stackcollapse perf self time total time garbage collector idle regression before after diff symbolicate source map event loop blocked sync",
    examples: [
        "collapsed stacks" => r#"{"profile":"main;parse;read 30\nmain;parse 10\nmain;render 55\n(garbage collector) 5"}"#,
        "what changed since the baseline" => r#"{"profile":"main;parse 60\nmain;render 40","baseline":"main;parse 20\nmain;render 80","focus":"parse"}"#,
        "a flame graph" => r#"{"profile":"{\"nodes\":[{\"id\":1,\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\",\"lineNumber\":-1,\"columnNumber\":-1},\"children\":[2]},{\"id\":2,\"callFrame\":{\"functionName\":\"work\",\"url\":\"file:///app/a.js\",\"lineNumber\":4,\"columnNumber\":8}}],\"startTime\":0,\"endTime\":3000,\"samples\":[2,2,1],\"timeDeltas\":[0,1000,1500]}","export":"svg"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "binary pprof, JFR, perf.data, Firefox and Safari profiles",
        "async stacks, line ticks, optimisation states",
    ],
}

/// Rows of a table when the caller names no number.
const DEFAULT_ROWS: u32 = 15;
/// Most rows of a table a caller may ask for.
const MAX_ROWS: u32 = 5_000;
/// Share of the busy time from which garbage collection is told of.
const GC_SHARE: f64 = 0.10;
/// Share of the busy time from which synchronous calls are told of.
const SYNC_SHARE: f64 = 0.05;
/// Growth of a function's share, in percentage points, from which it is told of.
const GROWTH_POINTS: f64 = 5.0;
/// Samples below which shares are no more than chance, and nothing is said of them.
const LEAST_SAMPLES: usize = 50;
/// Most functions that grew that are told of.
const MAX_GREW: usize = 10;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The profile.
    profile: String,
    /// An earlier one.
    #[serde(default)]
    baseline: Option<String>,
    /// Source maps, by generated file.
    #[serde(default)]
    source_maps: Vec<SourceFile>,
    /// A trace's thread, by name or number.
    #[serde(default)]
    thread: Option<String>,
    /// Function whose callers to show.
    #[serde(default)]
    focus: Option<String>,
    /// Rows; default 15.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 5_000)))]
    top: Option<u32>,
    /// Also as text.
    #[serde(default)]
    export: Option<Export>,
}

/// A form for other programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Export {
    /// Collapsed stacks.
    Collapsed,
    /// A flame graph.
    Svg,
}

/// What the profile comes to.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct CpuProfile {
    /// The format it was read as.
    pub format: String,
    /// What all amounts count.
    pub unit: String,
    /// The threads of the trace, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub threads: Vec<Thread>,
    /// The whole.
    pub totals: Totals,
    /// Packages, by self time.
    pub packages: Vec<PackageRow>,
    /// Functions, by self time.
    pub functions: Vec<FunctionRow>,
    /// Functions, by total time.
    pub heaviest: Vec<FunctionRow>,
    /// Stacks, by the time spent at their end.
    pub stacks: Vec<StackRow>,
    /// Callers and callees of the function asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// What changed since the baseline, the largest change of share first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// The baseline's whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Totals>,
    /// The profile in the form asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
}

/// A thread of a trace.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Thread {
    /// Its name.
    pub name: String,
    /// Its busy time.
    pub busy: Amount,
    /// Whether the tables are of it.
    pub shown: bool,
}

/// The whole of a profile.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// From beginning to end.
    pub total: Amount,
    /// In functions, the engine's included.
    pub busy: Amount,
    /// Idle.
    pub idle: Amount,
    /// In the garbage collector.
    pub gc: Amount,
    /// In the engine's own work, outside of JavaScript.
    pub program: Amount,
    /// Samples, events or stacks read.
    pub samples: usize,
    /// Functions seen.
    pub functions: usize,
}

impl Tool for AnalyzeCpuProfile {
    type Input = Input;
    type Data = CpuProfile;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<CpuProfile>, ToolError> {
        let top = input.check()?;
        let mut findings = Vec::new();
        let Some(mut profiles) = read("profile", &input.profile, &mut findings) else {
            return Ok(Report::checked(findings, CpuProfile::default()).with_summary("no profile was read"));
        };
        ctx.progress(1, 3, "profile read");
        let chosen = choose(&profiles, input.thread.as_deref())?;
        let mut threads = Vec::new();
        if profiles.threads.len() > 1 {
            for (at, profile) in profiles.threads.iter().enumerate() {
                threads.push(Thread {
                    name: profile.name.clone(),
                    busy: Amount(Sums::of(profile).busy),
                    shown: at == chosen,
                });
            }
        }
        let maps = read_maps(&input.source_maps, &mut findings);
        let Some(profile) = profiles.threads.get_mut(chosen) else {
            let finding = Finding::new(&rules::PROFILE_UNREADABLE, "the trace has no profile with a beginning");
            return Ok(Report::checked(vec![finding], CpuProfile::default()).with_summary("no profile was read"));
        };
        symbolicate(profile, &maps);
        let profile = &*profile;
        let sums = Sums::of(profile);
        judge_quality("profile", profile.quality, profiles.truncated, &mut findings);
        judge(&sums, &mut findings);
        let mut data = CpuProfile {
            format: profiles.format.to_owned(),
            unit: profile.unit.name().to_owned(),
            threads,
            totals: totals(&sums),
            packages: sums.packages(top),
            functions: sums.functions(top, |share| share.own),
            heaviest: sums.functions(top, |share| share.total),
            stacks: sums.stacks(top),
            ..CpuProfile::default()
        };
        ctx.progress(2, 3, "profile added up");
        if let Some(name) = input.focus.as_deref() {
            data.focus = Some(sums.focus(name, top).ok_or_else(|| no_such_function(&sums, name))?);
        }
        if let Some(text) = input.baseline.as_deref() {
            compare(text, &maps, &sums, top, &mut data, &mut findings);
        }
        let mut left_out = 0;
        data.export = input.export.map(|export| match export {
            Export::Collapsed => drawing::collapsed(&profile.tree),
            Export::Svg => {
                let drawing = drawing::flame_graph(&profile.tree, profile.unit.name());
                left_out = drawing.left_out;
                drawing.svg
            }
        });
        let mut report = Report::checked(findings, data).with_summary(summary(&sums));
        if left_out > 0 {
            report =
                report.not_checked(format!("{} too narrow to draw", plural(left_out, "box").replace("boxs", "boxes")));
        }
        Ok(report)
    }
}

impl Input {
    fn check(&self) -> Result<usize, ToolError> {
        check_bytes("/profile", &self.profile, MAX_LARGE_SOURCE_BYTES)?;
        check_bytes("/baseline", self.baseline.as_deref().unwrap_or_default(), MAX_LARGE_SOURCE_BYTES)?;
        check_bytes("/thread", self.thread.as_deref().unwrap_or_default(), MAX_PATH_BYTES)?;
        check_bytes("/focus", self.focus.as_deref().unwrap_or_default(), MAX_PATH_BYTES)?;
        check_files("/sourceMaps", &self.source_maps)?;
        let top = self.top.unwrap_or(DEFAULT_ROWS);
        if !(1..=MAX_ROWS).contains(&top) {
            return Err(ToolError::invalid("/top", "is out of range", format!("a whole number from 1 to {MAX_ROWS}")));
        }
        Ok(top as usize)
    }
}

fn read(what: &'static str, text: &str, findings: &mut Vec<Finding>) -> Option<Profiles> {
    match formats::read(text) {
        Ok(profiles) => return Some(profiles),
        Err(Refusal::Broken(error)) => {
            let message = format!(
                "{} is expected here; the {what} is {} that is broken or cut off, accepted is {ACCEPTED}",
                error.expected,
                formats::starts_with(text)
            );
            let range = LineIndex::new(text).range(error.at..error.at);
            findings.push(Finding::new(&rules::PROFILE_UNREADABLE, message).at(range));
        }
        Err(Refusal::Other(found)) => {
            let message = format!("the {what} is no CPU profile but {found}; accepted is {ACCEPTED}");
            findings.push(Finding::new(&rules::PROFILE_UNREADABLE, message));
        }
    }
    None
}

fn choose(profiles: &Profiles, thread: Option<&str>) -> Result<usize, ToolError> {
    let Some(thread) = thread else { return Ok(profiles.chosen) };
    let named = profiles.threads.iter().position(|profile| profile.name == thread);
    let numbered = thread.parse().ok().filter(|at: &usize| *at < profiles.threads.len());
    named.or(numbered).ok_or_else(|| {
        let first = profiles.threads.iter().enumerate().take(12);
        let shown: Vec<String> = first.map(|(at, profile)| format!("{at} ({})", excerpt(&profile.name))).collect();
        ToolError::invalid("/thread", "is not a thread of this profile", format!("one of {}", shown.join(", ")))
    })
}

fn no_such_function(sums: &Sums<'_>, name: &str) -> ToolError {
    let names = sums.tree().frames.iter().map(|frame| frame.name.as_str());
    let hint = octavo_toolkit::suggest::nearest(name, names);
    let hint = hint.map_or(String::new(), |name| format!("; did you mean \"{}\"?", excerpt(name)));
    ToolError::invalid("/focus", "names no function of this profile", format!("a name as in `functions`{hint}"))
}

// The source maps that can be read, by the path of what they belong to.
fn read_maps(files: &[SourceFile], findings: &mut Vec<Finding>) -> Vec<(String, SourceMap)> {
    let mut maps = Vec::new();
    for file in files {
        match SourceMap::parse(&file.source, false) {
            Ok(map) => maps.push((file.path.trim_end_matches(".map").to_owned(), map)),
            Err(error) => {
                let range = LineIndex::new(&file.source).range(error.at..error.at);
                let message = format!("{} is expected here; the source map is left out", error.expected);
                findings.push(Finding::new(&rules::PROFILE_INCOMPLETE, message).at(range).in_file(&*file.path));
            }
        }
    }
    maps
}

// Replaces places of generated code by those of its source. Functions stay apart: their sums do not change.
fn symbolicate(profile: &mut Profile, maps: &[(String, SourceMap)]) {
    for frame in &mut profile.tree.frames {
        let Some((_, map)) = maps.iter().find(|(path, map)| {
            is_file(&frame.file, path) || map.file.as_deref().is_some_and(|name| is_file(&frame.file, name))
        }) else {
            continue;
        };
        let zero_based = |number: Option<i64>| number.and_then(|number| u32::try_from(number - 1).ok());
        let Some((line, column)) = zero_based(frame.line).zip(zero_based(frame.column)) else { continue };
        let Some(segment) = map.lookup(line, column) else { continue };
        if let Some(source) = segment.source().and_then(|at| map.sources.get(at)) {
            frame.file.clone_from(source);
            frame.line = Some(i64::from(segment.source_line) + 1);
            frame.column = Some(i64::from(segment.source_column) + 1);
        }
        if let Some(name) = segment.name().and_then(|at| map.names.get(at)) {
            frame.name.clone_from(name);
        }
    }
}

fn is_file(file: &str, path: &str) -> bool {
    let path = path.trim_start_matches("./");
    let file = file.split(['?', '#']).next().unwrap_or_default();
    !path.is_empty() && file.strip_suffix(path).is_some_and(|before| before.is_empty() || before.ends_with(['/', '\\']))
}

fn compare(
    text: &str,
    maps: &[(String, SourceMap)],
    sums: &Sums<'_>,
    top: usize,
    data: &mut CpuProfile,
    findings: &mut Vec<Finding>,
) {
    let Some(mut profiles) = read("baseline", text, findings) else { return };
    // The thread of the same name, else the one wanted first.
    let same = profiles.threads.iter().position(|profile| profile.name == sums.profile.name);
    let chosen = same.unwrap_or(profiles.chosen);
    let Some(profile) = profiles.threads.get_mut(chosen) else { return };
    symbolicate(profile, maps);
    let baseline = Sums::of(profile);
    judge_quality("baseline", profile.quality, profiles.truncated, findings);
    let mut changes = sums.changes(&baseline);
    let samples = sums.profile.quality.samples.min(profile.quality.samples);
    let enough = sums.profile.unit == profile::Unit::Samples || samples >= LEAST_SAMPLES;
    let grew = changes.iter().filter(|change| enough && change.points.0 >= GROWTH_POINTS).take(MAX_GREW);
    findings.extend(grew.map(|change| {
        let place = if change.file.is_empty() { String::new() } else { format!(" ({})", change.file) };
        let message = format!(
            "{}{place} takes {:.1} percentage points more of the busy time than in the baseline",
            excerpt(&change.name),
            change.points.0
        );
        Finding::new(&rules::SELF_TIME_GREW, message)
    }));
    changes.truncate(top);
    data.changes = changes;
    data.baseline = Some(totals(&baseline));
}

fn totals(sums: &Sums<'_>) -> Totals {
    Totals {
        total: Amount(sums.profile.length),
        busy: Amount(sums.busy),
        idle: Amount(sums.profile.idle),
        gc: Amount(sums.own_of("(garbage collector)")),
        program: Amount(sums.own_of("(program)")),
        samples: sums.profile.quality.samples,
        functions: sums.tree().frames.len(),
    }
}

fn judge_quality(what: &str, quality: Quality, truncated: bool, findings: &mut Vec<Finding>) {
    let Quality {
        samples: _,
        unknown_nodes,
        missing_deltas,
        backward_deltas,
        cut_stacks,
        unbalanced_events,
        unreadable,
    } = quality;
    let faults = [
        (unknown_nodes, "sample of unknown functions", "samples of unknown functions"),
        (missing_deltas, "sample without a time", "samples without a time"),
        (backward_deltas, "sample before the one before it", "samples before the one before them"),
        (cut_stacks, "stack too deep or in a circle", "stacks too deep or in a circle"),
        (unbalanced_events, "event without its other end", "events without their other end"),
        (unreadable, "entry that cannot be read", "entries that cannot be read"),
    ];
    let said = faults.into_iter().filter(|(count, ..)| *count > 0);
    let mut said: Vec<String> =
        said.map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many })).collect();
    if truncated {
        said.push("the end of the file is missing".to_owned());
    }
    if !said.is_empty() {
        findings.push(Finding::new(&rules::PROFILE_INCOMPLETE, format!("the {what} has faults: {}", said.join(", "))));
    }
}

fn judge(sums: &Sums<'_>, findings: &mut Vec<Finding>) {
    let is_counted = sums.profile.unit == profile::Unit::Samples;
    if sums.busy <= 0.0 || !is_counted && sums.profile.quality.samples < LEAST_SAMPLES {
        return;
    }
    let gc = sums.own_of("(garbage collector)") / sums.busy;
    if gc >= GC_SHARE {
        let message = format!("garbage collection takes {:.1} % of the busy time", gc * 100.0);
        findings.push(Finding::new(&rules::GC_PRESSURE, message));
    }
    let (sync, name) = synchronous(sums);
    if sync / sums.busy >= SYNC_SHARE {
        let share = sync / sums.busy * 100.0;
        let message = format!("synchronous calls take {share:.1} % of the busy time, most of it {}", cut(&name));
        findings.push(Finding::new(&rules::SYNC_IO, message));
    }
}

// The time in Node's synchronous calls outside of module loading, and the call with most of it.
fn synchronous(sums: &Sums<'_>) -> (f64, String) {
    let tree = sums.tree();
    let owners: Vec<Owner> = tree.frames.iter().map(|frame| owner_of(&frame.file)).collect();
    let is_sync = |frame: usize| {
        owners.get(frame) == Some(&Owner::Node)
            && tree.frames.get(frame).is_some_and(|frame| frame.name.ends_with("Sync") || frame.name == "execSync")
    };
    let is_loader = |frame: usize| tree.frames.get(frame).is_some_and(|frame| frame.file.contains("internal/modules/"));
    let totals = tree.totals();
    let mut sums = vec![0.0; tree.frames.len()];
    let mut closed = 0_usize;
    for step in tree.walk(&totals) {
        let (Step::Enter(at) | Step::Leave(at)) = step;
        let Some(frame) = tree.nodes.get(at).map(|node| node.frame as usize) else { continue };
        let ends_search = is_sync(frame) || is_loader(frame);
        if matches!(step, Step::Leave(_)) {
            closed -= usize::from(ends_search && closed > 0);
            continue;
        }
        if closed == 0
            && is_sync(frame)
            && let Some(sum) = sums.get_mut(frame)
        {
            *sum += totals.get(at).copied().unwrap_or_default();
        }
        closed += usize::from(ends_search);
    }
    let most = sums.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1).then(other.0.cmp(&one.0)));
    let name = most.and_then(|(at, _)| tree.frames.get(at)).map(|frame| frame.name.clone()).unwrap_or_default();
    (sums.iter().sum(), name)
}

fn summary(sums: &Sums<'_>) -> String {
    let amount = |weight: f64| serde_json::to_string(&Amount(weight)).unwrap_or_default();
    let unit = sums.profile.unit.name();
    let mut text = format!("{} of {} {unit} busy", amount(sums.busy), amount(sums.profile.length));
    if let Some(first) = sums.functions(1, |share| share.own).first() {
        let name = excerpt(&first.name);
        text = format!("{text}, most of it in {name} ({} %)", amount(first.self_percent.0));
    }
    text
}
