/** Half an hour of closed seconds and marks: what the charts draw. Charts read it directly; React never hears of it. */
import type { SecondSlice, TimelineEvent } from '../core/telemetry.ts';

const keptSeconds = 1800;

export interface Timeline {
  /** Ascending by `at`; the same array until `version` changes. */
  readonly seconds: readonly SecondSlice[];
  readonly events: readonly TimelineEvent[];
  /** Jobs ready at the broker by the second, while a work queue tells it. */
  readonly depths: ReadonlyMap<number, number>;
  /** Grows with every change, so that a chart can tell whether to draw. */
  readonly version: number;
  append(seconds: readonly SecondSlice[], events: readonly TimelineEvent[], depth?: number): void;
  clear(): void;
}

export function createTimeline(): Timeline {
  let seconds: SecondSlice[] = [];
  let events: TimelineEvent[] = [];
  let depths = new Map<number, number>();
  let version = 0;
  return {
    get seconds() {
      return seconds;
    },
    get events() {
      return events;
    },
    get depths() {
      return depths;
    },
    get version() {
      return version;
    },
    append(moreSeconds, moreEvents, depth) {
      if (moreSeconds.length === 0 && moreEvents.length === 0) return;
      seconds = [...seconds, ...moreSeconds].slice(-keptSeconds);
      if (depth !== undefined) for (const { at } of moreSeconds) depths.set(at, depth);
      const oldest = (seconds.at(-1)?.at ?? 0) - keptSeconds * 1000;
      events = [...events, ...moreEvents].filter((event) => event.at > oldest);
      for (const at of depths.keys()) {
        if (at > oldest) break;
        depths.delete(at);
      }
      version += 1;
    },
    clear() {
      seconds = [];
      events = [];
      depths = new Map();
      version += 1;
    },
  };
}
