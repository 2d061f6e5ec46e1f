//! What a file declares, uses, imports and exports: spans and numbers, without a syntax tree.

use std::collections::BTreeMap;
use std::ops::Range;

/// How a name stands where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Alone.
    Plain,
    /// `{ a }` as an object or a pattern: the name of a property too.
    Shorthand,
    /// `import { a }`: the name of an export too.
    Import,
    /// `export { a }`: the name of an export too.
    Export,
}

/// What a name can mean, or what is meant by a use of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Meaning {
    pub(super) value: bool,
    pub(super) kind: bool,
}

impl Meaning {
    pub(super) const ANY: Self = Self { value: true, kind: true };

    pub(super) const fn meets(self, other: Self) -> bool {
        self.value && other.value || self.kind && other.kind
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) parent: Option<usize>,
    pub(super) span: Range<usize>,
    pub(super) names: BTreeMap<String, usize>,
    /// The namespace whose body it is.
    pub(super) namespace: Option<usize>,
    /// Why what is declared in it is not renamed.
    pub(super) fixed: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Symbol {
    pub(super) name: String,
    pub(super) scope: usize,
    pub(super) what: &'static str,
    pub(super) meaning: Meaning,
    /// Declared with `export`.
    pub(super) exported: bool,
    /// The default export, or all that is exported (`export =`).
    pub(super) default: bool,
    /// Why it is not renamed.
    pub(super) fixed: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) span: Range<usize>,
    pub(super) symbol: Option<usize>,
    pub(super) scope: usize,
    pub(super) form: Form,
    pub(super) meaning: Meaning,
    /// In a comment: not part of the program.
    pub(super) comment: bool,
    /// A component of JSX: its case matters.
    pub(super) element: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Imported {
    Name(String),
    Default,
    /// All of it, as an object: `import * as`, `import()`.
    Whole,
    /// What `export =` or `module.exports` gives: `import a = require()`, `const a = require()`.
    Assigned,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) symbol: usize,
    pub(super) imported: Imported,
    /// The imported name.
    pub(super) span: Range<usize>,
    pub(super) shorthand: bool,
    pub(super) from: String,
}

/// What an export stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Exported {
    /// A name of the file.
    Local(Option<usize>),
    /// A name of another file.
    Name(String, String),
    /// Another file as an object: `export * as`.
    Whole(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Export {
    pub(super) name: String,
    pub(super) span: Range<usize>,
    pub(super) what: Exported,
    /// The name on the other side, where it differs in place.
    pub(super) local: Range<usize>,
    pub(super) shorthand: bool,
}

/// Whose member is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Base {
    /// Of the name that starts here.
    At(usize),
    /// Of a module.
    Module(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) base: Base,
    pub(super) name: String,
    pub(super) span: Range<usize>,
    pub(super) form: Form,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Module {
    pub(super) scopes: Vec<Scope>,
    pub(super) symbols: Vec<Symbol>,
    /// The scopes that are bodies of a namespace.
    pub(super) bodies: BTreeMap<usize, Vec<usize>>,
    /// By place.
    pub(super) uses: Vec<Use>,
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<Export>,
    /// `export * from`.
    pub(super) stars: Vec<String>,
    pub(super) members: Vec<Member>,
    /// Whether its top is its own; else other scripts see it.
    pub(super) modular: bool,
    /// Whether all that it exports is one value: `export =`, `module.exports =`.
    pub(super) assigns: bool,
    /// Where names are looked up at run time: `eval`, `with`.
    pub(super) dynamic: Option<usize>,
    /// Where it does not parse.
    pub(super) broken: Option<usize>,
}

impl Module {
    pub(super) fn symbol(&self, at: usize) -> Option<&Symbol> {
        self.symbols.get(at)
    }

    /// The scopes around a place in one, itself first.
    pub(super) fn around(&self, scope: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(scope), |at| self.scopes.get(*at).and_then(|scope| scope.parent))
    }

    /// What a name means in a scope: also what another body of the same namespace exports.
    pub(super) fn lookup(&self, from: usize, name: &str, meaning: Meaning) -> Option<usize> {
        let fits = |at: &usize| self.symbol(*at).is_some_and(|symbol| symbol.meaning.meets(meaning));
        self.around(from).find_map(|at| {
            let scope = self.scopes.get(at)?;
            let own = scope.names.get(name).copied().filter(fits);
            own.or_else(|| self.in_namespace(scope.namespace?, name).filter(fits))
        })
    }

    /// What a namespace exports under a name.
    pub(super) fn in_namespace(&self, namespace: usize, name: &str) -> Option<usize> {
        let bodies = self.bodies.get(&namespace).into_iter().flatten().filter_map(|at| self.scopes.get(*at));
        bodies
            .filter_map(|body| body.names.get(name).copied())
            .find(|at| self.symbol(*at).is_some_and(|symbol| symbol.exported))
    }

    /// The name that an export of this file is declared by.
    pub(super) fn declared(&self, name: &str) -> Option<usize> {
        let at = *self.scopes.first()?.names.get(name)?;
        self.symbol(at).filter(|symbol| symbol.exported).map(|_| at)
    }

    /// Where a symbol is first named outside comments.
    pub(super) fn definition(&self, at: usize) -> Range<usize> {
        let first = self.uses.iter().find(|one| one.symbol == Some(at) && !one.comment);
        first.map_or(0..0, |one| one.span.clone())
    }

    /// The members that are taken of the name that starts at a place.
    pub(super) fn members_at(&self, place: usize) -> impl Iterator<Item = &Member> + '_ {
        let first = self.members.partition_point(|member| member.base < Base::At(place));
        self.members.iter().skip(first).take_while(move |member| member.base == Base::At(place))
    }

    /// Whether the file itself exports a name.
    pub(super) fn exports(&self, name: &str) -> bool {
        self.declared(name).is_some() || self.exports.iter().any(|export| export.name == name)
    }
}
