// One call of each category's tool on real input: files of published packages, named by package, version and path. What is
// expected can be checked by a reader in the file.
import assert from "node:assert/strict";
import { fileOf, pathsOf } from "./packages.mjs";

const GYP = "node-gyp@12.4.0";
const SPECS = "@readme/oas-examples@8.2.2";

const source = (specifier, path) => ({ path, source: fileOf(specifier, path) });
const rules = (result) => result.structuredContent.findings.map((finding) => finding.rule);

// Every client reads the same facts, whichever of the two forms it looks at.
function sound(result) {
  const { verdict, summary, findings } = result.structuredContent;
  const text = result.content[0].text;
  assert.ok(text.startsWith(`${verdict}: ${summary}`), text.split("\n")[0]);
  for (const { rule } of findings) assert.ok(text.includes(rule), rule);
}

/** `{name, arguments, expect(result)}`, one for each category. */
export const calls = [
  {
    name: "docker_lint_dockerfile",
    // `RUN npm install -g redoc-cli` names no version.
    arguments: { source: fileOf("redoc-cli@0.13.21", "Dockerfile") },
    expect(result) {
      sound(result);
      assert.ok(rules(result).includes("DL3016"), rules(result).join());
    },
  },
  {
    name: "nodejs_check_package_publish",
    arguments: { files: [source(GYP, "package.json"), source(GYP, "bin/node-gyp.js"), source(GYP, "lib/node-gyp.js")], paths: pathsOf(GYP) },
    expect(result) {
      sound(result);
      assert.notEqual(result.structuredContent.verdict, "fail", result.content[0].text);
      assert.ok(result.structuredContent.data.entryPoints.length > 0);
    },
  },
  {
    name: "python_lint_code",
    arguments: { files: [source(GYP, "gyp/pylib/gyp/generator/ninja.py")], select: ["E", "F", "SIM"] },
    expect(result) {
      sound(result);
      assert.ok(rules(result).includes("SIM112"), `environment variables in lower case: ${rules(result)}`);
    },
  },
  {
    name: "quality_measure_complexity",
    arguments: { files: [source(GYP, "lib/configure.js"), source(GYP, "gyp/pylib/gyp/common.py")] },
    expect(result) {
      sound(result);
      const { functions } = result.structuredContent.data;
      assert.ok(functions.some((row) => row.name.includes("configure") && row.cyclomatic > 15), JSON.stringify(functions[0]));
      assert.equal(result.structuredContent.data.files.length, 2);
    },
  },
  {
    name: "webdesign_check_contrast",
    // GitHub's default text on white, a grey that fails by a hair, and two spellings of one colour.
    arguments: { pairs: ["#1f2328 on white", "#777 on rgb(255 255 255)"] },
    expect(result) {
      sound(result);
      assert.deepEqual(rules(result), ["color-contrast"], "4.48:1 must not round up to 4.5:1");
    },
  },
  {
    name: "database_check_migration",
    // The first creates its tables, so nothing waits for it; the third creates indexes on tables in use.
    arguments: { files: ["01_init", "03_metric_performance_index"].map((step) => source("umami@2.10.0", `db/postgresql/migrations/${step}/migration.sql`)) },
    expect(result) {
      sound(result);
      assert.ok(rules(result).includes("require-concurrent-index-creation"), rules(result).join());
    },
  },
  {
    name: "api_compare_specs",
    arguments: { base: fileOf(SPECS, "3.0/json/petstore.json"), revision: fileOf(SPECS, "3.0/json/petstore-expanded.json") },
    expect(result) {
      sound(result);
      assert.equal(result.structuredContent.verdict, "fail");
      assert.equal(result.structuredContent.data.semver, "major");
    },
  },
  {
    name: "architecture_review_design",
    arguments: {
      source: JSON.stringify({
        components: [
          { id: "frontend", replicas: 2, availability: 0.99 },
          { id: "cart", replicas: 1, availability: 0.99 },
          { id: "redis", replicas: 1, availability: 0.999 },
        ],
        links: [{ from: "frontend", to: "cart" }, { from: "cart", to: "redis" }],
        entryPoints: ["frontend"],
      }),
    },
    expect(result) {
      sound(result);
      assert.ok(result.content[0].text.includes("cart"), result.content[0].text);
    },
  },
];
