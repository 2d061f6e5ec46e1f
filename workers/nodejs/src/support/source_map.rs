//! Source maps (revision 3, ECMA-426): where a place of generated code stands in its source, and how much of the generated
//! code each source makes up.
//!
//! Indexed maps are put together. A segment that is broken is left out and counted, never guessed. Lines and columns count
//! from 0, columns in UTF-16 units, as the format does.

use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader};

/// Most mapped segments kept: a map of the longest text accepted has fewer.
pub const MAX_SEGMENTS: usize = 8_000_000;

/// No source, or no name.
const NONE: u32 = u32::MAX;

/// A source map, decoded.
#[derive(Debug, Default)]
pub struct SourceMap {
    /// The generated file's name, where the map gives it.
    pub file: Option<String>,
    /// The sources, with the root before them.
    pub sources: Vec<String>,
    /// The texts of the sources, as many as were given.
    pub contents: Vec<Option<String>>,
    /// Names of the generated code's identifiers.
    pub names: Vec<String>,
    /// The mappings in the order of the generated code.
    pub segments: Vec<Segment>,
    /// Mappings left out because they are broken.
    pub broken: usize,
}

/// One mapping: from a place in the generated code, up to the next one, to a place in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Generated line.
    pub line: u32,
    /// Generated column.
    pub column: u32,
    source: u32,
    /// Line in the source.
    pub source_line: u32,
    /// Column in the source.
    pub source_column: u32,
    name: u32,
}

impl Segment {
    /// The number of the source it maps to, if to one.
    pub fn source(&self) -> Option<usize> {
        (self.source != NONE).then_some(self.source as usize)
    }

    /// The number of its name, if it has one.
    pub fn name(&self) -> Option<usize> {
        (self.name != NONE).then_some(self.name as usize)
    }
}

impl SourceMap {
    /// Reads a map. Texts of sources are kept only when asked for.
    pub fn parse(text: &str, keep_contents: bool) -> Result<Self, JsonError> {
        // Some servers put a line before the JSON against inclusion as a script.
        let text = if text.starts_with(")]}") { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
        let mut reader = Reader::new(text);
        let mut map = Self::default();
        map.read(&mut reader, keep_contents, 0, 0, true)?;
        reader.end()?;
        map.segments.sort_by_key(|segment| (segment.line, segment.column));
        Ok(map)
    }

    /// The mapping that covers a place of the generated code: the last one at or before it on its line.
    pub fn lookup(&self, line: u32, column: u32) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| (segment.line, segment.column) <= (line, column));
        let segment = after.checked_sub(1).and_then(|at| self.segments.get(at))?;
        (segment.line == line && segment.source().is_some()).then_some(segment)
    }

    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        keep_contents: bool,
        first_line: u32,
        first_column: u32,
        is_outermost: bool,
    ) -> Result<(), JsonError> {
        let (mut root, mut mappings, mut sections) = (String::new(), None, None);
        let (first_source, first_name) = (self.sources.len(), self.names.len());
        let mut contents = Vec::new();
        let mut is_map = false;
        let start = reader.offset();
        reader.object(|reader, key| match key {
            "file" if is_outermost => reader.string_or_skip().map(|file| self.file = file.map(Into::into)),
            "sourceRoot" => reader.string_or_skip().map(|text| root = text.unwrap_or_default().into_owned()),
            "sources" if reader.kind()? == Kind::Array => reader.array(|reader| {
                reader.string_or_skip().map(|source| self.sources.push(source.unwrap_or_default().into()))
            }),
            "sourcesContent" if keep_contents && reader.kind()? == Kind::Array => {
                reader.array(|reader| reader.string_or_skip().map(|text| contents.push(text.map(Into::into))))
            }
            "names" if reader.kind()? == Kind::Array => reader
                .array(|reader| reader.string_or_skip().map(|name| self.names.push(name.unwrap_or_default().into()))),
            "mappings" if reader.kind()? == Kind::String => {
                is_map = true;
                reader.string().map(|text| mappings = Some(text))
            }
            "sections" if is_outermost && reader.kind()? == Kind::Array => {
                is_map = true;
                reader.raw().map(|raw| sections = Some(raw))
            }
            _ => reader.skip(),
        })?;
        if !is_map {
            return Err(JsonError { at: start, expected: "a source map, an object with \"mappings\"," });
        }
        for source in self.sources.iter_mut().skip(first_source) {
            *source = join_root(&root, source);
        }
        contents.resize(self.sources.len() - first_source, None);
        self.contents.append(&mut contents);
        if let Some(mappings) = mappings {
            self.decode(&mappings, first_source, first_name, first_line, first_column);
        }
        if let Some(sections) = sections {
            Reader::new(sections).array(|reader| self.read_section(reader, keep_contents))?;
        }
        Ok(())
    }

    fn read_section(&mut self, reader: &mut Reader<'_>, keep_contents: bool) -> Result<(), JsonError> {
        let (mut line, mut column, mut inner) = (0, 0, None);
        reader.object(|reader, key| match key {
            "offset" if reader.kind()? == Kind::Object => reader.object(|reader, key| match key {
                "line" => reader.lenient_number().map(|number| line = whole(number)),
                "column" => reader.lenient_number().map(|number| column = whole(number)),
                _ => reader.skip(),
            }),
            "map" if reader.kind()? == Kind::Object => reader.raw().map(|raw| inner = Some(raw)),
            _ => reader.skip(),
        })?;
        match inner {
            Some(inner) => self.read(&mut Reader::new(inner), keep_contents, line, column, false),
            None => Ok(()),
        }
    }

    fn decode(&mut self, mappings: &str, first_source: usize, first_name: usize, first_line: u32, first_column: u32) {
        let (mut source, mut source_line, mut source_column, mut name) = (0_i64, 0_i64, 0_i64, 0_i64);
        for (at, line) in mappings.split(';').enumerate() {
            let generated_line = first_line.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
            let mut column = 0_i64;
            for text in line.split(',').filter(|text| !text.is_empty()) {
                let Some((fields, count)) = segment_fields(text).filter(|(_, count)| matches!(count, 1 | 4 | 5)) else {
                    self.broken += 1;
                    continue;
                };
                let [column_by, source_by, line_by, source_column_by, name_by] = fields;
                column += column_by;
                source += source_by;
                source_line += line_by;
                source_column += source_column_by;
                name += name_by;
                let offset = if at == 0 { i64::from(first_column) } else { 0 };
                let known = |number: i64, first: usize, count: usize| {
                    usize::try_from(number).ok().map(|number| number + first).filter(|number| *number < count)
                };
                let source_number = known(source, first_source, self.sources.len()).filter(|_| count >= 4);
                let name_number = known(name, first_name, self.names.len()).filter(|_| count == 5);
                let (Ok(column), Ok(line), Ok(source_column)) =
                    (u32::try_from(column + offset), u32::try_from(source_line), u32::try_from(source_column))
                else {
                    self.broken += 1;
                    continue;
                };
                if count >= 4 && source_number.is_none() || self.segments.len() >= MAX_SEGMENTS {
                    self.broken += 1;
                    continue;
                }
                let short =
                    |number: Option<usize>| number.and_then(|number| u32::try_from(number).ok()).unwrap_or(NONE);
                self.segments.push(Segment {
                    line: generated_line,
                    column,
                    source: short(source_number),
                    source_line: line,
                    source_column,
                    name: short(name_number),
                });
            }
        }
    }
}

fn join_root(root: &str, source: &str) -> String {
    match root {
        "" => source.to_owned(),
        root if source.starts_with('/') || source.contains("://") => {
            let _ = root;
            source.to_owned()
        }
        root => format!("{}/{source}", root.trim_end_matches('/')),
    }
}

fn whole(number: Option<f64>) -> u32 {
    // Out of range or negative: no line of a text.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
    number.map_or(0, |number| number as u32)
}

// The differences of a segment, five at most, and how many there are.
fn segment_fields(text: &str) -> Option<([i64; 5], usize)> {
    let (mut fields, mut count) = ([0; 5], 0);
    let (mut value, mut shift) = (0_i64, 0_u32);
    for byte in text.bytes() {
        let digit = i64::from(base64(byte)?);
        if shift > 30 {
            return None;
        }
        value |= (digit & 31) << shift;
        shift += 5;
        if digit & 32 != 0 {
            continue;
        }
        *fields.get_mut(count)? = if value & 1 == 1 { -(value >> 1) } else { value >> 1 };
        count += 1;
        (value, shift) = (0, 0);
    }
    (shift == 0).then_some((fields, count))
}

fn base64(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_decoded_and_found() {
        let text = r#"{"version":3,"sourceRoot":"src","sources":["a.ts","/b.ts"],"names":["n"],"mappings":"AAAAA,IACE;;ACAF,?,E"}"#;
        let map = SourceMap::parse(text, false).expect("a map");
        assert_eq!(map.sources, ["src/a.ts", "/b.ts"]);
        let place =
            |line, column| map.lookup(line, column).map(|s| (s.source(), s.source_line, s.source_column, s.name()));
        assert_eq!(place(0, 3), Some((Some(0), 0, 0, Some(0))));
        assert_eq!(place(0, 9), Some((Some(0), 1, 2, None)));
        assert_eq!(place(1, 0), None);
        assert_eq!(place(2, 1), Some((Some(1), 1, 0, None)));
        assert_eq!(place(2, 2), None);
        assert_eq!(map.broken, 1);
    }

    #[test]
    fn sections_are_put_together() {
        let inner = r#"{"version":3,"sources":["x"],"names":[],"mappings":"AAAA"}"#;
        let text = format!(
            r#"{{"version":3,"sections":[{{"offset":{{"line":0,"column":0}},"map":{inner}}},{{"offset":{{"line":1,"column":5}},"map":{inner}}}]}}"#
        );
        let map = SourceMap::parse(&text, false).expect("a map");
        let places: Vec<_> = map.segments.iter().map(|s| (s.line, s.column, s.source())).collect();
        assert_eq!(places, [(0, 0, Some(0)), (1, 5, Some(1))]);
        assert!(SourceMap::parse("{\"version\":3}", false).is_err());
        assert!(SourceMap::parse("[", false).is_err());
    }
}
