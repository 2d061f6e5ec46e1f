// One call of each category's tool on real input, with the source of each file and findings that a reader can check in it.
import { fileOf, pathsOf } from "./packages.mjs";

const GYP = "node-gyp@12.4.0";
const text = (result) => result.content.map((block) => block.text).join("\n");

/** `{name, arguments, expect(result)}` for each category. */
export const calls = [];
