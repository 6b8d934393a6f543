/** How long a run may take before it counts as hung, from the runs seen so far; and the one timer that watches it. */

const leastMs = 2000;
const factor = 10;
/** The first run with a preparation compiles shaders and kernels. */
export const firstRunLimitMs = 60_000;
export const compileLimitMs = 180_000;
/** A page that slept fires its timers before the messages that waited: they get this long to arrive. */
const graceMs = 100;

export interface RunLimit {
  add(ms: number): void;
  /** The next run is a first one again: a new preparation means new shapes. */
  reset(): void;
  /** max(2 s, 10 x p99 of the last 128 runs); 60 s before the first. */
  limitMs(): number;
}

export function createRunLimit(): RunLimit {
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

export interface Watchdog {
  /** Replaces whatever was watched. */
  watch(limitMs: number, onHang: () => void): void;
  stop(): void;
}

export function createWatchdog(): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => clearTimeout(timer);
  return {
    watch(limitMs, onHang) {
      stop();
      timer = setTimeout(() => {
        timer = setTimeout(onHang, graceMs);
      }, limitMs);
    },
    stop,
  };
}
