/** What a person chooses for the graph reaches the runtime, and changes no result. */
import { buildConvGraph } from '../src/models/buildGraph.ts';
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
