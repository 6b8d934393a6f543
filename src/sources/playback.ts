/**
 * The clock of a recording: each part is due at its own time divided by the speed. Without demand the plan moves on with
 * the wait, because a recording has no backlog: nothing happened while nobody looked.
 */
import type { Clock } from '../core/clock.ts';
import { wakeAt } from '../core/wakeAt.ts';

export interface Playback {
  /** 1 = as it was recorded, 0 = as fast as it is served. */
  setSpeed(speed: number): void;
  /** How many more parts may be taken. */
  setDemand(count: number): void;
  /** Ends the turn that waits; the next one begins a new plan, `restS` of the recording from now at the earliest. */
  jump(restS?: number): void;
  /** Ends every turn from now on. */
  close(): void;
  /** Waits for demand and for the moment of `mediaS`; gives the intended time, ms, or undefined after a jump or a close. */
  turn(mediaS: number): Promise<number | undefined>;
}

export function createPlayback(clock: Clock): Playback {
  let speed = 1;
  let asked = 0;
  let closed = false;
  /** Counts jumps: a turn that began before one is void. */
  let jumps = 0;
  /** The wall clock of time 0 of the recording; NaN until a plan has begun. */
  let zero = NaN;
  let earliest = -Infinity;
  let wake = () => {};

  const changed = () =>
    new Promise<void>((done) => {
      wake = done;
    });
  const sleepUntil = (at: number) =>
    new Promise<void>((done) => {
      const undo = wakeAt(clock, at, done);
      wake = () => {
        undo();
        done();
      };
    });

  return {
    setSpeed(next) {
      if (next === speed) return;
      speed = next;
      zero = NaN;
      wake();
    },
    setDemand(count) {
      asked = count;
      wake();
    },
    jump(restS = 0) {
      jumps += 1;
      earliest = clock.now() + (speed === 0 ? 0 : (restS / speed) * 1000);
      zero = NaN;
      wake();
    },
    close() {
      closed = true;
      wake();
    },
    async turn(mediaS) {
      const of = jumps;
      const isVoid = () => closed || jumps !== of;
      for (;;) {
        while (!isVoid() && asked <= 0) await changed();
        if (isVoid()) return undefined;
        const now = speed === 0 ? clock.now() : Math.max(clock.now(), earliest);
        earliest = -Infinity;
        const offset = speed === 0 ? 0 : (mediaS / speed) * 1000;
        if (Number.isNaN(zero) || speed === 0 || zero + offset < now) zero = now - offset;
        const planned = zero;
        const due = planned + offset;
        while (!isVoid() && zero === planned && clock.now() < due) await sleepUntil(due);
        if (isVoid()) return undefined;
        // Another speed, or what was asked for when the wait began was taken back: the same part waits again.
        if (zero !== planned || asked <= 0) continue;
        asked -= 1;
        return due;
      }
    },
  };
}
