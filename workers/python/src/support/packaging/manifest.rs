//! What manifests declare: pyproject.toml (PEP 621, 735, Poetry, uv, PDM), requirements files, setup.cfg, Pipfile.
//!
//! Each dependency keeps its place, and what is wrong with it. Whether the rest of a manifest is valid is for the tool that
//! says so.

use crate::support::packaging::document::{Entry, Node, inside};
use crate::support::packaging::marker::{Marker, Problem};
use crate::support::packaging::name;
use crate::support::packaging::requirement::Requirement;
use crate::support::packaging::requirements_txt::{Kind, Line};
use crate::support::packaging::setup_cfg::{Setting, find};
use crate::support::packaging::specifier::{Operator, Specifier, Specifiers, version};
use std::collections::BTreeSet;
use std::ops::Range;

/// Where a dependency is declared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// What the project needs to run.
    Main,
    /// An extra.
    Optional(String),
    /// A group of `[dependency-groups]`.
    Group(String),
    /// A group of Poetry's.
    PoetryGroup(String),
    /// Development dependencies in a tool's own table, or in a requirements file of that name.
    Dev,
    /// What building needs.
    Build,
}

impl Section {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Main => "dependencies".to_owned(),
            Self::Optional(extra) => format!("extra {extra}"),
            Self::Group(group) | Self::PoetryGroup(group) => format!("group {group}"),
            Self::Dev => "development dependencies".to_owned(),
            Self::Build => "build requirements".to_owned(),
        }
    }
}

/// A declared dependency.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Its name as written; empty where it cannot be read.
    pub name: String,
    /// Where.
    pub section: Section,
    /// Its place in the file, in bytes.
    pub span: Range<usize>,
    /// What it says, or what is wrong; the problem's place is in bytes of the file.
    pub read: Result<Requirement, Problem>,
    /// Versions it admits: any of these. Empty: every one.
    pub admits: Vec<Specifiers>,
}

impl Declared {
    /// The normalized name.
    pub fn key(&self) -> String {
        name::normalized(&self.name)
    }

    /// Whether a version is admitted.
    pub fn admits(&self, candidate: &pep440_rs::Version) -> bool {
        self.admits.is_empty() || self.admits.iter().any(|specifiers| specifiers.contains(candidate))
    }

    fn of_requirement(
        text: &str,
        section: Section,
        span: Range<usize>,
        place: impl Fn(&Range<usize>) -> Range<usize>,
    ) -> Self {
        let read = Requirement::parse(text).map_err(|problem| Problem::new(problem.message, place(&problem.span)));
        let name = read.as_ref().map(|requirement| requirement.name.clone()).unwrap_or_default();
        let admits = read.as_ref().map(|requirement| vec![requirement.specifiers.clone()]).unwrap_or_default();
        Self { name, section, span, read, admits }
    }
}

/// Every dependency of a pyproject.toml, in the order of the file's tables: build, project, extras, groups, tools.
pub fn of_pyproject(source: &str, root: &Node) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut list = |node: Option<&Node>, section: &Section| {
        for item in node.map(Node::items).unwrap_or_default() {
            let Some(text) = item.text() else { continue };
            let place = |span: &Range<usize>| inside(source, item, span);
            found.push(Declared::of_requirement(text, section.clone(), item.span.clone(), place));
        }
    };
    list(root.at(&["build-system", "requires"]), &Section::Build);
    list(root.at(&["project", "dependencies"]), &Section::Main);
    for entry in root.at(&["project", "optional-dependencies"]).map(Node::entries).unwrap_or_default() {
        list(Some(&entry.node), &Section::Optional(entry.key.clone()));
    }
    for entry in root.get("dependency-groups").map(Node::entries).unwrap_or_default() {
        list(Some(&entry.node), &Section::Group(entry.key.clone()));
    }
    list(root.at(&["tool", "uv", "dev-dependencies"]), &Section::Dev);
    for entry in root.at(&["tool", "pdm", "dev-dependencies"]).map(Node::entries).unwrap_or_default() {
        list(Some(&entry.node), &Section::Dev);
    }
    if let Some(poetry) = root.at(&["tool", "poetry"]) {
        poetry_table(poetry.get("dependencies"), &Section::Main, &mut found);
        poetry_table(poetry.get("dev-dependencies"), &Section::PoetryGroup("dev".to_owned()), &mut found);
        for group in poetry.get("group").map(Node::entries).unwrap_or_default() {
            poetry_table(group.node.get("dependencies"), &Section::PoetryGroup(group.key.clone()), &mut found);
        }
    }
    found
}

fn poetry_table(table: Option<&Node>, section: &Section, found: &mut Vec<Declared>) {
    for entry in table.map(Node::entries).unwrap_or_default() {
        if entry.key.eq_ignore_ascii_case("python") {
            continue;
        }
        let several = entry.node.items();
        let forms = if several.is_empty() { std::slice::from_ref(&entry.node) } else { several };
        for form in forms {
            found.push(tool_entry(entry, form, section.clone(), poetry_constraint));
        }
    }
}

/// Every dependency of a Pipfile.
pub fn of_pipfile(root: &Node) -> Vec<Declared> {
    let mut found = Vec::new();
    for (table, section) in [("packages", Section::Main), ("dev-packages", Section::Dev)] {
        for entry in root.get(table).map(Node::entries).unwrap_or_default() {
            found.push(tool_entry(entry, &entry.node, section.clone(), |text| {
                if text.trim() == "*" { Ok(Vec::new()) } else { Specifiers::parse(text).map(|one| vec![one]) }
            }));
        }
    }
    found
}

// `name = "constraint"` or `name = {version = "...", extras = [...], markers = "..."}`.
fn tool_entry(
    entry: &Entry,
    form: &Node,
    section: Section,
    constraint: impl Fn(&str) -> Result<Vec<Specifiers>, String>,
) -> Declared {
    let span = entry.key_span.clone();
    let at_version = form.get("version").unwrap_or(form);
    let text = form.text().or_else(|| form.text_of("version")).unwrap_or("*");
    let wrong = |message: String, span: Range<usize>| Problem::new(message, span);
    let mut admits = Vec::new();
    let read = match constraint(text) {
        Err(said) => Err(wrong(said, at_version.span.clone())),
        Ok(alternatives) => {
            admits = alternatives;
            let marker = form.get("markers").or_else(|| form.get("marker"));
            let read_marker = marker.and_then(|node| node.text().map(|text| (node, Marker::parse(text))));
            match read_marker {
                Some((node, Err(problem))) => Err(wrong(problem.message, node.span.clone())),
                read_marker => {
                    let extras = form.get("extras").map(Node::texts).unwrap_or_default();
                    let url = ["git", "url", "path", "file"].iter().find_map(|key| form.text_of(key));
                    Ok(Requirement {
                        name: entry.key.clone(),
                        name_span: 0..0,
                        extras: extras.into_iter().map(name::normalized).collect(),
                        specifiers: admits.first().filter(|_| admits.len() == 1).cloned().unwrap_or_default(),
                        url: url.map(str::to_owned),
                        marker: read_marker.and_then(|(_, marker)| marker.ok()),
                    })
                }
            }
        }
    };
    Declared { name: entry.key.clone(), section, span, read, admits }
}

/// What a constraint of Poetry's admits: any of these; an error says what is wrong.
pub fn poetry_constraint(text: &str) -> Result<Vec<Specifiers>, String> {
    let mut alternatives = Vec::new();
    for part in text.split("||").flat_map(|part| part.split(" | ")) {
        let mut all = Vec::new();
        for word in part.split(',').flat_map(split_comparisons) {
            all.extend(poetry_comparison(&word)?.into_iter().flatten());
        }
        if all.is_empty() {
            return Ok(Vec::new());
        }
        alternatives.push(Specifiers(all));
    }
    Ok(alternatives)
}

// Comparisons may stand beside each other without a comma: `>=1.0 <2.0`.
fn split_comparisons(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let last_is_bare =
            words.last().is_some_and(|last| !last.contains(|c: char| c.is_ascii_alphanumeric() || c == '*'));
        match words.last_mut() {
            Some(last) if last_is_bare => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    words
}

fn poetry_comparison(word: &str) -> Result<Option<Vec<Specifier>>, String> {
    let word = word.trim();
    if word.is_empty() || word == "*" {
        return Ok(None);
    }
    let bound = |operator: Operator, version: pep440_rs::Version| Specifier {
        operator,
        text: version.to_string(),
        version: Some(version),
        wildcard: false,
    };
    let (caret, rest) = match (word.strip_prefix('^'), word.strip_prefix('~').filter(|rest| !rest.starts_with('='))) {
        (Some(rest), _) => (true, rest.trim()),
        (None, Some(rest)) => (false, rest.trim()),
        (None, None) => {
            let text = if word.starts_with(|c: char| c.is_ascii_digit() || c == 'v') {
                format!("=={word}")
            } else if word.starts_with('=') && !word.starts_with("==") {
                format!("={word}")
            } else {
                word.to_owned()
            };
            return Specifiers::parse(&text).map(|specifiers| Some(specifiers.0));
        }
    };
    let low = version(rest).ok_or_else(|| format!("`{}` is no version", octavo_toolkit::limits::excerpt(rest)))?;
    let release = low.release();
    // `^` raises the first number that is not zero, `~` the second, or the only one.
    let raised = if caret {
        release.iter().position(|number| *number > 0).unwrap_or(release.len().saturating_sub(1))
    } else {
        1.min(release.len().saturating_sub(1))
    };
    let high: Vec<u64> = release
        .iter()
        .take(raised + 1)
        .enumerate()
        .map(|(at, number)| if at == raised { number.saturating_add(1) } else { *number })
        .collect();
    let high = pep440_rs::Version::new(high).with_epoch(low.epoch());
    Ok(Some(vec![bound(Operator::AtLeast, low), bound(Operator::Less, high)]))
}

/// Every dependency of a requirements file.
pub fn of_requirements(lines: &[Line], section: &Section) -> Vec<Declared> {
    let mut found = Vec::new();
    for line in lines {
        let (name, read, admits) = match &line.kind {
            Kind::Requirement(requirement) => {
                (requirement.name.clone(), Ok(requirement.clone()), vec![requirement.specifiers.clone()])
            }
            Kind::Wrong(problem) => (String::new(), Err(problem.clone()), Vec::new()),
            Kind::Address { name: Some(name), address, .. } => {
                let requirement = Requirement {
                    name: name.clone(),
                    name_span: 0..0,
                    extras: BTreeSet::new(),
                    specifiers: Specifiers::default(),
                    url: Some(address.clone()),
                    marker: None,
                };
                (name.clone(), Ok(requirement), Vec::new())
            }
            Kind::Address { name: None, .. } | Kind::Option { .. } | Kind::UnknownOption(_) => continue,
        };
        found.push(Declared { name, section: section.clone(), span: line.span.clone(), read, admits });
    }
    found
}

/// Every dependency of a setup.cfg.
pub fn of_setup_cfg(settings: &[Setting]) -> Vec<Declared> {
    let mut found = Vec::new();
    let mut list = |setting: &Setting, section: &Section| {
        for (text, span) in &setting.lines {
            if text.starts_with("file:") {
                continue;
            }
            let place = |inner: &Range<usize>| span.start + inner.start..span.start + inner.end;
            found.push(Declared::of_requirement(text, section.clone(), span.clone(), place));
        }
    };
    if let Some(setting) = find(settings, "options", "install_requires") {
        list(setting, &Section::Main);
    }
    if let Some(setting) = find(settings, "options", "setup_requires") {
        list(setting, &Section::Build);
    }
    for setting in settings.iter().filter(|setting| setting.section == "options.extras_require") {
        list(setting, &Section::Optional(setting.key.clone()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::packaging::document::parse_toml;

    #[test]
    fn every_table_of_a_pyproject_is_read() {
        let text = "[project]\ndependencies = ['a>1', 'b=2']\n[project.optional-dependencies]\nx = ['c']\n[dependency-groups]\ndev = ['d', {include-group = 'y'}]\n[tool.poetry.group.docs.dependencies]\nE = '^1.2'\nf = {version = '1 || 2', extras = ['q']}\n";
        let (root, _) = parse_toml(text);
        let found = of_pyproject(text, &root);
        let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "", "c", "d", "E", "f"]);
        let wrong = found.iter().find_map(|one| one.read.as_ref().err()).expect("a problem");
        assert_eq!(text.get(wrong.span.clone()), Some("=2"));
    }

    #[test]
    fn constraints_of_poetry_admit_what_it_says() {
        let admits = |constraint: &str, candidate: &str| {
            let alternatives = poetry_constraint(constraint).expect(constraint);
            let candidate = version(candidate).expect(candidate);
            alternatives.is_empty() || alternatives.iter().any(|one| one.contains(&candidate))
        };
        for (constraint, inside, outside) in [
            ("^1.2.3", "1.9", "2.0"),
            ("^0.2", "0.2.9", "0.3"),
            ("^0.0", "0.0.9", "0.1"),
            ("~1.2", "1.2.9", "1.3"),
            ("~1", "1.9", "2.0"),
            (">=1 <2", "1.5", "2"),
            ("1.*", "1.7", "2.0"),
            ("1.4", "1.4.0", "1.5"),
            ("^1 || ^3", "3.1", "2.0"),
            (">= 1.0, < 2", "1.5", "2"),
        ] {
            assert!(admits(constraint, inside) && !admits(constraint, outside), "{constraint}");
        }
        assert!(poetry_constraint("^x").is_err() && admits("*", "1"));
    }
}
