/** Micro-batches through the real engine: they truly run together, change nothing in the results, and are refused in words. */
import { buildSobel } from '../src/models/buildGraph.ts';
import { expect, test } from './station.ts';

const busy = { policy: 'dropOldest', capacity: 8 } as const;

test('the detector runs several frames at once, with the results of one at a time', async ({ station }) => {
  // Nothing moves, so every frame has the same boxes.
  await station.run('source.motion=0&source.difficulty=0&source.ratePerS=200&source.width=640&source.height=360');
  const single = (await station.goesOn()).result as { label: string; score: number; box: number[] }[];
  expect(single.length).toBeGreaterThan(2);
  await station.configure({ flow: { ...busy, batch: { maxSize: 4, maxDelayMs: 50 } } });
  const before = await station.until('frames wait for their batch', (now) => now.stagesMs.batching > 0);
  const now = await station.goesOn(40);
  const batched = now.result as typeof single;
  expect(batched.map(({ label }) => label)).toEqual(single.map(({ label }) => label));
  for (const [i, { box, score }] of batched.entries()) {
    expect(Math.abs(score - (single[i]?.score ?? 0))).toBeLessThan(0.01);
    for (const [side, value] of box.entries()) expect(Math.abs(value - (single[i]?.box[side] ?? 0))).toBeLessThan(0.5);
  }
  expect(now.counts.failed).toBe(0);
  expect(now.counts.completed).toBeGreaterThan(before.counts.completed);
  await expect(station.page.getByText(/frames in a run on average/)).toContainText(/^(?:[2-3]\.\d|4\.0) /);
  for (const maxSize of [2, 8, 1]) {
    await station.configure({ flow: { batch: { maxSize } } });
    expect((await station.goesOn(20)).counts.failed).toBe(0);
  }
});

test('a model without a free batch dimension says why, and the setting stays as it was', async ({ station }) => {
  await station.run();
  const refusal = (maxSize: number) =>
    station.page.evaluate(
      (size) =>
        window.weir.configure({ flow: { batch: { maxSize: size } } }).then(
          () => undefined,
          (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
        ),
      maxSize,
    );
  expect(await refusal(4)).toBeUndefined();
  // Opened while a batch is set: it says so and runs one by one.
  expect(await station.openModel(buildSobel(240, 320))).toBeUndefined();
  await expect(station.page.getByRole('heading', { name: 'Frames run one by one' })).toBeVisible();
  expect((await station.goesOn(10)).stagesMs.batching).toBeLessThan(60);
  await station.configure({ flow: { batch: { maxSize: 1 } } });
  const answer = await refusal(4);
  expect(answer).toMatchObject({ code: 'bad-settings' });
  expect(answer?.message).toContain('its first dimension is not free');
  expect(station.page.url()).not.toContain('batch.maxSize');
  await expect(station.page.getByLabel('Frames that run together at most, exactly')).toBeDisabled();
  await station.goesOn(5);
});

test('a broken picture among good ones fails alone', async ({ station }) => {
  await station.run('engine.provider=wasm');
  await station.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 48);
    const context = canvas.getContext('2d');
    context?.fillRect(8, 8, 20, 20);
    const good = await canvas.convertToBlob({ type: 'image/png' });
    const files = Array.from({ length: 12 }, (_, i) =>
      i % 4 === 2 ? new File([new Uint8Array(200)], `${i}.png`) : new File([good], `${i}.png`),
    );
    await window.weir.configure({
      source: { kind: 'images', files, speed: 0, loop: false },
      flow: { policy: 'block', capacity: 8, batch: { maxSize: 4, maxDelayMs: 200 } },
    });
    await window.weir.start();
  });
  const end = await station.until('all are served', (now) => now.state === 'idle');
  expect(end.sources['images']).toMatchObject({ offered: 12, completed: 9, failed: 3 });
});

test('results leave in the order of arrival when that is asked for', async ({ station }) => {
  await station.run(
    'engine.provider=simulated&engine.serviceMs=12&engine.distribution=exponential&engine.sessions=4&source.ratePerS=200&source.width=320&source.height=240&flow.policy=dropOldest&flow.capacity=4',
  );
  const seen = () =>
    station.page.evaluate(
      () =>
        new Promise<number>((done) => {
          let ordering = 0;
          let batches = 0;
          const stop = window.weir.subscribe(({ stagesMs }) => {
            ordering = stagesMs.ordering;
            batches += 1;
            if (batches < 15) return;
            stop();
            done(ordering);
          });
        }),
    );
  expect(await seen()).toBe(0);
  await station.configure({ flow: { order: 'arrival' } });
  // Four at once with exponential service: some are ready before those that came before them.
  expect(await seen()).toBeGreaterThan(0);
  expect((await station.snapshot()).counts.failed).toBe(0);
});
