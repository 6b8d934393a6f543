/** What the tests of the gate share: one gate with a credit of its own, deliveries named by a letter, and what the gate tells, as words. */
import { map, type Observable } from 'rxjs';
import { Delivery, type FlowObserver } from '../core/delivery.ts';
import type { CreditSettings, GateSettings } from '../core/gateSettings.ts';
import type { Payload } from '../core/payload.ts';
import type { Source } from '../core/source.ts';
import { createCredit } from './credit.ts';
import { type GateOptions, gate } from './gate.ts';

export type AllSettings = GateSettings & CreditSettings;

export const base: AllSettings = {
  policy: 'latest',
  capacity: 2,
  capacityBytes: Infinity,
  maxAgeMs: Infinity,
  rateLimit: Infinity,
  codel: undefined,
  weight: 1,
  maxInFlight: 1,
  maxOpen: 1,
  servers: 1,
  justInTime: false,
  limiter: { kind: 'fixed', min: 1, max: 64, targetMs: undefined },
};

/** A gate with an engine for itself. */
export function gateAlone(
  source: Source,
  settings$: Observable<AllSettings>,
  options: Omit<GateOptions, 'credit'>,
): Observable<Delivery<Payload>> {
  const credit = createCredit(settings$.pipe(map((settings): CreditSettings => settings)), options);
  return gate(source, settings$, { ...options, credit });
}
const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1, difficulty: 0, motion: 1 };

export function deliver(name: string, now: number, scheduled = now, onSettle = () => {}): Delivery<Payload> {
  const id = name.charCodeAt(0);
  return new Delivery<Payload>({ id, source: 's', payload, bytes: 0, scheduled, arrived: now, onSettle });
}

export const nameOf = (delivery: Delivery) => String.fromCharCode(delivery.id);

/** What the gate told, as words: `offered a`, `superseded a`. */
export function createLog(log: string[]): FlowObserver {
  return {
    offered: (delivery) => log.push(`offered ${nameOf(delivery)}`),
    admitted: (delivery) => log.push(`admitted ${nameOf(delivery)}`),
    dequeued: (delivery) => log.push(`dequeued ${nameOf(delivery)}`),
    settled: (delivery, outcome) =>
      log.push(`${outcome.kind === 'dropped' ? outcome.cause : outcome.kind} ${nameOf(delivery)}`),
    missed: () => {},
  };
}
