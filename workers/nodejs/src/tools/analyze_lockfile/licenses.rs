//! Whether a licence expression (SPDX) is met by a list of allowed licences.

/// Longest expression that is read, in parts; published ones have under twenty.
const MAX_PARTS: usize = 200;

/// Whether an expression can be met: of alternatives one, of what is joined by `AND` each part. What is no expression is
/// met only by itself.
pub(super) fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let has = |id: &str| {
        let bare = id.strip_suffix('+').unwrap_or(id);
        allowed.iter().any(|own| own.eq_ignore_ascii_case(id) || own.eq_ignore_ascii_case(bare))
    };
    if has(expression.trim()) {
        return true;
    }
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let parts: Vec<&str> = spaced.split_whitespace().collect();
    // Values and operators of the groups that are open; `AND` binds tighter than `OR`.
    let mut groups: Vec<Group> = vec![Group::default()];
    let mut at = 0;
    if parts.len() > MAX_PARTS {
        return false;
    }
    while let Some(part) = parts.get(at) {
        at += 1;
        let Some(group) = groups.last_mut() else { return false };
        match *part {
            "(" => groups.push(Group::default()),
            ")" => {
                let Some(value) = groups.pop().and_then(Group::value) else { return false };
                if !groups.last_mut().is_some_and(|outer| outer.add(value)) {
                    return false;
                }
            }
            word if word.eq_ignore_ascii_case("OR") => {
                if !group.operator(false) {
                    return false;
                }
            }
            word if word.eq_ignore_ascii_case("AND") => {
                if !group.operator(true) {
                    return false;
                }
            }
            id => {
                let exception = parts.get(at).filter(|word| word.eq_ignore_ascii_case("WITH")).and(parts.get(at + 1));
                let value = match exception {
                    Some(exception) => {
                        at += 2;
                        has(&format!("{id} WITH {exception}")) || has(id)
                    }
                    None => has(id),
                };
                if !group.add(value) {
                    return false;
                }
            }
        }
    }
    matches!(groups.len(), 1) && groups.pop().and_then(Group::value).unwrap_or(false)
}

#[derive(Default)]
struct Group {
    any: bool,
    all: Option<bool>,
    wants_value: Option<bool>,
}

impl Group {
    // Two values without an operator are no expression.
    fn add(&mut self, value: bool) -> bool {
        match (self.all, self.wants_value.take()) {
            (None, _) => self.all = Some(value),
            (Some(all), Some(true)) => self.all = Some(all && value),
            (Some(all), Some(false)) => {
                self.any |= all;
                self.all = Some(value);
            }
            (Some(_), None) => return false,
        }
        true
    }

    fn operator(&mut self, is_and: bool) -> bool {
        let fits = self.all.is_some() && self.wants_value.is_none();
        self.wants_value = Some(is_and);
        fits
    }

    fn value(self) -> Option<bool> {
        self.all.filter(|_| self.wants_value.is_none()).map(|all| self.any || all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_as_they_are_written() {
        let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned(), "ISC".to_owned()];
        for (expression, expected) in [
            ("MIT", true),
            ("mit", true),
            ("(MIT OR GPL-3.0-only)", true),
            ("MIT AND GPL-3.0-only", false),
            ("MIT AND (GPL-3.0-only OR ISC)", true),
            ("GPL-3.0-only OR MIT AND ISC", true),
            ("(GPL-3.0-only OR MIT) AND BSD-3-Clause", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("SEE LICENSE IN LICENSE", false),
            ("MIT ISC", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
        }
        assert!(is_allowed("SEE LICENSE IN LICENSE", &["see license in license".to_owned()]));
    }
}
