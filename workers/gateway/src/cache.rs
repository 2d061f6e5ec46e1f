//! Which results are kept and under what name: a tool is a pure function of its arguments, so the same call of the same
//! version of its worker has the same result.
//!
//! The shell keeps the worker's frames, in the isolate's memory and behind it in the platform's cache; this file says what
//! they are called, and who takes them. Failures are never kept. A new version of a worker changes every name.

use crate::seal::hex;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a caller lets a cache do, by its `Cache-Control`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// A kept result will do.
    #[default]
    Any,
    /// The tool is to run; its result may be kept (`no-cache`).
    New,
    /// Nothing is to be kept either (`no-store`).
    Unkept,
}

impl Freshness {
    /// From the header's value.
    pub(crate) fn of(cache_control: Option<&str>) -> Self {
        let has = |word: &str| {
            let mut directives = cache_control.unwrap_or_default().split(',');
            directives.any(|directive| directive.trim().eq_ignore_ascii_case(word))
        };
        match (has("no-store"), has("no-cache") || has("max-age=0")) {
            (true, _) => Self::Unkept,
            (_, true) => Self::New,
            _ => Self::Any,
        }
    }
}

/// What a cache said of a call, for its result and its log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cached {
    /// It had the result, whose making took so many milliseconds.
    Hit {
        /// Those milliseconds.
        saved_ms: u64,
    },
    /// It had none, or was not to be asked.
    Miss,
}

impl Cached {
    /// The word in the log line and in metrics.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Hit { .. } => "hit",
            Self::Miss => "miss",
        }
    }

    /// The member of a result's `_meta`.
    pub(crate) fn meta(self) -> String {
        match self {
            Self::Hit { saved_ms } => format!(r#""dev.octavo/cache":{{"status":"hit","savedMs":{saved_ms}}}"#),
            Self::Miss => r#""dev.octavo/cache":{"status":"miss"}"#.to_owned(),
        }
    }
}

/// The name of a result: SHA-256, in hexadecimal, over who may share it, the worker, its version, the tool and the arguments
/// with the output options among them. Arguments are the same when their members are, in any order, a null being none;
/// what is within a member counts as it was written.
pub(crate) fn key(audience: &str, binding: &str, version: &str, tool: &str, arguments: &str) -> String {
    let mut hasher = Sha256::new();
    for part in [audience, binding, version, tool] {
        piece(&mut hasher, part);
    }
    match members(arguments) {
        None => piece(&mut hasher, arguments),
        Some(members) => {
            for (name, value) in members {
                piece(&mut hasher, &name);
                // Beside the tool's own fields stand the output options, an object of the same kind.
                match members_of_output(&name, value) {
                    None => piece(&mut hasher, value.get()),
                    Some(options) => options.iter().for_each(|(name, value)| {
                        piece(&mut hasher, name);
                        piece(&mut hasher, value.get());
                    }),
                }
            }
        }
    }
    hex(&hasher.finalize())
}

// Each piece with its length, so that no two lists of pieces are the same bytes.
fn piece(hasher: &mut Sha256, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

// None where it is no object. Of a member that is there twice the last counts: a tool refuses that, and no refusal is kept.
fn members(json: &str) -> Option<Members<'_>> {
    let mut members: Members<'_> = serde_json::from_str(json).ok()?;
    members.retain(|_, value| value.get() != "null");
    Some(members)
}

fn members_of_output<'a>(name: &str, value: &'a RawValue) -> Option<Members<'a>> {
    (name == "output").then(|| members(value.get())).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arguments: &str) -> String {
        key("", "B", "v1", "t", arguments)
    }

    #[test]
    fn the_same_call_has_the_same_name() {
        let name = of(r#"{"a":1,"source":"x","output":{"minLevel":"error","format":"sarif"}}"#);
        assert_eq!(name.len(), 64);
        for same in [
            r#"{"source":"x","output":{"format":"sarif","minLevel":"error"},"a":1}"#,
            r#" { "source" : "x" , "b":null, "output":{"format":"sarif","cursor":null,"minLevel":"error"},"a":1}"#,
        ] {
            assert_eq!(of(same), name, "{same}");
        }
    }

    #[test]
    fn whatever_differs_has_another_name() {
        let arguments = r#"{"a":1,"source":"x","output":{"minLevel":"error"}}"#;
        let mut names = vec![
            of(arguments),
            key("someone", "B", "v1", "t", arguments),
            key("", "C", "v1", "t", arguments),
            key("", "B", "v2", "t", arguments),
            key("", "B", "v1", "u", arguments),
            key("", "Bv1", "", "t", arguments),
            of(r#"{"a":1,"source":"x","output":{"minLevel":"info"}}"#),
            of(r#"{"a":1,"source":"x","output":{"format":"error"}}"#),
            of(r#"{"a":1,"source":"x"}"#),
            of(r#"{"a":1,"source":"x","output":[]}"#),
            of(r#"{"a":1,"source":"y","output":{"minLevel":"error"}}"#),
            of(r#"{"a":2,"source":"x","output":{"minLevel":"error"}}"#),
            of(r#"{"a":1,"sources":"x","output":{"minLevel":"error"}}"#),
            of("{}"),
            of("[]"),
            of(""),
            of("{"),
        ];
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn one_changed_byte_misses() {
        let arguments = r#"{"path":"a/b.rs","source":"fn main() {}"}"#;
        for at in 0..arguments.len() {
            let mut bytes = arguments.as_bytes().to_vec();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_ne!(of(&changed), of(arguments), "{changed}");
        }
    }

    #[test]
    fn callers_can_ask_for_new_results() {
        for (header, freshness) in [
            (None, Freshness::Any),
            (Some("max-age=60"), Freshness::Any),
            (Some("No-Cache"), Freshness::New),
            (Some("max-age=0"), Freshness::New),
            (Some("no-cache, no-store"), Freshness::Unkept),
        ] {
            assert_eq!(Freshness::of(header), freshness, "{header:?}");
        }
    }
}
