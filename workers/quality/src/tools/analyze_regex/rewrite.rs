//! Rewrites an expression so that it matches the same and takes less time; nothing is proposed that was not judged again.
//!
//! Each step keeps what is matched, and the captures, by an argument that stands with it.

use super::attack::{Expression, Growth, judge};
use super::parse::{Assert, Dialect, Feature, Greed, Kind, Node};
use super::set::Set;
use std::ops::Range;

// Steps taken one after the other.
const MAX_STEPS: usize = 12;

/// A pattern that matches the same and grows less, with how it grows.
pub(super) fn rewritten(
    pattern: &str,
    flags: &str,
    dialect: Dialect,
    anchored: bool,
    growth: Growth,
) -> Option<(String, Growth)> {
    let mut current = pattern.to_owned();
    for _ in 0..MAX_STEPS {
        let Ok(expression) = Expression::read(&current, flags, dialect, anchored) else { return None };
        let mut edits = Vec::new();
        collect(&expression.parsed.root, &current, &mut edits);
        let Some((span, text)) = edits.into_iter().next() else { break };
        current.replace_range(span, &text);
    }
    let mut found = (current != pattern).then(|| better(&current, flags, dialect, anchored, growth)).flatten();
    if found.as_ref().is_none_or(|(_, growth)| *growth != Growth::Linear)
        && let Some(guarded) = guarded(&current, flags, dialect, anchored)
        && let Some(own) =
            better(&guarded, flags, dialect, anchored, found.as_ref().map_or(growth, |(_, growth)| *growth))
    {
        found = Some(own);
    }
    found
}

fn better(pattern: &str, flags: &str, dialect: Dialect, anchored: bool, growth: Growth) -> Option<(String, Growth)> {
    let expression = Expression::read(pattern, flags, dialect, anchored).ok()?;
    let judgement = judge(&expression);
    (judgement.doubt.is_none() && judgement.growth < growth).then(|| (pattern.to_owned(), judgement.growth))
}

fn text_of<'t>(node: &Node, pattern: &'t str) -> &'t str {
    pattern.get(node.span.clone()).unwrap_or_default()
}

fn has_capture(node: &Node) -> bool {
    match &node.kind {
        Kind::Group { capture: Some(_), .. } => true,
        Kind::Concat(items) | Kind::Alternate(items) => items.iter().any(has_capture),
        Kind::Repeat { body, .. } | Kind::Group { body, .. } | Kind::Atomic(body) | Kind::Look { body, .. } => {
            has_capture(body)
        }
        Kind::Empty | Kind::Set(_) | Kind::Assert(_) | Kind::Backreference(_) => false,
    }
}

// Greedy, without an upper end, at most one at least: the part, and whether it may be absent.
fn star(node: &Node) -> Option<(&Node, u32)> {
    match &node.kind {
        Kind::Repeat { body, min: min @ 0..=1, max: None, greed: Greed::Greedy } => Some((body, *min)),
        _ => None,
    }
}

fn collect(node: &Node, pattern: &str, edits: &mut Vec<(Range<usize>, String)>) {
    if let Some(text) = flattened(node, pattern).or_else(|| shortened(node, pattern)) {
        edits.push((node.span.clone(), text));
        return;
    }
    match &node.kind {
        Kind::Concat(items) => {
            for pair in items.windows(2) {
                if let [one, other] = pair
                    && let Some(text) = joined(one, other, pattern)
                {
                    edits.push((one.span.start..other.span.end, text));
                }
            }
            items.iter().for_each(|item| collect(item, pattern, edits));
        }
        Kind::Alternate(branches) => branches.iter().for_each(|branch| collect(branch, pattern, edits)),
        Kind::Repeat { body, .. } | Kind::Group { body, .. } | Kind::Atomic(body) | Kind::Look { body, .. } => {
            collect(body, pattern, edits);
        }
        Kind::Empty | Kind::Set(_) | Kind::Assert(_) | Kind::Backreference(_) => {}
    }
}

// A repetition of nothing but a repetition: one of them does. Greedy ones try the same strings in the same order, and the
// first success has one outer iteration.
fn flattened(node: &Node, pattern: &str) -> Option<String> {
    let (outer, outer_min) = star(node)?;
    let Kind::Group { body, capture } = &outer.kind else { return None };
    if let Some((inner, inner_min)) = star(body) {
        let sign = if outer_min == 1 && inner_min == 1 { '+' } else { '*' };
        let simple = !super::program::is_nullable(inner) && !has_capture(inner);
        let text = text_of(inner, pattern);
        return match capture {
            _ if !simple => None,
            None => Some(format!("{text}{sign}")),
            // The group captures all that was repeated, where it took part.
            Some(_) if sign == '+' => Some(format!("({text}+)")),
            Some(_) => None,
        };
    }
    // A choice in which single characters are repeated within the repetition.
    let Kind::Alternate(branches) = &body.kind else { return None };
    if capture.is_some() || has_capture(body) {
        return None;
    }
    let mut sign = if outer_min == 1 { '+' } else { '*' };
    let mut changed = false;
    let mut texts = Vec::new();
    for branch in branches {
        match star(branch).filter(|(inner, _)| matches!(inner.kind, Kind::Set(_))) {
            Some((inner, min)) => {
                changed = true;
                if min == 0 {
                    sign = '*';
                }
                texts.push(text_of(inner, pattern));
            }
            None if super::program::is_nullable(branch) => return None,
            None => texts.push(text_of(branch, pattern)),
        }
    }
    changed.then(|| format!("(?:{}){sign}", texts.join("|")))
}

// A choice without the branches that another one before it already is: the same text, or a set within a set.
fn shortened(node: &Node, pattern: &str) -> Option<String> {
    let Kind::Alternate(branches) = &node.kind else { return None };
    let mut kept: Vec<&Node> = Vec::new();
    for branch in branches {
        let same = |other: &&Node| match (&other.kind, &branch.kind) {
            (Kind::Set(other), Kind::Set(own)) => other.covers(own),
            _ => !has_capture(branch) && text_of(other, pattern) == text_of(branch, pattern),
        };
        if kept.iter().any(same) {
            continue;
        }
        // Single characters take the same place in any order.
        if let Kind::Set(own) = &branch.kind {
            let only_sets = branches.iter().all(|branch| matches!(branch.kind, Kind::Set(_)));
            kept.retain(|other| !(only_sets && matches!(&other.kind, Kind::Set(other) if own.covers(other))));
        }
        kept.push(branch);
    }
    let texts: Vec<&str> = kept.iter().map(|branch| text_of(branch, pattern)).collect();
    (kept.len() < branches.len()).then(|| texts.join("|"))
}

// Two greedy repetitions of one set, one behind the other: one.
fn joined(one: &Node, other: &Node, pattern: &str) -> Option<String> {
    let ((first, first_min), (second, second_min)) = (star(one)?, star(other)?);
    let (Kind::Set(left), Kind::Set(right)) = (&first.kind, &second.kind) else { return None };
    if left != right {
        return None;
    }
    let text = text_of(first, pattern);
    Some(match first_min + second_min {
        0 => format!("{text}*"),
        1 => format!("{text}+"),
        _ => format!("{text}{{2,}}"),
    })
}

// A repetition at the start is tried from each of its characters anew. Where a match could start behind one of them, it could
// start one earlier too, and the search would have found that first: a look behind loses nothing.
fn guarded(pattern: &str, flags: &str, dialect: Dialect, anchored: bool) -> Option<String> {
    if anchored || dialect.is_linear() || flags.contains(['y', 'x']) {
        return None;
    }
    let expression = Expression::read(pattern, flags, dialect, anchored).ok()?;
    if expression.parsed.features.keys().any(|feature| matches!(feature, Feature::InlineFlags | Feature::Lookbehind)) {
        return None;
    }
    let root = &expression.parsed.root;
    let items = match &root.kind {
        Kind::Concat(items) => items.as_slice(),
        Kind::Repeat { .. } => std::slice::from_ref(root),
        _ => return None,
    };
    let first = items.first()?;
    let Kind::Repeat { body, max: None, greed: Greed::Greedy | Greed::Lazy, .. } = &first.kind else { return None };
    let Kind::Set(set) = &body.kind else { return None };
    // After a match, a search that goes on would stand behind its last character.
    if flags.contains('g') && !ends_apart(items.last()?, set) {
        return None;
    }
    Some(format!("(?<!{}){pattern}", text_of(body, pattern)))
}

fn ends_apart(last: &Node, set: &Set) -> bool {
    match &last.kind {
        Kind::Assert(Assert::TextEnd) => true,
        Kind::Set(own) => own.intersection(set).is_empty(),
        _ => false,
    }
}
