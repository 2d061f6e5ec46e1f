//! Elements, groups, deployments and archetypes, and what stands in their blocks.

use super::{Archetype, Base, Block, Group, Named, Parser, Scope, Statement, Target, cut, split_tags};
use crate::support::structurizr::{Element, ElementKind, IssueKind, MAX_ARCHETYPE_ITEMS, MAX_ELEMENTS, Property};
use octavo_toolkit::limits::excerpt;
use std::rc::Rc;

impl Parser {
    // Deployment groups, told apart by the last part of their identifiers; names that are none have no effect.
    fn deployment_groups(&self, text: Option<&str>, environment: Option<usize>) -> Vec<String> {
        let is_one = |name: &str| {
            let there = environment.and_then(|at| self.resolve(Scope::Environment(at), &name.to_lowercase()));
            self.lookup(name).or(there) == Some(Named::Other)
        };
        let names = text.unwrap_or_default().split(',').map(str::trim).filter(|name| is_one(name));
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_lowercase();
        names.map(last).take(MAX_ARCHETYPE_ITEMS).collect()
    }

    fn base(&self, keyword: &str) -> Option<Archetype> {
        let base = match keyword {
            "person" => Base::Element(ElementKind::Person),
            "softwaresystem" => Base::Element(ElementKind::SoftwareSystem),
            "container" => Base::Element(ElementKind::Container),
            "component" => Base::Element(ElementKind::Component),
            "element" => Base::Element(ElementKind::Custom),
            "deploymentnode" => Base::Element(ElementKind::DeploymentNode),
            "infrastructurenode" => Base::Element(ElementKind::InfrastructureNode),
            "group" => Base::Group,
            _ => return self.archetypes.get(keyword).cloned(),
        };
        // A keyword may have defaults of its own.
        Some(self.archetypes.get(keyword).cloned().unwrap_or_else(|| Archetype::plain(base)))
    }

    pub(super) fn in_model(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        match keyword {
            "properties" => self.open_block(statement, Block::Properties(Target::Model)),
            "archetypes" => self.open_block(statement, Block::Archetypes),
            "deploymentenvironment" => {
                let environment = self.workspace.environments.len();
                if statement.given(1).is_none() {
                    self.syntax(statement.span.clone(), "a deployment environment takes a name");
                }
                self.sibling(statement, 1, Scope::Root, 1);
                if let Some(identifier) = statement.identifier {
                    self.register(
                        &identifier.text,
                        Scope::Root,
                        Named::Environment(environment),
                        identifier.span.clone(),
                    );
                }
                self.workspace.environments.push(statement.text(1).unwrap_or_default().to_owned());
                if statement.opens {
                    self.open_with(Block::Environment(environment), statement.span.clone(), None);
                }
            }
            "enterprise" => {
                self.issue(
                    IssueKind::Deprecated,
                    statement.span_of(0),
                    "`enterprise` was removed from the language; write `group`",
                );
                self.open_block(statement, Block::Model);
            }
            _ => match self.base(keyword) {
                Some(Archetype { base: Base::Group, .. }) => self.group(statement, Block::Model),
                Some(Archetype { base: Base::Element(ElementKind::Container | ElementKind::Component), .. }) => {
                    let outer = if keyword == "container" { "software system" } else { "container" };
                    self.syntax(
                        statement.span.clone(),
                        format!("a {} belongs in the block of a {outer}", excerpt(keyword)),
                    );
                }
                Some(
                    archetype @ Archetype {
                        base: Base::Element(ElementKind::Person | ElementKind::SoftwareSystem | ElementKind::Custom),
                        ..
                    },
                ) => self.element(statement, &archetype, None, None),
                _ => return false,
            },
        }
        true
    }

    fn group(&mut self, statement: &Statement<'_>, block: Block) {
        if !statement.opens || statement.given(1).is_none() || statement.words.len() > 2 {
            self.syntax(statement.span.clone(), "a group takes a name and a block: `group \"Name\" {`");
        }
        let number = self.groups.len();
        let parent = self.stack.last().and_then(|open| open.group);
        if number < MAX_ELEMENTS {
            let name = excerpt(statement.text(1).unwrap_or_default());
            let name = parent
                .and_then(|at| self.groups.get(at))
                .map_or_else(|| name.clone(), |outer| format!("{}/{name}", excerpt(&outer.name)));
            self.groups.push(Group { name, parent });
        }
        if let Some(identifier) = statement.identifier {
            let scope = match block {
                Block::ElementGroup(element) => Scope::Element(element),
                _ => Scope::Root,
            };
            self.register(&identifier.text, scope, Named::Group(number), identifier.span.clone());
        }
        self.open_with(block, statement.span.clone(), Some(number));
    }

    fn group_name(&self) -> Option<String> {
        let group = self.stack.last().and_then(|open| open.group)?;
        self.groups.get(group).map(|group| group.name.clone())
    }

    // Parts that an element may have in its block.
    pub(super) fn part_of(&mut self, statement: &Statement<'_>, keyword: &str, parent: usize) -> bool {
        let Some(kind) = self.workspace.elements.get(parent).map(|element| element.kind) else { return false };
        let environment = self.workspace.elements.get(parent).and_then(|element| element.environment);
        let archetype = self.base(keyword);
        match (kind, archetype) {
            (
                ElementKind::SoftwareSystem | ElementKind::Container | ElementKind::DeploymentNode,
                Some(Archetype { base: Base::Group, .. }),
            ) => {
                self.group(statement, Block::ElementGroup(parent));
            }
            (ElementKind::Component, Some(Archetype { base: Base::Group, .. })) => {
                if let Some(element) = self.workspace.elements.get_mut(parent) {
                    element.group = statement.given(1).map(excerpt);
                }
            }
            (
                ElementKind::SoftwareSystem,
                Some(archetype @ Archetype { base: Base::Element(ElementKind::Container), .. }),
            )
            | (
                ElementKind::Container,
                Some(archetype @ Archetype { base: Base::Element(ElementKind::Component), .. }),
            )
            | (
                ElementKind::DeploymentNode,
                Some(
                    archetype @ Archetype {
                        base: Base::Element(ElementKind::DeploymentNode | ElementKind::InfrastructureNode),
                        ..
                    },
                ),
            ) => self.element(statement, &archetype, Some(parent), environment),
            (ElementKind::DeploymentNode, None) => {
                return match keyword {
                    "containerinstance" | "softwaresysteminstance" | "instanceof" => {
                        self.instance(statement, keyword, parent);
                        true
                    }
                    "deploymentgroup" => {
                        let groups = self.deployment_groups(statement.text(1), environment);
                        if let Some(element) = self.workspace.elements.get_mut(parent) {
                            element.groups.extend(groups);
                        }
                        true
                    }
                    "instances" => {
                        self.check_instances(statement, 1);
                        if let Some(element) = self.workspace.elements.get_mut(parent) {
                            element.instances = statement.given(1).map(cut);
                        }
                        true
                    }
                    _ => false,
                };
            }
            _ => return false,
        }
        true
    }

    pub(super) fn in_environment(&mut self, statement: &Statement<'_>, keyword: &str, environment: usize) -> bool {
        match (keyword, self.base(keyword)) {
            ("deploymentgroup", _) => {
                if let Some(identifier) = statement.identifier {
                    self.register(
                        &identifier.text,
                        Scope::Environment(environment),
                        Named::Other,
                        identifier.span.clone(),
                    );
                }
            }
            (_, Some(Archetype { base: Base::Group, .. })) => self.group(statement, Block::Environment(environment)),
            (_, Some(archetype @ Archetype { base: Base::Element(ElementKind::DeploymentNode), .. })) => {
                self.element(statement, &archetype, None, Some(environment));
            }
            _ => {
                // `a -/> b` takes a relationship out of the environment; the static model is not touched.
                if statement.text(1) == Some("-/>") {
                    self.take_out(statement, environment);
                    return true;
                }
                return false;
            }
        }
        true
    }

    fn element(
        &mut self,
        statement: &Statement<'_>,
        archetype: &Archetype,
        parent: Option<usize>,
        environment: Option<usize>,
    ) {
        let Base::Element(kind) = archetype.base else { return };
        let (description_at, technology_at, tags_at, last) = match kind {
            ElementKind::Container | ElementKind::Component | ElementKind::InfrastructureNode => (2, Some(3), 4, 5),
            ElementKind::DeploymentNode => (2, Some(3), 4, 6),
            ElementKind::Custom => (3, None, 4, 5),
            _ => (2, None, 3, 4),
        };
        self.too_many(statement, last, "more words than it takes; quote texts that have spaces");
        if statement.given(1).is_none() {
            self.syntax(statement.span.clone(), format!("a {} takes a name", kind.words()));
            return;
        }
        if self.workspace.elements.len() >= MAX_ELEMENTS {
            self.limit(
                "elements",
                statement.span.clone(),
                format!("more than {MAX_ELEMENTS} elements; the rest was not read"),
            );
            return;
        }
        let scope = parent.map_or_else(|| environment.map_or(Scope::Root, Scope::Environment), Scope::Element);
        self.sibling(statement, 1, scope, 0);
        if kind == ElementKind::DeploymentNode && statement.given(5).is_some() {
            self.check_instances(statement, 5);
        }
        let number = self.workspace.elements.len();
        self.group_of.push(self.stack.last().and_then(|open| open.group));
        let mut tags = archetype.tags.clone();
        tags.extend(statement.given(tags_at).into_iter().flat_map(split_tags));
        self.workspace.elements.push(Element {
            kind,
            name: cut(statement.text(1).unwrap_or_default()),
            identifier: statement.identifier.map(|name| name.text.clone()),
            parent,
            environment,
            instance_of: None,
            description: cut(statement.text(description_at).unwrap_or(&archetype.description)),
            technology: cut(technology_at.and_then(|at| statement.text(at)).unwrap_or(&archetype.technology)),
            tags,
            group: self.group_name(),
            instances: (kind == ElementKind::DeploymentNode).then(|| statement.given(5).map(cut)).flatten(),
            groups: Vec::new(),
            has_docs: false,
            has_decisions: false,
            properties: archetype.properties.clone(),
            span: statement.span.clone(),
        });
        if let Some(identifier) = statement.identifier {
            self.register(&identifier.text, scope, Named::Element(number), identifier.span.clone());
        }
        if statement.opens {
            self.open_with(Block::Element(number), statement.span.clone(), None);
        }
    }

    // A count, or a range such as `1..4` or `1..N`.
    fn check_instances(&mut self, statement: &Statement<'_>, index: usize) {
        let text = statement.text(index).unwrap_or_default();
        let (least, most) = text.split_once("..").unwrap_or((text, text));
        let least = least.parse::<u32>().ok().filter(|count| *count > 0 || text.contains(".."));
        let is_range = least.is_some_and(|least| {
            most.eq_ignore_ascii_case("n") || most == "*" || most.parse::<u32>().is_ok_and(|most| most >= least)
        });
        if !is_range {
            self.syntax(
                statement.span_of(index),
                "instances are a whole number from 1, or a range such as `1..4` or `1..N`",
            );
        }
    }

    fn instance(&mut self, statement: &Statement<'_>, keyword: &str, parent: usize) {
        if self.workspace.elements.len() >= MAX_ELEMENTS {
            self.limit(
                "elements",
                statement.span.clone(),
                format!("more than {MAX_ELEMENTS} elements; the rest was not read"),
            );
            return;
        }
        self.too_many(statement, 4, "an instance takes an identifier, deployment groups and tags");
        let Some(name) = statement.given(1) else {
            self.syntax(statement.span.clone(), "an instance takes the identifier of a software system or container");
            return;
        };
        let deployable = |named: &Named| {
            let Named::Element(at) = named else { return false };
            let kind = self.workspace.elements.get(*at).map(|element| element.kind);
            matches!(kind, Some(ElementKind::Container | ElementKind::SoftwareSystem))
        };
        let Some(Named::Element(of)) = self.lookup_where(name, deployable).or_else(|| self.lookup(name)) else {
            self.unknown(statement, 1);
            return;
        };
        let (kind, name) =
            self.workspace.elements.get(of).map_or((ElementKind::Custom, String::new()), |e| (e.kind, e.name.clone()));
        let instance = match (keyword, kind) {
            ("containerinstance" | "instanceof", ElementKind::Container) => ElementKind::ContainerInstance,
            ("softwaresysteminstance" | "instanceof", ElementKind::SoftwareSystem) => {
                ElementKind::SoftwareSystemInstance
            }
            _ => {
                let message = format!("this names a {}, which cannot be deployed by this statement", kind.words());
                self.syntax(statement.span_of(1), message);
                return;
            }
        };
        let number = self.workspace.elements.len();
        self.group_of.push(self.stack.last().and_then(|open| open.group));
        let environment = self.workspace.elements.get(parent).and_then(|element| element.environment);
        let groups = self.deployment_groups(statement.text(2), environment);
        self.workspace.elements.push(Element {
            kind: instance,
            name,
            identifier: statement.identifier.map(|name| name.text.clone()),
            parent: Some(parent),
            environment,
            instance_of: Some(of),
            description: String::new(),
            technology: String::new(),
            tags: statement.given(3).into_iter().flat_map(split_tags).collect(),
            group: self.group_name(),
            instances: None,
            groups,
            has_docs: false,
            has_decisions: false,
            properties: Vec::new(),
            span: statement.span.clone(),
        });
        if let Some(identifier) = statement.identifier {
            self.register(&identifier.text, Scope::Element(parent), Named::Element(number), identifier.span.clone());
        }
        self.replicate(number, of);
        self.instances.entry(of).or_default().push(number);
        if statement.opens {
            self.open_with(Block::Element(number), statement.span.clone(), None);
        }
    }

    pub(super) fn in_element(&mut self, statement: &Statement<'_>, keyword: &str, number: usize) -> bool {
        let Some(element) = self.workspace.elements.get_mut(number) else { return false };
        let has_technology =
            !matches!(element.kind, ElementKind::Person | ElementKind::SoftwareSystem | ElementKind::Custom);
        match keyword {
            "description" => element.description = cut(statement.text(1).unwrap_or_default()),
            "technology" if has_technology => element.technology = cut(statement.text(1).unwrap_or_default()),
            "metadata" if element.kind == ElementKind::Custom => {}
            "tag" | "tags" => {
                let tags = statement.words.iter().skip(1).flat_map(|word| split_tags(&word.text));
                element.tags.extend(tags);
            }
            "url" => {}
            "healthcheck" if element.instance_of.is_some() => {}
            "properties" => self.open_block(statement, Block::Properties(Target::Element(number))),
            "perspectives" => self.open_block(statement, Block::Skipped),
            _ => return false,
        }
        true
    }

    pub(super) fn in_elements(&mut self, statement: &Statement<'_>, keyword: &str, all: &Rc<[usize]>) -> bool {
        match keyword {
            "properties" => self.open_block(statement, Block::Properties(Target::Elements(Rc::clone(all)))),
            "perspectives" => self.open_block(statement, Block::Skipped),
            "url" => {}
            "description" | "technology" | "tag" | "tags" => {
                for at in all.iter() {
                    let Some(element) = self.workspace.elements.get_mut(*at) else { continue };
                    match keyword {
                        "description" => element.description = cut(statement.text(1).unwrap_or_default()),
                        "technology" => element.technology = cut(statement.text(1).unwrap_or_default()),
                        _ => {
                            let room = MAX_ARCHETYPE_ITEMS.saturating_sub(element.tags.len());
                            let tags = statement.words.iter().skip(1).flat_map(|word| split_tags(&word.text));
                            element.tags.extend(tags.take(room));
                        }
                    }
                }
            }
            _ => return false,
        }
        true
    }

    pub(super) fn property(&mut self, statement: &Statement<'_>, target: &Target) -> bool {
        let (Some(name), Some(value), None) = (statement.words.first(), statement.words.get(1), statement.words.get(2))
        else {
            return false;
        };
        let property = Property { name: cut(&name.text), value: cut(&value.text), span: value.span.clone() };
        match target {
            Target::Workspace => self.workspace.properties.push(property),
            Target::Model => self.workspace.model_properties.push(property),
            Target::Views => self.workspace.view_properties.push(property),
            Target::View(number) => {
                if let Some(view) = self.workspace.views.get_mut(*number) {
                    view.properties.push(property);
                }
            }
            Target::Element(number) => {
                if let Some(element) = self.workspace.elements.get_mut(*number) {
                    element.properties.push(property);
                }
            }
            Target::Elements(all) => {
                for at in all.iter() {
                    if let Some(element) = self.workspace.elements.get_mut(*at)
                        && element.properties.len() < MAX_ARCHETYPE_ITEMS
                    {
                        element.properties.push(property.clone());
                    }
                }
            }
            Target::Relationships(all) => {
                for number in all.iter() {
                    if let Some(relationship) = self.workspace.relationships.get_mut(*number)
                        && relationship.properties.len() < MAX_ARCHETYPE_ITEMS
                    {
                        relationship.properties.push(property.clone());
                    }
                }
            }
            Target::Archetype(name) => {
                if let Some(archetype) = self.archetypes.get_mut(name)
                    && archetype.properties.len() < MAX_ARCHETYPE_ITEMS
                {
                    archetype.properties.push(property);
                }
            }
        }
        true
    }

    pub(super) fn archetype(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        let base = self.relationship_archetype(keyword).or_else(|| self.base(keyword));
        let Some(archetype) = base else { return false };
        let name = statement.identifier.map_or_else(|| keyword.to_owned(), |identifier| identifier.text.to_lowercase());
        self.archetypes.insert(name.clone(), archetype);
        if statement.opens {
            self.open(Block::Archetype(name), statement.span.clone());
        }
        true
    }

    pub(super) fn in_archetype(&mut self, statement: &Statement<'_>, keyword: &str, name: &str) -> bool {
        let Some(archetype) = self.archetypes.get_mut(name) else { return false };
        match keyword {
            "description" => archetype.description = cut(statement.text(1).unwrap_or_default()),
            "technology" => archetype.technology = cut(statement.text(1).unwrap_or_default()),
            "tag" | "tags" => {
                let room = MAX_ARCHETYPE_ITEMS.saturating_sub(archetype.tags.len());
                let tags = statement.words.iter().skip(1).flat_map(|word| split_tags(&word.text));
                archetype.tags.extend(tags.take(room));
            }
            "metadata" => {}
            "properties" => self.open_block(statement, Block::Properties(Target::Archetype(name.to_owned()))),
            "perspectives" => self.open_block(statement, Block::Skipped),
            _ => return false,
        }
        true
    }

    // Elements of one kind of place have names of their own.
    fn sibling(&mut self, statement: &Statement<'_>, index: usize, scope: Scope, space: u8) {
        let name = statement.text(index).unwrap_or_default().to_owned();
        if !self.siblings.insert((scope, space, name.clone())) {
            let message = format!("the name \"{}\" is already taken in this place", excerpt(&name));
            self.issue(IssueKind::DuplicateName, statement.span_of(index), message);
        }
    }
}
