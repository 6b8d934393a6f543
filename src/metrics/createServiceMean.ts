/**
 * The mean service time of one engine, and the part of it that is run, over the trailing window, of its own frames only.
 * The window of all metrics begins with a whole second, so frames of the model before would still stand in its means.
 */

export interface ServiceMean {
  /** A frame that `engine` served, at a moment on the clock, `share` of a run; another engine than before begins anew. */
  add(engine: object, at: number, serviceMs: number, runMs: number, share?: number): void;
  /** Undefined: none of this engine's frames lies in the window. */
  read(
    engine: object | undefined,
    at: number,
    windowS: number,
  ): { frames: number; meanMs: number; runMs: number; batch: number } | undefined;
  /** What was before does not belong to what comes. */
  restart(): void;
}

/** The first runs are compiled better while they run (0.3 to 1.5 s): cold start, reported apart. */
const coldMs = 1500;
/** The largest window. */
const keptS = 600;

export function createServiceMean(): ServiceMean {
  let of: object | undefined;
  let warmAt = 0;
  let seconds: { readonly at: number; frames: number; runs: number; ms: number; runMs: number }[] = [];
  return {
    add(engine, at, serviceMs, runMs, share = 1) {
      if (engine !== of) {
        of = engine;
        // From the first frame's beginning.
        warmAt = at - serviceMs + coldMs;
        seconds = [];
      }
      if (at - serviceMs < warmAt) return;
      let second = seconds.at(-1);
      if (second === undefined || at >= second.at + 1000) {
        second = { at: Math.floor(at / 1000) * 1000, frames: 0, runs: 0, ms: 0, runMs: 0 };
        seconds.push(second);
        if (seconds.length > keptS) seconds.shift();
      }
      second.frames += 1;
      second.runs += share;
      second.ms += serviceMs;
      second.runMs += runMs;
    },
    read(engine, at, windowS) {
      if (engine === undefined || engine !== of) return undefined;
      const inside = seconds.filter((second) => second.at > at - windowS * 1000);
      const frames = inside.reduce((sum, second) => sum + second.frames, 0);
      const runs = inside.reduce((sum, second) => sum + second.runs, 0);
      const ms = inside.reduce((sum, second) => sum + second.ms, 0);
      const runMs = inside.reduce((sum, second) => sum + second.runMs, 0);
      return frames === 0 ? undefined : { frames, meanMs: ms / frames, runMs: runMs / frames, batch: frames / runs };
    },
    restart() {
      seconds = [];
    },
  };
}
