// npm's installer in a thread of its own: of some made projects it never comes to an end, and takes all memory meanwhile.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

const LIMITS = { maxOldGenerationSizeMb: 1024 };
const MILLIS = 15_000;

/** Asks npm what becomes of a project: `{outcome, topLevel, nested, millis}`; the outcome is "endless" past 15 seconds or a GiB,
 *  and "broken" where npm trips over itself. */
export class Installer {
  #data;
  #worker;
  constructor(data) {
    this.#data = data;
  }

  ask(manifest) {
    this.#worker ??= new Worker(new URL(import.meta.url), { workerData: this.#data, resourceLimits: LIMITS });
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(timer);
        worker.off("message", answered).off("error", failed);
        settle(value);
      };
      const answered = (answer) => (answer.failed ? end(reject, new Error(answer.failed)) : end(resolve, answer));
      const failed = (error) => (error.code === "ERR_WORKER_OUT_OF_MEMORY" ? giveUp() : end(reject, error));
      const giveUp = () => {
        this.#worker = undefined;
        worker.terminate();
        end(resolve, { outcome: "endless" });
      };
      const timer = setTimeout(giveUp, MILLIS);
      worker.on("message", answered).on("error", failed);
      worker.postMessage(manifest);
    });
  }

  close() {
    this.#worker?.terminate();
  }
}

if (!isMainThread && workerData?.arborist) {
  const Arborist = createRequire(import.meta.url)(workerData.arborist);
  parentPort.on("message", async (manifest) => {
    const path = mkdtempSync(join(workerData.place, "project-"));
    writeFileSync(join(path, "package.json"), JSON.stringify(manifest));
    const started = performance.now();
    try {
      const tree = await new Arborist({ path, registry: workerData.registry, cache: join(path, ".cache"), save: true, audit: false }).buildIdealTree({ save: true });
      const topLevel = Object.fromEntries([...tree.children.values()].map((node) => [node.name, node.version]).sort());
      parentPort.postMessage({ outcome: "installs", topLevel, nested: tree.inventory.size - 1 - tree.children.size, millis: performance.now() - started });
    } catch (error) {
      // It has faults of its own on sets of peers that lead back to themselves.
      const outcome = error instanceof TypeError ? "broken" : { ERESOLVE: "conflict", ETARGET: "missing" }[error.code];
      parentPort.postMessage(outcome ? { outcome, millis: performance.now() - started } : { failed: String(error.stack) });
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  });
}
