//! Statements and clauses.

use super::{
    Body, Core, Cte, Expr, Item, Kind, MAX_PARTS, MAX_READ_DEPTH, MAX_TREE_DEPTH, Name, Node, Order, Select, Statement,
};
use crate::support::schema::cursor::{Cursor, Read};
use crate::support::schema::lex::{self, Kind as Token};
use crate::support::schema::{Dialect, Problem};

/// Words that are no alias where an alias may stand.
pub(super) const CLAUSES: &[&str] = &[
    "where",
    "group",
    "having",
    "order",
    "limit",
    "offset",
    "fetch",
    "union",
    "intersect",
    "except",
    "minus",
    "on",
    "using",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "natural",
    "for",
    "window",
    "returning",
    "set",
    "values",
    "from",
    "tablesample",
    "straight_join",
    "use",
    "force",
    "ignore",
    "select",
    "with",
    "into",
    "default",
    "and",
    "or",
    "as",
    "when",
    "then",
    "end",
    "partition",
    "do",
    "lock",
    "qualify",
];

/// All statements of a source, and what could not be read.
pub fn statements(source: &str, dialect: Dialect) -> (Vec<Statement>, Vec<Problem>) {
    let (mut list, mut problems) = (Vec::new(), Vec::new());
    for tokens in lex::statements(source, dialect) {
        let cursor = Cursor { source, dialect, tokens: &tokens, at: 0 };
        let span = cursor.span();
        let mut reader = Reader { cursor, depth: 0, chained: 0 };
        match reader.statement() {
            Ok(kind) => list.push(Statement { kind, span }),
            Err(what) => {
                let place = reader.cursor.peek().or_else(|| tokens.last()).map_or(0..0, lex::Token::span);
                problems.push(Problem { span: place, what: what.to_owned() });
            }
        }
    }
    (list, problems)
}

/// Reads one statement.
pub(super) struct Reader<'s, 't> {
    pub(super) cursor: Cursor<'s, 't>,
    depth: u16,
    pub(super) chained: u16,
}

impl Reader<'_, '_> {
    pub(super) fn dialect(&self) -> Dialect {
        self.cursor.dialect
    }

    /// Reads something inside of something.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_READ_DEPTH {
            return Err("the expression is too deep");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    pub(super) fn start(&self) -> usize {
        self.cursor.peek().map_or(self.cursor.source.len(), |token| token.at)
    }

    pub(super) fn end(&self) -> usize {
        self.cursor.at.checked_sub(1).and_then(|at| self.cursor.tokens.get(at)).map_or(0, lex::Token::end)
    }

    pub(super) fn ahead(&self, by: usize, word: &str) -> bool {
        self.cursor.tokens.get(self.cursor.at + by).is_some_and(|token| token.is(word))
    }

    pub(super) fn previous_is(&self, word: &str) -> bool {
        self.cursor.at.checked_sub(1).and_then(|at| self.cursor.tokens.get(at)).is_some_and(|token| token.is(word))
    }

    pub(super) fn number_ahead(&self) -> bool {
        self.cursor.tokens.get(self.cursor.at + 1).is_some_and(|token| token.kind == Token::Number)
    }

    /// Marks that stand together from here, at most so many.
    pub(super) fn marks(&self, most: usize) -> String {
        let mut text = String::new();
        let mut end = None;
        for token in self.cursor.tokens.iter().skip(self.cursor.at).take(most) {
            if token.kind != Token::Mark
                || end.is_some_and(|end| end != token.at)
                || matches!(token.text, "(" | ")" | "," | ";")
            {
                break;
            }
            text.push_str(token.text);
            end = Some(token.end());
        }
        text
    }

    /// Takes marks if they come next.
    pub(super) fn operator(&mut self, marks: &str) -> bool {
        let found = self.marks(marks.len()) == marks;
        self.cursor.at += if found { marks.len() } else { 0 };
        found
    }

    pub(super) fn open(&mut self) -> Read<()> {
        if self.cursor.take_mark('(') { Ok(()) } else { Err("a `(` is missing") }
    }

    pub(super) fn close(&mut self) -> Read<()> {
        if self.cursor.take_mark(')') { Ok(()) } else { Err("a `)` is missing") }
    }

    /// Whether a query in brackets comes next.
    pub(super) fn query_ahead(&self) -> bool {
        let mut at = self.cursor.at;
        while self.cursor.tokens.get(at).is_some_and(|token| token.is_mark('(')) {
            at += 1;
        }
        let begins = self
            .cursor
            .tokens
            .get(at)
            .is_some_and(|token| token.is("select") || token.is("with") || token.is("values"));
        // `((SELECT 1) + 1)` is an expression.
        if !begins || at == self.cursor.at {
            return false;
        }
        if at == self.cursor.at + 1 {
            return true;
        }
        let mut depth = at - self.cursor.at;
        let mut place = at;
        while let Some(token) = self.cursor.tokens.get(place) {
            if token.is_mark('(') {
                depth += 1;
            } else if token.is_mark(')') {
                depth -= 1;
                if depth == 1 {
                    return self.cursor.tokens.get(place + 1).is_some_and(|next| {
                        next.is_mark(')')
                            || ["union", "intersect", "except", "order", "limit"].iter().any(|word| next.is(word))
                    });
                }
            }
            place += 1;
        }
        false
    }

    pub(super) fn bracketed_select(&mut self) -> Read<Select> {
        self.open()?;
        let select = self.deeper(Self::select)?;
        self.close()?;
        Ok(select)
    }

    pub(super) fn bracketed_list(&mut self) -> Read<Vec<Expr>> {
        self.open()?;
        let list = if self.cursor.is_mark(')') { Vec::new() } else { self.list()? };
        self.close()?;
        Ok(list)
    }

    pub(super) fn list(&mut self) -> Read<Vec<Expr>> {
        let mut list = vec![self.expr()?];
        while self.cursor.take_mark(',') {
            list.push(self.expr()?);
        }
        Ok(list)
    }

    /// A type's name as it is called in the catalog.
    pub(super) fn type_name(&mut self) -> Read<String> {
        let mut words = String::new();
        let mut array = 0;
        let first = self.name()?;
        words.push_str(&first.text);
        while self.cursor.take_mark('.') {
            words = self.name()?.text;
        }
        loop {
            let goes = ["varying", "precision", "with time zone", "without time zone", "unsigned", "signed"]
                .iter()
                .find(|tail| self.cursor.take(tail));
            if let Some(tail) = goes {
                words.push(' ');
                words.push_str(tail);
            } else if self.cursor.is_mark('(') && array == 0 {
                self.cursor.skip();
            } else if self.cursor.is_mark('[') {
                self.cursor.next();
                while self.cursor.next().is_some_and(|token| !token.is_mark(']')) {}
                array += 1;
            } else if words == "interval"
                && ["year", "month", "day", "hour", "minute", "second", "to"].iter().any(|word| self.cursor.take(word))
            {
            } else {
                break;
            }
        }
        Ok(format!("{words}{}", if array > 0 { "[]" } else { "" }))
    }

    fn statement(&mut self) -> Read<Kind> {
        let mut with = Vec::new();
        let start = self.cursor.at;
        let explains = self.cursor.take("explain");
        if explains {
            if self.cursor.is_mark('(') {
                self.cursor.skip();
            }
            while self.cursor.take("analyze") || self.cursor.take("verbose") {}
        }
        let from = self.cursor.at;
        if self.cursor.is("with") {
            with = self.ctes()?.0;
        }
        let kind = if self.cursor.take("insert") || self.cursor.take("replace") {
            self.insert(with)?
        } else if self.cursor.take("update") {
            self.update(with)?
        } else if self.cursor.take("delete") {
            self.delete(with)?
        } else if self.cursor.is("select")
            || self.cursor.is("values")
            || self.cursor.is("table")
            || self.cursor.is_mark('(')
            || self.cursor.at > from
        {
            self.cursor.at = from;
            Kind::Select(self.select()?)
        } else {
            self.cursor.at = start;
            return if self.cursor.peek().is_none_or(|token| token.kind == Token::Word) {
                Ok(Kind::Other)
            } else {
                Err("this begins no statement of SQL")
            };
        };
        if self.cursor.over() { Ok(kind) } else { Err("the statement does not go on like this") }
    }

    fn ctes(&mut self) -> Read<(Vec<Cte>, bool)> {
        self.cursor.take("with");
        let recursive = self.cursor.take("recursive");
        let mut list = Vec::new();
        loop {
            let name = self.name()?;
            let columns = if self.cursor.is_mark('(') { self.names()? } else { Vec::new() };
            if !self.cursor.take("as") {
                return Err("AS is missing");
            }
            let _ = self.cursor.take("materialized") || self.cursor.take("not materialized");
            self.open()?;
            let span = self.start();
            let kind = self.deeper(|reader| {
                if ["insert", "update", "delete"].iter().any(|word| reader.cursor.is(word)) {
                    reader.part_statement()
                } else {
                    Ok(Kind::Select(reader.select()?))
                }
            })?;
            let span = span..self.end();
            self.close()?;
            few(list.len())?;
            let added = self.search_and_cycle()?;
            list.push(Cte { name, columns, statement: Box::new(Statement { kind, span }), added });
            if !self.cursor.take_mark(',') {
                return Ok((list, recursive));
            }
        }
    }

    // `SEARCH DEPTH FIRST BY a SET b`, `CYCLE a SET b [TO x DEFAULT y] USING c`: the columns they add.
    fn search_and_cycle(&mut self) -> Read<Vec<(Name, String)>> {
        let mut added = Vec::new();
        if self.cursor.take("search") {
            let depth = self.cursor.take("depth");
            let _ = depth || self.cursor.take("breadth");
            if !self.cursor.take("first by") {
                return Err("FIRST BY of SEARCH is missing");
            }
            self.list()?;
            if !self.cursor.take("set") {
                return Err("SET of SEARCH is missing");
            }
            added.push((self.name()?, if depth { "record[]" } else { "record" }.to_owned()));
        }
        if self.cursor.take("cycle") {
            self.list()?;
            if !self.cursor.take("set") {
                return Err("SET of CYCLE is missing");
            }
            let name = self.name()?;
            let mut ty = "boolean";
            if self.cursor.take("to") {
                ty = match self.expr()?.kind {
                    Node::Text(_) => "text",
                    Node::Number(_) => "integer",
                    Node::Bool(_) => "boolean",
                    _ => "",
                };
                if !self.cursor.take("default") {
                    return Err("DEFAULT of CYCLE is missing");
                }
                self.expr()?;
            }
            added.push((name, ty.to_owned()));
            if !self.cursor.take("using") {
                return Err("USING of CYCLE is missing");
            }
            added.push((self.name()?, "record[]".to_owned()));
        }
        Ok(added)
    }

    fn part_statement(&mut self) -> Read<Kind> {
        if self.cursor.take("insert") {
            self.insert(Vec::new())
        } else if self.cursor.take("update") {
            self.update(Vec::new())
        } else {
            self.cursor.take("delete");
            self.delete(Vec::new())
        }
    }

    pub(super) fn names(&mut self) -> Read<Vec<Name>> {
        self.open()?;
        let mut list = vec![self.name()?];
        while self.cursor.take_mark(',') {
            list.push(self.name()?);
        }
        self.close()?;
        Ok(list)
    }

    /// A query with everything around it.
    pub(super) fn select(&mut self) -> Read<Select> {
        let start = self.start();
        let (with, recursive) = if self.cursor.is("with") { self.ctes()? } else { (Vec::new(), false) };
        let mut select = self.union(start)?;
        // A query in brackets may have named queries of its own.
        select.with.splice(0..0, with);
        select.recursive |= recursive;
        loop {
            if self.cursor.take("order by") {
                select.order = self.orders()?;
            } else if self.cursor.take("limit") {
                let first = if self.cursor.take("all") { None } else { Some(self.expr()?) };
                if self.cursor.take_mark(',') {
                    select.offset = first;
                    select.limit = Some(self.expr()?);
                } else {
                    select.limit = first;
                }
            } else if self.cursor.take("offset") {
                select.offset = Some(self.expr()?);
                let _ = self.cursor.take("rows") || self.cursor.take("row");
            } else if self.cursor.take("fetch") {
                self.cursor.next();
                if !self.cursor.is("row") && !self.cursor.is("rows") {
                    select.limit = Some(self.expr()?);
                }
                while ["rows", "row", "only", "with", "ties"].iter().any(|word| self.cursor.take(word)) {}
            } else if self.cursor.take("for") || self.cursor.take("lock in share mode") {
                while ["update", "share", "no", "key", "nowait", "skip", "locked"]
                    .iter()
                    .any(|word| self.cursor.take(word))
                {}
                if self.cursor.take("of") {
                    self.list()?;
                }
                while ["nowait", "skip", "locked"].iter().any(|word| self.cursor.take(word)) {}
            } else {
                break;
            }
        }
        select.span = start..self.end();
        Ok(select)
    }

    fn union(&mut self, start: usize) -> Read<Select> {
        let mut left = self.intersect(start)?;
        loop {
            let at = self.start();
            let Some(operator) = ["union", "except", "minus"].iter().find(|word| self.cursor.take(word)).copied()
            else {
                return Ok(left);
            };
            left =
                self.joined(start, at, if operator == "minus" { "except" } else { operator }, left, Self::intersect)?;
        }
    }

    fn intersect(&mut self, start: usize) -> Read<Select> {
        let mut left = self.core(start)?;
        loop {
            let at = self.start();
            if !self.cursor.take("intersect") {
                return Ok(left);
            }
            left = self.joined(start, at, "intersect", left, Self::core)?;
        }
    }

    fn joined(
        &mut self,
        start: usize,
        at: usize,
        operator: &'static str,
        left: Select,
        read: fn(&mut Self, usize) -> Read<Select>,
    ) -> Read<Select> {
        // Long chains would make deep trees.
        self.chained += 1;
        if self.chained > MAX_TREE_DEPTH {
            return Err("too many queries are joined");
        }
        let quantifier = ["all", "distinct"].iter().find(|word| self.cursor.take(word)).copied();
        let span = at..self.end();
        let from = self.start();
        let right = read(self, from)?;
        let body = Body::Set { operator, quantifier, span, left: Box::new(left), right: Box::new(right) };
        Ok(Select {
            with: Vec::new(),
            recursive: false,
            body: Box::new(body),
            order: Vec::new(),
            limit: None,
            offset: None,
            span: start..self.end(),
        })
    }

    fn core(&mut self, start: usize) -> Read<Select> {
        if self.cursor.is_mark('(') {
            return self.bracketed_select();
        }
        let body = if self.cursor.take("values") {
            let mut rows = Vec::new();
            loop {
                self.cursor.take("row");
                rows.push(self.bracketed_list()?);
                if !self.cursor.take_mark(',') {
                    break;
                }
            }
            Body::Values(rows)
        } else if self.cursor.is("table") && self.dialect() != Dialect::Sqlite {
            // `TABLE x` reads all of it.
            let at = self.start();
            self.cursor.next();
            let from = self.source()?;
            let span = at..self.end();
            let star = Item { expr: Expr { kind: Node::Star(Vec::new()), span: span.clone(), depth: 1 }, alias: None };
            Body::Core(Core { items: vec![star], from: vec![from], span, ..Core::default() })
        } else if self.cursor.take("select") {
            let start =
                self.cursor.at.checked_sub(1).and_then(|at| self.cursor.tokens.get(at)).map_or(start, |token| token.at);
            Body::Core(self.select_core(start)?)
        } else {
            return Err("SELECT is missing");
        };
        Ok(Select {
            with: Vec::new(),
            recursive: false,
            body: Box::new(body),
            order: Vec::new(),
            limit: None,
            offset: None,
            span: start..self.end(),
        })
    }

    fn select_core(&mut self, start: usize) -> Read<Core> {
        let mut core = Core::default();
        while ["all", "straight_join", "sql_calc_found_rows", "sql_no_cache", "high_priority"]
            .iter()
            .any(|word| self.cursor.take(word))
        {}
        let place = self.start();
        if self.cursor.take("distinct") || self.cursor.take("distinctrow") {
            core.distinct = Some(place..self.end());
            if self.cursor.is("on")
                && self.cursor.tokens.get(self.cursor.at + 1).is_some_and(|token| token.is_mark('('))
            {
                self.cursor.next();
                core.distinct_on = self.bracketed_list()?;
            }
        }
        let empty = self.cursor.over()
            || ["from", "where", "union", "intersect", "except", "order", "limit"]
                .iter()
                .any(|word| self.cursor.is(word))
            || self.cursor.is_mark(')');
        if !empty {
            core.items = self.items()?;
        }
        if self.cursor.take("from") {
            core.from = self.sources()?;
        }
        if self.cursor.take("where") {
            core.filter = Some(self.expr()?);
        }
        if self.cursor.take("group by") {
            let _ = self.cursor.take("all") || self.cursor.take("distinct");
            core.group = self.groups()?;
            self.cursor.take("with rollup");
        }
        if self.cursor.take("having") {
            core.having = Some(self.expr()?);
        }
        if self.cursor.take("window") {
            loop {
                self.name()?;
                self.cursor.take("as");
                self.window()?;
                if !self.cursor.take_mark(',') {
                    break;
                }
            }
        }
        core.span = start..self.end();
        Ok(core)
    }

    // ROLLUP, CUBE and GROUPING SETS group by all that they name.
    fn groups(&mut self) -> Read<Vec<Expr>> {
        let mut list = Vec::new();
        loop {
            if self.cursor.take("rollup") || self.cursor.take("cube") || self.cursor.take("grouping sets") {
                self.open()?;
                list.extend(self.deeper(Self::groups)?);
                self.close()?;
            } else if self.cursor.is_mark('(')
                && self.cursor.tokens.get(self.cursor.at + 1).is_some_and(|token| token.is_mark(')'))
            {
                self.cursor.skip();
            } else {
                let mut one = self.expr()?;
                while let Node::Group(inner) = one.kind {
                    one = *inner;
                }
                match one.kind {
                    Node::Row(parts) => list.extend(parts),
                    _ => list.push(one),
                }
            }
            few(list.len())?;
            if !self.cursor.take_mark(',') {
                return Ok(list);
            }
        }
    }

    pub(super) fn items(&mut self) -> Read<Vec<Item>> {
        let mut list = Vec::new();
        loop {
            let expr = self.expr()?;
            let said = self.cursor.take("as");
            let plain = self.cursor.peek().is_some_and(|token| match token.kind {
                Token::Word => !CLAUSES.iter().any(|word| token.is(word)),
                Token::Quoted => true,
                Token::Text => self.cursor.dialect != Dialect::PostgreSql,
                Token::Number | Token::Mark => false,
            });
            let alias = if said || plain { Some(self.name()?) } else { None };
            few(list.len())?;
            list.push(Item { expr, alias });
            if !self.cursor.take_mark(',') {
                return Ok(list);
            }
        }
    }

    pub(super) fn orders(&mut self) -> Read<Vec<Order>> {
        let mut list = Vec::new();
        loop {
            let expr = self.expr()?;
            let descending = self.cursor.take("desc");
            self.cursor.take("asc");
            if self.cursor.take("using") {
                self.cursor.next();
            }
            let _ = self.cursor.take("nulls first") || self.cursor.take("nulls last");
            list.push(Order { expr, descending });
            if !self.cursor.take_mark(',') {
                return Ok(list);
            }
        }
    }
}

/// Refuses more parts than are read.
pub(super) fn few(count: usize) -> Read<()> {
    if count < MAX_PARTS { Ok(()) } else { Err("there are too many columns, tables or named queries") }
}
