//! Sessions of clients before 2026-07-28, for one purpose: a call may ask such a client something.
//!
//! The question goes out on the call's own stream, and the answer comes as a POST of its own, perhaps to another isolate; a
//! Durable Object joins the two. A session is a signed id that says what the client can do and which object that is. The
//! object stores one thing: that its client ended the session by a DELETE. Where no such object is bound there are no
//! sessions, and a call that would ask says that it cannot.

use crate::config::Config;
use crate::headers::Headers;
use crate::seal::{Binding, seal, unseal};
use octavo_mcp::Params;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How long a session lasts, in milliseconds; so long its end is remembered.
pub const SESSION_TTL_MS: u64 = 86_400_000;

/// Rounds of questions in one call.
pub(crate) const MAX_ROUNDS: usize = 8;

const BINDING: Binding<'_> = Binding { name: "session", arguments: "{}", caller: "" };

/// What a session's id holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The name of its object.
    pub(crate) object: String,
    /// What the client declared in `initialize`.
    pub(crate) capabilities: Box<RawValue>,
}

impl Session {
    /// The id of a new session.
    pub(crate) fn open(object: String, params: &Params<'_>, key: &[u8], now_ms: u64) -> Option<String> {
        let none = RawValue::from_string("{}".to_owned()).ok()?;
        let declared = params.capabilities.filter(|raw| raw.get().starts_with('{'));
        let session = Self { object, capabilities: declared.map_or(none, ToOwned::to_owned) };
        let state = serde_json::to_string(&session).ok()?;
        Some(seal(key, &BINDING, now_ms + SESSION_TTL_MS, &state))
    }

    /// The session of an id that we gave.
    pub(crate) fn of(id: &str, key: &[u8], now_ms: u64) -> Option<Self> {
        serde_json::from_str(&unseal(key, &BINDING, now_ms, id)?).ok()
    }
}

/// What a DELETE with these headers ends, as JSON: `{object}`, or `{status}` when there is nothing to end.
pub fn end(headers: &str, config: &Config, now_ms: u64) -> String {
    let headers = Headers::new(headers);
    let allowed = headers.get("origin").is_none_or(|origin| config.allows_origin(origin));
    let refused = |status: u16| serde_json::json!({ "status": status }).to_string();
    match headers.get("mcp-session-id").filter(|_| config.bound.sessions) {
        _ if !allowed => refused(403),
        None if !config.bound.sessions => refused(405),
        None => refused(400),
        Some(id) => match Session::of(id, &config.state_key, now_ms) {
            None => refused(404),
            Some(session) => serde_json::json!({ "object": session.object }).to_string(),
        },
    }
}

/// Questions that a call waits for: requests to the client by their ids.
#[derive(Debug)]
pub(crate) struct Questions {
    /// The name of the object that joins the answers.
    pub(crate) object: String,
    // Request id to the key that the worker knows the question by, with the answer once it came.
    asked: BTreeMap<String, (String, Option<Value>)>,
    /// What the worker wants back with the answers.
    pub(crate) state: Option<String>,
}

impl Questions {
    /// From a worker's requests by key, an object of `{method, params}`; ids start with `prefix`. With them come the requests
    /// as they are sent.
    pub(crate) fn of(
        requests: &RawValue,
        state: Option<String>,
        object: String,
        prefix: &str,
    ) -> Option<(Self, Vec<String>)> {
        let requests: BTreeMap<String, Value> = serde_json::from_str(requests.get()).ok()?;
        let mut asked = BTreeMap::new();
        let mut sent = Vec::new();
        for (at, (key, request)) in requests.into_iter().enumerate() {
            let id = format!("{prefix}.{at}");
            let message = serde_json::json!({
                "jsonrpc": "2.0", "id": id, "method": request["method"], "params": request["params"],
            });
            sent.push(message.to_string());
            asked.insert(id, (key, None));
        }
        (!asked.is_empty()).then_some((Self { object, asked, state }, sent))
    }

    /// The ids of requests without an answer.
    pub(crate) fn open(&self) -> Vec<String> {
        self.asked.iter().filter(|(_, (_, answer))| answer.is_none()).map(|(id, _)| id.clone()).collect()
    }

    /// Takes an answer; one that is an error counts as a refusal.
    pub(crate) fn answer(&mut self, id: &str, result: Option<Value>) {
        if let Some((_, answer)) = self.asked.get_mut(id) {
            *answer = Some(result.unwrap_or_else(|| serde_json::json!({ "action": "cancel" })));
        }
    }

    /// The answers by the worker's keys, once all are there.
    pub(crate) fn answers(&self) -> Option<String> {
        let answers: Option<serde_json::Map<String, Value>> =
            self.asked.values().map(|(key, answer)| Some((key.clone(), answer.clone()?))).collect();
        answers.map(|answers| Value::Object(answers).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Bound;

    #[test]
    fn a_delete_ends_the_session_that_it_names() {
        let bound = Bound { sessions: true, ..Bound::default() };
        let config = Config::default().with_state_key("key").with_bound(bound);
        let id = Session::open("o".to_owned(), &Params::default(), &config.state_key, 5).expect("an id");
        let named = format!("mcp-session-id:{id}\n");
        let foreign = format!("{named}origin:https://evil.example\n");
        for (headers, now_ms, answer) in [
            (named.as_str(), 6, r#"{"object":"o"}"#),
            (&named, 5 + SESSION_TTL_MS, r#"{"status":404}"#),
            (&foreign, 6, r#"{"status":403}"#),
            ("mcp-session-id:1.2.3.4\n", 6, r#"{"status":404}"#),
            ("", 6, r#"{"status":400}"#),
        ] {
            assert_eq!(end(headers, &config, now_ms), answer, "{headers}");
        }
        assert_eq!(end(&named, &Config::default(), 6), r#"{"status":405}"#, "where there are no sessions");
    }
}
