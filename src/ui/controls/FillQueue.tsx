/** The producer: pictures of the scene for the queue that is worked, so that it can be tried without anything else. */
import { useState } from 'react';
import { Button } from '../parts/Button.tsx';
import { NumberField } from '../parts/NumberField.tsx';
import { Row } from '../parts/Row.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import { Expander } from './Expander.tsx';
import css from './controls.module.css';

export function FillQueue({ source }: { readonly source: string }) {
  const verbs = useVerbs();
  const isOpen = useStation((state) => state.live?.sources[source]?.status === 'open');
  const [shown, setShown] = useState(false);
  const [count, setCount] = useState(100);
  const [ratePerS, setRate] = useState(10);
  return (
    <Expander title="Put jobs into it" fact="" open={shown} onToggle={setShown}>
      <Row label="Jobs">
        <div className={css['split']}>
          <NumberField
            label="Jobs to put"
            value={count}
            min={1}
            max={10_000}
            onCommit={(next) => setCount(Math.round(next ?? 1))}
          />
          <NumberField
            label="Jobs per second"
            value={ratePerS}
            min={0.1}
            max={1000}
            unit="/s"
            onCommit={(next) => setRate(next ?? 1)}
          />
        </div>
      </Row>
      <div className={css['address']}>
        <p className={css['fact']}>{isOpen ? 'Pictures of the scene, 640 × 360.' : 'Connect first.'}</p>
        <Button disabled={!isOpen} onClick={() => verbs.fillQueue(source, count, ratePerS)}>
          Put
        </Button>
      </div>
    </Expander>
  );
}
