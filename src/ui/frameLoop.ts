/** The one owner of animation frames: whoever draws registers here, so that a page full of charts asks for one frame. */

type Draw = (now: number) => void;

const draws = new Set<Draw>();
let requested = false;

function frame(now: number): void {
  requested = false;
  for (const draw of draws) draw(now);
  request();
}

function request(): void {
  if (requested || draws.size === 0) return;
  requested = true;
  requestAnimationFrame(frame);
}

/** Calls `draw` before every paint until the returned function is called. */
export function onFrame(draw: Draw): () => void {
  draws.add(draw);
  request();
  return () => draws.delete(draw);
}

const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** Whether the person asked for less motion: then nothing glides. */
export function prefersStillness(): boolean {
  return stillness.matches;
}
