//! What a request says of itself in `params._meta`, and the claim of the modern era.

use crate::envelope::present;
use crate::version::Version;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The members of `params` that routing reads; everything raw.
#[derive(Debug, Default, Deserialize)]
pub struct Params<'a> {
    /// Request metadata.
    #[serde(borrow, rename = "_meta", default)]
    pub meta: Option<&'a RawValue>,
    /// `tools/call`, `prompts/get`: the tool's or the prompt's name.
    #[serde(borrow, default)]
    pub name: Option<&'a RawValue>,
    /// `tools/call`, `prompts/get`: its arguments.
    #[serde(borrow, default)]
    pub arguments: Option<&'a RawValue>,
    /// `resources/read`: the resource.
    #[serde(borrow, default)]
    pub uri: Option<&'a RawValue>,
    /// The answers to an `input_required` result.
    #[serde(borrow, rename = "inputResponses", default)]
    pub input_responses: Option<&'a RawValue>,
    /// The state that came with it.
    #[serde(borrow, rename = "requestState", default)]
    pub request_state: Option<&'a RawValue>,
    /// `completion/complete`: what is being completed.
    #[serde(borrow, rename = "ref", default)]
    pub reference: Option<&'a RawValue>,
    /// `completion/complete`: the argument and what is typed of it.
    #[serde(borrow, default)]
    pub argument: Option<&'a RawValue>,
    /// `completion/complete`: what is known already.
    #[serde(borrow, default)]
    pub context: Option<&'a RawValue>,
    /// `subscriptions/listen`: what is asked for.
    #[serde(borrow, default)]
    pub notifications: Option<&'a RawValue>,
    /// Lists: the page.
    #[serde(borrow, default)]
    pub cursor: Option<&'a RawValue>,
    /// `tasks/*`: the task.
    #[serde(borrow, rename = "taskId", default)]
    pub task_id: Option<&'a RawValue>,
    /// `initialize`: the version asked for.
    #[serde(borrow, rename = "protocolVersion", default)]
    pub protocol_version: Option<&'a RawValue>,
    /// `initialize`: what the client can do.
    #[serde(borrow, default)]
    pub capabilities: Option<&'a RawValue>,
    /// `initialize`: who asks.
    #[serde(borrow, rename = "clientInfo", default)]
    pub client_info: Option<&'a RawValue>,
}

impl<'a> Params<'a> {
    /// Reads the parameters; absent ones are empty.
    pub fn parse(raw: Option<&'a RawValue>) -> Option<Self> {
        raw.map_or_else(|| Some(Self::default()), object)
    }
}

// An object alone: serde takes an array for one too.
fn object<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok().filter(|_| raw.get().starts_with('{'))
}

/// `params._meta`, everything raw.
#[derive(Debug, Default, Deserialize)]
pub struct Meta<'a> {
    /// The claim of the modern era.
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion", default, deserialize_with = "present")]
    pub protocol_version: Option<&'a RawValue>,
    /// What the client can do, for this request.
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities", default)]
    pub client_capabilities: Option<&'a RawValue>,
    /// Who the client is.
    #[serde(borrow, rename = "io.modelcontextprotocol/clientInfo", default)]
    pub client_info: Option<&'a RawValue>,
    /// Least level of log notifications wanted.
    #[serde(borrow, rename = "io.modelcontextprotocol/logLevel", default)]
    pub log_level: Option<&'a RawValue>,
    /// Asks for progress; a string or an integer.
    #[serde(borrow, rename = "progressToken", default)]
    pub progress_token: Option<&'a RawValue>,
    /// W3C trace context.
    #[serde(borrow, default)]
    pub traceparent: Option<&'a RawValue>,
    /// W3C trace state, which goes with it.
    #[serde(borrow, default)]
    pub tracestate: Option<&'a RawValue>,
}

/// Why a modern claim cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimError {
    /// A required key is missing or has another type: the key.
    Invalid(&'static str),
    /// A well-formed version that is not served: the version.
    Unsupported(String),
}

impl<'a> Meta<'a> {
    /// Reads `_meta`; absent is empty, anything but an object is `None`.
    pub fn parse(raw: Option<&'a RawValue>) -> Option<Self> {
        raw.map_or_else(|| Some(Self::default()), object)
    }

    /// The version claimed, checked with the other required keys. `None` when the version is not a string.
    pub fn claimed_version(&self) -> Option<Cow<'a, str>> {
        self.protocol_version.and_then(text)
    }

    /// Checks the keys that every modern request must carry.
    pub fn check_required(&self) -> Result<Cow<'a, str>, ClaimError> {
        let version =
            self.claimed_version().ok_or(ClaimError::Invalid("io.modelcontextprotocol/protocolVersion (a string)"))?;
        if !self.client_capabilities.is_some_and(|raw| raw.get().starts_with('{')) {
            return Err(ClaimError::Invalid("io.modelcontextprotocol/clientCapabilities (an object)"));
        }
        if self.log_level.is_some_and(|raw| !LOG_LEVELS.contains(&raw.get())) {
            return Err(ClaimError::Invalid("io.modelcontextprotocol/logLevel (a syslog level)"));
        }
        Ok(version)
    }

    /// The served modern version of a claim.
    pub fn served(version: &str) -> Result<Version, ClaimError> {
        Version::from_date(version)
            .filter(|version| version.is_modern())
            .ok_or_else(|| ClaimError::Unsupported(version.to_owned()))
    }

    /// The least level of log notifications wanted.
    pub fn log_level(&self) -> Option<Cow<'a, str>> {
        self.log_level.and_then(text)
    }

    /// The progress token, if it is one.
    pub fn progress_token(&self) -> Option<&'a RawValue> {
        self.progress_token
            .filter(|raw| raw.get().starts_with('"') || raw.get().bytes().all(|b| b == b'-' || b.is_ascii_digit()))
    }

    /// What goes with the trace context.
    pub fn tracestate(&self) -> Option<Cow<'a, str>> {
        self.tracestate.and_then(text)
    }

    /// The trace context the client is in.
    pub fn traceparent(&self) -> Option<Cow<'a, str>> {
        self.traceparent.and_then(text)
    }
}

const LOG_LEVELS: [&str; 8] =
    ["\"debug\"", "\"info\"", "\"notice\"", "\"warning\"", "\"error\"", "\"critical\"", "\"alert\"", "\"emergency\""];

/// Who a client says it is.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub struct ClientInfo<'a> {
    /// Its name.
    #[serde(borrow, default)]
    pub name: Cow<'a, str>,
    /// Its version.
    #[serde(borrow, default)]
    pub version: Cow<'a, str>,
}

impl<'a> ClientInfo<'a> {
    /// Reads an `Implementation`, forgiving what is missing.
    pub fn parse(raw: Option<&'a RawValue>) -> Self {
        raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }
}

/// Whether capabilities, a JSON object, declare an extension; what is no object declares nothing.
pub fn declares_extension(capabilities: Option<&RawValue>, extension: &str) -> bool {
    #[derive(Deserialize)]
    struct Capabilities<'a> {
        #[serde(borrow, default)]
        extensions: Option<&'a RawValue>,
    }
    let capabilities: Option<Capabilities<'_>> = capabilities.and_then(object);
    let extensions: Option<BTreeMap<Cow<'_, str>, &RawValue>> =
        capabilities.and_then(|capabilities| serde_json::from_str(capabilities.extensions?.get()).ok());
    extensions.is_some_and(|extensions| extensions.get(extension).is_some_and(|raw| raw.get().starts_with('{')))
}

/// The text of a raw value, if it is a string.
pub(crate) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    serde_json::from_str::<Text<'_>>(raw.get()).ok().map(|text| text.0)
}

impl Params<'_> {
    /// The text of a raw member, if it is a string.
    pub fn text(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
        raw.and_then(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta(json: &str) -> Result<String, ClaimError> {
        let raw: &RawValue = serde_json::from_str(json).expect("JSON");
        Meta::parse(Some(raw)).expect("an object").check_required().map(Cow::into_owned)
    }

    #[test]
    fn a_claim_needs_both_keys() {
        let version = r#""io.modelcontextprotocol/protocolVersion":"2026-07-28""#;
        let capabilities = r#""io.modelcontextprotocol/clientCapabilities":{}"#;
        assert_eq!(meta(&format!("{{{version},{capabilities}}}")), Ok("2026-07-28".to_owned()));
        assert!(
            matches!(meta(&format!("{{{version}}}")), Err(ClaimError::Invalid(key)) if key.contains("Capabilities"))
        );
        assert!(
            matches!(meta(&format!("{{{capabilities}}}")), Err(ClaimError::Invalid(key)) if key.contains("Version"))
        );
        let level = r#""io.modelcontextprotocol/logLevel":"loud""#;
        assert!(matches!(meta(&format!("{{{version},{capabilities},{level}}}")), Err(ClaimError::Invalid(_))));
    }

    #[test]
    fn only_modern_versions_are_served_under_a_claim() {
        assert_eq!(Meta::served("2026-07-28"), Ok(Version::V2026_07_28));
        assert_eq!(Meta::served("2025-11-25"), Err(ClaimError::Unsupported("2025-11-25".to_owned())));
    }

    #[test]
    fn extensions_are_declared_by_objects() {
        for (json, declared) in [
            (r#"{"extensions":{"a/b":{}}}"#, true),
            (r#"{"extensions":{"a\u002fb":{"x":1}}}"#, true),
            (r#"{"extensions":{"a/b":null}}"#, false),
            (r#"{"extensions":{"a/b":true}}"#, false),
            (r#"{"extensions":{"a/c":{}}}"#, false),
            (r#"{"extensions":["a/b"]}"#, false),
            (r#"{"extensions":null}"#, false),
            ("{}", false),
            ("[]", false),
        ] {
            let raw: &RawValue = serde_json::from_str(json).expect("JSON");
            assert_eq!(declares_extension(Some(raw), "a/b"), declared, "{json}");
        }
        assert!(!declares_extension(None, "a/b"));
    }

    #[test]
    fn progress_tokens_are_strings_or_integers() {
        for (json, is_token) in [("7", true), ("\"7\"", true), ("1.5", false), ("null", false), ("{}", false)] {
            let meta_json = format!(r#"{{"progressToken":{json}}}"#);
            let raw: &RawValue = serde_json::from_str(&meta_json).expect("JSON");
            let meta = Meta::parse(Some(raw)).expect("an object");
            assert_eq!(meta.progress_token().map(RawValue::get), is_token.then_some(json));
        }
    }
}
