// Migrations against squawk's own command line, rule by rule and line by line; and locks and rewrites against PostgreSQL: each
// statement runs in a transaction on a server of our own, which then shows its locks (pg_locks) and its files (relfilenode).
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { KEPT, Tally, call, join, run, sample } from "../lib.mjs";
import { postgres } from "./_postgres.mjs";
import { cases } from "./_sqldef.mjs";
import { SETUP, STATEMENTS } from "./_migrations.mjs";

const VERSION = "2.68.0";

// squawk comes as a wheel.
const venv = join(KEPT, "venv", `squawk-cli-${VERSION}`);
try {
  run(join(venv, "bin/squawk"), ["--version"]);
} catch {
  run("python3", ["-m", "venv", venv]);
  run(join(venv, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `squawk-cli==${VERSION}`]);
}

// Rules that squawk has not: the model's own.
const OWN = new Set(["nesting-too-deep", "forbidden-in-transaction", "needs-newer-version", "missing-object", "duplicate-object", "refused-by-server", "enum-value-used-too-early", "table-rewrite", "scan-under-lock", "work-under-lock", "unbatched-write", "constraint-never-validated"]);

const texts = new Map();
for (const { name, current, desired, up, down } of cases("psqldef")) {
  for (const [which, sql] of Object.entries({ current, desired, up, down })) if (typeof sql === "string" && sql.trim() && !texts.has(sql)) texts.set(sql, `${name} (${which})`);
}
const migrations = sample([...texts], 60);
const rules = new Tally({
  tool: "database_check_migration",
  peer: `squawk ${VERSION} (squawk-cli)`,
  corpus: "the schemas and migrations of sqldef's PostgreSQL cases: each finding by its rule and line",
  bars: { recall: 1, precision: 1 },
  explain: (side, _item, name) => (side === "ours" && broken.has(name) ? "after a syntax error squawk says nothing more of a file; here reading goes on" : undefined),
});
const broken = new Set();
if (migrations.length) {
  const folder = join(KEPT, "squawk-run");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  migrations.forEach(([sql], at) => writeFileSync(join(folder, `${at}.sql`), sql));
  const before = performance.now();
  const told = new Map(migrations.map((_, at) => [at, []]));
  for (let from = 0; from < migrations.length; from += 200) {
    const paths = migrations.slice(from, from + 200).map((_, at) => join(folder, `${from + at}.sql`));
    for (const { file, line, rule_name: rule } of JSON.parse(run(join(venv, "bin/squawk"), ["--reporter", "json", "--pg-version", "15.0", ...paths], { failing: true }) || "[]")) {
      told.get(Number(/(\d+)\.sql$/.exec(file)[1])).push(`${rule} ${line + 1}`);
    }
  }
  const elapsed = performance.now() - before;
  let ours = 0;
  for (const [at, [sql, name]] of migrations.entries()) {
    const { report, error, micros } = await call("check_migration", { source: sql, postgresVersion: 15 });
    if (error) throw new Error(`${name}: ${error.message}`);
    ours += micros / 1000;
    if (told.get(at).some((item) => item.startsWith("syntax-error"))) broken.add(name);
    rules.sets(name, report.findings.filter(({ rule }) => !OWN.has(rule)).map(({ rule, range }) => `${rule} ${range.start.line}`), told.get(at));
  }
  rules.timing(`${migrations.length} migrations`, ours, elapsed);
}
rules.done();

const server = await postgres();
if (!server) process.exit(0);
const client = await server.client();
const locks = new Tally({
  tool: "database_check_migration",
  peer: `PostgreSQL ${server.version} (pg_locks, relfilenode)`,
  corpus: "statements that the server runs in a transaction: the strongest lock on each table that was there before, and whether it is written anew",
  bars: { equal: 1 },
  explain: (_side, { ours, theirs }, name) => {
    if (JSON.stringify(ours.locks) !== JSON.stringify(theirs.locks)) return undefined;
    if (name.startsWith("TRUNCATE")) return "TRUNCATE gives a table a new, empty file: no row is written";
    if (ours.uncertain.length && ours.rewrites.length === 0) return "said to depend on the session's time zone; it does";
    return undefined;
  },
});
const ORDER = ["AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"];
const shown = (mode) => mode.replace(/Lock$/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toUpperCase();
const RELATIONS = "SELECT c.oid, c.relname AS name, c.relfilenode AS file FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')";
await client.query("SET timezone = 'Europe/Berlin'");
for (const statement of sample(STATEMENTS, 25)) {
  await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  for (const line of SETUP) await client.query(line);
  const before = new Map((await client.query(RELATIONS)).rows.map((row) => [row.oid, row]));
  await client.query("BEGIN");
  try {
    await client.query(statement);
  } catch (error) {
    process.stderr.write(`  left out: ${statement}: ${error.message}\n`);
    await client.query("ROLLBACK");
    continue;
  }
  const held = (await client.query("SELECT relation AS oid, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted")).rows;
  const after = new Map((await client.query(RELATIONS)).rows.map((row) => [row.oid, row]));
  await client.query("ROLLBACK");
  const strongest = {};
  for (const { oid, mode } of held) {
    const known = before.get(oid);
    if (known && !(ORDER.indexOf(strongest[known.name]) >= ORDER.indexOf(mode))) strongest[known.name] = mode;
  }
  const theirs = {
    locks: Object.entries(strongest).map(([name, mode]) => `${name} ${shown(mode)}`).sort(),
    rewrites: [...before.values()].filter(({ oid, file }) => after.has(oid) && after.get(oid).file !== file).map(({ name }) => name).sort(),
  };
  const names = new Set([...before.values()].map(({ name }) => name));
  const files = [{ path: "1.sql", source: `${SETUP.join(";\n")};` }, { path: "2.sql", source: `${statement};` }];
  const { report, error } = await call("check_migration", { files, postgresVersion: 15, tables: [...names].map((name) => `${name}=1000`) });
  if (error) throw new Error(`${statement}: ${error.message}`);
  const own = report.data.statements.filter(({ path }) => path === "2.sql");
  const ours = {
    locks: own.flatMap(({ locks }) => locks.filter(({ relation }) => names.has(relation)).map(({ relation, mode }) => `${relation} ${mode}`)).sort(),
    rewrites: own.flatMap(({ rewrites = [] }) => rewrites.filter((name) => names.has(name))).sort(),
    uncertain: own.flatMap(({ uncertain = [] }) => uncertain),
  };
  if (JSON.stringify([ours.locks, ours.rewrites]) === JSON.stringify([theirs.locks, theirs.rewrites])) locks.equal(statement, "", "");
  else locks.equal(statement, ours, theirs);
}
locks.done();
await server.stop();
