//! Analyses heaps: what is in memory, what keeps it there, and what grew.
//!
//! `snapshot` reads a `.heapsnapshot` into flat arrays, `dominators` finds who retains whom, `tables` makes the tables;
//! `allocations` does a `.heapprofile`.

pub mod allocations;
mod dominators;
mod rules;
mod snapshot;
pub mod tables;

use crate::support::json::JsonError;
use crate::support::json_stream::Reader;
use allocations::{Allocations, AllocatorRow, PackageRow};
use octavo_toolkit::input::MAX_PATH_BYTES;
use octavo_toolkit::limits::{MAX_LARGE_SOURCE_BYTES, check_bytes, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use snapshot::Snapshot;
use std::collections::BTreeSet;
use tables::{Change, ClassRow, Focus, ObjectRow, StringRow, Tables};

declare_tool! {
    /// Tells what a JavaScript heap is full of: classes and objects by what they retain, shortest ways from the roots to
    /// them, equal strings, detached DOM nodes, and what grew between two snapshots.
    ///
    /// Use it for memory leaks and for programs that take too much memory, on what `v8.writeHeapSnapshot()`,
    /// `node --heapsnapshot-signal`, Chrome or Edge wrote (`.heapsnapshot`), or on a sampling heap profile of
    /// `node --heap-prof` (`.heapprofile`), of which it tells what functions and packages allocated. For a leak, take two
    /// snapshots of one process with the work repeated in between, and send the first as `baseline`: ids stay the same.
    /// `focus` explains a class, a function or an object (`@id`): who refers to it and what it keeps alive.
    ///
    /// Retained sizes are those of memlab: weak references retain nothing, shortcuts only from the root. Snapshots hold
    /// no more than the first 1,024 characters of a string, so longer ones count as equal by those and their size.
    ///
    /// Limits: 24 MiB a snapshot; a bare Node.js process has 4 to 6. For larger heaps send a heap profile.
    pub struct AnalyzeHeap;
    name: "analyze_heap",
    title: "Analyze a heap",
    summary: "Analyzes a V8 .heapsnapshot (retained sizes, retainer paths, duplicate strings, growth) or .heapprofile (allocations by function). Use for memory leaks; up to 24 MiB.",
    keywords: "memory leak out of memory OOM heap limit RSS heapdump writeHeapSnapshot heap-prof memlab devtools Memory tab dominator tree retainers retained shallow size detached DOM closure garbage growth comparison allocation sampling duplicate strings JavaScript heap out of memory",
    examples: [
        "a small snapshot" => r#"{"snapshot":"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\"],\"node_types\":[[\"synthetic\",\"object\",\"string\"]],\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[[\"property\",\"weak\"]]},\"node_count\":4,\"edge_count\":4},\"nodes\":[0,0,1,0,2,1,1,3,16,1,1,2,5,32,1,2,3,7,40,0],\"edges\":[0,4,5,0,5,10,0,6,10,0,7,15],\"strings\":[\"(root)\",\"Cache\",\"Entry\",\"text\",\"cache\",\"last\",\"entry\",\"key\"]}","focus":"@5"}"#,
        "a heap profile" => r#"{"snapshot":"{\"head\":{\"callFrame\":{\"functionName\":\"(root)\",\"url\":\"\",\"lineNumber\":-1,\"columnNumber\":-1},\"selfSize\":0,\"children\":[{\"callFrame\":{\"functionName\":\"load\",\"url\":\"file:///app/node_modules/parser/i.js\",\"lineNumber\":9,\"columnNumber\":2},\"selfSize\":4096,\"children\":[]}]}}"}"#,
        "what grew" => r#"{"snapshot":"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\"],\"node_types\":[[\"synthetic\",\"object\"]],\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[[\"property\"]]}},\"nodes\":[0,0,1,0,2,1,1,3,20000,0,1,1,5,20000,0],\"edges\":[0,2,5,0,2,10],\"strings\":[\"\",\"Request\",\"list\"]}","baseline":"{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\",\"edge_count\"],\"node_types\":[[\"synthetic\",\"object\"]],\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[[\"property\"]]}},\"nodes\":[0,0,1,0,1,1,1,3,20000,0],\"edges\":[0,2,5],\"strings\":[\"\",\"Request\",\"list\"]}"}"#,
    ],
    rules: rules::RULES,
    not_checked: ["ephemerons: a WeakMap's value counts as retained by its key and the map", "heaps of other engines, memory outside of the heap"],
}

/// Rows of a table when the caller names no number.
const DEFAULT_ROWS: u32 = 15;
/// Most rows of a table a caller may ask for.
const MAX_ROWS: u32 = 10_000;
/// Rows that show a way from the roots.
const ROWS_WITH_WAYS: usize = 5;
/// Share of the heap, in hundredths, from which waste and growth are told of.
const WASTE_PERCENT: u64 = 1;
/// Growth, in bytes, from which it is told of.
const LEAST_GROWTH: i64 = 16 * 1024;
/// Waste of equal strings, in bytes, from which it is told of.
const LEAST_WASTE: u64 = 64 * 1024;
/// Share of the heap, in hundredths, from which a single retainer is told of.
const RETAINER_PERCENT: u64 = 20;
/// Most classes that grew that are told of.
const MAX_GREW: usize = 10;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The .heapsnapshot or .heapprofile.
    snapshot: String,
    /// An earlier snapshot of the process.
    #[serde(default)]
    baseline: Option<String>,
    /// Class, function or @id to explain.
    #[serde(default)]
    focus: Option<String>,
    /// Rows a table; default 15.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 10_000)))]
    top: Option<u32>,
}

/// What is in memory.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Heap {
    /// What was read: heap snapshot or heap profile.
    pub kind: String,
    /// Bytes of all objects, or of all allocations sampled.
    pub total_bytes: u64,
    /// Objects, roots included.
    pub objects_count: usize,
    /// References.
    pub references_count: usize,
    /// The object or class asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// Classes that changed since the baseline, the largest growth first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Bytes of the baseline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_bytes: Option<u64>,
    /// Classes, by what they retain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<ClassRow>,
    /// Objects, by what they retain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<ObjectRow>,
    /// Equal strings, by what they waste.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub strings: Vec<StringRow>,
    /// Packages of a heap profile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackageRow>,
    /// Functions of a heap profile, by their own allocations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allocators: Vec<AllocatorRow>,
    /// Functions of a heap profile, by those of what they called too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heaviest: Vec<AllocatorRow>,
}

impl Tool for AnalyzeHeap {
    type Input = Input;
    type Data = Heap;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Heap>, ToolError> {
        let top = input.check()?;
        match document_of(&input.snapshot) {
            Ok(Document::Snapshot) => run_snapshot(&input, top, ctx),
            Ok(Document::Profile) => run_profile(&input, top),
            Ok(Document::Other(found)) => {
                let message = format!("the text is no heap but {found}; accepted is a .heapsnapshot or a .heapprofile");
                Ok(unreadable(Finding::new(&rules::HEAP_UNREADABLE, message)))
            }
            Err(error) => Ok(unreadable(broken("snapshot", &input.snapshot, &error))),
        }
    }
}

impl Input {
    fn check(&self) -> Result<usize, ToolError> {
        check_bytes("/snapshot", &self.snapshot, MAX_LARGE_SOURCE_BYTES)?;
        check_bytes("/baseline", self.baseline.as_deref().unwrap_or_default(), MAX_LARGE_SOURCE_BYTES)?;
        check_bytes("/focus", self.focus.as_deref().unwrap_or_default(), MAX_PATH_BYTES)?;
        let top = self.top.unwrap_or(DEFAULT_ROWS);
        if !(1..=MAX_ROWS).contains(&top) {
            return Err(ToolError::invalid("/top", "is out of range", format!("a whole number from 1 to {MAX_ROWS}")));
        }
        Ok(top as usize)
    }
}

fn unreadable(finding: Finding) -> Report<Heap> {
    Report::checked(vec![finding], Heap::default()).with_summary("no heap was read")
}

fn broken(what: &str, text: &str, error: &JsonError) -> Finding {
    let range = LineIndex::new(text).range(error.at..error.at);
    let message = format!("{} is expected here; the {what} is broken or cut off", error.expected);
    Finding::new(&rules::HEAP_UNREADABLE, message).at(range)
}

enum Document {
    Snapshot,
    Profile,
    Other(String),
}

// Looks at the members until one tells; of a snapshot the first does.
fn document_of(text: &str) -> Result<Document, JsonError> {
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        let found = if text.trim().is_empty() { "empty" } else { "no JSON object" };
        return Ok(Document::Other(found.to_owned()));
    }
    let mut reader = Reader::new(text);
    let mut keys = BTreeSet::new();
    reader.begin_object()?;
    while let Some(key) = reader.next_member()? {
        match key.as_ref() {
            "snapshot" => return Ok(Document::Snapshot),
            "head" => {
                let rest = reader.raw()?;
                let is_heap = rest.contains("\"selfSize\"");
                let other = "a CPU profile in the older form, which nodejs_analyze_cpu_profile reads";
                return Ok(if is_heap { Document::Profile } else { Document::Other(other.to_owned()) });
            }
            _ => {
                keys.insert(key.into_owned());
                reader.skip()?;
            }
        }
    }
    let has = |key: &str| keys.contains(key);
    Ok(Document::Other(if has("nodes") && has("samples") || has("traceEvents") {
        "a CPU profile or a trace, which nodejs_analyze_cpu_profile reads".to_owned()
    } else if has("inputs") && has("outputs") {
        "an esbuild metafile, which nodejs_analyze_bundle reads".to_owned()
    } else {
        let shown: Vec<String> = keys.iter().take(4).map(|key| excerpt(key)).collect();
        format!("an object with the members {}", shown.join(", "))
    }))
}

fn run_profile(input: &Input, top: usize) -> Result<Report<Heap>, ToolError> {
    for (pointer, given) in [("/baseline", &input.baseline), ("/focus", &input.focus)] {
        if given.is_some() {
            let accepted = "a .heapsnapshot in `snapshot`; for a heap profile leave this out";
            return Err(ToolError::invalid(pointer, "does not go with a heap profile", accepted));
        }
    }
    let allocations = match Allocations::read(&input.snapshot) {
        Ok(allocations) => allocations,
        Err(error) => return Ok(unreadable(broken("heap profile", &input.snapshot, &error))),
    };
    let data = Heap {
        kind: "heap profile".to_owned(),
        total_bytes: allocations.total(),
        packages: allocations.packages(top),
        allocators: allocations.functions(top, |share| share.own),
        heaviest: allocations.functions(top, |share| share.total),
        ..Heap::default()
    };
    let summary = format!("{} bytes of allocations sampled", data.total_bytes);
    Ok(Report::checked(Vec::new(), data).with_summary(summary))
}

fn run_snapshot(input: &Input, top: usize, ctx: &Ctx<'_>) -> Result<Report<Heap>, ToolError> {
    let snapshot = match Snapshot::read(&input.snapshot) {
        Ok(snapshot) => snapshot,
        Err(error) => return Ok(unreadable(broken("snapshot", &input.snapshot, &error))),
    };
    ctx.progress(1, 3, "snapshot read");
    let tables = Tables::of(&snapshot);
    ctx.progress(2, 3, "retained sizes found");
    let mut findings = Vec::new();
    let (strings, wasted) = tables.duplicate_strings(top);
    let mut data = Heap {
        kind: "heap snapshot".to_owned(),
        total_bytes: tables.total(),
        objects_count: snapshot.nodes.len(),
        references_count: snapshot.edges.len(),
        classes: tables.class_rows(top),
        objects: tables.object_rows(top, ROWS_WITH_WAYS),
        strings,
        ..Heap::default()
    };
    if let Some(wanted) = input.focus.as_deref() {
        data.focus = Some(tables.focus(wanted, top).ok_or_else(|| nothing_of(&tables, wanted))?);
    }
    judge(&tables, &data, wasted, &mut findings);
    if let Some(text) = input.baseline.as_deref() {
        match Snapshot::read(text) {
            Ok(baseline) => {
                data.changes = tables.changes(&baseline, top, ROWS_WITH_WAYS);
                data.baseline_bytes = Some(baseline.nodes.iter().map(|node| node.size).sum());
                judge_growth(&data, &mut findings);
            }
            Err(error) => findings.push(broken("baseline", text, &error)),
        }
    }
    let summary = match (data.baseline_bytes, data.total_bytes) {
        (Some(before), after) if before <= after => format!("{after} bytes, {} more than before", after - before),
        (Some(before), after) => format!("{after} bytes, {} less than before", before - after),
        (None, after) => format!("{after} bytes in {}", plural(data.objects_count, "object")),
    };
    Ok(Report::checked(findings, data).with_summary(summary))
}

fn nothing_of(tables: &Tables<'_>, wanted: &str) -> ToolError {
    let hint = octavo_toolkit::suggest::nearest(wanted, tables.class_names());
    let hint = hint.map_or(String::new(), |name| format!("; did you mean \"{}\"?", excerpt(name)));
    let accepted = format!("a class, a function's name, or an id such as \"@123\"{hint}");
    ToolError::invalid("/focus", "is in no object of the snapshot", accepted)
}

fn judge(tables: &Tables<'_>, data: &Heap, wasted: u64, findings: &mut Vec<Finding>) {
    let total = data.total_bytes;
    if wasted >= LEAST_WASTE && wasted.saturating_mul(100) >= total.saturating_mul(WASTE_PERCENT) {
        let most = data.strings.first();
        let most = most.map_or(String::new(), |row| format!(", most of them {:?} ({} times)", row.text, row.count));
        let message = format!("equal strings waste {wasted} of {total} bytes{most}");
        findings.push(Finding::new(&rules::DUPLICATE_STRINGS, message));
    }
    let (count, bytes) = tables.detached();
    if count > 0 {
        let count = plural(usize::try_from(count).unwrap_or(usize::MAX), "detached DOM node");
        let message = format!("{count} of {bytes} bytes alive");
        findings.push(Finding::new(&rules::DETACHED_NODES, message));
    }
    let large = data.objects.iter().filter(|row| {
        row.kind != "hidden"
            && row.kind != "code"
            && row.retained.saturating_mul(100) >= total.saturating_mul(RETAINER_PERCENT)
    });
    for row in large.take(3).filter(|_| total > 0) {
        let share = row.retained.saturating_mul(100) / total.max(1);
        let name = if row.name.is_empty() { format!("({})", row.kind) } else { excerpt(&row.name) };
        let message = format!("{name} @{} retains {} bytes, {share} % of the heap", row.id, row.retained);
        findings.push(Finding::new(&rules::LARGE_RETAINER, message));
    }
}

fn judge_growth(data: &Heap, findings: &mut Vec<Finding>) {
    let before = i64::try_from(data.baseline_bytes.unwrap_or_default()).unwrap_or(i64::MAX);
    let percent = i64::try_from(WASTE_PERCENT).unwrap_or(1);
    let grew = data.changes.iter().filter(|change| {
        change.grew >= LEAST_GROWTH && change.grew.saturating_mul(100) >= before.saturating_mul(percent)
    });
    for change in grew.take(MAX_GREW) {
        let message =
            format!("{} grew by {} bytes: {} new, {} gone", change.class, change.grew, change.added, change.removed);
        findings.push(Finding::new(&rules::CLASS_GREW, message));
    }
}
