/**
 * The load dial's graphs: a stack of convolutions of a chosen cost, and memory traffic of a chosen size behind it.
 * They answer what a machine could carry to somebody who has no model, and they are the same bytes everywhere.
 */
import { createRandom } from '../core/createRandom.ts';
import { checkLoadRecipe, type LoadCosts, type LoadRecipe } from '../core/loadRecipe.ts';
import { type LoadPlan, macsPerPlace, planLoad } from './loadPlan.ts';
import { type GraphNode, type GraphTensor, writeOnnx } from './onnxWriter.ts';

export interface LoadGraph extends LoadCosts {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** An output keeps this share of the channel it follows, so that a deep stack does not blur its input away. */
const kept = 0.9;
/** Keeps activations off 0: next to black pixels they would be denormal numbers, which are a hundred times slower. */
const bias = 0.001;

/**
 * `input` float32 ["batch",3,height,width] in 0..1 -> `features` ["batch",channels,1,1] in 0..2: too small an output to
 * weigh beside the run, and one that depends on every pixel. Weights of each channel are positive and sum to 1 - bias,
 * so values stay in range however many layers there are.
 * @throws WeirError bad-settings, too-large
 */
export function buildLoadGraph(given: LoadRecipe): LoadGraph {
  const recipe = checkLoadRecipe(given);
  const plan = planLoad(recipe);
  const nodes: GraphNode[] = [];
  const initialisers: GraphTensor[] = [];
  let current = 'input';
  const add = (op: string, inputs: readonly string[], output: string, attributes: GraphNode['attributes'] = {}) => {
    nodes.push({ op, inputs, outputs: [output], attributes });
    current = output;
  };
  const { pool } = plan;
  if (pool > 1) add('AveragePool', [current], 'pooled', { kernel_shape: [pool, pool], strides: [pool, pool] });
  const random = createRandom(plan.channels.length);
  plan.channels.forEach((to, i) => {
    const from = plan.channels[i - 1] ?? 3;
    initialisers.push(
      { name: `weight${i}`, dims: [to, from, 3, 3], data: weightsOf(to, from, random) },
      { name: `bias${i}`, dims: [to], data: new Float32Array(to).fill(bias) },
    );
    add('Conv', [current, `weight${i}`, `bias${i}`], `conv${i}`, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    add('Relu', [current], `layer${i}`);
  });
  const { memory } = plan;
  add('GlobalAveragePool', [current], memory === undefined ? 'features' : 'mean');
  if (memory !== undefined) {
    initialisers.push(
      { name: 'size', dims: [4], data: new BigInt64Array([1n, 1n, 1n, BigInt(memory.floats)]) },
      { name: 'one', dims: [], data: new Float32Array([1]) },
    );
    add('ReduceMean', ['mean'], 'level', { axes: [1], keepdims: 1 });
    add('Expand', ['level', 'size'], 'wide');
    // 1 - x stays in 0..1 and is not folded into the pass before it.
    for (let i = 0; i < memory.passes; i++) add('Sub', ['one', current], `pass${i}`);
    add('ReduceMean', [current], 'narrow', { axes: [3], keepdims: 1 });
    add('Add', ['mean', 'narrow'], 'features');
  }
  const batch = recipe.batch === 'free' ? 'batch' : recipe.batch;
  const bytes = writeOnnx({
    name: 'load',
    inputs: [{ name: 'input', shape: [batch, 3, recipe.height, recipe.width] }],
    outputs: [{ name: 'features', shape: [batch, plan.channels.at(-1) ?? 0, 1, 1] }],
    initialisers,
    nodes,
  });
  return { bytes, ...costsOf(recipe, plan) };
}

function weightsOf(to: number, from: number, random: () => number): Float32Array {
  const share = (1 - kept - bias) / (9 * from);
  const data = new Float32Array(to * from * 9);
  for (let i = 0; i < data.length; i++) data[i] = share * (0.5 + random());
  for (let out = 0; out < to; out++) {
    // The middle of the kernel.
    const at = (out * from + (out % from)) * 9 + 4;
    data[at] = kept + (data[at] ?? 0);
  }
  return data;
}

function costsOf({ width, height, batch }: LoadRecipe, plan: LoadPlan): LoadCosts {
  const { channels, memory } = plan;
  const places = batch === 'free' ? 1 : batch;
  const area = plan.width * plan.height;
  const macs = 9 * macsPerPlace(channels);
  const last = channels.at(-1) ?? 0;
  let parameters = macs;
  let floats = plan.pool > 1 ? 3 * (width * height + area) : 0;
  channels.forEach((to, i) => {
    parameters += to;
    floats += area * ((channels[i - 1] ?? 3) + to);
  });
  floats += area * last + last;
  // Weights are read once in a run, whatever the batch.
  let shared = parameters;
  if (memory !== undefined) {
    const { passes } = memory;
    // Mean in, level out and in again, the buffer, narrow out and in again, mean and features.
    floats += last + 2 + memory.floats * (2 + 2 * passes) + 2 + 2 * last;
    // `one` for each pass, and four numbers of `size` of 8 bytes.
    shared += passes + 8;
    parameters += 5;
  }
  return { flops: 2 * macs * area * places, parameters, trafficBytes: 4 * (floats * places + shared) };
}
