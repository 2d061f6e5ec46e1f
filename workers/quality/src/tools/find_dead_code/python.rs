//! Python: what vulture takes for definitions and uses; parameters and locals also by their function.

use super::names::{Facts, Kind, Manner, Sight};
use tree_sitter::Node;

// Names that the standard library looks up, by the module whose import tells that they may be meant.
const LOOKED_UP: &[(&str, &[&str])] = &[
    ("argparse", &["epilog", "_fill_text", "_get_help_string"]),
    ("collections", &["default_factory"]),
    ("ctypes", &["argtypes", "errcheck", "restype", "contents"]),
    ("enum", &["_name_", "_value_"]),
    ("logging", &["filter", "propagate", "emit"]),
    ("socketserver", &["allow_reuse_address"]),
    (
        "ssl",
        &[
            "check_hostname",
            "maximum_version",
            "minimum_version",
            "options",
            "verify_flags",
            "verify_mode",
            "sni_callback",
        ],
    ),
    (
        "string",
        &["check_unused_args", "convert_field", "format", "format_field", "get_field", "get_value", "parse", "vformat"],
    ),
    ("sys", &["excepthook", "stderr", "stdin", "stdout"]),
    ("threading", &["daemon", "name", "run"]),
    (
        "unittest",
        &[
            "setUp",
            "tearDown",
            "setUpClass",
            "tearDownClass",
            "run",
            "skipTest",
            "debug",
            "failureException",
            "longMessage",
            "maxDiff",
            "subTest",
            "return_value",
            "side_effect",
        ],
    ),
];

// Longest text that is read as a type.
const MAX_TYPE_BYTES: usize = 300;

/// Whether something from outside uses a name, by what is imported anywhere.
pub(super) fn is_looked_up(name: &str, is_imported: impl Fn(&str) -> bool) -> bool {
    name.starts_with("visit_") && is_imported("ast")
        || LOOKED_UP.iter().any(|(module, names)| names.contains(&name) && is_imported(module))
}

fn is_special(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let folder = path.split('/').rev().skip(1).any(|folder| matches!(folder.to_lowercase().as_str(), "test" | "tests"));
    folder || name.starts_with("test") || name.ends_with("_test.py") || name.ends_with("-test.py")
}

/// Takes a node; whether its children are of interest.
pub(super) fn take<'s>(node: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'s>) -> bool {
    let field = |name: &str| node.child_by_field_name(name);
    match node.kind() {
        "function_definition" => function(node, around, facts),
        "class_definition" => {
            if let Some(name) = field("name") {
                if is_test(facts.path) && facts.text(name).contains("Test") {
                    facts.skip(name);
                } else {
                    facts.define(name, Kind::Class, node, Sight::Public);
                }
            }
        }
        "parameters" | "lambda_parameters" => parameters(node, around, facts),
        "import_statement" | "import_from_statement" => {
            import(node, around, facts);
            return false;
        }
        "future_import_statement" => return false,
        "assignment" | "augmented_assignment" => {
            if let Some(left) = field("left") {
                if facts.text(left) == "__all__" {
                    facts.words(node.byte_range());
                }
                store(left, node, around, facts, node.kind() == "assignment");
            }
        }
        "for_statement" | "for_in_clause" => {
            field("left").into_iter().for_each(|left| store(left, node, around, facts, false));
        }
        "named_expression" => field("name").into_iter().for_each(|name| store(name, node, around, facts, true)),
        "as_pattern_target" => {
            // What an `except` or a `case` binds is left out.
            let bound = around.iter().rev().nth(1).is_some_and(|outer| outer.kind() == "with_item");
            if let Some(target) = node.named_child(0).filter(|_| bound) {
                store(target, node, around, facts, false);
            } else {
                let mut cursor = node.walk();
                node.named_children(&mut cursor).for_each(|child| facts.skip(child));
            }
        }
        "keyword_argument" => field("name").into_iter().for_each(|name| facts.skip(name)),
        "global_statement" | "nonlocal_statement" => {
            let mut cursor = node.walk();
            let names: Vec<&'s str> = node.named_children(&mut cursor).map(|name| facts.text(name)).collect();
            facts.outer.extend(names);
            return false;
        }
        "dotted_name"
            if node.named_child_count() == 1 && around.last().is_some_and(|outer| outer.kind() == "case_pattern") =>
        {
            node.named_child(0).into_iter().for_each(|name| facts.skip(name));
        }
        "attribute" => {
            if let Some(name) = field("attribute") {
                facts.mention(name, Manner::Member);
                facts.skip(name);
            }
        }
        "call" => looked_up(node, facts),
        // A type may stand in quotes.
        "string_content" => {
            let text = facts.text(node);
            let is_type =
                |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | ',' | '|' | ' ' | '"' | '\'');
            if text.len() <= MAX_TYPE_BYTES && text.chars().all(is_type) {
                facts.words_as(node.byte_range(), Manner::Text);
            }
        }
        "identifier" => {
            if facts.text(node) != "self" {
                facts.mention(node, Manner::Plain);
            }
            return false;
        }
        _ => {}
    }
    true
}

// `getattr(x, "name")` reads the name, and `locals()` any.
fn looked_up(node: Node<'_>, facts: &mut Facts<'_>) {
    let (Some(function), Some(arguments)) =
        (node.child_by_field_name("function"), node.child_by_field_name("arguments"))
    else {
        return;
    };
    if matches!(facts.text(function), "getattr" | "hasattr")
        && let Some(name) = arguments.named_child(1).filter(|name| name.kind() == "string")
    {
        facts.words(name.byte_range());
    }
}

fn function(node: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) {
    let Some(name) = node.child_by_field_name("name") else { return };
    let text = facts.text(name);
    let decorators = decorators(around, facts);
    let first = node.child_by_field_name("parameters").and_then(|list| list.named_child(0)).map(|one| facts.text(one));
    let kind = if decorators.contains(&"property") {
        Kind::Property
    } else if first == Some("self") || decorators.iter().any(|one| matches!(*one, "staticmethod" | "classmethod")) {
        Kind::Method
    } else {
        Kind::Function
    };
    let tested = is_test(facts.path)
        && (text.starts_with("test_")
            || matches!(text, "setup_module" | "teardown_module" | "setup_function" | "teardown_function")
            || matches!(text, "setup_class" | "teardown_class" | "setup_method" | "teardown_method"));
    if kind == Kind::Method && is_special(text) || tested && kind != Kind::Property || is_special(text) {
        facts.skip(name);
    } else {
        facts.define(name, kind, node, Sight::Public);
    }
}

fn decorators<'s>(around: &[Node<'_>], facts: &Facts<'s>) -> Vec<&'s str> {
    let Some(outer) = around.last().filter(|outer| outer.kind() == "decorated_definition") else { return Vec::new() };
    let mut cursor = outer.walk();
    let list = outer.named_children(&mut cursor).filter(|child| child.kind() == "decorator");
    list.map(|one| facts.text(one).trim_start_matches('@').trim()).collect()
}

fn parameters(list: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) {
    let Some(function) = around.last().copied() else { return };
    let is_plain = is_plain(function, around, facts);
    let mut cursor = list.walk();
    for one in list.named_children(&mut cursor) {
        let name = match one.kind() {
            "identifier" => Some(one),
            "default_parameter" | "typed_default_parameter" => one.child_by_field_name("name"),
            "typed_parameter" | "list_splat_pattern" | "dictionary_splat_pattern" => {
                let inner = one.named_child(0);
                inner.and_then(|inner| if inner.kind() == "identifier" { Some(inner) } else { inner.named_child(0) })
            }
            _ => None,
        };
        let Some(name) = name.filter(|name| name.kind() == "identifier") else { continue };
        let text = facts.text(name);
        if text == "self" || text.starts_with('_') && !text.starts_with("__") || is_special(text) {
            facts.skip(name);
            continue;
        }
        facts.define(name, Kind::Parameter, function, Sight::Within(function.byte_range()));
        if let Some(def) = facts.defs.last_mut().filter(|_| !is_plain) {
            // An override takes what it is given: only a name read nowhere at all is told.
            (def.loose, def.whole) = (true, def.at.clone());
        }
    }
}

// Whether a function decides alone what it takes: no method, no callback with a decorator, no stub.
fn is_plain(function: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) -> bool {
    let above: Vec<&str> = around.iter().rev().skip(1).map(Node::kind).take(2).collect();
    let in_class =
        around.iter().rev().skip(1).find(|outer| matches!(outer.kind(), "class_definition" | "function_definition"));
    let Some(body) = function.child_by_field_name("body").filter(|body| body.kind() == "block") else { return false };
    let mut cursor = body.walk();
    let works = body.named_children(&mut cursor).any(|one| {
        let text = facts.text(one);
        !matches!(one.kind(), "pass_statement" | "comment" | "raise_statement")
            && (one.kind() != "expression_statement" || !text.starts_with(['"', '\'', '.', 'r']))
            && (one.kind() != "return_statement"
                || one.named_child(0).is_some_and(|value| value.named_child_count() > 0))
    });
    works
        && above.first() != Some(&"decorated_definition")
        && in_class.is_none_or(|outer| outer.kind() != "class_definition")
        && !is_dynamic(function, facts)
}

// Whether a function may read its names without naming them.
fn is_dynamic(function: Node<'_>, facts: &mut Facts<'_>) -> bool {
    let text = facts.text(function);
    let calls = ["locals()", "eval(", "exec(", "vars()"];
    *facts.judged.entry(function.start_byte()).or_insert_with(|| calls.iter().any(|call| text.contains(call)))
}

fn import(node: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) {
    let mut cursor = node.walk();
    if let Some(module) = node.child_by_field_name("module_name") {
        facts.modules.insert(facts.text(module).split('.').next().unwrap_or_default());
    }
    let kept = facts.path.rsplit('/').next() == Some("__init__.py");
    for one in node.children_by_field_name("name", &mut cursor) {
        let (origin, alias) = if one.kind() == "aliased_import" {
            (one.child_by_field_name("name"), one.child_by_field_name("alias"))
        } else {
            (Some(one), None)
        };
        let Some(origin) = origin else { continue };
        if node.kind() == "import_statement" {
            facts.modules.insert(facts.text(origin).split('.').next().unwrap_or_default());
        }
        // Known by its first part alone.
        let bound = alias.or_else(|| origin.named_child(0)).unwrap_or(origin);
        if let Some(alias) = alias {
            facts.mention(origin, Manner::Plain);
            // Meant for others.
            if facts.text(origin) == facts.text(alias) {
                continue;
            }
        }
        if !kept {
            facts.define(bound, Kind::Import, node, Sight::File);
            // One that is tried asks whether the module is there.
            if let Some(def) =
                facts.defs.last_mut().filter(|_| around.iter().any(|outer| outer.kind() == "try_statement"))
            {
                def.loose = true;
            }
        }
    }
}

// What an assignment binds.
fn store(target: Node<'_>, whole: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>, single: bool) {
    match target.kind() {
        "identifier" => {
            let text = facts.text(target);
            if matches!(text, "self" | "object") || text.starts_with('_') && !text.starts_with("__") || is_special(text)
            {
                facts.skip(target);
                return;
            }
            let scope = around
                .iter()
                .rev()
                .find(|outer| matches!(outer.kind(), "function_definition" | "lambda" | "class_definition"));
            if let Some(function) = scope.filter(|scope| scope.kind() == "function_definition") {
                let dynamic = is_dynamic(*function, facts);
                facts.define(target, Kind::Local, *function, Sight::Within(function.byte_range()));
                facts.defs.last_mut().into_iter().for_each(|def| def.loose = !single || dynamic);
            } else {
                facts.define(target, Kind::Variable, whole, Sight::Public);
            }
            // What it is made of may name it.
            facts.defs.last_mut().into_iter().for_each(|def| def.whole = def.at.clone());
        }
        "attribute" => {
            if let Some(name) = target.child_by_field_name("attribute") {
                let text = facts.text(name);
                if is_special(text) {
                    facts.skip(name);
                } else {
                    facts.define(name, Kind::Attribute, name, Sight::Public);
                }
            }
        }
        "pattern_list"
        | "tuple_pattern"
        | "list_pattern"
        | "list_splat_pattern"
        | "parenthesized_expression"
        | "tuple"
        | "list"
        | "list_splat" => {
            let mut cursor = target.walk();
            for part in target.named_children(&mut cursor) {
                store(part, whole, around, facts, false);
            }
        }
        _ => {}
    }
}
