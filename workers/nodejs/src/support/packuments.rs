//! What a registry says of packages: the manifests of their versions, and which version npm picks for a range.

use crate::support::json::{self, Kind, Node, Object};
use crate::support::semver::{Options, Range, Version};
use std::collections::BTreeMap;

/// How npm reads what others wrote.
pub(crate) const LOOSE: Options = Options { loose: true, include_prerelease: false };

/// Why something is depended on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// `peerDependencies`.
    Peer,
    /// `peerDependencies` that `peerDependenciesMeta` makes optional.
    OptionalPeer,
    /// `dependencies`.
    Production,
    /// `optionalDependencies`.
    Optional,
    /// `devDependencies` of the project.
    Development,
}

impl Need {
    pub(crate) const fn is_peer(self) -> bool {
        matches!(self, Self::Peer | Self::OptionalPeer)
    }

    pub(crate) const fn is_optional(self) -> bool {
        matches!(self, Self::Optional | Self::OptionalPeer)
    }

    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Peer | Self::OptionalPeer => "peerDependencies",
            Self::Production => "dependencies",
            Self::Optional => "optionalDependencies",
            Self::Development => "devDependencies",
        }
    }
}

/// What may take a dependency's place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wanted {
    /// Any version, prereleases too.
    Any,
    /// A version of a range.
    Within(Range),
    /// What a tag names; anything from the registry will do later.
    Tag(String),
    /// Another package in place of the named one.
    Alias(String, Box<Wanted>),
    /// A file, a repository, an address: nothing is known of it.
    Elsewhere,
}

/// One dependency.
#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) range: String,
    pub(crate) wanted: Wanted,
    pub(crate) need: Need,
}

/// One version of a package, or the project.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) version: String,
    pub(crate) parsed: Version,
    /// In npm's order, one of each name.
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) node_engine: Option<String>,
    pub(crate) is_deprecated: bool,
}

/// All versions of a package.
#[derive(Debug, Clone, Default)]
pub(crate) struct Packument {
    /// Newest first.
    pub(crate) versions: Vec<Manifest>,
    tags: BTreeMap<String, String>,
}

/// All packages that are known.
#[derive(Debug, Clone)]
pub(crate) struct Packages {
    by_name: BTreeMap<String, Packument>,
    /// The Node.js that engines are held against.
    pub(crate) node: Option<Version>,
}

/// Reads what is wanted as npm does.
pub(crate) fn read_wanted(text: &str) -> Wanted {
    let text = text.trim();
    if text.is_empty() || text == "*" {
        return Wanted::Any;
    }
    if let Some(target) = text.strip_prefix("npm:") {
        let at = target.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
        let (name, range) = at.map_or((target, ""), |at| {
            (target.get(..at).unwrap_or_default(), target.get(at + 1..).unwrap_or_default())
        });
        let inner = read_wanted(range);
        return Wanted::Alias(
            name.to_owned(),
            Box::new(if range.starts_with("npm:") { Wanted::Elsewhere } else { inner }),
        );
    }
    if let Some(range) = Range::parse(text, LOOSE) {
        return Wanted::Within(range);
    }
    if text.contains([':', '/']) || text.starts_with('.') || text.starts_with('~') {
        return Wanted::Elsewhere;
    }
    Wanted::Tag(text.to_owned())
}

impl Wanted {
    /// Whether a version of a package will do.
    pub(crate) fn accepts(&self, version: &Version) -> bool {
        match self {
            Self::Any | Self::Tag(_) | Self::Elsewhere => true,
            Self::Within(range) => range.contains(version),
            Self::Alias(_, inner) => inner.accepts(version),
        }
    }

    /// The package that is meant, for a dependency of this name.
    pub(crate) fn package<'a>(&'a self, name: &'a str) -> &'a str {
        if let Self::Alias(other, _) = self { other } else { name }
    }

    fn inner(&self) -> &Self {
        if let Self::Alias(_, inner) = self { inner } else { self }
    }
}

impl Manifest {
    /// Reads a manifest; `is_project` adds what only a project installs.
    pub(crate) fn read(object: &Object, version: &str, is_project: bool) -> Option<Self> {
        let parsed = Version::parse(version, LOOSE).or_else(|| is_project.then(|| Version::new(0, 0, 0)))?;
        let mut dependencies: Vec<Dependency> = Vec::new();
        let optional_peer = |name: &str| {
            let meta = object.get("peerDependenciesMeta").and_then(|meta| meta.get(name));
            meta.and_then(|meta| meta.get("optional")).is_some_and(Node::is_truthy)
        };
        let mut add = |field: &str, need: Need, keep: &dyn Fn(&str) -> bool| {
            for member in object.get(field).and_then(Node::as_object).map(Object::members).unwrap_or_default() {
                let Some(range) = member.value.as_str().filter(|_| keep(&member.key)) else { continue };
                let wanted = read_wanted(range);
                let dependency = Dependency { name: member.key.clone(), range: range.to_owned(), wanted, need };
                // A later kind takes the place of an earlier one.
                match dependencies.iter_mut().find(|known| known.name == dependency.name) {
                    Some(known) => *known = dependency,
                    None => dependencies.push(dependency),
                }
            }
        };
        add("peerDependencies", Need::Peer, &|name| !optional_peer(name));
        add("peerDependencies", Need::OptionalPeer, &optional_peer);
        add("dependencies", Need::Production, &|_| true);
        add("optionalDependencies", Need::Optional, &|_| true);
        if is_project {
            add("devDependencies", Need::Development, &|_| true);
        }
        let node_engine = object.get("engines").and_then(|engines| engines.get("node")).and_then(Node::as_str);
        Some(Self {
            version: version.to_owned(),
            parsed,
            dependencies,
            node_engine: node_engine.map(str::to_owned),
            is_deprecated: object.get("deprecated").is_some_and(Node::is_truthy),
        })
    }

    /// Whether it runs on a Node.js, as far as it says.
    pub(crate) fn runs_on(&self, node: &Version) -> bool {
        let options = Options { loose: false, include_prerelease: true };
        let range = self.node_engine.as_deref().filter(|text| !text.is_empty());
        range.is_none_or(|text| Range::parse(text, options).is_some_and(|range| range.contains(node)))
    }
}

impl Packages {
    /// None yet, to be run on a Node.js.
    pub(crate) fn on(node: Option<Version>) -> Self {
        Self { by_name: BTreeMap::new(), node }
    }

    /// Adds packuments from a JSON text: one, a list of them, or an object of them by name. What is neither is named.
    pub(crate) fn read(&mut self, text: &str) -> Result<(), json::JsonError> {
        let root = json::parse(text)?;
        match &root.kind {
            Kind::Array(items) => items.iter().for_each(|item| self.add(None, item)),
            Kind::Object(object) if object.has("versions") => self.add(None, &root),
            Kind::Object(object) => {
                object.members().iter().for_each(|member| self.add(Some(&member.key), &member.value));
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                return Err(json::JsonError { at: root.span.start, expected: "an object or an array" });
            }
        }
        Ok(())
    }

    fn add(&mut self, name: Option<&str>, node: &Node) {
        let Some(object) = node.as_object() else { return };
        let Some(name) = name.or_else(|| object.get("name").and_then(Node::as_str)) else { return };
        // Slim packuments may be the versions alone.
        let versions = object.get("versions").and_then(Node::as_object).unwrap_or(object);
        let packument = self.by_name.entry(name.to_owned()).or_default();
        for member in versions.members() {
            let Some(manifest) = member.value.as_object() else { continue };
            packument.versions.extend(Manifest::read(manifest, &member.key, false));
        }
        packument.versions.sort_by(|a, b| b.parsed.compare(&a.parsed));
        packument.versions.dedup_by(|a, b| a.version == b.version);
        for member in object.get("dist-tags").and_then(Node::as_object).map(Object::members).unwrap_or_default() {
            if let Some(version) = member.value.as_str() {
                packument.tags.insert(member.key.clone(), version.to_owned());
            }
        }
    }

    /// How many packages there are.
    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// How many versions there are.
    pub(crate) fn version_count(&self) -> usize {
        self.by_name.values().map(|packument| packument.versions.len()).sum()
    }

    /// The versions of a package.
    pub(crate) fn get(&self, name: &str) -> Option<&Packument> {
        self.by_name.get(name)
    }

    /// One version of a package.
    pub(crate) fn manifest(&self, name: &str, at: usize) -> Option<&Manifest> {
        self.by_name.get(name).and_then(|packument| packument.versions.get(at))
    }

    /// The version npm picks: the one tagged `latest` if it will do, else the newest that will, one that is not deprecated
    /// and runs here before others.
    pub(crate) fn pick(&self, name: &str, wanted: &Wanted) -> Option<usize> {
        let packument = self.get(wanted.package(name))?;
        let index = |version: &str| packument.versions.iter().position(|manifest| manifest.version == version);
        let runs = |manifest: &Manifest| self.node.as_ref().is_none_or(|node| manifest.runs_on(node));
        let wanted = wanted.inner();
        if let Wanted::Tag(tag) = wanted {
            return packument.tags.get(tag).and_then(|version| index(version));
        }
        if *wanted == Wanted::Elsewhere {
            return None;
        }
        let latest = packument.tags.get("latest").and_then(|version| index(version));
        let latest = latest.and_then(|at| packument.versions.get(at).map(|manifest| (at, manifest)));
        let takes = |manifest: &Manifest| wanted.accepts(&manifest.parsed) && runs(manifest) && !manifest.is_deprecated;
        if let Some((at, _)) = latest.filter(|(_, manifest)| takes(manifest)) {
            return Some(at);
        }
        let released = |manifest: &Manifest| *wanted != Wanted::Any || !manifest.parsed.is_prerelease();
        let candidates = packument.versions.iter().enumerate();
        let candidates = candidates.filter(|(_, manifest)| wanted.accepts(&manifest.parsed) && released(manifest));
        let rank = |manifest: &Manifest| {
            let (runs, kept) = (runs(manifest), !manifest.is_deprecated);
            (runs && kept, runs, kept)
        };
        let mut best: Option<(usize, &Manifest)> = None;
        for (at, manifest) in candidates {
            if best.is_none_or(|(_, known)| rank(manifest) > rank(known)) {
                best = Some((at, manifest));
            }
        }
        best.map(|(at, _)| at)
    }
}
