/** Opening the page: the demo runs at once, settings live in the link, nothing is logged, and everybody can use it. */
import AxeBuilder from '@axe-core/playwright';
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { expect, test } from './station.ts';

test('the scene runs through the built-in model within seconds', async ({ station }) => {
  const started = Date.now();
  const first = await station.run();
  expect(Date.now() - started, 'ms to the first result').toBeLessThan(10_000);
  expect(first.model?.name.toLowerCase()).toBe('shapes');
  expect(first.engine.provider).toBe('wasm');
  expect(first.engine.threads).toBeGreaterThanOrEqual(1);
  const later = await station.until('a second of results', (now) => now.counts.completed >= 30);
  expect(later.counts.failed).toBe(0);
  expect(later.latencyMs.response.p50).toBeGreaterThan(0);
  expect(await station.page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test('no content security policy violation on the way', async ({ station }) => {
  await station.page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`CSP ${event.violatedDirective}: ${event.blockedURI}`),
    );
  });
  await station.run();
  await station.goesOn(10);
  expect(station.complaints).toEqual([]);
});

test('settings survive a reload in the hash, and only what differs is written', async ({ station }) => {
  await station.run('engine.provider=simulated&engine.serviceMs=5&source.ratePerS=50');
  await station.configure({ flow: { policy: 'dropOldest', capacity: 4 } });
  const hash = await station.page.evaluate(() => location.hash);
  expect(hash).toContain('flow.policy=dropOldest');
  expect(hash).not.toContain('windowS');
  await station.page.reload();
  await station.page.waitForFunction(() => 'weir' in window);
  const now = await station.until('results after the reload', (each) => each.counts.completed > 20);
  expect(now.engine.provider).toBe('simulated');
  expect(await station.page.evaluate(() => location.hash)).toBe(hash);
});

test('nonsense is refused with a code, and nothing changes', async ({ station }) => {
  await station.run('engine.provider=simulated');
  const code = await station.page.evaluate(() =>
    window.weir.configure({ source: { ratePerS: -1 } }).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    ),
  );
  expect(code).toBe('bad-settings');
  await station.goesOn();
});

test('pause and stop hold the counts, start goes on', async ({ station }) => {
  await station.run('engine.provider=simulated&engine.serviceMs=10');
  await station.page.evaluate(() => window.weir.pause());
  const paused = await station.until('paused and empty', (now) => now.state === 'paused' && now.counts.inFlight === 0);
  expect((await station.watch(500)).counts.offered).toBe(paused.counts.offered);
  await station.page.evaluate(() => window.weir.start());
  const on = await station.goesOn();
  expect(on.counts.offered).toBeGreaterThan(paused.counts.offered);
  await station.page.evaluate(() => window.weir.stop());
  const stopped = await station.until('idle and empty', (now) => now.state === 'idle' && now.counts.inFlight === 0);
  expect(stopped.counts.queued).toBe(0);
});

test('a model that a program opens at once is not taken back by the demo', async ({ station }) => {
  const model = buildConvGraph({ input: [1, 3, 48, 64], layers: 2, channels: 8 });
  await station.open();
  expect(await station.openModel(model, 'mine.onnx')).toBe(undefined);
  await station.page.waitForTimeout(1500);
  expect((await station.goesOn()).model?.name).toBe('mine');
});

test('nonsense from a program is refused with a code', async ({ station }) => {
  await station.run('engine.provider=simulated');
  const codes = await station.page.evaluate(async () => {
    const weir = window.weir as never as Record<string, (what: unknown) => Promise<unknown>>;
    const codeOf = (verb: string, what: unknown) =>
      weir[verb]?.(what).then(
        () => 'accepted',
        (error: { code?: string }) => error.code,
      );
    const settings = [null, undefined, 5, []].map((what) => codeOf('configure', what));
    const models = [5, null, [], 'http://['].map((what) => codeOf('openModel', what));
    return Promise.all([...settings, ...models]);
  });
  expect(codes).toEqual([
    ...Array.from({ length: 4 }, () => 'bad-settings'),
    ...Array.from({ length: 3 }, () => 'not-a-model'),
    'connection-refused',
  ]);
  await station.page.evaluate(() => window.weir.stop());
  const stopped = await station.until('idle', (now) => now.state === 'idle');
  expect(stopped.counts.inFlight).toBe(0);
});

test('another link pasted into the tab is followed', async ({ station }) => {
  await station.run('engine.provider=simulated&source.ratePerS=20');
  await station.page.evaluate(() => {
    location.hash = '#engine.provider=simulated&engine.serviceMs=3&source.ratePerS=55';
  });
  await station.page.waitForFunction(() => 'weir' in window && window.weir.snapshot().counts.completed > 60);
  expect(await station.page.evaluate(() => location.hash)).toContain('ratePerS=55');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`no serious accessibility fault in ${colorScheme}`, async ({ station }) => {
    await station.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await station.run('engine.provider=simulated');
    await station.goesOn(30);
    const { violations } = await new AxeBuilder({ page: station.page }).analyze();
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual(
      [],
    );
  });
}
