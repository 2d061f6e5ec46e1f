//! Figures of files, pairs and people from a history, by code-maat's definitions.

use super::log::{Day, History};
use std::collections::{BTreeMap, HashMap};

/// Share of a file's changed lines under which a contributor is a minor one (Bird et al.).
const MINOR_SHARE: f64 = 0.05;

/// A file's figures.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct FileFigures {
    pub revisions: u32,
    pub added: u64,
    pub deleted: u64,
    pub last: Option<Day>,
    /// Added lines, changed lines and revisions of each author.
    pub authors: BTreeMap<usize, (u64, u64, u32)>,
    /// Most files that a commit changed with it, itself included, and the sum over its commits.
    pub change_set: (usize, usize),
}

impl FileFigures {
    /// The author of the most added lines, and the share of them.
    pub(super) fn main_author(&self) -> Option<(usize, f64)> {
        let best = self.authors.iter().max_by_key(|(author, (added, _, _))| (*added, std::cmp::Reverse(**author)))?;
        Some((*best.0, share(best.1.0, self.added)))
    }

    /// The largest share of changed lines.
    pub(super) fn experience(&self) -> f64 {
        let most = self.authors.values().map(|(_, changed, _)| *changed).max().unwrap_or(0);
        share(most, self.added + self.deleted)
    }

    /// Authors of less than 5 % of the changed lines.
    pub(super) fn minor(&self) -> usize {
        let all = self.added + self.deleted;
        self.authors.values().filter(|(_, changed, _)| all > 0 && share(*changed, all) < MINOR_SHARE).count()
    }

    /// One minus the sum of the squared shares of revisions: 0 for one author, near 1 for many.
    pub(super) fn fragmentation(&self) -> f64 {
        let all = f64::from(self.revisions.max(1));
        1.0 - self.authors.values().map(|(_, _, revisions)| (f64::from(*revisions) / all).powi(2)).sum::<f64>()
    }
}

#[expect(clippy::cast_precision_loss, reason = "lines of a history are far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The figures of each file, in the order of [`History::paths`].
pub(super) fn files(history: &History) -> Vec<FileFigures> {
    let mut figures = vec![FileFigures::default(); history.paths.len()];
    for commit in &history.commits {
        let mut seen = std::collections::BTreeSet::new();
        for change in &commit.changes {
            let Some(file) = figures.get_mut(change.file) else { continue };
            let author = file.authors.entry(commit.author).or_default();
            author.0 += change.added;
            author.1 += change.added + change.deleted;
            file.added += change.added;
            file.deleted += change.deleted;
            file.last = file.last.max(commit.day);
            if seen.insert(change.file) {
                author.2 += 1;
                file.revisions += 1;
                file.change_set.0 = file.change_set.0.max(commit.changes.len());
                file.change_set.1 += commit.changes.len();
            }
        }
    }
    figures
}

/// Two files that change together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    pub first: usize,
    pub second: usize,
    /// Commits that change both.
    pub shared: u32,
    /// Mean of both files' revisions, in commits that count.
    pub average: f64,
    /// The shared ones in percent of that.
    pub degree: u32,
}

/// What pairs count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Least {
    /// Mean revisions, and shared ones.
    pub revisions: u32,
    /// Percent.
    pub degree: u32,
    /// Most files of a commit that counts.
    pub change_set: usize,
}

/// The pairs that change together, the strongest first.
pub(super) fn coupling(history: &History, least: Least) -> Vec<Pair> {
    let mut shared: HashMap<(usize, usize), u32> = HashMap::new();
    let mut revisions = vec![0_u32; history.paths.len()];
    for commit in &history.commits {
        let mut files: Vec<usize> = commit.changes.iter().map(|change| change.file).collect();
        files.sort_unstable();
        files.dedup();
        if files.len() > least.change_set {
            continue;
        }
        for (at, first) in files.iter().enumerate() {
            revisions.get_mut(*first).into_iter().for_each(|count| *count += 1);
            for second in files.iter().skip(at + 1) {
                *shared.entry((*first, *second)).or_default() += 1;
            }
        }
    }
    let of = |file: usize| f64::from(revisions.get(file).copied().unwrap_or(0));
    let mut pairs: Vec<Pair> = shared
        .into_iter()
        .filter_map(|((first, second), shared)| {
            let average = f64::midpoint(of(first), of(second));
            let degree = whole_percent(f64::from(shared) / average);
            let counts = average >= f64::from(least.revisions) && shared >= least.revisions && degree >= least.degree;
            counts.then_some(Pair { first, second, shared, average, degree })
        })
        .collect();
    let path = |file: usize| history.paths.get(file);
    pairs.sort_by(|one, other| {
        other
            .degree
            .cmp(&one.degree)
            .then_with(|| other.average.total_cmp(&one.average))
            .then_with(|| (path(one.first), path(one.second)).cmp(&(path(other.first), path(other.second))))
    });
    pairs
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of at most 1")]
fn whole_percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0 + 1e-9) as u32
}

/// The fewest people who together are the main authors of more than half of the files.
pub(super) fn bus_factor(files: &[FileFigures]) -> usize {
    let mut owned: BTreeMap<usize, usize> = BTreeMap::new();
    files.iter().filter_map(FileFigures::main_author).for_each(|(author, _)| *owned.entry(author).or_default() += 1);
    let mut counts: Vec<usize> = owned.into_values().collect();
    counts.sort_unstable_by(|one, other| other.cmp(one));
    let all: usize = counts.iter().sum();
    let mut left = all;
    for (people, count) in counts.into_iter().enumerate() {
        left -= count;
        if left * 2 < all {
            return people + 1;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::super::log::read;
    use super::*;

    #[test]
    fn figures_follow_from_the_log() {
        let history = read(
            "--a1b2--2026-03-01--A\n9\t1\tx\n1\t0\ty\n--b2c3--2026-02-01--B\n1\t0\tx\n1\t1\ty\n--c3d4--2026-01-01--A\n0\t2\tx\n",
        );
        let figures = files(&history);
        let x = &figures[0];
        assert_eq!((x.revisions, x.added, x.deleted, x.change_set), (3, 10, 3, (2, 5)));
        assert_eq!(x.main_author(), Some((0, 0.9)));
        assert!((x.fragmentation() - (1.0 - 5.0 / 9.0)).abs() < 1e-9 && (x.experience() - 12.0 / 13.0).abs() < 1e-9);
        assert_eq!(x.minor(), 0);
        assert_eq!(bus_factor(&figures), 1);
        let least = Least { revisions: 1, degree: 1, change_set: 30 };
        assert_eq!(coupling(&history, least), [Pair { first: 0, second: 1, shared: 2, average: 2.5, degree: 80 }]);
        assert_eq!(coupling(&history, Least { change_set: 1, ..least }), []);
        assert_eq!(coupling(&history, Least { degree: 81, ..least }), []);
    }
}
