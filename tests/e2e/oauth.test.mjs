// OAuth end to end: the TypeScript client finds a real authorization server by the gateway's metadata, registers there, has its
// user log in, and calls with the token it gets.
import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Provider } from "oidc-provider";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { calls } from "./inputs.mjs";

const CALLBACK = "http://127.0.0.1:9/callback";

// An authorization server on loopback, for this endpoint.
async function startIssuer(audience) {
  let handler;
  const server = createServer((request, response) => handler(request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const info = { scope: "octavo octavo:docker", audience, accessTokenTTL: 300, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } };
  const provider = new Provider(issuer, {
    features: {
      registration: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: { enabled: true, defaultResource: () => audience, useGrantedResource: () => true, getResourceServerInfo: () => info },
    },
    scopes: ["openid", "offline_access", "octavo", "octavo:docker"],
    clientAuthMethods: ["none", "client_secret_basic", "client_secret_post"],
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    cookies: { keys: ["of a test"] },
  });
  handler = provider.callback();
  return { issuer, stop: () => new Promise((resolve) => server.close(resolve)) };
}

// What a person does in a browser: follows the redirects, logs in, consents. Gives the address that the client is called back at.
async function authorize(address) {
  const cookies = new Map();
  let [url, form] = [address, undefined];
  for (let step = 0; step < 12; step += 1) {
    if (url.href.startsWith(CALLBACK)) return url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie }, ...(form && { method: "POST", body: form }) });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split(/=(.*)/s);
      cookies.set(name, value);
    }
    const page = await response.text();
    const next = response.headers.get("location") ?? page.match(/<form[^>]* action="([^"]+)"/)?.[1];
    assert.ok(next, `${response.status} ${page.slice(0, 500)}`);
    const prompt = page.match(/name="prompt" value="(\w+)"/)?.[1];
    form = response.headers.has("location") ? undefined : new URLSearchParams({ prompt, login: "someone", password: "x" });
    url = new URL(next, url);
  }
  assert.fail("the login does not end");
}

// A port that nobody has now: the audience of tokens is the URL that clients call by, so it must be known before the fleet stands.
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("the client logs in at the authorization server that the gateway names", async () => {
  const port = await freePort();
  const endpoint = new URL(`http://127.0.0.1:${port}/mcp`);
  const { issuer, stop } = await startIssuer(endpoint.href);
  let fleet;
  try {
    fleet = await startFleet({ port, vars: { AUTH: "oauth", OAUTH_ISSUER: issuer } });
    const kept = {};
    const authProvider = {
      redirectUrl: CALLBACK,
      clientMetadata: {
        client_name: "test", redirect_uris: [CALLBACK], token_endpoint_auth_method: "none", grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"], scope: "octavo",
      },
      clientInformation: () => kept.client,
      saveClientInformation: (client) => (kept.client = client),
      tokens: () => kept.tokens,
      saveTokens: (tokens) => (kept.tokens = tokens),
      redirectToAuthorization: (url) => (kept.address = url),
      saveCodeVerifier: (verifier) => (kept.verifier = verifier),
      codeVerifier: () => kept.verifier,
    };
    const connect = async (transport) => {
      const client = new Client({ name: "oauth", version: "1" });
      await client.connect(transport);
      return client;
    };
    const first = new StreamableHTTPClientTransport(endpoint, { authProvider });
    await assert.rejects(connect(first), (error) => error instanceof UnauthorizedError || /auth/i.test(error.message));
    assert.ok(kept.address.href.startsWith(issuer), "by the metadata of the gateway");
    assert.equal(kept.address.searchParams.get("resource"), endpoint.href);
    const back = await authorize(kept.address);
    await first.finishAuth(back.searchParams);
    assert.equal(kept.tokens.access_token.split(".").length, 3, "a JWT");
    const client = await connect(new StreamableHTTPClientTransport(endpoint, { authProvider }));
    const { tools } = await client.listTools();
    assert.ok(tools.length > 8);
    const call = calls.find(({ name }) => name.startsWith("docker_"));
    call.expect(await client.callTool(call));
    await client.close();
  } finally {
    await fleet?.stop();
    await stop();
  }
});
