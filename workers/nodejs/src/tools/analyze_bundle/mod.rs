//! Analyses bundles: what each package costs, why it is there, what is doubled, what could not be left out, what grew.
//!
//! `esbuild`, `webpack` and `mapped` read the three kinds of input into `model`; `sizes` makes the tables.

mod esbuild;
mod mapped;
mod model;
mod rules;
pub mod sizes;
mod webpack;

use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader};
use model::{Bundle, Format, ImportKind, Module, is_source_map};
use octavo_toolkit::input::{MAX_PATH_BYTES, SourceFile};
use octavo_toolkit::limits::{MAX_FILES, MAX_LARGE_SOURCE_BYTES, check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use sizes::{Change, ModuleRow, OutputRow, PackageRow, Tables, Why};
use std::collections::{BTreeMap, BTreeSet};

declare_tool! {
    /// Tells what a JavaScript bundle is made of: bytes of each package and module, packages bundled twice, why each is
    /// there, what could not be left out, and what changed since another build.
    ///
    /// Use it when a bundle is too large or grew. Send esbuild's metafile (`--metafile`), webpack's or Rspack's statistics
    /// (`--json`), or the bundle's files with their source maps (any bundler: Rollup, Vite, Parcel, tsup). `why` names a
    /// package or module whose importers are wanted. `budgets` make it a check. `package.json` files of dependencies, sent
    /// along, give duplicates their versions. Files whose paths start with `baseline/` are an earlier build's, to compare with.
    ///
    /// Sizes are those of the outputs; webpack knows only those of the sources before minification, so send the maps for
    /// the others. Source maps are counted as source-map-explorer counts them.
    ///
    /// Limits: 24 MiB a file, 2,000 files.
    pub struct AnalyzeBundle;
    name: "analyze_bundle",
    title: "Analyze a bundle",
    summary: "Shows what a JavaScript bundle holds, from an esbuild metafile, webpack stats or source maps: bytes per package, duplicates, why included, bail-outs, growth.",
    keywords: "too large tree-shaking budgets bundle size too large big weight bytes esbuild metafile analyze webpack stats.json rollup vite rspack source-map-explorer bundle-analyzer bundlephobia bundlesize size-limit treemap chunk code splitting lazy dynamic import tree shaking dead code side effects sideEffects CommonJS duplicate dependency versions budget regression diff",
    examples: [
        "an esbuild metafile" => r#"{"files":[{"path":"meta.json","source":"{\"inputs\":{\"node_modules/left/i.js\":{\"bytes\":900,\"imports\":[],\"format\":\"cjs\"},\"src/a.js\":{\"bytes\":90,\"imports\":[{\"path\":\"node_modules/left/i.js\",\"kind\":\"import-statement\",\"original\":\"left\"}],\"format\":\"esm\"}},\"outputs\":{\"out/a.js\":{\"bytes\":1000,\"entryPoint\":\"src/a.js\",\"inputs\":{\"node_modules/left/i.js\":{\"bytesInOutput\":850},\"src/a.js\":{\"bytesInOutput\":80}}}}}"}],"why":"left","budgets":["total 900"]}"#,
        "a bundle and its source map" => r#"{"files":[{"path":"dist/a.js","source":"f();g();\n//# sourceMappingURL=a.js.map"},{"path":"dist/a.js.map","source":"{\"version\":3,\"sources\":[\"../src/f.js\",\"../node_modules/g/i.js\"],\"names\":[],\"mappings\":\"AAAA,ICAA\"}"},{"path":"baseline/dist/a.js","source":"f();"},{"path":"baseline/dist/a.js.map","source":"{\"version\":3,\"sources\":[\"../src/f.js\"],\"names\":[],\"mappings\":\"AAAA\"}"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: ["compressed sizes", "exports of modules that nothing uses"],
}

/// Rows of a table when the caller names no number.
const DEFAULT_ROWS: u32 = 20;
/// Most rows of a table a caller may ask for.
const MAX_ROWS: u32 = 10_000;
/// Most budgets.
const MAX_BUDGETS: usize = 200;
/// What stands before the paths of an earlier build's files.
const BASELINE: &str = "baseline/";
/// Growth of a package, in bytes, up to which nothing is said.
const LEAST_GROWTH_BYTES: u64 = 1_024;
/// Growth of a package, in hundredths, up to which nothing is said.
const LEAST_GROWTH_PERCENT: u64 = 5;
/// Most findings of one kind.
const MAX_OF_A_KIND: usize = 50;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Metafile, stats, or bundles with their .map files; those of an earlier build below baseline/.
    files: Vec<SourceFile>,
    /// Package or module to explain.
    #[serde(default)]
    why: Option<String>,
    /// Most bytes, as "total 90000", "main.js 90000", "react 9000".
    #[serde(default)]
    budgets: Vec<String>,
    /// Rows a table; default 20.
    #[serde(default)]
    #[cfg_attr(not(target_arch = "wasm32"), schemars(range(min = 1, max = 10_000)))]
    top: Option<u32>,
}

/// A limit for a part of the bundle.
struct Budget<'b> {
    /// "total", an output's path, or a package.
    of: &'b str,
    max_bytes: u64,
}

/// What the bundle is made of.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct BundleSizes {
    /// What was read: esbuild metafile, webpack stats, source map.
    pub kinds: Vec<String>,
    /// All outputs but source maps, in bytes.
    pub total_bytes: u64,
    /// The baseline's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline_bytes: Option<u64>,
    /// Why the package or module asked for is in the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// Packages whose size changed since the baseline, the largest change first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Packages, the largest first.
    pub packages: Vec<PackageRow>,
    /// Files written, the largest first, source maps last.
    pub outputs: Vec<OutputRow>,
    /// Modules, the largest first.
    pub modules: Vec<ModuleRow>,
    /// What is left to the platform to resolve.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub externals: Vec<String>,
}

impl Tool for AnalyzeBundle {
    type Input = Input;
    type Data = BundleSizes;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<BundleSizes>, ToolError> {
        let top = input.check()?;
        let mut findings = Vec::new();
        let (earlier, files): (Vec<&SourceFile>, Vec<&SourceFile>) =
            input.files.iter().partition(|file| file.path.starts_with(BASELINE));
        let budgets = budgets_of(&input.budgets)?;
        let read = Read::of(&files, &mut findings)?;
        ctx.progress(1, 3, "files read");
        let tables = Tables::of(&read.bundle, read.versions);
        let mut data = BundleSizes {
            kinds: read.kinds.into_iter().map(str::to_owned).collect(),
            total_bytes: read.bundle.total(),
            packages: tables.package_rows(top),
            outputs: tables.outputs().into_iter().take(top).collect(),
            modules: tables.module_rows(top),
            externals: read.bundle.externals.iter().take(top).cloned().collect(),
            ..BundleSizes::default()
        };
        if let Some(wanted) = input.why.as_deref().filter(|_| !data.kinds.is_empty()) {
            data.why = Some(tables.why(wanted, top).ok_or_else(|| nothing_of(&tables, wanted))?);
        }
        ctx.progress(2, 3, "sizes added up");
        if !earlier.is_empty() {
            let before = Read::of(&earlier, &mut findings)?;
            let mut changes = tables.changes(&before.bundle);
            judge_growth(&changes, &mut findings);
            changes.truncate(top);
            data.changes = changes;
            data.baseline_bytes = Some(before.bundle.total());
        }
        if !data.kinds.is_empty() {
            judge_budgets(&budgets, &tables, &mut findings)?;
        }
        judge_packages(&tables, &mut findings);
        judge_imports(&read.bundle, &mut findings);
        let summary = summary(&tables, data.total_bytes, data.baseline_bytes);
        let mut report = Report::checked(findings, data).over_files(input.files.len()).with_summary(summary);
        for gap in &read.bundle.gaps {
            report = report.not_checked(gap.as_str());
        }
        Ok(report)
    }
}

impl Input {
    fn check(&self) -> Result<usize, ToolError> {
        check_items("/files", &self.files, MAX_FILES)?;
        for (at, file) in self.files.iter().enumerate() {
            check_bytes(&format!("/files/{at}/path"), &file.path, MAX_PATH_BYTES)?;
            check_bytes(&format!("/files/{at}/source"), &file.source, MAX_LARGE_SOURCE_BYTES)?;
        }
        check_bytes("/why", self.why.as_deref().unwrap_or_default(), MAX_PATH_BYTES)?;
        check_items("/budgets", &self.budgets, MAX_BUDGETS)?;
        for (at, budget) in self.budgets.iter().enumerate() {
            check_bytes(&format!("/budgets/{at}"), budget, MAX_PATH_BYTES)?;
        }
        let top = self.top.unwrap_or(DEFAULT_ROWS);
        if !(1..=MAX_ROWS).contains(&top) {
            return Err(ToolError::invalid("/top", "is out of range", format!("a whole number from 1 to {MAX_ROWS}")));
        }
        Ok(top as usize)
    }
}

/// What the files of one build say together.
#[derive(Debug, Default)]
struct Read {
    bundle: Bundle,
    kinds: BTreeSet<&'static str>,
    versions: BTreeMap<String, String>,
}

impl Read {
    fn of(files: &[&SourceFile], findings: &mut Vec<Finding>) -> Result<Self, ToolError> {
        let mut read = Self::default();
        let (mut codes, mut maps) = (Vec::new(), BTreeMap::new());
        let mut reports = Vec::new();
        for file in files.iter().copied() {
            let is_json = file.source.trim_start_matches('\u{feff}').trim_start().starts_with(['{', ')']);
            if !is_json || is_code(&file.path) {
                codes.push(file);
                continue;
            }
            match kind_of(&file.path, &file.source) {
                Ok(Document::Metafile | Document::Stats) => reports.push(file),
                Ok(Document::Map) => {
                    maps.insert(file.path.trim_end_matches(".map"), file);
                }
                Ok(Document::Manifest(version)) => {
                    let folder = file.path.trim_end_matches("package.json").trim_end_matches('/');
                    read.versions.extend(version.map(|version| (folder.to_owned(), version)));
                }
                Ok(Document::Other(found)) => {
                    let message = format!(
                        "is {found}; accepted are an esbuild metafile, webpack statistics, a bundle with its source map, a package.json"
                    );
                    findings.push(Finding::new(&rules::INPUT_UNREADABLE, message).in_file(&*file.path));
                }
                Err(error) => findings.push(broken(file, &error)),
            }
        }
        if reports.len() > 1 {
            let accepted = "one metafile or one file of statistics; an earlier build's stand below baseline/";
            return Err(ToolError::invalid("/files", "has several bundlers' reports", accepted));
        }
        for file in reports {
            read.add_report(file, findings);
        }
        read.add_mapped(&codes, &maps, findings);
        if read.kinds.is_empty() && findings.iter().all(|finding| finding.rule != rules::INPUT_UNREADABLE.id) {
            let accepted = "an esbuild metafile, webpack statistics, or a bundle and its .map file";
            return Err(ToolError::invalid("/files", "has nothing that tells of a bundle", accepted));
        }
        read.bundle.finish();
        Ok(read)
    }

    fn add_report(&mut self, file: &SourceFile, findings: &mut Vec<Finding>) {
        let is_metafile = matches!(kind_of(&file.path, &file.source), Ok(Document::Metafile));
        let (kind, read) = if is_metafile {
            ("esbuild metafile", esbuild::read(&file.source))
        } else {
            ("webpack stats", webpack::read(&file.source))
        };
        match read {
            Ok(bundle) => {
                self.kinds.insert(kind);
                self.bundle = bundle;
            }
            Err(error) => findings.push(broken(file, &error)),
        }
    }

    // Code is counted by its map; beside a bundler's report, which has the sizes already, it is not.
    fn add_mapped(&mut self, codes: &[&SourceFile], maps: &BTreeMap<&str, &SourceFile>, findings: &mut Vec<Finding>) {
        if !self.kinds.is_empty() {
            if !codes.is_empty() || !maps.is_empty() {
                self.bundle.gaps.push("code and source maps: the bundler's report was read instead".to_owned());
            }
            return;
        }
        let mut used = BTreeSet::new();
        for file in codes {
            let Some(map) = maps.get(file.path.as_str()) else {
                self.bundle.gaps.push(format!(
                    "{}: its source map {}.map was not sent",
                    excerpt(&file.path),
                    excerpt(&file.path)
                ));
                continue;
            };
            used.insert(file.path.as_str());
            match mapped::add(&mut self.bundle, &file.path, &file.source, &map.source) {
                Ok(broken) => {
                    self.kinds.insert("source map");
                    if broken > 0 {
                        self.bundle.gaps.push(format!(
                            "{} of {}, which are broken",
                            plural(broken, "mapping"),
                            excerpt(&map.path)
                        ));
                    }
                }
                Err(error) => findings.push(broken(map, &error)),
            }
        }
        for (path, _) in maps.iter().filter(|(path, _)| !used.contains(**path)) {
            self.bundle.gaps.push(format!("{}.map: its code {} was not sent", excerpt(path), excerpt(path)));
        }
    }
}

fn broken(file: &SourceFile, error: &JsonError) -> Finding {
    let range = LineIndex::new(&file.source).range(error.at..error.at);
    let message = format!("{} is expected here; the file is left out", error.expected);
    Finding::new(&rules::INPUT_UNREADABLE, message).at(range).in_file(&*file.path)
}

enum Document {
    Metafile,
    Stats,
    Map,
    Manifest(Option<String>),
    Other(String),
}

fn is_code(path: &str) -> bool {
    let kind = path.rsplit_once('.').map_or("", |(_, kind)| kind).to_ascii_lowercase();
    matches!(kind.as_str(), "js" | "mjs" | "cjs" | "css")
}

fn kind_of(path: &str, text: &str) -> Result<Document, JsonError> {
    if is_source_map(path) || text.starts_with(")]}") {
        return Ok(Document::Map);
    }
    let mut keys = BTreeSet::new();
    let mut version = None;
    let mut reader = Reader::new(text);
    reader.object(|reader, key| {
        keys.insert(key.to_owned());
        if key == "version" && reader.kind()? == Kind::String {
            return reader.string().map(|text| version = Some(text.into_owned()));
        }
        reader.skip()
    })?;
    let has = |key: &str| keys.contains(key);
    Ok(if has("inputs") && has("outputs") {
        Document::Metafile
    } else if has("mappings") || has("sections") {
        Document::Map
    } else if path == "package.json" || path.ends_with("/package.json") {
        Document::Manifest(version)
    } else if has("modules") || has("chunks") || has("children") && has("assets") {
        Document::Stats
    } else if has("nodes") && has("samples") {
        Document::Other("a CPU profile, which nodejs_analyze_cpu_profile reads".to_owned())
    } else if has("snapshot") {
        Document::Other("a heap snapshot, which nodejs_analyze_heap reads".to_owned())
    } else if has("assets") || has("hash") {
        Document::Other("webpack statistics without modules; write them with modules and chunks".to_owned())
    } else {
        let shown: Vec<String> = keys.iter().take(4).map(|key| excerpt(key)).collect();
        Document::Other(format!("an object with the members {}", shown.join(", ")))
    })
}

fn nothing_of(tables: &Tables<'_>, wanted: &str) -> ToolError {
    let names = tables.packages.keys().map(String::as_str);
    let hint = octavo_toolkit::suggest::nearest(wanted, names);
    let hint = hint.map_or(String::new(), |name| format!("; did you mean \"{}\"?", excerpt(name)));
    ToolError::invalid(
        "/why",
        "is neither a package nor a module of the bundle",
        format!("a name as in `packages` or a path as in `modules`{hint}"),
    )
}

fn budgets_of(texts: &[String]) -> Result<Vec<Budget<'_>>, ToolError> {
    let mut budgets = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let read = text
            .trim()
            .rsplit_once(' ')
            .and_then(|(of, bytes)| Some(Budget { of: of.trim(), max_bytes: bytes.parse().ok()? }));
        let accepted = "a part of the bundle and its bytes, such as \"total 90000\"";
        budgets.push(read.ok_or_else(|| ToolError::invalid(format!("/budgets/{at}"), "is no budget", accepted))?);
    }
    Ok(budgets)
}

fn judge_budgets(budgets: &[Budget<'_>], tables: &Tables<'_>, findings: &mut Vec<Finding>) -> Result<(), ToolError> {
    for (at, budget) in budgets.iter().enumerate() {
        let output = || {
            let outputs = &tables.bundle.outputs;
            let exact = outputs.iter().find(|output| output.path == budget.of);
            let by_name = || outputs.iter().find(|output| output.path.rsplit('/').next() == Some(budget.of));
            exact.or_else(by_name).map(|output| output.bytes)
        };
        let package = || tables.packages.get(budget.of).map(|package| package.bytes);
        let spent = if budget.of == "total" { Some(tables.bundle.total()) } else { output().or_else(package) };
        let Some(spent) = spent else {
            // A package that is not bundled keeps any budget.
            if budget.of.contains('.') && !budget.of.starts_with('@') {
                let pointer = format!("/budgets/{at}");
                return Err(ToolError::invalid(
                    pointer,
                    "names no output of the bundle",
                    "\"total\", an output's path, or a package",
                ));
            }
            continue;
        };
        if spent > budget.max_bytes {
            let over = spent - budget.max_bytes;
            let message =
                format!("{} has {spent} bytes, {over} over its budget of {}", excerpt(budget.of), budget.max_bytes);
            findings.push(Finding::new(&rules::BUDGET_EXCEEDED, message));
        }
    }
    Ok(())
}

fn judge_packages(tables: &Tables<'_>, findings: &mut Vec<Finding>) {
    let of = |at: &usize| tables.bundle.modules.get(*at);
    for (name, package) in tables.packages.iter().filter(|(name, _)| !name.starts_with('(')) {
        let copies = tables.copies(package);
        if let Some(largest) = copies.first() {
            let shown = copies.iter().take(8).map(|copy| {
                let version = copy.version.as_deref().map_or(String::new(), |version| format!(" {version}"));
                format!("{}{version} ({} bytes)", copy.folder, copy.bytes)
            });
            let shown: Vec<String> = shown.collect();
            let wasted = package.bytes - largest.bytes;
            let message =
                format!("{name} is bundled {} times, {wasted} bytes too many: {}", copies.len(), shown.join(", "));
            findings.push(Finding::new(&rules::DUPLICATE_PACKAGE, message));
        }
        let modules: Vec<&Module> = package.modules.iter().filter_map(of).collect();
        let in_format = |format: Format| modules.iter().filter(move |module| module.format == Some(format));
        let cjs: u64 = in_format(Format::Cjs).map(|module| module.bytes).sum();
        let (cjs_count, esm_count) = (in_format(Format::Cjs).count(), in_format(Format::Esm).count());
        if cjs_count > 0 && esm_count > 0 && copies.is_empty() {
            let message = format!(
                "{name} is bundled both as ES modules ({esm_count}) and as CommonJS ({cjs_count}, {cjs} bytes)"
            );
            findings.push(Finding::new(&rules::MIXED_FORMATS, message));
        } else if cjs_count > 0 {
            let message =
                format!("{name}: {} of CommonJS, {cjs} bytes, cannot be tree-shaken", plural(cjs_count, "module"));
            findings.push(Finding::new(&rules::COMMONJS_PACKAGE, message));
        }
        let bailout = |module: &&&Module| module.bailouts.iter().any(|text| text.contains("with side effects"));
        let kept = modules.iter().filter(bailout).count();
        if let Some(first) = modules.iter().find(bailout).filter(|_| cjs_count == 0) {
            let text = first.bailouts.iter().find(|text| text.contains("with side effects"));
            let text = excerpt(text.map_or("", String::as_str));
            let message =
                format!("{name}: {} with side effects, first {}: {text}", plural(kept, "module"), excerpt(&first.path));
            findings.push(Finding::new(&rules::SIDE_EFFECTS_BAILOUT, message));
        }
    }
}

fn judge_imports(bundle: &Bundle, findings: &mut Vec<Finding>) {
    let loaded = bundle.ways(|kind| kind != ImportKind::Dynamic);
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for module in &bundle.modules {
        for import in module.imports.iter().filter(|import| import.kind == ImportKind::Dynamic) {
            let is_loaded = loaded.get(import.to).copied().flatten().is_some_and(|(from, _)| from != import.to);
            let Some(target) = bundle.modules.get(import.to).filter(|target| is_loaded && target.bytes > 0) else {
                continue;
            };
            if told.len() >= MAX_OF_A_KIND || !told.insert(import.to) {
                continue;
            }
            let statically = loaded.get(import.to).copied().flatten().and_then(|(from, _)| bundle.modules.get(from));
            let statically = statically.map_or("", |module| module.path.as_str());
            let message = format!(
                "{} is imported dynamically by {} but statically by {}, so it is not split off",
                excerpt(&target.path),
                excerpt(&module.path),
                excerpt(statically)
            );
            findings.push(Finding::new(&rules::INEFFECTIVE_DYNAMIC_IMPORT, message));
        }
    }
}

fn judge_growth(changes: &[Change], findings: &mut Vec<Finding>) {
    let grew = changes.iter().filter(|change| {
        let by = change.after.saturating_sub(change.before);
        by > LEAST_GROWTH_BYTES && by.saturating_mul(100) > change.before.saturating_mul(LEAST_GROWTH_PERCENT)
    });
    for change in grew.take(MAX_OF_A_KIND) {
        let by = change.after - change.before;
        let message = if change.before == 0 {
            format!("{} is new, {} bytes", excerpt(&change.package), change.after)
        } else {
            format!("{} grew by {by} bytes, from {} to {}", excerpt(&change.package), change.before, change.after)
        };
        findings.push(Finding::new(&rules::SIZE_GREW, message));
    }
}

fn summary(tables: &Tables<'_>, total: u64, baseline: Option<u64>) -> String {
    let packages = tables.packages.keys().filter(|name| !name.starts_with('(')).count();
    let modules = tables.packages.values().map(|package| package.modules.len()).sum();
    let text = format!(
        "{total} bytes in {}, of {} and {}",
        plural(tables.bundle.outputs.len(), "output"),
        plural(packages, "package"),
        plural(modules, "module")
    );
    match baseline {
        Some(before) if before <= total => format!("{text}, {} more than before", total - before),
        Some(before) => format!("{text}, {} less than before", before - total),
        None => text,
    }
}
