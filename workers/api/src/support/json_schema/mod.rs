//! Evaluates values against JSON Schema: draft 2020-12, and the draft 4 dialect that Swagger 2 and OpenAPI 3.0 build on.
//!
//! Schemas and values are nodes of positioned documents. References lead to places of the documents that were handed over and
//! nowhere else. Every evaluation has a budget, so that schemas that refer to each other exponentially end; what was not
//! decided within it counts as valid, and the outcome says so. Failures come in the order in which Ajv would find them.

mod formats;
mod index;
mod keywords;

pub use formats::is_format;

use super::pattern::Pattern;
use super::tree::{Document, NodeId, Value};
use index::Index;
use std::collections::BTreeMap;

/// Most schemas looked at for one value: ten times what the largest examples of real documents take.
const MAX_EVALUATIONS: u32 = 100_000;

/// Deepest nesting of evaluations: each takes about half a kilobyte of a worker's stack.
const MAX_EVALUATION_DEPTH: u32 = 400;

/// Most failures kept of one value.
const MAX_FAILURES: usize = 30;

/// Which keywords there are and what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Swagger 2: draft 4, and `x-nullable`.
    Swagger2,
    /// OpenAPI 3.0: draft 4, and `nullable`.
    OpenApi30,
    /// Draft 2020-12, which OpenAPI 3.1 uses.
    Draft202012,
}

/// Whether properties that only one direction carries may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A request: `readOnly` properties may be missing.
    Request,
    /// A response: `writeOnly` properties may be missing.
    Response,
    /// Neither is known.
    Any,
}

/// A node of one of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The document, by its place in the list.
    pub doc: usize,
    /// The node.
    pub node: NodeId,
}

/// One keyword that a value does not meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The value.
    pub instance: Place,
    /// The keyword.
    pub keyword: &'static str,
    /// What is wrong, a verb phrase.
    pub message: String,
}

/// What came of one evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What fails, first things first; nothing for a valid value.
    pub failures: Vec<Failure>,
    /// Whether the budget ran out or something could not be told: a reference that leads nowhere, a pattern that is not
    /// known.
    pub undecided: bool,
}

/// Evaluates against the schemas of a set of documents.
#[derive(Debug)]
pub struct Evaluator<'d> {
    docs: Vec<&'d Document>,
    index: Index,
    dialect: Dialect,
    asserts_formats: bool,
    patterns: BTreeMap<String, Option<Pattern>>,
    budget: u32,
    depth: u32,
    undecided: bool,
    direction: Direction,
    // Whether any schema asks what others have looked at.
    tracks: bool,
    scope: Vec<Place>,
}

/// The members and items that some schema has looked at.
#[derive(Debug, Default)]
struct Seen {
    members: Vec<bool>,
    items: Vec<bool>,
}

impl Seen {
    fn mark(list: &mut Vec<bool>, at: usize) {
        if list.len() <= at {
            list.resize(at + 1, false);
        }
        if let Some(place) = list.get_mut(at) {
            *place = true;
        }
    }

    fn has(list: &[bool], at: usize) -> bool {
        list.get(at).copied().unwrap_or(false)
    }

    fn absorb(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.members, &other.members), (&mut self.items, &other.items)] {
            for (at, seen) in theirs.iter().enumerate() {
                if *seen {
                    Self::mark(mine, at);
                }
            }
        }
    }
}

impl<'d> Evaluator<'d> {
    /// An evaluator over an OpenAPI document, whose formats count.
    #[must_use]
    pub fn of_document(doc: &'d Document, dialect: Dialect) -> Self {
        let index = if dialect == Dialect::Draft202012 { Index::of_open_api(doc) } else { Index::default() };
        Self::with_index(vec![doc], index, dialect, true)
    }

    /// An evaluator over schemas of draft 2020-12 with their addresses, for which formats are remarks.
    #[must_use]
    pub fn of_schemas(schemas: &[(&str, &'d Document)]) -> Self {
        let docs = schemas.iter().map(|(_, doc)| *doc).collect();
        Self::with_index(docs, Index::of_schemas(schemas), Dialect::Draft202012, false)
    }

    fn with_index(docs: Vec<&'d Document>, index: Index, dialect: Dialect, asserts_formats: bool) -> Self {
        let tracks = dialect == Dialect::Draft202012
            && docs.iter().any(|doc| {
                let asks = |id: NodeId| {
                    ["unevaluatedProperties", "unevaluatedItems"].iter().any(|key| doc.get(id, key).is_some())
                };
                doc.ids().any(asks)
            });
        Self {
            docs,
            index,
            dialect,
            asserts_formats,
            patterns: BTreeMap::new(),
            budget: MAX_EVALUATIONS,
            depth: 0,
            undecided: false,
            direction: Direction::Any,
            tracks,
            scope: Vec::new(),
        }
    }

    /// Adds a document whose nodes can be values; gives its number.
    pub fn add(&mut self, doc: &'d Document) -> usize {
        self.docs.push(doc);
        self.docs.len() - 1
    }

    /// Evaluates a value against a schema.
    pub fn evaluate(&mut self, schema: Place, instance: Place, direction: Direction) -> Outcome {
        self.budget = MAX_EVALUATIONS;
        self.depth = 0;
        self.undecided = false;
        self.direction = direction;
        self.scope.clear();
        self.scope.push(self.index.resource_of(schema));
        let mut failures = Vec::new();
        let mut seen = Seen::default();
        self.eval(schema, instance, &mut seen, &mut failures);
        Outcome { failures, undecided: self.undecided }
    }

    fn doc(&self, place: Place) -> &'d Document {
        // Every place is made from a document of the list.
        self.docs.get(place.doc).or(self.docs.first()).copied().unwrap_or_else(|| Document::nothing())
    }

    fn value(&self, place: Place) -> &'d Value {
        self.doc(place).value(place.node)
    }

    fn get(&self, place: Place, key: &str) -> Option<Place> {
        self.doc(place).get(place.node, key).map(|node| Place { doc: place.doc, node })
    }

    fn pattern(&mut self, text: &str) -> Option<&Pattern> {
        if !self.patterns.contains_key(text) {
            let pattern = Pattern::new(text).ok();
            self.patterns.insert(text.to_owned(), pattern);
        }
        self.patterns.get(text).and_then(Option::as_ref)
    }

    // Whether a text matches; what cannot be told counts as a match.
    fn matches(&mut self, pattern: &str, text: &str) -> bool {
        let found = self.pattern(pattern).and_then(|pattern| pattern.is_found_in(text));
        self.undecided |= found.is_none();
        found.unwrap_or(true)
    }

    /// Whether the value is valid; what is not lands among the failures.
    fn eval(&mut self, schema: Place, instance: Place, seen: &mut Seen, failures: &mut Vec<Failure>) -> bool {
        if self.budget == 0 || self.depth >= MAX_EVALUATION_DEPTH {
            self.undecided = true;
            return true;
        }
        self.budget -= 1;
        match self.value(schema) {
            Value::Bool(true) => return true,
            Value::Bool(false) => {
                fail(failures, instance, "false schema", "must not be there".to_owned());
                return false;
            }
            Value::Mapping(_) => {}
            Value::Null | Value::Number(..) | Value::String(_) | Value::Sequence(_) => return true,
        }
        self.depth += 1;
        let resource = self.index.resource_of(schema);
        let enters = self.scope.last() != Some(&resource);
        if enters {
            self.scope.push(resource);
        }
        let mut own = Seen::default();
        let before = failures.len();
        let valid = self.eval_keywords(schema, instance, &mut own, failures);
        if enters {
            self.scope.pop();
        }
        self.depth -= 1;
        if valid {
            seen.absorb(&own);
            failures.truncate(before);
        }
        valid
    }

    // Without telling why not.
    fn holds(&mut self, schema: Place, instance: Place, seen: &mut Seen) -> bool {
        let mut failures = Vec::new();
        self.eval(schema, instance, seen, &mut failures)
    }

    fn reference(&mut self, schema: Place, target: &str) -> Option<Place> {
        let found = self.index.resolve(&self.docs, schema, target);
        self.undecided |= found.is_none();
        found
    }

    // The schema a dynamic reference means: the outermost resource of the dynamic scope that has the anchor.
    fn dynamic(&mut self, schema: Place, target: &str) -> Option<Place> {
        let first = self.reference(schema, target)?;
        let anchor = target.rsplit_once('#').map_or("", |(_, anchor)| anchor);
        let own = self.index.dynamic_anchor(self.index.resource_of(first), anchor);
        if own != Some(first) {
            return Some(first);
        }
        let outermost = self.scope.iter().find_map(|resource| self.index.dynamic_anchor(*resource, anchor));
        Some(outermost.unwrap_or(first))
    }
}

fn fail(failures: &mut Vec<Failure>, instance: Place, keyword: &'static str, message: String) {
    if failures.len() < MAX_FAILURES {
        failures.push(Failure { instance, keyword, message });
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::load;
    use super::*;

    fn outcome(schema: &str, value: &str, dialect: Dialect) -> Outcome {
        let text = format!("{{\"s\": {schema}, \"v\": {value}}}");
        let doc = load(&text).document.expect("test writes JSON");
        let place = |key: &str| Place { doc: 0, node: doc.get(doc.root(), key).expect("there") };
        Evaluator::of_document(&doc, dialect).evaluate(place("s"), place("v"), Direction::Any)
    }

    fn keywords(schema: &str, value: &str, dialect: Dialect) -> Vec<&'static str> {
        outcome(schema, value, dialect).failures.iter().map(|failure| failure.keyword).collect()
    }

    #[test]
    fn dialects_differ_where_they_should() {
        let draft4 = Dialect::OpenApi30;
        let draft2020 = Dialect::Draft202012;
        assert_eq!(keywords(r#"{"maximum": 5, "exclusiveMaximum": true}"#, "5", draft4), ["exclusiveMaximum"]);
        assert_eq!(keywords(r#"{"exclusiveMaximum": 5}"#, "5", draft2020), ["exclusiveMaximum"]);
        assert_eq!(keywords(r#"{"type": "string", "nullable": true}"#, "null", draft4), [""; 0]);
        assert_eq!(keywords(r#"{"type": "string", "nullable": true}"#, "null", draft2020), ["type"]);
        assert_eq!(keywords(r#"{"type": "string", "x-nullable": true}"#, "null", Dialect::Swagger2), [""; 0]);
        assert_eq!(keywords(r#"{"const": 1}"#, "2", draft4), [""; 0]);
        assert_eq!(keywords(r#"{"const": 1}"#, "2", draft2020), ["const"]);
        assert_eq!(keywords(r##"{"$ref": "#/v", "type": "string"}"##, "{}", draft4), [""; 0]);
        assert_eq!(keywords(r##"{"$ref": "#/v", "type": "string"}"##, "{}", draft2020), ["type"]);
    }

    #[test]
    fn formats_count_in_documents() {
        assert_eq!(keywords(r#"{"format": "date"}"#, r#""2024-02-30""#, Dialect::OpenApi30), ["format"]);
        assert_eq!(keywords(r#"{"type": "integer", "format": "int32"}"#, "3000000000", Dialect::OpenApi30), ["format"]);
    }

    #[test]
    fn circles_and_bombs_end() {
        let circle = outcome(r##"{"$ref": "#/s"}"##, "1", Dialect::Draft202012);
        assert!(circle.failures.is_empty() && circle.undecided);
        let mut schemas = String::from("{\"a0\": {\"type\": \"string\"}");
        for n in 1..40 {
            let one = format!("{{\"$ref\": \"#/d/a{}\"}}", n - 1);
            let _ = std::fmt::Write::write_fmt(&mut schemas, format_args!(", \"a{n}\": {{\"allOf\": [{one}, {one}]}}"));
        }
        schemas.push('}');
        let text = format!("{{\"d\": {schemas}, \"v\": \"x\"}}");
        let doc = load(&text).document.expect("JSON");
        let schema = Place { doc: 0, node: doc.pointer("/d/a39").expect("there") };
        let value = Place { doc: 0, node: doc.pointer("/v").expect("there") };
        let outcome = Evaluator::of_document(&doc, Dialect::OpenApi30).evaluate(schema, value, Direction::Any);
        assert!(outcome.undecided);
    }

    #[test]
    fn one_direction_may_lack_the_others_properties() {
        let schema = r#"{"required": ["a", "b"], "properties": {"a": {"readOnly": true}, "b": {}}}"#;
        let text = format!("{{\"s\": {schema}, \"v\": {{\"b\": 1}}}}");
        let doc = load(&text).document.expect("JSON");
        let place = |key: &str| Place { doc: 0, node: doc.get(doc.root(), key).expect("there") };
        let mut evaluator = Evaluator::of_document(&doc, Dialect::OpenApi30);
        assert!(evaluator.evaluate(place("s"), place("v"), Direction::Request).failures.is_empty());
        assert_eq!(evaluator.evaluate(place("s"), place("v"), Direction::Response).failures.len(), 1);
    }
}
