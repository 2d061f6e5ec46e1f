//! A bundle and its source map: how many bytes of the code each source makes up.
//!
//! A mapping covers the code up to the next one on its line. What no mapping covers, line breaks and the comment that names
//! the map are counted by themselves, as source-map-explorer does.

use super::model::{Bundle, Output};
use crate::support::json::JsonError;
use crate::support::source_map::{Segment, SourceMap};
use std::collections::BTreeMap;

/// Adds a bundle by its map.
pub(super) fn add(bundle: &mut Bundle, path: &str, code: &str, map_text: &str) -> Result<usize, JsonError> {
    let map = SourceMap::parse(map_text, false)?;
    let sizes = Sizes::of(code, &map);
    let mut output = Output { path: path.to_owned(), bytes: code.len() as u64, ..Output::default() };
    let names: Vec<String> = map.sources.iter().map(|source| shown(source)).collect();
    let mut by_name: BTreeMap<&str, u64> = BTreeMap::new();
    for (source, bytes) in sizes.of_sources.iter().enumerate().filter(|(_, bytes)| **bytes > 0) {
        let name = names.get(source).map_or("(no source)", String::as_str);
        *by_name.entry(name).or_default() += bytes;
    }
    let rest = code.len() as u64 - sizes.mapped - sizes.line_breaks - sizes.comment;
    for (name, bytes) in [
        ("(no source)", sizes.no_source),
        ("(line breaks)", sizes.line_breaks),
        ("(source map comment)", sizes.comment),
        ("(unmapped)", rest),
    ] {
        if bytes > 0 {
            *by_name.entry(name).or_default() += bytes;
        }
    }
    for (name, bytes) in by_name {
        let at = bundle.module(name);
        output.parts.push((at, bytes));
    }
    bundle.outputs.push(output);
    Ok(map.broken)
}

#[derive(Debug, Default)]
struct Sizes {
    of_sources: Vec<u64>,
    no_source: u64,
    /// Of sources and without one.
    mapped: u64,
    line_breaks: u64,
    comment: u64,
}

impl Sizes {
    fn of(code: &str, map: &SourceMap) -> Self {
        let mut sizes = Self { of_sources: vec![0; map.sources.len()], ..Self::default() };
        let (body, comment) = split_comment(code);
        sizes.comment = comment as u64;
        let mut segments = map.segments.as_slice();
        let mut lines = body.split('\n').enumerate().peekable();
        while let Some((number, line)) = lines.next() {
            let is_last = lines.peek().is_none();
            let bare = line.strip_suffix('\r').filter(|_| !is_last).unwrap_or(line);
            sizes.line_breaks += u64::from(!is_last) + (line.len() - bare.len()) as u64;
            let end = segments.partition_point(|segment| (segment.line as usize) <= number);
            let (own, rest) = segments.split_at(end);
            segments = rest;
            sizes.add_line(bare, own);
        }
        sizes
    }

    fn add_line(&mut self, line: &str, segments: &[Segment]) {
        let mut walk = Columns { line, at: 0, column: 0 };
        let mut segments = segments.iter().peekable();
        while let Some(segment) = segments.next() {
            let start = walk.go_to(segment.column as usize);
            let end = match segments.peek() {
                Some(next) => walk.go_to(next.column as usize),
                None => line.len(),
            };
            let bytes = end.saturating_sub(start) as u64;
            self.mapped += bytes;
            match segment.source().and_then(|source| self.of_sources.get_mut(source)) {
                Some(size) => *size += bytes,
                None => self.no_source += bytes,
            }
        }
    }
}

/// Finds byte offsets of growing columns of a line, each character looked at once.
struct Columns<'l> {
    line: &'l str,
    at: usize,
    column: usize,
}

impl Columns<'_> {
    fn go_to(&mut self, column: usize) -> usize {
        let rest = self.line.get(self.at..).unwrap_or_default();
        for character in rest.chars() {
            if self.column >= column {
                break;
            }
            self.column += character.len_utf16();
            self.at += character.len_utf8();
        }
        self.at
    }
}

// The code without the comment that names its map and the space around both, and how long these are.
fn split_comment(code: &str) -> (&str, usize) {
    let trimmed = code.trim_end();
    let last = trimmed.rfind('\n').map_or(0, |at| at + 1);
    let line = trimmed.get(last..).unwrap_or_default();
    let marks = ["//# sourceMappingURL=", "//@ sourceMappingURL=", "/*# sourceMappingURL="];
    match marks.iter().find_map(|mark| line.find(mark)) {
        Some(at) => {
            let body = code.get(..last + at).unwrap_or_default().trim_end();
            (body, code.len() - body.len())
        }
        None => (code, 0),
    }
}

// A source's path without what bundlers put before it.
fn shown(source: &str) -> String {
    let path = source.strip_prefix("webpack://").map_or(source, |rest| {
        // `webpack:///./a.js` and `webpack://name/./a.js`
        rest.split_once('/').map_or(rest, |(_, path)| path)
    });
    let mut path = path.split('?').next().unwrap_or_default();
    while let Some(rest) = path.strip_prefix("./").or_else(|| path.strip_prefix("../")) {
        path = rest;
    }
    if path.is_empty() { "(no source)".to_owned() } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_counted_once() {
        let code = "a();\u{1f600}b();\n\nc();\n//# sourceMappingURL=x.map\n";
        let map = r#"{"version":3,"sources":["webpack:///./a.js","b.js"],"names":[],"mappings":"AAAA,MCAA;;ACAA"}"#;
        let mut bundle = Bundle::default();
        add(&mut bundle, "x.js", code, map).expect("a map");
        bundle.finish();
        let parts: Vec<_> = bundle.modules.iter().map(|module| (module.path.as_str(), module.bytes)).collect();
        assert_eq!(parts.iter().map(|(_, bytes)| bytes).sum::<u64>(), code.len() as u64);
        assert!(parts.contains(&("a.js", 8)), "{parts:?}");
        assert!(parts.contains(&("(line breaks)", 2)), "{parts:?}");
    }
}
