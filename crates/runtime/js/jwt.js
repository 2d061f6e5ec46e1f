// Signed tokens (JWT, RFC 7519): whether one is of an issuer for an audience, now. WebCrypto checks the signature; an issuer's
// keys are kept for an hour and fetched anew when a token names one that is not among them, since they are rotated.

// How long keys are kept, and how soon after a fetch an unknown key id is reason for another.
const KEEP_MS = 3_600_000;
const AGAIN_MS = 60_000;
// How long their fetch may take.
const FETCH_MS = 5_000;
// How far the issuer's clock may be off, in seconds.
const LEEWAY = 30;
const MAX_TOKEN = 16_384;

// What WebCrypto calls the algorithms that count, and the keys they take. `none` and shared secrets are not among them.
const ALGORITHMS = {
  RS256: { kty: "RSA", import: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" } },
  ES256: { kty: "EC", crv: "P-256", import: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" } },
  EdDSA: { kty: "OKP", crv: "Ed25519", import: { name: "Ed25519" }, verify: { name: "Ed25519" } },
};

// By address: when its keys were asked for, and the keys by id; `coming` while they are asked for.
const sets = new Map();

/**
 * The claims of a token; undefined when it is not one of this issuer for one of these audiences, now, by an allowed algorithm.
 * `keysAt` is the address of the issuer's keys, a JWKS. Never throws: what cannot be read, checked or fetched is not valid.
 */
export async function claimsOf(token, { issuer, audiences, keysAt, algorithms = ["RS256"], now = Date.now(), fetchKeys = fetchFrom }) {
  try {
    if (typeof token !== "string" || token.length > MAX_TOKEN) return undefined;
    const parts = token.split(".");
    if (parts.length !== 3) return undefined;
    const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(new TextDecoder().decode(bytesOf(part))));
    // The algorithm is ours to choose, not the token's.
    if (!algorithms.includes(header.alg) || typeof header.kid !== "string" || header.crit !== undefined) return undefined;
    const seconds = now / 1000;
    if (claims.iss !== issuer || ![claims.aud].flat().some((audience) => audiences.includes(audience))) return undefined;
    if (typeof claims.exp !== "number" || claims.exp + LEEWAY < seconds) return undefined;
    if (claims.nbf !== undefined && !(claims.nbf - LEEWAY <= seconds)) return undefined;
    const key = await keyOf(keysAt, header.kid, now, fetchKeys);
    if (key === undefined || key.algorithm !== header.alg) return undefined;
    const signed = new TextEncoder().encode(`${parts[0]}.${parts[1]}`);
    return (await crypto.subtle.verify(ALGORITHMS[header.alg].verify, key.key, bytesOf(parts[2]), signed)) ? claims : undefined;
  } catch {
    return undefined;
  }
}

async function keyOf(address, id, now, fetchKeys) {
  const held = sets.get(address) ?? { since: -Infinity, keys: new Map() };
  sets.set(address, held);
  const age = now - held.since;
  if (age > KEEP_MS || (!held.keys.has(id) && age > AGAIN_MS)) {
    // However many wait for them, keys are fetched once. Those that cannot be fetched now are not forgotten for that: they stay
    // until others replace them.
    held.coming ??= fetchKeys(address)
      .then(imported)
      .then((keys) => (held.keys = keys), () => {})
      .finally(() => {
        held.since = now;
        held.coming = undefined;
      });
    await held.coming;
  }
  return held.keys.get(id);
}

async function imported({ keys }) {
  const pairs = keys.filter((key) => typeof key.kid === "string" && (key.use ?? "sig") === "sig").map(async (key) => {
    const found = Object.entries(ALGORITHMS).find(([, { kty, crv }]) => kty === key.kty && (crv === undefined || crv === key.crv));
    if (found === undefined || (key.alg !== undefined && key.alg !== found[0])) return [];
    const { kty, crv, n, e, x, y } = key;
    const plain = Object.fromEntries(Object.entries({ kty, crv, n, e, x, y }).filter(([, value]) => value !== undefined));
    try {
      return [[key.kid, { algorithm: found[0], key: await crypto.subtle.importKey("jwk", plain, found[1].import, false, ["verify"]) }]];
    } catch {
      // One broken key does not take the others with it.
      return [];
    }
  });
  return new Map((await Promise.all(pairs)).flat());
}

async function fetchFrom(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) });
  if (response.status !== 200) throw new Error(`${response.status}`);
  return await response.json();
}

function bytesOf(text) {
  if (!/^[\w-]*$/.test(text)) throw new Error("no base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
