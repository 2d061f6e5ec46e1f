//! What a package index has, from JSON the caller gives: slim, or documents of `PyPI`'s JSON API.

use crate::support::packaging::document::{Fault, Node, Value, parse_json};
use crate::support::packaging::requirement::Requirement;
use crate::support::packaging::specifier::{Specifiers, version};
use crate::support::packaging::{name, tags};
use octavo_toolkit::limits::excerpt;
use pep440_rs::Version;
use std::collections::BTreeMap;

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its name.
    pub filename: String,
    /// Where it is.
    pub url: String,
    /// Digests by algorithm.
    pub hashes: BTreeMap<String, String>,
    /// What its name says.
    pub kind: tags::File,
}

/// One version of a package.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// Its version.
    pub version: Version,
    /// As the snapshot writes it.
    pub written: String,
    /// What it needs; an error names what cannot be read.
    pub requires: Result<Vec<Requirement>, String>,
    /// Extras it has, normalized.
    pub extras: Vec<String>,
    /// Pythons it runs on.
    pub requires_python: Option<Specifiers>,
    /// Whether it was withdrawn.
    pub yanked: bool,
    /// Its files; none given, everything can be installed.
    pub files: Option<Vec<Distribution>>,
}

/// Everything an index has: releases by normalized name, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// By name.
    pub packages: BTreeMap<String, Vec<Release>>,
    /// What could not be read, in words.
    pub problems: Vec<String>,
}

impl Index {
    /// Reads a snapshot.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let root = parse_json(text)?;
        let mut index = Self::default();
        match &root.value {
            Value::List(documents) => documents.iter().for_each(|document| index.document(document)),
            Value::Table(_) if root.get("info").is_some() => index.document(&root),
            Value::Table(entries) => {
                for entry in entries {
                    if entry.node.get("info").is_some() {
                        index.document(&entry.node);
                    } else {
                        for release in entry.node.entries() {
                            index.release(&entry.key, &release.key, &release.node);
                        }
                        index.packages.entry(name::normalized(&entry.key)).or_default();
                    }
                }
            }
            Value::Text(_) | Value::Number(_) | Value::Bool(_) | Value::Date(_) | Value::Null => {
                let message = "the index is no object of packages, nor a list of PyPI documents".to_owned();
                return Err(Fault { message, span: None });
            }
        }
        for releases in index.packages.values_mut() {
            releases.sort_by(|a, b| a.version.cmp(&b.version));
            releases.dedup_by(|a, b| a.version == b.version);
        }
        Ok(index)
    }

    /// How many releases there are.
    pub fn len(&self) -> usize {
        self.packages.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    // `/pypi/<name>/json` or `/pypi/<name>/<version>/json`: the dependencies are those of `info.version`.
    fn document(&mut self, document: &Node) {
        let Some(info) = document.get("info") else {
            self.problems.push("a document of the index has no `info`".to_owned());
            return;
        };
        let (Some(package), Some(described)) = (info.text_of("name"), info.text_of("version")) else {
            self.problems.push("a document of the index has no name or version".to_owned());
            return;
        };
        let mut own = info.clone();
        if let (Value::Table(entries), Some(files)) = (&mut own.value, document.entry("urls")) {
            entries.push(files.clone());
        }
        self.release(package, described, &own);
        for release in document.get("releases").map(Node::entries).unwrap_or_default() {
            if release.key != described && !release.node.items().is_empty() {
                self.undescribed(package, &release.key, &release.node);
            }
        }
    }

    // A release of which only the files are known.
    fn undescribed(&mut self, package: &str, written: &str, files: &Node) {
        let Some(version) = version(written) else { return };
        let known = self
            .packages
            .get(&name::normalized(package))
            .is_some_and(|releases| releases.iter().any(|release| release.version == version));
        if known {
            return;
        }
        let first = files.items().first();
        let requires_python = first.and_then(|file| file.text_of("requires_python"));
        let release = Release {
            version,
            written: written.to_owned(),
            requires: Err("its dependencies are not in the snapshot".to_owned()),
            extras: Vec::new(),
            requires_python: requires_python.and_then(|text| Specifiers::parse(text).ok()),
            yanked: files.items().iter().all(|file| file.get("yanked").and_then(Node::bool) == Some(true)),
            files: Some(distributions(files)),
        };
        self.packages.entry(name::normalized(package)).or_default().push(release);
    }

    fn release(&mut self, package: &str, written: &str, node: &Node) {
        let key = name::normalized(package);
        let Some(version) = version(written) else {
            self.problems.push(format!("{}: `{}` is no version", excerpt(package), excerpt(written)));
            return;
        };
        let any = |keys: &[&str]| keys.iter().find_map(|key| node.get(key)).filter(|node| node.value != Value::Null);
        let requires_node =
            if node.is_list() { Some(node) } else { any(&["requires", "requires_dist", "requiresDist"]) };
        let mut extras: Vec<String> = any(&["provides_extra", "provides_extras"])
            .map(Node::texts)
            .unwrap_or_default()
            .into_iter()
            .map(name::normalized)
            .collect();
        let mut requires = requirements(requires_node.map(Node::items).unwrap_or_default(), None);
        for extra in any(&["extras"]).map(Node::entries).unwrap_or_default() {
            let own = requirements(extra.node.items(), Some(&extra.key));
            extras.push(name::normalized(&extra.key));
            requires = match (requires, own) {
                (Ok(mut all), Ok(own)) => {
                    all.extend(own);
                    Ok(all)
                }
                (Err(said), _) | (_, Err(said)) => Err(said),
            };
        }
        for requirement in requires.iter().flatten() {
            if let Some(marker) = &requirement.marker {
                marker.each(&mut |left, _, right| {
                    use crate::support::packaging::marker::Side;
                    if let (Side::Variable("extra"), Side::Text(extra)) | (Side::Text(extra), Side::Variable("extra")) =
                        (left, right)
                    {
                        extras.push(name::normalized(extra));
                    }
                });
            }
        }
        extras.sort();
        extras.dedup();
        let python = any(&["requires_python", "requiresPython"]).and_then(Node::text).filter(|text| !text.is_empty());
        let requires_python = match python.map(Specifiers::parse) {
            Some(Err(said)) => {
                self.problems.push(format!("{key} {version}: requires-python: {said}"));
                None
            }
            other => other.and_then(Result::ok),
        };
        let yanked = any(&["yanked"]).is_some_and(|node| node.bool().unwrap_or(node.text().is_some()));
        let files = any(&["files", "urls"]).filter(|node| node.is_list()).map(distributions);
        if let Err(said) = &requires {
            self.problems.push(format!("{key} {version}: {said}"));
        }
        let release =
            Release { version, written: written.to_owned(), requires, extras, requires_python, yanked, files };
        self.packages.entry(key).or_default().push(release);
    }
}

fn requirements(items: &[Node], extra: Option<&str>) -> Result<Vec<Requirement>, String> {
    let mut found = Vec::new();
    for item in items {
        let Some(text) = item.text() else { return Err(format!("a requirement is {}", item.kind())) };
        let read = Requirement::parse(text);
        let mut requirement =
            read.map_err(|problem| format!("requirement `{}`: {}", excerpt(text), problem.message))?;
        if let Some(extra) = extra {
            use crate::support::packaging::marker::{Comparison, Marker, Side};
            let own = Marker::Compare {
                left: Side::Variable("extra"),
                comparison: Comparison::Sign("=="),
                right: Side::Text(name::normalized(extra)),
            };
            requirement.marker = Some(match requirement.marker {
                Some(marker) => Marker::And(vec![marker, own]),
                None => own,
            });
        }
        found.push(requirement);
    }
    Ok(found)
}

fn distributions(node: &Node) -> Vec<Distribution> {
    let mut found = Vec::new();
    for item in node.items() {
        let filename = item.text().or_else(|| item.text_of("filename")).unwrap_or_default();
        let Some(kind) = tags::file(filename) else { continue };
        let digests = item.get("hashes").or_else(|| item.get("digests"));
        let hashes = digests.map(Node::entries).unwrap_or_default();
        let hashes = hashes.iter().filter(|entry| entry.key != "md5" && entry.key != "blake2b_256");
        let hashes = hashes.filter_map(|entry| Some((entry.key.clone(), entry.node.text()?.to_owned()))).collect();
        let url = item.text_of("url").unwrap_or_default().to_owned();
        found.push(Distribution { filename: filename.to_owned(), url, hashes, kind });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slim_snapshots_and_documents_are_read_alike() {
        let slim = Index::read(
            r#"{"A_b": {"2.0": ["c>1"], "1.0": {"requires": [], "extras": {"X": ["d"]}, "yanked": "bad"}}}"#,
        )
        .expect("read");
        let releases = slim.packages.get("a-b").expect("a package");
        let versions: Vec<String> = releases.iter().map(|release| release.version.to_string()).collect();
        assert_eq!(versions, ["1.0", "2.0"]);
        assert!(releases.first().is_some_and(|release| release.yanked && release.extras == ["x"]));
        let document = r#"{"info": {"name": "a", "version": "2", "requires_dist": ["b; extra == 'q'"], "requires_python": ">=3.9"}, "urls": [{"filename": "a-2-py3-none-any.whl", "url": "u", "digests": {"sha256": "x", "md5": "y"}}], "releases": {"1": [{"filename": "a-1.tar.gz"}], "2": [], "junk": []}}"#;
        let index = Index::read(document).expect("read");
        let releases = index.packages.get("a").expect("a package");
        assert_eq!(releases.len(), 2);
        assert!(releases.first().is_some_and(|release| release.requires.is_err()));
        assert_eq!(releases.last().and_then(|release| release.files.as_ref()).map(Vec::len), Some(1));
    }
}
