// Sound calls of every tool: the arguments of its whole-call tests (`workers/<category>/tests/specs/<tool>/<case>.json`), in which
// `{"$file": "name"}` stands for the text of a file beside the case.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WORKERS = fileURLToPath(new URL("../../workers", import.meta.url));

/** `[{ name, arguments }]` of each tool, by its full name; without those of more than `longest` bytes. */
export function specs(longest = Infinity) {
  const tools = new Map();
  for (const category of readdirSync(WORKERS)) {
    const folder = join(WORKERS, category, "tests/specs");
    for (const tool of foldersIn(folder)) {
      const cases = readdirSync(join(folder, tool)).filter((file) => file.endsWith(".json")).sort();
      const calls = cases.map((file) => callIn(join(folder, tool), file, `${category}_${tool}`)).filter((call) => call !== undefined);
      const short = calls.filter((call) => JSON.stringify(call).length <= longest);
      if (short.length > 0) tools.set(`${category}_${tool}`, short);
    }
  }
  return tools;
}

function foldersIn(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch {
    return [];
  }
}

// A file beside a case may be JSON itself and no case.
function callIn(folder, file, name) {
  if (!readdirSync(folder).includes(file.replace(/json$/, "snap"))) return undefined;
  const given = JSON.parse(readFileSync(join(folder, file), "utf8"), (_, value) =>
    typeof value?.$file === "string" ? readFileSync(join(folder, value.$file), "utf8") : value,
  );
  return { name, arguments: given };
}
