/** One session that runs again and again on the same noise in all its inputs, on as many threads as asked. */
import '../../src/trustedTypes.ts';
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import type { Fill } from '../../src/core/card.ts';
import type { TensorInfo } from '../../src/core/tensor.ts';
import { loadOrt } from '../../src/engine/ortBundles.ts';
import { createSessionInputs } from '../../src/engine/sessionInputs.ts';

export type ToLoop =
  | {
      readonly kind: 'load';
      readonly model: Uint8Array<ArrayBuffer>;
      readonly inputs: readonly TensorInfo[];
      readonly fills: Readonly<Record<string, Fill>>;
      readonly threads: number;
    }
  | { readonly kind: 'run'; readonly ms: number };
export type FromLoop = { readonly ms: number; readonly runs: number } | { readonly error: string };

let session: InferenceSession | undefined;
let feeds: Record<string, Tensor> = {};

self.onmessage = async ({ data }: MessageEvent<ToLoop>) => {
  try {
    self.postMessage(await (data.kind === 'load' ? load(data) : run(data.ms)));
  } catch (error) {
    self.postMessage({ error: String(error) } satisfies FromLoop);
  }
};

/** `ms`: until the first run was done. */
async function load({ model, inputs, fills, threads }: ToLoop & { kind: 'load' }): Promise<FromLoop> {
  const ort = await loadOrt('wasm', threads);
  const started = performance.now();
  session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  const given = createSessionInputs(ort, inputs);
  given.setFeed({ fills });
  feeds = given.tensors(undefined);
  await session.run(feeds);
  return { ms: performance.now() - started, runs: 1 };
}

async function run(ms: number): Promise<FromLoop> {
  if (session === undefined) return { error: 'No model is loaded.' };
  const started = performance.now();
  let runs = 0;
  while (performance.now() - started < ms) {
    await session.run(feeds);
    runs += 1;
  }
  return { ms: performance.now() - started, runs };
}
