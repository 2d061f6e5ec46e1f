// Workloads that others wrote, on tables filled here: TPC-H and TPC-DS as sqlglot has them, pgbench's scripts, the cases of
// Supabase's index_advisor. What is in a table is made by its columns' names and types, the same each time.
import { corpora } from "./_queries.mjs";

const TPCH = { lineitem: 200000, orders: 50000, partsupp: 27000, part: 7000, customer: 5000, supplier: 400, nation: 25, region: 5 };
const TPCDS = { store_sales: 150000, catalog_sales: 80000, web_sales: 40000, inventory: 150000, store_returns: 15000, catalog_returns: 8000, web_returns: 4000, date_dim: 73000, time_dim: 86400, customer: 20000, customer_address: 10000, customer_demographics: 50000, household_demographics: 7200, item: 6000 };
const BENCH = `CREATE TABLE pgbench_accounts (aid int NOT NULL, bid int, abalance int, filler char(84));
CREATE TABLE pgbench_branches (bid int NOT NULL, bbalance int, filler char(88));
CREATE TABLE pgbench_tellers (tid int NOT NULL, bid int, tbalance int, filler char(84));
CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));`;
const BENCHED = [
  "UPDATE pgbench_accounts SET abalance = abalance + 5 WHERE aid = 4711",
  "SELECT abalance FROM pgbench_accounts WHERE aid = 4711",
  "UPDATE pgbench_tellers SET tbalance = tbalance + 5 WHERE tid = 71",
  "UPDATE pgbench_branches SET bbalance = bbalance + 5 WHERE bid = 7",
];
const BOOKS = `CREATE TABLE author (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE publisher (id int PRIMARY KEY, name text NOT NULL, corporate_address text);
CREATE TABLE book (id int PRIMARY KEY, author_id int NOT NULL REFERENCES author (id), publisher_id int NOT NULL REFERENCES publisher (id), title text);
CREATE TABLE review (id int PRIMARY KEY, book_id int REFERENCES book (id), body text NOT NULL);`;
const READ = [
  "select book.id, book.title, publisher.name as publisher_name, author.name as author_name, review.body as review_body from book join publisher on book.publisher_id = publisher.id join author on book.author_id = author.id join review on book.id = review.book_id where author.id = 17 and publisher.id = 3",
  "select book.id, book.title from book where title = 'x'",
  "select * from book where id = 5",
  "select * from book where author_id = 55",
  "select * from review where book_id = 5 order by id limit 10",
];

/** How a column is filled; `rows` by table, `firsts` the tables by the end of their first column's name. */
function filler(table, column, type, first, rows, firsts) {
  const some = (count) => `floor(random() * ${count})::int`;
  const bare = column.replace(/^[a-z]+_/, "");
  if (/int/.test(type)) {
    if (first && /(key|_sk|id)$/.test(column)) return "i";
    const parent = Object.keys(firsts).sort((a, b) => b.length - a.length).find((end) => bare.endsWith(end));
    if (parent) return `1 + ${some(Math.max(1, rows[firsts[parent]]))}`;
    if (/year/.test(bare)) return table === "date_dim" ? "1900 + i / 366" : `1998 + ${some(6)}`;
    if (/moy|month$/.test(bare)) return `1 + ${some(12)}`;
    if (/dom|day$/.test(bare)) return `1 + ${some(28)}`;
    if (/month_seq/.test(bare)) return "i / 30";
    if (/hour/.test(bare)) return `${some(24)}`;
    if (/quantity|size|qty/.test(bare)) return `1 + ${some(50)}`;
    return some(1000);
  }
  if (/numeric|decimal|double|real|float/.test(type)) return "round((random() * 1000)::numeric, 2)";
  if (/date/.test(type)) return table === "date_dim" ? "date '1900-01-02' + i" : `date '1992-01-01' + ${some(2500)}`;
  if (/time/.test(type)) return `timestamp '2020-01-01' + random() * interval '1000 days'`;
  if (/text|char/.test(type)) {
    if (/name|address|comment|phone|street|title|body|email|_id$|desc/.test(bare) || /_id$/.test(column)) return `'v' || ${some(Math.max(1, Math.ceil(rows[table] * 0.7)))}`;
    return /char\(1\)/.test(type) ? `chr(65 + ${some(3)})` : `'v' || ${some(25)}`;
  }
  return "null";
}

/** `{name, schema, fill, queries}` each: fill is one INSERT a table. */
export function workloads() {
  const [tpch, tpcds] = corpora();
  const keyed = (schema, keys) => schema.replace(/CREATE TABLE (\w+) \((\w+) ([^,]+),/g, (whole, table, column, type) => (keys.includes(table) ? `CREATE TABLE ${table} (${column} ${type} PRIMARY KEY,` : whole));
  const list = [];
  const add = (name, schema, sizes, queries) => {
    const tables = [...schema.matchAll(/CREATE TABLE (\w+) \(([\s\S]*?)\);/g)].map(([, table, body]) => [
      table,
      body.split(/,\s*(?![^(]*\))/).map((text) => /^\s*(\w+) ([a-z]+(?:\s*\(\d+(?:,\s*\d+)?\))?(?: precision)?)/.exec(text)).filter(Boolean).map(([, column, type]) => [column, type]),
    ]);
    const rows = Object.fromEntries(tables.map(([table]) => [table, sizes[table] ?? 60]));
    const firsts = Object.fromEntries(tables.filter(([, [[first]]]) => /(key|_sk|id)$/.test(first)).map(([table, [[first]]]) => [first === "id" ? `${table}_id` : first.replace(/^[a-z]+_/, ""), table]));
    const fill = tables.map(([table, columns]) => `INSERT INTO ${table} SELECT ${columns.map(([column, type], at) => `(${filler(table, column, type, at === 0, rows, firsts)})::${type}`).join(", ")} FROM generate_series(1, ${rows[table]}) i`);
    list.push({ name, schema, fill, queries });
  };
  if (tpch) {
    add("TPC-H without keys", tpch.schema, TPCH, tpch.queries);
    add("TPC-H with primary keys", keyed(tpch.schema, ["orders", "part", "customer", "supplier", "nation", "region"]), TPCH, tpch.queries);
    add("TPC-DS without keys", tpcds.schema, TPCDS, tpcds.queries);
    const dimensions = [...tpcds.schema.matchAll(/CREATE TABLE (\w+) \((\w+_sk) /g)].map(([, table]) => table).filter((table) => !/sales|returns|inventory/.test(table));
    add("TPC-DS with primary keys", keyed(tpcds.schema, dimensions), TPCDS, tpcds.queries);
  }
  const named = (queries) => queries.map((sql, at) => ({ name: `query ${at + 1}`, sql }));
  add("pgbench", BENCH, { pgbench_accounts: 100000, pgbench_branches: 1000, pgbench_tellers: 10000, pgbench_history: 50000 }, named(BENCHED));
  add("index_advisor's books", BOOKS, { author: 5000, publisher: 500, book: 50000, review: 120000 }, named(READ));
  return list;
}
