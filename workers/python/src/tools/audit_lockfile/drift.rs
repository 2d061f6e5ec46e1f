//! A lock against its manifests and against itself: what is missing, what differs, what nobody needs, and the ways through it.

use super::rules;
use crate::support::packaging::lock::{Kind, Lock, Locked, Need, remembered};
use crate::support::packaging::manifest::{Declared, Section};
use crate::support::packaging::name::normalized;
use crate::support::packaging::specifier::Specifiers;
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Rule, SourceFile};
use pep440_rs::Version;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;

type Manifests<'m> = [(&'m SourceFile, Vec<Declared>)];

/// What does not fit.
pub(super) struct Drift {
    pub(super) rule: &'static Rule,
    pub(super) message: String,
    pub(super) span: Range<usize>,
    /// The manifest it is in; else the lock.
    pub(super) manifest: Option<usize>,
}

/// Who needs whom.
pub(super) struct Graph<'l> {
    /// Locked packages by normalized name.
    by_key: BTreeMap<&'l str, Vec<&'l Locked>>,
    /// For each package that is reached, the one before it.
    before: BTreeMap<String, Option<String>>,
    /// Whether dependencies are known and something declares roots.
    whole: bool,
    /// Normalized names that stand in the lock without a pin.
    unpinned: BTreeSet<String>,
    /// What a uv.lock remembers of its manifest, by normalized name.
    remembered: Option<BTreeMap<String, Vec<String>>>,
    /// Requirements of manifests on a package.
    declared: BTreeMap<String, Vec<(&'l SourceFile, &'l Declared)>>,
    /// Requirements of locked packages on a package, where the lock says which versions they admit.
    needed: BTreeMap<&'l str, Vec<(&'l Locked, &'l Need)>>,
}

impl<'l> Graph<'l> {
    pub(super) fn of(lock: &'l Lock, manifests: &'l Manifests<'l>) -> Self {
        let mut by_key: BTreeMap<&str, Vec<&Locked>> = BTreeMap::new();
        for locked in &lock.packages {
            by_key.entry(&locked.key).or_default().push(locked);
        }
        let declared = manifests.iter().flat_map(|(_, declared)| declared).filter(|one| one.section != Section::Build);
        let mut roots: Vec<String> = declared.map(Declared::key).collect();
        roots.extend(lock.packages.iter().filter(|locked| locked.own).map(|locked| locked.key.clone()));
        let needs_known = matches!(lock.kind, Kind::Uv | Kind::Poetry | Kind::Pdm);
        let whole = needs_known && !roots.is_empty();
        let mut before: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut open: VecDeque<String> = VecDeque::new();
        for root in roots {
            if before.insert(root.clone(), None).is_none() {
                open.push_back(root);
            }
        }
        while let Some(key) = open.pop_front() {
            for locked in by_key.get(key.as_str()).into_iter().flatten() {
                for need in locked.requires.iter().flatten() {
                    if !before.contains_key(&need.key) {
                        before.insert(need.key.clone(), Some(key.clone()));
                        open.push_back(need.key.clone());
                    }
                }
            }
        }
        let of_uv = lock.root.as_ref().filter(|_| lock.kind == Kind::Uv).and_then(remembered).map(|listed| {
            let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (name, text) in listed {
                by_name.entry(name).or_default().push(text);
            }
            by_name
        });
        let mut declared: BTreeMap<String, Vec<(&SourceFile, &Declared)>> = BTreeMap::new();
        for (file, listed) in manifests {
            for one in listed {
                declared.entry(one.key()).or_default().push((file, one));
            }
        }
        let mut needed: BTreeMap<&str, Vec<(&Locked, &Need)>> = BTreeMap::new();
        // uv's lock names exact versions where a package has several.
        if lock.kind != Kind::Uv && lock.kind != Kind::Pylock {
            for locked in &lock.packages {
                for need in locked.requires.iter().flatten() {
                    needed.entry(&need.key).or_default().push((locked, need));
                }
            }
        }
        let unpinned = lock.unpinned.iter().map(|(name, _)| normalized(name)).collect();
        Self { by_key, before, whole, unpinned, remembered: of_uv, declared, needed }
    }

    /// A shortest way from what is declared to a package.
    pub(super) fn path(&self, key: &str) -> Vec<String> {
        let mut path = Vec::new();
        let mut at = Some(key.to_owned());
        while let Some(key) = at {
            at = self.before.get(&key).cloned().flatten();
            if !self.before.contains_key(&key) {
                return Vec::new();
            }
            path.push(key);
        }
        path.reverse();
        path
    }

    /// Requirements on a package that do not admit a version.
    pub(super) fn blockers(&self, key: &str, version: &Version) -> Vec<String> {
        let mut found = BTreeSet::new();
        for (file, one) in self.declared.get(key).into_iter().flatten() {
            if one.read.is_ok() && !one.admits(version) {
                let text = one.admits.iter().map(ToString::to_string).collect::<Vec<_>>().join(" || ");
                found.insert(format!("{} ({}{})", excerpt(&file.path), excerpt(&one.name), excerpt(&text)));
            }
        }
        for (locked, need) in self.needed.get(key).into_iter().flatten() {
            if !need.admits(version) {
                found.insert(format!(
                    "{} {} ({})",
                    excerpt(&locked.name),
                    excerpt(&locked.written),
                    excerpt(&need.text)
                ));
            }
        }
        found.into_iter().collect()
    }

    /// Everything that does not fit.
    pub(super) fn drift(&self, lock: &Lock, manifests: &Manifests<'_>) -> Vec<Drift> {
        let mut found = Vec::new();
        if !lock.faults.is_empty() && lock.packages.is_empty() {
            return found;
        }
        for (at, (_, declared)) in manifests.iter().enumerate() {
            for one in declared.iter().filter(|one| one.section != Section::Build && one.read.is_ok()) {
                found.extend(self.declared(one, at, lock));
            }
        }
        python(lock, manifests, &mut found);
        for locked in &lock.packages {
            for need in locked.requires.iter().flatten() {
                let Some(targets) = self.by_key.get(need.key.as_str()) else {
                    if !need.conditional && lock.kind != Kind::Pylock {
                        let message =
                            format!("`{}` needs `{}`, which is not locked", excerpt(&locked.name), excerpt(&need.key));
                        found.push(Drift {
                            rule: &rules::INCONSISTENT,
                            message,
                            span: locked.span.clone(),
                            manifest: None,
                        });
                    }
                    continue;
                };
                let fits =
                    targets.iter().any(|target| target.version.as_ref().is_none_or(|version| need.admits(version)));
                if !fits && !need.conditional {
                    let locked_at: Vec<&str> = targets.iter().map(|target| target.written.as_str()).collect();
                    let message = format!(
                        "`{}` needs `{}`, and {} is locked",
                        excerpt(&locked.name),
                        excerpt(&need.text),
                        excerpt(&locked_at.join(", "))
                    );
                    found.push(Drift {
                        rule: &rules::INCONSISTENT,
                        message,
                        span: locked.span.clone(),
                        manifest: None,
                    });
                }
            }
            if self.whole && !manifests.is_empty() && !self.before.contains_key(&locked.key) {
                let message = format!("`{}` is locked, and nothing needs it", excerpt(&locked.name));
                found.push(Drift { rule: &rules::UNUSED, message, span: locked.span.clone(), manifest: None });
            }
        }
        found
    }

    fn declared(&self, one: &Declared, at: usize, lock: &Lock) -> Option<Drift> {
        let drift = |rule: &'static Rule, message: String| {
            Some(Drift { rule, message, span: one.span.clone(), manifest: Some(at) })
        };
        let key = one.key();
        let name = excerpt(&one.name);
        let requirement = one.read.as_ref().ok()?;
        let targets = self.by_key.get(key.as_str()).map(Vec::as_slice).unwrap_or_default();
        if targets.is_empty() {
            if self.unpinned.contains(&key) {
                return None;
            }
            // A requirements file is of one environment, and of the main dependencies unless it says more.
            let partial = matches!(lock.kind, Kind::Requirements | Kind::Pylock);
            if partial && (one.section != Section::Main || requirement.marker.is_some()) {
                return None;
            }
            return drift(&rules::NOT_LOCKED, format!("`{name}` is declared and not locked"));
        }
        let fits = |locked: &&&Locked| locked.version.as_ref().is_none_or(|version| one.admits(version));
        let none_fits = requirement.url.is_none() && !targets.iter().any(|locked| fits(&locked));
        if none_fits {
            let locked: Vec<&str> = targets.iter().map(|target| target.written.as_str()).collect();
            let wanted: Vec<String> = one.admits.iter().map(ToString::to_string).collect();
            let message = format!(
                "`{name}` is declared as {}, and {} is locked",
                excerpt(&wanted.join(" || ")),
                excerpt(&locked.join(", "))
            );
            return drift(&rules::OUT_OF_RANGE, message);
        }
        let of_name = self.remembered.as_ref()?.get(&key)?;
        let same = |text: &str| {
            let parse = |text: &str| {
                let mut all: Vec<String> = Specifiers::parse(text)
                    .map(|read| read.0.iter().map(ToString::to_string).collect())
                    .unwrap_or_default();
                all.sort();
                all
            };
            parse(text) == parse(&requirement.specifiers.to_string())
        };
        if one.section == Section::Main && requirement.url.is_none() && !of_name.iter().any(|text| same(text)) {
            let message = format!(
                "`{name}` is declared as `{}`, and was `{}` when it was locked",
                requirement.specifiers,
                excerpt(&of_name.join(", "))
            );
            return drift(&rules::OUT_OF_RANGE, message);
        }
        None
    }
}

// Whether lock and manifest are for the same Pythons.
fn python(lock: &Lock, manifests: &Manifests<'_>, found: &mut Vec<Drift>) {
    let Some(of_lock) = &lock.requires_python else { return };
    if !matches!(lock.kind, Kind::Uv | Kind::Pdm | Kind::Pylock) {
        return;
    }
    for (at, (file, _)) in manifests.iter().enumerate() {
        if !file.path.ends_with("pyproject.toml") {
            continue;
        }
        let (root, _) = crate::support::packaging::document::parse_toml(&file.source);
        let Some(node) = root.at(&["project", "requires-python"]) else { continue };
        let Some(text) = node.text() else { continue };
        let sorted = |text: &str| {
            let mut all: Vec<String> = Specifiers::parse(text)
                .map(|read| read.0.iter().map(ToString::to_string).collect())
                .unwrap_or_default();
            all.sort();
            all
        };
        if sorted(text) != sorted(of_lock) {
            let message = format!("the lock is for Python {}, the manifest for {}", excerpt(of_lock), excerpt(text));
            found.push(Drift { rule: &rules::PYTHON, message, span: node.span.clone(), manifest: Some(at) });
        }
    }
}
