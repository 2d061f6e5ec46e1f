//! Requests that a worker answers: what it is asked, what its frames become.

use super::{Exchange, Forward, InBatch, JSON, SSE, State};
use crate::blob::{BlobError, BlobSize, Named, Splice, StoreFault};
use crate::cache::{self, Cached, Freshness};
use crate::convert::{self, Asked, Asking, Failure, Heard, Listening, Outcome};
use crate::era::Placed;
use crate::headers::Headers;
use crate::limit::Limit;
use crate::mirrored;
use crate::seal::{self, Binding};
use crate::search::{MetaTool, Step};
use crate::session::{MAX_ROUNDS, Questions};
use crate::task::{self, Next, TASK_FROM_BYTES, Task};
use octavo_catalog::{Scope, catalog, extra, is_agent_tool};
use octavo_category::Category;
use octavo_mcp::{ErrorCode, Params, RpcError, Version, declares_extension, error_response, event, response};
use octavo_rpc::{Ask, CallError, Reason, TaskMode, Trace, split_tool_name};
use octavo_telemetry::{IdSource, Status};
use serde_json::value::RawValue;
use std::ops::Range;

// A request that waits for its worker.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) id: Box<RawValue>,
    pub(super) version: Version,
    ask: Ask,
    // The tool, the URI or the prompt.
    pub(super) name: String,
    pub(super) capabilities: Option<Box<RawValue>>,
    listening: Listening,
    pub(super) streams: bool,
    pub(super) forward: Forward,
    // Where in the forwarded body the arguments are.
    arguments: Range<usize>,
    // Until its blobs are found.
    pub(super) waiting: Option<Named>,
    // Where in the forwarded body the end starts that differs between rounds.
    pub(super) tail: usize,
    // Whether the client takes a task in place of an answer.
    may_be_task: bool,
    // Whether it is to get one.
    pub(super) becomes_task: bool,
    // What the worker is told then, beside the call itself.
    pub(super) next: Next,
    // The task, once it has an id.
    pub(super) task: Option<Task>,
    rounds: usize,
    // What the client was asked on the stream and has not answered yet.
    questions: Option<Questions>,
    freshness: Freshness,
    cached: Option<Cached>,
}

// Whom to ask for what.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) ask: Ask,
    // None is the extra worker.
    pub(super) category: Option<Category>,
    // As the worker knows it.
    pub(super) name: &'a str,
    pub(super) arguments: Option<&'a RawValue>,
}

impl Exchange {
    pub(super) fn call(
        &mut self,
        id: &RawValue,
        placed: &Placed<'_>,
        scope: &Scope,
        headers: &Headers<'_>,
        ids: &mut IdSource,
    ) {
        let Placed { version, params, meta } = placed;
        let Some(name) = Params::text(params.name) else {
            let error = RpcError::new(ErrorCode::InvalidParams, "Invalid params: `params.name` must be a tool's name");
            return self.fail(id, *version, &error);
        };
        let called = match MetaTool::from_name(&name).filter(|_| scope.is_search()) {
            None => scope.get(&name).map(|tool| (tool, params.arguments)),
            Some(meta_tool) => {
                self.log.tool = Some(meta_tool.name().into());
                let streams = self.streams(headers, meta.progress_token().is_some());
                match meta_tool.call(params.arguments, scope) {
                    Ok(Step::Run(tool, arguments)) => Some((tool, arguments)),
                    Ok(Step::Answer(text, structured)) => {
                        return self.conclude(id, *version, streams, convert::answered(*version, &text, &structured));
                    }
                    Err(error) => {
                        let sentence = error.to_string();
                        let (reason, path) = (Reason::InvalidArgument, Some(error.pointer));
                        let error = CallError { reason, retryable: false, path, retry_after_ms: None };
                        let outcome = convert::failed(*version, &sentence, &error, &self.log.trace_id);
                        return self.conclude(id, *version, streams, outcome);
                    }
                }
            }
        };
        let Some((tool, arguments)) = called else {
            // A tool that stands in the catalogue and is not for this caller is said to be so.
            let closed = catalog().get(&name).and_then(|tool| tool.category);
            let closed = closed.zip(self.grant.clone()).filter(|(category, grant)| !grant.allows(Some(*category)));
            if let Some((category, grant)) = closed {
                return self.refuse_access(Some(id), &grant.refusal(category));
            }
            let message = "Unknown tool; tools/list names the tools served here";
            return self.fail(id, *version, &RpcError::new(ErrorCode::InvalidParams, message));
        };
        self.log.tool = Some(tool.name.into());
        // A client mirrors the arguments of the tool that it names itself.
        let mirrors = version.is_modern() && name == tool.name;
        if let Some(error) = mirrors.then(|| mirrored::check(tool, arguments, headers).err()).flatten() {
            return self.fail(id, *version, &error);
        }
        let short = split_tool_name(tool.name).filter(|_| tool.category.is_some());
        let name = short.map_or(tool.name, |(_, short)| short);
        self.forward_to(id, placed, Target { ask: Ask::Call, category: tool.category, name, arguments }, headers, ids);
    }

    pub(super) fn forward_to(
        &mut self,
        id: &RawValue,
        placed: &Placed<'_>,
        target: Target<'_>,
        headers: &Headers<'_>,
        ids: &mut IdSource,
    ) {
        let Placed { version, params, meta } = placed;
        let written = target.arguments.map_or("", RawValue::get);
        let named = match Named::find(written) {
            Ok(named) => named,
            Err(error) => {
                let outcome = self.without_blobs(*version, &error);
                return self.conclude(id, *version, false, outcome);
            }
        };
        let Ok(state) = self.unsealed(params, target.name, written) else {
            let message =
                "Invalid params: `params.requestState` is not of this call, or too old; call again without it";
            return self.fail(id, *version, &RpcError::new(ErrorCode::InvalidParams, message));
        };
        if params.input_responses.is_some_and(|raw| !raw.get().starts_with('{')) {
            let message = "Invalid params: `params.inputResponses` must be an object by the keys of `inputRequests`";
            return self.fail(id, *version, &RpcError::new(ErrorCode::InvalidParams, message));
        }
        let token = meta.progress_token();
        // A stateless server cannot remember `logging/setLevel`: an older client gets what the worker says.
        let older_log = extra().is_some_and(|extra| extra.logging) && target.category.is_none();
        let log_level = match meta.log_level() {
            Some(level) if version.is_modern() => Some(level),
            _ => (older_log && !version.is_modern()).then(|| "debug".into()),
        };
        let streams = self.streams(headers, token.is_some() || log_level.is_some());
        let span_id = ids.span_id().to_string();
        let capabilities = match &self.session {
            _ if version.is_modern() => meta.client_capabilities,
            Some(session) => Some(&*session.capabilities),
            None => None,
        };
        let asks_log = target.category.is_none() && target.ask == Ask::Call && is_agent_tool(target.name);
        // The log is asked with whose calls they are, which a task does not keep.
        let may_be_task = self.bound.tasks
            && !asks_log
            && version.is_modern()
            && target.ask == Ask::Call
            && declares_extension(capabilities, task::EXTENSION);
        let asking = Asking {
            ask: target.ask,
            name: target.name,
            trace: Trace {
                trace_id: self.log.trace_id.as_ref().into(),
                span_id: span_id.into(),
                parent_id: self.log.span_id.as_ref().into(),
                state: self.tracestate.as_deref().map(Into::into),
            },
            progress: streams && token.is_some(),
            log_level: log_level.as_deref().filter(|_| streams),
            capabilities,
            input_responses: params.input_responses.filter(|_| version.is_modern()),
            state: state.as_deref(),
            task: if may_be_task { TaskMode::Possible } else { TaskMode::Never },
        };
        // The result of a later round is not of the arguments alone.
        let is_first = asking.input_responses.is_none() && asking.state.is_none();
        let freshness = match target.ask {
            Ask::Call if target.category.is_some() && is_first => Freshness::of(headers.get("cache-control")),
            _ => Freshness::Unkept,
        };
        let convert::Written { body, arguments: start, tail } = convert::call_request(&asking, target.arguments);
        let answers = asking.input_responses.filter(|_| may_be_task).map(ToOwned::to_owned);
        let next = if may_be_task { Next { answers, state } } else { Next::default() };
        let shifted =
            |splice: &Splice| Splice { at: splice.at.start + start..splice.at.end + start, blob: splice.blob };
        let splices = named.splices.iter().map(shifted).collect();
        let capabilities = capabilities.map(ToOwned::to_owned);
        self.state = State::Asking(Box::new(Call {
            id: id.to_owned(),
            version: *version,
            ask: target.ask,
            name: target.name.to_owned(),
            capabilities,
            listening: Listening::new(token.map(ToOwned::to_owned), log_level.is_some()),
            streams,
            tail,
            may_be_task,
            // With blobs this is known when they are found.
            becomes_task: may_be_task && written.len() >= TASK_FROM_BYTES,
            next,
            task: None,
            rounds: 0,
            questions: None,
            freshness,
            cached: None,
            forward: Forward { category: target.category, log: asks_log, body, splices },
            arguments: start..start + written.len(),
            waiting: (!named.handles.is_empty()).then_some(named),
        }));
    }

    // Whether the reply is a stream of events: where the client listens to what comes before the result.
    fn streams(&self, headers: &Headers<'_>, listens: bool) -> bool {
        self.batch == InBatch::No && headers.accepts(SSE) && (listens || !headers.accepts(JSON))
    }

    // The state that a client brings back.
    fn unsealed(&self, params: &Params<'_>, name: &str, arguments: &str) -> Result<Option<String>, ()> {
        let Some(sealed) = params.request_state else { return Ok(None) };
        let sealed = Params::text(Some(sealed)).ok_or(())?;
        let binding = Binding { name, arguments, caller: &self.caller };
        seal::unseal(&self.key, &binding, self.log.ts, &sealed).map(Some).ok_or(())
    }

    /// The handles whose blobs must be found before the worker can be asked; none when there is nothing to find.
    pub fn blobs(&self) -> &[String] {
        match &self.state {
            State::Asking(call) => call.waiting.as_ref().map_or(&[], |named| &named.handles),
            State::Tracking(_) | State::Batch(_) | State::Listening(_) | State::Answered(_) => &[],
        }
    }

    /// Takes the sizes of all blobs, in the order of the handles.
    pub fn blobs_found(&mut self, sizes: &[BlobSize]) {
        let State::Asking(call) = &mut self.state else { return };
        let version = call.version;
        let Some(named) = call.waiting.take() else { return };
        match named.check(sizes, call.arguments.len()) {
            Ok(length) => call.becomes_task = call.may_be_task && length >= TASK_FROM_BYTES,
            Err(error) => {
                let outcome = self.without_blobs(version, &error);
                self.finish(outcome);
            }
        }
    }

    /// Takes word that some blobs are not there, by their places among the handles.
    pub fn blobs_missing(&mut self, blobs: &[usize]) {
        self.blobs_refused(|named| named.missing(blobs));
    }

    /// Takes word that the store gave no blobs at all.
    pub fn blobs_unavailable(&mut self, fault: StoreFault) {
        self.blobs_refused(|named| named.without_store(fault));
    }

    fn blobs_refused(&mut self, error: impl FnOnce(&Named) -> BlobError) {
        let State::Asking(call) = &self.state else { return };
        let Some(named) = &call.waiting else { return };
        let outcome = self.without_blobs(call.version, &error(named));
        self.finish(outcome);
    }

    fn without_blobs(&self, version: Version, error: &BlobError) -> Outcome {
        convert::failed(version, &error.to_string(), &error.to_call_error(), &self.log.trace_id)
    }

    /// Whom to ask, when a worker must be.
    pub fn forward(&self) -> Option<&Forward> {
        match &self.state {
            State::Asking(call) => (call.waiting.is_none() && !call.becomes_task).then_some(&call.forward),
            State::Tracking(_) | State::Batch(_) | State::Listening(_) | State::Answered(_) => None,
        }
    }

    /// Whether the call's result is kept: not of what is no tool's result, nor of a call that a client listens to, nor where
    /// nothing is to be kept.
    pub fn is_kept(&self) -> bool {
        let State::Asking(call) = &self.state else { return false };
        let is_whole = call.waiting.is_none() && !call.becomes_task;
        !call.streams && is_whole && call.freshness != Freshness::Unkept
    }

    /// What the call's result is called where results are kept, at this version of the worker.
    pub fn cache_key(&self, version: &str) -> Option<String> {
        let State::Asking(call) = &self.state else { return None };
        if !self.is_kept() || version.is_empty() {
            return None;
        }
        // Where nobody is asked callers are not told apart: what one has asked for, any other may find.
        let audience = self.grant.as_ref().map_or_else(
            || self.log.principal_hash.as_deref().unwrap_or_default().to_owned(),
            |grant| format!("grant {}", grant.id),
        );
        let arguments = call.forward.body.get(call.arguments.clone())?;
        Some(cache::key(&audience, call.forward.binding(), version, &call.name, arguments))
    }

    /// Whether a kept result will do for the call.
    pub fn takes_cached(&self) -> bool {
        matches!(&self.state, State::Asking(call) if call.freshness == Freshness::Any)
    }

    /// Takes word that a cache was asked: the milliseconds that it saves, where it has the result, whose frames follow.
    pub fn cached(&mut self, saved_ms: Option<u64>) {
        if let State::Asking(call) = &mut self.state {
            let cached = saved_ms.map_or(Cached::Miss, |saved_ms| Cached::Hit { saved_ms });
            call.cached = Some(cached);
            self.log.cache = Some(cached.word().into());
        }
    }

    /// Whether the client is to hear frames as they come.
    pub fn is_heard(&self) -> bool {
        matches!(&self.state, State::Asking(call) if call.streams && !call.becomes_task)
    }

    /// Takes all of the worker's frames at once.
    pub fn answered(&mut self, frames: &[u8]) {
        for line in frames.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.frame(line);
        }
        // Without a reply among them they were no answer.
        if !self.becomes_task() {
            self.failed(Failure::Garbage);
        }
    }

    /// Takes one of the worker's frames; nothing counts after the reply.
    pub fn frame(&mut self, line: &[u8]) {
        let State::Asking(call) = &mut self.state else { return };
        let heard = std::str::from_utf8(line).ok().and_then(|line| {
            let arguments = call.forward.body.get(call.arguments.clone()).unwrap_or_default();
            let binding = Binding { name: &call.name, arguments, caller: &self.caller };
            let asked = Asked {
                version: call.version,
                ask: call.ask,
                name: &call.name,
                capabilities: call.capabilities.as_deref(),
                trace_id: &self.log.trace_id,
                may_be_task: call.may_be_task && !self.committed,
                on_stream: call.streams && !call.version.is_modern() && self.session.is_some(),
                cached: call.cached,
                seal: &|state| {
                    let expires = self.log.ts + seal::STATE_TTL_MS;
                    seal::seal(&self.key, &binding, expires, state)
                },
            };
            convert::frame(line, &asked, &mut call.listening)
        });
        match heard {
            Some(Heard::Notification(Some(notification))) if call.streams => {
                self.events.push_str(&event(&notification));
            }
            Some(Heard::Notification(_)) => {}
            Some(Heard::Done(outcome)) => self.finish(outcome),
            Some(Heard::Asks(requests, state)) => self.question(&requests, state),
            Some(Heard::Task) => call.becomes_task = true,
            None => self.failed(Failure::Garbage),
        }
    }

    // Sends the worker's questions to the client.
    fn question(&mut self, requests: &RawValue, state: Option<String>) {
        let State::Asking(call) = &mut self.state else { return };
        call.rounds += 1;
        let object = self.session.as_ref().map(|session| session.object.clone()).unwrap_or_default();
        let prefix = format!("{}.{}", self.log.span_id, call.rounds);
        match Questions::of(requests, state, object, &prefix).filter(|_| call.rounds <= MAX_ROUNDS) {
            Some((questions, sent)) => {
                call.questions = Some(questions);
                self.events.extend(sent.iter().map(|request| event(request)));
            }
            None => self.failed(Failure::Garbage),
        }
    }

    /// The object that joins the client's answers, and the ids of what it was asked and has not answered yet.
    pub fn questions(&self) -> Option<(&str, Vec<String>)> {
        let State::Asking(call) = &self.state else { return None };
        call.questions.as_ref().map(|questions| (questions.object.as_str(), questions.open()))
    }

    /// Takes an answer of the client to one of its questions, JSON; without one it counts as refused. After the last the
    /// worker is to be asked again.
    pub fn respond(&mut self, id: &str, result: Option<&str>) {
        let State::Asking(call) = &mut self.state else { return };
        let Some(questions) = &mut call.questions else { return };
        questions.answer(id, result.and_then(|result| serde_json::from_str(result).ok()));
        let Some(answers) = questions.answers() else { return };
        let answers = RawValue::from_string(answers).ok();
        let tail = convert::tail(answers.as_deref(), questions.state.as_deref(), TaskMode::Never);
        call.forward.body.truncate(call.tail);
        call.forward.body.push_str(&tail);
        call.questions = None;
    }

    /// The events for the client since the last time; from now on the reply is a stream.
    pub fn take_events(&mut self) -> String {
        self.committed = true;
        std::mem::take(&mut self.events)
    }

    /// Which rate limit the call counts for; none for what is no tool's work.
    pub fn limit(&self) -> Option<Limit> {
        let State::Asking(call) = &self.state else { return None };
        let is_tool = call.ask == Ask::Call && !call.forward.log;
        is_tool.then(|| Limit::of(call.forward.category, &call.name))
    }

    /// Takes word that this limit is reached, and in how many seconds to try again.
    pub fn limited(&mut self, limit: Limit, seconds: u32) {
        let State::Asking(call) = &self.state else { return };
        let sentence = format!(
            "too many calls: the limit of this deployment for {} is reached; try again in {seconds} s",
            limit.what()
        );
        let retry_after_ms = Some(seconds.saturating_mul(1_000));
        let error = CallError { reason: Reason::RateLimited, retryable: true, path: None, retry_after_ms };
        let outcome = convert::failed(call.version, &sentence, &error, &self.log.trace_id);
        let headers = ["retry-after", "ratelimit-reset"].map(|name| (name, seconds.to_string()));
        self.headers.extend(headers);
        self.headers.push(("ratelimit-remaining", "0".to_owned()));
        self.finish(outcome);
    }

    /// Why the worker gave no answer, if it gave none.
    pub fn fault(&self) -> Option<Failure> {
        self.fault
    }

    /// Takes word that the worker's catalogue is not the one that this gateway was built with.
    pub fn skewed(&mut self) {
        self.log.msg = Some("catalog skew".into());
    }

    /// Whether the call's result is there and no failure.
    pub fn succeeded(&self) -> bool {
        matches!(self.state, State::Answered(_)) && self.log.status == Status::Ok
    }

    /// Lists that the call changed.
    pub fn changed(&self) -> &[String] {
        &self.changed
    }

    /// Takes word that the worker gave no answer.
    pub fn failed(&mut self, failure: Failure) {
        let State::Asking(call) = &self.state else { return };
        self.fault = Some(failure);
        let title = call.forward.title();
        let outcome = convert::without_answer(call.version, call.ask, title, failure, &self.log.trace_id);
        self.finish(outcome);
    }

    fn finish(&mut self, outcome: Outcome) {
        let State::Asking(call) = &self.state else { return };
        let (id, version, streams) = (call.id.clone(), call.version, call.streams);
        self.conclude(&id, version, streams, outcome);
    }

    pub(super) fn conclude(&mut self, id: &RawValue, version: Version, streams: bool, outcome: Outcome) {
        self.changed = outcome.changed;
        let result = match outcome.result {
            Ok(result) => result,
            // Nothing is committed before the worker had the chance to refuse, but then it is.
            Err(error) if self.committed => {
                self.refuse(None, 200, &error);
                return self.reply_with(200, SSE, event(&error_response(Some(id), &error)));
            }
            Err(error) => return self.fail(id, version, &error),
        };
        if let Some(reason) = outcome.failure {
            self.log.status = match reason {
                Reason::CategoryUnavailable | Reason::ToolFailed => Status::Exception,
                Reason::RateLimited => Status::Limit,
                Reason::InvalidArgument | Reason::InputTooLarge | Reason::BlobNotFound => Status::ToolError,
            };
            self.log.error_type = Some(reason.code().into());
        }
        let response = response(id, &result);
        if streams {
            let events = std::mem::take(&mut self.events);
            self.reply_with(200, SSE, events + &event(&response));
        } else {
            self.reply_with(200, JSON, response);
        }
    }
}
