//! The names CSS knows: properties, pseudo-classes, pseudo-elements, at-rules, units, elements, and shorthands with their
//! longhands.
//!
//! Owns look-ups in `data/css_names.txt`, which `data/generate_names.mjs` writes from MDN's data (CC0 1.0).

use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = include_str!("../../data/css_names.txt");

/// The table, read once a call.
#[derive(Debug, Default)]
pub struct Names {
    kinds: BTreeMap<&'static str, BTreeSet<&'static str>>,
    shorthands: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Names {
    /// Reads the table.
    pub fn read() -> Self {
        let mut names = Self::default();
        for line in TABLE.lines() {
            let mut words = line.split(' ');
            match words.next() {
                Some("shorthand") => {
                    if let Some(shorthand) = words.next() {
                        names.shorthands.insert(shorthand, words.collect());
                    }
                }
                Some(kind) if !kind.starts_with('#') => {
                    names.kinds.insert(kind, words.collect());
                }
                _ => {}
            }
        }
        names
    }

    fn has(&self, kind: &str, name: &str) -> bool {
        self.kinds.get(kind).is_some_and(|names| names.contains(name.to_ascii_lowercase().as_str()))
    }

    /// Whether there is a property of this name.
    pub fn is_property(&self, name: &str) -> bool {
        self.has("property", name)
    }
    /// Whether there is a pseudo-class of this name.
    pub fn is_pseudo_class(&self, name: &str) -> bool {
        self.has("pseudo-class", name)
    }
    /// Whether there is a pseudo-element of this name.
    pub fn is_pseudo_element(&self, name: &str) -> bool {
        self.has("pseudo-element", name)
    }
    /// Whether there is an at-rule of this name.
    pub fn is_at_rule(&self, name: &str) -> bool {
        self.has("at-rule", name)
    }
    /// Whether there is an element of this name in HTML, SVG or `MathML`.
    pub fn is_element(&self, name: &str) -> bool {
        self.has("element", name)
    }
    /// Whether there is a unit of this name.
    pub fn is_unit(&self, name: &str) -> bool {
        self.has("unit", name)
    }

    /// The longhands of a shorthand, those of its parts too; none of another property.
    pub fn longhands(&self, shorthand: &str) -> Option<&BTreeSet<&'static str>> {
        self.shorthands.get(shorthand)
    }

    /// The nearest property name, for a misspelt one.
    pub fn nearest_property(&self, name: &str) -> Option<&'static str> {
        let properties = self.kinds.get("property")?;
        octavo_toolkit::suggest::nearest(name, properties.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_whatever_their_case() {
        let names = Names::read();
        assert!(names.is_property("COLOR") && !names.is_property("colour"));
        assert!(names.is_pseudo_class("focus-visible") && names.is_pseudo_element("before"));
        assert!(names.is_at_rule("container") && names.is_element("foreignObject") && names.is_unit("Q"));
        assert!(names.longhands("font").is_some_and(|parts| parts.contains("line-height")));
        assert_eq!(names.nearest_property("colr"), Some("color"));
    }
}
