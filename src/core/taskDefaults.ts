/** Where a task starts when it is chosen by hand, and where a patch of a card fills up what it leaves open. */
import type { Task } from './card.ts';

export const taskDefaults: { readonly [K in Task['kind']]: Extract<Task, { kind: K }> } = {
  detection: { kind: 'detection', head: 'yolov8', scoreThreshold: 0.25, iouThreshold: 0.45 },
  classification: { kind: 'classification', softmax: 'auto', topK: 5 },
  segmentation: { kind: 'segmentation', background: true },
  instances: { kind: 'instances', scoreThreshold: 0.25, iouThreshold: 0.45 },
  keypoints: { kind: 'keypoints', head: 'heatMaps', scoreThreshold: 0.3 },
  image: { kind: 'image', range: 'auto', show: 'picture', channel: 0 },
  sound: { kind: 'sound', show: 'activity', scoreThreshold: 0.5 },
  tensors: { kind: 'tensors' },
};
