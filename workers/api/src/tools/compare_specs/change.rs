//! What comparing two documents yields, before it becomes a report.

use crate::support::tree::Span;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Level, Rule};

/// Characters of a name that are looked at to show it: more than are ever shown.
const MAX_LOOKED_AT_CHARS: usize = 200;

/// A name or value as messages show it. Names may be as long as the text, and are shown again and again.
pub(super) fn shown(text: &str) -> String {
    let end = text.char_indices().nth(MAX_LOOKED_AT_CHARS).map_or(text.len(), |(at, _)| at);
    excerpt(text.get(..end).unwrap_or_default())
}

/// Which document a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The older one: where what was removed stood.
    Base,
    /// The newer one.
    Revision,
}

impl Side {
    /// The name of the argument, which is the path of its findings.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Revision => "revision",
        }
    }
}

/// One change of the interface.
#[derive(Debug, Clone)]
pub struct Change {
    /// The rule it falls under.
    pub rule: &'static Rule,
    /// How serious it is.
    pub level: Level,
    /// The document the place is in.
    pub side: Side,
    /// The place.
    pub span: Span,
    /// What changed: an operation such as `GET /pets`, or a GraphQL coordinate such as `Query.pets`.
    pub subject: String,
    /// How it changed, a sentence without a full stop.
    pub message: String,
    /// How many other operations show the same change, because they share what changed.
    pub others: usize,
    /// Whether it is part of something new that another change already names.
    pub nested: bool,
}
