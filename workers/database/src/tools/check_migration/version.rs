//! Syntax that came with a version, for servers that are older.

use super::effects::Effects;
use super::model::{Model, has_token, span};
use super::rules;
use squawk_syntax::{SyntaxKind, SyntaxNode};

impl Model<'_> {
    pub(super) fn needs_version(&self, node: &SyntaxNode, effects: &mut Effects) {
        for part in node.descendants() {
            let Some((version, what)) = introduced(&part) else { continue };
            if self.version < version {
                let message = format!("{what} came with PostgreSQL {version}; the target is {}", self.version);
                effects.problem(&rules::NEEDS_NEWER_VERSION, message, span(&part));
            }
        }
    }
}

// The version a piece of syntax came with, where that is after the oldest version the tool knows.
fn introduced(node: &SyntaxNode) -> Option<(u16, &'static str)> {
    let parent = node.parent().map(|parent| parent.kind());
    let has_child = |kind: SyntaxKind| node.children_with_tokens().any(|child| child.kind() == kind);
    Some(match node.kind() {
        SyntaxKind::GENERATED_STORED if has_child(SyntaxKind::VIRTUAL) => (18, "a virtual generated column"),
        SyntaxKind::GENERATED_STORED => (12, "a generated column"),
        SyntaxKind::REINDEX if has_token(node, SyntaxKind::CONCURRENTLY_KW) => (12, "REINDEX CONCURRENTLY"),
        SyntaxKind::USING_METHOD if parent == Some(SyntaxKind::CREATE_TABLE) => (12, "a table access method"),
        SyntaxKind::DROP_EXPRESSION => (13, "DROP EXPRESSION"),
        SyntaxKind::DETACH_CONCURRENTLY => (14, "DETACH PARTITION CONCURRENTLY"),
        SyntaxKind::DETACH_FINALIZE => (14, "DETACH PARTITION FINALIZE"),
        SyntaxKind::SET_COMPRESSION | SyntaxKind::COMPRESSION_METHOD => (14, "column compression"),
        SyntaxKind::OR_REPLACE if parent == Some(SyntaxKind::CREATE_TRIGGER) => (14, "CREATE OR REPLACE TRIGGER"),
        SyntaxKind::NULLS_NOT_DISTINCT => (15, "NULLS NOT DISTINCT"),
        SyntaxKind::MERGE => (15, "MERGE"),
        SyntaxKind::SET_ACCESS_METHOD => (15, "SET ACCESS METHOD"),
        SyntaxKind::STORAGE if parent == Some(SyntaxKind::COLUMN) => (16, "STORAGE of a new column"),
        SyntaxKind::SET_EXPRESSION => (17, "SET EXPRESSION"),
        SyntaxKind::NOT_ENFORCED | SyntaxKind::ENFORCED => (18, "an enforcement clause"),
        SyntaxKind::WITHOUT_OVERLAPS | SyntaxKind::PERIOD_COLUMN => (18, "a temporal key"),
        SyntaxKind::NOT_NULL_CONSTRAINT if parent == Some(SyntaxKind::ADD_CONSTRAINT) => {
            (18, "ADD CONSTRAINT ... NOT NULL")
        }
        SyntaxKind::REPACK => (19, "REPACK"),
        SyntaxKind::SPLIT_PARTITION => (19, "SPLIT PARTITION"),
        SyntaxKind::MERGE_PARTITIONS => (19, "MERGE PARTITIONS"),
        SyntaxKind::CREATE_PROPERTY_GRAPH => (19, "a property graph"),
        _ => return None,
    })
}
