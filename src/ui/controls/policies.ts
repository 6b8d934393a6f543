/** Names of the policies, and which one is in force: the same rule as the pipeline's, for showing only. */
import type { Policy, SourceKind } from '../../core/settings.ts';

export const policyNames: Readonly<Record<Policy, string>> = {
  latest: 'Keep latest',
  dropOldest: 'Drop oldest',
  dropNewest: 'Drop newest',
  skip: 'Skip',
  block: 'Block',
};

export function inForce(policy: Policy | 'auto', kind: SourceKind): Policy {
  if (policy !== 'auto' && !(policy === 'block' && kind !== 'scene')) return policy;
  return kind === 'websocket' ? 'dropOldest' : 'latest';
}
