/** Sound as a person uses it: a file of speech through a voice detector with carried state, and live sound of a microphone. */
import { readFileSync } from 'node:fs';
import { fixture, hasFixtures, mediaBytes, modelBytes, noFixtures } from './fixtures.ts';
import { expect, type Station, test } from './station.ts';

/** A mono WAV file of 16-bit samples (RIFF, format 1). */
function wav(samples: Int16Array, rate: number): Buffer {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + bytes.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(bytes.length, 40);
  return Buffer.concat([head, bytes]);
}

function tone(seconds: number, rate: number, hz = 440): Int16Array {
  return Int16Array.from({ length: seconds * rate }, (_, i) => 12_000 * Math.sin((2 * Math.PI * hz * i) / rate));
}

/** Plays a sound file once, and gives the end. */
async function hear(station: Station, file: Buffer, settings: object = {}) {
  await station.page.evaluate(
    async ({ base64, more }) => {
      await window.weir.stop();
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const files = [new File([bytes], 'sound.wav', { type: 'audio/wav' })];
      await window.weir.configure({ source: { kind: 'audio', input: 'file', files, loop: false, speed: 0, ...more } });
      await window.weir.start();
    },
    { base64: file.toString('base64'), more: settings },
  );
  return station.until('the end of the sound', (now) => now.state === 'idle');
}

test('a sound file is cut into windows, each served exactly once, also when it is resampled', async ({ station }) => {
  await station.run('engine.provider=simulated&engine.serviceMs=1');
  const same = await hear(station, wav(tone(2, 16_000), 16_000));
  expect(same.sources['audio']).toMatchObject({ offered: Math.ceil(32_000 / 512), failed: 0, missed: 0 });
  const other = await hear(station, wav(tone(2, 44_100), 44_100), { windowSamples: 1600 });
  // 20 windows of a tenth of a second; the tail of the filter may fill one more.
  expect(other.sources['audio']?.completed).toBeGreaterThanOrEqual(20);
  expect(other.sources['audio']?.completed).toBeLessThanOrEqual(21);
  await expect(station.page.getByTestId('source-state')).toContainText('ended');
});

test('the voice detector hears what it heard when its golden values were taken, for a minute and from the start again', async ({
  station,
}) => {
  test.skip(!hasFixtures, noFixtures);
  test.setTimeout(90_000);
  const golden = JSON.parse(readFileSync(fixture('models/audio-silero-vad-16k/golden.json') ?? '', 'utf8')) as Record<
    string,
    Record<string, { first24: number[]; chunks: number; mean: number; speech_fraction_gt_0_5: number }>
  >;
  const [wanted] = Object.values(golden).map((each) => each['silero_test.wav']);
  if (wanted === undefined) throw new Error('There are no golden values.');
  await station.run('engine.threads=1');
  const sound = { windowSamples: 512, contextSamples: 64, sampleRate: 16_000 };
  await station.page.evaluate(
    (more) => window.weir.configure({ source: { kind: 'audio', input: 'file', ...more } }),
    sound,
  );
  expect(await station.openModel(modelBytes('audio-silero-vad-16k'))).toBeUndefined();
  const speech = mediaBytes('audio/silero_test.wav');
  const scores = async (file: Buffer) => {
    await hear(station, file, sound);
    const lines = await station.page.evaluate(() => window.weir.export('results-jsonl'));
    return lines
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { score: number }).score);
  };
  const all = await scores(Buffer.from(speech));
  expect(all.length).toBe(wanted.chunks);
  all.slice(0, 24).forEach((score, i) => expect(score, `window ${i + 1}`).toBeCloseTo(wanted.first24[i] ?? NaN, 3));
  const share = all.filter((score) => score > 0.5).length / all.length;
  expect(Math.abs(share - wanted.speech_fraction_gt_0_5)).toBeLessThan(0.005);
  expect(Math.abs(all.reduce((sum, score) => sum + score, 0) / all.length - wanted.mean)).toBeLessThan(0.005);
  // After a restart nothing is left of the minute before: the first windows are again what they were.
  const samples = new Int16Array(speech.buffer.slice(speech.byteOffset + 44, speech.byteOffset + 44 + 3 * 1024));
  const again = await scores(wav(samples, 16_000));
  expect(again).toHaveLength(3);
  again.forEach((score, i) => expect(score).toBeCloseTo(all[i] ?? NaN, 5));
});

test('a file without sound says so, a model of pictures says what it cannot be fed with, and the scene comes back', async ({
  station,
}) => {
  await station.run();
  await station.page.evaluate(async () => {
    const files = [new File(['this is no sound'], 'none.wav')];
    await window.weir.configure({ source: { kind: 'audio', input: 'file', files } });
    await window.weir.start();
  });
  await expect(station.page.getByTestId('source-state')).toContainText(/no sound that can be read/);
  const end = await hear(station, wav(tone(1, 16_000), 16_000));
  expect(end.sources['audio']).toMatchObject({ offered: 32, failed: 32 });
  await station.configure({ source: { kind: 'scene' } });
  await station.page.evaluate(() => window.weir.start());
  await station.goesOn();
});
