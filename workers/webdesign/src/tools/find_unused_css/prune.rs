//! The stylesheet without what is unused.

use crate::support::css_tree::{Node, Sheet};
use std::collections::BTreeSet;
use std::ops::Range;

/// What of a sheet goes, by the places of its nodes.
#[derive(Debug, Default)]
pub(super) struct Unused {
    /// Rules of which every selector is unused, keyframes, declarations.
    pub(super) nodes: BTreeSet<usize>,
    /// Selectors of rules that stay: the rule and the bytes of each selector that stays.
    pub(super) kept_selectors: Vec<(usize, Vec<Range<usize>>)>,
}

/// The text of a sheet without these parts; rules and conditions that become empty go with them.
pub(super) fn prune(sheet: &Sheet<'_>, unused: &Unused) -> String {
    let mut gone = unused.nodes.clone();
    // A block all of whose children go, goes too; children come after their parents.
    for (at, entry) in sheet.entries.iter().enumerate().rev() {
        let empties = match &entry.node {
            Node::At { name, block } => {
                *block
                    && matches!(
                        name.as_str(),
                        "media" | "supports" | "container" | "layer" | "scope" | "starting-style"
                    )
            }
            Node::Rule => true,
            Node::Declaration { .. } => false,
        };
        if empties && !gone.contains(&at) {
            let mut children = sheet.children(at).peekable();
            if children.peek().is_some() && children.all(|(child, _)| gone.contains(&child)) {
                gone.insert(at);
            }
        }
    }
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut skip_to = 0;
    for at in &gone {
        let Some(entry) = sheet.entries.get(*at) else { continue };
        if entry.span.start < skip_to {
            continue;
        }
        skip_to = entry.span.end;
        edits.push((with_line(sheet.text, entry.span.clone()), String::new()));
    }
    for (at, kept) in &unused.kept_selectors {
        let Some(entry) = sheet.entries.get(*at) else { continue };
        let inside_gone =
            edits.iter().any(|(span, _)| span.start <= entry.prelude.start && entry.prelude.end <= span.end);
        if !inside_gone {
            let list: Vec<&str> = kept.iter().map(|span| sheet.slice(span)).collect();
            edits.push((entry.prelude.clone(), list.join(", ")));
        }
    }
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    let mut text = String::with_capacity(sheet.text.len());
    let mut from = 0;
    for (span, new) in edits {
        if span.start >= from {
            text.push_str(sheet.text.get(from..span.start).unwrap_or_default());
            text.push_str(&new);
            from = span.end;
        }
    }
    text.push_str(sheet.text.get(from..).unwrap_or_default());
    text
}

// With the line it stands on, where it stands there alone.
fn with_line(text: &str, span: Range<usize>) -> Range<usize> {
    let before = text.get(..span.start).unwrap_or_default();
    let indent = before.trim_end_matches([' ', '\t']).len();
    let after = text.get(span.end..).unwrap_or_default();
    let blank = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
    let ends_line = after.get(blank..).is_some_and(|rest| rest.starts_with('\n'));
    let begins_line = indent == 0 || before.get(..indent).is_some_and(|before| before.ends_with('\n'));
    if ends_line && begins_line { indent..span.end + blank + 1 } else { span }
}
