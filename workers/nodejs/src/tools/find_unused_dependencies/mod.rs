//! Finds what a project lists, holds or exports and does not use, and what it uses and does not list.
//!
//! `source` reads what files import and export, `project` finds where an import leads, `entries` where the project starts;
//! `usage` follows the imports. `patterns` matches paths.

mod commands;
mod config_value;
mod entries;
mod inputs;
mod patterns;
mod plugin_inputs;
mod plugins;
mod programs;
mod project;
mod rules;
mod source;
mod source_comments;
mod source_exports;
mod test_runners;
mod usage;

use crate::support::json;
use crate::support::package_tree::base_name;
use octavo_toolkit::input::{MAX_PATH_BYTES, SourceFile, check_files};
use octavo_toolkit::limits::{check_bytes, check_items};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Report, Tool, ToolError, declare_tool};
use patterns::Patterns;
use project::Project;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use usage::Usage;

declare_tool! {
    /// Finds dependencies, files and exports that a JavaScript or TypeScript project does not use, packages it imports
    /// without listing them, imports that lead nowhere, and development dependencies that the published code needs.
    ///
    /// Use it to clean up a project, before a release, or after a refactoring. Send every package.json (those of workspaces
    /// too), tsconfig.json, configuration and source file as `files`, other files by name in `paths`. Monorepos are known by
    /// `workspaces` and pnpm-workspace.yaml, path aliases by tsconfig.json and the `imports` of package.json. Knip's
    /// configuration in knip.json or package.json is read: entry, project, ignore and its kin, workspaces, paths, tools. With
    /// node_modules' package.json files among `files`, programs and peer dependencies are told exactly; knip's rules of them are kept:
    /// what is installed and not listed is unlisted, a peer is used when who asks for it is.
    ///
    /// It starts at what package.json names (main, module, types, bin, exports, scripts), at index, cli and main, at
    /// tests and at the configuration files of the tools listed below, and follows imports from there. A file that is
    /// reached from nowhere uses nothing.
    ///
    /// Tools whose configuration is read: ava, babel, c8, commitlint, cypress, esbuild, eslint, github-actions, husky, jest, karma, lefthook, lint-staged, mocha, msw, nano-staged, next, node, nyc, playwright, postcss, prettier, release-it, remark, rollup, semantic-release, simple-git-hooks, size-limit, storybook, stylelint, swc, tailwind, tsdown, tsup, tsx, typedoc, typescript, vite, vitest, webpack, xo, yorkie.
    ///
    /// Tools whose files are known, and what they name by its words: changesets, drizzle, gatsby, graphql-codegen, grunt, gulp, nodemon, nx, remix, svelte, tslint, wrangler.
    ///
    /// Limits: 2,000 files with text, 50,000 names; a file nested too deep for a parser is not read.
    pub struct FindUnusedDependencies;
    name: "find_unused_dependencies",
    title: "Find unused dependencies",
    summary: "Finds unused, unlisted and misplaced dependencies, unused files and exports, and unresolved imports of a JS/TS project.",
    keywords: "knip depcheck ts-prune unimported npm-check dead code cleanup prune remove package.json devDependencies missing extraneous phantom dependency unused export unused file orphan module workspace monorepo pnpm yarn tsconfig paths alias lint imports cannot find module",
    examples: [
        "an unused and an unlisted dependency" => r#"{"files":[{"path":"package.json","source":"{\"name\":\"app\",\"dependencies\":{\"listed\":\"1\",\"used\":\"1\"}}"},{"path":"index.js","source":"import used from 'used';\nimport other from 'other/lib';\nimport { one } from './c.js';\n"},{"path":"c.js","source":"export const one = 1;\nexport const two = 2;\n"}],"paths":["readme.md"],"entry":["scripts/*.js"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "configurations of other tools than those on the tool's page, and what only running a configuration tells",
        "members of classes, catalogs, cycles",
        "Vue, Svelte, Astro and MDX files; symbolic links",
    ],
}

/// Most names of files without text.
const MAX_PATHS: usize = 50_000;
/// Most patterns of entry points.
const MAX_ENTRIES: usize = 200;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// package.json, tsconfig, configs, sources.
    files: Vec<SourceFile>,
    /// Names of other files.
    #[serde(default)]
    paths: Vec<String>,
    /// Globs of more entry points.
    #[serde(default)]
    entry: Vec<String>,
}

/// How much there is.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProjectUsage {
    /// Workspaces, the root included.
    pub workspaces: Vec<WorkspaceRow>,
    /// Files reached.
    pub reached: usize,
    /// For each package that is used, who uses it first.
    pub used: Vec<UsedRow>,
}

/// A workspace.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceRow {
    /// Its folder; empty for the root.
    pub folder: String,
    /// Source files in it.
    pub files: usize,
    /// Entry points found.
    pub entries: usize,
}

/// A package that is used.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct UsedRow {
    /// The package.
    pub package: String,
    /// The first file that imports it, or package.json for scripts and configurations.
    pub by: String,
}

impl Tool for FindUnusedDependencies {
    type Input = Input;
    type Data = ProjectUsage;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<ProjectUsage>, ToolError> {
        input.check()?;
        let mut files: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for path in &input.paths {
            files.insert(path.strip_prefix("./").unwrap_or(path), None);
        }
        for file in &input.files {
            files.insert(file.path.strip_prefix("./").unwrap_or(&file.path), Some(&file.source));
        }
        let project = Project::of(files);
        let broken = broken_manifests(&project);
        if project.workspaces.is_empty() && !broken.is_empty() {
            return Ok(Report::checked(broken, ProjectUsage::default()).over_files(input.files.len()));
        }
        if project.workspaces.is_empty() {
            let accepted = "a file with the path \"package.json\", a JSON object, and the project's other files";
            return Err(ToolError::invalid("/files", "has no package.json that can be read", accepted));
        }
        ctx.progress(1, 3, "project read");
        let usage = Usage::of(&project, &Patterns::new(input.entry.iter().cloned()));
        ctx.progress(2, 3, "imports followed");
        let mut findings = usage.findings();
        findings.extend(broken);
        let data = usage.data();
        let count = data.workspaces.len();
        let mut report = Report::checked(findings, data).over_files(input.files.len());
        if count > 1 {
            let all = plural(count, "workspace");
            report = report.not_checked(format!("whether {all} are meant to be the only ones"));
        }
        Ok(report)
    }
}

// A package.json of the project that is no JSON object: what is listed in it is not known.
fn broken_manifests(project: &Project<'_>) -> Vec<Finding> {
    let own =
        project.files.iter().filter(|(path, _)| base_name(path) == "package.json" && !path.contains("node_modules/"));
    let mut found = Vec::new();
    for (path, text) in own {
        let Some(text) = text else { continue };
        let (at, what) = match json::parse(text) {
            Ok(node) if node.as_object().is_some() => continue,
            Ok(_) => (0, "is no object".to_owned()),
            Err(error) => (error.at, format!("{} is expected here", error.expected)),
        };
        let range = LineIndex::new(text).range(at..at);
        found.push(
            Finding::new(&rules::NOT_READ, format!("{what}; what it lists is not known"))
                .with_level(Level::Error)
                .at(range)
                .in_file(*path),
        );
    }
    found
}

impl Input {
    fn check(&self) -> Result<(), ToolError> {
        check_files("/files", &self.files)?;
        check_items("/paths", &self.paths, MAX_PATHS)?;
        check_items("/entry", &self.entry, MAX_ENTRIES)?;
        for (pointer, list) in [("/paths", &self.paths), ("/entry", &self.entry)] {
            for (at, text) in list.iter().enumerate() {
                check_bytes(&format!("{pointer}/{at}"), text, MAX_PATH_BYTES)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::plugins::covered;
    use octavo_toolkit::tool::Declared;

    #[test]
    fn the_page_names_the_tools_that_are_known() {
        let (whole, files) = covered();
        for names in [whole, files] {
            assert!(super::FindUnusedDependencies::DECLARATION.docs.contains(&names), "{names}");
        }
    }
}
