//! What operators may ask: parsing of the query string, shape of the answer.

use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;

/// Lines answered when no number is asked for.
pub const DEFAULT_LIMIT: u32 = 100;
/// Most lines in one answer: one page of a KV list.
pub const MAX_LIMIT: u32 = 1000;

/// A query that cannot be answered.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// A parameter that is not known here.
    #[error("unknown parameter; accepted: limit")]
    UnknownParameter,
    /// A limit out of range.
    #[error("limit must be a whole number from 1 to {MAX_LIMIT}")]
    Limit,
}

/// A question for log lines.
#[derive(Debug, PartialEq, Eq)]
pub struct LogQuery {
    /// Most lines answered.
    pub limit: u32,
}

/// Log lines, newest first.
#[derive(Debug, Serialize)]
pub struct LogAnswer {
    /// The lines.
    pub data: Vec<Box<RawValue>>,
    /// Whether there are no older ones.
    pub complete: bool,
}

impl LogQuery {
    /// Reads the parameters of `/v1/logs`.
    pub fn parse<'a>(
        parameters: impl Iterator<Item = (impl AsRef<str> + 'a, impl AsRef<str> + 'a)>,
    ) -> Result<Self, QueryError> {
        let mut query = Self { limit: DEFAULT_LIMIT };
        for (name, value) in parameters {
            match name.as_ref() {
                "limit" => {
                    let limit = value.as_ref().parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                    query.limit = limit.ok_or(QueryError::Limit)?;
                }
                _ => return Err(QueryError::UnknownParameter),
            }
        }
        Ok(query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_checked() {
        let parse = |pairs: &[(&'static str, &'static str)]| LogQuery::parse(pairs.iter().copied());
        assert_eq!(parse(&[]), Ok(LogQuery { limit: DEFAULT_LIMIT }));
        assert_eq!(parse(&[("limit", "1000")]), Ok(LogQuery { limit: 1000 }));
        for bad in ["0", "1001", "-1", "ten", ""] {
            assert_eq!(parse(&[("limit", bad)]), Err(QueryError::Limit), "{bad}");
        }
        assert_eq!(parse(&[("limti", "5")]), Err(QueryError::UnknownParameter));
    }
}
