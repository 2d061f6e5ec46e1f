//! Halstead's measures as radon 6.0.1 takes them from the syntax tree.
//!
//! Operators are the words of arithmetic, comparison and logic alone; operands are what stands beside them. Two operands are
//! one when Python finds their names or values equal (`1 == 1.0 == True`) and the same function is around; any other
//! expression is an operand of its own. Decorators, defaults and annotations of a function are outside of it.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, Number, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged as _;
use serde::Serialize;
use std::collections::BTreeSet;

/// Halstead's measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct Halstead {
    /// Distinct operators (h1).
    pub distinct_operators: usize,
    /// Distinct operands (h2).
    pub distinct_operands: usize,
    /// All operators (N1).
    pub operators: usize,
    /// All operands (N2).
    pub operands: usize,
    /// Bits.
    pub volume: f64,
    /// How hard to write.
    pub difficulty: f64,
    /// Volume times difficulty.
    pub effort: f64,
}

/// What has been counted.
#[derive(Debug, Default)]
pub(super) struct Counts<'a> {
    operators: usize,
    operands: usize,
    operators_seen: BTreeSet<&'static str>,
    operands_seen: BTreeSet<(Option<&'a str>, Operand<'a>)>,
}

/// An operand, equal to another where Python says so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Operand<'a> {
    /// A name, an attribute's name, or a string.
    Text(&'a str),
    Bytes(Vec<u8>),
    /// A number in one spelling.
    Number(String),
    None,
    Ellipsis,
    /// A string whose escapes are not read here, as it is written.
    Written(&'a str),
    /// Anything else, by its place: it equals itself alone.
    Place(u32, u32),
}

/// Counts a module.
pub(super) fn of_module<'a>(body: &'a [Stmt], source: &'a str) -> Counts<'a> {
    count(body, None, source)
}

/// Counts the body of a function.
pub(super) fn of_function<'a>(definition: &'a StmtFunctionDef, source: &'a str) -> Counts<'a> {
    count(&definition.body, Some(&definition.name), source)
}

fn count<'a>(body: &'a [Stmt], context: Option<&'a str>, source: &'a str) -> Counts<'a> {
    let mut counter = Counter { counts: Counts::default(), context, source };
    counter.visit_body(body);
    counter.counts
}

impl Counts<'_> {
    /// The measures, exact to the last bit of a double.
    #[expect(clippy::cast_precision_loss, reason = "counts of a file of at most 1 MiB")]
    pub(super) fn measures(&self) -> Halstead {
        let (h1, h2) = (self.operators_seen.len(), self.operands_seen.len());
        let (n1, n2) = (self.operators, self.operands);
        let vocabulary = h1 + h2;
        let volume = if vocabulary == 0 { 0.0 } else { (n1 + n2) as f64 * log2(vocabulary as f64) };
        let difficulty = if h2 == 0 { 0.0 } else { (h1 * n2) as f64 / (2 * h2) as f64 };
        Halstead {
            distinct_operators: h1,
            distinct_operands: h2,
            operators: n1,
            operands: n2,
            volume,
            difficulty,
            effort: difficulty * volume,
        }
    }
}

impl Halstead {
    /// The same with two decimals.
    pub(super) fn rounded(self) -> Self {
        let Self { volume, difficulty, effort, .. } = self;
        Self {
            volume: super::rounded(volume),
            difficulty: super::rounded(difficulty),
            effort: super::rounded(effort),
            ..self
        }
    }
}

// As Python's `math.log(x, 2)` divides.
fn log2(x: f64) -> f64 {
    x.ln() / 2.0_f64.ln()
}

struct Counter<'a> {
    counts: Counts<'a>,
    context: Option<&'a str>,
    source: &'a str,
}

impl<'a> Counter<'a> {
    fn take(&mut self, operators: impl IntoIterator<Item = &'static str>, operands: &[&'a Expr]) {
        for operator in operators {
            self.counts.operators += 1;
            self.counts.operators_seen.insert(operator);
        }
        for operand in operands {
            self.counts.operands += 1;
            let operand = self.operand(operand);
            self.counts.operands_seen.insert((self.context, operand));
        }
    }

    fn operand(&self, expression: &'a Expr) -> Operand<'a> {
        let range = expression.range();
        let place = Operand::Place(range.start().to_u32(), range.end().to_u32());
        match expression {
            Expr::Name(name) => Operand::Text(&name.id),
            Expr::Attribute(attribute) => Operand::Text(&attribute.attr),
            Expr::StringLiteral(string) => {
                let written = self.source.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default();
                // Names of characters and halves of surrogate pairs are not read.
                let unread =
                    ["\\N{", "\\ud", "\\uD", "\\U0000d", "\\U0000D"].iter().any(|escape| written.contains(escape));
                if unread { Operand::Written(written) } else { Operand::Text(string.value.to_str()) }
            }
            Expr::BytesLiteral(bytes) => Operand::Bytes(bytes.value.bytes().collect()),
            Expr::NumberLiteral(number) => number_of(&number.value),
            Expr::BooleanLiteral(boolean) => Operand::Number(u8::from(boolean.value).to_string()),
            Expr::NoneLiteral(_) => Operand::None,
            Expr::EllipsisLiteral(_) => Operand::Ellipsis,
            _ => place,
        }
    }
}

// Whole numbers as such, however they are written; others by their bits.
fn number_of<'a>(number: &Number) -> Operand<'a> {
    let text = match number {
        Number::Int(int) => {
            int.as_u64().map_or_else(|| int.to_string().to_ascii_lowercase(), |small| small.to_string())
        }
        Number::Float(float) => real(*float),
        Number::Complex { real: part, imag } if *imag == 0.0 => real(*part),
        Number::Complex { real: part, imag } => format!("{}+{}j", real(*part), real(*imag)),
    };
    Operand::Number(text)
}

fn real(float: f64) -> String {
    // Rust writes a float without an exponent and, if it is whole, without a fraction, exactly.
    if float.is_finite() { format!("{float}") } else { "inf".to_owned() }
}

impl<'a> Visitor<'a> for Counter<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(definition) => {
                let outer = self.context.replace(&definition.name);
                self.visit_body(&definition.body);
                self.context = outer;
                return;
            }
            Stmt::AugAssign(assign) => self.take([assign.op.dunder()], &[&assign.target, &assign.value]),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::BinOp(operation) => self.take([operation.op.dunder()], &[&operation.left, &operation.right]),
            Expr::UnaryOp(operation) => self.take([unary(operation.op)], &[&operation.operand]),
            Expr::BoolOp(operation) => {
                self.take([operation.op.as_str()], &operation.values.iter().collect::<Vec<_>>());
            }
            Expr::Compare(comparison) => {
                let operands = comparison.comparators.iter().chain([&*comparison.left]).collect::<Vec<_>>();
                self.take(comparison.ops.iter().map(|op| op.as_str()), &operands);
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

fn unary(operator: ruff_python_ast::UnaryOp) -> &'static str {
    match operator {
        ruff_python_ast::UnaryOp::Invert => "~",
        ruff_python_ast::UnaryOp::Not => "not",
        ruff_python_ast::UnaryOp::UAdd => "unary +",
        ruff_python_ast::UnaryOp::USub => "unary -",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ruff_python_parser::parse_module;

    #[test]
    fn counts_as_radon_does() {
        for (source, expected) in [
            ("", [0, 0, 0, 0]),
            ("x = 1", [0, 0, 0, 0]),
            ("x + x", [1, 1, 1, 2]),
            ("x + 1; y - 1.0; z * True", [3, 4, 3, 6]),
            ("x + 'x'; a.x + b''", [1, 2, 2, 4]),
            ("(a, b) + (a, b)", [1, 2, 1, 2]),
            ("a < b <= c", [2, 3, 2, 3]),
            ("a and b and c or -d", [3, 6, 3, 6]),
            ("x += 1\nx + 1", [1, 2, 2, 4]),
            ("a + b\ndef f():\n  return a + b\n", [1, 4, 2, 4]),
            ("@d(a + b)\ndef f(x=a + b): pass", [0, 0, 0, 0]),
            ("'\\N{DASH}' + '\\N{DOT}'", [1, 2, 1, 2]),
        ] {
            let parsed = parse_module(source).expect("Python");
            let found = of_module(parsed.suite(), source).measures();
            let found = [found.distinct_operators, found.distinct_operands, found.operators, found.operands];
            assert_eq!(found, expected, "{source}");
        }
    }
}
