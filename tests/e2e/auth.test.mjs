// Who may call: each mode of AUTH against callers without a key or token, with a wrong one, and with the right one.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";

const ISSUER = "https://id.example";
const AUDIENCE = "https://octavo.example/mcp";
const METADATA = "/.well-known/oauth-protected-resource";
const base64 = (bytes) => Buffer.from(bytes).toString("base64url");
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const callOf = (category) => ({ method: "tools/call", params: calls.find(({ name }) => name.startsWith(`${category}_`)) });
const LIST = { method: "tools/list", params: {} };

async function post(url, { method, params }, headers = {}) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(`${url}/mcp`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  return { status: response.status, challenge: response.headers.get("www-authenticate"), headers: response.headers, body: await response.json() };
}

const bearer = (token) => ({ authorization: `Bearer ${token}` });

test("without a word of AUTH a public name serves nobody, and the own machine everybody", async () => {
  const fleet = await startFleet();
  try {
    assert.equal((await post(fleet.url, LIST)).status, 200);
    const gateway = await fleet.fleet.getWorker("octavo-gateway");
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...LIST }) };
    const away = await gateway.fetch("https://octavo.example/mcp", init);
    assert.equal(away.status, 503);
    assert.match((await away.json()).error.message, /set AUTH/);
    assert.equal((await gateway.fetch("https://octavo.example/health/live")).status, 200);
    const blob = await gateway.fetch("https://octavo.example/v1/blobs", { method: "PUT", body: "text" });
    assert.equal(blob.status, 503);
  } finally {
    await fleet.stop();
  }
});

test("AUTH = keys lets keys in, each to what it opens, until it ends", async () => {
  const entries = [
    { id: "all", sha256: sha256("octavo_all") },
    { id: "docker", sha256: sha256("octavo_docker"), categories: ["docker"] },
    { id: "old", sha256: sha256("octavo_old"), expires: "2020-01-01" },
    { id: "later", sha256: sha256("octavo_later"), expires: "2999-01-01" },
  ];
  const lines = [];
  const fleet = await startFleet({ vars: { AUTH: "keys", API_KEYS: JSON.stringify(entries) }, log: (line) => lines.push(line) });
  try {
    for (const [what, request, headers, status, says] of [
      ["none", LIST, {}, 401, /send a key/],
      ["another scheme", LIST, { authorization: "Basic b2N0YXZv" }, 401, /send a key/],
      ["two words", LIST, { authorization: "Bearer octavo_all octavo_all" }, 401, /send a key/],
      ["unknown", LIST, bearer("octavo_none"), 401, /not known/],
      ["nearly", LIST, bearer("octavo_al"), 401, /not known/],
      ["a digest", LIST, bearer(sha256("octavo_all")), 401, /not known/],
      ["expired", LIST, bearer("octavo_old"), 401, /expired on 2020-01-01/],
      ["of another category", callOf("api"), bearer("octavo_docker"), 403, /only those of: docker/],
      ["right", callOf("docker"), bearer("octavo_docker"), 200],
      ["right for all", callOf("api"), bearer("octavo_all"), 200],
      ["right for long", callOf("api"), bearer("octavo_later"), 200],
    ]) {
      const answer = await post(fleet.url, request, headers);
      assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body).slice(0, 200)}`);
      if (status === 200) assert.equal(answer.body.result.isError ?? false, false, what);
      else assert.match(answer.body.error.message, says, what);
      if (status === 401) assert.match(answer.challenge, /^Bearer realm="octavo"/, what);
    }
    const listed = (await post(fleet.url, LIST, bearer("octavo_docker"))).body.result.tools;
    assert.ok(listed.length > 0 && listed.every(({ name }) => name.startsWith("docker_")), "a key sees what it opens");
    assert.equal((await fetch(`${fleet.url}/v1/blobs`, { method: "PUT", body: "text" })).status, 401);
    assert.equal((await fetch(`${fleet.url}/v1/blobs`, { method: "PUT", body: "text", headers: bearer("octavo_all") })).status, 201);
    const page = await post(fleet.url, LIST, { origin: "http://localhost:6274" });
    assert.equal(page.headers.get("access-control-allow-origin"), "http://localhost:6274", "a page can read why");
    assert.ok(!lines.some((line) => line.includes("octavo_all")), "no key in any line");
  } finally {
    await fleet.stop();
  }
});

// ---- OAuth

const KINDS = {
  RS256: { generate: { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, sign: "RSASSA-PKCS1-v1_5" },
  ES256: { generate: { name: "ECDSA", namedCurve: "P-256" }, sign: { name: "ECDSA", hash: "SHA-256" } },
  EdDSA: { generate: { name: "Ed25519" }, sign: "Ed25519" },
};

async function newKey(alg, kid) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(KINDS[alg].generate, true, ["sign", "verify"]);
  const { kty, crv, n, e, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  return { alg, kid, privateKey, jwk: { kid, use: "sig", kty, crv, n, e, x, y } };
}

async function token(key, claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  const head = { alg: key.alg, kid: key.kid, typ: "at+jwt", ...header };
  const body = { iss: ISSUER, aud: AUDIENCE, sub: "someone", iat: now, exp: now + 60, scope: "octavo", ...claims };
  const signed = `${base64(JSON.stringify(head))}.${base64(JSON.stringify(body))}`;
  return `${signed}.${base64(await crypto.subtle.sign(KINDS[key.alg].sign, key.privateKey, Buffer.from(signed)))}`;
}

test("AUTH = oauth lets tokens of the issuer in, for this endpoint, by their scopes", async () => {
  const [rsa, ec, ed, stranger] = await Promise.all([newKey("RS256", "one"), newKey("ES256", "two"), newKey("EdDSA", "three"), newKey("RS256", "one")]);
  let fetched = 0;
  const outbound = (request) => {
    const { href } = new URL(request.url);
    if (href === `${ISSUER}/.well-known/oauth-authorization-server`) return Response.json({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` });
    if (href !== `${ISSUER}/jwks`) return new Response("no", { status: 404 });
    fetched += 1;
    return Response.json({ keys: [rsa, ec, ed].map(({ jwk }) => jwk).concat({ kid: "broken", kty: "RSA", n: "!" }) });
  };
  const vars = { AUTH: "oauth", OAUTH_ISSUER: ISSUER, OAUTH_AUDIENCE: AUDIENCE };
  const lines = [];
  const fleet = await startFleet({ vars, outbound, log: (line) => lines.push(line) });
  try {
    const described = await fetch(`${fleet.url}${METADATA}/mcp`);
    const resource = await described.json();
    assert.deepEqual([resource.resource, resource.authorization_servers], [AUDIENCE, [ISSUER]]);
    assert.ok(resource.scopes_supported.includes("octavo:docker"));
    const now = Math.floor(Date.now() / 1000);
    const rightOnes = await Promise.all([rsa, ec, ed].map((key) => token(key)));
    // All at once, by one fetch of the keys.
    const first = await Promise.all([...rightOnes, ...rightOnes].map((text) => post(fleet.url, LIST, bearer(text))));
    assert.deepEqual(first.map(({ status }) => status), [200, 200, 200, 200, 200, 200]);
    assert.equal(fetched, 1, "no stampede");
    for (const [what, text, status, error] of [
      ["none", undefined, 401, undefined],
      ["no token", "octavo_all", 401, "invalid_token"],
      ["expired", await token(rsa, { exp: now - 31 }), 401, "invalid_token"],
      ["a clock a little behind", await token(rsa, { exp: now - 20 }), 200],
      ["not yet", await token(rsa, { nbf: now + 60 }), 401, "invalid_token"],
      ["another audience", await token(rsa, { aud: "https://other.example/mcp" }), 401, "invalid_token"],
      ["several audiences", await token(rsa, { aud: ["https://other.example", AUDIENCE] }), 200],
      ["another issuer", await token(rsa, { iss: "https://evil.example" }), 401, "invalid_token"],
      ["alg none", `${(await token(rsa, {}, { alg: "none" })).split(".").slice(0, 2).join(".")}.`, 401, "invalid_token"],
      ["HS256", await token(rsa, {}, { alg: "HS256" }), 401, "invalid_token"],
      ["the algorithm of another key", await token(rsa, {}, { alg: "ES256" }), 401, "invalid_token"],
      ["a stranger's under a known id", await token(stranger), 401, "invalid_token"],
      ["a critical header", await token(rsa, {}, { crit: ["b64"] }), 401, "invalid_token"],
    ]) {
      const answer = await post(fleet.url, callOf("docker"), text === undefined ? {} : bearer(text));
      assert.equal(answer.status, status, what);
      if (status === 200) continue;
      assert.match(answer.challenge, new RegExp(`^Bearer resource_metadata="${fleet.url}${METADATA}/mcp"`), what);
      if (error !== undefined) assert.match(answer.challenge, new RegExp(`error="${error}"`), what);
    }
    const narrow = bearer(await token(ed, { scope: "openid octavo:docker" }));
    assert.equal((await post(fleet.url, callOf("docker"), narrow)).status, 200);
    const beyond = await post(fleet.url, callOf("api"), narrow);
    assert.deepEqual([beyond.status, /error="insufficient_scope", scope="octavo:api"/.test(beyond.challenge)], [403, true]);
    assert.equal((await post(fleet.url, callOf("docker"), bearer(await token(ed, { scope: "openid" })))).status, 403);
    assert.ok(!lines.some((line) => rightOnes.some((text) => line.includes(text.slice(-20)) || line.includes("someone"))), "no token in any line");
  } finally {
    await fleet.stop();
  }
});

test("calls are limited by key, else by address, and lists are free", async () => {
  const entries = ["a", "b", "c"].map((id) => ({ id, sha256: sha256(`octavo_${id}`), rate: id === "c" ? "LIMIT_BULK" : undefined }));
  const vars = { AUTH: "keys", API_KEYS: JSON.stringify(entries), RESULT_CACHE: "off" };
  const limits = { LIMIT_CALLS: { namespace_id: "1", simple: { limit: 3, period: 60 } }, LIMIT_BULK: { namespace_id: "2", simple: { limit: 5, period: 60 } } };
  const fleet = await startFleet({ vars, limits });
  try {
    const call = callOf("docker");
    for (let round = 0; round < 3; round += 1) assert.equal((await post(fleet.url, call, bearer("octavo_a"))).body.result.isError, false);
    const over = await post(fleet.url, call, bearer("octavo_a"));
    assert.deepEqual([over.status, over.body.result.isError], [200, true], "in the result, where the model reads it");
    const error = over.body.result._meta["dev.octavo/error"];
    assert.deepEqual([error.reason, error.retryable, error.retryAfterMs], ["rate_limited", true, 60_000]);
    assert.deepEqual(["retry-after", "ratelimit-remaining", "ratelimit-reset"].map((name) => over.headers.get(name)), ["60", "0", "60"]);
    assert.equal((await post(fleet.url, LIST, bearer("octavo_a"))).status, 200);
    assert.equal((await post(fleet.url, call, bearer("octavo_b"))).body.result.isError, false, "another key");
    const bulk = [];
    for (let round = 0; round < 6; round += 1) bulk.push((await post(fleet.url, call, bearer("octavo_c"))).body.result.isError);
    assert.deepEqual(bulk, [false, false, false, false, false, true], "a key with a rate of its own");
  } finally {
    await fleet.stop();
  }
});

test("wrong and unknown keys take the same time", async () => {
  const { admission } = await import("../../crates/runtime/js/admission.js");
  const entries = Array.from({ length: 1000 }, (_, at) => ({ id: `${at}`, sha256: sha256(`octavo_${at}`) }));
  const env = { AUTH: "keys", API_KEYS: JSON.stringify(entries) };
  const time = async (key) => {
    const request = new Request("https://octavo.example/mcp", { headers: bearer(key) });
    const started = process.hrtime.bigint();
    for (let round = 0; round < 40; round += 1) await admission(request, env);
    return Number(process.hrtime.bigint() - started) / 40;
  };
  const keys = { unknown: "octavo_unknown", nearly: "octavo_99x", garbage: "x".repeat(14) };
  // The least of many short spans, and whatever is left of a busy machine's noise is not there each time.
  const spread = async () => {
    const least = {};
    for (let round = 0; round < 100; round += 1) {
      for (const [name, key] of Object.entries(keys)) least[name] = Math.min(least[name] ?? Infinity, await time(key));
    }
    return [Math.min(...Object.values(least)), Math.max(...Object.values(least))];
  };
  let [low, high] = await spread();
  for (let again = 0; again < 4 && high >= 2 * low; again += 1) [low, high] = await spread();
  console.log(`a refusal takes ${(low / 1000).toFixed(1)} to ${(high / 1000).toFixed(1)} µs, by what is wrong`);
  // Looked up by digest, so nothing of a key's text decides how long it takes.
  assert.ok(high < 2 * low, `${low} to ${high} ns`);
});
