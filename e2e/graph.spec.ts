/** What a person chooses for the graph reaches the runtime, and changes no result. */
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { writeOnnx } from '../src/models/onnxWriter.ts';
import { expect, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

test('rewriting off: the operators are those of the file, the outputs the same; layout and capture say what they need', async ({
  station,
}) => {
  test.setTimeout(90_000);
  const model = buildConvGraph({ input: [1, 3, 48, 64], layers: 1, channels: 8 });
  await station.run('engine.provider=wasm&source.ratePerS=30&source.width=320&source.height=240');
  expect(await station.openModel(model)).toBeUndefined();
  const { page } = station;
  const operators = async () => {
    const { inputs, outputs } = await station.inspect();
    expectClose(outputs, await runPlain(model, inputs));
    const { nodes } = await page.evaluate(() => window.weir.profile());
    return nodes.map(({ op }) => op);
  };
  const rewritten = await operators();
  await page.getByRole('button', { name: 'The graph' }).click();
  await expect(page.getByRole('group', { name: 'Layout', exact: true }).first()).toBeVisible();
  await expect(page.getByText('Only WebGPU has it.')).toHaveCount(2);
  await expect(page.getByRole('switch', { name: 'Graph capture' })).toBeDisabled();
  await page.getByRole('combobox', { name: 'Rewriting of the graph' }).click();
  await page.getByRole('option', { name: /^None/ }).click();
  await station.until('it serves', (now) => now.state === 'running');
  await station.goesOn();
  const plain = await operators();
  expect(plain.filter((op) => op === 'Conv').length).toBe(3);
  expect(plain.filter((op) => op === 'Relu').length).toBeGreaterThan(0);
  // Fused: an activation is no operator of its own any more.
  expect(rewritten.filter((op) => op === 'Relu').length).toBe(0);
  expect(await page.evaluate(() => location.hash)).toContain('engine.graph=disabled');
});

test('free sizes are fixed to what the card feeds, anew when the card changes, and batches stay free', async ({
  station,
}) => {
  const shape = ['N', 3, 'h', 'w'];
  const model = writeOnnx({
    name: 'free',
    inputs: [{ name: 'x', shape }],
    outputs: [{ name: 'y', shape }],
    nodes: [{ op: 'Mul', inputs: ['x', 'x'], outputs: ['y'] }],
  });
  await station.run('engine.fixSizes=true&source.ratePerS=60&source.width=160&source.height=120');
  for (const [width, height] of [
    [48, 32],
    [64, 40],
  ] as const) {
    const card = { prepare: { width, height }, task: { kind: 'tensors' } } as const;
    expect(await station.openModel(model, 'free.onnx', card)).toBeUndefined();
    await station.configure({ flow: { policy: 'block', batch: { maxSize: 3, maxDelayMs: 100 } } });
    const { counts } = await station.goesOn(6);
    expect(counts.failed).toBe(0);
    const { inputs, outputs } = await station.inspect();
    expect(inputs[0]?.dims).toEqual([1, 3, height, width]);
    expectClose(outputs, await runPlain(model, inputs));
  }
});
