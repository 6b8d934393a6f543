/**
 * Boxes of any detection head: the same way from scored corners in input pixels to detections in the source picture.
 * Suppression is class by class, so a face on a person stays.
 */
import type { Fit } from '../core/engine.ts';
import type { Detection } from '../core/result.ts';
import { labelOf } from './labels.ts';

/** Corners in pixels of the model's input. */
export interface Candidate {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly score: number;
  readonly index: number;
  /** Its place in the head, where more about it is read later. */
  readonly place?: number;
}

/** A threshold of nearly zero must not cost seconds: suppression is quadratic in the candidates. */
const maxCandidates = 1000;
const maxDetections = 300;

export function toDetections(
  candidates: readonly Candidate[],
  iouThreshold: number,
  fit: Fit,
  labels: readonly string[] | undefined,
): Detection[] {
  return toFound(suppress(candidates, iouThreshold), fit, labels);
}

/** Best first; boxes of which nothing is inside the picture are left out. */
export function toFound(
  candidates: readonly Candidate[],
  fit: Fit,
  labels: readonly string[] | undefined,
): Detection[] {
  const found: Detection[] = [];
  for (const candidate of [...candidates].sort(byScore).slice(0, maxDetections)) {
    const box = toSource(candidate, fit);
    const { index, score } = candidate;
    if (box !== undefined) found.push({ label: labelOf(labels, index), score, box, index });
  }
  return found;
}

/** Best first; the rest of the order only makes it the same whatever order the head has. */
function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score || a.index - b.index || a.x1 - b.x1 || a.y1 - b.y1 || a.x2 - b.x2 || a.y2 - b.y2;
}

/** Greedy non-maximum suppression by class; best score first. Boxes whose overlap is above the threshold are one. */
export function suppress(candidates: readonly Candidate[], iouThreshold: number): Candidate[] {
  const sorted = [...candidates].sort(byScore).slice(0, maxCandidates);
  const kept: Candidate[] = [];
  for (const candidate of sorted) {
    if (kept.length >= maxDetections) break;
    if (kept.every((other) => other.index !== candidate.index || iou(other, candidate) <= iouThreshold))
      kept.push(candidate);
  }
  return kept;
}

/** Intersection over union, 0..1. Boxes without area overlap nothing. */
export function iou(a: Candidate, b: Candidate): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  const both = width > 0 && height > 0 ? width * height : 0;
  // The smallest of numbers have a product of 0, and 0 / 0 is no share.
  if (both === 0) return 0;
  return both / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - both);
}

/** `[x, y, width, height]` in source pixels, clipped to the picture; undefined when nothing of it is inside. */
export function toSource({ x1, y1, x2, y2 }: Candidate, fit: Fit): Detection['box'] | undefined {
  const left = clamp((x1 - fit.offsetX) / fit.scaleX, fit.sourceWidth);
  const top = clamp((y1 - fit.offsetY) / fit.scaleY, fit.sourceHeight);
  const width = clamp((x2 - fit.offsetX) / fit.scaleX, fit.sourceWidth) - left;
  const height = clamp((y2 - fit.offsetY) / fit.scaleY, fit.sourceHeight) - top;
  return width > 0 && height > 0 ? [left, top, width, height] : undefined;
}

function clamp(value: number, size: number): number {
  return Math.min(size, Math.max(0, value));
}
