//! Arguments that a client mirrors in headers, where a tool's input schema says so by `x-mcp-header` (2026-07-28).

use crate::headers::Headers;
use octavo_catalog::Tool;
use octavo_mcp::{ErrorCode, RpcError, decode_name};
use serde_json::Value;
use serde_json::value::RawValue;

/// The keyword in a property's schema that names its header.
const KEYWORD: &str = "x-mcp-header";

/// Checks each mirrored argument of a call against its `Mcp-Param-*` header.
pub(crate) fn check(tool: &Tool, arguments: Option<&RawValue>, headers: &Headers<'_>) -> Result<(), RpcError> {
    if !tool.says(KEYWORD) {
        return Ok(());
    }
    let Some(entry) = tool.entry() else { return Ok(()) };
    let schema: Value = serde_json::from_str(entry.input_schema.get()).unwrap_or_default();
    let arguments: Value = arguments.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    check_properties(&schema, &arguments, headers)
}

// Down `properties` alone, which is how deep the specification looks.
fn check_properties(schema: &Value, given: &Value, headers: &Headers<'_>) -> Result<(), RpcError> {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(header) = property[KEYWORD].as_str() {
            let header = format!("Mcp-Param-{header}");
            let mismatch = |what| RpcError::new(ErrorCode::HeaderMismatch, format!("{header} {what}"));
            match (headers.get(&header), &given[name]) {
                (None, Value::Null) => {}
                (None, _) => return Err(mismatch("is missing")),
                (Some(_), Value::Null) => return Err(mismatch("mirrors an argument that is not there")),
                (Some(text), value) => match decode_name(text) {
                    None => return Err(mismatch("is not valid base64 of UTF-8")),
                    Some(text) if !mirrors(&text, value) => return Err(mismatch("does not match its argument")),
                    Some(_) => {}
                },
            }
        }
        check_properties(property, &given[name], headers)?;
    }
    Ok(())
}

fn mirrors(text: &str, value: &Value) -> bool {
    match value {
        Value::String(given) => given == text,
        Value::Bool(given) => text == if *given { "true" } else { "false" },
        // Numerically: `42.0` is `42`.
        Value::Number(given) => text.parse::<f64>().ok() == given.as_f64(),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_mirrored_argument_has_its_header() {
        let schema = json!({
            "properties": {
                "region": { "type": "string", "x-mcp-header": "Region" },
                "limit": { "type": "integer", "x-mcp-header": "Limit" },
                "dry": { "type": "boolean", "x-mcp-header": "Dry-Run" },
                "inner": { "properties": { "deep": { "type": "string", "x-mcp-header": "Deep" } } },
                "list": { "items": { "properties": { "no": { "type": "string", "x-mcp-header": "No" } } } },
                "plain": { "type": "string" },
            },
        });
        for (given, headers, agrees) in [
            (json!({}), "", true),
            (json!({ "plain": "x", "region": null }), "", true),
            (json!({ "region": "eu" }), "mcp-param-region:eu\n", true),
            (json!({ "region": "eu" }), "MCP-PARAM-REGION: \teu \n", true),
            (json!({ "region": "eu" }), "", false),
            (json!({ "region": "eu" }), "mcp-param-region:EU\n", false),
            (json!({ "region": "eu" }), "mcp-param-region:eu, eu\n", false),
            (json!({}), "mcp-param-region:eu\n", false),
            (json!({ "region": "\u{e9}" }), "mcp-param-region:=?base64?w6k=?=\n", true),
            (json!({ "region": "\u{e9}" }), "mcp-param-region:=?base64?w6k?=\n", false),
            (json!({ "region": "=?BASE64?w6k=?=" }), "mcp-param-region:=?BASE64?w6k=?=\n", true),
            (json!({ "limit": 42 }), "mcp-param-limit:42\n", true),
            (json!({ "limit": 42 }), "mcp-param-limit:42.0\n", true),
            (json!({ "limit": 42.0 }), "mcp-param-limit:42\n", true),
            (json!({ "limit": 42 }), "mcp-param-limit:43\n", false),
            (json!({ "limit": 42 }), "mcp-param-limit:x\n", false),
            (json!({ "dry": true }), "mcp-param-dry-run:true\n", true),
            (json!({ "dry": false }), "mcp-param-dry-run:False\n", false),
            (json!({ "inner": { "deep": "d" } }), "mcp-param-deep:d\n", true),
            (json!({ "inner": { "deep": "d" } }), "", false),
            (json!({ "list": [{ "no": "n" }] }), "", true),
            (json!({ "region": ["eu"] }), "mcp-param-region:eu\n", false),
        ] {
            let checked = check_properties(&schema, &given, &Headers::new(headers));
            assert_eq!(checked.is_ok(), agrees, "{given} {headers:?}");
            assert!(checked.err().is_none_or(|error| error.code == ErrorCode::HeaderMismatch));
        }
    }
}
