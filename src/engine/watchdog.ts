/** How long a run may take before it counts as hung, from the runs seen so far; and the one timer that watches it. */
import { systemClock } from '../core/clock.ts';

const leastMs = 2000;
const factor = 10;
/** The first run with a preparation compiles shaders and kernels. */
export const defaultFirstRunLimitMs = 60_000;
export const compileLimitMs = 180_000;
/** A page that slept fires its timers before the messages that waited: they get this long to arrive. */
const graceMs = 100;

export interface RunLimit {
  add(ms: number): void;
  /** The next run is a first one again: a new preparation means new shapes. */
  reset(): void;
  /** max(2 s, 10 x p99 of the last 128 runs); before the first `firstRunLimitMs`. */
  limitMs(): number;
}

export function createRunLimit(firstRunLimitMs = defaultFirstRunLimitMs): RunLimit {
  const recent: number[] = [];
  let next = 0;
  return {
    add(ms) {
      recent[next] = ms;
      next = (next + 1) % 128;
    },
    reset() {
      recent.length = 0;
      next = 0;
    },
    limitMs() {
      if (recent.length === 0) return firstRunLimitMs;
      const sorted = [...recent].sort((a, b) => a - b);
      const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
      return Math.max(leastMs, factor * p99);
    },
  };
}

/** No limit is shorter: it is enough to look so often. */
const lookMs = 1000;

export interface Watchdog {
  /**
   * Replaces whatever was watched. A frame only notes its begin; how long it may take is asked when it has taken long.
   * @param limitMs at least 1 s
   */
  watch(limitMs: () => number, onHang: (limitMs: number) => void): void;
  stop(): void;
}

export function createWatchdog(): Watchdog {
  let watched: { readonly since: number; limitMs(): number; onHang(limitMs: number): void } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Goes on while there is something to watch; it is never set for each frame. */
  function look(): void {
    timer = undefined;
    if (watched === undefined) return;
    const { since, limitMs } = watched;
    const left = since + limitMs() - systemClock.now();
    timer = left > 0 ? setTimeout(look, Math.min(left, lookMs)) : setTimeout(end, graceMs, watched);
  }

  function end(hung: typeof watched): void {
    timer = undefined;
    if (watched === hung && hung !== undefined) hung.onHang(hung.limitMs());
    else look();
  }

  return {
    watch(limitMs, onHang) {
      watched = { since: systemClock.now(), limitMs, onHang };
      timer ??= setTimeout(look, lookMs);
    },
    stop() {
      watched = undefined;
    },
  };
}
