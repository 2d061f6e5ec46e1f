//! Compares the public API of two versions of sources, and says what semantic version the difference asks for.
//!
//! Owns arguments, findings and the level. What a version offers, and what a change of it means, stands in one module a language:
//! [`python`], [`rust`], [`script`] (JavaScript and TypeScript), and [`plain`] (C, Go and Java).

mod model;
mod plain;
mod python;
mod python_read;
mod rules;
mod rust;
mod rust_compare;
mod rust_read;
mod script;

use super::measure_complexity::{MAX_FILE_BYTES, MAX_SCRIPT_BYTES};
use crate::support::language::{self, Engine, Language};
use crate::support::walk::Budget;
use model::{Change, Place, Side, Sources, What};
use octavo_toolkit::input::check_files;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, Level, LineIndex, Report, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

declare_tool! {
    /// Compares what two versions of a library offer to others: what was added, removed or changed, whether that breaks callers, and
    /// the level of semantic versioning it asks for.
    ///
    /// **Use it** before a release, to choose the next version, or in review, to see whether a change breaks callers.
    ///
    /// **Python** as griffe judges it: modules, classes with what they inherit, functions with their parameters, by `__all__` where a
    /// module has one, else by leading underscores. **Rust** by the lints of cargo-semver-checks that show in the source, over
    /// modules, `pub use` and impls, beginning at `lib.rs`. **JavaScript, TypeScript**, declarations too: the exports of the files that a package.json
    /// among them names, else of an index file, else of each file, through re-exports; members of classes, interfaces and enums.
    /// **Go**, **Java**, **C headers**: exported names, members, parameters and types as they are written.
    ///
    /// **Level.** `major` where a caller may break, `minor` where something came to it, else `patch`. Findings are errors where they
    /// break, else infos.
    ///
    /// **Output.** One finding for each change, under the id of the peer that names it; `data` with the level and counts.
    pub struct ComparePublicApi;
    name: "compare_public_api",
    title: "Compare public APIs",
    summary: "Compares exports of two versions: added, removed, changed; says major, minor or patch. Send both versions whole.",
    keywords: "breaking change semver version bump public api diff exported symbols signature backwards compatible release griffe cargo-semver-checks api-extractor apidiff japicmp removed function changed parameter",
    examples: [
        "a parameter that callers must give now" => r#"{"before":[{"path":"pkg/__init__.py","source":"def load(path):\n    ...\n"}],"after":[{"path":"pkg/__init__.py","source":"def load(path, mode):\n    ...\n"}]}"#,
        "a variant more" => r#"{"before":[{"path":"src/lib.rs","source":"pub enum Shape { Square }"}],"after":[{"path":"src/lib.rs","source":"pub enum Shape { Square, Circle }\npub fn area() {}"}]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "behaviour, and whether two types that are written otherwise are the same or one takes the other",
        "what macros and decorators make, features and other conditions of compilation",
        "traits that types get by themselves, such as Send, and layouts in memory",
        "exports by module.exports, and types that TypeScript infers: compare the declarations (.d.ts) instead",
    ],
}

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Old.
    before: Vec<SourceFile>,
    /// New.
    after: Vec<SourceFile>,
}

/// What a difference asks of the next version.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Semver {
    /// Nothing of the API changed.
    #[default]
    Patch,
    /// Something came to it, and callers go on as before.
    Minor,
    /// A caller may break.
    Major,
}

impl Semver {
    const fn word(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// The difference in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// The level that the difference asks for.
    pub semver: Semver,
    /// Changes that may break a caller.
    pub breaking: usize,
    /// Names that came.
    pub added: usize,
    /// Names that went.
    pub removed: usize,
    /// Changes of what stayed.
    pub changed: usize,
    /// Public names before.
    pub before: usize,
    /// Public names after.
    pub after: usize,
}

impl Tool for ComparePublicApi {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/before", &input.before)?;
        check_files("/after", &input.after)?;
        let mut left_out = Vec::new();
        let before = Version::new(&input.before, "before", &mut left_out);
        let after = Version::new(&input.after, "after", &mut left_out);
        if before.families.is_empty() && after.families.is_empty() {
            let pointer = if input.before.is_empty() { "/after" } else { "/before" };
            return Err(ToolError::invalid(pointer, "has no file that is read", language::ACCEPTED));
        }
        let budget = Budget::default();
        let mut changes = Vec::new();
        let mut data = Data::default();
        let none = Sources::default();
        for family in FAMILIES {
            let (old, new) = (before.families.get(&family), after.families.get(&family));
            if old.is_none() && new.is_none() {
                continue;
            }
            let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
            let counts = match family {
                Family::Python => python::compare(old, new, &budget, &mut changes),
                Family::Rust => rust::compare(old, new, &budget, &mut changes),
                Family::Script => script::compare(old, new, &mut changes),
                Family::C => plain::compare(Language::C, old, new, &budget, &mut changes),
                Family::Go => plain::compare(Language::Go, old, new, &budget, &mut changes),
                Family::Java => plain::compare(Language::Java, old, new, &budget, &mut changes),
            };
            data.before += counts.before;
            data.after += counts.after;
            left_out.extend(counts.broken);
        }
        let findings = findings(&input, &changes, &mut data);
        let summary = if data.semver == Semver::Patch {
            "patch: the public API is the same".to_owned()
        } else {
            format!(
                "{}: {} breaking; {} added, {} removed, {} changed",
                data.semver.word(),
                data.breaking,
                data.added,
                data.removed,
                data.changed
            )
        };
        let files = before.read + after.read;
        let mut report = Report::checked(findings, data).with_summary(summary).over_files(files);
        left_out.sort();
        left_out.dedup();
        let more = left_out.len().saturating_sub(MAX_LEFT_OUT);
        for what in left_out.into_iter().take(MAX_LEFT_OUT) {
            report = report.not_checked(what);
        }
        if more > 0 {
            report = report.not_checked(format!("{} more", plural(more, "file")));
        }
        Ok(report)
    }
}

/// Most files that a report names as left out: more say nothing new.
const MAX_LEFT_OUT: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    Python,
    Rust,
    Script,
    C,
    Go,
    Java,
}

const FAMILIES: [Family; 6] = [Family::Python, Family::Rust, Family::Script, Family::C, Family::Go, Family::Java];

impl Family {
    fn of(path: &str) -> Option<Self> {
        if matches!(path.rsplit('/').next(), Some("package.json" | "tsconfig.json")) {
            return Some(Self::Script);
        }
        Some(match Language::of_path(path)? {
            // What a C file offers to others stands in its header.
            Language::C => Self::C,
            Language::Go => Self::Go,
            Language::Java => Self::Java,
            Language::Python => Self::Python,
            Language::Rust => Self::Rust,
            Language::JavaScript | Language::TypeScript | Language::Tsx => Self::Script,
        })
    }
}

// The files of one version by what reads them.
struct Version<'f> {
    families: BTreeMap<Family, Sources<'f>>,
    read: usize,
}

impl<'f> Version<'f> {
    fn new(files: &'f [SourceFile], word: &str, left_out: &mut Vec<String>) -> Self {
        let mut version = Self { families: BTreeMap::new(), read: 0 };
        for (at, file) in files.iter().enumerate() {
            let Some(family) = Family::of(&file.path) else { continue };
            let engine = Language::of_path(&file.path).map(Language::engine);
            let limit = if matches!(engine, Some(Engine::TreeSitter(_))) { MAX_FILE_BYTES } else { MAX_SCRIPT_BYTES };
            if file.source.len() > limit {
                left_out.push(format!("{} ({word}), which is too long", file.path));
                continue;
            }
            version.read += 1;
            version.families.entry(family).or_default().push(at, file, word);
        }
        version.families.retain(|_, sources| sources.iter().any(|one| Language::of_path(&one.path).is_some()));
        version
    }
}

fn findings(input: &Input, changes: &[Change], data: &mut Data) -> Vec<Finding> {
    let mut indices: BTreeMap<(bool, usize), LineIndex<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for change in changes {
        let Place { side, file, span } = &change.place;
        let files = if *side == Side::Before { &input.before } else { &input.after };
        let Some(source) = files.get(*file) else { continue };
        let index = indices.entry((*side == Side::Before, *file)).or_insert_with(|| LineIndex::new(&source.source));
        let finding = Finding::new(change.rule, change.message.clone());
        found.push(finding.in_file(source.path.as_str()).at(index.range(span.clone())));
        let level = if change.rule.level == Level::Error { Semver::Major } else { Semver::Minor };
        data.semver = data.semver.max(level);
        data.breaking += usize::from(level == Semver::Major);
        *match change.what {
            What::Added => &mut data.added,
            What::Removed => &mut data.removed,
            What::Changed => &mut data.changed,
        } += 1;
    }
    found
}
