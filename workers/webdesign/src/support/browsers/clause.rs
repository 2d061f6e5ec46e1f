//! The grammar of browserslist: a text as clauses, a clause as what it asks for.
//!
//! Owns what is a query and how queries are joined; which browsers one selects is `resolve`.

/// How a clause is joined to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joined {
    /// By `or`, a comma or being the first.
    Or,
    /// By `and`.
    And,
}

/// One clause.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clause<'a> {
    pub(super) joined: Joined,
    pub(super) not: bool,
    pub(super) ask: Ask<'a>,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    More,
    Least,
    Less,
    Most,
}

/// What has versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of<'a> {
    Every,
    Electron,
    Node,
    Browser(&'a str),
}

/// What a clause asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ask<'a> {
    Last { of: Of<'a>, count: f64, major: bool },
    Unreleased(Of<'a>),
    Years(f64),
    Since([i64; 3]),
    Baseline(Baseline<'a>),
    Popularity { sign: Sign, percent: f64, place: Option<&'a str> },
    Cover { percent: f64, place: Option<&'a str> },
    Supports { feature: &'a str, fully: bool },
    Range { of: Of<'a>, from: &'a str, to: &'a str },
    Ray { of: Of<'a>, sign: Sign, version: &'a str },
    Version { of: Of<'a>, version: &'a str },
    FirefoxEsr,
    OperaMini,
    MaintainedNode,
    Defaults,
    Dead,
    // What is not for a tool without files and clock to know.
    Foreign(&'static str),
    // The name of a browser without versions, perhaps.
    Unknown,
}

/// A query for Baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Baseline<'a> {
    pub(super) when: When<'a>,
    pub(super) downstream: bool,
    pub(super) kaios: bool,
}

/// Which Baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When<'a> {
    Year(&'a str),
    Newly,
    Widely,
    WidelyOn(&'a str),
}

/// The clauses of a text.
pub(super) fn parse(text: &str) -> Vec<Clause<'_>> {
    let (mut from, mut joined, mut at) = (0, Joined::Or, 0);
    let mut spans: Vec<(usize, usize, Joined)> = Vec::new();
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if c == ',' {
            if at != 0 {
                spans.push((from, at, joined));
            }
            at += 1 + blanks(text, at + 1);
            (from, joined) = (at, Joined::Or);
        } else if c.is_whitespace() {
            let next = at + blanks(text, at);
            let word = |word: &str| {
                let rest = text.get(next..).unwrap_or_default();
                let found = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
                found && rest.get(word.len()..).is_some_and(|rest| rest.starts_with(char::is_whitespace))
            };
            let found = if word("and") {
                Some((3, Joined::And))
            } else if word("or") {
                Some((2, Joined::Or))
            } else {
                None
            };
            if let Some((length, by)) = found {
                if at != 0 {
                    spans.push((from, at, joined));
                }
                at = next + length + blanks(text, next + length);
                (from, joined) = (at, by);
            } else {
                at = next;
            }
        } else {
            at += c.len_utf8();
        }
    }
    spans.push((from, text.len(), joined));
    spans.into_iter().map(|(from, to, joined)| clause(text.get(from..to).unwrap_or_default().trim(), joined)).collect()
}

fn blanks(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.len() - rest.trim_start().len()
}

fn clause(text: &str, joined: Joined) -> Clause<'_> {
    let rest = text.get(..3).filter(|word| word.eq_ignore_ascii_case("not")).and_then(|_| text.get(3..));
    match rest.filter(|rest| rest.starts_with(char::is_whitespace)) {
        Some(rest) => Clause { joined, not: true, ask: ask(rest.trim_start()) },
        None => Clause { joined, not: false, ask: ask(text) },
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_version(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

// `1`, `1.5` and `.5`.
fn decimal(text: &str) -> Option<f64> {
    let fits = match text.split_once('.') {
        None => is_digits(text),
        Some((whole, part)) => (whole.is_empty() || is_digits(whole)) && is_digits(part),
    };
    fits.then(|| text.parse().ok()).flatten()
}

fn of_named(name: &str) -> Of<'_> {
    match name.to_ascii_lowercase().as_str() {
        "electron" => Of::Electron,
        "node" => Of::Node,
        _ => Of::Browser(name),
    }
}

fn ask(text: &str) -> Ask<'_> {
    let lower = text.to_ascii_lowercase();
    // Lower case letters take as many bytes, so that both can be cut alike.
    let words: Vec<&str> = lower.split_whitespace().collect();
    let written: Vec<&str> = text.split_whitespace().collect();
    let plural = |word: &str| word == "version" || word == "versions";
    let nth = |at: usize| written.get(at).copied().unwrap_or_default();
    match words.as_slice() {
        ["last", count, rest @ ..] if is_digits(count) => {
            let count = count.parse().unwrap_or(f64::INFINITY);
            let last = |of, major| Ask::Last { of, count, major };
            match rest {
                ["major", v] if plural(v) => last(Of::Every, true),
                [v] if plural(v) => last(Of::Every, false),
                [name, "major", v] if plural(v) && is_word(name) => last(of_named(nth(2)), true),
                [name, v] if plural(v) && is_word(name) => last(of_named(nth(2)), false),
                ["year" | "years"] => Ask::Years(count),
                _ => Ask::Unknown,
            }
        }
        ["last", years, "year" | "years"] if !years.starts_with('.') => decimal(years).map_or(Ask::Unknown, Ask::Years),
        ["unreleased", "versions"] => Ask::Unreleased(Of::Every),
        ["unreleased", name, v] if plural(v) && is_word(name) => Ask::Unreleased(of_named(nth(1))),
        ["since", _] => since(nth(1)),
        ["baseline", rest @ ..] => baseline(rest, &written),
        ["supports", feature] if is_feature(feature) => Ask::Supports { feature: nth(1), fully: false },
        [how @ ("fully" | "partially"), "supports", feature] if is_feature(feature) => {
            Ask::Supports { feature: nth(2), fully: *how == "fully" }
        }
        ["cover", percent, rest @ ..] => cover(percent, rest, &written),
        ["firefox" | "ff" | "fx", "esr"] => Ask::FirefoxEsr,
        ["current", "node"] => Ask::Foreign("the version of Node.js that runs"),
        ["maintained", "node", "versions"] => Ask::MaintainedNode,
        ["phantomjs", "1.9"] => Ask::Version { of: Of::Browser("safari"), version: "5" },
        ["phantomjs", "2.1"] => Ask::Version { of: Of::Browser("safari"), version: "6" },
        ["browserslist", "config"] | ["extends", _] => Ask::Foreign("another configuration"),
        ["defaults"] => Ask::Defaults,
        ["dead"] => Ask::Dead,
        _ => compared(text).unwrap_or(Ask::Unknown),
    }
}

fn is_feature(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn since(date: &str) -> Ask<'_> {
    let parts: Vec<&str> = date.split('-').collect();
    let number = |at: usize| match parts.get(at) {
        None => Some(1),
        Some(part) if is_digits(part) => Some(part.parse().unwrap_or(i64::from(u32::MAX))),
        Some(_) => None,
    };
    match (number(0), number(1), number(2)) {
        (Some(year), Some(month), Some(day)) if parts.len() <= 3 => Ask::Since([year, month, day]),
        _ => Ask::Unknown,
    }
}

fn baseline<'a>(rest: &[&str], written: &[&'a str]) -> Ask<'a> {
    let (when, rest) = match rest {
        [year, rest @ ..] if is_digits(year) => (When::Year(written.get(1).copied().unwrap_or_default()), rest),
        ["newly", "available", "on", _, ..] => return Ask::Foreign("what was newly available on a day"),
        ["widely", "available", "on", _, rest @ ..] => {
            (When::WidelyOn(written.get(4).copied().unwrap_or_default()), rest)
        }
        ["newly", "available", rest @ ..] => (When::Newly, rest),
        ["widely", "available", rest @ ..] => (When::Widely, rest),
        _ => return Ask::Unknown,
    };
    let (downstream, kaios) = match rest {
        [] => (false, false),
        ["with", "downstream"] => (true, false),
        ["including", "kaios"] => (false, true),
        ["with", "downstream", "including", "kaios"] => (true, true),
        _ => return Ask::Unknown,
    };
    Ask::Baseline(Baseline { when, downstream, kaios })
}

fn is_place(text: &str) -> bool {
    let code = text.strip_prefix("alt-").unwrap_or(text);
    code.len() == 2 && is_word(code)
}

fn cover<'a>(percent: &str, rest: &[&str], written: &[&'a str]) -> Ask<'a> {
    let Some(percent) = percent.strip_suffix('%').and_then(decimal) else { return Ask::Unknown };
    match rest {
        [] => Ask::Cover { percent, place: None },
        ["in", place] if is_place(place) => Ask::Cover { percent, place: written.get(3).copied() },
        ["in", _, "stats"] => Ask::Foreign("statistics of one's own"),
        _ => Ask::Unknown,
    }
}

fn popularity(sign: Sign, rest: &str) -> Option<Ask<'_>> {
    let (number, rest) = rest.split_once('%')?;
    let percent = decimal(number)?;
    if rest.is_empty() {
        return Some(Ask::Popularity { sign, percent, place: None });
    }
    let words: Vec<&str> = rest.split_whitespace().collect();
    match words.as_slice() {
        _ if !rest.starts_with(char::is_whitespace) => None,
        [word, place] if word.eq_ignore_ascii_case("in") && is_place(&place.to_ascii_lowercase()) => {
            Some(Ask::Popularity { sign, percent, place: Some(*place) })
        }
        [word, _, stats] if word.eq_ignore_ascii_case("in") && stats.eq_ignore_ascii_case("stats") => {
            Some(Ask::Foreign("statistics of one's own"))
        }
        _ => None,
    }
}

fn sign_of(text: &str) -> Option<(Sign, &str)> {
    let signs = [(">=", Sign::Least), ("<=", Sign::Most), (">", Sign::More), ("<", Sign::Less)];
    let (word, sign) = signs.into_iter().find(|(word, _)| text.starts_with(word))?;
    Some((sign, text.get(word.len()..)?.trim_start()))
}

// What has a sign, a range or a version, with or without blanks around.
fn compared(text: &str) -> Option<Ask<'_>> {
    if let Some((sign, rest)) = sign_of(text) {
        return popularity(sign, rest);
    }
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, after) = text.split_at_checked(end)?;
    let rest = after.trim_start();
    let blank = rest.len() < after.len();
    if name.is_empty() {
        return operamini(text);
    }
    let of = of_named(name);
    if let Some((sign, version)) = sign_of(rest) {
        let esr = matches!(of, Of::Browser(_)) && version.eq_ignore_ascii_case("esr");
        return if is_version(version) || esr { Some(Ask::Ray { of, sign, version }) } else { operamini(text) };
    }
    if !blank {
        return operamini(text);
    }
    if let Some((from, to)) = rest.split_once('-') {
        let (from, to) = (from.trim_end(), to.trim_start());
        if is_version(from) && is_version(to) {
            return Some(Ask::Range { of, from, to });
        }
    }
    if let Some(ask) = operamini(text) {
        return Some(ask);
    }
    let fits = match of {
        Of::Node => rest.split('.').all(is_digits) && rest.split('.').count() <= 3,
        Of::Electron => is_version(rest),
        _ => is_version(rest) || rest.eq_ignore_ascii_case("tp"),
    };
    fits.then_some(Ask::Version { of, version: rest })
}

// Found anywhere in a clause.
fn operamini(text: &str) -> Option<Ask<'_>> {
    let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
    let named = |word: &str| word.ends_with("operamini") || word.ends_with("op_mini");
    let found = words.windows(2).any(|pair| matches!(pair, [name, all] if named(name) && all.starts_with("all")));
    found.then_some(Ask::OperaMini)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(text: &str) -> Vec<Ask<'_>> {
        parse(text).into_iter().map(|clause| clause.ask).collect()
    }

    #[test]
    fn clauses_are_joined_by_words_and_commas() {
        let shape = |text| -> Vec<(Joined, bool)> { parse(text).iter().map(|it| (it.joined, it.not)).collect() };
        assert_eq!(shape("ie 9, ie 10"), [(Joined::Or, false), (Joined::Or, false)]);
        assert_eq!(
            shape("ie 9 AND  not\tie 10 or dead"),
            [(Joined::Or, false), (Joined::And, true), (Joined::Or, false)]
        );
        assert_eq!(asks("ie 9,"), [Ask::Version { of: Of::Browser("ie"), version: "9" }, Ask::Unknown]);
    }

    #[test]
    fn clauses_are_what_they_ask_for() {
        assert_eq!(
            asks("> .5% in alt-eu"),
            [Ask::Popularity { sign: Sign::More, percent: 0.5, place: Some("alt-eu") }]
        );
        assert_eq!(
            asks("last 2 Chrome major versions"),
            [Ask::Last { of: Of::Browser("Chrome"), count: 2.0, major: true }]
        );
        assert_eq!(asks("ie>=9"), [Ask::Ray { of: Of::Browser("ie"), sign: Sign::Least, version: "9" }]);
        assert_eq!(asks("ie 9-10"), [Ask::Range { of: Of::Browser("ie"), from: "9", to: "10" }]);
        assert_eq!(asks("node 10.1"), [Ask::Version { of: Of::Node, version: "10.1" }]);
        assert_eq!(asks("safari TP"), [Ask::Version { of: Of::Browser("safari"), version: "TP" }]);
        assert_eq!(asks("since 2020-2"), [Ask::Since([2020, 2, 1])]);
        assert_eq!(asks("op_mini all"), [Ask::OperaMini]);
        assert_eq!(asks("fully supports css-grid"), [Ask::Supports { feature: "css-grid", fully: true }]);
        for text in
            ["", "ie", ">1", "last 2", "ie 9 10", "cover 1", "baseline", "since x", "\u{e9}", "not", "> 1%in US"]
        {
            assert_eq!(asks(text), [Ask::Unknown], "{text}");
        }
    }
}
