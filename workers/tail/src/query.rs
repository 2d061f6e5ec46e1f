//! What operators may ask: parsing of the query string, filters over lines and over rollups, cursors.
//!
//! A parameter that is not known is an error that names the accepted ones: an ignored filter would answer another question.

use crate::rollup::Key;
use crate::segment::{Facets, kind_bit, status_bit, worker_bit};
use octavo_suggest::nearest;
use octavo_telemetry::{Kind, LogLine, Status};
use std::fmt;
use thiserror::Error;

/// Lines answered when no number is asked for.
pub const DEFAULT_LIMIT: usize = 100;
/// Most lines in one answer.
pub const MAX_LIMIT: usize = 1000;
/// Longest value of a parameter, in bytes.
const MAX_VALUE_BYTES: usize = 256;
/// Most values in one query.
const MAX_VALUES: usize = 64;

/// A query that cannot be answered.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum QueryError {
    /// A parameter that is not known here.
    #[error("{name} is no parameter here{hint}; accepted: {accepted}")]
    Unknown {
        /// What was given.
        name: String,
        /// The nearest accepted one.
        hint: String,
        /// What is accepted.
        accepted: String,
    },
    /// A value that cannot be read.
    #[error("{name} takes {takes}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What it takes.
        takes: &'static str,
    },
    /// Too much at once.
    #[error("a query takes at most {MAX_VALUES} values of at most {MAX_VALUE_BYTES} bytes")]
    TooLong,
    /// A cursor of another query.
    #[error("the cursor belongs to another query; keep the filters, or begin without it")]
    Cursor,
}

macro_rules! fields {
    ($($variant:ident $name:literal $stored:literal $about:literal)*) => {
        /// A field of a line that can be asked for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Field { $(#[doc = $about] $variant,)* }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The parameter's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }

            /// Whether rollups hold it; the others are in lines only.
            pub const fn is_counted(self) -> bool {
                match self { $(Self::$variant => $stored,)* }
            }
        }
    };
}

fields! {
    Worker "worker" true "The worker that printed the line, with or without `octavo-`."
    Tool "tool" true "Full tool name."
    Method "method" true "MCP method."
    Kind "kind" true "`mcp`, `tool` or `web`."
    Status "status" true "`ok`, `tool_error`, `rpc_error`, `exception`, `limit`, `disconnect`; `error` stands for all errors."
    ErrorType "error_type" true "Fixed word for what went wrong."
    Client "client" true "Client's own name."
    ClientVersion "client_version" true "Client's own version."
    Protocol "protocol" true "MCP version spoken."
    Version "version" true "Deployed version of the worker."
    Cache "cache" true "`hit` or `miss`."
    Colo "colo" false "Data centre."
    Outcome "outcome" false "How the platform says the invocation ended, where not `ok`."
    TraceId "trace_id" false "The trace."
    Session "session" false "Keyed digest of the session."
    Principal "principal" false "Keyed digest of the principal."
}

impl Field {
    /// The field of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    fn of_line<'l>(self, line: &'l LogLine<'_>) -> Option<&'l str> {
        match self {
            Self::Worker => Some(&line.worker),
            Self::Tool => line.tool.as_deref(),
            Self::Method => line.method.as_deref(),
            Self::Kind => Some(line.kind.name()),
            Self::Status => Some(line.status.name()),
            Self::ErrorType => line.error_type.as_deref(),
            Self::Client => line.client.as_deref(),
            Self::ClientVersion => line.client_version.as_deref(),
            Self::Protocol => line.protocol.as_deref(),
            Self::Version => line.version.as_deref(),
            Self::Cache => line.cache.as_deref(),
            Self::Colo => line.colo.as_deref(),
            Self::Outcome => line.outcome.as_deref(),
            Self::TraceId => Some(&line.trace_id),
            Self::Session => line.session_hash.as_deref(),
            Self::Principal => line.principal_hash.as_deref(),
        }
    }

    /// The field of a cell; of one that rollups do not hold, nothing.
    pub fn of_cell(self, key: &Key) -> Option<&str> {
        match self {
            Self::Worker => Some(&key.worker),
            Self::Tool => key.tool.as_deref(),
            Self::Method => key.method.as_deref(),
            Self::Kind => Some(key.kind.name()),
            Self::Status => Some(key.status.name()),
            Self::ErrorType => key.error_type.as_deref(),
            Self::Client => key.client.as_deref(),
            Self::ClientVersion => key.client_version.as_deref(),
            Self::Protocol => key.protocol.as_deref(),
            Self::Version => key.version.as_deref(),
            Self::Cache => key.cache.as_deref(),
            Self::Colo | Self::Outcome | Self::TraceId | Self::Session | Self::Principal => None,
        }
    }
}

/// What a field must be: one of some values, none of others.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    field: Field,
    one_of: Vec<String>,
    none_of: Vec<String>,
}

impl Condition {
    fn holds(&self, value: Option<&str>) -> bool {
        let is = |wanted: &String| {
            value == Some(wanted)
                || (self.field == Field::Status && wanted == "error" && value.is_some_and(is_error))
                || (self.field == Field::Worker && value.and_then(|name| name.strip_prefix("octavo-")) == Some(wanted))
        };
        (self.one_of.is_empty() || self.one_of.iter().any(is)) && !self.none_of.iter().any(is)
    }

    // Whether one of all values with a bit each can be in the mask.
    fn admits<'v>(&self, values: impl Iterator<Item = (&'v str, u32)>, mask: u32) -> bool {
        values.into_iter().any(|(value, bit)| mask & bit != 0 && self.holds(Some(value)))
    }
}

fn is_error(status: &str) -> bool {
    Status::ALL.iter().any(|known| known.name() == status && known.is_error())
}

/// What lines must be. All conditions hold together; the values of one field stand for each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    conditions: Vec<Condition>,
    min_ms: u64,
    text: Option<String>,
}

impl Filter {
    /// One more value of a field; `!` in front excludes it.
    pub fn require(&mut self, field: Field, value: &str) {
        let at = self.conditions.iter().position(|condition| condition.field == field).unwrap_or_else(|| {
            self.conditions.push(Condition { field, one_of: Vec::new(), none_of: Vec::new() });
            self.conditions.len() - 1
        });
        if let Some(condition) = self.conditions.get_mut(at) {
            match value.strip_prefix('!') {
                Some(value) => condition.none_of.push(value.to_owned()),
                None => condition.one_of.push(value.to_owned()),
            }
        }
    }

    /// Whether a line is asked for.
    pub fn takes(&self, line: &LogLine<'_>) -> bool {
        line.dur_ms >= self.min_ms
            && self.conditions.iter().all(|condition| condition.holds(condition.field.of_line(line)))
            && self.text.as_deref().is_none_or(|text| line.to_json().to_ascii_lowercase().contains(text))
    }

    /// Whether a cell of a rollup is asked for.
    pub fn takes_cell(&self, key: &Key) -> bool {
        self.conditions.iter().all(|condition| condition.holds(condition.field.of_cell(key)))
    }

    /// Whether a segment can hold a line that is asked for.
    pub fn admits(&self, facets: &Facets) -> bool {
        self.conditions.iter().all(|condition| match condition.field {
            Field::Status => condition.admits(Status::ALL.iter().map(|s| (s.name(), status_bit(*s))), facets.s),
            Field::Kind => {
                let kinds = [Kind::Mcp, Kind::Tool, Kind::Web, Kind::Ops];
                condition.admits(kinds.iter().map(|kind| (kind.name(), kind_bit(*kind))), facets.k)
            }
            Field::Worker if !condition.one_of.is_empty() => condition.one_of.iter().any(|name| {
                let full = if name.starts_with("octavo-") { name.clone() } else { format!("octavo-{name}") };
                facets.w & worker_bit(&full) != 0
            }),
            Field::Tool | Field::TraceId if !condition.one_of.is_empty() => {
                condition.one_of.iter().any(|value| facets.may_hold(value))
            }
            Field::Principal if !condition.one_of.is_empty() => {
                condition.one_of.iter().any(|value| facets.may_hold_principal(value))
            }
            _ => true,
        })
    }

    /// Whether no line that ended in `ok` is asked for.
    pub fn excludes_ok(&self) -> bool {
        let on_status = self.conditions.iter().find(|condition| condition.field == Field::Status);
        on_status.is_some_and(|condition| !condition.holds(Some(Status::Ok.name())))
    }

    // Tells queries apart, so that a cursor goes with its own.
    fn digest(&self) -> u32 {
        let text = format!("{self:?}");
        let hash = crate::ingest::mixed(&[&text]);
        #[expect(clippy::cast_possible_truncation, reason = "folded")]
        let folded = (hash ^ (hash >> 32)) as u32;
        folded
    }
}

/// A place in the order of lines, newest first: just after the line of this time and span. It names a line and no key, so
/// it holds wherever the line is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Time of the line.
    pub ts: u64,
    /// Its span; `~`, which sorts after all spans, for the place before all lines of that time.
    pub span: String,
}

impl Cursor {
    /// The place just after a line.
    pub fn after(line: &LogLine<'_>) -> Self {
        Self { ts: line.ts, span: line.span_id.to_string() }
    }

    /// Whether a line is still to come.
    pub fn is_before(&self, line: &LogLine<'_>) -> bool {
        (line.ts, line.span_id.as_ref()) < (self.ts, self.span.as_str())
    }

    /// The cursor as text.
    pub fn to_text(&self, filter: &Filter) -> String {
        format!("1-{:08x}-{:x}-{}", filter.digest(), self.ts, self.span)
    }

    /// Reads a cursor; `filter` is checked where one is given.
    pub fn parse(text: &str, filter: Option<&Filter>) -> Result<Self, QueryError> {
        let mut parts = text.splitn(4, '-');
        let mut read = || {
            let version = parts.next()?;
            let digest = u32::from_str_radix(parts.next()?, 16).ok()?;
            let ts = u64::from_str_radix(parts.next()?, 16).ok()?;
            let span = parts.next()?.to_owned();
            (version == "1").then_some((digest, Self { ts, span }))
        };
        let (digest, cursor) =
            read().ok_or(QueryError::Value { name: "cursor", takes: "the next_cursor of an answer" })?;
        if filter.is_some_and(|filter| filter.digest() != digest) {
            return Err(QueryError::Cursor);
        }
        Ok(cursor)
    }
}

/// A question: which lines, of which time, how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What lines must be.
    pub filter: Filter,
    /// Oldest time asked for, in milliseconds since the Unix epoch; `None` where the answer's kind decides.
    pub since: Option<u64>,
    /// Newest time asked for.
    pub until: u64,
    /// Most lines or rows answered.
    pub limit: usize,
    /// Where to go on.
    pub cursor: Option<Cursor>,
    extra: Vec<(&'static str, String)>,
}

/// What a route accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepts {
    /// The general parameters.
    pub extent: Extent,
    /// Whether it has as many rows as are asked for.
    pub limit: bool,
    /// Parameters of its own.
    pub extra: &'static [&'static str],
}

/// Which of the general parameters a route accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// None.
    Nothing,
    /// `since` and `until`.
    Times,
    /// Times and the fields that rollups hold.
    Counts,
    /// Times and all fields, with `min_ms`, `q` and `cursor`.
    Lines,
}

impl Accepts {
    /// No parameters at all.
    pub const NOTHING: Self = Self { extent: Extent::Nothing, limit: false, extra: &[] };
    /// What lines are asked by.
    pub const LINES: Self = Self { extent: Extent::Lines, limit: true, extra: &[] };

    /// The names of all parameters, in the order of the documentation.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let times: &[&str] = if self.extent == Extent::Nothing { &[] } else { &["since", "until"] };
        let limit: &[&str] = if self.limit { &["limit"] } else { &[] };
        let lines: &[&str] = if self.extent == Extent::Lines { &["min_ms", "q", "cursor"] } else { &[] };
        let fields = Field::ALL.iter().filter(move |field| match self.extent {
            Extent::Nothing | Extent::Times => false,
            Extent::Counts => field.is_counted(),
            Extent::Lines => true,
        });
        let general = times.iter().chain(limit).copied().chain(fields.map(|field| field.name()));
        general.chain(lines.iter().chain(self.extra).copied())
    }
}

impl Ask {
    /// Reads the parameters of a route.
    pub fn parse<'a>(
        parameters: impl Iterator<Item = (impl AsRef<str> + 'a, impl AsRef<str> + 'a)>,
        accepts: Accepts,
        now: u64,
    ) -> Result<Self, QueryError> {
        let mut ask = Self {
            filter: Filter::default(),
            since: None,
            until: now,
            limit: DEFAULT_LIMIT,
            cursor: None,
            extra: Vec::new(),
        };
        let mut cursor = None;
        for (count, (name, value)) in parameters.enumerate() {
            let (name, value) = (name.as_ref(), value.as_ref());
            if count >= MAX_VALUES || value.len() > MAX_VALUE_BYTES {
                return Err(QueryError::TooLong);
            }
            let Some(known) = accepts.names().find(|known| *known == name) else { return Err(unknown(name, accepts)) };
            match known {
                "since" => ask.since = Some(instant("since", value, now)?),
                "until" => ask.until = instant("until", value, now)?,
                "limit" => ask.limit = whole("limit", value, MAX_LIMIT)?,
                "min_ms" => {
                    ask.filter.min_ms = value
                        .parse()
                        .map_err(|_| QueryError::Value { name: "min_ms", takes: "a whole number of milliseconds" })?;
                }
                "q" => ask.filter.text = Some(value.to_ascii_lowercase()),
                "cursor" => cursor = Some(value.to_owned()),
                _ => match Field::from_name(known) {
                    Some(field) => ask.filter.require(field, value),
                    None => ask.extra.push((known, value.to_owned())),
                },
            }
        }
        // Only now is the filter whole that the cursor must go with.
        ask.cursor = cursor.map(|text| Cursor::parse(&text, Some(&ask.filter))).transpose()?;
        Ok(ask)
    }

    /// A parameter of the route's own.
    pub fn extra(&self, name: &str) -> Option<&str> {
        self.extra.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

fn unknown(name: &str, accepts: Accepts) -> QueryError {
    let shown: String = name.chars().filter(char::is_ascii_graphic).take(40).collect();
    let hint = nearest(name, accepts.names()).map(|near| format!("; {near} is")).unwrap_or_default();
    let accepted = accepts.names().collect::<Vec<_>>().join(", ");
    QueryError::Unknown { name: shown, hint, accepted: if accepted.is_empty() { "none".into() } else { accepted } }
}

fn whole(name: &'static str, value: &str, most: usize) -> Result<usize, QueryError> {
    let number = value.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or(QueryError::Value { name, takes: "a whole number from 1 to 1000" })
}

/// Reads `15m`, `2h`, `3d` (before now), milliseconds since the Unix epoch, or a time in UTC as RFC 3339 writes it.
fn instant(name: &'static str, value: &str, now: u64) -> Result<u64, QueryError> {
    let before = |unit: char, ms: u64| value.strip_suffix(unit)?.parse::<u64>().ok()?.checked_mul(ms);
    let units = [('s', 1000), ('m', 60_000), ('h', 3_600_000), ('d', 86_400_000)];
    if let Some(ago) = units.iter().find_map(|(unit, ms)| before(*unit, *ms)) {
        return Ok(now.saturating_sub(ago));
    }
    let takes =
        "a time before now such as 15m, 2h or 3d, milliseconds since 1970, or a UTC time such as 2026-11-22T10:00:00Z";
    value.parse().ok().or_else(|| rfc3339(value)).ok_or(QueryError::Value { name, takes })
}

fn rfc3339(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.splitn(3, '-').map(str::parse::<u64>);
    let (year, month, day) = (date.next()?.ok()?, date.next()?.ok()?, date.next()?.ok()?);
    let mut clock = time.splitn(3, ':');
    let (hour, minute) = (clock.next()?.parse::<u64>().ok()?, clock.next()?.parse::<u64>().ok()?);
    let seconds: f64 = clock.next().unwrap_or("0").parse().ok()?;
    let in_range = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !in_range || hour > 23 || minute > 59 || !(0.0..61.0).contains(&seconds) {
        return None;
    }
    // Years begin in March, so that the leap day is the last one (Hinnant, "chrono-compatible low-level date algorithms").
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 61000")]
    let millis = (seconds * 1000.0) as u64;
    Some(((days - 719_468) * 24 + hour) * 3_600_000 + minute * 60_000 + millis)
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000_000;
    const LINES: Accepts = Accepts { extra: &["order"], ..Accepts::LINES };

    fn parse(pairs: &[(&'static str, &'static str)]) -> Result<Ask, QueryError> {
        Ask::parse(pairs.iter().copied(), LINES, NOW)
    }

    fn line(tool: &str, status: Status) -> LogLine<'static> {
        let mut line = LogLine::new("octavo-docker", Kind::Tool, 5, "trace".into(), "0a".into());
        line.tool = Some(tool.to_owned().into());
        line.status = status;
        line
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(parse(&[]).expect("empty").limit, DEFAULT_LIMIT);
        assert_eq!(parse(&[("limit", "1000"), ("order", "slowest")]).expect("fine").extra("order"), Some("slowest"));
        for bad in ["0", "1001", "-1", "ten", ""] {
            assert!(matches!(parse(&[("limit", bad)]), Err(QueryError::Value { name: "limit", .. })), "{bad}");
        }
        let error = parse(&[("limti", "5")]).expect_err("unknown").to_string();
        assert!(
            error.starts_with("limti is no parameter here; limit is; accepted: since, until, limit, worker"),
            "{error}"
        );
        for (extent, name, accepted) in [
            (Extent::Counts, "trace_id", false),
            (Extent::Counts, "tool", true),
            (Extent::Times, "tool", false),
            (Extent::Nothing, "since", false),
            (Extent::Lines, "limit", false),
        ] {
            let accepts = Accepts { extent, limit: false, extra: &[] };
            let asked = Ask::parse([(name, "1")].into_iter(), accepts, NOW);
            assert_eq!(asked.is_ok(), accepted, "{extent:?} {name}");
        }
        assert_eq!(Ask::parse((0..65).map(|_| ("tool", "x")), LINES, NOW), Err(QueryError::TooLong));
    }

    #[test]
    fn times_are_read() {
        for (text, time) in [
            ("15m", NOW - 900_000),
            ("3d", NOW - 259_200_000),
            ("1790000000000", NOW),
            ("1970-01-01T00:00Z", 0),
            ("2026-09-21T14:13:20Z", NOW),
            ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
        ] {
            assert_eq!(instant("since", text, NOW), Ok(time), "{text}");
        }
        for bad in ["", "m", "-5m", "yesterday", "2026-13-01T00:00Z", "2026-01-01T00:00+02:00", "99999999999999999999d"]
        {
            assert!(instant("since", bad, NOW).is_err(), "{bad}");
        }
    }

    #[test]
    fn values_of_a_field_stand_for_each_other_and_fields_hold_together() {
        let ask = parse(&[("tool", "a"), ("tool", "b"), ("status", "error"), ("worker", "docker")]).expect("fine");
        assert!(ask.filter.takes(&line("a", Status::Limit)) && ask.filter.takes(&line("b", Status::ToolError)));
        assert!(!ask.filter.takes(&line("c", Status::Limit)) && !ask.filter.takes(&line("a", Status::Ok)));
        assert!(ask.filter.excludes_ok());
        let not = parse(&[("tool", "!a"), ("status", "!limit"), ("q", "OCTAVO-D")]).expect("fine");
        assert!(not.filter.takes(&line("b", Status::Ok)) && !not.filter.takes(&line("a", Status::Ok)));
        assert!(!not.filter.takes(&line("b", Status::Limit)) && !not.filter.excludes_ok());
    }

    #[test]
    fn facets_exclude_nothing_that_matches() {
        let lines: Vec<_> = Status::ALL.iter().map(|status| line("a", *status)).collect();
        for some in [&lines[..1], &lines[1..3], &lines[..]] {
            let facets = crate::segment::Segment::of(&some.iter().collect::<Vec<_>>()).expect("lines").facets;
            for pairs in [
                &[("status", "error")][..],
                &[("status", "ok")],
                &[("status", "!ok")],
                &[("worker", "docker")],
                &[("worker", "!docker")],
                &[("worker", "gateway")],
                &[("kind", "mcp")],
                &[("tool", "a")],
                &[("tool", "b")],
                &[("trace_id", "trace"), ("min_ms", "1")],
            ] {
                let filter = Ask::parse(pairs.iter().copied(), LINES, NOW).expect("fine").filter;
                assert!(filter.admits(&facets) || !some.iter().any(|line| filter.takes(line)), "{pairs:?}");
            }
        }
        let facets = crate::segment::Segment::of(&[&lines[0]]).expect("lines").facets;
        assert!(!parse(&[("status", "error")]).expect("fine").filter.admits(&facets));
    }

    #[test]
    fn a_cursor_goes_with_its_query() {
        let ask = parse(&[("tool", "a")]).expect("fine");
        let text = Cursor::after(&line("a", Status::Ok)).to_text(&ask.filter);
        assert_eq!(Cursor::parse(&text, Some(&ask.filter)), Ok(Cursor { ts: 5, span: "0a".into() }));
        assert_eq!(Cursor::parse(&text, Some(&Filter::default())), Err(QueryError::Cursor));
        for bad in ["", "1", "2-0-0-a", "1-x-0-a", "1-0-x-a"] {
            assert!(matches!(Cursor::parse(bad, None), Err(QueryError::Value { .. })), "{bad}");
        }
    }
}
