//! What may come back.

use crate::cases::Case;
use crate::reading::{Kind, Members, Reading, object_of};
use crate::{CANARY, STRANGER};
use octavo_system_tests::Fleet;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Every code that may be sent, with the statuses it may come with: in the legacy eras, under the claim of the modern one.
pub(crate) const CODES: [(i64, &[u16], &[u16]); 9] = [
    (-32700, &[400], &[400]),
    (-32600, &[400, 403, 404, 406, 413, 415], &[400, 403, 404, 406, 413, 415]),
    (-32601, &[200], &[404]),
    (-32602, &[200, 400], &[200, 400]),
    (-32603, &[200], &[200]),
    (-32002, &[200], &[]),
    (-32020, &[400], &[400]),
    (-32021, &[], &[400]),
    (-32022, &[400], &[400]),
];

/// Statuses that are decided before the body is read, so that the id may be missing.
const BEFORE_THE_BODY: [u16; 4] = [403, 406, 413, 415];

/// What was seen over many cases.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) answered: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) codes: BTreeSet<i64>,
}

// Sends a case and holds the answer to every rule; the answer's kind is counted.
pub(crate) fn check(fleet: &Fleet, case: &Case, seen: &mut Seen) -> Result<(), String> {
    let sent = case.sent();
    let body = sent.body();
    let reading = Reading::of(&sent, &body);
    let reply = catch_unwind(AssertUnwindSafe(|| fleet.post(&sent.path, &sent.header_lines(), &body)))
        .map_err(|_| "panicked".to_owned())?;
    let (status, is_2xx) = (reply.status, matches!(reply.status, 200..300));
    let fail = |what: &str| Err(format!("{what}\n  answered {status} {}", reply.body));
    // A reader that takes the first of two members and one that takes the last would disagree.
    let has_twins = sent.has_twins();
    match reading.fault {
        Some(_) if has_twins => {}
        Some(fault) if is_2xx => return fail(&format!("2xx, but {fault}")),
        Some(_) if case.sound => return fail("a sound case was read as a faulty one"),
        _ if case.sound && !is_2xx => return fail("a sound case was refused"),
        _ => {}
    }
    if has_twins && is_2xx && !sent.is_retouched() && reading.kind == Kind::Request {
        return fail("2xx, but a member stands twice");
    }
    if !matches!(status, 200 | 202 | 400 | 403 | 404 | 406 | 413 | 415) {
        return fail("a status that nothing asks for");
    }
    if status == 202 {
        seen.accepted += 1;
        let is_silent = reply.body.is_empty()
            && reading.kind != Kind::Request
            && (reading.kind != Kind::Batch || reading.ids.is_empty());
        return if is_silent { Ok(()) } else { fail("202 to what must be answered, or with a body") };
    }
    let (replies, batched) =
        replies_of(&reply.body, reply.content_type).map_err(|what| format!("{what}: {}", reply.body))?;
    if status == 200 && !matches!(reading.kind, Kind::Request | Kind::Batch) {
        return fail("200 to what is no request");
    }
    let answer = |raw: &str| check_response(raw, status, batched, &reading, case.sound);
    let mut answered_ids = Vec::new();
    for raw in &replies {
        let (id, code) = answer(raw).or_else(|what| fail(&what).map(|()| (None, None)))?;
        answered_ids.extend(id);
        seen.codes.extend(code);
    }
    if is_2xx {
        seen.answered += 1;
    } else {
        seen.refused += 1;
    }
    if has_twins || reading.is_id_ambiguous {
        return Ok(());
    }
    check_ids(&reading, answered_ids, status, batched).or_else(|what| fail(&what))
}

// The responses in a body, and whether they are those of a batch.
fn replies_of(body: &str, content_type: &str) -> Result<(Vec<String>, bool), String> {
    let raw = |raw: &RawValue| raw.get().to_owned();
    if content_type == "text/event-stream" {
        let data = body
            .split("\n\n")
            .filter(|event| !event.is_empty())
            .filter_map(|event| event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned));
        let mut messages: Vec<String> = data.collect();
        let last = messages.pop().ok_or("an empty stream")?;
        for message in messages {
            let members: Members = serde_json::from_str(&message).map_err(|error| error.to_string())?;
            if members.contains_key("id") || !members.contains_key("method") {
                return Err("a stream holds something else than notifications before its end".to_owned());
            }
        }
        return Ok((vec![last], false));
    }
    if content_type != "application/json" {
        return Err(format!("the media type {content_type:?}"));
    }
    if body.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(body).map_err(|error| error.to_string())?;
        return Ok((items.into_iter().map(raw).collect(), true));
    }
    Ok((vec![body.to_owned()], false))
}

// Holds one response to the rules, and gives its id and its error's code.
fn check_response(
    raw: &str,
    status: u16,
    batched: bool,
    reading: &Reading,
    sound: bool,
) -> Result<(Option<String>, Option<i64>), String> {
    let members: Members = serde_json::from_str(raw).map_err(|error| error.to_string())?;
    let get = |name: &str| members.get(name).map(|raw| raw.get());
    if get("jsonrpc") != Some("\"2.0\"")
        || members.keys().any(|key| !matches!(key.as_str(), "jsonrpc" | "id" | "result" | "error"))
    {
        return Err("no JSON-RPC 2.0 response".to_owned());
    }
    let id = get("id").map(str::to_owned);
    if id.as_deref() == Some("null") {
        return Err("an id is null".to_owned());
    }
    match (get("result"), get("error")) {
        (Some(result), None) => {
            if status != 200 || id.is_none() {
                return Err("a result without its id, or not with 200".to_owned());
            }
            let result = object_of(Some(result)).ok_or("a result is no object")?;
            if result.contains_key("resultType") != reading.claims {
                return Err("resultType is of the modern era, and always there".to_owned());
            }
            let is_error = result.get("isError").is_some_and(|raw| raw.get() == "true");
            if is_error && raw.contains(CANARY) {
                return Err("a tool's error repeats what was sent".to_owned());
            }
            if is_error && result.contains_key("structuredContent") {
                return Err("a tool's error has structured content".to_owned());
            }
            if is_error && sound {
                return Err("a sound call failed".to_owned());
            }
            Ok((id, None))
        }
        (None, Some(error)) => {
            let mut error: Value = serde_json::from_str(error).map_err(|error| error.to_string())?;
            let code = error["code"].as_i64().ok_or("an error without a code")?;
            let allowed = CODES.iter().find(|(allowed, ..)| *allowed == code).ok_or("a code that is not allowed")?;
            let statuses = if reading.claims { allowed.2 } else { allowed.1 };
            let in_batch = batched && status == 200;
            if !statuses.contains(&status) && !in_batch {
                return Err("a code that does not go with this status".to_owned());
            }
            if error["message"].as_str().is_none_or(str::is_empty) {
                return Err("an error without a message".to_owned());
            }
            if sound {
                return Err("a sound request failed".to_owned());
            }
            // The protocol asks for these two to be echoed.
            if let Some(data) = error["data"].as_object_mut() {
                data.remove("requested");
                data.remove("uri");
            }
            let text = error.to_string();
            if text.contains(CANARY) || text.contains(STRANGER) {
                return Err("an error repeats what was sent".to_owned());
            }
            Ok((id, Some(code)))
        }
        (_, _) => Err("not one of result and error".to_owned()),
    }
}

// Every readable id comes back byte for byte, and no other.
fn check_ids(reading: &Reading, mut answered: Vec<String>, status: u16, batched: bool) -> Result<(), String> {
    let mut expected = reading.ids.clone();
    if reading.kind == Kind::Batch && !batched {
        expected.clear();
    }
    expected.sort();
    answered.sort();
    let may_be_missing = BEFORE_THE_BODY.contains(&status) && answered.is_empty();
    if expected == answered || may_be_missing {
        Ok(())
    } else {
        Err(format!("the ids came back as others\n  from {expected:?} to {answered:?}"))
    }
}
