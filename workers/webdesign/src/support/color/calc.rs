//! Arithmetic in colours: `calc()`, `min()`, `max()`, `clamp()`, `abs()`, `sign()` over numbers, percentages and angles
//! (CSS Values and Units Module Level 4).

use super::parse::{ColorError, Reader};
use crate::support::css_tokens::Kind;

/// Deepest nesting of an expression; keeps recursion shallow.
const MAX_DEPTH: usize = 32;

/// A number with what it counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quantity {
    pub(super) value: f64,
    pub(super) unit: Unit,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Number,
    Percent,
    /// Degrees.
    Angle,
}

/// Math functions of the standard that are not calculated here.
const OTHER_FUNCTIONS: [&str; 15] =
    ["round", "mod", "rem", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "pow", "sqrt", "hypot", "log", "exp"];

/// Degrees of an angle with this unit.
pub(super) fn degrees(value: f64, unit: &str) -> Option<f64> {
    let degrees = match unit.to_ascii_lowercase().as_str() {
        "deg" => value,
        "grad" => value * 0.9,
        "rad" => value.to_degrees(),
        "turn" => value * 360.0,
        _ => return None,
    };
    Some(degrees)
}

/// The value of a function whose name was just read; the reader then stands behind its parenthesis.
pub(super) fn function(reader: &mut Reader<'_>, name: &str, depth: usize) -> Result<Quantity, ColorError> {
    if depth > MAX_DEPTH {
        return Err(ColorError::Invalid("its arithmetic nests too deep"));
    }
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "calc" => {
            let value = sum(reader, depth)?;
            reader.close()?;
            Ok(value)
        }
        "min" | "max" | "clamp" | "abs" | "sign" => {
            let arguments = arguments(reader, depth)?;
            apply(&name, &arguments).ok_or(ColorError::Invalid("a math function has the wrong arguments"))
        }
        _ if OTHER_FUNCTIONS.contains(&name.as_str()) => {
            Err(ColorError::Unresolved("arithmetic beyond calc(), min(), max(), clamp(), abs() and sign()"))
        }
        "env" | "attr" | "if" | "var" | "sibling-index" | "sibling-count" | "random" => {
            Err(ColorError::Unresolved("a value that only the page knows"))
        }
        _ => Err(ColorError::Invalid("a component is no number, percentage, angle or none")),
    }
}

fn arguments(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<Quantity>, ColorError> {
    let mut values = vec![sum(reader, depth)?];
    while reader.take(',') {
        values.push(sum(reader, depth)?);
    }
    reader.close()?;
    Ok(values)
}

fn apply(name: &str, arguments: &[Quantity]) -> Option<Quantity> {
    let first = *arguments.first()?;
    if arguments.iter().any(|argument| argument.unit != first.unit) {
        return None;
    }
    let fold = |pick: fn(f64, f64) -> f64| arguments.iter().map(|it| it.value).reduce(pick).unwrap_or_default();
    let value = match (name, arguments) {
        ("min", _) => fold(f64::min),
        ("max", _) => fold(f64::max),
        ("clamp", [low, middle, high]) => middle.value.min(high.value).max(low.value),
        ("abs", [only]) => only.value.abs(),
        ("sign", [only]) => {
            let value = if only.value == 0.0 { 0.0 } else { only.value.signum() };
            return Some(Quantity { value, unit: Unit::Number });
        }
        _ => return None,
    };
    Some(Quantity { value, unit: first.unit })
}

fn sum(reader: &mut Reader<'_>, depth: usize) -> Result<Quantity, ColorError> {
    let mut left = product(reader, depth)?;
    while let Some(sign) = reader.spaced_sign() {
        let right = product(reader, depth)?;
        if left.unit != right.unit {
            return Err(ColorError::Invalid("a sum mixes numbers, percentages or angles"));
        }
        left.value += sign * right.value;
    }
    Ok(left)
}

fn product(reader: &mut Reader<'_>, depth: usize) -> Result<Quantity, ColorError> {
    let mut left = factor(reader, depth)?;
    loop {
        if reader.take('*') {
            let right = factor(reader, depth)?;
            let ((unit, Unit::Number) | (Unit::Number, unit)) = (left.unit, right.unit) else {
                return Err(ColorError::Invalid("a product of two quantities that both have units"));
            };
            left = Quantity { value: left.value * right.value, unit };
        } else if reader.take('/') {
            let right = factor(reader, depth)?;
            let unit = match (left.unit, right.unit) {
                (unit, Unit::Number) => unit,
                (above, below) if above == below => Unit::Number,
                _ => return Err(ColorError::Invalid("a division by a quantity with another unit")),
            };
            left = Quantity { value: left.value / right.value, unit };
        } else {
            return Ok(left);
        }
    }
}

fn factor(reader: &mut Reader<'_>, depth: usize) -> Result<Quantity, ColorError> {
    let token = reader.next().ok_or(ColorError::Invalid("its arithmetic ends early"))?;
    let (value, unit) = match token.kind {
        Kind::Number(value) => (value, Unit::Number),
        Kind::Percentage(value) => (value, Unit::Percent),
        Kind::Dimension(value, _) => {
            let degrees = degrees(value, &token.unit());
            (degrees.ok_or(ColorError::Unresolved("arithmetic with lengths or other units"))?, Unit::Angle)
        }
        Kind::Symbol('(') if depth < MAX_DEPTH => {
            let inner = sum(reader, depth + 1)?;
            reader.close()?;
            (inner.value, inner.unit)
        }
        Kind::Function => {
            let inner = function(reader, &token.name(), depth + 1)?;
            (inner.value, inner.unit)
        }
        Kind::Ident => match token.name().to_ascii_lowercase().as_str() {
            "e" => (std::f64::consts::E, Unit::Number),
            "pi" => (std::f64::consts::PI, Unit::Number),
            "infinity" => (f64::INFINITY, Unit::Number),
            "-infinity" => (f64::NEG_INFINITY, Unit::Number),
            "nan" => (f64::NAN, Unit::Number),
            _ => return Err(ColorError::Invalid("a word in arithmetic")),
        },
        _ => return Err(ColorError::Invalid("its arithmetic is malformed")),
    };
    Ok(Quantity { value, unit })
}
