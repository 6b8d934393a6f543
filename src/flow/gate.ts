/**
 * The gate of one source: admits, keeps or drops what it offers, and lets a delivery through only on credit.
 * The limit is occupancy, never a guess from an announced rate: slots inside the engine, and deliveries still open.
 */
import { Observable, Subject } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { Delivery, DeliveryWatcher, FlowObserver } from '../core/delivery.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import type { DropCause } from '../core/outcome.ts';
import type { Payload } from '../core/payload.ts';
import type { Source } from '../core/source.ts';
import { type WakeAt, wakeAt } from '../core/wakeAt.ts';
import { type Codel, createCodel } from './codel.ts';
import type { Credit, Lane } from './credit.ts';
import { createDeque } from './deque.ts';
import { createRateLimit, type RateLimit } from './rateLimit.ts';

export interface GateOptions {
  readonly clock: Clock;
  readonly observer: FlowObserver;
  /** Of the engine behind; the gates of other sources draw on it too. */
  readonly credit: Credit;
  readonly wake?: WakeAt;
}

/**
 * Policies in the field's words: `latest` keep-latest or conflate, `dropOldest` drop-head, `dropNewest` tail drop,
 * `skip` exhaust, `block` demand. Emits dequeued deliveries in the order of arrival; whoever takes one settles it, which
 * gives its credit back. Completes when the source has ended and all is settled; what still waits ends as `shutdown`
 * when the source is lost (the error passes on) or nobody listens any more.
 *
 * A place in the queue is one item, and bytes count beside: what alone is larger than `capacityBytes` never waits. What
 * comes faster than `rateLimit` is refused too, or not asked for under `block`. At the head of the queue what is older
 * than `maxAgeMs` or its own deadline is `expired`, and CoDel sheds.
 *
 * `block` loses nothing of what a source sends within demand: lowering its capacity stops asking, it does not evict, and
 * the one delivery that brings its bytes above the limit is kept. `demand` is how many more the gate can take at that
 * moment; each value replaces the one before, each delivery uses one.
 */
export function gate(
  source: Source,
  settings$: Observable<GateSettings>,
  { clock, observer, credit, wake = wakeAt }: GateOptions,
): Observable<Delivery<Payload>> {
  return new Observable((subscriber) => {
    /** Sent by the source and not yet offered: filled while a turn runs, empty otherwise. */
    const incoming = createDeque<Delivery<Payload>>();
    /** Those that were ended by their source while they waited stay in it until they are passed over. */
    const queue = createDeque<Delivery<Payload>>();
    /** How many in the queue are alive, and their bytes: places are counted by these. */
    let waiting = 0;
    let waitingBytes = 0;
    const demands = new Subject<number>();
    let asked = 0;
    let settings: GateSettings | undefined;
    let capacity = 0;
    let rateLimit: RateLimit | undefined;
    let codel: Codel | undefined;
    let open = 0;
    let ended = false;
    let closed = false;
    let undoWake: (() => void) | undefined;

    const watcher: DeliveryWatcher = {
      returned(delivery) {
        if (Number.isNaN(delivery.stamps.dequeued)) return;
        credit.returned(delivery);
        turn();
      },
      settled(delivery, outcome) {
        const refused = Number.isNaN(delivery.stamps.enqueued);
        // Told here, as one step: the source has heard of the refusal before us, and may have ended others in answer.
        if (refused) observer.offered(delivery);
        observer.settled(delivery, outcome);
        if (refused) return;
        if (Number.isNaN(delivery.stamps.dequeued)) left(delivery);
        else {
          open -= 1;
          credit.settled();
        }
        turn();
      },
    };

    /** A source that connects late, or again, learns at once what is wanted. */
    const demand$ = new Observable<number>((asker) => {
      const subscription = demands.subscribe(asker);
      turn(() => asker.next(asked));
      return subscription;
    });

    const lane: Lane = {
      weight: () => settings?.weight ?? 1,
      // Not `waiting`: one that is ending in this very call is still counted there.
      ready: () => queue.size > 0 && !closed,
      pass,
      /** One at a time, because each ending may bring new limits or free credit. */
      step() {
        if (closed) return false;
        if (trim()) return true;
        const next = incoming.shift();
        if (next === undefined) return ask();
        decide(next);
        return true;
      },
      rested() {
        if (ended && !closed && waiting === 0 && open === 0) subscriber.complete();
      },
    };

    function turn(first?: () => void): void {
      if (closed) first?.();
      // Of a gate that is closed: its credit may be what another one waits for.
      ticket.turn(closed ? undefined : first);
    }

    const drop = (delivery: Delivery<Payload>, cause: DropCause) =>
      delivery.settle({ kind: 'dropped', cause }, clock.now());

    function left({ bytes }: Pick<Delivery, 'bytes'>): void {
      waiting -= 1;
      waitingBytes -= bytes;
    }

    /** The oldest that waits goes through, or ends here; true: it went. */
    function pass(): boolean {
      const delivery = queue.shift();
      // A source may end what still waits, when its connection is gone.
      if (delivery === undefined || delivery.outcome !== undefined) return false;
      const now = clock.now();
      const { scheduled, enqueued } = delivery.stamps;
      if (now - scheduled > Math.min(settings?.maxAgeMs ?? Infinity, delivery.deadlineMs ?? Infinity)) {
        drop(delivery, 'expired');
        return false;
      }
      if (codel?.sheds(now - enqueued, now, waiting > 1) === true) {
        drop(delivery, 'shed');
        return false;
      }
      delivery.stamps.dequeued = now;
      left(delivery);
      open += 1;
      credit.took(delivery);
      observer.dequeued(delivery);
      subscriber.next(delivery);
      return true;
    }

    /** After the limits were lowered the queue may stand above them. */
    const trim = () =>
      settings !== undefined &&
      settings.policy !== 'block' &&
      (waiting > capacity || waitingBytes > settings.capacityBytes) &&
      evict();

    /** False: there is nobody. */
    function evict(): boolean {
      const oldest = queue.shift();
      if (oldest === undefined) return false;
      if (oldest.outcome === undefined) drop(oldest, settings?.policy === 'latest' ? 'superseded' : 'oldest');
      return true;
    }

    const isFull = (bytes: number, capacityBytes: number) =>
      waiting >= capacity || waitingBytes + bytes > capacityBytes;

    function decide(delivery: Delivery<Payload>): void {
      const { policy, capacityBytes } = settings ?? { policy: 'skip', capacityBytes: 0 };
      const blocks = policy === 'block';
      const evicts = capacity > 0 && (policy === 'latest' || policy === 'dropOldest');
      const now = clock.now();
      const tooFast = !blocks && (rateLimit?.allowance(now) ?? 1) < 1;
      // Free credit means an empty queue here: the delivery passes straight through in the next round of the turn.
      const noCredit = credit.free() === 0;
      const { bytes } = delivery;
      const hopeless = tooFast || (!blocks && noCredit && bytes > capacityBytes);
      // Before it is offered, so that for the observer the offer and its answer are one step and every sum holds.
      if (evicts && noCredit && !hopeless) while (isFull(bytes, capacityBytes) && evict());
      // Ended by its source before its turn came: it never stood at the gate, and would never be told as settled.
      if (delivery.outcome !== undefined) return;
      delivery.watch(watcher);
      // A source that waits for demand was asked when there was room; one that sends unasked is refused like any other.
      const refused = hopeless || (noCredit && (blocks ? waiting >= capacity : isFull(bytes, capacityBytes)));
      if (closed || refused) return drop(delivery, 'newest');
      rateLimit?.take(now);
      observer.offered(delivery);
      delivery.stamps.enqueued = clock.now();
      waiting += 1;
      waitingBytes += delivery.bytes;
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

    /** Tells the source what the gate can take, if that is not what it knows. */
    function ask(): boolean {
      if (closed || ended || settings === undefined) return false;
      const wanted = settings.policy === 'block' ? room(settings.capacityBytes) : Infinity;
      if (wanted === asked) return false;
      asked = wanted;
      demands.next(wanted);
      return true;
    }

    /** Free places and, where no other source may take it first, one for each credit; as fast as the rate limit allows. */
    function room(capacityBytes: number): number {
      const places = Math.max(0, capacity + (credit.lanes === 1 ? credit.free() : 0) - waiting);
      // What it will weigh nobody knows, so bytes are asked for one by one.
      const byBytes = capacityBytes === Infinity ? Infinity : waitingBytes < capacityBytes ? 1 : 0;
      const allowed = rateLimit?.allowance(clock.now()) ?? Infinity;
      if (allowed < 1 && places > 0 && rateLimit !== undefined) undoWake ??= wake(clock, rateLimit.nextAt(), woke);
      return Math.min(places, byBytes, allowed);
    }

    function woke(): void {
      undoWake = undefined;
      turn();
    }

    function close(): void {
      if (closed) return;
      closed = true;
      undoWake?.();
      for (let left = queue.shift(); left !== undefined; left = queue.shift())
        if (left.outcome === undefined) left.settle(left.unserved, clock.now());
      for (let late = incoming.shift(); late !== undefined; late = incoming.shift()) decide(late);
      ticket.leave();
    }

    function fail(error: unknown): void {
      close();
      subscriber.error(error);
    }

    function obey(next: GateSettings): void {
      const last = settings;
      settings = next;
      capacity = next.policy === 'latest' ? 1 : next.policy === 'skip' ? 0 : next.capacity;
      if (next.rateLimit !== last?.rateLimit) {
        rateLimit = next.rateLimit === Infinity ? undefined : createRateLimit(next.rateLimit);
        undoWake?.();
        undoWake = undefined;
      }
      if (next.codel?.targetMs !== last?.codel?.targetMs || next.codel?.intervalMs !== last?.codel?.intervalMs)
        codel = next.codel === undefined ? undefined : createCodel(next.codel);
    }

    const ticket = credit.join(lane);
    // Before the source, which may still need its connection to take back what waits; and before the first emission,
    // after which a subscriber may be gone at once.
    subscriber.add(close);
    subscriber.add(settings$.subscribe({ next: (next) => turn(() => obey(next)), error: fail }));
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
