//! What a sent request is and whether it may be served, read from its bytes without any of the gateway's code.

use crate::sent::{Sent, sentinel};
use crate::{CAPABILITIES, CLAIM, LEGACY, MODERN, VERSION_HEADER};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An object's members, as they were written.
pub(crate) type Members = BTreeMap<String, Box<RawValue>>;

/// What a sent body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Notification,
    Response,
    Batch,
    Unreadable,
}

/// A sent request, read from its bytes.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) kind: Kind,
    /// The ids of the requests in it that must be answered, as they were written.
    pub(crate) ids: Vec<String>,
    /// Whether the id is one that readers differ on.
    pub(crate) is_id_ambiguous: bool,
    /// Whether the body claims the modern era.
    pub(crate) claims: bool,
    /// Why it must not be answered with 2xx.
    pub(crate) fault: Option<&'static str>,
}

impl Reading {
    pub(crate) fn of(sent: &Sent, body: &[u8]) -> Self {
        let header = |name: &str| {
            let found = sent.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.trim_matches([' ', '\t']))
        };
        let mut reading = Self::of_message(&header, body);
        let essence = |value: &str| value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
        let is_local = |origin: &str| {
            let port = local.iter().find_map(|host| origin.strip_prefix(host));
            port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
        };
        let transport = if body.len() > octavo_gateway::MAX_BODY_BYTES {
            Some("the body is too large")
        } else if header("origin").is_some_and(|origin| !is_local(origin)) {
            Some("the origin is not allowed")
        } else if header("content-type").is_none_or(|kind| essence(kind) != "application/json") {
            Some("the body does not say it is JSON")
        } else {
            None
        };
        reading.fault = transport.or(reading.fault);
        reading
    }

    fn of_message<'a>(header: &impl Fn(&str) -> Option<&'a str>, body: &[u8]) -> Self {
        let mut reading =
            Self { kind: Kind::Unreadable, ids: Vec::new(), is_id_ambiguous: false, claims: false, fault: None };
        if let Ok(items) = serde_json::from_slice::<Vec<&RawValue>>(body) {
            reading.kind = Kind::Batch;
            let parts: Vec<Self> = items.iter().map(|item| Self::of_message(header, item.get().as_bytes())).collect();
            reading.claims = parts.iter().any(|part| part.claims);
            reading.is_id_ambiguous = parts.iter().any(|part| part.is_id_ambiguous);
            reading.ids = parts.into_iter().filter(|part| part.kind != Kind::Batch).flat_map(|part| part.ids).collect();
            reading.fault = if items.is_empty() {
                Some("a batch is empty")
            } else if reading.claims {
                Some("a batch holds a modern message")
            } else if header(VERSION_HEADER).is_some_and(|version| version != "2025-03-26") {
                Some("a batch is not of 2025-03-26")
            } else {
                None
            };
            return reading;
        }
        reading.fault = Some("the body is no message");
        let Ok(members) = serde_json::from_slice::<Members>(body) else { return reading };
        // A member that is null is as good as none, but for the id.
        let get = |name: &str| members.get(name).map(|raw| raw.get()).filter(|raw| *raw != "null" || name == "id");
        let is_text = |raw: &str| raw.starts_with('"');
        let is_integer = |raw: &str| raw.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        let id = get("id").filter(|raw| is_text(raw) || is_integer(raw));
        // Mathematically integers, and no schema says how they are written.
        reading.is_id_ambiguous = get("id").is_some_and(|raw| matches!(raw, "1e3" | "1.0"));
        let is_response = get("method").is_none() && (get("result").is_some() || get("error").is_some());
        let params = object_of(get("params"));
        let meta = params.as_ref().and_then(|params| object_of(params.get("_meta").map(|raw| raw.get())));
        let claim = meta.as_ref().and_then(|meta| meta.get(CLAIM)).map(|raw| raw.get());
        reading.claims = claim.is_some();
        reading.ids.extend(id.map(str::to_owned));
        if get("jsonrpc").and_then(text_of).as_deref() != Some("2.0") || get("id").is_some_and(|_| id.is_none()) {
            return reading;
        }
        let version = header(VERSION_HEADER);
        let is_known = |version: &str| version == MODERN || LEGACY.contains(&version);
        if is_response {
            reading.kind = Kind::Response;
            // It is the client's answer to a request of ours, so it may come back or not.
            reading.is_id_ambiguous = true;
            reading.ids.clear();
            reading.fault =
                version.filter(|version| !LEGACY.contains(version)).map(|_| "a response is not of a legacy version");
            return reading;
        }
        let Some(method) = get("method").and_then(text_of) else { return reading };
        if get("params").is_some_and(|raw| !raw.starts_with('{')) {
            return reading;
        }
        if id.is_none() {
            reading.kind = Kind::Notification;
            reading.fault = if version.is_some_and(|version| !is_known(version)) {
                Some("the version in the header is not served")
            } else if claim.is_some_and(|claim| version.is_some() && text_of(claim).as_deref() != version) {
                Some("the versions in header and body differ")
            } else {
                None
            };
            return reading;
        }
        reading.kind = Kind::Request;
        reading.fault = match (&params, &meta) {
            (Some(params), Some(meta)) if claim.is_some() => modern_fault(header, &method, params, meta),
            (Some(_), Some(_)) if method == "initialize" => {
                version.filter(|version| *version == MODERN).map(|_| "`initialize` under a modern header")
            }
            (Some(_), Some(_)) => version
                .filter(|version| !LEGACY.contains(version))
                .map(|_| "the header's version is not served without a claim"),
            (_, _) => Some("`params` or `_meta` is no object"),
        };
        reading
    }
}

// What must hold under the claim of the modern era.
fn modern_fault<'a>(
    header: &impl Fn(&str) -> Option<&'a str>,
    method: &str,
    params: &Members,
    meta: &Members,
) -> Option<&'static str> {
    let text = |members: &Members, name: &str| members.get(name).and_then(|raw| text_of(raw.get()));
    let name = match method {
        "tools/call" | "prompts/get" => text(params, "name"),
        "resources/read" => text(params, "uri"),
        _ => None,
    };
    let is_named = |header: &str, name: &str| {
        let is_sentinel = header.strip_prefix("=?base64?").is_some_and(|rest| rest.ends_with("?="));
        if is_sentinel { header == sentinel(name) } else { header == name }
    };
    let claim = text(meta, CLAIM);
    if claim.as_deref() != header(VERSION_HEADER) {
        Some("the versions in header and body differ")
    } else if claim.as_deref() != Some(MODERN) {
        Some("the version is not served")
    } else if !meta.get(CAPABILITIES).is_some_and(|raw| raw.get().starts_with('{')) {
        Some("the client's capabilities are missing")
    } else if header("mcp-method") != Some(method) {
        Some("the methods in header and body differ")
    } else if name.is_some_and(|name| !header("mcp-name").is_some_and(|header| is_named(header, &name))) {
        Some("the names in header and body differ")
    } else if matches!(method, "initialize" | "ping") {
        Some("the method is gone")
    } else {
        None
    }
}

// An object's members; nothing and null are an empty one.
pub(crate) fn object_of(raw: Option<&str>) -> Option<Members> {
    raw.filter(|raw| *raw != "null").map_or_else(|| Some(Members::new()), |raw| serde_json::from_str(raw).ok())
}

fn text_of(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}
