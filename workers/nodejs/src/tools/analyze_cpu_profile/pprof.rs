//! A pprof profile written as JSON: the message `perftools.profiles.Profile` with members in `camelCase` or `snake_case`, 64-bit
//! numbers as numbers or strings.

use super::profile::{Profile, Quality, Unit};
use crate::support::Map;
use crate::support::call_tree::{CallTree, Frame};
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader};

#[derive(Debug, Default)]
struct Message {
    strings: Vec<String>,
    sample_types: Vec<ValueType>,
    default_sample_type: usize,
    functions: Vec<Function>,
    locations: Vec<Location>,
    samples: Vec<Sample>,
}

/// Two numbers of the string table.
#[derive(Debug, Default, Clone, Copy)]
struct ValueType {
    kind: usize,
    unit: usize,
}

#[derive(Debug, Default)]
struct Function {
    id: u64,
    name: usize,
    file: usize,
    start_line: f64,
}

#[derive(Debug, Default)]
struct Location {
    id: u64,
    /// The function of the last line, into which the ones before were inlined.
    function: Option<u64>,
}

#[derive(Debug, Default)]
struct Sample {
    locations: Vec<u64>,
    values: Vec<f64>,
}

/// Reads a profile; nothing when it has no sample type.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Profile>, JsonError> {
    let mut message = Message::default();
    reader.object(|reader, key| {
        let is_list = reader.kind()? == Kind::Array;
        match key {
            "stringTable" | "string_table" if is_list => reader.array(|reader| {
                reader.string_or_skip().map(|text| message.strings.push(text.unwrap_or_default().into()))
            }),
            "sampleType" | "sample_type" if is_list => {
                reader.array(|reader| read_type(reader).map(|read| message.sample_types.push(read)))
            }
            "defaultSampleType" | "default_sample_type" => {
                reader.lenient_number().map(|number| message.default_sample_type = index(number))
            }
            "function" if is_list => {
                reader.array(|reader| read_function(reader).map(|read| message.functions.push(read)))
            }
            "location" if is_list => {
                reader.array(|reader| read_location(reader).map(|read| message.locations.push(read)))
            }
            "sample" if is_list => reader.array(|reader| read_sample(reader).map(|read| message.samples.push(read))),
            _ => reader.skip(),
        }
    })?;
    Ok(message.profile())
}

impl Message {
    fn text(&self, at: usize) -> &str {
        self.strings.get(at).map(String::as_str).unwrap_or_default()
    }

    // The type named by default, else the last.
    fn sample_type(&self) -> Option<(usize, ValueType)> {
        let named = self.sample_types.iter().position(|known| known.kind == self.default_sample_type);
        let at = named.filter(|_| self.default_sample_type != 0).or_else(|| self.sample_types.len().checked_sub(1))?;
        Some((at, *self.sample_types.get(at)?))
    }

    fn profile(&self) -> Option<Profile> {
        let (value_at, kind) = self.sample_type()?;
        let mut tree = CallTree::new();
        let mut quality = Quality { samples: self.samples.len(), ..Quality::default() };
        let mut functions: Map<u64, u32> = Map::default();
        for function in &self.functions {
            let name = match self.text(function.name) {
                "" => "(unknown)",
                name => name,
            };
            let file = self.text(function.file).to_owned();
            // Lines are whole.
            #[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
            let line = (function.start_line > 0.0).then_some(function.start_line as i64);
            functions.insert(function.id, tree.frame(Frame { name: name.to_owned(), file, line, column: None }));
        }
        let of_location = |location: &Location| Some((location.id, *functions.get(&location.function?)?));
        let frames: Map<u64, u32> = self.locations.iter().filter_map(of_location).collect();
        let mut length = 0.0;
        for sample in &self.samples {
            let Some(value) = sample.values.get(value_at).copied() else {
                quality.unreadable += 1;
                continue;
            };
            length += value;
            let stack = sample.locations.iter().rev().filter_map(|location| frames.get(location).copied());
            let stack: Vec<u32> = stack.collect();
            quality.unknown_nodes += usize::from(stack.len() < sample.locations.len());
            if value > 0.0 {
                tree.add_stack(stack, value);
            }
        }
        let unit = match self.text(kind.unit) {
            "microseconds" => Unit::Microseconds,
            "" | "count" => Unit::Samples,
            other => Unit::Other(octavo_toolkit::limits::excerpt(other)),
        };
        Some(Profile { name: self.text(kind.kind).to_owned(), unit, tree, length, idle: 0.0, quality })
    }
}

fn read_type(reader: &mut Reader<'_>) -> Result<ValueType, JsonError> {
    let mut kind = ValueType::default();
    reader.object(|reader, key| match key {
        "type" => reader.lenient_number().map(|number| kind.kind = index(number)),
        "unit" => reader.lenient_number().map(|number| kind.unit = index(number)),
        _ => reader.skip(),
    })?;
    Ok(kind)
}

fn read_function(reader: &mut Reader<'_>) -> Result<Function, JsonError> {
    let mut function = Function::default();
    reader.object(|reader, key| match key {
        "id" => reader.lenient_number().map(|number| function.id = id(number)),
        "name" => reader.lenient_number().map(|number| function.name = index(number)),
        "filename" => reader.lenient_number().map(|number| function.file = index(number)),
        "startLine" | "start_line" => {
            reader.lenient_number().map(|number| function.start_line = number.unwrap_or_default())
        }
        _ => reader.skip(),
    })?;
    Ok(function)
}

fn read_location(reader: &mut Reader<'_>) -> Result<Location, JsonError> {
    let mut location = Location::default();
    reader.object(|reader, key| match key {
        "id" => reader.lenient_number().map(|number| location.id = id(number)),
        "line" if reader.kind()? == Kind::Array => reader.array(|reader| {
            location.function = None;
            reader.object(|reader, key| match key {
                "functionId" | "function_id" => {
                    reader.lenient_number().map(|number| location.function = number.map(|_| id(number)))
                }
                _ => reader.skip(),
            })
        }),
        _ => reader.skip(),
    })?;
    Ok(location)
}

fn read_sample(reader: &mut Reader<'_>) -> Result<Sample, JsonError> {
    let mut sample = Sample::default();
    reader.object(|reader, key| match key {
        "locationId" | "location_id" if reader.kind()? == Kind::Array => {
            reader.array(|reader| reader.lenient_number().map(|number| sample.locations.push(id(number))))
        }
        "value" if reader.kind()? == Kind::Array => {
            reader.array(|reader| reader.lenient_number().map(|value| sample.values.push(value.unwrap_or_default())))
        }
        _ => reader.skip(),
    })?;
    Ok(sample)
}

fn id(number: Option<f64>) -> u64 {
    number.unwrap_or_default().to_bits()
}

// Strings are numbered from 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
fn index(number: Option<f64>) -> usize {
    number.unwrap_or_default() as usize
}
