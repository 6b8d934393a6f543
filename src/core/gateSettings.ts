/** What the gate obeys, resolved from the settings: no `auto` and no `null` left. */
import type { Policy } from './settings.ts';

export interface GateSettings {
  readonly policy: Policy;
  /** Items; `latest` always has 1 and `skip` 0 whatever is said here. */
  readonly capacity: number;
  /** Expire at dequeue when now - scheduled is larger; Infinity = never. */
  readonly maxAgeMs: number;
  /** Slots: deliveries inside the engine. */
  readonly maxInFlight: number;
  /** From dequeue to settle. */
  readonly maxOpen: number;
}
