//! Names of distributions and extras (PEP 503, core metadata).

/// The normalized form: lower case, runs of `-`, `_` and `.` as one `-`.
pub fn normalized(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.trim().chars() {
        if matches!(character, '-' | '_' | '.') {
            if !out.ends_with('-') {
                out.push('-');
            }
        } else {
            out.extend(character.to_lowercase());
        }
    }
    out
}

/// Whether a path ends with one of these extensions, written without dot.
pub fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let own = std::path::Path::new(path).extension().and_then(|extension| extension.to_str());
    own.is_some_and(|own| extensions.contains(&own))
}

/// Whether a text is a valid name: ASCII letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit.
pub fn is_valid(name: &str) -> bool {
    let bytes = name.as_bytes();
    let ends = [bytes.first(), bytes.last()];
    ends.iter().all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalized_as_pep_503_says() {
        for (name, normal) in [("Django", "django"), ("oslo.concurrency", "oslo-concurrency"), ("a._-B", "a-b")] {
            assert_eq!(normalized(name), normal);
        }
        assert!(is_valid("a") && is_valid("A.b_c-1"));
        assert!(!is_valid("") && !is_valid("-a") && !is_valid("a-") && !is_valid("\u{e9}"));
    }
}
