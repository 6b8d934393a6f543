/** What is guessed from facts alone: shapes, names and metadata, with a reason for each. */
import { describe, expect, it } from 'vitest';
import type { ModelFacts } from '../core/card.ts';
import type { TensorInfo } from '../core/tensor.ts';
import { guessCard } from './guess.ts';
import { labelsOf } from './labels.ts';

type Shape = readonly (number | string)[];
const tensor = (name: string, shape: Shape, type: TensorInfo['type'] = 'float32'): TensorInfo => ({
  name,
  type,
  shape,
});

function facts(
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  more: Partial<ModelFacts> = {},
): ModelFacts {
  return {
    format: 'onnx',
    bytes: 1000,
    opsets: { 'ai.onnx': 17 },
    operators: {},
    inputs,
    outputs,
    nodes: 1,
    parameters: 0,
    externalFiles: [],
    metadata: {},
    ...more,
  };
}

const guess = (...args: Parameters<typeof facts>) => guessCard(facts(...args), 'some.onnx');

describe('guessCard', () => {
  it('a YOLOv8 export, with its names and size', () => {
    const metadata = { task: 'detect', names: `{0: 'person', 1: "teddy's bear"}`, imgsz: '[480, 640]' };
    const card = guess([tensor('images', [1, 3, 'height', 'width'])], [tensor('output0', [1, 6, 'anchors'])], {
      metadata,
    });
    expect(card.task).toMatchObject({ kind: 'detection', head: 'yolov8' });
    expect(card.prepare).toMatchObject({ width: 640, height: 480, fit: 'letterbox', scale: 1 / 255, pad: 114 });
    expect(card.labels).toEqual(['person', "teddy's bear"]);
    expect(card.reasons['task']).toContain('metadata says task detect');
  });

  it('a YOLOv8 graph without metadata, by the count of its grid', () => {
    const card = guess([tensor('images', [1, 3, 640, 640])], [tensor('output0', [1, 84, 8400])]);
    expect(card.task).toMatchObject({ head: 'yolov8' });
    const other = guess([tensor('images', [1, 3, 640, 640])], [tensor('output0', [1, 300, 6])]);
    expect(other.task).toMatchObject({ kind: 'detection', head: 'rows' });
  });

  it('a head of two scales, whose rows the metadata explains', () => {
    const outputs = [tensor('output0', ['batch', 10, 1200])];
    const names = `{"0": "circle", "1": "ring", "2": "square", "3": "triangle", "4": "star", "5": "cross"}`;
    const metadata = { task: 'detect', names, imgsz: '[192, 320]' };
    const card = guess([tensor('images', ['batch', 3, 192, 320])], outputs, { metadata });
    expect(card.task).toMatchObject({ kind: 'detection', head: 'yolov8' });
    expect(card.labels?.length).toBe(6);
    const { names: _, ...nameless } = metadata;
    expect(guess([tensor('images', ['batch', 3, 192, 320])], outputs, { metadata: nameless }).task.kind).toBe(
      'tensors',
    );
  });

  it('an SSD-like face detector', () => {
    const card = guess(
      [tensor('input', [1, 3, 240, 320])],
      [tensor('scores', [1, 4420, 2]), tensor('boxes', [1, 4420, 4])],
    );
    expect(card.task).toMatchObject({ kind: 'detection', head: 'ssd' });
    expect(card.prepare).toMatchObject({ width: 320, height: 240, fit: 'stretch', scale: 1, mean: [127, 127, 127] });
    expect(card.labels).toEqual(['background', 'object']);
    expect(card.reasons['prepare']).toContain('(pixel − 127) / 128');
  });

  it('classifiers: ImageNet in NCHW, -1..1 in NHWC, gray digits', () => {
    const nchw = guess([tensor('x', ['batch', 3, 224, 224])], [tensor('y', ['batch', 1000])]);
    expect(nchw.task).toEqual({ kind: 'classification', softmax: 'auto', topK: 5 });
    expect(nchw.prepare).toMatchObject({ fit: 'crop', layout: 'nchw', mean: [0.485, 0.456, 0.406] });
    const nhwc = guess([tensor('x', ['?', 224, 224, 3])], [tensor('y', ['?', 1001])]);
    expect(nhwc.prepare).toMatchObject({ layout: 'nhwc', scale: 1 / 127.5, mean: [1, 1, 1] });
    const digits = guess([tensor('x', [1, 1, 28, 28])], [tensor('y', [1, 10])], { producer: 'CNTK' });
    expect(digits.prepare).toMatchObject({ color: 'gray', width: 28, scale: 1 });
    const embedding = guess([tensor('x', [1, 3, 112, 112])], [tensor('embedding', [1, 512])]);
    expect(embedding.task.kind).toBe('tensors');
  });

  it('pictures: same rank, three channels or one; uint8 as it is; old style transfer in 0..255', () => {
    const free = guess([tensor('x', ['N', 3, 'H', 'W'])], [tensor('y', ['N', 3, 'H', 'W'])]);
    expect(free.task).toEqual({ kind: 'image', range: 'auto', show: 'picture', channel: 0 });
    expect(free.prepare).toMatchObject({ width: 320, height: 240, scale: 1 / 255 });
    const bytes = guess([tensor('x', ['N', 3, 'H', 'W'], 'uint8')], [tensor('y', ['N', 3, 'H', 'W'])]);
    expect(bytes.prepare).toMatchObject({ type: 'uint8', scale: 1 });
    const style = { opsets: { 'ai.onnx': 7 }, operators: { InstanceNormalization: 15, ImageScaler: 1 } };
    const candy = guess([tensor('x', ['None', 3, 720, 720])], [tensor('y', ['None', 3, 720, 720])], style);
    expect(candy.prepare).toMatchObject({ scale: 1, color: 'bgr' });
  });

  it('heads of detectors, each by its shapes', () => {
    const input = tensor('images', [1, 3, 640, 640]);
    const heads = (...outputs: TensorInfo[]) => guess([input], outputs).task;
    expect(heads(tensor('output0', [1, 25200, 85]))).toMatchObject({ kind: 'detection', head: 'yolov5' });
    expect(heads(tensor('output', [1, 8400, 85]))).toMatchObject({ kind: 'detection', head: 'yolox' });
    expect(heads(tensor('output0', [1, 300, 6]))).toMatchObject({ kind: 'detection', head: 'rows' });
    expect(heads(tensor('output', ['n', 7]))).toMatchObject({ kind: 'detection', head: 'rows' });
    expect(heads(tensor('output0', [1, 116, 8400]), tensor('output1', [1, 32, 160, 160])).kind).toBe('instances');
    expect(
      heads(tensor('boxes', [1, 8400, 4]), tensor('scores', [1, 80, 8400]), tensor('selected', ['n', 3], 'int64')),
    ).toMatchObject({ kind: 'detection', head: 'nms' });
    expect(
      heads(
        tensor('num_dets', [1, 1], 'int32'),
        tensor('det_boxes', [1, 100, 4]),
        tensor('det_scores', [1, 100]),
        tensor('det_classes', [1, 100], 'int32'),
      ),
    ).toMatchObject({ kind: 'detection', head: 'nms' });
    const grid = guess([tensor('x', [1, 3, 352, 352])], [tensor('758', [1, 85, 22, 22])]);
    expect(grid).toMatchObject({ task: { head: 'fastestdet' }, prepare: { color: 'bgr', fit: 'stretch' } });
    expect(grid.labels?.[16]).toBe('dog');
    expect(grid.reasons['labels']).toContain('COCO');
    const yolox = guess([tensor('images', [1, 3, 416, 416])], [tensor('output', [1, 3549, 85])]);
    expect(yolox.prepare).toMatchObject({ color: 'bgr', scale: 1, fit: 'letterbox', place: 'corner' });
    const faces = guess(
      [tensor('input', [1, 3, 120, 160])],
      [tensor('loc', ['?', 14]), tensor('conf', ['?', 2]), tensor('iou', ['?', 1])],
    );
    expect(faces).toMatchObject({ task: { head: 'yunet' }, labels: ['background', 'face'], prepare: { color: 'bgr' } });
  });

  it('maps over the picture: classes, points, depth', () => {
    const map = (shape: Shape, name = 'y', type: TensorInfo['type'] = 'float32') =>
      guess([tensor('x', [1, 3, 256, 256])], [tensor(name, shape, type)]);
    expect(map([1, 19, 256, 256]).task.kind).toBe('segmentation');
    expect(map([1, 150, 64, 64]).task.kind).toBe('segmentation');
    expect(map([1, 256, 256], 'y', 'int64').task.kind).toBe('segmentation');
    expect(map([1, 17, 64, 64]).task).toMatchObject({ kind: 'keypoints', head: 'heatMaps' });
    expect(map([1, 198, 32, 32]).task).toMatchObject({ kind: 'keypoints', head: 'offsets' });
    expect(map([1, 68, 2], 'landmarks').task).toMatchObject({ kind: 'keypoints', head: 'direct' });
    expect(map([1, 1, 256, 256], 'depth').task).toMatchObject({ kind: 'image', show: 'ramp' });
    const voc = guess([tensor('x', [1, 257, 257, 3])], [tensor('y', [1, 257, 257, 21])]);
    expect(voc.labels?.[15]).toBe('person');
    expect(voc.prepare).toMatchObject({ layout: 'nhwc', shrink: 'halves', scale: 1 / 127.5 });
  });

  it('sound is what carries state and has no picture: one value over time, or one for each frequency', () => {
    const voice = guess(
      [tensor('input', ['batch', 'sequence']), tensor('state', [2, 'batch', 128]), tensor('sr', [], 'int64')],
      [tensor('output', ['batch', 1]), tensor('stateN', ['a', 'batch', 'b'])],
    );
    expect(voice.task).toMatchObject({ kind: 'sound', show: 'activity' });
    const mask = guess(
      [tensor('x', [1, 1, 257]), tensor('h', [1, 2, 128, 2])],
      [tensor('y', [1, 1, 257]), tensor('h_out', [1, 2, 128, 2])],
    );
    expect(mask.task).toMatchObject({ kind: 'sound', show: 'spectrum' });
  });

  it('a free size is a multiple of the stride that the metadata says', () => {
    const metadata = { stride: '32' };
    const card = guess([tensor('x', ['n', 3, 'h', 'w'])], [tensor('y', ['n', 3, 'h', 'w'])], { metadata });
    expect(card.prepare).toMatchObject({ width: 320, height: 256 });
    expect(card.reasons['prepare']).toContain('stride 32');
  });

  it('seven values are seven classes unless their count is free and no batch', () => {
    const seven = (first: number | string) =>
      guess([tensor('x', ['batch', 1, 48, 48])], [tensor('y', [first, 7])]).task;
    expect(seven(1).kind).toBe('classification');
    expect(seven('batch').kind).toBe('classification');
    expect(seven('detections')).toMatchObject({ kind: 'detection', head: 'rows' });
  });

  it('a graph that only copies tells no classes apart', () => {
    const copies = guess([tensor('x', [1, 5])], [tensor('y', [1, 5])], { operators: { Identity: 1 } });
    expect(copies.task.kind).toBe('tensors');
  });

  it('metadata of Windows ML say the range and the order of colours', () => {
    const metadata = { 'Image.NominalPixelRange': 'Normalized_1_1', 'Image.BitmapPixelFormat': 'Bgr8' };
    const card = guess([tensor('x', [1, 3, 64, 64])], [tensor('y', [1, 3, 64, 64])], { metadata });
    expect(card.prepare).toMatchObject({ color: 'bgr', scale: 1 / 127.5, mean: [1, 1, 1] });
  });

  it.each([
    [[tensor('ids', [1, 16], 'int64')], 'Input ids [1, 16] holds int64 values'],
    [[tensor('x', [1, 1, 257])], 'has 3 dimensions'],
    [[tensor('x', [400, 3, 32, 32])], 'takes 400 pictures at a time'],
    [[tensor('x', [1, 16, 32, 32])], 'no dimension of 1 or 3 colour channels'],
    [[], 'The model has no input.'],
  ])('says which input stands in the way', (inputs, reason) => {
    const card = guess(inputs, [tensor('y', [1, 10])]);
    expect(card.prepare).toBeUndefined();
    expect(card.reasons['prepare']).toContain(reason);
  });

  it('a fixed batch is filled with the picture, and the card says so', () => {
    const card = guess([tensor('x', [4, 3, 32, 32])], [tensor('y', [4, 10])]);
    expect(card.prepare?.batch).toBe(4);
    expect(card.reasons['prepare']).toContain('fills all 4 places');
  });

  it('an output that is no tensor is skipped, and the card says so', () => {
    const card = guess([tensor('x', [1, 3, 32, 32])], [tensor('label', [1], 'int64'), tensor('map', [], 'unknown')]);
    expect(card.reasons['outputs']).toMatch(/^Skipped.*: map \(a sequence or a map\)\.$/);
  });

  it('neither the name nor the hash of the file has a say', () => {
    const some = facts([tensor('x', [1, 3, 64, 64])], [tensor('y', [1, 9])]);
    const [a, b] = [guessCard(some, 'yolov8n.onnx'), guessCard(some, 'b.ort')];
    expect({ ...a, name: '' }).toEqual({ ...b, name: '' });
    expect([a.name, b.name]).toEqual(['yolov8n', 'b']);
  });
});

describe('labelsOf', () => {
  it.each([
    [`{0: 'a', 2: 'c\\'s'}`, ['a', 'class 1', "c's"]],
    ['{"0": "a", "1": "b"}', ['a', 'b']],
    [`['a', "b, c"]`, ['a', 'b, c']],
    ['a\nb\n', ['a', 'b']],
    ['a, b', ['a', 'b']],
  ])('%j', (names, labels) => expect(labelsOf({ names })).toEqual(labels));

  it('is capped and never evaluated', () => {
    expect(labelsOf({ names: `{999999: 'x'}` })).toHaveLength(100_000);
    expect(labelsOf({ names: `{0: '${'x'.repeat(1000)}'}` })?.[0]).toHaveLength(200);
    expect(labelsOf({ names: '{0: process.exit()}' })).toBeUndefined();
    expect(labelsOf({})).toBeUndefined();
  });
});
