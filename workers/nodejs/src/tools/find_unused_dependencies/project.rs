//! A project: its files, workspaces and compiler configurations, and where an import leads.

use super::entries::plugin_settings;
use super::inputs::{Ask, Input};
use super::patterns::{NamePatterns, Patterns, matches, parse_jsonc};
use crate::support::json::{self, Kind, Node, Object};
use crate::support::package_tree::{base_name, join, parent};
use std::collections::{BTreeMap, BTreeSet};

/// Most configurations followed by `extends`.
const MAX_EXTENDS: usize = 16;

/// Extensions tried behind a path without one, in this order.
pub(super) const EXTENSIONS: &[&str] =
    &["ts", "tsx", "js", "jsx", "mjs", "cjs", "mts", "cts", "d.ts", "d.mts", "d.cts", "json", "vue", "svelte"];

/// The files of a project.
#[derive(Debug, Default)]
pub(super) struct Project<'a> {
    pub(super) files: BTreeMap<&'a str, Option<&'a str>>,
    pub(super) workspaces: Vec<Workspace<'a>>,
    configs: BTreeMap<String, CompilerConfig>,
    /// Folders of packages that are no part of it.
    excluded: BTreeSet<String>,
    /// package.json of installed packages: by package, the nearest to the root.
    pub(super) installed: BTreeMap<String, Node>,
}

/// A folder with a package.json of its own.
#[derive(Debug)]
pub(super) struct Workspace<'a> {
    /// Empty for the root.
    pub(super) folder: String,
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) manifest: Node,
    pub(super) settings: Settings,
}

/// What knip's configuration says of a workspace.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) entry: Option<Patterns>,
    pub(super) project: Option<Patterns>,
    pub(super) ignore: Patterns,
    pub(super) ignore_files: Patterns,
    pub(super) ignore_dependencies: NamePatterns,
    pub(super) ignore_binaries: NamePatterns,
    pub(super) ignore_unresolved: NamePatterns,
    pub(super) ignore_members: NamePatterns,
    /// Whether what entry points export is judged too.
    pub(super) includes_entry_exports: bool,
    /// Whether use in the file itself is enough for an export: of a value, of a type.
    pub(super) ignores_used_in_file: (bool, bool),
    /// Rules that are off for some files.
    pub(super) ignore_issues: Vec<(Patterns, Vec<String>)>,
    /// Folders that are no workspaces.
    pub(super) ignore_workspaces: Patterns,
    /// Rules that are off.
    pub(super) off: BTreeSet<String>,
    pub(super) paths: Vec<(String, Vec<String>)>,
    pub(super) plugins: BTreeMap<String, PluginSettings>,
}

/// What knip's configuration says of a tool.
#[derive(Debug, Clone, Default)]
pub(super) struct PluginSettings {
    pub(super) is_off: bool,
    pub(super) entry: Option<Patterns>,
    pub(super) config: Option<Patterns>,
}

/// What decides resolution in a tsconfig.json.
#[derive(Debug, Clone, Default)]
pub(super) struct CompilerConfig {
    base_url: Option<String>,
    paths: Vec<(String, Vec<String>)>,
    pub(super) out_dir: Option<String>,
    pub(super) root_dir: Option<String>,
    root_dirs: Vec<String>,
    /// Other configurations that it extends or refers to.
    pub(super) bases: Vec<String>,
    /// What it asks for: types, plugins, extends, the JSX runtime.
    pub(super) asks: Vec<Input>,
    pub(super) includes_files: Vec<String>,
}

/// Where an import leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    File(String),
    Package(String),
    /// Another workspace, by its package's name, and the file if one was found.
    Workspace(String, Option<String>),
    /// Node.js, a URL, a virtual module, a file that is no code.
    Nowhere,
    Missing,
}

impl<'a> Project<'a> {
    /// Sorts files into a project.
    pub(super) fn of(files: BTreeMap<&'a str, Option<&'a str>>) -> Self {
        let mut project = Self { files, ..Self::default() };
        project.find_workspaces();
        project.find_installed();
        project.find_configs();
        project
    }

    fn find_workspaces(&mut self) {
        let root = self.manifest_of("").map(|(_, _, node)| node);
        let mut patterns: Vec<String> = Vec::new();
        if let Some(root) = &root {
            let list = root.get("workspaces").map(|list| list.get("packages").unwrap_or(list));
            patterns.extend(strings(list));
        }
        if let Some(Some(text)) = self.files.get("pnpm-workspace.yaml") {
            patterns.extend(packages_of_yaml(text));
        }
        let patterns = Patterns::new(
            patterns.into_iter().map(|pattern| pattern.trim_end_matches('/').trim_start_matches("./").to_owned()),
        );
        let settings = self.knip_settings(root.as_ref());
        let named: BTreeSet<String> = settings.keys().filter(|name| !name.contains('*')).cloned().collect();
        let ignored = settings.get(".").map(|root| root.ignore_workspaces.clone()).unwrap_or_default();
        let is_ignored = |folder: &str| ignored.matches(folder);
        self.excluded = self
            .files
            .keys()
            .filter(|path| base_name(path) == "package.json" && !path.contains("node_modules/"))
            .map(|path| parent(path))
            .filter(|folder| !folder.is_empty() && (patterns.takes_away(folder) || is_ignored(folder)))
            .map(str::to_owned)
            .collect();
        let folders: BTreeSet<String> = self
            .files
            .keys()
            .filter(|path| base_name(path) == "package.json" && !path.contains("node_modules/"))
            .map(|path| parent(path).to_owned())
            .filter(|folder| folder.is_empty() || patterns.matches(folder) || named.contains(folder))
            .filter(|folder| folder.is_empty() || !is_ignored(folder))
            .collect();
        for folder in folders {
            let Some((path, text, manifest)) = self.manifest_of(&folder) else { continue };
            let key = if folder.is_empty() { "." } else { folder.as_str() };
            let exact = settings.get(key);
            let own = exact.or_else(|| settings.iter().find(|(pattern, _)| matches(pattern, key)).map(|(_, own)| own));
            let settings = own.cloned().unwrap_or_default();
            self.workspaces.push(Workspace { folder, path, text, manifest, settings });
        }
        // The innermost folder first, so that the first that fits a file is its own.
        self.workspaces.sort_by(|one, other| {
            other.folder.len().cmp(&one.folder.len()).then_with(|| one.folder.cmp(&other.folder))
        });
    }

    fn manifest_of(&self, folder: &str) -> Option<(&'a str, &'a str, Node)> {
        let path = join(folder, "package.json")?;
        let (path, text) = self.files.get_key_value(path.as_str())?;
        let text = (*text)?;
        Some((*path, text, json::parse(text).ok().filter(|node| node.as_object().is_some())?))
    }

    // Of knip.json or the member of package.json; `.` for the root.
    fn knip_settings(&self, root: Option<&Node>) -> BTreeMap<String, Settings> {
        let names = ["knip.json", "knip.jsonc", ".knip.json", ".knip.jsonc"];
        let file = names.iter().find_map(|name| self.files.get(name).copied().flatten()).and_then(parse_jsonc);
        let Some(node) = file.as_ref().or_else(|| root.and_then(|root| root.get("knip"))) else {
            return BTreeMap::new();
        };
        let mut settings = BTreeMap::new();
        let top = settings_of(node);
        let inherited = top.clone();
        settings.insert(".".to_owned(), top);
        for member in node.get("workspaces").and_then(Node::as_object).map(Object::members).unwrap_or_default() {
            let mut own = settings_of(&member.value);
            own.inherit(&inherited);
            if member.key == "." {
                own.ignore_workspaces = inherited.ignore_workspaces.clone();
                own.ignore_issues.clone_from(&inherited.ignore_issues);
                own.ignore_files = inherited.ignore_files.clone();
            }
            settings.insert(member.key.clone(), own);
        }
        settings
    }

    fn find_installed(&mut self) {
        for (path, text) in &self.files {
            let Some(text) = text.filter(|_| path.ends_with("/package.json")) else { continue };
            let Some(name) = crate::support::source_place::package_of(path) else { continue };
            if path.ends_with(&format!("node_modules/{name}/package.json"))
                && let Ok(node) = json::parse(text)
            {
                self.installed.entry(name.to_owned()).or_insert(node);
            }
        }
    }

    fn find_configs(&mut self) {
        let paths: Vec<&str> = self
            .files
            .keys()
            .copied()
            .filter(|path| {
                let name = base_name(path);
                !path.contains("node_modules/")
                    && (name.starts_with("tsconfig") || name == "jsconfig.json")
                    && is_kind(name, "json")
            })
            .collect();
        for path in paths {
            let config = self.read_config(path, 0);
            self.configs.insert(path.to_owned(), config);
        }
    }

    fn read_config(&self, path: &str, depth: usize) -> CompilerConfig {
        let mut config = CompilerConfig::default();
        let node = self.files.get(path).copied().flatten().and_then(parse_jsonc);
        let Some(node) = node.filter(|_| depth < MAX_EXTENDS) else { return config };
        let folder = parent(path);
        let mut asks = Vec::new();
        let mut ask = |name: &str, at: &Node, folder: &str, is_type: bool| {
            asks.push(Input {
                ask: Ask::Module,
                name: name.to_owned(),
                file: path.to_owned(),
                span: at.span.clone(),
                folder: folder.to_owned(),
                is_optional: false,
                is_type,
            });
        };
        for one in super::inputs::each(node.get("extends")) {
            let base = one.as_str().unwrap_or_default();
            let is_path = base.starts_with(['.', '/']);
            let found = if is_path {
                let joined = join(folder, base).unwrap_or_default();
                let tried = [joined.clone(), format!("{joined}.json"), format!("{joined}/tsconfig.json")];
                tried.into_iter().find(|path| self.files.contains_key(path.as_str()))
            } else {
                // A package of another workspace.
                let name = package_name(base);
                let own = self.workspaces.iter().find(|workspace| name.is_some() && workspace.name() == name);
                own.and_then(|own| {
                    let inside = base.strip_prefix(own.name()?)?.trim_start_matches('/');
                    let joined = join(&own.folder, inside)?;
                    let tried = [joined.clone(), format!("{joined}.json"), format!("{joined}/tsconfig.json")];
                    tried.into_iter().find(|path| self.files.contains_key(path.as_str()))
                })
            };
            if let Some(found) = found {
                let base = self.read_config(&found, depth + 1);
                config = CompilerConfig { includes_files: Vec::new(), ..base };
                // What the base asks for is asked for by it.
                config.asks.clear();
                config.bases = vec![found];
            }
            if !is_path {
                ask(base, one, folder, false);
            }
        }
        let options = node.get("compilerOptions");
        let text = |name: &str| options.and_then(|options| options.get(name)).and_then(Node::as_str);
        if let Some(base_url) = text("baseUrl") {
            config.base_url = join(folder, base_url);
        }
        let here = |name: &str| text(name).and_then(|value| join(folder, value));
        config.out_dir = here("outDir").or(config.out_dir);
        config.root_dir = here("rootDir").or(config.root_dir);
        if let Some(paths) = options.and_then(|options| options.get("paths")).and_then(Node::as_object) {
            let base = config.base_url.clone().unwrap_or_else(|| folder.to_owned());
            let targets = |node: &Node| strings(Some(node)).iter().filter_map(|target| join(&base, target)).collect();
            config.paths = paths.members().iter().map(|member| (member.key.clone(), targets(&member.value))).collect();
        }
        // What references see is seen by the files of the whole.
        for one in super::inputs::each(node.get("references")) {
            let path = one.get("path").and_then(Node::as_str).and_then(|path| join(folder, path)).unwrap_or_default();
            let path = if is_kind(&path, "json") { path } else { format!("{path}/tsconfig.json") };
            if self.files.contains_key(path.as_str()) {
                let other = self.read_config(&path, depth + 4);
                config.paths.extend(other.paths);
                config.root_dirs.extend(other.root_dirs);
                config.bases.push(path);
            }
        }
        let roots = strings(options.and_then(|options| options.get("rootDirs")));
        if !roots.is_empty() {
            config.root_dirs = roots.iter().filter_map(|root| join(folder, root)).collect();
        }
        let option = |name: &str| options.and_then(|options| options.get(name));
        for one in super::inputs::each(option("types")) {
            ask(one.as_str().filter(|name| *name != "*").unwrap_or_default(), one, folder, true);
        }
        if let Some(one) = option("jsxImportSource") {
            ask(one.as_str().unwrap_or_default(), one, folder, false);
        }
        for plugin in option("plugins").and_then(Node::as_array).unwrap_or_default() {
            for one in ["name", "transform"].iter().filter_map(|name| plugin.get(name)) {
                ask(one.as_str().unwrap_or_default(), one, folder, false);
            }
        }
        if let Some(helpers) = option("importHelpers").filter(|node| node.is_truthy()) {
            ask("tslib", helpers, folder, false);
        }
        // The runtime of JSX is a package and no path.
        let runtime = text("jsxImportSource").and_then(package_name);
        for input in asks.iter_mut().filter(|input| package_name(&input.name) == runtime && runtime.is_some()) {
            input.ask = Ask::Package;
        }
        config.asks.extend(asks.into_iter().filter(|input| !input.name.is_empty()));
        config.includes_files.extend(strings(node.get("files")).iter().filter_map(|path| join(folder, path)));
        config
    }

    /// The compiler configurations of a workspace, its own files' first.
    pub(super) fn configs_in<'p>(
        &'p self,
        workspace: &'p Workspace<'_>,
    ) -> impl Iterator<Item = (&'p str, &'p CompilerConfig)> + 'p {
        self.configs
            .iter()
            .map(|(path, config)| (path.as_str(), config))
            .filter(|(path, _)| self.workspace_of(path).is_some_and(|own| own.folder == workspace.folder))
    }

    /// Whether a file is of a package that is no part of the project.
    pub(super) fn is_excluded(&self, path: &str) -> bool {
        self.excluded.iter().any(|folder| is_below(path, folder))
    }

    /// The compiler configuration of a path.
    pub(super) fn config_at(&self, path: &str) -> Option<&CompilerConfig> {
        self.configs.get(path)
    }

    /// The workspace a file belongs to.
    pub(super) fn workspace_of(&self, path: &str) -> Option<&Workspace<'a>> {
        self.workspaces.iter().find(|workspace| is_below(path, &workspace.folder))
    }

    // The nearest tsconfig.json above a file.
    fn config_of(&self, path: &str) -> Option<&CompilerConfig> {
        let mut folder = parent(path);
        loop {
            for name in ["tsconfig.json", "jsconfig.json"] {
                let found = join(folder, name).and_then(|path| self.configs.get(&path));
                if found.is_some_and(|found| !found.paths.is_empty() || found.base_url.is_some()) {
                    return found;
                }
            }
            if folder.is_empty() {
                return None;
            }
            folder = parent(folder);
        }
    }

    /// Where an import of a file leads.
    pub(super) fn resolve(&self, from: &str, specifier: &str) -> Target {
        // `a!b!./c`: loaders go first, and name themselves.
        let bare = specifier.trim_start_matches(['!', '-']);
        let bare = bare.split('!').next().unwrap_or_default();
        let bare = if bare.starts_with('#') { bare } else { bare.split('#').next().unwrap_or_default() };
        let bare = bare.split('?').next().unwrap_or_default();
        // A listed package of a builtin module's name is installed, and what `node:` names is not.
        let is_listed = || self.workspace_of(from).is_some_and(|workspace| workspace.lists(bare));
        if bare.is_empty() || is_builtin(bare) && (bare.starts_with("node:") || !is_listed()) || has_protocol(bare) {
            return Target::Nowhere;
        }
        if let Some(name) = specifier.strip_prefix("types:") {
            return package_name(name).map_or(Target::Nowhere, |name| Target::Package(name.to_owned()));
        }
        if bare.starts_with("./") || bare.starts_with("../") || bare == "." || bare == ".." {
            let Some(path) = join(parent(from), bare) else { return Target::Nowhere };
            // A declaration names declarations.
            let declared = ["d.ts", "d.mts", "d.cts"].iter().find(|kind| from.ends_with(**kind)).and_then(|kind| {
                let stem =
                    ["js", "mjs", "cjs"].iter().find_map(|own| path.strip_suffix(&format!(".{own}"))).unwrap_or(&path);
                let declared = format!("{stem}.{kind}");
                self.files.contains_key(declared.as_str()).then_some(declared)
            });
            let found = declared.or_else(|| self.file(&path)).or_else(|| self.in_root_dirs(from, &path));
            return found.map_or_else(|| missing(bare), Target::File);
        }
        if let Some(path) = bare.strip_prefix('/') {
            return self.file(path).map_or(Target::Nowhere, Target::File);
        }
        if let Some(path) = self.by_config(from, bare) {
            return Target::File(path);
        }
        if bare.starts_with('#') {
            return self.by_imports(from, bare);
        }
        let Some(name) = package_name(bare) else { return Target::Nowhere };
        let subpath = bare.strip_prefix(name).unwrap_or_default();
        match self.workspaces.iter().find(|workspace| workspace.name() == Some(name)) {
            Some(workspace) => Target::Workspace(name.to_owned(), self.in_workspace(workspace, subpath)),
            None => Target::Package(name.to_owned()),
        }
    }

    // The folders that a compiler configuration lays over each other.
    fn in_root_dirs(&self, from: &str, path: &str) -> Option<String> {
        let mut folder = parent(from);
        let config = loop {
            let found = join(folder, "tsconfig.json").and_then(|path| self.configs.get(&path));
            if found.is_some() || folder.is_empty() {
                break found?;
            }
            folder = parent(folder);
        };
        let below = |root: &String| {
            if root.is_empty() { Some(path) } else { path.strip_prefix(root.as_str())?.strip_prefix('/') }
        };
        let inside = config.root_dirs.iter().find_map(below)?;
        config.root_dirs.iter().find_map(|root| self.file(&join(root, inside)?))
    }

    /// The file that a compiler configuration's paths lead to.
    pub(super) fn by_config(&self, from: &str, specifier: &str) -> Option<String> {
        let workspace = self.workspace_of(from);
        let own = workspace.map(|workspace| (&workspace.settings.paths, workspace.folder.as_str()));
        let root = self.workspaces.iter().find(|workspace| workspace.folder.is_empty());
        let outer = root.map(|root| (&root.settings.paths, ""));
        for (paths, folder) in own.into_iter().chain(outer) {
            let found = paths_of(paths, specifier).into_iter().find_map(|path| self.file(&join(folder, &path)?));
            if found.is_some() {
                return found;
            }
        }
        let config = self.config_of(from)?;
        if let Some(found) = paths_of(&config.paths, specifier).iter().find_map(|path| self.file(path)) {
            return Some(found);
        }
        let base = config.base_url.as_ref()?;
        self.file(&join(base, specifier)?)
    }

    /// The paths that a specifier, or a pattern of such, stands for by the compiler configuration of a file.
    pub(super) fn paths_for(&self, from: &str, specifier: &str) -> Vec<String> {
        self.config_of(from).map(|config| paths_of(&config.paths, specifier)).unwrap_or_default()
    }

    // `#name`, by the `imports` of the nearest package.json.
    fn by_imports(&self, from: &str, specifier: &str) -> Target {
        let Some(workspace) = self.workspace_of(from) else { return Target::Missing };
        let Some(imports) = workspace.manifest.get("imports").and_then(Node::as_object) else { return Target::Missing };
        for member in imports.members() {
            let star = match member.key.split_once('*') {
                None if member.key == specifier => Some(""),
                None => None,
                Some((before, after)) => specifier.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)),
            };
            let Some(star) = star else { continue };
            for target in targets_of(&member.value) {
                let target = target.replace('*', star);
                if !target.starts_with('.') {
                    return package_name(&target).map_or(Target::Missing, |name| Target::Package(name.to_owned()));
                }
                let path = join(&workspace.folder, &target);
                if let Some(found) = path.and_then(|path| self.source_of(workspace, &path)) {
                    return Target::File(found);
                }
            }
        }
        Target::Missing
    }

    // A subpath of a workspace's package: by its exports, its main, or as a path.
    fn in_workspace(&self, workspace: &Workspace<'_>, subpath: &str) -> Option<String> {
        let exports = workspace.manifest.get("exports");
        let wanted = format!(".{subpath}");
        let mut targets: Vec<String> = Vec::new();
        if let Some(exports) = exports {
            match &exports.kind {
                Kind::Object(object) if object.members().iter().any(|member| member.key.starts_with('.')) => {
                    for member in object.members() {
                        let star = match member.key.split_once('*') {
                            None if member.key == wanted => Some(""),
                            None => None,
                            Some((before, after)) => {
                                wanted.strip_prefix(before).and_then(|rest| rest.strip_suffix(after))
                            }
                        };
                        if let Some(star) = star {
                            targets
                                .extend(targets_of(&member.value).into_iter().map(|target| target.replace('*', star)));
                        }
                    }
                }
                _ if subpath.is_empty() => targets.extend(targets_of(exports)),
                _ => {}
            }
        }
        if subpath.is_empty() {
            for field in ["types", "typings", "module", "main", "browser"] {
                targets.extend(workspace.manifest.get(field).and_then(Node::as_str).map(str::to_owned));
            }
            targets.extend(["index".to_owned(), "src/index".to_owned()]);
        } else {
            targets.push(wanted);
        }
        targets.iter().find_map(|target| self.source_of(workspace, &join(&workspace.folder, target)?))
    }

    /// A file of a package, or the source that it is built from.
    pub(super) fn source_of(&self, workspace: &Workspace<'_>, path: &str) -> Option<String> {
        let from_build = || {
            let mut tried: Vec<String> = Vec::new();
            for (_, config) in self.configs_in(workspace) {
                if let Some(rest) =
                    config.out_dir.as_ref().and_then(|out| path.strip_prefix(out.as_str())?.strip_prefix('/'))
                {
                    tried.extend(config.root_dir.as_ref().and_then(|root| join(root, rest)));
                    tried.extend(join(&workspace.folder, "src").and_then(|source| join(&source, rest)));
                    tried.extend(join(&workspace.folder, rest));
                }
            }
            let inside = if workspace.folder.is_empty() {
                Some(path)
            } else {
                path.strip_prefix(&workspace.folder)?.strip_prefix('/')
            };
            for folder in ["dist", "lib", "build", "out", "esm", "cjs", "es"] {
                if let Some(rest) = inside.and_then(|inside| inside.strip_prefix(folder)?.strip_prefix('/')) {
                    tried.extend(join(&workspace.folder, "src").and_then(|source| join(&source, rest)));
                    // `dist/esm/a.js` and the like.
                    let deeper = rest.split_once('/').map(|(_, deeper)| deeper);
                    tried.extend(deeper.and_then(|deeper| join(&join(&workspace.folder, "src")?, deeper)));
                }
            }
            tried.iter().find_map(|path| self.file(path).or_else(|| self.file(stem(path))))
        };
        self.file(path).or_else(from_build)
    }

    /// The file an import's path means: itself, with an extension, or the index of the folder.
    pub(super) fn file(&self, path: &str) -> Option<String> {
        let has = |path: &str| self.files.contains_key(path).then(|| path.to_owned());
        if let Some(found) = has(path) {
            return Some(found);
        }
        for (extension, sources) in [
            ("js", &["ts", "tsx", "d.ts", "jsx"][..]),
            ("jsx", &["tsx"]),
            ("mjs", &["mts", "d.mts"]),
            ("cjs", &["cts", "d.cts"]),
        ] {
            if let Some(stem) = path.strip_suffix(&format!(".{extension}")) {
                let found = sources.iter().find_map(|extension| has(&format!("{stem}.{extension}")));
                if found.is_some() {
                    return found;
                }
            }
        }
        let separator = if path.is_empty() { "" } else { "/" };
        let direct =
            EXTENSIONS.iter().find_map(|extension| has(&format!("{path}.{extension}"))).filter(|_| !path.is_empty());
        let main = || {
            let (_, _, manifest) = self.manifest_of(path)?;
            let main = manifest.get("main").and_then(Node::as_str)?;
            let main = join(path, main).filter(|main| main != path)?;
            has(&main).or_else(|| EXTENSIONS.iter().find_map(|extension| has(&format!("{main}.{extension}"))))
        };
        let index = || EXTENSIONS.iter().find_map(|extension| has(&format!("{path}{separator}index.{extension}")));
        direct.or_else(main).or_else(index)
    }
}

impl Workspace<'_> {
    /// The package's name.
    pub(super) fn name(&self) -> Option<&str> {
        self.manifest.get("name").and_then(Node::as_str)
    }

    /// The members of a list of dependencies.
    pub(super) fn listed<'w>(&'w self, field: &str) -> &'w [json::Member] {
        self.manifest.get(field).and_then(Node::as_object).map(Object::members).unwrap_or_default()
    }

    /// Whether a package is in any of its lists.
    pub(super) fn lists(&self, package: &str) -> bool {
        ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]
            .iter()
            .any(|field| self.manifest.get(field).and_then(Node::as_object).is_some_and(|list| list.has(package)))
    }

    /// A path from its folder; none for files outside of it.
    pub(super) fn inside<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.folder.is_empty() { Some(path) } else { path.strip_prefix(self.folder.as_str())?.strip_prefix('/') }
    }
}

// The paths that a specifier stands for, by the pattern with the longest start.
fn paths_of(paths: &[(String, Vec<String>)], specifier: &str) -> Vec<String> {
    let mut best: Option<(usize, Option<&str>, &Vec<String>)> = None;
    for (pattern, targets) in paths {
        let fitting = match pattern.split_once('*') {
            None if pattern == specifier => Some((usize::MAX, None)),
            Some((before, after)) if specifier.len() >= before.len() + after.len() => {
                let star = specifier.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
                star.map(|star| (before.len(), Some(star)))
            }
            None | Some(_) => None,
        };
        if let Some((length, star)) = fitting
            && best.is_none_or(|(known, ..)| length > known)
        {
            best = Some((length, star, targets));
        }
    }
    let Some((_, star, targets)) = best else { return Vec::new() };
    targets.iter().map(|target| star.map_or_else(|| target.clone(), |star| target.replacen('*', star, 1))).collect()
}

impl Settings {
    // What a workspace's settings do not say is that of the root's.
    fn inherit(&mut self, root: &Self) {
        for (own, inherited) in [
            (&mut self.ignore_dependencies, &root.ignore_dependencies),
            (&mut self.ignore_binaries, &root.ignore_binaries),
            (&mut self.ignore_unresolved, &root.ignore_unresolved),
            (&mut self.ignore_members, &root.ignore_members),
        ] {
            own.extend(inherited);
        }
        self.off.extend(root.off.iter().cloned());
        self.ignores_used_in_file.0 |= root.ignores_used_in_file.0;
        self.ignores_used_in_file.1 |= root.ignores_used_in_file.1;
        self.includes_entry_exports |= root.includes_entry_exports;
        for (tool, settings) in &root.plugins {
            self.plugins.entry(tool.clone()).or_insert_with(|| settings.clone());
        }
    }
}

fn settings_of(node: &Node) -> Settings {
    let optional = |name: &str| node.get(name).map(|list| Patterns::new(strings(Some(list))));
    let names = |name: &str| NamePatterns::new(strings(node.get(name)));
    let is_on = |name: &str| node.get(name).is_some_and(Node::is_truthy);
    let mut off: BTreeSet<String> = strings(node.get("exclude")).into_iter().collect();
    for rule in node.get("rules").and_then(Node::as_object).map(Object::members).unwrap_or_default() {
        if rule.value.as_str() == Some("off") {
            off.insert(rule.key.clone());
        }
    }
    let members = |name: &str| node.get(name).and_then(Node::as_object).map(Object::members).unwrap_or_default();
    let paths = members("paths");
    Settings {
        entry: optional("entry"),
        project: optional("project"),
        ignore: Patterns::of_ignored(strings(node.get("ignore"))),
        ignore_files: optional("ignoreFiles").unwrap_or_default(),
        ignore_dependencies: names("ignoreDependencies"),
        ignore_binaries: names("ignoreBinaries"),
        ignore_unresolved: names("ignoreUnresolved"),
        ignore_members: names("ignoreMembers"),
        includes_entry_exports: is_on("includeEntryExports"),
        ignores_used_in_file: match node.get("ignoreExportsUsedInFile") {
            Some(kinds) if kinds.as_object().is_some() => {
                let has = |kind: &str| kinds.get(kind).is_some_and(Node::is_truthy);
                (has("function") || has("class"), has("type") || has("interface"))
            }
            whole => (whole.is_some_and(Node::is_truthy), whole.is_some_and(Node::is_truthy)),
        },
        ignore_issues: members("ignoreIssues")
            .iter()
            .map(|member| (Patterns::new([member.key.clone()]), strings(Some(&member.value))))
            .collect(),
        ignore_workspaces: optional("ignoreWorkspaces").unwrap_or_default(),
        off,
        paths: paths.iter().map(|path| (path.key.clone(), strings(Some(&path.value)))).collect(),
        plugins: plugin_settings(node),
    }
}

// The list under `packages:`, which is all that matters of that file.
fn packages_of_yaml(text: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.starts_with("packages:") {
            inside = true;
        } else if inside && line.trim_start().starts_with('-') {
            let item = line.trim_start().trim_start_matches('-').trim();
            found.push(item.trim_matches(['"', '\'']).to_owned());
        } else if inside && !line.trim().is_empty() && !line.starts_with([' ', '#', '-']) {
            inside = false;
        }
    }
    found
}

/// The strings of a string or a list.
pub(super) fn strings(node: Option<&Node>) -> Vec<String> {
    match node.map(|node| &node.kind) {
        Some(Kind::String(text)) => vec![text.clone()],
        Some(Kind::Array(items)) => items.iter().filter_map(Node::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Every string of a value, however deep.
pub(super) fn targets_of(node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::String(text) => vec![text.clone()],
        Kind::Array(items) => items.iter().flat_map(targets_of).collect(),
        Kind::Object(object) => object.members().iter().flat_map(|member| targets_of(&member.value)).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => Vec::new(),
    }
}

/// The package that a specifier names.
pub(super) fn package_name(specifier: &str) -> Option<&str> {
    let mut ends = specifier.match_indices('/').map(|(at, _)| at);
    let end = if specifier.starts_with('@') { ends.nth(1) } else { ends.next() };
    let name = specifier.get(..end.unwrap_or(specifier.len()))?;
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'@' | b'/' | b'~'))
        && !name.starts_with(['.', '_', '~'])
        && (!name.starts_with('@') || name.contains('/') && name.len() > 3);
    is_name.then_some(name)
}

/// Whether a file lies in a folder or below it.
pub(super) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a name ends in an extension.
pub(super) fn is_kind(name: &str, kind: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(kind))
}

// A path without its extension, of declaration files too.
fn stem(path: &str) -> &str {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    stem.strip_suffix(".d").unwrap_or(stem)
}

fn missing(specifier: &str) -> Target {
    const FOREIGN: &[&str] = &[
        "avif", "css", "eot", "gif", "html", "ico", "jpeg", "jpg", "less", "mp3", "png", "sass", "scss", "sh", "styl",
        "stylus", "svg", "ttf", "wasm", "webp", "woff", "woff2", "yaml", "yml", "node", "txt", "md", "graphql", "gql",
    ];
    if FOREIGN.iter().any(|kind| is_kind(specifier, kind)) { Target::Nowhere } else { Target::Missing }
}

fn has_protocol(specifier: &str) -> bool {
    specifier.split_once(':').is_some_and(|(protocol, _)| {
        protocol != "types"
            && !protocol.is_empty()
            && protocol.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'))
    })
}

/// Whether Node.js brings a module itself.
pub(super) fn is_builtin(specifier: &str) -> bool {
    const BUILTIN: &[&str] = &[
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "domain",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "sys",
        "timers",
        "tls",
        "trace_events",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    ];
    // A slash at the end asks for the package of the name.
    !specifier.ends_with('/') && specifier.starts_with("node:")
        || !specifier.ends_with('/') && BUILTIN.contains(&specifier.split('/').next().unwrap_or_default()) && {
            let rest = specifier.split_once('/').map_or("", |(_, rest)| rest);
            matches!(rest, "" | "promises" | "posix" | "win32" | "strict" | "types" | "web" | "consumers")
        }
}
