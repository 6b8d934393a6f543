/**
 * The sizes that a card gives to free dimensions, by their names, so that the runtime can plan for them.
 * The first dimension of what frames feed stays free: how many frames run together is decided while it runs.
 */
import type { Feed, Prepare } from './card.ts';
import { inputDims } from './inputDims.ts';
import type { TensorInfo } from './tensor.ts';

/** A name that two inputs give different sizes, that is a batch or that has no name, is left free. */
export function freeSizes(feed: Feed, inputs: readonly TensorInfo[]): Record<string, number> {
  const sizes = new Map<string, number>();
  const leave = new Set<string>(['?', '']);
  for (const info of inputs) {
    const dims = dimsOf(feed, info);
    info.shape.forEach((name, place) => {
      if (typeof name === 'number') return;
      const size = dims?.[place];
      const batch = place === 0 && (info.name === feed.prepare?.input || info.name === feed.stream?.input);
      const known = sizes.get(name);
      if (size === undefined || batch || (known !== undefined && known !== size)) leave.add(name);
      else sizes.set(name, size);
    });
  }
  return Object.fromEntries([...sizes].filter(([name]) => !leave.has(name)));
}

/** Undefined where nothing says so, or where it changes from run to run: carried state. */
function dimsOf({ prepare, stream, fills }: Feed, info: TensorInfo): readonly number[] | undefined {
  if (prepare?.input === info.name) return sizeOf(prepare, info);
  if (stream?.input === info.name) return stream.dims.length === info.shape.length ? stream.dims : undefined;
  const fill = fills?.[info.name];
  if (fill === undefined || fill.kind === 'state' || fill.dims.length !== info.shape.length) return undefined;
  return fill.dims;
}

/** A picture that does not fit is refused where it is fed, in words. */
function sizeOf(prepare: Prepare, info: TensorInfo): readonly number[] | undefined {
  try {
    return inputDims(prepare, info);
  } catch {
    return undefined;
  }
}
