//! Sessions of clients before 2026-07-28, for one purpose: a call may ask such a client something.
//!
//! The question goes out on the call's own stream, and the answer comes as a POST of its own, perhaps to another isolate; a
//! Durable Object joins the two. A session is a signed id that says what the client can do and which object that is; nothing
//! is stored. Where no such object is bound there are no sessions, and a call that would ask says that it cannot.

use crate::seal::{Binding, seal, unseal};
use octavo_mcp::Params;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How long a session lasts, in milliseconds.
const SESSION_TTL_MS: u64 = 86_400_000;

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
