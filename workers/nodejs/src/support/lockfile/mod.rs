//! Lockfiles of npm, yarn, pnpm and bun as one graph: what is installed, and what each dependency leads to.
//!
//! Readers keep what the file says and invent nothing: a dependency that leads nowhere stays so. Peers are dependencies only
//! where the file resolves them by place (npm, bun); elsewhere they are left out.

mod bun;
mod npm;
mod pnpm;
mod yarn;

use super::json::{JsonError, Node, Object};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// Which program's lockfile, and which version of its format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// package-lock.json, npm-shrinkwrap.json.
    Npm(String),
    /// yarn.lock of yarn 1.
    YarnClassic,
    /// yarn.lock of yarn 2 and later.
    YarnBerry(String),
    /// pnpm-lock.yaml.
    Pnpm(String),
    /// bun.lock.
    Bun(String),
}

/// Why something is depended on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// `dependencies`.
    Production,
    /// `optionalDependencies`.
    Optional,
    /// `devDependencies` of a project.
    Development,
    /// `peerDependencies`.
    Peer,
    /// `peerDependencies` that are optional.
    OptionalPeer,
    /// A workspace of the project.
    Workspace,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The project itself.
    Project,
    /// One of its workspaces, or another local folder.
    Workspace,
    /// A link to another entry.
    Link(usize),
    /// An installed package.
    Package,
}

/// Something that is installed.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What the lockfile calls it: a place, a pattern or a path.
    pub key: String,
    /// What it is.
    pub role: Role,
    /// The package's name.
    pub name: String,
    /// Its version; empty where there is none.
    pub version: String,
    /// Where it is fetched from.
    pub resolved: Option<String>,
    /// Its checksum.
    pub integrity: Option<String>,
    /// Its licence, where the lockfile keeps it.
    pub license: Option<String>,
    /// Whether it came inside another package.
    pub is_bundled: bool,
    /// Where it stands in the text.
    pub span: Range<usize>,
}

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Who depends.
    pub from: usize,
    /// Under which name.
    pub name: String,
    /// The range or address.
    pub range: String,
    /// Why.
    pub need: Need,
    /// What it leads to.
    pub to: Option<usize>,
}

/// A dependency as yarn's lockfile keys it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The name before the last `@`.
    pub name: String,
    /// The range behind it.
    pub range: String,
    /// What it leads to.
    pub to: usize,
}

/// A lockfile as a graph.
#[derive(Debug, Clone)]
pub struct Lockfile {
    /// Of which program.
    pub format: Format,
    /// Everything installed, the project and its workspaces.
    pub entries: Vec<Entry>,
    /// Every dependency, in the order of the file.
    pub edges: Vec<Edge>,
    /// Every pattern, of yarn's lockfiles.
    pub patterns: Vec<Pattern>,
    /// Whether the file itself says what the projects depend on.
    pub knows_projects: bool,
}

/// A manifest beside the lockfile: the folder it is in (empty for the project's own), and its members.
#[derive(Debug, Clone, Copy)]
pub struct Manifest<'a> {
    /// The folder, relative to the lockfile's.
    pub folder: &'a str,
    /// What package.json says.
    pub object: &'a Object,
}

/// Why a text is no lockfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockError {
    /// Byte offset.
    pub at: usize,
    /// What is wrong, a sentence fragment.
    pub problem: String,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Npm(version) => write!(f, "npm lockfile version {version}"),
            Self::YarnClassic => f.write_str("yarn 1 lockfile"),
            Self::YarnBerry(version) => write!(f, "yarn berry lockfile version {version}"),
            Self::Pnpm(version) => write!(f, "pnpm lockfile version {version}"),
            Self::Bun(version) => write!(f, "bun lockfile version {version}"),
        }
    }
}

impl Need {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Production => "prod",
            Self::Optional => "optional",
            Self::Development => "dev",
            Self::Peer => "peer",
            Self::OptionalPeer => "peerOptional",
            Self::Workspace => "workspace",
        }
    }

    /// Whether nothing need be there.
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::Optional | Self::OptionalPeer)
    }

    /// Whether it is a peer.
    pub const fn is_peer(self) -> bool {
        matches!(self, Self::Peer | Self::OptionalPeer)
    }
}

impl Entry {
    fn new(key: impl Into<String>, role: Role, name: impl Into<String>, span: Range<usize>) -> Self {
        Self {
            key: key.into(),
            role,
            name: name.into(),
            version: String::new(),
            resolved: None,
            integrity: None,
            license: None,
            is_bundled: false,
            span,
        }
    }

    /// `name@version`, or what there is of it.
    pub fn label(&self) -> String {
        match (self.name.is_empty(), self.version.is_empty()) {
            (false, false) => format!("{}@{}", self.name, self.version),
            (false, true) => self.name.clone(),
            (true, _) => "the project".to_owned(),
        }
    }
}

impl LockError {
    fn new(at: usize, problem: impl Into<String>) -> Self {
        Self { at, problem: problem.into() }
    }
}

impl From<JsonError> for LockError {
    fn from(error: JsonError) -> Self {
        Self::new(error.at, format!("{} is expected here", error.expected))
    }
}

impl Lockfile {
    fn new(format: Format, knows_projects: bool) -> Self {
        Self { format, entries: Vec::new(), edges: Vec::new(), patterns: Vec::new(), knows_projects }
    }

    fn push(&mut self, entry: Entry) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// An entry.
    pub fn entry(&self, at: usize) -> Option<&Entry> {
        self.entries.get(at)
    }

    /// The project and its workspaces.
    pub fn projects(&self) -> impl Iterator<Item = usize> + '_ {
        let is_project = |entry: &Entry| matches!(entry.role, Role::Project | Role::Workspace);
        self.entries.iter().enumerate().filter(move |(_, entry)| is_project(entry)).map(|(at, _)| at)
    }

    /// What an entry stands for: the target of a link, else itself.
    pub fn followed(&self, at: usize) -> usize {
        match self.entries.get(at).map(|entry| entry.role) {
            Some(Role::Link(target)) => target,
            _ => at,
        }
    }
}

/// Reads a lockfile, told by its text and name which program's it is. Manifests say what projects depend on where the
/// lockfile does not.
pub fn read(filename: &str, text: &str, manifests: &[Manifest<'_>]) -> Result<Lockfile, LockError> {
    let name = filename.rsplit('/').next().unwrap_or_default();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if let Some(at) = text.match_indices("<<<<<<<").map(|(at, _)| at).find(|at| starts_line(text, *at)) {
        return Err(LockError::new(at, "an unresolved merge conflict"));
    }
    if name == "bun.lockb" {
        return Err(LockError::new(0, "bun's binary lockfile; `bun install --save-text-lockfile` writes bun.lock"));
    }
    if name == "bun.lock" {
        return bun::read(text);
    }
    if start.starts_with('{') {
        return npm::read(text, manifests);
    }
    if has_line(text, "__metadata:") {
        return yarn::read_berry(text);
    }
    if name.starts_with("pnpm-lock") || has_line(text, "lockfileVersion:") || has_line(text, "shrinkwrapVersion:") {
        return pnpm::read(text);
    }
    if name.ends_with("yarn.lock") || text.contains("# yarn lockfile v1") {
        return yarn::read_classic(text, manifests);
    }
    let accepted = "package-lock.json, npm-shrinkwrap.json, yarn.lock, pnpm-lock.yaml or bun.lock";
    Err(LockError::new(0, format!("no lockfile that is known; accepted: {accepted}")))
}

fn starts_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

fn has_line(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| starts_line(text, at))
}

/// Dependencies of a manifest or an entry, in npm's order: peers, production, optional, development; of one name the last
/// counts.
pub fn dependencies(object: &Object, is_project: bool) -> Vec<(String, String, Need)> {
    let mut found: Vec<(String, String, Need)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let optional_peer = |name: &str| {
        let meta = object.get("peerDependenciesMeta").and_then(|meta| meta.get(name));
        meta.and_then(|meta| meta.get("optional")).is_some_and(Node::is_truthy)
    };
    let fields = [
        ("peerDependencies", Need::Peer),
        ("dependencies", Need::Production),
        ("optionalDependencies", Need::Optional),
        ("devDependencies", Need::Development),
    ];
    for (field, need) in fields {
        if need == Need::Development && !is_project {
            continue;
        }
        for member in object.get(field).and_then(Node::as_object).map(Object::members).unwrap_or_default() {
            let Some(range) = member.value.as_str() else { continue };
            let need = if need == Need::Peer && optional_peer(&member.key) { Need::OptionalPeer } else { need };
            let dependency = (member.key.clone(), range.to_owned(), need);
            if let Some(known) = places.get(&member.key).and_then(|at| found.get_mut(*at)) {
                *known = dependency;
            } else {
                places.insert(member.key.clone(), found.len());
                found.push(dependency);
            }
        }
    }
    found
}

fn text_of(object: &Object, field: &str) -> Option<String> {
    object.get(field).and_then(Node::as_str).map(str::to_owned)
}

// The last name of a place such as `node_modules/@a/b` or `x/node_modules/c`.
fn last_name(place: &str) -> &str {
    place.rsplit_once("node_modules/").map_or(place, |(_, name)| name)
}
