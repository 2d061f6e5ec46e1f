//! The ways that block less, as SQL with the names filled in.
//!
//! Suggestions are text, not fixes: they split a migration in several, which a tool cannot do for its user.

use crate::support::postgres::name::{ObjectName, quoted_where_needed};
use octavo_toolkit::limits::excerpt;
use squawk_syntax::{SyntaxKind, SyntaxNode};

fn shown(name: &ObjectName) -> String {
    excerpt(&name.to_string())
}

fn column_shown(column: &str) -> String {
    excerpt(&quoted_where_needed(column))
}

/// For an index that keeps writers out.
pub(super) fn create_index(statement: &SyntaxNode) -> String {
    let unique = statement.children_with_tokens().any(|child| child.kind() == SyntaxKind::UNIQUE_KW);
    let unique = if unique { "UNIQUE " } else { "" };
    format!(
        "CREATE {unique}INDEX CONCURRENTLY in a migration without a transaction; if it fails, drop the INVALID index it leaves"
    )
}

/// For an index on a partitioned table.
pub(super) fn index_partitions(table: &ObjectName) -> String {
    format!(
        "CREATE INDEX ... ON ONLY {}, then CREATE INDEX CONCURRENTLY on each partition and ALTER INDEX ... ATTACH PARTITION",
        shown(table)
    )
}

/// For dropping an index.
pub(super) fn drop_index(index: &ObjectName) -> String {
    format!("DROP INDEX CONCURRENTLY {} in a migration without a transaction", shown(index))
}

/// For building indexes anew.
pub(super) fn reindex(what: &str, name: &ObjectName) -> String {
    format!("REINDEX {what} CONCURRENTLY {} (12+) outside a transaction", shown(name))
}

/// For a column that every row must be given a value of.
pub(super) fn fill_in_steps(table: &ObjectName, column: &str) -> String {
    let (table, column) = (shown(table), column_shown(column));
    format!(
        "ALTER TABLE {table} ADD COLUMN {column} without the default; ALTER COLUMN {column} SET DEFAULT for new rows; \
         fill old rows in batches"
    )
}

/// For a stored generated column.
pub(super) fn stored_column(table: &ObjectName, column: &str) -> String {
    format!(
        "add {} to {} as a plain column kept by a trigger and filled in batches, or compute it in a view",
        column_shown(column),
        shown(table)
    )
}

/// For a column of a domain with constraints.
pub(super) fn plain_type(table: &ObjectName, column: &str) -> String {
    format!("add {} to {} with the domain's base type and a CHECK ... NOT VALID", column_shown(column), shown(table))
}

/// For a check that comes with a new column.
pub(super) fn check_later(table: &ObjectName, column: &str) -> String {
    let table = shown(table);
    format!(
        "ALTER TABLE {table} ADD COLUMN {} without the CHECK; then ADD CONSTRAINT ... CHECK (...) NOT VALID; \
         then VALIDATE CONSTRAINT in a later transaction",
        column_shown(column)
    )
}

/// For SET NOT NULL on a table with rows.
pub(super) fn set_not_null(table: &ObjectName, column: &str, version: u16) -> String {
    let name = excerpt(&quoted_where_needed(&format!("{}_{column}_not_null", table.name)));
    let (table, column) = (shown(table), column_shown(column));
    if version >= 18 {
        return format!(
            "ALTER TABLE {table} ADD CONSTRAINT {name} NOT NULL {column} NOT VALID; then, in another transaction, \
             ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
        );
    }
    let last = if version >= 12 {
        format!("; then ALTER COLUMN {column} SET NOT NULL (no scan from 12 on) and DROP CONSTRAINT {name}")
    } else {
        " and keep the check: before 12 SET NOT NULL scans all the same".to_owned()
    };
    format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID; then, in another transaction, \
         ALTER TABLE {table} VALIDATE CONSTRAINT {name}{last}"
    )
}

/// For another type of a column.
pub(super) fn change_type(table: &ObjectName, column: &str) -> String {
    format!(
        "add a new column to {}, keep it equal to {} by a trigger, fill it in batches, then swap the names in one short transaction",
        shown(table),
        column_shown(column)
    )
}

/// For timestamps that gain or lose their zone.
pub(super) fn in_utc(table: &ObjectName, column: &str, to: &str) -> String {
    format!(
        "where the stored times are UTC: SET LOCAL timezone = 'UTC' before ALTER TABLE {} ALTER COLUMN {} TYPE {}",
        shown(table),
        column_shown(column),
        excerpt(to)
    )
}

/// For a constraint that is checked at once.
pub(super) fn validate_later(table: &ObjectName, constraint: &SyntaxNode, name: &str) -> String {
    let (table, name) = (shown(table), column_shown(name));
    let what = if constraint.kind() == SyntaxKind::FOREIGN_KEY_CONSTRAINT {
        "FOREIGN KEY ... REFERENCES ..."
    } else {
        "CHECK (...)"
    };
    format!(
        "ALTER TABLE {table} ADD CONSTRAINT {name} {what} NOT VALID; then, in another transaction, \
         ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
    )
}

/// For a key that builds its index under lock.
pub(super) fn key_from_index(table: &ObjectName, constraint: &SyntaxNode, name: &str) -> String {
    let (table, name) = (shown(table), column_shown(name));
    let kind = if constraint.kind() == SyntaxKind::PRIMARY_KEY_CONSTRAINT { "PRIMARY KEY" } else { "UNIQUE" };
    format!(
        "CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} (...); then ALTER TABLE {table} ADD CONSTRAINT {name} {kind} \
         USING INDEX {name}"
    )
}

/// For a table that becomes a partition.
pub(super) fn attach(partition: &ObjectName) -> String {
    let partition = shown(partition);
    format!(
        "first ALTER TABLE {partition} ADD CONSTRAINT ... CHECK (the bounds) NOT VALID and, in another transaction, VALIDATE it; \
         ATTACH then skips the scan"
    )
}

/// For a partition that is detached.
pub(super) fn detach(table: &ObjectName, partition: &ObjectName) -> String {
    format!(
        "ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY (14+) outside a transaction",
        shown(table),
        shown(partition)
    )
}

/// For VACUUM FULL and CLUSTER.
pub(super) fn repack(table: &ObjectName) -> String {
    format!("pg_repack or pg_squeeze on {}, which rewrite without keeping readers out; or plain VACUUM", shown(table))
}

/// For a materialized view.
pub(super) fn refresh(view: &ObjectName) -> String {
    format!("REFRESH MATERIALIZED VIEW CONCURRENTLY {} (needs a unique index on it)", shown(view))
}

/// For an UPDATE or DELETE of every row.
pub(super) fn batches(table: &ObjectName) -> String {
    format!("write {} in batches by key, each in a transaction of its own, outside the schema migration", shown(table))
}
