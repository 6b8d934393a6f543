/**
 * Detection heads by the shapes of their outputs. YOLO heads are known by the count of their places, which the size of
 * the input fixes; where that is free, the metadata has to say what the rows are.
 */
import type { DetectionHead, ModelFacts, Task } from '../core/card.ts';
import { taskDefaults } from '../core/taskDefaults.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { placesOf } from './gridPlaces.ts';
import type { TaskGuess } from './guessTask.ts';
import type { PictureInput } from './pictureInput.ts';
import { shapeText } from './shapeText.ts';
import { priorsOf } from './decodeYunet.ts';

type Labels = readonly string[] | undefined;

export function guessDetection(
  facts: ModelFacts,
  input: PictureInput | undefined,
  labels: Labels,
): TaskGuess | undefined {
  if (facts.metadata['task'] === 'classify') return undefined;
  return (
    guessYunet(facts.outputs, input) ??
    guessGraphNms(facts, input) ??
    guessYolo(facts, input, labels) ??
    guessSingleGrid(facts.outputs, input, labels) ??
    guessSsd(facts.outputs, labels)
  );
}

function detection(head: DetectionHead, more: Partial<Extract<Task, { kind: 'detection' }>> = {}): Task {
  return { ...taskDefaults.detection, head, ...more };
}

function placesOfInput(input: PictureInput | undefined): number | undefined {
  return input?.height === undefined || input.width === undefined ? undefined : placesOf(input.width, input.height);
}

function guessYolo(facts: ModelFacts, input: PictureInput | undefined, labels: Labels): TaskGuess | undefined {
  const said = facts.metadata['task'];
  const [output, second] = facts.outputs;
  if (output === undefined || output.shape.length !== 3) return undefined;
  const [, a, b] = output.shape;
  const places = placesOfInput(input);
  const shape = shapeText(output);
  const why = said === undefined ? '' : ` and the metadata says task ${said.slice(0, 20)}`;
  // Heads with fewer scales have another grid; the metadata then has to say what the rows are.
  const isNamed = said === 'detect' && labels !== undefined && a === labels.length + 4;
  const isCount =
    isNamed || (typeof b === 'number' ? b === places || (places === undefined && b >= 100) : said !== undefined);
  if (typeof a === 'number' && a >= 5 && isCount && (typeof b !== 'number' || a < b)) {
    const protos = second?.shape.length === 4 ? second.shape[1] : undefined;
    if (second !== undefined && typeof protos === 'number' && protos >= 8 && a > 4 + protos)
      return {
        task: taskDefaults.instances,
        reason: `Output ${shape} is boxes, class scores and ${protos} mask coefficients; ${shapeText(second)} are the masks they mix${why}.`,
        family: 'yolo',
        classes: a - 4 - protos,
      };
    return {
      task: detection('yolov8'),
      reason: `Output ${shape} is 4 box values and the class scores for each place of the grid${why}.`,
      family: 'yolo',
      classes: a - 4,
    };
  }
  if (typeof b !== 'number' || b < 6 || (labels !== undefined && labels.length + 5 !== b)) return undefined;
  if (places !== undefined && a === places)
    return {
      task: detection('yolox'),
      reason: `Output ${shape} has one row for each place of strides 8, 16 and 32: offsets, sizes, objectness and class scores, as YOLOX gives them.`,
      family: 'yolox',
      classes: b - 5,
    };
  // Three shapes of boxes at each place.
  if ((places !== undefined && a === places * 3) || (labels !== undefined && said === 'detect'))
    return {
      task: detection('yolov5'),
      reason: `Output ${shape} is boxes, objectness and class scores, three for each place of the grid, as YOLOv5 gives them.`,
      family: 'yolo',
      classes: b - 5,
    };
  return undefined;
}

function guessSingleGrid(
  outputs: readonly TensorInfo[],
  input: PictureInput | undefined,
  labels: Labels,
): TaskGuess | undefined {
  const [output] = outputs;
  if (output === undefined || outputs.length !== 1 || output.shape.length !== 4) return undefined;
  if (input?.width === undefined || input.height === undefined) return undefined;
  const [, channels, rows, columns] = output.shape;
  // One objectness, four numbers of the box, then as many classes as the common sets have, or as the file names.
  const classes = typeof channels === 'number' ? channels - 5 : 0;
  if (rows !== input.height / 16 || columns !== input.width / 16) return undefined;
  if (classes !== (labels?.length ?? classes) || (labels === undefined && classes !== 80 && classes !== 20))
    return undefined;
  return {
    task: detection('fastestdet', { scoreThreshold: 0.5 }),
    reason: `Output ${shapeText(output)} is one grid of stride 16 with objectness, a box and ${classes} class scores at each place, as FastestDet gives them.`,
    family: 'fastestdet',
    classes,
  };
}

function guessYunet(outputs: readonly TensorInfo[], input: PictureInput | undefined): TaskGuess | undefined {
  const ends = outputs.map(({ shape }) => shape.at(-1));
  if (outputs.length !== 3 || ![14, 2, 1].every((size) => ends.includes(size))) return undefined;
  const counts = outputs.map(({ shape }) => shape.at(-2)).filter((count) => typeof count === 'number');
  if (input?.width !== undefined && input.height !== undefined) {
    const priors = priorsOf(input.width, input.height).length;
    if (counts.some((count) => count !== priors)) return undefined;
  }
  return {
    task: detection('yunet', { scoreThreshold: 0.6, iouThreshold: 0.3 }),
    reason:
      'Outputs of 14, 2 and 1 values for each place: a box with five points, its score and its quality, as YuNet gives them.',
    family: 'yunet',
    classes: 2,
    labels: ['background', 'face'],
  };
}

function guessGraphNms(facts: ModelFacts, input: PictureInput | undefined): TaskGuess | undefined {
  if (input === undefined) return undefined;
  const { outputs } = facts;
  const [only] = outputs;
  const places = placesOfInput(input);
  if (outputs.length === 1 && only !== undefined && /^(float|unknown)/.test(only.type)) {
    const { shape } = only;
    const rows = shape.at(-2);
    const sixes = shape.length === 3 && shape[2] === 6 && rows !== places && (typeof rows !== 'number' || rows <= 1000);
    const sevens = shape.length === 2 && shape[1] === 7 && countsDetections(shape[0], facts);
    // Six values are also a YOLOX row of one class: then the count of rows tells, or the names of the classes do.
    if (sevens || (sixes && !(typeof rows === 'number' && places !== undefined && rows === places * 3)))
      return {
        task: detection('rows', { iouThreshold: 1 }),
        reason: `Output ${shapeText(only)} is one detection a row, ${sevens ? 'as YOLOv7 with suppression in the graph gives it' : 'corners, score and class, as YOLOv10 and other end-to-end exports give it'}.`,
        family: 'yolo',
      };
  }
  const boxes = outputs.find(({ shape, name }) => shape.at(-1) === 4 && shape.length >= 2 && /box|det|loc/i.test(name));
  const indices = outputs.find(({ shape, type }) => shape.length === 2 && shape[1] === 3 && /int/.test(type));
  const rest = outputs.filter((output) => output !== boxes && output.shape.length <= 2);
  const named = rest.some(({ name }) => /score|conf/i.test(name)) && rest.some(({ name }) => /class|label/i.test(name));
  if (boxes === undefined || (indices === undefined && !named)) return undefined;
  return {
    task: detection('nms', { iouThreshold: 1 }),
    reason:
      indices === undefined
        ? `Output ${shapeText(boxes)} is boxes, with scores and classes apart: suppressed in the graph.`
        : `Output ${shapeText(indices)} is the boxes that suppression in the graph has chosen.`,
    family: indices === undefined ? 'ssd' : 'yolo',
  };
}

/** A free dimension that is no batch: else seven values are the scores of seven classes. */
function countsDetections(dim: number | string | undefined, { inputs, operators }: ModelFacts): boolean {
  const batches = inputs.map(({ shape }) => shape[0]);
  const known = Object.keys(operators).length > 0;
  return (
    typeof dim === 'string' &&
    !/batch/i.test(dim) &&
    (dim === '?' || !batches.includes(dim)) &&
    (!known || operators['NonMaxSuppression'] !== undefined || operators['TopK'] !== undefined)
  );
}

function guessSsd(outputs: readonly TensorInfo[], labels: Labels): TaskGuess | undefined {
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
    task: detection('ssd', { scoreThreshold: 0.7, iouThreshold: 0.3 }),
    reason: `Outputs ${shapeText(scores)} and ${shapeText(boxes)}: class scores and box corners for the same ${count} places.`,
    family: 'ssd',
    // Two classes are "nothing" and the one thing the model looks for; its name is not in the file.
    ...(labels === undefined && classes === 2 ? { labels: ['background', 'object'] } : {}),
  };
}
