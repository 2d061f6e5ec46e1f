//! What a change of schema risks: under the ids of Atlas's analyzers where it has them, and the tool's own.

use crate::support::rules::rule;
use octavo_toolkit::Rule;

rule!(
    SYNTAX,
    "ddl-syntax",
    Error,
    "Every statement can be read.",
    "A statement that cannot be read is left out, and what it makes looks as if it were not there.",
    "CREATE TABLE a (id int PRIMARY KEY;",
    "CREATE TABLE a (id int PRIMARY KEY);",
    "SQL grammars of PostgreSQL, MySQL and SQLite"
);
rule!(
    NESTING,
    "nesting-too-deep",
    Error,
    "Brackets nest at most 200 deep.",
    "Deeper texts are not compared.",
    "CREATE TABLE a (id int CHECK ((((...)))));  -- 201 deep",
    "CREATE TABLE a (id int PRIMARY KEY);",
    "This tool"
);
rule!(
    DROP_TABLE,
    "DS102",
    Warning,
    "No table goes.",
    "All its rows go with it, and no statement brings them back.",
    "-- current: CREATE TABLE a (id int); CREATE TABLE b (n text);\nCREATE TABLE a (id int);",
    "-- current: CREATE TABLE a (id int);\nCREATE TABLE a (id int);",
    "Atlas, destructive changes, DS102"
);
rule!(
    DROP_COLUMN,
    "DS103",
    Warning,
    "No column goes.",
    "All its values go with it, and no statement brings them back.",
    "-- current: CREATE TABLE a (id int, n int);\nCREATE TABLE a (id int);",
    "-- current: CREATE TABLE a (id int);\nCREATE TABLE a (id int, n int);",
    "Atlas, destructive changes, DS103"
);
rule!(
    ADD_UNIQUE,
    "MF101",
    Warning,
    "A unique key finds no rows that are alike.",
    "Rows that are alike make the statement fail; look for them first.",
    "-- current: CREATE TABLE a (id int, n int);\nCREATE TABLE a (id int, n int UNIQUE);",
    "-- current: CREATE TABLE a (id int, n int UNIQUE);\nCREATE TABLE a (id int, n int UNIQUE);",
    "Atlas, data-dependent changes, MF101"
);
rule!(
    ADD_NOT_NULL,
    "MF103",
    Warning,
    "A new column that refuses NULL has a default.",
    "Rows that are there have nothing to put into it; the statement fails.",
    "-- current: CREATE TABLE a (id int);\nCREATE TABLE a (id int, n int NOT NULL);",
    "-- current: CREATE TABLE a (id int);\nCREATE TABLE a (id int, n int NOT NULL DEFAULT 0);",
    "Atlas, data-dependent changes, MF103"
);
rule!(
    SET_NOT_NULL,
    "MF104",
    Warning,
    "A column that comes to refuse NULL holds none.",
    "Rows that hold NULL make the statement fail; fill them first.",
    "-- current: CREATE TABLE a (id int, n int);\nCREATE TABLE a (id int, n int NOT NULL);",
    "-- current: CREATE TABLE a (id int, n int NOT NULL);\nCREATE TABLE a (id int, n int);",
    "Atlas, data-dependent changes, MF104"
);
rule!(
    MAY_FAIL,
    "new-constraint",
    Info,
    "Rows hold to a new constraint.",
    "A check or foreign key looks at all rows; one that breaks it makes the statement fail.",
    "-- current: CREATE TABLE a (id int, n int);\nCREATE TABLE a (id int, n int CHECK (n > 0));",
    "-- current: CREATE TABLE a (id int, n int CHECK (n > 0));\nCREATE TABLE a (id int, n int);",
    "This tool"
);
rule!(
    NARROW_TYPE,
    "narrow-type",
    Warning,
    "A type holds what the one before it held.",
    "Values that do not fit make the statement fail, or are cut or rounded.",
    "-- current: CREATE TABLE a (id int, n varchar(40));\nCREATE TABLE a (id int, n varchar(10));",
    "-- current: CREATE TABLE a (id int, n varchar(10));\nCREATE TABLE a (id int, n varchar(40));",
    "This tool"
);
rule!(
    ENUM_VALUE,
    "enum-made-anew",
    Warning,
    "Words of an enumeration stay, in their order.",
    "A word cannot be taken out of a type: the type is made anew and every column of it rewritten; rows that say the word make it fail.",
    "-- current: CREATE TYPE e AS ENUM ('a', 'b');\nCREATE TYPE e AS ENUM ('b');",
    "-- current: CREATE TYPE e AS ENUM ('a');\nCREATE TYPE e AS ENUM ('a', 'b');",
    "PostgreSQL documentation, ALTER TYPE"
);
rule!(
    RENAME_CANDIDATE,
    "rename-candidate",
    Info,
    "What was renamed is said to be.",
    "A table or column under a new name looks like one that goes and one that comes, and loses its data that way.",
    "-- current: CREATE TABLE a (id int, nam text);\nCREATE TABLE a (id int, name text);",
    "-- current: CREATE TABLE a (id int, nam text);\nCREATE TABLE a (id int, name text -- @renamed from=nam\n);",
    "This tool"
);
rule!(
    NOT_ALTERABLE,
    "not-alterable",
    Error,
    "What differs can be altered.",
    "No statement changes it where it stands: it needs a new table, or a decision.",
    "-- current: CREATE TABLE a (id int) PARTITION BY RANGE (id);\nCREATE TABLE a (id int) PARTITION BY HASH (id);",
    "-- current: CREATE TABLE a (id int) PARTITION BY RANGE (id);\nCREATE TABLE a (id int) PARTITION BY RANGE (id);",
    "PostgreSQL documentation, ALTER TABLE"
);

/// Every rule, in the order of their pages.
pub(super) const RULES: &[Rule] = &[
    SYNTAX,
    NESTING,
    DROP_TABLE,
    DROP_COLUMN,
    ADD_UNIQUE,
    ADD_NOT_NULL,
    SET_NOT_NULL,
    MAY_FAIL,
    NARROW_TYPE,
    ENUM_VALUE,
    RENAME_CANDIDATE,
    NOT_ALTERABLE,
];
