/** What is inside the open model: its nodes, its operators, its graph, read from the file when somebody asks. */
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { WeirError } from '../../core/errors.ts';
import type { ModelFacts } from '../../core/card.ts';
import type { ModelGraph } from '../../core/modelGraph.ts';
import { bytes, capped, count } from '../format.ts';
import { NodeTable } from '../inspector/NodeTable.tsx';
import { OperatorTable } from '../inspector/OperatorTable.tsx';
import { rowsOf } from '../inspector/rows.ts';
import { Button } from '../parts/Button.tsx';
import { Segmented } from '../parts/Segmented.tsx';
import { useStation, useVerbs } from '../StationContext.ts';
import { openOverlay } from '../verbs.ts';
import { Sheet } from './Sheet.tsx';
import css from '../inspector/inspector.module.css';

const GraphView = lazy(() =>
  import('../inspector/GraphView.tsx').then(({ GraphView: default_ }) => ({ default: default_ })),
);

const views = [
  { value: 'nodes', label: 'Nodes' },
  { value: 'operators', label: 'Operators' },
  { value: 'graph', label: 'Graph' },
] as const;
type View = (typeof views)[number]['value'];

type Read =
  | { readonly status: 'reading' }
  | { readonly status: 'read'; readonly graph: ModelGraph | undefined }
  | { readonly status: 'failed'; readonly why: string };

export function InspectorSheet() {
  const model = useStation((state) => state.model);
  return (
    <Sheet title={model === undefined ? 'Inspector' : `Inside ${capped(model.name, 60)}`} wide>
      <div className={css['body']}>
        {model === undefined ? (
          <p>No model is open: open one to see what is inside.</p>
        ) : (
          <Inside key={model.sha256} facts={model.facts} />
        )}
      </div>
    </Sheet>
  );
}

function Inside({ facts }: { readonly facts: ModelFacts }) {
  const verbs = useVerbs();
  const profile = useStation((state) => state.profile);
  const [by, setBy] = useState<View>('nodes');
  const [read, setRead] = useState<Read>({ status: 'reading' });
  useEffect(() => {
    verbs.commands.describe().then(
      (graph) => setRead({ status: 'read', graph }),
      (error: unknown) => setRead({ status: 'failed', why: WeirError.wrap(error, 'not-a-model').message }),
    );
  }, [verbs]);
  const graph = read.status === 'read' ? read.graph : undefined;
  const rows = useMemo(() => (graph === undefined ? [] : rowsOf(graph, profile)), [graph, profile]);
  const timed = profile !== undefined;
  return (
    <>
      <p className={css['facts']} data-testid="inspector-facts">
        {factsText(facts)}
      </p>
      {graph === undefined ? (
        <p className={css['note']}>{whyNot(read)}</p>
      ) : (
        <>
          <div className={css['tools']}>
            <Segmented label="Show" value={by} options={views} onChange={setBy} />
            <span>{timed ? 'Times are of the profile; what was fused is timed under one of its nodes.' : ''}</span>
            {!timed && (
              <Button
                onClick={() => {
                  openOverlay('none');
                  void verbs.profile().then(() => openOverlay('inspector'));
                }}
              >
                Time the operators
              </Button>
            )}
          </div>
          {by === 'nodes' && <NodeTable rows={rows} timed={timed} />}
          {by === 'operators' && <OperatorTable rows={rows} timed={timed} />}
          {by === 'graph' && (
            <Suspense fallback={<p className={css['note']}>Drawing…</p>}>
              <GraphView graph={graph} />
            </Suspense>
          )}
          {graph.total > graph.nodes.length && (
            <p className={css['note']}>
              The first {count(graph.nodes.length)} of {count(graph.total)} nodes are listed.
            </p>
          )}
        </>
      )}
    </>
  );
}

function whyNot(read: Read): string {
  if (read.status === 'reading') return 'Reading the file…';
  return read.status === 'failed'
    ? read.why
    : 'Only the runtime reads the ORT format, so its nodes are not listed. The .onnx file that it was made from shows them.';
}

function factsText(facts: ModelFacts): string {
  const opsets = Object.entries(facts.opsets).map(([domain, version]) => `${domain || 'ai.onnx'} ${version}`);
  return [
    facts.format === 'ort' ? 'ORT format' : `ONNX${facts.irVersion === undefined ? '' : `, IR ${facts.irVersion}`}`,
    opsets.length === 0 ? '' : `opset ${capped(opsets.join(', '), 80)}`,
    facts.producer === undefined ? '' : `by ${capped(facts.producer, 40)}`,
    facts.nodes === 0 ? '' : `${count(facts.nodes)} nodes`,
    facts.parameters === 0 ? '' : `${count(facts.parameters)} parameters`,
    facts.quantisation === undefined ? '' : capped(facts.quantisation, 40),
    facts.mflops === undefined ? '' : `${count(facts.mflops)} MFLOPs a run`,
    bytes(facts.bytes),
  ]
    .filter(Boolean)
    .join(' · ');
}
