// Advice of indexes by PostgreSQL's planner: hypopg makes the advised ones without building them, on filled tables. The cost of each
// query that an index is advised for has to fall, and each advised index to be in a plan.
import { SAMPLED, Tally, call } from "../lib.mjs";
import { postgres } from "./_postgres.mjs";
import { workloads } from "./_workloads.mjs";

const server = await postgres({ settings: { jit: "off", max_parallel_workers_per_gather: "0" } });
if (server) {
  const client = await server.client();
  let able = true;
  await client.query("create extension hypopg").catch(() => {
    able = false;
    process.stderr.write("  left out: what hypopg shows; on Debian, apt-get install postgresql-15-hypopg to include it\n");
  });
  if (able) {
    const peer = `PostgreSQL ${server.version}, hypopg`;
    const corpus = "TPC-H and TPC-DS with and without keys, pgbench's scripts, index_advisor's cases, on filled tables with statistics";
    const falls = new Tally({ tool: "database_recommend_indexes", peer: `${peer} (costs)`, corpus: `${corpus}: the planner's cost of every query that an index is advised for falls`, bars: { equal: 0.9 } });
    const used = new Tally({ tool: "database_recommend_indexes", peer: `${peer} (plans)`, corpus: `${corpus}: every advised index is in a plan of the workload`, bars: { equal: 0.9 } });
    const all = workloads().filter(({ name }) => !SAMPLED || /pgbench|books/.test(name));
    for (const { name, schema, fill, queries } of all) {
      await client.query("drop schema public cascade; create schema public");
      await client.query("create extension if not exists hypopg");
      await client.query("select setseed(0.5)");
      await client.query(schema);
      await client.query("set session_replication_role = replica");
      for (const sql of fill) await client.query(sql);
      await client.query("analyze");
      const statistics = await told(client);
      const explain = async (sql) => {
        const { rows } = await client.query(`explain ${sql}`);
        const text = rows.map((row) => row["QUERY PLAN"]).join("\n");
        return { text, cost: Number(/\.\.([\d.]+) rows/.exec(text)[1]) };
      };
      const taken = [];
      for (const query of queries) {
        try {
          taken.push({ ...query, sql: query.sql.replace(/\s+/g, " ").trim(), before: await explain(query.sql) });
        } catch {
          // Another dialect's.
        }
      }
      const { report, error, micros } = await call("recommend_indexes", { schema, statistics, queries: taken.map(({ sql }) => `${sql};`).join("\n"), output: { maxTokens: 20000, maxFindings: 1000 } });
      if (error) throw new Error(`${name}: ${error.message}`);
      const made = [];
      for (const { sql } of report.data.create) {
        const { rows } = await client.query("select * from hypopg_create_index($1)", [sql.replace(/;$/, "")]);
        made.push({ sql, name: rows[0].indexname, own: /^CREATE INDEX (\S+)/.exec(sql)[1].replaceAll('"', "") });
      }
      const seen = new Set();
      let [total, after] = [0, 0];
      for (const [at, { name: query, sql, before }] of taken.entries()) {
        const now = await explain(sql);
        total += before.cost;
        after += now.cost;
        for (const one of made) if (now.text.includes(one.name)) seen.add(one);
        const told = report.data.queries.find(({ line }) => line === at + 1);
        if (told?.reads?.length) {
          const less = now.cost < before.cost * 0.999;
          falls.equal(`${name}, ${query}: ${sql.slice(0, 200)}`, less ? "falls" : `${told.reads.join(", ")}: ${told.before} to ${told.after} by the model, ${before.cost} to ${now.cost} by the planner`, "falls");
        }
      }
      for (const one of made) used.equal(`${name}: ${one.sql}`, seen.has(one) ? "read" : "not read", "read");
      process.stderr.write(`  ${name}: ${taken.length} queries, ${made.length} indexes, ${Math.round(total)} to ${Math.round(after)}\n`);
      falls.timing(`${name}: ${taken.length} queries`, micros / 1000, null);
      await client.query("select hypopg_reset()");
    }
    falls.done();
    used.done();
  }
  await server.stop();
}

/** Rows of tables, distinct values of columns and their range, as the server's own statistics have them. */
async function told(client) {
  const list = [];
  const { rows: tables } = await client.query("select relname, reltuples from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace");
  const size = new Map(tables.map(({ relname, reltuples }) => [relname, reltuples]));
  for (const [table, rows] of size) list.push(`${table}=${rows}`);
  const { rows: columns } = await client.query("select tablename, attname, n_distinct, histogram_bounds::text as bounds, most_common_vals::text as common from pg_stats where schemaname = 'public'");
  for (const { tablename, attname, n_distinct: distinct, bounds, common } of columns) {
    const count = Math.max(1, Math.round(distinct < 0 ? -distinct * size.get(tablename) : distinct));
    const values = (bounds ?? common ?? "").replace(/[{}"]/g, "").split(",");
    const plain = values.length > 1 && values.every((value) => /^-?\d+(\.\d+)?$|^\d{4}-\d\d-\d\d( [\d:.]+)?$/.test(value));
    const order = plain ? [...values].sort((a, b) => (/^\d{4}-/.test(a) ? (a < b ? -1 : 1) : Number(a) - Number(b))) : [];
    const day = (value) => value.split(" ")[0];
    list.push(`${tablename}.${attname}=${count}${plain ? ` ${day(order[0])}..${day(order.at(-1))}` : ""}`);
  }
  return list;
}
