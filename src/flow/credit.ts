/**
 * The credit of one engine, shared by the gates of all sources before it: slots inside the engine, deliveries still open,
 * and whose turn it is. Everything that happens at any of the gates happens within one turn, so that order holds.
 */
import type { Observable, Subscription } from 'rxjs';
import type { Clock } from '../core/clock.ts';
import type { Delivery } from '../core/delivery.ts';
import type { CreditSettings } from '../core/gateSettings.ts';
import { type WakeAt, wakeAt } from '../core/wakeAt.ts';
import { createJustInTime } from './justInTime.ts';
import { createLimiter, type Limiter } from './limiter.ts';

/** What a gate is to its credit. */
export interface Lane {
  weight(): number;
  /** Something waits. */
  ready(): boolean;
  /** Looks at the oldest that waits; true when it was let through. */
  pass(): boolean;
  /** One thing to do after those that could pass have passed; false: nothing is left. */
  step(): boolean;
  /** All gates have come to rest. */
  rested(): void;
}

export interface Credit {
  /** How many more may be let through now. */
  free(): number;
  /** Slots in force: what the limiter says. */
  limit(): number;
  /** Gates that share it. */
  readonly lanes: number;
  join(lane: Lane): Ticket;
  /** Its gate has let it through; comes back by `returned` and `settled`. */
  took(delivery: Delivery): void;
  returned(delivery: Delivery): void;
  settled(): void;
}

export interface Ticket {
  /** Runs `first` and then everything that follows from it, at all gates; within a running turn only `first`. */
  turn(first?: () => void): void;
  leave(): void;
}

interface Seat {
  readonly lane: Lane;
  /** Virtual time: grows by 1 / weight with each that passes; the least is next (start-time fair queueing). */
  pass: number;
  idle: boolean;
}

export interface CreditOptions {
  readonly clock: Clock;
  readonly wake?: WakeAt;
}

/** Obeys `settings$` while at least one gate has joined. */
export function createCredit(settings$: Observable<CreditSettings>, { clock, wake = wakeAt }: CreditOptions): Credit {
  const seats: Seat[] = [];
  const justInTime = createJustInTime();
  let settings: CreditSettings | undefined;
  let limiter: Limiter | undefined;
  let subscription: Subscription | undefined;
  let inEngine = 0;
  let open = 0;
  let virtual = 0;
  let turning = false;
  let undoWake: (() => void) | undefined;
  let wakesAt = NaN;

  const slots = () => Math.max(0, (limiter?.limit ?? 0) - inEngine);

  function free(): number {
    if (settings === undefined) return 0;
    const room = Math.min(slots(), Math.max(0, settings.maxOpen - open));
    if (room === 0 || !settings.justInTime) return room;
    const idle = Math.max(0, settings.servers - inEngine);
    if (idle > 0) return Math.min(room, idle);
    return clock.now() >= justInTime.dueAt(inEngine) ? 1 : 0;
  }

  /** The gate that has had least of its share; one that had nothing to send cannot save up for later. */
  function next(): Seat | undefined {
    let best: Seat | undefined;
    for (const seat of seats) {
      if (!seat.lane.ready()) {
        seat.idle = true;
        continue;
      }
      if (seat.idle) {
        seat.idle = false;
        seat.pass = Math.max(seat.pass, virtual);
      }
      if (best === undefined || seat.pass < best.pass) best = seat;
    }
    return best;
  }

  function pump(): void {
    while (free() > 0) {
      const seat = next();
      if (seat === undefined) return;
      if (!seat.lane.pass()) continue;
      virtual = seat.pass;
      seat.pass += 1 / seat.lane.weight();
    }
  }

  function turn(first?: () => void): void {
    if (turning) {
      first?.();
      return;
    }
    turning = true;
    try {
      first?.();
      do pump();
      while (stepped());
    } finally {
      turning = false;
    }
    arm();
    // A gate that completes leaves, and may bring others to leave.
    for (let i = seats.length - 1; i >= 0; i--) seats[i]?.lane.rested();
  }

  function stepped(): boolean {
    for (const { lane } of seats) if (lane.step()) return true;
    return false;
  }

  /** Wakes for the slot that opens by time alone; all others open by something that comes back. */
  function arm(): void {
    // The way of nearly every turn: there is no such slot, and no alarm either.
    if (settings?.justInTime !== true && undoWake === undefined) return;
    const wanted =
      settings?.justInTime === true &&
      inEngine >= settings.servers &&
      slots() > 0 &&
      settings.maxOpen > open &&
      seats.some(({ lane }) => lane.ready())
        ? justInTime.dueAt(inEngine)
        : Infinity;
    if (wanted === wakesAt) return;
    undoWake?.();
    undoWake = undefined;
    wakesAt = wanted;
    if (!Number.isFinite(wanted)) return;
    undoWake = wake(clock, wanted, () => {
      wakesAt = NaN;
      undoWake = undefined;
      justInTime.woke(wanted, clock.now());
      turn();
    });
  }

  function obey(value: CreditSettings): void {
    const { limiter: now, maxInFlight } = value;
    const { limiter: last, maxInFlight: lastFixed } = settings ?? {};
    // What it has learned is kept when something else changes.
    if (
      now.kind !== last?.kind ||
      now.min !== last.min ||
      now.max !== last.max ||
      now.targetMs !== last.targetMs ||
      (now.kind === 'fixed' && maxInFlight !== lastFixed)
    )
      limiter = createLimiter(now, maxInFlight);
    settings = value;
  }

  return {
    free,
    limit: () => limiter?.limit ?? 0,
    get lanes() {
      return seats.length;
    },
    join(lane) {
      const seat: Seat = { lane, pass: virtual, idle: true };
      seats.push(seat);
      subscription ??= settings$.subscribe((value) => turn(() => obey(value)));
      return {
        turn,
        leave() {
          const index = seats.indexOf(seat);
          if (index >= 0) seats.splice(index, 1);
          if (seats.length > 0) return;
          subscription?.unsubscribe();
          subscription = undefined;
          undoWake?.();
          undoWake = undefined;
          wakesAt = NaN;
        },
      };
    },
    took({ stamps }) {
      inEngine += 1;
      open += 1;
      if (settings?.justInTime === true) justInTime.went(stamps, settings.servers);
    },
    returned({ stamps }) {
      if (settings?.limiter.kind !== 'fixed') {
        const { dequeued, batched, began, ran, returned } = stamps;
        // The time in which a batch is gathered is bought, and no sign of congestion.
        const latencyMs = returned - (Number.isNaN(batched) ? dequeued : batched);
        limiter?.sample({ at: dequeued, latencyMs, serviceMs: ran - began, inFlight: inEngine, now: returned });
      }
      inEngine -= 1;
      justInTime.back(stamps, settings?.ahead === true);
    },
    settled() {
      open -= 1;
    },
  };
}
