// The JSON Schema evaluator of the OpenAPI linter against the official suite of draft 2020-12: every required test, and the
// optional ones that do not ask for formats to be asserted. Not a tool of its own: `lint_openapi.mjs` runs it.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Tally, files, join, npm, read, repo, sample } from "../lib.mjs";

// Optional tests ask for what an implementation may leave out: asserted formats, numbers of any size, other drafts.
const LEFT_OUT = /^optional\/(format|format-assertion|cross-draft|bignum|float-overflow|content|dependencies-compatibility|unknownKeyword|refOfUnknownKeyword|non-bmp-regex|ecmascript-regex|id|anchor|no-schema|dynamicRef)/;

export async function suite() {
  const folder = repo("json-schema-org/JSON-Schema-Test-Suite");
  if (!folder) return;
  const { folder: peers } = npm({ ajv: "8.17.1" });
  const documents = {};
  for (const file of files(join(folder, "remotes"), (path) => path.endsWith(".json") && !/^draft(3|4|6|7|2019-09|-next)/.test(path))) {
    documents[`http://localhost:1234/${file}`] = JSON.parse(read(folder, "remotes", file));
  }
  const meta = join(peers, "node_modules/ajv/dist/refs/json-schema-2020-12");
  for (const file of files(meta, (path) => path.endsWith(".json"))) {
    const schema = JSON.parse(read(meta, file));
    documents[schema.$id] = schema;
  }
  const program = spawn(process.env.OCTAVO_TRUTH_SERVE, ["--json-schema"], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = [];
  createInterface({ input: program.stdout }).on("line", (line) => waiting.shift()(JSON.parse(line)));
  const ask = (question) => new Promise((resolve) => (waiting.push(resolve), program.stdin.write(`${JSON.stringify(question)}\n`)));
  const tests = join(folder, "tests/draft2020-12");
  const groups = files(tests, (path) => path.endsWith(".json") && !LEFT_OUT.test(path)).flatMap((file) => JSON.parse(read(tests, file)).map((group) => ({ ...group, file })));
  const tally = new Tally({ tool: "api_lint_openapi", peer: "JSON-Schema-Test-Suite, draft 2020-12", corpus: `${groups.length} schemas of the official suite`, bars: { equal: 1 } });
  for (const { file, description, schema, tests: cases } of sample(groups, 60)) {
    const verdicts = await ask({ schema, documents, values: cases.map(({ data }) => data) });
    cases.forEach(({ description: name, valid }, at) => tally.equal(`${file}: ${description}: ${name}`, verdicts[at], valid));
  }
  program.stdin.end();
  tally.done();
}
