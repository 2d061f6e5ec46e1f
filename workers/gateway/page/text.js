// Ranges and edits of a text.

/** Offsets of a range, which counts lines and columns from 1 and ends before its end. */
export function span(starts, length, { start, end }) {
  const at = ({ line, column }) => Math.min((starts[line - 1] ?? length) + column - 1, length);
  const from = at(start);
  return [from, end === undefined ? from : Math.max(from, at(end))];
}

/** Where each line of a text begins. */
export function lineStarts(text) {
  const starts = [0];
  for (const { index, 0: ending } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + ending.length);
  return starts;
}

/** A text with edits made, `{range, newText}` each; the same edit twice is one. */
export function edited(text, edits) {
  const starts = lineStarts(text);
  const spans = edits.map(({ range, newText }) => [...span(starts, text.length, range), newText]);
  const unique = [...new Map(spans.map((one) => [JSON.stringify(one), one])).values()];
  // The last first, so that places before it stay; of two insertions at one place the first comes first.
  const ordered = unique.map((one, place) => [...one, place]).sort((a, b) => b[0] - a[0] || b[1] - a[1] || b[3] - a[3]);
  let before = Infinity;
  for (const [from, to, newText] of ordered) {
    if (to > before) continue;
    text = text.slice(0, from) + newText + text.slice(to);
    before = from;
  }
  return text;
}
