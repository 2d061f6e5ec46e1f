// Accessibility of pages, against the test cases of the W3C's ACT rules and against axe-core in jsdom on real pages.
//
// ACT: each example of a rule that is claimed is `failed` (we must find something of the rule's axe ids where the example is
// about it), `passed` or `inapplicable` (we must find nothing of them). What is left out is listed with what it needs. axe-core: of each page the rules violated, where both
// tools have the rule; what axe-core leaves to a person (`incomplete`) counts neither way.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { KEPT, SAMPLED, Tally, call, files, join, npm, read, repo, sample } from "../lib.mjs";
import { CORPUS, small } from "./_pages.mjs";

const PEERS = { "axe-core": "4.14.1", jsdom: "26.1.0" };

// ACT rule: the axe rules that stand for it. Left out: rules that need a browser, media, another page, or a person's judgement.
const CLAIMED = {
  "674b10": ["aria-roles"],
  "6a7281": ["aria-valid-attr-value"],
  "5f99a7": ["aria-valid-attr"],
  de46e4: ["valid-lang"],
  m6b1q3: ["aria-command-name", "button-name"],
  akn7bn: ["frame-focusable-content"],
  "24afc2": ["avoid-inline-spacing"],
  "9e45ec": ["avoid-inline-spacing"],
  "78fd32": ["avoid-inline-spacing"],
  "73f2c2": ["autocomplete-valid"],
  "97a4e1": ["button-name", "aria-command-name", "input-button-name"],
  "46ca7f": ["presentation-role-conflict"],
  e086e5: ["label", "aria-input-field-name", "aria-toggle-field-name", "select-name"],
  bf051a: ["html-lang-valid"],
  "2779a5": ["document-title"],
  "59796f": ["input-image-alt"],
  "23a2a8": ["image-alt", "role-img-alt"],
  c487ae: ["link-name", "area-alt", "aria-command-name"],
  "7d6734": ["svg-img-alt"],
  "307n5z": ["nested-interactive"],
  a25f45: ["td-headers-attr"],
  "6cfa84": ["aria-hidden-focus"],
  bc659a: ["meta-refresh"],
  b4f0c3: ["meta-viewport"],
  "8fc3b6": ["object-alt"],
  b5c3f8: ["html-has-lang"],
  bisz58: ["meta-refresh-no-exceptions"],
  b33eff: ["css-orientation-lock"],
  "4e8ab6": ["aria-required-attr"],
  "2t702h": ["summary-name"],
  kb1m8s: ["aria-prohibited-attr"],
  ff89c9: ["aria-required-parent"],
  bc4a75: ["aria-required-children", "list"],
  "5c01ea": ["aria-allowed-attr", "aria-conditional-attr"],
  ffd0e9: ["empty-heading"],
  cae760: ["frame-title"],
  d0f69e: ["th-has-data-cells"],
  "2ee8b8": ["label-content-name-mismatch"],
  cf77f2: ["bypass"],
  // Deprecated rules that only the repository still has.
  in6db8: ["aria-valid-attr-value"],
  "5b7ae0": ["html-xml-lang-mismatch"],
  e6952f: ["validate_html no-dup-attr"],
  "3ea0c8": ["validate_html no-dup-id"],
};

// ACT rules of which the source decides some examples and leaves the others open. As the W3C counts them: partially
// consistent, where no passed or inapplicable example is failed and at least one failed example is.
const PARTIAL = {
  afw4f7: ["color-contrast"],
  "09o5cg": ["color-contrast", "color-contrast-enhanced"],
  "0ssw9k": ["scrollable-region-focusable"],
  "59br37": ["zoom-text-no-overflow-clipping"],
  oj04fd: ["sequentially-focusable-element-has-visible-focus"],
  "80af7b": ["focusable-no-keyboard-trap"],
  a1b64e: ["focusable-no-keyboard-trap"],
  "5effbb": ["link-in-context-descriptive"],
  "80f0bf": ["no-autoplay-audio"],
  "4c31df": ["no-autoplay-audio"],
  "9eb3f6": ["image-filename-as-accessible-name"],
  ucwvc8: ["html-page-lang-matches-default"],
  off6ek: ["element-lang-matches-default-language"],
  aizyf1: ["link-text"],
  // What has no way at all past what repeats has none of these ways.
  "047fe0": ["bypass"],
  b40fd1: ["bypass"],
  ye5d6e: ["bypass", "skip-link"],
};

// All other rules, by what they need.
const LEFT_OUT = {
  "the sound and pictures of a recording": "afb423 e7aa44 2eb176 aaa1bf eac66b c5a4ea ab4d13 1ea59c f51b46 c3232f fd26cf d7ba54 ee13b5 1ec09b 1a02b0 f196ce ac7dc6",
  "the pixels of an image, and a person to judge them": "qt1vmo 0va7u6 e88epe",
  "a person who judges what words say": "c4a8a4 cc0f0a b49b2e 36b590 9bd38c",
  "the pages that links and frames lead to, and a person to compare them": "4b1c6c b20e66 fd3a94",
  "a browser that runs the page's scripts": "efbfc7 3e12e1 c249d5 7677a9 ebe86a ffbc54",
};

const EXPLAINED = {
  "ff89c9/f8e3dbe6": "a script makes the shadow tree that the example is about",
  "in6db8/Inapplicable 2": "the finding is right: it is what ACT rule 6a7281 is about, which is on all elements",
  "in6db8/Failed 3": "a script makes the shadow tree that the example is about",
};

const ask = async (tool, arguments_) => {
  const { report, error } = await call(tool, arguments_);
  if (error) throw new Error(error.message);
  return report.findings;
};
const found = (source, level) => ask("audit_accessibility", { source, level });

// The examples of the W3C's list, and those of the rules that only the rules' own repository has.
const act = repo("w3c/wcag-act-rules");
const rules = repo("act-rules/act-rules.github.io");
const examples = [];
if (act) {
  const base = `${act}/content-assets/wcag-act-rules`;
  for (const { ruleId, ruleName, relativePath, testcaseId, testcaseTitle, expected } of JSON.parse(read(base, "testcases.json")).testcases) {
    const path = `${base}/${relativePath}`;
    const source = relativePath.endsWith("html") && existsSync(path) ? readFileSync(path, "utf8") : undefined;
    examples.push({ rule: ruleId, title: ruleName, name: `${ruleId}/${testcaseId.slice(0, 8)} ${testcaseTitle}`, expected, source });
  }
}
if (rules) {
  const known = new Set(examples.map(({ rule }) => rule));
  for (const file of files(`${rules}/_rules`, (path) => /-[0-9a-z]{6}\.md$/.test(path))) {
    const rule = file.slice(-9, -3);
    if (known.has(rule)) continue;
    const text = read(rules, "_rules", file);
    for (const [, expected, number, source] of text.matchAll(/^#### (Passed|Failed|Inapplicable) Example (\d+)[^]*?^```html\n([^]*?)^```/gmu)) {
      // A block belongs to the heading right before it.
      if (!/^#### /mu.test(source)) examples.push({ rule, title: file, name: `${rule}/${expected} ${number}`, expected: expected.toLowerCase(), source: `<!DOCTYPE html>\n${source}` });
    }
  }
}
// A page with the style sheets it links.
const withSheets = (source) => {
  const links = [...source.matchAll(/<link[^>]+href="([^"]+\.css)"/g)].map(([, href]) => href.replace(/^.*wcag-act-rules\//, ""));
  const sheets = links.filter((path) => act && existsSync(`${act}/content-assets/wcag-act-rules/${path}`));
  return [{ path: "page.html", source }, ...sheets.map((path) => ({ path, source: read(act, "content-assets/wcag-act-rules", path) }))];
};
const verdict = async ({ rule, source }) => {
  for (const id of CLAIMED[rule] ?? PARTIAL[rule]) {
    const [tool, own] = id.includes(" ") ? id.split(" ") : ["audit_accessibility", id];
    const findings = await ask(tool, tool === "audit_accessibility" ? { files: withSheets(source), level: "AAA" } : { source });
    if (findings.some((finding) => finding.rule === own && (finding.level !== "info" || own === "th-has-data-cells"))) return "failed";
  }
  return "not failed";
};
if (examples.length > 0) {
  const all = new Map(examples.map(({ rule, title }) => [rule, title]));
  const judged = examples.filter(({ source }) => source !== undefined);
  const claimed = judged.filter(({ rule }) => CLAIMED[rule]);
  const partly = judged.filter(({ rule }) => PARTIAL[rule]);
  const count = (list) => new Set(list.map(({ rule }) => rule)).size;
  const tool = "webdesign_audit_accessibility";
  const peer = "W3C ACT rules, test cases of 2026-08-20";
  const explain = (side, item, name) => EXPLAINED[/^\S+/.exec(name)[0]] ?? EXPLAINED[name];

  const whole = new Tally({ tool, peer, corpus: `all HTML examples of the ${count(claimed)} ACT rules that the source decides (2 of them by validate_html)`, bars: { equal: 1 }, explain });
  for (const example of sample(claimed, 150)) whole.equal(example.name, await verdict(example), example.expected === "failed" ? "failed" : "not failed");
  whole.done();

  // Of these an example that is failed and not found is open, not wrong; a rule of which none is found is not claimed.
  let open = 0;
  const met = new Set();
  const wrong = [];
  for (const example of sample(partly, 60)) {
    const ours = await verdict(example);
    if (example.expected === "failed") {
      if (ours === "failed") met.add(example.rule);
      else open += 1;
    } else wrong.push([example.name, ours]);
  }
  const part = new Tally({
    tool,
    peer,
    corpus: `${count(partly)} more ACT rules that the source decides in part (${open} failed examples stay open): no passed or inapplicable example is failed, and of each rule a failed one is found`,
    bars: { equal: 1 },
    explain,
  });
  for (const [name, ours] of wrong) part.equal(name, ours, "not failed");
  if (!SAMPLED) for (const rule of Object.keys(PARTIAL).filter((rule) => all.has(rule))) part.equal(`${rule}: one is found`, met.has(rule), true);
  part.done();

  const named = new Set(Object.values(LEFT_OUT).flatMap((ids) => ids.split(" ")));
  const missing = [...all.keys()].filter((rule) => !CLAIMED[rule] && !PARTIAL[rule] && !named.has(rule));
  if (missing.length > 0) throw new Error(`nothing is said of ${missing.join(", ")}`);
  if (!SAMPLED) {
    process.stderr.write(`  ACT: ${count(claimed)} rules in full and ${count(partly)} in part, of ${all.size}; the others need\n`);
    for (const [what, ids] of Object.entries(LEFT_OUT)) process.stderr.write(`    ${what}: ${ids.split(" ").filter((id) => all.has(id)).join(" ")}\n`);
  }
}

// Rules of axe-core that only stand in a browser, or that we do not have.
const { require } = npm(PEERS);
const axeSource = read(require.resolve("axe-core/axe.min.js"));
const { JSDOM, VirtualConsole } = require("jsdom");

const OFF = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "frame-tested"];
const answers = join(KEPT, "answers", `axe-core-${PEERS["axe-core"]}-jsdom-${PEERS.jsdom}`);

// What axe-core says of a page, and in how many milliseconds; kept, as its pages do not change.
const theirs = async (html) => {
  const kept = join(answers, `${createHash("sha256").update(html).digest("hex").slice(0, 24)}.json`);
  if (!existsSync(kept)) {
    const started = performance.now();
    const dom = new JSDOM(html, { runScripts: "outside-only", url: "https://example.org/page.html", virtualConsole: new VirtualConsole() });
    const { window } = dom;
    // jsdom matches all rules again each time a style is asked for; nothing changes meanwhile.
    const styles = new WeakMap();
    const computed = window.getComputedStyle.bind(window);
    window.getComputedStyle = (element, pseudo) => {
      if (pseudo) return computed(element, pseudo);
      if (!styles.has(element)) styles.set(element, computed(element));
      return styles.get(element);
    };
    window.eval(axeSource);
    const result = await window.axe.run(window.document, {
      resultTypes: ["violations", "incomplete"],
      rules: Object.fromEntries(OFF.map((id) => [id, { enabled: false }])),
      iframes: false,
    });
    const millis = performance.now() - started;
    window.close();
    const ids = (list) => [...new Set(list.map(({ id }) => id))].sort();
    mkdirSync(answers, { recursive: true });
    writeFileSync(kept, JSON.stringify({ violations: ids(result.violations), incomplete: ids(result.incomplete), millis }));
  }
  const { violations, incomplete, millis } = JSON.parse(readFileSync(kept, "utf8"));
  return { violations: new Set(violations), incomplete: new Set(incomplete), millis };
};

// Of axe-core's rules those that we report as violations; the others are reviews in both, or need layout.
const SHARED = new Set(
  "accesskeys area-alt aria-allowed-attr aria-allowed-role aria-command-name aria-conditional-attr aria-deprecated-role aria-dialog-name aria-hidden-body aria-hidden-focus aria-input-field-name aria-meter-name aria-progressbar-name aria-prohibited-attr aria-required-attr aria-required-children aria-required-parent aria-roles aria-tab-name aria-text aria-toggle-field-name aria-tooltip-name aria-treeitem-name aria-valid-attr aria-valid-attr-value autocomplete-valid avoid-inline-spacing blink button-name bypass definition-list dlitem document-title duplicate-id-aria empty-heading empty-table-header frame-title frame-title-unique heading-order html-has-lang html-lang-valid html-xml-lang-mismatch image-alt image-redundant-alt input-button-name input-image-alt label label-title-only landmark-banner-is-top-level landmark-contentinfo-is-top-level landmark-main-is-top-level landmark-no-duplicate-banner landmark-no-duplicate-contentinfo landmark-no-duplicate-main landmark-one-main landmark-unique link-name list listitem marquee meta-refresh meta-viewport meta-viewport-large nested-interactive page-has-heading-one presentation-role-conflict region role-img-alt scope-attr-valid select-name server-side-image-map summary-name svg-img-alt tabindex table-duplicate-name td-headers-attr valid-lang label-content-name-mismatch".split(" "),
);
// Those axe-core always leaves to a person count as found.
const REVIEWED = new Set(["bypass", "duplicate-id-aria", "frame-title-unique"]);
// The sample is of pages of which jsdom makes little work.
const chosen = SAMPLED ? small(4_000, 20) : small(40_000, 45);
const tally = new Tally({
  tool: "webdesign_audit_accessibility",
  peer: `axe-core ${PEERS["axe-core"]} in jsdom`,
  corpus: `${CORPUS}, each rule of each page`,
  bars: { recall: 0.95, precision: 0.95 },
});
let largest = { size: 0 };
let [ownAll, peerAll] = [0, 0];
for (const { name, html } of sample(chosen, 8)) {
  const { violations, incomplete, millis } = await theirs(html);
  for (const id of REVIEWED) if (incomplete.delete(id)) violations.add(id);
  const began = performance.now();
  const findings = await found(html, "AA");
  const ownTime = performance.now() - began;
  ownAll += ownTime;
  peerAll += millis;
  if (html.length > largest.size) largest = { size: html.length, name, ownTime, peerTime: millis };
  const ours = new Set(findings.filter(({ level, rule }) => level !== "info" && SHARED.has(rule)).map(({ rule }) => rule));
  const shared = [...violations].filter((id) => SHARED.has(id));
  tally.sets(name, [...ours].filter((id) => violations.has(id) || !incomplete.has(id)), shared);
}
tally.timing(`${largest.name}, ${Math.round(largest.size / 1024)} KB`, largest.ownTime, largest.peerTime);
tally.timing(`all ${sample(chosen, 8).length} pages`, ownAll, peerAll);
tally.done();
