/** From what a person chose to what gates and credit obey: defaults by source, limits by sessions. */
import type { CreditSettings, GateSettings } from '../core/gateSettings.ts';
import { type NamedSource, type Settings, sourcesOf } from '../core/settings.ts';
import { isWorkKind } from '../core/work.ts';
import { policyInForce, traitsOf } from '../core/sourceTraits.ts';

/** Results on their way to a broker; how many there are is bounded by the prefetch. */
const mostUnstored = 256;

/** What the gate of one source obeys. */
export function resolveGate(flow: Settings['flow'], source: NamedSource): GateSettings {
  const { targetMs, intervalMs } = flow.codel;
  const policy = policyInForce(flow.policy, traitsOf(source));
  // Block loses nothing: neither age nor a long wait ends what a file, a queue or a waiting sender gave.
  const isLossless = policy === 'block';
  return {
    policy,
    capacity: flow.capacity,
    capacityBytes: flow.capacityBytes ?? Infinity,
    maxAgeMs: isLossless ? Infinity : (flow.maxAgeMs ?? Infinity),
    rateLimit: flow.rateLimit ?? Infinity,
    codel: isLossless || targetMs === null ? undefined : { targetMs, intervalMs },
    weight: source.weight,
  };
}

/**
 * What the engine can take from all gates together.
 * @param sessions that run side by side
 * @param batchSize frames that run together, as far as the model allows
 * @param ahead frames are prepared in front of the engine, beside the run before
 */
export function resolveCredit(settings: Settings, sessions: number, batchSize: number, ahead = false): CreditSettings {
  const { flow } = settings;
  const policies = sourcesOf(settings).map((source) => policyInForce(flow.policy, traitsOf(source)));
  // A second frame in flight hides the hops, but ages the newest by a whole run: with `latest` it goes just in time.
  // With `skip` it would be a queue in disguise.
  const justInTime = policies.every((policy) => policy === 'latest');
  const slots = flow.maxInFlight ?? (policies.every((policy) => policy === 'skip') ? sessions : sessions + 1);
  const { kind, min, max, targetMs } = flow.limiter;
  const maxInFlight = slots * batchSize;
  const isWork = sourcesOf(settings).some((source) => isWorkKind(source.kind));
  return {
    maxInFlight,
    maxOpen: flow.maxOpen ?? (kind === 'fixed' ? maxInFlight : max) + (isWork ? mostUnstored : 2),
    servers: sessions * batchSize,
    justInTime,
    ahead,
    // Below a whole batch each frame would wait for others that cannot come.
    limiter: { kind, min: Math.max(min, batchSize), max: Math.max(max, batchSize), targetMs: targetMs ?? undefined },
  };
}

/** Places in the queue under a policy: `latest` has one and `skip` none, whatever the capacity says. */
export function queueLimitOf({ policy, capacity }: Pick<GateSettings, 'policy' | 'capacity'>): number {
  return policy === 'latest' ? 1 : policy === 'skip' ? 0 : capacity;
}
