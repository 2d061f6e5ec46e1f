//! Where a check stands in an object: its path, the findings so far, and how findings are worded.

use crate::support::kubernetes::objects::{Manifests, Object};
use crate::support::yaml::{Entry, Node, Value};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Edit, Finding, Rule};
use std::fmt::Write as _;

/// Most findings of one object: what is wrong in more places is another kind of object.
pub(super) const MAX_FOUND: usize = 200;

/// One step of a path.
#[derive(Clone, Copy)]
pub(super) enum Step<'n> {
    Field(&'n Entry),
    Item(usize),
}

/// A check on its way through an object.
pub(super) struct Walk<'m, 'a> {
    pub(super) manifests: &'m Manifests<'a>,
    pub(super) object: &'m Object,
    /// Whether fields that the kind does not have are findings.
    pub(super) strict: bool,
    path: Vec<Step<'m>>,
    found: Vec<Finding>,
}

impl<'m, 'a> Walk<'m, 'a> {
    pub(super) fn new(manifests: &'m Manifests<'a>, object: &'m Object, strict: bool) -> Self {
        Self { manifests, object, strict, path: Vec::new(), found: Vec::new() }
    }

    pub(super) fn into_found(self) -> Vec<Finding> {
        self.found
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether no more findings are kept.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= MAX_FOUND
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.found.truncate(length);
    }

    /// Goes one step down for the time of `check`.
    pub(super) fn down(&mut self, step: Step<'m>, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    /// `spec.containers[0].image`; the object itself is an empty path.
    pub(super) fn path(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Field(entry) => {
                    let name = excerpt(&entry.name());
                    if name.is_empty() || name.contains(['.', '[', '/']) {
                        let _ = write!(text, "[{name:?}]");
                    } else {
                        let dot = if text.is_empty() { "" } else { "." };
                        let _ = write!(text, "{dot}{name}");
                    }
                }
                Step::Item(at) => {
                    let _ = write!(text, "[{at}]");
                }
            }
        }
        text
    }

    /// Reports what is wrong at a node: `Deployment web: spec.replicas: ...`.
    pub(super) fn report(&mut self, rule: &Rule, node: &Node, what: &str) {
        if !self.is_full() {
            let path = self.path();
            let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
            let message = format!("{}: {place}{what}", self.object.title());
            self.found.push(self.manifests.finding_in(self.object, rule, node, message));
        }
    }

    /// The same, with the text of the scalar replaced, where it is written where it stands.
    pub(super) fn report_fixed(&mut self, rule: &Rule, node: &Node, what: &str, title: &str, fixed: Option<String>) {
        let before = self.found.len();
        self.report(rule, node, what);
        let (Some(fixed), Some(finding)) = (fixed, self.found.get_mut(before)) else { return };
        if let Some(range) = self.manifests.range(self.object.file, &node.span) {
            let edit = Edit { range, new_text: fixed };
            *finding = finding.clone().with_fix(title, vec![edit]);
        }
    }

    /// The text of the source that a scalar is written as; nothing if it was written elsewhere (an alias) or is none.
    pub(super) fn written(&self, node: &Node) -> Option<&'a str> {
        let text = self.manifests.texts.get(self.object.file)?.lines.text();
        // What an alias repeats is written where the anchor is: a change there would change both.
        let anchored = text.get(..node.span.start)?.trim_end().rsplit([' ', '\n', ':']).next()?.starts_with('&');
        if anchored { None } else { text.get(node.span.clone()) }
    }
}

/// What a value is, with the value itself where it is short: `the integer 5`.
pub(super) fn shown(node: &Node) -> String {
    let written = node.raw.as_deref().map(str::to_owned).or_else(|| node.scalar_text().map(|text| format!("{text:?}")));
    match (&node.value, written) {
        (Value::Null, _) => "null".to_owned(),
        (Value::Sequence(_) | Value::Mapping(_), _) | (_, None) => node.kind().to_owned(),
        (Value::Text(_), Some(text)) => format!("the string {}", excerpt(&text)),
        (Value::Bool(_), Some(text)) => format!("the boolean {}", excerpt(&text)),
        (Value::Int(_), Some(text)) => format!("the integer {}", excerpt(&text)),
        (Value::Float(_), Some(text)) => format!("the number {}", excerpt(&text)),
    }
}
