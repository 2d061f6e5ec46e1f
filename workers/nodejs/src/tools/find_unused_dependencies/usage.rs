//! Follows the imports of a project from where it starts, and says what is left.

use super::entries::{self, Entries, types_of};
use super::patterns::Patterns;
use super::project::{Project, Target, Workspace, is_builtin, is_kind};
use super::rules;
use super::source::{self, Export, Names, Source};
use super::{ProjectUsage, UsedRow, WorkspaceRow};
use crate::support::json::Node;
use crate::support::module_format::Unreadable;
use crate::support::package_tree::base_name;
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

/// What a project uses.
pub(super) struct Usage<'p> {
    project: &'p Project<'p>,
    entries: Vec<Entries>,
    reached: BTreeMap<String, Reached>,
    used: BTreeMap<String, Used>,
}

impl<'p> Usage<'p> {
    pub(super) fn of(project: &'p Project<'p>, extra: &Patterns) -> Self {
        let entries = project.workspaces.iter().map(|workspace| entries::of(project, workspace, extra)).collect();
        let mut usage = Self { project, entries, reached: BTreeMap::new(), used: BTreeMap::new() };
        let production: Vec<String> =
            usage.entries.iter().flat_map(|entries| entries.production.iter().cloned()).collect();
        let others: Vec<String> = usage.entries.iter().flat_map(|entries| entries.others.iter().cloned()).collect();
        usage.follow(&production, true);
        usage.follow(&others, false);
        usage.follow_names();
        usage
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
            target: self.project.resolve(path, &import.specifier),
        };
        reached.links = reached.source.imports.iter().map(link).collect();
        self.reached.insert(path.to_owned(), reached);
        waiting.push(path.to_owned());
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
            let file_of = |specifier: &str| match self.project.resolve(&path, specifier) {
                Target::File(file) | Target::Workspace(_, Some(file)) => Some(file),
                Target::Workspace(_, None) | Target::Package(_) | Target::Nowhere | Target::Missing => None,
            };
            let fits = |export: &&Export| name.as_ref().is_none_or(|name| *name == export.name);
            let mut found = false;
            for export in reached.source.exports.iter().filter(fits) {
                found = true;
                if let Some((from, original)) = &export.from
                    && let Some(file) = file_of(from)
                {
                    waiting.push((file, (original != "*").then(|| original.clone())));
                }
            }
            if !found || name.is_none() {
                for star in reached.source.stars.iter().filter(|_| name.as_deref() != Some("default")) {
                    waiting.extend(file_of(star).map(|file| (file, name.clone())));
                }
            }
        }
    }

    fn lists(&self, workspace: &Workspace<'_>, package: &str) -> bool {
        // What an outer workspace lists is there for the inner ones.
        self.project.workspaces.iter().any(|outer| {
            (outer.folder == workspace.folder || super::project::is_below(&workspace.folder, &outer.folder))
                && outer.lists(package)
        })
    }

    // Packages used in each workspace, and by which file first.
    fn packages(&self) -> BTreeMap<(String, String), String> {
        let mut used: BTreeMap<(String, String), String> = BTreeMap::new();
        for (workspace, entries) in self.project.workspaces.iter().zip(&self.entries) {
            for package in &entries.packages {
                used.entry((workspace.folder.clone(), package.clone())).or_insert_with(|| workspace.path.to_owned());
            }
        }
        for (path, reached) in &self.reached {
            let Some(workspace) = self.project.workspace_of(path) else { continue };
            for link in &reached.links {
                let package = match &link.target {
                    Target::Package(package) | Target::Workspace(package, _) => package.clone(),
                    Target::Nowhere if is_builtin(&link.specifier) => "node".to_owned(),
                    Target::File(_) => match super::project::package_name(&link.specifier) {
                        // A path alias may shadow a package of the same name.
                        Some(name) if workspace.lists(name) && !link.specifier.starts_with('.') => name.to_owned(),
                        _ => continue,
                    },
                    Target::Nowhere | Target::Missing => continue,
                };
                used.entry((workspace.folder.clone(), package)).or_insert_with(|| path.clone());
            }
        }
        used
    }

    // Whether a listed package is used in its workspace or one below it.
    fn is_used(&self, workspace: &Workspace<'_>, package: &str, used: &BTreeMap<(String, String), String>) -> bool {
        let within = |name: &str| {
            self.project.workspaces.iter().any(|inner| {
                (inner.folder == workspace.folder
                    || super::project::is_below(&inner.folder, &workspace.folder) && !inner.lists(name))
                    && used.contains_key(&(inner.folder.clone(), name.to_owned()))
            })
        };
        if within(package) {
            return true;
        }
        if let Some(typed) = package.strip_prefix("@types/") {
            let typed =
                typed.split_once("__").map_or_else(|| typed.to_owned(), |(scope, name)| format!("@{scope}/{name}"));
            return matches!(typed.as_str(), "node" | "bun" | "jest")
                || within(&typed)
                || self.is_peer(workspace, package, used);
        }
        self.is_peer(workspace, package, used)
    }

    // Whether a used package asks for it as a peer.
    fn is_peer(&self, workspace: &Workspace<'_>, package: &str, used: &BTreeMap<(String, String), String>) -> bool {
        self.project.installed.iter().any(|(host, manifest)| {
            host != package
                && workspace.lists(host)
                && manifest.get("peerDependencies").is_some_and(|peers| peers.get(package).is_some())
                && used.keys().any(|(_, name)| name == host)
        })
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let used = self.packages();
        for workspace in &self.project.workspaces {
            self.judge_listed(workspace, &used, &mut findings);
        }
        for (path, reached) in &self.reached {
            self.judge_reached(path, reached, &mut findings);
        }
        self.judge_files(&mut findings);
        findings
    }

    fn judge_listed(
        &self,
        workspace: &Workspace<'_>,
        used: &BTreeMap<(String, String), String>,
        findings: &mut Vec<Finding>,
    ) {
        let index = LineIndex::new(workspace.text);
        let fields: [(&str, &Rule); 2] =
            [("dependencies", &rules::DEPENDENCIES), ("devDependencies", &rules::DEV_DEPENDENCIES)];
        for (field, rule) in fields {
            for member in workspace.listed(field) {
                let package = member.key.as_str();
                let is_ignored =
                    matches!(package, "knip" | "typescript") || workspace.settings.ignore_dependencies.matches(package);
                // What is listed as a peer too is listed here for development.
                let is_peer = workspace.listed("peerDependencies").iter().any(|peer| peer.key == package);
                if is_ignored || is_peer || self.is_used(workspace, package, used) {
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
        for link in &reached.links {
            let at = index.range(link.span.clone());
            match &link.target {
                Target::Missing if !link.is_soft => {
                    if told.insert(("unresolved", link.specifier.clone())) {
                        let message = format!("{} leads to no file", excerpt(&link.specifier));
                        findings.push(Finding::new(&rules::UNRESOLVED, message).at(at).in_file(path));
                    }
                }
                Target::Package(package) | Target::Workspace(package, _) => {
                    let is_own = workspace.name() == Some(package.as_str());
                    let is_listed =
                        is_own || self.lists(workspace, package) || self.lists(workspace, &types_of(package));
                    let is_ignored = workspace.settings.ignore_dependencies.matches(package);
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
        let is_declaration = path.ends_with(".d.ts") || path.ends_with(".d.mts") || path.ends_with(".d.cts");
        if reached.is_entry || is_declaration || !Self::is_project_file(workspace, path) {
            return;
        }
        let used = self.used.get(path);
        if used.is_some_and(|used| used.all) {
            return;
        }
        for export in &reached.source.exports {
            if export.is_public || used.is_some_and(|used| used.names.contains(&export.name)) {
                continue;
            }
            let rule = if export.is_type { &rules::TYPES } else { &rules::EXPORTS };
            let message = format!("{} is not imported by any file", excerpt(&export.name));
            findings.push(Finding::new(rule, message).at(index.range(export.span.clone())).in_file(path));
        }
    }

    fn is_project_file(workspace: &Workspace<'_>, path: &str) -> bool {
        let Some(inside) = workspace.inside(path) else { return false };
        let in_project = workspace.settings.project.as_ref().is_none_or(|project| project.matches(inside));
        in_project && !workspace.settings.ignore.matches(inside) && !path.contains("node_modules/")
    }

    fn judge_files(&self, findings: &mut Vec<Finding>) {
        for path in self.project.files.keys().filter(|path| is_code(path) && !self.reached.contains_key(**path)) {
            let Some(workspace) = self.project.workspace_of(path) else { continue };
            let is_declaration = path.ends_with(".d.ts") || path.ends_with(".d.mts") || path.ends_with(".d.cts");
            let is_built = self.project.configs_in(workspace).any(|(_, config)| {
                config.out_dir.as_ref().is_some_and(|out| !out.is_empty() && super::project::is_below(path, out))
            });
            if !is_declaration && !is_built && Self::is_project_file(workspace, path) {
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
        for ((_, package), by) in self.packages() {
            first.entry(package).or_insert(by);
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
