/** Names of the policies on the page. */
import type { Policy } from '../../core/settings.ts';

export const policyNames: Readonly<Record<Policy, string>> = {
  latest: 'Keep latest',
  dropOldest: 'Drop oldest',
  dropNewest: 'Drop newest',
  skip: 'Skip',
  block: 'Block',
};
