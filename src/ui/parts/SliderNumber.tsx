/** A slider for the hand and a number field for the exact value; while dragged it commits a few times a second. */
import { Slider } from '@base-ui/react/slider';
import { useEffect, useRef, useState } from 'react';
import { plain } from '../format.ts';
import { NumberField } from './NumberField.tsx';
import css from './parts.module.css';

const msPerCommit = 120;
/** Of a slider that goes by ratios. */
const places = 100;

export function SliderNumber({
  label,
  value,
  min,
  max,
  fieldMax = max,
  step = 1,
  log = false,
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
  /** The slider goes by ratios, in two significant digits; `min` is above 0. */
  readonly log?: boolean;
  readonly unit?: string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}) {
  const [dragged, setDragged] = useState<number>();
  const commit = useThrottled(onChange);
  const shown = dragged ?? value;
  const inside = Math.min(max, Math.max(min, shown));
  const toValue = (place: number) => (log ? Number((min * (max / min) ** (place / places)).toPrecision(2)) : place);
  return (
    <div className={css['sliderRow']}>
      <Slider.Root
        className={css['slider']}
        value={log ? Math.round((places * Math.log(inside / min)) / Math.log(max / min)) : inside}
        min={log ? 0 : min}
        max={log ? places : max}
        step={log ? 1 : step}
        disabled={disabled}
        onValueChange={(place) => {
          const next = toValue(place);
          setDragged(next);
          commit(next);
        }}
        onValueCommitted={(place) => {
          setDragged(undefined);
          onChange(toValue(place));
        }}
      >
        <Slider.Control className={css['sliderControl']}>
          <Slider.Track className={css['track']}>
            <Slider.Indicator className={css['fill']} />
            <Slider.Thumb
              className={css['thumb']}
              getAriaLabel={() => label}
              {...(log ? { getAriaValueText: (_: string, place: number) => plain(toValue(place)) } : {})}
            />
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
