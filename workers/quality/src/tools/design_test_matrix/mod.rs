//! Designs a table of test cases that covers every combination of a few values, from a model in PICT's language.
//!
//! Owns arguments, seeds, findings and the table. [`model`] and [`constraint`] read the model, [`solver`] tells what the
//! constraints allow, [`cover`] numbers the combinations, [`search`] finds the rows.

mod boundaries;
mod constraint;
mod cover;
mod model;
mod rules;
mod search;
mod solver;

pub use constraint::{MAX_CONSTRAINTS, MAX_DEPTH};
pub use cover::MAX_TUPLES;
pub use model::{MAX_PARAMETERS, MAX_VALUES};
pub use search::{MAX_SEARCH_WORK, WORK_PER_TUPLE};
pub use solver::MAX_NODES;

use constraint::Constraints;
use cover::Plan;
use model::Model;
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::render::plural;
use octavo_toolkit::{Ctx, Finding, LineIndex, Position, Range, Report, Rule, Tool, ToolError, declare_tool};
use rules::{CONTRADICTION, DUPLICATE, SEED, STRENGTH, SYNTAX, UNKNOWN, UNUSED};
use search::{Rows, Search};
use serde::{Deserialize, Serialize};
use solver::{Solver, set_of};

declare_tool! {
    /// Makes a table of test cases in which every combination of the values of any two parameters (or three, up to six)
    /// occurs, with far fewer rows than all combinations.
    ///
    /// **Use it** to choose configurations, inputs or feature flags to test, to add cases to tests you have, or to find
    /// contradictions in a model.
    ///
    /// **The model** is in PICT's language: a line `Name: value, value` for each parameter, where `value (10)` is preferred,
    /// `a | b` are names of one value, `~value` is out of range (a row has at most one of these), and `<Other>` repeats
    /// another parameter's values; `{A, B, C} @ 3` covers three of a group; constraints are `IF [A] = "x" AND [B] > 3 THEN
    /// [C] IN {"y", "z"} ELSE NOT [C] LIKE "q*";`, or a condition alone. Texts compare without regard to case. Seeds are rows
    /// that must be part, with empty cells to be filled; boundaries make parameters of the values at the edges of a range.
    ///
    /// **Exact.** A combination is left out only if the constraints allow it in no row, which is searched completely. The
    /// rows are near the fewest: greedy rows, then a local search with a fixed budget; `lowerBound` is a proven minimum.
    ///
    /// **Limits.** 300 parameters of 256 values, 1 000 constraints, two million combinations.
    ///
    /// **Output.** The table, parted by tabs, the seeds first and rows with an out-of-range value last, and the counts that
    /// prove it.
    pub struct DesignTestMatrix;
    name: "design_test_matrix",
    title: "Design a test matrix",
    summary: "Makes few test cases that cover all pairs (or triples ...) of parameter values, from a PICT model with constraints.",
    keywords: "pairwise all-pairs allpairs combinatorial testing covering array orthogonal array t-wise n-wise 2-way 3-way pict acts test cases generate combinations of inputs configuration browsers os matrix ci boundary value analysis equivalence classes negative testing parameters feature flags",
    examples: [
        "pairs with a constraint" => r#"{"model":"OS: Linux, macOS, Windows\nBrowser: Firefox, Chrome, Safari\nDisk: 10, 100, ~0\n\nIF [Browser] = \"Safari\" THEN [OS] = \"macOS\";"}"#,
        "triples, a seed and a boundary" => r#"{"model":"Plan: free, pro\nPay: card, invoice\nLogin: password, SSO","strength":3,"seeds":"Plan\tPay\tLogin\npro\tinvoice\tSSO","boundaries":["Seats=1..50"]}"#,
    ],
    rules: rules::RULES,
    not_checked: [
        "other separators, case-sensitive comparison and random rows (PICT's /d /a /n /c /r)",
        "keeping the distinct rows of a submodel few: its strength only adds combinations",
    ],
}

/// Longest model, in bytes.
pub const MAX_MODEL_BYTES: usize = 256 * 1024;
/// Most boundaries.
pub const MAX_BOUNDARIES: usize = 50;
/// Greatest strength: beyond six nearly no failure needs more (NIST SP 800-142).
pub const MAX_STRENGTH: u32 = 6;
/// Most seed rows.
pub const MAX_SEEDS: usize = 5_000;
/// Most rows of a table.
pub const MAX_ROWS: usize = 20_000;

/// Arguments.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// PICT model: `Name: a, b, ~invalid` lines, then `IF [A]="x" THEN [B]<>"y";`.
    #[serde(default)]
    model: String,
    /// Parameters combined, 1 to 6; default 2.
    #[serde(default)]
    strength: Option<u32>,
    /// Rows to keep, tab-separated, names first.
    #[serde(default)]
    seeds: Option<String>,
    /// More parameters from ranges, such as age=0..120.
    #[serde(default)]
    boundaries: Vec<String>,
}

/// The table and what proves it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Names in the first line, then a row a line, parted by tabs.
    pub table: String,
    /// Rows.
    pub rows: usize,
    /// Of them with an out-of-range value.
    pub negative_rows: usize,
    /// No table can have fewer rows.
    pub lower_bound: usize,
    /// Parameters combined.
    pub strength: u32,
    /// Combinations, each in some row.
    pub covered: usize,
    /// Combinations that the constraints allow in no row.
    pub excluded: usize,
}

impl Tool for DesignTestMatrix {
    type Input = Input;
    type Data = Data;

    fn run(&self, input: Input, _: &Ctx<'_>) -> Result<Report<Data>, ToolError> {
        check_bytes("/model", &input.model, MAX_MODEL_BYTES)?;
        check_items("/boundaries", &input.boundaries, MAX_BOUNDARIES)?;
        let strength = input.strength.unwrap_or(2);
        if !(1..=MAX_STRENGTH).contains(&strength) {
            return Err(ToolError::invalid("/strength", "is out of range", "1 to 6"));
        }
        let seeds_text = input.seeds.unwrap_or_default();
        check_bytes("/seeds", &seeds_text, MAX_MODEL_BYTES)?;
        let mut model = Model::parse(&input.model);
        for (at, text) in input.boundaries.iter().enumerate() {
            let pointer = format!("/boundaries/{at}");
            let parameter = boundaries::parameter(&pointer, text)?;
            if model.find(&parameter.name).is_some() || model.parameters.len() >= MAX_PARAMETERS {
                return Err(ToolError::invalid(
                    pointer,
                    "names a parameter that there is already",
                    "a name of its own",
                ));
            }
            model.parameters.push(parameter);
        }
        let lines = LineIndex::new(&input.model);
        let read = constraint::read(&model);
        let mut findings = complaints(&model, &read, &lines);
        if model.parameters.is_empty() && findings.is_empty() {
            return Err(ToolError::invalid("/model", "has no parameter", "lines such as `OS: Linux, Windows`"));
        }
        if findings.iter().any(|finding| finding.rule == SYNTAX.id) {
            return Ok(Report::checked(findings, Data { strength, ..Data::default() }));
        }
        let reduced = strength.min(u32::try_from(model.parameters.len()).unwrap_or(strength));
        if reduced < strength {
            let message =
                format!("the model has {} only; all are combined", plural(model.parameters.len(), "parameter"));
            findings.push(Finding::new(&STRENGTH, message));
        }
        let solver = solver_of(&model, read);
        let plan = plan_of(&model, reduced as usize, &solver)?;
        if plan.needed_count == 0 {
            findings.push(Finding::new(&CONTRADICTION, "no row satisfies all constraints"));
            return Ok(Report::checked(findings, Data { strength: reduced, excluded: plan.total, ..Data::default() }));
        }
        unused(&model, &solver, &lines, &mut findings)?;
        let seeds = seeds(&seeds_text, &model, &solver, &mut findings)?;
        if plan.lower_bound() > MAX_ROWS {
            return Err(ToolError::too_large("/model", plan.lower_bound(), MAX_ROWS, "rows at least"));
        }
        let weights: Vec<Vec<u32>> =
            model.parameters.iter().map(|one| one.choices.iter().map(|choice| choice.weight).collect()).collect();
        let mut rows = Search::new(&plan, &solver, &weights, &seeds).run();
        let is_negative = |row: &Vec<usize>| row.iter().enumerate().any(|(at, value)| solver.is_negative(at, *value));
        if let Some(made) = rows.get_mut(seeds.len()..) {
            made.sort_by_cached_key(is_negative);
        }
        let data = Data {
            table: table(&model, &rows),
            rows: rows.len(),
            negative_rows: rows.iter().filter(|row| is_negative(row)).count(),
            lower_bound: plan.lower_bound(),
            strength: reduced,
            covered: plan.needed_count,
            excluded: plan.total - plan.needed_count,
        };
        let summary = format!(
            "{} of {} cover {} combinations of {}{}",
            plural(data.rows, "row"),
            plural(model.parameters.len(), "parameter"),
            data.covered,
            data.strength,
            if data.excluded > 0 { format!("; {} are excluded", data.excluded) } else { String::new() }
        );
        Ok(Report::checked(findings, data).with_summary(summary))
    }
}

fn at_line(rule: &Rule, line: u32, message: String, lines: &LineIndex<'_>) -> Finding {
    let length = lines.line_text(line).trim_end().encode_utf16().count();
    let end = u32::try_from(length).unwrap_or(0) + 1;
    let range = Range { start: Position { line, column: 1 }, end: Position { line, column: end } };
    if line == 0 { Finding::new(rule, message) } else { Finding::new(rule, message).at(range) }
}

fn complaints(model: &Model, read: &Constraints, lines: &LineIndex<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for fault in model.faults.iter().chain(&read.faults) {
        findings.push(at_line(&SYNTAX, fault.line, format!("the line {}", fault.what), lines));
    }
    for doubt in &read.doubts {
        findings.push(at_line(&UNKNOWN, doubt.line, format!("the constraint {}", doubt.what), lines));
    }
    for (line, parameter, value) in model.duplicates() {
        let message = format!("{} has the value {:?} more than once", excerpt(&parameter), excerpt(&value));
        findings.push(at_line(&DUPLICATE, line, message, lines));
    }
    findings
}

fn solver_of(model: &Model, read: Constraints) -> Solver {
    let sizes = model.parameters.iter().map(|parameter| parameter.choices.len()).collect();
    let negatives = model.parameters.iter().map(|parameter| {
        set_of(parameter.choices.iter().enumerate().filter(|(_, choice)| choice.negative).map(|(at, _)| at))
    });
    let conditions = read.conditions.into_iter().map(|(condition, _)| condition).collect();
    Solver::new(sizes, negatives.collect(), conditions)
}

fn too_hard(_: solver::TooHard) -> ToolError {
    ToolError::invalid("/model", "has constraints that take too long to decide", "fewer parameters in one constraint")
}

// Every choice of parameters to be covered: any of the model at its strength, and of each group at its own.
fn plan_of(model: &Model, strength: usize, solver: &Solver) -> Result<Plan, ToolError> {
    let all: Vec<usize> = (0..model.parameters.len()).collect();
    let within = |set: &[usize], group: &model::Submodel| set.iter().all(|one| group.members.contains(one));
    let weaker: Vec<&model::Submodel> =
        model.submodels.iter().filter(|group| group.strength.is_some_and(|own| own < strength)).collect();
    let mut sets = cover::choices(&all, strength, MAX_TUPLES);
    sets.retain(|set| !weaker.iter().any(|group| within(set, group)));
    for group in &model.submodels {
        let own = group.strength.unwrap_or(strength).min(group.members.len());
        sets.extend(cover::choices(&group.members, own, MAX_TUPLES));
    }
    sets.sort();
    sets.dedup();
    let tuples = cover::tuples_of(&sets, &solver.sizes);
    if tuples > MAX_TUPLES {
        return Err(ToolError::too_large("/model", tuples, MAX_TUPLES, "combinations"));
    }
    Plan::new(sets, solver).map_err(too_hard)
}

fn unused(model: &Model, solver: &Solver, lines: &LineIndex<'_>, findings: &mut Vec<Finding>) -> Result<(), ToolError> {
    for (at, parameter) in model.parameters.iter().enumerate().filter(|(at, _)| !solver.is_unbound(*at)) {
        for (value, choice) in parameter.choices.iter().enumerate() {
            let mut domains = solver.everything();
            let decided = solver.decide(&mut domains, at, value) && solver.conclude(&mut domains);
            if !decided || !solver.is_possible(&domains).map_err(too_hard)? {
                let name = choice.names.first().map(String::as_str).unwrap_or_default();
                let message = format!("no row may have {:?} for {}", excerpt(name), excerpt(&parameter.name));
                findings.push(at_line(&UNUSED, parameter.line, message, lines));
            }
        }
    }
    Ok(())
}

// Rows that must be part, as far as they fit the model.
fn seeds(
    text: &str,
    model: &Model,
    solver: &Solver,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Vec<Option<usize>>>, ToolError> {
    let mut rows = (1_u32..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let mut ignored = |what: String| findings.push(Finding::new(&SEED, what));
    let Some((_, head)) = rows.next() else { return Ok(Vec::new()) };
    let columns: Vec<Option<usize>> = head.split('\t').map(|name| model.find(name)).collect();
    for (at, _) in columns.iter().enumerate().filter(|(_, column)| column.is_none()) {
        ignored(format!("column {} of the seeds is no parameter of the model", at + 1));
    }
    let mut seeds = Vec::new();
    for (line, row) in rows {
        let mut seed = vec![None; model.parameters.len()];
        for (cell, column) in row.split('\t').map(str::trim).zip(&columns) {
            let Some(parameter) = column.and_then(|at| model.parameters.get(at)) else { continue };
            if cell.is_empty() {
                continue;
            }
            let names = |choice: &model::Choice| {
                let bare = cell.strip_prefix('~').filter(|_| choice.negative).unwrap_or(cell).to_lowercase();
                choice.names.iter().any(|name| name.to_lowercase() == bare)
            };
            let value = parameter.choices.iter().position(names);
            if value.is_none() {
                ignored(format!("line {line} of the seeds has a value that {} lacks", excerpt(&parameter.name)));
            }
            column.and_then(|at| seed.get_mut(at)).into_iter().for_each(|place| *place = value);
        }
        let mut domains = solver.everything();
        let given = seed.iter().enumerate().filter_map(|(at, value)| value.map(|value| (at, value)));
        let fits = solver.conclude(&mut domains)
            && given.into_iter().all(|(at, value)| solver.decide(&mut domains, at, value))
            && solver.is_possible(&domains).map_err(too_hard)?;
        if fits {
            seeds.push(seed);
        } else {
            ignored(format!("line {line} of the seeds violates the constraints"));
        }
    }
    check_items("/seeds", &seeds, MAX_SEEDS)?;
    Ok(seeds)
}

// Names of one value take turns.
fn table(model: &Model, rows: &Rows) -> String {
    let names: Vec<&str> = model.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let mut text = names.join("\t");
    let mut turns: Vec<Vec<usize>> = model.parameters.iter().map(|one| vec![0; one.choices.len()]).collect();
    for row in rows {
        for (at, (value, parameter)) in row.iter().zip(&model.parameters).enumerate() {
            text.push(if at == 0 { '\n' } else { '\t' });
            let Some(choice) = parameter.choices.get(*value) else { continue };
            let turn = turns.get_mut(at).and_then(|list| list.get_mut(*value));
            let name = turn.and_then(|turn| {
                *turn += 1;
                choice.names.get((*turn - 1) % choice.names.len().max(1))
            });
            if choice.negative {
                text.push('~');
            }
            text.push_str(name.map(String::as_str).unwrap_or_default());
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: Input) -> Result<Report<Data>, ToolError> {
        DesignTestMatrix.run(input, &Ctx::silent())
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let model = |length: usize| format!("A: 1\n{}", " ".repeat(length - 5));
        assert!(run(Input { model: model(MAX_MODEL_BYTES), ..Input::default() }).is_ok());
        assert!(run(Input { model: model(MAX_MODEL_BYTES + 1), ..Input::default() }).is_err());
        let boundaries = |count: usize| Input {
            boundaries: (0..count).map(|at| format!("p{at}=1..1")).collect(),
            strength: Some(1),
            ..Input::default()
        };
        assert!(run(boundaries(MAX_BOUNDARIES)).is_ok());
        assert!(run(boundaries(MAX_BOUNDARIES + 1)).is_err());
        let strength = |strength| Input { model: "A: 1".to_owned(), strength: Some(strength), ..Input::default() };
        assert!(
            run(strength(0)).is_err()
                && run(strength(MAX_STRENGTH)).is_ok()
                && run(strength(MAX_STRENGTH + 1)).is_err()
        );
        let seeds = |count: usize| Input {
            model: "A: 1".to_owned(),
            seeds: Some(format!("A\n{}", "1\n".repeat(count))),
            ..Input::default()
        };
        assert!(run(seeds(MAX_SEEDS)).is_ok());
        assert!(run(seeds(MAX_SEEDS + 1)).is_err());
        let values = |count: usize| (0..count).map(|at| at.to_string()).collect::<Vec<_>>().join(",");
        let squares =
            |a: usize, b: usize| Input { model: format!("A: {}\nB: {}", values(a), values(b)), ..Input::default() };
        assert!(run(squares(200, 100)).is_ok());
        assert!(run(squares(200, 101)).is_err());
        let wide = |count: usize| Input {
            model: (0..count).map(|at| format!("P{at}: {}", values(100))).collect::<Vec<_>>().join("\n"),
            ..Input::default()
        };
        assert_eq!(run(wide(21)).err().and_then(|error| error.to_call_error().path).as_deref(), Some("/model"));
    }
}
