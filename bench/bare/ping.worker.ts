/**
 * The hops of a frame and nothing else: this worker has one of its own, as the pipeline has the engine, sends it a
 * message of the size of a frame's at a constant rate, and takes the time until an answer with a tensor is back.
 */
import '../../src/trustedTypes.ts';
import { createSchedule } from '../../src/core/arrivals/createSchedule.ts';
import { systemClock } from '../../src/core/clock.ts';
import { wakeAt } from '../../src/core/wakeAt.ts';

export interface ToPing {
  readonly ratePerS: number;
  readonly ms: number;
  /** Of the answer. */
  readonly bytes: number;
}
export type FromPing = { readonly roundTripsMs: readonly number[] } | { readonly error: string };

const echo = new Worker(new URL('./echo.worker.ts', import.meta.url), { type: 'module' });
echo.onerror = (event) => postMessage({ error: event.message } satisfies FromPing);

self.onmessage = ({ data: { ratePerS, ms, bytes } }: MessageEvent<ToPing>) => {
  const roundTripsMs: number[] = [];
  const sentAt = new Map<number, number>();
  const schedule = createSchedule({ arrivals: 'constant', ratePerS, seed: 7, startAt: systemClock.now() });
  const end = systemClock.now() + ms;
  let id = 0;
  let due = schedule.next();
  echo.onmessage = ({ data }: MessageEvent<{ id: number }>) => {
    const now = systemClock.now();
    roundTripsMs.push(now - (sentAt.get(data.id) ?? NaN));
    sentAt.delete(data.id);
    if (due >= end && sentAt.size === 0) postMessage({ roundTripsMs } satisfies FromPing);
  };
  const wake = () => {
    for (; due <= systemClock.now(); due = schedule.next()) {
      sentAt.set(id, systemClock.now());
      // As a frame of the scene is described.
      const payload = { kind: 'scene', seed: 7, t: due, width: 64, height: 64, difficulty: 0, motion: 1 };
      echo.postMessage({ kind: 'run', id: id++, jobs: [{ payload }], bytes });
    }
    if (due < end) wakeAt(systemClock, due, wake);
  };
  wakeAt(systemClock, due, wake);
};
