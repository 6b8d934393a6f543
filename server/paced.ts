/** Holds frames back to a rate; whoever makes them waits too, so no frame is lost and none piles up. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Later than this the plan moves, instead of making the wait good in one burst. */
const maxLateMs = 250;

export async function* paced<T>(frames: AsyncIterable<T>, ratePerS: number, signal: AbortSignal): AsyncGenerator<T> {
  let due: number | undefined;
  for await (const frame of frames) {
    // The plan begins with the first frame, however long that took.
    due ??= performance.now();
    const wait = due - performance.now();
    // The plan, not the timer, says when a frame is due, so late timers do not lower the rate.
    if (wait > 0) await sleep(wait, undefined, { signal });
    else if (wait < -maxLateMs) due = performance.now();
    yield frame;
    due += 1000 / ratePerS;
  }
}
