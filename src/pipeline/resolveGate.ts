/** From what a person chose to what the gate obeys: defaults by source, limits by sessions. */
import type { GateSettings } from '../core/gateSettings.ts';
import type { Settings } from '../core/settings.ts';
import { policyInForce, type SourceTraits } from '../core/sourceTraits.ts';

export function resolveGate(flow: Settings['flow'], source: SourceTraits, sessions: number): GateSettings {
  const policy = policyInForce(flow.policy, source);
  // A second frame in flight hides the hops but ages the newest frame by a whole run, so `latest` has none by default;
  // with `skip` it would be a queue in disguise.
  const maxInFlight = flow.maxInFlight ?? (policy === 'latest' || policy === 'skip' ? sessions : sessions + 1);
  return {
    policy,
    capacity: flow.capacity,
    maxAgeMs: flow.maxAgeMs ?? Infinity,
    maxInFlight,
    maxOpen: flow.maxOpen ?? maxInFlight + 2,
  };
}

/** Places in the queue under a policy: `latest` has one and `skip` none, whatever the capacity says. */
export function queueLimitOf(gate: GateSettings): number {
  return gate.policy === 'latest' ? 1 : gate.policy === 'skip' ? 0 : gate.capacity;
}
