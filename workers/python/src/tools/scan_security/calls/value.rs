//! What an argument is when it is written out, as far as the checks ask.

use ruff_python_ast::{Expr, Number};

/// An argument: a name and an attribute count as their last word, as do `True`, `False` and `None`.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Word(&'a str),
    Text(String),
    Int(i64),
    Other,
}

impl Value<'_> {
    pub(super) fn of(expr: &Expr) -> Value<'_> {
        match expr {
            Expr::Attribute(attribute) => Value::Word(attribute.attr.as_str()),
            Expr::Name(name) => Value::Word(name.id.as_str()),
            Expr::StringLiteral(literal) => Value::Text(literal.value.to_str().to_owned()),
            Expr::BooleanLiteral(literal) => Value::Word(if literal.value { "True" } else { "False" }),
            Expr::NoneLiteral(_) => Value::Word("None"),
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(int) => int.as_i64().map_or(Value::Other, Value::Int),
                Number::Float(_) | Number::Complex { .. } => Value::Other,
            },
            _ => Value::Other,
        }
    }

    /// Its word or text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Value::Word(word) => Some(word),
            Value::Text(text) => Some(text),
            Value::Int(_) | Value::Other => None,
        }
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text() == Some(text)
    }
}

/// Whether a keyword's value counts as true; what is computed does.
pub(super) fn is_truthy(expr: &Expr) -> bool {
    match expr {
        Expr::BooleanLiteral(literal) => literal.value,
        Expr::NoneLiteral(_) => false,
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(int) => int.as_i64() != Some(0),
            Number::Float(float) => *float != 0.0,
            Number::Complex { real, imag } => *real != 0.0 || *imag != 0.0,
        },
        Expr::StringLiteral(literal) => !literal.value.is_empty(),
        Expr::List(list) => !list.elts.is_empty(),
        Expr::Dict(dict) => !dict.items.is_empty(),
        _ => true,
    }
}
