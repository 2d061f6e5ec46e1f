//! Version ranges of TypeScript, as the keys of `typesVersions` and of `types@` conditions say them.

use std::cmp::Ordering;

/// The compiler whose `typesVersions` and `types@` entries apply; anything from 5.0 on answers alike.
const TYPESCRIPT_VERSION: [u32; 3] = [5, 9, 0];

/// Whether a range of versions holds for the compiler; false for what is no range.
pub fn version_matches(range: &str) -> bool {
    range.split("||").any(|alternative| {
        let comparators: Vec<&str> = alternative.split_whitespace().collect();
        match comparators.as_slice() {
            [low, "-", high] => comparator_holds(">=", low) && comparator_holds("<=", high),
            all => {
                let mut operator = "";
                all.iter().all(|part| {
                    let digits = part.trim_start_matches(['<', '>', '=', '~', '^']);
                    let own = part.strip_suffix(digits).unwrap_or_default();
                    if digits.is_empty() {
                        operator = own;
                        return true;
                    }
                    let joined = if own.is_empty() { std::mem::take(&mut operator) } else { own };
                    comparator_holds(joined, digits)
                })
            }
        }
    })
}

fn comparator_holds(operator: &str, version: &str) -> bool {
    let plain = version.split(['-', '+']).next().unwrap_or_default().trim_start_matches('v');
    let mut parts: Vec<u32> = Vec::new();
    for part in plain.split('.').take(3) {
        match part {
            "*" | "x" | "X" => break,
            _ => match part.parse() {
                Ok(number) => parts.push(number),
                Err(_) => return false,
            },
        }
    }
    let given = parts.len();
    let known = TYPESCRIPT_VERSION.get(..given).unwrap_or(&TYPESCRIPT_VERSION);
    let order = known.cmp(parts.as_slice());
    match operator {
        "" | "=" => order == Ordering::Equal,
        ">=" => order != Ordering::Less,
        ">" => order == Ordering::Greater,
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        "^" => order != Ordering::Less && known.first() == parts.first(),
        "~" => order != Ordering::Less && known.get(..given.min(2)) == parts.get(..given.min(2)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_ranges_hold_or_not() {
        for (range, holds) in [
            ("*", true),
            (">=4.2", true),
            ("< 4.0", false),
            (">=3.1 <5", false),
            ("<=5.9", true),
            ("4.x || 5.x", true),
            ("^5.1.0", true),
            ("~5.0", false),
            ("3.0 - 6.0", true),
            ("nonsense", false),
            ("", true),
            ("^5.1.2-beta", true),
        ] {
            assert_eq!(version_matches(range), holds, "{range}");
        }
    }
}
