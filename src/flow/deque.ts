/** A first-in first-out queue without the O(n) of `Array.shift`: a ring that doubles when full. */
export interface Deque<T> {
  readonly size: number;
  push(item: T): void;
  shift(): T | undefined;
}

export function createDeque<T>(): Deque<T> {
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
        for (let i = 0; i < size; i++) larger[i] = ring[(head + i) % ring.length];
        ring = larger;
        head = 0;
      }
      ring[(head + size) % ring.length] = item;
      size += 1;
    },
    shift() {
      if (size === 0) return undefined;
      const item = ring[head];
      ring[head] = undefined;
      head = (head + 1) % ring.length;
      size -= 1;
      return item;
    },
  };
}
