/** What is mended in a model before the runtime sees it. Each kind keeps the results as they are, and can be switched off. */

export const repairKinds = [
  'opsetImports',
  'oldOperators',
  'negativeDimensions',
  'constantInputs',
  'identities',
  'deadNodes',
] as const;
export type RepairKind = (typeof repairKinds)[number];

export interface RepairNote {
  readonly kind: RepairKind;
  /** Nodes, values or inputs that it changed. */
  readonly count: number;
  /** Why, in a sentence. */
  readonly reason: string;
}

/** Whether outputs with and without the repairs are the same; the state of a check that runs after the first result. */
export type RepairCheck =
  | { readonly status: 'checking' }
  /** `worst`: the largest difference, as a share of the output's largest value. */
  | { readonly status: 'agrees'; readonly worst: number }
  /** They were not the same: the original serves. */
  | { readonly status: 'differs'; readonly why: string }
  /** It cannot be checked: the original does not run here, or carries state. */
  | { readonly status: 'unchecked'; readonly why: string };

export interface ModelRepair {
  /** What is mended now. */
  readonly notes: readonly RepairNote[];
  /** What could be, and was switched off. */
  readonly off: readonly RepairNote[];
  readonly check?: RepairCheck;
}

/** What the runtime is given instead of the file: `graph`, with the file itself as its external data where `beside` names it. */
export interface MendedModel {
  /** Missing where there was nothing to mend. */
  readonly repair?: ModelRepair;
  /** Missing where the file serves as it is. */
  readonly graph?: { readonly bytes: ArrayBuffer; readonly beside?: string };
}
