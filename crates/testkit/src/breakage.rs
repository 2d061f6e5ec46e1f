//! Breaks each field of a tool's arguments in turn and reads what the tool says.
//!
//! What a type forbids is refused before the tool runs, so any arguments that hold the field will do. What only the tool
//! forbids (a range, a length) needs arguments that the tool takes as they are.

use crate::Subject;
use octavo_rpc::Reason;
use octavo_toolkit::limits::{MAX_LARGE_SOURCE_BYTES, MAX_SOURCE_BYTES};
use octavo_toolkit::registry::Rendering;
use octavo_toolkit::{ToolError, suggest};
use serde_json::{Map, Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};

// Values that no answer may repeat.
const CANARY: &str = "xylophone-quagmire";
const CANARY_NUMBER: u64 = 918_273_645;
const CANARY_FRACTION: f64 = 918.273_645;
const ABSURD_NUMBER: u64 = 1_000_000_000_000_000_000;

/// More items than any list of any tool takes.
const TOO_MANY_ITEMS: usize = 100_001;
/// Where that many would take too long: enough for far more than any limit of long items.
const MOST_ITEM_BYTES: usize = 8 * 1024 * 1024;

/// One field of a tool's arguments, an item of a list included.
struct Field<'s> {
    /// JSON pointer; an item is the first of its list.
    pointer: String,
    schema: &'s Value,
    is_required: bool,
    /// Its own name and its neighbours'; empty for an item.
    siblings: Vec<&'s str>,
}

impl Field<'_> {
    fn parent(&self) -> &str {
        self.pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    fn name(&self) -> String {
        let name = self.pointer.rsplit_once('/').map_or("", |(_, name)| name);
        name.replace("~1", "/").replace("~0", "~")
    }

    fn kind(&self) -> &str {
        self.schema.get("type").and_then(Value::as_str).unwrap_or_default()
    }

    fn words(&self) -> Vec<&str> {
        self.schema.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    // What a refusal has to say is accepted.
    fn accepted(&self) -> Vec<String> {
        match (self.words().as_slice(), self.kind()) {
            ([], "string") => vec!["a string".to_owned()],
            ([], "integer") => vec!["a whole number".to_owned()],
            ([], "number") => vec!["a number".to_owned()],
            ([], "boolean") => vec!["a boolean".to_owned()],
            ([], "array") => vec!["an array".to_owned()],
            ([], _) => vec!["an object".to_owned()],
            (words, _) => words.iter().map(|word| format!("\"{word}\"")).collect(),
        }
    }
}

fn fields_of(schema: &Value) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    collect_fields(schema, "", &mut fields);
    fields
}

fn collect_fields<'s>(schema: &'s Value, at: &str, fields: &mut Vec<Field<'s>>) {
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, inner) in properties.into_iter().flatten() {
        let pointer = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
        let is_required = required.is_some_and(|required| required.iter().any(|known| known == name));
        let siblings = properties.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        fields.push(Field { pointer: pointer.clone(), schema: inner, is_required, siblings });
        collect_fields(inner, &pointer, fields);
    }
    if let Some(items) = schema.get("items") {
        let pointer = format!("{at}/0");
        fields.push(Field { pointer: pointer.clone(), schema: items, is_required: true, siblings: Vec::new() });
        collect_fields(items, &pointer, fields);
    }
}

/// Breaks what types forbid: a required field missing, null, of another type, misspelt, not a word of its enum. Null in an
/// optional field must be the same as nothing.
pub(crate) fn check_types(subject: Subject<'_>, examples: &[Value]) -> Vec<String> {
    let schema = subject.tool.input_schema();
    let mut check = Check { subject, complaints: Vec::new() };
    for field in &fields_of(&schema) {
        let base = base_for(field, &schema, examples);
        let accepted = field.accepted();
        if !field.siblings.is_empty() {
            let mut absent = base.clone();
            remove(&mut absent, &field.pointer);
            if field.is_required {
                check.refused("missing", &absent, &field.pointer, &accepted);
            } else {
                check.same("null", &with(&base, &field.pointer, Value::Null), &absent, &field.pointer);
            }
            check.misspelt(field, &base);
        }
        if field.is_required {
            check.refused("null", &with(&base, &field.pointer, Value::Null), &field.pointer, &accepted);
        }
        for wrong in wrong_types(field) {
            check.refused("wrong type", &with(&base, &field.pointer, wrong), &field.pointer, &accepted);
        }
        if !field.words().is_empty() {
            check.refused("wrong enum value", &with(&base, &field.pointer, json!(CANARY)), &field.pointer, &accepted);
        }
    }
    check.complaints
}

/// Breaks what only the tool can forbid: numbers out of range, texts and lists over the limit. Every text and every list
/// must have a limit.
pub(crate) fn check_values(subject: Subject<'_>, examples: &[Value]) -> Vec<String> {
    let schema = subject.tool.input_schema();
    let mut check = Check { subject, complaints: Vec::new() };
    for field in &fields_of(&schema) {
        let Some(base) = check.sound_base(field, &schema, examples) else {
            let complaint = format!("no example and no case is accepted with `{}` in it; add one", field.pointer);
            check.complaints.push(complaint);
            continue;
        };
        let at = field.pointer.as_str();
        match field.kind() {
            "integer" | "number" => {
                for value in [json!(-1), json!(ABSURD_NUMBER), json!(-1e18)] {
                    check.harmless("absurd number", &with(&base, at, value), at, Some(at));
                }
                for beyond in beyond_range(field.schema) {
                    check.refused("out of range", &with(&base, at, beyond), at, &[]);
                }
            }
            "string" if field.words().is_empty() => {
                check.harmless("strange text", &with(&base, at, json!(CANARY)), at, None);
                check.text_over_limit(&base, at);
            }
            "array" => check.over_limit(&base, at),
            _ => {}
        }
    }
    check.complaints
}

// A text that begins and ends like one that is accepted, so that its length alone is wrong.
fn too_long(accepted: Option<&Value>, limit: usize) -> Value {
    let accepted = accepted.and_then(Value::as_str).unwrap_or_default();
    json!(format!("{accepted}{}{accepted}", "x".repeat(limit)))
}

// Just outside of the range that the schema states.
fn beyond_range(schema: &Value) -> Vec<Value> {
    let bound = |word: &str| schema.get(word).and_then(Value::as_f64);
    let (least, most) = (bound("minimum"), bound("maximum"));
    [least.map(|least| least - 1.0), most.map(|most| most + 1.0)]
        .into_iter()
        .flatten()
        .map(|number| serde_json::from_str(&number.to_string()).unwrap_or_default())
        .collect()
}

// A value of each type that is not the field's.
fn wrong_types(field: &Field<'_>) -> Vec<Value> {
    let has_required = field.schema.get("required").is_some();
    [
        (json!(CANARY), field.kind() != "string"),
        (json!(CANARY_NUMBER), !matches!(field.kind(), "integer" | "number")),
        (json!(CANARY_FRACTION), field.kind() != "number"),
        (json!(true), field.kind() != "boolean"),
        // Serde takes an array for an object whose fields are all optional.
        (json!([]), field.kind() != "array" && (field.kind() != "object" || has_required)),
        (json!({ CANARY: CANARY }), field.kind() != "object"),
    ]
    .into_iter()
    .filter(|(_, is_wrong)| *is_wrong)
    .map(|(value, _)| value)
    .collect()
}

struct Check<'t> {
    subject: Subject<'t>,
    complaints: Vec<String>,
}

impl Check<'_> {
    fn call(&self, arguments: &Value) -> Result<Result<Rendering, ToolError>, String> {
        catch_unwind(AssertUnwindSafe(|| self.subject.call(arguments))).map_err(|_| "panics".to_owned())
    }

    fn complain(&mut self, way: &str, at: &str, what: &str) {
        self.complaints.push(format!("`{at}`, {way}: {what}"));
    }

    // Refused, naming the place and what is accepted, and repeating nothing.
    fn refused(&mut self, way: &str, arguments: &Value, at: &str, accepted: &[String]) {
        match self.call(arguments) {
            Err(panic) => self.complain(way, at, &panic),
            Ok(Ok(_)) => self.complain(way, at, "is accepted"),
            Ok(Err(error)) => self.sentence(way, at, Some(at), accepted, &error),
        }
    }

    // Accepted, or refused with a sentence that repeats nothing, and names the place where one is given: a text may
    // make another field wrong.
    fn harmless(&mut self, way: &str, arguments: &Value, of: &str, at: Option<&str>) {
        match self.call(arguments) {
            Err(panic) => self.complain(way, of, &panic),
            Ok(Ok(_)) => {}
            Ok(Err(error)) => self.sentence(way, of, at, &[], &error),
        }
    }

    fn same(&mut self, way: &str, one: &Value, other: &Value, at: &str) {
        match (self.call(one), self.call(other)) {
            (Err(panic), _) | (_, Err(panic)) => self.complain(way, at, &panic),
            (Ok(one), Ok(other)) if one != other => self.complain(way, at, "is not the same as absent"),
            _ => {}
        }
    }

    fn sentence(&mut self, way: &str, of: &str, at: Option<&str>, accepted: &[String], error: &ToolError) {
        let sentence = error.to_string();
        let path = error.to_call_error().path.unwrap_or_default();
        let shown = if path.is_empty() { "`arguments`".to_owned() } else { format!("`{path}`") };
        if at.is_some_and(|at| at != path) || !sentence.contains(&shown) {
            self.complain(way, of, &format!("another place is named: {sentence}"));
        }
        let says = match error.reason() {
            Reason::InputTooLarge => sentence.split_once("the limit is ").map_or("", |(_, says)| says),
            _ => sentence.split_once("; accepted: ").map_or("", |(_, says)| says),
        };
        if says.is_empty() || says.contains("input schema") || accepted.iter().any(|word| !says.contains(word)) {
            self.complain(way, of, &format!("what is accepted is not said: {sentence}"));
        }
        let values =
            [CANARY.to_owned(), CANARY_NUMBER.to_string(), CANARY_FRACTION.to_string(), ABSURD_NUMBER.to_string()];
        if values.iter().any(|value| sentence.contains(value)) || sentence.contains("xxxxxxxx") {
            self.complain(way, of, &format!("a value is repeated: {sentence}"));
        }
    }

    // A neighbour whose name is the field's with a slip.
    fn misspelt(&mut self, field: &Field<'_>, base: &Value) {
        let name = field.name();
        let misspelt = format!("{name}{}", name.chars().last().unwrap_or('x'));
        if field.siblings.contains(&misspelt.as_str()) {
            return;
        }
        let mut arguments = base.clone();
        if let Some(Value::Object(members)) = arguments.pointer_mut(field.parent()) {
            members.insert(misspelt.clone(), json!(CANARY));
        }
        let mut accepted: Vec<String> = field.siblings.iter().map(|name| format!("\"{name}\"")).collect();
        if suggest::nearest(&misspelt, field.siblings.iter().copied()).is_some() {
            accepted.push("; did you mean \"".to_owned());
        }
        self.refused("unknown neighbour", &arguments, &format!("{}/{misspelt}", field.parent()), &accepted);
    }

    // Tools that read recordings take longer texts than the others.
    fn text_over_limit(&mut self, base: &Value, at: &str) {
        let long = with(base, at, too_long(base.pointer(at), MAX_SOURCE_BYTES));
        if matches!(self.call(&long), Ok(Ok(_))) {
            let longer = with(base, at, too_long(base.pointer(at), MAX_LARGE_SOURCE_BYTES));
            return self.refused("over the limit", &longer, at, &[]);
        }
        self.refused("over the limit", &long, at, &[]);
    }

    fn over_limit(&mut self, base: &Value, at: &str) {
        let Some(item) = base.pointer(at).and_then(|list| list.get(0)) else {
            return self.complain("over the limit", at, "no example and no case has an item; add one");
        };
        let count = (MOST_ITEM_BYTES / (item.to_string().len() + 1)).min(TOO_MANY_ITEMS);
        let arguments = with(base, at, Value::Array(vec![item.clone(); count]));
        match self.call(&arguments) {
            Ok(Err(error)) if error.reason() == Reason::InputTooLarge => {
                self.sentence("over the limit", at, Some(at), &[], &error);
            }
            Ok(Err(error)) => self.complain("over the limit", at, &format!("not refused for its length: {error}")),
            Ok(Ok(_)) => self.complain("over the limit", at, &format!("{count} items are accepted")),
            Err(panic) => self.complain("over the limit", at, &panic),
        }
    }

    // Arguments that hold the field and are accepted; a list among them has an item where any such list is accepted.
    fn sound_base(&self, field: &Field<'_>, schema: &Value, examples: &[Value]) -> Option<Value> {
        let holds = |example: &&Value| match example.pointer(&field.pointer) {
            None | Some(Value::Null) => false,
            Some(Value::Array(items)) => !items.is_empty(),
            Some(_) => true,
        };
        let held = examples.iter().filter(holds).cloned();
        let target = if field.kind() == "array" { format!("{}/0", field.pointer) } else { field.pointer.clone() };
        let put_in = examples.iter().map(|example| extended(example, schema, &target));
        let bare = std::iter::once(extended(&synthesised(schema), schema, &target));
        held.chain(put_in).chain(bare).find(|base| matches!(self.call(base), Ok(Ok(_))))
    }
}

// An example's arguments that hold the field, or the first example's with the field put in.
fn base_for(field: &Field<'_>, schema: &Value, examples: &[Value]) -> Value {
    let held = examples.iter().find(|example| example.pointer(&field.pointer).is_some_and(|value| !value.is_null()));
    match (held, examples.first()) {
        (Some(example), _) => example.clone(),
        (None, Some(first)) => extended(first, schema, &field.pointer),
        (None, None) => extended(&synthesised(schema), schema, &field.pointer),
    }
}

fn with(base: &Value, at: &str, value: Value) -> Value {
    let mut arguments = base.clone();
    if let Some(place) = arguments.pointer_mut(at) {
        *place = value;
    }
    arguments
}

fn remove(arguments: &mut Value, at: &str) {
    let Some((parent, name)) = at.rsplit_once('/') else { return };
    if let Some(Value::Object(members)) = arguments.pointer_mut(parent) {
        members.retain(|member, _| member != name);
    }
}

// The arguments with something at `target` and all that leads there.
fn extended(arguments: &Value, schema: &Value, target: &str) -> Value {
    let mut whole = arguments.clone();
    let (mut place, mut schema) = (&mut whole, schema);
    for name in target.split('/').skip(1) {
        if schema.get("type").is_some_and(|kind| kind == "array") {
            schema = &schema["items"];
            let Value::Array(items) = place else { break };
            if items.is_empty() {
                items.push(synthesised(schema));
            }
            place = &mut items[0];
        } else {
            schema = &schema["properties"][name];
            let Value::Object(members) = place else { break };
            if members.get(name).is_none_or(Value::is_null) {
                members.insert(name.to_owned(), synthesised(schema));
            }
            place = &mut members[name];
        }
    }
    whole
}

// The least value of a type.
fn synthesised(schema: &Value) -> Value {
    if let Some(word) = schema.get("enum").and_then(|words| words.get(0)) {
        return word.clone();
    }
    match schema.get("type").and_then(Value::as_str).unwrap_or_default() {
        "string" => json!("x"),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(false),
        "array" => json!([]),
        _ => {
            let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
            let members = required.filter_map(Value::as_str);
            Value::Object(
                members.map(|name| (name.to_owned(), synthesised(&schema["properties"][name]))).collect::<Map<_, _>>(),
            )
        }
    }
}
