// sqldef's cases: pairs of schemas, with what leads from one to the other.
import { readdirSync } from "node:fs";
import { join, npm, read, repo } from "../lib.mjs";

/** The cases of one of `psqldef`, `mysqldef`, `sqlite3def`: `{name, current, desired, up, down, ...}`; none without a checkout. */
export function cases(program) {
  const root = repo("sqldef/sqldef");
  if (!root) return [];
  const { parse } = npm({ yaml: "2.6.1" }).require("yaml");
  const folder = join(root, "cmd", program);
  const list = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".yml")).sort()) {
    for (const [name, one] of Object.entries(parse(read(folder, file)) ?? {})) if (one && typeof one === "object") list.push({ name: `${file} ${name}`, ...one });
  }
  return list;
}
