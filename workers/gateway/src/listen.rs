//! Subscriptions: streams on which a client hears that lists changed.
//!
//! The product's lists change with a deployment only, so there is nothing to hear and the acknowledgement is empty; with an
//! extra worker, its calls may change what it lists.

use crate::methods::SERVER;
use octavo_catalog::extra;
use octavo_mcp::{
    ErrorCode, Params, RpcError, event, list_changed, response, subscription_acknowledged, subscription_ended,
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
}

impl Subscription {
    /// Reads a `subscriptions/listen`.
    pub(crate) fn read(id: &RawValue, params: &Params<'_>) -> Result<Self, RpcError> {
        let wanted: Option<Map<String, Value>> =
            params.notifications.and_then(|raw| serde_json::from_str(raw.get()).ok());
        let wanted = wanted.ok_or_else(|| {
            RpcError::new(ErrorCode::InvalidParams, "Invalid params: `params.notifications` must be an object")
        })?;
        let honoured = LISTS.iter().filter(|(_, member)| changes() && wanted.get(*member) == Some(&Value::Bool(true)));
        Ok(Self { id: id.to_owned(), lists: honoured.map(|(list, _)| *list).collect() })
    }

    /// Its first event.
    pub(crate) fn acknowledged(&self) -> String {
        let honoured = LISTS.iter().filter(|(list, _)| self.lists.contains(list));
        let honoured: Map<String, Value> = honoured.map(|(_, member)| ((*member).to_owned(), true.into())).collect();
        event(&subscription_acknowledged(&self.id, &Value::Object(honoured)))
    }

    /// The event that a list changed, if it is listened to.
    pub(crate) fn changed(&self, list: &str) -> Option<String> {
        self.lists.contains(&list).then(|| event(&list_changed(&self.id, list)))
    }

    /// Its last event.
    pub(crate) fn ended(&self) -> String {
        event(&response(&self.id, &subscription_ended(&self.id, SERVER)))
    }
}

/// Whether any list can change while a client listens.
pub(crate) fn changes() -> bool {
    extra().is_some()
}
