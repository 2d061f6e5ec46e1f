//! Every rule a finding of this tool can name: the model's own, and squawk's by squawk's ids.
//!
//! Each page is executable: a test runs every `wrong` and every `right` and looks for the rule.

use octavo_toolkit::{Level, Rule, rule_docs};

/// What is said of a finding of squawk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer {
    pub(super) rule: Rule,
    /// What was found, in the tool's own words.
    pub(super) message: &'static str,
    /// Whether it matters only while others use the relation: the model may find it harmless.
    pub(super) about_locks: bool,
}

/// Statements that do not parse.
pub(super) const SYNTAX_ERROR: Rule = Rule {
    id: "syntax-error",
    level: Level::Error,
    summary: "A statement must be PostgreSQL.",
    docs: rule_docs!(
        why: "The server refuses it, and with it the rest of the migration. What follows the bad place is still checked.",
        wrong: "ALTER TABLE t ADD COLUM a int;",
        right: "ALTER TABLE t ADD COLUMN a int;",
        source: "PostgreSQL documentation, SQL Commands",
    ),
};

/// Texts that go too deep for the parser.
pub(super) const NESTING_TOO_DEEP: Rule = Rule {
    id: "nesting-too-deep",
    level: Level::Error,
    summary: "A file must not nest or chain deeper than the parser can follow.",
    docs: rule_docs!(
        why: "Such a file is not read at all: brackets within brackets, or operators and set operations in a row, beyond the limit.",
        wrong: "SELECT ((((...))));  -- 201 deep",
        right: "SELECT 1;",
        source: "a limit of this tool",
    ),
};

/// Statements that the server refuses within a transaction.
pub(super) const FORBIDDEN_IN_TRANSACTION: Rule = Rule {
    id: "forbidden-in-transaction",
    level: Level::Error,
    summary: "A statement that may not run in a transaction must stand outside of one.",
    docs: rule_docs!(
        why: "The server refuses it, and the whole transaction is lost.",
        wrong: "BEGIN;\nVACUUM t;\nCOMMIT;",
        right: "VACUUM t;",
        source: "PostgreSQL documentation, page of each command",
    ),
};

/// Syntax the target version does not have.
pub(super) const NEEDS_NEWER_VERSION: Rule = Rule {
    id: "needs-newer-version",
    level: Level::Error,
    summary: "A statement must be known to the server's version.",
    docs: rule_docs!(
        why: "An older server answers with a syntax error.",
        wrong: "ALTER TABLE t ADD CONSTRAINT c NOT NULL a NOT VALID;  -- on 15",
        right: "ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;",
        source: "PostgreSQL release notes 12 to 18",
    ),
};

/// Uses of what the history has dropped or renamed.
pub(super) const MISSING_OBJECT: Rule = Rule {
    id: "missing-object",
    level: Level::Error,
    summary: "A statement must not use what an earlier migration dropped or renamed.",
    docs: rule_docs!(
        why: "It fails on every database that ran the earlier migrations.",
        wrong: "ALTER TABLE t RENAME TO u;\nALTER TABLE t ADD COLUMN a int;",
        right: "ALTER TABLE t RENAME TO u;\nALTER TABLE u ADD COLUMN a int;",
        source: "PostgreSQL documentation, SQL Commands",
    ),
};

/// Creations of what is there.
pub(super) const DUPLICATE_OBJECT: Rule = Rule {
    id: "duplicate-object",
    level: Level::Error,
    summary: "A statement must not create what the history has created already.",
    docs: rule_docs!(
        why: "It fails on every database that ran the earlier migrations.",
        wrong: "CREATE TABLE t (a int);\nALTER TABLE t ADD COLUMN a int;",
        right: "CREATE TABLE t (a int);\nALTER TABLE t ADD COLUMN b int;",
        source: "PostgreSQL documentation, SQL Commands",
    ),
};

/// Other statements that the server is known to refuse.
pub(super) const REFUSED: Rule = Rule {
    id: "refused-by-server",
    level: Level::Error,
    summary: "A statement must not ask for what the server is known to refuse.",
    docs: rule_docs!(
        why: "It fails whatever the data: a partitioned table takes no index concurrently.",
        wrong: "CREATE TABLE t (a int) PARTITION BY RANGE (a);\nCREATE INDEX CONCURRENTLY i ON t (a);",
        right: "CREATE TABLE t (a int) PARTITION BY RANGE (a);\nCREATE INDEX i ON ONLY t (a);",
        source: "PostgreSQL documentation, CREATE INDEX, Building Indexes Concurrently",
    ),
};

/// Enum values used before they are committed.
pub(super) const ENUM_VALUE_USED_TOO_EARLY: Rule = Rule {
    id: "enum-value-used-too-early",
    level: Level::Warning,
    summary: "A value added to an enum must not be used in the same transaction.",
    docs: rule_docs!(
        why: "Where the literal is of that enum, the server refuses it until the transaction that added the value has ended.",
        wrong: "BEGIN;\nALTER TYPE mood ADD VALUE 'calm' AFTER 'glad';\nUPDATE person SET mood = 'calm' WHERE id = 1;\nCOMMIT;",
        right: "ALTER TYPE mood ADD VALUE 'calm' AFTER 'glad';\nUPDATE person SET mood = 'calm' WHERE id = 1;",
        source: "PostgreSQL documentation, ALTER TYPE, Notes",
    ),
};

/// Rewrites of which squawk does not speak.
pub(super) const TABLE_REWRITE: Rule = Rule {
    id: "table-rewrite",
    level: Level::Warning,
    summary: "A table with rows should not be written anew under a lock that keeps readers out.",
    docs: rule_docs!(
        why: "Nobody reads or writes the table until every row and every index has been written.",
        wrong: "VACUUM FULL t;",
        right: "VACUUM t;",
        source: "PostgreSQL documentation, ALTER TABLE (Notes), CLUSTER, VACUUM, REFRESH MATERIALIZED VIEW",
    ),
};

/// Scans of which squawk does not speak.
pub(super) const SCAN_UNDER_LOCK: Rule = Rule {
    id: "scan-under-lock",
    level: Level::Warning,
    summary: "A table with rows should not be read through under a lock that keeps others out.",
    docs: rule_docs!(
        why: "Others wait as long as reading every row takes.",
        wrong: "ALTER TABLE t ADD COLUMN a int CHECK (a > 0);",
        right: "ALTER TABLE t ADD COLUMN a int;",
        source: "PostgreSQL documentation, ALTER TABLE (Notes)",
    ),
};

/// Work while an earlier statement's lock is held.
pub(super) const WORK_UNDER_LOCK: Rule = Rule {
    id: "work-under-lock",
    level: Level::Warning,
    summary: "Slow work should not share a transaction with a statement that keeps others out.",
    docs: rule_docs!(
        why: "A lock is held to the end of its transaction, so others wait for the slow statement too.",
        wrong: "BEGIN;\nALTER TABLE t ADD COLUMN a int;\nUPDATE u SET b = 1;\nCOMMIT;",
        right: "BEGIN;\nALTER TABLE t ADD COLUMN a int;\nCOMMIT;\nUPDATE u SET b = 1;",
        source: "PostgreSQL documentation, Explicit Locking",
    ),
};

/// Writes of a whole table.
pub(super) const UNBATCHED_WRITE: Rule = Rule {
    id: "unbatched-write",
    level: Level::Warning,
    summary: "A migration should not write every row of a table in one transaction.",
    docs: rule_docs!(
        why: "Every row stays locked for other writers to the end, dead rows pile up, and replicas fall behind.",
        wrong: "UPDATE t SET a = 1;",
        right: "UPDATE t SET a = 1 WHERE id BETWEEN 1 AND 10000;",
        source: "PostgreSQL documentation, Explicit Locking (row-level locks) and Routine Vacuuming",
    ),
};

/// Constraints that stay unchecked.
pub(super) const NEVER_VALIDATED: Rule = Rule {
    id: "constraint-never-validated",
    level: Level::Info,
    summary: "A constraint added NOT VALID should be validated by a later migration.",
    docs: rule_docs!(
        why: "Old rows may break it, and the planner does not trust it.",
        wrong: "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;",
        right: "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;\nALTER TABLE t VALIDATE CONSTRAINT c;",
        source: "PostgreSQL documentation, ALTER TABLE, VALIDATE CONSTRAINT",
    ),
};

macro_rules! rules {
    (own: [$($own:ident),* $(,)?], peers: [$(
        $kind:ident $level:ident $id:literal, $summary:literal, $message:literal,
        $why:literal, $wrong:literal => $right:literal;
    )*]) => {
        /// Every rule, the tool's own first.
        pub(super) const RULES: &[Rule] = &[$($own,)* $(rules!(@rule $level $id, $summary, $why, $wrong, $right),)*];

        /// Squawk's rules, in squawk's order.
        pub(super) const PEERS: &[Peer] = &[$(Peer {
            rule: rules!(@rule $level $id, $summary, $why, $wrong, $right),
            message: $message,
            about_locks: rules!(@locks $kind),
        },)*];
    };
    (@rule $level:ident $id:literal, $summary:literal, $why:literal, $wrong:literal, $right:literal) => {
        Rule {
            id: $id,
            level: Level::$level,
            summary: $summary,
            docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: concat!("https://squawkhq.com/docs/", $id)),
        }
    };
    (@locks lock) => { true };
    (@locks plain) => { false };
}

rules! {
    own: [
        SYNTAX_ERROR,
        NESTING_TOO_DEEP,
        FORBIDDEN_IN_TRANSACTION,
        NEEDS_NEWER_VERSION,
        MISSING_OBJECT,
        DUPLICATE_OBJECT,
        REFUSED,
        ENUM_VALUE_USED_TOO_EARLY,
        TABLE_REWRITE,
        SCAN_UNDER_LOCK,
        WORK_UNDER_LOCK,
        UNBATCHED_WRITE,
        NEVER_VALIDATED,
    ],
    peers: [
        lock Warning "require-concurrent-index-creation", "An index on a table in use should be built CONCURRENTLY.",
            "writers wait until this index is built",
            "A plain CREATE INDEX holds SHARE on the table: reads go on, writes wait for the whole build.",
            "CREATE INDEX IF NOT EXISTS i ON t (a);" => "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a);";
        lock Warning "require-concurrent-index-deletion", "An index should be dropped CONCURRENTLY.",
            "readers and writers of the table wait for this drop",
            "A plain DROP INDEX takes ACCESS EXCLUSIVE on the table, and queues behind every running query.",
            "DROP INDEX IF EXISTS i;" => "DROP INDEX CONCURRENTLY IF EXISTS i;";
        lock Warning "constraint-missing-not-valid", "A constraint on a table with rows should be added NOT VALID, then validated in another transaction.",
            "every row is checked while the table is locked",
            "Without NOT VALID the lock lasts for the whole scan; VALIDATE CONSTRAINT later scans without keeping writers out.",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);" => "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;";
        lock Warning "adding-field-with-default", "A new column's default should be the same for every row.",
            "this value is computed for every row, so the table is written anew",
            "Since 11 a steady default costs nothing; a volatile one or a generated column rewrites the table under ACCESS EXCLUSIVE.",
            "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid();" => "ALTER TABLE t ADD COLUMN a int DEFAULT 1;";
        lock Warning "adding-foreign-key-constraint", "A foreign key on a table with rows should be added NOT VALID.",
            "both tables take no writes while every row is looked up",
            "The key locks the table and the one it refers to with SHARE ROW EXCLUSIVE, and keeps them for the whole check.",
            "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id);" => "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (a) REFERENCES u (id) NOT VALID;";
        lock Warning "changing-column-type", "A column's type should not be changed in place.",
            "a new type takes ACCESS EXCLUSIVE, mostly writes every row anew, and may surprise clients",
            "Few changes are free (a longer varchar, varchar to text); the others rewrite the table, and clients that expect the old type fail.",
            "ALTER TABLE t ALTER COLUMN a TYPE bigint;" => "ALTER TABLE t ADD COLUMN a_new bigint;";
        lock Warning "adding-not-nullable-field", "NOT NULL should be set only after a validated check has proven it.",
            "every row is looked at while readers and writers wait",
            "SET NOT NULL scans under ACCESS EXCLUSIVE, unless (12 on) a validated CHECK says the column is filled.",
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL;" => "ALTER TABLE t ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID;";
        lock Warning "adding-serial-primary-key-field", "A primary key should be made from an index that was built CONCURRENTLY.",
            "the key's index is built while readers and writers wait",
            "ADD PRIMARY KEY builds its index under ACCESS EXCLUSIVE.",
            "ALTER TABLE t ADD PRIMARY KEY (id);" => "ALTER TABLE t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey;";
        plain Warning "renaming-column", "A column in use should not be renamed.",
            "clients that run use the old name of this column",
            "Old code and new code run side by side during a release; one of them has the wrong name.",
            "ALTER TABLE t RENAME COLUMN a TO b;" => "ALTER TABLE t ADD COLUMN b int;";
        plain Warning "renaming-table", "A table in use should not be renamed.",
            "clients that run use the old name of this table",
            "Old code and new code run side by side during a release; a view with the old name serves both.",
            "ALTER TABLE t RENAME TO u;" => "CREATE VIEW u AS SELECT * FROM t;";
        lock Warning "disallowed-unique-constraint", "A unique constraint should be made from an index that was built CONCURRENTLY.",
            "the constraint's index is built while readers and writers wait",
            "ADD UNIQUE builds its index under ACCESS EXCLUSIVE.",
            "ALTER TABLE t ADD CONSTRAINT c UNIQUE (a);" => "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX c;";
        plain Warning "ban-drop-database", "A migration should not drop a database.",
            "a whole database is lost",
            "It cannot be undone, and every client of it fails.",
            "DROP DATABASE d;" => "SELECT 1;";
        plain Info "prefer-bigint-over-int", "A number that grows should be a bigint.",
            "this column overflows at 2,147,483,647",
            "Widening the column later rewrites the table; eight bytes cost little now.",
            "CREATE TABLE t (id int);" => "CREATE TABLE t (id bigint);";
        plain Info "prefer-bigint-over-smallint", "A number that grows should be a bigint.",
            "this column overflows at 32,767",
            "Widening the column later rewrites the table, and padding often eats what two bytes save.",
            "CREATE TABLE t (id smallint);" => "CREATE TABLE t (id bigint);";
        plain Info "prefer-identity", "A generated key should be an identity column.",
            "a serial column's sequence has rights and dependencies of its own",
            "Identity is standard SQL, and its sequence cannot be lost or written past by mistake.",
            "CREATE TABLE t (id bigserial);" => "CREATE TABLE t (id bigint GENERATED BY DEFAULT AS IDENTITY);";
        plain Info "prefer-robust-stmts", "A migration that can stop halfway should be able to run again.",
            "running again after a failure stops here",
            "Outside a transaction the statements before a failure stay; IF EXISTS and IF NOT EXISTS let the next run pass them.",
            "CREATE TABLE t (id bigint);" => "CREATE TABLE IF NOT EXISTS t (id bigint);";
        plain Info "prefer-text-field", "A text column should be text, with a check where its length matters.",
            "changing this length later takes ACCESS EXCLUSIVE, and shortening it writes the table anew",
            "A CHECK can be replaced without a rewrite; the length of a varchar often cannot.",
            "CREATE TABLE t (a varchar(20));" => "CREATE TABLE t (a text);";
        plain Info "prefer-timestamp-tz", "A point in time should be timestamptz.",
            "this type keeps no zone: the same moment written from two zones becomes two values",
            "timestamptz stores the moment in UTC, and shows it in the zone of the session.",
            "CREATE TABLE t (a timestamp);" => "CREATE TABLE t (a timestamptz);";
        plain Warning "ban-char-field", "A text column should not be of type char.",
            "char pads with blanks, which comparisons then ignore",
            "It saves no space, and blanks at the end are lost or gained on the way.",
            "CREATE TABLE t (a char(8));" => "CREATE TABLE t (a text);";
        plain Warning "ban-drop-column", "A column should be dropped only after no client reads it.",
            "clients that run may still use this column, and its data is lost",
            "Old code fails at once: ORMs name every column they know.",
            "ALTER TABLE t DROP COLUMN a;" => "ALTER TABLE t ALTER COLUMN a DROP NOT NULL;";
        plain Warning "ban-drop-table", "A table should be dropped only after no client reads it.",
            "clients that run may still use this table, and its data is lost",
            "Old code fails at once, and the rows are gone.",
            "DROP TABLE t;" => "SELECT 1;";
        plain Warning "ban-drop-not-null", "NOT NULL should not be taken from a column that clients trust.",
            "clients that run may not expect NULL here",
            "Old code reads NULL where it has always found a value.",
            "ALTER TABLE t ALTER COLUMN a DROP NOT NULL;" => "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1;";
        plain Warning "transaction-nesting", "A transaction must be begun before it is ended, and once.",
            "no transaction starts or ends where this says so",
            "The server answers with a warning, and the rest runs in another transaction than it seems.",
            "BEGIN;\nBEGIN;\nCOMMIT;" => "BEGIN;\nCOMMIT;";
        plain Warning "adding-required-field", "A new NOT NULL column must have a default.",
            "this fails where the table has a row, and old clients insert without the column",
            "Existing rows have no value for it.",
            "ALTER TABLE t ADD COLUMN a int NOT NULL;" => "ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 0;";
        plain Error "ban-concurrent-index-creation-in-transaction", "An index must be built CONCURRENTLY outside any transaction.",
            "the server refuses CONCURRENTLY within a transaction",
            "The build itself commits several times.",
            "BEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT;" => "CREATE INDEX CONCURRENTLY i ON t (a);";
        plain Info "unused-ignore", "An ignore comment must name rules that exist.",
            "no rule has this name, so nothing is ignored",
            "A misspelt name hides nothing.",
            "-- squawk-ignore no-such-rule\nSELECT 1;" => "-- squawk-ignore ban-drop-table\nDROP TABLE t;";
        plain Warning "ban-create-domain-with-constraint", "A domain should have no constraints.",
            "changing a domain's constraint later checks every table that uses it at once",
            "Tables can be validated one by one; domains cannot.",
            "CREATE DOMAIN d AS text CHECK (value <> '');" => "CREATE DOMAIN d AS text;";
        plain Warning "ban-alter-domain-with-add-constraint", "A domain should be given no constraints.",
            "every table that uses this domain is checked while writers wait",
            "The check holds SHARE on all of them together.",
            "ALTER DOMAIN d ADD CONSTRAINT c CHECK (value > 0);" => "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;";
        plain Warning "ban-truncate-cascade", "TRUNCATE should name every table it empties.",
            "CASCADE also empties every table with a foreign key to this one, and theirs",
            "The set grows with the schema, unseen.",
            "TRUNCATE t CASCADE;" => "TRUNCATE t, u;";
        plain Warning "ban-uncommitted-transaction", "A transaction that is begun must be ended.",
            "this transaction is never committed, so nothing of it stays",
            "The connection closes, and the server rolls back.",
            "BEGIN;\nSELECT 1;" => "BEGIN;\nSELECT 1;\nCOMMIT;";
        plain Info "require-enum-value-ordering", "A new enum value should say where it stands.",
            "this value goes to the end of the enum's order",
            "Comparison and ORDER BY follow the order of the values, which cannot be changed later.",
            "ALTER TYPE e ADD VALUE 'c';" => "ALTER TYPE e ADD VALUE 'c' AFTER 'b';";
        plain Warning "require-table-schema", "A table should be named with its schema.",
            "search_path decides which table this is",
            "The same migration can hit another schema for another role.",
            "CREATE TABLE t (a bigint);" => "CREATE TABLE public.t (a bigint);";
        plain Warning "identifier-too-long", "A name must fit in 63 bytes.",
            "this name is cut to 63 bytes",
            "Two long names can become one, and tools look for the whole.",
            "CREATE TABLE abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghijklmnop (a bigint);" => "CREATE TABLE t (a bigint);";
        lock Warning "require-concurrent-partition-detach", "A partition should be detached CONCURRENTLY.",
            "readers and writers of the whole partitioned table wait for this",
            "A plain DETACH takes ACCESS EXCLUSIVE on the parent (CONCURRENTLY is there from 14 on).",
            "ALTER TABLE t DETACH PARTITION p;" => "ALTER TABLE t DETACH PARTITION p CONCURRENTLY;";
        lock Warning "require-concurrent-reindex", "Indexes should be rebuilt CONCURRENTLY.",
            "writers wait until the indexes are rebuilt, and so do queries that would plan with them",
            "REINDEX holds SHARE on the table and ACCESS EXCLUSIVE on each index (CONCURRENTLY is there from 12 on).",
            "REINDEX TABLE t;" => "REINDEX TABLE CONCURRENTLY t;";
        plain Warning "require-lock-timeout", "A migration should set lock_timeout before it takes locks.",
            "without lock_timeout this waits in the lock queue, and everyone else behind it",
            "One long query is enough: the migration waits for it, and all later queries wait for the migration.",
            "ALTER TABLE t ADD COLUMN a int;" => "SET lock_timeout = '1s';\nALTER TABLE t ADD COLUMN a int;";
        plain Info "require-statement-timeout", "A migration should set statement_timeout before slow statements.",
            "without statement_timeout this may hold its locks for any length of time",
            "A statement that turns out slow is better stopped than waited for.",
            "ALTER TABLE t ADD COLUMN a int;" => "SET statement_timeout = '5s';\nALTER TABLE t ADD COLUMN a int;";
        plain Error "ban-duplicate-column-assignments", "A column must be named once in one statement.",
            "this column is given twice in one statement",
            "The server refuses the statement.",
            "UPDATE t SET a = 1, a = 2 WHERE id = 1;" => "UPDATE t SET a = 2 WHERE id = 1;";
        plain Warning "ban-drop-view", "A view should be dropped only after no client reads it.",
            "clients that run may still use this view",
            "Old code fails at once.",
            "DROP VIEW v;" => "SELECT 1;";
        plain Warning "ban-drop-function", "A function should be dropped only after no client calls it.",
            "clients that run may still call this",
            "Old code fails at once.",
            "DROP FUNCTION f();" => "SELECT 1;";
        plain Warning "ban-drop-type", "A type should be dropped only after no client uses it.",
            "clients that run may still use this type, operator or cast",
            "Old code fails at once.",
            "DROP TYPE e;" => "SELECT 1;";
        plain Warning "ban-drop-default", "A default should stay while clients rely on it.",
            "clients that insert without this column get NULL, or an error",
            "Old code leaves the column to its default.",
            "ALTER TABLE t ALTER COLUMN a DROP DEFAULT;" => "ALTER TABLE t ALTER COLUMN a SET DEFAULT 2;";
        plain Warning "ban-drop-trigger", "A trigger should stay while clients rely on it.",
            "what this trigger did is no longer done",
            "Old code trusts its side effects.",
            "DROP TRIGGER g ON t;" => "SELECT 1;";
        plain Warning "ban-drop-schema", "A schema should be dropped only after no client uses it.",
            "clients that run may still use what stands in this schema",
            "Old code fails at once.",
            "DROP SCHEMA s;" => "SELECT 1;";
        plain Warning "ban-drop-sequence", "A sequence should be dropped only after no client uses it.",
            "clients that run may still draw from this sequence",
            "Old code fails at once.",
            "DROP SEQUENCE s;" => "SELECT 1;";
        plain Warning "ban-drop-domain", "A domain should be dropped only after no client uses it.",
            "clients that run may still use this domain",
            "Old code fails at once.",
            "DROP DOMAIN d;" => "SELECT 1;";
        plain Warning "ban-drop-constraint", "A constraint should stay while clients rely on it.",
            "what this constraint kept out may now come in",
            "Old code trusts what it promised, ON CONFLICT most of all.",
            "ALTER TABLE t DROP CONSTRAINT c;" => "SELECT 1;";
        plain Warning "ban-drop-generated-expression", "A generated column should stay generated while clients rely on it.",
            "clients that run leave this column to be computed",
            "New rows then hold NULL.",
            "ALTER TABLE t ALTER COLUMN a DROP EXPRESSION;" => "SELECT 1;";
        plain Warning "renaming-object", "An object in use should not be renamed.",
            "clients that run use the old name",
            "Old code and new code run side by side during a release; one of them has the wrong name.",
            "ALTER VIEW v RENAME TO w;" => "CREATE VIEW w AS SELECT * FROM t;";
        plain Warning "ban-set-schema", "An object in use should not move to another schema.",
            "clients that run look for it in the old schema",
            "Old code fails at once, unless its search_path happens to have both.",
            "ALTER TABLE t SET SCHEMA s;" => "SELECT 1;";
        plain Warning "ban-alter-identity", "A column's identity should not change while clients rely on it.",
            "inserts that run may start to fail or to draw other values",
            "GENERATED ALWAYS refuses the values that clients give.",
            "ALTER TABLE t ALTER COLUMN id DROP IDENTITY;" => "SELECT 1;";
        plain Warning "ban-drop-extension", "An extension should be dropped only after no client uses it.",
            "its functions, types and operators go with it",
            "Old code fails at once.",
            "DROP EXTENSION hstore;" => "SELECT 1;";
        plain Warning "ban-alter-generated-expression", "A generated column's expression should not change while clients rely on it.",
            "this column gets other values",
            "Old code trusts the old ones; on a stored column every row is written anew.",
            "ALTER TABLE t ALTER COLUMN a SET EXPRESSION AS (b + 1);" => "SELECT 1;";
        plain Warning "ban-drop-index", "An index should stay while queries rely on it.",
            "queries may become slow, and a unique index also kept duplicates out",
            "Nothing fails; it only takes longer.",
            "DROP INDEX CONCURRENTLY IF EXISTS i;" => "SELECT 1;";
        plain Warning "ban-set-default", "A default should not change while clients rely on it.",
            "clients that insert without this column get another value",
            "Old code never said which.",
            "ALTER TABLE t ALTER COLUMN a SET DEFAULT 2;" => "SELECT 1;";
        plain Warning "ban-disable-trigger", "Triggers, rules and row security should not be switched while clients rely on them.",
            "other side effects happen, or other rows are seen, than clients expect",
            "Nothing fails; the data differs.",
            "ALTER TABLE t DISABLE TRIGGER g;" => "SELECT 1;";
        plain Warning "ban-replica-identity", "What is replicated should not change while consumers rely on it.",
            "subscribers get other rows, other keys, or nothing",
            "Updates and deletes may not replicate any more.",
            "ALTER TABLE t REPLICA IDENTITY NOTHING;" => "SELECT 1;";
        plain Warning "ban-drop-policy", "A row security policy should stay while clients rely on it.",
            "other rows become visible, or none",
            "Policies are joined by OR: without one, less is allowed; without a restrictive one, more.",
            "DROP POLICY p ON t;" => "SELECT 1;";
        plain Warning "ban-revoke", "Rights and owners should not change while clients rely on them.",
            "clients that run may lose access",
            "Old code fails at once.",
            "REVOKE SELECT ON t FROM r;" => "GRANT SELECT ON t TO r;";
        plain Warning "ban-replace-view-function", "A view or function in use should not be replaced.",
            "clients that run get what the new one gives",
            "Old code expects the old result.",
            "CREATE OR REPLACE VIEW v AS SELECT 1;" => "CREATE VIEW w AS SELECT 1;";
        plain Warning "ban-alter-policy-condition", "A policy's condition should not change while clients rely on it.",
            "other rows become visible or writable",
            "Old code does not notice.",
            "ALTER POLICY p ON t USING (true);" => "SELECT 1;";
        plain Warning "ban-alter-policy-roles", "A policy's roles should not change while clients rely on them.",
            "other roles see or lose rows",
            "Old code does not notice.",
            "ALTER POLICY p ON t TO r;" => "SELECT 1;";
        plain Warning "ban-create-policy", "A policy should not be added while clients rely on what they see.",
            "other rows become visible or writable",
            "With row security on, one more policy changes every query.",
            "CREATE POLICY p ON t USING (true);" => "SELECT 1;";
        plain Warning "ban-alter-function-options", "A routine's options should not change while clients rely on them.",
            "the routine behaves or is planned in another way",
            "Volatility and security decide what the server may do with it.",
            "ALTER FUNCTION f() IMMUTABLE;" => "SELECT 1;";
        plain Warning "ban-alter-view-options", "A view's options should not change while clients rely on them.",
            "the view checks rights or rows in another way",
            "security_invoker and check_option change who sees and writes what.",
            "ALTER VIEW v SET (security_barrier = true);" => "SELECT 1;";
        plain Warning "ban-alter-role-options", "A role's options should not change while clients log in with it.",
            "sessions of this role may be refused or behave otherwise",
            "It touches every client of the role at its next login.",
            "ALTER ROLE r NOLOGIN;" => "SELECT 1;";
        plain Warning "ban-alter-database-options", "A database's options should not change while clients use it.",
            "every new session of the database behaves otherwise",
            "It touches every client at its next login.",
            "ALTER DATABASE d SET timezone = 'UTC';" => "SELECT 1;";
        plain Warning "ban-alter-row-level-security", "Row security should not be switched while clients rely on what they see.",
            "other rows become visible, or none",
            "Without a policy, row security shows nothing.",
            "ALTER TABLE t ENABLE ROW LEVEL SECURITY;" => "SELECT 1;";
        plain Warning "ban-new-write-restriction", "A table in use should not start to refuse writes.",
            "writes that clients make today may be refused",
            "NOT VALID spares old rows only, never new ones.",
            "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID;" => "CREATE TABLE u (a bigint CHECK (a > 0));";
        plain Warning "ban-add-enum-value", "An enum in use should not gain values.",
            "clients that run may read a value they do not know",
            "Generated types in clients fail on it.",
            "ALTER TYPE e ADD VALUE 'c' AFTER 'b';" => "CREATE TYPE e AS ENUM ('a');";
        plain Warning "ban-add-composite-attribute", "A composite type in use should not gain attributes.",
            "clients that run read values of another shape",
            "Positional readers fail on it.",
            "ALTER TYPE c ADD ATTRIBUTE a int;" => "SELECT 1;";
        plain Warning "ban-add-column", "A table in use should not gain columns.",
            "clients that run read rows of another shape",
            "SELECT * and INSERT without a column list depend on it.",
            "ALTER TABLE t ADD COLUMN a bigint;" => "CREATE TABLE u (a bigint);";
        plain Warning "ban-detach-inheritance", "A partition or child should not be taken from a table in use.",
            "clients of the parent lose these rows",
            "Nothing fails; the rows are only elsewhere.",
            "ALTER TABLE t NO INHERIT p;" => "SELECT 1;";
        plain Warning "ban-alter-sequence-values", "A sequence in use should not change its values.",
            "clients that run draw other values, perhaps some that are taken",
            "RESTART and INCREMENT lead to duplicates.",
            "ALTER SEQUENCE s RESTART;" => "CREATE SEQUENCE s;";
        plain Warning "ban-alter-system-options", "A migration should not change the server's configuration.",
            "every database of the server behaves otherwise",
            "It reaches far beyond this database.",
            "ALTER SYSTEM SET work_mem = '1GB';" => "SET work_mem = '1GB';";
        plain Warning "ban-alter-extension", "An extension should not be updated while clients rely on it.",
            "its functions and types become those of another version",
            "Old code expects the old ones.",
            "ALTER EXTENSION hstore UPDATE;" => "SELECT 1;";
    ]
}

/// What is known of a rule of squawk.
pub(super) fn peer(id: &str) -> Option<&'static Peer> {
    PEERS.iter().find(|peer| peer.rule.id == id)
}
