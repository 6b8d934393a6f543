/** Several sources before one engine: shares by weight, counts of each, one that is lost, the link and the controls. */
import { difference, expect, test } from './station.ts';

/** An engine of 50 frames a second before two scenes of 60 each. */
const engine = { provider: 'simulated', serviceMs: 20 } as const;
const scene = { kind: 'scene', ratePerS: 60, width: 320, height: 240 } as const;

test('two sources share one engine 3:1, each with its own counts', async ({ station }) => {
  await station.run('engine.provider=simulated');
  await station.configure({
    engine,
    sources: [
      { id: 'front', weight: 3, ...scene },
      { id: 'back', weight: 1, ...scene, seed: 3 },
    ],
    flow: { policy: 'dropOldest', capacity: 4 },
  });
  await station.until('both are served', ({ sources }) => (sources['back']?.completed ?? 0) > 5);
  const before = await station.snapshot();
  const after = await station.watch(4000);
  const of = (id: string) => difference(after.sources[id] ?? after.counts, before.sources[id] ?? before.counts);
  const [front, back] = [of('front'), of('back')];
  expect(front.completed + back.completed).toBeGreaterThan(100);
  // A count of frames, whatever the machine's speed: three of the one between two of the other.
  expect(Math.abs(front.completed - 3 * back.completed)).toBeLessThanOrEqual(6);
  expect(back.dropped.oldest).toBeGreaterThan(front.dropped.oldest);
  const { counts, sources } = after;
  for (const name of ['offered', 'refused', 'admitted', 'completed', 'queued', 'inFlight'] as const)
    expect(counts[name]).toBe(Object.values(sources).reduce((sum, each) => sum + each[name], 0));

  await station.configure({ sources: [{ id: 'front', weight: 1 }, { id: 'back' }] });
  const turned = await station.snapshot();
  const later = await station.watch(2000);
  const gained = (id: string) => (later.sources[id]?.completed ?? 0) - (turned.sources[id]?.completed ?? 0);
  expect(Math.abs(gained('front') - gained('back'))).toBeLessThanOrEqual(6);
});

test('one that ends or is lost takes no other with it, and one can be taken away while it runs', async ({
  station,
}) => {
  await station.run('engine.provider=simulated&engine.serviceMs=1');
  await station.configure({
    sources: [
      { id: 'scene', ...scene },
      { id: 'photos', kind: 'images' },
      { id: 'feed', kind: 'websocket' },
    ],
  });
  const all = await station.until(
    'the feed and the scene are served',
    ({ sources }) => (sources['feed']?.completed ?? 0) > 3 && (sources['scene']?.completed ?? 0) > 3,
  );
  expect(all.state).toBe('running');
  await station.configure({ sources: [{ id: 'scene' }, { id: 'photos' }] });
  const now = await station.goesOn(10);
  const last = await station.goesOn(10);
  // Its counts stay: they are part of the sum.
  expect(last.sources['feed']?.completed).toBe(now.sources['feed']?.completed);
  await station.configure({ source: { kind: 'scene' } });
  expect((await station.goesOn(5)).state).toBe('running');
});

test('by hand: add one, give it a weight, take it away; the link brings it back', async ({ station }) => {
  const { page } = station;
  await station.run('engine.provider=simulated&source.ratePerS=20');
  await page.getByRole('button', { name: 'Add a source' }).click();
  const table = page.getByTestId('sources');
  await expect(table.getByRole('row')).toHaveCount(3);
  await station.until('both are served', ({ sources }) => (sources['scene-2']?.completed ?? 0) > 3);
  await page.getByLabel('Weight beside the other sources, exactly').fill('4');
  await page.keyboard.press('Enter');
  await page.getByLabel('Rate, frames per second, exactly').fill('7');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.url()).toContain('sources.1.weight=4');
  expect(page.url()).toContain('sources.1.ratePerS=7');
  await table.getByRole('button', { name: 'scene', exact: true }).click();
  await expect(page.getByLabel('Rate, frames per second, exactly')).toHaveValue('20');
  await page.reload();
  await expect(table.getByRole('row', { name: /scene-2 4/ })).toBeVisible();
  await table.getByRole('button', { name: 'scene-2' }).click();
  await page.getByRole('button', { name: 'Remove scene-2' }).click();
  await expect(table).toHaveCount(0);
  expect((await station.goesOn()).state).toBe('running');
  await expect.poll(() => page.url()).not.toContain('sources');
  expect(page.url()).toContain('source.ratePerS=20');
});

test('nonsense is refused and nothing changes', async ({ station }) => {
  await station.run('engine.provider=simulated');
  const refused = [
    { sources: [{ id: 'a' }, { id: 'a' }] },
    { sources: [{ id: '<b>' }] },
    { sources: [{ weight: 0 }] },
    { sources: [{ weight: Number.NaN }] },
    { sources: Array.from({ length: 9 }, (_, i) => ({ id: `s${i}` })) },
    { sources: 5 },
    { sources: [null] },
    { flow: { capacity: 0 } },
    { flow: { capacity: 1e9 } },
    { flow: { capacityBytes: -1 } },
    { flow: { rateLimit: 0 } },
    { flow: { limiter: { min: 9, max: 3 } } },
    { flow: { codel: { targetMs: -5 } } },
    { flow: { batch: { maxSize: 0 } } },
    { flow: { maxMissRatio: 2 } },
  ];
  for (const change of refused) {
    const code = await station.page.evaluate(
      (given) =>
        window.weir.configure(given as never).then(
          () => 'accepted',
          (error: { code?: string }) => error.code,
        ),
      change,
    );
    expect(code, JSON.stringify(change)).toBe('bad-settings');
  }
  await station.goesOn();
});
