/**
 * What an ORT-format file says of itself; inputs and outputs are known when ORT has opened it. Field numbers:
 * onnxruntime/core/flatbuffers/schema/ort.fbs.
 */
import type { ModelFacts } from '../core/card.ts';
import type { ByteSource } from './byteSource.ts';
import { elementTypes } from './elementTypes.ts';
import { FlatTable } from './flatTable.ts';
import { sizeOf } from './onnxModel.ts';

/** Nothing but its size where the file is of a version that is laid out in another way. */
export function ortFacts(source: ByteSource): ModelFacts {
  const unknown: ModelFacts = {
    format: 'ort',
    bytes: source.size,
    opsets: {},
    operators: {},
    inputs: [],
    outputs: [],
    nodes: 0,
    parameters: 0,
    externalFiles: [],
    metadata: {},
  };
  try {
    return { ...unknown, ...readFacts(FlatTable.root(source)) };
  } catch (error) {
    if (error instanceof RangeError) return unknown;
    throw error;
  }
}

function readFacts(session: FlatTable): Partial<ModelFacts> {
  const model = session.table(1);
  const graph = model?.table(7);
  if (model === undefined || graph === undefined) return {};
  const operators = new Map<string, number>();
  const nodes = graph.tables(2);
  for (const node of nodes) {
    const domain = node.text(2) ?? '';
    const op = node.text(5) ?? '';
    const name = domain === '' || domain === 'ai.onnx' ? op : `${domain}.${op}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
  }
  const weights = new Map<string, number>();
  let parameters = 0;
  for (const tensor of graph.tables(0)) {
    const size = sizeOf(tensor.int64s(2));
    const type = elementTypes[tensor.int32(3) ?? 0] ?? 'unknown';
    parameters += size;
    weights.set(type, (weights.get(type) ?? 0) + size);
  }
  const irVersion = model.int64(0);
  const producer = model.text(2);
  return {
    ...(irVersion === undefined ? {} : { irVersion }),
    ...(producer === undefined ? {} : { producer }),
    opsets: Object.fromEntries(
      model.tables(1).map((opset) => [opset.text(0) || 'ai.onnx', opset.int64(1) ?? 0] as const),
    ),
    operators: Object.fromEntries([...operators].sort(([, a], [, b]) => b - a)),
    nodes: nodes.length,
    parameters,
    weights: Object.fromEntries(weights),
    metadata: Object.fromEntries(model.tables(9).map((entry) => [entry.text(0) ?? '', entry.text(1) ?? ''] as const)),
  };
}
