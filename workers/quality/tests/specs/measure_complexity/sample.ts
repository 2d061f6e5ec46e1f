type Kind<T> = T extends string ? 'a' : 'b';

declare function outside(a: number): void;

export abstract class Store<T> {
  constructor(private readonly items: Map<string, T>, public name?: string) {}

  abstract get(key: string): T | undefined;

  find<K extends keyof T>(this: Store<T>, key: K, other: (a: number, b: number) => void = () => {}): T[K] {
    for (const item of this.items.values()) {
      if (item[key] !== undefined) return <T[K]>item[key];
    }
    throw new Error(`no ${String(key)}`);
  }
}

function over(a: string): void;
function over(a: number): void;
function over(a: unknown): void {
  if (a as boolean) over(1);
}
