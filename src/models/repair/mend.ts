/**
 * What the runtime gets instead of the file that was opened. The file itself is never changed; of a large one the weights
 * are not copied: they stay in it, and it lies beside the new graph as its external data.
 */
import type { MendedModel, RepairKind } from '../../core/repair.ts';
import type { ByteSource } from '../byteSource.ts';
import type { OnnxModel } from '../onnxModel.ts';
import { assemble, piecesLength, writeModel } from '../writeModel.ts';
import { repairModel } from './repairModel.ts';

/** Opening such a file inline takes five times its size, with its weights beside the graph three times. */
const besideFromBytes = 32e6;
const smallestBeside = 4096;
/** Where the weights do not stand so that they can be read from outside, the new graph would be as large as the file. */
const mostCopiedBytes = 256e6;

/** @param off what a person switched off. Undefined: there is nothing to say of this model. */
export function mend(model: OnnxModel, source: ByteSource, off: readonly RepairKind[]): MendedModel | undefined {
  const repaired = repairModel(model, source, off);
  if (repaired === undefined || repaired.notes.length + repaired.off.length === 0) return undefined;
  const repair = { notes: repaired.notes, off: repaired.off };
  if (repair.notes.length === 0) return { repair };
  const location = source.size < besideFromBytes ? undefined : unusedName(repaired.model);
  const pieces = writeModel(
    repaired.model,
    location === undefined ? undefined : { location, minBytes: smallestBeside },
  );
  if (piecesLength(pieces) > mostCopiedBytes) return undefined;
  const bytes = assemble(pieces, source).buffer;
  return { repair, graph: { bytes, ...(location === undefined ? {} : { beside: location }) } };
}

/** No data file of the model has it. */
function unusedName({ graph }: OnnxModel): string {
  const taken = new Set(graph?.initialisers.map(({ data }) => (data.kind === 'external' ? data.location : '')));
  let name = 'weir-original';
  while (taken.has(name)) name += '_';
  return name;
}
