// Where the clients are: npm's in node_modules, the others in a folder that git ignores.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What clients need beside npm's packages, and what they leave behind. */
export const KEPT = join(ROOT, ".octavo/clients");

/** A file of an installed npm package. */
export const pathIn = (name, path) => join(ROOT, "node_modules", name, path);

/** The version of an installed npm package. */
export const versionOf = (name) => JSON.parse(readFileSync(pathIn(name, "package.json"), "utf8")).version;
