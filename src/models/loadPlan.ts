/**
 * From a recipe to the shape of its graph: how far the picture is pooled, and how wide each convolution is.
 * Kept apart from the writing, because hitting a cost exactly with whole channels is a small search of its own.
 */
import { WeirError } from '../core/errors.ts';
import { type LoadRecipe, loadName } from '../core/loadRecipe.ts';

export interface LoadPlan {
  /** The picture is averaged over squares of this side before the first convolution; 1: not at all. */
  readonly pool: number;
  /** Of every convolution, after pooling. */
  readonly height: number;
  readonly width: number;
  /** Output channels of each 3x3 convolution; the first one takes 3. */
  readonly channels: readonly number[];
  /** Element-wise layers and the floats that each of them reads and writes for one picture; undefined: none. */
  readonly memory: { readonly passes: number; readonly floats: number } | undefined;
}

const maxWeightBytes = 64e6;
/** Of one activation, for all places of a fixed batch: far below what a tab gets, far above every cache. */
const maxActivationBytes = 64e6;
/** A buffer of the memory traffic: larger than the caches of most cores, small enough for a phone. */
const memoryBufferBytes = 16e6;
/** Of element-wise traffic in one run: beyond it a run takes longer than anybody waits, in thousands of layers. */
const maxRunTraffic = 10e9;
/** The width that convolutions of real models have, and that kernels are written for. */
const likedChannels = 64;
/** On smaller planes a good part of the multiply-adds falls on the padding. */
const likedSide = 8;
/** Wider of the cost than this is not what was asked for. */
const tolerance = 0.03;

/** @throws WeirError too-large when no such graph fits into the limits of weights and activations */
export function planLoad(recipe: LoadRecipe): LoadPlan {
  const { width, height, layers } = recipe;
  const wanted = (recipe.mflops * 1e6) / 2;
  const places = recipe.batch === 'free' ? 1 : recipe.batch;
  let best: { readonly plan: Omit<LoadPlan, 'memory'>; readonly score: number } | undefined;
  for (let pool = 1; pool <= Math.min(width, height); pool++) {
    const plane = { width: Math.floor(width / pool), height: Math.floor(height / pool) };
    const area = plane.width * plane.height;
    const channels = channelsFor(wanted / (9 * area), layers);
    const largest = Math.max(...channels);
    const off = Math.abs(macsPerPlace(channels) * 9 * area - wanted) / wanted;
    const weights = 4 * (9 * macsPerPlace(channels) + sum(channels));
    if (off > tolerance || weights > maxWeightBytes || area * largest * 4 * places > maxActivationBytes) continue;
    const crowded = Math.max(0, Math.log(likedSide / Math.min(plane.width, plane.height)));
    const score = Math.abs(Math.log(largest / likedChannels)) + 4 * crowded + off;
    if (best === undefined || score < best.score) best = { plan: { pool, ...plane, channels }, score };
  }
  if (best === undefined)
    throw new WeirError(
      'too-large',
      `${loadName(recipe)} cannot be built: it would take more than 64 MB of weights, or more than 64 MB between two layers. Choose fewer MFLOPs, or another size.`,
    );
  const traffic = recipe.memoryMb * 1e6;
  if (traffic * places > maxRunTraffic)
    throw new WeirError(
      'too-large',
      `${loadName(recipe)} cannot be built: all ${places} places together would move more than 10 000 MB. Choose less memory traffic or a smaller batch.`,
    );
  return { ...best.plan, memory: memoryPlan(traffic, places) };
}

/** Multiply-adds of all convolutions for one place of the plane, of one of the nine places of the kernel. */
export function macsPerPlace(channels: readonly number[]): number {
  return channels.reduce((macs, to, i) => macs + to * (i === 0 ? 3 : (channels[i - 1] ?? 0)), 0);
}

/**
 * Channels whose `macsPerPlace` comes nearest to `wanted`: some layers have one channel more than the others, because
 * one more in all of them is too coarse a step for a deep stack.
 */
function channelsFor(wanted: number, layers: number): number[] {
  // 3c + (layers - 1) c^2 = wanted
  const c = Math.max(1, Math.floor((Math.sqrt(9 + 4 * (layers - 1) * wanted) - 3) / (2 * (layers - 1))));
  const widerFirst = (count: number) => Array.from({ length: layers }, (_, i) => (i < count ? c + 1 : c));
  // The first wider layer adds 3 + c, each further one about 2c + 1.
  const left = wanted - 3 * c - (layers - 1) * c * c;
  const guess = Math.round((left - 3 - c) / (2 * c + 1)) + 1;
  const counts = [guess - 1, guess, guess + 1].map((count) => Math.min(layers, Math.max(0, count)));
  const off = (count: number) => Math.abs(macsPerPlace(widerFirst(count)) - wanted);
  return widerFirst(counts.reduce((a, b) => (off(b) < off(a) ? b : a)));
}

/** Expanding writes the buffer, averaging reads it, each pass between them does both: 8 bytes a float and pass + 1. */
function memoryPlan(bytes: number, places: number): LoadPlan['memory'] {
  if (bytes <= 0) return undefined;
  const turns = Math.max(2, Math.ceil((bytes * places) / (2 * memoryBufferBytes)));
  return { passes: turns - 1, floats: Math.max(1, Math.round(bytes / (8 * turns))) };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
