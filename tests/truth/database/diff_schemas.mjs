// Differences of schemas on real servers: sqldef's cases, each from its current schema by our statements. What stands then has to
// be what the desired schema makes, by the catalogs of PostgreSQL, MariaDB and SQLite; and our statements back lead to where it
// began. A case whose own schemas the server refuses is left out, and counted.
import { SAMPLED, Tally, call, npm, sample } from "../lib.mjs";
import { mariadb } from "./_mariadb.mjs";
import { postgres } from "./_postgres.mjs";
import { CATALOG } from "./_catalog.mjs";
import { cases } from "./_sqldef.mjs";

const wanted = (one) => !one.error && typeof one.desired === "string";
const seen = { left: 0 };

/** Runs all cases of one dialect on a place that can be emptied, filled and described. */
async function compare({ dialect, program, tally, place, limit }) {
  const list = sample(cases(program).filter(wanted), limit);
  let [ours, largest] = [0, ["", 0]];
  for (const one of list) {
    const [current, desired] = [one.current ?? "", one.desired];
    // What both sides take for granted.
    const setup = place.setup?.(current, desired) ?? ["", ""];
    try {
      await place.reset();
      await place.run(setup[1] + desired);
    } catch {
      seen.left += 1;
      continue;
    }
    const end = await place.describe();
    try {
      await place.reset();
      await place.run(setup[0] + current);
    } catch {
      seen.left += 1;
      continue;
    }
    const start = await place.describe();
    const { report, error, micros } = await call("diff_schemas", { current, desired, dialect });
    if (error) throw new Error(`${one.name}: ${error.message}`);
    ours += micros;
    if (micros > largest[1]) largest = [one.name, micros];
    const state = { up: "", down: "" };
    let reached = start;
    for (const [way, goal] of [["up", end], ["down", start]]) {
      try {
        for (const { sql } of report.data[way]) await place.one(sql);
        reached = await place.describe();
        const differs = [...new Set([...goal, ...reached])].filter((line) => goal.includes(line) !== reached.includes(line));
        state[way] = differs.length ? differs.slice(0, 4).map((line) => `${goal.includes(line) ? "-" : "+"} ${line}`).join(" | ") : "";
      } catch (problem) {
        state[way] = `${problem.message} :: ${report.data[way].map(({ sql }) => sql).join(" ")}`;
        if (way === "up") break;
      }
    }
    const unchanged = JSON.stringify(start) === JSON.stringify(end) && (one.up === "" || one.up === undefined) && report.data.up.length && current;
    tally.equal(one.name, { ...state, idle: unchanged ? report.data.up.map(({ sql }) => sql).join(" ") : "" }, { up: "", down: "", idle: "" });
  }
  if (list.length) tally.timing(`${list.length} pairs, slowest ${largest[0]} ${(largest[1] / 1000).toFixed(1)} ms`, ours / 1000, null);
  process.stderr.write(`  ${program}: ${list.length} cases, ${seen.left} left out: the server refuses their own schemas\n`);
  seen.left = 0;
}

const lite = new Tally({
  tool: "database_diff_schemas",
  peer: "SQLite 3.49 (sql.js 1.13.0)",
  corpus: "sqldef's SQLite cases: what our statements lead to, there and back, against what the schemas make",
  bars: { equal: 0.95 },
});
{
  const { require } = npm({ "sql.js": "1.13.0" });
  const SQL = await require("sql.js")();
  let database;
  const rows = (sql) => (database.exec(sql)[0]?.values ?? []).map((row) => row.join(" "));
  await compare({
    dialect: "sqlite",
    program: "sqlite3def",
    tally: lite,
    limit: 20,
    place: {
      reset: () => {
        database?.close();
        database = new SQL.Database();
      },
      run: (sql) => database.run(sql),
      one: (sql) => database.run(sql),
      describe: () => {
        const plain = (text) => String(text ?? "").toLowerCase().replace(/if not exists/g, "").replace(/["'`[\]]/g, "").replace(/\s+/g, "");
        const lines = [];
        for (const [name, kind, sql] of database.exec("select name, type, sql from sqlite_master where name not like 'sqlite\\_%' escape '\\' order by 1")[0]?.values ?? []) {
          if (kind !== "table") {
            lines.push(`${kind} ${plain(sql)}`);
            continue;
          }
          const quoted = `'${name.replaceAll("'", "''")}'`;
          lines.push(...rows(`select name, upper(type), "notnull", dflt_value, pk, hidden from pragma_table_xinfo(${quoted})`).map((row) => `column ${name}.${row}`.toLowerCase()));
          lines.push(...rows(`select i.origin, i."unique", i.partial, (select group_concat(x.name || x.desc || x.coll) from pragma_index_xinfo(i.name) x) from pragma_index_list(${quoted}) i`).map((row) => `index of ${name} ${row}`.toLowerCase()));
          lines.push(...rows(`select "table", "from", "to", on_update, on_delete from pragma_foreign_key_list(${quoted})`).map((row) => `reference ${name} ${row}`.toLowerCase()));
          lines.push(`rest ${name} ${/autoincrement/i.test(sql)} ${(plain(sql).match(/check\(/g) ?? []).length} ${/without\s+rowid/i.test(sql)} ${/\bstrict\b/i.test(sql)}`.toLowerCase());
        }
        return lines.sort();
      },
    },
  });
}
lite.done();

if (!SAMPLED) {
  const server = await mariadb();
  if (server) {
    const client = await server.client();
    const tally = new Tally({
      tool: "database_diff_schemas",
      peer: `MariaDB ${server.version}`,
      corpus: "sqldef's MySQL cases that it takes: what our statements lead to, there and back, against what the schemas make",
      bars: { equal: 0.95 },
      explain: (side, { ours }) =>
        /_chk_|json_valid|constraint_1/i.test(JSON.stringify(ours))
          ? "MariaDB keeps a check of a column in the column and names others otherwise; the statements are MySQL's"
          : /srid/i.test(JSON.stringify(ours)) ? "for MySQL 8.0.3 and later alone, by its comment" : undefined,
    });
    await compare({
      dialect: "mysql",
      program: "mysqldef",
      tally,
      place: {
        reset: () => client.query("DROP DATABASE IF EXISTS d; CREATE DATABASE d; USE d; SET SESSION sql_mode = DEFAULT"),
        run: (sql) => (sql.trim() ? client.query(sql) : null),
        one: (sql) => client.query(sql),
        describe: async () => {
          const lines = [];
          const [tables] = await client.query("show full tables");
          for (const row of tables) {
            const [name, kind] = Object.values(row);
            const [[made]] = await client.query(`show create table \`${name.replaceAll("`", "``")}\``);
            // How names are written and which kind of tree is said says nothing.
            const text = (made["Create Table"] ?? made["Create View"]).replace(/ AUTO_INCREMENT=\d+/, "").replace(/ USING BTREE/g, "").toLowerCase();
            if (kind === "VIEW") lines.push(`view ${text}`);
            else {
              const [head, ...rest] = text.split("\n");
              // Columns in their order; keys in any.
              lines.push(head, ...rest.map((line, at) => (/^ {2}`/.test(line) ? `${name} ${at} ${line.replace(/,$/, "")}` : `${name} ${line.replace(/,$/, "")}`)));
            }
          }
          const [triggers] = await client.query("select trigger_name, event_object_table, action_timing, event_manipulation, action_statement from information_schema.triggers where trigger_schema = 'd'");
          lines.push(...triggers.map((row) => `trigger ${Object.values(row).join(" ")}`));
          const [events] = await client.query("select event_name, interval_value, interval_field, event_definition, status, event_comment, on_completion, execute_at from information_schema.events where event_schema = 'd'");
          lines.push(...events.map((row) => `event ${Object.values(row).join(" ")}`));
          const [routines] = await client.query("select routine_name, routine_type, routine_definition from information_schema.routines where routine_schema = 'd'");
          lines.push(...routines.map((row) => `routine ${Object.values(row).join(" ")}`));
          return lines.sort();
        },
      },
    });
    tally.done();
    await server.stop();
  }
}

const server = await postgres();
if (server) {
  const client = await server.client();
  const query = async (sql) => {
    for (let tries = 0; ; tries += 1) {
      try {
        return await client.query(sql);
      } catch (error) {
        const role = /role "(.+)" does not exist/.exec(error.message)?.[1];
        if (!role || tries > 9) throw error;
        await client.query("ROLLBACK").catch(() => {});
        await client.query(`CREATE ROLE "${role}"`);
      }
    }
  };
  const tally = new Tally({
    tool: "database_diff_schemas",
    peer: `PostgreSQL ${server.version}`,
    corpus: "sqldef's PostgreSQL cases that it takes: the catalogs that our statements lead to, there and back, against those that the schemas make",
    bars: { equal: 0.95 },
  });
  await compare({
    dialect: "postgresql",
    program: "psqldef",
    tally,
    limit: 40,
    place: {
      setup: (current, desired) => {
        const names = (text) => [...text.matchAll(/create schema (?:if not exists )?("?[\w-]+"?)/gi)].map(([, name]) => name);
        const need = (own, other) => names(other).filter((name) => !names(own).includes(name) && own.includes(`${name}.`)).map((name) => `CREATE SCHEMA IF NOT EXISTS ${name}; `).join("");
        return [need(current, desired), need(desired, current)];
      },
      reset: async () => {
        await client.query("ROLLBACK").catch(() => {});
        await client.query("RESET ALL; RESET ROLE");
        const { rows } = await client.query("select extname from pg_extension where extname <> 'plpgsql'");
        for (const { extname } of rows) await client.query(`drop extension "${extname}" cascade`);
        const { rows: schemas } = await client.query("select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'");
        for (const { nspname } of schemas) await client.query(`drop schema "${nspname}" cascade`);
        await client.query("create schema public; grant all on schema public to public");
      },
      run: async (sql) => {
        if (sql.trim()) await query(sql);
      },
      one: query,
      describe: async () => (await client.query(CATALOG)).rows.map(({ line }) => line).sort(),
    },
  });
  tally.done();
  await server.stop();
}
