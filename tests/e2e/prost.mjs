// OTLP's JSON held to its messages as the protocol's own definitions have them: the code that prost generates from the
// .proto files, as published in the crate opentelemetry-proto. Stricter than a parser: a field that no message has is wrong, a
// 64-bit number must be text, an id hexadecimal, an enum a number.
import assert from "node:assert/strict";
import { fileOfCrate } from "./packages.mjs";

const CRATE = "opentelemetry-proto@0.31.0";
const FILES = ["collector.trace.v1", "collector.logs.v1", "trace.v1", "logs.v1", "common.v1", "resource.v1"];

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** Fields of each message: by JSON name, `{ kind, repeated, message }`. */
function messages() {
  const all = new Map();
  for (const file of FILES) {
    const text = fileOfCrate(CRATE, `src/proto/tonic/opentelemetry.proto.${file}.rs`).replaceAll(/^\s*\/\/\/.*$/gm, "").replaceAll("r#", "");
    for (const [, kind, name, body] of text.matchAll(/pub (struct|enum) (\w+) \{(.*?)\n\s*\}/gs)) {
      const fields = new Map();
      for (const chunk of body.split("#[prost(").slice(1)) {
        const attributes = chunk.slice(0, chunk.indexOf(")]"));
        const [declaration] = chunk.match(kind === "enum" ? /\n\s*\w+\([^]*/ : /pub \w+:[^]*/);
        const [field] = declaration.replace("pub ", "").match(/\w+/);
        const json = kind === "enum" ? field[0].toLowerCase() + field.slice(1) : camel(field);
        fields.set(json, { kind: attributes.split(/[ ,=]/)[0], repeated: attributes.includes("repeated"), message: declaration.match(/\w+/g).at(-1) });
      }
      if (fields.size > 0) all.set(kind === "enum" ? `${name}@${file}` : name, fields);
    }
  }
  // A oneof's fields stand in its message itself.
  all.set("AnyValue", all.get("Value@common.v1"));
  return all;
}

const INTEGERS = { int64: [-(2n ** 63n), 2n ** 63n - 1n], uint64: [0n, 2n ** 64n - 1n], fixed64: [0n, 2n ** 64n - 1n] };
const ID_BYTES = { traceId: 16, spanId: 8, parentSpanId: 8 };

let known;

/** Fails unless `json` is a message of this name. */
export function assertMessage(name, json, path = name) {
  known ??= messages();
  const fields = known.get(name);
  assert.ok(fields, `no message ${name}`);
  assert.ok(json !== null && typeof json === "object" && !Array.isArray(json), path);
  for (const [field, value] of Object.entries(json)) {
    const at = `${path}.${field}`;
    const definition = fields.get(field);
    assert.ok(definition, `${at} is no field of ${name}: ${[...fields.keys()]}`);
    if (definition.repeated) assert.ok(Array.isArray(value), at);
    for (const [index, item] of definition.repeated ? value.entries() : [["", value]]) {
      if (definition.kind === "message") assertMessage(definition.message, item, `${at}${index === "" ? "" : `[${index}]`}`);
      else assertScalar(definition.kind, field, item, at);
    }
  }
}

function assertScalar(kind, field, value, at) {
  switch (kind) {
    case "string":
      return assert.equal(typeof value, "string", at);
    case "bool":
      return assert.equal(typeof value, "boolean", at);
    case "double":
      return assert.equal(typeof value, "number", at);
    case "bytes":
      assert.match(value, /^[0-9a-f]*$/, at);
      return assert.equal(value.length, 2 * ID_BYTES[field], at);
    case "enumeration":
    case "uint32":
    case "fixed32":
      return assert.ok(Number.isInteger(value) && value >= 0 && value < 2 ** 32, at);
    default: {
      const [least, most] = INTEGERS[kind] ?? assert.fail(`${at}: ${kind}`);
      assert.match(value, /^-?\d+$/, `${at} must be text`);
      return assert.ok(BigInt(value) >= least && BigInt(value) <= most, at);
    }
  }
}
