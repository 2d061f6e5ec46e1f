//! The rules that cost more than a worker has on odd files, and the files they are kept from.
//!
//! Ruff writes the fixes of most of them with libcst, a second parser, which overflows the stack at a tenth of the depth
//! that ruff bears, and takes the body of a block with it. A rule cannot be asked for a finding without its fix, so in
//! the few files beyond these limits those rules are off, and the report says so. Of 23,000 files of popular packages,
//! about a hundred are beyond.

use crate::support::nesting::{NESTED, Weights};
use ruff_linter::RuleSelector;
use ruff_linter::settings::rule_table::RuleTable;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{ModModule, Stmt};
use ruff_python_parser::Parsed;
use ruff_text_size::Ranged;
use std::str::FromStr;

/// The rules, as selectors: those that use libcst, and PLW0127, which compares every target with every other.
pub(super) const RULES: [&str; 9] =
    ["C4", "PLW0127", "PT018", "RUF010", "SIM102", "SIM117", "SIM300", "UP026", "UP030"];

/// Heaviest expression: libcst overflows at 180, a chain of 90 calls.
const MAX_EXPRESSION_WEIGHT: usize = 20 * NESTED;

/// Deepest block: libcst overflows at about 150, and takes cubic time for nested `if`s.
const MAX_BLOCK_DEPTH: usize = 25;

/// Most targets of one assignment: PLW0127 takes quadratic memory for them.
const MAX_TARGETS: usize = 16;

/// Longest block that SIM102 or SIM117 would merge with the one in it, in bytes: libcst takes a thousand times as much
/// memory.
const MAX_MERGED_BYTES: u32 = 16 * 1024;

/// Whether a text is beyond these limits.
pub(super) fn is_beyond(parsed: &Parsed<ModModule>, weights: Weights, block_depth: usize) -> bool {
    if weights.expression > MAX_EXPRESSION_WEIGHT || weights.targets > MAX_TARGETS || block_depth > MAX_BLOCK_DEPTH {
        return true;
    }
    let mut merged = Merged { longest: 0 };
    merged.visit_body(parsed.suite());
    merged.longest > MAX_MERGED_BYTES
}

/// The same rules without those.
pub(super) fn without_rules(table: &RuleTable) -> RuleTable {
    let mut table = table.clone();
    for rule in RULES.iter().filter_map(|selector| RuleSelector::from_str(selector).ok()).flat_map(|s| s.all_rules()) {
        table.disable(rule);
    }
    table
}

// The longest `if` or `with` that holds nothing but another one.
struct Merged {
    longest: u32,
}

impl<'a> StatementVisitor<'a> for Merged {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let bodies: Vec<&[Stmt]> = match stmt {
            Stmt::If(outer) => {
                std::iter::once(&*outer.body).chain(outer.elif_else_clauses.iter().map(|c| &*c.body)).collect()
            }
            Stmt::With(outer) => vec![&outer.body],
            _ => Vec::new(),
        };
        if bodies.iter().any(|body| matches!(body, [Stmt::If(_) | Stmt::With(_)])) {
            self.longest = self.longest.max(stmt.range().len().to_u32());
        }
        walk_stmt(self, stmt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::nesting::{block_depth, weights};
    use ruff_python_ast::PySourceType;
    use ruff_python_parser::parse_unchecked_source;

    fn beyond(source: &str) -> bool {
        let parsed = parse_unchecked_source(source, PySourceType::Python);
        is_beyond(&parsed, weights(source), block_depth(source))
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let chain = |links: usize| format!("x = a{}\n", ".b".repeat(links));
        assert!(!beyond(&chain(MAX_EXPRESSION_WEIGHT)));
        assert!(beyond(&chain(MAX_EXPRESSION_WEIGHT + 1)));
        let blocks = |depth: usize| {
            let heads: Vec<String> = (0..=depth).map(|at| format!("{}if x:\n", " ".repeat(at))).collect();
            format!("{}{}y\n", heads.concat(), " ".repeat(depth + 1))
        };
        assert!(!beyond(&("x = ".repeat(MAX_TARGETS) + "1\n")));
        assert!(beyond(&("x = ".repeat(MAX_TARGETS + 1) + "1\n")));
        assert!(!beyond(&blocks(MAX_BLOCK_DEPTH - 1)));
        assert!(beyond(&blocks(MAX_BLOCK_DEPTH)));
        let lines = MAX_MERGED_BYTES as usize / 4;
        assert!(beyond(&format!("if a:\n if b:\n{}", "  c\n".repeat(lines))));
        assert!(!beyond(&format!("if a:\n if b:\n  c\n d\n{}", " c\n".repeat(lines))));
    }

    #[test]
    fn the_rules_are_known_to_ruff() {
        let all: RuleTable = RuleSelector::All.all_rules().collect();
        let without = without_rules(&all);
        assert_eq!(RULES.iter().filter(|selector| RuleSelector::from_str(selector).is_ok()).count(), RULES.len());
        assert!(all.iter_enabled().count() - without.iter_enabled().count() > 20);
    }
}
