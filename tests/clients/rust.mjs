// The Rust client, compiled once in a target folder of its own.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { KEPT, ROOT } from "./places.mjs";
import { sessionWith } from "./program.mjs";

const MANIFEST = join(ROOT, "tests/clients/rmcp/Cargo.toml");
const TARGET = join(KEPT, "rmcp");
const PROGRAM = join(TARGET, "debug", process.platform === "win32" ? "octavo-rmcp-client.exe" : "octavo-rmcp-client");
const [, version] = /^rmcp = .*version = "=([^"]+)"/m.exec(readFileSync(MANIFEST, "utf8"));

function prepare() {
  const words = ["build", "--quiet", "--locked", "--manifest-path", MANIFEST, "--target-dir", TARGET];
  const { status, error } = spawnSync(process.env.CARGO ?? "cargo", words, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`the client rmcp could not be compiled: cargo ${words.join(" ")}: ${error?.message ?? `status ${status}`}`);
}

const clientOf = (mode, speaks) => ({
  name: `rmcp ${version} (Rust), ${mode}`,
  speaks,
  prepare,
  connect: async (url) => sessionWith(PROGRAM, [mode, url]),
});

export const rust = [
  clientOf("initialize", "2025-11-25"),
  clientOf("auto", "2026-07-28"),
  clientOf("discover", "2026-07-28"),
];
