//! Browsers and their versions: `data/browsers/browsers.txt`, which `data/browsers/generate.mjs` writes from the data of
//! caniuse.com (CC BY 4.0), and queries of browserslist over them.
//!
//! Owns the reading of the table. Nothing here knows today's date: [`Browsers::date`] stands for it.

mod clause;
mod resolve;

pub use resolve::{MAX_CLAUSES, resolve};

use std::collections::BTreeMap;

const TABLE: &str = include_str!("../../../data/browsers/browsers.txt");

/// A version of a browser.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Version {
    /// As caniuse.com writes it: `15.2-15.3`, `TP`.
    pub text: &'static str,
    /// The day it was released, from 1970.
    pub day: Option<i64>,
    /// Percent of the world's page views.
    pub usage: f64,
}

/// A browser.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Name as browserslist has it: `ios_saf`.
    pub id: &'static str,
    /// Versions, the oldest first.
    pub versions: Vec<Version>,
    /// How many of them are released.
    pub released: usize,
}

impl Agent {
    /// The versions that are released.
    pub fn released(&self) -> impl DoubleEndedIterator<Item = &'static str> + Clone + '_ {
        self.versions.iter().take(self.released).map(|version| version.text)
    }

    /// Where a version stands.
    pub fn place(&self, version: &str) -> Option<usize> {
        self.versions.iter().position(|one| one.text == version)
    }
}

/// A browser and its version, as browserslist writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The browser.
    pub browser: &'static str,
    /// The version.
    pub version: &'static str,
}

/// What changed with a day: browsers and the versions from which they have all that is Baseline.
type Step = (&'static str, Vec<(&'static str, &'static str)>);

/// The table, read once a call.
#[derive(Debug, Default)]
pub struct Browsers {
    /// The day the table tells of, `2026-11-24`.
    pub date: &'static str,
    /// Browsers.
    pub agents: Vec<Agent>,
    esr: &'static str,
    node: Vec<&'static str>,
    maintained: Vec<[&'static str; 3]>,
    electron: Vec<(&'static str, &'static str)>,
    baseline: Vec<Step>,
    regions: BTreeMap<&'static str, &'static str>,
}

fn pair(text: &'static str) -> (&'static str, &'static str) {
    text.split_once(':').unwrap_or((text, ""))
}

impl Browsers {
    /// Reads the table.
    pub fn read() -> Self {
        let mut table = Self::default();
        for line in TABLE.lines() {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            let mut words = rest.split(' ');
            match kind {
                "date" => table.date = rest,
                "esr" => table.esr = rest,
                "agent" => {
                    let id = words.next().unwrap_or_default();
                    let released = words.next().and_then(|count| count.parse().ok()).unwrap_or(0);
                    let versions = words.skip(1).map(version).collect();
                    table.agents.push(Agent { id, versions, released });
                }
                "node" => table.node = words.collect(),
                "maintained" => {
                    let all: Vec<&str> = words.collect();
                    table.maintained = all.chunks_exact(3).filter_map(|line| line.try_into().ok()).collect();
                }
                "electron" => table.electron = words.map(pair).collect(),
                "baseline" => {
                    if let Some(day) = words.next() {
                        table.baseline.push((day, words.map(pair).collect()));
                    }
                }
                "region" => {
                    if let Some((id, shares)) = rest.split_once(' ') {
                        table.regions.insert(id, shares);
                    }
                }
                _ => {}
            }
        }
        table
    }

    /// A browser by its name.
    pub fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    /// The regions of which there are figures.
    pub fn regions(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.regions.keys().copied()
    }

    /// Percent of the world's page views that these versions have.
    pub fn coverage(&self, targets: &[Target]) -> f64 {
        let usage = |target: &Target| {
            let versions = self.agent(target.browser).map(|agent| agent.versions.as_slice()).unwrap_or_default();
            versions.iter().find(|version| version.text == target.version).map_or(0.0, |version| version.usage)
        };
        targets.iter().map(usage).sum()
    }

    // Shares of a region, or of the world.
    fn usage(&self, region: Option<&str>) -> Option<Vec<(Target, f64)>> {
        let Some(region) = region else {
            let all = self.agents.iter().flat_map(|agent| {
                // In the order JavaScript keeps names that are whole numbers: first, and by their size.
                let mut versions: Vec<&Version> = agent.versions.iter().collect();
                versions.sort_by_key(|version| version.text.parse::<u32>().unwrap_or(u32::MAX));
                let target = |version: &Version| (Target { browser: agent.id, version: version.text }, version.usage);
                versions.into_iter().map(target).collect::<Vec<_>>()
            });
            return Some(all.collect());
        };
        let mut shares = Vec::new();
        let mut browser = "";
        for word in self.regions.get(region)?.split(' ') {
            if word.starts_with(|c: char| c.is_ascii_lowercase()) && self.agent(word).is_some() {
                browser = word;
            } else {
                let (version, share) = pair(word);
                shares.push((Target { browser, version }, share.parse().unwrap_or(0.0)));
            }
        }
        Some(shares)
    }
}

fn version(cell: &'static str) -> Version {
    let mut parts = cell.split(',');
    Version {
        text: parts.next().unwrap_or_default(),
        day: parts.next().and_then(|day| day.parse().ok()),
        usage: parts.next().and_then(|usage| usage.parse().ok()).unwrap_or(0.0),
    }
}

/// The day of a date from 1970-01-01, in the Gregorian calendar; months beyond a year and days beyond a month run on.
pub fn day_of(year: i64, month: i64, day: i64) -> i64 {
    let months = year.saturating_mul(12).saturating_add(month - 1);
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    // Years from March, so that a leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era.saturating_mul(146_097) + of_era * 365 + of_era / 4 - of_era / 100 + of_year + day - 1 - 719_468
}

/// The three numbers of `2026-11-24`.
pub fn parts_of(date: &str) -> Option<[i64; 3]> {
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// The day of `2026-11-24` from 1970-01-01.
pub fn day_of_text(date: &str) -> Option<i64> {
    let [year, month, day] = parts_of(date)?;
    Some(day_of(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_leap_years_and_long_months() {
        assert_eq!(day_of(1970, 1, 1), 0);
        assert_eq!(day_of(2000, 2, 29), 11_016);
        assert_eq!(day_of(2000, 3, 1), 11_017);
        assert_eq!(day_of(2022, 2, 31), day_of(2022, 3, 3));
        assert_eq!(day_of(2021, 13, 1), day_of(2022, 1, 1));
        assert_eq!(day_of_text("2026-11-24"), Some(20_781));
    }

    #[test]
    fn the_table_is_whole() {
        let table = Browsers::read();
        assert_eq!(table.agents.len(), 19);
        assert!(table.agents.iter().all(|agent| agent.released > 0 && agent.released <= agent.versions.len()));
        let world: f64 = table.agents.iter().flat_map(|agent| &agent.versions).map(|version| version.usage).sum();
        assert!((90.0..=100.0).contains(&world), "{world}");
        assert!(table.regions().count() > 20 && table.usage(Some("US")).is_some_and(|all| all.len() > 100));
        assert!(table.node.len() > 300 && table.electron.len() > 100 && table.baseline.len() > 50);
        assert!(table.maintained.iter().all(|[_, from, to]| day_of_text(from) < day_of_text(to)));
    }
}
