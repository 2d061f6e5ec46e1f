//! `optimize_dockerfile`: which layers a change builds again, and a file in which it is fewer.

mod ignore;
mod layers;
mod rewrite;
mod rules;

use super::lint_dockerfile;
use crate::support::dockerfile::{Arguments, Command, Dockerfile, Keyword};
use crate::support::shell::Script;
use ignore::Ignore;
pub use layers::Layer;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::{Ctx, Edit, Finding, LineIndex, Report, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::ops::Range;

declare_tool! {
    /// Simulates BuildKit's layer cache: which steps of a Dockerfile run again when given paths change, through stages, mounts
    /// and `.dockerignore`; then rearranges the file so that fewer do, and simulates that.
    ///
    /// Use it when builds are slow after small changes, or images hold what they need not. Dependencies are installed before
    /// the sources are copied, packages of the system too, indexes and caches are used and removed in one step, and the safe
    /// fixes of `lint_dockerfile` are applied.
    ///
    /// One file; base images and remote files are taken to stay as they are. A moved installation must need its manifest
    /// alone: scripts that read sources while installing are not seen.
    ///
    /// `data` has the steps before and after with the cause, and the rewritten file.
    pub struct OptimizeDockerfile;
    name: "optimize_dockerfile",
    title: "Optimize a Dockerfile",
    summary: "Tells which Dockerfile layers rebuild when given paths change, and rewrites the file for better caching and smaller layers. Use when builds are slow.",
    keywords: "before and after base image cache layers slow build rebuild invalidation reorder COPY package.json requirements multi-stage dockerignore image size docker buildkit merge RUN speed up ci",
    examples: [
        "sources before dependencies" => r#"{"source":"FROM node:22.4\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD [\"node\",\"dist/main.js\"]\n","changed":["src/main.ts"]}"#,
    ],
    rules: rules::RULES,
    not_checked: ["changes of base images and build arguments", "install scripts that read sources"],
}

/// Longest Dockerfile and `.dockerignore`, in bytes.
const MAX_SOURCE_BYTES: usize = 256 * 1024;
/// Most changed paths.
const MAX_CHANGED: usize = 200;
/// Most files of a context listing.
const MAX_CONTEXT: usize = 20_000;
/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 4_096;
/// Most lint fixes that are applied.
const MAX_FIXES: usize = 40;

// What changes where nothing is said: a source that no manifest is.
const SOME_SOURCE: &str = "src/some.source";

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Dockerfile text.
    source: String,
    /// Context paths that change. Default: some source file.
    #[serde(default)]
    changed: Option<Vec<String>>,
    /// All context paths, to know which manifests exist.
    #[serde(default)]
    context: Option<Vec<String>>,
    /// Its text.
    #[serde(default)]
    dockerignore: Option<String>,
    /// Stage to build. Default: the last.
    #[serde(default)]
    target: Option<String>,
}

/// The file and its steps, as it is and as it could be.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Steps of the file as it is.
    before: Vec<Layer>,
    /// Steps of the rewritten file.
    after: Vec<Layer>,
    /// The rewritten file; absent where nothing could be made better.
    #[serde(skip_serializing_if = "Option::is_none")]
    dockerfile: Option<String>,
}

impl Tool for OptimizeDockerfile {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_bytes("/source", &input.source, MAX_SOURCE_BYTES)?;
        check_bytes("/dockerignore", input.dockerignore.as_deref().unwrap_or_default(), MAX_SOURCE_BYTES)?;
        for (field, list, most) in [("changed", &input.changed, MAX_CHANGED), ("context", &input.context, MAX_CONTEXT)]
        {
            let list = list.as_deref().unwrap_or_default();
            check_items(&format!("/{field}"), list, most)?;
            for (at, path) in list.iter().enumerate() {
                check_bytes(&format!("/{field}/{at}"), path, MAX_PATH_BYTES)?;
            }
        }
        let changed = input.changed.clone().unwrap_or_else(|| vec![SOME_SOURCE.to_owned()]);
        let ignore = Ignore::parse(input.dockerignore.as_deref().unwrap_or_default());
        let file = Dockerfile::parse(&input.source);
        let target = input.target.as_deref();
        let Some(before) = layers::plan(&input.source, &file, &changed, &ignore, target) else {
            if target.is_some() && !file.stages().is_empty() {
                return Err(ToolError::invalid(
                    "/target",
                    "names no stage",
                    "a name or number of a stage of the Dockerfile",
                ));
            }
            let data = Data { before: Vec::new(), after: Vec::new(), dockerfile: None };
            return Ok(Report::checked(broken(&input.source, &file), data));
        };
        let mut findings = broken(&input.source, &file);
        if findings.is_empty() {
            findings.extend(stages(&input.source, &file, target));
        }
        let rewritten = rewrite::rewrite(&input.source, input.context.as_deref());
        findings.extend(rewritten.findings);
        let text = if file.problems.is_empty() { apply_fixes(rewritten.text) } else { rewritten.text };
        let after = layers::plan(&text, &Dockerfile::parse(&text), &changed, &ignore, target).unwrap_or_default();
        let rebuilt = |layers: &[Layer]| layers.iter().filter(|layer| layer.rebuilt).count();
        let summary = format!(
            "a change of {} rebuilds {} of {} steps, after the rewrite {} of {}",
            changed.first().map_or("nothing".to_owned(), |path| format!("`{}`", excerpt(path))),
            rebuilt(&before),
            before.len(),
            rebuilt(&after),
            after.len()
        );
        let dockerfile = (text != input.source).then_some(text);
        Ok(Report::checked(findings, Data { before, after, dockerfile }).with_summary(summary))
    }
}

fn broken(source: &str, file: &Dockerfile) -> Vec<Finding> {
    let lines = LineIndex::new(source);
    let finding = |problem: &crate::support::dockerfile::Problem| {
        Finding::new(&rules::BROKEN, problem.message.clone()).at(lines.range(problem.span.clone()))
    };
    file.problems.iter().map(finding).collect()
}

// What is said of stages and changed by nobody but the author.
fn stages(source: &str, file: &Dockerfile, target: Option<&str>) -> Vec<Finding> {
    let lines = LineIndex::new(source);
    let stages = file.stages();
    let mut findings = Vec::new();
    let Some(last) = stages.len().checked_sub(1) else { return findings };
    if target.is_none() {
        let needed = layers::needed(file, &stages, last);
        for (stage, _) in stages.iter().zip(needed).filter(|(_, needed)| !needed) {
            let name = stage.alias.unwrap_or(stage.from);
            let message = format!("nothing uses the stage `{}`", excerpt(&name.value));
            findings.push(Finding::new(&rules::UNUSED, message).at(lines.range(name.span.clone())));
        }
    }
    for run in stages
        .last()
        .into_iter()
        .flat_map(|stage| stage.instructions.clone())
        .filter_map(|at| file.instructions.get(at))
    {
        let (Keyword::Run, Arguments::Command(Command::Shell(text))) = (run.keyword, &run.arguments) else { continue };
        let builds = Script::parse(text).commands.into_iter().find(|command| {
            let words: Vec<&str> = command.arguments.iter().map(|word| word.value.as_str()).collect();
            match command.name.value.as_str() {
                "go" | "cargo" => matches!(words.first(), Some(&("build" | "install"))),
                "mvn" | "gradle" | "./gradlew" | "./mvnw" | "make" | "cmake" | "gcc" | "g++" => true,
                "npm" | "yarn" | "pnpm" => words.contains(&"build"),
                "dotnet" => matches!(words.first(), Some(&"publish")),
                _ => false,
            }
        });
        if let Some(command) = builds {
            let message = format!(
                "`{}` builds in the stage that is shipped; a stage of its own keeps its tools out",
                excerpt(&command.name.value)
            );
            findings.push(Finding::new(&rules::MULTI_STAGE, message).at(lines.range(command.name.span)));
            break;
        }
    }
    findings
}

// The text with the safe fixes of the linter, in the order in which it finds them.
fn apply_fixes(mut text: String) -> String {
    let mut left = MAX_FIXES;
    while left > 0 {
        let edits = next_edits(&text, left);
        if edits.is_empty() {
            break;
        }
        left = left.saturating_sub(edits.len());
        text = apply(&text, edits);
    }
    text
}

// Rules whose fix lets the linter find more in the same instruction, which then comes before what it found behind it.
const OPENING_RULES: [&str; 2] = ["DL3020", "DL3027"];

// The first fixes that can be applied at once as if it were one after the other, each a place and its new text.
fn next_edits(text: &str, most: usize) -> Vec<(Range<usize>, String)> {
    let index = LineIndex::new(text);
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for finding in lint_dockerfile::findings_of(text) {
        let Some(fix) = finding.fix else { continue };
        let own = fix
            .edits
            .into_iter()
            .map(|Edit { range, new_text }| (index.offset(range.start)..index.offset(range.end), new_text));
        let own: Vec<(Range<usize>, String)> = own.collect();
        let meets = |(one, _): &(Range<usize>, String), (other, _): &(Range<usize>, String)| {
            one.start <= other.end && other.start <= one.end && !(one.is_empty() && other.is_empty())
        };
        if own.iter().any(|one| edits.iter().any(|other| meets(one, other))) {
            break;
        }
        edits.extend(own);
        if edits.len() >= most || OPENING_RULES.contains(&finding.rule.as_ref()) {
            break;
        }
    }
    edits
}

fn apply(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    // What is put in at one place comes before what was put in there earlier.
    edits.reverse();
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (range, new_text) in edits {
        out.push_str(text.get(from..range.start).unwrap_or_default());
        out.push_str(&new_text);
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_testkit::Dice;

    #[test]
    fn fixes_made_at_once_are_those_made_one_after_the_other() {
        let lines = [
            "FROM --platform=$TARGETPLATFORM a:1\n",
            "FROM a AS b\n",
            "MAINTAINER me\n",
            "ADD x y z\n",
            "ADD x /y\n",
            "COPY x y z\n",
            "RUN apt install a && apt update && apt install b\n",
            "RUN apt-get install a \\\n  # c\n  && apt-get install b\n",
            "RUN yum install a && useradd -u 1234567 x\n",
            "RUN apk add a; pip install b; gem install c\n",
            "RUN dnf install x && zypper install y\n",
            "CMD echo \\\n  x\n",
            "ENTRYPOINT a b\n",
            "ONBUILD RUN apt-get install a\n",
            "# hadolint ignore=DL3014\n",
        ];
        let one_by_one = |source: &str| {
            let mut text = source.to_owned();
            for _ in 0..MAX_FIXES {
                text = apply(&text, next_edits(&text, 1));
            }
            text
        };
        let mut dice = Dice::new(5);
        for round in 0..300 {
            let count = 1 + dice.below(if round % 10 == 0 { 40 } else { 8 });
            let source: String = (0..count).filter_map(|_| lines.get(dice.below(lines.len()))).copied().collect();
            assert_eq!(apply_fixes(source.clone()), one_by_one(&source), "{source}");
        }
    }
}
