//! Columns: types, defaults, and what else follows a name.

use super::cursor::{Cursor, Read};
use super::key::references;
use super::lex::{Kind, inner};
use super::types::{ColumnType, is_serial};
use super::{Check, Column, Dialect, Key, Table};

/// Words that end a column's type or default.
const COLUMN_WORDS: &[&str] = &[
    "as",
    "auto_increment",
    "autoincrement",
    "check",
    "collate",
    "comment",
    "constraint",
    "default",
    "deferrable",
    "generated",
    "identity",
    "initially",
    "invisible",
    "key",
    "not",
    "null",
    "on",
    "primary",
    "references",
    "storage",
    "stored",
    "unique",
    "virtual",
    "visible",
    "compression",
    "options",
    "signed",
    "unsigned",
    "zerofill",
    "charset",
    "srid",
    "enable",
];

/// A column's definition.
pub(super) fn column(cursor: &mut Cursor<'_, '_>, table: &mut Table) -> Read<Column> {
    let token = cursor.peek().copied();
    let name = cursor.name()?;
    let span = token.map_or(0..0, |token| token.span());
    let (ty, serial) = column_type(cursor)?;
    let mut column = Column {
        name,
        span,
        ty,
        not_null: serial,
        default: None,
        generated: None,
        counts: serial,
        comment: None,
        quoted: token.is_some_and(|token| token.kind == Kind::Quoted),
        collation: None,
        identity: None,
        stored: false,
        clauses: Vec::new(),
        renamed_from: None,
    };
    column_constraints(cursor, &mut column, table)?;
    Ok(column)
}

/// A type, and whether it was one that counts by itself.
pub(super) fn column_type(cursor: &mut Cursor<'_, '_>) -> Read<(ColumnType, bool)> {
    let mut words = String::new();
    let mut arguments = Vec::new();
    let mut array = 0;
    let mut unsigned = false;
    while let Some(token) = cursor.peek() {
        match token.kind {
            Kind::Word if token.is("unsigned") => {
                unsigned = true;
                cursor.next();
            }
            Kind::Word if token.is("binary") && !words.is_empty() && cursor.dialect == Dialect::MySql => break,
            Kind::Word if token.is("signed") => {
                cursor.next();
            }
            Kind::Word if token.is("array") && !words.is_empty() => {
                array += 1;
                cursor.next();
            }
            Kind::Word
                if token.is("character")
                    && !words.is_empty()
                    && cursor.tokens.get(cursor.at + 1).is_some_and(|next| next.is("set")) =>
            {
                break;
            }
            Kind::Word
                if COLUMN_WORDS.iter().any(|word| token.is(word))
                    || token.is("using")
                    || token.is("set") && !words.is_empty() =>
            {
                break;
            }
            Kind::Word if token.is("first") || token.is("after") => break,
            Kind::Word | Kind::Quoted => {
                if !words.is_empty() && !words.ends_with('.') {
                    words.push(' ');
                }
                words.push_str(&if token.kind == Kind::Word { token.text.to_lowercase() } else { inner(token.text) });
                cursor.next();
            }
            Kind::Mark if token.is_mark('.') => {
                words.push('.');
                cursor.next();
            }
            Kind::Mark if token.is_mark('(') && arguments.is_empty() && !words.is_empty() => {
                let mut group = cursor.group()?;
                arguments = group.parts().iter().map(|part| part.text(0, part.tokens.len())).collect();
            }
            Kind::Mark if token.is_mark('[') => {
                array += 1;
                cursor.next();
                while cursor.next().is_some_and(|token| !token.is_mark(']')) {}
            }
            Kind::Text | Kind::Number | Kind::Mark => break,
        }
    }
    if words.is_empty() && cursor.dialect != Dialect::Sqlite {
        return Err("a type is missing");
    }
    let words = words.strip_prefix("public.").unwrap_or(&words);
    let serial = cursor.dialect != Dialect::Sqlite && is_serial(words);
    let mut ty = ColumnType::new(cursor.dialect, words, arguments, array);
    ty.unsigned |= unsigned;
    Ok((ty, serial))
}

/// What follows a column's type.
pub(super) fn column_constraints(cursor: &mut Cursor<'_, '_>, column: &mut Column, table: &mut Table) -> Read<()> {
    let mut name = None;
    let span = cursor.span();
    let place = column.span.clone();
    while !cursor.over() {
        let one = || vec![column.name.clone()];
        if cursor.take("constraint") {
            name = Some(cursor.name()?);
            continue;
        } else if cursor.take("not null") {
            column.not_null = true;
        } else if cursor.take("null") {
            column.not_null = false;
        } else if cursor.take("default") {
            column.default = Some(expression(cursor));
        } else if cursor.take("primary key") || cursor.dialect == Dialect::MySql && cursor.take("key") {
            let options = key_options(cursor);
            table.primary_key = Some(Key { name: name.take(), columns: one(), span: place.clone(), options });
        } else if cursor.take("unique") {
            cursor.take("key");
            let options = key_options(cursor);
            table.uniques.push(Key { name: name.take(), columns: one(), span: place.clone(), options });
        } else if cursor.take("references") {
            let foreign = references(cursor, name.take(), one(), span.clone())?;
            table.foreign_keys.push(foreign);
        } else if cursor.take("check") {
            let from = cursor.at;
            cursor.skip();
            let condition = cursor.text(from + 1, cursor.at.saturating_sub(1));
            let from = cursor.at;
            while ["no inherit", "not valid", "not enforced", "enforced"].iter().any(|words| cursor.take(words)) {}
            let options = cursor.text(from, cursor.at);
            table.checks.push(Check { name: name.take(), condition, span: place.clone(), options });
        } else if let Some(kind) = identity(cursor) {
            column.counts = true;
            column.not_null = true;
            let mut text = kind.to_owned();
            if cursor.is_mark('(') {
                let from = cursor.at;
                cursor.skip();
                text.push(' ');
                text.push_str(&cursor.text(from, cursor.at));
            }
            column.identity = Some(text);
        } else if cursor.take("generated always as") || cursor.take("as") {
            let from = cursor.at;
            cursor.skip();
            column.generated = Some(cursor.text(from + 1, cursor.at.saturating_sub(1)));
        } else if column.generated.is_some() && (cursor.take("stored") || cursor.take("persistent")) {
            column.stored = true;
        } else if column.generated.is_some() && cursor.take("virtual") {
            column.stored = false;
        } else if cursor.take("auto_increment") || cursor.take("autoincrement") {
            column.counts = true;
        } else if cursor.take("collate") {
            let from = cursor.at;
            cursor.take_mark('=');
            cursor.skip();
            while cursor.take_mark('.') {
                cursor.skip();
            }
            column.collation = Some(cursor.text(from, cursor.at));
        } else if cursor.take("comment") {
            column.comment = cursor.next().filter(|token| token.kind == Kind::Text).map(|token| inner(token.text));
        } else {
            clause(cursor, column);
        }
        name = None;
    }
    Ok(())
}

// What SQLite says behind PRIMARY KEY and UNIQUE, and PostgreSQL of all keys.
fn key_options(cursor: &mut Cursor<'_, '_>) -> String {
    let from = cursor.at;
    loop {
        if cursor.take("on conflict") {
            cursor.next();
        } else if ![
            "asc",
            "desc",
            "nulls not distinct",
            "nulls distinct",
            "not deferrable",
            "deferrable",
            "initially deferred",
            "initially immediate",
        ]
        .iter()
        .any(|words| cursor.take(words))
        {
            return cursor.text(from, cursor.at);
        }
    }
}

fn identity(cursor: &mut Cursor<'_, '_>) -> Option<&'static str> {
    if cursor.take("generated always as identity") {
        Some("ALWAYS")
    } else if cursor.take("generated by default as identity") || cursor.take("identity") {
        Some("BY DEFAULT")
    } else {
        None
    }
}

// A clause of no consequence for most readers: its first word, and what follows it up to the next word that begins another.
fn clause(cursor: &mut Cursor<'_, '_>, column: &mut Column) {
    let from = cursor.at;
    let updates = cursor.take("on update");
    cursor.skip();
    while let Some(token) = cursor.peek() {
        let begins = token.kind == Kind::Word
            && (COLUMN_WORDS.iter().any(|word| token.is(word)) || token.is("first") || token.is("after"));
        if begins || updates && token.kind == Kind::Word {
            break;
        }
        cursor.skip();
    }
    column.clauses.push(cursor.text(from, cursor.at));
}

/// An expression up to the next word of a column's definition.
pub(super) fn expression(cursor: &mut Cursor<'_, '_>) -> String {
    let from = cursor.at;
    cursor.skip();
    while let Some(token) = cursor.peek() {
        let word = token.kind == Kind::Word && COLUMN_WORDS.iter().any(|word| token.is(word));
        if word || token.is_mark(',') {
            break;
        }
        cursor.skip();
    }
    cursor.text(from, cursor.at)
}
