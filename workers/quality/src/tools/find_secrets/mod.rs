//! Finds secrets in files or in the added lines of a diff, and never repeats one.
//!
//! Owns arguments, rows and findings. [`data`] has the rules, [`scan`] looks, [`decode`] undoes encodings.

mod data;
mod decode;
mod rules;
mod scan;

pub use decode::MAX_DECODINGS;
pub use scan::MAX_SECRETS;

use crate::support::diff;
use data::Rules;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{MAX_SOURCE_BYTES, check_bytes, check_items};
use octavo_toolkit::render::plural;
#[cfg(not(target_arch = "wasm32"))]
use octavo_toolkit::tool::RulePage;
use octavo_toolkit::{
    Ctx, Finding, Level, LineIndex, Position, Range, Report, SourceFile, Tool, ToolError, declare_tool,
};
use regex_lite::{Regex, RegexBuilder};
use rules::DAMAGED;
use scan::{Scanner, Secret};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

declare_tool! {
    /// Finds secrets: keys, tokens and passwords of some 220 kinds, in files or in the lines that a diff adds. What is found is never
    /// repeated, not in part.
    ///
    /// **Use it** before a commit, in review of a diff, or before a file is shared.
    ///
    /// **How.** The rules of gitleaks (MIT) by their ids, with its entropy limits, allow lists and stop words, and a few more. A rule runs
    /// where one of its keywords stands. What is encoded in base64, hexadecimal, percent signs or Unicode escapes is decoded, four times
    /// over. A secret of which only the name tells (`generic-api-key`) gives way to one of which the provider is known.
    ///
    /// **Allowing.** Paths that are not one's own code (node_modules, lock files, images) are passed over. A comment `gitleaks:allow` or
    /// `pragma: allowlist secret` allows its line, and `allow` what its expressions match.
    ///
    /// **Limits.** 4 MiB a file, 2,000 secrets a file.
    ///
    /// **Output.** Findings by rule and place; rows with length, entropy and encoding.
    pub struct FindSecrets;
    name: "find_secrets",
    title: "Find secrets",
    summary: "Finds leaked keys, tokens and passwords (220 provider rules, entropy, decoding) in files or a diff's added lines. Output never shows a secret.",
    keywords: "secrets credentials leak gitleaks trufflehog detect-secrets secretlint api key token password private key aws github stripe entropy hardcoded pre-commit scan commit leaked",
    examples: [
        "a private key in a diff" => r#"{"diff":"--- /dev/null\n+++ b/deploy.env\n@@ -0,0 +1,2 @@\n+HOST=example.org\n+DB=postgres://app:q8Zt4LmX1v@db.internal/app\n"}"#,
        "clean" => r#"{"files":[{"path":"a.py","source":"key = os.environ['API_KEY']\n"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "whether a secret still works",
        "archives, and history beyond the diff",
        "passwords of everyday words",
    ],
}

/// Most expressions of `allow`.
pub const MAX_ALLOWED: usize = 100;
/// Longest of them, in bytes.
pub const MAX_ALLOWED_BYTES: usize = 1_000;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Files.
    #[serde(default)]
    files: Vec<SourceFile>,
    /// Or a unified diff.
    #[serde(default)]
    diff: Option<String>,
    /// Regexes of paths or text to pass over.
    #[serde(default)]
    allow: Vec<String>,
}

/// The secrets.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// By path and place.
    pub secrets: Vec<Row>,
    /// How many of each rule.
    pub by_rule: BTreeMap<&'static str, usize>,
    /// Files that were not looked at, for their paths are not one's own code.
    pub passed_over: usize,
}

/// A secret, without its text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Row {
    /// The rule.
    pub rule: &'static str,
    /// The file.
    pub path: String,
    /// The line.
    pub line: u32,
    /// Characters.
    pub length: usize,
    /// Bits a character.
    pub entropy: f64,
    /// How it was encoded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decoded: Option<&'static str>,
}

impl Tool for FindSecrets {
    type Input = Input;
    type Data = Data;

    #[cfg(not(target_arch = "wasm32"))]
    fn engine_rules() -> Vec<RulePage> {
        pages()
    }

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        let allowed = allowed(&input.allow)?;
        let diff = input.diff.as_deref();
        match (diff, input.files.is_empty()) {
            (Some(_), false) => return Err(ToolError::invalid("/diff", "stands beside `files`", "one of the two")),
            (None, true) => return Err(ToolError::invalid("/files", "is missing", "files, or a `diff`")),
            (Some(_), true) | (None, false) => {}
        }
        let rules = Rules::read();
        let scanner = Scanner::new(&rules, &allowed);
        let (mut data, mut findings) = (Data::default(), Vec::new());
        let mut unlisted = Vec::new();
        let files = if let Some(text) = diff {
            check_bytes("/diff", text, MAX_SOURCE_BYTES)?;
            let patch = diff::read(text);
            if patch.files.is_empty() && !diff::is_patch(text) {
                return Err(ToolError::invalid("/diff", "has no file with hunks", "a unified diff"));
            }
            if let Some(fault) = &patch.fault {
                findings.push(Finding::new(&DAMAGED, format!("line {} of the diff {}", fault.line, fault.what)));
            }
            for file in patch.files.iter().filter(|file| file.new.is_some()) {
                let added = Added::of(file);
                let place = |index: &LineIndex<'_>, at: usize| added.place(index.position(at));
                looked_through(&scanner, file.path(), &added.text, place, &mut data, &mut findings, &mut unlisted);
            }
            patch.files.len()
        } else {
            for file in &input.files {
                let place = |index: &LineIndex<'_>, at: usize| index.position(at);
                looked_through(&scanner, &file.path, &file.source, place, &mut data, &mut findings, &mut unlisted);
            }
            input.files.len()
        };
        for row in &data.secrets {
            *data.by_rule.entry(row.rule).or_default() += 1;
        }
        let summary = format!("{} in {}", plural(data.secrets.len(), "secret"), plural(files, "file"));
        let mut report = Report::checked(findings, data).with_summary(summary).over_files(files);
        for path in unlisted.into_iter().take(20) {
            report = report.not_checked(format!("secrets beyond {MAX_SECRETS} in {path}"));
        }
        Ok(report)
    }
}

fn allowed(texts: &[String]) -> Result<Vec<Regex>, ToolError> {
    check_items("/allow", texts, MAX_ALLOWED)?;
    let compile = |(at, text): (usize, &String)| {
        let pointer = format!("/allow/{at}");
        check_bytes(&pointer, text, MAX_ALLOWED_BYTES)?;
        if text.is_empty() {
            return Err(ToolError::invalid(pointer, "is empty", "a regular expression"));
        }
        let built = RegexBuilder::new(text).size_limit(1 << 20).nest_limit(50).build();
        built.map_err(|_| ToolError::invalid(pointer, "is no regular expression", "syntax of the Rust crate regex"))
    };
    texts.iter().enumerate().map(compile).collect()
}

// The lines that a diff adds to a file, as one text.
struct Added {
    text: String,
    lines: Vec<u32>,
}

impl Added {
    fn of(file: &diff::FilePatch<'_>) -> Self {
        let (mut text, mut lines) = (String::new(), Vec::new());
        let mut last = 0;
        for (number, line) in file.added() {
            // What is not added stands between: a line that nothing goes across.
            if number != last + 1 && last != 0 {
                text.push_str("\n\n");
                lines.extend([0, 0]);
            }
            text.push_str(line);
            if !line.ends_with('\n') {
                text.push('\n');
            }
            lines.push(u32::try_from(number).unwrap_or(u32::MAX));
            last = number;
        }
        Self { text, lines }
    }

    fn place(&self, position: Position) -> Position {
        let line = (position.line as usize).checked_sub(1).and_then(|at| self.lines.get(at)).copied();
        Position { line: line.unwrap_or(position.line).max(1), column: position.column }
    }
}

fn looked_through(
    scanner: &Scanner<'_>,
    path: &str,
    text: &str,
    place: impl Fn(&LineIndex<'_>, usize) -> Position,
    data: &mut Data,
    findings: &mut Vec<Finding>,
    unlisted: &mut Vec<String>,
) {
    if let Some(rule) = scanner.by_path(path) {
        findings.push(Finding::of(rule, Level::Error, "the file itself is a key store").in_file(path));
        data.secrets.push(Row { rule, path: path.to_owned(), line: 1, length: 0, entropy: 0.0, decoded: None });
    }
    if scanner.passes_over(path) {
        data.passed_over += 1;
        return;
    }
    let (found, over) = scanner.scan(path, text);
    if over {
        unlisted.push(path.to_owned());
    }
    let index = LineIndex::new(text);
    for secret in found {
        let start = place(&index, secret.span.start);
        let range = Range { start, end: place(&index, secret.span.end) };
        findings.push(finding(&secret).in_file(path).at(range));
        data.secrets.push(Row {
            rule: secret.rule,
            path: path.to_owned(),
            line: start.line,
            length: secret.length,
            entropy: (secret.entropy * 100.0).round() / 100.0,
            decoded: secret.decoded,
        });
    }
}

fn finding(secret: &Secret) -> Finding {
    let level = if secret.generic { Level::Warning } else { Level::Error };
    let encoded = secret.decoded.map_or_else(String::new, |how| format!(", encoded ({how})"));
    let what = if secret.generic {
        "a secret by its name and entropy".to_owned()
    } else {
        format!("a secret of kind {}", secret.rule)
    };
    let message = format!(
        "{what}, {}, {:.1} bits each{encoded}: revoke it, and read it from outside",
        plural(secret.length, "character"),
        secret.entropy
    );
    Finding::of(secret.rule, level, message)
}

#[cfg(not(target_arch = "wasm32"))]
fn pages() -> Vec<RulePage> {
    let rules = Rules::read();
    let page = |rule: &data::SecretRule| {
        let name = rule.id.replace('-', " ");
        let own = data::TEXTS.last().is_some_and(|text| text.contains(&format!("r\t{}\t", rule.id)));
        let what = if rule.is_generic() {
            "A value that is called a key, token or password".to_owned()
        } else {
            format!("A secret of the kind \"{name}\"")
        };
        RulePage {
            id: rule.id.to_owned(),
            level: if rule.is_generic() { Level::Warning } else { Level::Error },
            summary: format!("{what} stands in no source."),
            why:
                "Everyone who reads the repository can use it, and history keeps it: revoke it first, then take it out."
                    .to_owned(),
            wrong: String::new(),
            right: String::new(),
            source: if own { "the provider's key format" } else { "gitleaks (MIT licence), the rule of this name" }
                .to_owned(),
        }
    };
    rules.list.iter().map(page).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: Input) -> Result<Report<Data>, ToolError> {
        FindSecrets.run(input, &Ctx::silent())
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let allow = |allow: Vec<String>| {
            run(Input {
                files: vec![SourceFile { path: "a".to_owned(), source: String::new() }],
                allow,
                ..Input::default()
            })
        };
        assert!(
            allow(vec!["a".to_owned(); MAX_ALLOWED]).is_ok() && allow(vec!["a".to_owned(); MAX_ALLOWED + 1]).is_err()
        );
        assert!(
            allow(vec!["a".repeat(MAX_ALLOWED_BYTES)]).is_ok()
                && allow(vec!["a".repeat(MAX_ALLOWED_BYTES + 1)]).is_err()
        );
        assert!(allow(vec!["(".to_owned()]).is_err() && allow(vec![String::new()]).is_err());
        // Put together here, so that this file holds none.
        let line = |at: usize| format!("{}{:04}{}\n", "ghp_x8Kq2Zr7Lm4Vt9Wb3Nc6", at, "Yd1Hf5Gj0Ps8");
        let many = |count: usize| {
            run(Input {
                files: vec![SourceFile { path: "a".to_owned(), source: (0..count).map(line).collect() }],
                ..Input::default()
            })
        };
        let found = |count: usize| many(count).expect("accepted").data().map_or(0, |data| data.secrets.len());
        assert_eq!((found(MAX_SECRETS), found(MAX_SECRETS + 1)), (MAX_SECRETS, MAX_SECRETS));
    }
}
