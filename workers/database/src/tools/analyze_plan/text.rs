//! Reads `PostgreSQL`'s text format: who belongs to whom is told by indentation, as people paste it.
//!
//! Properties get the names and types of the JSON format ([`super::detail`] reads them), so that everything after the reader
//! knows one form.

use super::detail;
use super::frame::Line;
use super::plan::{Dialect, Format, Node, Plan, Properties, Relation, value_of};
use super::title;
use octavo_toolkit::limits::MAX_NESTING_DEPTH;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Longest group of figures behind a node's title, in bytes: looked for from the end of each line.
const MAX_FIGURES_BYTES: usize = 1_024;

/// Reads a plan; none where no line is a node.
pub(super) fn read(lines: &[Line]) -> Option<Plan> {
    let lines = unwrapped(lines);
    let has_figures = lines.iter().any(|line| figures(&line.text).is_some());
    let plan = Plan {
        dialect: Dialect::PostgreSql,
        format: Format::Text,
        nodes: Vec::new(),
        facts: Properties::new(),
        costs_nest: true,
        further: 0,
    };
    let mut reader = Reader { plan, stack: Vec::new(), has_figures, over: false, workers: BTreeMap::new() };
    for line in &lines {
        let text = line.text.replace('\t', "    ");
        let trimmed = unquoted(text.trim());
        if !trimmed.is_empty() {
            reader.line(text.len() - text.trim_start().len(), trimmed, line.number);
        }
    }
    (!reader.plan.nodes.is_empty()).then_some(reader.plan)
}

// Lines that a client cut at some width, put together again.
fn unwrapped(lines: &[Line]) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut last = Seen::default();
    let mut query = false;
    let has_figures = lines.iter().any(|line| figures(&line.text).is_some());
    for line in lines {
        let text = &line.text;
        let trimmed = text.trim_start();
        query = trimmed.starts_with("Query Text:") || query && figures(text).is_none();
        if let Some(before) = out.last_mut().filter(|_| !query && !trimmed.is_empty()) {
            let indent = text.len() - trimmed.len();
            let figured = || figures_by(&before.text, || last.quotes % 2 == 1).is_some();
            let node = trimmed.starts_with("->") && !last.is_open();
            let continues = !node
                && (last.is_open()
                    || !is_footer(trimmed)
                        && (trimmed.starts_with('(')
                            || closes_first(trimmed)
                            || before.text.trim_end().ends_with(',') && last.indent != indent
                            || !text.starts_with([' ', '\t'])
                                && !is_property(trimmed)
                                // A node's title that has not come to its figures yet is cut.
                                && (figured() || has_figures && last.arrow)));
            if continues {
                before.text.push_str(text);
                last.read(text);
                continue;
            }
        }
        last = Seen::default();
        last.read(text);
        out.push(line.clone());
    }
    out
}

// What is known of a line so far: each part that is put to it is read once.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    // How many parentheses are open, all and those outside of quotes.
    depth: [i32; 2],
    quote: Option<char>,
    // Double quotes.
    quotes: usize,
    // Its first blanks, and whether an arrow follows them.
    indent: usize,
    begun: bool,
    arrow: bool,
}

impl Seen {
    fn read(&mut self, text: &str) {
        if !self.begun {
            let trimmed = text.trim_start();
            self.indent += text.len() - trimmed.len();
            self.begun = !trimmed.is_empty();
            self.arrow = trimmed.starts_with("->");
        }
        for c in text.chars() {
            self.quotes += usize::from(c == '"');
            match (c, self.quote) {
                ('\'' | '"', None) => self.quote = Some(c),
                (_, Some(open)) if open == c => self.quote = None,
                ('(', _) => {
                    self.depth = [self.depth[0] + 1, self.depth[1] + i32::from(self.quote.is_none())];
                }
                (')', _) => {
                    self.depth = [self.depth[0] - 1, self.depth[1] - i32::from(self.quote.is_none())];
                }
                _ => {}
            }
        }
    }

    // Whether a parenthesis is left open; those in quotes count only where a quote is left open too.
    fn is_open(&self) -> bool {
        if self.quote.is_some() { self.depth[0] > 0 } else { self.depth[1] > 0 }
    }
}

// Without the last quote of a client, where it belongs to no other.
fn unquoted(text: &str) -> &str {
    unquoted_by(text, || text.matches('"').count() % 2 == 1)
}

// The same where it may be known already whether the quotes are an odd number.
fn unquoted_by(text: &str, odd: impl FnOnce() -> bool) -> &str {
    match text.strip_suffix('"') {
        Some(inner) if odd() => inner.trim_end(),
        Some(_) | None => text,
    }
}

fn closes_first(text: &str) -> bool {
    match (text.find(')'), text.find('(')) {
        (Some(close), Some(open)) => close < open,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

// What stands after the nodes, whatever its indentation.
fn is_footer(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "total runtime",
        "planning",
        "execution time",
        "execution:",
        "time:",
        "jit:",
        "trigger ",
        "settings:",
        "serialization:",
        "query identifier:",
        "query text:",
        "filter:",
        "output:",
    ];
    let start: String = text.chars().take(24).collect::<String>().to_lowercase();
    STARTS.iter().any(|known| start.starts_with(known))
}

fn is_property(text: &str) -> bool {
    let Some((name, _)) = text.split_once(':') else { return false };
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || " -_/".contains(c))
}

/// What stands behind a node's title.
#[derive(Debug, Default, Clone, PartialEq)]
struct Figures<'t> {
    title: &'t str,
    cost: Option<[f64; 4]>,
    time: Option<[f64; 2]>,
    rows: Option<&'t str>,
    loops: Option<f64>,
    never: bool,
}

fn figures(text: &str) -> Option<Figures<'_>> {
    figures_by(text, || text.matches('"').count() % 2 == 1)
}

fn figures_by(text: &str, odd: impl FnOnce() -> bool) -> Option<Figures<'_>> {
    let mut rest = unquoted_by(text.trim_end(), odd);
    let mut found = Figures::default();
    if let Some((before, inner)) = group(rest)
        && let Some(actual) = inner.strip_prefix("actual")
    {
        for word in actual.split_whitespace() {
            match word.split_once('=')? {
                ("time", range) => found.time = Some(range_of(range)?),
                ("rows", rows) => found.rows = Some(rows),
                ("loops", loops) => found.loops = loops.parse().ok(),
                _ => {}
            }
        }
        rest = before;
    } else if let Some(before) = rest.strip_suffix("(never executed)") {
        found.never = true;
        rest = before.trim_end();
    }
    if let Some((before, inner)) = group(rest)
        && inner.starts_with("cost=")
    {
        let mut cost = [0.0; 4];
        for word in inner.split_whitespace() {
            match word.split_once('=')? {
                ("cost", range) => [cost[0], cost[1]] = range_of(range)?,
                ("rows", rows) => cost[2] = rows.parse().ok()?,
                ("width", width) => cost[3] = width.parse().ok()?,
                _ => {}
            }
        }
        found.cost = Some(cost);
        rest = before;
    }
    found.title = rest.trim();
    (found.cost.is_some() || found.rows.is_some() || found.never).then_some(found)
}

// The last parenthesised group of a text, and what comes before it.
fn group(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_suffix(')')?;
    let open = text.bytes().rev().take(MAX_FIGURES_BYTES).position(|byte| byte == b'(')?;
    let (before, inner) = text.split_at_checked(text.len() - open - 1)?;
    Some((before.trim_end(), inner.get(1..)?))
}

fn range_of(text: &str) -> Option<[f64; 2]> {
    let (from, to) = text.split_once("..")?;
    Some([from.parse().ok()?, to.parse().ok()?])
}

/// Who a line further in belongs to.
#[derive(Debug, Clone)]
enum Owner {
    Node(usize),
    /// Nodes below belong to the first as plans of this kind and name.
    Sub(usize, Relation, String),
    Worker(usize, usize),
    WorkerJit(usize, usize),
    /// A section beside the nodes: `Planning`, `JIT`, `Serialization`.
    Section(&'static str),
}

struct Reader {
    plan: Plan,
    stack: Vec<(usize, Owner)>,
    has_figures: bool,
    /// Whether a second plan has begun; it is counted and left alone.
    over: bool,
    /// Places of workers, by node and number.
    workers: BTreeMap<(usize, u32), usize>,
}

impl Reader {
    fn line(&mut self, indent: usize, text: &str, number: u32) {
        if let Some(query) = text.strip_prefix("Query Text:") {
            self.plan.facts.insert("Query Text".to_owned(), query.trim().into());
            return;
        }
        if self.node(indent, text, number) || self.over {
            return;
        }
        if self.plan.nodes.is_empty() {
            if let Some(Value::String(query)) = self.plan.facts.get_mut("Query Text") {
                query.push('\n');
                query.push_str(text);
            }
            return;
        }
        if self.sub(indent, text) || self.section(indent, text) {
            return;
        }
        self.pop(indent);
        if self.worker(indent, text) || self.trigger(text) {
            return;
        }
        self.property(text);
    }

    fn pop(&mut self, indent: usize) {
        // The root stays: pasted plans lose the indentation of their first line.
        while self.stack.len() > 1 && self.stack.last().is_some_and(|(depth, _)| *depth >= indent) {
            self.stack.pop();
        }
    }

    fn node(&mut self, indent: usize, text: &str, number: u32) -> bool {
        let arrow = text.strip_prefix("->");
        let body = arrow.unwrap_or(text).trim();
        let figures = figures(body);
        if self.over && arrow.is_some() {
            return true;
        }
        let first = self.plan.nodes.is_empty();
        let bare = Figures { title: body, ..Figures::default() };
        let figures = match figures {
            Some(figures) if first || arrow.is_some() || !is_property(body) => figures,
            Some(_) => return false,
            // EXPLAIN (COSTS OFF) titles its nodes alone.
            None if !self.has_figures && (first && title::is_node(body) || arrow.is_some()) => bare,
            None => return false,
        };
        if arrow.is_none() && !first && figures.cost.is_some() {
            self.plan.further += 1;
            self.over = true;
        }
        if figures.title.is_empty() || arrow.is_none() && !first {
            return !first;
        }
        self.pop(indent);
        let owner = self.stack.iter().rev().find_map(|(_, owner)| match owner {
            Owner::Node(at) => Some((*at, Relation::Input, None)),
            Owner::Sub(at, relation, name) => Some((*at, *relation, Some(name.clone()))),
            Owner::Worker(..) | Owner::WorkerJit(..) | Owner::Section(_) => None,
        });
        if self.stack.len() > MAX_NESTING_DEPTH {
            return true;
        }
        let (parent, relation, name) = match owner {
            Some((at, relation, name)) => (Some(at), relation, name),
            None if first => (None, Relation::Input, None),
            None => (Some(0), Relation::Input, None),
        };
        let mut node = title::read(figures.title, parent, number);
        node.relation = relation;
        if let Some(name) = name {
            let relationship = if relation == Relation::SubPlan { "SubPlan" } else { "InitPlan" };
            node.set("Parent Relationship", relationship);
            node.set("Subplan Name", name);
        }
        measure(&mut node, &figures);
        self.plan.nodes.push(node);
        self.stack.push((indent, Owner::Node(self.plan.nodes.len() - 1)));
        true
    }

    fn sub(&mut self, indent: usize, text: &str) -> bool {
        let relation = if text.strip_prefix("CTE ").is_some_and(|name| !name.is_empty()) {
            Relation::Cte
        } else if text.starts_with("InitPlan ") || text == "InitPlan" {
            Relation::InitPlan
        } else if text.starts_with("SubPlan ") || text == "SubPlan" {
            Relation::SubPlan
        } else {
            return false;
        };
        self.pop(indent);
        let node = self.stack.iter().rev().find_map(|(_, owner)| match owner {
            Owner::Node(at) | Owner::Sub(at, ..) => Some(*at),
            Owner::Worker(..) | Owner::WorkerJit(..) | Owner::Section(_) => None,
        });
        self.stack.push((indent, Owner::Sub(node.unwrap_or(0), relation, text.to_owned())));
        true
    }

    fn section(&mut self, indent: usize, text: &str) -> bool {
        let (section, value): (&'static str, Value) = match text {
            "Planning:" => ("Planning", json!({})),
            "JIT:" => {
                let worker = self
                    .stack
                    .iter()
                    .rev()
                    .find(|(depth, owner)| *depth < indent && !matches!(owner, Owner::WorkerJit(..)));
                if let Some((_, Owner::Worker(node, worker))) = worker.cloned() {
                    self.pop(indent);
                    if let Some(worker) = self.plan.nodes.get_mut(node).and_then(|node| node.workers.get_mut(worker)) {
                        worker.insert("JIT".to_owned(), json!({}));
                    }
                    self.stack.push((indent, Owner::WorkerJit(node, worker)));
                    return true;
                }
                ("JIT", json!({}))
            }
            _ if text.starts_with("Serialization:") => ("Serialization", detail::serialization(text)),
            _ => return false,
        };
        self.plan.facts.insert(section.to_owned(), value);
        self.stack.truncate(1);
        self.stack.push((indent, Owner::Section(section)));
        true
    }

    fn worker(&mut self, indent: usize, text: &str) -> bool {
        let Some((number, rest)) = text.strip_prefix("Worker ").and_then(|rest| rest.split_once(':')) else {
            return false;
        };
        let Ok(number) = number.trim().parse::<u32>() else { return false };
        let Some(at) = self.stack.iter().rev().find_map(|(_, owner)| match owner {
            Owner::Node(at) => Some(*at),
            _ => None,
        }) else {
            return false;
        };
        let Some(node) = self.plan.nodes.get_mut(at) else { return false };
        let slot = *self.workers.entry((at, number)).or_insert_with(|| {
            node.workers.push(Properties::from_iter([("Worker Number".to_owned(), json!(number))]));
            node.workers.len() - 1
        });
        if let Some(worker) = node.workers.get_mut(slot) {
            let rest = rest.trim();
            match figures(&format!("({rest})")) {
                Some(figures) => {
                    let mut scratch = Node::new("", None, 0);
                    measure(&mut scratch, &figures);
                    worker.extend(scratch.properties);
                }
                None => detail::read(rest, worker),
            }
        }
        self.stack.push((indent, Owner::Worker(at, slot)));
        true
    }

    // `Trigger for constraint fk on orders: time=1.5 calls=10`.
    fn trigger(&mut self, text: &str) -> bool {
        let Some((name, rest)) = text.strip_prefix("Trigger ").and_then(|rest| rest.rsplit_once(':')) else {
            return false;
        };
        let mut trigger = Properties::new();
        trigger.insert("Trigger Name".to_owned(), name.trim().into());
        for word in rest.split_whitespace() {
            match word.split_once('=') {
                Some(("time", time)) => trigger.insert("Time".to_owned(), value_of(time)),
                Some(("calls", calls)) => trigger.insert("Calls".to_owned(), value_of(calls)),
                _ => continue,
            };
        }
        let list = self.plan.facts.entry("Triggers").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(Value::Object(trigger));
        }
        self.stack.truncate(1);
        true
    }

    fn property(&mut self, text: &str) {
        if is_footer(text) && !text.starts_with("Filter:") && !text.starts_with("Output:") {
            detail::read(text, &mut self.plan.facts);
            self.stack.truncate(1);
            return;
        }
        match self.stack.last().map(|(_, owner)| owner.clone()) {
            Some(Owner::Node(at) | Owner::Sub(at, ..)) => {
                if let Some(node) = self.plan.nodes.get_mut(at) {
                    detail::read(text, &mut node.properties);
                }
            }
            Some(Owner::Worker(at, slot)) => {
                if let Some(worker) = self.plan.nodes.get_mut(at).and_then(|node| node.workers.get_mut(slot)) {
                    detail::read(text, worker);
                }
            }
            Some(Owner::WorkerJit(at, slot)) => {
                let worker = self.plan.nodes.get_mut(at).and_then(|node| node.workers.get_mut(slot));
                if let Some(Value::Object(jit)) = worker.and_then(|worker| worker.get_mut("JIT")) {
                    detail::read(text, jit);
                }
            }
            Some(Owner::Section(name)) => {
                if let Some(Value::Object(section)) = self.plan.facts.get_mut(name) {
                    detail::read(text, section);
                }
            }
            None => {}
        }
    }
}

fn measure(node: &mut Node, figures: &Figures<'_>) {
    if let Some([startup, total, rows, width]) = figures.cost {
        node.set("Startup Cost", startup);
        node.set("Total Cost", total);
        node.set("Plan Rows", whole(rows));
        node.set("Plan Width", whole(width));
    }
    if let Some([first, last]) = figures.time {
        node.set("Actual Startup Time", first);
        node.set("Actual Total Time", last);
    }
    if let Some(rows) = figures.rows {
        node.set("Actual Rows", value_of(rows));
    }
    if let Some(loops) = figures.loops {
        node.set("Actual Loops", whole(loops));
    }
    if figures.never {
        node.set("Actual Startup Time", 0.0);
        node.set("Actual Total Time", 0.0);
        node.set("Actual Rows", 0);
        node.set("Actual Loops", 0);
    }
}

// Counts are whole numbers in JSON.
fn whole(number: f64) -> Value {
    value_of(&format!("{number}"))
}

#[cfg(test)]
mod tests {
    use super::super::frame::lines_of;
    use super::*;

    fn plan(source: &str) -> Plan {
        read(&lines_of(source)).expect("a plan")
    }

    #[test]
    fn indentation_makes_the_tree() {
        let plan = plan(
            " Nested Loop  (cost=0.00..2.00 rows=1 width=4) (actual time=0.1..0.5 rows=1 loops=1)\n   InitPlan 1 (returns $0)\n     ->  Result  (cost=0.00..0.01 rows=1 width=4) (never executed)\n   ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual rows=0.50 loops=2)\n         Filter: (a = '('::text)\n         Rows Removed by Filter: 5\n   ->  Index Only Scan Backward using i on public.u v  (cost=0.00..1.00 rows=1 width=4) (actual rows=1 loops=1)\n Planning Time: 0.100 ms\n Trigger for constraint fk: time=1.5 calls=2\n Execution Time: 0.600 ms\n",
        );
        assert_eq!(plan.nodes.iter().map(|node| node.parent).collect::<Vec<_>>(), [None, Some(0), Some(0), Some(0)]);
        assert_eq!(plan.nodes[1].relation, Relation::InitPlan);
        assert_eq!(plan.nodes[2].properties["Filter"], "(a = '('::text)");
        assert_eq!(plan.nodes[2].properties["Rows Removed by Filter"], 5);
        assert_eq!(plan.nodes[2].properties["Actual Rows"], 0.5);
        assert_eq!(plan.nodes[3].label(), "Index Only Scan Backward using i on public.u v");
        assert_eq!(plan.fact("Execution Time"), Some(0.6));
        assert_eq!(plan.facts["Triggers"][0]["Calls"], 2);
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let plan = plan(
            " Sort  (cost=32.88..32.96 rows=32 width=224) (actual time=0.532..0.532 \nrows=0 loops=1)\n   ->  Hash Join  (cost=1.09..32.08 rows=32 width=224) (actual time=0.5\n24..0.525 rows=0 loops=1)\n         Hash Cond: (c.relnamespace = n\n.oid)\n",
        );
        assert_eq!(plan.nodes.len(), 2);
        assert_eq!(plan.nodes[1].number("Actual Startup Time"), Some(0.524));
        assert_eq!(plan.nodes[1].word("Hash Cond"), Some("(c.relnamespace = n.oid)"));
    }

    #[test]
    fn parts_of_a_line_are_read_once_and_as_the_whole() {
        let parts = ["  ->  Filter: (a = '(", " x')", " \"", ")(\" '", "(b"];
        let mut seen = Seen::default();
        let mut whole = String::new();
        for part in parts {
            seen.read(part);
            whole.push_str(part);
            let mut once = Seen::default();
            once.read(&whole);
            assert_eq!(seen, once, "{whole}");
        }
        assert!(seen.is_open() && seen.arrow && seen.indent == 2);
        // Many lines that each go on with the one before.
        let broken = format!("->  Sort  (cost=1.0\n{}", "a:\n b,\n".repeat(20_000));
        assert_eq!(unwrapped(&lines_of(&broken)).len(), 1);
        let far = format!("Sort  (cost=0.00..1.00{}rows=1 width=4)", " ".repeat(MAX_FIGURES_BYTES));
        assert_eq!(figures(&far), None);
        assert!(figures(&far.replace(&" ".repeat(MAX_FIGURES_BYTES), " ")).is_some());
    }

    #[test]
    fn plans_without_costs_are_read() {
        let plan = plan(
            "Bitmap Heap Scan on a\n   Recheck Cond: (id = 42)\n   ->  Bitmap Index Scan on a_pkey\n         Index Cond: (id = 42)\n",
        );
        assert_eq!(plan.nodes.len(), 2);
        assert_eq!(plan.nodes[1].word("Index Name"), Some("a_pkey"));
        assert!(read(&lines_of("SELECT 1;\n")).is_none());
    }
}
