//! Conditions beside a pattern: of the text or kind of a variable, of what is around a match and within it.

use super::grammar::{Grammar, Text};
use ast_grep_core::language::Language as _;
use ast_grep_core::meta_var::MetaVarEnv;
use ast_grep_core::{Matcher, Node, Pattern};
use octavo_toolkit::ToolError;
use octavo_toolkit::limits::check_bytes;
use regex_lite::Regex;
use std::borrow::Cow;

/// Most conditions.
pub const MAX_CONDITIONS: usize = 20;
/// Longest pattern, condition or rewrite, in bytes.
pub const MAX_PATTERN_BYTES: usize = 4_000;
/// Longest text of conditions, in bytes.
pub(super) const MAX_WHERE_BYTES: usize = 80_000;
/// Most variables of several nodes in one pattern: each may double the work where they nest.
pub const MAX_ELLIPSES: usize = 10;
/// Most nodes that conditions may look at within matches, in one call.
pub const MAX_VISITS: usize = 2_000_000;

const ACCEPTED: &str = "`$X ~ regex`, `$X !~ regex`, `$X is kind`, `$X is not kind`, `selector kind`, and `[not] inside` or `[not] has` with a pattern";

const CODE: &str = "code of the files' language, such as `f($A, $$$)`";

/// A condition as it is written.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) line: usize,
    pub(super) what: What,
}

/// All conditions.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    pub(super) list: Vec<Condition>,
    /// The kind of node that is searched, where it is not the whole pattern.
    pub(super) selector: Option<String>,
}

#[derive(Debug)]
pub(super) enum What {
    /// The text of a variable.
    Like { variable: String, regex: Regex, wanted: bool },
    /// The kind of a variable's node.
    Kind { variable: String, kind: String, wanted: bool },
    /// A pattern around the match, or within it.
    Near { pattern: String, within: bool, wanted: bool },
}

impl Condition {
    /// The variable that it is about.
    pub(super) fn variable(&self) -> Option<&str> {
        match &self.what {
            What::Like { variable, .. } | What::Kind { variable, .. } => Some(variable),
            What::Near { .. } => None,
        }
    }
}

/// Reads conditions, one a line.
pub(super) fn read(text: &str) -> Result<Conditions, ToolError> {
    check_bytes("/where", text, MAX_WHERE_BYTES)?;
    let mut read = Conditions::default();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        check_bytes("/where", line, MAX_PATTERN_BYTES)?;
        let line = line.trim();
        if let Some(kind) = line.strip_prefix("selector ") {
            read.selector = Some(kind.trim().to_owned());
            continue;
        }
        let what = what(line)
            .ok_or_else(|| ToolError::invalid("/where", format!("line {} is no condition", at + 1), ACCEPTED))?;
        if let What::Near { pattern, .. } = &what {
            check_pattern("/where", pattern)?;
        }
        read.list.push(Condition { line: at + 1, what });
    }
    if read.list.len() > MAX_CONDITIONS {
        return Err(ToolError::too_large("/where", read.list.len(), MAX_CONDITIONS, "conditions"));
    }
    Ok(read)
}

/// Checks the limits of a pattern.
pub(super) fn check_pattern(pointer: &str, pattern: &str) -> Result<(), ToolError> {
    check_bytes(pointer, pattern, MAX_PATTERN_BYTES)?;
    let ellipses = pattern.matches("$$$").count();
    if ellipses > MAX_ELLIPSES {
        return Err(ToolError::too_large(pointer, ellipses, MAX_ELLIPSES, "times `$$$`"));
    }
    Ok(())
}

fn what(text: &str) -> Option<What> {
    for (words, within, wanted) in
        [("not inside ", false, false), ("not has ", true, false), ("inside ", false, true), ("has ", true, true)]
    {
        if let Some(pattern) = text.strip_prefix(words) {
            return Some(What::Near { pattern: pattern.trim().to_owned(), within, wanted });
        }
    }
    let rest = text.strip_prefix('$')?;
    let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))?;
    let (name, rest) = rest.split_at(end);
    let (variable, rest) = ((!name.is_empty()).then(|| name.to_owned())?, rest.trim_start());
    for (sign, wanted) in [("!~", false), ("~", true)] {
        if let Some(regex) = rest.strip_prefix(sign) {
            return Regex::new(regex.trim()).ok().map(|regex| What::Like { variable, regex, wanted });
        }
    }
    let kind = rest.strip_prefix("is ")?.trim();
    let (kind, wanted) = kind.strip_prefix("not ").map_or((kind, true), |kind| (kind.trim(), false));
    Some(What::Kind { variable, kind: kind.to_owned(), wanted })
}

/// What of the arguments is wrong in a language.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) pointer: &'static str,
    pub(super) what: String,
    pub(super) accepted: &'static str,
}

/// A pattern and its conditions in one language.
pub(super) struct Rule<'c> {
    pub(super) pattern: Pattern,
    tests: Vec<Test<'c>>,
}

enum Test<'c> {
    Like(&'c str, &'c Regex, bool),
    Kind(&'c str, u16, bool),
    Near(Pattern, bool, bool),
}

impl<'c> Rule<'c> {
    /// Makes it for a language; what is wrong with which argument where it cannot be.
    pub(super) fn new(grammar: Grammar, pattern: &str, conditions: &'c Conditions) -> Result<Self, Wrong> {
        let of = |text: &str, selector: Option<&String>| {
            let made = match selector {
                Some(selector) => Pattern::contextual(text, selector, grammar),
                None => Pattern::try_new(text, grammar),
            };
            made.map_err(|error| reason(&error))
        };
        let wrong = |what: &str| Wrong { pointer: "/pattern", what: what.to_owned(), accepted: CODE };
        let pattern = of(pattern, conditions.selector.as_ref()).map_err(wrong)?;
        let mut tests = Vec::new();
        for condition in &conditions.list {
            let wrong = |what: &str| Wrong {
                pointer: "/where",
                what: format!("line {} {what}", condition.line),
                accepted: "kinds of the grammar such as `identifier`, and code of the files' language",
            };
            tests.push(match &condition.what {
                What::Like { variable, regex, wanted } => Test::Like(variable, regex, *wanted),
                What::Kind { variable, kind, wanted } => match grammar.kind_to_id(kind) {
                    0 => return Err(wrong("names a kind of node that the grammar does not have")),
                    id => Test::Kind(variable, id, *wanted),
                },
                What::Near { pattern, within, wanted } => {
                    Test::Near(of(pattern, None).map_err(wrong)?, *within, *wanted)
                }
            });
        }
        // Patterns that must be there may bind variables of those that must not.
        tests.sort_by_key(|test| match test {
            Test::Near(_, within, true) => u8::from(*within),
            Test::Near(_, _, false) => 2,
            Test::Like(..) | Test::Kind(..) => 3,
        });
        Ok(Self { pattern, tests })
    }

    /// The variables that a match binds.
    pub(super) fn variables(&self) -> std::collections::BTreeSet<String> {
        let near = self.tests.iter().filter_map(|test| match test {
            Test::Near(pattern, _, true) => Some(pattern),
            _ => None,
        });
        std::iter::once(&self.pattern).chain(near).flat_map(Pattern::defined_vars).map(str::to_owned).collect()
    }

    /// The variables of a node that matches; `around` are the nodes around it, the outermost first, and `visits` counts what
    /// conditions look at.
    pub(super) fn matched<'t>(
        &self,
        node: &Node<'t, Text>,
        around: &[Node<'t, Text>],
        visits: &mut usize,
    ) -> Option<MetaVarEnv<'t, Text>> {
        let mut bound = Cow::Owned(MetaVarEnv::new());
        self.pattern.match_node_with_env(node.clone(), &mut bound)?;
        let mut bound = bound.into_owned();
        for test in &self.tests {
            let holds = match test {
                Test::Like(variable, regex, wanted) => {
                    bound.get_match(variable).is_none_or(|node| regex.is_match(&node.text()) == *wanted)
                }
                Test::Kind(variable, kind, wanted) => {
                    bound.get_match(variable).is_none_or(|node| (node.kind_id() == *kind) == *wanted)
                }
                Test::Near(pattern, within, wanted) => {
                    let found = if *within {
                        find(pattern, node.dfs().skip(1), &bound, visits)
                    } else {
                        find(pattern, around.iter().rev().cloned(), &bound, visits)
                    };
                    let holds = found.is_some() == *wanted;
                    bound = found.unwrap_or(bound);
                    holds
                }
            };
            if !holds {
                return None;
            }
        }
        Some(bound)
    }
}

// The variables once a pattern is found among nodes.
fn find<'t>(
    pattern: &Pattern,
    nodes: impl Iterator<Item = Node<'t, Text>>,
    bound: &MetaVarEnv<'t, Text>,
    visits: &mut usize,
) -> Option<MetaVarEnv<'t, Text>> {
    for node in nodes {
        *visits += 1;
        if *visits > MAX_VISITS {
            return None;
        }
        let mut tried = Cow::Borrowed(bound);
        if pattern.match_node_with_env(node, &mut tried).is_some() {
            return Some(tried.into_owned());
        }
    }
    None
}

fn reason(error: &ast_grep_core::PatternError) -> &'static str {
    use ast_grep_core::PatternError as Error;
    match error {
        Error::Parse(_) => "nests too deeply",
        Error::NoContent(_) => "is empty",
        Error::MultipleNode(_) => "is more than one node: take one statement or expression, or add a selector",
        Error::RootMultiMetaVar(_) => "is `$$$` alone, which stands in lists only",
        Error::InvalidKind(_) => "has a selector that is no kind of node of the grammar",
        Error::NoSelectorInContext { .. } => "has no node of the selector's kind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::language::Language;
    use ast_grep_core::AstGrep;

    #[test]
    fn conditions_are_read() {
        for right in ["$X ~ ^a", "$X1!~b", "$X is identifier", "$X_Y is not string", "inside f($A)", "not has g($$$)"] {
            assert!(read(right).is_ok(), "{right}");
        }
        for wrong in ["$ ~ a", "$x ~ a", "$X", "$X ~ (", "X ~ a", "within f()", "$X = a"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nodes_are_looked_at_up_to_the_limit() {
        let grammar = Grammar(Language::JavaScript);
        let conditions = read("has g()").expect("read");
        let rule = Rule::new(grammar, "f($A)", &conditions).expect("made");
        let root =
            AstGrep::doc(Text::parse("f(g())", grammar, &crate::support::walk::Budget::default()).expect("parsed"));
        let call = root.root().dfs().find(|node| node.kind() == "call_expression").expect("a call");
        // `f`, the arguments, the bracket, and then the call.
        let found = |left: usize| rule.matched(&call, &[], &mut (MAX_VISITS - left)).is_some();
        assert!(found(4) && !found(3));
    }
}
