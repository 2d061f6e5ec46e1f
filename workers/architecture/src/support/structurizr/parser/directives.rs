//! Statements that begin with `!`: constants, settings, content from elsewhere, and selections of elements.

use super::{Block, Implied, MAX_SELECTIONS, Named, Parser, Scope, Statement, is_constant_name};
use crate::support::structurizr::{Element, ElementKind, IssueKind};
use octavo_toolkit::limits::excerpt;
use std::rc::Rc;

impl Parser {
    // Statements that begin with `!` and those allowed in most blocks. Whether it was one.
    pub(super) fn directive(&mut self, statement: &Statement<'_>) -> bool {
        if matches!(self.block(), Some(Block::Properties(_))) {
            return false;
        }
        let Some(keyword) = statement.text(0).map(str::to_lowercase) else { return false };
        match keyword.as_str() {
            "!const" | "!constant" | "!var" => {
                if keyword == "!constant" {
                    self.issue(
                        IssueKind::Deprecated,
                        statement.span_of(0),
                        "`!constant` was removed from the language; write `!const`",
                    );
                }
                self.constant(statement, keyword == "!var");
            }
            "!identifiers" => match statement.text(1).map(str::to_lowercase).as_deref() {
                Some("hierarchical") => self.is_hierarchical = true,
                Some("flat") => self.is_hierarchical = false,
                _ => self.syntax(statement.span.clone(), "`!identifiers` takes `flat` or `hierarchical`"),
            },
            "!impliedrelationships" | "impliedrelationships" => {
                let strategy = statement.text(1).unwrap_or_default();
                match strategy.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
                    "false" | "defaultimpliedrelationshipsstrategy" => self.implied = Implied::Never,
                    "true" | "createimpliedrelationshipsunlessanyrelationshipexistsstrategy" => {
                        self.implied = Implied::UnlessAny;
                    }
                    "createimpliedrelationshipsunlesssamerelationshipexistsstrategy" => {
                        self.implied = Implied::UnlessSame;
                    }
                    "" => self.syntax(
                        statement.span.clone(),
                        "`!impliedRelationships` takes `true`, `false` or a strategy's name",
                    ),
                    _ => self.issue(
                        IssueKind::NotEvaluated,
                        statement.span_of(1),
                        "a strategy of one's own is code and is not run; the default strategy is used",
                    ),
                }
            }
            "!include" | "!script" | "!plugin" | "!components" => {
                self.workspace.is_partial = true;
                self.issue(
                    IssueKind::NotFetched,
                    statement.span.clone(),
                    format!("`{keyword}` brings in content from elsewhere; nothing is fetched or run, so the model is reviewed without it"),
                );
            }
            "!docs" | "!adrs" | "!decisions" => {
                if let Some(Block::Element(element)) = self.block().cloned()
                    && let Some(element) = self.workspace.elements.get_mut(element)
                {
                    if keyword == "!docs" {
                        element.has_docs = true;
                    } else {
                        element.has_decisions = true;
                    }
                }
            }
            "!elements" => self.select_block(statement),
            "!relationships" => self.not_evaluated(statement, &keyword),
            "!element" | "!relationship" | "!ref" | "!extend" => self.find(statement, &keyword),
            _ => return false,
        }
        true
    }

    fn not_evaluated(&mut self, statement: &Statement<'_>, keyword: &str) {
        self.workspace.is_partial = true;
        self.issue(
            IssueKind::NotEvaluated,
            statement.span.clone(),
            format!("`{keyword}` selects by an expression that is not evaluated; what its block sets is not seen"),
        );
    }

    fn select_block(&mut self, statement: &Statement<'_>) {
        self.selections += 1;
        if self.selections > MAX_SELECTIONS {
            let message = format!("more than {MAX_SELECTIONS} selections of elements; the rest is skipped");
            self.limit("selections", statement.span.clone(), message);
            return;
        }
        match self.select(statement.text(1).unwrap_or_default()) {
            None => self.not_evaluated(statement, "!elements"),
            Some(found) if found.is_empty() && !self.workspace.is_partial => {
                self.syntax(statement.span_of(1), "no element is chosen by this expression");
            }
            Some(found) if statement.opens => self.open(Block::Elements(found.into()), statement.span.clone()),
            Some(_) => {}
        }
    }

    // The elements an expression chooses; none if it is of a kind that is not evaluated.
    pub(super) fn select(&self, expression: &str) -> Option<Vec<usize>> {
        if let Some((first, rest)) = expression.split_once(" && ") {
            let (first, rest) = (self.select_one(first)?, self.select_one(rest)?);
            return Some(first.into_iter().filter(|at| rest.binary_search(at).is_ok()).collect());
        }
        if let Some((first, rest)) = expression.split_once(" || ") {
            let (mut first, rest) = (self.select_one(first)?, self.select_one(rest)?);
            first.extend(rest);
            first.sort_unstable();
            first.dedup();
            return Some(first);
        }
        self.select_one(expression)
    }

    fn select_one(&self, expression: &str) -> Option<Vec<usize>> {
        let all = |is_meant: &dyn Fn(usize, &Element) -> bool| -> Option<Vec<usize>> {
            let elements = self.workspace.elements.iter().enumerate();
            Some(elements.filter(|(at, element)| is_meant(*at, element)).map(|(at, _)| at).collect())
        };
        let expression = expression.trim();
        let (inner, is_called) = expression.strip_prefix("->").map_or((expression, false), |inner| (inner, true));
        let (inner, calls) = inner.strip_suffix("->").map_or((inner, false), |inner| (inner, true));
        if (is_called || calls) && !inner.contains("->") {
            return self.with_neighbours(inner.trim(), is_called, calls);
        }
        if expression.contains("->") || expression.contains(" && ") || expression.contains(" || ") {
            return None;
        }
        if expression == "*" {
            return all(&|_, _| true);
        }
        let Some((left, right)) = expression
            .split_once("==")
            .map(|(left, right)| (left, (right, true)))
            .or_else(|| expression.split_once("!=").map(|(left, right)| (left, (right, false))))
        else {
            return self.named(expression);
        };
        let (value, is_equal) = right;
        if let Some(name) = left.strip_prefix("element.properties[").and_then(|name| name.strip_suffix(']'))
            && is_equal
        {
            let has = |element: &Element| element.properties.iter().any(|own| own.name == name && own.value == value);
            let of = |element: &Element| element.instance_of.and_then(|of| self.workspace.elements.get(of));
            return all(&|_, element| has(element) || of(element).is_some_and(has));
        }
        match left.to_lowercase().as_str() {
            "element" if value == "*" => all(&|_, _| is_equal),
            "element" if is_equal => self.named(value),
            "element" => {
                let named = self.named(value)?;
                all(&|at, _| named.binary_search(&at).is_err())
            }
            "element.parent" if is_equal => {
                let Some(Named::Element(parent)) = self.lookup(value) else { return None };
                all(&|_, element| element.parent == Some(parent))
            }
            "element.type" if is_equal => {
                let wanted = value.to_lowercase();
                all(&|_, element| {
                    element.kind.words().replace(' ', "") == wanted
                        || (wanted == "custom" && element.kind == ElementKind::Custom)
                })
            }
            "element.tag" => {
                let wanted: Vec<&str> = value.split(',').map(str::trim).collect();
                let has = |element: &Element, tag: &str| {
                    let kind = element.kind.words();
                    tag == "Element"
                        || (tag.eq_ignore_ascii_case(kind) && tag.starts_with(char::is_uppercase))
                        || element.tags.iter().any(|own| own == tag)
                };
                let of = |element: &Element| element.instance_of.and_then(|of| self.workspace.elements.get(of));
                let has =
                    |element: &Element, tag: &str| has(element, tag) || of(element).is_some_and(|of| has(of, tag));
                all(&|_, element| wanted.iter().all(|tag| has(element, tag)) == is_equal)
            }
            "element.technology" => {
                let has_one = |element: &Element| {
                    !matches!(element.kind, ElementKind::Person | ElementKind::SoftwareSystem | ElementKind::Custom)
                };
                all(&|_, element| has_one(element) && (element.technology == value) == is_equal)
            }
            "element.group" if is_equal => all(&|_, element| element.group.as_deref() == Some(value)),
            _ => None,
        }
    }

    // `->a`, `a->` and `->a->`: elements with those that lead to them, or that they lead to, of the same world.
    fn with_neighbours(&self, expression: &str, is_called: bool, calls: bool) -> Option<Vec<usize>> {
        let mut found = self.select_one(expression)?;
        for element in found.clone() {
            let is_static = self.workspace.elements.get(element).is_some_and(|element| element.kind.is_static());
            for number in self.touching.get(element).into_iter().flatten() {
                let Some(relationship) = self.workspace.relationships.get(*number) else { continue };
                let other = match (relationship.from == element, relationship.to == element) {
                    (true, _) if calls => relationship.to,
                    (_, true) if is_called => relationship.from,
                    _ => continue,
                };
                let kind = self.workspace.elements.get(other).map(|element| element.kind);
                if kind.is_some_and(|kind| kind.is_static() == is_static || kind == ElementKind::Custom) {
                    found.push(other);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    // The element of an identifier, or those of a group and the groups within it.
    fn named(&self, identifier: &str) -> Option<Vec<usize>> {
        match self.lookup(identifier)? {
            Named::Element(element) => Some(vec![element]),
            Named::Group(group) => {
                let is_inside = |start: Option<usize>| {
                    std::iter::successors(start, |at| self.groups.get(*at).and_then(|group| group.parent))
                        .any(|at| at == group)
                };
                Some(self.group_of.iter().enumerate().filter(|(_, of)| is_inside(**of)).map(|(at, _)| at).collect())
            }
            Named::Relationship(_) | Named::Environment(_) | Named::Other => None,
        }
    }

    fn constant(&mut self, statement: &Statement<'_>, is_variable: bool) {
        let (Some(name), Some(value), None) = (statement.text(1), statement.text(2), statement.text(3)) else {
            self.syntax(statement.span.clone(), "a constant takes a name and a value");
            return;
        };
        if !is_constant_name(name) {
            self.syntax(statement.span_of(1), "the name of a constant has letters, digits, `-`, `_` and `.`");
            return;
        }
        let known = self.constants.get(name).map(|(_, is_variable)| *is_variable);
        if known.is_some_and(|known_variable| !known_variable || !is_variable) {
            let message = format!("`{}` is already defined and constants do not change", excerpt(name));
            self.syntax(statement.span_of(1), message);
            return;
        }
        self.constants.insert(name.to_owned(), (value.to_owned(), is_variable));
    }

    fn find(&mut self, statement: &Statement<'_>, keyword: &str) {
        if matches!(keyword, "!ref" | "!extend") {
            let message = format!("`{keyword}` was removed from the language; write `!element` or `!relationship`");
            self.issue(IssueKind::Deprecated, statement.span_of(0), message);
        }
        let Some(name) = statement.text(1) else {
            self.syntax(statement.span.clone(), format!("`{keyword}` takes an identifier"));
            return;
        };
        if name.contains("://") {
            self.issue(
                IssueKind::NotEvaluated,
                statement.span_of(1),
                "an element named by its canonical name is not looked up",
            );
            return;
        }
        let found = self.lookup(name);
        if let Some(identifier) = statement.identifier
            && let Some(found) = found
        {
            self.register(&identifier.text, Scope::Root, found, identifier.span.clone());
        }
        match found {
            Some(Named::Element(element)) if statement.opens => {
                self.open(Block::Element(element), statement.span.clone());
            }
            Some(Named::Relationship(relationship)) if statement.opens => {
                self.open(Block::Relationships(Rc::new([relationship])), statement.span.clone());
            }
            Some(Named::Environment(environment)) if statement.opens => {
                self.open(Block::Environment(environment), statement.span.clone());
            }
            Some(_) => {}
            None => self.unknown(statement, 1),
        }
    }
}
