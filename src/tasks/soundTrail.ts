/** The last windows of sound, so that one result can be seen among those before it. Of fixed size. */
import type { TaskResult } from '../core/result.ts';

export type SoundResult = Extract<TaskResult, { kind: 'sound' }>;

export interface SoundTrail {
  add(result: SoundResult): void;
  clear(): void;
  /** Oldest first. */
  all(): readonly SoundResult[];
}

/** At 32 ms a window, about ten seconds. */
const kept = 320;

export function createSoundTrail(): SoundTrail {
  let results: SoundResult[] = [];
  return {
    add(result) {
      results.push(result);
      // Cut in steps: shifting at every window would move the whole list each time.
      if (results.length >= kept * 2) results = results.slice(-kept);
    },
    clear() {
      results = [];
    },
    all: () => results.slice(-kept),
  };
}
