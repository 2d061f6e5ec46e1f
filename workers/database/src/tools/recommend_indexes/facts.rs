//! What is known of tables and columns: rows, distinct values, the range they lie in; and what is taken where nothing is said.

use crate::support::schema::{Dialect, Schema, Table};
use octavo_toolkit::ToolError;
use std::collections::BTreeMap;

/// Rows of a table of which nothing is said: enough that reading it whole costs something.
/// Most rows or distinct values that a statistic may state.
pub(super) const MAX_ROWS: f64 = 1e15;
const USUAL_ROWS: f64 = 100_000.0;
/// Distinct values of a column of which nothing is said (`PostgreSQL`: `DEFAULT_NUM_DISTINCT`).
const USUAL_DISTINCT: f64 = 200.0;
/// Bytes of a page, and what a row takes beside its columns.
const PAGE: f64 = 8192.0;
const ROW_HEAD: f64 = 28.0;

/// Statistics by table and column.
#[derive(Debug, Default)]
pub(super) struct Facts {
    rows: BTreeMap<String, f64>,
    columns: BTreeMap<(String, String), Spread>,
}

/// How the values of a column are spread.
#[derive(Debug, Clone, Copy, Default)]
struct Spread {
    distinct: Option<f64>,
    range: Option<(f64, f64)>,
}

/// A count as a number.
pub(super) fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

impl Facts {
    /// Reads `table=rows` and `table.column=distinct low..high`.
    pub(super) fn read(list: &[String]) -> Result<Self, ToolError> {
        let mut facts = Self::default();
        for (at, text) in list.iter().enumerate() {
            let wrong = || {
                ToolError::invalid(
                    format!("/statistics/{at}"),
                    "is no statistic",
                    "\"orders=5000000\", \"orders.status=5\" or \"orders.placed=2400 2019-01-01..2024-06-30\", counts to 1e15",
                )
            };
            let (name, said) = text.split_once('=').ok_or_else(wrong)?;
            let (name, said) = (name.trim().to_lowercase(), said.trim());
            let count = |text: &str| text.parse::<f64>().ok().filter(|count| (0.0..=MAX_ROWS).contains(count));
            let Some((table, column)) = name.rsplit_once('.').filter(|(table, _)| !table.is_empty()) else {
                if name.is_empty() {
                    return Err(wrong());
                }
                facts.rows.insert(name, count(said).ok_or_else(wrong)?);
                continue;
            };
            let mut spread = Spread::default();
            for part in said.split_whitespace() {
                match part.split_once("..") {
                    Some((low, high)) => {
                        spread.range = Some((value(low).ok_or_else(wrong)?, value(high).ok_or_else(wrong)?));
                    }
                    None => spread.distinct = Some(count(part).ok_or_else(wrong)?),
                }
            }
            facts.columns.insert((table.to_owned(), column.to_owned()), spread);
        }
        Ok(facts)
    }

    /// Rows of a table.
    pub(super) fn rows(&self, table: &str) -> f64 {
        self.rows.get(&table.to_lowercase()).copied().unwrap_or(USUAL_ROWS)
    }

    /// Whether rows of no table are said.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Pages of a table.
    pub(super) fn pages(&self, table: &Table) -> f64 {
        let columns: f64 = table.columns.iter().map(|column| width(&column.ty.name, &column.ty.arguments)).sum();
        (self.rows(&table.name) * (ROW_HEAD + columns) / PAGE).ceil().max(1.0)
    }

    /// Distinct values of a column.
    pub(super) fn distinct(&self, schema: &Schema, table: &Table, column: &str, dialect: Dialect) -> f64 {
        let rows = self.rows(&table.name).max(1.0);
        let key = (table.name.to_lowercase(), column.to_lowercase());
        if let Some(distinct) = self.columns.get(&key).and_then(|spread| spread.distinct) {
            return distinct.clamp(1.0, rows);
        }
        if table.keys().iter().any(|key| key.as_slice() == [column]) {
            return rows;
        }
        let parent = table.foreign_keys.iter().find(|key| key.columns.as_slice() == [column]);
        if let Some(parent) = parent {
            return self.rows(&parent.table).clamp(1.0, rows);
        }
        let ty = table.column(column).map(|column| &column.ty);
        let guess = ty.map_or(USUAL_DISTINCT, |ty| {
            let words = schema.enums.iter().find(|(name, _)| *name == ty.name).map(|(_, words)| words.len());
            match (ty.name.as_str(), words) {
                (_, Some(words)) => number(words),
                ("boolean", _) => 2.0,
                ("tinyint", _) if dialect == Dialect::MySql && ty.arguments == ["1"] => 2.0,
                ("enum", _) => number(ty.arguments.len()),
                _ => USUAL_DISTINCT,
            }
        });
        guess.clamp(1.0, rows)
    }

    /// The part of a column's values between two bounds, where its range is known.
    pub(super) fn between(&self, table: &str, column: &str, low: Option<f64>, high: Option<f64>) -> Option<f64> {
        let key = (table.to_lowercase(), column.to_lowercase());
        let (from, to) = self.columns.get(&key)?.range?;
        if to <= from {
            return None;
        }
        let (low, high) = (low.unwrap_or(from).max(from), high.unwrap_or(to).min(to));
        Some(((high - low) / (to - from)).clamp(0.0, 1.0))
    }
}

/// A number, or a day as a number.
pub(super) fn value(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return number.is_finite().then_some(number);
    }
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let mut parts = date.split('-');
    let year: i32 = parts.next()?.parse().ok()?;
    let month: i32 = parts.next()?.parse().ok()?;
    let day: i32 = parts.next()?.parse().ok()?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(0..=9999).contains(&year) {
        return None;
    }
    // Days since 1970 by the civil calendar.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let hour: f64 =
        time.split(':').next().and_then(|hour| hour.parse().ok()).filter(|hour: &f64| hour.is_finite()).unwrap_or(0.0);
    Some(f64::from(days) + hour / 24.0)
}

// Bytes that a value takes, about.
fn width(ty: &str, arguments: &[String]) -> f64 {
    let said = arguments.first().and_then(|text| text.parse::<f64>().ok()).filter(|said| (1.0..=1000.0).contains(said));
    match ty {
        "boolean" | "tinyint" => 1.0,
        "smallint" => 2.0,
        "integer" | "int" | "date" | "real" | "mediumint" => 4.0,
        "numeric" | "decimal" => 8.0,
        "uuid" => 16.0,
        "char" => said.unwrap_or(1.0),
        "varchar" => said.map_or(16.0, |said| (said / 2.0).clamp(4.0, 40.0)),
        "text" | "json" | "jsonb" | "bytea" => 32.0,
        _ => 8.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_by_the_calendar() {
        assert_eq!(value("1970-01-01"), Some(0.0));
        assert_eq!(value("2000-03-01"), Some(11_017.0));
        assert_eq!(value("1994-01-01 12:00:00"), Some(8_766.5));
        assert_eq!(value("12.5"), Some(12.5));
        assert_eq!(value("1994-13-01"), None);
        assert_eq!(value("x"), None);
    }

    #[test]
    fn statistics_are_read() {
        let facts = Facts::read(&["t=10".to_owned(), "t.a=3 0..10".to_owned()]).expect("facts");
        assert!((facts.rows("T") - 10.0).abs() < f64::EPSILON);
        assert_eq!(facts.between("t", "a", Some(5.0), None), Some(0.5));
        assert_eq!(facts.between("t", "b", Some(5.0), None), None);
        assert!(Facts::read(&["t=1e15".to_owned()]).is_ok());
        for wrong in ["t", "=5", "t.a=x", "t=-1", "t.a=1..z", "t=1.1e15", "t.a=1e308", "t=NaN"] {
            assert!(Facts::read(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
