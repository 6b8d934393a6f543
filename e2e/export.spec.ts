/** The numbers as they leave the page: each format read back, and the marks of the page's own life. */
import { readFileSync } from 'node:fs';
import type { ExportFormat } from '../src/core/exportFormats.ts';
import { expect, type Station, test } from './station.ts';

const exported = (station: Station, format: ExportFormat) =>
  station.page.evaluate((wanted) => window.weir.export(wanted), format);

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly id?: number;
  readonly args?: { readonly source?: string; readonly frame?: number; readonly ending?: string };
}

test('the trace has every frame of the last seconds as one flow, the dropped ones too', async ({ station }) => {
  await station.run('source.ratePerS=60&engine.provider=simulated&engine.serviceMs=30&flow.policy=dropOldest');
  await station.goesOn(30);
  // Counts are published a few times a second: only those of a run that ended are those of the trace.
  await station.page.evaluate(() => window.weir.stop());
  const { counts } = await station.until('idle', (now) => now.state === 'idle');
  const { traceEvents } = JSON.parse(await exported(station, 'trace')) as { traceEvents: TraceEvent[] };
  const endings = traceEvents.filter(({ ph, name }) => ph === 'X' && ['settles', 'oldest', 'shutdown'].includes(name));
  expect(endings.filter(({ name }) => name === 'settles').length).toBeGreaterThan(30);
  expect(endings.some(({ name }) => name === 'oldest')).toBe(true);
  expect(endings.length).toBe(counts.completed + counts.dropped.oldest + counts.dropped.shutdown);
  const flows = new Map<number, string>();
  for (const { id, ph } of traceEvents) if (id !== undefined) flows.set(id, (flows.get(id) ?? '') + ph);
  expect(flows.size).toBe(endings.length);
  for (const arrows of flows.values()) expect(arrows).toMatch(/^st*f$/);
});

test('OpenMetrics counts what the snapshot counts', async ({ station }) => {
  await station.run('source.ratePerS=60&engine.provider=simulated&engine.serviceMs=30');
  await station.goesOn(30);
  await station.page.evaluate(() => window.weir.stop());
  const { counts } = await station.until('idle', (now) => now.state === 'idle');
  const text = await exported(station, 'openmetrics');
  expect(text).toMatch(/# EOF\n$/);
  const value = (sample: string) => Number(new RegExp(`^${sample} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(value('weir_frames_offered_total\\{source="scene"\\}')).toBe(counts.offered);
  expect(value('weir_frames_completed_total\\{source="scene"\\}')).toBe(counts.completed);
  expect(value('weir_frames_dropped_total\\{source="scene",cause="superseded"\\}')).toBe(counts.dropped.superseded);
  expect(value('weir_response_time_seconds_count')).toBe(counts.completed);
  expect(value('weir_response_time_seconds_bucket\\{le="\\+Inf"\\}')).toBe(counts.completed);
});

test('JSON and CSV hold the seconds, and no address', async ({ station }) => {
  await station.run('engine.provider=simulated&source.url=ws://user:secret@nowhere.invalid/feed');
  await station.watch(2500);
  const json = await exported(station, 'json');
  const plain = JSON.parse(json) as { seconds: { completed: number }[]; settings: { windowS: number } };
  expect(json).not.toContain('nowhere.invalid');
  expect(plain.seconds.length).toBeGreaterThanOrEqual(2);
  expect(plain.settings.windowS).toBe(30);
  const [head = '', ...rows] = (await exported(station, 'csv')).split('\r\n');
  expect(head).toContain('in_flight_limit');
  for (const row of rows) expect(row.split(',')).toHaveLength(head.split(',').length);
  const completed = head.split(',').indexOf('completed');
  const sum = rows.reduce((total, row) => total + Number(row.split(',')[completed]), 0);
  expect(sum).toBeLessThanOrEqual((await station.snapshot()).counts.completed);
  const refused = await station.page.evaluate(() =>
    window.weir.export('pdf' as never).then(
      () => 'exported',
      (error: { code: string }) => error.code,
    ),
  );
  expect(refused).toBe('bad-settings');
});

test('from the menu a file arrives', async ({ station }) => {
  await station.run('engine.provider=simulated');
  await station.page.getByRole('button', { name: 'Export' }).click();
  const arrives = station.page.waitForEvent('download');
  await station.page.getByRole('menuitem', { name: /Trace, Perfetto/ }).click();
  const file = await arrives;
  expect(file.suggestedFilename()).toBe('weir-trace.json');
  expect(JSON.parse(readFileSync(await file.path(), 'utf8'))).toHaveProperty('traceEvents');
});

test('a page that was hidden has its marks, and a breach of the objective is told', async ({ station }) => {
  await station.run('engine.provider=simulated&engine.serviceMs=30&source.ratePerS=60&flow.deadlineMs=20&windowS=5');
  await station.page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: true });
    document.dispatchEvent(new Event('visibilitychange'));
    Object.defineProperty(document, 'hidden', { configurable: true, value: false });
    document.dispatchEvent(new Event('visibilitychange'));
    document.dispatchEvent(new Event('freeze'));
  });
  await station.goesOn(10);
  const { events } = JSON.parse(await exported(station, 'json')) as { events: { text: string }[] };
  const marks = events.map(({ text }) => text);
  for (const mark of ['page hidden', 'page visible', 'page frozen']) expect(marks).toContain(mark);
  const now = await station.snapshot();
  expect(now.missRatio).toBe(1);
  expect(now.latencyMs.offered.p99).toBeNull();
  await expect(station.page.getByTestId('level')).toContainText('not served');
  await expect(station.page.getByTestId('level')).toContainText(/Misses\s*100.0 % of 1.0 %/);
});
