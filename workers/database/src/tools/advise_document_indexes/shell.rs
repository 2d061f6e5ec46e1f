//! Operations of a text: calls on collections as the shell and drivers write them, and what goes before them left out.

use crate::support::ejson::{Reader, Value};
use std::ops::Range;

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) span: Range<usize>,
    pub(super) collection: String,
    pub(super) what: What,
}

/// What an operation does.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// Finds, counts or changes documents.
    Find {
        filter: Value,
        sort: Vec<(String, i8)>,
        skip: f64,
        /// A field whose distinct values are asked for.
        distinct: Option<String>,
    },
    /// Runs a pipeline.
    Aggregate(Vec<Value>),
    /// Makes an index.
    Index(Vec<(String, Value)>, Value),
}

/// What could not be read.
pub(super) struct Problem {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

/// All operations of a text.
pub(super) fn operations(text: &str) -> (Vec<Operation>, Vec<Problem>) {
    let (mut list, mut problems) = (Vec::new(), Vec::new());
    let mut reader = Reader::of_program(text);
    while let Some(next) = reader.peek() {
        let start = reader.at();
        let rest = text.get(start..).unwrap_or_default();
        if matches!(next, '"' | '\'' | '`') {
            if reader.value().is_err() {
                reader.seek(start + 1);
            }
            continue;
        }
        if rest.starts_with("db.") || rest.starts_with("db[") {
            match operation(&mut reader, start, text) {
                Ok(found) => list.extend(found),
                Err(problem) => {
                    problems.push(problem);
                    // On with the next line that begins one.
                    let after = reader.at().max(start + 2);
                    let next = text.get(after..).and_then(|rest| rest.find("\ndb")).map_or(text.len(), |at| after + at);
                    reader.seek(next);
                }
            }
            continue;
        }
        if reader.word().is_none() {
            reader.seek(start + next.len_utf8());
        }
    }
    (list, problems)
}

fn operation(reader: &mut Reader<'_>, start: usize, text: &str) -> Result<Option<Operation>, Problem> {
    let wrong = |reader: &Reader<'_>, what| Problem { at: reader.at(), what };
    reader.word();
    let mut names: Vec<String> = Vec::new();
    if reader.take('[') {
        let Ok(Value::String(name)) = reader.value() else {
            return Err(wrong(reader, "a collection's name is missing"));
        };
        names.push(name);
        if !reader.take(']') {
            return Err(wrong(reader, "`]` is missing"));
        }
    }
    let method = loop {
        if !reader.take('.') {
            return Ok(None);
        }
        let word = reader.word().ok_or_else(|| wrong(reader, "a name is missing"))?.to_owned();
        if reader.peek() != Some('(') {
            names.push(word);
            continue;
        }
        if !matches!(word.as_str(), "getCollection" | "collection") {
            break word;
        }
        let given = arguments(reader)?;
        if let Some(Value::String(name)) = given.first() {
            names.push(name.clone());
        }
    };
    if names.is_empty() {
        // `db.createCollection(..)` and the like.
        skip(reader, text);
        return Ok(None);
    }
    let collection = names.join(".");
    if !matches!(
        method.as_str(),
        "aggregate" | "createIndex" | "ensureIndex" | "createIndexes" | "distinct" | "count" | "countDocuments"
    ) && !["find", "update", "delete", "replace", "remove"].iter().any(|verb| method.starts_with(verb))
    {
        skip(reader, text);
        chain(reader, text)?;
        return Ok(None);
    }
    let given = arguments(reader)?;
    let first = given.first().cloned().unwrap_or(Value::Document(Vec::new()));
    let (chained_sort, chained_skip, end) = chain(reader, text)?;
    let span = start..end;
    let what = match method.as_str() {
        "aggregate" => match first {
            Value::Array(stages) => What::Aggregate(stages),
            Value::Document(members) if members.is_empty() => return Ok(None),
            // Stages may stand one after the other.
            _ => What::Aggregate(given),
        },
        "createIndex" | "ensureIndex" => {
            let options = given.get(1).cloned().unwrap_or(Value::Document(Vec::new()));
            What::Index(first.members().to_vec(), options)
        }
        "createIndexes" => match &first {
            Value::Array(list) => {
                What::Index(list.first().map(|one| one.members().to_vec()).unwrap_or_default(), Value::Null)
            }
            _ => return Ok(None),
        },
        "distinct" => {
            let Value::String(field) = first else { return Ok(None) };
            let filter = given.get(1).cloned().unwrap_or(Value::Document(Vec::new()));
            What::Find { filter, sort: Vec::new(), skip: 0.0, distinct: Some(field) }
        }
        _ => {
            let options = given.iter().skip(1).find_map(|option| option.get("sort")).map(keys).unwrap_or_default();
            let sort = if chained_sort.is_empty() { options } else { chained_sort };
            What::Find { filter: first, sort, skip: chained_skip, distinct: None }
        }
    };
    Ok(Some(Operation { span, collection, what }))
}

// A sort, how many documents are left out, and where it ends.
type Chain = (Vec<(String, i8)>, f64, usize);

// `.sort({..}).limit(5)` and what else follows; the sort, how many are left out, and where it ends.
fn chain(reader: &mut Reader<'_>, text: &str) -> Result<Chain, Problem> {
    let (mut sort, mut skipped) = (Vec::new(), 0.0);
    let mut end = reader.at();
    while reader.take('.') {
        let Some(word) = reader.word().map(str::to_owned) else { break };
        end = reader.at();
        if reader.peek() != Some('(') {
            continue;
        }
        match word.as_str() {
            "sort" => sort = arguments(reader)?.first().map(keys).unwrap_or_default(),
            "skip" => skipped = arguments(reader)?.first().and_then(Value::number).unwrap_or(0.0),
            _ => skip(reader, text),
        }
        end = reader.at();
    }
    reader.take(';');
    Ok((sort, skipped, end))
}

/// The fields of a sort or index, with their directions.
pub(super) fn keys(document: &Value) -> Vec<(String, i8)> {
    let way = |value: &Value| if value.number().is_some_and(|number| number < 0.0) { -1 } else { 1 };
    document
        .members()
        .iter()
        .filter(|(_, value)| value.number().is_some())
        .map(|(name, value)| (name.clone(), way(value)))
        .collect()
}

fn arguments(reader: &mut Reader<'_>) -> Result<Vec<Value>, Problem> {
    let mut list = Vec::new();
    if !reader.take('(') {
        return Ok(list);
    }
    while !reader.take(')') {
        list.push(reader.value().map_err(|broken| Problem { at: broken.at, what: broken.what })?);
        if !reader.take(',') && reader.peek() != Some(')') {
            return Err(Problem { at: reader.at(), what: "`,` or `)` is missing" });
        }
    }
    Ok(list)
}

// What stands in brackets, texts in it read as such.
fn skip(reader: &mut Reader<'_>, text: &str) {
    let mut depth = 0_usize;
    while let Some(next) = reader.peek() {
        let at = reader.at();
        match next {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '"' | '\'' | '`' if reader.value().is_ok() => continue,
            _ => {}
        }
        reader.seek(at + next.len_utf8());
        if depth == 0 || at >= text.len() {
            return;
        }
    }
}
