//! Whether an expression always has the same value, as `ESLint` decides it.

use super::Lint;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, AssignmentOperator, BinaryOperator, Expression, LogicalOperator, UnaryOperator,
};

impl Lint<'_, '_> {
    /// Whether it does; of its truth alone, if `truth` is all that counts.
    pub(super) fn is_constant(&self, it: &Expression<'_>, truth: bool) -> bool {
        match it {
            Expression::BooleanLiteral(_)
            | Expression::NullLiteral(_)
            | Expression::NumericLiteral(_)
            | Expression::BigIntLiteral(_)
            | Expression::RegExpLiteral(_)
            | Expression::StringLiteral(_)
            | Expression::ArrowFunctionExpression(_)
            | Expression::FunctionExpression(_)
            | Expression::ClassExpression(_)
            | Expression::ObjectExpression(_) => true,
            Expression::TemplateLiteral(it) => {
                truth && it.quasis.iter().any(|part| part.value.cooked.as_ref().is_some_and(|text| !text.is_empty()))
                    || it.expressions.iter().all(|part| self.is_constant(part, false))
            }
            Expression::ArrayExpression(it) => {
                truth
                    || it.elements.iter().all(|element| match element {
                        ArrayExpressionElement::SpreadElement(spread) => self.is_constant(&spread.argument, false),
                        ArrayExpressionElement::Elision(_) => true,
                        other => other.as_expression().is_some_and(|value| self.is_constant(value, false)),
                    })
            }
            Expression::UnaryExpression(it) => match it.operator {
                UnaryOperator::Void => true,
                UnaryOperator::Typeof if truth => true,
                UnaryOperator::LogicalNot => self.is_constant(&it.argument, true),
                _ => self.is_constant(&it.argument, false),
            },
            Expression::BinaryExpression(it) => {
                it.operator != BinaryOperator::In
                    && self.is_constant(&it.left, false)
                    && self.is_constant(&it.right, false)
            }
            Expression::LogicalExpression(it) => {
                let (left, right) = (self.is_constant(&it.left, truth), self.is_constant(&it.right, truth));
                left && (right || decides(&it.left, it.operator)) || truth && right && decides(&it.right, it.operator)
            }
            Expression::NewExpression(_) => truth,
            Expression::AssignmentExpression(it) => match it.operator {
                AssignmentOperator::Assign => self.is_constant(&it.right, truth),
                AssignmentOperator::LogicalOr if truth => decides(&it.right, LogicalOperator::Or),
                AssignmentOperator::LogicalAnd if truth => decides(&it.right, LogicalOperator::And),
                _ => false,
            },
            Expression::SequenceExpression(it) => {
                it.expressions.last().is_some_and(|last| self.is_constant(last, truth))
            }
            Expression::CallExpression(it) => {
                let is_boolean = matches!(&it.callee, Expression::Identifier(name) if name.name == "Boolean" && self.is_global(name));
                is_boolean
                    && match it.arguments.first() {
                        None => true,
                        Some(Argument::SpreadElement(_)) => false,
                        Some(argument) => argument.as_expression().is_some_and(|value| self.is_constant(value, true)),
                    }
            }
            Expression::Identifier(name) => name.name == "undefined" && self.is_global(name),
            _ => false,
        }
    }
}

const fn settles(truth: bool, operator: LogicalOperator) -> bool {
    match operator {
        LogicalOperator::Or => truth,
        LogicalOperator::And => !truth,
        LogicalOperator::Coalesce => false,
    }
}

// Whether a side decides a logical operation whatever the other is.
fn decides(it: &Expression<'_>, operator: LogicalOperator) -> bool {
    match it {
        Expression::BooleanLiteral(literal) => settles(literal.value, operator),
        Expression::NumericLiteral(literal) => settles(literal.value != 0.0, operator),
        Expression::BigIntLiteral(literal) => settles(!literal.is_zero(), operator),
        Expression::StringLiteral(literal) => settles(!literal.value.is_empty(), operator),
        Expression::RegExpLiteral(_) => settles(true, operator),
        Expression::NullLiteral(_) => settles(false, operator),
        Expression::UnaryExpression(it) => operator == LogicalOperator::And && it.operator == UnaryOperator::Void,
        Expression::LogicalExpression(it) => {
            it.operator == operator && (decides(&it.left, operator) || decides(&it.right, operator))
        }
        Expression::AssignmentExpression(it) => match it.operator {
            AssignmentOperator::LogicalOr => operator == LogicalOperator::Or && decides(&it.right, operator),
            AssignmentOperator::LogicalAnd => operator == LogicalOperator::And && decides(&it.right, operator),
            _ => false,
        },
        _ => false,
    }
}
