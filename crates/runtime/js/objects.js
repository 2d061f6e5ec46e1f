// What Durable Objects share: finding one, and a body of lines that others follow.
import { within } from "./deadline.js";

// How long an object may take to begin its answer, in milliseconds.
const PATIENCE_MS = 10_000;

const encoder = new TextEncoder();

/** The object of a name in a namespace. */
export const objectOf = (namespace, name) => namespace.get(namespace.idFromName(name));

/** An object's answer, which must begin in time. */
export const askObject = (namespace, name, url, init) => within(PATIENCE_MS, objectOf(namespace, name).fetch(url, init));

/** Those who follow an object: each has a response whose body is a line for every word. */
export class Followers {
  #controllers = new Set();

  /** A new follower's response, which begins with these lines. */
  join(lines = []) {
    let own;
    const body = new ReadableStream({
      start: (controller) => {
        own = controller;
        this.#controllers.add(controller);
        for (const line of lines) controller.enqueue(encoder.encode(`${line}\n`));
      },
      cancel: () => {
        this.#controllers.delete(own);
      },
    });
    return new Response(body);
  }

  /** Tells a line to everyone. */
  tell(line) {
    for (const controller of this.#controllers) {
      try {
        controller.enqueue(encoder.encode(`${line}\n`));
      } catch {
        // Gone without a word.
        this.#controllers.delete(controller);
      }
    }
  }

  /** Ends every body: there is nothing more to tell. */
  end() {
    for (const controller of this.#controllers) controller.close();
    this.#controllers.clear();
  }
}
