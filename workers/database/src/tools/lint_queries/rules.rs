//! What can be wrong with a query: sqlfluff's rules under their codes, and the tool's own.

use crate::support::rules::rule;
use octavo_toolkit::Rule;

rule!(
    SYNTAX,
    "query-syntax",
    Error,
    "Every query can be read.",
    "A query that cannot be read is not checked.",
    "SELECT FROM WHERE;",
    "SELECT 1;",
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
    UNKNOWN_TABLE,
    "unknown-table",
    Error,
    "A query reads tables that are there.",
    "The query fails.",
    "SELECT id FROM order_lines;",
    "SELECT id FROM orders;",
    "PostgreSQL error 42P01"
);
rule!(
    UNKNOWN_COLUMN,
    "unknown-column",
    Error,
    "A query names columns that are there.",
    "The query fails.",
    "SELECT totl FROM orders;",
    "SELECT total FROM orders;",
    "PostgreSQL error 42703"
);
rule!(
    AMBIGUOUS,
    "ambiguous-column",
    Error,
    "A name means one column.",
    "The query fails; if it does not today, it does when another table gets such a column.",
    "SELECT id FROM orders JOIN users ON users.id = orders.user_id;",
    "SELECT orders.id FROM orders JOIN users ON users.id = orders.user_id;",
    "PostgreSQL error 42702"
);
rule!(
    UNGROUPED,
    "ungrouped-column",
    Error,
    "Beside aggregates, columns are grouped by.",
    "A group has many values of the column; PostgreSQL refuses, others pick one.",
    "SELECT user_id, total, count(*) FROM orders GROUP BY user_id;",
    "SELECT user_id, max(total), count(*) FROM orders GROUP BY user_id;",
    "PostgreSQL error 42803"
);
rule!(
    TYPE,
    "type-mismatch",
    Error,
    "What is compared or combined has types that go together.",
    "The query fails.",
    "SELECT id FROM orders WHERE note > 5;",
    "SELECT id FROM orders WHERE total > 5;",
    "PostgreSQL errors 42883 and 42804"
);
rule!(
    COUNT,
    "column-count",
    Error,
    "Both sides have as many columns.",
    "The query fails.",
    "SELECT id FROM orders UNION ALL SELECT id, name FROM users;",
    "SELECT id FROM orders UNION ALL SELECT id FROM users;",
    "PostgreSQL error 42601"
);
rule!(
    DOUBLE_ALIAS,
    "AL04",
    Error,
    "Each table of a query has a name of its own.",
    "The query fails, or a name means either.",
    "SELECT 1 FROM orders o JOIN users o ON true;",
    "SELECT 1 FROM orders o JOIN users u ON true;",
    "sqlfluff AL04, aliasing.unique.table"
);
rule!(
    DOUBLE_COLUMN,
    "AL08",
    Warning,
    "Each column of a result has a name of its own.",
    "Drivers that give rows by name keep only one of them.",
    "SELECT id AS a, total AS a FROM orders;",
    "SELECT id AS a, total AS b FROM orders;",
    "sqlfluff AL08, aliasing.unique.column"
);
rule!(
    DISTINCT_GROUP,
    "AM01",
    Warning,
    "DISTINCT does not stand with GROUP BY.",
    "Groups are distinct already; one of the two was meant for something else.",
    "SELECT DISTINCT user_id FROM orders GROUP BY user_id;",
    "SELECT user_id FROM orders GROUP BY user_id;",
    "sqlfluff AM01, ambiguous.distinct"
);
rule!(
    BARE_UNION,
    "AM02",
    Info,
    "UNION says whether doubles stay.",
    "UNION alone sorts or hashes all rows to take doubles out; where there are none, UNION ALL does nothing.",
    "SELECT id FROM orders UNION SELECT id FROM users;",
    "SELECT id FROM orders UNION ALL SELECT id FROM users;",
    "sqlfluff AM02, ambiguous.union"
);
rule!(
    BARE_JOIN,
    "AM08",
    Warning,
    "A join has a condition.",
    "Without one, every row meets every row.",
    "SELECT orders.id FROM orders JOIN users;",
    "SELECT orders.id FROM orders CROSS JOIN users;",
    "sqlfluff AM08, ambiguous.join_condition"
);
rule!(
    EQUALS_NULL,
    "CV05",
    Error,
    "NULL is looked for with IS.",
    "A comparison with NULL is never true, so the condition keeps no row.",
    "SELECT id FROM orders WHERE note = NULL;",
    "SELECT id FROM orders WHERE note IS NULL;",
    "sqlfluff CV05, convention.is_null"
);
rule!(
    UNQUALIFIED,
    "RF02",
    Info,
    "With several tables, columns say theirs.",
    "A reader cannot tell whose column it is, and a new column elsewhere makes it ambiguous.",
    "SELECT total FROM orders JOIN users ON users.id = orders.user_id;",
    "SELECT orders.total FROM orders JOIN users ON users.id = orders.user_id;",
    "sqlfluff RF02, references.qualification"
);
rule!(
    ELSE_NULL,
    "ST01",
    Info,
    "CASE does not say ELSE NULL.",
    "It is NULL without saying so.",
    "SELECT CASE WHEN total > 5 THEN 1 ELSE NULL END FROM orders;",
    "SELECT CASE WHEN total > 5 THEN 1 END FROM orders;",
    "sqlfluff ST01, structure.else_null"
);
rule!(
    UNUSED_CTE,
    "ST03",
    Warning,
    "Every named query is used.",
    "It is left from an earlier version, or its name is mistyped where it was meant.",
    "WITH a AS (SELECT 1) SELECT 2;",
    "WITH a AS (SELECT 1) SELECT * FROM a;",
    "sqlfluff ST03, structure.unused_cte"
);
rule!(
    DISTINCT_BRACKETS,
    "ST08",
    Info,
    "DISTINCT has no brackets.",
    "It is no function: it takes doubles out of whole rows, not of what is in the brackets.",
    "SELECT DISTINCT (user_id), total FROM orders;",
    "SELECT DISTINCT user_id, total FROM orders;",
    "sqlfluff ST08, structure.distinct"
);
rule!(
    NOT_IN_NULL,
    "not-in-null",
    Warning,
    "NOT IN looks at no NULL.",
    "One NULL among the values makes NOT IN unknown for every row that is not among them: the query gives nothing.",
    "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders);",
    "SELECT id FROM users WHERE NOT EXISTS (SELECT 1 FROM orders WHERE orders.user_id = users.id);",
    "PostgreSQL wiki, Don't Do This: NOT IN"
);
rule!(
    OUTER_UNDONE,
    "outer-join-undone",
    Warning,
    "A condition does not take away what an outer join keeps.",
    "Rows without a partner have NULL there, and the condition is not true of them: the join is an inner one.",
    "SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id WHERE o.total > 5;",
    "SELECT u.id FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.total > 5;",
    "This tool"
);
rule!(
    NOT_SARGABLE,
    "non-sargable",
    Warning,
    "An indexed column is compared as it is.",
    "An index holds values of the column, not of what is computed from it: the table is read whole.",
    "SELECT id FROM orders WHERE placed::date = '2024-05-01';",
    "SELECT id FROM orders WHERE placed >= '2024-05-01' AND placed < '2024-05-02';",
    "Use The Index, Luke: functions in WHERE"
);
rule!(
    LEADING_WILDCARD,
    "leading-wildcard",
    Warning,
    "A pattern on an indexed column begins with text.",
    "A B-tree finds beginnings only; with a wildcard first the table is read whole. Trigram or full-text indexes can help.",
    "SELECT id FROM users WHERE name LIKE '%son';",
    "SELECT id FROM users WHERE name LIKE 'son%';",
    "Use The Index, Luke: LIKE"
);
rule!(
    CROSS_JOIN,
    "accidental-cross-join",
    Warning,
    "Tables of a query are connected.",
    "No condition leads from one to the other: every row meets every row. CROSS JOIN says so where it is meant.",
    "SELECT orders.id FROM orders, users WHERE orders.total > 5;",
    "SELECT orders.id FROM orders, users WHERE orders.user_id = users.id;",
    "This tool"
);
rule!(
    NO_WHERE,
    "change-without-where",
    Warning,
    "A change says which rows.",
    "All rows of the table are changed.",
    "DELETE FROM orders;",
    "DELETE FROM orders WHERE id = 5;",
    "This tool"
);
rule!(
    LIMIT_WITHOUT_ORDER,
    "limit-without-order",
    Info,
    "LIMIT stands with ORDER BY.",
    "Which rows come is left to chance, and pages overlap.",
    "SELECT id FROM orders LIMIT 10;",
    "SELECT id FROM orders ORDER BY id LIMIT 10;",
    "PostgreSQL documentation, LIMIT and OFFSET"
);
rule!(
    INJECTION,
    "B608",
    Error,
    "Values reach SQL as parameters.",
    "A value that is put into the text can end the text and go on as SQL.",
    "CREATE FUNCTION f(t text) RETURNS void AS $$ BEGIN EXECUTE 'DELETE FROM orders WHERE note = ''' || t || ''''; END $$ LANGUAGE plpgsql;",
    "CREATE FUNCTION f(t text) RETURNS void AS $$ BEGIN EXECUTE 'DELETE FROM orders WHERE note = $1' USING t; END $$ LANGUAGE plpgsql;",
    "Bandit B608, hardcoded SQL expressions; CWE-89"
);

/// Every rule, in the order of their pages.
pub(super) const RULES: &[Rule] = &[
    SYNTAX,
    NESTING,
    UNKNOWN_TABLE,
    UNKNOWN_COLUMN,
    AMBIGUOUS,
    UNGROUPED,
    TYPE,
    COUNT,
    DOUBLE_ALIAS,
    DOUBLE_COLUMN,
    DISTINCT_GROUP,
    BARE_UNION,
    BARE_JOIN,
    EQUALS_NULL,
    UNQUALIFIED,
    ELSE_NULL,
    UNUSED_CTE,
    DISTINCT_BRACKETS,
    NOT_IN_NULL,
    OUTER_UNDONE,
    NOT_SARGABLE,
    LEADING_WILDCARD,
    CROSS_JOIN,
    NO_WHERE,
    LIMIT_WITHOUT_ORDER,
    INJECTION,
];
