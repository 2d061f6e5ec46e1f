//! What holds between ranges and versions.

use super::Options;
use super::range::{Comparator, Operator, Range, is_any};
use super::version::{Identifier, Version};
use std::cmp::Ordering;

/// A side of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above all of it.
    Above,
    /// Below all of it.
    Below,
}

/// The greatest of the versions that is in a range; of equal ones the first. Texts that are no versions do not count.
pub fn max_satisfying<'a>(versions: &[&'a str], range: &Range) -> Option<&'a str> {
    best(versions, range, Ordering::Greater)
}

/// The least of the versions that is in a range; of equal ones the first. Texts that are no versions do not count.
pub fn min_satisfying<'a>(versions: &[&'a str], range: &Range) -> Option<&'a str> {
    best(versions, range, Ordering::Less)
}

fn best<'a>(versions: &[&'a str], range: &Range, wanted: Ordering) -> Option<&'a str> {
    let mut best: Option<(&'a str, Version)> = None;
    for text in versions {
        let Some(version) = Version::parse(text, range.options).filter(|version| range.contains(version)) else {
            continue;
        };
        if best.as_ref().is_none_or(|(_, known)| version.compare(known) == wanted) {
            best = Some((text, version));
        }
    }
    best.map(|(text, _)| text)
}

/// The least version that can be in a range.
pub fn min_version(range: &Range) -> Option<Version> {
    let zero = Version::new(0, 0, 0);
    for lowest in [zero.clone(), zero.with_lowest_prerelease()] {
        if range.contains(&lowest) {
            return Some(lowest);
        }
    }
    let least_of = |comparators: &Vec<Comparator>| {
        let bounds = comparators.iter().filter(|comparator| !comparator.operator.is_upper());
        let versions = bounds.filter_map(|comparator| {
            let mut version = comparator.version.clone()?;
            version.build.clear();
            if comparator.operator == Operator::Greater {
                if version.is_prerelease() {
                    version.prerelease.push(Identifier::Number(0));
                } else {
                    version.patch += 1;
                }
            }
            Some(version)
        });
        versions.reduce(|most, version| if version.compare(&most).is_gt() { version } else { most })
    };
    let least = range.set.iter().filter_map(least_of);
    let least = least.reduce(|least, version| if least.compare(&version).is_gt() { version } else { least });
    least.filter(|version| range.contains(version))
}

/// Whether a version is outside a range on one side: not in it, and not between or beyond it on the other side.
pub fn is_outside(version: &Version, range: &Range, side: Side) -> bool {
    if range.contains(version) {
        return false;
    }
    let ahead = |a: &Version, b: &Version| match side {
        Side::Above => a.compare(b),
        Side::Below => b.compare(a),
    };
    let is_open_ahead = |operator: Operator| match side {
        Side::Above => operator.is_lower(),
        Side::Below => operator.is_upper(),
    };
    range.set.iter().all(|comparators| {
        let lowest = Comparator::new(Operator::GreaterEqual, Version::new(0, 0, 0));
        let bounds: Vec<(Operator, &Version)> = comparators
            .iter()
            .map(|c| if c.version.is_some() { c } else { &lowest })
            .filter_map(|c| Some((c.operator, c.version.as_ref()?)))
            .collect();
        let Some(mut high) = bounds.first().copied() else { return true };
        let mut low = high;
        for bound in bounds {
            if ahead(bound.1, high.1).is_gt() {
                high = bound;
            } else if ahead(bound.1, low.1).is_lt() {
                low = bound;
            }
        }
        if is_open_ahead(high.0) {
            return false;
        }
        let strict = if side == Side::Above { Operator::Greater } else { Operator::Less };
        let inclusive = if side == Side::Above { Operator::GreaterEqual } else { Operator::LessEqual };
        let order = ahead(version, low.1);
        !((matches!(low.0, Operator::Equal) || low.0 == strict) && order.is_le() || low.0 == inclusive && order.is_lt())
    })
}

/// Whether some version may be in both ranges.
pub fn intersects(left: &Range, right: &Range, options: Options) -> bool {
    let satisfiable = |comparators: &[Comparator]| {
        comparators
            .iter()
            .enumerate()
            .all(|(at, one)| comparators.iter().take(at).all(|other| comparators_intersect(one, other, options)))
    };
    left.set.iter().filter(|a| satisfiable(a)).any(|a| {
        right.set.iter().any(|b| {
            satisfiable(b) && a.iter().all(|one| b.iter().all(|other| comparators_intersect(one, other, options)))
        })
    })
}

fn comparators_intersect(left: &Comparator, right: &Comparator, options: Options) -> bool {
    let Some(a) = &left.version else { return true };
    let within =
        |comparator: &Comparator, version: &Version| Range::of(vec![comparator.clone()], options).contains(version);
    if left.operator == Operator::Equal {
        return within(right, a);
    }
    let Some(b) = &right.version else { return true };
    if right.operator == Operator::Equal {
        return within(left, b);
    }
    // Nothing is below these.
    let is_empty = |comparator: &Comparator, version: &Version| {
        comparator.is_null()
            || (!options.include_prerelease
                && comparator.operator == Operator::Less
                && version.same_release(&Version::new(0, 0, 0)))
    };
    if is_empty(left, a) || is_empty(right, b) {
        return false;
    }
    if left.operator.is_lower() == right.operator.is_lower() {
        return true;
    }
    let inclusive = |operator| matches!(operator, Operator::LessEqual | Operator::GreaterEqual);
    match a.compare(b) {
        Ordering::Equal => inclusive(left.operator) && inclusive(right.operator),
        Ordering::Less => left.operator.is_lower(),
        Ordering::Greater => left.operator.is_upper(),
    }
}

/// Whether everything in a range is in another.
pub fn is_subset(sub: &Range, dom: &Range, options: Options) -> bool {
    let mut saw_any = false;
    for part in &sub.set {
        let mut is_within = false;
        for whole in &dom.set {
            match is_simple_subset(part, whole, options) {
                Some(true) => {
                    saw_any = true;
                    is_within = true;
                    break;
                }
                Some(false) => saw_any = true,
                None => {}
            }
        }
        // Parts that nothing is in do not count, unless all are such.
        if !is_within && saw_any {
            return false;
        }
    }
    true
}

// `None` when nothing is in the part.
fn is_simple_subset(sub: &[Comparator], dom: &[Comparator], options: Options) -> Option<bool> {
    let zero = Version::new(0, 0, 0);
    let lowest = [Comparator::new(Operator::GreaterEqual, zero.clone())];
    let lowest_prerelease = [Comparator::new(Operator::GreaterEqual, zero.with_lowest_prerelease())];
    let sub: &[Comparator] = match (is_any(sub), is_any(dom)) {
        (true, true) => return Some(true),
        (true, false) if options.include_prerelease => &lowest_prerelease,
        (true, false) => &lowest,
        (false, _) => sub,
    };
    let dom: &[Comparator] = match is_any(dom) {
        true if options.include_prerelease => return Some(true),
        true => &lowest,
        false => dom,
    };
    let mut equal: Vec<&Version> = Vec::new();
    let (mut gt, mut lt): (Option<Bound<'_>>, Option<Bound<'_>>) = (None, None);
    for comparator in sub {
        let Some(bound) = Bound::of(comparator) else { continue };
        if bound.operator.is_lower() {
            gt = Some(gt.map_or(bound, |known| higher(known, bound)));
        } else if bound.operator.is_upper() {
            lt = Some(lt.map_or(bound, |known| lower(known, bound)));
        } else {
            equal.push(bound.version);
        }
    }
    if equal.len() > 1 {
        return None;
    }
    let between = gt.zip(lt).map(|(gt, lt)| (gt.version.compare(lt.version), gt, lt));
    if let Some((order, gt, lt)) = between {
        let both = gt.operator == Operator::GreaterEqual && lt.operator == Operator::LessEqual;
        if order.is_gt() || (order.is_eq() && !both) {
            return None;
        }
    }
    let is_point = between.is_some_and(|(order, ..)| order.is_eq());
    let accepts =
        |comparator: &Comparator, version: &Version| Range::of(vec![comparator.clone()], options).contains(version);
    if let Some(version) = equal.first() {
        if [gt, lt].into_iter().flatten().any(|bound| !accepts(&bound.comparator(), version)) {
            return None;
        }
        return Some(dom.iter().all(|comparator| accepts(comparator, version)));
    }
    Some(is_between_subset(gt, lt, is_point, dom, options))
}

fn is_between_subset(
    gt: Option<Bound<'_>>,
    lt: Option<Bound<'_>>,
    is_point: bool,
    dom: &[Comparator],
    options: Options,
) -> bool {
    // A prerelease bound needs a bound of the same release with a prerelease on the other side.
    let needed = |bound: Bound<'_>| !options.include_prerelease && bound.version.is_prerelease();
    let mut lower_needed = gt.filter(|bound| needed(*bound)).map(|bound| bound.version.clone());
    // Below the lowest prerelease of a release is the same as below the release.
    let is_release =
        |bound: Bound<'_>| bound.operator == Operator::Less && bound.version.prerelease == [Identifier::Number(0)];
    let mut upper_needed = lt.filter(|bound| needed(*bound) && !is_release(*bound)).map(|bound| bound.version.clone());
    let (mut has_lower, mut has_upper) = (false, false);
    for comparator in dom {
        let Some(bound) = Bound::of(comparator) else { continue };
        has_lower |= bound.operator.is_lower();
        has_upper |= bound.operator.is_upper();
        let settles = |needs: &Option<Version>| {
            needs.as_ref().is_some_and(|own| bound.version.is_prerelease() && bound.version.same_release(own))
        };
        if let Some(gt) = gt {
            if settles(&lower_needed) {
                lower_needed = None;
            }
            if bound.operator.is_lower() {
                if higher(gt, bound) != gt {
                    return false;
                }
            } else if gt.operator == Operator::GreaterEqual && !comparator.accepts(gt.version) {
                return false;
            }
        }
        if let Some(lt) = lt {
            if settles(&upper_needed) {
                upper_needed = None;
            }
            if bound.operator.is_upper() {
                if lower(lt, bound) != lt {
                    return false;
                }
            } else if lt.operator == Operator::LessEqual && !comparator.accepts(lt.version) {
                return false;
            }
        }
        if bound.operator == Operator::Equal && (gt.is_some() || lt.is_some()) && !is_point {
            return false;
        }
    }
    let open_above = gt.is_some() && has_upper && lt.is_none() && !is_point;
    let open_below = lt.is_some() && has_lower && gt.is_none() && !is_point;
    !open_above && !open_below && lower_needed.is_none() && upper_needed.is_none()
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Bound<'a> {
    operator: Operator,
    version: &'a Version,
}

impl<'a> Bound<'a> {
    fn of(comparator: &'a Comparator) -> Option<Self> {
        comparator.version.as_ref().map(|version| Self { operator: comparator.operator, version })
    }

    fn comparator(self) -> Comparator {
        Comparator::new(self.operator, self.version.clone())
    }
}

fn higher<'a>(known: Bound<'a>, bound: Bound<'a>) -> Bound<'a> {
    match known.version.compare(bound.version) {
        Ordering::Less => bound,
        Ordering::Equal if bound.operator == Operator::Greater && known.operator == Operator::GreaterEqual => bound,
        Ordering::Equal | Ordering::Greater => known,
    }
}

fn lower<'a>(known: Bound<'a>, bound: Bound<'a>) -> Bound<'a> {
    match known.version.compare(bound.version) {
        Ordering::Greater => bound,
        Ordering::Equal if bound.operator == Operator::Less && known.operator == Operator::LessEqual => bound,
        Ordering::Equal | Ordering::Less => known,
    }
}

/// The shortest range that chooses the same of these versions: the given one unless another is shorter. `None` when a
/// text is no version.
pub fn simplify(versions: &[&str], range_text: &str, options: Options) -> Option<String> {
    let mut sorted =
        versions.iter().map(|text| Version::parse(text, options).map(|v| (*text, v))).collect::<Option<Vec<_>>>()?;
    sorted.sort_by(|(_, a), (_, b)| a.compare(b));
    let range = Range::parse(range_text, options);
    let lowest = sorted.first().map(|(text, _)| *text);
    let mut runs: Vec<(&str, Option<&str>)> = Vec::new();
    let mut open: Option<(&str, &str)> = None;
    for (text, version) in &sorted {
        if range.as_ref().is_some_and(|range| range.contains(version)) {
            open = Some((open.map_or(*text, |(first, _)| first), text));
        } else if let Some((first, last)) = open.take() {
            runs.push((first, Some(last)));
        }
    }
    if let Some((first, _)) = open {
        runs.push((first, None));
    }
    let texts: Vec<String> = runs
        .into_iter()
        .map(|(first, last)| match last {
            Some(last) if last == first => first.to_owned(),
            None if Some(first) == lowest => "*".to_owned(),
            None => format!(">={first}"),
            Some(last) if Some(first) == lowest => format!("<={last}"),
            Some(last) => format!("{first} - {last}"),
        })
        .collect();
    let simplified = texts.join(" || ");
    let is_shorter = simplified.encode_utf16().count() < range_text.encode_utf16().count();
    Some(if is_shorter { simplified } else { range_text.to_owned() })
}
