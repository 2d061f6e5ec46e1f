//! The grammar of Dockerfiles, as Docker's builder reads it, with the place of every part.
//!
//! Owns directives, comments, continued lines, heredocs, flags and the arguments of each instruction. Never fails: what
//! does not fit the grammar becomes a [`Problem`] and reading goes on behind it. Expands no variable and judges nothing.
//! Reading takes one pass over the text.

use super::text::{Text, Word};
use octavo_toolkit::limits::excerpt;
use octavo_toolkit::suggest;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Deepest `ONBUILD ONBUILD ...` that is read; Docker allows one level.
pub const MAX_TRIGGER_DEPTH: usize = 4;

/// Most instructions that are read: an image holds 127 layers, and the longest public files have some 200 instructions.
pub const MAX_INSTRUCTIONS: usize = 2_000;

/// A Dockerfile that was read.
#[derive(Debug, Clone, Default)]
pub struct Dockerfile {
    /// The character that continues lines.
    pub escape: char,
    /// Frontend named by the `syntax` directive.
    pub syntax: Option<String>,
    /// The instructions in order, those that could not be understood among them.
    pub instructions: Vec<Instruction>,
    /// Whole-line comments in order, directives not among them.
    pub comments: Vec<Comment>,
    /// What does not fit the grammar.
    pub problems: Vec<Problem>,
}

/// Something that does not fit the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Range<usize>,
    /// What, in one sentence fragment.
    pub message: String,
}

/// A comment that has its line for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Text behind the `#`, trimmed.
    pub text: String,
    /// Bytes from the `#` to the end of the line.
    pub span: Range<usize>,
    /// Where the line behind it starts.
    pub next_line: usize,
    /// Whether it stands between the lines of an instruction.
    pub inside: bool,
}

/// The instructions of a Dockerfile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is the instruction it is called")]
pub enum Keyword {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Run,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
    /// A word that is no instruction.
    Unknown,
}

// Each instruction with its name and the flags it takes.
const KEYWORDS: [(&str, Keyword, &[&str]); 18] = [
    ("ADD", Keyword::Add, &["chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude"]),
    ("ARG", Keyword::Arg, &[]),
    ("CMD", Keyword::Cmd, &[]),
    ("COPY", Keyword::Copy, &["from", "chown", "chmod", "link", "parents", "exclude"]),
    ("ENTRYPOINT", Keyword::Entrypoint, &[]),
    ("ENV", Keyword::Env, &[]),
    ("EXPOSE", Keyword::Expose, &[]),
    ("FROM", Keyword::From, &["platform"]),
    ("HEALTHCHECK", Keyword::Healthcheck, &["interval", "timeout", "start-period", "start-interval", "retries"]),
    ("LABEL", Keyword::Label, &[]),
    ("MAINTAINER", Keyword::Maintainer, &[]),
    ("ONBUILD", Keyword::Onbuild, &[]),
    ("RUN", Keyword::Run, &["mount", "network", "security", "device"]),
    ("SHELL", Keyword::Shell, &[]),
    ("STOPSIGNAL", Keyword::Stopsignal, &[]),
    ("USER", Keyword::User, &[]),
    ("VOLUME", Keyword::Volume, &[]),
    ("WORKDIR", Keyword::Workdir, &[]),
];

impl Keyword {
    /// The instruction of that name, in any case.
    pub fn of(name: &str) -> Self {
        KEYWORDS
            .iter()
            .find(|(known, ..)| known.eq_ignore_ascii_case(name))
            .map_or(Self::Unknown, |(_, keyword, _)| *keyword)
    }

    /// Its name in capitals; empty for [`Keyword::Unknown`].
    pub fn name(self) -> &'static str {
        KEYWORDS.iter().find(|(_, keyword, _)| *keyword == self).map_or("", |(name, ..)| *name)
    }

    /// The flags it takes.
    pub fn flags(self) -> &'static [&'static str] {
        KEYWORDS.iter().find(|(_, keyword, _)| *keyword == self).map_or(&[], |(.., flags)| *flags)
    }
}

/// One instruction.
#[derive(Debug, Clone)]
pub struct Instruction {
    /// Which.
    pub keyword: Keyword,
    /// Its name as written.
    pub keyword_span: Range<usize>,
    /// From its name to the end of its last line, heredocs included.
    pub span: Range<usize>,
    /// `--name=value` between its name and its arguments.
    pub flags: Vec<Flag>,
    /// The arguments as text, continued lines joined.
    pub text: Text,
    /// The arguments taken apart.
    pub arguments: Arguments,
    /// The documents that follow its line.
    pub heredocs: Vec<Heredoc>,
}

impl Instruction {
    /// Its first flag of that name.
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// The instruction that counts: what an `ONBUILD` triggers, else itself.
    pub fn triggered(&self) -> &Self {
        match &self.arguments {
            Arguments::Trigger(Some(inner)) => inner.triggered(),
            _ => self,
        }
    }
}

/// A flag of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Name without dashes.
    pub name: String,
    /// What follows the `=`, without quotes.
    pub value: Option<String>,
    /// All of it.
    pub span: Range<usize>,
}

/// What an instruction is given.
#[derive(Debug, Clone)]
pub enum Arguments {
    /// `FROM`: image and stage name.
    Image {
        /// The image.
        image: Word,
        /// The name behind `AS`.
        alias: Option<Word>,
    },
    /// `RUN`, `CMD`, `ENTRYPOINT` and `HEALTHCHECK CMD`.
    Command(Command),
    /// `ENV`, `LABEL` and `ARG`.
    Pairs(Vec<Pair>),
    /// `COPY` and `ADD`: sources, then the destination.
    Paths {
        /// What is copied; empty where only heredocs are.
        sources: Vec<Word>,
        /// Where to.
        destination: Word,
    },
    /// `EXPOSE`, `VOLUME`, `USER`, `WORKDIR`, `STOPSIGNAL`, `SHELL`: words.
    Words(Vec<Word>),
    /// `ONBUILD`: the instruction it stores; `None` where it could not be read.
    Trigger(Option<Box<Instruction>>),
    /// `MAINTAINER`, `HEALTHCHECK NONE`, and whatever could not be read.
    Other,
}

/// A command of an instruction.
#[derive(Debug, Clone)]
pub enum Command {
    /// Text that a shell reads.
    Shell(Text),
    /// Words that are run as they are.
    Exec(Vec<Word>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key.
    pub key: Word,
    /// The value, where one is given.
    pub value: Option<Word>,
}

/// A document that follows the line of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// The line that ends it.
    pub name: String,
    /// Whether variables stay as they are (the name was quoted).
    pub literal: bool,
    /// Whether leading tabs are dropped (`<<-`).
    pub strips_tabs: bool,
    /// The `<<NAME`.
    pub marker: Range<usize>,
    /// Its lines, without the one that ends it.
    pub body: Range<usize>,
}

/// A stage: a `FROM` and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage<'a> {
    /// Its `FROM`.
    pub from: &'a Word,
    /// Its name, where it has one.
    pub alias: Option<&'a Word>,
    /// Indices of its instructions, the `FROM` first.
    pub instructions: Range<usize>,
    /// Index of the earlier stage it continues.
    pub parent: Option<usize>,
}

impl Dockerfile {
    /// Reads a Dockerfile.
    pub fn parse(source: &str) -> Self {
        Self::read(source, true)
    }

    /// Reads a part of a Dockerfile that is not its start: a comment on top is none of its directives.
    pub fn parse_part(source: &str) -> Self {
        Self::read(source, false)
    }

    fn read(source: &str, has_directives: bool) -> Self {
        let mut reader = Reader { lines: Lines { source, at: 0 }, file: Self { escape: '\\', ..Self::default() } };
        if has_directives {
            reader.directives();
        }
        reader.instructions();
        if reader.file.instructions.is_empty() {
            reader.problem(0..0, "the file has no instructions");
        }
        reader.file
    }

    /// The stages in order. Stage names are compared without case, as Docker's builder does.
    pub fn stages(&self) -> Vec<Stage<'_>> {
        let mut stages: Vec<Stage<'_>> = Vec::new();
        let mut names = BTreeMap::new();
        for (at, instruction) in self.instructions.iter().enumerate() {
            if let Arguments::Image { image, alias } = &instruction.arguments {
                let parent = names.get(&image.value.to_lowercase()).copied();
                names.extend(alias.as_ref().map(|alias| (alias.value.to_lowercase(), stages.len())));
                stages.push(Stage { from: image, alias: alias.as_ref(), instructions: at..at, parent });
            }
            if let Some(stage) = stages.last_mut() {
                stage.instructions.end = at + 1;
            }
        }
        stages
    }
}

// The lines of a source, each with its place.
struct Lines<'a> {
    source: &'a str,
    at: usize,
}

impl<'a> Lines<'a> {
    // The next line without its break, and where it starts.
    fn next(&mut self) -> Option<(usize, &'a str)> {
        let start = self.at;
        let rest = self.source.get(start..).filter(|rest| !rest.is_empty())?;
        let (line, length) =
            rest.find('\n').map_or((rest, rest.len()), |end| (rest.get(..end).unwrap_or(rest), end + 1));
        self.at = start + length;
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }
}

struct Reader<'a> {
    lines: Lines<'a>,
    file: Dockerfile,
}

impl Reader<'_> {
    fn problem(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.file.problems.push(Problem { span, message: message.into() });
    }

    // Directives stand on top, before any other comment.
    fn directives(&mut self) {
        if self.lines.source.starts_with('\u{feff}') {
            self.lines.at = '\u{feff}'.len_utf8();
        }
        let mut seen: Vec<String> = Vec::new();
        loop {
            let before = self.lines.at;
            let Some((start, line)) = self.lines.next() else { return };
            let Some((name, value)) = directive(line) else {
                self.lines.at = before;
                return;
            };
            let span = start..start + line.len();
            if seen.contains(&name) {
                self.problem(span.clone(), format!("the directive `{name}` is given twice"));
            }
            match (name.as_str(), value) {
                ("escape", "\\") => self.file.escape = '\\',
                ("escape", "`") => self.file.escape = '`',
                ("escape", _) => self.problem(span, "the escape character must be a backslash or a backquote"),
                ("syntax", frontend) => self.file.syntax = Some(frontend.to_owned()),
                _ => {}
            }
            seen.push(name);
        }
    }

    fn instructions(&mut self) {
        while let Some((start, line)) = self.lines.next() {
            let trimmed = line.trim_start();
            if trimmed.is_empty() {
                continue;
            }
            let indent = line.len() - trimmed.len();
            if self.comment(start, line, false) {
                continue;
            }
            if self.file.instructions.len() == MAX_INSTRUCTIONS {
                let message = format!("more than {MAX_INSTRUCTIONS} instructions; the rest was not read");
                self.problem(start + indent..start + line.len(), message);
                return;
            }
            let text = self.logical_line(start + indent, trimmed);
            let instruction = self.instruction(&text, 0);
            self.file.instructions.push(instruction);
        }
    }

    fn comment(&mut self, start: usize, line: &str, inside: bool) -> bool {
        let Some(text) = line.trim_start().strip_prefix('#') else { return false };
        let span = start + (line.len() - text.len() - 1)..start + line.len();
        self.file.comments.push(Comment { text: text.trim().to_owned(), span, next_line: self.lines.at, inside });
        true
    }

    // Joins a line with those that continue it; comments and empty lines between them are dropped.
    fn logical_line(&mut self, start: usize, first: &str) -> Text {
        let mut text = Text::default();
        let (mut start, mut line) = (start, first);
        loop {
            let Some(kept) = continued(line, self.file.escape) else {
                text.push(line, start);
                return text;
            };
            text.push(kept, start);
            loop {
                let Some((next_start, next)) = self.lines.next() else { return text };
                if next.trim().is_empty() || self.comment(next_start, next, true) {
                    continue;
                }
                (start, line) = (next_start, next);
                break;
            }
        }
    }

    fn instruction(&mut self, text: &Text, depth: usize) -> Instruction {
        let name = text.as_str().split(char::is_whitespace).next().unwrap_or_default();
        let keyword = Keyword::of(name);
        let keyword_span = text.source_span(0..name.len());
        let whole = text.as_str().trim_end().len();
        let mut instruction = Instruction {
            keyword,
            keyword_span: keyword_span.clone(),
            span: text.source_span(0..whole),
            flags: Vec::new(),
            text: text.trimmed_from(name.len()),
            arguments: Arguments::Other,
            heredocs: Vec::new(),
        };
        if keyword == Keyword::Unknown {
            let names = KEYWORDS.iter().map(|(name, ..)| *name);
            let hint = suggest::nearest(name, names).map_or(String::new(), |near| format!("; did you mean {near}?"));
            self.problem(keyword_span, format!("`{}` is no instruction{hint}", excerpt(name)));
            return instruction;
        }
        self.flags(&mut instruction);
        if matches!(keyword, Keyword::Run | Keyword::Copy | Keyword::Add) {
            self.heredocs(&mut instruction);
        }
        if instruction.text.as_str().is_empty() && keyword != Keyword::Onbuild {
            self.problem(keyword_span, format!("{} needs arguments", keyword.name()));
            return instruction;
        }
        instruction.arguments = match keyword {
            Keyword::Onbuild => self.trigger(&mut instruction, depth),
            Keyword::From => self.image(&instruction),
            Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => Arguments::Command(command(&instruction.text)),
            Keyword::Healthcheck => self.healthcheck(&instruction),
            Keyword::Copy | Keyword::Add => self.paths(&instruction),
            Keyword::Env | Keyword::Label | Keyword::Arg => self.pairs(&instruction),
            Keyword::Expose | Keyword::Volume | Keyword::Shell => self.words(&instruction),
            Keyword::User | Keyword::Workdir | Keyword::Stopsignal => {
                Arguments::Words(vec![instruction.text.word(0..instruction.text.as_str().len(), self.file.escape)])
            }
            Keyword::Maintainer | Keyword::Unknown => Arguments::Other,
        };
        instruction
    }

    // Takes `--name=value` words off the front of the arguments.
    fn flags(&mut self, instruction: &mut Instruction) {
        let keyword = instruction.keyword;
        let text = std::mem::take(&mut instruction.text);
        let mut end = 0;
        for range in text.quoted_ranges(self.file.escape) {
            let word = text.word(range.clone(), self.file.escape);
            let Some(flag) = word.value.strip_prefix("--").filter(|flag| !flag.is_empty()) else { break };
            end = range.end;
            let (name, value) =
                flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value.to_owned())));
            if !keyword.flags().contains(&name) {
                self.problem(word.span.clone(), format!("{} has no flag `--{}`", keyword.name(), excerpt(name)));
            }
            instruction.flags.push(Flag { name: name.to_owned(), value, span: word.span });
        }
        instruction.text = text.trimmed_from(end);
    }

    // Reads the documents that the words of the line announce.
    fn heredocs(&mut self, instruction: &mut Instruction) {
        for range in instruction.text.quoted_ranges(self.file.escape) {
            let word = instruction.text.word(range, self.file.escape);
            let Some((name, literal, strips_tabs)) = heredoc_marker(&word.raw, self.file.escape) else { continue };
            let body_start = self.lines.at;
            let mut body_end = body_start;
            let closed = loop {
                let Some((start, line)) = self.lines.next() else { break false };
                let line = if strips_tabs { line.trim_start_matches('\t') } else { line };
                if line == name {
                    instruction.span.end =
                        start + self.lines.source.get(start..self.lines.at).unwrap_or_default().trim_end().len();
                    break true;
                }
                body_end = self.lines.at;
            };
            if !closed {
                instruction.span.end = body_end;
                self.problem(word.span.clone(), format!("no line `{}` ends this heredoc", excerpt(&name)));
            }
            let body = body_start..body_end;
            instruction.heredocs.push(Heredoc { name, literal, strips_tabs, marker: word.span, body });
        }
    }

    fn trigger(&mut self, instruction: &mut Instruction, depth: usize) -> Arguments {
        if instruction.text.as_str().is_empty() || depth >= MAX_TRIGGER_DEPTH {
            self.problem(instruction.keyword_span.clone(), "ONBUILD needs one instruction behind it");
            return Arguments::Trigger(None);
        }
        let inner = self.instruction(&instruction.text, depth + 1);
        instruction.span.end = inner.span.end.max(instruction.span.end);
        Arguments::Trigger(Some(Box::new(inner)))
    }

    fn image(&mut self, instruction: &Instruction) -> Arguments {
        let mut words = instruction.text.plain_words(self.file.escape).into_iter();
        let Some(image) = words.next() else { return Arguments::Other };
        let (keyword, alias, rest) = (words.next(), words.next(), words.next());
        let alias = match (keyword, alias, rest) {
            (None, ..) => None,
            (Some(word), Some(alias), None) if word.value.eq_ignore_ascii_case("as") => Some(alias),
            (Some(word), ..) => {
                self.problem(word.span, "only `AS name` may follow the image");
                None
            }
        };
        Arguments::Image { image, alias }
    }

    fn healthcheck(&mut self, instruction: &Instruction) -> Arguments {
        let text = &instruction.text;
        let kind = text.as_str().split(char::is_whitespace).next().unwrap_or_default();
        let rest = text.trimmed_from(kind.len());
        match (kind.to_ascii_uppercase().as_str(), rest.as_str().is_empty()) {
            ("CMD", false) => Arguments::Command(command(&rest)),
            ("NONE", true) => Arguments::Other,
            _ => {
                self.problem(text.source_span(0..kind.len()), "HEALTHCHECK takes `CMD command` or `NONE`");
                Arguments::Other
            }
        }
    }

    fn paths(&mut self, instruction: &Instruction) -> Arguments {
        let mut words = match instruction.text.json_strings() {
            Some(words) => words,
            None => instruction.text.plain_words(self.file.escape),
        };
        let count = words.len();
        let destination = words.pop();
        let markers: BTreeSet<usize> = instruction.heredocs.iter().map(|heredoc| heredoc.marker.start).collect();
        words.retain(|word| !markers.contains(&word.span.start));
        match destination {
            Some(destination) if count > 1 => Arguments::Paths { sources: words, destination },
            _ => {
                let name = instruction.keyword.name();
                self.problem(instruction.span.clone(), format!("{name} needs a source and a destination"));
                Arguments::Other
            }
        }
    }

    fn pairs(&mut self, instruction: &Instruction) -> Arguments {
        let escape = self.file.escape;
        let text = &instruction.text;
        let ranges = text.quoted_ranges(escape);
        let raw = |range: &Range<usize>| text.as_str().get(range.clone()).unwrap_or_default().to_owned();
        // The old form has one key, a space, and all the rest as its value.
        if let Some(first) =
            ranges.first().filter(|first| instruction.keyword != Keyword::Arg && !raw(first).contains('='))
        {
            let rest = text.trimmed_from(first.end);
            if rest.as_str().is_empty() {
                let name = instruction.keyword.name();
                self.problem(instruction.span.clone(), format!("{name} needs `key=value`"));
            }
            let value = (!rest.as_str().is_empty()).then(|| rest.word(0..rest.as_str().len(), escape));
            return Arguments::Pairs(vec![Pair { key: text.word(first.clone(), escape), value }]);
        }
        let mut pairs = Vec::with_capacity(ranges.len());
        for range in ranges {
            match raw(&range).find('=') {
                Some(0) => self.problem(text.source_span(range), "a key must stand before the `=`"),
                Some(equals) => pairs.push(Pair {
                    key: text.word(range.start..range.start + equals, escape),
                    value: Some(text.word(range.start + equals + 1..range.end, escape)),
                }),
                None => {
                    let key = text.word(range, escape);
                    if instruction.keyword != Keyword::Arg {
                        self.problem(key.span.clone(), format!("`{}` lacks `=value`", excerpt(&key.raw)));
                    }
                    pairs.push(Pair { key, value: None });
                }
            }
        }
        Arguments::Pairs(pairs)
    }

    fn words(&mut self, instruction: &Instruction) -> Arguments {
        let words = match (instruction.keyword, instruction.text.json_strings()) {
            (Keyword::Volume | Keyword::Shell, Some(words)) => words,
            (Keyword::Shell, None) => {
                self.problem(instruction.span.clone(), "SHELL takes a JSON array of strings");
                return Arguments::Other;
            }
            _ => instruction.text.plain_words(self.file.escape),
        };
        if instruction.keyword == Keyword::Expose {
            for word in words.iter().filter(|word| !word.has_variable() && ports(&word.value).is_none()) {
                let shown = excerpt(&word.raw);
                self.problem(word.span.clone(), format!("`{shown}` is no port, range of ports or port/protocol"));
            }
        }
        Arguments::Words(words)
    }
}

/// The first and last port of an `EXPOSE` word such as `80`, `80/tcp` or `8000-8010/udp`; numbers may be out of range.
pub fn ports(word: &str) -> Option<(u64, u64)> {
    let (range, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    if !["tcp", "udp", "sctp"].iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
        return None;
    }
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    match range.split_once('-') {
        Some((first, last)) => Some((number(first)?, number(last)?)),
        None => number(range).map(|port| (port, port)),
    }
}

fn command(text: &Text) -> Command {
    text.json_strings().map_or_else(|| Command::Shell(text.clone()), Command::Exec)
}

fn directive(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
    (matches!(name.as_str(), "syntax" | "escape" | "check") && !value.is_empty()).then_some((name, value))
}

// The line without the character that continues it, if it is continued.
fn continued(line: &str, escape: char) -> Option<&str> {
    let kept = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!kept.ends_with(escape)).then_some(kept)
}

// `<<NAME`, `<<-NAME` or `3<<"NAME"`: the name, whether it was quoted, whether tabs are stripped.
fn heredoc_marker(word: &str, escape: char) -> Option<(String, bool, bool)> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, strips_tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let name = super::text::unquote(rest, escape);
    let literal = name != rest;
    (!name.is_empty()).then_some((name, literal, strips_tabs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(source: &str) -> Instruction {
        let file = Dockerfile::parse(source);
        assert_eq!((file.instructions.len(), file.problems), (1, vec![]), "{source}");
        file.instructions.into_iter().next().expect("one")
    }

    fn problems(source: &str) -> Vec<String> {
        Dockerfile::parse(source).problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn continued_lines_lose_comments_and_empty_lines() {
        let source = "RUN a \\\n  # note\n\n  b \\ \n  && c\r\nUSER x";
        let file = Dockerfile::parse(source);
        assert_eq!(file.instructions.len(), 2);
        assert_eq!(file.instructions[0].text.as_str(), "a   b   && c");
        assert_eq!(source.get(file.instructions[0].span.clone()).map(|text| text.ends_with("&& c")), Some(true));
        assert!(file.comments[0].inside && file.comments[0].text == "note");
    }

    #[test]
    fn the_escape_directive_changes_the_continuation() {
        let run = only("# escape=`\nRUN dir C:\\ `\n  && b");
        assert_eq!(run.text.as_str(), "dir C:\\   && b");
        assert_eq!(problems("# escape=x\nFROM a").len(), 1);
        assert_eq!(Dockerfile::parse("# note\n# escape=`\nFROM a").escape, '\\');
    }

    #[test]
    fn heredocs_belong_to_their_instruction() {
        let source = "COPY <<A <<-\"B\" /x/\na\nA\n\tb\n\tB\nUSER y\n";
        let file = Dockerfile::parse(source);
        assert_eq!((file.instructions.len(), file.problems.len()), (2, 0));
        let copy = &file.instructions[0];
        assert_eq!(
            copy.heredocs.iter().map(|doc| source.get(doc.body.clone())).collect::<Vec<_>>(),
            [Some("a\n"), Some("\tb\n")]
        );
        assert!(copy.heredocs[1].literal && copy.heredocs[1].strips_tabs && !copy.heredocs[0].literal);
        assert!(
            matches!(&copy.arguments, Arguments::Paths { sources, destination } if sources.is_empty() && destination.value == "/x/")
        );
        assert_eq!(source.get(copy.span.clone()).map(|text| text.ends_with("\tB")), Some(true));
        assert_eq!(problems("RUN <<E\na"), ["no line `E` ends this heredoc"]);
        assert_eq!(only("RUN cat <<< word << x").heredocs, []);
    }

    #[test]
    fn forms_are_told_apart() {
        assert!(matches!(only("CMD [\"a\"]").arguments, Arguments::Command(Command::Exec(words)) if words.len() == 1));
        assert!(matches!(only("CMD ['a']").arguments, Arguments::Command(Command::Shell(_))));
        assert!(matches!(only("ENV A b c").arguments, Arguments::Pairs(pairs) if pairs.len() == 1));
        assert!(matches!(only("ENV A=b C=\"d e\"").arguments, Arguments::Pairs(pairs) if pairs.len() == 2));
        assert!(matches!(only("ARG A B=c").arguments, Arguments::Pairs(pairs) if pairs.len() == 2));
        assert_eq!(only("copy --from=x --link a b").flags.len(), 2);
        assert_eq!(only("ONBUILD RUN a").triggered().keyword, Keyword::Run);
    }

    #[test]
    fn broken_lines_are_problems_and_reading_goes_on() {
        assert_eq!(problems("FORM a\nRUN"), ["`FORM` is no instruction; did you mean FROM?", "RUN needs arguments"]);
        assert_eq!(problems("FROM a b"), ["only `AS name` may follow the image"]);
        assert_eq!(problems("COPY a\nENV A\nENV A=b c\nSHELL bash").len(), 4);
        assert_eq!(problems("ADD --from=x a b"), ["ADD has no flag `--from`"]);
        assert_eq!(
            problems("EXPOSE foo 80/icmp 80-90/UDP $X"),
            [
                "`foo` is no port, range of ports or port/protocol",
                "`80/icmp` is no port, range of ports or port/protocol"
            ]
        );
        assert_eq!(problems(&"ONBUILD ".repeat(50)).len(), 1);
    }

    #[test]
    fn the_number_of_instructions_is_limited() {
        assert_eq!(problems(&"RUN a\n".repeat(MAX_INSTRUCTIONS)), Vec::<String>::new());
        assert_eq!(problems(&"RUN a\n".repeat(MAX_INSTRUCTIONS + 9)).len(), 1);
    }

    #[test]
    fn stages_know_what_they_continue() {
        let file = Dockerfile::parse("ARG X\nFROM a AS Base\nRUN x\nFROM base\nFROM c");
        let stages = file.stages();
        assert_eq!(
            stages.iter().map(|stage| (stage.instructions.clone(), stage.parent)).collect::<Vec<_>>(),
            [(1..3, None), (3..4, Some(0)), (4..5, None)]
        );
    }
}
