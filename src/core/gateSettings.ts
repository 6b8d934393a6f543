/** What gates and their shared credit obey, resolved from the settings: no `auto` and no `null` left. */
import type { LimiterKind, Policy } from './settings.ts';

/** Of the gate of one source. */
export interface GateSettings {
  readonly policy: Policy;
  /** Items; `latest` always has 1 and `skip` 0 whatever is said here. */
  readonly capacity: number;
  /** Bytes that may wait; Infinity = only items count. */
  readonly capacityBytes: number;
  /** Expire at dequeue when now - scheduled is larger; Infinity = never. */
  readonly maxAgeMs: number;
  /** Arrivals per s that are let to the gate; Infinity = all. */
  readonly rateLimit: number;
  /** Shedding by sojourn time; undefined = off. */
  readonly codel: { readonly targetMs: number; readonly intervalMs: number } | undefined;
  /** Share of the engine beside the other sources; only the ratio matters. */
  readonly weight: number;
}

/** Of the engine that one or several gates share. */
export interface CreditSettings {
  /** Slots: deliveries inside the engine. */
  readonly maxInFlight: number;
  /** From dequeue to settle. */
  readonly maxOpen: number;
  /** Frames that the engine serves at once: sessions, times what each takes in a batch. */
  readonly servers: number;
  /** Slots beyond `servers` open only shortly before the engine is expected to be free. */
  readonly justInTime: boolean;
  /** Frames are prepared in front of the engine, beside the run before. */
  readonly ahead?: boolean;
  readonly limiter: LimiterSettings;
}

/** Frames that run together. */
export interface BatchSettings {
  readonly maxSize: number;
  readonly maxDelayMs: number;
}

export interface LimiterSettings {
  readonly kind: LimiterKind;
  readonly min: number;
  readonly max: number;
  /** aimd: more latency than this in the engine lowers the limit; undefined = three mean service times. */
  readonly targetMs: number | undefined;
}
