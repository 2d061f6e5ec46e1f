// Queries that others wrote: sqlglot's fixtures (TPC-H, TPC-DS, and those of its optimizer) with the tables they read; PostgreSQL's
// own regression tests; the cases of sqlfluff's rules.
import { files, join, npm, read, repo } from "../lib.mjs";

/** `{schema, queries: [{name, sql}]}` for each set of tables; none without a checkout. */
export function corpora() {
  const root = repo("tobymao/sqlglot");
  if (!root) return [];
  const helpers = read(root, "tests/helpers.py");
  const tables = (name) => {
    const from = helpers.indexOf(`${name} = {`) + name.length + 3;
    let depth = 0;
    let to = from;
    for (; to < helpers.length; to += 1) {
      if (helpers[to] === "{") depth += 1;
      if (helpers[to] === "}" && (depth -= 1) === 0) break;
    }
    const text = helpers.slice(from, to + 1).replace(/#.*$/gm, "").replace(/,(\s*[}\]])/g, "$1");
    return Object.entries(JSON.parse(text)).map(([table, columns]) => `CREATE TABLE ${table} (${Object.entries(columns).map(([column, type]) => `${column} ${postgres(type)}`).join(", ")});`).join("\n");
  };
  const postgres = (type) => type.toLowerCase().replace(/^string$|^uint\d+$/, (word) => (word === "string" ? "text" : "bigint")).replace(/^double$/, "double precision").replace(/^datetime$/, "timestamp").replace(/^tinyint$/, "smallint");
  const statements = (path) =>
    read(root, path)
      .split(/;\s*(?:\n|$)/)
      .map((text) => text.split("\n").filter((line) => !/^\s*(--|#)/.test(line)).join("\n").trim())
      .filter((text) => /^(select|with|\(|values)/i.test(text));
  const folder = "tests/fixtures/optimizer";
  const named = (path) => statements(path).map((sql, at) => ({ name: `${path.slice(folder.length + 1)} ${at + 1}`, sql }));
  const small = `CREATE TABLE x (a int, b int); CREATE TABLE y (b int, c int); CREATE TABLE z (b int, c int); CREATE TABLE w (d text, e text);
CREATE TABLE temporal (d timestamp, t timestamp); CREATE TABLE aa (x int, y int); CREATE TABLE t (a int, b text, c date);`;
  const own = files(join(root, folder), (path) => path.endsWith(".sql") && !path.includes("/")).map((path) => `${folder}/${path}`);
  return [
    { schema: tables("TPCH_SCHEMA"), queries: named(`${folder}/tpc-h/tpc-h.sql`) },
    { schema: tables("TPCDS_SCHEMA"), queries: named(`${folder}/tpc-ds/tpc-ds.sql`) },
    { schema: small, queries: own.flatMap(named) },
  ];
}

/** PostgreSQL's regression tests as libpg_query keeps them: `{file, statements}` for the files about queries. */
export function regression() {
  const root = repo("pganalyze/libpg_query");
  if (!root) return [];
  const folder = "test/sql/postgres_regress";
  const wanted = ["select", "select_distinct", "select_having", "select_implicit", "join", "subselect", "union", "with", "case", "limit", "window", "aggregates", "groupingsets"];
  return wanted.map((name) => ({ file: `${name}.sql`, statements: split(read(root, folder, `${name}.sql`)) }));
}

/** The tables that the regression tests share. */
export function shared() {
  const root = repo("pganalyze/libpg_query");
  return root ? split(read(root, "test/sql/postgres_regress/test_setup.sql")) : [];
}

/** Statements of a text, psql's own commands left out. */
function split(text) {
  const list = [];
  let from = 0;
  let at = 0;
  const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--.*|\/\*[\s\S]*?\*\//y;
  while (at < text.length) {
    quoted.lastIndex = at;
    const part = quoted.exec(text);
    if (part) {
      at += part[0].length;
      continue;
    }
    if (text[at] === "\\" && /^\s*$/.test(text.slice(text.lastIndexOf("\n", at) + 1, at))) {
      const end = text.indexOf("\n", at);
      text = text.slice(0, at) + text.slice(end < 0 ? text.length : end);
      continue;
    }
    if (text[at] === ";") {
      list.push(text.slice(from, at).trim());
      from = at + 1;
    }
    at += 1;
  }
  return list.map((one) => one.replace(/^(\s*--.*\n)+/g, "").trim()).filter((one) => one && !/(^|[^:]):'?\w+'?/.test(one.replace(/'(?:[^']|'')*'/g, "").replace(/::/g, "")) && !one.includes("\\"));
}

/** The cases of these rules of sqlfluff: `{name, sql, dialect}`, without templates. */
export function ruleCases(rules) {
  const root = repo("sqlfluff/sqlfluff");
  if (!root) return [];
  const { parse } = npm({ yaml: "2.6.1" }).require("yaml");
  const list = [];
  for (const rule of rules) {
    for (const [name, one] of Object.entries(parse(read(root, `test/fixtures/rules/std_rule_cases/${rule}.yml`)))) {
      const sql = one?.fail_str ?? one?.pass_str;
      const dialect = one?.configs?.core?.dialect ?? "ansi";
      if (typeof sql !== "string" || /\{[{%#]/.test(sql) || !["ansi", "postgres", "mysql", "sqlite"].includes(dialect) || one.configs?.rules) continue;
      list.push({ name: `${rule} ${name}`, sql, dialect });
    }
  }
  return list;
}
