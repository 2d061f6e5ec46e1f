//! Subscriptions: streams on which a client hears that lists changed, and how tasks stand.
//!
//! The product's lists change with a deployment only, so there is nothing to hear of them; with an extra worker, its calls may
//! change what it lists. Whoever is to hear of it may be in another isolate, so word goes by a Durable Object, and where none
//! is bound nothing of it is acknowledged.

use crate::config::Bound;
use crate::methods::SERVER;
use crate::task::{self, MAX_FOLLOWED};
use octavo_catalog::extra;
use octavo_mcp::{
    ErrorCode, Params, RpcError, declares_extension, event, list_changed, response, subscription_acknowledged,
    subscription_ended, task_notification,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The lists that can change, by the word of their notification and the member that asks for it.
const LISTS: [(&str, &str); 3] =
    [("tools", "toolsListChanged"), ("prompts", "promptsListChanged"), ("resources", "resourcesListChanged")];

/// One client's subscription.
#[derive(Debug)]
pub(crate) struct Subscription {
    id: Box<RawValue>,
    lists: Vec<&'static str>,
    tasks: Vec<String>,
}

impl Subscription {
    /// Reads a `subscriptions/listen`.
    pub(crate) fn read(
        id: &RawValue,
        params: &Params<'_>,
        capabilities: Option<&RawValue>,
        bound: Bound,
    ) -> Result<Self, RpcError> {
        let invalid = |what: String| RpcError::new(ErrorCode::InvalidParams, format!("Invalid params: {what}"));
        let wanted: Option<Map<String, Value>> =
            params.notifications.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let wanted = wanted.ok_or_else(|| invalid("`params.notifications` must be an object".to_owned()))?;
        let changes = bound.changes && extra().is_some();
        let lists = LISTS.iter().filter(|(_, member)| changes && wanted.get(*member) == Some(&Value::Bool(true)));
        let lists = lists.map(|(list, _)| *list).collect();
        let tasks = match wanted.get("taskIds").filter(|ids| bound.tasks && !ids.is_null()) {
            None => Vec::new(),
            Some(_) if !declares_extension(capabilities, task::EXTENSION) => return Err(task::undeclared()),
            Some(ids) => {
                let ids: Option<Vec<&str>> = ids.as_array().and_then(|ids| ids.iter().map(Value::as_str).collect());
                let ids = ids.filter(|ids| ids.len() <= MAX_FOLLOWED).ok_or_else(|| {
                    invalid(format!("`params.notifications.taskIds` must be at most {MAX_FOLLOWED} ids of tasks"))
                })?;
                let mut known: Vec<String> = Vec::new();
                for task in ids.into_iter().filter(|id| task::is_id(id)) {
                    if !known.iter().any(|known| known == task) {
                        known.push(task.to_owned());
                    }
                }
                known
            }
        };
        Ok(Self { id: id.to_owned(), lists, tasks })
    }

    /// The id of the request, to be answered when it ends.
    pub(crate) fn id(&self) -> &RawValue {
        &self.id
    }

    /// Whether it listens to any list.
    pub(crate) fn follows_lists(&self) -> bool {
        !self.lists.is_empty()
    }

    /// The tasks that it listens to.
    pub(crate) fn tasks(&self) -> &[String] {
        &self.tasks
    }

    /// Takes word which of the tasks, by their order, can be listened to; before it is acknowledged.
    pub(crate) fn found(&mut self, found: &[bool]) {
        let mut found = found.iter();
        self.tasks.retain(|_| found.next() == Some(&true));
    }

    /// Its first event.
    pub(crate) fn acknowledged(&self) -> String {
        let honoured = LISTS.iter().filter(|(list, _)| self.lists.contains(list));
        let mut honoured: Map<String, Value> =
            honoured.map(|(_, member)| ((*member).to_owned(), true.into())).collect();
        if !self.tasks.is_empty() {
            honoured.insert("taskIds".to_owned(), self.tasks.clone().into());
        }
        event(&subscription_acknowledged(&self.id, &Value::Object(honoured)))
    }

    /// The event that a list changed, if it is listened to.
    pub(crate) fn changed(&self, list: &str) -> Option<String> {
        self.lists.contains(&list).then(|| event(&list_changed(&self.id, list)))
    }

    /// The event of how a task stands, from the task's members.
    pub(crate) fn stands(&self, members: &str) -> String {
        event(&task_notification(&self.id, members))
    }

    /// Its last event.
    pub(crate) fn ended(&self) -> String {
        event(&response(&self.id, &subscription_ended(&self.id, SERVER)))
    }
}
