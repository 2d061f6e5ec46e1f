//! What WAI-ARIA says of roles and attributes, and ARIA in HTML of the roles elements may have: data with look-ups.
//!
//! Owns no document: see `tools::audit_accessibility::page` for the role an element has.

mod attributes;
pub mod elements;
mod roles;

pub use attributes::{EMPTY, GLOBAL};
pub use roles::{CONTENT, LEAF, NAMED, NAMELESS};

/// What kind of role it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For authors of the standard alone.
    Abstract,
    /// A region people navigate to.
    Landmark,
    /// Structure of the document.
    Structure,
    /// Something to operate.
    Widget,
    /// A window.
    Window,
}

/// A role.
#[derive(Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    traits: u8,
    required: &'static str,
    supported: &'static str,
    owned: &'static str,
    context: &'static str,
}

/// What values an attribute takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// One of the words.
    Token(&'static str),
    /// Some of the words.
    Tokens(&'static str),
    /// The id of an element.
    Id,
    /// Ids of elements.
    Ids,
    /// Any text.
    Text,
    /// A whole number, no less than this.
    Integer(i64),
    /// A number.
    Number,
}

/// A state or property.
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name, with `aria-`.
    pub name: &'static str,
    /// What it takes.
    pub value: Value,
    traits: u8,
}

/// The role of this name (lower case), abstract ones included.
pub fn role(name: &str) -> Option<&'static Role> {
    roles::ROLES.binary_search_by(|role| role.name.cmp(name)).ok().and_then(|at| roles::ROLES.get(at))
}

/// The attribute of this name (lower case, with `aria-`).
pub fn attribute(name: &str) -> Option<&'static Attribute> {
    attributes::ATTRIBUTES
        .binary_search_by(|attribute| attribute.name.cmp(name))
        .ok()
        .and_then(|at| attributes::ATTRIBUTES.get(at))
}

/// Names of all roles that may be written, for suggestions.
pub fn role_names() -> impl Iterator<Item = &'static str> {
    roles::ROLES.iter().filter(|role| role.kind != Kind::Abstract).map(|role| role.name)
}

/// Names of all attributes, for suggestions.
pub fn attribute_names() -> impl Iterator<Item = &'static str> {
    attributes::ATTRIBUTES.iter().map(|attribute| attribute.name)
}

impl Role {
    /// Whether it has one of these traits.
    pub const fn has(&self, traits: u8) -> bool {
        self.traits & traits != 0
    }

    /// Whether it is deprecated.
    pub const fn is_deprecated(&self) -> bool {
        self.has(roles::OLD)
    }

    /// Attributes it must have, without `aria-`.
    pub fn required(&self) -> impl Iterator<Item = &'static str> {
        self.required.split_ascii_whitespace()
    }

    /// Whether it supports an attribute (with `aria-`), global ones apart.
    pub fn supports(&self, attribute: &str) -> bool {
        let Some(short) = attribute.strip_prefix("aria-") else { return false };
        self.required().chain(self.supported.split_ascii_whitespace()).any(|it| it == short)
    }

    /// Roles of which it must own one.
    pub fn owned(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.owned.split_ascii_whitespace()
    }

    /// Roles of which one must own it.
    pub fn context(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.context.split_ascii_whitespace()
    }
}

impl Attribute {
    /// Whether it has one of these traits.
    pub const fn has(&self, traits: u8) -> bool {
        self.traits & traits != 0
    }

    /// Whether it is deprecated.
    pub const fn is_deprecated(&self) -> bool {
        self.has(attributes::OLD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_close_over_themselves() {
        assert!(roles::ROLES.is_sorted_by_key(|role| role.name));
        assert!(attributes::ATTRIBUTES.is_sorted_by_key(|attribute| attribute.name));
        for it in roles::ROLES {
            for name in it.owned().chain(it.context()) {
                assert!(role(name).is_some(), "{} names {name}", it.name);
            }
            for name in it.required().chain(it.supported.split_ascii_whitespace()) {
                assert!(attribute(&format!("aria-{name}")).is_some(), "{} names {name}", it.name);
            }
        }
    }
}
