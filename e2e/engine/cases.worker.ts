/**
 * Models through Weir's own path to the runtime: read, mended, opened by `createOrtSession` and run once on given tensors.
 * What the station adds around it (frames, preparation, pool) has tests of its own.
 */
import '../../src/trustedTypes.ts';
import type { Fill } from '../../src/core/card.ts';
import { WeirError } from '../../src/core/errors.ts';
import type { TensorType, TensorValue } from '../../src/core/tensor.ts';
import { classifyError } from '../../src/engine/classifyError.ts';
import { fromNumbers } from '../../src/engine/numbers.ts';
import { createOrtSession } from '../../src/engine/ortSession.ts';
import { sourceOfBytes } from '../../src/models/byteSource.ts';
import { readModel } from '../../src/models/preflight.ts';
import { mend } from '../../src/models/repair/mend.ts';

/** Numbers as JSON has them; -0, NaN and the infinities do not occur. */
export interface PackedTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
}
export type CaseInput = PackedTensor;
export interface ToCases {
  readonly cases: readonly {
    readonly name: string;
    readonly model: Uint8Array<ArrayBuffer>;
    readonly inputs: readonly CaseInput[];
  }[];
}
export type CaseResult =
  | { readonly name: string; readonly repairs: readonly string[]; readonly outputs: readonly PackedTensor[] }
  | { readonly name: string; readonly code: string; readonly message: string };

self.onmessage = async ({ data }: MessageEvent<ToCases>) => {
  const results: CaseResult[] = [];
  for (const { name, model, inputs } of data.cases) {
    try {
      results.push({ name, ...(await runCase(model, inputs)) });
    } catch (thrown) {
      const { code, message } = WeirError.wrap(classifyError(thrown, 'run'), 'bad-output');
      results.push({ name, code, message });
    }
  }
  self.postMessage(results);
};

async function runCase(bytes: Uint8Array<ArrayBuffer>, given: readonly CaseInput[]) {
  const source = sourceOfBytes(bytes);
  const { facts, model } = readModel(source);
  const mended = model === undefined ? undefined : mend(model, source, []);
  const fills: Record<string, Fill> = {};
  facts.inputs.slice(1).forEach(({ name }, index) => {
    const { dims, values } = given[index + 1] ?? { dims: [], values: [] };
    fills[name] = { kind: 'values', dims, values };
  });
  const [first] = facts.inputs;
  const [fed] = given;
  const stream = first === undefined || fed === undefined ? {} : { stream: { input: first.name, dims: fed.dims } };
  const session = await createOrtSession({
    model: { bytes: mended?.graph?.bytes ?? bytes.buffer, external: [] },
    provider: 'wasm',
    threads: 1,
    graph: { level: 'all', layout: 'auto', sizes: {}, capture: false, gpuOutputs: [] },
    feed: { ...stream, fills },
    onStep: () => {},
    onLost: () => {},
  });
  const run = await session.run(first === undefined || fed === undefined ? undefined : tensorOf(first.name, fed));
  const { outputs } = await run.results;
  return {
    repairs: mended?.repair?.notes.map(({ kind }) => kind) ?? [],
    outputs: outputs.map(({ type, dims, data }) => ({ type, dims, values: Array.from(data, Number) })),
  };
}

function tensorOf(name: string, { type, dims, values }: CaseInput): TensorValue {
  const known = type as TensorType;
  return { name, type: known, dims, data: fromNumbers(known, values.length, (i) => values[i] ?? 0) };
}
