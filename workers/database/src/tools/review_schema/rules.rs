//! What can be wrong with a schema: `SchemaCrawler`'s lints under their names in words, and the tool's own rules.

use crate::support::rules::rule;
use octavo_toolkit::Rule;

rule!(
    SYNTAX,
    "ddl-syntax",
    Error,
    "Every statement can be read.",
    "A statement that cannot be read is left out, and what refers to it looks wrong.",
    "CREATE TABLE a (id int PRIMARY KEY;",
    "CREATE TABLE a (id int PRIMARY KEY);",
    "SQL grammars of PostgreSQL, MySQL and SQLite"
);
rule!(
    FK_WITHOUT_INDEX,
    "foreign-key-with-no-indexes",
    Warning,
    "The columns of a foreign key begin an index.",
    "Deleting or changing a row of the other table looks for rows that refer to it; without an index it reads this table whole, once a row.",
    "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a);",
    "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a); CREATE INDEX i ON b (a_id);",
    "SchemaCrawler, LinterForeignKeyWithNoIndexes"
);
rule!(
    FK_MISMATCH,
    "foreign-key-mismatch",
    Warning,
    "A foreign key has the type of what it refers to.",
    "Values that fit one side do not fit the other, and comparing them converts one side, past its index.",
    "CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a);",
    "CREATE TABLE a (id bigint PRIMARY KEY); CREATE TABLE b (id bigint PRIMARY KEY REFERENCES a);",
    "SchemaCrawler, LinterForeignKeyMismatch"
);
rule!(
    FK_TARGET,
    "foreign-key-target",
    Error,
    "A foreign key refers to a key.",
    "Only unique columns can be referred to; the statement fails.",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL); CREATE TABLE b (id int PRIMARY KEY REFERENCES a (n));",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL UNIQUE); CREATE TABLE b (id int PRIMARY KEY REFERENCES a (n));",
    "PostgreSQL documentation, CREATE TABLE"
);
rule!(
    UNKNOWN_TABLE,
    "unknown-table",
    Warning,
    "A foreign key refers to a table that is there.",
    "Either the source is not whole, or the statement fails.",
    "CREATE TABLE b (id int PRIMARY KEY REFERENCES a);",
    "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a);",
    "This tool"
);
rule!(
    UNKNOWN_COLUMN,
    "unknown-column",
    Error,
    "Keys and indexes name columns that are there.",
    "The statement fails.",
    "CREATE TABLE a (id int, PRIMARY KEY (ident));",
    "CREATE TABLE a (id int, PRIMARY KEY (id));",
    "This tool"
);
rule!(
    NULL_IN_UNIQUE,
    "null-columns-in-unique-index",
    Info,
    "The columns of a unique key are NOT NULL.",
    "NULLs are never equal, so a unique key lets through any number of rows that have one.",
    "CREATE TABLE a (id int PRIMARY KEY, n int); CREATE UNIQUE INDEX i ON a (n);",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL); CREATE UNIQUE INDEX i ON a (n);",
    "SchemaCrawler, LinterNullColumnsInIndex"
);
rule!(
    NULL_INTENDED,
    "null-intended-columns",
    Warning,
    "A default of nothing is NULL.",
    "In quotes it is a text of four letters.",
    "CREATE TABLE a (id int PRIMARY KEY, n text NOT NULL DEFAULT 'NULL');",
    "CREATE TABLE a (id int PRIMARY KEY, n text NOT NULL DEFAULT '');",
    "SchemaCrawler, LinterNullIntendedColumns"
);
rule!(
    REDUNDANT_INDEX,
    "redundant-indexes",
    Warning,
    "No index begins another.",
    "Every index is written at every change of its table; one whose columns begin another's answers nothing more.",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL); CREATE INDEX i ON a (n); CREATE INDEX j ON a (n, id);",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL); CREATE INDEX j ON a (n, id);",
    "SchemaCrawler, LinterRedundantIndexes"
);
rule!(
    ALL_NULLABLE,
    "all-nullable-columns",
    Warning,
    "A row says something.",
    "A table whose every column beside the key may be NULL takes rows that say nothing.",
    "CREATE TABLE a (id int PRIMARY KEY, n int);",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL);",
    "SchemaCrawler, LinterTableAllNullableColumns"
);
rule!(
    CYCLE,
    "table-cycles",
    Warning,
    "Tables do not refer to each other in a circle.",
    "Rows of such tables cannot be written one after the other, nor deleted, without deferring a check or a NULL in between.",
    "CREATE TABLE a (id int PRIMARY KEY, b_id int NOT NULL); CREATE TABLE b (id int PRIMARY KEY REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;",
    "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a);",
    "SchemaCrawler, LinterTableCycles"
);
rule!(
    INCREMENTING,
    "incrementing-columns",
    Info,
    "A list is no row of columns.",
    "Columns that count up hold a list of fixed length: nothing can be searched in all of them, and the next one needs a migration.",
    "CREATE TABLE a (id int PRIMARY KEY, phone1 text NOT NULL, phone2 text);",
    "CREATE TABLE a (id int PRIMARY KEY, phone text NOT NULL);",
    "SchemaCrawler, LinterTableWithIncrementingColumns"
);
rule!(
    NO_INDEXES,
    "no-indexes",
    Info,
    "A table has an index.",
    "Every look-up reads the whole table.",
    "CREATE TABLE a (n int NOT NULL);",
    "CREATE TABLE a (n int NOT NULL); CREATE INDEX i ON a (n);",
    "SchemaCrawler, LinterTableWithNoIndexes"
);
rule!(
    NO_PRIMARY_KEY,
    "no-primary-key",
    Warning,
    "A table has a primary key.",
    "Without one rows cannot be told apart: no reference, no replication of changes, no repair of duplicates.",
    "CREATE TABLE a (n int NOT NULL, m int);",
    "CREATE TABLE a (n int PRIMARY KEY, m int NOT NULL);",
    "SchemaCrawler, LinterTableWithNoPrimaryKey"
);
rule!(
    SINGLE_COLUMN,
    "single-column",
    Info,
    "A table has more than one column.",
    "A table of one column is a list of words: a check or an enumeration may do.",
    "CREATE TABLE a (id int PRIMARY KEY);",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL);",
    "SchemaCrawler, LinterTableWithSingleColumn"
);
rule!(
    KEY_NOT_FIRST,
    "primary-key-not-first",
    Info,
    "The primary key comes first.",
    "People look for it there.",
    "CREATE TABLE a (n int NOT NULL, id int PRIMARY KEY);",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL);",
    "SchemaCrawler, LinterTableWithPrimaryKeyNotFirst"
);
rule!(
    TOO_MANY_LOBS,
    "too-many-lobs",
    Info,
    "Large objects stand in a table of their own.",
    "Each is read and written with its row.",
    "CREATE TABLE a (id int PRIMARY KEY, x bytea NOT NULL, y bytea);",
    "CREATE TABLE a (id int PRIMARY KEY, x bytea NOT NULL);",
    "SchemaCrawler, LinterTooManyLobs"
);
rule!(
    QUOTED_NAMES,
    "quoted-names",
    Info,
    "Names need no quotes.",
    "A name with a blank, or one that is a reserved word, must be quoted in every statement.",
    "CREATE TABLE a (id int PRIMARY KEY, \"order\" int NOT NULL);",
    "CREATE TABLE a (id int PRIMARY KEY, position int NOT NULL);",
    "SchemaCrawler, LinterTableWithQuotedNames"
);
rule!(
    COLUMN_TYPES,
    "column-types",
    Info,
    "Columns of one name have one type.",
    "What is joined or moved by name is converted, or does not fit.",
    "CREATE TABLE a (id int PRIMARY KEY, code text NOT NULL); CREATE TABLE b (id int PRIMARY KEY, code int NOT NULL);",
    "CREATE TABLE a (id int PRIMARY KEY, code text NOT NULL); CREATE TABLE b (id int PRIMARY KEY, code text NOT NULL);",
    "SchemaCrawler, LinterColumnTypes"
);
rule!(
    NORMAL_FORM,
    "normal-form",
    Warning,
    "A fact is said once.",
    "Where part of a row depends on less than a key, it is repeated with every row, and can be changed in one and not the others.",
    "CREATE TABLE o (id int PRIMARY KEY, customer int NOT NULL, city text NOT NULL);",
    "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL);",
    "Codd 1971; `dependencies` names what depends on what, here o: customer -> city"
);

/// All of them.
pub(super) const RULES: &[Rule] = &[
    SYNTAX,
    FK_WITHOUT_INDEX,
    FK_MISMATCH,
    FK_TARGET,
    UNKNOWN_TABLE,
    UNKNOWN_COLUMN,
    NULL_IN_UNIQUE,
    NULL_INTENDED,
    REDUNDANT_INDEX,
    ALL_NULLABLE,
    CYCLE,
    INCREMENTING,
    NO_INDEXES,
    NO_PRIMARY_KEY,
    SINGLE_COLUMN,
    KEY_NOT_FIRST,
    TOO_MANY_LOBS,
    QUOTED_NAMES,
    COLUMN_TYPES,
    NORMAL_FORM,
];
