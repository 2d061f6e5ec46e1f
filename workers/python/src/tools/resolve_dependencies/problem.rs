//! What is to be solved: requirements, an index, an environment, and what is chosen among versions.

use crate::support::packaging::index::{Index, Release};
use crate::support::packaging::marker::{Comparison, Environment, Marker, Side, VARIABLES};
use crate::support::packaging::requirement::Requirement;
use crate::support::packaging::specifier::{Operator, Specifiers, version};
use crate::support::packaging::tags::{File, Target};
use octavo_toolkit::{ToolError, suggest};
use pep440_rs::Version;
use std::collections::{BTreeMap, BTreeSet};

/// Python by default: one that most published packages support.
pub(super) const DEFAULT_PYTHON: &str = "3.13";
/// Most options.
pub(super) const MAX_OPTIONS: usize = 1_000;

/// When pre-releases may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prereleases {
    /// Always.
    Allow,
    /// Never.
    Disallow,
    /// Where a direct requirement names one, or there is nothing else.
    IfNecessaryOrExplicit,
    /// Where a direct requirement names one.
    Explicit,
    /// Where there is nothing else.
    IfNecessary,
}

/// For which packages something holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    all: bool,
    names: BTreeSet<String>,
}

impl Names {
    fn add(&mut self, name: &str) {
        if name.is_empty() || name == ":all:" {
            self.all = true;
        } else {
            self.names.insert(crate::support::packaging::name::normalized(name));
        }
    }

    fn has(&self, key: &str) -> bool {
        self.all || self.names.contains(key)
    }
}

/// The caller's options.
#[derive(Debug, Clone)]
pub(super) struct Options {
    prereleases: Prereleases,
    pub(super) lowest: bool,
    pub(super) lowest_direct: bool,
    upgrade: Names,
    no_build: Names,
    no_binary: Names,
    /// Marker variables, with their place among the options.
    pub(super) variables: Vec<(usize, String, String)>,
}

impl Options {
    /// Whether a lock is to be forgotten.
    pub(super) fn forgets(&self, key: &str) -> bool {
        self.upgrade.has(key)
    }
}

const OPTIONS: [&str; 5] = ["prerelease", "resolution", "upgrade", "no-build", "no-binary"];

impl Options {
    pub(super) fn read(options: &[String]) -> Result<Self, ToolError> {
        let mut read = Self {
            prereleases: Prereleases::IfNecessaryOrExplicit,
            lowest: false,
            lowest_direct: false,
            upgrade: Names::default(),
            no_build: Names::default(),
            no_binary: Names::default(),
            variables: Vec::new(),
        };
        for (at, option) in options.iter().enumerate() {
            let pointer = || format!("/options/{at}");
            let (key, value) =
                option.split_once('=').map_or((option.as_str(), ""), |(key, value)| (key.trim(), value.trim()));
            let among = |problem: &str, accepted: &str| Err(ToolError::invalid(pointer(), problem, accepted));
            match (key, value) {
                ("prerelease", "allow") => read.prereleases = Prereleases::Allow,
                ("prerelease", "disallow") => read.prereleases = Prereleases::Disallow,
                ("prerelease", "explicit") => read.prereleases = Prereleases::Explicit,
                ("prerelease", "if-necessary") => read.prereleases = Prereleases::IfNecessary,
                ("prerelease", "if-necessary-or-explicit") => read.prereleases = Prereleases::IfNecessaryOrExplicit,
                ("prerelease", _) => {
                    return among(
                        "has another value than there are",
                        "prerelease=allow, disallow, explicit, if-necessary or if-necessary-or-explicit",
                    );
                }
                ("resolution", "highest") => (read.lowest, read.lowest_direct) = (false, false),
                ("resolution", "lowest") => read.lowest = true,
                ("resolution", "lowest-direct") => read.lowest_direct = true,
                ("resolution", _) => {
                    return among("has another value than there are", "resolution=highest, lowest or lowest-direct");
                }
                ("upgrade", name) => read.upgrade.add(name),
                ("no-build", name) => read.no_build.add(name),
                ("no-binary", name) => read.no_binary.add(name),
                (name, value) if VARIABLES.contains(&name) && option.contains('=') => {
                    read.variables.push((at, name.to_owned(), value.to_owned()));
                }
                (other, _) => {
                    let hint = suggest::nearest(other, OPTIONS.into_iter().chain(VARIABLES))
                        .map(|known| format!("; did you mean `{known}`?"));
                    let problem = format!("is no option{}", hint.unwrap_or_default());
                    let accepted = "prerelease=, resolution=, upgrade=, no-build=, no-binary=, or a marker variable: sys_platform=win32";
                    return among(&problem, accepted);
                }
            }
        }
        Ok(read)
    }
}

/// Where it is to be installed.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// In one environment.
    One(Environment, Target, Version),
    /// Everywhere that has such a Python.
    Everywhere(Specifiers),
}

impl Place {
    /// From the caller's words: a version, or specifiers for every environment.
    pub(super) fn read(python: &str, given: &[(usize, String, String)]) -> Result<Self, ToolError> {
        let python = python.trim();
        let accepted = "a version such as \"3.12\", or for every environment \">=3.9\"";
        if python.starts_with(['>', '=', '<', '~', '!']) {
            let specifiers =
                Specifiers::parse(python).map_err(|_| ToolError::invalid("/python", "cannot be read", accepted))?;
            if let Some((at, ..)) = given.first() {
                let accepted = "marker variables with one `python` version";
                return Err(ToolError::invalid(format!("/options/{at}"), "is for one environment", accepted));
            }
            return Ok(Self::Everywhere(specifiers));
        }
        let full = if python.is_empty() { DEFAULT_PYTHON } else { python };
        let read = version(full).filter(|version| version.release().len() >= 2);
        let read = read.ok_or_else(|| ToolError::invalid("/python", "is no Python version", accepted))?;
        let (major, minor) =
            (read.release().first().copied().unwrap_or(3), read.release().get(1).copied().unwrap_or(0));
        let full = if read.release().len() == 2 && !read.any_prerelease() {
            format!("{major}.{minor}.0")
        } else {
            read.to_string()
        };
        let mut values: BTreeMap<String, String> = [
            ("implementation_name", "cpython"),
            ("implementation_version", full.as_str()),
            ("os_name", "posix"),
            ("platform_machine", "x86_64"),
            ("platform_python_implementation", "CPython"),
            ("platform_release", ""),
            ("platform_system", "Linux"),
            ("platform_version", ""),
            ("python_full_version", full.as_str()),
            ("python_version", &format!("{major}.{minor}")),
            ("sys_platform", "linux"),
            ("extra", ""),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        // One word for the system says the others.
        let system = given.iter().rev().find(|(_, name, _)| name == "sys_platform");
        let followed: &[(&str, &str)] = match system.map(|(_, _, value)| value.as_str()) {
            Some("win32") => &[("os_name", "nt"), ("platform_system", "Windows"), ("platform_machine", "AMD64")],
            Some("darwin") => &[("platform_system", "Darwin"), ("platform_machine", "arm64")],
            _ => &[],
        };
        values.extend(followed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        for (_, name, value) in given {
            values.insert(name.clone(), value.clone());
        }
        let value = |name: &str| values.get(name).cloned().unwrap_or_default();
        let target = Target {
            minor,
            implementation: value("implementation_name"),
            system: value("sys_platform"),
            machine: value("platform_machine"),
        };
        let installed = version(&value("python_full_version")).unwrap_or(read);
        Ok(Self::One(Environment { values, ..Environment::default() }, target, installed))
    }
}

/// Why a release cannot be chosen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unusable {
    /// Its dependencies are not known.
    Unread(String),
    /// It was withdrawn.
    Yanked,
    /// It is a pre-release.
    Prerelease,
    /// It needs another Python.
    Python(String),
    /// It has no file for the environment.
    Files(&'static str),
}

impl Unusable {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Unread(said) => said.clone(),
            Self::Yanked => "yanked".to_owned(),
            Self::Prerelease => "a pre-release".to_owned(),
            Self::Python(specifiers) => format!("needs Python {specifiers}"),
            Self::Files(what) => (*what).to_owned(),
        }
    }
}

/// Everything that does not change while solving.
#[derive(Debug)]
pub(super) struct Problem<'i> {
    pub(super) index: &'i Index,
    pub(super) direct: Vec<Requirement>,
    pub(super) options: Options,
    pub(super) place: Place,
    /// Packages whose pre-releases a direct requirement names.
    explicit: BTreeSet<String>,
    /// Versions that a direct requirement or a lock pins.
    pinned: BTreeSet<(String, String)>,
}

impl<'i> Problem<'i> {
    pub(super) fn new(
        index: &'i Index,
        direct: Vec<Requirement>,
        options: Options,
        place: Place,
        locked: &BTreeMap<String, Version>,
    ) -> Self {
        let explicit = direct.iter().filter(|one| one.specifiers.names_prerelease()).map(Requirement::key).collect();
        let of_direct = direct.iter().filter_map(|one| Some((one.key(), one.specifiers.pinned()?.to_string())));
        let of_locked = locked.iter().map(|(key, version)| (key.clone(), version.to_string()));
        let pinned = of_direct.chain(of_locked).collect();
        Self { index, direct, options, place, explicit, pinned }
    }

    /// The extra of the project that is meant.
    pub(super) fn own_extra(&self) -> &str {
        match &self.place {
            Place::One(environment, ..) => environment.values.get("extra").map_or("", String::as_str),
            Place::Everywhere(_) => "",
        }
    }

    /// The releases of a package, oldest first.
    pub(super) fn releases(&self, key: &str) -> &'i [Release] {
        self.index.packages.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// Why a release cannot be chosen anywhere in `lower`'s Pythons (their first), if so.
    pub(super) fn unusable(&self, key: &str, release: &Release, lower: Option<(u64, u64, u64)>) -> Option<Unusable> {
        if let Err(said) = &release.requires {
            return Some(Unusable::Unread(said.clone()));
        }
        let is_pinned = || self.pinned.contains(&(key.to_owned(), release.version.to_string()));
        if release.yanked && !is_pinned() {
            return Some(Unusable::Yanked);
        }
        let pinned = is_pinned() && self.options.prereleases != Prereleases::Disallow;
        if release.version.any_prerelease() && !pinned && !self.takes_prereleases(key) {
            return Some(Unusable::Prerelease);
        }
        if let Some(specifiers) = &release.requires_python {
            let fits = match (&self.place, lower) {
                (Place::One(_, _, python), _) => {
                    // A development version of Python counts as its release.
                    specifiers.contains(&python.only_release()) || specifiers.contains(python)
                }
                (Place::Everywhere(_), Some(lower)) => lower_bound(specifiers) <= lower,
                (Place::Everywhere(_), None) => true,
            };
            if !fits {
                return Some(Unusable::Python(specifiers.to_string()));
            }
        }
        self.unusable_files(key, release)
    }

    fn unusable_files(&self, key: &str, release: &Release) -> Option<Unusable> {
        let files = release.files.as_ref()?;
        let (no_build, no_binary) = (self.options.no_build.has(key), self.options.no_binary.has(key));
        let source = files.iter().any(|file| file.kind == File::Source);
        let (mut wheel, mut fitting) = (false, false);
        for file in files {
            let File::Wheel(tags) = &file.kind else { continue };
            wheel = true;
            fitting |= match &self.place {
                Place::One(_, target, _) => tags.fit(target),
                Place::Everywhere(_) => true,
            };
        }
        if (source && !no_build) || (fitting && !no_binary) {
            return None;
        }
        Some(Unusable::Files(match (source, wheel, fitting) {
            (true, _, false) => "has a source distribution only, and building is off",
            (true, _, true) => "may be neither built nor installed from wheels",
            (false, true, true) => "has wheels only, and they are off",
            (false, true, false) => "has no wheel for the environment and no source distribution",
            (false, false, _) => "has no file",
        }))
    }

    fn takes_prereleases(&self, key: &str) -> bool {
        let necessary = || self.releases(key).iter().all(|release| release.version.any_prerelease());
        match self.options.prereleases {
            Prereleases::Allow => true,
            Prereleases::Disallow => false,
            Prereleases::Explicit => self.explicit.contains(key),
            Prereleases::IfNecessary => necessary(),
            Prereleases::IfNecessaryOrExplicit => self.explicit.contains(key) || necessary(),
        }
    }
}

/// The first Python that specifiers admit, by their lower bounds.
pub(super) fn lower_bound(specifiers: &Specifiers) -> (u64, u64, u64) {
    let bounds = specifiers.0.iter().filter_map(|specifier| {
        let version = specifier.version.as_ref()?;
        let number = |at: usize| version.release().get(at).copied().unwrap_or(0);
        let (major, minor, patch) = (number(0), number(1), number(2));
        match specifier.operator {
            Operator::Equal | Operator::AtLeast | Operator::Compatible => Some((major, minor, patch)),
            Operator::Greater => Some((major, minor, patch.saturating_add(1))),
            Operator::Arbitrary | Operator::NotEqual | Operator::AtMost | Operator::Less => None,
        }
    });
    bounds.max().unwrap_or((0, 0, 0))
}

/// A marker with `extra` put in; none where it cannot hold, `Some(None)` where it always does.
#[expect(clippy::option_option, reason = "never, always, or a condition")]
pub(super) fn with_extra(marker: Option<&Marker>, extra: &str) -> Option<Option<Marker>> {
    let Some(marker) = marker else { return Some(None) };
    match marker {
        Marker::Compare { left, comparison, right } => match (left, right) {
            (Side::Variable("extra"), Side::Text(_)) | (Side::Text(_), Side::Variable("extra")) => {
                let mut environment = Environment::default();
                environment.values.insert("extra".to_owned(), extra.to_owned());
                let marker = Marker::Compare { left: left.clone(), comparison: *comparison, right: right.clone() };
                marker.holds(&environment).then_some(None)
            }
            _ => Some(Some(marker.clone())),
        },
        Marker::And(parts) => {
            let mut kept = Vec::new();
            for part in parts {
                kept.extend(with_extra(Some(part), extra)?);
            }
            Some((!kept.is_empty()).then_some(Marker::And(kept)))
        }
        Marker::Or(parts) => {
            let mut kept = Vec::new();
            for part in parts {
                match with_extra(Some(part), extra) {
                    Some(None) => return Some(None),
                    Some(Some(marker)) => kept.push(marker),
                    None => {}
                }
            }
            (!kept.is_empty()).then_some(Some(Marker::Or(kept)))
        }
    }
}

/// The marker that says a Python is at or above one.
pub(super) fn from_python((major, minor, patch): (u64, u64, u64)) -> Marker {
    Marker::Compare {
        left: Side::Variable("python_full_version"),
        comparison: Comparison::Sign(">="),
        right: Side::Text(format!("{major}.{minor}.{patch}")),
    }
}

/// The marker of a Python's specifiers.
pub(super) fn python_marker(specifiers: &Specifiers) -> Marker {
    Marker::And(
        specifiers
            .0
            .iter()
            .map(|specifier| Marker::Compare {
                left: Side::Variable("python_full_version"),
                comparison: Comparison::Sign(specifier.operator.word()),
                right: Side::Text(format!("{}{}", specifier.text, if specifier.wildcard { ".*" } else { "" })),
            })
            .collect(),
    )
}
