/**
 * A first-in first-out queue as a ring that doubles when full.
 * `Array.shift` moves every item, which at a capacity of 100,000 would cost more than the inference.
 */
export interface Deque<T> {
  readonly size: number;
  push(item: T): void;
  /** The oldest item; undefined when empty. */
  shift(): T | undefined;
}

export function createDeque<T>(): Deque<T> {
  // The length stays a power of two, so that wrapping round is one `&`.
  let ring: (T | undefined)[] = new Array<T | undefined>(16).fill(undefined);
  let head = 0;
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(item) {
      if (size === ring.length) {
        const larger = new Array<T | undefined>(ring.length * 2).fill(undefined);
        for (let i = 0; i < size; i++) larger[i] = ring[(head + i) & (ring.length - 1)];
        ring = larger;
        head = 0;
      }
      ring[(head + size) & (ring.length - 1)] = item;
      size += 1;
    },
    shift() {
      if (size === 0) return undefined;
      const item = ring[head];
      ring[head] = undefined;
      head = (head + 1) & (ring.length - 1);
      size -= 1;
      return item;
    },
  };
}
