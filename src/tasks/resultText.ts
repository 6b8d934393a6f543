/** The newest result in a few words, for the sink's box and for screen readers. */
import { assertNever } from '../core/errors.ts';
import type { TaskResult } from '../core/result.ts';

const maxLabelLength = 40;

export function resultText(result: TaskResult): string {
  switch (result.kind) {
    case 'detection':
      return counted(result.items.length, 'box', 'boxes');
    case 'instances':
      return counted(result.items.length, 'object', 'objects');
    case 'segmentation':
      return counted(result.items.filter(({ index }) => result.mask.colors.includes(index)).length, 'class', 'classes');
    case 'keypoints':
      return counted(result.items.filter(({ score }) => score >= result.scoreThreshold).length, 'point', 'points');
    case 'sound': {
      const [first] = result.items;
      return first === undefined ? 'no sound' : `${first.label.slice(0, maxLabelLength)} ${first.score.toFixed(2)}`;
    }
    case 'classification': {
      const [best] = result.items;
      return best === undefined ? 'no class' : `${best.label.slice(0, maxLabelLength)} ${best.score.toFixed(2)}`;
    }
    case 'image': {
      const { width, height } = result.picture;
      // The picture's own output is the first one of its size.
      const name = result.items.find(({ dims }) => dims.includes(width) && dims.includes(height))?.name ?? 'picture';
      return `${name.slice(0, maxLabelLength)} ${width} × ${height}`;
    }
    case 'tensors':
      return counted(result.items.length, 'tensor', 'tensors');
    default:
      return assertNever(result);
  }
}

function counted(count: number, one: string, many: string): string {
  return `${count === 0 ? 'no' : count} ${count === 1 ? one : many}`;
}
