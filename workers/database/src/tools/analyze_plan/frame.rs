//! Takes off what clients draw around a plan: psql's frames and continuation marks, quotes of CSV, headers, row counts.
//!
//! Keeps each line's number in the source, so that findings can point there.

/// A line of a plan with its number in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u32,
    pub(super) text: String,
}

/// The lines that are left; those before a header's rule are not part of the plan.
pub(super) fn lines_of(source: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let continued = source.lines().filter(|line| line.trim_end().ends_with('+')).count() > 1;
    let mut seen_node = false;
    for (at, raw) in source.lines().enumerate() {
        let text = unframed(raw, continued);
        if is_rule(&text) {
            // A rule stands under the header; what comes before it is the client's or the query's.
            if !seen_node {
                lines.clear();
            }
            continue;
        }
        if text.trim() == "QUERY PLAN" || is_row_count(text.trim()) {
            continue;
        }
        seen_node |= text.contains("(cost=") || text.contains("(actual ") || text.contains("\"Plan\"");
        lines.push(Line { number: u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1), text });
    }
    lines
}

fn unframed(raw: &str, continued: bool) -> String {
    // A blank at the end may be where a client cut the line.
    let mut text = raw;
    for mark in ['|', '\u{2551}', '\u{2502}'] {
        if let Some(inner) = text.trim_end().strip_suffix(mark) {
            text = inner.trim_end();
        }
        if let Some(inner) = text.strip_prefix(mark) {
            text = inner;
        }
    }
    for mark in ['\u{21b5}', '\u{23ce}'] {
        if let Some(inner) = text.trim_end().strip_suffix(mark) {
            text = inner.trim_end();
        }
    }
    if continued && let Some(inner) = text.trim_end().strip_suffix('+') {
        text = inner.trim_end();
    }
    for quote in ['"', '\''] {
        let inner = text.trim_end().strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
        // A line of JSON may begin and end with quotes of its own.
        if let Some(inner) = inner.filter(|inner| quote == '\'' || !inner.contains("\":") && !inner.contains("\",")) {
            return inner.replace("\"\"", "\"");
        }
    }
    text.to_owned()
}

// A line that only draws.
fn is_rule(text: &str) -> bool {
    let text = text.trim();
    let drawn = |c: char| matches!(c, '-' | '+' | '=' | '\u{2500}'..='\u{257f}');
    text.chars().count() >= 4 && text.chars().all(drawn)
}

// `(8 rows)`, in the language of the client.
fn is_row_count(text: &str) -> bool {
    let inner = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let Some((count, word)) = inner.and_then(|inner| inner.split_once(' ')) else { return false };
    !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) && word.chars().all(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        lines_of(source).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn frames_of_psql_come_off() {
        let source = "+------+\n| QUERY PLAN |\n+------+\n|  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) |\n+------+\n(1 row)\n";
        assert_eq!(texts(source), ["  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)"]);
        assert_eq!(texts("QUERY PLAN\n------\n [   +\n   {   +\n ]\n(1 row)"), [" [", "   {", " ]"]);
        assert_eq!(texts("\"Seq Scan on \"\"T\"\"\""), ["Seq Scan on \"T\""]);
        assert_eq!(texts("\"Plan\": \"a\""), ["\"Plan\": \"a\""]);
    }

    #[test]
    fn lines_keep_their_numbers() {
        let lines = lines_of("SELECT 1;\nQUERY PLAN\n----------\n Result  (cost=0.00..0.01 rows=1 width=4)\n");
        assert_eq!(lines, [Line { number: 4, text: " Result  (cost=0.00..0.01 rows=1 width=4)".to_owned() }]);
    }
}
