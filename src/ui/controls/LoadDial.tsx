/** The load dial: a model of a chosen cost for those who have none, and what this machine truly made of it. */
import { useEffect, useRef, useState } from 'react';
import type { ModelInfo } from '../../core/card.ts';
import { defaultLoad, loadAddress, loadLimits, type LoadRecipe } from '../../core/loadRecipe.ts';
import { bytes, count, plain } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { reachedOf } from '../reached.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { useView, view } from '../view.ts';
import { Expander } from './Expander.tsx';
import css from './controls.module.css';

/** A hand that still turns the dial asks for nothing yet. */
const settleMs = 400;

const sizes = ['96x96', '160x160', '224x224', '320x320', '416x416', '512x512', '640x640', '1280x720', '1920x1080'];

export function LoadDial() {
  const load = useStation((state) => state.model?.load);
  const open = useView((values) => values.dial ?? load !== undefined);
  return (
    <Expander
      title="Load dial"
      fact={load === undefined ? 'No model of yours?' : `${plain(load.recipe.mflops)} MFLOPs`}
      open={open}
      onToggle={(dial) => view.setState({ dial })}
    >
      <Dial load={load} />
    </Expander>
  );
}

function Dial({ load }: { readonly load: ModelInfo['load'] }) {
  const { recipe, dial, openNow } = useDial(load);
  const size = `${recipe.width}x${recipe.height}`;
  const listed = sizes.includes(size) ? sizes : [size, ...sizes];
  return (
    <div data-testid="dial">
      <Row label="MFLOPs">
        <SliderNumber
          log
          label="Millions of operations a frame"
          value={recipe.mflops}
          min={1}
          max={20_000}
          fieldMax={loadLimits.mflops[1]}
          step={10}
          onChange={(mflops) => dial({ mflops })}
        />
      </Row>
      <Row label="Layers">
        <SliderNumber
          label="Layers"
          value={recipe.layers}
          min={loadLimits.layers[0]}
          max={60}
          fieldMax={loadLimits.layers[1]}
          onChange={(layers) => dial({ layers: Math.round(layers) })}
        />
      </Row>
      <Row label="Input">
        <Choice
          label="Input size"
          value={size}
          options={listed.map((value) => ({ value, label: value.replace('x', ' × ') }))}
          onChange={(value) => {
            const [width = 0, height = 0] = value.split('x').map(Number);
            dial({ width, height });
          }}
        />
      </Row>
      <Row label="Memory">
        <SliderNumber
          label="Memory traffic added, megabytes a frame"
          value={recipe.memoryMb}
          min={0}
          max={1000}
          fieldMax={loadLimits.memoryMb[1]}
          step={10}
          unit="MB"
          onChange={(memoryMb) => dial({ memoryMb })}
        />
      </Row>
      <div className={css['dialFacts']}>
        {load === undefined ? (
          <>
            <p className={css['fact']}>
              A model made here, of a cost you choose: what could this machine carry? One multiply-add is two
              operations.
            </p>
            <Button onClick={openNow}>Open this load</Button>
          </>
        ) : (
          <Facts load={load} />
        )}
      </div>
    </div>
  );
}

/** Exactly what was built, and what was measured. */
function Facts({ load }: { readonly load: NonNullable<ModelInfo['load']> }) {
  const snapshot = useStation((state) => state.snapshot);
  const live = useStation((state) => state.live);
  const settings = useStation((state) => state.settings);
  const { value, note } = reachedOf(load, snapshot, live, settings);
  return (
    <>
      <p className={css['reached']} data-testid="reached">
        Reached here: <b>{value}</b>
      </p>
      <p className={css['fact']}>{note}</p>
      <p className={css['fact']} data-testid="built">
        Built: {plain(Number((load.flops / 1e6).toPrecision(4)))} MFLOPs, {count(load.parameters)} parameters,{' '}
        {bytes(load.trafficBytes).replace(' ', '\u00a0')} moved a frame.
      </p>
    </>
  );
}

/** What is dialled, ahead of the model that serves: it is opened once the hand rests. */
function useDial(load: ModelInfo['load']) {
  const verbs = useVerbs();
  const [recipe, setRecipe] = useState(load?.recipe ?? defaultLoad);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const rest = () => {
    clearTimeout(waiting.current);
    waiting.current = undefined;
  };
  useEffect(() => rest, []);
  // Opened from elsewhere: a link, a program, the palette.
  useEffect(() => {
    if (load !== undefined && waiting.current === undefined) setRecipe(load.recipe);
  }, [load]);
  const openIt = (next: LoadRecipe) => {
    rest();
    verbs.open(loadAddress(next));
  };
  return {
    recipe,
    dial(change: Partial<LoadRecipe>) {
      const next = { ...recipe, ...change };
      setRecipe(next);
      rest();
      waiting.current = setTimeout(() => openIt(next), settleMs);
    },
    openNow: () => openIt(recipe),
  };
}
