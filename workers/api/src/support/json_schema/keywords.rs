//! The keywords, in the order in which Ajv looks at them: the type, limits of numbers and texts, references and
//! alternatives, arrays, objects.

use super::{Dialect, Direction, Evaluator, Failure, Place, Seen, fail, is_format};
use crate::support::tree::{NodeId, Value};
use octavo_toolkit::limits::excerpt;

/// Bytes of a value that a message repeats.
const MAX_SHOWN_BYTES: usize = 60;

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(..) => "number",
        Value::String(_) => "string",
        Value::Sequence(_) => "array",
        Value::Mapping(_) => "object",
    }
}

fn is_type(value: &Value, name: &str) -> bool {
    match (value, name) {
        (Value::Number(number, _), "integer") => number.fract() == 0.0 && number.is_finite(),
        (value, name) => type_name(value) == name,
    }
}

impl Evaluator<'_> {
    pub(super) fn eval_keywords(
        &mut self,
        schema: Place,
        instance: Place,
        seen: &mut Seen,
        failures: &mut Vec<Failure>,
    ) -> bool {
        let modern = self.dialect == Dialect::Draft202012;
        if !modern && let Some(target) = self.doc(schema).get_str(schema.node, "$ref") {
            return match self.reference(schema, target) {
                Some(place) => self.eval(place, instance, seen, failures),
                None => true,
            };
        }
        let asserts = self.index.asserts(schema);
        if asserts && !self.check_type(schema, instance, failures) {
            return false;
        }
        let mut valid = true;
        if asserts {
            valid &= match self.value(instance) {
                Value::Number(number, _) => self.check_number(schema, instance, *number, failures),
                Value::String(text) => self.check_text(schema, instance, text, failures),
                Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => true,
            };
            if !valid {
                return false;
            }
        }
        if !self.check_combined(schema, instance, asserts, seen, failures) {
            return false;
        }
        match self.value(instance) {
            Value::Sequence(items) => valid &= self.check_array(schema, instance, items, asserts, seen, failures),
            Value::Mapping(_) => valid &= self.check_object(schema, instance, asserts, seen, failures),
            Value::Null | Value::Bool(_) | Value::Number(..) | Value::String(_) => {}
        }
        if valid && asserts && !self.check_format(schema, instance, failures) {
            return false;
        }
        valid
    }

    fn nullable(&self, schema: Place) -> bool {
        let key = match self.dialect {
            Dialect::Swagger2 => "x-nullable",
            Dialect::OpenApi30 => "nullable",
            Dialect::Draft202012 => return false,
        };
        self.doc(schema).is_true(schema.node, key)
    }

    fn check_type(&self, schema: Place, instance: Place, failures: &mut Vec<Failure>) -> bool {
        let Some(types) = self.get(schema, "type") else { return true };
        let value = self.value(instance);
        let doc = self.doc(types);
        let names: Vec<&str> = match doc.value(types.node) {
            Value::String(name) => vec![name],
            Value::Sequence(items) => items.iter().filter_map(|item| doc.str(*item)).collect(),
            _ => return true,
        };
        // Swagger's `file` is no type of a value.
        if names.iter().any(|name| is_type(value, name) || *name == "file" || *name == "any")
            || (*value == Value::Null && self.nullable(schema))
        {
            return true;
        }
        let message = format!("is {}, not {}", article(type_name(value)), names.join(" or "));
        fail(failures, instance, "type", message);
        false
    }

    fn check_number(&self, schema: Place, instance: Place, value: f64, failures: &mut Vec<Failure>) -> bool {
        let doc = self.doc(schema);
        let number = |key: &str| doc.get_number(schema.node, key);
        let modern = self.dialect == Dialect::Draft202012;
        let strict = |key: &str| !modern && doc.is_true(schema.node, key);
        let bounds = [
            ("maximum", number("maximum").filter(|_| !strict("exclusiveMaximum")), false, true),
            ("minimum", number("minimum").filter(|_| !strict("exclusiveMinimum")), false, false),
            (
                "exclusiveMaximum",
                if modern {
                    number("exclusiveMaximum")
                } else {
                    number("maximum").filter(|_| strict("exclusiveMaximum"))
                },
                true,
                true,
            ),
            (
                "exclusiveMinimum",
                if modern {
                    number("exclusiveMinimum")
                } else {
                    number("minimum").filter(|_| strict("exclusiveMinimum"))
                },
                true,
                false,
            ),
        ];
        for (keyword, bound, exclusive, upper) in bounds {
            let Some(bound) = bound else { continue };
            let beyond = if upper { value > bound } else { value < bound };
            #[expect(clippy::float_cmp, reason = "a bound is met exactly or not at all")]
            let met = exclusive && value == bound;
            if beyond || met {
                let word = match (upper, exclusive) {
                    (true, false) => "at most",
                    (true, true) => "below",
                    (false, false) => "at least",
                    (false, true) => "above",
                };
                fail(failures, instance, keyword, format!("is {value}, must be {word} {bound}"));
                return false;
            }
        }
        if let Some(step) = number("multipleOf").filter(|step| *step > 0.0) {
            let quotient = value / step;
            let near = (quotient - quotient.round()).abs() <= 1e-9 * quotient.abs().max(1.0);
            // Beyond what a float counts, nearness says nothing.
            let whole = if quotient.abs() < 1e9 { near } else { quotient.fract() == 0.0 };
            if !whole || !quotient.is_finite() {
                fail(failures, instance, "multipleOf", format!("is {value}, must be a multiple of {step}"));
                return false;
            }
        }
        true
    }

    fn check_text(&mut self, schema: Place, instance: Place, text: &str, failures: &mut Vec<Failure>) -> bool {
        let doc = self.doc(schema);
        let number = |key: &str| doc.get_number(schema.node, key);
        let (most, least) = (number("maxLength"), number("minLength"));
        if most.is_some() || least.is_some() {
            #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
            let length = text.chars().count() as f64;
            if let Some(most) = most.filter(|most| length > *most) {
                fail(failures, instance, "maxLength", format!("has {length} characters, at most {most} are allowed"));
                return false;
            }
            if let Some(least) = least.filter(|least| length < *least) {
                fail(failures, instance, "minLength", format!("has {length} characters, at least {least} are needed"));
                return false;
            }
        }
        if let Some(pattern) = doc.get_str(schema.node, "pattern")
            && !self.matches(pattern, text)
        {
            fail(failures, instance, "pattern", format!("does not match `{}`", excerpt(pattern)));
            return false;
        }
        true
    }

    fn check_format(&self, schema: Place, instance: Place, failures: &mut Vec<Failure>) -> bool {
        if !self.asserts_formats {
            return true;
        }
        let Some(format) = self.doc(schema).get_str(schema.node, "format") else { return true };
        let good = is_format(format, self.value(instance));
        if !good {
            fail(failures, instance, "format", format!("is no {}", excerpt(format)));
        }
        good
    }

    fn check_combined(
        &mut self,
        schema: Place,
        instance: Place,
        asserts: bool,
        seen: &mut Seen,
        failures: &mut Vec<Failure>,
    ) -> bool {
        let modern = self.dialect == Dialect::Draft202012;
        let doc = self.doc(schema);
        if modern {
            for key in ["$ref", "$dynamicRef"] {
                let Some(target) = doc.get_str(schema.node, key) else { continue };
                let place = if key == "$ref" { self.reference(schema, target) } else { self.dynamic(schema, target) };
                if let Some(place) = place
                    && !self.eval(place, instance, seen, failures)
                {
                    return false;
                }
            }
        }
        let digest = self.doc(instance).digest(instance.node);
        if asserts
            && modern
            && let Some(only) = self.get(schema, "const")
            && self.doc(only).digest(only.node) != digest
        {
            let shown = self.doc(only).excerpt(only.node, MAX_SHOWN_BYTES);
            fail(failures, instance, "const", format!("must be {}", excerpt(&shown)));
            return false;
        }
        if asserts && let Some(list) = self.get(schema, "enum") {
            let Value::Sequence(items) = self.value(list) else { return true };
            let list_doc = self.doc(list);
            if !items.iter().any(|item| list_doc.digest(*item) == digest) {
                let shown = list_doc.excerpt(list.node, MAX_SHOWN_BYTES);
                fail(failures, instance, "enum", format!("must be one of {}", excerpt(&shown)));
                return false;
            }
        }
        if let Some(not) = self.get(schema, "not")
            && self.holds(not, instance, &mut Seen::default())
        {
            fail(failures, instance, "not", "must not match the schema under `not`".to_owned());
            return false;
        }
        self.check_alternatives(schema, instance, seen, failures)
    }

    fn check_alternatives(
        &mut self,
        schema: Place,
        instance: Place,
        seen: &mut Seen,
        failures: &mut Vec<Failure>,
    ) -> bool {
        let list = |this: &Self, key: &str| {
            let place = this.get(schema, key)?;
            let items = this.doc(place).items(place.node);
            Some(items.iter().map(|node| Place { doc: place.doc, node: *node }).collect::<Vec<_>>())
        };
        if let Some(branches) = list(self, "anyOf") {
            let mut reasons = Vec::new();
            let mut any = false;
            for branch in branches {
                any |= self.eval(branch, instance, seen, &mut reasons);
                if any && !self.tracks {
                    break;
                }
            }
            if !any {
                reasons.into_iter().for_each(|reason| fail(failures, reason.instance, reason.keyword, reason.message));
                fail(failures, instance, "anyOf", "matches no schema under `anyOf`".to_owned());
                return false;
            }
        }
        if let Some(branches) = list(self, "oneOf") {
            let mut reasons = Vec::new();
            let mut passing = 0;
            for branch in branches {
                passing += usize::from(self.eval(branch, instance, seen, &mut reasons));
            }
            if passing != 1 {
                if passing == 0 {
                    reasons
                        .into_iter()
                        .for_each(|reason| fail(failures, reason.instance, reason.keyword, reason.message));
                }
                fail(failures, instance, "oneOf", format!("matches {passing} schemas under `oneOf`, must match one"));
                return false;
            }
        }
        if let Some(branches) = list(self, "allOf") {
            for branch in branches {
                if !self.eval(branch, instance, seen, failures) {
                    return false;
                }
            }
        }
        if self.dialect == Dialect::Draft202012
            && let Some(condition) = self.get(schema, "if")
        {
            let key = if self.holds(condition, instance, seen) { "then" } else { "else" };
            if let Some(branch) = self.get(schema, key)
                && !self.eval(branch, instance, seen, failures)
            {
                return false;
            }
        }
        true
    }

    fn check_array(
        &mut self,
        schema: Place,
        instance: Place,
        items: &[NodeId],
        asserts: bool,
        seen: &mut Seen,
        failures: &mut Vec<Failure>,
    ) -> bool {
        if asserts && !self.check_array_limits(schema, instance, items, failures) {
            return false;
        }
        let modern = self.dialect == Dialect::Draft202012;
        let at = |node: NodeId| Place { doc: instance.doc, node };
        let tuple_key = if modern { "prefixItems" } else { "items" };
        let tuple: Vec<Place> = self.get(schema, tuple_key).map_or_else(Vec::new, |list| {
            self.doc(list).items(list.node).iter().map(|node| Place { doc: list.doc, node: *node }).collect()
        });
        for (index, (item, part)) in items.iter().zip(&tuple).enumerate() {
            if !self.eval(*part, at(*item), &mut Seen::default(), failures) {
                return false;
            }
            Seen::mark(&mut seen.items, index);
        }
        let rest_key = if modern || tuple.is_empty() { "items" } else { "additionalItems" };
        let rest = self.get(schema, rest_key).filter(|place| !matches!(self.value(*place), Value::Sequence(_)));
        if let Some(rest) = rest {
            for (index, item) in items.iter().enumerate().skip(tuple.len()) {
                if !self.eval(rest, at(*item), &mut Seen::default(), failures) {
                    return false;
                }
                Seen::mark(&mut seen.items, index);
            }
        }
        if !modern {
            return true;
        }
        if let Some(wanted) = self.get(schema, "contains") {
            let mut found = 0_u32;
            for (index, item) in items.iter().enumerate() {
                if self.holds(wanted, at(*item), &mut Seen::default()) {
                    found += 1;
                    Seen::mark(&mut seen.items, index);
                }
            }
            let doc = self.doc(schema);
            let limit = |key: &str| if asserts { doc.get_number(schema.node, key) } else { None };
            let least = limit("minContains").unwrap_or(1.0);
            if f64::from(found) < least || limit("maxContains").is_some_and(|most| f64::from(found) > most) {
                fail(failures, instance, "contains", format!("has {found} items that match `contains`"));
                return false;
            }
        }
        if let Some(unevaluated) = self.get(schema, "unevaluatedItems") {
            for (index, item) in items.iter().enumerate() {
                if Seen::has(&seen.items, index) {
                    continue;
                }
                if !self.eval(unevaluated, at(*item), &mut Seen::default(), failures) {
                    return false;
                }
                Seen::mark(&mut seen.items, index);
            }
        }
        true
    }

    fn check_array_limits(
        &self,
        schema: Place,
        instance: Place,
        items: &[NodeId],
        failures: &mut Vec<Failure>,
    ) -> bool {
        let doc = self.doc(schema);
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
        let length = items.len() as f64;
        if let Some(most) = doc.get_number(schema.node, "maxItems").filter(|most| length > *most) {
            fail(failures, instance, "maxItems", format!("has {length} items, at most {most} are allowed"));
            return false;
        }
        if let Some(least) = doc.get_number(schema.node, "minItems").filter(|least| length < *least) {
            fail(failures, instance, "minItems", format!("has {length} items, at least {least} are needed"));
            return false;
        }
        if doc.is_true(schema.node, "uniqueItems") {
            let values = self.doc(instance);
            let mut digests: Vec<u64> = items.iter().map(|item| values.digest(*item)).collect();
            digests.sort_unstable();
            if digests.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
                fail(failures, instance, "uniqueItems", "holds an item twice".to_owned());
                return false;
            }
        }
        true
    }

    fn check_object(
        &mut self,
        schema: Place,
        instance: Place,
        asserts: bool,
        seen: &mut Seen,
        failures: &mut Vec<Failure>,
    ) -> bool {
        if asserts && !self.check_object_limits(schema, instance, failures) {
            return false;
        }
        let modern = self.dialect == Dialect::Draft202012;
        let doc = self.doc(instance);
        let members = doc.members(instance.node);
        let at = |node: NodeId| Place { doc: instance.doc, node };
        if modern && let Some(names) = self.get(schema, "propertyNames") {
            for member in members {
                if !self.holds_of_name(names, &member.key) {
                    let message = format!("has a property whose name is not allowed: `{}`", excerpt(&member.key));
                    fail(failures, instance, "propertyNames", message);
                    return false;
                }
            }
        }
        let properties = self.get(schema, "properties");
        let patterns: Vec<(String, Place)> = self.get(schema, "patternProperties").map_or_else(Vec::new, |map| {
            let listed = self.doc(map).members(map.node).iter();
            listed.map(|member| (member.key.to_string(), Place { doc: map.doc, node: member.value })).collect()
        });
        let additional = self.get(schema, "additionalProperties");
        // What is matched by name or pattern, before anything else is looked at.
        let mut matched: Vec<Vec<Place>> = vec![Vec::new(); members.len()];
        for (index, member) in members.iter().enumerate() {
            for (pattern, place) in &patterns {
                if self.matches(pattern, &member.key)
                    && let Some(list) = matched.get_mut(index)
                {
                    list.push(*place);
                }
            }
        }
        let by_name = |this: &Self, key: &str| properties.and_then(|map| this.get(map, key));
        if let Some(additional) = additional {
            for (index, member) in members.iter().enumerate() {
                let known =
                    by_name(self, &member.key).is_some() || matched.get(index).is_some_and(|list| !list.is_empty());
                if known {
                    continue;
                }
                if *self.value(additional) == Value::Bool(false) {
                    let message = format!("has the property `{}`, which is not allowed", excerpt(&member.key));
                    fail(failures, instance, "additionalProperties", message);
                    return false;
                }
                if !self.eval(additional, at(member.value), &mut Seen::default(), failures) {
                    return false;
                }
                Seen::mark(&mut seen.members, index);
            }
        }
        if !self.check_dependencies(schema, instance, asserts, seen, failures) {
            return false;
        }
        if let Some(map) = properties {
            for property in self.doc(map).members(map.node) {
                let Some(index) = members.iter().position(|member| member.key == property.key) else { continue };
                let Some(member) = members.get(index) else { continue };
                let part = Place { doc: map.doc, node: property.value };
                if !self.eval(part, at(member.value), &mut Seen::default(), failures) {
                    return false;
                }
                Seen::mark(&mut seen.members, index);
            }
        }
        for (index, member) in members.iter().enumerate() {
            for part in matched.get(index).cloned().unwrap_or_default() {
                if !self.eval(part, at(member.value), &mut Seen::default(), failures) {
                    return false;
                }
                Seen::mark(&mut seen.members, index);
            }
        }
        if modern && let Some(unevaluated) = self.get(schema, "unevaluatedProperties") {
            for (index, member) in members.iter().enumerate() {
                if Seen::has(&seen.members, index) {
                    continue;
                }
                if *self.value(unevaluated) == Value::Bool(false) {
                    let message = format!("has the property `{}`, which is not allowed", excerpt(&member.key));
                    fail(failures, instance, "unevaluatedProperties", message);
                    return false;
                }
                if !self.eval(unevaluated, at(member.value), &mut Seen::default(), failures) {
                    return false;
                }
                Seen::mark(&mut seen.members, index);
            }
        }
        true
    }

    fn check_object_limits(&self, schema: Place, instance: Place, failures: &mut Vec<Failure>) -> bool {
        let doc = self.doc(schema);
        let values = self.doc(instance);
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
        let size = values.members(instance.node).len() as f64;
        if let Some(most) = doc.get_number(schema.node, "maxProperties").filter(|most| size > *most) {
            fail(failures, instance, "maxProperties", format!("has {size} properties, at most {most} are allowed"));
            return false;
        }
        if let Some(least) = doc.get_number(schema.node, "minProperties").filter(|least| size < *least) {
            fail(failures, instance, "minProperties", format!("has {size} properties, at least {least} are needed"));
            return false;
        }
        if let Some(list) = doc.get(schema.node, "required") {
            for name in doc.items(list).iter().filter_map(|item| doc.str(*item)) {
                if values.get(instance.node, name).is_none() && !self.other_direction(schema, name) {
                    fail(failures, instance, "required", format!("lacks the required property `{}`", excerpt(name)));
                    return false;
                }
            }
        }
        true
    }

    fn other_direction(&self, schema: Place, name: &str) -> bool {
        let key = match self.direction {
            Direction::Any => return false,
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let Some(property) = self.get(schema, "properties").and_then(|map| self.get(map, name)) else { return false };
        let mut place = property;
        for _ in 0..8 {
            if self.doc(place).is_true(place.node, key) {
                return true;
            }
            let Some(target) = self.doc(place).get_str(place.node, "$ref") else { return false };
            let Some(next) = self.index.resolve(&self.docs, place, target) else { return false };
            place = next;
        }
        false
    }

    fn check_dependencies(
        &mut self,
        schema: Place,
        instance: Place,
        asserts: bool,
        seen: &mut Seen,
        failures: &mut Vec<Failure>,
    ) -> bool {
        let modern = self.dialect == Dialect::Draft202012;
        let keys: &[&str] = if modern { &["dependentRequired", "dependentSchemas"] } else { &["dependencies"] };
        for key in keys {
            let Some(map) = self.get(schema, key) else { continue };
            for member in self.doc(map).members(map.node) {
                if self.doc(instance).get(instance.node, &member.key).is_none() {
                    continue;
                }
                let dependency = Place { doc: map.doc, node: member.value };
                if let Value::Sequence(names) = self.value(dependency) {
                    let doc = self.doc(map);
                    let missing = names
                        .iter()
                        .filter_map(|name| doc.str(*name))
                        .find(|name| self.doc(instance).get(instance.node, name).is_none());
                    if let Some(missing) = missing.filter(|_| asserts) {
                        let message = format!("has `{}` and lacks `{}`", excerpt(&member.key), excerpt(missing));
                        fail(failures, instance, "dependentRequired", message);
                        return false;
                    }
                } else if !self.eval(dependency, instance, seen, failures) {
                    return false;
                }
            }
        }
        true
    }

    // A property's name is a text without a node: the keywords that can say something of it are looked at alone.
    fn holds_of_name(&mut self, schema: Place, name: &str) -> bool {
        if self.budget == 0 || self.depth >= super::MAX_EVALUATION_DEPTH {
            self.undecided = true;
            return true;
        }
        self.budget -= 1;
        self.depth += 1;
        let held = self.name_meets(schema, name);
        self.depth -= 1;
        held
    }

    fn name_meets(&mut self, schema: Place, name: &str) -> bool {
        if let Value::Bool(any) = self.value(schema) {
            return *any;
        }
        let doc = self.doc(schema);
        if let Some(types) = self.get(schema, "type") {
            let names = std::iter::once(&types.node).chain(doc.items(types.node)).filter_map(|id| doc.str(*id));
            if !names.into_iter().any(|kind| kind == "string") {
                return false;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
        let length = name.chars().count() as f64;
        let number = |key: &str| doc.get_number(schema.node, key);
        if number("maxLength").is_some_and(|most| length > most)
            || number("minLength").is_some_and(|least| length < least)
        {
            return false;
        }
        if let Some(pattern) = doc.get_str(schema.node, "pattern")
            && !self.matches(pattern, name)
        {
            return false;
        }
        if let Some(only) = self.get(schema, "const")
            && doc.str(only.node) != Some(name)
        {
            return false;
        }
        if let Some(list) = doc.get(schema.node, "enum")
            && !doc.items(list).iter().any(|item| doc.str(*item) == Some(name))
        {
            return false;
        }
        if let Some(target) = doc.get_str(schema.node, "$ref")
            && let Some(place) = self.reference(schema, target)
            && !self.holds_of_name(place, name)
        {
            return false;
        }
        if let Some(target) = doc.get_str(schema.node, "$dynamicRef")
            && let Some(place) = self.dynamic(schema, target)
            && !self.holds_of_name(place, name)
        {
            return false;
        }
        if let Some(not) = self.get(schema, "not")
            && self.holds_of_name(not, name)
        {
            return false;
        }
        for (key, least_is_all) in [("allOf", true), ("anyOf", false), ("oneOf", false)] {
            let Some(list) = self.get(schema, key) else { continue };
            let branches = doc.items(list.node);
            let held =
                branches.iter().filter(|node| self.holds_of_name(Place { doc: list.doc, node: **node }, name)).count();
            let good = match (key, least_is_all) {
                (_, true) => held == branches.len(),
                ("oneOf", _) => held == 1,
                _ => held > 0,
            };
            if !good {
                return false;
            }
        }
        if let Some(condition) = self.get(schema, "if") {
            let key = if self.holds_of_name(condition, name) { "then" } else { "else" };
            if let Some(branch) = self.get(schema, key) {
                return self.holds_of_name(branch, name);
            }
        }
        true
    }
}

fn article(name: &str) -> String {
    match name {
        "null" => "null".to_owned(),
        "array" | "object" => format!("an {name}"),
        name => format!("a {name}"),
    }
}
