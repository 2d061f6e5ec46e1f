//! Whether a pylock.toml follows PEP 751.

use crate::support::packaging::document::{Node, Value};
use crate::support::packaging::marker::Marker;
use crate::support::packaging::specifier::{Specifiers, version};
use crate::support::packaging::{name, tags};
use octavo_toolkit::limits::excerpt;
use std::ops::Range;

/// What is wrong, and where, in bytes.
pub type Wrong = (String, Range<usize>);

/// Everything wrong with a file.
pub fn check(root: &Node) -> Vec<Wrong> {
    let mut check = Check { found: Vec::new() };
    let top = root.span.start..root.span.start;
    if let Some(text) = check.required(root, "lock-version", &top) {
        match version(text) {
            Some(version) if version.release().first() == Some(&1) && version.epoch() == 0 => {}
            Some(_) => check.wrong(root, "lock-version", "is not supported: 1.0 is"),
            None => check.wrong(root, "lock-version", "is no version"),
        }
    }
    check.required(root, "created-by", &top);
    check.specifiers(root);
    for item in check.list(root, "environments") {
        check.marker(item, "environments");
    }
    for item in check.list(root, "extras") {
        check.name(item, "extras");
    }
    for key in ["dependency-groups", "default-groups"] {
        for item in check.list(root, key) {
            check.text(item, key);
        }
    }
    match root.get("packages") {
        None => check.found.push(("`packages` is missing".to_owned(), top)),
        Some(node) if !node.is_list() => check.wrong(root, "packages", "is no list of tables"),
        Some(node) => node.items().iter().for_each(|package| check.package(package)),
    }
    check.table(root, "tool");
    check.found
}

struct Check {
    found: Vec<Wrong>,
}

impl Check {
    fn wrong(&mut self, node: &Node, key: &str, what: &str) {
        let span = node.get(key).map_or(node.span.clone(), |value| value.span.clone());
        self.found.push((format!("`{key}` {what}"), span));
    }

    fn required<'n>(&mut self, node: &'n Node, key: &str, place: &Range<usize>) -> Option<&'n str> {
        match node.get(key) {
            None => {
                self.found.push((format!("`{key}` is missing"), place.clone()));
                None
            }
            Some(value) => self.text(value, key),
        }
    }

    fn optional<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n str> {
        node.get(key).and_then(|value| self.text(value, key))
    }

    fn text<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n str> {
        let text = node.text();
        if text.is_none() {
            self.found.push((format!("`{key}` is {}, not a string", node.kind()), node.span.clone()));
        }
        text
    }

    fn list<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        let Some(value) = node.get(key) else { return &[] };
        if !value.is_list() {
            self.wrong(node, key, "is no list");
        }
        value.items()
    }

    fn table(&mut self, node: &Node, key: &str) {
        if node.get(key).is_some_and(|value| !value.is_table()) {
            self.wrong(node, key, "is no table");
        }
    }

    fn name(&mut self, node: &Node, key: &str) {
        let Some(text) = self.text(node, key) else { return };
        if !name::is_valid(text) || name::normalized(text) != text {
            self.found.push((format!("`{}` is no normalized name", excerpt(text)), node.span.clone()));
        }
    }

    fn marker(&mut self, node: &Node, key: &str) {
        let Some(text) = self.text(node, key) else { return };
        if let Err(problem) = Marker::parse(text) {
            self.found.push((format!("`{key}`: {}", problem.message), node.span.clone()));
        }
    }

    fn specifiers(&mut self, node: &Node) {
        let Some(text) = self.optional(node, "requires-python") else { return };
        if let Err(said) = Specifiers::parse(text) {
            self.wrong(node, "requires-python", &format!("cannot be read: {said}"));
        }
    }

    fn package(&mut self, node: &Node) {
        if !node.is_table() {
            self.found.push((format!("`packages` has {}, not a table", node.kind()), node.span.clone()));
            return;
        }
        match node.get("name") {
            Some(value) => self.name(value, "name"),
            None => self.found.push(("a package has no `name`".to_owned(), node.span.clone())),
        }
        let written = self.optional(node, "version");
        let locked = written.and_then(version);
        if written.is_some() && locked.is_none() {
            self.wrong(node, "version", "is no version");
        }
        self.specifiers(node);
        if let Some(marker) = node.get("marker") {
            self.marker(marker, "marker");
        }
        self.optional(node, "index");
        self.table(node, "tool");
        for key in ["dependencies", "attestation-identities"] {
            for item in self.list(node, key) {
                if !item.is_table() {
                    self.found.push((format!("`{key}` has {}, not a table", item.kind()), item.span.clone()));
                } else if key == "attestation-identities" {
                    self.required(item, "kind", &item.span);
                }
            }
        }
        for key in ["vcs", "directory", "archive", "sdist"] {
            self.table(node, key);
        }
        let name = node.text_of("name").unwrap_or_default();
        let wheels = self.list(node, "wheels");
        for wheel in wheels {
            self.file(wheel, "wheels", name, locked.as_ref());
        }
        if let Some(sdist) = node.get("sdist").filter(|sdist| sdist.is_table()) {
            self.file(sdist, "sdist", name, locked.as_ref());
        }
        if let Some(vcs) = node.get("vcs").filter(|vcs| vcs.is_table()) {
            for key in ["type", "commit-id"] {
                self.required(vcs, key, &vcs.span);
            }
            for key in ["requested-revision", "subdirectory"] {
                self.optional(vcs, key);
            }
            self.place(vcs, "vcs");
        }
        if let Some(directory) = node.get("directory").filter(|directory| directory.is_table()) {
            self.required(directory, "path", &directory.span);
            self.optional(directory, "subdirectory");
            if directory.get("editable").is_some_and(|value| value.bool().is_none()) {
                self.wrong(directory, "editable", "is no boolean");
            }
        }
        if let Some(archive) = node.get("archive").filter(|archive| archive.is_table()) {
            self.optional(archive, "subdirectory");
            self.place(archive, "archive");
            self.digests(archive, "archive");
        }
        self.origin(node, wheels.len());
    }

    // One source and nothing beside it, or files of an index.
    fn origin(&mut self, node: &Node, wheels: usize) {
        let present = |key: &&&str| node.get(key).is_some_and(|value| !value.entries().is_empty());
        let direct = ["vcs", "directory", "archive"].iter().filter(present).count();
        let files = wheels + usize::from(node.get("sdist").is_some());
        if files > 0 && direct > 0 {
            let message = "`vcs`, `directory` and `archive` do not go with `sdist` and `wheels`".to_owned();
            self.found.push((message, node.span.clone()));
        } else if files == 0 && direct != 1 {
            let message = "a package has `sdist` or `wheels`, or one of `vcs`, `directory` and `archive`".to_owned();
            self.found.push((message, node.span.clone()));
        }
    }

    fn place(&mut self, node: &Node, what: &str) {
        let path = self.optional(node, "path");
        let url = self.optional(node, "url");
        if path.is_none_or(str::is_empty) && url.is_none_or(str::is_empty) {
            self.found.push((format!("`{what}` has neither `path` nor `url`"), node.span.clone()));
        }
    }

    fn digests(&mut self, node: &Node, what: &str) {
        match node.get("hashes") {
            None => self.found.push((format!("`{what}` has no `hashes`"), node.span.clone())),
            Some(hashes) if !hashes.is_table() || hashes.entries().is_empty() => {
                self.wrong(node, "hashes", "is no table with a digest");
            }
            Some(hashes) => {
                for entry in hashes.entries() {
                    self.text(&entry.node, "hashes");
                }
            }
        }
        if node
            .get("size")
            .is_some_and(|size| !matches!(&size.value, Value::Number(text) if !text.contains(['.', 'e', 'n'])))
        {
            self.wrong(node, "size", "is no whole number");
        }
        if node.get("upload-time").is_some_and(|time| !matches!(&time.value, Value::Date(text) if text.len() > 10)) {
            self.wrong(node, "upload-time", "is no date with a time");
        }
    }

    fn file(&mut self, node: &Node, what: &str, name: &str, locked: Option<&pep440_rs::Version>) {
        if !node.is_table() {
            self.found.push((format!("`{what}` has {}, not a table", node.kind()), node.span.clone()));
            return;
        }
        self.optional(node, "name");
        self.place(node, what);
        self.digests(node, what);
        let last = |text: &str| text.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let of_url = |text: &str| unquoted(&last(text.split(['?', '#']).next().unwrap_or_default()));
        let filename = node
            .text_of("name")
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .or_else(|| node.text_of("path").filter(|path| !path.is_empty()).map(last))
            .or_else(|| node.text_of("url").map(of_url));
        let Some(filename) = filename else { return };
        let is_wheel = name::has_extension(&filename, &["whl"]);
        let read = tags::name_and_version(&filename).filter(|_| is_wheel == (what == "wheels"));
        match read {
            None => self.found.push((format!("`{}` is no file name of {what}", excerpt(&filename)), node.span.clone())),
            Some((own, _)) if own != name => {
                self.found.push((format!("`{}` is of another package", excerpt(&filename)), node.span.clone()));
            }
            Some((_, version)) if locked.is_some_and(|locked| *locked != version) => {
                self.found.push((format!("`{}` is of another version", excerpt(&filename)), node.span.clone()));
            }
            Some(_) => {}
        }
    }
}

// Percent signs undone, as far as they make text.
fn unquoted(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let digits = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        if let Some(value) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(value);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::packaging::document::parse_toml;

    #[test]
    fn files_are_held_against_their_package() {
        let text = |name: &str| {
            format!(
                "lock-version = \"1.0\"\ncreated-by = \"x\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{{url = \"https://x/{name}\", hashes = {{sha256 = \"q\"}}}}]\n"
            )
        };
        let wrong = |text: &str| check(&parse_toml(text).0).len();
        assert_eq!(wrong(&text("a-1-py3-none-any.whl")), 0);
        assert_eq!(wrong(&text("a-2-py3-none-any.whl")), 1);
        assert_eq!(wrong(&text("b-1-py3-none-any.whl")), 1);
        assert_eq!(wrong(&text("a-1.tar.gz")), 1);
        assert_eq!(wrong("lock-version = \"2\"\n"), 3);
    }
}
