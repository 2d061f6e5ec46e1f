//! Finds what is wrong with a measured plan, and the cause that explains most of its time.

use super::measure::Measures;
use super::plan::{Dialect, Node, Plan, Relation, number};
use super::rules;
use super::{RootCause, ms, rounded};
use crate::support::figure::Figure;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Finding, Level, Position, Range, Rule};
use serde_json::Value;
use std::fmt::Write as _;

/// From here on a row count is wrong: an order of magnitude, as pev2 colours it.
const MISESTIMATE_FACTOR: f64 = 10.0;
/// Fewer rows than this, expected and real, are not worth a word.
const MIN_ROWS: f64 = 1_000.0;
/// Share of rows thrown away that is too much.
const REMOVED_SHARE: f64 = 0.9;
/// Loops that make a cheap node costly.
const MANY_LOOPS: f64 = 1_000.0;
/// Loops that make a full scan costly.
const FULL_SCAN_LOOPS: f64 = 10.0;
/// Share of the whole time from which a node matters.
const SHARE: f64 = 0.1;
/// Share of a node's time that waiting for storage may take.
const IO_SHARE: f64 = 0.5;
/// Share of an index-only scan's rows that may need the table (pev2's second step).
const HEAP_SHARE: f64 = 0.4;
/// Pairs of rows that make a join without a condition suspicious.
const CARTESIAN_PAIRS: f64 = 10_000.0;
/// Milliseconds of planning, JIT and triggers below which they are not worth a word.
const MIN_MS: f64 = 5.0;
/// What a forbidden node cost more before version 18.
const DISABLED_COST: f64 = 1e10;

/// A plan with its figures.
pub(super) struct Measured<'p> {
    pub(super) plan: &'p Plan,
    pub(super) measures: &'p [Measures],
    pub(super) children: &'p [Vec<usize>],
    /// Execution time, or else the root's time.
    pub(super) whole_ms: Option<f64>,
}

impl Measured<'_> {
    fn exclusive(&self, at: usize) -> Option<f64> {
        self.measures.get(at).and_then(|measure| measure.exclusive_ms)
    }

    fn share(&self, at: usize) -> Option<f64> {
        let whole = self.whole_ms.filter(|whole| *whole > 0.0)?;
        Some(self.exclusive(at)? / whole)
    }

    // Whether a node takes a part of the time that matters, or no times were taken.
    fn matters(&self, at: usize) -> bool {
        self.share(at).is_none_or(|share| share >= SHARE)
    }

    fn node(&self, at: usize) -> Option<&Node> {
        self.plan.nodes.get(at)
    }

    fn found(&self, at: usize, rule: &Rule, message: &str) -> Finding {
        let (label, line) = self.node(at).map_or_else(Default::default, |node| (node.label(), node.line));
        let place = Position { line: line.max(1), column: 1 };
        let level = if self.matters(at) { rule.level } else { Level::Info };
        Finding::new(rule, format!("{label} (node {}): {message}", at + 1))
            .at(Range { start: place, end: place })
            .with_level(level)
    }

    // Whether something above stops it early, so that fewer rows than expected say nothing.
    fn may_be_stopped(&self, at: usize) -> bool {
        self.plan.path(at).skip(1).any(|above| {
            self.node(above).is_some_and(|node| {
                matches!(node.kind.as_str(), "Limit" | "Merge Join" | "LockRows" | "Unique")
                    || matches!(node.word("Join Type"), Some("Semi" | "Anti" | "Right Semi" | "Right Anti"))
                    || node.says("Inner Unique") && node.kind == "Nested Loop"
            })
        }) || self.plan.path(at).any(|above| {
            self.node(above).is_some_and(|node| matches!(node.relation, Relation::SubPlan | Relation::InitPlan))
        })
    }

    fn misestimate(&self, at: usize) -> Option<f64> {
        let measure = self.measures.get(at)?;
        let node = self.node(at)?;
        let factor = measure.factor.filter(|factor| *factor >= MISESTIMATE_FACTOR)?;
        let loops = node.number("Actual Loops").unwrap_or(1.0);
        let most = node.number("Plan Rows")?.max(node.number("Actual Rows")?) * loops;
        let bitmap = matches!(node.kind.as_str(), "BitmapAnd" | "BitmapOr" | "Bitmap Index Scan");
        (most >= MIN_ROWS && !bitmap && (measure.underestimated || !self.may_be_stopped(at))).then_some(factor)
    }
}

/// Everything wrong with the plan.
pub(super) fn findings(of: &Measured<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let analyzed = of.plan.nodes.iter().any(|node| node.properties.contains_key("Actual Rows"));
    if !analyzed {
        let first = Position { line: 1, column: 1 };
        let message = "estimates only: times, true row counts, spills and loops are not in it";
        found.push(Finding::new(&rules::NOT_ANALYZED, message).at(Range { start: first, end: first }));
    }
    for at in 0..of.plan.nodes.len() {
        match of.plan.dialect {
            Dialect::PostgreSql => postgres(of, at, &mut found),
            Dialect::MySql => mysql(of, at, &mut found),
        }
        estimates(of, at, &mut found);
    }
    whole(of, &mut found);
    found
}

// Where a row count first goes wrong: no input of the node is as wrong itself.
fn estimates(of: &Measured<'_>, at: usize, found: &mut Vec<Finding>) {
    let (Some(factor), Some(node)) = (of.misestimate(at), of.node(at)) else { return };
    let inherited = of.children.get(at).into_iter().flatten().any(|child| of.misestimate(*child).is_some());
    let (Some(planned), Some(actual)) = (node.number("Plan Rows"), node.number("Actual Rows")) else { return };
    if inherited {
        return;
    }
    let direction = if actual > planned { "more" } else { "fewer" };
    let each = if node.number("Actual Loops").unwrap_or(1.0) > 1.0 { " a loop" } else { "" };
    let mut message = format!(
        "{}{each} came where {} were expected, {}x {direction}",
        rows_of(actual),
        rounded(planned),
        rounded(factor)
    );
    let conditions = ["Filter", "Index Cond", "Recheck Cond", "Hash Cond", "Join Filter", "Merge Cond"];
    if let Some(condition) = conditions.iter().find_map(|name| node.word(name)) {
        let _ = write!(message, "; statistics do not foresee {}", excerpt(condition));
    } else if matches!(node.kind.as_str(), "Function Scan" | "CTE Scan" | "WorkTable Scan" | "Subquery Scan") {
        message.push_str("; the planner has no statistics for its output");
    } else if node.table().is_some() {
        message.push_str("; the table's statistics are old: run ANALYZE on it");
    }
    // A wrong count hurts what is built on it, so the time below its parent decides.
    let parent = node.parent.and_then(|parent| of.measures.get(parent)).and_then(|measure| measure.total_ms);
    let hurts = match (parent.or_else(|| of.measures.get(at).and_then(|measure| measure.total_ms)), of.whole_ms) {
        (Some(time), Some(whole)) if whole > 0.0 => time / whole >= SHARE,
        _ => true,
    };
    let level = if hurts { Level::Warning } else { Level::Info };
    found.push(of.found(at, &rules::ROW_MISESTIMATE, &message).with_level(level));
}

fn postgres(of: &Measured<'_>, at: usize, found: &mut Vec<Finding>) {
    let Some(node) = of.node(at) else { return };
    let loops = node.number("Actual Loops").unwrap_or(1.0);
    let rows = of.measures.get(at).and_then(|measure| measure.rows).unwrap_or(0.0);
    if let Some(removed) = node.number("Rows Removed by Filter").map(|removed| removed * loops) {
        removed_rows(of, at, removed, rows, found);
    }
    if let Some(removed) = node.number("Rows Removed by Join Filter").map(|removed| removed * loops)
        && removed >= MIN_ROWS
        && removed / (removed + rows) >= REMOVED_SHARE
    {
        let message = format!(
            "{} pairs were compared and {} kept by {}",
            rounded(removed + rows),
            rounded(rows),
            excerpt(node.word("Join Filter").unwrap_or("the filter"))
        );
        found.push(of.found(at, &rules::JOIN_FILTER, &message));
    }
    memory(of, at, node, found);
    if let Some(fetches) = node.number("Heap Fetches").map(|fetches| fetches * loops)
        && fetches >= MIN_ROWS
        && fetches / rows.max(1.0) >= HEAP_SHARE
    {
        let message = format!("{} of {} rows were fetched from the table: VACUUM it", rounded(fetches), rounded(rows));
        found.push(of.found(at, &rules::HEAP_FETCHES, &message));
    }
    loops_of(of, at, node, found);
    if let (Some(planned), Some(launched)) = (node.number("Workers Planned"), node.number("Workers Launched"))
        && launched < planned
    {
        let message = format!("{} of {} planned workers were launched", rounded(launched), rounded(planned));
        found.push(of.found(at, &rules::WORKERS_MISSING, &message).with_level(rules::WORKERS_MISSING.level));
    }
    let children = of.children.get(at).map(Vec::as_slice).unwrap_or_default();
    let disabled = node.says("Disabled")
        || node.number("Startup Cost").is_some_and(|cost| cost >= DISABLED_COST)
            && !children.iter().any(|child| {
                of.node(*child).and_then(|child| child.number("Total Cost")).is_some_and(|cost| cost >= DISABLED_COST)
            });
    if disabled {
        found.push(of.found(
            at,
            &rules::DISABLED_NODE,
            "a setting forbids this kind of node, and there was no other way",
        ));
    }
    if let (Some(io), Some(own)) = (of.measures.get(at).and_then(|measure| measure.io), of.exclusive(at)) {
        let waited = io.read_ms + io.write_ms;
        if waited >= MIN_MS && waited / own.max(waited) >= IO_SHARE {
            let message = format!(
                "{} of {} went into reading {} and writing {} blocks",
                ms(waited),
                ms(own),
                rounded(io.read_blocks),
                rounded(io.written_blocks)
            );
            found.push(of.found(at, &rules::IO_TIME, &message));
        }
    }
    cartesian(of, at, node, children, found);
}

fn removed_rows(of: &Measured<'_>, at: usize, removed: f64, rows: f64, found: &mut Vec<Finding>) {
    let Some(node) = of.node(at) else { return };
    if removed < MIN_ROWS || removed / (removed + rows) < REMOVED_SHARE {
        return;
    }
    let filter = node.word("Filter").map(excerpt).unwrap_or_default();
    let mut message = format!("{} rows were read and {} kept by {filter}", rounded(removed + rows), rounded(rows));
    if node.kind == "Seq Scan" {
        message.push_str("; an index on the filtered columns would read only those");
    } else if node.kind.contains("Index") || node.kind.starts_with("Bitmap") {
        message.push_str("; the index does not cover this condition");
    }
    found.push(of.found(at, &rules::ROWS_REMOVED, &message));
}

fn memory(of: &Measured<'_>, at: usize, node: &Node, found: &mut Vec<Finding>) {
    let disk = |properties: &super::plan::Properties| {
        let on_disk = properties.get("Sort Space Type").and_then(Value::as_str) == Some("Disk");
        properties.get("Sort Space Used").filter(|_| on_disk).and_then(number)
    };
    let spilled: f64 = std::iter::once(&node.properties).chain(&node.workers).filter_map(disk).sum();
    if spilled > 0.0 {
        let processes = std::iter::once(&node.properties)
            .chain(&node.workers)
            .filter(|properties| disk(properties).is_some())
            .count();
        let each = if processes > 1 { format!(" in {processes} processes") } else { String::new() };
        let work_mem = "; work_mem is too small for it (rows in memory take more room than on disk)";
        found.push(of.found(
            at,
            &rules::SORT_SPILL,
            &format!("{} kB{each} were sorted on disk{work_mem}", rounded(spilled)),
        ));
    }
    if let Some(batches) = node.number("Hash Batches").filter(|batches| *batches > 1.0) {
        let grown = node.number("Original Hash Batches").filter(|original| *original < batches);
        let planned = grown.map_or_else(String::new, |original| format!(", {} were planned", rounded(original)));
        let peak = node
            .number("Peak Memory Usage")
            .map_or_else(String::new, |peak| format!("; in one it would take about {} kB", rounded(peak * batches)));
        found.push(of.found(
            at,
            &rules::HASH_SPILL,
            &format!("the hash table went through disk in {} batches{planned}{peak}", rounded(batches)),
        ));
    }
    let usages = std::iter::once(&node.properties).chain(&node.workers);
    let disk: f64 = usages.filter_map(|properties| properties.get("Disk Usage").and_then(number)).sum();
    if disk > 0.0 {
        found.push(of.found(
            at,
            &rules::AGGREGATE_SPILL,
            &format!("{} kB of groups were written to disk; work_mem is too small for them", rounded(disk)),
        ));
    }
    if let Some(lossy) = node.number("Lossy Heap Blocks").filter(|lossy| *lossy > 0.0) {
        found.push(of.found(
            at,
            &rules::LOSSY_BITMAP,
            &format!(
                "{} pages were remembered whole and their rows checked again; work_mem is too small for the bitmap",
                rounded(lossy)
            ),
        ));
    }
}

fn loops_of(of: &Measured<'_>, at: usize, node: &Node, found: &mut Vec<Finding>) {
    let Some(measure) = of.measures.get(at) else { return };
    let loops = node.number("Actual Loops").unwrap_or(1.0) / measure.processes.max(1.0);
    let (Some(total), Some(whole)) = (measure.total_ms, of.whole_ms) else { return };
    let significant = whole > 0.0 && total / whole >= SHARE;
    if node.kind == "Seq Scan" && loops >= FULL_SCAN_LOOPS && significant {
        let message = format!("the whole table is read {} times, {} together", rounded(loops), ms(total));
        found.push(of.found(at, &rules::REPEATED_SCAN, &message));
    } else if loops >= MANY_LOOPS && significant && of.matters(at) {
        let message = format!("{} a loop, {} in {} loops", ms(total / loops), ms(total), rounded(loops));
        found.push(of.found(at, &rules::MANY_LOOPS, &message));
    }
}

fn cartesian(of: &Measured<'_>, at: usize, node: &Node, children: &[usize], found: &mut Vec<Finding>) {
    if node.kind != "Nested Loop" || node.properties.contains_key("Join Filter") {
        return;
    }
    let inputs: Vec<usize> = children
        .iter()
        .copied()
        .filter(|child| of.node(*child).is_some_and(|child| child.relation == Relation::Input))
        .collect();
    let [outer, inner] = inputs[..] else { return };
    let count = |at: usize| {
        of.node(at).and_then(|node| node.number("Actual Rows").or_else(|| node.number("Plan Rows"))).unwrap_or(0.0)
    };
    let loops = of.node(inner).and_then(|node| node.number("Actual Loops")).unwrap_or(1.0).max(1.0);
    let outer_rows = of.measures.get(outer).and_then(|measure| measure.rows).unwrap_or_else(|| count(outer));
    let inner_rows = count(inner);
    let conditioned = subtree_has_condition(of, inner);
    let _ = loops;
    if outer_rows > 1.0 && inner_rows > 1.0 && outer_rows * inner_rows >= CARTESIAN_PAIRS && !conditioned {
        let message = format!("{} rows meet {} rows without any condition", rounded(outer_rows), rounded(inner_rows));
        found.push(of.found(at, &rules::CARTESIAN, &message));
    }
}

// Whether anything in the inner side asks for values of the outer one, or is too opaque to tell.
fn subtree_has_condition(of: &Measured<'_>, at: usize) -> bool {
    let mut waiting = vec![at];
    while let Some(at) = waiting.pop() {
        let Some(node) = of.node(at) else { continue };
        let materialized =
            matches!(node.kind.as_str(), "Materialize" | "Seq Scan" | "Gather" | "Gather Merge" | "Append");
        let conditions = ["Index Cond", "Recheck Cond", "Filter", "Cache Key", "TID Cond"];
        if !materialized || conditions.iter().any(|name| node.properties.contains_key(*name)) {
            return true;
        }
        if node.kind == "Materialize" {
            return false;
        }
        waiting.extend(of.children.get(at).into_iter().flatten());
    }
    false
}

fn mysql(of: &Measured<'_>, at: usize, found: &mut Vec<Finding>) {
    let Some(node) = of.node(at) else { return };
    let rows = node.number("Actual Rows").or_else(|| node.number("Plan Rows")).unwrap_or(0.0);
    let kept = node.number("r_filtered").or_else(|| node.number("Filtered Percent")).unwrap_or(100.0) / 100.0;
    if node.kind == "Full Table Scan" && rows >= MIN_ROWS && kept <= 1.0 - REMOVED_SHARE {
        let filter = node.word("Filter").map(excerpt).unwrap_or_default();
        found.push(of.found(
            at,
            &rules::FULL_SCAN,
            &format!("{} rows are read for {} that {filter} keeps", rounded(rows), rounded(rows * kept)),
        ));
    }
    if node.kind == "Filter" {
        let below = of.children.get(at).and_then(|children| children.first());
        let scan = below.and_then(|below| of.node(*below)).filter(|scan| scan.kind == "Table scan");
        let read = scan.and_then(|scan| scan.number("Actual Rows").or_else(|| scan.number("Plan Rows"))).unwrap_or(0.0);
        if read >= MIN_ROWS && rows / read <= 1.0 - REMOVED_SHARE {
            let filter = node.word("Filter").map(excerpt).unwrap_or_default();
            found.push(of.found(
                at,
                &rules::FULL_SCAN,
                &format!("{} rows are read for {} that {filter} keeps", rounded(read), rounded(rows)),
            ));
        }
    }
    if node.says("using_filesort") || node.kind == "Sort" && of.plan.format == super::plan::Format::Text {
        found.push(of.found(at, &rules::FILESORT, "all rows are gathered and sorted before the first is given"));
    }
    if node.says("using_temporary_table") || node.kind.contains("temporary") {
        found.push(of.found(at, &rules::TEMPORARY, "rows go through a temporary table"));
    }
    if let Some(buffer) = node.word("using_join_buffer") {
        found.push(of.found(
            at,
            &rules::JOIN_BUFFER,
            &format!("no index answers the join, so rows are matched by {}", excerpt(buffer)),
        ));
    }
    if node.says("dependent") || node.kind.contains("dependent)") {
        found.push(of.found(at, &rules::DEPENDENT, "the subquery runs anew for each row of the outer query"));
    }
    loops_of(of, at, node, found);
}

// What stands beside the nodes.
fn whole(of: &Measured<'_>, found: &mut Vec<Finding>) {
    let plan = of.plan;
    let last = Position { line: plan.nodes.last().map_or(1, |node| node.line).max(1), column: 1 };
    let mut beside =
        |rule: &Rule, message: String| found.push(Finding::new(rule, message).at(Range { start: last, end: last }));
    let Some(whole) = of.whole_ms.filter(|whole| *whole > 0.0) else { return };
    if let Some(jit) = jit_ms(plan)
        && jit >= MIN_MS
        && jit / whole >= SHARE
    {
        beside(
            &rules::JIT_SHARE,
            format!(
                "compiling took {} of {}; raise jit_above_cost, or turn jit off for this query",
                ms(jit),
                ms(whole)
            ),
        );
    }
    for (name, time, calls) in triggers(plan) {
        if time >= MIN_MS && time / whole >= SHARE {
            let hint = if name.contains("constraint") { ": is there an index on the referencing columns?" } else { "" };
            beside(
                &rules::TRIGGER_TIME,
                format!("trigger {} took {} in {}{hint}", excerpt(&name), ms(time), plural(calls, "call")),
            );
        }
    }
    if let Some(planning) = plan.fact("Planning Time")
        && planning >= MIN_MS
        && planning > whole
    {
        beside(&rules::PLANNING_TIME, format!("planning took {}, running {}", ms(planning), ms(whole)));
    }
}

/// Milliseconds of compilation in the leader.
pub(super) fn jit_ms(plan: &Plan) -> Option<f64> {
    let timing = plan.facts.get("JIT")?.get("Timing")?;
    number(timing.get("Total")?)
}

/// Name, milliseconds and calls of each trigger.
pub(super) fn triggers(plan: &Plan) -> Vec<(String, f64, usize)> {
    let list = plan.facts.get("Triggers").and_then(Value::as_array);
    let read = |trigger: &Value| {
        let name = trigger.get("Constraint Name").or_else(|| trigger.get("Trigger Name")).and_then(Value::as_str)?;
        let prefix = if trigger.get("Constraint Name").is_some() { "for constraint " } else { "" };
        let calls = trigger.get("Calls").and_then(number).unwrap_or(0.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of calls, cut at the largest number"
        )]
        Some((format!("{prefix}{name}"), trigger.get("Time").and_then(number)?, calls.max(0.0) as usize))
    };
    list.into_iter().flatten().filter_map(read).collect()
}

/// What explains most of the time, or of the cost.
pub(super) fn root_cause(of: &Measured<'_>, findings: &[Finding]) -> Option<RootCause> {
    let timed = of.measures.iter().any(|measure| measure.exclusive_ms.is_some_and(|own| own > 0.0));
    let weight = |measure: &Measures| if timed { measure.exclusive_ms } else { measure.exclusive_cost };
    let weights: Vec<f64> = of.measures.iter().map(|measure| weight(measure).unwrap_or(0.0)).collect();
    let (slowest, most) =
        weights.iter().enumerate().max_by(|left, right| left.1.total_cmp(right.1).then(right.0.cmp(&left.0)))?;
    let sum = if timed { of.whole_ms.unwrap_or(*most) } else { weights.iter().sum() };
    if *most <= 0.0 || sum <= 0.0 {
        return None;
    }
    let node = of.node(slowest)?;
    let share = (most / sum).min(1.0);
    let what = if timed { "the time" } else { "the estimated cost" };
    let mut why = format!("takes {}% of {what} by itself", rounded(share * 100.0));
    let loops = node.number("Actual Loops").unwrap_or(1.0)
        / of.measures.get(slowest).map_or(1.0, |measure| measure.processes.max(1.0));
    if loops >= FULL_SCAN_LOOPS {
        let _ = write!(why, ", in {} loops", rounded(loops));
    }
    let mut cause = slowest;
    if let Some(origin) = origin_of(of, slowest) {
        cause = origin;
        let origin_node = of.node(origin)?;
        let (planned, actual) =
            (origin_node.number("Plan Rows").unwrap_or(0.0), origin_node.number("Actual Rows").unwrap_or(0.0));
        let _ = write!(
            why,
            "; the plan expected {} of {} (node {}), which gave {}",
            rows_of(planned),
            origin_node.label(),
            origin + 1,
            rounded(actual)
        );
    } else {
        let prefix = format!("{} (node {}): ", node.label(), slowest + 1);
        if let Some(finding) =
            findings.iter().find(|finding| finding.level != Level::Info && finding.message.starts_with(&prefix))
        {
            why.push_str("; ");
            why.push_str(finding.message.strip_prefix(&prefix).unwrap_or_default());
        }
    }
    Some(RootCause {
        node: cause + 1,
        slowest: slowest + 1,
        label: node.label(),
        share: Figure::thousandths(share),
        why,
    })
}

// The misestimate that made a node slow: of an input of its own, or of the outer side of a loop it is the inner side of.
fn origin_of(of: &Measured<'_>, slowest: usize) -> Option<usize> {
    let worst_below = |top: usize| {
        let mut waiting = vec![top];
        let mut worst: Option<(usize, f64)> = None;
        while let Some(at) = waiting.pop() {
            let inner = of.children.get(at).map(Vec::as_slice).unwrap_or_default();
            waiting.extend(inner);
            let Some(factor) = of.misestimate(at) else { continue };
            let origin = !inner.iter().any(|child| of.misestimate(*child).is_some());
            if origin && worst.is_none_or(|(_, known)| factor > known) {
                worst = Some((at, factor));
            }
        }
        worst.map(|(at, _)| at)
    };
    let mut below = slowest;
    for above in of.plan.path(slowest).skip(1) {
        let Some(node) = of.node(above) else { break };
        let outer = of.children.get(above).and_then(|children| children.first()).copied();
        if node.kind == "Nested Loop"
            && let Some(outer) = outer.filter(|outer| *outer != below)
            && of.measures.get(outer).is_some_and(|measure| measure.underestimated)
            && let Some(origin) = worst_below(outer)
        {
            return Some(origin);
        }
        below = above;
    }
    worst_below(slowest).filter(|origin| *origin != slowest)
}

fn rows_of(count: f64) -> String {
    let shown = rounded(count);
    let plural = if shown == "1" { "" } else { "s" };
    format!("{shown} row{plural}")
}
