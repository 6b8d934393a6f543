/** What feeds a model before a frame comes: a picture where it takes one, else zeros of the size it expects. */
import type { ModelCard } from '../core/card.ts';
import type { Payload } from '../core/payload.ts';

/** @param t s, so that pictures differ */
export function firstPayload({ prepare, stream }: ModelCard, t: number): Payload {
  if (prepare !== undefined || stream === undefined)
    return { kind: 'scene', seed: 1, t, width: 320, height: 240, difficulty: 0.5, motion: 1 };
  const size = stream.dims.reduce((product, dim) => product * dim, 1);
  return { kind: 'tensor', type: 'float32', dims: stream.dims, data: new Float32Array(size) };
}
