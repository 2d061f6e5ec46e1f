//! Input of any size for each tool, as people would send it: what time is measured over, by lines and by doubling.
//!
//! `tests/system/workloads/<tool>.json` holds the arguments, in which
//! - `{"$text": [block, ...]}` stands for a text: a block is lines, or `{"each": lines, "join": ","}`, which stands once for
//!   each unit, `join` between two of them;
//! - `{"$list": [item, ...]}` stands for a list, whose item `{"$each": value}` stands once for each unit.
//!
//! In what stands for each unit, `%n` is its number from 0, `%p` the one before (0 for the first), `%h` half of it, and `%(2*n+1)`
//! reckons, `%(2*n+1~)` within the units; `%b` spells it in operators (` * 2 + 1`), so that units differ in form; `%(N)` is how many
//! there are, everywhere. So names differ, refer to one another, and twice the units are twice the work.

use serde_json::Value;
use std::fs;
use std::path::Path;

/// The arguments of a call of a tool (its full name) with so many units of work.
///
/// # Panics
///
/// When the tool has no workload, or one of another form.
pub fn workload(tool: &str, units: usize) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads").join(format!("{tool}.json"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let template = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    filled(&template, Unit { number: None, count: units })
}

/// Lines of all texts in the arguments; an item of a list that is a short text is one.
pub fn lines_of(arguments: &Value) -> usize {
    match arguments {
        Value::String(text) => text.lines().count(),
        Value::Array(items) => items.iter().map(lines_of).sum(),
        Value::Object(members) => members.values().map(lines_of).sum(),
        _ => 0,
    }
}

#[derive(Clone, Copy)]
struct Unit {
    // Outside of what stands for each unit there is none.
    number: Option<usize>,
    count: usize,
}

impl Unit {
    fn all(count: usize) -> impl Iterator<Item = Self> {
        (0..count).map(move |number| Self { number: Some(number), count })
    }
}

fn filled(value: &Value, unit: Unit) -> Value {
    match value {
        Value::String(text) => Value::String(numbered(text, unit)),
        Value::Array(items) => items.iter().map(|item| filled(item, unit)).collect(),
        Value::Object(members) => {
            if let Some(blocks) = members.get("$text").and_then(Value::as_array) {
                return Value::String(blocks.iter().map(|block| block_text(block, unit)).collect());
            }
            if let Some(items) = members.get("$list").and_then(Value::as_array) {
                return items.iter().flat_map(|item| items_of(item, unit)).collect();
            }
            Value::Object(members.iter().map(|(name, member)| (name.clone(), filled(member, unit))).collect())
        }
        _ => value.clone(),
    }
}

fn items_of(item: &Value, unit: Unit) -> Vec<Value> {
    match item.get("$each") {
        Some(each) => Unit::all(unit.count).map(|unit| filled(each, unit)).collect(),
        None => vec![filled(item, unit)],
    }
}

fn block_text(block: &Value, unit: Unit) -> String {
    let Some(each) = block.get("each") else { return numbered(&lines(block), unit) };
    let each = lines(each);
    let join = block.get("join").and_then(Value::as_str).unwrap_or_default();
    let mut text = String::new();
    for unit in Unit::all(unit.count) {
        text.push_str(&numbered(each.trim_end_matches('\n'), unit));
        if unit.number != Some(unit.count - 1) {
            text.push_str(join);
        }
        let ends = each.len() - each.trim_end_matches('\n').len();
        text.push_str(&"\n".repeat(ends));
    }
    text
}

fn lines(block: &Value) -> String {
    block.as_array().into_iter().flatten().filter_map(Value::as_str).flat_map(|line| [line, "\n"]).collect()
}

fn numbered(text: &str, unit: Unit) -> String {
    let mut pieces = text.split('%');
    let mut made = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (term, rest) = match piece.strip_prefix('(').and_then(|piece| piece.split_once(')')) {
            Some(split) => split,
            None => piece.split_at_checked(1).unwrap_or_default(),
        };
        let spelt = (term == "b").then_some(unit.number).flatten().map(operators);
        if let Some(text) = spelt.or_else(|| reckoned(term, unit).map(|number| number.to_string())) {
            made.push_str(&text);
            made.push_str(rest);
        } else {
            made.push('%');
            made.push_str(piece);
        }
    }
    made
}

// Its binary digits, each an operator.
fn operators(number: usize) -> String {
    format!("{number:b}").chars().map(|digit| if digit == '1' { " * 2" } else { " + 1" }).collect()
}

// `n`, `7*n`, `n+1`, `7*n+1`, each with a `~` where it wraps around.
fn reckoned(term: &str, unit: Unit) -> Option<usize> {
    if let Some(term) = term.strip_suffix('~') {
        return reckoned(term, unit)?.checked_rem(unit.count);
    }
    let (times, rest) = match term.split_once('*') {
        Some((times, rest)) => (times.parse().ok()?, rest),
        None => (1, term),
    };
    let (name, added) = match rest.split_once('+') {
        Some((name, added)) => (name, added.parse().ok()?),
        None => (rest, 0),
    };
    let value = match name {
        "N" => unit.count,
        "n" => unit.number?,
        "p" => unit.number?.saturating_sub(1),
        "h" => unit.number? / 2,
        _ => return None,
    };
    Some(value * times + added)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_form_stands_once_for_each_unit() {
        let template = json!({
            "source": { "$text": [["[%(N)"], { "each": ["%n %p %h %(2*n+1~) 5% %s%b", ""], "join": "," }, ["]"]] },
            "files": { "$list": [{ "path": "a" }, { "$each": { "path": "b%n" } }] },
            "top": 3,
        });
        let made = filled(&template, Unit { number: None, count: 2 });
        assert_eq!(made["source"], "[2\n0 0 0 1 5% %s + 1,\n\n1 0 0 1 5% %s * 2\n\n]\n");
        assert_eq!(made["files"], json!([{ "path": "a" }, { "path": "b0" }, { "path": "b1" }]));
        assert_eq!((&made["top"], lines_of(&made)), (&json!(3), 9));
    }
}
