/**
 * What the runtime gets instead of the file that was opened. The file itself is never changed; of a large one the weights
 * are not copied: they stay in it, and it lies beside the new graph as its external data.
 */
import type { MendedModel, RepairKind } from '../../core/repair.ts';
import type { ByteSource } from '../byteSource.ts';
import type { OnnxModel } from '../onnxModel.ts';
import { assemble, piecesLength, writeModel } from '../writeModel.ts';
import { repairModel } from './repairModel.ts';

/** The runtime holds a file of 200 MB in 629 MB, and in 346 MB with its weights beside the graph; opening is no slower. */
const besideFromBytes = 32e6;
const smallestBeside = 4096;
/** Where the weights do not stand so that they can be read from outside, the new graph would be as large as the file. */
const mostCopiedBytes = 256e6;

/** @param off what a person switched off. Undefined: the file serves as it is, and nothing could be mended. */
export function mend(model: OnnxModel, source: ByteSource, off: readonly RepairKind[]): MendedModel | undefined {
  const repaired = repairModel(model, source, off);
  if (repaired === undefined) return undefined;
  const { notes, off: left } = repaired;
  const repair = notes.length + left.length === 0 ? {} : { repair: { notes, off: left } };
  const location = source.size < besideFromBytes ? undefined : unusedName(repaired.model);
  if (notes.length === 0 && location === undefined) return left.length === 0 ? undefined : repair;
  const pieces = writeModel(
    repaired.model,
    location === undefined ? undefined : { location, minBytes: smallestBeside },
  );
  const length = piecesLength(pieces);
  if (length > mostCopiedBytes) return undefined;
  // Weights that stand elsewhere than in initialisers would only be copied.
  if (notes.length === 0 && length > source.size / 2) return left.length === 0 ? undefined : repair;
  const bytes = assemble(pieces, source).buffer;
  return { ...repair, graph: { bytes, ...(location === undefined ? {} : { beside: location }) } };
}

/** No data file of the model has it. */
function unusedName({ graph }: OnnxModel): string {
  const taken = new Set(graph?.initialisers.map(({ data }) => (data.kind === 'external' ? data.location : '')));
  let name = 'weir-original';
  while (taken.has(name)) name += '_';
  return name;
}
