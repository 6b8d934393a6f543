/**
 * Paints one object and its soft shadow. Blocks of 8 x 8 pixels that are surely inside or outside are filled or skipped at
 * once; in those at an edge the distance is taken on a grid and is straight in between, over all poses of the exposure.
 */
import { mixed, white } from './color.ts';
import { measureAt } from './measureAt.ts';
import type { Pose, SceneObject } from './sceneObjects.ts';

const block = 8;
/** From the middle of a block to its farthest corner. */
const blockReach = (block / 2) * Math.SQRT2;
const shadowColor = 0xff100a06 | 0;
const shadowShare = 0.34;
/** Blocks in a row of the widest picture (4096). */
const mostBlocks = 513;

export interface Canvas {
  readonly pixels: Int32Array;
  readonly width: number;
  readonly height: number;
}

/** Sums over the poses of one block: how much of each pixel is covered, and by what lies inside the rim. */
const cover = new Float64Array(block * block);
const inner = new Float64Array(block * block);
/** Distances on the grid of a block, in the middles of a row of blocks, and the least and largest there over the poses. */
const grid = new Float64Array((block + 1) * (block + 1));
const middles = new Float64Array(mostBlocks);
const nearest = new Float64Array(mostBlocks);
const farthest = new Float64Array(mostBlocks);

export function paintShadow({ pixels, width, height }: Canvas, { form, pose, radius, softness }: SceneObject): void {
  const soft = Math.max(1, radius * 0.16);
  const dropped: Pose = { ...pose, x: pose.x + radius * 0.05, y: pose.y + radius * 0.12 };
  const reach = radius + soft;
  const left = Math.max(0, Math.floor((dropped.x - reach) / block) * block);
  const top = Math.max(0, Math.floor((dropped.y - reach) / block) * block);
  const columns = Math.ceil((Math.min(width, dropped.x + reach) - left) / block);
  const bottom = Math.min(height, dropped.y + reach);
  const slope = shadowShare / (2 * soft);
  for (let y = top; y < bottom; y += block) {
    const lastRow = Math.min(height, y + block);
    measureAt(form, dropped, left + block / 2, y + block / 2, block, block, columns, 1, middles);
    measureAt(form, pose, left + block / 2, y + block / 2, block, block, columns, 1, nearest);
    for (let column = 0; column < columns; column++) {
      if ((middles[column] ?? 0) > soft + blockReach) continue;
      // Where the object itself will cover the whole block nobody sees the shadow.
      if ((nearest[column] ?? 0) < -blockReach - softness) continue;
      const x = left + column * block;
      // Distances bend little within a block: its corners tell the rest.
      measureAt(form, dropped, x, y, block, block, 2, 2, grid);
      const [a = 0, b = 0, c = 0, d = 0] = grid;
      const lastColumn = Math.min(width, x + block);
      for (let row = y; row < lastRow; row++) {
        const down = (row - y + 0.5) / block;
        const from = a + (c - a) * down;
        const step = (b + (d - b) * down - from) / block;
        let share = 0.5 * shadowShare - (from + step * 0.5) * slope;
        for (let i = row * width + x; i < row * width + lastColumn; i++, share -= step * slope)
          if (share > 0) pixels[i] = mixed(pixels[i] ?? 0, shadowColor, Math.min(shadowShare, share));
      }
    }
  }
}

export function paintObject({ pixels, width, height }: Canvas, object: SceneObject): void {
  const { radius, poses, softness, color } = object;
  const rim = Math.max(1, radius * 0.05);
  const light = mixed(color, white, 0.16);
  const dark = mixed(color, shadowColor, 0.14);
  const rimColor = mixed(color, white, 0.38);
  const ys = poses.map((pose) => pose.y);
  const xs = poses.map((pose) => pose.x);
  const reach = radius + softness + 1;
  const top = Math.min(...ys) - reach;
  const bottom = Math.max(...ys) + reach;
  const first = Math.max(0, Math.floor(top / block) * block);
  const left = Math.max(0, Math.floor((Math.min(...xs) - reach) / block) * block);
  const right = Math.min(width, Math.max(...xs) + reach);
  const blocks = Math.ceil((right - left) / block);
  const body = new Int32Array(block);
  for (let y = first; y < Math.min(height, bottom); y += block) {
    const rows = Math.min(height - y, block);
    // Lit from above: each row has a colour of its own.
    for (let row = 0; row < rows; row++)
      body[row] = mixed(light, dark, Math.min(1, Math.max(0, (y + row - top) / (bottom - top))));
    const fill = (from: number, to: number) => {
      for (let row = y; row < y + rows; row++)
        pixels.fill(body[row - y] ?? 0, row * width + from, row * width + Math.min(width, to));
    };
    measureBlocks(object, left, y, blocks);
    // Solid blocks side by side are filled together.
    let solidFrom = -1;
    for (let index = 0; index < blocks; index++) {
      const x = left + index * block;
      if ((farthest[index] ?? 0) < -(blockReach + rim + softness)) {
        if (solidFrom < 0) solidFrom = x;
        continue;
      }
      if (solidFrom >= 0) fill(solidFrom, x);
      solidFrom = -1;
      if ((nearest[index] ?? 0) > blockReach + softness) continue;
      weigh(object, x, y, rim);
      const columns = Math.min(width - x, block);
      for (let row = 0; row < rows; row++) {
        const inside = body[row] ?? 0;
        for (let at = row * block, i = (y + row) * width + x; at < row * block + columns; at++, i++) {
          const covered = cover[at] ?? 0;
          if (covered <= 0) continue;
          const within = inner[at] ?? 0;
          const over = within >= covered ? inside : within <= 0 ? rimColor : mixed(rimColor, inside, within / covered);
          pixels[i] = covered >= 1 ? over : mixed(pixels[i] ?? 0, over, covered);
        }
      }
    }
    if (solidFrom >= 0) fill(solidFrom, right);
  }
}

/** `nearest` and `farthest` over the poses, in the middle of each block of a row. */
function measureBlocks({ form, poses }: SceneObject, left: number, y: number, blocks: number): void {
  nearest.fill(Infinity, 0, blocks);
  farthest.fill(-Infinity, 0, blocks);
  for (const pose of poses) {
    measureAt(form, pose, left + block / 2, y + block / 2, block, block, blocks, 1, middles);
    for (let i = 0; i < blocks; i++) {
      const distance = middles[i] ?? 0;
      nearest[i] = Math.min(nearest[i] ?? 0, distance);
      farthest[i] = Math.max(farthest[i] ?? 0, distance);
    }
  }
}

/** Fills `cover` and `inner` for the block at (x, y). */
function weigh({ form, poses, softness }: SceneObject, x: number, y: number, rim: number): void {
  cover.fill(0);
  inner.fill(0);
  // Between the points of the grid the distance is taken to be straight; near a bend it is not.
  const step = form.detail >= 10 ? 4 : form.detail >= 3 ? 2 : 1;
  const side = block / step + 1;
  const slope = 1 / (2 * softness);
  const share = 1 / poses.length;
  const deeper = rim * slope;
  for (const pose of poses) {
    measureAt(form, pose, x, y, step, step, side, side, grid);
    for (let top = 0, above = 0; top < block; top += step, above += side)
      for (let left = 0, i = above; left < block; left += step, i++) {
        const a = grid[i] ?? 0;
        const b = grid[i + 1] ?? 0;
        const c = grid[i + side] ?? 0;
        const d = grid[i + side + 1] ?? 0;
        for (let row = 0; row < step; row++) {
          const down = (row + 0.5) / step;
          const from = a + (c - a) * down;
          const rise = ((b + (d - b) * down - from) / step) * slope;
          let depth = 0.5 - from * slope - rise * 0.5;
          for (let at = (top + row) * block + left, end = at + step; at < end; at++, depth -= rise) {
            if (depth <= 0) continue;
            cover[at] = (cover[at] ?? 0) + (depth < 1 ? depth * share : share);
            const within = depth - deeper;
            if (within > 0) inner[at] = (inner[at] ?? 0) + (within < 1 ? within * share : share);
          }
        }
      }
  }
}
