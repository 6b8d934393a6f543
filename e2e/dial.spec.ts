/** The load dial: generated graphs run like any model, a heavier one takes longer, and the controls, the link and programs share one address. */
import { defaultLoad, loadAddress, type LoadRecipe } from '../src/core/loadRecipe.ts';
import { expect, type Station, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';
import { buildLoadGraph } from '../src/models/loadGraph.ts';

const dial = (change: Partial<LoadRecipe>) => loadAddress({ ...defaultLoad, ...change });

/** As a program does; a refusal comes back as a value. */
function open(station: Station, address: string) {
  return station.page.evaluate(async (what) => {
    try {
      const { name, load, card, facts } = await window.weir.openModel(what);
      return { name, load, task: card.task.kind, inputs: facts.inputs };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { code, message };
    }
  }, address);
}

test('dials of several costs open and serve, and no count is lost on the way', async ({ station }) => {
  await station.run('source.width=320&source.height=240');
  for (const change of [
    { mflops: 1, layers: 200, width: 32, height: 32 },
    { mflops: 50, layers: 4, width: 224, height: 224 },
    { mflops: 20, layers: 8, width: 640, height: 360, memoryMb: 30 },
    { mflops: 10, layers: 3, width: 96, height: 96, batch: 2 },
  ] as const) {
    const opened = await open(station, dial(change));
    const { flops = 0, recipe } = 'load' in opened ? (opened.load ?? {}) : {};
    expect(recipe).toEqual({ ...defaultLoad, ...change });
    const places = 'batch' in change ? change.batch : 1;
    expect(Math.abs(flops / places / 1e6 / change.mflops - 1)).toBeLessThan(0.03);
    const now = await station.goesOn();
    expect(now.counts.failed).toBe(0);
    expect(now.model?.task).toBe('tensors');
  }
});

test('its outputs are those of plain onnxruntime-web, and its batch is a free dimension', async ({ station }) => {
  await station.run('source.width=320&source.height=240');
  const recipe = { ...defaultLoad, mflops: 20, layers: 6, width: 96, height: 64, memoryMb: 4 };
  const opened = await open(station, loadAddress(recipe));
  expect(opened).toMatchObject({ inputs: [{ name: 'input', type: 'float32', shape: ['batch', 3, 64, 96] }] });
  const { inputs, outputs } = await station.inspect();
  expectClose(outputs, await runPlain(buildLoadGraph(recipe).bytes, inputs));
  await station.page.getByRole('button', { name: /Task and preparation/ }).click();
  await expect(station.page.getByText('float32 batch × 3 × 64 × 96')).toBeVisible();
});

test('a hundred times the operations take longer', async ({ station }) => {
  const service = [];
  for (const mflops of [20, 2000]) {
    // A fresh page each time, so that no frame of the other graph is among the numbers.
    await station.page.goto('about:blank');
    await station.run(`model=${dial({ mflops })}&source.width=320&source.height=240&engine.provider=wasm`);
    const now = await station.until('frames enough', ({ latencyMs }) => latencyMs.service.n >= 10, 50_000);
    expect(now.model?.name).toContain(`${mflops === 20 ? '20' : '2\u202f000'} MFLOPs`);
    service.push(now.stagesMs.prepare + now.stagesMs.run);
  }
  expect(service[1]).toBeGreaterThan(service[0] ?? Infinity);
});

test('a bad address is refused in words, and the model before it goes on', async ({ station }) => {
  await station.run();
  for (const [address, code, why] of [
    ['load:mflops=0', 'bad-settings', /mflops is from 1 to 200000/],
    ['load:speed=5', 'bad-settings', /"speed" is no part of it/],
    ['load:mflops=200000,layers=2,size=32x32', 'too-large', /64 MB of weights/],
  ] as const) {
    const refused = await open(station, address);
    expect(refused).toMatchObject({ code });
    expect('message' in refused ? refused.message : '').toMatch(why);
  }
  expect((await station.goesOn()).model?.name).toBe('shapes');
  await station.open('model=load:layers=1');
  await expect(station.page.getByRole('alert')).toContainText('layers is a whole number from 2 to 200');
});

/** The page shows a name as soon as it opens; here it serves too. */
async function serves(station: Station, name: string): Promise<void> {
  await station.until(name, ({ model }) => model?.name === name);
  await expect(station.page.getByTestId('model-name')).toHaveText(name);
  await station.goesOn();
}

test('in the controls: one press opens it, a turn of many steps opens one model, the link brings it back', async ({
  station,
}) => {
  const { page } = station;
  await station.run('source.width=320&source.height=240&engine.provider=wasm');
  await page.getByRole('button', { name: 'Load dial' }).click();
  const dialled = page.getByTestId('dial');
  await page.getByRole('button', { name: 'Open this load' }).click();
  await serves(station, 'Load dial, 500 MFLOPs, 12 layers, 320 × 320');
  await dialled.getByLabel('Input size').click();
  await page.getByRole('option', { name: '96 × 96' }).click();
  await serves(station, 'Load dial, 500 MFLOPs, 12 layers, 96 × 96');
  await station.goesOn();

  // The name is that of whatever opens, also of what is cancelled on its way.
  await page.evaluate(() => {
    const seen = new Set<string>();
    Object.assign(window, { seen });
    const name = document.querySelector('[data-testid="model-name"]');
    if (name === null) throw new Error('No name is shown.');
    const look = () => seen.add(name.textContent ?? '');
    new MutationObserver(look).observe(name, { characterData: true, childList: true, subtree: true });
  });
  const slider = dialled.getByRole('slider', { name: 'Millions of operations a frame' });
  for (let i = 0; i < 20; i++) await slider.press('ArrowLeft');
  await serves(station, 'Load dial, 71 MFLOPs, 12 layers, 96 × 96');
  const seen = await page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen]);
  expect(seen.at(-1)).toBe('Load dial, 71 MFLOPs, 12 layers, 96 × 96');
  expect(seen.length, seen.join('; ')).toBeLessThan(8);

  await dialled.getByLabel('Layers, exactly').fill('6');
  await dialled.getByLabel('Layers, exactly').press('Enter');
  await serves(station, 'Load dial, 71 MFLOPs, 6 layers, 96 × 96');
  await expect(page.getByTestId('reached')).toHaveText(/^Reached here: [\d.]+ (M|G)FLOP\/s, [\d.]+\sms\sa\srun$/);
  expect(await page.evaluate(() => location.hash)).toContain('model=load:mflops=71,layers=6,size=96x96,memory=0');
  await page.reload();
  await page.waitForFunction(() => 'weir' in window);
  await serves(station, 'Load dial, 71 MFLOPs, 6 layers, 96 × 96');
  await expect(dialled).toBeVisible();
  const now = await station.goesOn();
  expect(now.counts.failed).toBe(0);
});

test('by the palette', async ({ station }) => {
  await station.run('source.width=320&source.height=240');
  await station.page.keyboard.press('Control+k');
  await station.page.getByRole('combobox', { name: 'Find a command' }).fill('load dial');
  await station.page.keyboard.press('Enter');
  await serves(station, 'Load dial, 500 MFLOPs, 12 layers, 320 × 320');
  await expect(station.page.getByTestId('dial')).toBeVisible();
});
