//! What a Rust crate offers: its modules over files, and the paths by which `pub` and `pub use` let others name its items.

use super::model::{Change, Counts, MAX_DEPTH, MAX_NAMES, Side, Sources};
use super::rust_compare::Comparison;
use super::rust_read::{Body, Impl, Item, Kind, Use, body};
use crate::support::packages::{file_name, folder, joined};
use crate::support::walk::Budget;
use crate::support::{tables, walk};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// Most names that are looked up in one crate: globs within globs can ask for far more.
const MAX_LOOKUPS: usize = 400_000;

/// Uses that a look-up goes through at the cost of one more.
const USES_PER_LOOKUP: usize = 16;

type Key = (u8, String);
/// An item by its module and its name there.
type Id = (usize, Key);

#[derive(Debug, Default)]
struct Module {
    items: BTreeMap<Key, Item>,
    uses: Vec<Use>,
    impls: Vec<Impl>,
    children: BTreeMap<String, usize>,
    parent: usize,
    root: usize,
    own: Option<Item>,
}

/// The crates of a version.
#[derive(Debug, Default)]
pub(super) struct Crates {
    modules: Vec<Module>,
    lookups: Cell<usize>,
    /// What others can name, by path.
    public: BTreeMap<Key, Named>,
    sealed: BTreeSet<Id>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Item(Id),
    Module(usize),
}

/// Compares two versions.
pub(super) fn compare(before: &Sources<'_>, after: &Sources<'_>, budget: &Budget, changes: &mut Vec<Change>) -> Counts {
    let mut counts = Counts::default();
    let old = Crates::read(before, budget, &mut counts.broken);
    let new = Crates::read(after, budget, &mut counts.broken);
    counts.before = old.public.len();
    counts.after = new.public.len();
    let mut comparison = Comparison { changes };
    // An item under several paths is told once.
    let mut seen = BTreeSet::new();
    for (key, named) in &old.public {
        let Some(was) = old.item(named).filter(|was| !was.attributes.is_hidden()) else { continue };
        match new.public.get(key).and_then(|now| Some((now, new.item(now)?))) {
            Some((now_named, now)) => {
                if seen.insert((named, now_named)) {
                    comparison.items(&key.1, was, now, old.is_sealed(named), new.is_sealed(now_named));
                }
            }
            None => comparison.missing(&key.1, was, was.kind == Kind::Macro && new.has_macro(&key.1)),
        }
    }
    for (key, named) in &new.public {
        let Some(now) = new.item(named).filter(|now| !now.attributes.is_hidden()) else { continue };
        if old.public.get(key).and_then(|was| old.item(was)).is_none_or(|was| was.attributes.is_hidden()) {
            comparison.added(Side::After, &key.1, now);
        }
    }
    counts
}

impl Crates {
    fn read(sources: &Sources<'_>, budget: &Budget, broken: &mut Vec<String>) -> Self {
        let mut bodies = BTreeMap::new();
        for source in sources.iter() {
            match walk::tree(&tables::RUST, source.text, budget) {
                Ok(tree) => {
                    if tree.root_node().has_error() {
                        broken.push(format!("{} where it does not parse", source.shown));
                    }
                    bodies.insert(source.path.clone(), body(tree.root_node(), source.at, source.text, 0));
                }
                Err(_) => broken.push(format!("{}, which is not read", source.shown)),
            }
        }
        let mut roots: Vec<String> = bodies.keys().filter(|path| file_name(path) == "lib.rs").cloned().collect();
        if roots.is_empty() {
            roots = bodies.keys().cloned().collect();
        }
        let mut crates = Self::default();
        let single = roots.len() == 1;
        let mut starts = Vec::new();
        for root in roots {
            let Some(body) = bodies.remove(&root) else { continue };
            let name = if single { "crate".to_owned() } else { crate_name(&root) };
            let at = crates.modules.len();
            crates.load(body, &root, folder(&root), at, at, None, &mut bodies, 0);
            starts.push((at, name));
        }
        crates.attach();
        for (at, name) in &starts {
            crates.export(*at, name, &mut vec![*at]);
            crates.macros(*at, name);
        }
        crates.seal();
        crates
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call site beside itself; a struct of these would only rename them"
    )]
    fn load(
        &mut self,
        body: Body,
        file: &str,
        inner: &str,
        parent: usize,
        root: usize,
        own: Option<Item>,
        bodies: &mut BTreeMap<String, Body>,
        depth: usize,
    ) {
        let at = self.modules.len();
        let mut module = Module { uses: body.uses, impls: body.impls, parent, root, own, ..Module::default() };
        for (name, item) in body.items {
            module.items.insert((item.kind.space(), name), item);
        }
        self.modules.push(module);
        if depth > MAX_DEPTH {
            return;
        }
        for (name, text, item) in body.modules {
            let below = joined(inner, &name);
            let (found, path) = if let Some(text) = text {
                (Some(text), file.to_owned())
            } else {
                let written = item.attributes.path.as_ref().map(|path| joined(folder(file), path));
                let usual = [joined(inner, &format!("{name}.rs")), joined(inner, &format!("{name}/mod.rs"))];
                let path = written.into_iter().chain(usual).find(|path| bodies.contains_key(path)).unwrap_or_default();
                (bodies.remove(&path), path)
            };
            let child = self.modules.len();
            if let Some(module) = self.modules.get_mut(at) {
                module.children.insert(name, child);
            }
            self.load(found.unwrap_or_default(), &path, &below, at, root, Some(item), bodies, depth + 1);
        }
    }

    fn item(&self, named: &Named) -> Option<&Item> {
        match named {
            Named::Item((module, key)) => self.modules.get(*module)?.items.get(key),
            Named::Module(module) => self.modules.get(*module)?.own.as_ref(),
        }
    }

    fn is_sealed(&self, named: &Named) -> bool {
        matches!(named, Named::Item(id) if self.sealed.contains(id))
    }

    // Gives types what impls give them.
    fn attach(&mut self) {
        let mut found = Vec::new();
        for at in 0..self.modules.len() {
            let impls = self.modules.get_mut(at).map(|module| std::mem::take(&mut module.impls)).unwrap_or_default();
            for one in impls {
                let target = self.resolve(at, &one.of, 0).into_iter().find_map(|named| match named {
                    Named::Item(id) if id.1.0 == 0 => Some(id),
                    _ => None,
                });
                let given = one.of_trait.as_ref().map(|path| self.names_of_trait(at, path)).unwrap_or_default();
                found.extend(target.map(|target| (target, one, given)));
            }
        }
        for ((module, key), one, given) in found {
            if let Some(item) = self.modules.get_mut(module).and_then(|module| module.items.get_mut(&key)) {
                item.traits.extend(one.of_trait.and_then(|mut path| path.pop()));
                item.given.extend(given);
                item.members.extend(one.members);
            }
        }
    }

    fn names_of_trait(&self, at: usize, path: &[String]) -> Vec<String> {
        let found = self.resolve(at, path, 0);
        let items = found.iter().filter_map(|named| self.item(named)).filter(|item| item.kind == Kind::Trait);
        items.flat_map(|item| item.members.keys().cloned()).collect()
    }

    /// Whether a macro of this name is there, exported or not.
    fn has_macro(&self, path: &str) -> bool {
        let name = path.rsplit("::").next().unwrap_or(path);
        self.modules.iter().any(|module| module.items.contains_key(&(Kind::Macro.space(), name.to_owned())))
    }

    // What a path means in a module.
    fn resolve(&self, at: usize, path: &[String], depth: usize) -> Vec<Named> {
        let Some(module) = self.modules.get(at) else { return Vec::new() };
        let Some((first, rest)) = path.split_first() else { return vec![Named::Module(at)] };
        let start = match first.as_str() {
            "crate" => vec![Named::Module(module.root)],
            "self" => vec![Named::Module(at)],
            "super" => vec![Named::Module(module.parent)],
            name => self.look_up(at, name, false, depth),
        };
        if rest.is_empty() {
            return start;
        }
        let Some(inner) =
            start.iter().find_map(|named| if let Named::Module(inner) = named { Some(*inner) } else { None })
        else {
            return Vec::new();
        };
        match rest {
            [next, ..] if next == "super" || first == "super" || first == "self" || first == "crate" => {
                self.resolve(inner, rest, depth)
            }
            [last] => self.look_up(inner, last, false, depth),
            [next, ..] => {
                let found = self.look_up(inner, next, false, depth);
                let deeper =
                    found.iter().find_map(|named| if let Named::Module(deeper) = named { Some(*deeper) } else { None });
                let Some(deeper) = deeper else { return Vec::new() };
                let mut below = vec!["self".to_owned()];
                below.extend(rest.iter().skip(1).cloned());
                self.resolve(deeper, &below, depth)
            }
            [] => Vec::new(),
        }
    }

    // What a name means in a module, in every space.
    fn look_up(&self, at: usize, name: &str, public: bool, depth: usize) -> Vec<Named> {
        let Some(module) = self.modules.get(at) else { return Vec::new() };
        let mut found = Vec::new();
        self.lookups.set(self.lookups.get() + 1 + module.uses.len() / USES_PER_LOOKUP);
        if depth > MAX_DEPTH || self.lookups.get() > MAX_LOOKUPS {
            return found;
        }
        for space in 0..3 {
            let key = (space, name.to_owned());
            if module.items.get(&key).is_some_and(|item| !public || item.public) {
                found.push(Named::Item((at, key)));
            }
        }
        if let Some(child) = module.children.get(name) {
            let visible =
                !public || self.modules.get(*child).and_then(|child| child.own.as_ref()).is_some_and(|own| own.public);
            found.extend(visible.then_some(Named::Module(*child)));
        }
        let uses = || module.uses.iter().filter(|one| !public || one.public);
        for one in uses().filter(|one| one.name.as_deref() == Some(name)) {
            // A name may be that of another crate.
            if one.path.as_slice() != [name] {
                found.extend(self.resolve(at, &one.path, depth + 1));
            }
        }
        if found.is_empty() {
            for one in uses().filter(|one| one.name.is_none()) {
                for inner in self.resolve(at, &one.path, depth + 1) {
                    if let Named::Module(inner) = inner
                        && inner != at
                    {
                        found.extend(self.look_up(inner, name, true, depth + 1));
                    }
                }
            }
        }
        found
    }

    fn name(&mut self, space: u8, path: String, named: Named) -> bool {
        if self.public.len() >= MAX_NAMES {
            return false;
        }
        let is_new = !self.public.contains_key(&(space, path.clone()));
        self.public.entry((space, path)).or_insert(named);
        is_new
    }

    // Names what a module offers under a path. `within` are the modules on the way, which may lead in circles.
    fn export(&mut self, at: usize, prefix: &str, within: &mut Vec<usize>) {
        let Some(module) = self.modules.get(at) else { return };
        let items: Vec<Key> =
            module.items.iter().filter(|(key, item)| item.public && key.0 != 2).map(|(key, _)| key.clone()).collect();
        let children: Vec<(String, usize)> =
            module.children.iter().map(|(name, child)| (name.clone(), *child)).collect();
        let uses: Vec<Use> = module.uses.iter().filter(|one| one.public && !one.hidden).cloned().collect();
        for key in items {
            self.name(key.0, format!("{prefix}::{}", key.1), Named::Item((at, key)));
        }
        for (name, child) in children {
            let own = self.modules.get(child).and_then(|child| child.own.as_ref());
            if own.is_some_and(|own| own.public) {
                self.export_module(child, &format!("{prefix}::{name}"), within);
            }
        }
        for one in uses.iter().filter(|one| one.name.is_some()) {
            let path = format!("{prefix}::{}", one.name.as_deref().unwrap_or_default());
            if one.path.len() == 1 && one.path.first() == one.name.as_ref() {
                continue;
            }
            for named in self.resolve(at, &one.path, 0) {
                match named {
                    Named::Module(inner) => self.export_module(inner, &path, within),
                    Named::Item(id) => {
                        if self.item(&Named::Item(id.clone())).is_some_and(|item| item.public) {
                            self.name(id.1.0, path.clone(), Named::Item(id));
                        }
                    }
                }
            }
        }
        for one in uses.iter().filter(|one| one.name.is_none()) {
            for named in self.resolve(at, &one.path, 0) {
                if let Named::Module(inner) = named
                    && !within.contains(&inner)
                    && within.len() < MAX_DEPTH
                {
                    within.push(inner);
                    self.export(inner, prefix, within);
                    within.pop();
                }
            }
        }
    }

    fn export_module(&mut self, at: usize, path: &str, within: &mut Vec<usize>) {
        let hidden =
            self.modules.get(at).and_then(|module| module.own.as_ref()).is_some_and(|own| own.attributes.is_hidden());
        if within.contains(&at)
            || within.len() >= MAX_DEPTH
            || !self.name(0, path.to_owned(), Named::Module(at))
            || hidden
        {
            return;
        }
        within.push(at);
        self.export(at, path, within);
        within.pop();
    }

    // Macros by example are named at the top of the crate.
    fn macros(&mut self, root: usize, name: &str) {
        let exported: Vec<Id> = (0..self.modules.len())
            .filter_map(|at| Some((at, self.modules.get(at).filter(|module| module.root == root)?)))
            .flat_map(|(at, module)| {
                module
                    .items
                    .iter()
                    .filter(|(key, item)| key.0 == 2 && item.public)
                    .map(move |(key, _)| (at, key.clone()))
            })
            .collect();
        for (at, key) in exported {
            self.name(2, format!("{name}::{}", key.1), Named::Item((at, key)));
        }
    }

    // Finds the traits that others can name and not implement, since they cannot name what these build upon.
    fn seal(&mut self) {
        let named: BTreeSet<&Named> = self.public.values().collect();
        let mut sealed = BTreeSet::new();
        for one in self.public.values() {
            let (Named::Item(id), Some(item)) = (one, self.item(one)) else { continue };
            let is_sealed = item.supertraits.iter().any(|name| {
                let plain = name.split('<').next().unwrap_or_default();
                let path: Vec<String> = plain.split("::").map(str::to_owned).collect();
                let found = self.resolve(id.0, &path, 0);
                !found.is_empty() && found.iter().all(|one| !named.contains(one))
            });
            let is_closed = item.members.values().any(|member| member.attributes.hidden && !member.is_given());
            if is_sealed || is_closed {
                sealed.insert(id.clone());
            }
        }
        self.sealed = sealed;
    }
}

// A crate among several by its folder.
fn crate_name(root: &str) -> String {
    let own = folder(root);
    let own = own.strip_suffix("/src").unwrap_or(own);
    if file_name(root) == "lib.rs" { own.to_owned() } else { root.trim_end_matches(".rs").to_owned() }
}
