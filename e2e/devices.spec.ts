/** Screen and microphone, played by Chromium's fake devices: real streams, real permission, counts that add up. */
import { expect, test } from './station.ts';

test('a shared screen is a source, and its end is said', async ({ station }) => {
  await station.run('engine.provider=simulated&engine.serviceMs=5');
  // The stream that the page gets is kept, so that this test can end it as a person does in the browser's own bar.
  await station.page.evaluate(() => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getDisplayMedia.bind(mediaDevices);
    mediaDevices.getDisplayMedia = async (options) => {
      const stream = await ask(options);
      Object.assign(window, { shared: stream });
      return stream;
    };
  });
  await station.configure({ source: { kind: 'screen' } });
  const now = await station.until('screen frames', (each) => (each.sources['screen']?.completed ?? 0) >= 3, 30_000);
  expect(now.sources['screen']).toMatchObject({ failed: 0, missed: 0 });
  await expect(station.page.getByTestId('source-state')).toContainText(/screen|window|tab/);
  await station.page.evaluate(() => {
    const [track] = (window as unknown as { shared: MediaStream }).shared.getVideoTracks();
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
  });
  await expect(station.page.getByTestId('source-state')).toContainText('Sharing the screen was ended.');
  expect((await station.snapshot()).error?.code).toBe('device-gone');
  await station.configure({ source: { kind: 'scene' } });
  await station.page.evaluate(() => window.weir.start());
  await station.goesOn();
});

test('nobody chose a screen: a sentence, and Try again', async ({ station }) => {
  await station.page.addInitScript(() => {
    navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
  });
  await station.run('engine.provider=simulated');
  await station.configure({ source: { kind: 'screen' } });
  await expect(station.page.getByTestId('source-state')).toContainText('No screen was chosen');
  await expect(station.page.getByRole('button', { name: 'Try again' })).toBeVisible();
});

test('live sound of a microphone comes in windows', async ({ station }) => {
  await station.run('engine.provider=simulated&engine.serviceMs=1');
  await station.configure({ source: { kind: 'audio', input: 'microphone', windowSamples: 1600 } });
  await station.until('windows', (now) => (now.sources['audio']?.completed ?? 0) >= 5, 30_000);
  const now = await station.watch(3000);
  expect(now.sources['audio']?.failed).toBe(0);
  await station.configure({ source: { kind: 'scene' } });
  await station.goesOn();
});
