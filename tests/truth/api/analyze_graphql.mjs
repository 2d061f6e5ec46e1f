// Validation verdicts of graphql-js on the cases of its own tests and on mutated operations, and the figures of
// graphql-query-complexity, equal.
import { Tally, call, files, join, npm, read, repo, sample } from "../lib.mjs";

const { load, require } = npm({ graphql: "16.11.0", "graphql-query-complexity": "2.0.0", "@octokit/graphql-schema": "15.26.1" });
const { buildSchema, parse, validate, validateSchema, buildASTSchema, print, visit } = require("graphql");
const { getComplexity, simpleEstimator, directiveEstimator } = require("graphql-query-complexity");

const verdictOf = (schemaText, operations) => {
  let schema;
  try {
    schema = buildASTSchema(parse(schemaText));
    if (validateSchema(schema).length > 0) return { verdict: "invalid schema" };
  } catch {
    return { verdict: "invalid schema" };
  }
  if (operations === undefined) return { verdict: "valid", schema };
  try {
    const document = parse(operations);
    const errors = validate(schema, document, undefined, { maxErrors: 1000 });
    return { verdict: errors.length ? "invalid" : "valid", schema, document, errors };
  } catch {
    return { verdict: "invalid", schema };
  }
};
const ourVerdict = (report, operations) => {
  const errors = report.findings.filter(({ level }) => level === "error");
  if (errors.some(({ path }) => path === "schema")) return "invalid schema";
  return operations !== undefined && errors.length ? "invalid" : "valid";
};

// Operations over a schema that exercise every rule, and what breaks them: each word replaced, left out or repeated in turn.
const PETS = `
  directive @complexity(value: Int!, multipliers: [String!]) on FIELD_DEFINITION
  interface Named { name(upper: Boolean): String }
  interface Animal implements Named { name(upper: Boolean): String friends(first: Int = 10, filter: Filter): [Animal!]! @complexity(value: 2, multipliers: ["first", "filter.limit"]) }
  type Dog implements Named & Animal { name(upper: Boolean): String friends(first: Int = 10, filter: Filter): [Animal!]! owner: Person barks: Boolean! }
  type Cat implements Named & Animal { name(upper: Boolean): String friends(first: Int = 10, filter: Filter): [Animal!]! owner: Person lives: Int @complexity(value: 3) }
  type Person implements Named { name(upper: Boolean): String pets(ids: [ID!], kind: Kind): [Pet] @complexity(value: 1, multipliers: ["ids"]) age: Int email: Email }
  union Pet = Dog | Cat
  enum Kind { DOG CAT }
  scalar Email
  input Filter { limit: Int = 3, text: String!, kinds: [Kind!] }
  type Query { pet(id: ID!): Pet animal(kind: Kind! = DOG): Animal person(email: Email): Person search(filter: Filter): [Named] }
  type Mutation { rename(id: ID!, name: String!): Animal }
  type Subscription { renamed(id: ID): Animal }
`;
const OPERATIONS = [
  "query A($n: Int = 4, $f: Filter, $yes: Boolean!) { animal { name friends(first: $n, filter: $f) { name @include(if: $yes) ... on Dog { owner { name } } } } }",
  "query B($ids: [ID!]) { person(email: \"a@b.c\") { pets(ids: $ids) { __typename ... on Cat { lives friends { name } } ... on Dog { barks } } } }",
  "{ pet(id: 1) { ...cat ... on Dog { ...dog } } } fragment cat on Cat { lives n: name(upper: true) } fragment dog on Dog { barks owner { age pets(ids: [1, 2]) { ...cat } } }",
  "query C { search(filter: {text: \"x\", limit: 5, kinds: [DOG, CAT]}) { name ... on Person { age email } ... on Animal { friends(first: 2) { name } } } }",
  "mutation D($id: ID!) { rename(id: $id, name: \"n\") { name friends(filter: {text: \"t\"}) { __typename } } }",
  "subscription E { renamed(id: \"1\") { name ... on Cat @skip(if: false) { owner { name } } } }",
  "{ __schema { types { name fields { name type { name } } } } animal(kind: CAT) { ... { name } } }",
  "query F($k: Kind!) { a: animal(kind: $k) { name } b: animal(kind: DOG) { name x: friends { name } } }",
];
const VARIABLES = { n: 7, yes: true, f: { text: "q", limit: 9 }, ids: ["1", "2", "3"], id: "5", k: "CAT" };
const mutate = (text) => {
  const words = [...text.matchAll(/[A-Za-z_]\w*|[{}()[\]:$!@=,]|\.\.\.|"[^"]*"|\d+/g)];
  const known = ["name", "Dog", "Cat", "Int", "friends", "$n", "pets", "5", "\"x\"", "DOG", "null", "true", "{", "}", "Animal", "age", "[1]"];
  const made = [];
  words.forEach(({ 0: word, index }, at) => {
    const [before, after] = [text.slice(0, index), text.slice(index + word.length)];
    made.push(before + after, `${before}${word} ${word}${after}`, before + known[at % known.length] + after, before + known[(at * 7 + 3) % known.length] + after);
  });
  return made;
};

const cases = OPERATIONS.flatMap((text, at) => [{ name: `operation ${at}`, schema: PETS, operations: text }, ...mutate(text).map((operations, n) => ({ name: `operation ${at}, change ${n}`, schema: PETS, operations }))]);
const mutated = cases.length;
const folder = repo("graphql/graphql-js");
if (folder) {
  const tests = join(folder, "src/validation/__tests__");
  const literals = (text) => [...text.matchAll(/`((?:[^`\\]|\\.)*)`/g)].map(([, inner]) => inner).filter((inner) => !inner.includes("${"));
  const [harness] = literals(read(tests, "harness.ts"));
  const own = [];
  for (const file of files(tests, (path) => path.endsWith("-test.ts") && !/Custom|ValidationContext|MaxIntrospection/.test(path))) {
    literals(read(tests, file)).forEach((text, at) => {
      let kinds;
      try {
        kinds = parse(text).definitions.map(({ kind }) => kind);
      } catch {
        return;
      }
      const executable = kinds.every((kind) => /^(Operation|Fragment)Definition$/.test(kind));
      const name = `${file.replace("-test.ts", "")} ${at}`;
      if (executable) own.push({ name, schema: harness, operations: text });
      else if (kinds.every((kind) => !/^(Operation|Fragment)Definition$/.test(kind))) own.push({ name, schema: `${text}\n${/(type|schema)\s+(Query|\{|@)/.test(text) ? "" : "type Query { added: Int }"}` });
    });
  }
  cases.push(...own);
}

// Cases whose schema has no root type for the operation: graphql-js takes them when it validates and fails when it executes.
const rootless = new Set();
const explain = (side, { ours, theirs }, name) => {
  if (ours === "valid" && theirs === "invalid" && /oneOf|OneOfInput/.test(name)) return "values of @oneOf input objects, which the tool says it does not check";
  if (rootless.has(name)) return "an operation for which the schema has no root type: told here, by graphql-js only when it is run";
  return undefined;
};
const verdicts = new Tally({ tool: "api_analyze_graphql", peer: "graphql-js 16.11.0, validate", corpus: `${cases.length - mutated} cases of its own tests, ${mutated} mutated operations`, bars: { equal: 0.995 }, explain });
const figures = new Tally({ tool: "api_analyze_graphql", peer: "graphql-query-complexity 2.0.0, directive and simple estimators", corpus: "the valid ones of the same operations", bars: { equal: 1 } });
let largest = { size: 0 };
for (const { name, schema, operations } of sample(cases, 300)) {
  const started = performance.now();
  const theirs = verdictOf(schema, operations);
  const theirTime = performance.now() - started;
  const { report, error, micros } = await call("analyze_graphql", { schema, ...(operations === undefined ? {} : { operations }), variables: JSON.stringify(VARIABLES) });
  if (error) throw new Error(`${name}: ${error.message}`);
  const verdict = ourVerdict(report, operations);
  if (report.findings.some(({ rule }) => rule === "known-root-operation")) rootless.add(`${name}: ${operations ?? schema}`);
  verdicts.equal(`${name}: ${operations ?? schema}`, verdict, theirs.verdict);
  const size = schema.length + (operations?.length ?? 0);
  if (size > largest.size && theirs.verdict === "valid") largest = { size, ours: micros / 1000, theirs: theirTime };
  if (verdict !== "valid" || theirs.verdict !== "valid" || !theirs.document) continue;
  const rows = report.data.operations;
  theirs.document.definitions.filter(({ kind }) => kind === "OperationDefinition").forEach((operation, at) => {
    const alone = visit(theirs.document, { OperationDefinition: (node) => (node === operation ? undefined : null) });
    let complexity;
    try {
      complexity = getComplexity({ schema: theirs.schema, query: alone, variables: VARIABLES, estimators: [directiveEstimator(), simpleEstimator({ defaultComplexity: 1 })] });
    } catch {
      return;
    }
    figures.equal(`${name}: ${print(operation).slice(0, 200)}`, rows[at]?.complexity, complexity);
  });
}
verdicts.timing(`largest case, ${largest.size} bytes`, largest.ours, largest.theirs);
const { schema: github } = await load("@octokit/graphql-schema");
if (github?.idl) {
  const text = github.idl;
  const operations = "query { repository(owner: \"a\", name: \"b\") { issues(first: 50) { nodes { title author { login } comments(first: 20) { nodes { body } } } } } }";
  if (text.length <= 1024 * 1024) {
    const started = performance.now();
    const theirs = verdictOf(text, operations);
    const theirTime = performance.now() - started;
    const { report, micros } = await call("analyze_graphql", { schema: text, operations });
    verdicts.equal("GitHub's schema", ourVerdict(report, operations), theirs.verdict);
    verdicts.timing(`GitHub's schema, ${Math.round(text.length / 1024)} KB`, micros / 1000, theirTime);
  }
}
verdicts.done();
figures.done();
