/** What the pipeline and the page must both know of each kind of source, and the policy that follows from it. */
import type { Policy, SourceKind } from './settings.ts';

export interface SourceTraits {
  readonly defaultPolicy: Policy;
  /** True when the source can wait for demand; only then can `block` be in force. */
  readonly pausable: boolean;
  /** Tensors feed models that take no picture. */
  readonly gives: 'pictures' | 'tensors' | 'both';
}

export const sourceTraits: Readonly<Record<SourceKind, SourceTraits>> = {
  scene: { defaultPolicy: 'latest', pausable: true, gives: 'pictures' },
  camera: { defaultPolicy: 'latest', pausable: false, gives: 'pictures' },
  video: { defaultPolicy: 'block', pausable: true, gives: 'pictures' },
  images: { defaultPolicy: 'block', pausable: true, gives: 'both' },
  websocket: { defaultPolicy: 'dropOldest', pausable: false, gives: 'both' },
};

/** The policy that acts when `policy` was asked of a source of this kind. */
export function policyInForce(policy: Policy | 'auto', { defaultPolicy, pausable }: SourceTraits): Policy {
  return policy === 'auto' || (policy === 'block' && !pausable) ? defaultPolicy : policy;
}
