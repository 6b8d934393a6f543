/**
 * How right detections are: COCO's mean average precision. A detection is right when it overlaps an object of its class
 * by the threshold and no better one has taken that object; precision is averaged over 101 levels of recall.
 * Definition: https://cocodataset.org/#detection-eval (AP, AP50; at most 100 detections per frame).
 */
import { overlap } from '../core/overlap.ts';
import type { Detection } from '../core/result.ts';
import { minVisibility, type TruthObject } from '../core/truth.ts';

export interface JudgedFrame {
  readonly found: readonly Detection[];
  readonly truth: readonly TruthObject[];
}

export interface Accuracy {
  /** Mean over the classes at an overlap of 0.5; 0..1. */
  readonly map50: number;
  /** Mean over the classes and the overlaps 0.5, 0.55 ... 0.95; 0..1. */
  readonly map: number;
  /** At an overlap of 0.5, by class. */
  readonly ap50: Readonly<Record<string, number>>;
  /** Objects that count. */
  readonly objects: number;
}

const thresholds = Array.from({ length: 10 }, (_, i) => 0.5 + i * 0.05);
const recallLevels = 101;
const maxDetections = 100;

/** NaN where there is no object to find. */
export function meanAveragePrecision(frames: readonly JudgedFrame[]): Accuracy {
  const counted = frames.flatMap(({ truth }) => truth.filter(counts));
  const labels = [...new Set(counted.map(({ label }) => label))].sort();
  const table = labels.map((label) => thresholds.map((threshold) => averagePrecision(frames, label, threshold)));
  return {
    map50: mean(table.map((row) => row[0] ?? 0)),
    map: mean(table.flat()),
    ap50: Object.fromEntries(labels.map((label, i) => [label, table[i]?.[0] ?? 0])),
    objects: counted.length,
  };
}

const counts = ({ visibility }: TruthObject) => visibility >= minVisibility;

function averagePrecision(frames: readonly JudgedFrame[], label: string, threshold: number): number {
  const verdicts: { readonly score: number; readonly right: boolean }[] = [];
  let total = 0;
  for (const frame of frames) {
    const objects = frame.truth.filter((object) => object.label === label);
    total += objects.filter(counts).length;
    verdicts.push(...judge(frame.found, objects, label, threshold));
  }
  verdicts.sort((a, b) => b.score - a.score);
  const recall: number[] = [];
  const precision: number[] = [];
  let right = 0;
  verdicts.forEach((verdict, i) => {
    if (verdict.right) right += 1;
    recall.push(right / total);
    precision.push(right / (i + 1));
  });
  // At each level the best precision that some higher recall still has.
  for (let i = precision.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i] ?? 0, precision[i + 1] ?? 0);
  let sum = 0;
  let at = 0;
  for (let level = 0; level < recallLevels; level++) {
    while (at < recall.length && (recall[at] ?? 0) < level / (recallLevels - 1)) at += 1;
    sum += precision[at] ?? 0;
  }
  return sum / recallLevels;
}

/** Best score first; each object is taken once. What answers to a hardly visible object is neither right nor wrong. */
function judge(
  found: readonly Detection[],
  objects: readonly TruthObject[],
  label: string,
  threshold: number,
): { score: number; right: boolean }[] {
  const best = found.toSorted((a, b) => b.score - a.score).slice(0, maxDetections);
  const taken = new Set<TruthObject>();
  return best
    .filter((detection) => detection.label === label)
    .flatMap((detection) => {
      let match: TruthObject | undefined;
      let most = threshold;
      let excused = false;
      for (const object of objects) {
        const shared = overlap(detection.box, object.box);
        if (!counts(object)) excused ||= shared >= threshold;
        else if (!taken.has(object) && shared >= most) {
          most = shared;
          match = object;
        }
      }
      if (match !== undefined) taken.add(match);
      if (match === undefined && excused) return [];
      return [{ score: detection.score, right: match !== undefined }];
    });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
