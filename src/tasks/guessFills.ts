/**
 * What the inputs get that no delivery feeds, guessed from names, types and shapes, with a reason for each.
 * Free dimensions of one name have one size in all inputs, as ONNX means them.
 */
import type { Fill, ModelFacts, Prepare } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';

export interface FillGuess {
  readonly fills: Readonly<Record<string, Fill>>;
  readonly reason: string;
}

/** `fed` is left out: deliveries feed it. Inputs that no numbers can fill are left out too. */
export function guessFills(facts: ModelFacts, sizes: ReadonlyMap<string, number>, fed: string | undefined): FillGuess {
  const fills: Record<string, Fill> = {};
  const words: string[] = [];
  for (const info of facts.inputs) {
    if (info.name === fed || info.type === 'unknown') continue;
    const dims = dimsOf(info, sizes);
    const { fill, word } = fillOf(info, dims, facts);
    fills[info.name] = fill;
    words.push(`Input ${info.name.slice(0, 40)} gets ${word}.`);
  }
  return { fills, reason: words.slice(0, 6).join(' ') };
}

/** Sizes of the free dimensions that the picture fixes, by their names. */
export function sizesOf(prepare: Prepare | undefined, facts: ModelFacts): Map<string, number> {
  const sizes = new Map<string, number>();
  const info = facts.inputs.find(({ name }) => name === prepare?.input);
  if (prepare === undefined || info === undefined) return sizes;
  const channels = prepare.color === 'gray' ? 1 : 3;
  const { width, height, batch = 1 } = prepare;
  const dims = prepare.layout === 'nchw' ? [batch, channels, height, width] : [batch, height, width, channels];
  info.shape.forEach((dim, i) => {
    const size = dims[i + dims.length - info.shape.length];
    if (typeof dim === 'string' && dim !== '?' && size !== undefined) sizes.set(dim, size);
  });
  return sizes;
}

/** Every dimension as a number. A name that is not known yet gets a small size that its word suggests. */
export function dimsOf({ shape }: TensorInfo, sizes: ReadonlyMap<string, number>): number[] {
  return shape.map((dim) => (typeof dim === 'number' ? dim : (sizes.get(dim) ?? sizeByName(dim))));
}

function sizeByName(name: string): number {
  if (/seq|len|token|time|frames/i.test(name)) return 16;
  if (/^(h|height|w|width)$/i.test(name)) return 64;
  return 1;
}

function fillOf(info: TensorInfo, dims: number[], facts: ModelFacts): { fill: Fill; word: string } {
  const from = stateOutput(info, facts);
  if (from !== undefined) {
    const shown = from.slice(0, 40);
    return { fill: { kind: 'state', dims, from }, word: `zeros first, then output ${shown} of the run before` };
  }
  const { name, type } = info;
  const constant = (value: number) => ({ fill: { kind: 'constant', dims, value } as const, word: String(value) });
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (/^(sr|sample_?rate)$/i.test(name)) return constant(16_000);
  if (/mask/i.test(name)) return constant(1);
  if (/type_ids|segment/i.test(name)) return constant(0);
  if (/(^|_)(h|height)$/i.test(name) && size === 1) return constant(240);
  if (/(^|_)(w|width)$/i.test(name) && size === 1) return constant(320);
  if (/ids$|tokens?$|position/i.test(name)) return { fill: { kind: 'ramp', dims }, word: 'the numbers from 0 up' };
  if (type === 'bool' || type === 'string') return constant(0);
  if (size === 1) return constant(/float/.test(type) ? 0.5 : 1);
  return { fill: { kind: 'noise', dims }, word: 'noise, the same in every run' };
}

/** The output that belongs to an input as its next value: by its name, or by a fixed shape that only the two share. */
function stateOutput(input: TensorInfo, facts: ModelFacts): string | undefined {
  const same = facts.outputs.filter(({ type, shape }) => type === input.type && shape.length === input.shape.length);
  const stem = plain(input.name);
  const named = same.find(({ name }) => name !== input.name && plain(name) === stem);
  if (named !== undefined && stem !== '') return named.name;
  const fixed = input.shape.length >= 3 && input.shape.every((dim) => typeof dim === 'number');
  const twin = (info: TensorInfo) => String(info.shape) === String(input.shape) && info.type === input.type;
  // The first input is what a model is about; by shape alone it is not taken for its memory.
  if (!fixed || input === facts.inputs[0] || isPicture(input) || facts.inputs.filter(twin).length !== 1)
    return undefined;
  const twins = same.filter(twin);
  return twins.length === 1 ? twins[0]?.name : undefined;
}

/** "stateN", "state_out", "next_state" and "present.0.key" against "state", "state_in" and "past.0.key". */
function plain(name: string): string {
  return name
    .replace(/N$/, '')
    .toLowerCase()
    .replace(/past|present|next|prev(ious)?|new|old|(_|\b)(in|out)(put)?(?=_|\b)/g, '')
    .replace(/[^a-z0-9]/g, '');
}

function isPicture({ shape }: TensorInfo): boolean {
  return shape.length === 4 && (shape[1] === 3 || shape[3] === 3);
}
