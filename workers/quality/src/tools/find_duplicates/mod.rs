//! Finds code that stands in several places: equal, equal but for names, or equal but for a few lines.
//!
//! Owns arguments, tokens, classes of clones and findings. [`matching`] finds equal stretches of numbers.

mod matching;
mod rules;

pub use matching::{MAX_COMPARISONS, MAX_NAMES, MAX_PLACES};

use super::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
use crate::support::events::{Event, Listener, TokenClass};
use crate::support::language::{Engine, Language};
use crate::support::walk::Budget;
use crate::support::{self, Outcome};
use matching::{END, Pair, joined, pairs};
use octavo_toolkit::input::check_files;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Position, Range, Report, SourceFile, Tool, ToolError, declare_tool};
use rules::{EXACT, GAPPED, RENAMED};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

declare_tool! {
    /// Finds duplicated code over all files given, by tokens: layout and comments do not matter.
    ///
    /// **Use it** before refactoring, to see whether a fix is needed elsewhere too, or to hold a limit of duplication.
    ///
    /// **Kinds.** *Exact*: the same tokens. *Renamed*: the same but for names and literals, where each name always stands for
    /// the same other one. *Gapped*: two or more equal stretches of at least half the size, with up to 20 other tokens between
    /// them. A clone has at least 5 lines. Every maximal stretch is found that occurs up to 40 times; one that occurs more often is a table.
    ///
    /// **Extraction.** For each class: how many parameters a shared function would need (names and literals that differ), and
    /// how many lines it would save.
    ///
    /// **Limits.** C, Go, Java, JavaScript, TypeScript, Python and Rust, told by the file's name; only files of one language are
    /// compared. 3 MiB a file, 2 MiB of JavaScript or TypeScript.
    ///
    /// **Output.** Classes of clones with their places, the largest first; the share of duplicated lines of all and of each file.
    pub struct FindDuplicates;
    name: "find_duplicates",
    title: "Find duplicated code",
    summary: "Finds copied code over files: exact, renamed and with small gaps, and what a shared function would save. Reads C, Go, Java, JS, TS, Python, Rust.",
    keywords: "same block renamed variables ranges duplicate code clones copy paste detector cpd jscpd pmd simian dry don't repeat yourself repeated code similar functions clone detection type-1 type-2 type-3 duplication percentage extract function refactor sonar duplications",
    examples: [
        "a copied loop" => r#"{"minTokens":20,"files":[{"path":"a.py","source":"def pay(order):\n    total = 0\n    for item in order.items:\n        total += item.price * item.count\n    return total\n"},{"path":"b.py","source":"def ship(order):\n    total = 0\n    for item in order.items:\n        total += item.price * item.count\n    return total\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "code that does the same in another way",
        "files of other languages, and clones between two languages",
    ],
}

/// Fewest tokens of a clone when the caller names no number: jscpd's default.
pub const DEFAULT_MIN_TOKENS: u32 = 50;
/// Least and most that a caller may ask for.
pub const TOKENS_RANGE: std::ops::RangeInclusive<u32> = 10..=10_000;
/// Fewest lines of a clone: jscpd's default.
pub const MIN_LINES: u32 = 5;
/// Most other tokens between the parts of a gapped clone.
pub const MAX_GAP: usize = 20;
/// Known pairs before a likely clone among which one that covers it is looked for.
const MAX_LOOKS: usize = 2_000;
/// Most classes listed.
pub const MAX_CLASSES: usize = 10_000;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Sources.
    files: Vec<SourceFile>,
    /// Size of a clone; default 50.
    #[serde(default)]
    min_tokens: Option<u32>,
    /// Only exact clones.
    #[serde(default)]
    exact_only: bool,
}

/// The clones.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// Fewest tokens of a clone.
    #[serde(rename = "minTokens")]
    pub min_tokens: u32,
    /// Lines of the files read.
    pub lines: usize,
    /// Of them in a clone.
    pub duplicated: usize,
    /// In percent.
    pub percent: f64,
    /// Files with clones, by path.
    pub files: Vec<FileRow>,
    /// Classes, the largest first.
    pub classes: Vec<ClassRow>,
    /// Classes beyond those listed.
    pub unlisted: usize,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FileRow {
    /// Its path.
    pub path: String,
    /// Its lines.
    pub lines: usize,
    /// Of them in a clone.
    pub duplicated: usize,
}

/// Code that stands in several places.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ClassRow {
    /// `exact`, `renamed` or `gapped`.
    pub kind: &'static str,
    /// Equal tokens.
    pub tokens: usize,
    /// Lines of the first place.
    pub lines: u32,
    /// Where it stands.
    pub places: Vec<Place>,
    /// Names and literals that differ: parameters of a shared function.
    pub parameters: usize,
    /// Lines that a shared function would save.
    pub saves: i64,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Place {
    /// The file.
    pub path: String,
    /// First and last line.
    pub lines: [u32; 2],
}

// A token: where it stands, and which numbers it has by its text and by its kind alone.
#[derive(Debug, Clone, Copy)]
struct Piece {
    file: usize,
    start: usize,
    end: usize,
    named: bool,
}

#[derive(Debug, Default)]
struct Pieces {
    list: Vec<Piece>,
    exact: Vec<u32>,
    blind: Vec<u32>,
}

impl Tool for FindDuplicates {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        let least = input.min_tokens.unwrap_or(DEFAULT_MIN_TOKENS);
        if !TOKENS_RANGE.contains(&least) {
            return Err(ToolError::invalid("/minTokens", "is out of range", "10 to 10000"));
        }
        let mut by_language: BTreeMap<Language, Vec<usize>> = BTreeMap::new();
        let mut skipped = Vec::new();
        for (at, file) in input.files.iter().enumerate() {
            match Language::of_path(&file.path) {
                Some(language) if file.source.len() <= longest(language) => {
                    by_language.entry(family(language)).or_default().push(at);
                }
                _ => skipped.push(file.path.clone()),
            }
        }
        if by_language.is_empty() {
            return Err(ToolError::invalid("/files", "has no file that is read", support::language::ACCEPTED));
        }
        let indices: Vec<LineIndex<'_>> = input.files.iter().map(|file| LineIndex::new(&file.source)).collect();
        let (mut classes, mut whole) = (Vec::new(), true);
        for files in by_language.values() {
            let pieces = pieces(&input.files, files, &mut skipped);
            let context = Context { files: &input.files, indices: &indices, pieces: &pieces };
            let (found, all) = context.classes(least as usize, input.exact_only);
            classes.extend(found);
            whole &= all;
        }
        classes.sort_by(|one, other| {
            (other.tokens * (other.places.len() - 1))
                .cmp(&(one.tokens * (one.places.len() - 1)))
                .then_with(|| one.places.cmp(&other.places))
        });
        let read: Vec<usize> = by_language.into_values().flatten().collect();
        let mut data = shares(&input.files, &read, &classes);
        data.min_tokens = least;
        let findings = classes.iter().map(finding).collect();
        data.unlisted = classes.len().saturating_sub(MAX_CLASSES);
        classes.truncate(MAX_CLASSES);
        let count = classes.len() + data.unlisted;
        data.classes = classes;
        let summary = format!(
            "{} of clones of {least} tokens or more, {}% of {} duplicated",
            if count == 1 { "1 class".to_owned() } else { format!("{count} classes") },
            data.percent,
            plural(data.lines, "line")
        );
        let mut report = Report::checked(findings, data).with_summary(summary).over_files(read.len());
        if !whole {
            report = report.not_checked(format!(
                "stretches beyond {MAX_PLACES} places of one, or beyond the budget of the search"
            ));
        }
        for path in skipped.into_iter().take(20) {
            report = report.not_checked(format!("{path}, which is not read"));
        }
        Ok(report)
    }
}

const fn longest(language: Language) -> usize {
    match language.engine() {
        Engine::Oxc(_) => MAX_SCRIPT_BYTES,
        Engine::TreeSitter(_) => MAX_FILE_BYTES,
    }
}

// Languages whose code is copied to and fro.
const fn family(language: Language) -> Language {
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => Language::TypeScript,
        Language::C | Language::Go | Language::Java | Language::Python | Language::Rust => language,
    }
}

struct Collector<'s> {
    source: &'s str,
    file: usize,
    tokens: Vec<(TokenClass, usize, usize)>,
}

impl<'s> Listener<'s> for Collector<'s> {
    fn on(&mut self, event: Event<'s>) {
        if let Event::Token(token) = event
            && token.class != TokenClass::Documentation
            && token.end <= self.source.len()
        {
            self.tokens.push((token.class, token.start, token.end));
        }
    }
}

fn pieces(files: &[SourceFile], chosen: &[usize], skipped: &mut Vec<String>) -> Pieces {
    let mut made = Pieces::default();
    let budget = Budget::default();
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    for at in chosen {
        let Some(file) = files.get(*at) else { continue };
        let Some(language) = Language::of_path(&file.path) else { continue };
        let mut collector = Collector { source: &file.source, file: *at, tokens: Vec::new() };
        if matches!(
            support::read(language, &file.source, &budget, &mut collector),
            Outcome::TooDeep(_) | Outcome::Unreadable(_)
        ) {
            skipped.push(file.path.clone());
            continue;
        }
        for (class, start, end) in collector.tokens {
            let Some(text) = file.source.get(start..end) else { continue };
            let next = u32::try_from(numbers.len() + 2).unwrap_or(END - 1);
            let number = *numbers.entry(text).or_insert(next);
            let named = class == TokenClass::Operand;
            made.list.push(Piece { file: collector.file, start, end, named });
            made.exact.push(number);
            // All names are one, and all literals another.
            let literal = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '"' | '\'' | '`'));
            made.blind.push(if named { u32::from(literal) } else { number });
        }
        made.list.push(Piece { file: *at, start: file.source.len(), end: file.source.len(), named: false });
        made.exact.push(END);
        made.blind.push(END);
    }
    made
}

struct Context<'c> {
    files: &'c [SourceFile],
    indices: &'c [LineIndex<'c>],
    pieces: &'c Pieces,
}

// Parts of two places that are equal, and what differs between them.
struct Clone {
    kind: &'static str,
    parts: Vec<Pair>,
    parameters: usize,
}

// Clones of the same kind and tokens.
struct Class<'c> {
    head: &'c Clone,
    parameters: usize,
    // By path and lines.
    places: BTreeSet<(&'c str, [u32; 2])>,
}

// Which name stands for which, with how often, in both directions; names are numbers, and most tables are small beside them.
struct Names {
    forth: Vec<(u32, u32)>,
    back: Vec<(u32, u32)>,
    // Names that stand for another.
    differing: usize,
}

impl Names {
    fn new(count: usize) -> Self {
        Self { forth: vec![(0, 0); count], back: vec![(0, 0); count], differing: 0 }
    }

    fn fits(&self, one: u32, other: u32) -> bool {
        let free = |table: &[(u32, u32)], key: u32, partner: u32| {
            table.get(key as usize).is_none_or(|(own, count)| *count == 0 || *own == partner)
        };
        free(&self.forth, one, other) && free(&self.back, other, one)
    }

    // Of a pair that fits.
    fn add(&mut self, one: u32, other: u32) {
        if let Some(own) = self.forth.get_mut(one as usize) {
            self.differing += usize::from(own.1 == 0 && one != other);
            *own = (other, own.1 + 1);
        }
        if let Some(own) = self.back.get_mut(other as usize) {
            *own = (one, own.1 + 1);
        }
    }

    // Of a pair that was added.
    fn drop(&mut self, one: u32, other: u32) {
        if let Some((_, count)) = self.forth.get_mut(one as usize) {
            *count = count.saturating_sub(1);
            self.differing -= usize::from(*count == 0 && one != other);
        }
        if let Some((_, count)) = self.back.get_mut(other as usize) {
            *count = count.saturating_sub(1);
        }
    }
}

impl Context<'_> {
    fn classes(&self, least: usize, exact_only: bool) -> (Vec<ClassRow>, bool) {
        let half = (least / 2).max(1);
        let (seeds, mut whole) = pairs(&self.pieces.exact, if exact_only { least } else { half });
        let mut clones: Vec<Clone> = Vec::new();
        let same_file = |one: usize, other: usize| self.file(one) == self.file(other);
        let chains = if exact_only {
            seeds.into_iter().map(|pair| vec![pair]).collect()
        } else {
            joined(seeds, MAX_GAP, same_file)
        };
        for parts in chains {
            let size: usize = parts.iter().map(|part| part.length).sum();
            // A long part is a clone by itself, whatever stands near it.
            if parts.len() > 1 && size >= least && parts.iter().all(|part| part.length < least) {
                clones.push(Clone { kind: "gapped", parts, parameters: 0 });
            } else {
                let long = parts.into_iter().filter(|part| part.length >= least);
                clones.extend(long.map(|part| Clone { kind: "exact", parts: vec![part], parameters: 0 }));
            }
        }
        if !exact_only {
            let (blind, all) = pairs(&self.pieces.blind, least);
            whole &= all;
            let known = Known::of(clones.iter().flat_map(|clone| clone.parts.iter().copied()).collect());
            let numbers = self.pieces.exact.iter().filter(|number| **number != END).max();
            let mut names = Names::new(numbers.map_or(0, |most| *most as usize + 1));
            let mut compared = 0;
            for pair in blind {
                compared += pair.length;
                if compared > MAX_NAMES {
                    whole = false;
                    break;
                }
                for (part, parameters) in self.consistent(pair, least, &mut names) {
                    if parameters > 0 && !known.covers(part) {
                        clones.push(Clone { kind: "renamed", parts: vec![part], parameters });
                    }
                }
            }
        }
        (self.grouped(&clones), whole)
    }

    fn file(&self, token: usize) -> Option<usize> {
        self.pieces.list.get(token).map(|piece| piece.file)
    }

    // The maximal stretches of a pair in which each name stands for one other throughout, with how many differ.
    fn consistent(&self, pair: Pair, least: usize, names: &mut Names) -> Vec<(Pair, usize)> {
        let mut found = Vec::new();
        let token = |start: usize, at: usize| self.pieces.exact.get(start + at).copied().unwrap_or(END);
        let named = |at: usize| self.pieces.list.get(pair.first + at).is_some_and(|piece| piece.named);
        let mut close = |from: usize, to: usize, differing: usize| {
            // More names than a third of the tokens are no parameters but other code.
            if to - from >= least && differing * 3 <= to - from {
                found.push((
                    Pair { first: pair.first + from, second: pair.second + from, length: to - from },
                    differing,
                ));
            }
        };
        let mut from = 0;
        for at in 0..pair.length {
            if !named(at) {
                continue;
            }
            let (one, other) = (token(pair.first, at), token(pair.second, at));
            if !names.fits(one, other) {
                close(from, at, names.differing);
                while !names.fits(one, other) && from < at {
                    if named(from) {
                        names.drop(token(pair.first, from), token(pair.second, from));
                    }
                    from += 1;
                }
            }
            names.add(one, other);
        }
        close(from, pair.length, names.differing);
        // The next pair finds the tables empty.
        (from..pair.length)
            .filter(|at| named(*at))
            .for_each(|at| names.drop(token(pair.first, at), token(pair.second, at)));
        found
    }

    fn place(&self, first: usize, last: usize) -> Option<(&str, [u32; 2])> {
        let (start, end) = (self.pieces.list.get(first)?, self.pieces.list.get(last)?);
        let index = self.indices.get(start.file)?;
        let lines = [index.position(start.start).line, index.position(end.end.saturating_sub(1)).line];
        Some((self.files.get(start.file)?.path.as_str(), lines))
    }

    // Clones of the same tokens are one class; classes in the order of their kinds and tokens.
    fn grouped<'c>(&'c self, clones: &'c [Clone]) -> Vec<ClassRow> {
        let mut classes: Vec<Class<'c>> = Vec::new();
        let mut by_hash: HashMap<u64, Vec<usize>> = HashMap::new();
        for clone in clones {
            let (Some(head), Some(tail)) = (clone.parts.first(), clone.parts.last()) else { continue };
            let sides = [(head.first, tail.first + tail.length - 1), (head.second, tail.second + tail.length - 1)];
            let places: Vec<(&str, [u32; 2])> = sides.iter().filter_map(|(from, to)| self.place(*from, *to)).collect();
            if places.len() < 2 || places.iter().any(|(_, lines)| lines[1] + 1 - lines[0] < MIN_LINES) {
                continue;
            }
            let alike = by_hash.entry(matching::hash(self.content(clone))).or_default();
            let is_same = |at: &usize| {
                classes.get(*at).is_some_and(|class| {
                    class.head.kind == clone.kind && self.content(class.head).eq(self.content(clone))
                })
            };
            let at = alike.iter().copied().find(is_same).unwrap_or_else(|| {
                alike.push(classes.len());
                classes.push(Class { head: clone, parameters: 0, places: BTreeSet::new() });
                classes.len() - 1
            });
            if let Some(class) = classes.get_mut(at) {
                class.parameters = class.parameters.max(clone.parameters);
                class.places.extend(places);
            }
        }
        classes.sort_by(|one, other| {
            one.head.kind.cmp(other.head.kind).then_with(|| self.content(one.head).cmp(self.content(other.head)))
        });
        classes
            .into_iter()
            .filter(|class| class.places.len() > 1)
            .map(|Class { head, parameters, places }| {
                let lines = places.iter().next().map_or(0, |(_, lines)| lines[1] + 1 - lines[0]);
                let (count, size) = (i64::try_from(places.len()).unwrap_or(0), i64::from(lines));
                ClassRow {
                    kind: head.kind,
                    tokens: head.parts.iter().map(|part| part.length).sum(),
                    lines,
                    // What is left: the function with its head, and a call in each place.
                    saves: count * size - (size + 1 + count),
                    places: places.into_iter().map(|(path, lines)| Place { path: path.to_owned(), lines }).collect(),
                    parameters,
                }
            })
            .collect()
    }

    // The tokens that clones of one class have in common.
    fn content(&self, clone: &Clone) -> impl Iterator<Item = u32> {
        let tokens = if clone.kind == "renamed" { &self.pieces.blind } else { &self.pieces.exact };
        let parts = clone.parts.iter();
        parts.flat_map(|part| tokens.get(part.first..part.first + part.length).unwrap_or_default()).copied()
    }
}

// Pairs in their order, and which of them are on each diagonal.
struct Known {
    pairs: Vec<Pair>,
    on_diagonal: HashMap<usize, Vec<usize>>,
}

impl Known {
    fn of(mut pairs: Vec<Pair>) -> Self {
        pairs.sort_unstable();
        let mut on_diagonal: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, pair) in pairs.iter().enumerate() {
            on_diagonal.entry(pair.second - pair.first).or_default().push(at);
        }
        Self { pairs, on_diagonal }
    }

    // Whether a pair lies within a known one on the same diagonal, or has most of it in common.
    fn covers(&self, pair: Pair) -> bool {
        let Some(near) = self.on_diagonal.get(&(pair.second - pair.first)) else { return false };
        let after = self.pairs.partition_point(|one| one.first < pair.first + pair.length);
        let before = near.partition_point(|at| *at < after);
        let from = near.partition_point(|at| *at + MAX_LOOKS < after);
        near.get(from..before).unwrap_or_default().iter().filter_map(|at| self.pairs.get(*at)).any(|one| {
            let common =
                (one.first + one.length).min(pair.first + pair.length).saturating_sub(one.first.max(pair.first));
            common * 2 >= pair.length
        })
    }
}

fn shares(files: &[SourceFile], read: &[usize], classes: &[ClassRow]) -> Data {
    let mut covered: BTreeMap<&str, Vec<[u32; 2]>> = BTreeMap::new();
    for place in classes.iter().flat_map(|class| &class.places) {
        covered.entry(place.path.as_str()).or_default().push(place.lines);
    }
    let mut data = Data::default();
    for file in read.iter().filter_map(|at| files.get(*at)) {
        let lines = file.source.lines().count();
        let duplicated = covered.get_mut(file.path.as_str()).map_or(0, |stretches| lines_in(stretches));
        data.lines += lines;
        data.duplicated += duplicated;
        if duplicated > 0 {
            data.files.push(FileRow { path: file.path.clone(), lines, duplicated });
        }
    }
    data.files.sort_by(|one, other| one.path.cmp(&other.path));
    #[expect(clippy::cast_precision_loss, reason = "counts of lines are far below 2^52")]
    let share = if data.lines == 0 { 0.0 } else { data.duplicated as f64 * 10_000.0 / data.lines as f64 };
    data.percent = share.round() / 100.0;
    data
}

// How many lines there are in stretches that may overlap, each from its first line to its last. The work grows with the
// stretches, not with their lines: thousands of clones may lie over one another.
fn lines_in(stretches: &mut [[u32; 2]]) -> usize {
    stretches.sort_unstable();
    let (mut lines, mut after) = (0, 0);
    for [first, last] in stretches {
        let (from, to) = ((*first).max(after), last.saturating_add(1));
        lines += to.saturating_sub(from) as usize;
        after = after.max(to);
    }
    lines
}

fn finding(class: &ClassRow) -> Finding {
    let (rule, how) = match class.kind {
        "exact" => (&EXACT, ""),
        "renamed" => (&RENAMED, " with other names"),
        _ => (&GAPPED, " with changes"),
    };
    let mut others: Vec<String> = class
        .places
        .iter()
        .skip(1)
        .take(3)
        .map(|place| format!("{}:{}-{}", place.path, place.lines[0], place.lines[1]))
        .collect();
    if class.places.len() > 4 {
        others.push(format!("{} more", plural(class.places.len() - 4, "place")));
    }
    let message = format!("these {} stand{how} also in {}", plural(class.lines as usize, "line"), others.join(", "));
    let found = Finding::new(rule, message);
    match class.places.first() {
        Some(place) => {
            let start = Position { line: place.lines[0], column: 1 };
            let end = Position { line: place.lines[1] + 1, column: 1 };
            found.in_file(&place.path).at(Range { start, end })
        }
        None => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(least: u32, source: &str) -> Result<usize, ToolError> {
        let file = |path: &str| SourceFile { path: path.to_owned(), source: source.to_owned() };
        let input = Input { files: vec![file("a.py"), file("b.py")], min_tokens: Some(least), exact_only: true };
        let report = FindDuplicates.run(input, &Ctx::silent())?;
        Ok(report.data().map_or(0, |data| data.classes.len()))
    }

    #[test]
    fn lines_under_several_stretches_count_once() {
        assert_eq!(lines_in(&mut []), 0);
        assert_eq!(lines_in(&mut [[5, 9], [1, 3], [2, 6], [2, 2]]), 9);
        assert_eq!(lines_in(&mut [[7, 7], [1, 3], [7, 7]]), 4);
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let (least, most) = (*TOKENS_RANGE.start(), *TOKENS_RANGE.end());
        assert!(
            run(least, "").is_ok()
                && run(most, "").is_ok()
                && run(least - 1, "").is_err()
                && run(most + 1, "").is_err()
        );
        let lines = |count: u32| (0..count).map(|at| format!("a{at} = b({at}, {at})")).collect::<Vec<_>>().join("\n");
        assert_eq!(run(30, &lines(MIN_LINES)).ok(), Some(1));
        assert_eq!(run(30, &lines(MIN_LINES - 1)).ok(), Some(0));
        // Eight tokens a line.
        assert_eq!((run(40, &lines(MIN_LINES)).ok(), run(41, &lines(MIN_LINES)).ok()), (Some(1), Some(0)));
    }
}
