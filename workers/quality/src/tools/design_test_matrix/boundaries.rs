//! Values at the edges of a range: the last ones inside, the first ones outside, one in the middle.

use super::model::{Choice, Parameter};
use octavo_toolkit::ToolError;

/// Most digits of a number in a range, so that sums of two cannot overflow.
const MAX_DIGITS: usize = 18;

const ACCEPTED: &str = "a name and a range such as \"age=0..120\" or \"price=0.00..99.99\", its step behind a slash if it is not the last digit";

/// The parameter of a range such as `age=0..120` or `size=0..1024/64`; out-of-range values are negative.
pub(super) fn parameter(pointer: &str, text: &str) -> Result<Parameter, ToolError> {
    let invalid = |problem: &str| ToolError::invalid(pointer, problem, ACCEPTED);
    let (name, range) = text.split_once('=').ok_or_else(|| invalid("is no name with a range"))?;
    let (range, step) = range.split_once('/').map_or((range, None), |(range, step)| (range, Some(step)));
    let (low, high) = range.split_once("..").ok_or_else(|| invalid("has no range of two numbers"))?;
    let parts = [Some(low), Some(high), step];
    let digits = parts.iter().flatten().map(|part| decimals(part)).max().unwrap_or(0);
    let scaled = |part: &str| {
        // Asked first: a text cannot be padded to any width.
        let number = (digits <= MAX_DIGITS).then(|| scale(part.trim(), digits)).flatten();
        number.ok_or_else(|| invalid("has an end or step that is no number of at most 18 digits"))
    };
    let (low, high, step) = (scaled(low)?, scaled(high)?, step.map_or(Ok(1), scaled)?);
    if name.trim().is_empty() || name.contains([',', ':', '\n', '\t']) {
        return Err(invalid("has a name that a model cannot have"));
    }
    if low > high || step <= 0 {
        return Err(invalid("has a range that ends before it begins, or a step that leads nowhere"));
    }
    let middle = low + (high - low) / 2 / step * step;
    let mut inside = vec![low, low + step, middle, high - step, high];
    inside.retain(|value| (low..=high).contains(value));
    inside.sort_unstable();
    inside.dedup();
    let choice = |value: i128, negative: bool| Choice { names: vec![show(value, digits)], negative, weight: 1 };
    let mut choices: Vec<Choice> = inside.into_iter().map(|value| choice(value, false)).collect();
    choices.extend([choice(low - step, true), choice(high + step, true)]);
    Ok(Parameter { name: name.trim().to_owned(), choices, line: 0 })
}

fn decimals(text: &str) -> usize {
    text.trim().split_once('.').map_or(0, |(_, after)| after.len())
}

fn scale(text: &str, digits: usize) -> Option<i128> {
    let (whole, after) = text.split_once('.').unwrap_or((text, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or((1, whole), |rest| (-1, rest));
    let all = format!("{whole}{after:0<digits$}");
    let plain = !whole.is_empty() && all.len() <= MAX_DIGITS && all.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| all.parse::<i128>().ok().map(|value| sign * value)).flatten()
}

fn show(value: i128, digits: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let plain = format!("{:0>width$}", value.unsigned_abs(), width = digits + 1);
    let (whole, after) = plain.split_at(plain.len() - digits);
    if digits == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{after}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> String {
        let made = parameter("/boundaries/0", text).expect("a range");
        let show = |choice: &Choice| format!("{}{}", if choice.negative { "~" } else { "" }, choice.names[0]);
        made.choices.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn takes_both_sides_of_each_edge() {
        assert_eq!(values("age=0..120"), "0 1 60 119 120 ~-1 ~121");
        assert_eq!(values("price = 0.5 .. 1"), "0.5 0.6 0.7 0.9 1.0 ~0.4 ~1.1");
        assert_eq!(values("n=1..1"), "1 ~0 ~2");
        assert_eq!(values("n=-0.05..0.05"), "-0.05 -0.04 0.00 0.04 0.05 ~-0.06 ~0.06");
        assert_eq!(values("size=0..1024/64"), "0 64 512 960 1024 ~-64 ~1088");
    }

    #[test]
    fn refuses_what_is_no_range() {
        for text in [
            "age",
            "age=1",
            "age=2..1",
            "=1..2",
            "a=1..x",
            "a=1..2/0",
            "a=1..1234567890123456789",
            "a:b=1..2",
            "a=1...2",
        ] {
            assert!(parameter("/boundaries/0", text).is_err(), "{text}");
        }
        assert!(parameter("/boundaries/0", "a=0..123456789012345678").is_ok());
        assert!(parameter("/boundaries/0", &format!("a=0..1.{}", "0".repeat(MAX_DIGITS - 1))).is_ok());
        for digits in [MAX_DIGITS, 70_000] {
            assert!(
                parameter("/boundaries/0", &format!("a=0..1.{}", "0".repeat(digits))).is_err(),
                "{digits} decimals"
            );
        }
    }
}
