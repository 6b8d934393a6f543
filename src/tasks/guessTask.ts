/**
 * What the outputs of a model mean, guessed from their shapes and names and from the file's metadata.
 * A guess that is not sure ends in `tensors`, which is never wrong.
 */
import { carriesState, type ModelFacts, type Task } from '../core/card.ts';
import { taskDefaults } from '../core/taskDefaults.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { guessDetection } from './guessDetection.ts';
import { guessFills } from './guessFills.ts';
import { guessMaps } from './guessMaps.ts';
import type { PictureInput } from './pictureInput.ts';
import { shapeText } from './shapeText.ts';

export interface TaskGuess {
  readonly task: Task;
  readonly reason: string;
  /** The model's family, where its preparation is known. */
  readonly family:
    | 'yolo'
    | 'yolox'
    | 'fastestdet'
    | 'yunet'
    | 'ssd'
    | 'classifier'
    | 'picture'
    | 'depth'
    | 'segmentation'
    | 'keypoints'
    | 'sound'
    | 'unknown';
  readonly labels?: readonly string[];
  /** How many the head tells apart, where its shape says so. */
  readonly classes?: number;
}

export function guessTask(
  facts: ModelFacts,
  input: PictureInput | undefined,
  labels: readonly string[] | undefined,
): TaskGuess {
  return (
    guessDetection(facts, input, labels) ??
    (input === undefined ? undefined : guessMaps(facts, input)) ??
    (input === undefined ? undefined : guessPoints(facts.outputs)) ??
    (input === undefined ? guessSound(facts) : undefined) ??
    guessClassifier(facts, labels) ?? {
      task: { kind: 'tensors' },
      reason: 'The outputs match no task that Weir decodes: their values are shown.',
      family: 'unknown',
    }
  );
}

/** `[1,K,2]`, `[1,K,3]`; or any name that says so. */
function guessPoints(outputs: readonly TensorInfo[]): TaskGuess | undefined {
  const named = (name: string) => /landmark|key_?points?|pts|joints/i.test(name);
  const output = outputs.find(({ name, shape, type }) => {
    if (!type.startsWith('float')) return false;
    const last = shape.at(-1);
    if (shape.length === 3 && (last === 2 || last === 3)) return named(name) || Number(shape[1]) >= 5;
    return shape.length === 2 && named(name) && typeof last === 'number' && last >= 4 && last % 2 === 0;
  });
  if (output === undefined) return undefined;
  return {
    task: { ...taskDefaults.keypoints, head: 'direct' },
    reason: `Output ${shapeText(output)} is coordinates of points.`,
    family: 'keypoints',
  };
}

/** Sound is what carries state from window to window and has no picture in it. */
function guessSound(facts: ModelFacts): TaskGuess | undefined {
  const { fills } = guessFills(facts, new Map(), undefined);
  if (!carriesState({ fills })) return undefined;
  const states = new Set(Object.values(fills).map((fill) => (fill.kind === 'state' ? fill.from : '')));
  const output = facts.outputs.find(({ name, type }) => !states.has(name) && type.startsWith('float'));
  const last = output?.shape.at(-1);
  if (output === undefined) return undefined;
  const single = output.shape.slice(1).every((dim) => dim === 1);
  if (single && output.shape.length >= 1)
    return {
      task: taskDefaults.sound,
      reason: `The model carries state from run to run, and output ${shapeText(output)} is one value for each: what goes on in the sound, over time.`,
      family: 'sound',
    };
  // A real transform of 2^n samples has 2^(n-1) + 1 frequencies.
  if (typeof last === 'number' && last >= 33 && Number.isInteger(Math.log2(last - 1)))
    return {
      task: { ...taskDefaults.sound, show: 'spectrum' },
      reason: `The model carries state from run to run, and output ${shapeText(output)} is one value for each of ${last} frequencies.`,
      family: 'sound',
    };
  return undefined;
}

/** Operators of which at least one tells classes apart; a graph that only copies or adds does not. */
const learned = /MatMul|Gemm|Conv|Linear|LSTM|GRU|RNN|Softmax|Tree|SVM|Classifier/i;

function guessClassifier(
  { outputs, operators }: ModelFacts,
  labels: readonly string[] | undefined,
): TaskGuess | undefined {
  const known = Object.keys(operators);
  if (known.length > 0 && !known.some((name) => learned.test(name))) return undefined;
  const output = outputs.find(({ shape }) => classCount(shape) !== undefined);
  if (output === undefined || outputs.length > 2 || /embed|feature|descriptor/i.test(output.name)) return undefined;
  const count = classCount(output.shape) ?? 0;
  const why = labels?.length === count ? ', as many as the metadata has class names' : '';
  return {
    task: taskDefaults.classification,
    reason: `Output ${shapeText(output)} is one score for each of ${count} classes${why}.`,
    family: 'classifier',
  };
}

/** `[1,C]`, `[C]`, `[1,C,1,1]` and so on, the first dimension free or 1. */
function classCount(shape: readonly (number | string)[]): number | undefined {
  const rest = shape.length > 1 ? shape.slice(1) : shape;
  if (shape.length > 1 && typeof shape[0] === 'number' && shape[0] !== 1) return undefined;
  const large = rest.filter((dim) => dim !== 1);
  const [count] = large;
  return large.length === 1 && typeof count === 'number' && count >= 2 ? count : undefined;
}
