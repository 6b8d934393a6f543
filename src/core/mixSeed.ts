/** Another seed from a seed and a whole number, so that parts of a scene, and scenes in a row, have nothing in common. */

/** The finaliser of MurmurHash3 (Austin Appleby, public domain): neighbours in, no pattern out. */
export function mixSeed(seed: number, salt: number): number {
  let mixed = (seed ^ Math.imul(salt + 1, 0x9e3779b1)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
