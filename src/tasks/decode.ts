/**
 * From output tensors to what they mean, by the task of the card. Pure: no canvas, no ORT, the same on every thread.
 * One file per head; this one only chooses.
 */
import type { ModelCard } from '../core/card.ts';
import type { Fit } from '../core/engine.ts';
import { assertNever } from '../core/errors.ts';
import type { TaskResult } from '../core/result.ts';
import type { TensorValue } from '../core/tensor.ts';
import { decodeClassification } from './decodeClassification.ts';
import { decodeImage } from './decodeImage.ts';
import { decodeSsd } from './decodeSsd.ts';
import { decodeTensors } from './decodeTensors.ts';
import { decodeYolov8 } from './decodeYolov8.ts';

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

function decodeOne(outputs: readonly TensorValue[], fit: Fit, card: ModelCard, into?: ArrayBuffer): TaskResult {
  const { task, labels } = card;
  switch (task.kind) {
    case 'detection':
      return {
        kind: 'detection',
        items: task.head === 'ssd' ? decodeSsd(outputs, fit, task, labels) : decodeYolov8(outputs, fit, task, labels),
      };
    case 'classification':
      return { kind: 'classification', items: decodeClassification(outputs, task, labels) };
    case 'image':
      return decodeImage(outputs, fit, task.range, card.prepare?.color === 'bgr', into);
    case 'tensors':
      return { kind: 'tensors', items: decodeTensors(outputs) };
    default:
      return assertNever(task);
  }
}
