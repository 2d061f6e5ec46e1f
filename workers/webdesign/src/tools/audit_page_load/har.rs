//! A HAR 1.2 recording, read leniently: browsers and recorders leave out, null and retype fields.
//!
//! Owns the shape of the file and its dates; knows nothing of pages. Bodies are skipped while reading.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A recording.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Har {
    #[serde(deserialize_with = "or_default")]
    pub(super) log: Log,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Log {
    #[serde(deserialize_with = "or_default")]
    pub(super) creator: Creator,
    #[serde(deserialize_with = "or_default")]
    pub(super) pages: Vec<HarPage>,
    #[serde(deserialize_with = "or_default")]
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Creator {
    pub(super) name: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HarPage {
    pub(super) id: Text,
    #[serde(rename = "startedDateTime")]
    pub(super) started: Text,
    #[serde(rename = "pageTimings", deserialize_with = "or_default")]
    pub(super) timings: PageTimings,
    // The address the recorder asked for (browsertime).
    #[serde(rename = "_url")]
    pub(super) url: Text,
    #[serde(rename = "_googleWebVitals", deserialize_with = "or_default")]
    pub(super) vitals: Vitals,
    #[serde(rename = "_visualMetrics", deserialize_with = "or_default")]
    pub(super) visual: Visual,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PageTimings {
    #[serde(rename = "onContentLoad")]
    pub(super) content_load: Number,
    #[serde(rename = "onLoad")]
    pub(super) load: Number,
    #[serde(rename = "_firstContentfulPaint")]
    pub(super) fcp: Number,
    #[serde(rename = "_largestContentfulPaint")]
    pub(super) lcp: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Vitals {
    pub(super) first_contentful_paint: Number,
    pub(super) largest_contentful_paint: Number,
    pub(super) cumulative_layout_shift: Number,
    pub(super) total_blocking_time: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Visual {
    #[serde(rename = "SpeedIndex")]
    pub(super) speed_index: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Entry {
    pub(super) pageref: Text,
    #[serde(rename = "startedDateTime")]
    pub(super) started: Text,
    pub(super) time: Number,
    #[serde(deserialize_with = "or_default")]
    pub(super) request: Request,
    #[serde(deserialize_with = "or_default")]
    pub(super) response: Response,
    #[serde(deserialize_with = "or_default")]
    pub(super) timings: Timings,
    #[serde(rename = "_priority")]
    pub(super) priority: Text,
    #[serde(rename = "_resourceType")]
    pub(super) resource_type: Text,
    #[serde(rename = "_renderBlocking")]
    pub(super) render_blocking: Text,
    #[serde(rename = "_initiator")]
    pub(super) initiator: Initiator,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Request {
    pub(super) method: Text,
    pub(super) url: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Response {
    pub(super) status: Number,
    #[serde(rename = "httpVersion")]
    pub(super) http_version: Text,
    #[serde(deserialize_with = "or_default")]
    pub(super) headers: Vec<Header>,
    #[serde(deserialize_with = "or_default")]
    pub(super) content: Content,
    #[serde(rename = "redirectURL")]
    pub(super) redirect: Text,
    #[serde(rename = "headersSize")]
    pub(super) headers_size: Number,
    #[serde(rename = "bodySize")]
    pub(super) body_size: Number,
    #[serde(rename = "_transferSize")]
    pub(super) transfer_size: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Header {
    pub(super) name: Text,
    pub(super) value: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Content {
    pub(super) size: Number,
    #[serde(rename = "mimeType")]
    pub(super) mime: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Timings {
    pub(super) blocked: Number,
    pub(super) dns: Number,
    pub(super) connect: Number,
    pub(super) ssl: Number,
    pub(super) send: Number,
    pub(super) wait: Number,
    pub(super) receive: Number,
}

/// A text; empty where the file has something else.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

/// A number; none where the file has something else.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(super) struct Number(pub(super) Option<f64>);

/// The address that asked for a request: a text, or Chrome's object with a stack.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Initiator(pub(super) String);

impl Response {
    /// The values of a header, in order.
    pub(super) fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let matching = self.headers.iter().filter(move |header| header.name.0.eq_ignore_ascii_case(name));
        matching.map(|header| header.value.0.as_str())
    }

    /// Bytes of the body on the wire. A recorder that does not know says -1; Chrome then has them apart.
    pub(super) fn body_bytes(&self) -> f64 {
        let known = [self.body_size.0, self.transfer_size.0].into_iter().flatten().find(|size| *size >= 0.0);
        known.unwrap_or(0.0)
    }

    /// Bytes of the body decoded.
    pub(super) fn content_bytes(&self) -> f64 {
        self.content.size.0.filter(|size| *size >= 0.0).unwrap_or_else(|| self.body_bytes())
    }
}

// What a scalar of any kind comes to; objects and lists are read over.
enum Scalar {
    Text(String),
    Number(f64),
    Other,
}

struct AnyScalar;

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }
    #[expect(clippy::cast_precision_loss, reason = "sizes and milliseconds are far below 2^53")]
    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value as f64))
    }
    #[expect(clippy::cast_precision_loss, reason = "sizes and milliseconds are far below 2^53")]
    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value as f64))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }
    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Scalar, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match deserializer.deserialize_any(AnyScalar)? {
            Scalar::Text(text) => Self(text),
            Scalar::Number(number) => Self(number.to_string()),
            Scalar::Other => Self::default(),
        })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match deserializer.deserialize_any(AnyScalar)? {
            Scalar::Number(number) => Self(Some(number).filter(|number| number.is_finite())),
            Scalar::Text(text) => Self(text.trim().parse().ok().filter(|number: &f64| number.is_finite())),
            Scalar::Other => Self(None),
        })
    }
}

impl<'de> Deserialize<'de> for Initiator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let url = |value: &serde_json::Value| value["url"].as_str().filter(|url| !url.is_empty()).map(str::to_owned);
        let in_stack = |stack: &serde_json::Value| stack["callFrames"].as_array().into_iter().flatten().find_map(url);
        let stack = &value["stack"];
        let found = value.as_str().map(str::to_owned).or_else(|| url(&value));
        Ok(Self(found.or_else(|| in_stack(stack)).or_else(|| in_stack(&stack["parent"])).unwrap_or_default()))
    }
}

// Null stands for an absent object or list.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Milliseconds since 1970 of an ISO 8601 time, as ECMAScript reads it: cut to milliseconds, UTC without an offset.
pub(super) fn iso_millis(text: &str) -> Option<f64> {
    let (date, clock) = text.trim().split_once(['T', ' '])?;
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let days = days_of(parts.next()??, parts.next()??, parts.next()??)?;
    let (clock, offset) = split_offset(clock)?;
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    let total = days * 86_400 + seconds_of(seconds)? - offset;
    exact(total * 1000 + millis.parse::<i64>().ok()?)
}

/// Milliseconds since 1970 of a date as HTTP headers have it (RFC 9110 section 5.6.7, its obsolete forms too).
pub(super) fn http_millis(text: &str) -> Option<f64> {
    let text = text.trim();
    let weekday = text.get(..3)?;
    if !["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&weekday) {
        return None;
    }
    let (mut day, mut month, mut year, mut seconds) = (None, None, None, None);
    let words = text.split([' ', ',', '-']).filter(|word| !word.is_empty()).skip(1);
    for word in words {
        let number = word.parse::<i64>().ok();
        if word.contains(':') {
            seconds = seconds_of(word);
        } else if let Some(at) =
            word.get(..3).and_then(|it| MONTHS.iter().position(|name| name.eq_ignore_ascii_case(it)))
        {
            month = i64::try_from(at + 1).ok();
        } else if day.is_none() && number.is_some_and(|number| number < 32) {
            day = number;
        } else if year.is_none() {
            year = number;
        }
    }
    let year = year.map(|year| {
        if year < 50 {
            2000 + year
        } else if year < 100 {
            1900 + year
        } else {
            year
        }
    })?;
    exact((days_of(year, month?, day?)? * 86_400 + seconds.unwrap_or(0)) * 1000)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn split_offset(clock: &str) -> Option<(&str, i64)> {
    if let Some(utc) = clock.strip_suffix(['Z', 'z']) {
        return Some((utc, 0));
    }
    let Some(at) = clock.rfind(['+', '-']) else { return Some((clock, 0)) };
    let (clock, offset) = clock.split_at_checked(at)?;
    let (sign, digits) = offset.split_at_checked(1)?;
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let hours: i64 = digits.get(..2)?.parse().ok()?;
    let minutes: i64 = digits.get(2..4).unwrap_or("0").parse().ok()?;
    let seconds = (hours * 60 + minutes) * 60;
    Some((clock, if sign == "-" { -seconds } else { seconds }))
}

fn seconds_of(clock: &str) -> Option<i64> {
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok().filter(|part| (0..=60).contains(part)));
    let (hours, minutes) = (parts.next()??, parts.next()??);
    Some(hours * 3600 + minutes * 60 + parts.next().unwrap_or(Some(0))?)
}

// Days since 1970-01-01 in the Gregorian calendar, counted in years that begin in March.
fn days_of(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(0..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let in_year = (153 * month + 2) / 5 + day - 1;
    Some(365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + in_year - 719_468)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::unnecessary_wraps,
    reason = "below 10^15, which is exact; reads as the end of a chain"
)]
fn exact(millis: i64) -> Option<f64> {
    Some(millis as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_browsers_write_them() {
        assert_eq!(iso_millis("1970-01-02T00:00:00.5Z"), Some(86_400_500.0));
        assert_eq!(iso_millis("2016-01-24T14:41:45.818Z"), Some(1_453_646_505_818.0));
        assert_eq!(iso_millis("2016-01-25T22:21:09.452999+01:00"), Some(1_453_756_869_452.0));
        assert_eq!(iso_millis("yesterday"), None);
        assert_eq!(http_millis("Sun, 24 Jan 2016 13:17:13 GMT"), Some(1_453_641_433_000.0));
        assert_eq!(http_millis("Sunday, 24-Jan-16 13:17:13 GMT"), Some(1_453_641_433_000.0));
        assert_eq!(http_millis("Sun Jan 24 13:17:13 2016"), Some(1_453_641_433_000.0));
        assert_eq!(http_millis("0"), None);
    }

    #[test]
    fn fields_of_the_wrong_kind_are_as_good_as_absent() {
        let text = r#"{"time":"12","request":{"url":null},"timings":null,"response":{"status":{},"headers":[],"content":null},"_initiator":{"stack":{"callFrames":[{"url":"a"}]}}}"#;
        let entry: Entry = serde_json::from_str(text).expect("lenient");
        assert_eq!((entry.time.0, entry.initiator.0.as_str()), (Some(12.0), "a"));
        assert_eq!((entry.request.url.0.as_str(), entry.response.status.0), ("", None));
    }
}
