//! What a change of a schema's type or format means at its place.
//!
//! Requests must take every old value, answers must give none but old ones: the same question asked both ways.

use super::schema::{Pair, Place, PlaceKind};
use super::view::View;
use std::collections::BTreeSet;

/// A change of type or format. An empty set of types is any type; an empty format is none.
pub(super) struct TypeChange<'a> {
    /// The base's types.
    pub(super) old: BTreeSet<&'a str>,
    /// The revision's types.
    pub(super) new: BTreeSet<&'a str>,
    /// The base's format.
    pub(super) old_format: &'a str,
    /// The revision's format.
    pub(super) new_format: &'a str,
}

impl TypeChange<'_> {
    /// The change as a part of a rule's id.
    pub(super) fn suffix(&self, place: &Place, root: bool, pair: &Pair<'_, '_>) -> &'static str {
        let both_typed = !self.old.is_empty() && !self.new.is_empty();
        match (place.kind, root) {
            (PlaceKind::Parameter, false) => {
                // How an object is written into a parameter is not said, so both readings must agree.
                match (self.narrows(true), self.narrows(false)) {
                    (true, true) => "type-specialized",
                    (false, false) => "type-generalized",
                    _ => "type-changed",
                }
            }
            (PlaceKind::Parameter, true) => {
                if self.narrows(false) && !(place.parameter.form_explode && self.is_list_of_old(pair)) {
                    "type-changed"
                } else {
                    "type-generalized"
                }
            }
            (PlaceKind::RequestBody, _) => {
                if self.narrows(place.strong) {
                    "type-changed"
                } else if self.old != self.new && both_typed && !covers(&self.new, &self.old) {
                    "type-compatible"
                } else {
                    "type-generalized"
                }
            }
            (PlaceKind::ResponseBody | PlaceKind::ResponseHeader, _) => {
                let reversed = TypeChange {
                    old: self.new.clone(),
                    new: self.old.clone(),
                    old_format: self.new_format,
                    new_format: self.old_format,
                };
                let widened = self.old != self.new && !self.old.is_empty() && covers(&self.new, &self.old);
                match reversed.narrows(place.strong) {
                    true if widened => "type-generalized",
                    true => "type-changed",
                    false if self.old != self.new && both_typed && !covers(&self.old, &self.new) => "type-compatible",
                    false => "type-specialized",
                }
            }
        }
    }

    // Whether some value of the old type and format is none of the new.
    fn narrows(&self, strong: bool) -> bool {
        let type_changed = self.old != self.new;
        let widened = type_changed && !self.old.is_empty() && covers(&self.new, &self.old);
        if type_changed && !widened {
            if self.new.is_empty() {
                return false;
            }
            let added: Vec<&str> = self.new.difference(&self.old).copied().collect();
            let loose = !strong && (added.is_empty() || added == ["string"]);
            if !loose {
                return true;
            }
        }
        self.old_format != self.new_format && !self.format_fits()
    }

    // Whether every value of the old format is one of the new.
    fn format_fits(&self) -> bool {
        if self.new_format.is_empty() {
            return true;
        }
        let types: Vec<&str> = self.new.iter().copied().collect();
        matches!(
            (types.as_slice(), self.old_format, self.new_format),
            (["number"], "float", "double")
                | (["integer"], "int32", "int64" | "bigint")
                | (["integer"], "int64", "bigint")
                | (["string"], "date" | "time", "date-time")
        )
    }

    fn is_list_of_old(&self, pair: &Pair<'_, '_>) -> bool {
        let item = pair.new.sub("items").map(|item| View::new(pair.new.spec(), item));
        let only_list = self.new.iter().copied().eq(["array"]) && !self.old.is_empty() && !self.old.contains("array");
        let fits = |item: &View<'_, '_>| {
            let types = item.types();
            let covered = covers(&types, &self.old) || types.iter().copied().eq(["string"]);
            // What else the item asks for must have been asked for before.
            let own = ["pattern", "enum", "const", "maxLength", "minLength", "maximum", "minimum", "format"];
            covered && own.iter().all(|key| item.digest(key) == pair.old.digest(key))
        };
        only_list && item.is_some_and(|item| fits(&item))
    }
}

// Whether each of the types is one of `by`; an integer is a number.
fn covers(by: &BTreeSet<&str>, types: &BTreeSet<&str>) -> bool {
    types.iter().all(|ty| by.contains(ty) || (*ty == "integer" && by.contains("number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
        names.iter().copied().collect()
    }

    fn narrows(old: &[&str], new: &[&str], formats: (&str, &str), strong: bool) -> bool {
        TypeChange { old: types(old), new: types(new), old_format: formats.0, new_format: formats.1 }.narrows(strong)
    }

    #[test]
    fn a_wider_type_takes_every_old_value() {
        assert!(!narrows(&["integer"], &["number"], ("", ""), true));
        assert!(narrows(&["number"], &["integer"], ("", ""), true));
        assert!(narrows(&["integer"], &["string"], ("", ""), true));
        assert!(!narrows(&["integer"], &["string"], ("", ""), false));
        assert!(!narrows(&["string"], &["string", "integer"], ("", ""), true));
        assert!(narrows(&["string", "integer"], &["string"], ("", ""), true));
        assert!(!narrows(&["string"], &[], ("", ""), true));
        assert!(narrows(&[], &["string"], ("", ""), true));
    }

    #[test]
    fn formats_widen_along_their_ladders() {
        assert!(!narrows(&["integer"], &["integer"], ("int32", "int64"), true));
        assert!(narrows(&["integer"], &["integer"], ("int64", "int32"), true));
        assert!(!narrows(&["string"], &["string"], ("uuid", ""), true));
        assert!(narrows(&["string"], &["string"], ("", "uuid"), true));
        assert!(!narrows(&["string"], &["string"], ("date", "date-time"), true));
    }
}
