// A text area with line numbers, over a copy of its text in which ranges are marked. The copy lays out the same, so the marks
// lie under the words they mean.
import { h } from "./parts.js";
import { lineStarts, span } from "./text.js";

const RANKS = { error: 3, warning: 2, info: 1 };

// Pieces of a text, each with the most serious of the marks that cover it.
function pieces(text, marks) {
  const cuts = [...new Set(marks.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const bounds = [0, ...cuts.filter((cut) => cut > 0 && cut < text.length), text.length];
  return bounds.slice(1).map((to, at) => {
    const from = bounds[at];
    const over = marks.filter((mark) => mark.from < to && mark.to > from);
    over.sort((a, b) => (b.chosen === true) - (a.chosen === true) || (RANKS[b.level] ?? 0) - (RANKS[a.level] ?? 0));
    return { text: text.slice(from, to), mark: over[0] };
  });
}

export class Editor {
  constructor({ typed, run }) {
    this.gutter = h("pre", { class: "gutter", "aria-hidden": "true" });
    this.marks = h("pre", { "aria-hidden": "true" });
    this.area = h("textarea", {
      spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off",
      input: () => { this.draw([]); typed(this.area.value); },
      keydown: (event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        run();
      },
    });
    this.element = h("div", { class: "editor" }, this.gutter, h("div", { class: "sheet" }, this.marks, this.area));
  }

  /** Shows a text under a name, with marks `{range, level, chosen}`. */
  show(text, name, marks) {
    this.area.setAttribute("aria-label", name);
    // A text area has no carriage returns, and offsets are counted in the text as it is there.
    if (this.area.value !== text) this.area.value = text;
    this.draw(marks);
  }

  draw(marks) {
    const text = this.area.value;
    const starts = lineStarts(text);
    // A mark without width is drawn on the letter after it, or before it at the end of a line.
    const wide = marks.map(({ range, ...mark }) => {
      const [from, to] = span(starts, text.length, range);
      if (to > from) return { ...mark, from, to };
      return text[from] === undefined || text[from] === "\n" ? { ...mark, from: Math.max(0, from - 1), to: from } : { ...mark, from, to: from + 1 };
    });
    this.gutter.textContent = starts.map((_, at) => at + 1).join("\n");
    const drawn = pieces(text, wide).map(({ text: piece, mark }) => (mark === undefined ? piece : h("mark", { class: `${mark.level}${mark.chosen ? " chosen" : ""}` }, piece)));
    // The last line's end takes room only if something follows.
    this.marks.replaceChildren(...drawn, "\n");
  }

  /** Selects a range and brings it into view. */
  select(range) {
    const text = this.area.value;
    const [from, to] = span(lineStarts(text), text.length, range);
    this.area.focus({ preventScroll: true });
    this.area.setSelectionRange(from, to);
    const line = parseFloat(getComputedStyle(this.area).lineHeight);
    const box = this.element;
    const top = (range.start.line - 1) * line;
    if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 3 * line) box.scrollTop = Math.max(0, top - box.clientHeight / 3);
    box.scrollLeft = 0;
  }
}
