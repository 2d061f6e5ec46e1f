//! Rules on single instructions and on what a stage holds of them.

use super::facts::StageFacts;
use super::rules::{
    DL3000, DL3002, DL3011, DL3012, DL3020, DL3021, DL3025, DL3043, DL3044, DL3045, DL3061, DL3064, DL3066, DL4000,
    DL4003, DL4004,
};
use super::{Lint, Patch};
use crate::support::dockerfile::{Arguments, Command, Instruction, Keyword, Pair, ports};
use crate::support::text::Word;
use octavo_toolkit::Rule;
use octavo_toolkit::limits::excerpt;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Highest port of TCP and UDP.
const MAX_PORT: u64 = 65_535;

/// Runs the group.
pub(super) fn check(lint: &mut Lint<'_>) {
    let file = lint.file;
    let mut stage = StageState::default();
    let mut has_base = false;
    for (at, instruction) in file.instructions.iter().enumerate() {
        match instruction.keyword {
            Keyword::From => {
                has_base = true;
                lint.leave_stage(&stage);
                stage = StageState { number: lint.facts.stage_of(at), ..StageState::default() };
            }
            Keyword::Arg | Keyword::Unknown => {}
            _ if !has_base => {
                let name = instruction.keyword.name();
                lint.on(
                    &DL3061,
                    instruction,
                    instruction.keyword_span.clone(),
                    format!("{name} stands before the first FROM"),
                );
            }
            _ => {}
        }
        lint.instruction(at, instruction, &mut stage);
    }
    lint.leave_stage(&stage);
}

// What was seen in the stage so far.
#[derive(Default)]
struct StageState<'a> {
    number: Option<usize>,
    counts: [usize; 3],
    has_workdir: bool,
    variables: BTreeSet<&'a str>,
    // The variables of each ENV that is a number.
    numbers: BTreeSet<&'a str>,
    user: Option<(&'a Instruction, &'a Word)>,
}

impl<'a> Lint<'a> {
    fn leave_stage(&mut self, stage: &StageState<'a>) {
        if let Some((instruction, user)) = stage.user {
            let name = user.value.split(':').next().unwrap_or_default();
            if name == "root" || name == "0" {
                self.on(&DL3002, instruction, user.span.clone(), "the stage ends as root");
            }
        }
    }

    fn instruction(&mut self, at: usize, outer: &'a Instruction, stage: &mut StageState<'a>) {
        self.secrets(outer);
        if outer.keyword == Keyword::Onbuild {
            let Arguments::Trigger(Some(inner)) = &outer.arguments else { return };
            if matches!(inner.keyword, Keyword::Onbuild | Keyword::From | Keyword::Maintainer) {
                let message = format!("{} cannot be a trigger", inner.keyword.name());
                self.on(&DL3043, outer, inner.keyword_span.clone(), message);
            }
            return;
        }
        match (outer.keyword, &outer.arguments) {
            (Keyword::Workdir, Arguments::Words(words)) => {
                stage.has_workdir = true;
                if let Some(path) = words.first().filter(|path| is_relative(&path.value)) {
                    let message = format!("`{}` is relative", excerpt(&path.value));
                    self.on(&DL3000, outer, path.span.clone(), message);
                }
            }
            (Keyword::User, Arguments::Words(words)) => {
                if let Some(user) = words.first() {
                    stage.user = Some((outer, user));
                    self.user(outer, user, &stage.numbers, at);
                }
            }
            (Keyword::Expose, Arguments::Words(words)) => {
                for word in words {
                    if let Some((first, last)) = ports(&word.value).filter(|(first, last)| *first.max(last) > MAX_PORT)
                    {
                        let message = format!("{} is over {MAX_PORT}", if first > MAX_PORT { first } else { last });
                        self.on(&DL3011, outer, word.span.clone(), message);
                    }
                }
            }
            (Keyword::Env, Arguments::Pairs(pairs)) => {
                self.environment(outer, pairs, stage);
                stage.variables.extend(pairs.iter().map(|pair| pair.key.value.as_str()));
                let numeric =
                    pairs.iter().filter(|pair| pair.value.as_ref().is_some_and(|value| is_number(&value.value)));
                stage.numbers.extend(numeric.map(|pair| pair.key.value.as_str()));
            }
            (Keyword::Arg, Arguments::Pairs(pairs)) => {
                stage.variables.extend(pairs.iter().map(|pair| pair.key.value.as_str()));
            }
            (Keyword::Copy, Arguments::Paths { sources, destination }) => {
                if sources.len() + outer.heredocs.len() > 1 {
                    self.many_sources(outer, destination);
                }
                if !stage.has_workdir
                    && is_relative(&destination.value)
                    && !self.has_from_base(stage, |base| base.has_workdir)
                {
                    let message =
                        format!("`{}` is relative and the stage sets no WORKDIR", excerpt(&destination.value));
                    self.on(&DL3045, outer, destination.span.clone(), message);
                }
            }
            (Keyword::Add, Arguments::Paths { sources, .. }) => self.plain_add(outer, sources),
            (Keyword::Maintainer, _) => {
                let fix = self.label_for_maintainer(outer);
                self.fixed(&DL4000, outer, outer.keyword_span.clone(), "MAINTAINER is deprecated; set a label", fix);
            }
            (Keyword::Cmd, _) => self.once(&DL4003, outer, &mut stage.counts[0]),
            (Keyword::Entrypoint, _) => self.once(&DL4004, outer, &mut stage.counts[1]),
            (Keyword::Healthcheck, _) => self.once(&DL3012, outer, &mut stage.counts[2]),
            _ => {}
        }
        if let (Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck, Arguments::Command(Command::Shell(text))) =
            (outer.keyword, &outer.arguments)
        {
            let span = text.source_span(0..text.as_str().len());
            let fix = json_words(text.as_str()).map(|json| Patch {
                title: "write it as JSON".to_owned(),
                span: span.clone(),
                text: json,
            });
            self.fixed(&DL3025, outer, span, format!("{} is in shell form", outer.keyword.name()), fix);
        }
    }

    fn once(&mut self, rule: &'static Rule, instruction: &Instruction, count: &mut usize) {
        *count += 1;
        if *count > 1 {
            let message =
                format!("{} number {count} of the stage; only the last one counts", instruction.keyword.name());
            self.on(rule, instruction, instruction.keyword_span.clone(), message);
        }
    }

    fn user(&mut self, outer: &Instruction, user: &Word, numbers: &BTreeSet<&str>, at: usize) {
        let name = user.value.split(':').next().unwrap_or_default();
        let may_be_number =
            variables(name).any(|variable| numbers.contains(variable) || self.facts.is_argument_at(at, variable));
        if !name.is_empty() && !is_number(name) && !may_be_number {
            self.on(&DL3066, outer, user.span.clone(), format!("`{}` is no number", excerpt(name)));
        }
    }

    // Whether something holds of a stage that this one continues.
    fn has_from_base(&self, stage: &StageState<'_>, holds: impl Fn(&StageFacts<'_>) -> bool) -> bool {
        let base = stage.number.and_then(|number| self.facts.stages.get(number)?.parent);
        base.is_some_and(|base| self.facts.inherits(base, holds))
    }

    fn environment(&mut self, outer: &Instruction, pairs: &[Pair], stage: &StageState<'_>) {
        let is_new = |key: &&str| {
            !stage.variables.contains(key) && !self.has_from_base(stage, |base| base.environment.contains_key(key))
        };
        let new: BTreeSet<&str> = pairs.iter().map(|pair| pair.key.value.as_str()).filter(is_new).collect();
        let mut set: BTreeMap<&str, usize> = BTreeMap::new();
        for pair in pairs {
            *set.entry(pair.key.value.as_str()).or_default() += 1;
        }
        for pair in pairs {
            let Some(value) = &pair.value else { continue };
            let own = pair.key.value.as_str();
            // What a pair says of its own variable is what it was before, unless another pair sets that, too.
            let is_other = |name: &str| name != own || set.get(own).is_some_and(|count| *count > 1);
            if let Some(name) = variables(&value.raw).find(|name| is_other(name) && new.contains(name)) {
                self.on(&DL3044, outer, value.span.clone(), format!("`{}` is set by this same ENV", excerpt(name)));
            }
        }
    }

    fn secrets(&mut self, outer: &Instruction) {
        let inner = outer.triggered();
        if let (Keyword::Arg | Keyword::Env, Arguments::Pairs(pairs)) = (inner.keyword, &inner.arguments) {
            for pair in pairs.iter().filter(|pair| names_secret(&pair.key.value)) {
                let message = format!("`{}` looks like a secret; mount it instead", excerpt(&pair.key.value));
                self.on(&DL3064, outer, pair.key.span.clone(), message);
            }
        }
    }

    fn many_sources(&mut self, outer: &Instruction, destination: &Word) {
        if destination.value.ends_with(['/', '\\']) {
            return;
        }
        let is_plain = destination.value == destination.raw && !destination.has_variable();
        let fix = is_plain.then(|| Patch {
            title: "end it with a slash".to_owned(),
            span: destination.span.end..destination.span.end,
            text: "/".to_owned(),
        });
        let message = format!("several sources, but `{}` does not end with a slash", excerpt(&destination.value));
        self.fixed(&DL3021, outer, destination.span.clone(), message, fix);
    }

    fn plain_add(&mut self, outer: &Instruction, sources: &[Word]) {
        let Some(plain) = sources.iter().find(|source| !is_remote(&source.value) && !is_archive(&source.value)) else {
            return;
        };
        let only_plain = |source: &Word| {
            let is_pattern = source.value.contains(['*', '?', '[']);
            !is_remote(&source.value) && !is_archive(&source.value) && !source.has_variable() && !is_pattern
        };
        let flags_fit = outer.flags.iter().all(|flag| Keyword::Copy.flags().contains(&flag.name.as_str()));
        let fix = (flags_fit && sources.iter().all(only_plain)).then(|| Patch {
            title: "use COPY".to_owned(),
            span: outer.keyword_span.clone(),
            text: "COPY".to_owned(),
        });
        let message = format!("`{}` is neither an archive nor remote; use COPY", excerpt(&plain.value));
        self.fixed(&DL3020, outer, outer.keyword_span.clone(), message, fix);
    }

    fn label_for_maintainer(&self, outer: &Instruction) -> Option<Patch> {
        let name = outer.text.as_str();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let is_plain = !name.is_empty() && !name.contains(['"', '$', '\\', '`']) && !name.chars().any(char::is_control);
        let span = outer.keyword_span.start..outer.span.end;
        let next = self.file.comments.partition_point(|comment| comment.span.start < span.start);
        let has_comment = self.file.comments.get(next).is_some_and(|comment| comment.span.start < span.end);
        (is_plain && !has_comment).then(|| Patch {
            title: "use a label".to_owned(),
            span,
            text: format!("LABEL maintainer=\"{name}\""),
        })
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

// Whether a path depends on the directory it is used in. A variable may hold an absolute one.
fn is_relative(path: &str) -> bool {
    let mut start = path.chars();
    let has_drive = start.next().is_some_and(|drive| drive.is_ascii_alphabetic()) && start.next() == Some(':');
    !path.starts_with(['/', '$', '\\']) && !has_drive
}

/// The names of the variables a value refers to plainly: `$A` and `${A}`; one with a default stands by itself.
pub(super) fn variables(value: &str) -> impl Iterator<Item = &str> {
    value.split('$').skip(1).filter_map(|rest| {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (braced, rest) = rest.strip_prefix('{').map_or((false, rest), |rest| (true, rest));
        let name = rest.get(..rest.find(|c| !is_name(c)).unwrap_or(rest.len()))?;
        (!name.is_empty() && (!braced || rest.get(name.len()..)?.starts_with('}'))).then_some(name)
    })
}

// Words of a name that promise a secret; hadolint's list and the usual spellings beside it.
fn names_secret(key: &str) -> bool {
    const WORDS: [&str; 10] = [
        "password",
        "passwd",
        "passphrase",
        "secret",
        "token",
        "api_key",
        "apikey",
        "private",
        "username",
        "aws_access_key_id",
    ];
    let key = key.to_ascii_lowercase();
    WORDS.iter().any(|word| key.contains(word))
}

fn is_remote(source: &str) -> bool {
    ["http://", "https://", "git://", "ssh://", "git@"].iter().any(|scheme| source.starts_with(scheme))
}

/// Whether a file's name says that ADD unpacks it.
pub(super) fn is_archive(name: &str) -> bool {
    const ENDS: [&str; 16] = [
        ".tar", ".gz", ".bz2", ".xz", ".lz", ".lzma", ".tgz", ".tbz", ".tbz2", ".tb2", ".txz", ".tlz", ".tpz", ".z",
        ".tz", ".tar.zst",
    ];
    let name = name.trim_end_matches('*').to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

// The words of a shell command as JSON, where no shell is needed to read them.
fn json_words(text: &str) -> Option<String> {
    // Words that only a shell knows, or that it treats in its own way.
    const BUILTINS: [&str; 20] = [
        "exec", "cd", "export", "source", ".", "eval", "set", "unset", "ulimit", "umask", "trap", "wait", "exit", "if",
        "for", "while", "until", "case", "!", "{",
    ];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " \t_-./:,@%+=".contains(c);
    let first = text.split_whitespace().next()?;
    if !text.chars().all(is_plain) || BUILTINS.contains(&first) || first.contains('=') {
        return None;
    }
    let mut json = String::from("[");
    for (at, word) in text.split_whitespace().enumerate() {
        let _ = write!(json, "{}\"{word}\"", if at > 0 { ", " } else { "" });
    }
    json.push(']');
    Some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_or_not() {
        for relative in ["a", "./a", "..", "%X%/a", ""] {
            assert!(is_relative(relative), "{relative}");
        }
        for absolute in ["/a", "$X/a", "${X}", "C:\\a", "c:/a", "d:"] {
            assert!(!is_relative(absolute), "{absolute}");
        }
    }

    #[test]
    fn variables_are_found_by_name() {
        let names = |value| variables(value).collect::<Vec<_>>();
        assert_eq!(names("$A/${B}:$C_1-x"), ["A", "B", "C_1"]);
        assert_eq!(names("${A:-x} $$ ${ $1x"), ["1x"]);
    }

    #[test]
    fn only_plain_commands_become_json() {
        assert_eq!(json_words("node app.js --port=80").as_deref(), Some(r#"["node", "app.js", "--port=80"]"#));
        for kept in ["a && b", "a $X", "A=b c", "exec a", "a 'b'", "a *", "", "a > b", "a ~"] {
            assert_eq!(json_words(kept), None, "{kept}");
        }
    }
}
