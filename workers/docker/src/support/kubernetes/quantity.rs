//! Resource quantities (`100m`, `1.5Gi`, `12e6`): exact reading, arithmetic and Kubernetes' canonical form.
//!
//! A quantity is a whole number of nanounits, the finest that Kubernetes keeps; what is finer is rounded up, away from zero.
//! The magnitude is capped at 2^63 - 1 units, as Kubernetes caps it.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// Nanounits in one unit.
const NANOS: i128 = 1_000_000_000;

/// The largest magnitude, in nanounits: Kubernetes caps at 2^63 - 1 units.
const MAX_NANOS: i128 = (i64::MAX as i128) * NANOS;

/// Most digits read: beyond them only the magnitude matters, and that is capped.
const MAX_DIGITS: usize = 60;

/// How a quantity was written, which its canonical form keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notation {
    /// Powers of ten with letters: `m`, `k`, `M`.
    #[default]
    Decimal,
    /// Powers of two: `Ki`, `Mi`.
    Binary,
    /// Powers of ten with an exponent: `e3`.
    Exponent,
}

/// An amount of a resource.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quantity {
    nanos: i128,
    notation: Notation,
}

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self { nanos: 0, notation: Notation::Decimal };

    /// Reads a quantity; nothing if the text is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, text.get(1..)?),
            b'+' => (false, text.get(1..)?),
            _ => (false, text),
        };
        let digits_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(digits_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (scale, notation) = Scale::of(suffix)?;
        let magnitude = nanos_of(whole, fraction, scale);
        Some(Self { nanos: if negative { -magnitude } else { magnitude }, notation })
    }

    /// A whole number of units.
    pub fn of_units(units: i64) -> Self {
        Self { nanos: i128::from(units) * NANOS, notation: Notation::Decimal }
    }

    /// A number of thousandths of a unit.
    pub fn of_milli(milli: i64) -> Self {
        Self { nanos: i128::from(milli) * (NANOS / 1_000), notation: Notation::Decimal }
    }

    /// The amount in nanounits.
    pub const fn nanos(self) -> i128 {
        self.nanos
    }

    /// The amount in units, rounded up.
    pub fn units_up(self) -> i128 {
        div_up(self.nanos, NANOS)
    }

    /// The amount in thousandths, rounded up.
    pub fn milli_up(self) -> i128 {
        div_up(self.nanos, NANOS / 1_000)
    }

    /// Whether there is none of it.
    pub const fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// This many times the amount.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        self.with(self.nanos.saturating_mul(i128::from(count)))
    }

    /// A share of the amount, `part` of `whole`, rounded down to the nanounit.
    #[must_use]
    pub fn share(self, part: u64, whole: u64) -> Self {
        self.with(self.nanos.saturating_mul(i128::from(part)) / i128::from(whole.max(1)))
    }

    /// The larger of the two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other.nanos > self.nanos { other } else { self }
    }

    /// What is left after taking `other` away, not below zero.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        self.with((self.nanos - other.nanos).max(0))
    }

    fn with(self, nanos: i128) -> Self {
        Self { nanos: nanos.clamp(-MAX_NANOS, MAX_NANOS), notation: self.notation }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}
impl Eq for Quantity {}
impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

// A sum keeps the notation of its first part that is not zero, as Kubernetes' does.
impl Add for Quantity {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let notation = if self.nanos == 0 { other.notation } else { self.notation };
        Self { notation, ..self.with(self.nanos + other.nanos) }
    }
}
impl Sub for Quantity {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        let notation = if self.nanos == 0 { other.notation } else { self.notation };
        Self { notation, ..self.with(self.nanos - other.nanos) }
    }
}
impl Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// The canonical form: no fraction, the largest suffix that needs none.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        if self.notation == Notation::Binary && self.nanos.abs() >= 1024 * NANOS {
            let mut units = if self.nanos < 0 { -div_up(-self.nanos, NANOS) } else { div_up(self.nanos, NANOS) };
            let mut power = 0;
            while power < 6 && units % 1024 == 0 {
                units /= 1024;
                power += 1;
            }
            let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].get(power).copied().unwrap_or_default();
            return write!(f, "{units}{suffix}");
        }
        let (mut amount, mut power) = (self.nanos, -9_i32);
        while power < 18 && amount % 1_000 == 0 {
            amount /= 1_000;
            power += 3;
        }
        if self.notation == Notation::Exponent {
            return if power == 0 { write!(f, "{amount}") } else { write!(f, "{amount}e{power}") };
        }
        let suffix = match power {
            -9 => "n",
            -6 => "u",
            -3 => "m",
            3 => "k",
            6 => "M",
            9 => "G",
            12 => "T",
            15 => "P",
            18 => "E",
            _ => "",
        };
        write!(f, "{amount}{suffix}")
    }
}

#[derive(Clone, Copy)]
enum Scale {
    Ten(i32),
    Two(u32),
}

impl Scale {
    fn of(suffix: &str) -> Option<(Self, Notation)> {
        let ten = |power| Some((Self::Ten(power), Notation::Decimal));
        let two = |power| Some((Self::Two(power), Notation::Binary));
        match suffix {
            "n" => ten(-9),
            "u" => ten(-6),
            "m" => ten(-3),
            "" => ten(0),
            "k" => ten(3),
            "M" => ten(6),
            "G" => ten(9),
            "T" => ten(12),
            "P" => ten(15),
            "E" => ten(18),
            "Ki" => two(10),
            "Mi" => two(20),
            "Gi" => two(30),
            "Ti" => two(40),
            "Pi" => two(50),
            "Ei" => two(60),
            _ => {
                let exponent = suffix.strip_prefix(['e', 'E'])?;
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                let power = exponent.parse::<i32>().ok()?;
                Some((Self::Ten(power), Notation::Exponent))
            }
        }
    }
}

// The digits as one number times the scale, in nanounits, rounded up.
fn nanos_of(whole: &str, fraction: &str, scale: Scale) -> i128 {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let digits = whole.len() + fraction.len();
    if whole.is_empty() && fraction.is_empty() {
        return 0;
    }
    let places = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    match scale {
        Scale::Ten(power) => {
            // The value is the digits with the point moved; count how many of them are nanounits or more.
            let kept = places(whole.len()).saturating_add(i64::from(power)).saturating_add(9);
            shifted(whole, fraction, kept, digits)
        }
        Scale::Two(power) => {
            let kept = places(whole.len()).saturating_add(9);
            let exact = shifted(whole, fraction, kept, digits);
            let finest = fraction.len() <= 9;
            if finest || exact >= MAX_NANOS {
                return exact.saturating_mul(1_i128 << power).min(MAX_NANOS);
            }
            // More than nine places: multiply first, then round.
            let length = fraction.len().min(MAX_DIGITS / 3);
            let tail = fraction.get(..length).unwrap_or_default().parse::<i128>().unwrap_or_default();
            let ten = 10_i128.saturating_pow(u32::try_from(length).unwrap_or_default());
            let parts = tail.checked_mul(NANOS).and_then(|parts| parts.checked_mul(1 << power.min(40)));
            let tail = match parts {
                Some(parts) => div_up(parts, ten).saturating_mul(1 << (power - power.min(40))),
                None => (tail / (ten / NANOS)).saturating_mul(1 << power),
            };
            let head = whole.parse::<i128>().unwrap_or_default().saturating_mul(NANOS).saturating_mul(1 << power);
            head.saturating_add(tail).min(MAX_NANOS)
        }
    }
}

// The first `kept` digits as a number (more are zeros), rounded up by what is cut off.
fn shifted(whole: &str, fraction: &str, kept: i64, digits: usize) -> i128 {
    if kept <= 0 {
        return 1;
    }
    let kept = usize::try_from(kept).unwrap_or(usize::MAX);
    let mut number = 0_i128;
    let mut all = whole.bytes().chain(fraction.bytes());
    for byte in all.by_ref().take(kept) {
        number = number.saturating_mul(10).saturating_add(i128::from(byte - b'0'));
        if number >= MAX_NANOS {
            return MAX_NANOS;
        }
    }
    if all.any(|byte| byte != b'0') {
        return number + 1;
    }
    for _ in digits..kept.min(digits.saturating_add(MAX_DIGITS)) {
        number = number.saturating_mul(10);
        if number >= MAX_NANOS {
            return if number == 0 { 0 } else { MAX_NANOS };
        }
    }
    number
}

fn div_up(part: i128, whole: i128) -> i128 {
    part.div_euclid(whole) + i128::from(part.rem_euclid(whole) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Quantity::parse(text).map_or_else(|| "none".to_owned(), |quantity| quantity.to_string())
    }

    #[test]
    fn reads_and_writes_the_canonical_form() {
        for (text, expected) in [
            ("0", "0"),
            ("100m", "100m"),
            ("0.1", "100m"),
            ("1000m", "1"),
            ("1500m", "1500m"),
            ("2048Mi", "2Gi"),
            ("1.5Gi", "1536Mi"),
            ("512Ki", "512Ki"),
            ("0.5Ki", "512"),
            ("1000000", "1M"),
            ("1e3", "1e3"),
            ("12E6", "12e6"),
            ("1E", "1E"),
            (".5", "500m"),
            ("5.", "5"),
            ("-1.5", "-1500m"),
            ("+3k", "3k"),
            ("0.0000000001", "1n"),
            ("1.0000000000001Gi", "1073741825"),
            ("99999999999999999999", "9223372036854775807"),
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_quantity() {
        for text in
            ["", ".", "-", "1Gb", "1 Gi", "1K", "1.2.3", "e3", "1e", "1e+", "1mi", "0x10", "1,5", "NaN", "\u{661}"]
        {
            assert_eq!(canonical(text), "none", "{text}");
        }
    }

    #[test]
    fn adds_exactly_in_the_first_notation() {
        let sum = |texts: &[&str]| texts.iter().filter_map(|text| Quantity::parse(text)).sum::<Quantity>().to_string();
        assert_eq!(sum(&["100m", "0.9"]), "1");
        assert_eq!(sum(&["1Gi", "512M"]), "1548576Ki");
        assert_eq!(sum(&["1G", "1Gi"]), "2073741824");
        assert_eq!(sum(&["0", "1Gi"]), "1Gi");
    }

    #[test]
    fn survives_extremes() {
        for text in ["9e999999999", "1e-99999", "999999999999999999999999999999Ei", &"9".repeat(10_000), "0e2147483647"]
        {
            let quantity = Quantity::parse(text);
            assert!(quantity.is_none_or(|quantity| quantity.nanos <= MAX_NANOS), "{text}");
        }
    }
}
