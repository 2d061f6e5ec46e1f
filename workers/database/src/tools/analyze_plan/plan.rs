//! A plan as every reader gives it: nodes in the order they are printed, each with the properties `PostgreSQL`'s JSON names.

use serde_json::{Map, Value};

/// Named properties, in the order they were read.
pub(super) type Properties = Map<String, Value>;

/// Whose plan it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    PostgreSql,
    MySql,
}

/// How it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

/// What a node is to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// Its input; its time is within its parent's.
    Input,
    /// Run for an expression of its parent; its time too is within its parent's.
    SubPlan,
    /// Run once, for whoever asks first; its time is within that node's.
    InitPlan,
    /// A common table expression; its time is within those of the scans of it.
    Cte,
}

/// One step of a plan.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Its type, aggregates and changes by their text names (`HashAggregate`, `Insert`).
    pub(super) kind: String,
    pub(super) properties: Properties,
    /// One entry a parallel worker that reported.
    pub(super) workers: Vec<Properties>,
    /// Index of its parent, which is always smaller than its own.
    pub(super) parent: Option<usize>,
    pub(super) relation: Relation,
    /// Line of the source, from 1.
    pub(super) line: u32,
}

/// A whole plan.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) dialect: Dialect,
    pub(super) format: Format,
    /// In preorder.
    pub(super) nodes: Vec<Node>,
    /// What stands beside the nodes: `Planning Time`, `Execution Time`, `JIT`, `Triggers`, `Settings`, `Planning`.
    pub(super) facts: Properties,
    /// Whether a node's cost includes those below it.
    pub(super) costs_nest: bool,
    /// How many plans of the source were left unread.
    pub(super) further: usize,
}

impl Node {
    pub(super) fn new(kind: impl Into<String>, parent: Option<usize>, line: u32) -> Self {
        Self {
            kind: kind.into(),
            properties: Properties::new(),
            workers: Vec::new(),
            parent,
            relation: Relation::Input,
            line,
        }
    }

    /// A property as a number, also where a text format wrote it as a word.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        number(self.properties.get(name)?)
    }

    pub(super) fn word(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_str()
    }

    pub(super) fn says(&self, name: &str) -> bool {
        match self.properties.get(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(word)) => word == "true",
            Some(_) | None => false,
        }
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.properties.insert(name.to_owned(), value.into());
    }

    /// The table it reads or changes.
    pub(super) fn table(&self) -> Option<&str> {
        self.word("Relation Name")
    }

    /// As the text format titles it.
    pub(super) fn label(&self) -> String {
        let mut label = String::new();
        if self.says("Parallel Aware") {
            label.push_str("Parallel ");
        }
        if let Some(mode) = self.word("Partial Mode").filter(|mode| *mode != "Simple") {
            label.push_str(mode);
            label.push(' ');
        }
        let join = self.word("Join Type").filter(|join| *join != "Inner");
        match (self.kind.strip_suffix(" Join"), join) {
            (Some(kind), Some(join)) => label.extend([kind, " ", join, " Join"]),
            (None, Some(join)) if self.kind == "Nested Loop" => label.extend(["Nested Loop ", join, " Join"]),
            _ => label.push_str(&self.kind),
        }
        if self.word("Scan Direction") == Some("Backward") {
            label.push_str(" Backward");
        }
        let index = self.word("Index Name");
        if let Some(index) = index {
            label.push_str(if self.kind.starts_with("Bitmap") { " on " } else { " using " });
            label.push_str(index);
        }
        let on =
            ["Relation Name", "CTE Name", "Function Name", "Tuplestore Name"].iter().find_map(|name| self.word(name));
        if let Some(on) = on.filter(|_| !self.kind.starts_with("Bitmap Index")) {
            label.push_str(" on ");
            label.push_str(on);
        }
        let alias = self.word("Alias").filter(|alias| on.is_none_or(|on| on.rsplit('.').next() != Some(*alias)));
        if let Some(alias) = alias {
            label.push_str(if on.is_some() { " " } else { " on " });
            label.push_str(alias);
        }
        octavo_toolkit::limits::excerpt(&label)
    }
}

impl Plan {
    /// The indexes of each node's children.
    pub(super) fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![Vec::new(); self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(list) = node.parent.and_then(|parent| children.get_mut(parent)) {
                list.push(at);
            }
        }
        children
    }

    /// A number beside the nodes.
    pub(super) fn fact(&self, name: &str) -> Option<f64> {
        number(self.facts.get(name)?)
    }

    /// For each node, the index after its last descendant: nodes are in preorder, so a subtree is a range.
    pub(super) fn ends(&self) -> Vec<usize> {
        let mut ends: Vec<usize> = (1..=self.nodes.len()).collect();
        for (at, node) in self.nodes.iter().enumerate().rev() {
            let end = ends.get(at).copied().unwrap_or_default();
            if let Some(above) = node.parent.and_then(|parent| ends.get_mut(parent)) {
                *above = end.max(*above);
            }
        }
        ends
    }

    /// A node and its ancestors, upwards.
    pub(super) fn path(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(node), |at| self.nodes.get(*at).and_then(|node| node.parent))
    }
}

/// A number, or a word that is one.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(word) => word.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
    .filter(|number| number.is_finite())
}

/// A word as the JSON number it is, else as a string.
pub(super) fn value_of(word: &str) -> Value {
    if let Ok(whole) = word.parse::<i64>() {
        return whole.into();
    }
    let plain = word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    match word.parse::<f64>().ok().filter(|_| plain).and_then(serde_json::Number::from_f64) {
        Some(number) => Value::Number(number),
        None => word.into(),
    }
}
