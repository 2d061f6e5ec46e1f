//! What each entry point leads to in each resolution mode, and where types and code disagree.

use super::checker::Checker;
use super::rules;
use crate::support::json::{Kind, Node};
use crate::support::module_format::{Import, ModuleKind, Unreadable, read_imports};
use crate::support::package_tree::{ends_in, parent};
use crate::support::resolver::{Lookup, Mode, Resolved, Resolver, Want};
use octavo_toolkit::Level;
use octavo_toolkit::limits::excerpt;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Most entry points resolved, in every mode for types and for code: eight look-ups each.
pub(super) const MAX_ENTRY_POINTS: usize = 1_000;

/// Most entry points listed in the data; those with a finding come first.
pub(super) const MAX_LISTED_ENTRY_POINTS: usize = 30;

/// Most comparisons of imported names with the keys of `exports` and `imports`.
const MAX_KEY_STEPS: usize = 20_000_000;

/// An entry point and where it leads.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct EntryPoint {
    /// Its name in `exports`: `.` is the package itself.
    pub subpath: String,
    /// The answers; modes with the same answer stand together.
    pub resolutions: Vec<Resolution>,
}

/// Where an entry point leads in some resolution modes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// The modes: node10, node16-cjs, node16-esm, bundler.
    pub modes: Vec<&'static str>,
    /// What the type checker reads; absent where it finds no types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
    /// The module system of the types: ESM or CJS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types_kind: Option<&'static str>,
    /// What runs; absent where nothing is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub js: Option<String>,
    /// The module system of what runs: ESM or CJS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub js_kind: Option<&'static str>,
}

// An entry point resolved in all modes, in the order of `Mode::ALL`.
struct Row {
    subpath: String,
    cells: Vec<Cell>,
}

struct Cell {
    mode: Mode,
    types: Option<Resolved>,
    code: Option<Resolved>,
}

/// The entry points that can be resolved, and how many were too many.
pub(super) struct Matrix {
    rows: Vec<Row>,
    /// Entry points beyond [`MAX_ENTRY_POINTS`].
    pub(super) unresolved: usize,
    /// Patterns in `exports`, which stand for any number of entry points.
    pub(super) patterns: usize,
}

impl Matrix {
    /// The listing of the data: entry points with findings first; and how many are left out.
    pub(super) fn listing(&self, resolver: &Resolver<'_>) -> (Vec<EntryPoint>, usize) {
        let (clean, notable): (Vec<&Row>, Vec<&Row>) = self.rows.iter().partition(|row| is_clean(row, resolver));
        let listed: Vec<_> = notable.into_iter().chain(clean).take(MAX_LISTED_ENTRY_POINTS).collect();
        let left_out = self.rows.len() - listed.len() + self.unresolved;
        (listed.into_iter().map(|row| listing_of(row, resolver)).collect(), left_out)
    }
}

fn is_clean(row: &Row, resolver: &Resolver<'_>) -> bool {
    row.cells.iter().all(|cell| match (&cell.types, &cell.code) {
        (Some(types), Some(code)) => {
            (is_typed(&types.path) || ends_in(&types.path, &[".json"]))
                && !types.through_fallback
                && resolver.module_kind(&types.path) == resolver.module_kind(&code.path)
        }
        _ => false,
    })
}

fn listing_of(row: &Row, resolver: &Resolver<'_>) -> EntryPoint {
    let mut resolutions: Vec<Resolution> = Vec::new();
    for cell in &row.cells {
        let types = cell.types.as_ref().map(|types| &types.path).filter(|path| is_typed(path));
        let code = cell.code.as_ref().map(|code| &code.path);
        let kind = |path: Option<&String>| path.and_then(|path| resolver.module_kind(path)).map(ModuleKind::name);
        let next = Resolution {
            modes: Vec::new(),
            types: types.map(|path| excerpt(path)),
            types_kind: kind(types),
            js: code.map(|path| excerpt(path)),
            js_kind: kind(code),
        };
        match resolutions.iter_mut().find(|known| Resolution { modes: Vec::new(), ..(**known).clone() } == next) {
            Some(known) => known.modes.push(cell.mode.name()),
            None => resolutions.push(Resolution { modes: vec![cell.mode.name()], ..next }),
        }
    }
    EntryPoint { subpath: excerpt(&row.subpath), resolutions }
}

/// Whether the package ships TypeScript or declarations.
pub(super) fn ships_types(checker: &Checker<'_>) -> bool {
    checker.tree.paths().any(is_typed)
}

fn is_typed(path: &str) -> bool {
    ends_in(path, &[".ts", ".tsx", ".mts", ".cts"])
}

/// Resolves every entry point in every mode.
pub(super) fn resolve(checker: &Checker<'_>, resolver: &Resolver<'_>) -> Matrix {
    let (patterns, subpaths): (Vec<String>, Vec<String>) =
        entry_points(checker).into_iter().partition(|name| name.contains('*'));
    let unresolved = subpaths.len().saturating_sub(MAX_ENTRY_POINTS);
    let rows = subpaths.into_iter().take(MAX_ENTRY_POINTS).map(|subpath| {
        let cell = |mode| Cell {
            mode,
            types: resolver.resolve_entry(&subpath, mode, Want::Types),
            code: resolver.resolve_entry(&subpath, mode, Want::Implementation),
        };
        let cells = Mode::ALL.into_iter().map(cell).collect();
        Row { subpath, cells }
    });
    Matrix { rows: rows.collect(), unresolved, patterns: patterns.len() }
}

// The keys of `exports` that lead anywhere; without `exports`, the directories with a package.json of their own.
fn entry_points(checker: &Checker<'_>) -> Vec<String> {
    let Some(exports) = checker.root.get("exports").filter(|exports| !exports.is_null()) else {
        return directory_entry_points(checker);
    };
    let mut seen = BTreeSet::new();
    let mut found = subpaths(exports);
    found.retain(|subpath| seen.insert(subpath.clone()));
    if found.is_empty() && has_target(exports) {
        found.push(".".to_owned());
    }
    found
}

fn subpaths(node: &Node) -> Vec<String> {
    let members = node.as_object().map(crate::support::json::Object::members).unwrap_or_default();
    if members.first().is_some_and(|member| member.key.starts_with('.')) {
        let leading = members.iter().filter(|member| has_target(&member.value));
        return leading.map(|member| member.key.clone()).collect();
    }
    members.iter().flat_map(|member| subpaths(&member.value)).collect()
}

fn has_target(node: &Node) -> bool {
    match &node.kind {
        Kind::Null => false,
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => true,
        Kind::Array(items) => items.iter().any(has_target),
        Kind::Object(object) => object.members().iter().any(|member| has_target(&member.value)),
    }
}

// A package.json below the root with a `main` makes its directory an entry point, unless it or one above it belongs to
// a package of another name.
fn directory_entry_points(checker: &Checker<'_>) -> Vec<String> {
    let own = checker.root.get("name").and_then(Node::as_str).unwrap_or_default();
    let mut vendored: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    let mut manifests: Vec<_> =
        checker.tree.manifests().filter_map(|(directory, node)| Some((directory, node?))).collect();
    manifests.sort_by_key(|(directory, _)| directory.len());
    for (directory, node) in manifests {
        let name = node.get("name").and_then(Node::as_str).filter(|name| !name.is_empty());
        if name.is_some_and(|name| !name.starts_with(own)) {
            vendored.insert(directory);
            continue;
        }
        let mut above = directory;
        let mut is_vendored = vendored.contains(above);
        while !above.is_empty() && !is_vendored {
            above = parent(above);
            is_vendored = vendored.contains(above);
        }
        if node.get("main").is_some() && !is_vendored {
            found.push(if directory.is_empty() { ".".to_owned() } else { format!("./{directory}") });
        }
    }
    found.sort();
    if found.is_empty() {
        found.push(".".to_owned());
    }
    found
}

/// Reports what the entry points of a typed package lead to that they should not.
pub(super) fn check(checker: &mut Checker<'_>, resolver: &Resolver<'_>, matrix: &Matrix) {
    for row in &matrix.rows {
        check_row(checker, resolver, row);
    }
    check_pairs(checker, resolver, matrix);
    check_code(checker, resolver, matrix);
    check_declarations(checker, resolver, matrix);
}

fn mode_names(modes: &[Mode]) -> String {
    modes.iter().map(|mode| mode.name()).collect::<Vec<_>>().join(", ")
}

// An entry point that only the oldest mode cannot reach is a choice many packages make.
fn level_of(rule_level: Level, modes: &[Mode]) -> Level {
    if modes.iter().all(|mode| *mode == Mode::Node10) { Level::Info } else { rule_level }
}

impl Checker<'_> {
    // Where package.json names an entry point.
    fn entry_span(&self, subpath: &str) -> Range<usize> {
        let exports = self.root.get("exports");
        let member = exports.and_then(Node::as_object).and_then(|object| object.member(subpath));
        if let Some(member) = member {
            return member.key_span.clone();
        }
        let field =
            self.root.member("exports").or_else(|| self.root.member("types")).or_else(|| self.root.member("main"));
        field.filter(|_| subpath == ".").map_or_else(|| self.name_span(), |member| member.key_span.clone())
    }

    fn found_span(&self, found: &Resolved, subpath: &str) -> Range<usize> {
        found.named_at.clone().unwrap_or_else(|| self.entry_span(subpath))
    }
}

fn check_row(checker: &mut Checker<'_>, resolver: &Resolver<'_>, row: &Row) {
    let modes_where = |holds: &dyn Fn(&Cell) -> bool| -> Vec<Mode> {
        row.cells.iter().filter(|cell| holds(cell)).map(|cell| cell.mode).collect()
    };
    let subpath = excerpt(&row.subpath);
    let span = checker.entry_span(&row.subpath);
    let unresolved = modes_where(&|cell| cell.types.is_none());
    if !unresolved.is_empty() {
        let message = format!("entry \"{subpath}\" leads to no file in {}", mode_names(&unresolved));
        checker.report_as(
            level_of(rules::NO_RESOLUTION.level, &unresolved),
            &rules::NO_RESOLUTION,
            span.clone(),
            message,
        );
    }
    let is_code = |found: &Resolved| !is_typed(&found.path) && !ends_in(&found.path, &[".json"]);
    let untyped = modes_where(&|cell| cell.types.as_ref().is_some_and(is_code));
    if !untyped.is_empty() {
        let message = format!("entry \"{subpath}\" leads to code without types in {}", mode_names(&untyped));
        let level = level_of(rules::UNTYPED_RESOLUTION.level, &untyped);
        checker.report_as(level, &rules::UNTYPED_RESOLUTION, span.clone(), message);
    }
    let loads_esm = |cell: &Cell| {
        let found = cell.code.as_ref().or(cell.types.as_ref());
        cell.mode == Mode::Node16Cjs
            && found.is_some_and(|found| resolver.module_kind(&found.path) == Some(ModuleKind::Esm))
    };
    if !modes_where(&loads_esm).is_empty() {
        let offers_cjs = row.cells.iter().any(|cell| {
            cell.code.as_ref().is_some_and(|code| resolver.module_kind(&code.path) == Some(ModuleKind::Cjs))
        });
        // A package without any CommonJS build is meant for import.
        let level = if offers_cjs { Level::Warning } else { Level::Info };
        let message = format!("require() of entry \"{subpath}\" leads to an ES module");
        checker.report_as(level, &rules::CJS_RESOLVES_TO_ESM, span, message);
    }
    let fell_back =
        |cell: &Cell| cell.mode != Mode::Node10 && cell.types.as_ref().is_some_and(|types| types.through_fallback);
    let modes = modes_where(&fell_back);
    if let Some(types) = row.cells.iter().find(|cell| fell_back(cell)).and_then(|cell| cell.types.as_ref()) {
        let message = format!(
            "entry \"{subpath}\": types are found at {} after an earlier condition failed, in {}",
            excerpt(&types.path),
            mode_names(&modes)
        );
        checker.report(&rules::FALLBACK_CONDITION, checker.found_span(types, &row.subpath), message);
    }
}

// Types and code of different module systems; each pair of files once.
fn check_pairs(checker: &mut Checker<'_>, resolver: &Resolver<'_>, matrix: &Matrix) {
    let mut seen = BTreeSet::new();
    for row in &matrix.rows {
        for cell in row.cells.iter().filter(|cell| matches!(cell.mode, Mode::Node16Cjs | Mode::Node16Esm)) {
            let (Some(types), Some(code)) = (&cell.types, &cell.code) else { continue };
            let rule = match (resolver.module_kind(&types.path), resolver.module_kind(&code.path)) {
                (Some(ModuleKind::Esm), Some(ModuleKind::Cjs)) => &rules::FALSE_ESM,
                (Some(ModuleKind::Cjs), Some(ModuleKind::Esm)) => &rules::FALSE_CJS,
                _ => continue,
            };
            if seen.insert((types.path.as_str(), code.path.as_str())) {
                let (declared, loaded) = if rule.id == "FalseESM" { ("ESM", "CJS") } else { ("CJS", "ESM") };
                let message = format!(
                    "entry \"{}\": types {} are {declared}, but the code {} is {loaded}",
                    excerpt(&row.subpath),
                    excerpt(&types.path),
                    excerpt(&code.path)
                );
                checker.report(rule, checker.found_span(types, &row.subpath), message);
            }
        }
    }
}

// The syntax of the entry files; each file once.
fn check_code(checker: &mut Checker<'_>, resolver: &Resolver<'_>, matrix: &Matrix) {
    let mut syntax_seen = BTreeSet::new();
    let mut default_seen = BTreeSet::new();
    for cell in matrix.rows.iter().flat_map(|row| &row.cells) {
        let Some(path) = cell.code.as_ref().map(|code| code.path.as_str()) else { continue };
        if !ends_in(path, &[".js", ".mjs", ".cjs", ".jsx"]) {
            continue;
        }
        let loaded = resolver.module_kind(path);
        let in_node = matches!(cell.mode, Mode::Node16Cjs | Mode::Node16Esm);
        if in_node && loaded.is_some() && syntax_seen.insert(path) {
            let Some(facts) = checker.facts(path) else { continue };
            let written =
                facts.esm.map(|at| (ModuleKind::Esm, at)).or_else(|| facts.cjs.map(|at| (ModuleKind::Cjs, at)));
            if let (Some((written, at)), Some(loaded)) = (written, loaded)
                && written != loaded
            {
                let message = format!("{} syntax in a file that is loaded as {}", written.name(), loaded.name());
                checker.report_in(path, &rules::UNEXPECTED_MODULE_SYNTAX, at, message);
            }
        }
        if matches!(cell.mode, Mode::Node16Esm | Mode::Bundler) && default_seen.insert(path) {
            let Some(facts) = checker.facts(path) else { continue };
            let only_default = facts.esm.is_none() && facts.es_module_flag && !facts.replaces_exports;
            if let Some(at) = facts.default_export.filter(|_| only_default) {
                let message = "an import gets the object around this default export".to_owned();
                checker.report_in(path, &rules::CJS_ONLY_EXPORTS_DEFAULT, at, message);
            }
        }
    }
}

// Imports inside the declaration files that the entry points reach.
fn check_declarations(checker: &mut Checker<'_>, resolver: &Resolver<'_>, matrix: &Matrix) {
    let mut imports: BTreeMap<String, Vec<Import>> = BTreeMap::new();
    let own_name = checker.root.get("name").and_then(Node::as_str).unwrap_or_default();
    let key_count = most_keys(checker);
    let mut key_steps = 0_usize;
    let mut broken: BTreeMap<(String, usize), (Import, Vec<&'static str>)> = BTreeMap::new();
    for option in ["node10", "node16", "bundler"] {
        let cells = matrix.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.mode.option() == option);
        let roots = cells.filter_map(|cell| cell.types.as_ref()).map(|types| types.path.clone());
        let mut seen: BTreeSet<String> = roots.filter(|path| is_typed(path)).collect();
        let mut queue: Vec<String> = seen.iter().cloned().collect();
        while let Some(file) = queue.pop() {
            if !imports.contains_key(&file) {
                let read = imports_of(checker, &file);
                imports.insert(file.clone(), read);
            }
            for import in imports.get(&file).map(Vec::as_slice).unwrap_or_default() {
                let kind = import.asks_for.or_else(|| resolver.module_kind(&file));
                let mode = match (option, kind) {
                    ("node10", _) => Mode::Node10,
                    ("bundler", _) => Mode::Bundler,
                    (_, Some(ModuleKind::Esm)) => Mode::Node16Esm,
                    (_, Some(ModuleKind::Cjs)) => Mode::Node16Cjs,
                    (_, None) => continue,
                };
                if import.specifier.starts_with('#') || import.specifier.starts_with(own_name) {
                    key_steps += key_count;
                    if key_steps > MAX_KEY_STEPS {
                        checker.skipped += 1;
                        continue;
                    }
                }
                match resolver.resolve_import(&file, &import.specifier, mode) {
                    Lookup::Found(found) if is_typed(&found.path) => {
                        if seen.insert(found.path.clone()) {
                            queue.push(found.path);
                        }
                    }
                    Lookup::Found(_) | Lookup::External => {}
                    Lookup::Missing => {
                        let key = (file.clone(), import.span.start);
                        broken.entry(key).or_insert_with(|| (import.clone(), Vec::new())).1.push(option);
                    }
                }
            }
        }
    }
    for ((file, _), (import, options)) in broken {
        let message = format!("{} leads to no file in {}", excerpt(&import.specifier), options.join(", "));
        checker.report_in(&file, &rules::INTERNAL_RESOLUTION_ERROR, import.span, message);
    }
}

// The keys of the longest `exports` or `imports` of the package.
fn most_keys(checker: &Checker<'_>) -> usize {
    let count = |node: &Node, name: &str| node.get(name).and_then(Node::as_object).map_or(0, |map| map.members().len());
    let manifests = checker.tree.manifests().filter_map(|(_, manifest)| manifest);
    manifests.map(|manifest| count(manifest, "exports").max(count(manifest, "imports"))).max().unwrap_or_default()
}

fn imports_of(checker: &mut Checker<'_>, file: &str) -> Vec<Import> {
    let Some(text) = checker.tree.text(file) else {
        checker.unsent.insert(file.to_owned());
        return Vec::new();
    };
    match read_imports(file, text) {
        Ok(imports) => imports,
        Err(unreadable) => {
            let (at, problem) = match unreadable {
                Unreadable::TooDeep(at) => (at, "nested too deep to be parsed; its imports are not checked"),
                Unreadable::Syntax(at) => (at, "does not parse; its imports are not checked"),
            };
            checker.report_in(file, &rules::FILE_NOT_PARSED, at..at, problem.to_owned());
            Vec::new()
        }
    }
}
