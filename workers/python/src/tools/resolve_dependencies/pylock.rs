//! A resolution as pylock.toml (PEP 751).

use crate::support::packaging::index::{Distribution, Release};
use crate::support::packaging::tags::File;
use std::fmt::Write as _;

/// A package of the file.
pub(super) struct Locked<'i> {
    pub(super) name: &'i str,
    pub(super) release: &'i Release,
    pub(super) marker: Option<String>,
    pub(super) dependencies: Vec<(String, String)>,
}

/// The file; an error names packages whose files the index does not tell.
pub(super) fn write(
    requires_python: &str,
    environments: &[String],
    packages: &[Locked<'_>],
) -> Result<String, Vec<String>> {
    let without: Vec<String> = packages
        .iter()
        .filter(|package| files_of(package.release).next().is_none())
        .map(|package| package.name.to_owned())
        .collect();
    if !without.is_empty() {
        return Err(without);
    }
    let mut text = String::from("lock-version = \"1.0\"\n");
    if !environments.is_empty() {
        let listed: Vec<String> = environments.iter().map(|marker| quoted(marker)).collect();
        let _ = writeln!(text, "environments = [{}]", listed.join(", "));
    }
    if !requires_python.is_empty() {
        let _ = writeln!(text, "requires-python = {}", quoted(requires_python));
    }
    text.push_str("created-by = \"octavo\"\n");
    for package in packages {
        text.push_str("\n[[packages]]\n");
        let _ = writeln!(text, "name = {}", quoted(package.name));
        let _ = writeln!(text, "version = {}", quoted(&package.release.version.to_string()));
        if let Some(marker) = &package.marker {
            let _ = writeln!(text, "marker = {}", quoted(marker));
        }
        if let Some(specifiers) = &package.release.requires_python {
            let _ = writeln!(text, "requires-python = {}", quoted(&specifiers.to_string()));
        }
        if !package.dependencies.is_empty() {
            let listed: Vec<String> = package
                .dependencies
                .iter()
                .map(|(name, version)| format!("{{name = {}, version = {}}}", quoted(name), quoted(version)))
                .collect();
            let _ = writeln!(text, "dependencies = [{}]", listed.join(", "));
        }
        if let Some(source) = files_of(package.release).find(|file| file.kind == File::Source) {
            let _ = writeln!(text, "sdist = {}", file(source));
        }
        let wheels: Vec<String> =
            files_of(package.release).filter(|file| file.kind != File::Source).map(file).collect();
        if !wheels.is_empty() {
            let _ = writeln!(text, "wheels = [\n    {},\n]", wheels.join(",\n    "));
        }
    }
    Ok(text)
}

// Files that can be locked: with an address and a digest.
fn files_of(release: &Release) -> impl Iterator<Item = &Distribution> {
    release.files.iter().flatten().filter(|file| !file.url.is_empty() && !file.hashes.is_empty())
}

fn file(file: &Distribution) -> String {
    let hashes: Vec<String> =
        file.hashes.iter().map(|(algorithm, digest)| format!("{} = {}", key(algorithm), quoted(digest))).collect();
    format!("{{name = {}, url = {}, hashes = {{{}}}}}", quoted(&file.filename), quoted(&file.url), hashes.join(", "))
}

fn key(text: &str) -> String {
    let bare = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if bare { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
