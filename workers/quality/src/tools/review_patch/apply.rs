//! Applies hunks exactly as `git apply` does: whole context, any offset, no line twice.
//!
//! Owns where a hunk goes and why it does not; refuses to own what the change means.

use crate::support::diff::{FilePatch, Hunk, LineKind};
use std::collections::HashMap;

/// Comparisons of lines that the search for places may take in one call.
pub const MAX_COMPARISONS: usize = 50_000_000;

/// What becomes of a hunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It applies at this line, from 1, so many lines away from where it says.
    Applies { line: usize, offset: isize },
    /// It does not.
    Rejected(Reason),
    /// The search for its place took too long.
    Unknown,
}

/// Why a hunk does not apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    /// The first line, from 1, at its place that is not what the hunk expects; none where the file ends before.
    Differs { line: usize, patch_line: u32, found: Option<String>, expected: String },
    /// Its lines are there, but it must be at the start or the end of the file, or another hunk has changed them.
    Elsewhere,
}

/// The lines of a file while it is patched. Lines are compared by numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Image<'a> {
    // The number of each line, and whether a hunk has touched it.
    lines: Vec<(u32, bool)>,
    numbers: HashMap<&'a str, u32>,
    texts: Vec<&'a str>,
}

impl<'a> Image<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut image = Self::default();
        for line in text.split_inclusive('\n') {
            let number = image.number(line);
            image.lines.push((number, false));
        }
        image
    }

    fn number(&mut self, line: &'a str) -> u32 {
        let next = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(line).or_insert(next);
        if number == next {
            self.texts.push(line);
        }
        number
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn text(&self) -> String {
        self.lines.iter().filter_map(|(number, _)| self.texts.get(*number as usize)).copied().collect()
    }

    /// Applies a hunk, or says why it cannot be. `work` counts comparisons.
    pub(super) fn apply(&mut self, hunk: &Hunk<'a>, work: &mut usize) -> Outcome {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for line in &hunk.lines {
            let number = self.number(line.text);
            if line.kind != LineKind::Added {
                before.push(number);
            }
            if line.kind != LineKind::Removed {
                after.push((number, true));
            }
        }
        // Without context behind it a hunk belongs to the end, and one that says so to the start.
        let at_start = hunk.old_start <= 1;
        let at_end = hunk.lines.last().is_some_and(|line| line.kind != LineKind::Context);
        let said = hunk.new_start.saturating_sub(1);
        // A last line without its end fits one with an end too, unless it must be the file's last.
        let open = hunk.lines.iter().rfind(|line| line.kind != LineKind::Added).map(|line| line.text);
        let wanted = Wanted { before: &before, open: open.filter(|text| !text.ends_with('\n')), at_start, at_end };
        let Some(found) = self.find(&wanted, said, work) else {
            if *work > MAX_COMPARISONS {
                return Outcome::Unknown;
            }
            return Outcome::Rejected(self.reason(hunk, &before, said));
        };
        let end = found + before.len();
        self.lines.splice(found..end, after);
        let offset = isize::try_from(found).unwrap_or(0) - isize::try_from(said).unwrap_or(0);
        Outcome::Applies { line: found + 1, offset: if hunk.new_start == 0 { 0 } else { offset } }
    }

    // Where the lines stand, nearest to the place the hunk names; later ones first at the same distance.
    fn find(&self, wanted: &Wanted<'_>, said: usize, work: &mut usize) -> Option<usize> {
        let last = self.lines.len();
        let from = match (wanted.at_start, wanted.at_end) {
            (true, _) => 0,
            // A hunk longer than the file starts nowhere; git then begins at the end.
            (false, true) => last.checked_sub(wanted.before.len()).unwrap_or(last),
            (false, false) => said.min(last),
        };
        for distance in 0..=last {
            let later = from.checked_add(distance).filter(|at| *at <= last);
            let earlier = from.checked_sub(distance).filter(|_| distance > 0);
            if later.is_none() && earlier.is_none() {
                return None;
            }
            for at in [later, earlier].into_iter().flatten() {
                if *work > MAX_COMPARISONS {
                    return None;
                }
                if self.matches(wanted, at, work) {
                    return Some(at);
                }
            }
        }
        None
    }

    fn matches(&self, wanted: &Wanted<'_>, at: usize, work: &mut usize) -> bool {
        *work += 1;
        let end = at + wanted.before.len();
        let ends = end == self.lines.len();
        if end > self.lines.len() || wanted.at_end && !ends || wanted.at_start && at != 0 {
            return false;
        }
        let Some(here) = self.lines.get(at..end) else { return false };
        let fits = |((number, touched), own): &(&(u32, bool), &u32)| !touched && number == *own;
        let same = here.iter().zip(wanted.before).take_while(fits).count();
        *work += same;
        if same == wanted.before.len() {
            return true;
        }
        let Some(open) = wanted.open.filter(|_| same + 1 == wanted.before.len() && !wanted.at_end) else {
            return false;
        };
        let text = here.last().filter(|(_, touched)| !touched).and_then(|(number, _)| self.texts.get(*number as usize));
        text.and_then(|text| text.strip_prefix(open))
            .is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_whitespace()))
    }

    fn reason(&self, hunk: &Hunk<'a>, before: &[u32], said: usize) -> Reason {
        let old = hunk.lines.iter().filter(|line| line.kind != LineKind::Added);
        for (at, (wanted, line)) in before.iter().zip(old).enumerate() {
            let here = self.lines.get(said + at);
            if here.is_none_or(|(number, _)| number != wanted) {
                let found =
                    here.and_then(|(number, _)| self.texts.get(*number as usize)).map(|text| (*text).to_owned());
                return Reason::Differs {
                    line: said + at + 1,
                    patch_line: line.at,
                    found,
                    expected: line.text.to_owned(),
                };
            }
        }
        Reason::Elsewhere
    }
}

// What must stand at a place.
struct Wanted<'h> {
    before: &'h [u32],
    // The last line, where it has no end.
    open: Option<&'h str>,
    at_start: bool,
    at_end: bool,
}

/// What becomes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Applied {
    pub hunks: Vec<Outcome>,
    /// The text after, where every hunk applies and the file is not deleted.
    pub after: Option<String>,
    /// The file as a whole cannot be patched so.
    pub fault: Option<&'static str>,
}

/// Applies the changes of a file to its text; none where the file does not exist.
pub(super) fn apply<'a>(patch: &FilePatch<'a>, source: Option<&'a str>, work: &mut usize) -> Applied {
    let lone = patch.hunks.len() == 1 && patch.hunks.first().is_some_and(|hunk| hunk.old_count == 0);
    let fault = match source {
        Some(_) if patch.creates => Some("exists already, and the patch says that it is new"),
        None if !patch.creates && !lone => Some("does not exist"),
        _ if patch.binary => Some("is binary, and the patch has no contents for it"),
        _ => None,
    };
    if fault.is_some() {
        return Applied { hunks: Vec::new(), after: None, fault };
    }
    let mut image = Image::new(source.unwrap_or_default());
    let hunks: Vec<Outcome> = patch.hunks.iter().map(|hunk| image.apply(hunk, work)).collect();
    let whole = hunks.iter().all(|outcome| matches!(outcome, Outcome::Applies { .. }));
    let left = whole && patch.deletes && !image.is_empty();
    Applied {
        hunks,
        after: (whole && !patch.deletes).then(|| image.text()),
        fault: left.then_some("is to be deleted, but the patch leaves lines of it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::diff;

    fn outcomes(source: &str, hunks: &str) -> Vec<String> {
        let text = format!("--- a/x\n+++ b/x\n{hunks}");
        let patch = diff::read(&text);
        assert_eq!(patch.fault, None);
        let applied = apply(&patch.files[0], Some(source), &mut 0);
        let show = |outcome: &Outcome| match outcome {
            Outcome::Applies { line, offset } => format!("{line}{offset:+}"),
            Outcome::Rejected(Reason::Differs { line, .. }) => format!("differs {line}"),
            Outcome::Rejected(Reason::Elsewhere) => "elsewhere".to_owned(),
            Outcome::Unknown => "unknown".to_owned(),
        };
        applied.hunks.iter().map(show).chain(applied.after).collect()
    }

    #[test]
    fn finds_the_nearest_place_the_later_one_first() {
        assert_eq!(outcomes("a\nb\nc\n", "@@ -2,2 +2,2 @@\n-b\n+x\n c\n"), ["2+0", "a\nx\nc\n"]);
        assert_eq!(
            outcomes("0\nb\nc\n0\nb\nc\n0\n", "@@ -3,2 +3,2 @@\n-b\n+x\n c\n"),
            ["2-1", "0\nx\nc\n0\nb\nc\n0\n"]
        );
        assert_eq!(
            outcomes("b\nc\n0\n0\nb\nc\n0\n", "@@ -3,2 +3,2 @@\n-b\n+x\n c\n"),
            ["5+2", "b\nc\n0\n0\nx\nc\n0\n"]
        );
        assert_eq!(outcomes("a\nq\nc\n", "@@ -2,2 +2,2 @@\n-b\n+x\n c\n"), ["differs 2"]);
    }

    #[test]
    fn start_and_end_bind() {
        assert_eq!(outcomes("0\na\nb\n", "@@ -1,2 +1,2 @@\n-a\n+x\n b\n"), ["differs 1"]);
        assert_eq!(outcomes("a\nb\nc\n", "@@ -2,1 +2,2 @@\n a\n+x\n"), ["differs 2"]);
        assert_eq!(outcomes("a\nb\nc\n", "@@ -3,1 +3,2 @@\n c\n+x\n"), ["3+0", "a\nb\nc\nx\n"]);
        assert_eq!(outcomes("", "@@ -0,0 +1 @@\n+x\n"), ["1+0", "x\n"]);
        assert_eq!(outcomes("a", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"), ["1+0", "b\n"]);
        assert_eq!(outcomes("a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n"), ["differs 1"]);
        let open = "@@ -2,2 +2,3 @@\n b\n+x\n c\n\\ No newline at end of file\n";
        assert_eq!(outcomes("a\nb\nc\nd\n", open), ["2+0", "a\nb\nx\ncd\n"]);
    }

    #[test]
    fn no_line_is_patched_twice() {
        let twice = "@@ -2,3 +2,3 @@\n b\n-c\n+x\n d\n@@ -4,2 +4,2 @@\n d\n-e\n+y\n";
        assert_eq!(outcomes("a\nb\nc\nd\ne\n", twice), ["2+0", "elsewhere"]);
    }

    #[test]
    fn the_search_ends() {
        let mut work = MAX_COMPARISONS - 3;
        let source = "a\n".repeat(10);
        let patch = diff::read("--- a/x\n+++ b/x\n@@ -5,2 +5,2 @@\n a\n-b\n+c\n").files.remove(0);
        assert_eq!(apply(&patch, Some(&source), &mut work).hunks, [Outcome::Unknown]);
    }
}
