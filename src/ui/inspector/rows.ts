/** The nodes of a model as the inspector's rows: searched, ordered, with the time of the profile where it names them. */
import type { ModelGraph, ModelNode, ModelValue } from '../../core/modelGraph.ts';
import type { Profile } from '../../core/profile.ts';

export interface NodeRow {
  /** Place in the file, from 1. */
  readonly at: number;
  readonly node: ModelNode;
  /** Known shape of the first output. */
  readonly output: ModelValue | undefined;
  /** ms; undefined: not profiled, or fused into another node. */
  readonly ms: number | undefined;
}

export type Order = 'file' | 'parameters' | 'time';

export function rowsOf({ nodes, values }: ModelGraph, profile: Profile | undefined): NodeRow[] {
  const times = new Map<string, number>();
  for (const { name, ms } of profile?.nodes ?? []) times.set(name, (times.get(name) ?? 0) + ms);
  return nodes.map((node, index) => ({
    at: index + 1,
    node,
    output: values[node.outputs[0] ?? ''],
    ms: node.name === '' ? undefined : times.get(node.name),
  }));
}

/** Every word must be found somewhere in the operator, the name, the domain or a value. */
export function search(rows: readonly NodeRow[], text: string): readonly NodeRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter(({ node: { op, name, domain, inputs, outputs } }) => {
    const all = [op, name, domain, ...inputs, ...outputs].join('\n').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

export function inOrder(rows: readonly NodeRow[], order: Order): readonly NodeRow[] {
  if (order === 'file') return rows;
  const key = ({ node, ms }: NodeRow) => (order === 'time' ? (ms ?? -1) : node.parameterBytes);
  return rows.toSorted((a, b) => key(b) - key(a));
}

export interface OperatorRow {
  readonly op: string;
  readonly count: number;
  readonly parameters: number;
  readonly ms: number | undefined;
}

/** Commonest first. */
export function operatorRows(rows: readonly NodeRow[]): OperatorRow[] {
  const found = new Map<string, { op: string; count: number; parameters: number; ms: number | undefined }>();
  for (const { node, ms } of rows) {
    const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
    const row = found.get(op) ?? { op, count: 0, parameters: 0, ms: undefined };
    row.count += 1;
    row.parameters += node.parameters;
    if (ms !== undefined) row.ms = (row.ms ?? 0) + ms;
    found.set(op, row);
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.op.localeCompare(b.op));
}
