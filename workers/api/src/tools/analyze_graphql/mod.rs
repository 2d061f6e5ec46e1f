//! `analyze_graphql`: whether a GraphQL schema and its operations are valid, what operations cost, and what a schema exposes.

mod lint;
mod measure;
mod rules;
mod syntax;

use crate::support::sdl;
use apollo_compiler::diagnostic::ToCliReport;
use apollo_compiler::parser::{Parser, SourceSpan};
use apollo_compiler::schema::ExtendedType;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Schema};
use measure::{Measure, Meter};
use octavo_toolkit::limits::{check_bytes, check_items, excerpt};
use octavo_toolkit::{Ctx, Finding, LineIndex, Report, Tool, ToolError, declare_tool, suggest};
use rules::{ALIASES, COST, CYCLE, DEPRECATED, DEPTH, N_PLUS_ONE, NESTING, OPTIONAL, RULES, SYNTAX, UNUSED_FIELDS};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

declare_tool! {
    /// Validates a GraphQL schema, and operations against it, as the specification demands; lints the schema; and says of each
    /// operation how deep and broad it is and what it can cost.
    ///
    /// Use it before a schema is published, on operations of clients, or to set limits. Validation rules carry the ids of
    /// @graphql-eslint, schema rules those of graphql-schema-linter; rules on descriptions and order are off until named in
    /// `enable`.
    ///
    /// `complexity` is the figure of graphql-query-complexity: one a field, or what `@complexity(value, multipliers)` says.
    /// `cost` is an upper bound of the objects a server loads: lists count by their arguments (`first`, `limit` ...), by
    /// `@listSize`, or by `listSize`; `@cost` sets a weight. The whole is computed from the texts; nothing is run.
    ///
    /// Each text may have 1 MiB. `data` holds a row an operation, cycles of the schema, and fields no operation uses.
    pub struct AnalyzeGraphql;
    name: "analyze_graphql",
    title: "Analyze GraphQL",
    summary: "Validates a GraphQL schema and operations, lints the schema, bounds each operation's depth, complexity and cost; finds cycles, N+1 paths and unused types.",
    keywords: "aliases list sizes expensive request publish graphql sdl query mutation subscription validate graphql-js apollo eslint linter schema lint depth limit complexity cost analysis rate limiting alias attack batching n+1 dataloader cyclic recursion unused fields deprecated introspection relay federation",
    examples: [
        "what a query can cost" => r#"{"schema":"type Query { users(first: Int): [User!]! } type User { id: ID! name: String friends(first: Int): [User!]! }","operations":"query Friends($n: Int = 20) { users(first: 100) { name friends(first: $n) { id } } }","maxCost":1000}"#,
        "an operation that is not valid" => r#"{"schema":"type Query { user(id: ID!): User } type User { name: String }","operations":"{ user { nam } }"}"#,
    ],
    rules: RULES,
    not_checked: [
        "how resolvers are written",
        "federation composition",
        "values of @oneOf input objects",
        "rules of graphql-schema-linter and @graphql-eslint beyond those listed",
        "costs of arguments and directives",
    ],
}

/// Longest text, in bytes.
const MAX_TEXT_BYTES: usize = 1024 * 1024;
/// Longest text of variables, in bytes.
const MAX_VARIABLES_BYTES: usize = 64 * 1024;
/// Most rules that one call may name.
const MAX_ENABLED: usize = 20;
/// Deepest recursion of the parser: half of what overflows a worker's stack.
const RECURSION_LIMIT: usize = 200;
/// Most tokens of a text: what one of the largest size holds in practice.
const TOKEN_LIMIT: usize = 400_000;
/// Size of a list whose size nothing says.
const DEFAULT_LIST_SIZE: u32 = 10;
/// Largest size a caller may assume.
const MAX_LIST_SIZE: u32 = 1_000_000;
/// Most aliases of an operation, as GraphQL Armor limits them.
const MAX_ALIASES: f64 = 15.0;
/// Most operations with rows of their own.
const MAX_OPERATIONS: usize = 200;
/// Most unused fields that are named.
const MAX_UNUSED_FIELDS: usize = 100;
/// Most paths of one operation that are findings.
const MAX_REPEATED: usize = 5;
/// Most errors told of one text.
const MAX_ERRORS: usize = 500;

/// Arguments.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// Schema, SDL.
    schema: String,
    /// Operations and fragments.
    #[serde(default)]
    operations: Option<String>,
    /// Variables, a JSON object as text.
    #[serde(default)]
    variables: Option<String>,
    /// Items of a list nothing limits; default 10.
    #[serde(default)]
    list_size: Option<u32>,
    /// Deepest allowed.
    #[serde(default)]
    max_depth: Option<u32>,
    /// Dearest allowed.
    #[serde(default)]
    max_cost: Option<u32>,
    /// Rules off by default to add.
    #[serde(default)]
    enable: Vec<String>,
}

/// What an operation comes to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OperationFigures {
    /// Its name; empty for one without.
    name: String,
    /// query, mutation or subscription.
    kind: String,
    /// Levels of fields.
    depth: usize,
    /// Most fields side by side.
    breadth: usize,
    /// Fields, fragments written out.
    fields: f64,
    /// Aliases, fragments written out.
    aliases: f64,
    /// The figure of graphql-query-complexity.
    complexity: f64,
    /// Upper bound of weighted objects.
    cost: f64,
    /// Whether it reads the schema.
    introspects: bool,
}

/// The analysis in figures.
#[derive(Debug, Clone, Default, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// Types of the schema, built-in ones aside.
    types: usize,
    /// Fields of object and interface types.
    fields: usize,
    /// One row an operation, in the order of the text.
    operations: Vec<OperationFigures>,
    /// Sets of types that lead back to themselves.
    cycles: usize,
    /// How many fields no operation selects.
    unused_fields: usize,
    /// The first of them, `Type.field`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unused: Vec<String>,
}

impl Tool for AnalyzeGraphql {
    type Input = Input;
    type Data = Analysis;

    fn run(&self, input: Input, _ctx: &Ctx<'_>) -> Result<Report<Analysis>, ToolError> {
        check_bytes("/schema", &input.schema, MAX_TEXT_BYTES)?;
        check_bytes("/operations", input.operations.as_deref().unwrap_or_default(), MAX_TEXT_BYTES)?;
        check_bytes("/variables", input.variables.as_deref().unwrap_or_default(), MAX_VARIABLES_BYTES)?;
        check_items("/enable", &input.enable, MAX_ENABLED)?;
        for (at, id) in input.enable.iter().enumerate() {
            if !OPTIONAL.contains(&id.as_str()) {
                let hint = suggest::nearest(id, OPTIONAL.iter().copied())
                    .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let accepted = format!("{}{hint}", OPTIONAL.join(", "));
                return Err(ToolError::invalid(format!("/enable/{at}"), "is no rule that is off by default", accepted));
            }
        }
        let list_size = input.list_size.unwrap_or(DEFAULT_LIST_SIZE);
        if list_size > MAX_LIST_SIZE {
            let accepted = format!("a whole number from 0 to {MAX_LIST_SIZE}");
            return Err(ToolError::invalid("/listSize", "is out of range", accepted));
        }
        let variables = match &input.variables {
            None => serde_json::Map::new(),
            Some(text) => serde_json::from_str(text)
                .map_err(|_| ToolError::invalid("/variables", "is no JSON object", "a text such as {\"first\": 10}"))?,
        };
        Ok(analyze(&input, &variables, f64::from(list_size)))
    }
}

struct Findings {
    list: Vec<Finding>,
    off: BTreeSet<&'static str>,
}

impl Findings {
    fn add(&mut self, text: &LineIndex<'_>, path: &str, at: Option<SourceSpan>, finding: Finding) {
        if self.off.contains(&*finding.rule) {
            return;
        }
        let span = at.map_or(0..0, |at| at.offset()..at.end_offset());
        self.list.push(finding.in_file(path).at(text.range(span)));
    }

    fn errors(&mut self, text: &LineIndex<'_>, path: &str, errors: &DiagnosticList) {
        for diagnostic in errors.iter().take(MAX_ERRORS) {
            let message = diagnostic.error.to_string();
            let rule = rules::of_error(diagnostic.error.unstable_error_name(), &message, path == "schema");
            let message = excerpt(&message);
            let at = diagnostic.error.location();
            // An error may be told by the schema's own text while operations are read.
            self.add(text, path, at, Finding::new(rule, message));
        }
    }
}

fn analyze(input: &Input, variables: &serde_json::Map<String, serde_json::Value>, list_size: f64) -> Report<Analysis> {
    let off = OPTIONAL.iter().copied().filter(|id| !input.enable.iter().any(|enabled| enabled == id)).collect();
    let mut findings = Findings { list: Vec::new(), off };
    let schema_text = LineIndex::new(&input.schema);
    let operations = input.operations.as_deref().unwrap_or_default();
    let operations_text = LineIndex::new(operations);
    let files = if input.operations.is_some() { 2 } else { 1 };
    for (text, path, index) in
        [(input.schema.as_str(), "schema", &schema_text), (operations, "operations", &operations_text)]
    {
        if let Some(at) = sdl::nesting_exceeded(text) {
            let finding = Finding::new(&NESTING, "nests deeper than 200 levels").in_file(path);
            findings.list.push(finding.at(index.range(at..at + 1)));
            return Report::checked(findings.list, Analysis::default()).over_files(files);
        }
    }
    let parser = || Parser::new().recursion_limit(RECURSION_LIMIT).token_limit(TOKEN_LIMIT);
    let schema = match parser().parse_schema(with_one_of(&input.schema), "schema").and_then(Schema::validate) {
        Ok(schema) => schema,
        Err(broken) => {
            findings.errors(&schema_text, "schema", &broken.errors);
            return Report::checked(findings.list, Analysis::default()).over_files(files);
        }
    };
    for told in lint::check(&schema) {
        findings.add(&schema_text, "schema", told.at, Finding::new(told.rule, told.message));
    }
    let (cycles, cycle_count) = lint::cycles(&schema);
    for (name, path) in cycles {
        let shown =
            if path.len() > 200 { format!("{}\u{2026}", path.chars().take(200).collect::<String>()) } else { path };
        findings.add(
            &schema_text,
            "schema",
            name.location(),
            Finding::new(&CYCLE, format!("`{name}` leads back to itself: {shown}")),
        );
    }
    let fields_of = |definition: &ExtendedType| match definition {
        ExtendedType::Object(object) => object.fields.len(),
        ExtendedType::Interface(interface) => interface.fields.len(),
        _ => 0,
    };
    let own = || schema.types.values().filter(|definition| !definition.is_built_in());
    let mut data = Analysis {
        types: own().count(),
        fields: own().map(fields_of).sum(),
        cycles: cycle_count,
        ..Analysis::default()
    };
    if input.operations.is_none() {
        return Report::checked(findings.list, data);
    }
    if let Some(broken) = syntax::check(operations) {
        let place = operations_text.range(broken.at..broken.at + broken.length);
        findings.list.push(Finding::new(&SYNTAX, broken.message).in_file("operations").at(place));
        return Report::checked(findings.list, data).over_files(files);
    }
    #[expect(clippy::result_large_err, reason = "the engine's own error, looked at once")]
    let validated = parser()
        .parse_executable(&schema, operations, "operations")
        .and_then(|document| without_null_defaults(document.clone()).validate(&schema).map(|_| document));
    match validated {
        Ok(document) => {
            operations_figures(
                input,
                &schema,
                &document,
                variables,
                list_size,
                &mut findings,
                &operations_text,
                &schema_text,
                &mut data,
            );
        }
        Err(broken) => findings.errors(&operations_text, "operations", &broken.errors),
    }
    Report::checked(findings.list, data).over_files(files)
}

// A default of null gives a variable no value where one is needed. To the engine any default does, so these are taken away
// where null is a value of the variable's type at all.
fn without_null_defaults(mut document: ExecutableDocument) -> ExecutableDocument {
    let operations = &mut document.operations;
    for operation in operations.anonymous.iter_mut().chain(operations.named.values_mut()) {
        let is_null = |variable: &apollo_compiler::Node<apollo_compiler::ast::VariableDefinition>| {
            !variable.ty.is_non_null() && variable.default_value.as_ref().is_some_and(|value| value.is_null())
        };
        if operation.variables.iter().any(is_null) {
            for variable in operation.make_mut().variables.iter_mut().filter(|variable| is_null(variable)) {
                variable.make_mut().default_value = None;
            }
        }
    }
    document
}

// The engine does not know `@oneOf` yet: it is declared for it, behind the text, where it moves no place.
fn with_one_of(schema: &str) -> String {
    let declared = schema.contains("directive @oneOf") || !schema.contains("@oneOf");
    let declaration = if declared { "" } else { "\ndirective @oneOf on INPUT_OBJECT" };
    format!("{schema}{declaration}")
}

#[expect(clippy::too_many_arguments, reason = "what was read, and what the figures go to")]
fn operations_figures(
    input: &Input,
    schema: &Valid<Schema>,
    document: &ExecutableDocument,
    variables: &serde_json::Map<String, serde_json::Value>,
    list_size: f64,
    findings: &mut Findings,
    text: &LineIndex<'_>,
    schema_text: &LineIndex<'_>,
    data: &mut Analysis,
) {
    let mut meter = Meter::new(schema, document, variables, list_size);
    let mut used = BTreeSet::new();
    for operation in document.operations.iter() {
        let measure = meter.operation(operation);
        let name = operation.name.as_ref().map_or_else(String::new, ToString::to_string);
        let at = operation
            .name
            .as_ref()
            .and_then(apollo_compiler::Name::location)
            .or_else(|| operation.location().map(start_of));
        judge(input, &name, &measure, at, findings, text);
        for (owner, field) in &measure.used {
            let definition = schema.type_field(owner, field).ok();
            if definition.is_some_and(|definition| definition.directives.get("deprecated").is_some()) {
                let message = format!("`{owner}.{field}` is deprecated");
                findings.add(text, "operations", at, Finding::new(&DEPRECATED, message));
            }
        }
        if data.operations.len() < MAX_OPERATIONS {
            data.operations.push(OperationFigures {
                name,
                kind: operation.operation_type.name().to_owned(),
                depth: measure.depth,
                breadth: measure.breadth,
                fields: measure.fields,
                aliases: measure.aliases,
                complexity: measure.complexity,
                cost: measure.cost,
                introspects: measure.introspects,
            });
        }
        used.extend(measure.used);
    }
    unused_fields(schema, &used, findings, schema_text, data);
}

// The first character stands for an operation without a name.
fn start_of(span: SourceSpan) -> SourceSpan {
    SourceSpan::recompose(Some(span), Some(span)).unwrap_or(span)
}

fn judge(
    input: &Input,
    name: &str,
    measure: &Measure,
    at: Option<SourceSpan>,
    findings: &mut Findings,
    text: &LineIndex<'_>,
) {
    let whose = if name.is_empty() { "the operation".to_owned() } else { format!("`{}`", excerpt(name)) };
    if let Some(most) = input.max_depth.filter(|most| measure.depth > *most as usize) {
        let message = format!("{whose} has {} levels, {most} are allowed", measure.depth);
        findings.add(text, "operations", at, Finding::new(&DEPTH, message));
    }
    if let Some(most) = input.max_cost.filter(|most| measure.cost > f64::from(*most)) {
        let message = format!("{whose} can cost {}, {most} is allowed", measure.cost);
        findings.add(text, "operations", at, Finding::new(&COST, message));
    }
    if measure.aliases > MAX_ALIASES {
        let message = format!("{whose} uses {} aliases", measure.aliases);
        findings.add(text, "operations", at, Finding::new(&ALIASES, message));
    }
    for (path, times) in measure.repeated.iter().take(MAX_REPEATED) {
        let message = format!("{whose} resolves `{}` up to {times} times, once for each item above it", excerpt(path));
        findings.add(text, "operations", at, Finding::new(&N_PLUS_ONE, message));
    }
}

fn unused_fields(
    schema: &Valid<Schema>,
    used: &BTreeSet<(apollo_compiler::Name, apollo_compiler::Name)>,
    findings: &mut Findings,
    text: &LineIndex<'_>,
    data: &mut Analysis,
) {
    // A field that is selected on an interface is used on every type that implements it, and the other way round.
    let mut names: BTreeSet<(&str, &str)> =
        used.iter().map(|(owner, field)| (owner.as_str(), field.as_str())).collect();
    for (name, definition) in &schema.types {
        if let ExtendedType::Object(object) = definition {
            for interface in &object.implements_interfaces {
                for field in object.fields.keys() {
                    if names.contains(&(interface.name.as_str(), field.as_str())) {
                        names.insert((name.as_str(), field.as_str()));
                    } else if names.contains(&(name.as_str(), field.as_str())) {
                        names.insert((interface.name.as_str(), field.as_str()));
                    }
                }
            }
        }
    }
    for (name, definition) in schema.types.iter().filter(|(_, definition)| !definition.is_built_in()) {
        let fields: Vec<&apollo_compiler::Name> = match definition {
            ExtendedType::Object(object) => object.fields.keys().collect(),
            ExtendedType::Interface(interface) => interface.fields.keys().collect(),
            _ => continue,
        };
        for field in fields {
            if names.contains(&(name.as_str(), field.as_str())) {
                continue;
            }
            data.unused_fields += 1;
            if data.unused.len() < MAX_UNUSED_FIELDS {
                data.unused.push(format!("{name}.{field}"));
                let at = schema.type_field(name, field).ok().and_then(|field| field.name.location());
                findings.add(
                    text,
                    "schema",
                    at,
                    Finding::new(&UNUSED_FIELDS, format!("no operation selects `{name}.{field}`")),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_rules_are_rules() {
        for id in OPTIONAL {
            assert!(RULES.iter().any(|rule| rule.id == *id), "{id}");
        }
    }
}
