/**
 * The one owner of animation frames: whoever draws registers here, so that a page full of charts asks for one frame.
 * Each frame costs the page 2 ms even where nothing has changed, so while the model needs the processors it asks for fewer.
 */
import type { Snapshot } from '../core/snapshot.ts';

type Draw = (now: number) => void;

const draws = new Set<Draw>();
let requested = false;
let spacingMs = 0;
let pointedAt = -Infinity;

/** How long after the pointer moved the page follows it with every frame. */
const followMs = 500;

function frame(now: number): void {
  requested = false;
  for (const draw of draws) draw(now);
  request();
}

function request(): void {
  if (requested || draws.size === 0) return;
  requested = true;
  const follows = performance.now() - pointedAt < followMs;
  if (spacingMs === 0 || follows) requestAnimationFrame(frame);
  else setTimeout(() => requestAnimationFrame(frame), spacingMs);
}

/** Calls `draw` before paints until the returned function is called. */
export function onFrame(draw: Draw): () => void {
  draws.add(draw);
  request();
  return () => draws.delete(draw);
}

/** Ms from one frame to the next, in which nothing is drawn; 0: every frame of the screen. */
export function spaceFrames(ms: number): void {
  spacingMs = ms;
}

addEventListener('pointermove', () => (pointedAt = performance.now()), { passive: true });

/**
 * The model's own threads need every processor but one, or all. On two cores a page that draws sixty times a second took
 * a tenth of the model's frames.
 */
export function isCrowded({ provider, threads, sessions }: Snapshot['engine'], cores: number): boolean {
  return provider === 'wasm' && threads * sessions >= cores - 1;
}

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** Whether the person asked for less motion: then nothing glides. */
export function prefersStillness(): boolean {
  return stillness.matches;
}
