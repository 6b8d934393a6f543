/** What is mended before the runtime sees a model: told with its reason, checked after the first result, switched off by hand. */
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { writeOnnx } from '../src/models/onnxWriter.ts';
import { hasFixtures, modelBytes, noFixtures } from './fixtures.ts';
import { expect, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

test('weights that were inputs: mended, checked beside the stream, switched off and on again', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run('source.ratePerS=10');
  const { page } = station;
  const model = modelBytes('detection-ultraface-rfb320');
  expect(await station.openModel(model)).toBeUndefined();
  const opened = await station.goesOn();
  expect(opened.model?.repair?.notes).toEqual([
    { kind: 'constantInputs', count: 244, reason: expect.stringContaining('folding') },
    { kind: 'deadNodes', count: 35, reason: 'No output depends on 35 weights.' },
  ]);
  const { model: checked } = await station.until(
    'it is checked',
    (now) => now.model?.repair?.check?.status === 'agrees',
  );
  expect(checked?.repair?.check).toMatchObject({ status: 'agrees' });
  const fold = page.getByRole('button', { name: 'Repairs' });
  await expect(fold).toContainText('2, checked');
  await fold.click();
  await expect(page.getByTestId('repair-check')).toContainText('the results are');

  const { inputs, outputs } = await station.inspect();
  expectClose(outputs, await runPlain(model, inputs));

  const toggle = page.getByRole('switch', { name: 'Repair: Weight inputs' });
  await toggle.click();
  await station.until('it runs as it is', (now) => now.model?.repair?.notes.length === 1);
  await expect(fold).toContainText('1, checked', { timeout: 20_000 });
  await station.goesOn();
  await toggle.click();
  await station.until('it is mended again', (now) => now.model?.repair?.notes.length === 2);
  // It was checked already.
  await expect(fold).toContainText('2, checked');
  expect((await station.goesOn()).counts.failed).toBe(0);
});

test('operators that the runtime no longer has are raised, and without that the runtime says what it lacks', async ({
  station,
}) => {
  await station.run('source.ratePerS=10');
  const old = writeOnnx({
    name: 'old',
    opset: 6,
    inputs: [{ name: 'x', shape: [1, 3, 32, 48] }],
    outputs: [{ name: 'y', shape: [1, 3, 16, 24] }],
    nodes: [
      { op: 'AveragePool', inputs: ['x'], outputs: ['y'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    ],
  });
  expect(await station.openModel(old)).toBeUndefined();
  const now = await station.until('it cannot be checked', ({ model }) => model?.repair?.check?.status === 'unchecked');
  expect(now.model?.repair).toMatchObject({ notes: [{ kind: 'oldOperators', count: 1 }] });
  expect(now.counts.failed).toBe(0);
  const refusal = await station.openModel(old, 'old.onnx', { repairs: { off: ['oldOperators'] } });
  expect(refusal).toMatchObject({ code: 'unsupported-opset' });
  await station.goesOn();
});

test('a large file serves with its weights beside the graph, and gives what it gave', async ({ station }) => {
  await station.run('source.ratePerS=5');
  // 38 MB of weights that little is done with.
  const model = buildConvGraph({ input: [1, 3, 4, 4], layers: 1, channels: 1024 });
  expect(await station.openModel(model)).toBeUndefined();
  const { inputs, outputs } = await station.inspect();
  expectClose(outputs, await runPlain(model, inputs));
  const now = await station.goesOn();
  expect([now.model?.repair, now.counts.failed]).toEqual([undefined, 0]);
});
