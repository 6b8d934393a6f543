/** How far the clock of a worker is from ours: three pings when it starts, the shortest round trip counts. */
import { systemClock } from '../core/clock.ts';

const pings = 3;
const floorMs = 0.1;

export interface ClockOffset {
  /** Add to a stamp of the worker to get one of ours. */
  readonly ms: number;
  ping(): void;
  /** Its answer; true when no other ping is needed. */
  pong(theirs: number): boolean;
}

export function createClockOffset(send: () => void): ClockOffset {
  let ms = 0;
  let pinged = 0;
  let pongs = 0;
  let best = Number.POSITIVE_INFINITY;

  function ping(): void {
    pinged = systemClock.now();
    send();
  }

  return {
    get ms() {
      return ms;
    },
    ping,
    pong(theirs) {
      const now = systemClock.now();
      const roundTrip = now - pinged;
      if (roundTrip < best) {
        best = roundTrip;
        const offset = (pinged + now) / 2 - theirs;
        // An offset inside the uncertainty of the round trip is noise, not a difference of clocks.
        ms = Math.abs(offset) > Math.max(floorMs, roundTrip / 2) ? offset : 0;
      }
      pongs += 1;
      if (pongs >= pings) return true;
      ping();
      return false;
    },
  };
}
