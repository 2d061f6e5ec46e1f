// A PostgreSQL server of our own: Debian's binaries, data and socket in a folder of this run, no port, gone at the end.
//
//   const server = await postgres({ settings: { jit: "off" } });
//   const client = await server.client();          // a node-postgres client; one a session
//   await server.stop();
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, npm } from "../lib.mjs";
import { answering } from "./_server.mjs";

const NOBODY = 65534;

/** The folder of version 15's programs, or of the newest installed one's; null where none is. */
function programs() {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).filter((name) => existsSync(join(root, name, "bin/initdb"))) : [];
  const wanted = versions.includes("15") ? "15" : versions.sort((a, b) => Number(b) - Number(a))[0];
  return wanted ? join(root, wanted, "bin") : null;
}

/** Starts a server with these settings; `client` connects to it, `stop` ends it. Null where none is installed, having said so. */
export async function postgres({ settings = {} } = {}) {
  const bin = programs();
  if (!bin) {
    process.stderr.write("  left out: what a PostgreSQL server shows; on Debian, apt-get install postgresql-15 to include it\n");
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), "octavo-postgres-"));
  const data = join(folder, "data");
  // A server refuses to run as root.
  const asRoot = process.getuid() === 0;
  const user = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  if (asRoot) chownSync(folder, NOBODY, NOBODY);
  const env = { ...process.env, HOME: folder, TZ: "UTC" };
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"], { ...user, env, cwd: folder, stdio: "ignore" });
  const all = { listen_addresses: "", unix_socket_directories: folder, fsync: "off", full_page_writes: "off", timezone: "UTC", max_connections: "20", autovacuum: "off", statement_timeout: "20s", ...settings };
  const options = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(bin, "postgres"), ["-D", data, ...options], { ...user, env, cwd: folder, stdio: "ignore" });
  const ended = new Promise((resolve) => server.once("exit", resolve));
  process.once("exit", () => {
    server.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
  });
  const { require } = npm({ pg: "8.13.1" });
  const { Client } = require("pg");
  const clients = [];
  async function client(database = "postgres") {
    const one = new Client({ host: folder, user: "postgres", database });
    one.on("error", () => {});
    await one.connect();
    clients.push(one);
    return one;
  }
  await answering(client, 100);
  const version = (await clients[0].query("show server_version")).rows[0].server_version.split(" ")[0];
  async function stop() {
    await Promise.all(clients.map((one) => one.end().catch(() => {})));
    server.kill("SIGINT");
    await ended;
  }
  return { client, stop, version, folder };
}
