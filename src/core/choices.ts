/** The ways to run a model that were measured on this machine, and the best of them for what a person wants. */
import type { Provider } from './engine.ts';

export interface MeasuredChoice {
  readonly provider: Exclude<Provider, 'simulated'>;
  readonly sessions: number;
  readonly threads: number;
  /** Frames per s with all sessions busy; of warm runs, preparation included. */
  readonly framesPerS: number;
  /** ms from handing in one frame to having its outputs, one at a time: their median. */
  readonly latencyMs: number;
}

export interface Choices {
  readonly rows: readonly MeasuredChoice[];
  /** Which of how many is being measured now, from 1. */
  readonly measuring?: { readonly index: number; readonly of: number };
  /** Why one of them is not in the rows. */
  readonly left: readonly string[];
}

export const noChoices: Choices = { rows: [], left: [] };

/** Highest rate or lowest latency; the first of equals. */
export function bestChoice(rows: readonly MeasuredChoice[], aim: 'latency' | 'throughput'): MeasuredChoice | undefined {
  const better = (a: MeasuredChoice, b: MeasuredChoice) =>
    aim === 'throughput' ? a.framesPerS > b.framesPerS : a.latencyMs < b.latencyMs;
  let best: MeasuredChoice | undefined;
  for (const row of rows) if (best === undefined || better(row, best)) best = row;
  return best;
}
