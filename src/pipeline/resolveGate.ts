/** From what a person chose to what the gate obeys: defaults by source, limits by sessions, and why a wish was not met. */
import type { GateSettings } from '../core/gateSettings.ts';
import type { Policy, Settings } from '../core/settings.ts';

export interface ResolvedGate {
  readonly gate: GateSettings;
  /** Said to the person when `block` was asked of a source that cannot wait. */
  readonly refusedBlock: boolean;
}

export function resolveGate(
  flow: Settings['flow'],
  source: { readonly defaultPolicy: Policy; readonly pausable: boolean },
  sessions: number,
): ResolvedGate {
  const refusedBlock = flow.policy === 'block' && !source.pausable;
  const policy = flow.policy === 'auto' || refusedBlock ? source.defaultPolicy : flow.policy;
  // A second frame in flight hides the hops but ages the newest frame by a whole run, so `latest` has none by default;
  // with `skip` it would be a queue in disguise.
  const maxInFlight = flow.maxInFlight ?? (policy === 'latest' || policy === 'skip' ? sessions : sessions + 1);
  return {
    gate: {
      policy,
      capacity: flow.capacity,
      maxAgeMs: flow.maxAgeMs ?? Infinity,
      maxInFlight,
      maxOpen: flow.maxOpen ?? maxInFlight + 2,
    },
    refusedBlock,
  };
}

/** Places in the queue under a policy: `latest` has one and `skip` none, whatever the capacity says. */
export function queueLimitOf(gate: GateSettings): number {
  return gate.policy === 'latest' ? 1 : gate.policy === 'skip' ? 0 : gate.capacity;
}
