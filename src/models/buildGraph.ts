/**
 * The graphs that Weir makes itself: the built-in Sobel model, a convolution stack of any cost, and a broken one.
 * Tests and benches need models of known answer and known weight that no licence is attached to.
 */
import { type GraphNode, type GraphTensor, writeOnnx } from './onnxWriter.ts';

/**
 * Edge strength: `input` float32 [1,3,height,width] RGB in 0..1 -> `edges` of the same shape, the Sobel magnitude of
 * the luma (Rec. 601) clipped to 0..1, in three equal channels.
 */
export function buildSobel(height: number, width: number): Uint8Array<ArrayBuffer> {
  const shape = [1, 3, height, width];
  return writeOnnx({
    name: 'sobel',
    inputs: [{ name: 'input', shape }],
    outputs: [{ name: 'edges', shape }],
    initialisers: [
      { name: 'luma', dims: [1, 3, 1, 1], data: new Float32Array([0.299, 0.587, 0.114]) },
      // One pixel on each side of height and width, so that the picture's border is not an edge.
      { name: 'margin', dims: [8], data: new BigInt64Array([0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n]) },
      {
        name: 'sobel',
        dims: [2, 1, 3, 3],
        data: new Float32Array([-1, 0, 1, -2, 0, 2, -1, 0, 1, -1, -2, -1, 0, 0, 0, 1, 2, 1]),
      },
      { name: 'channel', dims: [1], data: new BigInt64Array([1n]) },
      { name: 'zero', dims: [], data: new Float32Array([0]) },
      { name: 'one', dims: [], data: new Float32Array([1]) },
    ],
    nodes: [
      { op: 'Conv', inputs: ['input', 'luma'], outputs: ['gray'] },
      { op: 'Pad', inputs: ['gray', 'margin'], outputs: ['padded'], attributes: { mode: 'edge' } },
      { op: 'Conv', inputs: ['padded', 'sobel'], outputs: ['gradient'] },
      { op: 'Mul', inputs: ['gradient', 'gradient'], outputs: ['squared'] },
      { op: 'ReduceSum', inputs: ['squared', 'channel'], outputs: ['sum'], attributes: { keepdims: 1 } },
      { op: 'Sqrt', inputs: ['sum'], outputs: ['magnitude'] },
      { op: 'Clip', inputs: ['magnitude', 'zero', 'one'], outputs: ['clipped'] },
      { op: 'Concat', inputs: ['clipped', 'clipped', 'clipped'], outputs: ['edges'], attributes: { axis: 1 } },
    ],
  });
}

export interface ConvGraphOptions {
  /** [1,3,H,W] */
  readonly input: readonly [1, 3, number, number];
  /** 3x3 convolutions between the first (3 -> channels) and the last (channels -> 3). */
  readonly layers: number;
  readonly channels: number;
  /** Stride of the last convolution, which makes the output that much smaller; 1 unless said. */
  readonly stride?: number;
}

/**
 * A stack of 3x3 Conv + Relu with fixed pseudo-random weights: `input` float32 [1,3,H,W] -> `output`
 * [1,3,H/stride,W/stride] in 0..1, rounded up.
 * About 9 * H * W * channels * (6 + layers * channels) multiply-adds.
 */
export function buildConvGraph({ input, layers, channels, stride = 1 }: ConvGraphOptions): Uint8Array<ArrayBuffer> {
  const widths = [3, ...Array.from({ length: layers + 1 }, () => channels), 3];
  const random = createRandom(12345);
  const initialisers: GraphTensor[] = [];
  const nodes: GraphNode[] = [];
  let current = 'input';
  for (let i = 0; i + 1 < widths.length; i++) {
    const from = widths[i] ?? 0;
    const to = widths[i + 1] ?? 0;
    const last = i + 2 === widths.length;
    // He initialisation keeps the activations of a deep stack in range.
    const spread = Math.sqrt(6 / (9 * from));
    const data = Float32Array.from({ length: to * from * 9 }, () => (random() * 2 - 1) * spread);
    initialisers.push({ name: `weight${i}`, dims: [to, from, 3, 3], data });
    nodes.push(
      {
        op: 'Conv',
        inputs: [current, `weight${i}`],
        outputs: [`conv${i}`],
        attributes: {
          kernel_shape: [3, 3],
          pads: [1, 1, 1, 1],
          ...(last && stride > 1 ? { strides: [stride, stride] } : {}),
        },
      },
      { op: last ? 'Sigmoid' : 'Relu', inputs: [`conv${i}`], outputs: [last ? 'output' : `layer${i}`] },
    );
    current = `layer${i}`;
  }
  return writeOnnx({
    name: `conv${layers}x${channels}`,
    inputs: [{ name: 'input', shape: input }],
    outputs: [{ name: 'output', shape: [1, 3, Math.ceil(input[2] / stride), Math.ceil(input[3] / stride)] }],
    initialisers,
    nodes,
  });
}

/** Every value of `output` [1,3,H,W] is 0 / 0: a model that runs and gives NaN. */
export function buildNanGraph(input: readonly [1, 3, number, number]): Uint8Array<ArrayBuffer> {
  return writeOnnx({
    name: 'nan',
    inputs: [{ name: 'input', shape: input }],
    outputs: [{ name: 'output', shape: input }],
    nodes: [
      { op: 'Sub', inputs: ['input', 'input'], outputs: ['nothing'] },
      { op: 'Div', inputs: ['nothing', 'nothing'], outputs: ['output'] },
    ],
  });
}

/** A linear congruential generator (Numerical Recipes), because generated models must be the same bytes everywhere. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
