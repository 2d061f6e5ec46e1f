//! Batches: several messages in one POST, in 2025-03-26 alone.

use super::{Exchange, InBatch, JSON, Reply, State};
use crate::config::Bound;
use crate::era;
use crate::headers::Headers;
use octavo_catalog::Scope;
use octavo_mcp::{ErrorCode, Message, RpcError, Version, parse};
use octavo_telemetry::IdSource;
use serde_json::value::RawValue;
use std::rc::Rc;

/// Most messages of a batch; a tool call among them is a request to a worker, of which an invocation may make few.
pub const MAX_BATCH: usize = 20;

impl Exchange {
    // Batches are of 2025-03-26 alone, which is also the version of a request without the version's header.
    pub(super) fn read_batch(&mut self, items: &[&RawValue], scope: &Scope, headers: &Headers<'_>, ids: &mut IdSource) {
        let version = headers.get("mcp-protocol-version");
        let fault = if version.is_some_and(|version| version != Version::V2025_03_26.as_str()) {
            Some("send one message per POST".to_owned())
        } else if items.is_empty() || items.len() > MAX_BATCH {
            Some(format!("a batch has 1 to {MAX_BATCH} messages"))
        } else if items.iter().any(|item| era::claims_modern(item)) {
            Some("a message of 2026-07-28 is not part of a batch".to_owned())
        } else {
            None
        };
        if let Some(fault) = fault {
            let error = RpcError::new(ErrorCode::InvalidRequest, format!("Invalid request: {fault}"));
            return self.refuse(None, 400, &error);
        }
        let mut parts = Vec::new();
        for item in items {
            let (id, refused) = match parse(item.get().as_bytes()) {
                Ok(Message::Notification(_) | Message::Response { .. }) => continue,
                Ok(Message::Batch(_)) => {
                    (None, RpcError::new(ErrorCode::InvalidRequest, "Invalid request: a batch inside a batch"))
                }
                Err((id, error)) => (id, error),
                Ok(Message::Request(request)) => match era::place(&request.envelope, headers) {
                    Ok(placed) if request.envelope.method != "initialize" => {
                        let mut part = self.part(ids);
                        part.dispatch(&request, &placed, scope, headers, ids);
                        parts.push(part);
                        continue;
                    }
                    Ok(_) => {
                        let message = "Invalid request: `initialize` must not be part of a batch";
                        (Some(request.id), RpcError::new(ErrorCode::InvalidRequest, message))
                    }
                    Err((_, error)) => (Some(request.id), error),
                },
            };
            let mut part = self.part(ids);
            part.refuse(id, 200, &refused);
            parts.push(part);
        }
        if parts.is_empty() {
            return self.accept();
        }
        self.batch = InBatch::Whole;
        self.state = State::Batch(parts);
    }

    // One request of this batch, with a span of its own in the same trace.
    fn part(&self, ids: &mut IdSource) -> Self {
        let mut log = self.log.clone();
        log.span_id = ids.span_id().to_string().into();
        Self {
            log,
            allow_origin: None,
            batch: InBatch::Part,
            caller: self.caller.clone(),
            key: Rc::clone(&self.key),
            bound: Bound::default(),
            tracestate: self.tracestate.clone(),
            session: None,
            in_session: None,
            opened: None,
            delivery: None,
            events: String::new(),
            committed: false,
            fault: None,
            grant: self.grant.clone(),
            headers: Vec::new(),
            changed: Vec::new(),
            state: State::Answered(Reply::default()),
        }
    }

    /// The requests of a batch, each to be answered by itself; none when this is a single request.
    pub fn take_parts(&mut self) -> Vec<Self> {
        match &mut self.state {
            State::Batch(parts) => std::mem::take(parts),
            State::Asking(_) | State::Tracking(_) | State::Listening(_) | State::Answered(_) => Vec::new(),
        }
    }

    /// Takes the bodies of the parts' replies, in their order.
    pub fn joined(&mut self, bodies: &[String]) {
        self.reply_with(200, JSON, format!("[{}]", bodies.join(",")));
    }
}
