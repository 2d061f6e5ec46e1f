//! How TypeScript and Node.js find the file behind an import of a package: `exports`, `imports`, `main`, `types` and
//! `typesVersions`, under each of four resolution modes.
//!
//! Answers for one package on its own: a specifier that leads to another package is [`Lookup::External`]. The order of
//! the look-ups is TypeScript's (5.x), which includes Node's for JavaScript files. Nothing is read but the tree.

use crate::support::json::{Kind, Node, Object};
use crate::support::module_format::ModuleKind;
use crate::support::package_tree::{PackageTree, base_name, ends_in, join, parent};
use crate::support::typescript_version::version_matches;
use std::cmp::Ordering;
use std::ops::Range;

/// Who resolves, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// `moduleResolution: node10`: knows nothing of `exports`.
    Node10,
    /// `moduleResolution: node16` from a `CommonJS` file.
    Node16Cjs,
    /// `moduleResolution: node16` from an ES module.
    Node16Esm,
    /// `moduleResolution: bundler`.
    Bundler,
}

impl Mode {
    /// All modes, in the order of a report.
    pub const ALL: [Self; 4] = [Self::Node10, Self::Node16Cjs, Self::Node16Esm, Self::Bundler];

    /// The name tools use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node10 => "node10",
            Self::Node16Cjs => "node16-cjs",
            Self::Node16Esm => "node16-esm",
            Self::Bundler => "bundler",
        }
    }

    /// The `moduleResolution` it belongs to.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Node10 => "node10",
            Self::Node16Cjs | Self::Node16Esm => "node16",
            Self::Bundler => "bundler",
        }
    }

    const fn knows_exports(self) -> bool {
        !matches!(self, Self::Node10)
    }

    fn has_condition(self, condition: &str, want: Want) -> bool {
        match condition {
            "default" => true,
            "import" => matches!(self, Self::Node16Esm | Self::Bundler),
            "require" => matches!(self, Self::Node16Cjs),
            "node" => matches!(self, Self::Node16Cjs | Self::Node16Esm),
            "types" => want == Want::Types,
            _ => want == Want::Types && condition.strip_prefix("types@").is_some_and(version_matches),
        }
    }
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// What the type checker reads: TypeScript and declarations first, else JavaScript.
    Types,
    /// What runs: JavaScript.
    Implementation,
}

/// A file found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    /// Its path in the package.
    pub path: String,
    /// Whether an earlier condition of `exports` applied too, but led nowhere.
    pub through_fallback: bool,
    /// Where in the root package.json the path was named, when in `exports`.
    pub named_at: Option<Range<usize>>,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// A file of the package.
    Found(Resolved),
    /// Another package; not looked for.
    External,
    /// Nothing.
    Missing,
}

/// Which files may be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extensions(u8);

impl Extensions {
    const TYPESCRIPT: Self = Self(1);
    const JAVASCRIPT: Self = Self(2);
    const DECLARATION: Self = Self(4);
    const JSON: Self = Self(8);

    const fn of(want: Want) -> (Self, Self) {
        match want {
            Want::Types => (Self(1 | 4), Self(2 | 8)),
            Want::Implementation => (Self(1), Self(2 | 8)),
        }
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

// What resolving through conditions went through, to know afterwards whether one of them failed on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Enter,
    Failed,
    Resolved,
    Exit,
}

/// Resolves imports of one package.
#[derive(Debug, Clone, Copy)]
pub struct Resolver<'a> {
    tree: &'a PackageTree<'a>,
    root: Option<&'a Node>,
    has_subpaths: bool,
    has_conditions: bool,
}

// One look-up under way.
struct Search<'a> {
    resolver: Resolver<'a>,
    tree: &'a PackageTree<'a>,
    mode: Mode,
    want: Want,
    steps: Vec<Step>,
    named_at: Option<Range<usize>>,
    external: bool,
}

impl<'a> Resolver<'a> {
    /// A resolver for the package whose root is the tree's.
    pub fn new(tree: &'a PackageTree<'a>) -> Self {
        let root = tree.manifest("").flatten();
        let exports = root.and_then(|root| root.get("exports")).and_then(Node::as_object);
        let keys = exports.map(Object::members).unwrap_or_default();
        let has_subpaths = keys.iter().any(|member| member.key.starts_with('.'));
        let has_conditions = keys.iter().any(|member| !member.key.starts_with('.'));
        Self { tree, root, has_subpaths, has_conditions }
    }

    /// Resolves an entry point: `.`, or `./` and a path.
    pub fn resolve_entry(&self, subpath: &str, mode: Mode, want: Want) -> Option<Resolved> {
        let mut search = self.search(mode, want);
        let rest = subpath.strip_prefix("./").unwrap_or_default();
        let (first, second) = Extensions::of(want);
        let esm = mode == Mode::Node16Esm;
        let path =
            search.package(self.root, first, rest, esm).or_else(|| search.package(self.root, second, rest, esm))?;
        Some(search.finish(path))
    }

    /// Resolves what a TypeScript file of the package imports, as the type checker does.
    pub fn resolve_import(&self, from: &str, specifier: &str, mode: Mode) -> Lookup {
        let directory = parent(from);
        if is_relative(specifier) {
            return self.resolve_relative(directory, specifier, mode);
        }
        if specifier.starts_with('#') {
            return if mode.knows_exports() { self.resolve_private(from, specifier, mode) } else { Lookup::Missing };
        }
        let name = self.root.and_then(|root| root.get("name")).and_then(Node::as_str).filter(|name| !name.is_empty());
        let Some(rest) = name.and_then(|name| specifier.strip_prefix(name)) else { return Lookup::External };
        let subpath = match rest.strip_prefix('/') {
            None if rest.is_empty() => ".".to_owned(),
            Some(rest) => format!("./{rest}"),
            None => return Lookup::External,
        };
        self.resolve_entry(&subpath, mode, Want::Types).map_or(Lookup::Missing, Lookup::Found)
    }

    /// The module system Node.js and TypeScript give a file by its extension and the nearest package.json; `None` for
    /// other files, and where that package.json was not sent.
    pub fn module_kind(&self, path: &str) -> Option<ModuleKind> {
        let extension = base_name(path).rsplit_once('.').map(|(_, extension)| extension)?;
        match extension {
            "mjs" | "mts" => Some(ModuleKind::Esm),
            "cjs" | "cts" => Some(ModuleKind::Cjs),
            "js" | "ts" | "jsx" | "tsx" => match self.tree.scope(path) {
                None => Some(ModuleKind::Cjs),
                Some((_, None)) => None,
                Some((_, Some(manifest))) => Some(declared_kind(manifest)),
            },
            _ => None,
        }
    }

    fn search(&self, mode: Mode, want: Want) -> Search<'a> {
        Search { resolver: *self, tree: self.tree, mode, want, steps: Vec::new(), named_at: None, external: false }
    }

    fn resolve_relative(&self, directory: &str, specifier: &str, mode: Mode) -> Lookup {
        let mut search = self.search(mode, Want::Types);
        let Some(candidate) = join(directory, specifier) else { return Lookup::External };
        let is_directory = specifier.ends_with(['/', '.']) && matches!(base_name(specifier), "" | "." | "..");
        let (first, second) = Extensions::of(Want::Types);
        let esm = mode == Mode::Node16Esm;
        let found = if mode == Mode::Node10 {
            let load =
                |search: &mut Search<'_>, extensions| search.relative(extensions, &candidate, is_directory, esm, true);
            load(&mut search, first).or_else(|| load(&mut search, second))
        } else {
            search.relative(first.and(second), &candidate, is_directory, esm, true)
        };
        found.map_or(Lookup::Missing, |path| Lookup::Found(search.finish(path)))
    }

    // `#name`, by the `imports` of the nearest package.json.
    fn resolve_private(&self, from: &str, specifier: &str, mode: Mode) -> Lookup {
        let scope = self.tree.scope(from).and_then(|(directory, node)| Some((directory, node?)));
        let imports = scope.and_then(|(directory, node)| Some((directory, node.get("imports")?.as_object()?)));
        let Some((directory, imports)) = imports.filter(|_| specifier != "#" && !specifier.starts_with("#/")) else {
            return Lookup::Missing;
        };
        let mut search = self.search(mode, Want::Types);
        let (first, second) = Extensions::of(Want::Types);
        match search.in_map(imports, first.and(second), specifier, directory, MapKind::Imports) {
            Some(path) => Lookup::Found(search.finish(path)),
            None if search.external => Lookup::External,
            None => Lookup::Missing,
        }
    }
}

/// The module system a package.json gives its `.js` files.
pub fn declared_kind(manifest: &Node) -> ModuleKind {
    if manifest.get("type").and_then(Node::as_str) == Some("module") { ModuleKind::Esm } else { ModuleKind::Cjs }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MapKind {
    Exports,
    Imports,
}

impl<'a> Search<'a> {
    fn finish(&self, path: String) -> Resolved {
        Resolved { path, through_fallback: fell_back(&self.steps), named_at: self.named_at.clone() }
    }

    // The package as a bare specifier names it; `rest` is what follows its name.
    fn package(&mut self, root: Option<&'a Node>, extensions: Extensions, rest: &str, esm: bool) -> Option<String> {
        let candidate = join("", rest)?;
        let nested = self.tree.manifest(&candidate).filter(|_| !rest.is_empty());
        let has_exports = root.is_some_and(|root| root.as_object().is_some_and(|object| object.has("exports")));
        if let Some(nested) = nested.filter(|_| !self.mode.knows_exports() || !has_exports) {
            let file = self.file(extensions, &candidate, esm);
            return file.or_else(|| self.directory(extensions, &candidate, esm, nested));
        }
        let exports = root.and_then(|root| root.get("exports")).filter(|exports| exports.is_truthy());
        if let Some(exports) = exports.filter(|_| self.mode.knows_exports()) {
            let subpath = if candidate.is_empty() { ".".to_owned() } else { format!("./{candidate}") };
            return self.exports(exports, extensions, &subpath);
        }
        let paths = root.and_then(version_paths).filter(|_| !rest.is_empty());
        if let Some(paths) = paths
            && let Redirect::To(found) = self.version_path(paths, extensions, &candidate, "", esm, false)
        {
            return found;
        }
        self.plain(root, extensions, &candidate, esm, rest.is_empty())
    }

    // A file or directory of the package, by its path.
    fn plain(
        &mut self,
        root: Option<&'a Node>,
        extensions: Extensions,
        path: &str,
        esm: bool,
        is_root: bool,
    ) -> Option<String> {
        let file = if is_root { None } else { self.file(extensions, path, esm) };
        let manifest = if is_root { root } else { None };
        let found = file.or_else(|| self.directory(extensions, path, esm, manifest));
        found.or_else(|| {
            let no_exports = root.is_some_and(|root| root.get("exports").is_none_or(Node::is_null));
            if esm && no_exports { self.file(extensions, &join(path, "index.js")?, esm) } else { None }
        })
    }

    fn relative(
        &mut self,
        extensions: Extensions,
        path: &str,
        is_directory: bool,
        esm: bool,
        use_manifest: bool,
    ) -> Option<String> {
        let file = if is_directory { None } else { self.file(extensions, path, esm) };
        file.or_else(|| {
            if esm {
                return None;
            }
            let manifest = if use_manifest { self.tree.manifest(path).flatten() } else { None };
            self.directory(extensions, path, esm, manifest)
        })
    }

    fn directory(
        &mut self,
        extensions: Extensions,
        path: &str,
        esm: bool,
        manifest: Option<&'a Node>,
    ) -> Option<String> {
        let field = |name: &str| {
            let value = manifest?.get(name)?.as_str().filter(|value| !value.is_empty())?;
            Some((value, join(path, value)?))
        };
        let types =
            if extensions.has(Extensions::DECLARATION) { field("typings").or_else(|| field("types")) } else { None };
        let has_code = extensions.has(Extensions(1 | 2 | 4));
        let named = types.or_else(|| if has_code { field("main") } else { None });
        let index = join(path, "index")?;
        let paths = manifest.and_then(version_paths);
        if let Some(paths) = paths {
            let target = named.as_ref().map_or(index.as_str(), |(_, target)| target.as_str());
            let inside = if path.is_empty() {
                Some(target)
            } else {
                target.strip_prefix(path).map(|t| t.trim_start_matches('/'))
            };
            if let Some(inside) = inside {
                let esm = esm && manifest.is_some_and(|manifest| declared_kind(manifest) == ModuleKind::Esm);
                if let Redirect::To(found) = self.version_path(paths, extensions, inside, path, esm, true) {
                    return found;
                }
            }
        }
        if let Some((value, target)) = named {
            let esm = esm && manifest.is_some_and(|manifest| declared_kind(manifest) == ModuleKind::Esm);
            if let Some(found) = self.named_file(extensions, &target, value.ends_with('/'), esm) {
                return Some(found);
            }
        }
        if esm { None } else { self.file(extensions, &index, esm) }
    }

    // A file named by `main`, `types` or a `typesVersions` entry.
    fn named_file(&mut self, extensions: Extensions, path: &str, is_directory: bool, esm: bool) -> Option<String> {
        let exact = if is_directory { None } else { self.exact(extensions, path) };
        let widened = if extensions == Extensions::DECLARATION { Extensions(1 | 4) } else { extensions };
        exact.or_else(|| self.relative(widened, path, is_directory, esm, false))
    }

    // Where `typesVersions` sends a path; an entry that applies is final, even if it leads nowhere.
    fn version_path(
        &mut self,
        paths: &'a Object,
        extensions: Extensions,
        name: &str,
        base: &str,
        esm: bool,
        from_manifest: bool,
    ) -> Redirect {
        let Some((key, star)) = best_pattern(paths, name) else { return Redirect::Stay };
        let Some(targets) = paths.get(key).and_then(Node::as_array) else { return Redirect::Stay };
        for target in targets.iter().filter_map(Node::as_str) {
            let Some(path) = join(base, &star.map_or_else(|| target.to_owned(), |star| target.replacen('*', star, 1)))
            else {
                continue;
            };
            if split_extension(target).is_some() && self.tree.has_file(&path) {
                return Redirect::To(Some(path));
            }
            let found = if from_manifest {
                self.named_file(extensions, &path, target.ends_with('/'), esm)
            } else {
                let file = self.file(extensions, &path, esm);
                let manifest = self.tree.manifest(&path).flatten();
                file.or_else(|| self.directory(extensions, &path, esm, manifest))
            };
            if found.is_some() {
                return Redirect::To(found);
            }
        }
        Redirect::To(None)
    }

    // A file by its path, with the extension it has replaced or, outside of ES modules, one added.
    fn file(&self, extensions: Extensions, path: &str, esm: bool) -> Option<String> {
        let replaced = self.replaced(extensions, path);
        replaced.or_else(|| if esm { None } else { self.with_extension(extensions, path, "") })
    }

    fn replaced(&self, extensions: Extensions, path: &str) -> Option<String> {
        let (stem, extension) = split_extension(path).or_else(|| {
            let dot = base_name(path).rfind('.')?;
            path.split_at_checked(path.len() - base_name(path).len() + dot)
        })?;
        self.with_extension(extensions, stem, extension)
    }

    // A file named with its full name.
    fn exact(&self, extensions: Extensions, path: &str) -> Option<String> {
        let typescript = ends_in(path, &[".ts", ".tsx", ".mts", ".cts"]);
        let declaration = ends_in(path, &[".d.ts", ".d.mts", ".d.cts"]);
        if extensions.has(Extensions::TYPESCRIPT) && typescript
            || extensions.has(Extensions::DECLARATION) && declaration
        {
            return self.existing(path.to_owned());
        }
        self.replaced(extensions, path)
    }

    fn existing(&self, path: String) -> Option<String> {
        if self.tree.has_file(&path) { Some(path) } else { None }
    }

    fn with_extension(&self, extensions: Extensions, stem: &str, extension: &str) -> Option<String> {
        let (typescript, declaration, javascript): (&[&str], &[&str], &[&str]) = match extension {
            ".mjs" | ".mts" | ".d.mts" => (&[".mts"], &[".d.mts"], &[".mjs"]),
            ".cjs" | ".cts" | ".d.cts" => (&[".cts"], &[".d.cts"], &[".cjs"]),
            ".tsx" | ".jsx" => (&[".tsx", ".ts"], &[".d.ts"], &[".jsx", ".js"]),
            ".ts" | ".d.ts" | ".js" | "" => (&[".ts", ".tsx"], &[".d.ts"], &[".js", ".jsx"]),
            ".json" => (&[], &[".d.json.ts"], &[]),
            other => {
                let declared = extensions.has(Extensions::DECLARATION) && !is_declaration(&format!("{stem}{other}"));
                return if declared { self.existing(format!("{stem}.d{other}.ts")) } else { None };
            }
        };
        let json: &[&str] = if extension == ".json" { &[".json"] } else { &[] };
        [
            (Extensions::TYPESCRIPT, typescript),
            (Extensions::DECLARATION, declaration),
            (Extensions::JAVASCRIPT, javascript),
            (Extensions::JSON, json),
        ]
        .into_iter()
        .filter(|(kind, _)| extensions.has(*kind))
        .flat_map(|(_, names)| names)
        .find_map(|name| self.existing(format!("{stem}{name}")))
    }

    fn exports(&mut self, exports: &'a Node, extensions: Extensions, subpath: &str) -> Option<String> {
        let object = exports.as_object();
        if subpath == "." {
            let target =
                if self.resolver.has_subpaths { object.and_then(|object| object.get(".")) } else { Some(exports) };
            return target.filter(|target| target.is_truthy()).and_then(|target| {
                self.target(target, extensions, &Place { star: None, directory: "", kind: MapKind::Exports })
            });
        }
        let map = object.filter(|_| !self.resolver.has_conditions)?;
        self.in_map(map, extensions, subpath, "", MapKind::Exports)
    }

    // The entry of `exports` or `imports` for a name: itself, else the longest pattern that fits.
    fn in_map(
        &mut self,
        map: &'a Object,
        extensions: Extensions,
        name: &str,
        directory: &str,
        kind: MapKind,
    ) -> Option<String> {
        let exact = map.get(name).filter(|_| !name.ends_with('/') && !name.contains('*'));
        if let Some(target) = exact {
            return self.target(target, extensions, &Place { star: None, directory, kind });
        }
        let (target, star) = pattern_target(map, name)?;
        self.target(target, extensions, &Place { star: Some(star), directory, kind })
    }

    fn target(&mut self, target: &'a Node, extensions: Extensions, place: &Place<'_>) -> Option<String> {
        match &target.kind {
            Kind::String(text) => {
                let found = self.target_file(text, extensions, place)?;
                self.named_at = Some(target.span.clone()).filter(|_| place.directory.is_empty());
                Some(found)
            }
            Kind::Object(conditions) => self.conditions(conditions, extensions, place),
            Kind::Array(items) => items.iter().find_map(|item| self.target(item, extensions, place)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
        }
    }

    fn conditions(&mut self, conditions: &'a Object, extensions: Extensions, place: &Place<'_>) -> Option<String> {
        self.steps.push(Step::Enter);
        let mut found = None;
        let (mode, want) = (self.mode, self.want);
        for member in conditions.members().iter().filter(|member| mode.has_condition(&member.key, want)) {
            found = self.target(&member.value, extensions, place);
            self.steps.push(if found.is_some() { Step::Resolved } else { Step::Failed });
            if found.is_some() {
                break;
            }
        }
        self.steps.push(Step::Exit);
        found
    }

    fn target_file(&mut self, target: &str, extensions: Extensions, place: &Place<'_>) -> Option<String> {
        if !target.starts_with("./") {
            let bare = !target.starts_with("../") && !target.starts_with('/');
            self.external |= place.kind == MapKind::Imports && bare;
            return None;
        }
        let forbidden = |part: &str| matches!(part, "." | ".." | "node_modules");
        if target.split('/').skip(1).any(forbidden) {
            return None;
        }
        let path = match &place.star {
            None => target.to_owned(),
            Some(star) if star.text.split('/').any(forbidden) => return None,
            Some(Star { text, is_pattern: true }) => target.replace('*', text),
            Some(Star { text, is_pattern: false }) if text.is_empty() || target.ends_with('/') => {
                format!("{target}{text}")
            }
            Some(Star { is_pattern: false, .. }) => return None,
        };
        let path = join(place.directory, &path)?;
        self.exact(extensions, &path)
    }
}

// What `typesVersions` says of a path.
enum Redirect {
    Stay,
    To(Option<String>),
}

// Where a target of `exports` or `imports` stands.
struct Place<'t> {
    star: Option<Star>,
    directory: &'t str,
    kind: MapKind,
}

// What a pattern's `*`, or the end of a folder mapping, stands for.
struct Star {
    text: String,
    is_pattern: bool,
}

fn is_relative(specifier: &str) -> bool {
    matches!(specifier, "." | "..") || specifier.starts_with("./") || specifier.starts_with("../")
}

fn is_declaration(path: &str) -> bool {
    ends_in(path, &[".d.ts", ".d.mts", ".d.cts"]) || (ends_in(path, &[".ts"]) && base_name(path).contains(".d."))
}

// The path without and the extension, for those TypeScript knows.
fn split_extension(path: &str) -> Option<(&str, &str)> {
    const KNOWN: [&str; 12] =
        [".d.ts", ".d.mts", ".d.cts", ".mjs", ".mts", ".cjs", ".cts", ".ts", ".js", ".tsx", ".jsx", ".json"];
    let extension = KNOWN.iter().find(|extension| path.ends_with(**extension))?;
    Some((path.strip_suffix(extension)?, extension))
}

// Whether a condition failed before another of the same, or of an outer, object led to a file.
fn fell_back(steps: &[Step]) -> bool {
    let mut failed: Vec<bool> = Vec::new();
    for step in steps {
        match step {
            Step::Enter => failed.push(false),
            Step::Exit => {
                failed.pop();
            }
            Step::Failed => {
                if let Some(last) = failed.last_mut() {
                    *last = true;
                }
            }
            Step::Resolved if failed.last() == Some(&true) => return true,
            Step::Resolved => {}
        }
    }
    false
}

// Node's PATTERN_KEY_COMPARE: the longer base first, then the longer key.
fn compare_patterns(a: &str, b: &str) -> Ordering {
    let base = |key: &str| key.find('*').map_or(key.len(), |at| at + 1);
    base(b).cmp(&base(a)).then_with(|| match (a.contains('*'), b.contains('*')) {
        (false, _) => Ordering::Greater,
        (_, false) => Ordering::Less,
        (true, true) => b.len().cmp(&a.len()),
    })
}

fn pattern_target<'a>(map: &'a Object, name: &str) -> Option<(&'a Node, Star)> {
    let expands = |key: &str| key.matches('*').count() == 1 || key.ends_with('/');
    let mut best: Option<(&str, &'a Node, Star)> = None;
    for member in map.members().iter().filter(|member| expands(&member.key)) {
        let key = member.key.as_str();
        let star = match key.split_once('*') {
            Some((before, after)) => name.strip_prefix(before).and_then(|rest| {
                let text = rest.strip_suffix(after)?;
                Some(Star { text: text.to_owned(), is_pattern: true })
            }),
            None => name.strip_prefix(key).map(|rest| Star { text: rest.to_owned(), is_pattern: false }),
        };
        let Some(star) = star else { continue };
        if best.as_ref().is_none_or(|(other, ..)| compare_patterns(key, other) == Ordering::Less) {
            best = Some((key, &member.value, star));
        }
    }
    best.map(|(_, target, star)| (target, star))
}

// The key of `typesVersions` paths that fits a name: itself, else the pattern with the longest part before its `*`.
fn best_pattern<'a, 'n>(paths: &'a Object, name: &'n str) -> Option<(&'a str, Option<&'n str>)> {
    if let Some(member) = paths.member(name).filter(|member| !member.key.contains('*')) {
        return Some((&member.key, None));
    }
    let fitting = paths.members().iter().filter_map(|member| {
        let (before, after) = member.key.split_once('*')?;
        let star = name.strip_prefix(before)?.strip_suffix(after)?;
        Some((before.len(), member.key.as_str(), star))
    });
    // Of equal lengths the first is taken.
    fitting.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, key, star)| (key, Some(star)))
}

// The paths of the first `typesVersions` range that holds for the compiler.
fn version_paths(manifest: &Node) -> Option<&Object> {
    let ranges = manifest.get("typesVersions")?.as_object()?;
    ranges.members().iter().find(|member| version_matches(&member.key))?.value.as_object()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(manifest: &str, files: &[&str], subpath: &str, want: Want) -> Vec<Option<(String, bool)>> {
        let mut tree = PackageTree::default();
        tree.insert("package.json", Some(manifest));
        for file in files {
            tree.insert(file, None);
        }
        let resolver = Resolver::new(&tree);
        let resolve = |mode| resolver.resolve_entry(subpath, mode, want).map(|r| (r.path, r.through_fallback));
        Mode::ALL.into_iter().map(resolve).collect()
    }

    fn paths(manifest: &str, files: &[&str], subpath: &str, want: Want) -> Vec<String> {
        let resolved = resolve(manifest, files, subpath, want);
        resolved.into_iter().map(|found| found.map_or_else(|| "-".to_owned(), |(path, _)| path)).collect()
    }

    #[test]
    fn main_and_types_serve_every_mode() {
        let files = ["lib/a.js", "lib/a.d.ts"];
        let manifest = r#"{"name":"p","main":"lib/a"}"#;
        assert_eq!(paths(manifest, &files, ".", Want::Types), ["lib/a.d.ts"; 4]);
        assert_eq!(paths(manifest, &files, ".", Want::Implementation), ["lib/a.js"; 4]);
        assert_eq!(paths(r#"{"name":"p"}"#, &["index.js"], ".", Want::Types), ["index.js"; 4]);
        assert_eq!(paths(manifest, &files, "./lib/a", Want::Types), ["lib/a.d.ts", "lib/a.d.ts", "-", "lib/a.d.ts"]);
    }

    #[test]
    fn conditions_decide_by_mode() {
        let manifest = r#"{"name":"p","main":"a.cjs","exports":{".":{
            "import":{"types":"./a.d.mts","default":"./a.mjs"},"require":"./a.cjs"},"./x/*":"./b/*.js","./x/no":null}}"#;
        let files = ["a.cjs", "a.mjs", "a.d.mts", "a.d.cts", "b/c.js", "b/c.d.ts", "b/no.js"];
        assert_eq!(paths(manifest, &files, ".", Want::Types), ["a.d.cts", "a.d.cts", "a.d.mts", "a.d.mts"]);
        assert_eq!(paths(manifest, &files, ".", Want::Implementation), ["a.cjs", "a.cjs", "a.mjs", "a.mjs"]);
        assert_eq!(paths(manifest, &files, "./x/c", Want::Types), ["-", "b/c.d.ts", "b/c.d.ts", "b/c.d.ts"]);
        assert_eq!(paths(manifest, &files, "./x/no", Want::Types), ["-"; 4]);
    }

    #[test]
    fn a_condition_that_leads_nowhere_is_noticed() {
        let manifest = r#"{"name":"p","exports":{"import":"./a.mjs","default":"./b.js"}}"#;
        let resolved = resolve(manifest, &["a.mjs", "b.js", "b.d.ts"], ".", Want::Types);
        let (found, fallback) = resolved[2].clone().expect("resolved");
        assert_eq!((found.as_str(), fallback), ("b.d.ts", true));
        assert_eq!(resolved[1], Some(("b.d.ts".to_owned(), false)));
    }

    #[test]
    fn types_versions_redirect() {
        let manifest = r#"{"name":"p","main":"i.js","types":"i.d.ts",
            "typesVersions":{"<4":{"*":["old/*"]},">=4.2 <99":{"sub":["new/sub.d.ts"],"*":["new/*"]}}}"#;
        let files = ["i.js", "i.d.ts", "old/i.d.ts", "new/i.d.ts", "new/sub.d.ts", "new/t.d.ts"];
        assert_eq!(paths(manifest, &files, ".", Want::Types)[0], "new/i.d.ts");
        assert_eq!(paths(manifest, &files, "./sub", Want::Types)[0], "new/sub.d.ts");
        assert_eq!(paths(manifest, &files, "./t", Want::Types)[3], "new/t.d.ts");
    }

    #[test]
    fn imports_of_files_follow_the_mode() {
        let mut tree = PackageTree::default();
        let manifest =
            r##"{"name":"@s/p","exports":{".":"./i.js","./sub":"./d/s.js"},"imports":{"#a":"./d/s.js","#b":"x"}}"##;
        tree.insert("package.json", Some(manifest));
        for file in ["i.d.ts", "i.js", "d/s.d.ts", "d/index.d.ts"] {
            tree.insert(file, None);
        }
        let resolver = Resolver::new(&tree);
        let found = |specifier: &str, mode| match resolver.resolve_import("i.d.ts", specifier, mode) {
            Lookup::Found(found) => found.path,
            Lookup::External => "external".to_owned(),
            Lookup::Missing => "missing".to_owned(),
        };
        assert_eq!(found("./d/s", Mode::Node16Cjs), "d/s.d.ts");
        assert_eq!(found("./d/s", Mode::Node16Esm), "missing");
        assert_eq!(found("./d/s.js", Mode::Node16Esm), "d/s.d.ts");
        assert_eq!(found("./d", Mode::Bundler), "d/index.d.ts");
        assert_eq!(found("@s/p/sub", Mode::Bundler), "d/s.d.ts");
        assert_eq!(found("@s/p/none", Mode::Bundler), "missing");
        assert_eq!(found("@s/pq", Mode::Bundler), "external");
        assert_eq!(found("#a", Mode::Node16Esm), "d/s.d.ts");
        assert_eq!(found("#a", Mode::Node10), "missing");
        assert_eq!(found("#b", Mode::Node16Esm), "external");
    }
}
