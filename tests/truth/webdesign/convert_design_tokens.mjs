// Files for each platform against Style Dictionary's own, on the token files of its examples.
import { Tally, call, files, join, npm, read, sample } from "../lib.mjs";

const VERSION = "5.5.5";
const { folder, load } = npm({ "style-dictionary": VERSION });
const { default: StyleDictionary } = await load("style-dictionary");
const tool = "webdesign_convert_design_tokens";

const root = join(folder, "node_modules/style-dictionary/examples");
const examples = [
  "basic/tokens", "complete/tokens", "advanced/font-face-rules", "advanced/custom-transforms/tokens", "advanced/npm-module/tokens", "advanced/tailwind-preset/tokens", "advanced/custom-parser/tokens",
  "advanced/create-react-native-app/style-dictionary/tokens", "advanced/variables-in-outputs/tokens", "advanced/assets-base64-embed/tokens", "advanced/referencing_aliasing/tokens", "advanced/format-helpers/tokens",
  "advanced/tokens-deprecation/tokens", "advanced/multi-brand-multi-platform/tokens/brands/brand-1", "advanced/flutter/style_dictionary/tokens", "advanced/s3/tokens", "advanced/matching-build-files/tokens",
  "advanced/create-react-app/style-dictionary/tokens", "advanced/node-modules-as-config-and-properties", "advanced/transitive-transforms/tokens",
];
const expand = { include: ["border", "gradient", "shadow", "strokeStyle", "transition", "typography"], typesMap: { typography: { fontSize: "fontSize" } } };
const platforms = {
  css: { transformGroup: "css", format: "css/variables" },
  scss: { transformGroup: "scss", format: "scss/variables" },
  // Composites in parts, and the size of letters as one, for both have no value for the whole.
  android: { transformGroup: "android", format: "android/resources", expand },
  swift: { transformGroup: "ios-swift", format: "ios-swift/class.swift", expand, options: { className: "DesignTokens" } },
};
// Headers and blank lines are left to each; with references the order is free as long as what is referred to comes first.
const lines = (text, sorted) => {
  const all = text.split("\n").map((line) => line.trim()).filter((line) => line && !line.startsWith("//") && line !== "]]>");
  return sorted ? all.sort() : all;
};

const merge = (all, more) => {
  for (const [name, value] of Object.entries(more)) {
    if (value && typeof value === "object" && !Array.isArray(value) && all[name] && typeof all[name] === "object") merge(all[name], value);
    else all[name] = value;
  }
  return all;
};
// The peer takes pixels for rem on these platforms (4px becomes 64dp); both are given the rem that 4px is.
const inRem = (value) => {
  if (typeof value === "string" && /^-?[\d.]+px$/.test(value)) return `${parseFloat(value) / 16}rem`;
  if (Array.isArray(value)) return value.map(inRem);
  if (!value || typeof value !== "object") return value;
  if (value.unit === "px" && "value" in value) return { value: value.value / 16, unit: "rem" };
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inRem(one)]));
};
// What both wrote of each name in the case at hand.
let written = { ours: new Map(), theirs: new Map() };
const nameOf = (line) => line.match(/(?:name="|static let |^--|^\$)([\w-]+)/)?.[1];
const swiftReads = (line, references) => /= (?:-?[\d.]+|true|false|"(?:[^"\\]|\\.)*"|(?:UIColor|CGFloat)\([^()]*\)|\[.*\])(?: \/[*/].*)?$/.test(line) || (references && written.ours.has(line.match(/= ([a-z]\w*)(?: \/[*/].*)?$/)?.[1] ?? ""));
const explain = (side, item, name) => {
  const [ours, theirs] = [written.ours.get(nameOf(item)), written.theirs.get(nameOf(item))];
  if (side === "theirs" && /\{[\w.]+\}/.test(item)) return "a token whose reference leads nowhere is reported and left out; the peer writes the braces";
  if (!ours || !theirs) return undefined;
  if (name.includes(" swift") && !swiftReads(theirs, name.includes(" references")) && swiftReads(ours, name.includes(" references"))) return "Swift cannot read what the peer writes: text without quotes, a list without brackets, a duration with its unit";
  if (name.includes(" swift") && / = \[/.test(ours)) return "the peer takes a list of lengths for its first";
  if (name.includes(" android") && /<integer [^>]*>[-\d]*\.\d+</.test(theirs) && /<item [^>]*format="float">/.test(ours)) return "an integer of Android has no fraction";
  if (name.includes(" android") && />\d+ms</.test(theirs) && /<integer [^>]*>\d+</.test(ours)) return "a duration is an integer of milliseconds; the peer has no form for it";
  if (name.includes(" android") && /references/.test(name) && /@(?:string|integer)\/\w+</.test(theirs) && /@(?:integer)\/|format="float"/.test(ours)) return "a reference to a resource that is an integer or a float here";
  if (name.includes(" android") && /<dimen [^>]*>[\d.]+dp</.test(theirs) && /<string [^>]*>[^<]*,/.test(ours)) return "the peer takes a list of lengths for its first";
  if (name.includes(" android references") && /@string\/\w+</.test(ours) && !theirs.includes("@")) return "a list that is another token's is a reference to it; the peer repeats it";
  if (name.includes(" android") && ours.replaceAll("\\'", "'") === theirs) return "an apostrophe in a string of Android needs a backslash";
  if (side && item.includes("[object Object]")) return "a value that the peer cannot write";
  return undefined;
};
const tally = new Tally({ explain, tool, peer: `Style Dictionary ${VERSION}`, corpus: `token files of its examples: ${Object.keys(platforms).join(", ")}, with and without references, line by line`, bars: { recall: 1, precision: 1 } });
let largest = { size: 0 };
for (const example of sample(examples, 6)) {
  let paths;
  try {
    paths = files(join(root, example), (path) => path.endsWith(".json") && !/package|config|node_modules/.test(path));
  } catch {
    continue;
  }
  const sources = paths.map((path) => ({ path, source: read(root, example, path) }));
  if (sources.length === 0) continue;
  let tokens;
  try {
    tokens = sources.reduce((all, { source }) => merge(all, JSON.parse(source)), {});
  } catch {
    continue;
  }
  for (const references of [false, true]) {
    for (const [to, { transformGroup, format, options, expand }] of Object.entries(platforms)) {
      const native = to === "android" || to === "swift";
      const given = native ? inRem(tokens) : tokens;
      const started = performance.now();
      let theirs;
      try {
        const dictionary = new StyleDictionary({ tokens: structuredClone(given), log: { verbosity: "silent", warnings: "disabled", errors: { brokenReferences: "console" } }, platforms: { it: { transformGroup, expand, files: [{ destination: "out", format, options: { ...options, outputReferences: references, showFileHeader: false } }] } } });
        [{ output: theirs }] = await dictionary.formatPlatform("it");
      } catch (error) {
        process.stderr.write(`  left out: ${example} ${to}: the peer fails (${String(error.message).split("\n")[0]})\n`);
        continue;
      }
      const millis = performance.now() - started;
      const { report, error, micros } = await call("convert_design_tokens", { files: native ? [{ path: "tokens.json", source: JSON.stringify(given) }] : sources, to, references });
      if (error) throw new Error(error.message);
      const size = JSON.stringify(tokens).length;
      if (size > largest.size) largest = { size, ours: micros / 1000, theirs: millis };
      const both = [lines(report.data.output, true), lines(theirs, true)];
      written = Object.fromEntries(["ours", "theirs"].map((side, at) => [side, new Map(both[at].map((line) => [nameOf(line), line]))]));
      tally.sets(`${example} ${to}${references ? " references" : ""}`, ...both);
    }
  }
}
tally.timing(`largest example, ${(largest.size / 1024).toFixed(1)} KiB`, largest.ours, largest.theirs);
tally.done();
