// The tools that a deployed gateway lists, as `{tools}`, or `{error}` in words. Input: `{url}` as JSON on stdin; the key comes by
// the variable OCTAVO_KEY.
import { text } from "node:stream/consumers";

const { url } = JSON.parse(await text(process.stdin));
const KEY = process.env.OCTAVO_KEY;
const PATIENCE_MS = 10_000;

try {
  const tools = [];
  for (let cursor; ; ) {
    const response = await fetch(new URL("/mcp", url), {
      method: "POST",
      headers: { "content-type": "application/json", ...(KEY ? { authorization: `Bearer ${KEY}` } : {}) },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: cursor === undefined ? {} : { cursor } }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (!response.ok) throw new Error(`the deployed gateway answers ${response.status}`);
    const { result } = await response.json();
    tools.push(...result.tools);
    if (result.nextCursor === undefined) break;
    cursor = result.nextCursor;
  }
  console.log(JSON.stringify({ tools }));
} catch (error) {
  console.log(JSON.stringify({ error: error.cause?.message ?? error.message }));
}
