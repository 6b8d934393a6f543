/**
 * The recipe of a load-dial graph and its address, `load:mflops=500,layers=12,size=320x320,memory=0`.
 * One text for the controls, the link and `weir.openModel`, so that what a person dialled can be sent to another.
 */
import * as v from 'valibot';
import { WeirError } from './errors.ts';

export interface LoadRecipe {
  /** Millions of floating-point operations for one picture; a multiply-add counts as two. */
  readonly mflops: number;
  /** Convolutions, one behind the other. */
  readonly layers: number;
  readonly width: number;
  readonly height: number;
  /** MB (10^6 bytes) that element-wise layers read and write for one picture, beside what the convolutions do. */
  readonly memoryMb: number;
  /** Pictures in one run; `free`: a dimension named "batch". */
  readonly batch: number | 'free';
}

/** What one run of the graph costs: of one picture where the batch is free, else of all its places. */
export interface LoadCosts {
  /** Twice the multiply-adds of the convolutions; what pooling, activations and element-wise layers do is not in it. */
  readonly flops: number;
  /** Numbers in the file. */
  readonly parameters: number;
  /** Bytes that the layers read and write, weights included; an activation counts with its convolution. */
  readonly trafficBytes: number;
}

export const loadLimits = {
  mflops: [1, 200_000],
  layers: [2, 200],
  side: [32, 2048],
  memoryMb: [0, 10_000],
  batch: [1, 64],
} as const;

export const defaultLoad: LoadRecipe = {
  mflops: 500,
  layers: 12,
  width: 320,
  height: 320,
  memoryMb: 0,
  batch: 'free',
};

const scheme = 'load:';
const form = 'load:mflops=500,layers=12,size=320x320,memory=0';

const between = ([min, max]: readonly [number, number]) =>
  v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
const whole = (limits: readonly [number, number]) => v.pipe(between(limits), v.integer());

const RecipeSchema = v.strictObject({
  mflops: between(loadLimits.mflops),
  layers: whole(loadLimits.layers),
  width: whole(loadLimits.side),
  height: whole(loadLimits.side),
  memoryMb: between(loadLimits.memoryMb),
  batch: v.union([v.literal('free'), whole(loadLimits.batch)]),
});

const limitWords: Readonly<Record<string, string>> = {
  mflops: `mflops is from ${loadLimits.mflops.join(' to ')}`,
  layers: `layers is a whole number from ${loadLimits.layers.join(' to ')}`,
  width: `size is a width and a height from ${loadLimits.side.join(' to ')}, such as 320x320`,
  height: `size is a width and a height from ${loadLimits.side.join(' to ')}, such as 320x320`,
  memoryMb: `memory is from ${loadLimits.memoryMb.join(' to ')} MB`,
  batch: `batch is "free" or a whole number from ${loadLimits.batch.join(' to ')}`,
};

export function isLoadAddress(text: string): boolean {
  return text.trim().toLowerCase().startsWith(scheme);
}

/** What is not said is as in `defaultLoad`. @throws WeirError bad-settings that names the part and what it takes */
export function parseLoadRecipe(address: string): LoadRecipe {
  const said: Record<string, number | string> = {};
  // "&" as well, because parts of an address mostly stand so.
  for (const part of address.trim().slice(scheme.length).split(/[,&]/)) {
    if (part === '') continue;
    const [name = '', value = ''] = part.split(/=(.*)/s).map((word) => word.trim());
    const key = name.toLowerCase();
    if (key === 'size') {
      const [, width, height] = /^(\d{1,6})\s*[x×]\s*(\d{1,6})$/i.exec(value) ?? [];
      said['width'] = Number(width);
      said['height'] = Number(height);
    } else if (key === 'mflops' || key === 'layers') said[key] = numberOf(value);
    else if (key === 'memory') said['memoryMb'] = numberOf(value);
    else if (key === 'batch') said['batch'] = value === 'free' ? value : numberOf(value);
    else throw refusal(`"${name.slice(0, 40)}" is no part of it`);
  }
  return checkLoadRecipe({ ...defaultLoad, ...said });
}

/** @throws WeirError bad-settings */
export function checkLoadRecipe(recipe: unknown): LoadRecipe {
  const parsed = v.safeParse(RecipeSchema, recipe);
  if (parsed.success) return parsed.output;
  const field = v.getDotPath(parsed.issues[0]) ?? '';
  throw refusal(limitWords[field] ?? parsed.issues[0].message);
}

/** The one way to write a recipe: equal recipes have equal addresses. */
export function loadAddress({ mflops, layers, width, height, memoryMb, batch }: LoadRecipe): string {
  const places = batch === 'free' ? '' : `,batch=${batch}`;
  return `${scheme}mflops=${mflops},layers=${layers},size=${width}x${height},memory=${memoryMb}${places}`;
}

/** "Load dial, 500 MFLOPs, 12 layers, 320 × 320" */
export function loadName({ mflops, layers, width, height, memoryMb, batch }: LoadRecipe): string {
  const memory = memoryMb === 0 ? '' : `, ${shown(memoryMb)} MB of traffic`;
  const places = batch === 'free' ? '' : `, batch of ${batch}`;
  return `Load dial, ${shown(mflops)} MFLOPs, ${layers} layers, ${width} × ${height}${memory}${places}`;
}

/** With a narrow space between thousands. */
function shown(value: number): string {
  const [whole = '', fraction] = String(Number(value.toPrecision(6))).split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

function numberOf(text: string): number {
  return text === '' ? NaN : Number(text);
}

function refusal(why: string): WeirError {
  return new WeirError('bad-settings', `That is no load dial: ${why}. Write it like ${form}.`);
}
