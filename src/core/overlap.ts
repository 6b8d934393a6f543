/** How much two boxes have in common: what suppression, accuracy and the overlay ask. */

/** `[x, y, width, height]` */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** Intersection over union, 0..1. Boxes without area overlap nothing. */
export function overlap([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): number {
  const width = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const height = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  const both = Math.max(0, width) * Math.max(0, height);
  return both === 0 ? 0 : both / (aw * ah + bw * bh - both);
}
