/** How a delivery can end. Whoever ends its way settles it exactly once with one of these. */
import type { WeirErrorData } from './errors.ts';

/** Why an admitted or offered frame was dropped; `newest` is the refusal at the gate. */
export const dropCauses = ['newest', 'oldest', 'superseded', 'expired', 'shed', 'cancelled', 'shutdown'] as const;
export type DropCause = (typeof dropCauses)[number];

export type Outcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly error: WeirErrorData }
  | { readonly kind: 'dropped'; readonly cause: DropCause }
  | { readonly kind: 'released' };
