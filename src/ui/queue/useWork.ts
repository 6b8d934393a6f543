/** The work queue that is selected, if the selected source is one. */
import type { WorkFacts } from '../../core/work.ts';
import { isWorkSource } from '../../core/sourceTraits.ts';
import { useSelected } from '../selected.ts';
import { useStation } from '../StationContext.ts';

export function useIsWork(): boolean {
  return isWorkSource(useSelected());
}

export function useWork(): WorkFacts | undefined {
  const { id } = useSelected();
  return useStation((state) => state.snapshot.work?.[id]);
}
