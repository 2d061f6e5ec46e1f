//! The tables of a bundle: outputs, packages with their copies, modules, why something is in it, and what changed.

use super::model::{Bundle, Format, ImportKind, Module, is_source_map};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Most steps of a way shown; of a longer one the start and the end.
const MAX_WAY: usize = 30;

/// A file written.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OutputRow {
    /// Its path.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Modules in it.
    pub modules: usize,
    /// The module its code starts at, when it is an entry point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<String>,
}

/// A package's share.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PackageRow {
    /// Its name; (app) for the project, (runtime) for what the bundler adds, other brackets as the map has them.
    pub package: String,
    /// Bytes of its modules in the outputs.
    pub bytes: u64,
    /// Share of all modules, in hundredths of a percent.
    #[serde(rename = "percent")]
    pub share: Percent,
    /// Its modules in the outputs.
    pub modules: usize,
    /// Its copies, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Copy>,
    /// A shortest way of imports from an entry point to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// A copy of a package.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Copy {
    /// Its folder.
    pub folder: String,
    /// Its version, where the folder or a package.json that was sent tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Bytes of its modules in the outputs.
    pub bytes: u64,
}

/// A module's share.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ModuleRow {
    /// Its path.
    pub path: String,
    /// Bytes in the outputs.
    pub bytes: u64,
    /// esm or cjs, where the bundler tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<&'static str>,
    /// Modules that import it.
    pub importers: usize,
    /// The outputs it is in, where there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<String>,
}

/// Why something is in the bundle.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Why {
    /// The module or package asked for.
    pub of: String,
    /// Its bytes.
    pub bytes: u64,
    /// A shortest way of imports from an entry point to it.
    pub way: Vec<String>,
    /// Everyone else who imports it: module, how, and as what.
    pub importers: Vec<String>,
}

/// What became of a package since the baseline.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The package.
    pub package: String,
    /// Bytes in the baseline.
    pub before: u64,
    /// Bytes now.
    pub after: u64,
}

/// Hundredths of a percent, shown as a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(u64);

impl Percent {
    fn of(part: u64, whole: u64) -> Self {
        let rounded = (u128::from(part) * 10_000 + u128::from(whole) / 2).checked_div(u128::from(whole));
        Self(rounded.and_then(|share| u64::try_from(share).ok()).unwrap_or_default())
    }
}

impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(100) {
            return serializer.serialize_u64(self.0 / 100);
        }
        // Far below 2^53.
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
        serializer.serialize_f64(self.0 as f64 / 100.0)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Percent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// A package with its modules, before it is shown.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) bytes: u64,
    /// Modules with bytes.
    pub(super) modules: Vec<usize>,
    pub(super) folders: BTreeMap<String, u64>,
}

/// The packages with bytes in the outputs, by name.
pub(super) fn packages(bundle: &Bundle) -> BTreeMap<String, Package> {
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for (at, module) in bundle.modules.iter().enumerate().filter(|(_, module)| module.bytes > 0) {
        let package = packages.entry(module.package().to_owned()).or_default();
        package.bytes += module.bytes;
        package.modules.push(at);
        if let Some(folder) = module.folder() {
            *package.folders.entry(folder.to_owned()).or_default() += module.bytes;
        }
    }
    packages
}

/// Everything the tables need of one bundle.
pub(super) struct Tables<'b> {
    pub(super) bundle: &'b Bundle,
    pub(super) packages: BTreeMap<String, Package>,
    ways: Vec<Option<(usize, ImportKind)>>,
    importers: Vec<Vec<(usize, ImportKind)>>,
    versions: BTreeMap<String, String>,
}

impl<'b> Tables<'b> {
    /// `versions` are those of package.json files, by folder.
    pub(super) fn of(bundle: &'b Bundle, versions: BTreeMap<String, String>) -> Self {
        let mut importers = vec![Vec::new(); bundle.modules.len()];
        for (from, module) in bundle.modules.iter().enumerate() {
            for import in &module.imports {
                if let Some(list) = importers.get_mut(import.to) {
                    list.push((from, import.kind));
                }
            }
        }
        Self { bundle, packages: packages(bundle), ways: bundle.ways(|_| true), importers, versions }
    }

    pub(super) fn outputs(&self) -> Vec<OutputRow> {
        let mut rows: Vec<OutputRow> = self
            .bundle
            .outputs
            .iter()
            .map(|output| OutputRow {
                path: output.path.clone(),
                bytes: output.bytes,
                modules: output.parts.iter().filter(|(_, bytes)| *bytes > 0).count(),
                entry_point: output.entry.and_then(|at| self.bundle.modules.get(at)).map(|module| module.path.clone()),
            })
            .collect();
        rows.sort_by(|one, other| {
            is_source_map(&one.path)
                .cmp(&is_source_map(&other.path))
                .then(other.bytes.cmp(&one.bytes))
                .then_with(|| one.path.cmp(&other.path))
        });
        rows
    }

    fn all_bytes(&self) -> u64 {
        self.packages.values().map(|package| package.bytes).sum()
    }

    pub(super) fn package_rows(&self, most: usize) -> Vec<PackageRow> {
        let whole = self.all_bytes();
        let mut order: Vec<(&String, &Package)> = self.packages.iter().collect();
        order.sort_by(|one, other| other.1.bytes.cmp(&one.1.bytes).then_with(|| one.0.cmp(other.0)));
        let row = |(name, package): (&String, &Package)| PackageRow {
            package: name.clone(),
            bytes: package.bytes,
            share: Percent::of(package.bytes, whole),
            modules: package.modules.len(),
            copies: self.copies(package),
            why: if name.starts_with('(') { String::new() } else { self.nearest_way(&package.modules).join(" > ") },
        };
        order.into_iter().take(most).map(row).collect()
    }

    /// The copies of a package, the largest first; none when there is one.
    pub(super) fn copies(&self, package: &Package) -> Vec<Copy> {
        if package.folders.len() < 2 {
            return Vec::new();
        }
        let copy = |(folder, bytes): (&String, &u64)| Copy {
            folder: folder.clone(),
            version: self.versions.get(folder).cloned().or_else(|| version_in(folder)),
            bytes: *bytes,
        };
        let mut copies: Vec<Copy> = package.folders.iter().map(copy).collect();
        copies.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.folder.cmp(&other.folder)));
        copies
    }

    pub(super) fn module_rows(&self, most: usize) -> Vec<ModuleRow> {
        let modules = self.bundle.modules.iter().enumerate().filter(|(_, module)| module.bytes > 0);
        let mut order: Vec<(usize, &Module)> = modules.collect();
        order.sort_by(|one, other| other.1.bytes.cmp(&one.1.bytes).then_with(|| one.1.path.cmp(&other.1.path)));
        order.truncate(most);
        let mut outputs: BTreeMap<usize, Vec<String>> = order.iter().map(|(at, _)| (*at, Vec::new())).collect();
        for output in &self.bundle.outputs {
            for (module, _) in output.parts.iter().filter(|(_, bytes)| *bytes > 0) {
                if let Some(list) = outputs.get_mut(module) {
                    list.push(output.path.clone());
                }
            }
        }
        let row = |(at, module): (usize, &Module)| ModuleRow {
            path: module.path.clone(),
            bytes: module.bytes,
            format: module.format.map(Format::word),
            importers: self.importers_of(at).len(),
            outputs: outputs.remove(&at).filter(|list| list.len() > 1).unwrap_or_default(),
        };
        order.into_iter().map(row).collect()
    }

    fn importers_of(&self, at: usize) -> BTreeSet<usize> {
        self.importers.get(at).into_iter().flatten().map(|(from, _)| *from).collect()
    }

    // A shortest way to the nearest of some modules, as paths; empty where nothing leads there.
    fn nearest_way(&self, modules: &[usize]) -> Vec<String> {
        let ways = modules.iter().filter_map(|at| self.way(*at));
        ways.min_by_key(Vec::len).map(|way| self.shown(&way)).unwrap_or_default()
    }

    fn way(&self, module: usize) -> Option<Vec<usize>> {
        let mut way = vec![module];
        let mut at = module;
        while let Some((from, _)) = self.ways.get(at).copied().flatten() {
            if from == at {
                way.reverse();
                return Some(way);
            }
            way.push(from);
            at = from;
        }
        None
    }

    fn shown(&self, way: &[usize]) -> Vec<String> {
        let path = |at: &usize| self.bundle.modules.get(*at).map(|module| module.path.clone()).unwrap_or_default();
        if way.len() <= MAX_WAY {
            return way.iter().map(path).collect();
        }
        let (head, tail) = (MAX_WAY / 2, way.len() - MAX_WAY / 2);
        let hidden = std::iter::once(format!("({} more)", tail - head));
        way.iter().take(head).map(path).chain(hidden).chain(way.iter().skip(tail).map(path)).collect()
    }

    /// Why a package or a module (by the end of its path) is in the bundle; nothing when it is not.
    pub(super) fn why(&self, wanted: &str, most: usize) -> Option<Why> {
        let of_package = self.packages.get(wanted).map(|package| package.modules.clone());
        let named = |module: &Module| {
            module.path == wanted
                || module.path.strip_suffix(wanted).is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        let modules = of_package.or_else(|| {
            let exact = self.bundle.modules.iter().position(|module| module.path == wanted);
            exact.or_else(|| self.bundle.modules.iter().position(named)).map(|at| vec![at])
        })?;
        let own: BTreeSet<usize> = modules.iter().copied().collect();
        let mut importers = Vec::new();
        for at in &modules {
            let Some(module) = self.bundle.modules.get(*at) else { continue };
            for (from, kind) in self.importers.get(*at).into_iter().flatten().filter(|(from, _)| !own.contains(from)) {
                let Some(importer) = self.bundle.modules.get(*from) else { continue };
                let import = importer.imports.iter().find(|import| import.to == *at && import.kind == *kind);
                let specifier = import.map_or("", |import| import.specifier.as_str());
                importers.push(format!("{}: {} {specifier} ({})", importer.path, kind.word(), module.path));
            }
        }
        importers.sort();
        importers.dedup();
        importers.truncate(most);
        let bytes = modules.iter().filter_map(|at| self.bundle.modules.get(*at)).map(|module| module.bytes).sum();
        Some(Why { of: wanted.to_owned(), bytes, way: self.nearest_way(&modules), importers })
    }

    /// What changed since a baseline, the largest change first.
    pub(super) fn changes(&self, baseline: &Bundle) -> Vec<Change> {
        let before = packages(baseline);
        let names: BTreeSet<&String> = before.keys().chain(self.packages.keys()).collect();
        let bytes = |of: &BTreeMap<String, Package>, name: &str| of.get(name).map_or(0, |package| package.bytes);
        let change = |name: &String| Change {
            package: name.clone(),
            before: bytes(&before, name),
            after: bytes(&self.packages, name),
        };
        let mut changes: Vec<Change> =
            names.into_iter().map(change).filter(|change| change.before != change.after).collect();
        changes.sort_by(|one, other| {
            let by = |change: &Change| change.after.abs_diff(change.before);
            by(other).cmp(&by(one)).then_with(|| one.package.cmp(&other.package))
        });
        changes
    }
}

// pnpm and Bun write the version into the folder: `.pnpm/x@1.2.3/node_modules/x`.
fn version_in(folder: &str) -> Option<String> {
    let (store, name) = folder.rsplit_once("/node_modules/")?;
    let entry = store.rsplit('/').next()?;
    let rest = entry.strip_prefix(&name.replace('/', "+"))?.strip_prefix('@')?;
    let version = rest.split(['_', '(']).next()?;
    version.starts_with(|c: char| c.is_ascii_digit()).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_stand_in_folders_of_stores() {
        for (folder, version) in [
            ("node_modules/.pnpm/x@1.2.3/node_modules/x", Some("1.2.3")),
            ("/a/node_modules/.pnpm/@s+x@2.0.0_react@18.0.0/node_modules/@s/x", Some("2.0.0")),
            ("node_modules/a/node_modules/x", None),
            ("node_modules/x", None),
        ] {
            assert_eq!(version_in(folder).as_deref(), version, "{folder}");
        }
        assert_eq!((Percent::of(1, 3), Percent::of(0, 0)), (Percent(3333), Percent(0)));
    }
}
