// Cloudflare Access: whether a request carries a valid assertion of the team. WebCrypto checks the signature; the team's keys
// are kept for an hour and fetched anew when an assertion names one that is not among them, since they are rotated.

// How long keys are kept, and how soon after a fetch an unknown key id is reason for another.
const KEEP_MS = 3_600_000;
const AGAIN_MS = 60_000;
// How far the issuer's clock may be off, in seconds.
const LEEWAY = 30;
const MAX_ASSERTION = 16_384;
const ALGORITHM = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

// By team: when its keys were asked for, and the keys by id.
const teams = new Map();

/**
 * Whether the assertion is one of this team for this application, now. Never throws: what cannot be read, checked or
 * fetched is not valid.
 */
export async function isAsserted(assertion, { team, audience, now = Date.now(), fetchKeys = fetchFrom }) {
  try {
    if (typeof assertion !== "string" || assertion.length > MAX_ASSERTION) return false;
    const parts = assertion.split(".");
    if (parts.length !== 3) return false;
    const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(new TextDecoder().decode(bytesOf(part))));
    // The algorithm is ours to choose, not the token's.
    if (header.alg !== "RS256" || typeof header.kid !== "string") return false;
    const issuer = `https://${hostOf(team)}`;
    const seconds = now / 1000;
    const audiences = [claims.aud].flat();
    if (claims.iss !== issuer || !audiences.includes(audience)) return false;
    if (typeof claims.exp !== "number" || claims.exp + LEEWAY < seconds) return false;
    if (claims.nbf !== undefined && !(claims.nbf - LEEWAY <= seconds)) return false;
    const key = await keyOf(issuer, header.kid, now, fetchKeys);
    if (key === undefined) return false;
    return await crypto.subtle.verify(ALGORITHM, key, bytesOf(parts[2]), new TextEncoder().encode(`${parts[0]}.${parts[1]}`));
  } catch {
    return false;
  }
}

const hostOf = (team) => (team.includes(".") ? team : `${team}.cloudflareaccess.com`);

async function keyOf(issuer, id, now, fetchKeys) {
  let held = teams.get(issuer);
  const age = held === undefined ? Infinity : now - held.since;
  if (age > KEEP_MS || (!held.keys.has(id) && age > AGAIN_MS)) {
    // Keys that cannot be fetched now are not forgotten for that: they stay until those that can be replace them.
    const keys = await fetchKeys(`${issuer}/cdn-cgi/access/certs`).then(imported, () => held?.keys ?? new Map());
    held = { since: now, keys };
    teams.set(issuer, held);
  }
  return held.keys.get(id);
}

async function imported({ keys }) {
  const pairs = keys.filter((key) => key.kty === "RSA" && typeof key.kid === "string").map(async ({ kid, n, e }) => {
    return [kid, await crypto.subtle.importKey("jwk", { kty: "RSA", n, e }, ALGORITHM, false, ["verify"])];
  });
  return new Map(await Promise.all(pairs));
}

async function fetchFrom(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
  if (response.status !== 200) throw new Error(`${response.status}`);
  return await response.json();
}

function bytesOf(text) {
  if (!/^[\w-]*$/.test(text)) throw new Error("no base64url");
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
