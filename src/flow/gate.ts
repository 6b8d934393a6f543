/**
 * The gate: admits, keeps or drops what a source offers, and lets a delivery through only on credit.
 * The limit is occupancy, never a guess from an announced rate: slots inside the engine, and deliveries still open.
 */
import { BehaviorSubject, Observable } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { Delivery, DeliveryWatcher, FlowObserver } from '../core/delivery.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import type { DropCause } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import type { Source } from '../core/source.ts';
import { createDeque } from './deque.ts';

export interface GateOptions {
  readonly clock: Clock;
  readonly observer: FlowObserver;
}

/**
 * Policies in the field's words: `latest` keep-latest/conflate, `dropOldest` drop-head, `dropNewest` tail drop, `skip`
 * exhaust, `block` demand. Emits dequeued deliveries; whoever takes one settles it. Completes when the source has ended
 * and the queue is served; a lost source ends what still waits with `shutdown` and errors.
 */
export function gate(
  source: Source,
  settings$: Observable<GateSettings>,
  { clock, observer }: GateOptions,
): Observable<Delivery<Payload>> {
  return new Observable((subscriber) => {
    const queue = createDeque<Delivery<Payload>>();
    const demand = new BehaviorSubject(0);
    let settings: GateSettings | undefined;
    let capacity = 0;
    let inEngine = 0;
    let open = 0;
    let ended = false;
    let closed = false;
    let pumping = false;

    const watcher: DeliveryWatcher = {
      settled: (delivery, outcome) => observer.settled(delivery, outcome),
    };
    /** For those that were dequeued: their credit comes back here. */
    const creditWatcher: DeliveryWatcher = {
      returned: () => {
        inEngine -= 1;
        pump();
      },
      settled: () => {
        open -= 1;
        pump();
      },
    };

    const hasCredit = () => settings !== undefined && inEngine < settings.maxInFlight && open < settings.maxOpen;
    const drop = (delivery: Delivery<Payload>, cause: DropCause) =>
      delivery.settle({ kind: 'dropped', cause }, clock.now());

    function offer(delivery: Delivery<Payload>): void {
      delivery.watch(watcher);
      observer.offered(delivery);
      if (settings === undefined) return refuse(delivery);
      const straight = queue.size === 0 && hasCredit();
      if (!straight && queue.size >= capacity) {
        if (settings.policy !== 'latest' && settings.policy !== 'dropOldest') return refuse(delivery);
        evictTo(capacity - 1);
      }
      delivery.stamps.enqueued = clock.now();
      observer.admitted(delivery);
      queue.push(delivery);
      pump();
    }

    function refuse(delivery: Delivery<Payload>): void {
      drop(delivery, 'newest');
    }

    function evictTo(size: number): void {
      while (queue.size > size) {
        const oldest = queue.shift();
        if (oldest === undefined) return;
        drop(oldest, settings?.policy === 'latest' ? 'superseded' : 'oldest');
      }
    }

    /** Lets through what credit allows. Settlements downstream come back here, so the loop runs once at a time. */
    function pump(): void {
      if (pumping || closed) return;
      pumping = true;
      while (hasCredit() && queue.size > 0 && !closed) {
        const delivery = queue.shift() as Delivery<Payload>;
        const now = clock.now();
        if (now - delivery.stamps.scheduled > (settings?.maxAgeMs ?? Infinity)) {
          drop(delivery, 'expired');
          continue;
        }
        delivery.stamps.dequeued = now;
        inEngine += 1;
        open += 1;
        delivery.watch(creditWatcher);
        observer.dequeued(delivery);
        subscriber.next(delivery);
      }
      pumping = false;
      // After a change of settings, or when a delivery came in while the loop ran, the queue may stand above its limit.
      evictTo(capacity);
      ask();
      if (ended && queue.size === 0 && open === 0 && !closed) subscriber.complete();
    }

    /** What the gate can take now: free places in the queue, and one for each free slot. Lossy policies take all. */
    function ask(): void {
      if (closed || settings === undefined) return;
      const free = Math.min(settings.maxInFlight - inEngine, settings.maxOpen - open);
      const wanted = settings.policy === 'block' ? Math.max(0, capacity + Math.max(0, free) - queue.size) : Infinity;
      if (wanted !== demand.value || (wanted > 0 && settings.policy === 'block')) demand.next(wanted);
    }

    const settingsSubscription = settings$.subscribe((next) => {
      settings = next;
      capacity = next.policy === 'latest' ? 1 : next.policy === 'skip' ? 0 : next.capacity;
      pump();
    });
    const sourceSubscription = source.open(demand).subscribe({
      next: offer,
      error: (error: unknown) => {
        close();
        subscriber.error(error);
      },
      complete: () => {
        ended = true;
        pump();
      },
    });

    function close(): void {
      if (closed) return;
      closed = true;
      for (let delivery = queue.shift(); delivery !== undefined; delivery = queue.shift()) drop(delivery, 'shutdown');
    }

    return () => {
      close();
      settingsSubscription.unsubscribe();
      sourceSubscription.unsubscribe();
    };
  });
}
