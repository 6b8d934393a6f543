/**
 * Places the nodes of a graph in layers, each below all that it reads from; within a layer they stand near the middle of
 * what they read. The first two steps of Sugiyama's method; crossings are reduced by one sweep down only.
 */
import type { ModelGraph } from '../../core/modelGraph.ts';

export interface Placed {
  /** Index of the node in the graph. */
  readonly at: number;
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly placed: readonly Placed[];
  /** Indices of nodes, from the one that writes to the one that reads. */
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly width: number;
  readonly height: number;
}

export const nodeWidth = 128;
export const nodeHeight = 28;
const gapX = 16;
const gapY = 28;

export function layoutGraph({ nodes, values }: ModelGraph): GraphLayout {
  const writer = new Map<string, number>();
  /** What every picture changes; the rest is worked out from constants, and stands beside the one that reads it. */
  const lives = new Set<number>();
  nodes.forEach(({ outputs }, at) => outputs.forEach((name) => name !== '' && writer.set(name, at)));
  const edges: [number, number][] = [];
  const layer: number[] = [];
  const after = new Map<number, number[]>();
  // A valid file lists its nodes in the order in which they can run; an edge against it is not followed.
  nodes.forEach(({ inputs }, at) => {
    let depth = 0;
    if (inputs.some((name) => values[name]?.kind === 'input')) lives.add(at);
    for (const from of new Set(inputs.map((name) => writer.get(name)))) {
      if (from === undefined || from === at) continue;
      edges.push([from, at]);
      after.set(from, [...(after.get(from) ?? []), at]);
      if (lives.has(from)) lives.add(at);
      if (from < at) depth = Math.max(depth, (layer[from] ?? 0) + 1);
    }
    layer[at] = depth;
  });
  // Upwards: each reader has its own place by then.
  for (let at = nodes.length - 1; at >= 0; at--) {
    if (lives.has(at)) continue;
    const readers = after.get(at)?.map((reader) => layer[reader] ?? 0) ?? [];
    if (readers.length > 0) layer[at] = Math.max(0, Math.min(...readers) - 1);
  }
  const layers: number[][] = [];
  layer.forEach((depth, at) => (layers[depth] ??= []).push(at));
  const before = new Map<number, number[]>();
  for (const [from, to] of edges) before.set(to, [...(before.get(to) ?? []), from]);
  const widest = Math.max(1, ...layers.map((row) => row.length));
  const width = widest * (nodeWidth + gapX) - gapX;
  const x: number[] = [];
  for (const row of layers) {
    const wish = new Map(
      row.map((at) => {
        const reads = before.get(at) ?? [];
        const mean = reads.reduce((sum, from) => sum + (x[from] ?? 0), 0) / reads.length;
        return [at, reads.length === 0 ? width / 2 : mean] as const;
      }),
    );
    const sorted = row.toSorted((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
    spread(
      sorted.map((at) => wish.get(at) ?? 0),
      width,
    ).forEach((place, index) => {
      const at = sorted[index];
      if (at !== undefined) x[at] = place;
    });
  }
  return {
    placed: nodes.map((_, at) => ({ at, x: x[at] ?? 0, y: (layer[at] ?? 0) * (nodeHeight + gapY) })),
    edges,
    width,
    height: layers.length * (nodeHeight + gapY) - gapY,
  };
}

/** Middles of boxes as near to the wishes (ascending) as they go without overlap, within the width. */
function spread(wishes: readonly number[], width: number): number[] {
  const step = nodeWidth + gapX;
  const places: number[] = [];
  for (const wish of wishes) {
    const least = places.length === 0 ? nodeWidth / 2 : (places.at(-1) ?? 0) + step;
    places.push(Math.max(wish, least));
  }
  // What was pushed beyond the edge comes back, and pushes its neighbours.
  let limit = width - nodeWidth / 2;
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i] ?? 0, limit);
    limit = (places[i] ?? 0) - step;
  }
  return places;
}
