/** The ways in: the catalogue, links with and without consent, broken downloads, the clipboard, files that come together. */
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { buildConvGraph, buildSobel } from '../src/models/buildGraph.ts';
import { writeOnnx } from '../src/models/onnxWriter.ts';
import { catalogue } from '../src/models/catalogue.ts';
import { fixture, hasFixtures, modelBytes, noFixtures } from './fixtures.ts';
import { startModelHost } from './modelHost.ts';
import { skipBecause } from './skipBecause.ts';
import { expect, test } from './station.ts';

const quiet = 'source.ratePerS=5&source.width=160&source.height=120&engine.provider=wasm&engine.threads=1';

/** Where each entry lies among the fixtures, by its hash. */
function fixturesByHash(): ReadonlyMap<string, string> {
  const index = readFileSync(fixture('models/INDEX.md') ?? '', 'utf8');
  const names = [...index.matchAll(/^\| ([a-z0-9_.-]+) \| /gim)].map(([, name]) => name ?? '');
  const cards = names.flatMap((name) => {
    try {
      const card: { sha256?: string } = JSON.parse(readFileSync(fixture(`models/${name}/card.json`) ?? '', 'utf8'));
      return card.sha256 === undefined ? [] : [[card.sha256, name] as const];
    } catch {
      return [];
    }
  });
  return new Map(cards);
}

/** A chain of the cheapest operator. */
function manyNodes(count: number): Uint8Array {
  const shape = [1, 3, 8, 8];
  return writeOnnx({
    name: 'many',
    inputs: [{ name: 'v0', shape }],
    outputs: [{ name: `v${count}`, shape }],
    nodes: Array.from({ length: count }, (_, i) => ({ op: 'Abs', inputs: [`v${i}`], outputs: [`v${i + 1}`] })),
  });
}

/** A picture times a number that lies in another file. */
function besideWeights(): Uint8Array {
  const shape = [1, 3, 30, 40];
  return writeOnnx({
    name: 'beside',
    inputs: [{ name: 'input', shape }],
    outputs: [{ name: 'output', shape }],
    initialisers: [{ name: 'w', dims: [1], data: { external: { location: 'weights.bin', offset: '0', length: '4' } } }],
    nodes: [{ op: 'Add', inputs: ['input', 'w'], outputs: ['output'] }],
  });
}

/** No grave accessibility fault in what is open. */
async function expectUsable(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include('[role="dialog"]').analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([]);
}

const open = (page: Page, what: string) =>
  page.evaluate(
    (address) =>
      window.weir.openModel(address).then(
        ({ name, sha256 }) => ({ name, sha256 }),
        ({ code, message }: { code: string; message: string }) => ({ code, message }),
      ),
    what,
  );

test('every entry of the catalogue opens from its pinned address, and a changed file is refused', async ({
  station,
}) => {
  test.setTimeout(150_000);
  skipBecause(hasFixtures ? undefined : noFixtures);
  const { page } = station;
  const names = fixturesByHash();
  let asked = 0;
  await page.context().route('https://raw.githubusercontent.com/**', (route) => {
    asked += 1;
    const entry = catalogue.find(({ url }) => url === route.request().url());
    const name = names.get(entry?.sha256 ?? '');
    const headers = { 'access-control-allow-origin': '*' };
    if (entry === undefined || name === undefined) return route.fulfill({ status: 404, headers });
    // The first time this one is another model under the same address.
    const body = Buffer.from(asked === 1 ? buildSobel(8, 8) : modelBytes(name));
    return route.fulfill({ body, headers });
  });
  await station.run(quiet);
  const [first] = catalogue;
  expect(await open(page, first?.url ?? '')).toMatchObject({
    code: 'changed-file',
    message: expect.stringContaining(`The file behind ${first?.name} is not the one that was checked`),
  });
  await station.goesOn();

  await page.keyboard.press('o');
  await page.getByRole('button', { name: `Open ${first?.name}` }).click();
  await station.until('the model of the click', ({ model }) => model?.name === first?.name);
  // It is written after its first frames; only then is it there for the next time.
  await page.keyboard.press('o');
  await expect(page.getByTestId('kept').first()).toContainText(first?.name ?? '');
  await page.keyboard.press('Escape');
  for (const { url, name, sha256 } of catalogue)
    await test.step(name, async () => expect(await open(page, url), name).toEqual({ name, sha256 }));
  // What is kept is not downloaded again.
  expect(asked).toBe(1 + catalogue.length);
  await page.keyboard.press('o');
  await expect(page.getByTestId('kept').first()).toContainText(catalogue.at(-1)?.name ?? '');
  await expectUsable(page);
});

test('a link brings a model of another site only after consent; a broken download goes on', async ({ station }) => {
  const model = buildConvGraph({ input: [1, 3, 48, 64], layers: 2, channels: 64 });
  const host = await startModelHost({ 'm.onnx': model }, { breaks: 2, breaksAfter: 100_000 });
  try {
    const { page } = station;
    await station.run(`model=${host.url}&${quiet}`);
    await expect(page.getByTestId('toast')).toContainText('The link brings a model from 127.0.0.1');
    expect((await station.goesOn()).model?.name).toBe('shapes');
    expect(host.asked).toEqual([]);
    await page.getByRole('button', { name: 'Open it', exact: true }).click();
    await station.until('the model of the link', (now) => now.model?.name === 'm', 30_000);
    expect(host.asked).toEqual([0, 100_000, 200_000]);
    await expect(page.getByTestId('keeping')).toHaveText('Kept in this browser');
    expect(await page.evaluate(() => location.hash)).toContain(`model=${host.url}`);
    // It was opened here before, and lies in the library.
    await page.reload();
    await page.waitForFunction(() => 'weir' in window);
    await station.until('the kept model', (now) => now.model?.name === 'm' && now.counts.completed > 0);
    expect(host.asked).toHaveLength(3);
    expect(await page.evaluate(() => location.hash)).toContain(`model=${host.url}`);
    station.complaints.splice(0);
  } finally {
    host.close();
  }
});

test('labels and a card come with the model; files and links are pasted; other windows reach the verbs', async ({
  station,
}) => {
  const { page } = station;
  await station.run(quiet);
  const bytes = buildSobel(60, 80);
  await station.drop([
    { name: 'names.txt', bytes: Buffer.from('edge\nno edge\n') },
    { name: 'card.json', bytes: Buffer.from('{"licence":"CC0","task":{"kind":"tensors"}}') },
    { name: 'dropped.onnx', bytes },
  ]);
  await station.until('the dropped model', ({ model }) => model?.name === 'dropped' && model.task === 'tensors');
  await expect(page.getByText('Tensors, 2 labels')).toBeVisible();
  expect(
    await station.openFiles([
      { name: 'm.onnx', bytes },
      { name: 'card.json', bytes: Buffer.from('{"task":{"kind":"nonsense"}}') },
    ]),
  ).toMatchObject({ code: 'bad-settings', message: expect.stringContaining('task') });

  await page.evaluate((base64) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], 'pasted.onnx'));
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, Buffer.from(bytes).toString('base64'));
  await station.until('the pasted model', ({ model }) => model?.name === 'pasted');
  const host = await startModelHost({ 'm.onnx': besideWeights(), 'weights.bin': new Uint8Array(4) });
  await page.evaluate((link) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', ` ${link}\n`);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }));
  }, host.url);
  await station.until('the pasted link', ({ model }) => model?.name === 'm');
  // Its weights lie beside it at the same site, and are kept with it.
  await expect(page.getByTestId('keeping')).toHaveText('Kept in this browser');
  host.close();
  await page.keyboard.press('o');
  await expect(page.getByTestId('kept').first()).toContainText('m + 1 data');
  await page.getByRole('button', { name: 'Open m', exact: true }).click();
  await station.until('the kept model', ({ state, model }) => state === 'running' && model?.name === 'm');

  const answer = await page.evaluate(
    () =>
      new Promise<unknown>((done) => {
        addEventListener('message', ({ data }) => {
          if (data.id === 'a' && 'value' in data) done(data.value);
        });
        postMessage({ weir: 1, id: 'a', verb: 'snapshot' }, location.origin);
      }),
  );
  expect(answer).toMatchObject({ model: { name: 'm' } });
});

test('the inspector lists, sums up and draws what the card of a real model says', async ({ station }) => {
  skipBecause(hasFixtures ? undefined : noFixtures);
  const { page } = station;
  await station.run(quiet);
  const inspect = async () => {
    await page.getByRole('button', { name: 'Inspect' }).click();
    return page.getByRole('dialog');
  };
  for (const name of ['imageop-letterbox', 'detection-ultraface-rfb320']) {
    const card: { nodes: number; ops_top: Record<string, number>; opset: Record<string, number> } = JSON.parse(
      readFileSync(fixture(`models/${name}/card.json`) ?? '', 'utf8'),
    );
    expect(await station.openModel(modelBytes(name), `${name}.onnx`, { task: { kind: 'tensors' } })).toBe(undefined);
    const sheet = await inspect();
    await expect(sheet.getByTestId('inspector-facts')).toContainText(`opset ai.onnx ${card.opset['ai.onnx']}`);
    await expect(sheet.getByTestId('nodes-found')).toHaveText(`${card.nodes} of ${card.nodes}`);
    await sheet.getByText('Operators', { exact: true }).click();
    for (const [op, count] of Object.entries(card.ops_top))
      await expect(
        sheet
          .getByTestId('operator')
          .filter({ has: page.getByRole('rowheader', { name: op, exact: true }) })
          .getByRole('cell')
          .first(),
        op,
      ).toHaveText(String(count));
    await expectUsable(page);
    await sheet.getByText('Graph', { exact: true }).click();
    await expect(sheet.getByRole('group', { name: new RegExp(`^${card.nodes} nodes`) })).toBeVisible();
    await sheet.getByText('Nodes', { exact: true }).click();
    await sheet.getByLabel('Find nodes').fill('batchnorm');
    await expect(sheet.getByTestId('nodes-found')).toHaveText(
      `${card.ops_top['BatchNormalization'] ?? 0} of ${card.nodes}`,
    );
    await page.keyboard.press('Escape');
  }
  expect(await station.openModel(manyNodes(3000), 'many.onnx', { task: { kind: 'tensors' } })).toBe(undefined);
  const sheet = await inspect();
  await expect(sheet.getByTestId('nodes-found')).toHaveText(/^3\s000 of 3\s000$/);
  expect(await sheet.getByTestId('node').count()).toBeLessThan(100);
  await sheet.getByRole('region', { name: 'Nodes' }).evaluate((region) => region.scrollTo(0, region.scrollHeight));
  await expect(sheet.getByTestId('node').last()).toContainText('3000');
  await sheet.getByText('Graph', { exact: true }).click();
  await expect(sheet.getByTestId('graph-too-large')).toContainText(/3\s000 nodes/);
});
