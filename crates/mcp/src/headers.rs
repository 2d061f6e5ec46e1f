//! The mirrored request headers of 2026-07-28.

use std::borrow::Cow;

/// Decodes an `Mcp-Name` or `Mcp-Param-*` value: the text as it is, or the UTF-8 text in `=?base64?...?=`.
///
/// `None` for a sentinel whose content is not strict, padded base64 of UTF-8. Another case or a missing end is a literal.
pub fn decode_name(value: &str) -> Option<Cow<'_, str>> {
    let value = value.trim_matches([' ', '\t']);
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(Cow::Borrowed(value));
    };
    String::from_utf8(decode_base64(encoded)?).ok().map(Cow::Owned)
}

// Strict base64 (RFC 4648 section 4): whole groups, padding where due, no stray bits.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let padding = bytes.iter().rev().take_while(|b| **b == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut decoded = Vec::with_capacity(bytes.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in bytes.iter().take(bytes.len() - padding) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push(u8::try_from((bits >> held) & 0xff).ok()?);
            bits &= (1 << held) - 1;
        }
    }
    (bits == 0).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_sentinel_and_nothing_else() {
        for (value, decoded) in [
            ("docker_lint_dockerfile", Some("docker_lint_dockerfile")),
            (" \tname ", Some("name")),
            ("=?base64?w6k=?=", Some("\u{e9}")),
            ("=?base64??=", Some("")),
            ("=?BASE64?w6k=?=", Some("=?BASE64?w6k=?=")),
            ("=?base64?w6k=", Some("=?base64?w6k=")),
            ("=?base64?w6k?=", None),
            ("=?base64?w6k-?=", None),
            ("=?base64?w6l=?=", None),
            ("=?base64?/w==?=", None),
            ("=?base64?====?=", None),
        ] {
            assert_eq!(decode_name(value).as_deref(), decoded, "{value}");
        }
    }
}
