//! A call on its way: work in steps, and the job that takes one call from its request to its frames and log line.
//!
//! Between two steps the platform may do other things: send what there is to a client that listens, or drop the work of one
//! that left. A step is synchronous, so nothing of it is ever half done.

use crate::error::ToolError;
use crate::registry::Rendering;
use crate::report::Report;
use crate::tool::{Ctx, Signal};
use octavo_rpc::{CallError, CallRequest, Frame, InputRequests, Log, Reason, Reply, TaskMode, VERSION};
use octavo_telemetry::{Kind, LogLine, Status};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::cell::RefCell;

/// A tool's work in steps; see [`Tool::steps`](crate::Tool::steps).
pub trait Steps<D> {
    /// Does a part of the work; gives the report with the last one.
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Report<D>>, ToolError>;
}

/// Does all steps at once.
pub fn in_one_go<D>(steps: &mut dyn Steps<D>, ctx: &Ctx<'_>) -> Result<Report<D>, ToolError> {
    loop {
        if let Some(report) = steps.step(ctx)? {
            return Ok(report);
        }
    }
}

/// What a call comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A rendered report.
    Report(Rendering),
    /// Content of any kind. All texts here and below are JSON.
    Content {
        /// MCP content blocks, an array.
        content: String,
        /// The same, structured, an object.
        structured: Option<String>,
        /// Whether the call failed.
        is_error: bool,
        /// Lists that the call changed.
        changed: &'static [&'static str],
    },
    /// The client must answer first.
    Input {
        /// Requests by key, an object.
        requests: String,
        /// What must come back with the answers.
        state: Option<String>,
    },
    /// The client lacks these capabilities, an object.
    Requires(String),
    /// The result of anything but a tool call, an object.
    Result(String),
    /// There is no such resource or prompt.
    NotFound,
    /// The call is to be made a task and asked again as one.
    Task,
}

/// Work of any kind.
pub trait Work {
    /// Does a part of the work; gives the answer with the last one.
    fn step(&mut self, ctx: &Ctx<'_>) -> Result<Option<Answer>, ToolError>;

    /// Milliseconds to wait before the next step.
    fn pause_ms(&self) -> u32 {
        0
    }
}

/// Work that a service took on, and what its log line calls it.
pub struct Begun {
    /// The full name of the tool.
    pub name: Option<String>,
    /// The work.
    pub work: Result<Box<dyn Work>, ToolError>,
}

/// What a worker serves: a registry of tools, or something else under the same contract.
pub trait Service: Sync {
    /// The worker's name.
    fn worker(&self) -> &'static str;

    /// Takes on a call. An error is a sentence: nothing here can do what is asked.
    fn begin(&self, request: &CallRequest<'_>) -> Result<Begun, String>;

    /// The full name of what a request asks for, if it is known here.
    fn name_of(&self, request: &CallRequest<'_>) -> Option<String>;
}

/// One call on its way.
pub struct Job {
    line: LogLine<'static>,
    started: u64,
    in_bytes: usize,
    out_bytes: usize,
    frames: String,
    work: Option<Box<dyn Work>>,
    progress: bool,
    log_level: Option<usize>,
}

impl Job {
    /// Reads a [`CallRequest`]. Never fails: a request that cannot be read is answered with `tool_failed`.
    ///
    /// `now` is milliseconds since the Unix epoch; `version` is the deployed version for the log.
    pub fn begin(service: &dyn Service, body: &[u8], now: u64, version: Option<&str>) -> Self {
        let request = serde_json::from_slice::<CallRequest<'_>>(body).ok().filter(|request| request.v == VERSION);
        let mut job = Self::of(service, request.as_ref(), body, now, version);
        let Some(request) = request else {
            job.fail("this worker does not understand the gateway's request", Status::Exception);
            return job;
        };
        job.progress = request.progress || request.task == TaskMode::Running;
        job.log_level = request.log_level.as_deref().and_then(rank);
        match service.begin(&request) {
            Ok(Begun { name, work }) => {
                job.line.tool = name.map(Into::into);
                match work {
                    Ok(work) => job.work = Some(work),
                    Err(error) => job.refuse(&error),
                }
            }
            Err(sentence) => job.fail(&sentence, Status::ToolError),
        }
        job
    }

    /// The answer to a call whose instance trapped: made by the fresh instance from the same request.
    pub fn trapped(service: &dyn Service, body: &[u8], now: u64, version: Option<&str>) -> Self {
        let request = serde_json::from_slice::<CallRequest<'_>>(body).ok();
        let mut job = Self::of(service, request.as_ref(), body, now, version);
        job.line.tool = request.as_ref().and_then(|request| service.name_of(request)).map(Into::into);
        let trace = request.as_ref().map_or("unknown", |request| request.trace.trace_id.as_ref());
        let sentence = format!(
            "the tool stopped unexpectedly on this input (trace {trace}); a smaller input may work, the same will not"
        );
        job.fail(&sentence, Status::Exception);
        job
    }

    fn of(
        service: &dyn Service,
        request: Option<&CallRequest<'_>>,
        body: &[u8],
        now: u64,
        version: Option<&str>,
    ) -> Self {
        let trace = request.map(|request| request.trace.clone()).unwrap_or_default();
        let (trace_id, span_id) = (trace.trace_id.into_owned(), trace.span_id.into_owned());
        let mut line = LogLine::new(service.worker(), Kind::Tool, now, trace_id.into(), span_id.into());
        line.parent_id = Some(trace.parent_id.into_owned().into()).filter(|id: &Cow<'_, str>| !id.is_empty());
        line.version = version.map(|version| version.to_owned().into());
        Self {
            line,
            started: now,
            in_bytes: body.len(),
            out_bytes: 0,
            frames: String::new(),
            work: None,
            progress: false,
            log_level: None,
        }
    }

    /// Whether somebody listens to frames before the reply.
    pub const fn is_heard(&self) -> bool {
        self.progress || self.log_level.is_some()
    }

    /// Whether the reply is among the frames.
    pub fn is_done(&self) -> bool {
        self.work.is_none()
    }

    /// Milliseconds to wait before the next step.
    pub fn pause_ms(&self) -> u32 {
        self.work.as_ref().map_or(0, |work| work.pause_ms())
    }

    /// Does a part of the work.
    pub fn step(&mut self) {
        let Some(mut work) = self.work.take() else { return };
        let (progress, log_level) = (self.progress, self.log_level);
        let frames = RefCell::new(&mut self.frames);
        let listener = RefCell::new(|signal: Signal| {
            let mut frames = frames.borrow_mut();
            match signal {
                Signal::Progress(step) if progress => push(&mut frames, &Frame::Progress(step)),
                Signal::Log { level, logger, data } if log_level.is_some_and(|least| rank(level) >= Some(least)) => {
                    if let Ok(data) = RawValue::from_string(data) {
                        let logger = logger.map(Into::into);
                        push(&mut frames, &Frame::Log(Log { level: level.into(), logger, data: &data }));
                    }
                }
                Signal::Progress(_) | Signal::Log { .. } => {}
            }
        });
        let result = work.step(&Ctx::with_listener(&listener));
        match result {
            Ok(None) => self.work = Some(work),
            Ok(Some(answer)) => self.answer(answer),
            Err(error) => self.refuse(&error),
        }
    }

    /// The frames since the last time.
    pub fn take_frames(&mut self) -> String {
        self.out_bytes += self.frames.len();
        std::mem::take(&mut self.frames)
    }

    /// The canonical log line. Work that is not done was left by its caller.
    pub fn close(mut self, now: u64) -> String {
        if !self.is_done() {
            self.line.status = Status::Disconnect;
        }
        self.line.dur_ms = now.saturating_sub(self.started);
        self.line.in_bytes = self.in_bytes as u64;
        self.line.out_bytes = (self.out_bytes + self.frames.len()) as u64;
        self.line.to_json()
    }

    fn answer(&mut self, answer: Answer) {
        let raw = |json: String| RawValue::from_string(json).ok();
        let mut is_error = false;
        match answer {
            Answer::Report(Rendering { text, structured }) => {
                let (text, structured) = (raw_string(&text), raw(structured));
                self.reply(Reply { text: Some(&text), structured: structured.as_deref(), ..Reply::default() });
            }
            Answer::Content { content, structured, is_error: failed, changed } => {
                is_error = failed;
                let (content, structured) = (raw(content), structured.and_then(raw));
                let error = failed.then_some(CallError {
                    reason: Reason::ToolFailed,
                    retryable: false,
                    path: None,
                    retry_after_ms: None,
                });
                let changed = changed.iter().map(|list| (*list).into()).collect();
                let (content, structured) = (content.as_deref(), structured.as_deref());
                self.reply(Reply { content, structured, error, changed, ..Reply::default() });
            }
            Answer::Input { requests, state } => {
                if let Some(requests) = raw(requests) {
                    let input = InputRequests { requests: &requests, state: state.map(Into::into) };
                    self.reply(Reply { input: Some(input), ..Reply::default() });
                }
            }
            Answer::Requires(capabilities) => {
                let requires = raw(capabilities);
                self.reply(Reply { requires: requires.as_deref(), ..Reply::default() });
            }
            Answer::Result(result) => {
                let result = raw(result);
                self.reply(Reply { result: result.as_deref(), ..Reply::default() });
            }
            Answer::NotFound => self.reply(Reply { not_found: true, ..Reply::default() }),
            Answer::Task => self.reply(Reply { task: true, ..Reply::default() }),
        }
        self.line.status = if is_error { Status::ToolError } else { Status::Ok };
    }

    fn refuse(&mut self, error: &ToolError) {
        self.line.status = Status::ToolError;
        self.line.error_type = Some(error.reason().code().into());
        let text = raw_string(&error.to_string());
        self.reply(Reply { text: Some(&text), error: Some(error.to_call_error()), ..Reply::default() });
    }

    fn fail(&mut self, sentence: &str, status: Status) {
        self.line.status = status;
        self.line.error_type = Some(Reason::ToolFailed.code().into());
        let text = raw_string(sentence);
        let error = CallError { reason: Reason::ToolFailed, retryable: false, path: None, retry_after_ms: None };
        self.reply(Reply { text: Some(&text), error: Some(error), ..Reply::default() });
    }

    fn reply(&mut self, reply: Reply<'_>) {
        push(&mut self.frames, &Frame::Reply(reply));
    }
}

// Syslog levels, the least serious first.
fn rank(level: &str) -> Option<usize> {
    let levels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
    levels.iter().position(|known| *known == level)
}

fn push(frames: &mut String, frame: &impl serde::Serialize) {
    if let Ok(frame) = serde_json::to_string(frame) {
        frames.push_str(&frame);
        frames.push('\n');
    }
}

fn raw_string(text: &str) -> Box<RawValue> {
    // A string always serialises; null stands in for the impossible.
    to_raw_value(text).unwrap_or_else(|_| RawValue::NULL.to_owned())
}
