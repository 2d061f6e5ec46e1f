//! What an untagged plain word means (YAML 1.1 as the Go readers have it), and what tags make of words.

use super::{Dialect, Value};

/// What a plain word means.
pub(super) fn resolve(word: &str, dialect: Dialect) -> Value {
    if let Some(value) = named(word, dialect) {
        return value;
    }
    let number = match word.as_bytes().first() {
        Some(b'.') => float(word),
        Some(b'+' | b'-' | b'0'..=b'9') => number(word),
        _ => None,
    };
    number.unwrap_or_else(|| Value::Text(word.to_owned()))
}

/// What a word means under one of YAML's own tags (`str`, `int`, ...); `None` where it cannot be that.
pub(super) fn tagged(word: &str, tag: &str, is_plain: bool, dialect: Dialect) -> Option<Value> {
    let natural = resolve(word, dialect);
    match (tag, natural) {
        ("null", _) if !is_plain && word.is_empty() => Some(Value::Null),
        ("null", Value::Null) => Some(Value::Null),
        ("bool", value @ Value::Bool(_)) | ("int", value @ Value::Int(_)) | ("float", value @ Value::Float(_)) => {
            Some(value)
        }
        #[expect(clippy::cast_precision_loss, reason = "the tag asks for a float")]
        ("float", Value::Int(whole)) => Some(Value::Float(whole as f64)),
        ("bool" | "int" | "float" | "null" | "map" | "seq" | "set" | "omap", _) => None,
        _ => Some(Value::Text(word.to_owned())),
    }
}

fn named(word: &str, dialect: Dialect) -> Option<Value> {
    Some(match word {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Value::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Value::Float(f64::NEG_INFINITY),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" if dialect == Dialect::Kubernetes => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" if dialect == Dialect::Kubernetes => Value::Bool(false),
        _ => return None,
    })
}

fn number(word: &str) -> Option<Value> {
    let plain = if word.contains('_') { word.replace('_', "") } else { word.to_owned() };
    integer(&plain).map(Value::Int).or_else(|| if is_decimal(&plain) { float(&plain) } else { None })
}

// A whole number of 64 bits with Go's prefixes: 0x, 0b, 0o, and 0 alone for octal.
fn integer(word: &str) -> Option<i128> {
    let (negative, digits) = match word.as_bytes().first()? {
        b'-' => (true, word.get(1..)?),
        b'+' => (false, word.get(1..)?),
        _ => (false, word),
    };
    let (radix, digits) = match (digits.get(..2), digits.get(2..)) {
        (Some("0x" | "0X"), Some(rest)) => (16, rest),
        (Some("0b" | "0B"), Some(rest)) => (2, rest),
        (Some("0o" | "0O"), Some(rest)) => (8, rest),
        (Some(two), _) if two.starts_with('0') => (8, digits),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| char::from(byte).is_digit(radix)) {
        return None;
    }
    let size = i128::from(u64::from_str_radix(digits, radix).ok()?);
    let value = if negative { -size } else { size };
    let fits = value >= i128::from(i64::MIN) && (!word.starts_with('+') || value <= i128::from(i64::MAX));
    fits.then_some(value)
}

// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal(word: &str) -> bool {
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = word.strip_prefix(['-', '+']).unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digits = if whole.is_empty() { !fraction.is_empty() } else { true };
    has_digits && all_digits(whole) && all_digits(fraction) && exponent.is_none_or(|e| !e.is_empty() && all_digits(e))
}

fn float(word: &str) -> Option<Value> {
    if !is_decimal(word) {
        return None;
    }
    word.parse::<f64>().ok().filter(|value| value.is_finite()).map(Value::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_what_go_readers_make_of_them() {
        let both = |word| (resolve(word, Dialect::Kubernetes), resolve(word, Dialect::Compose));
        for (word, value) in [
            ("", Value::Null),
            ("~", Value::Null),
            ("True", Value::Bool(true)),
            ("010", Value::Int(8)),
            ("0o10", Value::Int(8)),
            ("0x1F", Value::Int(31)),
            ("-0b11", Value::Int(-3)),
            ("1_000", Value::Int(1000)),
            ("+12", Value::Int(12)),
            ("18446744073709551615", Value::Int(18_446_744_073_709_551_615)),
            ("-9223372036854775808", Value::Int(-9_223_372_036_854_775_808)),
            ("99999999999999999999", Value::Float(1e20)),
            ("08", Value::Float(8.0)),
            ("1.10", Value::Float(1.1)),
            ("1e3", Value::Float(1000.0)),
            (".5", Value::Float(0.5)),
            ("5.", Value::Float(5.0)),
            ("-.inf", Value::Float(f64::NEG_INFINITY)),
        ] {
            assert_eq!(both(word), (value.clone(), value), "{word}");
        }
        for word in ["1e", "1.2.3", "0x", "-", "+", ".", "22:22", "2001-12-14", "1e400", "0b2", "1k", "\u{661}", "+.5e"]
        {
            let text = Value::Text(word.to_owned());
            assert_eq!(both(word), (text.clone(), text), "{word}");
        }
        for (word, value) in [("yes", true), ("Off", false), ("y", true), ("N", false)] {
            assert_eq!(both(word), (Value::Bool(value), Value::Text(word.to_owned())), "{word}");
        }
    }

    #[test]
    fn tags_ask_for_a_type() {
        let tagged = |word, tag| tagged(word, tag, true, Dialect::Kubernetes);
        assert_eq!(tagged("5", "str"), Some(Value::Text("5".to_owned())));
        assert_eq!(tagged("5", "float"), Some(Value::Float(5.0)));
        assert_eq!(tagged("yes", "bool"), Some(Value::Bool(true)));
        assert_eq!(tagged("a", "int"), None);
        assert_eq!(tagged("aGk=", "binary"), Some(Value::Text("aGk=".to_owned())));
    }
}
