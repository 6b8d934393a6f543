/**
 * Every model of the fixtures: opened in one page after the other, fed, compared with plain onnxruntime-web on the same
 * inputs, or refused with its sentence; what one leaves behind the next must not find.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fixture, hasFixtures, noFixtures } from './fixtures.ts';
import { expect, type Station, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

/** Those that cannot run, and why. All others must. */
const refused: Readonly<Record<string, string>> = {
  'bad-corrupt-protobuf': 'not-a-model',
  'bad-git-lfs-pointer': 'lfs-pointer',
  'bad-opset-314159': 'unsupported-opset',
  'bad-unknown-op': 'unsupported-operator',
  'bad-extensions-ops': 'unsupported-operator',
};

/** No input takes a picture: refused from frames with the name of the input, and then run in the raw view. */
const rawOnly = [
  'audio-dtln-1',
  'audio-silero-vad-16k',
  'dtype-float16',
  'dtype-int64',
  'dtype-uint8',
  'externaldata-web-e2e',
  'text-bert-toy',
  'text-magika-v3_3',
  'tiny-matmul-2input',
];

/** Zeros are a right answer of these to the inputs that they get. */
const maybeZero = ['tiny-matmul-2input'];

const folder = fixture('models');
const names = folder === undefined ? [] : readdirSync(folder).filter((name) => modelFile(name) !== undefined);

function modelFile(name: string): string | undefined {
  return ['model.onnx', 'model.ort'].map((file) => join(folder ?? '', name, file)).find(existsSync);
}

/** The model and whatever lies beside it as its data. */
function filesOf(name: string): { name: string; bytes: Uint8Array }[] {
  const data = readdirSync(join(folder ?? '', name)).filter((file) => /\.(bin|data)$/.test(file));
  return [modelFile(name) ?? '', ...data.map((file) => join(folder ?? '', name, file))].map((path) => ({
    name: path.split('/').pop() ?? '',
    bytes: readFileSync(path),
  }));
}

test('every model of the fixtures runs as plain onnxruntime-web does, or is refused with its sentence', async ({
  station,
}) => {
  test.skip(!hasFixtures, noFixtures);
  test.setTimeout(300_000);
  await station.run('source.width=320&source.height=240&source.ratePerS=5&engine.threads=1');
  expect(names.length).toBeGreaterThan(35);
  const workers = () => station.page.workers().length;
  let most = 0;
  for (const [index, name] of names.entries()) {
    await test.step(name, () => opens(station, name));
    // From the third on there is all that is ever kept: the engine that serves, the one before it, and a spare.
    if (index < 2) continue;
    if (index === 2) most = await settled(workers);
    await expect.poll(workers, name).toBeLessThanOrEqual(most);
  }
});

/** The same for as long as a spare worker takes to be made. */
async function settled(count: () => number): Promise<number> {
  let last: number;
  do {
    last = count();
    await new Promise((resolve) => setTimeout(resolve, 2000));
  } while (count() !== last);
  return last;
}

async function opens(station: Station, name: string): Promise<void> {
  const files = filesOf(name);
  const refusal = await station.openFiles(files);
  const code = refused[name] ?? (rawOnly.includes(name) ? 'cannot-feed' : undefined);
  expect.soft(refusal?.code, `${name}: ${refusal?.message}`).toBe(code);
  if (code !== undefined) expect.soft(refusal?.message, name).toMatch(/^[A-Z0-9"“].{10,}[.!?]$/s);
  if (code === 'cannot-feed') {
    expect.soft(refusal?.message, `${name} names its input`).toMatch(/[Ii]nput/);
    expect.soft(await station.openFiles(files, { task: { kind: 'tensors' } }), `${name}, raw`).toBeUndefined();
  }
  const before = await station.snapshot();
  await station.until(`${name} completes`, (now) => now.counts.completed > before.counts.completed + 1, 30_000);
  const now = await station.snapshot();
  expect.soft(now.counts.failed, `${name} failed`).toBe(before.counts.failed);
  if (refused[name] !== undefined) return;
  const { inputs, outputs } = await station.inspect();
  const external = files.slice(1).map((file) => ({ path: file.name, data: file.bytes }));
  const plain = await runPlain(files[0]?.bytes ?? new Uint8Array(), inputs, external);
  expectClose(outputs, plain, 1e-3, maybeZero.includes(name));
}
