/** Tasks in words. */
import type { Task } from '../core/card.ts';

export const taskNames: Readonly<Record<Task['kind'], string>> = {
  detection: 'Detection',
  classification: 'Classification',
  segmentation: 'Segmentation',
  instances: 'Masks',
  keypoints: 'Key points',
  image: 'Image',
  sound: 'Sound',
  tensors: 'Tensors',
};
