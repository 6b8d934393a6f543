/** On what the model runs, and what truly ran. */
import Check from 'lucide-react/icons/check';
import TriangleAlert from 'lucide-react/icons/triangle-alert';
import type { Settings } from '../../core/settings.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { capped, one } from '../format.ts';
import { useStation, useVerbs } from '../StationContext.ts';
import { LinkButton } from '../parts/Button.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';
import { SliderNumber } from '../parts/SliderNumber.tsx';
import { EngineGraph } from './EngineGraph.tsx';
import { EngineTruth } from './EngineTruth.tsx';
import { EngineChoices } from './EngineChoices.tsx';
import { Section } from './Section.tsx';
import css from './controls.module.css';

const providers = [
  { value: 'auto', label: 'Auto', note: 'WASM at once; what was measured best, once it was.' },
  { value: 'webgpu', label: 'WebGPU', note: 'The graphics processor.' },
  { value: 'wasm', label: 'WASM', note: 'The processor, with SIMD and threads.' },
  { value: 'simulated', label: 'Simulated', note: 'What if my model took this long?' },
] as const;

const aims = [
  { value: 'auto', label: 'Auto', note: 'Throughput where the source can wait, else latency.' },
  { value: 'latency', label: 'Latency', note: 'One session with all threads: each result soonest.' },
  { value: 'throughput', label: 'Throughput', note: 'A session for each core: most results a second.' },
] as const;

const distributions = [
  { value: 'constant', label: 'Constant', note: 'Every frame takes the same time.' },
  { value: 'exponential', label: 'Exponential', note: 'Mostly short, sometimes long.' },
  { value: 'bimodal', label: 'Bimodal', note: 'Short or long, nothing between.' },
] as const;

const cores = navigator.hardwareConcurrency;

export function EngineControls() {
  const engine = useStation((state) => state.settings.engine);
  const ran = useStation((state) => state.snapshot.engine);
  const verbs = useVerbs();
  const set = (change: Partial<Settings['engine']>) => verbs.change({ engine: change });
  const usesThreads = engine.provider === 'wasm' || (engine.provider === 'auto' && ran.provider === 'wasm');
  const threadsOff = !usesThreads
    ? 'Only WASM uses threads.'
    : crossOriginIsolated
      ? undefined
      : 'Threads need cross-origin isolation, which this host does not send.';
  const threads = engine.threads === 0 ? Math.max(1, ran.threads) : engine.threads;
  return (
    <Section title="Engine">
      <Row label="Run on">
        <Choice label="Run on" value={engine.provider} options={providers} onChange={(provider) => set({ provider })} />
      </Row>
      <Row
        label="Sessions"
        note={
          engine.sessions === 0 ? (
            engine.provider === 'simulated' ? undefined : (
              'Chosen by the aim.'
            )
          ) : (
            <LinkButton onClick={() => set({ sessions: 0 })}>Back to automatic</LinkButton>
          )
        }
      >
        <SliderNumber
          label="Sessions"
          value={engine.sessions === 0 ? Math.max(1, ran.sessions) : engine.sessions}
          min={1}
          max={8}
          onChange={(sessions) => set({ sessions: Math.round(sessions) })}
        />
      </Row>
      <Row
        label="Threads"
        off={threadsOff !== undefined}
        note={
          threadsOff ??
          (engine.threads === 0 ? (
            'Chosen from the cores.'
          ) : (
            <LinkButton onClick={() => set({ threads: 0 })}>Back to automatic</LinkButton>
          ))
        }
      >
        <SliderNumber
          label="Threads per session"
          value={threadsOff === undefined ? threads : 1}
          min={1}
          max={Math.max(2, Math.min(32, cores))}
          disabled={threadsOff !== undefined}
          onChange={(next) => set({ threads: Math.round(next) })}
        />
      </Row>
      {engine.sessions === 0 && usesThreads && (
        <Row label="Aim">
          <Choice label="Aim of the choice" value={engine.aim} options={aims} onChange={(aim) => set({ aim })} />
        </Row>
      )}
      {engine.provider === 'simulated' && <Simulated engine={engine} set={set} />}
      <EngineFacts ran={ran} />
      {engine.provider !== 'simulated' && (
        <>
          <EngineGraph engine={engine} ran={ran} set={set} />
          <EngineTruth ran={ran} />
          <EngineChoices ran={ran} />
        </>
      )}
    </Section>
  );
}

function Simulated({
  engine,
  set,
}: {
  readonly engine: Settings['engine'];
  readonly set: (change: Partial<Settings['engine']>) => void;
}) {
  return (
    <>
      <Row label="Service">
        <SliderNumber
          label="Service time, ms"
          value={engine.serviceMs}
          min={0}
          max={100}
          fieldMax={60_000}
          unit="ms"
          onChange={(serviceMs) => set({ serviceMs })}
        />
      </Row>
      <Row label="Shape">
        <Choice
          label="Distribution of service times"
          value={engine.distribution}
          options={distributions}
          onChange={(distribution) => set({ distribution })}
        />
      </Row>
      <Row label="Stall every">
        <SliderNumber
          label="A stall every, ms"
          value={engine.stallEveryMs}
          min={0}
          max={10_000}
          fieldMax={600_000}
          step={100}
          unit="ms"
          onChange={(stallEveryMs) => set({ stallEveryMs })}
        />
      </Row>
      <Row
        label="Stall for"
        off={engine.stallEveryMs === 0}
        note={engine.stallEveryMs === 0 ? 'No stalls are set.' : undefined}
      >
        <SliderNumber
          label="Length of a stall, ms"
          value={engine.stallMs}
          min={0}
          max={2000}
          fieldMax={60_000}
          step={10}
          unit="ms"
          disabled={engine.stallEveryMs === 0}
          onChange={(stallMs) => set({ stallMs })}
        />
      </Row>
    </>
  );
}

const providerNames: Readonly<Record<string, string>> = {
  webgpu: 'WebGPU',
  wasm: 'WASM',
  simulated: 'a simulated engine',
};

function EngineFacts({ ran }: { readonly ran: Snapshot['engine'] }) {
  const has = ran.provider !== 'none' && ran.provider !== '';
  return (
    <div
      className={css['state']}
      data-testid="engine-facts"
      data-provider={ran.provider}
      data-threads={ran.threads}
      data-sessions={ran.sessions}
      data-kind={ran.fallback === undefined ? 'open' : 'retrying'}
    >
      {ran.fallback === undefined ? <Check size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
      <div>
        <p>{has ? `Ran on ${ranOn(ran)}` : 'Nothing has run yet.'}</p>
        {ran.fallback !== undefined && <p>{capped(ran.fallback, 240)}</p>}
        {ran.coldMs !== undefined && has && ran.provider !== 'simulated' && (
          <p>
            Cold start: create {one(ran.coldMs.create)} ms, first run {one(ran.coldMs.firstRun)} ms.
          </p>
        )}
      </div>
    </div>
  );
}

function ranOn({ provider, adapter, software, threads, sessions }: Snapshot['engine']): string {
  const name = providerNames[provider] ?? capped(provider, 30);
  const on = adapter === undefined || adapter === '' ? name : `${name}, ${capped(adapter, 60)}`;
  const soft = software === true ? ' (software, slow)' : '';
  const parts = [
    provider === 'wasm' ? `${threads} thread${threads === 1 ? '' : 's'}` : undefined,
    `${sessions} session${sessions === 1 ? '' : 's'}`,
  ];
  return `${on}${soft}, ${parts.filter((part) => part !== undefined).join(', ')}.`;
}
