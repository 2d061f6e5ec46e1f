//! The modules of Rust crates: which file declares which, and what a path of names means from a file.

use super::imports::{Form, Import};
use super::resolve::Read;
use crate::support::language::Language;
use crate::support::packages::{Paths, Target, file_name, folder, joined};
use std::collections::BTreeMap;

/// The tree of modules of each crate.
#[derive(Debug, Default)]
pub(super) struct Modules {
    // By the name in code: the folder of its Cargo.toml, later its root.
    folders: Vec<(String, String)>,
    roots: BTreeMap<String, usize>,
    children: BTreeMap<(usize, String), usize>,
    parents: BTreeMap<usize, usize>,
    // The topmost file above each.
    tops: BTreeMap<usize, usize>,
}

impl Modules {
    /// Learns a Cargo.toml.
    pub(super) fn declared(&mut self, own: &str, text: &str) {
        let mut section = "";
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                section = line;
            } else if matches!(section, "[package]" | "[lib]")
                && let Some((key, value)) = line.split_once('=')
                && key.trim() == "name"
            {
                let name = value.trim().trim_matches(['"', '\'']).replace('-', "_");
                self.folders.push((name, own.to_owned()));
            }
        }
    }

    /// Learns who declares whom.
    pub(super) fn learn(&mut self, paths: &[String], read: &Read, known: &Paths) {
        for (name, own) in &self.folders {
            let root = ["src/lib.rs", "src/main.rs", "lib.rs"].iter().find_map(|root| known.get(&joined(own, root)));
            if let Some(root) = root {
                self.roots.insert(name.clone(), root);
            }
        }
        for (at, (language, imports)) in read {
            let Some(path) = paths.get(*at).filter(|_| *language == Language::Rust) else { continue };
            for import in &imports.list {
                let Form::Child(written) = &import.form else { continue };
                if let Some(child) = child_file(path, import, written.as_deref(), known).filter(|child| child != at) {
                    self.children.entry((*at, import.target.clone())).or_insert(child);
                    self.parents.entry(child).or_insert(*at);
                }
            }
        }
        self.tops = self.parents.keys().map(|at| (*at, self.top(*at))).collect();
    }

    /// Where a name leads. A declared child is no import: it is named where it is used.
    pub(super) fn resolve(&self, at: usize, import: &Import) -> Target {
        let nothing = Target::Files(Vec::new());
        if let Form::Child(_) = import.form {
            let known = import.level > 0 || self.children.contains_key(&(at, import.target.clone()));
            return if known { nothing } else { Target::Missing };
        }
        let mut names = import.target.split("::").peekable();
        let first = names.peek().copied().unwrap_or_default();
        let start = match first {
            "crate" => Some(self.tops.get(&at).copied().unwrap_or(at)),
            "self" if import.level > 0 => None,
            "self" => Some(at),
            "super" => {
                let mut ups = 0;
                while names.next_if(|name| *name == "super").is_some() {
                    ups += 1;
                }
                match usize::checked_sub(ups, import.level) {
                    None => None,
                    Some(up) => (0..up).try_fold(at, |node, _| self.parents.get(&node).copied()),
                }
            }
            name if self.children.contains_key(&(at, name.to_owned())) => Some(at),
            name => match (self.roots.get(name), &import.form) {
                (Some(root), _) => {
                    names.next();
                    Some(*root)
                }
                (None, Form::Use) => return Target::Outside(name.to_owned()),
                (None, _) => None,
            },
        };
        if matches!(first, "crate" | "self") {
            names.next();
        }
        let Some(mut node) = start else { return nothing };
        for name in names {
            match self.children.get(&(node, name.to_owned())) {
                Some(child) => node = *child,
                None => break,
            }
        }
        Target::Files(vec![node])
    }

    fn top(&self, at: usize) -> usize {
        let mut node = at;
        // Files can be made to declare each other: no further than there are files.
        for _ in 0..=self.parents.len() {
            match self.parents.get(&node) {
                Some(parent) => node = *parent,
                None => break,
            }
        }
        node
    }
}

// The file of a declared child: beside a crate's root or a mod.rs, else in the folder named after the file.
fn child_file(path: &str, import: &Import, written: Option<&str>, known: &Paths) -> Option<usize> {
    if import.level > 0 {
        return None;
    }
    let own = folder(path);
    if let Some(written) = written {
        return known.get(&joined(own, written));
    }
    let beside = |place: &str| {
        let name = &import.target;
        [format!("{name}.rs"), format!("{name}/mod.rs")].iter().find_map(|file| known.get(&joined(place, file)))
    };
    let name = file_name(path);
    let named = path.strip_suffix(".rs").unwrap_or(path);
    let is_root = matches!(name, "mod.rs" | "lib.rs" | "main.rs" | "build.rs")
        || matches!(file_name(own), "bin" | "tests" | "examples" | "benches");
    if is_root { beside(own).or_else(|| beside(named)) } else { beside(named).or_else(|| beside(own)) }
}
