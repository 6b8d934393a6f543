/** Decoding alone, on one core: outputs as a model gives them, made once from a seed. */
import type { ModelCard } from '../../src/core/card.ts';
import { type Fit, wholeFit } from '../../src/core/engine.ts';
import { createRandom } from '../../src/core/createRandom.ts';
import { taskDefaults } from '../../src/core/taskDefaults.ts';
import type { TensorValue } from '../../src/core/tensor.ts';
import { decode } from '../../src/tasks/decode.ts';

export type DecodeCase = 'yolov8' | 'segmentation';

interface Case {
  readonly card: ModelCard;
  readonly fit: Fit;
  readonly outputs: readonly TensorValue[];
  /** Detections or classes that are found, so that nobody times an empty result. */
  readonly found: number;
}

const cases = new Map<DecodeCase, Case>();

/** @returns ms a decode over at least `ms` */
export function decodeFor(name: DecodeCase, ms: number): { msEach: number; count: number; found: number } {
  const made = cases.get(name) ?? make(name);
  cases.set(name, made);
  const started = performance.now();
  let now = started;
  let count = 0;
  while (now - started < ms) {
    for (let i = 0; i < 8; i++) decode(made.outputs, made.fit, made.card);
    count += 8;
    now = performance.now();
  }
  return { msEach: (now - started) / count, count, found: made.found };
}

function make(name: DecodeCase): Case {
  const made = name === 'yolov8' ? yolov8() : segmentation();
  return { ...made, found: decode(made.outputs, made.fit, made.card).items.length };
}

/** [1,84,8400] of a picture of 640 x 640: a hundred candidates of all classes around twenty things, noise elsewhere. */
function yolov8(): Omit<Case, 'found'> {
  const random = createRandom(1);
  const [rows, count] = [84, 8400];
  const data = new Float32Array(rows * count);
  for (let i = 0; i < data.length; i++) data[i] = random() * 0.05;
  for (let n = 0; n < 100; n++) {
    const at = Math.floor(random() * count);
    const thing = n % 20;
    const [x, y] = [60 + (thing % 5) * 120, 60 + Math.floor(thing / 5) * 120];
    [x + random() * 10, y + random() * 10, 80 + random() * 10, 100 + random() * 10].forEach((value, row) => {
      data[row * count + at] = value;
    });
    data[(4 + (thing % 80)) * count + at] = 0.5 + random() * 0.4;
  }
  return {
    card: { name: 'yolov8', task: taskDefaults.detection, reasons: {} },
    fit: wholeFit({ width: 640, height: 640 }),
    outputs: [{ name: 'output0', type: 'float32', dims: [1, rows, count], data }],
  };
}

/** [1,257,257,21]: patches of classes with noise in every logit. */
function segmentation(): Omit<Case, 'found'> {
  const random = createRandom(2);
  const [side, classes] = [257, 21];
  const data = new Float32Array(side * side * classes);
  for (let i = 0; i < side * side; i++) {
    const patch = (Math.floor((i % side) / 40) + Math.floor(i / side / 40) * 3) % classes;
    for (let c = 0; c < classes; c++) data[i * classes + c] = random() * 4 + (c === patch ? 8 : 0);
  }
  return {
    card: { name: 'segmentation', task: taskDefaults.segmentation, reasons: {} },
    fit: wholeFit({ width: side, height: side }),
    outputs: [{ name: 'logits', type: 'float32', dims: [1, side, side, classes], data }],
  };
}
