//! requirements.txt as pip reads it: one requirement or option a line, continued by `\`, comments after a space.

use crate::support::packaging::marker::Problem;
use crate::support::packaging::requirement::Requirement;
use std::ops::Range;

/// One logical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it stands, in bytes, without comment.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
    /// `--hash` options, as `algorithm:digest`.
    pub hashes: Vec<String>,
    /// The comment at its end, without `#`.
    pub comment: String,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A requirement by name.
    Requirement(Requirement),
    /// One that is wrong; the place is in bytes of the file.
    Wrong(Problem),
    /// An address or a path, with the name it has by its fragment or file name.
    Address {
        /// As it is written.
        address: String,
        /// The name, if it can be told.
        name: Option<String>,
        /// Whether `-e` stands before it.
        editable: bool,
    },
    /// `-r`, `-c`, `--index-url` and their like.
    Option {
        /// The long name, without dashes.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// An option pip does not know.
    UnknownOption(String),
}

const OPTIONS: [(&str, &str, bool); 17] = [
    ("--requirement", "-r", true),
    ("--constraint", "-c", true),
    ("--editable", "-e", true),
    ("--index-url", "-i", true),
    ("--extra-index-url", "", true),
    ("--find-links", "-f", true),
    ("--no-index", "", false),
    ("--no-binary", "", true),
    ("--only-binary", "", true),
    ("--prefer-binary", "", false),
    ("--require-hashes", "", false),
    ("--pre", "", false),
    ("--trusted-host", "", true),
    ("--use-feature", "", true),
    ("--pypi-url", "", true),
    ("--no-deps", "", false),
    ("--process-dependency-links", "", false),
];

/// Reads a file; lines that are empty or comments are left out.
pub fn parse(text: &str) -> Vec<Line> {
    logical_lines(text).into_iter().filter_map(|logical| line_of(&logical)).collect()
}

// A logical line: its text with continuations joined by as many spaces as keep bytes in their places.
struct Logical {
    text: String,
    start: usize,
}

fn logical_lines(text: &str) -> Vec<Logical> {
    let mut lines = Vec::new();
    let mut open: Option<Logical> = None;
    let mut at = 0;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end_matches(['\n', '\r']);
        // A comment line ends a continued one, as pip has it.
        let comment = line.trim_start().starts_with('#');
        let continued = line.strip_suffix('\\').filter(|_| !comment);
        let mut logical = open.take().unwrap_or(Logical { text: String::new(), start });
        // What was cut off before this line keeps its place as spaces.
        let gap = (start - logical.start).saturating_sub(logical.text.len());
        logical.text.extend(std::iter::repeat_n(' ', gap));
        logical.text.push_str(continued.unwrap_or(line));
        if continued.is_some() {
            open = Some(logical);
        } else {
            lines.push(logical);
        }
    }
    lines.extend(open);
    lines
}

fn line_of(logical: &Logical) -> Option<Line> {
    let (body, comment) = without_comment(&logical.text);
    let lead = body.len() - body.trim_start().len();
    let body = body.trim();
    if body.is_empty() {
        return None;
    }
    let start = logical.start + lead;
    let span = start..start + body.len();
    let comment = comment.trim().to_owned();
    if body.starts_with('-') {
        let kind = option_of(body);
        return Some(Line { span, kind, hashes: Vec::new(), comment });
    }
    // Options of the requirement stand after it.
    let cut = [" --", "\t--"].iter().filter_map(|mark| body.find(mark)).min().unwrap_or(body.len());
    let (written, options) = body.split_at(cut);
    let hashes = options
        .replace("--hash=", "--hash ")
        .split("--hash ")
        .skip(1)
        .filter_map(|rest| rest.split_whitespace().next().map(str::to_owned))
        .collect();
    let written = written.trim_end();
    let kind = if is_address(written) {
        Kind::Address { address: written.to_owned(), name: name_of_address(written), editable: false }
    } else {
        match Requirement::parse(written) {
            Ok(requirement) => Kind::Requirement(requirement),
            Err(problem) => {
                Kind::Wrong(Problem::new(problem.message, start + problem.span.start..start + problem.span.end))
            }
        }
    };
    Some(Line { span: start..start + written.len(), kind, hashes, comment })
}

fn without_comment(line: &str) -> (&str, &str) {
    let mut before_is_space = true;
    for (at, c) in line.char_indices() {
        if c == '#' && before_is_space {
            return (line.get(..at).unwrap_or_default(), line.get(at + 1..).unwrap_or_default());
        }
        before_is_space = c.is_whitespace();
    }
    (line, "")
}

fn option_of(body: &str) -> Kind {
    for (long, short, valued) in OPTIONS {
        let rest = body.strip_prefix(long).or_else(|| body.strip_prefix(short).filter(|_| !short.is_empty()));
        let Some(rest) = rest else { continue };
        let is_end = rest.is_empty() || rest.starts_with([' ', '\t', '=']);
        // `-rfile` is one word.
        let is_joined = valued && !short.is_empty() && body.starts_with(short) && !body.starts_with("--");
        if !is_end && !is_joined {
            continue;
        }
        let value = rest.trim_start_matches(['=', ' ', '\t']).trim().to_owned();
        if long == "--editable" {
            return Kind::Address { name: name_of_address(&value), address: value, editable: true };
        }
        return Kind::Option { name: long.trim_start_matches('-'), value };
    }
    Kind::UnknownOption(body.split([' ', '=']).next().unwrap_or_default().to_owned())
}

fn is_address(text: &str) -> bool {
    let head = text.split([' ', ';', '[']).next().unwrap_or_default();
    // `name @ address` is a requirement; `name@address` too.
    if text.contains('@') && !head.contains("://") && !head.starts_with(['.', '/']) {
        return false;
    }
    let scheme = head
        .split_once("://")
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')));
    let archive = [".whl", ".zip", ".tar.gz", ".tar.bz2", ".tgz"].iter().any(|end| head.ends_with(end));
    scheme || head.starts_with("file:") || head.starts_with('.') || head.contains(['/', '\\']) || archive
}

/// The name that an address tells: `#egg=`, a repository's, an archive's.
pub fn name_of_address(address: &str) -> Option<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if let Some((_, rest)) = address.split_once("egg=") {
        return Some(rest.chars().take_while(|c| is_name(*c)).collect());
    }
    let last_part = |text: &str| text.rsplit('/').next().filter(|part| !part.is_empty()).map(str::to_owned);
    if let Some((before, _)) = address.split_once(".git") {
        return last_part(before).filter(|_| before.contains('/'));
    }
    if let Some((before, _)) = address.split_once("/archive/") {
        return last_part(before).filter(|_| before.contains('/'));
    }
    let file = address.split(['#', '?']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    let stem = file.strip_suffix(".whl").or_else(|| file.strip_suffix(".tar.gz"))?;
    let name = stem.split('-').next().filter(|name| !name.is_empty())?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_pip_reads_them() {
        let text = "# top\nflask==3.0 \\\n  --hash=sha256:aa \\\n  --hash sha256:bb  # why\n-r other.txt\n-e git+https://x.org/a/tool.git@v1#egg=tool\n\nhttps://x.org/b/archive/1.zip\nbad=1\n--what\n./local\nname @ file:///x\n";
        let lines = parse(text);
        let first = lines.first().expect("a line");
        assert_eq!(first.hashes, ["sha256:aa", "sha256:bb"]);
        assert_eq!(first.comment, "why");
        assert_eq!(text.get(first.span.clone()), Some("flask==3.0"));
        let kinds: Vec<String> = lines
            .iter()
            .skip(1)
            .map(|line| match &line.kind {
                Kind::Requirement(requirement) => requirement.to_string(),
                Kind::Wrong(problem) => format!("wrong {}", text.get(problem.span.clone()).unwrap_or_default()),
                Kind::Address { name, editable, .. } => format!("{name:?} {editable}"),
                Kind::Option { name, value } => format!("{name}={value}"),
                Kind::UnknownOption(option) => option.clone(),
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "requirement=other.txt",
                "Some(\"tool\") true",
                "Some(\"b\") false",
                "wrong =1",
                "--what",
                "None false",
                "name @ file:///x"
            ]
        );
    }
}
