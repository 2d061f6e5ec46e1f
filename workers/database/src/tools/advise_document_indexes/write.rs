//! Values as the shell reads them; JSON where they are JSON's.

use crate::support::ejson::Value;

/// Writes a value.
pub(super) fn written(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// Writes a text in quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn write(value: &Value, into: &mut String) {
    match value {
        Value::Null => into.push_str("null"),
        Value::Undefined => into.push_str("undefined"),
        Value::Bool(flag) => into.push_str(if *flag { "true" } else { "false" }),
        Value::Int(number) => into.push_str(&number.to_string()),
        Value::Long(number) => into.push_str(&number.to_string()),
        Value::Double(number) => into.push_str(&number.to_string()),
        Value::Decimal(text) => wrapped("NumberDecimal", text, into),
        Value::String(text) => into.push_str(&quoted(text)),
        Value::Symbol(text) => into.push_str(&quoted(text)),
        Value::ObjectId(text) => wrapped("ObjectId", text, into),
        Value::Date(Some(ms)) => into.push_str(&["new Date(", &ms.to_string(), ")"].concat()),
        Value::Date(None) => into.push_str("new Date()"),
        Value::Binary(_, kind, text) => {
            into.push_str(&["BinData(", &kind.to_string(), ", ", &quoted(text), ")"].concat());
        }
        Value::Regex(pattern, options) => into.push_str(&["/", &slashed(pattern), "/", options].concat()),
        Value::Code(text, _) => into.push_str(text),
        Value::Timestamp(seconds, count) => {
            into.push_str(&["Timestamp(", &seconds.to_string(), ", ", &count.to_string(), ")"].concat());
        }
        Value::MinKey => into.push_str("MinKey()"),
        Value::MaxKey => into.push_str("MaxKey()"),
        Value::Array(items) => {
            into.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    into.push_str(", ");
                }
                write(item, into);
            }
            into.push(']');
        }
        Value::Document(members) => {
            into.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    into.push_str(", ");
                }
                into.push_str(&quoted(name));
                into.push_str(": ");
                write(value, into);
            }
            into.push('}');
        }
    }
}

// A pattern between slashes: those in it are escaped, once.
fn slashed(pattern: &str) -> String {
    let mut text = String::new();
    let mut escaped = false;
    for c in pattern.chars() {
        if c == '/' && !escaped {
            text.push('\\');
        }
        escaped = c == '\\' && !escaped;
        text.push(c);
    }
    text
}

fn wrapped(name: &str, text: &str, into: &mut String) {
    into.push_str(name);
    into.push('(');
    into.push_str(&quoted(text));
    into.push(')');
}
