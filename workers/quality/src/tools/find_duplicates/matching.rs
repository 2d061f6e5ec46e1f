//! Finds stretches of tokens that occur more than once, all maximal ones, in time near the number of tokens.
//!
//! Owns sequences of numbers. What a number stands for is the caller's.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Earlier places of one window that are compared with a later one: a stretch that occurs more often is a table or generated.
pub const MAX_PLACES: usize = 40;
/// Comparisons of tokens that one search may take.
pub const MAX_COMPARISONS: usize = 60_000_000;
/// Tokens of likely renamed clones whose names are compared.
pub const MAX_NAMES: usize = 4_000_000;

/// Two equal stretches, as positions in all tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub first: usize,
    pub second: usize,
    pub length: usize,
}

/// A number that ends files: no two are equal.
pub(super) const END: u32 = u32::MAX;

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

/// The maximal pairs of at least `least` equal tokens; in one file they do not overlap. Whether all were found comes second.
pub(super) fn pairs(tokens: &[u32], least: usize) -> (Vec<Pair>, bool) {
    let mut places = Places::new(tokens.len());
    let mut found = Vec::new();
    let (mut work, mut whole) = (0_usize, true);
    let mut top = 1_u64;
    (1..least).for_each(|_| top = top.wrapping_mul(BASE));
    let (mut hash, mut filled) = (0_u64, 0_usize);
    for (at, token) in tokens.iter().enumerate() {
        if *token == END {
            (hash, filled) = (0, 0);
            continue;
        }
        if filled == least
            && let Some(gone) = tokens.get(at - least)
        {
            hash = hash.wrapping_sub((u64::from(*gone) + 1).wrapping_mul(top));
        } else {
            filled += 1;
        }
        hash = hash.wrapping_mul(BASE).wrapping_add(u64::from(*token) + 1);
        if filled < least {
            continue;
        }
        let start = at + 1 - least;
        let earlier = places.chain(hash);
        let mut next = earlier.first;
        for _ in 0..earlier.count {
            let place = next as usize;
            next = places.after(next);
            if work > MAX_COMPARISONS {
                whole = false;
                break;
            }
            // One token earlier they were equal too: this stretch was found then.
            let begins = place == 0
                || tokens.get(place - 1).is_none_or(|before| *before == END || Some(before) != tokens.get(start - 1));
            work += 1;
            if begins {
                let length = equal(tokens, place, start);
                work += length;
                if length >= least {
                    found.push(Pair { first: place, second: start, length });
                }
            }
        }
        if (earlier.count as usize) < MAX_PLACES {
            places.push(hash, start);
        } else {
            // The newest places are the likeliest partners of the next one.
            whole = false;
        }
    }
    (found, whole)
}

/// A number that equal tokens share, and hardly others.
pub(super) fn hash(tokens: impl Iterator<Item = u32>) -> u64 {
    tokens.fold(0, |hash, token| hash.wrapping_mul(BASE).wrapping_add(u64::from(token) + 1))
}

// The places of each window by its hash, in their order: a chain through one list, so that a window costs no memory of its own.
struct Places {
    chains: HashMap<u64, Chain, BuildHasherDefault<Mixed>>,
    // The next place of the same chain.
    next: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Chain {
    first: u32,
    last: u32,
    count: u32,
}

impl Places {
    fn new(tokens: usize) -> Self {
        Self { chains: HashMap::default(), next: vec![0; tokens] }
    }

    fn chain(&self, hash: u64) -> Chain {
        self.chains.get(&hash).copied().unwrap_or_default()
    }

    fn after(&self, place: u32) -> u32 {
        self.next.get(place as usize).copied().unwrap_or_default()
    }

    fn push(&mut self, hash: u64, place: usize) {
        // Texts are far below 4 GiB.
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        let chain = self.chains.entry(hash).or_default();
        if chain.count == 0 {
            chain.first = place;
        } else if let Some(next) = self.next.get_mut(chain.last as usize) {
            *next = place;
        }
        chain.last = place;
        chain.count += 1;
    }
}

// The hash of a window is one already; its high bits are the better ones.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(BASE);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash ^ (hash >> 32);
    }
}

// How many tokens are equal from both places on, the first stretch ending before the second begins.
fn equal(tokens: &[u32], first: usize, second: usize) -> usize {
    let (Some(one), Some(other)) = (tokens.get(first..second), tokens.get(second..)) else { return 0 };
    one.iter().zip(other).take_while(|(one, other)| one == other && **one != END).count()
}

/// Joins pairs of the same two files that follow each other with at most `gap` other tokens between them on both sides.
pub(super) fn joined(mut pairs: Vec<Pair>, gap: usize, same_file: impl Fn(usize, usize) -> bool) -> Vec<Vec<Pair>> {
    pairs.sort_unstable();
    let mut chains: Vec<Vec<Pair>> = Vec::new();
    // Chains that may still grow.
    let mut open: Vec<usize> = Vec::new();
    for pair in pairs {
        open.retain(|chain| {
            let last = chains.get(*chain).and_then(|chain| chain.last());
            last.is_some_and(|last| last.first + last.length + gap >= pair.first)
        });
        let next = open.iter().copied().find(|chain| {
            let Some(last) = chains.get(*chain).and_then(|chain| chain.last()) else { return false };
            let head = chains.get(*chain).and_then(|chain| chain.first()).map_or(0, |head| head.second);
            let (a, b) = (last.first + last.length, last.second + last.length);
            pair.first >= a
                && pair.second >= b
                && pair.first - a <= gap
                && pair.second - b <= gap
                && same_file(last.first, pair.first)
                && same_file(last.second, pair.second)
                // The two sides of a chain do not overlap.
                && pair.first + pair.length <= head
        });
        if let Some(chain) = next.and_then(|chain| chains.get_mut(chain)) {
            chain.push(pair);
        } else {
            if open.len() < MAX_PLACES {
                open.push(chains.len());
            }
            chains.push(vec![pair]);
        }
    }
    chains
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, least: usize) -> Vec<(usize, usize, usize)> {
        let tokens: Vec<u32> = text.chars().map(|c| if c == '|' { END } else { u32::from(c) }).collect();
        pairs(&tokens, least).0.iter().map(|pair| (pair.first, pair.second, pair.length)).collect()
    }

    #[test]
    fn finds_each_maximal_pair_once() {
        assert_eq!(of("xabcdy|zabcdw", 3), [(1, 8, 4)]);
        assert_eq!(of("abcabcabc", 3), [(0, 3, 3), (0, 6, 3)]);
        assert_eq!(of("abcd|abcd|bcd", 3), [(0, 5, 4), (1, 10, 3), (6, 10, 3)]);
        assert_eq!(of("ab|ab", 3), []);
        assert_eq!(of("aaaaaa", 3), [(0, 3, 3)]);
    }

    #[test]
    fn joins_what_a_small_gap_parts() {
        let pair = |first, second, length| Pair { first, second, length };
        let chains = joined(vec![pair(0, 100, 10), pair(12, 113, 8), pair(40, 141, 9)], 3, |_, _| true);
        assert_eq!(chains, [vec![pair(0, 100, 10), pair(12, 113, 8)], vec![pair(40, 141, 9)]]);
        assert_eq!(joined(vec![pair(0, 100, 10), pair(12, 113, 8)], 3, |_, _| false).len(), 2);
    }

    #[test]
    fn many_places_are_not_all_compared() {
        let tokens: Vec<u32> =
            (0..MAX_PLACES + 2).flat_map(|at| [1, 2, 3, END - 1 - u32::try_from(at).unwrap_or(0)]).collect();
        let (found, whole) = pairs(&tokens, 3);
        assert!(!whole && found.len() < (MAX_PLACES + 2) * (MAX_PLACES + 1) / 2);
    }
}
