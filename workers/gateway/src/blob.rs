//! Blobs: texts uploaded beside MCP, and the handles that stand for them in a call's arguments.
//!
//! Owns what a handle is, where one stands for a text, what the endpoint takes, and every sentence about blobs. It refuses to
//! own bytes: texts are kept, fetched and put into a body by `js/blobs.js`, since the wasm's memory never shrinks.

use crate::config::Config;
use crate::headers::Headers;
use octavo_rpc::{CallError, MAX_ARGUMENTS_BYTES, Reason};
use octavo_telemetry::label;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::Range;
use thiserror::Error;

/// The endpoint's path; a blob's own is this, `/` and its handle.
pub const BLOBS_PATH: &str = "/v1/blobs";

/// Longest blob, in bytes: KV's limit of 25 MiB for a value, less a margin.
pub const MAX_BLOB_BYTES: usize = 24 * 1024 * 1024;

/// How long a blob is kept, in seconds.
pub const TTL_SECONDS: u32 = 3_600;

/// Most different blobs of one call; each is a read of the store.
pub const MAX_BLOBS: usize = 16;

/// Most text that one call takes from blobs, in bytes, each counted as often as it stands: what fits an isolate's 128 MiB
/// beside its escaped form.
pub const MAX_RESOLVED_BYTES: usize = 24 * 1024 * 1024;

/// Deepest place of a handle in the arguments; no tool's field is as deep, and what is deeper is left as it is.
pub const MAX_HANDLE_DEPTH: usize = 16;

/// Random bytes in a handle: 160 bits, beyond guessing.
pub const HANDLE_BYTES: usize = 20;

const PREFIX: &str = "blob_";
const HANDLE_CHARS: usize = HANDLE_BYTES * 8 / 5;
// RFC 4648's base32 in lower case.
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A handle made of random bytes.
pub fn handle_of(random: &[u8; HANDLE_BYTES]) -> String {
    format!("{PREFIX}{}", random_word(random))
}

/// Whether a text is a handle, whole.
pub fn is_handle(text: &str) -> bool {
    text.strip_prefix(PREFIX).is_some_and(is_random_word)
}

/// Random bytes as letters and digits.
pub(crate) fn random_word(random: &[u8; HANDLE_BYTES]) -> String {
    let mut word = String::with_capacity(HANDLE_CHARS);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in random {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            let digit = ALPHABET.get((bits >> held) as usize & 31).copied().unwrap_or_default();
            word.push(char::from(digit));
        }
        bits &= (1 << held) - 1;
    }
    word
}

/// Whether a text may be random bytes as letters and digits.
pub(crate) fn is_random_word(text: &str) -> bool {
    text.len() == HANDLE_CHARS && text.bytes().all(|digit| ALPHABET.contains(&digit))
}

/// A stretch of a forwarded body that a blob's text takes the place of, escaped as inside a JSON string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// The handle between its quotes, as byte offsets.
    pub at: Range<usize>,
    /// The blob, by its place among the call's handles.
    pub blob: usize,
}

/// How long a blob is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobSize {
    /// Its bytes.
    pub bytes: usize,
    /// Its bytes inside a JSON string, without the quotes.
    pub escaped: usize,
}

/// Why the store gave no blobs at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFault {
    /// No store is bound.
    Unbound,
    /// The store did not answer.
    Silent,
}

/// Why a call's handles cannot be replaced; its words are the sentence that a model reads.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum BlobError {
    #[error("`{0}` is the {n}th blob of this call, the limit is {MAX_BLOBS}; split the call", n = MAX_BLOBS + 1)]
    TooMany(String),
    #[error(
        "the blobs of this call have {0} bytes in all, the limit is {MAX_RESOLVED_BYTES}; name fewer of them, or split the call"
    )]
    TooLarge(usize),
    #[error(
        "the arguments have {0} bytes with their blobs in JSON's escapes, the limit is {MAX_ARGUMENTS_BYTES}; name fewer blobs, or split the call"
    )]
    TooLargeEscaped(usize),
    #[error(
        "there is no blob for {}: unknown, another key's, or over {minutes} minutes old; upload the text again with PUT {BLOBS_PATH} and pass the new handle",
        quoted(_0),
        minutes = TTL_SECONDS / 60
    )]
    NotFound(Vec<String>),
    #[error("`{0}` is a handle, and this deployment keeps no blobs; send the text itself")]
    Unbound(String),
    #[error("the blobs of this call could not be read right now; try again in a few seconds, or send the text itself")]
    Silent,
}

impl BlobError {
    /// The error as programs read it.
    pub(crate) fn to_call_error(&self) -> CallError {
        let (reason, path) = match self {
            Self::TooMany(pointer) => (Reason::InputTooLarge, Some(pointer.clone())),
            Self::TooLarge(_) | Self::TooLargeEscaped(_) => (Reason::InputTooLarge, None),
            Self::NotFound(pointers) => (Reason::BlobNotFound, pointers.first().cloned()),
            Self::Unbound(pointer) => (Reason::BlobNotFound, Some(pointer.clone())),
            Self::Silent => (Reason::BlobNotFound, None),
        };
        let retryable = matches!(self, Self::Silent);
        CallError { reason, retryable, path, retry_after_ms: retryable.then_some(RETRY_AFTER_MS) }
    }
}

/// When to try a store again that did not answer.
const RETRY_AFTER_MS: u32 = 5_000;

fn quoted(pointers: &[String]) -> String {
    pointers.iter().map(|pointer| format!("`{pointer}`")).collect::<Vec<_>>().join(", ")
}

/// The handles that a call's arguments name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Named {
    /// Each handle once, in the order in which they first stand.
    pub(crate) handles: Vec<String>,
    // JSON pointers of where each first stands.
    pointers: Vec<String>,
    /// Every place of a handle, first to last.
    pub(crate) splices: Vec<Splice>,
}

impl Named {
    /// Finds the handles in a call's arguments, which are JSON: every string that is exactly a handle as written, but names
    /// of members and what stands in `output`.
    pub(crate) fn find(arguments: &str) -> Result<Self, BlobError> {
        let mut named = Self::default();
        // Most calls name none and pay for this search alone.
        if !arguments.contains("\"blob_") {
            return Ok(named);
        }
        let mut walk = Walk::new(arguments);
        while let Some(at) = walk.next_text() {
            let Some(handle) = arguments.get(at.clone()).filter(|text| is_handle(text)) else { continue };
            let path = walk.path();
            if path.first().is_some_and(|name| name == "output") {
                continue;
            }
            let blob = match named.handles.iter().position(|known| known == handle) {
                Some(known) => known,
                None if named.handles.len() == MAX_BLOBS => return Err(BlobError::TooMany(pointer(&path))),
                None => {
                    named.handles.push(handle.to_owned());
                    named.pointers.push(pointer(&path));
                    named.handles.len() - 1
                }
            };
            named.splices.push(Splice { at, blob });
        }
        Ok(named)
    }

    /// Whether the blobs found may be put into arguments of this length, and how long they are then; `sizes` are in the order
    /// of the handles.
    pub(crate) fn check(&self, sizes: &[BlobSize], arguments: usize) -> Result<usize, BlobError> {
        let mut sum = BlobSize { bytes: 0, escaped: arguments };
        for splice in &self.splices {
            let size = sizes.get(splice.blob).ok_or(BlobError::Silent)?;
            sum.bytes = sum.bytes.saturating_add(size.bytes);
            sum.escaped = sum.escaped.saturating_sub(splice.at.len()).saturating_add(size.escaped);
        }
        if sum.bytes > MAX_RESOLVED_BYTES {
            return Err(BlobError::TooLarge(sum.bytes));
        }
        if sum.escaped > MAX_ARGUMENTS_BYTES {
            return Err(BlobError::TooLargeEscaped(sum.escaped));
        }
        Ok(sum.escaped)
    }

    /// The error of blobs that are not there, by their places among the handles.
    pub(crate) fn missing(&self, blobs: &[usize]) -> BlobError {
        BlobError::NotFound(blobs.iter().filter_map(|blob| self.pointers.get(*blob).cloned()).collect())
    }

    /// The error of a store that gave nothing.
    pub(crate) fn without_store(&self, fault: StoreFault) -> BlobError {
        match fault {
            StoreFault::Unbound => BlobError::Unbound(self.pointers.first().cloned().unwrap_or_default()),
            StoreFault::Silent => BlobError::Silent,
        }
    }
}

// Names are a caller's words, so only what is harmless of them is shown.
fn pointer(path: &[String]) -> String {
    path.iter().flat_map(|name| ["/".to_owned(), label(name).replace('/', "~1")]).collect()
}

// Goes through the strings of a JSON text that is known to be valid, in one pass and without recursion.
struct Walk<'a> {
    text: &'a str,
    at: usize,
    // What is open, outermost first; what is deeper than `MAX_HANDLE_DEPTH` is only counted.
    open: Vec<Frame>,
    deeper: usize,
}

enum Frame {
    // With the name of the member that is read, as byte offsets with its quotes; none before one.
    Object(Option<Range<usize>>),
    Array(usize),
}

impl<'a> Walk<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0, open: Vec::new(), deeper: 0 }
    }

    // The next string that is a value and not too deep, as byte offsets without its quotes.
    fn next_text(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            let start = self.at;
            self.at += 1;
            match byte {
                b'{' | b'[' if self.deeper > 0 || self.open.len() == MAX_HANDLE_DEPTH => self.deeper += 1,
                b'{' => self.open.push(Frame::Object(None)),
                b'[' => self.open.push(Frame::Array(0)),
                b'}' | b']' if self.deeper > 0 => self.deeper -= 1,
                b'}' | b']' => {
                    self.open.pop();
                }
                b',' if self.deeper == 0 => match self.open.last_mut() {
                    Some(Frame::Object(name)) => *name = None,
                    Some(Frame::Array(index)) => *index += 1,
                    None => {}
                },
                b'"' => {
                    let end = end_of_string(bytes, self.at);
                    self.at = end + 1;
                    if self.deeper > 0 {
                        continue;
                    }
                    match self.open.last_mut() {
                        Some(Frame::Object(name)) if name.is_none() => *name = Some(start..end + 1),
                        Some(Frame::Object(_) | Frame::Array(_)) | None => return Some(start + 1..end),
                    }
                }
                _ => {}
            }
        }
        None
    }

    // Names and indices down to what is read.
    fn path(&self) -> Vec<String> {
        let step = |frame: &Frame| match frame {
            Frame::Object(name) => {
                let name = name.clone().and_then(|at| self.text.get(at)).unwrap_or_default();
                serde_json::from_str(name).unwrap_or_default()
            }
            Frame::Array(index) => index.to_string(),
        };
        self.open.iter().map(step).collect()
    }
}

// Where the quote is that ends a string which starts before `at`.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

/// A request to the endpoint, as the shell is to serve it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct BlobRequest {
    /// What to do.
    #[serde(flatten)]
    pub task: BlobTask,
    /// The origin to allow, when the request came from an allowed page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// What a request to the endpoint comes to.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum BlobTask {
    /// A text is to be kept.
    Upload {
        /// Whether it comes compressed.
        gzip: bool,
    },
    /// Somebody asks whether a blob is there.
    Head {
        /// The blob.
        handle: String,
    },
    /// A blob is to be forgotten.
    Delete {
        /// The blob.
        handle: String,
    },
    /// Nothing is done.
    Refuse(Refusal),
}

/// An error answer of the endpoint.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Headers of its own.
    pub headers: BTreeMap<&'static str, &'static str>,
    /// The body, a JSON object.
    pub body: String,
}

/// What can be wrong with a request to the endpoint; its words are the sentence that is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BlobFault {
    /// More text than is kept.
    #[error("the text has over {MAX_BLOB_BYTES} bytes when it is not compressed, which is the limit; split it")]
    TooLarge,
    /// The bytes are no text.
    #[error("the body is not UTF-8 text; convert it, and name a compressed body by `Content-Encoding: gzip`")]
    NotText,
    /// The bytes are not what their encoding says.
    #[error("the body is not one whole gzip stream; compress it again, or send it as it is without Content-Encoding")]
    NotGzip,
    /// The body could not be read to its end.
    #[error("the body ended early; send it again")]
    CutShort,
    /// An encoding that is not read.
    #[error("Content-Encoding may be gzip or absent")]
    Encoding,
    /// No such blob for this caller.
    #[error(
        "there is no such blob: unknown, another key's, or over {} minutes old; upload the text again with PUT {BLOBS_PATH}",
        TTL_SECONDS / 60
    )]
    NotFound,
    /// Another method than PUT where texts are uploaded.
    #[error("send the text with PUT; a blob itself takes HEAD and DELETE at {BLOBS_PATH}/ and its handle")]
    NotPut,
    /// Another method than HEAD and DELETE where a blob is.
    #[error(
        "a blob takes HEAD and DELETE; pass its handle to a tool to have it read, and upload with PUT {BLOBS_PATH}"
    )]
    NotHeadOrDelete,
    /// A page of another origin.
    #[error("Origin not allowed; see ALLOWED_ORIGINS")]
    Origin,
    /// No store is bound.
    #[error(
        "this deployment keeps no blobs: no KV namespace is bound as BLOBS; send texts in the arguments themselves"
    )]
    Unbound,
    /// The store did not answer.
    #[error("the text could not be kept or found right now; try again in a few seconds")]
    Silent,
}

impl BlobFault {
    /// Those that only the shell can notice.
    pub const NOTICED: [Self; 7] =
        [Self::TooLarge, Self::NotText, Self::NotGzip, Self::CutShort, Self::NotFound, Self::Unbound, Self::Silent];

    /// The fixed word for programs.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => Reason::InputTooLarge.code(),
            Self::NotText => "not_text",
            Self::NotGzip => "not_gzip",
            Self::CutShort => "cut_short",
            Self::Encoding => "unsupported_encoding",
            Self::NotFound => Reason::BlobNotFound.code(),
            Self::NotPut | Self::NotHeadOrDelete => "method_not_allowed",
            Self::Origin => "origin_not_allowed",
            Self::Unbound => "blobs_unavailable",
            Self::Silent => "blobs_unreachable",
        }
    }

    /// The answer that says so.
    pub fn refusal(self) -> Refusal {
        let (status, header) = match self {
            Self::TooLarge => (413, None),
            Self::NotText | Self::NotGzip | Self::CutShort => (400, None),
            Self::Encoding => (415, Some(("accept-encoding", "gzip"))),
            Self::NotFound => (404, None),
            Self::NotPut => (405, Some(("allow", UPLOAD_METHODS))),
            Self::NotHeadOrDelete => (405, Some(("allow", BLOB_METHODS))),
            Self::Origin => (403, None),
            Self::Unbound => (503, None),
            Self::Silent => (503, Some(("retry-after", "5"))),
        };
        let error = serde_json::json!({ "error": { "reason": self.reason(), "message": self.to_string() } });
        Refusal { status, headers: header.into_iter().collect(), body: error.to_string() }
    }
}

const UPLOAD_METHODS: &str = "PUT, OPTIONS";
const BLOB_METHODS: &str = "HEAD, DELETE, OPTIONS";

/// The methods that a path of the endpoint takes, where it is one.
pub fn methods_of(path: &str) -> Option<&'static str> {
    match path.strip_prefix(BLOBS_PATH)? {
        "" => Some(UPLOAD_METHODS),
        rest => rest.starts_with('/').then_some(BLOB_METHODS),
    }
}

/// Reads a request to the endpoint; `headers` are `name:value` lines.
pub fn read_request(method: &str, path: &str, headers: &str, config: &Config) -> BlobRequest {
    let headers = Headers::new(headers);
    let origin = headers.get("origin");
    let allowed = origin.filter(|origin| config.allows_origin(origin)).map(str::to_owned);
    let task =
        if origin.is_some() && allowed.is_none() { Err(BlobFault::Origin) } else { task_of(method, path, &headers) };
    BlobRequest { task: task.unwrap_or_else(|fault| BlobTask::Refuse(fault.refusal())), origin: allowed }
}

fn task_of(method: &str, path: &str, headers: &Headers<'_>) -> Result<BlobTask, BlobFault> {
    let rest = path.strip_prefix(BLOBS_PATH).ok_or(BlobFault::NotFound)?;
    if rest.is_empty() {
        let encoding = headers.get("content-encoding").unwrap_or_default().to_ascii_lowercase();
        return match (method, encoding.as_str()) {
            ("PUT", "" | "identity") => Ok(BlobTask::Upload { gzip: false }),
            ("PUT", "gzip" | "x-gzip") => Ok(BlobTask::Upload { gzip: true }),
            ("PUT", _) => Err(BlobFault::Encoding),
            _ => Err(BlobFault::NotPut),
        };
    }
    let handle = rest.strip_prefix('/').filter(|rest| is_handle(rest)).map(str::to_owned);
    match method {
        "HEAD" => Ok(BlobTask::Head { handle: handle.ok_or(BlobFault::NotFound)? }),
        "DELETE" => Ok(BlobTask::Delete { handle: handle.ok_or(BlobFault::NotFound)? }),
        _ => Err(BlobFault::NotHeadOrDelete),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const HANDLE: &str = "blob_abcdefghijklmnopqrstuvwxyz234567";

    fn handle(at: usize) -> String {
        let mut random = [0; HANDLE_BYTES];
        random[19] = u8::try_from(at).expect("a small number");
        handle_of(&random)
    }

    fn find(arguments: &str) -> Named {
        serde_json::from_str::<Value>(arguments).expect("test JSON");
        Named::find(arguments).expect("within the limits")
    }

    // The arguments with each handle's place in the list instead of it, and the pointers.
    fn shown(arguments: &str) -> (String, Vec<String>) {
        let named = find(arguments);
        let mut text = arguments.to_owned();
        for splice in named.splices.iter().rev() {
            text.replace_range(splice.at.clone(), &splice.blob.to_string());
        }
        (text, named.pointers)
    }

    #[test]
    fn handles_are_base32_of_all_bits() {
        assert_eq!(handle_of(&[0; HANDLE_BYTES]), format!("blob_{}", "a".repeat(32)));
        assert_eq!(handle_of(&[255; HANDLE_BYTES]), format!("blob_{}", "7".repeat(32)));
        // RFC 4648: "foobar" is MZXW6YTBOI.
        let mut random = [0; HANDLE_BYTES];
        random[..6].copy_from_slice(b"foobar");
        assert!(handle_of(&random).starts_with("blob_mzxw6ytboi"));
        assert!(is_handle(&handle_of(&random)) && is_handle(HANDLE));
        for other in ["", "blob_", "blob_a", &HANDLE.to_uppercase(), &HANDLE.replace('a', "1"), &format!("{HANDLE}a")] {
            assert!(!is_handle(other), "{other}");
        }
    }

    #[test]
    fn a_string_that_is_a_handle_is_found_wherever_it_stands() {
        let (text, pointers) = shown(&format!(
            r#"{{ "source" : "{a}", "files":[{{"path":"x","source":"{b}"}},["{a}"], "{c}" ],"n":-1.5e3,"t":[true,null]}}"#,
            a = handle(1),
            b = handle(2),
            c = handle(3)
        ));
        assert_eq!(
            text,
            r#"{ "source" : "0", "files":[{"path":"x","source":"1"},["0"], "2" ],"n":-1.5e3,"t":[true,null]}"#
        );
        assert_eq!(pointers, ["/source", "/files/0/source", "/files/2"]);
    }

    #[test]
    fn what_only_looks_like_a_handle_is_left_alone() {
        for arguments in [
            format!(r#"{{"{HANDLE}":1,"a":{{"{HANDLE}" : "x"}}}}"#),
            format!(r#"{{"source":"see {HANDLE}"}}"#),
            format!(r#"{{"source":"{HANDLE} "}}"#),
            format!(r#"{{"source":"a \"{HANDLE}\" b"}}"#),
            format!(r#"{{"source":"\"{HANDLE}","b":"\\\"{HANDLE}\""}}"#),
            format!(r#"{{"source":"\u0062{}"}}"#, &HANDLE[1..]),
            format!(r#"{{"source":"{}1"}}"#, &HANDLE[..36]),
            format!(r#"{{"output":"{HANDLE}"}}"#),
            format!(r#"{{"output":{{"ignore":["{HANDLE}"]}},"source":"x"}}"#),
            format!(r#"{{"o\u0075tput":{{"cursor":"{HANDLE}"}}}}"#),
            r#"{"source":"blob_"}"#.to_owned(),
            r#"{"source":"\\","b":"blob_"}"#.to_owned(),
        ] {
            assert_eq!(find(&arguments), Named::default(), "{arguments}");
        }
        let (text, pointers) =
            shown(&format!(r#"{{"files":[{{"output":"{HANDLE}"}}],"a\\":"{HANDLE}","output":{{}}}}"#));
        assert_eq!(text, r#"{"files":[{"output":"0"}],"a\\":"0","output":{}}"#, "an inner `output` is a field");
        assert_eq!(pointers, ["/files/0/output"]);
    }

    #[test]
    fn pointers_show_only_what_is_harmless_of_names() {
        let arguments = format!(r#"{{"a/b\u202e\n{}":["{HANDLE}"]}}"#, "x".repeat(100));
        assert_eq!(find(&arguments).pointers, ["/a~1b/0"]);
    }

    #[test]
    fn sixteen_blobs_are_the_limit_however_often_each_stands() {
        let list = |count: usize| {
            let handles: Vec<String> = (0..count).chain(0..count).map(|at| format!("\"{}\"", handle(at))).collect();
            format!(r#"{{"files":[{}]}}"#, handles.join(","))
        };
        let named = find(&list(MAX_BLOBS));
        assert_eq!((named.handles.len(), named.splices.len()), (MAX_BLOBS, 2 * MAX_BLOBS));
        let error = Named::find(&list(MAX_BLOBS + 1)).expect_err("one too many");
        assert_eq!(error, BlobError::TooMany("/files/16".to_owned()));
        assert_eq!(error.to_string(), "`/files/16` is the 17th blob of this call, the limit is 16; split the call");
        assert_eq!(error.to_call_error().reason, Reason::InputTooLarge);
    }

    #[test]
    fn deep_arguments_cost_no_memory_and_hide_handles() {
        let nested = |depth: usize| format!("{}\"{HANDLE}\"{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(find(&nested(MAX_HANDLE_DEPTH)).splices.len(), 1);
        assert_eq!(Named::find(&nested(MAX_HANDLE_DEPTH + 1)), Ok(Named::default()));
        assert_eq!(Named::find(&nested(1_000_000)), Ok(Named::default()));
        let after = format!(r#"{{"a":{},"b":"{HANDLE}"}}"#, nested(1_000));
        assert_eq!(Named::find(&after).expect("within the limits").pointers, ["/b"]);
    }

    #[test]
    fn a_text_that_is_cut_off_ends_the_walk() {
        let whole = format!(r#"{{"a":["{HANDLE}",{{"b\\":"{HANDLE}"}}]}}"#);
        for end in 0..whole.len() {
            assert!(Named::find(&whole[..end]).is_ok());
        }
    }

    #[test]
    fn sizes_count_as_often_as_a_blob_stands() {
        let arguments = format!(r#"{{"a":"{HANDLE}","b":"{HANDLE}"}}"#);
        let named = find(&arguments);
        let check = |bytes, escaped| named.check(&[BlobSize { bytes, escaped }], arguments.len()).map(drop);
        assert_eq!(check(MAX_RESOLVED_BYTES / 2, MAX_RESOLVED_BYTES / 2), Ok(()));
        assert_eq!(check(MAX_RESOLVED_BYTES / 2 + 1, 0), Err(BlobError::TooLarge(MAX_RESOLVED_BYTES + 2)));
        let around = r#"{"a":"","b":""}"#.len();
        let half = (MAX_ARGUMENTS_BYTES - around) / 2;
        assert_eq!(check(1, half), Ok(()));
        let longer = around + 2 * (half + 1);
        assert_eq!(check(1, half + 1), Err(BlobError::TooLargeEscaped(longer)));
        assert_eq!(named.check(&[], 0), Err(BlobError::Silent));
    }

    #[test]
    fn what_is_missing_is_named_with_the_cure() {
        let arguments = format!(r#"{{"a":"{}","b":"{}"}}"#, handle(1), handle(2));
        let error = find(&arguments).missing(&[0, 1, 2]);
        assert_eq!(
            error.to_string(),
            "there is no blob for `/a`, `/b`: unknown, another key's, or over 60 minutes old; upload the text again with PUT /v1/blobs and pass the new handle"
        );
        let error = find(&arguments).missing(&[1]).to_call_error();
        assert_eq!((error.reason, error.path.as_deref(), error.retryable), (Reason::BlobNotFound, Some("/b"), false));
        let silent = find(&arguments).without_store(StoreFault::Silent).to_call_error();
        assert_eq!((silent.retryable, silent.retry_after_ms), (true, Some(5_000)));
        let unbound = find(&arguments).without_store(StoreFault::Unbound);
        assert_eq!(unbound.to_call_error().path.as_deref(), Some("/a"));
        assert!(unbound.to_string().contains("keeps no blobs"));
    }

    #[test]
    fn each_request_has_its_task_or_its_refusal() {
        let config = Config::default();
        let gzip = "content-encoding: GZIP \n";
        let one = format!("/v1/blobs/{HANDLE}");
        for (method, path, headers, task, status) in [
            ("PUT", "/v1/blobs", "", "upload", 0),
            ("PUT", "/v1/blobs", gzip, "upload", 0),
            ("PUT", "/v1/blobs", "content-encoding:br\n", "refuse", 415),
            ("PUT", "/v1/blobs", "content-encoding:gzip, gzip\n", "refuse", 415),
            ("POST", "/v1/blobs", "", "refuse", 405),
            ("GET", "/v1/blobs", "", "refuse", 405),
            ("HEAD", one.as_str(), "", "head", 0),
            ("DELETE", one.as_str(), "", "delete", 0),
            ("GET", one.as_str(), "", "refuse", 405),
            ("PUT", one.as_str(), "", "refuse", 405),
            ("HEAD", "/v1/blobs/blob_x", "", "refuse", 404),
            ("DELETE", "/v1/blobs/", "", "refuse", 404),
            ("PUT", "/v1/blobs", "origin:https://evil.example\n", "refuse", 403),
            ("PUT", "/v1/blobs", "origin:http://localhost:1\n", "upload", 0),
        ] {
            let request = serde_json::to_value(read_request(method, path, headers, &config)).expect("serialises");
            assert_eq!(request["task"], task, "{method} {path} {headers}");
            assert_eq!(request["status"].as_u64().unwrap_or_default(), status, "{method} {path} {headers}");
            assert_eq!(request.get("origin").is_some(), headers.contains("localhost"));
            assert_eq!(request["gzip"] == json!(true), headers == gzip);
        }
        let refused = read_request("GET", &one, "", &config);
        let BlobTask::Refuse(refusal) = refused.task else { panic!("must be refused") };
        assert_eq!(refusal.headers.get("allow").copied(), Some("HEAD, DELETE, OPTIONS"));
        let body: Value = serde_json::from_str(&refusal.body).expect("JSON");
        assert_eq!(body["error"]["reason"], "method_not_allowed");
        assert_eq!(methods_of("/v1/blobs"), Some("PUT, OPTIONS"));
        assert_eq!((methods_of("/v1/blobsx"), methods_of("/mcp")), (None, None));
    }

    #[test]
    fn faults_of_the_shell_have_words_of_their_own() {
        let words: std::collections::BTreeSet<_> = BlobFault::NOTICED.iter().map(|fault| fault.reason()).collect();
        assert_eq!(words.len(), BlobFault::NOTICED.len());
    }
}
