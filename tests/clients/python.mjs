// The Python clients, in a virtual environment made once: by uv where it is there, else by Python's own venv.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { KEPT, ROOT } from "./places.mjs";
import { sessionWith } from "./program.mjs";

const REQUIREMENTS = join(ROOT, "tests/clients/python/requirements.txt");
const DRIVER = join(ROOT, "tests/clients/python/drive.py");
const FOLDER = join(KEPT, "python");
const PYTHON = join(FOLDER, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
// A copy of the requirements that were installed.
const STAMP = join(FOLDER, "requirements.txt");

const HOW_TO =
  "the clients mcp and fastmcp need Python 3.10 or newer with venv (Debian: apt-get install python3 python3-venv), or uv";
const IS_NEW = "import sys; sys.exit(sys.version_info < (3, 10))";

const answers = (program, words) => spawnSync(program, words, { stdio: "ignore" }).status === 0;

function run(program, words, otherwise) {
  const { status, error } = spawnSync(program, words, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${otherwise}\n${program} ${words.join(" ")}: ${error?.message ?? `status ${status}`}`);
}

function prepare() {
  const wanted = readFileSync(REQUIREMENTS, "utf8");
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted && answers(PYTHON, ["--version"])) return;
  rmSync(FOLDER, { recursive: true, force: true });
  const unreachable = "the Python clients could not be installed; is the package index reachable?";
  if (answers("uv", ["--version"])) {
    run("uv", ["venv", "--quiet", "--python", ">=3.10", FOLDER], HOW_TO);
    run("uv", ["pip", "install", "--quiet", "--python", PYTHON, "--requirement", REQUIREMENTS], unreachable);
  } else {
    const python = ["python3", "python"].find((name) => answers(name, ["-c", IS_NEW]));
    if (python === undefined) throw new Error(HOW_TO);
    run(python, ["-m", "venv", FOLDER], HOW_TO);
    run(PYTHON, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS], unreachable);
  }
  cpSync(REQUIREMENTS, STAMP);
}

const versions = Object.fromEntries(readFileSync(REQUIREMENTS, "utf8").trim().split("\n").map((line) => line.split("==")));

const clientOf = (name, mode, speaks) => ({
  name: `${name} ${versions[name]} (Python), ${mode}`,
  speaks,
  prepare,
  connect: async (url) => sessionWith(PYTHON, [DRIVER, name, mode, url]),
});

export const python = [
  clientOf("mcp", "auto", "2026-07-28"),
  clientOf("mcp", "legacy", "2025-11-25"),
  clientOf("fastmcp", "auto", "2026-07-28"),
  clientOf("fastmcp", "legacy", "2025-11-25"),
];
