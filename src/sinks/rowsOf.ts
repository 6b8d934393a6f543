/** The lines that a result leaves in the log: what has a label and a score. Pictures and raw tensors leave none. */
import type { LogRow } from '../core/logRow.ts';
import { assertNever } from '../core/errors.ts';
import type { TaskResult } from '../core/result.ts';

/** Of one frame; a frame of three hundred boxes must not push all others out of the log. */
const maxRows = 50;

/** `when` is shared by all of them. */
export function rowsOf(result: TaskResult, when: Pick<LogRow, 'at' | 'source' | 'frame'>): LogRow[] {
  switch (result.kind) {
    case 'detection':
    case 'instances':
      return result.items.slice(0, maxRows).map(({ label, score, box }) => ({ ...when, label, score, box }));
    case 'classification':
      // The others say what it was not.
      return result.items.slice(0, 1).map(({ label, score }) => ({ ...when, label, score }));
    case 'segmentation':
      return result.items.slice(0, maxRows).map(({ label, share }) => ({ ...when, label, score: share }));
    case 'keypoints': {
      const sure = result.items.filter(({ score }) => score >= result.scoreThreshold);
      if (sure.length === 0) return [];
      const mean = sure.reduce((sum, { score }) => sum + score, 0) / sure.length;
      return [{ ...when, label: `${sure.length} points`, score: mean }];
    }
    case 'sound':
      return result.items.map(({ label, score }) => ({ ...when, label, score }));
    case 'image':
    case 'tensors':
      return [];
    default:
      return assertNever(result);
  }
}
