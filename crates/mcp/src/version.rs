//! The protocol versions served, and what differs between them.

use std::fmt;

/// A served protocol version, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 2024-11-05, over Streamable HTTP.
    V2024_11_05,
    /// 2025-03-26; the version of a request without the version header.
    V2025_03_26,
    /// 2025-06-18.
    V2025_06_18,
    /// 2025-11-25, the last version with `initialize`.
    V2025_11_25,
    /// 2026-07-28, stateless, under the envelope.
    V2026_07_28,
}

/// The versions served under the envelope of `_meta`, as `server/discover` names them.
pub const MODERN: &[Version] = &[Version::V2026_07_28];

impl Version {
    /// Every served version, oldest first.
    pub const ALL: &'static [Self] =
        &[Self::V2024_11_05, Self::V2025_03_26, Self::V2025_06_18, Self::V2025_11_25, Self::V2026_07_28];

    /// What `initialize` answers when it is asked for a version that it does not serve.
    pub const LATEST_LEGACY: Self = Self::V2025_11_25;

    /// The version's date.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V2024_11_05 => "2024-11-05",
            Self::V2025_03_26 => "2025-03-26",
            Self::V2025_06_18 => "2025-06-18",
            Self::V2025_11_25 => "2025-11-25",
            Self::V2026_07_28 => "2026-07-28",
        }
    }

    /// The version of this date, if it is served.
    pub fn from_date(date: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|version| version.as_str() == date)
    }

    /// Whether requests carry the envelope in `_meta` instead of a handshake.
    pub const fn is_modern(self) -> bool {
        matches!(self, Self::V2026_07_28)
    }

    /// Whether tools have structured results, and whatever is listed has titles (since 2025-06-18).
    pub fn has_structured_content(self) -> bool {
        self >= Self::V2025_06_18
    }

    /// Whether tools have annotations, progress has messages and completion is a capability (since 2025-03-26).
    pub fn has_annotations(self) -> bool {
        self >= Self::V2025_03_26
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
