/**
 * The truth about a scene: which shapes are in the picture, where exactly, and how much of each can be seen.
 * From the same objects that are painted, so it cannot differ from the picture.
 */
import type { ScenePayload } from '../../core/payload.ts';
import type { TruthObject } from '../../core/truth.ts';
import { measureAt } from './measureAt.ts';
import { type SceneObject, sceneObjects } from './sceneObjects.ts';

/** Samples along each side of an object's box, for the share of it that can be seen. */
const samples = 24;

/** Boxes `[x, y, width, height]` of the whole shape, hidden parts too; back to front. */
export function sceneTruth(recipe: ScenePayload): TruthObject[] {
  const objects = sceneObjects(recipe);
  return objects.map((object, i) => {
    const { left, top, right, bottom } = boxOf(object);
    return {
      label: object.kind,
      box: [left, top, right - left, bottom - top] as const,
      visibility: visibleShare(object, objects.slice(i + 1)),
    };
  });
}

/** The extent of a turned form is that of its round corners. */
export function boxOf({ form, pose }: SceneObject) {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const [cx, cy] of form.corners) {
    const x = pose.x + cx * pose.cos - cy * pose.sin;
    const y = pose.y + cx * pose.sin + cy * pose.cos;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return {
    left: left - form.rounding,
    top: top - form.rounding,
    right: right + form.rounding,
    bottom: bottom + form.rounding,
  };
}

const own = new Float64Array(samples * samples);
const others = new Float64Array(samples * samples);

/** 0..1, counted on a grid: what lies under a later object is not seen. */
function visibleShare(object: SceneObject, above: readonly SceneObject[]): number {
  const { left, top, right, bottom } = boxOf(object);
  const stepX = (right - left) / samples;
  const stepY = (bottom - top) / samples;
  const measure = ({ form, pose }: SceneObject, into: Float64Array) =>
    measureAt(form, pose, left + stepX / 2, top + stepY / 2, stepX, stepY, samples, samples, into);
  measure(object, own);
  const whole = own.reduce((sum, distance) => sum + (distance <= 0 ? 1 : 0), 0);
  for (const other of above) {
    const reach = other.radius + object.radius;
    if (Math.abs(other.pose.x - object.pose.x) >= reach || Math.abs(other.pose.y - object.pose.y) >= reach) continue;
    measure(other, others);
    // What it covers counts as outside.
    for (let i = 0; i < own.length; i++) if ((others[i] ?? 0) <= 0) own[i] = 1;
  }
  const seen = own.reduce((sum, distance) => sum + (distance <= 0 ? 1 : 0), 0);
  return whole === 0 ? 0 : seen / whole;
}
