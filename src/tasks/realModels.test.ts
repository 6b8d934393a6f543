/**
 * What is guessed of real models from their facts alone, held against what they are. Needs WEIR_FIXTURES. The same cards
 * on real pictures are in `e2e/golden.spec.ts`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ModelFacts, TaskKind } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { guessCard } from './guess.ts';

const fixtures = process.env['WEIR_FIXTURES'];
if (fixtures === undefined) console.info('Real models are not looked at: WEIR_FIXTURES is not set.');
const at = (...path: string[]) => join(fixtures ?? '', ...path);

interface Card {
  readonly producer?: string;
  readonly opset?: Record<string, number>;
  readonly ops_top?: Record<string, number>;
  readonly inputs?: readonly { readonly name: string; readonly dtype: string; readonly shape: (number | string)[] }[];
  readonly outputs?: Card['inputs'];
}

/** The facts from the card beside the model: `tasks/` does not know how files are read. */
function factsOf({ producer, opset = {}, ops_top = {}, inputs = [], outputs = [] }: Card): ModelFacts {
  const infos = (list: NonNullable<Card['inputs']>) =>
    list.map(({ name, dtype, shape }): TensorInfo => ({ name, type: dtype as TensorInfo['type'], shape }));
  return {
    format: 'onnx',
    bytes: 0,
    ...(producer === undefined ? {} : { producer }),
    opsets: opset,
    operators: ops_top,
    inputs: infos(inputs),
    outputs: infos(outputs),
    nodes: 0,
    parameters: 0,
    externalFiles: [],
    metadata: {},
  };
}

/** What each model is; with words: what it is not guessed to be, and why. */
const known: Readonly<Record<string, TaskKind | `${TaskKind}: ${string}`>> = {
  'audio-dtln-1': 'sound',
  'audio-silero-vad-16k': 'sound',
  'classification-light-squeezenet': 'classification',
  'classification-mnist': 'classification',
  'classification-mobilenetv2-int8-qdq': 'classification',
  'detection-fastestdet': 'detection',
  'detection-ultraface-rfb320': 'detection',
  'detection-yolox-nano': 'detection',
  'detection-yunet-face': 'detection',
  'dtype-float16': 'tensors',
  'dtype-int64': 'tensors',
  'dtype-uint8': 'tensors',
  'externaldata-web-e2e': 'tensors',
  'fp16-conv': 'tensors',
  'imageop-alpha-blend': 'image',
  'imageop-brightness': 'image',
  'imageop-colormap-turbo': 'image',
  'imageop-float-to-uint8': 'image',
  'imageop-hwc-to-chw': 'image',
  'imageop-imagenet-norm': 'image',
  'imageop-letterbox': 'image',
  'imageop-resize-to': 'image',
  'imageop-rotate-90': 'image',
  'imageop-sobel': 'image',
  'imageop-uint8-to-float': 'image',
  'keypoints-openseeface-lm0': 'keypoints',
  'lowlight-agllnet-256': 'image: ten channels look like ten classes until the first run shows no logits',
  'segmentation-deeplabv3-mnv2': 'segmentation',
  'style-candy-720': 'image',
  'style-mobile-41k': 'image',
  'text-bert-toy': 'tensors: its first output is a table, its second looks like the scores of two classes',
  'text-magika-v3_3': 'classification',
  'tiny-matmul-2input': 'tensors',
};

it.skipIf(fixtures === undefined)('most real models are guessed right, and for the others it is said why not', () => {
  const rows = readdirSync(at('models'))
    .filter((name) => known[name] !== undefined && existsSync(at('models', name, 'card.json')))
    .map((name) => {
      const facts = factsOf(JSON.parse(readFileSync(at('models', name, 'card.json'), 'utf8')) as Card);
      const { task, reasons } = guessCard(facts, 'some.onnx');
      const [is = '', why] = known[name]?.split(': ') ?? [];
      return { name, is, why, guessed: task.kind, reason: reasons['task'] ?? '' };
    });
  console.info(
    rows
      .map(({ name, is, guessed, why, reason }) =>
        [name.padEnd(36), (is === guessed ? 'yes' : 'no').padEnd(4), guessed.padEnd(15), why ?? reason].join(' '),
      )
      .join('\n'),
  );
  for (const { name, is, guessed, why, reason } of rows) {
    expect(guessed === is, `${name} is ${is}, guessed ${guessed}`).toBe(why === undefined);
    expect(reason.length, `${name} has a reason`).toBeGreaterThan(20);
  }
  const sensible = rows.filter(({ is, guessed }) => is === guessed && guessed !== 'tensors');
  expect(sensible.length).toBeGreaterThanOrEqual(20);
});
