/** Each judged frame's scene is mixed from it and a number; no scene of training is among them. */
export const heldOutSeed = 3_500_000_000;
