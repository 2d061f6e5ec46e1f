// pev2's own specs, run over any plan service: its checkout is bundled spec by spec, with vitest and the service replaced.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { KEPT, join, npm } from "../lib.mjs";

const { folder, load, require } = npm({ esbuild: "0.24.0", lodash: "4.17.21" });

const VITEST = `
const state = globalThis.__pev2;
export const describe = (name, body) => { state.names.push(name); try { body(); } finally { state.names.pop(); } };
export const test = (name, body) => { state.names.push(name); try { body(); } catch (error) { state.thrown(error); } finally { state.names.pop(); } };
export const it = test;
export const expect = (value) => state.expect(value);
`;
const SERVICE = "export class PlanService { constructor() { return globalThis.__pev2.service(); } }\n";

/** The real service, and `run(state)`, which runs every spec. `state`: `{service, expect, thrown, names, spec}`. */
export async function specs(root) {
  const { build } = await load("esbuild");
  const out = join(KEPT, "pev2");
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "vitest.mjs"), VITEST);
  writeFileSync(join(out, "service.mjs"), SERVICE);
  writeFileSync(join(out, "nothing.mjs"), "export default {}; export const ref = 0, computed = 0, watch = 0, onBeforeMount = 0;\n");
  const bundle = async (entries, real) => {
    const resolve = {
      name: "pev2",
      setup({ onResolve }) {
        onResolve({ filter: /^vitest$/ }, () => ({ path: join(out, "vitest.mjs") }));
        if (!real) onResolve({ filter: /^@\/services\/plan-service$/ }, () => ({ path: join(out, "service.mjs") }));
        onResolve({ filter: /^lodash$/ }, () => ({ path: require.resolve("lodash") }));
        onResolve({ filter: /^@\// }, ({ path }) => ({ path: `${join(root, "src", path.slice(2))}.ts` }));
        onResolve({ filter: /^[a-z]/ }, ({ path, kind }) => (kind === "entry-point" || ["fs", "url", "path"].includes(path) ? undefined : { path: join(out, "nothing.mjs") }));
      },
    };
    await build({ entryPoints: entries, bundle: true, format: "esm", platform: "node", outdir: join(out, real ? "real" : "specs"), outExtension: { ".js": ".mjs" }, logLevel: "error", plugins: [resolve], define: { "import.meta.url": JSON.stringify(pathToFileURL(join(root, "src/services/__tests__/any.ts")).href) }, absWorkingDir: folder });
  };
  await bundle([join(root, "src/services/plan-service.ts")], true);
  const real = await import(pathToFileURL(join(out, "real/plan-service.mjs")).href);
  const tests = join(root, "src/services/__tests__");
  const names = readdirSync(tests).filter((name) => name.endsWith(".ts")).sort();
  await bundle(names.map((name) => join(tests, name)), false);
  const built = names.map((name) => [name, pathToFileURL(join(out, "specs", name.replace(/\.ts$/, ".mjs"))).href]);
  let round = 0;
  async function run(state) {
    round += 1;
    globalThis.__pev2 = { names: [], ...state };
    for (const [name, url] of built) {
      globalThis.__pev2.spec = name.replace(/\.(spec\.)?ts$/, "");
      await import(`${url}?round=${round}`);
    }
  }
  return { PlanService: real.PlanService, run };
}
