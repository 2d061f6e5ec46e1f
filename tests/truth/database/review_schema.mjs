// Schema reviews: normal forms against brute force over random dependencies, by the definitions; the lints after SchemaCrawler
// against the catalogs of a PostgreSQL of our own, into which the schemas of sqldef's cases are loaded.
import { SAMPLED, Tally, call, sample } from "../lib.mjs";
import { postgres } from "./_postgres.mjs";
import { cases } from "./_sqldef.mjs";

// A generator with a fixed start.
let state = 7;
const dice = (sides) => {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state >> 8) % sides;
};

// Sets are bits. Everything here goes over all subsets.
const has = (outer, inner) => (inner & ~outer) === 0;
function closure(set, dependencies) {
  for (let before = -1; before !== set; ) {
    before = set;
    for (const [left, right] of dependencies) if (has(set, left)) set |= right;
  }
  return set;
}
const subsets = (all) => Array.from({ length: all + 1 }, (_, set) => set).filter((set) => has(all, set));
function keysOf(all, dependencies) {
  const superkeys = subsets(all).filter((set) => has(closure(set, dependencies), all));
  return superkeys.filter((set) => !superkeys.some((other) => other !== set && has(set, other)));
}
// By the definitions, over every dependency that follows.
function formOf(all, dependencies) {
  const keys = keysOf(all, dependencies);
  const prime = keys.reduce((prime, key) => prime | key, 0);
  let form = 3;
  for (const left of subsets(all)) {
    const right = closure(left, dependencies) & all & ~left;
    if (!right || keys.some((key) => has(left, key))) continue;
    form = Math.min(form, right & ~prime ? (keys.some((key) => has(key, left) && key !== left) ? 0 : 1) : 2);
  }
  return ["1NF", "2NF", "3NF", "BCNF"][form];
}
const projected = (part, dependencies) => subsets(part).map((left) => [left, closure(left, dependencies) & part]);
// The chase, on rows of symbols.
function lossless(count, parts, dependencies) {
  const rows = parts.map((part, row) => Array.from({ length: count }, (_, at) => ((part >> at) & 1 ? `a${at}` : `b${row}.${at}`)));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [left, right] of dependencies) for (const one of rows) for (const other of rows) {
      if (one === other || !Array.from({ length: count }, (_, at) => at).every((at) => !((left >> at) & 1) || one[at] === other[at])) continue;
      for (let at = 0; at < count; at += 1) {
        if (!((right >> at) & 1) || one[at] === other[at]) continue;
        const [kept, gone] = [one[at], other[at]].sort();
        for (const row of rows) if (row[at] === gone) row[at] = kept;
        changed = true;
      }
    }
  }
  return rows.some((row) => row.every((symbol, at) => symbol === `a${at}`));
}

const forms = new Tally({
  tool: "database_review_schema",
  peer: "brute force over all subsets, by the definitions",
  corpus: "random dependencies over up to 7 attributes: candidate keys, normal form, 3NF and BCNF of every part, lossless joins, lost dependencies",
  bars: { equal: 1 },
});
for (let at = 0; at < (SAMPLED ? 60 : 1500); at += 1) {
  const count = 3 + dice(5);
  const names = Array.from({ length: count }, (_, at) => "abcdefg"[at]);
  const all = (1 << count) - 1;
  const some = () => names.reduce((set, _, at) => (dice(3) === 0 ? set | (1 << at) : set), 0);
  const dependencies = Array.from({ length: 1 + dice(5) }, () => [some() || 1, some() || 2]);
  const text = (set) => names.filter((_, at) => (set >> at) & 1);
  // Each name once, so that all are known: trivially, a name determines itself.
  const lines = names.map((name) => `r: ${name} -> ${name}`).concat(dependencies.map(([left, right]) => `r: ${text(left).join(", ")} -> ${text(right).join(",")}`));
  const { report, error } = await call("review_schema", { source: "", dependencies: lines });
  if (error) throw new Error(error.message);
  const [found] = report.data.normalForms;
  const set = (list) => list.reduce((set, name) => set | (1 << names.indexOf(name)), 0);
  const form = formOf(all, dependencies);
  const part = (decomposition, least) => {
    if (!decomposition) return "not needed";
    const parts = decomposition.parts.map(set);
    const covers = parts.reduce((all, part) => all | part, 0) === all;
    const formed = parts.every((one) => least.includes(formOf(one, projected(one, dependencies))));
    return JSON.stringify({ covers, formed, lossless: lossless(count, parts, dependencies) });
  };
  const lost = (decomposition) => {
    if (!decomposition) return [];
    const kept = decomposition.parts.flatMap((one) => projected(set(one), dependencies));
    return found.minimalCover.filter((line) => {
      const [left, right] = line.split(" -> ").map((side) => set(side.split(", ")));
      return !has(closure(left, kept), right);
    });
  };
  const expected = (needed) => (needed ? JSON.stringify({ covers: true, formed: true, lossless: true }) : "not needed");
  const covering = found.minimalCover.map((line) => line.split(" -> ").map((side) => set(side.split(", "))));
  const sameCover = subsets(all).every((one) => closure(one, covering) === closure(one, dependencies));
  forms.equal(
    `random ${at}`,
    { keys: found.keys.map(set).sort(), form: found.form, third: part(found.third, ["3NF", "BCNF"]), boyceCodd: part(found.boyceCodd, ["BCNF"]), claims: [found.third?.lossless ?? true, found.boyceCodd?.lossless ?? true], lost: [found.third?.lost ?? [], found.boyceCodd?.lost ?? []], sameCover },
    { keys: keysOf(all, dependencies).sort(), form, third: expected(["1NF", "2NF"].includes(form)), boyceCodd: expected(form !== "BCNF"), claims: [true, true], lost: [[], lost(found.boyceCodd)], sameCover: true },
  );
}
forms.done();

const server = await postgres();
if (!server) process.exit(0);
const client = await server.client();
await client.query("CREATE EXTENSION IF NOT EXISTS citext").catch(() => {});
const COLUMNS = `SELECT c.oid, CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name,
  array_agg(a.attname::text ORDER BY a.attnum) AS columns, array_agg(a.attnum::int ORDER BY a.attnum) AS numbers,
  array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types, array_agg(a.attnotnull ORDER BY a.attnum) AS needed
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid) GROUP BY 1, 2 ORDER BY 2`;
const INDEXES = `SELECT i.indrelid AS oid, i.indexrelid, i.indisunique AS unique, i.indisprimary AS primary, i.indkey::int2[]::int[] AS keys, i.indnkeyatts AS count, am.amname AS method,
  pg_get_expr(i.indpred, i.indrelid) AS condition, EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')) AS constrained,
  i.indoption::int2[]::int[] AS options, i.indclass::oid[]::int[] AS classes, i.indcollation::oid[]::int[] AS collations,
  ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, false) FROM generate_series(1, i.indnatts) k) AS texts
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am am ON am.oid = x.relam ORDER BY i.indexrelid`;
const FOREIGN = `SELECT conrelid AS oid, confrelid AS target, conkey::int[] AS keys, confkey::int[] AS refers FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 ORDER BY oid`;

const plain = (text) => text.toLowerCase().replace(/["()\s]/g, "");
async function theirs() {
  const tables = (await client.query(COLUMNS)).rows;
  const indexes = (await client.query(INDEXES)).rows;
  const foreign = (await client.query(FOREIGN)).rows;
  const items = [];
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  const name = (table, number) => table.columns[table.numbers.indexOf(number)];
  for (const table of tables) {
    const own = indexes.filter(({ oid }) => oid === table.oid);
    const primary = own.find((index) => index.primary);
    const key = primary ? primary.keys.slice(0, primary.count) : [];
    if (!primary) items.push(`no-primary-key ${table.name}`);
    if (own.length === 0) items.push(`no-indexes ${table.name}`);
    const data = table.numbers.filter((number) => !key.includes(number));
    if (data.length && data.every((number) => !table.needed[table.numbers.indexOf(number)])) items.push(`all-nullable-columns ${table.name}`);
    if (table.columns.length === 1) items.push(`single-column ${table.name}`);
    if (primary && [...key].sort().join() !== table.numbers.slice(0, key.length).sort().join()) items.push(`primary-key-not-first ${table.name}`);
    if (table.types.filter((type) => type === "bytea").length > 1) items.push(`too-many-lobs ${table.name}`);
    const stems = new Map();
    table.columns.forEach((column, at) => {
      const [, stem, number] = /^(.*?)(\d+)$/.exec(column) ?? [];
      if (stem) stems.set(stem.toLowerCase(), [...(stems.get(stem.toLowerCase()) ?? []), [Number(number), table.types[at]]]);
    });
    for (const [stem, members] of stems) {
      members.sort((a, b) => a[0] - b[0]);
      if (members.length > 1 && members.every((member, at) => at === 0 || (member[0] === members[at - 1][0] + 1 && member[1] === members[at - 1][1]))) items.push(`incrementing-columns ${table.name} ${stem}`);
    }
    const part = (index, at) => [index.texts[at], index.options[at], index.classes[at], index.collations[at]].join();
    const parts = (index) => Array.from({ length: index.count }, (_, at) => part(index, at));
    const included = (index) => index.texts.slice(index.count);
    for (const index of own) {
      const mine = parts(index);
      const shown = plain(index.texts.slice(0, index.count).join(","));
      if (index.unique && !index.primary && index.keys.slice(0, index.count).some((number) => number > 0 && !table.needed[table.numbers.indexOf(number)])) items.push(`null-columns-in-unique-index ${shown}`);
      if (index.constrained || index.method !== "btree") continue;
      const wider = own.some((other) => {
        if (other === index || other.method !== "btree" || (other.condition ?? "") !== (index.condition ?? "")) return false;
        const theirs = parts(other);
        if (!mine.every((part, at) => theirs[at] === part) || !included(index).every((column) => [...included(other), ...other.texts.slice(0, other.count)].includes(column))) return false;
        if (index.unique && !(other.unique && theirs.length === mine.length)) return false;
        if (theirs.length > mine.length || other.constrained || (other.unique && !index.unique)) return true;
        return other.indexrelid < index.indexrelid && (other.unique || !index.unique);
      });
      if (wider) items.push(`redundant-indexes ${shown}`);
    }
    for (const key of foreign.filter(({ oid }) => oid === table.oid)) {
      const columns = key.keys.map((number) => name(table, number));
      const wanted = [...key.keys].sort().join();
      if (!own.some((index) => !index.condition && index.count >= key.keys.length && index.keys.slice(0, key.keys.length).sort().join() === wanted)) items.push(`foreign-key-with-no-indexes ${table.name} (${columns.join(", ")})`);
      const target = byOid.get(key.target);
      if (target) key.keys.forEach((number, at) => {
        if (table.types[table.numbers.indexOf(number)] !== target.types[target.numbers.indexOf(key.refers[at])]) items.push(`foreign-key-mismatch ${table.name}.${name(table, number)}`);
      });
    }
  }
  const types = new Map();
  for (const table of tables) table.columns.forEach((column, at) => types.set(column.toLowerCase(), (types.get(column.toLowerCase()) ?? new Set()).add(table.types[at])));
  for (const [column, set] of types) if (set.size > 1) items.push(`column-types ${column}`);
  // Circles: tables that reach each other.
  const reach = new Map(tables.map(({ oid }) => [oid, new Set()]));
  for (const { oid, target } of foreign) reach.get(oid)?.add(target);
  for (const through of tables) for (const from of tables) if (reach.get(from.oid).has(through.oid)) for (const to of reach.get(through.oid)) reach.get(from.oid).add(to);
  const circles = new Set();
  for (const { oid } of tables) {
    const circle = tables.filter((other) => other.oid === oid || (reach.get(oid).has(other.oid) && reach.get(other.oid).has(oid)));
    if (circle.length > 1) circles.add(circle.map(({ name }) => name).sort().join(", "));
  }
  for (const circle of circles) items.push(`table-cycles ${circle}`);
  return items;
}

const names = (message) => [...message.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
function ours({ rule, message }) {
  switch (rule) {
    case "foreign-key-with-no-indexes": return `${rule} ${names(message)[0]} ${/\(([^)]*)\)/.exec(message)[0]}`;
    case "foreign-key-mismatch": case "no-primary-key": case "no-indexes": case "all-nullable-columns": case "single-column": case "primary-key-not-first": case "too-many-lobs": return `${rule} ${names(message)[0]}`;
    case "column-types": return `${rule} ${names(message)[0].toLowerCase()}`;
    case "incrementing-columns": return `${rule} ${names(message).at(-2)} ${names(message).at(-1)}`;
    case "null-columns-in-unique-index": case "redundant-indexes": return `${rule} ${plain(/on \((.*?)\) (?:takes|begins)/.exec(message)[1])}`;
    case "table-cycles": return `${rule} ${names(message).join(", ")}`;
    default: return undefined;
  }
}

const lints = new Tally({
  tool: "database_review_schema",
  peer: `SchemaCrawler's documented lints over the catalogs of PostgreSQL ${server.version}`,
  corpus: "the schemas of sqldef's PostgreSQL cases that the server takes: keys, foreign keys, indexes, circles, columns",
  bars: { recall: 0.95, precision: 0.95 },
});
const schemas = new Map();
for (const { name, current, desired } of cases("psqldef")) for (const [which, sql] of [["current", current], ["desired", desired]]) if (sql && !schemas.has(sql)) schemas.set(sql, `${name} (${which})`);
let largest = { length: 0 };
for (const [sql, name] of sample([...schemas], 60)) {
  await client.query("BEGIN");
  let items;
  const before = performance.now();
  let elapsed = 0;
  try {
    await client.query(sql);
    elapsed = performance.now() - before;
    items = await theirs();
  } catch {
    items = undefined;
  }
  await client.query("ROLLBACK");
  if (!items) continue;
  const { report, error, micros } = await call("review_schema", { source: sql });
  if (error) throw new Error(`${name}: ${error.message}`);
  lints.sets(name, report.findings.map(ours).filter(Boolean), items);
  if (sql.length > largest.length) largest = { length: sql.length, micros, elapsed };
}
if (largest.length) lints.timing(`${largest.length} bytes of DDL, the server creating it`, largest.micros / 1000, largest.elapsed);
lints.done();
await server.stop();
