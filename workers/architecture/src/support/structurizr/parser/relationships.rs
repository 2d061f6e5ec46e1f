//! Relationships, stated and implied.

use super::{Archetype, Base, Block, Implied, Named, Parser, Scope, Statement, Target, cut, split_tags};
use crate::support::structurizr::{Element, IssueKind, MAX_ARCHETYPE_ITEMS, MAX_RELATIONSHIPS, Relationship};
use octavo_toolkit::limits::excerpt;
use std::rc::Rc;

impl Parser {
    pub(super) fn in_relationship(&mut self, statement: &Statement<'_>, keyword: &str, all: &Rc<[usize]>) -> bool {
        match keyword {
            "tag" | "tags" => {
                for &number in all.iter() {
                    if let Some(relationship) = self.workspace.relationships.get_mut(number) {
                        let room = MAX_ARCHETYPE_ITEMS.saturating_sub(relationship.tags.len());
                        let tags = statement.words.iter().skip(1).flat_map(|word| split_tags(&word.text));
                        relationship.tags.extend(tags.take(room));
                    }
                }
            }
            "description" | "technology" => {
                for &number in all.iter() {
                    if let Some(relationship) = self.workspace.relationships.get_mut(number) {
                        let slot = if keyword == "description" {
                            &mut relationship.description
                        } else {
                            &mut relationship.technology
                        };
                        *slot = cut(statement.text(1).unwrap_or_default());
                    }
                }
            }
            "url" => {}
            "properties" => self.open_block(statement, Block::Properties(Target::Relationships(Rc::clone(all)))),
            "perspectives" => self.open_block(statement, Block::Skipped),
            _ => return false,
        }
        true
    }

    // `->` or `--archetype->`.
    pub(super) fn relationship_archetype(&self, word: &str) -> Option<Archetype> {
        if word == "->" {
            return Some(self.archetypes.get(word).cloned().unwrap_or_else(|| Archetype::plain(Base::Relationship)));
        }
        let name = word.strip_prefix("--")?.strip_suffix("->")?;
        self.archetypes.get(&name.to_lowercase()).filter(|archetype| archetype.base == Base::Relationship).cloned()
    }

    // `a -> b`, or `-> b` in the block of a. Whether the statement is one.
    pub(super) fn relationship(&mut self, statement: &Statement<'_>) -> bool {
        let arrow = |index: usize| statement.text(index).filter(|_| statement.words.len() > index + 1);
        let (archetype, at) = if let Some(archetype) = arrow(1).and_then(|word| self.relationship_archetype(word)) {
            (archetype, 1)
        } else if let Some(archetype) = arrow(0).and_then(|word| self.relationship_archetype(word)) {
            (archetype, 0)
        } else {
            return false;
        };
        self.too_many(
            statement,
            at + 5,
            "a relationship takes a description, a technology and tags after its end; quote texts that have spaces",
        );
        let from = if at == 0 {
            match self.block() {
                Some(Block::Element(element) | Block::ElementGroup(element)) => {
                    Some(Rc::new([*element]) as Rc<[usize]>)
                }
                Some(Block::Elements(all)) => Some(Rc::clone(all)),
                _ => {
                    self.syntax(
                        statement.span.clone(),
                        "a relationship without a beginning belongs in the block of an element",
                    );
                    None
                }
            }
        } else {
            self.end_of_relationship(statement, 0)
        };
        let to = self.end_of_relationship(statement, at + 1);
        let (Some(sources), Some(destinations)) = (from, to) else { return true };
        let text = |offset: usize, otherwise: &str| cut(statement.text(at + offset).unwrap_or(otherwise));
        let mut tags = archetype.tags.clone();
        tags.extend(statement.given(at + 4).into_iter().flat_map(split_tags).take(MAX_ARCHETYPE_ITEMS));
        let mut made = Vec::new();
        for (from, to) in sources.iter().flat_map(|from| destinations.iter().map(|to| (*from, *to))) {
            if from != to && (self.workspace.is_within(from, to) || self.workspace.is_within(to, from)) {
                self.issue(
                    IssueKind::InvalidRelationship,
                    statement.span.clone(),
                    "an element and one around it cannot be related; relate the parts",
                );
                continue;
            }
            made.extend(self.add_relationship(Relationship {
                from,
                to,
                description: text(2, &archetype.description),
                technology: text(3, &archetype.technology),
                tags: tags.clone(),
                properties: archetype.properties.clone(),
                is_implied: false,
                span: statement.span.clone(),
            }));
        }
        if let (Some(identifier), [number]) = (statement.identifier, made.as_slice()) {
            self.register(&identifier.text, Scope::Root, Named::Relationship(*number), identifier.span.clone());
        }
        if statement.opens && !made.is_empty() {
            self.open(Block::Relationships(made.into()), statement.span.clone());
        }
        true
    }

    fn end_of_relationship(&mut self, statement: &Statement<'_>, index: usize) -> Option<Rc<[usize]>> {
        let name = statement.text(index).unwrap_or_default();
        match self.lookup(name) {
            Some(Named::Element(element)) => return Some(Rc::new([element])),
            Some(_) => self.syntax(statement.span_of(index), format!("`{}` is no element", excerpt(name))),
            None if name.eq_ignore_ascii_case("this") => match self.block() {
                Some(Block::Element(element) | Block::ElementGroup(element)) => return Some(Rc::new([*element])),
                Some(Block::Elements(all)) => return Some(Rc::clone(all)),
                _ => self.unknown(statement, index),
            },
            None => self.unknown(statement, index),
        }
        None
    }

    // Its number, if there was room and nothing equal.
    fn add_relationship(&mut self, relationship: Relationship) -> Option<usize> {
        let (from, to) = (relationship.from, relationship.to);
        if self.workspace.relationships.len() >= MAX_RELATIONSHIPS {
            let message = format!("more than {MAX_RELATIONSHIPS} relationships; the rest was not read");
            self.limit("relationships", relationship.span, message);
            return None;
        }
        if !self.pairs.entry((from, to)).or_default().insert(relationship.description.clone()) {
            self.issue(
                IssueKind::InvalidRelationship,
                relationship.span,
                "the two elements already have a relationship of this description; it is kept once",
            );
            return None;
        }
        let is_static = |element: usize| self.workspace.elements.get(element).is_some_and(|e| e.kind.is_static());
        let can_imply = self.implied != Implied::Never && is_static(from) && is_static(to);
        let template = relationship.clone();
        let number = self.workspace.relationships.len();
        self.workspace.relationships.push(relationship);
        if can_imply {
            self.imply(&template);
        }
        Some(number)
    }

    // Static elements nest three deep, so that this is at most eight pairs.
    fn imply(&mut self, template: &Relationship) {
        let ancestors = |start: usize, elements: &[Element]| {
            std::iter::successors(Some(start), |at| elements.get(*at).and_then(|element| element.parent))
                .collect::<Vec<_>>()
        };
        let sources = ancestors(template.from, &self.workspace.elements);
        let destinations = ancestors(template.to, &self.workspace.elements);
        for &from in &sources {
            for &to in &destinations {
                if from == to || self.workspace.is_within(from, to) || self.workspace.is_within(to, from) {
                    continue;
                }
                let known = self.pairs.entry((from, to)).or_default();
                let exists = match self.implied {
                    Implied::Never => true,
                    Implied::UnlessAny => !known.is_empty(),
                    Implied::UnlessSame => known.contains(&template.description),
                };
                if !exists && self.workspace.relationships.len() < MAX_RELATIONSHIPS {
                    known.insert(template.description.clone());
                    self.workspace.relationships.push(Relationship {
                        from,
                        to,
                        is_implied: true,
                        properties: Vec::new(),
                        tags: Vec::new(),
                        ..template.clone()
                    });
                }
            }
        }
    }
}
