//! A profile, whatever format it came in: its call tree, its length, and how sound the recording is.

use crate::support::call_tree::CallTree;
use serde::Serialize;

/// One thread's profile.
#[derive(Debug)]
pub(super) struct Profile {
    /// The thread, where the format names it; else empty.
    pub(super) name: String,
    pub(super) unit: Unit,
    pub(super) tree: CallTree,
    /// From beginning to end, idle time included.
    pub(super) length: f64,
    pub(super) idle: f64,
    pub(super) quality: Quality,
}

/// What weights count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unit {
    Microseconds,
    Samples,
    /// Another, as the format names it.
    Other(String),
}

impl Unit {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Microseconds => "microseconds",
            Self::Samples => "samples",
            Self::Other(name) => name,
        }
    }
}

/// What was amiss with a recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Quality {
    pub(super) samples: usize,
    /// Samples of nodes that the profile does not have.
    pub(super) unknown_nodes: usize,
    /// Samples without a time.
    pub(super) missing_deltas: usize,
    /// Samples taken before the one before.
    pub(super) backward_deltas: usize,
    /// Stacks deeper than is followed, or whose callers go in a circle.
    pub(super) cut_stacks: usize,
    /// Ends without a beginning, beginnings without an end.
    pub(super) unbalanced_events: usize,
    /// Lines, events or samples that cannot be read.
    pub(super) unreadable: usize,
}

/// A weight: whole where it is whole, else to a thousandth.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Amount(pub f64);

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rounded = (self.0 * 1000.0).round() / 1000.0;
        if rounded.fract() == 0.0 && rounded.abs() < 9e15 {
            // Whole and below 2^53.
            #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
            return serializer.serialize_i64(rounded as i64);
        }
        serializer.serialize_f64(rounded)
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number" })
    }
    fn inline_schema() -> bool {
        true
    }
}
