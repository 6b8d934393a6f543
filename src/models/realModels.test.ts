/** The pre-flight reader against real models, whose cards were written with another ONNX reader. Needs WEIR_FIXTURES. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceOfBytes } from './byteSource.ts';
import { describeGraph } from './describeGraph.ts';
import { readOnnx } from './onnxReader.ts';
import { preflight } from './preflight.ts';
import { sha256 } from './sha256.ts';

interface Card {
  sha256?: string;
  nodes?: number;
  opset?: Record<string, number>;
  ir_version?: number;
  /** The ten commonest at most. */
  ops_top?: Record<string, number>;
  weight_dtypes?: Record<string, number>;
  producer?: string;
  inputs?: { name: string; dtype: string; shape: (number | string)[] }[];
  outputs?: { name: string; dtype: string; shape: (number | string)[] }[];
}

const fixtures = process.env['WEIR_FIXTURES'];
if (fixtures === undefined) console.info('Real models are not read: WEIR_FIXTURES is not set.');
const folder = join(fixtures ?? '', 'models');
const names =
  fixtures === undefined ? [] : readdirSync(folder).filter((name) => existsSync(join(folder, name, 'model.onnx')));

const refused: Record<string, string> = {
  'bad-corrupt-protobuf': 'not-a-model',
  'bad-git-lfs-pointer': 'lfs-pointer',
  'bad-opset-314159': 'unsupported-opset',
  'bad-extensions-ops': 'unsupported-operator',
};

describe.skipIf(fixtures === undefined)('real models', () => {
  it.each(names)('%s', async (name) => {
    const card = JSON.parse(readFileSync(join(folder, name, 'card.json'), 'utf8')) as Card;
    const bytes = new Uint8Array(readFileSync(join(folder, name, 'model.onnx')));
    const code = refused[name];
    if (code !== undefined) {
      expect(() => preflight(bytes)).toThrow(expect.objectContaining({ code }));
      return;
    }
    const facts = preflight(bytes);
    const plain = (infos: Card['inputs']) => infos?.map(({ name, dtype, shape }) => ({ name, type: dtype, shape }));
    expect(facts.inputs).toEqual(plain(card.inputs));
    expect(facts.outputs).toEqual(plain(card.outputs));
    expect(facts.nodes).toBe(card.nodes);
    expect(facts.opsets).toEqual(card.opset);
    expect(facts.irVersion).toBe(card.ir_version);
    for (const [op, count] of Object.entries(card.ops_top ?? {}))
      expect(facts.operators[op.replace('::', '.')], op).toBe(count);
    const { nodes, total } = describeGraph(readOnnx(bytes), sourceOfBytes(bytes));
    expect([nodes.length, total]).toEqual([card.nodes, card.nodes]);
    const histogram = Object.values(facts.operators).reduce((sum, count) => sum + count, 0);
    expect(histogram).toBe(card.nodes);
    expect(await sha256(bytes)).toBe(card.sha256);
  });

  it('external data and the ORT format', () => {
    const external = readFileSync(join(folder, 'externaldata-web-e2e', 'model.onnx'));
    const data = readFileSync(join(folder, 'externaldata-web-e2e', 'model_with_orig_ext_data.bin'));
    expect(preflight(external).externalFiles).toEqual([
      { path: 'model_with_orig_ext_data.bin', bytes: data.byteLength },
    ]);
    const ort = readdirSync(join(folder, 'ortformat-mnist')).find((name) => name.endsWith('.ort')) ?? '';
    const facts = preflight(readFileSync(join(folder, 'ortformat-mnist', ort)));
    expect(facts).toMatchObject({ format: 'ort', opsets: { 'ai.onnx': 8 }, inputs: [], parameters: 5996 });
    const { operators, nodes } = facts;
    expect(Object.values(operators).reduce((sum, count) => sum + count, 0)).toBe(nodes);
    expect(operators['Conv']).toBe(2);
  });
});
