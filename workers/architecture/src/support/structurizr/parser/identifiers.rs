//! What identifiers mean: registration, lookup from the inside out, and hints where nothing is found.

use super::super::lines::Line;
use super::{Block, MAX_SUGGESTED, Named, Parser, Scope, Statement, is_identifier};
use crate::support::structurizr::IssueKind;
use octavo_toolkit::limits::excerpt;
use std::ops::Range;

impl Parser {
    // One pass over `name =` beginnings, before anything else is known.
    pub(super) fn find_later_identifiers(&mut self, lines: &[Line]) {
        for line in lines {
            if let Some((name, _)) = line.text.split_once('=')
                && let name = name.trim()
                && is_identifier(name)
            {
                self.later.entry(name.to_lowercase()).or_insert(line.span().start);
            }
        }
    }

    pub(super) fn register(&mut self, name: &str, scope: Scope, what: Named, span: Range<usize>) {
        let scope = if self.is_hierarchical && !matches!(what, Named::Relationship(_)) { scope } else { Scope::Root };
        let key = (scope, name.to_lowercase());
        if self.names.get(&key).is_some_and(|known| *known != what) {
            let hint = if self.is_hierarchical {
                ""
            } else {
                "; with `!identifiers hierarchical` parts of different elements may share one"
            };
            self.issue(
                IssueKind::DuplicateIdentifier,
                span,
                format!("the identifier `{}` is already in use{hint}", excerpt(name)),
            );
            return;
        }
        self.names.insert(key, what);
    }

    pub(super) fn lookup(&self, name: &str) -> Option<Named> {
        self.lookup_where(name, |_| true)
    }

    // From the open block outwards, then from the top.
    pub(super) fn lookup_where(&self, name: &str, is_meant: impl Fn(&Named) -> bool) -> Option<Named> {
        let name = name.to_lowercase();
        if !self.is_hierarchical {
            return self.names.get(&(Scope::Root, name)).copied().filter(&is_meant);
        }
        // Selected elements are found from where the selection stands.
        let around = self.stack.iter().rev().map(|open| &open.block).find(|block| !matches!(block, Block::Elements(_)));
        match around {
            Some(Block::Element(element) | Block::ElementGroup(element)) => {
                let mut at = Some(*element);
                while let Some(element) = at {
                    if let Some(found) = self.resolve(Scope::Element(element), &name).filter(&is_meant) {
                        return Some(found);
                    }
                    at = self.workspace.elements.get(element).and_then(|e| e.parent);
                }
            }
            Some(Block::Environment(environment)) => {
                if let Some(found) = self.resolve(Scope::Environment(*environment), &name).filter(&is_meant) {
                    return Some(found);
                }
            }
            _ => {}
        }
        self.resolve(Scope::Root, &name).filter(is_meant)
    }

    pub(super) fn resolve(&self, scope: Scope, path: &str) -> Option<Named> {
        let mut scope = scope;
        let mut found = None;
        for name in path.split('.') {
            let named = *self.names.get(&(scope, name.to_owned()))?;
            scope = match named {
                Named::Element(element) => Scope::Element(element),
                Named::Environment(environment) => Scope::Environment(environment),
                Named::Relationship(_) | Named::Group(_) | Named::Other => Scope::Root,
            };
            found = Some(named);
        }
        found
    }

    pub(super) fn unknown(&mut self, statement: &Statement<'_>, index: usize) {
        let name = statement.text(index).unwrap_or_default().to_lowercase();
        let shown = excerpt(&name);
        let last = name.rsplit('.').next().unwrap_or_default();
        let span = statement.span_of(index);
        if self.workspace.is_partial {
            self.issue(
                IssueKind::UnresolvedIdentifier,
                span,
                format!("`{shown}` is not defined here; it may be in what was not fetched"),
            );
            return;
        }
        let hint = if self.later.get(last).is_some_and(|place| *place > statement.span.start) {
            "; it is defined further down, and the language knows no forward references".to_owned()
        } else if name.contains('.') && !self.is_hierarchical {
            "; dotted identifiers need `!identifiers hierarchical`".to_owned()
        } else if self.is_hierarchical && self.later.contains_key(last) {
            "; identifiers are hierarchical here, so it needs those of the elements around it, as in `system.container`"
                .to_owned()
        } else {
            let known = self.names.keys().map(|(_, known)| known.as_str()).take(MAX_SUGGESTED);
            octavo_toolkit::suggest::nearest(last, known)
                .map_or_else(String::new, |near| format!("; did you mean `{}`?", excerpt(near)))
        };
        self.issue(
            IssueKind::UnknownIdentifier,
            span,
            format!("no element or relationship is known as `{shown}`{hint}"),
        );
    }
}
