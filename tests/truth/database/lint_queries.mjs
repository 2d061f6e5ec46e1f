// Names and types of queries against PostgreSQL: each query runs on empty tables of a server of our own, which says the columns of
// the result with their types, or what is wrong. Rules of sqlfluff against sqlfluff, by rule and line.
import { existsSync, writeFileSync } from "node:fs";
import { KEPT, SAMPLED, Tally, call, join, run, sample } from "../lib.mjs";
import { postgres } from "./_postgres.mjs";
import { corpora, regression, ruleCases, shared } from "./_queries.mjs";

// What is resolved, by PostgreSQL's codes; 22P02 is a literal that cannot be read as its type.
const CODES = { "42P01": "unknown-table", 42703: "unknown-column", 42702: "ambiguous-column", 42803: "ungrouped-column", 42883: "type-mismatch", 42804: "type-mismatch", "22P02": "type-mismatch", "22007": "type-mismatch", 42712: "AL04", 42601: "column-count" };
const RESOLVED = new Set(Object.values(CODES));
const SHORT = { "character varying": "varchar", character: "char", "timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp", "time without time zone": "time", "time with time zone": "timetz" };

const sets = corpora();
const server = await postgres();
if (server) {
  const client = await server.client();
  const types = new Map();
  async function typed({ name, dataTypeID }) {
    if (!types.has(dataTypeID)) {
      const { rows } = await client.query("select format_type($1, null) as name", [dataTypeID]);
      types.set(dataTypeID, rows[0].name.replace(/^(.*?)(\[\])?$/, (_, base, array) => (SHORT[base] ?? base) + (array ?? "")));
    }
    return { name, type: types.get(dataTypeID) };
  }
  /** The columns of the result, or the rule that the error is one of; null for what is not resolved or another dialect's. */
  async function ask(sql, ours = true) {
    try {
      const result = await client.query({ text: sql, rowMode: "array" });
      return Array.isArray(result) ? null : { columns: await Promise.all(result.fields.map(typed)) };
    } catch ({ code, message }) {
      // Functions, types and operators that this server lacks, and another dialect's grammar.
      const foreign = /^(function|procedure|aggregate|type|collation|schema) .*does not exist/.test(message) || (code === "42601" && !/columns|lists|entries|expressions/.test(message)) || (!ours && code === "42883" && !/^operator/.test(message));
      return foreign || !CODES[code] ? null : { rule: CODES[code] };
    }
  }
  const counts = { left: 0, vague: 0, known: 0, ours: 0, theirs: 0 };
  /** Compares one query; columns of types that we say nothing of are compared by their names. */
  async function compare(tally, name, sql, schema) {
    const before = performance.now();
    const told = await ask(sql);
    if (!told) {
      counts.left += 1;
      return;
    }
    counts.theirs += performance.now() - before;
    const { report, error, micros } = await call("lint_queries", { source: sql, schema, output: { maxTokens: 20000, maxFindings: 1000 } });
    if (error) throw new Error(`${name}: ${error.message}`);
    counts.ours += micros / 1000;
    const label = `${name}: ${sql.replace(/\s+/g, " ").slice(0, 260)}`;
    const found = report.findings.filter(({ rule, level }) => level === "error" && (RESOLVED.has(rule) || rule === "query-syntax")).map(({ rule, message }) => [rule, message]);
    if (told.rule || found.length) {
      const hit = found.find(([rule]) => rule === told.rule) ?? found[0];
      const columns = (report.data.results?.[0]?.columns ?? []).join(", ");
      tally.equal(label, hit ? (hit[0] === told.rule ? hit[0] : hit.join(" ")) : columns, told.rule ?? told.columns.map(({ name, type }) => `${name} ${type}`).join(", "));
      return;
    }
    const columns = report.data.results?.[0]?.columns ?? [];
    if (columns.includes("*")) {
      counts.vague += 1;
      return;
    }
    let vague = false;
    const said = columns.map((column, at) => {
      const other = told.columns[at];
      if (!other || column !== other.name.trimEnd()) return column;
      vague = true;
      return `${other.name} ${other.type}`;
    });
    counts[vague ? "vague" : "known"] += 1;
    tally.equal(label, said.join(", "), told.columns.map(({ name, type }) => `${name} ${type}`).join(", "));
  }
  const empty = async () => {
    await client.query("ROLLBACK").catch(() => {});
    await client.query("discard all");
    await client.query("drop schema public cascade; create schema public");
    types.clear();
  };

  const names = new Tally({
    tool: "database_lint_queries",
    peer: `PostgreSQL ${server.version} (names and types)`,
    corpus: "sqlglot's TPC-H, TPC-DS and optimizer fixtures that PostgreSQL's grammar takes: names and types of the result's columns, or the kind of error",
    bars: { equal: 1 },
  });
  for (const { schema, queries } of sets) {
    await empty();
    await client.query(schema);
    // The server's own catalog is no part of a schema.
    for (const { name, sql } of sample(queries, 30).filter(({ sql }) => !/information_schema|pg_catalog/i.test(sql))) await compare(names, name, sql, schema);
  }
  const say = (what) => process.stderr.write(`  ${what}: ${counts.left} left out, another dialect's grammar, types or functions; of the rest ${counts.known} of known types, ${counts.vague} with some that the tool says nothing of\n`);
  say("sqlglot");
  names.timing("all queries", counts.ours, counts.theirs);
  if (sets.length) names.done();

  const own = regression();
  if (own.length && !SAMPLED) {
    Object.assign(counts, { left: 0, vague: 0, known: 0, ours: 0, theirs: 0 });
    const tally = new Tally({
      tool: "database_lint_queries",
      peer: `PostgreSQL ${server.version} (its regression tests)`,
      corpus: "the queries of PostgreSQL's regression tests about SELECT, joins, subqueries, WITH, UNION, CASE, windows, aggregates and grouping sets: names and types of the result's columns, or the kind of error",
      bars: { equal: 0.98 },
      explain: (side, item, name) => (/inner_text/.test(name) ? "the test makes an operator of its own for these types" : undefined),
    });
    await empty();
    let schema = "";
    let saved = null;
    const change = async (sql) => {
      try {
        await client.query(sql);
      } catch {
        return;
      }
      if (/^begin/i.test(sql)) saved = schema;
      if (/^(rollback|abort)(?! to)/i.test(sql) && saved !== null) schema = saved;
      if (/^(create\s+((global|local)\s+)?(temp|temporary|unlogged|or replace|unique|materialized|recursive)*\s*(table|view|index|type|domain|materialized)|alter\s+table|drop\s+(table|view|type))/i.test(sql)) schema += `${sql};\n`;
    };
    for (const sql of shared()) await change(sql);
    for (const { file, statements } of own) {
      for (const [at, sql] of statements.entries()) {
        const query = /^(select|with|values|\()/i.test(sql) || /^(insert|update|delete)[\s\S]*\breturning\b/i.test(sql);
        if (!query) await change(sql);
        else if (!/\binto\b(?!\s+\w+[\s\S]*returning)/i.test(sql) && !/pg_|information_schema/i.test(sql)) await compare(tally, `${file} ${at + 1}`, sql, schema);
      }
    }
    say("regression tests");
    tally.timing("all queries", counts.ours, counts.theirs);
    tally.done();
  }
  await server.stop();
}

// sqlfluff: the rules under its codes.
const VERSION = "4.5.0";
const RULES = ["AL04", "AL08", "AM01", "AM02", "AM08", "CV05", "RF02", "ST01", "ST03", "ST08"];
const venv = join(KEPT, "venv", `sqlfluff-${VERSION}`);
if (sets.length) {
  if (!existsSync(join(venv, "bin/sqlfluff"))) {
    run("python3", ["-m", "venv", venv]);
    run(join(venv, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `sqlfluff==${VERSION}`]);
  }
  const style = new Tally({
    tool: "database_lint_queries",
    peer: `sqlfluff ${VERSION}`,
    corpus: "sqlglot's TPC-H, TPC-DS and optimizer fixtures, and the cases of sqlfluff's own rule tests: findings of the rules under sqlfluff's codes, by rule and line",
    bars: { recall: 0.95, precision: 0.95 },
  });
  const dialects = { ansi: "postgresql", postgres: "postgresql", mysql: "mysql", sqlite: "sqlite" };
  const list = sample([
    ...sets.flatMap(({ queries }) => queries.filter((_, at) => at % 3 === 0)).map((one) => ({ ...one, dialect: "ansi" })),
    ...ruleCases(RULES),
  ], 12);
  const asked = join(KEPT, "sqlfluff-asked.json");
  writeFileSync(asked, JSON.stringify({ rules: RULES.join(","), queries: list.map(({ sql, dialect }) => [sql, dialect === "ansi" ? "postgres" : dialect]) }));
  const program = `
import json, sys
from sqlfluff.core import FluffConfig, Linter
asked = json.load(open(sys.argv[1]))
linters = {dialect: Linter(config=FluffConfig(overrides={"dialect": dialect, "rules": asked["rules"], "templater": "raw", "large_file_skip_byte_limit": 0})) for dialect in ("postgres", "mysql", "sqlite")}
def look(sql, dialect):
    found = [(v.rule_code(), v.line_no) for v in linters[dialect].lint_string(sql + "\\n").get_violations()]
    return None if any(code == "PRS" for code, _ in found) else [f"{code} {line}" for code, line in found if code in asked["rules"]]
print(json.dumps([look(sql, dialect) for sql, dialect in asked["queries"]]))
`;
  const before = performance.now();
  const told = JSON.parse(run(join(venv, "bin/python"), ["-c", program, asked]).trim().split("\n").at(-1));
  const elapsed = performance.now() - before;
  let ours = 0;
  let left = 0;
  for (const [at, { name, sql, dialect }] of list.entries()) {
    const { report, error, micros } = await call("lint_queries", { source: sql, dialect: dialects[dialect], output: { maxTokens: 20000, maxFindings: 1000 } });
    if (error) throw new Error(`${name}: ${error.message}`);
    ours += micros / 1000;
    if (!told[at] || report.findings.some(({ rule }) => rule === "query-syntax")) {
      left += 1;
      continue;
    }
    style.sets(`${name}: ${sql.replace(/\s+/g, " ").slice(0, 200)}`, report.findings.filter(({ rule }) => RULES.includes(rule)).map(({ rule, range }) => `${rule} ${range.start.line}`), told[at]);
  }
  process.stderr.write(`  sqlfluff: ${left} queries left out, which one of the two cannot read\n`);
  style.timing(`${list.length} queries`, ours, elapsed);
  style.done();
}
