//! What FROM names: tables, functions, queries and joins.

use super::read::{Reader, few};
use super::{Body, Core, Expr, From, Item, MAX_TREE_DEPTH, Name, Node, Select};
use crate::support::query::read::CLAUSES;
use crate::support::schema::Dialect;
use crate::support::schema::cursor::Read;
use crate::support::schema::lex::Kind as Token;

// What a function's result is called, and its columns with the types given there.
type TypedAlias = (Option<Name>, Vec<(Name, Option<String>)>);

impl Reader<'_, '_> {
    pub(super) fn sources(&mut self) -> Read<Vec<From>> {
        let mut list = vec![self.joins()?];
        while self.cursor.take_mark(',') {
            few(list.len())?;
            list.push(self.joins()?);
        }
        Ok(list)
    }

    pub(super) fn joins(&mut self) -> Read<From> {
        let before = self.chained;
        let mut left = self.source()?;
        loop {
            let start = self.start();
            let natural = self.cursor.take("natural");
            let kind = if self.cursor.take("inner") {
                "inner"
            } else if self.cursor.take("left") {
                "left"
            } else if self.cursor.take("right") {
                "right"
            } else if self.cursor.take("full") {
                "full"
            } else if self.cursor.take("cross") {
                "cross"
            } else {
                "inner"
            };
            self.cursor.take("outer");
            if !self.cursor.take("join") && !self.cursor.take("straight_join") {
                self.chained = before;
                return if natural || kind != "inner" { Err("JOIN is missing") } else { Ok(left) };
            }
            self.chained += 1;
            if self.chained > MAX_TREE_DEPTH {
                return Err("too many tables are joined");
            }
            let span = start..self.end();
            let right = self.source()?;
            let (mut using, mut on, mut merged) = (Vec::new(), None, None);
            // `a JOIN b JOIN c ON .. ON ..`
            let right = if self.nested_join() { self.rest_of_join(right)? } else { right };
            if self.cursor.take("on") {
                on = Some(self.expr()?);
            } else if self.cursor.take("using") {
                using = self.names()?;
                if self.cursor.take("as") {
                    merged = Some(self.name()?);
                }
            }
            left = From::Join { left: Box::new(left), right: Box::new(right), kind, natural, using, on, merged, span };
        }
    }

    // Whether a join follows whose own conditions come before this one's.
    fn nested_join(&self) -> bool {
        if !["join", "inner", "left", "right", "full"].iter().any(|word| self.cursor.is(word)) {
            return false;
        }
        let (mut depth, mut joins, mut conditions) = (0_usize, 0_usize, 0_usize);
        for token in self.cursor.tokens.iter().skip(self.cursor.at) {
            if token.is_mark('(') {
                depth += 1;
            } else if token.is_mark(')') {
                if depth == 0 {
                    break;
                }
                depth -= 1;
            } else if depth == 0 {
                if token.is("join") {
                    joins += 1;
                } else if token.is("on") || token.is("using") {
                    conditions += 1;
                    if conditions > joins {
                        return true;
                    }
                } else if ["where", "group", "order", "limit", "union", "cross", "natural"]
                    .iter()
                    .any(|word| token.is(word))
                {
                    break;
                }
            }
        }
        false
    }

    fn rest_of_join(&mut self, left: From) -> Read<From> {
        self.deeper(|reader| {
            let start = reader.start();
            let kind = ["inner", "left", "right", "full"]
                .iter()
                .find(|word| reader.cursor.take(word))
                .copied()
                .unwrap_or("inner");
            reader.cursor.take("outer");
            if !reader.cursor.take("join") {
                return Err("JOIN is missing");
            }
            let span = start..reader.end();
            let right = reader.source()?;
            let right = if reader.nested_join() { reader.rest_of_join(right)? } else { right };
            let (mut using, mut on) = (Vec::new(), None);
            if reader.cursor.take("on") {
                on = Some(reader.expr()?);
            } else if reader.cursor.take("using") {
                using = reader.names()?;
            }
            Ok(From::Join {
                left: Box::new(left),
                right: Box::new(right),
                kind,
                natural: false,
                using,
                on,
                merged: None,
                span,
            })
        })
    }

    pub(super) fn source(&mut self) -> Read<From> {
        let lateral = self.cursor.take("lateral");
        if self.cursor.is_mark('(') {
            if self.query_ahead() {
                let select = Box::new(self.bracketed_select()?);
                let (alias, columns) = self.alias()?;
                return Ok(From::Query { select, lateral, alias, columns });
            }
            self.open()?;
            let from = self.start();
            let inner = self.deeper(Self::joins)?;
            let span = from..self.end();
            self.close()?;
            let (alias, columns) = self.alias()?;
            if alias.is_none() {
                return Ok(inner);
            }
            // A join with a name of its own hides those in it.
            let star = Item { expr: Expr { kind: Node::Star(Vec::new()), span: span.clone(), depth: 1 }, alias: None };
            return Ok(hidden(vec![star], vec![inner], span, lateral, alias, columns));
        }
        self.cursor.take("only");
        if self.cursor.is("rows") && self.ahead(1, "from") {
            let from = self.start();
            self.cursor.next();
            self.cursor.next();
            let calls = self.bracketed_list()?;
            let span = from..self.end();
            let counted = self.cursor.take("with ordinality");
            let (alias, columns) = self.alias()?;
            let mut items: Vec<Item> = calls.into_iter().map(|expr| Item { expr, alias: None }).collect();
            if counted {
                let kind =
                    Node::Cast(Box::new(Expr { kind: Node::Null, span: span.clone(), depth: 1 }), "bigint".to_owned());
                let name = Name { text: "ordinality".to_owned(), span: span.clone() };
                items.push(Item { expr: Expr { kind, span: span.clone(), depth: 2 }, alias: Some(name) });
            }
            return Ok(hidden(items, Vec::new(), span, true, alias, columns));
        }
        if ["where", "group", "having", "order", "limit", "union", "on", "join", "select", "from"]
            .iter()
            .any(|word| self.cursor.is(word))
        {
            return Err("a table is missing");
        }
        let start = self.start();
        let mut name = vec![self.name()?];
        while self.cursor.take_mark('.') {
            name.push(self.name()?);
        }
        if self.cursor.is_mark('(') {
            let call = self.function(start, &name)?;
            let ordinality = self.cursor.take("with ordinality");
            let (alias, columns) = self.typed_alias()?;
            return Ok(From::Function { call, alias, columns, ordinality });
        }
        self.cursor.take_mark('*');
        if self.cursor.take("partition") {
            self.cursor.skip();
        }
        let (alias, columns) = self.alias()?;
        if self.cursor.take("tablesample") {
            self.cursor.next();
            self.cursor.skip();
            if self.cursor.take("repeatable") {
                self.cursor.skip();
            }
        }
        while self.dialect() == Dialect::MySql
            && (self.cursor.take("use") || self.cursor.take("force") || self.cursor.take("ignore"))
        {
            self.cursor.next();
            self.cursor.skip();
        }
        if self.dialect() == Dialect::Sqlite && self.cursor.take("indexed by") {
            self.cursor.next();
        }
        Ok(From::Table { name, alias, columns })
    }

    fn function(&mut self, start: usize, name: &[Name]) -> Read<Expr> {
        let arguments = self.bracketed_list()?;
        let name = name.last().map(|name| name.text.to_lowercase()).unwrap_or_default();
        let depth = arguments.iter().map(|one| one.depth).max().unwrap_or(0) + 1;
        Ok(Expr {
            kind: Node::Call(super::Call { name, arguments, ..super::Call::default() }),
            span: start..self.end(),
            depth,
        })
    }

    fn alias(&mut self) -> Read<(Option<Name>, Vec<Name>)> {
        let said = self.cursor.take("as");
        let plain = self.cursor.peek().is_some_and(|token| {
            token.kind == Token::Quoted || token.kind == Token::Word && !CLAUSES.iter().any(|word| token.is(word))
        });
        if !said && !plain {
            return Ok((None, Vec::new()));
        }
        let name = self.name()?;
        let columns = if self.cursor.is_mark('(') { self.names()? } else { Vec::new() };
        Ok((Some(name), columns))
    }

    fn typed_alias(&mut self) -> Read<TypedAlias> {
        let said = self.cursor.take("as");
        let plain = self.cursor.peek().is_some_and(|token| {
            token.kind == Token::Quoted || token.kind == Token::Word && !CLAUSES.iter().any(|word| token.is(word))
        });
        if !said && !plain {
            return Ok((None, Vec::new()));
        }
        let alias = if self.cursor.is_mark('(') { None } else { Some(self.name()?) };
        let mut columns = Vec::new();
        if self.cursor.take_mark('(') {
            loop {
                let name = self.name()?;
                let ty =
                    if self.cursor.is_mark(',') || self.cursor.is_mark(')') { None } else { Some(self.type_name()?) };
                columns.push((name, ty));
                if !self.cursor.take_mark(',') {
                    break;
                }
            }
            self.close()?;
        }
        Ok((alias, columns))
    }
}

// A query in FROM that is written otherwise.
fn hidden(
    items: Vec<Item>,
    from: Vec<From>,
    span: crate::support::schema::Span,
    lateral: bool,
    alias: Option<Name>,
    columns: Vec<Name>,
) -> From {
    let core = Core { items, from, span: span.clone(), ..Core::default() };
    let select = Select {
        with: Vec::new(),
        recursive: false,
        body: Box::new(Body::Core(core)),
        order: Vec::new(),
        limit: None,
        offset: None,
        span,
    };
    From::Query { select: Box::new(select), lateral, alias, columns }
}
