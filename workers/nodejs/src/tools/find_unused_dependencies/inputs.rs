//! What configurations, scripts and hooks ask for: packages, files, programs.

use crate::support::json::{Kind, Node};
use crate::support::package_tree::join;
use std::ops::Range;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// A package.
    Package,
    /// A package, or a file by its path.
    Module,
    /// A file by its path, which need not be there.
    File,
    /// A program.
    Program,
    /// Files by a pattern from the workspace's folder.
    Entry,
    /// Files that are published or run, by a pattern.
    ProductionEntry,
    /// A configuration of a tool, by its path or package.
    Config(&'static str),
    /// A name that stands for a path; the path is the folder.
    Alias,
}

/// One thing that is asked for, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    pub(super) ask: Ask,
    pub(super) name: String,
    /// The file that asks.
    pub(super) file: String,
    pub(super) span: Range<usize>,
    /// The folder paths start from.
    pub(super) folder: String,
    /// Whether nothing is wrong when it is not there.
    pub(super) is_optional: bool,
    /// Whether types alone are asked for.
    pub(super) is_type: bool,
}

/// What one file asks for.
pub(super) struct Inputs<'c> {
    /// The file.
    pub(super) file: &'c str,
    /// Its folder.
    pub(super) folder: &'c str,
    /// The workspace's folder.
    pub(super) workspace: &'c str,
    /// Whether the workspace, or one around it, lists a package.
    pub(super) lists: &'c dyn Fn(&str) -> bool,
    /// The packages that the workspace lists for development.
    pub(super) for_development: &'c [String],
    /// Commands of a shell, to be read by whoever asked.
    pub(super) commands: Vec<(String, bool, Option<String>)>,
    pub(super) found: Vec<Input>,
}

impl Inputs<'_> {
    fn push(&mut self, ask: Ask, name: &str, span: &Range<usize>, folder: &str, is_optional: bool) {
        if !name.is_empty() {
            self.found.push(Input {
                ask,
                name: name.to_owned(),
                file: self.file.to_owned(),
                span: span.clone(),
                folder: folder.to_owned(),
                is_optional,
                is_type: false,
            });
        }
    }

    /// A package.
    pub(super) fn package(&mut self, name: &str, at: &Node) {
        self.push(Ask::Package, name, &at.span, self.folder, false);
    }

    /// A package that need not be there.
    pub(super) fn maybe_package(&mut self, name: &str, at: &Node) {
        self.push(Ask::Package, name, &at.span, self.folder, true);
    }

    /// A package or a file, from the configuration's folder.
    pub(super) fn module(&mut self, name: &str, at: &Node) {
        self.push(Ask::Module, name, &at.span, self.folder, false);
    }

    /// A package or a file, from another folder.
    pub(super) fn module_from(&mut self, name: &str, at: &Node, folder: &str) {
        self.push(Ask::Module, name, &at.span, folder, false);
    }

    /// A package or a file that need not be there.
    pub(super) fn maybe_module(&mut self, name: &str, at: &Node) {
        self.push(Ask::Module, name, &at.span, self.folder, true);
    }

    /// Each string of a string or list, as a package or file.
    pub(super) fn modules(&mut self, node: Option<&Node>) {
        for one in each(node) {
            if let Some(name) = one.as_str() {
                self.module(name, one);
            }
        }
    }

    /// A file, from a folder.
    pub(super) fn file_from(&mut self, name: &str, span: &Range<usize>, folder: &str) {
        self.push(Ask::File, name, span, folder, true);
    }

    /// Files by a pattern from the workspace's folder.
    pub(super) fn entry(&mut self, pattern: &str) {
        self.push(Ask::Entry, pattern, &(0..0), self.workspace, true);
    }

    /// Files by a pattern from a folder.
    pub(super) fn entry_from(&mut self, pattern: &str, folder: &str) {
        let (is_negated, pattern) = pattern.strip_prefix('!').map_or((false, pattern), |pattern| (true, pattern));
        let Some(path) = join(folder, pattern) else { return };
        let inside = if self.workspace.is_empty() {
            Some(path.as_str())
        } else {
            path.strip_prefix(self.workspace).and_then(|path| path.strip_prefix('/'))
        };
        if let Some(inside) = inside {
            let pattern = if is_negated { format!("!{inside}") } else { inside.to_owned() };
            self.entry(&pattern);
        }
    }

    /// Files that are published or run, by a pattern from the workspace's folder.
    pub(super) fn production_entry(&mut self, pattern: &str) {
        self.push(Ask::ProductionEntry, pattern, &(0..0), self.workspace, true);
    }

    /// Files that are published or run, by a pattern from the configuration's folder.
    pub(super) fn production_here(&mut self, pattern: &str) {
        let from = self.found.len();
        let folder = self.folder.to_owned();
        self.entry_from(pattern, &folder);
        self.found.iter_mut().skip(from).for_each(|input| input.ask = Ask::ProductionEntry);
    }

    /// A configuration of a tool.
    pub(super) fn config(&mut self, tool: &'static str, name: &str, at: &Node) {
        self.push(Ask::Config(tool), name, &at.span, self.folder, false);
    }

    /// A configuration of a tool, from another folder.
    pub(super) fn config_from(&mut self, tool: &'static str, name: &str, at: &Node, folder: &str) {
        self.push(Ask::Config(tool), name, &at.span, folder, false);
    }

    /// Names that stand for paths from the configuration's folder, as bundlers have them: an object, or a list of
    /// `{find, replacement}`.
    pub(super) fn aliases(&mut self, node: Option<&Node>) {
        let mut pairs: Vec<(String, &Node)> = Vec::new();
        for member in node.and_then(Node::as_object).map(crate::support::json::Object::members).unwrap_or_default() {
            pairs.push((member.key.clone(), &member.value));
        }
        for one in node.and_then(Node::as_array).unwrap_or_default() {
            if let (Some(find), Some(to)) = (one.get("find").and_then(Node::as_str), one.get("replacement")) {
                pairs.push((find.to_owned(), to));
            }
        }
        for (name, to) in pairs {
            for path in each(Some(to)).into_iter().filter_map(Node::as_str) {
                let path = path.trim_start_matches('/');
                if let Some(path) = join(self.folder, path) {
                    self.push(Ask::Alias, &name, &to.span, &path, true);
                }
            }
        }
    }

    /// A command of a shell; of those of which `knows_all` is not set only well-known programs count.
    pub(super) fn command(&mut self, text: &str, knows_all: bool) {
        self.commands.push((text.to_owned(), knows_all, None));
    }

    /// A command that runs in another folder.
    pub(super) fn command_in(&mut self, text: &str, knows_all: bool, folder: Option<String>) {
        self.commands.push((text.to_owned(), knows_all, folder));
    }

    /// Files are looked for from here when a configuration says `root`.
    pub(super) fn below(&self, root: Option<&Node>) -> String {
        let root = root.and_then(Node::as_str).unwrap_or(".");
        join(self.folder, root).unwrap_or_else(|| self.folder.to_owned())
    }
}

/// The items of a list, lists within it too, or the value itself.
pub(super) fn each(node: Option<&Node>) -> Vec<&Node> {
    match node.map(|node| (&node.kind, node)) {
        Some((Kind::Array(items), _)) => items.iter().flat_map(|item| each(Some(item))).collect(),
        Some((Kind::Null, _)) | None => Vec::new(),
        Some((_, node)) => vec![node],
    }
}

/// The first of each item of a list: `a` of `["a", ["a", {}]]`, and of the value itself.
pub(super) fn firsts(node: Option<&Node>) -> Vec<&Node> {
    let first = |item: &'_ Node| -> bool { item.as_str().is_some() };
    match node.map(|node| (&node.kind, node)) {
        Some((Kind::Array(items), _)) => items
            .iter()
            .filter_map(|item| match &item.kind {
                Kind::Array(inner) => inner.first(),
                _ => Some(item),
            })
            .filter(|item| first(item))
            .collect(),
        Some((Kind::String(_), node)) => vec![node],
        _ => Vec::new(),
    }
}

/// The values of an object's members.
pub(super) fn values(node: Option<&Node>) -> Vec<&Node> {
    let members = node.and_then(Node::as_object).map(crate::support::json::Object::members).unwrap_or_default();
    members.iter().map(|member| &member.value).collect()
}
