//! Reads the text of `git log --numstat`, in git's own format or in the two that code-maat asks for.
//!
//! Owns commits, paths and dates. A file keeps its history when it is renamed: everything is told under its newest path.

use std::collections::HashMap;

/// Most lines that one change of a file is taken to have; sums over any history stay whole.
const MAX_CHANGED_LINES: u64 = 1 << 32;

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day {
    pub year: i32,
    pub month: u8,
    pub of_month: u8,
}

impl Day {
    /// Full months from an earlier day to this one.
    pub(super) fn months_since(self, earlier: Self) -> i32 {
        let months = (self.year - earlier.year) * 12 + i32::from(self.month) - i32::from(earlier.month);
        (months - i32::from(self.of_month < earlier.of_month)).max(0)
    }

    pub(super) fn text(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

/// A commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Commit {
    /// Index of its author in [`History::authors`].
    pub author: usize,
    pub day: Option<Day>,
    pub changes: Vec<Change>,
}

/// A file in a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change {
    /// Index of the file in [`History::paths`].
    pub file: usize,
    pub added: u64,
    pub deleted: u64,
}

/// A log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct History {
    /// The newest first.
    pub commits: Vec<Commit>,
    /// Newest paths of the files.
    pub paths: Vec<String>,
    /// Names of the authors.
    pub authors: Vec<String>,
}

#[derive(Debug, Default)]
struct Raw<'a> {
    author: (String, String),
    day: Option<Day>,
    changes: Vec<(u64, u64, &'a str)>,
}

/// Reads a log.
pub(super) fn read(text: &str) -> History {
    let mut commits: Vec<Raw<'_>> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if let Some(raw) = head(line) {
            commits.push(raw);
        } else if let Some(last) = commits.last_mut() {
            if let Some(rest) = line.strip_prefix("Author:") {
                last.author = person(rest);
            } else if let Some(rest) = line.strip_prefix("Date:").or_else(|| line.strip_prefix("AuthorDate:")) {
                last.day = day(rest.trim());
            } else if let Some(change) = numstat(line) {
                last.changes.push(change);
            }
        }
    }
    // Renames are told from the newest to the oldest, so the log must run that way.
    let days: Vec<Day> = commits.iter().filter_map(|commit| commit.day).collect();
    if days.first().zip(days.last()).is_some_and(|(first, last)| first < last) {
        commits.reverse();
    }
    joined(commits)
}

fn joined(commits: Vec<Raw<'_>>) -> History {
    let mut history = History::default();
    let mut authors: HashMap<String, usize> = HashMap::new();
    let mut files: HashMap<String, usize> = HashMap::new();
    for raw in commits {
        let (name, key) = raw.author;
        let author = *authors.entry(key).or_insert_with(|| {
            history.authors.push(name);
            history.authors.len() - 1
        });
        let mut changes: Vec<Change> = Vec::new();
        let mut moved = Vec::new();
        for (added, deleted, path) in raw.changes {
            let (old, new) = renamed(path);
            let file = *files.entry(new.clone()).or_insert_with(|| {
                history.paths.push(new);
                history.paths.len() - 1
            });
            if let Some(old) = old {
                moved.push((old, file));
            }
            changes.push(Change { file, added, deleted });
        }
        // Older commits speak of the old path, this one does not.
        moved.into_iter().for_each(|(old, file)| {
            files.insert(old, file);
        });
        history.commits.push(Commit { author, day: raw.day, changes });
    }
    history
}

// The first line of a commit.
fn head(line: &str) -> Option<Raw<'_>> {
    if let Some(rest) = line.strip_prefix("commit ") {
        return is_hash(rest.split(' ').next().unwrap_or_default(), 7).then(Raw::default);
    }
    // `--hash--date--author`.
    if let Some(rest) = line.strip_prefix("--") {
        let mut parts = rest.splitn(3, "--");
        let (hash, date, author) = (parts.next()?, parts.next()?, parts.next()?);
        return is_hash(hash, 4).then(|| Raw { author: person(author), day: day(date), changes: Vec::new() });
    }
    // `[hash] author date message`.
    let (hash, rest) = line.strip_prefix('[')?.split_once("] ")?;
    if !is_hash(hash, 4) {
        return None;
    }
    let date = rest.split(' ').find(|word| iso_day(word).is_some())?;
    let author = rest.split_once(date).map_or(rest, |(before, _)| before);
    Some(Raw { author: person(author), day: day(date), changes: Vec::new() })
}

fn is_hash(text: &str, least: usize) -> bool {
    (least..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

// The name, and what tells people apart: the address where there is one.
fn person(text: &str) -> (String, String) {
    let text = text.trim();
    match text.split_once('<') {
        Some((name, address)) => {
            let address = address.trim_end_matches('>').trim().to_lowercase();
            let name = if name.trim().is_empty() { address.clone() } else { name.trim().to_owned() };
            (name, address)
        }
        None => (text.to_owned(), text.to_owned()),
    }
}

fn numstat(line: &str) -> Option<(u64, u64, &str)> {
    let mut parts = line.splitn(3, '\t');
    let number = |text: &str| {
        let lines = if text == "-" { 0 } else { text.parse::<u64>().ok()? };
        Some(lines.min(MAX_CHANGED_LINES))
    };
    let (added, deleted, path) = (number(parts.next()?)?, number(parts.next()?)?, parts.next()?);
    (!path.is_empty()).then_some((added, deleted, path))
}

// The path before a rename, and the path after: `a => b`, `a/{b => c}/d`.
fn renamed(path: &str) -> (Option<String>, String) {
    let path = unquoted(path);
    let Some((before, after)) = path.split_once(" => ") else { return (None, path) };
    let braces = before.rfind('{').zip(after.find('}'));
    let Some((open, close)) = braces else { return (Some(before.to_owned()), after.to_owned()) };
    let (front, old) = (before.get(..open).unwrap_or_default(), before.get(open + 1..).unwrap_or_default());
    let (new, back) = (after.get(..close).unwrap_or_default(), after.get(close + 1..).unwrap_or_default());
    // An empty part leaves two slashes behind.
    let join = |part: &str| {
        let back = if part.is_empty() && (front.is_empty() || front.ends_with('/')) {
            back.trim_start_matches('/')
        } else {
            back
        };
        format!("{front}{part}{back}")
    };
    (Some(join(old)), join(new))
}

fn unquoted(path: &str) -> String {
    if path.starts_with('"') { crate::support::diff::unquoted(path) } else { path.to_owned() }
}

fn iso_day(text: &str) -> Option<Day> {
    let bytes = text.as_bytes();
    let dashes = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let valid = dashes && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| Day {
        year: i32::from(year),
        month: u8::try_from(month).unwrap_or(1),
        of_month: u8::try_from(day).unwrap_or(1),
    })
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// A date as git writes it: iso, its own, RFC 2822, or seconds since 1970.
fn day(text: &str) -> Option<Day> {
    if let Some(day) = iso_day(text) {
        return Some(day);
    }
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    if let Some(month) = words.iter().find_map(|word| MONTHS.iter().position(|month| month == word)) {
        let number = |word: &&str| word.parse::<u16>().ok();
        let day = words.iter().filter(|word| word.len() <= 2).find_map(number).filter(|day| (1..=31).contains(day))?;
        let year = words.iter().filter(|word| word.len() == 4).find_map(number)?;
        return Some(Day {
            year: i32::from(year),
            month: u8::try_from(month + 1).unwrap_or(1),
            of_month: u8::try_from(day).unwrap_or(1),
        });
    }
    let seconds: i64 = words.first().filter(|word| word.len() >= 9)?.parse().ok()?;
    Some(civil(seconds.div_euclid(86_400)))
}

// The calendar day of a number of days since 1970 (H. Hinnant, chrono-compatible low-level date algorithms).
fn civil(days: i64) -> Day {
    let days = days.clamp(-1_000_000, 10_000_000) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Day {
        year: i32::try_from(year).unwrap_or(0),
        month: u8::try_from(month).unwrap_or(1),
        of_month: u8::try_from(day).unwrap_or(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_three_formats_alike() {
        for (at, text) in [
            "commit 1234567890abcdef1234567890abcdef12345678\nAuthor: A B <a@x>\nDate:   Thu Nov 5 20:07:20 2026 +0000\n\n    words\n    3\t4\tno\n\n1\t2\tsrc/a.c\n-\t-\tb.png\n\ncommit 2234567890abcdef1234567890abcdef12345678\nMerge: 1 2\nAuthor: C <C@x>\nDate:   2026-11-04 20:07:20 +0000\n\n5\t0\tsrc/a.c\n",
            "--1234567--2026-11-05--A B\n1\t2\tsrc/a.c\n-\t-\tb.png\n\n--2234567--2026-11-04--C\n5\t0\tsrc/a.c\n",
            "[1234567] A B 2026-11-05 words\n1\t2\tsrc/a.c\n-\t-\tb.png\n\n[2234567] C 2026-11-04 words [x] y\n5\t0\tsrc/a.c\n",
        ]
        .into_iter()
        .enumerate()
        {
            let history = read(text);
            assert_eq!(history.authors, ["A B", "C"], "{at}");
            assert_eq!(history.paths, ["src/a.c", "b.png"], "{at}");
            let days: Vec<_> = history.commits.iter().filter_map(|commit| commit.day).map(Day::text).collect();
            assert_eq!(days, ["2026-11-05", "2026-11-04"], "{at}");
            assert_eq!(history.commits[0].changes.len(), 2, "{at}");
        }
    }

    #[test]
    fn a_renamed_file_keeps_its_history() {
        let log = "--aaaa--2026-03-01--A\n1\t0\tlib/x.c\n--bbbb--2026-02-01--A\n0\t0\t{src => lib}/x.c\n--cccc--2026-01-01--A\n9\t0\tsrc/x.c\n1\t0\told.c => src/{ => y}/n.c\n";
        let history = read(log);
        assert_eq!(history.paths[0], "lib/x.c");
        assert!(history.commits.iter().all(|commit| commit.changes[0].file == 0));
        let lines: Vec<&str> = log.lines().collect();
        let reversed = [lines[4], lines[5], lines[2], lines[3], lines[0], lines[1]].join("\n");
        assert_eq!(read(&reversed).paths, ["lib/x.c"]);
        assert_eq!(renamed("a/{b => c}/d"), (Some("a/b/d".to_owned()), "a/c/d".to_owned()));
        assert_eq!(renamed("a/{ => c}/d"), (Some("a/d".to_owned()), "a/c/d".to_owned()));
        assert_eq!(renamed("{c => }/d"), (Some("c/d".to_owned()), "d".to_owned()));
        assert_eq!(renamed("x y"), (None, "x y".to_owned()));
    }

    #[test]
    fn reads_dates_and_counts_full_months() {
        for text in
            ["2026-11-05T01:02:03Z", "Thu, 5 Nov 2026 20:07:20 +0000", "Thu Nov 5 20:07:20 2026", "1793908800 +0000"]
        {
            assert_eq!(day(text).map(Day::text).as_deref(), Some("2026-11-05"), "{text}");
        }
        assert_eq!(day("2 days ago"), None);
        let at = |text: &str| day(text).expect("a day");
        assert_eq!(at("2026-11-05").months_since(at("2026-09-06")), 1);
        assert_eq!(at("2026-11-05").months_since(at("2025-11-05")), 12);
        assert_eq!(at("2026-11-05").months_since(at("2026-11-30")), 0);
    }
}
