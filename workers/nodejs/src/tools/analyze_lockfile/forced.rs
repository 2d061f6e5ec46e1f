//! Packages whose versions a manifest forces, by `overrides` or `resolutions`.

use crate::support::json::{Node, Object};
use crate::support::lockfile::Manifest;
use std::collections::BTreeSet;

/// Most names in a key such as `a>b` or `**/a`: no manager reads more than a few.
const MAX_KEY_PARTS: usize = 50;

/// What the keys of all manifests name.
#[derive(Debug, Default)]
pub(super) struct Forced<'a> {
    // A key whose value is an object forces what is inside, whatever it is.
    has_nested: bool,
    keys: BTreeSet<&'a str>,
    // What follows a `/` or `>` of a key.
    ends: BTreeSet<&'a str>,
}

impl<'a> Forced<'a> {
    pub(super) fn read(manifests: &[Manifest<'a>]) -> Self {
        let mut forced = Self::default();
        for manifest in manifests {
            forced.add(manifest.object.get("overrides"));
            forced.add(manifest.object.get("resolutions"));
            forced.add(manifest.object.get("pnpm").and_then(|pnpm| pnpm.get("overrides")));
        }
        forced
    }

    fn add(&mut self, node: Option<&'a Node>) {
        for member in node.and_then(Node::as_object).map(Object::members).unwrap_or_default() {
            let key = member.key.as_str();
            self.has_nested |= member.value.as_object().is_some();
            self.keys.insert(key);
            let ends = key.match_indices(['/', '>']).filter_map(|(at, _)| key.get(at + 1..));
            self.ends.extend(ends.take(MAX_KEY_PARTS));
        }
    }

    /// Whether a key names a package, alone, with a version or behind another.
    pub(super) fn names(&self, name: &str) -> bool {
        fn starts(set: &BTreeSet<&str>, start: &str) -> bool {
            set.range(start..).next().is_some_and(|first| first.starts_with(start))
        }
        self.has_nested
            || self.keys.contains(name)
            || starts(&self.keys, &format!("{name}@"))
            || starts(&self.ends, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::json;

    fn forced(overrides: &str, names: &[&str]) -> Vec<bool> {
        let root = json::parse(&format!("{{\"overrides\": {overrides}}}")).expect("JSON");
        let object = root.as_object().expect("an object");
        let forced = Forced::read(&[Manifest { folder: "", object }]);
        names.iter().map(|name| forced.names(name)).collect()
    }

    #[test]
    fn keys_name_packages_alone_with_versions_and_behind_others() {
        let overrides = r#"{"a": "1", "@b/c@2": "1", "**/d": "1", "e@1>f": "1"}"#;
        assert_eq!(
            forced(overrides, &["a", "@b/c", "d", "e", "f", "g", "@b", "aa"]),
            [true, true, true, true, true, false, false, false]
        );
        assert_eq!(forced(r#"{"a": {"b": "1"}}"#, &["z"]), [true]);
    }

    #[test]
    fn as_many_names_of_a_key_count_as_the_limit_says() {
        let key = |parts: usize| format!("{{\"{}z\": \"1\"}}", "a>".repeat(parts));
        assert_eq!(forced(&key(MAX_KEY_PARTS), &["z"]), [true]);
        assert_eq!(forced(&key(MAX_KEY_PARTS + 1), &["z"]), [false]);
    }
}
