//! What is changed where it stands: routines, domains, sequences, views that may be replaced.

use super::object::Object;
use super::plan::{Phase, Plan};
use super::text::{canonical, canonical_default, quote, quote_table, same_type, words};
use crate::support::schema::{Dialect, ddl};

/// Changes a thing without taking it away, where that can be done.
pub(super) fn in_place(old: &Object, new: &Object, dialect: Dialect, plan: &mut Plan) -> bool {
    match new.kind.as_str() {
        "comment" | "alter" | "extension" | "schema" => true,
        "function" | "procedure" if dialect == Dialect::PostgreSql => {
            // What it gives and what its parameters are called cannot be replaced.
            let head = |object: &Object| -> Vec<String> {
                let end = object.words.iter().position(|word| {
                    matches!(
                        word.as_str(),
                        "as" | "language" | "begin" | "return" | "immutable" | "stable" | "volatile" | "strict"
                    )
                });
                object.words.get(..end.unwrap_or(object.words.len())).unwrap_or_default().to_vec()
            };
            if head(old) != head(new) {
                return false;
            }
            plan.add(Phase::Stand, replacing(&new.text, &new.kind));
            true
        }
        "domain" if dialect == Dialect::PostgreSql => domain(old, new, plan),
        "sequence" => {
            let options = sequence_options(&old.words.join(" "), &new.words.join(" "));
            if !options.is_empty() {
                plan.add(
                    Phase::Create,
                    format!("ALTER SEQUENCE {} {}", quote_table(&new.name, dialect), options.join(" ")),
                );
            }
            true
        }
        "view" if dialect == Dialect::MySql => {
            plan.add(Phase::Stand, replacing(&new.text, "view"));
            true
        }
        _ => false,
    }
}

// The statement with OR REPLACE.
fn replacing(text: &str, kind: &str) -> String {
    let lower = text.to_lowercase();
    let head = lower.find(kind).unwrap_or(0);
    if lower.get(..head).is_some_and(|head| head.contains("replace")) {
        return text.to_owned();
    }
    let create = lower.find("create").map_or(0, |at| at + 6);
    format!("{} OR REPLACE{}", text.get(..create).unwrap_or_default(), text.get(create..).unwrap_or_default())
}

fn domain(old: &Object, new: &Object, plan: &mut Plan) -> bool {
    let pg = Dialect::PostgreSql;
    let (Some((before, was)), Some((after, is))) = (ddl::domain(&old.text, pg), ddl::domain(&new.text, pg)) else {
        return false;
    };
    if !same_type(&before.ty, &after.ty) || before.collation != after.collation {
        return false;
    }
    let alter = format!("ALTER DOMAIN {}", quote_table(&new.name, pg));
    let default =
        |column: &crate::support::schema::Column| canonical_default(column.default.as_deref(), &column.ty, pg);
    if default(&before) != default(&after) {
        match &after.default {
            Some(default) => plan.add(Phase::Create, format!("{alter} SET DEFAULT {default}")),
            None => plan.add(Phase::Create, format!("{alter} DROP DEFAULT")),
        }
    }
    if before.not_null != after.not_null {
        plan.add(Phase::Create, format!("{alter} {} NOT NULL", if after.not_null { "SET" } else { "DROP" }));
    }
    let named = |table: &crate::support::schema::Table| -> Vec<(String, String, String)> {
        let mut nth = 0;
        let last = new.name.rsplit('.').next().unwrap_or(&new.name);
        table
            .checks
            .iter()
            .map(|check| {
                let name = check.name.clone().unwrap_or_else(|| {
                    nth += 1;
                    if nth == 1 { format!("{last}_check") } else { format!("{last}_check{}", nth - 1) }
                });
                (name, canonical(&check.condition, pg), check.condition.clone())
            })
            .collect()
    };
    let (had, wants) = (named(&was), named(&is));
    for (name, condition, _) in &had {
        if !wants.iter().any(|(known, other, _)| known == name && other == condition) {
            plan.add(Phase::Create, format!("{alter} DROP CONSTRAINT {}", quote(name, pg)));
        }
    }
    for (name, condition, text) in &wants {
        if !had.iter().any(|(known, other, _)| known == name && other == condition) {
            plan.add(Phase::Create, format!("{alter} ADD CONSTRAINT {} CHECK ({text})", quote(name, pg)));
        }
    }
    true
}

/// The options of a sequence that change, those that are said no more by their defaults.
pub(super) fn sequence_options(old: &str, new: &str) -> Vec<String> {
    let read = |text: &str| -> Vec<(&'static str, String)> {
        let list = words(text, Dialect::PostgreSql);
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(word) = list.get(at) {
            let next = |skip: usize| list.get(at + skip).cloned().unwrap_or_default();
            let number = |skip: usize| if next(skip) == "-" { format!("-{}", next(skip + 1)) } else { next(skip) };
            let by = usize::from(matches!(next(1).as_str(), "by" | "with")) + 1;
            match word.as_str() {
                "increment" => found.push(("INCREMENT BY", number(by))),
                "start" => found.push(("START WITH", number(by))),
                "cache" => found.push(("CACHE", number(1))),
                "minvalue" if at == 0 || list.get(at - 1).is_none_or(|word| word != "no") => {
                    found.push(("MINVALUE", number(1)));
                }
                "maxvalue" if at == 0 || list.get(at - 1).is_none_or(|word| word != "no") => {
                    found.push(("MAXVALUE", number(1)));
                }
                "cycle" if at == 0 || list.get(at - 1).is_none_or(|word| word != "no") => {
                    found.push(("CYCLE", String::new()));
                }
                "owned" => {
                    let end = list
                        .iter()
                        .skip(at + 2)
                        .take_while(|word| {
                            word.as_str() == "."
                                || !matches!(
                                    word.as_str(),
                                    "increment" | "start" | "cache" | "minvalue" | "maxvalue" | "cycle" | "no"
                                )
                        })
                        .cloned()
                        .collect::<Vec<_>>();
                    found.push(("OWNED BY", end.concat()));
                }
                "as" => found.push(("AS", next(1))),
                _ => {}
            }
            at += 1;
        }
        found
    };
    let (before, after) = (read(old), read(new));
    let mut options: Vec<String> = after
        .iter()
        .filter(|option| !before.contains(option))
        .map(|(word, value)| format!("{word} {value}").trim_end().to_owned())
        .collect();
    for (word, _) in before.iter().filter(|(word, _)| !after.iter().any(|(other, _)| other == word)) {
        options.push(match *word {
            "INCREMENT BY" | "START WITH" | "CACHE" => format!("{word} 1"),
            "OWNED BY" => "OWNED BY NONE".to_owned(),
            "AS" => "AS bigint".to_owned(),
            word => format!("NO {word}"),
        });
    }
    options
}
