//! Lock files as one model: requirements.txt, uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pylock.toml.
//!
//! Reads what is locked, with files, digests, dependencies and places. Whether a pylock.toml follows PEP 751 is for
//! `pylock`; what the lock ought to hold is for the tool.

use crate::support::packaging::document::{Fault, Node, parse_json, parse_toml};
use crate::support::packaging::manifest::poetry_constraint;
use crate::support::packaging::marker::Marker;
use crate::support::packaging::requirement::Requirement;
use crate::support::packaging::requirements_txt::{self, Kind as LineKind};
use crate::support::packaging::specifier::{Operator, Specifiers, version};
use crate::support::packaging::{manifest, name};
use pep440_rs::Version;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// Which kind of lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// pip's requirements file.
    Requirements,
    /// uv.lock.
    Uv,
    /// poetry.lock.
    Poetry,
    /// pdm.lock.
    Pdm,
    /// Pipfile.lock.
    Pipfile,
    /// pylock.toml.
    Pylock,
}

impl Kind {
    /// By a file's name.
    pub fn of(path: &str) -> Option<Self> {
        let file = path.rsplit('/').next().unwrap_or_default();
        match file {
            "uv.lock" => Some(Self::Uv),
            "poetry.lock" => Some(Self::Poetry),
            "pdm.lock" => Some(Self::Pdm),
            "Pipfile.lock" => Some(Self::Pipfile),
            "pylock.toml" => Some(Self::Pylock),
            _ => {
                let middle = file.strip_prefix("pylock.").and_then(|rest| rest.strip_suffix(".toml"));
                if middle.is_some_and(|middle| !middle.is_empty() && !middle.contains('.')) {
                    return Some(Self::Pylock);
                }
                let text = name::has_extension(file, &["txt", "lock"]);
                (text && file.contains("requirements")).then_some(Self::Requirements)
            }
        }
    }

    /// The word the report uses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requirements => "requirements.txt",
            Self::Uv => "uv.lock",
            Self::Poetry => "poetry.lock",
            Self::Pdm => "pdm.lock",
            Self::Pipfile => "Pipfile.lock",
            Self::Pylock => "pylock.toml",
        }
    }
}

/// A locked package.
#[derive(Debug, Clone, PartialEq)]
pub struct Locked {
    /// As written.
    pub name: String,
    /// Normalized.
    pub key: String,
    /// Its version, if it is one.
    pub version: Option<Version>,
    /// What stands for the version.
    pub written: String,
    /// Whether it comes from elsewhere than an index: a path, a repository, an address.
    pub direct: bool,
    /// Whether it is the project itself, or a member of its workspace.
    pub own: bool,
    /// Digests of its files, `algorithm:digest`.
    pub hashes: Vec<String>,
    /// What it needs; none where the lock does not say.
    pub requires: Option<Vec<Need>>,
    /// When it is installed.
    pub marker: Option<Marker>,
    /// Where it stands, in bytes; empty in JSON.
    pub span: Range<usize>,
    /// Where its pin stands, of a requirements file.
    pub pin_span: Option<Range<usize>>,
}

/// A dependency of a locked package.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    /// Normalized name.
    pub key: String,
    /// Versions it admits: any of these; all, where there are none.
    pub admits: Vec<Specifiers>,
    /// As it is written.
    pub text: String,
    /// Whether it holds only sometimes.
    pub conditional: bool,
    /// Extras it asks for.
    pub extras: BTreeSet<String>,
}

/// A lock.
#[derive(Debug, Clone)]
pub struct Lock {
    /// Which kind.
    pub kind: Kind,
    /// What is locked, in the order of the file.
    pub packages: Vec<Locked>,
    /// Requirements that pin nothing: name and place.
    pub unpinned: Vec<(String, Range<usize>)>,
    /// What cannot be read.
    pub faults: Vec<Fault>,
    /// The Pythons it is for.
    pub requires_python: Option<String>,
    /// The tree, where it is TOML or JSON.
    pub root: Option<Node>,
}

/// Reads a lock.
pub fn read(kind: Kind, text: &str) -> Lock {
    let mut lock = Lock {
        kind,
        packages: Vec::new(),
        unpinned: Vec::new(),
        faults: Vec::new(),
        requires_python: None,
        root: None,
    };
    match kind {
        Kind::Requirements => requirements(text, &mut lock),
        Kind::Pipfile => match parse_json(text) {
            Ok(root) => {
                pipfile(&root, &mut lock);
                lock.root = Some(root);
            }
            Err(fault) => lock.faults.push(fault),
        },
        Kind::Uv | Kind::Poetry | Kind::Pdm | Kind::Pylock => {
            let (root, faults) = parse_toml(text);
            lock.faults = faults;
            if lock.faults.is_empty() {
                match kind {
                    Kind::Uv => uv(&root, &mut lock),
                    Kind::Poetry => poetry(&root, &mut lock),
                    Kind::Pdm => pdm(&root, &mut lock),
                    Kind::Pylock | Kind::Requirements | Kind::Pipfile => pylock(&root, &mut lock),
                }
            }
            lock.root = Some(root);
        }
    }
    lock
}

impl Locked {
    fn new(name: &str, written: &str, span: Range<usize>) -> Self {
        Self {
            name: name.to_owned(),
            key: name::normalized(name),
            version: version(written),
            written: written.to_owned(),
            direct: false,
            own: false,
            hashes: Vec::new(),
            requires: None,
            marker: None,
            span,
            pin_span: None,
        }
    }
}

impl Need {
    fn of(requirement: &Requirement) -> Self {
        Self {
            key: requirement.key(),
            admits: vec![requirement.specifiers.clone()],
            text: requirement.to_string(),
            conditional: requirement.marker.is_some(),
            extras: requirement.extras.clone(),
        }
    }

    /// Whether a version is admitted.
    pub fn admits(&self, candidate: &Version) -> bool {
        self.admits.is_empty() || self.admits.iter().any(|specifiers| specifiers.contains(candidate))
    }
}

fn requirements(text: &str, lock: &mut Lock) {
    for line in requirements_txt::parse(text) {
        match line.kind {
            LineKind::Requirement(requirement) => {
                let pinned = match requirement.specifiers.0.as_slice() {
                    [one] if matches!(one.operator, Operator::Equal | Operator::Arbitrary) && !one.wildcard => {
                        Some(one)
                    }
                    _ => None,
                };
                let Some(pinned) = pinned else {
                    if requirement.url.is_some() {
                        let mut locked = Locked::new(&requirement.name, "", line.span);
                        (locked.direct, locked.marker, locked.hashes) = (true, requirement.marker, line.hashes);
                        lock.packages.push(locked);
                    } else {
                        lock.unpinned.push((requirement.name.clone(), line.span));
                    }
                    continue;
                };
                let mut locked = Locked::new(&requirement.name, &pinned.text, line.span.clone());
                let written = text.get(line.span.clone()).unwrap_or_default();
                locked.pin_span = written
                    .find(pinned.operator.word())
                    .and_then(|at| Some(at + written.get(at..)?.find(pinned.text.as_str())?))
                    .map(|at| line.span.start + at..line.span.start + at + pinned.text.len());
                (locked.marker, locked.hashes) = (requirement.marker, line.hashes);
                lock.packages.push(locked);
            }
            LineKind::Address { name, .. } => {
                let mut locked = Locked::new(&name.unwrap_or_default(), "", line.span);
                locked.direct = true;
                locked.hashes = line.hashes;
                if !locked.key.is_empty() {
                    lock.packages.push(locked);
                }
            }
            LineKind::Wrong(problem) => {
                lock.faults.push(Fault { message: problem.message, span: Some(problem.span) });
            }
            LineKind::Option { .. } | LineKind::UnknownOption(_) => {}
        }
    }
}

// `[[package]]` of three tools.
fn packages(root: &Node) -> impl Iterator<Item = (&Node, Locked)> {
    root.get("package").map(Node::items).unwrap_or_default().iter().filter_map(|node| {
        let place = node.get("name").map_or(node.span.clone(), |name| name.span.clone());
        Some((node, Locked::new(node.text_of("name")?, node.text_of("version").unwrap_or_default(), place)))
    })
}

fn hashes_of(files: &[Node]) -> Vec<String> {
    files.iter().filter_map(|file| file.text_of("hash")).map(str::to_owned).collect()
}

fn uv(root: &Node, lock: &mut Lock) {
    lock.requires_python = root.text_of("requires-python").map(str::to_owned);
    for (node, mut locked) in packages(root) {
        let source = node.get("source");
        let has = |keys: &[&str]| source.is_some_and(|source| keys.iter().any(|key| source.get(key).is_some()));
        locked.own = has(&["virtual", "editable"]);
        locked.direct = !has(&["registry"]);
        locked.hashes = hashes_of(node.get("wheels").map(Node::items).unwrap_or_default());
        locked.hashes.extend(node.get("sdist").and_then(|file| file.text_of("hash")).map(str::to_owned));
        let mut needs: Vec<Need> = Vec::new();
        let mut add = |list: Option<&Node>, conditional: bool| {
            for item in list.map(Node::items).unwrap_or_default() {
                let Some(name) = item.text_of("name") else { continue };
                let exact = item.text_of("version").and_then(|text| Specifiers::parse(&format!("=={text}")).ok());
                needs.push(Need {
                    key: name::normalized(name),
                    admits: exact.into_iter().collect(),
                    text: name.to_owned(),
                    conditional: conditional || item.get("marker").is_some(),
                    extras: item
                        .get("extra")
                        .map(Node::texts)
                        .unwrap_or_default()
                        .into_iter()
                        .map(name::normalized)
                        .collect(),
                });
            }
        };
        add(node.get("dependencies"), false);
        for table in ["optional-dependencies", "dev-dependencies"] {
            for entry in node.get(table).map(Node::entries).unwrap_or_default() {
                add(Some(&entry.node), true);
            }
        }
        locked.requires = Some(needs);
        lock.packages.push(locked);
    }
}

fn poetry(root: &Node, lock: &mut Lock) {
    lock.requires_python = root.at(&["metadata", "python-versions"]).and_then(Node::text).map(str::to_owned);
    // Before lock version 2, files stand apart.
    let apart = root.at(&["metadata", "files"]).or_else(|| root.at(&["metadata", "hashes"]));
    for (node, mut locked) in packages(root) {
        let kind = node.get("source").and_then(|source| source.text_of("type"));
        locked.direct = matches!(kind, Some("git" | "directory" | "file" | "url"));
        locked.hashes = hashes_of(node.get("files").map(Node::items).unwrap_or_default());
        if let Some(files) = apart.and_then(|apart| apart.get(&locked.name)) {
            locked.hashes.extend(hashes_of(files.items()));
            locked.hashes.extend(files.texts().into_iter().map(|digest| format!("sha256:{digest}")));
        }
        let mut needs = Vec::new();
        for entry in node.get("dependencies").map(Node::entries).unwrap_or_default() {
            let several = entry.node.items();
            let forms = if several.is_empty() { std::slice::from_ref(&entry.node) } else { several };
            for form in forms {
                let text = form.text().or_else(|| form.text_of("version")).unwrap_or("*");
                let optional = form.get("optional").and_then(Node::bool) == Some(true);
                needs.push(Need {
                    key: name::normalized(&entry.key),
                    admits: poetry_constraint(text).unwrap_or_default(),
                    text: format!("{} {text}", entry.key),
                    conditional: optional
                        || forms.len() > 1
                        || form.get("markers").is_some()
                        || form.get("python").is_some(),
                    extras: form
                        .get("extras")
                        .map(Node::texts)
                        .unwrap_or_default()
                        .into_iter()
                        .map(name::normalized)
                        .collect(),
                });
            }
        }
        locked.requires = Some(needs);
        lock.packages.push(locked);
    }
}

fn pdm(root: &Node, lock: &mut Lock) {
    let targets = root.at(&["metadata", "targets"]).map(Node::items).unwrap_or_default();
    let old = root.at(&["metadata", "requires_python"]).and_then(Node::text);
    lock.requires_python =
        targets.first().and_then(|target| target.text_of("requires_python")).or(old).map(str::to_owned);
    let apart = root.at(&["metadata", "files"]);
    let mut places: HashMap<(String, Option<Version>), usize> = HashMap::new();
    for (node, mut locked) in packages(root) {
        locked.direct = ["git", "path", "url", "hg", "svn"].iter().any(|key| node.get(key).is_some());
        locked.own = node.get("editable").and_then(Node::bool) == Some(true);
        locked.hashes = hashes_of(node.get("files").map(Node::items).unwrap_or_default());
        let of_old = apart.and_then(|apart| apart.get(&format!("{} {}", locked.name, locked.written)));
        locked.hashes.extend(of_old.map(|files| hashes_of(files.items())).unwrap_or_default());
        locked.marker = node.text_of("marker").and_then(|text| Marker::parse(text).ok());
        let needs = node.get("dependencies").map(Node::texts).unwrap_or_default();
        let needs = needs.into_iter().filter_map(|text| Requirement::parse(text).ok());
        locked.requires = Some(needs.map(|requirement| Need::of(&requirement)).collect());
        // A row of extras repeats the package.
        let place = *places.entry((locked.key.clone(), locked.version.clone())).or_insert(lock.packages.len());
        match lock.packages.get_mut(place) {
            Some(other) => {
                if let (Some(needs), Some(own)) = (&mut other.requires, locked.requires) {
                    needs.extend(own);
                }
                other.hashes.extend(locked.hashes);
            }
            None => lock.packages.push(locked),
        }
    }
}

fn pipfile(root: &Node, lock: &mut Lock) {
    lock.requires_python =
        root.at(&["_meta", "requires", "python_version"]).and_then(Node::text).map(|text| format!("=={text}.*"));
    let mut known: HashSet<(String, Option<Version>)> = HashSet::new();
    for section in root.entries().iter().filter(|entry| entry.key != "_meta") {
        for entry in section.node.entries() {
            let written = entry.node.text_of("version").unwrap_or_default();
            let mut locked = Locked::new(&entry.key, written.trim_start_matches('='), 0..0);
            locked.direct = ["git", "path", "file", "editable"].iter().any(|key| entry.node.get(key).is_some());
            locked.hashes =
                entry.node.get("hashes").map(Node::texts).unwrap_or_default().into_iter().map(str::to_owned).collect();
            locked.marker = entry.node.text_of("markers").and_then(|text| Marker::parse(text).ok());
            if known.insert((locked.key.clone(), locked.version.clone())) {
                lock.packages.push(locked);
            }
        }
    }
}

fn pylock(root: &Node, lock: &mut Lock) {
    lock.requires_python = root.text_of("requires-python").map(str::to_owned);
    for node in root.get("packages").map(Node::items).unwrap_or_default() {
        let Some(name) = node.text_of("name") else { continue };
        let place = node.get("name").map_or(node.span.clone(), |name| name.span.clone());
        let mut locked = Locked::new(name, node.text_of("version").unwrap_or_default(), place);
        locked.direct = ["vcs", "directory", "archive"].iter().any(|key| node.get(key).is_some());
        let files = node.get("wheels").map(Node::items).unwrap_or_default().iter();
        for file in files.chain(node.get("sdist")).chain(node.get("archive")) {
            let digests = file.get("hashes").map(Node::entries).unwrap_or_default();
            locked
                .hashes
                .extend(digests.iter().filter_map(|entry| Some(format!("{}:{}", entry.key, entry.node.text()?))));
        }
        locked.marker = node.text_of("marker").and_then(|text| Marker::parse(text).ok());
        locked.requires = node.get("dependencies").map(|needs| {
            let named = needs.items().iter().filter_map(|need| Some((need.text_of("name")?, need.text_of("version"))));
            named
                .map(|(name, version)| Need {
                    key: name::normalized(name),
                    admits: version.and_then(|text| Specifiers::parse(&format!("=={text}")).ok()).into_iter().collect(),
                    text: name.to_owned(),
                    conditional: true,
                    extras: BTreeSet::new(),
                })
                .collect()
        });
        lock.packages.push(locked);
    }
}

/// What a uv.lock remembers of the manifest it was made of: requirements by name.
pub fn remembered(root: &Node) -> Option<Vec<(String, String)>> {
    let own = root.get("package").map(Node::items).unwrap_or_default().iter().find(|node| {
        node.get("source")
            .is_some_and(|source| ["virtual", "editable"].iter().any(|key| source.text_of(key) == Some(".")))
    })?;
    let listed = own.at(&["metadata", "requires-dist"]).map(Node::items).unwrap_or_default();
    let named = listed.iter().filter_map(|one| {
        Some((name::normalized(one.text_of("name")?), one.text_of("specifier").unwrap_or_default().to_owned()))
    });
    Some(named.collect())
}

/// The declared dependencies of a manifest by its file's name; none for other files.
pub fn manifest_of(path: &str, source: &str) -> Option<Vec<manifest::Declared>> {
    let file = path.rsplit('/').next().unwrap_or_default();
    match file {
        "pyproject.toml" => Some(manifest::of_pyproject(source, &parse_toml(source).0)),
        "Pipfile" => Some(manifest::of_pipfile(&parse_toml(source).0)),
        "setup.cfg" => Some(manifest::of_setup_cfg(&crate::support::packaging::setup_cfg::parse(source))),
        file if name::has_extension(file, &["in"]) => {
            Some(manifest::of_requirements(&requirements_txt::parse(source), &manifest::Section::Main))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: Kind, text: &str) -> Vec<String> {
        let lock = read(kind, text);
        let one = |locked: &Locked| {
            let needs: Vec<&str> = locked.requires.iter().flatten().map(|need| need.key.as_str()).collect();
            format!("{}=={} {} {}", locked.key, locked.written, locked.hashes.len(), needs.join(","))
        };
        lock.packages.iter().map(one).collect()
    }

    #[test]
    fn every_kind_gives_the_same_model() {
        assert_eq!(shown(Kind::Requirements, "A-b==1.0 --hash=sha256:x\nc>1\n"), ["a-b==1.0 1 "]);
        let uv = "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"x\" }\ndependencies = [{ name = \"b\" }]\nsdist = { url = \"u\", hash = \"sha256:x\" }\n";
        assert_eq!(shown(Kind::Uv, uv), ["a==1 1 b"]);
        let poetry = "[[package]]\nname = \"a\"\nversion = \"1\"\nfiles = [{file = \"f\", hash = \"sha256:x\"}]\n[package.dependencies]\nb = \"^1\"\n";
        assert_eq!(shown(Kind::Poetry, poetry), ["a==1 1 b"]);
        let pdm = "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"b>1\"]\n";
        assert_eq!(shown(Kind::Pdm, pdm), ["a==1 0 b"]);
        assert_eq!(
            shown(Kind::Pipfile, r#"{"_meta":{},"default":{"a":{"version":"==1","hashes":["sha256:x"]}}}"#),
            ["a==1 1 "]
        );
        let pylock =
            "[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{url = \"u\", hashes = {sha256 = \"x\"}}]\n";
        assert_eq!(shown(Kind::Pylock, pylock), ["a==1 1 "]);
    }

    #[test]
    fn kinds_are_told_by_their_file_names() {
        for (path, kind) in [
            ("a/uv.lock", Some(Kind::Uv)),
            ("pylock.dev.toml", Some(Kind::Pylock)),
            ("pylock..toml", None),
            ("pylock.a.b.toml", None),
            ("dev-requirements.txt", Some(Kind::Requirements)),
            ("README.txt", None),
        ] {
            assert_eq!(Kind::of(path), kind, "{path}");
        }
    }
}
