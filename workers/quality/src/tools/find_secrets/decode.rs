//! Decodes what is encoded within a text, so that rules find secrets there too: percent signs, Unicode escapes, hexadecimal, base64.

use std::ops::Range;

/// How often a text is decoded.
pub const MAX_DECODINGS: usize = 4;
// Shorter runs are not worth it.
const MIN_BASE64: usize = 16;
const MIN_HEX: usize = 32;

/// A stretch that was decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    /// Where it stands in the decoded text.
    pub(super) place: Range<usize>,
    /// Where it came from in the text that was given at first.
    pub(super) origin: Range<usize>,
    /// How it was encoded.
    pub(super) how: &'static str,
}

/// A decoded text with its segments; nothing where nothing was encoded.
pub(super) fn decoded(text: &str, before: &[Segment]) -> Option<(String, Vec<Segment>)> {
    let mut out = String::with_capacity(text.len());
    let mut segments = Vec::new();
    let mut at = 0;
    let bytes = text.as_bytes();
    let mut next = 0;
    while next < bytes.len() {
        let found = encoded_at(bytes, next);
        let Some((end, value, how)) = found else {
            next += run_length(bytes, next).max(1);
            continue;
        };
        out.push_str(text.get(at..next)?);
        let start = out.len();
        out.push_str(&value);
        segments.push(Segment { place: start..out.len(), origin: origin(before, next..end), how });
        (at, next) = (end, end);
    }
    if segments.is_empty() {
        return None;
    }
    out.push_str(text.get(at..)?);
    Some((out, segments))
}

/// Where a stretch of a decoded text came from.
pub(super) fn origin(segments: &[Segment], place: Range<usize>) -> Range<usize> {
    let back = |at: usize, end: bool| {
        let after = segments.partition_point(|segment| segment.place.start < at || !end && segment.place.start == at);
        match after.checked_sub(1).and_then(|before| segments.get(before)) {
            None => at,
            Some(segment) if at > segment.place.end || !end && at == segment.place.end => {
                segment.origin.end + (at - segment.place.end)
            }
            Some(segment) => {
                if end {
                    segment.origin.end
                } else {
                    segment.origin.start
                }
            }
        }
    };
    back(place.start, false)..back(place.end, true)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'+' | b'-')
}

fn run_length(bytes: &[u8], at: usize) -> usize {
    bytes.iter().skip(at).take_while(|byte| is_word(**byte)).count()
}

// What is encoded from here on: its end, its value, and how.
fn encoded_at(bytes: &[u8], at: usize) -> Option<(usize, String, &'static str)> {
    match bytes.get(at)? {
        b'%' => percent(bytes, at),
        b'\\' => unicode(bytes, at),
        byte if is_word(*byte) => {
            let length = run_length(bytes, at);
            let run = bytes.get(at..at + length)?;
            if length >= MIN_HEX && run.iter().all(u8::is_ascii_hexdigit) && run.iter().any(u8::is_ascii_digit) {
                return hexadecimal(run).map(|value| (at + length, value, "hex"));
            }
            let sure = run.iter().any(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'/' | b'-' | b'_'));
            if length < MIN_BASE64 || !sure {
                return None;
            }
            let padding = bytes.iter().skip(at + length).take(2).take_while(|byte| **byte == b'=').count();
            base64(run, padding).map(|value| (at + length + padding, value, "base64"))
        }
        _ => None,
    }
}

fn printable(bytes: Vec<u8>) -> Option<String> {
    let plain = bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t'));
    (plain && !bytes.is_empty()).then(|| String::from_utf8(bytes).ok())?
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn hexadecimal(run: &[u8]) -> Option<String> {
    let pairs = run.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let bytes: Option<Vec<u8>> = pairs.map(|pair| Some(digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?)).collect();
    printable(bytes?)
}

fn base64(run: &[u8], padding: usize) -> Option<String> {
    let standard = run.iter().all(|byte| !matches!(byte, b'-' | b'_'));
    if !standard && run.iter().any(|byte| matches!(byte, b'+' | b'/')) {
        return None;
    }
    // The padding is there as it should be, or none is.
    let whole = (run.len() + padding).is_multiple_of(4);
    if run.len() % 4 == 1 || padding > 0 && !whole || standard && padding == 0 && !whole && run.len() < 20 {
        return None;
    }
    let mut out = Vec::with_capacity(run.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in run {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap_or(0));
        }
    }
    printable(out)
}

fn percent(bytes: &[u8], at: usize) -> Option<(usize, String, &'static str)> {
    let escape = |at: usize| {
        let [b'%', high, low] = *bytes.get(at..at + 3)? else { return None };
        Some(digit(high)? * 16 + digit(low)?)
    };
    escape(at)?;
    let mut out = Vec::new();
    let (mut next, mut end, mut kept) = (at, at, 0);
    while let Some(byte) = bytes.get(next).filter(|byte| !byte.is_ascii_whitespace()) {
        if let Some(value) = escape(next) {
            out.push(value);
            next += 3;
            (end, kept) = (next, out.len());
        } else {
            out.push(*byte);
            next += 1;
        }
    }
    out.truncate(kept);
    printable(out).map(|value| (end, value, "percent"))
}

fn unicode(bytes: &[u8], at: usize) -> Option<(usize, String, &'static str)> {
    let mut out = String::new();
    let mut next = at;
    loop {
        let slashes = bytes.iter().skip(next).take(2).take_while(|byte| **byte == b'\\').count();
        if slashes == 0 || !matches!(bytes.get(next + slashes), Some(b'u' | b'U')) {
            break;
        }
        let digits =
            bytes.get(next + slashes + 1..next + slashes + 5).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(character) = code.and_then(char::from_u32) else { break };
        out.push(character);
        next += slashes + 5;
    }
    (!out.is_empty()).then_some((next, out, "unicode"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_each_encoding_in_its_place() {
        for (text, expected, how) in [
            ("a = c2VjcmV0X3ZhbHVlXzE= b", "a = secret_value_1 b", "base64"),
            ("x 7365637265745f76616c75655f315f30 y", "x secret_value_1_0 y", "hex"),
            ("u?k=a%3Db%26c d", "u?k=a=b&c d", "percent"),
            ("\"\\u0073\\u0065c\"", "\"sec\"", "unicode"),
        ] {
            let (out, segments) = decoded(text, &[]).expect("decoded");
            assert_eq!((out.as_str(), segments.first().map(|one| one.how)), (expected, Some(how)));
            let whole = segments.first().expect("one");
            assert_eq!(origin(&segments, whole.place.clone()), whole.origin);
            assert_eq!(origin(&segments, out.len()..out.len()), text.len()..text.len());
        }
        for plain in
            ["", "nothing_here", "abcdefghijklmnopqrstuvwxyz", "%zz", "\\u12", "d41d8cd98f00b204e9800998ecf8427e"]
        {
            assert_eq!(decoded(plain, &[]), None, "{plain}");
        }
    }
}
