// `cargo xtask deploy` and `cargo xtask rollback` with the real wrangler, against a stand-in for the platform
// (cloudflare.mjs): a run that works, one that fails its smoke test, one that lacks a binding, one that is killed half-way.
// The workers that are deployed are a line each, in a checkout of their own that shares everything but configs and builds.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { ACCOUNT, TOKEN, startPlatform } from "./cloudflare.mjs";
import { rpc } from "./log.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const XTASK = process.env.OCTAVO_XTASK ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/xtask");
const WORKERS = readdirSync(join(ROOT, "wrangler")).filter((file) => file.endsWith(".toml")).map((file) => file.slice(0, -5));
const folders = [];

after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A checkout whose workers are a line each; `write` makes a worker anew. */
async function checkout() {
  mkdirSync(join(ROOT, ".octavo"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".octavo/deploy-"));
  folders.push(folder);
  for (const name of ["node_modules", "crates"]) symlinkSync(join(ROOT, name), join(folder, name));
  mkdirSync(join(folder, "xtask"));
  symlinkSync(join(ROOT, "xtask/deploy"), join(folder, "xtask/deploy"));
  cpSync(join(ROOT, "wrangler"), join(folder, "wrangler"), { recursive: true });
  const gateway = join(folder, "wrangler/gateway.toml");
  writeFileSync(gateway, readFileSync(gateway, "utf8").replace("\n[vars]\n", '\n[vars]\nAUTH = "open"\n'));
  // Wrangler runs the `[build]` of a config before it uploads; here there is nothing to build.
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/cargo"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const write = (worker, source) => {
    mkdirSync(join(folder, "build", worker), { recursive: true });
    writeFileSync(join(folder, "build", worker, "index.js"), `export default { fetch() { return new Response(${JSON.stringify(source)}); } };\n`);
  };
  for (const worker of WORKERS) write(worker, `${worker} 1`);
  const generated = await xtask(folder, {}, ["gen", "--configs"]);
  assert.equal(generated.code, 0, generated.text);
  return { folder, write };
}

/** Runs xtask in a checkout; `kill` ends it and all that it started. */
function begin(folder, platform, words) {
  const env = {
    ...process.env, CARGO_MANIFEST_DIR: join(folder, "xtask"), PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    CLOUDFLARE_API_BASE_URL: `${platform.url}/client/v4`, CLOUDFLARE_API_TOKEN: TOKEN, CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
    OCTAVO_OPS_TOKEN: "reader", OCTAVO_PATIENCE_MS: "2000", ...platform.env,
  };
  const child = spawn(XTASK, words, { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const done = new Promise((resolve) => child.on("close", (code) => resolve({ code, text })));
  return { done, kill: () => process.kill(-child.pid, "SIGKILL") };
}

const xtask = (folder, platform, words) => begin(folder, platform, words).done;
const deploy = (folder, platform, ...words) => xtask(folder, platform, ["deploy", "--built", "build", "--url", platform.url, ...words]);

/** A platform on which the whole fleet was deployed by hand. */
async function deployed(suffix = "") {
  const platform = await startPlatform({ suffix });
  const before = Object.fromEntries(WORKERS.map((worker) => [worker, platform.seed(`octavo-${worker}${suffix}`)]));
  return { platform, before };
}

const changed = (platform, verb) => platform.requests.filter((what) => what.startsWith(verb)).map((what) => what.split("/").slice(2).join("/"));
const uploads = (platform) => changed(platform, "POST").filter((what) => what.endsWith("/versions")).map((what) => what.split("/")[0]).sort();
const promotions = (platform) => changed(platform, "POST").filter((what) => what.endsWith("/deployments")).map((what) => what.split("/")[0]);
const messageOf = (platform, name) => platform.scripts.get(name).deployments[0].annotations["workers/message"];

test("versions are uploaded, then promoted in order, proved and sealed; the next run finds nothing to do; rollback takes all back", async () => {
  const { folder, write } = await checkout();
  const { platform, before } = await deployed();
  try {
    const dry = await deploy(folder, platform, "tail", "docker", "gateway", "--dry-run");
    assert.equal(dry.code, 0, dry.text);
    assert.deepEqual(platform.requests, [], "a dry run changes nothing");
    assert.match(dry.text, /docker +new version/);

    const first = await deploy(folder, platform, "tail", "docker", "gateway");
    assert.equal(first.code, 0, first.text);
    assert.deepEqual(platform.unknown, []);
    assert.deepEqual(uploads(platform), ["octavo-docker", "octavo-gateway", "octavo-tail"]);
    // The gateway twice: on trial, and for good.
    assert.deepEqual(promotions(platform), ["octavo-tail", "octavo-docker", "octavo-gateway", "octavo-gateway"]);
    const last = platform.requests.findLastIndex((what) => what.endsWith("/versions"));
    assert.ok(last < platform.requests.findIndex((what) => what.endsWith("/deployments")), "nothing is promoted before all is uploaded");
    assert.match(messageOf(platform, "octavo-gateway"), new RegExp(`^octavo [0-9a-f]{8} from=${before.gateway} sealed$`));
    assert.match(messageOf(platform, "octavo-docker"), new RegExp(`^octavo [0-9a-f]{8} from=${before.docker}$`));
    const [trial] = platform.scripts.get("octavo-gateway").deployments.slice(1);
    assert.deepEqual(trial.versions.map(({ percentage }) => percentage), [100, 0]);
    for (const worker of ["tail", "docker", "gateway"]) assert.notEqual(platform.serving(`octavo-${worker}`).id, before[worker]);
    assert.deepEqual(platform.scripts.get("octavo-tail").schedules.map(({ cron }) => cron), ["* * * * *"]);
    const bindings = platform.serving("octavo-gateway").settings.bindings;
    assert.deepEqual(bindings.find(({ name }) => name === "AUTH"), { type: "plain_text", name: "AUTH", text: "open" });
    assert.equal(platform.namespaces.size, 2, "wrangler made the stores of the log and of uploads");
    for (const part of [/docker_lint_dockerfile +ok/, /log +ok/, /the same \d+ tools/, /docker +\d+ +[0-9a-f]{8} +[0-9a-f]{8} +deployed/]) assert.match(first.text, part);

    const so = platform.requests.length;
    const second = await deploy(folder, platform, "tail", "docker", "gateway");
    assert.equal(second.code, 0, second.text);
    assert.match(second.text, /all of it is deployed already/);
    assert.equal(platform.requests.length, so);

    write("docker", "docker 2");
    const [docker, gateway] = ["octavo-docker", "octavo-gateway"].map((name) => platform.serving(name).id);
    const third = await deploy(folder, platform, "docker");
    assert.equal(third.code, 0, third.text);
    assert.equal(platform.serving("octavo-gateway").id, gateway);
    assert.match(messageOf(platform, "octavo-gateway"), new RegExp(`from=${gateway} sealed$`), "the gateway seals a run that leaves it as it is");
    assert.match(third.text, /docker +new version +\d+ +[+-]\d+ /, "the size against what is deployed");

    const back = await xtask(folder, platform, ["rollback", "--url", platform.url]);
    assert.equal(back.code, 0, back.text);
    assert.deepEqual([platform.serving("octavo-docker").id, platform.serving("octavo-gateway").id], [docker, gateway]);
    const again = await xtask(folder, platform, ["rollback", "--url", platform.url]);
    assert.notEqual(again.code, 0);
    assert.match(again.text, /nothing to roll back/);
  } finally {
    await platform.stop();
  }
});

test("a run whose smoke test fails is rolled back whole, and the gateway's traffic never moved", async () => {
  const { folder, write } = await checkout();
  const { platform, before } = await deployed("-staging");
  try {
    write("docker", "breaks calls");
    const run = await deploy(folder, platform, "docker", "gateway", "--env", "staging");
    assert.notEqual(run.code, 0);
    assert.match(run.text, /docker_lint_dockerfile: Error: broken on purpose/);
    assert.match(run.text, /the run failed and was rolled back/);
    assert.match(run.text, /docker +\d+ +[0-9a-f]{8} +[0-9a-f]{8} +rolled back/);
    for (const worker of ["docker", "gateway"]) {
      const name = `octavo-${worker}-staging`;
      assert.equal(platform.serving(name).id, before[worker], name);
      assert.match(messageOf(platform, name), /^octavo rollback-of=[0-9a-f]{8}$/, name);
    }
    const served = platform.scripts.get("octavo-gateway-staging").deployments.flatMap(({ versions }) => versions);
    assert.ok(served.every(({ version_id: id, percentage }) => percentage === (id === before.gateway ? 100 : 0)));
    assert.deepEqual(promotions(platform).slice(-2), ["octavo-gateway-staging", "octavo-docker-staging"], "the door first");
    // What was uploaded is of the environment asked for, and of no other.
    const { services } = Object.groupBy(platform.scripts.get("octavo-gateway-staging").versions[0].settings.bindings, ({ type }) => `${type}s`);
    assert.ok(services.every(({ service }) => service.endsWith("-staging")), JSON.stringify(services));
  } finally {
    await platform.stop();
  }
});

test("what is missing is said at once, with what to do, before anything is uploaded", async () => {
  const { folder } = await checkout();
  const { platform } = await deployed();
  try {
    platform.scripts.delete("octavo-python");
    platform.scripts.delete("octavo-tail");
    const run = await deploy(folder, platform, "docker", "gateway");
    assert.notEqual(run.code, 0);
    assert.match(run.text, /octavo-gateway has the binding PYTHON_MCP_WORKER to octavo-python, which is not deployed: `cargo xtask deploy python --env production`/);
    assert.match(run.text, /octavo-docker sends its log to octavo-tail, which is not deployed: `cargo xtask deploy tail --env production`/);
    assert.deepEqual(platform.requests, []);

    platform.seed("octavo-tail");
    platform.seed("octavo-python");
    // Gone between the plan and the upload: the platform refuses, and its code is put into words.
    platform.before = (what) => what.endsWith("octavo-gateway/versions") && platform.scripts.delete("octavo-python");
    const late = await deploy(folder, platform, "gateway");
    assert.match(late.text, /nothing was promoted: gateway: gateway is bound to a worker that is not deployed in production/);
    assert.match(late.text, /Target script 'octavo-python' not found/);
    assert.deepEqual(promotions(platform), []);
    platform.before = undefined;

    const gateway = join(folder, "wrangler/gateway.toml");
    const text = readFileSync(gateway, "utf8");
    platform.seed("octavo-python");
    const cases = [
      [(all) => all.replaceAll('AUTH = "open"\n', ""), /AUTH is not set, and then a deployed gateway serves nobody/],
      [(all) => all.replaceAll('AUTH = "open"', 'AUTH = "keys"'), /into the variable OCTAVO_KEY[^]*there is no secret API_KEYS/],
      [(all) => all.replaceAll('binding = "BLOBS" }', 'binding = "BLOBS", id = "00ff" }'), /the KV namespace 00ff that wrangler\/gateway.toml names does not exist/],
      [(all) => all.replace("octavo-docker-staging", "octavo-docker"), /stale: wrangler\/gateway.toml; run `cargo xtask gen --configs`/, "as it is"],
    ];
    for (const [change, says, asItIs] of cases) {
      writeFileSync(gateway, change(text));
      if (!asItIs) assert.equal((await xtask(folder, platform, ["gen", "--configs"])).code, 0);
      const refused = await deploy(folder, platform, "gateway");
      assert.notEqual(refused.code, 0);
      assert.match(refused.text, says);
    }
    writeFileSync(gateway, text);
    const stranger = await deploy(folder, { ...platform, env: { CLOUDFLARE_API_TOKEN: "wrong" } }, "gateway");
    assert.match(stranger.text, /CLOUDFLARE_API_TOKEN is refused, or lacks a permission/);
    const offline = await deploy(folder, { ...platform, env: { CLOUDFLARE_API_BASE_URL: "http://127.0.0.1:9/client/v4" } }, "gateway");
    assert.match(offline.text, /the platform's API does not answer; is this machine online\?/);
    assert.deepEqual(promotions(platform), []);
  } finally {
    await platform.stop();
  }
});

test("a run that is killed half-way goes on where it stopped", async () => {
  const { folder } = await checkout();
  const { platform, before } = await deployed();
  try {
    // Killed when the gateway is about to go on trial: all is uploaded, the tools are promoted.
    const reached = new Promise((resolve) => {
      platform.before = (what) => {
        if (!what.endsWith("octavo-gateway/deployments")) return undefined;
        resolve();
        return new Promise(() => {});
      };
    });
    const run = begin(folder, platform, ["deploy", "--built", "build", "--url", platform.url, "docker", "gateway"]);
    await Promise.race([reached, run.done.then(({ text }) => assert.fail(`it ended: ${text}`))]);
    run.kill();
    await run.done;
    platform.before = undefined;
    assert.equal(platform.serving("octavo-gateway").id, before.gateway);
    const docker = platform.serving("octavo-docker").id;
    assert.notEqual(docker, before.docker);

    const so = platform.requests.length;
    const rest = await deploy(folder, platform, "docker", "gateway");
    assert.equal(rest.code, 0, rest.text);
    assert.match(rest.text, /this run was begun before, and goes on/);
    for (const part of [/docker +promoted, to be proved/, /gateway +uploaded, to promote/]) assert.match(rest.text, part);
    assert.deepEqual(platform.requests.slice(so).filter((what) => /versions$|docker\/dep/.test(what)), [], "nothing is done twice");
    assert.equal(platform.serving("octavo-docker").id, docker);
    assert.notEqual(platform.serving("octavo-gateway").id, before.gateway);

    // The whole run is one, whoever did which part of it: all of it goes back.
    const back = await xtask(folder, platform, ["rollback", "--url", platform.url]);
    assert.equal(back.code, 0, back.text);
    for (const worker of ["docker", "gateway"]) assert.equal(platform.serving(`octavo-${worker}`).id, before[worker]);
  } finally {
    await platform.stop();
  }
});

test("workers that are new are deployed at once, the log before the others, and proved once there is a gateway", async () => {
  const { folder } = await checkout();
  const platform = await startPlatform();
  try {
    const run = await deploy(folder, platform, "docker", "tail");
    assert.equal(run.code, 0, run.text);
    assert.deepEqual(changed(platform, "PUT").filter((what) => !what.includes("/")), ["octavo-tail", "octavo-docker"]);
    for (const part of [/no gateway is deployed, so nothing was asked/, /docker +\d+ +- +[0-9a-f]{8} +first deployment/]) assert.match(run.text, part);
    const again = await deploy(folder, platform, "docker", "tail");
    assert.match(again.text, /all of it is deployed already/);
    for (const name of ["octavo-tail", "octavo-docker"]) assert.equal(platform.scripts.get(name).door.enabled, false, `${name} has no door`);
    const back = await xtask(folder, platform, ["rollback"]);
    assert.match(back.text, /no run of `cargo xtask deploy` is known in production/);
  } finally {
    await platform.stop();
  }
});

test("the smoke test passes on the built fleet, and says what is wrong with one that is not whole", async () => {
  const calls = JSON.parse(readFileSync(join(ROOT, "xtask/deploy/calls.json"), "utf8"));
  const tools = JSON.parse(readFileSync(join(ROOT, "crates/catalog/generated/catalog.json"), "utf8")).length;
  const smoke = async (url, asked) => {
    const child = spawn(process.execPath, [join(ROOT, "xtask/deploy/smoke.mjs")], { env: { ...process.env, OCTAVO_OPS_TOKEN: "any" }, stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(JSON.stringify({ url, calls, tools, list: true, patienceMs: 10_000, pauseMs: 50, ...asked }));
    let text = "";
    for await (const chunk of child.stdout) text += chunk;
    return JSON.parse(text).checks;
  };
  const vars = { OPS_ACCESS: "open", LOG_WINDOW_MS: "100" };
  const whole = await startFleet({ vars });
  try {
    const checks = await smoke(whole.url, { skew: "fail" });
    assert.deepEqual(checks.filter(({ ok }) => ok !== true), []);
    assert.equal(checks.length, 4 + calls.length);
    // What the registry says of it is so: the version, and where it is below its host.
    const entry = JSON.parse(readFileSync(join(ROOT, "server.json"), "utf8"));
    const client = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    const { body } = await rpc(whole.url, "initialize", client, {}, new URL(entry.remotes[0].url.replace("{host}", "h")).pathname);
    assert.deepEqual([body.result.serverInfo.version, body.result.serverInfo.title], [entry.version, entry.title]);
  } finally {
    await whole.stop();
  }
  const without = await startFleet({ vars, without: ["docker"] });
  try {
    const checks = await smoke(without.url, { patienceMs: 200 });
    assert.deepEqual(checks.at(-1), { ...checks.at(-1), name: "workers", ok: false, detail: "octavo-docker is unavailable" });
  } finally {
    await without.stop();
  }
});
