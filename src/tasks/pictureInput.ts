/**
 * Finds the input of a model that a camera frame can feed, by shape and type alone.
 * Where there is none, it says which input is in the way, because "cannot feed" alone helps nobody.
 */
import type { ModelFacts } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';

export interface PictureInput {
  readonly name: string;
  readonly type: 'float32' | 'float16' | 'uint8' | 'int8';
  readonly layout: 'nchw' | 'nhwc';
  readonly channels: 1 | 3;
  /** undefined: free. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  readonly rank: number;
  /** Places of a fixed batch. */
  readonly batch: number;
}

/** The words say why not. */
export function findPictureInput(facts: ModelFacts): PictureInput | string {
  if (facts.inputs.length === 0) return 'The model has no input.';
  let why = '';
  for (const info of facts.inputs) {
    const found = read(info);
    if (typeof found !== 'string') return found;
    why ||= found;
  }
  return why;
}

const smallestSide = 4;
const maxBatch = 64;

function read(info: TensorInfo): PictureInput | string {
  const { name, type, shape } = info;
  if (type !== 'float32' && type !== 'float16' && type !== 'uint8' && type !== 'int8')
    return `Input ${shown(info)} holds ${type} values: a picture does not fit into it.`;
  const rank = shape.length;
  if (rank !== 3 && rank !== 4) return `Input ${shown(info)} has ${rank} dimensions: a picture needs 4.`;
  const dims = rank === 4 ? shape.slice(1) : shape;
  const batch = rank === 4 ? shape[0] : 1;
  if (typeof batch === 'number' && (batch < 1 || batch > maxBatch))
    return `Input ${shown(info)} takes ${batch} pictures at a time.`;
  const layout = layoutOf(dims);
  if (layout === undefined) return `Input ${shown(info)} has no dimension of 1 or 3 colour channels.`;
  const [channels, height, width] = layout === 'nchw' ? [dims[0], dims[1], dims[2]] : [dims[2], dims[0], dims[1]];
  // Three dimensions may be anything (sound, text); only three channels of a fixed, picture-like size are taken.
  if (rank === 3 && !(channels === 3 && isSide(height, 16) && isSide(width, 16)))
    return `Input ${shown(info)} has 3 dimensions: a picture needs 4.`;
  if ((typeof height === 'number' && height < smallestSide) || (typeof width === 'number' && width < smallestSide))
    return `Input ${shown(info)} is too small for a picture.`;
  return {
    name,
    type,
    layout,
    channels: channels === 1 ? 1 : 3,
    height: typeof height === 'number' ? height : undefined,
    width: typeof width === 'number' ? width : undefined,
    rank,
    batch: typeof batch === 'number' ? batch : 1,
  };
}

/** `[C,H,W]` or `[H,W,C]`. Where both ends could be channels, or all is free, NCHW: most exporters write it. */
function layoutOf(dims: readonly (number | string)[]): 'nchw' | 'nhwc' | undefined {
  const [first, , last] = dims;
  if (first === 3) return 'nchw';
  if (last === 3) return 'nhwc';
  if (first === 1) return 'nchw';
  if (last === 1) return 'nhwc';
  if (dims.every((dim) => typeof dim === 'string')) return /^c$|chan/i.test(String(last)) ? 'nhwc' : 'nchw';
  return typeof first === 'string' && /^c(in)?$|chan/i.test(first) ? 'nchw' : undefined;
}

function isSide(dim: number | string | undefined, least: number): boolean {
  return typeof dim === 'number' && dim >= least;
}

/** Name and shape, capped: both come from the file. */
function shown({ name, shape }: TensorInfo): string {
  return `${name.slice(0, 60)} [${shape.map((dim) => String(dim).slice(0, 20)).join(', ')}]`;
}
