// Advice on documents: rewritten pipelines give what the old ones give, by mingo on random documents; indexes by the facts of
// MongoDB's manual; keys of DynamoDB by its rules, and their number by trying all.
import { SAMPLED, Tally, call, files, join, npm, read, repo } from "../lib.mjs";
import { ADVISED, SERVED } from "./_mongo.mjs";

const VERSION = "7.2.7";
let seed = 7;
const below = (count) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * count);
};
const pick = (list) => list[below(list.length)];
const some = (count, make) => Array.from({ length: count }, make);
const advise = async (operations, name) => {
  const { report, error, micros } = await call("advise_document_indexes", { operations, output: { maxTokens: 20000, maxFindings: 1000 } });
  if (error) throw new Error(`${name}: ${error.message}`);
  return { report, micros };
};

// Documents and pipelines of a few fields, so that what is made in one stage is read in another.
const FIELDS = ["a", "b", "c", "d", "n.x", "n.y"];
const scalar = () => pick([0, 1, 2, 3, 4, 5, "x", "y", null, true]);
const field = (name) => pick([scalar, scalar, scalar, () => below(6), () => some(below(4), () => below(5)), () => ({ x: below(4), y: scalar() }), () => some(below(3), () => ({ x: below(4) }))])(name);
const document = (_, at) => {
  const one = { _id: at };
  for (const name of ["a", "b", "c", "d"]) if (below(6)) one[name] = field(name);
  if (below(5)) one.n = pick([() => ({ x: below(4), y: scalar() }), () => some(below(3), () => ({ x: below(4), y: below(3) }))])();
  if (below(3)) one.list = some(below(4), () => pick([below(4), { x: below(4) }]));
  return one;
};
const condition = () => pick([
  () => scalar(),
  () => ({ $gt: below(5) }),
  () => ({ $gte: below(5), $lt: below(8) }),
  () => ({ $in: [below(5), pick(["x", 2])] }),
  () => ({ $ne: scalar() }),
  () => ({ $exists: below(2) === 1 }),
  () => ({ $eq: below(5) }),
])();
const NAMES = [...FIELDS, "_id", "list", "list.x", "e", "f.x", "count", "total", "joined", "joined.a"];
const filter = () => {
  const one = {};
  for (let at = 0; at <= below(3); at += 1) one[pick(NAMES)] = condition();
  if (!below(8)) one.$or = [{ [pick(NAMES)]: condition() }, { [pick(NAMES)]: condition() }];
  return one;
};
const STAGES = {
  $match: filter,
  $sort: () => ({ [pick(NAMES)]: pick([1, -1]), _id: 1 }),
  $limit: () => 1 + below(12),
  $skip: () => below(4),
  $project: () => pick([
    () => ({ a: 1, n: 1, [pick(["e", "b"])]: pick(["$c", "$a", { $add: [1, 2] }, { $ifNull: ["$a", 3] }]) }),
    () => ({ b: 0, "n.x": 0 }),
    () => ({ _id: below(2), a: 1, "n.x": 1 }),
    () => ({ a: true, e: "$n", f: { x: "$b" } }),
  ])(),
  $addFields: () => ({ [pick(["e", "a", "n.y"])]: pick([5, "$b", { $ifNull: ["$c", 1] }]) }),
  $set: () => ({ [pick(["e", "f"])]: pick([{ x: "$a" }, "$d"]) }),
  $unset: () => pick(["a", ["b", "n.x"]]),
  $unwind: () => pick(["$list", { path: "$list", includeArrayIndex: "e" }, { path: "$a", preserveNullAndEmptyArrays: true }]),
  $lookup: () => ({ from: "other", localField: pick(["a", "b"]), foreignField: "a", as: pick(["joined", "c"]) }),
  $group: () => ({ _id: pick(["$a", "$b", "$n.x", null, { k: "$a" }]), count: { $sum: 1 }, ...(below(2) ? { total: { $max: "$b" } } : {}), ...(below(4) ? {} : { e: { $first: "$c" } }) }),
  $count: () => "count",
};
const pipeline = () => some(2 + below(5), () => pick(["$match", "$match", ...Object.keys(STAGES).filter((name) => name !== "$count" || !below(4))])).map((name) => ({ [name]: STAGES[name]() }));
const OTHER = some(12, (_, at) => ({ _id: at, a: below(5), z: at }));

{
  const { load } = npm({ mingo: VERSION });
  await load("mingo/init/system").catch(() => {});
  const { aggregate } = await load("mingo");
  const documents = (count) => some(count, document);
  const tally = new Tally({
    tool: "database_advise_document_indexes",
    peer: `mingo ${VERSION}`,
    corpus: "pipelines of random stages, and those of mingo's own tests: what the rewritten one gives on random documents, against what it gave before",
    bars: { equal: 1 },
  });
  const cases = some(SAMPLED ? 60 : 4000, (_, at) => [`random ${at}`, pipeline()]);
  const root = SAMPLED ? null : repo("kofrasa/mingo");
  for (const path of root ? files(join(root, "test"), (path) => path.endsWith(".test.ts")) : []) {
    for (const [at, text] of literals(read(root, "test", path)).entries()) {
      try {
        const value = new Function(`return ${text}`)();
        if (Array.isArray(value) && value.length > 1 && value.every((stage) => stage && Object.keys(stage).length === 1 && Object.keys(stage)[0].startsWith("$"))) cases.push([`${path} ${at}`, JSON.parse(JSON.stringify(value))]);
      } catch {
        // What names variables is no literal.
      }
    }
  }
  let [changed, unordered, told] = [0, 0, 0];
  for (const [name, stages] of cases) {
    const { report } = await advise(`db.c.aggregate(${JSON.stringify(stages)})`, name);
    const found = report.data.pipelines?.[0];
    if (!found) continue;
    changed += 1;
    const rewritten = JSON.parse(found.stages);
    // Groups come in no order; which of them a limit leaves is not said without a sort after it.
    const loose = found.changes.some((change) => change.startsWith("$sort before a $group"));
    if (loose && stages.some((stage) => stage.$limit || stage.$skip)) {
      unordered += 1;
      continue;
    }
    const options = { collectionResolver: () => OTHER };
    for (let tries = 0; tries < 3; tries += 1) {
      const list = documents(25);
      const run = (what) => {
        try {
          const given = aggregate(structuredClone(list), structuredClone(what), options).map((one) => JSON.stringify(one));
          return (loose ? given.sort() : given).join("\n");
        } catch (error) {
          return `throws ${error.message}`;
        }
      };
      const before = run(stages);
      if (before.startsWith("throws")) continue;
      told += before ? 1 : 0;
      if (!tally.equal(`${name}: ${JSON.stringify(stages)} to ${found.stages}`.slice(0, 700), run(rewritten), before)) break;
    }
  }
  process.stderr.write(`  ${cases.length} pipelines, ${changed} rewritten; ${unordered} left out: a limit on groups that come in no order; ${told} runs gave documents\n`);
  tally.done();
}

{
  const tally = new Tally({
    tool: "database_advise_document_indexes",
    peer: "MongoDB's manual (equality, sort, range; prefixes; sorts by an index)",
    corpus: "the manual's own examples: which index serves which operation, which index an operation is given",
    bars: { equal: 1 },
  });
  for (const [indexes, operation, served] of SERVED) {
    const made = indexes.split("; ").map((keys) => `db.c.createIndex(${keys})`).join("\n");
    const { report } = await advise(`${made}\ndb.c.${operation}`, operation);
    tally.equal(`${indexes}: ${operation}`, !report.data.create, served);
  }
  for (const [operation, index] of ADVISED) {
    const { report } = await advise(`db.c.${operation}`, operation);
    tally.equal(operation, (report.data.create ?? []).map(({ call }) => call).join(" "), `db.c.createIndex(${index})`);
  }
  tally.done();
}

{
  const valid = new Tally({
    tool: "database_advise_document_indexes",
    peer: "DynamoDB's rules of queries",
    corpus: "random access patterns: each is a query of the key that it is said to be served by",
    bars: { equal: 1 },
  });
  const fewest = new Tally({
    tool: "database_advise_document_indexes",
    peer: "every set of keys, tried",
    corpus: "random access patterns of up to four attributes: as few keys as any set of keys that serves them",
    bars: { equal: 1 },
  });
  for (let at = 0; at < (SAMPLED ? 40 : 600); at += 1) {
    const names = ["p", "q", "r", "s"].slice(0, 2 + below(3));
    const asked = some(1 + below(5), () => {
      const equal = names.filter(() => !below(2));
      if (!equal.length) equal.push(pick(names));
      const rest = names.filter((name) => !equal.includes(name));
      const range = rest.length && below(2) ? pick(rest) : null;
      return { equal, range };
    });
    const patterns = asked.map(({ equal, range }) => `t: ${[...equal.map((name) => `${name} =`), ...(range ? [`${range} range`] : [])].join(", ")}`);
    const { report, error } = await call("advise_document_indexes", { patterns, output: { maxTokens: 20000 } });
    if (error) throw new Error(error.message);
    const keys = report.data.tables[0].keys;
    for (const [place, one] of asked.entries()) {
      const key = keys.find(({ serves }) => serves.includes(place + 1));
      valid.equal(`${patterns.join("; ")}: ${patterns[place]}`, Boolean(key) && serves([key.partition, ...(key.sort?.split("#") ?? [])], one), true);
    }
    fewest.equal(`${patterns.join("; ")}: ${keys.map(({ partition, sort }) => `${partition}/${sort ?? ""}`).join(" ")}`, keys.length, least(names, asked));
  }
  valid.done();
  fewest.done();
}

/** Whether a key (partition, then the parts of its sort key) serves a pattern by one query. */
function serves([partition, ...sort], { equal, range }) {
  if (!equal.includes(partition)) return false;
  const rest = equal.filter((name) => name !== partition);
  const begins = sort.slice(0, rest.length);
  if (begins.length < rest.length || !begins.every((name) => rest.includes(name))) return false;
  return !range || sort[rest.length] === range;
}

/** The least number of keys that serve all patterns. */
function least(names, asked) {
  const orders = (list) => (list.length ? list.flatMap((name) => orders(list.filter((other) => other !== name)).map((rest) => [name, ...rest])) : [[]]);
  const masks = [...new Set(orders(names).map((key) => asked.reduce((mask, one, at) => mask | (serves(key, one) ? 1 << at : 0), 0)))];
  const all = (1 << asked.length) - 1;
  for (let count = 1; count <= asked.length; count += 1) if (covers(masks, all, count)) return count;
  return Infinity;
}

function covers(masks, left, count) {
  if (!left) return true;
  if (!count) return false;
  const bit = left & -left;
  return masks.some((mask) => mask & bit && covers(masks, left & ~mask, count - 1));
}

/** The array literals that are handed to a call in a text. */
function literals(text) {
  const list = [];
  for (const match of text.matchAll(/[(,:=]\s*\[\s*\{\s*["']?\$\w+["']?\s*:/g)) {
    const from = match.index + match[0].indexOf("[");
    let depth = 0;
    for (let at = from; at < text.length; at += 1) {
      if ("[{(".includes(text[at])) depth += 1;
      if ("]})".includes(text[at])) depth -= 1;
      if (depth === 0) {
        list.push(text.slice(from, at + 1));
        break;
      }
    }
  }
  return list;
}
