/** The page of the bare loop: hands a model and one input to its worker and asks for runs per second. */
import '../../src/trustedTypes.ts';
import type { FromBare, ToBare } from './bare.worker.ts';

export interface BareLoad {
  readonly modelBase64: string;
  readonly inputBase64: string;
  readonly inputName: string;
  readonly dims: readonly number[];
  readonly threads: number;
}

export interface Bare {
  load(what: BareLoad): Promise<void>;
  /** Runs per second over `ms`. */
  run(ms: number): Promise<number>;
}

const worker = new Worker(new URL('./bare.worker.ts', import.meta.url), { type: 'module' });

const ask = (message: ToBare) =>
  new Promise<FromBare>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromBare>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(message);
  });

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const bare: Bare = {
  async load({ modelBase64, inputBase64, ...rest }) {
    const answer = await ask({
      kind: 'load',
      model: bytesOf(modelBase64),
      input: new Float32Array(bytesOf(inputBase64).buffer),
      ...rest,
    });
    if (answer.kind === 'failed') throw new Error(answer.message);
  },
  async run(ms) {
    const answer = await ask({ kind: 'run', ms });
    if (answer.kind !== 'ran') throw new Error('The bare loop did not run.');
    return answer.perS;
  },
};
Object.assign(window, { bare });
