// ReDoS verdicts against recheck, on the expressions of published packages, many of them known to be slow once; and each
// attack string replayed in V8, which must show the growth.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { KEPT, SAMPLED, Tally, bytes, call, files, join, npm, read, sample, tarball } from "../lib.mjs";

const VERSION = "4.5.0";
const { require } = npm({ recheck: VERSION, acorn: "8.14.0", "acorn-walk": "8.3.4" });
const PACKAGES = [
  "marked@0.3.5", "moment@2.18.0", "ua-parser-js@0.7.20", "validator@13.5.0", "prismjs@1.22.0", "hosted-git-info@2.8.5", "ssri@5.3.0", "trim-newlines@3.0.0", "path-parse@1.0.6",
  "glob-parent@5.1.0", "is-svg@4.2.0", "color-string@1.5.3", "postcss@7.0.30", "nth-check@1.0.2", "ansi-regex@5.0.0", "minimatch@3.0.4", "browserslist@4.16.0", "charset@1.0.0", "fresh@0.5.1",
  "forwarded@0.1.0", "mime@1.4.0", "no-case@2.3.1", "slug@0.9.1", "underscore.string@3.3.4", "tough-cookie@2.3.2", "useragent@2.2.1", "markdown-it@10.0.0", "uglify-js@2.5.0", "semver@7.3.0",
  "debug@2.6.8", "ms@0.7.0", "method-override@2.3.9", "timespan@2.3.0", "string@3.3.3", "brace-expansion@1.1.6", "content-type-parser@1.0.1", "clean-css@4.1.10", "eslint@4.18.1", "js-yaml@4.1.0", "lodash@4.17.21",
];

function expressions() {
  const { parse } = require("acorn");
  const walk = require("acorn-walk");
  const found = new Map();
  for (const name of PACKAGES) {
    const root = tarball(name);
    for (const path of files(root, (path) => /\.[cm]?js$/.test(path) && !/min\.|dist\/|bundle|\/test|locale|i18n|browser\//.test(path)).slice(0, 300)) {
      if (bytes(root, path) > 1_000_000) continue;
      let tree;
      const text = read(root, path).replace(/^#!.*/, "");
      for (const sourceType of ["module", "script"]) {
        try {
          tree = parse(text, { ecmaVersion: "latest", sourceType, allowReturnOutsideFunction: true });
          break;
        } catch {
          // Neither of the two: not read.
        }
      }
      if (!tree) continue;
      walk.simple(tree, {
        Literal(node) {
          if (node.regex && node.regex.pattern.length <= 600) found.set(`/${node.regex.pattern}/${node.regex.flags}`, node.regex);
        },
      });
    }
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1));
}

// recheck takes seconds for some: its answers are kept, but for those that it failed to give.
async function verdicts(list) {
  const { check } = require("recheck");
  const folder = join(KEPT, "answers", `recheck-${VERSION}`);
  mkdirSync(folder, { recursive: true });
  const answers = new Map();
  for (const [label, { pattern, flags }] of list) {
    const file = join(folder, `${createHash("sha256").update(label).digest("hex").slice(0, 16)}.json`);
    if (!existsSync(file)) {
      const started = performance.now();
      const { status, complexity, checker, attack } = await check(pattern, flags, { timeout: 20_000 });
      const took = performance.now() - started;
      writeFileSync(file, JSON.stringify({ label, status, complexity, checker, attack: attack?.pattern, took }));
    }
    answers.set(label, JSON.parse(read(file)));
  }
  return answers;
}

const all = expressions();
// One in four of those that repeat something: recheck needs minutes for more, and so does the replay.
const interesting = all.filter(([label]) => /[*+}]/.test(label.slice(1))).filter((_, at) => at % 4 === 0);
const list = sample(interesting, 60);
const answers = await verdicts(list);
if (process.env.OCTAVO_REGEX_DUMP) writeFileSync(process.env.OCTAVO_REGEX_DUMP, JSON.stringify([...answers.values()]));

// Replays a string in V8, in a process of its own: the times of growing strings must grow more than their lengths.
const REPLAY = `
const { source, flags, prefix, pump, suffix, exponential, degree } = JSON.parse(process.argv[1]);
const time = (count) => {
  const text = prefix + pump.repeat(count) + suffix;
  const expression = new RegExp(source, flags.replace("g", ""));
  let best = Infinity;
  // The first run compiles; a loaded machine is why the time of the process counts, and the best of several runs.
  for (let round = 0; round < 4; round += 1) {
    const before = process.cpuUsage();
    expression.test(text);
    expression.lastIndex = 0;
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e3);
    if (best > 400) break;
  }
  return best;
};
time(2);
const say = (grows, what) => { process.stdout.write(JSON.stringify({ grows, what })); process.exit(0); };
if (exponential) {
  // A few repetitions more take many times as long, on a string of a few hundred characters at most.
  for (let count = 4; count <= 120; count += 1) {
    const own = time(count);
    if (own > 8) {
      const more = time(count + 4);
      say(more > own * 2, count + ": " + own.toFixed(1) + " ms, " + (count + 4) + ": " + more.toFixed(1) + " ms");
    }
  }
  say(false, "no growth up to 120");
}
for (let count = 200; count * pump.length < 4e6; count *= 2) {
  const own = time(count);
  if (own > 12) {
    const more = time(count * 4);
    // Linear is four, the square sixteen.
    say(more > own * 6.5, count + ": " + own.toFixed(1) + " ms, " + count * 4 + ": " + more.toFixed(1) + " ms");
  }
}
say(false, "no growth");
`;

function replay([, { pattern, flags }], row) {
  const given = JSON.stringify({ source: pattern, flags, ...row.attack, exponential: row.growth === "exponential", degree: row.degree });
  const { stdout, error } = spawnSync(process.execPath, ["-e", REPLAY, given], { encoding: "utf8", timeout: 20_000 });
  // One that does not end within twenty seconds on so short a string has grown.
  if (error?.code === "ETIMEDOUT") return { grows: true, what: "more than 20 s" };
  return stdout ? JSON.parse(stdout) : { grows: false, what: "failed" };
}

const why = (label, row, answer) => {
  if (row?.replayed?.grows && answer.status === "safe") return "V8 shows the growth that recheck does not find";
  if (row?.replayed?.grows && row.growth === "exponential") return "V8 shows exponential growth where recheck found a polynomial one by trying";
  return undefined;
};
const rows = new Map();
let ours = 0;
for (const [label] of list) {
  const { report, micros } = await call("analyze_regex", { patterns: [label] });
  ours += micros / 1000;
  rows.set(label, { ...report.data.expressions[0], micros });
}
const witness = new Tally({
  tool: "quality_analyze_regex",
  peer: `V8 of Node.js ${process.versions.node} (each attack string shows the growth)`,
  corpus: `the expressions judged slow in ${PACKAGES.length} published packages`,
  bars: { equal: 1 },
});
for (const one of list) {
  const row = rows.get(one[0]);
  if (!row.attack) continue;
  row.replayed = replay(one, row);
  witness.equal(one[0], row.replayed.grows, true) || process.stderr.write(`  ${one[0]}: ${JSON.stringify(row.attack)} ${row.replayed.what}\n`);
}
witness.done();
const judged = list.filter(([label]) => ["safe", "vulnerable"].includes(answers.get(label).status));
const tally = new Tally({
  tool: "quality_analyze_regex",
  peer: `recheck ${VERSION} (safe, polynomial or exponential)`,
  corpus: `${judged.length} expressions of ${PACKAGES.length} published packages, many of them with a known weakness`,
  bars: { equal: 0.97 },
  explain: (side, item, name) => why(name, rows.get(name), answers.get(name)),
});
for (const [label] of judged) {
  const { status, complexity } = answers.get(label);
  const theirs = status === "safe" ? "linear" : complexity.type;
  tally.equal(label, rows.get(label).growth, theirs);
}
tally.timing(`${judged.length} expressions`, ours, judged.reduce((sum, [label]) => sum + answers.get(label).took, 0));
tally.done();
process.exit(0);
