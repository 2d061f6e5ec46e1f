//! Views and styles, as far as they name elements.

use super::{Block, Named, Parser, Statement, Target};
use crate::support::structurizr::{MAX_ELEMENTS, View};
use std::collections::{BTreeMap, BTreeSet};

impl Parser {
    pub(super) fn in_views(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        // Keyword, whether an element comes first, how many words stand before the key.
        let (kind, scoped, key_at) = match keyword {
            "systemlandscape" => ("systemLandscape", false, 1),
            "systemcontext" => ("systemContext", true, 2),
            "container" => ("container", true, 2),
            "component" => ("component", true, 2),
            "dynamic" => ("dynamic", true, 2),
            "deployment" => ("deployment", true, 3),
            "filtered" => ("filtered", false, 4),
            "custom" => ("custom", false, 1),
            "image" => ("image", true, 2),
            "styles" => {
                self.open_block(statement, Block::Styles);
                return true;
            }
            "properties" => {
                self.open_block(statement, Block::Properties(Target::Views));
                return true;
            }
            "theme" | "themes" | "branding" | "terminology" => return true,
            _ => return false,
        };
        if scoped {
            match statement.given(1) {
                None => {
                    self.syntax(statement.span.clone(), format!("a {kind} view takes the identifier of what it shows"));
                }
                Some("*") => {}
                Some(name) if self.lookup(name).is_none() => self.unknown(statement, 1),
                Some(_) => {}
            }
        }
        let scope = if scoped { statement.given(1).and_then(|name| self.lookup(name)) } else { None };
        let scope = match scope {
            Some(Named::Element(element)) => Some(element),
            _ => None,
        };
        let environment =
            (kind == "deployment").then(|| statement.given(2)).flatten().and_then(|name| match self.lookup(name) {
                Some(Named::Environment(environment)) => Some(environment),
                _ => self.workspace.environments.iter().position(|known| known == name),
            });
        let number = self.workspace.views.len();
        if number >= MAX_ELEMENTS {
            return true;
        }
        self.workspace.views.push(View {
            kind,
            key: statement.given(key_at).map(str::to_owned),
            has_auto_layout: false,
            has_content: matches!(kind, "filtered" | "image"),
            scope,
            environment,
            elements: BTreeSet::new(),
            around: BTreeMap::new(),
            taken: BTreeSet::new(),
            properties: Vec::new(),
            span: statement.span.clone(),
        });
        if kind == "systemContext"
            && let (Some(scope), Some(view)) = (scope, self.workspace.views.get_mut(number))
        {
            view.elements.insert(scope);
        }
        if statement.opens {
            self.open(Block::View(number), statement.span.clone());
        }
        true
    }

    pub(super) fn in_view(&mut self, statement: &Statement<'_>, keyword: &str, number: usize) -> bool {
        let Some(view) = self.workspace.views.get_mut(number) else { return false };
        let is_dynamic = view.kind == "dynamic";
        match keyword {
            "include" => {
                view.has_content = true;
                self.show(statement, number, true);
            }
            "exclude" => self.show(statement, number, false),
            "autolayout" => view.has_auto_layout = true,
            "properties" => self.open_block(statement, Block::Properties(Target::View(number))),
            "animation" | "animationstep" | "title" | "description" | "default" | "plantuml" | "mermaid" | "kroki"
            | "image" | "light" | "dark" => {}
            _ if matches!(view.kind, "dynamic" | "image") => {
                // Steps of a dynamic view: `a -> b`, `1: a -> b`, a relationship's identifier, `{` for parallel ones.
                view.has_content = true;
                if keyword == "{" {
                    self.open(Block::View(number), statement.span.clone());
                } else if is_dynamic {
                    self.step(statement, number);
                }
            }
            _ => return false,
        }
        true
    }

    pub(super) fn in_styles(&mut self, statement: &Statement<'_>, keyword: &str) -> bool {
        match keyword {
            "element" if statement.opens => self.open(Block::ElementStyle, statement.span.clone()),
            "light" | "dark" if statement.opens => self.open(Block::Styles, statement.span.clone()),
            "element" | "relationship" | "theme" | "themes" | "light" | "dark" => {}
            _ => return false,
        }
        true
    }
}
