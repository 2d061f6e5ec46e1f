//! Go: functions, methods, types, constants and variables of a package, as staticcheck's U1000 looks at them. What a function
//! declares and does not use is an error to the compiler already.

use super::names::{Facts, Kind, Manner, Sight};
use tree_sitter::Node;

/// Takes a node; whether its children are of interest.
pub(super) fn take(node: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) -> bool {
    let field = |name: &str| node.child_by_field_name(name);
    let mut cursor = node.walk();
    let at_top = |around: &[Node<'_>]| !around.iter().any(|outer| matches!(outer.kind(), "block" | "func_literal"));
    match node.kind() {
        "function_declaration" => {
            if let Some(name) = field("name") {
                let text = facts.text(name);
                let tested = facts.path.ends_with("_test.go")
                    && ["Test", "Benchmark", "Example", "Fuzz"].iter().any(|start| text.starts_with(start));
                if tested || matches!(text, "main" | "init") {
                    facts.skip(name);
                } else {
                    facts.define(name, Kind::Function, node, sight(text));
                }
            }
        }
        "method_declaration" => {
            if let Some(name) = field("name") {
                // An exported method may be what some interface asks for.
                if is_exported(facts.text(name)) {
                    facts.skip(name);
                } else {
                    facts.define(name, Kind::Method, node, Sight::Folder);
                }
            }
        }
        "type_spec" | "type_alias" if at_top(around) => {
            if let Some(name) = field("name") {
                facts.define(name, Kind::Class, node, sight(facts.text(name)));
            }
        }
        "const_spec" | "var_spec" => {
            // Constants that count on are one enumeration.
            let counts = around.last().filter(|_| node.kind() == "const_spec").is_some_and(|group| {
                let text = facts.text(*group);
                *facts.judged.entry(group.start_byte()).or_insert_with(|| text.contains("iota"))
            });
            let judged = at_top(around) && !counts;
            for name in node.children_by_field_name("name", &mut cursor).filter(|name| name.kind() == "identifier") {
                if judged {
                    facts.define(name, Kind::Variable, node, sight(facts.text(name)));
                } else {
                    facts.skip(name);
                }
            }
        }
        "short_var_declaration" | "range_clause" => {
            if let Some(left) = field("left") {
                left.named_children(&mut cursor)
                    .filter(|name| name.kind() == "identifier")
                    .for_each(|name| facts.skip(name));
            }
        }
        "parameter_declaration" | "variadic_parameter_declaration" | "field_declaration" => {
            node.children_by_field_name("name", &mut cursor).for_each(|name| facts.skip(name));
        }
        "comment" => {
            let text = facts.text(node);
            if text.starts_with("//go:linkname") || text.starts_with("//export") {
                facts.words(node.byte_range());
            }
            return false;
        }
        "identifier" | "type_identifier" | "package_identifier" => {
            facts.mention(node, Manner::Plain);
            return false;
        }
        "field_identifier" => {
            facts.mention(node, Manner::Member);
            return false;
        }
        _ => {}
    }
    true
}

fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

fn sight(name: &str) -> Sight {
    if is_exported(name) { Sight::Public } else { Sight::Folder }
}
