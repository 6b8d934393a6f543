/** A profile of one model, made in an engine worker that lives for nothing else. */
import type { Feed } from '../core/card.ts';
import type { EngineJob } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { Profile } from '../core/profile.ts';
import type { GraphOptions, ModelBytes, RequestedProvider, WorkerLike } from './messages.ts';

export interface ProfileRequest {
  readonly model: ModelBytes;
  readonly provider: RequestedProvider;
  readonly threads: number;
  readonly graph: GraphOptions;
  readonly feed: Feed;
  /** The one frame that is run again and again. */
  readonly job: EngineJob;
}

/** Loading and six runs of a model that is as slow as one may be. */
const limitMs = 300_000;

/** @throws WeirError why there is none; `cancelled` when the signal says so */
export function profileModel(
  spawn: () => WorkerLike,
  request: ProfileRequest,
  signal: AbortSignal,
): Promise<Omit<Profile, 'model'>> {
  return new Promise((resolve, reject) => {
    const worker = spawn();
    const end = (settle: () => void) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      worker.terminate();
      settle();
    };
    const fail = (error: WeirError) => end(() => reject(error));
    const cancel = () => fail(new WeirError('cancelled', 'Profiling was cancelled.'));
    const timer = setTimeout(
      () => fail(new WeirError('model-hangs', 'The profile did not end within 5 min.')),
      limitMs,
    );
    worker.onmessage = ({ data }) => {
      if (data.kind === 'profiled') end(() => resolve(data.profile));
      else if (data.kind === 'failed' || data.kind === 'lost') fail(WeirError.fromData(data.error));
    };
    worker.onerror = (event) =>
      fail(new WeirError('model-hangs', 'The engine worker stopped.', { details: event.message }));
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) return cancel();
    worker.postMessage({ kind: 'profile', id: 0, ...request }, []);
  });
}
