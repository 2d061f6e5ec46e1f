//! What a file of Java tells of the types of its expressions: by literals, and by what names are declared as.
//!
//! A name from another file has no type here; rules that need one then say nothing.

use super::trees::{Tree, bare, children};
use tree_sitter::Node;

// Expressions in one another that are followed.
const MAX_FOLLOWED: usize = 16;

/// What declares a variable: its type, and the declarator, which may have a value.
#[derive(Clone, Copy)]
pub(super) struct Declared<'t> {
    of: Node<'t>,
    pub(super) declarator: Node<'t>,
    /// How many nodes are around the declaration.
    pub(super) depth: usize,
}

/// The declaration of a variable as seen from an offset among these nodes.
pub(super) fn declared<'t>(name: &str, before: usize, around: &[Node<'t>], tree: &Tree<'_>) -> Option<Declared<'t>> {
    for (depth, outer) in around.iter().enumerate().rev() {
        if !tree.afford(outer.named_child_count()) {
            return None;
        }
        let depth = depth + 1;
        let field = |name: &str| outer.child_by_field_name(name);
        let found = match outer.kind() {
            "block" | "constructor_body" | "switch_block_statement_group" => {
                let own = children(*outer).into_iter().take_while(|one| one.end_byte() <= before);
                own.filter(|one| one.kind() == "local_variable_declaration")
                    .find_map(|one| variable(one, name, depth, tree))
            }
            "for_statement" => field("init").and_then(|init| variable(init, name, depth, tree)),
            "enhanced_for_statement" => variable(*outer, name, depth, tree),
            "try_with_resources_statement" => {
                let list = field("resources").map(children).unwrap_or_default();
                list.into_iter().find_map(|one| variable(one, name, depth, tree))
            }
            "method_declaration" | "constructor_declaration" => {
                let list = field("parameters").map(children).unwrap_or_default();
                list.into_iter().find_map(|one| variable(one, name, depth, tree))
            }
            // What a function without a name is given is of no type here.
            "lambda_expression" => {
                let given = field("parameters").map_or("", |list| tree.text(list));
                if given.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name) {
                    return None;
                }
                None
            }
            "catch_clause" if outer.named_child(0).is_some_and(|one| is_named(one, name, tree)) => return None,
            "class_body" | "enum_body_declarations" => member(*outer, name, depth, tree),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn is_named(node: Node<'_>, name: &str, tree: &Tree<'_>) -> bool {
    node.child_by_field_name("name").is_some_and(|own| tree.text(own) == name)
}

// The field of a class.
fn member<'t>(body: Node<'t>, name: &str, depth: usize, tree: &Tree<'_>) -> Option<Declared<'t>> {
    let fields = children(body).into_iter().filter(|one| one.kind() == "field_declaration");
    fields.into_iter().find_map(|one| variable(one, name, depth, tree))
}

fn variable<'t>(node: Node<'t>, name: &str, depth: usize, tree: &Tree<'_>) -> Option<Declared<'t>> {
    let of = node.child_by_field_name("type")?;
    let mut cursor = node.walk();
    let mut own = node.children_by_field_name("declarator", &mut cursor);
    let declarator =
        own.find(|one| is_named(*one, name, tree)).or_else(|| is_named(node, name, tree).then_some(node))?;
    Some(Declared { of, declarator, depth })
}

/// The type of an expression by its name, where the file tells it.
pub(super) fn type_of<'t, 's>(expression: Node<'t>, around: &[Node<'t>], tree: &Tree<'s>) -> Option<&'s str> {
    typed(expression, around, MAX_FOLLOWED, tree)
}

fn typed<'t, 's>(expression: Node<'t>, around: &[Node<'t>], steps: usize, tree: &Tree<'s>) -> Option<&'s str> {
    let steps = steps.checked_sub(1)?;
    let node = bare(expression);
    let field = |name: &str| node.child_by_field_name(name);
    let again = |node: Node<'t>| typed(node, around, steps, tree);
    match node.kind() {
        "string_literal" | "text_block" => Some("String"),
        "character_literal" => Some("char"),
        "true" | "false" => Some("boolean"),
        "decimal_floating_point_literal" | "hex_floating_point_literal" => {
            Some(if tree.text(node).ends_with(['f', 'F']) { "float" } else { "double" })
        }
        "decimal_integer_literal" | "hex_integer_literal" | "octal_integer_literal" | "binary_integer_literal" => {
            Some(if tree.text(node).ends_with(['l', 'L']) { "long" } else { "int" })
        }
        "identifier" => {
            let found = declared(tree.text(node), node.start_byte(), around, tree)?;
            let of = short(found.of, tree);
            if of == "var" {
                let value = found.declarator.child_by_field_name("value")?;
                return typed(value, around.get(..found.depth)?, steps, tree);
            }
            found.declarator.child_by_field_name("dimensions").is_none().then_some(of)
        }
        "field_access" => {
            let own = field("object")?.kind() == "this";
            let (depth, body) = around.iter().enumerate().rfind(|(_, outer)| outer.kind() == "class_body")?;
            let found = member(*body, tree.text(field("field")?), depth + 1, tree).filter(|_| own)?;
            found.declarator.child_by_field_name("dimensions").is_none().then(|| short(found.of, tree))
        }
        "object_creation_expression" | "cast_expression" => Some(short(field("type")?, tree)),
        "assignment_expression" => again(field("left")?),
        "unary_expression" | "update_expression" => again(field("operand").or(node.named_child(0))?),
        "binary_expression" => {
            let (left, right) = (again(field("left")?), again(field("right")?));
            match tree.text(field("operator")?) {
                "==" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" => Some("boolean"),
                _ => ["String", "double", "Double", "float", "Float"]
                    .into_iter()
                    .find(|of| left == Some(of) || right == Some(of))
                    .or(left.filter(|_| right.is_some())),
            }
        }
        "method_invocation" => {
            let name = tree.text(field("name")?);
            match (name, field("object")) {
                ("toString" | "trim" | "toLowerCase" | "toUpperCase" | "substring", Some(_)) => Some("String"),
                ("charAt", Some(_)) => Some("char"),
                (_, object) if object.is_none_or(|object| object.kind() == "this") => {
                    let body = around.iter().rfind(|outer| outer.kind() == "class_body")?;
                    if !tree.afford(body.named_child_count()) {
                        return None;
                    }
                    let methods = children(*body).into_iter();
                    let mut own = methods
                        .filter(|one| one.kind() == "method_declaration" && is_named(*one, name, tree))
                        .filter_map(|one| one.child_by_field_name("type").map(|of| short(of, tree)));
                    let first = own.next()?;
                    own.all(|of| of == first).then_some(first)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

// The name of a type without its package.
fn short<'s>(of: Node<'_>, tree: &Tree<'s>) -> &'s str {
    let text = tree.text(of);
    text.strip_prefix("java.lang.").unwrap_or(text)
}
