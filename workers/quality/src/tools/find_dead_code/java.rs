//! Java: private members, locals, parameters of private methods, and imports, as PMD looks at them.

use super::names::{Facts, Kind, Manner, Sight};
use tree_sitter::Node;

// What serialization looks up by name.
const LOOKED_UP: [&str; 7] = [
    "serialVersionUID",
    "serialPersistentFields",
    "readObject",
    "writeObject",
    "readObjectNoData",
    "readResolve",
    "writeReplace",
];

/// Takes a node; whether its children are of interest.
pub(super) fn take(node: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) -> bool {
    let field = |name: &str| node.child_by_field_name(name);
    let mut cursor = node.walk();
    match node.kind() {
        "method_declaration"
        | "class_declaration"
        | "interface_declaration"
        | "enum_declaration"
        | "record_declaration" => {
            let judged = node.kind() == "method_declaration" && is_private(node, facts);
            if let Some(name) = field("name") {
                if judged && !LOOKED_UP.contains(&facts.text(name)) {
                    facts.define(name, Kind::Method, node, Sight::File);
                } else {
                    facts.skip(name);
                }
            }
        }
        "field_declaration" => {
            let judged = is_private(node, facts) && !facts.source.contains("lombok.");
            for one in node.children_by_field_name("declarator", &mut cursor) {
                let Some(name) = one.child_by_field_name("name") else { continue };
                if judged && !LOOKED_UP.contains(&facts.text(name)) {
                    facts.define(name, Kind::Attribute, name, Sight::File);
                } else {
                    facts.skip(name);
                }
            }
        }
        "local_variable_declaration" => {
            let body = around
                .iter()
                .rev()
                .find(|outer| matches!(outer.kind(), "block" | "constructor_body" | "switch_block_statement_group"));
            for one in node.children_by_field_name("declarator", &mut cursor) {
                if let (Some(name), Some(body)) = (one.child_by_field_name("name"), body) {
                    facts.define(name, Kind::Local, name, Sight::Within(body.byte_range()));
                }
            }
        }
        "formal_parameter" => {
            let method = around.iter().rev().nth(1).filter(|outer| outer.kind() == "method_declaration");
            let judged =
                method.filter(|method| is_private(**method, facts) && method.child_by_field_name("body").is_some());
            if let Some(name) = field("name") {
                match judged {
                    Some(method) => facts.define(name, Kind::Parameter, *method, Sight::Within(method.byte_range())),
                    None => facts.skip(name),
                }
            }
        }
        "catch_formal_parameter"
        | "enhanced_for_statement"
        | "resource"
        | "enum_constant"
        | "constructor_declaration"
        | "spread_parameter" => {
            field("name").into_iter().for_each(|name| facts.skip(name));
        }
        "assignment_expression" => {
            // Only set: no read.
            let sets = field("operator").is_some_and(|sign| facts.text(sign) == "=")
                && around.last().is_some_and(|outer| outer.kind() == "expression_statement");
            if let Some(left) = field("left").filter(|_| sets) {
                let name = if left.kind() == "field_access" { left.child_by_field_name("field") } else { Some(left) };
                name.filter(|name| name.kind() == "identifier").into_iter().for_each(|name| facts.skip(name));
            }
        }
        "import_declaration" => {
            let text = facts.text(node);
            let path = node.named_children(&mut cursor).find(|one| one.kind() == "scoped_identifier");
            if let Some(name) = path.and_then(|path| path.child_by_field_name("name")).filter(|_| !text.contains('*')) {
                facts.define(name, Kind::Import, node, Sight::File);
                if let Some(def) = facts.defs.last_mut().filter(|_| text.contains(" static ")) {
                    def.loose = true;
                }
            }
            return false;
        }
        "line_comment" | "block_comment" => {
            // Documentation links by name.
            if facts.text(node).starts_with("/**") {
                facts.words(node.byte_range());
            }
            return false;
        }
        "method_invocation" => {
            if let Some(name) = field("name") {
                facts.mention(name, Manner::Member);
                facts.skip(name);
            }
        }
        "method_reference" => {
            if let Some(name) = node.named_child(1).filter(|name| name.kind() == "identifier") {
                facts.mention(name, Manner::Member);
                facts.skip(name);
            }
        }
        "identifier" | "type_identifier" => {
            facts.mention(node, Manner::Plain);
            return false;
        }
        _ => {}
    }
    true
}

// Whether a member is private, and nothing looks it up by an annotation.
fn is_private(node: Node<'_>, facts: &Facts<'_>) -> bool {
    let Some(modifiers) = node.named_child(0).filter(|child| child.kind() == "modifiers") else { return false };
    let text = facts.text(modifiers);
    let annotated = text.contains('@') && !text.contains("@SuppressWarnings") && !text.contains("@Nullable");
    !annotated && text.split_whitespace().any(|word| word == "private")
}
