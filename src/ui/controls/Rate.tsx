/** Intended arrivals per second, for every source that has a plan. */
import type { Settings } from '../../core/settings.ts';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';

export interface PartProps {
  readonly source: Settings['source'];
  readonly set: (change: Partial<Settings['source']>) => void;
}

export function Rate({ source, set }: PartProps) {
  return (
    <Row label="Rate">
      <SliderNumber
        label="Rate, frames per second"
        value={source.ratePerS}
        min={1}
        max={120}
        fieldMax={2000}
        unit="/s"
        onChange={(ratePerS) => set({ ratePerS })}
      />
    </Row>
  );
}
