//! Structural search and rewrite over eight languages, by ast-grep's engine.
//!
//! Owns arguments, rows and edits. [`grammar`] gives the engine its languages, [`condition`] what a pattern cannot say,
//! [`edit`] the diff.

mod condition;
pub(crate) mod edit;
mod grammar;

pub use condition::{MAX_CONDITIONS, MAX_ELLIPSES, MAX_PATTERN_BYTES, MAX_VISITS};
pub use grammar::{MAX_COMMENT_LINES, MAX_COMMENT_LOOKAHEAD};

use super::measure_complexity::MAX_FILE_BYTES;
use crate::support::language::{self, Language};
use crate::support::walk::Budget;
use ast_grep_core::matcher::NodeMatch;
use ast_grep_core::meta_var::{MetaVarEnv, MetaVariable};
use ast_grep_core::replacer::TemplateFix;
use ast_grep_core::{Matcher as _, Pattern};
use condition::{Conditions, Rule, Wrong};
use edit::Replaced;
use grammar::{Grammar, Text};
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::check_bytes;
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, LineIndex, Range, Report, SourceFile, Tool, ToolError, declare_tool};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

declare_tool! {
    /// Searches code by its structure and rewrites it, as ast-grep does: a pattern is code in which `$X` stands for one node, `$$$X`
    /// for any number of them, `$_` and `$$$` for what need not be named. The same variable twice means equal code.
    ///
    /// **Use it** to find every call of a shape, or to change all of them at once, where text search finds too much or too little.
    ///
    /// **Conditions**, one a line of `where`: `$X ~ regex` and `$X !~ regex` on the text of a variable, `$X is identifier` and `$X is not string` on
    /// its kind in the grammar, `inside PATTERN`, `has PATTERN`, `not inside PATTERN`, `not has PATTERN` on what is around a match and in
    /// it, at any distance. With `selector KIND`, the pattern is context, and the node of that kind in it is what is searched.
    ///
    /// **Languages** by file name, a pattern being read in each: JavaScript, TypeScript, TSX, Python, Go, Java, Rust, C. Regular
    /// expressions are those of the Rust crate regex, ASCII alone.
    ///
    /// **Output.** Matches with place, text and variables; with `rewrite` also what each becomes and a unified diff. Of matches within
    /// each other the outer one is rewritten: call again for the rest. A match that goes on behind the pattern (an `else`, one more
    /// declared name) is found, as ast-grep does, but not rewritten, since that would be lost; a semicolon behind it stays.
    pub struct SearchPattern;
    name: "search_pattern",
    title: "Pattern search",
    summary: "Finds or rewrites JS/TS, Python, Go, Java, Rust, C code by ast-grep pattern.",
    keywords: "structural find every call regardless of formatting ast-grep sg semgrep structural search replace codemod rewrite refactor jscodeshift comby pattern matching metavariable find calls usages syntax tree grep migrate api",
    examples: [
        "find" => r#"{"pattern":"console.log($$$ARGS)","files":[{"path":"a.js","source":"console.log(a, b);\n"}]}"#,
        "rewrite" => r#"{"pattern":"assertEquals($A, $B)","rewrite":"assert $A == $B","where":"$A is not none","files":[{"path":"a.py","source":"assertEquals(x, 1)\n"}]}"#,
    ],
    rules: &[],
    not_checked: [
        "names and types: code is compared as it is written",
        "strictness other than smart, and rules that ast-grep composes in YAML",
    ],
}

/// Most matches that are listed.
pub const MAX_MATCHES: usize = 2_000;
/// Longest text of a match or variable that is shown, in characters.
pub const MAX_SHOWN_CHARS: usize = 500;
/// Most bytes that one replacement may come to, and all of a file.
pub const MAX_REPLACEMENT_BYTES: usize = 1024 * 1024;
/// Longest diff, in bytes: files beyond it are named.
pub const MAX_DIFF_BYTES: usize = 256 * 1024;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// `f($X)`.
    pattern: String,
    /// New code.
    #[serde(default)]
    rewrite: Option<String>,
    /// Lines: `$X ~ regex`, `has PATTERN`.
    #[serde(default)]
    r#where: String,
    /// Code.
    files: Vec<SourceFile>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// How many matches there are.
    pub count: usize,
    /// The matches, by file and place.
    pub matches: Vec<MatchRow>,
    /// The rewrite, for `git apply`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diff: String,
}

/// A match.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MatchRow {
    /// The file.
    pub path: String,
    /// Where.
    pub range: Range,
    /// Its text, shortened where it is long.
    pub text: String,
    /// The variables, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// What it becomes; not where it lies in another match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replacement: Option<ReplacementRow>,
}

/// What a match becomes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ReplacementRow {
    /// What is replaced: without a semicolon or comma behind it that the pattern does not have.
    pub range: Range,
    /// What takes its place.
    pub text: String,
}

impl Tool for SearchPattern {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_files("/files", &input.files)?;
        condition::check_pattern("/pattern", &input.pattern)?;
        let rewrite = input.rewrite.as_deref();
        check_bytes("/rewrite", rewrite.unwrap_or_default(), MAX_PATTERN_BYTES)?;
        let conditions = condition::read(&input.r#where)?;
        let mut search = Search {
            input: &input,
            conditions: &conditions,
            budget: Budget::default(),
            data: Data::default(),
            left_out: Vec::new(),
            visits: 0,
            longer: 0,
        };
        let mut rules: BTreeMap<Grammar, Result<Rule<'_>, Wrong>> = BTreeMap::new();
        let mut looked = 0;
        let mut hit = 0;
        for file in &input.files {
            let Some(language) = Language::of_path(&file.path) else { continue };
            let grammar = Grammar(language);
            let made = rules.entry(grammar);
            let made = made.or_insert_with(|| Rule::new(grammar, &input.pattern, &conditions));
            let Ok(rule) = made else { continue };
            search.check_variables(rule)?;
            looked += 1;
            hit += usize::from(search.file(file, grammar, rule));
        }
        if rules.is_empty() {
            return Err(ToolError::invalid("/files", "has no file that is read", language::ACCEPTED));
        }
        if looked == 0
            && let Some(Err(wrong)) = rules.values().find(|made| made.is_err())
        {
            return Err(ToolError::invalid(wrong.pointer, wrong.what.clone(), wrong.accepted));
        }
        for (grammar, made) in &rules {
            let name = grammar.0.name();
            match made {
                Err(wrong) => search.left_out.push(format!("{name} files: `{}` {}", wrong.pointer, wrong.what)),
                Ok(rule) if rule.pattern.has_error() => {
                    search.left_out.push(format!("{name} files for sure: the pattern does not parse as a whole"));
                }
                Ok(_) => {}
            }
        }
        if search.visits > MAX_VISITS {
            search.left_out.push(format!("conditions beyond {MAX_VISITS} nodes"));
        }
        if search.longer > 0 {
            search
                .left_out
                .push(format!("what becomes of {} that go on behind the pattern", matches_of(search.longer)));
        }
        let Search { data, left_out, .. } = search;
        let summary = format!("{} in {hit} of {}", matches_of(data.count), plural(looked, "file"));
        let mut report = Report::computed(summary, data).over_files(looked);
        for what in left_out.into_iter().take(20) {
            report = report.not_checked(what);
        }
        Ok(report)
    }
}

struct Search<'i> {
    input: &'i Input,
    conditions: &'i Conditions,
    budget: Budget,
    data: Data,
    left_out: Vec<String>,
    // Nodes that conditions looked at.
    visits: usize,
    // Matches that go on behind the pattern, so that they are not rewritten.
    longer: usize,
}

impl Search<'_> {
    // What a rewrite or a condition names, the patterns must bind.
    fn check_variables(&self, rule: &Rule<'_>) -> Result<(), ToolError> {
        let bound = rule.variables();
        let accepted = || {
            let names: Vec<String> = bound.iter().map(|name| format!("${name}")).collect();
            if names.is_empty() { "a rewrite without variables".to_owned() } else { names.join(", ") }
        };
        if let Some(rewrite) = &self.input.rewrite
            && let Ok(fix) = TemplateFix::try_new(rewrite, &Grammar(Language::JavaScript))
            && let Some(name) = fix.used_vars().into_iter().filter(|name| !bound.contains(*name)).min()
        {
            let what = format!("names ${name}, which the pattern does not bind");
            return Err(ToolError::invalid("/rewrite", what, accepted()));
        }
        for condition in &self.conditions.list {
            if let Some(name) = condition.variable().filter(|name| !bound.contains(*name)) {
                let what = format!("line {} names ${name}, which the pattern does not bind", condition.line);
                return Err(ToolError::invalid("/where", what, accepted()));
            }
        }
        Ok(())
    }

    // Whether the file has a match.
    fn file(&mut self, file: &SourceFile, grammar: Grammar, rule: &Rule<'_>) -> bool {
        let text = (file.source.len() <= MAX_FILE_BYTES)
            .then(|| Text::parse(&file.source, grammar, &self.budget).ok())
            .flatten();
        let Some(text) = text else {
            self.left_out.push(format!("{}, which is not read", file.path));
            return false;
        };
        let lines = LineIndex::new(&file.source);
        if let Some(at) = text.broken_at() {
            self.left_out.push(format!(
                "{} where it does not parse, first at line {}",
                file.path,
                lines.position(at).line
            ));
        }
        let fix = self.input.rewrite.as_deref().and_then(|rewrite| TemplateFix::try_new(rewrite, &grammar).ok());
        let root = ast_grep_core::AstGrep::doc(text);
        let kinds = rule.pattern.potential_kinds();
        let mut edits: Vec<Replaced> = Vec::new();
        let (mut found, mut written) = (0, 0);
        // Every node with those around it, parents first.
        let mut around = Vec::new();
        let mut pending = vec![(root.root(), 0)];
        while let Some((node, depth)) = pending.pop() {
            let children: Vec<_> = node.children().map(|child| (child, depth + 1)).collect();
            pending.extend(children.into_iter().rev());
            around.truncate(depth);
            around.push(node.clone());
            if kinds.as_ref().is_some_and(|kinds| !kinds.contains(usize::from(node.kind_id()))) {
                continue;
            }
            let outer = around.get(..depth).unwrap_or_default();
            let Some(bound) = rule.matched(&node, outer, &mut self.visits) else { continue };
            found += 1;
            let listed = self.data.matches.len() < MAX_MATCHES;
            let variables = if listed { variables(&file.source, &bound) } else { BTreeMap::new() };
            let span = node.range();
            let matched = NodeMatch::new(node, bound);
            let mut replacement = None;
            let within = edits.last().is_some_and(|last| span.start < last.span.end);
            if let Some(fix) = fix.as_ref().filter(|_| !within) {
                let most =
                    self.input.rewrite.as_ref().map_or(0, |rewrite| rewrite.matches('$').count() + 1) * span.len();
                let end = end_of(&matched, &rule.pattern, &file.source);
                self.longer += usize::from(end.is_none());
                written += most;
                if let Some(end) = end.filter(|_| written <= MAX_REPLACEMENT_BYTES) {
                    let text = String::from_utf8_lossy(&matched.replace_by(fix).inserted_text).into_owned();
                    let span = span.start..end;
                    replacement = Some(ReplacementRow { range: lines.range(span.clone()), text: text.clone() });
                    edits.push(Replaced { span, text });
                }
            }
            if listed {
                let text = shown(file.source.get(span.clone()).unwrap_or_default());
                let range = lines.range(span);
                self.data.matches.push(MatchRow { path: file.path.clone(), range, text, variables, replacement });
            }
        }
        self.data.count += found;
        if written > MAX_REPLACEMENT_BYTES {
            self.left_out.push(format!("what becomes of all matches in {}", file.path));
        }
        let diff = edit::diff(&file.path, &file.source, &edits);
        if self.data.diff.len() + diff.len() > MAX_DIFF_BYTES {
            self.left_out.push(format!("the diff of {}", file.path));
        } else {
            self.data.diff.push_str(&diff);
        }
        found > 0
    }
}

// Where the part of a match ends that is replaced: a sign behind it stays if the pattern does not have it. Nothing where the
// match goes on behind the pattern, such as by an `else`: that would be lost.
fn end_of(matched: &NodeMatch<'_, Text>, pattern: &Pattern, source: &str) -> Option<usize> {
    let span = matched.range();
    let end = pattern.get_match_len(matched.get_node().clone()).map_or(span.end, |length| span.start + length);
    let rest = source.get(end..span.end).unwrap_or_default().trim();
    if rest.is_empty() { Some(span.end) } else { matches!(rest, ";" | ",").then_some(end) }
}

fn matches_of(count: usize) -> String {
    format!("{count} {}", if count == 1 { "match" } else { "matches" })
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}\u{2026}", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn variables(source: &str, bound: &MetaVarEnv<'_, Text>) -> BTreeMap<String, String> {
    let one = |variable: MetaVariable| match variable {
        MetaVariable::Capture(name, _) => {
            let span = bound.get_match(&name)?.range();
            Some((name, shown(source.get(span)?)))
        }
        MetaVariable::MultiCapture(name) => {
            let nodes = bound.get_multiple_matches(&name);
            let span = nodes.first().zip(nodes.last()).map(|(first, last)| first.range().start..last.range().end);
            Some((name, shown(span.map_or(Some(""), |span| source.get(span))?)))
        }
        MetaVariable::Dropped(_) | MetaVariable::Multiple => None,
    };
    bound.get_matched_variables().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pattern: &str, rewrite: Option<&str>, r#where: String, source: String) -> Result<Report<Data>, ToolError> {
        let files = vec![SourceFile { path: "a.js".to_owned(), source }];
        let input = Input { pattern: pattern.to_owned(), rewrite: rewrite.map(str::to_owned), r#where, files };
        SearchPattern.run(input, &Ctx::silent())
    }

    fn data(pattern: &str, rewrite: Option<&str>, source: String) -> Data {
        run(pattern, rewrite, String::new(), source).expect("accepted").data().cloned().unwrap_or_default()
    }

    #[test]
    fn limits_of_arguments_hold_at_their_edges() {
        let accepted = |pattern: &str, conditions: usize| {
            run(pattern, None, "$A ~ a\n".repeat(conditions), "a".to_owned()).is_ok()
        };
        assert!(accepted("f($A)", MAX_CONDITIONS) && !accepted("f($A)", MAX_CONDITIONS + 1));
        let long = |length: usize| accepted(&"a".repeat(length), 0);
        assert!(long(MAX_PATTERN_BYTES) && !long(MAX_PATTERN_BYTES + 1));
        let ellipses = |count: usize| accepted(&format!("f({})", vec!["$$$"; count].join(", ")), 0);
        assert!(ellipses(MAX_ELLIPSES) && !ellipses(MAX_ELLIPSES + 1));
    }

    #[test]
    fn rows_and_texts_end_at_their_limits() {
        let found = |count: usize| data("f()", None, "f();".repeat(count));
        assert_eq!(found(MAX_MATCHES + 1).matches.len(), MAX_MATCHES);
        assert_eq!((found(MAX_MATCHES).count, found(MAX_MATCHES + 1).count), (MAX_MATCHES, MAX_MATCHES + 1));
        let text = |length: usize| {
            data("f($A)", None, format!("f({})", "a".repeat(length - 3)))
                .matches
                .pop()
                .map(|row| row.text.chars().count())
        };
        assert_eq!(
            (text(MAX_SHOWN_CHARS), text(MAX_SHOWN_CHARS + 1)),
            (Some(MAX_SHOWN_CHARS), Some(MAX_SHOWN_CHARS + 1))
        );
        assert!(
            data("f($A)", None, format!("f({})", "a".repeat(MAX_SHOWN_CHARS)))
                .matches
                .iter()
                .all(|row| row.text.ends_with('\u{2026}'))
        );
    }

    #[test]
    fn replacements_end_at_their_limit() {
        let written = |length: usize| {
            data("f($A)", Some("$A"), format!("f({})", "a".repeat(length - 3)))
                .matches
                .pop()
                .and_then(|row| row.replacement)
                .is_some()
        };
        assert!(written(MAX_REPLACEMENT_BYTES / 2) && !written(MAX_REPLACEMENT_BYTES / 2 + 1));
    }

    #[test]
    fn diffs_end_at_their_limit() {
        // One line out, one in, and the headers of file and hunk.
        let length = |size: usize| data("f($A)", Some("g()"), format!("f({})\n", "a".repeat(size))).diff.len();
        let around = length(1) - 1;
        assert_eq!(length(MAX_DIFF_BYTES - around), MAX_DIFF_BYTES);
        assert_eq!(length(MAX_DIFF_BYTES - around + 1), 0);
    }
}
