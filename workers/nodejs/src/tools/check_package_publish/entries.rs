//! `exports` and `imports`: the order of conditions, the form of keys and targets, the files they lead to, and whether
//! the package's types are reachable through them.

use super::checker::{Checker, Field, FieldPath, has_key, has_string, is_javascript, quoted};
use super::fields::extension_of;
use super::rules;
use crate::support::json::{Kind, Member, Node, Object};
use crate::support::module_format::ModuleKind;
use crate::support::package_tree::{ends_in, join};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Level, Rule};
use std::ops::Range;

/// Most files that the patterns of one package are compared with, all patterns together.
const MAX_PATTERN_STEPS: usize = 2_000_000;

/// Conditions that packages use for users. Another one may be the authors' own, so what it names may be unpublished.
const KNOWN_CONDITIONS: [&str; 10] =
    ["browser", "default", "deno", "development", "import", "node", "production", "require", "types", "worker"];

/// Conditions of environments in which bundlers still apply the `browser` map.
const WORKER_CONDITIONS: [&str; 3] = ["worker", "workerd", "edge-light"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MapKind {
    Exports,
    Imports,
}

impl MapKind {
    const fn choose<'r>(self, exports: &'r Rule, imports: &'r Rule) -> &'r Rule {
        match self {
            Self::Exports => exports,
            Self::Imports => imports,
        }
    }
}

// What is known on the way down to a target.
#[derive(Debug, Clone, Copy)]
struct Way {
    kind: MapKind,
    // A "node" condition came before: Node.js never gets here.
    after_node: bool,
    // An `import` can get here.
    by_import: bool,
    // No fix of an outer object rewrites this text.
    fixable: bool,
}

/// Checks `exports` and `imports`; without `exports`, every JavaScript file, for then each can be imported.
pub(super) fn check(checker: &mut Checker<'_>) {
    let exports = checker.field("exports");
    let entries =
        exports.as_ref().and_then(|exports| exports.node.as_object()).map(Object::members).unwrap_or_default();
    let closed = entries.iter().filter(|member| member.value.is_null()).map(|member| member.key.as_str());
    let mut walk = Walk { steps: 0, closed: closed.collect() };
    check_root(checker, exports.as_ref());
    match exports.filter(|exports| exports.node.is_truthy()) {
        Some(exports) => {
            let way = Way { kind: MapKind::Exports, after_node: false, by_import: true, fixable: true };
            walk.value(checker, exports.node, &exports.path, way);
            super::exported_types::check(checker, &exports);
        }
        None => check_all_files(checker),
    }
    let Some(imports) = checker.field("imports").filter(|imports| imports.node.is_truthy()) else { return };
    let fits = imports.node.as_object().is_some() || imports.node.as_array().is_some();
    if checker.expect_type(imports.node, &imports.path, "an object", fits) {
        let way = Way { kind: MapKind::Imports, after_node: false, by_import: true, fixable: true };
        walk.value(checker, imports.node, &imports.path, way);
    }
}

fn check_root(checker: &mut Checker<'_>, exports: Option<&Field<'_>>) {
    let members = exports
        .and_then(|exports| exports.node.as_object())
        .map(crate::support::json::Object::members)
        .unwrap_or_default();
    let odd = members
        .iter()
        .find(|member| members.first().is_some_and(|first| first.key.starts_with('.') != member.key.starts_with('.')));
    if let Some(odd) = odd {
        let kind = if odd.key.starts_with('.') { "a subpath among conditions" } else { "a condition among subpaths" };
        let message = format!("exports: {} is {kind}; Node.js refuses the mixture", quoted(&excerpt(&odd.key)));
        checker.report(&rules::EXPORTS_KEYS_MIXED, odd.key_span.clone(), message);
    }
    let fields: Vec<&str> = ["main", "module"].into_iter().filter(|name| checker.field(name).is_some()).collect();
    let Some(exports) = exports.filter(|_| !fields.is_empty()) else { return };
    let Some(object) = exports.node.as_object() else { return };
    let is_map = object.members().first().is_some_and(|member| member.key.starts_with('.'));
    if is_map && !object.has(".") {
        let message = format!("{} has no \".\" and makes {} unreachable", exports.path, fields.join(" and "));
        checker.report(&rules::EXPORTS_MISSING_ROOT_ENTRYPOINT, exports.node.span.clone(), message);
    }
}

fn check_all_files(checker: &mut Checker<'_>) {
    let path = FieldPath::root("package");
    let files: Vec<String> = checker.tree.paths().map(str::to_owned).collect();
    for file in files {
        let name = checker.name_span();
        if checker.check_jsx(name.clone(), &path, &file) || !is_javascript(&file) {
            continue;
        }
        if checker.facts(&file).is_some_and(|facts| !facts.flow) && !is_excused(checker, &file, true) {
            checker.check_format(name, &path, &file);
        }
    }
}

// A file in the other module system is meant for bundlers when its name says so; one reached without being named is
// a leftover when it stands beside its twin with the fitting extension.
fn is_excused(checker: &mut Checker<'_>, file: &str, unnamed: bool) -> bool {
    let Some(written) = checker.written_kind(file) else { return true };
    if written == ModuleKind::Esm && (file.contains("browser") || file.contains("bundler")) {
        return true;
    }
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    unnamed && checker.tree.has_file(&format!("{stem}{}", extension_of(written)))
}

struct Walk<'a> {
    steps: usize,
    // Subpaths that `exports` closes with null.
    closed: Vec<&'a str>,
}

impl<'a> Walk<'a> {
    // Depth is limited by the JSON reader.
    fn value(&mut self, checker: &mut Checker<'a>, node: &'a Node, path: &FieldPath, way: Way) {
        match &node.kind {
            Kind::String(target) => self.target(checker, node, target, path, way),
            Kind::Array(items) => {
                let rule = way.kind.choose(&rules::EXPORTS_FALLBACK_ARRAY_USE, &rules::IMPORTS_FALLBACK_ARRAY_USE);
                let message = format!("{path} is an array; only its first valid target is used, existing or not");
                checker.report(rule, node.span.clone(), message);
                if let ([only], true) = (items.as_slice(), way.fixable) {
                    let (before, after) = (node.span.start..only.span.start, only.span.end..node.span.end);
                    checker
                        .fix("take the target out of the array", vec![(before, String::new()), (after, String::new())]);
                }
                for (at, item) in items.iter().enumerate() {
                    self.value(checker, item, &path.join(&at.to_string()), way);
                }
            }
            Kind::Object(object) => self.object(checker, object, path, way),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) => {}
        }
    }

    fn object(&mut self, checker: &mut Checker<'a>, object: &'a Object, path: &FieldPath, way: Way) {
        let rewritten = check_order(checker, object, path, way);
        let is_top_of_imports = way.kind == MapKind::Imports && path.last() == "imports";
        let has_import = object.has("import");
        let splits = has_import || object.has("require");
        let mut after_node = way.after_node;
        for (at, member) in object.members().iter().enumerate() {
            let key = member.key.as_str();
            let by_import = way.by_import && (!splits || key == "import" || (!has_import && key == "default"));
            if is_top_of_imports && !key.starts_with('#') {
                let message = format!("imports[{}]: a key must begin with \"#\"", quoted(&excerpt(key)));
                checker.report(&rules::IMPORTS_KEY_INVALID, member.key_span.clone(), message);
            }
            let fixable = way.fixable && !rewritten.contains(&at);
            let below = path.join(key);
            if let Some(target) = member.value.as_str() {
                check_folder_mapping(checker, member, target, &below, Way { fixable, ..way });
            }
            self.value(checker, &member.value, &below, Way { after_node, by_import, fixable, ..way });
            after_node |= key == "node";
        }
    }

    fn target(&mut self, checker: &mut Checker<'a>, node: &Node, target: &str, path: &FieldPath, way: Way) {
        let imports = way.kind == MapKind::Imports;
        if imports && !target.starts_with('.') {
            return;
        }
        let span = node.span.clone();
        let is_pattern = target.contains('*') || target.ends_with('/');
        let files = if is_pattern { self.matches(checker, target, path) } else { Vec::new() };
        if self.steps > MAX_PATTERN_STEPS {
            checker.skipped += 1;
            return;
        }
        if !target.starts_with("./") {
            check_target_form(checker, node, target, path, way, !files.is_empty());
        }
        if is_pattern && files.is_empty() {
            if !imports {
                let message = format!("{path}: no file of the package fits {}", excerpt(target));
                checker.report(&rules::EXPORTS_GLOB_NO_MATCHED_FILES, span, message);
            }
            return;
        }
        let worker = WORKER_CONDITIONS.iter().find(|condition| path.has(condition));
        if let Some(worker) =
            worker.filter(|_| !imports && checker.field("browser").is_some_and(|b| b.node.get(target).is_some()))
        {
            let message = format!("{path}: the `browser` map replaces {}, also for \"{worker}\"", excerpt(target));
            checker.report(&rules::EXPORTS_VALUE_CONFLICTS_WITH_BROWSER, span.clone(), message);
        }
        if is_pattern {
            for file in files {
                check_target_file(checker, &span, path, way, &file, true);
            }
            return;
        }
        if let Some(file) = checker.find_file(target, &[]).filter(|_| !target.starts_with('/')) {
            return check_target_file(checker, &span, path, way, &file, false);
        }
        if checker.check_jsx(span.clone(), path, target) || imports {
            return;
        }
        let names_path = target.starts_with(['.', '/']) || !target.contains(':');
        let public = path.conditions().iter().all(|condition| KNOWN_CONDITIONS.contains(condition));
        if names_path && (public || is_javascript(target)) {
            checker.report_missing(span, path, target);
        }
    }

    // The files a pattern leads to, without those whose subpath `exports` closes with null.
    fn matches(&mut self, checker: &Checker<'_>, target: &str, path: &FieldPath) -> Vec<String> {
        let pattern = if target.ends_with('/') { format!("{target}*") } else { target.to_owned() };
        let Some((before, after)) = pattern.split_once('*') else { return Vec::new() };
        let folder = before.rsplit_once('/').map_or("", |(folder, _)| folder);
        let Some(folder) = join("", folder) else { return Vec::new() };
        let Some(prefix) = join("", before)
            .map(|joined| if before.ends_with('/') && !joined.is_empty() { joined + "/" } else { joined })
        else {
            return Vec::new();
        };
        let key = path.keys().into_iter().find(|key| key.starts_with('.')).unwrap_or_default();
        let key = if key.ends_with('/') { format!("{key}*") } else { key.to_owned() };
        let mut found = Vec::new();
        for file in checker.tree.under(&folder) {
            self.steps += 1 + self.closed.len();
            if self.steps > MAX_PATTERN_STEPS {
                break;
            }
            let Some(star) = file.strip_prefix(&prefix).and_then(|rest| star_of(rest, after)) else { continue };
            let subpath = key.replacen('*', star, 1);
            if !self.closed.iter().any(|pattern| fits(pattern, &subpath)) {
                found.push(file.to_owned());
            }
        }
        found
    }
}

// What `*` stands for, where it fits everywhere in the rest of a pattern.
fn star_of<'r>(rest: &'r str, after: &str) -> Option<&'r str> {
    let stars = after.matches('*').count() + 1;
    let plain = after.len() + 1 - stars;
    let length = rest.len().checked_sub(plain)? / stars;
    let star = rest.get(..length).filter(|star| !star.is_empty())?;
    if rest.get(length..)? == after.replace('*', star) { Some(star) } else { None }
}

fn fits(pattern: &str, subpath: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == subpath,
        Some((before, after)) => subpath.strip_prefix(before).and_then(|rest| star_of(rest, after)).is_some(),
    }
}

fn check_target_file(
    checker: &mut Checker<'_>,
    span: &Range<usize>,
    path: &FieldPath,
    way: Way,
    file: &str,
    matched: bool,
) {
    if checker.check_jsx(span.clone(), path, file) || !is_javascript(file) {
        return;
    }
    let Some(facts) = checker.facts(file).filter(|facts| !facts.flow) else { return };
    if path.has("module") {
        if facts.kind() == Some(ModuleKind::Cjs) {
            let rule = way.kind.choose(&rules::EXPORTS_MODULE_SHOULD_BE_ESM, &rules::IMPORTS_MODULE_SHOULD_BE_ESM);
            checker.report(rule, span.clone(), format!("{path}: {} is written as CJS", excerpt(file)));
        }
        return;
    }
    if way.by_import {
        checker.check_default_interop(span.clone(), path, file);
    }
    if !way.after_node && !path.has("browser") && !is_excused(checker, file, matched) {
        checker.check_format(span.clone(), path, file);
    }
}

fn check_target_form(checker: &mut Checker<'_>, node: &Node, target: &str, path: &FieldPath, way: Way, matched: bool) {
    let rule = way.kind.choose(&rules::EXPORTS_VALUE_INVALID, &rules::IMPORTS_VALUE_INVALID);
    let inside = format!("./{}", target.trim_start_matches('/'));
    checker.report(rule, node.span.clone(), format!("{path}: {} must begin with \"./\"", excerpt(target)));
    let exists = matched || checker.find_file(&inside, &[]).is_some();
    if exists && way.fixable && !target.starts_with("..") && !target.starts_with("./") {
        checker.fix("begin the target with \"./\"", vec![(node.span.clone(), quoted(&inside))]);
    }
}

// A target with a trailing slash is a folder mapping, which Node.js no longer knows.
fn check_folder_mapping(checker: &mut Checker<'_>, member: &Member, target: &str, path: &FieldPath, way: Way) {
    let external = way.kind == MapKind::Imports && !target.starts_with('.');
    if !target.ends_with('/') || external {
        return;
    }
    let rule = way
        .kind
        .choose(&rules::EXPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING, &rules::IMPORTS_GLOB_NO_DEPRECATED_SUBPATH_MAPPING);
    // What stands at the same place with a pattern for the folder.
    let mut value: Option<&Node> = None;
    for (depth, key) in path.keys().into_iter().enumerate() {
        let object = if depth == 0 { Some(checker.root) } else { value.and_then(Node::as_object) };
        let pattern = if key.ends_with('/') { Some(format!("{key}*")) } else { None };
        value = object.and_then(|object| object.get(pattern.as_deref().unwrap_or(key)));
    }
    let replaced = value.is_some_and(Node::is_truthy);
    let level = if replaced { Level::Info } else { Level::Error };
    let message = format!("{path}: {} maps a folder; a pattern ending in \"*\" does that", excerpt(target));
    checker.report_as(level, rule, member.value.span.clone(), message);
    // A key above may carry the slash; then more than this member has to change.
    if !replaced && way.fixable && member.key.ends_with('/') && target.starts_with("./") {
        let key = (member.key_span.clone(), quoted(&format!("{}*", member.key)));
        let value = (member.value.span.clone(), quoted(&format!("{target}*")));
        checker.fix("map the folder by a pattern", vec![key, value]);
    }
}

// Reports conditions in the wrong order; one fix puts all of them right. Answers which members it rewrites.
fn check_order(checker: &mut Checker<'_>, object: &Object, path: &FieldPath, way: Way) -> Range<usize> {
    let members = object.members();
    let mut order: Vec<usize> = (0..members.len()).collect();
    let mut broken: Vec<(&Rule, &Member, &str)> = Vec::new();
    if let Some((at, member)) = object.position("types").zip(object.member("types")) {
        let before = members.get(..at).unwrap_or_default();
        if way.kind == MapKind::Exports && hides_types(before) {
            let first = before.iter().take_while(|member| member.key.starts_with("types")).count();
            shift(&mut order, at, first);
            broken.push((
                &rules::EXPORTS_TYPES_SHOULD_BE_FIRST,
                member,
                "types are hidden by the conditions before them",
            ));
        }
    }
    if let (Some(module), Some(require)) = (object.member("module"), object.position("require"))
        && object.position("module").is_some_and(|at| at > require)
    {
        let from = order.iter().position(|at| object.position("module") == Some(*at)).unwrap_or_default();
        let to = order.iter().position(|at| *at == require).unwrap_or_default();
        shift(&mut order, from, to);
        let rule = way
            .kind
            .choose(&rules::EXPORTS_MODULE_SHOULD_PRECEDE_REQUIRE, &rules::IMPORTS_MODULE_SHOULD_PRECEDE_REQUIRE);
        broken.push((rule, module, "\"require\" before it is always taken instead"));
    }
    if let (Some(default), Some(at)) = (object.member("default"), object.position("default"))
        && at + 1 < members.len()
    {
        let from = order.iter().position(|other| *other == at).unwrap_or_default();
        shift(&mut order, from, members.len() - 1);
        let rule = way.kind.choose(&rules::EXPORTS_DEFAULT_SHOULD_BE_LAST, &rules::IMPORTS_DEFAULT_SHOULD_BE_LAST);
        broken.push((rule, default, "conditions after it are never tried"));
    }
    let mut rewritten = 0..0;
    for (nth, (rule, member, why)) in broken.into_iter().enumerate() {
        let span = member.key_span.start..member.value.span.end;
        checker.report(rule, span, format!("{}: {why}", path.join(&member.key)));
        if nth == 0
            && way.fixable
            && !object.repeats_keys()
            && (way.kind == MapKind::Imports || changes_no_module_system(checker, object, &order))
            && let Some(new) = reorder(checker.index.text(), members, &order)
        {
            checker.fix("put the conditions in order", vec![(new.span, new.new_text)]);
            rewritten = new.members;
        }
    }
    rewritten
}

// Whether a new order leaves all that is taken in one module system. Types before code of both, or code of the other kind
// that can be reached only now, would be wrong in a new way.
fn changes_no_module_system(checker: &Checker<'_>, object: &Object, order: &[usize]) -> bool {
    let is_moved = |key: &str| object.position(key).is_some_and(|at| order.get(at) != Some(&at));
    let leader = ["types", "default"].into_iter().find(|key| object.has(key)).and_then(|key| object.get(key));
    let Some(target) = leader.and_then(Node::as_str) else { return true };
    if !is_moved("types") && !is_moved("default") {
        return true;
    }
    let kind_of = |target: &str| {
        let path = join("", target).filter(|path| target.contains('*') || checker.tree.has_file(path));
        path.and_then(|path| checker.loaded_kind(&path))
    };
    let kind = kind_of(target);
    let differs = |target: &str| kind_of(target) != kind;
    kind.is_some()
        && !object
            .members()
            .iter()
            .any(|member| member.value.as_str().is_some_and(differs) || has_string(&member.value, &differs))
}

// Whether a "types" condition after these is never reached: none of them brings types of its own.
fn hides_types(before: &[Member]) -> bool {
    let is_source = |path: &str| ends_in(path, &[".ts", ".tsx"]) && !ends_in(path, &[".d.ts"]);
    let mut hiding = before.iter().filter(|member| {
        let names_source = member.value.as_str().is_some_and(is_source) || has_string(&member.value, &is_source);
        !member.key.starts_with("types") && !names_source
    });
    hiding.clone().next().is_some() && !hiding.any(|member| has_key(&member.value, "types"))
}

fn shift(order: &mut Vec<usize>, from: usize, to: usize) {
    if from < order.len() && to < order.len() {
        let moved = order.remove(from);
        order.insert(to, moved);
    }
}

// Members in their new order; what separates them stays where it is.
struct Reordered {
    members: Range<usize>,
    span: Range<usize>,
    new_text: String,
}

fn reorder(text: &str, members: &[Member], order: &[usize]) -> Option<Reordered> {
    let first = order.iter().enumerate().position(|(at, from)| at != *from)?;
    let last = order.iter().enumerate().rposition(|(at, from)| at != *from)?;
    let start = members.get(first)?.key_span.start;
    let end = members.get(last)?.value.span.end;
    let mut new_text = String::new();
    for at in first..=last {
        let member = members.get(*order.get(at)?)?;
        new_text.push_str(text.get(member.key_span.start..member.value.span.end)?);
        if at < last {
            new_text.push_str(text.get(members.get(at)?.value.span.end..members.get(at + 1)?.key_span.start)?);
        }
    }
    Some(Reordered { members: first..last + 1, span: start..end, new_text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_one_text() {
        assert_eq!(star_of("a/b.js", ".js"), Some("a/b"));
        assert_eq!(star_of("a/a.js", "/*.js"), Some("a"));
        assert_eq!(star_of("a/b.js", "/*.js"), None);
        assert_eq!(star_of(".js", ".js"), None);
        assert_eq!(star_of("\u{e9}.js", ".js"), Some("\u{e9}"));
        assert!(fits("./x/*", "./x/y/z") && fits("./x", "./x") && !fits("./x/*", "./x/"));
    }

    #[test]
    fn reordering_keeps_what_separates() {
        let text = "{\r\n  \"default\": 1,\r\n\r\n  \"types\" : 2\t, \"import\": 3\r\n}";
        let node = crate::support::json::parse(text).expect("JSON");
        let members = node.as_object().expect("object").members();
        let Reordered { members: rewritten, span, new_text } = reorder(text, members, &[1, 2, 0]).expect("reordered");
        assert_eq!(rewritten, 0..3);
        assert_eq!(&text[span], "\"default\": 1,\r\n\r\n  \"types\" : 2\t, \"import\": 3");
        assert_eq!(new_text, "\"types\" : 2,\r\n\r\n  \"import\": 3\t, \"default\": 1");
    }
}
