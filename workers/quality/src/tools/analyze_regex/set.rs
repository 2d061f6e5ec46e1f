//! Sets of characters, as sorted ranges of code points.

/// The last code point.
pub(super) const LAST: u32 = 0x10_FFFF;
// Up to here letters have their other case looked up: Latin, Greek, Cyrillic, Armenian.
const LAST_CASED: u32 = 0x587;

/// A set of characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Set(Vec<(u32, u32)>);

impl Set {
    /// The set of these ranges, both ends inclusive, in any order.
    pub(super) fn of(ranges: &[(u32, u32)]) -> Self {
        let mut sorted = ranges.to_vec();
        sorted.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (start, end) in sorted.into_iter().filter(|(start, end)| start <= end) {
            match merged.last_mut() {
                Some(last) if start <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Self(merged)
    }

    /// One character.
    pub(super) fn one(character: u32) -> Self {
        Self(vec![(character, character)])
    }

    /// Its ranges.
    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Whether nothing is in it.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a character is in it.
    pub(super) fn has(&self, character: u32) -> bool {
        let after = self.0.partition_point(|(start, _)| *start <= character);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, end)| character <= *end)
    }

    /// What is in either.
    pub(super) fn union(&self, other: &Self) -> Self {
        Self::of(&[self.0.as_slice(), other.0.as_slice()].concat())
    }

    /// What is not in it.
    pub(super) fn negated(&self) -> Self {
        let mut ranges = Vec::new();
        let mut next = 0;
        for (start, end) in &self.0 {
            if *start > next {
                ranges.push((next, start - 1));
            }
            next = end + 1;
        }
        if next <= LAST {
            ranges.push((next, LAST));
        }
        Self(ranges)
    }

    /// What is in both.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        self.negated().union(&other.negated()).negated()
    }

    /// What is in it and not in the other.
    pub(super) fn without(&self, other: &Self) -> Self {
        self.intersection(&other.negated())
    }

    /// Whether all of the other is in it.
    pub(super) fn covers(&self, other: &Self) -> bool {
        other.without(self).is_empty()
    }

    /// With the other case of its letters.
    pub(super) fn any_case(&self) -> Self {
        let mut ranges = self.0.clone();
        for (start, end) in &self.0 {
            for code in *start..=(*end).min(LAST_CASED) {
                let Some(letter) = char::from_u32(code) else { continue };
                for other in letter.to_lowercase().chain(letter.to_uppercase()) {
                    if other != letter {
                        ranges.push((u32::from(other), u32::from(other)));
                    }
                }
            }
        }
        Self::of(&ranges)
    }

    /// `\d` of ASCII.
    pub(super) fn digits() -> Self {
        Self::of(&[(0x30, 0x39)])
    }

    /// `\w` of ASCII.
    pub(super) fn word() -> Self {
        Self::of(&[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)])
    }

    /// `\s` of ASCII.
    pub(super) fn spaces() -> Self {
        Self::of(&[(0x09, 0x0d), (0x20, 0x20)])
    }

    /// `\s` of Unicode.
    pub(super) fn wide_spaces() -> Self {
        Self::of(&[
            (0x09, 0x0d),
            (0x20, 0x20),
            (0xa0, 0xa0),
            (0x1680, 0x1680),
            (0x2000, 0x200a),
            (0x2028, 0x2029),
            (0x202f, 0x202f),
            (0x205f, 0x205f),
            (0x3000, 0x3000),
            (0xfeff, 0xfeff),
        ])
    }

    /// Letters of any script: nearly, for no table of them is carried.
    pub(super) fn letters() -> Self {
        Self::of(&[
            (0x41, 0x5a),
            (0x61, 0x7a),
            (0xaa, 0xaa),
            (0xb5, 0xb5),
            (0xba, 0xba),
            (0xc0, 0x24f),
            (0x370, 0x1fff),
            (0x3041, 0xd7ff),
        ])
    }

    /// Digits of any script: nearly.
    pub(super) fn wide_digits() -> Self {
        Self::of(&[(0x30, 0x39), (0x660, 0x669), (0x966, 0x96f)])
    }

    /// Everything.
    pub(super) fn all() -> Self {
        Self(vec![(0, LAST)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_follow_the_laws_of_sets() {
        let (one, other) = (Set::of(&[(5, 9), (1, 3), (4, 4)]), Set::of(&[(8, 20)]));
        assert_eq!(one.ranges(), &[(1, 9)]);
        assert_eq!(one.intersection(&other).ranges(), &[(8, 9)]);
        assert_eq!(one.without(&other).ranges(), &[(1, 7)]);
        assert_eq!(one.negated().negated(), one);
        assert!(Set::all().negated().is_empty() && Set::all().covers(&one) && !one.covers(&other));
        assert!(one.has(9) && !one.has(10) && !one.has(0));
        assert_eq!(Set::one(0x6b).any_case().ranges(), &[(0x4b, 0x4b), (0x6b, 0x6b)]);
    }
}
