//! `compare_specs`: what changed between two versions of an API's description, and what breaks by it.

pub mod change;
pub mod graphql;
mod graphql_rules;
pub mod openapi;
mod openapi_rules;
mod schema;
mod security;
mod types;
mod unchanged;
mod view;

use crate::support::openapi::Spec;
use crate::support::tree::{Loaded, Problem, ProblemKind, Span};
use crate::support::{sdl, tree};
use change::{Change, Side, shown};
use octavo_toolkit::input::MAX_PATH_BYTES;
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::render::plural;
use octavo_toolkit::{
    Ctx, Finding, Level, LineIndex, Position, Range, Report, Rule, Tool, ToolError, declare_tool, rule_docs,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;

declare_tool! {
    /// Compares two versions of one API description and says what breaks clients, what may surprise them and what is safe.
    /// OpenAPI 3.x and Swagger 2 come as YAML or JSON, GraphQL as schema definition language; the kind is told from the
    /// text, and both must be of one kind (Swagger 2 against OpenAPI 3 is fine).
    ///
    /// Use it before a release, in review, or to choose the next version number. Rules carry the ids and levels of oasdiff
    /// (OpenAPI) and graphql-inspector (GraphQL): error for breaking, warning for dangerous, info for safe.
    ///
    /// Local references are followed, `allOf` is merged, `oneOf` and `anyOf` are compared as sets, a branch that is null
    /// alone counts as nullable, and paths match whatever their parameters are called. A change of something shared is one
    /// finding that counts the other operations it shows in. Nothing is fetched. Each text may have 2 MiB.
    ///
    /// Places are those of the revision; `path` says `base` where something is gone. `data` holds the semantic version
    /// level, the counts and a changelog in Markdown.
    pub struct CompareSpecs;
    name: "compare_specs",
    title: "Compare API versions",
    summary: "Finds breaking, dangerous and safe changes between two OpenAPI, Swagger or GraphQL versions, with semver level and changelog. Use before release. Local references only.",
    keywords: "oasdiff openapi-diff graphql-inspector diff backward backwards compatible compatibility contract clients broken endpoint removed field required parameter enum response schema spec swagger.json openapi.yaml sdl rest deprecated version bump major minor patch notes",
    examples: [
        "a parameter that must be sent now" => r#"{"base":"openapi: 3.0.3\ninfo: {title: Pets, version: 1.0.0}\npaths:\n  /pets:\n    get:\n      parameters:\n        - {name: limit, in: query, schema: {type: integer}}\n      responses: {'200': {description: ok}}\n","revision":"openapi: 3.0.3\ninfo: {title: Pets, version: 1.0.1}\npaths:\n  /pets:\n    get:\n      parameters:\n        - {name: limit, in: query, required: true, schema: {type: integer}}\n      responses: {'200': {description: ok}}\n"}"#,
        "a GraphQL field that may be null now" => r#"{"base":"type Query { pet(id: ID!): String! }","revision":"type Query { pet(id: ID!): String, pets: [String!] }"}"#,
    ],
    rules: RULES,
    not_checked: [
        "references to other files or URLs",
        "servers, base paths, callbacks, links, encodings, insides of webhooks",
        "not, if, uniqueItems, multipleOf, closed additionalProperties",
        "sunset dates against today",
        "validity of either text",
    ],
}

const PARSE_ERROR: Rule = Rule {
    id: "parse-error",
    level: Level::Error,
    summary: "Both texts can be read.",
    docs: rule_docs!(
        why: "A text that cannot be read cannot be compared.",
        wrong: "openapi: [3.0.0",
        right: "openapi: 3.0.0",
        source: "YAML 1.2, RFC 8259, GraphQL specification",
    ),
};
const NESTING: Rule = Rule {
    id: "nesting-too-deep",
    level: Level::Error,
    summary: "Neither text nests deeper than 200 levels, or stands for far more than it holds.",
    docs: rule_docs!(
        why: "Readers of any kind refuse such texts; no API needs one.",
        wrong: "a: [[[[ ... ]]]], or aliases of aliases of aliases",
        right: "components and references",
        source: "limit of this tool",
    ),
};
const DUPLICATE_KEY: Rule = Rule {
    id: "key-duplicates",
    level: Level::Warning,
    summary: "No mapping names a key twice, and no name is defined twice.",
    docs: rule_docs!(
        why: "Readers disagree on which of the two counts.",
        wrong: "get: {}\nget: {}",
        right: "get: {}",
        source: "yamllint, key-duplicates",
    ),
};
const INVALID_REFERENCE: Rule = Rule {
    id: "invalid-ref",
    level: Level::Error,
    summary: "Every local reference leads somewhere.",
    docs: rule_docs!(
        why: "What it should bring in is missing, and was compared as if it were not there.",
        wrong: "$ref: '#/components/schemas/Pte'",
        right: "$ref: '#/components/schemas/Pet'",
        source: "Spectral, invalid-ref",
    ),
};
const EXTERNAL_REFERENCE: Rule = Rule {
    id: "external-ref",
    level: Level::Warning,
    summary: "The document needs no other file.",
    docs: rule_docs!(
        why: "What another file holds was not looked at, so changes in it are missing here.",
        wrong: "$ref: 'common.yaml#/Pet'",
        right: "$ref: '#/components/schemas/Pet' after bundling",
        source: "OpenAPI Specification, Reference Object",
    ),
};
const UNKNOWN_KIND: Rule = Rule {
    id: "unrecognized-format",
    level: Level::Error,
    summary: "Both texts are OpenAPI 3.x, Swagger 2 or GraphQL schemas.",
    docs: rule_docs!(
        why: "Without a kind there is nothing to compare.",
        wrong: "title: Pets",
        right: "openapi: 3.0.3",
        source: "Spectral, unrecognized-format",
    ),
};

const DOCUMENT_RULES: &[Rule] =
    &[PARSE_ERROR, NESTING, DUPLICATE_KEY, INVALID_REFERENCE, EXTERNAL_REFERENCE, UNKNOWN_KIND];

const RULE_COUNT: usize =
    DOCUMENT_RULES.len() + openapi_rules::OPENAPI_RULES.len() + graphql_rules::GRAPHQL_RULES.len();

static ALL_RULES: [Rule; RULE_COUNT] = {
    let groups = [DOCUMENT_RULES, openapi_rules::OPENAPI_RULES, graphql_rules::GRAPHQL_RULES];
    let mut all = [PARSE_ERROR; RULE_COUNT];
    let (mut group, mut filled) = (0, 0);
    while group < groups.len() {
        let mut at = 0;
        while at < groups[group].len() {
            all[filled] = groups[group][at];
            filled += 1;
            at += 1;
        }
        group += 1;
    }
    all
};

const RULES: &[Rule] = &ALL_RULES;

/// Most entries of the changelog; the findings have the rest.
const MAX_CHANGELOG_ENTRIES: usize = 60;

/// Longest description, in bytes: two of this length take about 65 MiB, and a worker has 128.
const MAX_DESCRIPTION_BYTES: usize = 2 * 1024 * 1024;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Older YAML, JSON or SDL.
    base: String,
    /// Newer.
    revision: String,
    /// Only OpenAPI paths that begin so.
    #[serde(default)]
    path_prefix: Option<String>,
}

/// What kind of description was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ApiKind {
    /// OpenAPI or Swagger.
    Openapi,
    /// GraphQL.
    Graphql,
    /// One of the texts could not be read.
    Unknown,
}

/// The part of a semantic version that the changes call for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Semver {
    /// Something breaks.
    Major,
    /// Something changed that clients can notice, and nothing breaks.
    Minor,
    /// Only wording, examples and the like changed.
    Patch,
    /// Nothing changed.
    None,
    /// One of the texts could not be read.
    Unknown,
}

impl Semver {
    const fn word(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// The comparison in figures, and as a changelog.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The kind of both descriptions.
    kind: ApiKind,
    /// The version step the changes call for.
    semver: Semver,
    /// Breaking changes.
    breaking: usize,
    /// Dangerous changes.
    dangerous: usize,
    /// Safe changes.
    safe: usize,
    /// Safe changes inside something new, such as the fields of a new type; not reported one by one.
    nested: usize,
    /// `info.version` of the base.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_version: Option<String>,
    /// `info.version` of the revision.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision_version: Option<String>,
    /// The changes as Markdown.
    changelog: String,
}

impl Tool for CompareSpecs {
    type Input = Input;
    type Data = Comparison;

    fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<Comparison>, ToolError> {
        check_bytes("/base", &input.base, MAX_DESCRIPTION_BYTES)?;
        check_bytes("/revision", &input.revision, MAX_DESCRIPTION_BYTES)?;
        check_bytes("/pathPrefix", input.path_prefix.as_deref().unwrap_or_default(), MAX_PATH_BYTES)?;
        let kinds = (looks_like_graphql(&input.base), looks_like_graphql(&input.revision));
        match (kinds, &input.path_prefix) {
            ((true, false) | (false, true), _) if !is_blank(&input.base) && !is_blank(&input.revision) => {
                Err(ToolError::invalid(
                    "/revision",
                    "is of another kind than `/base`: one is GraphQL, the other is not",
                    "two OpenAPI or Swagger documents, or two GraphQL schemas",
                ))
            }
            ((true, true), Some(_)) => Err(ToolError::invalid(
                "/pathPrefix",
                "is given for GraphQL schemas, which have no paths",
                "no pathPrefix beside GraphQL",
            )),
            ((false, false), prefix) => Ok(compare_openapi(&input, prefix.as_deref().unwrap_or_default(), ctx)),
            _ => Ok(compare_graphql(&input)),
        }
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim().is_empty()
}

fn compare_openapi(input: &Input, prefix: &str, ctx: &Ctx<'_>) -> Report<Comparison> {
    let texts = [(Side::Base, LineIndex::new(&input.base)), (Side::Revision, LineIndex::new(&input.revision))];
    let mut findings = Vec::new();
    let loaded = [tree::load(&input.base), tree::load(&input.revision)];
    for ((side, index), Loaded { problems, .. }) in texts.iter().zip(&loaded) {
        findings.extend(problems.iter().map(|problem| problem_finding(*side, index, problem)));
    }
    ctx.progress(1, 2, "read both documents");
    let mut specs = Vec::new();
    for ((side, index), Loaded { document, .. }) in texts.iter().zip(&loaded) {
        let Some(document) = document else { continue };
        let Some(spec) = Spec::new(document) else {
            let message = "neither `openapi: 3.x` nor `swagger: \"2.0\"` stands at the top";
            findings.push(Finding::new(&UNKNOWN_KIND, message).in_file(side.word()));
            continue;
        };
        for broken in spec.broken_references() {
            let (rule, what) = if broken.external {
                (&EXTERNAL_REFERENCE, "leaves the document and was not followed")
            } else {
                (&INVALID_REFERENCE, "leads nowhere")
            };
            let uses = if broken.uses > 1 { format!(", {} times", broken.uses) } else { String::new() };
            let message = format!("reference `{}` {what}{uses}", shown(broken.target));
            findings.push(Finding::new(rule, message).in_file(side.word()).at(broken.span.locate(index)));
        }
        specs.push(spec);
    }
    let [base, revision] = specs.as_slice() else { return unreadable(findings) };
    let outcome = openapi::compare(base, revision, prefix);
    let same = base.doc.digest(base.doc.root()) == revision.doc.digest(revision.doc.root());
    let untouched = if same { Semver::None } else { Semver::Patch };
    let versions = [base, revision].map(|spec| spec.api_version().map(shown));
    let report = conclude(findings, &outcome.changes, &texts, ApiKind::Openapi, untouched, versions);
    if outcome.cut {
        return report.not_checked("schemas beyond the limits of one call: compare with a pathPrefix");
    }
    report
}

fn compare_graphql(input: &Input) -> Report<Comparison> {
    let texts = [(Side::Base, LineIndex::new(&input.base)), (Side::Revision, LineIndex::new(&input.revision))];
    let mut findings = Vec::new();
    let loaded = [sdl::load(&input.base), sdl::load(&input.revision)];
    for ((side, index), sdl::Loaded { problems, .. }) in texts.iter().zip(&loaded) {
        findings.extend(problems.iter().map(|problem| problem_finding(*side, index, problem)));
    }
    let [sdl::Loaded { schema: Some(base), .. }, sdl::Loaded { schema: Some(revision), .. }] = &loaded else {
        return unreadable(findings);
    };
    let changes = graphql::compare(base, revision);
    conclude(findings, &changes, &texts, ApiKind::Graphql, Semver::None, [None, None])
}

fn problem_finding(side: Side, index: &LineIndex<'_>, problem: &Problem) -> Finding {
    let rule = match problem.kind {
        ProblemKind::Syntax => &PARSE_ERROR,
        ProblemKind::TooDeep | ProblemKind::TooLarge => &NESTING,
        ProblemKind::DuplicateKey => &DUPLICATE_KEY,
    };
    Finding::new(rule, problem.message.clone()).in_file(side.word()).at(problem.span.locate(index))
}

fn unreadable(findings: Vec<Finding>) -> Report<Comparison> {
    let data = Comparison {
        kind: ApiKind::Unknown,
        semver: Semver::Unknown,
        breaking: 0,
        dangerous: 0,
        safe: 0,
        nested: 0,
        base_version: None,
        revision_version: None,
        changelog: String::new(),
    };
    Report::checked(findings, data).over_files(2).with_summary("the descriptions could not be compared")
}

fn conclude(
    mut findings: Vec<Finding>,
    changes: &[Change],
    texts: &[(Side, LineIndex<'_>); 2],
    kind: ApiKind,
    untouched: Semver,
    [base_version, revision_version]: [Option<String>; 2],
) -> Report<Comparison> {
    let told: Vec<&Change> = changes.iter().filter(|change| !change.nested).collect();
    for (side, index) in texts {
        let of_side: Vec<&Change> = told.iter().copied().filter(|change| change.side == *side).collect();
        let places = Places::new(index.text(), of_side.iter().map(|change| change.span));
        for change in of_side {
            let finding = Finding::new(change.rule, sentence(change)).with_level(change.level);
            findings.push(finding.in_file(side.word()).at(places.range(change.span)));
        }
    }
    let count = |level: Level| told.iter().filter(|change| change.level == level).count();
    let (breaking, dangerous, safe) = (count(Level::Error), count(Level::Warning), count(Level::Info));
    let wording_only = told.iter().all(|change| change.rule.id.contains("_DESCRIPTION_"));
    let semver = match (breaking, told.len()) {
        (0, 0) => untouched,
        (0, _) if wording_only => Semver::Patch,
        (0, _) => Semver::Minor,
        _ => Semver::Major,
    };
    let summary = match (breaking, dangerous, safe) {
        (0, 0, 0) => format!("no change of the interface; semver {}", semver.word()),
        _ => format!("{breaking} breaking, {dangerous} dangerous, {safe} safe changes; semver {}", semver.word()),
    };
    let changelog = changelog(&told, base_version.as_deref(), revision_version.as_deref());
    let nested = changes.len() - told.len();
    let data =
        Comparison { kind, semver, breaking, dangerous, safe, nested, base_version, revision_version, changelog };
    Report::checked(findings, data).over_files(2).with_summary(summary)
}

fn sentence(change: &Change) -> String {
    let subject = shown(&change.subject);
    let others = elsewhere(change);
    if subject.is_empty() {
        return format!("{}{others}", change.message);
    }
    format!("{subject}: {}{others}", change.message)
}

fn elsewhere(change: &Change) -> String {
    match change.others {
        0 => String::new(),
        n => format!(" (and in {})", plural(n, "other operation")),
    }
}

// Lines and columns of many spans in one pass: a minified document is one long line, in which each look-up alone would
// count from the start.
struct Places(BTreeMap<u32, Position>);

impl Places {
    fn new(text: &str, spans: impl Iterator<Item = Span>) -> Self {
        let mut wanted: Vec<u32> = spans.flat_map(|span| [span.start, span.end]).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut wanted = wanted.into_iter().peekable();
        let mut places = BTreeMap::new();
        let mut here = Position { line: 1, column: 1 };
        for (at, character) in text.char_indices() {
            while let Some(offset) = wanted.next_if(|offset| *offset as usize <= at) {
                places.insert(offset, here);
            }
            if wanted.peek().is_none() {
                break;
            }
            if character == '\n' {
                here = Position { line: here.line + 1, column: 1 };
            } else {
                here.column += if character.len_utf16() == 2 { 2 } else { 1 };
            }
        }
        places.extend(wanted.map(|offset| (offset, here)));
        Self(places)
    }

    fn range(&self, span: Span) -> Range {
        let place = |offset: u32| self.0.get(&offset).copied().unwrap_or(Position { line: 1, column: 1 });
        Range { start: place(span.start), end: place(span.end) }
    }
}

fn changelog(changes: &[&Change], base: Option<&str>, revision: Option<&str>) -> String {
    let mut text = match (base, revision) {
        (Some(base), Some(revision)) if base != revision => format!("## {revision} (from {base})\n"),
        (_, Some(revision)) => format!("## {revision}\n"),
        (_, None) => "## Changes\n".to_owned(),
    };
    if changes.is_empty() {
        text.push_str("\nNo change of the interface.\n");
    }
    let mut room = MAX_CHANGELOG_ENTRIES;
    for (level, title) in [(Level::Error, "Breaking"), (Level::Warning, "Dangerous"), (Level::Info, "Safe")] {
        let entries: Vec<&&Change> = changes.iter().filter(|change| change.level == level).collect();
        if entries.is_empty() {
            continue;
        }
        let _ = write!(text, "\n### {title}\n\n");
        for change in entries.iter().take(room) {
            let subject = shown(&change.subject);
            let subject = if subject.is_empty() { String::new() } else { format!("**{subject}**: ") };
            let others = if change.others > 0 {
                format!(" ({} more)", plural(change.others, "operation"))
            } else {
                String::new()
            };
            let _ = writeln!(text, "- {subject}{}{others}", change.message);
        }
        if entries.len() > room {
            let _ = writeln!(text, "- and {} more", entries.len() - room);
        }
        room = room.saturating_sub(entries.len());
    }
    text
}

/// Whether a text reads like a GraphQL schema: its first word is a keyword of the language, perhaps after a description.
pub(crate) fn looks_like_graphql(text: &str) -> bool {
    let mut rest = text.trim_start_matches('\u{feff}');
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
        if let Some(comment) = rest.strip_prefix('#') {
            let Some((_, after)) = comment.split_once('\n') else { return false };
            rest = after;
        } else if let Some(block) = rest.strip_prefix("\"\"\"") {
            let Some((_, after)) = block.split_once("\"\"\"") else { return false };
            rest = after;
        } else if let Some(string) = rest.strip_prefix('"') {
            let line = string.lines().next().unwrap_or_default();
            let Some(end) = line.rfind('"') else { return false };
            rest = string.get(end + 1..).unwrap_or_default();
        } else {
            break;
        }
    }
    let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let after = rest.get(word.len()..).unwrap_or_default().trim_start_matches([' ', '\t', '\r', '\n']);
    let keywords = [
        "type",
        "schema",
        "interface",
        "union",
        "enum",
        "input",
        "scalar",
        "directive",
        "extend",
        "query",
        "mutation",
        "fragment",
    ];
    keywords.contains(&word) && !after.starts_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        for text in [
            "type Query { a: Int }",
            "# c\n\"\"\"d\"\"\"\nschema { query: Q }",
            "\"d \\\" e\" scalar X",
            "\u{feff}extend type A @b",
            "directive @a on FIELD",
        ] {
            assert!(looks_like_graphql(text), "{text}");
        }
        for text in
            ["openapi: 3.0.0", "{\"openapi\": 1}", "type: object", "# only", "", "\"openapi\": 3", "types {", "\"\"\"x"]
        {
            assert!(!looks_like_graphql(text), "{text}");
        }
    }

    #[test]
    fn places_agree_with_the_line_index() {
        let text = "a\u{1f600}b\r\n\u{e9}x\n";
        let index = LineIndex::new(text);
        let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let places = Places::new(text, offsets.iter().map(|at| Span::new(*at, *at)));
        for at in offsets {
            assert_eq!(places.range(Span::new(at, at)).start, index.position(at), "{at}");
        }
    }

    #[test]
    fn changelog_is_cut() {
        let rule = &graphql_rules::GRAPHQL_RULES[0];
        let change = |at: usize| Change {
            rule,
            level: Level::Error,
            side: Side::Base,
            span: tree::Span::new(at, at),
            subject: "S".to_owned(),
            message: "m".to_owned(),
            others: 0,
            nested: false,
        };
        let changes: Vec<Change> = (0..MAX_CHANGELOG_ENTRIES + 7).map(change).collect();
        let text = changelog(&changes.iter().collect::<Vec<_>>(), Some("1"), Some("2"));
        assert!(text.starts_with("## 2 (from 1)\n") && text.ends_with("- and 7 more\n"), "{text}");
        assert_eq!(text.matches("**S**").count(), MAX_CHANGELOG_ENTRIES);
    }
}
