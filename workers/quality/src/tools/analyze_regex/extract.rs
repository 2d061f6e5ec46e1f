//! Finds the regular expressions of a source: literals and the arguments of the functions that compile them.

use super::parse::Dialect;
use crate::support::ecma;
use crate::support::language::{Engine, Language};
use crate::support::walk::Budget;
use crate::support::{Outcome, walk};
use oxc_ast::ast::{CallExpression, Expression, NewExpression, RegExpLiteral};
use oxc_ast_visit::Visit;
use oxc_ast_visit::walk as oxc_walk;
use oxc_span::{GetSpan, Span};
use std::ops::Range;
use tree_sitter::Node;

/// An expression in a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) pattern: String,
    pub(super) flags: String,
    pub(super) dialect: Dialect,
    /// Only the start of a text is tried.
    pub(super) anchored: bool,
    pub(super) span: Range<usize>,
    /// A literal of the language, whose text is the pattern.
    pub(super) literal: bool,
}

/// All expressions of a source.
pub(super) fn extract(language: Language, source: &str, budget: &Budget) -> Result<Vec<Found>, Outcome> {
    match language.engine() {
        Engine::Oxc(kind) => ecma::with_program(kind, source, |program| {
            let mut collector = Collector { source, found: Vec::new() };
            collector.visit_program(program);
            collector.found
        })
        .map(|(_, found)| found),
        Engine::TreeSitter(table) => {
            let tree = walk::tree(table, source, budget)?;
            let mut found = Vec::new();
            walk::every_node(&tree, |node| {
                found.extend(call(language, node, source));
                true
            });
            Ok(found)
        }
    }
}

struct Collector<'s> {
    source: &'s str,
    found: Vec<Found>,
}

impl Collector<'_> {
    fn built(&mut self, callee: &Expression<'_>, arguments: &[oxc_ast::ast::Argument<'_>], span: Span) {
        if !matches!(callee, Expression::Identifier(name) if name.name == "RegExp") {
            return;
        }
        let text = |at: usize| match arguments.get(at).and_then(|argument| argument.as_expression()) {
            Some(Expression::StringLiteral(literal)) => Some(literal.value.to_string()),
            Some(Expression::TemplateLiteral(literal)) if literal.expressions.is_empty() => {
                literal.quasis.first().and_then(|quasi| quasi.value.cooked.as_ref()).map(ToString::to_string)
            }
            _ => None,
        };
        if let Some(pattern) = text(0) {
            let flags = text(1).unwrap_or_default();
            self.push(pattern, flags, span, false);
        }
    }

    fn push(&mut self, pattern: String, flags: String, span: Span, literal: bool) {
        let span = span.start as usize..span.end as usize;
        self.found.push(Found { pattern, flags, dialect: Dialect::Javascript, anchored: false, span, literal });
    }
}

impl<'a> Visit<'a> for Collector<'_> {
    fn visit_reg_exp_literal(&mut self, it: &RegExpLiteral<'a>) {
        let text = self.source.get(it.span.start as usize..it.span.end as usize).unwrap_or_default();
        if let Some((pattern, flags)) = text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
            self.push(pattern.to_owned(), flags.to_owned(), it.span, true);
        }
    }

    fn visit_new_expression(&mut self, it: &NewExpression<'a>) {
        self.built(&it.callee, &it.arguments, it.arguments.first().map_or(it.span, GetSpan::span));
        oxc_walk::walk_new_expression(self, it);
    }

    fn visit_call_expression(&mut self, it: &CallExpression<'a>) {
        self.built(&it.callee, &it.arguments, it.arguments.first().map_or(it.span, GetSpan::span));
        oxc_walk::walk_call_expression(self, it);
    }
}

const PYTHON: [&str; 11] = [
    "compile",
    "match",
    "fullmatch",
    "search",
    "sub",
    "subn",
    "split",
    "findall",
    "finditer",
    "template",
    "prefixmatch",
];
const GO: [&str; 6] = ["Compile", "MustCompile", "CompilePOSIX", "MustCompilePOSIX", "MatchString", "Match"];

fn call(language: Language, node: Node<'_>, source: &str) -> Option<Found> {
    let text = |node: Node<'_>| source.get(node.byte_range()).unwrap_or_default();
    let (dialect, anchored, arguments) = match (language, node.kind()) {
        (Language::Python, "call") => {
            let name = text(node.child_by_field_name("function")?).strip_prefix("re.")?;
            PYTHON.contains(&name).then_some(())?;
            (
                Dialect::Python,
                matches!(name, "match" | "fullmatch" | "prefixmatch"),
                node.child_by_field_name("arguments")?,
            )
        }
        (Language::Go, "call_expression") => {
            let name = text(node.child_by_field_name("function")?).strip_prefix("regexp.")?;
            GO.contains(&name).then_some(())?;
            (Dialect::Re2, false, node.child_by_field_name("arguments")?)
        }
        (Language::Rust, "call_expression") => {
            let name = text(node.child_by_field_name("function")?);
            (name.ends_with("Regex::new") || name.ends_with("RegexBuilder::new")).then_some(())?;
            (Dialect::Rust, false, node.child_by_field_name("arguments")?)
        }
        (Language::Java, "method_invocation") => {
            let object = node.child_by_field_name("object").map(text)?;
            let name = text(node.child_by_field_name("name")?);
            (object.ends_with("Pattern") && matches!(name, "compile" | "matches")).then_some(())?;
            (Dialect::Java, name == "matches", node.child_by_field_name("arguments")?)
        }
        _ => return None,
    };
    let first = arguments.named_child(0)?;
    let pattern = string_of(language, first, source)?;
    let rest = source.get(first.end_byte()..arguments.end_byte()).unwrap_or_default();
    Some(Found { pattern, flags: flags_in(rest), dialect, anchored, span: first.byte_range(), literal: false })
}

// Flags that stand as constants behind the pattern.
fn flags_in(arguments: &str) -> String {
    let words: Vec<&str> = arguments.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let named = [
        ('i', &["IGNORECASE", "I", "CASE_INSENSITIVE"][..]),
        ('m', &["MULTILINE", "M"]),
        ('s', &["DOTALL", "S"]),
        ('x', &["VERBOSE", "X", "COMMENTS"]),
    ];
    named
        .into_iter()
        .filter(|(_, names)| names.iter().any(|name| words.contains(name)))
        .map(|(letter, _)| letter)
        .collect()
}

fn string_of(language: Language, node: Node<'_>, source: &str) -> Option<String> {
    let text = source.get(node.byte_range())?;
    match (language, node.kind()) {
        (Language::Python, "string") => {
            let quote = text.find(['"', '\''])?;
            let (prefix, rest) = text.split_at_checked(quote)?;
            let prefix = prefix.to_ascii_lowercase();
            let mark = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|mark| rest.starts_with(mark))?;
            let inner = rest.strip_prefix(mark)?.strip_suffix(mark)?;
            match (prefix.contains('f'), prefix.contains('r')) {
                (true, _) => None,
                (_, true) => Some(inner.to_owned()),
                (_, false) => Some(unescaped(inner)),
            }
        }
        (Language::Go, "raw_string_literal") => text.strip_prefix('`')?.strip_suffix('`').map(str::to_owned),
        (Language::Rust, "raw_string_literal") => {
            let rest = text.strip_prefix('r')?;
            let hashes = rest.len() - rest.trim_start_matches('#').len();
            rest.get(hashes + 1..rest.len().checked_sub(hashes + 1)?).map(str::to_owned)
        }
        (Language::Go, "interpreted_string_literal") | (Language::Rust | Language::Java, "string_literal") => {
            text.strip_prefix('"')?.strip_suffix('"').map(unescaped)
        }
        _ => None,
    }
}

// The usual escapes; one that is none of them keeps its backslash, as Python does.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        if next != '\\' {
            out.push(next);
            continue;
        }
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(quoted @ ('\\' | '"' | '\'')) => out.push(quoted),
            Some('\n') => {}
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, source: &str) -> Vec<String> {
        let found = extract(Language::of_path(path).expect("known"), source, &Budget::default()).expect("read");
        found
            .into_iter()
            .map(|one| format!("/{}/{}{}", one.pattern, one.flags, if one.anchored { " anchored" } else { "" }))
            .collect()
    }

    #[test]
    fn expressions_are_found_in_each_language() {
        assert_eq!(
            found("a.ts", "f(/a\\/b/gi, new RegExp('\\\\d', 'u'), RegExp(`x`), new RegExp(y));"),
            ["/a\\/b/gi", "/\\d/u", "/x/"]
        );
        assert_eq!(
            found("a.py", "re.match(r'a\\d', x)\nre.compile('''b\\\\w''', re.I | re.VERBOSE)\nre.sub(f'{x}', y)\n"),
            ["/a\\d/ anchored", "/b\\w/ix"]
        );
        assert_eq!(
            found("a.go", "package a\nvar b = regexp.MustCompile(`\\d+`)\nvar c = regexp.MustCompile(\"\\\\w\")\n"),
            ["/\\d+/", "/\\w/"]
        );
        assert_eq!(
            found("a.rs", "fn a() { Regex::new(r#\"a\"b\"#); regex::Regex::new(\"\\\\d\"); }"),
            ["/a\"b/", "/\\d/"]
        );
        assert_eq!(
            found("A.java", "class A { Object a = Pattern.compile(\"\\\\d+\", Pattern.CASE_INSENSITIVE); }"),
            ["/\\d+/i"]
        );
    }
}
