//! From files to a model: documents, variables, includes, extends, and files laid over each other.

use super::item::{Item, Map, Place, Taken, Val};
use super::merge::{Clash, keep_unique, merge};
use super::template::{Fault, Variables};
use super::{Issue, Kind, Loaded, Project, canon, check, dotenv, form, path, resolve, schema};
use crate::support::yaml::{self, Dialect};
use octavo_toolkit::SourceFile;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// Deepest chain of includes or extends.
pub(super) const MAX_CHAIN: usize = 30;

/// Most files that includes and extends may read in one call, the same ones counted again.
pub(super) const MAX_READS: usize = 500;

/// Most bytes of all files that are read in one call, the same ones counted again.
const MAX_READ_BYTES: usize = 16 * 1024 * 1024;

/// Values of variables by name.
pub(super) type Environment = BTreeMap<String, String>;

/// What is to be loaded.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Every file that may be read, paths relative to `folder` or absolute.
    pub files: &'a [SourceFile],
    /// Compose files to lay over each other; empty to find them by name.
    pub compose: &'a [String],
    /// Variables of the surroundings; they win over `.env`.
    pub environment: Environment,
    /// Profiles that are on.
    pub profiles: &'a [String],
    /// Project name, if the caller sets it.
    pub name: Option<&'a str>,
    /// Absolute path of the project folder.
    pub folder: &'a str,
}

const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Loads a project. Every issue that is found is told; any but [`Kind::Unset`] leaves no project.
pub fn load(request: &Request<'_>) -> Loaded {
    let folder = path::clean(request.folder);
    let by_path = request.files.iter().enumerate().map(|(at, file)| (path::join(&folder, &file.path), at)).collect();
    let mut loader =
        Loader { files: request.files, by_path, issues: Vec::new(), reads: 0, read_bytes: 0, unset: BTreeSet::new() };
    let project = loader.project(request, &folder);
    let mut issues = loader.issues;
    issues.dedup();
    let is_sound = issues.iter().all(|issue| issue.kind == Kind::Unset);
    Loaded { project: project.filter(|_| is_sound), issues }
}

pub(super) struct Loader<'a> {
    files: &'a [SourceFile],
    by_path: BTreeMap<String, usize>,
    issues: Vec<Issue>,
    reads: usize,
    read_bytes: usize,
    unset: BTreeSet<String>,
}

// Where a model is read: its folder, seen from the one above; its environment; the files on the way to it.
#[derive(Clone)]
struct Scope {
    // What paths in the model are joined with.
    base: String,
    // Absolute folder that `include` and `extends` start from.
    folder: String,
    environment: Environment,
    included: Vec<String>,
    validates: bool,
}

impl Loader<'_> {
    pub(super) fn issue(&mut self, kind: Kind, at: Option<Place>, message: impl Into<String>) {
        self.issues.push(Issue { kind, at, message: message.into() });
    }

    fn clash(&mut self, kind: Kind, clash: Clash) {
        self.issue(kind, Some(clash.at), clash.message);
    }

    pub(super) fn source(&self, path: &str) -> Option<(usize, &str)> {
        let at = *self.by_path.get(path)?;
        Some((at, &self.files.get(at)?.source))
    }

    fn project(&mut self, request: &Request<'_>, folder: &str) -> Option<Project> {
        let mut environment = request.environment.clone();
        if let Some((at, source)) = self.source(&path::join(folder, ".env")) {
            let mut values = Environment::new();
            if let Err(problem) = dotenv::read(source, &[&environment], &mut values) {
                self.issue(Kind::File, Some(Place { file: at, start: 0, end: 0 }), format!("the .env file: {problem}"));
                return None;
            }
            for (name, value) in values {
                environment.entry(name).or_insert(value);
            }
        }
        let paths = self.compose_files(request, folder, &environment)?;
        let name = self.name(request, folder, &paths, &mut environment)?;
        let scope = Scope {
            base: folder.to_owned(),
            folder: folder.to_owned(),
            environment,
            included: Vec::new(),
            validates: true,
        };
        let mut model = self.model(&paths, &scope)?;
        if model.is_empty() {
            self.issue(Kind::Schema, None, "the Compose file is empty");
            return None;
        }
        if !self.issues.iter().all(|issue| issue.kind == Kind::Unset) {
            return None;
        }
        resolve::normalize(&mut model, &name, &scope.environment);
        let mut profiles = request.profiles.to_vec();
        if profiles.is_empty() {
            let set = scope.environment.get("COMPOSE_PROFILES").map_or("", String::as_str);
            profiles =
                set.split(',').map(|profile| profile.trim().to_owned()).filter(|profile| !profile.is_empty()).collect();
        }
        let disabled = resolve::drop_disabled(&mut model, &profiles);
        check::consistency(&model, &disabled, &mut self.issues);
        let declared = model.clone();
        resolve::environment_files(&mut model, &scope.environment, self);
        resolve::label_files(&mut model, self);
        resolve::drop_unused(&mut model);
        let mut faults = Vec::new();
        let form = form::project(&name, &model, &mut faults);
        for (at, message) in faults {
            self.issue(Kind::Value, Some(at), message);
        }
        let disabled = disabled.into_keys().collect();
        Some(Project { name, model, declared, environment: scope.environment, form, disabled })
    }

    fn compose_files(&mut self, request: &Request<'_>, folder: &str, environment: &Environment) -> Option<Vec<String>> {
        let mut wanted: Vec<String> = request.compose.to_vec();
        if let (true, Some(listed)) = (wanted.is_empty(), environment.get("COMPOSE_FILE")) {
            let separator = environment.get("COMPOSE_PATH_SEPARATOR").map_or(":", String::as_str);
            wanted = listed.split(separator).filter(|path| !path.is_empty()).map(ToOwned::to_owned).collect();
        }
        if wanted.is_empty() {
            let found = NAMES.iter().find(|name| self.source(&path::join(folder, name)).is_some());
            match found {
                Some(name) => wanted.push((*name).to_owned()),
                None if self.files.len() == 1 => wanted.extend(self.files.first().map(|file| file.path.clone())),
                None => {
                    self.issue(Kind::File, None, format!("no file is called {}; say which to load", NAMES.join(", ")));
                    return None;
                }
            }
            let overrides = [
                "compose.override.yml",
                "compose.override.yaml",
                "docker-compose.override.yml",
                "docker-compose.override.yaml",
            ];
            let found = overrides.iter().find(|name| self.source(&path::join(folder, name)).is_some());
            if found.is_some() && self.files.len() > 1 {
                wanted.extend(found.map(|name| (*name).to_owned()));
            }
        }
        let wanted: Vec<String> = wanted.iter().map(|file| path::join(folder, file)).collect();
        for missing in wanted.iter().filter(|file| !self.by_path.contains_key(*file)).cloned().collect::<Vec<_>>() {
            self.issue(Kind::File, None, format!("`{}` is not among the files", excerpt(&missing)));
        }
        Some(wanted.into_iter().filter(|file| self.by_path.contains_key(file)).collect())
    }

    // The project's name: set by the caller or the environment, else the last one in the files, else the folder's.
    fn name(
        &mut self,
        request: &Request<'_>,
        folder: &str,
        paths: &[String],
        environment: &mut Environment,
    ) -> Option<String> {
        let set = request.name.map(ToOwned::to_owned).or_else(|| environment.get("COMPOSE_PROJECT_NAME").cloned());
        let mut name = path::clean(folder).rsplit('/').next().map(normal_name).unwrap_or_default();
        match set.filter(|set| !set.is_empty()) {
            Some(set) if normal_name(&set) != set => {
                let message =
                    format!("the project name `{}` must be of small letters, digits, `-` and `_`", excerpt(&set));
                self.issue(Kind::Name, None, message);
                return None;
            }
            Some(set) => name = set,
            None => {
                let mut written = None;
                for path in paths {
                    let Some((_, source)) = self.source(path) else { continue };
                    for document in yaml::load(source, Dialect::Compose).documents {
                        let found = document.root.get("name").and_then(|name| name.as_str().map(ToOwned::to_owned));
                        written = found.filter(|name| !name.is_empty()).or(written);
                    }
                }
                if let Some(written) = written
                    && let Ok(filled) = Variables::new(vec![environment]).fill(&written)
                    && !normal_name(&filled).is_empty()
                {
                    name = normal_name(&filled);
                }
            }
        }
        environment.insert("COMPOSE_PROJECT_NAME".to_owned(), name.clone());
        if name.is_empty() {
            self.issue(Kind::Name, None, "the project has no name");
            return None;
        }
        Some(name)
    }

    // Files laid over each other, short forms written out, paths resolved.
    fn model(&mut self, paths: &[String], scope: &Scope) -> Option<Map> {
        let mut model = Map::new();
        for file in paths {
            model = self.file(file, scope, model)?.0;
        }
        canon::put_defaults(&mut model);
        check::values(&model, &mut self.issues);
        resolve::paths(&mut model, &scope.base, scope.environment.get("HOME").map(String::as_str), &mut self.issues);
        Some(model)
    }

    // Lays the documents of a file over a model; gives what the last of them resets, too.
    fn file(&mut self, file: &str, scope: &Scope, mut model: Map) -> Option<(Map, Vec<Vec<String>>)> {
        self.reads += 1;
        if self.reads > MAX_READS {
            self.issue(Kind::File, None, format!("more than {MAX_READS} files are included or extended"));
            return None;
        }
        let Some((at, source)) = self.source(file) else {
            self.issue(Kind::File, None, format!("`{}` is not among the files", excerpt(file)));
            return None;
        };
        let length = source.len();
        let stream = yaml::load(source, Dialect::Compose);
        self.read_bytes += length;
        if self.read_bytes > MAX_READ_BYTES {
            self.issue(
                Kind::File,
                None,
                format!("files are included or extended until more than {MAX_READ_BYTES} bytes are read"),
            );
            return None;
        }
        let is_broken = !stream.problems.is_empty();
        for problem in stream.problems {
            let place = Place { file: at, start: problem.span.start, end: problem.span.end };
            self.issue(Kind::Yaml, Some(place), problem.message);
        }
        if is_broken {
            return None;
        }
        let mut resets = Vec::new();
        for document in stream.documents {
            let mut taken = Taken::default();
            let root = taken.item(&document.root, at, &mut Vec::new());
            for place in &taken.odd_keys {
                self.issue(Kind::Schema, Some(*place), "a key must be a string");
            }
            let root = root.unwrap_or(Item::new(Val::Null, Place { file: at, start: 0, end: 0 }));
            let Item { value: Val::Map(mut own), at: place } = root else {
                self.issue(Kind::Schema, Some(root.at), "the file must hold a mapping");
                return None;
            };
            if !taken.odd_keys.is_empty() || !self.interpolate(&mut own, &scope.environment) {
                return None;
            }
            if scope.validates {
                let mut included = scope.included.clone();
                included.push(file.to_owned());
                self.includes(&mut own, &Scope { included, ..scope.clone() }, &taken.resets)?;
            }
            apply_resets(&mut model, &taken.resets);
            if scope.validates {
                self.extends(&mut own, file, scope, &taken.resets)?;
            }
            model = self.lay_over(model, own, place, scope.validates)?;
            resets = taken.resets;
        }
        Some((model, resets))
    }

    fn lay_over(&mut self, model: Map, own: Map, place: Place, validates: bool) -> Option<Map> {
        let merged = merge(Item::new(Val::Map(model), place), Item::new(Val::Map(own), place), &mut Vec::new());
        let merged = merged.and_then(|mut merged| keep_unique(&mut merged).map(|()| merged));
        let mut merged = match merged {
            Ok(merged) => merged,
            Err(clash) => {
                self.clash(Kind::Schema, clash);
                return None;
            }
        };
        if validates {
            let misfits = schema::check(&merged);
            let is_sound = misfits.is_empty();
            for misfit in misfits {
                let message = if misfit.path.is_empty() {
                    misfit.message
                } else {
                    format!("`{}` {}", misfit.path, misfit.message)
                };
                self.issue(Kind::Schema, Some(misfit.at), message);
            }
            if !is_sound {
                return None;
            }
        }
        let map = merged.as_map_mut()?;
        if validates {
            map.remove("version");
        }
        let written = canon::write_out(map).and_then(|()| keep_unique(&mut merged));
        if let Err(clash) = written {
            self.clash(Kind::Value, clash);
            return None;
        }
        if let Val::Map(map) = merged.value { Some(map) } else { None }
    }

    // Fills in the variables of all values; false where one cannot be.
    fn interpolate(&mut self, map: &mut Map, environment: &Environment) -> bool {
        let mut filling = resolve::Filling::new(environment);
        for (key, value) in map.iter_mut() {
            filling.fill(value, &mut vec![key.clone()]);
        }
        let is_sound = filling.faults.is_empty();
        for (at, fault) in filling.faults {
            let message = match fault {
                resolve::Unfilled::Template(Fault::Invalid) => {
                    "the `$` begins no variable; write `$$` for a dollar sign".to_owned()
                }
                resolve::Unfilled::Template(Fault::Required(name, reason)) if reason.is_empty() => {
                    format!("`{}` has no value, and must have one", excerpt(&name))
                }
                resolve::Unfilled::Template(Fault::Required(name, reason)) => {
                    format!("`{}` has no value, and must have one: {}", excerpt(&name), excerpt(&reason))
                }
                resolve::Unfilled::Template(Fault::TooLong) => {
                    "the variables make the values too long to be looked at".to_owned()
                }
                resolve::Unfilled::Cast(wanted) => format!("the value must be {wanted}"),
            };
            self.issue(Kind::Interpolation, Some(at), message);
        }
        for (at, name) in filling.unset {
            if self.unset.insert(name.clone()) {
                let message = format!("`{}` has no value; it is taken as empty", excerpt(&name));
                self.issue(Kind::Unset, Some(at), message);
            }
        }
        is_sound
    }

    fn includes(&mut self, own: &mut Map, scope: &Scope, resets: &[Vec<String>]) -> Option<()> {
        let Some(includes) = own.remove("include") else { return Some(()) };
        let Val::List(includes) = includes.value else {
            if !includes.is_null() {
                self.issue(Kind::Schema, Some(includes.at), "`include` must be a list");
                return None;
            }
            return Some(());
        };
        if scope.included.len() > MAX_CHAIN {
            self.issue(Kind::File, None, format!("files include each other more than {MAX_CHAIN} deep"));
            return None;
        }
        for include in includes {
            let texts = |key: &str| match include.get(key) {
                Some(item) if item.as_str().is_some() => vec![item.sprint()],
                Some(item) => item.items().iter().map(Item::sprint).collect(),
                None => Vec::new(),
            };
            let mut paths = include.as_str().map_or_else(|| texts("path"), |path| vec![path.to_owned()]);
            for path in &mut paths {
                *path = path::join(&scope.folder, path);
                if path.contains("://") || path.contains("git@") {
                    self.issue(Kind::File, Some(include.at), "an include from the network cannot be read here");
                    return None;
                }
            }
            let Some(main) = paths.first().cloned() else {
                self.issue(Kind::Schema, Some(include.at), "`include` lacks `path`");
                return None;
            };
            if scope.included.contains(&main) {
                self.issue(Kind::File, Some(include.at), format!("`{}` includes itself", excerpt(&main)));
                return None;
            }
            if let Some(missing) = paths.iter().find(|path| !self.by_path.contains_key(*path)).cloned() {
                self.issue(Kind::File, Some(include.at), format!("`{}` is not among the files", excerpt(&missing)));
                return None;
            }
            let given = include.get_str("project_directory").filter(|folder| !folder.is_empty());
            let folder = given.map_or_else(|| path::parent(&main), |given| path::join(&scope.folder, given));
            let mut files: Vec<String> = texts("env_file").iter().map(|file| path::join(&scope.folder, file)).collect();
            files.retain(|file| file != "/dev/null");
            if include.get("env_file").is_none() && self.by_path.contains_key(&path::join(&folder, ".env")) {
                files.push(path::join(&folder, ".env"));
            }
            let mut environment = scope.environment.clone();
            let mut values = Environment::new();
            for file in files {
                let Some((_, source)) = self.source(&file) else {
                    self.issue(Kind::File, Some(include.at), format!("`{}` is not among the files", excerpt(&file)));
                    return None;
                };
                if let Err(problem) = dotenv::read(source, &[&scope.environment], &mut values) {
                    self.issue(Kind::File, Some(include.at), format!("`{}`: {problem}", excerpt(&file)));
                    return None;
                }
            }
            for (name, value) in values {
                environment.entry(name).or_insert(value);
            }
            let base = path::relative(&scope.folder, &folder);
            let inner = Scope { base, folder, environment, included: scope.included.clone(), validates: true };
            let imported = self.model(&paths, &inner)?;
            self.import(imported, own, resets)?;
        }
        Some(())
    }

    fn import(&mut self, mut imported: Map, own: &mut Map, resets: &[Vec<String>]) -> Option<()> {
        for section in ["services", "volumes", "networks", "secrets", "configs", "models"] {
            let Some(Item { value: Val::Map(from), at }) = imported.remove(section) else { continue };
            let into = own.entry(section.to_owned()).or_insert(Item::new(Val::Map(Map::new()), at));
            let Some(into) = into.as_map_mut() else { continue };
            for (name, resource) in from {
                let resource = match into.remove(&name) {
                    None => resource,
                    Some(conflict) => {
                        let mut path = vec![section.to_owned(), name.clone()];
                        let mut resource = resource;
                        reset_below(&mut resource, resets, &mut path);
                        match merge(resource, conflict, &mut path) {
                            Ok(merged) => merged,
                            Err(clash) => {
                                self.clash(Kind::Schema, clash);
                                return None;
                            }
                        }
                    }
                };
                into.insert(name, resource);
            }
        }
        Some(())
    }

    fn extends(&mut self, own: &mut Map, file: &str, scope: &Scope, resets: &[Vec<String>]) -> Option<()> {
        let Some(Item { value: Val::Map(services), .. }) = own.get_mut("services") else { return Some(()) };
        let names: Vec<String> = services.keys().cloned().collect();
        for name in names {
            self.extend(&name, services, file, scope, resets, &mut Vec::new())?;
        }
        Some(())
    }

    // Replaces a service by what it extends with itself laid over.
    fn extend(
        &mut self,
        name: &str,
        services: &mut Map,
        file: &str,
        scope: &Scope,
        resets: &[Vec<String>],
        chain: &mut Vec<(String, String)>,
    ) -> Option<Item> {
        let Some(service) = services.get(name).cloned() else { return Some(Item::new(Val::Null, Place::default())) };
        let Some(extends) = service.get("extends").cloned() else { return Some(service) };
        let wanted = extends.as_str().or_else(|| extends.get_str("service")).map(ToOwned::to_owned);
        let Some(wanted) = wanted else {
            self.issue(Kind::Extends, Some(extends.at), "`extends` lacks `service`");
            return None;
        };
        let link = (file.to_owned(), name.to_owned());
        if chain.contains(&link) || chain.len() >= MAX_CHAIN {
            self.issue(Kind::Extends, Some(extends.at), format!("`{}` extends itself, through others", excerpt(name)));
            return None;
        }
        chain.push(link);
        let base = match extends.get_str("file").map(|other| path::join(&scope.folder, other)) {
            Some(other) => {
                let (mut others, inner_resets) = self.services_of(&other, &extends, scope)?;
                if !others.contains_key(&wanted) {
                    let message = format!("`{}` has no service `{}`", excerpt(&other), excerpt(&wanted));
                    self.issue(Kind::Extends, Some(extends.at), message);
                    return None;
                }
                self.extend(&wanted, &mut others, &other, scope, &inner_resets, chain)?
            }
            None if services.contains_key(&wanted) => self.extend(&wanted, services, file, scope, resets, chain)?,
            None => {
                self.issue(Kind::Extends, Some(extends.at), format!("this file has no service `{}`", excerpt(&wanted)));
                return None;
            }
        };
        chain.pop();
        if base.is_null() {
            return Some(service);
        }
        let mut path = vec!["services".to_owned(), name.to_owned()];
        let mut base = base;
        reset_below(&mut base, resets, &mut path);
        let mut merged = match merge(base, service, &mut path) {
            Ok(merged) => merged,
            Err(clash) => {
                self.clash(Kind::Schema, clash);
                return None;
            }
        };
        if let Some(map) = merged.as_map_mut() {
            map.remove("extends");
        }
        services.insert(name.to_owned(), merged.clone());
        Some(merged)
    }

    // The services of another file, their paths seen from this scope's folder.
    fn services_of(&mut self, other: &str, extends: &Item, scope: &Scope) -> Option<(Map, Vec<Vec<String>>)> {
        if !self.by_path.contains_key(other) {
            let message = format!("`{}` is not among the files", excerpt(other));
            self.issue(Kind::Extends, Some(extends.at), message);
            return None;
        }
        let folder = path::parent(other);
        let base = path::relative(&scope.folder, &folder);
        let inner = Scope {
            base: base.clone(),
            folder,
            environment: scope.environment.clone(),
            included: Vec::new(),
            validates: false,
        };
        let (mut model, resets) = self.file(other, &inner, Map::new())?;
        resolve::paths(&mut model, &base, scope.environment.get("HOME").map(String::as_str), &mut self.issues);
        if let Some(Item { value: Val::Map(services), .. }) = model.remove("services") {
            return Some((services, resets));
        }
        self.issue(Kind::Extends, Some(extends.at), format!("`{}` has no services", excerpt(other)));
        None
    }
}

// Takes away what a file tags `!reset` or `!override`.
fn apply_resets(model: &mut Map, resets: &[Vec<String>]) {
    for reset in resets {
        if let Some((last, parents)) = reset.split_last() {
            let parent = parents.iter().try_fold(&mut *model, |map, key| map.get_mut(key)?.as_map_mut());
            if let Some(parent) = parent {
                parent.remove(last);
            }
        }
    }
}

fn reset_below(item: &mut Item, resets: &[Vec<String>], path: &mut [String]) {
    if let Some(map) = item.as_map_mut() {
        let below: Vec<Vec<String>> =
            resets.iter().filter_map(|reset| reset.strip_prefix(&*path).map(<[String]>::to_vec)).collect();
        apply_resets(map, &below);
    }
}

/// A name as Compose makes one of any text: small letters, digits, `-` and `_`, beginning with a letter or digit.
pub(super) fn normal_name(text: &str) -> String {
    let kept: String = text
        .to_lowercase()
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        .collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}
