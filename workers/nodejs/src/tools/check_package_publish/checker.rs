//! What the checks share: the package, its parsed package.json, the findings so far, and what files were read.

use super::rules::FILE_NOT_PARSED;
use crate::support::json::{Kind, Node, Object};
use crate::support::module_format::{JsFacts, ModuleKind, Unreadable, read_javascript};
use crate::support::package_tree::{PackageTree, ends_in, join};
use crate::support::resolver::declared_kind;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::output::MAX_FINDINGS as MAX_SHOWN;
use octavo_toolkit::{Edit, Finding, Level, LineIndex, Position, Range as TextRange, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::rc::Rc;

/// Most remarks kept, and most findings of the other levels on top: what a caller may ask for in one answer.
const MAX_FINDINGS: usize = MAX_SHOWN as usize;

/// The check of one package.
pub(super) struct Checker<'a> {
    /// The package's files.
    pub(super) tree: &'a PackageTree<'a>,
    /// The members of its package.json.
    pub(super) root: &'a Object,
    /// The text of its package.json, by lines.
    pub(super) index: LineIndex<'a>,
    /// What stands before the paths of the input.
    pub(super) prefix: &'a str,
    /// What was found.
    pub(super) findings: Vec<Finding>,
    /// Files that were to be read, but came without text.
    pub(super) unsent: BTreeSet<String>,
    /// Findings left out for their number.
    pub(super) dropped: usize,
    /// Patterns of `exports` and imports of own names that were not looked up, for their number.
    pub(super) skipped: usize,
    last_was_kept: bool,
    facts: BTreeMap<String, Option<JsFacts>>,
    indexes: BTreeMap<String, LineIndex<'a>>,
}

/// A field of package.json, or its stand-in under `publishConfig`.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    /// Its value.
    pub(super) node: &'a Node,
    /// Where it is.
    pub(super) path: FieldPath,
}

/// The keys that lead to a value of package.json. Shown as in JavaScript: `exports["."].import`.
#[derive(Debug, Clone)]
pub(super) struct FieldPath(Rc<Segment>);

// Linked upwards, so that the values of an object share what leads to it.
#[derive(Debug)]
struct Segment {
    above: Option<FieldPath>,
    key: String,
}

impl FieldPath {
    /// A field at the root.
    pub(super) fn root(name: &str) -> Self {
        Self(Rc::new(Segment { above: None, key: name.to_owned() }))
    }

    /// One level deeper.
    pub(super) fn join(&self, key: &str) -> Self {
        Self(Rc::new(Segment { above: Some(self.clone()), key: key.to_owned() }))
    }

    /// The innermost key.
    pub(super) fn last(&self) -> &str {
        &self.0.key
    }

    /// The keys, the outermost first.
    pub(super) fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = self.inside_out().collect();
        keys.reverse();
        keys
    }

    /// Whether one of the keys is this one.
    pub(super) fn has(&self, key: &str) -> bool {
        self.inside_out().any(|own| own == key)
    }

    /// The conditions among the keys: what follows the field and the subpath.
    pub(super) fn conditions(&self) -> Vec<&str> {
        let mut keys = self.keys();
        let field = keys.iter().position(|key| matches!(*key, "exports" | "imports")).map_or(keys.len(), |at| at + 1);
        let subpath = usize::from(keys.get(field).is_some_and(|key| key.starts_with('.')));
        keys.drain(..field + subpath);
        keys
    }

    fn inside_out(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self), |path| path.0.above.as_ref()).map(Self::last)
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.keys().into_iter().map(excerpt).enumerate() {
            let is_name = !key.starts_with(|c: char| c.is_ascii_digit())
                && !key.is_empty()
                && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'));
            match (is_name, at) {
                (true, 0) => f.write_str(&key)?,
                (true, _) => write!(f, ".{key}")?,
                (false, _) if key.bytes().all(|b| b.is_ascii_digit()) && !key.is_empty() => write!(f, "[{key}]")?,
                (false, _) => write!(f, "[\"{key}\"]")?,
            }
        }
        Ok(())
    }
}

impl<'a> Checker<'a> {
    /// A check of the package whose package.json has this text and these members.
    pub(super) fn new(tree: &'a PackageTree<'a>, text: &'a str, root: &'a Object, prefix: &'a str) -> Self {
        Self {
            tree,
            root,
            index: LineIndex::new(text),
            prefix,
            findings: Vec::new(),
            unsent: BTreeSet::new(),
            dropped: 0,
            skipped: 0,
            last_was_kept: false,
            facts: BTreeMap::new(),
            indexes: BTreeMap::new(),
        }
    }

    /// The field as it is published: from `publishConfig` where that has it, `null` counting as absent.
    pub(super) fn field(&self, name: &str) -> Option<Field<'a>> {
        let config = self.root.get("publishConfig").and_then(Node::as_object);
        if let Some(node) = config.and_then(|config| config.get(name)).filter(|node| node.is_truthy()) {
            return Some(Field { node, path: FieldPath::root("publishConfig").join(name) });
        }
        let node = self.root.get(name).filter(|node| !node.is_null())?;
        Some(Field { node, path: FieldPath::root(name) })
    }

    /// The place of what concerns the package as a whole: its name.
    pub(super) fn name_span(&self) -> Range<usize> {
        let first = self.root.member("name").or_else(|| self.root.members().first());
        first.map_or(0..self.index.text().len().min(1), |member| member.key_span.start..member.value.span.end)
    }

    /// Adds a finding in package.json.
    pub(super) fn report(&mut self, rule: &Rule, span: Range<usize>, message: String) {
        self.report_as(rule.level, rule, span, message);
    }

    /// Adds a finding in package.json at another level than the rule's.
    pub(super) fn report_as(&mut self, level: Level, rule: &Rule, span: Range<usize>, message: String) {
        if self.makes_room(level) {
            let range = self.index.range(span);
            let finding = Finding::new(rule, message).at(range).in_file(format!("{}package.json", self.prefix));
            self.findings.push(finding.with_level(level));
        }
    }

    /// Adds a finding in another file.
    pub(super) fn report_in(&mut self, path: &str, rule: &Rule, span: Range<usize>, message: String) {
        if self.makes_room(rule.level) {
            let text = self.tree.text(path).unwrap_or_default();
            let index = self.indexes.entry(path.to_owned()).or_insert_with(|| LineIndex::new(text));
            let finding = Finding::new(rule, message).at(index.range(span)).in_file(format!("{}{path}", self.prefix));
            self.findings.push(finding);
        }
    }

    /// Gives the last finding a fix: replacements of spans of package.json.
    pub(super) fn fix(&mut self, title: impl Into<String>, edits: Vec<(Range<usize>, String)>) {
        let index = &self.index;
        let edits = edits.into_iter().map(|(span, new_text)| Edit { range: index.range(span), new_text }).collect();
        if let Some(finding) = self.findings.pop_if(|_| self.last_was_kept) {
            self.findings.push(finding.with_fix(title, edits));
        }
    }

    /// Moves the last finding to the start of a file and gives it a fix: the text to insert there. A fix must lie in the
    /// file of its finding.
    pub(super) fn fix_at_start_of(&mut self, file: &str, title: &str, new_text: &str) {
        let start = Position { line: 1, column: 1 };
        let range = TextRange { start, end: start };
        if let Some(finding) = self.findings.pop_if(|_| self.last_was_kept) {
            let edits = vec![Edit { range, new_text: new_text.to_owned() }];
            let finding = finding.at(range).in_file(format!("{}{file}", self.prefix));
            self.findings.push(finding.with_fix(title, edits));
        }
    }

    // Whether another finding of this level is kept; if not, it is counted.
    fn makes_room(&mut self, level: Level) -> bool {
        let limit = if level == Level::Info { MAX_FINDINGS } else { 2 * MAX_FINDINGS };
        self.last_was_kept = self.findings.len() < limit;
        self.dropped += usize::from(!self.last_was_kept);
        self.last_was_kept
    }

    /// What the syntax of a JavaScript file says; `None` where it was not sent or cannot be read.
    pub(super) fn facts(&mut self, path: &str) -> Option<JsFacts> {
        if let Some(known) = self.facts.get(path) {
            return known.clone();
        }
        let facts = match self.tree.text(path).map(read_javascript) {
            None => {
                self.unsent.insert(path.to_owned());
                None
            }
            Some(Ok(facts)) => Some(facts),
            Some(Err(Unreadable::TooDeep(at))) => {
                self.report_in(
                    path,
                    &FILE_NOT_PARSED,
                    at..at,
                    "nested too deep to be parsed; its format is not checked".to_owned(),
                );
                None
            }
            Some(Err(Unreadable::Syntax(at))) => {
                self.report_in(path, &FILE_NOT_PARSED, at..at, "does not parse; its format is not checked".to_owned());
                None
            }
        };
        self.facts.insert(path.to_owned(), facts.clone());
        facts
    }

    /// The module system a file is written for; `None` where that is open.
    pub(super) fn written_kind(&mut self, path: &str) -> Option<ModuleKind> {
        self.facts(path).as_ref().and_then(JsFacts::kind)
    }

    /// The module system Node.js loads a file with; `None` where the nearest package.json was not sent or is broken.
    pub(super) fn loaded_kind(&self, path: &str) -> Option<ModuleKind> {
        // React Native's platform extension says nothing of the format: what stands before it does.
        let path = path.strip_suffix(".native.js").unwrap_or(path);
        if ends_in(path, &[".mjs", ".d.mts"]) {
            return Some(ModuleKind::Esm);
        }
        if ends_in(path, &[".cjs", ".d.cts"]) {
            return Some(ModuleKind::Cjs);
        }
        match self.tree.scope(path) {
            None => Some(ModuleKind::Cjs),
            Some((_, manifest)) => manifest.map(declared_kind),
        }
    }

    /// The file a path of package.json names: itself, or with one of these endings added.
    pub(super) fn find_file(&self, value: &str, endings: &[&str]) -> Option<String> {
        let path = join("", value)?;
        if !value.ends_with('/') && self.tree.has_file(&path) {
            return Some(path);
        }
        endings.iter().find_map(|ending| {
            let candidate =
                if path.is_empty() { ending.trim_start_matches('/').to_owned() } else { format!("{path}{ending}") };
            if self.tree.has_file(&candidate) { Some(candidate) } else { None }
        })
    }
}

/// The endings that `CommonJS` resolution adds to a path.
pub(super) const JS_ENDINGS: [&str; 2] = [".js", "/index.js"];

/// Whether a path is one of JavaScript whose format can be checked.
pub(super) fn is_javascript(path: &str) -> bool {
    ends_in(path, &[".js", ".mjs", ".cjs"])
}

/// Whether an object, or one inside it, has this key.
pub(super) fn has_key(node: &Node, key: &str) -> bool {
    any_member(node, &|name, _| name == key)
}

/// Whether an object or array, or one inside it, has a string that passes.
pub(super) fn has_string(node: &Node, passes: &dyn Fn(&str) -> bool) -> bool {
    any_member(node, &|_, value| value.as_str().is_some_and(passes))
}

// Depth is limited by the JSON reader.
fn any_member(node: &Node, passes: &dyn Fn(&str, &Node) -> bool) -> bool {
    match &node.kind {
        Kind::Object(object) => object
            .members()
            .iter()
            .any(|member| passes(&member.key, &member.value) || any_member(&member.value, passes)),
        Kind::Array(items) => items.iter().any(|item| passes("", item) || any_member(item, passes)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => false,
    }
}

/// A text as a JSON string.
pub(super) fn quoted(text: &str) -> String {
    // A string always serialises.
    serde_json::to_string(text).unwrap_or_default()
}
