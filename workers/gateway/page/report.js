// A report as the page shows it: the verdict, and under tabs the findings, the tool's own data and what a model reads.
import { ask, h } from "./parts.js";

const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** Tabs by name; a panel is made when it is first shown. */
export function tabs(label, panels) {
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label });
  const body = h("div", { role: "tabpanel", tabindex: "0" });
  const buttons = panels.map(([name, make], at) => {
    const show = () => {
      buttons.forEach((button, place) => {
        button.setAttribute("aria-selected", String(place === at));
        button.tabIndex = place === at ? 0 : -1;
      });
      body.setAttribute("aria-label", name);
      body.replaceChildren(...[make()].flat());
    };
    return h("button", { type: "button", role: "tab", click: show }, name);
  });
  list.addEventListener("keydown", (event) => moveAlong(event, buttons));
  list.append(...buttons);
  buttons[0]?.click();
  return [list, body];
}

/** Arrow keys, Home and End among the buttons of tabs. */
export function moveAlong(event, buttons) {
  const at = buttons.indexOf(document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  const button = buttons[(to + buttons.length) % buttons.length];
  button.click();
  button.focus();
}

/**
 * What is shown of a result. `acts` has `show(finding)`, `mend(findings)`, `shows(finding)` (whether its place is in a text that is
 * there) and `key()`.
 */
export function report(result, took, acts) {
  const text = result.content?.find(({ type }) => type === "text")?.text ?? "";
  const said = result.structuredContent;
  if (result.isError || said === undefined) return [trouble(text)];
  const tone = { fail: "error", warn: "warning", info: "info" }[said.verdict] ?? said.verdict;
  const head = h("div", { class: `verdict ${tone}` }, h("strong", {}, said.verdict), h("span", {}, inline(said.summary)), h("span", { class: "took" }, took));
  const panels = [["Findings", () => findings(said, acts)]];
  const hasData = said.data && Object.keys(said.data).length > 0;
  if (hasData) panels.push(["Data", () => h("div", { class: "data" }, members(said.data, 0))]);
  panels.push(["What a model reads", () => h("pre", { class: "whole", tabindex: "0", role: "group", "aria-label": "The result as text" }, text)]);
  // Where nothing is judged the data is what was asked for.
  if (hasData && said.findings.length === 0) panels.unshift(panels.splice(1, 1)[0]);
  return [head, ...tabs("Report", panels)];
}

/** A refusal, and what to do. */
export const trouble = (message) => h("div", { class: "verdict error" }, h("strong", {}, "not run"), h("span", {}, message));

function findings(said, acts) {
  const parts = [];
  const mendable = said.findings.filter((finding) => finding.fix?.edits?.length > 0 && acts.shows(finding));
  if (mendable.length > 1) {
    const all = h("button", { type: "button", class: "plain words", click: () => acts.mend(mendable) }, `Apply all ${mendable.length} fixes`);
    parts.push(h("div", { class: "bar" }, all));
  }
  if (said.findings.length > 0) parts.push(h("ul", { class: "findings", tabindex: "0", "aria-label": "Findings" }, said.findings.map((finding) => row(finding, acts))));
  else parts.push(h("p", { class: "hint" }, said.verdict === "info" ? "This tool measures; it found nothing to object to." : "Nothing to object to."));
  if (said.omitted > 0) parts.push(h("p", { class: "hint" }, `${count(said.omitted, "finding is", "findings are")} on further pages; a client asks for them by the report's cursor.`));
  if (said.notChecked?.length > 0) {
    parts.push(h("details", { class: "unchecked" }, h("summary", {}, "Not checked"), h("ul", {}, said.notChecked.map((what) => h("li", {}, inline(what))))));
  }
  return parts;
}

function row(finding, acts) {
  const { rule, level, message, path, range, fix } = finding;
  const place = range ? `${range.start.line}:${range.start.column}` : "";
  const where = [path, place].filter(Boolean).join(":");
  const there = range && acts.shows(finding);
  const page = h("div", { class: "rule", hidden: true });
  const why = h("button", { type: "button", class: "plain words", "aria-expanded": "false", click: () => explain(finding, why, page, acts.key()) }, "Why");
  return h(
    "li", { class: `finding ${level}` },
    h(
      "div", { class: "finding-head" },
      where && (there ? h("button", { type: "button", class: "plain", title: "Show it in the text", click: () => acts.show(finding) }, where) : h("span", { class: "at" }, where)),
      h("span", { class: "id" }, rule),
      h("span", { class: "level" }, level),
      h(
        "span", { class: "acts" },
        fix?.edits?.length > 0 && there && h("button", { type: "button", class: "plain words", click: () => acts.mend([finding]) }, "Fix: ", inline(fix.title)),
        finding.help && why,
      ),
    ),
    h("p", {}, inline(message)),
    page,
  );
}

// A rule's page, from the server.
async function explain({ help, rule }, button, page, key) {
  const open = page.hidden;
  page.hidden = !open;
  button.setAttribute("aria-expanded", String(open));
  if (!open || page.childElementCount > 0) return;
  page.append(h("p", {}, "Asking ..."));
  try {
    const { contents } = await ask("resources/read", { uri: help }, key);
    page.replaceChildren(...markdown(contents[0].text));
  } catch (error) {
    page.replaceChildren(h("p", {}, `The page of ${rule} could not be read: ${error.message}`));
  }
}

// As much of Markdown as rules' pages have: a heading, which the finding says already, paragraphs, code.
export function markdown(text) {
  const parts = [];
  const say = (piece) => {
    // Which tools report it is of no interest here: one of them just did.
    for (const words of piece.replace(/^Reported by: .*$/m, "").split(/\n{2,}/)) {
      const [, from] = /^Source: (https:\S+)$/.exec(words.trim()) ?? [];
      if (from !== undefined) parts.push(h("p", {}, "Source: ", h("a", { href: from, rel: "noreferrer" }, from.replace("https://", ""))));
      else if (words.trim() && !words.startsWith("#")) parts.push(h("p", {}, inline(words.trim())));
    }
  };
  let from = 0;
  for (const code of text.matchAll(/^(`{3,4})\w*\n([\s\S]*?)\n\1$/gm)) {
    say(text.slice(from, code.index));
    parts.push(h("pre", { tabindex: "0", role: "group", "aria-label": "Code" }, code[2]));
    from = code.index + code[0].length;
  }
  say(text.slice(from));
  return parts;
}

/** Words between backticks as code. */
export const inline = (words) => words.split(/`([^`]+)`/).map((piece, at) => (at % 2 === 1 ? h("code", {}, piece) : piece));

// ---- Data: whatever a tool gives, as facts, tables and lists

const isPlain = (value) => value === null || typeof value !== "object";
const written = (value) => (value === null || value === undefined ? "" : typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 4 }) : String(value));
// "maxDepth" is "max depth" to people.
const words = (name) => name.replace(/([a-z])([A-Z])/g, (_, one, other) => `${one} ${other.toLowerCase()}`);
const MOST_ROWS = 100;
const DEEPEST = 3;

function members(object, depth) {
  const facts = [];
  const sections = [];
  for (const [name, value] of Object.entries(object)) {
    if (isPlain(value) && !String(value).includes("\n")) facts.push(h("dt", {}, words(name)), h("dd", {}, written(value)));
    else sections.push(h("section", {}, h("h3", {}, words(name)), shown(value, depth, words(name))));
  }
  return [facts.length > 0 && h("dl", {}, facts), sections];
}

function shown(value, depth, name) {
  if (isPlain(value)) return h("pre", { class: "whole", tabindex: "0", role: "group", "aria-label": name }, String(value));
  if (!Array.isArray(value)) return depth >= DEEPEST ? json(value, name) : members(value, depth + 1);
  if (value.length === 0) return h("p", { class: "hint" }, "none");
  const first = value.slice(0, MOST_ROWS);
  const more = value.length > first.length && h("p", { class: "hint" }, `${count(value.length - first.length, "more", "more")}`);
  if (first.every(isPlain)) return [h("ul", {}, first.map((one) => h("li", {}, written(one)))), more];
  const rows = first.every((one) => !isPlain(one) && !Array.isArray(one));
  return rows ? [table(first, name), more] : json(value, name);
}

function table(rows, name) {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const cell = (value) => {
    if (isPlain(value)) return h("td", { class: typeof value === "number" ? "number" : null }, written(value));
    return h("td", {}, Array.isArray(value) && value.every(isPlain) ? value.map(written).join(", ") : JSON.stringify(value));
  };
  return h(
    "div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
    h("table", {}, h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, words(column))))), h("tbody", {}, rows.map((one) => h("tr", {}, columns.map((column) => cell(one[column])))))),
  );
}

const json = (value, name) => h("pre", { class: "whole", tabindex: "0", role: "group", "aria-label": name }, JSON.stringify(value, null, 2));
