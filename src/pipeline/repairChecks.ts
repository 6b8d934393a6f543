/**
 * Whether a repaired model gives what the original gives: both run once on the same random inputs, after the first result
 * and in spare workers, once for each content. What differs is told, and then the original serves.
 */
import { type Fill, type ModelCard, type ModelInfo } from '../core/card.ts';
import type { InferenceEngine } from '../core/engine.ts';
import { WeirError } from '../core/errors.ts';
import type { MendedModel, ModelRepair, RepairCheck } from '../core/repair.ts';
import type { TensorInfo, TensorValue } from '../core/tensor.ts';
import { inputDims } from '../core/inputDims.ts';
import { sameOutputs } from '../tasks/sameOutputs.ts';
import type { OpenModel } from './createEngine.ts';
import { firstPayload } from './firstPayload.ts';

/** An engine on one WASM thread, whatever serves. */
export type CreateReference = (model: OpenModel) => Promise<InferenceEngine>;

export interface RepairChecks {
  /** With what is known of it; of one that was found to differ nothing is mended. */
  known(sha256: string, mended: MendedModel | undefined): MendedModel | undefined;
  /** The model has served: its check begins, if it has not been made. */
  served(model: OpenModel): void;
}

/** Two engines for a moment beside the one that serves. */
const mostBytes = 256e6;
/** The frames that a person waits for come first. */
const waitMs = 1000;

export function createRepairChecks(
  createReference: CreateReference,
  told: (model: OpenModel, check: RepairCheck) => void,
): RepairChecks {
  const checks = new Map<string, RepairCheck>();
  let tail: Promise<unknown> = Promise.resolve();

  async function check(model: OpenModel, key: string): Promise<void> {
    const found = await compare(model, createReference);
    checks.set(key, found);
    told(model, found);
  }

  return {
    known(sha256, mended) {
      if (mended?.repair === undefined) return mended;
      const check = checks.get(keyOf(sha256, mended.repair));
      if (check === undefined) return mended;
      if (check.status === 'differs') return { repair: { notes: [], off: mended.repair.off, check } };
      return { ...mended, repair: { ...mended.repair, check } };
    },
    served(model) {
      const { info, mended } = model;
      const repair = mended?.repair;
      if (mended?.graph === undefined || repair === undefined || repair.notes.length === 0) return;
      const key = keyOf(info.sha256, repair);
      if (checks.has(key)) return;
      const begun: RepairCheck = { status: 'checking' };
      checks.set(key, begun);
      told(model, begun);
      tail = tail.then(() => new Promise((done) => setTimeout(done, waitMs))).then(() => check(model, key));
    },
  };
}

/** Other repairs of the same file are another graph. */
function keyOf(sha256: string, { notes }: ModelRepair): string {
  return [sha256, ...notes.map(({ kind }) => kind)].join();
}

async function compare(model: OpenModel, createReference: CreateReference): Promise<RepairCheck> {
  const bytes = model.files.reduce((sum, file) => sum + file.bytes.byteLength, 0);
  if (bytes > mostBytes) return { status: 'unchecked', why: 'The model is too large to be opened twice more.' };
  const { mended: _, ...original } = model;
  let reference: readonly TensorValue[];
  try {
    reference = await outputsOf(original, createReference);
  } catch (error) {
    const { message } = WeirError.wrap(error, 'bad-output');
    return { status: 'unchecked', why: `The original does not run here: ${message}` };
  }
  try {
    return sameOutputs(await outputsOf(model, createReference), reference);
  } catch (error) {
    return { status: 'differs', why: WeirError.wrap(error, 'bad-output').message };
  }
}

async function outputsOf(model: OpenModel, createReference: CreateReference): Promise<readonly TensorValue[]> {
  const card = randomly(model.info);
  const engine = await createReference({ ...model, info: { ...model.info, card } });
  try {
    const [reply] = await engine.run([{ payload: firstPayload(card, 0) }]);
    if (reply?.ok === true) return reply.outputs;
    throw WeirError.fromData(reply?.error ?? { code: 'bad-output', message: 'No reply came.' });
  } finally {
    engine.dispose();
  }
}

/** Every input that frames feed gets noise, always the same; the others what they get anyway. */
function randomly({ card, facts }: ModelInfo): ModelCard {
  const { prepare, stream, fills, ...rest } = card;
  const noise = (info: TensorInfo): Fill => {
    if (prepare?.input === info.name) return { kind: 'noise', dims: inputDims(prepare, info) };
    const dims =
      stream?.input === info.name ? stream.dims : info.shape.map((dim) => (typeof dim === 'number' ? dim : 1));
    return { kind: 'noise', dims };
  };
  const all = facts.inputs.map((info) => [info.name, fills?.[info.name] ?? noise(info)] as const);
  return { ...rest, fills: Object.fromEntries(all) };
}
