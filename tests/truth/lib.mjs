// What truth scripts share: calling our tools, installing peers, corpora from the registries, and the tally that is judged.
// `lib.py` is the same for Python. A script is run by `cargo xtask truth <category> [tool ...] [--sample]`:
//
//   import { Tally, call, npm, sample } from "../lib.mjs";
//   const { require } = npm({ "apca-w3": "0.1.9" });                  // the peer, pinned, in the per-user cache
//   const tally = new Tally({ tool: "webdesign_check_contrast", peer: "apca-w3 0.1.9", corpus: "...", bars: { equal: 1 } });
//   for (const one of sample(cases, 50)) {
//     const { report, error, micros } = await call("check_contrast", { ... });
//     tally.equal(one.name, ours, theirs);                            // counts towards `equal`
//     tally.sets(one.name, oursSet, theirsSet);                       // counts towards `recall` and `precision`
//   }
//   tally.timing("largest case, 2 MB", oursMs, theirsMs);
//   tally.done();
//
// A script may have several tallies, for example one a peer. It fails nothing by itself: `cargo xtask truth` reads the
// tallies and fails when one is under its bar.
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Where everything that is fetched is kept: the per-user cache, so that a fresh clone has it. */
export const KEPT = process.env.OCTAVO_TRUTH_KEPT ?? fileURLToPath(new URL("../../.octavo/truth", import.meta.url));
/** Whether the short run was asked for. */
export const SAMPLED = process.env.OCTAVO_TRUTH_SAMPLE === "1";

/** All of `items`, or in a sampled run `count` of them, evenly spread, the same ones each time. */
export function sample(items, count) {
  if (!SAMPLED || items.length <= count) return items;
  return Array.from({ length: count }, (_, at) => items[Math.floor((at * items.length) / count)]);
}

let server;
const waiting = [];

/** Calls a tool (its name without the category): `{report, micros}` with the whole report, or `{error: {reason, message}, micros}`. */
export function call(tool, args) {
  if (!server) {
    const program = process.env.OCTAVO_TRUTH_SERVE;
    if (!program) throw new Error("run this by `cargo xtask truth <category>`");
    server = spawn(program, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: server.stdout }).on("line", (line) => {
      waiting.shift()?.resolve(JSON.parse(line));
      // A program that nobody waits for keeps no script from its end.
      if (waiting.length === 0) held("unref");
    });
    server.on("exit", (code) => waiting.splice(0).forEach(({ reject }) => reject(new Error(`our program ended with ${code}`))));
  }
  held("ref");
  return new Promise((resolve, reject) => {
    waiting.push({ resolve, reject });
    server.stdin.write(`${JSON.stringify({ tool, arguments: args })}\n`);
  });
}

const held = (how) => [server, server.stdin, server.stdout].forEach((handle) => handle[how]?.());

/** Installs npm packages of fixed versions once; gives their folder and a `require` that finds them (`load` for ES modules). */
export function npm(dependencies) {
  const text = JSON.stringify({ name: "peers", private: true, dependencies }, null, 1);
  const folder = join(KEPT, "npm", createHash("sha256").update(text).digest("hex").slice(0, 12));
  if (!existsSync(join(folder, "installed"))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), text);
    run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", "--legacy-peer-deps"], { cwd: folder });
    // Resolves as an ES module of that folder does.
    writeFileSync(join(folder, "load.mjs"), "export const load = (name) => import(name);\n");
    writeFileSync(join(folder, "installed"), "");
  }
  const require = createRequire(join(folder, "package.json"));
  return { folder, require, load: async (name) => (await import(join(folder, "load.mjs"))).load(name), bin: (name) => join(folder, "node_modules/.bin", name) };
}

/** Unpacks a published npm package (`name@version`) once; gives its folder. */
export function tarball(specifier) {
  const folder = join(KEPT, "tarballs", specifier.replaceAll("/", "+"));
  if (!existsSync(join(folder, "unpacked"))) {
    mkdirSync(folder, { recursive: true });
    const archive = run("npm", ["pack", specifier, "--silent"], { cwd: folder }).trim().split("\n").at(-1);
    run("tar", ["-xzf", archive], { cwd: folder });
    rmSync(join(folder, archive));
    const inner = readdirSync(folder, { withFileTypes: true }).find((entry) => entry.isDirectory())?.name ?? "package";
    if (inner !== "package") cpSync(join(folder, inner), join(folder, "package"), { recursive: true });
    writeFileSync(join(folder, "unpacked"), "");
  }
  return join(folder, "package");
}

/** A checkout of a public repository that no registry has (`owner/name`), or null, having said what to clone where. */
export function repo(name) {
  const folder = join(KEPT, "repos", name.replaceAll("/", "+"));
  if (existsSync(folder)) return folder;
  process.stderr.write(`  left out: the corpus of ${name}; clone it to ${folder} to include it\n`);
  return null;
}

/** Every file below a folder, as sorted relative paths; `keep` chooses by path. */
export function files(folder, keep = () => true) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => relative(folder, join(entry.parentPath, entry.name))).filter(keep).sort();
}

/** Runs a program to its end; gives what it printed, also when it fails and `failing` allows that. */
export function run(program, args, { failing = false, ...options } = {}) {
  try {
    return execFileSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 30, stdio: ["pipe", "pipe", failing ? "ignore" : "inherit"], ...options });
  } catch (error) {
    if (failing && typeof error.stdout === "string") return error.stdout;
    throw error;
  }
}

/** Counts agreement. Bars: `equal`, `recall`, `precision`, each the least share that passes. */
export class Tally {
  #about;
  #counts = { cases: 0, equal: 0, both: 0, oursOnly: 0, theirsOnly: 0, explainedOurs: 0, explainedTheirs: 0, explainedEqual: 0 };
  #differences = [];
  #timings = [];
  #explain;
  #compared = new Set();

  /** `explain(side, item, name)` gives the reason why a difference is right ("ours", "theirs", or "equal" for unequal cases), or nothing. */
  constructor({ tool, peer, corpus, bars, explain = () => undefined }) {
    this.#about = { tool, peer, corpus, bars };
    this.#explain = explain;
  }

  /** Compares two collections of words (with repeats). */
  sets(name, ours, theirs) {
    this.#compared.add("sets");
    this.#counts.cases += 1;
    const left = new Map();
    for (const item of theirs) left.set(item, (left.get(item) ?? 0) + 1);
    for (const item of ours) {
      const known = left.get(item) ?? 0;
      if (known > 0) {
        left.set(item, known - 1);
        this.#counts.both += 1;
      } else this.#differ("ours", item, name);
    }
    for (const [item, count] of left) for (let n = 0; n < count; n += 1) this.#differ("theirs", item, name);
  }

  /** Compares two values of one case; objects by their JSON. */
  equal(name, ours, theirs) {
    this.#compared.add("equal");
    this.#counts.cases += 1;
    const [left, right] = [ours, theirs].map((value) => (typeof value === "string" ? value : JSON.stringify(value)));
    if (left === right) {
      this.#counts.equal += 1;
      return true;
    }
    const reason = this.#explain("equal", { ours, theirs }, name);
    if (reason) this.#counts.explainedEqual += 1;
    this.#differences.push({ case: name, side: "equal", what: `${String(left).slice(0, 300)} <> ${String(right).slice(0, 300)}`, reason });
    return false;
  }

  #differ(side, item, name) {
    const reason = this.#explain(side, item, name);
    this.#counts[side === "ours" ? "oursOnly" : "theirsOnly"] += 1;
    if (reason) this.#counts[side === "ours" ? "explainedOurs" : "explainedTheirs"] += 1;
    this.#differences.push({ case: name, side, what: String(item).slice(0, 300), reason });
  }

  /** Records a time against the peer's, in milliseconds, on a named input; where the peer has no time of its own, ours is only printed. */
  timing(input, ours, theirs) {
    if (theirs === null) process.stderr.write(`  ${input}: ${ours.toFixed(1)} ms\n`);
    else this.#timings.push({ input, ours, theirs });
  }

  /** Hands the tally over. */
  done() {
    const { cases, equal, both, oursOnly, theirsOnly, explainedOurs, explainedTheirs, explainedEqual } = this.#counts;
    const share = (part, whole) => (whole === 0 ? 1 : part / whole);
    const measures = {};
    if (this.#compared.has("equal")) {
      const compared = this.#compared.has("sets") ? equal + this.#differences.filter(({ side }) => side === "equal").length : cases;
      measures.equal = { raw: share(equal, compared), value: share(equal + explainedEqual, compared), of: compared };
    }
    if (this.#compared.has("sets")) {
      measures.recall = { raw: share(both, both + theirsOnly), value: share(both, both + theirsOnly - explainedTheirs), of: both + theirsOnly };
      measures.precision = { raw: share(both, both + oursOnly), value: share(both, both + oursOnly - explainedOurs), of: both + oursOnly };
    }
    const unexplained = this.#differences.filter(({ reason }) => !reason);
    const reasons = {};
    for (const { reason } of this.#differences) if (reason) reasons[reason] = (reasons[reason] ?? 0) + 1;
    const record = { ...this.#about, sampled: SAMPLED, cases, measures, timings: this.#timings, explained: reasons, differences: unexplained.slice(0, 10), unexplained: unexplained.length };
    const out = process.env.OCTAVO_TRUTH_OUT;
    if (!out) throw new Error("run this by `cargo xtask truth <category>`");
    appendFileSync(out, `${JSON.stringify(record)}\n`);
    if (process.env.OCTAVO_TRUTH_ALL) writeFileSync(process.env.OCTAVO_TRUTH_ALL, `${JSON.stringify(this.#differences)}\n`, { flag: "a" });
  }
}

/** The text of a file. */
export const read = (...parts) => readFileSync(join(...parts), "utf8");
/** The size of a file in bytes. */
export const bytes = (...parts) => statSync(join(...parts)).size;
export { dirname, join };
