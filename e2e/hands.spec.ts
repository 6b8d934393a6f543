/** What people do with their hands: drag a file in, cancel, undo, full size, choose a span, export, copy the link. */
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { expect, test } from './station.ts';

const simulated = 'engine.provider=simulated&engine.serviceMs=5';

test('a model dragged onto the window opens and serves', async ({ station }) => {
  const { page } = station;
  await station.run();
  const model = buildConvGraph({ input: [1, 3, 48, 64], layers: 1, channels: 4 });
  const file = { base64: Buffer.from(model).toString('base64'), name: 'dragged.onnx' };
  await page.evaluate(({ base64, name }) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name));
    const tell = (kind: string) =>
      document.body.dispatchEvent(
        new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true, composed: true }),
      );
    Object.assign(window, { tell });
    tell('dragenter');
    tell('dragover');
  }, file);
  await expect(page.getByTestId('drop-zone')).toBeVisible();
  await page.evaluate(() => (window as never as { tell(kind: string): void }).tell('drop'));
  await expect(page.getByTestId('drop-zone')).toHaveCount(0);
  await station.until('the dragged model', (now) => now.model?.name.includes('dragged') === true);
  await station.goesOn();
});

test('Escape cancels an opening, and the model before it serves on', async ({ station }) => {
  const { page } = station;
  const { model } = await station.run();
  // A server that never ends its answer: the download stands until somebody cancels it.
  await page.route('**/endless.onnx', () => {});
  const opening = page.evaluate(() =>
    window.weir.openModel(`${location.origin}/endless.onnx`).then(
      () => 'opened',
      (error: { code: string }) => error.code,
    ),
  );
  await expect(page.getByTestId('opening')).toBeVisible();
  await page.keyboard.press('Escape');
  expect(await opening).toBe('cancelled');
  await expect(page.getByTestId('opening')).toHaveCount(0);
  expect((await station.goesOn()).model?.name).toBe(model?.name);
});

test('undo and redo bring settings back, one step for each change', async ({ station }) => {
  const { page } = station;
  await station.run(simulated);
  const rate = () => page.evaluate(() => /ratePerS=(\d+)/.exec(location.hash)?.[1]);
  const before = await rate();
  const field = page.getByRole('spinbutton', { name: 'Rate, frames per second, exactly' });
  await field.fill('77');
  await field.press('Enter');
  await expect.poll(rate).toBe('77');
  await field.blur();
  await page.keyboard.press('Control+z');
  await expect.poll(rate).toBe(before);
  await page.keyboard.press('Control+Shift+z');
  await expect.poll(rate).toBe('77');
});

test('F makes a panel large and small again', async ({ station }) => {
  const { page } = station;
  await station.run(simulated);
  const panel = page.locator('[data-panel="preview"]');
  const width = async () => (await panel.boundingBox())?.width ?? 0;
  const small = await width();
  await panel.focus();
  await page.keyboard.press('f');
  await expect.poll(width).toBeGreaterThan(1000);
  await page.keyboard.press('Escape');
  await expect.poll(width).toBe(small);
});

test('a span dragged on a chart stands still until a double click', async ({ station }) => {
  const { page } = station;
  await station.run(simulated);
  await station.watch(4000);
  const over = page.locator('.u-over').first();
  const box = await over.boundingBox();
  if (box === null) throw new Error('No chart.');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.5, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, y, { steps: 5 });
  await page.mouse.up();
  const canvas = page.locator('.uplot canvas').first();
  const shot = () => canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  await page.mouse.move(5, 5);
  await expect
    .poll(
      async () => {
        const first = await shot();
        await page.waitForTimeout(1500);
        return (await shot()) === first;
      },
      { message: 'the chosen span stands still', timeout: 20_000 },
    )
    .toBe(true);
  await over.dblclick();
  await page.mouse.move(5, 5);
  const released = await shot();
  await expect.poll(shot).not.toBe(released);
});

test('the copied link opens the same station', async ({ station, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { page } = station;
  await station.run(`${simulated}&source.ratePerS=42`);
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link.startsWith(station.origin)).toBe(true);
  expect(link).toContain('source.ratePerS=42');
});

test('preparation edited live acts on the next frames, and loses none', async ({ station }) => {
  const { page } = station;
  await station.run();
  const model = buildConvGraph({ input: [1, 3, 48, 64], layers: 1, channels: 4 });
  expect(await station.openModel(model)).toBe(undefined);
  await station.goesOn();
  const mean = async () => {
    const { input } = await station.inspect();
    const data = input.data as Float32Array;
    return data.reduce((sum, value) => sum + value, 0) / data.length;
  };
  const before = await mean();
  await page.getByRole('button', { name: /^Task and preparation/ }).click();
  const scale = page.getByRole('spinbutton', { name: 'Scale, exactly' });
  await scale.scrollIntoViewIfNeeded();
  const shown = Number(await scale.inputValue());
  await scale.fill(String(shown * 2));
  await scale.press('Enter');
  await expect.poll(async () => (await mean()) / before).toBeCloseTo(2, 0);
  const { counts } = await station.goesOn();
  expect(counts.failed).toBe(0);
});

test('columns are resized by hand and by keys, stay after a reload, and a double click sets them back', async ({
  station,
}) => {
  const { page } = station;
  await station.run(simulated);
  const controls = page.locator('aside').first();
  const width = async () => Math.round((await controls.boundingBox())?.width ?? 0);
  const before = await width();
  const line = page.getByRole('separator', { name: 'Width of the controls' });
  const box = await line.boundingBox();
  if (box === null) throw new Error('No splitter.');
  await page.mouse.move(box.x + box.width / 2, 400);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 60, 400, { steps: 3 });
  await page.mouse.up();
  await expect.poll(width).toBe(before + 60);
  await line.press('ArrowLeft');
  await expect.poll(width).toBe(before + 52);
  await page.reload();
  await expect.poll(width).toBe(before + 52);
  await line.dblclick();
  await expect.poll(width).toBe(before);
});
