/** What is drawn, how hard it is to see, how it moves, and whether the truth about it is shown. */
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { Toggle } from '../parts/Toggle.tsx';
import { useView, view } from '../view.ts';
import { FrameSize } from './FrameSize.tsx';
import { type PartProps, Rate } from './Rate.tsx';
import css from './controls.module.css';

export function SceneControls({ source, set }: PartProps) {
  const truth = useView((values) => values.truth);
  return (
    <>
      <Rate source={source} set={set} />
      <Row label="Arrivals">
        <Segmented
          label="Arrivals"
          value={source.arrivals}
          options={[
            { value: 'constant', label: 'Constant' },
            { value: 'poisson', label: 'Poisson' },
          ]}
          onChange={(arrivals) => set({ arrivals })}
        />
      </Row>
      <Row label="Difficulty">
        <SliderNumber
          label="Difficulty of the scene, 0 plain to 1 crowded"
          value={source.difficulty}
          min={0}
          max={1}
          step={0.05}
          onChange={(difficulty) => set({ difficulty })}
        />
      </Row>
      <Row label="Speed">
        <SliderNumber
          label="Speed of the motion, times calm"
          value={source.motion}
          min={0}
          max={8}
          fieldMax={16}
          step={0.1}
          unit="×"
          onChange={(motion) => set({ motion })}
        />
      </Row>
      <Row label="Frame, seed">
        <div className={css['frame']}>
          <FrameSize source={source} set={set} />
          <NumberField
            label="Seed"
            value={source.seed}
            min={0}
            max={0xffffffff}
            onCommit={(seed) => set({ seed: Math.round(seed ?? 0) })}
          />
        </div>
      </Row>
      <Row label="New scene">
        <SliderNumber
          label="Another scene every so many seconds, 0 never"
          value={source.cutS}
          min={0}
          max={60}
          fieldMax={3600}
          step={1}
          unit="s"
          onChange={(cutS) => set({ cutS })}
        />
      </Row>
      <Row label="Truth">
        <Toggle label="Show the truth" checked={truth} onChange={(on) => view.setState({ truth: on })} />
      </Row>
    </>
  );
}
