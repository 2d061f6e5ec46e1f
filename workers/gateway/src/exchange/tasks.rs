//! Tasks in an exchange: a call that becomes one, and questions about one.

use super::{Exchange, Forward, State};
use crate::blob::HANDLE_BYTES;
use crate::convert::Outcome;
use crate::era::Placed;
use crate::methods::SERVER;
use crate::task::{self, Method, Origin, Task, TaskRequest};
use octavo_mcp::{
    ErrorCode, Params, RpcError, Version, complete_result, declares_extension, empty_result, task_result,
};
use serde_json::value::RawValue;

// A question about a task, until its object answered.
#[derive(Debug)]
pub(super) struct Tracking {
    id: Box<RawValue>,
    version: Version,
    request: TaskRequest,
}

/// What the object of a task answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskAnswer {
    /// The members of the task.
    Stands(String),
    /// It took note.
    Noted,
    /// There is no such task, or it is somebody else's.
    Unknown,
    /// It could not be reached.
    Silent,
}

impl Exchange {
    pub(super) fn track(&mut self, id: &RawValue, method: Method, placed: &Placed<'_>) {
        let Placed { version, params, meta } = placed;
        if !declares_extension(meta.client_capabilities, task::EXTENSION) {
            return self.fail(id, *version, &task::undeclared());
        }
        let responses = match method {
            Method::Update => match params.input_responses.filter(|raw| raw.get().starts_with('{')) {
                Some(responses) => Some(responses),
                None => {
                    let message =
                        "Invalid params: `params.inputResponses` must be an object by the keys of `inputRequests`";
                    return self.fail(id, *version, &RpcError::new(ErrorCode::InvalidParams, message));
                }
            },
            Method::Get | Method::Cancel => None,
        };
        // What cannot be an id wakes no object.
        let Some(task) = Params::text(params.task_id).filter(|task| task::is_id(task)) else {
            return self.fail(id, *version, &unknown());
        };
        let body = task::request_body(&task::caller_of(&self.caller), responses);
        let request = TaskRequest { verb: method.verb(), id: task.into_owned(), body };
        self.state = State::Tracking(Box::new(Tracking { id: id.to_owned(), version: *version, request }));
    }

    /// What to ask the object of a task, when one must be.
    pub fn task_request(&self) -> Option<&TaskRequest> {
        match &self.state {
            State::Tracking(tracking) => Some(&tracking.request),
            State::Asking(_) | State::Batch(_) | State::Listening(_) | State::Answered(_) => None,
        }
    }

    /// Takes that object's answer.
    pub fn task_answered(&mut self, answer: &TaskAnswer) {
        let State::Tracking(tracking) = &self.state else { return };
        let (id, version) = (tracking.id.clone(), tracking.version);
        let result = match answer {
            TaskAnswer::Stands(members) => Ok(complete_result(version, members, SERVER)),
            TaskAnswer::Noted => Ok(empty_result(SERVER)),
            TaskAnswer::Unknown => Err(unknown()),
            TaskAnswer::Silent => Err(silent()),
        };
        self.answer_or_fail(&id, version, result);
    }

    /// Whether the call is to go on as a task: its shell begins one.
    pub fn becomes_task(&self) -> bool {
        matches!(&self.state, State::Asking(call) if call.becomes_task && call.waiting.is_none())
    }

    /// The call of a task that is to begin, for its object; without the end that differs between rounds.
    pub fn task_call(&self) -> Option<&Forward> {
        match &self.state {
            State::Asking(call) if self.becomes_task() => Some(&call.forward),
            State::Asking(_) | State::Tracking(_) | State::Batch(_) | State::Listening(_) | State::Answered(_) => None,
        }
    }

    /// Makes the call a task with an id of these random bytes: the id, and the record for its object.
    pub fn begin_task(&mut self, random: &[u8; HANDLE_BYTES]) -> Option<(String, String)> {
        let caller = task::caller_of(&self.caller);
        let State::Asking(call) = &mut self.state else { return None };
        call.forward.body.truncate(call.tail);
        let id = task::id_of(random);
        let origin = Origin {
            caller: &caller,
            binding: call.forward.binding(),
            title: call.forward.title(),
            name: &call.name,
            trace_id: &self.log.trace_id,
            capabilities: call.capabilities.as_deref(),
            next: std::mem::take(&mut call.next),
        };
        let task = Task::begun(id.clone(), origin, self.log.ts);
        let record = task.record();
        call.task = Some(task);
        Some((id, record))
    }

    /// Takes word whether the object kept the task, which may only then be told of.
    pub fn task_begun(&mut self, kept: bool) {
        let State::Asking(call) = &self.state else { return };
        let (id, version, streams) = (call.id.clone(), call.version, call.streams);
        let begun = call.task.as_ref().filter(|_| kept);
        let outcome =
            begun.map_or_else(|| Outcome::error(silent()), |task| Outcome::of(task_result(SERVER, &task.members())));
        self.conclude(&id, version, streams, outcome);
    }
}

fn unknown() -> RpcError {
    let message = "Invalid params: `params.taskId` names no task: unknown, over its time, or another caller's";
    RpcError::new(ErrorCode::InvalidParams, message)
}

fn silent() -> RpcError {
    RpcError::new(ErrorCode::InternalError, "Tasks cannot be kept or found right now; try again in a few seconds")
}
