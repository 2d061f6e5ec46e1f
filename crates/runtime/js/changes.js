// Where changes of lists are told: calls that make them and clients that listen may be in different isolates.
import { Followers, askObject } from "./objects.js";

const URL_OF_CHANGES = "https://changes/";
// One for a deployment: whatever changes is everybody's.
const NAME = "changes";

/** Tells subscribed clients which lists a call changed; where nothing is bound, nobody could subscribe. */
export async function announce(exchange, changes) {
  const lists = exchange.changed();
  if (lists.length === 0 || changes === undefined) return;
  try {
    await askObject(changes, NAME, URL_OF_CHANGES, { method: "POST", body: lists.join("\n") });
  } catch {
    // Who listens hears of the next change.
  }
}

/** The lists that change from now on, a line each, as a response. */
export const followChanges = (changes) => askObject(changes, NAME, URL_OF_CHANGES);

/** The Durable Object that passes on which lists changed. It keeps nothing. */
export class Changes {
  #followers = new Followers();

  async fetch(request) {
    if (request.method !== "POST") return this.#followers.join();
    for (const list of (await request.text()).split("\n")) this.#followers.tell(list);
    return new Response(null, { status: 204 });
  }
}
