//! The fewest indexes that serve shapes: equality, then sort, then range. Fields whose order does not matter stay open until a
//! shape needs them apart.

use super::shape::Shape;
use std::collections::BTreeSet;

/// Most fields of an index (`MongoDB`'s limit).
const MOST_FIELDS: usize = 32;

/// A place of an index: one field, or several whose order is still open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) fields: BTreeSet<String>,
    /// The direction, where a sort over several fields needs one.
    pub(super) way: Option<i8>,
    /// The direction of a sort over one, which either serves.
    pub(super) wish: i8,
}

impl Slot {
    /// A field with its direction.
    pub(super) fn fixed(name: &str, way: i8) -> Self {
        Self { fields: BTreeSet::from([name.to_owned()]), way: Some(way), wish: way }
    }

    fn open(fields: BTreeSet<String>) -> Self {
        Self { fields, way: None, wish: 1 }
    }
}

/// An index that is planned.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) slots: Vec<Slot>,
    /// Which shapes it serves.
    pub(super) serves: Vec<usize>,
}

// Takes fields from a place on, in any order; splits a place of which only some are taken.
fn consume(slots: &mut Vec<Slot>, at: &mut usize, mut need: BTreeSet<String>) -> Option<()> {
    while !need.is_empty() {
        let slot = slots.get(*at)?;
        if slot.fields.is_subset(&need) {
            for field in &slot.fields {
                need.remove(field);
            }
            *at += 1;
            continue;
        }
        if !need.is_subset(&slot.fields) {
            return None;
        }
        let rest: BTreeSet<String> = slot.fields.difference(&need).cloned().collect();
        slots.splice(*at..=*at, [Slot::open(std::mem::take(&mut need)), Slot::open(rest)]);
        *at += 1;
    }
    Some(())
}

/// The index made so that it serves a shape too, if it can be.
pub(super) fn refined(index: &[Slot], shape: &Shape) -> Option<Vec<Slot>> {
    let mut slots = index.to_vec();
    let mut at = 0;
    consume(&mut slots, &mut at, shape.equal.clone())?;
    let order = shape.order();
    let mut turned: Option<i8> = None;
    for (name, way) in &order {
        let slot = slots.get(at)?;
        if !slot.fields.contains(name) {
            return None;
        }
        if slot.fields.len() > 1 {
            let rest: BTreeSet<String> = slot.fields.iter().filter(|field| *field != name).cloned().collect();
            slots.splice(at..=at, [Slot::open(BTreeSet::from([name.clone()])), Slot::open(rest)]);
        }
        let slot = slots.get_mut(at)?;
        match (slot.way, turned) {
            (Some(known), None) => turned = Some(known * way),
            (Some(known), Some(turned)) if known * way != turned => return None,
            (Some(_), Some(_)) => {}
            (None, _) if order.len() == 1 => slot.wish = *way,
            (None, _) => {
                let sign = *turned.get_or_insert(1);
                slot.way = Some(way * sign);
            }
        }
        at += 1;
    }
    consume(&mut slots, &mut at, shape.bounds())?;
    Some(slots)
}

fn fresh(shape: &Shape) -> Vec<Slot> {
    let mut slots = Vec::new();
    if !shape.equal.is_empty() {
        slots.push(Slot::open(shape.equal.clone()));
    }
    let order = shape.order();
    for (name, way) in &order {
        let mut slot = Slot::open(BTreeSet::from([name.clone()]));
        slot.wish = *way;
        slot.way = (order.len() > 1).then_some(*way);
        slots.push(slot);
    }
    let bounds = shape.bounds();
    if !bounds.is_empty() {
        slots.push(Slot::open(bounds));
    }
    slots
}

/// The indexes that shapes need, those that serve several once.
pub(super) fn plan(shapes: &[(usize, &Shape)]) -> Vec<Planned> {
    // The longest first: shorter ones may be its beginning.
    let mut order: Vec<&(usize, &Shape)> = shapes.iter().filter(|(_, shape)| shape.len() <= MOST_FIELDS).collect();
    order.sort_by(|one, other| {
        other.1.len().cmp(&one.1.len()).then(other.1.order().len().cmp(&one.1.order().len())).then(one.0.cmp(&other.0))
    });
    let mut list: Vec<Planned> = Vec::new();
    for (at, shape) in order {
        let found = list.iter_mut().find_map(|planned| refined(&planned.slots, shape).map(|slots| (planned, slots)));
        match found {
            Some((planned, slots)) => {
                planned.slots = slots;
                planned.serves.push(*at);
            }
            None => list.push(Planned { slots: fresh(shape), serves: vec![*at] }),
        }
    }
    list
}

/// The fields of an index in order, with directions.
pub(super) fn fields(slots: &[Slot]) -> Vec<(String, i8)> {
    slots
        .iter()
        .flat_map(|slot| slot.fields.iter().map(|field| (field.clone(), slot.way.unwrap_or(slot.wish))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(equal: &[&str], sort: &[(&str, i8)], range: &[&str]) -> Shape {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Shape {
            equal: set(equal),
            sort: sort.iter().map(|(name, way)| ((*name).to_owned(), *way)).collect(),
            range: set(range),
        }
    }

    fn planned(list: &[Shape]) -> Vec<Vec<(String, i8)>> {
        let shapes: Vec<(usize, &Shape)> = list.iter().enumerate().collect();
        plan(&shapes).iter().map(|planned| fields(&planned.slots)).collect()
    }

    fn named(names: &[(&str, i8)]) -> Vec<(String, i8)> {
        names.iter().map(|(name, way)| ((*name).to_owned(), *way)).collect()
    }

    #[test]
    fn equality_sort_range() {
        let one = shape(&["make"], &[("model", 1)], &["cost"]);
        assert_eq!(planned(&[one]), [named(&[("make", 1), ("model", 1), ("cost", 1)])]);
    }

    #[test]
    fn one_index_serves_what_begins_it() {
        let list = [shape(&["b"], &[], &[]), shape(&["a", "b", "c"], &[], &[]), shape(&["b"], &[], &["c"])];
        assert_eq!(planned(&list), [named(&[("b", 1), ("c", 1), ("a", 1)])]);
    }

    #[test]
    fn directions_are_kept_or_all_turned() {
        let list = [shape(&[], &[("a", 1), ("b", -1)], &[]), shape(&[], &[("a", -1), ("b", 1)], &[])];
        assert_eq!(planned(&list), [named(&[("a", 1), ("b", -1)])]);
        let apart = [shape(&[], &[("a", 1), ("b", -1)], &[]), shape(&[], &[("a", 1), ("b", 1)], &[])];
        assert_eq!(planned(&apart).len(), 2);
    }
}
