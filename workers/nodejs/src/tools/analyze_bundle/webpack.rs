//! Statistics of webpack (`--json`, `stats.toJson()`), and of Rspack, which writes the same.
//!
//! Sizes of modules are those of their sources, before minification. A concatenated module is its parts; modules that were
//! hidden to keep the file short are counted together.

use super::esbuild::whole;
use super::model::{Bundle, Format, Import, ImportKind, Output};
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader};
use std::collections::{BTreeMap, BTreeSet};

/// Deepest nesting of modules in modules and compilations in compilations; webpack concatenates one level.
const MAX_DEPTH: usize = 8;

/// Most reasons why a module is in the bundle that are followed: each import of a name is one.
const MAX_REASONS: usize = 2_000_000;

#[derive(Debug, Default)]
struct Stats {
    bundle: Bundle,
    /// Bytes of each module in each chunk, once, however often the file lists it.
    parts: BTreeMap<(String, usize), u64>,
    /// Importer's key, module's key, how, specifier.
    reasons: Vec<(String, usize, ImportKind, String)>,
    /// What reasons call the module of a key.
    aliases: BTreeMap<String, usize>,
    /// Files of each chunk.
    chunk_files: BTreeMap<String, Vec<String>>,
    assets: BTreeMap<String, u64>,
    hidden: u64,
    hidden_bytes: u64,
}

/// A module of the file, as far as it is read.
#[derive(Debug, Default)]
struct Entry {
    identifier: String,
    name: String,
    place: String,
    size: u64,
    chunks: Vec<String>,
    kind: String,
    is_orphan: bool,
    module_type: String,
    bailouts: Vec<String>,
    reasons: Vec<(String, ImportKind, String)>,
    starts: bool,
    inner: Vec<Entry>,
    hidden: u64,
}

/// Reads statistics.
pub(super) fn read(text: &str) -> Result<Bundle, JsonError> {
    let mut stats = Stats::default();
    let mut reader = Reader::new(text);
    stats.read_compilation(&mut reader, 0, "")?;
    reader.end()?;
    Ok(stats.finish())
}

impl Stats {
    fn read_compilation(&mut self, reader: &mut Reader<'_>, depth: usize, prefix: &str) -> Result<(), JsonError> {
        let mut modules = Vec::new();
        let mut chunk_modules = Vec::new();
        reader.object(|reader, key| match (key, reader.kind()?) {
            ("modules", Kind::Array) => reader.array(|reader| read_module(reader, 0).map(|entry| modules.push(entry))),
            ("assets", Kind::Array) => reader.array(|reader| self.read_asset(reader)),
            ("chunks", Kind::Array) => {
                reader.array(|reader| self.read_chunk(reader, prefix).map(|inner| chunk_modules.extend(inner)))
            }
            ("children", Kind::Array) if depth < MAX_DEPTH => {
                let mut number = 0;
                reader.array(|reader| {
                    number += 1;
                    if reader.kind()? == Kind::Object {
                        self.read_compilation(reader, depth + 1, &format!("{prefix}{number}/"))
                    } else {
                        reader.skip()
                    }
                })
            }
            _ => reader.skip(),
        })?;
        let modules = if modules.is_empty() { chunk_modules } else { modules };
        for entry in modules {
            self.add(entry, prefix, &[]);
        }
        Ok(())
    }

    fn read_asset(&mut self, reader: &mut Reader<'_>) -> Result<(), JsonError> {
        if reader.kind()? != Kind::Object {
            return reader.skip();
        }
        let (mut name, mut size) = (None, 0);
        reader.object(|reader, key| match key {
            "name" => reader.string_or_skip().map(|text| name = text.map(String::from)),
            "size" => reader.lenient_number().map(|number| size = whole(number)),
            _ => reader.skip(),
        })?;
        if let Some(name) = name {
            self.assets.insert(name, size);
        }
        Ok(())
    }

    fn read_chunk(&mut self, reader: &mut Reader<'_>, prefix: &str) -> Result<Vec<Entry>, JsonError> {
        let (mut id, mut files, mut inner) = (String::new(), Vec::new(), Vec::new());
        if reader.kind()? != Kind::Object {
            return reader.skip().map(|()| inner);
        }
        reader.object(|reader, key| match (key, reader.kind()?) {
            ("id", _) => read_id(reader).map(|text| id = text),
            ("files", Kind::Array) => {
                reader.array(|reader| reader.string_or_skip().map(|file| files.extend(file.map(String::from))))
            }
            ("modules", Kind::Array) => reader.array(|reader| read_module(reader, 0).map(|entry| inner.push(entry))),
            _ => reader.skip(),
        })?;
        for entry in &mut inner {
            if entry.chunks.is_empty() && !id.is_empty() {
                entry.chunks.push(id.clone());
            }
        }
        self.chunk_files.insert(format!("{prefix}{id}"), files);
        Ok(inner)
    }

    // Chunks are those of the module that holds this one.
    fn add(&mut self, entry: Entry, prefix: &str, outer_chunks: &[String]) {
        let is_inner = !outer_chunks.is_empty();
        let chunks = if is_inner {
            outer_chunks.to_vec()
        } else {
            entry.chunks.iter().map(|chunk| format!("{prefix}{chunk}")).collect()
        };
        if entry.kind.starts_with("hidden") || entry.identifier.is_empty() && entry.name.is_empty() {
            if entry.hidden > 0 && !entry.kind.contains("orphan") {
                self.hidden += entry.hidden;
                self.hidden_bytes += entry.size;
            }
            for inner in entry.inner {
                self.add(inner, prefix, outer_chunks);
            }
            return;
        }
        if !entry.inner.is_empty() {
            // The whole stands for its first part, which is what others import.
            let first = entry.inner.first().map(|inner| format!("{prefix}{}", key_of(inner)));
            let (identifier, reasons, starts) = (entry.identifier, entry.reasons, entry.starts);
            for inner in entry.inner {
                self.add(inner, prefix, &chunks);
            }
            if let Some(first) = first {
                let at = self.bundle.module(&first);
                self.aliases.insert(format!("{prefix}{identifier}"), at);
                self.note_reasons(at, reasons, prefix);
                if let Some(module) = self.bundle.modules.get_mut(at) {
                    module.is_entry |= starts;
                    module.bailouts.extend(entry.bailouts);
                }
            }
            return;
        }
        let at = self.bundle.module(&format!("{prefix}{}", key_of(&entry)));
        self.aliases.insert(format!("{prefix}{}", entry.identifier), at);
        if let Some(module) = self.bundle.modules.get_mut(at) {
            module.path = shown(&entry.name);
            module.place = if entry.place.is_empty() { shown(&entry.name) } else { entry.place.clone() };
            module.is_entry |= entry.starts;
            let is_cjs = entry.bailouts.iter().any(|bailout| {
                bailout.contains("Module is not an ECMAScript module") || bailout.starts_with("CommonJS bailout")
            });
            if is_cjs {
                module.format = Some(Format::Cjs);
            } else if entry.module_type == "javascript/esm" && module.format.is_none() {
                module.format = Some(Format::Esm);
            }
            for bailout in entry.bailouts {
                if !module.bailouts.contains(&bailout) {
                    module.bailouts.push(bailout);
                }
            }
        }
        if !entry.is_orphan || is_inner {
            for chunk in chunks {
                self.parts.insert((chunk, at), entry.size);
            }
        }
        self.note_reasons(at, entry.reasons, prefix);
    }

    fn note_reasons(&mut self, at: usize, reasons: Vec<(String, ImportKind, String)>, prefix: &str) {
        for (from, kind, specifier) in reasons {
            if self.reasons.len() < MAX_REASONS {
                self.reasons.push((format!("{prefix}{from}"), at, kind, specifier));
            }
        }
    }

    fn finish(mut self) -> Bundle {
        let mut seen = BTreeSet::new();
        for (from, to, kind, specifier) in std::mem::take(&mut self.reasons) {
            let Some(from) = self.aliases.get(&from).copied() else { continue };
            if from != to
                && seen.insert((from, to, kind.word()))
                && let Some(module) = self.bundle.modules.get_mut(from)
            {
                module.imports.push(Import { to, kind, specifier });
            }
        }
        // Each chunk is its first file of code.
        let mut by_path: BTreeMap<String, usize> = BTreeMap::new();
        for (name, size) in &self.assets {
            by_path.insert(name.clone(), self.bundle.outputs.len());
            self.bundle.outputs.push(Output { path: name.clone(), bytes: *size, ..Output::default() });
        }
        let mut of_chunk: BTreeMap<&str, usize> = BTreeMap::new();
        for (chunk, files) in &self.chunk_files {
            let code = files.iter().find(|file| !super::model::is_source_map(file));
            if let Some(at) = code.and_then(|file| by_path.get(file)) {
                of_chunk.insert(chunk, *at);
            }
        }
        let mut unplaced = Vec::new();
        for ((chunk, module), bytes) in &self.parts {
            match of_chunk.get(chunk.as_str()).and_then(|at| self.bundle.outputs.get_mut(*at)) {
                Some(output) => output.parts.push((*module, *bytes)),
                None => unplaced.push((*module, *bytes)),
            }
        }
        if !unplaced.is_empty() {
            // Modules without chunks in the file: all in one.
            self.bundle.outputs.push(Output {
                path: "(chunks not listed)".to_owned(),
                parts: unplaced,
                ..Output::default()
            });
        }
        if self.hidden > 0 {
            let gap = format!(
                "{} hidden modules of {} bytes: write the statistics with modulesSpace: Infinity, nestedModulesSpace: Infinity",
                self.hidden, self.hidden_bytes
            );
            self.bundle.gaps.push(gap);
        }
        self.bundle
            .gaps
            .push("sizes of webpack's modules after minification: they are those of the sources".to_owned());
        self.bundle.finish();
        self.bundle
    }
}

fn key_of(entry: &Entry) -> &str {
    if entry.identifier.is_empty() { &entry.name } else { &entry.identifier }
}

// A module's name without loaders, query and the leading dot.
fn shown(name: &str) -> String {
    let path = name.rsplit('!').next().unwrap_or_default();
    let path = path.split(" + ").next().unwrap_or_default();
    path.strip_prefix("./").unwrap_or(path).to_owned()
}

fn read_module(reader: &mut Reader<'_>, depth: usize) -> Result<Entry, JsonError> {
    let mut entry = Entry::default();
    if reader.kind()? != Kind::Object {
        reader.skip()?;
        return Ok(entry);
    }
    reader.object(|reader, key| match (key, reader.kind()?) {
        ("identifier", _) => reader.string_or_skip().map(|text| entry.identifier = text.unwrap_or_default().into()),
        ("name", _) => reader.string_or_skip().map(|text| entry.name = text.unwrap_or_default().into()),
        ("nameForCondition", _) => reader.string_or_skip().map(|text| entry.place = text.unwrap_or_default().into()),
        ("type", _) => reader.string_or_skip().map(|text| entry.kind = text.unwrap_or_default().into()),
        ("moduleType", _) => reader.string_or_skip().map(|text| entry.module_type = text.unwrap_or_default().into()),
        ("size", _) => reader.lenient_number().map(|number| entry.size = whole(number)),
        ("filteredChildren" | "filteredModules", _) => {
            reader.lenient_number().map(|number| entry.hidden = whole(number))
        }
        ("orphan", _) => reader.is_true().map(|is_true| entry.is_orphan = is_true),
        ("chunks", Kind::Array) => reader.array(|reader| read_id(reader).map(|id| entry.chunks.push(id))),
        ("optimizationBailout", Kind::Array) => {
            reader.array(|reader| reader.string_or_skip().map(|text| entry.bailouts.extend(text.map(String::from))))
        }
        ("reasons", Kind::Array) => reader.array(|reader| read_reason(reader, &mut entry)),
        ("modules" | "children", Kind::Array) if depth < MAX_DEPTH => {
            reader.array(|reader| read_module(reader, depth + 1).map(|inner| entry.inner.push(inner)))
        }
        _ => reader.skip(),
    })?;
    Ok(entry)
}

fn read_reason(reader: &mut Reader<'_>, entry: &mut Entry) -> Result<(), JsonError> {
    if reader.kind()? != Kind::Object {
        return reader.skip();
    }
    let (mut from, mut resolved, mut kind, mut request) = (None, None, String::new(), String::new());
    reader.object(|reader, key| match key {
        "moduleIdentifier" => reader.string_or_skip().map(|text| from = text.map(String::from)),
        "resolvedModuleIdentifier" => reader.string_or_skip().map(|text| resolved = text.map(String::from)),
        "type" => reader.string_or_skip().map(|text| kind = text.unwrap_or_default().into()),
        "userRequest" => reader.string_or_skip().map(|text| request = text.unwrap_or_default().into()),
        _ => reader.skip(),
    })?;
    if kind.contains("entry") {
        entry.starts = true;
    }
    if let Some(from) = resolved.or(from) {
        let kind = match kind.as_str() {
            kind if kind.contains("import()") || kind.starts_with("require.ensure") => ImportKind::Dynamic,
            kind if kind.contains("harmony") || kind.contains("esm") => ImportKind::Static,
            kind if kind.contains("cjs") || kind.contains("require") || kind.contains("amd") => ImportKind::Require,
            _ => ImportKind::Other,
        };
        entry.reasons.push((from, kind, request));
    }
    Ok(())
}

// Ids are numbers or names.
fn read_id(reader: &mut Reader<'_>) -> Result<String, JsonError> {
    match reader.kind()? {
        Kind::Number => reader.number().map(|number| number.to_string()),
        _ => Ok(reader.string_or_skip()?.unwrap_or_default().into_owned()),
    }
}
