/**
 * How a picture becomes the model's input, guessed from the model's family, its input and its metadata.
 * No file says all of it, so each guess carries the reason that a person needs to judge it.
 */
import type { ModelFacts, Prepare } from '../core/card.ts';
import type { TaskGuess } from './guessTask.ts';
import type { PictureInput } from './pictureInput.ts';

type Values = Pick<Prepare, 'scale' | 'mean' | 'std'>;

const zeroToOne: Values = { scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] };
const raw: Values = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1] };
const plusMinusOne: Values = { scale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] };
/** Mean and deviation of ImageNet's pixels, RGB, as torchvision's models use them. */
const imageNet: Values = { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export function guessPrepare(
  facts: ModelFacts,
  input: PictureInput,
  { family }: TaskGuess,
): { prepare: Prepare; reason: string } {
  const yolo = family === 'yolo' || family === 'yolox';
  const size = sizeOf(facts, input, family);
  const values = valuesOf(facts, input, family);
  const color = input.channels === 1 ? 'gray' : colorOf(facts, family);
  const { batch } = input;
  // TensorFlow's networks, and those trained through OpenCV, saw pictures made smaller without smoothing.
  const halves =
    family === 'yolox' || family === 'fastestdet' || (family === 'segmentation' && input.layout === 'nhwc');
  const places =
    batch === 1 ? '' : ` The model takes ${batch} pictures at a time: each frame fills all ${batch} places.`;
  return {
    prepare: {
      input: input.name,
      width: size.width,
      height: size.height,
      fit: yolo ? 'letterbox' : family === 'classifier' && input.channels === 3 ? 'crop' : 'stretch',
      color,
      layout: input.layout,
      type: input.type,
      ...values.values,
      pad: yolo ? 114 : 0,
      ...(family === 'yolox' ? { place: 'corner' as const } : {}),
      ...(halves ? { shrink: 'halves' as const } : {}),
      ...(batch === 1 ? {} : { batch }),
    },
    reason: `${size.reason} ${values.reason}${halves ? ' Pictures are made smaller as it saw them in training, in halves and then between the nearest pixels.' : ''}${places}`,
  };
}

function sizeOf(facts: ModelFacts, input: PictureInput, family: TaskGuess['family']) {
  if (input.width !== undefined && input.height !== undefined)
    return { width: input.width, height: input.height, reason: `The input is ${input.width} × ${input.height}.` };
  const said = /^\D*(\d{1,5})\D+(\d{1,5})\D*$/.exec(facts.metadata['imgsz'] ?? '');
  const [height, width] = [Number(said?.[1] ?? 0), Number(said?.[2] ?? 0)];
  if (isSide(height) && isSide(width))
    return { width, height, reason: `The size is free; the metadata says imgsz ${height} × ${width}.` };
  const [w, h] = family === 'yolo' ? [640, 640] : family === 'picture' || family === 'ssd' ? [320, 240] : [224, 224];
  // A network that halves its input so often takes multiples alone.
  const stride = Number(facts.metadata['stride']);
  const known = Number.isInteger(stride) && stride > 1 && stride <= 256;
  const fit = (side: number) => (known ? Math.ceil(side / stride) * stride : side);
  const chosen = { width: input.width ?? fit(w), height: input.height ?? fit(h) };
  const why = known ? `, of the stride ${stride} in the metadata` : '';
  return { ...chosen, reason: `The size is free; ${chosen.width} × ${chosen.height} is a quick one${why}.` };
}

function isSide(side: number): boolean {
  return side >= 16 && side <= 4096;
}

function valuesOf(
  facts: ModelFacts,
  input: PictureInput,
  family: TaskGuess['family'],
): { values: Values; reason: string } {
  if (input.type === 'uint8') return { values: raw, reason: 'Its type is uint8: pixels as they are.' };
  if (input.type === 'int8')
    return { values: { ...raw, mean: [128, 128, 128] }, reason: 'Its type is int8: pixels minus 128.' };
  // https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md
  const range = facts.metadata['Image.NominalPixelRange'];
  if (range === 'NominalRange_0_255') return { values: raw, reason: 'The metadata says pixels in 0..255.' };
  if (range === 'Normalized_0_1') return { values: zeroToOne, reason: 'The metadata says pixels in 0..1.' };
  if (range === 'Normalized_1_1') return { values: plusMinusOne, reason: 'The metadata says pixels in -1..1.' };
  if (/cntk/i.test(facts.producer ?? ''))
    return { values: raw, reason: 'Written by CNTK, whose models take pixels in 0..255.' };
  switch (family) {
    case 'ssd':
      return {
        values: { scale: 1, mean: [127, 127, 127], std: [128, 128, 128] },
        reason: 'SSD-like detectors with score and box outputs are mostly trained on (pixel − 127) / 128.',
      };
    case 'yolox':
      return { values: raw, reason: 'YOLOX takes BGR pixels in 0..255, letterboxed into the upper left corner.' };
    case 'yunet':
      return { values: raw, reason: 'YuNet takes BGR pixels in 0..255.' };
    case 'fastestdet':
      return { values: zeroToOne, reason: 'FastestDet takes BGR in 0..1, stretched.' };
    case 'keypoints':
      return { values: imageNet, reason: 'Networks for key points mostly take the mean and deviation of ImageNet.' };
    case 'depth':
    case 'segmentation':
      return layoutValues(input);
    case 'yolo':
      return { values: zeroToOne, reason: 'YOLO takes RGB in 0..1, letterboxed.' };
    case 'picture':
      return pictureValues(facts);
    case 'classifier':
      return classifierValues(facts, input);
    case 'sound':
    case 'unknown':
      return input.layout === 'nhwc'
        ? { values: plusMinusOne, reason: 'NHWC comes from TensorFlow, whose models mostly take -1..1.' }
        : { values: zeroToOne, reason: 'Nothing says the range of values: 0..1 is the most common.' };
  }
}

/** The well-known fast-neural-style networks are full of InstanceNormalization and were exported with opset 9 or less. */
function pictureValues(facts: ModelFacts): { values: Values; reason: string } {
  const normalisations = facts.operators['InstanceNormalization'] ?? 0;
  if (normalisations >= 5 && (facts.opsets['ai.onnx'] ?? 99) <= 9)
    return { values: raw, reason: 'Style transfer networks of this age take pixels in 0..255.' };
  return { values: zeroToOne, reason: 'Networks from picture to picture mostly take 0..1.' };
}

function classifierValues(facts: ModelFacts, input: PictureInput): { values: Values; reason: string } {
  if (input.channels === 1) return { values: zeroToOne, reason: 'One channel: gray in 0..1.' };
  if (facts.metadata['task'] === 'classify') return { values: zeroToOne, reason: 'YOLO classifiers take RGB in 0..1.' };
  return input.layout === 'nhwc'
    ? { values: plusMinusOne, reason: 'NHWC comes from TensorFlow, whose classifiers mostly take -1..1.' }
    : { values: imageNet, reason: 'Classifiers in NCHW mostly take the mean and deviation of ImageNet.' };
}

/** Trained on a classifier's backbone, so prepared as classifiers are. */
function layoutValues(input: PictureInput): { values: Values; reason: string } {
  return input.layout === 'nhwc'
    ? { values: plusMinusOne, reason: 'NHWC comes from TensorFlow, whose models mostly take -1..1.' }
    : { values: imageNet, reason: 'Networks of this kind mostly take the mean and deviation of ImageNet.' };
}

const bgrFamilies = new Set<TaskGuess['family']>(['yolox', 'fastestdet', 'yunet']);

function colorOf(facts: ModelFacts, family: TaskGuess['family']): Prepare['color'] {
  const format = facts.metadata['Image.BitmapPixelFormat'] ?? '';
  if (/^bgr/i.test(format)) return 'bgr';
  if (/^rgb/i.test(format)) return 'rgb';
  // ImageScaler comes from converters to Windows ML, which binds pictures as BGR8.
  return bgrFamilies.has(family) || facts.operators['ImageScaler'] !== undefined ? 'bgr' : 'rgb';
}
