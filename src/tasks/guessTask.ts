/**
 * What the outputs of a model mean, guessed from their shapes and names and from the file's metadata.
 * A guess that is not sure ends in `tensors`, which is never wrong.
 */
import type { ModelFacts, Task } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';
import type { PictureInput } from './pictureInput.ts';

export interface TaskGuess {
  readonly task: Task;
  readonly reason: string;
  /** The model's family, where its preparation is known. */
  readonly family: 'yolo' | 'yolox' | 'ssd' | 'classifier' | 'picture' | 'unknown';
  readonly labels?: readonly string[];
}

export function guessTask(
  facts: ModelFacts,
  input: PictureInput | undefined,
  labels: readonly string[] | undefined,
): TaskGuess {
  return (
    guessYolo(facts, input, labels) ??
    guessSsd(facts.outputs, labels) ??
    (input === undefined ? undefined : guessPicture(facts.outputs, input)) ??
    guessClassifier(facts.outputs, labels) ?? {
      task: { kind: 'tensors' },
      reason: 'The outputs match no task that Weir decodes: their values are shown.',
      family: 'unknown',
    }
  );
}

/** Rows of a grid head at strides 8, 16 and 32. */
export function anchorsOf(height: number, width: number): number {
  return [8, 16, 32].reduce((sum, stride) => sum + Math.ceil(height / stride) * Math.ceil(width / stride), 0);
}

function guessYolo(
  facts: ModelFacts,
  input: PictureInput | undefined,
  labels: readonly string[] | undefined,
): TaskGuess | undefined {
  const said = facts.metadata['task'];
  if (said === 'classify') return undefined;
  const [output] = facts.outputs;
  if (output === undefined || output.shape.length !== 3) return undefined;
  const [, a, b] = output.shape;
  const anchors =
    input?.height === undefined || input.width === undefined ? undefined : anchorsOf(input.height, input.width);
  const shape = shapeText(output);
  // Heads with fewer scales have another grid; the metadata then has to say what the rows are.
  const isNamed = said === 'detect' && labels !== undefined && a === labels.length + 4;
  const isCount =
    isNamed || (typeof b === 'number' ? b === anchors || (anchors === undefined && b >= 100) : said !== undefined);
  if (typeof a === 'number' && a >= 5 && isCount && (typeof b !== 'number' || a < b)) {
    const why = said === undefined ? '' : ` and the metadata says task ${said.slice(0, 20)}`;
    return {
      task: { kind: 'detection', head: 'yolov8', scoreThreshold: 0.25, iouThreshold: 0.45 },
      reason: `Output ${shape} is 4 box values and the class scores for each place of the grid${why}.`,
      family: 'yolo',
    };
  }
  const known = labels === undefined ? undefined : labels.length + 5;
  if (typeof b === 'number' && b >= 6 && anchors !== undefined && a === anchors && (known === undefined || known === b))
    return {
      task: { kind: 'tensors' },
      reason: `Output ${shape} is an undecoded YOLOX-like grid: its values are shown.`,
      family: 'yolox',
    };
  return undefined;
}

function guessSsd(outputs: readonly TensorInfo[], labels: readonly string[] | undefined): TaskGuess | undefined {
  if (outputs.length !== 2) return undefined;
  const rankThree = outputs.filter(({ shape }) => shape.length === 3);
  const named = rankThree.find(({ name, shape }) => shape[2] === 4 && /box|loc|reg/i.test(name));
  const boxes = named ?? rankThree.find(({ shape }) => shape[2] === 4);
  const scores = rankThree.find((output) => output !== boxes);
  if (boxes === undefined || scores === undefined) return undefined;
  const count = boxes.shape[1];
  const classes = scores.shape[2];
  if (typeof classes !== 'number' || count !== scores.shape[1]) return undefined;
  if (typeof count === 'number' ? count < 10 : named === undefined) return undefined;
  return {
    task: { kind: 'detection', head: 'ssd', scoreThreshold: 0.7, iouThreshold: 0.3 },
    reason: `Outputs ${shapeText(scores)} and ${shapeText(boxes)}: class scores and box corners for the same ${count} places.`,
    family: 'ssd',
    // Two classes are "nothing" and the one thing the model looks for; its name is not in the file.
    ...(labels === undefined && classes === 2 ? { labels: ['background', 'object'] } : {}),
  };
}

function guessPicture(outputs: readonly TensorInfo[], input: PictureInput): TaskGuess | undefined {
  for (const output of outputs) {
    if (output.shape.length !== input.rank) continue;
    const dims = input.rank === 4 ? output.shape.slice(1) : output.shape;
    const [first, middle, last] = dims;
    const sides = first === 3 || first === 1 ? [middle, last] : last === 3 || last === 1 ? [first, middle] : undefined;
    // A small grid of one or three values is a coarse map of something, not a picture.
    if (sides === undefined || sides.some((side) => typeof side === 'number' && side < 32)) continue;
    return {
      task: { kind: 'image', range: 'auto' },
      reason: `Output ${shapeText(output)} is a picture: ${first === 3 || last === 3 ? '3 channels' : '1 channel'} over height and width.`,
      family: 'picture',
    };
  }
  return undefined;
}

function guessClassifier(outputs: readonly TensorInfo[], labels: readonly string[] | undefined): TaskGuess | undefined {
  const output = outputs.find(({ shape }) => classCount(shape) !== undefined);
  if (output === undefined || outputs.length > 2 || /embed|feature|descriptor/i.test(output.name)) return undefined;
  const count = classCount(output.shape) ?? 0;
  const why = labels?.length === count ? ', as many as the metadata has class names' : '';
  return {
    task: { kind: 'classification', softmax: 'auto', topK: 5 },
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

function shapeText({ name, shape }: TensorInfo): string {
  return `${name.slice(0, 60)} [${shape.map((dim) => String(dim).slice(0, 20)).join(', ')}]`;
}
