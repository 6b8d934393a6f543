/**
 * When to let one more delivery into a busy engine, so that it arrives just as the run before it ends.
 * Earlier it would only grow old inside; later the engine would stand idle for the length of a hop.
 */
import type { Stamps } from '../core/delivery.ts';

export interface JustInTime {
  /** When one may go beside the `inEngine` that keep all servers busy, ms on the clock; Infinity: when something comes back. */
  dueAt(inEngine: number): number;
  /** A delivery went in. */
  went(stamps: Stamps, servers: number): void;
  /**
   * It is back, its stamps filled in; NaN where it was not run.
   * @param ahead it was prepared in front of the engine, beside the run before
   */
  back(stamps: Stamps, ahead: boolean): void;
  /** A wake-up that was wanted at `at` came now. */
  woke(at: number, now: number): void;
}

/** One eighth, as in TCP's estimate of round trips. */
const gain = 1 / 8;

export function createJustInTime(): JustInTime {
  /** Inside, in the order they went; `start` when its run is thought to have begun, NaN while it waits. */
  const inside: { readonly stamps: Stamps; start: number }[] = [];
  let serviceMs = NaN;
  let hopMs = 0;
  let tardyMs = 0;
  const running = () => inside.reduce((sum, { start }) => sum + (Number.isNaN(start) ? 0 : 1), 0);

  return {
    dueAt(inEngine) {
      // Of some that are inside nothing is known: they went before anybody asked.
      if (inside.length < inEngine) return Infinity;
      // One at a time beyond those that run: a second one behind a run would wait for a whole service time.
      if (running() < inEngine) return Infinity;
      let first = Infinity;
      for (const { start } of inside) first = Math.min(first, start);
      return Number.isNaN(serviceMs) ? Infinity : first + serviceMs - hopMs - tardyMs;
    },
    went(stamps, servers) {
      inside.push({ stamps, start: running() < servers ? stamps.dequeued + hopMs : NaN });
    },
    back(stamps, ahead) {
      const index = inside.findIndex((entry) => entry.stamps === stamps);
      if (index < 0) return;
      const [gone] = inside.splice(index, 1);
      const { dequeued, ran } = stamps;
      // What is made ready in front of the engine is still on its way to it.
      const began = ahead ? stamps.started : stamps.began;
      if (ran >= began)
        serviceMs = Number.isNaN(serviceMs) ? ran - began : serviceMs + (ran - began - serviceMs) * gain;
      // Only of those that went into an idle engine: the others waited there for more than the hop.
      if (gone !== undefined && gone.start === dequeued + hopMs && began >= dequeued)
        hopMs += (began - dequeued - hopMs) * gain;
      const next = inside.find(({ start }) => Number.isNaN(start));
      if (next !== undefined)
        next.start = Number.isNaN(ran) ? stamps.returned : Math.max(ran, next.stamps.dequeued + hopMs);
    },
    woke(at, now) {
      tardyMs += (Math.max(0, now - at) - tardyMs) * gain;
    },
  };
}
