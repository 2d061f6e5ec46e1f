//! Values written as YAML: block style, two spaces a level, texts quoted only where they would be read as something else.

use serde_json::Value;

/// Writes a value as one document.
pub fn write(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => mapping(map, 0, false, &mut out),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, &mut out),
        scalar => {
            out.push_str(&inline(scalar, 0));
            out.push('\n');
        }
    }
    out
}

fn pad(depth: usize, out: &mut String) {
    (0..depth).for_each(|_| out.push_str("  "));
}

fn mapping(map: &serde_json::Map<String, Value>, depth: usize, in_line: bool, out: &mut String) {
    for (at, (key, value)) in map.iter().enumerate() {
        if at > 0 || !in_line {
            pad(depth, out);
        }
        out.push_str(&text(key, depth, false));
        out.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                out.push('\n');
                mapping(map, depth + 1, false, out);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                sequence(items, depth + 1, out);
            }
            scalar => {
                out.push(' ');
                out.push_str(&inline(scalar, depth + 1));
                out.push('\n');
            }
        }
    }
}

fn sequence(items: &[Value], depth: usize, out: &mut String) {
    for item in items {
        pad(depth, out);
        out.push_str("- ");
        match item {
            Value::Object(map) if !map.is_empty() => mapping(map, depth + 1, true, out),
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                sequence(items, depth + 1, out);
            }
            scalar => {
                out.push_str(&inline(scalar, depth + 1));
                out.push('\n');
            }
        }
    }
}

fn inline(value: &Value, depth: usize) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => text(string, depth, true),
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
    }
}

// A text, plain where it reads as itself, in a block where it has lines, else in double quotes.
fn text(string: &str, depth: usize, takes_block: bool) -> String {
    let has_lines = string.contains('\n');
    let is_printable = string.chars().all(|c| {
        c == '\n' || c == '\t' || (!c.is_control() && !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}'))
    });
    if has_lines && takes_block && is_printable && !string.starts_with([' ', '\n', '\t']) && string.trim() != "" {
        return block(string, depth);
    }
    if !has_lines && is_printable && is_plain(string) {
        return string.to_owned();
    }
    serde_json::to_string(string)
        .unwrap_or_default()
        .replace('\u{7f}', "\\x7f")
        .replace('\u{85}', "\\N")
        .replace('\u{feff}', "\\ufeff")
}

fn block(string: &str, depth: usize) -> String {
    let body = string.trim_end_matches('\n');
    let ends = string.len() - body.len();
    let mut out = match ends {
        0 => "|-".to_owned(),
        1 => "|".to_owned(),
        _ => "|+".to_owned(),
    };
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(depth, &mut out);
            out.push_str(line);
        }
    }
    (1..ends).for_each(|_| out.push('\n'));
    out
}

// Whether a text without lines reads as itself for readers of YAML 1.1 and 1.2.
fn is_plain(string: &str) -> bool {
    let first = string.chars().next().unwrap_or(' ');
    let second_is_space = string.chars().nth(1).is_none_or(char::is_whitespace);
    if string != string.trim()
        || string.contains(": ")
        || string.ends_with(':')
        || string.contains(" #")
        || string.contains('\t')
    {
        return false;
    }
    match first {
        '-' | '?' | ':' if second_is_space => return false,
        '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' | '{' | '}' | '[' | ']' | ',' | '=' | ' ' => {
            return false;
        }
        _ => {}
    }
    if string.starts_with("---") || string.starts_with("...") {
        return false;
    }
    // Words that some reader takes for a number, a time or a boolean start with a sign, a digit or a dot, or are these.
    let looks_numeric = first.is_ascii_digit() || matches!(first, '+' | '-' | '.');
    if looks_numeric
        && string.chars().all(|c| {
            c.is_ascii_hexdigit()
                || matches!(
                    c,
                    '.' | '_'
                        | ':'
                        | '+'
                        | '-'
                        | 'x'
                        | 'o'
                        | 'X'
                        | 'O'
                        | 'T'
                        | 't'
                        | 'Z'
                        | 'z'
                        | ' '
                        | 'i'
                        | 'n'
                        | 'N'
                        | 'I'
                )
        })
    {
        return false;
    }
    !["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<", "=", "nan", "inf"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(string))
}

#[cfg(test)]
mod tests {
    use super::super::{Dialect, Node, load};
    use super::*;
    use serde_json::json;

    fn value(node: &Node) -> Value {
        match &node.value {
            super::super::Value::Null => Value::Null,
            super::super::Value::Bool(value) => Value::Bool(*value),
            super::super::Value::Int(value) => json!(i64::try_from(*value).expect("small")),
            super::super::Value::Float(value) => json!(value),
            super::super::Value::Text(text) => json!(text),
            super::super::Value::Sequence(items) => items.iter().map(value).collect(),
            super::super::Value::Mapping(entries) => {
                Value::Object(entries.iter().map(|entry| (entry.name().into_owned(), value(&entry.value))).collect())
            }
        }
    }

    #[test]
    fn what_is_written_reads_as_itself() {
        let texts = [
            "",
            "a",
            " a",
            "a ",
            "a: b",
            "a:b",
            "a #b",
            "#a",
            "- a",
            "-a",
            "1",
            "1.5",
            "0x1F",
            "1e3",
            "yes",
            "No",
            "null",
            "~",
            "2001-12-14",
            "12:30",
            "a\nb",
            "a\nb\n",
            "a\n\nb\n\n",
            " a\nb",
            "\n",
            "\ta",
            "a\tb",
            "'q'",
            "\"q\"",
            "\u{e9}\u{1f600}",
            "@x",
            "*x",
            "&x",
            "!x",
            "%x",
            "{x}",
            "[x]",
            "x, y",
            "?",
            "? x",
            "...",
            "---",
            "\u{7f}",
            "\u{85}x",
            "<<",
            "=",
            ".5",
            "+1",
            "$x",
            "\\",
            "x\r\ny",
            "on",
            "0o7",
            "1_000",
            "-",
            ":",
            ": x",
            "x:",
            "|",
            ">",
        ];
        for dialect in [Dialect::Kubernetes, Dialect::Compose] {
            for string in texts {
                let tree = json!({"k": string, "l": [string, {"m": string}], "n": {"o": {"p": [[string], {}, []]}}});
                let written = write(&tree);
                let stream = load(&written, dialect);
                assert_eq!(stream.problems, [], "{written}");
                assert_eq!(value(&stream.documents[0].root), tree, "{written}");
                if !matches!(string, "" | "\n") {
                    let tree = json!({string: 1});
                    assert_eq!(value(&load(&write(&tree), dialect).documents[0].root), tree, "{string:?}");
                }
            }
        }
    }
}
