// The page at the root in headless Chromium, served by the fleet under the policy it is deployed with: that it tells the truth
// about the server, that each tool can be tried on it, and that the checkers that it offers find nothing to object to in itself.
// `browser.mjs` says which browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { searcher } from "../../workers/gateway/page/search.js";
import { edited } from "../../workers/gateway/page/text.js";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { Browser, options, path } from "./browser.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HTML = { accept: "text/html" };
const examples = JSON.parse(readFileSync(`${ROOT}workers/gateway/page/examples.json`, "utf8"));

let browser;
let fleet;
before(async () => {
  fleet = await startFleet();
  if (path) browser = new Browser(path);
});
after(async () => {
  await browser?.close();
  await fleet?.stop();
});

const get = (where, headers = {}) => fetch(`${fleet.url}${where}`, { headers });

async function call(name, given, url = `${fleet.url}/mcp`) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given } });
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json", "mcp-protocol-version": "2025-11-25" }, body });
  return (await response.json()).result;
}

/** The page in a browser, its tool chosen and its status told. */
async function open(where = "/", given = {}) {
  const page = await browser.open((given.url ?? fleet.url) + where, given);
  await page.until("document.querySelector('#example').options.length > 0 && document.querySelector('#status').textContent !== ''");
  return page;
}

async function run(page) {
  await page.run("document.querySelector('#output').replaceChildren(); document.querySelector('#run').click()");
  await page.until("document.querySelector('#output .verdict') && document.querySelector('#output').getAttribute('aria-busy') === 'false'");
}

const verdict = (page) => page.run("document.querySelector('.verdict strong').textContent");
const marks = (page) => page.run("[...document.querySelectorAll('.sheet mark')].map((mark) => mark.textContent)");
const search = (page, words) => page.run(`{ const query = document.querySelector('#query'); query.value = ${JSON.stringify(words)}; query.dispatchEvent(new Event('input', { bubbles: true })); }`);

test("it is small, kept as long as may be, and allowed to do little", async () => {
  const page = await get("/", HTML);
  const html = await page.text();
  const policy = page.headers.get("content-security-policy");
  for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(part), part);
  assert.ok(!/unsafe|\*|https?:/.test(policy), policy);
  assert.equal(page.headers.get("cache-control"), "no-cache");
  const again = await get("/", { ...HTML, "if-none-match": page.headers.get("etag") });
  assert.deepEqual([again.status, await again.text()], [304, ""]);
  const [, folder] = /data-files="([^"]+)"/.exec(html);
  let sent = gzipSync(html).length;
  for (const name of ["page.css", "page.js", "parts.js", "search.js", "text.js", "editor.js", "report.js", "playground.js"]) {
    const file = await get(`${folder}/${name}`);
    assert.match(file.headers.get("cache-control"), /immutable/, name);
    sent += gzipSync(await file.text()).length;
  }
  assert.ok(sent < 40_000, `${sent} bytes until the page works`);
  assert.ok(!html.replaceAll(fleet.url, "").match(/(src|href)="https?:/), "no other host is named");
  const head = await fetch(`${fleet.url}/`, { method: "HEAD", headers: HTML });
  assert.deepEqual([head.status, await head.text(), head.headers.get("etag")], [200, "", page.headers.get("etag")]);
  assert.match(await (await get("/")).text(), /^Octavo: \d+ exact/, "curl gets text");
  for (const [where, kind] of [["/favicon.svg", "image/svg+xml"], ["/favicon.ico", "image/x-icon"], ["/robots.txt", "text/plain; charset=utf-8"]]) {
    const found = await get(where);
    assert.deepEqual([found.status, found.headers.get("content-type")], [200, kind], where);
  }
  for (const where of [`${folder}/none.js`, "/page/page.js", "/index.html"]) assert.equal((await get(where)).status, 404, where);
});

test("programs find the server by its card", async () => {
  const catalog = await get("/.well-known/ai-catalog.json");
  assert.equal(catalog.headers.get("content-type"), "application/ai-catalog+json");
  const [entry] = (await catalog.json()).entries;
  const card = await fetch(entry.url, { headers: { accept: entry.type } });
  assert.equal(card.headers.get("content-type"), "application/mcp-server-card+json");
  assert.equal(card.headers.get("access-control-allow-origin"), "*");
  const { remotes: [remote], version } = await card.json();
  const known = await fetch(remote.url, {
    method: "POST",
    headers: { "content-type": "application/json", "mcp-protocol-version": "2026-07-28", "mcp-method": "server/discover" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "server/discover", params: { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {} } } }),
  });
  const { result } = await known.json();
  for (const served of result.supportedVersions) assert.ok(remote.supportedProtocolVersions.includes(served), served);
  assert.ok(JSON.stringify(result).includes(`"version":"${version}"`), "the card says the version that the server says");
});

// Stands before the gateway and asks it as a page elsewhere would, which the local server in front of it does not let through.
const AS = `
import gateway from "./index.js";
export * from "./index.js";
export default {
  fetch(request, env, ctx) {
    const [url, origin] = request.headers.get("x-as").split(" ");
    const headers = { "content-type": "application/json", origin };
    return gateway.fetch(new Request(url, { method: "POST", headers, body: request.body }), env, ctx);
  },
};
`;

test("a page of this very host may call over TLS, and no other page", async () => {
  const open = await startFleet({ vars: { AUTH: "open" }, around: { "octavo-gateway": AS } });
  try {
    for (const [url, origin, status] of [
      ["https://octavo.example/mcp", "https://octavo.example", 200],
      ["https://octavo.example/mcp", "https://other.example", 403],
      ["https://octavo.example/mcp", "https://octavo.example.evil", 403],
      ["https://octavo.example/mcp", "http://octavo.example", 403],
      // A name without a certificate may be anybody's: it can be made to lead here.
      ["http://octavo.example/mcp", "http://octavo.example", 403],
    ]) {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
      const response = await fetch(open.url, { method: "POST", headers: { "x-as": `${url} ${origin}` }, body });
      assert.equal(response.status, status, `${origin} to ${url}`);
      await response.text();
    }
  } finally {
    await open.stop();
  }
});

test("the browser's search finds what the server's finds", async () => {
  const html = await (await get("/", HTML)).text();
  const [, folder] = /data-files="([^"]+)"/.exec(html);
  const find = searcher(await (await get(`${folder}/index.json`)).json());
  const names = [...html.matchAll(/<li data-tool="([^"]+)"/g)].map(([, name]) => name);
  const { tools } = (await (await fetch(`${fleet.url}/mcp`, {
    method: "POST", headers: { "content-type": "application/json", "mcp-protocol-version": "2025-11-25" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
  })).json()).result;
  assert.deepEqual(names, tools.map(({ name }) => name), "the page lists what the server lists");
  const queries = tools.flatMap(({ name, title, description }) => [name, title ?? name, description.replace(/\b\S*[\d/-]\S*/g, " "), description.split(/[.,:;]/)[0].replace(/\S*[\d/-]\S*/g, " ")]);
  queries.push("docker file", "colours of my page", "vulnerabilities in our deps", "postgres too slow", "analysing accessib", "mapping", "the of", "façade", "k8s yaml");
  for (const query of queries) {
    const asked = await call("find_tools", { query: query.trim() || "x", limit: 10 }, `${fleet.url}/mcp/search`);
    const found = asked.structuredContent?.tools ?? JSON.parse(asked.content[0].text).tools;
    assert.deepEqual(find(query).slice(0, 10).map((at) => names[at]), found.map(({ name }) => name), query);
  }
});

test("edits are made as an editor makes them", () => {
  const at = (line, column, toLine = line, toColumn = column) => ({ start: { line, column }, end: { line: toLine, column: toColumn } });
  assert.equal(edited("one\r\ntwo\n", [{ range: at(2, 1, 2, 4), newText: "2" }, { range: at(1, 4), newText: "!" }]), "one!\r\n2\n");
  assert.equal(edited("ab", [{ range: at(1, 2), newText: "1" }, { range: at(1, 2), newText: "2" }]), "a12b");
  assert.equal(edited("ab", [{ range: at(1, 2), newText: "1" }, { range: at(1, 2), newText: "1" }]), "a1b", "said twice, made once");
  assert.equal(edited("a😀b", [{ range: at(1, 4, 1, 5), newText: "c" }]), "a😀c", "columns are UTF-16 units");
  assert.equal(edited("a", [{ range: at(9, 9), newText: "!" }]), "a!");
});

test("the specimen is what the tool says", options, async () => {
  const page = await open();
  const [source, rows] = await page.run("[document.querySelector('.specimen code:not(figcaption code)').textContent, [...document.querySelectorAll('.specimen li')].map((row) => row.children[0].textContent + ' ' + row.children[1].textContent)]");
  const { structuredContent: { findings } } = await call("docker_lint_dockerfile", { source });
  const said = findings.filter(({ level }) => level === "warning").map(({ range, rule }) => `${range.start.line}:${range.start.column} ${rule}`);
  assert.deepEqual(rows, said);
  const lines = source.split("\n");
  const words = findings.filter(({ level }) => level === "warning").map(({ range: { start, end } }) => lines[start.line - 1].slice(start.column - 1, end.column - 1));
  assert.deepEqual(await page.run("[...document.querySelectorAll('.specimen mark')].map((mark) => mark.textContent)"), words);
  await page.close();
});

test("every client's text holds this host's address, links open clients, and what can be run runs", options, async () => {
  const page = await open();
  const texts = await page.run("Object.fromEntries([...document.querySelectorAll('[data-client]')].map((client) => [client.dataset.client, [...client.querySelectorAll('pre')].map((pre) => pre.textContent)]))");
  for (const [client, own] of Object.entries(texts)) for (const text of own) assert.ok(text.includes(`${fleet.url}/mcp`), `${client}: ${text}`);
  const links = await page.run("Object.fromEntries([...document.querySelectorAll('[data-install]')].map((link) => [link.dataset.install, link.href]))");
  assert.deepEqual(JSON.parse(decodeURIComponent(links.vscode.split("?")[1])), { name: "octavo", type: "http", url: `${fleet.url}/mcp` });
  const cursor = new URL(links.cursor).searchParams;
  assert.deepEqual([cursor.get("name"), JSON.parse(atob(cursor.get("config")))], ["octavo", { url: `${fleet.url}/mcp` }]);
  await page.run("{ const scope = document.querySelector('#scope-choice'); scope.value = '/docker'; scope.dispatchEvent(new Event('change')); }");
  assert.equal(await page.run("[...document.querySelectorAll('[data-client] pre')].every((pre) => pre.textContent.includes('/mcp/docker'))"), true);
  // Each choice shows its own panel alone.
  for (const client of Object.keys(texts)) {
    await page.run(`document.querySelector('#client-${client}').click()`);
    assert.deepEqual(await page.run("[...document.querySelectorAll('[data-client]')].filter((panel) => panel.offsetParent !== null).map((panel) => panel.dataset.client)"), [client]);
  }
  await page.close();
  const shell = { encoding: "utf8", timeout: 60_000, cwd: ROOT };
  const answer = JSON.parse(execFileSync("bash", ["-c", texts.curl[0]], shell));
  assert.match(answer.result.content[0].text, /^warn: /);
  const inspector = texts.inspector[0].replace("npx @modelcontextprotocol/inspector", `${process.execPath} node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js`);
  assert.ok(JSON.parse(execFileSync("bash", ["-c", inspector], { ...shell, maxBuffer: 64 << 20, stdio: ["ignore", "pipe", "pipe"] })).tools.length > 50);
});

test("each tool's example runs, and what it finds is marked in its texts", options, async () => {
  const page = await open();
  const lost = [];
  for (const name of Object.keys(examples)) {
    await page.run(`{ const tool = document.querySelector('#tool'); tool.value = '${name}'; tool.dispatchEvent(new Event('change', { bubbles: true })); }`);
    await page.until(`location.search === '?tool=${name}' && document.querySelector('#example').options.length === ${examples[name].length}`);
    await run(page);
    assert.notEqual(await verdict(page), "not run", `${name}: ${await page.run("document.querySelector('.verdict').innerText")}`);
    const places = await page.run("[...document.querySelectorAll('.finding-head > .at')].map((place) => place.textContent).filter((text) => /\\d+:\\d+$/.test(text))");
    // A report may name a file that was not sent, as one of coverage does.
    const sent = [...JSON.stringify(examples[name][0].arguments).matchAll(/"(?:path|filename)":"([^"]+)"/g)].map(([, file]) => file);
    lost.push(...places.filter((place) => /^\d/.test(place) || sent.includes(place.replace(/:\d+:\d+$/, ""))).map((place) => `${name} ${place}`));
    const there = await page.run("document.querySelectorAll('.finding-head > button').length");
    if (there > 0) {
      await page.run("document.querySelector('.finding-head > button').click()");
      assert.equal(await page.run("document.querySelectorAll('.sheet mark.chosen').length > 0"), true, `${name}: the first finding is not marked`);
    }
  }
  assert.deepEqual(lost, [], "places that no text shows");
  await page.close();
});

test("fixes are applied on click, the marks are of the words meant, and a rule says why", options, async () => {
  const page = await open("/?tool=docker_lint_dockerfile");
  await run(page);
  assert.equal(await verdict(page), "warn");
  const source = examples.docker_lint_dockerfile[0].arguments.source;
  const { structuredContent: { findings } } = await call("docker_lint_dockerfile", { source });
  const lines = source.split("\n");
  const words = new Set(findings.map(({ range: { start, end } }) => lines[start.line - 1].slice(start.column - 1, end.column - 1)));
  const marked = (await marks(page)).join("|");
  for (const word of words) assert.ok(marked.includes(word), `${word} in ${marked}`);
  await page.run("[...document.querySelectorAll('.acts button')].find((button) => button.textContent === 'Why').click()");
  await page.until("document.querySelectorAll('.rule pre').length === 2");
  assert.match(await page.run("document.querySelector('.rule').innerText"), /Wrong:[\s\S]*Right:/);
  await page.run("document.querySelector('.bar button').click()");
  await page.until("document.querySelector('textarea').value.includes('apt-get install -y')");
  await page.until("document.querySelector('#output').getAttribute('aria-busy') === 'false' && !document.querySelector('.bar')");
  assert.equal(await page.run("[...document.querySelectorAll('.acts button')].some((button) => button.textContent.startsWith('Fix'))"), false, "what was mended is found no more");
  await page.run("{ const area = document.querySelector('textarea'); area.value += '# mine'; area.dispatchEvent(new Event('input', { bubbles: true })); }");
  assert.deepEqual(await marks(page), [], "marks of another text are gone");
  assert.match(await page.run("document.querySelector('#output').innerText"), /Run it again/);
  await page.close();
});

test("arguments that cannot be read or are refused say what is wrong", options, async () => {
  const page = await open("/?tool=docker_lint_dockerfile");
  await page.run("[...document.querySelectorAll('#texts button')].at(-1).click()");
  const type = (text) => page.run(`{ const area = document.querySelector('textarea'); area.value = ${JSON.stringify(text)}; area.dispatchEvent(new Event('input', { bubbles: true })); }`);
  await type('{"source":');
  await page.run("document.querySelector('#run').click()");
  await page.until("document.querySelector('#output').innerText.includes('no JSON')");
  await type('{"sourc": "FROM a"}');
  await run(page);
  assert.match(await page.run("document.querySelector('.verdict').innerText"), /source/);
  await type('{"source": "FROM debian"}');
  await page.run("document.querySelector('textarea').focus()");
  await page.send("Input.dispatchKeyEvent", { type: "keyDown", key: "Enter", code: "Enter", modifiers: 2, windowsVirtualKeyCode: 13 });
  await page.until("document.querySelector('.verdict strong')?.textContent === 'warn'");
  await page.close();
});

test("tools are found by what one wants to do", options, async () => {
  const page = await open();
  await search(page, "my docker image is too big");
  await page.until("!document.querySelector('#results').hidden");
  assert.equal(await page.run("document.querySelector('#hits li').dataset.tool"), "docker_audit_image");
  assert.equal(await page.run("document.querySelector('#groups').hidden"), true);
  await page.run("document.querySelector('#search').requestSubmit()");
  await page.until("document.querySelector('#tool').value === 'docker_audit_image' && location.search === '?tool=docker_audit_image'");
  await search(page, "zzzz");
  await page.until("document.querySelector('#found').textContent.startsWith('No tool')");
  await search(page, "");
  await page.until("document.querySelector('#results').hidden && !document.querySelector('#groups').hidden");
  await page.close();
});

test("with AUTH = keys it asks for a key, and keeps it in memory only", options, async () => {
  const secret = "octavo_0123456789abcdef";
  const entry = { id: "visitor", sha256: createHash("sha256").update(secret).digest("hex") };
  const keyed = await startFleet({ vars: { AUTH: "keys", API_KEYS: JSON.stringify([entry]) } });
  try {
    const page = await open("/", { url: keyed.url });
    assert.equal(await page.run("[...document.querySelectorAll('[data-client]')].filter((client) => /KEY|key/.test(client.textContent)).length >= 10"), true);
    await run(page);
    assert.match(await page.run("document.querySelector('.verdict').innerText"), /asks for a key/);
    assert.equal(await page.run("document.activeElement.id"), "key");
    await page.run(`document.querySelector('#key').value = '${secret}'`);
    await run(page);
    assert.equal(await verdict(page), "warn");
    const kept = await page.run("JSON.stringify([localStorage, sessionStorage, location.href, document.cookie])");
    assert.ok(!kept.includes(secret), kept);
    const card = await (await fetch(`${keyed.url}/mcp/server-card`)).json();
    assert.equal(card.remotes[0].headers[0].name, "Authorization");
    await page.close([/401/]);
  } finally {
    await keyed.stop();
  }
});

test("the status line names what is down", options, async () => {
  const partial = await startFleet({ without: ["database", "python"] });
  try {
    const page = await open("/?tool=python_lint_code", { url: partial.url });
    assert.match(await page.run("document.querySelector('#status').textContent"), /^Down: python, database\./);
    await run(page);
    assert.equal(await verdict(page), "not run");
    await page.close();
  } finally {
    await partial.stop();
  }
  const page = await open();
  assert.match(await page.run("document.querySelector('#status').textContent"), /^All 8 workers up/);
  await page.close();
});

test("without scripts it still tells what it is, how to connect, and which tools there are", options, async () => {
  const page = await browser.open("about:blank");
  await page.send("Emulation.setScriptExecutionDisabled", { value: true });
  await page.send("Page.navigate", { url: fleet.url });
  await page.until("document.readyState === 'complete' && document.querySelectorAll('[data-tool]').length > 50");
  const text = await page.run("document.body.innerText");
  for (const said of [`${fleet.url}/mcp`, "claude mcp add", "needs JavaScript", "docker_lint_dockerfile"]) assert.ok(text.includes(said), said);
  for (const dead of ["#search", "#playground", ".copy"]) assert.equal(await page.run(`document.querySelector('${dead}').offsetParent`), null, dead);
  await page.close();
});

test("our own checkers of pages find nothing", async () => {
  const html = await (await get("/", HTML)).text();
  const css = readFileSync(`${ROOT}workers/gateway/page/page.css`, "utf8");
  const colours = [...css.matchAll(/^( *)--([\w-]+): (#[0-9a-f]+);/gm)];
  const theme = (indent) => Object.fromEntries(colours.filter(([, space]) => space.length === indent).map(([, , name, value]) => [name, value]));
  const pairsOf = (of) => [
    ...["page", "panel", "sunk"].flatMap((back) => ["text", "muted", "accent", "error", "warning", "info", "good"].map((front) => `${of[front]} on ${of[back]}`)),
    ...["error", "warning", "info"].flatMap((level) => [`${of[level]} on ${of[`${level}-back`]}`, `${of.text} on ${of[`${level}-back`]}`, `${of.muted} on ${of[`${level}-back`]}`]),
    `${of["on-accent"]} on ${of.accent}`,
  ];
  for (const [name, given] of [
    ["webdesign_validate_html", { source: html }],
    ["webdesign_audit_accessibility", { source: html, filename: "index.html" }],
    ["webdesign_analyze_css", { files: [{ path: "page.css", source: css }] }],
    ["webdesign_check_contrast", { pairs: pairsOf(theme(2)) }],
    ["webdesign_check_contrast", { pairs: pairsOf(theme(4)) }],
  ]) {
    const { structuredContent, content } = await call(name, given);
    assert.ok(structuredContent, `${name}: ${content[0].text}`);
    assert.deepEqual(structuredContent.findings.map(({ rule, message, range }) => [rule, message, range?.start]), [], name);
  }
});

test("axe-core finds nothing, and no width overflows, on phone and desktop, light and dark, before and after a run", options, async () => {
  for (const [width, dark] of [[320, false], [390, true], [820, false], [1440, false], [1440, true]]) {
    const page = await open("/?tool=docker_lint_dockerfile", { width, dark });
    await page.picture(`landing-${width}-${dark ? "dark" : "light"}`);
    assert.deepEqual(await page.audit(), [], `${width} ${dark ? "dark" : "light"}`);
    await run(page);
    await page.run("[...document.querySelectorAll('.acts button')].filter((button) => button.textContent === 'Why').forEach((button) => button.click()); document.querySelector('details')?.setAttribute('open', '')");
    await page.until("document.querySelectorAll('.rule pre').length >= 6");
    const wide = await page.run("document.documentElement.scrollWidth");
    assert.ok(wide <= width, `${wide} in ${width} pixels`);
    assert.deepEqual(await page.audit(), [], `a report, ${width} ${dark ? "dark" : "light"}`);
    await page.picture(`landing-run-${width}-${dark ? "dark" : "light"}`);
    await page.close();
  }
  const page = await open("/?tool=quality_measure_complexity");
  await run(page);
  await page.run("[...document.querySelectorAll('.output [role=tab]')].find((tab) => tab.textContent === 'Data').click()");
  await search(page, "kubernetes");
  await page.until("!document.querySelector('#results').hidden");
  assert.deepEqual(await page.audit(), [], "data and hits");
  await page.close();
});

test("everything is reached by Tab and shows that it has the focus", options, async () => {
  const page = await open();
  await run(page);
  await page.run("document.activeElement.blur(); scrollTo(0, 0)");
  const seen = new Set();
  for (let stop = 0; stop < 400; stop += 1) {
    await page.key("Tab");
    const at = await page.run(`(() => {
      const { activeElement: on } = document;
      on.dataset.stop ??= String(Math.random());
      const shown = on.type === "radio" ? on.nextElementSibling : on;
      const style = getComputedStyle(shown);
      const box = shown.getBoundingClientRect();
      return { id: on.dataset.stop, tag: on.tagName, text: on.textContent.slice(0, 40), outline: style.outlineStyle !== "none", seen: box.width > 0 && box.height > 0 };
    })()`);
    if (at.tag === "BODY" || seen.has(at.id)) break;
    seen.add(at.id);
    assert.ok(at.outline && at.seen, `${at.tag} ${at.text} does not show that it has the focus`);
  }
  const focusable = await page.run(`[...document.querySelectorAll('a[href], button, select, input, summary, textarea, [tabindex="0"]')]
    .filter((one) => one.offsetParent !== null && !one.disabled && one.tabIndex >= 0 && (one.type !== 'radio' || one.checked)).length`);
  assert.ok(seen.size >= focusable, `${seen.size} of ${focusable}`);
  await page.close();
});
