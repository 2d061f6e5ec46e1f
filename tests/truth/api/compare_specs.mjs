// oasdiff's published checker cases: where a test of its compares two files and expects a change, ours must report that change
// at that level. And graphql-inspector live on mutated schemas: the same changes at the same criticality.
import { Tally, call, files, join, npm, read, repo, sample } from "../lib.mjs";

const claimed = new Set([...read(import.meta.dirname, "../../../workers/api/src/tools/compare_specs/openapi_rules.rs").matchAll(/rule!\("([^"]+)"/g)].map(([, id]) => id));

const tallies = [];
const folder = repo("oasdiff/oasdiff");
if (folder) {
  const checker = join(folder, "checker");
  const ids = new Map();
  const levels = new Map();
  for (const file of files(checker, (path) => path.endsWith(".go") && !path.endsWith("_test.go") && !path.includes("/"))) {
    const text = read(checker, file);
    for (const [, name, id] of text.matchAll(/(\w+Id)\s*=\s*"([^"]+)"/g)) ids.set(name, id);
    for (const [, name, level] of text.matchAll(/new\w*Rule\((\w+Id),\s*(ERR|WARN|INFO)\b/g)) levels.set(name, { ERR: "error", WARN: "warning", INFO: "info" }[level]);
  }
  const cases = [];
  let unclaimed = 0;
  // `open(getParameterFile("a.yaml"))`, as some tests have it.
  const helpers = new Map();
  for (const file of files(checker, (path) => path.endsWith("_test.go") && !path.includes("/"))) {
    for (const [, name, pattern] of read(checker, file).matchAll(/func (\w+)\(file string\) string \{\s*return fmt\.Sprintf\("([^"]+)", file\)/g)) helpers.set(name, pattern);
  }
  for (const file of files(checker, (path) => path.endsWith("_test.go") && !path.includes("/"))) {
    for (const [, test, body] of read(checker, file).matchAll(/\nfunc (Test\w+)\(t \*testing\.T\) \{\n([\s\S]*?)\n\}\n/g)) {
      const opened = [...body.matchAll(/(\w+), err :?= open\((?:"([^"]+)"|(\w+)\("([^"]+)"\))/g)];
      // A test that changes what it opened, or runs with options, is not a case of two files.
      if (opened.length !== 2 || /Spec\.\w|\.With\w+\(|DeprecationDays|t\.Run|\bset\w+\(t, s/.test(body)) continue;
      if (body.split("GetWithOperationsSourcesMap(").length !== 2) continue;
      const path = ([, , plain, helper, name]) => plain ?? helpers.get(helper)?.replace("%s", name);
      if (!opened.every(path)) continue;
      const [base, revision] = opened.map((one) => join(checker, path(one)));
      const told = body.split("\n").filter((line) => !/Not|False|len\(/.test(line)).join("\n");
      const expected = new Set([...told.matchAll(/checker\.(\w+Id)\b/g)].map(([, name]) => name).filter((name) => ids.has(name)));
      for (const name of expected) {
        const id = ids.get(name);
        if (!claimed.has(id)) {
          unclaimed += 1;
          continue;
        }
        cases.push({ test, base, revision, id, level: /Level:/.test(body) ? undefined : levels.get(name) });
      }
    }
  }
  const checks = new Set(cases.map(({ id }) => id));
  const tally = new Tally({ tool: "api_compare_specs", peer: "oasdiff, cases of its checker tests (change and level)", corpus: `${cases.length} cases of ${checks.size} checks; ${unclaimed} of checks not claimed left out`, bars: { equal: 0.95 } });
  for (const { test, base, revision, id, level } of cases) {
    let texts;
    try {
      texts = [read(base), read(revision)];
    } catch {
      continue;
    }
    const { report, error } = await call("compare_specs", { base: texts[0], revision: texts[1] });
    if (error) throw new Error(`${test}: ${error.message}`);
    const found = report.findings.filter(({ rule }) => rule === id);
    const told = found.length === 0 ? "not reported" : level && !found.some((one) => one.level === level) ? found[0].level : "as expected";
    tally.equal(`${test}: ${id} (${level ?? "any level"})`, told, "as expected");
  }
  tallies.push(tally);
}

const { require, load } = npm({ graphql: "16.11.0", "@graphql-inspector/core": "7.1.3" });
const { buildSchema } = require("graphql");
const { diff, CriticalityLevel } = require("@graphql-inspector/core");

const BASE = `
  directive @auth(role: String = "user", scopes: [String!]) on FIELD_DEFINITION | OBJECT
  "A node." interface Node { id: ID! created: String }
  interface Owned { owner(active: Boolean = true): User }
  "A user." type User implements Node & Owned { id: ID! created: String owner(active: Boolean = true): User name: String! email: String @deprecated(reason: "Use name.") posts(first: Int = 10, filter: PostFilter): [Post!]! }
  type Post implements Node { id: ID! created: String title: String body: String! author: User! kind: Kind tags: [String] }
  type Comment { id: ID! text: String }
  union Item = User | Post
  enum Kind { DRAFT PUBLIC HIDDEN }
  input PostFilter { kind: Kind = PUBLIC text: String! after: String }
  scalar Date
  type Query { user(id: ID!): User post(id: ID!, draft: Boolean): Post search(text: String!): [Item!] comment: Comment now: Date }
  type Mutation { publish(id: ID!): Post }
`;
const CHANGES = [
  [/name: String!/, "name: String"], [/title: String/, "title: String!"], [/body: String!/, ""], [/ tags: \[String\]/, " tags: [String!]!"], [/kind: Kind tags/, "kind: Kind views: Int tags"],
  [/union Item = User \| Post/, "union Item = User | Post | Comment"], [/union Item = User \| Post/, "union Item = User"], [/ HIDDEN/, ""], [/HIDDEN/, "HIDDEN OLD"], [/kind: Kind = PUBLIC/, "kind: Kind = DRAFT"],
  [/text: String! after/, "text: String after"], [/after: String/, "after: String!"], [/after: String/, "after: String before: String"], [/after: String/, "after: String must: Int!"], [/first: Int = 10/, "first: Int = 20"],
  [/first: Int = 10/, "first: Int!"], [/, draft: Boolean/, ""], [/draft: Boolean/, "draft: Boolean!"], [/draft: Boolean/, "draft: Boolean, more: Int"], [/draft: Boolean/, "draft: Boolean, more: Int!"],
  [/scalar Date/, ""], [/now: Date/, ""], [/ @deprecated\(reason: "Use name."\)/, ""], [/reason: "Use name."/, 'reason: "Gone."'], [/title: String/, 'title: String @deprecated(reason: "Old.")'],
  [/"A user." type User/, "type User"], [/"A user."/, '"One user."'], [/type Comment/, '"A comment." type Comment'], [/type Comment \{ id: ID! text: String \}/, "interface Comment { id: ID! text: String }"], [/ & Owned \{ id: ID! created: String owner\(active: Boolean = true\): User/, " { id: ID! created: String owner(active: Boolean = true): User"],
  [/type Post implements Node/, "type Post implements Node & Extra"], [/type Mutation \{ publish\(id: ID!\): Post \}/, ""], [/directive @auth.*\n/, "\n"], [/role: String = "user"/, 'role: String = "admin"'], [/, scopes: \[String!\]/, ""],
  [/FIELD_DEFINITION \| OBJECT/, "FIELD_DEFINITION"], [/FIELD_DEFINITION \| OBJECT/, "FIELD_DEFINITION | OBJECT | ENUM"], [/search\(text: String!\): \[Item!\]/, "search(text: String!): [Item]"], [/comment: Comment/, "comment: Post"], [/enum Kind/, '"Kinds." enum Kind'],
  [/input PostFilter \{/, '"F." input PostFilter {'], [/DRAFT PUBLIC/, 'DRAFT @deprecated(reason: "d") PUBLIC'], [/posts\(/, "articles("], [/author: User!/, "author: Node!"], [/id: ID!, draft/, 'id: ID! = "1", draft'],
];
const mend = (text) => (text.includes("& Extra") ? `${text}\n interface Extra { title: String }` : text).replace(/now: Date/g, text.includes("scalar Date") ? "now: Date" : "now: String");
const pairs = [];
CHANGES.forEach(([from, to], at) => {
  const one = mend(BASE.replace(from, to));
  pairs.push([`change ${at}`, BASE, one], [`change ${at} undone`, one, BASE]);
  CHANGES.slice(at + 1).forEach(([second, into], more) => (at * 13 + more) % 4 === 0 && pairs.push([`changes ${at} and ${at + more + 1}`, BASE, mend(BASE.replace(from, to).replace(second, into))]));
});
// What is inside something new is counted in `data.nested` and not told one by one, so it is left out of theirs too.
const outermost = (changes) => {
  const added = new Set(changes.filter(({ type }) => /_ADDED$/.test(type) && !/LOCATION/.test(type)).map(({ path }) => path));
  return changes.filter(({ type, path = "" }) => {
    const steps = path.split(".");
    const inside = steps.some((_, at) => at > 0 && added.has(steps.slice(0, at).join(".")));
    return !inside && !(type === "DIRECTIVE_LOCATION_ADDED" && added.has(path));
  });
};
const LEVELS = { [CriticalityLevel.Breaking]: "error", [CriticalityLevel.Dangerous]: "warning", [CriticalityLevel.NonBreaking]: "info" };
const inspector = new Tally({ tool: "api_compare_specs", peer: "@graphql-inspector/core 7.1.3 (change type and criticality)", corpus: "pairs of mutated schemas", bars: { recall: 0.99, precision: 0.99 } });
for (const [name, base, revision] of sample(pairs, 80)) {
  let changes;
  try {
    changes = outermost(await diff(buildSchema(base), buildSchema(revision)));
  } catch {
    // The mutation made a schema that is none.
    continue;
  }
  const { report, error } = await call("compare_specs", { base, revision });
  if (error) throw new Error(`${name}: ${error.message}`);
  const ours = new Set(report.findings.map(({ rule, level }) => `${rule} ${level}`));
  const theirs = new Set(changes.map(({ type, criticality }) => `${type} ${LEVELS[criticality.level]}`));
  inspector.sets(name, ours, theirs);
}
[inspector, ...tallies].forEach((tally) => tally.done());
