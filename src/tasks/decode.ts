/**
 * From output tensors to what they mean, by the task of the card. Pure: no canvas, no ORT, the same on every thread.
 * One file per head; this one only chooses.
 */
import type { DetectionHead, ModelCard, Task } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { assertNever } from '../core/errors.ts';
import type { Detection, TaskResult } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { decodeClassification } from './decodeClassification.ts';
import { decodeFastestDet } from './decodeFastestDet.ts';
import { decodeImage } from './decodeImage.ts';
import { decodeInstances } from './decodeInstances.ts';
import { decodeKeypoints } from './decodeKeypoints.ts';
import { decodeNms } from './decodeNms.ts';
import { decodeRows } from './decodeRows.ts';
import { decodeSegmentation } from './decodeSegmentation.ts';
import { decodeSound } from './decodeSound.ts';
import { decodeSsd } from './decodeSsd.ts';
import { decodeTensors } from './decodeTensors.ts';
import { decodeYolov5 } from './decodeYolov5.ts';
import { decodeYolov8 } from './decodeYolov8.ts';
import { decodeYolox } from './decodeYolox.ts';
import { decodeYunet } from './decodeYunet.ts';

/**
 * @param outputs in the model's own order
 * @param fit how the picture lies in the input; boxes come back in upright pixels of the source
 * @param into buffer for the picture of an `image` result, used when it is large enough
 * @throws WeirError bad-output when the outputs do not have the shapes that the task needs
 */
export function decode(outputs: readonly TensorValue[], fit: Fit, card: ModelCard, into?: ArrayBuffer): TaskResult {
  const batch = card.prepare?.batch ?? 1;
  return batch === 1 ? decodeOne(outputs, fit, card, into) : decodeOne(firstOf(outputs, batch), fit, card, into);
}

/** The first place of a fixed batch, in each output that has one. */
function firstOf(outputs: readonly TensorValue[], batch: number): TensorValue[] {
  return outputs.map((output) =>
    output.dims[0] === batch
      ? {
          ...output,
          dims: [1, ...output.dims.slice(1)],
          data: output.data.subarray(0, output.data.length / batch) as TensorValue['data'],
        }
      : output,
  );
}

type Heads = Record<
  DetectionHead,
  (
    outputs: readonly TensorValue[],
    fit: Fit,
    task: Extract<Task, { kind: 'detection' }>,
    labels: readonly string[] | undefined,
  ) => Detection[]
>;

const heads: Heads = {
  yolov8: decodeYolov8,
  yolov5: decodeYolov5,
  yolox: decodeYolox,
  fastestdet: decodeFastestDet,
  ssd: decodeSsd,
  yunet: decodeYunet,
  rows: decodeRows,
  nms: decodeNms,
};

function decodeOne(outputs: readonly TensorValue[], fit: Fit, card: ModelCard, into?: ArrayBuffer): TaskResult {
  const { task, labels } = card;
  switch (task.kind) {
    case 'detection':
      return { kind: 'detection', items: heads[task.head](outputs, fit, task, labels) };
    case 'classification':
      return { kind: 'classification', items: decodeClassification(outputs, task, labels) };
    case 'segmentation':
      return decodeSegmentation(outputs, fit, task, labels);
    case 'instances':
      return decodeInstances(outputs, fit, task, labels);
    case 'keypoints': {
      const items = decodeKeypoints(outputs, fit, task);
      return { kind: 'keypoints', items, scoreThreshold: task.scoreThreshold };
    }
    case 'image':
      return decodeImage(outputs, fit, task, card.prepare?.color === 'bgr', into);
    case 'sound':
      return decodeSound(outputs, task, labels);
    case 'tensors':
      return { kind: 'tensors', items: decodeTensors(outputs) };
    default:
      return assertNever(task);
  }
}
