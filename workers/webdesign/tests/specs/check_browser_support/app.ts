import { Map } from 'immutable';
class Store<T> { #items: T[] = []; static { Store.make() } static make() {} get size() { return this.#items.length } }
export const read = async (url: string, { signal, ...rest }: any = {}) => {
  const answer = await fetch(url, { signal });
  const big = 1_000n ** 2n;
  for await (const part of answer.body!) console.log(part ?? rest, new Map());
  try { localStorage.setItem('a', 'b') } catch { }
  return [1, [2]].flat().at(-1), 'x'.replaceAll('x', 'y'), /(?<=a)(?<y>\p{L})/u.test(url), Object.groupBy([], String), big;
};
if ('IntersectionObserver' in window) new IntersectionObserver(() => {});
navigator.share?.({ url: location.href });
window.requestIdleCallback && requestIdleCallback(() => queueMicrotask(() => {}));
export default new AbortController();
