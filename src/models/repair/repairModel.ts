/**
 * Mends a model before the runtime sees it: everything that is exact, and nothing that was switched off. Later repairs see
 * what the earlier ones made, so dead weights are found last.
 */
import type { RepairKind, RepairNote } from '../../core/repair.ts';
import type { ByteSource } from '../byteSource.ts';
import type { OnnxModel } from '../onnxModel.ts';
import { constantInputs } from './constantInputs.ts';
import { deadNodes } from './deadNodes.ts';
import { identities } from './identities.ts';
import { negativeDimensions } from './negativeDimensions.ts';
import { oldOperators } from './oldOperators.ts';
import { opsetImports } from './opsetImports.ts';
import type { Repair, WholeModel } from './repair.ts';

const repairs: readonly (readonly [RepairKind, Repair])[] = [
  ['opsetImports', opsetImports],
  ['oldOperators', oldOperators],
  ['negativeDimensions', negativeDimensions],
  ['constantInputs', constantInputs],
  ['identities', identities],
  ['deadNodes', deadNodes],
];

export interface Repaired {
  readonly model: WholeModel;
  readonly notes: readonly RepairNote[];
  /** What could be mended and was not, because it is switched off. */
  readonly off: readonly RepairNote[];
}

/** `notes` is empty where nothing was mended. */
export function repairModel(
  model: OnnxModel,
  source: ByteSource,
  off: readonly RepairKind[] = [],
): Repaired | undefined {
  const { graph } = model;
  if (graph === undefined) return undefined;
  let whole: WholeModel = { ...model, graph };
  const notes: RepairNote[] = [];
  const left: RepairNote[] = [];
  for (const [kind, repair] of repairs) {
    const mended = repair(whole, source);
    if (mended === undefined) continue;
    const note = { kind, count: mended.count, reason: mended.reason };
    if (off.includes(kind)) {
      left.push(note);
      continue;
    }
    notes.push(note);
    whole = mended.model;
  }
  return { model: whole, notes, off: left };
}
