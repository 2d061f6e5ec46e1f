//! A segment: many lines under one key, and the facets that tell without a read whether it can hold what is sought.
//!
//! The value is one line of JSON a record, as printed; each carries its version. The facets are the key's metadata, at most
//! [`crate::store::MAX_METADATA_BYTES`] long. Invariant: a facet never excludes a segment that holds a match.

use crate::ingest::{Drops, mixed};
use crate::store::MAX_METADATA_BYTES;
use octavo_category::{Category, GATEWAY_WORKER};
use octavo_telemetry::{Kind, LogLine, Status};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Version of the facets; readers accept this and all older ones. Since 2 the filter holds principals too.
pub const VERSION: u8 = 2;

/// Most distinct ids in a segment's filter; with more, the filter is left out.
const MAX_FILTERED: usize = 400;
/// Bits of the filter for each id: one id in a hundred is found that is not there.
const BITS_PER_ID: usize = 10;
/// Probes for each id, the best number for ten bits.
const PROBES: u64 = 7;

/// What is known of a segment before it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    /// [`VERSION`].
    pub v: u8,
    /// Lines.
    pub n: u64,
    /// Time of the oldest line.
    pub t0: u64,
    /// Time of the newest line.
    pub t1: u64,
    /// Bytes of the value.
    pub b: u64,
    /// Workers, a bit each.
    pub w: u32,
    /// Statuses, a bit each.
    pub s: u32,
    /// Kinds, a bit each.
    pub k: u32,
    /// Raw segments it was made of, all parts of its window together; 0 for a raw one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub src: u64,
    /// What was dropped since the isolate's segment before.
    #[serde(default, skip_serializing_if = "Drops::is_empty")]
    pub d: Drops,
    /// Filter over trace ids, tools and principals, in base64; absent when there are too many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub f: Option<String>,
}

/// A segment ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The lines.
    pub value: String,
    /// What is known of them.
    pub facets: Facets,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape serde asks for; trivial on some targets only")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The bit of a worker; all that are not of the fleet share one.
pub fn worker_bit(worker: &str) -> u32 {
    let known = Category::ALL.iter().map(|category| category.row().worker);
    let at = std::iter::once(GATEWAY_WORKER).chain(known).position(|name| name == worker);
    1 << at.unwrap_or(31)
}

/// The bit of a status.
pub const fn status_bit(status: Status) -> u32 {
    1 << status as u32
}

/// The bit of a kind.
pub const fn kind_bit(kind: Kind) -> u32 {
    1 << kind as u32
}

impl Segment {
    /// Packs lines; `None` when there are none.
    pub fn of(lines: &[&LogLine<'_>]) -> Option<Self> {
        let mut value = String::with_capacity(lines.len() * 512);
        let mut facets =
            Facets { v: VERSION, n: 0, t0: u64::MAX, t1: 0, b: 0, w: 0, s: 0, k: 0, src: 0, d: Drops::new(), f: None };
        let mut ids: HashSet<&str> = HashSet::new();
        for line in lines {
            value.push_str(&line.to_json());
            value.push('\n');
            facets.n += 1;
            facets.t0 = facets.t0.min(line.ts);
            facets.t1 = facets.t1.max(line.ts);
            facets.w |= worker_bit(&line.worker);
            facets.s |= status_bit(line.status);
            facets.k |= kind_bit(line.kind);
            ids.insert(&line.trace_id);
            ids.extend(line.tool.as_deref());
            ids.extend(line.principal_hash.as_deref());
        }
        facets.b = value.len() as u64;
        facets.f = (ids.len() <= MAX_FILTERED).then(|| filter(&ids));
        (facets.n > 0).then_some(Self { value, facets })
    }

    /// The metadata of its key. Where it would be too long, which only many reasons for drops make it, the filter goes.
    pub fn metadata(&self) -> String {
        let whole = serde_json::to_string(&self.facets).unwrap_or_default();
        if whole.len() <= MAX_METADATA_BYTES {
            return whole;
        }
        let facets = Facets { f: None, ..self.facets.clone() };
        serde_json::to_string(&facets).unwrap_or_default()
    }
}

/// The lines of a segment's value; what does not read is skipped.
pub fn lines(value: &str) -> impl Iterator<Item = LogLine<'static>> {
    value.lines().filter_map(LogLine::parse)
}

impl Facets {
    /// Reads a key's metadata; a version from the future is `None`.
    pub fn parse(metadata: &str) -> Option<Self> {
        serde_json::from_str(metadata).ok().filter(|facets: &Self| facets.v <= VERSION)
    }

    /// Whether the segment may hold a line of this principal.
    pub fn may_hold_principal(&self, principal: &str) -> bool {
        self.v < 2 || self.may_hold(principal)
    }

    /// Whether the segment may hold a line of this trace or tool.
    pub fn may_hold(&self, id: &str) -> bool {
        let Some(bits) = self.f.as_deref().map(from_base64) else { return true };
        bits.is_empty()
            || probes(id, bits.len() * 8).all(|bit| bits.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1))
    }
}

fn filter(ids: &HashSet<&str>) -> String {
    let mut bits = vec![0_u8; (ids.len() * BITS_PER_ID).div_ceil(8).max(1)];
    let length = bits.len() * 8;
    for bit in ids.iter().flat_map(|id| probes(id, length)) {
        if let Some(byte) = bits.get_mut(bit / 8) {
            *byte |= 1 << (bit % 8);
        }
    }
    to_base64(&bits)
}

// Two halves of one hash stand for many hashes (Kirsch and Mitzenmacher 2006).
fn probes(id: &str, length: usize) -> impl Iterator<Item = usize> {
    let hash = mixed(&[id]);
    let step = (hash >> 32) | 1;
    #[expect(clippy::cast_possible_truncation, reason = "below the length")]
    let probe = move |number: u64| (hash.wrapping_add(number.wrapping_mul(step)) % length as u64) as usize;
    (0..PROBES).map(probe)
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn to_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
        for digit in 0..=chunk.len() {
            let six = (word >> (18 - 6 * digit)) & 63;
            text.push(BASE64.get(six as usize).copied().unwrap_or(b'A').into());
        }
    }
    text
}

fn from_base64(text: &str) -> Vec<u8> {
    let (mut bytes, mut word, mut held) = (Vec::with_capacity(text.len()), 0_u32, 0_u32);
    for c in text.bytes() {
        let Some(six) = BASE64.iter().position(|digit| *digit == c) else { return Vec::new() };
        word = (word << 6 | u32::try_from(six).unwrap_or_default()) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((word >> held & 0xff) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: u64) -> LogLine<'static> {
        let mut line =
            LogLine::new("octavo-docker", Kind::Tool, at, format!("{at:032x}").into(), format!("{at:016x}").into());
        line.tool = Some(format!("docker_{}", at % 7).into());
        line
    }

    #[test]
    fn lines_survive_a_segment_and_facets_fit_the_metadata() {
        for count in [1, 3, 390, 5000] {
            let all: Vec<_> = (1_790_000_000_000..).take(count).map(line).collect();
            let mut segment = Segment::of(&all.iter().collect::<Vec<_>>()).expect("lines");
            for reason in
                ["malformed", "not_canonical", "truncated", "disconnect_without_line", "buffer_full", "write_failed"]
            {
                segment.facets.d.insert(reason.into(), 999_999);
            }
            assert_eq!(lines(&segment.value).collect::<Vec<_>>(), all);
            let metadata = segment.metadata();
            assert!(metadata.len() <= MAX_METADATA_BYTES, "{count}: {}", metadata.len());
            let facets = Facets::parse(&metadata).expect("facets");
            assert_eq!(facets, segment.facets);
            assert_eq!((facets.n, facets.t1 - facets.t0), (count as u64, count as u64 - 1));
            assert!(all.iter().all(|line| facets.may_hold(&line.trace_id)));
            assert_eq!(facets.f.is_some(), count < 400);
        }
        assert_eq!(Segment::of(&[]), None);
    }

    #[test]
    fn metadata_fits_whatever_was_dropped() {
        let all: Vec<_> = (0..390).map(line).collect();
        let mut segment = Segment::of(&all.iter().collect::<Vec<_>>()).expect("lines");
        for at in 0..24 {
            segment.facets.d.insert(format!("some_reason_{at}"), u64::MAX);
        }
        let metadata = segment.metadata();
        assert!(metadata.len() <= MAX_METADATA_BYTES, "{}", metadata.len());
        assert!(Facets::parse(&metadata).is_some_and(|facets| facets.f.is_none() && facets.d.len() == 24));
    }

    #[test]
    fn older_filters_know_no_principals() {
        let mut with = line(1);
        with.principal_hash = Some("0123456789abcdef".repeat(2).into());
        let mut facets = Segment::of(&[&with]).expect("a line").facets;
        assert!(
            facets.may_hold_principal(&"0123456789abcdef".repeat(2)) && !facets.may_hold_principal(&"cd".repeat(16))
        );
        facets.v = 1;
        assert!(facets.may_hold_principal(&"cd".repeat(16)));
    }

    #[test]
    fn the_filter_finds_few_that_are_not_there() {
        let all: Vec<_> = (0..390).map(line).collect();
        let facets = Segment::of(&all.iter().collect::<Vec<_>>()).expect("lines").facets;
        let found = (1000..11_000).filter(|at| facets.may_hold(&format!("{at:032x}"))).count();
        assert!(found < 300, "{found} of 10000");
    }

    #[test]
    fn base64_round_trips() {
        for length in 0..40_u8 {
            let bytes: Vec<u8> = (0..length).map(|at| at.wrapping_mul(37) ^ 0xa5).collect();
            assert_eq!(from_base64(&to_base64(&bytes)), bytes);
        }
    }

    #[test]
    fn strange_values_and_metadata_are_survived() {
        assert_eq!(lines("\n{\nnull\n{\"v\":1}\n").count(), 0);
        for metadata in ["", "null", "{}", r#"{"v":9,"n":1,"t0":0,"t1":0,"b":0,"w":0,"s":0,"k":0}"#] {
            assert_eq!(Facets::parse(metadata), None);
        }
    }
}
