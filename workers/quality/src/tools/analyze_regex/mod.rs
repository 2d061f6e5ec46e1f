//! Judges regular expressions: how slow a string can make them, what would be as good, and where else they work.
//!
//! Owns arguments, rows and findings. [`parse`] reads, [`automaton`] finds what is ambiguous, [`attack`] measures it with
//! [`matcher`], [`rewrite`] proposes, [`portability`] compares dialects, [`extract`] finds expressions in sources.

mod attack;
mod automaton;
mod escape;
mod extract;
mod matcher;
mod parse;
mod portability;
mod program;
mod rewrite;
mod rules;
mod set;

pub use attack::{Attack, MEASURE_STEPS, SEARCH_STEPS};
pub use automaton::{MAX_EDGES, MAX_STATES, MAX_SYMBOLS};
pub use parse::{Dialect, MAX_GROUP_DEPTH};
pub use program::MAX_INSTRUCTIONS;

use super::measure_complexity::MAX_SCRIPT_BYTES;
use crate::support::language::Language;
use crate::support::walk::Budget;
use attack::{Expression, Growth, Judgement, judge};
use extract::Found;
use octavo_toolkit::input::check_files;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::report::Edit;
use octavo_toolkit::{Ctx, Finding, LineIndex, Range, Report, SourceFile, Tool, ToolError, declare_tool};
use portability::Portability;
use rules::{DIFFERS, EXPONENTIAL, POLYNOMIAL, SYNTAX, UNPORTABLE};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

declare_tool! {
    /// Judges regular expressions: proves slow ones by a string and its measured steps, proposes a rewrite, and says what another
    /// dialect does not have.
    ///
    /// **Use it** before an expression meets text from outside, in review of one, or when code moves to another language.
    ///
    /// **ReDoS.** The automaton of the expression is searched for ambiguities: two ways for one word back to a state are exponential, a
    /// chain of loops on one word polynomial. What it shows is tried on a backtracking matcher with lookaround,
    /// references and atomic groups, and only what was measured is reported: with the string (prefix, what is repeated, suffix) and the
    /// steps it took. The search of an expression that is not anchored counts: `\s+$` is quadratic. RE2 and Rust are linear by design.
    ///
    /// **Rewrite.** Only one that matches the same, with the same captures, and that was judged faster.
    ///
    /// **Portability.** The first of `dialects` is that of the patterns, JavaScript where there is none; for each other one: what is missing there, and what means something else.
    ///
    /// **Limits.** 500 expressions of 4,000 bytes; groups nested 100 deep. Sources in Go, Java, JavaScript, TypeScript, Python, Rust.
    ///
    /// **Output.** A row for each expression, findings for what is slow, wrong, or not portable.
    pub struct AnalyzeRegex;
    name: "analyze_regex",
    title: "Analyze regexes",
    summary: "Finds slow regexes (ReDoS) with attack string and rewrite; checks portability.",
    keywords: "regex regexp redos catastrophic backtracking denial of service slow pattern safe-regex recheck attack string exponential polynomial portability pcre re2 python javascript rust java lookbehind convert regex dialect",
    examples: [
        "nested repetition" => r#"{"patterns":["/^(\\w+\\s?)+$/","/^(a+)+$/"]}"#,
        "to another dialect" => r#"{"patterns":["(?<=a)b++\\d"],"dialects":["pcre","re2","python"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "expressions put together at run time",
        "optimizations of single engines, which may make a reported string fast",
        "Unicode properties exactly: letters of any script stand for them",
    ],
}

/// Most expressions judged in one call.
pub const MAX_PATTERNS: usize = 500;
/// Most dialects: the expressions' own, and as many as there are to port to.
pub const MAX_DIALECTS: usize = 7;
/// Longest expression, in bytes.
pub const MAX_PATTERN_BYTES: usize = 4_000;
/// Steps that the judgements of one call may take in all; what is left is not judged.
pub const MAX_CALL_COST: u64 = 120_000_000;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Or `/x/flags`.
    #[serde(default)]
    patterns: Vec<String>,
    /// Own, then targets: javascript, pcre, python, re2, rust, java.
    #[serde(default)]
    dialects: Vec<String>,
    /// Code.
    #[serde(default)]
    files: Vec<SourceFile>,
}

/// The expressions.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Data {
    /// One each, in order.
    pub expressions: Vec<Row>,
}

/// An expression.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Row {
    /// Its text.
    pub pattern: String,
    /// Its flags.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub flags: String,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The line in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// `linear`, `polynomial`, `exponential`, or `invalid`.
    pub growth: &'static str,
    /// Of the polynomial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub degree: Option<u32>,
    /// The string on which it is slow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attack: Option<Attack>,
    /// Matches the same, faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<String>,
    /// Why it may be worse than said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<&'static str>,
}

// An expression to judge, and where it stands.
struct Subject<'s> {
    found: Found,
    place: Option<(&'s str, Range)>,
}

impl Tool for AnalyzeRegex {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_items("/patterns", &input.patterns, MAX_PATTERNS)?;
        check_items("/dialects", &input.dialects, MAX_DIALECTS)?;
        let dialects = dialects(&input.dialects)?;
        let (own, targets) = dialects.split_first().map_or((Dialect::default(), &[][..]), |(own, rest)| (*own, rest));
        check_files("/files", &input.files)?;
        if input.patterns.is_empty() && input.files.is_empty() {
            return Err(ToolError::invalid("/patterns", "is missing", "expressions, or sources in `files`"));
        }
        let mut subjects = Vec::new();
        for (at, pattern) in input.patterns.iter().enumerate() {
            check_bytes(&format!("/patterns/{at}"), pattern, MAX_PATTERN_BYTES)?;
            subjects.push(Subject { found: bare(pattern, own), place: None });
        }
        let mut left_out = Vec::new();
        let budget = Budget::default();
        for file in &input.files {
            from_file(file, &budget, &mut subjects, &mut left_out);
        }
        let mut data = Data::default();
        let mut findings = Vec::new();
        let mut cost = 0;
        let mut known = BTreeMap::new();
        let over = subjects.len().saturating_sub(MAX_PATTERNS);
        for subject in subjects.iter().take(MAX_PATTERNS) {
            if cost > MAX_CALL_COST {
                left_out.push(format!(
                    "{} expressions, for the budget of the call was spent",
                    subjects.len() - data.expressions.len()
                ));
                break;
            }
            let row = judged(subject, targets, &mut findings, &mut cost, &mut known);
            data.expressions.push(row);
        }
        if over > 0 {
            left_out.push(format!("{over} expressions beyond {MAX_PATTERNS}"));
        }
        let slow = data.expressions.iter().filter(|row| row.attack.is_some()).count();
        let summary = format!("{} judged, {slow} of them slow", plural(data.expressions.len(), "expression"));
        let mut report = Report::checked(findings, data).with_summary(summary).over_files(input.files.len().max(1));
        for what in left_out.into_iter().take(20) {
            report = report.not_checked(what);
        }
        Ok(report)
    }
}

// `/x/flags` is a literal of JavaScript, and how PHP writes its own.
fn dialects(names: &[String]) -> Result<Vec<Dialect>, ToolError> {
    let one = |(at, name): (usize, &String)| {
        let accepted = "javascript, pcre, python, re2, rust or java";
        Dialect::of(name).ok_or_else(|| ToolError::invalid(format!("/dialects/{at}"), "is no dialect", accepted))
    };
    names.iter().enumerate().map(one).collect()
}

fn bare(text: &str, dialect: Dialect) -> Found {
    let literal = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).filter(|(pattern, flags)| {
        !pattern.is_empty()
            && matches!(dialect, Dialect::Javascript | Dialect::Pcre)
            && flags.bytes().all(|byte| byte.is_ascii_alphabetic())
            && flags.len() <= 8
    });
    let (pattern, flags) = literal.unwrap_or((text, ""));
    Found {
        pattern: pattern.to_owned(),
        flags: flags.to_owned(),
        dialect,
        anchored: false,
        span: 0..0,
        literal: literal.is_some(),
    }
}

fn from_file<'s>(file: &'s SourceFile, budget: &Budget, subjects: &mut Vec<Subject<'s>>, left_out: &mut Vec<String>) {
    let found = Language::of_path(&file.path)
        .filter(|language| *language != Language::C && file.source.len() <= MAX_SCRIPT_BYTES)
        .and_then(|language| extract::extract(language, &file.source, budget).ok());
    let Some(found) = found else {
        left_out.push(format!("{}, which is not read", file.path));
        return;
    };
    let index = LineIndex::new(&file.source);
    for one in found {
        if one.pattern.len() > MAX_PATTERN_BYTES {
            left_out.push(format!("an expression over {MAX_PATTERN_BYTES} bytes in {}", file.path));
            continue;
        }
        let range = index.range(one.span.clone());
        subjects.push(Subject { found: one, place: Some((&file.path, range)) });
    }
}

// What was found out about an expression; the same one often stands in several places.
struct Verdict {
    judgement: Judgement,
    rewrite: Option<String>,
}

// By pattern, flags, dialect, and whether it is anchored.
type Known<'s> = BTreeMap<(&'s str, &'s str, Dialect, bool), Verdict>;

fn verdict(found: &Found, expression: &Expression) -> Verdict {
    let judgement = judge(expression);
    let (flags, anchored) = (&found.flags, found.anchored);
    let rewrite = (judgement.growth != Growth::Linear)
        .then(|| rewrite::rewritten(&found.pattern, flags, found.dialect, anchored, judgement.growth))
        .flatten();
    Verdict { judgement, rewrite: rewrite.map(|(pattern, _)| pattern) }
}

fn judged<'s>(
    subject: &'s Subject<'_>,
    targets: &[Dialect],
    findings: &mut Vec<Finding>,
    cost: &mut u64,
    known: &mut Known<'s>,
) -> Row {
    let found = &subject.found;
    let mut row = Row {
        pattern: found.pattern.clone(),
        flags: found.flags.clone(),
        path: subject.place.as_ref().map(|(path, _)| (*path).to_owned()),
        line: subject.place.as_ref().map(|(_, range)| range.start.line),
        growth: "linear",
        ..Row::default()
    };
    let mut report = |finding: Finding| {
        let placed = match &subject.place {
            Some((path, range)) => finding.in_file(*path).at(*range),
            None => finding,
        };
        findings.push(placed);
    };
    let shown = excerpt(&found.pattern);
    let expression = match Expression::read(&found.pattern, &found.flags, found.dialect, found.anchored) {
        Ok(expression) => expression,
        Err(fault) => {
            row.growth = "invalid";
            let column = found.pattern.get(..fault.at).unwrap_or_default().chars().count() + 1;
            report(Finding::new(&SYNTAX, format!("`{shown}`: {} at character {column}", fault.what)));
            return row;
        }
    };
    for target in targets {
        for (feature, span) in &expression.parsed.features {
            let part = excerpt(found.pattern.get(span.clone()).unwrap_or_default());
            let what = portability::name(*feature);
            match portability::of(*feature, found.dialect, *target) {
                Portability::Same => {}
                Portability::Missing => {
                    report(Finding::new(&UNPORTABLE, format!("`{shown}`: {} has no {what} (`{part}`)", target.name())));
                }
                Portability::Differs(how) => {
                    report(Finding::new(&DIFFERS, format!("`{shown}` in {}: {what} (`{part}`): {how}", target.name())));
                }
            }
        }
    }
    row.doubt = expression.parsed.unread.map(|_| "it has what is not judged: conditions, recursion or verbs");
    if found.dialect.is_linear() {
        return row;
    }
    let key = (found.pattern.as_str(), found.flags.as_str(), found.dialect, found.anchored);
    let Verdict { judgement, rewrite } = known.entry(key).or_insert_with(|| verdict(found, &expression));
    *cost += 200_000;
    row.doubt = row.doubt.or(judgement.doubt);
    let (rule, what) = match judgement.growth {
        Growth::Linear => return row,
        Growth::Polynomial(degree) => {
            row.growth = "polynomial";
            row.degree = Some(degree);
            let word = match degree {
                2 => "the square".to_owned(),
                3 => "the cube".to_owned(),
                more => format!("the power of {more}"),
            };
            (&POLYNOMIAL, format!("its time grows with {word} of the length"))
        }
        Growth::Exponential => {
            row.growth = "exponential";
            (&EXPONENTIAL, "its time doubles, or more, with each repetition".to_owned())
        }
    };
    *cost += 4 * SEARCH_STEPS;
    row.rewrite.clone_from(rewrite);
    if let Some(attack) = &judgement.attack {
        let text = attack_text(attack);
        let (times, steps) = attack.steps.last().map_or((0, 0), |[times, steps]| (*times, *steps));
        let advice = row.rewrite.as_ref().map_or_else(String::new, |rewrite| format!("; write `{}`", excerpt(rewrite)));
        let mut finding =
            Finding::new(rule, format!("`{shown}`: {what}: {steps} steps at n = {times} on {text}{advice}"));
        if let (Some(rewrite), Some((_, range)), true) = (&row.rewrite, &subject.place, found.literal) {
            let edit = Edit { range: *range, new_text: format!("/{rewrite}/{}", found.flags) };
            finding = finding.with_fix("Match the same in linear time", vec![edit]);
        }
        report(finding);
        row.attack = Some(attack.clone());
    }
    row
}

// As JavaScript and Python people write it.
fn attack_text(attack: &Attack) -> String {
    let quoted = |text: &str| {
        let plain: String = text
            .chars()
            .flat_map(|c| {
                if octavo_toolkit::limits::is_invisible(c) || c == '"' || c == '\\' {
                    c.escape_default().collect::<String>()
                } else {
                    c.to_string()
                }
                .chars()
                .collect::<Vec<_>>()
            })
            .collect();
        format!("\"{plain}\"")
    };
    let mut parts = Vec::new();
    if !attack.prefix.is_empty() {
        parts.push(quoted(&attack.prefix));
    }
    parts.push(format!("{} n times", quoted(&attack.pump)));
    if !attack.suffix.is_empty() {
        parts.push(quoted(&attack.suffix));
    }
    parts.join(" + ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(pattern: &str) -> Row {
        let input = Input { patterns: vec![pattern.to_owned()], ..Input::default() };
        let report = AnalyzeRegex.run(input, &Ctx::silent()).expect("accepted");
        report.data().and_then(|data| data.expressions.first()).cloned().expect("a row")
    }

    #[test]
    fn growth_is_told_as_theory_has_it() {
        for (pattern, growth) in [
            ("^(a+)+$", "exponential"),
            ("^(a|a)*$", "exponential"),
            ("^(a|aa)+$", "exponential"),
            ("(a*)*b", "exponential"),
            ("^(\\w+\\s?)+$", "exponential"),
            ("^(?:(?:a?)*)*$", "exponential"),
            ("^(?=(a+)+$)", "exponential"),
            ("^(.|\\n)*x", "linear"),
            ("^(.|[a-z])*x", "exponential"),
            ("(a+)+", "linear"),
            ("^(a+)+", "linear"),
            ("^(?:a+b)+$", "linear"),
            ("\\s+$", "polynomial"),
            ("^\\s+$", "linear"),
            ("^a*a*$", "polynomial"),
            ("a*b", "polynomial"),
            ("\\b\\w+x", "linear"),
            ("\\ba[\\w-]*x", "polynomial"),
            ("^(a{1,20}){1,20}b", "linear"),
            ("(?<=a+)b", "polynomial"),
            ("^(a*)\\1$", "polynomial"),
            ("^\\d{1,3}(,\\d{3})*$", "linear"),
            ("^(a+)+(?:)", "linear"),
            ("^(?:a+)+[^]*$", "linear"),
        ] {
            assert_eq!(row(pattern).growth, growth, "{pattern}: {:?}", row(pattern).attack);
        }
        assert_eq!(row("^a*a*a*$").degree, Some(3));
        assert_eq!(row("/a*b/y").growth, "linear");
    }

    #[test]
    fn rewrites_are_those_that_match_the_same() {
        for (pattern, expected) in [
            ("^(a+)+$", Some("^(a+)$")),
            ("^(?:a*)+$", Some("^a*$")),
            ("^(a*)*$", None),
            ("^(?:a|b+)*$", Some("^(?:a|b)*$")),
            ("^(?:\\w|\\d)*$", Some("^(?:\\w)*$")),
            ("^\\s*\\s*$", Some("^\\s*$")),
            ("\\s+$", Some("(?<!\\s)\\s+$")),
            ("/\\s+$/g", Some("(?<!\\s)\\s+$")),
            ("/a+b?/g", None),
            ("^(a|aa)+$", None),
        ] {
            assert_eq!(row(pattern).rewrite.as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let run = |patterns: Vec<String>| AnalyzeRegex.run(Input { patterns, ..Input::default() }, &Ctx::silent());
        assert!(
            run(vec!["a".repeat(MAX_PATTERN_BYTES)]).is_ok() && run(vec!["a".repeat(MAX_PATTERN_BYTES + 1)]).is_err()
        );
        assert!(
            run(vec!["a".to_owned(); MAX_PATTERNS]).is_ok() && run(vec!["a".to_owned(); MAX_PATTERNS + 1]).is_err()
        );
        let many = |count: usize| {
            let (patterns, dialects) = (vec!["a".to_owned()], vec!["re2".to_owned(); count]);
            AnalyzeRegex.run(Input { patterns, dialects, ..Input::default() }, &Ctx::silent())
        };
        assert!(many(MAX_DIALECTS).is_ok() && many(MAX_DIALECTS + 1).is_err());
        // Counts are cut down where the instructions would be too many, and it is said.
        let counted = |count: usize| row(&format!("^(?:a{{{count}}})$")).doubt;
        assert_eq!(
            (counted(MAX_INSTRUCTIONS - 3), counted(MAX_INSTRUCTIONS - 2)),
            (Some("its automaton is too large"), Some("it counts too far"))
        );
        // One state for each character and one for the start and the search.
        let states = |count: usize| row(&format!("^a{{{count}}}b*$")).doubt;
        assert_eq!((states(MAX_STATES - 3), states(MAX_STATES)), (None, Some("its automaton is too large")));
        let letters = |count: u32| (0..count).filter_map(|at| char::from_u32(0x4e00 + at * 2)).collect::<String>();
        let symbols = u32::try_from(MAX_SYMBOLS).expect("small");
        assert_eq!(
            (row(&letters(symbols - 1)).doubt, row(&letters(symbols)).doubt),
            (None, Some("its automaton is too large"))
        );
    }
}
