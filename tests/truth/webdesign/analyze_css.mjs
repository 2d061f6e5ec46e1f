// Counts against Project Wallace's analyzer, and findings against stylelint's rules of the same ids, on stylesheets of packages.
import { Tally, call, npm, sample } from "../lib.mjs";
import { stylesheets } from "./_stylesheets.mjs";

const [WALLACE, STYLELINT] = ["9.9.3", "18.1.0"];
const { load } = npm({ "@projectwallace/css-analyzer": WALLACE, stylelint: STYLELINT, "stylelint-config-standard": "41.1.0" });
const { analyze } = await load("@projectwallace/css-analyzer");
const { default: stylelint } = await load("stylelint");
const tool = "webdesign_analyze_css";
const sheets = sample(stylesheets(), 12);

const bag = (collection) => Object.entries(collection.unique).sort(([a], [b]) => (a < b ? -1 : 1));
const totals = {
  lines: (it) => it.stylesheet.linesOfCode,
  sourceLines: (it) => it.stylesheet.sourceLinesOfCode,
  comments: (it) => it.stylesheet.comments.total,
  commentBytes: (it) => it.stylesheet.comments.size,
  embedded: (it) => it.stylesheet.embeddedContent.size.total,
  atRules: (it) => it.atrules.total,
  rules: (it) => it.rules.total,
  emptyRules: (it) => it.rules.empty.total,
  selectors: (it) => it.selectors.total,
  uniqueSelectors: (it) => it.selectors.totalUnique,
  keyframeSelectors: (it) => it.selectors.keyframes.total,
  idSelectors: (it) => it.selectors.id.total,
  mostSelectorsInRule: (it) => it.rules.selectors.max,
  declarations: (it) => it.declarations.total,
  uniqueDeclarations: (it) => it.declarations.totalUnique,
  mostDeclarationsInRule: (it) => it.rules.declarations.max,
  important: (it) => it.declarations.importants.total,
  importantInKeyframes: (it) => it.declarations.importants.inKeyframes.total,
  maxSpecificity: (it) => it.selectors.specificity.max.join(","),
  specificitySum: (it) => it.selectors.specificity.sum.join(","),
  selectorComplexity: (it) => it.selectors.complexity.sum,
  maxSelectorComplexity: (it) => it.selectors.complexity.max,
  declarationComplexity: (it) => it.declarations.complexity.sum,
  propertyComplexity: (it) => it.properties.complexity.sum,
};
const bags = {
  atRules: (it) => it.atrules, mediaQueries: (it) => it.atrules.media, supports: (it) => it.atrules.supports, keyframes: (it) => it.atrules.keyframes, imports: (it) => it.atrules.import,
  layers: (it) => it.atrules.layer, keyframeSelectors: (it) => it.selectors.keyframes, specificities: (it) => it.selectors.specificity, pseudoClasses: (it) => it.selectors.pseudoClasses,
  pseudoElements: (it) => it.selectors.pseudoElements, attributes: (it) => it.selectors.attributes, combinators: (it) => it.selectors.combinators, prefixedSelectors: (it) => it.selectors.prefixed,
  properties: (it) => it.properties, prefixedProperties: (it) => it.properties.prefixed, customProperties: (it) => it.properties.custom, shorthands: (it) => it.properties.shorthands,
  propertyHacks: (it) => it.properties.browserhacks, colors: (it) => it.values.colors, colorFormats: (it) => it.values.colors.formats, gradients: (it) => it.values.gradients,
  fontFamilies: (it) => it.values.fontFamilies, fontSizes: (it) => it.values.fontSizes, lineHeights: (it) => it.values.lineHeights, zIndexes: (it) => it.values.zindexes,
  textShadows: (it) => it.values.textShadows, boxShadows: (it) => it.values.boxShadows, borderRadiuses: (it) => it.values.borderRadiuses, durations: (it) => it.values.animations.durations,
  timingFunctions: (it) => it.values.animations.timingFunctions, prefixedValues: (it) => it.values.prefixes, units: (it) => it.values.units, keywords: (it) => it.values.keywords, displays: (it) => it.values.displays,
};

// Where the peer counts otherwise because it reads otherwise; each is tried on the peer itself.
const COLON_FIRST = ":root:not([a]) { top: 0 }";
const specificity = (text) => analyze(text).selectors.specificity.sum.join();
const misreads = specificity(COLON_FIRST) !== specificity(`@media print { ${COLON_FIRST} }`);
const OF_SELECTORS = ["sourceLines", "selectors", "uniqueSelectors", "maxSpecificity", "specificitySum", "specificities", "pseudoClasses", "selectorComplexity", "maxSelectorComplexity"];
function explain(side, item, name) {
  const field = name.slice(name.lastIndexOf(" ") + 1);
  const text = texts.get(name.slice(0, name.lastIndexOf(" ")));
  if (misreads && OF_SELECTORS.includes(field) && /@(?:media|supports)[^{]*\{[^@]*?[{}]?\s*:root:not\(/.test(text)) return "in an at-rule the peer reads a selector that begins with two pseudo-classes as something else than outside";
  if (field === "uniqueDeclarations" && analyze("a{top:0}b{top:0;}").declarations.totalUnique === 2 && /[^;\s{}]\s*\}/.test(text)) return "the peer takes a declaration with and without a semicolon for two";
  if (field === "fontFamilies" && item.ours.some(([value]) => value.startsWith("$"))) return "a variable of Sass is no value of CSS, and the peer drops it";
  if (field === "combinators" && analyze("a /* b */ c{}").selectors.combinators.unique[" "] === undefined && text.includes("*/")) return "the peer takes a comment into the combinator";
}
const texts = new Map(sheets);

const counts = new Tally({ tool, peer: `@projectwallace/css-analyzer ${WALLACE} (${Object.keys(totals).length} totals and ${Object.keys(bags).length} inventories a sheet)`, corpus: `${sheets.length} stylesheets of packages`, bars: { equal: 1 }, explain });
const claimed = [
  "no-empty-source", "block-no-empty", "property-no-unknown", "at-rule-no-unknown", "unit-no-unknown", "selector-pseudo-class-no-unknown", "selector-pseudo-element-no-unknown", "selector-type-no-unknown",
  "color-no-invalid-hex", "function-calc-no-unspaced-operator", "declaration-block-no-duplicate-properties", "declaration-block-no-duplicate-custom-properties", "declaration-block-no-shorthand-property-overrides",
  "no-duplicate-selectors", "no-descending-specificity", "no-duplicate-at-import-rules", "no-invalid-position-at-import-rule", "keyframe-block-no-duplicate-selectors", "keyframe-declaration-no-important",
  "font-family-no-duplicate-names", "font-family-no-missing-generic-family-keyword", "length-zero-no-unit", "shorthand-property-no-redundant-values", "selector-pseudo-element-colon-notation",
];
const known = new Set(Object.keys(stylelint.rules));
const options = {
  "declaration-block-no-duplicate-properties": [true, { ignore: ["consecutive-duplicates-with-different-syntaxes"] }],
  "selector-type-no-unknown": [true, { ignore: ["custom-elements"] }],
  "length-zero-no-unit": [true, { ignore: ["custom-properties"] }],
  "selector-pseudo-element-colon-notation": "double",
};
const rules = Object.fromEntries(claimed.filter((id) => known.has(id)).map((id) => [id, options[id] ?? true]));
const lint = new Tally({ tool, peer: `stylelint ${STYLELINT} (${Object.keys(rules).length} rules of stylelint-config-standard and beside it, by line)`, corpus: `${sheets.length} stylesheets of packages`, bars: { recall: 0.95, precision: 0.95 } });

let largest = { size: 0 };
for (const [name, text] of sheets) {
  const { report, error, micros } = await call("analyze_css", { source: text });
  if (error) throw new Error(error.message);
  const started = performance.now();
  const theirs = analyze(text);
  const wallaceMillis = performance.now() - started;
  for (const [field, of] of Object.entries(totals)) counts.equal(`${name} ${field}`, report.data.totals[field], of(theirs));
  for (const [of, collection] of Object.entries(bags)) {
    const ours = report.data.inventory.filter((item) => item.of === of).map(({ value, count }) => [value, count]).sort(([a], [b]) => (a < b ? -1 : 1));
    counts.equal(`${name} ${of}`, ours, bag(collection(theirs)));
  }
  const lintStarted = performance.now();
  const { results } = await stylelint.lint({ code: text, config: { rules } });
  const millis = performance.now() - lintStarted + wallaceMillis;
  if (text.length > largest.size) largest = { size: text.length, ours: micros / 1000, theirs: millis };
  const theirFindings = results[0].warnings.filter(({ rule }) => rule in rules).map(({ rule, line }) => `${rule} ${line}`);
  const ourFindings = report.findings.filter(({ rule }) => rule in rules).map(({ rule, range }) => `${rule} ${range.start.line}`);
  lint.sets(name, ourFindings, theirFindings);
}
counts.timing(`largest stylesheet, ${(largest.size / 1024).toFixed(0)} KiB (the peers: both, one after the other)`, largest.ours, largest.theirs);
counts.done();
lint.done();
