//! What stands beside tables: which of it goes, changes, or is made anew because of what it stands on.

use super::object::{Object, grant_steps};
use super::plan::{Phase, Plan, Side, mentioned, ordered};
use super::text::words;
use crate::support::schema::Dialect;
use std::collections::{BTreeMap, BTreeSet};

// Views, functions, triggers, policies and the like on both sides or gone; those that stand on what goes or changes are made anew.
pub(super) fn things(from: &Side<'_>, to: &Side<'_>, doomed: &BTreeSet<&str>, dialect: Dialect, plan: &mut Plan) {
    let wanted: BTreeMap<(String, String), &Object> = to.objects.iter().map(|object| (object.key(), object)).collect();
    let mut again: BTreeSet<usize> = BTreeSet::new();
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for (at, object) in from.objects.iter().enumerate() {
        match wanted.get(&object.key()) {
            None => {
                gone.insert(at);
            }
            Some(new) if new.words != object.words => {
                if !super::alter::in_place(object, new, dialect, plan) {
                    again.insert(at);
                }
            }
            Some(_) => {
                // What stands on columns that change.
                let stands =
                    matches!(object.kind.as_str(), "view" | "materialized view" | "rule" | "policy" | "trigger");
                let touched = plan.disturbed.iter().any(|(table, column)| {
                    object.mentions(table) && (object.mentions(column) || object.words.iter().any(|word| word == "*"))
                });
                let rebuilt = plan.rebuilt.iter().any(|table| object.mentions(table));
                if stands && (touched || rebuilt) {
                    again.insert(at);
                }
            }
        }
    }
    // What stands on those.
    loop {
        let names: BTreeSet<&str> = again
            .iter()
            .chain(&gone)
            .filter_map(|at| from.objects.get(*at))
            .filter(|object| matches!(object.kind.as_str(), "view" | "materialized view" | "function" | "procedure"))
            .map(|object| object.name.rsplit('.').next().unwrap_or(&object.name))
            .collect();
        let stands = |object: &Object| {
            matches!(object.kind.as_str(), "view" | "materialized view" | "rule" | "policy" | "trigger" | "index")
                && object
                    .words
                    .iter()
                    .skip(1)
                    .any(|word| word != &object.name && names.contains(word.trim_matches('"')))
        };
        let more: Vec<usize> = (0..from.objects.len())
            .filter(|at| !again.contains(at) && !gone.contains(at))
            .filter(|at| from.objects.get(*at).is_some_and(stands))
            .collect();
        if more.is_empty() {
            break;
        }
        again.extend(more);
    }
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
    for place in ordered(all.len(), &needs).0 {
        let Some(object) = all.get(place).and_then(|at| from.objects.get(*at)) else { continue };
        // What belongs to a table goes with it.
        if object.on.as_deref().is_some_and(|on| doomed.contains(on)) && object.kind != "index" {
            continue;
        }
        if object.kind == "schema" {
            let prefix = format!("{}.", object.name);
            let used = to.schema.tables.iter().any(|table| table.name.starts_with(&prefix))
                || to.schema.enums.iter().any(|(name, _)| name.starts_with(&prefix))
                || to.objects.iter().any(|other| other.name.starts_with(&prefix));
            if used {
                continue;
            }
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
    for object in from.objects.iter().filter(|object| object.kind == "comment" && !new.contains_key(&object.key())) {
        // What is gone has no comment.
        let target = object.name.as_str();
        let head = object.signature.as_deref().unwrap_or_default();
        let said = words(head, Dialect::PostgreSql);
        let names: Vec<&str> = said.iter().skip(2).map(|word| word.trim_matches('"')).collect();
        let there = |name: &str| {
            to.schema.tables.iter().any(|table| {
                table.name == name
                    || table.indexes.iter().any(|index| index.name.as_deref() == Some(name))
                    || table.checks.iter().any(|check| check.name.as_deref() == Some(name))
                    || table.primary_key.iter().chain(&table.uniques).any(|key| key.name.as_deref() == Some(name))
                    || table.foreign_keys.iter().any(|key| key.name.as_deref() == Some(name))
            }) || to.schema.enums.iter().any(|(known, _)| known.rsplit('.').next() == Some(name))
                || to.objects.iter().any(|other| other.kind != "comment" && other.name.rsplit('.').next() == Some(name))
        };
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
        let on_doomed = doomed.iter().any(|table| sql.contains(&format!(" ON {table} ")));
        if !on_doomed {
            plan.add(Phase::Unbind, sql);
        }
    }
    for sql in given {
        plan.add(Phase::Remark, sql);
    }
}
