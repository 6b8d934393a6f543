/** What the tests of the gate share: deliveries named by a letter, and what the gate tells, as words. */
import { Delivery, type FlowObserver } from '../core/delivery.ts';
import type { GateSettings } from '../core/gateSettings.ts';
import type { Payload } from '../core/payload.ts';

export const base: GateSettings = { policy: 'latest', capacity: 2, maxAgeMs: Infinity, maxInFlight: 1, maxOpen: 1 };
const payload: Payload = { kind: 'scene', seed: 0, t: 0, width: 1, height: 1 };

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
