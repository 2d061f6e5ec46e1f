// The page at the root, its files, and the documents of discovery: all of it is in the wasm.
import { modeOf } from "./admission.js";
import * as wasm from "./glue.js";

/** The response to a GET or HEAD of something that is served to people; undefined where it is something else. */
export function serve(request, { pathname, origin, hostname }, env) {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const asked = (name) => request.headers.get(name) ?? "";
  const served = wasm.serve(pathname, origin, asked("accept"), asked("if-none-match"), modeOf(hostname, env));
  if (served === undefined) return undefined;
  const status = served.status();
  const list = served.headers();
  const headers = new Headers();
  for (let at = 0; at < list.length; at += 2) headers.set(list[at], list[at + 1]);
  const body = request.method === "HEAD" || status === 304 ? null : served.body();
  served.free();
  return new Response(body, { status, headers });
}
