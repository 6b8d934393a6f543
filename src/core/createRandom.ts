/**
 * A small seeded generator of numbers in [0, 1).
 * Load plans and scenes are drawn from it, so that the same seed gives the same run on any machine.
 */

/** mulberry32 by Tommy Ettinger (2017, public domain; JavaScript after bryc): 32-bit state. Not for secrets. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
