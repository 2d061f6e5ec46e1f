//! What can be wrong with documents: the tool's own rules, after `MongoDB`'s published anti-patterns and limits.

use crate::support::rules::rule;
use octavo_toolkit::Rule;

rule!(
    SYNTAX,
    "document-syntax",
    Error,
    "Every document can be read.",
    "A document that breaks off is left out of all figures.",
    "{\"a\": 1}\n{\"a\": }",
    "{\"a\": 1}\n{\"a\": 2}",
    "MongoDB Extended JSON v2"
);
rule!(
    NOT_A_DOCUMENT,
    "not-a-document",
    Error,
    "A collection holds documents.",
    "Numbers, texts and lists stand in documents, never beside them.",
    "{\"a\": 1}\n5",
    "{\"a\": 1}\n{\"a\": 5}",
    "MongoDB manual, Documents"
);
rule!(
    DUPLICATE_ID,
    "duplicate-id",
    Error,
    "No two documents have the same _id.",
    "A collection refuses the second; in a sample it shows that documents were counted twice.",
    "{\"_id\": 1}\n{\"_id\": 1}",
    "{\"_id\": 1}\n{\"_id\": 2}",
    "MongoDB manual, Documents: The _id Field"
);
rule!(
    TOO_LARGE,
    "document-too-large",
    Error,
    "A document keeps the 16 MiB that BSON allows.",
    "The server refuses a larger document; one that grows towards it fails one day.",
    "a document with more than 16 MiB",
    "{\"a\": 1}",
    "MongoDB manual, MongoDB Limits and Thresholds"
);
rule!(
    BLOATED,
    "bloated-document",
    Warning,
    "Documents are small.",
    "A whole document is read into memory even where a query wants one field of it; what is rarely read belongs elsewhere.",
    "a document with more than a MiB",
    "{\"a\": 1}",
    "MongoDB manual, Schema Design Anti-Patterns: Bloated Documents"
);
rule!(
    TOO_DEEP,
    "nesting-limit",
    Error,
    "Documents nest at most 100 deep.",
    "The server refuses deeper ones.",
    "{\"a\": {\"a\": {\"a\": 1}}}, 101 deep",
    "{\"a\": 1}",
    "MongoDB manual, MongoDB Limits and Thresholds"
);
rule!(
    GROWING_ARRAY,
    "unbounded-array",
    Warning,
    "Lists in documents have a bound.",
    "A list that grows with time makes its document slow to change and index, and ends at 16 MiB; put its elements in documents of their own, or in buckets.",
    "{\"a\": [1, 2, 3]}, with a thousand elements",
    "{\"a\": [1, 2]}",
    "MongoDB manual, Schema Design Anti-Patterns: Avoid Unbounded Arrays"
);
rule!(
    MIXED_TYPES,
    "mixed-types",
    Warning,
    "A field has one type.",
    "Types are compared before values: a text never equals a number, and sorts and ranges keep them apart.",
    "{\"a\": 1}\n{\"a\": \"x\"}",
    "{\"a\": 1}\n{\"a\": 2}",
    "MongoDB manual, Comparison/Sort Order"
);
rule!(
    NULL_AND_MISSING,
    "null-and-missing",
    Info,
    "A value that is not there is said in one way.",
    "A field that is null here and missing there is found by the same query, but not by `$exists`, a sparse or a partial index.",
    "{\"a\": null}\n{\"b\": 1}",
    "{\"b\": 1}\n{\"b\": 2}",
    "MongoDB manual, Query for Null or Missing Fields"
);
rule!(
    DYNAMIC_KEYS,
    "dynamic-keys",
    Warning,
    "Names of fields are not data.",
    "A name made of a date or an identifier needs an index of its own, and no query can ask for all of them.",
    "{\"a\": {\"2024-01\": 1, \"2024-02\": 1, \"2024-03\": 1, \"2024-04\": 1, \"2024-05\": 1, \"2024-06\": 1, \"2024-07\": 1, \"2024-08\": 1, \"2024-09\": 1, \"2024-10\": 1}}",
    "{\"a\": [{\"k\": \"2024-01\", \"v\": 1}]}",
    "MongoDB manual, Attribute Pattern"
);
rule!(
    WIDE,
    "many-fields",
    Info,
    "A document has a manageable number of fields.",
    "Hundreds of fields on one level are looked through one by one; groups of them belong in embedded documents.",
    "{\"a\": 1, \"b\": 2}, with 201 names",
    "{\"a\": 1}",
    "MongoDB manual, Schema Design Anti-Patterns: Bloated Documents"
);
rule!(
    NAME_VARIANTS,
    "name-variants",
    Warning,
    "A field has one spelling.",
    "Names differ by case and underscore: what one program writes as userId another does not find as user_id.",
    "{\"userId\": 1}\n{\"user_id\": 2}",
    "{\"userId\": 1}\n{\"userId\": 2}",
    "MongoDB manual, Documents: Field Names"
);
rule!(
    FIELD_NAME,
    "field-name",
    Warning,
    "Names have no dots and do not begin with a dollar sign.",
    "A dot separates the steps of a path and a dollar sign begins an operator, so such fields are out of reach of most of both.",
    "{\"a.b\": 1}",
    "{\"a\": {\"b\": 1}}",
    "MongoDB manual, Field Names with Periods and Dollar Signs"
);
rule!(
    DATE_AS_STRING,
    "date-as-string",
    Warning,
    "Dates are dates.",
    "A text sorts by its letters and is three times as large; date operators and time-to-live indexes pass it by.",
    "{\"a\": \"2024-01-01\"}\n{\"a\": \"2024-01-02\"}\n{\"a\": \"2024-01-03\"}\n{\"a\": \"2024-01-04\"}\n{\"a\": \"2024-01-05\"}",
    "{\"a\": {\"$date\": \"2024-01-01T00:00:00Z\"}}",
    "MongoDB manual, Schema Design"
);
rule!(
    NUMBER_AS_STRING,
    "number-as-string",
    Info,
    "Numbers are numbers.",
    "A text sorts by its letters: ten comes before nine, and nothing can be summed.",
    "{\"price\": \"1.5\"}\n{\"price\": \"2\"}\n{\"price\": \"10\"}\n{\"price\": \"9\"}\n{\"price\": \"3\"}",
    "{\"price\": 1.5}",
    "MongoDB manual, Comparison/Sort Order"
);
rule!(
    OBJECT_ID_AS_STRING,
    "object-id-as-string",
    Warning,
    "References have the type of what they refer to.",
    "An ObjectId kept as a text never equals one, so `$lookup` finds nothing.",
    "{\"userId\": \"65a000000000000000000001\"}\n{\"userId\": \"65a000000000000000000002\"}\n{\"userId\": \"65a000000000000000000003\"}\n{\"userId\": \"65a000000000000000000004\"}\n{\"userId\": \"65a000000000000000000005\"}",
    "{\"userId\": {\"$oid\": \"65a000000000000000000001\"}}",
    "MongoDB manual, Database References"
);
rule!(
    BOOLEAN_AS_STRING,
    "boolean-as-string",
    Warning,
    "Booleans are booleans.",
    "Every text is true in an expression, \"false\" too.",
    "{\"a\": \"true\"}\n{\"a\": \"false\"}\n{\"a\": \"true\"}\n{\"a\": \"true\"}\n{\"a\": \"false\"}",
    "{\"a\": true}",
    "MongoDB manual, Aggregation Expressions"
);
rule!(
    JSON_AS_STRING,
    "json-as-string",
    Info,
    "Structure is structure.",
    "JSON inside a text is out of reach of queries, indexes and updates.",
    "{\"a\": \"{\\\"b\\\": 1}\"}\n{\"a\": \"{\\\"b\\\": 2}\"}\n{\"a\": \"{\\\"b\\\": 3}\"}\n{\"a\": \"{\\\"b\\\": 4}\"}\n{\"a\": \"{\\\"b\\\": 5}\"}",
    "{\"a\": {\"b\": 1}}",
    "MongoDB manual, Embedded Data Models"
);

/// All of them.
pub(super) const RULES: &[Rule] = &[
    SYNTAX,
    NOT_A_DOCUMENT,
    DUPLICATE_ID,
    TOO_LARGE,
    BLOATED,
    TOO_DEEP,
    GROWING_ARRAY,
    MIXED_TYPES,
    NULL_AND_MISSING,
    DYNAMIC_KEYS,
    WIDE,
    NAME_VARIANTS,
    FIELD_NAME,
    DATE_AS_STRING,
    NUMBER_AS_STRING,
    OBJECT_ID_AS_STRING,
    BOOLEAN_AS_STRING,
    JSON_AS_STRING,
];
