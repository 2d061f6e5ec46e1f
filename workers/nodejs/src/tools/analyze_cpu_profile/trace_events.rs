//! Traces in the Trace Event Format: calls as begin and end events, or sampled stacks.
//!
//! Events may stand in any order. Of events at one time, an end that fits the top of the stack goes first, and a begin goes
//! before its own end, as speedscope reads them. The profiles of V8 inside a Chrome trace are read by [`super::chrome`].

use super::chrome::Recording;
use super::profile::{Profile, Quality, Unit};
use crate::support::Map;
use crate::support::call_tree::{CallTree, Frame, ROOT};
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader, stringify};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Most events of one time among which the end of the innermost call is looked for.
const MAX_EVENTS_OF_ONE_TIME: usize = 1_000;

/// The main thread of a page, in Chrome's traces.
const MAIN_THREAD: &str = "CrRendererMain";

/// A process and a thread.
type ThreadId = (u64, u64);

/// What a trace holds.
#[derive(Debug, Default)]
pub(super) struct Trace<'a> {
    calls: Vec<Call<'a>>,
    pieces: Vec<Piece<'a>>,
    samples: Vec<Sample>,
    stack_frames: Map<String, StackFrame>,
    process_names: BTreeMap<u64, String>,
    thread_names: BTreeMap<ThreadId, String>,
    has_samples: bool,
    unreadable: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Begin,
    End,
    Whole,
}

#[derive(Debug, Clone)]
struct Call<'a> {
    thread: ThreadId,
    phase: Phase,
    time: f64,
    duration: f64,
    name: Cow<'a, str>,
    args: Option<&'a str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PieceKind {
    Whole,
    Start,
    Chunk,
}

/// An event that carries a CPU profile, or a part of one.
#[derive(Debug)]
struct Piece<'a> {
    kind: PieceKind,
    thread: ThreadId,
    id: Option<Cow<'a, str>>,
    time: f64,
    data: &'a str,
}

#[derive(Debug)]
struct Sample {
    thread: ThreadId,
    time: f64,
    frame: String,
}

#[derive(Debug, Default)]
struct StackFrame {
    name: String,
    category: String,
    parent: Option<String>,
}

impl<'a> Trace<'a> {
    /// Reads an array of events.
    pub(super) fn read_events(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.begin_array()?;
        while reader.next_item()? {
            self.read_event(reader)?;
        }
        Ok(())
    }

    /// Reads an object with events.
    pub(super) fn read_object(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.begin_object()?;
        let mut has_frames = false;
        while let Some(key) = reader.next_member()? {
            match (key.as_ref(), reader.kind()?) {
                ("traceEvents", Kind::Array) => self.read_events(reader)?,
                ("samples", Kind::Array) => {
                    self.has_samples = true;
                    reader.array(|reader| self.read_sample(reader))?;
                }
                ("stackFrames", Kind::Object) => {
                    has_frames = true;
                    reader.object(|reader, key| self.read_stack_frame(reader, key))?;
                }
                _ => reader.skip()?,
            }
        }
        self.has_samples &= has_frames;
        Ok(())
    }

    /// Whether anything in it can be made a profile of.
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.pieces.is_empty() && !self.has_samples
    }

    /// Whether it holds profiles of V8.
    pub(super) fn has_recordings(&self) -> bool {
        self.pieces.iter().any(|piece| piece.kind != PieceKind::Chunk)
    }

    fn read_event(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            self.unreadable += 1;
            return reader.skip();
        }
        let (mut process, mut thread, mut time, mut duration, mut thread_duration) = (0, 0, None, None, None);
        let (mut name, mut phase, mut id, mut args) = (Cow::Borrowed(""), None, None, None);
        reader.begin_object()?;
        while let Some(key) = reader.next_member()? {
            match key.as_ref() {
                "pid" => process = thread_number(reader.lenient_number()?),
                "tid" => thread = thread_number(reader.lenient_number()?),
                "ts" => time = reader.lenient_number()?,
                "dur" => duration = reader.lenient_number()?,
                "tdur" => thread_duration = reader.lenient_number()?,
                "name" => name = reader.string_or_skip()?.unwrap_or_default(),
                "ph" => phase = reader.string_or_skip()?,
                "id" => id = reader.string_or_skip()?,
                "args" => args = Some(reader.raw()?),
                _ => reader.skip()?,
            }
        }
        let thread = (process, thread);
        let phase = phase.unwrap_or_default();
        let kind = match name.as_ref() {
            "CpuProfile" => Some(PieceKind::Whole),
            "Profile" => Some(PieceKind::Start),
            "ProfileChunk" => Some(PieceKind::Chunk),
            _ => None,
        };
        if let Some((kind, data)) = kind.zip(args.and_then(|args| member(args, "data"))) {
            self.pieces.push(Piece { kind, thread, id, time: time.unwrap_or_default(), data });
        } else if phase == "M" && name == "thread_name" {
            let given = args.and_then(|args| member(args, "name")).and_then(text_of);
            self.thread_names.extend(given.map(|name| (thread, name)));
        } else if phase == "M" && name == "process_name" {
            let given = args.and_then(|args| member(args, "name")).and_then(text_of);
            self.process_names.extend(given.map(|name| (process, name)));
        } else if let Some(phase) = phase_of(&phase) {
            let Some(time) = time else {
                self.unreadable += 1;
                return Ok(());
            };
            let duration = duration.or(thread_duration).unwrap_or_default();
            let args = args.filter(|args| !matches!(*args, "null" | "false" | "0" | "\"\""));
            self.calls.push(Call { thread, phase, time, duration, name, args });
        }
        Ok(())
    }

    fn read_sample(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            self.unreadable += 1;
            return reader.skip();
        }
        let (mut process, mut thread, mut time, mut frame) = (0, 0, 0.0, String::new());
        reader.object(|reader, key| match key {
            "pid" => reader.lenient_number().map(|number| process = thread_number(number)),
            "tid" => reader.lenient_number().map(|number| thread = thread_number(number)),
            "ts" => reader.lenient_number().map(|number| time = number.unwrap_or_default()),
            "sf" => frame_id(reader).map(|id| frame = id.unwrap_or_default()),
            _ => reader.skip(),
        })?;
        self.samples.push(Sample { thread: (process, thread), time, frame });
        Ok(())
    }

    fn read_stack_frame(&mut self, reader: &mut Reader<'a>, id: &str) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            return reader.skip();
        }
        let mut frame = StackFrame::default();
        reader.object(|reader, key| match key {
            "name" => reader.string_or_skip().map(|name| frame.name = name.unwrap_or_default().into()),
            "category" => reader.string_or_skip().map(|text| frame.category = text.unwrap_or_default().into()),
            "parent" => frame_id(reader).map(|id| frame.parent = id),
            _ => reader.skip(),
        })?;
        self.stack_frames.insert(id.to_owned(), frame);
        Ok(())
    }

    /// The profiles in it, and which of them a reader wants first.
    pub(super) fn profiles(self) -> Result<(Vec<Profile>, usize), JsonError> {
        if self.has_recordings() {
            return self.recordings();
        }
        let profiles = if self.has_samples { self.sampled() } else { self.called() };
        Ok((profiles, 0))
    }

    fn recordings(mut self) -> Result<(Vec<Profile>, usize), JsonError> {
        self.pieces.sort_by(|one, other| one.time.total_cmp(&other.time));
        let mut order: Vec<ThreadId> = Vec::new();
        let mut recordings: Vec<Recording> = Vec::new();
        let mut known: Map<(u64, String), usize> = Map::default();
        for piece in &self.pieces {
            let id = piece.id.as_ref().map_or_else(|| format!("thread {}", piece.thread.1), ToString::to_string);
            let key = (piece.thread.0, id);
            let mut reader = Reader::new(piece.data);
            if reader.kind()? != Kind::Object {
                continue;
            }
            if piece.kind == PieceKind::Chunk {
                let Some(recording) = known.get(&key).and_then(|at| recordings.get_mut(*at)) else { continue };
                append_chunk(recording, &mut reader)?;
                continue;
            }
            let recording = if piece.kind == PieceKind::Start {
                Recording::read(&mut reader)?
            } else {
                match member(piece.data, "cpuProfile") {
                    Some(inner) => Recording::read(&mut Reader::new(inner))?,
                    None => continue,
                }
            };
            if let Some(earlier) = known.get(&key).and_then(|at| recordings.get_mut(*at)) {
                *earlier = recording;
            } else {
                known.insert(key, recordings.len());
                recordings.push(recording);
                order.push(piece.thread);
            }
        }
        let names: Vec<String> =
            order.iter().map(|thread| self.thread_names.get(thread).cloned().unwrap_or_default()).collect();
        // Of several, the last that is a page's main thread.
        let chosen = names.iter().rposition(|name| name == MAIN_THREAD).unwrap_or_default();
        Ok((recordings.into_iter().zip(names).map(|(recording, name)| recording.profile(name)).collect(), chosen))
    }

    fn sampled(&self) -> Vec<Profile> {
        let mut threads: BTreeMap<ThreadId, Vec<&Sample>> = BTreeMap::new();
        for sample in &self.samples {
            threads.entry(sample.thread).or_default().push(sample);
        }
        let profile = |(thread, samples): (ThreadId, Vec<&Sample>)| {
            let mut tree = CallTree::new();
            let mut quality = Quality { samples: samples.len(), unreadable: self.unreadable, ..Quality::default() };
            let mut length = 0.0;
            for (at, sample) in samples.iter().enumerate() {
                let weight = samples.get(at + 1).map_or(0.0, |next| next.time - sample.time);
                quality.backward_deltas += usize::from(weight < 0.0);
                if weight > 0.0 {
                    let stack = self.stack(&sample.frame, &mut tree, &mut quality);
                    tree.add_stack(stack.into_iter().rev(), weight);
                    length += weight;
                }
            }
            let name = self.thread_name(thread);
            Profile { name, unit: Unit::Microseconds, tree, length, idle: 0.0, quality }
        };
        threads.into_iter().map(profile).collect()
    }

    // The innermost function first.
    fn stack(&self, frame: &str, tree: &mut CallTree, quality: &mut Quality) -> Vec<u32> {
        let mut stack = Vec::new();
        let mut next = Some(frame);
        while let Some(id) = next.filter(|id| !id.is_empty() && *id != "0") {
            let Some(frame) = self.stack_frames.get(id) else {
                quality.unknown_nodes += 1;
                break;
            };
            if stack.len() >= super::chrome::MAX_STACK_DEPTH {
                quality.cut_stacks += 1;
                break;
            }
            // The category tells functions of one name apart.
            let file = frame.category.clone();
            stack.push(tree.frame(Frame { name: frame.name.clone(), file, ..Frame::default() }));
            next = frame.parent.as_deref();
        }
        stack
    }

    fn called(self) -> Vec<Profile> {
        let unreadable = self.unreadable;
        let mut threads: BTreeMap<ThreadId, Vec<&Call<'_>>> = BTreeMap::new();
        for call in &self.calls {
            threads.entry(call.thread).or_default().push(call);
        }
        let profile = |(thread, calls): (ThreadId, Vec<&Call<'_>>)| {
            let quality = Quality { samples: calls.len(), unreadable, ..Quality::default() };
            Calls::of(&calls).profile(self.thread_name(thread), quality)
        };
        threads.into_iter().map(profile).collect()
    }

    fn thread_name(&self, thread: ThreadId) -> String {
        let (process_id, thread_id) = thread;
        match (self.process_names.get(&process_id), self.thread_names.get(&thread)) {
            (Some(process), Some(name)) => format!("{process} (pid {process_id}), {name} (tid {thread_id})"),
            (Some(process), None) => format!("{process} (pid {process_id}, tid {thread_id})"),
            (None, Some(name)) => format!("{name} (pid {process_id}, tid {thread_id})"),
            (None, None) => format!("pid {process_id}, tid {thread_id}"),
        }
    }
}

/// The begins and ends of one thread, each in the order of time.
struct Calls<'c> {
    begins: Vec<(f64, &'c Call<'c>)>,
    ends: Vec<(f64, &'c Call<'c>)>,
}

impl<'c> Calls<'c> {
    fn of(calls: &[&'c Call<'c>]) -> Self {
        let first = calls.iter().map(|call| call.time).fold(f64::INFINITY, f64::min);
        let (mut begins, mut ends, mut wholes) = (Vec::new(), Vec::new(), Vec::new());
        for call in calls {
            let time = call.time - first;
            match call.phase {
                Phase::Begin => begins.push((time, *call)),
                Phase::End => ends.push((time, *call)),
                Phase::Whole => wholes.push((time, *call)),
            }
        }
        // Of two that begin at once, the longer holds the shorter.
        wholes.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.duration.total_cmp(&one.1.duration)));
        for (time, call) in wholes {
            begins.push((time, call));
            ends.push((time + call.duration, call));
        }
        begins.sort_by(|one, other| one.0.total_cmp(&other.0));
        ends.sort_by(|one, other| one.0.total_cmp(&other.0));
        Self { begins, ends }
    }

    fn profile(mut self, name: String, mut quality: Quality) -> Profile {
        let mut tree = CallTree::new();
        let mut stack: Vec<(&Call<'_>, u32)> = Vec::new();
        let mut now = 0.0;
        let (mut begin, mut end) = (0, 0);
        loop {
            let (next_begin, next_end) = (self.begins.get(begin).copied(), self.ends.get(end).copied());
            let takes_begin = match (next_begin, next_end) {
                (None, None) => break,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some((begins, call)), Some((ends, ended))) => {
                    begins < ends || begins <= ends && call.identity() == ended.identity()
                }
            };
            if let Some((time, call)) = next_begin.filter(|_| takes_begin) {
                begin += 1;
                spend(&mut tree, &stack, &mut now, time);
                let caller = stack.last().map_or(ROOT, |(_, node)| *node);
                let frame = tree.frame(call.frame());
                stack.push((call, tree.child(caller, frame)));
                continue;
            }
            self.bring_fitting_end_forward(end, stack.last().map(|(call, _)| *call));
            let Some((time, call)) = self.ends.get(end).copied() else { break };
            end += 1;
            if stack.last().is_none_or(|(top, _)| top.name != call.name) {
                quality.unbalanced_events += 1;
                continue;
            }
            spend(&mut tree, &stack, &mut now, time);
            stack.pop();
        }
        quality.unbalanced_events += stack.len();
        Profile { name, unit: Unit::Microseconds, tree, length: now, idle: 0.0, quality }
    }

    // Of the ends at one time, puts the one that fits the innermost call in front.
    fn bring_fitting_end_forward(&mut self, end: usize, top: Option<&Call<'_>>) {
        let (Some(top), Some((time, _))) = (top, self.ends.get(end).copied()) else { return };
        let rivals = self.ends.iter().enumerate().skip(end + 1).take(MAX_EVENTS_OF_ONE_TIME);
        let rivals = rivals.take_while(|(_, (other, _))| *other <= time);
        let identity = top.identity();
        let (mut same, mut named) = (None, None);
        for (at, (_, call)) in rivals {
            if call.identity() == identity {
                same = Some(at);
                break;
            }
            if named.is_none() && call.name == top.name {
                named = Some(at);
            }
        }
        if let Some(fitting) = same.or(named) {
            self.ends.swap(end, fitting);
        }
    }
}

fn spend(tree: &mut CallTree, stack: &[(&Call<'_>, u32)], now: &mut f64, time: f64) {
    if let Some((_, node)) = stack.last() {
        tree.add(*node, time - *now);
    }
    *now = time;
}

impl Call<'_> {
    // Its name and arguments: what tells events apart.
    fn identity(&self) -> String {
        let name = if self.name.is_empty() { "(unnamed)" } else { &self.name };
        self.args.map_or_else(|| name.to_owned(), |args| format!("{name} {}", stringify(args)))
    }

    fn frame(&self) -> Frame {
        self.hermes_frame().unwrap_or_else(|| Frame { name: self.identity(), ..Frame::default() })
    }

    // Hermes names the place of a function in the arguments.
    fn hermes_frame(&self) -> Option<Frame> {
        let args = self.args?;
        let mut found = 0;
        let mut frame = Frame { name: self.name.to_string(), ..Frame::default() };
        let mut reader = Reader::new(args);
        let read = reader.object(|reader, key| match key {
            "line" | "column" => {
                found += 1;
                // Lines and columns are whole.
                #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
                let number = reader.lenient_number()?.map(|number| number as i64);
                if key == "line" {
                    frame.line = number;
                } else {
                    frame.column = number;
                }
                Ok(())
            }
            "url" => {
                found += 1;
                reader.string_or_skip().map(|url| frame.file = url.unwrap_or_default().into())
            }
            "name" | "category" | "params" | "allocatedCategory" | "allocatedName" => {
                found += 1;
                reader.skip()
            }
            _ => reader.skip(),
        });
        (read.is_ok() && found == 8).then_some(frame)
    }
}

fn append_chunk(recording: &mut Recording, reader: &mut Reader<'_>) -> Result<(), JsonError> {
    let (mut deltas, mut start, mut end) = (Vec::new(), None, None);
    reader.object(|reader, key| match key {
        "cpuProfile" if reader.kind()? == Kind::Object => {
            recording.append(Recording::read(reader)?);
            Ok(())
        }
        "timeDeltas" if reader.kind()? == Kind::Array => {
            reader.array(|reader| reader.lenient_number().map(|delta| deltas.push(delta.unwrap_or_default())))
        }
        "startTime" => reader.lenient_number().map(|time| start = time),
        "endTime" => reader.lenient_number().map(|time| end = time),
        _ => reader.skip(),
    })?;
    recording.extend_deltas(deltas);
    recording.set_times(start, end);
    Ok(())
}

fn phase_of(phase: &str) -> Option<Phase> {
    match phase {
        "B" => Some(Phase::Begin),
        "E" => Some(Phase::End),
        "X" => Some(Phase::Whole),
        _ => None,
    }
}

// The raw text of a member of an object.
fn member<'r>(raw: &'r str, wanted: &str) -> Option<&'r str> {
    let mut reader = Reader::new(raw);
    reader.begin_object().ok()?;
    while let Some(key) = reader.next_member().ok()? {
        let value = reader.raw().ok()?;
        if key == wanted {
            return Some(value);
        }
    }
    None
}

fn text_of(raw: &str) -> Option<String> {
    Reader::new(raw).string().ok().map(Cow::into_owned)
}

fn frame_id(reader: &mut Reader<'_>) -> Result<Option<String>, JsonError> {
    match reader.kind()? {
        Kind::Number => reader.number().map(|number| Some(number.to_string())),
        _ => Ok(reader.string_or_skip()?.map(Cow::into_owned)),
    }
}

// Processes and threads are numbered from 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn thread_number(number: Option<f64>) -> u64 {
    number.unwrap_or_default() as u64
}
