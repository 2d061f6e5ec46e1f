// A MariaDB server of our own: Debian's binaries, data and socket in a folder of this run, no port, gone at the end.
//
//   const server = await mariadb();
//   const client = await server.client();          // a mysql2 connection, promises
//   await server.stop();
import { execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, npm } from "../lib.mjs";
import { answering } from "./_server.mjs";

/** Starts a server; null where none is installed, having said so. */
export async function mariadb() {
  const [server, install] = ["/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db"];
  if (![server, install, "/usr/bin/my_print_defaults"].every((path) => existsSync(path))) {
    process.stderr.write("  left out: what a MariaDB server shows; on Debian, apt-get install mariadb-server-core mariadb-client to include it\n");
    return null;
  }
  const folder = mkdtempSync(join(tmpdir(), "octavo-mariadb-"));
  const data = join(folder, "data");
  if (process.getuid() === 0) chownSync(folder, 65534, 65534);
  const user = process.getuid() === 0 ? ["--user=nobody"] : [];
  execFileSync(install, ["--no-defaults", `--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db", ...user], { stdio: "ignore" });
  const socket = join(folder, "socket");
  const child = spawn(server, ["--no-defaults", `--datadir=${data}`, `--socket=${socket}`, "--skip-networking", "--innodb-flush-log-at-trx-commit=0", "--skip-log-bin", "--event-scheduler=OFF", `--pid-file=${join(folder, "pid")}`, ...user], { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.once("exit", () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  const { createConnection } = npm({ mysql2: "3.11.5" }).require("mysql2/promise");
  const clients = [];
  async function client() {
    const one = await createConnection({ socketPath: socket, user: "root", multipleStatements: true });
    clients.push(one);
    return one;
  }
  await answering(client, 150);
  const version = (await clients[0].query("select version() as v"))[0][0].v.split("-")[0];
  async function stop() {
    await Promise.all(clients.map((one) => one.end().catch(() => {})));
    child.kill("SIGTERM");
    await ended;
  }
  return { client, stop, version };
}
