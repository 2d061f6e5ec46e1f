// Queries against browserslist on the same day; stylesheets against doiuse; scripts against eslint-plugin-compat.
//
// browserslist asks the clock, so it is given the day of our data; lists are compared sorted, since it leaves the place of
// `safari TP` to the engine's sort. doiuse takes the same caniuse-lite. eslint-plugin-compat brings MDN data of its own from
// 2023, so a difference is explained where that is what differs, which its own record shows.
import { SAMPLED, Tally, call, files, join, npm, read, repo, sample, tarball } from "../lib.mjs";
import { stylesheets } from "./_stylesheets.mjs";

const [BROWSERSLIST, CANIUSE, DOIUSE, COMPAT] = ["4.29.6", "1.0.30001828", "6.0.6", "7.0.2"];
const { require, load, folder } = npm({
  browserslist: BROWSERSLIST, "caniuse-lite": CANIUSE, "baseline-browser-mapping": "2.11.40", "electron-to-chromium": "1.5.495", "node-releases": "2.0.66",
  doiuse: DOIUSE, postcss: "8.5.6", "eslint-plugin-compat": COMPAT, eslint: "9.39.1",
});
const tool = "webdesign_check_browser_support";
process.env.BROWSERSLIST_IGNORE_OLD_DATA = "1";

const first = await call("check_browser_support", { browsers: "ie 11" });
const today = Date.parse(first.report.data.date);
const RealDate = Date;
const onTheDay = (run) => {
  globalThis.Date = class extends RealDate {
    constructor(...given) {
      super(...(given.length ? given : [today]));
    }
    static now() {
      return today;
    }
  };
  try {
    return run();
  } finally {
    globalThis.Date = RealDate;
  }
};

// Queries: of its readme and tests, of packages, and made.
const browserslist = require("browserslist");
const REGIONS = ["US", "de", "alt-eu", "ALT-AS", "GB", "IN", "alt-sa"];
const NAMES = ["chrome", "Firefox", "ff", "safari", "ios", "edge", "ie", "opera", "op_mob", "android", "samsung", "and_chr", "ChromeAndroid", "kaios", "bb", "baidu", "ie_mob", "op_mini", "explorer"];
const made = [
  ...["defaults", "dead", "not dead", "defaults, not dead", "defaults and fully supports es6-module", "Firefox ESR", "ff esr", "op_mini all", "OperaMini all", "unreleased versions", "unreleased chrome versions", "unreleased electron versions", "maintained node versions", "last 2 electron versions", "last 3 electron major versions", "last 2 node versions", "last 3 node major versions", "electron 1.1", "electron 30.0.1", "electron >= 25", "electron < 1.2", "electron 0.36-1.2", "electron 4.0.0-5.0.0", "node 10", "node 10.4", "node 12.22.1", "node >= 18", "node > 20.1", "node < 0.12", "node <= 4.2.1", "node 8-10", "node 8.1 - 8.5", "phantomjs 1.9", "phantomjs 2.1", "safari TP", "safari tp, safari 17", "firefox >= esr", "ff < esr", "cover 90%", "cover 99.5%", "cover .1%", "cover 0%", "cover 50% in US", "cover 80% in alt-eu", "ie 9-11", "ie 6 - 8", "ios_saf 10.0-10.2", "ios 10.1", "ios_saf 9", "ios >= 15.6", "samsung 4-7", "safari 15.2", "safari <= 15.3", "safari > 15.2", "opera 12.1", "android 4.4.3", "android >= 4", "and_chr 40", "chrome 0", "ie 12", "chrome 1000", "edge 20", "unknown 10", "ie", "", "chrome", "last 2", "last", "> 1", "not ie 11", "ie 9,", "ie 9 or", "supports", "supports nothing-known", "> 1% in XX", "> 1% in my stats", "extends browserslist-config-x", "browserslist config", "current node", "> 1% in alt-xx", "since", "last 1 baidu version", "LAST 2 Versions", "Last 1 Year", "last 0 versions", "last 0 major versions", "last 1000 versions", "last 120 android versions", "last 1 android version", "last 70 op_mob versions", "last 200 op_mob versions", "last 200 android major versions", "firefox 3.6", "firefox 3.5, firefox 4", "chrome 15.0", "ie 9.0", "blackberry 10", "explorermobile 11", "not not ie 9"],
  ...[1, 2, 3, 5, 10].flatMap((n) => [`last ${n} versions`, `last ${n} version`, `last ${n} major versions`]),
  ...NAMES.flatMap((name, at) => [`last ${(at % 4) + 1} ${name} versions`, `last ${(at % 3) + 1} ${name} major versions`, `${name} >= ${at + 3}`, `${name} < ${at * 4 + 2}`, `unreleased ${name} versions`]),
  ...[0, 0.1, 0.2, 0.25, 0.5, 1, 1.5, 2, 5].flatMap((share) => [`> ${share}%`, `>=${share}%`, `< ${share}%`, `<=${share}%, not dead`]),
  ...REGIONS.flatMap((region) => [`> 1% in ${region}`, `>= .5% in ${region}`, `< 0.1% in ${region}`, `cover 85% in ${region}`]),
  ...["0.5", "1", "2", "3", "10", "1.25"].map((years) => `last ${years} years`),
  ...["2015", "2018-06", "2020-02-30", "2021-13", "2024-02-29", "1990", "2026", "2030", "15"].map((day) => `since ${day}`),
  ...["2016", "2018", "2020", "2022", "2025", "2026", "2014", "2001", "2031", "newly available", "widely available", "widely available on 2024-06-01", "widely available on 2018-01-31", "widely available on 2017-12-01", "newly available on 2024-01-01"].flatMap((when) => [`baseline ${when}`, `baseline ${when} with downstream`, `baseline ${when} including kaios`, `baseline ${when} with downstream including kaios`]),
  ...["css-grid", "css-has", "flexbox", "es6-module", "webp", "fetch", "object-fit", "css-nesting", "async-functions", "avif", "proxy", "css-container-queries", "intersectionobserver", "mdn-css-unicode-bidi-isolate"].flatMap((feature) => [`supports ${feature}`, `fully supports ${feature}`, `partially supports ${feature}`, `defaults and supports ${feature}`, `last 3 versions, not supports ${feature}`]),
  ...["> 1% and last 2 versions", "> 0.2%, not dead, not op_mini all", "last 1 chrome version or last 1 firefox version", "chrome > 30 and chrome < 40", "ie 8-11 and not ie 9 and not ie 10", "> .5% or last 2 versions, Firefox ESR, not dead", "last 2 versions and not ie <= 11, ie 9", "since 2019 and not last 2 years", "edge >= 12 and not edge 14,\n chrome 60", "chrome 60\tAND\tchrome >= 10", "defaults or ie 8 and not chrome > 1", "cover 95% and > 0.1%, not samsung 4", "chrome 10 , chrome 11", "chrome 10,chrome 11,", ",chrome 10", "and chrome 10", "chrome 10 and", "last 2 versions and> 1%"],
];
// What its own tests and its readme ask for.
const ofPeer = () => {
  const found = [];
  const quoted = (text) => [...text.matchAll(/'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"/g)].map(([, one, two]) => one ?? two);
  const checkout = repo("browserslist/browserslist");
  for (const path of checkout ? files(join(checkout, "test"), (path) => path.endsWith(".test.js")) : []) {
    for (const [, list, text] of read(checkout, "test", path).matchAll(/browserslist\(\s*(?:\[([^\]]*)\]|('[^'\n]*'|"[^"\n]*"))/g)) {
      const strings = quoted(list ?? text);
      if (strings.length > 0) found.push(list === undefined ? strings[0] : strings);
    }
  }
  for (const [, text] of read(require.resolve("browserslist"), "../README.md").matchAll(/`([^`\n]{3,80})`/g)) found.push(text);
  return found;
};
const PACKAGES = ["react-scripts@5.0.1", "bootstrap@5.3.3", "bootstrap@4.6.2", "autoprefixer@10.4.20", "@babel/core@7.26.0", "preact@10.25.0", "core-js@3.39.0", "postcss-preset-env@10.1.1", "vue@2.7.16", "@vue/cli-service@5.0.8", "uikit@3.21.13", "swiper@11.1.14", "video.js@8.17.4", "quill@2.0.2", "lit@3.2.1", "lazysizes@5.3.2", "flickity@3.0.0", "plyr@3.7.8", "hls.js@1.5.17", "moment@2.30.1", "chart.js@4.4.6", "sweetalert2@11.14.1", "cypress@13.16.0", "gatsby@5.14.0", "next@15.0.3", "@wordpress/browserslist-config@6.12.0", "browserslist-config-google@4.0.0", "eslint-config-airbnb@19.0.4", "@angular/cli@19.0.0", "react-toastify@10.0.5", "@tiptap/core@2.10.3", "governor@1.0.0"];
const ofPackages = () =>
  PACKAGES.flatMap((specifier) => {
    let folder;
    try {
      folder = tarball(specifier);
    } catch {
      return [];
    }
    const found = [];
    for (const path of files(folder, (path) => /(^|\/)(package\.json|\.browserslistrc|\.?browserslist(\.js)?)$/.test(path) || /^index\.js$/.test(path))) {
      const text = read(folder, path);
      if (path.endsWith("package.json")) {
        let config;
        try {
          config = JSON.parse(text).browserslist;
        } catch {
          continue;
        }
        const lists = config && typeof config === "object" && !Array.isArray(config) ? Object.values(config) : config ? [config] : [];
        found.push(...lists);
      } else if (path.endsWith("rc") || path.endsWith("browserslist")) found.push(text.split(/\n|,/).map((line) => line.replace(/#.*/, "").trim()).filter((line) => line && !line.startsWith("[")));
      else if (specifier.includes("browserslist-config")) found.push(require(join(folder, path)));
    }
    return found;
  });
// Items of a list are joined by `or` unless one ends with a word that joins.
const joined = (query) => (Array.isArray(query) ? query.reduce((text, item) => (text === "" || /\s(and|or)\s*$|,\s*$/i.test(text) ? `${text} ${item}` : `${text}, ${item}`), "") : query);
// The countries of the table, as our refusal names them.
const refused = await call("check_browser_support", { browsers: "> 1% in XX" });
const countries = new Set(/the world, or ([\w, -]+)/.exec(refused.error.message)[1].split(", ").map((it) => it.toLowerCase()));
const regions = (query) => [...query.matchAll(/\bin\s+((?:alt-)?\w\w)\b/gi)].some(([, region]) => !countries.has(region.toLowerCase()));
const queries = [...new Map([...made, ...ofPeer(), ...ofPackages()].filter((query) => typeof query === "string" || (Array.isArray(query) && query.every((one) => typeof one === "string"))).map((query) => [joined(query), query])).entries()];
const equal = new Tally({ tool, peer: `browserslist ${BROWSERSLIST} with caniuse-lite ${CANIUSE}, sorted lists or that it is no query`, corpus: `${queries.length} queries: made, of its tests and readme, of packages' configurations`, bars: { equal: 1 }, explain: (side, item, name) => (/browserslist config|extends |current node|in my stats| stats$/i.test(name) && item.ours === "refused" ? "asks for files or a program, which are not in the call" : regions(name) && item.ours === "refused" ? "asks for a country of whose figures the table has none" : undefined) });
let [ours, theirs] = [0, 0];
for (const [text, query] of sample(queries, 60)) {
  const { report, error, micros } = await call("check_browser_support", { browsers: text });
  let expected;
  const started = performance.now();
  try {
    expected = onTheDay(() => browserslist(query, { path: "/" }));
  } catch {
    expected = "refused";
  }
  theirs += performance.now() - started;
  ours += micros / 1000;
  // An empty query asks for nothing there and is a mistake here.
  if (text.trim() === "" && expected.length === 0) expected = "refused";
  equal.equal(text, error ? "refused" : [...report.data.browsers].sort(), expected === "refused" ? expected : [...new Set(expected)].sort());
}
equal.timing("all queries, one after the other (we read our tables in each)", ours, theirs);
equal.done();

// Stylesheets.
const { default: DoIUse } = await import(join(folder, "node_modules/doiuse/lib/DoIUse.js"));
const { default: postcss } = await load("postcss");
const QUERIES = ["ie 9-11, safari >= 9, chrome >= 40, firefox >= 40, edge >= 12", "> 0.5%, last 2 versions, firefox esr, not dead", "ie 8, android 4.4, op_mini all, samsung 4-10"];
const simpleNot = (text) => {
  // Every :not() holds one simple selector.
  const inner = [...text.matchAll(/:not\(((?:[^()]|\([^()]*\))*)\)/g)].map(([, it]) => it.trim());
  return inner.length > 0 && inner.every((it) => !it.includes(",") && /^(\[[^\]]*\]|::?[\w-]+(\(.*\))?|[.#]?(\\.|[\w-])+|\*|&)$/.test(it));
};
function explainCss(side, item, name) {
  const [id, line] = item.split(" ");
  const at = name.lastIndexOf(" for ");
  const node = nodes.get(`${name.slice(0, at)} ${line}`) ?? "";
  const plain = node.replace(/\/\*[\s\S]*?\*\//g, "").replace(/"[^"]*"|'[^']*'/g, "''");
  if (side === "theirs") {
    if (id === "transforms3d") return "the peer finds 3d transforms by these letters, which rotate(3deg) has";
    if (id === "css-placeholder" && /:placeholder-shown/.test(node)) return "the peer finds :placeholder in :placeholder-shown";
    if (id === "ch-unit" && /ch\\/.test(node)) return "the peer finds the unit before an escape, which makes another unit";
    if (id === "css-math-functions" && !/(^|[^\w-])(min|max|clamp)\(/i.test(plain)) return "the peer reads minmax() and the like as max()";
    if (id === "css-not-sel-list" && simpleNot(node)) return "the peer reads :not() with an attribute's value or a function as a list";
    if (id === "css-sel2" && /^[\d.]+%/.test(node.trim())) return "the peer reads 33.3% of keyframes as a class";
    if (id === "css-case-insensitive" && !/\si\s*\]/i.test(node)) return "the peer takes any i before a bracket, as in [class*=icon-i], for the flag";
    if (id === "viewport-units" && !/\d(vw|vh|vmin|vmax)\b/i.test(plain)) return "the peer finds the letters of a unit in names and other units";
    if (/^css-(initial|unset|revert)-value$/.test(id) || id === "css-subgrid") return "the peer finds the word in other words";
    if (id === "css-rrggbbaa") return "the peer takes a colour in the text of an old filter for CSS";
    if (/^#{|[@$][\w-]+\s*:/.test(node) || /\$[\w-]/.test(plain)) return "preprocessor syntax";
    if (["svg-css", "css-gradients", "css3-colors"].includes(id) && !/(rgba|hsla?)\(/.test(plain)) return "the peer finds the word in a text or an address";
  } else {
    if (id === "css-not-sel-list" && /:not\(\s*.?#?-?[\w[\]-]+\s*\)/.test(node)) return "the peer looks no further where one :not() of several is simple";
    if (id === "currentcolor" && !node.includes("currentColor")) return "the peer asks for one of the spellings of currentcolor";
    if (id === "css3-colors" && /RGBA|HSL/.test(node)) return "the peer asks for lower case";
    if (id === "transforms3d") return "the peer finds 3d transforms by these letters, which rotateX() and translateZ() do not have";
    if (id === "webkit-user-drag") return "the peer asks for the property without its first hyphen";
    if (id === "kerning-pairs-ligatures") return "the peer asks for one spelling";
    if (/^css-gradients|conic/.test(id) && /mask|shape-outside/.test(node)) return "the peer looks at fewer properties that take images";
    if (/-value$|rebecca/.test(id) && /INITIAL|UNSET/i.test(node)) return "the peer asks for lower case";
    if (id === "css-sel2" || id === "css-sel3") return "the peer looks for classes and ids outside of brackets alone, and for no pseudo-class in capitals";
  }
}
// The short run leaves long texts to the whole one.
const sheets = sample(stylesheets(SAMPLED ? 60_000 : undefined), 5);
const nodes = new Map();
const styles = new Tally({ tool, peer: `doiuse ${DOIUSE}: features by line`, corpus: `${sheets.length} stylesheets of packages, for ${QUERIES.length} queries each`, bars: { recall: 0.95, precision: 0.95 }, explain: explainCss });
let largest = { size: 0 };
const known = new Set(Object.keys((await import(join(folder, "node_modules/doiuse/data/features.js"))).default));
for (const [name, text] of sheets) {
  postcss.parse(text).walk((node) => {
    const line = node.source.start.line;
    const own = node.type === "decl" ? node.toString() : node.type === "rule" ? node.selector : node.type === "atrule" ? `@${node.name} ${node.params}` : "";
    nodes.set(`${name} ${line}`, `${nodes.get(`${name} ${line}`) ?? ""}\n${own}`.trim());
  });
  for (const query of QUERIES) {
    const { report, error, micros } = await call("check_browser_support", { browsers: query, files: [{ path: "a.css", source: text }] });
    if (error) throw new Error(`${name}: ${error.message}`);
    const found = [];
    const started = performance.now();
    onTheDay(() => postcss([new DoIUse({ browsers: query, onFeatureUsage: ({ feature, usage }) => found.push(`${feature} ${usage.source.start.line}`) })]).process(text, { from: undefined }).sync());
    const millis = performance.now() - started;
    if (text.length > largest.size) largest = { size: text.length, ours: micros / 1000, theirs: millis };
    const mine = report.findings.filter(({ rule }) => rule === "no-unsupported-browser-features" || rule === "partial-support").map(({ message, range }) => `${message.split(" ")[0]} ${range.start.line}`).filter((item) => known.has(item.split(" ")[0]));
    styles.sets(`${name} for ${query}`, new Set(mine), new Set(found));
  }
}
styles.timing(`largest stylesheet, ${(largest.size / 1024).toFixed(0)} KiB`, largest.ours, largest.theirs);
styles.done();

// Scripts.
const { Linter } = require("eslint");
const compat = require("eslint-plugin-compat");
const plugin = compat.default ?? compat;
const SCRIPTS = ["axios@1.7.9", "jquery@3.7.1", "swiper@11.1.14", "video.js@8.17.4", "plyr@3.7.8", "hls.js@1.5.17", "chart.js@4.4.6", "quill@2.0.2", "flatpickr@4.6.13", "leaflet@1.9.4", "lazysizes@5.3.2", "lodash@4.17.21", "bootstrap@5.3.3", "htmx.org@2.0.3", "alpinejs@3.14.3", "socket.io-client@4.8.1", "pdfjs-dist@3.11.174", "dropzone@5.9.3", "sortablejs@1.15.4", "howler@2.2.4", "clipboard@2.0.11", "idb@8.0.0", "workbox-window@7.3.0", "three@0.150.1", "dexie@4.0.10", "localforage@1.10.0", "whatwg-fetch@3.6.20", "comlink@4.4.2", "web-vitals@4.2.4", "simple-peer@9.11.1", "tone@14.7.77", "photoswipe@5.4.4", "lit-html@3.2.1", "preact@10.25.0", "vue@3.5.13", "mithril@2.2.11", "knockout@3.5.1", "backbone@1.6.0", "d3-fetch@3.0.1", "ky@1.7.2"];
const scripts = () =>
  SCRIPTS.flatMap((specifier) => {
    let folder;
    try {
      folder = tarball(specifier);
    } catch {
      process.stderr.write(`  left out: ${specifier} is not to be had\n`);
      return [];
    }
    const paths = files(folder, (path) => /\.m?js$/.test(path) && !/\.min\.|node_modules|locale|i18n|\/test|\.d\./.test(path));
    return paths.map((path) => [`${specifier}/${path}`, read(folder, path)]).filter(([, text]) => text.length > 500 && text.length < (SAMPLED ? 60_000 : 600_000) && text.split("\n").length > text.length / 400).slice(0, 8);
  });
const records = new Map(require("ast-metadata-inferer").map((record) => [record.protoChainId, record]));
const BROWSERS = ["ie 11, chrome 50, firefox 50, safari 10, edge 16, ios_saf 10.0-10.2, opera 40", "chrome 80, firefox 78, safari 13.1, edge 80, opera 67, ios_saf 13.4-13.7"];
const corpus = sample(scripts(), 14);
// What each side says at a place, by the name it is about.
const details = new Map();
const api = new Tally({
  tool, peer: `eslint-plugin-compat ${COMPAT}: names by line`, corpus: `${corpus.length} scripts of packages, for ${BROWSERS.length} queries each`, bars: { recall: 0.95, precision: 0.95 },
  explain: (side, item, name) => explainScript(side, item, name),
});
function explainScript(side, item, name) {
  const at = item.lastIndexOf(" ");
  const [symbol, line] = [item.slice(0, at), Number(item.slice(at + 1))];
  const source = texts.get(name.slice(0, name.lastIndexOf(" for ")));
  const text = source.split("\n")[line - 1] ?? "";
  const [root, member] = symbol.split(".");
  const bound = (word) => new RegExp(`(?:[(,]\\s*|\\b(?:import|var|let|const|function|class|catch)\\b[^;{]*?\\b)${word.replace("$", "\\$")}\\b\\s*(?:[,)=]|=>)`).test(source);
  if (side === "theirs") {
    if (/^event$/i.test(root) || bound(root)) return "the name is a parameter or variable of the script";
    const mine = details.get(`${name} ${line}`);
    if (mine) return "another name of the same expression is reported there";
    const around = source.split("\n").slice(Math.max(0, line - 8), line).join("\n");
    if (new RegExp(`(typeof\\s+(?:window\\.|self\\.|globalThis\\.)?${root}\\b|\\b${root}(?:\\.${member ?? root})?\\b[^;{}]{0,60}?(&&|\\?|\\|\\|))|\\?\\.`).test(around)) return "the use stands behind a test of its name";
    const cells = Object.entries(records.get(symbol)?.compat.support ?? {}).filter(([browser]) => ["chrome", "edge", "firefox", "ie", "opera", "safari", "safari_ios"].includes(browser));
    if (cells.some(([, cell]) => JSON.stringify(cell).includes("≤") || [cell].flat().some(({ version_added, flags, partial_implementation }) => version_added === "preview" || flags || partial_implementation))) return "the peer's record is not sure of a version, or holds for a flag";
  } else {
    const spellings = [symbol, symbol.replace(/^[a-z]/, (letter) => letter.toUpperCase())];
    if (!spellings.some((name) => records.has(name)) && (member || !records.has(root))) return "the peer knows no such name";
    const record = records.get(symbol) ?? records.get(root);
    if (record && !record.astNodeTypes.includes("MemberExpression") && member) return "the peer knows the name as something that is called alone";
    if (/\b(window|self|globalThis)\./.test(text)) return "the peer does not see a name behind the global object as that name";
    if (new RegExp(`[{,]\\s*${root}\\b|\\b${root}\\s*[:,}]|(var|let|const)[^;]*=\\s*[^;]*\\b${root}\\b`).test(source)) return "the peer takes a name that is somewhere a value of a variable or property for a variable";
    return undefined;
  }
}
const texts = new Map(corpus);
const linter = new Linter();
let longest = { size: 0 };
for (const [name, text] of corpus) {
  for (const query of BROWSERS) {
    const { report, error, micros } = await call("check_browser_support", { browsers: query, files: [{ path: "a.js", source: text }] });
    if (error) throw new Error(`${name}: ${error.message}`);
    if (report.findings.some(({ rule }) => rule === "unread")) continue;
    const started = performance.now();
    const messages = linter.verify(text, [{ files: ["**/*.js"], languageOptions: { ecmaVersion: "latest", sourceType: /^\s*(import|export)\b/m.test(text) ? "module" : "script", parserOptions: { ecmaFeatures: { jsx: true } } }, plugins: { compat: plugin }, rules: { "compat/compat": "error" }, settings: { targets: query.split(", "), lintAllEsApis: true }, linterOptions: { reportUnusedDisableDirectives: "off", noInlineConfig: true } }], { filename: "a.js" });
    const millis = performance.now() - started;
    if (messages.some(({ fatal }) => fatal)) continue;
    if (text.length > longest.size) longest = { size: text.length, ours: micros / 1000, theirs: millis };
    const theirNames = messages.filter(({ ruleId }) => ruleId === "compat/compat").map(({ message, line }) => `${message.split(" is not supported")[0].replace("()", "")} ${line}`);
    const mine = report.findings.filter(({ rule, level, message }) => (rule === "compat" && level === "error") || message.startsWith("javascript.regular_expressions.lookbehind")).map(({ message, range }) => `${message.startsWith("javascript") ? "Lookbehind" : message.split(" ")[0]} ${range.start.line}`);
    for (const item of mine) details.set(`${name} for ${query} ${item.slice(item.lastIndexOf(" ") + 1)}`, item);
    api.sets(`${name} for ${query}`, new Set(mine), new Set(theirNames));
  }
}
api.timing(`largest script, ${(longest.size / 1024).toFixed(0)} KiB`, longest.ours, longest.theirs);
api.done();
