// Log lines on their way to the tail worker where the platform has no tail consumers (`LOG_MODE = "push"`): those of this
// isolate are gathered for a moment and posted together by the service binding, after the responses. Best effort: a batch is
// tried twice, and what is lost is told with the next.
import { waitUntil } from "cloudflare:workers";

const INGEST_URL = "https://tail-worker/internal/ingest";
const GATHER_MS = 100;
const RETRY_MS = 500;
// Lines of one post, at most 8 KB each, and lines held while posts fail.
const MOST_POSTED = 30;
const MOST_HELD = 2_000;
// How long a leader may be about it before another takes its place: its invocation may have been ended.
const LEADER_MS = 30_000;

let waiting = [];
let lost = 0;
let ledUntil = 0;

/** Whether this deployment's gateway brings the log lines to the tail worker itself. */
export const pushes = (env) => env.LOG_MODE === "push" && env.OPS_WORKER !== undefined;

/** What asks a tool worker for its log line, where lines are pushed. */
export const lineWanted = (env) => (pushes(env) ? { "x-octavo-line-wanted": "1" } : {});

/** Takes the line that came beside a worker's answer, and gives what takes one that comes behind it. */
export function linesOf(response, env) {
  if (!pushes(env)) return undefined;
  const line = response.headers.get("x-octavo-line");
  if (line !== null) push(line, env.OPS_WORKER);
  return (late) => push(late, env.OPS_WORKER);
}

/** Takes a canonical line for the tail worker. */
export function push(line, tailWorker) {
  if (waiting.length >= MOST_HELD) lost += 1;
  else waiting.push(line);
  if (Date.now() < ledUntil) return;
  ledUntil = Date.now() + LEADER_MS;
  waitUntil(lead(tailWorker));
}

async function lead(tailWorker) {
  await scheduler.wait(GATHER_MS);
  // Whoever comes from here on leads anew: a post may take as long as the tail worker gathers.
  ledUntil = 0;
  const lines = waiting;
  waiting = [];
  const posts = [];
  while (lines.length > 0) posts.push(post(lines.splice(0, MOST_POSTED), tailWorker));
  await Promise.all(posts);
}

async function post(lines, tailWorker) {
  const before = lost;
  lost = 0;
  const body = lines.join("\n");
  const headers = { "content-type": "application/x-ndjson", "x-octavo-lost": `${before}` };
  for (let attempt = 0; attempt < 2; attempt += 1) {
    if (attempt > 0) await scheduler.wait(RETRY_MS);
    try {
      const response = await tailWorker.fetch(INGEST_URL, { method: "POST", headers, body });
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // Not bound, not running, or died on the way.
    }
  }
  lost += before + lines.length;
}
