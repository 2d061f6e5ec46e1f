//! Whether the types of a package are reachable through the root entry of `exports`, in the right module system.

use super::checker::{Checker, Field, FieldPath};
use super::rules;
use crate::support::json::{Kind, Node};
use crate::support::module_format::ModuleKind;
use crate::support::package_tree::ends_in;
use octavo_toolkit::limits::excerpt;
use std::collections::BTreeSet;

// A target that conditions lead to, and the keys on the way.
struct Target<'a> {
    node: &'a Node,
    value: &'a str,
    path: FieldPath,
}

// The first target that these conditions lead to.
fn follow<'a>(node: &'a Node, conditions: &[&str], path: &FieldPath) -> Option<Target<'a>> {
    match &node.kind {
        Kind::String(value) => Some(Target { node, value, path: path.clone() }),
        Kind::Array(items) => items.first().and_then(|item| follow(item, conditions, &path.join("0"))),
        Kind::Object(object) => {
            for member in object.members() {
                let key = member.key.as_str();
                if key == "default" || conditions.contains(&key) {
                    let found = follow(&member.value, conditions, &path.join(key));
                    if found.is_some() || key == "default" {
                        return found;
                    }
                }
            }
            None
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => None,
    }
}

/// Checks, for a package that ships types, that its root entry leads to them, in the module system of the code beside
/// them.
pub(super) fn check(checker: &mut Checker<'_>, exports: &Field<'_>) {
    let types =
        ["types", "typings"].into_iter().find_map(|name| checker.field(name).filter(|field| field.node.is_truthy()));
    let types = match types {
        Some(field) => field.node.as_str().map(str::to_owned),
        None => checker.find_file("./index.d.ts", &[]).map(|file| format!("./{file}")),
    };
    let Some(types) = types else { return };
    let map =
        exports.node.as_object().filter(|object| object.members().first().is_some_and(|m| m.key.starts_with('.')));
    let (root, path) = match map {
        None => (exports.node, exports.path.clone()),
        Some(object) => match object.get(".") {
            Some(root) => (root, exports.path.join(".")),
            None => return,
        },
    };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for environment in [None, Some("node"), Some("browser"), Some("worker")] {
        let resolve = |first: &[&'static str]| {
            let conditions: Vec<&str> = first.iter().copied().chain(environment).collect();
            follow(root, &conditions, &path)
        };
        let (import, require) = (resolve(&["import"]), resolve(&["require"]));
        let dual = import.as_ref().zip(require.as_ref()).is_some_and(|(import, require)| import.value != require.value);
        for (condition, kind, code) in [("import", ModuleKind::Esm, &import), ("require", ModuleKind::Cjs, &require)] {
            let Some(found) = resolve(&["types", condition]) else { continue };
            if !seen.insert(format!("{}{}", found.path, if dual { condition } else { "" })) {
                continue;
            }
            check_types_target(checker, &found, &types, condition, kind, code.as_ref().filter(|_| !dual));
        }
    }
}

fn check_types_target(
    checker: &mut Checker<'_>,
    found: &Target<'_>,
    types: &str,
    condition: &str,
    kind: ModuleKind,
    code: Option<&Target<'_>>,
) {
    let Some(file) = checker.find_file(found.value, &[]) else { return };
    let span = found.node.span.clone();
    if ends_in(&file, &[".d.ts", ".d.mts", ".d.cts"]) {
        // With one build for both, its own format counts, not the condition's.
        let code = code.and_then(|code| checker.find_file(code.value, &[]));
        let expected = code.and_then(|code| checker.loaded_kind(&code)).unwrap_or(kind);
        let Some(actual) = checker.loaded_kind(&file).filter(|actual| *actual != expected) else { return };
        let message = format!(
            "{}: {} is read as {} types, but \"{condition}\" leads to {} code",
            found.path,
            excerpt(&file),
            actual.name(),
            expected.name()
        );
        return checker.report(&rules::EXPORTS_TYPES_INVALID_FORMAT, span, message);
    }
    let beside = [
        (".mjs", ".d.mts"),
        (".cjs", ".d.cts"),
        (".mjsx", ".d.mts"),
        (".cjsx", ".d.cts"),
        (".jsx", ".d.ts"),
        (".js", ".d.ts"),
    ]
    .iter()
    .find_map(|(code, types)| file.strip_suffix(code).map(|stem| format!("{stem}{types}")))
    .unwrap_or_else(|| file.clone());
    if !checker.tree.has_file(&beside) {
        let message = format!(
            "{}: \"{condition}\" leads to {} without types; {} is not reachable",
            found.path,
            excerpt(&file),
            excerpt(types)
        );
        checker.report(&rules::TYPES_NOT_EXPORTED, span, message);
    }
}
