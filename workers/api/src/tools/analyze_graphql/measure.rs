//! What an operation asks for: depth, breadth, aliases, complexity, and an upper bound of its cost with list sizes.
//!
//! Fragments are measured once and reused, so that fragments that spread others many times take no time, whatever they
//! stand for. Complexity is that of graphql-query-complexity with its directive and simple estimators. Cost counts an object
//! as one and a leaf as nothing unless `@cost` says otherwise, and multiplies by the size of each list on the way.

use apollo_compiler::ast::Value;
use apollo_compiler::executable::{ExecutableDocument, Field, Operation, Selection, SelectionSet};
use apollo_compiler::schema::{Directive, ExtendedType, FieldDefinition};
use apollo_compiler::validation::Valid;
use apollo_compiler::{Name, Node, Schema};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Deepest nesting of selections that is measured: what the parser takes.
const MAX_DEPTH: usize = 500;

/// Largest size that a list is taken to have.
const MAX_LIST_SIZE: f64 = 1e9;

/// Deepest nesting of input values that is looked into.
const MAX_INPUT_DEPTH: usize = 20;

/// Most paths kept of one operation.
const MAX_PATHS: usize = 50;

/// Arguments that limit a list, by the names that APIs give them.
pub(super) const SIZE_ARGUMENTS: [&str; 10] =
    ["first", "last", "limit", "take", "top", "size", "pageSize", "perPage", "count", "maxResults"];

/// What one selection set comes to.
#[derive(Debug, Clone, Default)]
pub(super) struct Measure {
    pub(super) depth: usize,
    pub(super) breadth: usize,
    pub(super) fields: f64,
    pub(super) aliases: f64,
    pub(super) cost: f64,
    pub(super) complexity: f64,
    pub(super) introspects: bool,
    /// Objects below lists: the path of the field, and how often it is resolved.
    pub(super) repeated: BTreeMap<String, f64>,
    /// `Type.field` that is selected.
    pub(super) used: BTreeSet<(Name, Name)>,
}

/// Measures the operations of one document.
pub(super) struct Meter<'a> {
    pub(super) schema: &'a Valid<Schema>,
    pub(super) document: &'a ExecutableDocument,
    pub(super) variables: &'a serde_json::Map<String, Json>,
    pub(super) list_size: f64,
    defaults: BTreeMap<Name, Node<Value>>,
    complexities: BTreeMap<Name, f64>,
    fragments: BTreeMap<(Name, Vec<String>, u64), Measure>,
    possible: BTreeMap<Name, BTreeSet<Name>>,
}

// How the sizes of a connection's lists are known to the fields inside it.
#[derive(Debug, Clone, Default)]
struct Sizes {
    /// Names of fields that have the size, and the size.
    sized: Vec<String>,
    size: f64,
}

impl<'a> Meter<'a> {
    pub(super) fn new(
        schema: &'a Valid<Schema>,
        document: &'a ExecutableDocument,
        variables: &'a serde_json::Map<String, Json>,
        list_size: f64,
    ) -> Self {
        let mut possible: BTreeMap<Name, BTreeSet<Name>> = BTreeMap::new();
        for (name, definition) in &schema.types {
            match definition {
                ExtendedType::Union(union) => {
                    possible
                        .entry(name.clone())
                        .or_default()
                        .extend(union.members.iter().map(|member| member.name.clone()));
                }
                ExtendedType::Object(object) => {
                    possible.entry(name.clone()).or_default().insert(name.clone());
                    for interface in &object.implements_interfaces {
                        possible.entry(interface.name.clone()).or_default().insert(name.clone());
                    }
                }
                ExtendedType::Scalar(_)
                | ExtendedType::Enum(_)
                | ExtendedType::InputObject(_)
                | ExtendedType::Interface(_) => {}
            }
        }
        Self {
            schema,
            document,
            variables,
            list_size,
            defaults: BTreeMap::new(),
            complexities: BTreeMap::new(),
            fragments: BTreeMap::new(),
            possible,
        }
    }

    /// What an operation comes to.
    pub(super) fn operation(&mut self, operation: &Operation) -> Measure {
        self.defaults = operation
            .variables
            .iter()
            .filter_map(|variable| Some((variable.name.clone(), variable.default_value.clone()?)))
            .collect();
        self.complexities.clear();
        self.fragments.clear();
        let mut measure = self.selections(&operation.selection_set, &Sizes::default(), 1.0, "", 0);
        measure.complexity = self.complexity(&operation.selection_set, 0);
        measure
    }

    // Whether directives leave a selection out for certain.
    fn is_left_out(&self, directives: &apollo_compiler::executable::DirectiveList) -> bool {
        let condition = |name: &str| {
            let directive = directives.get(name)?;
            let value = directive.arguments.iter().find(|argument| argument.name == "if")?;
            self.json(&value.value).and_then(|value| value.as_bool())
        };
        condition("include") == Some(false) || condition("skip") == Some(true)
    }

    // The value that a literal or variable stands for, as far as it is known.
    fn json(&self, value: &Value) -> Option<Json> {
        Some(match value {
            Value::Null => Json::Null,
            Value::Boolean(value) => Json::Bool(*value),
            Value::Int(int) => serde_json::from_str(int.as_str()).ok()?,
            Value::Float(float) => serde_json::from_str(float.as_str()).ok()?,
            Value::String(text) => Json::String(text.clone()),
            Value::Enum(name) => Json::String(name.to_string()),
            Value::Variable(name) => {
                if let Some(value) = self.variables.get(name.as_str()) {
                    value.clone()
                } else {
                    let default = self.defaults.get(name)?;
                    // A default holds no variable.
                    return if matches!(&**default, Value::Variable(_)) { None } else { self.json(default) };
                }
            }
            Value::List(items) => Json::Array(items.iter().map(|item| self.json(item).unwrap_or(Json::Null)).collect()),
            Value::Object(fields) => Json::Object(
                fields.iter().filter_map(|(name, value)| Some((name.to_string(), self.json(value)?))).collect(),
            ),
        })
    }

    // An input object with the defaults of the fields that were left out, and lists where one value stands for one.
    fn coerced(&self, value: Json, ty: &apollo_compiler::ast::Type, depth: usize) -> Json {
        if depth > MAX_INPUT_DEPTH || value.is_null() {
            return value;
        }
        if ty.is_list() {
            let item = ty.item_type();
            return match value {
                Json::Array(items) => {
                    Json::Array(items.into_iter().map(|one| self.coerced(one, item, depth + 1)).collect())
                }
                one => Json::Array(vec![self.coerced(one, item, depth + 1)]),
            };
        }
        let Json::Object(mut members) = value else { return value };
        let Some(input) = self.schema.get_input_object(ty.inner_named_type()) else { return Json::Object(members) };
        for (name, field) in &input.fields {
            let given = members.remove(name.as_str());
            let value = given.or_else(|| field.default_value.as_ref().and_then(|default| self.json(default)));
            if let Some(value) = value {
                members.insert(name.to_string(), self.coerced(value, &field.ty, depth + 1));
            }
        }
        Json::Object(members)
    }

    // The value of an argument, its default where none is given.
    fn argument(&self, field: &Field, name: &str) -> Option<Json> {
        let given = field.arguments.iter().find(|argument| argument.name == name);
        let definition = field.definition.arguments.iter().find(|argument| argument.name == name);
        let value = given.and_then(|argument| self.json(&argument.value));
        let value = value.or_else(|| {
            let default = definition?.default_value.as_ref()?;
            self.json(default)
        })?;
        Some(match definition {
            Some(definition) => self.coerced(value, &definition.ty, 0),
            None => value,
        })
    }

    fn argument_at(&self, field: &Field, path: &str) -> Option<Json> {
        let mut steps = path.split('.');
        let mut value = self.argument(field, steps.next()?)?;
        for step in steps {
            value = match step.parse::<usize>() {
                Ok(index) => value.get(index)?.clone(),
                Err(_) => value.get(step)?.clone(),
            };
        }
        Some(value)
    }

    /// graphql-query-complexity's figure.
    fn complexity(&mut self, set: &SelectionSet, depth: usize) -> f64 {
        if depth > MAX_DEPTH {
            return 0.0;
        }
        let mut totals: BTreeMap<Name, f64> = BTreeMap::new();
        let own = self.possible.get(&set.ty).cloned().unwrap_or_default();
        for selection in &set.selections {
            if self.is_left_out(selection.directives()) {
                continue;
            }
            let (value, types) = match selection {
                Selection::Field(field) => {
                    let child = self.complexity(&field.selection_set, depth + 1);
                    (self.field_complexity(field, child), own.clone())
                }
                Selection::InlineFragment(fragment) => {
                    let value = self.complexity(&fragment.selection_set, depth + 1);
                    (value, self.possible.get(&fragment.selection_set.ty).cloned().unwrap_or_default())
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.fragment_name) else { continue };
                    let known = self.complexities.get(&spread.fragment_name).copied();
                    let value = known.unwrap_or_else(|| {
                        let value = self.complexity(&fragment.selection_set, depth + 1);
                        self.complexities.insert(spread.fragment_name.clone(), value);
                        value
                    });
                    (value, self.possible.get(&fragment.selection_set.ty).cloned().unwrap_or_default())
                }
            };
            for name in types {
                *totals.entry(name).or_default() += value;
            }
        }
        totals.into_values().fold(0.0, f64::max)
    }

    fn field_complexity(&self, field: &Field, child: f64) -> f64 {
        let Some(directive) = field.definition.directives.get("complexity") else { return 1.0 + child };
        let value = number(directive, "value").unwrap_or(1.0);
        let mut factor = 1.0;
        for path in texts(directive, "multipliers") {
            match self.argument_at(field, &path) {
                Some(Json::Number(number)) => factor *= number.as_f64().unwrap_or(1.0),
                #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
                Some(Json::Array(items)) => factor *= items.len() as f64,
                _ => {}
            }
        }
        (value + child) * factor
    }

    // `times` is how often the set is resolved.
    fn selections(&mut self, set: &SelectionSet, sizes: &Sizes, times: f64, path: &str, depth: usize) -> Measure {
        let mut total = Measure::default();
        if depth > MAX_DEPTH {
            return total;
        }
        for selection in &set.selections {
            if self.is_left_out(selection.directives()) {
                continue;
            }
            match selection {
                Selection::Field(field) => {
                    let part = self.field(&set.ty, field, sizes, times, path, depth);
                    total.breadth += 1;
                    total.add(part);
                }
                Selection::InlineFragment(fragment) => {
                    let part = self.selections(&fragment.selection_set, sizes, times, path, depth);
                    total.breadth += part.breadth;
                    let breadth = total.breadth;
                    total.add(part);
                    total.breadth = breadth.max(total.breadth);
                }
                Selection::FragmentSpread(spread) => {
                    let part = self.fragment(&spread.fragment_name, sizes, times, path, depth);
                    total.breadth += part.breadth;
                    let breadth = total.breadth;
                    total.add(part);
                    total.breadth = breadth.max(total.breadth);
                }
            }
        }
        total
    }

    // A fragment costs the same wherever it is resolved as often; only its paths differ, which are those of its first place.
    fn fragment(&mut self, name: &Name, sizes: &Sizes, times: f64, path: &str, depth: usize) -> Measure {
        let key = (name.clone(), sizes.sized.clone(), sizes.size.to_bits());
        if let Some(known) = self.fragments.get(&key) {
            let mut known = known.clone();
            known.cost *= times;
            known.repeated.clear();
            return known;
        }
        let Some(fragment) = self.document.fragments.get(name) else { return Measure::default() };
        let measure = self.selections(&fragment.selection_set, sizes, times, path, depth + 1);
        let mut once = measure.clone();
        once.cost = if times > 0.0 { once.cost / times } else { 0.0 };
        once.repeated.clear();
        self.fragments.insert(key, once);
        measure
    }

    fn field(&mut self, parent: &Name, field: &Field, sizes: &Sizes, times: f64, path: &str, depth: usize) -> Measure {
        let definition = &field.definition;
        let here =
            if path.is_empty() { field.response_key().to_string() } else { format!("{path}.{}", field.response_key()) };
        let inner = definition.ty.inner_named_type();
        let composite = self.schema.types.get(inner).is_some_and(|ty| {
            matches!(ty, ExtendedType::Object(_) | ExtendedType::Interface(_) | ExtendedType::Union(_))
        });
        let (own_size, passed) = self.size_of(field, sizes);
        let inner_times = if definition.ty.is_list() { times * own_size } else { times };
        let mut measure = self.selections(&field.selection_set, &passed, inner_times, &here, depth + 1);
        let weight = cost_weight(definition).unwrap_or(if composite { 1.0 } else { 0.0 });
        measure.cost += weight * if definition.ty.is_list() { inner_times } else { times };
        measure.depth += 1;
        measure.fields += 1.0;
        measure.aliases += if field.alias.as_ref().is_some_and(|alias| *alias != field.name) { 1.0 } else { 0.0 };
        measure.introspects |= field.name == "__schema" || field.name == "__type";
        if composite
            && times > 1.0
            && !field.name.starts_with("__")
            && measure.repeated.len() < MAX_PATHS
            && !is_wrapper(field)
        {
            measure.repeated.insert(here, times);
        }
        measure.used.insert((parent.clone(), field.name.clone()));
        measure
    }

    // The size of a list field, and what the lists inside it have from its arguments.
    fn size_of(&self, field: &Field, sizes: &Sizes) -> (f64, Sizes) {
        let is_list = field.definition.ty.is_list();
        let mut passed = Sizes::default();
        let from_parent = sizes.sized.iter().any(|name| *name == field.name.as_str());
        let mut size = if from_parent { Some(sizes.size) } else { None };
        if let Some(directive) = field.definition.directives.get("listSize") {
            let given: Vec<f64> = texts(directive, "slicingArguments")
                .iter()
                .filter_map(|path| self.argument_at(field, path).and_then(|value| value.as_f64()))
                .collect();
            let assumed = number(directive, "assumedSize");
            let stated = given.into_iter().reduce(f64::max).or(assumed);
            let sized = texts(directive, "sizedFields");
            if !sized.is_empty() {
                passed = Sizes { sized, size: clamp(stated.unwrap_or(self.list_size)) };
            } else if let Some(stated) = stated {
                size = Some(stated);
            }
        } else {
            let given = SIZE_ARGUMENTS
                .iter()
                .filter_map(|name| self.argument(field, name).and_then(|value| value.as_f64()))
                .reduce(f64::max);
            if is_list {
                size = size.or(given);
            } else if let Some(given) = given {
                let sized = ["edges", "nodes", "items", "results", "data"].map(str::to_owned).to_vec();
                passed = Sizes { sized, size: clamp(given) };
            }
        }
        (clamp(size.unwrap_or(self.list_size)), passed)
    }
}

fn clamp(size: f64) -> f64 {
    if size.is_finite() { size.clamp(0.0, MAX_LIST_SIZE) } else { MAX_LIST_SIZE }
}

// What only wraps the items of a connection is made of what is there already.
fn is_wrapper(field: &Field) -> bool {
    matches!(field.name.as_str(), "node" | "edges" | "nodes" | "pageInfo")
}

impl Measure {
    fn add(&mut self, part: Self) {
        self.depth = self.depth.max(part.depth);
        self.breadth = self.breadth.max(part.breadth);
        self.fields += part.fields;
        self.aliases += part.aliases;
        self.cost += part.cost;
        self.introspects |= part.introspects;
        for (path, times) in part.repeated {
            if self.repeated.len() < MAX_PATHS {
                self.repeated.insert(path, times);
            }
        }
        self.used.extend(part.used);
    }
}

fn argument<'d>(directive: &'d Directive, name: &str) -> Option<&'d Value> {
    directive.arguments.iter().find(|argument| argument.name == name).map(|argument| &*argument.value)
}

pub(super) fn number(directive: &Directive, name: &str) -> Option<f64> {
    match argument(directive, name)? {
        Value::Int(int) => int.as_str().parse().ok(),
        Value::Float(float) => float.as_str().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn texts(directive: &Directive, name: &str) -> Vec<String> {
    match argument(directive, name) {
        Some(Value::List(items)) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

fn cost_weight(definition: &FieldDefinition) -> Option<f64> {
    let directive = definition.directives.get("cost")?;
    number(directive, "weight").or_else(|| number(directive, "complexity")).or_else(|| number(directive, "value"))
}
