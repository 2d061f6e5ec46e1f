//! The JSON-RPC envelope of one POST body.

use crate::error::{ErrorCode, RpcError};
use crate::meta::text;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What a body holds.
#[derive(Debug)]
pub enum Message<'a> {
    /// A request, to be answered.
    Request(Request<'a>),
    /// A notification, to be accepted.
    Notification(Envelope<'a>),
    /// A response to a request of the server's.
    Response {
        /// The id of the request that it answers.
        id: Option<&'a RawValue>,
        /// Its result, where it is one.
        result: Option<&'a RawValue>,
    },
    /// An array of messages (2025-03-26 only).
    Batch(Vec<&'a RawValue>),
}

/// A request: an envelope with an id and a method.
#[derive(Debug)]
pub struct Request<'a> {
    /// The id, a string or an integer, as it was written.
    pub id: &'a RawValue,
    /// Method and parameters.
    pub envelope: Envelope<'a>,
}

/// Method and parameters of a request or notification.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// The method.
    pub method: Cow<'a, str>,
    /// The parameters, an object where present.
    pub params: Option<&'a RawValue>,
}

// Every member raw, so that each fault can be told apart.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow, default)]
    jsonrpc: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    method: Option<&'a RawValue>,
    #[serde(borrow, default)]
    params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// A member that is there, even as `null`.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// A body that is no message, and the id of it where one could be read.
pub(crate) type Malformed<'a> = (Option<&'a RawValue>, RpcError);

/// Reads one POST body.
pub fn parse(body: &[u8]) -> Result<Message<'_>, Malformed<'_>> {
    let refuse = |code, message: &str| (None, RpcError::new(code, message));
    let text =
        std::str::from_utf8(body).map_err(|_| refuse(ErrorCode::ParseError, "Parse error: the body is not UTF-8"))?;
    if text.trim_start().starts_with('[') {
        let batch = serde_json::from_str(text).map_err(|error| {
            (
                None,
                RpcError::new(
                    ErrorCode::ParseError,
                    format!("Parse error: not JSON at line {} column {}", error.line(), error.column()),
                ),
            )
        })?;
        return Ok(Message::Batch(batch));
    }
    let members: Members<'_> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            refuse(ErrorCode::InvalidRequest, "Invalid request: not a JSON-RPC 2.0 object")
        } else {
            let place = format!("Parse error: not JSON at line {} column {}", error.line(), error.column());
            refuse(ErrorCode::ParseError, &place)
        }
    })?;
    members.classify()
}

impl<'a> Members<'a> {
    fn classify(self) -> Result<Message<'a>, Malformed<'a>> {
        let id = self.id.filter(|id| is_id(id.get()));
        let invalid =
            |message: &str| (id, RpcError::new(ErrorCode::InvalidRequest, format!("Invalid request: {message}")));
        if self.jsonrpc.and_then(text).as_deref() != Some("2.0") {
            return Err(invalid("`jsonrpc` must be \"2.0\""));
        }
        if self.id.is_some() && id.is_none() {
            return Err(invalid("`id` must be a string or an integer"));
        }
        let Some(method) = self.method else {
            return if self.result.is_some() || self.error.is_some() {
                Ok(Message::Response { id, result: self.result })
            } else {
                Err(invalid("`method` is missing"))
            };
        };
        let method =
            serde_json::from_str::<Text<'_>>(method.get()).map_err(|_| invalid("`method` must be a string"))?.0;
        let params = self.params;
        if params.is_some_and(|params| !params.get().starts_with('{')) {
            return Err(invalid("`params` must be an object"));
        }
        let envelope = Envelope { method, params };
        Ok(match id {
            Some(id) => Message::Request(Request { id, envelope }),
            None => Message::Notification(envelope),
        })
    }
}

// A string, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn is_id(raw: &str) -> bool {
    raw.starts_with('"') || (!raw.is_empty() && raw.bytes().all(|b| b == b'-' || b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_as_they_were_written() {
        for id in ["0", "\"\"", "\"1\"", "9007199254740993", "-1", r#""\u00e9""#, "123456789012345678901234567890"] {
            let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
            let Ok(Message::Request(request)) = parse(body.as_bytes()) else { panic!("{id}") };
            assert_eq!(request.id.get(), id);
        }
    }

    #[test]
    fn each_fault_has_its_code_and_keeps_a_readable_id() {
        let cases: [(&[u8], ErrorCode, Option<&str>); 14] = [
            (b"", ErrorCode::ParseError, None),
            (b"{", ErrorCode::ParseError, None),
            (b"\xff{}", ErrorCode::ParseError, None),
            (b"[1,", ErrorCode::ParseError, None),
            (b"5", ErrorCode::InvalidRequest, None),
            (b"{}", ErrorCode::InvalidRequest, None),
            (br#"{"id":7,"method":"x"}"#, ErrorCode::InvalidRequest, Some("7")),
            (br#"{"jsonrpc":"1.0","id":7,"method":"x"}"#, ErrorCode::InvalidRequest, Some("7")),
            (br#"{"jsonrpc":"2.0","id":null,"method":"x"}"#, ErrorCode::InvalidRequest, None),
            (br#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#, ErrorCode::InvalidRequest, None),
            (br#"{"jsonrpc":"2.0","id":{},"method":"x"}"#, ErrorCode::InvalidRequest, None),
            (br#"{"jsonrpc":"2.0","id":7}"#, ErrorCode::InvalidRequest, Some("7")),
            (br#"{"jsonrpc":"2.0","id":7,"method":5}"#, ErrorCode::InvalidRequest, Some("7")),
            (br#"{"jsonrpc":"2.0","id":7,"method":"x","params":[1]}"#, ErrorCode::InvalidRequest, Some("7")),
        ];
        for (body, code, id) in cases {
            let Err((found_id, error)) = parse(body) else { panic!("{body:?}") };
            assert_eq!((error.code, found_id.map(RawValue::get)), (code, id), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn tells_the_kinds_of_messages_apart() {
        assert!(matches!(parse(br#"{"jsonrpc":"2.0","method":"n"}"#), Ok(Message::Notification(_))));
        assert!(matches!(parse(br#"{"jsonrpc":"2.0","id":1,"result":{}}"#), Ok(Message::Response { .. })));
        assert!(matches!(parse(b" [ {} , 1 ]"), Ok(Message::Batch(items)) if items.len() == 2));
    }
}
