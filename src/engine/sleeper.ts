/**
 * Wakes at an instant with well under a millisecond of lateness. Nested `setTimeout` is clamped to 4 ms; a timer set from
 * a message task is not nested, and the last stretch is crossed by messages, which let other tasks in between.
 */
import type { Clock } from '../core/clock.ts';

export interface Sleeper {
  /** Replaces the former wake-up. `at` in ms on the clock; never calls back within this call. */
  wakeAt(at: number, wake: () => void): void;
  dispose(): void;
}

/** Timers may be this late; the rest is crossed by messages. */
const marginMs = 1.5;

export function createSleeper(clock: Clock): Sleeper {
  const channel = new MessageChannel();
  let due = Number.POSITIVE_INFINITY;
  let wake: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hopping = false;

  function hop(): void {
    if (hopping) return;
    hopping = true;
    channel.port2.postMessage(undefined);
  }

  channel.port1.onmessage = () => {
    hopping = false;
    if (wake === undefined) return;
    const left = due - clock.now();
    if (left <= 0) {
      const call = wake;
      wake = undefined;
      call();
    } else if (left > marginMs + 1) {
      clearTimeout(timer);
      timer = setTimeout(hop, left - marginMs);
    } else hop();
  };

  return {
    wakeAt(at, callback) {
      due = at;
      wake = callback;
      clearTimeout(timer);
      hop();
    },
    dispose() {
      wake = undefined;
      clearTimeout(timer);
      channel.port1.close();
    },
  };
}
