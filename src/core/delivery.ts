/** One unit of work on its way through Weir, and its exactly-once settlement. */
import type { WeirErrorData } from './errors.ts';
import type { Outcome } from './outcome.ts';
import type { MadeResult } from './result.ts';

/** Times in ms on the common clock; NaN until the moment has come. DESIGN.md section 3 defines each. */
export interface Stamps {
  scheduled: number;
  arrived: number;
  enqueued: number;
  dequeued: number;
  /** Handed to the engine; later than dequeued only where it waited for its batch. */
  batched: number;
  began: number;
  prepared: number;
  /** The run began; later than prepared only where it was made ready while another one ran. */
  started: number;
  ran: number;
  returned: number;
  /** Its turn to be decoded has come; later than returned only where it waited for earlier frames. */
  ordered: number;
  decoded: number;
  presented: number;
  settled: number;
}

export interface DeliveryWatcher {
  /** The outputs are back: the engine slot is free, the delivery still open. Also called on settlement if it was not before. */
  returned?(delivery: Delivery): void;
  settled?(delivery: Delivery, outcome: Outcome): void;
}

export interface DeliveryInit<P> {
  readonly id: number;
  readonly source: string;
  readonly payload: P;
  readonly bytes: number;
  readonly scheduled: number;
  readonly arrived: number;
  readonly attempt?: number;
  /** Its own deadline, ms after `scheduled`: later it is of no use and expires in the queue. */
  readonly deadlineMs?: number;
  /** What settling means to the source: close a frame, give a credit, ack a job. */
  readonly onSettle?: (outcome: Outcome) => void;
  /** Keeps the result where it was asked for, before the delivery may be settled with the outcome of that. Never rejects. */
  readonly store?: (made: MadeResult) => Promise<Outcome>;
  /** What it ends with when it still waits and nobody will serve it; `shutdown` unless told. */
  readonly unserved?: Outcome;
}

const shutdown: Outcome = { kind: 'dropped', cause: 'shutdown' };
const none: readonly DeliveryWatcher[] = [];

export class Delivery<P = unknown> {
  readonly id: number;
  readonly source: string;
  readonly payload: P;
  readonly bytes: number;
  readonly attempt: number;
  readonly deadlineMs: number | undefined;
  readonly stamps: Stamps;
  readonly store: ((made: MadeResult) => Promise<Outcome>) | undefined;
  readonly unserved: Outcome;
  outcome: Outcome | undefined;
  #returned = false;
  #watchers: readonly DeliveryWatcher[] = none;
  readonly #onSettle: ((outcome: Outcome) => void) | undefined;

  constructor(init: DeliveryInit<P>) {
    this.id = init.id;
    this.source = init.source;
    this.payload = init.payload;
    this.bytes = init.bytes;
    this.attempt = init.attempt ?? 1;
    this.deadlineMs = init.deadlineMs;
    this.#onSettle = init.onSettle;
    this.store = init.store;
    this.unserved = init.unserved ?? shutdown;
    this.stamps = {
      scheduled: init.scheduled,
      arrived: init.arrived,
      enqueued: NaN,
      dequeued: NaN,
      batched: NaN,
      began: NaN,
      prepared: NaN,
      started: NaN,
      ran: NaN,
      returned: NaN,
      ordered: NaN,
      decoded: NaN,
      presented: NaN,
      settled: NaN,
    };
  }

  watch(watcher: DeliveryWatcher): void {
    // Of the right length: a list that grows by push has room for seventeen, in each delivery.
    this.#watchers = this.#watchers === none ? [watcher] : [...this.#watchers, watcher];
  }

  /** Frees the engine slot: outputs (or the error) are back in the pipeline worker. Idempotent. */
  markReturned(now: number): void {
    if (this.#returned) return;
    this.#returned = true;
    if (Number.isNaN(this.stamps.returned)) this.stamps.returned = now;
    for (const watcher of this.#watchers) watcher.returned?.(this);
  }

  /** Ends the delivery. A second call is a defect of the caller and throws. */
  settle(outcome: Outcome, now: number): void {
    if (this.outcome !== undefined)
      throw new Error(`Delivery ${this.id} settled twice: ${this.outcome.kind}, ${outcome.kind}`);
    this.outcome = outcome;
    this.stamps.settled = now;
    // A delivery that never got to the engine has no `returned` stamp, but its slot must come free all the same.
    if (!this.#returned) {
      this.#returned = true;
      for (const watcher of this.#watchers) watcher.returned?.(this);
    }
    try {
      this.#onSettle?.(outcome);
    } finally {
      // A source that throws must not take the gate's credit with it.
      for (const watcher of this.#watchers) watcher.settled?.(this, outcome);
    }
  }
}

/** What the gate tells about each delivery; `metrics/` listens. `offered` is always followed by `admitted` or a settlement with `newest`. */
export interface FlowObserver {
  offered(delivery: Delivery): void;
  admitted(delivery: Delivery): void;
  dequeued(delivery: Delivery): void;
  settled(delivery: Delivery, outcome: Outcome): void;
  /** Frames that were lost before they reached the gate. */
  missed(source: string, count: number): void;
}

/** What a source says of itself; shown beside it. */
export type SourceState =
  | { readonly status: 'idle' }
  | { readonly status: 'opening' }
  | {
      readonly status: 'open';
      readonly facts: string;
      /** Of a recording, s: where it is, and how long it is where that is known. */
      readonly positionS?: number;
      readonly durationS?: number;
    }
  | { readonly status: 'retrying'; readonly retryAt: number; readonly error: WeirErrorData }
  | { readonly status: 'ended' }
  | { readonly status: 'failed'; readonly error: WeirErrorData };
