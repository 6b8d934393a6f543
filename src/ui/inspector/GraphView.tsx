/** The graph drawn: boxes in layers with their links, coloured by nothing but what is selected. Loaded when it is opened. */
import { useMemo, useState } from 'react';
import type { ModelGraph } from '../../core/modelGraph.ts';
import { capped, count, dims } from '../format.ts';
import { layoutGraph, nodeHeight, nodeWidth } from './layout.ts';
import css from './inspector.module.css';

/** More boxes than a person can follow, and than SVG moves smoothly. */
const maxDrawn = 600;

export function GraphView({ graph }: { readonly graph: ModelGraph }) {
  const tooLarge = graph.total > maxDrawn;
  const layout = useMemo(() => (tooLarge ? undefined : layoutGraph(graph)), [graph, tooLarge]);
  const [selected, setSelected] = useState<number>();
  if (layout === undefined)
    return (
      <p className={css['note']} data-testid="graph-too-large">
        The graph has {count(graph.total)} nodes; up to {maxDrawn} are drawn. The table of nodes finds each of them.
      </p>
    );
  const { placed, edges, width, height } = layout;
  const node = selected === undefined ? undefined : graph.nodes[selected];
  return (
    <div className={css['graph']}>
      <div
        className={css['canvas']}
        role="region"
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by the keyboard
        tabIndex={0}
        aria-label="Graph of the model"
      >
        <svg
          width={width + 32}
          height={height + 32}
          viewBox={`-16 -16 ${width + 32} ${height + 32}`}
          role="group"
          aria-label={`${count(graph.nodes.length)} nodes, ${count(edges.length)} links`}
        >
          {edges.map(([from, to]) => {
            const [a, b] = [placed[from], placed[to]];
            if (a === undefined || b === undefined) return undefined;
            const [top, bottom] = [a.y + nodeHeight, b.y];
            const bend = (bottom - top) / 2;
            return (
              <path
                key={`${from}-${to}`}
                className={css['edge']}
                data-on={from === selected || to === selected || undefined}
                d={`M${a.x} ${top} C${a.x} ${top + bend} ${b.x} ${bottom - bend} ${b.x} ${bottom}`}
              />
            );
          })}
          {placed.map(({ at, x, y }) => {
            const { op = '', name = '' } = graph.nodes[at] ?? {};
            return (
              <g
                key={at}
                className={css['node']}
                data-on={at === selected || undefined}
                transform={`translate(${x - nodeWidth / 2} ${y})`}
                onClick={() => setSelected(at)}
              >
                <rect width={nodeWidth} height={nodeHeight} rx={4} />
                <text x={nodeWidth / 2} y={18}>
                  {capped(op, 18)}
                </text>
                <title>{capped(name === '' ? op : `${op} ${name}`, 120)}</title>
              </g>
            );
          })}
        </svg>
      </div>
      <p className={css['note']} aria-live="polite">
        {node === undefined
          ? 'Choose a node to see what it reads and writes.'
          : [
              node.op,
              capped(node.name, 60),
              ...node.outputs.map((name) => {
                const value = graph.values[name];
                return value === undefined ? capped(name, 40) : `${value.type} ${dims(value.shape)}`;
              }),
              ...Object.entries(node.attributes).map(([key, text]) => capped(`${key} ${text}`, 40)),
            ]
              .filter(Boolean)
              .join(', ')}
      </p>
    </div>
  );
}
