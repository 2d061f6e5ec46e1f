//! Dates, times and numbers as the HTML standard writes them.

fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A floating-point number: digits, a point and an exponent, without a plus sign before.
pub(super) fn float(text: &str) -> Option<f64> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace()).trim_end();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let fits = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if fits { text.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}

fn year(text: &str) -> Option<u32> {
    let fits = (4..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok().filter(|year| *year > 0) } else { None }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days(month: u32, leap: bool) -> u32 {
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

// A month and the year it is of.
fn year_and_month(text: &str) -> Option<(u32, u32)> {
    let (before, after) = text.rsplit_once('-')?;
    let month = number(after, 2).filter(|month| (1..=12).contains(month))?;
    Some((year(before)?, month))
}

/// A month: `2026-03`.
pub(super) fn is_month(text: &str) -> bool {
    year_and_month(text).is_some()
}

/// A date: `2026-03-31`.
pub(super) fn is_date(text: &str) -> bool {
    let Some((before, day)) = text.rsplit_once('-') else { return false };
    let Some((year, month)) = year_and_month(before) else { return false };
    number(day, 2).is_some_and(|day| day >= 1 && day <= days(month, is_leap(year)))
}

fn is_yearless_date(text: &str) -> bool {
    let text = text.strip_prefix("--").unwrap_or(text);
    let Some((month, day)) = text.split_once('-') else { return false };
    let Some(month) = number(month, 2).filter(|month| (1..=12).contains(month)) else { return false };
    number(day, 2).is_some_and(|day| day >= 1 && day <= days(month, true))
}

/// A time: `23:59`, `23:59:59` or `23:59:59.999`.
pub(super) fn is_time(text: &str) -> bool {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let second_fits = second.is_none_or(|second| {
        let (whole, fraction) = second.split_once('.').unwrap_or((second, "0"));
        number(whole, 2).is_some_and(|second| second < 60)
            && (1..=3).contains(&fraction.len())
            && fraction.bytes().all(|byte| byte.is_ascii_digit())
    });
    parts.next().is_none()
        && number(hour, 2).is_some_and(|hour| hour < 24)
        && number(minute, 2).is_some_and(|minute| minute < 60)
        && second_fits
}

/// A date and a time without a zone.
pub(super) fn is_local_date_time(text: &str) -> bool {
    text.split_once(['T', ' ']).is_some_and(|(date, time)| is_date(date) && is_time(time))
}

fn is_offset(text: &str) -> bool {
    if text == "Z" {
        return true;
    }
    let Some(rest) = text.strip_prefix(['+', '-']) else { return false };
    let fits = |hour: &str, minute: &str| {
        number(hour, 2).is_some_and(|hour| hour < 24) && number(minute, 2).is_some_and(|minute| minute < 60)
    };
    match rest.split_once(':') {
        Some((hour, minute)) => fits(hour, minute),
        None => rest.len() == 4 && rest.split_at_checked(2).is_some_and(|(hour, minute)| fits(hour, minute)),
    }
}

fn is_global_date_time(text: &str) -> bool {
    let Some((date, rest)) = text.split_once(['T', ' ']) else { return false };
    let at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    rest.split_at_checked(at).is_some_and(|(time, offset)| is_date(date) && is_time(time) && is_offset(offset))
}

/// A week: `2026-W09`.
pub(super) fn is_week(text: &str) -> bool {
    let Some((before, week)) = text.split_once("-W") else { return false };
    year(before).is_some() && number(week, 2).is_some_and(|week| (1..=53).contains(&week))
}

fn is_duration(text: &str) -> bool {
    let part = |text: &str, units: &str| -> bool {
        let mut rest = text;
        let mut left = units;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            let Some((digits, after)) = rest.split_at_checked(end) else { return false };
            let Some(unit) = after.chars().next() else { return false };
            let Some(at) = left.find(unit) else { return false };
            if digits.is_empty() || (digits.contains('.') && unit != 'S') {
                return false;
            }
            left = left.get(at + 1..).unwrap_or_default();
            rest = after.get(unit.len_utf8()..).unwrap_or_default();
        }
        true
    };
    if let Some(rest) = text.strip_prefix('P') {
        let (days, time) = rest.split_once('T').map_or((rest, None), |(days, time)| (days, Some(time)));
        return part(days, "D")
            && time.is_none_or(|time| !time.is_empty() && part(time, "HMS"))
            && !(days.is_empty() && time.is_none());
    }
    let spaced = text.to_ascii_lowercase();
    let mut any = false;
    for word in spaced.split_ascii_whitespace() {
        let Some(digits) = word.strip_suffix(['w', 'd', 'h', 'm', 's']) else { return false };
        if float(digits).is_none() || digits.starts_with('-') {
            return false;
        }
        any = true;
    }
    any
}

/// What `time` takes: any of the forms.
pub(super) fn is_for_time(text: &str) -> bool {
    let text = text.trim();
    [
        is_month,
        is_date,
        is_yearless_date,
        is_time,
        is_local_date_time,
        is_offset,
        is_global_date_time,
        is_week,
        is_duration,
    ]
    .iter()
    .any(|form| form(text))
        || year(text).is_some()
}

/// What `ins` and `del` take: a date, or a date and a time with its zone.
pub(super) fn is_for_edit(text: &str) -> bool {
    is_date(text) || is_global_date_time(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_the_standard_are_told_apart() {
        for text in
            ["2026", "2026-02", "2024-02-29", "02-29", "--12-31", "23:59", "23:59:59.5", "2026-01-01T00:00", "Z"]
        {
            assert!(is_for_time(text), "{text}");
        }
        for text in ["2026-01-01 00:00Z", "2026-01-01T00:00:00+01:00", "-0800", "2026-W53", "PT4H18M3S", "P2D", "4h 3m"]
        {
            assert!(is_for_time(text), "{text}");
        }
        for text in ["", "x", "26", "2026-13", "2025-02-29", "24:00", "2026-W54", "P", "PT", "4x", "2026-1-1", "\u{e9}"]
        {
            assert!(!is_for_time(text), "{text}");
        }
        for (text, expected) in
            [("1", true), ("-.5", true), ("1e-3", true), ("+1", false), ("1.", false), ("inf", false)]
        {
            assert_eq!(float(text).is_some(), expected, "{text}");
        }
        assert!(is_for_edit("2026-01-01") && !is_for_edit("2026-01"));
    }
}
