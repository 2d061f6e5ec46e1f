//! What stands beside tables: which of it goes, changes, or is made anew because of what it stands on.

use super::object::{Object, grant_steps};
use super::plan::{Phase, Plan, Side, holds, mentioned, ordered};
use super::text::words;
use crate::support::schema::Dialect;
use std::collections::{BTreeMap, BTreeSet};

// Views, functions, triggers, policies and the like on both sides or gone; those that stand on what goes or changes are made anew.
pub(super) fn things(from: &Side<'_>, to: &Side<'_>, doomed: &BTreeSet<&str>, dialect: Dialect, plan: &mut Plan) {
    let wanted: BTreeMap<(String, String), &Object> = to.objects.iter().map(|object| (object.key(), object)).collect();
    // Columns that change, by the last parts of their tables' names, and such parts of tables that are made anew.
    let mut disturbed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (table, column) in &plan.disturbed {
        disturbed.entry(last_part(table)).or_default().insert(last_part(column));
    }
    let rebuilt: BTreeSet<&str> = plan.rebuilt.iter().map(|table| last_part(table)).collect();
    let mut changes: Vec<(&Object, &Object, usize)> = Vec::new();
    let mut again: BTreeSet<usize> = BTreeSet::new();
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for (at, object) in from.objects.iter().enumerate() {
        match wanted.get(&object.key()) {
            None => {
                gone.insert(at);
            }
            Some(new) if new.words != object.words => changes.push((object, new, at)),
            Some(_) => {
                // What stands on columns that change.
                let stands =
                    matches!(object.kind.as_str(), "view" | "materialized view" | "rule" | "policy" | "trigger");
                if stands && is_touched(object, &disturbed, &rebuilt) {
                    again.insert(at);
                }
            }
        }
    }
    for (object, new, at) in changes {
        if !super::alter::in_place(object, new, dialect, plan) {
            again.insert(at);
        }
    }
    stand_on(from, &gone, &mut again);
    drop_things(from, &again, &gone, doomed, to, dialect, plan);
    let order: Vec<&Object> = again
        .iter()
        .filter_map(|at| from.objects.get(*at))
        .filter_map(|object| wanted.get(&object.key()).copied())
        .collect();
    for at in ordered(order.len(), &mentioned(&order)).0 {
        if let Some(object) = order.get(at) {
            let phase = if matches!(object.kind.as_str(), "type" | "domain") { Phase::Create } else { Phase::Stand };
            plan.add(phase, object.text.clone());
        }
    }
    remarks(from, to, doomed, plan);
}

// Whether a statement about privileges is about one of these tables.
fn is_on(sql: &str, tables: &BTreeSet<&str>) -> bool {
    let longest = tables.iter().map(|name| name.len()).max().unwrap_or_default();
    sql.match_indices(" ON ").any(|(at, on)| {
        let rest = sql.get(at + on.len()..).unwrap_or_default();
        let ends = rest.match_indices(' ').map(|(end, _)| end).take_while(|end| *end <= longest);
        ends.filter_map(|end| rest.get(..end)).any(|name| tables.contains(name))
    })
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

// Whether what a thing stands on is made anew or has columns that change.
fn is_touched(object: &Object, disturbed: &BTreeMap<&str, BTreeSet<&str>>, rebuilt: &BTreeSet<&str>) -> bool {
    let words: BTreeSet<&str> = object.words.iter().map(|word| word.trim_matches('"')).collect();
    let has_all = object.words.iter().any(|word| word == "*");
    words.iter().any(|word| {
        rebuilt.contains(word)
            || disturbed.get(word).is_some_and(|columns| {
                let (few, many) = if columns.len() < words.len() { (columns, &words) } else { (&words, columns) };
                has_all || few.iter().any(|name| many.contains(name))
            })
    })
}

// Adds to what is made anew what stands on that or on what is gone, one on the other.
fn stand_on(from: &Side<'_>, gone: &BTreeSet<usize>, again: &mut BTreeSet<usize>) {
    let mut users: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (at, object) in from.objects.iter().enumerate() {
        if matches!(object.kind.as_str(), "view" | "materialized view" | "rule" | "policy" | "trigger" | "index") {
            for word in object.words.iter().skip(1).filter(|word| **word != object.name) {
                users.entry(word.trim_matches('"')).or_default().insert(at);
            }
        }
    }
    let mut open: Vec<usize> = again.iter().chain(gone).copied().collect();
    while let Some(object) = open.pop().and_then(|at| from.objects.get(at)) {
        if matches!(object.kind.as_str(), "view" | "materialized view" | "function" | "procedure") {
            for user in users.remove(last_part(&object.name)).into_iter().flatten() {
                if !gone.contains(&user) && again.insert(user) {
                    open.push(user);
                }
            }
        }
    }
}

fn drop_things(
    from: &Side<'_>,
    again: &BTreeSet<usize>,
    gone: &BTreeSet<usize>,
    doomed: &BTreeSet<&str>,
    to: &Side<'_>,
    dialect: Dialect,
    plan: &mut Plan,
) {
    let all: Vec<usize> = again.union(gone).copied().collect();
    // Behind what uses it.
    let listed: Vec<&Object> = all.iter().filter_map(|at| from.objects.get(*at)).collect();
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); all.len()];
    for (user, used) in mentioned(&listed).iter().enumerate() {
        for at in used {
            if let Some(needs) = needs.get_mut(*at) {
                needs.insert(user);
            }
        }
    }
    let names = to.names();
    for place in ordered(all.len(), &needs).0 {
        let Some(object) = all.get(place).and_then(|at| from.objects.get(*at)) else { continue };
        // What belongs to a table goes with it.
        if object.on.as_deref().is_some_and(|on| doomed.contains(on)) && object.kind != "index" {
            continue;
        }
        if object.kind == "schema" && holds(&names, &object.name) {
            continue;
        }
        let Some(sql) = object.dropped(dialect) else { continue };
        let phase = match object.kind.as_str() {
            "schema" => Phase::DropSchema,
            "type" | "domain" | "sequence" | "extension" | "collation" => Phase::DropType,
            "function" | "procedure" | "aggregate" if gone.contains(all.get(place).unwrap_or(&usize::MAX)) => {
                Phase::DropType
            }
            _ => Phase::Unbind,
        };
        if object.kind == "sequence" {
            plan.add_lossy(phase, sql, format!("how far {} has counted", object.name));
        } else {
            plan.add(phase, sql);
        }
    }
}

// Whatever of a side has a name.
fn all_names<'s>(side: &'s Side<'_>) -> BTreeSet<&'s str> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    for table in &side.schema.tables {
        names.insert(&table.name);
        names.extend(table.indexes.iter().filter_map(|index| index.name.as_deref()));
        names.extend(table.checks.iter().filter_map(|check| check.name.as_deref()));
        names.extend(table.primary_key.iter().chain(&table.uniques).filter_map(|key| key.name.as_deref()));
        names.extend(table.foreign_keys.iter().filter_map(|key| key.name.as_deref()));
    }
    names.extend(side.schema.enums.iter().map(|(name, _)| last_part(name)));
    let objects = side.objects.iter().filter(|object| object.kind != "comment");
    names.extend(objects.map(|object| last_part(&object.name)));
    names
}

// Comments on other things than tables and columns, statements that alter them, and grants.
fn remarks(from: &Side<'_>, to: &Side<'_>, doomed: &BTreeSet<&str>, plan: &mut Plan) {
    let keyed = |side: &Side<'_>| -> BTreeMap<(String, String), Object> {
        side.objects.iter().map(|object| (object.key(), object.clone())).collect()
    };
    let (old, new) = (keyed(from), keyed(to));
    for object in to.objects.iter().filter(|object| matches!(object.kind.as_str(), "comment" | "alter")) {
        if old.get(&object.key()).is_none_or(|known| known.words != object.words) {
            let phase = if object.kind == "alter" && object.words.iter().any(|word| word == "attach") {
                Phase::Reference
            } else {
                Phase::Remark
            };
            plan.add(phase, object.text.clone());
        }
    }
    let named = all_names(to);
    for object in from.objects.iter().filter(|object| object.kind == "comment" && !new.contains_key(&object.key())) {
        // What is gone has no comment.
        let target = object.name.as_str();
        let head = object.signature.as_deref().unwrap_or_default();
        let said = words(head, Dialect::PostgreSql);
        let names: Vec<&str> = said.iter().skip(2).map(|word| word.trim_matches('"')).collect();
        let there = |name: &str| named.contains(name);
        let whole = if target.starts_with("constraint") || target.starts_with("trigger") || target.starts_with("policy")
        {
            names.get(1).copied().is_some_and(there)
        } else {
            names.iter().skip(1).any(|name| there(name))
        };
        if whole && !names.iter().any(|name| doomed.contains(name)) {
            plan.add(Phase::Remark, format!("{head} IS NULL"));
        }
    }
    let (taken, given) = grant_steps(&from.grants, &to.grants);
    for sql in taken {
        let on_doomed = is_on(&sql, doomed);
        if !on_doomed {
            plan.add(Phase::Unbind, sql);
        }
    }
    for sql in given {
        plan.add(Phase::Remark, sql);
    }
}
