/** The sum of a work queue: each delivery by the broker is received once and ends once; held by `workSource.ts`. */
import type { WorkCounts } from '../core/work.ts';

export type Ending = 'acknowledged' | 'retried' | 'deadLettered' | 'released';

export interface WorkLedger {
  received(again: boolean): void;
  ended(as: Ending): void;
  duplicate(): void;
  published(): void;
  dead(reason: string): void;
  counts(): WorkCounts;
}

/** More kinds of reasons than this are one kind. */
const maxReasons = 32;

export function createWorkLedger(): WorkLedger {
  const ends: Record<Ending, number> = { acknowledged: 0, retried: 0, deadLettered: 0, released: 0 };
  const deadLetters: Record<string, number> = {};
  let received = 0;
  let redelivered = 0;
  let duplicates = 0;
  let published = 0;
  return {
    received(again) {
      received += 1;
      if (again) redelivered += 1;
    },
    ended(as) {
      ends[as] += 1;
    },
    duplicate() {
      duplicates += 1;
    },
    published() {
      published += 1;
    },
    dead(reason) {
      const isKnown = reason in deadLetters || Object.keys(deadLetters).length < maxReasons;
      const key = isKnown ? reason : 'other';
      deadLetters[key] = (deadLetters[key] ?? 0) + 1;
    },
    counts() {
      const { acknowledged, retried, deadLettered, released } = ends;
      const unacked = received - acknowledged - retried - deadLettered - released;
      return { received, ...ends, unacked, redelivered, duplicates, published, deadLetters: { ...deadLetters } };
    },
  };
}
