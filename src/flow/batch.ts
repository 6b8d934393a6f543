/**
 * Micro-batching: gathers deliveries that the engine will run together. A batch leaves when it is full, or when its first
 * has waited long enough; the wait is a stage of its own (`batched` - `dequeued`), because it is bought, not suffered.
 */
import { Observable, type OperatorFunction } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { Delivery } from '../core/delivery.ts';
import type { BatchSettings } from '../core/gateSettings.ts';
import { type WakeAt, wakeAt } from '../core/wakeAt.ts';

export interface BatchOptions {
  readonly clock: Clock;
  readonly wake?: WakeAt;
}

/**
 * Dynamic batching in Triton's words: `maxSize` is max_batch_size, `maxDelayMs` max_queue_delay. The gate before it
 * must let `maxSize` deliveries through for each run, or every batch waits its whole delay. Settings act at once.
 * Those that their source takes back while they wait leave their batch. What it holds ends as `shutdown` when nobody
 * listens any more or the stream errors; when the stream completes it leaves as the last batch.
 */
export function batch<P>(
  settings$: Observable<BatchSettings>,
  { clock, wake = wakeAt }: BatchOptions,
): OperatorFunction<Delivery<P>, readonly Delivery<P>[]> {
  return (source) =>
    new Observable((subscriber) => {
      let settings: BatchSettings = { maxSize: 1, maxDelayMs: 0 };
      let held: Delivery<P>[] = [];
      /** When the alarm that is set will ring. */
      let ringsAt = Infinity;
      let undoWake: (() => void) | undefined;

      function take(): Delivery<P>[] {
        const all = held;
        held = [];
        return all;
      }

      function flush(): void {
        const alive = take().filter((delivery) => delivery.outcome === undefined);
        const now = clock.now();
        for (const { stamps } of alive) stamps.batched = now;
        // More may have been held than is allowed since the settings changed.
        for (let at = 0; at < alive.length; at += settings.maxSize)
          subscriber.next(alive.slice(at, at + settings.maxSize));
      }

      /** Leaves what can leave, and wakes for the rest. */
      function look(now = clock.now()): void {
        const [first] = held;
        if (first === undefined) return;
        const due = first.stamps.dequeued + settings.maxDelayMs;
        if (held.length >= settings.maxSize || now >= due) return flush();
        // An alarm costs more than a batch: that of a batch which left full stays, and looks again when it rings too early.
        if (ringsAt <= due) return;
        undoWake?.();
        ringsAt = due;
        undoWake = wake(clock, due, () => {
          undoWake = undefined;
          ringsAt = Infinity;
          // It was wanted now; a clock that has not quite come so far must not hold it back again.
          look(Math.max(due, clock.now()));
        });
      }

      function shutDown(): void {
        undoWake?.();
        undoWake = undefined;
        ringsAt = Infinity;
        for (const delivery of take()) drop(delivery);
      }

      function drop(delivery: Delivery<P>): void {
        if (delivery.outcome === undefined) delivery.settle({ kind: 'dropped', cause: 'shutdown' }, clock.now());
      }

      // Before the source: its end may settle what is held in another way.
      subscriber.add(shutDown);
      subscriber.add(
        settings$.subscribe((next) => {
          settings = next;
          look();
        }),
      );
      subscriber.add(
        source.subscribe({
          next(delivery) {
            // What ends here gives its credit back, and the gate may let another one through before it is closed.
            if (subscriber.closed) return drop(delivery);
            // The way of nearly every frame: no timer, no stamp.
            if (settings.maxSize === 1) return subscriber.next([delivery]);
            held.push(delivery);
            look();
          },
          error(error: unknown) {
            shutDown();
            subscriber.error(error);
          },
          complete() {
            flush();
            subscriber.complete();
          },
        }),
      );
    });
}
