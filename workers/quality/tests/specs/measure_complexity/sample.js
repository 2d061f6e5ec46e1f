#!/usr/bin/env node
// text
import x from 'y';

export class Cart {
  #total = (items = []) => items.length || 0;

  static async *rows({ limit = 10, ...rest }, [first], ...more) {
    outer: for await (const row of this.items) {
      if (row?.ok && limit > 0 || rest) {
        continue outer;
      } else if (first ?? more) {
        yield row ? 1 : limit ? 2 : 3;
      } else {
        switch (row.kind) {
          case 'a':
          case 'b':
            while (row.next() && !(row.a && row.b)) {}
            break;
          default:
            try { row.x ||= 1; } catch { if (x) throw x; }
        }
      }
    }
  }

  get total() { return `${this.#total() && 1}`; }
}

const view = (props) => (
  <ul className={props.a && props.b ? 'on' : ''}>
    {props.items.map((item) => item && <li key={item}>{item}</li>)}
    {props.ready && props.done && <b />}
  </ul>
);

(function () { do { x(); } while (x); })();
