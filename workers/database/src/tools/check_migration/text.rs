//! What migration files hold beside SQL: `COPY` data, psql's own commands, markers of migration tools.

use std::borrow::Cow;
use std::ops::Range;

/// What a file says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Markers {
    /// The parts that undo the migration.
    pub(super) down: Vec<Range<usize>>,
    /// Whether it asks to be run without a transaction.
    pub(super) no_transaction: bool,
}

// Comments by which goose, sql-migrate and dbmate start the two halves of a file.
const DOWN: &[&str] = &["+goose down", "+migrate down", "migrate:down"];
const UP: &[&str] = &["+goose up", "+migrate up", "migrate:up"];

// Comments by which goose, sql-migrate, dbmate, sqlx and squawk turn the transaction off.
const NO_TRANSACTION: &[&str] = &["+goose no transaction", "no-transaction", "squawk-disable-assume-in-transaction"];

/// Reads the markers in a file's comments.
pub(super) fn markers(path: Option<&str>, text: &str) -> Markers {
    let mut found = Markers::default();
    let name = path.unwrap_or_default().rsplit('/').next().unwrap_or_default();
    if name == "down.sql" || name.ends_with(".down.sql") {
        found.down.push(0..text.len());
    }
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let comment = comment_of(line);
        if let Some(comment) = comment {
            let starts = |words: &[&str]| words.iter().any(|word| comment.starts_with(word));
            if starts(DOWN) {
                start.get_or_insert(at);
            } else if starts(UP)
                && let Some(start) = start.take()
            {
                found.down.push(start..at);
            }
            found.no_transaction |= starts(NO_TRANSACTION)
                || comment.contains("transaction:false")
                || (starts(UP) && comment.contains("notransaction"));
        }
        at += line.len();
    }
    found.down.extend(start.map(|start| start..text.len()));
    found
}

fn comment_of(line: &str) -> Option<String> {
    let line = line.trim();
    let inner =
        line.strip_prefix("--").or_else(|| line.strip_prefix("/*").map(|inner| inner.trim_end_matches("*/")))?;
    Some(inner.trim().to_ascii_lowercase())
}

/// The text with `COPY` data and psql's commands blanked, byte for byte, and how many lines were.
pub(super) fn without_psql(text: &str) -> (Cow<'_, str>, usize) {
    if !text.lines().any(|line| line.starts_with('\\')) {
        return (Cow::Borrowed(text), 0);
    }
    let mut kept = String::with_capacity(text.len());
    let mut in_data = false;
    let mut blanked = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        if in_data || content.starts_with('\\') {
            kept.extend(std::iter::repeat_n(' ', content.len()));
            kept.push_str(line.get(content.len()..).unwrap_or_default());
            blanked += 1;
            in_data = in_data && content != "\\.";
        } else {
            kept.push_str(line);
            let lower = content.trim().to_ascii_lowercase();
            in_data = lower.starts_with("copy ") && lower.ends_with(';') && lower.contains(" from stdin");
        }
    }
    (Cow::Owned(kept), blanked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_data_is_blanked_in_place() {
        let text = "COPY t FROM stdin;\n1\t\u{e9}\n\\.\nselect 1;\n\\connect x\n";
        let (kept, blanked) = without_psql(text);
        assert_eq!(kept, "COPY t FROM stdin;\n    \n  \nselect 1;\n          \n");
        assert_eq!((kept.len(), blanked), (text.len(), 3));
        assert_eq!(without_psql("select 1;").1, 0);
    }

    #[test]
    fn halves_of_a_file_are_told_apart() {
        let text = "-- +goose Up\nA;\n-- +goose Down\nB;\n";
        assert_eq!(markers(None, text).down.first(), Some(&(16..text.len())));
        let text = "-- migrate:down\nB;\n-- migrate:up transaction:false\nA;\n";
        let found = markers(None, text);
        assert_eq!(found.down.first(), Some(&(0..19)));
        assert!(found.no_transaction);
        assert_eq!(markers(Some("db/1_x.down.sql"), "A;").down.first(), Some(&(0..2)));
        assert_eq!(markers(Some("db/touchdown.sql"), "A;").down, []);
    }
}
