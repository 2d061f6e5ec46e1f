//! Query plans: what each node took by itself, where estimates go wrong, what spills, and what explains most of the time.
//!
//! Readers for `PostgreSQL`'s and `MySQL`'s formats make one form of node (`plan`); the arithmetic (`measure`) and the judgement
//! (`judge`) know that form alone. It runs nothing and knows nothing of the tables but what the plan says.

mod compare;
mod detail;
mod frame;
mod json;
mod judge;
mod measure;
mod mysql;
mod plan;
mod rules;
mod text;
mod title;

use crate::support::figure::Figure;
use measure::{Io, Measures};
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Position, Range, Report, Tool, ToolError, declare_tool};
use plan::{Dialect, Format, Node, Plan, Properties, Relation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Most nodes of a plan: plans over thousands of partitions have some thousands.
const MAX_NODES: usize = 20_000;

declare_tool! {
    /// Reads the output of EXPLAIN and says where the time goes.
    ///
    /// Use it on a slow query's `EXPLAIN (ANALYZE, BUFFERS)`: PostgreSQL's text or JSON (psql's frames, pgAdmin's quotes,
    /// wrapped lines and auto_explain's query text may be around it) or MySQL's JSON (both versions; MariaDB's too) or tree.
    /// With `before`, it compares with an earlier plan of the same query.
    ///
    /// `data.nodes` holds each node's time and cost by itself: loops multiplied, divided among parallel processes, CTEs and
    /// InitPlans taken from the nodes that ran them, so that the times sum up to the whole. Findings name misestimates where
    /// they begin, spills, rows read for nothing, loops, JIT, triggers, missing workers. `data.rootCause` names the node to
    /// begin with and why. `properties` adds everything the plan says of each node, by the names of PostgreSQL's JSON.
    pub struct AnalyzePlan;
    name: "analyze_plan",
    title: "Analyze a query plan",
    summary: "Explains EXPLAIN output of PostgreSQL or MySQL: time per node, misestimates, spills, root cause; compares two plans. Use on slow queries.",
    keywords: "explain analyze buffers query plan slow query optimize performance seq scan index scan nested loop hash join sort work_mem spill pev2 dalibo pgmustard depesz auto_explain jit parallel workers mysql format json tree filesort cost before after regression postgres",
    examples: [
        "a filter that an index would answer" => r#"{"source":"Seq Scan on orders  (cost=0.00..2041.00 rows=12 width=97) (actual time=0.020..14.310 rows=9 loops=1)\n  Filter: (customer_id = 42)\n  Rows Removed by Filter: 99991\nPlanning Time: 0.080 ms\nExecution Time: 14.350 ms"}"#,
        "before and after an index" => r#"{"before":"Seq Scan on orders  (cost=0.00..2041.00 rows=12 width=97) (actual time=0.020..14.310 rows=9 loops=1)\n  Filter: (customer_id = 42)\n  Rows Removed by Filter: 99991\nExecution Time: 14.350 ms","source":"Index Scan using orders_customer on orders  (cost=0.29..8.50 rows=12 width=97) (actual time=0.015..0.030 rows=9 loops=1)\n  Index Cond: (customer_id = 42)\nExecution Time: 0.051 ms"}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "whether a suggested index would be used",
        "XML and YAML formats, MySQL's tabular format",
        "several plans in one source beyond the first",
    ],
}

/// A plan, and one before it.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// EXPLAIN output, text or JSON.
    source: String,
    /// Earlier plan to compare with.
    #[serde(default)]
    before: Option<String>,
    /// List all each node says; default false.
    #[serde(default)]
    properties: Option<bool>,
}

/// A plan in figures.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PlanReport {
    /// `postgresql` or `mysql`.
    dialect: &'static str,
    /// `text` or `json`.
    format: &'static str,
    /// Whether it was run.
    analyzed: bool,
    /// Nodes of the plan.
    node_count: usize,
    /// Milliseconds of planning.
    #[serde(skip_serializing_if = "Option::is_none")]
    planning_ms: Option<Figure>,
    /// Milliseconds of execution.
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_ms: Option<Figure>,
    /// Milliseconds that all nodes together took by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    nodes_ms: Option<Figure>,
    /// Milliseconds of compilation.
    #[serde(skip_serializing_if = "Option::is_none")]
    jit_ms: Option<Figure>,
    /// Milliseconds of triggers.
    #[serde(skip_serializing_if = "Option::is_none")]
    triggers_ms: Option<Figure>,
    /// What explains most of the time or cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    root_cause: Option<RootCause>,
    /// What changed since `before`.
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<compare::Comparison>,
    /// Tables by time or cost, the most costly first.
    tables: Vec<TableReport>,
    /// The nodes as they are printed.
    nodes: Vec<NodeReport>,
    /// What the plan says beside its nodes; with `properties`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    beside: BTreeMap<String, Value>,
}

/// Where to begin.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct RootCause {
    /// The node to look at.
    node: usize,
    /// The node that takes most.
    slowest: usize,
    /// What it is.
    label: String,
    /// Its share of the whole, 0 to 1.
    share: Figure,
    /// Why.
    why: String,
}

/// How a table was read.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct TableReport {
    /// Its name.
    table: String,
    /// How many nodes read or change it.
    scans: usize,
    /// Milliseconds in them by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<Figure>,
    /// Estimated cost of them by themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<Figure>,
}

/// One node.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct NodeReport {
    /// Number in print order, from 1.
    id: usize,
    /// Number of its parent.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<usize>,
    /// What it is.
    node: String,
    /// `InitPlan`, `SubPlan` or `CTE` with its name, where it is no input.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<String>,
    /// Rows expected a loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan_rows: Option<Figure>,
    /// Rows a loop.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Figure>,
    /// Loops of all processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    loops: Option<Figure>,
    /// How many times the row count is off, from 1; negative where fewer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    off_by: Option<Figure>,
    /// Milliseconds with everything below, all loops.
    #[serde(skip_serializing_if = "Option::is_none")]
    total_ms: Option<Figure>,
    /// Milliseconds by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_ms: Option<Figure>,
    /// Estimated cost by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    own_cost: Option<Figure>,
    /// Workers planned and launched by the Gather above.
    #[serde(skip_serializing_if = "Option::is_none")]
    workers: Option<[Option<Figure>; 2]>,
    /// Its I/O by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    io: Option<IoReport>,
    /// All the plan says of it; with `properties`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    properties: BTreeMap<String, Value>,
}

/// I/O of a node by itself.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct IoReport {
    /// Milliseconds reading.
    read_ms: Figure,
    /// Milliseconds writing.
    write_ms: Figure,
    /// Blocks read a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_per_second: Option<Figure>,
    /// Blocks written a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    write_per_second: Option<Figure>,
}

impl Tool for AnalyzePlan {
    type Input = Input;
    type Data = PlanReport;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<PlanReport>, ToolError> {
        check_bytes("/source", &input.source, MAX_SOURCE_BYTES)?;
        let mut findings = Vec::new();
        let before = match &input.before {
            None => None,
            Some(before) => {
                check_bytes("/before", before, MAX_SOURCE_BYTES)?;
                let accepted = "the output of EXPLAIN, text or JSON, as `source`";
                Some(read(before).map_err(|_| ToolError::invalid("/before", "holds no plan", accepted))?)
            }
        };
        let plan = match read(&input.source) {
            Ok(plan) => plan,
            Err(problem) => {
                findings.push(*problem);
                let empty = Plan {
                    dialect: Dialect::PostgreSql,
                    format: Format::Text,
                    nodes: Vec::new(),
                    facts: Properties::new(),
                    costs_nest: true,
                    further: 0,
                };
                return Ok(Report::checked(findings, describe(&empty, &[], None, None, None, false)));
            }
        };
        let measures = measure::measure(&plan);
        let whole_ms = whole_ms(&plan, &measures);
        let children = plan.children();
        let measured = judge::Measured { plan: &plan, measures: &measures, children: &children, whole_ms };
        findings.extend(judge::findings(&measured));
        let root_cause = judge::root_cause(&measured, &findings);
        let comparison = before.map(|before| {
            let old = measure::measure(&before);
            let old_whole = self::whole_ms(&before, &old);
            compare::compare(
                &compare::Side { plan: &before, measures: &old, whole_ms: old_whole },
                &compare::Side { plan: &plan, measures: &measures, whole_ms },
            )
        });
        if let Some(comparison) = comparison.as_ref().filter(|comparison| comparison.outcome == "slower") {
            let message = format!(
                "{} before, {} now",
                ms(comparison.before_ms.unwrap_or_default().0),
                ms(comparison.after_ms.unwrap_or_default().0)
            );
            findings.push(Finding::new(&rules::SLOWER, message));
        }
        let further = plan.further;
        let summary = summary(&plan, whole_ms, root_cause.as_ref(), &findings);
        let data = describe(&plan, &measures, whole_ms, root_cause, comparison, input.properties.unwrap_or(false));
        let mut report = Report::checked(findings, data).with_summary(summary);
        if further > 0 {
            report = report.not_checked(format!("{} behind the first", plural(further, "plan")));
        }
        Ok(report)
    }
}

/// Reads a plan in any of the formats; what is wrong where there is none.
fn read(source: &str) -> Result<Plan, Box<Finding>> {
    let start = Position { line: 1, column: 1 };
    let refused = |message: String| Box::new(Finding::new(&rules::NOT_A_PLAN, message).at(Range { start, end: start }));
    let lines = frame::lines_of(source);
    let is_postgres_text = lines.iter().any(|line| line.text.contains("(cost=") && line.text.contains(" width="));
    let mut problem = None;
    if !is_postgres_text {
        match json::find(&lines) {
            Some(Ok(value)) => {
                if let Some(plan) = mysql::read_json(&value).or_else(|| json::read(value, &lines)) {
                    return bounded(plan, refused);
                }
                problem =
                    Some("this JSON holds no plan: neither \"Plan\" nor \"query_block\" nor \"query_plan\"".to_owned());
            }
            Some(Err(error)) if source.contains("\"Plan\"") || source.contains("\"query_block\"") => {
                problem =
                    Some(format!("this JSON breaks off: {}", octavo_toolkit::limits::excerpt(&error.to_string())));
            }
            Some(Err(_)) | None => {}
        }
    }
    if problem.is_none() {
        let is_tree = !is_postgres_text
            && lines.iter().any(|line| line.text.trim_start().trim_start_matches("EXPLAIN: ").starts_with("-> "))
            && !lines.iter().any(|line| line.text.trim_start().starts_with("->  "));
        let plan = if is_tree { mysql::read_tree(&lines) } else { text::read(&lines) };
        if let Some(plan) = plan {
            return bounded(plan, refused);
        }
    }
    let hint = "no plan is found; send the whole output of EXPLAIN (ANALYZE, BUFFERS), text or JSON".to_owned();
    Err(refused(problem.unwrap_or(hint)))
}

fn bounded(plan: Plan, refused: impl Fn(String) -> Box<Finding>) -> Result<Plan, Box<Finding>> {
    if plan.nodes.len() > MAX_NODES {
        return Err(refused(format!("the plan has {} nodes, the limit is {MAX_NODES}", plan.nodes.len())));
    }
    Ok(plan)
}

// What 100 % is: the execution time, else that of the root.
fn whole_ms(plan: &Plan, measures: &[Measures]) -> Option<f64> {
    let said = plan.fact("Execution Time").or_else(|| plan.fact("Total Runtime"));
    said.or_else(|| measures.first().and_then(|measure| measure.total_ms)).filter(|whole| *whole > 0.0)
}

fn summary(plan: &Plan, whole_ms: Option<f64>, cause: Option<&RootCause>, findings: &[Finding]) -> String {
    let mut summary = plural(plan.nodes.len(), "node");
    if let Some(whole) = whole_ms {
        let _ = write!(summary, ", {}", ms(whole));
    }
    if let Some(cause) = cause {
        let _ = write!(summary, "; {} (node {}) {}", cause.label, cause.slowest, cause.why);
    }
    if !findings.is_empty() {
        let _ = write!(summary, "; {}", plural(findings.len(), "finding"));
    }
    summary
}

fn describe(
    plan: &Plan,
    measures: &[Measures],
    whole_ms: Option<f64>,
    root_cause: Option<RootCause>,
    comparison: Option<compare::Comparison>,
    with_properties: bool,
) -> PlanReport {
    let triggers = judge::triggers(plan);
    let timed = measures.iter().any(|measure| measure.exclusive_ms.is_some());
    PlanReport {
        dialect: match plan.dialect {
            Dialect::PostgreSql => "postgresql",
            Dialect::MySql => "mysql",
        },
        format: match plan.format {
            Format::Text => "text",
            Format::Json => "json",
        },
        analyzed: plan.nodes.iter().any(|node| node.properties.contains_key("Actual Rows")),
        node_count: plan.nodes.len(),
        planning_ms: plan.fact("Planning Time").map(Figure::thousandths),
        execution_ms: whole_ms.map(Figure::thousandths),
        nodes_ms: timed.then(|| Figure::thousandths(measures.iter().filter_map(|measure| measure.exclusive_ms).sum())),
        jit_ms: judge::jit_ms(plan).map(Figure::thousandths),
        triggers_ms: (!triggers.is_empty())
            .then(|| Figure::thousandths(triggers.iter().map(|(_, time, _)| time).sum())),
        root_cause,
        comparison,
        tables: tables(plan, measures),
        nodes: plan
            .nodes
            .iter()
            .zip(measures)
            .enumerate()
            .map(|(at, (node, measure))| report_of(at, node, measure, with_properties))
            .collect(),
        beside: if with_properties { plan.facts.clone().into_iter().collect() } else { BTreeMap::new() },
    }
}

fn tables(plan: &Plan, measures: &[Measures]) -> Vec<TableReport> {
    let mut tables: BTreeMap<&str, TableReport> = BTreeMap::new();
    for (node, measure) in plan.nodes.iter().zip(measures) {
        let Some(table) = node.table() else { continue };
        let name = octavo_toolkit::limits::excerpt(table);
        let entry = tables.entry(table).or_insert(TableReport { table: name, scans: 0, ms: None, cost: None });
        entry.scans += 1;
        let add = |sum: &mut Option<Figure>, part: Option<f64>| {
            if let Some(part) = part {
                *sum = Some(Figure(sum.unwrap_or_default().0 + part));
            }
        };
        add(&mut entry.ms, measure.exclusive_ms);
        add(&mut entry.cost, measure.exclusive_cost);
    }
    let mut tables: Vec<TableReport> = tables.into_values().collect();
    for table in &mut tables {
        table.ms = table.ms.map(|ms| Figure::thousandths(ms.0));
        table.cost = table.cost.map(|cost| Figure::hundredths(cost.0));
    }
    let weight = |table: &TableReport| (table.ms.unwrap_or_default().0, table.cost.unwrap_or_default().0);
    tables.sort_by(|left, right| {
        let (left, right) = (weight(left), weight(right));
        right.0.total_cmp(&left.0).then(right.1.total_cmp(&left.1))
    });
    tables
}

fn report_of(at: usize, node: &Node, measure: &Measures, with_properties: bool) -> NodeReport {
    let named = node.word("Subplan Name").map(octavo_toolkit::limits::excerpt);
    let workers = (measure.workers_planned.is_some() || measure.workers_launched.is_some())
        .then_some([measure.workers_planned.map(Figure), measure.workers_launched.map(Figure)]);
    NodeReport {
        id: at + 1,
        parent: node.parent.map(|parent| parent + 1),
        node: node.label(),
        role: match node.relation {
            Relation::Input => None,
            Relation::SubPlan => Some(named.unwrap_or_else(|| "SubPlan".to_owned())),
            Relation::InitPlan => Some(named.unwrap_or_else(|| "InitPlan".to_owned())),
            Relation::Cte => Some(named.unwrap_or_else(|| "CTE".to_owned())),
        },
        plan_rows: node.number("Plan Rows").map(Figure),
        rows: node.number("Actual Rows").map(Figure),
        loops: node.number("Actual Loops").map(Figure),
        off_by: measure.factor.map(|factor| {
            let fewer = !measure.underestimated && factor > 1.0;
            Figure::hundredths(if fewer { -factor } else { factor })
        }),
        total_ms: measure.total_ms.map(Figure::thousandths),
        own_ms: measure.exclusive_ms.map(Figure::thousandths),
        own_cost: measure.exclusive_cost.map(Figure::hundredths),
        workers,
        io: measure.io.map(|io| IoReport {
            read_ms: Figure::thousandths(io.read_ms),
            write_ms: Figure::thousandths(io.write_ms),
            read_per_second: Io::speed(io.read_blocks, io.read_ms).map(Figure::thousandths),
            write_per_second: Io::speed(io.written_blocks, io.write_ms).map(Figure::thousandths),
        }),
        properties: if with_properties { all_of(node) } else { BTreeMap::new() },
    }
}

fn all_of(node: &Node) -> BTreeMap<String, Value> {
    let mut all: BTreeMap<String, Value> = node.properties.clone().into_iter().collect();
    all.insert("Node Type".to_owned(), node.kind.clone().into());
    if !node.workers.is_empty() {
        all.insert("Workers".to_owned(), json!(node.workers));
    }
    all
}

/// A time for people.
fn ms(time: f64) -> String {
    if time >= 10_000.0 {
        format!("{} s", rounded(time / 1000.0))
    } else if time >= 100.0 {
        format!("{} ms", rounded(time))
    } else {
        format!("{} ms", Figure::thousandths(time).0)
    }
}

/// A number for people: whole from ten on, with separators.
fn rounded(number: f64) -> String {
    if number < 10.0 {
        return Figure::hundredths(number).0.to_string();
    }
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
