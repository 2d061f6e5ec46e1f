// A headless Chromium, driven over the DevTools protocol by two pipes, which needs no port and no package. The browser is
// `CHROMIUM`, or one found on the path; without one its tests are skipped. `OCTAVO_SCREENSHOTS=folder` keeps pictures.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOf } from "./packages.mjs";

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "chrome"];
export const PATIENCE_MS = 15_000;

export function findBrowser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  return BROWSERS.find((name) => {
    try {
      return execFileSync(name, ["--version"], { stdio: ["ignore", "pipe", "ignore"] }).length > 0;
    } catch {
      return false;
    }
  });
}

/** The browser. */
export class Browser {
  constructor(path) {
    this.profile = mkdtempSync(join(tmpdir(), "octavo-browser-"));
    const words = ["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", `--user-data-dir=${this.profile}`];
    this.process = spawn(path, words, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.waiting = new Map();
    this.pages = new Map();
    this.sent = 0;
    let rest = Buffer.alloc(0);
    this.process.stdio[4].on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.#take(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
  }

  #take(message) {
    const waiting = this.waiting.get(message.id);
    if (!waiting) return this.pages.get(message.sessionId)?.heard(message);
    this.waiting.delete(message.id);
    return message.error ? waiting.reject(new Error(message.error.message)) : waiting.resolve(message.result);
  }

  send(method, params = {}, sessionId = undefined) {
    this.sent += 1;
    const id = this.sent;
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  async open(url, { width = 1440, height = 900, dark = false } = {}) {
    const { browserContextId } = await this.send("Target.createBrowserContext");
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId, targetId);
    this.pages.set(sessionId, page);
    for (const domain of ["Page", "Runtime", "Log", "Network", "Accessibility"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }, { name: "prefers-reduced-motion", value: "reduce" }] });
    await page.send("Page.navigate", { url });
    return page;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.on("exit", resolve));
    this.send("Browser.close").catch(() => {});
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

class Page {
  constructor(browser, session, target) {
    Object.assign(this, { browser, session, target, troubles: [], urls: [] });
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  heard({ method, params }) {
    if (method === "Runtime.exceptionThrown") this.troubles.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Log.entryAdded" && params.entry.level === "error") this.troubles.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    if (method === "Network.requestWillBeSent") this.urls.push(params.request.url);
  }

  async run(source) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression: source, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until the expression is true. */
  async until(source) {
    const end = Date.now() + PATIENCE_MS;
    while (!(await this.run(`Boolean(${source})`).catch(() => false))) {
      if (Date.now() > end) assert.fail(`never true: ${source}; the page says: ${await this.run("document.body.innerText.slice(0, 400)")} ${this.troubles.join("; ")}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  ready() {
    return this.until(`document.querySelector('main[aria-busy="false"]')`);
  }

  async key(key, code = key) {
    const text = key === "Enter" ? "\r" : undefined;
    const windowsVirtualKeyCode = { Enter: 13, Escape: 27, ArrowLeft: 37, ArrowRight: 39, End: 35, Tab: 9 }[key];
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, code, text, windowsVirtualKeyCode });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, code, windowsVirtualKeyCode });
  }

  /** The rows of a panel's table, a list of texts each. */
  rows(id) {
    return this.run(`[...document.querySelectorAll('#${id} tbody tr')].map((row) => [...row.children].map((cell) => cell.innerText.trim()))`);
  }

  /** What axe-core finds wrong, each by its rule and the places. */
  async audit() {
    await this.run(fileOf("axe-core@4.14.1", "axe.min.js"));
    const found = await this.run(`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) => violations.map(({ id, impact, nodes }) => [id, impact, nodes.map(({ target, failureSummary }) => target.join(" ") + ": " + failureSummary).slice(0, 3)]))`);
    return found;
  }

  /** Keeps a picture of the whole page, where a folder is named. */
  async picture(name) {
    const folder = process.env.OCTAVO_SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
    writeFileSync(join(folder, `${name}.png`), Buffer.from(data, "base64"));
  }

  figure(name) {
    return this.run(`document.querySelector('[data-figure="${name}"]').textContent`);
  }

  /** Closes the page, which must have had no trouble and asked no other host. */
  async close(expected = []) {
    const origin = await this.run("location.origin");
    const elsewhere = this.urls.filter((url) => !url.startsWith(origin) && !url.startsWith("data:"));
    assert.deepEqual(elsewhere, [], "requests to other hosts");
    assert.deepEqual(this.troubles.filter((trouble) => !expected.some((known) => known.test(trouble))), [], "errors in the console");
    await this.browser.send("Target.closeTarget", { targetId: this.target });
  }
}

/** Where the browser is, and the options of the tests that need it. */
export const path = findBrowser();
export const options = { skip: path ? false : "no Chromium found; install one (Debian: apt-get install chromium), or set CHROMIUM to its path" };
