//! Smells of tests: of `it` and `test` as jest, vitest, mocha and others have them, in files that are tests by their name.

use super::super::table as rules;
use super::Lint;
use oxc_ast::AstKind;
use oxc_ast::ast::{Argument, CallExpression, Expression};
use oxc_semantic::NodeId;
use oxc_span::{GetSpan, Span};
use std::collections::BTreeSet;

/// Whether a file is one of tests.
pub(super) fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let within = path.split('/').rev().skip(1).any(|folder| matches!(folder, "__tests__" | "test" | "tests" | "spec"));
    within || name.split('.').any(|part| matches!(part, "test" | "spec")) || name.starts_with("test")
}

// A test or a group of them.
struct Case {
    span: Span,
    head: Span,
    body: Option<Span>,
    title: Option<String>,
    is_test: bool,
    focused: bool,
    skipped: bool,
}

/// Looks for smells.
pub(super) fn look(lint: &mut Lint<'_, '_>, path: &str) {
    if !is_test(path) {
        return;
    }
    let cases: Vec<(NodeId, Case)> = lint
        .nodes
        .iter()
        .filter_map(|node| match node.kind() {
            AstKind::CallExpression(call) => case_of(call).map(|case| (node.id(), case)),
            _ => None,
        })
        .collect();
    let bodies: Vec<Span> = cases.iter().filter(|(_, case)| case.is_test).filter_map(|(_, case)| case.body).collect();
    let mut asserted = BTreeSet::new();
    let mut hits = Vec::new();
    for node in lint.nodes.iter() {
        let kind = node.kind();
        let span = kind.span();
        let Some(body) = innermost(&bodies, span) else { continue };
        match kind {
            AstKind::CallExpression(call) => {
                let name = root_name(&call.callee);
                if is_assertion(&name) {
                    asserted.insert(body.start);
                    let conditional = lint.around(node.id()).take_while(|kind| kind.span() != body).any(|kind| {
                        matches!(
                            kind,
                            AstKind::IfStatement(_)
                                | AstKind::CatchClause(_)
                                | AstKind::SwitchCase(_)
                                | AstKind::ConditionalExpression(_)
                        )
                    });
                    if conditional && name == "expect" {
                        hits.push((&rules::NO_CONDITIONAL_EXPECT, span, "the expectation may never run".to_owned()));
                    }
                }
                if name == "setTimeout"
                    && lint
                        .nodes
                        .ancestor_kinds(node.id())
                        .take(6)
                        .any(|kind| matches!(kind, AstKind::NewExpression(it) if it.callee.is_specific_id("Promise")))
                    || matches!(name.as_str(), "sleep" | "delay")
                {
                    hits.push((&rules::NO_SLEEP, span, "a test waits for a time, not for what it tests".to_owned()));
                }
            }
            AstKind::ThrowStatement(_) => {
                asserted.insert(body.start);
            }
            _ => {}
        }
    }
    let mut titles: BTreeSet<(u32, bool, String)> = BTreeSet::new();
    let mut groups: Vec<(u32, u32)> = Vec::new();
    for (_, case) in &cases {
        while groups.last().is_some_and(|(_, end)| *end <= case.span.start) {
            groups.pop();
        }
        if case.focused {
            hits.push((&rules::NO_FOCUSED_TESTS, case.head, "the other tests of the file do not run".to_owned()));
        }
        if case.is_test && !case.skipped && case.body.is_some_and(|body| !asserted.contains(&body.start)) {
            hits.push((&rules::EXPECT_EXPECT, case.head, "the test asserts nothing".to_owned()));
        }
        if let Some(title) = &case.title {
            let group = groups.last().map(|(start, _)| *start).unwrap_or_default();
            if !titles.insert((group, case.is_test, title.clone())) {
                hits.push((
                    &rules::NO_IDENTICAL_TITLE,
                    case.head,
                    format!("`{}` is the title of another, too", octavo_toolkit::limits::excerpt(title)),
                ));
            }
        }
        if let Some(body) = case.body.filter(|_| !case.is_test) {
            groups.push((case.span.start, body.end));
        }
    }
    for (rule, span, message) in hits {
        lint.hit(rule, span, message);
    }
}

fn innermost(bodies: &[Span], span: Span) -> Option<Span> {
    // In source order: the last that begins before it, and those around.
    let after = bodies.partition_point(|body| body.start <= span.start);
    bodies.iter().take(after).rev().take(8).find(|body| span.end <= body.end).copied()
}

fn case_of(call: &CallExpression<'_>) -> Option<Case> {
    let (name, head) = match &call.callee {
        Expression::Identifier(name) => (name.name.to_string(), name.span),
        Expression::StaticMemberExpression(member) => match &member.object {
            Expression::Identifier(name) => (format!("{}.{}", name.name, member.property.name), member.span),
            _ => return None,
        },
        _ => return None,
    };
    let (base, modifier) = name.split_once('.').unwrap_or((&name, ""));
    let (bare, focused, skipped) = match base {
        "fit" | "fdescribe" => (base.strip_prefix('f')?, true, false),
        "xit" | "xtest" | "xdescribe" => (base.strip_prefix('x')?, false, true),
        _ => (base, modifier == "only", matches!(modifier, "skip" | "todo")),
    };
    if !matches!(bare, "it" | "test" | "specify" | "describe" | "context" | "suite")
        || !matches!(modifier, "" | "only" | "skip" | "todo" | "concurrent" | "serial")
    {
        return None;
    }
    let title = match call.arguments.first()? {
        Argument::StringLiteral(text) => Some(text.value.to_string()),
        Argument::TemplateLiteral(text) => text.single_quasi().map(|text| text.to_string()),
        _ => None,
    };
    let body = call.arguments.iter().skip(1).find_map(|argument| match argument {
        Argument::ArrowFunctionExpression(function) => Some(function.span),
        Argument::FunctionExpression(function) => Some(function.span),
        _ => None,
    });
    let is_test = matches!(bare, "it" | "test" | "specify");
    Some(Case { span: call.span, head, body, title, is_test, focused, skipped })
}

// The name at the root of a callee: `expect` of `expect(a).to.be(b)`.
fn root_name(callee: &Expression<'_>) -> String {
    let mut at = callee;
    loop {
        at = match at {
            Expression::StaticMemberExpression(it) => &it.object,
            Expression::ComputedMemberExpression(it) => &it.object,
            Expression::CallExpression(it) => &it.callee,
            Expression::AwaitExpression(it) => &it.argument,
            Expression::Identifier(name) => return name.name.to_string(),
            _ => return String::new(),
        };
    }
}

fn is_assertion(name: &str) -> bool {
    let lower = name.to_lowercase();
    ["expect", "assert", "should", "verify", "check"].iter().any(|word| lower.starts_with(word))
        || matches!(name, "t" | "done" | "fail")
}
