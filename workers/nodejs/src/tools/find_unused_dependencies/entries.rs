//! Where a project starts: entry points of package.json, scripts and hooks, and the configuration files of well-known tools; and
//! what these ask for.

use super::commands::{self, Place};
use super::config_value::{self, ConfigValue};
use super::inputs::{Ask, Input, Inputs};
use super::patterns::{Patterns, parse_jsonc};
use super::plugins::{NODE_TEST_RUNNER, PLUGINS, Plugin};
use super::project::{PluginSettings, Project, Target, Workspace, is_below, is_kind, package_name, targets_of};
use crate::support::json::{Kind, Node, Object};
use crate::support::package_tree::{base_name, join, parent};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Members of package.json that configure tools of which only words are read.
const CONFIG_MEMBERS: &[&str] = &["c8", "config", "browserslist", "size-limit", "nodemonConfig", "husky", "msw"];

/// What a workspace starts with.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Files reached by whoever uses the package.
    pub(super) production: BTreeSet<String>,
    /// Tests, configuration files, files of scripts.
    pub(super) others: BTreeSet<String>,
    /// Entry points of which the exports are judged: their user is the configuration that names them.
    pub(super) packages: BTreeSet<String>,
    /// What scripts and configurations ask for that is no file of the project.
    pub(super) inputs: Vec<Input>,
    /// Names that stand for paths.
    pub(super) aliases: Vec<(String, String)>,
    /// Of the tools that are on.
    pub(super) plugins: Vec<&'static str>,
}

/// Finds the entry points of a workspace.
pub(super) fn of(project: &Project<'_>, workspace: &Workspace<'_>, extra: &Patterns) -> Entries {
    let mut finder = Finder {
        project,
        workspace,
        entries: Entries::default(),
        files: project
            .files
            .keys()
            .copied()
            .filter(|path| {
                !path.contains("node_modules/")
                    && project.workspace_of(path).is_some_and(|of| of.folder == workspace.folder)
            })
            .collect(),
        seen: BTreeSet::new(),
        waiting: Vec::new(),
    };
    finder.read_manifest();
    let defaults = || {
        let kinds = "{js,mjs,cjs,jsx,ts,tsx,mts,cts}";
        Patterns::new([format!("{{index,cli,main}}.{kinds}"), format!("src/{{index,cli,main}}.{kinds}")])
    };
    let own = workspace.settings.entry.clone().unwrap_or_else(defaults);
    for path in finder.files.clone() {
        let is_own = workspace.inside(path).is_some_and(|inside| own.matches(inside));
        if is_own || extra.matches(path) {
            finder.entries.production.insert(path.to_owned());
        }
    }
    finder.read_scripts();
    finder.read_plugins();
    finder.read_compiler();
    finder.settle();
    finder.entries
}

struct Finder<'f, 'a> {
    project: &'f Project<'a>,
    workspace: &'f Workspace<'a>,
    entries: Entries,
    files: Vec<&'a str>,
    /// Configurations that were read, by tool.
    seen: BTreeSet<(&'static str, String)>,
    waiting: Vec<Input>,
}

impl<'a> Finder<'_, 'a> {
    fn read_manifest(&mut self) {
        let mut paths: Vec<String> = Vec::new();
        for field in ["main", "module", "browser", "types", "typings", "bin", "exports", "publishConfig"] {
            paths.extend(self.workspace.manifest.get(field).iter().flat_map(|node| targets_of(node)));
        }
        for path in paths {
            if path.starts_with('!') || path.contains("://") {
                continue;
            }
            let Some(full) = join(&self.workspace.folder, path.trim_end_matches('/')) else { continue };
            if full.contains('*') {
                let source = full.replacen("/dist/", "/src/", 1).replacen("dist/", "src/", 1);
                let mut patterns = vec![full.replace('*', "**/*").replace("**/***/*", "**/*"), full.clone()];
                if source != full {
                    patterns.push(any_source(&source));
                }
                let patterns = Patterns::new(patterns);
                let found = self.project.files.keys().filter(|path| patterns.matches(path));
                self.entries.production.extend(found.map(|path| (*path).to_owned()));
            } else if let Some(found) = self.project.source_of(self.workspace, &full) {
                self.entries.production.insert(found);
            }
        }
        // What `imports` of package.json leads to outside is used by it.
        for target in self.workspace.manifest.get("imports").iter().flat_map(|node| targets_of(node)) {
            // Each condition leads somewhere; which one holds is not known.
            if target.starts_with('.') && !target.contains('*') {
                let full = join(&self.workspace.folder, &target);
                let found = full.and_then(|full| self.project.source_of(self.workspace, &full));
                self.entries.others.extend(found.filter(|found| !is_kind(found, "json")));
            }
            if let Some(name) = package_name(&target).filter(|_| !target.starts_with('.')) {
                self.entries.packages.insert(name.to_owned());
            }
        }
    }

    fn commands(&self, text: &str, file: &str, span: &Range<usize>, folder: &str, knows_all: bool) -> Vec<Input> {
        let scripts = self.workspace.listed("scripts");
        let has_script = |name: &str| scripts.iter().any(|script| script.key == name);
        commands::read(text, &Place { file, span: span.clone(), folder, knows_all, has_script: &has_script })
    }

    fn read_scripts(&mut self) {
        let (path, folder) = (self.workspace.path, self.workspace.folder.clone());
        let mut runs_tests = false;
        for script in self.workspace.listed("scripts") {
            // A key that begins so is a comment.
            if script.key.starts_with(['@', '#', '/']) {
                continue;
            }
            if let Some(command) = script.value.as_str() {
                let found = self.commands(command, path, &script.value.span, &folder, true);
                let runner = ["node ", "tsx ", "nub "].iter().any(|runner| command.contains(runner));
                runs_tests |=
                    runner && command.split_whitespace().any(|word| word.replace(['"', '\''], "") == "--test");
                self.waiting.extend(found);
            }
        }
        if runs_tests {
            self.entry_patterns(NODE_TEST_RUNNER.iter().map(|pattern| (*pattern).to_owned()).collect(), false);
        }
        self.entry_patterns(vec!["server.js".to_owned()], true);
        // Hooks are scripts too.
        let hooks: Vec<(&str, &str)> = self
            .files
            .iter()
            .filter(|path| path.starts_with(".husky/") && !path.contains("/_/") || path.starts_with(".git/hooks/"))
            .filter_map(|path| Some((*path, self.project.files.get(path).copied().flatten()?)))
            .collect();
        if self.workspace.folder.is_empty() {
            for (path, text) in hooks {
                let found = self.commands(text, path, &(0..0), "", false);
                self.waiting.extend(found);
            }
        }
        let hooks = self.workspace.manifest.get("husky").and_then(|husky| husky.get("hooks"));
        for member in hooks.and_then(Node::as_object).map(Object::members).unwrap_or_default() {
            if let Some(command) = member.value.as_str() {
                let found = self.commands(command, path, &member.value.span, &folder, true);
                self.waiting.extend(found);
            }
            self.entries.packages.insert("husky".to_owned());
        }
        // Its packages are found by it where they are installed.
        if self.lists("size-limit") {
            let names = ["dependencies", "devDependencies"].iter().flat_map(|field| self.workspace.listed(field));
            let own: Vec<String> =
                names.map(|member| member.key.clone()).filter(|name| name.starts_with("@size-limit/")).collect();
            self.entries.packages.extend(own);
        }
        let mut words = BTreeSet::new();
        for member in CONFIG_MEMBERS {
            words.extend(self.workspace.manifest.get(member).iter().flat_map(|node| words_of(node)));
        }
        self.use_words(&words);
    }

    fn read_plugins(&mut self) {
        for plugin in PLUGINS {
            let settings = self.workspace.settings.plugins.get(plugin.name);
            let is_off = settings.is_some_and(|settings| settings.is_off);
            let is_on =
                is_on(self.project, self.workspace, plugin) || settings.is_some_and(|settings| !settings.is_off);
            if is_off || !is_on || plugin.is_root_only && !self.workspace.folder.is_empty() {
                continue;
            }
            self.entries.plugins.push(plugin.name);
            let from = self.waiting.len();
            self.plugin(plugin, settings);
            // A configuration without its tool: what it names is used, and need not be there.
            if !is_listed(self.project, self.workspace, plugin) {
                self.waiting.iter_mut().skip(from).for_each(|input| input.is_optional = true);
            }
            if plugin.name == "vite"
                && let Some(page) = join(&self.workspace.folder, "index.html")
            {
                self.read_page(&page);
            }
        }
        if self.lists("msw") {
            let folder = self.workspace.manifest.get("msw").and_then(|msw| msw.get("workerDirectory"));
            for folder in super::inputs::each(folder).iter().filter_map(|one| one.as_str()) {
                self.entry_patterns(vec![format!("{}/mockServiceWorker.js", folder.trim_end_matches('/'))], false);
            }
        }
    }

    // The modules that the page of a Vite project loads.
    fn read_page(&mut self, path: &str) {
        let text = self.project.files.get(path).copied().flatten().unwrap_or_default();
        for tag in text.split("<script").skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            let source = tag.split_once("src=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
            let source = source.and_then(|rest| rest.split(['"', '\'', ' ']).next()).unwrap_or_default();
            let full = join(parent(path), source.trim_start_matches('/'));
            let found = full.filter(|_| !source.is_empty()).and_then(|full| self.project.file(&full));
            self.entries.production.extend(found);
        }
    }

    fn plugin(&mut self, plugin: &'static Plugin, settings: Option<&PluginSettings>) {
        let configs = match settings.and_then(|settings| settings.config.clone()) {
            Some(configs) => configs,
            None => Patterns::new(plugin.configs.iter().map(|pattern| (*pattern).to_owned())),
        };
        let paths: Vec<&str> = self
            .files
            .iter()
            .copied()
            .filter(|path| self.workspace.inside(path).is_some_and(|inside| configs.matches(inside)))
            .collect();
        let own_entries = settings.and_then(|settings| settings.entry.clone());
        match own_entries {
            Some(entries) => self.entries_of_patterns(&entries, false),
            None if paths.is_empty() || plugin.read.is_none() => {
                let patterns = plugin.entries.iter().map(|pattern| (*pattern).to_owned()).collect();
                self.entry_patterns(patterns, plugin.is_production);
            }
            None => {}
        }
        for path in paths {
            self.config(plugin, path);
        }
        let member = self.workspace.manifest.get(plugin.member).filter(|_| !plugin.member.is_empty());
        if let (Some(member), Some(reader)) = (member, plugin.read) {
            let folder = self.workspace.folder.clone();
            // A text is the path of a configuration.
            if let Some(path) = member.as_str().filter(|path| path.starts_with('.')) {
                self.waiting.push(Input {
                    ask: Ask::Config(plugin.name),
                    name: path.to_owned(),
                    file: self.workspace.path.to_owned(),
                    span: member.span.clone(),
                    folder,
                    is_optional: true,
                    is_type: false,
                });
                return;
            }
            self.read(reader, &ConfigValue::of(member.clone()), self.workspace.path, &folder);
        }
    }

    fn config(&mut self, plugin: &'static Plugin, path: &'a str) {
        if !self.seen.insert((plugin.name, path.to_owned())) {
            return;
        }
        if base_name(path) != "tsconfig.json" {
            self.entries.others.insert(path.to_owned());
        }
        let Some(text) = self.project.files.get(path).copied().flatten() else { return };
        let folder = parent(path).to_owned();
        let project = self.project;
        let modules = |from: &str, source: &str| {
            let path = project.file(&join(parent(from), source)?)?;
            let (path, text) = project.files.get_key_value(path.as_str())?;
            Some(((*path).to_owned(), (*text)?))
        };
        if let (Some(reader), Some(value)) = (plugin.read, config_value::read(path, text, &modules)) {
            self.read(reader, &value, path, &folder);
            return;
        }
        let mut words = BTreeSet::new();
        let name = base_name(path);
        let is_data = ["json", "jsonc", "yaml", "yml", "toml"].iter().any(|kind| is_kind(name, kind));
        match parse_jsonc(text).filter(|_| is_data) {
            Some(node) => words.extend(words_of(&node)),
            None => words.extend(quoted(text)),
        }
        self.use_words(&words);
    }

    fn read(&mut self, reader: fn(&ConfigValue, &mut Inputs<'_>), value: &ConfigValue, file: &str, folder: &str) {
        let lists = |package: &str| self.lists(package);
        let for_development: Vec<String> =
            self.workspace.listed("devDependencies").iter().map(|member| member.key.clone()).collect();
        // A configuration of another workspace starts from there.
        let owner = self.project.workspace_of(file).map_or(&self.workspace.folder, |owner| &owner.folder);
        let workspace = owner.clone();
        let mut inputs = Inputs {
            file,
            folder,
            workspace: &workspace,
            lists: &lists,
            for_development: &for_development,
            commands: Vec::new(),
            found: Vec::new(),
        };
        reader(value, &mut inputs);
        let Inputs { commands, mut found, .. } = inputs;
        for (text, knows_all, below) in commands {
            let folder = below.map_or_else(|| workspace.clone(), |below| join(&workspace, &below).unwrap_or_default());
            found.extend(self.commands(&text, file, &(0..0), &folder, knows_all));
        }
        // Patterns of one tool belong together, since some take away from others.
        let mut patterns: [Vec<String>; 2] = [Vec::new(), Vec::new()];
        for input in found {
            match input.ask {
                Ask::Entry => patterns[0].push(input.name),
                Ask::ProductionEntry => patterns[1].push(input.name),
                Ask::Package | Ask::Module | Ask::File | Ask::Program | Ask::Config(_) | Ask::Alias => {
                    self.waiting.push(input);
                }
            }
        }
        let [others, production] = patterns;
        if workspace == self.workspace.folder {
            self.entry_patterns(others, false);
            self.entry_patterns(production, true);
            return;
        }
        let inside = |path: &'a str| {
            if workspace.is_empty() { Some(path) } else { path.strip_prefix(&workspace)?.strip_prefix('/') }
        };
        let patterns = Patterns::new(others.into_iter().chain(production));
        let paths = self.project.files.keys().copied().filter(|path| !path.contains("node_modules/"));
        let found: Vec<String> = paths
            .filter(|path| inside(path).is_some_and(|inside| patterns.matches(inside)))
            .map(str::to_owned)
            .collect();
        self.entries.others.extend(found);
    }

    fn entry_patterns(&mut self, patterns: Vec<String>, in_production: bool) {
        if !patterns.is_empty() {
            self.entries_of_patterns(&Patterns::new(patterns), in_production);
        }
    }

    fn entries_of_patterns(&mut self, patterns: &Patterns, in_production: bool) {
        let found: Vec<String> = self
            .files
            .iter()
            .filter(|path| self.workspace.inside(path).is_some_and(|inside| patterns.matches(inside)))
            .map(|path| (*path).to_owned())
            .collect();
        if in_production { self.entries.production.extend(found) } else { self.entries.others.extend(found) }
    }

    // What tsconfig.json names; of others in the folder only files.
    fn read_compiler(&mut self) {
        let is_on =
            ["typescript", "@typescript/native", "@typescript/native-preview"].iter().any(|name| self.lists(name));
        // Those that are read: the workspace's own, what scripts name, what these extend and refer to.
        let mut mains: BTreeSet<String> = BTreeSet::new();
        let named = self.waiting.iter().filter(|input| input.ask == Ask::Config("typescript"));
        let mut left: Vec<String> = named.filter_map(|input| join(&input.folder, &input.name)).collect();
        left.extend(join(&self.workspace.folder, "tsconfig.json"));
        while let Some(path) = left.pop() {
            if let Some(config) = self.project.config_at(&path)
                && mains.insert(path)
            {
                left.extend(config.bases.iter().cloned());
            }
        }
        let own: Vec<(String, Vec<Input>, Vec<String>)> = self
            .project
            .configs_in(self.workspace)
            .map(|(path, config)| (path.to_owned(), config.asks.clone(), config.includes_files.clone()))
            .collect();
        for (path, asks, includes) in own {
            let is_main = mains.contains(&path) && is_on;
            self.waiting.extend(asks.into_iter().map(|mut input| {
                input.is_optional |= !is_main;
                input
            }));
            self.entries
                .others
                .extend(includes.into_iter().filter(|path| self.project.files.contains_key(path.as_str())));
        }
        // What style sheets of Tailwind take in.
        if self.entries.plugins.contains(&"tailwind") {
            let sheets: Vec<&str> = self.files.iter().copied().filter(|path| is_kind(path, "css")).collect();
            for path in sheets {
                let text = self.project.files.get(path).copied().flatten().unwrap_or_default();
                for line in text.lines().map(str::trim) {
                    let is_taken =
                        ["@import", "@plugin", "@reference", "@config"].iter().any(|rule| line.starts_with(rule));
                    let name = line.split(['"', '\'']).nth(1).filter(|_| is_taken).unwrap_or_default();
                    if !name.is_empty() {
                        self.waiting.push(Input {
                            ask: Ask::Module,
                            name: name.to_owned(),
                            file: path.to_owned(),
                            span: 0..0,
                            folder: parent(path).to_owned(),
                            is_optional: true,
                            is_type: false,
                        });
                    }
                }
            }
        }
    }

    // Follows what was asked for to files, and to configurations that ask for more.
    fn settle(&mut self) {
        while let Some(input) = self.waiting.pop() {
            match input.ask {
                Ask::Entry => self.entry_patterns(vec![input.name], false),
                Ask::ProductionEntry => self.entry_patterns(vec![input.name], true),
                Ask::Alias => self.entries.aliases.push((input.name, input.folder)),
                Ask::Package | Ask::Program => self.entries.inputs.push(input),
                Ask::Module | Ask::File => match self.file_of(&input) {
                    Some(path) if is_kind(&path, "html") => self.read_page(&path),
                    Some(path) if is_kind(&path, "json") => {}
                    Some(path) => {
                        self.entries.others.insert(path);
                    }
                    None if input.ask == Ask::Module => self.entries.inputs.push(input),
                    None => {}
                },
                Ask::Config(tool) if input.name.contains('*') => {
                    let pattern = join(&input.folder, &input.name).map(|pattern| Patterns::new([pattern]));
                    let keys = self.project.files.keys().copied();
                    let found: Vec<&str> =
                        keys.filter(|path| pattern.as_ref().is_some_and(|pattern| pattern.matches(path))).collect();
                    if let Some(plugin) = PLUGINS.iter().find(|plugin| plugin.name == tool) {
                        found.into_iter().for_each(|path| self.config(plugin, path));
                    }
                }
                Ask::Config("typescript") => {}
                Ask::Config(tool) => match self.file_of(&input) {
                    Some(path) => {
                        let known = self.project.files.get_key_value(path.as_str()).map(|(path, _)| *path);
                        let plugin = PLUGINS.iter().find(|plugin| plugin.name == tool);
                        match plugin.zip(known) {
                            Some((plugin, path)) => self.config(plugin, path),
                            None if is_kind(&path, "json") => {}
                            None => {
                                self.entries.others.insert(path);
                            }
                        }
                    }
                    None if !input.name.starts_with(['.', '/']) && !input.is_optional => {
                        self.entries.inputs.push(Input { ask: Ask::Module, ..input });
                    }
                    None => {}
                },
            }
        }
    }

    // The file that is asked for; a name that is no path may be a package, which goes first.
    fn file_of(&self, input: &Input) -> Option<String> {
        let is_path = input.name.starts_with(['.', '/']);
        if input.ask == Ask::Module && !is_path && package_name(&input.name).is_some_and(|name| self.lists(name)) {
            return None;
        }
        if input.name.starts_with('#') {
            return match self.project.resolve(&input.file, &input.name) {
                Target::File(path) => Some(path),
                Target::Package(_) | Target::Workspace(..) | Target::Nowhere | Target::Missing => None,
            };
        }
        let path = input.name.trim_start_matches('/');
        let full = join(&input.folder, path)?;
        if full.contains('*') {
            return None;
        }
        self.project.source_of(self.workspace, &full).or_else(|| self.project.by_config(&input.file, path))
    }

    fn lists(&self, package: &str) -> bool {
        self.project.workspaces.iter().any(|outer| {
            (outer.folder == self.workspace.folder || is_below(&self.workspace.folder, &outer.folder))
                && outer.lists(package)
        })
    }

    // Words of configurations that are not understood; a word counts where a listed package fits it.
    fn use_words(&mut self, words: &BTreeSet<String>) {
        for word in words {
            for candidate in candidates(word) {
                if self.workspace.lists(&candidate) {
                    self.entries.packages.insert(candidate);
                }
            }
            let path = word.replace("<rootDir>", ".");
            if path.starts_with("./") || path.starts_with("../") {
                let found = join(&self.workspace.folder, &path)
                    .filter(|full| !full.contains('*'))
                    .and_then(|full| self.project.source_of(self.workspace, &full));
                self.entries.others.extend(found.filter(|found| !is_kind(found, "json")));
            }
        }
    }
}

fn is_on(project: &Project<'_>, workspace: &Workspace<'_>, plugin: &Plugin) -> bool {
    let configs = Patterns::new(plugin.configs.iter().map(|pattern| (*pattern).to_owned()));
    let has_config = || {
        project.files.keys().any(|path| {
            workspace.inside(path).is_some_and(|inside| inside != "tsconfig.json" && configs.matches(inside))
        })
    };
    is_listed(project, workspace, plugin) || has_config()
}

// Whether the workspace, or one around it, lists a tool.
fn is_listed(project: &Project<'_>, workspace: &Workspace<'_>, plugin: &Plugin) -> bool {
    let fields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
    let around = project
        .workspaces
        .iter()
        .filter(|outer| outer.folder == workspace.folder || is_below(&workspace.folder, &outer.folder));
    let is_config_package = plugin.name == "eslint"
        && workspace.name().is_some_and(|name| name.starts_with("eslint-config") || name.contains("/eslint-config"));
    is_config_package
        || plugin.packages == ["*"]
        || around.flat_map(|workspace| fields.iter().flat_map(|field| workspace.listed(field))).any(|member| {
            plugin.packages.iter().any(|name| match name.strip_suffix('*') {
                Some(start) => member.key.starts_with(start),
                None => member.key == *name,
            })
        })
}

// A pattern of built files as one of sources.
fn any_source(pattern: &str) -> String {
    let stem = pattern.rsplit_once('.').map_or(pattern, |(stem, _)| stem).trim_end_matches(".d");
    format!("{stem}.{{js,mjs,cjs,jsx,ts,tsx,mts,cts}}")
}

/// The listed packages that bring a program: by what is installed, by the names that differ, by its own name.
pub(super) fn program_packages(project: &Project<'_>, workspace: &Workspace<'_>, program: &str) -> Vec<String> {
    const DIFFERENT: &[(&str, &str)] = &[
        ("tsc", "typescript"),
        ("tsserver", "typescript"),
        ("ng", "@angular/cli"),
        ("babel", "@babel/cli"),
        ("babel-node", "@babel/node"),
        ("vue-cli-service", "@vue/cli-service"),
        ("commitlint", "@commitlint/cli"),
        ("changeset", "@changesets/cli"),
        ("run-s", "npm-run-all"),
        ("run-p", "npm-run-all"),
        ("playwright", "@playwright/test"),
        ("storybook", "@storybook/cli"),
        ("start-storybook", "@storybook/cli"),
        ("biome", "@biomejs/biome"),
        ("graphql-codegen", "@graphql-codegen/cli"),
        ("nest", "@nestjs/cli"),
        ("tailwindcss", "@tailwindcss/cli"),
        ("attw", "@arethetypeswrong/cli"),
        ("api-extractor", "@microsoft/api-extractor"),
        ("cross-env-shell", "cross-env"),
        ("remix", "@remix-run/dev"),
        ("svelte-kit", "@sveltejs/kit"),
        ("sb", "storybook"),
        ("electron-rebuild", "@electron/rebuild"),
        ("electron-forge", "@electron-forge/cli"),
        ("webpack", "webpack-cli"),
        ("postcss", "postcss-cli"),
        ("gulp", "gulp-cli"),
        ("_mocha", "mocha"),
        ("ncu", "npm-check-updates"),
        ("swc", "@swc/cli"),
        ("redocly", "@redocly/cli"),
        ("sentry-cli", "@sentry/cli"),
        ("tsgo", "@typescript/native-preview"),
        ("dotenv", "dotenv-cli"),
        ("esmo", "esno"),
        ("netlify", "netlify-cli"),
        ("remark", "remark-cli"),
        ("ts-node-esm", "ts-node"),
    ];
    let fields = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
    let around: Vec<&Workspace<'_>> = project
        .workspaces
        .iter()
        .filter(|outer| outer.folder == workspace.folder || is_below(&workspace.folder, &outer.folder))
        .collect();
    let lists = |package: &str| around.iter().any(|workspace| workspace.lists(package));
    let mut found = Vec::new();
    for member in around.iter().flat_map(|workspace| fields.iter().flat_map(|field| workspace.listed(field))) {
        let name = member.key.as_str();
        let brings = match project.installed.get(name).and_then(|manifest| manifest.get("bin")).map(|bin| &bin.kind) {
            Some(Kind::String(_)) => name.rsplit('/').next() == Some(program),
            Some(Kind::Object(object)) => object.has(program),
            _ => false,
        };
        if brings && !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    if found.is_empty() {
        let different = DIFFERENT.iter().filter(|(known, package)| *known == program && lists(package));
        found.extend(different.map(|(_, package)| (*package).to_owned()));
        found.extend(lists(program).then(|| program.to_owned()));
    }
    found
}

/// The package of a package's types.
pub(super) fn types_of(package: &str) -> String {
    match package.strip_prefix('@').and_then(|rest| rest.split_once('/')) {
        Some((scope, name)) => format!("@types/{scope}__{name}"),
        None => format!("@types/{package}"),
    }
}

fn words_of(node: &Node) -> Vec<String> {
    match &node.kind {
        Kind::Object(object) => object
            .members()
            .iter()
            .flat_map(|member| words_of(&member.value).into_iter().chain([member.key.clone()]))
            .collect(),
        Kind::Array(items) => items.iter().flat_map(words_of).collect(),
        Kind::String(text) => vec![text.clone()],
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => Vec::new(),
    }
}

// Every short text in quotes.
fn quoted(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        for quote in ['"', '\'', '`'] {
            found.extend(line.split(quote).skip(1).step_by(2).filter(|word| word.len() < 120).map(str::to_owned));
        }
    }
    found
}

/// What tools put before the short names of their plugins and configurations.
const PREFIXES: &[&str] = &[
    "eslint-plugin-",
    "eslint-config-",
    "babel-plugin-",
    "babel-preset-",
    "postcss-",
    "stylelint-config-",
    "gatsby-plugin-",
    "grunt-",
    "tslint-",
    "browserslist-config-",
];

// The packages that a word of a configuration may stand for.
fn candidates(word: &str) -> Vec<String> {
    let bare = word.split(['!', '?']).next().unwrap_or_default();
    let Some(name) = package_name(bare) else { return Vec::new() };
    let mut found = vec![name.to_owned()];
    if !name.starts_with('@') {
        found.extend(PREFIXES.iter().map(|prefix| format!("{prefix}{name}")));
    }
    found
}

/// The settings of tools in knip's configuration.
pub(super) fn plugin_settings(node: &Node) -> BTreeMap<String, PluginSettings> {
    let mut found = BTreeMap::new();
    for plugin in PLUGINS {
        let Some(setting) = node.get(plugin.name) else { continue };
        let list = |name: &str| setting.get(name).map(|list| Patterns::new(super::project::strings(Some(list))));
        let settings = match &setting.kind {
            Kind::Bool(is_on) => PluginSettings { is_off: !is_on, ..PluginSettings::default() },
            Kind::Object(_) => PluginSettings { is_off: false, entry: list("entry"), config: list("config") },
            _ => {
                let config = Some(Patterns::new(super::project::strings(Some(setting))));
                PluginSettings { is_off: false, entry: None, config }
            }
        };
        found.insert(plugin.name.to_owned(), settings);
    }
    found
}
