/**
 * The gate: admits, keeps or drops what a source offers, and lets a delivery through only on credit.
 * The limit is occupancy, never a guess from an announced rate: slots inside the engine, and deliveries still open.
 */
import { Observable, Subject } from 'rxjs';
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
 * Policies in the field's words: `latest` keep-latest or conflate, `dropOldest` drop-head, `dropNewest` tail drop,
 * `skip` exhaust, `block` demand. Emits dequeued deliveries in the order of arrival; whoever takes one settles it, which
 * gives its credit back. Completes when the source has ended and all is settled; what still waits ends as `shutdown`
 * when the source is lost (the error passes on) or nobody listens any more.
 *
 * `block` loses nothing of what a source sends within demand: lowering its capacity stops asking, it does not evict.
 * `demand` is how many more the gate can take at that moment; each value replaces the one before, each delivery uses one.
 */
export function gate(
  source: Source,
  settings$: Observable<GateSettings>,
  { clock, observer }: GateOptions,
): Observable<Delivery<Payload>> {
  return new Observable((subscriber) => {
    /** Sent by the source and not yet offered: filled while a turn runs, empty otherwise. */
    const incoming = createDeque<Delivery<Payload>>();
    /** Those that were ended by their source while they waited stay in it until they are passed over. */
    const queue = createDeque<Delivery<Payload>>();
    /** How many in the queue are alive: places are counted by these. */
    let waiting = 0;
    const demands = new Subject<number>();
    let asked = 0;
    let settings: GateSettings | undefined;
    let capacity = 0;
    let inEngine = 0;
    let open = 0;
    let ended = false;
    let closed = false;
    let turning = false;

    const watcher: DeliveryWatcher = {
      returned(delivery) {
        if (Number.isNaN(delivery.stamps.dequeued)) return;
        inEngine -= 1;
        turn();
      },
      settled(delivery, outcome) {
        const refused = Number.isNaN(delivery.stamps.enqueued);
        // Told here, as one step: the source has heard of the refusal before us, and may have ended others in answer.
        if (refused) observer.offered(delivery);
        observer.settled(delivery, outcome);
        if (refused) return;
        if (Number.isNaN(delivery.stamps.dequeued)) waiting -= 1;
        else open -= 1;
        turn();
      },
    };

    /** A source that connects late, or again, learns at once what is wanted. */
    const demand$ = new Observable<number>((asker) => {
      const subscription = demands.subscribe(asker);
      turn(() => asker.next(asked));
      return subscription;
    });

    const credit = () =>
      settings === undefined ? 0 : Math.max(0, Math.min(settings.maxInFlight - inEngine, settings.maxOpen - open));
    const drop = (delivery: Delivery<Payload>, cause: DropCause) =>
      delivery.settle({ kind: 'dropped', cause }, clock.now());

    /**
     * Everything that happens comes here: an arrival, a settlement, new settings. What happens in consequence, inside
     * one of our own calls, waits for the running turn, so order holds and no chain of events can exhaust the stack.
     */
    function turn(first?: () => void): void {
      if (turning || closed) {
        first?.();
        return;
      }
      turning = true;
      try {
        first?.();
        for (;;) {
          serve();
          if (trim()) continue;
          const next = incoming.shift();
          if (next !== undefined) decide(next);
          else if (!ask()) break;
        }
      } finally {
        turning = false;
      }
      if (ended && !closed && waiting === 0 && open === 0) subscriber.complete();
    }

    /** Lets through what credit allows. */
    function serve(): void {
      while (!closed && credit() > 0) {
        const delivery = queue.shift();
        if (delivery === undefined) return;
        // A source may end what still waits, when its connection is gone.
        if (delivery.outcome !== undefined) continue;
        const now = clock.now();
        if (now - delivery.stamps.scheduled > (settings?.maxAgeMs ?? Infinity)) {
          drop(delivery, 'expired');
          continue;
        }
        delivery.stamps.dequeued = now;
        waiting -= 1;
        inEngine += 1;
        open += 1;
        observer.dequeued(delivery);
        subscriber.next(delivery);
      }
    }

    /**
     * After the limits were lowered the queue may stand above them. One at a time, because each ending may bring new
     * limits or free credit.
     */
    const trim = () => settings?.policy !== 'block' && waiting > capacity && evict();

    /** False: there is nobody. */
    function evict(): boolean {
      const oldest = queue.shift();
      if (oldest === undefined) return false;
      if (oldest.outcome === undefined) drop(oldest, settings?.policy === 'latest' ? 'superseded' : 'oldest');
      return true;
    }

    function decide(delivery: Delivery<Payload>): void {
      const evicts = capacity > 0 && (settings?.policy === 'latest' || settings?.policy === 'dropOldest');
      // Free credit means an empty queue here: the delivery passes straight through in the next round of the turn.
      const full = credit() === 0 && waiting >= capacity;
      // Before it is offered, so that for the observer the offer and its answer are one step and every sum holds.
      while (full && evicts && waiting >= capacity && evict());
      // Ended by its source before its turn came: it never stood at the gate, and would never be told as settled.
      if (delivery.outcome !== undefined) return;
      delivery.watch(watcher);
      if (closed || (full && !evicts)) return drop(delivery, 'newest');
      observer.offered(delivery);
      delivery.stamps.enqueued = clock.now();
      waiting += 1;
      observer.admitted(delivery);
      queue.push(delivery);
      if (queue.size > 2 * waiting + 16) sweep();
    }

    /** Without credit the dead would pile up with their payloads; swept when most are dead, each costs one step. */
    function sweep(): void {
      for (let left = queue.size; left > 0; left--) {
        const delivery = queue.shift();
        if (delivery !== undefined && delivery.outcome === undefined) queue.push(delivery);
      }
    }

    /** Tells the source what the gate can take, if that is not what it knows: free places and one for each credit. */
    function ask(): boolean {
      if (closed || ended || settings === undefined) return false;
      const wanted = settings.policy === 'block' ? Math.max(0, capacity + credit() - waiting) : Infinity;
      if (wanted === asked) return false;
      asked = wanted;
      demands.next(wanted);
      return true;
    }

    function close(): void {
      if (closed) return;
      closed = true;
      for (let left = queue.shift(); left !== undefined; left = queue.shift())
        if (left.outcome === undefined) drop(left, 'shutdown');
      for (let late = incoming.shift(); late !== undefined; late = incoming.shift()) decide(late);
    }

    function fail(error: unknown): void {
      close();
      subscriber.error(error);
    }

    // Before the source, which may still need its connection to take back what waits; and before the first emission,
    // after which a subscriber may be gone at once.
    subscriber.add(close);
    subscriber.add(
      settings$.subscribe({
        next(next) {
          settings = next;
          capacity = next.policy === 'latest' ? 1 : next.policy === 'skip' ? 0 : next.capacity;
          turn();
        },
        error: fail,
      }),
    );
    subscriber.add(
      source.open(demand$).subscribe({
        next(delivery) {
          asked = Math.max(0, asked - 1);
          if (closed) return decide(delivery);
          incoming.push(delivery);
          turn();
        },
        error: fail,
        complete() {
          ended = true;
          turn();
        },
      }),
    );
  });
}
