/** Bad input: each time a code and a sentence, the counts add up, the page goes on, and the next good model runs. */
import { startHost } from '../server/host.ts';
import { buildNanGraph, buildSobel } from '../src/models/buildGraph.ts';
import { writeOnnx } from '../src/models/onnxWriter.ts';
import { hasFixtures, modelBytes, noFixtures } from './fixtures.ts';
import { expect, Station, test } from './station.ts';

const text = (words: string) => new TextEncoder().encode(words);
const sobel = buildSobel(60, 80);
const shape = [1, 3, 8, 8];
const graph = (op: string, opset: number) =>
  writeOnnx({
    name: 'bad',
    opset,
    inputs: [{ name: 'input', shape }],
    outputs: [{ name: 'output', shape }],
    nodes: [{ op, inputs: ['input'], outputs: ['output'] }],
  });
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'8f'.repeat(32)}\nsize 232589\n`;

/** Made here, so that they are tested everywhere. */
const made: readonly { readonly name: string; readonly bytes: Uint8Array; readonly codes: readonly string[] }[] = [
  { name: 'an empty file', bytes: new Uint8Array(0), codes: ['not-a-model'] },
  { name: 'a Git LFS pointer', bytes: text(pointer), codes: ['lfs-pointer'] },
  { name: 'a web page', bytes: text('<!DOCTYPE html><html><body>Not found</body></html>'), codes: ['not-a-model'] },
  { name: 'a truncated model', bytes: sobel.subarray(0, sobel.length >> 1), codes: ['not-a-model'] },
  { name: 'noise', bytes: Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255), codes: ['not-a-model'] },
  { name: 'an opset of the future', bytes: graph('Relu', 314_159), codes: ['unsupported-opset'] },
  { name: 'an unknown operator', bytes: graph('Foo', 17), codes: ['unsupported-operator'] },
  { name: 'a model that gives NaN', bytes: buildNanGraph([1, 3, 8, 8]), codes: ['bad-output'] },
];

const real = [
  { name: 'bad-corrupt-protobuf', codes: ['not-a-model'] },
  { name: 'bad-git-lfs-pointer', codes: ['lfs-pointer'] },
  { name: 'bad-opset-314159', codes: ['unsupported-opset'] },
  { name: 'bad-unknown-op', codes: ['unsupported-operator'] },
  { name: 'bad-extensions-ops', codes: ['unsupported-operator', 'cannot-feed'] },
  { name: 'externaldata-web-e2e', codes: ['missing-external-data'] },
];

test('what is no model is refused, and each time the next good model runs', async ({ station }) => {
  await station.run();
  for (const { name, bytes, codes } of made) await test.step(name, () => survives(station, name, bytes, codes));
});

test('real files that cannot run are refused likewise', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run();
  for (const { name, codes } of real) await test.step(name, () => survives(station, name, modelBytes(name), codes));
});

async function survives(station: Station, name: string, bytes: Uint8Array, codes: readonly string[]): Promise<void> {
  const refusal = await station.openModel(bytes);
  expect.soft(codes, `${name}: ${refusal?.message}`).toContain(refusal?.code);
  expect.soft(refusal?.message, `${name}: a sentence`).toMatch(/^[A-Z0-9"“].{10,}[.!?]$/s);
  // The model that served still does.
  await station.goesOn();
  expect(await station.openModel(sobel, 'good.onnx')).toBeUndefined();
  const now = await station.goesOn();
  expect(now.state).toBe('running');
  expect(now.model?.name).toBe('good');
}

test('a link to a model that is not there says so', async ({ station }) => {
  await station.run();
  const refusal = await station.page.evaluate(() =>
    window.weir.openModel('/models/none.onnx').then(
      () => undefined,
      (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
    ),
  );
  expect(refusal?.message).toMatch(/404|not found|no .*there/i);
  await station.goesOn();
  station.complaints.splice(0);
});

test('without WebGPU the station runs on WASM and says why', async ({ station }) => {
  const now = await station.run('engine.provider=webgpu');
  test.skip(now.engine.provider === 'webgpu', 'this browser has a WebGPU adapter');
  expect(now.engine.requested).toBe('webgpu');
  expect(now.engine.provider).toBe('wasm');
  expect(now.engine.fallback).toMatch(/WebGPU/);
});

test('without isolation there is one thread, and the reason is said', async ({ page }) => {
  const host = await startHost({ headers: {} });
  const station = new Station(page, host.url);
  try {
    const now = await station.run('engine.threads=2');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(now.engine.threads).toBe(1);
    expect(now.engine.fallback).toMatch(/isolat/i);
    await station.goesOn(10);
  } finally {
    await host.close();
  }
});
