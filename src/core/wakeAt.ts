/**
 * Wakes at given times, more exactly than `setTimeout`, whose nested calls browsers clamp to 4 ms.
 * Where memory can be shared (cross-origin isolation) `Atomics.waitAsync` with a timeout does it in the same thread.
 */
import type { Clock } from './clock.ts';

interface AsyncWait {
  readonly async: boolean;
  readonly value: Promise<string> | string;
}
type WaitAsync = (array: Int32Array, index: number, value: number, timeoutMs: number) => AsyncWait;

const waitAsync = (Atomics as unknown as { waitAsync?: WaitAsync }).waitAsync;

/** `wakeAt` as tests replace it. */
export type WakeAt = (clock: Clock, at: number, wake: () => void) => () => void;

/** Calls `wake` once at `at` (ms on `clock`) or as soon after as the browser allows; returns its undo. */
export function wakeAt(clock: Clock, at: number, wake: () => void): () => void {
  const delay = Math.max(0, at - clock.now());
  let cancelled = false;
  if (waitAsync !== undefined && typeof SharedArrayBuffer !== 'undefined' && delay > 0) {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const waiting = waitAsync(cell, 0, 0, delay);
    if (waiting.async) {
      void Promise.resolve(waiting.value).then(() => {
        if (!cancelled) wake();
      });
      return () => {
        cancelled = true;
        Atomics.notify(cell, 0);
      };
    }
  }
  const timer = setTimeout(wake, delay);
  return () => clearTimeout(timer);
}
