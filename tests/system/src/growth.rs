//! Larger forms of a call: the same kind of input, `times` as much of it. What a tool's time is fitted over.

use serde_json::{Map, Value};

/// Shorter texts are names and options, which have no larger form.
const MIN_TEXT_BYTES: usize = 48;

/// The arguments with `times` as much of what is worked on: more files, more items of the longest list, longer texts.
pub fn grown(arguments: &Value, times: usize) -> Value {
    let mut grown = arguments.clone();
    if let Some(members) = grown.as_object_mut() {
        for (name, member) in members {
            match member {
                Value::String(text) if text.len() >= MIN_TEXT_BYTES => *text = grown_text(text, times),
                Value::Array(items) if name == "files" && items.len() == 1 => grow_only_file(items, times),
                Value::Array(items) if items.iter().all(Value::is_object) => *items = grown_list(items, times),
                _ => {}
            }
        }
    }
    grown
}

// One file has a longer text; several are more.
fn grow_only_file(items: &mut [Value], times: usize) {
    let texts = items.iter_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    for text in texts {
        if let Value::String(text) = text
            && text.len() >= MIN_TEXT_BYTES
        {
            *text = grown_text(text, times);
        }
    }
}

// Copies of all items; their paths and names tell them apart.
fn grown_list(items: &[Value], times: usize) -> Vec<Value> {
    (0..times).flat_map(|copy| items.iter().map(move |item| renamed(item, copy))).collect()
}

fn renamed(item: &Value, copy: usize) -> Value {
    let mut item = item.clone();
    if copy > 0 {
        for name in ["path", "name", "id"] {
            if let Some(Value::String(text)) = item.get_mut(name) {
                *text = match (name, text.rsplit_once('/')) {
                    ("path", Some((folder, file))) => format!("{folder}/copy{copy}/{file}"),
                    ("path", None) => format!("copy{copy}/{text}"),
                    _ => format!("{text}{copy}"),
                };
            }
        }
    }
    item
}

/// A text with `times` as much in it, as its form allows: JSON and YAML grow inside, others by repetition.
pub fn grown_text(text: &str, times: usize) -> String {
    if let Ok(mut value) = serde_json::from_str::<Value>(text)
        && (value.is_object() || value.is_array())
    {
        grow_json(&mut value, times);
        return value.to_string();
    }
    if text.contains("apiVersion:") {
        return vec![text.trim_end().trim_end_matches("\n---"); times].join("\n---\n") + "\n";
    }
    grown_mapping(text, times).unwrap_or_else(|| {
        let apart = if text.ends_with('\n') { "" } else { "\n" };
        vec![text; times].join(apart)
    })
}

// The list or mapping with most text in it, wherever it is.
fn grow_json(value: &mut Value, times: usize) {
    let inner = match value {
        Value::Object(members) => members.values_mut().max_by_key(|member| member.to_string().len()),
        Value::Array(items) if items.len() == 1 => items.first_mut(),
        _ => None,
    };
    // What has several children is a collection; what has few, a frame around one.
    let is_frame = inner
        .as_ref()
        .is_some_and(|inner| inner.as_object().is_some_and(|object| object.len() > 1) || inner.is_array());
    if let (true, Some(inner)) = (is_frame, inner) {
        return grow_json(inner, times);
    }
    match value {
        Value::Array(items) => *items = grown_list(items, times),
        Value::Object(members) => {
            let copies: Vec<(String, Value)> = (1..times)
                .flat_map(|copy| members.iter().map(move |(name, member)| (format!("{name}{copy}"), member.clone())))
                .collect();
            members.extend(copies);
        }
        _ => {}
    }
}

// YAML whose top is a mapping: the longest block below a key, its own keys told apart by a number.
fn grown_mapping(text: &str, times: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let is_key = |line: &&str| {
        line.split_once(':').is_some_and(|(key, rest)| {
            (rest.is_empty() || rest.starts_with(' '))
                && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                && !key.is_empty()
        })
    };
    let is_inner = |line: &str| line.is_empty() || line.starts_with([' ', '#']);
    if !lines.first().is_some_and(is_key) || !lines.iter().all(|line| is_key(line) || is_inner(line)) {
        return None;
    }
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        match blocks.last_mut() {
            Some((_, end)) if is_inner(line) => *end = at + 1,
            _ => blocks.push((at + 1, at + 1)),
        }
    }
    let (start, end) = blocks.into_iter().max_by_key(|(start, end)| end - start)?;
    let block = lines.get(start..end)?;
    let indent = block.iter().find(|line| !line.trim().is_empty())?.bytes().take_while(|b| *b == b' ').count();
    let mut made: Vec<String> = lines.get(..start)?.iter().map(|line| (*line).to_owned()).collect();
    for copy in 0..times {
        made.extend(block.iter().map(|line| renumbered(line, indent, copy)));
    }
    made.extend(lines.get(end..)?.iter().map(|line| (*line).to_owned()));
    Some(made.join("\n") + "\n")
}

fn renumbered(line: &str, indent: usize, copy: usize) -> String {
    let is_own =
        line.bytes().take_while(|b| *b == b' ').count() == indent && !line.trim_start().starts_with(['-', '#']);
    match line.split_once(':') {
        Some((key, rest)) if is_own && copy > 0 => format!("{key}{copy}:{rest}"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_form_grows_inside() {
        let yaml = "openapi: 3.1.0\npaths:\n  /a:\n    get: {}\ninfo: {}\n";
        assert_eq!(grown_text(yaml, 2), "openapi: 3.1.0\npaths:\n  /a:\n    get: {}\n  /a1:\n    get: {}\ninfo: {}\n");
        assert_eq!(grown_text("FROM a\nRUN b", 2), "FROM a\nRUN b\nFROM a\nRUN b");
        assert_eq!(
            grown_text(r#"{"v":1,"rows":[{"id":"a"},{"id":"b"}]}"#, 2),
            r#"{"v":1,"rows":[{"id":"a"},{"id":"b"},{"id":"a1"},{"id":"b1"}]}"#
        );
        assert_eq!(grown_text("apiVersion: v1\n---\n", 2), "apiVersion: v1\n---\napiVersion: v1\n");
    }

    #[test]
    fn several_files_are_more_and_one_is_longer() {
        let text = "x = 1\n".repeat(10);
        let several =
            grown(&json!({ "files": [{ "path": "a/b.py", "source": text }, { "path": "c.py", "source": text }] }), 2);
        assert_eq!(several["files"][2]["path"], "a/copy1/b.py");
        assert_eq!(several["files"][3]["path"], "copy1/c.py");
        let one = grown(&json!({ "files": [{ "path": "c.py", "source": text }], "top": 3 }), 3);
        assert_eq!(one["files"][0]["source"], text.repeat(3));
    }
}
