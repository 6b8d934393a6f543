/** One session, one input, `run` in a loop: what the model does in this browser when nothing else is asked of it. */
import '../../src/trustedTypes.ts';
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { loadOrt } from '../../src/engine/ortBundles.ts';

export type ToBare =
  | {
      readonly kind: 'load';
      readonly model: Uint8Array;
      readonly input: Float32Array;
      readonly inputName: string;
      readonly dims: readonly number[];
      readonly threads: number;
    }
  | { readonly kind: 'run'; readonly ms: number };
export type FromBare =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'ran'; readonly perS: number }
  | { readonly kind: 'failed'; readonly message: string };

let session: InferenceSession | undefined;
let feeds: Record<string, Tensor> = {};

self.onmessage = async ({ data: message }: MessageEvent<ToBare>) => {
  try {
    postMessage(message.kind === 'load' ? await load(message) : await run(message.ms));
  } catch (error) {
    postMessage({ kind: 'failed', message: String(error) } satisfies FromBare);
  }
};

async function load(message: ToBare & { kind: 'load' }): Promise<FromBare> {
  const ort = await loadOrt('wasm', message.threads);
  session = await ort.InferenceSession.create(message.model, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  feeds = { [message.inputName]: new ort.Tensor('float32', message.input, message.dims) };
  return { kind: 'loaded' };
}

async function run(ms: number): Promise<FromBare> {
  if (session === undefined) return { kind: 'failed', message: 'No model is loaded.' };
  const started = performance.now();
  let runs = 0;
  let now = started;
  while (now - started < ms) {
    await session.run(feeds);
    runs += 1;
    now = performance.now();
  }
  return { kind: 'ran', perS: (runs / (now - started)) * 1000 };
}
