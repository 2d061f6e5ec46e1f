//! Names of other modules in Rust: declared, brought into scope, or written out, also in what macros are given.

use super::imports::{Form, Imports, text};
use tree_sitter::Node;

/// Takes what a node imports; whether its children are of interest.
pub(super) fn take(node: Node<'_>, around: &[Node<'_>], source: &str, imports: &mut Imports) -> bool {
    // Modules within the file.
    let depth = || around.iter().filter(|node| node.kind() == "mod_item").count();
    let written = match node.kind() {
        "attribute_item" => {
            imports.written = written_path(text(node, source)).or_else(|| imports.written.take());
            return false;
        }
        "line_comment" | "block_comment" => return false,
        _ => imports.written.take(),
    };
    match node.kind() {
        "mod_item" if node.child_by_field_name("body").is_none() => {
            if let Some(name) = node.child_by_field_name("name") {
                imports.push(text(name, source).to_owned(), Form::Child(written), depth(), false, name.byte_range());
            }
            false
        }
        "use_declaration" => {
            if let Some(argument) = node.child_by_field_name("argument") {
                brought(argument, "", source, depth(), imports);
            }
            false
        }
        "extern_crate_declaration" => {
            if let Some(name) = node.child_by_field_name("name") {
                imports.push(text(name, source).to_owned(), Form::Use, 0, false, name.byte_range());
            }
            false
        }
        "scoped_identifier" | "scoped_type_identifier" => {
            let written = text(node, source);
            let is_plain = written.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
            if is_plain && written.contains("::") {
                push_path(written, node, depth(), imports);
            }
            !is_plain
        }
        "token_tree" => {
            tokens(node, depth(), source, imports);
            true
        }
        _ => true,
    }
}

fn push_path(written: &str, node: Node<'_>, level: usize, imports: &mut Imports) {
    imports.push(written.trim_start_matches("::").to_owned(), Form::Path, level, false, node.byte_range());
}

// The path in `#[path = "..."]`.
fn written_path(attribute: &str) -> Option<String> {
    let inner = attribute.trim_start_matches("#[").trim_start().strip_prefix("path")?;
    let value = inner.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
    value.split_once('"').map(|(path, _)| path.to_owned()).filter(|path| !path.is_empty())
}

// The names of a `use`, which is a tree; the parser bounds how deep.
fn brought(node: Node<'_>, before: &str, source: &str, level: usize, imports: &mut Imports) {
    let mut pending = vec![(node, before.to_owned())];
    while let Some((node, before)) = pending.pop() {
        let joined = |name: &str| {
            let name = name.trim_start_matches("::");
            if before.is_empty() { name.to_owned() } else { format!("{before}::{name}") }
        };
        let mut cursor = node.walk();
        match node.kind() {
            "use_list" => {
                let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                pending.extend(children.into_iter().rev().map(|child| (child, before.clone())));
            }
            "scoped_use_list" => {
                let path = node.child_by_field_name("path").map_or("", |path| text(path, source));
                let inner = if path.is_empty() { before.clone() } else { joined(path) };
                pending.extend(node.child_by_field_name("list").map(|list| (list, inner)));
            }
            "use_as_clause" => pending.extend(node.child_by_field_name("path").map(|path| (path, before.clone()))),
            "use_wildcard" => {
                // All of a module: the module itself is what is meant.
                let target = node.named_child(0).map_or_else(|| before.clone(), |path| joined(text(path, source)));
                imports.push(target, Form::Use, level, false, node.byte_range());
            }
            "line_comment" | "block_comment" => {}
            _ => imports.push(joined(text(node, source)), Form::Use, level, false, node.byte_range()),
        }
    }
}

// What a macro is given is not parsed: words between double colons are names.
fn tokens(node: Node<'_>, level: usize, source: &str, imports: &mut Imports) {
    let mut cursor = node.walk();
    let mut path = String::new();
    let mut first: Option<Node<'_>> = None;
    let mut after_colons = false;
    let mut finish = |path: &mut String, first: Option<Node<'_>>| {
        if let Some(first) = first.filter(|_| path.contains("::")) {
            push_path(path.trim_end_matches(':'), first, level, imports);
        }
        path.clear();
    };
    for child in node.children(&mut cursor) {
        match child.kind() {
            "identifier" | "crate" | "self" | "super" => {
                if !after_colons {
                    finish(&mut path, first.take());
                }
                first.get_or_insert(child);
                path.push_str(text(child, source));
                after_colons = false;
            }
            "::" if !path.is_empty() => {
                path.push_str("::");
                after_colons = true;
            }
            _ => {
                finish(&mut path, first.take());
                after_colons = false;
            }
        }
    }
    finish(&mut path, first.take());
}
