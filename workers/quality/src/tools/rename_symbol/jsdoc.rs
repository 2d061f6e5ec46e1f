//! The names in a documentation comment that mean something in the program: parameters, types, links.

use std::ops::Range;

/// A name in a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// Its parts between dots, by bytes of the comment.
    pub(super) path: Vec<Range<usize>>,
    /// The parameter that a tag describes.
    pub(super) parameter: bool,
    /// The module that it is taken from.
    pub(super) module: Option<String>,
}

// Tags with a type in braces.
const TYPED: [&str; 17] = [
    "param",
    "arg",
    "argument",
    "return",
    "returns",
    "type",
    "typedef",
    "property",
    "prop",
    "template",
    "this",
    "enum",
    "throws",
    "exception",
    "satisfies",
    "extends",
    "augments",
];

/// The names in a comment, which starts with `/**`; of a class or of something else.
pub(super) fn names(comment: &str, of_class: bool) -> Vec<Name> {
    let mut reader = Reader { text: comment, at: 3, of_class, found: Vec::new() };
    let mut line_start = true;
    while let Some(byte) = reader.byte() {
        match byte {
            b'\n' => line_start = true,
            b'@' if line_start => {
                reader.at += 1;
                reader.tag();
                line_start = false;
                continue;
            }
            b'{' if reader.rest().starts_with("{@link") => {
                reader.at += 6;
                while reader.byte().is_some_and(|byte| byte.is_ascii_alphabetic()) {
                    reader.at += 1;
                }
                reader.blanks();
                reader.path(false);
                continue;
            }
            b' ' | b'\t' | b'*' | b'\r' => {}
            _ => line_start = false,
        }
        reader.at += 1;
    }
    reader.found
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    of_class: bool,
    found: Vec<Name>,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

impl<'t> Reader<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        while self.byte().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            self.at += 1;
        }
    }

    fn word(&mut self) -> Range<usize> {
        let rest = self.rest();
        let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let starts = rest.starts_with(|c: char| is_word(c) && !c.is_ascii_digit());
        let start = self.at;
        self.at += if starts { length } else { 0 };
        start..self.at
    }

    // `a.b.c` here, if there is one.
    fn path(&mut self, parameter: bool) {
        let mut path = Vec::new();
        loop {
            let word = self.word();
            if word.is_empty() {
                break;
            }
            path.push(word);
            if self.byte() != Some(b'.') {
                break;
            }
            self.at += 1;
        }
        if !path.is_empty() {
            self.found.push(Name { path, parameter, module: None });
        }
    }

    fn tag(&mut self) {
        let name = self.word();
        let name = self.text.get(name).unwrap_or_default();
        self.blanks();
        let parameter = matches!(name, "param" | "arg" | "argument");
        match name {
            "see" => {
                let address = self.rest().split_whitespace().next().is_some_and(|word| word.contains("://"));
                if !address {
                    self.path(false);
                }
            }
            "implements" | "extends" | "augments" if self.of_class && self.byte() != Some(b'{') => self.path(false),
            "implements" => {
                self.braces();
            }
            _ if TYPED.contains(&name) => {
                let readable = self.braces();
                self.blanks();
                if parameter && readable {
                    if self.byte() == Some(b'[') {
                        self.at += 1;
                        self.blanks();
                    }
                    self.path(true);
                }
            }
            _ => {}
        }
    }

    // A type in braces: its names, without those of properties and parameters; whether it can be read, or there is none.
    fn braces(&mut self) -> bool {
        if self.byte() != Some(b'{') || self.rest().starts_with("{@") {
            return true;
        }
        let (start, mut depth) = (self.at, 0_usize);
        let Some(length) = self.rest().bytes().position(|byte| {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        }) else {
            return false;
        };
        let end = start + length;
        // `{a-b}` is no type.
        let readable = !self.text.get(start..end).is_some_and(|text| text.contains('-'));
        self.at = start + 1;
        while self.at < end {
            match self.byte() {
                Some(quote @ (b'"' | b'\'' | b'`')) => {
                    let closing = self.rest().bytes().skip(1).position(|byte| byte == quote);
                    self.at = closing.map_or(end, |length| (self.at + length + 2).min(end));
                }
                Some(b'.') => {
                    // Of what is before it, which is no name.
                    self.at += 1;
                    self.word();
                }
                _ => self.typed(end),
            }
        }
        self.at = end + 1;
        readable
    }

    fn typed(&mut self, end: usize) {
        let before = self.found.len();
        let start = self.at;
        if let Some(rest) = self.rest().strip_prefix("import(")
            && let Some(module) = rest.get(1..).and_then(|rest| rest.split(['"', '\'']).next())
            && rest.starts_with(['"', '\''])
            && self
                .text
                .get(start + module.len() + 9..)
                .is_some_and(|rest| rest.starts_with(").") && start + module.len() + 10 < end)
        {
            self.at = start + module.len() + 11;
            self.path(false);
            if let Some(name) = self.found.get_mut(before) {
                name.module = Some(module.to_owned());
            }
            return;
        }
        self.path(false);
        if self.at == start {
            self.at += self.rest().chars().next().map_or(1, char::len_utf8);
        } else if self.rest().trim_start_matches('?').trim_start().starts_with(':') {
            // The name of a property or a parameter.
            self.found.truncate(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(comment: &str) -> Vec<String> {
        let one = |name: &Name| {
            let path: Vec<&str> = name.path.iter().filter_map(|part| comment.get(part.clone())).collect();
            format!(
                "{}{}{}",
                if name.parameter { "=" } else { "" },
                name.module.as_ref().map_or(String::new(), |from| format!("{from}:")),
                path.join(".")
            )
        };
        names(comment, true).iter().map(one).collect()
    }

    #[test]
    fn names_of_parameters_types_and_links_are_found() {
        assert_eq!(shown("/** @param {Foo<Bar>} a the {@link b.c} */"), ["Foo", "Bar", "=a", "b.c"]);
        assert_eq!(shown("/**\n * @param [a=b] c\n * @returns {{x: Y, z?: \"W\"}} d\n */"), ["=a", "Y"]);
        assert_eq!(shown("/** @see Foo\n * @type {import('./a').B.C} */"), ["Foo", "./a:B.C"]);
        assert_eq!(shown("/** a@param b {c} @param d */"), Vec::<String>::new());
        assert_eq!(shown("/** @extends {A.B} */"), ["A.B"]);
        assert_eq!(shown("/** @extends A b */"), ["A"]);
        assert!(names("/** @extends A b */", false).is_empty());
        assert_eq!(shown("/** @param {a-b.C} d */"), ["a", "b.C"]);
        assert_eq!(shown("/** @param {(a: B) => c} \u{e9} */"), ["B", "c", "=\u{e9}"]);
    }
}
