//! JSON-RPC errors as MCP uses them.

use crate::version::Version;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use thiserror::Error;

/// The only error codes that are ever sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// Not JSON.
    ParseError,
    /// Not a JSON-RPC 2.0 message that may be sent here.
    InvalidRequest,
    /// Unknown method, or one that was not declared.
    MethodNotFound,
    /// Parameters that cannot be used.
    InvalidParams,
    /// Our fault.
    InternalError,
    /// A resource that is not there (before 2026-07-28, which says [`InvalidParams`](Self::InvalidParams)).
    ResourceNotFound,
    /// A header says otherwise than the body (2026-07-28).
    HeaderMismatch,
    /// The client did not declare a capability that the request needs (2026-07-28).
    MissingCapability,
    /// A protocol version that is not served (2026-07-28).
    UnsupportedVersion,
}

impl ErrorCode {
    /// The number on the wire.
    pub const fn number(self) -> i32 {
        match self {
            Self::ParseError => -32700,
            Self::InvalidRequest => -32600,
            Self::MethodNotFound => -32601,
            Self::InvalidParams => -32602,
            Self::InternalError => -32603,
            Self::ResourceNotFound => -32002,
            Self::HeaderMismatch => -32020,
            Self::MissingCapability => -32021,
            Self::UnsupportedVersion => -32022,
        }
    }

    /// The HTTP status that the modern era asks for. Legacy errors to a readable request are 200.
    pub const fn modern_status(self) -> u16 {
        match self {
            Self::MethodNotFound => 404,
            Self::InternalError | Self::ResourceNotFound => 200,
            Self::ParseError
            | Self::InvalidRequest
            | Self::InvalidParams
            | Self::HeaderMismatch
            | Self::MissingCapability
            | Self::UnsupportedVersion => 400,
        }
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.number())
    }
}

/// A protocol error: unknown methods, unknown tools and malformed requests. Everything else is a tool result.
#[derive(Debug, Clone, PartialEq, Error, Serialize)]
#[error("{message}")]
pub struct RpcError {
    /// What kind of error.
    pub code: ErrorCode,
    /// One sentence for people.
    pub message: String,
    /// Facts for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

impl RpcError {
    /// An error without data.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// The error of a resource that is not there; its URI goes back as data.
    pub fn unknown_resource(version: Version, uri: &str) -> Self {
        let code = if version.is_modern() { ErrorCode::InvalidParams } else { ErrorCode::ResourceNotFound };
        Self { code, message: "Resource not found".to_owned(), data: Some(json!({ "uri": uri })) }
    }

    /// The error of a call that needs what the client did not declare; `capabilities` is a JSON object.
    pub fn missing_capability(capabilities: &RawValue) -> Self {
        let required: Value = serde_json::from_str(capabilities.get()).unwrap_or_default();
        let message = "The client must declare a capability for this call; see data.requiredCapabilities".to_owned();
        let data = Some(json!({ "requiredCapabilities": required }));
        Self { code: ErrorCode::MissingCapability, message, data }
    }

    /// The error of a version that is not served; `requested` is echoed as it came.
    pub fn unsupported_version(requested: &str) -> Self {
        let supported: Vec<&str> = crate::MODERN.iter().map(|version| version.as_str()).collect();
        Self {
            code: ErrorCode::UnsupportedVersion,
            message: format!("Unsupported protocol version; supported: {}", supported.join(", ")),
            data: Some(json!({ "supported": supported, "requested": requested })),
        }
    }
}

/// The response that carries an error. Without a readable id it has none: the schema does not admit null.
pub fn error_response(id: Option<&RawValue>, error: &RpcError) -> String {
    #[derive(Serialize)]
    struct Response<'a> {
        jsonrpc: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a RawValue>,
        error: &'a RpcError,
    }
    serde_json::to_string(&Response { jsonrpc: "2.0", id, error }).unwrap_or_default()
}
