/** The page of one engine worker: hands cases to it and gives their outputs back as text. */
import '../../src/trustedTypes.ts';
import type { CaseInput, CaseResult, PackedTensor, ToCases } from './cases.worker.ts';

export interface PackedCase {
  readonly name: string;
  readonly modelBase64: string;
  readonly inputs: readonly PackedTensor[];
}
export type PackedResult =
  | { readonly name: string; readonly repairs: readonly string[]; readonly outputs: readonly PackedTensor[] }
  | { readonly name: string; readonly code: string; readonly message: string };

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** One worker for all of them: it loads the runtime once. */
function run(cases: readonly PackedCase[]): Promise<readonly PackedResult[]> {
  const worker = new Worker(new URL('./cases.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<readonly PackedResult[]>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<readonly CaseResult[]>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage({
      cases: cases.map(({ name, modelBase64, inputs }) => ({
        name,
        model: bytesOf(modelBase64),
        inputs: inputs as readonly CaseInput[],
      })),
    } satisfies ToCases);
  }).finally(() => worker.terminate());
}

Object.assign(window, { runCases: run });
