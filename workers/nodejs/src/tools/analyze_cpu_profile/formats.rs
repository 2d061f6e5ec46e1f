//! Which format a profile is in, and reading it; what is no profile is named for what it is.

use super::chrome::Recording;
use super::pprof;
use super::profile::{Profile, Quality, Unit};
use super::trace_events::Trace;
use crate::support::call_tree::{CallTree, Frame};
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader};
use std::collections::BTreeSet;

/// Profiles of a text.
#[derive(Debug)]
pub(super) struct Profiles {
    /// The format's name.
    pub(super) format: &'static str,
    pub(super) threads: Vec<Profile>,
    /// The one a reader wants first.
    pub(super) chosen: usize,
    /// Whether the text ends before the profile does.
    pub(super) truncated: bool,
}

/// Why a text is no profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is broken at a byte.
    Broken(JsonError),
    /// It is something else, said in words.
    Other(String),
}

impl From<JsonError> for Refusal {
    fn from(error: JsonError) -> Self {
        Self::Broken(error)
    }
}

/// What is accepted, for messages.
pub(super) const ACCEPTED: &str =
    "a .cpuprofile, a Chrome or Trace Event trace, collapsed stacks, or a pprof profile as JSON";

/// Reads a profile in any of the formats.
pub(super) fn read(text: &str) -> Result<Profiles, Refusal> {
    let mut reader = Reader::new(text);
    match text.trim_start_matches('\u{feff}').trim_start().bytes().next() {
        None => Err(Refusal::Other("the text is empty".to_owned())),
        Some(b'[') => read_trace(&mut reader, text, false),
        Some(b'{') => read_object(text),
        Some(_) => collapsed(text),
    }
}

fn read_object(text: &str) -> Result<Profiles, Refusal> {
    let keys = match top_level_keys(text) {
        // A trace whose end is missing is read as far as it goes.
        Err((keys, error)) if !keys.contains("traceEvents") => return Err(refuse(&keys, error)),
        Ok(keys) | Err((keys, _)) => keys,
    };
    let has = |wanted: &[&str]| wanted.iter().all(|key| keys.contains(*key));
    let mut reader = Reader::new(text);
    let one = |format, profile| Ok(Profiles { format, threads: vec![profile], chosen: 0, truncated: false });
    if has(&["traceEvents"]) {
        read_trace(&mut reader, text, true)
    } else if has(&["nodes", "samples"]) || has(&["nodes", "startTime"]) {
        let recording = Recording::read(&mut reader)?;
        reader.end()?;
        one("cpuprofile", recording.profile(String::new()))
    } else if has(&["head", "samples"]) || has(&["head", "startTime"]) {
        let recording = Recording::read_old(&mut reader)?;
        reader.end()?;
        one("cpuprofile (tree)", recording.profile(String::new()))
    } else if has(&["stringTable"]) || has(&["string_table"]) {
        let profile = pprof::read(&mut reader)?;
        reader.end()?;
        match profile {
            Some(profile) => one("pprof", profile),
            None => Err(Refusal::Other("a pprof profile without a sample type".to_owned())),
        }
    } else {
        Err(Refusal::Other(what_it_is(&keys)))
    }
}

fn refuse(keys: &BTreeSet<String>, error: JsonError) -> Refusal {
    let known = ["nodes", "head", "stringTable", "string_table", "samples"];
    if keys.is_empty() || known.iter().any(|key| keys.contains(*key)) {
        Refusal::Broken(error)
    } else {
        Refusal::Other(what_it_is(keys))
    }
}

// Names the documents that people mistake for a CPU profile.
fn what_it_is(keys: &BTreeSet<String>) -> String {
    let has = |wanted: &[&str]| wanted.iter().all(|key| keys.contains(*key));
    if has(&["snapshot", "strings"]) {
        "a heap snapshot, which nodejs_analyze_heap reads".to_owned()
    } else if has(&["head"]) {
        "a heap profile, which nodejs_analyze_heap reads".to_owned()
    } else if has(&["inputs", "outputs"]) {
        "an esbuild metafile, which nodejs_analyze_bundle reads".to_owned()
    } else if has(&["mappings"]) || has(&["sections"]) {
        "a source map, to be sent in `sourceMaps`".to_owned()
    } else if has(&["$schema", "profiles", "shared"]) {
        "a speedscope file; send the profile it was made of".to_owned()
    } else if has(&["systemHost"]) || has(&["threads", "meta"]) {
        "a Firefox profile".to_owned()
    } else if keys.is_empty() {
        "an empty object".to_owned()
    } else {
        let shown: Vec<String> = keys.iter().take(4).map(|key| octavo_toolkit::limits::excerpt(key)).collect();
        format!("an object with the members {}", shown.join(", "))
    }
}

fn top_level_keys(text: &str) -> Result<BTreeSet<String>, (BTreeSet<String>, JsonError)> {
    let mut keys = BTreeSet::new();
    let mut reader = Reader::new(text);
    let read = reader.object(|reader, key| {
        keys.insert(key.to_owned());
        reader.skip()
    });
    match read.and_then(|()| reader.end()) {
        Ok(()) => Ok(keys),
        Err(error) => Err((keys, error)),
    }
}

fn read_trace<'a>(reader: &mut Reader<'a>, text: &'a str, is_object: bool) -> Result<Profiles, Refusal> {
    let mut trace = Trace::default();
    let read = if is_object { trace.read_object(reader) } else { trace.read_events(reader) };
    let truncated = match read.and_then(|()| reader.end()) {
        Ok(()) => false,
        // Writers that are killed leave out the end; a comma may stand there.
        Err(error) if !trace.is_empty() && ends_at(text, error.at) => true,
        Err(error) => return Err(Refusal::Broken(error)),
    };
    if trace.is_empty() {
        return Err(Refusal::Other("a JSON list without calls, samples or CPU profiles".to_owned()));
    }
    let format = if trace.has_recordings() { "chrome trace" } else { "trace events" };
    let (profiles, chosen) = trace.profiles()?;
    Ok(Profiles { format, threads: profiles, chosen, truncated })
}

fn ends_at(text: &str, at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.trim_matches([' ', '\t', '\r', '\n', ']', '}']).is_empty())
}

// `a;b;c 12`, a line a stack.
fn collapsed(text: &str) -> Result<Profiles, Refusal> {
    let mut tree = CallTree::new();
    let mut quality = Quality::default();
    let mut length = 0.0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let parsed = line.rsplit_once(' ').and_then(|(stack, count)| {
            let is_count = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
            Some((stack, count.parse::<f64>().ok().filter(|_| is_count)?))
        });
        let Some((stack, count)) = parsed else {
            quality.unreadable += 1;
            continue;
        };
        quality.samples += 1;
        length += count;
        if count > 0.0 {
            let frames: Vec<u32> =
                stack.split(';').map(|name| tree.frame(Frame { name: name.to_owned(), ..Frame::default() })).collect();
            tree.add_stack(frames, count);
        }
    }
    if quality.samples == 0 {
        return Err(Refusal::Other("a text without a stack such as `main;work 12`".to_owned()));
    }
    let profile = Profile { name: String::new(), unit: Unit::Samples, tree, length, idle: 0.0, quality };
    Ok(Profiles { format: "collapsed", threads: vec![profile], chosen: 0, truncated: false })
}

/// What kind of JSON value a text starts with, for messages.
pub(super) fn starts_with(text: &str) -> &'static str {
    match Reader::new(text).kind() {
        Ok(Kind::Object) => "an object",
        Ok(Kind::Array) => "a list",
        Ok(Kind::String | Kind::Number | Kind::Bool | Kind::Null) | Err(_) => "a text",
    }
}
