//! What advice on documents names.

use crate::support::rules::rule;
use octavo_toolkit::Rule;

rule!(
    SYNTAX,
    "shell-syntax",
    Error,
    "Every operation can be read.",
    "An operation that cannot be read gets no index.",
    "db.orders.find({status: })",
    "db.orders.find({_id: 1})",
    "MongoDB shell"
);
rule!(
    SCAN,
    "collection-scan",
    Warning,
    "An operation finds its documents by an index.",
    "Without one it reads the whole collection, each time, and slower with every document that is added.",
    "db.orders.find({status: 'new'})",
    "db.orders.createIndex({status: 1})\ndb.orders.find({status: 'new'})",
    "MongoDB manual, Indexes; the ESR guideline"
);
rule!(
    SORT,
    "in-memory-sort",
    Warning,
    "An index gives the order.",
    "Documents are sorted in memory, all of them before the first is given, and not above 100 MB.",
    "db.orders.createIndex({status: 1})\ndb.orders.find({status: 'new'}).sort({at: -1})",
    "db.orders.createIndex({status: 1, at: -1})\ndb.orders.find({status: 'new'}).sort({at: -1})",
    "MongoDB manual, Use indexes to sort query results"
);
rule!(
    REWRITE,
    "late-match",
    Warning,
    "A pipeline narrows first.",
    "Only what a pipeline begins with is served by an index; what is thrown away later is worked on for nothing.",
    "db.orders.createIndex({status: 1})\ndb.orders.aggregate([{$unwind: '$items'}, {$match: {status: 'new'}}])",
    "db.orders.createIndex({status: 1})\ndb.orders.aggregate([{$match: {status: 'new'}}, {$unwind: '$items'}])",
    "MongoDB manual, Aggregation pipeline optimization"
);
rule!(
    PATTERN,
    "unanchored-regex",
    Info,
    "A pattern begins at the beginning, by case.",
    "Any other pattern reads every key of the index, or every document; a text or search index does better.",
    "db.orders.find({name: /late/})",
    "db.orders.createIndex({name: 1})\ndb.orders.find({name: /^late/})",
    "MongoDB manual, $regex, index use"
);
rule!(
    NEGATION,
    "negation",
    Info,
    "A condition says what is wanted.",
    "$ne, $nin and $not leave nearly everything: an index narrows little.",
    "db.orders.find({status: {$ne: 'done'}})",
    "db.orders.createIndex({status: 1})\ndb.orders.find({status: {$in: ['new', 'paid']}})",
    "MongoDB manual, Create queries that ensure selectivity"
);
rule!(
    CODE,
    "where-code",
    Warning,
    "A condition is no code.",
    "$where runs JavaScript on every document; no index serves it.",
    "db.orders.find({$where: 'this.a > this.b'})",
    "db.orders.find({_id: 1, $expr: {$gt: ['$a', '$b']}})",
    "MongoDB manual, $where"
);
rule!(
    SKIP,
    "deep-skip",
    Info,
    "Pages begin behind the last key seen.",
    "What is left out is read all the same: later pages are slower.",
    "db.orders.find({}).sort({_id: 1}).skip(5000)",
    "db.orders.find({_id: {$gt: 5000}}).sort({_id: 1})",
    "MongoDB manual, cursor.skip()"
);
rule!(
    REDUNDANT,
    "redundant-index",
    Warning,
    "No index is the beginning of another.",
    "The longer one serves the same; the shorter one only costs its upkeep.",
    "db.orders.createIndex({a: 1})\ndb.orders.createIndex({a: 1, b: 1})\ndb.orders.find({a: 1, b: 2})",
    "db.orders.createIndex({a: 1, b: 1})\ndb.orders.find({a: 1, b: 2})",
    "MongoDB manual, Remove unnecessary indexes"
);
rule!(
    UNUSED,
    "unused-index",
    Info,
    "Every index serves an operation.",
    "None of these operations reads it; if no others do, it only costs its upkeep.",
    "db.orders.createIndex({a: 1})\ndb.orders.find({_id: 1})",
    "db.orders.find({_id: 1})",
    "MongoDB manual, Remove unnecessary indexes"
);
rule!(
    TABLE_SCAN,
    "dynamodb-scan",
    Warning,
    "An access pattern knows its partition.",
    "Without an attribute that is equal to something, the whole table is read and paid for.",
    "patterns: orders: placed range",
    "patterns: orders: customerId =, placed range",
    "DynamoDB developer guide, Best practices for querying and scanning"
);
rule!(
    FILTERED,
    "dynamodb-order",
    Info,
    "Items come in the order of their sort key.",
    "A range over one attribute and an order by another need a sort of your own, or an index more.",
    "patterns: orders: customerId =, total range, placed desc",
    "patterns: orders: customerId =, placed range desc",
    "DynamoDB developer guide, Query"
);
rule!(
    MANY_INDEXES,
    "dynamodb-index-limit",
    Error,
    "A table has at most 20 global secondary indexes.",
    "More are refused, unless the quota is raised; patterns that share a partition need fewer.",
    "patterns: 22 patterns of 22 attributes",
    "patterns: orders: id =",
    "DynamoDB developer guide, Quotas"
);

/// All of them.
pub(super) const RULES: &[Rule] = &[
    SYNTAX,
    SCAN,
    SORT,
    REWRITE,
    PATTERN,
    NEGATION,
    CODE,
    SKIP,
    REDUNDANT,
    UNUSED,
    TABLE_SCAN,
    FILTERED,
    MANY_INDEXES,
];
