/**
 * Serves several at once and releases them as they are ready, or in the order in which they came.
 * RxJS has both as `mergeMap` and `concatMap`, but neither finishes what is under way when nobody listens any more.
 */
import { Observable, type OperatorFunction } from 'rxjs';
import type { Settings } from '../core/settings.ts';

export type Order = Settings['flow']['order'];

interface Entry<T, S> {
  readonly item: T;
  served: { readonly value: S } | undefined;
}

/**
 * @param serve never rejects
 * @param release called exactly once for each item, also when nobody listens any more; its value is emitted. `waited`:
 *   it was ready before its turn came.
 *
 * Under `arrival` what is ready waits in a reorder buffer for what came before it (TensorRT's and Triton's
 * preserve_ordering). The buffer is bounded by what the gate lets be open at once, as nothing in it is settled. A change
 * to `completion` releases at once what is ready.
 */
export function inOrder<T, S, R>(
  serve: (item: T) => Promise<S>,
  release: (served: S, item: T, waited: boolean) => R,
  order$: Observable<Order>,
): OperatorFunction<T, R> {
  return (source) =>
    new Observable((subscriber) => {
      const entries: Entry<T, S>[] = [];
      let order: Order = 'completion';
      let ended = false;

      function end(entry: Entry<T, S>, waited: boolean): void {
        const index = entries.indexOf(entry);
        if (index >= 0) entries.splice(index, 1);
        if (entry.served === undefined) return;
        const value = release(entry.served.value, entry.item, waited);
        subscriber.next(value);
      }

      /** Those at the head that are ready; under `completion` all that are. */
      function drain(just?: Entry<T, S>): void {
        if (order === 'completion' || subscriber.closed) {
          if (just !== undefined) end(just, false);
          else for (const entry of [...entries]) if (entry.served !== undefined) end(entry, true);
        } else for (let head = entries[0]; head?.served !== undefined; head = entries[0]) end(head, head !== just);
        if (ended && entries.length === 0) subscriber.complete();
      }

      // Nobody waits for an order any more: what is ready ends now, what is not as soon as it is.
      subscriber.add(() => {
        for (const entry of [...entries]) if (entry.served !== undefined) end(entry, true);
      });
      subscriber.add(
        order$.subscribe((next) => {
          order = next;
          drain();
        }),
      );
      subscriber.add(
        source.subscribe({
          next(item) {
            const entry: Entry<T, S> = { item, served: undefined };
            entries.push(entry);
            void serve(item).then((value) => {
              entry.served = { value };
              drain(entry);
            });
          },
          error: (error: unknown) => subscriber.error(error),
          complete() {
            ended = true;
            drain();
          },
        }),
      );
    });
}
