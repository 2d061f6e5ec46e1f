//! What Structurizr's own inspector looks for, as far as the text alone tells it.
//!
//! Levels are the rules' own, unless a property `structurizr.inspection.*` of the element, of what is around it, of the
//! model or of the workspace gives another; `ignore` leaves the finding out. Relationships that follow from others are
//! not inspected: the one they follow from is.

use super::design::Note;
use super::dsl::{shown, span};
use super::rules;
use crate::support::structurizr::{Element, ElementKind, Property, Relationship, View, Workspace};
use octavo_toolkit::Level;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::tool::Rule;
use std::collections::BTreeSet;

const PREFIX: &str = "structurizr.inspection";

struct Inspector<'a> {
    workspace: &'a Workspace,
    notes: &'a mut Vec<Note>,
}

/// Inspects a workspace.
pub(super) fn inspect(workspace: &Workspace, notes: &mut Vec<Note>) {
    let is_off = |own: &Property| own.name == PREFIX && own.value.eq_ignore_ascii_case("false");
    if (!workspace.has_model && workspace.is_partial) || workspace.properties.iter().any(is_off) {
        return;
    }
    let mut inspector = Inspector { workspace, notes };
    inspector.workspace();
    inspector.elements();
    inspector.relationships();
    inspector.views();
}

// The level that properties give, the nearest first; outer none for none, inner none for `ignore`.
#[expect(clippy::option_option, reason = "told apart: nothing said, and said to be ignored")]
fn stated(names: &[String], holders: &[&[Property]]) -> Option<Option<Level>> {
    for holder in holders {
        for name in names {
            let Some(property) = holder.iter().rev().find(|own| own.name == *name) else { continue };
            return match property.value.to_lowercase().as_str() {
                "error" => Some(Some(Level::Error)),
                "warning" => Some(Some(Level::Warning)),
                "info" => Some(Some(Level::Info)),
                "ignore" => Some(None),
                _ => None,
            };
        }
    }
    None
}

// `a.b.c`: its own property, then `a.b.*`, `a.*` and `*`.
fn names(id: &str) -> Vec<String> {
    let mut all = vec![format!("{PREFIX}.{id}")];
    let mut rest = id;
    while let Some((outer, _)) = rest.rsplit_once('.') {
        all.push(format!("{PREFIX}.{outer}.*"));
        rest = outer;
    }
    all.push(format!("{PREFIX}.*"));
    all
}

impl<'a> Inspector<'a> {
    fn add(&mut self, rule: &'static Rule, message: String, at: &std::ops::Range<usize>, holders: &[&[Property]]) {
        self.add_named(rule, &names(rule.id), message, at, holders);
    }

    fn add_named(
        &mut self,
        rule: &'static Rule,
        names: &[String],
        message: String,
        at: &std::ops::Range<usize>,
        holders: &[&[Property]],
    ) {
        let note = Note::new(rule, message).at(span(at));
        match stated(names, holders) {
            None => self.notes.push(note),
            Some(Some(level)) => self.notes.push(note.with_level(level)),
            Some(None) => {}
        }
    }

    fn workspace(&mut self) {
        let workspace = self.workspace;
        let (at, outer) = (&workspace.span, [workspace.properties.as_slice()]);
        if workspace.scope.is_none() && !workspace.is_partial {
            let message =
                "the workspace declares no scope; `configuration { scope softwaresystem }` says what it is about";
            self.add(&rules::WORKSPACE_SCOPE, message.to_owned(), at, &outer);
        }
        let model = [workspace.model_properties.as_slice(), workspace.properties.as_slice()];
        let is_empty = |element: &Element| {
            !matches!(element.kind, ElementKind::Person | ElementKind::SoftwareSystem | ElementKind::DeploymentNode)
        };
        if workspace.elements.iter().all(is_empty) && !workspace.is_partial {
            let message = "the model has no people, software systems or deployment nodes".to_owned();
            self.add(&rules::MODEL_EMPTY, message, at, &model);
        }
        let mut detailed: BTreeSet<usize> = workspace
            .elements
            .iter()
            .filter(|element| element.kind == ElementKind::Container)
            .filter_map(|element| element.parent)
            .collect();
        let documented = workspace.elements.iter().enumerate().filter(|(_, element)| {
            element.kind == ElementKind::SoftwareSystem && (element.has_docs || element.has_decisions)
        });
        detailed.extend(documented.map(|(at, _)| at));
        if detailed.len() > 1 {
            let message =
                format!("the workspace details {} software systems; one for each keeps them apart", detailed.len());
            self.add(&rules::WORKSPACE_SCOPE, message, at, &model);
        }
    }

    // Properties of an element, of what is around it, of the model and of the workspace.
    fn holders(&self, at: usize) -> Vec<&'a [Property]> {
        let workspace = self.workspace;
        std::iter::successors(workspace.elements.get(at), |element| {
            element.parent.and_then(|parent| workspace.elements.get(parent))
        })
        .take(3)
        .map(|element| element.properties.as_slice())
        .chain([workspace.model_properties.as_slice(), workspace.properties.as_slice()])
        .collect()
    }

    fn elements(&mut self) {
        let workspace = self.workspace;
        let count = workspace.elements.len();
        let (mut related, mut filled) = (vec![false; count], vec![false; count]);
        let kept = workspace.relationships.iter().enumerate().filter(|(at, _)| !workspace.taken_out.contains(at));
        for end in kept.flat_map(|(_, relationship)| [relationship.from, relationship.to]) {
            if let Some(slot) = related.get_mut(end) {
                *slot = true;
            }
        }
        for parent in workspace.elements.iter().filter_map(|element| element.parent) {
            if let Some(slot) = filled.get_mut(parent) {
                *slot = true;
            }
        }
        let in_views: BTreeSet<usize> = workspace.views.iter().flat_map(|view| view.elements.iter().copied()).collect();
        for (at, element) in workspace.elements.iter().enumerate() {
            let holders = self.holders(at);
            let mut add = |rule: &'static Rule, what: &str| {
                self.add(rule, format!("{} {what}", shown(element)), &element.span, &holders);
            };
            let is_filled = filled.get(at) == Some(&true);
            let (description, technology) = texts(element.kind);
            if let (Some(rule), true) = (description, element.description.is_empty()) {
                add(rule, "has no description");
            }
            if let (Some(rule), true) = (technology, element.technology.is_empty()) {
                add(rule, "names no technology");
            }
            if element.kind == ElementKind::DeploymentNode && !is_filled {
                add(&rules::NODE_EMPTY, "has nothing in it");
            }
            if element.kind == ElementKind::SoftwareSystem && is_filled {
                if !element.has_docs {
                    add(&rules::SYSTEM_DOCUMENTATION, "has containers, but no `!docs`");
                }
                if !element.has_decisions {
                    add(&rules::SYSTEM_DECISIONS, "has containers, but no `!adrs`");
                }
            }
            if workspace.is_partial {
                continue;
            }
            if element.kind != ElementKind::DeploymentNode && related.get(at) == Some(&false) {
                add(&rules::DISCONNECTED, "is related to nothing; relate it or leave it out");
            }
            if !workspace.has_unread_views && !in_views.contains(&at) {
                add(&rules::NO_VIEW, "is shown in no view");
            }
        }
    }

    fn relationships(&mut self) {
        let workspace = self.workspace;
        for relationship in workspace.relationships.iter().filter(|relationship| !relationship.is_implied) {
            let name = |at: usize| {
                workspace.elements.get(at).map_or_else(String::new, |element| format!("\"{}\"", excerpt(&element.name)))
            };
            let which = format!("the relationship from {} to {}", name(relationship.from), name(relationship.to));
            for (text, rule, what) in [
                (&relationship.description, &rules::RELATIONSHIP_DESCRIPTION, "has no description"),
                (&relationship.technology, &rules::RELATIONSHIP_TECHNOLOGY, "names no technology"),
            ] {
                if text.is_empty() {
                    self.relationship(relationship, rule, format!("{which} {what}"));
                }
            }
        }
    }

    // `model.relationship[person->container].technology` and its kin go before `model.relationship.technology`.
    fn relationship(&mut self, relationship: &'a Relationship, rule: &'static Rule, message: String) {
        let workspace = self.workspace;
        let mut holders: Vec<&[Property]> = vec![&relationship.properties];
        holders.extend(self.holders(relationship.from).into_iter().take(2));
        holders.extend([workspace.model_properties.as_slice(), workspace.properties.as_slice()]);
        let kind = |at: usize| {
            let kind = workspace.elements.get(at).map_or(ElementKind::Custom, |element| element.kind);
            if kind == ElementKind::Custom { "customelement".to_owned() } else { kind.words().replace(' ', "") }
        };
        let last = rule.id.rsplit('.').next().unwrap_or_default();
        let ends = format!("{PREFIX}.model.relationship[{}->{}]", kind(relationship.from), kind(relationship.to));
        let specific = [format!("{ends}.{last}"), format!("{ends}.*")];
        let chosen = if stated(&specific, &holders).is_some() { specific.to_vec() } else { names(rule.id) };
        self.add_named(rule, &chosen, message, &relationship.span, &holders);
    }

    fn views(&mut self) {
        let workspace = self.workspace;
        let outer = [workspace.view_properties.as_slice(), workspace.properties.as_slice()];
        if workspace.views.is_empty() && !workspace.is_partial {
            self.add(&rules::VIEWS_EMPTY, "the workspace has no views".to_owned(), &workspace.span, &outer);
        }
        for kind in ["systemContext", "container"] {
            let scopes: BTreeSet<usize> =
                workspace.views.iter().filter(|view| view.kind == kind).filter_map(|view| view.scope).collect();
            if scopes.len() > 1 {
                let message = format!(
                    "{kind} views show {} software systems; a workspace for each keeps them apart",
                    scopes.len()
                );
                self.add(&rules::WORKSPACE_SCOPE, message, &workspace.span, &outer);
            }
        }
        for view in &workspace.views {
            self.view(view);
        }
        for place in &workspace.hidden_metadata {
            let message = "the style hides the line that says what kind of element a box is".to_owned();
            self.add(&rules::STYLE_METADATA, message, place, &outer);
        }
    }

    fn view(&mut self, view: &'a View) {
        let workspace = self.workspace;
        let holders: [&[Property]; 3] = [&view.properties, &workspace.view_properties, &workspace.properties];
        let name = view.key.as_ref().map_or_else(|| "without key".to_owned(), |key| format!("\"{}\"", excerpt(key)));
        let is_model = !matches!(view.kind, "filtered" | "image");
        if view.key.is_none() {
            let message = format!("the {} view has no key of its own; the one made for it may change", view.kind);
            self.add(&rules::VIEW_KEY, message, &view.span, &holders);
            if !view.has_auto_layout && is_model {
                let message = format!("the {} view is laid out by hand under a key that may change", view.kind);
                self.add(&rules::VIEW_LAYOUT, message, &view.span, &holders);
            }
        }
        let is_known = !workspace.is_partial && !workspace.has_unread_views;
        let is_empty = if is_known { view.elements.is_empty() } else { !view.has_content };
        if is_model && is_empty {
            self.add(&rules::VIEW_EMPTY, format!("the {} view {name} shows nothing", view.kind), &view.span, &holders);
        }
    }
}

type Texts = (Option<&'static Rule>, Option<&'static Rule>);

// The rules on an element's description and technology.
const fn texts(kind: ElementKind) -> Texts {
    match kind {
        ElementKind::Person => (Some(&rules::PERSON_DESCRIPTION), None),
        ElementKind::SoftwareSystem => (Some(&rules::SYSTEM_DESCRIPTION), None),
        ElementKind::Container => (Some(&rules::CONTAINER_DESCRIPTION), Some(&rules::CONTAINER_TECHNOLOGY)),
        ElementKind::Component => (Some(&rules::COMPONENT_DESCRIPTION), Some(&rules::COMPONENT_TECHNOLOGY)),
        ElementKind::DeploymentNode => (Some(&rules::NODE_DESCRIPTION), Some(&rules::NODE_TECHNOLOGY)),
        ElementKind::InfrastructureNode => {
            (Some(&rules::INFRASTRUCTURE_DESCRIPTION), Some(&rules::INFRASTRUCTURE_TECHNOLOGY))
        }
        ElementKind::Custom | ElementKind::SoftwareSystemInstance | ElementKind::ContainerInstance => (None, None),
    }
}
