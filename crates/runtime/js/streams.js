// Replies that are streams: calls whose frames a client hears as they come.
import { MAX_ANSWER_BYTES, refuse } from "./ask.js";
import { announce } from "./changes.js";
import { within } from "./deadline.js";
import { instance, replace } from "./instance.js";

/** A comment that keeps proxies from closing a silent stream, and how long one may be silent. */
export const KEEPALIVE = new TextEncoder().encode(": ka\n\n");
export const KEEPALIVE_MS = 15_000;

const NEWLINE = 10;
const NOTHING = new Uint8Array();
// How a worker's last frame begins where the gateway asked for its log line.
const LINE_FRAME = '{"line":';

/** The frames of a worker's answer, as they come: byte strings without their line breaks. */
export class Frames {
  #reader;
  // What came after the last whole frame: pieces without a line break, their bytes, and one that may have some.
  #pieces = [];
  #held = 0;
  #rest = NOTHING;

  /** `deadline` is how long the worker may say nothing, in milliseconds; forever without one. */
  constructor(answer, deadline) {
    this.#reader = answer.body.getReader();
    this.deadline = deadline;
  }

  /** The next frame; undefined after the last. Throws when it is too late or too long, and then the worker is left. */
  async next() {
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE);
      if (end >= 0) {
        this.#pieces.push(this.#rest.subarray(0, end));
        this.#rest = this.#rest.subarray(end + 1);
        return this.#taken();
      }
      // Each byte is looked at and copied once, however small the pieces are in which a frame comes.
      this.#pieces.push(this.#rest);
      this.#held += this.#rest.byteLength;
      this.#rest = NOTHING;
      if (this.#held > MAX_ANSWER_BYTES) throw new Error("no frame is as long");
      const { value, done } = await within(this.deadline, this.#reader.read());
      if (done) return undefined;
      this.#rest = value;
    }
  }

  // The frame that the pieces make.
  #taken() {
    const pieces = this.#pieces.filter((piece) => piece.byteLength > 0);
    this.#pieces = [];
    this.#held = 0;
    if (pieces.length === 1) return pieces[0];
    const whole = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.byteLength, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    return whole;
  }

  /** The worker's log line, if it comes after the reply. */
  async line() {
    const frame = await this.next();
    const text = frame === undefined ? "" : new TextDecoder().decode(frame);
    return text.startsWith(LINE_FRAME) ? text.slice(LINE_FRAME.length, -1) : undefined;
  }

  /** Tells the worker that nobody listens any more. */
  async cancel() {
    await this.#reader.cancel().catch(() => {});
  }
}

/**
 * A stream of an exchange's events. `pull` brings the next, `cancel` ends the exchange when the client leaves, and `leave` tells those
 * who are heard that nobody listens any more. When the instance is lost on the way, its own trap or another request's, the stream
 * still ends with one response.
 */
export function streamOf(exchange, { pull, cancel, leave }) {
  const at = instance();
  const lost = exchange.lost_event();
  return new ReadableStream({
    async pull(controller) {
      try {
        await pull(controller);
      } catch (error) {
        replace(error, at);
        controller.enqueue(lost);
        controller.close();
        await leave();
      }
    },
    async cancel() {
      try {
        await cancel();
      } catch (error) {
        replace(error, at);
        await leave();
      }
    },
  });
}

/**
 * Hands frames to the exchange as they come. Gives the stream of its events; undefined when the first frame was the reply,
 * which may then still be a plain one: nothing is committed before the worker had the chance to refuse. `again` waits for the
 * client's answers to questions and gives the frames of the worker's next round; `taken` gets the worker's log line where the
 * gateway asked for it; `changes` passes on what the call changed.
 */
export async function hear(exchange, frames, { again, taken, changes }) {
  await take(exchange, frames);
  if (exchange.binding() === undefined) {
    await takeLine(frames, taken);
    return undefined;
  }
  let events = exchange.take_events();
  let next;
  let gone = false;
  const advance = async () => {
    const questions = exchange.questions();
    if (questions !== undefined) frames = await again(questions);
    if (frames !== undefined && !gone) await take(exchange, frames);
  };
  const end = async () => {
    gone = true;
    await announce(exchange, changes);
    exchange.close(Date.now());
  };
  const pull = async (controller) => {
    while (events.byteLength === 0) {
      next ??= advance();
      const came = await Promise.race([next.then(() => true), scheduler.wait(KEEPALIVE_MS).then(() => false)]);
      if (gone) return;
      if (!came) return controller.enqueue(KEEPALIVE);
      next = undefined;
      if (exchange.binding() === undefined) {
        await end();
        controller.enqueue(exchange.body());
        exchange.free();
        await takeLine(frames, taken);
        return controller.close();
      }
      events = exchange.take_events();
    }
    controller.enqueue(events);
    events = NOTHING;
  };
  const cancel = async () => {
    if (gone) return;
    await end();
    await frames?.cancel();
    // Whatever is under way finds the exchange closed, and then it may go.
    await next?.catch(() => {});
    exchange.free();
  };
  const leave = async () => {
    gone = true;
    await frames?.cancel();
  };
  return streamOf(exchange, { pull, cancel, leave });
}

/** Hands the worker's log line, which comes behind its reply, to `taken`, where there is one. */
export async function takeLine(frames, taken) {
  if (taken === undefined) return;
  try {
    const line = await frames.line();
    if (line !== undefined) taken(line);
  } catch {
    // The reply is there, so the call is whole; its line is lost.
  }
}

async function take(exchange, frames) {
  try {
    const frame = await frames.next();
    if (frame === undefined) exchange.unavailable();
    else exchange.frame(frame);
  } catch (error) {
    await frames.cancel();
    refuse(exchange, error, frames.deadline);
  }
}
