//! `lint_dockerfile`: hadolint's rules over one Dockerfile and the shell text in it.
//!
//! This file declares the tool, reads the options and runs the groups of rules; each group is a file beside it.

mod commands;
mod facts;
mod instructions;
mod labels;
mod packages;
mod pragmas;
mod rules;
mod spdx;
mod stages;

use crate::support::dockerfile::{Arguments, Command, Dockerfile, Instruction, Keyword};
use crate::support::shell::Script;
use crate::support::text::Text;
use facts::Facts;
use labels::RequiredLabel;
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::{Ctx, Edit, Finding, LineIndex, NoData, Report, Rule, Tool, ToolError, declare_tool};
use serde::Deserialize;
use std::ops::Range;

declare_tool! {
    /// Reads a whole Dockerfile (directives, continued lines, heredocs, JSON and shell form, stages, triggers) and cuts
    /// the shell text of every `RUN` into commands, then applies hadolint's rules under their own ids.
    ///
    /// Use it before building an image or when reviewing a Dockerfile. `# hadolint ignore=DL3008` above an instruction and
    /// `# hadolint global ignore=DL3008` anywhere are heeded.
    ///
    /// It looks at one file alone: base images, the build context and the shell's own mistakes are not looked at.
    ///
    /// Findings point at the word that is wrong, and carry a fix where applying it cannot break the build.
    pub struct LintDockerfile;
    name: "lint_dockerfile",
    title: "Lint a Dockerfile",
    summary: "Lints a Dockerfile and its RUN commands by hadolint's rules, with safe fixes. Base images are not read.",
    keywords: "docker file containerfile linter container image apt-get apk pip install pin version tag latest layer size cache root user HEALTHCHECK COPY ADD ENTRYPOINT CMD FROM multi-stage LABEL heredoc pipefail ignore DL3008 DL3006 best practices bad smell mistakes podman buildkit ci",
    examples: [
        "unpinned base image and packages" => r#"{"source":"FROM debian\nRUN apt-get update && apt-get install curl\nCMD curl https://host.example/\n"}"#,
        "company policy" => r#"{"source":"FROM elsewhere.example/node:22.4\nLABEL version=1\nUSER 1000\n","trustedRegistries":["*.trusted.example"],"requiredLabels":["version:semver","license:spdx"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "ShellCheck's SC rules",
        "commands in strings (sh -c '...')",
        "base images",
    ],
}

/// Most entries of each list of options: more than any policy in use.
const MAX_OPTIONS: usize = 100;

/// Longest entry of them, in bytes: no registry's or label's name is longer.
const MAX_OPTION_BYTES: usize = 1_024;

/// Longest Dockerfile, in bytes: a dozen times the longest of 1,447 public ones.
const MAX_DOCKERFILE_BYTES: usize = 256 * 1024;
/// Most findings kept, ten times what a report can show; a file with more is no Dockerfile.
const MAX_FOUND: usize = 10_000;
/// Most mounts of one `RUN` that are heeded: more than any use of them.
const MAX_MOUNTS: usize = 64;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Dockerfile text.
    source: String,
    /// Such as *.corp.example.
    #[serde(default)]
    trusted_registries: Option<Vec<String>>,
    /// Such as version:semver.
    #[serde(default)]
    required_labels: Option<Vec<String>>,
    /// Also DL1001, DL3050, DL3057.
    #[serde(default)]
    enable: Option<Vec<String>>,
}

impl Tool for LintDockerfile {
    type Input = Input;
    type Data = NoData;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report, ToolError> {
        check_bytes("/source", &input.source, MAX_DOCKERFILE_BYTES)?;
        let options = Options::read(&input)?;
        let file = Dockerfile::parse(&input.source);
        let mut lint = Lint::new(&input.source, &file, &options);
        instructions::check(&mut lint);
        stages::check(&mut lint);
        labels::check(&mut lint);
        commands::check(&mut lint);
        let findings = pragmas::apply(&mut lint);
        let report = Report::of_findings(findings);
        Ok(if lint.is_cut { report.not_checked(format!("findings beyond the first {MAX_FOUND}")) } else { report })
    }
}

/// What the linter finds in a file with no options set.
pub(crate) fn findings_of(source: &str) -> Vec<Finding> {
    let options = Options::default();
    let file = Dockerfile::parse(source);
    let mut lint = Lint::new(source, &file, &options);
    instructions::check(&mut lint);
    stages::check(&mut lint);
    labels::check(&mut lint);
    commands::check(&mut lint);
    pragmas::apply(&mut lint)
}

/// The options of a call.
#[derive(Debug, Default)]
struct Options {
    trusted: Vec<String>,
    labels: Vec<RequiredLabel>,
    strict_labels: bool,
    pragmas_are_findings: bool,
    needs_healthcheck: bool,
}

impl Options {
    fn read(input: &Input) -> Result<Self, ToolError> {
        let list = |field: &str, list: &Option<Vec<String>>| {
            let list = list.clone().unwrap_or_default();
            check_items(&format!("/{field}"), &list, MAX_OPTIONS)?;
            for (at, entry) in list.iter().enumerate() {
                check_bytes(&format!("/{field}/{at}"), entry, MAX_OPTION_BYTES)?;
            }
            Ok::<_, ToolError>(list)
        };
        let mut options = Self { trusted: list("trustedRegistries", &input.trusted_registries)?, ..Self::default() };
        for (at, label) in list("requiredLabels", &input.required_labels)?.iter().enumerate() {
            options.labels.push(RequiredLabel::parse(label, &format!("/requiredLabels/{at}"))?);
        }
        for (at, rule) in list("enable", &input.enable)?.iter().enumerate() {
            match rule.as_str() {
                "DL1001" => options.pragmas_are_findings = true,
                "DL3050" => options.strict_labels = true,
                "DL3057" => options.needs_healthcheck = true,
                _ => {
                    let pointer = format!("/enable/{at}");
                    return Err(ToolError::invalid(
                        pointer,
                        "is no rule that is off by default",
                        "\"DL1001\" (ignore comments), \"DL3050\" (labels that are not required) or \"DL3057\" (no HEALTHCHECK)",
                    ));
                }
            }
        }
        Ok(options)
    }
}

/// The file under inspection and what was found in it.
struct Lint<'a> {
    source: &'a str,
    file: &'a Dockerfile,
    options: &'a Options,
    lines: LineIndex<'a>,
    facts: Facts<'a>,
    runs: Vec<Run<'a>>,
    // Each finding with the line its instruction starts on, which pragmas name.
    found: Vec<(u32, Finding)>,
    // Whether more was found than is kept.
    is_cut: bool,
}

/// A `RUN` and its commands.
struct Run<'a> {
    // The instruction of the file: the `RUN`, or the `ONBUILD` that holds it.
    outer: &'a Instruction,
    // The `RUN` itself.
    inner: &'a Instruction,
    // Place among the instructions of the file.
    at: usize,
    script: Script,
    // Where caches and temporary file systems are mounted.
    mounts: Vec<&'a str>,
    // Whether the places of its words can be edited as shell text.
    is_shell: bool,
}

impl Run<'_> {
    fn is_trigger(&self) -> bool {
        self.outer.keyword == Keyword::Onbuild
    }
}

impl<'a> Lint<'a> {
    fn new(source: &'a str, file: &'a Dockerfile, options: &'a Options) -> Self {
        let mut lint = Self {
            source,
            file,
            options,
            lines: LineIndex::new(source),
            facts: Facts::gather(file),
            runs: Vec::new(),
            found: Vec::new(),
            is_cut: false,
        };
        for problem in &file.problems {
            lint.at(&rules::DL1000, problem.span.start, problem.span.clone(), problem.message.clone());
        }
        for (at, outer) in file.instructions.iter().enumerate() {
            let inner = outer.triggered();
            if let (Keyword::Run, Arguments::Command(command)) = (inner.keyword, &inner.arguments) {
                let is_shell = matches!(command, Command::Shell(_));
                let mounts = commands::mount_targets(inner).take(MAX_MOUNTS).collect();
                let run = Run { outer, inner, at, script: lint.script(inner, command), mounts, is_shell };
                if let Some(deep) = run.script.too_deep {
                    lint.on(
                        &rules::DL1000,
                        outer,
                        deep..deep,
                        "nested too deeply; what is further inside was not read",
                    );
                }
                lint.runs.push(run);
            }
        }
        lint
    }

    // The commands of a RUN: its line, or the heredoc that is its script.
    fn script(&self, run: &Instruction, command: &Command) -> Script {
        let text = match command {
            Command::Exec(words) => return Script::of_exec(words),
            Command::Shell(text) => text,
        };
        let script = Script::parse(text);
        let reads_script = match script.commands.as_slice() {
            [] => true,
            [only] => only.arguments.is_empty() && commands::is_shell(&only.name.value),
            _ => false,
        };
        match run.heredocs.first().filter(|_| reads_script) {
            Some(heredoc) => {
                let body = self.source.get(heredoc.body.clone()).unwrap_or_default();
                let interpreter = body.lines().next().and_then(|line| line.strip_prefix("#!"));
                if interpreter.is_some_and(|path| !path.split(['/', ' ']).any(commands::is_shell)) {
                    return script;
                }
                Script::parse(&Text::of_piece(body, heredoc.body.start))
            }
            None => script,
        }
    }

    // The `FROM` of a stage.
    fn from(&self, stage: usize) -> Option<&'a Instruction> {
        let start = self.facts.stages.get(stage)?.instructions.start;
        self.file.instructions.get(start)
    }

    // Reports a finding of an instruction.
    fn on(&mut self, rule: &'static Rule, instruction: &Instruction, span: Range<usize>, message: impl Into<String>) {
        self.at(rule, instruction.span.start, span, message);
    }

    // Reports a finding of an instruction with a fix of one edit.
    fn fixed(
        &mut self,
        rule: &'static Rule,
        instruction: &Instruction,
        span: Range<usize>,
        message: impl Into<String>,
        fix: Option<Patch>,
    ) {
        self.on(rule, instruction, span, message);
        if let (Some(patch), Some((_, finding)), false) = (fix, self.found.last_mut(), self.is_cut) {
            let edit = Edit { range: self.lines.range(patch.span), new_text: patch.text };
            *finding = finding.clone().with_fix(patch.title, vec![edit]);
        }
    }

    fn at(&mut self, rule: &'static Rule, anchor: usize, span: Range<usize>, message: impl Into<String>) {
        if self.found.len() >= MAX_FOUND {
            self.is_cut = true;
            return;
        }
        let line = self.lines.position(anchor).line;
        self.found.push((line, Finding::new(rule, message).at(self.lines.range(span))));
    }
}

/// A change of one place.
struct Patch {
    title: String,
    span: Range<usize>,
    text: String,
}
