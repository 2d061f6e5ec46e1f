// Prints log lines of a fleet: the newest ones, oldest first, or new ones as they come. `cargo xtask logs` starts this.
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: "string" }, follow: { type: "boolean" }, json: { type: "boolean" } },
});

const token = process.env.OCTAVO_OPS_TOKEN;
const RETRY_MS = 2000;

function show(line) {
  if (values.json) return console.log(JSON.stringify(line));
  const { ts, worker, status, tool, method, dur_ms, error_type, client, trace_id, msg } = line;
  const time = new Date(ts).toISOString().slice(0, 23);
  const rest = [error_type, msg, client && `client=${client}`, `trace=${trace_id}`].filter(Boolean).join("  ");
  console.log(`${time}  ${status.padEnd(10)}  ${worker.padEnd(19)}  ${String(dur_ms).padStart(6)} ms  ${(tool ?? method ?? "").padEnd(32)}  ${rest}`);
}

async function ask(path, headers = {}) {
  const url = new URL(path, values.url.endsWith("/") ? values.url : `${values.url}/`);
  for (const filter of positionals) {
    const at = filter.indexOf("=");
    url.searchParams.append(filter.slice(0, at), filter.slice(at + 1));
  }
  const response = await fetch(url, { headers: { ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) } });
  if (response.ok) return response;
  const text = await response.text();
  let message = text;
  try {
    message = JSON.parse(text).error.message;
  } catch {
    // Not an answer of the API; its text is all there is.
  }
  const hint = response.status === 401 ? "; put the token into OCTAVO_OPS_TOKEN" : "";
  throw Object.assign(new Error(`${response.status}: ${message.trim()}${hint}`), { final: true });
}

// Follows one connection to its end and answers the id of the last event.
async function follow(last) {
  const response = await ask("v1/live", last ? { "last-event-id": last } : {});
  let held = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (held + chunk).split("\n\n");
    held = events.pop();
    for (const event of events) {
      const fields = Object.fromEntries(event.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      if (fields.event !== "log") continue;
      show(JSON.parse(fields.data));
      last = fields.id;
    }
  }
  return last;
}

try {
  if (!values.follow) {
    const { data, complete, next_cursor: next } = await (await ask("v1/logs")).json();
    data.reverse().forEach(show);
    if (next && !complete) console.error("not everything was looked at; narrow the question with since= or until=");
  }
  for (let last; values.follow; ) {
    try {
      last = await follow(last);
    } catch (error) {
      if (error.final) throw error;
      console.error(`the connection broke (${error.cause?.code ?? error.message}); trying again`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
} catch (error) {
  console.error(error.cause?.code === "ECONNREFUSED" ? `nothing serves at ${values.url}` : error.message);
  process.exitCode = 1;
}
