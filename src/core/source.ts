/** The contract of everything that brings deliveries in. */
import type { Observable } from 'rxjs';
import type { Clock } from './clock.ts';
import type { Delivery, SourceState } from './delivery.ts';
import type { Payload } from './payload.ts';
import type { WorkFacts } from './work.ts';

export interface SourceContext {
  readonly id: string;
  readonly clock: Clock;
  readonly onState: (state: SourceState) => void;
  readonly onMissed: (count: number) => void;
  /** The engine that serves takes frames as the browser has them; else they are copied out at once. */
  readonly takesFrames?: () => boolean;
  /** A work queue: what is to be told of it, asked for at each report. */
  readonly onWork?: (look: () => WorkFacts) => void;
  /** The page was frozen or came back; undefined where there is no page. */
  readonly lifecycle$?: Observable<'frozen' | 'resumed'>;
}

export interface Source {
  /** True when the source can wait for demand, so that `block` loses nothing. */
  readonly pausable: boolean;
  /**
   * Opens on subscription, closes on unsubscription. `demand` emits how many more deliveries the gate can take now
   * (Infinity for a lossy policy); a pausable source never emits more than was asked for. The stream errors with a
   * WeirError when the source is lost for good and completes when it has ended.
   */
  open(demand: Observable<number>): Observable<Delivery<Payload>>;
}
