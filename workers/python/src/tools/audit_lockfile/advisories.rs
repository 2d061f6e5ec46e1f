//! OSV records, and which versions they affect.

use crate::support::packaging::document::{Fault, Node, Value, parse_json};
use crate::support::packaging::name;
use crate::support::packaging::specifier::version;
use octavo_toolkit::limits::excerpt;
use pep440_rs::Version;
use std::collections::{BTreeMap, BTreeSet};

/// What a record says of one package.
#[derive(Debug, Clone)]
pub(super) struct Advisory {
    /// Its main id: PYSEC's, else CVE's, else its own.
    pub(super) id: String,
    /// Its other ids.
    pub(super) aliases: BTreeSet<String>,
    /// What it is about, one line.
    pub(super) summary: String,
    /// LOW, MODERATE, HIGH, CRITICAL, or nothing.
    pub(super) severity: String,
    /// Versions that mend it, in order.
    pub(super) fixed: Vec<Version>,
    listed: BTreeSet<Version>,
    words: BTreeSet<String>,
    ranges: Vec<Vec<Event>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Introduced(Option<Version>),
    Fixed(Version),
    LastAffected(Version),
    Limit(Version),
}

impl Event {
    fn at(&self) -> Option<&Version> {
        match self {
            Self::Introduced(at) => at.as_ref(),
            Self::Fixed(at) | Self::LastAffected(at) | Self::Limit(at) => Some(at),
        }
    }
}

/// Records by the normalized name of the package.
#[derive(Debug, Default)]
pub(super) struct Advisories {
    pub(super) by_package: BTreeMap<String, Vec<Advisory>>,
    /// How many records were read, those for other ecosystems and withdrawn ones aside.
    pub(super) count: usize,
    /// What could not be read.
    pub(super) problems: Vec<String>,
}

/// Reads one record, a list of them, `{"vulns": [...]}`, `{"results": [{"vulns": [...]}]}`, or one a line.
pub(super) fn read(text: &str) -> Result<Advisories, Fault> {
    let mut advisories = Advisories::default();
    if text.trim().is_empty() {
        return Ok(advisories);
    }
    match parse_json(text) {
        Ok(root) => advisories.add(&root, 0),
        Err(fault) => {
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
            if lines.len() < 2 {
                return Err(fault);
            }
            for line in lines {
                advisories.add(&parse_json(line)?, 0);
            }
        }
    }
    Ok(advisories)
}

impl Advisories {
    fn add(&mut self, node: &Node, depth: usize) {
        if node.get("id").is_some() {
            self.record(node);
        } else if depth < 4 {
            let inner = node.get("vulns").or_else(|| node.get("results")).unwrap_or(node);
            let by_package = node.entries().iter().map(|entry| &entry.node).filter(|_| std::ptr::eq(inner, node));
            inner.items().iter().chain(by_package).for_each(|item| self.add(item, depth + 1));
        }
    }

    fn record(&mut self, node: &Node) {
        let Some(id) = node.text_of("id") else {
            self.problems.push("a record's `id` is no string".to_owned());
            return;
        };
        if node.get("withdrawn").is_some_and(|withdrawn| withdrawn.value != Value::Null) {
            return;
        }
        let mut ids: Vec<&str> = vec![id];
        ids.extend(node.get("aliases").map(Node::texts).unwrap_or_default());
        let rank = |id: &&str| if id.starts_with("PYSEC") { 0 } else { 2 - u8::from(id.starts_with("CVE")) };
        ids.sort_by_key(rank);
        let main = ids.first().copied().unwrap_or(id);
        let summary = node.text_of("summary").or_else(|| node.text_of("details")).unwrap_or_default();
        let severity = node.at(&["database_specific", "severity"]).and_then(Node::text).unwrap_or_default();
        let mut found: BTreeMap<String, Advisory> = BTreeMap::new();
        for affected in node.get("affected").map(Node::items).unwrap_or_default() {
            let Some(package) = affected.get("package") else { continue };
            let ecosystem = package.text_of("ecosystem").unwrap_or_default();
            if ecosystem.split(':').next() != Some("PyPI") {
                continue;
            }
            let Some(name) = package.text_of("name") else { continue };
            let advisory = found.entry(name::normalized(name)).or_insert_with(|| Advisory {
                id: main.to_owned(),
                aliases: ids.iter().skip(1).map(|id| (*id).to_owned()).collect(),
                summary: excerpt(summary),
                severity: severity.to_uppercase(),
                fixed: Vec::new(),
                listed: BTreeSet::new(),
                words: BTreeSet::new(),
                ranges: Vec::new(),
            });
            for text in affected.get("versions").map(Node::texts).unwrap_or_default() {
                match version(text) {
                    Some(version) => drop(advisory.listed.insert(version)),
                    None => drop(advisory.words.insert(text.to_owned())),
                }
            }
            for range in affected.get("ranges").map(Node::items).unwrap_or_default() {
                if matches!(range.text_of("type"), Some("ECOSYSTEM" | "SEMVER")) {
                    let events = events_of(range, &mut self.problems, main);
                    advisory.fixed.extend(events.iter().filter_map(|event| match event {
                        Event::Fixed(version) => Some(version.clone()),
                        Event::Introduced(_) | Event::LastAffected(_) | Event::Limit(_) => None,
                    }));
                    advisory.ranges.push(events);
                }
            }
        }
        self.count += usize::from(!found.is_empty());
        for (key, mut advisory) in found {
            advisory.fixed.sort();
            advisory.fixed.dedup();
            self.by_package.entry(key).or_default().push(advisory);
        }
    }
}

fn events_of(range: &Node, problems: &mut Vec<String>, id: &str) -> Vec<Event> {
    let mut events = Vec::new();
    for item in range.get("events").map(Node::items).unwrap_or_default() {
        for entry in item.entries() {
            let Some(text) = entry.node.text() else { continue };
            if entry.key == "introduced" && text == "0" {
                events.push(Event::Introduced(None));
                continue;
            }
            if entry.key == "limit" && text == "*" {
                continue;
            }
            let Some(at) = version(text) else {
                problems.push(format!("{}: `{}` is no version", excerpt(id), excerpt(text)));
                continue;
            };
            match entry.key.as_str() {
                "introduced" => events.push(Event::Introduced(Some(at))),
                "fixed" => events.push(Event::Fixed(at)),
                "last_affected" => events.push(Event::LastAffected(at)),
                "limit" => events.push(Event::Limit(at)),
                _ => {}
            }
        }
    }
    // By version; where several stand at one, what introduces comes last.
    events.sort_by(|a, b| {
        a.at().cmp(&b.at()).then_with(|| matches!(a, Event::Introduced(_)).cmp(&matches!(b, Event::Introduced(_))))
    });
    events
}

impl Advisory {
    /// Whether a version is affected, as OSV's schema evaluates a record.
    pub(super) fn affects(&self, candidate: &Version) -> bool {
        self.listed.contains(candidate) || self.ranges.iter().any(|events| in_range(events, candidate))
    }

    /// Whether what stands for a version, and is none, is affected.
    pub(super) fn affects_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether both speak of the same flaw.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let has = |id: &String| *id == self.id || self.aliases.contains(id);
        has(&other.id) || other.aliases.iter().any(has)
    }
}

fn in_range(events: &[Event], candidate: &Version) -> bool {
    let limits: Vec<&Version> =
        events.iter().filter_map(|event| if let Event::Limit(at) = event { Some(at) } else { None }).collect();
    if !limits.is_empty() && !limits.iter().any(|limit| candidate < *limit) {
        return false;
    }
    let mut affected = false;
    for event in events {
        match event {
            Event::Introduced(at) if at.as_ref().is_none_or(|at| candidate >= at) => affected = true,
            Event::Fixed(at) if candidate >= at => affected = false,
            Event::LastAffected(at) if candidate > at => affected = false,
            Event::Introduced(_) | Event::Fixed(_) | Event::LastAffected(_) | Event::Limit(_) => {}
        }
    }
    affected
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_lists_affect_what_the_schema_says() {
        let text = r#"{"id":"GHSA-1","aliases":["CVE-1","PYSEC-1"],"affected":[{"package":{"ecosystem":"PyPI","name":"A_b"},"versions":["9"],"ranges":[{"type":"ECOSYSTEM","events":[{"fixed":"1.5"},{"introduced":"0"},{"introduced":"2"},{"last_affected":"2.2"}]}]}]}"#;
        let read = read(text).expect("read");
        let advisory = &read.by_package["a-b"][0];
        assert_eq!(advisory.id, "PYSEC-1");
        for (candidate, affected) in
            [("1", true), ("1.5", false), ("2", true), ("2.2", true), ("2.3", false), ("9.0", true)]
        {
            assert_eq!(advisory.affects(&version(candidate).expect("a version")), affected, "{candidate}");
        }
    }

    #[test]
    fn records_come_in_several_wrappings() {
        let one = r#"{"id":"X","affected":[{"package":{"ecosystem":"PyPI","name":"a"}}]}"#;
        for text in [
            one.to_owned(),
            format!("[{one},{one}]"),
            format!("{{\"vulns\":[{one}]}}"),
            format!("{{\"results\":[{{\"vulns\":[{one}]}}]}}"),
            format!("{one}\n{one}\n"),
            format!("{{\"a\":[{one}]}}"),
        ] {
            assert!(read(&text).expect("read").count > 0, "{text}");
        }
        assert!(read("{").is_err());
        assert_eq!(read("").expect("read").count, 0);
    }
}
