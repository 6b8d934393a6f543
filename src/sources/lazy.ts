/** A source whose code is fetched when it is opened: what few visitors use is no part of the first load. */
import { defer, switchMap } from 'rxjs';
import { WeirError } from '../core/errors.ts';
import type { Source, SourceContext } from '../core/source.ts';

/** @param pausable whether the source will be able to wait */
export function createLazy(load: () => Promise<Source>, context: SourceContext, pausable = true): Source {
  return {
    pausable,
    open: (demand) =>
      defer(async () => {
        context.onState({ status: 'opening' });
        try {
          return await load();
        } catch (error) {
          throw WeirError.wrap(error, 'connection-lost', 'A part of Weir could not be fetched: is its server gone?');
        }
      }).pipe(switchMap((source) => source.open(demand))),
  };
}
