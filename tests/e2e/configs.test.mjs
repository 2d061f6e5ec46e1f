// The configs of wrangler/ as wrangler itself reads them, in every environment: nothing is lost on the way from the top to an
// environment, no worker of one is bound to another's, and only the gateway has a door.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { unstable_readConfig as readConfig } from "wrangler";

const FOLDER = fileURLToPath(new URL("../../wrangler/", import.meta.url));
const WORKERS = readdirSync(FOLDER).filter((file) => file.endsWith(".toml")).map((file) => file.slice(0, -5));
const SUFFIX = { production: "", staging: "-staging" };
// What is no setting of the worker.
const ASIDE = ["configPath", "userConfigPath", "topLevelName", "definedEnvironments", "targetEnvironment", "legacy_env"];
// What staging may have differently: its own counters, and what its file says.
const OF_ITS_OWN = { gateway: ["ratelimits", "preview_urls"] };

// As plain data. `watch_dir` is for a development server, and resolved once too often for environments.
function read(worker, env) {
  const config = readConfig({ config: `${FOLDER}${worker}.toml`, ...(env ? { env } : {}) }, { hideWarnings: true });
  return JSON.parse(JSON.stringify({ ...config, build: { ...config.build, watch_dir: undefined } }));
}

function settings(config) {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !ASIDE.includes(key)));
}

// Every worker's name, in one environment, with what production calls it.
const renamed = (text, env) => WORKERS.reduce((all, worker) => all.replaceAll(`"octavo-${worker}${SUFFIX[env]}"`, `"octavo-${worker}"`), text);

test("there are ten, and each says the same in every environment but for names", () => {
  assert.equal(WORKERS.length, 10);
  for (const worker of WORKERS) {
    const top = settings(read(worker));
    assert.deepEqual(settings(read(worker, "production")), top, worker);
    const staging = JSON.parse(renamed(JSON.stringify(settings(read(worker, "staging"))), "staging"));
    const [without, plain] = [staging, top].map((all) => Object.fromEntries(Object.entries(all).filter(([key]) => !OF_ITS_OWN[worker]?.includes(key))));
    assert.deepEqual(without, plain, worker);
  }
});

test("the workers of an environment are bound to each other and to no other's", () => {
  for (const env of Object.keys(SUFFIX)) {
    const names = new Set(WORKERS.map((worker) => read(worker, env).name));
    assert.equal(names.size, 10);
    const gateway = read("gateway", env);
    assert.deepEqual(new Set(gateway.services.map(({ service }) => service)), new Set([...names].filter((name) => name !== gateway.name)));
    for (const worker of WORKERS) {
      const { name, tail_consumers: tails, services } = read(worker, env);
      assert.equal(name, `octavo-${worker}${SUFFIX[env]}`);
      assert.deepEqual(tails ?? [], worker === "tail" ? [] : [{ service: `octavo-tail${SUFFIX[env]}` }], name);
      for (const { service } of services ?? []) assert.ok(names.has(service), `${name} is bound to ${service}`);
    }
  }
  const counters = Object.keys(SUFFIX).flatMap((env) => read("gateway", env).ratelimits.map(({ namespace_id: id }) => id));
  assert.equal(new Set(counters).size, counters.length, "no two count together");
});

test("internal workers have no door, stores no id, and every worker a limit, a version and its observability", () => {
  for (const env of [undefined, ...Object.keys(SUFFIX)]) {
    for (const worker of WORKERS) {
      const config = read(worker, env);
      const what = `${worker} ${env}`;
      if (worker === "gateway") assert.equal(config.workers_dev, true, what);
      else assert.deepEqual([config.workers_dev, config.preview_urls, config.routes], [false, false, undefined], what);
      for (const store of config.kv_namespaces ?? []) assert.deepEqual(Object.keys(store), ["binding"], what);
      assert.equal(config.version_metadata?.binding, "VERSION", what);
      assert.ok(config.limits?.cpu_ms > 0 && config.observability?.enabled, what);
      assert.match(config.build.command, new RegExp(`^cargo xtask build ${worker} --release$`), what);
      assert.deepEqual(config.triggers.crons ?? [], worker === "tail" ? ["* * * * *"] : [], what);
    }
  }
});
