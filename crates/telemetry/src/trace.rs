//! W3C trace context: parsing `traceparent`, and making ids from a seed.

use std::fmt;

/// A 16-byte trace id, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub u128);

/// An 8-byte span id, never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub u64);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The caller's side of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The caller's span.
    pub parent_id: SpanId,
}

impl TraceContext {
    /// Reads a `traceparent` value (W3C Trace Context, version 00 and later ones by its rules). Malformed is `None`:
    /// the specification asks to ignore it and start anew.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.trim().split('-');
        let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let lower_hex = |s: &str, len| s.len() == len && s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let well_formed = lower_hex(version, 2)
            && version != "ff"
            && lower_hex(trace, 32)
            && lower_hex(parent, 16)
            && lower_hex(flags, 2)
            && (version != "00" || parts.next().is_none());
        if !well_formed {
            return None;
        }
        let trace_id = u128::from_str_radix(trace, 16).ok().filter(|id| *id != 0)?;
        let parent_id = u64::from_str_radix(parent, 16).ok().filter(|id| *id != 0)?;
        Some(Self { trace_id: TraceId(trace_id), parent_id: SpanId(parent_id) })
    }
}

/// Makes ids without asking the platform for chance each time: a seed of the isolate and a counter, mixed.
///
/// The ids are unique, not secret: nothing may depend on their being unguessable.
#[derive(Debug, Clone)]
pub struct IdSource {
    state: u64,
}

impl IdSource {
    /// Starts from a seed that differs between isolates.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A new trace id: 48 bits of time, then 80 mixed bits, so that ids sort by time and end in chance.
    pub fn trace_id(&mut self, now_ms: u64) -> TraceId {
        let low = u128::from(self.next()) | (u128::from(self.next() & 0xffff) << 64);
        TraceId((u128::from(now_ms & 0xffff_ffff_ffff) << 80) | low)
    }

    /// A new span id.
    pub fn span_id(&mut self) -> SpanId {
        SpanId(self.next().max(1))
    }

    // splitmix64 (Steele, Lea, Flood 2014): one addition and a finaliser, full period.
    const fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_specifications_example() {
        let context = TraceContext::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").expect("valid");
        assert_eq!(context.trace_id.to_string(), "0af7651916cd43dd8448eb211c80319c");
        assert_eq!(context.parent_id.to_string(), "b7ad6b7169203331");
    }

    #[test]
    fn ignores_malformed_contexts() {
        for bad in [
            "",
            "00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-0af7651916cd43dd8448eb211c80319\u{e9}-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ids_do_not_repeat() {
        let mut source = IdSource::new(7);
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| source.trace_id(1)).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
