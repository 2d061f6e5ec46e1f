//! Reads DDL statements into a [`Schema`].

use super::lex::{Kind, Token, inner, statements};
use super::types::{ColumnType, is_serial};
use super::{Check, Column, Dialect, ForeignKey, Index, IndexPart, Key, Problem, Schema, Span, Table, alter};

/// Most problems remembered.
const MAX_PROBLEMS: usize = 1_000;

/// Words that begin statements which say nothing of tables.
const OTHERS: &[&str] = &[
    "alter",
    "analyze",
    "begin",
    "call",
    "comment",
    "commit",
    "copy",
    "create",
    "deallocate",
    "delete",
    "delimiter",
    "do",
    "drop",
    "end",
    "explain",
    "grant",
    "insert",
    "lock",
    "merge",
    "notify",
    "pragma",
    "prepare",
    "refresh",
    "reindex",
    "release",
    "rename",
    "replace",
    "reset",
    "revoke",
    "rollback",
    "savepoint",
    "security",
    "select",
    "set",
    "show",
    "start",
    "truncate",
    "unlock",
    "update",
    "use",
    "vacuum",
    "values",
    "with",
    "attach",
    "detach",
    "reassign",
    "import",
    "cluster",
    "discard",
    "execute",
    "declare",
    "fetch",
    "close",
    "listen",
    "unlisten",
    "load",
    "abort",
    "checkpoint",
    "optimize",
    "flush",
    "handler",
];

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

/// Reads all statements of a source.
pub fn read(source: &str, dialect: Dialect) -> Schema {
    let mut schema = Schema::default();
    for tokens in statements(source, dialect) {
        schema.statements += 1;
        let mut cursor = Cursor { source, dialect, tokens: &tokens, at: 0 };
        if let Err(what) = statement(&mut cursor, &mut schema) {
            let place = cursor.peek().or_else(|| tokens.last()).map_or(0..0, Token::span);
            if schema.problems.len() < MAX_PROBLEMS {
                schema.problems.push(Problem { span: place, what: what.to_owned() });
            }
        }
    }
    close(&mut schema);
    schema
}

// What constraints imply, once all statements are read.
fn close(schema: &mut Schema) {
    for table in &mut schema.tables {
        if let Some(key) = &table.primary_key {
            for column in table.columns.iter_mut().filter(|column| key.columns.contains(&column.name)) {
                column.not_null = true;
            }
        }
    }
}

type Read<T> = Result<T, &'static str>;

fn statement(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    let Some(first) = cursor.peek().copied() else { return Ok(()) };
    let opens = cursor.tokens.iter().filter(|token| token.is_mark('(')).count();
    let closes = cursor.tokens.iter().filter(|token| token.is_mark(')')).count();
    if opens != closes && !first.is("do") {
        return Err(if opens > closes { "a `(` is not closed" } else { "a `)` closes nothing" });
    }
    let words: Vec<String> = cursor
        .tokens
        .iter()
        .take(6)
        .take_while(|token| token.kind == Kind::Word)
        .map(|token| token.text.to_lowercase())
        .collect();
    let second = words.get(1).map_or("", String::as_str);
    let is_table = words.iter().take(5).any(|word| word == "table");
    match first.text.to_lowercase().as_str() {
        "create" if is_table && !matches!(second, "view" | "trigger" | "function") => create_table(cursor, schema),
        "create" if words.iter().take(4).any(|word| word == "index") => create_index(cursor, schema),
        "create" if second == "type" => create_type(cursor, schema),
        "alter" if words.iter().take(3).any(|word| word == "table") => alter::alter_table(cursor, schema),
        "drop" if second == "table" => alter::drop_table(cursor, schema),
        "drop" if second == "index" => alter::drop_index(cursor, schema),
        "comment" => comment(cursor, schema),
        word if first.kind == Kind::Word && OTHERS.contains(&word) => {
            let kind = if matches!(word, "create" | "alter" | "drop") && !second.is_empty() {
                format!("{word} {second}")
            } else {
                word.to_owned()
            };
            *schema.ignored.entry(kind).or_default() += 1;
            Ok(())
        }
        _ => Err("this begins no statement of SQL"),
    }
}

/// Walks over the tokens of a statement, or of a part of it.
pub(super) struct Cursor<'s, 't> {
    pub(super) source: &'s str,
    pub(super) dialect: Dialect,
    pub(super) tokens: &'t [Token<'s>],
    pub(super) at: usize,
}

impl<'s, 't> Cursor<'s, 't> {
    pub(super) fn peek(&self) -> Option<&'t Token<'s>> {
        self.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<&'t Token<'s>> {
        let token = self.tokens.get(self.at);
        self.at += usize::from(token.is_some());
        token
    }

    pub(super) fn over(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Takes these words if they come next.
    pub(super) fn take(&mut self, words: &str) -> bool {
        let count = words.split(' ').count();
        let ahead = self.tokens.get(self.at..self.at + count).unwrap_or_default();
        let found = ahead.len() == count && words.split(' ').zip(ahead).all(|(word, token)| token.is(word));
        if found {
            self.at += count;
        }
        found
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is(word))
    }

    pub(super) fn is_mark(&self, mark: char) -> bool {
        self.peek().is_some_and(|token| token.is_mark(mark))
    }

    pub(super) fn take_mark(&mut self, mark: char) -> bool {
        let found = self.is_mark(mark);
        self.at += usize::from(found);
        found
    }

    pub(super) fn name(&mut self) -> Read<String> {
        let name = self.peek().and_then(|token| token.name(self.dialect)).ok_or("a name is missing")?;
        self.at += 1;
        Ok(name)
    }

    /// `schema.name`, without the schema where it is the usual one.
    pub(super) fn table_name(&mut self) -> Read<(String, Span)> {
        let start = self.peek().map_or(0, |token| token.at);
        let mut name = self.name()?;
        let mut schema = None;
        while self.take_mark('.') {
            schema = Some(std::mem::replace(&mut name, self.name()?));
        }
        let end = self.tokens.get(self.at.saturating_sub(1)).map_or(start, Token::end);
        let usual = |schema: &str| matches!(schema, "public" | "main" | "dbo");
        let full = match schema.filter(|schema| !usual(schema)) {
            Some(schema) => format!("{schema}.{name}"),
            None => name,
        };
        Ok((full, start..end))
    }

    /// What stands in the parentheses that come next.
    pub(super) fn group(&mut self) -> Read<Cursor<'s, 't>> {
        if !self.is_mark('(') {
            return Err("a `(` is missing");
        }
        let start = self.at + 1;
        self.skip();
        let tokens = self.tokens.get(start..self.at.saturating_sub(1)).unwrap_or_default();
        Ok(Cursor { source: self.source, dialect: self.dialect, tokens, at: 0 })
    }

    /// Goes behind the next token, or behind the group it opens.
    pub(super) fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.next() {
            if token.is_mark('(') || token.is_mark('[') {
                depth += 1;
            } else if token.is_mark(')') || token.is_mark(']') {
                depth = depth.saturating_sub(1);
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// The parts between commas outside of parentheses.
    pub(super) fn parts(&mut self) -> Vec<Cursor<'s, 't>> {
        let mut parts = Vec::new();
        let mut start = self.at;
        while let Some(token) = self.peek() {
            if token.is_mark(',') {
                parts.push(self.part(start, self.at));
                self.at += 1;
                start = self.at;
            } else {
                self.skip();
            }
        }
        if start < self.at {
            parts.push(self.part(start, self.at));
        }
        parts
    }

    fn part(&self, from: usize, to: usize) -> Cursor<'s, 't> {
        Cursor {
            source: self.source,
            dialect: self.dialect,
            tokens: self.tokens.get(from..to).unwrap_or_default(),
            at: 0,
        }
    }

    /// The text of tokens, blanks made one.
    pub(super) fn text(&self, from: usize, to: usize) -> String {
        let tokens = self.tokens.get(from..to).unwrap_or_default();
        let mut text = String::new();
        let mut end = None;
        for token in tokens {
            if end.is_some_and(|end| end < token.at) {
                text.push(' ');
            }
            text.push_str(token.text);
            end = Some(token.end());
        }
        text
    }

    pub(super) fn span(&self) -> Span {
        let start = self.tokens.first().map_or(0, |token| token.at);
        start..self.tokens.last().map_or(start, Token::end)
    }

    pub(super) fn columns(&mut self) -> Read<Vec<String>> {
        let mut group = self.group()?;
        let name = |mut part: Cursor<'s, 't>| {
            // A range of a temporal key.
            if part.tokens.len() > 1 {
                part.take("period");
            }
            part.name()
        };
        group.parts().into_iter().map(name).collect()
    }
}

fn create_table(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    while !cursor.take("table") {
        cursor.next().ok_or("TABLE is missing")?;
    }
    let may_exist = cursor.take("if not exists");
    let (name, span) = cursor.table_name()?;
    if may_exist && schema.table(&name).is_some() {
        return Ok(());
    }
    let mut table = Table::new(name, span);
    if cursor.take("partition of") {
        table.parent = Some(cursor.table_name()?.0);
    } else if cursor.take("like") {
        let (source, _) = cursor.table_name()?;
        copy(schema, &source, &mut table);
    } else if cursor.take("of") {
        table.opaque = true;
    }
    if cursor.is_mark('(') {
        let mut group = cursor.group()?;
        if group.is("select") || group.is("with") {
            table.opaque = true;
        } else {
            for mut element in group.parts() {
                element_of(&mut element, &mut table, schema)?;
            }
        }
    }
    while let Some(token) = cursor.peek() {
        if cursor.take("inherits") {
            table.parent = cursor.columns()?.into_iter().next();
        } else if cursor.take("as") || token.is("select") {
            table.opaque = true;
            break;
        } else if cursor.take("comment") {
            cursor.take_mark('=');
            table.comment = cursor.next().filter(|token| token.kind == Kind::Text).map(|token| inner(token.text));
        } else {
            cursor.skip();
        }
    }
    if table.columns.is_empty() && !table.opaque && table.parent.is_none() && cursor.dialect != Dialect::PostgreSql {
        return Err("the table has no columns");
    }
    schema.tables.retain(|known| known.name != table.name);
    schema.tables.push(table);
    Ok(())
}

fn copy(schema: &Schema, source: &str, into: &mut Table) {
    match schema.table(source) {
        Some(known) => {
            *into =
                Table { name: into.name.clone(), span: into.span.clone(), foreign_keys: Vec::new(), ..known.clone() }
        }
        None => into.opaque = true,
    }
}

/// A column or constraint in the parentheses of a table.
fn element_of(element: &mut Cursor<'_, '_>, table: &mut Table, schema: &Schema) -> Read<()> {
    if element.over() {
        return Err("a column is missing between commas");
    }
    if element.take("like") {
        let (source, _) = element.table_name()?;
        let columns = schema.table(&source).map(|known| known.columns.clone());
        match columns {
            Some(columns) => table.columns.extend(columns),
            None => table.opaque = true,
        }
        return Ok(());
    }
    if constraint(element, table)? {
        return Ok(());
    }
    let column = column(element, table)?;
    table.columns.retain(|known| known.name != column.name);
    table.columns.push(column);
    Ok(())
}

/// A constraint of a table, if one comes next.
pub(super) fn constraint(element: &mut Cursor<'_, '_>, table: &mut Table) -> Read<bool> {
    let start = element.at;
    let span = element.span();
    let mut name = None;
    if element.take("constraint")
        && !["primary", "unique", "foreign", "check", "exclude"].iter().any(|word| element.is(word))
    {
        name = Some(element.name()?);
    }
    let mysql = element.dialect == Dialect::MySql;
    if element.take("primary key") {
        if element.take("using index") || element.over() {
            return Ok(true);
        }
        if element.take("using") {
            element.next();
        }
        // MySQL lets a name stand here, and takes no notice of it.
        if !element.is_mark('(') {
            element.next();
        }
        table.primary_key = Some(Key { name, columns: index_columns(element)?, span });
    } else if element.is("unique") && !is_column_named(element) {
        element.next();
        if !element.take("key") {
            element.take("index");
        }
        element.take("nulls distinct");
        element.take("nulls not distinct");
        if element.take("using index") {
            return Ok(true);
        }
        if !element.is_mark('(') && !element.is("using") {
            name = Some(element.name()?);
        }
        if element.take("using") {
            element.next();
        }
        let parts = index_parts(&mut element.group()?);
        if parts.iter().all(|part| part.column.is_some() || !part.text.contains(['(', ' '])) {
            let columns = parts.into_iter().map(|part| part.column.unwrap_or(part.text)).collect();
            table.uniques.push(Key { name, columns, span });
        } else {
            let method = "btree".to_owned();
            table.indexes.push(Index { name, parts, unique: true, method, condition: None, include: Vec::new(), span });
        }
    } else if element.take("foreign key") {
        if !element.is_mark('(') {
            let own = element.name()?;
            name = name.or(Some(own));
        }
        let columns = element.columns()?;
        if !element.take("references") {
            return Err("REFERENCES is missing");
        }
        let foreign = references(element, name, columns, span)?;
        table.foreign_keys.push(foreign);
    } else if element.is("check") && element.tokens.get(element.at + 1).is_some_and(|token| token.is_mark('(')) {
        element.next();
        let from = element.at;
        element.skip();
        let condition = element.text(from + 1, element.at.saturating_sub(1));
        table.checks.push(Check { name, condition, span });
    } else if element.take("exclude") {
        // Its index is no B-tree unless it says so.
        let method = if element.take("using") { element.next().map(|token| token.text.to_lowercase()) } else { None };
        let method = method.unwrap_or_else(|| "gist".to_owned());
        let parts = index_parts(&mut element.group()?);
        table.indexes.push(Index { name, parts, unique: false, method, condition: None, include: Vec::new(), span });
    } else if mysql && ["index", "key", "fulltext", "spatial"].iter().any(|word| element.is(word)) {
        let kind = element.next().map(|token| token.text.to_lowercase()).unwrap_or_default();
        if matches!(kind.as_str(), "fulltext" | "spatial") && !element.take("key") {
            element.take("index");
        }
        if !element.is_mark('(') && !element.is("using") {
            name = Some(element.name()?);
        }
        let mut method = if matches!(kind.as_str(), "fulltext" | "spatial") { kind } else { "btree".to_owned() };
        if element.take("using") {
            method = element.next().map(|token| token.text.to_lowercase()).unwrap_or(method);
        }
        let parts = index_parts(&mut element.group()?);
        table.indexes.push(Index { name, parts, unique: false, method, condition: None, include: Vec::new(), span });
    } else {
        if name.is_some() {
            return Err("no kind of constraint follows its name");
        }
        element.at = start;
        return Ok(false);
    }
    Ok(true)
}

// `unique text`: a column with that name, where the dialect lets words be names.
fn is_column_named(element: &Cursor<'_, '_>) -> bool {
    let following = element.tokens.get(element.at + 1);
    element.dialect != Dialect::MySql
        && following.is_some_and(|token| token.kind == Kind::Word && !token.is("nulls") && !token.is("using"))
}

// Columns of a key; lengths and directions are left out.
fn index_columns(element: &mut Cursor<'_, '_>) -> Read<Vec<String>> {
    let parts = index_parts(&mut element.group()?);
    Ok(parts.into_iter().map(|part| part.column.unwrap_or(part.text)).collect())
}

fn references(cursor: &mut Cursor<'_, '_>, name: Option<String>, columns: Vec<String>, span: Span) -> Read<ForeignKey> {
    let (table, _) = cursor.table_name()?;
    let references = if cursor.is_mark('(') { cursor.columns()? } else { Vec::new() };
    let mut key = ForeignKey { name, columns, table, references, on_delete: None, on_update: None, span };
    loop {
        let deleting = cursor.take("on delete");
        if deleting || cursor.take("on update") {
            let action = ["no action", "set null", "set default", "cascade", "restrict"]
                .iter()
                .find(|action| cursor.take(action));
            let action = action.map(|action| action.to_uppercase());
            if deleting {
                key.on_delete = action;
            } else {
                key.on_update = action;
            }
        } else if cursor.take("match") {
            cursor.next();
        } else {
            return Ok(key);
        }
    }
}

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
            Kind::Word if token.is("signed") || token.is("zerofill") => {
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
            table.primary_key = Some(Key { name: name.take(), columns: one(), span: column.span.clone() });
        } else if cursor.take("unique") {
            cursor.take("key");
            table.uniques.push(Key { name: name.take(), columns: one(), span: column.span.clone() });
        } else if cursor.take("references") {
            let foreign = references(cursor, name.take(), one(), span.clone())?;
            table.foreign_keys.push(foreign);
        } else if cursor.take("check") {
            let from = cursor.at;
            cursor.skip();
            let condition = cursor.text(from + 1, cursor.at.saturating_sub(1));
            table.checks.push(Check { name: name.take(), condition, span: column.span.clone() });
        } else if cursor.take("generated always as identity")
            || cursor.take("generated by default as identity")
            || cursor.take("identity")
        {
            column.counts = true;
            column.not_null = true;
            if cursor.is_mark('(') {
                cursor.skip();
            }
        } else if cursor.take("generated always as") || cursor.take("as") {
            let from = cursor.at;
            cursor.skip();
            column.generated = Some(cursor.text(from + 1, cursor.at.saturating_sub(1)));
        } else if cursor.take("auto_increment") || cursor.take("autoincrement") {
            column.counts = true;
        } else if cursor.take("comment") {
            column.comment = cursor.next().filter(|token| token.kind == Kind::Text).map(|token| inner(token.text));
        } else {
            cursor.skip();
        }
        name = None;
    }
    Ok(())
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

fn create_index(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    let span = cursor.span();
    cursor.next();
    let mut unique = false;
    let mut method = "btree".to_owned();
    while !cursor.take("index") {
        let token = cursor.next().ok_or("INDEX is missing")?;
        unique |= token.is("unique");
        if token.is("fulltext") || token.is("spatial") {
            method = token.text.to_lowercase();
        }
    }
    cursor.take("concurrently");
    cursor.take("async");
    cursor.take("if not exists");
    let name = if cursor.is("on") { None } else { Some(cursor.table_name()?.0) };
    let named_method = |cursor: &mut Cursor<'_, '_>, method: &mut String| {
        if cursor.take("using") {
            *method = cursor.next().map(|token| token.text.to_lowercase()).unwrap_or_default();
        }
    };
    named_method(cursor, &mut method);
    if !cursor.take("on") {
        return Err("ON is missing");
    }
    cursor.take("only");
    let (table, _) = cursor.table_name()?;
    named_method(cursor, &mut method);
    let parts = index_parts(&mut cursor.group()?);
    let mut index = Index { name, parts, unique, method, condition: None, include: Vec::new(), span };
    while !cursor.over() {
        if cursor.take("include") {
            index.include = cursor.columns()?;
        } else if cursor.take("where") {
            let from = cursor.at;
            cursor.at = cursor.tokens.len();
            index.condition = Some(cursor.text(from, cursor.at));
        } else if cursor.take("using") {
            index.method = cursor.next().map(|token| token.text.to_lowercase()).unwrap_or_default();
        } else {
            cursor.skip();
        }
    }
    // An index of a table that is made elsewhere, or of a view.
    let Some(table) = schema.table_mut(&table) else {
        *schema.ignored.entry("create index on an unknown table".to_owned()).or_default() += 1;
        return Ok(());
    };
    let known = index.name.is_some() && table.indexes.iter().any(|known| known.name == index.name);
    if !known {
        table.indexes.push(index);
    }
    Ok(())
}

/// The parts of an index.
pub(super) fn index_parts(group: &mut Cursor<'_, '_>) -> Vec<IndexPart> {
    group
        .parts()
        .into_iter()
        .map(|part| {
            let tokens = part.tokens;
            let first = tokens.first();
            let name = first
                .and_then(|token| token.name(part.dialect))
                .filter(|_| first.is_some_and(|token| token.kind != Kind::Text));
            let length = tokens.get(2).is_some_and(|token| token.kind == Kind::Number)
                && tokens.get(3).is_some_and(|token| token.is_mark(')'));
            let plain = tokens.get(1).is_none_or(|token| match token.kind {
                Kind::Word => true,
                Kind::Mark => token.is_mark('(') && length,
                Kind::Quoted | Kind::Text | Kind::Number => false,
            });
            let prefix = tokens.get(1).is_some_and(|token| token.is_mark('('));
            IndexPart {
                // A prefix of a column's value is not the column.
                column: name.filter(|_| plain && !prefix),
                text: part.text(0, tokens.len()),
                descending: tokens.iter().any(|token| token.is("desc")),
            }
        })
        .collect()
}

fn create_type(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    cursor.at = 2;
    let (name, _) = cursor.table_name()?;
    if cursor.take("as enum") {
        let mut group = cursor.group()?;
        let words =
            group.parts().iter().filter_map(|part| part.tokens.first()).map(|token| inner(token.text)).collect();
        schema.enums.push((name, words));
    } else {
        *schema.ignored.entry("create type".to_owned()).or_default() += 1;
    }
    Ok(())
}

fn comment(cursor: &mut Cursor<'_, '_>, schema: &mut Schema) -> Read<()> {
    let text = cursor.tokens.last().filter(|token| token.kind == Kind::Text).map(|token| inner(token.text));
    if cursor.take("comment on table") {
        let (name, _) = cursor.table_name()?;
        if let Some(table) = schema.table_mut(&name) {
            table.comment = text;
        }
    } else if cursor.take("comment on column") {
        let mut names = vec![cursor.name()?];
        while cursor.take_mark('.') {
            names.push(cursor.name()?);
        }
        let column = names.pop().unwrap_or_default();
        let schema_name = if names.len() > 1 { names.first().filter(|name| *name != "public").cloned() } else { None };
        let table = names.pop().unwrap_or_default();
        let full = schema_name.map_or_else(|| table.clone(), |schema| format!("{schema}.{table}"));
        if let Some(column) = schema.table_mut(&full).and_then(|table| table.column_mut(&column)) {
            column.comment = text;
        }
    } else {
        *schema.ignored.entry("comment".to_owned()).or_default() += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_postgres_are_read() {
        let schema = read(
            "CREATE TABLE public.users (id bigserial PRIMARY KEY, \"Mail\" character varying(20) NOT NULL DEFAULT 'a,b'::varchar UNIQUE, tags text[], at timestamp(3) with time zone DEFAULT now() NOT NULL);
             CREATE TABLE shop.orders (id int GENERATED ALWAYS AS IDENTITY, user_id bigint REFERENCES users ON DELETE SET NULL, total numeric(10,2) CHECK (total > 0), CONSTRAINT o_pk PRIMARY KEY (id, user_id), FOREIGN KEY (user_id) REFERENCES users (id));
             CREATE UNIQUE INDEX CONCURRENTLY i ON shop.orders USING btree (user_id DESC, lower(x)) INCLUDE (total) WHERE total > 5;
             ALTER TABLE ONLY users ADD CONSTRAINT c UNIQUE (at);
             CREATE TABLE (; DROP TABLE IF EXISTS nothing; foo;",
            Dialect::PostgreSql,
        );
        let users = schema.table("users").expect("users");
        assert_eq!(
            users.columns.iter().map(|column| column.ty.text()).collect::<Vec<_>>(),
            ["bigint", "varchar(20)", "text[]", "timestamptz(3)"]
        );
        assert!(users.columns.iter().take(2).all(|column| column.not_null) && users.columns[0].counts);
        assert_eq!(users.columns[1].default.as_deref(), Some("'a,b'::varchar"));
        assert_eq!(users.keys(), [vec!["id"], vec!["Mail"], vec!["at"]]);
        let orders = schema.table("shop.orders").expect("orders");
        assert_eq!(orders.foreign_keys.len(), 2);
        assert_eq!(orders.foreign_keys[0].on_delete.as_deref(), Some("SET NULL"));
        assert_eq!(orders.checks[0].condition, "total > 0");
        assert_eq!(orders.indexes[0].parts[0].column.as_deref(), Some("user_id"));
        assert_eq!(
            (orders.indexes[0].parts[1].column.as_deref(), orders.indexes[0].condition.as_deref()),
            (None, Some("total > 5"))
        );
        assert_eq!(schema.problems.len(), 2, "{:?}", schema.problems);
    }

    #[test]
    fn tables_of_mysql_and_sqlite_are_read() {
        let schema = read(
            "CREATE TABLE `t` (`id` int(11) unsigned NOT NULL AUTO_INCREMENT, `e` enum('a','b,c') CHARACTER SET utf8 COLLATE utf8_bin DEFAULT 'a' COMMENT 'x', `at` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (`id`), UNIQUE KEY `u` (`e`(10)), KEY `k` (`at`,`id`) USING BTREE, CONSTRAINT `f` FOREIGN KEY (`id`) REFERENCES `p` (`id`)) ENGINE=InnoDB COMMENT='hi';",
            Dialect::MySql,
        );
        let table = schema.table("t").expect("t");
        assert_eq!(
            table.columns.iter().map(|column| column.ty.text()).collect::<Vec<_>>(),
            ["int unsigned", "enum('a','b,c')", "timestamp"]
        );
        assert_eq!((table.indexes.len(), table.uniques.len(), table.foreign_keys.len()), (2, 0, 1));
        assert_eq!(table.comment.as_deref(), Some("hi"));
        assert_eq!(table.columns[2].default.as_deref(), Some("CURRENT_TIMESTAMP"));
        let schema = read(
            "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b, [c d] TEXT DEFAULT (1+2), UNIQUE (b)) WITHOUT ROWID;",
            Dialect::Sqlite,
        );
        assert_eq!(schema.tables[0].columns.len(), 3, "{:?}", schema.problems);
    }
}
