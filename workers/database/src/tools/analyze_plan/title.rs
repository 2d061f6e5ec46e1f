//! Reads the title of a node in the text format: its type, join type, partial mode, table, index, alias.

use super::plan::Node;

/// Node types that begin a plan where no figures follow.
const STARTS: &[&str] = &[
    "Aggregate",
    "Append",
    "Bitmap",
    "BitmapAnd",
    "BitmapOr",
    "CTE Scan",
    "Custom Scan",
    "Delete on",
    "Finalize",
    "Foreign",
    "Function Scan",
    "Gather",
    "Group",
    "GroupAggregate",
    "Hash",
    "HashAggregate",
    "HashSetOp",
    "Incremental Sort",
    "Index",
    "Insert on",
    "Limit",
    "LockRows",
    "Materialize",
    "Memoize",
    "Merge",
    "MixedAggregate",
    "Named Tuplestore",
    "Nested Loop",
    "Parallel",
    "Partial",
    "ProjectSet",
    "Recursive Union",
    "Result",
    "Sample Scan",
    "Seq Scan",
    "SetOp",
    "Sort",
    "Subquery Scan",
    "Table Function",
    "Tid",
    "Unique",
    "Update on",
    "Values Scan",
    "WindowAgg",
    "WorkTable",
];

/// Whether a line without figures can be a node.
pub(super) fn is_node(text: &str) -> bool {
    STARTS.iter().any(|start| text.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
        && !text.contains(';')
        && !text.contains("(cost=")
        && !text.contains("(actual")
}

/// Reads a title.
pub(super) fn read(title: &str, parent: Option<usize>, line: u32) -> Node {
    let mut node = Node::new("", parent, line);
    let mut rest = title;
    loop {
        rest = rest.trim_start();
        let flags = [("Async ", "Async Capable"), ("Parallel ", "Parallel Aware")];
        if let Some((word, name)) = flags.iter().find(|(word, _)| rest.starts_with(word)) {
            node.set(name, true);
            rest = rest.get(word.len()..).unwrap_or_default();
        } else if let Some(word) = ["Partial", "Finalize", "Simple"].iter().find(|word| starts_with_word(rest, word)) {
            node.set("Partial Mode", *word);
            rest = rest.get(word.len()..).unwrap_or_default();
        } else {
            break;
        }
    }
    for name in ["Parallel Aware", "Async Capable"] {
        if !node.properties.contains_key(name) {
            node.set(name, false);
        }
    }
    let (kind, target) = split(rest);
    let (kind, index) = match kind.split_once(" using ") {
        Some((kind, index)) => (kind, Some(index)),
        None => (kind, None),
    };
    let (kind, backward) = match kind.strip_suffix(" Backward") {
        Some(kind) => (kind, true),
        None => (kind, false),
    };
    if matches!(kind, "Index Scan" | "Index Only Scan") {
        node.set("Scan Direction", if backward { "Backward" } else { "Forward" });
    }
    if let Some(index) = index {
        node.set("Index Name", index.trim());
    }
    node.kind = joined(&mut node, kind);
    if let Some(target) = target {
        aim(&mut node, target);
    }
    node
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| rest.starts_with(' '))
}

// At ` on `, outside of quotes.
fn split(title: &str) -> (&str, Option<&str>) {
    let mut quoted = false;
    for (at, c) in title.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted && title.get(at..).is_some_and(|rest| rest.starts_with(" on ")) => {
                let target = title.get(at + " on ".len()..).map(str::trim);
                return (title.get(..at).unwrap_or(title).trim(), target);
            }
            _ => {}
        }
    }
    (title.trim(), None)
}

// `Hash Left Join` is a Hash Join of type Left; `Nested Loop Semi Join` a Nested Loop of type Semi.
fn joined(node: &mut Node, kind: &str) -> String {
    for base in ["Hash", "Merge", "Nested Loop"] {
        let inner = kind.strip_prefix(base).and_then(|rest| rest.strip_suffix("Join"));
        let Some(join) = inner.map(str::trim) else { continue };
        if !join.is_empty() {
            node.set("Join Type", join);
        }
        return if base == "Nested Loop" { base.to_owned() } else { format!("{base} Join") };
    }
    for (strategy, prefix) in [("Hashed", "HashSetOp "), ("Sorted", "SetOp ")] {
        if let Some(command) = kind.strip_prefix(prefix) {
            node.set("Strategy", strategy);
            node.set("Command", command);
            return "SetOp".to_owned();
        }
    }
    kind.to_owned()
}

// What a node works on: the name of a table, index, function or CTE, and an alias.
fn aim(node: &mut Node, target: &str) {
    let mut names = names(target);
    let first = names.next().unwrap_or_default();
    let alias = names.next();
    let name = match node.kind.as_str() {
        "Bitmap Index Scan" => "Index Name",
        "CTE Scan" => "CTE Name",
        "WorkTable Scan" => "Relation Name",
        "Function Scan" => "Function Name",
        "Table Function Scan" => "Table Function Name",
        "Named Tuplestore Scan" => "Tuplestore Name",
        "Subquery Scan" | "Values Scan" => {
            node.set("Alias", target);
            return;
        }
        _ => "Relation Name",
    };
    node.set(name, first);
    if let Some(alias) = alias {
        node.set("Alias", alias);
    }
}

fn names(target: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    target
        .split(move |c: char| {
            quoted ^= c == '"';
            c == ' ' && !quoted
        })
        .filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_taken_apart() {
        let node = read("Parallel Hash Right Anti Join", None, 1);
        assert_eq!((node.kind.as_str(), node.word("Join Type")), ("Hash Join", Some("Right Anti")));
        assert!(node.says("Parallel Aware"));
        let node = read("Partial HashAggregate", None, 1);
        assert_eq!((node.kind.as_str(), node.word("Partial Mode")), ("HashAggregate", Some("Partial")));
        let node = read("Index Scan using \"a on b\" on public.\"my table\" t", None, 1);
        assert_eq!(node.word("Index Name"), Some("\"a on b\""));
        assert_eq!(node.word("Relation Name"), Some("public.\"my table\""));
        assert_eq!(node.word("Alias"), Some("t"));
        let node = read("HashSetOp Except All", None, 1);
        assert_eq!((node.kind.as_str(), node.word("Command")), ("SetOp", Some("Except All")));
        let node = read("Nested Loop Left Join", None, 1);
        assert_eq!(node.label(), "Nested Loop Left Join");
        assert!(is_node("Seq Scan on t") && !is_node("SELECT 1") && !is_node("Sorted"));
    }
}
