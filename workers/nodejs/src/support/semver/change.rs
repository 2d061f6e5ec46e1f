//! Versions made from versions and from running text.

use super::Options;
use super::version::{Identifier, Version, are_identifiers, compare_identifiers, identifier};

/// Most digits of a number found in running text (semver's `MAX_SAFE_COMPONENT_LENGTH`).
const MAX_COERCED_DIGITS: usize = 16;

/// How a prerelease is named and counted when a version is raised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Increment<'a> {
    /// `major`, `minor`, `patch`, `premajor`, `preminor`, `prepatch`, `prerelease`, `pre` or `release`.
    pub release: &'a str,
    /// What a prerelease is called, for example `beta`; empty for none.
    pub identifier: &'a str,
    /// Where it counts from; `None` for a name without a number.
    pub base: Option<u64>,
}

/// Raises a version. `None` when the release is not known, or the names do not allow it.
pub fn increment(version: &Version, how: &Increment<'_>, options: Options) -> Option<Version> {
    if how.release.starts_with("pre") {
        if how.identifier.is_empty() && how.base.is_none() {
            return None;
        }
        if !how.identifier.is_empty() && !are_identifiers(how.identifier, options.loose) {
            return None;
        }
    }
    let mut next = version.clone();
    match how.release {
        "premajor" => {
            next = Version::new(next.major + 1, 0, 0);
            raise_prerelease(&mut next, how)?;
        }
        "preminor" => {
            next = Version::new(next.major, next.minor + 1, 0);
            raise_prerelease(&mut next, how)?;
        }
        "prepatch" => {
            next = Version::new(next.major, next.minor, next.patch + 1);
            raise_prerelease(&mut next, how)?;
        }
        "prerelease" => {
            if !next.is_prerelease() {
                next.patch += 1;
            }
            raise_prerelease(&mut next, how)?;
        }
        "pre" => raise_prerelease(&mut next, how)?,
        "release" if !next.is_prerelease() => return None,
        "release" => next.prerelease.clear(),
        "major" => {
            if next.minor != 0 || next.patch != 0 || !next.is_prerelease() {
                next.major += 1;
            }
            next = Version::new(next.major, 0, 0);
        }
        "minor" => {
            if next.patch != 0 || !next.is_prerelease() {
                next.minor += 1;
            }
            next = Version::new(next.major, next.minor, 0);
        }
        "patch" => {
            if !next.is_prerelease() {
                next.patch += 1;
            }
            next.prerelease.clear();
        }
        _ => return None,
    }
    Some(next)
}

fn raise_prerelease(version: &mut Version, how: &Increment<'_>) -> Option<()> {
    // Anything but nothing and zero counts from one.
    let base = Identifier::Number(u64::from(how.base.is_some_and(|base| base != 0)));
    if version.prerelease.is_empty() {
        version.prerelease.push(base.clone());
    } else {
        let last_number = version.prerelease.iter_mut().rev().find_map(|identifier| match identifier {
            Identifier::Number(number) => Some(number),
            Identifier::Text(_) => None,
        });
        if let Some(number) = last_number {
            *number += 1;
        } else {
            let name: Vec<String> = version.prerelease.iter().map(ToString::to_string).collect();
            if how.base.is_none() && name.join(".") == how.identifier {
                return None;
            }
            version.prerelease.push(base.clone());
        }
    }
    if how.identifier.is_empty() {
        return Some(());
    }
    let parts: Vec<Identifier> = how.identifier.split('.').map(|part| Identifier::Text(part.to_owned())).collect();
    let goes_on = parts.len() <= version.prerelease.len()
        && parts.iter().zip(&version.prerelease).all(|(part, own)| compare_identifiers(own, part).is_eq());
    if !goes_on || !version.prerelease.get(parts.len()).is_some_and(is_number_in_javascript) {
        version.prerelease = how.identifier.split('.').map(identifier).collect();
        if how.base.is_some() {
            version.prerelease.push(base);
        }
    }
    Some(())
}

// Texts such as `0x1` and `1e5` are numbers there too.
fn is_number_in_javascript(identifier: &Identifier) -> bool {
    let Identifier::Text(text) = identifier else { return true };
    let radix = |prefix: [&str; 2], radix: u32| {
        prefix.iter().any(|prefix| {
            text.strip_prefix(prefix)
                .is_some_and(|digits| !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix)))
        })
    };
    if radix(["0x", "0X"], 16) || radix(["0o", "0O"], 8) || radix(["0b", "0B"], 2) {
        return true;
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match unsigned.split_once(['e', 'E']) {
        Some((digits, power)) => is_digits(digits) && is_digits(power.strip_prefix('-').unwrap_or(power)),
        None => is_digits(unsigned) || unsigned == "Infinity",
    }
}

/// The version cut to a release: its lower numbers zero and no prerelease; unchanged for `pre...`. `None` when the release
/// is not known.
pub fn truncate(version: &Version, release: &str) -> Option<Version> {
    let bare = match release {
        "major" => Version::new(version.major, 0, 0),
        "minor" => Version::new(version.major, version.minor, 0),
        "patch" => Version::new(version.major, version.minor, version.patch),
        "premajor" | "preminor" | "prepatch" | "prerelease" => version.clone(),
        _ => return None,
    };
    Some(bare)
}

/// What kind of change leads from one version to the other; `None` between equal ones.
pub fn difference(left: &Version, right: &Version) -> Option<&'static str> {
    let order = left.compare(right);
    if order.is_eq() {
        return None;
    }
    let (high, low) = if order.is_gt() { (left, right) } else { (right, left) };
    if low.is_prerelease() && !high.is_prerelease() {
        if low.patch == 0 && low.minor == 0 {
            return Some("major");
        }
        if low.same_release(high) {
            return Some(if low.minor != 0 && low.patch == 0 { "minor" } else { "patch" });
        }
    }
    let pre = high.is_prerelease();
    let name = |plain, prerelease| Some(if pre { prerelease } else { plain });
    if left.major != right.major {
        name("major", "premajor")
    } else if left.minor != right.minor {
        name("minor", "preminor")
    } else if left.patch != right.patch {
        name("patch", "prepatch")
    } else {
        Some("prerelease")
    }
}

// A version found in running text: where it ends, and where looking for the next begins.
struct Found<'a> {
    end: usize,
    resume: usize,
    numbers: [&'a str; 3],
    prerelease: &'a str,
    build: &'a str,
}

/// The first version in running text, or the last (`from_right`), its missing numbers zero. Prerelease and build are kept
/// only with `include_prerelease`.
pub fn coerce(text: &str, from_right: bool, options: Options) -> Option<Version> {
    let mut found = find(text, 0, options)?;
    if from_right {
        let mut next = found.resume;
        // Of those that end at the same place the leftmost counts.
        while found.end != text.len() {
            let Some(later) = find(text, next, options) else { break };
            next = later.resume;
            if later.end != found.end {
                found = later;
            }
        }
    }
    let [major, minor, patch] = found.numbers;
    let mut written = format!("{major}.{minor}.{patch}");
    if options.include_prerelease {
        for (mark, part) in [('-', found.prerelease), ('+', found.build)] {
            if !part.is_empty() {
                written.push(mark);
                written.push_str(part);
            }
        }
    }
    Version::parse(&written, options)
}

// The first place from `from` on at which digits begin that are not too many, behind the start or any other character.
fn find(text: &str, from: usize, options: Options) -> Option<Found<'_>> {
    let rest = text.get(from..)?;
    let at_start = if from == 0 { found_at(text, 0, options) } else { None };
    at_start.or_else(|| {
        rest.char_indices()
            .filter(|(_, before)| !before.is_ascii_digit())
            .find_map(|(at, before)| found_at(text, from + at + before.len_utf8(), options))
    })
}

fn found_at(text: &str, digits_at: usize, options: Options) -> Option<Found<'_>> {
    let (major, mut rest) = digits(text.get(digits_at..)?)?;
    let mut numbers = [major, "0", "0"];
    for number in numbers.iter_mut().skip(1) {
        let Some((found, behind)) = rest.strip_prefix('.').and_then(digits) else { break };
        (*number, rest) = (found, behind);
    }
    let (mut prerelease, mut build) = ("", "");
    if options.include_prerelease {
        if let Some((found, behind)) = rest.strip_prefix('-').and_then(prerelease_text) {
            (prerelease, rest) = (found, behind);
        }
        if let Some((found, behind)) = rest.strip_prefix('+').and_then(build_text) {
            (build, rest) = (found, behind);
        }
    }
    // The character behind belongs to what was found.
    let behind = rest.chars().next().map_or(0, char::len_utf8);
    let end = text.len() - rest.len() + behind;
    Some(Found { end, resume: digits_at + major.len(), numbers, prerelease, build })
}

fn digits(text: &str) -> Option<(&str, &str)> {
    let run = text.bytes().take_while(u8::is_ascii_digit).count();
    (run > 0 && run <= MAX_COERCED_DIGITS).then(|| text.split_at(run))
}

// As many identifiers as are right; a number with a leading zero ends them.
fn prerelease_text(text: &str) -> Option<(&str, &str)> {
    let mut end = 0;
    loop {
        let start = if end == 0 { 0 } else { end + 1 };
        let run = identifier_run(text.get(start..)?);
        if run == 0 || !are_identifiers(text.get(start..start + run)?, false) {
            break;
        }
        end = start + run;
        if !text.get(end..)?.starts_with('.') {
            break;
        }
    }
    (end > 0).then(|| text.split_at(end))
}

fn build_text(text: &str) -> Option<(&str, &str)> {
    let mut end = identifier_run(text);
    if end == 0 {
        return None;
    }
    while let Some(next) = text.get(end..)?.strip_prefix('.').map(identifier_run).filter(|next| *next > 0) {
        end += 1 + next;
    }
    Some(text.split_at(end))
}

fn identifier_run(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count()
}
