//! Tasks (`io.modelcontextprotocol/tasks`, SEP-2663): calls that go on after their request was answered.
//!
//! Owns how a task stands and what changes that: frames of the worker that does the work, answers of the client, its wish to
//! stop. What a task says is kept in its own Durable Object (`js/task.js`), which runs the work and calls what is here
//! between two of its awaits. An id is beyond guessing, and whoever asks with another `Authorization` than the task was begun
//! with hears that there is no such task.

use crate::blob::{HANDLE_BYTES, is_random_word, random_word};
use crate::convert::{self, Asked, Heard, Listening, Outcome};
use crate::seal::hex;
use crate::session::MAX_ROUNDS;
use octavo_mcp::{ErrorCode, RpcError, Version, timestamp};
use octavo_rpc::{Ask, TaskMode};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// The extension's identifier.
pub const EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// How long a task is kept, counted from its beginning, in milliseconds: as long as the blobs it may be made of.
pub const TTL_MS: u64 = 3_600_000;

/// How often a client is asked to look, in milliseconds; the work of a MiB of source takes about as long.
pub const POLL_INTERVAL_MS: u64 = 1_000;

/// From this length of its arguments on, blobs included, in bytes, a call is made a task for clients that take one: it may
/// take longer than a connection is sure to last.
pub const TASK_FROM_BYTES: usize = 1024 * 1024;

/// Longest result kept, in bytes; as much as a request may have.
pub const MAX_RESULT_BYTES: usize = crate::MAX_BODY_BYTES;

/// Most tasks that one subscription listens to; each is a connection to an object.
pub const MAX_FOLLOWED: usize = 16;

const PREFIX: &str = "task_";

/// A task's id made of random bytes.
pub fn id_of(random: &[u8; HANDLE_BYTES]) -> String {
    format!("{PREFIX}{}", random_word(random))
}

/// Whether a text can be a task's id.
pub fn is_id(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(is_random_word)
}

/// Who asks, by the value of the `Authorization` header, as it is kept.
pub(crate) fn caller_of(authorization: &str) -> String {
    hex(&Sha256::digest(authorization.as_bytes()))
}

/// One task, as its object keeps it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Task {
    id: String,
    // See `caller_of`.
    caller: String,
    binding: String,
    // What the worker's tools are called, in sentences about it.
    title: String,
    name: String,
    trace_id: String,
    // What the client could do when it called, JSON.
    capabilities: Option<Box<RawValue>>,
    created_ms: u64,
    updated_ms: u64,
    rounds: usize,
    next: Next,
    stand: Stand,
}

/// What the worker is told beside the call itself when it is asked next.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Next {
    /// The client's answers by the worker's keys, JSON.
    pub(crate) answers: Option<Box<RawValue>>,
    /// The state that the worker wants back with them.
    pub(crate) state: Option<String>,
}

/// What a task is of.
#[derive(Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) caller: &'a str,
    pub(crate) binding: &'a str,
    pub(crate) title: &'a str,
    pub(crate) name: &'a str,
    pub(crate) trace_id: &'a str,
    pub(crate) capabilities: Option<&'a RawValue>,
    pub(crate) next: Next,
}

#[derive(Debug, Deserialize, Serialize)]
enum Stand {
    Working { message: Option<String> },
    InputRequired { asked: BTreeMap<String, Question>, state: Option<String> },
    Completed { result: Box<RawValue> },
    Failed { error: Box<RawValue>, message: String },
    Cancelled,
}

#[derive(Debug, Deserialize, Serialize)]
struct Question {
    // The worker's own name of it.
    key: String,
    request: Box<RawValue>,
    answer: Option<Box<RawValue>>,
}

impl Task {
    /// A task that begins now.
    pub(crate) fn begun(id: String, origin: Origin<'_>, now_ms: u64) -> Self {
        Self {
            id,
            caller: origin.caller.to_owned(),
            binding: origin.binding.to_owned(),
            title: origin.title.to_owned(),
            name: origin.name.to_owned(),
            trace_id: origin.trace_id.to_owned(),
            capabilities: origin.capabilities.map(ToOwned::to_owned),
            created_ms: now_ms,
            updated_ms: now_ms,
            rounds: 0,
            next: origin.next,
            stand: Stand::Working { message: None },
        }
    }

    /// A task as it was kept.
    pub fn read(record: &str) -> Option<Self> {
        serde_json::from_str(record).ok()
    }

    /// The task as it is kept, JSON without line breaks.
    pub fn record(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether it is this caller's.
    pub fn is_of(&self, caller: &str) -> bool {
        self.caller == caller
    }

    /// The service binding whose worker does the work.
    pub fn binding(&self) -> &str {
        &self.binding
    }

    /// When it may be forgotten, in milliseconds since the Unix epoch.
    pub fn expires_ms(&self) -> u64 {
        self.created_ms + TTL_MS
    }

    /// Whether there is work to do.
    pub fn is_working(&self) -> bool {
        matches!(self.stand, Stand::Working { .. })
    }

    /// The end of the request to the worker, after the call itself.
    pub fn tail(&self) -> String {
        convert::tail(self.next.answers.as_deref(), self.next.state.as_deref(), TaskMode::Running)
    }

    /// The members of the task as the call's result has them: without what it came to.
    pub fn members(&self) -> String {
        let (status, message) = match &self.stand {
            Stand::Working { message } => ("working", message.as_deref()),
            Stand::InputRequired { .. } => ("input_required", None),
            Stand::Completed { .. } => ("completed", None),
            Stand::Failed { message, .. } => ("failed", Some(message.as_str())),
            Stand::Cancelled => ("cancelled", None),
        };
        let message = message.map_or_else(String::new, |message| format!(r#""statusMessage":{},"#, json!(message)));
        format!(
            r#""taskId":"{}","status":"{status}",{message}"createdAt":"{}","lastUpdatedAt":"{}","ttlMs":{TTL_MS},"pollIntervalMs":{POLL_INTERVAL_MS}"#,
            self.id,
            timestamp(self.created_ms),
            timestamp(self.updated_ms),
        )
    }

    /// The members of the task with what it came to, or with what it waits for.
    pub fn detailed(&self) -> String {
        let members = self.members();
        match &self.stand {
            Stand::Working { .. } | Stand::Cancelled => members,
            Stand::InputRequired { asked, .. } => {
                let open = asked.iter().filter(|(_, question)| question.answer.is_none());
                let open: BTreeMap<&str, &RawValue> =
                    open.map(|(key, question)| (&**key, &*question.request)).collect();
                let open = serde_json::to_string(&open).unwrap_or_default();
                format!(r#"{members},"inputRequests":{open}"#)
            }
            Stand::Completed { result } => format!(r#"{members},"result":{result}"#),
            Stand::Failed { error, .. } => format!(r#"{members},"error":{error}"#),
        }
    }

    /// Takes one of the worker's frames. Nothing counts unless the task is at work.
    pub fn frame(&mut self, line: &[u8], now_ms: u64) {
        let Stand::Working { message } = &mut self.stand else { return };
        let line = std::str::from_utf8(line).unwrap_or_default();
        if let Some(said) = convert::progress_message(line) {
            *message = Some(said);
            self.updated_ms = now_ms;
            return;
        }
        let asked = Asked {
            version: Version::V2026_07_28,
            ask: Ask::Call,
            name: &self.name,
            capabilities: self.capabilities.as_deref(),
            trace_id: &self.trace_id,
            // Questions stay here, and their state with them.
            on_stream: true,
            may_be_task: false,
            seal: &|_| String::new(),
            cached: None,
        };
        match convert::frame(line, &asked, &mut Listening::new(None, false)) {
            Some(Heard::Notification(_)) => {}
            Some(Heard::Done(outcome)) => self.settle(outcome, now_ms),
            Some(Heard::Asks(requests, state)) => self.ask(&requests, state, now_ms),
            Some(Heard::Task) | None => self.fail(convert::Failure::Garbage, now_ms),
        }
    }

    /// Takes word that the worker gave no answer.
    pub fn died(&mut self, now_ms: u64) {
        self.fail(convert::Failure::Unavailable, now_ms);
    }

    fn fail(&mut self, failure: convert::Failure, now_ms: u64) {
        if self.is_working() {
            let version = Version::V2026_07_28;
            let outcome = convert::without_answer(version, Ask::Call, &self.title, failure, &self.trace_id);
            self.settle(outcome, now_ms);
        }
    }

    fn settle(&mut self, outcome: Outcome, now_ms: u64) {
        let result = outcome.result.and_then(|result| {
            let too_long =
                format!("The result has {} bytes, the limit of a task's is {MAX_RESULT_BYTES}", result.len());
            RawValue::from_string(result)
                .ok()
                .filter(|result| result.get().len() <= MAX_RESULT_BYTES)
                .ok_or_else(|| RpcError::new(ErrorCode::InternalError, too_long))
        });
        self.updated_ms = now_ms;
        self.next = Next::default();
        self.stand = match result {
            Ok(result) => Stand::Completed { result },
            Err(error) => {
                let message = error.message.clone();
                let error = to_raw_value(&error).unwrap_or_else(|_| RawValue::NULL.to_owned());
                Stand::Failed { error, message }
            }
        };
    }

    fn ask(&mut self, requests: &RawValue, state: Option<String>, now_ms: u64) {
        let requests: BTreeMap<String, Box<RawValue>> = serde_json::from_str(requests.get()).unwrap_or_default();
        self.rounds += 1;
        if requests.is_empty() || self.rounds > MAX_ROUNDS {
            return self.fail(convert::Failure::Garbage, now_ms);
        }
        // No key may come twice in the life of a task; the worker's may, in another round.
        let round = self.rounds;
        let asked = requests.into_iter().map(|(key, request)| {
            let outer = format!("{round}.{key}");
            (outer, Question { key, request, answer: None })
        });
        self.stand = Stand::InputRequired { asked: asked.collect(), state };
        self.updated_ms = now_ms;
    }

    /// Takes answers of the client by their keys, a JSON object; others than those to open questions are dropped. True when
    /// the last is there and the worker is to be asked again.
    pub fn update(&mut self, responses: &str, now_ms: u64) -> bool {
        let Stand::InputRequired { asked, state } = &mut self.stand else { return false };
        let responses: BTreeMap<String, Box<RawValue>> = serde_json::from_str(responses).unwrap_or_default();
        for (key, response) in responses {
            if let Some(question) = asked.get_mut(&key).filter(|question| question.answer.is_none()) {
                question.answer = Some(response);
                self.updated_ms = now_ms;
            }
        }
        let answers: Option<BTreeMap<&str, &RawValue>> =
            asked.values().map(|question| Some((&*question.key, question.answer.as_deref()?))).collect();
        let Some(answers) = answers else { return false };
        self.next = Next { answers: to_raw_value(&answers).ok(), state: state.take() };
        self.stand = Stand::Working { message: None };
        true
    }

    /// Stops it, unless it has come to its end.
    pub fn cancel(&mut self, now_ms: u64) {
        match self.stand {
            Stand::Working { .. } | Stand::InputRequired { .. } => {
                self.stand = Stand::Cancelled;
                self.next = Next::default();
                self.updated_ms = now_ms;
            }
            Stand::Completed { .. } | Stand::Failed { .. } | Stand::Cancelled => {}
        }
    }
}

/// What the object of a task is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRequest {
    /// `get`, `update` or `cancel`.
    pub verb: &'static str,
    /// The task.
    pub id: String,
    /// Who asks, and the client's answers where it brings some: a JSON object of `caller` and `responses`.
    pub body: String,
}

/// A method of the extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Update,
    Cancel,
}

impl Method {
    pub(crate) const fn verb(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Update => "update",
            Self::Cancel => "cancel",
        }
    }
}

/// The body of a question to a task's object.
pub(crate) fn request_body(caller: &str, responses: Option<&RawValue>) -> String {
    let mut body = Map::new();
    body.insert("caller".to_owned(), caller.into());
    // As text, so that what it holds is parsed where it is used.
    body.extend(responses.map(|responses| ("responses".to_owned(), responses.get().into())));
    Value::Object(body).to_string()
}

/// The error for a client that did not declare the extension.
pub(crate) fn undeclared() -> RpcError {
    let required = format!(r#"{{"extensions":{{"{EXTENSION}":{{}}}}}}"#);
    RawValue::from_string(required).map_or_else(
        |_| RpcError::new(ErrorCode::MissingCapability, EXTENSION),
        |required| RpcError::missing_capability(&required),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        let capabilities: Box<RawValue> = serde_json::from_str(r#"{"elicitation":{}}"#).expect("JSON");
        let origin = Origin {
            caller: "me",
            binding: "X",
            title: "X",
            name: "x_y",
            trace_id: "t",
            capabilities: Some(&capabilities),
            next: Next::default(),
        };
        Task::begun(id_of(&[7; HANDLE_BYTES]), origin, 1_000)
    }

    fn seen(task: &Task) -> Value {
        serde_json::from_str(&format!("{{{}}}", task.detailed())).expect("JSON")
    }

    // As its object does between two events.
    fn kept(task: &Task) -> Task {
        let record = task.record();
        assert!(!record.contains('\n'));
        Task::read(&record).expect("a record")
    }

    const DONE: &[u8] = br#"{"reply":{"text":"hi","structured":{"a":1}}}"#;
    const ASKS: &[u8] =
        br#"{"reply":{"input":{"requests":{"a":{"method":"elicitation/create"},"b":{"method":"elicitation/create"}},"state":"s"}}}"#;

    #[test]
    fn ids_are_long_and_of_one_form() {
        let id = id_of(&[255; HANDLE_BYTES]);
        assert_eq!(id, format!("task_{}", "7".repeat(32)));
        assert!(is_id(&id));
        for other in ["", "task_", "task_7", "blob_77777777777777777777777777777777", &format!("{id}7"), "task_0"] {
            assert!(!is_id(other), "{other}");
        }
    }

    #[test]
    fn work_is_told_and_ends_in_the_calls_own_result() {
        let mut task = task();
        assert_eq!(
            seen(&task),
            json!({
                "taskId": id_of(&[7; HANDLE_BYTES]), "status": "working", "createdAt": "1970-01-01T00:00:01.000Z",
                "lastUpdatedAt": "1970-01-01T00:00:01.000Z", "ttlMs": 3_600_000, "pollIntervalMs": 1_000,
            })
        );
        task.frame(br#"{"progress":{"progress":1.0,"total":3.0,"message":"read"}}"#, 1_500);
        assert_eq!(seen(&task)["statusMessage"], "read (1 of 3)");
        task.frame(DONE, 2_000);
        let mut task = kept(&task);
        let end = seen(&task);
        assert_eq!((&end["status"], &end["lastUpdatedAt"]), (&json!("completed"), &json!("1970-01-01T00:00:02.000Z")));
        assert_eq!(end["result"]["structuredContent"], json!({ "a": 1 }));
        assert_eq!(end["result"]["resultType"], "complete");
        assert!(!task.members().contains("result"), "the call's own reply has no result");
        // Nothing changes an end.
        task.cancel(3_000);
        task.frame(br#"{"reply":{"text":"other"}}"#, 3_000);
        task.died(3_000);
        assert!(!task.update("{}", 3_000) && seen(&task) == end);
    }

    #[test]
    fn only_protocol_errors_fail_a_task() {
        let ended = |line: &[u8]| {
            let mut task = task();
            task.frame(line, 2_000);
            seen(&kept(&task))
        };
        let tool = ended(br#"{"reply":{"text":"no","error":{"reason":"tool_failed","retryable":false}}}"#);
        assert_eq!((&tool["status"], &tool["result"]["isError"]), (&json!("completed"), &json!(true)));
        let protocol = ended(br#"{"reply":{"requires":{"roots":{}}}}"#);
        assert_eq!((&protocol["status"], &protocol["error"]["code"]), (&json!("failed"), &json!(-32021)));
        assert!(protocol["statusMessage"].is_string() && protocol.get("result").is_none());
        let unable = ended(br#"{"reply":{"input":{"requests":{"a":{"method":"roots/list"}}}}}"#);
        assert_eq!(unable["error"]["data"]["requiredCapabilities"], json!({ "roots": {} }));
        for garbage in
            [&b"<html>"[..], b"\xff", br#"{"reply":{"task":true}}"#, br#"{"reply":{"input":{"requests":{}}}}"#]
        {
            assert_eq!(ended(garbage)["result"]["isError"], true);
        }
        let mut dead = task();
        dead.died(2_000);
        assert_eq!(seen(&dead)["result"]["_meta"]["dev.octavo/error"]["reason"], "category_unavailable");
    }

    #[test]
    fn questions_are_answered_one_by_one_and_keys_never_come_back() {
        let mut task = task();
        assert_eq!(task.tail(), r#","task":"running"}"#);
        task.frame(ASKS, 2_000);
        let mut task = kept(&task);
        let asked = seen(&task);
        assert_eq!(asked["status"], "input_required");
        let keys = |seen: &Value| -> Vec<String> {
            seen["inputRequests"].as_object().map(|open| open.keys().cloned().collect()).unwrap_or_default()
        };
        assert_eq!(keys(&asked), ["1.a", "1.b"]);
        assert!(!task.update(r#"{"1.a":{"action":"accept"},"a":1,"nope":{}}"#, 2_100));
        let mut task = kept(&task);
        assert_eq!(keys(&seen(&task)), ["1.b"]);
        assert!(!task.update(r#"{"1.a":"again"}"#, 2_200), "answered keys are dropped");
        assert!(task.update(r#"{"1.b":2}"#, 2_300));
        let mut task = kept(&task);
        assert!(task.is_working() && task.expires_ms() == 1_000 + TTL_MS);
        assert_eq!(task.tail(), r#","inputResponses":{"a":{"action":"accept"},"b":2},"state":"s","task":"running"}"#);
        task.frame(ASKS, 2_400);
        assert_eq!(keys(&seen(&task)), ["2.a", "2.b"]);
        task.cancel(2_500);
        assert_eq!(seen(&kept(&task))["status"], "cancelled");
    }

    #[test]
    fn rounds_and_results_have_their_limits() {
        let mut task = task();
        for round in 1..=MAX_ROUNDS {
            task.frame(ASKS, 2_000);
            assert!(task.update(&format!(r#"{{"{round}.a":1,"{round}.b":1}}"#), 2_000), "{round}");
        }
        task.frame(ASKS, 2_000);
        assert_eq!(seen(&task)["result"]["isError"], true);
        let reply = |length: usize| format!(r#"{{"reply":{{"text":"{}"}}}}"#, "x".repeat(length));
        let status = |length: usize| {
            let mut task = self::task();
            task.frame(reply(length).as_bytes(), 2_000);
            let seen = seen(&task);
            (seen["status"].clone(), seen["error"]["code"].clone(), seen["result"].to_string().len())
        };
        let (_, _, around) = status(0);
        assert_eq!(status(MAX_RESULT_BYTES - around), (json!("completed"), Value::Null, MAX_RESULT_BYTES));
        let (stand, code, _) = status(MAX_RESULT_BYTES - around + 1);
        assert_eq!((stand, code), (json!("failed"), json!(-32603)));
    }
}
