//! Sets of ports of the three protocols, and ranges of addresses.

use std::collections::BTreeSet;
use std::fmt;

/// The largest port.
const LAST: u16 = u16::MAX;

/// The protocols, in the order they are written.
pub(super) const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

/// A set of ports of each protocol.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ports {
    // Sorted ranges that do not touch, by protocol.
    ranges: [Vec<(u16, u16)>; 3],
}

impl Ports {
    /// Every port.
    pub(super) fn all() -> Self {
        Self { ranges: [vec![(1, LAST)], vec![(1, LAST)], vec![(1, LAST)]] }
    }

    /// The ports of one protocol from `first` to `last`.
    pub(super) fn of(protocol: &str, first: u16, last: u16) -> Self {
        let mut ports = Self::default();
        let place = PROTOCOLS.iter().position(|known| *known == protocol);
        if let Some(ranges) = place.and_then(|at| ports.ranges.get_mut(at)).filter(|_| first <= last) {
            ranges.push((first.max(1), last));
        }
        ports
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ranges.iter().all(Vec::is_empty)
    }

    fn combine(&self, other: &Self, mut join: impl FnMut(&[(u16, u16)], &[(u16, u16)]) -> Vec<(u16, u16)>) -> Self {
        let mut ports = Self::default();
        for ((target, a), b) in ports.ranges.iter_mut().zip(&self.ranges).zip(&other.ranges) {
            *target = join(a, b);
        }
        ports
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        self.combine(other, |a, b| joined([a, b].concat()))
    }

    /// The ports of all of many sets.
    pub(super) fn of_all(many: &[Self]) -> Self {
        let mut ports = Self::default();
        for (at, ranges) in ports.ranges.iter_mut().enumerate() {
            let own = many.iter().filter_map(|one| one.ranges.get(at)).flatten();
            *ranges = joined(own.copied().collect());
        }
        ports
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |a, b| {
            let mut common = Vec::new();
            for x in a {
                for y in b {
                    let (first, last) = (x.0.max(y.0), x.1.min(y.1));
                    if first <= last {
                        common.push((first, last));
                    }
                }
            }
            common.sort_unstable();
            common
        })
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.combine(other, |a, b| {
            let mut left = a.to_vec();
            for cut in b {
                left = left
                    .into_iter()
                    .flat_map(|(first, last)| {
                        let before = (first < cut.0).then(|| (first, last.min(cut.0.saturating_sub(1))));
                        let after = (last > cut.1).then(|| (first.max(cut.1.saturating_add(1)), last));
                        [before, after].into_iter().flatten()
                    })
                    .collect();
            }
            left
        })
    }
}

// Ranges sorted, those that touch made one.
fn joined(mut all: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    all.sort_unstable();
    let mut joined: Vec<(u16, u16)> = Vec::new();
    for (first, last) in all {
        match joined.last_mut() {
            Some(before) if u32::from(first) <= u32::from(before.1) + 1 => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// `TCP 80,443,UDP 53`; `All Connections` for every port of every protocol.
impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::all() {
            return f.write_str("All Connections");
        }
        if self.is_empty() {
            return f.write_str("No Connections");
        }
        let mut comma = "";
        for (protocol, ranges) in PROTOCOLS.iter().zip(&self.ranges) {
            for (at, (first, last)) in ranges.iter().enumerate() {
                let name = if at == 0 { format!("{protocol} ") } else { String::new() };
                if first == last {
                    write!(f, "{comma}{name}{first}")?;
                } else {
                    write!(f, "{comma}{name}{first}-{last}")?;
                }
                comma = ",";
            }
        }
        Ok(())
    }
}

/// A block of IPv4 addresses as `10.0.0.0/8` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Block {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Block {
    /// Reads a block; nothing if the text is none, or one of IPv6.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/').unwrap_or((text, "32"));
        let address = u32::from(address.parse::<std::net::Ipv4Addr>().ok()?);
        let length = length.parse::<u32>().ok().filter(|length| *length <= 32)?;
        let mask = u32::MAX.checked_shl(32 - length).unwrap_or_default();
        Some(Self { first: address & mask, last: address | !mask })
    }

    pub(super) fn holds(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The whole address space cut wherever one of the blocks starts or ends.
    pub(super) fn cells(blocks: &[Self]) -> Vec<Self> {
        let mut starts = BTreeSet::from([0_u32]);
        for block in blocks {
            starts.insert(block.first);
            starts.extend(block.last.checked_add(1));
        }
        let starts: Vec<u32> = starts.into_iter().collect();
        let ends = starts.iter().skip(1).map(|start| start - 1).chain([u32::MAX]);
        starts.iter().zip(ends).map(|(first, last)| Self { first: *first, last }).collect()
    }
}

/// `10.0.0.0-10.255.255.255`.
impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", std::net::Ipv4Addr::from(self.first), std::net::Ipv4Addr::from(self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_ports_add_and_subtract() {
        let tcp = Ports::of("TCP", 80, 90);
        assert_eq!(tcp.union(&Ports::of("TCP", 91, 95)).to_string(), "TCP 80-95");
        assert_eq!(tcp.minus(&Ports::of("TCP", 85, 85)).to_string(), "TCP 80-84,86-90");
        assert_eq!(
            tcp.intersection(&Ports::of("TCP", 90, 99)).union(&Ports::of("UDP", 53, 53)).to_string(),
            "TCP 90,UDP 53"
        );
        assert_eq!(Ports::all().minus(&Ports::of("UDP", 1, LAST)).to_string(), "SCTP 1-65535,TCP 1-65535");
        assert_eq!(Ports::all().to_string(), "All Connections");
        assert!(Ports::of("TCP", 9, 8).is_empty() && Ports::of("ICMP", 1, 2).is_empty());
        assert!(Ports::all().minus(&Ports::all()).is_empty());
        assert_eq!(
            Ports::of_all(&[Ports::of("UDP", 53, 53), tcp, Ports::of("TCP", 91, 95)]).to_string(),
            "TCP 80-95,UDP 53"
        );
    }

    #[test]
    fn blocks_cut_the_address_space() {
        let block = Block::parse("10.0.0.0/8").expect("a block");
        let cells: Vec<String> = Block::cells(&[block]).iter().map(Block::to_string).collect();
        assert_eq!(cells, ["0.0.0.0-9.255.255.255", "10.0.0.0-10.255.255.255", "11.0.0.0-255.255.255.255"]);
        let all = Block::parse("0.0.0.0/0").expect("a block");
        assert_eq!(Block::cells(&[all]), [all]);
        assert!(all.holds(block) && !block.holds(all));
        for text in ["", "10.0.0.0/33", "::/0", "10.0.0/8", "10.0.0.0/x"] {
            assert_eq!(Block::parse(text), None, "{text}");
        }
    }
}
