//! What views show: includes, excludes, defaults and the steps of dynamic views, as elements.
//!
//! Where and how boxes are drawn is no matter here, nor are the lines between them, except that a step of a dynamic view
//! needs a relationship to go along.

use super::{Named, Parser, Statement, is_path};
use crate::support::structurizr::{Element, ElementKind, IssueKind};
use octavo_toolkit::limits::excerpt;

/// Elements that all views of a source may be asked to show; each asks its neighbours.
const MAX_SHOWN: usize = 400_000;

const OUTER: [ElementKind; 3] = [ElementKind::Custom, ElementKind::Person, ElementKind::SoftwareSystem];

impl Parser {
    fn kind_of(&self, element: usize) -> Option<ElementKind> {
        self.workspace.elements.get(element).map(|element| element.kind)
    }

    fn parent_of(&self, element: usize) -> Option<usize> {
        self.workspace.elements.get(element).and_then(|element| element.parent)
    }

    fn ancestors_of(&self, element: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.parent_of(element), |at| self.parent_of(*at))
    }

    /// An `include` or `exclude` of a view.
    pub(super) fn show(&mut self, statement: &Statement<'_>, view: usize, is_include: bool) {
        for index in 1..statement.words.len() {
            let Some(token) = statement.text(index).map(str::to_owned) else { continue };
            if is_include && matches!(token.as_str(), "*" | "*?" | "element==*") {
                self.show_defaults(view);
                continue;
            }
            let is_named = is_path(&token);
            if is_named && self.lookup(&token).is_none() {
                self.unknown(statement, index);
                continue;
            }
            let found = self.select(&token).unwrap_or_else(|| {
                // Expressions about relationships draw lines and no boxes.
                if !is_named && !token.contains("->") && !token.to_lowercase().starts_with("relationship") {
                    self.workspace.has_unread_views = true;
                }
                Vec::new()
            });
            for element in found {
                if !is_include {
                    self.hide(view, element);
                } else if !self.show_element(view, element) && is_named && !self.can_be_in(view, element) {
                    let message = format!(
                        "a {} view cannot show the {} `{}`",
                        self.workspace.views.get(view).map_or("", |view| view.kind),
                        self.kind_of(element).map_or("", ElementKind::words),
                        excerpt(&token)
                    );
                    self.syntax(statement.span_of(index), message);
                }
            }
        }
    }

    // Whether elements of this kind belong in views of that kind at all.
    fn can_be_in(&self, view: usize, element: usize) -> bool {
        let (Some(view), Some(kind)) = (self.workspace.views.get(view), self.kind_of(element)) else { return true };
        match view.kind {
            "systemLandscape" | "systemContext" => OUTER.contains(&kind),
            "container" => OUTER.contains(&kind) || kind == ElementKind::Container,
            "component" => kind.is_static(),
            "custom" => kind == ElementKind::Custom,
            "deployment" => !matches!(kind, ElementKind::Person | ElementKind::Component),
            _ => true,
        }
    }

    // Whether the view takes the element as it stands now.
    fn is_permitted(&self, view: usize, element: usize) -> bool {
        let (Some(view), Some(kind)) = (self.workspace.views.get(view), self.kind_of(element)) else { return false };
        // Neither something around it nor something within it is shown.
        let is_free =
            || !view.around.contains_key(&element) && !self.ancestors_of(element).any(|at| view.elements.contains(&at));
        let is_scope = Some(element) == view.scope;
        let is_around_scope = view.scope.is_some_and(|scope| self.parent_of(scope) == Some(element));
        match (view.kind, kind) {
            ("systemLandscape" | "systemContext", _) => OUTER.contains(&kind),
            ("custom", _) => kind == ElementKind::Custom,
            ("container" | "component" | "dynamic" | "deployment", ElementKind::Custom)
            | ("container" | "component" | "dynamic", ElementKind::Person) => true,
            ("container", ElementKind::SoftwareSystem) | ("component", ElementKind::Container) => {
                !is_scope && is_free()
            }
            ("container", ElementKind::Container) | ("component", ElementKind::Component) => is_free(),
            ("component", ElementKind::SoftwareSystem) => !is_around_scope && is_free(),
            ("dynamic", _) => match view.scope.and_then(|scope| self.kind_of(scope)) {
                None => kind == ElementKind::SoftwareSystem,
                Some(ElementKind::SoftwareSystem) => {
                    !is_scope && matches!(kind, ElementKind::SoftwareSystem | ElementKind::Container) && is_free()
                }
                Some(_) => kind.is_static() && !is_scope && !is_around_scope && is_free(),
            },
            ("deployment", _) => self.is_permitted_deployment(view, element, kind),
            _ => false,
        }
    }

    fn is_permitted_deployment(&self, view: &super::super::View, element: usize, kind: ElementKind) -> bool {
        let Some(found) = self.workspace.elements.get(element) else { return false };
        if kind.is_static() || found.environment != view.environment {
            return false;
        }
        let of = |at: usize| self.workspace.elements.get(at).and_then(|element| element.instance_of);
        let system = |at: usize| match self.kind_of(at) {
            Some(ElementKind::ContainerInstance) => of(at).and_then(|container| self.parent_of(container)),
            _ => of(at),
        };
        let clashes = |other: ElementKind| {
            view.elements.iter().any(|at| self.kind_of(*at) == Some(other) && system(*at) == system(element))
        };
        match kind {
            ElementKind::SoftwareSystemInstance => {
                (view.scope.is_none() || of(element) != view.scope) && !clashes(ElementKind::ContainerInstance)
            }
            ElementKind::ContainerInstance => !clashes(ElementKind::SoftwareSystemInstance),
            _ => true,
        }
    }

    // Whether it is in the view now.
    fn put(&mut self, view: usize, element: usize) -> bool {
        self.shown += 1;
        if self.shown > MAX_SHOWN {
            self.workspace.has_unread_views = true;
            return false;
        }
        if !self.is_permitted(view, element) {
            return false;
        }
        self.put_anyway(view, element);
        true
    }

    fn put_anyway(&mut self, view: usize, element: usize) {
        let around: Vec<usize> = self.ancestors_of(element).collect();
        if let Some(view) = self.workspace.views.get_mut(view)
            && view.elements.insert(element)
        {
            for at in around {
                *view.around.entry(at).or_insert(0) += 1;
            }
        }
    }

    // An element with what it stands in, in a deployment view; alone in others.
    fn show_element(&mut self, view: usize, element: usize) -> bool {
        let is_deployment = self.workspace.views.get(view).is_some_and(|view| view.kind == "deployment");
        match self.kind_of(element) {
            Some(ElementKind::SoftwareSystem | ElementKind::Container) if is_deployment => {
                let environment = self.workspace.views.get(view).and_then(|view| view.environment);
                for instance in self.instances_of(element, environment) {
                    self.show_element(view, instance);
                }
                true
            }
            Some(ElementKind::DeploymentNode) if is_deployment => {
                self.show_deployed(view, Some(element));
                true
            }
            Some(_) if is_deployment => {
                let is_shown = self.put(view, element);
                if is_shown {
                    for node in self.ancestors_of(element).collect::<Vec<_>>() {
                        self.put_anyway(view, node);
                    }
                }
                is_shown
            }
            _ => self.put(view, element),
        }
    }

    pub(super) fn instances_of(&self, element: usize, environment: Option<usize>) -> Vec<usize> {
        let known = self.instances.get(&element).map_or(&[][..], Vec::as_slice);
        let is_there =
            |at: &usize| self.workspace.elements.get(*at).is_some_and(|found| found.environment == environment);
        known.iter().copied().filter(is_there).collect()
    }

    // What runs in a node, or in all of the environment, with the nodes around it. Nodes with nothing in them are left out.
    fn show_deployed(&mut self, view: usize, within: Option<usize>) {
        let Some((scope, environment)) = self.workspace.views.get(view).map(|view| (view.scope, view.environment))
        else {
            return;
        };
        let rank = |element: &Element| match element.kind {
            ElementKind::SoftwareSystemInstance => Some(0),
            ElementKind::ContainerInstance => {
                let owner = element.instance_of.and_then(|of| self.parent_of(of));
                (scope.is_none() || owner == scope).then_some(1)
            }
            ElementKind::InfrastructureNode => Some(2),
            _ => None,
        };
        let mut all: Vec<(u8, usize)> = self
            .workspace
            .elements
            .iter()
            .enumerate()
            .filter(|(_, element)| element.environment == environment)
            .filter(|(at, _)| within.is_none_or(|node| self.ancestors_of(*at).any(|around| around == node)))
            .filter_map(|(at, element)| Some((rank(element)?, at)))
            .collect();
        self.shown += self.workspace.elements.len() / 16;
        all.sort_unstable();
        for (_, element) in all {
            self.show_element(view, element);
        }
    }

    fn hide(&mut self, view: usize, element: usize) {
        let is_deployment = self.workspace.views.get(view).is_some_and(|view| view.kind == "deployment");
        let mut all = vec![element];
        if is_deployment {
            let environment = self.workspace.views.get(view).and_then(|view| view.environment);
            all.extend(self.instances_of(element, environment));
            let shown = self.workspace.views.get(view).map(|view| view.elements.clone()).unwrap_or_default();
            all.extend(shown.into_iter().filter(|at| self.ancestors_of(*at).any(|around| around == element)));
        }
        for element in all {
            let around: Vec<usize> = self.ancestors_of(element).collect();
            let Some(view) = self.workspace.views.get_mut(view) else { continue };
            if (view.kind == "systemContext" && view.scope == Some(element)) || !view.elements.remove(&element) {
                continue;
            }
            for at in around {
                if let Some(count) = view.around.get_mut(&at) {
                    *count -= 1;
                    if *count == 0 {
                        view.around.remove(&at);
                    }
                }
            }
        }
    }

    fn neighbours(&self, element: usize) -> Vec<usize> {
        let numbers = self.touching.get(element).map_or(&[][..], Vec::as_slice);
        let all: Vec<_> = numbers.iter().filter_map(|number| self.workspace.relationships.get(*number)).collect();
        let out = all.iter().filter(|relationship| relationship.from == element).map(|relationship| relationship.to);
        let into = all.iter().filter(|relationship| relationship.to == element).map(|relationship| relationship.from);
        out.chain(into).collect()
    }

    // An element and its neighbours of some kinds; nothing if the element itself is not permitted.
    fn show_around(&mut self, view: usize, element: usize, kinds: &[ElementKind]) {
        if !self.put(view, element) {
            return;
        }
        for kind in kinds {
            for other in self.neighbours(element) {
                if self.kind_of(other) == Some(*kind) {
                    self.put(view, other);
                }
            }
        }
    }

    fn of_kind(&self, kind: ElementKind, parent: Option<usize>) -> Vec<usize> {
        let all = self.workspace.elements.iter().enumerate();
        all.filter(|(_, element)| element.kind == kind && (parent.is_none() || element.parent == parent))
            .map(|(at, _)| at)
            .collect()
    }

    // `include *`.
    fn show_defaults(&mut self, view: usize) {
        let Some((kind, scope)) = self.workspace.views.get(view).map(|view| (view.kind, view.scope)) else { return };
        match (kind, scope) {
            ("systemLandscape", _) => {
                for kind in [ElementKind::SoftwareSystem, ElementKind::Person] {
                    for element in self.of_kind(kind, None) {
                        self.put(view, element);
                    }
                }
                self.show_custom_neighbours(view);
            }
            ("systemContext", Some(scope)) => self.show_around(view, scope, &OUTER),
            ("container", Some(scope)) => {
                for container in self.of_kind(ElementKind::Container, Some(scope)) {
                    self.show_around(view, container, &OUTER);
                }
            }
            ("component", Some(scope)) => {
                let system = self.parent_of(scope);
                for component in self.of_kind(ElementKind::Component, Some(scope)) {
                    self.put(view, component);
                    for other in self.neighbours(component) {
                        if self.kind_of(other) == Some(ElementKind::Container) && self.parent_of(other) == system {
                            self.put(view, other);
                        }
                    }
                    self.show_around(view, component, &OUTER);
                }
            }
            ("custom", _) => {
                for element in self.of_kind(ElementKind::Custom, None) {
                    self.put(view, element);
                }
            }
            ("deployment", _) => {
                self.show_deployed(view, None);
                self.show_custom_neighbours(view);
            }
            _ => {}
        }
    }

    fn show_custom_neighbours(&mut self, view: usize) {
        let shown = self.workspace.views.get(view).map(|view| view.elements.clone()).unwrap_or_default();
        for element in shown {
            self.show_around(view, element, &[ElementKind::Custom]);
        }
    }

    /// A step of a dynamic view: `[order:] a -> b [description] [technology]`, or a relationship's identifier.
    pub(super) fn step(&mut self, statement: &Statement<'_>, view: usize) {
        let skip = usize::from(statement.text(0).is_some_and(|text| text.ends_with(':')));
        let ends = if statement.text(skip + 1) == Some("->") {
            let mut ends = Vec::new();
            for index in [skip, skip + 2] {
                match statement.text(index).and_then(|name| self.lookup(name)) {
                    Some(Named::Element(element)) => ends.push(element),
                    Some(_) => self.syntax(statement.span_of(index), "a step leads from an element to another"),
                    None => self.unknown(statement, index),
                }
            }
            ends
        } else {
            match statement.text(skip).and_then(|name| self.lookup(name)) {
                Some(Named::Relationship(number)) => {
                    self.workspace.relationships.get(number).map_or_else(Vec::new, |found| vec![found.from, found.to])
                }
                Some(_) => {
                    self.syntax(
                        statement.span_of(skip),
                        "a step names a relationship, or two elements with `->` between",
                    );
                    return;
                }
                None => {
                    self.unknown(statement, skip);
                    return;
                }
            }
        };
        let [from, to] = ends[..] else { return };
        for element in [from, to] {
            if !self.is_permitted(view, element) {
                let name = self.workspace.elements.get(element).map_or_else(String::new, |found| excerpt(&found.name));
                let words = self.kind_of(element).map_or("", ElementKind::words);
                let message = format!("this dynamic view cannot show the {words} \"{name}\"");
                self.syntax(statement.span.clone(), message);
                return;
            }
        }
        let exists = |pairs: &super::Pairs, a, b| pairs.get(&(a, b)).is_some_and(|known| !known.is_empty());
        // What answers goes back along a relationship that an earlier step took.
        let is_answer = self.workspace.views.get(view).is_some_and(|view| view.taken.contains(&(to, from)));
        let known = exists(&self.pairs, from, to) || (exists(&self.pairs, to, from) && is_answer);
        if !known && !self.workspace.is_partial {
            let message = "no relationship of the model leads this way; a dynamic view shows those there are";
            self.issue(IssueKind::InvalidRelationship, statement.span.clone(), message);
        }
        self.put(view, from);
        self.put(view, to);
        if let Some(view) = self.workspace.views.get_mut(view) {
            view.taken.insert((from, to));
        }
    }
}
