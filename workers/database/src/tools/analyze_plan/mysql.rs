//! Reads `MySQL`'s plans: `EXPLAIN FORMAT=JSON` (both versions, `MariaDB`'s too) and the tree of `EXPLAIN ANALYZE`.
//!
//! Nodes get the property names of `PostgreSQL`'s JSON where they mean the same; times are for one loop, as there.

use super::frame::Line;
use super::plan::{Dialect, Format, Node, Plan, Properties, number, value_of};
use octavo_toolkit::limits::MAX_NESTING_DEPTH;
use serde_json::{Value, json};

/// What a table's access is called, by `access_type`.
const ACCESS: &[(&str, &str)] = &[
    ("ALL", "Full Table Scan"),
    ("const", "Constant Row"),
    ("eq_ref", "Unique Index Lookup"),
    ("fulltext", "Full-Text Lookup"),
    ("index", "Full Index Scan"),
    ("index_merge", "Index Merge"),
    ("index_subquery", "Index Lookup in Subquery"),
    ("range", "Index Range Scan"),
    ("ref", "Index Lookup"),
    ("ref_or_null", "Index Lookup or NULL"),
    ("system", "Constant Row"),
    ("unique_subquery", "Unique Index Lookup in Subquery"),
];

/// The plan a JSON value holds, if it is one of `MySQL`.
pub(super) fn read_json(value: &Value) -> Option<Plan> {
    let root = value.as_object()?;
    let mut plan = Plan {
        dialect: Dialect::MySql,
        format: Format::Json,
        nodes: Vec::new(),
        facts: Properties::new(),
        costs_nest: true,
        further: 0,
    };
    let second = root.get("query_plan").or_else(|| root.get("operation").map(|_| value));
    match (root.get("query_block"), second) {
        (Some(block), _) => {
            plan.costs_nest = false;
            walk_blocks(block, &mut plan);
        }
        (None, Some(tree)) => walk_operations(tree, &mut plan),
        (None, None) => return None,
    }
    (!plan.nodes.is_empty()).then_some(plan)
}

// A member's name and value, the node it belongs to, and whether it runs for each row of that node.
type Waiting<'v> = (&'v str, &'v Value, Option<usize>, bool);

// The first version: containers named by what they do, tables inside.
fn walk_blocks(block: &Value, plan: &mut Plan) {
    let mut waiting: Vec<Waiting<'_>> = vec![("query_block", block, None, false)];
    while let Some((name, value, parent, dependent)) = waiting.pop() {
        if let Value::Array(items) = value {
            let parent = if matches!(name, "nested_loop" | "query_specifications") && items.len() > 1 {
                let kind = if name == "nested_loop" { "Nested Loop" } else { "Union Members" };
                plan.nodes.push(Node::new(kind, parent, 1));
                Some(plan.nodes.len() - 1)
            } else {
                parent
            };
            waiting.extend(items.iter().rev().map(|item| ("", item, parent, dependent)));
            continue;
        }
        let Value::Object(members) = value else { continue };
        let here = match node_of(name, members, parent) {
            Some(mut node) => {
                if dependent {
                    node.set("dependent", true);
                }
                plan.nodes.push(node);
                Some(plan.nodes.len() - 1)
            }
            None => parent,
        };
        let dependent = members.get("dependent") == Some(&Value::Bool(true));
        let inner = members.iter().filter(|(name, value)| {
            (value.is_object() || value.is_array())
                && !matches!(
                    name.as_str(),
                    "cost_info" | "used_columns" | "possible_keys" | "used_key_parts" | "ref" | "key_parts"
                )
        });
        let mut inner: Vec<_> =
            inner.map(|(name, value)| (name.as_str(), value, here, dependent && name == "query_block")).collect();
        inner.reverse();
        waiting.extend(inner);
    }
}

fn node_of(name: &str, members: &Properties, parent: Option<usize>) -> Option<Node> {
    let word = |name: &str| members.get(name).and_then(Value::as_str);
    let kind = match name {
        "table" => match word("access_type") {
            Some(access) => ACCESS.iter().find(|(known, _)| *known == access).map_or(access, |(_, kind)| kind),
            None => "No Table",
        },
        "query_block" => "Query Block",
        "ordering_operation" | "filesort" => "Sort",
        "grouping_operation" => "Group",
        "duplicates_removal" => "Distinct",
        "buffer_result" => "Buffer",
        "windowing" => "Window",
        "union_result" => "Union",
        "materialized_from_subquery" | "materialized" => "Materialize",
        "temporary_table" => "Temporary Table",
        "block-nl-join" => "Block Nested Loop",
        "read_sorted_file" => "Read Sorted File",
        "attached_subqueries" | "select_list_subqueries" | "having_subqueries" | "order_by_subqueries" => return None,
        _ => return None,
    };
    let mut node = Node::new(kind, parent, 1);
    for (name, value) in members {
        if !value.is_object() && !value.as_array().is_some_and(|items| items.iter().any(Value::is_object)) {
            node.properties.insert(name.clone(), value.clone());
        }
    }
    let copies = [
        ("table_name", "Relation Name"),
        ("key", "Index Name"),
        ("rows_examined_per_scan", "Plan Rows"),
        ("rows", "Plan Rows"),
        ("r_rows", "Actual Rows"),
        ("r_loops", "Actual Loops"),
        ("attached_condition", "Filter"),
        ("filtered", "Filtered Percent"),
    ];
    for (theirs, ours) in copies {
        if let Some(value) = members.get(theirs).filter(|value| !value.is_null()) {
            node.properties.insert(ours.to_owned(), value.clone());
        }
    }
    let costs = members.get("cost_info").and_then(Value::as_object);
    let cost = |name: &str| costs.and_then(|costs| costs.get(name)).and_then(number);
    if let (Some(read), Some(evaluate)) = (cost("read_cost"), cost("eval_cost")) {
        node.set("Own Cost", read + evaluate);
    } else if let Some(sort) = cost("sort_cost") {
        node.set("Own Cost", sort);
    }
    if let Some(total) = cost("prefix_cost").or_else(|| cost("query_cost")) {
        node.set("Total Cost", total);
    }
    let times: Vec<f64> =
        ["r_table_time_ms", "r_other_time_ms"].iter().filter_map(|name| members.get(*name).and_then(number)).collect();
    let whole = members.get("r_total_time_ms").and_then(number);
    if name == "table" && !times.is_empty() {
        node.set("Own Time", times.iter().sum::<f64>());
    } else if let Some(whole) = whole {
        node.set("Actual Total Time", whole / node.number("Actual Loops").unwrap_or(1.0).max(1.0));
    }
    Some(node)
}

// The second version: one shape for every step, its inputs below it.
fn walk_operations(tree: &Value, plan: &mut Plan) {
    let mut waiting: Vec<(&Value, Option<usize>)> = vec![(tree, None)];
    while let Some((value, parent)) = waiting.pop() {
        let Value::Object(members) = value else { continue };
        let operation = members.get("operation").and_then(Value::as_str).unwrap_or("Step");
        let mut node = titled(operation, parent, 1);
        for (theirs, ours) in [
            ("estimated_rows", "Plan Rows"),
            ("estimated_total_cost", "Total Cost"),
            ("estimated_first_row_cost", "Startup Cost"),
            ("actual_rows", "Actual Rows"),
            ("actual_loops", "Actual Loops"),
            ("actual_first_row_ms", "Actual Startup Time"),
            ("actual_last_row_ms", "Actual Total Time"),
            ("table_name", "Relation Name"),
            ("alias", "Alias"),
            ("index_name", "Index Name"),
            ("condition", "Filter"),
        ] {
            if let Some(value) = members.get(theirs) {
                node.properties.insert(ours.to_owned(), value.clone());
            }
        }
        for (name, value) in members {
            if !value.is_object() && !value.is_array() && name != "operation" {
                node.properties.insert(name.clone(), value.clone());
            }
        }
        plan.nodes.push(node);
        let here = Some(plan.nodes.len() - 1);
        for name in ["inputs_from_select_list", "inputs"] {
            let inputs = members.get(name).and_then(Value::as_array);
            waiting.extend(inputs.into_iter().flatten().rev().map(|input| (input, here)));
        }
    }
}

/// Reads the tree that `EXPLAIN ANALYZE` and `EXPLAIN FORMAT=TREE` print.
pub(super) fn read_tree(lines: &[Line]) -> Option<Plan> {
    let mut plan = Plan {
        dialect: Dialect::MySql,
        format: Format::Text,
        nodes: Vec::new(),
        facts: Properties::new(),
        costs_nest: true,
        further: 0,
    };
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for line in lines {
        // mysql's client prints `EXPLAIN: ` before the tree, with \G.
        let text = line.text.strip_prefix("EXPLAIN: ").unwrap_or(&line.text);
        let trimmed = text.trim_start();
        let Some(body) = trimmed.strip_prefix("-> ") else { continue };
        let indent = text.len() - trimmed.len();
        while stack.last().is_some_and(|(depth, _)| *depth >= indent) {
            stack.pop();
        }
        if stack.len() > MAX_NESTING_DEPTH {
            continue;
        }
        if stack.is_empty() && !plan.nodes.is_empty() {
            plan.further += 1;
            break;
        }
        let mut node = tree_node(body.trim_end(), line.number);
        node.parent = stack.last().map(|(_, at)| *at);
        plan.nodes.push(node);
        stack.push((indent, plan.nodes.len() - 1));
    }
    (!plan.nodes.is_empty()).then_some(plan)
}

// `Filter: (t.a > 1)  (cost=0.55 rows=3) (actual time=0.03..0.05 rows=3 loops=1)`.
fn tree_node(body: &str, line: u32) -> Node {
    let mut rest = body;
    let mut figures = Properties::new();
    if let Some(before) = rest.strip_suffix("(never executed)") {
        rest = before.trim_end();
        for name in ["Actual Startup Time", "Actual Total Time", "Actual Rows", "Actual Loops"] {
            figures.insert(name.to_owned(), json!(0));
        }
    }
    for (start, rows) in [("(actual time=", "Actual Rows"), ("(cost=", "Plan Rows")] {
        let Some(at) = rest.rfind(start).filter(|_| rest.ends_with(')')) else { continue };
        let inner = rest.get(at + 1..rest.len() - 1).unwrap_or_default();
        for word in inner.split_whitespace() {
            let Some((name, value)) = word.split_once('=') else { continue };
            let (first, last) = value.split_once("..").map_or((None, value), |(first, last)| (Some(first), last));
            let (startup, total) = if rows == "Actual Rows" {
                ("Actual Startup Time", "Actual Total Time")
            } else {
                ("Startup Cost", "Total Cost")
            };
            match name {
                "time" | "cost" => {
                    if let Some(first) = first {
                        figures.insert(startup.to_owned(), value_of(first));
                    }
                    figures.insert(total.to_owned(), value_of(last));
                }
                "rows" => {
                    figures.insert(rows.to_owned(), value_of(last));
                }
                "loops" => {
                    figures.insert("Actual Loops".to_owned(), value_of(last));
                }
                _ => {}
            }
        }
        rest = rest.get(..at).unwrap_or_default().trim_end();
    }
    let mut node = titled(rest, None, line);
    node.properties.extend(figures);
    node
}

// `Index lookup on t using idx (a=1)`, `Sort: t.a DESC, limit input to 10 row(s) per chunk`.
fn titled(title: &str, parent: Option<usize>, line: u32) -> Node {
    let (kind, rest) = match title.split_once(": ") {
        Some((kind, detail)) if !kind.contains(" on ") => (kind, Some(detail)),
        _ => (title, None),
    };
    let mut node = Node::new(kind.trim(), parent, line);
    if let Some(detail) = rest {
        node.set(if kind == "Filter" { "Filter" } else { "Detail" }, detail);
    } else if let Some((kind, target)) = title.split_once(" on ") {
        node = Node::new(kind.trim(), parent, line);
        let mut words = target.split(' ');
        if let Some(table) = words.next() {
            node.set("Relation Name", table);
        }
        if let Some(("using", index)) = words.next().zip(words.next()) {
            node.set("Index Name", index);
        }
        if let Some(at) = target.find(" (") {
            node.set("Index Cond", target.get(at + 1..).unwrap_or_default());
        }
    }
    node
}

#[cfg(test)]
mod tests {
    use super::super::frame::lines_of;
    use super::*;

    #[test]
    fn trees_are_read() {
        let plan = read_tree(&lines_of(
            "EXPLAIN: -> Limit: 10 row(s)  (cost=0.7 rows=1) (actual time=0.1..0.5 rows=2 loops=1)\n    -> Nested loop inner join  (cost=0.7 rows=1e+3) (actual time=0.1..0.4 rows=2 loops=1)\n        -> Filter: (a.b > 1)  (cost=0.2 rows=1) (actual time=0.1..0.2 rows=2 loops=1)\n            -> Table scan on a  (cost=0.2 rows=3) (actual time=0.1..0.1 rows=3 loops=1)\n        -> Index lookup on c using idx (d=a.b)  (cost=0.1 rows=1) (never executed)\n",
        ))
        .expect("a plan");
        assert_eq!(
            plan.nodes.iter().map(|node| node.parent).collect::<Vec<_>>(),
            [None, Some(0), Some(1), Some(2), Some(1)]
        );
        assert_eq!(plan.nodes[1].number("Plan Rows"), Some(1000.0));
        assert_eq!(plan.nodes[4].label(), "Index lookup using idx on c");
        assert_eq!(plan.nodes[4].number("Actual Loops"), Some(0.0));
    }

    #[test]
    fn both_versions_of_json_are_read() {
        let first = json!({"query_block": {"select_id": 1, "cost_info": {"query_cost": "2.5"}, "ordering_operation": {
        "using_filesort": true,
        "nested_loop": [
            {"table": {"table_name": "a", "access_type": "ALL", "rows_examined_per_scan": 10, "cost_info": {"read_cost": "1.0", "eval_cost": "0.5", "prefix_cost": "1.5"}}},
            {"table": {"table_name": "b", "access_type": "eq_ref", "key": "PRIMARY", "ref": ["t.a"]}}
        ]}}});
        let plan = read_json(&first).expect("a plan");
        let kinds: Vec<&str> = plan.nodes.iter().map(|node| node.kind.as_str()).collect();
        assert_eq!(kinds, ["Query Block", "Sort", "Nested Loop", "Full Table Scan", "Unique Index Lookup"]);
        assert_eq!(plan.nodes[3].number("Own Cost"), Some(1.5));
        let second = json!({"query_plan": {"operation": "Filter: (a > 1)", "actual_last_row_ms": 2.5, "inputs": [{"operation": "Table scan on t", "table_name": "t"}]}});
        assert_eq!(read_json(&second).expect("a plan").nodes[1].parent, Some(0));
        assert!(read_json(&json!({"a": 1})).is_none());
    }
}
