// Real files to call tools on: taken from published packages at test time, kept in a folder that git ignores.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const KEPT = fileURLToPath(new URL("../../.octavo/packages", import.meta.url));

/** The text of a file of a published npm package, for example `fileOf("node-gyp@12.4.0", "package.json")`. */
export function fileOf(specifier, path) {
  return readFileSync(join(folderOf(specifier), path), "utf8");
}

/** Every path in a published npm package. */
export function pathsOf(specifier) {
  const folder = folderOf(specifier);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1).replaceAll("\\", "/")).sort();
}

function folderOf(specifier) {
  const folder = join(KEPT, specifier.replaceAll("/", "+"));
  if (!existsSync(join(folder, "package"))) {
    mkdirSync(folder, { recursive: true });
    const options = { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], shell: process.platform === "win32" };
    const archive = execFileSync("npm", ["pack", specifier, "--silent"], options).trim().split("\n").at(-1);
    execFileSync("tar", ["-xzf", archive], { cwd: folder });
  }
  return join(folder, "package");
}
