//! Version specifiers (PEP 440): their grammar, and which versions they admit.

use pep440_rs::Version;
use std::fmt;
use std::str::FromStr;

/// How a specifier compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// `~=`
    Compatible,
    /// `===`
    Arbitrary,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Less,
    /// `>`
    Greater,
}

// Longest first, as they are looked for.
const OPERATORS: [(&str, Operator); 8] = [
    ("===", Operator::Arbitrary),
    ("~=", Operator::Compatible),
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Operator {
    /// As it is written.
    pub fn word(self) -> &'static str {
        OPERATORS.iter().find(|(_, operator)| *operator == self).map_or("", |(word, _)| word)
    }
}

/// One comparison with a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specifier {
    /// How.
    pub operator: Operator,
    /// The version as it is written, without `.*`.
    pub text: String,
    /// Its version; none where `===` has a word that is no version.
    pub version: Option<Version>,
    /// Whether `.*` follows.
    pub wildcard: bool,
}

impl fmt::Display for Specifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.operator.word(), self.text, if self.wildcard { ".*" } else { "" })
    }
}

/// What every version must satisfy at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Specifiers(pub Vec<Specifier>);

impl fmt::Display for Specifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, specifier) in self.0.iter().enumerate() {
            write!(f, "{}{specifier}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl Specifiers {
    /// Reads a list of specifiers between commas; an error says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut found = Vec::new();
        for part in text.split(',') {
            let part = part.trim();
            if part.is_empty() {
                continue;
            }
            match scan(part) {
                Some((specifier, length)) if length == part.len() => found.push(specifier),
                _ => return Err(complaint(part)),
            }
        }
        Ok(Self(found))
    }

    /// Whether a version is admitted, whatever its kind.
    pub fn contains(&self, version: &Version) -> bool {
        self.0.iter().all(|specifier| specifier.contains(version))
    }

    /// Whether a version is admitted that is written like this: `===` compares words.
    pub fn contains_written(&self, version: &Version, written: &str) -> bool {
        self.0.iter().all(|specifier| match specifier.operator {
            Operator::Arbitrary => specifier.text.eq_ignore_ascii_case(written.trim()),
            Operator::Compatible
            | Operator::Equal
            | Operator::NotEqual
            | Operator::AtMost
            | Operator::AtLeast
            | Operator::Less
            | Operator::Greater => specifier.contains(version),
        })
    }

    /// Whether one of them names a pre-release, which opts in to them (PEP 440).
    pub fn names_prerelease(&self) -> bool {
        self.0.iter().any(|specifier| {
            specifier.operator != Operator::NotEqual && specifier.version.as_ref().is_some_and(Version::any_prerelease)
        })
    }

    /// The version that `==` or `===` pins, if one does.
    pub fn pinned(&self) -> Option<&Version> {
        let pins = |specifier: &&Specifier| {
            matches!(specifier.operator, Operator::Equal | Operator::Arbitrary) && !specifier.wildcard
        };
        self.0.iter().find(pins).and_then(|specifier| specifier.version.as_ref())
    }
}

impl Specifier {
    /// Whether a version is admitted, whatever its kind.
    pub fn contains(&self, candidate: &Version) -> bool {
        if self.operator == Operator::Arbitrary {
            return candidate.to_string().eq_ignore_ascii_case(&self.text);
        }
        let Some(version) = &self.version else { return false };
        // The local label counts only where the specifier has one.
        let public = || candidate.clone().without_local();
        match self.operator {
            Operator::Arbitrary => false,
            Operator::Equal if self.wildcard => has_prefix(candidate, version, version.release()),
            Operator::NotEqual if self.wildcard => !has_prefix(candidate, version, version.release()),
            Operator::Equal if version.local().is_empty() => public() == *version,
            Operator::NotEqual if version.local().is_empty() => public() != *version,
            Operator::Equal => candidate == version,
            Operator::NotEqual => candidate != version,
            Operator::AtMost => public() <= *version,
            Operator::AtLeast => public() >= *version,
            // Before V, and before its pre-releases where V is none itself.
            Operator::Less if version.any_prerelease() => candidate < version,
            Operator::Less => *candidate < version.clone().with_dev(Some(0)),
            Operator::Greater => after(candidate, version),
            Operator::Compatible => {
                let release = version.release();
                let prefix = release.get(..release.len().saturating_sub(1)).unwrap_or_default();
                public() >= *version && has_prefix(candidate, version, prefix)
            }
        }
    }
}

// Whether two versions have the same epoch and release, trailing zeros aside.
fn same_release(a: &Version, b: &Version) -> bool {
    let trimmed = |version: &Version| {
        let mut release = version.release().to_vec();
        while release.last() == Some(&0) {
            release.pop();
        }
        release
    };
    a.epoch() == b.epoch() && trimmed(a) == trimmed(b)
}

// After V: after its local versions, and after its post-releases where V is none itself.
fn after(candidate: &Version, version: &Version) -> bool {
    if let Some(dev) = version.dev() {
        return *candidate >= version.clone().with_dev(Some(dev.saturating_add(1)));
    }
    if let Some(post) = version.post() {
        return *candidate >= version.clone().with_post(Some(post.saturating_add(1))).with_dev(Some(0));
    }
    let family = same_release(candidate, version)
        && candidate.pre() == version.pre()
        && (candidate.dev().is_none() || candidate.is_post());
    candidate > version && !family
}

// Whether a version's release begins with these numbers, as if it had as many zeros as it takes.
fn has_prefix(candidate: &Version, version: &Version, prefix: &[u64]) -> bool {
    let release = candidate.release();
    candidate.epoch() == version.epoch()
        && prefix.iter().enumerate().all(|(at, number)| release.get(at).copied().unwrap_or(0) == *number)
}

/// The specifier a text begins with, and how many bytes it takes.
pub fn scan(text: &str) -> Option<(Specifier, usize)> {
    let (word, operator) = OPERATORS.iter().copied().find(|(word, _)| text.starts_with(word))?;
    let rest = text.get(word.len()..)?;
    let spaces = rest.len() - rest.trim_start().len();
    let body = rest.get(spaces..)?;
    if operator == Operator::Arbitrary {
        let length = body.find(|c: char| c.is_whitespace() || matches!(c, ';' | ')')).unwrap_or(body.len());
        let written = body.get(..length)?.to_owned();
        let version = Version::from_str(&written).ok();
        let specifier = Specifier { operator, text: written, version, wildcard: false };
        return Some((specifier, word.len() + spaces + length));
    }
    let equality = matches!(operator, Operator::Equal | Operator::NotEqual);
    let scanned = scan_version(body, equality)?;
    if operator == Operator::Compatible && scanned.numbers < 2 {
        return None;
    }
    let written = body.get(..scanned.end)?;
    let version = Version::from_str(written).ok()?;
    let tail = if scanned.wildcard { 2 } else { 0 };
    let specifier =
        Specifier { operator, text: written.to_owned(), version: Some(version), wildcard: scanned.wildcard };
    Some((specifier, word.len() + spaces + scanned.end + tail))
}

/// Whether a text is one version (PEP 440), spaces around it aside.
pub fn version(text: &str) -> Option<Version> {
    let text = text.trim();
    let scanned = scan_version(text, true)?;
    if scanned.wildcard || scanned.end != text.len() {
        return None;
    }
    Version::from_str(text).ok()
}

struct Scanned {
    end: usize,
    numbers: usize,
    wildcard: bool,
}

// A version at the start of a text, by the regular expression of PEP 440's appendix.
fn scan_version(text: &str, equality: bool) -> Option<Scanned> {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    reader.take_any(b"vV");
    let before = reader.at;
    if reader.digits() && reader.take_any(b"!") {
        // That was the epoch.
    } else {
        reader.at = before;
    }
    if !reader.digits() {
        return None;
    }
    let mut numbers = 1;
    loop {
        let before = reader.at;
        if reader.take_any(b".") && reader.digits() {
            numbers += 1;
        } else {
            reader.at = before;
            break;
        }
    }
    if equality && reader.rest().starts_with(b".*") {
        return Some(Scanned { end: reader.at, numbers, wildcard: true });
    }
    let labelled = |reader: &mut Reader<'_>, words: &[&str]| {
        let before = reader.at;
        reader.take_any(b"-_.");
        if reader.word(words) {
            let after = reader.at;
            if !(reader.take_any(b"-_.") && reader.digits()) {
                reader.at = after;
                reader.digits();
            }
            true
        } else {
            reader.at = before;
            false
        }
    };
    labelled(&mut reader, &["alpha", "beta", "preview", "pre", "a", "b", "c", "rc"]);
    let before = reader.at;
    if !(reader.take_any(b"-") && reader.digits()) {
        reader.at = before;
        labelled(&mut reader, &["post", "rev", "r"]);
    }
    labelled(&mut reader, &["dev"]);
    if equality {
        let before = reader.at;
        if reader.take_any(b"+") && reader.alphanumerics() {
            loop {
                let before = reader.at;
                if !(reader.take_any(b"-_.") && reader.alphanumerics()) {
                    reader.at = before;
                    break;
                }
            }
        } else {
            reader.at = before;
        }
    }
    Some(Scanned { end: reader.at, numbers, wildcard: false })
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take_any(&mut self, set: &[u8]) -> bool {
        let taken = self.rest().first().is_some_and(|byte| set.contains(byte));
        self.at += usize::from(taken);
        taken
    }

    fn run(&mut self, is: impl Fn(&u8) -> bool) -> bool {
        let length = self.rest().iter().take_while(|byte| is(byte)).count();
        self.at += length;
        length > 0
    }

    fn digits(&mut self) -> bool {
        self.run(u8::is_ascii_digit)
    }

    fn alphanumerics(&mut self) -> bool {
        self.run(u8::is_ascii_alphanumeric)
    }

    fn word(&mut self, words: &[&str]) -> bool {
        let rest = self.rest();
        let found = words
            .iter()
            .find(|word| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())));
        let length = found.map_or(0, |word| word.len());
        self.at += length;
        length > 0
    }
}

// Why a part between commas is no specifier, in words.
fn complaint(part: &str) -> String {
    let part = octavo_toolkit::limits::excerpt(part);
    let Some((word, operator)) = OPERATORS.iter().copied().find(|(word, _)| part.starts_with(word)) else {
        let hint = if part.starts_with(|c: char| c.is_ascii_digit()) {
            format!("; `=={part}` is meant, or another operator")
        } else if part.starts_with('=') {
            "; the operator for equality is `==`".to_owned()
        } else if part.starts_with('^') || part.starts_with('~') {
            "; `^` and `~` are Poetry's, here `~=` and ranges such as `>=1,<2` are known".to_owned()
        } else {
            String::new()
        };
        return format!("`{part}` has no operator{hint}");
    };
    let version = part.get(word.len()..).unwrap_or_default().trim();
    if version.is_empty() {
        return format!("`{part}` has no version");
    }
    if version.contains('*') && !matches!(operator, Operator::Equal | Operator::NotEqual) {
        return format!("`{part}`: `.*` goes with `==` and `!=` only");
    }
    if version.contains('+') && !matches!(operator, Operator::Equal | Operator::NotEqual) {
        return format!("`{part}`: a local version goes with `==` and `!=` only");
    }
    if operator == Operator::Compatible && !version.contains('.') {
        return format!("`{part}`: `~=` needs a version of two numbers, such as `~={version}.0`");
    }
    format!("`{part}`: `{version}` is no version")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(specifiers: &str, candidate: &str) -> bool {
        Specifiers::parse(specifiers).expect(specifiers).contains(&version(candidate).expect(candidate))
    }

    #[test]
    fn specifiers_admit_what_pep_440_says() {
        for (specifiers, candidate) in [
            ("==2.*", "2a1"),
            ("==2", "2.0+local"),
            ("~=1.4.5a4", "1.4.9"),
            (">2", "2.1.post1"),
            ("<3.0.0a8", "3.0.0a7"),
            ("===1.0+LOCAL", "1.0+local"),
            (">1.0a1", "1.0"),
            ("", "1"),
        ] {
            assert!(admits(specifiers, candidate), "{specifiers} {candidate}");
        }
        for (specifiers, candidate) in [
            ("<2", "2.0a1"),
            (">2", "2.0.post1"),
            (">2", "2.0+local"),
            ("~=1.4.5", "1.5"),
            ("!=1.1.*", "1.1.5"),
            ("==1.0", "1.0.post1"),
            ("===1.0", "1.0.0"),
            (">=1,<2", "2"),
        ] {
            assert!(!admits(specifiers, candidate), "{specifiers} {candidate}");
        }
    }

    #[test]
    fn wrong_specifiers_are_told_in_words() {
        for (text, said) in [
            ("2.0", "`2.0` has no operator; `==2.0` is meant, or another operator"),
            ("=2", "`=2` has no operator; the operator for equality is `==`"),
            ("==", "`==` has no version"),
            ("~=1", "`~=1`: `~=` needs a version of two numbers, such as `~=1.0`"),
            (">=1.0.*", "`>=1.0.*`: `.*` goes with `==` and `!=` only"),
            (">=one", "`>=one`: `one` is no version"),
        ] {
            assert_eq!(Specifiers::parse(text).expect_err(text), said);
        }
    }

    #[test]
    fn huge_numbers_are_refused_or_read() {
        for text in ["==99999999999999999999", "==18446744073709551615.*", "~=1.18446744073709551615"] {
            if let Ok(specifiers) = Specifiers::parse(text) {
                specifiers.contains(&version("1").expect("a version"));
            }
        }
    }
}
