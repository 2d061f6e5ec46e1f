//! Working days as dates: Monday to Friday, holidays unknown.

/// Days since 1970-01-01 of a date such as 2026-03-02; none for what is no date of the years 1970 to 2999.
pub(super) fn parse(text: &str) -> Option<i64> {
    let mut parts = text.trim().split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let is_plain = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    if parts.next().is_some() || !is_plain(year, 4) || !is_plain(month, 2) || !is_plain(day, 2) {
        return None;
    }
    let (year, month, day): (i64, i64, i64) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let days = from_civil(year, month, day);
    ((1970..3000).contains(&year) && (1..=12).contains(&month) && civil(days) == (year, month, day)).then_some(days)
}

/// The date of a working day, counted from 0 at `start` or the Monday after it.
pub(super) fn date(start: i64, working_day: u64) -> String {
    let first = match (start + 3).rem_euclid(7) {
        5 => start + 2,
        6 => start + 1,
        _ => start,
    };
    let weekday = (first + 3).rem_euclid(7);
    let day = i64::try_from(working_day).unwrap_or(i64::MAX / 4);
    let days = first + day + 2 * ((weekday + day) / 5);
    plain(days)
}

/// A day since 1970-01-01 as a date.
pub(super) fn plain(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

// Days since 1970-01-01 and back, for the Gregorian calendar: years begin in March, so that leap days end them.
fn from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(parse("1970-01-01"), Some(0));
        assert_eq!(parse("2000-02-29"), Some(11_016));
        for wrong in ["2026-02-29", "2026-13-01", "2026-1-1", "1969-12-31", "today", "2026-01-01-01", "+026-01-01"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn weekends_are_passed_over() {
        let friday = parse("2026-03-06").expect("a date");
        assert_eq!([0, 1, 5, 6].map(|day| date(friday, day)), ["2026-03-06", "2026-03-09", "2026-03-13", "2026-03-16"]);
        assert_eq!(date(friday + 1, 0), "2026-03-09");
        assert_eq!(date(friday + 2, 4), "2026-03-13");
        assert_eq!(date(parse("2024-02-26").expect("a date"), 4), "2024-03-01");
    }
}
