//! The table-level locks of Postgres and what each of them keeps others from doing.
//!
//! Source: Postgres documentation, "Explicit Locking", table of conflicting lock modes.

use serde::Serialize;
use std::fmt;

/// A table-level lock mode, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub enum LockMode {
    /// Taken by reads.
    #[serde(rename = "ACCESS SHARE")]
    AccessShare,
    /// Taken by `SELECT ... FOR UPDATE` and on the referenced side of a validated foreign key.
    #[serde(rename = "ROW SHARE")]
    RowShare,
    /// Taken by writes.
    #[serde(rename = "ROW EXCLUSIVE")]
    RowExclusive,
    /// Keeps out other schema changes and vacuum; reads and writes go on.
    #[serde(rename = "SHARE UPDATE EXCLUSIVE")]
    ShareUpdateExclusive,
    /// Keeps out writes.
    #[serde(rename = "SHARE")]
    Share,
    /// Keeps out writes and itself.
    #[serde(rename = "SHARE ROW EXCLUSIVE")]
    ShareRowExclusive,
    /// Keeps out everything but plain reads.
    #[serde(rename = "EXCLUSIVE")]
    Exclusive,
    /// Keeps out everything, plain reads included.
    #[serde(rename = "ACCESS EXCLUSIVE")]
    AccessExclusive,
}

/// What others must wait for while a lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Blocks {
    /// Nothing that an application does.
    Nothing,
    /// Other schema changes and vacuum.
    SchemaChanges,
    /// Inserts, updates and deletes.
    Writes,
    /// Every read and write.
    ReadsAndWrites,
}

impl LockMode {
    /// The mode as SQL spells it.
    pub const fn sql(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
        }
    }

    /// What others must wait for.
    pub const fn blocks(self) -> Blocks {
        match self {
            Self::AccessShare | Self::RowShare | Self::RowExclusive => Blocks::Nothing,
            Self::ShareUpdateExclusive => Blocks::SchemaChanges,
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => Blocks::Writes,
            Self::AccessExclusive => Blocks::ReadsAndWrites,
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sql())
    }
}

impl Blocks {
    /// The same for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::SchemaChanges => "schema changes",
            Self::Writes => "writes",
            Self::ReadsAndWrites => "reads and writes",
        }
    }
}
