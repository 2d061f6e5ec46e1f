//! Reports as text, for the models and people that read text.

use super::{About, Page, one_line, visible};
use crate::report::Finding;
use crate::source::Range;
use std::fmt::Write as _;

/// One line a finding: `path:line:column-end level rule message -> fix`.
pub(super) fn concise(finding: &Finding) -> String {
    let mut line = place(finding);
    if !line.is_empty() {
        line.push(' ');
    }
    let _ = write!(line, "{} {} {}", finding.level, finding.rule, finding.message);
    if let Some(fix) = &finding.fix {
        let _ = write!(line, " -> {}", one_line(&fix.title));
        for edit in &fix.edits {
            let _ = write!(line, " [{} {}]", range_of(edit.range), quoted(&edit.new_text));
        }
    }
    line.push('\n');
    line
}

/// Several lines a finding: what was found, what its rule asks for, where to read on, each edit.
pub(super) fn detailed(finding: &Finding, about: &About<'_>) -> String {
    let place = place(finding);
    let at = if place.is_empty() { String::new() } else { format!(" at {place}") };
    let mut text = format!("\n{} {}{at}\n  {}\n", finding.level, finding.rule, finding.message);
    if let Some(rule) = about.rule(&finding.rule) {
        let _ = writeln!(text, "  rule: {}", rule.summary);
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(text, "  help: {help}");
    }
    if let Some(fix) = &finding.fix {
        let _ = writeln!(text, "  fix: {}", one_line(&fix.title));
        for edit in &fix.edits {
            let _ = writeln!(text, "    {} -> {}", range_of(edit.range), quoted(&edit.new_text));
        }
    }
    text
}

/// The first line.
pub(super) fn head(page: &Page<'_>) -> String {
    let found = page.found.map_or(String::new(), |found| format!(" ({found})"));
    format!("{}: {}{found}\n", page.verdict.word(), page.summary)
}

/// What comes after the findings: the data, what was not checked, where the pages of rules are, what is left out.
pub(super) fn tail(page: &Page<'_>, names_help: bool, about: &About<'_>) -> String {
    let mut text = String::new();
    if let Some(data) = &page.data {
        text.extend(["data: ", &data.json, "\n"]);
    }
    if !page.not_checked.is_empty() {
        let _ = writeln!(text, "not checked: {}", page.not_checked.join("; "));
    }
    if names_help {
        let _ = writeln!(text, "help: {}{{rule}}", about.help_prefix());
    }
    if let Some(cursor) = &page.cursor {
        let left = match (page.omitted, page.more_data) {
            (0, _) => "more data".to_owned(),
            (n, false) => format!("{n} more findings"),
            (n, true) => format!("{n} more findings and more data"),
        };
        let _ = writeln!(text, "omitted: {left}; next page: output.cursor \"{cursor}\"");
    }
    text
}

fn place(finding: &Finding) -> String {
    match (&finding.path, finding.range) {
        (Some(path), Some(range)) => format!("{path}:{}", range_of(range)),
        (Some(path), None) => path.clone(),
        (None, Some(range)) => range_of(range),
        (None, None) => String::new(),
    }
}

// `line:column` of the start, then the end, exclusive: `3:1-12` on one line, `3:1-5.2` over several, as editors link it.
fn range_of(range: Range) -> String {
    let (start, end) = (range.start, range.end);
    if start == end {
        format!("{}:{}", start.line, start.column)
    } else if start.line == end.line {
        format!("{}:{}-{}", start.line, start.column, end.column)
    } else {
        format!("{}:{}-{}.{}", start.line, start.column, end.line, end.column)
    }
}

// On one line, with nothing that cannot be seen.
fn quoted(text: &str) -> String {
    visible(serde_json::to_string(text).unwrap_or_default())
}
