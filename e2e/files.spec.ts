/** Files of this computer in other ways than as they lie: their bytes, one value everywhere, pictures that lie on their side. */
import { hasFixtures, mediaBytes, modelBytes, noFixtures } from './fixtures.ts';
import { buildConvGraph } from '../src/models/buildGraph.ts';
import { expect, type Station, test } from './station.ts';
import { expectClose, runPlain } from './tensors.ts';

/** Chooses files as a source, from this test's bytes. */
async function choose(
  station: Station,
  kind: 'images' | 'files',
  files: readonly { name: string; bytes: Uint8Array }[],
) {
  await station.page.evaluate(
    async ({ kind, given }) => {
      const files = given.map(
        ({ base64, name }) => new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name),
      );
      await window.weir.configure({ source: { kind, files, ratePerS: 50 } });
      await window.weir.start();
    },
    { kind, given: files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') })) },
  );
}

test('the bytes of a file feed a model that looks at bytes', async ({ station }) => {
  test.skip(!hasFixtures, noFixtures);
  await station.run('engine.threads=1');
  await station.configure({ source: { kind: 'files' } });
  expect(await station.openModel(modelBytes('text-magika-v3_3'))).toBeUndefined();
  const bytes = mediaBytes('files/pdf__magika_test.pdf');
  await choose(station, 'files', [{ name: 'a.pdf', bytes }]);
  const { inputs, outputs } = await station.inspect();
  expect(inputs[0]?.data).toEqual(Int32Array.from(bytes.subarray(0, 2048)));
  expectClose(outputs, await runPlain(modelBytes('text-magika-v3_3'), inputs));
  const now = await station.goesOn();
  expect(now.sources['files']?.failed).toBe(0);
});

test('one value fills the input of a model, of pictures or not', async ({ station }) => {
  await station.run('source.kind=constant&source.value=0.25&source.ratePerS=20');
  const model = buildConvGraph({ input: [1, 3, 24, 32], layers: 1, channels: 4 });
  expect(await station.openModel(model)).toBeUndefined();
  const { inputs, outputs } = await station.inspect();
  expect(inputs[0]?.data).toEqual(new Float32Array(3 * 24 * 32).fill(0.25));
  expectClose(outputs, await runPlain(model, inputs));
  await station.configure({ source: { value: 1 } });
  await station.goesOn(5);
  expect((await station.inspect()).inputs[0]?.data[0]).toBe(1);
  const now = await station.snapshot();
  expect(now.sources['constant']?.failed).toBe(0);
});

/** An APP1 segment that says how the picture lies (EXIF 2.3, tag 0x0112), for behind the first two bytes of a JPEG. */
function exif(orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  return Uint8Array.of(0xff, 0xe1, 0, body.length + 2, ...body);
}

/** Where the red, green, blue and white quarters of the stored picture (clockwise from top left) end up when it is upright. */
const quarters: Readonly<Record<number, string>> = {
  1: 'rgbw',
  2: 'grwb',
  3: 'bwrg',
  4: 'wbgr',
  5: 'rwbg',
  6: 'wrgb',
  7: 'bgrw',
  8: 'gbwr',
};

test('a picture that lies on its side (EXIF) stands upright in the model, all eight ways', async ({ station }) => {
  await station.run('engine.threads=1');
  const stored = await station.page.evaluate(async () => {
    const canvas = new OffscreenCanvas(64, 32);
    const context = canvas.getContext('2d');
    const paint = (color: string, x: number, y: number) => {
      if (context === null) return;
      context.fillStyle = color;
      context.fillRect(x, y, 32, 16);
    };
    paint('#f00', 0, 0);
    paint('#0f0', 32, 0);
    paint('#00f', 32, 16);
    paint('#fff', 0, 16);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 1 });
    return [...new Uint8Array(await blob.arrayBuffer())];
  });
  // Square, so that it stretches all: what counts is which corner is which.
  expect(await station.openModel(buildConvGraph({ input: [1, 3, 32, 32], layers: 1, channels: 4 }))).toBeUndefined();
  for (const [orientation, wanted] of Object.entries(quarters)) {
    const bytes = Uint8Array.of(...stored.slice(0, 2), ...exif(Number(orientation)), ...stored.slice(2));
    await choose(station, 'images', [{ name: 'a.jpg', bytes }]);
    await station.goesOn(4);
    const [input] = (await station.inspect()).inputs;
    const at = (x: number, y: number) => [0, 1, 2].map((channel) => Number(input?.data[(channel * 32 + y) * 32 + x]));
    const letter = ([r = 0, g = 0, b = 0]: number[]) =>
      r > 0.5 && g > 0.5 && b > 0.5 ? 'w' : r > 0.5 ? 'r' : g > 0.5 ? 'g' : b > 0.5 ? 'b' : '?';
    const seen = [at(10, 10), at(21, 10), at(21, 21), at(10, 21)].map(letter).join('');
    expect(seen, `orientation ${orientation}`).toBe(wanted);
  }
});
