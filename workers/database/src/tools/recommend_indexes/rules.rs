//! What an index advice names.

use crate::support::rules::rule;
use octavo_toolkit::Rule;

rule!(
    SYNTAX,
    "query-syntax",
    Error,
    "Every query can be read.",
    "A query that cannot be read gets no index.",
    "SELECT id FROM orders WHERE;",
    "SELECT id FROM orders;",
    "SQL grammars of PostgreSQL, MySQL and SQLite"
);
rule!(
    DDL,
    "ddl-syntax",
    Error,
    "Every statement of the schema can be read.",
    "A table that cannot be read gets no index, and its own are not known.",
    "-- schema: CREATE TABLE a (id int;\nSELECT 1;",
    "-- schema: CREATE TABLE a (id int);\nSELECT 1;",
    "SQL grammars of PostgreSQL, MySQL and SQLite"
);
rule!(
    NESTING,
    "nesting-too-deep",
    Error,
    "Brackets nest at most 200 deep.",
    "Deeper texts are not read.",
    "SELECT ((((...))));  -- 201 deep",
    "SELECT 1;",
    "This tool"
);
rule!(
    MISSING,
    "missing-index",
    Warning,
    "A query that wants few rows finds them by an index.",
    "Without one it reads the whole table, each time, and slower with every row that is added.",
    "SELECT id FROM orders WHERE customer_id = 5;",
    "SELECT id FROM orders WHERE id = 5;",
    "PostgreSQL documentation, Indexes; dexter; index_advisor"
);
rule!(
    DUPLICATE,
    "duplicate-index",
    Warning,
    "No two indexes are the same.",
    "Both are kept at every change, and only one is read.",
    "-- schema: CREATE TABLE a (id int PRIMARY KEY, n int); CREATE INDEX i ON a (n); CREATE INDEX j ON a (n);\nSELECT id FROM a WHERE n = 1;",
    "-- schema: CREATE TABLE a (id int PRIMARY KEY, n int); CREATE INDEX i ON a (n);\nSELECT id FROM a WHERE n = 1;",
    "pt-duplicate-key-checker"
);
rule!(
    REDUNDANT,
    "redundant-index",
    Warning,
    "No index is the beginning of another.",
    "The longer one finds the same rows; the shorter one only costs its upkeep.",
    "-- schema: CREATE TABLE a (id int PRIMARY KEY, n int, m int); CREATE INDEX i ON a (n); CREATE INDEX j ON a (n, m);\nSELECT id FROM a WHERE n = 1;",
    "-- schema: CREATE TABLE a (id int PRIMARY KEY, n int, m int); CREATE INDEX j ON a (n, m);\nSELECT id FROM a WHERE n = 1;",
    "pt-duplicate-key-checker"
);
rule!(
    UNUSED,
    "unused-index",
    Info,
    "Every index serves a query.",
    "None of these queries reads it; if no others do, it only costs its upkeep.",
    "-- schema: CREATE TABLE a (id int PRIMARY KEY, n int); CREATE INDEX i ON a (n);\nSELECT n FROM a WHERE id = 1;",
    "-- schema: CREATE TABLE a (id int PRIMARY KEY, n int);\nSELECT n FROM a WHERE id = 1;",
    "PostgreSQL documentation, pg_stat_user_indexes"
);
rule!(
    INNER_TEXT,
    "inner-text",
    Info,
    "A text is looked for by its beginning.",
    "A pattern that begins with a wildcard is found by no ordinary index; a trigram index (pg_trgm) or full text search does.",
    "SELECT id FROM orders WHERE note LIKE '%late%';",
    "SELECT id FROM orders WHERE note LIKE 'late%';",
    "PostgreSQL documentation, pg_trgm"
);

/// All of them.
pub(super) const RULES: &[Rule] = &[SYNTAX, DDL, NESTING, MISSING, DUPLICATE, REDUNDANT, UNUSED, INNER_TEXT];
