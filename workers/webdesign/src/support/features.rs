//! What browsers have of the web platform: `data/browsers/caniuse.txt` and `compat.txt`, which `data/browsers/generate.mjs`
//! writes from caniuse.com (CC BY 4.0), MDN's browser-compat-data (CC0 1.0) and web-features (Apache-2.0).
//!
//! Owns the reading of the tables and the judging of a feature against a list of browsers. What a table does not know is
//! never taken for missing.

use super::browsers::{Browsers, Target, parts_of};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CANIUSE: &str = include_str!("../../data/browsers/caniuse.txt");
const COMPAT: &str = include_str!("../../data/browsers/compat.txt");

/// A feature of caniuse.com.
#[derive(Debug, Clone)]
pub struct Caniuse {
    /// What it is, for people.
    pub title: &'static str,
    baseline: &'static str,
    runs: Vec<&'static str>,
}

impl Caniuse {
    /// For each version of the agent at a place `Y`, `A` (partly) or `N`; nothing where caniuse.com does not tell.
    pub fn states(&self, agent: usize, versions: usize) -> Vec<u8> {
        let runs = self.runs.get(agent).copied().unwrap_or("-");
        let mut states = Vec::new();
        let mut state = None;
        let mut length = 0_usize;
        for byte in runs.bytes() {
            match (byte, char::from(byte).to_digit(36)) {
                (b'Y' | b'A' | b'N', _) => {
                    if let Some(state) = state.replace(byte) {
                        states.resize((states.len() + length).min(versions), state);
                    }
                    length = 0;
                }
                (_, Some(digit)) => length = length.saturating_mul(36).saturating_add(digit as usize),
                _ => {}
            }
        }
        if let Some(state) = state {
            states.resize(versions, state);
        }
        states
    }
}

/// Which features there are of MDN's, by what sources show of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A property of CSS.
    Property,
    /// A property and a word of its value.
    Value,
    /// An at-rule.
    AtRule,
    /// A media feature.
    Media,
    /// A pseudo-class or pseudo-element.
    Selector,
    /// A function of CSS.
    Function,
    /// A unit of CSS.
    Unit,
    /// An element of HTML.
    Element,
    /// An element, or `*`, and an attribute.
    Attribute,
    /// An element, an attribute and its value.
    AttributeValue,
    /// A global of scripts.
    Global,
    /// A member of a global object.
    Member,
    /// Syntax of JavaScript.
    Syntax,
}

impl Kind {
    fn of(letter: &str) -> Option<Self> {
        Some(match letter {
            "p" => Self::Property,
            "v" => Self::Value,
            "@" => Self::AtRule,
            "m" => Self::Media,
            "s" => Self::Selector,
            "f" => Self::Function,
            "u" => Self::Unit,
            "e" => Self::Element,
            "a" => Self::Attribute,
            "t" => Self::AttributeValue,
            "g" => Self::Global,
            "i" => Self::Member,
            "x" => Self::Syntax,
            _ => return None,
        })
    }

    // The feature as MDN's data and web-features name it, where that is one path; the written name otherwise.
    fn show(self, name: &str) -> String {
        match self {
            Self::Property | Self::Value => format!("css.properties.{}", name.replace(' ', ".")),
            Self::AtRule => format!("css.at-rules.{name}"),
            Self::Media => format!("css.at-rules.media.{name}"),
            Self::Selector => format!("css.selectors.{name}"),
            Self::Function => format!("{name}()"),
            Self::Unit => format!("unit {name}"),
            Self::Element => format!("html.elements.{name}"),
            Self::Attribute => match name.strip_prefix("* ") {
                Some(name) => format!("html.global_attributes.{name}"),
                None => format!("html.elements.{}", name.replace(' ', ".")),
            },
            Self::AttributeValue => format!("html.elements.{}", name.replace(' ', ".")),
            Self::Global => name.to_owned(),
            // `A.A` is the constructor.
            Self::Member => match name.split_once('.') {
                Some((owner, member)) if owner == member => owner.to_owned(),
                _ => name.to_owned(),
            },
            Self::Syntax => format!("javascript.{name}"),
        }
    }
}

/// A feature.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Of caniuse.com, by its id.
    Caniuse(&'static str),
    /// Of MDN's data.
    Compat(Kind, String),
}

impl Key {
    /// How a report names it.
    pub fn id(&self) -> String {
        match self {
            Self::Caniuse(id) => (*id).to_owned(),
            Self::Compat(kind, name) => kind.show(name),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Compat {
    row: usize,
    baseline: &'static str,
}

/// The tables, read once a call.
#[derive(Debug, Default)]
pub struct Features {
    caniuse: BTreeMap<&'static str, Caniuse>,
    columns: Vec<&'static str>,
    rows: Vec<&'static str>,
    compat: BTreeMap<(Kind, &'static str), Compat>,
}

/// How a feature stands with the browsers asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Browsers without it, with their versions.
    pub missing: Vec<String>,
    /// Browsers that have a part of it.
    pub partial: Vec<String>,
}

impl Features {
    /// Reads both tables.
    pub fn read() -> Self {
        let mut features = Self::of_caniuse();
        features.read_compat();
        features
    }

    /// Reads what queries ask for: caniuse.com alone.
    pub fn of_caniuse() -> Self {
        let mut features = Self::default();
        for line in CANIUSE.lines().filter(|line| !line.starts_with('#')) {
            let Some((cells, title)) = line.split_once(" | ") else { continue };
            let mut words = cells.split(' ');
            if let (Some(id), Some(baseline)) = (words.next(), words.next()) {
                features.caniuse.insert(id, Caniuse { title, baseline, runs: words.collect() });
            }
        }
        features
    }

    fn read_compat(&mut self) {
        for line in COMPAT.lines().filter(|line| !line.starts_with('#')) {
            if let Some(row) = line.strip_prefix('=') {
                self.rows.push(row);
            } else if self.columns.is_empty() {
                self.columns = line.split(' ').collect();
            } else if let Some((kind, rest)) = line.split_once(' ')
                && let Some((rest, baseline)) = rest.rsplit_once(' ')
                && let Some((name, row)) = rest.rsplit_once(' ')
                && let (Some(kind), Ok(row)) = (Kind::of(kind), usize::from_str_radix(row, 36))
            {
                self.compat.entry((kind, name)).or_insert(Compat { row, baseline });
            }
        }
    }

    /// A feature of caniuse.com by its id.
    pub fn caniuse(&self, id: &str) -> Option<&Caniuse> {
        self.caniuse.get(id)
    }

    /// The feature of MDN's data, where it is known.
    pub fn find(&self, kind: Kind, name: &str) -> Option<Key> {
        self.compat.contains_key(&(kind, name)).then(|| Key::Compat(kind, name.to_owned()))
    }

    /// What a feature is, for people; nothing where its id says it.
    pub fn title(&self, key: &Key) -> Option<&'static str> {
        match key {
            Key::Caniuse(id) => self.caniuse.get(id).map(|feature| feature.title),
            Key::Compat(..) => None,
        }
    }

    /// Its Baseline status: `widely 2026-06-19`, `newly 2025-05-01`, `limited`.
    pub fn baseline(&self, key: &Key) -> Option<String> {
        let code = match key {
            Key::Caniuse(id) => self.caniuse.get(id)?.baseline,
            Key::Compat(kind, name) => self.compat.get(&(*kind, name.as_str()))?.baseline,
        };
        match code.split_at_checked(1)? {
            ("h", since) => Some(widely(since).map_or_else(|| "widely".to_owned(), |day| format!("widely {day}"))),
            ("l", since) => Some(format!("newly {since}")),
            ("n", _) => Some("limited".to_owned()),
            _ => None,
        }
    }

    /// How a feature stands with some browsers, which are sorted by name, the newest version first.
    pub fn judge(&self, key: &Key, browsers: &Browsers, targets: &[Target]) -> Standing {
        let mut standing = Standing::default();
        for group in targets.chunk_by(|a, b| a.browser == b.browser) {
            let Some(browser) = group.first().map(|target| target.browser) else { continue };
            match key {
                Key::Caniuse(id) => self.judge_caniuse(id, browsers, browser, group, &mut standing),
                Key::Compat(kind, name) => {
                    let row = self.compat.get(&(*kind, name.as_str())).and_then(|compat| self.rows.get(compat.row));
                    let column = self.columns.iter().position(|column| *column == browser);
                    let cell = row.zip(column).and_then(|(row, column)| row.split(' ').nth(column)).unwrap_or("?");
                    let lacking: Vec<&str> =
                        group.iter().rev().map(|target| target.version).filter(|it| lacks(cell, it)).collect();
                    let order = |version: &str| browsers.agent(browser).and_then(|agent| agent.place(version));
                    let since = cell.split('!').next().filter(|it| it.starts_with(|c: char| c.is_ascii_digit()));
                    standing.missing.extend(show(browser, &lacking, order, since.filter(|_| !cell.contains('!'))));
                }
            }
        }
        standing
    }

    fn judge_caniuse(&self, id: &str, browsers: &Browsers, browser: &str, group: &[Target], standing: &mut Standing) {
        let place = browsers.agents.iter().position(|agent| agent.id == browser);
        let Some((feature, (at, agent))) =
            self.caniuse.get(id).zip(place.and_then(|at| Some((at, browsers.agents.get(at)?))))
        else {
            return;
        };
        let states = feature.states(at, agent.versions.len());
        let order = |version: &str| agent.place(version);
        let state = |version: &str| order(version).and_then(|at| states.get(at)).copied();
        let of = |wanted: u8| -> Vec<&str> {
            group.iter().rev().map(|target| target.version).filter(|it| state(it) == Some(wanted)).collect()
        };
        let full = states.iter().rposition(|state| *state != b'Y').map_or(0, |at| at + 1);
        let since = agent.versions.get(full).map(|version| version.text);
        standing.missing.extend(show(browser, &of(b'N'), order, since));
        standing.partial.extend(show(browser, &of(b'A'), order, since));
    }
}

// `ie 9-11`, `safari 12.1-15.3 (has it since 15.4)`.
fn show(
    browser: &str,
    versions: &[&str],
    order: impl Fn(&str) -> Option<usize>,
    since: Option<&str>,
) -> Option<String> {
    let mut text = String::new();
    let mut runs: Vec<(&str, &str, Option<usize>)> = Vec::new();
    for version in versions {
        let at = order(version);
        match runs.last_mut() {
            Some((_, last, before)) if at.is_some() && before.map(|it| it + 1) == at => {
                (*last, *before) = (version, at);
            }
            _ => runs.push((version, version, at)),
        }
    }
    if runs.is_empty() {
        return None;
    }
    text.push_str(browser);
    for (at, (first, last, _)) in runs.iter().enumerate() {
        text.push_str(if at == 0 { " " } else { ", " });
        let from = first.split('-').next().unwrap_or(first);
        let to = last.rsplit('-').next().unwrap_or(last);
        let _ = if from == to { write!(text, "{from}") } else { write!(text, "{from}-{to}") };
    }
    if let Some(since) = since {
        let _ = write!(text, " (since {})", since.split('-').next().unwrap_or(since));
    }
    Some(text)
}

// Whether a version is without what a cell of MDN's tells of.
fn lacks(cell: &str, version: &str) -> bool {
    let (added, removed) = cell.split_once('!').map_or((cell, None), |(added, removed)| (added, Some(removed)));
    if version == "TP" {
        return added == "-" || removed.is_some();
    }
    // Of a joined version the older end.
    let version = version.split('-').next().unwrap_or(version);
    if !version.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let before = |bound: &str| by_number(version, bound) == Ordering::Less;
    let gone = removed.is_some_and(|removed| removed.starts_with(|c: char| c.is_ascii_digit()) && !before(removed));
    gone || match added.as_bytes() {
        [b'-', ..] => true,
        [b'0'..=b'9', ..] => before(added),
        // Not known, or there at the latest since that version.
        _ => false,
    }
}

fn by_number(a: &str, b: &str) -> Ordering {
    let numbers = |version: &str| -> Vec<u32> {
        version.split('.').map(|part| part.parse().unwrap_or(0)).chain([0; 3]).take(3).collect()
    };
    numbers(a).cmp(&numbers(b))
}

// The day thirty months on, as Baseline counts.
fn widely(newly: &str) -> Option<String> {
    let [year, month, day] = parts_of(newly)?;
    let months = year * 12 + month - 1 + 30;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    Some(format!("{year}-{month:02}-{:02}", day.min(longest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_stand_for_every_version() {
        let feature = Caniuse { title: "", baseline: "-", runs: vec!["N2A1Y", "-", "N10Y"] };
        assert_eq!(feature.states(0, 5), b"NNAYY");
        assert_eq!(feature.states(1, 5), b"");
        assert_eq!(feature.states(2, 38), [b"N".repeat(36), b"YY".to_vec()].concat());
        assert_eq!(feature.states(2, 3), b"NNN");
    }

    #[test]
    fn cells_tell_when_a_feature_came_and_went() {
        for (cell, version, without) in [
            ("-", "9", true),
            ("?", "9", false),
            ("15.4", "15.2-15.3", true),
            ("15.4", "15.4", false),
            ("15.4", "TP", false),
            ("~37", "4.4", false),
            ("9!12", "10", false),
            ("9!12", "12.1", true),
            ("100", "99", true),
            ("4", "all", false),
        ] {
            assert_eq!(lacks(cell, version), without, "{cell} {version}");
        }
    }

    #[test]
    fn features_are_judged_by_both_tables() {
        let (browsers, features) = (Browsers::read(), Features::read());
        let targets = [
            Target { browser: "firefox", version: "121" },
            Target { browser: "firefox", version: "120" },
            Target { browser: "firefox", version: "119" },
            Target { browser: "ie", version: "11" },
        ];
        let expected = ["firefox 119-120 (since 121)", "ie 11"];
        let has = features.find(Kind::Selector, "has").expect("known");
        assert_eq!(features.judge(&has, &browsers, &targets).missing, expected);
        assert_eq!(features.judge(&Key::Caniuse("css-has"), &browsers, &targets).missing, expected);
        assert_eq!(features.baseline(&has).as_deref(), Some("widely 2026-06-19"));
        assert_eq!(widely("2023-08-31").as_deref(), Some("2026-02-28"));
    }

    #[test]
    fn the_tables_are_whole() {
        let features = Features::read();
        assert!(features.caniuse.len() > 500 && features.columns.len() == 13);
        assert!(features.caniuse.values().all(|feature| feature.runs.len() == 19));
        assert!(features.rows.iter().all(|row| row.split(' ').count() == 13));
        assert!(features.compat.values().all(|compat| compat.row < features.rows.len()));
    }
}
