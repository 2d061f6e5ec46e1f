//! The fields of Kubernetes' own objects in each version, from the generated table `data/kubernetes/schemas.txt`.
//!
//! Owns reading the table; what is done with a value is in `validation`. The table is scanned for its definitions once a
//! call, and a definition's fields are read when it is first asked for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The table; its first line says how it was made, its second names the versions, `generate.py` explains the rest.
const TABLE: &str = include_str!("../../../data/kubernetes/schemas.txt");

/// The versions the table knows, oldest first.
pub const MINORS: [u32; 8] = [30, 31, 32, 33, 34, 35, 36, 37];

/// What a definition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An object of known fields alone.
    Object,
    /// Any object.
    AnyObject,
    /// Anything.
    Any,
    /// A string.
    Text,
    /// A resource quantity.
    Quantity,
    /// An integer or a string.
    IntOrString,
}

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// A string.
    Text,
    /// A base64 string.
    Bytes,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Any object.
    AnyObject,
    /// Anything.
    Any,
    /// The definition of this number.
    Definition(usize),
    /// A list.
    List(Box<Type>),
    /// A map from strings.
    Map(Box<Type>),
}

impl Type {
    fn parse(text: &str) -> Self {
        let rest = text.get(1..).unwrap_or_default();
        match text.as_bytes().first() {
            Some(b's') => Self::Text,
            Some(b'y') => Self::Bytes,
            Some(b'i') => Self::Int32,
            Some(b'l') => Self::Int64,
            Some(b'n') => Self::Number,
            Some(b'b') => Self::Boolean,
            Some(b'o') => Self::AnyObject,
            Some(b'#') => Self::Definition(rest.parse().unwrap_or(usize::MAX)),
            Some(b'[') => Self::List(Box::new(Self::parse(rest))),
            Some(b'{') => Self::Map(Box::new(Self::parse(rest))),
            _ => Self::Any,
        }
    }
}

/// A field of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its type.
    pub kind: Type,
    /// Whether it must be there.
    pub required: bool,
}

/// A definition in one version.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it is.
    pub shape: Shape,
    /// Its fields.
    pub fields: BTreeMap<&'static str, Field>,
}

struct Entry {
    name: &'static str,
    shape: Shape,
    versions: u8,
    // The lines of its fields.
    body: &'static str,
}

/// The table as one version of Kubernetes has it.
pub struct Schemas {
    bit: u8,
    entries: Vec<Entry>,
    kinds: BTreeMap<&'static str, usize>,
    read: RefCell<BTreeMap<usize, Rc<Definition>>>,
}

impl Schemas {
    /// The table of a minor version; of the nearest that it knows.
    pub fn of_minor(minor: u32) -> Self {
        let at = MINORS.iter().rposition(|known| *known <= minor).unwrap_or_default();
        let mut entries = Vec::new();
        let mut kinds = BTreeMap::new();
        // Each piece but the first starts with a definition's line.
        for piece in TABLE.split("\n=").skip(1) {
            let (head, body) = piece.split_once('\n').unwrap_or((piece, ""));
            let mut words = head.split(' ');
            let name = words.next().unwrap_or_default();
            let shape = match words.next() {
                Some("o") => Shape::Object,
                Some("m") => Shape::AnyObject,
                Some("s") => Shape::Text,
                Some("q") => Shape::Quantity,
                Some("x") => Shape::IntOrString,
                _ => Shape::Any,
            };
            let versions = words.next().and_then(|bits| u8::from_str_radix(bits, 16).ok()).unwrap_or_default();
            for kind in words {
                kinds.insert(kind, entries.len());
            }
            entries.push(Entry { name, shape, versions, body });
        }
        Self { bit: 1 << at, entries, kinds, read: RefCell::default() }
    }

    /// The definition of a kind in this version: `apps/v1`, `Deployment`.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<usize> {
        let at = *self.kinds.get(format!("{api_version}/{kind}").as_str())?;
        self.entries.get(at).filter(|entry| entry.versions & self.bit != 0)?;
        Some(at)
    }

    /// The other API versions under which this version serves the kind, with the group of `api_version` first.
    pub fn served(&self, api_version: &str, kind: &str) -> Vec<&'static str> {
        let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
        let mut found: Vec<&'static str> = self
            .kinds
            .iter()
            .filter(|(_, at)| self.entries.get(**at).is_some_and(|entry| entry.versions & self.bit != 0))
            .filter_map(|(name, _)| name.rsplit_once('/').filter(|(_, other)| *other == kind))
            .map(|(served, _)| served)
            .filter(|served| *served != api_version)
            .collect();
        let rank = |served: &str| {
            let unstable = served.contains("alpha") || served.contains("beta");
            (served.rsplit_once('/').map_or("", |(group, _)| group) != group, unstable)
        };
        found.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.cmp(a)));
        found
    }

    /// Every kind of this version, as `(apiVersion, kind)`.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.kinds
            .iter()
            .filter(|(_, at)| self.entries.get(**at).is_some_and(|entry| entry.versions & self.bit != 0))
            .filter_map(|(name, _)| name.rsplit_once('/'))
    }

    /// The versions, oldest first, that have this kind under this API version.
    pub fn minors(&self, api_version: &str, kind: &str) -> Vec<u32> {
        let entry = self.kinds.get(format!("{api_version}/{kind}").as_str()).and_then(|at| self.entries.get(*at));
        let versions = entry.map_or(0, |entry| entry.versions);
        MINORS.iter().enumerate().filter(|(at, _)| versions >> at & 1 == 1).map(|(_, minor)| *minor).collect()
    }

    /// The name of a definition, without the prefix that all share.
    pub fn name(&self, at: usize) -> &'static str {
        self.entries.get(at).map_or("", |entry| entry.name)
    }

    /// The definition of a number.
    pub fn definition(&self, at: usize) -> Option<Rc<Definition>> {
        if let Some(known) = self.read.borrow().get(&at) {
            return Some(Rc::clone(known));
        }
        let entry = self.entries.get(at)?;
        let mut fields = BTreeMap::new();
        for line in entry.body.lines() {
            let mut words = line.split(' ');
            let (Some(name), Some(kind)) = (words.next(), words.next()) else { continue };
            let bits = words.next().and_then(|bits| u8::from_str_radix(bits, 16).ok()).unwrap_or(entry.versions);
            if bits & self.bit != 0 {
                let bare = kind.trim_end_matches('*');
                fields.insert(name, Field { kind: Type::parse(bare), required: bare.len() < kind.len() });
            }
        }
        let definition = Rc::new(Definition { shape: entry.shape, fields });
        self.read.borrow_mut().insert(at, Rc::clone(&definition));
        Some(definition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let line = TABLE.lines().nth(1).expect("versions");
        assert_eq!(line, MINORS.map(|minor| format!("1.{minor}")).join(" "));
        let schemas = Schemas::of_minor(37);
        for at in 0..schemas.entries.len() {
            let definition = schemas.definition(at).expect("read");
            for field in definition.fields.values() {
                let mut kind = &field.kind;
                while let Type::List(inner) | Type::Map(inner) = kind {
                    kind = inner;
                }
                if let Type::Definition(other) = kind {
                    assert!(schemas.entries.get(*other).is_some(), "{} refers to nothing", schemas.name(at));
                }
            }
        }
    }

    #[test]
    fn versions_differ() {
        let has = |minor, api: &str, kind: &str| Schemas::of_minor(minor).kind(api, kind).is_some();
        assert!(has(30, "apps/v1", "Deployment") && has(37, "apps/v1", "Deployment"));
        assert!(has(31, "flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema"));
        assert!(!has(32, "flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema"));
        assert!(!has(30, "extensions/v1beta1", "Deployment"));
        assert_eq!(Schemas::of_minor(34).served("extensions/v1beta1", "Deployment"), ["apps/v1"]);
    }

    #[test]
    fn fields_know_their_types() {
        let schemas = Schemas::of_minor(30);
        let pod = schemas.definition(schemas.kind("v1", "Pod").expect("Pod")).expect("read");
        let Some(Field { kind: Type::Definition(spec), required: false }) = pod.fields.get("spec") else { panic!() };
        let spec = schemas.definition(*spec).expect("read");
        assert!(spec.fields.get("containers").is_some_and(|field| field.required));
        assert_eq!(spec.fields.get("hostnameOverride"), None);
    }
}
