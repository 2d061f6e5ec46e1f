//! Normal forms of the relations that the caller gave dependencies of.

use super::normal::{self, Dependency, Form, Set};
use super::rules;
use crate::support::schema::Schema;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::{Finding, LineIndex, ToolError, suggest};
use serde::Serialize;
use std::collections::BTreeMap;

/// Most dependencies of a call.
const MAX_DEPENDENCIES: usize = 500;
/// Longest of them, in bytes.
const MAX_DEPENDENCY_BYTES: usize = 4_096;

/// A relation's normal form.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(super) struct NormalForm {
    /// The relation.
    relation: String,
    /// 1NF, 2NF, 3NF or BCNF.
    form: &'static str,
    /// All candidate keys.
    keys: Vec<Vec<String>>,
    /// Dependencies without anything too many, such as `a, b -> c`.
    minimal_cover: Vec<String>,
    /// What keeps it from a higher form.
    violations: Vec<String>,
    /// Relations in 3NF, where it is lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    third: Option<Decomposition>,
    /// Relations in BCNF, where it is lower.
    #[serde(skip_serializing_if = "Option::is_none")]
    boyce_codd: Option<Decomposition>,
}

/// A relation split.
#[derive(Debug, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
struct Decomposition {
    /// Columns of each part.
    parts: Vec<Vec<String>>,
    /// Whether a join gives the relation back, proved by the chase.
    lossless: bool,
    /// Dependencies that no part can check.
    lost: Vec<String>,
    /// Whether each part was proved to be in the form; parts of more than 16 columns are tried by the given dependencies alone.
    proved: bool,
}

struct Relation {
    columns: Vec<String>,
    dependencies: Vec<Dependency>,
}

/// Reads the dependencies; the pointer of the one that is wrong where one is.
fn relations(texts: &[String], schema: &Schema) -> Result<BTreeMap<String, Relation>, ToolError> {
    check_items("/dependencies", texts, MAX_DEPENDENCIES)?;
    let mut relations: BTreeMap<String, Relation> = BTreeMap::new();
    for (at, text) in texts.iter().enumerate() {
        let pointer = format!("/dependencies/{at}");
        check_bytes(&pointer, text, MAX_DEPENDENCY_BYTES)?;
        let accepted = "a relation and a dependency, such as \"orders: customer_id -> customer_name, city\"";
        let refused = || ToolError::invalid(pointer.clone(), "is no dependency", accepted);
        let (relation, dependency) = text.split_once(':').ok_or_else(refused)?;
        let (left, right) = dependency.split_once("->").ok_or_else(refused)?;
        let relation = relation.trim();
        let names = |side: &str| -> Vec<String> {
            side.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
        };
        let (left, right) = (names(left), names(right));
        if relation.is_empty() || left.is_empty() || right.is_empty() {
            return Err(refused());
        }
        let table = schema.table(relation);
        let entry = relations.entry(relation.to_owned()).or_insert_with(|| Relation {
            columns: table
                .map(|table| table.columns.iter().map(|column| column.name.clone()).collect())
                .unwrap_or_default(),
            dependencies: Vec::new(),
        });
        let mut set = |names: &[String]| -> Result<Set, ToolError> {
            let mut set = 0;
            for name in names {
                let known = entry.columns.iter().position(|column| column == name);
                let position = match known {
                    Some(position) => position,
                    None if table.is_some() => {
                        let near = suggest::nearest(name, entry.columns.iter().map(String::as_str));
                        let accepted = near.map_or_else(
                            || "a column of the table".to_owned(),
                            |near| format!("a column such as \"{near}\""),
                        );
                        return Err(ToolError::invalid(
                            pointer.clone(),
                            "names a column that the table lacks",
                            accepted,
                        ));
                    }
                    None => {
                        entry.columns.push(name.clone());
                        entry.columns.len() - 1
                    }
                };
                if position >= normal::MAX_ATTRIBUTES {
                    return Err(ToolError::too_large(
                        pointer.clone(),
                        entry.columns.len(),
                        normal::MAX_ATTRIBUTES,
                        "columns",
                    ));
                }
                set |= 1 << position;
            }
            Ok(set)
        };
        let dependency = Dependency { left: set(&left)?, right: set(&right)? };
        entry.dependencies.push(dependency);
    }
    // The keys of a table are dependencies too.
    for (name, relation) in &mut relations {
        let Some(table) = schema.table(name) else { continue };
        if relation.columns.len() > normal::MAX_ATTRIBUTES {
            return Err(ToolError::too_large(
                "/dependencies",
                relation.columns.len(),
                normal::MAX_ATTRIBUTES,
                "columns of a table",
            ));
        }
        let all = whole(relation.columns.len());
        for key in table.keys() {
            let positions: Option<Vec<usize>> =
                key.iter().map(|name| relation.columns.iter().position(|column| column == name)).collect();
            let nullable = key.iter().any(|name| table.column(name).is_none_or(|column| !column.not_null));
            if let Some(positions) = positions.filter(|_| !nullable) {
                relation
                    .dependencies
                    .push(Dependency { left: positions.iter().fold(0, |set, at| set | 1 << at), right: all });
            }
        }
    }
    Ok(relations)
}

const fn whole(count: usize) -> Set {
    if count >= normal::MAX_ATTRIBUTES { Set::MAX } else { (1 << count) - 1 }
}

/// The normal forms, and a finding for each relation below BCNF.
pub(super) fn review(
    texts: &[String],
    schema: &Schema,
    lines: &LineIndex<'_>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<NormalForm>, ToolError> {
    let mut forms = Vec::new();
    for (name, relation) in relations(texts, schema)? {
        let all = whole(relation.columns.len());
        let cover = normal::minimal_cover(&relation.dependencies);
        let keys = normal::keys(all, &cover);
        let (form, violations) = normal::form(all, &keys, &cover);
        let names = |set: Set| -> Vec<String> {
            normal::bits(set).filter_map(|bit| relation.columns.get(bit).cloned()).collect()
        };
        let shown = |dependency: &Dependency| {
            format!("{} -> {}", names(dependency.left).join(", "), names(dependency.right).join(", "))
        };
        let decomposition = |parts: Vec<Set>, proved: bool| Decomposition {
            proved,
            lossless: normal::is_lossless(all, &parts, &cover),
            lost: normal::lost(&parts, &cover).iter().map(shown).collect(),
            parts: parts.into_iter().map(names).collect(),
        };
        if form < Form::BoyceCodd {
            let list: Vec<String> = violations
                .iter()
                .take(3)
                .map(|violation| format!("{} breaks {}", excerpt(&shown(&violation.dependency)), violation.of.word()))
                .collect();
            let message = format!("`{}` is in {}: {}", excerpt(&name), form.word(), list.join("; "));
            let finding = Finding::new(&rules::NORMAL_FORM, message);
            findings.push(match schema.table(&name) {
                Some(table) => finding.at(lines.range(table.span.clone())),
                None => finding,
            });
        }
        let (boyce_codd, proved) = normal::boyce_codd(all, &cover);
        forms.push(NormalForm {
            relation: name,
            form: form.word(),
            keys: keys.iter().map(|key| names(*key)).collect(),
            minimal_cover: cover.iter().map(shown).collect(),
            violations: violations
                .iter()
                .map(|violation| format!("{} breaks {}", shown(&violation.dependency), violation.of.word()))
                .collect(),
            third: (form < Form::Third).then(|| decomposition(normal::third(all, &keys, &cover), true)),
            boyce_codd: (form < Form::BoyceCodd).then(|| decomposition(boyce_codd, proved)),
        });
    }
    Ok(forms)
}
