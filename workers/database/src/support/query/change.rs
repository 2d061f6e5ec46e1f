//! INSERT, UPDATE and DELETE.

use super::read::Reader;
use super::{Cte, Delete, Expr, Insert, Item, Kind, Name, Node, Update};
use crate::support::schema::cursor::Read;

impl Reader<'_, '_> {
    fn returning(&mut self) -> Read<Vec<Item>> {
        if self.cursor.take("returning") { self.items() } else { Ok(Vec::new()) }
    }

    pub(super) fn insert(&mut self, with: Vec<Cte>) -> Read<Kind> {
        while ["or", "ignore", "replace", "abort", "fail", "rollback", "low_priority", "delayed", "high_priority"]
            .iter()
            .any(|word| self.cursor.take(word))
        {}
        self.cursor.take("into");
        let mut table = vec![self.name()?];
        while self.cursor.take_mark('.') {
            table.push(self.name()?);
        }
        let alias = if self.cursor.take("as") { Some(self.name()?) } else { None };
        let columns = if self.cursor.is_mark('(') && !self.query_ahead() { self.names()? } else { Vec::new() };
        let _ = self.cursor.take("overriding system value") || self.cursor.take("overriding user value");
        let (mut source, mut updates, mut filter) = (None, Vec::new(), None);
        if self.cursor.take("set") {
            updates = self.updates()?;
        } else if !self.cursor.take("default values") {
            self.cursor.tokens.get(self.cursor.at).ok_or("VALUES is missing")?;
            // MySQL: VALUE is VALUES.
            source = Some(self.select()?);
        }
        if self.cursor.take("on conflict") {
            if self.cursor.take("on constraint") {
                self.name()?;
            } else if self.cursor.is_mark('(') {
                self.cursor.skip();
                if self.cursor.take("where") {
                    self.expr()?;
                }
            }
            if !self.cursor.take("do nothing") {
                if !self.cursor.take("do update set") {
                    return Err("DO is missing");
                }
                updates = self.updates()?;
                if self.cursor.take("where") {
                    filter = Some(self.expr()?);
                }
            }
        } else if self.cursor.take("on duplicate key update") {
            updates = self.updates()?;
        }
        let returning = self.returning()?;
        Ok(Kind::Insert(Insert { with, table, alias, columns, source, updates, filter, returning }))
    }

    fn updates(&mut self) -> Read<Vec<(Name, Expr)>> {
        let mut list = Vec::new();
        loop {
            if self.cursor.is_mark('(') {
                let names = self.names()?;
                self.operator("=");
                let value = self.expr()?;
                list.extend(
                    names
                        .into_iter()
                        .map(|name| (name, Expr { kind: Node::Default, span: value.span.clone(), depth: 1 })),
                );
            } else {
                let mut name = self.name()?;
                while self.cursor.take_mark('.') {
                    name = self.name()?;
                }
                while self.cursor.is_mark('[') {
                    self.cursor.skip();
                }
                if !self.operator("=") {
                    return Err("a `=` is missing");
                }
                list.push((name, self.expr()?));
            }
            if !self.cursor.take_mark(',') {
                return Ok(list);
            }
        }
    }

    pub(super) fn update(&mut self, with: Vec<Cte>) -> Read<Kind> {
        while ["or", "ignore", "replace", "low_priority"].iter().any(|word| self.cursor.take(word)) {}
        let target = self.joins()?;
        if !self.cursor.take("set") {
            return Err("SET is missing");
        }
        let updates = self.updates()?;
        let from = if self.cursor.take("from") { self.sources()? } else { Vec::new() };
        let filter = if self.cursor.take("where") { Some(self.expr()?) } else { None };
        self.tail()?;
        let returning = self.returning()?;
        Ok(Kind::Update(Update { with, target, updates, from, filter, returning }))
    }

    pub(super) fn delete(&mut self, with: Vec<Cte>) -> Read<Kind> {
        while ["low_priority", "quick", "ignore"].iter().any(|word| self.cursor.take(word)) {}
        if !self.cursor.take("from") {
            // MySQL: `DELETE t FROM t JOIN ..`
            self.name()?;
            self.cursor.take("from");
        }
        let target = self.joins()?;
        let using = if self.cursor.take("using") { self.sources()? } else { Vec::new() };
        let filter = if self.cursor.take("where") { Some(self.expr()?) } else { None };
        self.tail()?;
        let returning = self.returning()?;
        Ok(Kind::Delete(Delete { with, target, using, filter, returning }))
    }

    // MySQL and SQLite order and limit changes.
    fn tail(&mut self) -> Read<()> {
        if self.cursor.take("order by") {
            self.orders()?;
        }
        if self.cursor.take("limit") {
            self.expr()?;
        }
        Ok(())
    }
}
