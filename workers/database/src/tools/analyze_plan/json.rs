//! Reads `EXPLAIN (FORMAT JSON)` of `PostgreSQL`, and finds the JSON in what clients print around it.

use super::frame::Line;
use super::plan::{Dialect, Format, Node, Plan, Properties, Relation};
use serde_json::Value;

/// The first JSON value of a text that has one, with the lines it was found in.
pub(super) fn find(lines: &[Line]) -> Option<Result<Value, serde_json::Error>> {
    let begins = |line: &Line| line.text.trim_start_matches(['"', ' ', '\t']).starts_with(['{', '[']);
    // A log has its own words before the plan, in the same line.
    let logged = |line: &Line| line.text.contains("plan: {") || line.text.contains("plan: [");
    let first = lines.iter().position(begins).or_else(|| lines.iter().position(logged))?;
    let text = joined(lines.get(first..).unwrap_or_default());
    let start = text.find(['{', '['])?;
    let text = text.get(start..)?;
    let read = |text: &str| serde_json::Deserializer::from_str(text).into_iter::<Value>().next();
    match read(text)? {
        Ok(value) => Some(Ok(value)),
        // pgAdmin doubles the quotes of each cell.
        Err(error) if text.contains("\"\"") => {
            Some(read(&text.replace("\"\"", "\"")).and_then(Result::ok).ok_or(error))
        }
        Err(error) => Some(Err(error)),
    }
}

/// The text of lines.
pub(super) fn joined(lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.text);
        text.push('\n');
    }
    text
}

/// The plan a value holds, if it is one of `PostgreSQL`.
pub(super) fn read(value: Value, lines: &[Line]) -> Option<Plan> {
    let (value, further) = match value {
        Value::Array(items) => {
            let count = items.len();
            (items.into_iter().next()?, count.saturating_sub(1))
        }
        other => (other, 0),
    };
    let Value::Object(mut facts) = value else { return None };
    let Value::Object(root) = facts.shift_remove("Plan")? else { return None };
    let mut plan = Plan {
        dialect: Dialect::PostgreSql,
        format: Format::Json,
        nodes: Vec::new(),
        facts,
        costs_nest: true,
        further,
    };
    let mut places = places(lines).into_iter();
    let mut waiting: Vec<(Properties, Option<usize>)> = vec![(root, None)];
    while let Some((mut properties, parent)) = waiting.pop() {
        let at = plan.nodes.len();
        let word =
            |properties: &Properties, name: &str| properties.get(name).and_then(Value::as_str).map(str::to_owned);
        let kind = kind(
            &word(&properties, "Node Type").unwrap_or_else(|| "Unknown".to_owned()),
            word(&properties, "Strategy").as_deref(),
            word(&properties, "Operation").as_deref(),
        );
        let mut node = Node::new(kind, parent, places.next().unwrap_or(1));
        let named = word(&properties, "Subplan Name").unwrap_or_default();
        node.relation = match word(&properties, "Parent Relationship").as_deref() {
            Some("InitPlan") if named.starts_with("CTE ") => Relation::Cte,
            Some("InitPlan") => Relation::InitPlan,
            Some("SubPlan") => Relation::SubPlan,
            Some(_) | None => Relation::Input,
        };
        if let Some(Value::Array(workers)) = properties.shift_remove("Workers") {
            node.workers = workers.into_iter().filter_map(object).collect();
        }
        if let Some(Value::Array(plans)) = properties.shift_remove("Plans") {
            waiting.extend(plans.into_iter().filter_map(object).rev().map(|child| (child, Some(at))));
        }
        node.properties = properties;
        plan.nodes.push(node);
    }
    Some(plan)
}

fn object(value: Value) -> Option<Properties> {
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

// The line of each `"Node Type"`, which comes before a node's children.
fn places(lines: &[Line]) -> Vec<u32> {
    let mut places = Vec::new();
    for line in lines {
        for (at, _) in line.text.match_indices("\"Node Type\"") {
            if !line.text.get(..at).is_some_and(|before| before.ends_with('\\')) {
                places.push(line.number);
            }
        }
    }
    places
}

/// A node type as the text format names it.
fn kind(node: &str, strategy: Option<&str>, operation: Option<&str>) -> String {
    match (node, strategy, operation) {
        ("Aggregate", Some("Sorted"), _) => "GroupAggregate".to_owned(),
        ("Aggregate", Some("Hashed"), _) => "HashAggregate".to_owned(),
        ("Aggregate", Some("Mixed"), _) => "MixedAggregate".to_owned(),
        ("ModifyTable", _, Some(operation)) => operation.to_owned(),
        _ => node.to_owned(),
    }
}
