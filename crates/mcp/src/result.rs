//! Results and notifications, as each version has them.

use crate::version::{MODERN, Version};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Who the server is.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Implementation {
    /// Its name for programs.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// Who may share a cached result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheScope {
    /// Everyone, even behind authorization.
    Public,
    /// The caller alone.
    Private,
}

impl CacheScope {
    const fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
        }
    }
}

/// A response with a result that is already JSON.
pub fn response(id: &RawValue, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// Adds to the members of a result that clients keep (`"tools":[..]`) what its version asks for: caching hints and the
/// server's name.
pub fn with_server_info(
    version: Version,
    members: &str,
    server: Implementation,
    ttl_ms: u64,
    scope: CacheScope,
) -> String {
    if !version.is_modern() {
        return format!("{{{members}}}");
    }
    let scope = scope.word();
    let meta = server_meta(server);
    format!(r#"{{"resultType":"complete",{members},"ttlMs":{ttl_ms},"cacheScope":"{scope}","_meta":{meta}}}"#)
}

/// Adds to the members of a result that nobody keeps (`prompts/get`) what its version asks for: the server's name.
pub fn complete_result(version: Version, members: &str, server: Implementation) -> String {
    if !version.is_modern() {
        return format!("{{{members}}}");
    }
    format!(r#"{{"resultType":"complete",{members},"_meta":{}}}"#, server_meta(server))
}

/// The result of `server/discover`.
pub fn discover_result(server: Implementation, capabilities: &Value, instructions: &str, ttl_ms: u64) -> String {
    let supported: Vec<&str> = MODERN.iter().map(|version| version.as_str()).collect();
    json!({
        "resultType": "complete",
        "supportedVersions": supported,
        "capabilities": capabilities,
        "instructions": instructions,
        "ttlMs": ttl_ms,
        "cacheScope": CacheScope::Public.word(),
        "_meta": { "io.modelcontextprotocol/serverInfo": server },
    })
    .to_string()
}

/// The result of `initialize`.
pub fn initialize_result(version: Version, server: Implementation, capabilities: &Value, instructions: &str) -> String {
    let server = if version.has_structured_content() {
        json!(server)
    } else {
        json!({ "name": server.name, "version": server.version })
    };
    json!({
        "protocolVersion": version.as_str(),
        "capabilities": capabilities,
        "serverInfo": server,
        "instructions": instructions,
    })
    .to_string()
}

/// What a `tools/call` gives to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// One text, a JSON string.
    Text(&'a str),
    /// Content blocks of any kind, a JSON array.
    Blocks(&'a str),
}

/// The result of `tools/call`. `structured` is a JSON object, `meta` members of `_meta` (`"key":value`) beside the server's
/// name.
pub fn call_result(
    version: Version,
    server: Implementation,
    content: Content<'_>,
    structured: Option<&str>,
    is_error: bool,
    meta: Option<&str>,
) -> String {
    let (Content::Text(text) | Content::Blocks(text)) = content;
    let mut result = String::with_capacity(text.len() + structured.map_or(0, str::len) + 256);
    result.push('{');
    if version.is_modern() {
        result.push_str(r#""resultType":"complete","#);
    }
    result.push_str(r#""content":"#);
    match content {
        Content::Text(text) => {
            result.push_str(r#"[{"type":"text","text":"#);
            result.push_str(text);
            result.push_str("}]");
        }
        Content::Blocks(blocks) => result.push_str(&blocks_for(version, blocks)),
    }
    if let Some(structured) = structured.filter(|_| version.has_structured_content() && !is_error) {
        result.push_str(r#","structuredContent":"#);
        result.push_str(structured);
    }
    result.push_str(if is_error { r#","isError":true"# } else { r#","isError":false"# });
    let server = version.is_modern().then(|| server_meta(server));
    match (server, meta) {
        (None, None) => {}
        (Some(server), None) => {
            result.push_str(r#","_meta":"#);
            result.push_str(&server);
        }
        (server, Some(meta)) => {
            result.push_str(r#","_meta":{"#);
            result.push_str(meta);
            if let Some(members) = server.as_deref().and_then(|server| server.strip_prefix('{')?.strip_suffix('}')) {
                result.push(',');
                result.push_str(members);
            }
            result.push('}');
        }
    }
    result.push('}');
    result
}

// Blocks that a version does not know become text: audio before 2025-03-26, links to resources before 2025-06-18.
fn blocks_for(version: Version, blocks: &str) -> Cow<'_, str> {
    let unknown = |kind: &str| match kind {
        "audio" => !version.has_annotations(),
        "resource_link" => !version.has_structured_content(),
        _ => false,
    };
    if version.has_structured_content() {
        return Cow::Borrowed(blocks);
    }
    let mut parsed: Vec<Value> = serde_json::from_str(blocks).unwrap_or_default();
    for block in &mut parsed {
        if block["type"].as_str().is_some_and(unknown) {
            let what = block["uri"].as_str().or(block["mimeType"].as_str()).unwrap_or("content").to_owned();
            *block =
                json!({ "type": "text", "text": format!("[{}: {what}]", block["type"].as_str().unwrap_or_default()) });
        }
    }
    Cow::Owned(Value::from(parsed).to_string())
}

/// The result that asks the client before a call can go on. `requests` is a JSON object by key.
pub fn input_required_result(server: Implementation, requests: &str, state: Option<&str>) -> String {
    let state = state.map_or(String::new(), |state| format!(r#","requestState":{}"#, json!(state)));
    let meta = server_meta(server);
    format!(r#"{{"resultType":"input_required","inputRequests":{requests}{state},"_meta":{meta}}}"#)
}

/// The result that stands for a call which goes on as a task. `members` are those of a task (`"taskId":..`).
pub fn task_result(server: Implementation, members: &str) -> String {
    format!(r#"{{"resultType":"task",{members},"_meta":{}}}"#, server_meta(server))
}

/// The result that only says that something was taken note of.
pub fn empty_result(server: Implementation) -> String {
    format!(r#"{{"resultType":"complete","_meta":{}}}"#, server_meta(server))
}

/// Word on a subscription of how a task stands. `members` are those of the task.
pub fn task_notification(id: &RawValue, members: &str) -> String {
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/tasks","params":{{{members},"_meta":{{"{SUBSCRIPTION}":{id}}}}}}}"#
    )
}

/// A `notifications/message`. `data` is any JSON.
pub fn log_notification(level: &str, logger: Option<&str>, data: &str) -> String {
    let logger = logger.map_or(String::new(), |logger| format!(r#","logger":{}"#, json!(logger)));
    let level = json!(level);
    format!(
        r#"{{"jsonrpc":"2.0","method":"notifications/message","params":{{"level":{level}{logger},"data":{data}}}}}"#
    )
}

/// The first message of a subscription: what of it is honoured, a JSON object.
pub fn subscription_acknowledged(id: &RawValue, notifications: &Value) -> String {
    let params = json!({ "notifications": notifications, "_meta": { SUBSCRIPTION: id } });
    json!({ "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": params }).to_string()
}

/// Word on a subscription that a list (`tools`, `prompts`, `resources`) changed.
pub fn list_changed(id: &RawValue, list: &str) -> String {
    let method = format!("notifications/{list}/list_changed");
    json!({ "jsonrpc": "2.0", "method": method, "params": { "_meta": { SUBSCRIPTION: id } } }).to_string()
}

/// The result that ends a subscription.
pub fn subscription_ended(id: &RawValue, server: Implementation) -> String {
    let meta = json!({ SUBSCRIPTION: id, "io.modelcontextprotocol/serverInfo": server });
    json!({ "resultType": "complete", "_meta": meta }).to_string()
}

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// A `notifications/progress`. `token` comes back as the client wrote it.
pub fn progress_notification(
    version: Version,
    token: &RawValue,
    progress: f64,
    total: Option<f64>,
    message: Option<&str>,
) -> String {
    let mut params = json!({ "progressToken": token, "progress": progress });
    if let Some(total) = total {
        params["total"] = json!(total);
    }
    if let Some(message) = message.filter(|_| version.has_annotations()) {
        params["message"] = json!(message);
    }
    json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": params }).to_string()
}

fn server_meta(server: Implementation) -> String {
    let server = serde_json::to_string(&server).unwrap_or_default();
    format!(r#"{{"io.modelcontextprotocol/serverInfo":{server}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: Implementation = Implementation { name: "n", title: "N", version: "1" };

    #[test]
    fn modern_members_never_reach_older_versions() {
        for version in Version::ALL {
            let call = call_result(*version, SERVER, Content::Text("\"t\""), Some("{\"a\":1}"), false, None);
            let call: Value = serde_json::from_str(&call).expect("JSON");
            assert_eq!(call.get("resultType").is_some(), version.is_modern());
            assert_eq!(call.get("_meta").is_some(), version.is_modern());
            assert_eq!(call.get("structuredContent").is_some(), version.has_structured_content());
            let list = with_server_info(*version, "\"tools\":[]", SERVER, 5, CacheScope::Public);
            let list: Value = serde_json::from_str(&list).expect("JSON");
            assert_eq!(list.get("ttlMs").is_some(), version.is_modern());
            let plain = complete_result(*version, "\"messages\":[]", SERVER);
            let plain: Value = serde_json::from_str(&plain).expect("JSON");
            assert_eq!(plain.get("resultType").is_some(), version.is_modern());
            assert!(plain.get("ttlMs").is_none());
        }
    }

    #[test]
    fn errors_carry_no_structured_content() {
        let call = call_result(Version::V2026_07_28, SERVER, Content::Text("\"t\""), Some("{}"), true, Some("\"k\":1"));
        let call: Value = serde_json::from_str(&call).expect("JSON");
        assert!(call.get("structuredContent").is_none() && call["isError"] == true);
        assert_eq!(call["_meta"]["k"], 1);
        assert_eq!(call["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "n");
    }

    #[test]
    fn progress_echoes_the_token() {
        let token: &RawValue = serde_json::from_str("\"7\"").expect("JSON");
        let text = progress_notification(Version::V2024_11_05, token, 1.0, Some(2.0), Some("m"));
        assert!(text.contains(r#""progressToken":"7""#) && !text.contains("message"), "{text}");
    }
}
