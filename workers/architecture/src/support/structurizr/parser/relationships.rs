//! Relationships, stated and implied.

use super::{Archetype, Base, Block, Implied, Named, Parser, Scope, Statement, Target, cut, split_tags};
use crate::support::structurizr::{
    Element, ElementKind, IssueKind, MAX_ARCHETYPE_ITEMS, MAX_RELATIONSHIPS, Relationship,
};
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeSet;
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
        let (Some(mut sources), Some(mut destinations)) = (from, to) else { return true };
        // In a deployment, what is meant is what runs there.
        let environment = match self.block() {
            Some(Block::Environment(environment)) => Some((*environment, true)),
            Some(Block::Element(element) | Block::ElementGroup(element)) => {
                self.workspace.elements.get(*element).and_then(|element| match element.kind {
                    ElementKind::DeploymentNode => Some((element.environment?, true)),
                    ElementKind::InfrastructureNode if at == 0 => Some((element.environment?, false)),
                    _ => None,
                })
            }
            _ => None,
        };
        if let Some((environment, is_both)) = environment {
            if is_both && at == 1 {
                sources = self.deployed(&sources, environment);
            }
            if at == 1 || !is_both {
                destinations = self.deployed(&destinations, environment);
            }
        }
        let instead = self.instead.clone().filter(|(depth, _, _)| self.stack.len() >= *depth && environment.is_some());
        let fallback = |own: &str, other: Option<&String>| match other {
            Some(other) if own.is_empty() => other.clone(),
            _ => own.to_owned(),
        };
        let archetype = Archetype {
            description: fallback(&archetype.description, instead.as_ref().map(|(_, description, _)| description)),
            technology: fallback(&archetype.technology, instead.as_ref().map(|(_, _, technology)| technology)),
            ..archetype
        };
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
        let number = self.push_relationship(relationship);
        if can_imply {
            self.imply(&template);
        }
        Some(number)
    }

    fn push_relationship(&mut self, relationship: Relationship) -> usize {
        let number = self.workspace.relationships.len();
        let most = relationship.from.max(relationship.to);
        if self.touching.len() <= most {
            self.touching.resize(most + 1, Vec::new());
        }
        for end in [relationship.from, relationship.to] {
            if let Some(list) = self.touching.get_mut(end) {
                list.push(number);
            }
        }
        self.workspace.relationships.push(relationship);
        number
    }

    // The instances of software systems and containers that run in an environment; other elements themselves.
    fn deployed(&self, all: &[usize], environment: usize) -> Rc<[usize]> {
        let is_deployable = |at: usize| {
            let kind = self.workspace.elements.get(at).map(|element| element.kind);
            matches!(kind, Some(ElementKind::SoftwareSystem | ElementKind::Container))
        };
        all.iter()
            .flat_map(|&at| if is_deployable(at) { self.instances_of(at, Some(environment)) } else { vec![at] })
            .collect()
    }

    fn groups_of(&self, element: usize) -> BTreeSet<&str> {
        std::iter::successors(Some(element), |at| self.workspace.elements.get(*at).and_then(|found| found.parent))
            .filter_map(|at| self.workspace.elements.get(at))
            .flat_map(|found| found.groups.iter().map(String::as_str))
            .collect()
    }

    // An instance gets the relationships of what it is an instance of, to instances of the same groups that are there.
    pub(super) fn replicate(&mut self, instance: usize, of: usize) {
        if self.workspace.relationships.len() >= MAX_RELATIONSHIPS {
            return;
        }
        let environment = self.workspace.elements.get(instance).and_then(|element| element.environment);
        let mut made = Vec::new();
        let own = self.groups_of(instance);
        for number in self.touching.get(of).into_iter().flatten() {
            let Some(relationship) = self.workspace.relationships.get(*number) else { continue };
            let other = if relationship.from == of { relationship.to } else { relationship.from };
            for there in self.instances_of(other, environment) {
                let theirs = self.groups_of(there);
                let is_near = (own.is_empty() && theirs.is_empty()) || own.intersection(&theirs).next().is_some();
                if is_near && made.len() < MAX_RELATIONSHIPS {
                    let (from, to) = if relationship.from == of { (instance, there) } else { (there, instance) };
                    made.push((from, to, *number));
                }
            }
        }
        for (from, to, number) in made {
            let Some(origin) = self.workspace.relationships.get(number).cloned() else { continue };
            let is_new = self.pairs.entry((from, to)).or_default().insert(origin.description.clone());
            if is_new && self.workspace.relationships.len() < MAX_RELATIONSHIPS {
                let (tags, properties) = (Vec::new(), Vec::new());
                self.push_relationship(Relationship { from, to, is_implied: true, tags, properties, ..origin });
            }
        }
    }

    // `a -/> b [description]`: instances of a and b are no longer related.
    pub(super) fn take_out(&mut self, statement: &Statement<'_>, environment: usize) {
        let (from, to) = (self.end_of_relationship(statement, 0), self.end_of_relationship(statement, 2));
        let (Some(from), Some(to)) = (from, to) else { return };
        let (from, to) = (self.deployed(&from, environment), self.deployed(&to, environment));
        let wanted = statement.given(3).map(str::to_owned);
        let mut removed = Vec::new();
        for &at in from.iter() {
            for number in self.touching.get(at).into_iter().flatten() {
                let Some(found) = self.workspace.relationships.get(*number) else { continue };
                let is_meant = found.from == at
                    && to.contains(&found.to)
                    && found.is_implied
                    && wanted.as_ref().is_none_or(|description| *description == found.description);
                if is_meant {
                    removed.push(*number);
                }
            }
        }
        let Some(first) = removed.first().and_then(|number| self.workspace.relationships.get(*number)).cloned() else {
            if !self.workspace.is_partial {
                let message = "no relationship of instances leads this way, so that none can be taken out";
                self.issue(IssueKind::InvalidRelationship, statement.span.clone(), message);
            }
            return;
        };
        for number in removed {
            let Some(found) = self.workspace.relationships.get(number).cloned() else { continue };
            if let Some(known) = self.pairs.get_mut(&(found.from, found.to)) {
                known.remove(&found.description);
            }
            for end in [found.from, found.to] {
                if let Some(list) = self.touching.get_mut(end) {
                    list.retain(|other| *other != number);
                }
            }
            self.workspace.taken_out.insert(number);
        }
        if statement.opens {
            self.open(Block::Environment(environment), statement.span.clone());
            self.instead = Some((self.stack.len(), first.description, first.technology));
        }
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
                    self.push_relationship(Relationship {
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
