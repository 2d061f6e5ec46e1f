//! What can be wrong with a plan: the tool's own rules.

use crate::support::rules::rule;
use octavo_toolkit::Rule;

rule!(
    NOT_A_PLAN,
    "not-a-plan",
    Error,
    "The text is the output of EXPLAIN.",
    "Nothing can be said of a text in which no plan is found.",
    "SELECT 1;",
    "Result  (cost=0.00..0.01 rows=1 width=4)",
    "PostgreSQL documentation, EXPLAIN; MySQL reference manual, EXPLAIN"
);
rule!(
    NOT_ANALYZED,
    "not-analyzed",
    Info,
    "A plan is judged by what happened, so it is taken with ANALYZE.",
    "Without ANALYZE a plan shows what the planner expects: neither times nor true row counts.",
    "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)",
    "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1)",
    "PostgreSQL documentation, Using EXPLAIN"
);
rule!(
    ROW_MISESTIMATE,
    "row-misestimate",
    Warning,
    "The planner's row counts are right within a factor of ten.",
    "The planner chooses joins and their order by these counts; where they first go wrong, everything above is chosen on sand.",
    "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..9.000 rows=90000 loops=1)",
    "Seq Scan on t  (cost=0.00..1.00 rows=80000 width=4) (actual time=0.010..9.000 rows=90000 loops=1)",
    "PostgreSQL documentation, Statistics Used by the Planner"
);
rule!(
    ROWS_REMOVED,
    "rows-removed-by-filter",
    Warning,
    "A scan does not read many rows only to throw most of them away.",
    "Rows that a filter removes were read for nothing; an index on the filtered columns reads only those wanted.",
    "Seq Scan on t  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Filter: (a = 1)\n  Rows Removed by Filter: 90000",
    "Index Scan using t_a on t  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..0.100 rows=10 loops=1)\n  Index Cond: (a = 1)",
    "PostgreSQL documentation, Using EXPLAIN"
);
rule!(
    JOIN_FILTER,
    "rows-removed-by-join-filter",
    Warning,
    "A join does not compare many pairs only to throw most of them away.",
    "A nested loop with a filter looks at every pair of rows; an equality that can be hashed or indexed looks at few.",
    "Nested Loop  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Join Filter: (a.x > b.y)\n  Rows Removed by Join Filter: 90000",
    "Hash Join  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Hash Cond: (a.x = b.y)",
    "PostgreSQL documentation, Using EXPLAIN"
);
rule!(
    SORT_SPILL,
    "sort-on-disk",
    Warning,
    "Sorts fit in memory.",
    "A sort that does not fit in work_mem writes its rows to temporary files and merges them.",
    "Sort  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Sort Key: a\n  Sort Method: external merge  Disk: 12360kB",
    "Sort  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Sort Key: a\n  Sort Method: quicksort  Memory: 123kB",
    "PostgreSQL documentation, work_mem"
);
rule!(
    HASH_SPILL,
    "hash-in-batches",
    Warning,
    "Hash tables fit in memory.",
    "A hash that does not fit in work_mem times hash_mem_multiplier is split into batches, which go through temporary files.",
    "Hash  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Buckets: 65536  Batches: 16  Memory Usage: 3073kB",
    "Hash  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Buckets: 65536  Batches: 1  Memory Usage: 3073kB",
    "PostgreSQL documentation, hash_mem_multiplier"
);
rule!(
    AGGREGATE_SPILL,
    "aggregate-on-disk",
    Warning,
    "Hashed groups fit in memory.",
    "A hash aggregate beyond its memory writes groups to disk and comes back to them.",
    "HashAggregate  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Batches: 21  Memory Usage: 8241kB  Disk Usage: 3752kB",
    "HashAggregate  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Batches: 1  Memory Usage: 24kB",
    "PostgreSQL documentation, hash_mem_multiplier"
);
rule!(
    LOSSY_BITMAP,
    "lossy-bitmap",
    Warning,
    "A bitmap remembers rows, not whole pages.",
    "A bitmap that outgrows work_mem remembers pages, and every row on them is checked again.",
    "Bitmap Heap Scan on t  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Heap Blocks: exact=5 lossy=900",
    "Bitmap Heap Scan on t  (cost=0.00..1.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Heap Blocks: exact=905",
    "PostgreSQL documentation, Combining Multiple Indexes"
);
rule!(
    HEAP_FETCHES,
    "heap-fetches",
    Warning,
    "An index-only scan needs the table for few rows.",
    "Pages that are not marked all-visible must be read from the table too; VACUUM marks them.",
    "Index Only Scan using i on t  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..9.000 rows=9000 loops=1)\n  Heap Fetches: 8000",
    "Index Only Scan using i on t  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..9.000 rows=9000 loops=1)\n  Heap Fetches: 0",
    "PostgreSQL documentation, Index-Only Scans"
);
rule!(
    MANY_LOOPS,
    "many-loops",
    Warning,
    "What is run for every row of the other side is cheap.",
    "A node's times are printed for one loop: multiplied by the loops, a cheap look-up can be most of a query.",
    "Nested Loop  (cost=0.00..9.00 rows=9000 width=4) (actual time=0.010..90.000 rows=9000 loops=1)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..1.000 rows=9000 loops=1)\n  ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.009..0.009 rows=1 loops=9000)",
    "Hash Join  (cost=0.00..9.00 rows=9000 width=4) (actual time=0.010..9.000 rows=9000 loops=1)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..1.000 rows=9000 loops=1)\n  ->  Hash  (cost=0.00..1.00 rows=9000 width=4) (actual time=2.000..2.000 rows=9000 loops=1)",
    "PostgreSQL documentation, Using EXPLAIN"
);
rule!(
    REPEATED_SCAN,
    "repeated-full-scan",
    Warning,
    "A table is not read whole for every row of another.",
    "A sequential scan in the inner side of a nested loop or in a subplan reads the table once a loop.",
    "Nested Loop  (cost=0.00..9.00 rows=9000 width=4) (actual time=0.010..90.000 rows=9000 loops=1)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..1.000 rows=9000 loops=1)\n  ->  Seq Scan on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.001..0.009 rows=1 loops=9000)\n        Filter: (a.x = x)\n        Rows Removed by Filter: 100",
    "Nested Loop  (cost=0.00..9.00 rows=9000 width=4) (actual time=0.010..90.000 rows=9000 loops=1)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..1.000 rows=9000 loops=1)\n  ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.001..0.009 rows=1 loops=9000)",
    "PostgreSQL documentation, Using EXPLAIN"
);
rule!(
    CARTESIAN,
    "cartesian-product",
    Warning,
    "Two tables are joined on something.",
    "A nested loop without a condition pairs every row of one side with every row of the other; most often a condition was forgotten.",
    "Nested Loop  (cost=0.00..9.00 rows=10000 width=4) (actual time=0.010..90.000 rows=10000 loops=1)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=100 width=4) (actual time=0.010..1.000 rows=100 loops=1)\n  ->  Materialize  (cost=0.00..1.00 rows=100 width=4) (actual time=0.000..0.100 rows=100 loops=100)\n        ->  Seq Scan on b  (cost=0.00..1.00 rows=100 width=4) (actual time=0.010..0.100 rows=100 loops=1)",
    "Nested Loop  (cost=0.00..9.00 rows=10000 width=4) (actual time=0.010..90.000 rows=10000 loops=1)\n  Join Filter: (a.x > b.x)\n  ->  Seq Scan on a  (cost=0.00..1.00 rows=100 width=4) (actual time=0.010..1.000 rows=100 loops=1)\n  ->  Materialize  (cost=0.00..1.00 rows=100 width=4) (actual time=0.000..0.100 rows=100 loops=100)\n        ->  Seq Scan on b  (cost=0.00..1.00 rows=100 width=4) (actual time=0.010..0.100 rows=100 loops=1)",
    "PostgreSQL documentation, Controlling the Planner with Explicit JOIN Clauses"
);
rule!(
    JIT_SHARE,
    "jit-time",
    Warning,
    "Compiling takes less time than it saves.",
    "JIT starts by the estimated cost, so a plan that is estimated too costly, or that has many partitions, compiles for longer than it runs.",
    "Result  (cost=0.00..900000.00 rows=1 width=4) (actual time=80.000..90.000 rows=1 loops=1)\nJIT:\n  Functions: 3\n  Timing: Generation 1.000 ms, Inlining 9.000 ms, Optimization 20.000 ms, Emission 40.000 ms, Total 70.000 ms\nExecution Time: 100.000 ms",
    "Result  (cost=0.00..900000.00 rows=1 width=4) (actual time=8.000..90.000 rows=1 loops=1)\nJIT:\n  Functions: 3\n  Timing: Generation 1.000 ms, Inlining 0.000 ms, Optimization 1.000 ms, Emission 1.000 ms, Total 3.000 ms\nExecution Time: 100.000 ms",
    "PostgreSQL documentation, When to JIT?"
);
rule!(
    WORKERS_MISSING,
    "workers-not-launched",
    Warning,
    "The workers that were planned are launched.",
    "With fewer workers than planned the rest do their work too; max_parallel_workers or max_worker_processes was used up.",
    "Gather  (cost=0.00..9.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Workers Planned: 4\n  Workers Launched: 1",
    "Gather  (cost=0.00..9.00 rows=10 width=4) (actual time=0.010..9.000 rows=10 loops=1)\n  Workers Planned: 4\n  Workers Launched: 4",
    "PostgreSQL documentation, How Parallel Query Works"
);
rule!(
    TRIGGER_TIME,
    "trigger-time",
    Warning,
    "Triggers take a small part of a statement.",
    "Checks of foreign keys run as triggers once a row; without an index on the referencing column each reads its table whole.",
    "Delete on a  (cost=0.00..9.00 rows=0 width=0) (actual time=1.000..1.000 rows=0 loops=1)\nTrigger for constraint b_a_fkey: time=900.000 calls=500\nExecution Time: 902.000 ms",
    "Delete on a  (cost=0.00..9.00 rows=0 width=0) (actual time=1.000..1.000 rows=0 loops=1)\nTrigger for constraint b_a_fkey: time=0.010 calls=500\nExecution Time: 9.000 ms",
    "PostgreSQL documentation, Foreign Keys"
);
rule!(
    PLANNING_TIME,
    "planning-time",
    Warning,
    "Planning takes less time than running.",
    "Many partitions, joins or indexes make a plan costly to find; prepared statements keep it.",
    "Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1)\nPlanning Time: 90.000 ms\nExecution Time: 1.000 ms",
    "Result  (cost=0.00..0.01 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1)\nPlanning Time: 0.100 ms\nExecution Time: 1.000 ms",
    "PostgreSQL documentation, PREPARE"
);
rule!(
    IO_TIME,
    "io-time",
    Info,
    "A node does not wait for storage most of the time.",
    "What is read from disk was not in the shared buffers; the next run may be faster, and so may a narrower read.",
    "Seq Scan on t  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..90.000 rows=9000 loops=1)\n  Buffers: shared read=900\n  I/O Timings: shared read=80.000",
    "Seq Scan on t  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..90.000 rows=9000 loops=1)\n  Buffers: shared hit=900",
    "PostgreSQL documentation, track_io_timing"
);
rule!(
    DISABLED_NODE,
    "disabled-node",
    Info,
    "A plan holds nothing that a setting forbids.",
    "A node that an enable_ setting forbids is there because there was no other way; its cost has been raised, so figures of cost mislead.",
    "Seq Scan on t  (cost=10000000000.00..10000000035.50 rows=2550 width=4)",
    "Seq Scan on t  (cost=0.00..35.50 rows=2550 width=4)",
    "PostgreSQL documentation, Planner Method Configuration"
);
rule!(
    FULL_SCAN,
    "full-table-scan",
    Warning,
    "A condition on many rows is answered by an index.",
    "access_type ALL reads every row of the table and then looks at the condition.",
    r#"{"query_block": {"table": {"table_name": "t", "access_type": "ALL", "rows_examined_per_scan": 90000, "filtered": "1.00", "attached_condition": "(a = 1)"}}}"#,
    r#"{"query_block": {"table": {"table_name": "t", "access_type": "ref", "key": "a", "rows_examined_per_scan": 9, "filtered": "100.00"}}}"#,
    "MySQL reference manual, EXPLAIN Output Format"
);
rule!(
    FILESORT,
    "filesort",
    Info,
    "Rows come out of an index in the order asked for.",
    "A filesort gathers all rows before the first can be given; with a LIMIT an index in that order reads only a few.",
    r#"{"query_block": {"ordering_operation": {"using_filesort": true, "table": {"table_name": "t", "access_type": "ref"}}}}"#,
    r#"{"query_block": {"ordering_operation": {"using_filesort": false, "table": {"table_name": "t", "access_type": "ref"}}}}"#,
    "MySQL reference manual, ORDER BY Optimization"
);
rule!(
    TEMPORARY,
    "temporary-table",
    Info,
    "Groups are formed without a temporary table.",
    "GROUP BY and DISTINCT that no index orders write their rows into a temporary table first.",
    r#"{"query_block": {"grouping_operation": {"using_temporary_table": true, "table": {"table_name": "t", "access_type": "ref"}}}}"#,
    r#"{"query_block": {"grouping_operation": {"using_filesort": false, "table": {"table_name": "t", "access_type": "ref"}}}}"#,
    "MySQL reference manual, GROUP BY Optimization"
);
rule!(
    JOIN_BUFFER,
    "join-buffer",
    Warning,
    "Joined tables are looked up by an index.",
    "A join buffer stands in for a missing index: the table is read whole for each filling of it, or hashed.",
    r#"{"query_block": {"nested_loop": [{"table": {"table_name": "a", "access_type": "ref"}}, {"table": {"table_name": "b", "access_type": "ALL", "using_join_buffer": "hash join"}}]}}"#,
    r#"{"query_block": {"nested_loop": [{"table": {"table_name": "a", "access_type": "ref"}}, {"table": {"table_name": "b", "access_type": "eq_ref", "key": "PRIMARY"}}]}}"#,
    "MySQL reference manual, Hash Join Optimization"
);
rule!(
    DEPENDENT,
    "dependent-subquery",
    Warning,
    "A subquery is not run for every row.",
    "A dependent subquery runs anew for each row of the outer query; a join, or a derived table, runs once.",
    r#"{"query_block": {"table": {"table_name": "a", "access_type": "ref"}, "attached_subqueries": [{"dependent": true, "cacheable": false, "query_block": {"table": {"table_name": "b", "access_type": "ref"}}}]}}"#,
    r#"{"query_block": {"table": {"table_name": "a", "access_type": "ref"}, "attached_subqueries": [{"dependent": false, "cacheable": true, "query_block": {"table": {"table_name": "b", "access_type": "ref"}}}]}}"#,
    "MySQL reference manual, Optimizing Subqueries"
);
rule!(
    SLOWER,
    "plan-slower",
    Warning,
    "The new plan is not slower than the one before.",
    "A plan that got slower by more than a fifth is more than noise; what changed is in `data.comparison`.",
    "Seq Scan on t  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..90.000 rows=9000 loops=1)\nExecution Time: 99.000 ms",
    "Seq Scan on t  (cost=0.00..1.00 rows=9000 width=4) (actual time=0.010..9.000 rows=9000 loops=1)\nExecution Time: 9.000 ms",
    "This tool"
);

/// All of them.
pub(super) const RULES: &[Rule] = &[
    NOT_A_PLAN,
    NOT_ANALYZED,
    ROW_MISESTIMATE,
    ROWS_REMOVED,
    JOIN_FILTER,
    SORT_SPILL,
    HASH_SPILL,
    AGGREGATE_SPILL,
    LOSSY_BITMAP,
    HEAP_FETCHES,
    MANY_LOOPS,
    REPEATED_SCAN,
    CARTESIAN,
    JIT_SHARE,
    WORKERS_MISSING,
    TRIGGER_TIME,
    PLANNING_TIME,
    IO_TIME,
    DISABLED_NODE,
    FULL_SCAN,
    FILESORT,
    TEMPORARY,
    JOIN_BUFFER,
    DEPENDENT,
    SLOWER,
];
