// What the Node.js scripts share: what the registry says of packages, kept, and a stand-in registry that serves it.
import { createServer } from "node:http";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { KEPT, join, run } from "../lib.mjs";

/** A large tree of packages, installed once, which several scripts read. */
export const INSTALLED = { semver: "7.8.6", "@npmcli/arborist": "9.9.3", eslint: "9.39.1", webpack: "5.102.1", jest: "30.2.0", "@angular/cli": "20.3.9" };

const FIELDS = ["name", "version", "dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta", "engines", "deprecated"];

/** Every released version of a package, slim: `{name, "dist-tags", versions: {version: manifest}}`. */
export function packument(name) {
  const file = join(KEPT, "packuments", `${name.replaceAll("/", "+")}.json`);
  if (!existsSync(file)) {
    mkdirSync(join(KEPT, "packuments"), { recursive: true });
    const found = [JSON.parse(run("npm", ["view", `${name}@*`, ...FIELDS, "--json"]))].flat();
    const latest = JSON.parse(run("npm", ["view", name, "version", "--json"]));
    const versions = Object.fromEntries(found.map((manifest) => [manifest.version, manifest]));
    writeFileSync(file, JSON.stringify({ name, "dist-tags": { latest: [latest].flat().at(-1) }, versions }));
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

/** A registry on loopback that serves these packuments (a map by name, which may change): `{url, close}`. */
export async function standIn(packuments) {
  const server = createServer((request, response) => {
    const name = decodeURIComponent(request.url.slice(1));
    const known = packuments.get(name);
    if (!known) {
      response.writeHead(404, { "content-type": "application/json" });
      response.end("{}");
      return;
    }
    const address = `http://${request.headers.host}`;
    const versions = Object.entries(known.versions).map(([version, manifest]) => {
      const tarball = `${address}/${name}/-/${name.split("/").at(-1)}-${version}.tgz`;
      return [version, { ...manifest, name, version, dist: { tarball } }];
    });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ ...known, name, versions: Object.fromEntries(versions) }));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** Numbers that look random and are the same in every run (Knuth's generator): `dice(n)` gives one below n. */
export function dice(seed) {
  let state = BigInt(seed);
  return (limit) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(Math.max(limit, 1)));
  };
}
