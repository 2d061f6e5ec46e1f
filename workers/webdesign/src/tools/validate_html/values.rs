//! Values of attributes: words, numbers, addresses, dates, booleans.

use super::dates;
use crate::support::languages;

/// Whether a value fits; an error says what would.
pub(super) fn check(element: &str, attribute: &str, value: &str) -> Result<(), String> {
    if is_boolean(element, attribute) {
        let fits = value.is_empty() || value.eq_ignore_ascii_case(attribute);
        return if fits { Ok(()) } else { Err("nothing, or the attribute's own name".to_owned()) };
    }
    if let Some(words) = words(element, attribute) {
        let known = |value: &str| {
            words.split(' ').any(|word| (word == "\"\"" && value.is_empty()) || word.eq_ignore_ascii_case(value))
        };
        let several = (element, attribute) == ("iframe", "sandbox");
        let fits = if several { value.split_ascii_whitespace().all(known) } else { known(value) };
        return if fits { Ok(()) } else { Err(words.replace("\"\"", "nothing").replace(' ', ", ")) };
    }
    form(element, attribute, value).map_err(str::to_owned)
}

fn form(element: &str, attribute: &str, value: &str) -> Result<(), &'static str> {
    match (element, attribute) {
        (_, "id") => {
            if value.is_empty() {
                Err("at least one character")
            } else if value.contains(|c: char| c.is_ascii_whitespace()) {
                Err("no spaces")
            } else {
                Ok(())
            }
        }
        (_, "tabindex") => {
            if integer(value) {
                Ok(())
            } else {
                Err("a whole number")
            }
        }
        ("img" | "iframe" | "video" | "canvas" | "embed" | "object" | "input" | "source", "width" | "height") => {
            if digits(value) {
                Ok(())
            } else {
                Err("a whole number of pixels, without a unit")
            }
        }
        ("td" | "th", "colspan") => span(value, 1, 1_000, "a number from 1 to 1000"),
        ("td" | "th", "rowspan") => span(value, 0, 65_534, "a number from 0 to 65534"),
        ("col" | "colgroup", "span") => span(value, 1, 1_000, "a number from 1 to 1000"),
        ("textarea", "rows" | "cols") | ("input" | "select", "size") => {
            if digits(value) && value.bytes().any(|digit| digit != b'0') {
                Ok(())
            } else {
                Err("a whole number above 0")
            }
        }
        ("input" | "textarea", "maxlength" | "minlength") => {
            if digits(value) {
                Ok(())
            } else {
                Err("a whole number")
            }
        }
        ("li", "value") | ("ol", "start") => {
            if integer(value) {
                Ok(())
            } else {
                Err("a whole number")
            }
        }
        ("meter", "value" | "min" | "max" | "low" | "high" | "optimum") | ("progress", "value" | "max") => {
            if dates::float(value).is_some() {
                Ok(())
            } else {
                Err("a number")
            }
        }
        ("a" | "area" | "base" | "form" | "button" | "input", "target" | "formtarget") => {
            let special = value.starts_with('_');
            let known =
                ["_blank", "_self", "_parent", "_top", "_unfencedtop"].iter().any(|it| it.eq_ignore_ascii_case(value));
            if value.is_empty() || (special && !known) { Err("a name, _blank, _self, _parent or _top") } else { Ok(()) }
        }
        ("a" | "area" | "link" | "base", "href") | ("q" | "blockquote" | "ins" | "del", "cite") => address(value),
        ("img" | "script" | "iframe" | "embed" | "audio" | "video" | "source" | "track" | "input", "src")
        | ("form", "action")
        | ("object", "data")
        | ("video", "poster")
        | ("button" | "input", "formaction") => {
            if value.trim().is_empty() {
                Err("an address")
            } else {
                address(value)
            }
        }
        (
            "iframe" | "map" | "object" | "form" | "input" | "select" | "textarea" | "button" | "fieldset" | "output",
            "name",
        ) if value.is_empty() && matches!(element, "iframe" | "map" | "object" | "form") => {
            Err("at least one character")
        }
        ("img" | "object", "usemap") => {
            if value.len() > 1 && value.starts_with('#') {
                Ok(())
            } else {
                Err("# and the name of a map")
            }
        }
        _ => of_forms(element, attribute, value),
    }
}

// Values that have a form of their own.
fn of_forms(element: &str, attribute: &str, value: &str) -> Result<(), &'static str> {
    match (element, attribute) {
        ("a" | "link" | "source" | "object" | "embed", "type") => {
            if is_mime(value) {
                Ok(())
            } else {
                Err("a MIME type, for example text/html")
            }
        }
        ("time", "datetime") => {
            if dates::is_for_time(value) {
                Ok(())
            } else {
                Err("a date, a time, a week, a year, or a duration such as PT4H")
            }
        }
        ("ins" | "del", "datetime") => {
            if dates::is_for_edit(value) {
                Ok(())
            } else {
                Err("a date, or a date and a time with its zone")
            }
        }
        (_, "lang") => language(value),
        (_, "accesskey") => {
            let keys: Vec<&str> = value.split_ascii_whitespace().collect();
            let fits = keys
                .iter()
                .enumerate()
                .all(|(at, key)| key.chars().count() == 1 && !keys.iter().take(at).any(|before| before == key));
            if fits && !keys.is_empty() { Ok(()) } else { Err("single characters, each once") }
        }
        _ => Ok(()),
    }
}

const SANDBOX: &str = "allow-downloads allow-forms allow-modals allow-orientation-lock allow-pointer-lock allow-popups allow-popups-to-escape-sandbox allow-presentation allow-same-origin allow-scripts allow-storage-access-by-user-activation allow-top-navigation allow-top-navigation-by-user-activation allow-top-navigation-to-custom-protocols";

fn is_mime(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim();
    let token = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    essence.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

fn language(value: &str) -> Result<(), &'static str> {
    let form = value
        .split('-')
        .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let private = value.len() > 2 && (value.starts_with("x-") || value.starts_with("i-"));
    if value.is_empty() || form && (private || languages::is_known(value)) {
        Ok(())
    } else {
        Err("a language tag whose language is registered, for example en or de-CH")
    }
}

/// What an `input` of a type takes in `value`, `min`, `max` or `step`, where that is not it.
pub(super) fn of_input(kind: &str, attribute: &str, value: &str) -> Option<&'static str> {
    let number = dates::float(value);
    let (fits, expected) = match (kind, attribute) {
        ("date" | "month" | "week" | "time" | "datetime-local" | "number" | "range", "step") => {
            (value.eq_ignore_ascii_case("any") || number.is_some_and(|step| step > 0.0), "a number above 0, or any")
        }
        (_, "step") => return None,
        ("number" | "range", _) => (number.is_some(), "a number"),
        ("date", _) => (dates::is_date(value), "a date such as 2026-03-31"),
        ("month", _) => (dates::is_month(value), "a month such as 2026-03"),
        ("week", _) => (dates::is_week(value), "a week such as 2026-W09"),
        ("time", _) => (dates::is_time(value), "a time such as 23:59"),
        ("datetime-local", _) => (dates::is_local_date_time(value), "a date and time such as 2026-03-31T23:59"),
        ("color", "value") => {
            let digits = value.strip_prefix('#').unwrap_or_default();
            let fits = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            (fits, "a colour such as #7f00ff")
        }
        ("url", "value") => {
            let scheme = value.trim().split(':').next().unwrap_or_default();
            let fits = value.contains(':') && scheme.starts_with(|c: char| c.is_ascii_alphabetic());
            (fits, "an absolute address")
        }
        _ => return None,
    };
    (!fits).then_some(expected)
}

fn integer(value: &str) -> bool {
    digits(value.strip_prefix('-').unwrap_or(value))
}

fn digits(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn span(value: &str, least: u32, most: u32, expected: &'static str) -> Result<(), &'static str> {
    let fits = digits(value) && value.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number));
    if fits { Ok(()) } else { Err(expected) }
}

// What the URL standard calls a validation error, as far as it can be told without a base.
fn address(value: &str) -> Result<(), &'static str> {
    let trimmed = value.trim_matches(|c: char| c.is_ascii_whitespace());
    let lower = trimmed.to_ascii_lowercase();
    if lower.starts_with("mailto:") && trimmed.contains(|c: char| c.is_ascii_whitespace()) {
        return Err("an address in which spaces are written as %20");
    }
    if ["javascript:", "data:", "mailto:", "tel:", "about:", "blob:", "urn:"]
        .iter()
        .any(|scheme| lower.starts_with(scheme))
    {
        return Ok(());
    }
    let (before, fragment) =
        trimmed.split_once('#').map_or((trimmed, None), |(before, fragment)| (before, Some(fragment)));
    let bad = |c: char| {
        c.is_ascii_whitespace() || c.is_control() || matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    if before.contains(bad) {
        return Err("an address without spaces and signs that must be written as %20 and the like");
    }
    let is_absolute = before.contains("://") || before.starts_with("//");
    let path = if is_absolute { before.splitn(4, '/').nth(3).unwrap_or_default() } else { before };
    if path.contains(['[', ']']) {
        return Err("an address in which [ and ] are written as %5B and %5D");
    }
    if fragment.is_some_and(|fragment| {
        fragment.contains(|c: char| {
            c.is_ascii_whitespace()
                || matches!(c, '"' | '<' | '>' | '`' | '#' | '{' | '}' | '|' | '\\' | '^' | '[' | ']')
        })
    }) {
        return Err("a fragment without spaces and signs that must be written as %20 and the like");
    }
    let mut rest = before;
    while let Some(at) = rest.find('%') {
        let code = rest.get(at + 1..at + 3).unwrap_or_default();
        if code.len() < 2 || !code.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("an address in which % is followed by two hexadecimal digits");
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    if let Some(host) = before.strip_prefix("http://").or_else(|| before.strip_prefix("https://"))
        && host.is_empty()
    {
        return Err("an address with a host");
    }
    Ok(())
}

fn is_boolean(element: &str, attribute: &str) -> bool {
    matches!(
        (element, attribute),
        (_, "autofocus" | "inert" | "itemscope")
            | ("script", "async" | "defer" | "nomodule")
            | ("audio" | "video", "autoplay" | "controls" | "loop" | "muted" | "playsinline")
            | ("input" | "button" | "select" | "textarea" | "fieldset" | "option" | "optgroup", "disabled")
            | ("input", "checked" | "multiple" | "readonly" | "required" | "formnovalidate")
            | ("button", "formnovalidate")
            | ("select", "multiple" | "required")
            | ("textarea", "readonly" | "required")
            | ("option", "selected")
            | ("form", "novalidate")
            | ("iframe", "allowfullscreen")
            | ("img", "ismap")
            | ("ol", "reversed")
            | ("details" | "dialog", "open")
            | ("track", "default")
    )
}

fn words(element: &str, attribute: &str) -> Option<&'static str> {
    Some(match (element, attribute) {
        ("input", "type") => {
            "button checkbox color date datetime-local email file hidden image month number password radio range reset search submit tel text time url week"
        }
        ("button", "type") => "button reset submit",
        ("ol", "type") => return None,
        ("form", "method") | ("button" | "input", "formmethod") => "get post dialog",
        ("form", "enctype") | ("button" | "input", "formenctype") => {
            "application/x-www-form-urlencoded multipart/form-data text/plain"
        }
        ("form", "autocomplete") => "on off",
        (_, "dir") if element != "bdo" => "ltr rtl auto",
        ("bdo", "dir") => "ltr rtl",
        (_, "contenteditable") => "true false plaintext-only \"\"",
        (_, "draggable") => "true false",
        (_, "spellcheck") => "true false \"\"",
        (_, "translate") => "yes no \"\"",
        (_, "hidden") => "hidden until-found \"\"",
        ("iframe", "sandbox") => SANDBOX,
        ("th", "scope") => "row col rowgroup colgroup",
        ("img" | "iframe" | "video" | "audio", "loading") => "lazy eager",
        ("img", "decoding") => "sync async auto",
        ("audio" | "video", "preload") => "none metadata auto \"\"",
        ("audio" | "video" | "img" | "link" | "script", "crossorigin") => "anonymous use-credentials \"\"",
        ("track", "kind") => "subtitles captions descriptions chapters metadata",
        ("area", "shape") => "rect circle poly default",
        ("textarea", "wrap") => "soft hard",
        ("a" | "area" | "img" | "iframe" | "link" | "script", "referrerpolicy") => {
            "no-referrer no-referrer-when-downgrade same-origin origin strict-origin origin-when-cross-origin strict-origin-when-cross-origin unsafe-url \"\""
        }
        ("img" | "link" | "script", "fetchpriority") => "high low auto",
        ("meta", "charset") => "utf-8",
        (_, "inputmode") => "none text decimal numeric tel search email url",
        (_, "enterkeyhint") => "enter done go next previous search send",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn values_of_inputs_are_judged_by_type() {
        for (kind, attribute, value, fits) in [
            ("color", "value", "#aB0123", true),
            ("color", "value", "red", false),
            ("date", "min", "2026-02-30", false),
            ("number", "value", "+1", false),
            ("number", "step", "any", true),
            ("range", "step", "0", false),
            ("url", "value", "/a", false),
            ("text", "value", "x", true),
        ] {
            assert_eq!(super::of_input(kind, attribute, value).is_none(), fits, "{kind} {attribute}={value}");
        }
    }

    #[test]
    fn values_are_judged_by_kind() {
        for (element, attribute, value, fits) in [
            ("input", "disabled", "", true),
            ("input", "disabled", "DISABLED", true),
            ("input", "disabled", "true", false),
            ("img", "width", "100%", false),
            ("img", "src", "", false),
            ("a", "href", "", true),
            ("a", "href", "a b", false),
            ("a", "href", "/a%20b?c=[d]", false),
            ("a", "href", "/100%", false),
            ("a", "href", "javascript:void (0)", true),
            ("td", "colspan", "0", false),
            ("button", "type", "Submit", true),
            ("p", "id", "a b", false),
            ("a", "target", "_new", false),
            ("a", "type", "text/html; charset=utf-8", true),
            ("a", "type", "iframe", false),
            ("a", "href", "mailto:a b", false),
            ("time", "datetime", "soon", false),
            ("p", "lang", "xxx", false),
            ("p", "lang", "x-own", true),
            ("p", "accesskey", "s s", false),
            ("iframe", "sandbox", "allow-scripts allow-forms", true),
            ("iframe", "sandbox", "scripts", false),
        ] {
            assert_eq!(check(element, attribute, value).is_ok(), fits, "{element} {attribute}={value}");
        }
    }
}
