/** How the runtime treats the graph: rewriting, layout, fixed sizes, capture. What is off here says why. */
import { useState } from 'react';
import type { Settings } from '../../core/settings.ts';
import type { Snapshot } from '../../core/snapshot.ts';
import { Choice } from '../parts/Choice.tsx';
import { Row } from '../parts/Row.tsx';
import { Toggle } from '../parts/Toggle.tsx';
import { Expander } from './Expander.tsx';

const levels = [
  { value: 'all', label: 'All', note: 'Everything the runtime knows, its own layouts included.' },
  { value: 'extended', label: 'Extended', note: 'Fused operators too, such as Conv with its activation.' },
  { value: 'basic', label: 'Basic', note: 'Constants folded, what does nothing left out.' },
  { value: 'disabled', label: 'None', note: 'The graph as its exporter wrote it.' },
] as const;

const layouts = [
  { value: 'auto', label: 'Auto', note: 'What the runtime prefers.' },
  { value: 'NCHW', label: 'NCHW', note: 'Channels before rows and columns.' },
  { value: 'NHWC', label: 'NHWC', note: 'Channels last.' },
] as const;

export function EngineGraph({
  engine,
  ran,
  set,
}: {
  readonly engine: Settings['engine'];
  readonly ran: Snapshot['engine'];
  readonly set: (change: Partial<Settings['engine']>) => void;
}) {
  const [open, setOpen] = useState(false);
  const onGpu = engine.provider === 'webgpu' || (engine.provider === 'auto' && ran.provider === 'webgpu');
  const gpuOnly = onGpu ? undefined : 'Only WebGPU has it.';
  const captureOff = gpuOnly ?? ('Suspending' in WebAssembly ? undefined : 'This browser lacks JSPI, which it needs.');
  return (
    <Expander title="The graph" fact={factOf(engine, onGpu)} open={open} onToggle={setOpen}>
      <Row label="Rewriting">
        <Choice
          label="Rewriting of the graph"
          value={engine.graph}
          options={levels}
          onChange={(graph) => set({ graph })}
        />
      </Row>
      <Row label="Layout" off={gpuOnly !== undefined} note={gpuOnly}>
        <Choice
          label="Layout inside the runtime"
          value={engine.layout}
          options={layouts}
          disabled={gpuOnly !== undefined}
          onChange={(layout) => set({ layout })}
        />
      </Row>
      <Row label="Fix sizes" note="Free sizes become those of the card; batches stay free.">
        <Toggle label="Fix sizes" checked={engine.fixSizes} onChange={(fixSizes) => set({ fixSizes })} />
      </Row>
      <Row
        label="Capture"
        off={captureOff !== undefined}
        note={captureOff ?? 'Records a run once and replays it; checked first, off where results differ.'}
      >
        <Toggle
          label="Graph capture"
          checked={engine.graphCapture}
          disabled={captureOff !== undefined}
          onChange={(graphCapture) => set({ graphCapture })}
        />
      </Row>
    </Expander>
  );
}

/** What is not as the runtime has it by itself. */
function factOf({ graph, layout, fixSizes, graphCapture }: Settings['engine'], onGpu: boolean): string {
  const facts = [
    graph === 'all' ? '' : (levels.find(({ value }) => value === graph)?.label ?? graph),
    layout === 'auto' || !onGpu ? '' : layout,
    fixSizes ? 'fixed sizes' : '',
    graphCapture && onGpu ? 'capture' : '',
  ].filter((fact) => fact !== '');
  return facts.length === 0 ? 'as it is' : facts.join(', ');
}
