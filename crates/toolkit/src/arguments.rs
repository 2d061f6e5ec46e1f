//! From raw JSON arguments to a tool's typed input, with errors that name the field and the fix.
//!
//! The `output` object that every tool accepts beside its own fields is set apart here and described in `output`. Never repeats a value that
//! was sent, only names of fields, cut and stripped.

use crate::error::ToolError;
use crate::limits::{MAX_ARGUMENTS_BYTES, excerpt};
use crate::output::OutputOptions;
use crate::suggest;
use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_path_to_error::{Path, Segment};
use std::borrow::Cow;
use std::fmt;

/// Reads the arguments object into `T` and the output options.
pub fn parse<T: DeserializeOwned>(arguments: &RawValue) -> Result<(T, OutputOptions), ToolError> {
    if arguments.get().len() > MAX_ARGUMENTS_BYTES {
        return Err(ToolError::too_large("", arguments.get().len(), MAX_ARGUMENTS_BYTES, "bytes"));
    }
    let Members(members) = Members::deserialize(arguments)
        .map_err(|_| ToolError::invalid("", "is not a JSON object", "an object whose members are the tool's fields"))?;
    let mut output = OutputOptions::default();
    let mut fields = Vec::with_capacity(members.len());
    let mut seen = std::collections::BTreeSet::new();
    for (name, value) in &members {
        if !seen.insert(name.as_ref()) {
            return Err(ToolError::invalid(pointer("", name), "is given twice", "each field once"));
        }
        if name == "output" {
            output = serde_path_to_error::deserialize(*value)
                .map_err(|error| explain("/output", error.path(), &error.inner().to_string()))?;
            output.check()?;
        } else {
            fields.push((name.as_ref(), *value));
        }
    }
    let deserializer = MapDeserializer::<_, serde_json::Error>::new(fields.into_iter());
    let input = serde_path_to_error::deserialize(deserializer)
        .map_err(|error| explain("", error.path(), &error.inner().to_string()))?;
    Ok((input, output))
}

// The members of a JSON object, values raw: one scan, nothing copied.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(Name(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

// A member's name, borrowed where it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrow)
    }
}

// Puts serde's message into our words. Serde repeats offending values in it, so only its fixed parts are kept: the
// names between the first and last backquotes that are ours, and what was expected.
fn explain(base: &str, path: &Path, message: &str) -> ToolError {
    let at = path.iter().fold(base.to_owned(), |at, segment| match segment {
        Segment::Seq { index } => format!("{at}/{index}"),
        Segment::Map { key } => pointer(&at, key),
        Segment::Enum { .. } | Segment::Unknown => at,
    });
    let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    // serde_json adds its position in a text that is not the caller's.
    let expected = expected.split(" at line ").next().unwrap_or_default();
    if let Some(field) = between(message, "missing field `") {
        return ToolError::invalid(pointer(&at, field), "is missing", "this field is required");
    }
    if let Some(field) = between(message, "unknown field `") {
        let at = if at.ends_with(&pointer("", field)) { at } else { pointer(&at, field) };
        return ToolError::invalid(at, "is not a field of this tool", choices(field, expected));
    }
    if let Some(variant) = between(message, "unknown variant `") {
        return ToolError::invalid(at, "is not one of the accepted values", choices(variant, expected));
    }
    if let Some(found) = message.strip_prefix("invalid type: ") {
        return ToolError::invalid(at, format!("is {}", kind_of(found)), accepted_type(expected));
    }
    if message.starts_with("invalid value: ") || message.starts_with("invalid length ") {
        return ToolError::invalid(at, "is out of range", accepted_type(expected));
    }
    ToolError::invalid(at, "is not acceptable", "see the tool's input schema")
}

fn between<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(start)?;
    Some(rest.rsplit_once("`, expected").map_or_else(|| rest.split('`').next().unwrap_or_default(), |(name, _)| name))
}

// "one of `a`, `b`" or "`a` or `b`", with the nearest first.
fn choices(given: &str, expected: &str) -> String {
    let accepted: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let list = accepted.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    match suggest::nearest(given, accepted.iter().copied()) {
        Some(near) => format!("{list}; did you mean \"{near}\"?"),
        None if list.is_empty() => "no fields at all".to_owned(),
        None => list,
    }
}

fn kind_of(found: &str) -> &'static str {
    let kinds = [
        ("null", "null"),
        ("unit value", "null"),
        ("string", "a string"),
        ("boolean", "a boolean"),
        ("integer", "a whole number"),
        ("floating point", "a number"),
        ("number", "a number"),
        ("sequence", "an array"),
        ("map", "an object"),
    ];
    kinds.iter().find(|(prefix, _)| found.starts_with(prefix)).map_or("of another type", |(_, kind)| kind)
}

fn accepted_type(expected: &str) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number from 0".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "an array".to_owned(),
        "string or map" => "one of the accepted words".to_owned(),
        "" => "see the tool's input schema".to_owned(),
        other if other == "a map" || other.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    }
}

fn pointer(base: &str, name: &str) -> String {
    format!("{base}/{}", excerpt(name).replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Level;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Input {
        source: String,
        #[serde(default)]
        depth: u32,
        #[serde(default)]
        level: Option<Level>,
        #[serde(default)]
        files: Vec<crate::SourceFile>,
    }

    fn error(arguments: &str) -> String {
        let raw = RawValue::from_string(arguments.to_owned()).expect("test writes JSON");
        parse::<Input>(&raw).expect_err("must be refused").to_string()
    }

    #[test]
    fn reads_fields_and_output_options_in_any_order() {
        let raw = RawValue::from_string(
            r#"{"output":{"ignore":["X1"],"minLevel":"warning"},"source":"a\nb","depth":3}"#.to_owned(),
        )
        .expect("JSON");
        let (input, output) = parse::<Input>(&raw).expect("accepted");
        assert_eq!((input.source.as_str(), input.depth, input.level, input.files.len()), ("a\nb", 3, None, 0));
        assert_eq!(output.min_level, Some(Level::Warning));
        assert_eq!(output.ignore, ["X1"]);
    }

    #[test]
    fn each_mistake_is_named_with_its_place_and_its_cure() {
        for (arguments, sentence) in [
            ("[]", "`arguments` is not a JSON object; accepted: an object whose members are the tool's fields"),
            ("{}", "`/source` is missing; accepted: this field is required"),
            (r#"{"source":null}"#, "`/source` is null; accepted: a string"),
            (r#"{"source":7}"#, "`/source` is a whole number; accepted: a string"),
            (r#"{"source":"s","depth":-1}"#, "`/depth` is out of range; accepted: a whole number from 0"),
            (r#"{"source":"s","depth":"secret"}"#, "`/depth` is a string; accepted: a whole number from 0"),
            (r#"{"source":"s","depth":1.5}"#, "`/depth` is a number; accepted: a whole number from 0"),
            (
                r#"{"source":"s","levle":"x"}"#,
                "`/levle` is not a field of this tool; accepted: \"source\", \"depth\", \"level\", \"files\"; did you mean \"level\"?",
            ),
            (
                r#"{"source":"s","level":"warn"}"#,
                "`/level` is not one of the accepted values; accepted: \"error\", \"warning\", \"info\"; did you mean \"warning\"?",
            ),
            (
                r#"{"source":"s","files":[{"path":"a"}]}"#,
                "`/files/0/source` is missing; accepted: this field is required",
            ),
            (
                r#"{"source":"s","files":[{"path":"a","source":"b","x":1}]}"#,
                "`/files/0/x` is not a field of this tool; accepted: \"path\", \"source\"",
            ),
            (r#"{"source":"s","files":{}}"#, "`/files` is an object; accepted: an array"),
            (r#"{"source":"s","source":"t"}"#, "`/source` is given twice; accepted: each field once"),
            (
                r#"{"source":"s","output":{"maxFindings":0}}"#,
                "`/output/maxFindings` is out of range; accepted: a whole number from 1 to 1000",
            ),
            (
                r#"{"source":"s","output":{"max_findings":9}}"#,
                "`/output/max_findings` is not a field of this tool; accepted: \"ignore\", \"minLevel\", \"maxFindings\", \"maxTokens\", \"cursor\", \"format\"; did you mean \"maxFindings\"?",
            ),
        ] {
            assert_eq!(error(arguments), sentence);
        }
    }

    #[test]
    fn never_repeats_a_value() {
        for arguments in [
            r#"{"source":"s","depth":"hunter2"}"#,
            r#"{"source":"s","level":"hunter2"}"#,
            r#"{"source":"s","level":"` hunter2 `, expected"}"#,
            r#"{"source":"s","files":"hunter2"}"#,
            r#"{"source":"s","output":"hunter2"}"#,
        ] {
            assert!(!error(arguments).contains("hunter2"), "{}", error(arguments));
        }
    }
}
