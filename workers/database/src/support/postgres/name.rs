//! Names as Postgres compares them: folded to lower case unless quoted, cut at 63 bytes, `public` left out.

use squawk_syntax::ast;
use std::fmt;

/// Longest identifier, in bytes: `NAMEDATALEN` less the terminator.
pub const MAX_IDENTIFIER_BYTES: usize = 63;

/// A relation, type or other object in a schema. An unqualified name and one in `public` are taken to be the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName {
    /// The schema, unless it is `public` or not said.
    pub schema: Option<String>,
    /// The name itself.
    pub name: String,
}

impl ObjectName {
    /// A name in no schema that matters.
    pub fn new(name: impl Into<String>) -> Self {
        Self { schema: None, name: cut(name.into()) }
    }

    /// Reads a name as SQL spells it (`orders`, `"Orders"`, `sales.orders`).
    pub fn read(text: &str) -> Self {
        let mut parts: Vec<String> = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (part, after) = if let Some(inner) = rest.strip_prefix('"') {
                quoted(inner)
            } else {
                let end = rest.find('.').unwrap_or(rest.len());
                let (part, after) = rest.split_at(end);
                (part.trim().to_ascii_lowercase(), after)
            };
            parts.push(part);
            rest = after.trim_start().strip_prefix('.').unwrap_or_default();
        }
        Self::of_parts(parts)
    }

    /// A name that is referred to.
    pub fn of_ref(path: &ast::PathRef) -> Self {
        Self::of_parts(ref_parts(path))
    }

    /// A name that is being defined.
    pub fn of(path: &ast::Path) -> Self {
        let mut parts = path.qualifier().map(|qualifier| ref_parts(&qualifier)).unwrap_or_default();
        parts.extend(path.segment().map(|segment| segment.text()));
        Self::of_parts(parts)
    }

    /// The object named beside this one, in the same schema.
    #[must_use]
    pub fn sibling(&self, name: impl Into<String>) -> Self {
        Self { schema: self.schema.clone(), name: cut(name.into()) }
    }

    fn of_parts(mut parts: Vec<String>) -> Self {
        let name = cut(parts.pop().unwrap_or_default());
        let schema = parts.pop().map(cut).filter(|schema| schema != "public");
        Self { schema, name }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", quoted_where_needed(schema))?;
        }
        f.write_str(&quoted_where_needed(&self.name))
    }
}

/// An identifier as SQL must spell it.
pub fn quoted_where_needed(name: &str) -> String {
    let plain = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'$');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

fn ref_parts(path: &ast::PathRef) -> Vec<String> {
    let mut parts: Vec<String> = std::iter::successors(Some(path.clone()), ast::PathRef::qualifier)
        .take(4)
        .filter_map(|path| path.segment())
        .map(|segment| segment.text())
        .collect();
    parts.reverse();
    parts
}

// The text up to the closing quote, doubled quotes undone, and what follows it.
fn quoted(inner: &str) -> (String, &str) {
    let mut part = String::new();
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once('"') {
        part.push_str(before);
        if let Some(next) = after.strip_prefix('"') {
            part.push('"');
            rest = next;
        } else {
            return (part, after);
        }
    }
    part.push_str(rest);
    (part, "")
}

fn cut(mut name: String) -> String {
    if name.len() > MAX_IDENTIFIER_BYTES {
        let mut end = MAX_IDENTIFIER_BYTES;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.truncate(end);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_postgres_does() {
        assert_eq!(ObjectName::read("Orders"), ObjectName::read("public.\"orders\""));
        assert_ne!(ObjectName::read("\"Orders\""), ObjectName::read("orders"));
        assert_eq!(ObjectName::read("sales . Orders").to_string(), "sales.orders");
        assert_eq!(ObjectName::read("\"a\"\"b.c\"").to_string(), "\"a\"\"b.c\"");
        assert_eq!(ObjectName::read(""), ObjectName::new(""));
        assert_eq!(ObjectName::new("\u{e9}".repeat(40)).name.len(), 62);
    }
}
