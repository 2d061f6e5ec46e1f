//! `check_dependencies`: deptry's five rules, and whether manifests follow their standards.
//!
//! `project` reads what is declared, `imports` what is imported, `pyproject` whether the file is valid, `known` which
//! distributions have modules of other names.

mod imports;
mod known;
mod project;
mod pyproject;
mod rules;

use crate::support::files::text_of;
use crate::support::layout;
use crate::support::module::{self, INVALID_SYNTAX, MAX_FILE_BYTES, TOO_DEEP};
use crate::support::packaging::document::Node;
use crate::support::packaging::manifest::Declared;
use crate::support::packaging::name;
use imports::{Import, imports, notebook_code};
use octavo_toolkit::input::{MAX_PATH_BYTES, check_files};
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use project::{Dependency, Manifest, Settings, dependencies, modules_of};
use ruff_python_ast::PySourceType;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

declare_tool! {
    /// Holds a project's imports against its declared dependencies, as deptry does, and its manifests against their
    /// standards.
    ///
    /// Send the Python files (notebooks too), the manifests (pyproject.toml, requirements.txt, setup.cfg), and, for exact
    /// answers, `installed`: which top-level modules each installed distribution has, such as
    /// `PyYAML=yaml,_yaml` (`importlib.metadata.packages_distributions()`, turned around). Without it, well-known names are known (PyYAML is
    /// `yaml`), others are guessed, and no import can be told to be transitive (DEP003): it is missing (DEP001).
    ///
    /// Dependencies come from Poetry's tables, PEP 621 and 735, uv's and PDM's own groups, else from requirements files,
    /// else from setup.cfg. Extras count as dependencies, groups as development, unless `[tool.deptry]` says otherwise; its
    /// options hold here, and so do comments `# deptry: ignore[DEP001]`. Places in a notebook are lines of its code
    /// cells, joined.
    ///
    /// Manifests are checked whether or not there is Python: requirements (PEP 508), versions (PEP 440), tables (PEP 518),
    /// `[project]` (PEP 621, 794), licences (PEP 639, SPDX 3.27), groups (PEP 735), options of requirements files.
    ///
    /// Limits: 2,000 files; 1 MiB a Python file.
    pub struct CheckDependencies;
    name: "check_dependencies",
    title: "Check Python dependencies",
    summary: "Finds missing, unused, transitive and misplaced dependencies as deptry does, and errors in pyproject.toml, requirements and setup.cfg.",
    keywords: "deptry unused dependency missing import requirements pyproject.toml validate-pyproject PEP 508 621 639 735 dependency groups optional extras setup.cfg poetry uv pdm transitive dev dependencies ModuleNotFoundError invalid requirement specifier license SPDX metadata manifest lint pip install fails pip-check-reqs creosote fawltydeps",
    examples: [
        "missing and unused" => r#"{"files":[{"path":"app.py","source":"import yaml\nimport httpx\n"},{"path":"pyproject.toml","source":"[project]\nname = \"app\"\nversion = \"1\"\ndependencies = [\"PyYAML>=6\", \"requests\"]\n"}]}"#,
        "a manifest alone" => r#"{"files":[{"path":"pyproject.toml","source":"[project]\nname = \"app\"\nrequires-python = \"3.9\"\nlicense = \"Apache 2\"\ndependencies = [\"httpx=1.0\"]\n"}]}"#,
    ],
    rules: &[
        rules::MISSING,
        rules::UNUSED,
        rules::TRANSITIVE,
        rules::MISPLACED,
        rules::STANDARD,
        rules::REQUIREMENT,
        rules::VERSION,
        rules::TABLES,
        rules::PROJECT,
        rules::LICENCE,
        rules::GROUPS,
        rules::TOML,
        rules::OPTION,
        INVALID_SYNTAX,
        TOO_DEEP,
    ],
    not_checked: [
        "setup.py",
        "imports inside `if TYPE_CHECKING` blocks",
        "trove classifiers against their list",
        "tables of tools other than deptry, Poetry, PDM and uv",
    ],
}

/// Most distributions in `installed`.
const MAX_INSTALLED: usize = 20_000;
/// Longest item of `installed`, in bytes: a few hundred modules.
const MAX_INSTALLED_BYTES: usize = 10_000;
/// Most folders to start from.
const MAX_ROOTS: usize = 100;
/// Longest pattern of excluded paths, in bytes.
const MAX_PATTERN_BYTES: usize = 4_096;
/// Python versions whose standard libraries are known: a module of any of them is Python's.
const MINORS: std::ops::RangeInclusive<u8> = 8..=14;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Sources and manifests.
    files: Vec<SourceFile>,
    /// Such as PyYAML=yaml,_yaml.
    #[serde(default)]
    installed: Option<Vec<String>>,
    /// Folders of code.
    #[serde(default)]
    roots: Vec<String>,
}

/// What is declared and imported.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Declared dependencies, in the order of the manifests.
    pub dependencies: Vec<DependencyRow>,
    /// Imported modules that are neither Python's nor the project's.
    pub modules: Vec<ModuleRow>,
    /// How many Python files were looked at.
    pub scanned: usize,
}

/// A declared dependency.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DependencyRow {
    /// The requirement.
    pub requirement: String,
    /// The file.
    pub path: String,
    /// Where in it.
    pub section: String,
    /// Modules it is taken to bring.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<String>,
    /// Whether these are a guess from its name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub guessed: bool,
}

/// An imported module.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ModuleRow {
    /// Its top-level name.
    pub module: String,
    /// declared, development, transitive or missing.
    pub status: &'static str,
    /// Imports of it.
    pub imports: usize,
}

impl Tool for CheckDependencies {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        check_items("/roots", &input.roots, MAX_ROOTS)?;
        for (at, root) in input.roots.iter().enumerate() {
            check_bytes(&format!("/roots/{at}"), root, MAX_PATH_BYTES)?;
        }
        let installed = input.installed.as_deref().map(installed_of).transpose()?;
        let paths: Vec<String> = input.files.iter().map(|file| layout::normalized(&file.path)).collect();
        let Some(call) = Call::new(&input, &paths, installed) else {
            return Err(ToolError::invalid(
                "/files",
                "has neither a Python file nor a manifest",
                "pyproject.toml, requirements.txt, setup.cfg, *.py or *.ipynb",
            ));
        };
        Ok(call.run(ctx))
    }
}

fn installed_of(installed: &[String]) -> Result<BTreeMap<String, Vec<String>>, ToolError> {
    check_items("/installed", installed, MAX_INSTALLED)?;
    let mut read = BTreeMap::new();
    for (at, item) in installed.iter().enumerate() {
        let (distribution, modules) = item.split_once('=').unwrap_or((item, ""));
        if distribution.trim().is_empty() || item.len() > MAX_INSTALLED_BYTES {
            let accepted = "a distribution and its top-level modules, such as \"PyYAML=yaml,_yaml\"";
            return Err(ToolError::invalid(format!("/installed/{at}"), "has no name, or is too long", accepted));
        }
        let modules = modules.split(',').map(str::trim).filter(|module| !module.is_empty()).map(str::to_owned);
        read.insert(name::normalized(distribution), modules.collect());
    }
    Ok(read)
}

// A call at work.
struct Call<'i> {
    paths: &'i [String],
    files: &'i [SourceFile],
    roots: Vec<String>,
    installed: Option<BTreeMap<String, Vec<String>>>,
    manifests: Vec<(String, Manifest<'i>)>,
    // Of each manifest.
    lines: Vec<LineIndex<'i>>,
    config: Option<usize>,
    settings: Settings,
    findings: Vec<Finding>,
    not_checked: Vec<String>,
}

impl<'i> Call<'i> {
    fn new(input: &'i Input, paths: &'i [String], installed: Option<BTreeMap<String, Vec<String>>>) -> Option<Self> {
        let first = project::read(&input.files, paths, &HashSet::new());
        let depth = |path: &str| (path.matches('/').count(), path.to_owned());
        let config = first.iter().filter(|(_, manifest)| manifest.root.is_some()).min_by_key(|(path, _)| depth(path));
        let root = config.and_then(|(_, manifest)| manifest.root.clone());
        let config_path = config.map(|(path, _)| path.clone());
        let settings = Settings::read(root.as_ref());
        let mut named = [settings.requirements.clone(), settings.requirements_dev.clone()].concat();
        if let Some(table) = root.as_ref().and_then(|root| root.at(&["tool", "setuptools", "dynamic"])) {
            let main = table.get("dependencies").into_iter();
            let extras = table.get("optional-dependencies").map(Node::entries).unwrap_or_default().iter();
            for node in main.chain(extras.map(|entry| &entry.node)) {
                named.extend(node.get("file").map(Node::texts).unwrap_or_default().into_iter().map(str::to_owned));
            }
        }
        let named: HashSet<&str> = named.iter().map(String::as_str).collect();
        let read: HashSet<&str> = first.iter().map(|(path, _)| path.as_str()).collect();
        // Once more only for files that are manifests because they are named.
        let is_whole = !paths.iter().any(|path| named.contains(path.as_str()) && !read.contains(path.as_str()));
        let manifests = if is_whole { first } else { project::read(&input.files, paths, &named) };
        if manifests.is_empty() && !paths.iter().any(|path| is_source(path)) {
            return None;
        }
        let config = manifests.iter().position(|(path, _)| Some(path) == config_path.as_ref());
        let mut roots: Vec<String> = input.roots.iter().map(|root| layout::normalized(root)).collect();
        if roots.is_empty() {
            roots.push(String::new());
            if paths.iter().any(|path| path.starts_with("src/") && is_source(path)) {
                roots.push("src".to_owned());
            }
        }
        let files = input.files.as_slice();
        let lines = manifests.iter().map(|(_, manifest)| LineIndex::new(text_of(manifest.file))).collect();
        let (findings, not_checked) = (Vec::new(), Vec::new());
        Some(Self { paths, files, roots, installed, manifests, lines, config, settings, findings, not_checked })
    }

    fn run(mut self, ctx: &Ctx<'_>) -> Report<Data> {
        self.check_manifests();
        let scanned = self.scanned();
        let mut found: BTreeMap<String, Vec<(usize, Import)>> = BTreeMap::new();
        for (done, at) in scanned.iter().enumerate() {
            for import in self.imports_of(*at) {
                found.entry(import.module.clone()).or_default().push((*at, import));
            }
            let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            ctx.progress(count(done + 1), count(scanned.len()), "files read");
        }
        let mut data = Data { scanned: scanned.len(), ..Data::default() };
        match dependencies(&self.manifests, self.config, &self.settings) {
            Some((main, dev)) => self.hold(&main, &dev, &found, &mut data),
            None if scanned.is_empty() => {}
            None => self.not_checked.push("imports: no manifest declares dependencies".to_owned()),
        }
        self.report(data)
    }

    fn report(self, data: Data) -> Report<Data> {
        let summary = format!(
            "{} in {}, {} declared, {} imported",
            plural(self.findings.len(), "finding"),
            plural(self.files.len(), "file"),
            plural(data.dependencies.len(), "dependency").replace("dependencys", "dependencies"),
            plural(data.modules.len(), "module")
        );
        let report = Report::checked(self.findings, data).over_files(self.files.len()).with_summary(summary);
        self.not_checked.into_iter().fold(report, Report::not_checked)
    }

    fn add(&mut self, finding: Finding, manifest: usize, span: &std::ops::Range<usize>) {
        let (Some((_, manifest)), Some(lines)) = (self.manifests.get(manifest), self.lines.get(manifest)) else {
            return;
        };
        let range = lines.range(span.clone());
        self.findings.push(finding.at(range).in_file(manifest.file.path.clone()));
    }

    fn check_manifests(&mut self) {
        let mut found: Vec<(Finding, usize, std::ops::Range<usize>)> = Vec::new();
        for (at, (_, manifest)) in self.manifests.iter().enumerate() {
            for fault in &manifest.faults {
                let span = fault.span.clone().unwrap_or(0..0);
                found.push((Finding::new(&rules::TOML, fault.message.clone()), at, span));
            }
            for problem in manifest.declared.iter().filter_map(|one| one.read.as_ref().err()) {
                found.push((Finding::new(&rules::REQUIREMENT, problem.message.clone()), at, problem.span.clone()));
            }
            for (option, span) in &manifest.unknown_options {
                let message = format!("`{}` is no option of a requirements file", excerpt(option));
                found.push((Finding::new(&rules::OPTION, message), at, span.clone()));
            }
            // What could not be read leaves gaps that would be told again.
            let whole = manifest.root.as_ref().filter(|_| manifest.faults.is_empty());
            for wrong in whole.map(pyproject::check).unwrap_or_default() {
                found.push((Finding::new(wrong.rule, wrong.message).with_level(wrong.level), at, wrong.span));
            }
        }
        for (finding, at, span) in found {
            self.add(finding, at, &span);
        }
    }

    // Indices of the files whose imports count, as deptry walks folders.
    fn scanned(&mut self) -> Vec<usize> {
        let mut excluded = Vec::new();
        for pattern in &self.settings.exclude {
            let anchored = format!("^(?:{pattern})");
            match regex_lite::Regex::new(&anchored).ok().filter(|_| pattern.len() <= MAX_PATTERN_BYTES) {
                Some(regex) => excluded.push(regex),
                None => {
                    self.not_checked.push(format!("the pattern `{}` of `exclude` cannot be read", excerpt(pattern)));
                }
            }
        }
        let is_excluded = |path: &str| {
            let parents = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            parents.chain([path]).any(|part| excluded.iter().any(|regex| regex.is_match(part)))
        };
        let within = |path: &str| {
            self.roots.iter().any(|root| {
                root.is_empty() || path.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('/'))
            })
        };
        let mut scanned = Vec::new();
        for (at, path) in self.paths.iter().enumerate() {
            let notebook = is_notebook(path);
            if is_source(path) && within(path) && !is_excluded(path) && !(notebook && self.settings.ignore_notebooks) {
                scanned.push(at);
            }
        }
        scanned
    }

    fn imports_of(&mut self, at: usize) -> Vec<Import> {
        let Some(file) = self.files.get(at) else { return Vec::new() };
        let limit = if is_notebook(&file.path) { 4 * MAX_FILE_BYTES } else { MAX_FILE_BYTES };
        if file.source.len() > limit {
            self.not_checked.push(format!("imports of `{}`: more than {limit} bytes", excerpt(&file.path)));
            return Vec::new();
        }
        let code = if is_notebook(&file.path) {
            let Some(code) = notebook_code(&file.source) else {
                self.not_checked.push(format!("imports of `{}`: no notebook", excerpt(&file.path)));
                return Vec::new();
            };
            code
        } else {
            text_of(file).to_owned()
        };
        match module::parse(&code, PySourceType::Python) {
            Ok(parsed) => imports(parsed.syntax(), &code),
            Err(unread) => {
                self.findings.extend(unread.into_iter().map(|finding| finding.in_file(file.path.clone())));
                Vec::new()
            }
        }
    }

    // Modules that lie in a root: files, and folders that hold Python.
    fn local_modules(&self) -> BTreeSet<String> {
        let mut local: BTreeSet<String> = self.settings.known_first_party.iter().cloned().collect();
        for path in self.paths.iter().filter(|path| name::has_extension(path, &["py"])) {
            for root in &self.roots {
                let inside = if root.is_empty() {
                    Some(path.as_str())
                } else {
                    path.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/'))
                };
                let Some(inside) = inside else { continue };
                match inside.split_once('/') {
                    None => {
                        local.extend(inside.strip_suffix(".py").filter(|stem| *stem != "__init__").map(str::to_owned));
                    }
                    Some((folder, rest)) if self.settings.namespaces || !rest.contains('/') => {
                        local.insert(folder.to_owned());
                    }
                    Some(_) => {}
                }
            }
        }
        local
    }

    // The five rules.
    fn hold(
        &mut self,
        main: &[Dependency],
        dev: &[Dependency],
        found: &BTreeMap<String, Vec<(usize, Import)>>,
        data: &mut Data,
    ) {
        let local = self.local_modules();
        let of = |dependency: &Dependency| modules_of(dependency, &self.settings, self.installed.as_ref());
        let main_modules: Vec<(Vec<String>, bool)> = main.iter().map(of).collect();
        let dev_modules: Vec<(Vec<String>, bool)> = dev.iter().map(of).collect();
        let (main_of, dev_of) = (by_module(&main_modules), by_module(&dev_modules));
        let keys = |list: &[Dependency]| list.iter().map(|one| one.key.clone()).collect::<HashSet<String>>();
        let (main_keys, dev_keys) = (keys(main), keys(dev));
        let brought = self.brought();
        let mut packages: HashSet<String> = HashSet::new();
        let mut findings = Vec::new();
        for (module, places) in found {
            if is_standard(module) || local.contains(module) {
                continue;
            }
            let package = self.package_of(module, &brought);
            let provides = |of: &HashMap<String, Vec<usize>>| of.get(module).cloned().unwrap_or_default();
            let named = |keys: &HashSet<String>| package.as_ref().is_some_and(|package| keys.contains(package));
            let (by_main, by_dev) = (provides(&main_of), provides(&dev_of));
            let is_main = !by_main.is_empty() || named(&main_keys);
            let is_dev = !by_dev.is_empty() || named(&dev_keys);
            let (status, rule): (_, Option<&Rule>) = if is_main {
                ("declared", None)
            } else if is_dev {
                ("development", (package.is_some() || by_dev.len() == 1).then_some(&rules::MISPLACED))
            } else if package.is_some() {
                ("transitive", Some(&rules::TRANSITIVE))
            } else {
                ("missing", Some(&rules::MISSING))
            };
            data.modules.push(ModuleRow { module: module.clone(), status, imports: places.len() });
            if let Some(rule) = rule {
                let message = self.message_of(
                    rule,
                    module,
                    package.as_deref(),
                    by_dev.first().and_then(|at| dev.get(*at)),
                    &brought,
                );
                if !self.is_ignored(rule.id, module) {
                    findings.extend(self.at_imports(rule, &message, places));
                }
            }
            packages.extend(package);
        }
        let mut at_manifests = Vec::new();
        for (dependency, (modules, _)) in main.iter().zip(&main_modules) {
            let imported =
                modules.iter().any(|module| found.contains_key(module)) || packages.contains(&dependency.key);
            if !imported && !found.is_empty() && !self.is_ignored(rules::UNUSED.id, &dependency.name) {
                let message =
                    format!("`{}` is declared, and none of its modules is imported", excerpt(&dependency.name));
                at_manifests.push((Finding::new(&rules::UNUSED, message), dependency));
            }
            if is_standard(&dependency.name) && !self.is_ignored(rules::STANDARD.id, &dependency.name) {
                let message = format!("`{}` is a module of the standard library", excerpt(&dependency.name));
                at_manifests.push((Finding::new(&rules::STANDARD, message), dependency));
            }
        }
        if found.is_empty() {
            self.not_checked.push("imports: no Python file with an import was sent".to_owned());
        }
        self.findings.extend(findings);
        for (finding, dependency) in at_manifests {
            self.add(finding, dependency.manifest, &dependency.span);
        }
        let rows = main.iter().zip(main_modules).chain(dev.iter().zip(dev_modules));
        let by_span = self.by_span();
        data.dependencies
            .extend(rows.map(|(dependency, (modules, guessed))| self.row(dependency, modules, guessed, &by_span)));
    }

    // What manifests declare, by manifest and place; the first of those at one place.
    fn by_span(&self) -> BySpan<'_> {
        let mut by_span = BySpan::new();
        for (at, (_, manifest)) in self.manifests.iter().enumerate() {
            for one in &manifest.declared {
                by_span.entry((at, one.span.clone())).or_insert(one);
            }
        }
        by_span
    }

    // The first installed distribution that brings each module.
    fn brought(&self) -> HashMap<String, String> {
        let mut brought = HashMap::new();
        for (name, modules) in self.installed.iter().flatten() {
            for module in modules {
                brought.entry(module.clone()).or_insert_with(|| name.clone());
            }
        }
        brought
    }

    fn row(&self, dependency: &Dependency, modules: Vec<String>, guessed: bool, by_span: &BySpan<'_>) -> DependencyRow {
        let manifest = self.manifests.get(dependency.manifest).map(|(_, manifest)| manifest);
        let declared = by_span.get(&(dependency.manifest, dependency.span.clone()));
        let requirement = declared.and_then(|one| one.read.as_ref().ok()).map(ToString::to_string);
        DependencyRow {
            requirement: excerpt(&requirement.unwrap_or_else(|| dependency.name.clone())),
            path: manifest.map(|manifest| manifest.file.path.clone()).unwrap_or_default(),
            section: dependency.section.words(),
            modules,
            guessed,
        }
    }

    // The installed distribution called like a module, or the module itself where another one brings it.
    fn package_of(&self, module: &str, brought: &HashMap<String, String>) -> Option<String> {
        let installed = self.installed.as_ref()?;
        let key = name::normalized(module);
        if installed.contains_key(&key) {
            return Some(key);
        }
        brought.contains_key(module).then_some(key)
    }

    fn message_of(
        &self,
        rule: &Rule,
        module: &str,
        package: Option<&str>,
        dev: Option<&Dependency>,
        brought: &HashMap<String, String>,
    ) -> String {
        let module = excerpt(module);
        if rule.id == rules::MISPLACED.id {
            let what = dev.map(|dev| format!("`{}` in {}", excerpt(&dev.name), dev.section.words()));
            return format!("`{module}` comes from {}", what.unwrap_or_else(|| "a development dependency".to_owned()));
        }
        if rule.id == rules::TRANSITIVE.id {
            let bringing = brought.get(&module).map(String::as_str);
            let bringing = excerpt(bringing.or(package).unwrap_or_default());
            return format!("`{module}` is brought by `{bringing}`, which is installed and not declared");
        }
        match known::distribution(&module).filter(|_| self.installed.is_none()) {
            Some(distribution) => format!("`{module}` is imported and not declared; `{distribution}` brings it"),
            None => format!("`{module}` is imported and not declared"),
        }
    }

    fn is_ignored(&self, rule: &str, name: &str) -> bool {
        self.settings.ignore.iter().any(|ignored| ignored == rule)
            || self.settings.per_rule_ignores.get(rule).is_some_and(|names| names.iter().any(|ignored| ignored == name))
    }

    fn at_imports(&self, rule: &Rule, message: &str, places: &[(usize, Import)]) -> Vec<Finding> {
        let kept = places
            .iter()
            .filter(|(_, import)| !import.ignored.iter().any(|ignored| ignored == "ALL" || ignored == rule.id));
        kept.filter_map(|(at, import)| {
            let file = self.files.get(*at)?;
            Some(Finding::new(rule, message).at(import.range).in_file(file.path.clone()))
        })
        .collect()
    }
}

type BySpan<'d> = HashMap<(usize, std::ops::Range<usize>), &'d Declared>;

// Which dependencies bring each module, in their order.
fn by_module(brought: &[(Vec<String>, bool)]) -> HashMap<String, Vec<usize>> {
    let mut by_module: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, (modules, _)) in brought.iter().enumerate() {
        for module in modules {
            let bringing = by_module.entry(module.clone()).or_default();
            if bringing.last() != Some(&at) {
                bringing.push(at);
            }
        }
    }
    by_module
}

fn is_source(path: &str) -> bool {
    name::has_extension(path, &["py", "ipynb"])
}

fn is_notebook(path: &str) -> bool {
    name::has_extension(path, &["ipynb"])
}

fn is_standard(module: &str) -> bool {
    // The list of modules leaves out the one that is no module.
    module == "__future__"
        || MINORS.clone().any(|minor| ruff_python_stdlib::sys::is_known_standard_library(minor, module))
}
