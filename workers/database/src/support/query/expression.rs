//! Expressions, by the precedence of operators.

use super::read::Reader;
use super::{Call, Expr, MAX_TREE_DEPTH, Name, Node, Order};
use crate::support::schema::Dialect;
use crate::support::schema::cursor::Read;
use crate::support::schema::lex::{self, Kind as Token, inner};

/// Words that end an expression where they begin one.
const STOPS: &[&str] = &[
    "from",
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
    "on",
    "using",
    "join",
    "inner",
    "left",
    "right",
    "full",
    "cross",
    "natural",
    "as",
    "then",
    "else",
    "end",
    "when",
    "and",
    "or",
    "for",
    "window",
    "returning",
    "set",
    "values",
    "into",
    "desc",
    "asc",
    "nulls",
    "select",
    "with",
];
/// Words that are functions without brackets.
const BARE: &[&str] = &[
    "current_date",
    "current_timestamp",
    "current_time",
    "localtime",
    "localtimestamp",
    "current_user",
    "session_user",
    "user",
    "current_role",
    "current_catalog",
    "current_schema",
];
/// Words that begin what is no name.
const SPECIAL: &[&str] = &["null", "true", "false", "default", "exists", "cast", "try_cast", "array", "row"];
/// Types that may stand before a text.
const TYPED: &[&str] = &[
    "date",
    "timestamp",
    "timestamptz",
    "time",
    "interval",
    "timetz",
    "json",
    "jsonb",
    "uuid",
    "inet",
    "numeric",
    "bytea",
];

impl<'s> Reader<'s, '_> {
    /// An expression.
    pub(super) fn expr(&mut self) -> Read<Expr> {
        self.deeper(|reader| reader.logic("or"))
    }

    // A node over others.
    fn node(&self, start: usize, kind: Node, parts: &[u16]) -> Read<Expr> {
        let depth = parts.iter().max().copied().unwrap_or(0) + 1;
        if depth > MAX_TREE_DEPTH {
            return Err("the expression is too deep");
        }
        Ok(Expr { kind, span: start..self.end(), depth })
    }

    // The frames on the way down to the first operand are kept small: each level of brackets takes all of them.
    fn logic(&mut self, word: &'static str) -> Read<Expr> {
        let start = self.start();
        let first = if word == "or" { self.logic("and")? } else { self.negation()? };
        if self.goes_on(word) { self.logic_rest(start, word, first) } else { Ok(first) }
    }

    fn goes_on(&mut self, word: &'static str) -> bool {
        let symbol = self.dialect() == Dialect::MySql && word == "and";
        self.cursor.take(word) || symbol && self.operator("&&")
    }

    fn logic_rest(&mut self, start: usize, word: &'static str, first: Expr) -> Read<Expr> {
        let mut list = vec![first];
        loop {
            list.push(if word == "or" { self.logic("and")? } else { self.negation()? });
            if !self.goes_on(word) {
                break;
            }
        }
        let depths: Vec<u16> = list.iter().map(|one| one.depth).collect();
        self.node(start, Node::Logic(word, list), &depths)
    }

    fn negation(&mut self) -> Read<Expr> {
        let start = self.start();
        if self.cursor.take("not") {
            let inner = self.deeper(Self::negation)?;
            let depth = inner.depth;
            return self.node(start, Node::Unary("not", Box::new(inner)), &[depth]);
        }
        self.predicate()
    }

    // IS, comparisons, BETWEEN, IN, LIKE.
    fn predicate(&mut self) -> Read<Expr> {
        let start = self.start();
        let left = self.other_operators()?;
        self.predicate_rest(start, left)
    }

    fn predicate_rest(&mut self, start: usize, mut left: Expr) -> Read<Expr> {
        loop {
            let depth = left.depth;
            if self.cursor.take("is") {
                let not = self.cursor.take("not");
                let words = ["null", "true", "false", "unknown", "distinct from", "document", "normalized"];
                let what = words.iter().find(|words| self.cursor.take(words)).copied();
                let (what, other) = match what {
                    Some("distinct from") => ("distinct from", Some(Box::new(self.other_operators()?))),
                    Some(what) => (what, None),
                    None => ("value", Some(Box::new(self.other_operators()?))),
                };
                let depths = [depth, other.as_ref().map_or(0, |other| other.depth)];
                left = self.node(start, Node::Is(not, what, Box::new(left), other), &depths)?;
                continue;
            }
            if self.cursor.take("isnull") || self.cursor.take("notnull") {
                let not = self.previous_is("notnull");
                left = self.node(start, Node::Is(not, "null", Box::new(left), None), &[depth])?;
                continue;
            }
            let not = self.cursor.is("not")
                && ["between", "in", "like", "ilike", "similar", "regexp", "rlike", "glob"]
                    .iter()
                    .any(|word| self.ahead(1, word));
            if not {
                self.cursor.next();
            }
            if self.cursor.take("between") {
                self.cursor.take("symmetric");
                let low = self.other_operators()?;
                if !self.cursor.take("and") {
                    return Err("AND of BETWEEN is missing");
                }
                let high = self.other_operators()?;
                let depths = [depth, low.depth, high.depth];
                left = self.node(start, Node::Between(not, Box::new(left), Box::new(low), Box::new(high)), &depths)?;
            } else if self.cursor.take("in") {
                left = self.member(start, not, left)?;
            } else if let Some(word) =
                ["like", "ilike", "similar to", "regexp", "rlike", "glob"].iter().find(|word| self.cursor.take(word))
            {
                let pattern = self.other_operators()?;
                if self.cursor.take("escape") {
                    self.other_operators()?;
                }
                let depths = [depth, pattern.depth];
                left = self.node(start, Node::Like(not, word, Box::new(left), Box::new(pattern)), &depths)?;
            } else if let Some(operator) = self.comparison() {
                left = self.compared(start, operator, left)?;
            } else if not {
                return Err("NOT stands alone");
            } else {
                return Ok(left);
            }
        }
    }

    fn member(&mut self, start: usize, not: bool, left: Expr) -> Read<Expr> {
        let depth = left.depth;
        if !self.cursor.is_mark('(') {
            // SQLite takes a table, MySQL a parameter.
            let right = self.primary()?;
            return self.node(start, Node::In(not, Box::new(left), vec![right]), &[depth]);
        }
        if self.query_ahead() {
            let select = self.bracketed_select()?;
            return self.node(start, Node::InQuery(not, Box::new(left), Box::new(select)), &[depth]);
        }
        let list = self.bracketed_list()?;
        let depths: Vec<u16> = list.iter().map(|one| one.depth).chain([depth]).collect();
        self.node(start, Node::In(not, Box::new(left), list), &depths)
    }

    fn compared(&mut self, start: usize, operator: String, left: Expr) -> Read<Expr> {
        let depth = left.depth;
        if self.cursor.take("any") || self.cursor.take("some") || self.cursor.take("all") {
            let right = self.primary()?;
            let depths = [depth, right.depth];
            return self.node(start, Node::Quantified(operator, Box::new(left), Box::new(right)), &depths);
        }
        let right = self.other_operators()?;
        let depths = [depth, right.depth];
        self.node(start, Node::Binary(operator, Box::new(left), Box::new(right)), &depths)
    }

    fn comparison(&mut self) -> Option<String> {
        // `<=>` is MySQL's; `->` and `<@` are none.
        for operator in ["<=>", "<>", "!=", "<=", ">=", "==", "=", "<", ">"] {
            let marks = operator.chars().count();
            let text = self.marks(3);
            let longer = text.get(operator.len()..operator.len() + 1).is_some_and(|next| {
                "@|&<>~-#".contains(next) && !(next == "-" || operator.ends_with('=') && next == "~")
            });
            if text.starts_with(operator) && !longer {
                self.cursor.at += marks;
                return Some(if operator == "!=" { "<>".to_owned() } else { operator.to_owned() });
            }
        }
        None
    }

    // Every operator that is no comparison, by rank: others such as `||` and `->`, then sums, products and powers.
    fn other_operators(&mut self) -> Read<Expr> {
        self.ranked(0)
    }

    fn ranked(&mut self, least: u8) -> Read<Expr> {
        let start = self.start();
        let mut left = self.zoned()?;
        while let Some((operator, rank)) = self.ranked_operator(least) {
            let right = if rank == 0 && (self.cursor.take("any") || self.cursor.take("all")) {
                self.primary()?
            } else {
                self.ranked(rank + 1)?
            };
            left = self.between(start, operator, left, right)?;
        }
        Ok(left)
    }

    fn between(&self, start: usize, operator: &str, left: Expr, right: Expr) -> Read<Expr> {
        let depths = [left.depth, right.depth];
        self.node(start, Node::Binary(operator.to_owned(), Box::new(left), Box::new(right)), &depths)
    }

    // Takes an operator of at least this rank.
    fn ranked_operator(&mut self, least: u8) -> Option<(&'static str, u8)> {
        let text = self.marks(4);
        let dialect = self.dialect();
        let others = [
            "->>", "#>>", "!~*", "@>", "<@", "->", "#>", "~*", "!~", "||", "&&", "<<", ">>", "@@", "?|", "?&", "&",
            "|", "#", "~", "?",
        ];
        let (operator, rank) = if let Some(operator) = others.iter().find(|operator| text.starts_with(**operator)) {
            if *operator == "?" && dialect != Dialect::PostgreSql || *operator == "&&" && dialect == Dialect::MySql {
                return None;
            }
            (*operator, 0)
        } else {
            match text.chars().next() {
                Some('+') => ("+", 1),
                Some('-') => ("-", 1),
                Some('*') => ("*", 2),
                Some('/') => ("/", 2),
                Some('%') => ("%", 2),
                Some('^') if dialect == Dialect::PostgreSql => ("^", 3),
                _ if dialect == Dialect::MySql && self.cursor.is("div") => ("div", 2),
                _ => return None,
            }
        };
        if rank < least {
            return None;
        }
        self.cursor.at += if operator == "div" { 1 } else { operator.len() };
        Some((operator, rank))
    }

    fn zoned(&mut self) -> Read<Expr> {
        let start = self.start();
        let left = self.signed()?;
        if self.cursor.is("at") || self.cursor.is("collate") { self.zoned_rest(start, left) } else { Ok(left) }
    }

    fn zoned_rest(&mut self, start: usize, mut left: Expr) -> Read<Expr> {
        loop {
            if self.cursor.take("at time zone") {
                let zone = self.signed()?;
                let depths = [left.depth, zone.depth];
                left =
                    self.node(start, Node::Binary("at time zone".to_owned(), Box::new(left), Box::new(zone)), &depths)?;
            } else if self.cursor.take("collate") {
                self.cursor.skip();
                while self.cursor.take_mark('.') {
                    self.cursor.skip();
                }
            } else {
                return Ok(left);
            }
        }
    }

    fn signed(&mut self) -> Read<Expr> {
        let start = self.start();
        let sign = match self.marks(1).chars().next() {
            Some('-') => "-",
            Some('+') => "+",
            Some('~') => "~",
            Some('@') if self.dialect() == Dialect::PostgreSql => "@",
            Some('!') if self.dialect() == Dialect::MySql => "not",
            _ => return self.postfix(),
        };
        self.cursor.at += 1;
        let inner = self.deeper(Self::signed)?;
        let depth = inner.depth;
        self.node(start, Node::Unary(sign, Box::new(inner)), &[depth])
    }

    // Casts, subscripts, fields.
    fn postfix(&mut self) -> Read<Expr> {
        let start = self.start();
        let left = self.primary()?;
        let more = ["[", ":", "."].iter().any(|mark| self.cursor.peek().is_some_and(|token| token.text == *mark));
        if more { self.postfix_rest(start, left) } else { Ok(left) }
    }

    fn postfix_rest(&mut self, start: usize, mut left: Expr) -> Read<Expr> {
        loop {
            let depth = left.depth;
            if self.dialect() == Dialect::PostgreSql && self.marks(2) == "::" {
                self.cursor.at += 2;
                let ty = self.type_name()?;
                left = self.node(start, Node::Cast(Box::new(left), ty), &[depth])?;
            } else if self.dialect() == Dialect::PostgreSql && self.cursor.is_mark('[') {
                self.cursor.next();
                let mut list = Vec::new();
                let mut slice = false;
                while !self.cursor.take_mark(']') {
                    if self.cursor.take_mark(':') {
                        slice = true;
                        continue;
                    }
                    list.push(self.expr()?);
                }
                let depths: Vec<u16> = list.iter().map(|one| one.depth).chain([depth]).collect();
                left = self.node(start, Node::Index(Box::new(left), list, slice), &depths)?;
            } else if self.cursor.is_mark('.') && matches!(left.kind, Node::Group(_) | Node::Index(..)) {
                self.cursor.next();
                let star = self.start();
                let name = if self.cursor.take_mark('*') {
                    Name { text: "*".to_owned(), span: star..self.end() }
                } else {
                    self.name()?
                };
                left = self.node(start, Node::Field(Box::new(left), name), &[depth])?;
            } else {
                return Ok(left);
            }
        }
    }

    fn primary(&mut self) -> Read<Expr> {
        let start = self.start();
        let token = *self.cursor.peek().ok_or("an expression is missing")?;
        match token.kind {
            Token::Word => self.word(start),
            Token::Quoted => self.named(start),
            Token::Mark if token.is_mark('(') => self.bracketed(start),
            _ => self.literal(start, token),
        }
    }

    fn literal(&mut self, start: usize, token: lex::Token<'s>) -> Read<Expr> {
        let simple = |reader: &mut Self, kind: Node| {
            reader.cursor.next();
            reader.node(start, kind, &[])
        };
        match token.kind {
            Token::Number => {
                let mut text = token.text.to_owned();
                self.cursor.next();
                // `1e-5` is three tokens.
                if text.ends_with(['e', 'E'])
                    && !text.starts_with("0x")
                    && (self.cursor.is_mark('-') || self.cursor.is_mark('+'))
                {
                    for _ in 0..2 {
                        text.push_str(self.cursor.next().map_or("", |token| token.text));
                    }
                }
                self.node(start, Node::Number(text), &[])
            }
            Token::Text => {
                let mut text = inner(token.text);
                self.cursor.next();
                // Texts on several lines are one.
                while let Some(next) =
                    self.cursor.peek().filter(|next| next.kind == Token::Text && next.text.starts_with('\''))
                {
                    text.push_str(&inner(next.text));
                    self.cursor.next();
                }
                self.node(start, Node::Text(text), &[])
            }
            Token::Mark if token.is_mark('*') => simple(self, Node::Star(Vec::new())),
            Token::Mark if token.is_mark('.') && self.number_ahead() => {
                self.cursor.next();
                let digits = self.cursor.next().map_or("", |token| token.text);
                self.node(start, Node::Number(format!(".{digits}")), &[])
            }
            Token::Mark if token.is_mark('?') => simple(self, Node::Parameter("?".to_owned())),
            Token::Mark if token.is_mark('$') || token.is_mark(':') || token.is_mark('@') || token.is_mark('%') => {
                self.cursor.next();
                let mut text = token.text.to_owned();
                if token.is_mark('@') && self.cursor.is_mark('@') || token.is_mark('%') && self.cursor.is_mark('(') {
                    self.cursor.skip();
                }
                text.push_str(self.cursor.next().ok_or("a parameter has no name")?.text);
                self.node(start, Node::Parameter(text), &[])
            }
            Token::Mark | Token::Word | Token::Quoted => Err("no expression begins with this"),
        }
    }

    fn bracketed(&mut self, start: usize) -> Read<Expr> {
        if self.query_ahead() {
            return self.query(start);
        }
        let list = self.bracketed_list()?;
        self.grouped(start, list)
    }

    fn query(&mut self, start: usize) -> Read<Expr> {
        let select = self.bracketed_select()?;
        self.node(start, Node::Query(Box::new(select)), &[])
    }

    fn grouped(&self, start: usize, mut list: Vec<Expr>) -> Read<Expr> {
        let depths: Vec<u16> = list.iter().map(|one| one.depth).collect();
        match list.pop() {
            Some(one) if list.is_empty() => self.node(start, Node::Group(Box::new(one)), &depths),
            Some(last) => {
                list.push(last);
                self.node(start, Node::Row(list), &depths)
            }
            None => Err("an expression is missing"),
        }
    }

    fn word(&mut self, start: usize) -> Read<Expr> {
        // Most words are names.
        let special = self
            .cursor
            .peek()
            .is_some_and(|token| SPECIAL.iter().chain(BARE).chain(TYPED).chain(STOPS).any(|word| token.is(word)));
        match special {
            _ if self.cursor.is("case") => self.case(start),
            true => self.special(start),
            false => self.named(start),
        }
    }

    fn special(&mut self, start: usize) -> Read<Expr> {
        let token = *self.cursor.peek().ok_or("an expression is missing")?;
        let lower = token.text.to_lowercase();
        let followed = self.cursor.tokens.get(self.cursor.at + 1);
        let called = followed.is_some_and(|next| next.is_mark('('));
        match lower.as_str() {
            "null" | "true" | "false" | "default" if !called => {
                self.cursor.next();
                let kind = match lower.as_str() {
                    "null" => Node::Null,
                    "default" => Node::Default,
                    word => Node::Bool(word == "true"),
                };
                self.node(start, kind, &[])
            }
            "exists" if called => {
                self.cursor.next();
                let select = self.bracketed_select()?;
                self.node(start, Node::Exists(Box::new(select)), &[])
            }
            "cast" | "try_cast" if called => {
                self.cursor.next();
                self.cursor.next();
                let one = self.expr()?;
                if !self.cursor.take("as") {
                    return Err("AS of CAST is missing");
                }
                let ty = self.type_name()?;
                self.close()?;
                let depth = one.depth;
                self.node(start, Node::Cast(Box::new(one), ty), &[depth])
            }
            "array" if followed.is_some_and(|next| next.is_mark('[')) => {
                self.cursor.next();
                self.array(start)
            }
            "array" if called => {
                self.cursor.next();
                let select = self.bracketed_select()?;
                self.node(start, Node::ArrayQuery(Box::new(select)), &[])
            }
            "row" if called => {
                self.cursor.next();
                let list = self.bracketed_list()?;
                let depths: Vec<u16> = list.iter().map(|one| one.depth).collect();
                self.node(start, Node::Row(list), &depths)
            }
            "interval" if self.dialect() == Dialect::MySql && !called => {
                self.cursor.next();
                let one = self.expr()?;
                self.cursor.next();
                let depth = one.depth;
                self.node(start, Node::Cast(Box::new(one), "interval".to_owned()), &[depth])
            }
            word if TYPED.contains(&word) && self.typed_text() => {
                let ty = self.type_name()?;
                let text = self.cursor.next().map(|token| inner(token.text)).unwrap_or_default();
                let mut one = self.node(start, Node::Text(text), &[])?;
                // `INTERVAL '1' DAY`
                while ["year", "month", "day", "hour", "minute", "second", "to", "week"]
                    .iter()
                    .any(|word| self.cursor.take(word))
                {}
                one.span = start..self.end();
                self.node(start, Node::Cast(Box::new(one), ty), &[1])
            }
            word if BARE.contains(&word) && !(word == "user" && followed.is_some_and(|next| next.is_mark('.'))) => {
                self.cursor.next();
                if called {
                    self.cursor.skip();
                }
                self.node(start, Node::Call(Call { name: lower, bare: true, ..Call::default() }), &[])
            }
            word if STOPS.contains(&word) && !called => Err("an expression is missing"),
            _ => self.named(start),
        }
    }

    // Whether what comes is a type and then a text.
    fn typed_text(&self) -> bool {
        let mut at = self.cursor.at + 1;
        let tokens = self.cursor.tokens;
        if tokens.get(at).is_some_and(|token| token.is_mark('(')) {
            at += 3;
        }
        while tokens.get(at).is_some_and(|token| ["with", "without", "time", "zone"].iter().any(|word| token.is(word)))
        {
            at += 1;
        }
        tokens.get(at).is_some_and(|token| token.kind == Token::Text)
    }

    fn array(&mut self, start: usize) -> Read<Expr> {
        self.cursor.next();
        let mut list = Vec::new();
        while !self.cursor.take_mark(']') {
            let one = if self.cursor.is_mark('[') {
                let start = self.start();
                self.deeper(|reader| reader.array(start))?
            } else {
                self.expr()?
            };
            list.push(one);
            if !self.cursor.take_mark(',') && !self.cursor.is_mark(']') {
                return Err("a `]` is missing");
            }
        }
        let depths: Vec<u16> = list.iter().map(|one| one.depth).collect();
        self.node(start, Node::Array(list), &depths)
    }

    fn case(&mut self, start: usize) -> Read<Expr> {
        self.cursor.next();
        let compared = if self.cursor.is("when") { None } else { Some(Box::new(self.expr()?)) };
        let mut depths: Vec<u16> = compared.iter().map(|one| one.depth).collect();
        let mut branches = Vec::new();
        while self.cursor.take("when") {
            let when = self.expr()?;
            if !self.cursor.take("then") {
                return Err("THEN is missing");
            }
            let then = self.expr()?;
            depths.extend([when.depth, then.depth]);
            branches.push((when, then));
        }
        let otherwise = if self.cursor.take("else") { Some(Box::new(self.expr()?)) } else { None };
        depths.extend(otherwise.iter().map(|one| one.depth));
        if !self.cursor.take("end") || branches.is_empty() {
            return Err("END of CASE is missing");
        }
        self.node(start, Node::Case(compared, branches, otherwise), &depths)
    }

    // A column, or a call.
    fn named(&mut self, start: usize) -> Read<Expr> {
        let mut names = vec![self.name()?];
        while self.cursor.is_mark('.') {
            self.cursor.next();
            if self.cursor.take_mark('*') {
                return self.node(start, Node::Star(names), &[]);
            }
            names.push(self.name()?);
        }
        if !self.cursor.is_mark('(') {
            return self.node(start, Node::Column(names), &[]);
        }
        let name = names.pop().map(|name| name.text.to_lowercase()).unwrap_or_default();
        self.call(start, name)
    }

    fn call(&mut self, start: usize, name: String) -> Read<Expr> {
        self.cursor.next();
        let mut call = Call { name, ..Call::default() };
        if self.cursor.is_mark('*') && self.cursor.tokens.get(self.cursor.at + 1).is_some_and(|next| next.is_mark(')'))
        {
            self.cursor.next();
            call.star = true;
        }
        call.distinct = self.cursor.take("distinct");
        self.cursor.take("all");
        self.before_arguments(start, &mut call)?;
        let position = call.name == "position";
        while !self.cursor.is_mark(')') {
            self.cursor.take("variadic");
            let one = if position { self.other_operators()? } else { self.expr()? };
            call.arguments.push(one);
            if self.cursor.take("order by") {
                call.order = self.orders()?;
            }
            self.after_argument(&mut call)?;
        }
        self.close()?;
        self.call_rest(start, call)
    }

    // `EXTRACT(year FROM x)`, `TRIM(BOTH 'x' FROM y)`; `SUBSTRING(x FROM 1 FOR 2)` and `POSITION(x IN y)` part their arguments.
    fn before_arguments(&mut self, start: usize, call: &mut Call) -> Read<()> {
        match call.name.as_str() {
            "extract" => {
                let field = self.cursor.next().map(|token| inner_word(token.text)).unwrap_or_default();
                call.arguments.push(self.node(start, Node::Text(field), &[])?);
                self.cursor.take("from");
            }
            "trim" => {
                let end = ["both", "leading", "trailing"].iter().find(|word| self.cursor.take(word));
                // The catalog knows each end by a function of its own.
                match end {
                    Some(&"leading") => "ltrim".clone_into(&mut call.name),
                    Some(&"trailing") => "rtrim".clone_into(&mut call.name),
                    _ => {}
                }
                self.cursor.take("from");
            }
            _ => {}
        }
        Ok(())
    }

    fn after_argument(&mut self, call: &mut Call) -> Read<()> {
        if self.cursor.take("separator") {
            self.cursor.next();
        }
        let goes = self.cursor.take_mark(',')
            || self.cursor.take("from")
            || self.cursor.take("for")
            || call.name == "position" && self.cursor.take("in");
        if !goes && !self.cursor.is_mark(')') {
            // Named arguments: `name => value`.
            if self.marks(2) != "=>" && self.marks(2) != ":=" {
                return Err("a `)` is missing");
            }
            self.cursor.at += 2;
            call.arguments.pop();
        }
        Ok(())
    }

    // What may follow the brackets of a call.
    fn call_rest(&mut self, start: usize, mut call: Call) -> Read<Expr> {
        if self.cursor.take("within group") {
            self.open()?;
            self.cursor.take("order by");
            call.order = self.orders()?;
            self.close()?;
        }
        if self.cursor.is("filter") && self.cursor.tokens.get(self.cursor.at + 1).is_some_and(|next| next.is_mark('('))
        {
            self.cursor.next();
            self.open()?;
            self.cursor.take("where");
            call.filter = Some(Box::new(self.expr()?));
            self.close()?;
        }
        if self.cursor.take("over") {
            call.over = Some(if self.cursor.is_mark('(') {
                self.window()?
            } else {
                self.cursor.next();
                (Vec::new(), Vec::new())
            });
        }
        let mut depths: Vec<u16> = call.arguments.iter().map(|one| one.depth).collect();
        depths.extend(call.order.iter().map(|order| order.expr.depth));
        self.node(start, Node::Call(call), &depths)
    }

    /// `(PARTITION BY .. ORDER BY ..)`.
    pub(super) fn window(&mut self) -> Read<(Vec<Expr>, Vec<Order>)> {
        self.open()?;
        let named = self.cursor.peek().is_some_and(|token| token.kind == Token::Word)
            && !["partition", "order", "rows", "range", "groups"].iter().any(|word| self.cursor.is(word));
        if named {
            self.cursor.next();
        }
        let mut parts = Vec::new();
        if self.cursor.take("partition by") {
            parts = self.list()?;
        }
        let orders = if self.cursor.take("order by") { self.orders()? } else { Vec::new() };
        if ["rows", "range", "groups"].iter().any(|word| self.cursor.is(word)) {
            while self.cursor.peek().is_some_and(|token| !token.is_mark(')')) {
                self.cursor.skip();
            }
        }
        self.close()?;
        Ok((parts, orders))
    }

    /// A name.
    pub(super) fn name(&mut self) -> Read<Name> {
        let span = self.cursor.peek().map_or(0..0, super::super::schema::lex::Token::span);
        Ok(Name { text: self.cursor.name()?, span })
    }
}

fn inner_word(text: &str) -> String {
    if text.starts_with('\'') { inner(text) } else { text.to_lowercase() }
}
