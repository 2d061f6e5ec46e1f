// Tasks: calls that go on after their request was answered. Each has a Durable Object, which keeps the call before its client
// hears of it, asks the worker, and keeps what came of it until its time is over. How a task stands and what changes that is
// decided in the wasm, between two awaits.
import { CALL_HEADERS, CALL_URL } from "./ask.js";
import { bodyWith } from "./blobs.js";
import * as wasm from "./glue.js";
import { replace } from "./instance.js";
import { Followers, askObject } from "./objects.js";
import { lineWanted, linesOf } from "./push.js";
import { Frames, takeLine } from "./streams.js";

// The storage takes 2 MB a value; what is kept is kept in pieces.
const PIECE_BYTES = 2 ** 20;
// How long the worker may be at it: below the 15 minutes that an alarm may last.
const RUN_MS = 600_000;
const NEWLINE = 10;

const address = (verb) => `https://task/${verb}`;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Makes an exchange's call a task: its client is told of it once its object has it for sure. */
export async function beginTask(exchange, texts, tasks) {
  const [id, record] = exchange.begin_task(crypto.getRandomValues(new Uint8Array(20)));
  const body = bodyWith(texts ?? [], exchange.forward_body(), exchange.splices(), encoder.encode(`${record}\n`));
  let kept = false;
  try {
    const response = await askObject(tasks, id, address("begin"), { method: "POST", body });
    kept = response.status === 201;
  } catch {
    // Then there is no task.
  }
  exchange.task_begun(kept);
}

/** Brings an exchange's question, `[verb, id, body]`, to the task's object, and its answer back. */
export async function askTask(exchange, [verb, id, body], tasks) {
  let status = 0;
  let members = "";
  try {
    const response = await askObject(tasks, id, address(verb), { method: "POST", body });
    members = await response.text();
    status = response.status;
  } catch {
    // As good as silence.
  }
  exchange.task_answered(status, members);
}

/** How a task stands, now and whenever that changes, a line each, as a response; 404 when it is not the caller's. */
export const followTask = (id, body, tasks) => askObject(tasks, id, address("follow"), { method: "POST", body });

/** The Durable Object of one task. */
export class Task {
  #storage;
  #env;
  // What is kept of the task, as text: an instance of the wasm may be replaced at any await.
  #record;
  #followers = new Followers();
  // Ends the worker's work, while there is some.
  #leave;

  constructor({ storage }, env) {
    this.#storage = storage;
    this.#env = env;
  }

  async fetch(request) {
    try {
      const verb = new URL(request.url).pathname.slice(1);
      if (verb === "begin") return await this.#begin(new Uint8Array(await request.arrayBuffer()));
      const { caller, responses } = await request.json();
      await this.#load();
      const isTheirs = this.#record !== undefined && this.#with((task) => task.is_of(caller) && Date.now() < task.expires_ms());
      if (!isTheirs) return new Response(null, { status: 404 });
      return await this.#answer(verb, responses);
    } catch (error) {
      replace(error);
      return new Response(null, { status: 500 });
    }
  }

  async #answer(verb, responses) {
    if (verb === "get") return new Response(this.#with((task) => task.detailed()));
    if (verb === "follow") return this.#followers.join([this.#with((task) => task.detailed())]);
    const before = this.#with((task) => task.is_working());
    await this.#change((task) => (verb === "update" ? task.update(responses ?? "{}", Date.now()) : task.cancel(Date.now())));
    const after = this.#with((task) => task.is_working());
    if (before && !after) await this.#leave?.();
    if (after && !before) await this.#storage.setAlarm(Date.now());
    return new Response(null, { status: 204 });
  }

  // Keeps the record and the call, which a line break parts, and has the work begin.
  async #begin(bytes) {
    const end = bytes.indexOf(NEWLINE);
    this.#record = decoder.decode(bytes.subarray(0, end));
    await this.#keep("call", () => bytes.subarray(end + 1));
    await this.#keep("record", () => bytes.subarray(0, end));
    await this.#storage.setAlarm(Date.now());
    return new Response(null, { status: 201 });
  }

  /** Does the work there is, and forgets the task when its time is over. The platform calls again what did not end. */
  async alarm() {
    try {
      await this.#load();
      if (this.#record === undefined) return;
      const expires = this.#with((task) => task.expires_ms());
      if (Date.now() < expires) {
        while (this.#with((task) => task.is_working())) await this.#run();
        return await this.#storage.setAlarm(expires);
      }
      this.#record = undefined;
      this.#followers.end();
      await this.#storage.deleteAll();
    } catch (error) {
      replace(error);
      throw error;
    }
  }

  // Asks the worker, once, and takes its frames to the reply.
  async #run() {
    const [binding, tail] = this.#with((task) => [task.binding(), task.tail()]);
    const over = new AbortController();
    const patience = scheduler.wait(RUN_MS, { signal: over.signal }).catch(() => {});
    let frames;
    let answered = false;
    try {
      const call = await this.#kept("call");
      const response = await this.#env[binding].fetch(CALL_URL, {
        method: "POST",
        headers: { ...CALL_HEADERS, ...lineWanted(this.#env) },
        body: new Blob([call, tail]),
      });
      const taken = linesOf(response, this.#env);
      if (response.status !== 200) throw new Error("no answer");
      frames = new Frames(response);
      this.#leave = () => frames.cancel();
      while (this.#with((task) => task.is_working())) {
        const frame = await Promise.race([frames.next(), patience]);
        if (frame === undefined) break;
        // Word of progress is told but not kept: it does not outlive the work.
        this.#tell((task) => task.frame(frame, Date.now()));
        answered = !this.#with((task) => task.is_working());
      }
      if (answered) await takeLine(frames, taken);
    } catch (error) {
      // A trap, or it is not bound, not running, or died on the way.
      replace(error);
    } finally {
      this.#leave = undefined;
      over.abort();
      await frames?.cancel();
    }
    // An answer may be a question, and that may be answered by now.
    await this.#change((task) => answered || task.died(Date.now()));
  }

  // Changes the task, keeps it, and tells those who follow.
  async #change(change) {
    this.#tell(change);
    await this.#keep("record", () => encoder.encode(this.#record));
  }

  #tell(change) {
    const before = this.#record;
    const detailed = this.#with((task) => {
      change(task);
      this.#record = task.record();
      return task.detailed();
    });
    if (this.#record !== before) this.#followers.tell(detailed);
  }

  // Does something with the task, without awaits.
  #with(work) {
    const task = wasm.TaskRecord.read(this.#record);
    try {
      return work(task);
    } finally {
      task.free();
    }
  }

  async #load() {
    if (this.#record !== undefined) return;
    const record = await this.#kept("record");
    if (record.size === 0) return;
    const text = await record.text();
    const task = wasm.TaskRecord.read(text);
    // What another version of the gateway wrote is of no use any more.
    if (task === undefined) return await this.#storage.deleteAll();
    task.free();
    this.#record ??= text;
  }

  // Pieces have keys that sort: what is shorter than before leaves none behind.
  async #keep(name, bytesNow) {
    const old = await this.#storage.list({ prefix: `${name}/` });
    const bytes = bytesNow();
    const pieces = {};
    for (let start = 0; start < bytes.byteLength; start += PIECE_BYTES) {
      const number = `${start / PIECE_BYTES}`.padStart(4, "0");
      pieces[`${name}/${number}`] = bytes.slice(start, start + PIECE_BYTES);
      old.delete(`${name}/${number}`);
    }
    // Without an await in between, both are one write.
    await Promise.all([this.#storage.delete([...old.keys()]), this.#storage.put(pieces)]);
  }

  async #kept(name) {
    return new Blob([...(await this.#storage.list({ prefix: `${name}/` })).values()]);
  }
}
