//! Which service each component ends up in, and how well the services hold together.

use super::data::Service;
use super::model::Model;
use super::rules;
use crate::support::cut::Net;
use crate::support::notes::Note;
use std::collections::{BTreeMap, BTreeSet};

/// Components named in one message.
const MAX_NAMED: usize = 8;

/// Where everything ends up.
pub(super) struct Target {
    /// The services, by name.
    pub(super) services: Vec<String>,
    /// The service of each component; none for what belongs to nobody here.
    pub(super) of: Vec<Option<usize>>,
    /// Whether the component moves.
    pub(super) moves: Vec<bool>,
    /// How components without a target were given one.
    pub(super) method: &'static str,
}

/// Gives every component that may move a service, and reports the seams that this makes.
pub(super) fn find(model: &Model, notes: &mut Vec<Note>) -> Target {
    let count = model.components.len();
    let net = net(model);
    let mut services: Vec<String> = model.components.iter().filter_map(|component| component.target.clone()).collect();
    let stays = |component: &super::model::Component| component.stays || component.is_outside;
    services.sort();
    services.dedup();
    let may_move: Vec<bool> = model.components.iter().map(|component| !stays(component)).collect();
    // What stays holds its group together, so that a least cut may leave others with it.
    let mut anchors: Vec<Option<usize>> = Vec::with_capacity(count);
    let mut old: BTreeMap<String, usize> = BTreeMap::new();
    for component in &model.components {
        let name = if component.is_outside {
            None
        } else if component.stays {
            Some(component.group.clone().unwrap_or_else(|| LEGACY.to_owned()))
        } else {
            component.target.clone()
        };
        anchors.push(name.map(|name| {
            services.iter().position(|known| *known == name).unwrap_or_else(|| {
                services.push(name.clone());
                old.insert(name, services.len() - 1);
                services.len() - 1
            })
        }));
    }
    let free: Vec<bool> =
        (0..count).map(|at| may_move.get(at) == Some(&true) && anchors.get(at) == Some(&None)).collect();
    let has_targets = model.components.iter().any(|component| component.target.is_some());
    let (of, method) = if has_targets {
        let is_given = free.iter().all(|free| !free);
        let (of, is_least) = net.assign(&anchors, &free);
        (
            of,
            if is_given {
                "given"
            } else if is_least {
                "minimum-cut"
            } else {
                "isolating-cuts"
            },
        )
    } else {
        let wanted = model.services.and_then(|count| usize::try_from(count).ok());
        let mut of = anchors;
        for group in net.clusters(&free, wanted) {
            // A cluster is called by its member with most ties inside.
            let ties = |at: usize| {
                let inside = |other: usize| group.binary_search(&other).is_ok();
                let all = model.links.iter().filter(|link| link.from == at || link.to == at);
                all.filter(|link| inside(link.from) && inside(link.to)).map(|link| link.weight).sum::<u32>()
            };
            let name = group.iter().max_by_key(|at| (ties(**at), std::cmp::Reverse(**at)));
            let name = name.and_then(|at| model.components.get(*at)).map_or_else(String::new, |c| c.id.clone());
            let name = if services.contains(&name) { format!("{name}-service") } else { name };
            services.push(name);
            for at in group {
                if let Some(slot) = of.get_mut(at) {
                    *slot = Some(services.len() - 1);
                }
            }
        }
        (of, "clustering")
    };
    let moves: Vec<bool> = model
        .components
        .iter()
        .enumerate()
        .map(|(at, component)| {
            let target = of.get(at).copied().flatten().and_then(|at| services.get(at));
            !stays(component) && target.is_some() && target != component.group.as_ref()
        })
        .collect();
    let target = Target { services, of, moves, method };
    report(model, &target, &free, notes);
    target
}

/// What things are called that belong to no group.
pub(super) const LEGACY: &str = "legacy";

fn net(model: &Model) -> Net {
    Net::new(model.components.len(), model.links.iter().map(|link| (link.from, link.to, u64::from(link.weight))))
}

fn report(model: &Model, target: &Target, free: &[bool], notes: &mut Vec<Note>) {
    let given: Vec<String> = free
        .iter()
        .enumerate()
        .filter(|(_, free)| **free)
        .filter_map(|(at, _)| {
            let service = target.of.get(at).copied().flatten().and_then(|at| target.services.get(at))?;
            model.components.get(at).map(|component| format!("{} to {service}", component.id))
        })
        .collect();
    if !given.is_empty() {
        let more =
            if given.len() > MAX_NAMED { format!(" and {} more", given.len() - MAX_NAMED) } else { String::new() };
        let named: Vec<&str> = given.iter().take(MAX_NAMED).map(String::as_str).collect();
        let how = match target.method {
            "minimum-cut" => "the least cut between the given targets",
            "clustering" => "clusters of highest modularity",
            _ => "isolating cuts between the given targets",
        };
        notes.push(Note::new(
            &rules::ASSIGNED_BY_CUT,
            format!("no target is given for {} components; {how} give {}{more}", given.len(), named.join(", ")),
        ));
    }
    // Where a component is tied to another service more than to its own.
    for (at, component) in model.components.iter().enumerate() {
        let Some(own) = target.of.get(at).copied().flatten() else { continue };
        // One that is a service of its own has nothing to be closer to.
        let is_alone = target.of.iter().filter(|of| **of == Some(own)).count() == 1;
        if component.is_store || free.get(at) == Some(&true) || is_alone {
            continue;
        }
        let mut ties: BTreeMap<usize, u32> = BTreeMap::new();
        for link in model.links.iter().filter(|link| link.from != link.to) {
            let other = match (link.from == at, link.to == at) {
                (true, _) => link.to,
                (_, true) => link.from,
                _ => continue,
            };
            if let Some(service) = target.of.get(other).copied().flatten() {
                *ties.entry(service).or_insert(0) += link.weight;
            }
        }
        let here = ties.get(&own).copied().unwrap_or(0);
        let best = ties.iter().max_by_key(|(service, weight)| (**weight, std::cmp::Reverse(**service)));
        if let Some((service, weight)) = best
            && *service != own
            && *weight >= 2 * here.max(1)
            && target.moves.get(at) == Some(&true)
        {
            let name = |at: usize| target.services.get(at).map_or("", String::as_str);
            let message = format!(
                "{} goes to {}, to which it has {here} calls, and has {weight} to {}; there it would cut {} fewer",
                component.id,
                name(own),
                name(*service),
                weight - here
            );
            notes.push(Note::new(&rules::MISPLACED_COMPONENT, message).at(component.at));
        }
    }
}

/// The services with what lies within and between them.
pub(super) fn services(model: &Model, target: &Target) -> Vec<Service> {
    let of = |at: usize| target.of.get(at).copied().flatten();
    let mut all: Vec<Service> = target
        .services
        .iter()
        .enumerate()
        .map(|(number, name)| {
            let members: Vec<String> = model
                .components
                .iter()
                .enumerate()
                .filter(|(at, _)| of(*at) == Some(number))
                .map(|(_, component)| component.id.clone())
                .collect();
            let weight = |both: bool| -> u32 {
                let all = model.links.iter().filter(|link| {
                    let (from, to) = (of(link.from) == Some(number), of(link.to) == Some(number));
                    if both { from && to } else { from != to && of(link.from).is_some() && of(link.to).is_some() }
                });
                all.map(|link| link.weight).sum()
            };
            let (inside, crossing) = (weight(true), weight(false));
            let cohesion = (inside + crossing > 0).then(|| f64::from(inside) / f64::from(inside + crossing));
            let is_new = !model.components.iter().any(|component| component.group.as_ref() == Some(name))
                && name.as_str() != LEGACY;
            Service {
                name: name.clone(),
                is_new,
                members,
                inside,
                crossing,
                cohesion: cohesion.map(super::data::rounded),
            }
        })
        .collect();
    all.retain(|service| !service.members.is_empty());
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// Components with one user that moves to the same service: a store goes with it.
pub(super) fn owned_stores(model: &Model, target: &Target) -> Vec<(usize, usize)> {
    let mut users: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for link in model.links.iter().filter(|link| link.from != link.to) {
        users.entry(link.to).or_default().insert(link.from);
    }
    let moves = |at: usize| target.moves.get(at) == Some(&true);
    users
        .into_iter()
        .filter(|(store, _)| model.components.get(*store).is_some_and(|component| component.is_store))
        .filter_map(|(store, users)| {
            let [user] = users.into_iter().collect::<Vec<_>>()[..] else { return None };
            (moves(store) && moves(user) && target.of.get(store) == target.of.get(user)).then_some((user, store))
        })
        .collect()
}
