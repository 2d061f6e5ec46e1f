//! Definitions and uses by name, of the languages that are read by tree-sitter, and what they come to over all files.
//!
//! A name is used where it stands anywhere else than in a definition, an assignment, or the definition itself. Which of several
//! things of one name is meant is not told: one use keeps them all.

use super::{c, go, java, python, reach, rust};
use crate::support::language::{Engine, Language};
use crate::support::walk::Budget;
use crate::support::{Outcome, walk};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use tree_sitter::Node;

/// What a definition is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Function,
    Method,
    Property,
    Class,
    Variable,
    Attribute,
    Import,
    Local,
    Parameter,
}

/// Who can see a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sight {
    /// Whoever uses the project.
    Public,
    /// The files of the project.
    Project,
    /// The files of its folder.
    Folder,
    /// Its file.
    File,
    /// This stretch of its file.
    Within(Range<usize>),
}

/// A definition.
#[derive(Debug, Clone)]
pub(super) struct Def<'s> {
    pub(super) name: &'s str,
    pub(super) kind: Kind,
    /// Where the name stands.
    pub(super) at: Range<usize>,
    /// The definition as a whole: uses in it are none.
    pub(super) whole: Range<usize>,
    pub(super) sight: Sight,
    /// Whether one read anywhere keeps it, as where a name may be bound from afar.
    pub(super) loose: bool,
}

/// How a name stands where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// By itself.
    Plain,
    /// Behind a dot, or called where a language keeps functions apart.
    Member,
    /// It cannot be told.
    Either,
    /// In a text that may be a type.
    Text,
}

const MANNERS: [Manner; 4] = [Manner::Plain, Manner::Member, Manner::Either, Manner::Text];

/// What a file defines and uses.
#[derive(Debug, Default)]
pub(super) struct Facts<'s> {
    pub(super) source: &'s str,
    pub(super) path: &'s str,
    pub(super) defs: Vec<Def<'s>>,
    // Where each name stands, by manner.
    uses: BTreeMap<&'s str, [Vec<usize>; MANNERS.len()]>,
    // Names that are no uses, by where they stand.
    skipped: HashSet<usize>,
    pub(super) unreachable: Vec<Range<usize>>,
    /// Imported modules; Python alone.
    pub(super) modules: BTreeSet<&'s str>,
    /// The attribute before the next item; Rust alone.
    pub(super) attribute: Option<&'s str>,
    /// What was found of a node that is asked of often, by where it begins.
    pub(super) judged: HashMap<usize, bool>,
    /// Names that a function takes from around it; Python alone.
    pub(super) outer: BTreeSet<&'s str>,
}

impl<'s> Facts<'s> {
    /// The text of a node.
    pub(super) fn text(&self, node: Node<'_>) -> &'s str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// Says that a name is no use.
    pub(super) fn skip(&mut self, node: Node<'_>) {
        self.skipped.insert(node.start_byte());
    }

    /// Adds a definition.
    pub(super) fn define(&mut self, name: Node<'_>, kind: Kind, whole: Node<'_>, sight: Sight) {
        self.skip(name);
        let text = self.text(name);
        if !text.is_empty() && text != "_" {
            self.defs.push(Def {
                name: text,
                kind,
                at: name.byte_range(),
                whole: whole.byte_range(),
                sight,
                loose: false,
            });
        }
    }

    /// Adds a use, unless the name is none.
    pub(super) fn mention(&mut self, node: Node<'_>, manner: Manner) {
        if !self.skipped.contains(&node.start_byte()) {
            self.used(self.text(node), node.start_byte(), manner);
        }
    }

    /// Adds the words of a text as uses.
    pub(super) fn words(&mut self, range: Range<usize>) {
        self.words_as(range, Manner::Either);
    }

    /// The same, in this manner.
    pub(super) fn words_as(&mut self, range: Range<usize>, manner: Manner) {
        let text = self.source.get(range.clone()).unwrap_or_default();
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut at = 0;
        while let Some(start) = text.get(at..).and_then(|rest| rest.find(is_word)).map(|more| at + more) {
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if let Some(word) = rest.get(..length) {
                self.used(word, range.start + start, manner);
            }
            at = start + length;
        }
    }

    fn used(&mut self, name: &'s str, at: usize, manner: Manner) {
        let lists = self.uses.entry(name).or_default();
        let list = MANNERS.iter().zip(lists).find(|(known, _)| **known == manner);
        list.into_iter().for_each(|(_, list)| list.push(at));
    }

    // Whether a name stands in a stretch in a manner that fits.
    fn is_used_in(&self, name: &str, within: &Range<usize>, fits: impl Fn(Manner) -> bool) -> bool {
        let Some(lists) = self.uses.get(name) else { return false };
        MANNERS
            .iter()
            .zip(lists)
            .filter(|(manner, _)| fits(**manner))
            .any(|(_, list)| list.get(list.partition_point(|at| *at < within.start)).is_some_and(|at| *at < within.end))
    }
}

/// Reads a file; how that went, and what it defines and uses.
pub(super) fn read<'s>(
    language: Language,
    path: &'s str,
    source: &'s str,
    budget: &Budget,
) -> Result<(Outcome, Facts<'s>), Outcome> {
    let Engine::TreeSitter(table) = language.engine() else { return Err(Outcome::Unreadable(0)) };
    let tree = walk::tree(table, source, budget)?;
    let mut facts = Facts { source, path, ..Facts::default() };
    let mut broken = None;
    walk::every_node_within(&tree, |node, around| {
        if node.is_error() || node.is_missing() {
            broken.get_or_insert(node.start_byte());
        }
        reach::look(language, node, &mut facts);
        match language {
            Language::Python => python::take(node, around, &mut facts),
            Language::Go => go::take(node, around, &mut facts),
            Language::Java => java::take(node, around, &mut facts),
            Language::C => c::take(node, around, &mut facts),
            _ => rust::take(node, around, &mut facts),
        }
    });
    facts.uses.values_mut().flatten().for_each(|list| list.sort_unstable());
    reach::keep_outermost(&mut facts.unreachable);
    for def in facts.defs.iter_mut().filter(|def| facts.outer.contains(def.name)) {
        def.loose = true;
    }
    Ok((broken.map_or(Outcome::Clean, Outcome::Broken), facts))
}

/// A definition that nothing uses.
#[derive(Debug)]
pub(super) struct Left<'f, 's> {
    pub(super) file: usize,
    pub(super) def: &'f Def<'s>,
    /// Whether someone outside may use it.
    pub(super) public: bool,
}

/// The definitions of one language's files that nothing uses; what entries offer is used from outside.
pub(super) fn left<'f, 's>(
    language: Language,
    files: &'f BTreeMap<usize, Facts<'s>>,
    entries: &BTreeSet<usize>,
) -> Vec<Left<'f, 's>> {
    // By name: the files that use it, with how often.
    let mut users: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, facts) in files {
        for name in facts.uses.keys() {
            users.entry(name).or_default().push(*at);
        }
    }
    let folder = |at: usize| files.get(&at).map(|facts| crate::support::packages::folder(facts.path));
    let mut found = Vec::new();
    for (at, facts) in files {
        let mut locals: BTreeSet<(&str, usize)> = BTreeSet::new();
        for def in &facts.defs {
            let fits = |manner| def.loose && manner != Manner::Text || fits(language, def.kind, manner);
            let anywhere = |sees: &dyn Fn(usize) -> bool| {
                users.get(def.name).into_iter().flatten().any(|user| {
                    let Some(other) = files.get(user).filter(|_| sees(*user)) else { return false };
                    let whole = 0..other.source.len();
                    if user != at {
                        return other.is_used_in(def.name, &whole, fits);
                    }
                    other.is_used_in(def.name, &(0..def.whole.start), fits)
                        || other.is_used_in(def.name, &(def.whole.end..whole.end), fits)
                })
            };
            let is_used = match &def.sight {
                _ if def.loose => anywhere(&|_| true),
                Sight::Public => entries.contains(at) || anywhere(&|_| true),
                Sight::Project => anywhere(&|_| true),
                Sight::Folder => anywhere(&|user| folder(user) == folder(*at)),
                Sight::File => anywhere(&|user| user == *at),
                Sight::Within(stretch) => {
                    // A local that is bound again is one.
                    !locals.insert((def.name, stretch.start)) || facts.is_used_in(def.name, stretch, fits)
                }
            };
            if !is_used {
                found.push(Left { file: *at, def, public: def.sight == Sight::Public });
            }
        }
    }
    found
}

// Whether a use in this manner can be of such a definition.
fn fits(language: Language, kind: Kind, manner: Manner) -> bool {
    match (language, kind, manner) {
        (_, kind, Manner::Text) => kind == Kind::Import,
        (_, _, Manner::Either) | (Language::C, ..) => true,
        (Language::Python, Kind::Local | Kind::Parameter | Kind::Import, manner) => manner == Manner::Plain,
        (Language::Go | Language::Java, Kind::Method, manner) => manner == Manner::Member,
        (Language::Java, Kind::Class | Kind::Import | Kind::Local | Kind::Parameter, manner) => manner == Manner::Plain,
        (Language::Rust, Kind::Local | Kind::Parameter, manner) => manner == Manner::Plain,
        _ => true,
    }
}
