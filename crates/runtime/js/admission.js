// Who may call: AUTH is `open`, `keys` or `oauth`. What a caller is found to be goes to the wasm (see access.rs);
// neither a key nor a token goes any further, and none is logged.
import { EXTRA_PATIENCE_MS, within } from "./deadline.js";
import { claimsOf } from "./jwt.js";

const METADATA = "/.well-known/oauth-protected-resource";
const MODES = ["open", "keys", "oauth"];
const ALGORITHMS = ["RS256", "ES256", "EdDSA"];
// The scope that opens all categories, and how the others begin: `octavo:docker`.
const WHOLE_SCOPE = "octavo";
const CATEGORY_SCOPE = "octavo:";
const LOCAL_HOSTS = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
// How long the address of an issuer's keys is kept, and its fetch may take.
const KEEP_MS = 3_600_000;
const FETCH_MS = 5_000;

const encoder = new TextEncoder();
const refused = (status, message, challenge) => ({ refused: { status, message, challenge } });

/** Who may call, as AUTH says: one of MODES, or something else where nobody may. */
export const modeOf = (hostname, env) => env.AUTH ?? (LOCAL_HOSTS.test(hostname) ? "open" : "unset");

/** What is found out about a request's caller, `{granted}` or `{refused}`; undefined where nobody is asked. */
export async function admission(request, env) {
  if (env.AUTH === "open") return undefined;
  const { hostname, origin } = new URL(request.url);
  const mode = modeOf(hostname, env);
  if (mode === "open") return undefined;
  if (!MODES.includes(mode)) {
    return refused(503, "This deployment does not say who may call it; set AUTH to open, keys or oauth in wrangler/gateway.toml");
  }
  const challenge = mode === "oauth" ? `Bearer resource_metadata="${origin}${METADATA}${pathOf(env)}"` : 'Bearer realm="octavo"';
  const token = bearerOf(request);
  if (token === undefined) {
    const scope = mode === "oauth" ? `, scope="${WHOLE_SCOPE}"` : "";
    return refused(401, `Unauthorized: send ${mode === "keys" ? "a key" : "an access token"} as \`Authorization: Bearer ...\``, challenge + scope);
  }
  const grant = mode === "keys" ? await grantOfKey(token, env) : await grantOfToken(token, origin, env);
  if (typeof grant === "string") return refused(401, `Unauthorized: ${grant}`, `${challenge}, error="invalid_token"`);
  return { granted: { ...grant, challenge } };
}

/**
 * The answer to a request for the protected resource's metadata (RFC 9728); undefined when it is none. `categoryScopes` gives
 * the scopes that open one category each.
 */
export function metadata({ pathname, origin }, env, categoryScopes) {
  if (env.AUTH !== "oauth" || (pathname !== METADATA && pathname !== METADATA + pathOf(env))) return undefined;
  const body = {
    resource: resourceOf(origin, env),
    authorization_servers: [env.OAUTH_ISSUER],
    scopes_supported: [WHOLE_SCOPE, ...categoryScopes()],
    bearer_methods_supported: ["header"],
    resource_name: "Octavo",
  };
  return Response.json(body, { headers: { "access-control-allow-origin": "*", "cache-control": "public, max-age=3600" } });
}

// The endpoint's canonical URI, which is the audience of its tokens.
const resourceOf = (origin, env) => env.OAUTH_AUDIENCE ?? `${origin}/mcp`;
const pathOf = (env) => (env.OAUTH_AUDIENCE === undefined ? "/mcp" : new URL(env.OAUTH_AUDIENCE).pathname.replace(/\/$/, ""));

function bearerOf(request) {
  const [scheme, token, more] = (request.headers.get("authorization") ?? "").trim().split(/ +/);
  return scheme.toLowerCase() === "bearer" && token !== undefined && more === undefined ? token : undefined;
}

// ---- keys

let readFrom;
let keys = new Map();

// The secret API_KEYS: a JSON list of `{id, sha256, categories?, rate?, expires?}`. Kept by digest, so that looking one up takes as long
// for a key that nearly is one as for any other.
function keysOf(text) {
  if (text === readFrom) return keys;
  keys = new Map();
  try {
    for (const key of JSON.parse(text ?? "[]")) keys.set(key.sha256, key);
  } catch {
    console.error("API_KEYS is not the JSON that `cargo xtask key new` prints");
  }
  readFrom = text;
  return keys;
}

async function grantOfKey(token, env) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(token)));
  const key = keysOf(env.API_KEYS).get(Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""));
  if (key === undefined) return "this key is not known here";
  if (key.expires !== undefined && !(Date.now() < Date.parse(key.expires))) return `this key expired on ${key.expires}`;
  return { id: `${key.id}`, categories: key.categories, rate: key.rate };
}

// ---- tokens

// By issuer: the address of its keys, and until when it counts.
const issuers = new Map();

async function grantOfToken(token, origin, env) {
  const issuer = env.OAUTH_ISSUER;
  if (!issuer) return "this deployment names no OAUTH_ISSUER";
  const keysAt = env.OAUTH_JWKS ?? (await keysAddress(issuer));
  const audiences = [resourceOf(origin, env)];
  const claims = keysAt === undefined ? undefined : await claimsOf(token, { issuer, audiences, keysAt, algorithms: ALGORITHMS });
  if (claims === undefined) return `this token is not one of ${issuer} for ${audiences[0]} that counts now`;
  const scopes = [claims.scope ?? claims.scp ?? ""].flat().join(" ").split(" ");
  const id = `${claims.sub ?? ""}`;
  if (scopes.includes(WHOLE_SCOPE)) return { id };
  return { id, categories: scopes.filter((scope) => scope.startsWith(CATEGORY_SCOPE)).map((scope) => scope.slice(CATEGORY_SCOPE.length)) };
}

// From the issuer's metadata (RFC 8414, else OpenID Connect).
async function keysAddress(issuer) {
  const held = issuers.get(issuer);
  if (held !== undefined && Date.now() < held.until) return await held.address;
  const address = findKeys(issuer);
  issuers.set(issuer, { address, until: Date.now() + KEEP_MS });
  const found = await address;
  // Asked again by the next request.
  if (found === undefined) issuers.delete(issuer);
  return found;
}

async function findKeys(issuer) {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const places = [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`];
  for (const place of places) {
    try {
      const response = await fetch(place, { signal: AbortSignal.timeout(FETCH_MS) });
      const found = response.status === 200 ? await response.json() : undefined;
      if (found?.issuer === issuer && typeof found.jwks_uri === "string") return found.jwks_uri;
    } catch {
      // The other place, then.
    }
  }
  return undefined;
}

// ---- limits

// The rate-limit bindings count by the minute.
const LIMIT_SECONDS = 60;

/** Whether a caller may make a call that this binding counts; otherwise in how many seconds to try again. */
export async function overLimit(binding, request, access, env) {
  if (binding === undefined) return undefined;
  const granted = access?.granted;
  // A key may name a binding of its own.
  const limiter = env[granted?.rate] ?? env[binding];
  if (limiter === undefined) return undefined;
  const key = granted === undefined ? `address ${request.headers.get("cf-connecting-ip") ?? ""}` : `grant ${granted.id}`;
  try {
    const { success } = await within(EXTRA_PATIENCE_MS, limiter.limit({ key }));
    return success ? undefined : LIMIT_SECONDS;
  } catch {
    // A limiter that fails or says nothing stops nobody.
    return undefined;
  }
}
