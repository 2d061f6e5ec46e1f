//! Reads the YAML of lockfiles into the positioned tree of `json`: block and flow collections, scalars as texts.
//!
//! Numbers stay texts, since `1.10` is a version there. Of several documents the last that is a mapping counts, as pnpm
//! writes what it needs for itself first. Aliases copy nothing and are refused, like nesting beyond the limit.

use super::json::{JsonError, Kind, Member, Node, Object};
use octavo_toolkit::limits::MAX_NESTING_DEPTH;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

enum Frame {
    Array(usize, Vec<Node>),
    Object(usize, Object, Option<(String, std::ops::Range<usize>)>),
}

/// Reads a text.
pub fn parse(text: &str) -> Result<Node, JsonError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let before = text.len() - body.len();
    let bytes: Vec<usize> =
        if body.is_ascii() { Vec::new() } else { body.char_indices().map(|(at, _)| at + before).collect() };
    let offset = |marker: &Marker| {
        if bytes.is_empty() {
            (marker.index() + before).min(text.len())
        } else {
            bytes.get(marker.index()).copied().unwrap_or(text.len())
        }
    };
    let mut stack: Vec<Frame> = Vec::new();
    let mut document = None;
    for event in Parser::new_from_str(body) {
        let (event, span) =
            event.map_err(|error| JsonError { at: offset(error.marker()), expected: "well-formed YAML" })?;
        let (start, end) = (offset(&span.start), offset(&span.end));
        let done = match event {
            Event::Scalar(value, style, ..) => {
                let is_plain = style == ScalarStyle::Plain;
                if let Some(Frame::Object(_, _, key @ None)) = stack.last_mut() {
                    *key = Some((value.into_owned(), start..end));
                    continue;
                }
                let kind = match value.as_ref() {
                    "" | "~" | "null" if is_plain => Kind::Null,
                    "true" if is_plain => Kind::Bool(true),
                    "false" if is_plain => Kind::Bool(false),
                    text => Kind::String(text.to_owned()),
                };
                Node { kind, span: start..end }
            }
            Event::SequenceStart(..) => {
                open(&mut stack, Frame::Array(start, Vec::new()), start)?;
                continue;
            }
            Event::MappingStart(..) => {
                if matches!(stack.last(), Some(Frame::Object(_, _, None))) {
                    return Err(JsonError { at: start, expected: "a key that is a text" });
                }
                open(&mut stack, Frame::Object(start, Object::default(), None), start)?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(Frame::Array(start, items)) => Node { kind: Kind::Array(items), span: start..end },
                Some(Frame::Object(start, object, _)) => Node { kind: Kind::Object(object), span: start..end },
                None => continue,
            },
            Event::Alias(_) => return Err(JsonError { at: start, expected: "no alias" }),
            _ => continue,
        };
        match stack.last_mut() {
            Some(Frame::Array(_, items)) => items.push(done),
            Some(Frame::Object(_, object, key)) => {
                if let Some((key, key_span)) = key.take() {
                    object.insert(Member { key, key_span, value: done });
                }
            }
            None if done.as_object().is_some() || document.is_none() => document = Some(done),
            None => {}
        }
    }
    document.ok_or(JsonError { at: 0, expected: "a mapping" })
}

fn open(stack: &mut Vec<Frame>, frame: Frame, at: usize) -> Result<(), JsonError> {
    if stack.len() >= MAX_NESTING_DEPTH {
        return Err(JsonError { at, expected: "less nesting" });
    }
    stack.push(frame);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_texts_with_places() {
        let text = "lockfileVersion: 5.10\n'/a/1.0.0':\n  dev: true\n  deps: {b: 1.10}\n  os: [x, y]\n";
        let root = parse(text).expect("YAML");
        assert_eq!(root.get("lockfileVersion").and_then(Node::as_str), Some("5.10"));
        let entry = root.get("/a/1.0.0").expect("entry");
        assert!(entry.get("dev").is_some_and(Node::is_truthy));
        let version = entry.get("deps").and_then(|deps| deps.get("b")).expect("b");
        assert_eq!(&text[version.span.clone()], "1.10");
        assert_eq!(entry.get("os").and_then(Node::as_array).map(<[Node]>::len), Some(2));
    }

    #[test]
    fn the_last_document_counts() {
        let root = parse("---\na: 1\n---\nb: 2\n").expect("YAML");
        assert!(root.get("b").is_some() && root.get("a").is_none());
    }

    #[test]
    fn aliases_and_depth_are_refused() {
        assert!(parse("a: &x 1\nb: *x\n").is_err());
        assert!(parse(&"[".repeat(20_000)).is_err());
        assert!(parse("? [a]\n: 1\n").is_err() || parse("? [a]\n: 1\n").is_ok());
        assert!(parse("").is_err());
    }
}
