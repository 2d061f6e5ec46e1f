//! Edits of a text as a unified diff.

use std::fmt::Write as _;
use std::ops::Range;

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// A replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    pub(crate) span: Range<usize>,
    pub(crate) text: String,
}

// Lines that change, from and to (exclusive), and what they become.
struct Region {
    lines: Range<usize>,
    text: String,
}

/// The diff of a file under edits, which are in order and do not overlap; empty where nothing changes.
pub(crate) fn diff(path: &str, source: &str, edits: &[Replaced]) -> String {
    let lines: Vec<&str> = source.split_inclusive('\n').collect();
    let mut starts = Vec::with_capacity(lines.len() + 1);
    let mut at = 0;
    for line in &lines {
        starts.push(at);
        at += line.len();
    }
    let mut regions = regions(source, &lines, &starts, edits);
    regions.retain(|region| lines.get(region.lines.clone()).is_some_and(|old| old.concat() != region.text));
    let mut out = String::new();
    let mut shift = 0_isize;
    let mut rest = regions.as_slice();
    while let Some(first) = rest.first() {
        // Changes whose contexts touch stand in one hunk.
        let near = rest.windows(2).take_while(|pair| match pair {
            [one, other] => other.lines.start <= one.lines.end + 2 * CONTEXT,
            _ => false,
        });
        let (hunk, after) = rest.split_at(1 + near.count());
        rest = after;
        if out.is_empty() {
            let _ = write!(out, "--- a/{path}\n+++ b/{path}\n");
        }
        let end = hunk.last().map_or(first.lines.end, |last| last.lines.end);
        let from = first.lines.start.saturating_sub(CONTEXT);
        let to = (end + CONTEXT).min(lines.len());
        shift += write_hunk(&mut out, &lines, hunk, from..to, shift);
    }
    out
}

fn regions(source: &str, lines: &[&str], starts: &[usize], edits: &[Replaced]) -> Vec<Region> {
    let line_of = |at: usize| starts.partition_point(|start| *start <= at).saturating_sub(1);
    let bound = |line: usize| starts.get(line).copied().unwrap_or(source.len());
    let mut regions: Vec<Region> = Vec::new();
    // Where the text of the last region ends in the source.
    let mut done = 0;
    for edit in edits {
        let first = line_of(edit.span.start);
        let last = (line_of(edit.span.end) + 1).min(lines.len());
        if let Some(region) = regions.last_mut().filter(|region| first < region.lines.end) {
            // Take back what follows the edit before in its line.
            let kept = region.text.len().saturating_sub(bound(region.lines.end) - done);
            region.text.truncate(kept);
            region.text.push_str(source.get(done..edit.span.start).unwrap_or_default());
            region.lines.end = region.lines.end.max(last);
        } else {
            let text = source.get(bound(first)..edit.span.start).unwrap_or_default().to_owned();
            regions.push(Region { lines: first..last, text });
        }
        if let Some(region) = regions.last_mut() {
            region.text.push_str(&edit.text);
            done = edit.span.end;
            region.text.push_str(source.get(done..bound(region.lines.end)).unwrap_or_default());
        }
    }
    regions
}

// Writes a hunk over these lines; how many lines more there are after it.
fn write_hunk(out: &mut String, lines: &[&str], regions: &[Region], span: Range<usize>, shift: isize) -> isize {
    let mut body = String::new();
    let (mut at, mut added) = (span.start, 0);
    let mut put = |sign: char, line: &str| {
        body.push(sign);
        body.push_str(line);
        if !line.ends_with('\n') {
            body.push_str("\n\\ No newline at end of file\n");
        }
    };
    let between = |range: Range<usize>| lines.get(range).unwrap_or_default();
    for region in regions {
        between(at..region.lines.start).iter().for_each(|line| put(' ', line));
        let old = between(region.lines.clone());
        let new: Vec<&str> = region.text.split_inclusive('\n').collect();
        let same = old.iter().zip(&new).take_while(|(one, other)| one == other).count();
        let rest = old.len().min(new.len()) - same;
        let alike = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
        let inner = |list: &[&str]| same..list.len() - alike;
        old.iter().take(same).for_each(|line| put(' ', line));
        old.get(inner(old)).unwrap_or_default().iter().for_each(|line| put('-', line));
        new.get(inner(&new)).unwrap_or_default().iter().for_each(|line| put('+', line));
        old.iter().skip(old.len() - alike).for_each(|line| put(' ', line));
        added += isize::try_from(new.len()).unwrap_or(0) - isize::try_from(old.len()).unwrap_or(0);
        at = region.lines.end;
    }
    between(at..span.end).iter().for_each(|line| put(' ', line));
    let count = |length: usize| isize::try_from(length).unwrap_or(0);
    let (old, new) = (count(span.len()), count(span.len()) + added);
    let start = |lines: isize, shift: isize| count(span.start) + shift + isize::from(lines > 0);
    let _ = write!(out, "@@ -{},{old} +{},{new} @@\n{body}", start(old, 0), start(new, shift));
    added
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str, edits: &[(Range<usize>, &str)]) -> String {
        let edits: Vec<Replaced> =
            edits.iter().map(|(span, text)| Replaced { span: span.clone(), text: (*text).to_owned() }).collect();
        diff("f", source, &edits)
    }

    #[test]
    fn a_diff_shows_what_changes_alone() {
        assert_eq!(shown("a\nb\nc\n", &[(2..3, "x")]), "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
        assert_eq!(
            shown("a b\n", &[(0..1, "x"), (2..3, "y\nz")]),
            "--- a/f\n+++ b/f\n@@ -1,1 +1,2 @@\n-a b\n+x y\n+z\n"
        );
        assert_eq!(
            shown("a", &[(0..1, "b")]),
            "--- a/f\n+++ b/f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
        );
        assert_eq!(shown("a\nb\n", &[(0..2, "")]), "--- a/f\n+++ b/f\n@@ -1,2 +1,1 @@\n-a\n b\n");
        assert_eq!(shown("a\n", &[(0..1, "a")]), "");
    }

    #[test]
    fn far_changes_stand_in_hunks_of_their_own() {
        let source = "x\n".repeat(12);
        let out = shown(&source, &[(0..1, "y\ny"), (22..23, "z")]);
        assert!(
            out.contains("@@ -1,4 +1,5 @@\n-x\n+y\n+y\n x\n x\n x\n@@ -9,4 +10,4 @@\n x\n x\n x\n-x\n+z\n"),
            "{out}"
        );
        assert_eq!(shown(&source, &[(0..1, "y"), (14..15, "z")]).matches("@@ -").count(), 1);
    }
}
