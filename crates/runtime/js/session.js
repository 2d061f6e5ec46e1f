// Where a client's answer meets the call that waits for it: the two are requests of their own, perhaps in other isolates. And
// where it is remembered that a client ended its session.
import * as wasm from "./glue.js";
import { askObject, objectOf } from "./objects.js";

// How long a client may take to answer.
const PATIENCE_MS = 300_000;

const address = (id) => `https://session/${encodeURIComponent(id)}`;
// The session itself.
const WHOLE = address("");
const ENDED = "ended";

/** Waits for the answers to an exchange's questions, `[object, ...ids]`, and hands them over; a silent client refused. */
export async function answersTo(exchange, [object, ...ids], sessions) {
  await Promise.all(
    ids.map(async (id) => {
      let answer;
      try {
        const response = await objectOf(sessions, object).fetch(address(id));
        if (response.status === 200) answer = await response.text();
      } catch {
        // As good as silence.
      }
      exchange.respond(id, answer);
    }),
  );
}

/** Brings an answer, `[object, id, result?]`, to where it is waited for. */
export async function deliver([object, id, result], sessions) {
  try {
    await askObject(sessions, object, address(id), { method: "POST", body: result ?? null });
  } catch {
    // Whoever waits hears nothing, and gives up in time.
  }
}

/** Ends the session that a DELETE names, and gives the reply's status. */
export async function endSession(headers, sessions) {
  const { object, status } = JSON.parse(wasm.end_session(headers, Date.now()));
  if (status !== undefined) return status;
  try {
    const response = await askObject(sessions, object, WHOLE, { method: "DELETE", body: `${wasm.session_ttl_ms()}` });
    return response.status;
  } catch {
    return 503;
  }
}

/** Whether the session of this object was ended. One whose object cannot be asked goes on. */
export async function isEnded(object, sessions) {
  try {
    return (await askObject(sessions, object, WHOLE)).status === 404;
  } catch {
    return false;
  }
}

/** The Durable Object of one session. It keeps its end alone: call and answer meet while one of them is there. */
export class Session {
  #storage;
  // By question: those who wait, and answers that came before anybody waited.
  #waiting = new Map();
  #early = new Map();

  constructor({ storage }) {
    this.#storage = storage;
  }

  async fetch(request) {
    const question = new URL(request.url).pathname;
    if (question === "/") return request.method === "DELETE" ? await this.#end(Number(await request.text())) : await this.#is();
    if (request.method === "POST") {
      const answer = await request.text();
      const waiting = this.#waiting.get(question);
      if (waiting === undefined) this.#early.set(question, answer);
      else waiting(answer);
      return new Response(null, { status: 202 });
    }
    const answer = this.#early.get(question) ?? (await this.#answer(question));
    this.#early.delete(question);
    return new Response(answer || null, { status: answer ? 200 : 204 });
  }

  /** Forgets the end of a session whose id is no longer taken. */
  async alarm() {
    await this.#storage.deleteAll();
  }

  async #is() {
    return new Response(null, { status: (await this.#storage.get(ENDED)) === undefined ? 204 : 404 });
  }

  async #end(ttl) {
    if ((await this.#storage.get(ENDED)) !== undefined) return new Response(null, { status: 404 });
    await Promise.all([this.#storage.put(ENDED, true), this.#storage.setAlarm(Date.now() + ttl)]);
    // Nobody will answer any more.
    for (const waiting of this.#waiting.values()) waiting("");
    return new Response(null, { status: 204 });
  }

  async #answer(question) {
    const answered = new Promise((resolve) => this.#waiting.set(question, resolve));
    const answer = await Promise.race([answered, scheduler.wait(PATIENCE_MS)]);
    this.#waiting.delete(question);
    return answer;
  }
}
