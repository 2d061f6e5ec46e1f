// Figures of recordings against pagexray, on the recordings its own tests use, and scores against Lighthouse's own code.
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Tally, call, files, join, npm, read, repo, sample } from "../lib.mjs";

const PAGEXRAY = "4.4.4";
const LIGHTHOUSE = "13.5.0";
const { require } = npm({ pagexray: PAGEXRAY });
const tool = "webdesign_audit_page_load";

// pagexray asks the clock where a response has no date. Here the time is that of the request, so that both can be compared.
const converter = require("pagexray");
function theirs(har) {
  const clock = Date.now;
  const told = (entry) => Date.parse(entry.response.headers.find(({ name }) => name.toLowerCase() === "date")?.value ?? "") || Date.parse(entry.startedDateTime);
  let current = 0;
  for (const entry of har.log.entries) {
    const { response } = entry;
    const now = told(entry);
    Object.defineProperty(entry, "response", { get: () => ((current = now), response), enumerable: true });
  }
  Date.now = () => current;
  try {
    return converter.convert(har, { includeAssets: true });
  } finally {
    Date.now = clock;
  }
}

const names = ["requests", "transferSize", "contentSize", "headerSize"];
const sizes = (it) => names.map((name) => it?.[name] ?? 0);
const sum = (rows) => names.map((name) => rows.reduce((total, row) => total + row[name], 0));
const sorted = (pairs) => pairs.sort(([a], [b]) => (a < b ? -1 : 1));
// It always lists five types; "oscp" is its spelling.
const theirTypes = (object) => sorted(Object.entries(object).filter(([, { requests }]) => requests > 0).map(([key, value]) => [key === "oscp" ? "ocsp" : key, sizes(value)]));
const ourTypes = (rows) => sorted([...new Set(rows.map((row) => row.type))].map((type) => [type, sum(rows.filter((row) => row.type === type))]));
const spread = (it) => it && [it.min, it.median, it.max, it.values];
const party = (first) => [
  (it) => [sum(it.domains.filter((row) => row.firstParty === first)), ourTypes(it.types.filter((row) => row.firstParty === first)), first ? it.cookies - it.thirdPartyCookies : it.thirdPartyCookies],
  (it) => ((one) => [sizes(one), theirTypes(one.contentTypes), one.cookies])(first ? it.firstParty : it.thirdParty),
];
const fields = {
  url: [(it) => it.url, (it) => it.url],
  finalUrl: [(it) => it.finalUrl, (it) => it.finalUrl],
  redirects: [(it) => it.redirects, (it) => it.redirectChain],
  httpVersion: [(it) => it.httpVersion, (it) => it.httpVersion],
  sizes: [sizes, sizes],
  fullyLoaded: [(it) => Math.round(it.fullyLoaded), (it) => Math.round(it.fullyLoaded)],
  cookies: [(it) => [it.cookies, it.thirdPartyCookies], (it) => [it.cookies, it.cookieNamesThirdParties.length]],
  statuses: [(it) => it.statuses.map(({ status, requests }) => [status, requests]), (it) => Object.entries(it.responseCodes).map(([status, requests]) => [Number(status), requests])],
  types: [(it) => ourTypes(it.types), (it) => theirTypes(it.contentTypes)],
  domains: [
    (it) => sorted(it.domains.map((row) => [row.host, sizes(row), row.totalTime, Object.values(row.phases)])),
    (it) => sorted(Object.entries(it.domains).map(([domain, row]) => [domain, sizes(row), row.totalTime, Object.values(row.timings)])),
  ],
  firstParty: party(true),
  thirdParty: party(false),
  afterContentLoad: [(it) => [it.afterContentLoad.requests, it.afterContentLoad.transferSize], (it) => [it.afterOnContentLoad.requests, it.afterOnContentLoad.transferSize]],
  afterLoad: [(it) => [it.afterLoad.requests, it.afterLoad.transferSize], (it) => [it.afterOnLoad.requests, it.afterOnLoad.transferSize]],
  expires: [(it) => spread(it.expires), (it) => spread(it.expireStats)],
  lastModified: [(it) => spread(it.lastModified), (it) => spread(it.lastModifiedStats)],
  renderBlocking: [(it) => it.renderBlocking ?? 0, (it) => it.renderBlocking?.blocking ?? 0],
  missingCompression: [(it) => it.missingCompression, (it) => it.missingCompression],
};

const folder = repo("sitespeedio/pagexray");
if (folder) {
  // What makes a figure of a recording differ: sizes it does not know are -1, which the peer adds up.
  let unknown;
  const explain = (side, item, name) => {
    const field = name.split(" ").at(-1);
    if (field === "missingCompression") return "the peer looks for a list among words, so that every large text counts, compressed or not";
    if (field === "lastModified" && item.ours?.[0] === -1) return "a response that was changed one second after its date has that time; the peer takes -1 for none";
    if (unknown && ["sizes", "types", "domains", "firstParty", "thirdParty", "afterContentLoad", "afterLoad"].includes(field)) return "sizes that the recording does not know (-1) count as nothing, the peer subtracts them";
    return undefined;
  };
  const all = files(join(folder, "test/files"), (path) => path.endsWith(".har"));
  const tally = new Tally({ tool, peer: `pagexray ${PAGEXRAY}`, corpus: `${all.length} recordings of its own tests (WebPageTest, Chrome, Firefox, browsertime), ${Object.keys(fields).length} fields a page`, bars: { equal: 1 }, explain });
  let largest = { size: 0 };
  for (const path of sample(all, 8)) {
    const text = read(folder, "test/files", path);
    const har = JSON.parse(text);
    unknown = har.log.entries.some(({ response }) => response.bodySize < 0 || response.headersSize < 0 || (response.content.size < 0 && response.bodySize < 0));
    const started = performance.now();
    const pages = theirs(JSON.parse(text));
    const millis = performance.now() - started;
    const { report, error, micros } = await call("audit_page_load", { har: text });
    if (error) throw new Error(error.message);
    if (text.length > largest.size) largest = { size: text.length, ours: micros / 1000, theirs: millis };
    tally.equal(`${path} pages`, report.data.pages.length, pages.length);
    if (report.data.pages.length !== pages.length) continue;
    pages.forEach((page, at) => {
      for (const [field, [ofOurs, ofTheirs]] of Object.entries(fields)) tally.equal(`${path} ${at} ${field}`, ofOurs(report.data.pages[at]) ?? null, ofTheirs(page) ?? null);
    });
  }
  tally.timing(`largest recording, ${(largest.size / 1024).toFixed(0)} KiB`, largest.ours, largest.theirs);
  tally.done();
}

// Lighthouse's own modules: its curve, its rounding, its weights and control points.
const peer = npm({ lighthouse: LIGHTHOUSE });
const inside = (path) => pathToFileURL(join(peer.folder, "node_modules/lighthouse", path)).href;
if (!existsSync(join(peer.folder, "node_modules/lighthouse/shared/util.js"))) throw new Error("lighthouse has no shared/util.js");
const { getLogNormalScore } = await import(inside("shared/statistics.js"));
const { Util } = await import(inside("shared/util.js"));
const { ReportScoring } = await import(inside("core/scoring.js"));
const { default: config } = await import(inside("core/config/default-config.js"));
const audits = { fcp: "first-contentful-paint", lcp: "largest-contentful-paint", tbt: "total-blocking-time", cls: "cumulative-layout-shift", si: "speed-index" };
const weights = Object.fromEntries(config.categories.performance.auditRefs.map(({ id, weight }) => [id, weight]));
const points = {};
for (const [metric, id] of Object.entries(audits)) {
  const { default: audit } = await import(inside(`core/audits/metrics/${id}.js`));
  const options = audit.defaultOptions;
  points[metric] = { mobile: options.mobile?.scoring ?? options, desktop: options.desktop?.scoring ?? options };
}
const tally = new Tally({ tool, peer: `Lighthouse ${LIGHTHOUSE} (its scoring modules; percentiles to 1e-6)`, corpus: "1,000 sets of metrics between none and ten times the median, mobile and desktop, every control point", bars: { equal: 1 } });
let state = 7;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
const cases = [];
for (const device of ["mobile", "desktop"]) {
  for (const factor of [0, 0.999, 1, 1.001]) for (const point of ["p10", "median"]) cases.push({ device, metrics: Object.fromEntries(Object.entries(points).map(([metric, it]) => [metric, it[device][point] * factor])) });
}
while (cases.length < 1000) {
  const device = cases.length % 2 ? "mobile" : "desktop";
  cases.push({ device, metrics: Object.fromEntries(Object.entries(points).map(([metric, it]) => [metric, it[device].median * 10 ** (random() * 3 - 2)])) });
}
for (const { device, metrics } of sample(cases, 120)) {
  const { report } = await call("audit_page_load", { metrics, device });
  const { score } = report.data;
  const items = [];
  for (const [metric, id] of Object.entries(audits)) {
    const it = points[metric][device];
    const [percentile, rounded] = [getLogNormalScore(it, metrics[metric]), Util.computeLogNormalScore(it, metrics[metric])];
    items.push({ score: rounded, weight: weights[id] });
    const ours = score.metrics.find((one) => one.metric === metric.toUpperCase());
    tally.equal(`${device} ${metric} ${metrics[metric]}`, [Math.abs(ours.percentile - percentile) <= 1e-6, ours.score], [true, rounded]);
  }
  tally.equal(`${device} ${JSON.stringify(metrics)}`, score.performance, ReportScoring.arithmeticMean(items));
}
tally.done();
