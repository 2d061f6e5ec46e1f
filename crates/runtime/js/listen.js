// Subscriptions: streams on which a client hears what changed and how tasks stand, as objects tell it.
import { followChanges } from "./changes.js";
import { instance } from "./instance.js";
import { Frames, KEEPALIVE, KEEPALIVE_MS, streamOf } from "./streams.js";
import { followTask } from "./task.js";

// How long a subscription goes on before the client is to ask anew.
const LISTEN_SECONDS = 3_600;

const decoder = new TextDecoder();

/** The stream of a subscription. */
export async function listen(exchange, env) {
  const followed = await follow(exchange, env);
  const at = instance();
  const queue = [exchange.take_events()];
  const until = Date.now() + Number(env.LISTEN_SECONDS ?? LISTEN_SECONDS) * 1000;
  let wake;
  let gone = false;
  for (const { frames, eventOf } of followed) {
    void each(frames, (line) => {
      const event = gone ? undefined : eventOf(line);
      if (event === undefined) return;
      queue.push(event);
      wake?.();
    });
  }
  const leave = async () => {
    gone = true;
    await Promise.all(followed.map(({ frames }) => frames.cancel()));
  };
  const end = async () => {
    exchange.close(Date.now());
    await leave();
  };
  const pull = async (controller) => {
    // What happens is told by an exchange of this instance; the client is to subscribe anew.
    if (at !== instance()) throw new Error("the instance was replaced");
    if (queue.length === 0) {
      const left = until - Date.now();
      if (left <= 0) {
        exchange.end_listening();
        await end();
        controller.enqueue(exchange.body());
        exchange.free();
        return controller.close();
      }
      const woken = new Promise((resolve) => {
        wake = resolve;
      });
      await Promise.race([woken, scheduler.wait(Math.min(left, KEEPALIVE_MS))]);
      wake = undefined;
    }
    if (!gone) controller.enqueue(queue.shift() ?? KEEPALIVE);
  };
  const cancel = async () => {
    if (gone) return;
    await end();
    exchange.free();
  };
  return streamOf(exchange, { pull, cancel, leave });
}

// Follows what the client listens to, says which tasks it hears of, and gives what comes as lines.
async function follow(exchange, env) {
  const [body, ...ids] = exchange.follows_tasks();
  const tasks = await Promise.all(ids.map((id) => open(() => followTask(id, body, env.TASKS))));
  exchange.acknowledge(Uint8Array.from(tasks, (task) => (task === undefined ? 0 : 1)));
  const lists = exchange.follows_lists() ? await open(() => followChanges(env.CHANGES)) : undefined;
  return [
    ...tasks.filter((frames) => frames !== undefined).map((frames) => ({ frames, eventOf: (line) => exchange.task_event(line) })),
    ...(lists === undefined ? [] : [{ frames: lists, eventOf: (line) => exchange.changed_event(line) }]),
  ];
}

async function open(ask) {
  try {
    const response = await ask();
    if (response.status === 200) return new Frames(response);
    await response.body?.cancel();
  } catch {
    // Nothing to hear.
  }
}

async function each(frames, work) {
  try {
    for (let line = await frames.next(); line !== undefined; line = await frames.next()) work(decoder.decode(line));
  } catch {
    // Over with its object.
  }
}
