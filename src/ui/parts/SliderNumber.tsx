/** A slider for the hand and a number field for the exact value; while dragged it commits a few times a second. */
import { Slider } from '@base-ui/react/slider';
import { useEffect, useRef, useState } from 'react';
import { NumberField } from './NumberField.tsx';
import css from './parts.module.css';

const msPerCommit = 120;

export function SliderNumber({
  label,
  value,
  min,
  max,
  fieldMax = max,
  step = 1,
  unit,
  disabled = false,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** The field may reach further than the slider. */
  readonly fieldMax?: number;
  readonly step?: number;
  readonly unit?: string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}) {
  const [dragged, setDragged] = useState<number>();
  const commit = useThrottled(onChange);
  const shown = dragged ?? value;
  return (
    <div className={css['sliderRow']}>
      <Slider.Root
        className={css['slider']}
        value={Math.min(max, Math.max(min, shown))}
        min={min}
        max={max}
        step={step}
        disabled={disabled}
        onValueChange={(next) => {
          setDragged(next);
          commit(next);
        }}
        onValueCommitted={(next) => {
          setDragged(undefined);
          onChange(next);
        }}
      >
        <Slider.Control className={css['sliderControl']}>
          <Slider.Track className={css['track']}>
            <Slider.Indicator className={css['fill']} />
            <Slider.Thumb className={css['thumb']} getAriaLabel={() => label} />
          </Slider.Track>
        </Slider.Control>
      </Slider.Root>
      <NumberField
        label={`${label}, exactly`}
        value={shown}
        min={min}
        max={fieldMax}
        step={step}
        disabled={disabled}
        {...(unit === undefined ? {} : { unit })}
        onCommit={(next) => {
          if (next !== null) onChange(next);
        }}
      />
    </div>
  );
}

/** At most one call per interval, and the newest value always arrives. */
function useThrottled(run: (value: number) => void): (value: number) => void {
  const newest = useRef(run);
  const state = useRef<{ timer: ReturnType<typeof setTimeout> | undefined; value: number }>({
    timer: undefined,
    value: 0,
  });
  useEffect(() => {
    newest.current = run;
  });
  useEffect(() => () => clearTimeout(state.current.timer), []);
  return (value) => {
    state.current.value = value;
    state.current.timer ??= setTimeout(() => {
      state.current.timer = undefined;
      newest.current(state.current.value);
    }, msPerCommit);
  };
}
