// Plans against pev2's own specs (every `expect` of its plan service), and against PostgreSQL: on plans that a server of our own
// runs, the times of all nodes by themselves sum up to the root's, and the text and JSON of one plan are read alike.
import { SAMPLED, Tally, call, repo, sample } from "../lib.mjs";
import { postgres } from "./_postgres.mjs";
import { specs } from "./_pev2.mjs";
import { QUERIES, SETUP, VARIANTS } from "./_plans.mjs";

const reportOf = async (source) => {
  const { report, error, micros } = await call("analyze_plan", { source, properties: true });
  if (error) throw new Error(error.message);
  return { data: report.data, findings: report.findings, micros };
};

// pev2 leaves Semi in the type of a join that it read as text, and calls a nested loop with a type a join.
function kind({ "Node Type": type, "Join Type": join }) {
  if (join === "Semi" && type.endsWith(" Join")) return type.replace(/Join$/, "Semi Join");
  return type === "Nested Loop" && join && join !== "Inner" ? "Nested Loop Join" : type;
}


// Our report as pev2's objects.
function content({ data, findings }) {
  if (data.nodes.length === 0) throw new Error(findings[0]?.message ?? "no plan");
  const nodes = data.nodes.map((node) => ({ ...node.properties, "Node Type": kind(node.properties) }));
  data.nodes.forEach(({ parent }, at) => parent && (nodes[parent - 1].Plans ??= []).push(nodes[at]));
  return { ...data.beside, Plan: nodes[0], ours: data };
}

function created(given) {
  const data = given.ours;
  const nodes = data.nodes.map((node) => {
    const made = { ...node.properties, "Node Type": kind(node.properties), nodeId: node.id, "*Plan Rows Revised": node.planRows * (node.loops ?? 1) };
    const put = (name, value) => value !== undefined && value !== null && (made[name] = value);
    put("*Duration (exclusive)", node.ownMs);
    put("*Cost (exclusive)", node.ownCost);
    put("Actual Total Time", node.totalMs);
    put("*Workers Planned By Gather", node.workers?.[0]);
    put("*Workers Launched By Gather", node.workers?.[1]);
    put("*Actual Rows Is Fractional", node.rows !== undefined && !Number.isInteger(node.rows));
    put("*I/O Read Time (exclusive)", node.io?.readMs);
    put("*I/O Write Time (exclusive)", node.io?.writeMs);
    put("*I/O Read Speed (exclusive)", node.io?.readPerSecond);
    put("*I/O Write Speed (exclusive)", node.io?.writePerSecond);
    put("*I/O Read Time (exclusive, all scopes)", node.io?.readMs);
    put("*I/O Write Time (exclusive, all scopes)", node.io?.writeMs);
    const scopes = ["", "Shared ", "Local ", "Temp "];
    const sum = (name) => scopes.reduce((sum, scope) => sum + (node.properties[`${scope}${name}`] ?? 0), 0);
    for (const [operation, blocks] of [["Read", "Read Blocks"], ["Write", "Written Blocks"]]) {
      const time = sum(`I/O ${operation} Time`);
      put(`*I/O ${operation} Time (all scopes)`, time);
      put(`*I/O ${operation} Time speed (all scopes)`, time > 0 ? sum(blocks) / (time / 1000) : undefined);
    }
    return made;
  });
  const ctes = [];
  data.nodes.forEach((node, at) => {
    if (node.role?.startsWith("CTE ")) ctes.push(nodes[at]);
    else if (node.parent) (nodes[node.parent - 1].Plans ??= []).push(nodes[at]);
  });
  const most = (name) => {
    const known = data.nodes.map((node) => node[name]).filter((value) => value !== undefined);
    return known.length ? Math.max(...known) : undefined;
  };
  return { ctes, content: { ...data.beside, Plan: nodes[0], maxDuration: most("ownMs"), maxCost: most("ownCost") } };
}

// pev2 leaves words where PostgreSQL's JSON has numbers and lists; times are printed to the microsecond.
function same(ours, theirs) {
  if (typeof theirs === "number" || typeof ours === "number") {
    if (typeof ours === "object" || ours === undefined || ours === null) return false;
    return Math.abs(Number(ours) - Number(theirs)) <= 0.000501 + Math.abs(theirs) * 1e-9;
  }
  if (Array.isArray(ours) && typeof theirs === "string") return ours.join(", ") === theirs;
  if (typeof ours === "boolean" && typeof theirs === "string") return String(ours) === theirs;
  if (Array.isArray(theirs)) return Array.isArray(ours) && ours.length >= theirs.length && theirs.every((item, at) => same(ours[at], item));
  if (theirs && typeof theirs === "object") return ours && typeof ours === "object" && Object.keys(theirs).every((key) => same(ours[key], theirs[key]));
  return ours === theirs;
}

function differences(ours, theirs, at = "") {
  if (theirs && typeof theirs === "object") {
    return Object.keys(theirs).flatMap((key) => (same(ours?.[key], theirs[key]) ? [] : differences(ours?.[key], theirs[key], `${at}/${key}`)));
  }
  return [`${at}: ${JSON.stringify(ours)} <> ${JSON.stringify(theirs)}`];
}

const pev2 = repo("dalibo/pev2");
if (pev2) {
  const { PlanService, run } = await specs(pev2);
  const sources = new Set();
  class Recorder extends PlanService {
    fromSource(source) { sources.add(source); return super.fromSource(source); }
    fromText(source) { sources.add(source); return super.fromText(source); }
    fromJson(source) { sources.add(source); return super.fromJson(source); }
  }
  const silent = () => new Proxy(() => {}, { get: (_, name) => (name === "not" ? silent() : (...args) => void args) });
  const trying = (value) => {
    if (typeof value === "function") try { value(); } catch { /* expected */ }
    return silent();
  };
  await run({ service: () => new Recorder(), expect: trying, thrown: () => {} });
  const answers = new Map();
  for (const source of sources) answers.set(source, await reportOf(source));

  const tally = new Tally({
    tool: "database_analyze_plan",
    peer: "pev2 1.21 (its own specs)",
    corpus: "every expectation in the specs of pev2's plan service: text and JSON plans, psql's frames, wrapped lines, I/O timings, workers, JIT, triggers",
    bars: { equal: 1 },
    explain: (_side, { ours }, name) => {
      if (/^08-plan-without-cost/.test(name) && /no exception/.test(ours)) return "plans of EXPLAIN (COSTS OFF) are read here; pev2 gives up on them";
      if (/^03-/.test(name)) return "times are given to the microsecond; the expectation is about the last digits of a sum of binary fractions";
      if (/^23-/.test(name) && /\*/.test(ours)) return "rates of I/O are given for nodes, not for the planner";
      return undefined;
    },
  });
  const own = () => {
    const answer = (source) => content(answers.get(source));
    return { fromSource: answer, fromText: answer, fromJson: answer, createPlan: (_name, given) => created(given) };
  };
  const state = {
    names: [],
    service: own,
    thrown: (error) => tally.equal(`${globalThis.__pev2.spec}: ${globalThis.__pev2.names.join(" ")}`, `threw ${error.message}`, "no exception"),
    expect(value) {
      const name = `${globalThis.__pev2.spec}: ${globalThis.__pev2.names.join(" ")}`;
      const judge = (ok, ours, theirs) => (ok ? tally.equal(name, "", "") : tally.equal(name, String(ours), String(theirs)));
      const matchers = (negated) => ({
        toBe: (other) => judge(same(value, other) !== negated, `${value}`, `${other}`),
        toEqual: (other) => judge(same(value, other) !== negated, `${value} *`, `${other}`),
        toBeCloseTo: (other) => judge(same(value, other), value, other),
        toBeDefined: () => judge(value !== undefined, value, "something"),
        toBeUndefined: () => judge(value === undefined, value, "nothing"),
        toBeTruthy: () => judge(Boolean(value), value, true),
        toBeGreaterThan: (other) => judge(value > other, value, `> ${other}`),
        toBeLessThan: (other) => judge(value < other, value, `< ${other}`),
        toContain: (other) => judge(Boolean(value?.includes(other)), value, other),
        toHaveLength: (other) => judge(value?.length === other, value?.length, other),
        toHaveProperty: (key, ...other) => judge(other.length ? same(value?.[key], other[0]) : value?.[key] !== undefined, `${key} ${value?.[key]}`, other[0]),
        toMatchObject: (other) => judge(same(value, other), differences(value, other).slice(0, 3).join("; "), "equal"),
        toThrow: () => {
          let thrown = false;
          try { value(); } catch { thrown = true; }
          judge(thrown !== negated, thrown ? "an exception" : "no exception", negated ? "no exception" : "an exception");
        },
      });
      return { ...matchers(false), not: matchers(true) };
    },
  };
  await run(state);
  const largest = [...answers.keys()].sort((a, b) => b.length - a.length)[0];
  const before = performance.now();
  const service = new PlanService();
  service.createPlan("", service.fromSource(largest), "");
  tally.timing(`${Math.round(largest.length / 1000)} kB of JSON`, answers.get(largest).micros / 1000, performance.now() - before);
  tally.done();
}

const server = await postgres({ settings: { shared_buffers: "64MB", max_parallel_workers_per_gather: "2", max_parallel_workers: "4", track_io_timing: "on" } });
if (!server) process.exit(0);
const client = await server.client();
for (const statement of SETUP) await client.query(statement);
const sums = new Tally({
  tool: "database_analyze_plan",
  peer: `PostgreSQL ${server.version} (sums)`,
  corpus: "plans that the server runs: joins, aggregates, windows, CTEs, InitPlans, SubPlans, partitions, changes; serial, parallel, small work_mem, JIT; text and JSON",
  bars: { equal: 1 },
});
const forms = new Tally({
  tool: "database_analyze_plan",
  peer: `PostgreSQL ${server.version} (text against JSON)`,
  corpus: "the text and the JSON of the same plans, not run: every node's title, relation, rows, costs and conditions",
  bars: { equal: 1 },
});
const queries = Object.entries(QUERIES);
for (const [variant, settings] of sample(Object.entries(VARIANTS), 1)) {
  for (const [name, value] of Object.entries(settings)) await client.query(`SET ${name} = ${value}`);
  for (const [at, [name, query]] of sample(queries, 12).entries()) {
    const explain = async (options) => {
      await client.query("BEGIN");
      const { rows } = await client.query(`EXPLAIN (${options}) ${query}`);
      await client.query("ROLLBACK");
      const lines = rows.map((row) => row["QUERY PLAN"]);
      return typeof lines[0] === "string" ? lines.join("\n") : JSON.stringify(lines[0], null, 1);
    };
    const run = await reportOf(await explain(`ANALYZE, BUFFERS${at % 3 === 0 ? ", VERBOSE" : ""}${at % 2 ? ", FORMAT JSON" : ""}`));
    const { nodes, nodesMs } = run.data;
    const outside = nodes.filter(({ node, role }) => role?.startsWith("CTE ") && /^(Insert|Update|Delete)/.test(node) && !nodes.some(({ properties }) => `CTE ${properties["CTE Name"]}` === role));
    const total = nodes[0].totalMs + outside.reduce((sum, { totalMs }) => sum + totalMs, 0);
    // A plan prints the time of one loop, to the microsecond.
    const rounding = nodes.reduce((sum, { loops }) => sum + 0.001 * (loops ?? 1), 0);
    const off = Math.abs(nodesMs - total);
    sums.equal(`${variant}: ${name}`, off <= total * 0.01 + rounding ? "close" : `sum ${nodesMs}, root ${total}, rounding ${rounding.toFixed(2)}`, "close");

    const [text, json] = [await reportOf(await explain("VERBOSE")), await reportOf(await explain("VERBOSE, FORMAT JSON"))];
    const view = ({ data }) => data.nodes.map((node) => {
      const { properties: p } = node;
      const table = (name) => (p.Schema ? `${p.Schema}.${name}` : name);
      // The text qualifies names by their schema and leaves out an alias that says nothing new.
      const label = ["Relation Name", "Function Name"].reduce((label, key) => (p.Schema && p[key] ? label.replace(` on ${p[key]}`, ` on ${table(p[key])}`) : label), node.node).replaceAll('"', "");
      const conditions = ["Filter", "Index Cond", "Hash Cond", "Merge Cond", "Join Filter", "Recheck Cond", "Sort Key", "Group Key", "Output", "Workers Planned", "One-Time Filter"];
      return { label, parent: node.parent, role: node.role, planRows: node.planRows, ownCost: node.ownCost, conditions: conditions.map((key) => (p[key] === undefined ? "" : JSON.stringify(p[key]))) };
    });
    forms.equal(`${variant}: ${name}`, view(text), view(json));
  }
  await client.query("RESET ALL");
}
sums.done();
forms.done();
await server.stop();
