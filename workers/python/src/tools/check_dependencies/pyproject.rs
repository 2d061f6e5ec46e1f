//! Whether a pyproject.toml follows the specifications: PEP 517 and 518, 621, 639, 735, 794.
//!
//! Requirements are read elsewhere, as they are in every kind of manifest; here is the rest of the file.

use super::rules::{GROUPS, LICENCE, PROJECT, TABLES, VERSION};
use crate::support::packaging::document::{Entry, Node};
use crate::support::packaging::specifier::{Specifiers, version};
use crate::support::packaging::{license, name};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::{Level, Rule, suggest};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What is wrong, and where in the file.
pub(super) struct Wrong {
    pub(super) rule: &'static Rule,
    pub(super) level: Level,
    pub(super) message: String,
    pub(super) span: Range<usize>,
}

const PROJECT_KEYS: [&str; 19] = [
    "name",
    "version",
    "description",
    "readme",
    "requires-python",
    "license",
    "license-files",
    "authors",
    "maintainers",
    "keywords",
    "classifiers",
    "urls",
    "scripts",
    "gui-scripts",
    "entry-points",
    "dependencies",
    "optional-dependencies",
    "import-names",
    "import-namespaces",
];

// What people call keys in setup.py, and what they are called here.
const RENAMED: [(&str, &str); 8] = [
    ("author", "authors"),
    ("author-email", "authors"),
    ("maintainer", "maintainers"),
    ("url", "urls"),
    ("requires", "dependencies"),
    ("install_requires", "dependencies"),
    ("python-requires", "requires-python"),
    ("extras-require", "optional-dependencies"),
];

// Longest label of `urls` that indexes take (core metadata: Project-URL).
const MAX_LABEL_CHARS: usize = 32;

/// Everything wrong with a file.
pub(super) fn check(root: &Node) -> Vec<Wrong> {
    let mut checker = Checker { found: Vec::new() };
    for entry in root.entries() {
        match entry.key.as_str() {
            "build-system" => checker.build_system(entry),
            "project" => checker.project(entry),
            "dependency-groups" => checker.groups(entry),
            "tool" => checker.want_table(entry),
            key => {
                let tables = ["build-system", "project", "dependency-groups", "tool"];
                let hint = near(key, &tables);
                let message = format!("`{}` is no table of pyproject.toml{hint}", excerpt(key));
                checker.add(&TABLES, message, &entry.key_span);
            }
        }
    }
    checker.found
}

struct Checker {
    found: Vec<Wrong>,
}

impl Checker {
    fn add(&mut self, rule: &'static Rule, message: String, span: &Range<usize>) {
        self.found.push(Wrong { rule, level: rule.level, message, span: span.clone() });
    }

    fn table<'n>(&mut self, rule: &'static Rule, entry: &'n Entry, what: &str) -> &'n [Entry] {
        if !entry.node.is_table() {
            self.add(rule, format!("`{what}` is {}, not a table", entry.node.kind()), &entry.node.span);
        }
        entry.node.entries()
    }

    fn want_table(&mut self, entry: &Entry) {
        self.table(&TABLES, entry, &entry.key);
    }

    fn want_texts(&mut self, rule: &'static Rule, node: &Node, what: &str) {
        self.texts(rule, node, what);
    }

    fn want_text(&mut self, rule: &'static Rule, node: &Node, what: &str) {
        self.text(rule, node, what);
    }

    // The strings of a list of strings.
    fn texts<'n>(&mut self, rule: &'static Rule, node: &'n Node, what: &str) -> Vec<(&'n str, &'n Range<usize>)> {
        if !node.is_list() {
            self.add(rule, format!("`{what}` is {}, not a list of strings", node.kind()), &node.span);
            return Vec::new();
        }
        let mut texts = Vec::new();
        for item in node.items() {
            match item.text() {
                Some(text) => texts.push((text, &item.span)),
                None => self.add(rule, format!("`{what}` has {}, not a string", item.kind()), &item.span),
            }
        }
        texts
    }

    fn text<'n>(&mut self, rule: &'static Rule, node: &'n Node, what: &str) -> Option<&'n str> {
        let text = node.text();
        if text.is_none() {
            self.add(rule, format!("`{what}` is {}, not a string", node.kind()), &node.span);
        }
        text
    }

    fn build_system(&mut self, table: &Entry) {
        let entries = self.table(&TABLES, table, "build-system");
        for entry in entries {
            match entry.key.as_str() {
                "requires" => self.want_texts(&TABLES, &entry.node, "build-system.requires"),
                "backend-path" => self.want_texts(&TABLES, &entry.node, "build-system.backend-path"),
                "build-backend" => {
                    let Some(text) = self.text(&TABLES, &entry.node, "build-system.build-backend") else { continue };
                    let mut parts = text.splitn(2, ':');
                    if !parts.all(is_dotted) {
                        let message = "`build-backend` is no `module` or `module:object`".to_owned();
                        self.add(&TABLES, message, &entry.node.span);
                    }
                }
                key => {
                    let hint = near(key, &["requires", "build-backend", "backend-path"]);
                    self.add(
                        &TABLES,
                        format!("`{}` is no key of `[build-system]`{hint}", excerpt(key)),
                        &entry.key_span,
                    );
                }
            }
        }
        if table.node.is_table() && table.node.get("requires").is_none() {
            self.add(&TABLES, "`[build-system]` has no `requires`".to_owned(), &table.key_span);
        }
    }

    fn project(&mut self, table: &Entry) {
        let entries = self.table(&PROJECT, table, "project");
        if !table.node.is_table() {
            return;
        }
        for entry in entries {
            self.project_key(entry);
        }
        let dynamic = table.node.get("dynamic").map(Node::texts).unwrap_or_default();
        if table.node.get("name").is_none() {
            self.add(&PROJECT, "`[project]` has no `name`".to_owned(), &table.key_span);
        }
        if table.node.get("version").is_none() && !dynamic.contains(&"version") {
            let message = "`[project]` has no `version`, nor does `dynamic` list it".to_owned();
            self.add(&PROJECT, message, &table.key_span);
        }
        for entry in entries.iter().filter(|entry| dynamic.contains(&entry.key.as_str())) {
            let message = format!("`{}` is given and listed in `dynamic`", entry.key);
            self.add(&PROJECT, message, &entry.key_span);
        }
        self.licence_together(&table.node);
        self.import_names(&table.node);
    }

    fn project_key(&mut self, entry: &Entry) {
        let node = &entry.node;
        match entry.key.as_str() {
            "name" => {
                let Some(text) = self.text(&PROJECT, node, "project.name") else { return };
                if !name::is_valid(text) {
                    let message =
                        "`name` has other characters than letters, digits, `-`, `_` and `.`, or ends with a sign";
                    self.add(&PROJECT, message.to_owned(), &node.span);
                }
            }
            "version" => {
                let Some(text) = self.text(&PROJECT, node, "project.version") else { return };
                if version(text).is_none() {
                    self.add(&VERSION, format!("`{}` is no version", excerpt(text)), &node.span);
                }
            }
            "description" => self.want_text(&PROJECT, node, "project.description"),
            "readme" => self.readme(node),
            "requires-python" => {
                let Some(text) = self.text(&PROJECT, node, "project.requires-python") else { return };
                if let Err(said) = Specifiers::parse(text) {
                    self.add(&VERSION, said, &node.span);
                }
            }
            "license" => self.licence(node),
            "license-files" => {
                for (pattern, span) in self.texts(&LICENCE, node, "project.license-files") {
                    if pattern.starts_with('/') || pattern.split('/').any(|part| part == "..") || pattern.contains('\\')
                    {
                        let message = "a pattern of `license-files` is relative, with `/` and without `..`".to_owned();
                        self.add(&LICENCE, message, span);
                    }
                }
            }
            "authors" | "maintainers" => self.people(node, &entry.key),
            "keywords" => self.want_texts(&PROJECT, node, "project.keywords"),
            "classifiers" => self.want_texts(&PROJECT, node, "project.classifiers"),
            "import-names" | "import-namespaces" => {
                for (text, span) in self.texts(&PROJECT, node, &format!("project.{}", entry.key)) {
                    let (name, private) = text.split_once(';').map_or((text, None), |(name, word)| (name, Some(word)));
                    let empty = name.is_empty() && private.is_none() && entry.key == "import-names";
                    if !(empty || is_dotted(name.trim_end())) || private.is_some_and(|word| word.trim() != "private") {
                        let message = format!("`{}` is no import name, nor one with `; private`", excerpt(text));
                        self.add(&PROJECT, message, span);
                    }
                }
            }
            "urls" => {
                for url in self.table(&PROJECT, entry, "project.urls") {
                    let what = format!("project.urls.{}", excerpt(&url.key));
                    let text = self.text(&PROJECT, &url.node, &what);
                    if text.is_some_and(|text| !is_url(text)) {
                        self.add(&PROJECT, format!("`{what}` is no address"), &url.node.span);
                    }
                    if url.key.chars().count() > MAX_LABEL_CHARS {
                        let message = format!("a label of `urls` has more than {MAX_LABEL_CHARS} characters");
                        self.add(&PROJECT, message, &url.key_span);
                    }
                }
            }
            "scripts" | "gui-scripts" => self.entry_points(entry, &format!("project.{}", entry.key)),
            "entry-points" => {
                for group in self.table(&PROJECT, entry, "project.entry-points") {
                    let key = group.key.as_str();
                    if matches!(key, "console_scripts" | "gui_scripts") {
                        let own = if key == "console_scripts" { "scripts" } else { "gui-scripts" };
                        let message = format!("`{key}` has a table of its own, `[project.{own}]`");
                        self.add(&PROJECT, message, &group.key_span);
                    }
                    let plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
                    if !key.split('.').all(plain) {
                        let message = format!("`{}` is no name of a group of entry points", excerpt(key));
                        self.add(&PROJECT, message, &group.key_span);
                    }
                    self.entry_points(group, &format!("project.entry-points.{}", excerpt(key)));
                }
            }
            "dependencies" => self.want_texts(&PROJECT, node, "project.dependencies"),
            "optional-dependencies" => self.extras(entry),
            "dynamic" => {
                for (text, span) in self.texts(&PROJECT, node, "project.dynamic") {
                    if text == "name" {
                        self.add(&PROJECT, "`name` cannot be dynamic".to_owned(), span);
                    } else if !PROJECT_KEYS.contains(&text) {
                        let hint = near(text, &PROJECT_KEYS);
                        let message =
                            format!("`dynamic` lists `{}`, which is no key of `[project]`{hint}", excerpt(text));
                        self.add(&PROJECT, message, span);
                    }
                }
            }
            key => {
                let renamed = RENAMED.iter().find(|(old, _)| name::normalized(old) == name::normalized(key));
                let hint = match renamed {
                    Some((_, new)) => format!("; it is called `{new}` here"),
                    None => near(key, &PROJECT_KEYS),
                };
                self.add(&PROJECT, format!("`{}` is no key of `[project]`{hint}", excerpt(key)), &entry.key_span);
            }
        }
    }

    fn readme(&mut self, node: &Node) {
        if node.text().is_some() {
            return;
        }
        if !node.is_table() {
            self.add(&PROJECT, format!("`project.readme` is {}, not a string or a table", node.kind()), &node.span);
            return;
        }
        for entry in node.entries() {
            match entry.key.as_str() {
                "file" | "text" | "content-type" => {
                    self.want_text(&PROJECT, &entry.node, &format!("project.readme.{}", entry.key));
                }
                key => {
                    let message = format!("`{}` is no key of `readme`", excerpt(key));
                    self.add(&PROJECT, message, &entry.key_span);
                }
            }
        }
        if node.get("file").is_some() == node.get("text").is_some() {
            self.add(&PROJECT, "`readme` has either `file` or `text`".to_owned(), &node.span);
        }
        if node.get("content-type").is_none() {
            self.add(&PROJECT, "`readme` has no `content-type`".to_owned(), &node.span);
        }
    }

    fn licence(&mut self, node: &Node) {
        if let Some(text) = node.text() {
            if let Err(said) = license::canonical(text) {
                self.add(&LICENCE, said, &node.span);
            }
            return;
        }
        if !node.is_table() {
            self.add(&LICENCE, format!("`project.license` is {}, not a string", node.kind()), &node.span);
            return;
        }
        let keys: Vec<&str> = node.entries().iter().map(|entry| entry.key.as_str()).collect();
        for entry in node.entries() {
            if matches!(entry.key.as_str(), "file" | "text") {
                self.want_text(&LICENCE, &entry.node, &format!("project.license.{}", entry.key));
            }
        }
        if matches!(keys.as_slice(), ["file" | "text"]) {
            let message = "the table `license` is deprecated; an SPDX expression and `license-files` take its place";
            let span = node.span.clone();
            self.found.push(Wrong { rule: &LICENCE, level: Level::Warning, message: message.to_owned(), span });
        } else {
            self.add(&LICENCE, "the table `license` has either `file` or `text`".to_owned(), &node.span);
        }
    }

    fn licence_together(&mut self, project: &Node) {
        let licence = project.get("license");
        let is_table = licence.is_some_and(Node::is_table);
        if let Some(files) = project.get("license-files").filter(|_| is_table) {
            let message = "`license-files` goes with an SPDX expression, not with the table `license`".to_owned();
            self.add(&LICENCE, message, &files.span);
        }
        let expression = licence.is_some_and(|node| node.text().is_some());
        for item in project.get("classifiers").map(Node::items).unwrap_or_default() {
            if item.text().is_some_and(|text| text.starts_with("License ::")) {
                let (level, message) = if expression {
                    (Level::Error, "a licence classifier stands beside an SPDX expression")
                } else {
                    (Level::Warning, "licence classifiers are deprecated; an SPDX expression takes their place")
                };
                let wrong = Wrong { rule: &LICENCE, level, message: message.to_owned(), span: item.span.clone() };
                self.found.push(wrong);
            }
        }
    }

    fn import_names(&mut self, project: &Node) {
        let mut seen = BTreeSet::new();
        let mut listed = Vec::new();
        for key in ["import-names", "import-namespaces"] {
            for item in project.get(key).map(Node::items).unwrap_or_default() {
                let Some(text) = item.text() else { continue };
                let name = text.split(';').next().unwrap_or_default().trim_end();
                if !seen.insert(name) {
                    self.add(&PROJECT, format!("import name `{}` is listed twice", excerpt(name)), &item.span);
                }
                listed.push((name, item));
            }
        }
        for (name, item) in listed {
            let missing =
                name.match_indices('.').filter_map(|(at, _)| name.get(..at)).find(|parent| !seen.contains(parent));
            if let Some(parent) = missing {
                let message = format!("import name `{}` is listed without `{}`", excerpt(name), excerpt(parent));
                self.add(&PROJECT, message, &item.span);
            }
        }
    }

    fn people(&mut self, node: &Node, key: &str) {
        if !node.is_list() {
            self.add(&PROJECT, format!("`project.{key}` is {}, not a list of tables", node.kind()), &node.span);
        }
        for item in node.items() {
            if !item.is_table() {
                self.add(&PROJECT, format!("`project.{key}` has {}, not a table", item.kind()), &item.span);
                continue;
            }
            for entry in item.entries() {
                let what = format!("project.{key}.{}", excerpt(&entry.key));
                match entry.key.as_str() {
                    "name" => self.want_text(&PROJECT, &entry.node, &what),
                    "email" => {
                        let text = self.text(&PROJECT, &entry.node, &what);
                        if text.is_some_and(|text| !is_mail(text)) {
                            self.add(&PROJECT, format!("`{what}` is no mail address"), &entry.node.span);
                        }
                    }
                    _ => self.add(&PROJECT, format!("`{what}`: a person has `name` and `email` only"), &entry.key_span),
                }
            }
            if item.get("name").is_none() && item.get("email").is_none() {
                self.add(&PROJECT, format!("`project.{key}` has a person without `name` and `email`"), &item.span);
            }
        }
    }

    fn entry_points(&mut self, table: &Entry, what: &str) {
        for entry in self.table(&PROJECT, table, what) {
            if entry.key.is_empty()
                || entry.key.contains('=')
                || entry.key.starts_with('[')
                || entry.key.trim() != entry.key
            {
                self.add(&PROJECT, format!("`{}` is no name of an entry point", excerpt(&entry.key)), &entry.key_span);
            }
            let text = self.text(&PROJECT, &entry.node, &format!("{what}.{}", excerpt(&entry.key)));
            if text.is_some_and(|text| !is_reference(text)) {
                let message = format!("`{}` refers to no `module:object`", excerpt(&entry.key));
                self.add(&PROJECT, message, &entry.node.span);
            }
        }
    }

    fn extras(&mut self, table: &Entry) {
        let mut seen = BTreeMap::new();
        for entry in self.table(&PROJECT, table, "project.optional-dependencies") {
            if !name::is_valid(&entry.key) {
                self.add(&PROJECT, format!("`{}` is no name of an extra", excerpt(&entry.key)), &entry.key_span);
            }
            if let Some(other) = seen.insert(name::normalized(&entry.key), &entry.key) {
                let message = format!("extras `{}` and `{}` are the same name", excerpt(other), excerpt(&entry.key));
                self.add(&PROJECT, message, &entry.key_span);
            }
            self.want_texts(&PROJECT, &entry.node, &format!("project.optional-dependencies.{}", excerpt(&entry.key)));
        }
    }

    fn groups(&mut self, table: &Entry) {
        let groups = self.table(&GROUPS, table, "dependency-groups");
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        let mut includes: BTreeMap<String, Vec<(String, &Range<usize>)>> = BTreeMap::new();
        for group in groups {
            let key = name::normalized(&group.key);
            if !name::is_valid(&group.key) {
                self.add(&GROUPS, format!("`{}` is no name of a group", excerpt(&group.key)), &group.key_span);
            }
            if let Some(other) = names.insert(key.clone(), &group.key) {
                let message = format!("groups `{}` and `{}` are the same name", excerpt(other), excerpt(&group.key));
                self.add(&GROUPS, message, &group.key_span);
            }
            if !group.node.is_list() {
                let message = format!("group `{}` is {}, not a list", excerpt(&group.key), group.node.kind());
                self.add(&GROUPS, message, &group.node.span);
            }
            for item in group.node.items() {
                if item.text().is_some() {
                    continue;
                }
                let included = item.text_of("include-group").filter(|_| item.entries().len() == 1);
                if let Some(included) = included {
                    includes.entry(key.clone()).or_default().push((name::normalized(included), &item.span));
                } else {
                    let message = "an item of a group is a requirement or `{include-group = \"...\"}`".to_owned();
                    self.add(&GROUPS, message, &item.span);
                }
            }
        }
        for (group, included) in &includes {
            for (target, span) in included {
                if !names.contains_key(target) {
                    let known: Vec<&str> = names.values().copied().collect();
                    let message = format!(
                        "group `{}` includes `{}`, which does not exist{}",
                        excerpt(group),
                        excerpt(target),
                        near(target, &known)
                    );
                    self.add(&GROUPS, message, span);
                } else if reaches(&includes, target, group) {
                    let message = format!("group `{}` includes itself through `{}`", excerpt(group), excerpt(target));
                    self.add(&GROUPS, message, span);
                }
            }
        }
    }
}

fn reaches(includes: &BTreeMap<String, Vec<(String, &Range<usize>)>>, from: &str, to: &str) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(group) = open.pop() {
        if group == to {
            return true;
        }
        if seen.insert(group) {
            open.extend(includes.get(group).into_iter().flatten().map(|(target, _)| target.as_str()));
        }
    }
    false
}

fn near(word: &str, known: &[&str]) -> String {
    suggest::nearest(word, known.iter().copied()).map(|known| format!("; did you mean `{known}`?")).unwrap_or_default()
}

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

fn is_dotted(text: &str) -> bool {
    text.split('.').all(|part| {
        let part = part.trim();
        let mut chars = part.chars();
        chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && chars.all(|c| c.is_alphanumeric() || c == '_')
            && !KEYWORDS.contains(&part)
    })
}

// `module:object`, with extras after it.
fn is_reference(text: &str) -> bool {
    let (reference, extras) =
        text.split_once('[').map_or((text, None), |(reference, extras)| (reference, Some(extras)));
    let extras_end = extras.is_none_or(|extras| {
        extras
            .trim_end()
            .strip_suffix(']')
            .is_some_and(|extras| extras.split(',').all(|extra| name::is_valid(extra.trim())))
    });
    let (module, object) =
        reference.split_once(':').map_or((reference, None), |(module, object)| (module, Some(object)));
    let is_path = |part: &str| {
        part.split('.').all(|part| {
            let mut chars = part.trim().chars();
            chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
                && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
        })
    };
    extras_end && is_path(module.trim()) && object.is_none_or(|object| is_path(object.trim()))
}

fn is_url(text: &str) -> bool {
    let (scheme, rest) = match text.split_once("://") {
        Some(parts) => parts,
        // A missing scheme is forgiven, as validate-pyproject does.
        None => ("https", text.trim_start_matches('/')),
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let plain = scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    plain && !scheme.is_empty() && !host.is_empty() && !text.contains(char::is_whitespace)
}

fn is_mail(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.is_empty() && !host.contains(char::is_whitespace) && !text.contains(['<', '>', ','])
    })
}
