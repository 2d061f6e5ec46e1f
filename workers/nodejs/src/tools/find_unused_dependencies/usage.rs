//! Follows the imports of a project from where it starts, and says what is left.

use super::commands::{self, Place};
use super::entries::{self, Entries, program_packages, types_of};
use super::inputs::{Ask, Input};
use super::patterns::Patterns;
use super::project::{Project, Target, Workspace, is_below, is_builtin, is_kind, package_name};
use super::rules;
use super::source::{self, Export, Names, Source};
use super::{ProjectUsage, UsedRow, WorkspaceRow};
use crate::support::json::Node;
use crate::support::module_format::Unreadable;
use crate::support::package_tree::{base_name, join, parent};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Finding, LineIndex, Rule};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Most exports followed through files that pass them on.
const MAX_FOLLOWED: usize = 2_000_000;

/// An import of a file, and where it leads.
struct Link {
    specifier: String,
    span: Range<usize>,
    names: Names,
    is_type: bool,
    is_soft: bool,
    target: Target,
}

/// A file that was reached.
#[derive(Default)]
struct Reached {
    source: Source,
    links: Vec<Link>,
    /// Reached by what the published code imports.
    in_production: bool,
    is_entry: bool,
    unreadable: Option<Unreadable>,
}

/// What is used of a file's exports.
#[derive(Default)]
struct Used {
    all: bool,
    names: BTreeSet<String>,
}

/// What was asked for and is not there.
enum Lack {
    Unlisted(String),
    Unresolved(String),
    Program(String),
}

/// What a project uses.
pub(super) struct Usage<'p> {
    project: &'p Project<'p>,
    entries: Vec<Entries>,
    reached: BTreeMap<String, Reached>,
    used: BTreeMap<String, Used>,
    /// Packages used, by the folder of the workspace that lists or should list them, and who uses each first.
    packages: BTreeMap<(String, String), String>,
    /// Imports of packages that nobody lists: by file and place in its links.
    unlisted: BTreeSet<(String, usize)>,
    lacks: Vec<(Input, Lack)>,
    /// What commands in sources ask for.
    commanded: Vec<Input>,
}

impl<'p> Usage<'p> {
    pub(super) fn of(project: &'p Project<'p>, extra: &Patterns) -> Self {
        let entries = project.workspaces.iter().map(|workspace| entries::of(project, workspace, extra)).collect();
        let mut usage = Self {
            project,
            entries,
            reached: BTreeMap::new(),
            used: BTreeMap::new(),
            packages: BTreeMap::new(),
            unlisted: BTreeSet::new(),
            lacks: Vec::new(),
            commanded: Vec::new(),
        };
        let production: Vec<String> =
            usage.entries.iter().flat_map(|entries| entries.production.iter().cloned()).collect();
        let others: Vec<String> = usage.entries.iter().flat_map(|entries| entries.others.iter().cloned()).collect();
        usage.follow(&production, true);
        usage.follow(&others, false);
        usage.follow_names();
        usage.find_packages();
        usage
    }

    // Where an import leads; names that tools give paths go first.
    fn resolve(&self, from: &str, specifier: &str) -> Target {
        let own = self.project.workspaces.iter().zip(&self.entries);
        let own = own.filter(|(workspace, _)| is_below(from, &workspace.folder));
        for (alias, path) in own.flat_map(|(_, entries)| &entries.aliases) {
            let path = match alias.split_once('*') {
                Some((before, after)) => specifier
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after))
                    .map(|star| path.replacen('*', star, 1)),
                None if specifier == alias.strip_suffix('$').unwrap_or(alias) => Some(path.clone()),
                None if alias.ends_with('$') => None,
                None => {
                    let rest = specifier.strip_prefix(alias.trim_end_matches('/'));
                    let rest = rest.filter(|rest| rest.starts_with('/') || alias.is_empty());
                    rest.map(|rest| format!("{}{rest}", path.trim_end_matches('/')))
                }
            };
            if let Some(found) = path.and_then(|path| self.project.file(&path)) {
                return Target::File(found);
            }
        }
        self.project.resolve(from, specifier)
    }

    fn follow(&mut self, starts: &[String], in_production: bool) {
        let mut waiting: Vec<String> = Vec::new();
        for start in starts {
            self.reach(start, in_production, true, &mut waiting);
        }
        while let Some(path) = waiting.pop() {
            let targets: Vec<String> = self
                .reached
                .get(&path)
                .into_iter()
                .flat_map(|reached| &reached.links)
                .filter_map(|link| match &link.target {
                    Target::File(file) | Target::Workspace(_, Some(file)) => Some(file.clone()),
                    Target::Workspace(_, None) | Target::Package(_) | Target::Nowhere | Target::Missing => None,
                })
                .collect();
            for target in targets {
                self.reach(&target, in_production, false, &mut waiting);
            }
        }
    }

    fn reach(&mut self, path: &str, in_production: bool, is_entry: bool, waiting: &mut Vec<String>) {
        if let Some(known) = self.reached.get_mut(path) {
            known.is_entry |= is_entry;
            return;
        }
        let mut reached = Reached { in_production, is_entry, ..Reached::default() };
        if let Some(text) = self.project.files.get(path).copied().flatten().filter(|_| is_code(path)) {
            match source::read(path, text) {
                Ok(source) => reached.source = source,
                Err(unreadable) => reached.unreadable = Some(unreadable),
            }
        }
        let link = |import: &source::Import| Link {
            specifier: import.specifier.clone(),
            span: import.span.clone(),
            names: import.names.clone(),
            is_type: import.is_type,
            is_soft: import.is_soft,
            target: self.resolve(path, &import.specifier),
        };
        reached.links = reached.source.imports.iter().map(link).collect();
        // `a!b!./c`: the loader names itself; what it loads is used too.
        let loaded = reached.source.imports.iter().filter_map(|import| {
            let specifier = import.specifier.trim_start_matches(['!', '-']);
            Some((import, specifier.split_once('!')?.1.rsplit('!').next()?.to_owned()))
        });
        let loaded: Vec<Link> = loaded
            .map(|(import, specifier)| Link {
                target: self.resolve(path, &specifier),
                specifier,
                span: import.span.clone(),
                names: Names::All,
                is_type: false,
                is_soft: true,
            })
            .collect();
        reached.links.extend(loaded);
        for globs in &reached.source.globs {
            let found = self.globbed(path, globs);
            reached.links.extend(found.into_iter().map(|file| Link {
                specifier: file.clone(),
                span: 0..0,
                names: Names::All,
                is_type: false,
                is_soft: true,
                target: Target::File(file),
            }));
        }
        for (text, span) in &reached.source.commands {
            let Some(workspace) = self.project.workspace_of(path) else { continue };
            let scripts = workspace.listed("scripts");
            let has_script = |name: &str| scripts.iter().any(|script| script.key == name);
            let place = Place {
                file: path,
                span: span.clone(),
                folder: &workspace.folder,
                knows_all: true,
                has_script: &has_script,
            };
            for input in commands::read(text, &place) {
                if input.ask == Ask::File {
                    let inner = join(&input.folder, &input.name).and_then(|path| self.project.file(&path));
                    let inner =
                        inner.or_else(|| join(parent(path), &input.name).and_then(|path| self.project.file(&path)));
                    reached.links.extend(inner.map(|file| Link {
                        specifier: input.name.clone(),
                        span: span.clone(),
                        names: Names::All,
                        is_type: false,
                        is_soft: true,
                        target: Target::File(file),
                    }));
                } else {
                    self.commanded.push(input);
                }
            }
        }
        self.reached.insert(path.to_owned(), reached);
        waiting.push(path.to_owned());
    }

    // The files that `import.meta.glob` of a file means.
    fn globbed(&self, path: &str, globs: &[String]) -> Vec<String> {
        let folder = self.project.workspace_of(path).map(|workspace| workspace.folder.as_str()).unwrap_or_default();
        let mut patterns = Vec::new();
        for glob in globs {
            let (sign, glob) = glob.strip_prefix('!').map_or(("", glob.as_str()), |glob| ("!", glob));
            let tried = match glob.strip_prefix('/') {
                Some(glob) => vec![join(folder, glob)],
                None if glob.starts_with('.') => vec![join(parent(path), glob)],
                None => self.project.paths_for(path, glob).into_iter().map(Some).collect(),
            };
            patterns.extend(tried.into_iter().flatten().map(|pattern| format!("{sign}{pattern}")));
        }
        let patterns = Patterns::new(patterns);
        self.project
            .files
            .keys()
            .filter(|path| is_code(path) && patterns.matches(path))
            .map(|path| (*path).to_owned())
            .collect()
    }

    // Which exports are used: from the imports, through files that pass names on.
    fn follow_names(&mut self) {
        let mut waiting: Vec<(String, Option<String>)> = Vec::new();
        for (path, reached) in &self.reached {
            if reached.is_entry {
                waiting.push((path.clone(), None));
            }
            for link in &reached.links {
                let (Target::File(file) | Target::Workspace(_, Some(file))) = &link.target else { continue };
                match &link.names {
                    Names::All => waiting.push((file.clone(), None)),
                    Names::Some(names) => {
                        waiting.extend(names.iter().map(|name| (file.clone(), Some(name.clone()))));
                    }
                }
            }
        }
        let mut steps = 0;
        while let Some((path, name)) = waiting.pop() {
            steps += 1;
            if steps > MAX_FOLLOWED {
                break;
            }
            let used = self.used.entry(path.clone()).or_default();
            let is_new = match &name {
                None => !std::mem::replace(&mut used.all, true),
                Some(name) => used.names.insert(name.clone()),
            };
            let Some(reached) = self.reached.get(&path).filter(|_| is_new) else { continue };
            let file_of = |specifier: &str| match self.resolve(&path, specifier) {
                Target::File(file) | Target::Workspace(_, Some(file)) => Some(file),
                Target::Workspace(_, None) | Target::Package(_) | Target::Nowhere | Target::Missing => None,
            };
            let (base, rest) = match &name {
                Some(name) => {
                    name.split_once('.').map_or((Some(name.as_str()), None), |(base, rest)| (Some(base), Some(rest)))
                }
                None => (None, None),
            };
            // A function that loads a module for another takes its default, where there is one.
            if name.as_deref() == Some(source::LOADED) {
                let has_default = reached.source.exports.iter().any(|export| export.name == "default");
                waiting.push((path, has_default.then(|| "default".to_owned())));
                continue;
            }
            let mut found = false;
            for export in reached.source.exports.iter().filter(|export| base.is_none_or(|base| base == export.name)) {
                found = true;
                let Some((from, original)) = &export.from else { continue };
                let Some(file) = file_of(from) else { continue };
                match (original == "*", rest) {
                    // A namespace that is passed on takes what is used of it.
                    (true, None) if name.is_none() => waiting.push((file, None)),
                    (true, Some("*")) => waiting.push((file, None)),
                    (true, None | Some("?")) => {}
                    (true, Some(rest)) => waiting.push((file, Some(rest.to_owned()))),
                    (false, _) if name.is_none() => {
                        waiting.push((file.clone(), Some(original.clone())));
                        waiting.push((file, Some(format!("{original}.*"))));
                    }
                    (false, None) => waiting.push((file, Some(original.clone()))),
                    (false, Some(rest)) => waiting.push((file, Some(format!("{original}.{rest}")))),
                }
            }
            if !found || name.is_none() {
                for star in reached.source.stars.iter().filter(|_| base != Some("default")) {
                    waiting.extend(file_of(star).map(|file| (file, name.clone())));
                }
            }
        }
    }

    // A workspace and those around it, the innermost first.
    fn around(&self, workspace: &Workspace<'_>) -> impl Iterator<Item = &'p Workspace<'p>> + use<'p> {
        let folder = workspace.folder.clone();
        let is_around = move |outer: &&'p Workspace<'p>| outer.folder == folder || is_below(&folder, &outer.folder);
        self.project.workspaces.iter().filter(is_around)
    }

    fn find_packages(&mut self) {
        let mut asked: Vec<(usize, String, String)> = Vec::new();
        for (at, (workspace, entries)) in self.project.workspaces.iter().zip(&self.entries).enumerate() {
            asked.extend(entries.packages.iter().map(|package| (at, package.clone(), workspace.path.to_owned())));
        }
        for (at, package, by) in asked {
            if let Some(workspace) = self.project.workspaces.get(at) {
                self.refer(workspace, &package, &by, true, false);
            }
        }
        for (at, workspace) in self.project.workspaces.iter().enumerate() {
            let inputs = self.entries.get_mut(at).map(|entries| std::mem::take(&mut entries.inputs));
            for input in inputs.unwrap_or_default() {
                if let Some(lack) = self.settle(workspace, &input) {
                    self.lacks.push((input, lack));
                }
            }
        }
        for input in std::mem::take(&mut self.commanded) {
            let Some(workspace) = self.project.workspace_of(&input.file) else { continue };
            if let Some(lack) = self.settle(workspace, &input) {
                self.lacks.push((input, lack));
            }
        }
        let links: Vec<(String, usize, String, bool)> = self
            .reached
            .iter()
            .flat_map(|(path, reached)| {
                reached.links.iter().enumerate().filter_map(|(at, link)| {
                    let package = match &link.target {
                        Target::Package(package) | Target::Workspace(package, _) => package.clone(),
                        Target::Nowhere if is_builtin(&link.specifier) => "node".to_owned(),
                        // A path alias may shadow a package of the same name.
                        Target::File(_) if !link.specifier.starts_with(['.', '/']) => {
                            let name = package_name(&link.specifier)?;
                            self.project.workspace_of(path).filter(|workspace| workspace.lists(name))?;
                            name.to_owned()
                        }
                        Target::File(_) | Target::Nowhere | Target::Missing => return None,
                    };
                    Some((path.clone(), at, package, link.is_type))
                })
            })
            .collect();
        for (path, at, package, is_type) in links {
            let Some(workspace) = self.project.workspace_of(&path) else { continue };
            if package == "node" {
                self.packages.entry((workspace.folder.clone(), package)).or_insert(path);
            } else if !self.refer(workspace, &package, &path, false, is_type) {
                self.unlisted.insert((path, at));
            }
        }
    }

    // Notes that a package is used; whether it is listed, or there for another reason.
    fn refer(&mut self, workspace: &Workspace<'_>, package: &str, by: &str, is_tool: bool, is_type: bool) -> bool {
        if matches!(package, "node" | "bun" | "deno") || workspace.name() == Some(package) {
            return true;
        }
        let mut note = |folder: &str, package: &str| {
            self.packages.entry((folder.to_owned(), package.to_owned())).or_insert_with(|| by.to_owned());
        };
        let folder = workspace.folder.as_str();
        let outer = |package: &str| {
            let is_around = |outer: &&Workspace<'_>| outer.folder == folder || is_below(folder, &outer.folder);
            self.project.workspaces.iter().filter(is_around).find(|outer| outer.lists(package))
        };
        let brings_types = self.project.installed.get(package).is_some_and(|manifest| {
            ["types", "typings"].iter().any(|field| manifest.get(field).is_some_and(Node::is_truthy))
        });
        let types = types_of(package);
        let typed = if package.starts_with("@types/") { None } else { outer(&types) };
        if let Some(typed) = typed.filter(|_| !brings_types && !is_tool) {
            note(&typed.folder, &types);
        }
        if let Some(listing) = outer(package) {
            note(&listing.folder, package);
            return true;
        }
        note(folder, package);
        if typed.is_some() && is_type || is_tool {
            return true;
        }
        let in_engines = workspace.manifest.get("engines").is_some_and(|engines| engines.get(package).is_some());
        let is_private = workspace.manifest.get("private").is_some_and(Node::is_truthy);
        let is_sibling = self.project.workspaces.iter().any(|other| other.name() == Some(package));
        in_engines || is_private && is_sibling || self.is_brought(workspace, package)
    }

    // Whether a package that is listed asks for it as a peer, so that it is installed beside.
    fn is_brought(&self, workspace: &Workspace<'_>, package: &str) -> bool {
        self.project.installed.contains_key(package)
            && self.around(workspace).any(|outer| !self.hosts(outer, package).is_empty())
    }

    // The listed packages that ask for a package as a peer.
    fn hosts(&self, workspace: &Workspace<'_>, package: &str) -> Vec<&'p str> {
        let asks = |(host, manifest): &(&'p String, &'p Node)| {
            host.as_str() != package
                && workspace.lists(host)
                && manifest.get("peerDependencies").is_some_and(|peers| peers.get(package).is_some())
        };
        self.project.installed.iter().filter(asks).map(|(host, _)| host.as_str()).collect()
    }

    // Whether what a script or a configuration asks for is there.
    fn settle(&mut self, workspace: &Workspace<'_>, input: &Input) -> Option<Lack> {
        let name = input.name.as_str();
        // Who asks decides in which workspace it has to be listed.
        let runs_in = if input.ask == Ask::Program { format!("{}/", input.folder) } else { input.file.clone() };
        let runs_in = runs_in.trim_start_matches('/');
        let owner = self.project.workspace_of(runs_in).filter(|owner| is_below(&owner.folder, &workspace.folder));
        let workspace = owner.unwrap_or(workspace);
        match input.ask {
            Ask::Program => {
                let packages = program_packages(self.project, workspace, name);
                for package in &packages {
                    self.refer(workspace, package, &input.file, true, false);
                }
                (packages.is_empty() && !input.is_optional).then(|| Lack::Program(name.to_owned()))
            }
            Ask::Package | Ask::Module => {
                if is_builtin(name) {
                    return None;
                }
                let package = package_name(name);
                if let Some(package) = package
                    && self.refer(workspace, package, &input.file, false, input.is_type)
                {
                    return None;
                }
                if input.is_optional {
                    return None;
                }
                let is_workspace = |name: &str| self.project.workspaces.iter().any(|other| other.name() == Some(name));
                if let Some(package) = package.filter(|package| is_workspace(package)) {
                    return Some(Lack::Unlisted(package.to_owned()));
                }
                match package {
                    Some(package) if input.ask == Ask::Package || name.starts_with('@') => {
                        Some(Lack::Unlisted(package.to_owned()))
                    }
                    _ if name.starts_with(['#', '~']) => None,
                    _ => Some(Lack::Unresolved(name.to_owned())),
                }
            }
            Ask::File | Ask::Entry | Ask::ProductionEntry | Ask::Config(_) | Ask::Alias => None,
        }
    }

    // Whether a listed package is used, or a package that asks for it as a peer is.
    fn is_used(&self, workspace: &Workspace<'_>, package: &str, seen: &mut BTreeSet<String>) -> bool {
        let is_noted = |name: &str| self.packages.contains_key(&(workspace.folder.clone(), name.to_owned()));
        if is_noted(package) {
            return true;
        }
        if !seen.insert(package.to_owned()) {
            return false;
        }
        let mut hosts = self.hosts(workspace, package);
        if let Some(typed) = package.strip_prefix("@types/") {
            let typed =
                typed.split_once("__").map_or_else(|| typed.to_owned(), |(scope, name)| format!("@{scope}/{name}"));
            if matches!(typed.as_str(), "node" | "bun" | "jest") {
                return true;
            }
            let brings_types = self.project.installed.get(&typed).is_some_and(|manifest| {
                ["types", "typings"].iter().any(|field| manifest.get(field).is_some_and(Node::is_truthy))
            });
            if brings_types && workspace.lists(&typed) {
                return false;
            }
            hosts.extend(self.hosts(workspace, &typed));
        }
        hosts.iter().any(|host| self.is_used(workspace, host, seen))
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for workspace in &self.project.workspaces {
            self.judge_listed(workspace, &mut findings);
        }
        self.judge_lacks(&mut findings);
        for (path, reached) in &self.reached {
            self.judge_reached(path, reached, &mut findings);
        }
        self.judge_files(&mut findings);
        findings.retain(|finding| !self.is_ignored(finding));
        findings
    }

    // By knip's configuration: the rule is off, or the file is ignored.
    fn is_ignored(&self, finding: &Finding) -> bool {
        let Some(path) = finding.path.as_deref() else { return false };
        let root = self.project.workspaces.iter().find(|workspace| workspace.folder.is_empty());
        let own = self.project.workspace_of(path);
        [root, own].into_iter().flatten().any(|workspace| {
            let settings = &workspace.settings;
            let is_off_here = |inside: &str| {
                settings.ignore.matches(inside)
                    || settings
                        .ignore_issues
                        .iter()
                        .any(|(files, rules)| rules.iter().any(|rule| *rule == finding.rule) && files.matches(inside))
            };
            settings.off.contains(&*finding.rule) || workspace.inside(path).is_some_and(is_off_here)
        })
    }

    fn judge_lacks(&self, findings: &mut Vec<Finding>) {
        let mut told: BTreeSet<(&str, &str, &str)> = BTreeSet::new();
        let mut indices: BTreeMap<&str, LineIndex<'_>> = BTreeMap::new();
        for (input, lack) in &self.lacks {
            let Some(workspace) = self.project.workspace_of(&input.file) else { continue };
            let settings = self.around(workspace).map(|outer| &outer.settings);
            let mut settings = settings.collect::<Vec<_>>().into_iter();
            let (rule, name, message) = match lack {
                Lack::Unlisted(name) if !settings.any(|own| own.ignore_dependencies.matches(name)) => {
                    (&rules::UNLISTED, name, format!("{} is asked for here but not listed", excerpt(name)))
                }
                Lack::Unresolved(name)
                    if !settings.any(|own| {
                        own.ignore_unresolved.matches(name)
                            || package_name(name).is_some_and(|name| own.ignore_dependencies.matches(name))
                    }) =>
                {
                    (&rules::UNRESOLVED, name, format!("{} is no file and no listed package", excerpt(name)))
                }
                Lack::Program(name) if !settings.any(|own| own.ignore_binaries.matches(name)) => {
                    (&rules::BINARIES, name, format!("{} is run but no listed package brings it", excerpt(name)))
                }
                Lack::Unlisted(_) | Lack::Unresolved(_) | Lack::Program(_) => continue,
            };
            if told.insert((rule.id, input.file.as_str(), name.as_str())) {
                let mut finding = Finding::new(rule, message);
                if let Some(text) = self.project.files.get(input.file.as_str()).copied().flatten()
                    && !input.span.is_empty()
                {
                    let index = indices.entry(input.file.as_str()).or_insert_with(|| LineIndex::new(text));
                    finding = finding.at(index.range(input.span.clone()));
                }
                findings.push(finding.in_file(&input.file));
            }
        }
    }

    fn judge_listed(&self, workspace: &Workspace<'_>, findings: &mut Vec<Finding>) {
        let index = LineIndex::new(workspace.text);
        let fields: [(&str, &Rule); 2] =
            [("dependencies", &rules::DEPENDENCIES), ("devDependencies", &rules::DEV_DEPENDENCIES)];
        let roots = self.around(workspace).filter(|outer| outer.folder.is_empty()).map(|outer| &outer.settings);
        let settings: Vec<_> = std::iter::once(&workspace.settings).chain(roots).collect();
        let in_production = workspace.manifest.get("dependencies").and_then(Node::as_object);
        for (field, rule) in fields {
            for member in workspace.listed(field) {
                let package = member.key.as_str();
                let is_ignored = settings.iter().any(|settings| settings.ignore_dependencies.matches(package));
                // Listed twice, it is one too many here.
                let is_twice = field == "devDependencies" && in_production.is_some_and(|list| list.has(package));
                let is_own_tool = matches!(package, "knip" | "typescript");
                let is_used = is_own_tool || self.is_used(workspace, package, &mut BTreeSet::new());
                if is_ignored || is_used && !is_twice {
                    continue;
                }
                let message = format!("{} is not used", excerpt(package));
                findings
                    .push(Finding::new(rule, message).at(index.range(member.key_span.clone())).in_file(workspace.path));
            }
        }
    }

    fn judge_reached(&self, path: &str, reached: &Reached, findings: &mut Vec<Finding>) {
        let Some(workspace) = self.project.workspace_of(path) else { return };
        let text = self.project.files.get(path).copied().flatten().unwrap_or_default();
        let index = LineIndex::new(text);
        if let Some(unreadable) = reached.unreadable {
            let (Unreadable::TooDeep(at) | Unreadable::Syntax(at)) = unreadable;
            let what = if matches!(unreadable, Unreadable::TooDeep(_)) { "nests too deep" } else { "is no JavaScript" };
            let message = format!("{what} here; the file's imports are not known");
            findings.push(Finding::new(&rules::NOT_READ, message).at(index.range(at..at)).in_file(path));
            return;
        }
        let mut told: BTreeSet<(&str, String)> = BTreeSet::new();
        for (place, link) in reached.links.iter().enumerate() {
            let at = index.range(link.span.clone());
            match &link.target {
                Target::Missing if !link.is_soft => {
                    let ignored =
                        self.around(workspace).any(|outer| outer.settings.ignore_unresolved.matches(&link.specifier));
                    if !ignored && told.insert(("unresolved", link.specifier.clone())) {
                        let message = format!("{} leads to no file", excerpt(&link.specifier));
                        findings.push(Finding::new(&rules::UNRESOLVED, message).at(at).in_file(path));
                    }
                }
                Target::Package(package) | Target::Workspace(package, _) => {
                    let is_listed = !self.unlisted.contains(&(path.to_owned(), place));
                    let is_ignored =
                        self.around(workspace).any(|outer| outer.settings.ignore_dependencies.matches(package));
                    let is_declaration = path.ends_with(".d.ts");
                    if !is_listed && !is_ignored && !link.is_soft && !is_declaration {
                        if told.insert(("unlisted", package.clone())) {
                            let message =
                                format!("{} is imported but not listed in {}", excerpt(package), workspace.path);
                            findings.push(Finding::new(&rules::UNLISTED, message).at(at).in_file(path));
                        }
                    } else if Self::is_misplaced(workspace, package, link, reached)
                        && told.insert(("misplaced", package.clone()))
                    {
                        let message = format!(
                            "{} is imported by the published code but listed in devDependencies",
                            excerpt(package)
                        );
                        findings.push(Finding::new(&rules::MISPLACED, message).at(at).in_file(path));
                    }
                }
                Target::File(_) | Target::Nowhere | Target::Missing => {}
            }
        }
        self.judge_exports(path, reached, workspace, &index, findings);
    }

    // Of packages that are published: what runs, and is listed for development alone.
    fn is_misplaced(workspace: &Workspace<'_>, package: &str, link: &Link, reached: &Reached) -> bool {
        let is_private = workspace.manifest.get("private").is_some_and(Node::is_truthy);
        let is_published = !is_private
            && ["main", "exports", "bin", "module"].iter().any(|field| workspace.manifest.get(field).is_some());
        let in_list = |field: &str| workspace.listed(field).iter().any(|member| member.key == package);
        let elsewhere = ["dependencies", "peerDependencies", "optionalDependencies"].iter().any(|field| in_list(field));
        is_published
            && reached.in_production
            && !link.is_type
            && !link.is_soft
            && in_list("devDependencies")
            && !elsewhere
    }

    fn judge_exports(
        &self,
        path: &str,
        reached: &Reached,
        workspace: &Workspace<'_>,
        index: &LineIndex<'_>,
        findings: &mut Vec<Finding>,
    ) {
        Self::judge_repeated(path, reached, index, findings);
        let is_declaration = path.ends_with(".d.ts") || path.ends_with(".d.mts") || path.ends_with(".d.cts");
        let is_started = reached.is_entry && !self.judges_entry(workspace, path);
        if is_started || is_declaration || !Self::is_project_file(workspace, path) {
            return;
        }
        let nothing = Used::default();
        let used = self.used.get(path).unwrap_or(&nothing);
        if used.all {
            return;
        }
        for export in reached.source.exports.iter().filter(|export| !export.is_public) {
            let (values, types) = workspace.settings.ignores_used_in_file;
            let in_file =
                (if export.is_type { types } else { values }) && reached.source.used_locals.contains(&export.local);
            let is_registered = reached.source.registered.contains(&export.local);
            if is_registered || self.is_in_used_export(path, &export.local, &mut BTreeSet::new()) {
                continue;
            }
            if used.names.contains(&export.name) {
                self.judge_members(path, reached, export, used, index, findings);
            } else if !in_file {
                let rule = if export.is_type { &rules::TYPES } else { &rules::EXPORTS };
                let message = format!("{} is not imported by any file", excerpt(&export.name));
                findings.push(Finding::new(rule, message).at(index.range(export.span.clone())).in_file(path));
            }
        }
    }

    // Whether a used export of the same file names it as a type.
    fn is_in_used_export(&self, path: &str, local: &str, seen: &mut BTreeSet<String>) -> bool {
        let Some(reached) = self.reached.get(path).filter(|_| !local.is_empty()) else { return false };
        if !seen.insert(local.to_owned()) {
            return false;
        }
        let used = self.used.get(path);
        reached.source.names_types.iter().filter(|(by, types)| by.as_str() != local && types.contains(local)).any(
            |(by, _)| {
                let exports = reached.source.exports.iter().filter(|export| export.local == *by);
                let is_used = exports.into_iter().any(|export| {
                    used.is_some_and(|used| used.names.contains(&export.name)) || reached.source.registered.contains(by)
                });
                is_used || self.is_in_used_export(path, by, seen)
            },
        )
    }

    // Whether what an entry point exports is judged too: only that of the project's own, by its configuration.
    fn judges_entry(&self, workspace: &Workspace<'_>, path: &str) -> bool {
        workspace.settings.includes_entry_exports && self.entries.iter().all(|entries| !entries.others.contains(path))
    }

    fn judge_members(
        &self,
        path: &str,
        reached: &Reached,
        export: &Export,
        used: &Used,
        index: &LineIndex<'_>,
        findings: &mut Vec<Finding>,
    ) {
        let has = |tail: &str| used.names.contains(&format!("{}.{tail}", export.name));
        if export.members.is_empty() || has("*") {
            return;
        }
        // An enum that is named as a type stands for all of its members.
        if export.is_enum && has("?") {
            return;
        }
        let Some(workspace) = self.project.workspace_of(path) else { return };
        for member in &export.members {
            let parents = member.name.match_indices('.').filter_map(|(at, _)| member.name.get(..at));
            let is_used = has(&member.name)
                || parents.into_iter().any(|parent| has(&format!("{parent}.*")))
                || reached.source.own.contains(&format!("{}.{}", export.local, member.name));
            if is_used || workspace.settings.ignore_members.matches(&member.name) {
                continue;
            }
            let rule = if member.is_of_enum { &rules::ENUM_MEMBERS } else { &rules::NAMESPACE_MEMBERS };
            let name = format!("{}.{}", export.name, member.name);
            let message = format!("{} is not used by any file", excerpt(&name));
            findings.push(Finding::new(rule, message).at(index.range(member.span.clone())).in_file(path));
        }
    }

    // Exports that are the same thing by two names.
    fn judge_repeated(path: &str, reached: &Reached, index: &LineIndex<'_>, findings: &mut Vec<Finding>) {
        let mut by_original: BTreeMap<&str, Vec<&Export>> = BTreeMap::new();
        for export in reached
            .source
            .exports
            .iter()
            .filter(|export| export.is_declared && export.from.is_none() && !export.is_public)
        {
            let original = export.repeats.as_deref().unwrap_or(&export.local);
            if !original.is_empty() && !path.ends_with(".d.ts") {
                by_original.entry(original).or_default().push(export);
            }
        }
        for mut same in by_original.into_values().filter(|same| same.len() > 1) {
            same.sort_by_key(|export| export.span.start);
            let names: Vec<&str> = same.iter().map(|export| export.name.as_str()).collect();
            let message = format!("{} are the same export", excerpt(&names.join("|")));
            let at = same.last().map(|export| export.span.clone()).unwrap_or_default();
            findings.push(Finding::new(&rules::DUPLICATES, message).at(index.range(at)).in_file(path));
        }
    }

    fn is_project_file(workspace: &Workspace<'_>, path: &str) -> bool {
        let Some(inside) = workspace.inside(path) else { return false };
        let in_project = workspace.settings.project.as_ref().is_none_or(|project| project.matches(inside));
        in_project && !workspace.settings.ignore.matches(inside) && !path.contains("node_modules/")
    }

    fn judge_files(&self, findings: &mut Vec<Finding>) {
        for path in self.project.files.keys().filter(|path| is_code(path) && !self.reached.contains_key(**path)) {
            if self.project.is_excluded(path) {
                continue;
            }
            let Some(workspace) = self.project.workspace_of(path) else { continue };
            let is_declaration = path.ends_with(".d.ts") || path.ends_with(".d.mts") || path.ends_with(".d.cts");
            let is_built = self.project.configs_in(workspace).any(|(_, config)| {
                config.out_dir.as_ref().is_some_and(|out| !out.is_empty() && super::project::is_below(path, out))
            });
            let root = self.project.workspaces.iter().find(|workspace| workspace.folder.is_empty());
            let is_ignored = [Some(workspace), root].into_iter().flatten().any(|workspace| {
                workspace.inside(path).is_some_and(|inside| workspace.settings.ignore_files.matches(inside))
            });
            if !is_declaration && !is_built && !is_ignored && Self::is_project_file(workspace, path) {
                let message = format!("{} is reached from no entry point", excerpt(base_name(path)));
                findings.push(Finding::new(&rules::FILES, message).in_file(*path));
            }
        }
    }

    pub(super) fn data(&self) -> ProjectUsage {
        let row = |(workspace, entries): (&Workspace<'_>, &Entries)| WorkspaceRow {
            folder: workspace.folder.clone(),
            files: self
                .project
                .files
                .keys()
                .filter(|path| {
                    is_code(path) && self.project.workspace_of(path).is_some_and(|own| own.folder == workspace.folder)
                })
                .count(),
            entries: entries.production.len() + entries.others.len(),
        };
        let mut workspaces: Vec<WorkspaceRow> = self.project.workspaces.iter().zip(&self.entries).map(row).collect();
        workspaces.sort_by(|one, other| one.folder.cmp(&other.folder));
        let mut first: BTreeMap<String, String> = BTreeMap::new();
        for ((_, package), by) in &self.packages {
            first.entry(package.clone()).or_insert_with(|| by.clone());
        }
        first.remove("node");
        let used = first.into_iter().map(|(package, by)| UsedRow { package, by }).collect();
        ProjectUsage { workspaces, reached: self.reached.len(), used }
    }
}

fn is_code(path: &str) -> bool {
    ["js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "cts"].iter().any(|kind| is_kind(path, kind))
        && !path.contains("node_modules/")
}
