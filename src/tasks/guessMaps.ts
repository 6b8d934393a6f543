/**
 * Outputs that lie over the picture: pictures, classes of pixels, heat maps of key points, depth. Their channels and how
 * much smaller than the input they are tell them apart; what shapes leave open, the first run settles (refineCard.ts).
 */
import type { ModelFacts } from '../core/card.ts';
import { taskDefaults } from '../core/taskDefaults.ts';
import type { TensorInfo } from '../core/tensor.ts';
import type { TaskGuess } from './guessTask.ts';
import type { PictureInput } from './pictureInput.ts';
import { shapeText } from './shapeText.ts';

/** Points of the usual sets: hands, people (MPII, COCO, with neck, Halpe), faces. */
const pointCounts = new Set([16, 17, 18, 21, 26, 29, 68, 98, 106, 133]);
const smallestPicture = 32;

interface MapShape {
  readonly channels: number | undefined;
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** How many times smaller than the input, where both are known. */
  readonly stride: number | undefined;
}

export function guessMaps({ outputs }: ModelFacts, input: PictureInput): TaskGuess | undefined {
  for (const output of outputs) {
    const guess = guessOne(output, input);
    if (guess !== undefined) return guess;
  }
  return undefined;
}

function guessOne(output: TensorInfo, input: PictureInput): TaskGuess | undefined {
  const map = mapShape(output, input);
  if (map === undefined) return undefined;
  const { channels, stride } = map;
  const shape = shapeText(output);
  const small = [map.height, map.width].some((side) => side !== undefined && side < smallestPicture);
  if (/int/.test(output.type) && output.type !== 'uint8' && channels === 1)
    return {
      task: taskDefaults.segmentation,
      reason: `Output ${shape} is one whole number for each pixel: its class.`,
      family: 'segmentation',
    };
  if (channels === 1 || channels === 3) {
    // A small grid of one or three values is a coarse map of something, not a picture.
    if (small) return undefined;
    if (channels === 1 && input.channels === 3 && /depth|dispar|inverse/i.test(output.name))
      return {
        task: { ...taskDefaults.image, show: 'ramp' },
        reason: `Output ${shape} is one value for each pixel, and its name says depth.`,
        family: 'depth',
      };
    return {
      task: taskDefaults.image,
      reason: `Output ${shape} is a picture: ${channels === 3 ? '3 channels' : '1 channel'} over height and width.`,
      family: 'picture',
    };
  }
  if (channels === undefined || channels < 2 || stride === undefined) return undefined;
  if (stride >= 4 && pointCounts.has(channels))
    return {
      task: taskDefaults.keypoints,
      reason: `Output ${shape} is ${channels} maps ${stride} times smaller than the input, as many as there are points in a common set: one peak each.`,
      family: 'keypoints',
    };
  if (stride >= 8 && channels % 3 === 0 && channels >= 45 && channels !== 150)
    return {
      task: { ...taskDefaults.keypoints, head: 'offsets' },
      reason: `Output ${shape} is 3 × ${channels / 3} maps ${stride} times smaller than the input: a peak for each point, and offsets to it in both directions.`,
      family: 'keypoints',
    };
  if (small || channels > 255) return undefined;
  return {
    task: taskDefaults.segmentation,
    reason: `Output ${shape} is ${channels} scores for each pixel: its class is the best of them.`,
    family: 'segmentation',
    classes: channels,
  };
}

function mapShape({ shape }: TensorInfo, input: PictureInput): MapShape | undefined {
  const own =
    shape.length === input.rank || shape.length === 4 ? shape : shape.length === 3 ? [1, ...shape] : undefined;
  if (own === undefined) return undefined;
  const dims = own.length === 4 ? own.slice(1) : own;
  // Three dimensions are [1,H,W] only where the first one is a batch of one or free.
  if (shape.length === 3 && input.rank === 4) {
    const [batch, height, width] = shape;
    if ((batch !== 1 && typeof batch !== 'string') || height === undefined || width === undefined) return undefined;
    const stride = strideOf([number(height), number(width)], input);
    // Rows and columns of the input's own shape, else it is a table of something.
    return stride === undefined ? undefined : { channels: 1, height: number(height), width: number(width), stride };
  }
  const [first, middle, last] = dims;
  const picture = first === 3 || first === 1 ? 'first' : last === 3 || last === 1 ? 'last' : undefined;
  const fits = (sides: readonly (number | string | undefined)[]) =>
    strideOf(
      sides.map((side) => number(side)),
      input,
    );
  const at =
    picture ??
    (fits([middle, last]) !== undefined ? 'first' : fits([first, middle]) !== undefined ? 'last' : undefined);
  if (at === undefined) return undefined;
  const [channels, height, width] = at === 'first' ? [first, middle, last] : [last, first, middle];
  return {
    channels: number(channels),
    height: number(height),
    width: number(width),
    stride: fits([height, width]),
  };
}

function number(dim: number | string | undefined): number | undefined {
  return typeof dim === 'number' ? dim : undefined;
}

/** Input side / map side, where it is nearly a whole number and the same both ways. */
function strideOf([height, width]: readonly (number | undefined)[], input: PictureInput): number | undefined {
  if (height === undefined || width === undefined || input.height === undefined || input.width === undefined)
    return undefined;
  if (height < 4 || width < 4) return undefined;
  const stride = Math.round(input.height / height);
  const near = (side: number, of: number) => Math.abs(of / side - stride) <= 0.1 * stride;
  return stride >= 1 && stride <= 32 && near(height, input.height) && near(width, input.width) ? stride : undefined;
}
