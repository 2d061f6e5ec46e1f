// How long anything outside the isolate may keep a request waiting: nobody who is asked can hold it.

// How long a worker may say nothing, unless CALL_DEADLINE_MS says otherwise, and the least that it may say.
const DEADLINE_MS = 30_000;
const LEAST_DEADLINE_MS = 50;

/** How long a call waits for what it can do without, in milliseconds: a kept result, a limiter's count. */
export const EXTRA_PATIENCE_MS = 500;

/** How long a worker or a store of this deployment may say nothing, in milliseconds. */
export function deadlineOf(env) {
  const chosen = Number(env.CALL_DEADLINE_MS ?? DEADLINE_MS);
  return Number.isFinite(chosen) && chosen > 0 ? Math.max(chosen, LEAST_DEADLINE_MS) : DEADLINE_MS;
}

/** What `promise` comes to, or `Overdue` after `ms`, where there is a deadline. A plain timer: `scheduler.wait` costs ten times as much. */
export function within(ms, promise) {
  if (ms === undefined) return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Overdue()), ms);
    const settle = (how) => (value) => {
      clearTimeout(timer);
      how(value);
    };
    promise.then(settle(resolve), settle(reject));
  });
}

/** That somebody said nothing for too long. */
export class Overdue extends Error {}
