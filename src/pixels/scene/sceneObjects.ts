/**
 * What is in the scene at a moment: a pure function of its recipe, so that any thread draws the same picture and the
 * truth costs nothing. Everything moves at its own constant speed, turns, breathes a little and bounces at the edges.
 */
import type { ScenePayload } from '../../core/payload.ts';
import { mixed } from './color.ts';
import { type Form, formOf, type SceneClass, sceneClasses } from './outline.ts';
import { palettes } from './palettes.ts';
import { createRandom } from '../../core/createRandom.ts';
import { mixSeed } from '../../core/mixSeed.ts';

/** Where an object is: centre in pixels, radians. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly cos: number;
  readonly sin: number;
}

export interface SceneObject {
  readonly kind: SceneClass;
  readonly form: Form;
  /** From the centre to the farthest point, in pixels. */
  readonly radius: number;
  /** In the middle of the exposure: the truth is about this one. */
  readonly pose: Pose;
  /** Over the exposure, evenly spread; several where the object moves by more than a pixel. */
  readonly poses: readonly Pose[];
  /** Half the width of the edge in pixels: 0.5 is sharp, more is out of focus. */
  readonly softness: number;
  readonly color: number;
}

/** Of a camera at 60 frames/s with its shutter open all the time; at difficulty 0 nothing smears. */
const exposureS = 1 / 60;
const maxPoses = 6;

export function paletteOf({ seed }: Pick<ScenePayload, 'seed'>) {
  return palettes[mixSeed(seed, 1) % palettes.length] ?? palettes[0];
}

/** In painting order: later ones cover earlier ones. */
export function sceneObjects(recipe: ScenePayload): SceneObject[] {
  const { seed, t, width, height, difficulty, motion } = recipe;
  const random = createRandom(mixSeed(seed, 2));
  const between = (low: number, high: number) => low + (high - low) * random();
  const short = Math.min(width, height);
  const palette = paletteOf(recipe);
  if (palette === undefined) return [];
  const ground = mixed(palette.top, palette.bottom, 0.5);
  const count = Math.round(ramp(difficulty, 5, 9, 15) + between(-1, 1) * ramp(difficulty, 1, 3, 5));
  const smallest = ramp(difficulty, 0.1, 0.065, 0.035);
  const largest = ramp(difficulty, 0.16, 0.17, 0.2);
  // All classes about equally often, in an order that differs by seed.
  const firstClass = Math.floor(random() * sceneClasses.length);
  const stride = random() < 0.5 ? 1 : 5;
  return Array.from({ length: count }, (_, i) => {
    const kind = sceneClasses[(firstClass + i * stride) % sceneClasses.length] ?? 'circle';
    const middle = short * (smallest + (largest - smallest) * random() ** 1.5);
    const breath = between(0, 0.1);
    const breathing = between(0.5, 1.5);
    const speed = short * between(0.06, 0.24) * (random() < 0.2 ? 1 + 2 * difficulty : 1) * motion;
    const heading = between(0, 2 * Math.PI);
    const startX = random();
    const startY = random();
    const turning = between(-0.9, 0.9) * motion;
    const tilt = between(0, 2 * Math.PI);
    const fade = random() * ramp(difficulty, 0, 0.3, 0.62);
    const focus = random() ** 2 * ramp(difficulty, 0, 0.003, 0.012);
    const color = palette.shapes[Math.floor(random() * palette.shapes.length)] ?? palette.shapes[0] ?? 0;
    const radius = Math.max(1, middle * (1 + breath * Math.sin(breathing * motion * t + tilt)));
    // Nothing leaves the picture, so that every box is a whole one.
    const margin = middle * (1 + breath);
    const poseAt = (at: number): Pose => {
      const angle = tilt + turning * at;
      return {
        x: bounce(startX, Math.cos(heading) * speed * at, margin, width),
        y: bounce(startY, Math.sin(heading) * speed * at, margin, height),
        cos: Math.cos(angle),
        sin: Math.sin(angle),
      };
    };
    const pose = poseAt(t);
    const shutter = exposureS * Math.min(1, 2 * difficulty);
    const way = (speed + Math.abs(turning) * radius) * shutter;
    const steps = way < 1 ? 1 : Math.min(maxPoses, 2 + Math.floor(way / 3));
    return {
      kind,
      form: formOf(kind, radius),
      radius,
      pose,
      poses:
        steps === 1 ? [pose] : Array.from({ length: steps }, (_s, j) => poseAt(t + (j / (steps - 1) - 0.5) * shutter)),
      softness: 0.5 + short * focus,
      color: mixed(color, ground, fade),
    };
  });
}

/** Over difficulty 0, 0.5 and 1, straight in between. */
export function ramp(difficulty: number, easy: number, medium: number, hard: number): number {
  return difficulty < 0.5 ? easy + (medium - easy) * 2 * difficulty : medium + (hard - medium) * (2 * difficulty - 1);
}

/** From `start` (0..1 of the free way) after `moved` pixels, kept `margin` away from both edges. */
function bounce(start: number, moved: number, margin: number, size: number): number {
  const way = Math.max(1, size - 2 * margin);
  const period = 2 * way;
  const along = (((start * way + moved) % period) + period) % period;
  return margin + (along <= way ? along : period - along);
}
