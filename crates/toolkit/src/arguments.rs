//! From raw JSON arguments to a tool's typed input, with errors that name the field and the fix.
//!
//! The `output` object that every tool accepts beside its own fields is set apart here and described in `output`. A null
//! stands for an absent field. What a refused field accepts is asked of the input type itself, by reading once more a
//! document that holds nothing but that field with a value of another type. Never repeats a value that was sent, only names
//! of fields, cut and stripped.

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
    let mut fields = fields_of("", arguments, "an object whose members are the tool's fields")?;
    let output = match fields.iter().position(|(name, _)| name == OUTPUT) {
        Some(at) => read_output(fields.remove(at).1)?,
        None => OutputOptions::default(),
    };
    if fields.iter().any(|(name, _)| name == OUTPUT) {
        return Err(given_twice(pointer("", OUTPUT)));
    }
    Ok((read("", fields)?, output))
}

const OUTPUT: &str = "output";

fn read_output(value: &RawValue) -> Result<OutputOptions, ToolError> {
    if is_null(value) {
        return Ok(OutputOptions::default());
    }
    let fields = fields_of("/output", value, "an object such as {\"minLevel\": \"warning\"}")?;
    let output: OutputOptions = read("/output", fields)?;
    output.check()?;
    Ok(output)
}

type Field<'a> = (Cow<'a, str>, &'a RawValue);

fn is_null(value: &RawValue) -> bool {
    value.get() == "null"
}

fn fields_of<'a>(base: &str, object: &'a RawValue, accepted: &str) -> Result<Vec<Field<'a>>, ToolError> {
    match Members::deserialize(object) {
        Ok(Members(fields)) => Ok(fields),
        Err(_) => Err(ToolError::invalid(base, "is not a JSON object", accepted)),
    }
}

fn given_twice(pointer: String) -> ToolError {
    ToolError::invalid(pointer, "is given twice", "each field once")
}

fn read<T: DeserializeOwned>(base: &str, fields: Vec<Field<'_>>) -> Result<T, ToolError> {
    let mut input = None;
    let refused = settle(base, fields, &mut |fields| {
        let fields = fields.iter().map(|(name, value)| (name.as_ref(), *value));
        let deserializer = MapDeserializer::<_, serde_json::Error>::new(fields);
        match serde_path_to_error::deserialize(deserializer) {
            Ok(read) => {
                input = Some(read);
                None
            }
            Err(error) => Some(Failure { path: error.path().clone(), message: error.inner().to_string() }),
        }
    });
    match (input, refused) {
        (Some(input), None) => Ok(input),
        (_, refused) => Err(refused.unwrap_or_else(|| ToolError::invalid(base, "is not well-formed", "an object"))),
    }
}

// Reads the fields without those nulls that name one. Not generic, so that a worker of many tools holds it once.
fn settle(base: &str, fields: Vec<Field<'_>>, attempt: Attempt<'_>) -> Option<ToolError> {
    // Which nulls name a field, only the type can tell. They stand first, so that asking costs no more than they are long.
    let (mut fields, others): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(_, value)| is_null(value));
    fields.extend(others);
    let mut nulls = Vec::new();
    loop {
        let failure = attempt(&fields)?;
        let Some(at) = failure.null_among(&fields) else {
            return Some(explain(base, &failure, &nulls, attempt));
        };
        let (name, _) = fields.remove(at);
        if fields.iter().any(|(other, _)| *other == name) {
            return Some(given_twice(pointer(base, &name)));
        }
        nulls.push(name);
    }
}

// Why an object could not be read, in serde's words.
struct Failure {
    path: Path,
    message: String,
}

impl Failure {
    // The field that was refused for being null; one that does not exist is refused for that.
    fn null_among(&self, fields: &[Field<'_>]) -> Option<usize> {
        match self.path.iter().next() {
            Some(Segment::Map { key }) if !self.message.starts_with(UNKNOWN_FIELD) => {
                fields.iter().position(|(name, value)| name == key && is_null(value))
            }
            _ => None,
        }
    }
}

/// The members of a JSON object in their order, names twice given and all, values raw: one scan, nothing copied.
pub struct Members<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

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

const MISSING_FIELD: &str = "missing field `";
const DUPLICATE_FIELD: &str = "duplicate field `";
const UNKNOWN_FIELD: &str = "unknown field `";
const UNKNOWN_VARIANT: &str = "unknown variant `";
const INVALID_TYPE: &str = "invalid type: ";
const INVALID_LENGTH: &str = "invalid length ";

// What fields are refused for, if they are.
type Attempt<'p> = &'p mut dyn FnMut(&[Field<'_>]) -> Option<Failure>;

// Puts serde's message into our words. Serde repeats offending values in it, so only its fixed parts are kept: the
// names between the first and last backquotes that are ours, and what was expected.
fn explain(base: &str, failure: &Failure, nulls: &[Cow<'_, str>], attempt: Attempt<'_>) -> ToolError {
    let mut place = Place { pointer: base.to_owned(), before: String::new(), after: String::new() };
    failure.path.iter().for_each(|segment| place.enter(segment));
    let message = failure.message.as_str();
    let expected = expected_in(message);
    if let Some(field) = between(message, MISSING_FIELD) {
        let is_null = place.before.is_empty() && nulls.iter().any(|name| name == field);
        place.enter_member(field);
        let accepted = place.accepted(attempt).unwrap_or_else(|| "this field is required".to_owned());
        return ToolError::invalid(place.pointer, if is_null { "is null" } else { "is missing" }, accepted);
    }
    if let Some(field) = between(message, DUPLICATE_FIELD) {
        place.enter_member(field);
        return given_twice(place.pointer);
    }
    if let Some(field) = between(message, UNKNOWN_FIELD) {
        // `output` is not a field of the tool's own, yet a near miss of it is meant for it.
        let also = if base.is_empty() && failure.path.iter().count() == 1 { &[OUTPUT][..] } else { &[] };
        return ToolError::invalid(place.pointer, "is not a field of this tool", choices(field, expected, also));
    }
    if let Some(variant) = between(message, UNKNOWN_VARIANT) {
        return ToolError::invalid(place.pointer, NO_WORD, choices(variant, expected, &[]));
    }
    let problem = match message.strip_prefix(INVALID_TYPE) {
        Some(found) => format!("is {}", kind_of(found)),
        None if message.starts_with(INVALID_LENGTH) && is_object(expected) => "is an array".to_owned(),
        None if message.starts_with("invalid value: ") || message.starts_with(INVALID_LENGTH) => {
            OUT_OF_RANGE.to_owned()
        }
        None if message.starts_with("number out of range") => OUT_OF_RANGE.to_owned(),
        None => "is not well-formed".to_owned(),
    };
    match accepted_type(expected) {
        Some(accepted) => ToolError::invalid(place.pointer, problem, accepted),
        None => match place.accepted(attempt) {
            // Serde tells of the inside of what it took for an enum, not of the value itself.
            Some(words) if words.starts_with('"') => ToolError::invalid(place.pointer, NO_WORD, words),
            Some(accepted) => ToolError::invalid(place.pointer, problem, accepted),
            None => ToolError::invalid(place.pointer, problem, "what the tool's input schema says"),
        },
    }
}

const NO_WORD: &str = "is not one of the accepted values";
const OUT_OF_RANGE: &str = "is out of range";

// A place in the arguments: its pointer, and the text of a document that holds nothing else, up to its value and after.
struct Place {
    pointer: String,
    before: String,
    after: String,
}

impl Place {
    fn enter(&mut self, segment: &Segment) {
        match segment {
            Segment::Seq { index } => {
                self.pointer = format!("{}/{index}", self.pointer);
                self.before.push('[');
                self.after.insert(0, ']');
            }
            Segment::Map { key } => self.enter_member(key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }

    fn enter_member(&mut self, name: &str) {
        self.pointer = pointer(&self.pointer, name);
        let name = serde_json::to_string(name).unwrap_or_default();
        self.before.push('{');
        self.before.push_str(&name);
        self.before.push(':');
        self.after.insert(0, '}');
    }

    // What the type of this place accepts: a string brings out the words of an enum and every type but a string's, an
    // array brings out that one.
    fn accepted(&self, attempt: Attempt<'_>) -> Option<String> {
        let mut refused = |value: &str| {
            let document = format!("{}{value}{}", self.before, self.after);
            let Members(fields) = serde_json::from_str(&document).ok()?;
            attempt(&fields).map(|failure| failure.message)
        };
        let message = refused("\"\"").unwrap_or_default();
        if message.starts_with(UNKNOWN_VARIANT) {
            return Some(choices("", expected_in(&message), &[]));
        }
        let message = if message.starts_with(INVALID_TYPE) { message } else { refused("[]")? };
        let is_type = message.starts_with(INVALID_TYPE) || message.starts_with(INVALID_LENGTH);
        if is_type { accepted_type(expected_in(&message)) } else { None }
    }
}

fn expected_in(message: &str) -> &str {
    let expected = message.rsplit_once(", expected ").map_or("", |(_, expected)| expected);
    // serde_json adds its position in a text that is not the caller's.
    expected.split(" at line ").next().unwrap_or_default()
}

fn between<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    let rest = message.strip_prefix(start)?;
    Some(rest.rsplit_once("`, expected").map_or_else(|| rest.split('`').next().unwrap_or_default(), |(name, _)| name))
}

// "one of `a`, `b`" or "`a` or `b`", with the nearest last; `also` is accepted without being listed.
fn choices(given: &str, expected: &str, also: &[&str]) -> String {
    let accepted: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    let list = accepted.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let list = if list.is_empty() { "no fields at all".to_owned() } else { list };
    match suggest::nearest(given, accepted.iter().chain(also).copied()) {
        Some(near) => format!("{list}; did you mean \"{near}\"?"),
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

// What serde expects, for readers; nothing where it names its own machinery.
fn accepted_type(expected: &str) -> Option<String> {
    let accepted = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "an array",
        "" | "string or map" | "unit" | "unit variant" | "variant identifier" => return None,
        other if is_object(other) => "an object",
        other => other,
    };
    Some(accepted.to_owned())
}

fn is_object(expected: &str) -> bool {
    expected == "a map" || expected.starts_with("struct ")
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
        #[serde(default)]
        limits: Vec<Limit>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only its errors are read")]
    struct Limit {
        level: Level,
        least: Option<f64>,
        most: u16,
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
            ("{}", "`/source` is missing; accepted: a string"),
            (r#"{"source":null}"#, "`/source` is null; accepted: a string"),
            (r#"{"source":7}"#, "`/source` is a whole number; accepted: a string"),
            (r#"{"source":"s","depth":-1}"#, "`/depth` is out of range; accepted: a whole number from 0 to 4294967295"),
            (
                r#"{"source":"s","depth":5000000000}"#,
                "`/depth` is out of range; accepted: a whole number from 0 to 4294967295",
            ),
            (
                r#"{"source":"s","depth":"secret"}"#,
                "`/depth` is a string; accepted: a whole number from 0 to 4294967295",
            ),
            (r#"{"source":"s","depth":1.5}"#, "`/depth` is a number; accepted: a whole number from 0 to 4294967295"),
            (
                r#"{"source":"s","depth":1e999}"#,
                "`/depth` is out of range; accepted: a whole number from 0 to 4294967295",
            ),
            (r#"{"source":"\ud800"}"#, "`/source` is not well-formed; accepted: a string"),
            (
                r#"{"source":"s","levle":"x"}"#,
                "`/levle` is not a field of this tool; accepted: \"source\", \"depth\", \"level\", \"files\", \"limits\"; did you mean \"level\"?",
            ),
            (
                r#"{"source":"s","levle":null}"#,
                "`/levle` is not a field of this tool; accepted: \"source\", \"depth\", \"level\", \"files\", \"limits\"; did you mean \"level\"?",
            ),
            (
                r#"{"source":"s","ouput":{}}"#,
                "`/ouput` is not a field of this tool; accepted: \"source\", \"depth\", \"level\", \"files\", \"limits\"; did you mean \"output\"?",
            ),
            (
                r#"{"source":"s","level":"warn"}"#,
                "`/level` is not one of the accepted values; accepted: \"error\", \"warning\", \"info\"; did you mean \"warning\"?",
            ),
            (
                r#"{"source":"s","level":7}"#,
                "`/level` is not one of the accepted values; accepted: \"error\", \"warning\", \"info\"",
            ),
            (
                r#"{"source":"s","level":{"error":1}}"#,
                "`/level` is not one of the accepted values; accepted: \"error\", \"warning\", \"info\"",
            ),
            (
                r#"{"source":"s","limits":[{"level":"info","most":1},{"most":2}]}"#,
                "`/limits/1/level` is missing; accepted: \"error\", \"warning\", \"info\"",
            ),
            (
                r#"{"source":"s","limits":[{"level":null,"most":2}]}"#,
                "`/limits/0/level` is not one of the accepted values; accepted: \"error\", \"warning\", \"info\"",
            ),
            (
                r#"{"source":"s","limits":[{"level":"info"}]}"#,
                "`/limits/0/most` is missing; accepted: a whole number from 0 to 65535",
            ),
            (
                r#"{"source":"s","limits":[{"level":"info","most":65536}]}"#,
                "`/limits/0/most` is out of range; accepted: a whole number from 0 to 65535",
            ),
            (
                r#"{"source":"s","limits":[{"level":"info","least":1e999}]}"#,
                "`/limits/0/least` is out of range; accepted: a number",
            ),
            (r#"{"source":"s","limits":[[]]}"#, "`/limits/0` is an array; accepted: an object"),
            (r#"{"source":"s","limits":[7]}"#, "`/limits/0` is a whole number; accepted: an object"),
            (r#"{"source":"s","files":[{"path":"a"}]}"#, "`/files/0/source` is missing; accepted: a string"),
            (r#"{"source":"s","files":[{"path":"a","source":null}]}"#, "`/files/0/source` is null; accepted: a string"),
            (
                r#"{"source":"s","files":[{"path":"a","source":"b","x":1}]}"#,
                "`/files/0/x` is not a field of this tool; accepted: \"path\", \"source\"",
            ),
            (r#"{"source":"s","files":{}}"#, "`/files` is an object; accepted: an array"),
            (r#"{"source":"s","source":"t"}"#, "`/source` is given twice; accepted: each field once"),
            (r#"{"source":"s","depth":1,"depth":null}"#, "`/depth` is given twice; accepted: each field once"),
            (r#"{"source":"s","output":{},"output":null}"#, "`/output` is given twice; accepted: each field once"),
            (
                r#"{"source":"s","files":[{"path":"a","path":"b","source":"c"}]}"#,
                "`/files/0/path` is given twice; accepted: each field once",
            ),
            (
                r#"{"source":"s","output":[]}"#,
                "`/output` is not a JSON object; accepted: an object such as {\"minLevel\": \"warning\"}",
            ),
            (r#"{"source":"s","output":{"ignore":[7]}}"#, "`/output/ignore/0` is a whole number; accepted: a string"),
            (
                r#"{"source":"s","output":{"cursor":"a","cursor":"b"}}"#,
                "`/output/cursor` is given twice; accepted: each field once",
            ),
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
    fn null_stands_for_an_absent_field() {
        for arguments in [
            r#"{"source":"s","depth":null,"level":null,"files":null,"limits":null,"output":null}"#,
            r#"{"files":null,"source":"s","output":{"ignore":null,"minLevel":null,"maxFindings":null}}"#,
        ] {
            let raw = RawValue::from_string(arguments.to_owned()).expect("JSON");
            let (input, output) = parse::<Input>(&raw).expect("accepted");
            assert_eq!((input.depth, input.level, input.files.len(), input.limits.len()), (0, None, 0, 0));
            assert_eq!(output, OutputOptions::default());
        }
    }

    #[test]
    fn mistakes_after_nulls_are_still_named() {
        assert_eq!(error(r#"{"files":null}"#), "`/source` is missing; accepted: a string");
        assert_eq!(error(r#"{"files":null,"source":null,"depth":null}"#), "`/source` is null; accepted: a string");
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
