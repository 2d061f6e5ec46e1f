//! Formats of strings and numbers: what RFC 3339, RFC 3986 and the registry of OpenAPI call them.
//!
//! A format that is not known here says nothing. As strict as Ajv's formats, which is stricter than the RFCs in places.

use crate::support::pattern::{Pattern, Trouble};
use crate::support::tree::Value;

/// Whether a value has a format; true for formats and values it says nothing of.
#[must_use]
pub fn is_format(format: &str, value: &Value) -> bool {
    match value {
        Value::String(text) => is_text_format(format, text),
        Value::Number(number, _) => match format {
            "int32" => number.fract() == 0.0 && (-2_147_483_648.0..=2_147_483_647.0).contains(number),
            "int64" => number.fract() == 0.0,
            _ => true,
        },
        Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => true,
    }
}

fn is_text_format(format: &str, text: &str) -> bool {
    match format {
        "date" => is_date(text),
        "time" => is_time(text, true),
        "date-time" => {
            let at = text.find(['T', 't', ' ']).unwrap_or(text.len());
            let (date, time) = text.split_at(at);
            is_date(date) && time.get(1..).is_some_and(|time| is_time(time, true))
        }
        "iso-time" => is_time(text, false),
        "iso-date-time" => {
            let at = text.find(['T', 't', ' ']).unwrap_or(text.len());
            let (date, time) = text.split_at(at);
            is_date(date) && time.get(1..).is_some_and(|time| is_time(time, false))
        }
        "duration" => is_duration(text),
        "email" => is_email(text),
        "hostname" => is_hostname(text),
        "ipv4" => is_ipv4(text),
        "ipv6" => is_ipv6(text),
        "uri" => is_uri(text, true),
        "uri-reference" => is_uri(text, false),
        "url" => is_url(text),
        "uuid" => is_uuid(text.strip_prefix("urn:uuid:").unwrap_or(text)),
        "json-pointer" => is_pointer(text),
        "json-pointer-uri-fragment" => text.strip_prefix('#').is_some_and(is_pointer),
        "relative-json-pointer" => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            let rest = text.get(digits..).unwrap_or_default();
            digits > 0 && (digits == 1 || !text.starts_with('0')) && (rest == "#" || is_pointer(rest))
        }
        "regex" => !text.contains("\\Z") && Pattern::new(text).err() != Some(Trouble::Invalid),
        "byte" => is_base64(text),
        "uri-template" => is_template(text),
        _ => true,
    }
}

fn digits(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let (4, 2, 2) = (year.len(), month.len(), day.len()) else { return false };
    let (Some(year), Some(month), Some(day)) = (digits(year), digits(month), digits(day)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

fn is_time(text: &str, zoned: bool) -> bool {
    let split = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(split);
    let (main, fraction) = clock.split_once('.').map_or((clock, None), |(main, fraction)| (main, Some(fraction)));
    if fraction.is_some_and(|fraction| digits(fraction.get(..9).unwrap_or(fraction)).is_none()) {
        return false;
    }
    let parts: Vec<&str> = main.split(':').collect();
    let [hour, minute, second] = parts.as_slice() else { return false };
    if [hour, minute, second].iter().any(|part| part.len() != 2) {
        return false;
    }
    let (Some(hour), Some(minute), Some(second)) = (digits(hour), digits(minute), digits(second)) else { return false };
    let offset = match zone {
        "" if !zoned => Some((0, 0)),
        "Z" | "z" => Some((0, 0)),
        zone => {
            let (hours, minutes) = zone.get(1..).unwrap_or_default().split_at_checked(2).unwrap_or_default();
            let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
            let minutes = if minutes.is_empty() { Some(0) } else { digits(minutes) };
            digits(hours).zip(minutes).filter(|(hours, minutes)| *hours <= 23 && *minutes <= 59)
        }
    };
    let Some(offset) = offset else { return false };
    if hour <= 23 && minute <= 59 && second < 60 {
        return true;
    }
    // A leap second stands at the end of a day in UTC.
    let sign = if zone.starts_with('-') { -1_i64 } else { 1 };
    let utc = i64::from(hour * 60 + minute) - sign * i64::from(offset.0 * 60 + offset.1);
    second == 60 && hour <= 23 && minute <= 59 && utc.rem_euclid(24 * 60) == 24 * 60 - 1
}

fn is_duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else { return false };
    let read = |text: &str, units: &str| {
        let mut rest = text;
        let mut left = units;
        let mut any = false;
        while !rest.is_empty() {
            let count = rest.bytes().take_while(u8::is_ascii_digit).count();
            let unit = rest.get(count..).and_then(|rest| rest.chars().next())?;
            let at = left.find(unit).filter(|_| count > 0)?;
            left = left.get(at + 1..)?;
            rest = rest.get(count + 1..)?;
            any = true;
        }
        Some(any)
    };
    if rest.ends_with('W') {
        return read(rest, "W") == Some(true);
    }
    match rest.split_once('T') {
        None => read(rest, "YMD") == Some(true),
        Some((date, time)) => read(date, "YMD").is_some() && read(time, "HMS") == Some(true),
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let atom = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
    };
    local.split('.').all(atom) && domain.contains('.') && is_hostname(domain)
}

fn is_hostname(text: &str) -> bool {
    let text = text.strip_suffix('.').unwrap_or(text);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn is_ipv4(text: &str) -> bool {
    let part = |part: &str| {
        part.len() <= 3 && !(part.len() > 1 && part.starts_with('0')) && digits(part).is_some_and(|n| n < 256)
    };
    text.split('.').count() == 4 && text.split('.').all(part)
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_uri(text: &str, absolute: bool) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if !plain(byte) {
            return false;
        }
        if byte == b'%'
            && !(bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
                && bytes.next().is_some_and(|b| b.is_ascii_hexdigit()))
        {
            return false;
        }
    }
    let (before, fragment) = text.split_once('#').map_or((text, ""), |(before, fragment)| (before, fragment));
    if fragment.contains(['#', '[', ']']) {
        return false;
    }
    let scheme = before.split_once(':').filter(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    let rest = match scheme {
        Some((_, rest)) => rest,
        None if absolute => return false,
        // The first step of a relative path must not look like a scheme.
        None if before.split(['/', '?']).next().is_some_and(|step| step.contains(':')) => return false,
        None => before,
    };
    // Ajv looks for a slash or colon and something behind it.
    if absolute && rest.is_empty() {
        return false;
    }
    let (authority, path) = match rest.strip_prefix("//") {
        Some(tail) => tail.split_at(tail.find(['/', '?']).unwrap_or(tail.len())),
        None => ("", rest),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = match host.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((address, port)) if is_ipv6(address) || address.starts_with(['v', 'V']) => port.strip_prefix(':'),
            _ => return false,
        },
        None if host.contains(['[', ']']) => return false,
        None => host.split_once(':').map(|(_, port)| port),
    };
    port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit())) && !path.contains(['[', ']'])
}

fn is_url(text: &str) -> bool {
    let rest = ["https://", "http://", "ftp://"].into_iter().find_map(|scheme| {
        text.get(..scheme.len()).filter(|head| head.eq_ignore_ascii_case(scheme))?;
        text.get(scheme.len()..)
    });
    let Some(rest) = rest else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    !text.contains(char::is_whitespace) && host.contains('.') && host.split('.').all(|label| !label.is_empty())
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts
            .iter()
            .zip(lengths)
            .all(|(part, length)| part.len() == length && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_pointer(text: &str) -> bool {
    let escapes =
        text.match_indices('~').all(|(at, _)| text.get(at + 1..).is_some_and(|rest| rest.starts_with(['0', '1'])));
    (text.is_empty() || text.starts_with('/')) && escapes
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

fn is_template(text: &str) -> bool {
    let mut open = false;
    for c in text.chars() {
        match (c, open) {
            ('{', false) => open = true,
            ('}', true) => open = false,
            ('{' | '}', _) => return false,
            (c, false) if c.is_control() || matches!(c, ' ' | '"' | '\'' | '<' | '>' | '\\' | '^' | '`' | '|') => {
                return false;
            }
            _ => {}
        }
    }
    !open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told() {
        for (format, good, bad) in [
            ("date", "2024-02-29", "2023-02-29"),
            ("date-time", "2024-01-01T10:00:00.123Z", "2024-01-01T10:00:00"),
            ("time", "23:59:60Z", "23:58:60Z"),
            ("duration", "P1Y2DT3H", "P1H"),
            ("email", "a.b@c.org", "a@"),
            ("hostname", "a-b.c", "-a.b"),
            ("ipv4", "1.2.3.4", "1.2.3.256"),
            ("ipv6", "::1", "1::2::3"),
            ("uri", "https://a.b/c?d#e", "/a/b"),
            ("uri-reference", "/a/b", "a b"),
            ("url", "https://a.bc/d", "mailto:x"),
            ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8"),
            ("json-pointer", "/a~0b", "a"),
            ("regex", "^a$", "a("),
            ("byte", "YWI=", "YW"),
            ("uri-template", "/a/{b}", "/a/{b"),
            ("duration", "P3W", "P"),
        ] {
            assert!(is_text_format(format, good), "{format} {good}");
            assert!(!is_text_format(format, bad), "{format} {bad}");
        }
        assert!(is_text_format("unknown", "\u{1f600}"));
    }
}
