// A session with a client written in another language: a program that reads a question a line and prints an answer a line,
// in the order of the questions, until its input ends.
//
// A question is `{ask, ...}`, an answer `{answer}` or `{error}`.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PATIENCE_MS = 60_000;

/** Starts the program; its session is what matrix.mjs asks. */
export function sessionWith(program, words) {
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = [];
  let end;
  const ended = new Promise((resolve) => {
    const give = (reason) => {
      end ??= new Error(`the client ended: ${reason}`);
      for (const { reject } of waiting.splice(0)) reject(end);
      resolve();
    };
    child.once("error", (error) => give(error.message));
    child.once("close", (status, signal) => give(signal ?? `status ${status}`));
  });
  // A program that has ended is told of by `close`.
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { answer, error } = JSON.parse(line);
    const { resolve, reject } = waiting.shift();
    if (error === undefined) resolve(answer);
    else reject(new Error(error));
  });
  async function ask(question) {
    if (end) throw end;
    const timer = setTimeout(() => child.kill(), PATIENCE_MS);
    try {
      return await new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write(`${JSON.stringify(question)}\n`);
      });
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    tools: () => ask({ ask: "tools" }),
    async call(name, given, heard) {
      const { result, notes } = await ask({ ask: "call", name, arguments: given, progress: heard !== undefined });
      notes.forEach((note) => heard?.(note));
      return result;
    },
    resources: () => ask({ ask: "resources" }),
    templates: () => ask({ ask: "templates" }),
    read: (uri) => ask({ ask: "read", uri }),
    prompts: () => ask({ ask: "prompts" }),
    prompt: (name, given) => ask({ ask: "prompt", name, arguments: given }),
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill(), PATIENCE_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
