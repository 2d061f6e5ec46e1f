//! Analytics Engine data points: a line as a few words and numbers, within the platform's limits.
//!
//! The local stand-in of the platform checks nothing, so the limits are kept here. The order of the columns is the schema
//! that queries name (`blob1`, `double2`): it only ever grows at its end.

use octavo_telemetry::LogLine;

/// Most points of one invocation.
pub const MAX_POINTS: usize = 250;
/// Longest index, in bytes.
pub const MAX_INDEX_BYTES: usize = 96;
/// Most words, and most numbers, of a point.
pub const MAX_COLUMNS: usize = 20;
/// Longest word kept, in bytes: twenty of these are under the 16 KB that a point's words may have together.
pub const MAX_BLOB_BYTES: usize = 128;

/// A data point.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// What is sampled by: the tool, or the method.
    pub index: String,
    /// `blob1` to `blob12`: worker, kind, method, tool, status, error type, client, client's version, protocol, data
    /// centre, version, cache.
    pub blobs: Vec<String>,
    /// `double1` to `double7`: 1, duration, processor time, time on the clock (milliseconds), bytes in, bytes out, 1 if an
    /// error.
    pub doubles: Vec<f64>,
}

impl Point {
    /// The point of a line.
    #[expect(clippy::cast_precision_loss, reason = "sizes and times far below 2^53")]
    pub fn of(line: &LogLine<'_>) -> Self {
        let words = [
            Some(line.worker.as_ref()),
            Some(line.kind.name()),
            line.method.as_deref(),
            line.tool.as_deref(),
            Some(line.status.name()),
            line.error_type.as_deref(),
            line.client.as_deref(),
            line.client_version.as_deref(),
            line.protocol.as_deref(),
            line.colo.as_deref(),
            line.version.as_deref(),
            line.cache.as_deref(),
        ];
        let index = line.tool.as_deref().or(line.method.as_deref()).unwrap_or(&line.worker);
        let error = if line.status.is_error() { 1.0 } else { 0.0 };
        let numbers = [
            line.dur_ms,
            line.cpu_ms.unwrap_or_default(),
            line.wall_ms.unwrap_or_default(),
            line.in_bytes,
            line.out_bytes,
        ];
        Self {
            index: cut(index, MAX_INDEX_BYTES),
            blobs: words.iter().map(|word| cut(word.unwrap_or_default(), MAX_BLOB_BYTES)).collect(),
            doubles: std::iter::once(1.0).chain(numbers.map(|number| number as f64)).chain([error]).collect(),
        }
    }
}

fn cut(text: &str, bytes: usize) -> String {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_telemetry::{Kind, Status};

    #[test]
    fn points_keep_the_platforms_limits() {
        let long = "\u{e9}".repeat(5000);
        let mut line = LogLine::new(&long, Kind::Mcp, 1, "t".into(), "s".into());
        for field in [&mut line.tool, &mut line.method, &mut line.client, &mut line.version, &mut line.error_type] {
            *field = Some(long.as_str().into());
        }
        line.status = Status::Limit;
        line.in_bytes = u64::MAX;
        let point = Point::of(&line);
        assert!(
            point.index.len() <= MAX_INDEX_BYTES
                && point.blobs.len() <= MAX_COLUMNS
                && point.doubles.len() <= MAX_COLUMNS
        );
        assert!(point.blobs.iter().map(String::len).sum::<usize>() <= 16 * 1024);
        assert!(point.doubles.iter().all(|number| number.is_finite()));
    }
}
