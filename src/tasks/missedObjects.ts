/** What is in the picture and no result says so: of the objects that count, those without a box of their class on them. */
import { overlap } from '../core/overlap.ts';
import type { Detection } from '../core/result.ts';
import { minVisibility, type TruthObject } from '../core/truth.ts';

/** Overlap (intersection over union) from which a box counts as on the object: the field's usual one. */
const minOverlap = 0.5;

export function missedObjects(objects: readonly TruthObject[], found: readonly Detection[]): TruthObject[] {
  return objects.filter(
    ({ label, box, visibility }) =>
      visibility >= minVisibility &&
      !found.some((detection) => detection.label === label && overlap(detection.box, box) >= minOverlap),
  );
}
