// Validation of HTML, against html-validate and (in whole runs, as it needs Java) the Nu validator, on pages of npm packages.
// Compared are the lines on which a class of mistake is reported.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { KEPT, SAMPLED, Tally, call, join, npm, run, sample } from "../lib.mjs";
import { CORPUS, small } from "./_pages.mjs";

const PEERS = { "html-validate": "11.21.1", "vnu-jar": "26.9.27" };
const { require, folder } = npm(PEERS);

// The classes: ours by rule, the Nu validator's by message.
const OURS = {
  "missing-doctype": "doctype",
  "doctype-html": "doctype",
  "close-order": "close-order",
  "element-permitted-parent": "close-order",
  "no-self-closing": "no-self-closing",
  "no-dup-attr": "no-dup-attr",
  "no-dup-id": "no-dup-id",
  "no-missing-references": "no-missing-references",
  "element-name": "content",
  "element-permitted-content": "content",
  deprecated: "deprecated",
  "no-deprecated-attr": "deprecated-attr",
  "element-required-content": "required-content",
  "empty-title": "required-content",
  "element-required-attributes": "required-attributes",
  "attribute-not-allowed": "attribute",
  "input-attributes": "attribute",
  "attribute-allowed-values": "values",
};
const VALUES = /^Bad value .* for attribute .(id|tabindex|width|height|colspan|rowspan|span|rows|cols|size|maxlength|minlength|value|min|max|low|high|optimum|start|target|formtarget|href|cite|src|action|data|poster|formaction|usemap|type|method|enctype|dir|contenteditable|draggable|spellcheck|translate|hidden|scope|loading|decoding|preload|crossorigin|kind|shape|wrap|referrerpolicy|fetchpriority|charset|inputmode|enterkeyhint|disabled|checked|multiple|readonly|required|autofocus|selected|controls|autoplay|loop|muted|async|defer|nomodule|novalidate|allowfullscreen|reversed|open|default|lang|accesskey|datetime|step|sandbox|srcset). on element/su;
const NU = [
  // SVG and MathML are not claimed.
  [new RegExp(`on element .(svg|${"animate circle clipPath defs desc ellipse feBlend filter g image line linearGradient marker mask path pattern polygon polyline radialGradient rect stop symbol text textPath tspan use view math maction merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics".split(" ").join("|")}). at this point`, "u"), null],
  [/in element .(m[ions]|m(frac|row|text|style|over|under|sup|sub|td|tr|table)). in this context/u, null],
  // Attributes of roles are the audit's.
  [/“aria-|“role”/u, null],
  [/(on element .meta. at this point|Element .meta. is missing one or more)/su, "content"],
  [/doctype/iu, "doctype"],
  [/^Duplicate ID/u, "no-dup-id"],
  [/^Duplicate attribute/u, "no-dup-attr"],
  [/^Self-closing syntax/u, "no-self-closing"],
  [/^The .+ attribute on the .+ element is obsolete|^The .type. attribute for the .style. element is not needed/su, "deprecated-attr"],
  [/^The .+ element is obsolete/su, "deprecated"],
  [VALUES, "values"],
  [/^The value of the *.(value|min|max). attribute must|^The .id. attribute on a .map. element/su, "values"],
  [/^(The .(itemprop|itemtype|itemid|itemref). attribute (was specified, but|must not be)|The .sizes. attribute must only)/su, "attribute"],
  [/must also be specified/su, "required-attributes"],
  [/^Any .+ descendant of a .label. element with a .for./su, "no-missing-references"],
  [/^(The first .option. element in a|The text content of element .time.)/su, "required-content"],
  [/^Attribute .+ (not allowed on element|is only allowed when)/su, "attribute"],
  [/(is missing required attribute|is missing one or more of the following attributes|must have an .alt. attribute)/su, "required-attributes"],
  [/(is missing a required (instance of )?child element|must not be empty)/su, "required-content"],
  [/^(A .style. element in .body.|Element .+ not allowed as child|Text not allowed in element|The element .+ must not appear as a descendant)/su, "content"],
  [/The .for. attribute of the .label. element must refer/su, "no-missing-references"],
  [/^(Stray (start|end) tag|End tag|No .+ element in scope|Heading cannot be a child|An? .+ start tag seen|Start tag .+ seen|.+ element between|Misplaced|Non-space|Saw an? .+ start tag|End of file (seen|occurred) .*open|.+ start tag in table body|Violates nesting|Nested .+ elements)/su, "close-order"],
];

// Reported at the beginning by one, at the end by the other.
const WITHOUT_LINE = new Set(["doctype", "required-content"]);

const chosen = SAMPLED ? sample(small(20_000, 12), 40) : small(120_000, 70);
const ours = new Map();
// Where a page's findings of a rule end, as no more are listed: `page class` to the last line.
const LISTED = 500;
const ends = new Map();
let largest = { size: 0 };
let total = 0;
for (const { name, html } of chosen) {
  const began = performance.now();
  const { report, error } = await call("validate_html", { source: html });
  if (error) throw new Error(error.message);
  const time = performance.now() - began;
  total += time;
  if (html.length > largest.size) largest = { size: html.length, name, html, time };
  const keys = report.findings.filter(({ rule }) => OURS[rule]).map(({ rule, range }) => ({ rule, class: OURS[rule], line: range.start.line }));
  ours.set(name, keys);
  for (const [rule, count] of Object.entries(report.data.rules)) {
    if (count > LISTED && OURS[rule]) ends.set(`${name} ${OURS[rule]}`, Math.max(...keys.filter((key) => key.rule === rule).map(({ line }) => line)));
  }
}

// html-validate: the rules whose meaning is the same.
const HTML_VALIDATE = {
  "no-dup-id": "no-dup-id",
  "no-dup-attr": "no-dup-attr",
  deprecated: "deprecated",
  "missing-doctype": "missing-doctype",
  "doctype-html": "doctype-html",
  "no-self-closing": "no-self-closing",
};
// Reported at the beginning of a page, or where it is.
const OF_THE_PAGE = new Set(["missing-doctype", "doctype-html"]);
const { HtmlValidate } = require("html-validate");
const validator = new HtmlValidate({ root: true, extends: [], elements: ["html5"], rules: Object.fromEntries(Object.keys(HTML_VALIDATE).map((rule) => [rule, "error"])) });
const other = new Tally({
  tool: "webdesign_validate_html",
  peer: `html-validate ${PEERS["html-validate"]}`,
  corpus: `${CORPUS}: ${Object.keys(HTML_VALIDATE).join(", ")}, by line`,
  bars: { recall: 0.9, precision: 0.97 },
  explain: (side, item, name) =>
    name.includes("/_layouts/") && item.startsWith("no-dup-attr")
      ? "words of a template language are attributes to a browser, and these stand there twice"
      : name.endsWith("new-age@6.0.7/dist/index.html") && item === "no-dup-id 149"
        ? "ids of SVG elements are ids too"
        : undefined,
});
for (const { name, html } of chosen) {
  const result = await validator.validateString(html);
  const theirs = new Set(result.results.flatMap(({ messages }) => messages).filter(({ ruleId }) => HTML_VALIDATE[ruleId]).map(({ ruleId, line }) => (OF_THE_PAGE.has(ruleId) ? ruleId : `${ruleId} ${line}`)));
  const mine = new Set(ours.get(name).filter(({ rule }) => HTML_VALIDATE[rule]).map(({ rule, line }) => (OF_THE_PAGE.has(rule) ? rule : `${rule} ${line}`)));
  other.sets(name, mine, theirs);
}
const began = performance.now();
await validator.validateString(largest.html);
other.timing(`${largest.name}, ${Math.round(largest.size / 1024)} KB`, largest.time, performance.now() - began);
other.done();

if (!SAMPLED) {
  // Java needs half a minute: its answer on this corpus is kept.
  const folded = createHash("sha256");
  chosen.forEach(({ html }) => folded.update(html));
  const kept = join(KEPT, "answers", `vnu-${PEERS["vnu-jar"]}-${folded.digest("hex").slice(0, 16)}.json`);
  if (!existsSync(kept)) {
    const scratch = mkdtempSync(join(tmpdir(), "octavo-nu-"));
    chosen.forEach(({ html }, at) => writeFileSync(join(scratch, `${String(at).padStart(4, "0")}.html`), html));
    const jar = join(folder, "node_modules/vnu-jar/build/dist/vnu.jar");
    if (!existsSync(jar)) throw new Error("vnu-jar has no jar");
    const started = performance.now();
    const text = run("java", ["-Xss8m", "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always", "--skip-non-html", scratch], { failing: true });
    const millis = performance.now() - started;
    rmSync(scratch, { recursive: true });
    const { messages } = JSON.parse(text);
    if (messages.length < chosen.length) throw new Error("the validator gave up");
    mkdirSync(join(KEPT, "answers"), { recursive: true });
    writeFileSync(kept, JSON.stringify({ millis, messages: messages.map(({ type, message, url, firstLine, lastLine }) => ({ type, message, url: url.slice(-9), firstLine, lastLine })) }));
  }
  const answer = JSON.parse(readFileSync(kept, "utf8"));
  const messages = new Map();
  const gaveUp = new Map();
  for (const message of answer.messages) {
    // What is obsolete comes as a warning; what hangs on a role is the audit's.
    const obsolete = /is obsolete\.|attribute for the .style. element is not needed/u.test(message.message);
    if ((message.type !== "error" && !obsolete) || /role=/u.test(message.message)) continue;
    const at = Number(/(\d{4})\.html$/u.exec(message.url)?.[1]);
    if (message.message.startsWith("Cannot recover after last error")) gaveUp.set(chosen[at].name, message.lastLine);
    const known = NU.find(([pattern]) => pattern.test(message.message));
    if (!known?.[1]) continue;
    const list = messages.get(at) ?? new Set();
    // A message is about a stretch of lines; ours is about the tag or the attribute in it.
    const [first, last] = [message.firstLine ?? message.lastLine, message.lastLine];
    const mine = ours.get(chosen[at].name).find((key) => !key.met && key.class === known[1] && key.line >= first && key.line <= last);
    if (mine) mine.met = true;
    list.add(WITHOUT_LINE.has(known[1]) ? known[1] : `${known[1]} ${mine?.line ?? last}`);
    messages.set(at, list);
  }
  const nu = new Tally({
    tool: "webdesign_validate_html",
    peer: `Nu validator ${PEERS["vnu-jar"]}`,
    corpus: `${CORPUS}: ${new Set(NU.flatMap(([, name]) => name ?? [])).size} classes of messages, by line`,
    bars: { recall: 0.9, precision: 0.97 },
    explain: (side, item, name) => {
      const [kind, line] = item.split(" ");
      if (side === "ours" && Number(line) >= (gaveUp.get(name) ?? Infinity)) return "the peer gave up at an earlier line";
      const end = side === "theirs" ? ends.get(`${name} ${kind}`) : undefined;
      return end !== undefined && Number(line) >= end ? `of one rule ${LISTED} findings are listed, the others counted` : undefined;
    },
  });
  chosen.forEach(({ name }, at) => {
    const mine = new Set(ours.get(name).map((key) => (WITHOUT_LINE.has(key.class) ? key.class : `${key.class} ${key.line}`)));
    nu.sets(name, mine, messages.get(at) ?? new Set());
  });
  nu.timing(`all ${chosen.length} pages (Java starts once)`, total, answer.millis);
  nu.done();
}
