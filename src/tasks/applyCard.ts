/**
 * Changes a model card by a patch from a person, a link or a program, and refuses nonsense before a frame meets it.
 * A patch that changes the task's kind starts from that kind's defaults, so `{task: {kind: 'tensors'}}` is enough.
 */
import * as v from 'valibot';
import { detectionHeads, imageRanges, keypointHeads, type ModelCard, type Prepare, type Task } from '../core/card.ts';
import { WeirError } from '../core/errors.ts';
import { repairKinds } from '../core/repair.ts';
import type { DeepPartial } from '../core/settings.ts';
import { taskDefaults } from '../core/taskDefaults.ts';

const finite = v.pipe(v.number(), v.finite());
const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const side = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(8192));
const size = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000_000));
const nonZero = v.pipe(
  finite,
  v.check((value) => value !== 0, 'must not be 0'),
);
const words = (length: number) => v.pipe(v.string(), v.maxLength(length));

const TaskSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('detection'),
    head: v.picklist(detectionHeads),
    scoreThreshold: share,
    iouThreshold: share,
  }),
  v.strictObject({
    kind: v.literal('classification'),
    softmax: v.picklist(['auto', 'yes', 'no']),
    topK: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  }),
  v.strictObject({ kind: v.literal('segmentation'), background: v.boolean() }),
  v.strictObject({ kind: v.literal('instances'), scoreThreshold: share, iouThreshold: share }),
  v.strictObject({ kind: v.literal('keypoints'), head: v.picklist(keypointHeads), scoreThreshold: share }),
  v.strictObject({
    kind: v.literal('image'),
    range: v.picklist(imageRanges),
    show: v.picklist(['picture', 'ramp']),
    channel: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4095)),
  }),
  v.strictObject({ kind: v.literal('sound'), show: v.picklist(['activity', 'spectrum']), scoreThreshold: share }),
  v.strictObject({ kind: v.literal('tensors') }),
]);

const PrepareSchema = v.strictObject({
  input: v.pipe(v.string(), v.minLength(1)),
  width: side,
  height: side,
  fit: v.picklist(['stretch', 'letterbox', 'crop']),
  color: v.picklist(['rgb', 'bgr', 'gray']),
  layout: v.picklist(['nchw', 'nhwc']),
  // What pixels can become; the wider ones serve the raw view.
  type: v.picklist([
    'float32',
    'float16',
    'float64',
    'uint8',
    'int8',
    'uint16',
    'int16',
    'uint32',
    'int32',
    'uint64',
    'int64',
  ]),
  scale: nonZero,
  mean: v.tuple([finite, finite, finite]),
  std: v.tuple([nonZero, nonZero, nonZero]),
  pad: v.pipe(v.number(), v.minValue(0), v.maxValue(255)),
  place: v.exactOptional(v.picklist(['middle', 'corner'])),
  shrink: v.exactOptional(v.picklist(['area', 'halves'])),
  batch: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
  dims: v.exactOptional(v.array(size)),
});

const dims = v.array(size);
const FillSchema = v.variant('kind', [
  v.strictObject({ kind: v.literal('constant'), dims, value: finite }),
  v.strictObject({ kind: v.literal('values'), dims, values: v.pipe(v.array(finite), v.maxLength(100_000)) }),
  v.strictObject({ kind: v.literal('ramp'), dims }),
  v.strictObject({ kind: v.literal('noise'), dims }),
  v.strictObject({ kind: v.literal('state'), dims, from: words(1000) }),
]);

const CardSchema = v.strictObject({
  name: v.pipe(words(200), v.minLength(1)),
  task: TaskSchema,
  prepare: v.exactOptional(PrepareSchema),
  stream: v.exactOptional(v.strictObject({ input: words(1000), dims })),
  fills: v.exactOptional(v.record(v.string(), FillSchema)),
  labels: v.exactOptional(v.pipe(v.array(words(200)), v.maxLength(100_000))),
  licence: v.exactOptional(words(2000)),
  repairs: v.exactOptional(v.strictObject({ off: v.pipe(v.array(v.picklist(repairKinds)), v.maxLength(20)) })),
  reasons: v.record(v.string(), words(2000)),
});

/** For a model without a guess: a patch must name the input, width and height itself. */
const defaultPrepare: Omit<Prepare, 'input' | 'width' | 'height'> = {
  fit: 'stretch',
  color: 'rgb',
  layout: 'nchw',
  type: 'float32',
  scale: 1 / 255,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  pad: 0,
};

/** @throws WeirError bad-settings that names the field and what it must be */
export function applyCard(card: ModelCard, patch: DeepPartial<ModelCard>): ModelCard {
  const { task, prepare, fills, reasons, ...rest } = patch;
  const parsed = v.safeParse(CardSchema, {
    ...card,
    ...defined(rest),
    task: task === undefined ? card.task : mergeTask(card.task, task),
    ...(prepare !== undefined && { prepare: { ...defaultPrepare, ...card.prepare, ...defined(prepare) } }),
    ...(fills !== undefined && { fills: { ...card.fills, ...defined(fills) } }),
    reasons: {
      ...card.reasons,
      ...(task !== undefined && { task: 'Set by hand.' }),
      ...(prepare !== undefined && { prepare: 'Set by hand.' }),
      ...(fills !== undefined && { fills: 'Set by hand.' }),
      ...(rest.labels !== undefined && { labels: 'Set by hand.' }),
      ...defined(reasons ?? {}),
    },
  });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = (v.getDotPath(issue) ?? 'the card').slice(0, 100);
  throw new WeirError('bad-settings', `The model card was not changed: ${field}: ${issue.message.slice(0, 200)}.`);
}

function mergeTask(task: Task, patch: DeepPartial<Task>): unknown {
  const kind = patch.kind ?? task.kind;
  const base = kind === task.kind ? task : Object.hasOwn(taskDefaults, kind) ? taskDefaults[kind] : {};
  return { ...base, ...defined(patch), kind };
}

/** `undefined` in a patch means "as it is". */
function defined<T extends object>(patch: T): Partial<T> {
  return Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as Partial<T>;
}
