// Accessibility of pages, against the test cases of the W3C's ACT rules and against axe-core in jsdom on real pages.
//
// ACT: each example of a rule that is claimed is `failed` (we must find something of the rule's axe ids where the example is
// about it), `passed` or `inapplicable` (we must find nothing of them). axe-core: of each page the rules violated, where both
// tools have the rule; what axe-core leaves to a person (`incomplete`) counts neither way.
import { existsSync, readFileSync } from "node:fs";
import { SAMPLED, Tally, call, npm, read, repo, sample } from "../lib.mjs";
import { CORPUS, pages } from "./_pages.mjs";

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
};

const EXPLAINED = {
  "ff89c9/f8e3dbe6": "a script makes the shadow tree that the example is about",
  "6cfa84/9812d828": "what the page's script does with the focus decides",
};

const found = async (source, level) => {
  const { report, error } = await call("audit_accessibility", { source, level });
  if (error) throw new Error(error.message);
  return report.findings;
};

const act = repo("w3c/wcag-act-rules");
if (act) {
  const base = `${act}/content-assets/wcag-act-rules`;
  const { testcases } = JSON.parse(read(base, "testcases.json"));
  const claimed = testcases.filter(({ ruleId, relativePath }) => CLAIMED[ruleId] && /\.(html|xhtml|svg)$/.test(relativePath) && existsSync(`${base}/${relativePath}`));
  const rules = new Set(claimed.map(({ ruleId }) => ruleId)).size;
  const tally = new Tally({
    tool: "webdesign_audit_accessibility",
    peer: "W3C ACT rules, test cases of 2026-08-20",
    corpus: `all HTML examples of ${rules} ACT rules`,
    bars: { equal: 1 },
    explain: (side, item, name) => EXPLAINED[name.split(" ")[0]],
  });
  for (const test of sample(claimed.filter(({ relativePath }) => relativePath.endsWith("html")), 150)) {
    const findings = await found(readFileSync(`${base}/${test.relativePath}`, "utf8"), "AAA");
    const ours = findings.some(({ rule, level }) => CLAIMED[test.ruleId].includes(rule) && (level !== "info" || rule === "th-has-data-cells")) ? "failed" : "not failed";
    tally.equal(`${test.ruleId}/${test.testcaseId.slice(0, 8)} ${test.testcaseTitle}`, ours, test.expected === "failed" ? "failed" : "not failed");
  }
  tally.done();
}

// Rules of axe-core that only stand in a browser, or that we do not have.
const { require } = npm(PEERS);
const axeSource = read(require.resolve("axe-core/axe.min.js"));
const { JSDOM, VirtualConsole } = require("jsdom");

const theirs = async (html) => {
  const dom = new JSDOM(html, { runScripts: "outside-only", url: "https://example.org/page.html", virtualConsole: new VirtualConsole() });
  dom.window.eval(axeSource);
  const result = await dom.window.axe.run(dom.window.document, {
    resultTypes: ["violations", "incomplete"],
    rules: Object.fromEntries(["color-contrast", "link-in-text-block", "scrollable-region-focusable", "frame-tested"].map((id) => [id, { enabled: false }])),
    iframes: false,
  });
  dom.window.close();
  const ids = (list) => new Set(list.map(({ id }) => id));
  return { violations: ids(result.violations), incomplete: ids(result.incomplete) };
};

// Of axe-core's rules those that we report as violations; the others are reviews in both, or need layout.
const SHARED = new Set(
  "accesskeys area-alt aria-allowed-attr aria-allowed-role aria-command-name aria-conditional-attr aria-deprecated-role aria-dialog-name aria-hidden-body aria-hidden-focus aria-input-field-name aria-meter-name aria-progressbar-name aria-prohibited-attr aria-required-attr aria-required-children aria-required-parent aria-roles aria-tab-name aria-text aria-toggle-field-name aria-tooltip-name aria-treeitem-name aria-valid-attr aria-valid-attr-value autocomplete-valid avoid-inline-spacing blink button-name bypass definition-list dlitem document-title duplicate-id-aria empty-heading empty-table-header frame-title frame-title-unique heading-order html-has-lang html-lang-valid html-xml-lang-mismatch image-alt image-redundant-alt input-button-name input-image-alt label label-title-only landmark-banner-is-top-level landmark-contentinfo-is-top-level landmark-main-is-top-level landmark-no-duplicate-banner landmark-no-duplicate-contentinfo landmark-no-duplicate-main landmark-one-main landmark-unique link-name list listitem marquee meta-refresh meta-viewport meta-viewport-large nested-interactive page-has-heading-one presentation-role-conflict region role-img-alt scope-attr-valid select-name server-side-image-map summary-name svg-img-alt tabindex table-duplicate-name td-headers-attr valid-lang label-content-name-mismatch".split(" "),
);
// Those axe-core always leaves to a person count as found.
const REVIEWED = new Set(["bypass", "duplicate-id-aria", "frame-title-unique"]);
const tally = new Tally({
  tool: "webdesign_audit_accessibility",
  peer: `axe-core ${PEERS["axe-core"]} in jsdom`,
  corpus: `${CORPUS}, each rule of each page`,
  bars: { recall: 0.95, precision: 0.95 },
});
let largest = { size: 0 };
// jsdom takes half a minute for a page of 100 KB: the sample is of small ones.
for (const { name, html } of sample(pages().filter(({ html }) => !SAMPLED || html.length < 4_000), 8)) {
  const started = performance.now();
  const { violations, incomplete } = await theirs(html);
  const peerTime = performance.now() - started;
  for (const id of REVIEWED) if (incomplete.delete(id)) violations.add(id);
  const began = performance.now();
  const findings = await found(html, "AA");
  const ownTime = performance.now() - began;
  if (html.length > largest.size) largest = { size: html.length, name, ownTime, peerTime };
  const ours = new Set(findings.filter(({ level, rule }) => level !== "info" && SHARED.has(rule)).map(({ rule }) => rule));
  const shared = [...violations].filter((id) => SHARED.has(id));
  tally.sets(name, [...ours].filter((id) => violations.has(id) || !incomplete.has(id)), shared);
}
tally.timing(`${largest.name}, ${Math.round(largest.size / 1024)} KB`, largest.ownTime, largest.peerTime);
tally.done();
