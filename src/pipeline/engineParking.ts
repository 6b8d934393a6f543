/**
 * The engine that served before, kept for a while: whoever goes back to the model before this one, or drops the same file
 * again, finds it warm. One at most, and only of a small model.
 */
import type { Serving } from './engineHolder.ts';
import type { EngineChoice } from './resolveEngine.ts';

export interface EngineParking {
  /** Keeps it, or ends it where it cannot be kept; the one kept before ends. */
  park(serving: Serving): void;
  /** It is not kept any longer. */
  take(sha256: string, choice: EngineChoice): Serving | undefined;
  clear(): void;
}

const mostModelBytes = 20e6;

export const sameChoice = (a: EngineChoice, b: EngineChoice) => JSON.stringify(a) === JSON.stringify(b);

/** @param keptMs how long one is kept; 0: none is */
export function createEngineParking(keptMs: number): EngineParking {
  let parked: { readonly serving: Serving; readonly timer: ReturnType<typeof setTimeout> } | undefined;

  function clear(): void {
    if (parked === undefined) return;
    clearTimeout(parked.timer);
    parked.serving.engine.dispose();
    parked = undefined;
  }

  return {
    park(serving) {
      clear();
      const facts = serving.model?.facts;
      // Of weights beside the model only the names are in its hash: it could not be told from another one.
      const isKept = keptMs > 0 && facts?.externalFiles.length === 0;
      if (!isKept || facts.bytes * serving.engine.sessions > mostModelBytes) return serving.engine.dispose();
      // Its losses are nobody's any more.
      delete serving.engine.onLoss;
      delete serving.engine.onGiveUp;
      parked = { serving, timer: setTimeout(clear, keptMs) };
    },
    take(sha256, choice) {
      if (parked?.serving.model?.sha256 !== sha256 || !sameChoice(parked.serving.choice, choice)) return undefined;
      const { serving } = parked;
      clearTimeout(parked.timer);
      parked = undefined;
      return serving;
    },
    clear,
  };
}
