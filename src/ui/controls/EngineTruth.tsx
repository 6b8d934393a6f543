/** What the engine truly did, as far as it can be known: costs, checks of the outputs, memory, and what nobody tells. */
import { useState } from 'react';
import { agreesWithin } from '../../core/agreement.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { bytes, capped, count, one } from '../format.ts';
import { Button } from '../parts/Button.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import { openOverlay } from '../verbs.ts';
import { Expander } from './Expander.tsx';
import css from './controls.module.css';

type Fact = readonly [name: string, value: string, doubt?: boolean];

export function EngineTruth({ ran }: { readonly ran: Snapshot['engine'] }) {
  const [open, setOpen] = useState(false);
  const live = useStation((state) => state.live);
  const agreement = useStation((state) => state.agreement);
  const profile = useStation((state) => state.profile);
  const running = useStation((state) => state.snapshot.state === 'running');
  const measuring = useStation((state) => state.choices.measuring !== undefined);
  const verbs = useVerbs();
  const [busy, setBusy] = useState<'compare' | 'profile'>();
  const wait = (what: 'compare' | 'profile', work: Promise<void>) => {
    setBusy(what);
    void work.finally(() => setBusy(undefined));
  };
  const checked = live?.checked ?? { frames: 0, notNumbers: 0, allZero: 0 };
  const doubtful =
    checked.notNumbers + checked.allZero > 0 || (agreement !== undefined && agreement.worst > agreesWithin);
  const served = live?.served;
  const facts: Fact[] = [
    ...(ran.coldMs === undefined
      ? []
      : ([
          ['Create', `${one(ran.coldMs.create)} ms`],
          ['First run', `${one(ran.coldMs.firstRun)} ms`],
        ] as const)),
    ['Run, warm', served === undefined ? '–' : `${one(served.runMs)} ms`],
    ['Outputs checked', `${count(checked.frames)} frames`],
    ['Not a number (NaN)', `${count(checked.notNumbers)} frames`, checked.notNumbers > 0],
    ['All zero', `${count(checked.allZero)} frames`, checked.allZero > 0],
    [
      'Off the WASM reference',
      agreement === undefined ? 'not compared' : `${share(agreement.worst)} of the largest value`,
      agreement !== undefined && agreement.worst > agreesWithin,
    ],
    ['WASM heap', live === undefined || live.heapBytes === 0 ? 'unknown' : bytes(live.heapBytes)],
    ...gpuFacts(ran),
    ['Engines lost', count(ran.losses ?? 0)],
    ['Provider of each node', profile === undefined ? 'known after profiling' : providersOf(profile.nodes)],
  ];
  return (
    <Expander title="What truly ran" fact={doubtful ? 'look here' : ''} open={open} onToggle={setOpen}>
      <dl className={css['truth']}>
        {facts.map(([name, value, doubt]) => (
          <div key={name} data-doubt={doubt === true || undefined}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={css['truthActions']}>
        <Button disabled={!running || busy !== undefined || measuring} onClick={() => wait('compare', verbs.compare())}>
          {busy === 'compare' ? 'Comparing…' : 'Compare a frame'}
        </Button>
        <Button
          disabled={busy !== undefined || measuring}
          onClick={() => (profile === undefined ? wait('profile', verbs.profile()) : openOverlay('profile'))}
        >
          {busy === 'profile' ? 'Profiling…' : profile === undefined ? 'Profile operators' : 'Show the profile'}
        </Button>
      </div>
    </Expander>
  );
}

/** Ours is counted; of the runtime's own part nobody tells. */
function gpuFacts({ provider, preparesOn, preparesWhy, captured, gpu, adapter, software }: Snapshot['engine']): Fact[] {
  if (provider !== 'webgpu') return [['Memory on the GPU', 'none']];
  return [
    ['Adapter', `${capped(adapter ?? 'unnamed', 60)}${software === true ? ', in software' : ''}`, software === true],
    ['Prepared on', preparesOn === 'gpu' ? 'the GPU' : `the CPU${preparesWhy === undefined ? '' : `: ${preparesWhy}`}`],
    ['Runs', captured === true ? 'captured, replayed' : 'encoded one by one'],
    ['Ours on the GPU', gpu === undefined ? 'none yet' : `${bytes(gpu.bytes)} in ${count(gpu.buffers)} buffers`],
    ['Frames open', count(gpu?.frames ?? 0)],
    ["ONNX Runtime's on the GPU", 'unknown: it does not tell'],
  ];
}

function share(value: number): string {
  if (!Number.isFinite(value)) return 'more than the whole';
  return value === 0 ? '0' : value >= 0.001 ? `${one(value * 100)} %` : value.toExponential(0);
}

function providersOf(nodes: readonly { readonly provider: string }[]): string {
  const counts = new Map<string, number>();
  for (const { provider } of nodes) {
    const name = provider.replace('ExecutionProvider', '') || 'unknown';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, nodesOn]) => `${nodesOn} on ${name}`).join(', ');
}
