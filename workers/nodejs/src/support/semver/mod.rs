//! npm's semantic versions: versions, ranges and what node-semver computes with them, by its behaviour.
//!
//! `version` owns versions and their order, `partial` the texts that ranges are made of, `range` comparators and ranges,
//! `relations` what holds between ranges, `change` what makes new versions. Nothing here knows of registries or
//! packages. Behaviour is that of semver 7.8 on npm, its limits and its oddities included.

mod change;
mod partial;
mod range;
mod relations;
mod version;

pub use change::{Increment, coerce, difference, increment, truncate};
pub use range::{Comparator, Operator, Range};
pub use relations::{Side, intersects, is_outside, is_subset, max_satisfying, min_satisfying, min_version, simplify};
pub use version::{Identifier, MAX_SAFE_INTEGER, MAX_VERSION_UNITS, Version, clean};

/// How texts are read and prereleases are matched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Options {
    /// Takes versions that people write and the specification does not know, and drops parts of ranges that cannot be read.
    pub loose: bool,
    /// Matches prereleases as any other version.
    pub include_prerelease: bool,
}

/// What JavaScript takes for white space.
pub(crate) fn is_space(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}
