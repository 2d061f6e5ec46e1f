//! Metafiles of esbuild (`--metafile`, `metafile: true`); Bun writes the same.

use super::model::{Bundle, Format, Import, ImportKind, Output};
use crate::support::json::JsonError;
use crate::support::json_stream::{Kind, Reader};

/// Reads a metafile.
pub(super) fn read(text: &str) -> Result<Bundle, JsonError> {
    let mut bundle = Bundle::default();
    let mut reader = Reader::new(text);
    reader.object(|reader, key| match key {
        "inputs" if reader.kind()? == Kind::Object => {
            reader.object(|reader, path| read_input(reader, path, &mut bundle))
        }
        "outputs" if reader.kind()? == Kind::Object => {
            reader.object(|reader, path| read_output(reader, path, &mut bundle))
        }
        _ => reader.skip(),
    })?;
    reader.end()?;
    bundle.gaps.push("side effects that keep code, which metafiles do not tell".to_owned());
    bundle.finish();
    Ok(bundle)
}

fn read_input(reader: &mut Reader<'_>, path: &str, bundle: &mut Bundle) -> Result<(), JsonError> {
    let at = bundle.module(path);
    if reader.kind()? != Kind::Object {
        return reader.skip();
    }
    let (mut imports, mut format) = (Vec::new(), None);
    reader.object(|reader, key| match key {
        "imports" if reader.kind()? == Kind::Array => {
            reader.array(|reader| read_import(reader, bundle).map(|read| imports.extend(read)))
        }
        "format" => {
            format = match reader.string_or_skip()?.as_deref() {
                Some("esm") => Some(Format::Esm),
                Some("cjs") => Some(Format::Cjs),
                _ => None,
            };
            Ok(())
        }
        _ => reader.skip(),
    })?;
    if let Some(module) = bundle.modules.get_mut(at) {
        module.imports = imports;
        module.format = format;
    }
    Ok(())
}

fn read_import(reader: &mut Reader<'_>, bundle: &mut Bundle) -> Result<Option<Import>, JsonError> {
    let (mut path, mut kind, mut original, mut external) = (None, ImportKind::Other, None, false);
    reader.object(|reader, key| {
        match key {
            "path" => path = reader.string_or_skip()?.map(String::from),
            "original" => original = reader.string_or_skip()?.map(String::from),
            "external" => external = reader.is_true()?,
            "kind" => {
                kind = match reader.string_or_skip()?.as_deref() {
                    Some("import-statement") => ImportKind::Static,
                    Some("require-call" | "require-resolve") => ImportKind::Require,
                    Some("dynamic-import") => ImportKind::Dynamic,
                    _ => ImportKind::Other,
                };
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let Some(path) = path else { return Ok(None) };
    if external {
        // What esbuild's own helpers are imported as is no package.
        if path != "<runtime>" {
            bundle.externals.push(path);
        }
        return Ok(None);
    }
    let to = bundle.module(&path);
    Ok(Some(Import { to, kind, specifier: original.unwrap_or(path) }))
}

fn read_output(reader: &mut Reader<'_>, path: &str, bundle: &mut Bundle) -> Result<(), JsonError> {
    let mut output = Output { path: path.to_owned(), ..Output::default() };
    if reader.kind()? != Kind::Object {
        return reader.skip();
    }
    reader.object(|reader, key| match key {
        "bytes" => reader.lenient_number().map(|bytes| output.bytes = whole(bytes)),
        "entryPoint" => {
            output.entry = reader.string_or_skip()?.map(|path| bundle.module(&path));
            Ok(())
        }
        "inputs" if reader.kind()? == Kind::Object => reader.object(|reader, path| {
            let at = bundle.module(path);
            let mut bytes = 0;
            reader.object(|reader, key| match key {
                "bytesInOutput" => reader.lenient_number().map(|number| bytes = whole(number)),
                _ => reader.skip(),
            })?;
            output.parts.push((at, bytes));
            Ok(())
        }),
        _ => reader.skip(),
    })?;
    bundle.outputs.push(output);
    Ok(())
}

/// Most bytes that anything is taken to have, a tebibyte: sums over any report stay whole.
const MAX_SIZE_BYTES: u64 = 1 << 40;

/// Sizes are whole and not negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates")]
pub(super) fn whole(number: Option<f64>) -> u64 {
    (number.unwrap_or_default() as u64).min(MAX_SIZE_BYTES)
}
