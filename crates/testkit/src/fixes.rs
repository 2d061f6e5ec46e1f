//! Applies every fix of a report and runs the tool again.

use crate::Subject;
use octavo_toolkit::{Edit, Fix, Level, LineIndex, Position};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::Range;

/// A finding as the structured report has it.
#[derive(Debug, Clone, Deserialize)]
struct Found {
    rule: String,
    level: Level,
    message: String,
    path: Option<String>,
    fix: Option<Fix>,
}

/// What must be gone, or must not come: figures aside, since they move with the text.
type Key = (Option<String>, String, String);

impl Found {
    fn key(&self) -> Key {
        let message = self.message.chars().filter(|c| !c.is_ascii_digit()).collect();
        (self.path.clone(), self.rule.clone(), message)
    }
}

/// Checks that the fixes of a report, applied together, remove their findings and bring no new error.
pub(crate) fn check(subject: Subject<'_>, arguments: &Value) -> Vec<String> {
    let mut arguments = arguments.clone();
    if let Value::Object(fields) = &mut arguments {
        // What a caller leaves out must be mended too.
        fields.remove("output");
    }
    // Arguments that are refused have no report.
    let Ok(before) = all_findings(subject, &arguments) else { return Vec::new() };
    let Applied { arguments: changed, keys, mut complaints } = apply(&arguments, &before);
    if keys.is_empty() {
        return complaints;
    }
    match all_findings(subject, &changed) {
        Ok(after) => complaints.extend(compare(&before, &keys, &after)),
        Err(error) => complaints.push(format!("the mended arguments are refused: {error}")),
    }
    complaints
}

fn all_findings(subject: Subject<'_>, arguments: &Value) -> Result<Vec<Found>, String> {
    let rendering = subject.call_whole(arguments).map_err(|error| error.to_string())?;
    let mut report: Value = serde_json::from_str(&rendering.structured).map_err(|error| error.to_string())?;
    serde_json::from_value(report["findings"].take()).map_err(|error| error.to_string())
}

struct Applied {
    arguments: Value,
    /// The findings whose fixes were applied.
    keys: Vec<Key>,
    complaints: Vec<String>,
}

// Applies the fixes in report order; one that touches what another already changed is left out.
fn apply(arguments: &Value, findings: &[Found]) -> Applied {
    let mut edited: BTreeMap<String, Vec<(Range<usize>, &str)>> = BTreeMap::new();
    let (mut keys, mut complaints) = (Vec::new(), Vec::new());
    for found in findings {
        let Some(fix) = &found.fix else { continue };
        let Some(at) = text_of(arguments, found.path.as_deref()) else {
            complaints.push(format!("{}: no text for the fix, path {:?}", found.rule, found.path));
            continue;
        };
        let text = arguments.pointer(&at).and_then(Value::as_str).unwrap_or_default();
        match spans_of(text, &fix.edits) {
            Ok(spans) => {
                let others = edited.entry(at).or_default();
                if !spans.iter().any(|(span, _)| others.iter().any(|(other, _)| overlap(span, other))) {
                    others.extend(spans);
                    keys.push(found.key());
                }
            }
            Err(complaint) => complaints.push(format!("{}: {complaint}", found.rule)),
        }
    }
    let mut changed = arguments.clone();
    for (at, mut spans) in edited {
        let text = arguments.pointer(&at).and_then(Value::as_str).unwrap_or_default();
        spans.sort_by_key(|(span, _)| (span.start, span.end));
        if let Some(place) = changed.pointer_mut(&at) {
            *place = Value::String(edit(text, &spans));
        }
    }
    Applied { arguments: changed, keys, complaints }
}

// JSON pointer of the text that a finding's path names.
fn text_of(arguments: &Value, path: Option<&str>) -> Option<String> {
    let files = arguments.get("files").and_then(Value::as_array);
    let named = files.and_then(|files| files.iter().position(|file| file.get("path").and_then(Value::as_str) == path));
    match (named, arguments.get("source")) {
        (Some(at), _) => Some(format!("/files/{at}/source")),
        (None, Some(Value::String(_))) => Some("/source".to_owned()),
        (None, _) => None,
    }
}

// The byte spans of a fix's edits, which must be places of the text, in order, and not overlap.
fn spans_of<'e>(text: &str, edits: &'e [Edit]) -> Result<Vec<(Range<usize>, &'e str)>, String> {
    let index = LineIndex::new(text);
    let offset = |position: Position| {
        let at = index.offset(position);
        if index.position(at) == position { Ok(at) } else { Err(format!("{position:?} is no place of the text")) }
    };
    let mut spans: Vec<(Range<usize>, &str)> = Vec::new();
    for edit in edits {
        let span = offset(edit.range.start)?..offset(edit.range.end)?;
        if span.start > span.end {
            return Err(format!("an edit ends before it starts: {:?}", edit.range));
        }
        if text.get(span.clone()).is_none_or(|old| old == edit.new_text) {
            return Err(format!("an edit changes nothing: {:?}", edit.range));
        }
        if spans.last().is_some_and(|(last, _)| last.end > span.start || overlap(last, &span)) {
            return Err(format!("edits overlap or are out of order: {:?}", edit.range));
        }
        spans.push((span, &edit.new_text));
    }
    if spans.is_empty() { Err("a fix without edits".to_owned()) } else { Ok(spans) }
}

// Two insertions at one place overlap too: which comes first, nobody says.
fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one == other || (one.start < other.end && other.start < one.end)
}

fn edit(text: &str, spans: &[(Range<usize>, &str)]) -> String {
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for (span, new_text) in spans {
        edited.push_str(text.get(at..span.start).unwrap_or_default());
        edited.push_str(new_text);
        at = span.end;
    }
    edited + text.get(at..).unwrap_or_default()
}

/// A text with all edits of a report in it, and how many there are.
///
/// # Panics
///
/// When an edit is none, or two touch the same text.
pub fn applied(source: &str, report: &Value) -> (String, usize) {
    let index = LineIndex::new(source);
    let findings = report["findings"].as_array().into_iter().flatten();
    let edits = findings.filter_map(|finding| finding["fix"]["edits"].as_array()).flatten();
    let edits: Vec<Edit> =
        edits.cloned().map(serde_json::from_value).collect::<Result<_, _>>().expect("edits of the report");
    let mut spans: Vec<(Range<usize>, &str)> = edits
        .iter()
        .map(|edit| (index.offset(edit.range.start)..index.offset(edit.range.end), edit.new_text.as_str()))
        .collect();
    spans.sort_by_key(|(span, text)| (span.start, span.end, *text));
    assert!(spans.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "edits overlap: {edits:?}");
    (edit(source, &spans), spans.len())
}

fn count(keys: impl Iterator<Item = Key>) -> BTreeMap<Key, usize> {
    let mut counts = BTreeMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

fn compare(before: &[Found], applied: &[Key], after: &[Found]) -> Vec<String> {
    let had = count(before.iter().map(Found::key));
    let has = count(after.iter().map(Found::key));
    let of = |counts: &BTreeMap<Key, usize>, key: &Key| counts.get(key).copied().unwrap_or_default();
    let mut complaints = Vec::new();
    for (key, fixes) in count(applied.iter().cloned()) {
        let (had, has) = (of(&had, &key), of(&has, &key));
        if has + fixes > had {
            complaints.push(format!("{key:?}: {had} before, {fixes} mended, {has} after"));
        }
    }
    for (key, has) in count(after.iter().filter(|found| found.level == Level::Error).map(Found::key)) {
        if has > of(&had, &key) {
            complaints.push(format!("{key:?}: a new error"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Position {
        Position { line, column }
    }

    fn edit_of(start: Position, end: Position, new_text: &str) -> Edit {
        Edit { range: octavo_toolkit::Range { start, end }, new_text: new_text.to_owned() }
    }

    #[test]
    fn edits_are_spans_of_the_text() {
        let text = "\u{1f600}b\nc";
        let edits = [edit_of(at(1, 1), at(1, 1), "a"), edit_of(at(1, 3), at(2, 1), "")];
        let spans = spans_of(text, &edits).expect("places of the text");
        assert_eq!(spans, [(0..0, "a"), (4..6, "")]);
        assert_eq!(edit(text, &spans), "a\u{1f600}c");
    }

    #[test]
    fn edits_that_cannot_be_applied_are_found_out() {
        for (edits, complaint) in [
            (vec![], "a fix without edits"),
            (vec![edit_of(at(1, 9), at(1, 9), "x")], "is no place of the text"),
            (vec![edit_of(at(1, 2), at(1, 1), "x")], "an edit ends before it starts"),
            (vec![edit_of(at(1, 1), at(1, 2), "a")], "an edit changes nothing"),
            (vec![edit_of(at(1, 2), at(1, 3), "x"), edit_of(at(1, 1), at(1, 1), "x")], "out of order"),
            (vec![edit_of(at(1, 1), at(1, 1), "x"), edit_of(at(1, 1), at(1, 1), "y")], "edits overlap"),
        ] {
            let error = spans_of("abc", &edits).expect_err(complaint);
            assert!(error.contains(complaint), "{error}");
        }
    }

    #[test]
    fn a_path_names_its_text() {
        let files = serde_json::json!({"files": [{"path": "a", "source": ""}, {"path": "b", "source": ""}]});
        assert_eq!(text_of(&files, Some("b")).as_deref(), Some("/files/1/source"));
        assert_eq!(text_of(&files, Some("c")), None);
        let source = serde_json::json!({"source": "", "filename": "a"});
        assert_eq!(text_of(&source, Some("a")).as_deref(), Some("/source"));
        assert_eq!(text_of(&source, None).as_deref(), Some("/source"));
    }
}
