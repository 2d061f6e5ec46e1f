//! Finds blocks that a patch only moves: taken out in one place, put in unchanged (but for indentation) in another.

use crate::support::diff::{LineKind, Patch};
use std::collections::HashMap;

/// Letters and digits that a moved block has at least: what git's --color-moved=blocks asks for.
const MIN_ALNUM: usize = 20;
/// Lines that a moved block has at least.
const MIN_LINES: usize = 2;
/// Places of one removed line that are tried for a block.
const MAX_PLACES: usize = 50;

/// A moved block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moved {
    /// The file and line, before, it came from.
    pub from: (String, usize),
    /// The file and line, after, it went to.
    pub to: (String, usize),
    pub lines: usize,
}

struct Line<'a> {
    file: usize,
    number: usize,
    text: &'a str,
}

/// The moved blocks of a patch, in the order of their new places.
pub(super) fn find(patch: &Patch<'_>) -> Vec<Moved> {
    let removed = lines(patch, LineKind::Removed);
    let added = lines(patch, LineKind::Added);
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, line) in removed.iter().enumerate() {
        places.entry(line.text).or_default().push(at);
    }
    let mut used = vec![false; removed.len()];
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(line) = added.get(at) {
        let tried = places.get(line.text).into_iter().flatten().take(MAX_PLACES);
        let best = tried
            .map(|start| (run(&removed, *start, &added, at, &used), *start))
            .max_by_key(|(length, start)| (*length, std::cmp::Reverse(*start)));
        let Some((length, start)) =
            best.filter(|(length, start)| *length >= MIN_LINES && is_much(&removed, *start, *length))
        else {
            at += 1;
            continue;
        };
        used.iter_mut().skip(start).take(length).for_each(|one| *one = true);
        let path = |file: usize, old: bool| {
            let file = patch.files.get(file);
            let path = file.and_then(|file| if old { file.old.as_deref() } else { file.new.as_deref() });
            path.unwrap_or_default().to_owned()
        };
        if let Some(from) = removed.get(start) {
            found.push(Moved {
                from: (path(from.file, true), from.number),
                to: (path(line.file, false), line.number),
                lines: length,
            });
        }
        at += length;
    }
    found
}

fn lines<'a>(patch: &Patch<'a>, kind: LineKind) -> Vec<Line<'a>> {
    let mut found = Vec::new();
    for (file, change) in patch.files.iter().enumerate() {
        for hunk in &change.hunks {
            let mut number = if kind == LineKind::Removed { hunk.old_start } else { hunk.new_start };
            for line in &hunk.lines {
                if line.kind == kind {
                    found.push(Line { file, number, text: line.text.trim() });
                }
                number += usize::from(line.kind == kind || line.kind == LineKind::Context);
            }
        }
    }
    found
}

// How many lines from both places on are the same, each behind the other in its file.
fn run(removed: &[Line<'_>], start: usize, added: &[Line<'_>], at: usize, used: &[bool]) -> usize {
    let follows = |lines: &[Line<'_>], first: usize, length: usize| {
        let (Some(first), Some(line)) = (lines.get(first), lines.get(first + length)) else { return false };
        line.file == first.file && line.number == first.number + length
    };
    (0..added.len().saturating_sub(at))
        .take_while(|length| {
            follows(removed, start, *length)
                && follows(added, at, *length)
                && used.get(start + length) == Some(&false)
                && removed.get(start + length).map(|line| line.text) == added.get(at + length).map(|line| line.text)
        })
        .count()
}

fn is_much(lines: &[Line<'_>], start: usize, length: usize) -> bool {
    let texts = lines.iter().skip(start).take(length);
    texts.map(|line| line.text.chars().filter(|c| c.is_alphanumeric()).count()).sum::<usize>() >= MIN_ALNUM
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::diff;

    #[test]
    fn finds_blocks_that_only_moved() {
        let text = "--- a/x\n+++ b/x\n@@ -1,4 +1 @@\n-def first(one):\n-    return one + two\n-\n e\n--- a/y\n+++ b/y\n@@ -5 +5,4 @@\n q\n+  def first(one):\n+      return one + two\n+other\n";
        let moved = find(&diff::read(text));
        assert_eq!(moved, [Moved { from: ("x".to_owned(), 1), to: ("y".to_owned(), 6), lines: 2 }]);
        assert_eq!(find(&diff::read(&text.replace("one + two", "1"))), []);
    }
}
