// Files of published packages, taken at test time and kept in a folder that git ignores: real inputs to call tools on, and
// the schemas of standards.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
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

/** The text of a file of a published crate, for example `fileOfCrate("serde-sarif@0.8.0", "src/schema.json")`. */
export function fileOfCrate(specifier, path) {
  const [name, version] = specifier.split("@");
  const folder = join(KEPT, "crates", specifier);
  mkdirSync(join(folder, "src"), { recursive: true });
  const manifest = join(folder, "Cargo.toml");
  writeFileSync(manifest, `[package]\nname = "holder"\nedition = "2024"\n\n[dependencies]\n${name} = "=${version}"\n\n[workspace]\n`);
  writeFileSync(join(folder, "src/lib.rs"), "");
  const options = { encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "inherit"] };
  const metadata = JSON.parse(execFileSync("cargo", ["metadata", "--quiet", "--format-version", "1", "--manifest-path", manifest], options));
  const found = metadata.packages.find((crate) => crate.name === name);
  return readFileSync(join(dirname(found.manifest_path), path), "utf8");
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
