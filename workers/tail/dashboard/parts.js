// What the page is made of: elements, tables, and how numbers and times are written.

export const byId = (id) => document.getElementById(id);

// ---- Elements ----

const SVG = new Set(["svg", "rect", "polyline"]);

/** An element. Attributes that are null, undefined or false are left out; children are nodes or text. */
export function h(tag, attributes = {}, ...children) {
  const element = SVG.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Makes the children of `target` equal to `fresh` by the fewest changes, so that focus and reading position stay. */
export function morph(target, fresh) {
  const old = [...target.childNodes];
  fresh.forEach((node, at) => {
    const was = old[at];
    if (!was) return target.append(node);
    if (was.nodeName !== node.nodeName) return was.replaceWith(node);
    if (was.nodeType === Node.TEXT_NODE) {
      if (was.data !== node.data) was.data = node.data;
      return undefined;
    }
    for (const { name } of [...was.attributes]) if (!node.hasAttribute(name) && name !== "open") was.removeAttribute(name);
    for (const { name, value } of node.attributes) if (was.getAttribute(name) !== value) was.setAttribute(name, value);
    return morph(was, [...node.childNodes]);
  });
  for (const node of old.slice(fresh.length)) node.remove();
}

export const show = (id, ...children) => morph(byId(id), children.flat().map((child) => (child instanceof Node ? child : document.createTextNode(child))));

/**
 * A table that scrolls. A column is `{ head, of, first, number, sort, title }`: `of` gives a row's cell, `first` makes it the
 * row's head, `sort` makes the column's head a button.
 */
export function table(caption, columns, rows, { none = "Nothing in this range.", sorted } = {}) {
  if (rows.length === 0) return h("p", { class: "muted" }, none);
  const head = columns.map(({ head: text, number, sort, title }) => {
    const order = sorted && sorted === sort ? "descending" : null;
    const inside = sort ? h("button", { type: "button", "data-sort": sort, class: "plain" }, text, order ? h("span", { "aria-hidden": "true" }, " ↓") : "") : text;
    return h("th", { scope: "col", class: number && "number", "aria-sort": order, title }, inside);
  });
  const body = rows.map((row) => h("tr", {}, columns.map(({ of, number, first }) =>
    h(first ? "th" : "td", { class: number && "number", scope: first && "row" }, of(row)))));
  return scrolling(caption, h("table", {}, h("caption", { class: "sr" }, caption), h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)));
}

// What scrolls must be reachable by keyboard.
export const scrolling = (label, content) => h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": label }, content);

// A name that may be broken after its underscores.
export const breakable = (name) => String(name).split(/(?<=_)/).flatMap((part, at) => (at > 0 ? [h("wbr"), part] : [part]));

export function fact(label, value, { figure, warn } = {}) {
  return h("div", { class: warn && "warn" }, h("dt", {}, label), h("dd", { "data-figure": figure }, value));
}

// ---- Numbers and times ----

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
export const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const CLOCK_S = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
export const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

export const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const orDash = (format) => (value) => (isNumber(value) ? format(value) : "–");
export const whole = orDash((value) => WHOLE.format(value));
export const rate = orDash((value) => (value >= 100 ? WHOLE : DIGITS).format(value));
export const percent = orDash((value) => `${(value * 100).toFixed(value < 0.1 ? 2 : 1).replace(/\.0+$/, "")} %`);
const LENGTHS = [[1, 1000, "ms"], [1000, 120_000, "s"], [60_000, 7_200_000, "min"], [3_600_000, 172_800_000, "h"], [86_400_000, Infinity, "d"]];
export const duration = orDash((ms) => {
  const [unit, , name] = LENGTHS.find(([, below]) => ms < below);
  return `${DIGITS.format(ms / unit)} ${name}`;
});
export const bytes = orDash((size) => {
  const power = Math.min(3, Math.max(0, Math.floor(Math.log2(Math.max(1, size)) / 10)));
  return `${DIGITS.format(size / 1024 ** power)} ${["B", "KiB", "MiB", "GiB"][power]}`;
});
export const dollars = (value) => `$${value >= 0.01 ? value.toFixed(2) : value.toPrecision(2)}`;
export const clock = orDash((ts) => CLOCK_S.format(ts));
export const stamp = orDash((ts) => (Date.now() - ts < 12 * 3_600_000 ? CLOCK_S.format(ts) : `${DAY.format(ts)} ${CLOCK.format(ts)}`));
export const ago = orDash((ts) => {
  const [unit, , name] = LENGTHS.find(([, below], at) => at > 0 && Date.now() - ts < below);
  return `${Math.max(0, Math.round((Date.now() - ts) / unit))} ${name} ago`;
});
export const ratioOf = (errors, calls) => (calls > 0 ? errors / calls : null);
export const time = (ts, format = stamp) => (isNumber(ts) ? h("time", { datetime: new Date(ts).toISOString(), title: new Date(ts).toISOString() }, format(ts)) : "–");
