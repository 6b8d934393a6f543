/** The synthetic scene: recipes that draw the same picture anywhere, with their truth, on a seeded arrival plan. */
import type { Observable } from 'rxjs';
import { mixSeed } from '../core/mixSeed.ts';
import type { ScenePayload } from '../core/payload.ts';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { createPlanned } from './planned.ts';

export function createScene(settings$: Observable<Settings['source']>, context: SourceContext): Source {
  return createPlanned(settings$, context, {
    payload: recipeAt,
    facts: ({ arrivals, width, height }) => `${arrivals === 'poisson' ? 'Poisson' : 'constant'}, ${width} × ${height}`,
  });
}

/** With cuts each scene has a seed of its own, and the first one that of the settings. */
export function recipeAt(source: Settings['source'], t: number): ScenePayload {
  const { seed, width, height, difficulty, motion, cutS } = source;
  const scene = cutS === 0 ? 0 : Math.floor(t / cutS);
  return { kind: 'scene', seed: scene === 0 ? seed : mixSeed(seed, scene), t, width, height, difficulty, motion };
}
