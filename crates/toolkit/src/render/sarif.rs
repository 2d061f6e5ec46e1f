//! Reports as SARIF 2.1.0 (OASIS Standard, 27 March 2020), the format code-scanning services read.

use super::{About, Page};
use crate::report::{Edit, Finding, Level};
use crate::source::Range;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// A finding as a SARIF `result`.
pub(super) fn result(finding: &Finding) -> Value {
    let artifact = json!({ "uri": uri_of(finding.path.as_deref().unwrap_or(UNNAMED)) });
    let mut physical = json!({ "artifactLocation": artifact });
    if let Some(range) = finding.range {
        physical["region"] = region(range);
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.level),
        "message": { "text": finding.message },
        "locations": [{ "physicalLocation": physical }],
    });
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
        let replacements: Vec<Value> = fix.edits.iter().map(replacement).collect();
        result["fixes"] = json!([{
            "description": { "text": fix.title },
            "artifactChanges": [{ "artifactLocation": artifact, "replacements": replacements }],
        }]);
    }
    result
}

/// The rule of a finding as a SARIF `reportingDescriptor`.
pub(super) fn rule(finding: &Finding, about: &About<'_>) -> Value {
    let mut rule = json!({ "id": finding.rule });
    if let Some(known) = about.rule(&finding.rule) {
        rule["shortDescription"] = json!({ "text": known.summary });
    }
    if let Some(help) = &finding.help {
        rule["helpUri"] = json!(help);
    }
    rule
}

/// The whole log of a page. What SARIF has no place for stands in the run's `properties`.
pub(super) fn log(page: &Page<'_>, rules: &[Value], results: &[Value], about: &About<'_>) -> Value {
    let mut properties = Map::new();
    properties.insert("verdict".to_owned(), json!(page.verdict));
    properties.insert("summary".to_owned(), json!(page.summary));
    properties.insert("counts".to_owned(), json!(page.counts));
    if let Some(data) = &page.data {
        properties.insert("data".to_owned(), data.value.as_ref().clone());
    }
    properties.insert("notChecked".to_owned(), json!(page.not_checked));
    properties.insert("omitted".to_owned(), json!(page.omitted));
    properties.insert("cursor".to_owned(), json!(page.cursor));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": about.full_name(),
                "organization": "Octavo",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "utf16CodeUnits",
            "results": results,
            "properties": properties,
        }],
    })
}

/// The artifact of findings in a text that came without a name.
const UNNAMED: &str = "source";

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

// SARIF counts as we do: from 1, the end exclusive.
fn region(range: Range) -> Value {
    json!({
        "startLine": range.start.line,
        "startColumn": range.start.column,
        "endLine": range.end.line,
        "endColumn": range.end.column,
    })
}

fn replacement(edit: &Edit) -> Value {
    json!({ "deletedRegion": region(edit.range), "insertedContent": { "text": edit.new_text } })
}

// A path as a relative URI reference (RFC 3986): what is not unreserved is percent-encoded, slashes stay.
fn uri_of(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches('/').bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_relative_references() {
        assert_eq!(uri_of("src/a b.py"), "src/a%20b.py");
        assert_eq!(uri_of("/etc/\u{e9}#?"), "etc/%C3%A9%23%3F");
        assert_eq!(uri_of("c:\\x"), "c%3A%5Cx");
    }
}
