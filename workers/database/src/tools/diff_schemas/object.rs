//! What a schema holds beside tables: views, functions, triggers, types, policies, grants and the like, each known by its kind
//! and name and compared by its words.

use super::text::{quote, quote_table, respell_casts, words};
use crate::support::schema::cursor::Cursor;
use crate::support::schema::lex::{Kind, Token, statements};
use crate::support::schema::{Dialect, Schema, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Words that stand between CREATE and what is created.
const PREFIXES: &[&str] = &[
    "or",
    "replace",
    "alter",
    "temp",
    "temporary",
    "global",
    "local",
    "unlogged",
    "recursive",
    "constraint",
    "trusted",
    "procedural",
    "algorithm",
    "sql",
    "security",
    "definer",
    "invoker",
    "undefined",
    "merge",
    "temptable",
    "unique",
];
/// What can be created, beside tables.
const KINDS: &[&str] = &[
    "view",
    "materialized view",
    "function",
    "procedure",
    "aggregate",
    "trigger",
    "policy",
    "rule",
    "domain",
    "type",
    "sequence",
    "extension",
    "schema",
    "event",
    "index",
    "server",
    "collation",
    "operator",
    "cast",
    "publication",
    "statistics",
    "language",
];

/// One such thing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    /// `view`, `trigger`, `grant` and so on.
    pub(super) kind: String,
    /// Its name, with its schema where that is not the usual one.
    pub(super) name: String,
    /// The table it belongs to.
    pub(super) on: Option<String>,
    /// The types of a routine's parameters.
    pub(super) signature: Option<String>,
    /// The statement as written.
    pub(super) text: String,
    /// Its words.
    pub(super) words: Vec<String>,
    /// Where it stands.
    pub(super) span: Span,
}

impl Object {
    /// What tells it from others.
    pub(super) fn key(&self) -> (String, String) {
        let kind = if self.kind == "procedure" { "function" } else { self.kind.as_str() };
        let on = self.on.as_deref().filter(|_| matches!(kind, "policy" | "rule" | "trigger"));
        let signature = self.signature.as_deref().filter(|_| kind != "comment").unwrap_or_default();
        (kind.to_owned(), format!("{}{signature}{}", self.name, on.map(|on| format!(" on {on}")).unwrap_or_default()))
    }

    /// The statement that takes it away.
    pub(super) fn dropped(&self, dialect: Dialect) -> Option<String> {
        let name = quote_table(&self.name, dialect);
        Some(match self.kind.as_str() {
            "trigger" | "policy" | "rule" if dialect == Dialect::PostgreSql => {
                format!(
                    "DROP {} {name} ON {}",
                    self.kind.to_uppercase(),
                    quote_table(self.on.as_deref().unwrap_or_default(), dialect)
                )
            }
            "function" | "procedure" | "aggregate" if dialect == Dialect::PostgreSql => {
                format!("DROP {} {name}{}", self.kind.to_uppercase(), self.signature.as_deref().unwrap_or_default())
            }
            "extension" | "schema" => format!("DROP {} {}", self.kind.to_uppercase(), quote(&self.name, dialect)),
            "alter" | "grant" | "comment" | "cast" | "operator" | "language" => return None,
            kind => format!("DROP {} {name}", kind.to_uppercase()),
        })
    }
}

/// Most privileges that the grants of a schema come to, each on one thing for one role: a statement gives as many as its lists make
/// pairs.
pub(super) const MAX_GRANTS: usize = 20_000;

/// The things of a schema in order, what later statements drop or replace left out; grants apart, and whether there are more.
pub(super) fn objects(source: &str, schema: &Schema, dialect: Dialect) -> (Vec<Object>, BTreeSet<Grant>, bool) {
    let mut list: Vec<Object> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut grants = BTreeSet::new();
    let (mut room, mut is_cut) = (MAX_GRANTS, false);
    // The places of each kind and name.
    let mut named: BTreeMap<(String, String), BTreeSet<usize>> = BTreeMap::new();
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for span in &schema.others {
        let Some(text) = source.get(span.clone()) else { continue };
        let tokens: Vec<Token<'_>> = whole(text, dialect);
        let mut cursor = Cursor { source: text, dialect, tokens: &tokens, at: 0 };
        if cursor.is("grant") || cursor.is("revoke") {
            let grant = cursor.is("grant");
            let granted = atoms(&mut cursor, room + 1);
            is_cut |= granted.len() > room;
            room = room.saturating_sub(granted.len());
            for atom in granted {
                if grant {
                    grants.insert(atom)
                } else {
                    grants.remove(&atom)
                };
            }
            continue;
        }
        if cursor.take("drop") {
            let Some((kind, name)) = dropped(&mut cursor) else { continue };
            gone.extend(named.remove(&(kind, name)).into_iter().flatten());
            continue;
        }
        let Some(mut object) = object(&mut cursor) else { continue };
        object.span = span.clone();
        let name = (object.kind.clone(), object.name.clone());
        let place = match places.get(&object.key()).and_then(|at| list.get_mut(*at).map(|slot| (*at, slot))) {
            Some((at, slot)) if object.kind != "alter" => {
                gone.remove(&at);
                if let Some(places) = named.get_mut(&(slot.kind.clone(), slot.name.clone())) {
                    places.remove(&at);
                }
                *slot = object;
                at
            }
            _ => {
                places.insert(object.key(), list.len());
                list.push(object);
                list.len() - 1
            }
        };
        named.entry(name).or_default().insert(place);
    }
    let list = list.into_iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, object)| object).collect();
    (list, grants, is_cut)
}

// Tokens of one statement, its inner semicolons among them.
fn whole(text: &str, dialect: Dialect) -> Vec<Token<'_>> {
    statements(text, dialect).into_iter().flatten().collect()
}

fn object(cursor: &mut Cursor<'_, '_>) -> Option<Object> {
    let dialect = cursor.dialect;
    let whole_text = || cursor.source.to_owned();
    let mut object = Object {
        kind: String::new(),
        name: String::new(),
        on: None,
        signature: None,
        text: whole_text(),
        words: Vec::new(),
        span: 0..0,
    };
    if cursor.take("comment") {
        cursor.take("on");
        let end = cursor.tokens.iter().rposition(|token| token.is("is"))?;
        let target = cursor.text(cursor.at, end);
        object.signature = cursor
            .tokens
            .get(end)
            .and_then(|token| cursor.source.get(..token.at))
            .map(|head| head.trim_end().to_owned());
        "comment".clone_into(&mut object.kind);
        object.name = words(&target, dialect).join(" ");
        object.words = words(cursor.source, dialect);
        return Some(object);
    }
    if cursor.is("alter") {
        if cursor.tokens.iter().zip(cursor.tokens.iter().skip(1)).any(|(one, next)| one.is("owner") && next.is("to")) {
            return None;
        }
        "alter".clone_into(&mut object.kind);
        object.words = words(cursor.source, dialect);
        object.name = object.words.join(" ");
        return Some(object);
    }
    if !cursor.take("create") {
        return None;
    }
    while cursor.peek().is_some_and(|token| PREFIXES.iter().any(|word| token.is(word)) || token.is_mark('=')) {
        // `DEFINER = name@host`
        let definer = cursor.is("definer");
        cursor.next();
        if definer && cursor.take_mark('=') {
            cursor.next();
            if cursor.take_mark('(') {
                cursor.take_mark(')');
            }
            if cursor.take_mark('@') {
                cursor.next();
            }
        }
    }
    let kind = KINDS.iter().find(|kind| cursor.take(kind))?;
    (*kind).clone_into(&mut object.kind);
    cursor.take("concurrently");
    cursor.take("if not exists");
    let from = cursor.at;
    if object.kind == "schema" && cursor.take("authorization") || cursor.peek().is_none() {
        return None;
    }
    object.name = cursor.table_name().ok()?.0;
    let after = cursor.at;
    if matches!(*kind, "trigger" | "policy" | "rule" | "index") {
        while !cursor.over() && !cursor.take("on") {
            // `RULE name AS ON event TO table`
            cursor.next();
        }
        if object.kind == "rule" {
            while !cursor.over() && !cursor.take("to") {
                cursor.next();
            }
        }
        cursor.take("only");
        object.on = cursor.table_name().ok().map(|(name, _)| name);
    }
    if matches!(*kind, "function" | "procedure" | "aggregate") && dialect == Dialect::PostgreSql {
        cursor.at = after;
        object.signature =
            Some(format!("({})", cursor.group().ok().map(|mut group| parameters(&mut group)).unwrap_or_default()));
    }
    // Words from the name on: how it is created says nothing of what it is.
    let rest = cursor.tokens.get(from).map_or(0, |token| token.at);
    object.words = words(cursor.source.get(rest..).unwrap_or_default(), dialect);
    let unique = cursor.tokens.get(1).is_some_and(|token| token.is("unique"));
    object.words = respell_casts(std::mem::take(&mut object.words));
    object.words.insert(0, if unique { "unique".to_owned() } else { object.kind.clone() });
    Some(object)
}

// The types of a routine's parameters that tell it from others of its name.
fn parameters(group: &mut Cursor<'_, '_>) -> String {
    let mut types = Vec::new();
    for part in group.parts() {
        let end =
            part.tokens.iter().position(|token| token.is("default") || token.is_mark('=')).unwrap_or(part.tokens.len());
        let mut tokens = part.tokens.get(..end).unwrap_or_default();
        if tokens.first().is_some_and(|token| token.is("out")) {
            continue;
        }
        if tokens.first().is_some_and(|token| ["in", "inout", "variadic"].iter().any(|word| token.is(word))) {
            tokens = tokens.get(1..).unwrap_or_default();
        }
        let named = tokens.len() > 1
            && tokens.get(1).is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
            && !(tokens.len() >= 2
                && ["double", "character", "timestamp", "time", "bit", "national", "interval"]
                    .iter()
                    .any(|word| tokens.first().is_some_and(|token| token.is(word))));
        if named {
            tokens = tokens.get(1..).unwrap_or_default();
        }
        let text = match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => part.source.get(first.at..last.end()).unwrap_or_default(),
            _ => "",
        };
        types.push(words(text, part.dialect).join(" ").replace(" [ ]", "[]"));
    }
    types.join(", ")
}

fn dropped(cursor: &mut Cursor<'_, '_>) -> Option<(String, String)> {
    let kind = KINDS.iter().find(|kind| cursor.take(kind))?;
    cursor.take("if exists");
    Some(((*kind).to_owned(), cursor.table_name().ok()?.0))
}

/// One privilege on one thing for one role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grant {
    /// On what, in one spelling.
    pub(super) on: String,
    /// For whom.
    pub(super) role: String,
    /// `WITH GRANT OPTION` and the like.
    pub(super) option: String,
    /// What may be done.
    pub(super) privilege: String,
}

fn atoms(cursor: &mut Cursor<'_, '_>, most: usize) -> Vec<Grant> {
    cursor.next();
    cursor.take("grant option for");
    let find = |word: &str| cursor.tokens.iter().position(|token| token.is(word));
    let (on, to) = (find("on"), find("to").or_else(|| find("from")));
    let Some(to) = to else { return Vec::new() };
    let privileges_end = on.unwrap_or(to).min(to);
    let slice = |from: usize, to: usize| Cursor {
        source: cursor.source,
        dialect: cursor.dialect,
        tokens: cursor.tokens.get(from..to).unwrap_or_default(),
        at: 0,
    };
    let spelled = |part: &Cursor<'_, '_>| words(&part.text(0, part.tokens.len()), part.dialect);
    let mut privileges: Vec<String> = Vec::new();
    for part in slice(cursor.at, privileges_end).parts() {
        let mut list = spelled(&part);
        list.retain(|word| word != "privileges");
        let columns: Option<(Vec<String>, Vec<String>)> = list.iter().position(|word| word == "(").map(|at| {
            (
                list.get(..at).unwrap_or_default().to_vec(),
                list.get(at + 1..list.len().saturating_sub(1)).unwrap_or_default().to_vec(),
            )
        });
        match columns {
            Some((word, names)) => privileges.extend(
                names
                    .iter()
                    .filter(|name| *name != ",")
                    .map(|name| format!("{} ({name})", word.join(" ").to_uppercase())),
            ),
            None => privileges.push(list.join(" ").to_uppercase()),
        }
    }
    let end = cursor
        .tokens
        .iter()
        .position(|token| token.is("with") || token.is("granted") || token.is("cascade"))
        .unwrap_or(cursor.tokens.len());
    let option = if cursor.tokens.get(end).is_some_and(|token| token.is("with")) {
        cursor.text(end, cursor.tokens.len()).to_uppercase()
    } else {
        String::new()
    };
    let targets: Vec<String> = match on {
        Some(on) if on < to => {
            let mut part = slice(on + 1, to);
            let kind = [
                "all tables in schema",
                "all sequences in schema",
                "schema",
                "sequence",
                "function",
                "table",
                "database",
                "type",
                "domain",
            ]
            .iter()
            .find(|kind| part.take(kind))
            .filter(|kind| **kind != "table")
            .map(|kind| format!("{} ", kind.to_uppercase()))
            .unwrap_or_default();
            part.parts()
                .iter()
                .map(|part| format!("{kind}{}", part.text(0, part.tokens.len()).trim_start_matches("public.")))
                .collect()
        }
        _ => vec![String::new()],
    };
    let mut atoms = Vec::new();
    for role in slice(to + 1, end).parts() {
        let role = role.text(0, role.tokens.len());
        for on in &targets {
            for privilege in &privileges {
                if atoms.len() >= most {
                    return atoms;
                }
                let on = words(on, cursor.dialect).join(" ").replace(" . ", ".").replace("( ", "(").replace(" )", ")");
                atoms.push(Grant {
                    on,
                    role: words(&role, cursor.dialect).join(" "),
                    option: option.clone(),
                    privilege: privilege.clone(),
                });
            }
        }
    }
    atoms
}

type Grouped<'g> = BTreeMap<(&'g str, &'g str, &'g str), Vec<&'g str>>;

fn grouped<'g>(grants: impl Iterator<Item = &'g Grant>) -> Grouped<'g> {
    let mut groups = Grouped::new();
    for grant in grants {
        groups.entry((&grant.on, &grant.role, &grant.option)).or_default().push(&grant.privilege);
    }
    groups
}

/// Statements that give what one side has and the other has not, and take what only the other has.
pub(super) fn grant_steps(from: &BTreeSet<Grant>, to: &BTreeSet<Grant>) -> (Vec<String>, Vec<String>) {
    let sentence = |verb: &str, on: &str, privileges: &[&str], way: &str, role: &str, option: &str| {
        let on = if on.is_empty() { String::new() } else { format!(" ON {on}") };
        let option = if option.is_empty() { String::new() } else { format!(" {option}") };
        format!("{verb} {}{on} {way} {role}{option}", privileges.join(", "))
    };
    let given = grouped(to.difference(from));
    let taken = grouped(from.difference(to));
    (
        taken.iter().map(|((on, role, _), list)| sentence("REVOKE", on, list, "FROM", role, "")).collect(),
        given.iter().map(|((on, role, option), list)| sentence("GRANT", on, list, "TO", role, option)).collect(),
    )
}
