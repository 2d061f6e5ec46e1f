//! dclint's rules over one Compose file as it is written.

use super::rules;
use crate::support::yaml::{Entry, Node, Value};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Edit, Finding, LineIndex, Rule};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::{Bound, Range};

/// Checks one document. Findings have places, but no file.
pub(super) fn check(source: &str, root: &Node) -> Vec<Finding> {
    let lines = LineIndex::new(source);
    let directives = Directives::read(source);
    let mut lint = Lint { source, lines: &lines, findings: Vec::new(), ports_left: MAX_PUBLISHED };
    lint.top(root);
    if let Some(services) = own(root, "services").map(|entry| &entry.value) {
        lint.services(services);
    }
    lint.findings.retain(|finding| !directives.cover(finding));
    lint.findings
}

struct Lint<'a> {
    source: &'a str,
    lines: &'a LineIndex<'a>,
    findings: Vec<Finding>,
    // How many more ports of ranges are compared.
    ports_left: usize,
}

// An entry that stands in this mapping itself, not brought by a merge key or an alias.
fn own<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    own_entries(node).find(|entry| entry.name() == key)
}

fn own_entries(node: &Node) -> impl Iterator<Item = &Entry> {
    node.entries().iter().filter(|entry| !entry.merged)
}

fn is_alias(entry: &Entry) -> bool {
    entry.value.span.start < entry.key.span.end
}

// Keys in the order dclint wants them; others come after these, sorted.
const KEYS: [&str; 22] = [
    "image",
    "build",
    "container_name",
    "depends_on",
    "volumes",
    "volumes_from",
    "configs",
    "secrets",
    "environment",
    "env_file",
    "ports",
    "networks",
    "network_mode",
    "extra_hosts",
    "command",
    "entrypoint",
    "working_dir",
    "restart",
    "healthcheck",
    "logging",
    "labels",
    "user",
];

const SECTIONS: [&str; 8] = ["version", "name", "include", "services", "networks", "volumes", "secrets", "configs"];

const MOVING_TAGS: [&str; 9] = ["latest", "stable", "edge", "test", "nightly", "dev", "beta", "canary", "lts"];

impl Lint<'_> {
    fn on(&mut self, rule: &'static Rule, span: Range<usize>, message: impl Into<String>) {
        self.findings.push(Finding::new(rule, message).at(self.lines.range(span)));
    }

    fn fixed(&mut self, rule: &'static Rule, span: Range<usize>, message: &str, fix: Option<(&str, Edit)>) {
        let finding = Finding::new(rule, message).at(self.lines.range(span));
        self.findings.push(match fix {
            Some((title, edit)) => finding.with_fix(title, vec![edit]),
            None => finding,
        });
    }

    fn top(&mut self, root: &Node) {
        if let Some(version) = own(root, "version") {
            let key = version.key.span.clone();
            let line = self.lines.position(key.start).line;
            let ends_in_line = self.lines.position(version.value.span.end).line == line;
            let range = octavo_toolkit::Range {
                start: octavo_toolkit::Position { line, column: 1 },
                end: octavo_toolkit::Position { line: line + 1, column: 1 },
            };
            let stands_alone = self.lines.position(key.start).column == 1 && self.lines.line_count() > line as usize;
            let edit = Edit { range, new_text: String::new() };
            let fix = (ends_in_line && stands_alone).then_some(("remove the line", edit));
            self.fixed(&rules::VERSION, key, "Compose ignores `version` and warns of it", fix);
        }
        if root.get("name").is_none() {
            self.on(&rules::PROJECT_NAME, 0..0, "the project is called like its folder");
        }
        let extensions: Vec<String> = {
            let mut names: Vec<String> = root.entries().iter().map(|entry| entry.name().into_owned()).collect();
            names.retain(|name| name.starts_with("x-"));
            names.sort_by_key(|name| collation(name, false));
            names
        };
        let order: Vec<&str> = extensions.iter().map(String::as_str).chain(SECTIONS).collect();
        let mut last = None;
        for entry in root.entries() {
            let place = order.iter().position(|name| *name == entry.name());
            if place.is_none() || place < last {
                let message = format!("`{}` stands behind a section that comes later", excerpt(&entry.name()));
                self.on(&rules::TOP_ORDER, entry.key.span.clone(), message);
            } else {
                last = place;
            }
        }
    }

    fn services(&mut self, services: &Node) {
        let mut names: BTreeMap<Collation, String> = BTreeMap::new();
        let mut containers: BTreeMap<String, String> = BTreeMap::new();
        let mut ports: BTreeMap<String, String> = BTreeMap::new();
        for entry in own_entries(services) {
            let name = entry.name().into_owned();
            let key = collation(&name, false);
            let later = names.range((Bound::Excluded(&key), Bound::Unbounded)).next();
            if let Some((_, before)) = later {
                let message = format!("`{}` would stand before `{}`", excerpt(&name), excerpt(before));
                self.on(&rules::SERVICE_ORDER, entry.key.span.clone(), message);
            }
            names.insert(key, name.clone());
            if entry.value.is_mapping() && !is_alias(entry) {
                self.service(&name, &entry.value);
                self.container(&name, &entry.value, &mut containers);
                self.ports(&name, &entry.value, &mut ports);
            }
        }
    }

    fn service(&mut self, name: &str, service: &Node) {
        let shown = excerpt(name);
        if let (Some(build), Some(_), None) =
            (own(service, "build"), own(service, "image"), own(service, "pull_policy"))
        {
            self.on(&rules::BUILD_AND_IMAGE, build.key.span.clone(), format!("`{shown}` has both `build` and `image`"));
        }
        if let Some(image) = own(service, "image") {
            let text = image.value.scalar_text().unwrap_or_default();
            let last = text.rsplit('/').next().unwrap_or_default();
            let tag = last.split(':').nth(1);
            if tag.is_none_or(|tag| MOVING_TAGS.contains(&tag)) {
                let message = format!("the image `{}` has no tag that stays", excerpt(&text));
                self.on(&rules::EXPLICIT_TAG, image.value.span.clone(), message);
            }
        }
        if let Some(depends) = own(service, "depends_on").filter(|entry| !is_alias(entry)) {
            let names: Vec<String> = match &depends.value.value {
                Value::Sequence(items) => {
                    items.iter().map(|item| item.scalar_text().unwrap_or_default().into_owned()).collect()
                }
                _ => own_entries(&depends.value).map(|entry| entry.name().into_owned()).collect(),
            };
            if !names.is_sorted_by_key(|name| collation(name, false)) {
                self.on(
                    &rules::DEPENDENCY_ORDER,
                    depends.key.span.clone(),
                    format!("the dependencies of `{shown}` are not sorted"),
                );
            }
        }
        self.key_order(&shown, service);
        for volume in
            own(service, "volumes").filter(|entry| !is_alias(entry)).map_or(&[][..], |entry| entry.value.items())
        {
            if is_scalar(volume) && !self.is_plain(volume) {
                self.on(&rules::VOLUME_QUOTES, volume.span.clone(), "the volume stands in quotes");
            }
        }
        for section in ["ports", "expose"] {
            for port in
                own(service, section).filter(|entry| !is_alias(entry)).map_or(&[][..], |entry| entry.value.items())
            {
                if is_scalar(port) && !self.starts_with(port, '\'') {
                    let text = port.raw.as_deref().or(port.as_str()).unwrap_or_default().to_owned();
                    let range = self.lines.range(port.span.clone());
                    let is_simple = !text.contains(['\'', '\n']) && !text.is_empty() && port.tag.is_none();
                    let edit = Edit { range, new_text: format!("'{text}'") };
                    let fix = is_simple.then_some(("put it in single quotes", edit));
                    self.fixed(&rules::PORT_QUOTES, port.span.clone(), "the port does not stand in single quotes", fix);
                }
            }
        }
    }

    fn starts_with(&self, node: &Node, quote: char) -> bool {
        self.source.get(node.span.clone()).is_some_and(|text| text.starts_with(quote))
    }

    fn is_plain(&self, node: &Node) -> bool {
        !self.source.get(node.span.clone()).is_some_and(|text| text.starts_with(['\'', '"', '|', '>']))
    }

    fn key_order(&mut self, shown: &str, service: &Node) {
        let keys: Vec<(String, Range<usize>)> =
            own_entries(service).map(|entry| (entry.name().into_owned(), entry.key.span.clone())).collect();
        let known = |key: &str| KEYS.iter().chain(["isolation"].iter()).position(|name| *name == key);
        let mut others: Vec<&str> =
            keys.iter().map(|(key, _)| key.as_str()).filter(|key| known(key).is_none()).collect();
        others.sort_by_key(|key| collation(key, false));
        let place = |key: &str| known(key).or_else(|| others.iter().position(|other| *other == key).map(|at| at + 100));
        let places: Vec<Option<usize>> = keys.iter().map(|(key, _)| place(key)).collect();
        let mut last = None;
        for (at, (key, span)) in places.into_iter().zip(&keys) {
            if at < last {
                let message = format!("`{}` of `{shown}` stands behind a key that comes later", excerpt(key));
                self.on(&rules::KEY_ORDER, span.clone(), message);
            }
            last = at;
        }
    }

    fn container(&mut self, name: &str, service: &Node, seen: &mut BTreeMap<String, String>) {
        let Some(entry) = own(service, "container_name") else { return };
        let text = entry.value.scalar_text().unwrap_or_default().into_owned();
        let is_sound = text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.len() > 1
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        if !is_sound {
            let message = format!("`{}` is no container name", excerpt(&text));
            self.on(&rules::CONTAINER_NAME, entry.value.span.clone(), message);
        }
        if let Some(other) = seen.get(&text) {
            let message = format!("`{}` has the container name of `{}`", excerpt(name), excerpt(other));
            self.on(&rules::CONTAINER_NAMES, entry.value.span.clone(), message);
        } else {
            seen.insert(text, name.to_owned());
        }
    }

    fn ports(&mut self, name: &str, service: &Node, seen: &mut BTreeMap<String, String>) {
        let Some(entry) = own(service, "ports").filter(|entry| !is_alias(entry)) else { return };
        let ports = entry.value.items();
        let mut order = Vec::new();
        for port in ports {
            let published = Published::of(port);
            // A file of nothing but wide ranges is looked at so far and no further.
            let numbers = if self.ports_left == 0 { Vec::new() } else { published.numbers() };
            self.ports_left = self.ports_left.saturating_sub(numbers.len());
            let taken = numbers.iter().find_map(|number| seen.get(&format!("{number}/{}", published.protocol)));
            if let Some(other) = taken {
                let message = format!(
                    "`{}` publishes port {}, as `{}` does",
                    excerpt(name),
                    excerpt(&published.port),
                    excerpt(other)
                );
                self.on(&rules::EXPORTED_PORTS, port.span.clone(), message);
            }
            for number in numbers {
                seen.entry(format!("{number}/{}", published.protocol)).or_insert_with(|| name.to_owned());
            }
            if published.address.is_empty() {
                let message = format!("a port of `{}` is open at every address of the host", excerpt(name));
                self.on(&rules::UNBOUND_PORTS, port.span.clone(), message);
            }
            order.push(published.port);
        }
        if !order.is_sorted_by_key(|port| collation(port, true)) {
            self.on(
                &rules::PORT_ORDER,
                entry.key.span.clone(),
                format!("the ports of `{}` are not sorted", excerpt(name)),
            );
        }
    }
}

fn is_scalar(node: &Node) -> bool {
    !node.is_mapping() && !node.is_sequence()
}

// What a port is published as.
struct Published {
    port: String,
    protocol: String,
    address: String,
}

// Most ports of a range that are compared with others, and of a file.
const MAX_RANGE: u32 = 65_536;
const MAX_PUBLISHED: usize = 200_000;

impl Published {
    fn of(node: &Node) -> Self {
        if node.is_mapping() {
            let text = |key: &str| node.get(key).and_then(Node::scalar_text).unwrap_or_default().into_owned();
            let protocol = Some(text("protocol")).filter(|text| !text.is_empty()).unwrap_or("tcp".to_owned());
            return Self { port: text("published"), protocol, address: text("host_ip") };
        }
        let text = node.scalar_text().unwrap_or_default();
        let (ports, protocol) = text.split_once('/').unwrap_or((&text, ""));
        let pieces = split_outside_brackets(ports);
        let first = pieces.first().copied().unwrap_or_default();
        let first = first.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(first);
        let is_address = first.parse::<IpAddr>().is_ok();
        let port = if is_address { pieces.get(1).copied().unwrap_or("undefined") } else { first };
        Self {
            port: port.to_owned(),
            protocol: if protocol.is_empty() { "tcp" } else { protocol }.to_owned(),
            address: if is_address { first.to_owned() } else { String::new() },
        }
    }

    fn numbers(&self) -> Vec<u32> {
        let (from, to) = self.port.split_once('-').unwrap_or((&self.port, ""));
        match (from.trim().parse::<u32>(), to.trim().parse::<u32>()) {
            (Ok(from), Ok(to)) if from <= to && to - from < MAX_RANGE => (from..=to).collect(),
            (Ok(from), Err(_)) if to.is_empty() => vec![from],
            (Err(_), _) if self.port.is_empty() => vec![0],
            _ => Vec::new(),
        }
    }
}

// Cuts at colons that no bracket encloses.
fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut is_inside) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => is_inside = true,
            b']' => is_inside = false,
            b':' if !is_inside => {
                parts.extend(text.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(from..));
    parts
}

// Letters that are compared first, then which of them are small; as browsers sort words.
type Collation = (Vec<u64>, Vec<bool>);

fn collation(text: &str, by_number: bool) -> Collation {
    const SIGNS: &str = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";
    let mut first = Vec::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let weight = match character {
            digit @ '0'..='9' => {
                let mut number = u64::from(digit) - 48;
                while by_number && let Some(next) = characters.peek().and_then(|c| c.to_digit(10)) {
                    number = (number * 10 + u64::from(next)).min(1 << 40);
                    characters.next();
                }
                1_000 + number
            }
            c if c.is_alphabetic() => (1 << 50) + c.to_lowercase().next().map_or(0, u64::from),
            c => SIGNS.find(c).map_or(500, |at| 10 + at as u64),
        };
        first.push(weight);
    }
    (first, text.chars().map(char::is_uppercase).collect())
}

// Comments that turn rules off.
#[derive(Default)]
struct Directives {
    all: Vec<String>,
    lines: BTreeMap<u32, Vec<String>>,
}

impl Directives {
    fn read(source: &str) -> Self {
        let mut directives = Self::default();
        let is_comment = |line: &&str| !line.trim().is_empty() && line.trim() != "---";
        let first = source.lines().find(is_comment).unwrap_or_default().trim();
        if first.starts_with("# dclint disable-file") {
            directives.all.push("*".to_owned());
        }
        if let Some(rules) = source.lines().next().and_then(|line| line.trim().strip_prefix("# dclint disable")) {
            if rules.is_empty() {
                directives.all.push("*".to_owned());
            }
            if rules.starts_with(' ') {
                directives.all.extend(rules.split_whitespace().map(ToOwned::to_owned));
            }
        }
        for (at, line) in (1..).zip(source.lines()) {
            let Some((_, rules)) =
                line.split_once("dclint disable-line").filter(|(before, _)| before.trim_end().ends_with('#'))
            else {
                continue;
            };
            let line_of = if line.trim().starts_with('#') { at + 1 } else { at };
            let rules: Vec<String> = rules.split_whitespace().map(ToOwned::to_owned).collect();
            directives.lines.entry(line_of).or_default().extend(if rules.is_empty() {
                vec!["*".to_owned()]
            } else {
                rules
            });
        }
        directives
    }

    fn cover(&self, finding: &Finding) -> bool {
        let names = |rules: &[String]| rules.iter().any(|rule| rule == "*" || *rule == finding.rule);
        let line = finding.range.map_or(0, |range| range.start.line);
        names(&self.all) || self.lines.get(&line).is_some_and(|rules| names(rules))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sorted_as_browsers_sort_them() {
        let sorted = |words: &[&str], by_number| words.is_sorted_by_key(|word| collation(word, by_number));
        assert!(sorted(&["_a", "-a", "1", "a", "A", "a-b", "ab", "B"], false));
        assert!(sorted(&["80", "443", "8080"], true));
        assert!(!sorted(&["80", "443"], false));
    }
}
