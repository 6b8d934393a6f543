/** How a picture becomes the input tensor: value = (pixel * scale − mean) / std, per channel. */
import type { Prepare } from '../../core/card.ts';
import type { TensorInfo } from '../../core/tensor.ts';
import { Choice } from '../parts/Choice.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import css from './controls.module.css';

const scales = [
  { value: 1, label: '0 to 255' },
  { value: 1 / 255, label: '0 to 1' },
] as const;

export function PreparationControls({
  prepare,
  inputs,
  reason,
  onChange,
}: {
  readonly prepare: Prepare;
  readonly inputs: readonly TensorInfo[];
  readonly reason: string;
  readonly onChange: (change: Partial<Prepare>) => void;
}) {
  return (
    <>
      {inputs.length > 1 && (
        <Row label="Input">
          <Choice
            label="Input"
            value={prepare.input}
            options={inputs.map(({ name }) => ({ value: name, label: name.slice(0, 60) }))}
            onChange={(input) => onChange({ input })}
          />
        </Row>
      )}
      <Row label="Size" note={reason}>
        <div className={css['sizes']}>
          <NumberField
            label="Input width"
            value={prepare.width}
            min={1}
            max={8192}
            onCommit={(width) => onChange({ width: Math.round(width ?? prepare.width) })}
          />
          ×
          <NumberField
            label="Input height"
            value={prepare.height}
            min={1}
            max={8192}
            onCommit={(height) => onChange({ height: Math.round(height ?? prepare.height) })}
          />
        </div>
      </Row>
      <Row label="Fit">
        <Choice
          label="Fit"
          value={prepare.fit}
          options={[
            { value: 'letterbox', label: 'Letterbox', note: 'Whole picture, grey borders.' },
            { value: 'stretch', label: 'Stretch', note: 'Whole picture, out of shape.' },
            { value: 'crop', label: 'Crop', note: 'The middle, in shape.' },
          ]}
          onChange={(fit) => onChange({ fit })}
        />
      </Row>
      {prepare.fit === 'letterbox' && (
        <Row label="Border">
          <NumberField
            label="Value of the border"
            value={prepare.pad}
            min={0}
            max={255}
            onCommit={(pad) => onChange({ pad: pad ?? 0 })}
          />
        </Row>
      )}
      {prepare.fit === 'letterbox' && (
        <Row label="Place">
          <Segmented
            label="Place of the picture"
            value={prepare.place ?? 'middle'}
            options={[
              { value: 'middle', label: 'Middle' },
              { value: 'corner', label: 'Corner' },
            ]}
            onChange={(place) => onChange({ place })}
          />
        </Row>
      )}
      <Row label="Shrink">
        <Segmented
          label="How a picture is made smaller"
          value={prepare.shrink ?? 'area'}
          options={[
            { value: 'area', label: 'Mean' },
            { value: 'halves', label: 'Halves' },
          ]}
          onChange={(shrink) => onChange({ shrink })}
        />
      </Row>
      <Row label="Colour">
        <Segmented
          label="Colour order"
          value={prepare.color}
          options={[
            { value: 'rgb', label: 'RGB' },
            { value: 'bgr', label: 'BGR' },
            { value: 'gray', label: 'Grey' },
          ]}
          onChange={(color) => onChange({ color })}
        />
      </Row>
      <Row label="Layout">
        <Segmented
          label="Layout"
          value={prepare.layout}
          options={[
            { value: 'nchw', label: 'NCHW' },
            { value: 'nhwc', label: 'NHWC' },
          ]}
          onChange={(layout) => onChange({ layout })}
        />
      </Row>
      <Row label="Scale">
        <div className={css['split']}>
          <Choice
            label="Scale"
            value={prepare.scale}
            options={
              scales.some(({ value }) => value === prepare.scale)
                ? scales
                : [...scales, { value: prepare.scale, label: 'own value' }]
            }
            onChange={(scale) => onChange({ scale })}
          />
          <NumberField
            label="Scale, exactly"
            value={prepare.scale}
            min={-1e6}
            max={1e6}
            step={0.001}
            onCommit={(scale) => onChange({ scale: scale ?? 1 })}
          />
        </div>
      </Row>
      <Triple label="Mean" value={prepare.mean} onChange={(mean) => onChange({ mean })} />
      <Triple label="Std" value={prepare.std} min={1e-6} onChange={(std) => onChange({ std })} />
    </>
  );
}

type Three = readonly [number, number, number];

function Triple({
  label,
  value,
  min = -1e6,
  onChange,
}: {
  readonly label: string;
  readonly value: Three;
  readonly min?: number;
  readonly onChange: (value: Three) => void;
}) {
  return (
    <Row label={label}>
      <div className={css['three']}>
        {([0, 1, 2] as const).map((channel) => (
          <NumberField
            key={channel}
            label={`${label} of channel ${channel + 1}`}
            value={value[channel]}
            min={min}
            max={1e6}
            step={0.001}
            onCommit={(next) => {
              const [a, b, c] = value;
              const set = next ?? 0;
              onChange(channel === 0 ? [set, b, c] : channel === 1 ? [a, set, c] : [a, b, set]);
            }}
          />
        ))}
      </div>
    </Row>
  );
}
