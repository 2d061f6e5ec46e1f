// The operators' dashboard in headless Chromium: its panels against a known load, under the policy it is served with, and
// accessibility by axe-core. `browser.mjs` says which browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { vendored } from "../../workers/tail/dashboard/vendor.mjs";
import { startFleet } from "../../xtask/fleet/fleet.mjs";
import { Browser, PATIENCE_MS, options, path } from "./browser.mjs";
import { load, percentile, startMock } from "./dashboard-fixture.mjs";
import { calls } from "./inputs.mjs";

const until = Date.now();
const lines = load({ until });
const fronts = lines.filter((line) => line.worker === "octavo-gateway");
const failed = (line) => line.status !== "ok" && line.status !== "disconnect";
// The load lies in a fixed range, so that its numbers stay.
const range = `?since=${until - 3_600_000}&until=${until}`;
const whole = (value) => value.toLocaleString("en");
const ms = (value) => (value < 1000 ? `${value} ms` : `${Number((value / 1000).toPrecision(3))} s`);

let browser;
let mock;
before(async () => {
  if (!path) return;
  mock = await startMock({ lines, every: 60 });
  browser = new Browser(path);
});
after(async () => {
  await browser?.close();
  await mock?.stop();
});

test("the vendored chart library is the published one", () => {
  for (const [name, text] of Object.entries(vendored())) {
    const kept = readFileSync(new URL(`../../workers/tail/dashboard/${name}`, import.meta.url), "utf8");
    assert.equal(kept, text, `${name} is stale: node workers/tail/dashboard/vendor.mjs`);
  }
});

test("panels show the numbers of a known load", options, async () => {
  const page = await browser.open(mock.url + range);
  await page.ready();
  assert.equal(await page.figure("calls"), whole(fronts.length));
  assert.equal(await page.figure("errors"), whole(fronts.filter(failed).length));
  for (const [name, q] of [["p50", 0.5], ["p95", 0.95], ["p99", 0.99]]) assert.equal(await page.figure(name), ms(percentile(fronts, q)));
  assert.equal(await page.figure("limit"), whole(fronts.filter((line) => line.status === "limit").length));
  assert.equal(await page.figure("events"), whole(lines.length));

  const tools = Map.groupBy(fronts, (line) => line.tool);
  const shown = await page.rows("tools");
  assert.equal(shown.length, tools.size);
  for (const [name, calls, errors, , p50, p95, p99] of shown) {
    const some = tools.get(name);
    const expected = [some.length, some.filter(failed).length].map(whole).concat([0.5, 0.95, 0.99].map((q) => ms(percentile(some, q))));
    assert.deepEqual([calls, errors, p50, p95, p99], expected, name);
  }

  const heat = await page.run(`Object.fromEntries([...document.querySelectorAll('#heatmap tbody tr')].map((row) =>
    [row.querySelector('th').textContent, [...row.querySelectorAll('td')].reduce((sum, cell) => sum + Number(cell.textContent), 0)]))`);
  for (const [name, some] of tools) assert.equal(heat[name], some.length, `the heatmap's row of ${name}`);

  const workers = Map.groupBy(lines, (line) => line.worker);
  const tiles = await page.run(`Object.fromEntries([...document.querySelectorAll('#workers li')].map((tile) => [tile.dataset.worker, [...tile.querySelectorAll('dd')].map((dd) => dd.textContent)]))`);
  for (const [name, some] of workers) {
    const waited = name === "octavo-gateway" ? some : fronts.filter((line) => `octavo-${line.tool.split("_")[0]}` === name);
    assert.deepEqual([tiles[name][0], tiles[name][3]], [whole(some.length), ms(percentile(waited, 0.95))], name);
  }
  assert.equal(tiles["octavo-architecture"][0], "0", "a worker nobody asked is shown too");

  const groups = Map.groupBy(fronts.filter(failed), (line) => `${line.tool} ${line.status}`);
  const counts = (await page.rows("errors")).map((row) => Number.parseInt(row[1], 10));
  assert.deepEqual(counts, [...groups.values()].map((some) => some.length).sort((a, b) => b - a));

  const clients = Map.groupBy(fronts, (line) => line.client);
  const listed = await page.rows("clients");
  assert.deepEqual(Object.fromEntries(listed.map((row) => [row[0], row[3]])), Object.fromEntries([...clients].map(([name, some]) => [name, whole(some.length)])));
  assert.equal(await page.run("document.querySelectorAll('main img').length"), 0, "a client's name is text, never markup");

  const slowest = fronts.toSorted((a, b) => b.dur_ms - a.dur_ms).slice(0, 10).map((line) => line.trace_id.slice(-8));
  assert.deepEqual((await page.rows("slowest")).map((row) => row[0]), slowest);

  await page.run("document.querySelectorAll('#rate details, #latency details').forEach((details) => { details.open = true; })");
  await page.until("document.querySelectorAll('#rate tbody tr').length > 0");
  const perSecond = (await page.rows("rate")).map((row) => row.slice(1).reduce((sum, cell) => sum + Number(cell), 0));
  const seconds = perSecond.reduce((sum, value) => sum + value, 0) * 60;
  assert.ok(Math.abs(seconds - fronts.length) < fronts.length * 0.01, `the table behind the rate chart adds up to ${seconds}`);
  assert.ok(await page.run(`(() => {
    const canvas = document.querySelector('#rate canvas');
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
  })()`), "something is drawn");
  await page.close();
});

test("the fleet serves the page, and its panels show the calls made", options, async () => {
  const fleet = await startFleet({ vars: { OPS_ACCESS: "open", LOG_WINDOW_MS: "200" } });
  try {
    const rounds = 3;
    const headers = { "content-type": "application/json", "mcp-protocol-version": "2025-11-25" };
    for (let round = 0; round < rounds; round += 1) {
      await Promise.all(calls.map(async ({ name, arguments: given }) => {
        const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: given } });
        await (await fetch(`${fleet.url}/mcp`, { method: "POST", headers, body })).text();
      }));
    }
    const events = async () => (await (await fetch(`${fleet.url}/ops/v1/summary`)).json()).data.telemetry.events;
    const end = Date.now() + PATIENCE_MS;
    while ((await events()) < 2 * rounds * calls.length && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 100));
    const page = await browser.open(`${fleet.url}/ops`);
    await page.ready();
    assert.equal(await page.figure("calls"), whole(rounds * calls.length));
    assert.equal(await page.figure("events"), whole(2 * rounds * calls.length));
    const shown = Object.fromEntries((await page.rows("tools")).map((row) => [row[0], Number(row[1])]));
    for (const [name, some] of Map.groupBy(calls, (call) => call.name)) assert.equal(shown[name], rounds * some.length, name);
    await page.run("document.querySelector('#slowest a').click()");
    await page.until("document.querySelectorAll('#trace-body table')[0]?.querySelectorAll('rect').length === 2");
    await page.close();
  } finally {
    await fleet.stop();
  }
});

test("filters and range live in the address, and Back undoes them", options, async () => {
  const page = await browser.open(mock.url + range);
  await page.ready();
  await page.run(`document.querySelector('#tools [data-value="docker_check_compose"]').click()`);
  const some = fronts.filter((line) => line.tool === "docker_check_compose");
  await page.until(`document.querySelector('[data-figure="calls"]').textContent === "${whole(some.length)}"`);
  assert.match(await page.run("location.search"), /tool=docker_check_compose/);
  assert.equal(await page.run("document.querySelector('#filters').elements.tool.value"), "docker_check_compose");
  await page.run("history.back()");
  await page.until(`document.querySelector('[data-figure="calls"]').textContent === "${whole(fronts.length)}"`);
  await page.close();

  const custom = await browser.open(mock.url);
  await custom.ready();
  await custom.run("{ const { range } = document.querySelector('#filters').elements; range.value = 'custom'; range.dispatchEvent(new Event('change', { bubbles: true })); }");
  await custom.run("document.querySelector('#refresh').click()");
  const asked = mock.asked.length;
  while (mock.asked.length < asked + 2) await new Promise((resolve) => setTimeout(resolve, 40));
  await custom.until("document.activeElement.name === 'since' && !document.querySelector('#custom').hidden");
  await custom.run(`{ const { since, until } = document.querySelector('#custom').elements;
    since.value = '2026-01-01T00:00:00'; until.value = '2026-01-02T00:00:00'; document.querySelector('#custom').requestSubmit(); }`);
  await custom.until(`document.querySelector('[data-figure="calls"]').textContent === "0"`);
  assert.match(await custom.run("location.search"), /since=\d+&until=\d+/);
  await custom.close();

  const shared = await browser.open(`${mock.url}${range}&status=exception&status=limit&latency=worker-p95`);
  await shared.ready();
  const both = fronts.filter((line) => line.status === "exception" || line.status === "limit");
  assert.equal(await shared.figure("calls"), whole(both.length));
  assert.ok(mock.asked.some((asked) => asked.startsWith("v1/metrics?") && asked.includes("group_by=worker") && asked.includes("status=exception&status=limit")));
  await shared.close();
});

test("a trace opens as a waterfall, by keyboard and by address", options, async () => {
  const page = await browser.open(mock.url + range);
  await page.ready();
  await page.run("document.querySelector('#slowest a').focus()");
  await page.key("Enter");
  await page.until("document.querySelectorAll('#trace-body table')[0]?.querySelectorAll('rect').length === 2");
  const slowest = fronts.reduce((a, b) => (b.dur_ms > a.dur_ms ? b : a));
  const first = await page.run("[...document.querySelectorAll('#trace-body table')[0].querySelectorAll('tbody tr')].map((row) => [...row.children].map((cell) => cell.innerText.trim()))");
  assert.deepEqual(first.map((row) => row[0].split(/\s/)[0]), ["gateway", slowest.tool.split("_")[0]], "the caller, then what it called");
  assert.deepEqual(first.map((row) => row[2]), ["+0 ms", "+1 ms"]);
  assert.equal(await page.run("new URLSearchParams(location.search).get('trace')"), slowest.trace_id);
  await page.key("Escape");
  await page.until("!document.querySelector('#trace').open && !location.search.includes('trace=')");
  assert.equal(await page.run("document.activeElement.dataset.trace"), slowest.trace_id, "focus is back where it was");
  await page.close();

  const shared = await browser.open(`${mock.url}${range}&trace=${slowest.trace_id}`);
  await shared.until("document.querySelectorAll('#trace-body rect').length === 2");
  await shared.close();
});

test("the token is asked for, kept in the tab and sent as bearer", options, async () => {
  const closed = await startMock({ lines, token: "right" });
  try {
    const page = await browser.open(closed.url + range);
    const enter = (token) => page.run(`document.querySelector('#token').value = '${token}'; document.querySelector('#login-form').requestSubmit()`);
    await page.until("document.querySelector('#login').open");
    await enter("wrong");
    await page.until("document.querySelector('#login').open && document.querySelector('#login-reason').textContent.includes('refused')");
    await enter("right");
    await page.ready();
    assert.equal(await page.figure("calls"), whole(fronts.length));
    assert.equal(await page.run("localStorage.length"), 0);
    assert.ok(!(await page.run("location.href + document.cookie")).includes("right"));
    await page.send("Page.reload");
    await page.ready();
    await page.close([/401/]);
  } finally {
    await closed.stop();
  }
});

test("the live feed follows, and stops when told to", options, async () => {
  const page = await browser.open(mock.url + range);
  await page.ready();
  const top = () => page.run("document.querySelector('#live tbody tr').innerText");
  const before = await top();
  await page.run("document.querySelector('#live-toggle').click()");
  await page.until(`document.querySelector('#live tbody tr').innerText !== ${JSON.stringify(before)} && document.querySelectorAll('#live tbody tr').length > 53`);
  assert.match(await page.run("document.querySelector('#live-state').textContent"), /^Following/);
  await page.run("document.querySelector('#live-toggle').click()");
  await page.until("document.querySelector('#live-state').textContent.startsWith('Stopped')");
  await page.close();
});

test("a failing API leaves the last answer and says so", options, async () => {
  const page = await browser.open(mock.url + range);
  await page.ready();
  try {
    mock.fail = 503;
    await page.run("document.querySelector('#refresh').click()");
    await page.until("document.querySelector('#notice').textContent.includes('503')");
    assert.equal(await page.figure("calls"), whole(fronts.length));
  } finally {
    mock.fail = 0;
  }
  await page.run("document.querySelector('#notice button').click()");
  await page.until("document.querySelector('#notice').textContent === ''");
  await page.close([/503/]);

  const wrong = await browser.open(`${mock.url}?kind=abc`);
  await wrong.until("document.querySelector('#notice').textContent.includes('unknown parameter')");
  await wrong.close([/400/]);
});

test("every control has a name, and charts move by arrow keys", options, async () => {
  const page = await browser.open(mock.url + range);
  await page.ready();
  const { nodes } = await page.send("Accessibility.getFullAXTree");
  const controls = nodes.filter((node) => ["button", "link", "combobox", "textbox", "region", "table", "dialog", "group"].includes(node.role?.value) && !node.ignored);
  assert.ok(controls.length > 60, `${controls.length} controls`);
  const nameless = controls.filter((node) => !node.name?.value && node.role.value !== "group").map((node) => node.role.value);
  assert.deepEqual(nameless, []);
  assert.equal(await page.run("[...document.querySelectorAll('.scroll')].every((region) => region.tabIndex === 0)"), true);
  await page.run("document.querySelector('#rate .stage').focus()");
  const resting = await page.run("document.querySelector('#rate .legend').innerText");
  await page.key("End");
  await page.key("ArrowLeft");
  await page.until(`document.querySelector('#rate .legend').innerText !== ${JSON.stringify(resting)}`);
  assert.equal(await page.run("document.querySelector('#rate .legend').getAttribute('aria-live')"), "polite");
  await page.close();
});

test("axe-core finds nothing, and no width overflows, on phone and desktop, light and dark, with a trace open too", options, async () => {
  const slowest = fronts.reduce((a, b) => (b.dur_ms > a.dur_ms ? b : a));
  for (const [width, dark] of [[320, false], [390, true], [820, false], [1440, false], [1440, true]]) {
    const sized = await browser.open(mock.url + range, { width, dark });
    await sized.ready();
    await sized.run("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
    const wide = await sized.run("document.documentElement.scrollWidth");
    assert.ok(wide <= width, `${wide} in ${width} pixels`);
    // Between phone and desktop there is nothing but width.
    if (width !== 820) assert.deepEqual(await sized.audit(), [], `${width} ${dark ? "dark" : "light"}`);
    await sized.run("document.querySelectorAll('details').forEach((details) => { details.open = false; })");
    await sized.picture(`${width}-${dark ? "dark" : "light"}`);
    await sized.close();
  }
  for (const [width, dark] of [[390, false], [1440, true]]) {
    const page = await browser.open(`${mock.url}${range}&trace=${slowest.trace_id}`, { width, dark });
    await page.until("document.querySelectorAll('#trace-body rect').length === 2");
    assert.deepEqual(await page.audit(), [], `the trace, ${width} ${dark ? "dark" : "light"}`);
    await page.picture(`trace-${width}-${dark ? "dark" : "light"}`);
    await page.close();
  }
  const empty = await browser.open(`${mock.url}?since=1767225600000&until=1767312000000`, { width: 390 });
  await empty.ready();
  assert.deepEqual(await empty.audit(), [], "a range without calls");
  await empty.close();
});

test("everything is reached by Tab, what has the focus shows it, and the first stop skips to the panels", options, async () => {
  const page = await browser.open(mock.url + range);
  await page.ready();
  const seen = new Set();
  let last;
  for (let stop = 0; stop < 600; stop += 1) {
    await page.key("Tab");
    const at = await page.run(`(() => {
      const { activeElement: on } = document;
      const style = getComputedStyle(on);
      const box = on.getBoundingClientRect();
      on.dataset.stop ??= String(Math.random());
      return { id: on.dataset.stop, tag: on.tagName, text: on.textContent.slice(0, 40), outline: style.outlineStyle !== "none" || style.boxShadow !== "none", seen: box.width > 0 && box.height > 0 };
    })()`);
    if (stop === 0) assert.equal(at.text, "Skip to the panels");
    // A field for a date has several stops of its own.
    if (at.id === last) continue;
    if (at.tag === "BODY" || seen.has(at.id)) break;
    last = at.id;
    seen.add(at.id);
    assert.ok(at.outline && at.seen, `${at.tag} ${at.text} does not show that it has the focus`);
  }
  const focusable = await page.run(`[...document.querySelectorAll('a[href], button, select, input, summary, [tabindex="0"]')].filter((one) => one.offsetParent !== null && !one.disabled && !one.closest('dialog')).length`);
  assert.ok(seen.size >= focusable, `${seen.size} of ${focusable}`);
  await page.close();
});
