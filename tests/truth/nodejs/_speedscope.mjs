// The importers of speedscope, taken out of its published bundle: it is a page, and has no API. What they sum up is read from
// the call tree, as the page shows it.
import vm from "node:vm";
import { files, join, npm, read } from "../lib.mjs";

export const VERSION = "1.25.0";

/** A function that reads a profile's bytes as speedscope does: a list of profiles, or null. */
export function importer() {
  const { folder } = npm({ speedscope: VERSION });
  const release = join(folder, "node_modules/speedscope/dist/release");
  const [script] = files(release, (path) => /^speedscope-\w+\.js$/.test(path));
  const source = read(release, script);
  // The module of the importers, by a name it exports, and what initialises it.
  const module = /([\w$]+),\{[^}]*importProfilesFromArrayBuffer:/.exec(source)?.[1];
  const start = module && new RegExp(`then\\(\\(\\)=>\\(([\\w$]+)\\(\\),${module.replaceAll("$", "\\$")}\\)\\)`).exec(source)?.[1];
  if (!start) throw new Error("speedscope's bundle has changed: no import function found");
  const begin = source.indexOf("(()=>{") + "(()=>{".length;
  const exposed = `${source.slice(0, begin)}globalThis.__import=(...a)=>(${start}(),${module}.importProfilesFromArrayBuffer(...a));${source.slice(begin)}`;
  const quiet = { log() {}, warn() {}, error() {} };
  const anything = new Proxy(function () {}, { get: (_, key) => (key === Symbol.toPrimitive ? () => "" : anything), apply: () => anything, construct: () => anything, set: () => true });
  const window = { addEventListener() {}, location: { hash: "", protocol: "file:" }, devicePixelRatio: 1, matchMedia: () => ({ matches: false, addListener() {}, addEventListener() {} }) };
  const surroundings = { console: quiet, window, document: anything, location: window.location, navigator: anything, localStorage: anything, FileReader: class {}, TextDecoder, TextEncoder, setTimeout, clearTimeout, requestAnimationFrame() {}, URL, Uint8Array, ArrayBuffer, DataView, Blob, performance, queueMicrotask };
  surroundings.self = surroundings.globalThis = surroundings;
  const context = vm.createContext(surroundings);
  try {
    vm.runInContext(exposed, context, { filename: script });
  } catch {
    // The page cannot be drawn here; the importers are defined before.
  }
  return async (name, bytes) => {
    const group = await context.__import(name, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    return group ? group.profiles : null;
  };
}

/** A profile's sums: of the whole, and of each function by name, file and line. */
export function sums(profile) {
  const functions = [];
  profile.forEachFrame((frame) => functions.push({ name: frame.name, file: frame.file ?? "", line: frame.line, self: frame.getSelfWeight(), total: frame.getTotalWeight() }));
  return { total: profile.getTotalWeight(), busy: profile.getTotalNonIdleWeight(), unit: profile.getWeightUnit(), functions };
}
