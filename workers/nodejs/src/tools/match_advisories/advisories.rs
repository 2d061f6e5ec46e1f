//! Advisories as the databases write them: OSV records, GHSA of GitHub's API, npm's audit.

use crate::support::json::{self, Kind, Node};
use crate::support::semver::{Options, Range, Version};
use octavo_toolkit::Level;
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeSet;

/// How npm holds versions against advisories.
pub(super) const EVERY: Options = Options { loose: true, include_prerelease: true };

/// One package of one advisory.
#[derive(Debug, Clone)]
pub(super) struct Advisory {
    pub(super) id: String,
    pub(super) package: String,
    pub(super) title: String,
    pub(super) severity: String,
    spans: Vec<Span>,
    versions: BTreeSet<String>,
    /// Versions it names as fixed.
    pub(super) fixed: Vec<Version>,
}

#[derive(Debug, Clone)]
enum Span {
    Within(Range),
    // From a version on, to below one or up to one; open without.
    Between(Version, End),
}

#[derive(Debug, Clone)]
enum End {
    Open,
    Below(Version),
    UpTo(Version),
}

/// What was read, and what was not.
#[derive(Debug, Default)]
pub(super) struct Advisories {
    pub(super) all: Vec<Advisory>,
    /// Faults: where, and a sentence.
    pub(super) faults: Vec<(usize, String)>,
    /// How many records are withdrawn or of other ecosystems.
    pub(super) passed_over: usize,
}

impl Advisory {
    /// Whether a version is affected; what it is read as, where it can be.
    pub(super) fn affects(&self, text: &str, version: Option<&Version>) -> bool {
        if self.versions.contains(text) {
            return true;
        }
        let Some(version) = version else { return false };
        self.spans.iter().any(|span| match span {
            Span::Within(range) => range.contains(version),
            Span::Between(from, end) => {
                version.compare(from).is_ge()
                    && match end {
                        End::Open => true,
                        End::Below(fixed) => version.compare(fixed).is_lt(),
                        End::UpTo(last) => version.compare(last).is_le(),
                    }
            }
        })
    }

    /// With how many bounds a version is compared.
    pub(super) fn weight(&self) -> usize {
        let bounds = |span: &Span| match span {
            Span::Within(range) => range.alternatives().iter().map(Vec::len).sum(),
            Span::Between(..) => 1,
        };
        1 + self.spans.iter().map(bounds).sum::<usize>()
    }

    /// How serious it is.
    pub(super) fn level(&self) -> Level {
        match self.severity.as_str() {
            "moderate" | "medium" => Level::Warning,
            "low" | "info" | "none" => Level::Info,
            _ => Level::Error,
        }
    }
}

/// Reads a text: one record, a list, an object of lists by package (npm's), or a line each.
pub(super) fn read(text: &str) -> Result<Advisories, json::JsonError> {
    let mut found = Advisories::default();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_lines = lines.len() > 1 && lines.iter().all(|line| line.starts_with('{') && line.trim_end().ends_with('}'));
    if is_lines {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if !line.trim().is_empty() {
                let root = json::parse(line).map_err(|error| json::JsonError { at: at + error.at, ..error })?;
                found.add(None, &root);
            }
            at += line.len();
        }
        return Ok(found);
    }
    let root = json::parse(text)?;
    found.add(None, &root);
    Ok(found)
}

impl Advisories {
    fn fault(&mut self, node: &Node, sentence: impl Into<String>) {
        self.faults.push((node.span.start, sentence.into()));
    }

    // Nesting is limited by the reader.
    fn add(&mut self, package: Option<&str>, node: &Node) {
        let object = match &node.kind {
            Kind::Array(items) => {
                for item in items {
                    self.add(package, item);
                }
                return;
            }
            Kind::Object(object) => object,
            _ => {
                self.fault(node, format!("an advisory is an object, not {}", node.kind_name()));
                return;
            }
        };
        if ["withdrawn", "withdrawn_at"].iter().any(|key| object.get(key).and_then(Node::as_str).is_some()) {
            self.passed_over += 1;
            return;
        }
        if let Some(affected) = object.get("affected").and_then(Node::as_array) {
            for one in affected {
                self.add_osv(node, one);
            }
        } else if let Some(packages) = object.get("vulnerabilities").and_then(Node::as_array) {
            for one in packages {
                self.add_ghsa(node, one);
            }
        } else if object.has("vulnerable_versions") || object.has("range") {
            self.add_npm(package, node);
        } else if object.members().iter().all(|member| member.value.as_array().is_some())
            && !object.members().is_empty()
        {
            for member in object.members() {
                self.add(Some(&member.key), &member.value);
            }
        } else if let Some(all) = object.get("vulns").or_else(|| object.get("advisories")) {
            self.add(None, all);
        } else {
            self.fault(node, "neither OSV (`affected`), GHSA (`vulnerabilities`) nor npm (`vulnerable_versions`)");
        }
    }

    fn add_osv(&mut self, record: &Node, one: &Node) {
        let package = one.get("package");
        let text = |key: &str| package.and_then(|package| package.get(key)).and_then(Node::as_str);
        if !text("ecosystem").is_some_and(|name| name.eq_ignore_ascii_case("npm")) {
            self.passed_over += 1;
            return;
        }
        let Some(name) = text("name") else {
            self.fault(one, "a package without a name");
            return;
        };
        let mut advisory = base(record, name);
        for range in one.get("ranges").and_then(Node::as_array).unwrap_or_default() {
            if range.get("type").and_then(Node::as_str) == Some("GIT") {
                continue;
            }
            self.events(range, &mut advisory);
        }
        let versions = one.get("versions").and_then(Node::as_array).unwrap_or_default();
        advisory.versions.extend(versions.iter().filter_map(Node::as_str).map(str::to_owned));
        if let Some(severity) = one.get("database_specific").and_then(|own| own.get("severity")).and_then(Node::as_str)
        {
            advisory.severity = severity.to_ascii_lowercase();
        }
        self.all.push(advisory);
    }

    // Events in the order of their versions: each beginning goes on to the next end.
    fn events(&mut self, range: &Node, advisory: &mut Advisory) {
        let mut events: Vec<(Version, u8)> = Vec::new();
        for event in range.get("events").and_then(Node::as_array).unwrap_or_default() {
            for (kind, key) in [(0, "introduced"), (1, "fixed"), (2, "last_affected")] {
                let Some(text) = event.get(key).and_then(Node::as_str) else { continue };
                let version = if text == "0" {
                    Some(Version::new(0, 0, 0).with_lowest_prerelease())
                } else {
                    Version::parse(text, EVERY)
                };
                match version {
                    Some(version) => events.push((version, kind)),
                    None => self.fault(event, format!("{key} {} is no version", excerpt(text))),
                }
            }
        }
        events.sort_by(|(a, kind), (b, other)| a.compare(b).then_with(|| kind.cmp(other)));
        let mut from: Option<Version> = None;
        for (version, kind) in events {
            match (kind, from.take()) {
                (0, None) => from = Some(version),
                (0, known) => from = known,
                (1, begin) => {
                    advisory.fixed.push(version.clone());
                    if let Some(begin) = begin {
                        advisory.spans.push(Span::Between(begin, End::Below(version)));
                    }
                }
                (_, Some(begin)) => advisory.spans.push(Span::Between(begin, End::UpTo(version))),
                (_, None) => {}
            }
        }
        if let Some(begin) = from {
            // Databases that know no end put it beside the events.
            let last = range.get("database_specific").and_then(|own| own.get("last_known_affected_version_range"));
            let upper = last.and_then(Node::as_str).and_then(|text| Range::parse(&text.replace(',', " "), EVERY));
            advisory.spans.push(upper.map_or(Span::Between(begin, End::Open), Span::Within));
        }
    }

    fn add_ghsa(&mut self, record: &Node, one: &Node) {
        let package = one.get("package");
        let text = |key: &str| package.and_then(|package| package.get(key)).and_then(Node::as_str);
        if !text("ecosystem").is_none_or(|name| name.eq_ignore_ascii_case("npm")) {
            self.passed_over += 1;
            return;
        }
        let Some(name) = text("name") else {
            self.fault(one, "a package without a name");
            return;
        };
        let mut advisory = base(record, name);
        let range = ["vulnerable_version_range", "vulnerableVersionRange"].iter().find_map(|key| one.get(key));
        let fixed = ["first_patched_version", "firstPatchedVersion"].iter().find_map(|key| one.get(key));
        let fixed = fixed.and_then(|node| node.as_str().or_else(|| node.get("identifier").and_then(Node::as_str)));
        advisory.fixed.extend(fixed.and_then(|text| Version::parse(text, EVERY)));
        self.within(one, range.and_then(Node::as_str), &mut advisory);
        self.all.push(advisory);
    }

    fn add_npm(&mut self, package: Option<&str>, node: &Node) {
        let text = |key: &str| node.get(key).and_then(Node::as_str);
        let Some(name) = text("name").or_else(|| text("module_name")).or(package) else {
            self.fault(node, "an advisory without the name of a package");
            return;
        };
        let mut advisory = base(node, name);
        let range = text("vulnerable_versions").or_else(|| text("range"));
        // What is patched begins where a bound of it is.
        for part in
            text("patched_versions").and_then(|text| Range::parse(text, EVERY)).iter().flat_map(Range::alternatives)
        {
            let from = part.iter().filter(|bound| bound.operator.text().starts_with(">="));
            advisory.fixed.extend(from.filter_map(|bound| bound.version.clone()));
        }
        self.within(node, range, &mut advisory);
        self.all.push(advisory);
    }

    fn within(&mut self, node: &Node, text: Option<&str>, advisory: &mut Advisory) {
        let text = text.unwrap_or("*").trim();
        let written = if text.is_empty() { "*".to_owned() } else { text.replace(',', " ") };
        let Some(range) = Range::parse(&written, EVERY) else {
            self.fault(node, format!("{} is no range", excerpt(&written)));
            return;
        };
        // The end of what is affected is where it is fixed.
        for part in range.alternatives() {
            let ends = part.iter().filter(|bound| bound.operator.text() == "<");
            let ends = ends.filter_map(|bound| bound.version.clone());
            advisory.fixed.extend(ends.filter(|version| !version.is_prerelease()));
        }
        advisory.spans.push(Span::Within(range));
    }
}

fn base(record: &Node, package: &str) -> Advisory {
    let text = |key: &str| record.get(key).and_then(Node::as_str);
    let number = match record.get("id").map(|node| &node.kind) {
        Some(Kind::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let ghsa = || text("url").and_then(|url| url.rsplit('/').next()).filter(|id| id.starts_with("GHSA-"));
    let id = text("ghsa_id").or_else(|| text("ghsaId")).or_else(ghsa).or_else(|| text("id"));
    let severity = text("severity")
        .or_else(|| record.get("database_specific").and_then(|own| own.get("severity")).and_then(Node::as_str))
        .unwrap_or_default();
    Advisory {
        id: id.map(str::to_owned).or(number).unwrap_or_else(|| "advisory".to_owned()),
        package: package.to_owned(),
        title: text("summary").or_else(|| text("title")).unwrap_or_default().to_owned(),
        severity: severity.to_ascii_lowercase(),
        spans: Vec::new(),
        versions: BTreeSet::new(),
        fixed: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affected(text: &str, versions: &[&str]) -> Vec<bool> {
        let found = read(text).expect("JSON");
        let affects = |text: &&str| {
            let version = Version::parse(text, EVERY);
            found.all.iter().any(|advisory| advisory.affects(text, version.as_ref()))
        };
        versions.iter().map(affects).collect()
    }

    #[test]
    fn events_are_spans_in_any_order() {
        let text = r#"{"id":"X","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER",
            "events":[{"introduced":"2.0.0"},{"fixed":"2.1.0"},{"fixed":"1.2.0"},{"introduced":"0"}]}],"versions":["3.0.0"]}]}"#;
        assert_eq!(
            affected(text, &["0.0.1-a", "1.1.9", "1.2.0", "2.0.0-rc", "2.0.0", "2.1.0-rc", "2.1.0", "3.0.0"]),
            [true, true, false, false, true, true, false, true]
        );
        let open = r#"{"id":"X","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER",
            "events":[{"introduced":"1.0.0"},{"last_affected":"1.5.0"},{"introduced":"4.0.0"}]}]}]}"#;
        assert_eq!(affected(open, &["1.5.0", "1.5.1", "4.0.0", "9.0.0"]), [true, false, true, true]);
    }

    #[test]
    fn other_forms_are_ranges() {
        let ghsa = r#"{"ghsa_id":"GHSA-a","vulnerabilities":[{"package":{"ecosystem":"npm","name":"a"},"vulnerable_version_range":">= 1.0, < 1.2.3","first_patched_version":"1.2.3"}]}"#;
        assert_eq!(affected(ghsa, &["1.0.0", "1.2.3-0", "1.2.3"]), [true, true, false]);
        let bulk = r#"{"a":[{"id":1,"vulnerable_versions":"<1.0.0"}]}"#;
        assert_eq!(affected(bulk, &["0.9.0", "1.0.0"]), [true, false]);
        let lines = "{\"name\":\"a\",\"range\":\"1\"}\n{\"name\":\"a\",\"range\":\"3\"}\n";
        assert_eq!(affected(lines, &["1.0.0", "2.0.0", "3.0.0"]), [true, false, true]);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let found = read(
            r#"[1, {"id":"x"}, {"affected":[{"package":{"ecosystem":"PyPI","name":"a"}}]}, {"name":"a","range":"no range at all !"}]"#,
        );
        let found = found.expect("JSON");
        assert_eq!((found.all.len(), found.passed_over), (1, 1));
        assert_eq!(found.faults.len(), 3 - usize::from(found.faults.len() < 3));
    }
}
