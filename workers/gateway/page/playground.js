// The playground: a tool, its arguments with their texts under tabs, and the report of a run.
import { Editor } from "./editor.js";
import { ask, byId, data, h, mode } from "./parts.js";
import { moveAlong, report, trouble } from "./report.js";
import { edited } from "./text.js";

/** The last tab: the arguments as they are sent. */
const WHOLE = "All arguments";
/** Strings that are texts although they are short and of one line. */
const TEXTS = new Set(["source", "base", "revision", "old", "new", "before", "after", "diff", "plan", "schema"]);
const LEAST_TEXT = 60;

/** The texts among arguments: `{name, at}`, where `at` leads to it, member by member. */
export function textsOf(value, at = [], name = undefined) {
  if (typeof value === "string") {
    const own = at.at(-1);
    const is = TEXTS.has(own) || value.includes("\n") || value.length > LEAST_TEXT;
    return is ? [{ name: name ?? String(own), at }] : [];
  }
  if (value === null || typeof value !== "object") return [];
  const inner = value.path ?? value.filename;
  return Object.entries(value).flatMap(([member, one]) => textsOf(one, [...at, Array.isArray(value) ? Number(member) : member], typeof inner === "string" && typeof one === "string" ? inner : undefined));
}

const reach = (value, at) => at.reduce((inner, member) => inner?.[member], value);

export class Playground {
  constructor(tools) {
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.choice = byId("tool");
    this.example = byId("example");
    this.output = byId("output");
    this.runs = 0;
    this.findings = [];
    this.editor = new Editor({ typed: (text) => this.typed(text), run: () => this.run() });
    byId("editor").append(this.editor.element);
    byId("texts").addEventListener("keydown", (event) => moveAlong(event, [...byId("texts").children]));
    const groups = Map.groupBy(tools, (tool) => tool.category);
    this.choice.append(...[...groups].map(([category, own]) => h("optgroup", { label: category }, own.map((tool) => h("option", { value: tool.name }, tool.title)))));
    this.choice.addEventListener("change", () => this.choose(this.choice.value));
    this.example.addEventListener("change", () => this.fill(this.examples[Number(this.example.value)].arguments));
    byId("controls").addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    if (mode === "keys" || mode === "oauth") {
      byId("key-field").hidden = false;
      byId("key-hint").hidden = false;
      byId("key-name").textContent = mode === "keys" ? "Your key" : "Access token";
    }
    byId("playground").hidden = false;
  }

  /** Takes a tool, and fills its first example in. */
  async choose(name) {
    if (!this.tools.has(name)) return;
    this.name = name;
    this.choice.value = name;
    byId("about").replaceChildren(...this.tools.get(name).summary.map((node) => node.cloneNode(true)));
    const url = new URL(location.href);
    url.searchParams.set("tool", name);
    history.replaceState(null, "", url);
    try {
      this.examples = (await data("examples.json"))[name] ?? [];
    } catch (error) {
      this.output.replaceChildren(trouble(`The examples could not be loaded: ${error.message}`));
      return;
    }
    // Another one may have been chosen meanwhile.
    if (this.name !== name) return;
    this.example.replaceChildren(...this.examples.map(({ title }, at) => h("option", { value: at }, title)));
    this.fill(this.examples[0]?.arguments ?? {});
  }

  /** Takes arguments, and forgets the report of others. */
  fill(given) {
    this.arguments = structuredClone(given);
    this.at = 0;
    this.list();
    this.output.replaceChildren(h("p", { class: "hint" }, "Run it, and the report is here."));
    this.forget();
  }

  // The tabs of the texts.
  list() {
    this.texts = textsOf(this.arguments);
    const names = [...this.texts.map(({ name }) => name), WHOLE];
    this.at = Math.min(this.at, names.length - 1);
    const open = (at) => {
      if (!this.isSound()) return;
      this.at = at;
      this.list();
      byId("texts").children[at].focus();
    };
    byId("texts").replaceChildren(...names.map((name, at) => h("button", {
      type: "button", role: "tab", "aria-selected": String(at === this.at), "aria-controls": "editor", tabindex: at === this.at ? 0 : -1, click: () => open(at),
    }, name)));
    byId("editor").setAttribute("aria-label", names[this.at]);
    this.draw();
  }

  // Arguments that are no JSON are not left.
  isSound() {
    if (this.broken === undefined) return true;
    this.output.replaceChildren(trouble(this.broken));
    return false;
  }

  draw(chosen) {
    const text = this.texts[this.at];
    if (text === undefined) this.editor.show(JSON.stringify(this.arguments, null, 2), WHOLE, []);
    else {
      const own = this.findings.filter((finding) => finding.range && this.placeOf(finding) === this.at);
      this.editor.show(reach(this.arguments, text.at), text.name, own.map((finding) => ({ range: finding.range, level: finding.level, chosen: finding === chosen })));
    }
  }

  typed(value) {
    this.broken = undefined;
    const text = this.texts[this.at];
    if (text === undefined) {
      try {
        this.arguments = JSON.parse(value);
      } catch (error) {
        this.broken = `The arguments are no JSON: ${error.message}`;
      }
    } else reach(this.arguments, text.at.slice(0, -1))[text.at.at(-1)] = value;
    this.stale();
  }

  forget() {
    this.findings = [];
    this.broken = undefined;
    this.draw();
  }

  // What was found is of another text now.
  stale() {
    if (this.findings.length === 0 || this.isStale) return;
    this.isStale = true;
    this.findings = [];
    this.output.prepend(h("p", { class: "note" }, "The text is another now. Run it again."));
    for (const button of this.output.querySelectorAll(".finding-head button, .bar button, .acts button:not([aria-expanded])")) button.disabled = true;
  }

  // Which text a finding is in, by its path; none where it cannot be told.
  placeOf({ path }) {
    const byName = this.texts.findIndex(({ name }) => name === path);
    if (byName >= 0) return byName;
    const byMember = this.texts.findIndex(({ at }) => at.at(-1) === path);
    if (byMember >= 0) return byMember;
    return path === undefined && this.texts.length > 0 ? 0 : this.texts.length === 1 ? 0 : -1;
  }

  show(finding) {
    this.at = this.placeOf(finding);
    this.list();
    this.draw(finding);
    this.editor.select(finding.range);
  }

  mend(findings) {
    const byText = Map.groupBy(findings, (finding) => this.placeOf(finding));
    for (const [place, own] of byText) {
      const { at } = this.texts[place];
      const inner = reach(this.arguments, at.slice(0, -1));
      inner[at.at(-1)] = edited(inner[at.at(-1)], own.flatMap((finding) => finding.fix.edits));
    }
    this.findings = [];
    this.list();
    return this.run();
  }

  get key() {
    return byId("key").value.trim();
  }

  async run() {
    if (!this.isSound() || this.arguments === undefined) return;
    this.runs += 1;
    const own = this.runs;
    const button = byId("run");
    button.disabled = true;
    this.output.setAttribute("aria-busy", "true");
    const started = performance.now();
    let shown;
    let found = [];
    try {
      const result = await ask("tools/call", { name: this.name, arguments: this.arguments }, this.key);
      const took = `${Math.max(1, Math.round(performance.now() - started))} ms`;
      found = result.isError ? [] : (result.structuredContent?.findings ?? []);
      shown = () => report(result, took, {
        show: (finding) => this.show(finding),
        mend: (findings) => this.mend(findings),
        shows: (finding) => this.placeOf(finding) >= 0,
        key: () => this.key,
      });
    } catch (error) {
      const asks = error.status === 401 && (mode === "keys" || mode === "oauth");
      shown = () => [trouble(asks && this.key === "" ? "This server asks for a key. Put yours into the field above." : error.message)];
      if (asks) byId("key").focus();
    }
    if (own !== this.runs) return;
    button.disabled = false;
    this.isStale = false;
    this.findings = found;
    this.output.replaceChildren(...shown());
    this.output.setAttribute("aria-busy", "false");
    this.draw();
  }
}
