// Unused selectors against a browser: Chromium parses each page and is asked for an element of each selector. Beside it,
// PurgeCSS on the same pages, judged by the same browser.
import { existsSync } from "node:fs";
import { Tally, call, files, join, npm, read, sample, tarball } from "../lib.mjs";

const [PURGECSS, PUPPETEER] = ["8.0.0", "25.16.0"];
const { require, load } = npm({ purgecss: PURGECSS, "puppeteer-core": PUPPETEER });
const { PurgeCSS } = require("purgecss");
const postcss = require("postcss");
const parser = require("postcss-selector-parser");
const { default: puppeteer } = await load("puppeteer-core");
const tool = "webdesign_find_unused_css";

// Pages of templates with the stylesheets that come with them.
const templates = [
  ["startbootstrap-clean-blog@6.0.9", "dist"], ["startbootstrap-creative@7.0.7", "dist"], ["startbootstrap-agency@7.0.12", "dist"], ["startbootstrap-freelancer@7.0.7", "dist"],
  ["startbootstrap-grayscale@7.0.6", "dist"], ["startbootstrap-new-age@6.0.7", "dist"], ["startbootstrap-stylish-portfolio@6.0.6", "dist"], ["startbootstrap-landing-page@6.0.6", "dist"],
  ["startbootstrap-resume@7.0.6", "dist"], ["startbootstrap-coming-soon@6.0.7", "dist"], ["startbootstrap-business-casual@7.0.9", "dist"], ["startbootstrap-sb-admin@7.0.7", "dist"],
  ["startbootstrap-sb-admin-2@4.1.4", "."], ["startbootstrap-modern-business@5.0.7", "dist"], ["startbootstrap-small-business@5.0.6", "dist"], ["reveal.js@5.1.0", "."],
];
const cases = [];
for (const [specifier, folder] of templates) {
  let root;
  try {
    root = join(tarball(specifier), folder);
  } catch {
    process.stderr.write(`  left out: ${specifier} is not to be had\n`);
    continue;
  }
  if (!existsSync(root)) continue;
  const all = files(root, (path) => !/node_modules|vendor\/(?!bootstrap)/.test(path));
  const css = all.filter((path) => path.endsWith(".css") && !path.endsWith(".min.css")).map((path) => [path, read(root, path)]).filter(([, text]) => text.length > 500 && text.length < 400_000).sort(([, a], [, b]) => b.length - a.length)[0];
  const pages = all.filter((path) => path.endsWith(".html")).slice(0, 8);
  if (css) for (const path of pages) cases.push({ name: `${specifier}/${path}`, page: read(root, path), css: css[1] });
}

// What no element of a page at rest tells: states. They are taken away, so that the rest of the selector is asked for.
const states = /^:(hover|active|focus|focus-visible|focus-within|visited|checked|disabled|enabled|valid|invalid|user-valid|user-invalid|required|optional|read-only|read-write|placeholder-shown|indeterminate|default|in-range|out-of-range|target|target-within|fullscreen|modal|popover-open|open|autofill|lang|dir|local-link|current|past|future|playing|paused|picture-in-picture|defined|host|host-context|state|-(webkit|moz|ms|o)-.*)$/i;
const elements = /^(::|:(before|after|first-line|first-letter)$)/i;
function atRest(text) {
  return parser((root) => {
    root.each((selector) => {
      const first = selector.nodes.findIndex((node) => node.type === "pseudo" && elements.test(node.value));
      if (first >= 0) selector.nodes.slice(first).forEach((node) => node.remove());
    });
    root.walkPseudos((node) => {
      const state = states.test(node.value);
      let inner = false;
      if (node.value === ":not") node.walkPseudos((one) => void (inner ||= states.test(one.value)));
      if (state || inner) node.replaceWith(parser.universal());
    });
    // `a*` is no selector: a universal one stands first or not at all.
    root.walk((node) => {
      if (node.type === "universal" && node.prev() && node.prev().type !== "combinator") node.remove();
      else if (node.type === "universal" && node.next()?.type === "tag") node.remove();
    });
    root.each((selector) => {
      const last = selector.last;
      if (!last || last.type === "combinator") selector.append(parser.universal());
    });
  }).processSync(text);
}
const inKeyframes = (rule) => rule.parent?.type === "atrule" && /keyframes$/i.test(rule.parent.name);
function selectorsOf(css) {
  const all = new Set();
  postcss.parse(css).walkRules((rule) => {
    if (!inKeyframes(rule) && rule.parent?.type !== "rule") for (const selector of rule.selectors) all.add(selector);
  });
  return [...all];
}
const offsets = (text) => {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return ({ line, column }) => starts[line - 1] + column - 1;
};

const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"], headless: true });
const tab = await browser.newPage();
const judged = await browser.version();
const chosen = sample(cases, 4);
const equal = new Tally({ tool, peer: `${judged} (querySelector on each page as parsed)`, corpus: `${chosen.length} pages of ${templates.length} templates with their stylesheets: unused selectors`, bars: { recall: 1, precision: 1 } });
let [unusedAll, oursKept, theirsKept, theirsDropped, worse] = [0, 0, 0, 0, 0];
let largest = { size: 0 };
const rows = [];
for (const { name, page, css } of chosen) {
  const written = selectorsOf(css);
  const asked = written.map(atRest);
  const used = await tab.evaluate((html, list) => {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    return list.map((selector) => {
      try {
        return parsed.querySelector(selector) !== null;
      } catch {
        return null;
      }
    });
  }, page, asked);
  const unknown = new Set(written.filter((_, at) => used[at] === null));
  const unused = written.filter((_, at) => used[at] === false);
  const { report, error, micros } = await call("find_unused_css", { files: [{ path: "page.html", source: page }, { path: "style.css", source: css }] });
  if (error) throw new Error(error.message);
  const offset = offsets(css);
  const squeeze = (text) => text.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/\s+/g, " ").trim();
  const ours = new Set(report.findings.filter(({ rule }) => rule === "unused-selector").map(({ range }) => squeeze(css.slice(offset(range.start), offset(range.end)))));
  const theirs = new Set(unused.map(squeeze));
  const skip = new Set([...unknown].map(squeeze));
  equal.sets(name, [...ours].filter((one) => !skip.has(one)), [...theirs]);
  const started = performance.now();
  const [purged] = await new PurgeCSS().purge({ content: [{ raw: page, extension: "html" }], css: [{ raw: css }] });
  const millis = performance.now() - started;
  const kept = new Set(selectorsOf(purged.css).map(squeeze));
  const usedNow = written.filter((_, at) => used[at] === true).map(squeeze);
  const excess = [...theirs].filter((one) => kept.has(one)).length;
  const own = [...theirs].filter((one) => !ours.has(one)).length;
  rows.push([name, own <= excess]);
  unusedAll += theirs.size;
  theirsKept += excess;
  oursKept += own;
  theirsDropped += usedNow.filter((one) => !kept.has(one)).length;
  worse += own > excess ? 1 : 0;
  if (page.length + css.length > largest.size) largest = { size: page.length + css.length, ours: micros / 1000, theirs: millis };
}
await browser.close();
equal.timing(`largest page with its stylesheet, ${(largest.size / 1024).toFixed(0)} KiB (the peer: PurgeCSS)`, largest.ours, largest.theirs);
equal.done();
const better = new Tally({ tool, peer: `PurgeCSS ${PURGECSS}, judged by the same browser`, corpus: `the same pages: of ${unusedAll} unused selectors PurgeCSS keeps ${theirsKept} and this tool ${oursKept}; PurgeCSS drops ${theirsDropped} that are used`, bars: { equal: 1 } });
for (const [name, holds] of rows) better.equal(`${name}: keeps no more`, holds, true);
better.done();
