// The few questions that `cargo xtask deploy` puts to the platform's API itself, beside what wrangler does: what is deployed,
// and which version serves. One command, its input as JSON on stdin, its answer as JSON on stdout; what the platform refuses is
// `{error: {code, status, message}}`. The token comes by the environment, where no process list shows it.
import { text } from "node:stream/consumers";

const BASE = process.env.CLOUDFLARE_API_BASE_URL ?? "https://api.cloudflare.com/client/v4";
const TOKEN = process.env.CLOUDFLARE_API_TOKEN;
const NOT_FOUND = 404;
const PATIENCE_MS = 30_000;
// What a busy platform answers; worth asking again.
const AGAIN = [429, 500, 502, 503, 504];
const TRIES = 4;
const PAUSE_MS = 500;

class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

async function ask(path, { method = "GET", body } = {}) {
  for (let tried = 1; ; tried += 1) {
    const response = await fetch(`${BASE}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = await response.json().catch(() => ({}));
    if (response.ok && answer.success !== false) return answer.result;
    if (tried === TRIES || !AGAIN.includes(response.status)) {
      const { code = 0, message = "no reason given" } = answer.errors?.[0] ?? {};
      throw new Refused(response.status, code, `${method} ${path}: ${response.status}: ${message}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** tried));
  }
}

// An answer, or null where there is nothing of that name.
const find = (path) =>
  ask(path).catch((error) => {
    if (error.status === NOT_FOUND) return null;
    throw error;
  });

async function accountOf(given) {
  if (given) return { id: given, name: given };
  const accounts = await ask("/accounts?per_page=50");
  if (accounts.length === 1) return { id: accounts[0].id, name: accounts[0].name };
  const names = accounts.map(({ id, name }) => `${id} (${name})`).join(", ");
  throw new Refused(0, 0, `the token is good for ${accounts.length === 0 ? "no account" : `more than one account: ${names}`}`);
}

const versionOf = ({ id, annotations, metadata }) => ({
  id,
  tag: annotations?.["workers/tag"] ?? null,
  message: annotations?.["workers/message"] ?? null,
  created: metadata?.created_on ?? null,
  author: metadata?.author_email ?? null,
});

// A worker with its newest deployments and the versions that they name, or null.
async function scriptOf(root, name, wantsSecrets) {
  const path = `${root}/workers/scripts/${name}`;
  const listed = await find(`${path}/deployments`);
  if (listed === null) return null;
  const deployments = listed.deployments.map(({ id, created_on: created, annotations, versions }) => ({
    id,
    created,
    message: annotations?.["workers/message"] ?? null,
    versions: versions.map(({ version_id: version, percentage }) => ({ id: version, percentage })),
  }));
  const [recent, door, schedules, secrets] = await Promise.all([
    find(`${path}/versions?deployable=true`),
    find(`${path}/subdomain`),
    find(`${path}/schedules`),
    wantsSecrets ? find(`${path}/secrets`) : null,
  ]);
  const versions = (recent?.items ?? []).map(versionOf);
  for (const { id } of deployments[0]?.versions ?? []) {
    if (versions.some((version) => version.id === id)) continue;
    const older = await find(`${path}/versions/${id}`);
    if (older !== null) versions.push(versionOf(older));
  }
  return {
    deployments,
    versions,
    open: door?.enabled ?? false,
    previews: door?.previews_enabled ?? false,
    crons: (schedules?.schedules ?? []).map(({ cron }) => cron),
    secrets: (secrets ?? []).map(({ name: secret }) => secret),
  };
}

const COMMANDS = {
  // Everything that is deployed of the workers in question.
  async state({ account: given, scripts, secretsOf, namespaces }) {
    const account = await accountOf(given);
    const root = `/accounts/${account.id}`;
    const [all, subdomain, stores, ...found] = await Promise.all([
      ask(`${root}/workers/scripts`),
      find(`${root}/workers/subdomain`),
      Promise.all(namespaces.map(async (id) => [id, await find(`${root}/storage/kv/namespaces/${id}`)])),
      ...scripts.map((name) => scriptOf(root, name, name === secretsOf)),
    ]);
    return {
      account,
      names: all.map(({ id }) => id),
      subdomain: subdomain?.subdomain ?? null,
      missingNamespaces: stores.filter(([, store]) => store === null).map(([id]) => id),
      scripts: Object.fromEntries(scripts.map((name, at) => [name, found[at]]).filter(([, script]) => script !== null)),
    };
  },

  // Which versions serve how much of a worker's traffic, from now on.
  async serve({ account, script, versions, message }) {
    const body = {
      strategy: "percentage",
      versions: versions.map(({ id, percentage }) => ({ version_id: id, percentage })),
      annotations: { "workers/message": message },
    };
    const { id } = await ask(`/accounts/${account}/workers/scripts/${script}/deployments`, { method: "POST", body });
    return { id };
  },

};

try {
  const command = COMMANDS[process.argv[2]];
  console.log(JSON.stringify(await command(JSON.parse(await text(process.stdin)))));
} catch (error) {
  const message = error.cause?.message ? `${error.message}: ${error.cause.message}` : error.message;
  console.log(JSON.stringify({ error: { code: error.code === undefined || typeof error.code !== "number" ? 0 : error.code, status: error.status ?? 0, message } }));
  process.exitCode = 1;
}
