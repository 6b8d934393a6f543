/** One value in every place of the model's input, on a seeded arrival plan: the model alone, without pictures. */
import type { Observable } from 'rxjs';
import type { Settings } from '../core/settings.ts';
import type { Source, SourceContext } from '../core/source.ts';
import { createPlanned } from './planned.ts';

export function createConstant(settings$: Observable<Settings['source']>, context: SourceContext): Source {
  return createPlanned(settings$, context, {
    payload: ({ value }) => ({
      kind: 'tensor',
      type: 'float64',
      dims: [1],
      data: new Float64Array([value]),
      fit: 'spread',
    }),
    facts: ({ value }) => `${value} everywhere`,
  });
}
