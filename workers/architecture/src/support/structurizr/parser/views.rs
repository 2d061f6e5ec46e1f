//! Views and styles, as far as they name elements.

use super::{Block, Parser, Statement, Target, is_path};
use crate::support::structurizr::{MAX_ELEMENTS, View};

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
                self.open_block(statement, Block::Properties(Target::Nothing));
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
        let number = self.workspace.views.len();
        if number >= MAX_ELEMENTS {
            return true;
        }
        self.workspace.views.push(View {
            kind,
            key: statement.given(key_at).map(str::to_owned),
            has_auto_layout: false,
            has_content: matches!(kind, "filtered" | "image"),
            span: statement.span.clone(),
        });
        if statement.opens {
            self.open(Block::View(number), statement.span.clone());
        }
        true
    }

    pub(super) fn in_view(&mut self, statement: &Statement<'_>, keyword: &str, number: usize) -> bool {
        let Some(view) = self.workspace.views.get_mut(number) else { return false };
        match keyword {
            "include" => {
                view.has_content = true;
                let names: Vec<usize> =
                    (1..statement.words.len()).filter(|at| statement.text(*at).is_some_and(is_path)).collect();
                for at in names {
                    if statement.text(at).is_some_and(|name| self.lookup(name).is_none()) {
                        self.unknown(statement, at);
                    }
                }
            }
            "autolayout" => view.has_auto_layout = true,
            "properties" => self.open_block(statement, Block::Properties(Target::Nothing)),
            "exclude" | "animation" | "animationstep" | "title" | "description" | "default" | "plantuml"
            | "mermaid" | "kroki" | "image" | "light" | "dark" => {}
            _ if matches!(view.kind, "dynamic" | "image") => {
                // Steps of a dynamic view: `a -> b`, `1: a -> b`, a relationship's identifier, `{` for parallel ones.
                view.has_content = true;
                if keyword == "{" {
                    self.open(Block::View(number), statement.span.clone());
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
