// Where a client's answer meets the call that waits for it: the two are requests of their own, perhaps in other isolates.

// How long a client may take to answer.
const PATIENCE_MS = 300_000;

const place = (object, sessions) => sessions.get(sessions.idFromName(object));
const address = (id) => `https://session/${encodeURIComponent(id)}`;

/** Waits for the answers to an exchange's questions, `[object, ...ids]`, and hands them over; a silent client refused. */
export async function answersTo(exchange, [object, ...ids], sessions) {
  await Promise.all(
    ids.map(async (id) => {
      let answer;
      try {
        const response = await place(object, sessions).fetch(address(id));
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
    await place(object, sessions).fetch(address(id), { method: "POST", body: result ?? null });
  } catch {
    // Whoever waits hears nothing, and gives up in time.
  }
}

/** The Durable Object of one session. It keeps nothing: both sides meet while one of them is there. */
export class Session {
  // By question: those who wait, and answers that came before anybody waited.
  #waiting = new Map();
  #early = new Map();

  async fetch(request) {
    const question = new URL(request.url).pathname;
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

  async #answer(question) {
    const answered = new Promise((resolve) => this.#waiting.set(question, resolve));
    const answer = await Promise.race([answered, scheduler.wait(PATIENCE_MS)]);
    this.#waiting.delete(question);
    return answer;
  }
}
