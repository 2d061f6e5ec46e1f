// Cloudflare Access as the way in for operators: which assertions count, by themselves and in the fleet.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { isAsserted } from "../../crates/runtime/js/access.js";
import { startFleet } from "../../xtask/fleet/fleet.mjs";

const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
const RSA = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" };
const base64 = (bytes) => Buffer.from(bytes).toString("base64url");

async function newKey(kid) {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(RSA, true, ["sign", "verify"]);
  const { n, e } = await crypto.subtle.exportKey("jwk", publicKey);
  return { kid, privateKey, jwk: { kid, kty: "RSA", alg: "RS256", use: "sig", n, e } };
}

async function assertion(key, claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  const head = { alg: "RS256", kid: key.kid, typ: "JWT", ...header };
  const body = { iss: "https://team.cloudflareaccess.com", aud: [AUDIENCE], iat: now, nbf: now, exp: now + 60, email: "who@example.com", ...claims };
  const signed = `${base64(JSON.stringify(head))}.${base64(JSON.stringify(body))}`;
  return `${signed}.${base64(await crypto.subtle.sign(RSA.name, key.privateKey, Buffer.from(signed)))}`;
}

const [first, second, stranger] = await Promise.all(["one", "two", "one"].map(newKey));
let teams = 0;

/** A team of its own, so that no test sees another's cached keys. */
function newTeam(keys) {
  teams += 1;
  const team = `team${teams}`;
  const held = { keys, fetched: 0, fails: false };
  const options = {
    team, audience: AUDIENCE,
    fetchKeys: async (url) => {
      assert.equal(url, `https://${team}.cloudflareaccess.com/cdn-cgi/access/certs`);
      held.fetched += 1;
      if (held.fails) throw new Error("down");
      return { keys: held.keys.map(({ jwk }) => jwk) };
    },
  };
  return { held, options, iss: `https://${team}.cloudflareaccess.com` };
}

test("an assertion counts when its signature, issuer, audience and times do", async () => {
  const { options, iss } = newTeam([first, second]);
  const now = Math.floor(Date.now() / 1000);
  for (const [what, text, counts] of [
    ["a sound one", await assertion(first, { iss }), true],
    ["by the other key", await assertion(second, { iss }), true],
    ["one audience as a text", await assertion(first, { iss, aud: AUDIENCE }), true],
    ["a clock a little ahead", await assertion(first, { iss, nbf: now + 20 }), true],
    ["another team's", await assertion(first, { iss: "https://evil.cloudflareaccess.com" }), false],
    ["an issuer that only begins so", await assertion(first, { iss: `${iss}.evil.com` }), false],
    ["another application's", await assertion(first, { iss, aud: ["other"] }), false],
    ["no audience", await assertion(first, { iss, aud: undefined }), false],
    ["over", await assertion(first, { iss, exp: now - 31 }), false],
    ["no end", await assertion(first, { iss, exp: undefined }), false],
    ["an end that is no number", await assertion(first, { iss, exp: `${now + 60}` }), false],
    ["not yet", await assertion(first, { iss, nbf: now + 60 }), false],
    ["signed by a stranger under a known id", await assertion(stranger, { iss }), false],
    ["no algorithm", await assertion(first, { iss }, { alg: "none" }), false],
    ["another algorithm", await assertion(first, { iss }, { alg: "HS256" }), false],
    ["no key's id", await assertion(first, { iss }, { kid: undefined }), false],
    ["nothing", "", false],
    ["two parts", (await assertion(first, { iss })).split(".").slice(0, 2).join("."), false],
    ["four parts", `${await assertion(first, { iss })}.x`, false],
    ["no JSON", "eA.eA.eA", false],
    ["too long", "a".repeat(20_000), false],
    ["none", undefined, false],
  ]) {
    assert.equal(await isAsserted(text, options), counts, what);
  }
  // Any single change of the text.
  const sound = await assertion(first, { iss });
  for (let at = 0; at < sound.length; at += 7) {
    const changed = sound.slice(0, at) + (sound[at] === "A" ? "B" : "A") + sound.slice(at + 1);
    // The last letter of a part may hold bits that are no part of it.
    if (base64(Buffer.from(changed.split(".").join(""), "base64url")) === base64(Buffer.from(sound.split(".").join(""), "base64url"))) continue;
    assert.equal(await isAsserted(changed, options), false, `at ${at}`);
  }
});

test("keys are kept, asked for again when they are rotated, and not at everybody's word", async () => {
  const { held, options, iss } = newTeam([first]);
  const at = (now) => ({ ...options, now });
  const start = Date.now();
  const long = { iss, exp: Math.floor(start / 1000) + 100_000 };
  assert.ok(await isAsserted(await assertion(first, long), at(start)));
  assert.ok(await isAsserted(await assertion(first, long), at(start + 1_000)));
  assert.equal(held.fetched, 1);
  held.keys = [second];
  for (let request = 0; request < 20; request += 1) assert.equal(await isAsserted(await assertion(second, long), at(start + 2_000)), false);
  assert.equal(held.fetched, 1, "unknown ids cannot make us ask and ask");
  assert.ok(await isAsserted(await assertion(second, long), at(start + 61_000)));
  assert.equal(held.fetched, 2);
  assert.equal(await isAsserted(await assertion(first, long), at(start + 62_000)), false, "a key that is gone counts no more");
  held.fails = true;
  assert.ok(await isAsserted(await assertion(second, long), at(start + 2 * 3_600_000)), "keys outlive a fetch that fails");
  assert.equal(held.fetched, 3);
});

test("in the fleet an assertion opens what the deployment says, beside tokens, and a header that claims one nothing", async () => {
  let fetched = 0;
  const outbound = (request) => {
    const url = new URL(request.url);
    if (url.href !== "https://team.cloudflareaccess.com/cdn-cgi/access/certs") return new Response("no", { status: 404 });
    fetched += 1;
    return Response.json({ keys: [first.jwk] });
  };
  const OPS_TOKENS = `read+export:${createHash("sha256").update("exporter").digest("hex")}`;
  for (const [vars, read, exports, byToken] of [
    [{ ACCESS_TEAM: "team", ACCESS_AUD: AUDIENCE }, 200, 403, 401],
    [{ ACCESS_TEAM: "team", ACCESS_AUD: AUDIENCE, ACCESS_SCOPES: "read+export", OPS_TOKENS }, 200, 200, 200],
    [{ ACCESS_TEAM: "team" }, 404, 404, 404],
    [{ ACCESS_AUD: AUDIENCE }, 404, 404, 404],
  ]) {
    const running = await startFleet({ vars, outbound });
    try {
      const status = async (path, headers) => {
        const response = await fetch(`${running.url}/ops/${path}`, { headers });
        await response.body?.cancel();
        return response.status;
      };
      const sound = { "cf-access-jwt-assertion": await assertion(first) };
      assert.deepEqual([await status("v1/summary", sound), await status("v1/export", sound)], [read, exports], JSON.stringify(vars));
      const refused = read === 404 ? 404 : 401;
      for (const headers of [
        {}, { "x-octavo-asserted": "1" }, { "cf-access-jwt-assertion": await assertion(stranger) },
        { "cf-access-jwt-assertion": await assertion(first, { aud: ["other"] }), "x-octavo-asserted": "1" },
      ]) {
        assert.equal(await status("v1/summary", headers), refused, JSON.stringify(Object.keys(headers)));
      }
      assert.equal(await status("v1/export", { authorization: "Bearer exporter" }), byToken);
      assert.equal(await status("", sound), read === 404 ? 404 : 200);
    } finally {
      await running.stop();
    }
  }
  assert.equal(fetched, 2, "once for each isolate");
});
