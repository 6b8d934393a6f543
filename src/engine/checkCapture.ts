/**
 * Whether replaying a recorded run gives what the run itself gives. A replay that misbehaves gives the outputs of an earlier
 * input without a word, so two inputs take turns, and their outputs must differ.
 */
import type { TensorValue } from '../core/tensor.ts';

type Run = (input: TensorValue) => Promise<readonly TensorValue[]>;

/** As a share of the largest value of an output; the same kernels run in the same order. */
const tolerance = 1e-4;

/** The outputs that are right. */
export async function referenceOf(inputs: readonly TensorValue[], run: Run): Promise<readonly TensorValue[][]> {
  const outputs: TensorValue[][] = [];
  for (const input of inputs) outputs.push([...(await run(input))]);
  return outputs;
}

/** Undefined: they agree. Each input comes three times, so that a recording and two replays of it are seen. */
export async function whyNotCaptured(
  inputs: readonly TensorValue[],
  reference: readonly (readonly TensorValue[])[],
  run: Run,
): Promise<string | undefined> {
  const [first, second] = reference;
  if (first === undefined || second === undefined || same(first, second))
    return 'Two different inputs gave the same outputs, so a captured run cannot be checked; capture is off.';
  for (let round = 0; round < 3; round++)
    for (const [index, input] of inputs.entries())
      if (!same(await run(input), reference[index] ?? []))
        return 'The captured run gave other outputs than the run itself; capture is off.';
  return undefined;
}

function same(got: readonly TensorValue[], want: readonly TensorValue[]): boolean {
  return got.length === want.length && want.every((each, index) => close(got[index], each));
}

function close(got: TensorValue | undefined, want: TensorValue): boolean {
  if (got === undefined || got.dims.join() !== want.dims.join()) return false;
  let largest = 0;
  let worst = 0;
  for (let i = 0; i < want.data.length; i++) {
    const expected = Number(want.data[i]);
    const value = Number(got.data[i]);
    if (Number.isNaN(expected) !== Number.isNaN(value)) return false;
    largest = Math.max(largest, Math.abs(expected) || 0);
    worst = Math.max(worst, Math.abs(value - expected) || 0);
  }
  return worst <= tolerance * largest;
}
