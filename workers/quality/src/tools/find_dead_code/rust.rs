//! Rust: items that are not public, locals, parameters and imports, as the compiler warns of them; public items by name.

use super::names::{Facts, Kind, Manner, Sight};
use tree_sitter::Node;

/// Takes a node; whether its children are of interest.
pub(super) fn take(node: Node<'_>, around: &[Node<'_>], facts: &mut Facts<'_>) -> bool {
    let field = |name: &str| node.child_by_field_name(name);
    let attribute = match node.kind() {
        "attribute_item" => {
            let text = facts.text(node);
            let before = facts.attribute.take();
            // One that only tells the compiler how is none.
            let harmless = [
                "#[inline",
                "#[must_use",
                "#[doc",
                "#[track_caller",
                "#[cold",
                "#[cfg(not",
                "#[derive",
                "#[expect(clippy",
                "#[allow(clippy",
            ];
            facts.attribute = if harmless.iter().any(|start| text.starts_with(start)) { before } else { Some(text) };
            facts.words(node.byte_range());
            return false;
        }
        "line_comment" | "block_comment" => return false,
        _ if node.is_named() => facts.attribute.take(),
        _ => None,
    };
    match node.kind() {
        "function_item" => {
            let owner =
                around.iter().rev().find(|outer| matches!(outer.kind(), "impl_item" | "trait_item" | "function_item"));
            let of_trait =
                owner.is_some_and(|owner| owner.kind() == "trait_item" || owner.child_by_field_name("trait").is_some());
            let kind =
                if owner.is_some_and(|owner| owner.kind() == "impl_item") { Kind::Method } else { Kind::Function };
            item(node, kind, attribute.is_some() || of_trait || is_main(node, facts), facts);
        }
        "struct_item" | "enum_item" | "union_item" | "type_item" => item(node, Kind::Class, attribute.is_some(), facts),
        "const_item" | "static_item" => {
            let of_trait =
                around.iter().any(|outer| outer.kind() == "trait_item" || outer.child_by_field_name("trait").is_some());
            item(node, Kind::Variable, attribute.is_some() || of_trait, facts);
        }
        "impl_item" => {
            // Methods of a type do not use it.
            let own = field("type").map(|own| own.child_by_field_name("type").unwrap_or(own));
            own.filter(|own| own.kind() == "type_identifier").into_iter().for_each(|own| facts.skip(own));
        }
        "let_declaration" => {
            if let (Some(name), Some(function)) = (field("pattern").and_then(plain_name), function_around(around)) {
                local(name, Kind::Local, function, attribute.is_some(), facts);
            }
        }
        "parameter" => {
            let function = around.iter().rev().nth(1).filter(|outer| outer.kind() == "function_item").copied();
            if let (Some(name), Some(function)) = (
                field("pattern").and_then(plain_name),
                function.filter(|one| one.child_by_field_name("body").is_some()),
            ) {
                local(name, Kind::Parameter, function, attribute.is_some(), facts);
            }
        }
        "use_declaration" => {
            let is_public = node.named_child(0).is_some_and(|child| child.kind() == "visibility_modifier");
            if let Some(argument) = field("argument") {
                brought(argument, node, is_public || attribute.is_some(), facts);
            }
            return false;
        }
        "assignment_expression" => {
            let left = field("left").filter(|left| left.kind() == "identifier");
            left.into_iter().for_each(|name| facts.skip(name));
        }
        "string_literal" if around.iter().any(|outer| outer.kind() == "token_tree") => {
            if facts.text(node).contains('{') {
                facts.words(node.byte_range());
            }
            return false;
        }
        "identifier" | "type_identifier" | "shorthand_field_identifier" | "field_identifier" => {
            let in_tokens = around.last().is_some_and(|outer| outer.kind() == "token_tree");
            let manner = match node.kind() {
                _ if in_tokens => Manner::Either,
                "field_identifier" => Manner::Member,
                _ => Manner::Plain,
            };
            facts.mention(node, manner);
            return false;
        }
        _ => {}
    }
    true
}

fn is_main(node: Node<'_>, facts: &Facts<'_>) -> bool {
    let mut cursor = node.walk();
    // Functions with an ABI are called from outside.
    node.child_by_field_name("name").is_some_and(|name| facts.text(name) == "main")
        || node
            .named_children(&mut cursor)
            .any(|child| child.kind() == "function_modifiers" && facts.text(child).contains("extern"))
}

fn item(node: Node<'_>, kind: Kind, kept: bool, facts: &mut Facts<'_>) {
    let Some(name) = node.child_by_field_name("name") else { return };
    if kept || facts.text(name).starts_with('_') {
        facts.skip(name);
        return;
    }
    let visibility =
        node.named_child(0).filter(|child| child.kind() == "visibility_modifier").map(|child| facts.text(child));
    let sight = if visibility == Some("pub") { Sight::Public } else { Sight::Project };
    facts.define(name, kind, node, sight);
}

fn local(name: Node<'_>, kind: Kind, function: Node<'_>, kept: bool, facts: &mut Facts<'_>) {
    let text = facts.text(name);
    if kept || text.starts_with('_') || text.starts_with(char::is_uppercase) || function.has_error() {
        facts.skip(name);
    } else {
        facts.define(name, kind, name, Sight::Within(function.byte_range()));
    }
}

fn plain_name(pattern: Node<'_>) -> Option<Node<'_>> {
    match pattern.kind() {
        "identifier" => Some(pattern),
        "mut_pattern" => pattern
            .named_child(pattern.named_child_count().saturating_sub(1).try_into().ok()?)
            .filter(|inner| inner.kind() == "identifier"),
        _ => None,
    }
}

fn function_around<'t>(around: &[Node<'t>]) -> Option<Node<'t>> {
    around.iter().rev().find(|outer| outer.kind() == "function_item").copied()
}

// The names of a `use`: its paths are uses, what it brings may be a trait unless its name tells otherwise.
fn brought(argument: Node<'_>, whole: Node<'_>, kept: bool, facts: &mut Facts<'_>) {
    let mut pending = vec![(argument, true)];
    while let Some((node, is_last)) = pending.pop() {
        let mut cursor = node.walk();
        match node.kind() {
            "use_list" => pending.extend(node.named_children(&mut cursor).map(|child| (child, true))),
            "scoped_use_list" => {
                pending.extend(node.child_by_field_name("path").map(|path| (path, false)));
                pending.extend(node.child_by_field_name("list").map(|list| (list, true)));
            }
            "scoped_identifier" => {
                pending.extend(node.child_by_field_name("path").map(|path| (path, false)));
                pending.extend(node.child_by_field_name("name").map(|name| (name, is_last)));
            }
            "use_as_clause" => {
                pending.extend(node.child_by_field_name("path").map(|path| (path, false)));
                if let Some(alias) = node.child_by_field_name("alias") {
                    pending.push((alias, true));
                }
            }
            "use_wildcard" => pending.extend(node.named_child(0).map(|path| (path, false))),
            "identifier" | "type_identifier" => {
                facts.mention(node, Manner::Either);
                let text = facts.text(node);
                let is_trait =
                    text.starts_with(char::is_uppercase) && text.contains(char::is_lowercase) || text.len() == 1;
                if is_last && !kept && !is_trait && !text.starts_with('_') {
                    facts.define(node, Kind::Import, whole, Sight::File);
                }
            }
            _ => {}
        }
    }
}
