//! Text and structure carry the same facts, and a report in pages is the report.

use crate::Subject;
use octavo_toolkit::output::LEAST_MAX_TOKENS;
use octavo_toolkit::registry::Rendering;
use serde_json::{Value, json};

/// Checks that the concise text has every fact of the structured report, each in its place; panics on the first that is
/// missing.
pub(crate) fn check(context: &str, rendering: &Rendering) {
    let report: Value =
        serde_json::from_str(&rendering.structured).unwrap_or_else(|error| panic!("{context}: {error}"));
    let mut lines = rendering.text.lines();
    let head = lines.next().unwrap_or_default();
    let stated = format!("{}: {}", word(&report["verdict"]), word(&report["summary"]));
    assert!(head.starts_with(&stated), "{context}: {head:?} does not state {stated:?}");
    for (level, singular) in [("error", "error"), ("warning", "warning"), ("info", "remark")] {
        let count = report["counts"][level].as_u64().unwrap_or_default();
        let plural = if count == 1 { "" } else { "s" };
        let in_words = format!("{count} {singular}{plural}");
        assert!(count == 0 || head.contains(&in_words), "{context}: {head:?} lacks {in_words:?}");
    }
    for finding in items(&report["findings"]) {
        let line = lines.next().unwrap_or_default();
        check_finding(&format!("{context}: {line:?}"), finding, line);
    }
    let rest: Vec<&str> = lines.collect();
    let stated = |prefix: &str| rest.iter().find_map(|line| line.strip_prefix(prefix));
    let data = stated("data: ").map(|data| serde_json::from_str::<Value>(data).expect("data is JSON"));
    assert_eq!(data.as_ref(), report.get("data"), "{context}: data");
    let not_checked: Vec<&str> = items(&report["notChecked"]).iter().map(word).collect();
    assert_eq!(stated("not checked: ").unwrap_or_default(), not_checked.join("; "), "{context}");
    let help = stated("help: ").unwrap_or_default();
    for finding in items(&report["findings"]) {
        assert_eq!(help.replace("{rule}", word(&finding["rule"])), word(&finding["help"]), "{context}");
    }
    let left = rest.last().filter(|line| line.starts_with("omitted: ")).copied().unwrap_or_default();
    match report["cursor"].as_str() {
        None => assert_eq!(left, "", "{context}"),
        Some(cursor) => {
            let omitted = report["omitted"].as_u64().unwrap_or_default();
            assert!(left.ends_with(&format!("\"{cursor}\"")), "{context}: {left:?} lacks the cursor");
            assert!(omitted == 0 || left.contains(&format!("{omitted} more findings")), "{context}: {left:?}");
        }
    }
}

fn check_finding(context: &str, finding: &Value, line: &str) {
    let said = format!("{} {} {}", word(&finding["level"]), word(&finding["rule"]), word(&finding["message"]));
    assert!(line.contains(&said), "{context} lacks {said:?}");
    let mut place = finding["path"].as_str().unwrap_or_default().to_owned();
    if let Some(range) = finding.get("range") {
        place = if place.is_empty() { range_of(range) } else { format!("{place}:{}", range_of(range)) };
    }
    assert!(line.starts_with(&place), "{context} does not start at {place:?}");
    let Some(fix) = finding.get("fix") else { return };
    assert!(line.contains(&format!("-> {}", word(&fix["title"]))), "{context} lacks the fix");
    for edit in items(&fix["edits"]) {
        let start = format!("[{}", range_of(&edit["range"]));
        assert!(line.contains(&start), "{context} lacks the edit at {start}");
        let written = line.split(&start).skip(1).any(|rest| {
            let mut texts = serde_json::Deserializer::from_str(rest.trim_start()).into_iter::<String>();
            texts.next().is_some_and(|text| text.is_ok_and(|text| Some(text.as_str()) == edit["newText"].as_str()))
        });
        assert!(written, "{context} lacks {}", edit["newText"]);
    }
}

fn range_of(range: &Value) -> String {
    let (start, end) = (&range["start"], &range["end"]);
    let from = format!("{}:{}", start["line"], start["column"]);
    match (start == end, start["line"] == end["line"]) {
        (true, _) => from,
        (false, true) => format!("{from}-{}", end["column"]),
        (false, false) => format!("{from}-{}.{}", end["line"], end["column"]),
    }
}

/// Checks that a call's pages keep the least budget a caller may ask for, by o200k, and that their findings are those of the
/// whole; panics on the first that does not.
pub(crate) fn check_pages(context: &str, subject: Subject<'_>, arguments: &Value) {
    let mut arguments = arguments.clone();
    if let Value::Object(fields) = &mut arguments {
        fields.remove("output");
    }
    // Arguments that are refused have no report.
    let Ok(whole) = subject.call_whole(&arguments) else { return };
    let whole: Value = serde_json::from_str(&whole.structured).unwrap_or_else(|error| panic!("{context}: {error}"));
    let tokenizer = bpe_openai::o200k_base();
    let mut findings = Vec::new();
    let mut cursor = Value::Null;
    loop {
        arguments["output"] = json!({ "maxTokens": LEAST_MAX_TOKENS, "cursor": cursor });
        let page = subject.call(&arguments).unwrap_or_else(|error| panic!("{context}: {error}"));
        check(context, &page);
        let tokens = tokenizer.count(&page.text) + tokenizer.count(&page.structured);
        assert!(tokens <= LEAST_MAX_TOKENS as usize, "{context}: a page of {tokens} tokens\n{}", page.text);
        let report: Value = serde_json::from_str(&page.structured).unwrap_or_else(|error| panic!("{context}: {error}"));
        findings.extend(items(&report["findings"]).iter().cloned());
        cursor = report["cursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    // A fix too long for a small page is left out there, and its finding says so.
    let bare = |findings: &[Value]| -> Vec<String> {
        findings.iter().map(|f| format!("{} {} {} {}", f["level"], f["rule"], f["path"], f["range"])).collect()
    };
    assert_eq!(bare(&findings), bare(items(&whole["findings"])), "{context}: pages against the whole");
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
