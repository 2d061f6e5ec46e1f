//! Which browsers a query of browserslist selects.
//!
//! Owns the meaning of each query as browserslist 4.29 has it, its treatment of joined versions (`15.2-15.3`), of browsers with
//! gaps in their versions and of Node.js and Electron included. The day is the table's ([`Browsers::date`]).

use super::clause::{Ask, Baseline, Clause, Joined, Of, Sign, When, parse};
use super::{Agent, Browsers, Target, day_of, day_of_text, parts_of};
use crate::support::features::Features;
use octavo_toolkit::ToolError;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Most clauses of a query; configurations have a handful.
pub const MAX_CLAUSES: usize = 500;
/// Days of a year, as browserslist counts `last n years`.
const YEAR_DAYS: f64 = 365.259_641;
/// Months from newly to widely available.
const WIDELY_MONTHS: i64 = 30;
/// The first version of Android's browser that has Chrome's numbers.
const ANDROID_EVERGREEN: &str = "37";
/// The first version of Opera Mobile with Chrome's engine.
const OPERA_MOBILE_BLINK: f64 = 14.0;
/// `baseline` without downstream asks for these alone.
const CORE: [&str; 7] = ["chrome", "and_chr", "edge", "firefox", "and_ff", "safari", "ios_saf"];
const DEFAULTS: &str = "> 0.5%, last 2 versions, firefox esr, not dead";
const DEAD: &str = "baidu >= 0, ie <= 11, ie_mob <= 11, bb <= 10, op_mob <= 12.1, samsung 4";

/// What is wrong with a clause, as an error says it.
struct Wrong {
    problem: &'static str,
    accepted: String,
}

fn wrong(problem: &'static str, accepted: impl Into<String>) -> Wrong {
    Wrong { problem, accepted: accepted.into() }
}

/// The browsers of a query, in browserslist's order: by name, the newest version first.
pub fn resolve(table: &Browsers, features: &Features, query: &str, pointer: &str) -> Result<Vec<Target>, ToolError> {
    if query.trim().is_empty() {
        return Err(ToolError::invalid(pointer, "is empty", "a query such as \"defaults\" or \"> 0.5%, not dead\""));
    }
    let resolver = Resolver { table, features };
    let mut chosen = resolver.run(query).map_err(|(at, wrong)| {
        let problem = format!("has as clause {} {}", at + 1, wrong.problem);
        ToolError::invalid(pointer, problem, wrong.accepted)
    })?;
    chosen.sort_by(|a, b| a.browser.cmp(b.browser).then_with(|| newest_first(a.version, b.version)));
    Ok(chosen)
}

// `TP` is ahead of every number.
fn newest_first(a: &str, b: &str) -> Ordering {
    let numbers = |version: &str| -> Vec<f64> {
        let first = version.split('-').next().unwrap_or_default();
        first.split('.').map(|part| part.parse().unwrap_or(f64::MAX)).chain([0.0; 3]).take(3).collect()
    };
    numbers(b).partial_cmp(&numbers(a)).unwrap_or(Ordering::Equal).then_with(|| b.cmp(a))
}

// The number a text begins with, as JavaScript's parseFloat reads it; not a number where there is none.
fn float(text: &str) -> f64 {
    let end = text
        .bytes()
        .scan(false, |dotted, byte| {
            (byte.is_ascii_digit() || (byte == b'.' && !std::mem::replace(dotted, true))).then_some(())
        })
        .count();
    text.get(..end).and_then(|number| number.parse().ok()).unwrap_or(f64::NAN)
}

// Of a joined version the newer end.
fn latest_float(version: &str) -> f64 {
    float(version.split_once('-').map_or(version, |(_, to)| to))
}

fn major(version: &str) -> f64 {
    float(version.split(['.', '-']).next().unwrap_or_default())
}

fn fits(sign: Sign, value: f64, bound: f64) -> bool {
    match sign {
        Sign::More => value > bound,
        Sign::Least => value >= bound,
        Sign::Less => value < bound,
        Sign::Most => value <= bound,
    }
}

fn in_ray(version: &str, sign: Sign, bound: &str) -> bool {
    match sign {
        Sign::More | Sign::Least => fits(sign, latest_float(version), latest_float(bound)),
        Sign::Less | Sign::Most => fits(sign, float(version), float(bound)),
    }
}

fn semver(version: &str) -> [f64; 3] {
    let mut parts = version.split('.').map(float);
    [(); 3].map(|()| parts.next().filter(|part| !part.is_nan()).unwrap_or(0.0))
}

// Compares with a bound that may leave out the minor version.
fn loose(version: &str, bound: &str) -> Ordering {
    let (parts, minor) = (semver(version), bound.split('.').nth(1).map(float));
    // What is no number is above every number.
    let by = |a: f64, b: f64| a.partial_cmp(&b).unwrap_or(Ordering::Greater);
    by(parts[0], major(bound)).then_with(|| minor.map_or(Ordering::Equal, |minor| by(parts[1], minor)))
}

fn last<T: Copy>(list: &[T], count: f64) -> &[T] {
    // `slice(-0)` is everything.
    let count = if count < 1.0 { list.len() } else { whole(count).min(list.len()) };
    list.get(list.len() - count..).unwrap_or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and counts beyond any list mean all of it"
)]
const fn whole(count: f64) -> usize {
    count as usize
}

fn last_majors<'v>(released: &[&'v str], count: f64) -> Vec<&'v str> {
    let mut majors: Vec<f64> = Vec::new();
    for number in released.iter().map(|version| major(version)) {
        if !majors.contains(&number) {
            majors.push(number);
        }
    }
    let place = majors.len().checked_sub(whole(count)).filter(|_| count >= 1.0);
    // A first major version of 0 counts as none.
    let Some(least) = place.and_then(|at| majors.get(at)).copied().filter(|it| *it > 0.0) else {
        return released.to_vec();
    };
    let start = released.iter().rposition(|version| least > major(version)).map_or(0, |at| at + 1);
    released.get(start..).unwrap_or_default().to_vec()
}

struct Resolver<'t> {
    table: &'t Browsers,
    features: &'t Features,
}

type Selected = Result<Vec<Target>, Wrong>;

fn targets<'v>(browser: &'static str, versions: impl IntoIterator<Item = &'v &'static str>) -> Vec<Target> {
    versions.into_iter().map(|version| Target { browser, version }).collect()
}

impl Resolver<'_> {
    fn run(&self, query: &str) -> Result<Vec<Target>, (usize, Wrong)> {
        let clauses = parse(query);
        if clauses.len() > MAX_CLAUSES {
            return Err((MAX_CLAUSES, wrong("more than the limit of 500", "fewer clauses")));
        }
        let mut chosen: Vec<Target> = Vec::new();
        for (at, Clause { joined, not, ask }) in clauses.into_iter().enumerate() {
            if not && at == 0 {
                return Err((at, wrong("nothing to take from", "a query before it, such as \"defaults, not ie 11\"")));
            }
            let selected = self.select(&ask).map_err(|wrong| (at, wrong))?;
            let set: BTreeSet<Target> = selected.iter().copied().collect();
            match (not, joined) {
                (true, _) => chosen.retain(|one| !set.contains(one)),
                (false, Joined::And) => chosen.retain(|one| set.contains(one)),
                (false, Joined::Or) => {
                    let known: BTreeSet<Target> = chosen.iter().copied().collect();
                    chosen.extend(set.difference(&known));
                }
            }
        }
        Ok(chosen)
    }

    fn inner(&self, query: &str) -> Selected {
        self.run(query).map_err(|(_, wrong)| wrong)
    }

    fn agent(&self, name: &str) -> Result<&Agent, Wrong> {
        let lower = name.to_ascii_lowercase();
        let id = match lower.as_str() {
            "fx" | "ff" => "firefox",
            "ios" => "ios_saf",
            "explorer" => "ie",
            "blackberry" => "bb",
            "explorermobile" => "ie_mob",
            "operamini" => "op_mini",
            "operamobile" => "op_mob",
            "chromeandroid" => "and_chr",
            "firefoxandroid" => "and_ff",
            "ucandroid" => "and_uc",
            "qqandroid" => "and_qq",
            other => other,
        };
        self.table.agent(id).ok_or_else(|| {
            let names: Vec<&str> = self.table.agents.iter().map(|agent| agent.id).collect();
            wrong("a browser that is not known", names.join(", "))
        })
    }

    fn select(&self, ask: &Ask<'_>) -> Selected {
        match ask {
            Ask::Last { of, count, major } => self.last(*of, *count, *major),
            Ask::Unreleased(of) => self.unreleased(*of),
            Ask::Years(years) => Ok(self.released_since(self.today_days() - YEAR_DAYS * years)),
            Ask::Since([year, month, day]) => Ok(self.released_since(days(day_of(full_year(*year), *month, *day)))),
            Ask::Baseline(baseline) => self.baseline(baseline),
            Ask::Popularity { sign, percent, place } => {
                let shares = self.usage(*place)?;
                Ok(shares.into_iter().filter(|(_, share)| fits(*sign, *share, *percent)).map(|(it, _)| it).collect())
            }
            Ask::Cover { percent, place } => self.cover(*percent, *place),
            Ask::Supports { feature, fully } => self.supports(feature, *fully),
            Ask::Range { of, from, to } => self.range(*of, from, to),
            Ask::Ray { of, sign, version } => self.ray(*of, *sign, version),
            Ask::Version { of, version } => self.version(*of, version),
            Ask::FirefoxEsr => Ok(vec![Target { browser: "firefox", version: self.table.esr }]),
            Ask::OperaMini => Ok(vec![Target { browser: "op_mini", version: "all" }]),
            Ask::MaintainedNode => Ok(self.maintained()),
            Ask::Defaults => self.inner(DEFAULTS),
            Ask::Dead => self.inner(DEAD),
            Ask::Foreign(what) => Err(wrong(
                "something that is not in the call",
                format!("queries without {what}: write out what it stands for"),
            )),
            Ask::Unknown => Err(wrong(
                "no query that browserslist knows, or a browser without versions",
                "> 1%, > 1% in US, cover 90%, last 2 versions, last 2 chrome major versions, last 1 year, since 2020, ie 9-11, safari >= 15, firefox esr, baseline widely available, supports css-grid, maintained node versions, defaults, dead, unreleased versions; joined by commas, or, and, not",
            )),
        }
    }

    fn today_days(&self) -> f64 {
        days(day_of_text(self.table.date).unwrap_or(0))
    }

    fn last(&self, of: Of<'_>, count: f64, by_major: bool) -> Selected {
        let of_agent = |agent: &Agent| {
            let released: Vec<&'static str> = agent.released().collect();
            let list = if by_major { last_majors(&released, count) } else { last(&released, count).to_vec() };
            targets(agent.id, &self.without_jump(agent.id, list, count))
        };
        Ok(match of {
            Of::Every => self.table.agents.iter().flat_map(of_agent).collect(),
            Of::Browser(name) => of_agent(self.agent(name)?),
            Of::Node if by_major => targets("node", &last_majors(&self.table.node, count)),
            Of::Node => targets("node", last(&self.table.node, count)),
            Of::Electron => {
                let names: Vec<&'static str> = self.table.electron.iter().map(|(name, _)| *name).collect();
                let chosen = if by_major { last_majors(&names, count) } else { last(&names, count).to_vec() };
                self.electrons(|name| chosen.contains(&name))
            }
        })
    }

    // Of Android's browser and Opera Mobile there are old versions and the newest one: what is between counts too.
    fn without_jump(&self, browser: &str, list: Vec<&'static str>, count: f64) -> Vec<&'static str> {
        let released = |id| self.table.agent(id).map(|agent| agent.released().collect::<Vec<_>>()).unwrap_or_default();
        let jump = match browser {
            "android" => {
                let chrome = released("chrome");
                days_of(chrome.len() - chrome.iter().position(|it| *it == ANDROID_EVERGREEN).unwrap_or(0))
            }
            "op_mob" => released("op_mob").last().map_or(0.0, |latest| major(latest)) - OPERA_MOBILE_BLINK + 1.0,
            _ => return list,
        };
        if count <= jump { last(&list, 1.0).to_vec() } else { last(&list, count + 1.0 - jump).to_vec() }
    }

    fn unreleased(&self, of: Of<'_>) -> Selected {
        let of_agent = |agent: &Agent| -> Vec<Target> {
            let rest = agent.versions.iter().skip(agent.released);
            rest.map(|version| Target { browser: agent.id, version: version.text }).collect()
        };
        Ok(match of {
            Of::Every => self.table.agents.iter().flat_map(of_agent).collect(),
            Of::Browser(name) => of_agent(self.agent(name)?),
            Of::Electron => Vec::new(),
            Of::Node => return Err(wrong("a browser that is not known", "a browser with unreleased versions")),
        })
    }

    fn released_since(&self, since: f64) -> Vec<Target> {
        let all = self.table.agents.iter().flat_map(|agent| agent.versions.iter().map(move |version| (agent, version)));
        let late = all.filter(|(_, version)| version.day.is_some_and(|day| days(day) >= since));
        late.map(|(agent, version)| Target { browser: agent.id, version: version.text }).collect()
    }

    fn baseline(&self, Baseline { when, downstream, kaios }: &Baseline<'_>) -> Selected {
        let accepted = "a year of four digits, or a day such as 2026-01-31";
        let today = parts_of(self.table.date).unwrap_or([1970, 1, 1]);
        let before = |[year, month, day]: [i64; 3]| day_of(year, month - WIDELY_MONTHS, day);
        let cutoff = match when {
            When::Newly => day_of(today[0], today[1], today[2]),
            When::Widely => before(today),
            When::Year(year) => match year.parse::<i64>() {
                Ok(number) if year.len() == 4 => day_of(number, 12, 31),
                _ => return Err(wrong("a year that is none", accepted)),
            },
            When::WidelyOn(date) => match parts_of(date) {
                Some(date @ [0..=9_999, 1..=12, 1..=31]) => before(date),
                _ => return Err(wrong("a day that is none", accepted)),
            },
        };
        let mut needed = std::collections::BTreeMap::new();
        for (at, (day, changes)) in self.table.baseline.iter().enumerate() {
            let begun = day_of_text(day).is_some_and(|day| day <= cutoff);
            for (browser, version) in changes.iter().filter(|_| begun || at == 0) {
                // Before Baseline began everything is of it.
                needed.insert(*browser, if begun { *version } else { "0" });
            }
        }
        let wanted = |browser: &str| match browser {
            "kaios" => *kaios,
            _ => *downstream || CORE.contains(&browser),
        };
        let mut all = Vec::new();
        for (browser, version) in needed.into_iter().filter(|(browser, _)| wanted(browser)) {
            all.extend(self.ray(Of::Browser(browser), Sign::Least, version)?);
        }
        Ok(all)
    }

    fn usage(&self, place: Option<&str>) -> Result<Vec<(Target, f64)>, Wrong> {
        let place = place.map(|it| if it.len() == 2 { it.to_ascii_uppercase() } else { it.to_ascii_lowercase() });
        self.table.usage(place.as_deref()).ok_or_else(|| {
            let regions: Vec<&str> = self.table.regions().collect();
            wrong("a region that is not in the table", format!("the world, or {}", regions.join(", ")))
        })
    }

    fn cover(&self, percent: f64, place: Option<&str>) -> Selected {
        let mut shares = self.usage(place)?;
        shares.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let (mut covered, mut chosen) = (0.0, Vec::new());
        for (target, share) in shares {
            if share <= 0.0 {
                break;
            }
            covered += share;
            chosen.push(target);
            if covered >= percent {
                break;
            }
        }
        Ok(chosen)
    }

    fn supports(&self, feature: &str, fully: bool) -> Selected {
        let Some(feature) = self.features.caniuse(feature) else {
            return Err(wrong("a feature that is not known", "an id of caniuse.com, such as css-grid"));
        };
        let mut chosen = Vec::new();
        for (at, agent) in self.table.agents.iter().enumerate() {
            let states = feature.states(at, agent.versions.len());
            let has = |state: &u8| *state == b'Y' || (!fully && *state == b'A');
            for (version, _) in agent.versions.iter().zip(&states).filter(|(_, state)| has(state)) {
                chosen.push(Target { browser: agent.id, version: version.text });
            }
        }
        Ok(chosen)
    }

    fn electrons(&self, keep: impl Fn(&'static str) -> bool) -> Vec<Target> {
        let kept = self.table.electron.iter().filter(|(name, _)| keep(name));
        kept.map(|(_, version)| Target { browser: "chrome", version }).collect()
    }

    // A patch version of Electron is that of its minor one.
    fn electron(&self, version: &str) -> Result<(&'static str, &'static str), Wrong> {
        let parts: Vec<&str> = version.split('.').collect();
        let name = if parts.len() == 3 { parts[..2].join(".") } else { version.to_owned() };
        let found = self.table.electron.iter().find(|(known, _)| *known == name).copied();
        found.ok_or_else(|| wrong("a version of Electron that is not known", "a version such as 30.0"))
    }

    fn range(&self, of: Of<'_>, from: &str, to: &str) -> Selected {
        let between = |version: &str| loose(version, from) != Ordering::Less && loose(version, to) != Ordering::Greater;
        match of {
            Of::Every => Ok(Vec::new()),
            Of::Electron => {
                self.electron(from)?;
                self.electron(to)?;
                Ok(self.electrons(between))
            }
            Of::Node => Ok(targets("node", self.table.node.iter().filter(|version| between(version)))),
            Of::Browser(name) => {
                let agent = self.agent(name)?;
                let bound = |version| float(normal(agent, version).unwrap_or(version));
                let (from, to) = (bound(from), bound(to));
                let within = |version: &&str| latest_float(version) >= from && float(version) <= to;
                Ok(targets(agent.id, &agent.released().filter(within).collect::<Vec<_>>()))
            }
        }
    }

    fn ray(&self, of: Of<'_>, sign: Sign, version: &str) -> Selected {
        match of {
            Of::Every => Ok(Vec::new()),
            Of::Electron => {
                let parts: Vec<&str> = version.split('.').collect();
                let bound = if parts.len() == 3 { parts[..2].join(".") } else { version.to_owned() };
                Ok(self.electrons(|name| in_ray(name, sign, &bound)))
            }
            Of::Node => {
                let bound = semver(version);
                let compare = |one: &str| semver(one).partial_cmp(&bound).unwrap_or(Ordering::Equal);
                let fits = |one: &&&str| match sign {
                    Sign::More => compare(one).is_gt(),
                    Sign::Least => compare(one).is_ge(),
                    Sign::Less => compare(one).is_lt(),
                    Sign::Most => compare(one).is_le(),
                };
                Ok(targets("node", self.table.node.iter().filter(fits)))
            }
            Of::Browser(name) => {
                let agent = self.agent(name)?;
                let esr = version.eq_ignore_ascii_case("esr");
                if esr && agent.id != "firefox" {
                    return Err(wrong("a version that is not known", "esr for Firefox alone"));
                }
                let bound = if esr { self.table.esr } else { version };
                Ok(targets(agent.id, &agent.released().filter(|it| in_ray(it, sign, bound)).collect::<Vec<_>>()))
            }
        }
    }

    fn version(&self, of: Of<'_>, version: &str) -> Selected {
        let unknown = || wrong("a version that is not known", "a version that was released or announced");
        match of {
            Of::Every => Ok(Vec::new()),
            Of::Electron => Ok(vec![Target { browser: "chrome", version: self.electron(version)?.1 }]),
            Of::Node => {
                let fits =
                    |one: &&&str| one.strip_prefix(version).is_some_and(|it| it.is_empty() || it.starts_with('.'));
                let newest = self.table.node.iter().rfind(fits).ok_or_else(unknown)?;
                Ok(targets("node", [newest]))
            }
            Of::Browser(name) => {
                let agent = self.agent(name)?;
                let version = if version.eq_ignore_ascii_case("tp") { "TP" } else { version };
                let other = match version.strip_suffix(".0") {
                    Some(short) => short.to_owned(),
                    None if version.contains('.') => version.to_owned(),
                    None => format!("{version}.0"),
                };
                let found = normal(agent, version).or_else(|| normal(agent, &other)).ok_or_else(unknown)?;
                Ok(targets(agent.id, [&found]))
            }
        }
    }

    fn maintained(&self) -> Vec<Target> {
        let today = day_of_text(self.table.date).unwrap_or(0);
        let mut all = Vec::new();
        for [line, start, end] in &self.table.maintained {
            let within =
                day_of_text(start).is_some_and(|day| day < today) && day_of_text(end).is_some_and(|day| day > today);
            if within {
                all.extend(self.version(Of::Node, line).unwrap_or_default());
            }
        }
        all
    }
}

// The version of the table that a written one means.
fn normal(agent: &Agent, version: &str) -> Option<&'static str> {
    let versions = || agent.versions.iter().map(|one| one.text);
    versions()
        .find(|one| *one == version)
        .or_else(|| versions().rfind(|one| one.contains('-') && one.split('-').any(|end| end == version)))
        .or_else(|| (agent.versions.len() == 1).then(|| versions().next()).flatten())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "days of any calendar are far below 2^52, and beyond it nothing is selected"
)]
const fn days(day: i64) -> f64 {
    day as f64
}

fn days_of(count: usize) -> f64 {
    days(i64::try_from(count).unwrap_or(i64::MAX))
}

// JavaScript takes a year of two digits for one of the last century.
const fn full_year(year: i64) -> i64 {
    if year < 100 { 1900 + year } else { year }
}
