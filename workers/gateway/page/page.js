// The page at the root. Without this script it still tells what Octavo is, how to connect and which tools there are.
import { byId, copy, data, endpoint, mode } from "./parts.js";
import { Playground } from "./playground.js";
import { searcher } from "./search.js";

// ---- Copying, and links that open a client

for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  const text = button.dataset.of ? byId(button.dataset.of) : button.closest(".snippet").querySelector("code");
  const what = button.dataset.of ? "the address" : (text.closest("pre").getAttribute("aria-label") ?? "");
  button.setAttribute("aria-label", `Copy ${what}`);
  button.addEventListener("click", () => copy(button, text.textContent));
}

function installLinks(url) {
  const keyed = mode === "keys";
  const bearer = (key) => (keyed ? { headers: { Authorization: `Bearer ${key}` } } : {});
  const inputs = keyed ? { inputs: [{ type: "promptString", id: "octavo-key", description: "Octavo key", password: true }] } : {};
  const vscode = { name: "octavo", type: "http", url, ...bearer("${input:octavo-key}"), ...inputs };
  const cursor = { url, ...bearer("${env:OCTAVO_KEY}") };
  return {
    vscode: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(vscode))}`,
    cursor: `cursor://anysphere.cursor-deeplink/mcp/install?name=octavo&config=${encodeURIComponent(btoa(JSON.stringify(cursor)))}`,
  };
}

function connectTo(url) {
  for (const place of document.querySelectorAll("[data-url]")) place.textContent = url;
  const links = installLinks(url);
  for (const link of document.querySelectorAll("[data-install]")) {
    link.href = links[link.dataset.install];
    link.hidden = false;
  }
}

connectTo(endpoint);
byId("scope").hidden = false;
byId("scope-choice").addEventListener("change", (event) => connectTo(endpoint + event.target.value));

// ---- Tools

const items = [...document.querySelectorAll("#groups [data-tool]")];
const tools = items.map((item) => ({
  name: item.dataset.tool,
  title: item.querySelector("a").textContent,
  summary: [...item.querySelector("p").childNodes],
  category: item.closest(".group").querySelector("h3").textContent,
  item,
}));

const playground = new Playground(tools);

function tryOut(name) {
  playground.choose(name);
  byId("try").scrollIntoView();
  byId("run").focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='?tool=']");
  if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  tryOut(new URLSearchParams(link.search).get("tool"));
});

const MOST_HITS = 12;
let find;

async function search() {
  const query = byId("query").value.trim();
  const found = byId("found");
  const results = byId("results");
  const show = (isSearch) => {
    results.hidden = !isSearch;
    byId("groups").hidden = isSearch;
  };
  if (query === "") {
    found.textContent = "";
    return show(false);
  }
  try {
    find ??= searcher(await data("index.json"));
  } catch (error) {
    found.textContent = `The index could not be loaded: ${error.message}`;
    return show(false);
  }
  // Another letter may have come meanwhile.
  if (query !== byId("query").value.trim()) return undefined;
  const hits = find(query);
  const shown = hits.slice(0, MOST_HITS).map((at) => items[at].cloneNode(true));
  byId("hits").replaceChildren(...shown);
  found.textContent = hits.length === 0
    ? "No tool fits these words."
    : `${hits.length === 1 ? "1 tool fits" : `${hits.length} tools fit`}, the best first${hits.length > MOST_HITS ? `; ${MOST_HITS} are shown` : ""}.`;
  return show(hits.length > 0);
}

byId("search").hidden = false;
byId("query").addEventListener("focus", () => data("index.json").catch(() => {}), { once: true });
byId("query").addEventListener("input", search);
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const best = byId("hits").querySelector("a");
  if (!byId("results").hidden && best !== null) best.click();
});

playground.choose(new URLSearchParams(location.search).get("tool") ?? byId("specimen").dataset.tool);

// ---- Status

async function status() {
  const line = byId("status");
  const say = (kind, text) => {
    line.className = `status ${kind}`;
    line.textContent = text;
  };
  try {
    const { categories, version } = await (await fetch("/health")).json();
    const down = categories.filter((category) => category.status !== "ok" || category.breaker !== "closed");
    const names = down.map(({ category }) => category).join(", ");
    if (down.length === 0) say("ok", `All ${categories.length} workers up, version ${version}`);
    else say("degraded", `Down: ${names}. The other ${categories.length - down.length} work.`);
  } catch {
    say("down", "The server does not answer");
  }
}

status();
