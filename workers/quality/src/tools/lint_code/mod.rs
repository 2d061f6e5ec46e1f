//! Looks for bugs in sources of several languages by built-in rules, each under the id of the tool that people know it from.
//!
//! Owns arguments and findings. [`table`] is the one list of rules; [`script`] looks at JavaScript and TypeScript, [`python`] and
//! [`trees`] at the other languages, each in one walk over a file.

mod c;
mod go;
mod go_types;
mod java;
mod java_types;
mod python;
mod rust;
mod rust_flow;
mod rust_values;
mod script;
mod table;
mod trees;

use super::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
use crate::support::language::{self, Engine, Language};
use crate::support::walk::Budget;
use crate::support::{Outcome, ecma};
use octavo_toolkit::input::{MAX_PATH_BYTES, check_source_or_files};
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::{Ctx, Edit, Finding, LineIndex, NoData, Report, Rule, SourceFile, Tool, ToolError, declare_tool};
use serde::Deserialize;
use std::ops::Range;

declare_tool! {
    /// Looks for bugs in JavaScript, TypeScript, Python, Go, Java, Rust and C by about 170 built-in rules.
    ///
    /// **Use it** on code that was just written, before it is run: what these rules find is wrong in most cases, and not a matter of style.
    ///
    /// **Rules.** JavaScript and TypeScript: 65 of ESLint, most of eslint:recommended, exactly by scopes and flow (`_name` is meant to be
    /// unused), and five smells of tests in files that are tests by their name. Python under ruff's ids; Go under staticcheck's; Java
    /// under PMD's and Error Prone's; Rust under clippy's; C under those of GCC, Clang, clang-tidy and cppcheck.
    ///
    /// **Types** are known where the same file declares them: Go's loops over maps, floats that differ from themselves, Java's texts
    /// and boxed numbers, what of Rust has no `is_empty`. Where a name comes from elsewhere and its type decides, nothing is said.
    ///
    /// **Fixes** are given where they change nothing but the finding.
    ///
    /// **Output.** Findings.
    pub struct LintCode;
    name: "lint_code",
    title: "Lint code",
    summary: "Finds bugs in JS/TS (ESLint rules), Python, Go, Java, Rust, C, and smells of JS tests.",
    keywords: "lint linter eslint oxlint ruff flake8 staticcheck vet clippy pmd clang-tidy bugs code review static analysis correctness recommended rules test smells jest focused test no assertion",
    examples: [
        "a typo" => r#"{"filename":"a.js","source":"if (typeof a === 'strnig') f();"}"#,
        "Python" => r#"{"filename":"a.py","source":"def f(a=[]):\n    if a == None:\n        return 1\n"}"#,
    ],
    rules: table::RULES,
    not_checked: [
        "rules of style, and rules that need the environment's globals (no-undef) or types that another file declares",
        "Rust in the arguments of macros, and C behind macros",
        "comments that switch rules off: name rules in output.ignore",
        "other rules than those listed, such as no-invalid-regexp, constructor-super and no-useless-escape",
    ],
}

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// One text.
    #[serde(default)]
    source: Option<String>,
    /// Its name.
    #[serde(default)]
    filename: Option<String>,
    /// Or several.
    #[serde(default)]
    files: Vec<SourceFile>,
}

// Something found.
struct Hit {
    rule: &'static Rule,
    span: Range<usize>,
    message: String,
    mend: Option<Mend>,
}

// A stretch to be replaced.
struct Mend {
    title: &'static str,
    span: Range<usize>,
    text: String,
}

impl Tool for LintCode {
    type Input = Input;
    type Data = NoData;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report, ToolError> {
        check_source_or_files(input.source.as_deref(), &input.files)?;
        check_bytes("/filename", input.filename.as_deref().unwrap_or_default(), MAX_PATH_BYTES)?;
        let alone = input.source.is_some();
        let files = match (input.source, input.filename) {
            (Some(source), Some(path)) => vec![SourceFile { path, source }],
            (Some(_), None) => return Err(ToolError::invalid("/filename", "is missing", language::ACCEPTED)),
            (None, _) => input.files,
        };
        let budget = Budget::default();
        let mut findings = Vec::new();
        let (mut read, mut left_out) = (0, Vec::new());
        for (at, file) in files.iter().enumerate() {
            let Some(language) = Language::of_path(&file.path) else {
                if alone {
                    return Err(ToolError::invalid("/filename", "tells no language", language::ACCEPTED));
                }
                continue;
            };
            let longest = if matches!(language.engine(), Engine::Oxc(_)) { MAX_SCRIPT_BYTES } else { MAX_FILE_BYTES };
            check_bytes(
                &if alone { "/source".to_owned() } else { format!("/files/{at}/source") },
                &file.source,
                longest,
            )?;
            let looked = look(language, file, &budget);
            let (outcome, hits) = looked.unwrap_or_else(|outcome| (outcome, Vec::new()));
            let lines = LineIndex::new(&file.source);
            match outcome {
                Outcome::Clean => {}
                Outcome::Broken(offset) | Outcome::Unreadable(offset) => {
                    let place = lines.range(offset..offset);
                    findings.push(
                        Finding::new(&table::SYNTAX, "the file does not parse here")
                            .at(place)
                            .in_file(file.path.as_str()),
                    );
                }
                Outcome::TooDeep(_) => left_out.push(format!("{}, which nests too deeply", file.path)),
            }
            read += 1;
            for hit in hits {
                let mut finding =
                    Finding::new(hit.rule, hit.message).at(lines.range(hit.span)).in_file(file.path.as_str());
                if let Some(mend) = hit.mend {
                    finding =
                        finding.with_fix(mend.title, vec![Edit { range: lines.range(mend.span), new_text: mend.text }]);
                }
                findings.push(finding);
            }
        }
        if read == 0 {
            return Err(ToolError::invalid("/files", "has no file that is read", language::ACCEPTED));
        }
        let mut report = Report::of_findings(findings).over_files(read);
        for what in left_out.into_iter().take(20) {
            report = report.not_checked(what);
        }
        Ok(report)
    }
}

fn look(language: Language, file: &SourceFile, budget: &Budget) -> Result<(Outcome, Vec<Hit>), Outcome> {
    match language.engine() {
        Engine::Oxc(kind) => {
            ecma::with_semantic(kind, &file.source, |semantic, program| script::lint(semantic, program, &file.path))
        }
        Engine::TreeSitter(_) => trees::lint(language, &file.source, &file.path, budget),
    }
}
