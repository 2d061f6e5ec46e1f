//! Insecure calls, imports and texts by bandit's ids, each where bandit sees it.
//!
//! One walk over a file in the order of its source: imports say what names stand for, and each call, text, import, function,
//! `assert` and `except` is looked at where it stands. Where bandit calls a value unsafe only since it cannot read it
//! (`timeout=limit()`), nothing is said.

mod call;
mod lists;
mod markup;
mod strings;
mod value;

use lists::MODULES;
use octavo_toolkit::Level;
use regex_lite::Regex;
use ruff_python_ast::visitor::source_order::{SourceOrderVisitor, TraversalSignal, walk_body};
use ruff_python_ast::{Alias, AnyNodeRef, ExceptHandlerExceptHandler, Expr, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub(super) use strings::sql;

/// The weakness a test is about.
pub(super) fn cwe_of(id: &str) -> u16 {
    match id {
        "B101" | "B110" | "B112" => 703,
        "B103" => 732,
        "B104" => 605,
        "B105" | "B106" | "B107" => 259,
        "B108" | "B306" => 377,
        "B113" => 400,
        "B201" | "B612" | "B701" => 94,
        "B202" | "B310" => 22,
        "B301" | "B302" | "B403" | "B614" => 502,
        "B303" | "B304" | "B305" | "B324" | "B413" | "B502" | "B503" | "B504" => 327,
        "B308" | "B702" | "B703" | "B704" => 79,
        "B311" => 330,
        "B312" | "B321" | "B401" | "B402" | "B415" | "B508" | "B509" => 319,
        "B313" | "B314" | "B315" | "B316" | "B317" | "B318" | "B319" | "B405" | "B406" | "B407" | "B408" | "B409"
        | "B411" | "B506" => 20,
        "B323" | "B501" | "B507" => 295,
        "B412" => 284,
        "B505" => 326,
        "B608" | "B610" | "B611" => 89,
        "B613" => 838,
        "B615" => 494,
        _ => 78,
    }
}

/// What is insecure: its id, level, place and message.
pub(super) struct Found {
    pub(super) id: &'static str,
    pub(super) level: Level,
    pub(super) range: TextRange,
    pub(super) message: Cow<'static, str>,
}

/// What is insecure in a file; `sql` is [`sql`], which all files of a call share.
pub(super) fn find(body: &[Stmt], source: &str, sql: Option<&Regex>) -> Vec<Found> {
    let mut scan =
        Scan { sql, body, stack: Vec::new(), imported: BTreeSet::new(), names: BTreeMap::new(), found: Vec::new() };
    scan.direction_changes(source);
    walk_body(&mut scan, body);
    scan.found
}

struct Scan<'a> {
    sql: Option<&'a Regex>,
    body: &'a [Stmt],
    // The nodes around the one that is looked at.
    stack: Vec<AnyNodeRef<'a>>,
    // Full names of what was imported so far, and what names stand for.
    imported: BTreeSet<String>,
    names: BTreeMap<&'a str, String>,
    found: Vec<Found>,
}

// Parameters that have a default, with it; but for those that are given by name only.
fn defaults(function: &StmtFunctionDef) -> impl Iterator<Item = (&str, &Expr)> {
    let parameters = function.parameters.posonlyargs.iter().chain(&function.parameters.args);
    parameters.filter_map(|parameter| Some((parameter.name().as_str(), parameter.default.as_deref()?)))
}

impl<'a> Scan<'a> {
    fn add(&mut self, id: &'static str, level: Level, range: TextRange, message: impl Into<Cow<'static, str>>) {
        self.found.push(Found { id, level, range, message: message.into() });
    }

    fn parent(&self) -> Option<AnyNodeRef<'a>> {
        self.stack.last().copied()
    }

    // Whether a module of such a name, or of which it is part, is imported.
    fn imports_like(&self, name: &str) -> bool {
        self.imported.iter().any(|imported| imported.contains(name))
    }

    fn imports(&self, module: &str) -> bool {
        self.imported.contains(module)
            || self.imported.iter().any(|name| name.strip_prefix(module).is_some_and(|rest| rest.starts_with('.')))
    }

    // A name in full: what its first part was imported as, then attributes; what is called or indexed has no name.
    fn full_name(&self, expr: &Expr) -> String {
        let (mut expr, mut attributes) = (expr, Vec::new());
        while let Expr::Attribute(attribute) = expr {
            attributes.push(attribute.attr.as_str());
            expr = &attribute.value;
        }
        let first = match expr {
            Expr::Name(name) => self.names.get(name.id.as_str()).cloned().unwrap_or_else(|| name.id.to_string()),
            _ => String::new(),
        };
        attributes.into_iter().rev().fold(first, |name, attribute| name + "." + attribute)
    }

    fn import(&mut self, module: Option<&str>, aliases: &'a [Alias], range: TextRange) {
        let full = |alias: &Alias| match module {
            Some(module) => format!("{module}.{}", alias.name),
            None => alias.name.to_string(),
        };
        for alias in aliases {
            match (&alias.asname, module) {
                (Some(name), _) => _ = self.names.insert(name.as_str(), full(alias)),
                (None, Some(_)) => _ = self.names.insert(alias.name.as_str(), full(alias)),
                (None, None) => {}
            }
            self.imported.insert(full(alias));
        }
        let found = aliases.iter().map(full).find_map(|name| {
            let is_listed = |names: &[&str]| names.iter().any(|listed| name.starts_with(listed));
            let listed = MODULES.iter().find(|(_, _, _, names)| is_listed(names))?;
            Some((listed, format!("`{name}` {}", listed.2)))
        });
        if let Some(((id, level, ..), message)) = found {
            self.add(id, *level, range, message);
        }
    }

    fn handler(&mut self, handler: &ExceptHandlerExceptHandler) {
        let catches_all = match handler.type_.as_deref() {
            None => true,
            Some(Expr::Name(name)) => name.id == "Exception",
            Some(_) => false,
        };
        match handler.body.as_slice() {
            [Stmt::Pass(_)] if catches_all => {
                self.add("B110", Level::Info, handler.range(), "every error is passed over in silence");
            }
            [Stmt::Continue(_)] if catches_all => {
                self.add("B112", Level::Info, handler.range(), "every error is passed over in silence");
            }
            _ => {}
        }
    }

    // The first character that changes the direction of text.
    fn direction_changes(&mut self, source: &str) {
        let changes = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200f}');
        let Some((at, c)) = source.char_indices().find(|(_, c)| changes(*c)) else { return };
        let size = |at: usize| TextSize::try_from(at).unwrap_or_default();
        let range = TextRange::new(size(at), size(at + c.len_utf8()));
        self.add("B613", Level::Error, range, "an invisible character changes the direction of text");
    }
}

impl<'a> SourceOrderVisitor<'a> for Scan<'a> {
    fn enter_node(&mut self, node: AnyNodeRef<'a>) -> TraversalSignal {
        match node {
            AnyNodeRef::StmtImport(import) => self.import(None, &import.names, import.range()),
            AnyNodeRef::StmtImportFrom(import) => {
                let module = import.module.as_ref().map(ruff_python_ast::Identifier::as_str);
                self.import(module, &import.names, import.range());
            }
            AnyNodeRef::StmtFunctionDef(function) if !function.is_async => {
                self.password_default(function);
                self.old_tls_default(function);
            }
            AnyNodeRef::StmtAssert(assert) => {
                self.add("B101", Level::Info, assert.range(), "an assert is left out when Python runs optimised (-O)");
            }
            AnyNodeRef::ExceptHandlerExceptHandler(handler) => self.handler(handler),
            AnyNodeRef::ExprCall(call) => self.call(call),
            AnyNodeRef::ExprDict(dict) => self.dict(dict),
            AnyNodeRef::ExprStringLiteral(literal) => self.text(literal, literal.value.to_str()),
            AnyNodeRef::ExprFString(string) => self.pieces(string.value.iter(), string.range()),
            _ => {}
        }
        // Arguments are the call's own.
        if !matches!(node, AnyNodeRef::Arguments(_)) {
            self.stack.push(node);
        }
        TraversalSignal::Traverse
    }

    fn leave_node(&mut self, node: AnyNodeRef<'a>) {
        if !matches!(node, AnyNodeRef::Arguments(_)) {
            self.stack.pop();
        }
    }
}
