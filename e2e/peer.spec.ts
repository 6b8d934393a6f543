/**
 * The ONNX project's own backend tests through Weir's path to the runtime: what plain onnxruntime-web passes passes here,
 * and of what it refuses to load nearly all loads after repair and gives the expected outputs.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildPage } from '../scripts/buildPage.ts';
import { startHost } from '../server/host.ts';
import type { PackedCase, PackedResult } from './engine/main.ts';
import { fixture, noFixtures } from './fixtures.ts';
import { skipBecause } from './skipBecause.ts';
import { expect, test } from './station.ts';
import { type PlainTensor, readTensorProto } from './tensorProto.ts';

/** Of the backend tests (onnx/backend/test/runner): |d| <= 1e-7 + 1e-3 x |expected|. */
const relative = 1e-3;
const absolute = 1e-7;
/** A backend test of text has no numbers that the engine could feed or show. */
const ofText = /^test_strnorm_/;

interface Case extends PackedCase {
  readonly plain: string;
  readonly expected: readonly PlainTensor[];
}

test('the backend tests of ONNX', async ({ page }) => {
  const folder = fixture('models/peer-onnx-backend');
  skipBecause(folder === undefined ? noFixtures : undefined);
  test.setTimeout(120_000);
  const cases = readCases(folder ?? '');
  const built = await buildPage(`${resolve('e2e/engine')}/`, 'engine.html', resolve('test-results/engine'));
  const host = await startHost({ roots: [built] });
  try {
    await page.goto(`${host.url}/engine.html`);
    await page.waitForFunction(() => 'runCases' in window);
    const started = performance.now();
    const results = await page.evaluate(
      (given) => (window as never as { runCases(cases: unknown): Promise<PackedResult[]> }).runCases(given),
      cases
        .filter(({ name }) => !ofText.test(name))
        .map(({ name, modelBase64, inputs }) => ({ name, modelBase64, inputs })),
    );
    const rows = cases.map((each) => {
      const result = results.find(({ name }) => name === each.name);
      return { name: each.name, plain: each.plain, ...verdict(each, result) };
    });
    console.log(
      [
        'case | plain onnxruntime-web | Weir',
        ...rows.map(({ name, plain, here }) => `${name} | ${plain} | ${here}`),
      ].join('\n'),
    );
    const refused = rows.filter(({ plain }) => plain === 'load_fail');
    const mended = refused.filter(({ passes }) => passes);
    const worse = rows.filter(({ name, plain, passes }) => plain === 'pass' && !passes && !ofText.test(name));
    console.log(
      `${rows.length} cases; of ${refused.length} that plain onnxruntime-web refuses ${mended.length} pass; ${Math.round(performance.now() - started)} ms`,
    );
    expect(worse, 'passes in plain onnxruntime-web alone').toEqual([]);
    expect(refused.length).toBe(36);
    expect(mended.length).toBeGreaterThanOrEqual(30);
  } finally {
    await host.close();
  }
});

function readCases(folder: string): Case[] {
  const told = readFileSync(join(folder, 'ortweb-1.30.0-wasm-results.jsonl'), 'utf8').trim().split('\n');
  const plain = new Map(
    told.map((line) => {
      const { test: name, status } = JSON.parse(line) as { test: string; status: string };
      return [name, status] as const;
    }),
  );
  return ['pytorch-converted', 'pytorch-operator', 'simple'].flatMap((suite) =>
    readdirSync(join(folder, suite)).map((name) => {
      const place = join(folder, suite, name);
      const tensors = (kind: string) => {
        const found: PlainTensor[] = [];
        for (let i = 0; existsSync(join(place, 'test_data_set_0', `${kind}_${i}.pb`)); i++)
          found.push(readTensorProto(readFileSync(join(place, 'test_data_set_0', `${kind}_${i}.pb`))));
        return found;
      };
      return {
        name,
        plain: plain.get(name) ?? 'unknown',
        modelBase64: readFileSync(join(place, 'model.onnx')).toString('base64'),
        inputs: tensors('input').map(({ values, ...rest }) => ({ ...rest, values: values ?? [] })),
        expected: tensors('output'),
      };
    }),
  );
}

function verdict({ name, expected }: Case, result: PackedResult | undefined): { passes: boolean; here: string } {
  if (ofText.test(name)) return { passes: false, here: 'text: not run' };
  if (result === undefined) return { passes: false, here: 'no answer' };
  if ('code' in result) return { passes: false, here: `${result.code}: ${result.message}` };
  const wrong = expected.findIndex(({ dims, values }, index) => {
    const got = result.outputs[index];
    if (got === undefined || values === undefined || got.dims.join() !== dims.join()) return true;
    return values.some(
      (value, i) =>
        !Object.is(got.values[i], value) &&
        !(Math.abs((got.values[i] ?? NaN) - value) <= absolute + relative * Math.abs(value)),
    );
  });
  if (wrong >= 0 || expected.length === 0) return { passes: false, here: `output ${wrong} differs` };
  const repairs = result.repairs.length === 0 ? '' : `, mended: ${result.repairs.join(', ')}`;
  return { passes: true, here: `pass${repairs}` };
}
