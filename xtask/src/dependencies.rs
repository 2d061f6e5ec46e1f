//! What is taken from others: where it comes from, under which licence, and what of it a worker holds twice. All of it is read from
//! the lock files and `cargo metadata`, without a network; advisories need one, and docs/security.md says how to ask for them.

use crate::{build, paths, process};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The one place that crates come from.
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Licences that may be part of a worker: permissive, or copyleft by file (MPL), whose files are unchanged.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "MIT",
    "MPL-2.0",
    "PSF-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Licences that only tools of development may have beside: npm's packages build and test, and are part of nothing.
const LICENCES_OF_TOOLS: &[&str] = &["BlueOak-1.0.0", "ISC", "LGPL-3.0-or-later"];

/// Packages that name no licence in their manifest, and the one in their text.
const UNTOLD: &[(&str, &str)] = &[("jsonpath-rust", "MIT"), ("@modelcontextprotocol/inspector", "Apache-2.0")];

/// Crates that a worker may hold in two versions, since its engines ask for different ones.
const TWICE: &[&str] =
    &["foldhash", "hashbrown", "itertools", "rustc-hash", "thiserror", "toml", "toml_datetime", "winnow"];

/// Crates from one registry, with licences that may be here, and once in a worker.
pub(crate) fn crates() -> Result<Vec<String>> {
    let platform = ["metadata", "--locked", "--format-version", "1", "--filter-platform", crate::toolchain::TARGET];
    let metadata: Value = serde_json::from_str(&process::output(&mut process::cargo_command(&platform))?)?;
    let packages = metadata["packages"].as_array().context("packages")?;
    let mut faults = Vec::new();
    for package in packages {
        let name = text(&package["name"]);
        match package["source"].as_str() {
            None => {
                let manifest = text(&package["manifest_path"]);
                if !manifest.starts_with(&paths::root().display().to_string()) {
                    faults.push(format!("{name} comes from {manifest}"));
                }
            }
            Some(CRATES) => {}
            Some(source) => faults.push(format!("{name} comes from {source}")),
        }
        faults.extend(licence_fault(&name, package["license"].as_str(), &[LICENCES]));
    }
    faults.extend(twice(&metadata)?);
    // What is fetched is held against a digest.
    let lock = fs::read_to_string(paths::root().join("Cargo.lock"))?;
    for entry in lock.split("[[package]]").filter(|entry| entry.contains("\nsource = ")) {
        if !entry.contains(CRATES) || !entry.contains("\nchecksum = ") {
            faults.push(format!("Cargo.lock has no digest of {}", entry.lines().nth(1).unwrap_or_default()));
        }
    }
    Ok(faults)
}

/// The same of npm's packages, and that none runs a script that may not.
pub(crate) fn npm() -> Result<Vec<String>> {
    let read = |file: &str| -> Result<Value> {
        Ok(serde_json::from_str(&fs::read_to_string(paths::root().join(file)).with_context(|| file.to_owned())?)?)
    };
    let (lock, manifest) = (read("package-lock.json")?, read("package.json")?);
    let mut faults = Vec::new();
    let mut with_scripts = BTreeSet::new();
    for (place, package) in
        lock["packages"].as_object().context("packages")?.iter().filter(|(place, _)| !place.is_empty())
    {
        let name = place.rsplit_once("node_modules/").map_or(place.as_str(), |(_, name)| name);
        let is_of_registry =
            package["version"].as_str().is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        if !is_of_registry || package["link"] == true || !package["resolved"].is_null() {
            faults.push(format!("{place} is not by its version from the registry"));
        }
        if !package["integrity"].as_str().is_some_and(|digest| digest.starts_with("sha512-")) {
            faults.push(format!("{place} has no digest"));
        }
        if package["dev"] != true && package["devOptional"] != true {
            faults.push(format!("{place} is not of development alone"));
        }
        if package["hasInstallScript"] == true {
            with_scripts.insert(name.to_owned());
        }
        faults.extend(licence_fault(name, package["license"].as_str(), &[LICENCES, LICENCES_OF_TOOLS]));
    }
    let allowed = manifest["allowScripts"].as_object().context("allowScripts")?;
    faults.extend(
        allowed
            .keys()
            .filter(|name| !with_scripts.contains(*name))
            .map(|name| format!("{name} may run a script and has none")),
    );
    Ok(faults)
}

fn licence_fault(name: &str, licence: Option<&str>, allowed: &[&[&str]]) -> Option<String> {
    let told = UNTOLD.iter().find(|(of, _)| *of == name).map(|(_, licence)| *licence);
    let licence = told.or(licence).unwrap_or_default();
    let may = |one: &str| allowed.iter().any(|list| list.contains(&one));
    (!is_allowed(licence, &may)).then(|| format!("{name} has the licence {licence:?}, which is not on the list"))
}

// Whether an SPDX expression can be met by licences that are allowed. `OR` binds least; some old manifests write it `/`.
fn is_allowed(expression: &str, may: &dyn Fn(&str) -> bool) -> bool {
    let expression = expression.replace('/', " OR ");
    let words = expression.replace('(', " ( ").replace(')', " ) ");
    let mut words = words.split_whitespace().peekable();
    let met = any_of(&mut words, may);
    met && words.next().is_none()
}

type Words<'w, 't> = &'w mut std::iter::Peekable<std::str::SplitWhitespace<'t>>;

fn any_of(words: Words<'_, '_>, may: &dyn Fn(&str) -> bool) -> bool {
    let mut met = all_of(words, may);
    while words.next_if_eq(&"OR").is_some() {
        met |= all_of(words, may);
    }
    met
}

fn all_of(words: Words<'_, '_>, may: &dyn Fn(&str) -> bool) -> bool {
    let mut met = one(words, may);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, may);
    }
    met
}

fn one(words: Words<'_, '_>, may: &dyn Fn(&str) -> bool) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let met = any_of(words, may);
        return words.next() == Some(")") && met;
    }
    let Some(name) = words.next() else { return false };
    match words.next_if_eq(&"WITH").and_then(|_| words.next()) {
        Some(exception) => may(&format!("{name} WITH {exception}")) || may(name),
        None => may(name),
    }
}

// Crates of which a worker's wasm holds two versions. What macros are made of runs on the machine that builds.
fn twice(metadata: &Value) -> Result<Vec<String>> {
    let mut packages: BTreeMap<&str, &Value> = BTreeMap::new();
    for package in metadata["packages"].as_array().context("packages")? {
        packages.insert(package["id"].as_str().unwrap_or_default(), package);
    }
    let mut needs: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().context("nodes")? {
        let normal = node["deps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dep| dep["dep_kinds"].as_array().into_iter().flatten().any(|kind| kind["kind"].is_null()));
        let ids = normal
            .filter_map(|dep| dep["pkg"].as_str())
            .filter(|id| packages.get(id).is_some_and(|package| !is_macro(package)));
        needs.insert(node["id"].as_str().unwrap_or_default(), ids.collect());
    }
    let mut faults = BTreeSet::new();
    for worker in build::workers() {
        let name = format!("octavo-{worker}");
        let root = packages.iter().find(|(_, package)| package["name"] == name.as_str()).map(|(id, _)| *id);
        let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&str> = root.into_iter().collect();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            if let Some(package) = packages.get(id) {
                held.entry(text(&package["name"])).or_default().insert(text(&package["version"]));
            }
            waiting.extend(needs.get(id).into_iter().flatten());
        }
        let several = held.into_iter().filter(|(name, versions)| versions.len() > 1 && !TWICE.contains(&name.as_str()));
        faults.extend(several.map(|(name, versions)| {
            let versions: Vec<String> = versions.into_iter().collect();
            format!("{worker} holds {name} as {}; see `cargo tree -d`", versions.join(" and "))
        }));
    }
    Ok(faults.into_iter().collect())
}

fn is_macro(package: &Value) -> bool {
    let targets = package["targets"].as_array().into_iter().flatten();
    targets.flat_map(|target| target["kind"].as_array().into_iter().flatten()).any(|kind| kind == "proc-macro")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_what_is_allowed() {
        let may = |licence: &str| ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].contains(&licence);
        for (expression, met) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("", false),
            ("GPL-3.0-only OR MIT", true),
            ("MIT/Apache-2.0", true),
            ("Apache-2.0 / MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT AND Zlib", true),
            ("GPL-3.0-only AND MIT OR Zlib", true),
            ("GPL-3.0-only AND (MIT OR Zlib)", false),
            ("MIT AND (MIT AND Zlib)", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("Apache-2.0", false),
            ("MIT WITH Anything", true),
            ("(MIT", false),
            ("MIT Zlib", false),
        ] {
            assert_eq!(is_allowed(expression, &may), met, "{expression}");
        }
    }

    #[test]
    fn what_is_taken_from_others_is_as_it_should_be() {
        assert_eq!(crates().expect("metadata"), Vec::<String>::new());
        assert_eq!(npm().expect("a lock file"), Vec::<String>::new());
    }
}
