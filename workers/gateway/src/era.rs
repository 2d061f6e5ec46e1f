//! Which era a request belongs to: the body decides, the headers only cross-check.
//!
//! The order of the checks is the validation ladder of 2026-07-28; the rules for older clients are those of their own
//! versions.

use crate::headers::Headers;
use octavo_mcp::{ClaimError, Envelope, ErrorCode, Meta, Params, RpcError, Version, decode_name};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A request of a known era.
#[derive(Debug)]
pub(crate) struct Placed<'a> {
    /// The version it speaks.
    pub(crate) version: Version,
    /// Its parameters.
    pub(crate) params: Params<'a>,
    /// Its metadata.
    pub(crate) meta: Meta<'a>,
}

/// A request refused, with the HTTP status to say it by.
pub(crate) type Refused = (u16, RpcError);

fn refuse(code: ErrorCode, message: impl Into<String>) -> Refused {
    (code.modern_status(), RpcError::new(code, message))
}

/// Places a request, or says what is wrong with it.
pub(crate) fn place<'a>(envelope: &Envelope<'a>, headers: &Headers<'_>) -> Result<Placed<'a>, Refused> {
    let invalid_params = || refuse(ErrorCode::InvalidParams, "Invalid params: `params` or `params._meta` is malformed");
    let params = Params::parse(envelope.params).ok_or_else(invalid_params)?;
    let meta = Meta::parse(params.meta).ok_or_else(invalid_params)?;
    let header = headers.get("mcp-protocol-version");
    let header_is_modern = header.and_then(Version::from_date).is_some_and(Version::is_modern);
    if meta.protocol_version.is_some() {
        let version = modern(envelope, &params, &meta, headers)?;
        return Ok(Placed { version, params, meta });
    }
    let version = match header {
        _ if envelope.method == "initialize" => {
            if header_is_modern {
                return Err(refuse(
                    ErrorCode::HeaderMismatch,
                    "MCP-Protocol-Version names a version without `initialize`; send `server/discover`, or `initialize` without that header",
                ));
            }
            Version::LATEST_LEGACY
        }
        Some(_) if header_is_modern => {
            return Err(refuse(
                ErrorCode::InvalidParams,
                "Invalid params: `params._meta` must carry io.modelcontextprotocol/protocolVersion and io.modelcontextprotocol/clientCapabilities",
            ));
        }
        Some(date) => Version::from_date(date).ok_or_else(|| (400, RpcError::unsupported_version(date)))?,
        None => Version::V2025_03_26,
    };
    Ok(Placed { version, params, meta })
}

/// Whether a message claims the modern era, rightly or not, whatever else is wrong with it.
pub(crate) fn claims_modern(message: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Message<'a> {
        #[serde(borrow, default)]
        params: Option<&'a RawValue>,
    }
    // Also where the rest cannot be read. Inside a longer text its quotes would be escaped; as a whole text it is taken for a
    // claim too, which no message has reason to hold.
    if message.get().contains(r#""io.modelcontextprotocol/protocolVersion""#) {
        return true;
    }
    let message = serde_json::from_str::<Message<'_>>(message.get()).ok();
    let params = message.and_then(|message| Params::parse(message.params));
    let meta = params.and_then(|params| Meta::parse(params.meta));
    meta.is_some_and(|meta| meta.protocol_version.is_some())
}

/// Whether a notification may be accepted: its header and its claim, if it has them, must agree and be served. The other
/// headers are mirrored by requests only.
pub(crate) fn check_notification(envelope: &Envelope<'_>, headers: &Headers<'_>) -> Result<(), Refused> {
    let invalid = || refuse(ErrorCode::InvalidParams, "Invalid params: `params` or `params._meta` is malformed");
    let params = Params::parse(envelope.params).ok_or_else(invalid)?;
    let meta = Meta::parse(params.meta).ok_or_else(invalid)?;
    let header = headers.get("mcp-protocol-version");
    let claimed = match meta.protocol_version {
        None => None,
        Some(_) => Some(meta.claimed_version().ok_or_else(invalid)?),
    };
    match (header, claimed) {
        (Some(header), Some(claimed)) if header != claimed => {
            let message = "MCP-Protocol-Version does not match the version in `params._meta`";
            Err(refuse(ErrorCode::HeaderMismatch, message))
        }
        (_, Some(claimed)) => match Meta::served(&claimed) {
            Ok(_) => Ok(()),
            Err(_) => Err((400, RpcError::unsupported_version(&claimed))),
        },
        (Some(header), None) if Version::from_date(header).is_none() => {
            Err((400, RpcError::unsupported_version(header)))
        }
        (_, None) => Ok(()),
    }
}

/// Whether a client's answer may be accepted: only clients of older versions are asked anything in a message of its own.
pub(crate) fn check_response(headers: &Headers<'_>) -> Result<(), Refused> {
    let header = headers.get("mcp-protocol-version");
    let is_legacy = |date| Version::from_date(date).is_some_and(|version| !version.is_modern());
    if header.is_none_or(is_legacy) {
        return Ok(());
    }
    Err(refuse(ErrorCode::InvalidRequest, "Invalid request: a response is not sent to the server in this version"))
}

// Rungs 5 to 7: the required keys, then header against body, then whether the version is served.
fn modern(
    envelope: &Envelope<'_>,
    params: &Params<'_>,
    meta: &Meta<'_>,
    headers: &Headers<'_>,
) -> Result<Version, Refused> {
    let claim = |error| match error {
        ClaimError::Invalid(key) => {
            refuse(ErrorCode::InvalidParams, format!("Invalid params: `params._meta` must carry {key}"))
        }
        ClaimError::Unsupported(version) => (400, RpcError::unsupported_version(&version)),
    };
    let version = meta.check_required().map_err(claim)?;
    let mismatch = |header: &str, what: &str| refuse(ErrorCode::HeaderMismatch, format!("{header} {what}"));
    match headers.get("mcp-protocol-version") {
        None => return Err(mismatch("MCP-Protocol-Version", "is missing")),
        Some(header) if header != version => {
            return Err(mismatch("MCP-Protocol-Version", "does not match the version in `params._meta`"));
        }
        Some(_) => {}
    }
    match headers.get("mcp-method") {
        None => return Err(mismatch("Mcp-Method", "is missing")),
        Some(header) if header != envelope.method => return Err(mismatch("Mcp-Method", "does not match `method`")),
        Some(_) => {}
    }
    if let Some((named, member)) = named_by(&envelope.method, params) {
        match headers.get("mcp-name") {
            None => return Err(mismatch("Mcp-Name", "is missing")),
            Some(header) => match decode_name(header) {
                None => return Err(mismatch("Mcp-Name", "is not valid base64 of UTF-8")),
                Some(name) if name != named => {
                    return Err(mismatch("Mcp-Name", &format!("does not match `params.{member}`")));
                }
                Some(_) => {}
            },
        }
    }
    Meta::served(&version).map_err(claim)
}

// What `Mcp-Name` mirrors, for the methods that have something to mirror, and the member that holds it.
fn named_by<'a>(method: &str, params: &Params<'a>) -> Option<(std::borrow::Cow<'a, str>, &'static str)> {
    match method {
        "tools/call" | "prompts/get" => Params::text(params.name).map(|name| (name, "name")),
        "resources/read" => Params::text(params.uri).map(|uri| (uri, "uri")),
        // Of the tasks extension, which asks for the same.
        "tasks/get" | "tasks/update" | "tasks/cancel" => Params::text(params.task_id).map(|id| (id, "taskId")),
        _ => None,
    }
}
