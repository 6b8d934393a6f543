/**
 * Engine workers, one of which has loaded the runtime for WASM before there is a model for it: loading is half of what a
 * new model or a recovery waits for. It costs a worker and some 20 MB, so there is one, made when the last has gone to work.
 */
import type { WorkerLike } from './messages.ts';

export interface WorkerSupply {
  /** For a model on WASM with so many threads. */
  take(threads: number): WorkerLike;
  /** A worker that needs no runtime. */
  plain(): WorkerLike;
}

/** After the one that was taken has had the processors for its first frames. */
const refillMs = 1000;

export function createWorkerSupply(make: () => WorkerLike): WorkerSupply {
  let spare: { readonly worker: WorkerLike; readonly threads: number } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function refill(threads: number): void {
    if (spare?.threads === threads) return;
    spare?.worker.terminate();
    const worker = make();
    spare = { worker, threads };
    worker.onerror = () => {
      worker.terminate();
      if (spare?.worker === worker) spare = undefined;
    };
    worker.postMessage({ kind: 'warm', id: 0, threads }, []);
  }

  return {
    take(threads) {
      clearTimeout(timer);
      timer = setTimeout(refill, refillMs, threads);
      // They are fixed when the runtime is loaded.
      if (spare?.threads !== threads) return make();
      const { worker } = spare;
      spare = undefined;
      return worker;
    },
    plain: make,
  };
}
