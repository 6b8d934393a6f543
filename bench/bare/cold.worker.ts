/** A fresh worker that loads the runtime, creates a session and runs it once. */
import '../../src/trustedTypes.ts';
import { loadOrt } from '../../src/engine/ortBundles.ts';

export interface ToCold {
  readonly model: Uint8Array<ArrayBuffer>;
  readonly inputName: string;
  readonly dims: readonly number[];
  readonly threads: number;
}

self.onmessage = async ({ data }: MessageEvent<ToCold>) => {
  const ort = await loadOrt('wasm', data.threads);
  const session = await ort.InferenceSession.create(data.model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
  const size = data.dims.reduce((product, dim) => product * dim, 1);
  await session.run({ [data.inputName]: new ort.Tensor('float32', new Float32Array(size), data.dims) });
  self.postMessage('ran');
};
