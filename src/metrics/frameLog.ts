/**
 * The last frames with all their stamps, for the trace: a ring of typed arrays, so that a frame costs no allocation.
 * It holds what the numbers are made of, when somebody wants to see why one of them is as it is.
 */
import type { Delivery, Stamps } from '../core/delivery.ts';
import { type DropCause, dropCauses, type Outcome } from '../core/outcome.ts';

const stampNames = [
  'scheduled',
  'arrived',
  'enqueued',
  'dequeued',
  'batched',
  'began',
  'prepared',
  'started',
  'ran',
  'returned',
  'ordered',
  'decoded',
  'settled',
] as const satisfies readonly (keyof Stamps)[];

export type LoggedStamps = Readonly<Record<(typeof stampNames)[number], number>>;
export type Ending = 'completed' | 'failed' | 'released' | DropCause;
const endings: readonly Ending[] = ['completed', 'failed', 'released', ...dropCauses];

export interface LoggedFrame {
  readonly source: string;
  /** The source's own number. */
  readonly id: number;
  readonly ending: Ending;
  /** ms on the common clock; NaN where the frame never came. */
  readonly stamps: LoggedStamps;
}

export interface FrameLog {
  settled(delivery: Delivery, outcome: Outcome): void;
  /** Those that ended at `from` or later, in the order in which they ended. */
  since(from: number): LoggedFrame[];
}

export function createFrameLog(capacity = 8192): FrameLog {
  const width = stampNames.length + 1;
  const numbers = new Float64Array(capacity * width);
  const ends = new Uint8Array(capacity);
  const names = new Uint16Array(capacity);
  const sources: string[] = [];
  let written = 0;

  function nameOf(source: string): number {
    const known = sources.indexOf(source);
    return known >= 0 ? known : sources.push(source) - 1;
  }

  return {
    settled({ id, source, stamps }, outcome) {
      const row = written++ % capacity;
      numbers[row * width] = id;
      for (let i = 0; i < stampNames.length; i++)
        numbers[row * width + 1 + i] = stamps[stampNames[i] as (typeof stampNames)[number]];
      ends[row] = endings.indexOf(outcome.kind === 'dropped' ? outcome.cause : outcome.kind);
      names[row] = nameOf(source);
    },
    since(from) {
      const frames: LoggedFrame[] = [];
      for (let i = Math.max(0, written - capacity); i < written; i++) {
        const row = i % capacity;
        const at = row * width;
        const stamps = Object.fromEntries(
          stampNames.map((name, column) => [name, numbers[at + 1 + column] ?? NaN]),
        ) as LoggedStamps;
        if (stamps.settled < from) continue;
        frames.push({
          source: sources[names[row] ?? 0] ?? '',
          id: numbers[at] ?? 0,
          ending: endings[ends[row] ?? 0] ?? 'completed',
          stamps,
        });
      }
      return frames;
    },
  };
}
