/**
 * Inputs on their way from the worker that makes them to the one that runs them. The pool posts two jobs at most, and the
 * second goes out when the first is back: of three places the one to be written next is never read. Isolated pages share
 * them, so that nothing is allocated per frame; others send a copy.
 */
import type { TensorData, TensorValue } from '../core/tensor.ts';

export interface InputRing {
  /** The same values where the next calls leave them alone, and what must be transferred with them. */
  place(input: TensorValue): { readonly input: TensorValue; readonly transfer: readonly Transferable[] };
}

const places = 3;

export function createInputRing(shared: boolean): InputRing {
  const ring: SharedArrayBuffer[] = [];
  let next = 0;

  function room(bytes: number): SharedArrayBuffer {
    const index = next;
    next = (next + 1) % places;
    const held = ring[index];
    if (held !== undefined && held.byteLength >= bytes) return held;
    const made = new SharedArrayBuffer(bytes);
    ring[index] = made;
    return made;
  }

  return {
    place(input) {
      const { data } = input;
      if (!shared) {
        // A view of the preparation's memory is copied; what has a buffer to itself just moves.
        const own = data.byteLength === data.buffer.byteLength ? data : (data.slice() as TensorData);
        return { input: { ...input, data: own }, transfer: [own.buffer] };
      }
      const type = data.constructor as new (buffer: SharedArrayBuffer, offset: number, length: number) => TensorData;
      const placed = new type(room(data.byteLength), 0, data.length);
      // Both arrays are of the same type, which TypeScript cannot know of a union.
      (placed as Uint8Array).set(data as Uint8Array);
      return { input: { ...input, data: placed }, transfer: [] };
    },
  };
}
