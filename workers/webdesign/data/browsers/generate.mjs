// Writes browsers.txt, caniuse.txt and compat.txt: which browsers there are, and which features they have.
//
//   npm install caniuse-lite@1.0.30001828 browserslist@4.29.6 @mdn/browser-compat-data@8.1.9 web-features@3.40.0 && TABLES_FROM=$PWD node generate.mjs
//
// Sources: caniuse-lite, the data of https://caniuse.com by Alexis Deveria and its contributors, under CC BY 4.0
// (https://creativecommons.org/licenses/by/4.0/), reduced to titles and to whole, partial and no support; MDN's
// browser-compat-data (CC0 1.0); web-features (Apache-2.0, the W3C WebDX community group); and what browserslist brings:
// baseline-browser-mapping (Apache-2.0), electron-to-chromium (ISC), node-releases (MIT).
//
// browsers.txt
//   date <day the usage figures were published>       esr <version of Firefox>
//   agent <id> <released versions> <name, _ for a blank> <version>,<days since 1970, or nothing>,<percent of the world> ...
//   node <version> ...                                maintained <line> <first day> <day after the last> ...
//   electron <version>:<version of Chromium> ...
//   baseline <day> <browser of browserslist>:<version> ...   what is needed from that day on, where it changed
//   region <id> <browser> <version>:<percent> ...     a version without percent has none; one that is not there is not known
// caniuse.txt
//   <id> <baseline> <runs> ... | <title>              runs in the order of the agents: Y, A (partly) or N and for how many
//                                                     versions, in base 36; the last run goes to the end; - where unknown
// compat.txt
//   =<versions in the order of its first line> ...    - no, ? unknown, ~a in a or before, a!b added in a and removed in b; numbered from 0
//   <kind> <name> <row, base 36> <baseline>           kinds are described where they are written below
// baseline: h widely, l newly available, each with the day it became so newly; n limited; - unknown
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";

const require = createRequire(`${process.env.TABLES_FROM ?? process.cwd()}/package.json`);
const nested = createRequire(require.resolve("browserslist"));
const { agents, feature, features, region } = require("caniuse-lite");
const bcd = require("@mdn/browser-compat-data");
const web = require("web-features").features;
const write = (name, lines) => writeFileSync(new URL(name, import.meta.url), `${lines.join("\n")}\n`);
const DATE = "2026-11-24"; // caniuse-lite's version was published that day

// Browsers.
const figure = (number) => (number ? String(number).replace(/^0\./, ".") : "");
const lines = [
  "# written by generate.mjs from caniuse-lite (caniuse.com, CC BY 4.0), baseline-browser-mapping (Apache-2.0), electron-to-chromium (ISC) and node-releases (MIT)",
  `date ${DATE}`,
  `esr ${/FIREFOX_ESR_VERSION = '(\d+)'/.exec(require("node:fs").readFileSync(require.resolve("browserslist"), "utf8"))[1]}`,
];
const versions = {};
for (const [id, agent] of Object.entries(agents)) {
  versions[id] = agent.versions.filter((version) => version !== null);
  const released = agent.versions.slice(0, -3).filter((version) => version !== null).length;
  const cells = versions[id].map((version) => `${version},${agent.release_date[version] ? agent.release_date[version] / 86400 : ""},${figure(agent.usage_global[version])}`);
  lines.push(`agent ${id} ${released} ${agent.browser.replaceAll(" ", "_")} ${cells.join(" ")}`);
}
lines.push(`node ${nested("node-releases/data/processed/envs.json").map(({ version }) => version).filter((version) => !version.includes("-")).join(" ")}`);
lines.push(`maintained ${Object.entries(nested("node-releases/data/release-schedule/release-schedule.json")).map(([line, { start, end }]) => `${line.slice(1)} ${start} ${end}`).join(" ")}`);
lines.push(`electron ${Object.entries(nested("electron-to-chromium/versions")).map((pair) => pair.join(":")).join(" ")}`);
const MAPPED = { chrome: "chrome", chrome_android: "and_chr", edge: "edge", firefox: "firefox", firefox_android: "and_ff", safari: "safari", safari_ios: "ios_saf", webview_android: "android", samsunginternet_android: "samsung", opera_android: "op_mob", opera: "opera", qq_android: "and_qq", uc_android: "and_uc", kai_os: "kaios" };
for (const { date, browsers } of nested("baseline-browser-mapping").getTimeline({ groupBy: "date", includeDownstreamBrowsers: true, includeKaiOS: true })) {
  const changed = browsers.filter(({ browser }) => MAPPED[browser]).map(({ browser, version }) => `${MAPPED[browser]}:${version}`);
  if (changed.length > 0) lines.push(`baseline ${date} ${changed.join(" ")}`);
}
const REGIONS = "US CN IN JP DE GB FR BR CA AU RU KR IT ES MX ID NL PL TR SE alt-af alt-an alt-as alt-eu alt-na alt-oc alt-sa".split(" ");
for (const id of REGIONS) {
  const usage = region(require(`caniuse-lite/data/regions/${id}.js`));
  const cells = Object.entries(usage).map(([browser, { 0: whole, ...shares }]) => {
    // Of some browsers only one figure is known, which browserslist takes for that of the newest version.
    if (whole !== undefined) shares[versions[browser].at(-1)] = whole;
    const known = Object.entries(shares).filter(([, share]) => share !== null);
    return [browser, ...known.map(([version, share]) => `${version}${share ? `:${figure(share)}` : ""}`)].join(" ");
  });
  lines.push(`region ${id} ${cells.join(" ")}`);
}
write("browsers.txt", lines);

// Features of caniuse.com.
const baseline = (status) => (status ? (status.baseline ? `${status.baseline[0]}${(status.baseline_low_date ?? "").replace("≤", "")}` : "n") : "-");
const known = Object.values(web).filter(({ kind }) => kind === "feature");
const ofCaniuse = new Map(known.flatMap((one) => (one.caniuse ?? []).map((id) => [id, one.status])));
const runs = (stats, list) => {
  if (!stats) return "-";
  let [text, length, last] = ["", 0, ""];
  for (const version of list) {
    const flags = stats[version] ?? "n";
    const state = flags.includes("y") ? "Y" : flags.includes("a") ? "A" : "N";
    if (state !== last) {
      if (last) text += length.toString(36);
      text += state;
      [last, length] = [state, 0];
    }
    length += 1;
  }
  return text;
};
write("caniuse.txt", [
  "# written by generate.mjs from caniuse-lite (caniuse.com, CC BY 4.0) and web-features (Apache-2.0)",
  ...Object.keys(features).sort().map((id) => {
    const { title, stats } = feature(features[id]);
    return `${id} ${baseline(ofCaniuse.get(id))} ${Object.keys(agents).map((agent) => runs(stats[agent], versions[agent])).join(" ")} | ${title}`;
  }),
]);

// Features of MDN.
const BROWSERS = { chrome: "chrome", chrome_android: "and_chr", edge: "edge", firefox: "firefox", firefox_android: "and_ff", ie: "ie", opera: "opera", opera_android: "op_mob", safari: "safari", safari_ios: "ios_saf", samsunginternet_android: "samsung", webview_android: "android", nodejs: "node" };
const ofMdn = new Map(known.flatMap(({ status }) => Object.entries(status.by_compat_key ?? {})));
const one = (support) => {
  if (!support) return "?";
  const usable = [support].flat().filter(({ flags, prefix, alternative_name, version_added }) => !flags && !prefix && !alternative_name && version_added !== "preview");
  // The newest entry, with those before it that it took over from without a gap, in parts or whole.
  let [plain, ...earlier] = usable;
  for (const older of earlier) if (plain?.version_added && older.version_removed === plain.version_added && older.version_added) plain = { ...plain, version_added: older.version_added };
  if (!plain || plain.version_added === false) return "-";
  if (typeof plain.version_added !== "string") return "?";
  const [added, removed] = [plain.version_added, plain.version_removed].map((version) => (typeof version === "string" && version !== "preview" ? version.replace("≤", "~") : ""));
  return removed ? `${added}!${removed}` : added;
};
const [rows, table] = [new Map(), []];
const put = (kind, name, key, compat) => {
  if (!compat || !/^[\w.@-]+( [\w-]+)*$/.test(name)) return;
  const row = Object.keys(BROWSERS).map((browser) => one(compat.support[browser])).join(" ");
  if (!rows.has(row)) rows.set(row, rows.size);
  table.push(`${kind} ${name} ${rows.get(row).toString(36)} ${baseline(ofMdn.get(key))}`);
};
const parts = (object) => Object.entries(object ?? {}).filter(([name]) => name !== "__compat");
const codes = ({ description = "" } = {}) => [...description.matchAll(/<code>([^<]+)<\/code>/g)].map(([, text]) => text);

// p: property; v: property and a word of its value; @: at-rule; m: media feature; s: pseudo-class or pseudo-element; f: function; u: unit.
for (const [name, property] of parts(bcd.css.properties)) {
  put("p", name, `css.properties.${name}`, property.__compat);
  for (const [word, value] of parts(property)) if (/^[a-z][a-z-]*$/.test(word) && !/_/.test(word)) put("v", `${name} ${word}`, `css.properties.${name}.${word}`, value.__compat);
}
for (const [name, rule] of parts(bcd.css["at-rules"])) put("@", name, `css.at-rules.${name}`, rule.__compat);
for (const [name, query] of parts(bcd.css["at-rules"].media)) if (!name.includes("_")) put("m", name, `css.at-rules.media.${name}`, query.__compat);
for (const [name, selector] of parts(bcd.css.selectors)) put("s", name, `css.selectors.${name}`, selector.__compat);
const types = (object, path) => {
  for (const [name, type] of parts(object)) {
    const words = codes(type.__compat);
    if (words.some((word) => word.startsWith(`${name}(`)) || (/^[a-z0-9-]+$/.test(name) && type.__compat?.mdn_url?.endsWith(`/${name}`) && /function/i.test(type.__compat.spec_url ?? ""))) put("f", name, `${path}.${name}`, type.__compat);
    else if (/^css\.types\.(length|angle|time|resolution|flex|frequency)$/.test(path) && /^[a-zA-Z]+$/.test(name)) put("u", name, `${path}.${name}`, type.__compat);
    types(type, `${path}.${name}`);
  }
};
types(bcd.css.types, "css.types");

// e: element; a: element (* for all) and an attribute; t: element, attribute and its value.
for (const [name, element] of parts(bcd.html.elements)) {
  put("e", name, `html.elements.${name}`, element.__compat);
  for (const [attribute, of] of parts(element)) {
    const key = `html.elements.${name}.${attribute}`;
    if (name === "input" && attribute.startsWith("type_")) put("t", `input type ${attribute.slice(5)}`, key, of.__compat);
    else if (/^[a-z-]+$/.test(attribute)) {
      put("a", `${name} ${attribute}`, key, of.__compat);
      for (const [value, at] of parts(of)) if (/^[a-z-]+$/.test(value)) put("t", `${name} ${attribute} ${value}`, `${key}.${value}`, at.__compat);
    }
  }
}
for (const [name, attribute] of parts(bcd.html.global_attributes)) if (/^[a-z-]+$/.test(name)) put("a", `* ${name}`, `html.global_attributes.${name}`, attribute.__compat);

// g: global of scripts; i: member of a global object, or of what a literal makes; A.A is what new A() asks for.
// Names of details are joined by _, which names of constants are too.
const isName = (member) => !member.includes("_") || /^[A-Z][A-Z0-9_]*$/.test(member);
const SINGLES = { Document: "document", Navigator: "navigator", Location: "location", History: "history", Screen: "screen", Performance: "performance", Crypto: "crypto", SubtleCrypto: "crypto.subtle", CustomElementRegistry: "customElements", CacheStorage: "caches", Storage: "localStorage", IDBFactory: "indexedDB", SpeechSynthesis: "speechSynthesis", VisualViewport: "visualViewport", CookieStore: "cookieStore", Navigation: "navigation", Scheduler: "scheduler", Clipboard: "navigator.clipboard", MediaDevices: "navigator.mediaDevices", ServiceWorkerContainer: "navigator.serviceWorker", Permissions: "navigator.permissions", StorageManager: "navigator.storage", LockManager: "navigator.locks" };
const NAMESPACES = new Set(["console", "CSS", "WebAssembly"]);
for (const [name, object] of parts(bcd.api)) {
  if (name.includes("_")) continue;
  if (name !== "Window") put("g", name, `api.${name}`, object.__compat);
  for (const [member, of] of parts(object)) {
    const key = `api.${name}.${member}`;
    const fixed = /_static$/.test(member);
    const plain = member.replace(/_static$/, "");
    if (!isName(plain)) continue;
    if (plain === name) put("i", `${name}.${name}`, key, of.__compat);
    else if (name === "Window" && !fixed) put("g", plain, key, of.__compat);
    else if (fixed || NAMESPACES.has(name)) put("i", `${name}.${plain}`, key, of.__compat);
    else if (SINGLES[name]) put("i", `${SINGLES[name]}.${plain}`, key, of.__compat);
  }
}
for (const [name, object] of parts(bcd.javascript.builtins)) {
  put("g", name, `javascript.builtins.${name}`, object.__compat);
  for (const [member, of] of parts(object)) {
    if (/^[a-zA-Z]\w*$/.test(member) && isName(member)) put("i", `${name}.${member}`, `javascript.builtins.${name}.${member}`, of.__compat);
    // Intl.Segmenter and their like have members of their own.
    if (name === "Intl" || name === "Temporal") for (const [inner, at] of parts(of)) if (inner !== member && !inner.includes("_")) put("i", `${name}.${member}.${inner}`, `javascript.builtins.${name}.${member}.${inner}`, at.__compat);
  }
}
// x: syntax.
const SYNTAX = "operators.async_function operators.async_generator_function operators.await operators.await.top_level operators.class operators.destructuring operators.exponentiation operators.exponentiation_assignment operators.generator_function operators.import operators.import.options_parameter operators.import_meta operators.logical_and_assignment operators.logical_or_assignment operators.nullish_coalescing operators.nullish_coalescing_assignment operators.new_target operators.optional_chaining operators.spread.spread_in_arrays operators.spread.spread_in_function_calls operators.spread.spread_in_object_literals operators.destructuring.rest_in_objects operators.destructuring.rest_in_arrays operators.super operators.yield operators.object_initializer.computed_property_names operators.object_initializer.shorthand_method_names operators.object_initializer.shorthand_property_names classes classes.private_class_fields classes.private_class_fields_in classes.private_class_methods classes.public_class_fields classes.static classes.static.class_fields classes.static.initialization_blocks functions.arrow_functions functions.default_parameters functions.rest_parameters functions.get functions.set functions.arguments grammar.binary_numeric_literals grammar.octal_numeric_literals grammar.numeric_separators grammar.hashbang_comments grammar.template_literals grammar.trailing_commas.trailing_commas_in_functions grammar.unicode_point_escapes statements.async_function statements.async_generator_function statements.await_using statements.class statements.const statements.export statements.export.namespace statements.export.default statements.for_await_of statements.for_of statements.function statements.generator_function statements.import statements.import.import_attributes statements.let statements.try_catch.optional_catch_binding statements.using regular_expressions.lookbehind_assertion regular_expressions.named_capturing_group regular_expressions.unicode_character_class_escape regular_expressions.modifier regular_expressions.named_backreference builtins.RegExp.dotAll builtins.RegExp.hasIndices builtins.RegExp.sticky builtins.RegExp.unicode builtins.RegExp.unicodeSets builtins.BigInt";
for (const path of SYNTAX.split(" ")) {
  const node = path.split(".").reduce((object, name) => object?.[name], bcd.javascript);
  if (node?.__compat) put("x", path, `javascript.${path}`, node.__compat);
  else console.error(`no such syntax: ${path}`);
}
write("compat.txt", [
  "# written by generate.mjs from MDN's browser-compat-data (CC0 1.0) and web-features (Apache-2.0)",
  Object.values(BROWSERS).join(" "),
  ...[...rows.keys()].map((row) => `=${row}`),
  ...table,
]);
