/**
 * A timer that knows how late it comes: a broker that hears nothing gives the job to another worker, and a browser may
 * slow the timers of a page that nobody looks at.
 */
import type { Clock } from '../core/clock.ts';

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly everyMs: () => number;
  readonly beat: () => void;
  /** Later than this the machine has slept. */
  readonly tooLateMs: () => number;
  readonly overslept: () => void;
}

export interface Heartbeat {
  /** Over the last minute. */
  worstLagMs(now: number): number;
  /** After `everyMs` has changed: the next one is reckoned from now. */
  restart(): void;
  stop(): void;
}

const rememberMs = 60_000;

export function createHeartbeat({ clock, everyMs, beat, tooLateMs, overslept }: HeartbeatOptions): Heartbeat {
  let lags: { readonly at: number; readonly ms: number }[] = [];
  let timer: ReturnType<typeof setTimeout>;
  const arm = () => {
    const every = everyMs();
    const due = clock.now() + every;
    timer = setTimeout(() => {
      const now = clock.now();
      const ms = Math.max(0, now - due);
      lags = [...lags.filter(({ at }) => now - at < rememberMs), { at: now, ms }];
      if (ms > tooLateMs()) overslept();
      else beat();
      arm();
    }, every);
  };
  arm();
  return {
    worstLagMs: (now) => lags.reduce((worst, { at, ms }) => (now - at < rememberMs ? Math.max(worst, ms) : worst), 0),
    restart() {
      clearTimeout(timer);
      arm();
    },
    stop: () => clearTimeout(timer),
  };
}
