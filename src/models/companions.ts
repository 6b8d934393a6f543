/**
 * Files that come together with a model: its labels, one a line, and a card. Which file is what is told by its name, unless
 * the model itself says that it keeps its weights in it.
 */
import * as v from 'valibot';
import type { ModelCard, ModelFacts, Task } from '../core/card.ts';
import { messageOf, WeirError } from '../core/errors.ts';
import type { DeepPartial } from '../core/settings.ts';
import { fileFor } from './externalData.ts';

interface Named {
  readonly name: string;
}

export interface Sorted<F extends Named> {
  readonly data: readonly F[];
  readonly labels?: F;
  /** JSON that may be a card: the first that is one counts. */
  readonly cards: readonly F[];
}

const maxTextBytes = 4 << 20;
const maxLabels = 100_000;
const maxLabelLength = 200;

export function isModelName(name: string): boolean {
  return /\.(onnx|ort)$/i.test(name);
}

export function isLabelsName(name: string): boolean {
  return /\.(txt|names|labels)$/i.test(name);
}

export function isCardName(name: string): boolean {
  return /\.json$/i.test(name);
}

/** The model among files that came together. */
export function mainOf<F extends Named>(files: readonly F[]): F | undefined {
  return (
    files.find(({ name }) => isModelName(name)) ??
    files.find(({ name }) => !isLabelsName(name) && !isCardName(name)) ??
    files[0]
  );
}

export function sortCompanions<F extends Named>({ externalFiles }: ModelFacts, others: readonly F[]): Sorted<F> {
  const wanted = new Set(externalFiles.map(({ path }) => fileFor(path, others)));
  const free = others.filter((file) => !wanted.has(file));
  const labels = free.find(({ name }) => isLabelsName(name));
  const cards = free.filter(({ name }) => isCardName(name));
  return {
    data: others.filter((file) => file !== labels && !cards.includes(file)),
    cards,
    ...(labels === undefined ? {} : { labels }),
  };
}

/** One label a line; empty lines at the end are none. @throws WeirError bad-settings */
export function labelsOf(bytes: ArrayBuffer, name: string): readonly string[] {
  const lines = textOf(bytes, name)
    .split(/\r?\n/)
    .map((line) => line.trim().slice(0, maxLabelLength));
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0)
    throw new WeirError('bad-settings', `${name.slice(0, 60)} holds no labels: it has one a line.`);
  if (lines.length > maxLabels)
    throw new WeirError(
      'bad-settings',
      `${name.slice(0, 60)} has ${lines.length} lines; labels are ${maxLabels} at most.`,
    );
  return lines;
}

const cardFields = ['name', 'task', 'prepare', 'stream', 'fills', 'labels', 'licence', 'reasons'] as const;

/** What tells a card from any other JSON; whatever else it says is left alone, what these hold is judged when it is applied. */
const CardLikeSchema = v.union([
  v.looseObject({ task: v.looseObject({ kind: v.string() }) }),
  v.looseObject({ prepare: v.looseObject({}) }),
  v.looseObject({ fills: v.looseObject({}) }),
  v.looseObject({ labels: v.array(v.string()) }),
]);

/** Undefined: JSON, but no card. @throws WeirError bad-settings for what is no JSON */
export function cardPatchOf(bytes: ArrayBuffer, name: string): DeepPartial<ModelCard> | undefined {
  let given: unknown;
  try {
    given = JSON.parse(textOf(bytes, name));
  } catch (thrown) {
    if (thrown instanceof WeirError) throw thrown;
    throw new WeirError('bad-settings', `${name.slice(0, 60)} is no JSON: ${messageOf(thrown).slice(0, 120)}.`);
  }
  const parsed = v.safeParse(CardLikeSchema, given);
  if (!parsed.success) return undefined;
  const fields: Readonly<Record<string, unknown>> = parsed.output;
  return Object.fromEntries(
    cardFields.filter((field) => fields[field] !== undefined).map((field) => [field, fields[field]]),
  );
}

/** One patch after the other; of a task of another kind nothing stays. */
export function mergePatches(
  first: DeepPartial<ModelCard> | undefined,
  then: DeepPartial<ModelCard> | undefined,
): DeepPartial<ModelCard> | undefined {
  if (first === undefined || then === undefined) return then ?? first;
  const sameTask = then.task?.kind === undefined || then.task.kind === first.task?.kind;
  return {
    ...first,
    ...then,
    // What the two do not fit together in is refused where the patch is applied.
    ...(then.task !== undefined && { task: { ...(sameTask ? first.task : {}), ...then.task } as DeepPartial<Task> }),
    ...(then.prepare !== undefined && { prepare: { ...first.prepare, ...then.prepare } }),
    ...(then.fills !== undefined && { fills: { ...first.fills, ...then.fills } }),
  };
}

function textOf(bytes: ArrayBuffer, name: string): string {
  if (bytes.byteLength > maxTextBytes)
    throw new WeirError('bad-settings', `${name.slice(0, 60)} is too large for labels or a card.`);
  return new TextDecoder().decode(bytes);
}
