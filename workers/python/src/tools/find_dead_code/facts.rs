//! What a file defines and uses, as facts that outlive its tree.

use octavo_toolkit::Range;
use std::collections::{BTreeMap, BTreeSet};

/// What kind of thing is defined; vulture's kinds, and parameters apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Attribute,
    Class,
    Function,
    Import,
    Method,
    Property,
    Variable,
    Parameter,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Attribute => "attribute",
            Self::Class => "class",
            Self::Function => "function",
            Self::Import => "import",
            Self::Method => "method",
            Self::Property => "property",
            Self::Variable => "variable",
            Self::Parameter => "parameter",
        }
    }
}

/// Where a name is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the top of a module.
    Module,
    /// In a class's body, or on an instance.
    Class,
    /// In a function, lambda or comprehension.
    Local,
}

/// How sure its circumstances make it that a definition without a use is dead; the least sure one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt {
    /// Confidence at most, in percent.
    pub(super) most: u8,
    /// Why.
    pub(super) why: &'static str,
}

/// A definition.
#[derive(Debug, Clone)]
pub(super) struct Def {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) place: Place,
    /// The innermost function or class around it.
    pub(super) owner: Option<usize>,
    pub(super) range: Range,
    /// How many other places bind the same name in the same scope.
    pub(super) others: usize,
    pub(super) doubts: Vec<Doubt>,
    /// The decorator that makes it doubtful.
    pub(super) decorator: Option<String>,
    /// Of an import: level, module, name taken out of it.
    pub(super) target: Option<(u32, String, Option<String>)>,
    /// Of a class: the names of its bases.
    pub(super) bases: Vec<String>,
    /// Whether it is never looked at: what Python, or a test runner, calls by its name.
    pub(super) exempt: bool,
}

/// A use of something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// Of a definition in the same file; whether it is only called.
    Local(usize, bool),
    /// Of an attribute of something unknown.
    Attribute(String),
    /// Of what an import of this file brought, and attributes of that; whether the last is only called.
    Imported(usize, Vec<String>, bool),
    /// Of a name that nothing in the file binds.
    Unbound(String),
}

/// What of a file is never reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreachable {
    pub(super) range: Range,
    pub(super) message: String,
}

/// What a file defines and uses.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) defs: Vec<Def>,
    /// Uses with the definition in whose body they stand; none for what runs as the module is loaded.
    pub(super) uses: BTreeSet<(Option<usize>, Use)>,
    /// Definitions at the top of the module, by name.
    pub(super) top: BTreeMap<String, Vec<usize>>,
    /// Every name and attribute that is read anywhere.
    pub(super) read: BTreeSet<String>,
    /// Strings that could name something: identifiers, or several with dots or a colon between.
    pub(super) strings: BTreeSet<String>,
    /// Beginnings of attribute names that are put together as the program runs.
    pub(super) prefixes: BTreeSet<String>,
    /// Names in `__all__`.
    pub(super) exported: BTreeSet<String>,
    /// Modules whose names are all imported: level and name.
    pub(super) stars: Vec<(u32, String)>,
    /// Whether the file is run as a program: it asks for `__main__`.
    pub(super) is_program: bool,
    /// Whether the module does more than define when it is loaded.
    pub(super) acts: bool,
    pub(super) unreachable: Vec<Unreachable>,
}
