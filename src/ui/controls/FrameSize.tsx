/** Width and height of a frame, from the usual ones; a size that came with a link stays in the list. */
import { Choice } from '../parts/Choice.tsx';
import type { PartProps } from './Rate.tsx';

const frames = ['320x240', '640x360', '640x480', '1280x720', '1920x1080'];

export function FrameSize({ source, set }: PartProps) {
  const value = `${source.width}x${source.height}`;
  const values = frames.includes(value) ? frames : [value, ...frames];
  return (
    <Choice
      label="Frame size"
      value={value}
      options={values.map((size) => ({ value: size, label: size.replace('x', ' × ') }))}
      onChange={(size) => {
        const [width = 0, height = 0] = size.split('x').map(Number);
        set({ width, height });
      }}
    />
  );
}
