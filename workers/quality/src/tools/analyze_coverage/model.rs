//! What coverage is, whichever report it came from, and how two reports become one.

use serde::Serialize;
use std::collections::BTreeMap;

/// All files of all reports, by path.
pub(crate) type Files = BTreeMap<String, Covered>;

/// Coverage of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Covered {
    /// Runs of each line that can run.
    pub lines: BTreeMap<u32, u64>,
    /// Branches by line.
    pub branches: BTreeMap<u32, Branches>,
    /// Functions by line and name.
    pub functions: BTreeMap<(u32, String), u64>,
    /// Statements by place: what Istanbul and Go count. A line runs as often as the statement that starts on it most often.
    pub statements: BTreeMap<[u32; 4], Statement>,
    /// Whether its lines follow from its statements.
    pub spread: Spread,
    /// Lines that ran and are none that count: coverage.py's JSON lists docstrings so.
    pub uncounted: u64,
}

/// How statements make lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Spread {
    /// They do not: the report has lines.
    #[default]
    No,
    /// By the line on which each starts.
    Start,
    /// By every line of each.
    Whole,
}

/// A statement, or a block of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Statement {
    pub count: u64,
    pub hits: u64,
}

/// The branches of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Branches {
    /// Each by itself.
    Known(BTreeMap<(String, String), u64>),
    /// How many were taken of how many.
    Counted { taken: u32, total: u32 },
}

impl Branches {
    /// Taken, and in all.
    pub(super) fn counts(&self) -> (u32, u32) {
        match self {
            Self::Known(each) => {
                let taken = each.values().filter(|hits| **hits > 0).count();
                (u32::try_from(taken).unwrap_or(u32::MAX), u32::try_from(each.len()).unwrap_or(u32::MAX))
            }
            Self::Counted { taken, total } => (*taken, *total),
        }
    }

    // Where only numbers are known, the larger one is certain.
    fn merge(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Known(own), Self::Known(more)) => {
                for (key, hits) in more {
                    let sum = own.entry(key).or_default();
                    *sum = sum.saturating_add(hits);
                }
            }
            (_, other) => {
                let ((taken, total), (more, all)) = (self.counts(), other.counts());
                *self = Self::Counted { taken: taken.max(more), total: total.max(all) };
            }
        }
    }
}

impl Covered {
    /// Adds runs of a line.
    pub(super) fn line(&mut self, line: u32, hits: u64) {
        let sum = self.lines.entry(line).or_default();
        *sum = sum.saturating_add(hits);
    }

    /// Adds a branch of a line.
    pub(super) fn branch(&mut self, line: u32, key: (String, String), hits: u64) {
        match self.branches.entry(line).or_insert_with(|| Branches::Known(BTreeMap::new())) {
            Branches::Known(own) => {
                let sum = own.entry(key).or_default();
                *sum = sum.saturating_add(hits);
            }
            counted @ Branches::Counted { .. } => counted.merge(Branches::Known(BTreeMap::from([(key, hits)]))),
        }
    }

    /// Adds branches of a line.
    pub(super) fn branches_of(&mut self, line: u32, branches: Branches) {
        match self.branches.get_mut(&line) {
            Some(own) => own.merge(branches),
            None => {
                self.branches.insert(line, branches);
            }
        }
    }

    /// Adds runs of a function.
    pub(super) fn function(&mut self, line: u32, name: &str, hits: u64) {
        let sum = self.functions.entry((line, name.to_owned())).or_default();
        *sum = sum.saturating_add(hits);
    }

    /// Adds another report of the same file.
    pub(super) fn merge(&mut self, other: Self) {
        other.lines.into_iter().for_each(|(line, hits)| self.line(line, hits));
        other.branches.into_iter().for_each(|(line, branches)| self.branches_of(line, branches));
        other.functions.into_iter().for_each(|((line, name), hits)| self.function(line, &name, hits));
        for (place, statement) in other.statements {
            let own = self.statements.entry(place).or_insert(Statement { count: statement.count, hits: 0 });
            own.hits = own.hits.saturating_add(statement.hits);
        }
        self.uncounted = self.uncounted.max(other.uncounted);
        if other.spread != Spread::No {
            self.spread = other.spread;
        }
    }

    /// Makes lines of the statements, once everything is merged.
    pub(super) fn finish(&mut self) {
        for ([start, _, end, _], statement) in &self.statements {
            let end = match self.spread {
                Spread::No => continue,
                Spread::Start => *start,
                // A block of more lines than any file has is none.
                Spread::Whole => (*end).min(start.saturating_add(MAX_BLOCK_LINES)),
            };
            for line in *start..=end {
                let own = self.lines.entry(line).or_default();
                *own = (*own).max(statement.hits);
            }
        }
    }
}

/// Longest block of a Go profile, in lines.
const MAX_BLOCK_LINES: u32 = 20_000;

/// Covered of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Share {
    /// Covered.
    pub covered: u64,
    /// In all.
    pub total: u64,
    /// In percent, two digits; 100 where there is nothing.
    pub percent: f64,
}

impl Share {
    pub(super) fn of(covered: u64, total: u64) -> Self {
        Self { covered, total, percent: percent(covered, total) }
    }
}

/// A share in percent with two digits.
#[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
pub(super) fn percent(covered: u64, total: u64) -> f64 {
    if total == 0 { 100.0 } else { (covered as f64 * 10_000.0 / total as f64).round() / 100.0 }
}

/// The shares of a file, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Shares {
    /// Lines.
    pub lines: Share,
    /// Branches, where the reports have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branches: Option<Share>,
    /// Functions, where the reports have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub functions: Option<Share>,
    /// Statements, where the reports count them (Istanbul, Go).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statements: Option<Share>,
}

/// The counts of some files, to be added up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts([(u64, u64); 4]);

impl Counts {
    pub(super) fn of(file: &Covered) -> Self {
        let mut counts = Self::default();
        let [lines, branches, functions, statements] = &mut counts.0;
        file.lines.values().for_each(|hits| add(lines, u64::from(*hits > 0), 1));
        lines.0 = lines.0.saturating_sub(file.uncounted);
        lines.1 = lines.1.saturating_sub(file.uncounted);
        for own in file.branches.values() {
            let (taken, total) = own.counts();
            add(branches, u64::from(taken), u64::from(total));
        }
        file.functions.values().for_each(|hits| add(functions, u64::from(*hits > 0), 1));
        for statement in file.statements.values() {
            add(statements, if statement.hits > 0 { statement.count } else { 0 }, statement.count);
        }
        counts
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(own, (covered, total))| add(own, covered, total));
    }

    pub(super) fn shares(self) -> Shares {
        let [lines, branches, functions, statements] = self.0;
        let some = |(covered, total): (u64, u64)| (total > 0).then(|| Share::of(covered, total));
        Shares {
            lines: Share::of(lines.0, lines.1),
            branches: some(branches),
            functions: some(functions),
            statements: some(statements),
        }
    }
}

fn add(sum: &mut (u64, u64), covered: u64, total: u64) {
    sum.0 = sum.0.saturating_add(covered);
    sum.1 = sum.1.saturating_add(total);
}

/// Numbers as people write ranges: `3-5, 9`.
pub(super) fn ranges(lines: impl IntoIterator<Item = u32>) -> String {
    spans(lines)
        .into_iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect::<Vec<_>>()
        .join(", ")
}

/// Ascending numbers as stretches.
pub(super) fn spans(lines: impl IntoIterator<Item = u32>) -> Vec<(u32, u32)> {
    let mut found: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match found.last_mut() {
            Some((_, last)) if *last + 1 == line => *last = line,
            _ => found.push((line, line)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_adds_runs_and_keeps_what_is_certain_of_counted_branches() {
        let mut one = Covered::default();
        one.line(1, 1);
        one.branch(1, ("0".to_owned(), "0".to_owned()), 0);
        let mut other = Covered::default();
        other.line(1, 2);
        other.line(2, 0);
        other.branch(1, ("0".to_owned(), "1".to_owned()), 3);
        one.merge(other.clone());
        assert_eq!((one.lines[&1], one.lines[&2], one.branches[&1].counts()), (3, 0, (1, 2)));
        one.branches_of(1, Branches::Counted { taken: 2, total: 4 });
        assert_eq!(one.branches[&1].counts(), (2, 4));
        assert_eq!(Counts::of(&one).shares().lines, Share { covered: 1, total: 2, percent: 50.0 });
    }

    #[test]
    fn statements_make_lines() {
        let mut file = Covered { spread: Spread::Start, ..Covered::default() };
        file.statements.insert([1, 0, 3, 1], Statement { count: 1, hits: 2 });
        file.statements.insert([1, 9, 1, 12], Statement { count: 1, hits: 0 });
        let mut blocks = Covered { spread: Spread::Whole, ..file.clone() };
        file.finish();
        blocks.finish();
        assert_eq!(file.lines, BTreeMap::from([(1, 2)]));
        assert_eq!(blocks.lines, BTreeMap::from([(1, 2), (2, 2), (3, 2)]));
    }

    #[test]
    fn numbers_become_ranges() {
        assert_eq!(ranges([1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(ranges([]), "");
        assert!((percent(1, 3) - 33.33).abs() < 1e-9 && (percent(0, 0) - 100.0).abs() < 1e-9);
    }
}
