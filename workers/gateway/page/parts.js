// Elements, and the one way to the server.

export const byId = (id) => document.getElementById(id);

/** An element. Attributes that are null, undefined or false are left out; a function is a listener; children are nodes or text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const { mode, endpoint, files } = document.documentElement.dataset;
export { mode, endpoint };

/** A file of the page, JSON, fetched once. */
const kept = new Map();
export function data(name) {
  if (!kept.has(name)) {
    const asked = fetch(`${files}/${name}`).then((response) => {
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      return response.json();
    });
    asked.catch(() => kept.delete(name));
    kept.set(name, asked);
  }
  return kept.get(name);
}

const VERSION = "2026-07-28";
const META = {
  "io.modelcontextprotocol/protocolVersion": VERSION,
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "octavo-page", version: "1" },
};

/** The result of a request to the endpoint. A refusal is an Error whose message is for people, with the HTTP `status`. */
export async function ask(method, params, key) {
  const named = params.name ?? params.uri;
  const headers = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": VERSION,
    "mcp-method": method,
    ...(named === undefined ? {} : { "mcp-name": named }),
    ...(key ? { authorization: `Bearer ${key}` } : {}),
    // What a visitor tries is kept nowhere.
    "cache-control": "no-store",
  };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: META } });
  let response;
  try {
    response = await fetch(endpoint, { method: "POST", headers, body, credentials: "omit", cache: "no-store" });
  } catch {
    throw new Error("The server does not answer. It may be down, or this machine is offline.");
  }
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (response.ok && answer?.result !== undefined) return answer.result;
  const said = answer?.error?.message ?? (text.trim().slice(0, 300) || `The server answered ${response.status}.`);
  throw Object.assign(new Error(said), { status: response.status });
}

/** Writes a text to the clipboard, and says so on the button. */
export async function copy(button, text) {
  const was = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it and copy";
  }
  setTimeout(() => { button.textContent = was; }, 1600);
}
