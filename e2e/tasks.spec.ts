/** What a person does with results: reads, searches and saves them, sets a notice, changes the card, hands it out and takes it back. */
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { expect, test } from './station.ts';

async function downloaded(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const arrives = page.waitForEvent('download');
  await act();
  const file = await arrives;
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

test('results are a table, files and notices; the card is changed by hand, as a file, and back', async ({
  station,
}) => {
  const { page } = station;
  await station.run('source.difficulty=0&source.ratePerS=15');
  await station.until('boxes', ({ result }) => Array.isArray(result) && result.length > 0);

  await page.getByRole('button', { name: 'Results', exact: true }).click();
  const table = page.getByTestId('results');
  await expect(table.locator('tbody tr').first()).toBeVisible();
  const label = (await table.locator('tbody tr td:nth-child(3)').first().textContent()) ?? '';
  await page.getByRole('searchbox', { name: 'Find results' }).fill(label);
  await expect
    .poll(async () => new Set(await table.locator('tbody tr td:nth-child(3)').allTextContents()))
    .toEqual(new Set([label]));
  await page.getByRole('searchbox', { name: 'Find results' }).fill('no such thing');
  await expect(table).toContainText('has these words');
  await page.getByRole('searchbox', { name: 'Find results' }).fill('');

  const csv = await downloaded(page, () => page.getByRole('button', { name: 'CSV', exact: true }).click());
  expect(csv.name).toBe('weir-results.csv');
  expect(csv.bytes.toString().split('\r\n')[1]).toMatch(/^\d{4}-\d\d-\d\dT[^,]+,scene,\d+,[^,]+,0\.\d+,[\d.]+,/);

  // A rule that is none is refused with its sentence; a right one gives notice.
  const rule = page.getByRole('textbox', { name: 'Give notice when' });
  await rule.fill('person over 9000');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(page.getByText('write it as "person > 0.8 for 2 s"')).toBeVisible();
  await rule.fill('any > 0.1');
  await page.getByRole('button', { name: 'Set', exact: true }).click();
  await expect(page.getByText('any above 0.1')).toBeVisible();
  expect(await page.evaluate(() => location.hash)).toContain('alerts=any');

  const png = await downloaded(page, () => page.getByRole('button', { name: 'Save the picture' }).click());
  expect([...png.bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const size = await station.snapshot().then(() => [png.bytes.readUInt32BE(16), png.bytes.readUInt32BE(20)]);
  expect(size).toEqual([1280, 720]);

  // Every guess has its reason, another one is in force at once.
  await page.getByRole('button', { name: /Task and preparation/ }).click();
  await expect(page.getByText(/class scores for each place of the grid/)).toBeVisible();
  await page.getByRole('combobox', { name: 'Task' }).click();
  await page.getByRole('option', { name: /^Tensors/ }).click();
  await expect(page.getByTestId('result-text')).toHaveText(/tensor/);
  await expect(page.getByText('Set by hand.').first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Task' }).click();
  await page.getByRole('option', { name: /^Detection/ }).click();
  await expect(page.getByTestId('result-text')).toHaveText(/box/);

  const card = await downloaded(page, () => page.getByRole('button', { name: 'Export', exact: true }).last().click());
  expect(card.name).toMatch(/\.card\.json$/);
  const parsed = JSON.parse(card.bytes.toString()) as { task: { scoreThreshold: number } };
  await station.drop([
    {
      name: 'a.card.json',
      bytes: Buffer.from(JSON.stringify({ ...parsed, task: { ...parsed.task, scoreThreshold: 0.99 } })),
    },
  ]);
  await expect(page.getByText('The card is in force')).toBeVisible();
  await station.until('boxes that are sure', ({ result }) =>
    (result as { score: number }[]).every(({ score }) => score >= 0.99),
  );
  for (const [text, says] of [
    ['no json', 'The file is no JSON'],
    ['{"a": 1}', 'says nothing of task'],
    ['{"task": {"kind": "detection", "head": "yolov9000"}}', 'The model card was not changed: task.head'],
    ['{"task": {"kind": "detection"}, "prepare": {"input": "other"}}', 'This model has no input other'],
  ] as const) {
    await station.drop([{ name: 'b.card.json', bytes: Buffer.from(text) }]);
    await expect(page.getByText(says), text).toBeVisible();
  }
  await station.goesOn();
});
